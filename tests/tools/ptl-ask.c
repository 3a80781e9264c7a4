/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The probes without a window, for tests and benchmarks: a line of JSON for each thing that is
 * told, the last one has the sums.
 *
 *   ports ADDRESS LIST [--udp|--both] [--greet] [--http] [--rate N] [--in-flight N] [--timeout MS]
 *         [--greeting MS] [--sums] [--stop-after MS] */
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
#include "probe/ptl-port-check-greeting.h"
#include "probe/ptl-port-check.h"
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
          "\"errno\": \"%s\", \"icmp\": [%u, %u], \"from\": \"%s\", \"tries\": %u, "
          "\"rtt_us\": %u, \"http\": %s, \"fits\": %s, \"more\": %s, \"looks\": \"%s\", "
          "\"greeting\": ", item->port, item->transport == PTL_PORT_TCP ? "tcp" : "udp",
          states[report->state], whys[report->why],
          report->sys_errno != 0 ? ptl_errno_name (report->sys_errno) : "",
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
  };

  setvbuf (stdout, NULL, _IOLBF, 0);
  for (size_t i = 0; argc > 1 && i < G_N_ELEMENTS (commands); i++)
    if (strcmp (argv[1], commands[i].name) == 0)
      return commands[i].run (argc - 2, argv + 2);
  fprintf (stderr, "ptl-ask ports ...\n");
  return 2;
}
