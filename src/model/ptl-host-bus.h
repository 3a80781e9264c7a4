/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the services of the system bus say of this computer's names: systemd-hostnamed
 * (org.freedesktop.hostname1), Avahi and systemd-resolved.  Main thread; nothing here waits, and
 * whatever does not answer is given up after PTL_HOST_BUS_MS.  Texts are one line, safe to show. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define PTL_HOST_BUS_MS 5000
#define PTL_HOST_BUS_LINKS_MAX 32 /* interfaces that systemd-resolved is asked about */

typedef enum
{
  PTL_HOST_BUS_UNKNOWN,   /* it is still asked */
  PTL_HOST_BUS_NO_BUS,    /* there is no system bus, or it does not let us in */
  PTL_HOST_BUS_ABSENT,    /* it does not run, and cannot be started */
  PTL_HOST_BUS_SILENT,    /* it runs, or was started, and does not answer */
  PTL_HOST_BUS_REFUSED,   /* it answered with an error */
  PTL_HOST_BUS_THERE
} PtlHostBusState;

typedef struct
{
  PtlHostBusState hostnamed;
  char           *hostnamed_error; /* of REFUSED and NO_BUS, or NULL */
  char           *hostname;     /* all of these of hostname1(5); NULL where it says none */
  char           *static_name;
  char           *pretty_name;
  char           *hostname_source; /* "static", "transient", "default" */
  char           *chassis;
  char           *deployment;
  char           *location;
  char           *system;
  char           *vendor;
  char           *model;

  PtlHostBusState avahi;
  char           *avahi_name; /* "host.local", as it is published */

  PtlHostBusState resolved;
  char           *multicast_dns; /* "yes", "resolve", "no" */
  char           *mdns_links;    /* "eth0, wlan0": where it answers; NULL: nowhere */
} PtlHostBusFacts;

#define PTL_TYPE_HOST_BUS (ptl_host_bus_get_type ())
G_DECLARE_FINAL_TYPE (PtlHostBus, ptl_host_bus, PTL, HOST_BUS, GObject)

/* Signal "changed" (no arguments): facts came, or one of the services has others now. */
PtlHostBus            *ptl_host_bus_new       (void);
/* Asks anew, what is known meanwhile stays.  @devices: interfaces that may answer to mDNS, of
 * guint32 indices; @n_devices of them. */
void                   ptl_host_bus_ask       (PtlHostBus    *self,
                                               const guint32 *devices,
                                               guint          n_devices);
gboolean               ptl_host_bus_is_busy   (PtlHostBus    *self);
const PtlHostBusFacts *ptl_host_bus_get_facts (PtlHostBus    *self); /* borrowed */

/* For tests: another deadline. */
void                   ptl_host_bus_set_deadline (PtlHostBus *self,
                                                  guint       ms);

G_END_DECLS
