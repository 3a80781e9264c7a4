/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Port check: the list as typed, greetings, questions over UDP, and the states of real ports. */
#include "config.h"

#include "probe/ptl-port-check.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/ptl-clock.h"
#include "probe/ptl-port-check-greeting.h"
#include "probe/ptl-port-check-udp.h"

/* --- the list --------------------------------------------------------------------------------- */

static bool
add_name (PtlPortSet *set,
          const char *name,
          unsigned    mask,
          void       *data)
{
  static const struct
  {
    const char *name;
    unsigned    mask;
    uint16_t    port;
  } known[] = {
    { "ssh", PTL_PORT_MASK_TCP, 22 },
    { "dns", PTL_PORT_MASK_TCP | PTL_PORT_MASK_UDP, 53 },
    { "9pfs", PTL_PORT_MASK_TCP, 564 },
    { "3com-tsmux", PTL_PORT_MASK_TCP, 106 },
  };
  bool found = false;

  for (size_t i = 0; i < G_N_ELEMENTS (known); i++)
    for (unsigned t = 0; t < 2; t++)
      if ((name == NULL || strcmp (name, known[i].name) == 0)
          && (mask & known[i].mask & 1u << t) != 0)
        {
          ptl_port_set_add (set, t, known[i].port);
          found = true;
        }
  return found;
}

static void
test_list (void)
{
  static const struct
  {
    const char *text;
    unsigned    mask;
    size_t      n;
    const char *has; /* "t80 u53" */
  } good[] = {
    { "80", PTL_PORT_MASK_TCP, 1, "t80" },
    { "80", PTL_PORT_MASK_TCP | PTL_PORT_MASK_UDP, 2, "t80 u80" },
    { " 80 , 443;22\n1", PTL_PORT_MASK_TCP, 4, "t80 t443 t22 t1" },
    { "80,80, 80", PTL_PORT_MASK_TCP, 1, "t80" },
    { "ssh, dns, 8000-8100", PTL_PORT_MASK_TCP, 103, "t22 t53 t8000 t8100" },
    { "dns/udp ssh", PTL_PORT_MASK_TCP, 2, "u53 t22" },
    { "53/udp 53/TCP", PTL_PORT_MASK_TCP, 2, "u53 t53" },
    { "8000 - 8100", PTL_PORT_MASK_TCP, 101, "t8050" },
    { "8000\xe2\x80\x93" "8001", PTL_PORT_MASK_TCP, 2, "t8001" },
    { "65530-", PTL_PORT_MASK_TCP, 6, "t65535" },
    { "65530- 22", PTL_PORT_MASK_TCP, 7, "t65535 t22" },
    { "-3", PTL_PORT_MASK_TCP, 3, "t1 t3" },
    { "1-1", PTL_PORT_MASK_TCP, 1, "t1" },
    { "1-65535", PTL_PORT_MASK_UDP, 65535, "u1 u65535" },
    { "all", PTL_PORT_MASK_TCP | PTL_PORT_MASK_UDP, 131070, "t1 u65535" },
    { "ALL/tcp", PTL_PORT_MASK_TCP | PTL_PORT_MASK_UDP, 65535, "t1" },
    { "protocols  to\tknow", PTL_PORT_MASK_TCP, 4, "t22 t53 t564 t106" },
    { "Known, 1", PTL_PORT_MASK_UDP, 2, "u53 u1" },
    { "9pfs, 3com-tsmux", PTL_PORT_MASK_TCP, 2, "t564 t106" },
  };
  static const struct
  {
    const char *text;
    size_t      at;
    const char *word;
  } bad[] = {
    { "", 0, "the end" },
    { " , ", 3, "the end" },
    { "0", 0, "port 0" },
    { "80, 65536", 4, "at most 65535" },
    { "80, 99999999999999999999", 4, "at most 65535" },
    { "80-70", 3, "before it begins" },
    { "80-0", 3, "port 0" },
    { "-", 1, "before or after" },
    { "--3", 1, "before or after" },
    { "80/sctp", 3, "tcp or udp" },
    { "80!", 2, "comma or a space" },
    { "80-90-100", 5, "comma or a space" },
    { "nosuch", 0, "no service" },
    { "22 ssh/udp", 3, "over UDP" },
    { "b\xc3\xbc" "cher", 1, "name of a service" },
    { "a\x01", 1, "U+0001" },
    { "/tcp", 0, "is wanted" },
    { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 63, "at most 63" },
  };
  PtlPortWords words = { add_name, NULL };
  g_autofree PtlPortSet *set = g_new (PtlPortSet, 1);
  g_autofree char *too_long = g_strnfill (PTL_PORT_LIST_TEXT_MAX + 1, ' ');
  g_autoptr (GError) error = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_auto (GStrv) has = g_strsplit (good[i].has, " ", -1);

      memset (set, 0, sizeof *set);
      g_test_message ("%s", good[i].text);
      g_assert_true (ptl_port_list_parse (set, good[i].text, good[i].mask, &words, NULL, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (ptl_port_set_count (set), ==, good[i].n);
      for (char **at = has; *at != NULL; at++)
        g_assert_true (ptl_port_set_has (set, **at == 'u' ? PTL_PORT_UDP : PTL_PORT_TCP,
                                         (uint16_t) atoi (*at + 1)));
      g_assert_false (ptl_port_set_has (set, PTL_PORT_TCP, 0));
    }
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      size_t at = 99;

      g_test_message ("%s", bad[i].text);
      g_assert_false (ptl_port_list_parse (set, bad[i].text, PTL_PORT_MASK_TCP, &words, &at,
                                           &error));
      g_assert_nonnull (strstr (error->message, bad[i].word));
      g_assert_cmpuint (at, ==, bad[i].at);
      g_clear_error (&error);
    }
  g_assert_false (ptl_port_list_parse (set, too_long, PTL_PORT_MASK_TCP, NULL, NULL, &error));
  g_clear_error (&error);
  /* Nobody who knows names. */
  g_assert_false (ptl_port_list_parse (set, "ssh", PTL_PORT_MASK_TCP, NULL, NULL, &error));
}

