/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every call and every option is told as C writes it, with its result and a line for learners. */
#include "config.h"

#include "model/ptl-fault-text.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/ptl-endpoint.h"
#include "model/ptl-text-private.h"

static PtlAddress
address_of (const char *host,
            const char *port)
{
  g_auto (PtlEndpoint) endpoint = { 0 };
  GError *error = NULL;

  g_assert_true (ptl_endpoint_parse_host_port (&endpoint, host, port, NULL, NULL, &error));
  g_assert_no_error (error);
  return endpoint.address;
}

static void
check (PtlCallRecord record,
       const char   *text,
       const char   *result)
{
  g_autofree char *actual_text = NULL;
  g_autofree char *actual_result = NULL;

  if (record.count == 0)
    record.count = 1;
  actual_text = ptl_call_to_text (&record);
  actual_result = ptl_call_result_to_text (&record);
  g_assert_cmpstr (actual_text, ==, text);
  g_assert_cmpstr (actual_result, ==, result);
}

static void
test_calls (void)
{
  PtlAddress local = address_of ("127.0.0.1", "12345");
  PtlAddress peer = address_of ("127.0.0.1", "50412");
  PtlAddress group = address_of ("239.9.9.9", "0");
  PtlAddress group6 = address_of ("ff02::1", "0");

  check ((PtlCallRecord) { .call = PTL_CALL_SOCKET, .fd = 7, .result = 7,
                           .args = { AF_INET, SOCK_STREAM, IPPROTO_MPTCP } },
         "socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_MPTCP)", "= 7");
  check ((PtlCallRecord) { .call = PTL_CALL_SOCKET, .fd = -1, .result = -1,
                           .sys_errno = EAFNOSUPPORT,
                           .args = { 77, 9, 200 } },
         "socket(77, 9 | SOCK_NONBLOCK | SOCK_CLOEXEC, 200)",
         "= -1 EAFNOSUPPORT (Address family not supported by protocol)");
  check ((PtlCallRecord) { .call = PTL_CALL_SETSOCKOPT, .fd = 7, .args = { PTL_OPT_REUSEADDR, 1 } },
         "setsockopt(7, SOL_SOCKET, SO_REUSEADDR, 1)", "= 0");
  check ((PtlCallRecord) { .call = PTL_CALL_SETSOCKOPT, .fd = 7, .args = { PTL_OPT_LINGER, 1, 0 } },
         "setsockopt(7, SOL_SOCKET, SO_LINGER, {1, 0 s})", "= 0");
  check ((PtlCallRecord) { .call = PTL_CALL_SETSOCKOPT, .fd = 7, .address = group,
                           .args = { PTL_OPT_ADD_MEMBERSHIP, 1 } },
         "setsockopt(7, IPPROTO_IP, IP_ADD_MEMBERSHIP, {239.9.9.9, if_nametoindex (\"lo\")})",
         "= 0");
  check ((PtlCallRecord) { .call = PTL_CALL_SETSOCKOPT, .fd = 7, .address = group6,
                           .args = { PTL_OPT_DROP_MEMBERSHIP, 0 } },
         "setsockopt(7, IPPROTO_IPV6, IPV6_LEAVE_GROUP, {ff02::1, 0})", "= 0");
  check ((PtlCallRecord) { .call = PTL_CALL_SETSOCKOPT, .fd = 7, .args = { PTL_OPT_DEVICE },
                            .text = "lo" },
         "setsockopt(7, SOL_SOCKET, SO_BINDTODEVICE, \"lo\")", "= 0");
  check ((PtlCallRecord) { .call = PTL_CALL_BIND, .fd = 7, .result = -1, .sys_errno = EADDRINUSE,
                           .address = local },
         "bind(7, 127.0.0.1:12345)", "= -1 EADDRINUSE (Address already in use)");
  check ((PtlCallRecord) { .call = PTL_CALL_LISTEN, .fd = 7, .args = { 4096 } }, "listen(7, 4096)",
         "= 0");
  check ((PtlCallRecord) { .call = PTL_CALL_ACCEPT, .fd = 7, .result = 9, .address = peer },
         "accept4(7, …, SOCK_NONBLOCK | SOCK_CLOEXEC)", "= 9 ← 127.0.0.1:50412");
  check ((PtlCallRecord) { .call = PTL_CALL_CONNECT, .fd = 7, .result = -1,
                           .sys_errno = EINPROGRESS, .address = local },
         "connect(7, 127.0.0.1:12345)", "= -1 EINPROGRESS (Operation now in progress)");
  check ((PtlCallRecord) { .call = PTL_CALL_CONNECT_DONE, .fd = 7, .address = local },
         "getsockopt(7, SOL_SOCKET, SO_ERROR)", "→ 0: connected to 127.0.0.1:12345");
  check ((PtlCallRecord) { .call = PTL_CALL_CONNECT_DONE, .fd = 7, .result = -1,
                           .sys_errno = ECONNREFUSED },
         "getsockopt(7, SOL_SOCKET, SO_ERROR)", "→ ECONNREFUSED (Connection refused)");
  check ((PtlCallRecord) { .call = PTL_CALL_GETSOCKNAME, .fd = 7, .address = local },
         "getsockname(7, …)", "= 0 → 127.0.0.1:12345");
  check ((PtlCallRecord) { .call = PTL_CALL_RECV, .fd = 7, .result = 14, .bytes = 14 },
         "recv(7, …, …, 0)", "= 14");
  check ((PtlCallRecord) { .call = PTL_CALL_RECV, .fd = 7, .count = 12405, .result = 9,
                           .bytes = UINT64_C (3100000000) },
         "recv(7, …, …, 0)", "× 12,405 = 3.1\302\240GB");
  check ((PtlCallRecord) { .call = PTL_CALL_RECV, .fd = 7, .count = 3, .result = 9, .bytes = 42,
                           .args = { 262144, 1 }, .n_again = 4 },
         "recv(7, …, 262144, 0)", "× 3 = 42 bytes · EAGAIN × 4");
  check ((PtlCallRecord) { .call = PTL_CALL_RECV, .fd = 7, .count = 2, .result = -1,
                           .sys_errno = EAGAIN, .args = { 262144, 1 } },
         "recv(7, …, 262144, 0)", "× 2 = -1 EAGAIN (Resource temporarily unavailable)");
  check ((PtlCallRecord) { .call = PTL_CALL_SEND, .fd = 7, .result = 0, .args = { 0, 1 } },
         "send(7, …, 0, MSG_NOSIGNAL)", "= 0");
  check ((PtlCallRecord) { .call = PTL_CALL_SPLICE, .fd = 7, .result = 9, .args = { 65536, 1 } },
         "splice(7, NULL, …, NULL, 65536, SPLICE_F_MOVE | SPLICE_F_NONBLOCK)", "= 9");
  check ((PtlCallRecord) { .call = PTL_CALL_ACCEPT, .fd = 7, .result = 9, .address = peer,
                           .n_again = 1 },
         "accept4(7, …, SOCK_NONBLOCK | SOCK_CLOEXEC)", "= 9 ← 127.0.0.1:50412 · EAGAIN");
  check ((PtlCallRecord) { .call = PTL_CALL_RECVMSG, .fd = 7, .result = 14, .bytes = 14 },
         "recvmsg(7, …, MSG_TRUNC)", "= 14");
  check ((PtlCallRecord) { .call = PTL_CALL_RECVMMSG, .fd = 7, .result = 3, .bytes = 42 },
         "recvmmsg(7, …, …, MSG_DONTWAIT | MSG_TRUNC, NULL)", "= 3 (42 bytes)");
  check ((PtlCallRecord) { .call = PTL_CALL_RECVMMSG, .fd = 7, .count = 12, .result = 3,
                           .bytes = 4200 },
         "recvmmsg(7, …, …, MSG_DONTWAIT | MSG_TRUNC, NULL)", "× 12 = 4.2\302\240kB");
  check ((PtlCallRecord) { .call = PTL_CALL_GET_ERROR, .fd = 7, .result = -1,
                           .sys_errno = ECONNRESET },
         "getsockopt(7, SOL_SOCKET, SO_ERROR)", "→ ECONNRESET (Connection reset by peer)");
  check ((PtlCallRecord) { .call = PTL_CALL_GET_MEMINFO, .fd = 7, .count = 1200 },
         "getsockopt(7, SOL_SOCKET, SO_MEMINFO)", "× 1,200 = 0");
  check ((PtlCallRecord) { .call = PTL_CALL_FIONREAD, .fd = 7, .result = 5 }, "ioctl(7, FIONREAD)",
         "= 5");
  check ((PtlCallRecord) { .call = PTL_CALL_SOCKET, .result = 9,
                           .args = { AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG } },
         "socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)", "= 9");
  check ((PtlCallRecord) { .call = PTL_CALL_SEND_DIAG, .fd = 9, .count = 1, .result = 72 },
         "send(9, {SOCK_DIAG_BY_FAMILY, …}, MSG_NOSIGNAL)", "= 72");
  check ((PtlCallRecord) { .call = PTL_CALL_RECV_DIAG, .fd = 9, .count = 1, .result = 88 },
         "recvfrom(9, …)", "= 88");
  check ((PtlCallRecord) { .call = PTL_CALL_SHUTDOWN, .fd = 7, .args = { SHUT_WR } },
         "shutdown(7, SHUT_WR)", "= 0");
  check ((PtlCallRecord) { .call = PTL_CALL_CLOSE, .fd = 7 }, "close(7)", "= 0");
  check ((PtlCallRecord) { .call = PTL_CALL_SENDTO, .fd = 7, .result = 8, .address = peer },
         "sendto(7, …, …, MSG_NOSIGNAL, 127.0.0.1:50412)", "= 8");
  check ((PtlCallRecord) { .call = PTL_CALL_GETADDRINFO, .fd = -1, .args = { 2 }, .text = ":80" },
         "getaddrinfo(NULL, \"80\", …)", "= 0 (2 addresses)");
  check ((PtlCallRecord) { .call = PTL_CALL_GETADDRINFO, .fd = -1, .args = { 2 },
                           .text = "[fe80::1%lo]:80" },
         "getaddrinfo(\"fe80::1%lo\", \"80\", …)", "= 0 (2 addresses)");
  check ((PtlCallRecord) { .call = PTL_CALL_GETADDRINFO, .fd = -1, .args = { 2 },
                           .text = "www.example:http" },
         "getaddrinfo(\"www.example\", \"http\", …)", "= 0 (2 addresses)");
}

