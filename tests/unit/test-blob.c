/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared bytes: copied, counted, freed by the last. */
#include "config.h"

#include "base/ptl-blob.h"
#include "base/ptl-error.h"
#include "base/ptl-fd.h"
#include "base/ptl-resolver.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

static void
test_bytes (void)
{
  char text[] = "Python, client";
  g_autoptr (PtlBlob) blob = ptl_blob_new (text, sizeof text);
  g_autoptr (PtlBlob) empty = ptl_blob_new (NULL, 0);
  g_autoptr (PtlBlob) unset = ptl_blob_new (NULL, 3);

  memset (text, 'x', sizeof text);
  g_assert_cmpstr ((const char *) blob->data, ==, "Python, client");
  g_assert_cmpuint (blob->len_bytes, ==, 15);
  g_assert_cmpuint (empty->len_bytes, ==, 0);
  g_assert_cmpuint (unset->len_bytes, ==, 3);
  memcpy (unset->data, "abc", 3);
  g_assert_cmpint (atomic_load (&blob->ref_count), ==, 1);
  g_assert_true (ptl_blob_ref (blob) == blob);
  g_assert_cmpint (atomic_load (&blob->ref_count), ==, 2);
  ptl_blob_unref (blob);
  g_assert_cmpint (atomic_load (&blob->ref_count), ==, 1);
  g_assert_null (ptl_blob_ref (NULL));
  ptl_blob_unref (NULL);
}

#define ROUNDS 20000

static void *
count_up_and_down (void *data)
{
  PtlBlob *blob = data;

  for (unsigned i = 0; i < ROUNDS; i++)
    {
      ptl_blob_ref (blob);
      g_assert_cmpint (blob->data[0], ==, 'x');
      ptl_blob_unref (blob);
    }
  ptl_blob_unref (blob);
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (PtlBlob) blob = ptl_blob_new ("x", 1);
  pthread_t threads[4];

  for (size_t i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpint (pthread_create (&threads[i], NULL, count_up_and_down, ptl_blob_ref (blob)),
                     ==, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (threads); i++)
    pthread_join (threads[i], NULL);
  g_assert_cmpint (atomic_load (&blob->ref_count), ==, 1);
}

static void
test_errors (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (ptl_errno_name (ECONNREFUSED), ==, "ECONNREFUSED");
  g_assert_cmpstr (ptl_errno_name (EADDRINUSE), ==, "EADDRINUSE");
  g_assert_cmpstr (ptl_errno_name (99999), ==, "E99999");
  g_assert_cmpstr (ptl_errno_name (-1), ==, "E-1");
  ptl_error_set_errno (&error, EACCES, "open %s", "/x");
  g_assert_error (error, PTL_ERROR, PTL_ERROR_IO);
  g_assert_cmpstr (error->message, ==, "open /x: Permission denied (EACCES)");
  ptl_error_set_errno (NULL, EACCES, "nobody asks");
}

static void
test_fds (void)
{
  int fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  int taken;

  g_assert_cmpint (fd, >=, 0);
  taken = ptl_fd_steal (&fd);
  g_assert_cmpint (fd, ==, -1);
  errno = EPIPE;
  {
    PTL_AUTO_FD owner = taken;

    g_assert_cmpint (fcntl (owner, F_GETFD), !=, -1);
    errno = EPIPE;
  }
  g_assert_cmpint (errno, ==, EPIPE);
  g_assert_cmpint (fcntl (taken, F_GETFD), ==, -1);
  ptl_fd_clear (&fd);
}

static void
test_resolved (void)
{
  PtlResolved *resolved = g_malloc0 (sizeof *resolved + 2 * sizeof resolved->addresses[0]);

  resolved->canonical = g_strdup ("example.org");
  ptl_resolved_free (resolved); /* the leak checker looks */
  ptl_resolved_free (NULL);
}

int
main (int    argc,
      char **argv)
{
  g_setenv ("LC_ALL", "C.UTF-8", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/blob/bytes", test_bytes);
  g_test_add_func ("/blob/threads", test_threads);
  g_test_add_func ("/error/errno", test_errors);
  g_test_add_func ("/fd/owner", test_fds);
  g_test_add_func ("/resolver/free", test_resolved);
  return g_test_run ();
}
