/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ICMP messages and the kernel's error queue, from bytes. */
#include "config.h"

#include "probe/ptl-icmp.h"

#include <string.h>

#include <linux/errqueue.h>

static void
test_meanings (void)
{
  static const struct
  {
    int            family;
    uint8_t        type, code;
    PtlIcmpMeaning meaning;
    const char    *mark;
  } cases[] = {
    { AF_INET, 0, 0, PTL_ICMP_ECHO_REPLY, "" },
    { AF_INET, 3, 0, PTL_ICMP_NO_NETWORK, "!N" },
    { AF_INET, 3, 1, PTL_ICMP_NO_HOST, "!H" },
    { AF_INET, 3, 2, PTL_ICMP_NO_PROTOCOL, "!P" },
    { AF_INET, 3, 3, PTL_ICMP_NO_PORT, "" },
    { AF_INET, 3, 4, PTL_ICMP_TOO_BIG, "!F" },
    { AF_INET, 3, 5, PTL_ICMP_SOURCE_ROUTE_FAILED, "!S" },
    { AF_INET, 3, 6, PTL_ICMP_NO_NETWORK, "!N" },
    { AF_INET, 3, 9, PTL_ICMP_PROHIBITED, "!X" },
    { AF_INET, 3, 10, PTL_ICMP_PROHIBITED, "!X" },
    { AF_INET, 3, 13, PTL_ICMP_PROHIBITED, "!X" },
    { AF_INET, 3, 14, PTL_ICMP_PRECEDENCE, "!V" },
    { AF_INET, 3, 15, PTL_ICMP_PRECEDENCE, "!C" },
    { AF_INET, 3, 200, PTL_ICMP_OTHER, "!200" },
    { AF_INET, 4, 0, PTL_ICMP_SOURCE_QUENCH, "" },
    { AF_INET, 5, 1, PTL_ICMP_REDIRECT, "" },
    { AF_INET, 8, 0, PTL_ICMP_ECHO_REQUEST, "" },
    { AF_INET, 11, 0, PTL_ICMP_TTL_EXCEEDED, "" },
    { AF_INET, 11, 1, PTL_ICMP_REASSEMBLY_EXCEEDED, "" },
    { AF_INET, 12, 0, PTL_ICMP_PARAMETER_PROBLEM, "" },
    { AF_INET, 42, 0, PTL_ICMP_OTHER, "" },
    { AF_INET6, 1, 0, PTL_ICMP_NO_NETWORK, "!N" },
    { AF_INET6, 1, 1, PTL_ICMP_PROHIBITED, "!X" },
    { AF_INET6, 1, 2, PTL_ICMP_BEYOND_SCOPE, "!S" },
    { AF_INET6, 1, 3, PTL_ICMP_NO_HOST, "!H" },
    { AF_INET6, 1, 4, PTL_ICMP_NO_PORT, "" },
    { AF_INET6, 1, 5, PTL_ICMP_SOURCE_POLICY, "!X" },
    { AF_INET6, 1, 6, PTL_ICMP_REJECT_ROUTE, "!N" },
    { AF_INET6, 1, 99, PTL_ICMP_OTHER, "!99" },
    { AF_INET6, 2, 0, PTL_ICMP_TOO_BIG, "!F" },
    { AF_INET6, 3, 0, PTL_ICMP_TTL_EXCEEDED, "" },
    { AF_INET6, 3, 1, PTL_ICMP_REASSEMBLY_EXCEEDED, "" },
    { AF_INET6, 128, 0, PTL_ICMP_ECHO_REQUEST, "" },
    { AF_INET6, 129, 0, PTL_ICMP_ECHO_REPLY, "" },
  };
  char mark[8];

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_cmpint (ptl_icmp_get_meaning (cases[i].family, cases[i].type, cases[i].code), ==,
                       cases[i].meaning);
      g_assert_cmpstr (ptl_icmp_get_mark (cases[i].family, cases[i].type, cases[i].code, mark), ==,
                       cases[i].mark);
    }
  g_assert_true (ptl_icmp_is_error (PTL_ICMP_NO_PORT));
  g_assert_false (ptl_icmp_is_error (PTL_ICMP_REDIRECT));
  g_assert_false (ptl_icmp_is_error (PTL_ICMP_ECHO_REPLY));
}

