/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who has a port or a Unix name: the socket's inode from /proc/net, its program from /proc/PID/fd
 * (proc(5)).  Another user's descriptors may not be seen, but the socket's user may. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-fd.h"
#include "model/ptl-fault-text.h"
#include "model/ptl-text-private.h"

#define COMM_CHARS_MAX 64
#define TABLE_LINE_MAX 512
#define STATE_ESTABLISHED 0x01
#define STATE_TIME_WAIT 0x06
#define STATE_LISTEN 0x0a
#define UNIX_FLAG_LISTENS 0x00010000 /* __SO_ACCEPTCON of linux/net.h */

typedef struct
{
  int      rank; /* the highest wins; 0: nothing found */
  unsigned state;
  bool     knows_uid;
  uid_t    uid;
  uint64_t inode; /* 0: the socket has no file any more */
} Found;

/* "0100007F" or four such words: as the machine stores them. */
static bool
parse_table_address (const char *hex,
                     size_t      len,
                     PtlAddress *address)
{
  uint32_t words[4] = { 0 };

  if (len != 8 && len != 32)
    return false;
  for (size_t i = 0; i < len / 8; i++)
    {
      char word[9];

      memcpy (word, hex + i * 8, 8);
      word[8] = '\0';
      words[i] = (uint32_t) strtoul (word, NULL, 16);
    }
  memset (address, 0, sizeof *address);
  if (len == 8)
    {
      address->len = sizeof address->in;
      address->in.sin_family = AF_INET;
      memcpy (&address->in.sin_addr, words, sizeof address->in.sin_addr);
    }
  else
    {
      address->len = sizeof address->in6;
      address->in6.sin6_family = AF_INET6;
      memcpy (&address->in6.sin6_addr, words, sizeof address->in6.sin6_addr);
      ptl_address_unmap (address);
    }
  return true;
}

/* How much a socket is in the way of @wanted; 0: not at all. */
static int
rank_socket (const PtlAddress *wanted,
             const PtlAddress *local,
             unsigned          state)
{
  int rank;

  if (ptl_address_get_family (wanted) == ptl_address_get_family (local))
    {
      if (ptl_address_equal_host (wanted, local))
        rank = 40;
      else if (ptl_address_is_any (wanted) || ptl_address_is_any (local))
        rank = 30;
      else
        return 0;
    }
  /* An IPv6 socket on :: may have the IPv4 port too (ipv6(7), IPV6_V6ONLY). */
  else if (ptl_address_is_any (wanted) || ptl_address_is_any (local))
    rank = 10;
  else
    return 0;

  if (state == STATE_LISTEN)
    rank += 5;
  else if (state == STATE_TIME_WAIT)
    rank -= 5;
  return rank;
}

static void
search_table (const char       *path,
              const PtlAddress *wanted,
              Found            *found)
{
  FILE *file = fopen (path, "re");
  char line[TABLE_LINE_MAX];

  if (file == NULL)
    return;
  while (fgets (line, sizeof line, file) != NULL)
    {
      char hex[33];
      unsigned port, state, uid;
      unsigned long inode;
      PtlAddress local;
      int rank;

      /* sl local:port remote:port st queues timer retransmits uid timeout inode */
      if (sscanf (line, " %*u: %32[0-9A-F]:%x %*[0-9A-F:] %x %*s %*s %*s %u %*u %lu",
                  hex, &port, &state, &uid, &inode) != 5
          || port != ptl_address_get_port (wanted)
          || !parse_table_address (hex, strlen (hex), &local))
        continue;
      ptl_address_set_port (&local, (uint16_t) port);
      rank = rank_socket (wanted, &local, state);
      if (rank > found->rank)
        *found = (Found) { rank, state, inode != 0, uid, inode };
    }
  fclose (file);
}

/* The name as /proc/net/unix prints it: an @ for each NUL. */
static char *
dup_unix_name (const PtlAddress *address)
{
  size_t len = address->len - offsetof (struct sockaddr_un, sun_path);
  char *name;

  if (address->len <= offsetof (struct sockaddr_un, sun_path))
    return NULL;
  len = MIN (len, sizeof address->un.sun_path);
  if (address->un.sun_path[0] != '\0')
    return g_strndup (address->un.sun_path, len);
  name = g_malloc (len + 1);
  for (size_t i = 0; i < len; i++)
    name[i] = address->un.sun_path[i] != '\0' ? address->un.sun_path[i] : '@';
  name[len] = '\0';
  return name;
}

