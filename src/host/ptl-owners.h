/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which programs have which sockets: the descriptors of all processes that may be read, from
 * /proc/PID/fd (proc(5)).
 *
 * Processes come and go meanwhile: one that has gone is not there, and that is no error.  Takes as
 * long as there are descriptors: not in the main thread. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <glib.h>

G_BEGIN_DECLS

#define PTL_OWNERS_MAX 4000000u       /* descriptors of sockets */
#define PTL_OWNER_PROCESSES_MAX 500000u
#define PTL_OWNER_NAME_BYTES 64       /* of /proc/PID/comm, which has 15, or some more (kthreads) */
#define PTL_OWNER_COMMAND_MAX 4096u   /* bytes of a command line that are read */

typedef struct
{
  uint32_t inode;
  uint32_t process; /* of PtlOwners.processes */
  int      fd;
} PtlOwner;

typedef struct
{
  pid_t    pid;
  uid_t    uid;
  char     name[PTL_OWNER_NAME_BYTES]; /* hostile bytes; NUL-terminated; "" if it has just gone */
} PtlProcess;

typedef struct
{
  PtlOwner   *items;       /* by inode, then by process, then by descriptor */
  size_t      n;
  PtlProcess *processes;   /* that have a socket, by pid */
  size_t      n_processes;
  size_t      n_hidden;    /* processes whose descriptors may not be read */
  bool        cut;         /* there are more */

  /* private */
  size_t      size;
  size_t      processes_size;
} PtlOwners;

/* Never NULL.  @folder NULL: /proc.  Ends early, with what there is, when *@stop (may be NULL) is
 * true. */
PtlOwners *ptl_owners_read (const char        *folder,
                            const atomic_bool *stop);
void       ptl_owners_free (PtlOwners         *owners);

/* How many descriptors a socket has; *@first is the one of the process with the lowest number: of a
 * server and its workers, the server.  @inode 0 has none. */
size_t ptl_owners_find (const PtlOwners  *owners,
                        uint32_t          inode,
                        const PtlOwner  **first);
/* The process with the lowest number that has this socket.  0: none is seen. */
pid_t  ptl_owners_find_process (const char *folder,
                                uint32_t    inode);

/* /proc/PID/comm without its line end; false: it has gone. */
bool  ptl_owners_read_name (const char *folder,
                            pid_t       pid,
                            char        name[PTL_OWNER_NAME_BYTES]);
/* /proc/PID/cmdline, its NULs as spaces; owned, hostile bytes; NULL: it has gone, or has none. */
char *ptl_owners_dup_command (const char *folder,
                              pid_t       pid);
/* The unit of systemd, or the scope of a session, that a process runs in, by /proc/PID/cgroup:
 * "sshd.service"; owned, hostile bytes; NULL: none. */
char *ptl_owners_dup_unit (const char *folder,
                           pid_t       pid);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlOwners, ptl_owners_free)

G_END_DECLS
