/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions for UDP ports, each as its specification has it. */
#include "config.h"

#include "probe/ptl-port-check-udp-private.h"

#include <string.h>

typedef struct
{
  uint8_t *bytes;
  size_t   n;
} Out;

/* What a question may be made of. */
typedef struct
{
  uint16_t          id;      /* to know the answer by */
  const char       *host;    /* as typed */
  const PtlAddress *address; /* who is asked */
  const PtlAddress *own;     /* from where */
} Question;

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
put_snmp (Out            *out,
          const Question *q)
{
  /* Without a leading zero byte, as BER wants it. */
  uint8_t high = (uint8_t) ((q->id >> 8 & 0x3f) | 0x40), low = (uint8_t) q->id;
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
put_cldap (Out            *out,
           const Question *q)
{
  static const uint8_t message[] = {
    0x30, 0x2a, 0x02, 0x01, 0x01, 0x63, 0x25, 0x04, 0x00, 0x0a, 0x01, 0x00, 0x0a, 0x01, 0x00,
    0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x01, 0x01, 0x00,
    0x87, 0x0b, 'o', 'b', 'j', 'e', 'c', 't', 'c', 'l', 'a', 's', 's',
    0x30, 0x05, 0x04, 0x03, '1', '.', '1',
  };

  put (out, message, sizeof message);
}

/* RFC 4120 section 5.4.1: an AS-REQ of "portlight" in the realm "INVALID", for aes128 or aes256,
 * with no pre-authentication: what comes back is that nobody of the name is there, or another
 * realm. */
static void
put_kerberos (Out            *out,
              const Question *q)
{
  uint8_t high = (uint8_t) ((q->id >> 8 & 0x3f) | 0x40), low = (uint8_t) q->id;
  const uint8_t message[] = {
    0x6a, 0x7d, 0x30, 0x7b,
    /* version 5, AS-REQ */
    0xa1, 0x03, 0x02, 0x01, 0x05, 0xa2, 0x03, 0x02, 0x01, 0x0a, 0xa4, 0x6f, 0x30, 0x6d,
    /* no options */
    0xa0, 0x07, 0x03, 0x05, 0x00, 0x00, 0x00, 0x00, 0x00,
    /* who: NT-PRINCIPAL "portlight" */
    0xa1, 0x16, 0x30, 0x14, 0xa0, 0x03, 0x02, 0x01, 0x01, 0xa1, 0x0d, 0x30, 0x0b, 0x1b, 0x09,
    'p', 'o', 'r', 't', 'l', 'i', 'g', 'h', 't',
    /* where */
    0xa2, 0x09, 0x1b, 0x07, 'I', 'N', 'V', 'A', 'L', 'I', 'D',
    /* for what: NT-SRV-INST krbtgt/INVALID */
    0xa3, 0x1c, 0x30, 0x1a, 0xa0, 0x03, 0x02, 0x01, 0x02, 0xa1, 0x13, 0x30, 0x11,
    0x1b, 0x06, 'k', 'r', 'b', 't', 'g', 't', 0x1b, 0x07, 'I', 'N', 'V', 'A', 'L', 'I', 'D',
    /* until, nonce, kinds of encryption */
    0xa5, 0x11, 0x18, 0x0f, '1', '9', '7', '0', '0', '1', '0', '1', '0', '0', '0', '0', '0', '0',
    'Z', 0xa7, 0x04, 0x02, 0x02, high, low,
    0xa8, 0x08, 0x30, 0x06, 0x02, 0x01, 0x12, 0x02, 0x01, 0x11,
  };

  put (out, message, sizeof message);
}

/* RFC 7296 sections 1.2, 3.1 to 3.4 and 3.9: IKE_SA_INIT with one proposal, whose transforms and
 * group are of the range for private use: refused without anything being kept for it. */
static void
put_ike (Out            *out,
         const Question *q)
{
  static const uint8_t types[] = { 1, 2, 3, 4 }; /* ENCR, PRF, INTEG, D-H */
  static const uint8_t zeros[12];
  const uint16_t private_use = 65000;

  put_text (out, "portli"); /* our SPI */
  put_16 (out, q->id);
  put (out, zeros, 8);
  put_32 (out, 0x21202208); /* SA follows; version 2.0; IKE_SA_INIT; from who begins it */
  put_32 (out, 0);
  put_32 (out, 28 + 44 + 40 + 20);
  put_16 (out, 0x2200); /* KE follows */
  put_16 (out, 44);
  put_16 (out, 0);
  put_16 (out, 40);
  put_32 (out, 0x01010004);
  for (size_t i = 0; i < sizeof types; i++)
    {
      put_16 (out, i + 1 < sizeof types ? 0x0300 : 0);
      put_16 (out, 8);
      put_16 (out, (uint16_t) (types[i] << 8));
      put_16 (out, private_use);
    }
  put_16 (out, 0x2800); /* a nonce follows */
  put_16 (out, 40);
  put_16 (out, private_use);
  put_16 (out, 0);
  put_text (out, "portlightportlightportlightportl");
  put_16 (out, 0);
  put_16 (out, 20);
  put_text (out, "portlightnonce");
  put_16 (out, q->id);
}

/* RFC 5997 section 3 with a Message-Authenticator (RFC 3579 section 3.2) of an empty secret. */
static void
put_radius (Out            *out,
            const Question *q)
{
  static const uint8_t zeros[16];
  uint8_t digest[16];
  gsize len_digest = sizeof digest;
  GHmac *hmac = g_hmac_new (G_CHECKSUM_MD5, (const guchar *) "", 0);

  put_16 (out, (uint16_t) (12 << 8 | (q->id & 0xff)));
  put_16 (out, 38);
  put_text (out, "portlight-probe");
  put (out, &q->id, 1);
  put_16 (out, 80 << 8 | 18);
  put (out, zeros, sizeof zeros);
  g_hmac_update (hmac, out->bytes, (gssize) out->n);
  g_hmac_get_digest (hmac, digest, &len_digest);
  g_hmac_unref (hmac);
  memcpy (out->bytes + out->n - sizeof digest, digest, sizeof digest);
}

/* RFC 2131 sections 2, 4.3.5 and 4.4.3: a DHCPINFORM: settings are asked for, no address, and the
 * server keeps nothing.  It answers to port 68 of the address, or, as dnsmasq does where that is
 * the one the question came from, to the port as well.  300 bytes, as BOOTP wants (RFC 1542
 * section 2.1). */
static void
put_dhcp (Out            *out,
          const Question *q)
{
  static const uint8_t filler[300];
  static const uint8_t options[] = {
    53, 1, 8, /* DHCPINFORM */
    55, 3, 1, 3, 6, /* mask, routers, name servers */
    255,
  };

  put_32 (out, 0x01010600); /* BOOTREQUEST, Ethernet */
  put_text (out, "po");
  put_16 (out, q->id);
  put (out, filler, 4);
  put (out, ptl_address_get_family (q->own) == AF_INET ? (const void *) &q->own->in.sin_addr
                                                       : filler, 4);
  put (out, filler, 12);
  /* A hardware address that nobody has: a locally administered one (IEEE 802 section 8.4). */
  put_text (out, "\x02portl");
  put (out, filler, 10 + 64 + 128);
  put_text (out, DHCP_COOKIE);
  put (out, options, sizeof options);
  put (out, filler, sizeof filler - out->n);
}

/* MS-RDPEUDP sections 2.2.2.1, 2.2.2.5 and 3.1.5.1.1: a SYN of version 1, filled up to 1,232
 * bytes. */
static void
put_rdp (Out            *out,
         const Question *q)
{
  static const uint8_t filler[1232];

  put_32 (out, 0xffffffff); /* nothing is acknowledged */
  put_16 (out, 64);         /* packets that we could keep */
  put_16 (out, 1);          /* SYN */
  put_text (out, "po");     /* our first number */
  put_16 (out, q->id);
  put_16 (out, sizeof filler);
  put_16 (out, sizeof filler);
  put (out, filler, sizeof filler - out->n);
}

/* The name that the address has in the tree of addresses (RFC 1035 section 3.5, RFC 3596 section
 * 2.5), as a question of LLMNR: the one that whoever has the address can answer. */
static void
put_llmnr (Out            *out,
           const Question *q)
{
  bool v6 = ptl_address_get_family (q->address) == AF_INET6;
  static const char digits[] = "0123456789abcdef";
  uint8_t name[80];
  size_t len = 0;

  if (v6)
    for (int i = 15; i >= 0; i--)
      for (unsigned shift = 0; shift <= 4; shift += 4)
        {
          name[len++] = 1;
          name[len++] = (uint8_t) digits[q->address->in6.sin6_addr.s6_addr[i] >> shift & 15];
        }
  else
    for (int shift = 0; shift < 32; shift += 8)
      {
        int n = g_snprintf ((char *) name + len + 1, 4, "%u",
                            ntohl (q->address->in.sin_addr.s_addr) >> shift & 0xff);

        name[len] = (uint8_t) n;
        len += (size_t) n + 1;
      }
  memcpy (name + len, v6 ? "\x03ip6\x04" "arpa" : "\x07in-addr\x04" "arpa", v6 ? 10 : 14);
  put_dns (out, q->id, name, len + (v6 ? 10 : 14), 12, 1);
}

/* A client's first packet: opcode 7 and key 0, its session, nothing acknowledged, number 0. */
static void
put_openvpn (Out            *out,
             const Question *q)
{
  put_text (out, "8portli");
  put_16 (out, q->id);
  put (out, "\0\0\0\0", 5);
}

/* RFC 9000 sections 6.1, 15 and 17.2: a long header with a version that nobody has, so that the
 * server names its own; filled up to 1,200 bytes. */
static void
put_quic (Out            *out,
          const Question *q)
{
  static const uint8_t filler[1200];
  uint8_t header[] = {
    0xc0, 0x1a, 0x2a, 0x3a, 0x4a, 8, 'p', 'o', 'r', 't', 'l', 'i',
    (uint8_t) (q->id >> 8), (uint8_t) q->id, 8, 'p', 'o', 'r', 't', 'l', 'i', 'g', 'h',
  };

  put (out, header, sizeof header);
  put (out, filler, sizeof filler - sizeof header);
}

/* RFC 2453 section 4: a request for one entry, 192.0.2.0/24 (RFC 5737). */
static void
put_rip (Out            *out,
         const Question *q)
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
put_sip (Out            *out,
         const Question *q)
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
    "Content-Length: 0\r\n\r\n", q->host, q->id, q->host, q->id, q->id);

  put_text (out, text);
}

