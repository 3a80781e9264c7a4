/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads back what an earlier run left: who spoke, how much, and what the session was. */
#include "config.h"

#include "model/ptl-session-private.h"

#include <string.h>

#include "base/ptl-event.h"

#define FRAMES_AT_ONCE 4096
/* A log's header takes 8 KiB of text; with some room for the role. */
#define LOG_TEXT_MAX 8000

static const char *const role_words[] = {
  [PTL_ROLE_CONNECT] = "connect",
  [PTL_ROLE_LISTEN] = "listen",
  [PTL_ROLE_DATAGRAMS] = "datagrams",
};

char *
ptl_session_spec_to_log_text (const PtlSpec *spec)
{
  g_autofree char *uri = ptl_spec_to_uri (spec);

  if (strlen (uri) > LOG_TEXT_MAX && spec->reaction_text != NULL)
    {
      g_autoptr (PtlSpec) shorter = ptl_spec_copy (spec);

      g_clear_pointer (&shorter->reaction_text, ptl_blob_unref);
      shorter->reaction = PTL_REACTION_NONE;
      g_free (uri);
      uri = ptl_spec_to_uri (shorter);
    }
  return g_strdup_printf ("%s %s", role_words[spec->role], uri);
}

PtlSpec *
ptl_session_spec_from_log_text (const char *text)
{
  for (size_t role = 0; role < G_N_ELEMENTS (role_words); role++)
    {
      size_t len = strlen (role_words[role]);

      if (strncmp (text, role_words[role], len) == 0 && text[len] == ' ')
        return ptl_spec_parse_uri ((PtlRole) role, text + len + 1, NULL, NULL);
    }
  return NULL;
}

void
ptl_left_session_free (PtlLeftSession *left)
{
  if (left == NULL)
    return;
  g_clear_pointer (&left->spec, ptl_spec_free);
  g_clear_pointer (&left->log, ptl_log_unref);
  g_clear_pointer (&left->peers, g_array_unref);
  g_free (left);
}

static void
add_peers (PtlLeftSession *left,
           uint32_t        first)
{
  uint32_t n_peers = ptl_log_get_n_peers (left->log);

  for (uint32_t number = first; number <= n_peers; number++)
    {
      PtlPeerInfo info = { .peer = number, .state = PTL_PEER_CLOSED };

      if (!ptl_log_get_peer (left->log, number, &info.address))
        memset (&info.address, 0, sizeof info.address);
      g_array_append_val (left->peers, info);
    }
  left->status.peers_total = n_peers;
}

/* Where it listened: the port of the spec may have been left to the kernel. */
static void
note_local (PtlLeftSession *left,
            const PtlFrame *frame)
{
  PtlSessionStatus *status = &left->status;
  uint8_t bytes[PTL_EVENT_BYTES_MAX];
  PtlEvent event;
  ssize_t len;

  if ((frame->code != PTL_EVENT_LISTENING && frame->code != PTL_EVENT_BOUND)
      || status->n_locals == G_N_ELEMENTS (status->locals))
    return;
  len = ptl_log_read (left->log, frame, 0, bytes, sizeof bytes);
  if (len > 0 && ptl_event_decode (&event, frame->code, bytes, (size_t) len) && event.local.len > 0)
    status->locals[status->n_locals++] = event.local;
}

static void
count_frames (PtlLeftSession *left,
              uint32_t        first_peer)
{
  g_autofree PtlFrame *frames = g_new (PtlFrame, FRAMES_AT_ONCE);
  PtlSessionStatus *status = &left->status;
  uint64_t number = 0;
  size_t n;

  while ((n = ptl_log_get_frames (left->log, number, frames, FRAMES_AT_ONCE)) > 0)
    {
      for (size_t i = 0; i < n; i++)
        {
          const PtlFrame *frame = &frames[i];
          uint64_t len = (frame->flags & PTL_FRAME_NOT_STORED) != 0 ? frame->code : frame->length;
          PtlPeerInfo *peer = NULL;

          if (frame->peer >= first_peer && frame->peer - first_peer < left->peers->len)
            peer = &g_array_index (left->peers, PtlPeerInfo, frame->peer - first_peer);
          if (frame->kind == PTL_FRAME_IN)
            {
              status->rx_frames++;
              status->rx_bytes += len;
              if (peer != NULL)
                peer->rx_bytes += len;
            }
          else if (frame->kind == PTL_FRAME_OUT)
            {
              status->tx_frames++;
              status->tx_bytes += len;
              if (peer != NULL)
                peer->tx_bytes += len;
            }
          else
            note_local (left, frame);
        }
      number += n;
    }
}

PtlLeftSession *
ptl_left_session_read (const char *dir,
                       GError    **error)
{
  g_autoptr (PtlLeftSession) left = g_new0 (PtlLeftSession, 1);
  uint32_t n_peers, first_peer;

  left->peers = g_array_new (FALSE, TRUE, sizeof (PtlPeerInfo));
  left->log = ptl_log_open (dir, error);
  if (left->log == NULL)
    return NULL;

  left->spec = ptl_session_spec_from_log_text (ptl_log_get_uri (left->log));
  /* The frames are worth more than what the session was. */
  if (left->spec == NULL)
    left->spec = ptl_spec_new (PTL_ROLE_CONNECT, PTL_TRANSPORT_TCP);
  left->status.state = PTL_SESSION_CLOSED;
  n_peers = ptl_log_get_n_peers (left->log);
  first_peer = n_peers > PTL_PEER_LIST_MAX ? n_peers - PTL_PEER_LIST_MAX + 1 : 1;
  add_peers (left, first_peer);
  count_frames (left, first_peer);
  return g_steal_pointer (&left);
}
