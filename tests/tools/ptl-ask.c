/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The probes without a window, for tests and benchmarks: a line of JSON for each thing that is
 * told, the last one has the sums.
 *
 *   ports ADDRESS LIST [--udp|--both] [--greet] [--http] [--rate N] [--in-flight N] [--timeout MS]
 *         [--greeting MS] [--sums] [--stop-after MS]
 *   whois SERVER QUERY [--follow] [--finger] [--verbose]   SERVER may be "" with --finger
 *   wake MAC ADDRESS DEVICE [PASSWORD]
 *   hear GROUP PORT DEVICE COUNT       how its check went, then the datagrams */
#include "config.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include "base/ptl-clock.h"
#include "base/ptl-codec.h"
#include "base/ptl-endpoint.h"
#include "base/ptl-error.h"
#include "lookup/ptl-lookup-pool.h"
#include "probe/ptl-hear.h"
#include "probe/ptl-port-check-greeting.h"
#include "probe/ptl-port-check.h"
#include "probe/ptl-wake.h"
#include "probe/ptl-whois.h"
#include "registry/ptl-registry.h"

#include "ptl-ask.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t came = PTHREAD_COND_INITIALIZER;
static bool news;

void
ask_on_news (void *data)
{
  pthread_mutex_lock (&lock);
  news = true;
  pthread_cond_signal (&came);
  pthread_mutex_unlock (&lock);
}

void
ask_wait (void)
{
  pthread_mutex_lock (&lock);
  while (!news)
    pthread_cond_wait (&came, &lock);
  news = false;
  pthread_mutex_unlock (&lock);
}

void
ask_die (const char *what,
           GError     *error)
{
  fprintf (stderr, "%s: %s\n", what, error != NULL ? error->message : "?");
  exit (2);
}

PtlAddress
ask_address (const char *text)
{
  g_auto (PtlEndpoint) endpoint = { 0 };
  g_autoptr (GError) error = NULL;

  if (!ptl_endpoint_parse_host_port (&endpoint, text, "0", NULL, NULL, &error)
      || endpoint.address.len == 0)
    ask_die (text, error);
  return endpoint.address;
}

void
ask_print_json (const char *text)
{
  putchar ('"');
  for (const unsigned char *at = (const unsigned char *) text; *at != '\0'; at++)
    if (*at < 32 || *at == '"' || *at == '\\')
      printf ("\\u%04x", *at);
    else
      putchar (*at);
  putchar ('"');
}

/* --- ports ------------------------------------------------------------------------------------ */

static const char *const states[] = {
  "waiting", "open", "closed", "filtered", "open|filtered", "failed",
};
static const char *const refusals[] = {
  "other", "many", "prohibited", "discarded", "no zone", "no interface", "firewall",
};
static const char *const whys[] = {
  "none", "connected", "refused", "answer", "icmp", "unreachable", "silence", "local",
};

static bool
add_name (PtlPortSet *set,
          const char *name,
          unsigned    mask,
          void       *data)
{
  bool found = false;

  for (unsigned i = 0; i < 2; i++)
    {
      PtlRegistryTransport transport = i == 0 ? PTL_REGISTRY_TCP : PTL_REGISTRY_UDP;
      PtlRegistryRow row;
      uint32_t number;

      if ((mask & 1u << i) == 0 || name == NULL
          || !ptl_registry_find_name (name, transport, &number))
        continue;
      ptl_registry_get_row (number, &row);
      ptl_port_set_add (set, i, row.first_port);
      found = true;
    }
  return found;
}

