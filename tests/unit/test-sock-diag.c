/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of sockets: made messages of netlink and lines of /proc/net. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/netlink_diag.h>
#include <linux/packet_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <linux/vm_sockets_diag.h>

#include "host/ptl-sock-diag-private.h"

#define SEQ 7

/* --- made messages ---------------------------------------------------------------------------- */

/* Begins a message; its length is set by end_message(). */
static guint
begin_message (GByteArray *bytes,
               uint16_t    type,
               uint32_t    seq)
{
  struct nlmsghdr header = { .nlmsg_type = type, .nlmsg_seq = seq };
  guint at = bytes->len;

  g_byte_array_append (bytes, (const void *) &header, sizeof header);
  return at;
}

static void
end_message (GByteArray *bytes,
             guint       at)
{
  static const uint8_t zeros[4];
  uint32_t len = bytes->len - at;

  memcpy (bytes->data + at, &len, sizeof len);
  g_byte_array_append (bytes, zeros, (4 - len % 4) % 4);
}

static void
add_attribute (GByteArray *bytes,
               uint16_t    type,
               const void *value,
               size_t      len)
{
  static const uint8_t zeros[4];
  struct nlattr attribute = { .nla_type = type, .nla_len = (uint16_t) (NLA_HDRLEN + len) };

  g_byte_array_append (bytes, (const void *) &attribute, sizeof attribute);
  g_byte_array_append (bytes, value, (guint) len);
  g_byte_array_append (bytes, zeros, (guint) (4 - len % 4) % 4);
}

static struct inet_diag_msg
make_inet (uint8_t     family,
           uint8_t     state,
           const char *local,
           uint16_t    port,
           uint32_t    cookie)
{
  struct inet_diag_msg message = { .idiag_family = family, .idiag_state = state };

  g_assert_cmpint (inet_pton (family, local, message.id.idiag_src), ==, 1);
  message.id.idiag_sport = g_htons (port);
  message.id.idiag_cookie[0] = cookie;
  message.idiag_inode = 1000 + cookie;
  message.idiag_uid = 33;
  return message;
}

static void
add_inet (GByteArray                 *bytes,
          const struct inet_diag_msg *message,
          int                         v6only) /* -1: no attribute */
{
  guint at = begin_message (bytes, SOCK_DIAG_BY_FAMILY, SEQ);
  uint8_t flag = (uint8_t) v6only;

  g_byte_array_append (bytes, (const void *) message, sizeof *message);
  add_attribute (bytes, 999, "unknown to all", 14);
  if (v6only >= 0)
    add_attribute (bytes, INET_DIAG_SKV6ONLY, &flag, 1);
  end_message (bytes, at);
}

static void
add_done (GByteArray *bytes,
          uint16_t    type,
          int         error)
{
  guint at = begin_message (bytes, type, SEQ);

  g_byte_array_append (bytes, (const void *) &error, sizeof error);
  end_message (bytes, at);
}

static const PtlSockAsk tcp6 = { PTL_SOCK_TCP, AF_INET6, PTL_SOCK_BIT (PTL_SOCK_TCP), SEQ };
static const PtlSockAsk tcp4 = { PTL_SOCK_TCP, AF_INET, PTL_SOCK_BIT (PTL_SOCK_TCP), SEQ };
static const PtlSockAsk local = { PTL_SOCK_UNIX_STREAM, AF_UNIX, PTL_SOCK_UNIX_KINDS, SEQ };
static const PtlSockAsk packet = { PTL_SOCK_PACKET, AF_PACKET, PTL_SOCK_BIT (PTL_SOCK_PACKET),
                                   SEQ };

static const PtlSockAsk netlink = { PTL_SOCK_NETLINK, AF_NETLINK, PTL_SOCK_BIT (PTL_SOCK_NETLINK),
                                    SEQ };
static const PtlSockAsk vsock = { PTL_SOCK_VSOCK, AF_VSOCK, PTL_SOCK_BIT (PTL_SOCK_VSOCK), SEQ };

