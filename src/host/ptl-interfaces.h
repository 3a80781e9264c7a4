/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The network interfaces of this computer as values: what rtnetlink(7) says of each.
 *
 * A PtlInterface is never changed once it is made, and is shared by threads. */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/if_link.h>

#include <glib.h>

G_BEGIN_DECLS

#define PTL_INTERFACES_MAX 4096
#define PTL_INTERFACE_ADDRESSES_MAX 65536 /* of all of them together */
#define PTL_HARDWARE_MAX 32               /* bytes of a link-layer address; MAX_ADDR_LEN */
#define PTL_ALT_NAMES_MAX 1024            /* bytes of all further names of one interface */
#define PTL_FOREVER UINT32_MAX            /* a lifetime */

/* What kind of thing it is: told by the kernel, never guessed from the name. */
typedef enum
{
  PTL_INTERFACE_OTHER = 0, /* link.kind and link.type say more */
  PTL_INTERFACE_LOOPBACK,
  PTL_INTERFACE_ETHERNET,
  PTL_INTERFACE_WIFI,
  PTL_INTERFACE_MODEM,
  PTL_INTERFACE_BRIDGE,
  PTL_INTERFACE_BOND,
  PTL_INTERFACE_TEAM,
  PTL_INTERFACE_VETH,
  PTL_INTERFACE_VLAN,
  PTL_INTERFACE_VXLAN,
  PTL_INTERFACE_MACVLAN,
  PTL_INTERFACE_MACVTAP,
  PTL_INTERFACE_IPVLAN,
  PTL_INTERFACE_TUN,
  PTL_INTERFACE_TAP,
  PTL_INTERFACE_WIREGUARD,
  PTL_INTERFACE_DUMMY,
  PTL_INTERFACE_IFB,
  PTL_INTERFACE_VRF,
  PTL_INTERFACE_TUNNEL, /* gre, ipip, sit, ip6tnl, geneve ... */
  PTL_INTERFACE_PPP,
  PTL_INTERFACE_CAN,
  PTL_INTERFACE_INFINIBAND,
  PTL_N_INTERFACE_CLASSES
} PtlInterfaceClass;

typedef enum
{
  PTL_CARRIER_UNKNOWN = 0,
  PTL_CARRIER_OFF,
  PTL_CARRIER_ON
} PtlCarrier;

/* One RTM_NEWLINK and what the driver adds.  Names are the kernel's bytes, NUL-terminated: any but
 * '/', ':' and white space, not always UTF-8. */
typedef struct
{
  int               index;
  unsigned          flags;       /* IFF_*, netdevice(7) */
  unsigned          type;        /* ARPHRD_* */
  PtlInterfaceClass class;
  uint8_t           operstate;   /* IF_OPER_*, RFC 2863 */
  PtlCarrier        carrier;
  uint32_t          carrier_changes;
  uint32_t          mtu;
  uint32_t          min_mtu;     /* 0: not told */
  uint32_t          max_mtu;     /* 0: no limit, or not told */
  uint32_t          queue_len;
  uint32_t          group;
  int               master;      /* index of the bridge, bond ... it is a port of; or 0 */
  int               parent;      /* index of what it is on top of, or the peer of a veth; or 0 */
  int               parent_netns; /* number of the namespace that @parent is in; -1: this one */
  uint32_t          number;      /* a vlan's, a vxlan's; with has_number */
  bool              has_number;
  bool              wireless;    /* nl80211 knows it */
  uint8_t           hardware_len;
  uint8_t           permanent_len;
  uint8_t           broadcast_len;
  uint8_t           duplex;      /* DUPLEX_* of ethtool, DUPLEX_UNKNOWN when not told */
  int32_t           speed_mbps;  /* -1: not told */
  uint8_t           hardware[PTL_HARDWARE_MAX];
  uint8_t           permanent[PTL_HARDWARE_MAX];
  uint8_t           broadcast[PTL_HARDWARE_MAX];
  char              name[IFNAMSIZ];
  char              kind[IFNAMSIZ];      /* IFLA_INFO_KIND: "veth"; "" for real devices */
  char              port_kind[IFNAMSIZ]; /* of its master: "bridge" */
  char              qdisc[IFNAMSIZ];
  char              driver[32];
  char              bus[32];             /* where the device is: "0000:01:00.0" */
  char              alias[256];          /* ifalias */
  char              alt_names[PTL_ALT_NAMES_MAX]; /* with a space between; cut at a whole name */
} PtlLink;

/* One RTM_NEWADDR. */
typedef struct
{
  int      index;           /* of the interface */
  uint8_t  family;          /* AF_INET, AF_INET6 */
  uint8_t  prefix_len;
  uint8_t  scope;           /* RT_SCOPE_* */
  uint8_t  origin;          /* IFAPROT_*; 0: not told */
  bool     has_peer;
  bool     has_broadcast;
  uint32_t flags;           /* IFA_F_* */
  uint32_t preferred_s;     /* from told_ns on; PTL_FOREVER */
  uint32_t valid_s;
  uint32_t metric;          /* of its prefix route; 0: the default one */
  uint64_t told_ns;         /* monotonic */
  uint8_t  address[16];
  uint8_t  peer[16];        /* the other end of a point-to-point link */
  uint8_t  broadcast[4];
  char     label[IFNAMSIZ]; /* of IPv4 */
} PtlInterfaceAddress;

typedef struct
{
  _Atomic unsigned    ref_count;
  PtlLink             link;
  unsigned            n_addresses;
  PtlInterfaceAddress addresses[]; /* IPv4 in the order they came, then IPv6 by scope */
} PtlInterface;

PtlInterface *ptl_interface_new   (const PtlLink *link,
                                   unsigned       n_addresses); /* zeroed ones */
PtlInterface *ptl_interface_ref   (PtlInterface *interface);
void          ptl_interface_unref (PtlInterface *interface);

typedef struct
{
  int                      index;
  struct rtnl_link_stats64 stats;
} PtlCounters;

typedef struct
{
  _Atomic unsigned ref_count;
  uint64_t         at_ns;  /* monotonic */
  unsigned         n_counters;
  PtlCounters      counters[]; /* by index */
} PtlCounterSet;

PtlCounterSet     *ptl_counter_set_ref   (PtlCounterSet *set);
void               ptl_counter_set_unref (PtlCounterSet *set);
const PtlCounters *ptl_counter_set_find  (const PtlCounterSet *set, /* NULL is fine */
                                          int                  index);

/* From what the kernel says; @kind may be "". */
PtlInterfaceClass ptl_interface_classify (const char *kind,
                                          unsigned    type,
                                          bool        wireless);

/* Asks the driver for its name, bus, speed and duplex (ethtool's ioctl, as any user); what it does
 * not tell is set to "", -1 and DUPLEX_UNKNOWN.  May wait for a slow driver.  0, or a negative
 * errno when there is no such interface (any more). */
int ptl_interface_ask_driver (int      fd, /* any socket */
                              PtlLink *link);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlInterface, ptl_interface_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlCounterSet, ptl_counter_set_unref)

G_END_DECLS
