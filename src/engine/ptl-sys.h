/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thin layer under which every socket call of a session goes: it makes the call and writes it
 * into the session's list of calls.  All return what the call gave, or -errno; @calls may be NULL.
 * Of one worker; EINTR is tried again. */
#pragma once

#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/ptl-address.h"
#include "engine/ptl-calls.h"

/* Non-blocking and close-on-exec, as all that follow. */
int     ptl_sys_socket      (PtlCalls *calls,
                             int       domain,
                             int       type,
                             int       protocol);
int     ptl_sys_bind        (PtlCalls         *calls,
                             int               fd,
                             const PtlAddress *address);
int     ptl_sys_listen      (PtlCalls *calls,
                             int       fd,
                             int       backlog);
/* @peer: the number the new connection will have; @fold: those that say EAGAIN are counted with the
 * last that did not. */
int     ptl_sys_accept      (PtlCalls    *calls,
                             PtlCallFold *fold,
                             int          fd,
                             uint32_t     peer,
                             PtlAddress  *address);
int     ptl_sys_connect     (PtlCalls         *calls,
                             int               fd,
                             const PtlAddress *address);
/* How a connect that was in progress ended (getsockopt (SO_ERROR)): 0 or -errno. */
int     ptl_sys_connect_result (PtlCalls         *calls,
                                int               fd,
                                const PtlAddress *address);
int     ptl_sys_getsockname (PtlCalls   *calls,
                             int         fd,
                             PtlAddress *address);
int     ptl_sys_shutdown    (PtlCalls *calls,
                             int       fd,
                             uint32_t  peer,
                             int       how);
void    ptl_sys_close       (PtlCalls *calls,
                             int       fd,
                             uint32_t  peer);

/* Hot ones: repeats are folded into one line each. */
ssize_t ptl_sys_recv        (PtlCalls    *calls,
                             PtlCallFold *fold,
                             int          fd,
                             uint32_t     peer,
                             void        *buffer,
                             size_t       size);
/* With flags MSG_TRUNC: gives the full length of a message that did not fit.  @has_time: it came
 * with a time, which is asked for with SO_TIMESTAMPNS; the end of input has none. */
ssize_t ptl_sys_recv_message (PtlCalls    *calls,
                              PtlCallFold *fold,
                              int          fd,
                              uint32_t     peer,
                              void        *buffer,
                              size_t       size,
                              bool        *has_time);
ssize_t ptl_sys_send        (PtlCalls    *calls,
                             PtlCallFold *fold,
                             int          fd,
                             uint32_t     peer,
                             const void  *bytes,
                             size_t       len_bytes);
/* Out of the socket into a pipe (splice(2)). */
ssize_t ptl_sys_splice      (PtlCalls    *calls,
                             PtlCallFold *fold,
                             int          fd,
                             uint32_t     peer,
                             int          pipe_fd,
                             size_t       size);
/* @address may be NULL on a connected socket. */
ssize_t ptl_sys_sendto      (PtlCalls         *calls,
                             PtlCallFold      *fold,
                             int               fd,
                             uint32_t          peer,
                             const void       *bytes,
                             size_t            len_bytes,
                             const PtlAddress *address);
/* The error that waits for the socket (SO_ERROR), positive, and takes it away; 0: none. */
int     ptl_sys_get_error   (PtlCalls *calls,
                             int       fd,
                             uint32_t  peer);
/* SO_MEMINFO: fills @info, or -errno. */
int     ptl_sys_get_meminfo (PtlCalls    *calls,
                             PtlCallFold *fold,
                             int          fd,
                             uint32_t     info[SK_MEMINFO_VARS]);
/* A question to the kernel's sock_diag(7) on @fd, an AF_NETLINK socket, and its answer, which is
 * there at once; @sender is filled.  Folded. */
int     ptl_sys_send_diag   (PtlCalls    *calls,
                             PtlCallFold *fold,
                             int          fd,
                             const void  *bytes,
                             size_t       len_bytes);
ssize_t ptl_sys_recv_diag   (PtlCalls           *calls,
                             PtlCallFold        *fold,
                             int                 fd,
                             void               *buffer,
                             size_t              size,
                             struct sockaddr_nl *sender);
/* FIONREAD: the bytes that may be read, or -errno. */
int     ptl_sys_get_readable (PtlCalls *calls,
                              int       fd,
                              uint32_t  peer);
int     ptl_sys_recvmmsg    (PtlCalls       *calls,
                             PtlCallFold    *fold,
                             int             fd,
                             struct mmsghdr *messages,
                             unsigned        n);

/* One integer option by our number of it; @family tells IPv4 from IPv6 where they differ. */
int     ptl_sys_set_option  (PtlCalls   *calls,
                             int         fd,
                             PtlOptionId option,
                             int         value);
int     ptl_sys_set_device  (PtlCalls   *calls,
                             int         fd,
                             const char *device);
/* ADD or DROP_MEMBERSHIP of @group on interface @ifindex (0: the kernel's choice). */
int     ptl_sys_set_membership (PtlCalls         *calls,
                                int               fd,
                                const PtlAddress *group,
                                unsigned          ifindex,
                                bool              joined);
/* IP_MULTICAST_IF or IPV6_MULTICAST_IF. */
int     ptl_sys_set_multicast_if (PtlCalls *calls,
                                  int       fd,
                                  int       family,
                                  unsigned  ifindex);
