/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What it is that was typed to be looked up. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/ptl-endpoint.h"

G_BEGIN_DECLS

#define PTL_CLASSIFY_TEXT_MAX 2048 /* bytes; more is refused */

typedef enum
{
  PTL_KIND_NOTHING,   /* nothing typed */
  PTL_KIND_UNKNOWN,   /* none of these: error says why */
  PTL_KIND_IPV4,
  PTL_KIND_IPV6,
  PTL_KIND_INTEGER,   /* 2130706433, 0x7f000001: an IPv4 address as an integer */
  PTL_KIND_SHORT,     /* 127.1, 0x7f.1, 010.0.0.1: as inet_aton(3) takes it */
  PTL_KIND_ANY,       /* "" in quotes, an asterisk */
  PTL_KIND_BROADCAST, /* <broadcast> */
  PTL_KIND_SUBNET,    /* 192.0.2.0/24 */
  PTL_KIND_PORT,      /* 80 */
  PTL_KIND_SERVICE,   /* http, when the service database may know it; maybe a host too */
  PTL_KIND_SERVICE_ONLY, /* sql*net, http/tcp: no host's */
  PTL_KIND_NAME,      /* a host name */
  PTL_KIND_URI,
  PTL_KIND_INTERFACE, /* eth0, when there is such an interface now: host is its name, for whom it
                       * was meant as one all the same; "eth0." is a host's */
  PTL_KIND_ENDPOINT,  /* a host and a port: localhost:http, "":80 */
  PTL_KIND_UNIX_PATH, /* /run/x.sock, ./x, unix:/run/x.sock */
  PTL_KIND_UNIX_ABSTRACT, /* @name, unix:@name */
  PTL_KIND_VSOCK      /* vsock://2:1024 */
} PtlKind;

typedef struct
{
  PtlKind    kind;
  PtlKind    host_kind; /* of URI and ENDPOINT: what the host is; else kind */
  char      *host;    /* owned; what to look up as a name, or NULL */
  char      *a_label; /* owned; of host, ASCII for DNS; NULL when it is none */
  char      *u_label; /* owned; of host, in Unicode */
  PtlAddress address; /* len 0: none */
  int        prefix;  /* -1: none */
  char      *service; /* owned; a service name, or NULL */
  int        port;    /* -1: none */
  char      *scheme;  /* owned; of a URI, or NULL */
  PtlAddress socket;  /* of UNIX_* and VSOCK; else len 0 */
  char      *target;  /* owned; of them, a URI that a session takes, or NULL */
  char      *warning; /* owned; what is wrong with it all the same, or NULL */
  char      *error;   /* owned; with UNKNOWN, or when a name has no A-label */
} PtlClassified;

/* Does not wait; the interfaces of this computer are asked of the kernel. */
void ptl_classify       (PtlClassified *classified, /* not set before */
                         const char    *text);
void ptl_classified_clear (PtlClassified *classified);
/* "an IPv4 address" (untranslated, for _()). */
const char *ptl_kind_get_text (PtlKind kind);
/* "This is an IPv4 address", "Not recognised: ..."; "" of nothing.  Owned. */
char *ptl_classified_to_text (const PtlClassified *classified);
/* @text as it may be kept and shown: of a URI without the user and the password.  Owned. */
char *ptl_classify_dup_without_password (const char *text);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PtlClassified, ptl_classified_clear)

G_END_DECLS
