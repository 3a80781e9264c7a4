/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions for UDP ports, each as its specification has it. */
#include "config.h"

#include "probe/ptl-port-check-udp.h"

#include <string.h>

#include <glib/gi18n-lib.h>

enum
{
  ECHO,
  DAYTIME,
  QOTD,
  CHARGEN,
  TIME,
  DNS,
  TFTP,
  RPCBIND,
  NTP,
  NETBIOS,
  SNMP,
  CLDAP,
  QUIC,
  RIP,
  SSDP,
  NFS,
  STUN,
  SIP,
  MDNS,
  COAP,
  DHT,
  MEMCACHED,
  N_PROBES
};

static const PtlUdpProbe probes[N_PROBES] = {
  [ECHO] = { 7, "Echo", "echo", N_("some bytes that are to come back"), "RFC 862", false },
  [DAYTIME] = { 13, "Daytime", "daytime", N_("an empty datagram"), "RFC 867", false },
  [QOTD] = { 17, "Quote of the Day", "qotd", N_("an empty datagram"), "RFC 865", false },
  [CHARGEN] = { 19, "Character Generator", "chargen", N_("an empty datagram"), "RFC 864", false },
  [TIME] = { 37, "Time", "time", N_("an empty datagram"), "RFC 868", false },
  [DNS] = { 53, "DNS", "dns", N_("the name servers of the root, without recursion"),
            "RFC 1035 section 4.1", false },
  [TFTP] = { 69, "TFTP", "tftp", N_("a file that is not there"), "RFC 1350 section 5", true },
  [RPCBIND] = { 111, "rpcbind", "rpcbind", N_("the procedure that does nothing"),
                "RFC 5531 section 9; RFC 1833", false },
  [NTP] = { 123, "NTP", "ntp", N_("the time"), "RFC 5905 section 7.3", false },
  [NETBIOS] = { 137, "NetBIOS", NULL, N_("the status of the node"), "RFC 1002 section 4.2.17",
                false },
  [SNMP] = { 161, "SNMP", "snmp", N_("the id of the engine, without a user"),
             "RFC 3414 section 4", false },
  [CLDAP] = { 389, "CLDAP", NULL, N_("the root entry"), "RFC 4511 section 4.5", false },
  [QUIC] = { 443, "QUIC", "http3", N_("which versions there are"), "RFC 9000 section 6.1", false },
  [RIP] = { 520, "RIP", NULL, N_("one route that is not there"), "RFC 2453 section 3.9.1", false },
  [SSDP] = { 1900, "SSDP", "ssdp", N_("the root devices"),
             "UPnP Device Architecture 2.0 section 1.3.2", false },
  [NFS] = { 2049, "NFS", "nfs", N_("the procedure that does nothing"), "RFC 1813 section 3.3.0",
            false },
  [STUN] = { 3478, "STUN", "stun", N_("the address one is seen with"), "RFC 8489 section 6",
             false },
  [SIP] = { 5060, "SIP", "sip", N_("what it can do (OPTIONS)"), "RFC 3261 section 11", false },
  [MDNS] = { 5353, "mDNS", "mdns", N_("the kinds of services"), "RFC 6763 section 9", false },
  [COAP] = { 5683, "CoAP", "coap", N_("an empty message (a CoAP ping)"), "RFC 7252 section 4.3",
             false },
  [DHT] = { 6881, "BitTorrent DHT", NULL, N_("a ping"), "BEP 5", false },
  [MEMCACHED] = { 11211, "memcached", "memcached", N_("its version"), "its protocol.txt", false },
};

