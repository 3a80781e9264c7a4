/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session is asked to be: role, transport, endpoints, options.  A value that forms,
 * command line, saved sessions and the engine share, with a URI as its text.
 *
 *   tcp://localhost:http            udp://<broadcast>:9?broadcast=1
 *   tcp://:8080,8081                several ports at once (listen only); host "" or "*": any
 *   address tcp://:8000-8003,[::1]:9000     ranges; several hosts (of Unix sockets:
 *   &also=/run/y.sock) tcp://[fe80::1%25eth0]:80       a zone is written %25zone (RFC 6874) or
 *   %zone unix:/run/x.sock   unix:@name   unix+seqpacket:@x   unix+dgram:@y
 *   vsock://2:1234
 *   ...?nodelay=1&keepalive=1&keep-idle=30&from=127.0.0.2:0&via=eth0&family=6&protocol=mptcp
 *      &reaction=greeting&text=hello%0D%0A&group=239.9.9.9%25eth0
 *
 * Options: the fields of PtlOptions (reuse-addr reuse-port v6only nodelay keepalive keep-idle
 * keep-interval keep-count rcvbuf sndbuf linger broadcast ttl tos backlog multicast-ttl
 * multicast-loop via=DEVICE), family=4|6, domain= type= protocol= by name or number,
 * from=HOST:PORT (or a path), group=ADDRESS%25DEVICE, connect-timeout= idle-timeout= half-open=
 * (seconds, or 500ms, 2m), own-peers-only=1, max-peers=,
 * reaction=none|echo|discard|greeting|answer, text=, when-full=stop|go-on, log-limit= and
 * keep-free= (bytes, or with k, M, G).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ptl-blob.h"
#include "ptl-endpoint.h"

G_BEGIN_DECLS

#define PTL_OPTION_UNSET (-1)      /* leave it as the system has it */
#define PTL_KEEP_FREE_DEFAULT UINT64_MAX
#define PTL_HALF_OPEN_KEEP UINT32_MAX
#define PTL_HALF_OPEN_AUTO (UINT32_MAX - 1)
#define PTL_SPEC_ENDPOINTS_MAX 64  /* ports of one listener */
#define PTL_SPEC_GROUPS_MAX 20     /* net.ipv4.igmp_max_memberships' default */
#define PTL_SPEC_TEXT_MAX 65536    /* bytes of a greeting or of a fixed answer */
#define PTL_SPEC_URI_MAX (4 * PTL_SPEC_TEXT_MAX) /* bytes of a URI: the text may need three each */

typedef enum
{
  PTL_ROLE_CONNECT,
  PTL_ROLE_LISTEN,
  PTL_ROLE_DATAGRAMS
} PtlRole;

typedef enum
{
  PTL_TRANSPORT_TCP,
  PTL_TRANSPORT_UDP,
  PTL_TRANSPORT_UNIX_STREAM,
  PTL_TRANSPORT_UNIX_SEQPACKET,
  PTL_TRANSPORT_UNIX_DGRAM,
  PTL_TRANSPORT_VSOCK /* AF_VSOCK, SOCK_STREAM */
} PtlTransport;

typedef enum
{
  PTL_FAMILY_ANY, /* both: for a listener IPv4 and IPv6 sockets on the same port */
  PTL_FAMILY_IPV4,
  PTL_FAMILY_IPV6
} PtlFamily;

typedef enum
{
  PTL_REACTION_NONE,     /* record, say nothing */
  PTL_REACTION_ECHO,     /* send back what came (RFC 862) */
  PTL_REACTION_DISCARD,  /* count, do not record (RFC 863) */
  PTL_REACTION_GREETING, /* send the text to each new peer (UDP: at its first datagram) */
  PTL_REACTION_ANSWER    /* send the text for each read (UDP: for each datagram) */
} PtlReaction;

typedef enum
{
  PTL_FULL_STOP_RECEIVING, /* when the log cannot be written: stop reading the sockets */
  PTL_FULL_GO_ON           /* go on receiving, count what is not recorded */
} PtlWhenFull;

typedef struct
{
  int  reuse_addr;      /* SO_REUSEADDR; unset: 1 for a stream listener */
  int  reuse_port;      /* SO_REUSEPORT */
  int  v6only;          /* IPV6_V6ONLY; unset: 1, as IPv4 has a socket of its own */
  int  nodelay;         /* TCP_NODELAY */
  int  keepalive;       /* SO_KEEPALIVE */
  int  keep_idle_s;     /* TCP_KEEPIDLE */
  int  keep_interval_s; /* TCP_KEEPINTVL */
  int  keep_count;      /* TCP_KEEPCNT */
  int  rcvbuf;          /* SO_RCVBUF, bytes asked for; unset for UDP: 8 MiB */
  int  sndbuf;          /* SO_SNDBUF; unset for a Unix socket of many peers: 8 MiB */
  int  linger_s;        /* SO_LINGER; 0: close resets the connection */
  int  broadcast;       /* SO_BROADCAST */
  int  ttl;             /* IP_TTL, IPV6_UNICAST_HOPS: 1 to 255 */
  int  tos;             /* IP_TOS, IPV6_TCLASS: 0 to 255; DSCP is its upper six bits */
  int  backlog;         /* of listen(2); unset: 4096 */
  int  multicast_ttl;   /* IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS */
  int  multicast_loop;  /* IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP */
  char device[16];      /* SO_BINDTODEVICE: an interface's name, or "" */
} PtlOptions;

