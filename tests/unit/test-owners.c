/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owners of sockets: a made /proc, and this process with a child of it. */
#include "config.h"

#include "host/ptl-owners.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/ptl-fd.h"

#define NOBODY 65534


static void
put (const char *folder,
     const char *pid,
     const char *name,
     const char *text,
     gssize      len)
{
  g_autofree char *path = g_build_filename (folder, pid, name, NULL);

  g_assert_true (g_file_set_contents (path, text, len, NULL));
}

static void
put_link (const char *folder,
          const char *pid,
          const char *fd,
          const char *target)
{
  g_autofree char *path = g_build_filename (folder, pid, "fd", NULL);
  g_autofree char *link = g_build_filename (path, fd, NULL);

  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
  g_assert_cmpint (symlink (target, link), ==, 0);
}

static void
remove_all (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (!g_file_test (child, G_FILE_TEST_IS_SYMLINK) && g_file_test (child, G_FILE_TEST_IS_DIR))
        remove_all (child);
      else
        g_unlink (child);
    }
  g_rmdir (path);
}

static void
test_made (void)
{
  g_autofree char *folder = g_dir_make_tmp ("ptl-owners-XXXXXX", NULL);
  g_autofree char *command = NULL;
  g_autofree char *unit = NULL;
  g_autofree char *scope = NULL;
  g_autoptr (PtlOwners) owners = NULL;
  const PtlOwner *first;
  char name[PTL_OWNER_NAME_BYTES];
  char long_name[200];

  put_link (folder, "312", "6", "socket:[777]");
  put_link (folder, "312", "7", "socket:[778]");
  put_link (folder, "312", "8", "socket:[778]");
  put_link (folder, "312", "1", "/dev/null");
  put_link (folder, "312", "9", "pipe:[779]");
  put_link (folder, "45", "3", "socket:[778]");
  /* What is no socket, though it looks like one. */
  put_link (folder, "50", "3", "socket:[]");
  put_link (folder, "50", "4", "socket:[12x]");
  put_link (folder, "50", "5", "socket:[99999999999999999999]");
  put_link (folder, "50", "6", "socket:[4294967296]");
  put_link (folder, "50", "7", "socket:[1");
  put_link (folder, "self", "3", "socket:[1]");
  put_link (folder, "9x", "3", "socket:[1]");
  put_link (folder, "99999999999", "3", "socket:[1]");
  memset (long_name, 'n', sizeof long_name);
  put (folder, "312", "comm", "ngi\nnx\xff\n", -1);
  put (folder, "45", "comm", long_name, sizeof long_name);
  put (folder, "312", "cmdline", "nginx\0-g\0daemon off;\0", 21);
  put (folder, "312", "cgroup", "1:cpu:/x.scope\n0::/system.slice/nginx.service/sub\n", -1);
  put (folder, "45", "cgroup", "7:name=systemd:/user.slice/session-2.scope\n", -1);
  put (folder, "45", "cmdline", "", 0);

  owners = ptl_owners_read (folder, NULL);
  g_assert_cmpuint (owners->n, ==, 4);
  g_assert_cmpuint (owners->n_processes, ==, 2);
  g_assert_cmpuint (ptl_owners_find (owners, 777, &first), ==, 1);
  g_assert_cmpint (owners->processes[first->process].pid, ==, 312);
  g_assert_cmpint (owners->processes[first->process].uid, ==, getuid ());
  g_assert_cmpstr (owners->processes[first->process].name, ==, "ngi\nnx\xff");
  g_assert_cmpint (first->fd, ==, 6);
  g_assert_cmpuint (ptl_owners_find (owners, 778, &first), ==, 3);
  g_assert_cmpuint (ptl_owners_find (owners, 776, &first), ==, 0);
  g_assert_null (first);
  g_assert_cmpuint (ptl_owners_find (owners, 1, &first), ==, 0);
  g_assert_cmpuint (ptl_owners_find (owners, 0, &first), ==, 0);

  g_assert_cmpint (ptl_owners_find_process (folder, 777), ==, 312);
  g_assert_cmpint (ptl_owners_find_process (folder, 1), ==, 0);
  g_assert_true (ptl_owners_read_name (folder, 45, name));
  g_assert_cmpuint (strlen (name), ==, PTL_OWNER_NAME_BYTES - 1);
  g_assert_false (ptl_owners_read_name (folder, 46, name));
  g_assert_cmpstr (name, ==, "");
  command = ptl_owners_dup_command (folder, 312);
  g_assert_cmpstr (command, ==, "nginx -g daemon off;");
  g_assert_null (ptl_owners_dup_command (folder, 45));
  g_assert_null (ptl_owners_dup_command (folder, 46));
  unit = ptl_owners_dup_unit (folder, 312);
  g_assert_cmpstr (unit, ==, "nginx.service");
  scope = ptl_owners_dup_unit (folder, 45);
  g_assert_cmpstr (scope, ==, "session-2.scope");
  g_assert_null (ptl_owners_dup_unit (folder, 46));
  remove_all (folder);
}

