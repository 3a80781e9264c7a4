/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How this computer finds names: the order of its sources (nsswitch.conf(5)), the hosts file, its
 * DNS servers (resolv.conf(5)), its services.  Reads files: not in the main thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/ptl-address.h"
#include "lookup/ptl-lookup-pool.h"

G_BEGIN_DECLS

#define PTL_NSS_FILE_MAX (1 << 20) /* bytes that are read of such a file */
#define PTL_NSS_SERVERS_MAX 8
#define PTL_NSS_SOURCES_MAX 16
#define PTL_NSS_HOSTS_MAX 64       /* entries of one name */

/* The texts of such files, as the functions with a path below read them. */
char    *ptl_nss_parse_order   (const char       *text,
                                const char       *database);
GArray  *ptl_nss_parse_hosts   (const char       *text,
                                const char       *name,
                                const PtlAddress *address);
unsigned ptl_nss_parse_servers (const char       *text,
                                PtlAddress        servers[PTL_NSS_SERVERS_MAX]);
char    *ptl_nss_parse_search  (const char       *text);

#define PTL_NSS_SWITCH_PATH "/etc/nsswitch.conf"
#define PTL_NSS_HOSTS_PATH "/etc/hosts"
#define PTL_NSS_RESOLV_PATH "/etc/resolv.conf"

/* "files mdns4_minimal [NOTFOUND=return] dns" of @database; what libc does without a line when
 * there is none.  Owned, never NULL, safe to show. */
char *ptl_nss_read_order (const char *path,
                          const char *database);
/* What a source answers: it has the name, it does not know it, it cannot be asked, it could not
 * find out (nsswitch.conf(5)). */
typedef enum
{
  PTL_NSS_SUCCESS,
  PTL_NSS_NOTFOUND,
  PTL_NSS_UNAVAIL,
  PTL_NSS_TRYAGAIN,
  PTL_NSS_N_STATUSES
} PtlNssStatus;

typedef struct
{
  char *name;                      /* owned */
  bool  stops[PTL_NSS_N_STATUSES]; /* after that answer the next source is not asked */
} PtlNssSource;

/* The sources of @order as libc reads them, at most PTL_NSS_SOURCES_MAX; owned, each to be cleared.
 * NULL: there is an error in it, and libc finds no name at all. */
PtlNssSource *ptl_nss_list_sources (const char *order,
                                    unsigned   *n);
void          ptl_nss_source_clear (PtlNssSource *source);
/* Whether @order names the source @name ("mdns" counts for "mdns4_minimal" too). */
bool  ptl_nss_order_has  (const char *order,
                          const char *name);

/* An address as text, of IPv6 with a zone too ("fe80::1%eth0"). */
bool ptl_nss_parse_address (const char *text,
                            PtlAddress *address);

typedef struct
{
  PtlAddress address;
  char      *names; /* owned; all of the line, with spaces */
  unsigned   line;
} PtlHostsEntry;

/* The entries that have @name, or (when that is NULL) @address; of PtlHostsEntry, owned. */
GArray *ptl_nss_read_hosts (const char       *path,
                            const char       *name,
                            const PtlAddress *address);

/* The nameserver lines, with port 53; 127.0.0.1 when there are none, as in libc.  Their number. */
unsigned ptl_nss_read_servers (const char *path,
                               PtlAddress  servers[PTL_NSS_SERVERS_MAX]);
/* The search list with spaces; owned, or NULL. */
char    *ptl_nss_read_search  (const char *path);

typedef struct
{
  char *name;    /* owned */
  char *aliases; /* owned; with spaces, may be "" */
  int   port;
} PtlNssService;

/* By getservbyname_r(3) and getservbyport_r(3); false: not there.  @transport "tcp" or "udp". */
bool ptl_nss_find_service  (const char    *name,
                            const char    *transport,
                            PtlNssService *service);
bool ptl_nss_find_port     (uint16_t       port,
                            const char    *transport,
                            PtlNssService *service);
void ptl_nss_service_clear (PtlNssService *service);

/* A pool for getnameinfo(3): a resolve with an address as host gives its name as the canonical one,
 * and no addresses unless there is a name; EAI_NONAME without one. */
PtlLookupPool *ptl_nss_reverse_pool_new (void);
/* A pool that asks one source alone, whose name is the service of a resolve; its addresses are in
 * its own order.  EAI_NONAME: it does not know the name; EAI_NODATA: it has no address of it;
 * EAI_AGAIN: it could not find out; EAI_SYSTEM: it failed (with the errno, or 0); EAI_SERVICE: it
 * is not installed; EAI_FAMILY: it has no names of hosts. */
PtlLookupPool *ptl_nss_source_pool_new (void);

G_END_DECLS