static void
print_report (const PtlPortItem   *item,
              const PtlPortReport *report)
{
  char who[INET6_ADDRSTRLEN] = "";
  PtlGreeting greeting = { 0 };
  g_autofree char *text = report->greeting != NULL
    ? ptl_codec_to_escaped (report->greeting, report->len_greeting) : g_strdup ("");

  if (report->offender_family != 0)
    inet_ntop (report->offender_family, report->offender, who, sizeof who);
  if (report->greeting != NULL && item->transport == PTL_PORT_TCP)
    greeting = ptl_greeting_recognise (report->greeting, report->len_greeting, item->port);
  printf ("{\"port\": %u, \"transport\": \"%s\", \"state\": \"%s\", \"why\": \"%s\", "
          "\"errno\": \"%s\", \"refusal\": \"%s\", "
          "\"icmp\": [%u, %u], \"from\": \"%s\", \"tries\": %u, "
          "\"rtt_us\": %u, \"http\": %s, \"fits\": %s, \"more\": %s, \"looks\": \"%s\", "
          "\"greeting\": ", item->port, item->transport == PTL_PORT_TCP ? "tcp" : "udp",
          states[report->state], whys[report->why],
          report->sys_errno != 0 ? ptl_errno_name (report->sys_errno) : "",
          refusals[report->refusal],
          report->icmp_type, report->icmp_code, who, report->n_tries, report->rtt_us,
          report->asked_http ? "true" : "false", report->fits ? "true" : "false",
          report->more ? "true" : "false", greeting.name != NULL ? greeting.name : "");
  ask_print_json (text);
  printf ("}\n");
}

static int
run_ports (int    argc,
           char **argv)
{
  g_autofree PtlPortSet *set = g_new0 (PtlPortSet, 1);
  g_autoptr (GArray) items = g_array_new (FALSE, FALSE, sizeof (PtlPortItem));
  g_autoptr (GError) error = NULL;
  g_autoptr (PtlPortCheck) check = NULL;
  PtlPortWords words = { add_name, NULL };
  PtlPortCheckConfig config = { 0 };
  PtlPortCheckStatus status = { .running = true };
  unsigned mask = PTL_PORT_MASK_TCP, stop_after_ms = 0;
  bool sums = false, stopped = false;

  if (argc < 2)
    return 2;
  config.target = ask_address (argv[0]);
  for (int i = 2; i < argc; i++)
    {
      const char *value = i + 1 < argc ? argv[i + 1] : "0";

      if (strcmp (argv[i], "--udp") == 0)
        mask = PTL_PORT_MASK_UDP;
      else if (strcmp (argv[i], "--both") == 0)
        mask = PTL_PORT_MASK_TCP | PTL_PORT_MASK_UDP;
      else if (strcmp (argv[i], "--greet") == 0)
        config.greet = true;
      else if (strcmp (argv[i], "--http") == 0)
        config.greet = config.http = true;
      else if (strcmp (argv[i], "--sums") == 0)
        sums = true;
      else
        {
          unsigned number = (unsigned) strtoul (value, NULL, 10);

          if (strcmp (argv[i], "--rate") == 0)
            config.rate = number;
          else if (strcmp (argv[i], "--in-flight") == 0)
            config.in_flight = number;
          else if (strcmp (argv[i], "--timeout") == 0)
            config.timeout_ms = number;
          else if (strcmp (argv[i], "--greeting") == 0)
            config.greeting_ms = number;
          else if (strcmp (argv[i], "--stop-after") == 0)
            stop_after_ms = number;
          else
            return 2;
          i++;
        }
    }
  if (!ptl_port_list_parse (set, argv[1], mask, &words, NULL, &error))
    ask_die ("list", error);
  for (unsigned transport = 0; transport < PTL_PORT_N_TRANSPORTS; transport++)
    for (unsigned port = 1; port < 65536; port++)
      if (ptl_port_set_has (set, transport, (uint16_t) port))
        {
          PtlPortItem item = { (uint16_t) port, (uint8_t) transport };

          g_array_append_val (items, item);
        }
  config.items = (const PtlPortItem *) items->data;
  config.n_items = items->len;
  check = ptl_port_check_new (&config, ask_on_news, NULL, &error);
  if (check == NULL)
    ask_die ("check", error);
  while (status.running)
    {
      g_autoptr (GArray) reports = NULL;

      ask_wait ();
      reports = ptl_port_check_take (check, &status);
      for (guint i = 0; i < reports->len; i++)
        {
          PtlPortReport *report = &g_array_index (reports, PtlPortReport, i);

          if (!sums)
            print_report (&config.items[report->index], report);
          g_free (report->greeting);
        }
      if (stop_after_ms > 0 && !stopped && status.elapsed_ns >= stop_after_ms * PTL_NS_PER_MS)
        {
          stopped = true;
          ptl_port_check_stop (check);
        }
    }
  printf ("{\"done\": %u, \"open\": %u, \"closed\": %u, \"filtered\": %u, \"silent\": %u, "
          "\"failed\": %u, \"own\": %s, \"gave_up\": \"%s\", \"elapsed_ns\": %llu}\n",
          status.n_done, status.n_by_state[PTL_PORT_OPEN], status.n_by_state[PTL_PORT_CLOSED],
          status.n_by_state[PTL_PORT_FILTERED], status.n_by_state[PTL_PORT_OPEN_FILTERED],
          status.n_by_state[PTL_PORT_FAILED], status.own ? "true" : "false",
          status.gave_up != 0 ? ptl_errno_name (status.gave_up) : "",
          (unsigned long long) status.elapsed_ns);
  return 0;
}

