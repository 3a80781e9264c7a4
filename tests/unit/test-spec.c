/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specs and their URIs: every option there and back, what is refused and where. */
#include "config.h"

#include "base/ptl-error.h"
#include "base/ptl-spec.h"

#include <limits.h>
#include <string.h>

#define C PTL_ROLE_CONNECT
#define L PTL_ROLE_LISTEN
#define D PTL_ROLE_DATAGRAMS

static void
assert_round_trip (const PtlSpec *spec)
{
  g_autofree char *uri = ptl_spec_to_uri (spec);
  g_autofree char *title = ptl_spec_to_title (spec);
  g_autoptr (GError) error = NULL;
  g_autoptr (PtlSpec) back = ptl_spec_parse_uri (spec->role, uri, NULL, &error);
  g_autoptr (PtlSpec) copy = ptl_spec_copy (spec);

  g_assert_no_error (error);
  g_assert_true (ptl_spec_equal (spec, back));
  g_assert_true (ptl_spec_equal (copy, back));
  g_assert_true (g_str_has_prefix (uri, title));
  g_assert_null (strchr (title, '?'));
  g_assert_true (g_utf8_validate (uri, -1, NULL));
}

static void
test_uris (void)
{
  static const struct
  {
    PtlRole     role;
    const char *uri;
    const char *written; /* NULL: the same */
  } rows[] = {
    { C, "tcp://localhost:http", NULL },
    { C, "TCP://localhost:80/", "tcp://localhost:80" },
    { C, "tcp://127.0.0.1:80", NULL },
    { C, "tcp://2130706433:80", NULL },
    { C, "tcp://[::1]:993", NULL },
    { C, "tcp://[fe80::1%25lo]:80", NULL },
    { C, "tcp://[fe80::1%lo]:80", "tcp://[fe80::1%25lo]:80" },
    { C, "tcp://[fe80::1%25]:80", "tcp://[fe80::1%2525]:80" },
    { C, "tcp://[fe80::1%2525]:80", NULL },
    { C, "tcp://[fe80::1%25a%2Cb]:80", NULL },
    { C, "tcp://b%C3%BCcher.example:80", "tcp://bücher.example:80" },
    { C, "tcp://bücher.example:80", NULL },
    { L, "tcp://:8080,8081", NULL },
    { L, "tcp://*:8080", NULL },
    { L, "tcp://:8000-8003", "tcp://:8000,8001,8002,8003" },
    { L, "tcp://:8000-8000,http", "tcp://:8000,http" },
    { L, "tcp://:80,80,80", "tcp://:80" },
    { L, "tcp://:8000-8002,8001-8003,8000", "tcp://:8000,8001,8002,8003" },
    { L, "tcp://:http,http,[::1]:http,:http", "tcp://:http,[::1]:http" },
    { L, "tcp://:0,0", "tcp://:0,0" },
    { L, "unix:/run/a?also=/run/b&also=/run/a", "unix:/run/a?also=/run/b" },
    { L, "tcp://127.0.0.1:1,2,[::1]:1,2-3", "tcp://127.0.0.1:1,2,[::1]:1,2,3" },
    { L, "tcp://:0", NULL },
    { D, "udp://<broadcast>:9?broadcast=1", NULL },
    { D, "udp://%3Cbroadcast%3E:9", "udp://<broadcast>:9" },
    { C, "unix:/run/x.sock", NULL },
    { C, "unix:///run/x.sock", "unix:/run/x.sock" },
    { C, "unix:////run/x.sock", NULL },
    { C, "unix:x", NULL },
    { C, "unix:@name", NULL },
    { C, "unix:@na%5C0me", "unix:@na\\0me" },
    { C, "unix:/a%20b%3Fc%25", NULL },
    { C, "unix+stream:@x", "unix:@x" },
    { C, "unix+seqpacket:@x", NULL },
    { D, "unix+dgram:@y", NULL },
    { L, "unix:/a,b?also=@c&also=/d%26", NULL },
    { C, "vsock://2:1234", NULL },
    { L, "vsock://:any", NULL },
    { L, "vsock://local:1,2", NULL },
    { C, "tcp://a:1?nodelay", "tcp://a:1?nodelay=1" },
    { C, "tcp://a:1?nodelay=off", "tcp://a:1?nodelay=0" },
    { C, "tcp://a:1?nodelay=Yes", "tcp://a:1?nodelay=1" },
    { C, "tcp://a:1?from=127.0.0.2:0", NULL },
    { C, "tcp://a:1?from=127.0.0.2", "tcp://a:1?from=127.0.0.2:0" },
    { C, "tcp://a:1?from=[fe80::1%25lo]:5", NULL },
    { C, "tcp://a:1?from=:5", NULL },
    { D, "unix+dgram:/a?from=/b%26c", NULL },
    { C, "vsock://2:1?from=any:9", NULL },
    { C, "tcp://a:1?via=eth0", NULL },
    { C, "tcp://a:1?family=ipv6", "tcp://a:1?family=6" },
    { C, "tcp://a:1?family=any", "tcp://a:1" },
    { C, "tcp://a:1?protocol=mptcp", NULL },
    { C, "tcp://a:1?protocol=262", "tcp://a:1?protocol=mptcp" },
    { C, "tcp://a:1?protocol=sctp", NULL },
    { C, "tcp://a:1?protocol=0", "tcp://a:1?protocol=default" },
    { C, "udp://a:1?protocol=udplite", NULL },
    { C, "tcp://a:1?domain=x25&type=seqpacket&protocol=77", NULL },
    { C, "tcp://a:1?domain=local", "tcp://a:1?domain=unix" },
    { C, "tcp://a:1?domain=99&type=9", NULL },
    { C, "tcp://a:1?rcvbuf=8M&sndbuf=64k", "tcp://a:1?rcvbuf=8388608&sndbuf=65536" },
    { C, "tcp://a:1?tos=af11&ttl=0x10", "tcp://a:1?ttl=16&tos=40" },
    { C, "tcp://a:1?linger=0", NULL },
    { C, "tcp://a:1?connect-timeout=5&idle-timeout=1500ms", NULL },
    { C, "tcp://a:1?idle-timeout=1.5", "tcp://a:1?idle-timeout=1500ms" },
    { C, "tcp://a:1?idle-timeout=2m", "tcp://a:1?idle-timeout=120" },
    { C, "tcp://a:1?idle-timeout=0", "tcp://a:1" },
    { C, "tcp://a:1?half-open=0", NULL },
    { C, "tcp://a:1?half-open=auto", "tcp://a:1" },
    { C, "tcp://a:1?half-open=30", NULL },
    { L, "tcp://:1?half-open=keep", NULL },
    { C, "tcp://a:1?log-limit=2G", "tcp://a:1?log-limit=2147483648" },
    { C, "tcp://a:1?log-limit=18446744073709551615", NULL },
    { C, "tcp://a:1?keep-free=3M", "tcp://a:1?keep-free=3145728" },
    { C, "tcp://a:1?keep-free=0", NULL },
    { L, "tcp://:1?own-peers-only=1&max-peers=5&reaction=echo&when-full=go-on", NULL },
    { L, "tcp://:1?reaction=greeting&text=a%00%FF%26=%25+b", NULL },
    { L, "tcp://:1?reaction=answer&text=", NULL },
    { L, "tcp://:1?reaction=answer&text=[%41%25]", "tcp://:1?reaction=answer&text=[A%25]" },
    { C, "unix:/[%27%25x", NULL },
    { L, "tcp://:1?reaction=none&when-full=stop", "tcp://:1" },
    { L, "udp://:1?group=239.9.9.9%25eth0&group=ff02::5&group=ff02::5%25lo", NULL },
    { L, "udp://:1?group=[ff02::5%25lo]", "udp://:1?group=ff02::5%25lo" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PtlSpec) spec = ptl_spec_parse_uri (rows[i].role, rows[i].uri, NULL, &error);
      g_autofree char *written = NULL;

      g_assert_no_error (error);
      written = ptl_spec_to_uri (spec);
      g_assert_cmpstr (written, ==, rows[i].written != NULL ? rows[i].written : rows[i].uri);
      assert_round_trip (spec);
    }
}

