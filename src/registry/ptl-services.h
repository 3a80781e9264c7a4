/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The services database of this computer (nsswitch.conf(5), mostly /etc/services), read as a
 * whole. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

#define PTL_SERVICES_MAX 50000u     /* entries that are read */
#define PTL_SERVICE_ALIASES_MAX 16u /* of one entry */
#define PTL_SERVICE_NAME_MAX 64u    /* characters of a name that are shown */

typedef struct
{
  char    *name;
  char    *aliases;   /* with a space between them; "" */
  char    *transport; /* "tcp", "ddp" ... */
  uint16_t port;
} PtlService;

typedef struct
{
  PtlService *items;
  size_t      n;
  bool        cut;    /* there are more */
} PtlServices;

/* By getservent_r(3), in the order of the database.  May wait (NSS): not in the main thread; one
 * thread at a time, others wait.  Never NULL. */
PtlServices *ptl_services_read (void);
/* From entries of one's own, for tests: lines "name port/transport alias ...". */
PtlServices *ptl_services_parse (const char *text);
void         ptl_services_free (PtlServices *services);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlServices, ptl_services_free)

G_END_DECLS
