/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which source of nsswitch.conf(5) knows a name: each is asked alone, by getent(1), which can be
 * told the one to ask (a program itself cannot without changing it for all of its threads). */
#include "config.h"

#include "model/ptl-lookup-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "model/ptl-dns-text.h"

/* Addresses that are named in a row. */
#define SHOWN_MAX 8

static void
source_free (PtlLookupSource *source)
{
  g_clear_object (&source->row);
  g_clear_pointer (&source->addresses, g_array_unref);
  ptl_nss_source_clear (&source->source);
  g_free (source);
}

static gboolean
has_address (const PtlLookupSource *source,
             const PtlAddress      *address)
{
  for (guint i = 0; i < source->addresses->len; i++)
    if (ptl_address_equal_host (&g_array_index (source->addresses, PtlAddress, i), address))
      return TRUE;
  return FALSE;
}

const PtlLookupSource *
ptl_lookup_find_source (PtlLookup        *self,
                        const PtlAddress *address,
                        gboolean         *known)
{
  *known = FALSE;
  if (self->facts == NULL || self->sources->len == 0)
    return NULL;
  /* The first one that knows the name ends it, unless nsswitch.conf says to go on. */
  for (guint i = 0; i < self->sources->len; i++)
    {
      const PtlLookupSource *source = self->sources->pdata[i];

      if (!source->done)
        return NULL;
      if (has_address (source, address))
        return source;
      if (source->addresses->len > 0 && !source->source.goes_on)
        break;
    }
  *known = TRUE;
  return NULL;
}

static const char *
get_words (const char *name)
{
  static const struct
  {
    const char *name;
    const char *words;
  } known[] = {
    { "files", N_("the hosts file") },
    { "dns", N_("DNS, the servers of resolv.conf") },
    { "resolve", N_("systemd-resolved, which asks DNS, mDNS and the hosts file itself") },
    { "myhostname", N_("this computer’s own names") },
    { "mymachines", N_("the containers of this computer") },
    { "wins", N_("Windows names (WINS)") },
    { "nis", N_("the network’s NIS directory") },
    { "ldap", N_("an LDAP directory") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (name, known[i].name))
      return _(known[i].words);
  if (g_str_has_prefix (name, "mdns"))
    return _("mDNS, which asks the local network");
  return _("a source of its own");
}

/* What each source says, and which of them programs listen to. */
static void
update_rows (PtlLookup *self)
{
  gboolean asked = TRUE, sure = TRUE;

  for (guint i = 0; i < self->sources->len; i++)
    {
      PtlLookupSource *source = self->sources->pdata[i];
      g_autoptr (GString) value = NULL;
      g_autofree char *time = NULL, *detail = NULL;
      const char *role;
      guint n;

      if (!source->done)
        {
          sure = FALSE;
          continue;
        }
      n = source->addresses->len;
      value = g_string_new (get_words (source->source.name));
      if (!source->ran)
        g_string_append (value, _(": could not be asked alone"));
      else if (n == 0)
        g_string_append (value, _(": no address"));
      for (guint j = 0; j < n && j < SHOWN_MAX; j++)
        {
          char text[PTL_ADDRESS_TEXT_MAX];

          ptl_address_format_host (&g_array_index (source->addresses, PtlAddress, j), text,
                                   sizeof text);
          g_string_append_printf (value, "%s%s", j == 0 ? ": " : ", ", text);
        }
      if (n > SHOWN_MAX)
        g_string_append_printf (value, _(" and %u more"), n - SHOWN_MAX);
      if (!asked)
        role = _("programs do not come to it: a source before it answers");
      else if (!sure)
        role = _("a source before it is still being asked");
      else if (n > 0)
        role = _("programs have the addresses from it");
      else
        role = i + 1 < self->sources->len ? _("programs ask the next source")
                                          : _("it is the last source");
      if (n > 0 && !source->source.goes_on)
        asked = FALSE;
      time = ptl_dns_time_to_text (source->elapsed_ns);
      detail = source->ran ? g_strdup_printf ("%s · %s", role, time) : g_strdup ("");
      ptl_lookup_row_set (source->row, n > 0 ? PTL_LOOKUP_ROW_TEXT : PTL_LOOKUP_ROW_NOTE,
                          value->str, detail);
    }
}

/* Lines of "192.0.2.1       STREAM name". */
static void
read_answer (PtlLookupSource *source,
             const char      *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (char **line = lines; *line != NULL && source->addresses->len < PTL_RESOLVED_MAX; line++)
    {
      PtlAddress address;

      (*line)[strcspn (*line, " \t")] = '\0';
      if (ptl_nss_parse_address (*line, &address) && !has_address (source, &address))
        g_array_append_val (source->addresses, address);
    }
}

static void
on_answer_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      data)
{
  GSubprocess *process = G_SUBPROCESS (object);
  PtlLookupSource *source = data;
  PtlLookup *self = source->self;
  g_autofree char *text = NULL;
  gboolean ran = g_subprocess_communicate_utf8_finish (process, result, &text, NULL, NULL)
                 && g_subprocess_get_if_exited (process)
                 && (g_subprocess_get_exit_status (process) == 0
                     || g_subprocess_get_exit_status (process) == 2);

  if (!ran)
    g_subprocess_force_exit (process);
  if (self == NULL)
    {
      source_free (source);
      return;
    }
  source->done = TRUE;
  source->ran = ran;
  source->elapsed_ns = (guint64) (g_get_monotonic_time () - source->start_us) * 1000;
  if (ran && text != NULL)
    read_answer (source, text);
  update_rows (self);
  ptl_lookup_update_addresses (self);
  ptl_lookup_release (self);
}

void
ptl_lookup_start_sources (PtlLookup *self)
{
  unsigned n;
  g_autofree PtlNssSource *sources = ptl_nss_list_sources (self->facts->order, &n);

  for (unsigned i = 0; i < n; i++)
    {
      PtlLookupSource *source = g_new0 (PtlLookupSource, 1);
      g_autoptr (GSubprocess) process = NULL;
      g_autofree char *only = g_strdup_printf ("hosts:%s", sources[i].name);

      source->self = self;
      source->source = sources[i];
      source->addresses = g_array_new (FALSE, FALSE, sizeof (PtlAddress));
      source->row = ptl_lookup_row_new (PTL_LOOKUP_ROW_BUSY, sources[i].name, _("Asking …"), "");
      source->start_us = g_get_monotonic_time ();
      g_list_store_append (self->groups[PTL_LOOKUP_SOURCES], source->row);
      g_ptr_array_add (self->sources, source);
      process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                    | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL,
                                  "getent", "-s", only, "--", "ahosts", self->classified.host,
                                  NULL);
      if (process == NULL)
        {
          source->done = TRUE;
          continue;
        }
      ptl_lookup_hold (self);
      source->running = TRUE;
      g_subprocess_communicate_utf8_async (process, NULL, self->cancellable, on_answer_cb, source);
    }
  update_rows (self);
}

void
ptl_lookup_clear_sources (PtlLookup *self)
{
  for (guint i = 0; i < self->sources->len; i++)
    {
      PtlLookupSource *source = self->sources->pdata[i];

      /* One that runs is freed when it has ended. */
      if (source->running && !source->done)
        source->self = NULL;
      else
        source_free (source);
    }
  g_ptr_array_set_size (self->sources, 0);
}
