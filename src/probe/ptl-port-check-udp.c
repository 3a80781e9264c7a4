/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions for UDP ports: which there are, and what answers to them look like. */
#include "config.h"

#include "probe/ptl-port-check-udp-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#define EMPTY N_("an empty datagram")
#define OWN_PORTS N_("it answers only to a port of its own, which an ordinary user may not have")
#define SECRET N_("it answers only those who know its secret")

static const PtlUdpProbe probes[N_PROBES] = {
  [ECHO] = { 7, "Echo", "echo", N_("some bytes that are to come back"), "RFC 862" },
  [DISCARD] = { 9, "Discard", "discard", EMPTY, "RFC 863",
                .silence = N_("it never answers") },
  [SYSTAT] = { 11, "Active Users", "systat", EMPTY, "RFC 866" },
  [DAYTIME] = { 13, "Daytime", "daytime", EMPTY, "RFC 867" },
  [QOTD] = { 17, "Quote of the Day", "qotd", EMPTY, "RFC 865" },
  [CHARGEN] = { 19, "Character Generator", "chargen", EMPTY, "RFC 864" },
  [TIME] = { 37, "Time", "time", EMPTY, "RFC 868" },
  [DNS] = { 53, "DNS", "dns", N_("the name servers of the root, without recursion"),
            "RFC 1035 section 4.1" },
  [DHCP] = { 67, "DHCP", "dhcp", N_("its settings for our address (DHCPINFORM)"),
             "RFC 2131 section 4.3.5", .silence = OWN_PORTS },
  [TFTP] = { 69, "TFTP", "tftp", N_("a file that is not there"), "RFC 1350 section 5",
             .other_port = true },
  [KERBEROS] = { 88, "Kerberos", "kerberos", N_("a ticket for somebody who is not there"),
                 "RFC 4120 section 5.4.1" },
  [RPCBIND] = { 111, "rpcbind", "rpcbind", N_("the procedure that does nothing"),
                "RFC 5531 section 9; RFC 1833" },
  [NTP] = { 123, "NTP", "ntp", N_("the time"), "RFC 5905 section 7.3" },
  [NETBIOS] = { 137, "NetBIOS", NULL, N_("the status of the node"), "RFC 1002 section 4.2.17" },
  [SNMP] = { 161, "SNMP", "snmp", N_("the id of the engine, without a user"),
             "RFC 3414 section 4" },
  [CLDAP] = { 389, "CLDAP", NULL, N_("the root entry"), "RFC 4511 section 4.5" },
  [QUIC] = { 443, "QUIC", "http3", N_("which versions there are"), "RFC 9000 section 6.1" },
  [IKE] = { 500, "IKE", NULL, N_("an agreement that nobody can accept (IKE_SA_INIT)"),
            "RFC 7296 section 2.7" },
  [SYSLOG] = { 514, "syslog", "syslog", EMPTY, "RFC 5426",
               .silence = N_("it never answers") },
  [RIP] = { 520, "RIP", NULL, N_("one route that is not there"), "RFC 2453 section 3.9.1" },
  [DHCP6] = { 547, "DHCPv6", "dhcpv6", EMPTY, "RFC 8415 section 7.2", .silence = OWN_PORTS },
  [RTSP] = { 554, "RTSP", "rtsp", N_("what it can do (OPTIONS)"), "RFC 2326 section 10.1",
             .silence = N_("most servers know it over TCP only") },
  [OPENVPN] = { 1194, "OpenVPN", "openvpn", N_("the beginning of a session"),
                "P_CONTROL_HARD_RESET_CLIENT_V2 of its ssl_pkt.h", .silence = SECRET },
  [RADIUS] = { 1812, "RADIUS", "radius", N_("whether it runs (Status-Server)"),
               "RFC 5997 section 3", .silence = SECRET },
  [RADIUS_ACCOUNTING] = { 1813, "RADIUS", "radius", N_("whether it runs (Status-Server)"),
                          "RFC 5997 section 3", .silence = SECRET },
  [SSDP] = { 1900, "SSDP", "ssdp", N_("the root devices"),
             "UPnP Device Architecture 2.0 section 1.3.2" },
  [NFS] = { 2049, "NFS", "nfs", N_("the procedure that does nothing"), "RFC 1813 section 3.3.0" },
  [RDP] = { 3389, "RDP", "rdp", N_("the beginning of a session"),
            "MS-RDPEUDP section 3.1.5.1.1" },
  [STUN] = { 3478, "STUN", "stun", N_("the address one is seen with"), "RFC 8489 section 6" },
  [IKE_NAT] = { 4500, "IKE", NULL, N_("an agreement that nobody can accept (IKE_SA_INIT)"),
                "RFC 7296 section 2.7; RFC 3948 section 2.2" },
  [SIP] = { 5060, "SIP", "sip", N_("what it can do (OPTIONS)"), "RFC 3261 section 11" },
  [MDNS] = { 5353, "mDNS", "mdns", N_("the kinds of services"), "RFC 6763 section 9" },
  [LLMNR] = { 5355, "LLMNR", "llmnr", N_("the name of its address"), "RFC 4795 section 2.4",
              .silence = N_("over UDP it may answer only what was sent to its group") },
  [COAP] = { 5683, "CoAP", "coap", N_("an empty message (a CoAP ping)"), "RFC 7252 section 4.3" },
  [DHT] = { 6881, "BitTorrent DHT", NULL, N_("a ping"), "BEP 5" },
  [MEMCACHED] = { 11211, "memcached", "memcached", N_("its version"), "its protocol.txt" },
  [WIREGUARD] = { 51820, "WireGuard", "wireguard", EMPTY, "its paper, section 5.1",
                  .silence = SECRET },
};

