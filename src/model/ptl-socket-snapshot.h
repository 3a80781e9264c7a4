/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The open sockets of this computer at one moment, each with its program, user and service, and the
 * words for them.
 *
 * Constant once it is read: any thread.  Reading waits for the kernel and for NSS: not in the main
 * thread. */
#pragma once

#include <stdbool.h>

#include <gio/gio.h>

#include "host/ptl-owners.h"
#include "host/ptl-sock-diag.h"
#include "registry/ptl-listening.h"

G_BEGIN_DECLS

/* Owners are looked for again after so long, even if no socket is new: programs hand sockets on. */
#define PTL_SOCKET_OWNERS_FRESH_S 5

typedef struct _PtlSocketSnapshot PtlSocketSnapshot;

typedef enum
{
  PTL_SOCKET_PROTOCOL,
  PTL_SOCKET_LOCAL,
  PTL_SOCKET_PORT,
  PTL_SOCKET_STATE,
  PTL_SOCKET_PROGRAM,
  PTL_SOCKET_PID,
  PTL_SOCKET_REACH,
  PTL_SOCKET_USER,
  PTL_SOCKET_SERVICE,
  PTL_SOCKET_PEER,
  PTL_SOCKET_RQUEUE,
  PTL_SOCKET_WQUEUE,
  PTL_SOCKET_INTERFACE,
  PTL_SOCKET_N_COLUMNS
} PtlSocketColumn;

/* The kernel makes the loopback interface first in each network namespace. */
#define PTL_SOCKET_LOOPBACK_INDEX 1

/* Who can reach it. */
typedef enum
{
  PTL_REACH_NOBODY,        /* it has no address */
  PTL_REACH_THIS_COMPUTER, /* loopback, address or interface, and Unix sockets */
  PTL_REACH_PEER,          /* it is connected: nobody but its peer */
  PTL_REACH_ADDRESS,       /* who reaches this one address of the computer */
  PTL_REACH_INTERFACE,     /* any address, but through one interface */
  PTL_REACH_MACHINES,      /* AF_VSOCK: the virtual machines of this host, or the host */
  PTL_REACH_EVERYWHERE_V4,
  PTL_REACH_EVERYWHERE_V6,
  PTL_REACH_EVERYWHERE     /* over IPv4 and IPv6 */
} PtlReach;

/* What is known of a socket's program. */
typedef enum
{
  PTL_OWNER_SEEN,
  PTL_OWNER_ANOTHER_USER, /* its descriptors may not be read */
  PTL_OWNER_NOT_SEEN,     /* the kernel's own, or of a process that /proc does not show */
  PTL_OWNER_NOT_ACCEPTED, /* waits in the listener's queue */
  PTL_OWNER_ENDED         /* the program has closed it, the kernel ends the connection */
} PtlOwnerKind;

/* @previous (may be NULL) is what was read last: what is known from it is not looked for again.
 * *@stop (may be NULL) ends it early. */
PtlSocketSnapshot *ptl_socket_snapshot_read  (PtlSocketSnapshot  *previous,
                                              const PtlSockQuery *query,
                                              const atomic_bool  *stop);
/* Of lists that a test has made; takes them. */
PtlSocketSnapshot *ptl_socket_snapshot_new   (PtlSocks           *socks,
                                              PtlOwners          *owners,
                                              uid_t               own_uid);
PtlSocketSnapshot *ptl_socket_snapshot_ref   (PtlSocketSnapshot  *self);
void               ptl_socket_snapshot_unref (PtlSocketSnapshot  *self);

size_t           ptl_socket_snapshot_get_n       (const PtlSocketSnapshot *self);
const PtlSocks  *ptl_socket_snapshot_get_socks   (const PtlSocketSnapshot *self);
const PtlSock   *ptl_socket_snapshot_get         (const PtlSocketSnapshot *self,
                                                  uint32_t                 row);
/* Processes whose descriptors may not be read. */
size_t           ptl_socket_snapshot_get_n_hidden (const PtlSocketSnapshot *self);
/* Whether /proc was read for this one, or what was known was enough. */
bool             ptl_socket_snapshot_has_looked  (const PtlSocketSnapshot *self);

/* The process with the lowest number, NULL; all descriptors of the socket in *@owners, *@n. */
const PtlProcess *ptl_socket_snapshot_get_process (const PtlSocketSnapshot *self,
                                                   uint32_t                 row);
size_t            ptl_socket_snapshot_get_owners  (const PtlSocketSnapshot *self,
                                                   uint32_t                 row,
                                                   const PtlOwner         **owners);
const PtlProcess *ptl_socket_snapshot_get_owner_process (const PtlSocketSnapshot *self,
                                                         const PtlOwner          *owner);
PtlOwnerKind      ptl_socket_snapshot_get_owner_kind (const PtlSocketSnapshot *self,
                                                      uint32_t                 row);
/* Safe to show, borrowed; "" where there is none. */
const char       *ptl_socket_snapshot_get_program (const PtlSocketSnapshot *self,
                                                   uint32_t                 row);
const char       *ptl_socket_snapshot_get_user    (const PtlSocketSnapshot *self,
                                                   uint32_t                 row);
bool              ptl_socket_snapshot_is_mine     (const PtlSocketSnapshot *self,
                                                   uint32_t                 row);
/* Static, "". */
const char       *ptl_socket_snapshot_get_service (const PtlSocketSnapshot *self,
                                                   uint32_t                 row);
/* The port that the service is on: the local one of a server, the peer's of a client; 0. */
uint16_t          ptl_socket_snapshot_get_service_port (const PtlSocketSnapshot *self,
                                                        uint32_t                 row);
PtlReach          ptl_socket_snapshot_get_reach   (const PtlSocketSnapshot *self,
                                                   uint32_t                 row);
/* What is shown of it, as one number: another when a cell has become another. */
uint64_t          ptl_socket_snapshot_hash        (const PtlSocketSnapshot *self,
                                                   uint32_t                 row);

/* Owned, never NULL, safe to show. */
char *ptl_socket_snapshot_dup_cell    (const PtlSocketSnapshot *self,
                                       uint32_t                 row,
                                       PtlSocketColumn          column);
/* For export: states as the kernel's headers call them, numbers alone. */
char *ptl_socket_snapshot_dup_value   (const PtlSocketSnapshot *self,
                                       uint32_t                 row,
                                       PtlSocketColumn          column);
/* "127.0.0.1:8080", "[fe80::1%eth0]:80", "/run/x", "@name"; "" */
char *ptl_socket_snapshot_dup_address (const PtlSocketSnapshot *self,
                                       uint32_t                 row,
                                       bool                     peer);

/* "Listening", "Connected", "TIME-WAIT"; static, translated. */
const char *ptl_socket_get_state_title (const PtlSock *sock);
/* "time-wait", as ss(8) and RFC 9293 have it; static. */
const char *ptl_socket_get_state_name  (const PtlSock *sock);
/* "tcp", "udp", "unix-stream"; static. */
const char *ptl_socket_get_kind_name   (PtlSockKind kind);
/* The ports on which this computer listens: TCP sockets that listen, UDP sockets that are bound and
 * not connected.  @proc_net NULL: the kernel is asked; else only the files in that folder. */
void        ptl_socket_read_listening  (PtlListening *here,
                                        const char   *proc_net);
/* Owned; the name of a user, or its number; NSS may wait. */
char       *ptl_socket_dup_user_name   (uid_t uid);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlSocketSnapshot, ptl_socket_snapshot_unref)

G_END_DECLS
