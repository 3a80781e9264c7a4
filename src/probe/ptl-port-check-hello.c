/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The harmless questions for TCP ports that say nothing first: HEAD of HTTP, ClientHello of TLS. */
#include "config.h"

#include "probe/ptl-port-check-hello.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

/* What a server of TLS 1.2 or 1.3 has one of: of RFC 8446 section B.4 and of RFC 9325 section 4.2,
 * then what older ones have. */
static const uint16_t suites[] = {
  0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c,
  0x009d, 0x002f, 0x0035, 0x00ff,
};

/* Where TLS comes first: RFC 9110, RFC 8314, RFC 7858, RFC 4513 and the registry of IANA. */
static const uint16_t tls_ports[] = {
  443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 2376, 3269, 5061, 5223, 5349, 5671, 5986,
  6443, 6514, 6697, 8443, 8883,
};

bool
ptl_tls_is_usual (uint16_t port)
{
  for (size_t i = 0; i < G_N_ELEMENTS (tls_ports); i++)
    if (tls_ports[i] == port)
      return true;
  return false;
}

/* Extensions of RFC 8446 section 4.2 and RFC 8422 section 5.1, each with type and length. */
static const uint8_t extensions[] = {
  0x00, 0x0a, 0x00, 0x08, 0x00, 0x06, 0x00, 0x1d, 0x00, 0x17, 0x00, 0x18, /* supported_groups */
  0x00, 0x0b, 0x00, 0x02, 0x01, 0x00,                                     /* ec_point_formats */
  0x00, 0x0d, 0x00, 0x14, 0x00, 0x12, 0x04, 0x03, 0x05, 0x03, 0x08, 0x07, /* signature_algorithms */
  0x08, 0x04, 0x08, 0x05, 0x08, 0x06, 0x04, 0x01, 0x05, 0x01, 0x02, 0x01,
  0x00, 0x2b, 0x00, 0x05, 0x04, 0x03, 0x04, 0x03, 0x03,                   /* supported_versions */
  0x00, 0x33, 0x00, 0x02, 0x00, 0x00, /* key_share, empty: the server names a group (4.2.8) */
};

static void
put16 (GByteArray *bytes,
       size_t      value)
{
  uint8_t two[2] = { (uint8_t) (value >> 8), (uint8_t) value };

  g_byte_array_append (bytes, two, sizeof two);
}

/* Sets the two bytes at @at to the length of what is behind them. */
static void
close16 (GByteArray *bytes,
         guint       at)
{
  guint len = bytes->len - at - 2;

  bytes->data[at] = (uint8_t) (len >> 8);
  bytes->data[at + 1] = (uint8_t) len;
}

/* RFC 6066 section 3: a name, never an address, without the dot at its end. */
static void
put_server_name (GByteArray *bytes,
                 const char *host)
{
  size_t len = host != NULL ? strlen (host) : 0, last;

  if (len > 0 && host[len - 1] == '.')
    len--;
  for (last = len; last > 0 && host[last - 1] != '.'; last--)
    ;
  /* The last label of a name does not begin with a digit (RFC 3696 section 2). */
  if (len == 0 || len > 253 || !g_str_is_ascii (host) || strpbrk (host, ":%[] ") != NULL
      || !g_ascii_isalpha (host[last]))
    return;
  put16 (bytes, 0);
  put16 (bytes, len + 5);
  put16 (bytes, len + 3);
  g_byte_array_append (bytes, (const uint8_t *) "", 1);
  put16 (bytes, len);
  g_byte_array_append (bytes, (const uint8_t *) host, (guint) len);
}

GByteArray *
ptl_tls_hello_build (const char *host)
{
  static const uint8_t record[] = { 0x16, 3, 1, 0, 0 }, handshake[] = { 1, 0, 0, 0, 3, 3 };
  static const uint8_t no_session[] = { 0 }, no_compression[] = { 1, 0 };
  GByteArray *bytes = g_byte_array_new ();
  uint8_t nonce[32] = { 0 };
  guint at;

  while (getrandom (nonce, sizeof nonce, 0) < 0 && errno == EINTR)
    ;
  g_byte_array_append (bytes, record, sizeof record);
  g_byte_array_append (bytes, handshake, sizeof handshake);
  g_byte_array_append (bytes, nonce, sizeof nonce);
  g_byte_array_append (bytes, no_session, sizeof no_session);
  put16 (bytes, sizeof suites);
  for (size_t i = 0; i < G_N_ELEMENTS (suites); i++)
    put16 (bytes, suites[i]);
  g_byte_array_append (bytes, no_compression, sizeof no_compression);
  at = bytes->len;
  put16 (bytes, 0);
  put_server_name (bytes, host);
  g_byte_array_append (bytes, extensions, sizeof extensions);
  close16 (bytes, at);
  close16 (bytes, 7); /* the handshake's, of which the first of three bytes is 0 */
  close16 (bytes, 3); /* the record's */
  return bytes;
}

GByteArray *
ptl_http_head_build (const char *host)
{
  GByteArray *bytes = g_byte_array_new ();
  bool bare_ipv6 = strchr (host, ':') != NULL;
  g_autofree char *request =
    g_strdup_printf ("HEAD / HTTP/1.1\r\nHost: %s%.253s%s\r\nConnection: close\r\n"
                     "User-Agent: Portlight\r\n\r\n", bare_ipv6 ? "[" : "", host,
                     bare_ipv6 ? "]" : "");

  g_byte_array_append (bytes, (const uint8_t *) request, (guint) strlen (request));
  return bytes;
}

bool
ptl_tls_answer_is_complete (const uint8_t *bytes,
                            size_t         len_bytes)
{
  /* The header of a record and the start of what is in it: a handshake or an alert. */
  if (len_bytes >= 7 && (bytes[0] == 0x16 || bytes[0] == 0x15) && bytes[1] == 3)
    return true;
  return memmem (bytes, len_bytes, "\r\n\r\n", 4) != NULL;
}
