/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a computer says of itself: the parsers of its files, the files as a whole, its addresses,
 * and that a change of a file is told. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "host/ptl-file-watch.h"
#include "host/ptl-host-files.h"
#include "host/ptl-host-names.h"
#include "host/ptl-own-addresses.h"

#define DEADLINE_MS 20000

/* --- parsers ---------------------------------------------------------------------------------- */

static void
test_assignments (void)
{
  static const struct
  {
    const char *text;
    const char *value; /* of KEY */
  } table[] = {
    { "KEY=value\n", "value" },
    { "KEY=value", "value" },
    { "KEY=\"a value\"\n", "a value" },
    { "KEY='a value'\n", "a value" },
    { "KEY='a \\ \"b\" $c'\n", "a \\ \"b\" $c" },
    { "KEY=\"a \\\"b\\\" \\$c \\` \\\\ \\n\"\n", "a \"b\" $c ` \\ \\n" },
    { "KEY=a\\ b\n", "a b" },
    { "KEY=a\" b\"'c 'd\n", "a bc d" },
    { "  KEY=value\n", "value" },
    { "KEY=value # not a comment of os-release\n", "value" },
    { "KEY=value\r\n", "value" },
    { "KEY=one\\\ntwo\n", "onetwo" },
    { "KEY=\"one\\\ntwo\"\n", "onetwo" },
    { "# KEY=no\nKEY=yes\n", "yes" },
    { "KEY=first\nKEY=last\n", "last" },
    { "KEYS=no\nMY_KEY=no\nKEY=yes\n", "yes" },
    { "OTHER='KEY=no'\nKEY=yes\n", "yes" },
    { "OTHER=\"\nKEY=no\n\"\nKEY=yes\n", "yes" },
    { "not an assignment\n=\n\nKEY=yes\n", "yes" },
    { "KEY=\"caf\xc3\xa9\"\n", "caf\xc3\xa9" },
    { "KEY=a\x01z\n", "a\xe2\x90\x81z" }, /* shown as U+2401 */
    { "KEY=\n", NULL },
    { "KEY=\"\"\n", NULL },
    { "KEY\n", NULL },
    { "KEY =value\n", NULL },
    { "KEY=\"open\n", NULL },
    { "KEY='open\n", NULL },
    { "KEY=fine\nKEY=\"open\n", "fine" },
    { "#KEY=no", NULL },
    { "", NULL },
    { "\\", NULL },
    { "KEY=\\", "\\" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *value = ptl_host_files_find (table[i].text, strlen (table[i].text), "KEY");

      g_test_message ("%u: %s", i, table[i].text);
      g_assert_cmpstr (value, ==, table[i].value);
    }
}

static void
test_assignments_hostile (void)
{
  static const char nul[] = "KEY=a\0b\nKEY2=\0";
  g_autofree char *value = ptl_host_files_find (nul, sizeof nul - 1, "KEY");
  g_autofree char *none = ptl_host_files_find (nul, 0, "KEY");
  g_autofree char *text = g_strnfill (100000, 'x');
  g_autofree char *file = g_strconcat ("KEY=", text, NULL);
  g_autofree char *bounded = ptl_host_files_find (file, strlen (file), "KEY");

  g_assert_nonnull (value);
  g_assert_true (g_utf8_validate (value, -1, NULL));
  g_assert_null (none);
  g_assert_cmpint (g_utf8_strlen (bounded, -1), <=, PTL_HOST_VALUE_MAX + 1);
}

static void
test_hostname_file (void)
{
  static const struct
  {
    const char *text;
    const char *name;
  } table[] = {
    { "vm\n", "vm" },
    { "vm", "vm" },
    { "  vm \t\r\n", "vm" },
    { "# a comment\n\n vm.example.org\nother\n", "vm.example.org" },
    { "#only\n", NULL },
    { "\n\n \n", NULL },
    { "", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *name = ptl_host_files_hostname (table[i].text, strlen (table[i].text));

      g_assert_cmpstr (name, ==, table[i].name);
    }
}

static void
test_parts (void)
{
  g_autofree char *first = ptl_host_names_dup_first ("vm.example.org");
  g_autofree char *whole = ptl_host_names_dup_first ("vm");
  g_autofree char *domain = ptl_host_names_dup_domain ("vm.example.org");

  g_assert_cmpstr (first, ==, "vm");
  g_assert_cmpstr (whole, ==, "vm");
  g_assert_cmpstr (domain, ==, "example.org");
  g_assert_null (ptl_host_names_dup_domain ("vm"));
  g_assert_null (ptl_host_names_dup_domain ("vm."));
  g_assert_cmpstr (ptl_host_names_find_hypervisor ("KVMKVMKVM\0\0\0"), ==, "KVM");
  g_assert_cmpstr (ptl_host_names_find_hypervisor ("Microsoft Hv"), ==, "Hyper-V");
  g_assert_null (ptl_host_names_find_hypervisor ("nobody knows"));
}

/* --- a root of our own ------------------------------------------------------------------------ */

static void
put (const char *root,
     const char *path,
     const char *text)
{
  g_autofree char *full = g_strconcat (root, path, NULL);
  g_autofree char *folder = g_path_get_dirname (full);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (full, text, -1, NULL));
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);

  if (dir != NULL)
    for (const char *name; (name = g_dir_read_name (dir)) != NULL;)
      {
        g_autofree char *child = g_build_filename (path, name, NULL);

        remove_tree (child);
      }
  g_remove (path);
}