static void
test_inet (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (PtlSocks) socks = ptl_socks_new ();
  struct inet_diag_msg message = make_inet (AF_INET6, PTL_SOCK_LISTEN, "::", 8080, 1);
  char text[PTL_ADDRESS_TEXT_MAX];
  PtlAddress address;
  bool done;

  message.idiag_rqueue = 3;
  message.idiag_wqueue = 128;
  add_inet (bytes, &message, 1);
  message = make_inet (AF_INET6, PTL_SOCK_ESTABLISHED, "fe80::1", 80, 2);
  message.id.idiag_if = 1;
  message.id.idiag_dport = g_htons (443);
  inet_pton (AF_INET6, "fe80::2", message.id.idiag_dst);
  message.idiag_timer = 2;
  message.idiag_retrans = 5;
  message.idiag_expires = 1234;
  add_inet (bytes, &message, -1);
  add_inet (bytes, &message, -1); /* the same once more */
  message = make_inet (AF_INET6, PTL_SOCK_TIME_WAIT, "::1", 81, 3);
  message.idiag_inode = 0;
  message.idiag_uid = 0;
  add_inet (bytes, &message, -1);
  message = make_inet (AF_INET, PTL_SOCK_LISTEN, "127.0.0.1", 1, 4); /* was not asked for */
  add_inet (bytes, &message, -1);
  message = make_inet (AF_INET6, 200, "::1", 1, 5); /* no such state */
  add_inet (bytes, &message, -1);
  add_done (bytes, NLMSG_DONE, 0);
  add_inet (bytes, &message, -1); /* behind the end */

  g_assert_cmpint (ptl_sock_diag_parse (socks, &tcp6, bytes->data, bytes->len, &done), ==, 0);
  g_assert_true (done);
  g_assert_cmpuint (socks->n, ==, 4);
  ptl_socks_finish (socks);
  g_assert_cmpuint (socks->n, ==, 3);

  g_assert_cmpint (socks->items[0].state, ==, PTL_SOCK_LISTEN);
  g_assert_cmpint (socks->items[0].flags, ==, PTL_SOCK_V6ONLY | PTL_SOCK_V6ONLY_KNOWN);
  g_assert_cmpuint (socks->items[0].rqueue, ==, 3);
  g_assert_cmpuint (socks->items[0].wqueue, ==, 128);
  g_assert_cmpuint (socks->items[0].uid, ==, 33);
  g_assert_cmpuint (socks->items[0].inode, ==, 1001);
  g_assert_true (ptl_socks_get_local (socks, &socks->items[0], &address));
  g_assert_cmpstr (ptl_address_format (&address, text, sizeof text), ==, "[::]:8080");
  g_assert_false (ptl_socks_get_peer (socks, &socks->items[0], &address));

  g_assert_true (ptl_socks_get_local (socks, &socks->items[1], &address));
  g_assert_cmpstr (ptl_address_format (&address, text, sizeof text), ==, "[fe80::1%lo]:80");
  g_assert_true (ptl_socks_get_peer (socks, &socks->items[1], &address));
  g_assert_cmpstr (ptl_address_format (&address, text, sizeof text), ==, "[fe80::2%lo]:443");
  g_assert_cmpint (socks->items[1].timer, ==, PTL_SOCK_TIMER_KEEPALIVE);
  g_assert_cmpuint (socks->items[1].retransmits, ==, 5);
  g_assert_cmpuint (socks->items[1].expires_ms, ==, 1234);

  g_assert_cmpuint (socks->items[2].uid, ==, PTL_SOCK_NO_UID);
  g_assert_cmpuint (ptl_socks_find_key (socks, socks->items[2].key), ==, 2);
  g_assert_cmpuint (ptl_socks_find_key (socks, 99), ==, PTL_SOCK_NO_ROW);
}

/* Every beginning of a good answer, each with its end in a place that may not be read. */
static void
test_short (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  struct inet_diag_msg message = make_inet (AF_INET6, PTL_SOCK_LISTEN, "::", 8080, 1);

  add_inet (bytes, &message, 1);
  add_done (bytes, NLMSG_DONE, 0);
  for (guint len = 0; len < bytes->len; len++)
    {
      g_autoptr (PtlSocks) socks = ptl_socks_new ();
      g_autofree uint8_t *part = g_memdup2 (bytes->data, len); /* ASan watches its end */
      bool done;

      g_assert_cmpint (ptl_sock_diag_parse (socks, &tcp6, part, len, &done), ==, 0);
      g_assert_false (done);
      g_assert_cmpuint (socks->n, <=, 1);
    }
}

