/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reads the list of sockets: the messages of netlink, and the lines of /proc/net. */
#pragma once

#include "host/ptl-sock-diag.h"

G_BEGIN_DECLS

/* What a dump was asked for. */
typedef struct
{
  PtlSockKind kind;   /* of AF_UNIX: any of the three */
  uint8_t     family;
  uint32_t    kinds;  /* that are wanted */
  uint32_t    seq;
} PtlSockAsk;

PtlSocks *ptl_socks_new     (void);
/* Peers of Unix sockets, keys, and none twice. */
void      ptl_socks_finish  (PtlSocks      *socks);
/* False: there are too many already. */
bool      ptl_socks_add     (PtlSocks      *socks,
                             const PtlSock *sock);
/* For the socket that is added next. */
bool      ptl_socks_set_name (PtlSocks      *socks,
                              PtlSock       *sock,
                              const char    *name,
                              size_t         len);

/* Messages as recvmsg() gave them; *@done: the last one of the dump was there.  0, or a negative
 * errno: what the kernel said, or -EBADMSG.  Never reads past @len. */
int  ptl_sock_diag_parse      (PtlSocks         *socks,
                               const PtlSockAsk *ask,
                               const void       *bytes,
                               size_t            len,
                               bool             *done);
int  ptl_sock_diag_parse_info (PtlSockInfo      *info,
                               uint32_t          seq,
                               const void       *bytes,
                               size_t            len);

/* Adds what the file of this kind and family says; false: it cannot be read. */
bool ptl_sock_proc_read       (PtlSocks         *socks,
                               const char       *folder,
                               const PtlSockAsk *ask,
                               uint32_t          states);
/* Owned; see PtlSocks.others; by the file of protocols, and what @socks has a source for. */
char *ptl_sock_proc_dup_others (const PtlSocks *socks,
                                const char     *folder);
/* One line of such a file; false: it is none of a socket.  @line has no line end. */
bool ptl_sock_proc_parse      (PtlSocks         *socks,
                               const PtlSockAsk *ask,
                               uint32_t          states,
                               const char       *line);

G_END_DECLS