typedef struct
{
  PtlAddress group;
  char       device[16]; /* interface to join on, "" for the kernel's choice */
} PtlGroup;

typedef struct
{
  PtlRole      role;
  PtlTransport transport;
  /* connect, datagrams: 1 (datagrams: the default target); listen: 1 to ..._MAX */
  PtlEndpoint *endpoints;
  unsigned     n_endpoints;
  PtlFamily    family;

  /* Advanced: asked of socket(2) instead of what the transport says; -1: the transport's own */
  int          domain;
  int          type;
  int          protocol;

  bool         has_local; /* connect and datagrams: bind(2) to @local first */
  PtlEndpoint  local;

  PtlOptions   options;
  PtlGroup     groups[PTL_SPEC_GROUPS_MAX]; /* joined when the session opens */
  unsigned     n_groups;

  uint32_t     connect_timeout_ms; /* 0: the system's own */
  /* 0: none; of a connection (also of UDP), both directions idle; while we do not read, because
   * receiving is paused or the log is full, it does not end one */
  uint32_t     idle_timeout_ms;
  /* after a peer's end of input: how long we keep our direction open;
   * 0: until what is queued was sent; PTL_HALF_OPEN_KEEP: until we close; PTL_HALF_OPEN_AUTO: until
   * we close or the peer has closed its socket, and with a reaction as 0
   * (URI: half-open=SECONDS, half-open=keep or half-open=auto, the default) */
  uint32_t     half_open_ms;
  /* listen: refuse peers that are not addresses of this computer */
  bool         own_peers_only;
  uint32_t     max_peers;          /* listen: 0 none; more are refused */
  PtlReaction  reaction;
  PtlBlob     *reaction_text;      /* GREETING and ANSWER, else NULL */
  PtlWhenFull  when_full;
  uint64_t     log_limit_bytes;    /* 0: until the disk is full */
  /* of the disk, when the log takes no more; 0: nothing, PTL_KEEP_FREE_DEFAULT: what the log has */
  uint64_t     keep_free_bytes;
} PtlSpec;

/* A spec with the defaults: TCP, PTL_OPTION_UNSET, no endpoints. */
PtlSpec *ptl_spec_new  (PtlRole      role,
                        PtlTransport transport);
PtlSpec *ptl_spec_copy (const PtlSpec *spec);
void     ptl_spec_free (PtlSpec *spec);
bool     ptl_spec_equal (const PtlSpec *a,
                         const PtlSpec *b);

/* Takes the fields of @endpoint, which is empty afterwards.  False when full. */
bool     ptl_spec_take_endpoint (PtlSpec     *spec,
                                 PtlEndpoint *endpoint);

/* Takes what is listed: "80", "http, 8080", "8000-8010"; what is listed twice once.  False with
 * PTL_ERROR_PARSE, which names the character of @ports, or with *@in_port false of @host. */
bool     ptl_spec_parse_ports (PtlSpec    *spec,
                               const char *host,
                               const char *ports,
                               bool       *in_port,
                               GError    **error);

/* Does it make sense as a whole?  PTL_ERROR_PARSE names what does not (a Unix path with UDP,
 * ...). */
bool     ptl_spec_check (const PtlSpec *spec,
                         GError       **error);

/* NULL with PTL_ERROR_PARSE, which names the character, and its byte offset in *@at (may be
 * NULL). */
PtlSpec *ptl_spec_parse_uri (PtlRole     role,
                             const char *uri,
                             size_t     *at,
                             GError    **error);
/* How a number may be written besides in digits and as 0x…. */
typedef enum
{
  PTL_NUMBER_PLAIN,
  PTL_NUMBER_SIZE, /* "64k", "64 KiB", "1M": these mean 1024, as sizes of memory do */
  PTL_NUMBER_TOS   /* "ef", "cs1", "af11", "le", "be": the DSCP of that name (RFC 2474, RFC 2597,
                      RFC 3246, RFC 5865, RFC 8622) in the upper six bits */
} PtlNumberKind;

/* A number that a person typed.  PTL_ERROR_LIMIT: it is not from @min to @max; PTL_ERROR_PARSE
 * names the character that is wrong. */
bool     ptl_spec_parse_number (const char    *text,
                                PtlNumberKind  kind,
                                uint64_t       min,
                                uint64_t       max,
                                uint64_t      *value,
                                GError       **error);

/* The URI that parses back to an equal spec; owned by the caller. */
char    *ptl_spec_to_uri    (const PtlSpec *spec);
/* The same without the options: a title ("tcp://127.0.0.1:12345"). */
char    *ptl_spec_to_title  (const PtlSpec *spec);

/* What socket(2) is called with for @family (AF_INET, AF_INET6; ignored for Unix and vsock). */
void     ptl_spec_get_socket_triple (const PtlSpec *spec,
                                     int            family,
                                     int           *domain,
                                     int           *type,
                                     int           *protocol);
bool     ptl_spec_is_stream   (const PtlSpec *spec); /* bytes without boundaries */
bool     ptl_spec_is_datagram (const PtlSpec *spec); /* no connection: peers by their source */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlSpec, ptl_spec_free)

G_END_DECLS