static void
test_lying_lengths (void)
{
  static const uint32_t lies[] = { 0, 1, 15, 16, 20, 87, 4096, UINT32_MAX };
  struct inet_diag_msg message = make_inet (AF_INET6, PTL_SOCK_LISTEN, "::", 8080, 1);

  for (size_t i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      g_autoptr (PtlSocks) socks = ptl_socks_new ();
      bool done;

      add_inet (bytes, &message, 1);
      memcpy (bytes->data, &lies[i], sizeof lies[i]);
      g_assert_cmpint (ptl_sock_diag_parse (socks, &tcp6, bytes->data, bytes->len, &done), ==, 0);
      g_assert_cmpuint (socks->n, ==, 0);
    }
  for (uint16_t lie = 0; lie < 64; lie++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      g_autoptr (PtlSocks) socks = ptl_socks_new ();
      g_autofree uint8_t *copy = NULL;
      bool done;

      add_inet (bytes, &message, 1);
      memcpy (bytes->data + NLMSG_HDRLEN + sizeof message, &lie, sizeof lie);
      copy = g_memdup2 (bytes->data, bytes->len);
      g_assert_cmpint (ptl_sock_diag_parse (socks, &tcp6, copy, bytes->len, &done), ==, 0);
      g_assert_cmpuint (socks->n, ==, 1);
    }
}

/* A name that claims to go on behind the message. */
static void
test_lying_name (void)
{
  struct unix_diag_msg message = { .udiag_family = AF_UNIX, .udiag_type = SOCK_STREAM,
                                   .udiag_state = PTL_SOCK_LISTEN, .udiag_ino = 5 };
  const uint16_t lie = NLA_HDRLEN + 40;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (PtlSocks) socks = ptl_socks_new ();
  g_autofree uint8_t *copy = NULL;
  guint at = begin_message (bytes, SOCK_DIAG_BY_FAMILY, SEQ);
  bool done;

  g_byte_array_append (bytes, (const void *) &message, sizeof message);
  add_attribute (bytes, UNIX_DIAG_NAME, "/x", 3);
  end_message (bytes, at);
  memcpy (bytes->data + NLMSG_HDRLEN + sizeof message, &lie, sizeof lie);
  copy = g_memdup2 (bytes->data, bytes->len);
  g_assert_cmpint (ptl_sock_diag_parse (socks, &local, copy, bytes->len, &done), ==, 0);
  g_assert_cmpuint (socks->n, ==, 1);
  g_assert_cmpint (socks->items[0].flags & PTL_SOCK_HAS_NAME, ==, 0);
}

