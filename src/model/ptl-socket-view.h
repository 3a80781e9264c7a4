/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which open sockets a search finds, in which order, and what has changed since the last time.
 *
 * All of it takes as long as there are sockets: in a thread.  Values; any thread. */
#pragma once

#include "model/ptl-socket-snapshot.h"

G_BEGIN_DECLS

#define PTL_SOCKET_WORDS_MAX 16u    /* of a search; more are not looked at */
#define PTL_SOCKET_QUERY_MAX 1024u  /* bytes of it */
#define PTL_SOCKET_CHANGES_MAX 64u  /* told one by one; more are joined */

typedef enum
{
  PTL_SOCKET_ALL,
  PTL_SOCKET_LISTENING, /* and what is bound and waits for datagrams */
  PTL_SOCKET_CONNECTED,
  PTL_SOCKET_IS_TCP,
  PTL_SOCKET_IS_UDP,
  PTL_SOCKET_IS_UNIX,
  PTL_SOCKET_MINE,
  PTL_SOCKET_N_FILTERS
} PtlSocketFilter;

typedef struct
{
  char           *words;      /* owned; see ptl_socket_view_new() */
  PtlSocketFilter filter;
  int             column;     /* PtlSocketColumn, or -1: servers first, then by port */
  bool            descending;
} PtlSocketOrder;

/* @n_removed rows from @at on are others, or gone; @n_added are there instead.  @at counts as the
 * list is when all changes before this one are made. */
typedef struct
{
  guint at;
  guint n_removed;
  guint n_added;
} PtlSocketChange;

/* Shared, and constant once it is made. */
typedef struct
{
  PtlSocketSnapshot *snapshot; /* a reference */
  uint32_t          *rows;     /* owned; of the snapshot */
  guint              n;
} PtlSocketView;

/* The rows that have all words:
 *
 *   ssh  192.168  /run  nginx  root      a part of a name, address, user, service, state, in any
 *                                        case
 *   8080  8000-8100                      a port, here or at the peer; a number that is no port of
 *                                        any socket: a process, or an inode
 *   port:80 pid:312 inode:7 uid:1000     that number
 *   user:www program:nginx state:wait local:127. peer:10. service:http interface:eth0
 *                                        a part of that column
 *   tcp mptcp udp udplite raw icmp unix packet netlink vsock ipv4 ipv6
 *   listening connected mine             of that kind; MPTCP is TCP, too
 *
 * Never NULL. */
PtlSocketView *ptl_socket_view_new   (PtlSocketSnapshot    *snapshot,
                                      const PtlSocketOrder *order);
PtlSocketView *ptl_socket_view_ref   (PtlSocketView        *view);
void           ptl_socket_view_unref (PtlSocketView        *view);

/* How @from becomes @to, by the keys of sockets: an array of PtlSocketChange, in order; owned.
 * Rows that stay may say other things. */
GArray *ptl_socket_view_compare (const PtlSocketView *from,
                                 const PtlSocketView *to);
/* How many rows @changes take from, or put between, the rows @first to @last of the list that they
 * are for. */
guint ptl_socket_view_count_churn (GArray *changes,
                                   guint   first,
                                   guint   last);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlSocketView, ptl_socket_view_unref)

G_END_DECLS