/* The same server on another port. */
static const struct
{
  uint16_t port;
  uint16_t like;
} twins[] = {
  { 1053, 53 }, { 5300, 53 }, { 8053, 53 }, { 8443, 443 }, { 5349, 3478 }, { 19302, 3478 },
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

typedef struct
{
  uint8_t *bytes;
  size_t   n;
} Out;

static void
put (Out        *out,
     const void *bytes,
     size_t      len)
{
  g_assert (out->n + len <= PTL_UDP_PROBE_MAX);
  memcpy (out->bytes + out->n, bytes, len);
  out->n += len;
}

static void
put_16 (Out     *out,
        uint16_t value)
{
  uint8_t bytes[2] = { (uint8_t) (value >> 8), (uint8_t) value };

  put (out, bytes, sizeof bytes);
}

static void
put_32 (Out     *out,
        uint32_t value)
{
  put_16 (out, (uint16_t) (value >> 16));
  put_16 (out, (uint16_t) value);
}

static void
put_text (Out        *out,
          const char *text)
{
  put (out, text, strlen (text));
}

/* RFC 1035 section 4.1: id, flags, one question. */
static void
put_dns (Out           *out,
         uint16_t       id,
         const uint8_t *name,
         size_t         len_name,
         uint16_t       type,
         uint16_t       class)
{
  put_16 (out, id);
  put_16 (out, 0);
  put_16 (out, 1);
  put_16 (out, 0);
  put_32 (out, 0);
  put (out, name, len_name);
  put_16 (out, type);
  put_16 (out, class);
}

/* RFC 5531 section 9: a call of procedure 0 without credentials. */
static void
put_rpc (Out     *out,
         uint16_t id,
         uint32_t program,
         uint32_t version)
{
  put_32 (out, id);
  put_32 (out, 0); /* CALL */
  put_32 (out, 2);
  put_32 (out, program);
  put_32 (out, version);
  put_32 (out, 0); /* the null procedure */
  for (unsigned i = 0; i < 4; i++)
    put_32 (out, 0); /* AUTH_NONE, length 0; the same for the verifier */
}

/* RFC 3412 section 6, RFC 3414 section 4: an unauthenticated get without variables, reportable. */
static void
put_snmp (Out     *out,
          uint16_t id)
{
  /* Without a leading zero byte, as BER wants it. */
  uint8_t high = (uint8_t) ((id >> 8 & 0x3f) | 0x40), low = (uint8_t) id;
  const uint8_t message[] = {
    0x30, 0x3a, 0x02, 0x01, 0x03,
    /* header: id, largest answer, flags "reportable", user-based security */
    0x30, 0x0f, 0x02, 0x02, high, low, 0x02, 0x03, 0x00, 0xff, 0xe3, 0x04, 0x01, 0x04,
    0x02, 0x01, 0x03,
    /* security: no engine, boots 0, time 0, no user, no keys */
    0x04, 0x10, 0x30, 0x0e, 0x04, 0x00, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x04, 0x00,
    0x04, 0x00, 0x04, 0x00,
    /* no context; get without variables */
    0x30, 0x12, 0x04, 0x00, 0x04, 0x00, 0xa0, 0x0c, 0x02, 0x02, high, low, 0x02, 0x01, 0x00,
    0x02, 0x01, 0x00, 0x30, 0x00,
  };

  put (out, message, sizeof message);
}

/* RFC 4511 section 4.5.1: the base object "", all entries, no attributes ("1.1"). */
static void
put_cldap (Out *out)
{
  static const uint8_t message[] = {
    0x30, 0x2a, 0x02, 0x01, 0x01, 0x63, 0x25, 0x04, 0x00, 0x0a, 0x01, 0x00, 0x0a, 0x01, 0x00,
    0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x01, 0x01, 0x00,
    0x87, 0x0b, 'o', 'b', 'j', 'e', 'c', 't', 'c', 'l', 'a', 's', 's',
    0x30, 0x05, 0x04, 0x03, '1', '.', '1',
  };

  put (out, message, sizeof message);
}

/* RFC 9000 sections 6.1, 15 and 17.2: a long header with a version that nobody has, so that the
 * server names its own; filled up to 1,200 bytes. */
static void
put_quic (Out     *out,
          uint16_t id)
{
  static const uint8_t filler[1200];
  uint8_t header[] = {
    0xc0, 0x1a, 0x2a, 0x3a, 0x4a, 8, 'p', 'o', 'r', 't', 'l', 'i',
    (uint8_t) (id >> 8), (uint8_t) id, 8, 'p', 'o', 'r', 't', 'l', 'i', 'g', 'h',
  };

  put (out, header, sizeof header);
  put (out, filler, sizeof filler - sizeof header);
}

/* RFC 2453 section 4: a request for one entry, 192.0.2.0/24 (RFC 5737). */
static void
put_rip (Out *out)
{
  put_32 (out, 0x01020000);
  put_16 (out, 2);
  put_16 (out, 0);
  put_32 (out, 0xc0000200);
  put_32 (out, 0xffffff00);
  put_32 (out, 0);
  put_32 (out, 16);
}

static void
put_sip (Out        *out,
         uint16_t    id,
         const char *host)
{
  g_autofree char *text = g_strdup_printf (
    "OPTIONS sip:%.200s SIP/2.0\r\n"
    "Via: SIP/2.0/UDP portlight.invalid;branch=z9hG4bK%u;rport\r\n"
    "Max-Forwards: 0\r\n"
    "To: <sip:%.200s>\r\n"
    "From: <sip:portlight@portlight.invalid>;tag=%u\r\n"
    "Call-ID: %u@portlight.invalid\r\n"
    "CSeq: 1 OPTIONS\r\n"
    "Contact: <sip:portlight@portlight.invalid>\r\n"
    "Accept: application/sdp\r\n"
    "Content-Length: 0\r\n\r\n", host, id, host, id, id);

  put_text (out, text);
}

static void
put_ssdp (Out        *out,
          const char *host)
{
  g_autofree char *text = g_strdup_printf (
    "M-SEARCH * HTTP/1.1\r\n"
    "HOST: %.200s:1900\r\n"
    "MAN: \"ssdp:discover\"\r\n"
    "ST: upnp:rootdevice\r\n\r\n", host);

  put_text (out, text);
}

size_t
ptl_udp_probe_build (const PtlUdpProbe *probe,
                     uint16_t           id,
                     const char        *host,
                     uint8_t            payload[PTL_UDP_PROBE_MAX])
{
  static const uint8_t root[] = { 0 };
  static const uint8_t services[] = "\x09_services\x07_dns-sd\x04_udp\x05local";
  static const uint8_t zeros[48];
  Out out = { payload, 0 };

  switch (probe == NULL ? -1 : (int) (probe - probes))
    {
    case ECHO:
      put_text (&out, "portlight");
      put_16 (&out, id);
      break;

    case DNS:
      put_dns (&out, id, root, sizeof root, 2, 1);
      break;

    case MDNS:
      put_dns (&out, id, services, sizeof services, 12, 0x8001);
      break;

    case TFTP:
      put_16 (&out, 1);
      put (&out, "portlight-probe", 16);
      put (&out, "octet", 6);
      break;

    case RPCBIND:
      put_rpc (&out, id, 100000, 2);
      break;

    case NFS:
      put_rpc (&out, id, 100003, 3);
      break;

    case NTP:
      /* No leap warning, version 4, a client; our time is in the one field that comes back. */
      put (&out, "\x23", 1);
      put (&out, zeros, 39);
      put_16 (&out, id);
      put (&out, zeros, 6);
      break;

    case NETBIOS:
      put_16 (&out, id);
      put_16 (&out, 0);
      put_16 (&out, 1);
      put (&out, zeros, 6);
      /* "*" and 15 NULs, each as two letters (RFC 1001 section 14.1). */
      put_text (&out, " CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
      put (&out, zeros, 1);
      put_32 (&out, 0x00210001);
      break;

    case SNMP:
      put_snmp (&out, id);
      break;

    case CLDAP:
      put_cldap (&out);
      break;

    case QUIC:
      put_quic (&out, id);
      break;

    case RIP:
      put_rip (&out);
      break;

    case SSDP:
      put_ssdp (&out, host);
      break;

    case STUN:
      put_32 (&out, 0x00010000);
      put_32 (&out, 0x2112a442);
      put_text (&out, "portlight!");
      put_16 (&out, id);
      break;

    case SIP:
      put_sip (&out, id, host);
      break;

    case COAP:
      put_16 (&out, 0x4000);
      put_16 (&out, id);
      break;

    case DHT:
      put_text (&out, "d1:ad2:id20:portlight-port-checke1:q4:ping1:t2:");
      put_16 (&out, id);
      put_text (&out, "1:y1:qe");
      break;

    case MEMCACHED:
      put_16 (&out, id);
      put_16 (&out, 0);
      put_16 (&out, 1);
      put_16 (&out, 0);
      put_text (&out, "version\r\n");
      break;

    default:
      break;
    }
  return out.n;
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

bool
ptl_udp_probe_fits (const PtlUdpProbe *probe,
                    uint16_t           id,
                    const uint8_t     *bytes,
                    size_t             len_bytes)
{
  switch (probe == NULL ? -1 : (int) (probe - probes))
    {
    case ECHO:
      return len_bytes == 11 && begins (bytes, len_bytes, "portlight") && has_id (bytes, 11, 9, id);

    case DAYTIME:
    case QOTD:
    case CHARGEN:
      return true;

    case TIME:
      return len_bytes == 4;

    case DNS:
    case NETBIOS:
      return len_bytes >= 12 && has_id (bytes, len_bytes, 0, id) && (bytes[2] & 0x80) != 0;

    case MDNS:
      return len_bytes >= 12 && (bytes[2] & 0x80) != 0;

    case TFTP:
      return len_bytes >= 4 && bytes[0] == 0 && (bytes[1] == 5 || bytes[1] == 3);

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