static void
test_errors (void)
{
  static const struct
  {
    uint16_t type;
    int      said;
    int      expected;
  } cases[] = {
    { NLMSG_ERROR, -EPERM, -EPERM },
    { NLMSG_ERROR, -ENOENT, -ENOENT },
    { NLMSG_ERROR, 5, -EBADMSG },
    { NLMSG_ERROR, INT_MIN, -EBADMSG },
    { NLMSG_DONE, -ENOMEM, -ENOMEM },
    { NLMSG_DONE, 0, 0 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      g_autoptr (PtlSocks) socks = ptl_socks_new ();
      bool done;

      add_done (bytes, cases[i].type, cases[i].said);
      g_assert_cmpint (ptl_sock_diag_parse (socks, &tcp4, bytes->data, bytes->len, &done), ==,
                       cases[i].expected);
      g_assert_true (done);
      bytes->data[8] ^= 1; /* of another dump */
      g_assert_cmpint (ptl_sock_diag_parse (socks, &tcp4, bytes->data, bytes->len, &done), ==, 0);
      g_assert_false (done);
    }
}

static void
add_unix (GByteArray *bytes,
          uint8_t     type,
          uint32_t    inode,
          const char *name,
          size_t      len,
          uint32_t    peer)
{
  struct unix_diag_msg message = { .udiag_family = AF_UNIX, .udiag_type = type,
                                   .udiag_state = PTL_SOCK_ESTABLISHED, .udiag_ino = inode,
                                   .udiag_cookie = { inode, 0 } };
  struct unix_diag_rqlen queues = { 5, 6 };
  guint at = begin_message (bytes, SOCK_DIAG_BY_FAMILY, SEQ);
  uint32_t uid = 1000;

  g_byte_array_append (bytes, (const void *) &message, sizeof message);
  if (name != NULL)
    add_attribute (bytes, UNIX_DIAG_NAME, name, len);
  if (peer != 0)
    add_attribute (bytes, UNIX_DIAG_PEER, &peer, sizeof peer);
  add_attribute (bytes, UNIX_DIAG_RQLEN, &queues, sizeof queues);
  add_attribute (bytes, UNIX_DIAG_UID, &uid, sizeof uid);
  end_message (bytes, at);
}

static void
test_unix (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (PtlSocks) socks = ptl_socks_new ();
  char long_name[200];
  char text[PTL_ADDRESS_TEXT_MAX];
  PtlAddress address;
  bool done;

  memset (long_name, 'x', sizeof long_name);
  add_unix (bytes, SOCK_STREAM, 10, "/run/x", 7, 11);
  add_unix (bytes, SOCK_STREAM, 11, NULL, 0, 10);
  add_unix (bytes, SOCK_DGRAM, 12, "\0a\n\xff\0b", 6, 99); /* a peer that is not there */
  add_unix (bytes, SOCK_SEQPACKET, 13, "", 0, 0);
  add_unix (bytes, SOCK_STREAM, 14, long_name, sizeof long_name, 0); /* no such name can be */
  g_assert_cmpint (ptl_sock_diag_parse (socks, &local, bytes->data, bytes->len, &done), ==, 0);
  ptl_socks_finish (socks);
  g_assert_cmpuint (socks->n, ==, 5);

  g_assert_cmpint (socks->items[0].kind, ==, PTL_SOCK_UNIX_STREAM);
  g_assert_cmpuint (socks->items[0].rqueue, ==, 5);
  g_assert_cmpuint (socks->items[0].wqueue, ==, 6);
  g_assert_cmpuint (socks->items[0].uid, ==, 1000);
  g_assert_cmpuint (socks->items[0].peer_row, ==, 1);
  g_assert_true (ptl_socks_get_local (socks, &socks->items[0], &address));
  g_assert_cmpstr (ptl_address_format (&address, text, sizeof text), ==, "/run/x");
  g_assert_false (ptl_socks_get_peer (socks, &socks->items[0], &address));
  g_assert_true (ptl_socks_get_peer (socks, &socks->items[1], &address));
  g_assert_cmpstr (ptl_address_format (&address, text, sizeof text), ==, "/run/x");

  g_assert_cmpint (socks->items[2].kind, ==, PTL_SOCK_UNIX_DGRAM);
  g_assert_true (ptl_socks_get_local (socks, &socks->items[2], &address));
  g_assert_cmpstr (ptl_address_format (&address, text, sizeof text), ==, "@a\\x0a\\xff\\x00b");
  g_assert_cmpuint (socks->items[2].peer_row, ==, PTL_SOCK_NO_ROW);
  g_assert_true ((socks->items[2].flags & PTL_SOCK_HAS_PEER) != 0);
  g_assert_cmpint (socks->items[3].kind, ==, PTL_SOCK_UNIX_SEQPACKET);
  g_assert_false (ptl_socks_get_local (socks, &socks->items[3], &address));
  g_assert_false (ptl_socks_get_local (socks, &socks->items[4], &address));
}

static void
test_packet (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (PtlSocks) socks = ptl_socks_new ();
  struct packet_diag_msg message = { .pdiag_family = AF_PACKET, .pdiag_type = SOCK_RAW,
                                     .pdiag_num = 3, .pdiag_ino = 5, .pdiag_cookie = { 5, 0 } };
  struct packet_diag_info info = { .pdi_index = 2 };
  uint32_t uid = 12;
  guint at = begin_message (bytes, SOCK_DIAG_BY_FAMILY, SEQ);
  PtlAddress address;
  bool done;

  g_byte_array_append (bytes, (const void *) &message, sizeof message);
  add_attribute (bytes, PACKET_DIAG_INFO, &info, sizeof info);
  add_attribute (bytes, PACKET_DIAG_UID, &uid, sizeof uid);
  add_attribute (bytes, PACKET_DIAG_MEMINFO, "", 0);
  end_message (bytes, at);
  g_assert_cmpint (ptl_sock_diag_parse (socks, &packet, bytes->data, bytes->len, &done), ==, 0);
  ptl_socks_finish (socks);
  g_assert_cmpuint (socks->n, ==, 1);
  g_assert_cmpuint (socks->items[0].interface, ==, 2);
  g_assert_cmpuint (socks->items[0].uid, ==, 12);
  g_assert_cmpuint (socks->items[0].local_port, ==, 3);
  g_assert_false (ptl_socks_get_local (socks, &socks->items[0], &address));
}

static void
test_netlink (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (PtlSocks) socks = ptl_socks_new ();
  struct netlink_diag_msg message = { .ndiag_family = AF_NETLINK, .ndiag_type = SOCK_RAW,
                                      .ndiag_protocol = NETLINK_GENERIC, .ndiag_state = 7,
                                      .ndiag_portid = 4021, .ndiag_ino = 6,
                                      .ndiag_cookie = { 6, 0 } };
  const uint32_t memory[SK_MEMINFO_VARS] = { 832 };
  guint at = begin_message (bytes, SOCK_DIAG_BY_FAMILY, SEQ);
  PtlAddress address;
  PtlSockInfo info;
  bool done;

  g_byte_array_append (bytes, (const void *) &message, sizeof message);
  add_attribute (bytes, NETLINK_DIAG_MEMINFO, memory, sizeof memory);
  end_message (bytes, at);
  message.ndiag_state = 1; /* NETLINK_CONNECTED */
  message.ndiag_dst_portid = 99;
  message.ndiag_cookie[0] = 7;
  at = begin_message (bytes, SOCK_DIAG_BY_FAMILY, SEQ);
  g_byte_array_append (bytes, (const void *) &message, sizeof message);
  end_message (bytes, at);
  at = begin_message (bytes, SOCK_DIAG_BY_FAMILY, SEQ); /* a part of one */
  g_byte_array_append (bytes, (const void *) &message, sizeof message - 1);
  end_message (bytes, at);
  g_assert_cmpint (ptl_sock_diag_parse (socks, &netlink, bytes->data, bytes->len, &done), ==, 0);
  ptl_socks_finish (socks);
  g_assert_cmpuint (socks->n, ==, 2);
  g_assert_cmpint (socks->items[0].state, ==, PTL_SOCK_CLOSE);
  g_assert_cmpuint (socks->items[0].local_port, ==, NETLINK_GENERIC);
  g_assert_cmpuint (socks->items[0].local_id, ==, 4021);
  g_assert_cmpuint (socks->items[0].rqueue, ==, 832);
  g_assert_cmpuint (socks->items[0].uid, ==, PTL_SOCK_NO_UID);
  g_assert_cmpint (socks->items[1].state, ==, PTL_SOCK_ESTABLISHED);
  g_assert_cmpuint (socks->items[1].peer_id, ==, 99);
  /* No port that others could be asked for, and no address of the socket calls. */
  g_assert_cmpuint (ptl_sock_get_port (&socks->items[0]), ==, 0);
  g_assert_false (ptl_socks_get_local (socks, &socks->items[0], &address));
  g_assert_false (ptl_socks_get_peer (socks, &socks->items[1], &address));
  g_assert_cmpint (ptl_sock_read_info (&socks->items[0], &info), ==, -EOPNOTSUPP);
}

static void
test_vsock (void)
{
  /* Two whole ones; one without its end, in states that there are none of, of another family. */
  static const struct
  {
    guint8  family;
    guint8  state;
    gsize   cut;
    guint32 src_cid, src_port, dst_cid, dst_port;
  } rows[] = {
    { AF_VSOCK, PTL_SOCK_LISTEN, 0, UINT32_MAX, 70000, UINT32_MAX, UINT32_MAX },
    { AF_VSOCK, PTL_SOCK_ESTABLISHED, 0, 3, 22, 2, 1024 },
    { AF_VSOCK, PTL_SOCK_ESTABLISHED, 4, 3, 23, 2, 1025 },
    { AF_VSOCK, PTL_SOCK_N_STATES, 0, 3, 24, 2, 1026 },
    { AF_VSOCK, 0, 0, 3, 25, 2, 1027 },
    { AF_INET, PTL_SOCK_ESTABLISHED, 0, 3, 26, 2, 1028 },
  };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (PtlSocks) socks = ptl_socks_new ();
  const PtlSock *listening, *connected;
  bool done;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      struct vsock_diag_msg message = {
        .vdiag_family = rows[i].family, .vdiag_type = SOCK_STREAM, .vdiag_state = rows[i].state,
        .vdiag_src_cid = rows[i].src_cid, .vdiag_src_port = rows[i].src_port,
        .vdiag_dst_cid = rows[i].dst_cid, .vdiag_dst_port = rows[i].dst_port,
        .vdiag_ino = 6 + i, .vdiag_cookie = { 6 + i, 0 },
      };
      guint at = begin_message (bytes, SOCK_DIAG_BY_FAMILY, SEQ);

      g_byte_array_append (bytes, (const void *) &message, sizeof message - rows[i].cut);
      end_message (bytes, at);
    }
  g_assert_cmpint (ptl_sock_diag_parse (socks, &vsock, bytes->data, bytes->len, &done), ==, 0);
  ptl_socks_finish (socks);
  g_assert_cmpuint (socks->n, ==, 2);
  listening = &socks->items[socks->items[0].inode == 6 ? 0 : 1];
  connected = &socks->items[socks->items[0].inode == 6 ? 1 : 0];
  g_assert_cmpint (listening->state, ==, PTL_SOCK_LISTEN);
  g_assert_cmpuint (listening->local_cid, ==, PTL_SOCK_ANY);
  g_assert_cmpuint (ptl_sock_get_port (listening), ==, 70000);
  g_assert_cmpuint (listening->peer_cid, ==, PTL_SOCK_ANY);
  g_assert_cmpuint (ptl_sock_get_peer_port (listening), ==, 0);
  g_assert_cmpuint (connected->inode, ==, 7);
  g_assert_cmpint (connected->kind, ==, PTL_SOCK_VSOCK);
  g_assert_cmpint (connected->state, ==, PTL_SOCK_ESTABLISHED);
  g_assert_cmpuint (connected->local_cid, ==, 3);
  g_assert_cmpuint (ptl_sock_get_port (connected), ==, 22);
  g_assert_cmpuint (connected->peer_cid, ==, 2);
  g_assert_cmpuint (ptl_sock_get_peer_port (connected), ==, 1024);
}