static void
test_all (void)
{
  for (int call = 0; call <= PTL_N_CALLS; call++)
    for (int sys_errno = 0; sys_errno < 140; sys_errno++)
      {
        PtlCallRecord record = { .call = (uint8_t) call, .fd = 7, .count = 3,
                                 .sys_errno = sys_errno,
                                 .result = sys_errno != 0 ? -1 : 0 };
        g_autofree char *text = ptl_call_to_text (&record);
        g_autofree char *result = ptl_call_result_to_text (&record);

        g_assert_cmpuint (strlen (text), >, 3);
        g_assert_cmpuint (strlen (result), >, 1);
        g_assert_cmpuint (strlen (ptl_call_explain (&record)), >, 10);
        g_assert_null (strstr (text, "(null)"));
        g_assert_cmpint (g_str_has_prefix (text, "call "), ==, call == PTL_N_CALLS);
      }
}

static void
test_all_options (void)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) explanations = g_hash_table_new (g_str_hash, g_str_equal);

  for (int option = PTL_OPT_NONE + 1; option < PTL_N_OPTS; option++)
    {
      const char *name = ptl_text_get_option_name (option);

      g_assert_nonnull (name);
      g_assert_true (strchr (name, '_') != NULL);
      g_assert_nonnull (ptl_text_get_option_level (option));
      g_hash_table_add (names, (gpointer) name);
      g_hash_table_add (explanations, (gpointer) ptl_text_explain_option (option));
    }
  g_assert_cmpuint (g_hash_table_size (explanations), ==, PTL_N_OPTS - 1);
  g_assert_cmpuint (g_hash_table_size (names), ==, PTL_N_OPTS - 1);
}

