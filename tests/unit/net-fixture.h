/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A network namespace of the test's own, and ip(8) in it. */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>

static inline bool
net_fixture_write (const char *path,
                   const char *text)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);
  bool done = fd >= 0 && write (fd, text, strlen (text)) == (ssize_t) strlen (text);

  if (fd >= 0)
    close (fd);
  return done;
}

static inline bool
net_fixture_has_program (const char *name)
{
  g_autofree char *path = g_find_program_in_path (name);

  return path != NULL;
}

/* Before any thread is made; NULL, or why there is none. */
static inline const char *
net_fixture_enter (void)
{
  static char why[128];
  char map[64];
  unsigned uid = getuid (), gid = getgid ();

  if (!net_fixture_has_program ("ip"))
    return "there is no ip(8)";
  if (unshare (CLONE_NEWNET) == 0)
    return NULL;
  if (unshare (CLONE_NEWUSER | CLONE_NEWNET) < 0)
    {
      g_snprintf (why, sizeof why, "no network namespace may be made here: %s",
                  g_strerror (errno));
      return why;
    }
  net_fixture_write ("/proc/self/setgroups", "deny");
  g_snprintf (map, sizeof map, "0 %u 1", uid);
  if (!net_fixture_write ("/proc/self/uid_map", map))
    return "no user namespace may be mapped here";
  g_snprintf (map, sizeof map, "0 %u 1", gid);
  net_fixture_write ("/proc/self/gid_map", map);
  return NULL;
}

/* What it printed, owned; it has to end with 0. */
static inline char *
net_fixture_run (const char *command)
{
  const char *argv[] = { "/bin/sh", "-c", command, NULL };
  g_autofree char *err = NULL;
  g_autoptr (GError) error = NULL;
  char *out = NULL;
  int status;

  if (!g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, &err, &status,
                     &error))
    g_error ("%s: %s", command, error->message);
  if (!g_spawn_check_wait_status (status, NULL))
    g_error ("%s: %s", command, err);
  return out;
}

static inline void G_GNUC_PRINTF (1, 2)
net_fixture_do (const char *format,
                ...)
{
  g_autofree char *command = NULL;
  g_autofree char *out = NULL;
  va_list args;

  va_start (args, format);
  command = g_strdup_vprintf (format, args);
  va_end (args);
  out = net_fixture_run (command);
}

/* What "ip -batch" reads from standard input, in one program. */
static inline void
net_fixture_batch (const char *lines)
{
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("portlight-net-XXXXXX", &path, NULL);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, lines, strlen (lines)), ==, (ssize_t) strlen (lines));
  close (fd);
  net_fixture_do ("ip -batch %s", path);
  unlink (path);
}