static void
test_limit (void)
{
  g_autoptr (PtlSocks) socks = ptl_socks_new ();
  PtlSock sock = { .family = AF_INET };

  for (uint32_t i = 0; i < PTL_SOCKS_MAX; i++)
    {
      sock.key = i + 1;
      g_assert_true (ptl_socks_add (socks, &sock));
    }
  g_assert_false (socks->cut);
  g_assert_false (ptl_socks_add (socks, &sock));
  g_assert_true (socks->cut);
  ptl_socks_finish (socks);
  g_assert_cmpuint (socks->n, ==, PTL_SOCKS_MAX);
  g_assert_cmpuint (ptl_socks_find_key (socks, 500000), ==, 499999);
}

/* --- /proc/net -------------------------------------------------------------------------------- */

static void
test_proc_lines (void)
{
  static const PtlSockAsk udp4 = { PTL_SOCK_UDP, AF_INET, PTL_SOCK_BIT (PTL_SOCK_UDP), SEQ };
  static const struct
  {
    const PtlSockAsk *ask;
    const char       *line;
    const char       *expected; /* NULL: it is none of a socket */
  } cases[] = {
    { &tcp4, "   0: 0100007F:1F90 00000000:0000 0A 00000080:00000003 00:00000000 00000000    33   "
             "     0 19234 1 0000000000000000 100 0 0 10 0", "127.0.0.1:8080 10 33 19234 3 128" },
    { &tcp6, "   1: 000080FE000000000000000001000000:0050 00000000000000000000000001000000:CAFE 01 "
             "00000001:00000002 02:00000064 00000000     0        0 7 1",
      "[fe80::1]:80 1 0 7 2 1" },
    { &tcp4, "   2: 0100007F:1F90 0100007F:CAFE 06 00000000:00000000 03:00000064 00000000     0    "
             "    0 0 3 0000000000000000", "127.0.0.1:8080 6 4294967295 0 0 0" },
    { &udp4, "  12: 00000000:0043 00000000:0000 07 00000000:00000000 00:00000000 00000000   101  "
             "      0 21 2 0000000000000000 9", "0.0.0.0:67 7 101 21 0 0" },
    { &tcp4, "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when", NULL },
    { &tcp4, "", NULL },
    { &tcp4, "   9: 00:", NULL },
    { &tcp4, "   0: 0100007F:1F90 00000000:0000 FF 00000080:00000003 00:00000000 00000000    33   "
             "     0 19234", NULL },
    /* an address of another family */
    { &tcp6, "   0: 0100007F:1F90 00000000:0000 0A 00000080:00000003 00:00000000 00000000    33   "
             "     0 19234", NULL },
    { &local, "0000000000000000: 00000002 00000000 00010000 0001 01 16597 /run/a b",
      "/run/a b 10 4294967295 16597 0 0" },
    { &local, "0000000000000000: 00000002 00000000 00000000 0002 03 16598 @x",
      "@x 1 4294967295 16598 0 0" },
    { &local, "0000000000000000: 00000002 00000000 00000000 0005 01 16599",
      "- 7 4294967295 16599 0 0" },
    { &local, "Num       RefCount Protocol Flags    Type St Inode Path", NULL },
    { &packet, "0000000000000000 3      3    0003   2     1 44     12     21377",
      "- 7 12 21377 44 0" },
    { &packet, "sk               RefCnt Type Proto  Iface R Rmem   User   Inode", NULL },
    { &netlink, "0000000000000000 16  4294967290 00000440 832      0        0     2        0     "
                "   4711", "- 7 4294967295 4711 832 0" },
    { &netlink, "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops  "
                "  Inode", NULL },
    { &vsock, "whatever", NULL }, /* there is no such file */
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PtlSocks) socks = ptl_socks_new ();
      bool there = ptl_sock_proc_parse (socks, cases[i].ask, PTL_SOCK_ALL_STATES, cases[i].line);
      g_autofree char *got = NULL;
      char text[PTL_ADDRESS_TEXT_MAX] = "-";
      const PtlSock *sock = socks->items;
      PtlAddress address;

      g_test_message ("%s", cases[i].line);
      g_assert_cmpint (there, ==, cases[i].expected != NULL);
      g_assert_cmpuint (socks->n, ==, there);
      if (!there)
        continue;
      if (ptl_socks_get_local (socks, sock, &address))
        ptl_address_format (&address, text, sizeof text);
      got = g_strdup_printf ("%s %u %u %u %u %u", text, sock->state, sock->uid, sock->inode,
                             sock->rqueue, sock->wqueue);
      g_assert_cmpstr (got, ==, cases[i].expected);
      g_assert_true ((sock->key >> 63) != 0);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sock-diag/inet", test_inet);
  g_test_add_func ("/sock-diag/short", test_short);
  g_test_add_func ("/sock-diag/lying-lengths", test_lying_lengths);
  g_test_add_func ("/sock-diag/lying-name", test_lying_name);
  g_test_add_func ("/sock-diag/errors", test_errors);
  g_test_add_func ("/sock-diag/unix", test_unix);
  g_test_add_func ("/sock-diag/packet", test_packet);
  g_test_add_func ("/sock-diag/netlink", test_netlink);
  g_test_add_func ("/sock-diag/vsock", test_vsock);
  g_test_add_func ("/sock-diag/limit", test_limit);
  g_test_add_func ("/sock-diag/proc-lines", test_proc_lines);
  return g_test_run ();
}