static void
test_failed (void)
{
  PtlCallRecord record = { .call = PTL_CALL_CONNECT, .result = -1, .sys_errno = EINPROGRESS,
                           .count = 1 };

  g_assert_false (ptl_call_has_failed (&record));
  g_assert_nonnull (strstr (ptl_call_explain (&record), "epoll"));
  record.sys_errno = ECONNREFUSED;
  g_assert_true (ptl_call_has_failed (&record));
  record = (PtlCallRecord) { .call = PTL_CALL_GETADDRINFO, .result = EAI_NONAME, .count = 1 };
  g_assert_true (ptl_call_has_failed (&record));
  record = (PtlCallRecord) { .call = PTL_CALL_RECV, .count = 1 };
  g_assert_nonnull (strstr (ptl_call_explain (&record), "end of input"));
}

/* What is counted beside the call is explained, too: what one waits for is not the same. */
static void
test_again (void)
{
  PtlCallRecord record = { .call = PTL_CALL_RECV, .count = 1, .result = 3, .bytes = 3 };
  g_autofree char *alone = ptl_call_dup_explanation (&record);
  g_autofree char *recv = NULL;
  g_autofree char *send = NULL;

  g_assert_cmpstr (alone, ==, ptl_call_explain (&record));
  record.n_again = 1;
  recv = ptl_call_dup_explanation (&record);
  g_assert_true (g_str_has_prefix (recv, alone));
  g_assert_nonnull (strstr (recv, "EAGAIN: Nothing to be had"));
  record.call = PTL_CALL_SEND;
  send = ptl_call_dup_explanation (&record);
  g_assert_nonnull (strstr (send, "EAGAIN: No room"));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/call-text/calls", test_calls);
  g_test_add_func ("/call-text/all", test_all);
  g_test_add_func ("/call-text/all-options", test_all_options);
  g_test_add_func ("/call-text/failed", test_failed);
  g_test_add_func ("/call-text/again", test_again);
  return g_test_run ();
}
