/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A netlink(7) socket for questions and dumps, and what all its messages have.
 *
 * Messages are not trusted: those that are cut off, lie about a length or come from another program
 * are not given.  Attributes are checked with libnl's parsers. */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include <glib.h>
#include <linux/netlink.h>
#include <sys/types.h>

G_BEGIN_DECLS

#define PTL_NETLINK_BUFFER_BYTES (64 * 1024) /* one recv(2); the kernel sends 32 KiB at most */
#define PTL_NETLINK_ASK_MS 2000              /* between two pieces of an answer */

/* The first message of *@bytes, and moves on; NULL at the end and where it is not well formed.
 * *@bytes is aligned to NLMSG_ALIGNTO. */
const struct nlmsghdr *ptl_netlink_next (const uint8_t **bytes,
                                         size_t         *len_bytes);

struct nla_policy; /* netlink/attr.h of libnl */

/* @message is one that ptl_netlink_next() gave, in all that follows. */

/* The attributes behind a head of @head_bytes, checked with @policy; false when the message is too
 * short for its head or an attribute for its type.  @attributes has @max + 1. */
bool ptl_netlink_parse_attributes (const struct nlmsghdr   *message,
                                   size_t                   head_bytes,
                                   struct nlattr          **attributes,
                                   int                      max,
                                   const struct nla_policy *policy);
/* NLMSG_ERROR and NLMSG_DONE: 0 or a negative errno; true when it was one of them. */
bool ptl_netlink_parse_end        (const struct nlmsghdr *message,
                                   int                   *error);

/* Writes an attribute at *@at of @payload (@size bytes), and moves on; no room is a mistake of
 * ours. */
void ptl_netlink_put              (uint8_t    *payload,
                                   size_t      size,
                                   size_t     *at,
                                   uint16_t    type,
                                   const void *value,
                                   size_t      len_bytes);

/* ---- a socket ---- */

typedef struct
{
  int      fd;      /* -1: closed */
  int      stop_fd; /* readable: give up with -ECANCELED; -1: none */
  uint32_t sequence;
  uint32_t port;
  uint8_t *buffer;  /* owned, PTL_NETLINK_BUFFER_BYTES */
} PtlNetlink;

/* 0 or a negative errno.  @protocol is NETLINK_ROUTE ...; @strict has the kernel check and heed the
 * filters of dumps (NETLINK_GET_STRICT_CHK, Linux 4.20), where it can. */
int  ptl_netlink_open  (PtlNetlink *nl,
                        int         protocol,
                        bool        strict,
                        int         stop_fd);
void ptl_netlink_close (PtlNetlink *nl); /* an opened or zeroed one with fd -1 */

typedef void (*PtlNetlinkFunc) (const struct nlmsghdr *message,
                                void                  *data);

/* Sends @payload and gives each message of the answer to @func.  With NLM_F_DUMP in @flags until
 * the end of the dump; else one message, or NLMSG_ERROR.  0, or a negative errno: what the kernel
 * answered, -ETIMEDOUT, -ECANCELED, -EINTR: the dump is not of one moment (NLM_F_DUMP_INTR), all
 * its messages were given all the same.  Waits; any thread but main, one at a time. */
int  ptl_netlink_ask   (PtlNetlink     *nl,
                        uint16_t        type,
                        uint16_t        flags,
                        const void     *payload,
                        size_t          len_bytes,
                        PtlNetlinkFunc  func,
                        void           *data);

/* One recv(2) of what the kernel sent, into PTL_NETLINK_BUFFER_BYTES; 0: it was of somebody else.
 * A negative errno; -ENOBUFS: something was dropped. */
ssize_t ptl_netlink_receive (int      fd,
                             uint8_t *buffer);

G_END_DECLS
