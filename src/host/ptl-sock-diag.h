/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The open sockets of this computer (of this network namespace), as the kernel lists them by
 * NETLINK_SOCK_DIAG (sock_diag(7)), or where it does not answer, in /proc/net (proc_net(5)).
 *
 * Everything here waits for the kernel for as long as there are sockets: not in the main thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/ptl-address.h"

G_BEGIN_DECLS

#define PTL_SOCKS_MAX 1000000u                  /* that are kept of one reading */
#define PTL_SOCKS_NAMES_MAX (64u * 1024 * 1024) /* bytes of the names of Unix sockets */
#define PTL_SOCK_NO_ROW UINT32_MAX
#define PTL_SOCK_NO_UID UINT32_MAX /* /proc/net/unix does not tell it, netlink_diag neither */
#define PTL_SOCK_ANY UINT32_MAX    /* a context or a port of AF_VSOCK: none, or any */

typedef enum
{
  PTL_SOCK_TCP,
  PTL_SOCK_MPTCP, /* each of its paths is a TCP socket, too */
  PTL_SOCK_UDP,
  PTL_SOCK_UDPLITE,
  PTL_SOCK_RAW,
  PTL_SOCK_ICMP, /* datagram sockets of ICMP; the kernel lists them in /proc/net only */
  PTL_SOCK_UNIX_STREAM,
  PTL_SOCK_UNIX_DGRAM,
  PTL_SOCK_UNIX_SEQPACKET,
  PTL_SOCK_PACKET,
  PTL_SOCK_NETLINK,
  PTL_SOCK_VSOCK,
  PTL_SOCK_N_KINDS
} PtlSockKind;

#define PTL_SOCK_BIT(kind) (1u << (kind))
#define PTL_SOCK_ALL_KINDS ((1u << PTL_SOCK_N_KINDS) - 1)
#define PTL_SOCK_ALL_STATES UINT32_MAX
#define PTL_SOCK_TCP_KINDS (PTL_SOCK_BIT (PTL_SOCK_TCP) | PTL_SOCK_BIT (PTL_SOCK_MPTCP))
#define PTL_SOCK_UNIX_KINDS (PTL_SOCK_BIT (PTL_SOCK_UNIX_STREAM) \
                             | PTL_SOCK_BIT (PTL_SOCK_UNIX_DGRAM) \
                             | PTL_SOCK_BIT (PTL_SOCK_UNIX_SEQPACKET))

/* Of all kinds, as net/tcp_states.h numbers them; what is neither connected nor listens is
 * PTL_SOCK_CLOSE. */
typedef enum
{
  PTL_SOCK_ESTABLISHED = 1,
  PTL_SOCK_SYN_SENT,
  PTL_SOCK_SYN_RECV,
  PTL_SOCK_FIN_WAIT1,
  PTL_SOCK_FIN_WAIT2,
  PTL_SOCK_TIME_WAIT,
  PTL_SOCK_CLOSE,
  PTL_SOCK_CLOSE_WAIT,
  PTL_SOCK_LAST_ACK,
  PTL_SOCK_LISTEN,
  PTL_SOCK_CLOSING,
  PTL_SOCK_NEW_SYN_RECV,
  PTL_SOCK_BOUND_INACTIVE, /* TCP: bound, neither connected nor listening (Linux 6.8) */
  PTL_SOCK_N_STATES
} PtlSockState;

typedef enum
{
  PTL_SOCK_V6ONLY = 1 << 0,       /* on "::", and IPv4 does not come in (ipv6(7)) */
  PTL_SOCK_V6ONLY_KNOWN = 1 << 1, /* the kernel has told */
  PTL_SOCK_HAS_NAME = 1 << 2,     /* Unix; an abstract name begins with NUL */
  PTL_SOCK_HAS_PEER = 1 << 3      /* Unix: peer_inode is set */
} PtlSockFlags;

typedef enum
{
  PTL_SOCK_NO_TIMER,
  PTL_SOCK_TIMER_RETRANSMIT,
  PTL_SOCK_TIMER_KEEPALIVE,
  PTL_SOCK_TIMER_TIME_WAIT,
  PTL_SOCK_TIMER_PROBE /* of a window that is zero */
} PtlSockTimer;