static void
put_ssdp (Out            *out,
          const Question *q)
{
  g_autofree char *text = g_strdup_printf (
    "M-SEARCH * HTTP/1.1\r\n"
    "HOST: %.200s:1900\r\n"
    "MAN: \"ssdp:discover\"\r\n"
    "ST: upnp:rootdevice\r\n\r\n", q->host);

  put_text (out, text);
}

static void
put_echo (Out            *out,
          const Question *q)
{
  put_text (out, "portlight");
  put_16 (out, q->id);
}

static void
put_dns_root (Out            *out,
              const Question *q)
{
  static const uint8_t root[] = { 0 };

  put_dns (out, q->id, root, sizeof root, 2, 1);
}

static void
put_mdns (Out            *out,
          const Question *q)
{
  static const uint8_t services[] = "\x09_services\x07_dns-sd\x04_udp\x05local";

  put_dns (out, q->id, services, sizeof services, 12, 0x8001);
}

static void
put_tftp (Out            *out,
          const Question *q)
{
  put_16 (out, 1);
  put (out, "portlight-probe", 16);
  put (out, "octet", 6);
}

static void
put_ike_nat (Out            *out,
             const Question *q)
{
  put_32 (out, 0); /* no ESP */
  put_ike (out, q);
}

static void
put_rtsp (Out            *out,
          const Question *q)
{
  put_text (out, "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n");
}

