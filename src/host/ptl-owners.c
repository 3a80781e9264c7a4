/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which programs have which sockets: one pass over the descriptors of all processes. */
#include "config.h"

#include "host/ptl-owners.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/ptl-fd.h"

#define ENTRIES_BYTES 32768 /* of a folder at a time */
#define FIRST_ITEMS 1024

/* linux_dirent64 of getdents64(2) */
typedef struct
{
  uint64_t d_ino;
  int64_t  d_off;
  uint16_t d_reclen;
  uint8_t  d_type;
  char     d_name[];
} Entry;

typedef bool (*EntryFunc) (int         folder,
                           const char *name,
                           void       *data);

/* Calls @func for the names in an open folder that begin with a digit, until it returns false;
 * then that is false too. */
static bool
for_each (int       folder,
          void     *buffer,
          EntryFunc func,
          void     *data)
{
  for (;;)
    {
      long n = syscall (SYS_getdents64, folder, buffer, ENTRIES_BYTES);

      if (n <= 0)
        return true; /* it has ended, or the process has */
      for (long at = 0; at < n;)
        {
          const Entry *entry = (const Entry *) ((const char *) buffer + at);

          at += entry->d_reclen;
          if (g_ascii_isdigit (entry->d_name[0]) && !func (folder, entry->d_name, data))
            return false;
        }
    }
}

/* A number that is nothing else; -1. */
static int
parse_number (const char *text)
{
  int64_t number = 0;

  for (const char *at = text; *at != '\0'; at++)
    {
      if (!g_ascii_isdigit (*at) || number > INT32_MAX / 10 - 1)
        return -1;
      number = number * 10 + (*at - '0');
    }
  return *text != '\0' ? (int) number : -1;
}

/* "socket:[12345]"; 0: it is none. */
static uint32_t
read_inode (int         folder,
            const char *name)
{
  static const char prefix[] = "socket:[";
  char link[32];
  ssize_t len = readlinkat (folder, name, link, sizeof link);
  uint64_t inode = 0;

  if (len <= (ssize_t) strlen (prefix) || len == sizeof link || link[len - 1] != ']'
      || memcmp (link, prefix, strlen (prefix)) != 0)
    return 0;
  for (const char *at = link + strlen (prefix); at < link + len - 1; at++)
    {
      if (!g_ascii_isdigit (*at) || inode > UINT32_MAX)
        return 0;
      inode = inode * 10 + (uint64_t) (*at - '0');
    }
  return inode <= UINT32_MAX ? (uint32_t) inode : 0;
}

/* --- reading all ------------------------------------------------------------------------------ */

typedef struct
{
  PtlOwners         *owners;
  const atomic_bool *stop;
  void              *entries; /* two buffers: of /proc, and of a process */
  bool               has_sockets;
} Reading;

static bool
on_descriptor (int         folder,
               const char *name,
               void       *data)
{
  Reading *reading = data;
  PtlOwners *owners = reading->owners;
  uint32_t inode = read_inode (folder, name);

  if (inode == 0)
    return true;
  if (owners->n >= PTL_OWNERS_MAX)
    {
      owners->cut = true;
      return false;
    }
  if (owners->n == owners->size)
    {
      owners->size = owners->size == 0 ? FIRST_ITEMS : owners->size * 2;
      owners->items = g_renew (PtlOwner, owners->items, owners->size);
    }
  owners->items[owners->n++] =
    (PtlOwner) { inode, (uint32_t) owners->n_processes, parse_number (name) };
  reading->has_sockets = true;
  return true;
}

