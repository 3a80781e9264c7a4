/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session says of itself: its title, state, rates, losses and problem. */
#include "config.h"

#include "model/ptl-session-private.h"

#include <netdb.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "model/ptl-fault-text.h"

char *
ptl_session_make_state_text (PtlSession *self)
{
  const PtlSessionStatus *status = &self->status;
  bool datagrams = ptl_spec_is_datagram (self->spec);
  GString *text = g_string_new (ptl_session_state_to_text (status->state, self->spec->role,
                                                           datagrams));

  if (self->recovered)
    {
      g_string_assign (text, _("Read back"));
      return g_string_free (text, FALSE);
    }
  if (status->state == PTL_SESSION_LISTENING)
    {
      g_string_append (text, " · ");
      g_string_append_printf (text, datagrams
                              ? ngettext ("%u source", "%u sources", status->peers_open)
                              : ngettext ("%u peer", "%u peers", status->peers_open),
                              status->peers_open);
    }
  if (ptl_session_is_live (self))
    {
      if (status->accept_paused)
        g_string_append (text, _(" · accepting pauses, no descriptor is free"));
      if (status->log_full)
        g_string_append (text, _(" · log cannot be written"));
      if (status->receiving_paused)
        g_string_append (text, _(" · receiving paused"));
      if (status->peer_ended)
        g_string_append (text, _(" · the peer sends no more"));
    }
  return g_string_free (text, FALSE);
}

static void
append_part (GString *text,
             char    *part) /* taken */
{
  if (text->len > 0)
    g_string_append (text, _(", "));
  g_string_append (text, part);
  g_free (part);
}

/* NULL when nothing was lost. */
char *
ptl_session_make_losses_text (const PtlSessionStatus *status)
{
  g_autoptr (GString) text = g_string_new (NULL);
  unsigned long n;

  n = status->kernel_drops;
  if (n > 0)
    append_part (text, g_strdup_printf (ngettext ("%lu datagram dropped by the kernel",
                                                  "%lu datagrams dropped by the kernel", n), n));
  n = status->lost.in_frames + status->lost.out_frames + status->lost.events;
  if (n > 0)
    {
      g_autofree char *size = g_format_size (status->lost.in_bytes + status->lost.out_bytes);

      append_part (text, g_strdup_printf (ngettext ("%lu frame (%s) not recorded",
                                                    "%lu frames (%s) not recorded", n), n, size));
    }
  n = status->truncated;
  if (n > 0)
    append_part (text, g_strdup_printf (ngettext ("%lu datagram cut off", "%lu datagrams cut off",
                                                  n), n));
  n = status->refused;
  if (n > 0)
    append_part (text, g_strdup_printf (ngettext ("%lu peer refused", "%lu peers refused", n), n));
  return text->len > 0 ? g_strdup (text->str) : NULL;
}

char *
ptl_session_make_rates_text (PtlSession *self)
{
  g_autofree char *rx = g_format_size ((guint64) self->rx_rate);
  g_autofree char *tx = g_format_size ((guint64) self->tx_rate);

  /* Translators: bytes per second that are received and sent. */
  return g_strdup_printf (_("↓ %s/s ↑ %s/s"), rx, tx);
}

/* The port that the kernel chose is worth more than the 0 that was asked for; so is the one that
 * receives, where datagrams have no default target. */
char *
ptl_session_make_title (PtlSession *self)
{
  g_autofree char *title = ptl_spec_to_title (self->spec);
  const PtlEndpoint *endpoint = self->spec->n_endpoints == 1 ? &self->spec->endpoints[0] : NULL;
  const char *after = strstr (title, "://");
  char buffer[PTL_ADDRESS_TEXT_MAX];

  if (self->spec->role == PTL_ROLE_CONNECT || endpoint == NULL || after == NULL
      || endpoint->port != 0
      || endpoint->service != NULL || self->status.n_locals == 0
      || ptl_address_get_port (&self->status.locals[0]) == 0)
    return g_steal_pointer (&title);
  return g_strdup_printf ("%.*s://%s", (int) (after - title), title,
                          ptl_address_format (&self->status.locals[0], buffer, sizeof buffer));
}

char *
ptl_session_make_problem (PtlSession *self)
{
  const PtlFault *fault = &self->status.fault;
  const char *name = self->fault_name;

  if (fault->step == PTL_STEP_NONE)
    return NULL;
  if (name == NULL)
    switch (fault->step)
      {
      case PTL_STEP_RESOLVE:
        if (self->spec->n_endpoints > 0)
          name = fault->gai_code == EAI_SERVICE && self->spec->endpoints[0].service != NULL
                 ? self->spec->endpoints[0].service : self->spec->endpoints[0].host;
        break;
      case PTL_STEP_OPTION:
        if (fault->detail == PTL_OPT_DEVICE)
          name = self->spec->options.device;
        break;
      case PTL_STEP_LOG:
        if (self->log != NULL)
          name = ptl_log_get_dir (self->log);
        break;
      default:
        name = self->title;
        break;
      }
  return ptl_fault_to_text_about (fault, name, self->owner);
}
