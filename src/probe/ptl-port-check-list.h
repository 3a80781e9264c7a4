/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ports to check, as people type them, and the set that comes of it.
 *
 *   80  443/tcp  53/udp     a port; without a transport it is over all that are chosen
 *   8000-8100  8000-  -99   a range; open ends are 1 and 65535
 *   http  dns/udp           the name of a service; who knows names is asked by a callback
 *   protocols to know       those of the reference (or just "known")
 *   all                     1 to 65535
 *
 * with commas, semicolons or white space between them.  Port 0 cannot be checked (RFC 6335
 * section 6).  No allocation, any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

#define PTL_PORT_LIST_TEXT_MAX 4096 /* bytes of a list */
#define PTL_PORT_LIST_NAME_MAX 63   /* bytes of a name in it */

typedef enum
{
  PTL_PORT_TCP,
  PTL_PORT_UDP,
  PTL_PORT_N_TRANSPORTS
} PtlPortTransport;

#define PTL_PORT_MASK_TCP (1u << PTL_PORT_TCP)
#define PTL_PORT_MASK_UDP (1u << PTL_PORT_UDP)

typedef struct
{
  uint64_t bits[PTL_PORT_N_TRANSPORTS][65536 / 64];
} PtlPortSet;

void   ptl_port_set_add   (PtlPortSet       *set,
                           PtlPortTransport  transport,
                           uint16_t          port); /* 0 is not taken */
bool   ptl_port_set_has   (const PtlPortSet *set,
                           PtlPortTransport  transport,
                           uint16_t          port);
/* Over both transports. */
size_t ptl_port_set_count (const PtlPortSet *set);

typedef struct
{
  /* Adds the ports of @name over the transports of @mask; false: no such service.  @name NULL: the
   * protocols to know. */
  bool (*add_name) (PtlPortSet *set,
                    const char *name,
                    unsigned    mask,
                    void       *data);
  void  *data;
} PtlPortWords;

/* @mask: the transports of what is typed without one; not 0.  Adds to @set.  False: @error names
 * the character, *@at (may be NULL) is its offset in bytes; then @set may have a part.  An empty
 * list is an error.  @words may be NULL: no name is known. */
bool ptl_port_list_parse (PtlPortSet         *set,
                          const char         *text,
                          unsigned            mask,
                          const PtlPortWords *words,
                          size_t             *at,
                          GError            **error);

G_END_DECLS