static bool
read_name_at (int         proc,
              const char *pid,
              char        name[PTL_OWNER_NAME_BYTES])
{
  char path[32];
  PTL_AUTO_FD fd = -1;
  ssize_t n;

  name[0] = '\0';
  g_snprintf (path, sizeof path, "%s/comm", pid);
  fd = openat (proc, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  n = read (fd, name, PTL_OWNER_NAME_BYTES - 1);
  if (n > 0 && name[n - 1] == '\n')
    n--;
  name[MAX (n, 0)] = '\0';
  return n >= 0;
}

static void
add_process (PtlOwners  *owners,
             int         proc,
             const char *name)
{
  struct stat info;
  PtlProcess *process;

  if (owners->n_processes == owners->processes_size)
    {
      owners->processes_size = owners->processes_size == 0 ? 64 : owners->processes_size * 2;
      owners->processes = g_renew (PtlProcess, owners->processes, owners->processes_size);
    }
  process = &owners->processes[owners->n_processes++];
  *process = (PtlProcess) { .pid = (pid_t) parse_number (name), .uid = (uid_t) -1 };
  if (fstatat (proc, name, &info, 0) == 0)
    process->uid = info.st_uid;
  read_name_at (proc, name, process->name);
}

static bool
on_process (int         proc,
            const char *name,
            void       *data)
{
  Reading *reading = data;
  char path[32];
  PTL_AUTO_FD fd = -1;

  if (parse_number (name) <= 0)
    return true;
  if (reading->stop != NULL && atomic_load_explicit (reading->stop, memory_order_relaxed))
    return false;
  if (reading->owners->n_processes >= PTL_OWNER_PROCESSES_MAX)
    {
      reading->owners->cut = true;
      return false;
    }
  g_snprintf (path, sizeof path, "%s/fd", name);
  fd = openat (proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    {
      reading->owners->n_hidden += errno == EACCES || errno == EPERM;
      return true;
    }
  reading->has_sockets = false;
  for_each (fd, (char *) reading->entries + ENTRIES_BYTES, on_descriptor, reading);
  if (reading->has_sockets)
    add_process (reading->owners, proc, name);
  return !reading->owners->cut;
}

static int
compare_owners (const void *a,
                const void *b)
{
  const PtlOwner *x = a, *y = b;

  if (x->inode != y->inode)
    return x->inode < y->inode ? -1 : 1;
  if (x->process != y->process)
    return x->process < y->process ? -1 : 1;
  return (x->fd > y->fd) - (x->fd < y->fd);
}

static int
compare_processes (const void *a,
                   const void *b,
                   void       *data)
{
  const PtlProcess *processes = data;
  pid_t x = processes[*(const uint32_t *) a].pid, y = processes[*(const uint32_t *) b].pid;

  return (x > y) - (x < y);
}

/* By pid, which is the order that /proc has; nothing promises it. */
static void
order_processes (PtlOwners *owners)
{
  g_autofree uint32_t *order = NULL; /* places -> old numbers */
  g_autofree uint32_t *places = NULL;
  g_autofree PtlProcess *ordered = NULL;
  bool good = true;

  for (size_t i = 1; i < owners->n_processes && good; i++)
    good = owners->processes[i - 1].pid < owners->processes[i].pid;
  if (good)
    return;
  order = g_new (uint32_t, owners->n_processes);
  places = g_new (uint32_t, owners->n_processes);
  ordered = g_new (PtlProcess, owners->processes_size);
  for (size_t i = 0; i < owners->n_processes; i++)
    order[i] = (uint32_t) i;
  g_qsort_with_data (order, (int) owners->n_processes, sizeof *order, compare_processes,
                     owners->processes);
  for (size_t i = 0; i < owners->n_processes; i++)
    {
      ordered[i] = owners->processes[order[i]];
      places[order[i]] = (uint32_t) i;
    }
  for (size_t i = 0; i < owners->n; i++)
    owners->items[i].process = places[owners->items[i].process];
  g_free (owners->processes);
  owners->processes = g_steal_pointer (&ordered);
}

static int
open_folder (const char *folder)
{
  return open (folder != NULL ? folder : "/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

PtlOwners *
ptl_owners_read (const char        *folder,
                 const atomic_bool *stop)
{
  PtlOwners *owners = g_new0 (PtlOwners, 1);
  g_autofree void *entries = g_malloc (2 * ENTRIES_BYTES);
  Reading reading = { .owners = owners, .stop = stop, .entries = entries };
  PTL_AUTO_FD proc = open_folder (folder);

  if (proc < 0)
    return owners;
  for_each (proc, entries, on_process, &reading);
  order_processes (owners);
  if (owners->n > 0)
    qsort (owners->items, owners->n, sizeof *owners->items, compare_owners);
  return owners;
}

void
ptl_owners_free (PtlOwners *owners)
{
  if (owners == NULL)
    return;
  g_free (owners->items);
  g_free (owners->processes);
  g_free (owners);
}

size_t
ptl_owners_find (const PtlOwners  *owners,
                 uint32_t          inode,
                 const PtlOwner  **first)
{
  size_t low = 0, high = owners->n, end;

  *first = NULL;
  if (inode == 0)
    return 0;
  while (low < high)
    {
      size_t middle = low + (high - low) / 2;

      if (owners->items[middle].inode < inode)
        low = middle + 1;
      else
        high = middle;
    }
  for (end = low; end < owners->n && owners->items[end].inode == inode; end++)
    ;
  if (end > low)
    *first = &owners->items[low];
  return end - low;
}

/* --- one socket ------------------------------------------------------------------------------- */

typedef struct
{
  uint32_t inode;
  pid_t    lowest;
  void    *entries;
} Search;

static bool
on_searched_descriptor (int         folder,
                        const char *name,
                        void       *data)
{
  Search *search = data;

  return read_inode (folder, name) != search->inode;
}

static bool
on_searched_process (int         proc,
                     const char *name,
                     void       *data)
{
  Search *search = data;
  int pid = parse_number (name);
  char path[32];
  PTL_AUTO_FD fd = -1;

  if (pid <= 0 || (search->lowest != 0 && pid > search->lowest))
    return true;
  g_snprintf (path, sizeof path, "%s/fd", name);
  fd = openat (proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return true;
  if (!for_each (fd, (char *) search->entries + ENTRIES_BYTES, on_searched_descriptor, search))
    search->lowest = pid;
  return true;
}

pid_t
ptl_owners_find_process (const char *folder,
                         uint32_t    inode)
{
  g_autofree void *entries = g_malloc (2 * ENTRIES_BYTES);
  Search search = { .inode = inode, .entries = entries };
  PTL_AUTO_FD proc = open_folder (folder);

  if (inode == 0 || proc < 0)
    return 0;
  for_each (proc, entries, on_searched_process, &search);
  return search.lowest;
}

/* --- one process ------------------------------------------------------------------------------ */

bool
ptl_owners_read_name (const char *folder,
                      pid_t       pid,
                      char        name[PTL_OWNER_NAME_BYTES])
{
  PTL_AUTO_FD proc = open_folder (folder);
  char number[16];

  name[0] = '\0';
  g_snprintf (number, sizeof number, "%d", (int) pid);
  return proc >= 0 && read_name_at (proc, number, name);
}

/* What is in a file of a process; owned, NUL-terminated after *@len bytes; NULL. */
static char *
read_file (const char *folder,
           pid_t       pid,
           const char *name,
           size_t     *len)
{
  g_autofree char *path = g_strdup_printf ("%s/%d/%s", folder != NULL ? folder : "/proc",
                                           (int) pid, name);
  PTL_AUTO_FD fd = open (path, O_RDONLY | O_CLOEXEC);
  char *bytes;

  *len = 0;
  if (fd < 0)
    return NULL;
  bytes = g_malloc (PTL_OWNER_COMMAND_MAX + 1);
  while (*len < PTL_OWNER_COMMAND_MAX)
    {
      ssize_t n = read (fd, bytes + *len, PTL_OWNER_COMMAND_MAX - *len);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      *len += (size_t) n;
    }
  bytes[*len] = '\0';
  return bytes;
}

char *
ptl_owners_dup_command (const char *folder,
                        pid_t       pid)
{
  size_t len;
  char *bytes = read_file (folder, pid, "cmdline", &len);

  while (len > 0 && bytes[len - 1] == '\0')
    len--;
  if (len == 0)
    {
      g_free (bytes);
      return NULL;
    }
  for (size_t i = 0; i < len; i++)
    if (bytes[i] == '\0')
      bytes[i] = ' ';
  bytes[len] = '\0';
  return bytes;
}

/* "0::/system.slice/ssh.service", or a line for each hierarchy, "1:name=systemd:/..." (cgroups(7)):
 * the last part that systemd has named. */
char *
ptl_owners_dup_unit (const char *folder,
                     pid_t       pid)
{
  size_t len;
  g_autofree char *bytes = read_file (folder, pid, "cgroup", &len);
  g_auto (GStrv) lines = bytes != NULL ? g_strsplit (bytes, "\n", 64) : NULL;

  for (char **line = lines; line != NULL && *line != NULL; line++)
    {
      g_auto (GStrv) parts = NULL;

      if (!g_str_has_prefix (*line, "0::/") && strstr (*line, ":name=systemd:/") == NULL)
        continue;
      parts = g_strsplit (*line, "/", 64);
      for (guint i = g_strv_length (parts); i > 1; i--)
        if (g_str_has_suffix (parts[i - 1], ".service")
            || g_str_has_suffix (parts[i - 1], ".scope"))
          return g_strdup (parts[i - 1]);
    }
  return NULL;
}
