/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a port is: the registry of IANA, the protocols to know, and the services database of this
 * computer.
 *
 * The table is part of the program and is read in place; what is checked once, at the first use,
 * takes less than a millisecond.  All of it is constant: any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  PTL_REGISTRY_NO_TRANSPORT, /* a name without a port */
  PTL_REGISTRY_TCP,
  PTL_REGISTRY_UDP,
  PTL_REGISTRY_SCTP,
  PTL_REGISTRY_DCCP,
  PTL_REGISTRY_N_TRANSPORTS
} PtlRegistryTransport;

typedef enum
{
  PTL_REGISTRY_HAS_PORT = 1 << 0,
  PTL_REGISTRY_IANA = 1 << 1,  /* IANA has it */
  PTL_REGISTRY_GUIDE = 1 << 2, /* only our list of protocols has it */
  PTL_REGISTRY_MAIN = 1 << 3,  /* the row of a protocol to know */
  PTL_REGISTRY_TLS = 1 << 4,   /* is, or has a form that is, inside TLS */
  PTL_REGISTRY_TLS_FIRST = 1 << 5 /* begins with TLS; over UDP, with DTLS or QUIC */
} PtlRegistryFlags;

typedef struct
{
  const char          *name;        /* may be "" (reserved, unassigned) */
  const char          *description;
  const char          *reference;   /* "RFC5321; RFC8314", as IANA has it */
  uint32_t             registered;  /* 20021231; 20021200 where only the month is known; 0 */
  uint32_t             modified;
  uint16_t             first_port;
  uint16_t             last_port;
  uint16_t             twin_port;   /* where the same is spoken inside TLS; 0 */
  PtlRegistryTransport transport;
  unsigned             flags;
  int                  protocol;    /* of ptl_registry_list_protocols(); -1 */
} PtlRegistryRow;

/* All strings are static and never NULL, but "" where there is nothing to say. */
typedef struct
{
  const char *id;               /* "pop3" */
  const char *name;             /* "POP3" */
  const char *category;         /* "mail" */
  const char *common_function;  /* "fetching email" (translatable for the classic eight) */
  const char *other_ports;      /* "20 (ftp-data, server side of active transfers)" */
  const char *transport;        /* "udp, tcp": the usual one first */
  const char *tls;              /* "STARTTLS on 143, or implicit TLS on 993" */
  const char *uri_scheme;
  const char *spec;             /* "RFC 1939; RFC 2449 (CAPA)" */
  /* of today: "poplib", "none since 3.13 (telnetlib up to 3.12)" (translatable) */
  const char *python_modules;
  const char *python2_modules;  /* historic, of the classic eight: all there were */
  const char *classic_modules;  /* those that the classic table names */
  const char *first;            /* who speaks first: "server", "client", "both"; not for display */
  const char *line_end;
  const char *example;          /* what one sends first, escaped: CAPA\r\n */
  const char *example_note;
  const char *greeting;         /* what a healthy server's first words begin with, escaped; several
                                 * forms with " | " between */
  const char *reply;            /* and its answer to the example */
  const char *healthy_note;     /* the same in words */
  const char *polite_end;       /* what one sends as goodbye, escaped */
  const char *end_note;
  const char *iana_name;
  const char *note;
  const char *python_example;   /* three lines */
  const char *intro;            /* paragraphs on lines, states, specifications */
  const char *legend;           /* how to read the tables, a line for each sign */
  const char *checked;          /* which source confirmed what is said here */
  const char *about;            /* in plain words (translatable for the classic eight) */
  const char *remark;           /* translatable; why the classic table says 20 for FTP */
  uint16_t    port;
  uint16_t    tls_port;
  uint16_t    classic_port;     /* of the classic table; 0: not in it */
  uint32_t    row;
  uint32_t    first_line;       /* of the sample conversation */
  uint32_t    n_lines;
  uint32_t    first_table;      /* of commands, replies ... */
  uint32_t    n_tables;
} PtlProtocol;

typedef struct
{
  char        who;  /* 'C' client, 'S' server */
  const char *text;
  const char *note;
} PtlRegistryLine;

/* --- the registry --- */
uint32_t ptl_registry_get_n_rows (void);
void     ptl_registry_get_row    (uint32_t        number, /* less than n_rows */
                                  PtlRegistryRow *row);
/* "tcp", "udp", ...; NULL for none. */
const char *ptl_registry_get_transport_name (PtlRegistryTransport transport);
PtlRegistryTransport ptl_registry_parse_transport (const char *name);
/* The row that names this port; TCP and UDP only.  One port goes before a range. */
bool     ptl_registry_find_port  (PtlRegistryTransport transport,
                                  uint16_t             port,
                                  uint32_t            *row);
/* The first row with this name (in any case) and a port, over @transport, or over any one if that
 * is PTL_REGISTRY_NO_TRANSPORT. */
bool     ptl_registry_find_name  (const char          *name,
                                  PtlRegistryTransport transport,
                                  uint32_t            *row);

/* --- the protocols to know --- */
/* Those of the classic table first, in its order. */
const PtlProtocol *ptl_registry_list_protocols (size_t *n);
/* The one that has this port, as its own or as its TLS port, over this transport ("tcp", "udp");
 * NULL: none of them. */
const PtlProtocol *ptl_registry_find_protocol  (uint16_t    port,
                                                const char *transport);
/* Whether what is usually spoken there begins with TLS; over UDP, with DTLS or QUIC. */
bool               ptl_registry_is_tls_first   (PtlRegistryTransport transport,
                                                uint16_t             port);
/* The port of this transport on which the same is spoken without TLS at first; 0: none, or not
 * another one. */
uint16_t           ptl_registry_find_plain     (PtlRegistryTransport transport,
                                                uint16_t             port);
/* Of a sample conversation: @number from first_line on. */
void               ptl_registry_get_line       (uint32_t         number,
                                                PtlRegistryLine *line);
/* A table: its title; its rows without the headings. */
const char        *ptl_registry_get_table_info (uint32_t  number,
                                                uint32_t *n_columns,
                                                uint32_t *n_rows);
/* Row 0 are the headings. */
const char        *ptl_registry_get_cell       (uint32_t table,
                                                uint32_t row,
                                                uint32_t column);

/* --- the services database of this computer --- */
/* By getservbyport_r(3): owned name, or NULL.  May wait (NSS): not in the main thread.
 * @transport "tcp" or "udp". */
char *ptl_registry_dup_service_name (uint16_t    port,
                                     const char *transport);

G_END_DECLS
