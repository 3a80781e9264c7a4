/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the writers of programs share.  Not for other folders. */
#pragma once

#include "base/ptl-spec.h"

G_BEGIN_DECLS

#define PTL_COPY_ANSWERS_MS 2000 /* a datagram client that sent its message waits so long */

typedef struct
{
  const PtlSpec *spec;
  const uint8_t *message;  /* NULL: none */
  size_t         message_len;
  GString       *out;
  int            domain;   /* AF_UNSPEC: IPv4 and IPv6 are both possible */
  int            type;
  int            protocol;
  bool           datagram;
  bool           client;   /* connect, or datagrams to a target */
  const char    *type_name; /* "SOCK_STREAM" */
} PtlCopy;

typedef enum
{
  PTL_COPY_INT,
  PTL_COPY_LINGER,
  PTL_COPY_DEVICE
} PtlCopyKind;

/* A setsockopt(2) the session makes. */
typedef struct
{
  const char *level;   /* "SOL_SOCKET" */
  const char *name;    /* "SO_REUSEADDR" */
  const char *comment;
  PtlCopyKind kind;
  int         family;  /* AF_INET or AF_INET6 only, AF_UNSPEC: any */
  int         value;
} PtlCopyOption;

#define PTL_COPY_OPTIONS_MAX 32

/* Those the session sets, in the order it sets them, for sockets of @family (AF_UNSPEC: both). */
size_t ptl_copy_get_options (const PtlCopy *copy,
                             PtlCopyOption  options[PTL_COPY_OPTIONS_MAX]);

/* AF_INET, AF_INET6, AF_UNIX, AF_VSOCK; AF_UNSPEC where a name or the family is open. */
int    ptl_copy_endpoint_family (const PtlCopy     *copy,
                                 const PtlEndpoint *endpoint);
/* The host for getaddrinfo(3), "" for any; numbers in the usual form.  Owned by the caller. */
char  *ptl_copy_host            (const PtlEndpoint *endpoint);
/* How long a client waits for more, 0: forever. */
uint32_t ptl_copy_wait_ms       (const PtlCopy *copy);
/* The name of a family: "AF_INET6", NULL when it has none. */
const char *ptl_copy_family_name (int family);

void   ptl_copy_write_python (PtlCopy *copy);
void   ptl_copy_write_c      (PtlCopy *copy);
char  *ptl_copy_ncat         (const PtlCopy *copy,
                              GError       **error);
char  *ptl_copy_socat        (const PtlCopy *copy,
                              GError       **error);

G_END_DECLS
