/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a send bar keeps of one session, and hears of it while it shows another. */
#include "config.h"

#include "ui/ptl-send-state.h"

#include <glib/gi18n.h>

PtlSendState *
ptl_send_state_new (void)
{
  PtlSendState *state = g_new0 (PtlSendState, 1);

  state->target = PTL_PEER_NONE;
  state->pending = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  return state;
}

void
ptl_send_state_free (PtlSendState *state)
{
  if (state == NULL)
    return;
  g_free (state->mode);
  g_free (state->text);
  g_free (state->status);
  g_hash_table_unref (state->pending);
  g_clear_object (&state->file);
  g_free (state->address);
  g_free (state);
}

void
ptl_send_state_say (PtlSendState *state,
                    const char   *text,
                    bool          is_error)
{
  char *said = g_strdup (text);

  g_free (state->status);
  state->status = said;
  state->is_error = is_error;
}

void
ptl_send_state_add (PtlSendState *state,
                    guint64       tag,
                    guint         n_targets)
{
  PtlSendPending *pending = g_new0 (PtlSendPending, 1);

  pending->n_targets = n_targets;
  g_hash_table_insert (state->pending, g_memdup2 (&tag, sizeof tag), pending);
}

bool
ptl_send_state_get_progress (PtlSendState *state,
                             guint64      *sent,
                             guint64      *total)
{
  GHashTableIter iter;
  gpointer value;

  *sent = *total = 0;
  g_hash_table_iter_init (&iter, state->pending);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      PtlSendPending *pending = value;

      *sent += pending->sent;
      *total += pending->total;
    }
  return *total > 0;
}

static void
on_sent_cb (PtlSession *session,
            guint64     tag,
            gboolean    done,
            guint64     sent,
            guint64     total,
            const char *problem,
            gpointer    data)
{
  PtlSendState *state = data;
  PtlSendPending *pending = g_hash_table_lookup (state->pending, &tag);
  g_autofree char *text = NULL;
  guint n_targets;

  if (pending == NULL)
    return;
  pending->sent = sent;
  pending->total = total;
  n_targets = pending->n_targets;
  if (!done)
    return;
  g_hash_table_remove (state->pending, &tag);
  if (problem != NULL)
    {
      ptl_send_state_say (state, problem, true);
      return;
    }
  if (n_targets > 1)
    {
      gulong each = (gulong) (sent / n_targets);
      /* Translators: "14 bytes" is put together before this */
      g_autofree char *bytes = g_strdup_printf (ngettext ("%'lu byte", "%'lu bytes", each), each);

      text = g_strdup_printf (ngettext ("%s sent to %u peer", "%s sent to %u peers", n_targets),
                              bytes, n_targets);
    }
  else
    text = g_strdup_printf (ngettext ("%'lu byte sent", "%'lu bytes sent", (gulong) sent),
                            (gulong) sent);
  ptl_send_state_say (state, text, false);
}

PtlSendState *
ptl_send_state_get (PtlSession *session)
{
  PtlSendState *state = g_object_get_data (G_OBJECT (session), "ptl-send-state");

  if (state == NULL)
    {
      state = ptl_send_state_new ();
      /* Before any bar's own handler, which shows what this one has noted. */
      g_signal_connect (session, "sent", G_CALLBACK (on_sent_cb), state);
      g_object_set_data_full (G_OBJECT (session), "ptl-send-state", state,
                              (GDestroyNotify) ptl_send_state_free);
    }
  return state;
}