/* A value.  20,000 of them are common: small. */
typedef struct
{
  uint64_t key;        /* no other socket has it for as long as this one is there */
  uint32_t inode;      /* 0: no file has it (any more) */
  uint32_t uid;        /* PTL_SOCK_NO_UID: not told */
  uint32_t interface;  /* bound to it; 0: to none */
  uint32_t rqueue;     /* bytes to be read; of a listener: who waits for accept() */
  uint32_t wqueue;     /* bytes not acknowledged; of a listener: how many may wait */
  uint32_t expires_ms; /* of the timer */
  union
  {
    struct
    {
      uint8_t local[16]; /* network order; IPv4 in the first four */
      uint8_t peer[16];
    };
    struct /* Unix */
    {
      uint32_t name_at; /* in PtlSocks.names */
      uint32_t name_len;
      uint32_t peer_inode;
      uint32_t peer_row; /* of PtlSocks.items, or PTL_SOCK_NO_ROW */
    };
    struct /* AF_NETLINK and AF_VSOCK */
    {
      uint32_t local_id;  /* netlink: its port identifier, 0: the kernel, or none; vsock: port */
      uint32_t local_cid; /* vsock: the context, that is the machine */
      uint32_t unused[2];
      uint32_t peer_id;
      uint32_t peer_cid;
    };
  };
  uint16_t local_port;  /* host order; raw: the IP protocol; packet: the type of frames; netlink:
                         * the protocol (linux/netlink.h) */
  uint16_t peer_port;
  uint8_t  kind;        /* PtlSockKind */
  uint8_t  family;      /* AF_INET, AF_INET6, AF_UNIX, AF_PACKET, AF_NETLINK, AF_VSOCK */
  uint8_t  state;       /* PtlSockState */
  uint8_t  flags;       /* PtlSockFlags */
  uint8_t  timer;       /* PtlSockTimer */
  uint8_t  retransmits;
} PtlSock;

typedef enum
{
  PTL_SOCK_SOURCE_NONE, /* not asked for, or nobody answers */
  PTL_SOCK_SOURCE_NETLINK,
  PTL_SOCK_SOURCE_PROC
} PtlSockSource;

typedef struct
{
  PtlSock      *items;
  size_t        n;
  char         *names;                     /* of Unix sockets, one after the other */
  size_t        names_len;
  PtlSockSource sources[PTL_SOCK_N_KINDS];
  int           refused[PTL_SOCK_N_KINDS]; /* what netlink said instead: a positive errno, 0 */
  bool          cut;                       /* there are more than PTL_SOCKS_MAX */
  char         *others;                    /* "2 SCTP, 1 XDP": open, and of no kind that is listed
                                            * here; hostile bytes; NULL: none */

  /* private */
  size_t        size;
  size_t        names_size;
  uint32_t     *by_key;                    /* rows by the hash of their keys */
  size_t        by_key_size;               /* a power of two */
} PtlSocks;

typedef struct
{
  uint32_t    kinds;      /* PTL_SOCK_BIT() of each */
  uint32_t    states;     /* 1 << PtlSockState of each; TCP and MPTCP only, others come with all */
  const char *proc_net;   /* NULL: /proc/self/net */
  bool        no_netlink; /* as if it were refused */
} PtlSockQuery;

/* Never NULL.  @query NULL: all.  No two sockets have the same key. */
PtlSocks *ptl_socks_read     (const PtlSockQuery *query);
void      ptl_socks_free     (PtlSocks           *socks);
/* The row with that key, or PTL_SOCK_NO_ROW. */
uint32_t  ptl_socks_find_key (const PtlSocks     *socks,
                              uint64_t            key);

static inline bool
ptl_sock_is_tcp (const PtlSock *sock)
{
  return (PTL_SOCK_BIT (sock->kind) & PTL_SOCK_TCP_KINDS) != 0;
}

static inline bool
ptl_sock_is_internet (const PtlSock *sock)
{
  return sock->kind <= PTL_SOCK_ICMP;
}

/* What it is bound to, and its peer's; 0: it has none, or its protocol has none. */
uint32_t ptl_sock_get_port      (const PtlSock *sock);
uint32_t ptl_sock_get_peer_port (const PtlSock *sock);

/* As socket calls have it; link-local addresses with their zone.  A Unix socket's peer is that of
 * its row.  False, and an empty address: there is none. */
bool ptl_socks_get_local (const PtlSocks *socks,
                          const PtlSock  *sock,
                          PtlAddress     *address);
bool ptl_socks_get_peer  (const PtlSocks *socks,
                          const PtlSock  *sock,
                          PtlAddress     *address);

/* --- one socket, in depth --- */

typedef struct
{
  bool     has_tcp;        /* tcp(7), TCP_INFO */
  uint32_t rtt_us;
  uint32_t rtt_var_us;
  uint32_t send_mss;
  uint32_t receive_mss;
  uint32_t path_mtu;
  uint32_t window;         /* of congestion control, in segments */
  uint32_t unacknowledged; /* segments */
  uint32_t retransmitted;  /* segments, in all */
  uint32_t lost;           /* segments, as of now */
  uint32_t last_sent_ms;
  uint32_t last_received_ms;
  uint64_t bytes_acknowledged;
  uint64_t bytes_received;
  uint64_t delivery_rate;  /* bytes/s */

  bool     has_memory;     /* SK_MEMINFO of sock_diag(7), bytes */
  uint32_t receive_used;
  uint32_t receive_buffer;
  uint32_t send_used;
  uint32_t send_buffer;
  uint32_t drops;          /* what came and found no room */

  char     congestion[17]; /* the algorithm's name, printable, "" */
} PtlSockInfo;

/* 0, or a negative errno: -ENOENT is a socket that has gone, -EOPNOTSUPP a kind that the kernel
 * tells no more of. */
int ptl_sock_read_info (const PtlSock *sock,
                        PtlSockInfo   *info);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlSocks, ptl_socks_free)

G_END_DECLS