static void
test_read (void)
{
  g_autofree char *root = g_dir_make_tmp ("portlight-test-XXXXXX", NULL);
  g_auto (PtlHostNames) names;
  g_auto (PtlHostNames) bare;
  char hostname[256];

  ptl_host_names_read (&bare, root);
  g_assert_null (bare.system);
  g_assert_null (bare.static_name);
  g_assert_null (bare.pretty_name);

  put (root, "/usr/lib/os-release", "NAME=Test\nPRETTY_NAME=\"Test OS 1\"\n");
  put (root, "/etc/hostname", "# name\nstatic.example.org\n");
  put (root, "/etc/machine-info", "PRETTY_HOSTNAME=\"J\xc3\xb6rg\xe2\x80\x99s box\"\n"
                                  "CHASSIS=laptop\nDEPLOYMENT=test\nLOCATION='second floor'\n");
  put (root, "/sys/class/dmi/id/sys_vendor", "QEMU\n");
  put (root, "/sys/class/dmi/id/product_name", "Standard PC\n");
  put (root, "/run/systemd/container", "lxc\n");
  ptl_host_names_read (&names, root);
  g_assert_cmpint (gethostname (hostname, sizeof hostname), ==, 0);
  g_assert_cmpstr (names.hostname, ==, hostname);
  g_assert_cmpstr (names.kernel, ==, "Linux");
  g_assert_cmpstr (names.static_name, ==, "static.example.org");
  g_assert_cmpstr (names.pretty_name, ==, "J\xc3\xb6rg\xe2\x80\x99s box");
  g_assert_cmpstr (names.chassis, ==, "laptop");
  g_assert_cmpstr (names.deployment, ==, "test");
  g_assert_cmpstr (names.location, ==, "second floor");
  g_assert_cmpstr (names.system, ==, "Test OS 1");
  g_assert_cmpstr (names.vendor, ==, "QEMU");
  g_assert_cmpstr (names.model, ==, "Standard PC");
  g_assert_cmpstr (names.virtualization, ==, "QEMU");
  g_assert_cmpstr (names.container, ==, "lxc");
  remove_tree (root);
}

