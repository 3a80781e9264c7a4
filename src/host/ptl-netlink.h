/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A netlink(7) socket for questions and dumps, and the messages of rtnetlink(7) as values.
 *
 * Messages are checked with libnl's parsers of attributes; those that are cut off, lie about a
 * length or lack what they must have are refused.  Nothing of a message is kept by reference. */
#pragma once

#include <linux/netlink.h>

#include "host/ptl-interfaces.h"
#include "host/ptl-routes.h"

G_BEGIN_DECLS

#define PTL_NETLINK_BUFFER_BYTES (64 * 1024) /* one recv(2); the kernel sends 32 KiB at most */
#define PTL_NETLINK_ASK_MS 2000              /* between two pieces of an answer */

/* The first message of *@bytes, and moves on; NULL at the end and where it is not well formed.
 * *@bytes is aligned to NLMSG_ALIGNTO. */
const struct nlmsghdr *ptl_netlink_next (const uint8_t **bytes,
                                         size_t         *len_bytes);

/* @message is one that ptl_netlink_next() gave.  False, and @out is not to be used, when it is not
 * of that type or not well formed.  The driver's part of a link is left as ptl_link_init() sets
 * it. */
void ptl_link_init                (PtlLink *link);
bool ptl_netlink_parse_link       (const struct nlmsghdr *message,
                                   PtlLink               *link);
bool ptl_netlink_parse_address    (const struct nlmsghdr *message,
                                   uint64_t               now_ns,
                                   PtlInterfaceAddress   *address);
/* Appends to @hops (of PtlRouteHop); takes them back when it fails. */
bool ptl_netlink_parse_route      (const struct nlmsghdr *message,
                                   PtlRoute              *route,
                                   GArray                *hops);
bool ptl_netlink_parse_rule       (const struct nlmsghdr *message,
                                   PtlRule               *rule);
/* RTM_NEWSTATS with IFLA_STATS_LINK_64, or RTM_NEWLINK with IFLA_STATS64. */
bool ptl_netlink_parse_counters   (const struct nlmsghdr *message,
                                   PtlCounters           *counters);
/* CTRL_CMD_NEWFAMILY: the number of the family @name; 0: not it. */
uint16_t ptl_netlink_parse_family (const struct nlmsghdr *message,
                                   const char            *name);
/* NL80211_CMD_NEW_INTERFACE: the index; 0: not one. */
int  ptl_netlink_parse_wireless   (const struct nlmsghdr *message);
/* NLMSG_ERROR and NLMSG_DONE: 0 or a negative errno; true when it was one of them. */
bool ptl_netlink_parse_end        (const struct nlmsghdr *message,
                                   int                   *error);

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

G_END_DECLS