/* --- greetings -------------------------------------------------------------------------------- */

static void
test_greetings (void)
{
  static const struct
  {
    const char *bytes;
    size_t      len;
    uint16_t    port;
    const char *name;
  } table[] = {
    { "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", 0, 9, "SSH" },
    { "Hello\r\nSSH-1.99-x\r\n", 0, 9, "SSH" },
    { "220 mail.example.org ESMTP Postfix\r\n", 0, 9, "SMTP" },
    { "220 mail.example.org\r\n", 0, 25, "SMTP" },
    { "220 ProFTPD Server ready\r\n", 0, 9, "FTP" },
    { "220-Welcome\r\n", 0, 21, "FTP" },
    { "220-Welcome\r\n", 0, 9, "SMTP or FTP" },
    { "220 localhost dictd 1.12 <auth.mime>\r\n", 0, 9, "DICT" },
    { "220 LMTP ready\r\n", 0, 9, "LMTP" },
    { "+OK Dovecot ready.\r\n", 0, 9, "POP3" },
    { "* OK [CAPABILITY IMAP4rev1] ready\r\n", 0, 9, "IMAP" },
    { "200 news.example.org InterNetNews NNRP server\r\n", 0, 9, "NNTP" },
    { "201 hello\r\n", 0, 119, "NNTP" },
    { "200 hello\r\n", 0, 9, NULL },
    { "HTTP/1.1 400 Bad Request\r\n", 0, 9, "HTTP" },
    { "RFB 003.008\n", 0, 9, "VNC" },
    { "@RSYNCD: 31.0\n", 0, 9, "rsync" },
    { "\xff\xfd\x18\xff\xfd\x20", 0, 9, "Telnet" },
    { "\x4a\x00\x00\x00\x0a" "8.0.36\0xxxxxxx", 20, 9, "MySQL" },
    { "\x4a\x00\x00\x00\x0a" "8.0.36", 11, 9, NULL },
    { "\x15\x03\x01\x00\x02\x02\x16", 7, 9, "TLS" },
    { "-NOAUTH Authentication required.\r\n", 0, 9, "Redis" },
    { ":irc.example.org NOTICE * :*** Looking up\r\n", 0, 9, "IRC" },
    { "\"IMPLEMENTATION\" \"x\"\r\n", 0, 9, "ManageSieve" },
    { "hello", 0, 9, NULL },
    { "22", 0, 25, NULL },
    { "", 0, 25, NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    {
      size_t len = table[i].len != 0 ? table[i].len : strlen (table[i].bytes);
      g_autofree uint8_t *exact = g_memdup2 (table[i].bytes, len);
      PtlGreeting greeting = ptl_greeting_recognise (exact, len, table[i].port);

      g_test_message ("%zu", i);
      g_assert_cmpstr (greeting.name, ==, table[i].name);
      g_assert_nonnull (greeting.source);
    }
}

static PtlAddress
loopback (int family)
{
  PtlAddress address = { 0 };

  if (family == AF_INET6)
    {
      address.len = sizeof address.in6;
      address.in6.sin6_family = AF_INET6;
      address.in6.sin6_addr = in6addr_loopback;
    }
  else
    {
      address.len = sizeof address.in;
      address.in.sin_family = AF_INET;
      address.in.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    }
  return address;
}

/* The end of the element at @at, all inner ones looked at; definite lengths (X.690 section 8.1). */
static size_t
walk_ber (const uint8_t *bytes,
          size_t         at,
          size_t         end)
{
  size_t len;

  g_assert_cmpuint (at + 2, <=, end);
  len = bytes[at + 1];
  g_assert_cmpuint (len, <, 0x80);
  g_assert_cmpuint (at + 2 + len, <=, end);
  if ((bytes[at] & 0x20) != 0)
    for (size_t inner = at + 2; inner < at + 2 + len;)
      inner = walk_ber (bytes, inner, at + 2 + len);
  return at + 2 + len;
}

static void
test_udp_probes (void)
{
  uint8_t payload[PTL_UDP_PROBE_MAX];
  size_t n, len;
  const PtlUdpProbe *probes = ptl_udp_probe_list (&n);
  PtlAddress address = loopback (AF_INET);

  for (size_t i = 0; i < n; i++)
    {
      g_assert_nonnull (probes[i].name);
      g_assert_cmpstr (probes[i].source, !=, "");
      g_assert_true (ptl_udp_probe_find (probes[i].port) == &probes[i]);
      len = ptl_udp_probe_build (&probes[i], 0xabcd, "a-host", &address, &address, payload);
      g_assert_cmpuint (len, <=, sizeof payload);
      /* Where nothing is asked, a reason for silence is known, or any datagram brings an answer. */
      g_assert_true (len > 0 || probes[i].silence != NULL || probes[i].port <= 37);
      /* A question is no answer to itself, but where it comes back. */
      if (probes[i].port != 7 && probes[i].port != 13 && probes[i].port != 17
          && probes[i].port != 11 && probes[i].port != 19 && probes[i].port != 161
          && probes[i].port != 389 && probes[i].port != 6881)
        g_assert_false (ptl_udp_probe_fits (&probes[i], 0xabcd, payload, len));
      for (size_t cut = 0; cut < 64; cut++)
        {
          g_autofree uint8_t *exact = g_malloc0 (MAX (cut, 1));

          ptl_udp_probe_fits (&probes[i], 0xabcd, exact, cut);
        }
    }
  g_assert_null (ptl_udp_probe_find (10));
  g_assert_cmpuint (ptl_udp_probe_build (NULL, 1, "h", &address, &address, payload), ==, 0);
  for (unsigned id = 0; id < 65536; id += 257)
    {
      len = ptl_udp_probe_build (ptl_udp_probe_find (161), (uint16_t) id, "h", &address,
                                 &address, payload);
      g_assert_cmpuint (walk_ber (payload, 0, len), ==, len);
    }
  for (unsigned id = 0; id < 65536; id += 257)
    {
      len = ptl_udp_probe_build (ptl_udp_probe_find (88), (uint16_t) id, "h", &address,
                                 &address, payload);
      g_assert_cmpuint (walk_ber (payload, 0, len), ==, len);
    }
  len = ptl_udp_probe_build (ptl_udp_probe_find (389), 1, "h", &address, &address, payload);
  g_assert_cmpuint (walk_ber (payload, 0, len), ==, len);
  /* RFC 9000 section 14.1. */
  len = ptl_udp_probe_build (ptl_udp_probe_find (443), 1, "h", &address, &address, payload);
  g_assert_cmpuint (len, ==, 1200);
  len = ptl_udp_probe_build (ptl_udp_probe_find (123), 1, "h", &address, &address, payload);
  g_assert_cmpuint (len, ==, 48);
  /* RFC 1542 section 2.1; whatever it is sent from. */
  len = ptl_udp_probe_build (ptl_udp_probe_find (67), 1, "h", &address, &address, payload);
  g_assert_cmpuint (len, ==, 300);
  g_assert_cmpmem (payload + 12, 4, &address.in.sin_addr, 4);
  address = loopback (AF_INET6);
  len = ptl_udp_probe_build (ptl_udp_probe_find (67), 1, "h", &address, &address, payload);
  g_assert_cmpuint (len, ==, 300);
  /* MS-RDPEUDP section 3.1.5.1.1. */
  len = ptl_udp_probe_build (ptl_udp_probe_find (3389), 1, "h", &address, &address, payload);
  g_assert_cmpuint (len, ==, 1232);
}

/* --- real ports ------------------------------------------------------------------------------- */

typedef struct
{
  pthread_mutex_t lock;
  pthread_cond_t  came;
  bool            news;
} Box;

static void
on_news (void *data)
{
  Box *box = data;

  pthread_mutex_lock (&box->lock);
  box->news = true;
  pthread_cond_signal (&box->came);
  pthread_mutex_unlock (&box->lock);
}

static int
bound (int       family,
       int       type,
       uint16_t *port)
{
  PtlAddress address = loopback (family);
  int fd = socket (family, type | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (bind (fd, &address.sa, address.len), ==, 0);
  getsockname (fd, &address.sa, &address.len);
  *port = ptl_address_get_port (&address);
  return fd;
}

/* Runs it to its end; the last report of each item. */
static void
run (PtlPortCheckConfig *config,
     PtlPortReport      *reports,
     PtlPortCheckStatus *status)
{
  Box box = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false };
  g_autoptr (GError) error = NULL;
  g_autoptr (PtlPortCheck) check = ptl_port_check_new (config, on_news, &box, &error);

  g_assert_no_error (error);
  do
    {
      g_autoptr (GArray) taken = NULL;

      pthread_mutex_lock (&box.lock);
      while (!box.news)
        pthread_cond_wait (&box.came, &box.lock);
      box.news = false;
      pthread_mutex_unlock (&box.lock);
      taken = ptl_port_check_take (check, status);
      for (guint i = 0; i < taken->len; i++)
        {
          PtlPortReport *report = &g_array_index (taken, PtlPortReport, i);

          g_assert_cmpuint (report->index, <, config->n_items);
          g_free (reports[report->index].greeting);
          reports[report->index] = *report;
        }
    }
  while (status->running);
}

static void *
greet_main (void *data)
{
  int fd = *(int *) data;

  for (;;)
    {
      int peer = accept4 (fd, NULL, NULL, SOCK_CLOEXEC);

      if (peer < 0)
        return NULL;
      (void) !write (peer, "220 x ESMTP\r\n", 13);
      close (peer);
    }
}

static void
test_tcp (gconstpointer data)
{
  int family = GPOINTER_TO_INT (data);
  uint16_t open_port, closed_port, greeting_port;
  int listener = bound (family, SOCK_STREAM, &open_port);
  int closed = bound (family, SOCK_STREAM, &closed_port); /* bound, but it does not listen */
  int greeter = bound (family, SOCK_STREAM, &greeting_port);
  PtlPortItem items[3] = {
    { open_port, PTL_PORT_TCP }, { closed_port, PTL_PORT_TCP }, { greeting_port, PTL_PORT_TCP },
  };
  PtlPortReport reports[3] = { 0 };
  PtlPortCheckConfig config = { .target = loopback (family), .items = items, .n_items = 3,
                                .greet = true, .greeting_ms = 2000 };
  PtlPortCheckStatus status;
  pthread_t thread;

  g_assert_cmpint (listen (listener, 5), ==, 0);
  g_assert_cmpint (listen (greeter, 5), ==, 0);
  pthread_create (&thread, NULL, greet_main, &greeter);
  run (&config, reports, &status);
  g_assert_true (status.own);
  g_assert_cmpuint (status.n_done, ==, 3);
  g_assert_cmpuint (status.n_by_state[PTL_PORT_OPEN], ==, 2);
  g_assert_cmpuint (status.n_by_state[PTL_PORT_CLOSED], ==, 1);
  g_assert_cmpuint (reports[0].state, ==, PTL_PORT_OPEN);
  g_assert_null (reports[0].greeting);
  g_assert_cmpuint (reports[1].state, ==, PTL_PORT_CLOSED);
  g_assert_cmpuint (reports[1].why, ==, PTL_PORT_WHY_REFUSED);
  g_assert_cmpuint (reports[2].state, ==, PTL_PORT_OPEN);
  g_assert_cmpmem (reports[2].greeting, reports[2].len_greeting, "220 x ESMTP\r\n", 13);
  g_free (reports[2].greeting);
  shutdown (greeter, SHUT_RDWR);
  pthread_join (thread, NULL);
  close (greeter);
  close (listener);
  close (closed);
}

static void *
answer_main (void *data)
{
  int fd = *(int *) data;
  uint8_t bytes[2048];
  PtlAddress from;
  socklen_t len = sizeof from.un;
  ssize_t n = recvfrom (fd, bytes, sizeof bytes, 0, &from.sa, &len);

  g_assert_cmpint (n, ==, 0); /* it is no port with a protocol of its own */
  sendto (fd, "pong\n", 5, 0, &from.sa, len);
  return NULL;
}

static void
test_udp (gconstpointer data)
{
  int family = GPOINTER_TO_INT (data);
  uint16_t silent_port, closed_port, open_port;
  int silent = bound (family, SOCK_DGRAM, &silent_port);
  int answerer = bound (family, SOCK_DGRAM, &open_port);
  int closed = bound (family, SOCK_DGRAM, &closed_port);
  PtlPortItem items[3] = {
    { silent_port, PTL_PORT_UDP }, { closed_port, PTL_PORT_UDP }, { open_port, PTL_PORT_UDP },
  };
  PtlPortReport reports[3] = { 0 };
  PtlPortCheckConfig config = { .target = loopback (family), .items = items, .n_items = 3,
                                .timeout_ms = 1500 };
  PtlPortCheckStatus status;
  pthread_t thread;

  close (closed);
  pthread_create (&thread, NULL, answer_main, &answerer);
  run (&config, reports, &status);
  pthread_join (thread, NULL);
  g_assert_cmpuint (reports[0].state, ==, PTL_PORT_OPEN_FILTERED);
  g_assert_cmpuint (reports[0].why, ==, PTL_PORT_WHY_SILENCE);
  g_assert_cmpuint (reports[0].n_tries, ==, 2);
  g_assert_cmpuint (reports[1].state, ==, PTL_PORT_CLOSED);
  g_assert_cmpuint (reports[1].why, ==, PTL_PORT_WHY_ICMP);
  g_assert_cmpuint (reports[1].icmp_type, ==, family == AF_INET6 ? 1 : 3);
  g_assert_cmpuint (reports[1].offender_family, ==, family);
  g_assert_cmpuint (reports[2].state, ==, PTL_PORT_OPEN);
  g_assert_cmpmem (reports[2].greeting, reports[2].len_greeting, "pong\n", 5);
  g_free (reports[2].greeting);
  close (silent);
  close (answerer);
}

/* Descriptors run out: later, not wrong. */
static void
test_few_descriptors (void)
{
  PtlPortItem items[100];
  PtlPortReport reports[100] = { 0 };
  PtlPortCheckConfig config = { .target = loopback (AF_INET), .items = items, .n_items = 100,
                                .timeout_ms = 300 };
  PtlPortCheckStatus status;
  struct rlimit before, few;
  int fds[100];

  /* UDP ports that are silent keep their descriptors. */
  for (unsigned i = 0; i < 100; i++)
    {
      uint16_t port;

      fds[i] = bound (AF_INET, SOCK_DGRAM, &port);
      items[i] = (PtlPortItem) { port, PTL_PORT_UDP };
    }
  getrlimit (RLIMIT_NOFILE, &before);
  few = before;
  few.rlim_cur = (rlim_t) fds[99] + 12;
  config.in_flight = 50;
  setrlimit (RLIMIT_NOFILE, &few);
  run (&config, reports, &status);
  setrlimit (RLIMIT_NOFILE, &before);
  g_assert_cmpint (status.gave_up, ==, 0);
  g_assert_cmpuint (status.n_done, ==, 100);
  g_assert_cmpuint (status.n_by_state[PTL_PORT_OPEN_FILTERED], ==, 100);
  for (unsigned i = 0; i < 100; i++)
    close (fds[i]);
}

/* Waits for news; takes it. */
static void
take_news (PtlPortCheck       *check,
           Box                *box,
           PtlPortCheckStatus *status)
{
  g_autoptr (GArray) taken = NULL;

  pthread_mutex_lock (&box->lock);
  while (!box->news)
    pthread_cond_wait (&box->came, &box->lock);
  box->news = false;
  pthread_mutex_unlock (&box->lock);
  taken = ptl_port_check_take (check, status);
  for (guint i = 0; i < taken->len; i++)
    g_free (g_array_index (taken, PtlPortReport, i).greeting);
}

/* Stops it when @n_done are done; how far it came.  False: it was over before that. */
static bool
try_to_stop (PtlPortCheckConfig *config,
             uint32_t            n_done,
             PtlPortCheckStatus *status)
{
  Box box = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false };
  g_autoptr (GError) error = NULL;
  g_autoptr (PtlPortCheck) check = ptl_port_check_new (config, on_news, &box, &error);
  uint64_t then_ns;

  g_assert_no_error (error);
  *status = (PtlPortCheckStatus) { .running = true };
  while (status->n_done < n_done)
    take_news (check, &box, status);
  if (!status->running)
    return false;
  then_ns = ptl_clock_monotonic_ns ();
  ptl_port_check_stop (check);
  while (status->running)
    take_news (check, &box, status);
  g_assert_cmpuint (ptl_clock_monotonic_ns () - then_ns, <, 200 * PTL_NS_PER_MS);
  return status->n_done < config->n_items;
}

/* Where the machine has so much else to do that it is over before it can be stopped: again. */
static void
stop_within (PtlPortCheckConfig *config,
             uint32_t            n_done,
             PtlPortCheckStatus *status)
{
  unsigned n = 0;

  while (!try_to_stop (config, n_done, status))
    g_assert_cmpuint (++n, <, 20);
}

static void
test_stop (void)
{
  Box box = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false };
  g_autofree PtlPortItem *items = g_new (PtlPortItem, 65535);
  PtlPortCheckConfig config = { .target = loopback (AF_INET), .items = items, .n_items = 65535 };
  g_autoptr (GError) error = NULL;
  PtlPortCheckStatus status;
  PtlPortCheck *check;
  uint64_t then_ns;
  int fds[100];

  for (uint32_t i = 0; i < 65535; i++)
    items[i] = (PtlPortItem) { (uint16_t) (i + 1), PTL_PORT_TCP };
  /* As fast as it goes. */
  stop_within (&config, 1, &status);
  /* While it waits for the next one to be due. */
  config.rate = 10;
  stop_within (&config, 1, &status);
  g_assert_cmpuint (status.n_done, <, 100);
  /* Before it has begun. */
  stop_within (&config, 0, &status);
  g_assert_cmpuint (status.n_done, <, 100);
  /* While all but the first keep silent, for a minute if it has to be. */
  for (unsigned i = 1; i < 100; i++)
    {
      uint16_t port;

      fds[i] = bound (AF_INET, SOCK_DGRAM, &port);
      items[i] = (PtlPortItem) { port, PTL_PORT_UDP };
    }
  fds[0] = bound (AF_INET, SOCK_STREAM, &items[0].port);
  config.n_items = 100;
  config.rate = 0;
  config.in_flight = 50;
  config.timeout_ms = 60000;
  stop_within (&config, 1, &status);
  g_assert_cmpuint (status.n_done, ==, 1);
  /* Freed while it runs. */
  check = ptl_port_check_new (&config, on_news, &box, &error);
  g_assert_no_error (error);
  then_ns = ptl_clock_monotonic_ns ();
  ptl_port_check_free (check);
  g_assert_cmpuint (ptl_clock_monotonic_ns () - then_ns, <, 200 * PTL_NS_PER_MS);
  ptl_port_check_free (NULL);
  for (unsigned i = 0; i < 100; i++)
    close (fds[i]);
  config.n_items = 0;
  g_assert_null (ptl_port_check_new (&config, on_news, &box, &error));
  g_assert_nonnull (error);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/port-check/list", test_list);
  g_test_add_func ("/port-check/greetings", test_greetings);
  g_test_add_func ("/port-check/udp-probes", test_udp_probes);
  g_test_add_data_func ("/port-check/tcp", GINT_TO_POINTER (AF_INET), test_tcp);
  g_test_add_data_func ("/port-check/tcp6", GINT_TO_POINTER (AF_INET6), test_tcp);
  g_test_add_data_func ("/port-check/udp", GINT_TO_POINTER (AF_INET), test_udp);
  g_test_add_data_func ("/port-check/udp6", GINT_TO_POINTER (AF_INET6), test_udp);
  g_test_add_func ("/port-check/few-descriptors", test_few_descriptors);
  g_test_add_func ("/port-check/stop", test_stop);
  return g_test_run ();
}