/* --- whois and finger ------------------------------------------------------------------------- */

static bool whois_last;

static void
on_answer (PtlWhoisAnswer *answer,
           bool            last,
           void           *data)
{
  static const char *const ends[] = {
    "closed", "resolve", "connect", "receive", "timeout", "too-long", "stopped", "refused",
  };
  static const char *const nexts[] = { "none", "asked", "not-followed", "loop", "too-many",
                                       "foreign" };
  g_autofree char *text = answer->bytes != NULL
    ? ptl_codec_to_escaped (answer->bytes, answer->len_bytes) : g_strdup ("");

  printf ("{\"server\": \"%s\", \"port\": %u, \"end\": \"%s\", \"next\": \"%s\", "
          "\"errno\": \"%s\", \"bytes\": %zu, \"text\": ", answer->server.host, answer->server.port,
          ends[answer->end], nexts[answer->next],
          answer->sys_errno != 0 ? ptl_errno_name (answer->sys_errno) : "", answer->len_bytes);
  ask_print_json (text);
  printf ("}\n");
  ptl_whois_answer_free (answer);
  if (!last)
    return;
  __atomic_store_n (&whois_last, true, __ATOMIC_RELEASE);
  ask_on_news (NULL);
}

static int
run_whois (int    argc,
           char **argv)
{
  PtlWhoisConfig config = { 0 };
  PtlLookupPool *pool = ptl_lookup_pool_new ();
  g_autofree char *query = NULL;
  g_autoptr (GError) error = NULL;
  PtlWhois *whois;
  bool finger = false, verbose = false;

  if (argc < 2)
    return 2;
  for (int i = 2; i < argc; i++)
    if (strcmp (argv[i], "--follow") == 0)
      config.follow = true;
    else if (strcmp (argv[i], "--finger") == 0)
      finger = true;
    else if (strcmp (argv[i], "--verbose") == 0)
      verbose = true;
    else
      return 2;
  if (finger ? !ptl_finger_parse (argv[1], verbose, &config.server, &query, &error)
             : (query = ptl_whois_build_query (argv[1], &error)) == NULL)
    ask_die ("query", error);
  if (argv[0][0] != '\0'
      && !ptl_whois_parse_server (&config.server, argv[0], strlen (argv[0]), PTL_WHOIS_PORT))
    return 2;
  config.query = query;
  whois = ptl_whois_new (&config, ptl_lookup_pool_get_resolver (pool), on_answer, NULL, &error);
  if (whois == NULL)
    ask_die ("whois", error);
  while (!__atomic_load_n (&whois_last, __ATOMIC_ACQUIRE))
    ask_wait ();
  ptl_whois_free (whois);
  ptl_lookup_pool_free (pool);
  return 0;
}

/* --- waking and hearing ----------------------------------------------------------------------- */