/* The same server on another port. */
static const struct
{
  uint16_t port;
  uint16_t like;
} twins[] = {
  { 1053, 53 }, { 5300, 53 }, { 8053, 53 }, { 8443, 443 },
  { 8554, 554 }, { 5349, 3478 }, { 19302, 3478 },
};

const PtlUdpProbe *
ptl_udp_probe_list (size_t *n)
{
  *n = N_PROBES;
  return probes;
}

const PtlUdpProbe *
ptl_udp_probe_find (uint16_t port)
{
  for (size_t i = 0; i < G_N_ELEMENTS (twins); i++)
    if (twins[i].port == port)
      port = twins[i].like;
  for (size_t i = 0; i < N_PROBES; i++)
    if (probes[i].port == port)
      return &probes[i];
  return NULL;
}

PtlUdpKind
ptl_udp_probe_get_kind (const PtlUdpProbe *probe)
{
  return probe == NULL ? N_PROBES : (PtlUdpKind) (probe - probes);
}

bool
ptl_udp_probe_is_empty (const PtlUdpProbe *probe)
{
  return strcmp (probe->question, EMPTY) == 0;
}

static bool
has_id (const uint8_t *bytes,
        size_t         len_bytes,
        size_t         offset,
        uint16_t       id)
{
  return len_bytes >= offset + 2 && (bytes[offset] << 8 | bytes[offset + 1]) == id;
}

static bool
begins (const uint8_t *bytes,
        size_t         len_bytes,
        const char    *text)
{
  return len_bytes >= strlen (text) && memcmp (bytes, text, strlen (text)) == 0;
}

/* An answer to our SPI (RFC 7296 section 3.1); IKEv1 has the same header but for its flags. */
static bool
is_ike (const uint8_t *bytes,
        size_t         len_bytes,
        uint16_t       id)
{
  return len_bytes >= 28 && begins (bytes, len_bytes, "portli") && has_id (bytes, len_bytes, 6, id)
         && (bytes[17] >> 4 == 1 || (bytes[17] >> 4 == 2 && (bytes[19] & 0x20) != 0));
}