static void
search_unix_table (const PtlAddress *wanted,
                   Found            *found)
{
  g_autofree char *name = dup_unix_name (wanted);
  FILE *file = name != NULL ? fopen ("/proc/self/net/unix", "re") : NULL;
  char line[TABLE_LINE_MAX];

  if (file == NULL)
    return;
  while (fgets (line, sizeof line, file) != NULL)
    {
      unsigned flags, state;
      unsigned long inode;
      int at = 0, rank;

      /* num refcount protocol flags type st inode path */
      if (sscanf (line, "%*[0-9a-fA-F]: %*x %*x %x %*x %x %lu %n", &flags, &state, &inode,
                  &at) != 3 || at == 0)
        continue;
      g_strchomp (line + at);
      if (strcmp (line + at, name) != 0)
        continue;
      /* Connections of a listener have its name too. */
      rank = (flags & UNIX_FLAG_LISTENS) != 0 ? 3 : state == STATE_ESTABLISHED ? 2 : 1;
      if (rank > found->rank)
        *found = (Found) { rank, 0, false, 0, inode };
    }
  fclose (file);
}

static bool
has_descriptor (int         proc_fd,
                const char *pid,
                const char *target)
{
  g_autofree char *path = g_strconcat (pid, "/fd", NULL);
  int fd = openat (proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  size_t target_len = strlen (target);
  bool has = false;
  struct dirent *entry;

  if (dir == NULL)
    {
      ptl_fd_clear (&fd);
      return false;
    }
  while (!has && (entry = readdir (dir)) != NULL)
    {
      char link[64];
      ssize_t len = readlinkat (dirfd (dir), entry->d_name, link, sizeof link);

      has = len == (ssize_t) target_len && memcmp (link, target, target_len) == 0;
    }
  closedir (dir);
  return has;
}

/* The program with the lowest number that has the socket: of a server and its workers, the server.
 * 0 when none is seen. */
static pid_t
find_process (uint64_t inode)
{
  char target[64];
  DIR *proc = opendir ("/proc");
  struct dirent *entry;
  long lowest = 0;

  if (proc == NULL)
    return 0;
  g_snprintf (target, sizeof target, "socket:[%" G_GUINT64_FORMAT "]", inode);
  while ((entry = readdir (proc)) != NULL)
    {
      char *end;
      long pid = g_ascii_isdigit (entry->d_name[0]) ? strtol (entry->d_name, &end, 10) : 0;

      if (pid <= 0 || *end != '\0' || (lowest != 0 && pid > lowest))
        continue;
      if (has_descriptor (dirfd (proc), entry->d_name, target))
        lowest = pid;
    }
  closedir (proc);
  return (pid_t) lowest;
}

static char *
dup_user (uid_t uid)
{
  char buffer[4096];
  struct passwd entry, *result = NULL;

  if (getpwuid_r (uid, &entry, buffer, sizeof buffer, &result) == 0 && result != NULL)
    return ptl_text_dup_safe (result->pw_name, COMM_CHARS_MAX);
  return g_strdup_printf ("%u", (unsigned) uid);
}

static char *
dup_program (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/comm", (int) pid);
  g_autofree char *comm = NULL;

  if (!g_file_get_contents (path, &comm, NULL, NULL))
    return NULL;
  return ptl_text_dup_safe (g_strchomp (comm), COMM_CHARS_MAX);
}

char *
ptl_fault_dup_port_owner (const PtlAddress *address,
                          bool              stream)
{
  Found found = { 0 };
  PtlAddress wanted = *address;
  g_autofree char *program = NULL;
  g_autofree char *user = NULL;
  pid_t pid;

  ptl_address_unmap (&wanted);
  switch (ptl_address_get_family (&wanted))
    {
    case AF_INET:
    case AF_INET6:
      if (ptl_address_get_port (&wanted) == 0)
        return NULL;
      search_table (stream ? "/proc/self/net/tcp" : "/proc/self/net/udp", &wanted, &found);
      search_table (stream ? "/proc/self/net/tcp6" : "/proc/self/net/udp6", &wanted, &found);
      break;
    case AF_UNIX:
      search_unix_table (&wanted, &found);
      break;
    default:
      break;
    }
  if (found.rank == 0)
    return NULL;
  if (found.inode == 0)
    return found.state == STATE_TIME_WAIT
           ? g_strdup (_("a connection that has just ended (TIME_WAIT); SO_REUSEADDR does not mind "
                         "it"))
           : g_strdup (_("a connection that is just ending"));

  pid = find_process (found.inode);
  if (pid == getpid ())
    return g_strdup (_("Portlight itself"));
  if (pid != 0)
    {
      program = dup_program (pid);
      /* Translators: the name of a program and the number of its process. */
      return program != NULL ? g_strdup_printf (_("%s (pid %d)"), program, (int) pid)
                             : g_strdup_printf (_("process %d"), (int) pid);
    }
  if (!found.knows_uid)
    return g_strdup (_("a program of another user, which may not be seen"));
  user = dup_user (found.uid);
  return g_strdup_printf (_("a program of the user %s, which may not be seen"), user);
}