/* A FIFO in the place of a file keeps nobody waiting. */
static void
test_fifo (void)
{
  g_autofree char *root = g_dir_make_tmp ("portlight-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (root, "fifo", NULL);
  size_t len;
  g_autofree char *text = NULL;

  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  text = ptl_host_files_read (path, &len);
  g_assert_cmpuint (len, ==, 0);
  remove_tree (root);
}

/* --- own addresses ---------------------------------------------------------------------------- */

static void
test_own (void)
{
  g_auto (PtlOwn) own;
  PtlAddress address = { .len = sizeof address.in };

  ptl_own_read (&own);
  g_assert_cmpint (own.sys_errno, ==, 0);
  g_assert_cmpuint (own.n_devices, >, 0);
  address.in.sin_family = AF_INET;
  address.in.sin_addr.s_addr = g_htonl (0x7f000101); /* 127.0.1.1 */
  g_assert_nonnull (ptl_own_find (&own, &address));
  address.in.sin_addr.s_addr = g_htonl (0xc6336401); /* 198.51.100.1 */
  g_assert_null (ptl_own_find (&own, &address));
  for (unsigned i = 0; i < own.n_addresses; i++)
    {
      g_assert_cmpuint (ptl_address_get_port (&own.addresses[i].address), ==, 0);
      g_assert_true (ptl_own_find (&own, &own.addresses[i].address) != NULL);
      if (ptl_address_is_link_local (&own.addresses[i].address)
          && ptl_address_get_family (&own.addresses[i].address) == AF_INET6)
        g_assert_cmpuint (own.addresses[i].address.in6.sin6_scope_id, !=, 0);
    }
}

/* --- changes of files ------------------------------------------------------------------------- */

static bool
is_told (PtlFileWatch *watch,
         int           timeout_ms)
{
  gint64 end = g_get_monotonic_time () + timeout_ms * G_TIME_SPAN_MILLISECOND;
  struct pollfd fd = { .fd = ptl_file_watch_get_fd (watch), .events = POLLIN };

  for (;;)
    {
      gint64 left_ms = (end - g_get_monotonic_time ()) / G_TIME_SPAN_MILLISECOND;

      if (left_ms < 0 || poll (&fd, 1, (int) left_ms) != 1)
        return false;
      if (ptl_file_watch_drain (watch))
        {
          ptl_file_watch_drain (watch);
          return true;
        }
    }
}

static void
test_watch (void)
{
  g_autofree char *root = g_dir_make_tmp ("portlight-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (root, "hosts", NULL);
  g_autofree char *other = g_build_filename (root, "other", NULL);
  const char *paths[] = { path, NULL };
  PtlFileWatch *watch;
  FILE *file;

  watch = ptl_file_watch_new (paths);
  g_assert_nonnull (watch);
  /* Made, replaced, written in place, removed; and another one of the folder. */
  g_assert_true (g_file_set_contents (path, "1", -1, NULL));
  g_assert_true (is_told (watch, DEADLINE_MS));
  while (is_told (watch, 0))
    ;
  g_assert_true (g_file_set_contents (path, "2", -1, NULL));
  g_assert_true (is_told (watch, DEADLINE_MS));
  while (is_told (watch, 0))
    ;
  file = fopen (path, "a");
  g_assert_nonnull (file);
  g_assert_cmpint (fputs ("3", file), >=, 0);
  fclose (file);
  g_assert_true (is_told (watch, DEADLINE_MS));
  while (is_told (watch, 0))
    ;
  g_assert_true (g_file_set_contents (other, "x", -1, NULL));
  g_assert_false (is_told (watch, 50));
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_true (is_told (watch, DEADLINE_MS));
  ptl_file_watch_free (watch);
  remove_tree (root);
}

/* Written by another name, as it is when the file is a mount of its own: its folder tells
 * nothing. */
static void
test_watch_inode (void)
{
  g_autofree char *root = g_dir_make_tmp ("portlight-test-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename (root, "etc", NULL);
  g_autofree char *path = g_build_filename (folder, "hosts", NULL);
  g_autofree char *behind = g_build_filename (root, "behind", NULL);
  const char *paths[] = { path, NULL };
  PtlFileWatch *watch;
  FILE *file;

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (behind, "1", -1, NULL));
  g_assert_cmpint (link (behind, path), ==, 0);
  watch = ptl_file_watch_new (paths);
  g_assert_nonnull (watch);
  file = fopen (behind, "a");
  g_assert_nonnull (file);
  g_assert_cmpint (fputs ("2", file), >=, 0);
  fclose (file);
  g_assert_true (is_told (watch, DEADLINE_MS));
  ptl_file_watch_free (watch);
  remove_tree (root);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/host-names/assignments", test_assignments);
  g_test_add_func ("/host-names/assignments-hostile", test_assignments_hostile);
  g_test_add_func ("/host-names/hostname-file", test_hostname_file);
  g_test_add_func ("/host-names/parts", test_parts);
  g_test_add_func ("/host-names/read", test_read);
  g_test_add_func ("/host-names/fifo", test_fifo);
  g_test_add_func ("/host-names/own", test_own);
  g_test_add_func ("/host-names/watch", test_watch);
  g_test_add_func ("/host-names/watch-inode", test_watch_inode);
  return g_test_run ();
}