bool
ptl_udp_probe_fits (const PtlUdpProbe *probe,
                    uint16_t           id,
                    const uint8_t     *bytes,
                    size_t             len_bytes)
{
  switch (ptl_udp_probe_get_kind (probe))
    {
    case ECHO:
      return len_bytes == 11 && begins (bytes, len_bytes, "portlight") && has_id (bytes, 11, 9, id);

    case SYSTAT:
    case DAYTIME:
    case QOTD:
    case CHARGEN:
      return true;

    case TIME:
      return len_bytes == 4;

    case DNS:
    case NETBIOS:
    case LLMNR:
      return len_bytes >= 12 && has_id (bytes, len_bytes, 0, id) && (bytes[2] & 0x80) != 0;

    case MDNS:
      return len_bytes >= 12 && (bytes[2] & 0x80) != 0;

    case TFTP:
      return len_bytes >= 4 && bytes[0] == 0 && (bytes[1] == 5 || bytes[1] == 3);

    case KERBEROS:
      /* KRB-ERROR or, from who trusts everybody, AS-REP. */
      return len_bytes >= 12 && (bytes[0] == 0x7e || bytes[0] == 0x6b);

    case IKE_NAT:
      return len_bytes >= 4 && memcmp (bytes, "\0\0\0\0", 4) == 0
             && is_ike (bytes + 4, len_bytes - 4, id);

    case IKE:
      return is_ike (bytes, len_bytes, id);

    case OPENVPN:
      /* P_CONTROL_HARD_RESET_SERVER_V2, that acknowledges ours. */
      return len_bytes >= 26 && bytes[0] >> 3 == 8 && begins (bytes + 14, len_bytes - 14, "portli")
             && has_id (bytes, len_bytes, 20, id);

    case DHCP:
      /* A BOOTREPLY to our number, with options. */
      return len_bytes >= 240 && bytes[0] == 2 && begins (bytes + 4, len_bytes - 4, "po")
             && has_id (bytes, len_bytes, 6, id)
             && memcmp (bytes + 236, DHCP_COOKIE, 4) == 0;

    case RTSP:
      return begins (bytes, len_bytes, "RTSP/1.0 ") || begins (bytes, len_bytes, "RTSP/2.0 ");

    case RDP:
      /* SYN and ACK, of our number. */
      return len_bytes >= 16 && begins (bytes, len_bytes, "po") && has_id (bytes, len_bytes, 2, id)
             && (bytes[7] & 5) == 5;

    case RADIUS:
      return len_bytes >= 20 && bytes[0] == 2 && bytes[1] == (id & 0xff);

    case RADIUS_ACCOUNTING:
      return len_bytes >= 20 && bytes[0] == 5 && bytes[1] == (id & 0xff);

    case RPCBIND:
    case NFS:
      return len_bytes >= 12 && has_id (bytes, len_bytes, 2, id) && bytes[7] == 1;

    case NTP:
      return len_bytes >= 48 && (bytes[0] & 7) == 4;

    case SNMP:
      return len_bytes >= 8 && bytes[0] == 0x30;

    case CLDAP:
      return len_bytes >= 8 && bytes[0] == 0x30;

    case QUIC:
      return len_bytes >= 7 && (bytes[0] & 0x80) != 0 && memcmp (bytes + 1, "\0\0\0\0", 4) == 0;

    case RIP:
      return len_bytes >= 4 && bytes[0] == 2;

    case SSDP:
      return begins (bytes, len_bytes, "HTTP/1.1 ");

    case STUN:
      return len_bytes >= 20 && bytes[0] == 1 && begins (bytes + 8, len_bytes - 8, "portlight!");

    case SIP:
      return begins (bytes, len_bytes, "SIP/2.0 ");

    case COAP:
      return len_bytes >= 4 && (bytes[0] & 0xf0) == 0x70 && has_id (bytes, len_bytes, 2, id);

    case DHT:
      return len_bytes > 2 && bytes[0] == 'd' && bytes[len_bytes - 1] == 'e';

    case MEMCACHED:
      return len_bytes > 8 && has_id (bytes, len_bytes, 0, id)
             && begins (bytes + 8, len_bytes - 8, "VERSION ");

    default:
      return false;
    }
}