static void
put_rpcbind (Out            *out,
             const Question *q)
{
  put_rpc (out, q->id, 100000, 2);
}

static void
put_nfs (Out            *out,
         const Question *q)
{
  put_rpc (out, q->id, 100003, 3);
}

static void
put_ntp (Out            *out,
         const Question *q)
{
  static const uint8_t zeros[39];

  /* No leap warning, version 4, a client; our time is in the one field that comes back. */
  put (out, "\x23", 1);
  put (out, zeros, 39);
  put_16 (out, q->id);
  put (out, zeros, 6);
}

static void
put_netbios (Out            *out,
             const Question *q)
{
  static const uint8_t zeros[6];

  put_16 (out, q->id);
  put_16 (out, 0);
  put_16 (out, 1);
  put (out, zeros, 6);
  /* "*" and 15 NULs, each as two letters (RFC 1001 section 14.1). */
  put_text (out, " CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
  put (out, zeros, 1);
  put_32 (out, 0x00210001);
}

static void
put_stun (Out            *out,
          const Question *q)
{
  put_32 (out, 0x00010000);
  put_32 (out, 0x2112a442);
  put_text (out, "portlight!");
  put_16 (out, q->id);
}

static void
put_coap (Out            *out,
          const Question *q)
{
  put_16 (out, 0x4000);
  put_16 (out, q->id);
}

static void
put_dht (Out            *out,
         const Question *q)
{
  put_text (out, "d1:ad2:id20:portlight-port-checke1:q4:ping1:t2:");
  put_16 (out, q->id);
  put_text (out, "1:y1:qe");
}

static void
put_memcached (Out            *out,
               const Question *q)
{
  put_16 (out, q->id);
  put_16 (out, 0);
  put_16 (out, 1);
  put_16 (out, 0);
  put_text (out, "version\r\n");
}

/* NULL: an empty datagram is the question, or there is none. */
static void (*const makers[N_PROBES]) (Out            *out,
                                       const Question *q) = {
  [ECHO] = put_echo,
  [DNS] = put_dns_root,
  [DHCP] = put_dhcp,
  [TFTP] = put_tftp,
  [KERBEROS] = put_kerberos,
  [RPCBIND] = put_rpcbind,
  [NTP] = put_ntp,
  [NETBIOS] = put_netbios,
  [SNMP] = put_snmp,
  [CLDAP] = put_cldap,
  [QUIC] = put_quic,
  [IKE] = put_ike,
  [RIP] = put_rip,
  [RTSP] = put_rtsp,
  [OPENVPN] = put_openvpn,
  [RADIUS] = put_radius,
  [RADIUS_ACCOUNTING] = put_radius,
  [SSDP] = put_ssdp,
  [NFS] = put_nfs,
  [RDP] = put_rdp,
  [STUN] = put_stun,
  [IKE_NAT] = put_ike_nat,
  [SIP] = put_sip,
  [MDNS] = put_mdns,
  [LLMNR] = put_llmnr,
  [COAP] = put_coap,
  [DHT] = put_dht,
  [MEMCACHED] = put_memcached,
};

size_t
ptl_udp_probe_build (const PtlUdpProbe *probe,
                     uint16_t           id,
                     const char        *host,
                     const PtlAddress  *address,
                     const PtlAddress  *own,
                     uint8_t            payload[PTL_UDP_PROBE_MAX])
{
  const Question question = { .id = id, .host = host, .address = address, .own = own };
  PtlUdpKind kind = ptl_udp_probe_get_kind (probe);
  Out out = { payload, 0 };

  if (kind < N_PROBES && makers[kind] != NULL)
    makers[kind] (&out, &question);
  return out.n;
}
