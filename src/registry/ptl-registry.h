/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a port is: the protocols to know, and the services database of this computer. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  const char *id;              /* "pop3" */
  const char *name;            /* "POP3" */
  const char *common_function; /* "fetching email" (translatable) */
  const char *about;           /* a sentence or two (translatable) */
  /* of today: "poplib", "none since 3.13 (telnetlib up to 3.12)" (translatable) */
  const char *python_modules;
  const char *python2_modules; /* of the classic table */
  const char *spec;            /* "RFC 1939" */
  const char *first;           /* who speaks first: "server", "client"; not for display */
  const char *example;         /* what one types first, escaped: CAPA\r\n */
  uint16_t    ports[2];        /* 0: none */
  uint16_t    tls_port;
} PtlProtocol;

/* The protocols to know, in the order of the classic table; static. */
const PtlProtocol *ptl_registry_list_protocols (size_t *n);
/* The one that has this port, its TLS port included; NULL: none of them. */
const PtlProtocol *ptl_registry_find_protocol  (uint16_t port);
/* The services database by getservbyport_r(3): owned name, or NULL.  May wait (NSS): not in the
 * main thread.  @transport "tcp" or "udp". */
char              *ptl_registry_dup_service_name (uint16_t    port,
                                                  const char *transport);

G_END_DECLS
