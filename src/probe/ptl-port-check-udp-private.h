/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which questions for UDP ports there are: shared by what makes them and what knows the answers. */
#pragma once

#include "probe/ptl-port-check-udp.h"

G_BEGIN_DECLS

typedef enum
{
  ECHO,
  DISCARD,
  SYSTAT,
  DAYTIME,
  QOTD,
  CHARGEN,
  TIME,
  DNS,
  DHCP,
  TFTP,
  KERBEROS,
  RPCBIND,
  NTP,
  NETBIOS,
  SNMP,
  CLDAP,
  QUIC,
  IKE,
  SYSLOG,
  RIP,
  DHCP6,
  RTSP,
  OPENVPN,
  RADIUS,
  RADIUS_ACCOUNTING,
  SSDP,
  NFS,
  RDP,
  STUN,
  IKE_NAT,
  SIP,
  MDNS,
  LLMNR,
  COAP,
  DHT,
  MEMCACHED,
  WIREGUARD,
  N_PROBES
} PtlUdpKind;

#define DHCP_COOKIE "\x63\x82\x53\x63" /* RFC 2131 section 3 */

/* N_PROBES: none. */
PtlUdpKind ptl_udp_probe_get_kind (const PtlUdpProbe *probe);

G_END_DECLS