static void
test_checksum (void)
{
  /* The example of RFC 1071 section 3, whose sum is 0xddf2. */
  static const uint8_t example[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

  g_assert_cmphex (g_ntohs (ptl_icmp_checksum (example, sizeof example)), ==, 0x220d);
  g_assert_cmphex (g_ntohs (ptl_icmp_checksum (example, 7)), ==,
                   (uint16_t) ~(0xddf2 - 0x00f7));
  g_assert_cmphex (ptl_icmp_checksum (example, 0), ==, 0xffff);
}

static void
test_echo (void)
{
  uint8_t packet[PTL_ICMP_HEADER_LEN + 5] = { [8] = 1, 2, 3, 4, 5 };
  PtlIcmpMessage message;

  g_assert_cmpuint (ptl_icmp_build_echo (AF_INET, 0x1234, 0xfffe, packet, 5), ==, 13);
  g_assert_true (ptl_icmp_parse (AF_INET, packet, 13, &message));
  g_assert_cmpint (message.meaning, ==, PTL_ICMP_ECHO_REQUEST);
  g_assert_cmphex (message.id, ==, 0x1234);
  g_assert_cmphex (message.seq, ==, 0xfffe);
  g_assert_cmpmem (message.data, message.len_data, packet + 8, 5);
  packet[9] ^= 1;
  g_assert_false (ptl_icmp_parse (AF_INET, packet, 13, &message));
  g_assert_cmpuint (message.len_data, ==, 0);
  for (size_t len = 0; len < PTL_ICMP_HEADER_LEN; len++)
    g_assert_false (ptl_icmp_parse (AF_INET6, packet, len, &message));

  g_assert_cmpuint (ptl_icmp_build_echo (AF_INET6, 1, 2, packet, 0), ==, 8);
  g_assert_cmpuint (packet[0], ==, 128);
  g_assert_true (ptl_icmp_parse (AF_INET6, packet, 8, &message));
  g_assert_cmpuint (message.len_data, ==, 0);
}

/* An error about a packet, with its checksum right. */
static size_t
make_error (uint8_t       *packet,
            uint8_t        type,
            uint8_t        code,
            const uint8_t *quoted,
            size_t         len_quoted)
{
  uint16_t sum;

  memset (packet, 0, 8);
  packet[0] = type;
  packet[1] = code;
  memcpy (packet + 8, quoted, len_quoted);
  sum = ptl_icmp_checksum (packet, 8 + len_quoted);
  memcpy (packet + 2, &sum, 2);
  return 8 + len_quoted;
}

static const uint8_t udp4[] = {
  0x45, 0, 0, 36, 0, 1, 0, 0, 1, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
  0xab, 0xcd, 0x82, 0x9a, 0, 16, 0, 0, 'h', 'e', 'l', 'o',
};
static const uint8_t echo4[] = {
  0x46, 0, 0, 36, 0, 1, 0, 0, 1, 1, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 1, 1, 1, 1,
  8, 0, 0, 0, 0x11, 0x22, 0x33, 0x44,
};

static void
test_quoted_4 (void)
{
  uint8_t packet[256];
  PtlIcmpMessage message;
  char text[PTL_ADDRESS_TEXT_MAX];
  size_t len = make_error (packet, 3, 3, udp4, sizeof udp4);
  uint8_t changed[sizeof udp4];

  g_assert_true (ptl_icmp_parse (AF_INET, packet, len, &message));
  g_assert_cmpint (message.meaning, ==, PTL_ICMP_NO_PORT);
  g_assert_true (message.has_quoted && message.quoted.has_ports && !message.quoted.has_echo);
  g_assert_cmpstr (ptl_address_format (&message.quoted.source, text, sizeof text), ==,
                   "10.0.0.1:43981");
  g_assert_cmpstr (ptl_address_format (&message.quoted.destination, text, sizeof text), ==,
                   "10.0.0.2:33434");
  g_assert_cmpmem (message.quoted.data, message.quoted.len_data, "helo", 4);

  /* With IP options. */
  len = make_error (packet, 11, 0, echo4, sizeof echo4);
  g_assert_true (ptl_icmp_parse (AF_INET, packet, len, &message));
  g_assert_true (message.has_quoted && message.quoted.has_echo);
  g_assert_cmphex (message.quoted.id, ==, 0x1122);
  g_assert_cmphex (message.quoted.seq, ==, 0x3344);

  /* Cut at each byte: parsed without what is quoted, never beyond the end. */
  for (size_t cut = 0; cut < 28; cut++)
    {
      g_autofree uint8_t *exact = NULL;

      len = make_error (packet, 3, 3, udp4, cut);
      exact = g_memdup2 (packet, len);
      g_assert_true (ptl_icmp_parse (AF_INET, exact, len, &message));
      g_assert_false (message.has_quoted);
      g_assert_cmpuint (message.quoted.destination.len, ==, 0);
    }

  /* A later fragment, a header that is too long, another version. */
  memcpy (changed, udp4, sizeof udp4);
  changed[7] = 1;
  g_assert_true (ptl_icmp_parse (AF_INET, packet, make_error (packet, 3, 3, changed, sizeof udp4),
                                 &message));
  g_assert_false (message.has_quoted);
  memcpy (changed, udp4, sizeof udp4);
  changed[0] = 0x4f;
  g_assert_true (ptl_icmp_parse (AF_INET, packet, make_error (packet, 3, 3, changed, sizeof udp4),
                                 &message));
  g_assert_false (message.has_quoted);
  changed[0] = 0x44;
  ptl_icmp_parse (AF_INET, packet, make_error (packet, 3, 3, changed, sizeof udp4), &message);
  g_assert_false (message.has_quoted);
  changed[0] = 0x65;
  ptl_icmp_parse (AF_INET, packet, make_error (packet, 3, 3, changed, sizeof udp4), &message);
  g_assert_false (message.has_quoted);
}

static void
test_mtu (void)
{
  uint8_t packet[64] = { 3, 4, [6] = 0x05, 0x78 };
  uint16_t sum = ptl_icmp_checksum (packet, 8);
  PtlIcmpMessage message;

  memcpy (packet + 2, &sum, 2);
  g_assert_true (ptl_icmp_parse (AF_INET, packet, 8, &message));
  g_assert_cmpuint (message.mtu, ==, 1400);
  memset (packet, 0, sizeof packet);
  packet[0] = 2;
  packet[5] = 1;
  g_assert_true (ptl_icmp_parse (AF_INET6, packet, 8, &message));
  g_assert_cmpint (message.meaning, ==, PTL_ICMP_TOO_BIG);
  g_assert_cmpuint (message.mtu, ==, 65536);
}

static void
test_quoted_6 (void)
{
  /* With a hop-by-hop and a fragment header before the echo. */
  uint8_t packet[8 + 40 + 8 + 8 + 12] = {
    3, 0, [8] = 0x60, [8 + 6] = 0, 1, [8 + 8 + 15] = 1, [8 + 24 + 15] = 2,
    [48] = 44, 0, [56] = 58, 0, [64] = 128, 0, 0, 0, 0xaa, 0xbb, 0xcc, 0xdd, 1, 2, 3, 4,
  };
  PtlIcmpMessage message;
  char text[PTL_ADDRESS_TEXT_MAX];

  g_assert_true (ptl_icmp_parse (AF_INET6, packet, sizeof packet, &message));
  g_assert_true (message.has_quoted && message.quoted.has_echo);
  g_assert_cmphex (message.quoted.id, ==, 0xaabb);
  g_assert_cmphex (message.quoted.seq, ==, 0xccdd);
  g_assert_cmpuint (message.quoted.len_data, ==, 4);
  g_assert_cmpstr (ptl_address_format_host (&message.quoted.destination, text, sizeof text), ==,
                   "::2");
  for (size_t cut = 8; cut < 72; cut++)
    {
      g_autofree uint8_t *exact = g_memdup2 (packet, cut);

      g_assert_true (ptl_icmp_parse (AF_INET6, exact, cut, &message));
      g_assert_false (message.has_quoted);
    }
  packet[49] = 255; /* longer than there is */
  g_assert_true (ptl_icmp_parse (AF_INET6, packet, sizeof packet, &message));
  g_assert_false (message.has_quoted);
  packet[49] = 0;
  packet[48] = 0; /* and one behind the other without an end */
  packet[56] = 0;
  g_assert_true (ptl_icmp_parse (AF_INET6, packet, sizeof packet, &message));
  g_assert_false (message.has_quoted);
}

static void
test_labels (void)
{
  uint8_t quoted[128 + 4 + 12] = { 0 }, packet[200];
  uint8_t *extension = quoted + 128;
  PtlIcmpMessage message;
  size_t len;
  uint16_t sum;

  memcpy (quoted, udp4, sizeof udp4);
  extension[0] = 0x20;
  extension[5] = 12; /* the object: its header and two entries */
  extension[6] = extension[7] = 1;
  extension[8] = 0x05;
  extension[9] = 0xdc;
  extension[15] = 7;
  sum = ptl_icmp_checksum (extension, 16);
  memcpy (extension + 2, &sum, 2);
  len = make_error (packet, 11, 0, quoted, sizeof quoted);
  packet[5] = 128 / 4;
  packet[2] = packet[3] = 0;
  sum = ptl_icmp_checksum (packet, len);
  memcpy (packet + 2, &sum, 2);
  g_assert_true (ptl_icmp_parse (AF_INET, packet, len, &message));
  g_assert_cmpuint (message.n_labels, ==, 2);
  g_assert_cmphex (message.labels[0], ==, 0x05dc0000);
  g_assert_cmphex (message.labels[1], ==, 7);
  g_assert_true (message.has_quoted);

  /* A wrong checksum of the extension: as if there were none. */
  packet[8 + 128 + 15] ^= 1;
  packet[2] = packet[3] = 0;
  sum = ptl_icmp_checksum (packet, len);
  memcpy (packet + 2, &sum, 2);
  g_assert_true (ptl_icmp_parse (AF_INET, packet, len, &message));
  g_assert_cmpuint (message.n_labels, ==, 0);
}

static void
test_ipv4_header (void)
{
  uint8_t packet[20 + 8] = { 0x45, [8] = 61, 1, [12] = 10, 1, 2, 3 };
  PtlIcmpMessage message;
  PtlAddress from;
  char text[PTL_ADDRESS_TEXT_MAX];
  uint8_t ttl;
  uint16_t sum;

  packet[27] = 9;
  sum = ptl_icmp_checksum (packet + 20, 8);
  memcpy (packet + 22, &sum, 2);
  g_assert_true (ptl_icmp_parse_ipv4 (packet, sizeof packet, &message, &ttl, &from));
  g_assert_cmpuint (ttl, ==, 61);
  g_assert_cmpuint (message.seq, ==, 9);
  g_assert_cmpstr (ptl_address_format_host (&from, text, sizeof text), ==, "10.1.2.3");
  packet[0] = 0x48; /* the header reaches past the end */
  g_assert_false (ptl_icmp_parse_ipv4 (packet, sizeof packet, &message, &ttl, &from));
  g_assert_cmpuint (from.len, ==, 0);
  packet[0] = 0x44;
  g_assert_false (ptl_icmp_parse_ipv4 (packet, sizeof packet, &message, &ttl, &from));
  packet[0] = 0x45;
  packet[9] = 17;
  g_assert_false (ptl_icmp_parse_ipv4 (packet, sizeof packet, &message, &ttl, &from));
  g_assert_false (ptl_icmp_parse_ipv4 (packet, 19, &message, &ttl, &from));
}

static void
test_compare (void)
{
  g_assert_cmpuint (ptl_icmp_compare ((const uint8_t *) "abc", 3, (const uint8_t *) "abc", 3), ==,
                    SIZE_MAX);
  g_assert_cmpuint (ptl_icmp_compare ((const uint8_t *) "abc", 3, (const uint8_t *) "abd", 3), ==,
                    2);
  g_assert_cmpuint (ptl_icmp_compare ((const uint8_t *) "abc", 3, (const uint8_t *) "ab", 2), ==,
                    2);
  g_assert_cmpuint (ptl_icmp_compare ((const uint8_t *) "ab", 2, (const uint8_t *) "abc", 3), ==,
                    2);
}

/* --- the error queue -------------------------------------------------------------------------- */

typedef struct
{
  struct msghdr      msg;
  struct sockaddr_in name;
  union
  {
    struct cmsghdr align;
    uint8_t        bytes[256];
  };
} Queued;

static void
add_cmsg (Queued     *queued,
          int         level,
          int         type,
          const void *bytes,
          size_t      len)
{
  struct cmsghdr *cmsg = (struct cmsghdr *) (queued->bytes + queued->msg.msg_controllen);

  cmsg->cmsg_level = level;
  cmsg->cmsg_type = type;
  cmsg->cmsg_len = CMSG_LEN (len);
  memcpy (CMSG_DATA (cmsg), bytes, len);
  queued->msg.msg_controllen += CMSG_SPACE (len);
}

static void
queued_init (Queued *queued)
{
  memset (queued, 0, sizeof *queued);
  queued->name.sin_family = AF_INET;
  queued->name.sin_port = g_htons (33434);
  queued->name.sin_addr.s_addr = g_htonl (0x0a000002);
  queued->msg.msg_name = &queued->name;
  queued->msg.msg_namelen = sizeof queued->name;
  queued->msg.msg_control = queued->bytes;
}

static void
test_error_queue (void)
{
  struct
  {
    struct sock_extended_err err;
    struct sockaddr_in       offender;
  } told = {
    .err = { .ee_errno = EHOSTUNREACH, .ee_origin = SO_EE_ORIGIN_ICMP, .ee_type = 3,
             .ee_code = 13 },
    .offender = { .sin_family = AF_INET, .sin_addr.s_addr = g_htonl (0x0a000001) },
  };
  struct timespec stamp = { 5, 7 };
  PtlIcmpError error;
  char text[PTL_ADDRESS_TEXT_MAX];
  Queued queued;

  queued_init (&queued);
  g_assert_false (ptl_icmp_parse_error (&queued.msg, NULL, 0, &error));

  add_cmsg (&queued, SOL_SOCKET, SCM_TIMESTAMPNS, &stamp, sizeof stamp);
  add_cmsg (&queued, SOL_IP, IP_RECVERR, &told, sizeof told);
  g_assert_true (ptl_icmp_parse_error (&queued.msg, NULL, 0, &error));
  g_assert_cmpint (error.notice.meaning, ==, PTL_ICMP_PROHIBITED);
  g_assert_cmpint (error.notice.sys_errno, ==, EHOSTUNREACH);
  g_assert_false (error.notice.local);
  g_assert_cmpuint (error.stamp_ns, ==, UINT64_C (5000000007));
  g_assert_cmpstr (ptl_address_format (&error.notice.from, text, sizeof text), ==, "10.0.0.1:0");
  g_assert_cmpstr (ptl_address_format (&error.destination, text, sizeof text), ==,
                   "10.0.0.2:33434");

  /* Nobody is named: SO_EE_OFFENDER() has no family. */
  queued_init (&queued);
  add_cmsg (&queued, SOL_IP, IP_RECVERR, &told.err, sizeof told.err);
  g_assert_true (ptl_icmp_parse_error (&queued.msg, NULL, 0, &error));
  g_assert_cmpuint (error.notice.from.len, ==, 0);

  /* Too short. */
  queued_init (&queued);
  add_cmsg (&queued, SOL_IP, IP_RECVERR, &told.err, sizeof told.err - 1);
  g_assert_false (ptl_icmp_parse_error (&queued.msg, NULL, 0, &error));

  /* This computer itself. */
  queued_init (&queued);
  told.err = (struct sock_extended_err) {
    .ee_errno = EMSGSIZE, .ee_origin = SO_EE_ORIGIN_LOCAL, .ee_info = 1500,
  };
  add_cmsg (&queued, SOL_IP, IP_RECVERR, &told, sizeof told);
  g_assert_true (ptl_icmp_parse_error (&queued.msg, NULL, 0, &error));
  g_assert_true (error.notice.local);
  g_assert_cmpint (error.notice.meaning, ==, PTL_ICMP_TOO_BIG);
  g_assert_cmpuint (error.notice.mtu, ==, 1500);

  /* A time stamp of a zero-copy send is not an error. */
  queued_init (&queued);
  told.err.ee_origin = SO_EE_ORIGIN_TIMESTAMPING;
  add_cmsg (&queued, SOL_IP, IP_RECVERR, &told, sizeof told);
  g_assert_false (ptl_icmp_parse_error (&queued.msg, NULL, 0, &error));
  g_assert_cmpint (error.notice.sys_errno, ==, 0);
}

static void
test_control (void)
{
  struct timespec stamp = { 1, 2 }, bad = { 1, 1000000000 };
  int ttl = 61, none = 300;
  uint64_t stamp_ns;
  int told;
  Queued queued;

  queued_init (&queued);
  ptl_icmp_parse_control (&queued.msg, &stamp_ns, &told);
  g_assert_cmpuint (stamp_ns, ==, 0);
  g_assert_cmpint (told, ==, -1);
  add_cmsg (&queued, SOL_SOCKET, SCM_TIMESTAMPNS, &stamp, sizeof stamp);
  add_cmsg (&queued, SOL_IPV6, IPV6_HOPLIMIT, &ttl, sizeof ttl);
  add_cmsg (&queued, SOL_IP, IP_TTL, &none, sizeof none);
  add_cmsg (&queued, SOL_SOCKET, SCM_TIMESTAMPNS, &bad, sizeof bad);
  ptl_icmp_parse_control (&queued.msg, &stamp_ns, &told);
  g_assert_cmpuint (stamp_ns, ==, UINT64_C (1000000002));
  g_assert_cmpint (told, ==, 61);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/icmp/meanings", test_meanings);
  g_test_add_func ("/icmp/checksum", test_checksum);
  g_test_add_func ("/icmp/echo", test_echo);
  g_test_add_func ("/icmp/quoted-4", test_quoted_4);
  g_test_add_func ("/icmp/quoted-6", test_quoted_6);
  g_test_add_func ("/icmp/mtu", test_mtu);
  g_test_add_func ("/icmp/labels", test_labels);
  g_test_add_func ("/icmp/ipv4-header", test_ipv4_header);
  g_test_add_func ("/icmp/compare", test_compare);
  g_test_add_func ("/icmp/error-queue", test_error_queue);
  g_test_add_func ("/icmp/control", test_control);
  return g_test_run ();
}