/* A server before its workers, in whatever order they come. */
static void
test_lowest (void)
{
  g_autofree char *folder = g_dir_make_tmp ("ptl-owners-XXXXXX", NULL);
  g_autoptr (PtlOwners) owners = NULL;
  const PtlOwner *first;

  put_link (folder, "900", "3", "socket:[5]");
  put_link (folder, "89", "3", "socket:[5]");
  put_link (folder, "1000", "3", "socket:[5]");
  owners = ptl_owners_read (folder, NULL);
  g_assert_cmpuint (ptl_owners_find (owners, 5, &first), ==, 3);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (owners->processes[first[i].process].pid, ==,
                     ((const int[]) { 89, 900, 1000 })[i]);
  g_assert_cmpint (ptl_owners_find_process (folder, 5), ==, 89);
  remove_all (folder);
}

static void
test_stop (void)
{
  atomic_bool stop = true;
  g_autoptr (PtlOwners) owners = ptl_owners_read (NULL, &stop);
  g_autoptr (PtlOwners) nothing = ptl_owners_read ("/nonexistent", NULL);

  g_assert_cmpuint (owners->n, ==, 0);
  g_assert_cmpuint (nothing->n, ==, 0);
}

static uint32_t
get_inode (int fd)
{
  struct stat info;

  g_assert_cmpint (fstat (fd, &info), ==, 0);
  return (uint32_t) info.st_ino;
}

static bool
has_process (const PtlOwners *owners,
             uint32_t         inode,
             pid_t            pid)
{
  const PtlOwner *first;
  size_t n = ptl_owners_find (owners, inode, &first);

  for (size_t i = 0; i < n; i++)
    if (owners->processes[first[i].process].pid == pid)
      return true;
  return false;
}

static void
test_own (void)
{
  PTL_AUTO_FD fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_autoptr (PtlOwners) before = NULL;
  g_autoptr (PtlOwners) after = NULL;
  pid_t child = fork ();

  if (child == 0)
    {
      pause ();
      _exit (0);
    }
  before = ptl_owners_read (NULL, NULL);
  g_assert_true (has_process (before, get_inode (fd), getpid ()));
  g_assert_true (has_process (before, get_inode (fd), child));
  /* Another user sees neither, and that there was something to see. */
  if (geteuid () == 0)
    {
      g_autoptr (PtlOwners) hidden = NULL;

      g_assert_cmpint (seteuid (NOBODY), ==, 0);
      hidden = ptl_owners_read (NULL, NULL);
      g_assert_cmpint (seteuid (0), ==, 0);
      g_assert_false (has_process (hidden, get_inode (fd), child));
      g_assert_cmpuint (hidden->n_hidden, >, 0);
    }
  kill (child, SIGKILL);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  after = ptl_owners_read (NULL, NULL);
  g_assert_true (has_process (after, get_inode (fd), getpid ()));
  g_assert_false (has_process (after, get_inode (fd), child));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/owners/made", test_made);
  g_test_add_func ("/owners/lowest", test_lowest);
  g_test_add_func ("/owners/stop", test_stop);
  g_test_add_func ("/owners/own", test_own);
  return g_test_run ();
}