static int
run_wake (int    argc,
          char **argv)
{
  static const char *const steps[] = { "none", "socket", "device", "send" };
  PtlWakeTarget target = { 0 };
  g_autoptr (GError) error = NULL;
  PtlWakeResult result;
  PtlAddress to;
  char from[PTL_ADDRESS_TEXT_MAX];

  if (argc < 3)
    return 2;
  to = ask_address (argv[1]);
  ptl_address_set_port (&to, PTL_WAKE_PORT);
  if (!ptl_wake_parse_mac (target.mac, argv[0], &error)
      || (argc > 3 && !ptl_wake_parse_password (&target, argv[3], &error)))
    ask_die ("wake", error);
  ptl_wake_send (&target, &to, argv[2], &result);
  printf ("{\"step\": \"%s\", \"errno\": \"%s\", \"from\": \"%s\"}\n", steps[result.step],
          result.sys_errno != 0 ? ptl_errno_name (result.sys_errno) : "",
          ptl_address_format_host (&result.source, from, sizeof from));
  return 0;
}

static void
print_hear_status (const PtlHearStatus *status)
{
  static const char *const checks[] = { "running", "good", "failed" };
  static const char *const steps[] = {
    "none", "device", "socket", "bind", "join", "send", "return", "receive",
  };

  printf ("{\"running\": %s, \"step\": \"%s\", \"errno\": \"%s\", \"check\": \"%s\", "
          "\"check_step\": \"%s\", \"check_errno\": \"%s\", \"frames\": %llu, \"bytes\": %llu, "
          "\"dropped\": %llu, \"untold\": %llu}\n", status->running ? "true" : "false",
          steps[status->step], status->sys_errno != 0 ? ptl_errno_name (status->sys_errno) : "",
          checks[status->check], steps[status->check_step],
          status->check_errno != 0 ? ptl_errno_name (status->check_errno) : "",
          (unsigned long long) status->n_frames, (unsigned long long) status->n_bytes,
          (unsigned long long) status->n_dropped, (unsigned long long) status->n_untold);
}

/* Until so many datagrams have come; 0: until the check is done. */
static int
run_hear (int    argc,
          char **argv)
{
  PtlHearConfig config = { 0 };
  PtlHearStatus status = { .running = true };
  g_autoptr (GError) error = NULL;
  g_autoptr (PtlHear) hear = NULL;
  unsigned long wanted;
  bool told = false;

  if (argc < 4)
    return 2;
  config.group = ask_address (argv[0]);
  ptl_address_set_port (&config.group, (uint16_t) atoi (argv[1]));
  g_strlcpy (config.device, argv[2], sizeof config.device);
  wanted = strtoul (argv[3], NULL, 10);
  hear = ptl_hear_new (&config, ask_on_news, NULL, &error);
  if (hear == NULL)
    ask_die ("hear", error);
  while (status.running && (!told || status.n_frames < wanted))
    {
      g_autoptr (GArray) frames = NULL;

      ask_wait ();
      frames = ptl_hear_take (hear, &status);
      for (guint i = 0; i < frames->len; i++)
        {
          const PtlHearFrame *frame = &g_array_index (frames, PtlHearFrame, i);
          g_autofree char *text = ptl_codec_to_escaped (frame->bytes, frame->len_kept);
          char from[PTL_ADDRESS_TEXT_MAX], to[PTL_ADDRESS_TEXT_MAX];

          printf ("{\"from\": \"%s\", \"to\": \"%s\", \"ttl\": %d, \"len\": %u, \"text\": ",
                  ptl_address_format_host (&frame->from, from, sizeof from),
                  ptl_address_format_host (&frame->to, to, sizeof to), frame->ttl,
                  frame->len_bytes);
          ask_print_json (text);
          printf ("}\n");
        }
      if (!told && (status.check != PTL_HEAR_CHECK_RUNNING || !status.running))
        {
          told = true;
          print_hear_status (&status);
        }
    }
  print_hear_status (&status);
  return 0;
}

int
main (int    argc,
      char **argv)
{
  static const struct
  {
    const char *name;
    int (*run) (int, char **);
  } commands[] = {
    { "ports", run_ports },
    { "whois", run_whois },
    { "wake", run_wake },
    { "hear", run_hear },
  };

  setvbuf (stdout, NULL, _IOLBF, 0);
  for (size_t i = 0; argc > 1 && i < G_N_ELEMENTS (commands); i++)
    if (strcmp (argv[1], commands[i].name) == 0)
      return commands[i].run (argc - 2, argv + 2);
  fprintf (stderr, "ptl-ask ports | whois | wake | hear ...\n");
  return 2;
}