static void
test_bad_uris (void)
{
  static const struct
  {
    PtlRole     role;
    const char *uri;
    size_t      at;
    const char *part;
  } rows[] = {
    { C, "", 0, "a scheme is missing" },
    { C, "localhost", 0, "a scheme is missing" },
    { C, "localhost:80", 0, "this scheme is not known" },
    { C, "tls://a:1", 0, "this scheme is not known" },
    { C, "tcp:a:1", 4, "“//” is missing" },
    { C, "tcp://a:1\n", 9, "character 10, U+000A: a control character" },
    { C, "tcp://", 6, "a port is missing" },
    { C, "tcp://a", 7, "a port is missing" },
    { C, "tcp://a:", 8, "a port is missing" },
    { C, "tcp://::1:993", 13, "a port is missing" }, /* all of it is an address */
    { C, "tcp://::1", 9, "a port is missing" },
    { C, "tcp://a:b:1", 11, "eight groups, here are 3" },
    { C, "tcp://a b:1", 7, "character 8, a space" },
    { C, "tcp://a%20b:1", 7, "character 8, “%”: a host's name does not have" },
    { C, "tcp://a%00b:1", 7, "NUL" },
    { C, "tcp://a%zzb:1", 7, "two hexadecimal digits" },
    { C, "tcp://a:65536", 8, "0 to 65535" },
    { C, "tcp://1.2.3:80", 11, "here are 3" },
    { C, "tcp://256.1.1.1:80", 6, "256 is more than 255" },
    { C, "tcp://[::g]:80", 9, "“g”" },
    { C, "tcp://a:1,2", 9, "only a listener has several ports" },
    { C, "tcp://a:1-3", 0, "only a listener has several ports" },
    { L, "tcp://:8003-8000", 7, "goes upwards" },
    { L, "tcp://:1-70000", 9, "0 to 65535" },
    { L, "tcp://:70000-70010", 7, "0 to 65535" },
    { L, "tcp://:8000-", 12, "the last port of the range is missing" },
    { L, "tcp://:1-999999", 9, "0 to 65535" },
    { L, "tcp://:1-65", 7, "at most 64 ports" },
    { L, "tcp://:1,", 9, "a port is missing" },
    { L, "tcp://:1,x:", 11, "a port is missing" },
    { C, "tcp://a:1#x", 9, "“#”" },
    { C, "tcp://a:1/x", 9, "“/”" },
    { C, "tcp://me@a:1", 8, "“@”" },
    { C, "unix:", 5, "a path is missing" },
    { C, "unix:@", 6, "a name is missing" },
    { C, "unix:/a%0Ab", 7, "not safe to show" },
    { C, "udp://a:1?also=/x", 10, "for Unix sockets" },
    { C, "tcp://a:1?", 10, "the name of an option is missing" },
    { C, "tcp://a:1?foo=1", 10, "no option has this name" },
    { C, "tcp://a:1?ttl=1&ttl=2", 16, "there before" },
    { C, "tcp://a:1?ttl", 13, "“=” and a value" },
    { C, "tcp://a:1?ttl=", 14, "a number goes here" },
    { C, "tcp://a:1?ttl=0", 14, "from 1 to 255" },
    { C, "tcp://a:1?ttl=256", 14, "from 1 to 255" },
    { C, "tcp://a:1?ttl=2x", 15, "only digits" },
    { C, "tcp://a:1?ttl=99999999999999999999999", 14, "from 1 to 255" },
    { C, "tcp://a:1?rcvbuf=2G", 17, "from 0 to 2147483647" },
    { C, "tcp://a:1?rcvbuf=5q", 18, "only k, M or G" },
    { C, "tcp://a:1?nodelay=2", 18, "one of these goes here: 1, 0" },
    { C, "tcp://a:1?family=5", 17, "one of these" },
    { C, "tcp://a:1?type=frob", 15, "a number goes here, or one of: stream" },
    { C, "tcp://a:1?type=16", 15, "from 0 to 15" },
    { C, "tcp://a:1?via=abcdefghijklmnop", 29, "at most 15 bytes" },
    { C, "tcp://a:1?via=", 14, "missing" },
    { C, "tcp://a:1?via=a%2Fb", 15, "does not have this character" },
    { C, "tcp://a:1?from=1.2.3:5", 20, "here are 3" },
    { C, "tcp://a:1?idle-timeout=x", 23, "a time goes here" },
    { C, "tcp://a:1?idle-timeout=5h", 24, "only “ms”" },
    { C, "tcp://a:1?idle-timeout=4294968", 23, "at most" },
    { D, "udp://a:1?group=1.2.3.4", 16, "not a multicast address" },
    { D, "udp://a:1?group=a", 16, "not a multicast address" },
    { D, "udp://a:1?group=224.0.0.1%25", 28, "is missing" },
    { D, "tcp://a:1", 0, "datagrams go over" },
    { C, "tcp://1.2.3.4:1?family=6", 0, "is an IPv4 address" },
    { C, "tcp://[::1]:1?family=4", 0, "is an IPv6 address" },
    { C, "tcp://[::1]:1?from=1.2.3.4", 0, "the other IPv6" },
    { C, "unix:/x?family=4", 0, "TCP and UDP only" },
    { C, "tcp://a:1?group=224.0.0.1", 0, "only UDP joins" },
    { D, "udp://a:1?group=224.0.0.1&family=6", 0, "not of the family" },
    { L, "tcp://:1?from=:2", 0, "a listener's address" },
    { L, "tcp://:1?connect-timeout=2", 0, "connect timeout" },
    { D, "udp://:1?idle-timeout=2", 0, "idle timeout" },
    { L, "udp://:1?half-open=2", 0, "end of input" },
    { L, "tcp://:1?half-open=kept", 19, "a time goes here" },
    { C, "tcp://a:1?reaction=echo", 0, "for a listener" },
    { C, "tcp://a:1?own-peers-only=1", 0, "refuse peers" },
    { C, "tcp://a:1?max-peers=1", 0, "limit of peers" },
    { L, "tcp://:1?reaction=greeting", 0, "text of the greeting or answer is missing" },
    { L, "tcp://:1?text=a", 0, "a text is for" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      size_t at = 999;
      PtlSpec *spec = ptl_spec_parse_uri (rows[i].role, rows[i].uri, &at, &error);

      if (spec != NULL)
        g_error ("“%s” was taken", rows[i].uri);
      g_assert_error (error, PTL_ERROR, PTL_ERROR_PARSE);
      if (at != rows[i].at || strstr (error->message, rows[i].part) == NULL)
        g_test_fail_printf ("“%s”: %zu, %s", rows[i].uri, at, error->message);
      g_assert_null (ptl_spec_parse_uri (rows[i].role, rows[i].uri, NULL, NULL));
    }
}

static void
test_numbers (void)
{
  static const struct
  {
    const char   *text;
    PtlNumberKind kind;
    uint64_t      value; /* at most 2^31 - 1, of a TOS 255 */
    const char   *why;   /* it is not taken */
  } rows[] = {
    { "7", PTL_NUMBER_PLAIN, 7, NULL },
    { " 7\t", PTL_NUMBER_PLAIN, 7, NULL },
    { "0xff", PTL_NUMBER_PLAIN, 255, NULL },
    { "0X1F", PTL_NUMBER_PLAIN, 31, NULL },
    { "007", PTL_NUMBER_PLAIN, 7, NULL },
    { "2147483647", PTL_NUMBER_PLAIN, 2147483647, NULL },
    { "2147483648", PTL_NUMBER_PLAIN, 0, "the number is from 0 to 2147483647" },
    { "99999999999999999999", PTL_NUMBER_PLAIN, 0, "the number is from" },
    { "0x11111111111111111", PTL_NUMBER_PLAIN, 0, "the number is from" },
    { "", PTL_NUMBER_PLAIN, 0, "character 1, the end: a number goes here" },
    { "x", PTL_NUMBER_PLAIN, 0, "character 1, “x”: a number goes here" },
    { "-1", PTL_NUMBER_PLAIN, 0, "character 1, “-”: a number goes here" },
    { "+1", PTL_NUMBER_PLAIN, 0, "character 1, “+”" },
    { "0x", PTL_NUMBER_PLAIN, 0, "character 2, “x”: a number has only digits" },
    { "0x1g", PTL_NUMBER_PLAIN, 0, "character 4, “g”" },
    { "12 3", PTL_NUMBER_PLAIN, 0, "character 3, a space" },
    { "1.5", PTL_NUMBER_PLAIN, 0, "character 2, “.”" },
    { "64k", PTL_NUMBER_PLAIN, 0, "character 3, “k”: a number has only digits" },
    { "64é", PTL_NUMBER_PLAIN, 0, "character 3, “é”" },
    { "64k", PTL_NUMBER_SIZE, 65536, NULL },
    { "64K", PTL_NUMBER_SIZE, 65536, NULL },
    { "64 KiB", PTL_NUMBER_SIZE, 65536, NULL },
    { "64kB", PTL_NUMBER_SIZE, 65536, NULL },
    { "1M", PTL_NUMBER_SIZE, 1048576, NULL },
    { "1 MiB", PTL_NUMBER_SIZE, 1048576, NULL },
    { "1g", PTL_NUMBER_SIZE, 1073741824, NULL },
    { "512 B", PTL_NUMBER_SIZE, 512, NULL },
    { "512", PTL_NUMBER_SIZE, 512, NULL },
    { "0x10000", PTL_NUMBER_SIZE, 65536, NULL },
    { "2G", PTL_NUMBER_SIZE, 0, "the number is from 0 to 2147483647" },
    { "99999999999G", PTL_NUMBER_SIZE, 0, "the number is from" },
    { "64kk", PTL_NUMBER_SIZE, 0, "character 3, “k”: behind a size only k, M or G may stand" },
    { "64Ki", PTL_NUMBER_SIZE, 0, "character 3, “K”" },
    { "64 iB", PTL_NUMBER_SIZE, 0, "character 3, a space" },
    { "64T", PTL_NUMBER_SIZE, 0, "character 3, “T”" },
    { "k", PTL_NUMBER_SIZE, 0, "character 1, “k”: a number goes here" },
    { "1,5M", PTL_NUMBER_SIZE, 0, "character 2, “,”" },
    { "ef", PTL_NUMBER_TOS, 0xb8, NULL },
    { "EF", PTL_NUMBER_TOS, 0xb8, NULL },
    { "be", PTL_NUMBER_TOS, 0, NULL },
    { "default", PTL_NUMBER_TOS, 0, NULL },
    { "cs0", PTL_NUMBER_TOS, 0, NULL },
    { "le", PTL_NUMBER_TOS, 0x04, NULL },
    { "cs1", PTL_NUMBER_TOS, 0x20, NULL },
    { "cs7", PTL_NUMBER_TOS, 0xe0, NULL },
    { "af11", PTL_NUMBER_TOS, 0x28, NULL },
    { "AF23", PTL_NUMBER_TOS, 0x58, NULL },
    { "af43", PTL_NUMBER_TOS, 0x98, NULL },
    { "va", PTL_NUMBER_TOS, 0xb0, NULL },
    { "184", PTL_NUMBER_TOS, 184, NULL },
    { "0xb8", PTL_NUMBER_TOS, 184, NULL },
    { "256", PTL_NUMBER_TOS, 0, "the number is from 0 to 255" },
    { "cs8", PTL_NUMBER_TOS, 0, "character 1, “c”: a number goes here, or a name such as ef" },
    { "af14", PTL_NUMBER_TOS, 0, "character 1, “a”" },
    { "1k", PTL_NUMBER_TOS, 0, "character 2, “k”" },
    { "ef", PTL_NUMBER_PLAIN, 0, "character 1, “e”: a number goes here" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      uint64_t value = 4711;
      bool taken = ptl_spec_parse_number (rows[i].text, rows[i].kind, 0,
                                          rows[i].kind == PTL_NUMBER_TOS ? 255 : INT32_MAX, &value,
                                          &error);

      if (taken != (rows[i].why == NULL) || value != (taken ? rows[i].value : 4711)
          || (!taken && strstr (error->message, rows[i].why) == NULL))
        g_test_fail_printf ("“%s”: %" G_GUINT64_FORMAT ", %s", rows[i].text, value,
                            error != NULL ? error->message : "taken");
      else if (!taken)
        g_assert_cmpint (error->code, ==, g_str_has_prefix (rows[i].why, "the number")
                                            ? PTL_ERROR_LIMIT : PTL_ERROR_PARSE);
    }
}

static void
test_limits (void)
{
  g_autoptr (GString) uri = g_string_new ("tcp://:1?reaction=answer&text=");
  g_autoptr (GString) groups = g_string_new ("udp://:1");
  g_autoptr (GError) error = NULL;
  g_autoptr (PtlSpec) longest = NULL;
  g_autoptr (PtlSpec) full = NULL;
  size_t at;

  for (unsigned i = 0; i < PTL_SPEC_TEXT_MAX; i++)
    g_string_append_printf (uri, "%%%02X", i & 0xff);
  longest = ptl_spec_parse_uri (L, uri->str, &at, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (longest->reaction_text->len_bytes, ==, PTL_SPEC_TEXT_MAX);
  assert_round_trip (longest);
  g_string_append_c (uri, 'a');
  g_assert_null (ptl_spec_parse_uri (L, uri->str, &at, &error));
  g_assert_nonnull (strstr (error->message, "at most 65536 bytes"));
  g_assert_cmpuint (at, ==, uri->len - 1);
  g_clear_error (&error);

  while (uri->len <= PTL_SPEC_URI_MAX)
    g_string_append_c (uri, 'a');
  g_assert_null (ptl_spec_parse_uri (L, uri->str, &at, &error));
  g_assert_cmpuint (at, ==, PTL_SPEC_URI_MAX);
  g_clear_error (&error);

  for (unsigned i = 0; i < PTL_SPEC_GROUPS_MAX; i++)
    g_string_append_printf (groups, "%cgroup=224.0.1.%u", i == 0 ? '?' : '&', i);
  full = ptl_spec_parse_uri (L, groups->str, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (full->n_groups, ==, PTL_SPEC_GROUPS_MAX);
  g_string_append (groups, "&group=224.0.2.1");
  g_assert_null (ptl_spec_parse_uri (L, groups->str, NULL, &error));
  g_assert_nonnull (strstr (error->message, "at most 20 groups"));
  g_clear_error (&error);

  {
    g_autoptr (PtlSpec) spec = ptl_spec_new (L, PTL_TRANSPORT_TCP);
    g_autoptr (PtlSpec) copy = NULL;
    g_auto (PtlEndpoint) endpoint = { 0 };

    for (unsigned i = 0; i < PTL_SPEC_ENDPOINTS_MAX; i++)
      {
        g_assert_true (ptl_endpoint_parse (&endpoint, ":1", NULL, NULL, NULL));
        g_assert_true (ptl_spec_take_endpoint (spec, &endpoint));
        g_assert_null (endpoint.host);
        if (i == 2)
          copy = ptl_spec_copy (spec);
      }
    g_assert_true (ptl_endpoint_parse (&endpoint, ":1", NULL, NULL, NULL));
    g_assert_false (ptl_spec_take_endpoint (spec, &endpoint));
    g_assert_nonnull (endpoint.host);
    g_assert_true (ptl_spec_take_endpoint (copy, &endpoint));
    g_assert_cmpuint (copy->n_endpoints, ==, 4);
  }
}

static void
test_defaults (void)
{
  g_autoptr (PtlSpec) spec = ptl_spec_new (C, PTL_TRANSPORT_TCP);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (spec->options.nodelay, ==, PTL_OPTION_UNSET);
  g_assert_cmpint (spec->options.multicast_loop, ==, PTL_OPTION_UNSET);
  g_assert_cmpint (spec->options.reuse_addr, ==, PTL_OPTION_UNSET);
  g_assert_cmpstr (spec->options.device, ==, "");
  g_assert_cmpint (spec->protocol, ==, -1);
  g_assert_false (ptl_spec_check (spec, &error));
  g_assert_nonnull (strstr (error->message, "an endpoint is missing"));
  ptl_spec_free (NULL);
}

static void
test_check (void)
{
  static const char *const texts[] = { "a:1", "/x", "2:1" };

  /* An endpoint of one kind under a transport of another. */
  for (int transport = PTL_TRANSPORT_TCP; transport <= PTL_TRANSPORT_VSOCK; transport++)
    for (unsigned i = 0; i < 3; i++)
      {
        g_autoptr (PtlSpec) spec = ptl_spec_new (C, (PtlTransport) transport);
        PtlEndpoint endpoint;
        unsigned kind = transport <= PTL_TRANSPORT_UDP ? 0
                        : transport == PTL_TRANSPORT_VSOCK ? 2 : 1;

        if (i == 0)
          ptl_endpoint_parse (&endpoint, texts[i], NULL, NULL, NULL);
        else if (i == 1)
          ptl_endpoint_parse_unix (&endpoint, texts[i], NULL, NULL);
        else
          ptl_endpoint_parse_vsock (&endpoint, "2", "1", NULL, NULL, NULL);
        ptl_spec_take_endpoint (spec, &endpoint);
        g_assert_cmpint (ptl_spec_check (spec, NULL), ==, i == kind);
        spec->options.ttl = 256;
        g_assert_false (ptl_spec_check (spec, NULL));
      }
}

static void
test_triple (void)
{
  static const struct
  {
    PtlTransport transport;
    int          family;
    int          domain, type;
    bool         stream, datagram;
  } rows[] = {
    { PTL_TRANSPORT_TCP, AF_INET, AF_INET, SOCK_STREAM, true, false },
    { PTL_TRANSPORT_TCP, AF_INET6, AF_INET6, SOCK_STREAM, true, false },
    { PTL_TRANSPORT_UDP, AF_INET6, AF_INET6, SOCK_DGRAM, false, true },
    { PTL_TRANSPORT_UNIX_STREAM, 0, AF_UNIX, SOCK_STREAM, true, false },
    { PTL_TRANSPORT_UNIX_SEQPACKET, 0, AF_UNIX, SOCK_SEQPACKET, false, false },
    { PTL_TRANSPORT_UNIX_DGRAM, 0, AF_UNIX, SOCK_DGRAM, false, true },
    { PTL_TRANSPORT_VSOCK, 0, AF_VSOCK, SOCK_STREAM, true, false },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (PtlSpec) spec = ptl_spec_new (C, rows[i].transport);
      int domain, type, protocol;

      ptl_spec_get_socket_triple (spec, rows[i].family, &domain, &type, &protocol);
      g_assert_cmpint (domain, ==, rows[i].domain);
      g_assert_cmpint (type, ==, rows[i].type);
      g_assert_cmpint (protocol, ==, 0);
      g_assert_cmpint (ptl_spec_is_stream (spec), ==, rows[i].stream);
      g_assert_cmpint (ptl_spec_is_datagram (spec), ==, rows[i].datagram);
      spec->domain = AF_X25;
      spec->type = SOCK_SEQPACKET;
      spec->protocol = 262;
      ptl_spec_get_socket_triple (spec, rows[i].family, &domain, &type, &protocol);
      g_assert_cmpint (domain, ==, AF_X25);
      g_assert_cmpint (type, ==, SOCK_SEQPACKET);
      g_assert_cmpint (protocol, ==, 262);
      g_assert_false (ptl_spec_is_stream (spec) || ptl_spec_is_datagram (spec));
    }
}

/* Each field for itself makes another spec. */
/* As they are typed into the form: errors name the character of that field. */
static void
test_ports (void)
{
  static const struct
  {
    const char *ports;
    const char *title; /* NULL: an error */
    const char *error;
  } rows[] = {
    { "80", "tcp://127.0.0.1:80", NULL },
    { " http , 8080 ", "tcp://127.0.0.1:http,8080", NULL },
    { "8000-8002", "tcp://127.0.0.1:8000,8001,8002", NULL },
    { " 8000 - 8001 ,9", "tcp://127.0.0.1:8000,8001,9", NULL },
    { "80,80", "tcp://127.0.0.1:80", NULL },
    { "8001,8000-8002,8002-8003", "tcp://127.0.0.1:8001,8000,8002,8003", NULL },
    { "0,0", "tcp://127.0.0.1:0,0", NULL },
    { "iso-tsap", "tcp://127.0.0.1:iso-tsap", NULL },
    { "", NULL, "character 1, the end: a port is missing" },
    { "80,", NULL, "character 4, the end: a port is missing" },
    { "8010-8000", NULL, "character 1, “8”: a range of ports goes upwards" },
    { "80, 8010-8000", NULL, "character 5, “8”: a range of ports goes upwards" },
    { "1-100", NULL, "character 1, “1”: at most 64 ports" },
    { "1,2-64,66", NULL, "character 8, “6”: at most 64 ports" },
    { "70000-70010", NULL, "character 1, “7”: a port is a number from 0 to 65535" },
    { "ü", NULL, "character 1, “ü”: " },
    { "80,70000", NULL, "character 4, “7”: a port is a number from 0 to 65535" },
    { "80-70000", NULL, "character 4, “7”: a port is a number from 0 to 65535" },
    { "8000-", NULL, "character 6, the end: the last port of the range is missing" },
    { "8000- ,9", NULL, "the last port of the range is missing" },
    { "-8000", NULL, "character 1, “-”: a port is a number from 0 to 65535 without a sign" },
    { "80-90-100", NULL, "character 3, “-”: " },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (PtlSpec) spec = ptl_spec_new (L, PTL_TRANSPORT_TCP);
      g_autoptr (GError) error = NULL;
      bool in_port = false;
      bool ok = ptl_spec_parse_ports (spec, "127.0.0.1", rows[i].ports, &in_port, &error);
      g_autofree char *title = ok ? ptl_spec_to_title (spec) : NULL;

      g_test_message ("%s", rows[i].ports);
      g_assert_cmpstr (title, ==, rows[i].title);
      g_assert_true (in_port);
      if (!ok)
        g_assert_nonnull (strstr (error->message, rows[i].error));
    }

  {
    g_autoptr (PtlSpec) spec = ptl_spec_new (L, PTL_TRANSPORT_TCP);
    g_autoptr (GError) error = NULL;
    bool in_port = true;

    g_assert_false (ptl_spec_parse_ports (spec, "1.2.3.400", "80-81", &in_port, &error));
    g_assert_false (in_port);
    g_assert_nonnull (strstr (error->message, "character 7, “4”"));
  }
}

static void
test_equal (void)
{
  static const char *const uris[] = {
    "tcp://:1", "tcp://:2", "udp://:1", "tcp://:1,2", "tcp://:1?family=4", "tcp://:1?domain=inet",
    "tcp://:1?type=raw", "tcp://:1?protocol=tcp", "tcp://:1?max-peers=1", "tcp://:1?via=lo",
    "tcp://:1?own-peers-only=1", "tcp://:1?reaction=echo", "tcp://:1?reaction=answer&text=a",
    "tcp://:1?reaction=answer&text=b", "tcp://:1?reaction=greeting&text=a",
    "tcp://:1?when-full=go-on", "tcp://:1?log-limit=1", "tcp://:1?idle-timeout=1",
    "tcp://:1?keep-free=0", "tcp://:1?keep-free=1",
    "tcp://:1?half-open=0", "tcp://:1?half-open=1", "tcp://:1?half-open=keep",
    "tcp://:1?reuse-addr=0", "tcp://:1?reuse-addr=1", "tcp://:1?reuse-port=1", "tcp://:1?v6only=1",
    "tcp://:1?nodelay=1", "tcp://:1?keepalive=1", "tcp://:1?keep-idle=1", "tcp://:1?keep-count=1",
    "tcp://:1?keep-interval=1", "tcp://:1?rcvbuf=1", "tcp://:1?sndbuf=1", "tcp://:1?linger=1",
    "tcp://:1?broadcast=1", "tcp://:1?ttl=1", "tcp://:1?tos=1", "tcp://:1?backlog=1",
    "tcp://:1?multicast-ttl=1", "tcp://:1?multicast-loop=1", "udp://:1?group=224.0.0.1",
    "udp://:1?group=224.0.0.2", "udp://:1?group=224.0.0.1%25lo",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (uris); i++)
    for (size_t k = 0; k < G_N_ELEMENTS (uris); k++)
      {
        g_autoptr (GError) error = NULL;
        g_autoptr (PtlSpec) a = ptl_spec_parse_uri (L, uris[i], NULL, &error);
        g_autoptr (PtlSpec) b = ptl_spec_parse_uri (L, uris[k], NULL, &error);

        g_assert_no_error (error);
        if (ptl_spec_equal (a, b) != (i == k))
          g_error ("“%s” and “%s”", uris[i], uris[k]);
      }
}

static void
add (GString    *uri,
     const char *option)
{
  if (g_test_rand_bit ())
    return;
  g_string_append_c (uri, strchr (uri->str, '?') == NULL ? '?' : '&');
  g_string_append (uri, option);
}

/* Any options together go there and back. */
static void
test_combinations (void)
{
  static const char *const options[] = {
    "reuse-addr=1", "reuse-port=0", "v6only=1", "nodelay=1", "keepalive=1", "keep-idle=30",
    "keep-interval=5", "keep-count=3", "rcvbuf=1M", "sndbuf=4k", "linger=0", "broadcast=1",
    "ttl=64",
    "tos=16", "backlog=0", "multicast-ttl=0", "multicast-loop=0", "via=lo", "domain=inet6",
    "type=raw",
    "protocol=udplite", "group=ff02::1%25lo", "group=224.0.0.1", "when-full=go-on", "log-limit=7",
    "keep-free=0",
  };

  for (unsigned i = 0; i < 2000; i++)
    {
      PtlRole role = (PtlRole) g_test_rand_int_range (0, 3);
      g_autoptr (GString) uri = g_string_new ("udp://host.example:9");
      g_autoptr (GError) error = NULL;
      g_autoptr (PtlSpec) spec = NULL;

      for (size_t k = 0; k < G_N_ELEMENTS (options); k++)
        add (uri, options[k]);
      if (role == L)
        {
          add (uri, "max-peers=3");
          add (uri, "own-peers-only=1");
          add (uri, "reaction=answer&text=%00%26");
        }
      else
        add (uri, "from=[fe80::9%25lo]:7");
      if (role == C)
        add (uri, "connect-timeout=250ms");
      spec = ptl_spec_parse_uri (role, uri->str, NULL, &error);
      g_assert_no_error (error);
      assert_round_trip (spec);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/spec/uris", test_uris);
  g_test_add_func ("/spec/bad-uris", test_bad_uris);
  g_test_add_func ("/spec/numbers", test_numbers);
  g_test_add_func ("/spec/limits", test_limits);
  g_test_add_func ("/spec/defaults", test_defaults);
  g_test_add_func ("/spec/check", test_check);
  g_test_add_func ("/spec/triple", test_triple);
  g_test_add_func ("/spec/equal", test_equal);
  g_test_add_func ("/spec/ports", test_ports);
  g_test_add_func ("/spec/combinations", test_combinations);
  return g_test_run ();
}
