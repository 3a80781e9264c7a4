/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One session as the window sees it: its state, problem and rates, told as properties. */
#include "config.h"

#include "model/ptl-session-private.h"

#include <glib/gi18n-lib.h>

#include "model/ptl-fault-text.h"

enum
{
  PROP_0,
  PROP_TITLE,
  PROP_ICON_NAME,
  PROP_STATE,
  PROP_STATE_TEXT,
  PROP_PROBLEM,
  PROP_LIVE,
  PROP_RECOVERED,
  PROP_RX_RATE,
  PROP_TX_RATE,
  PROP_RATES_TEXT,
  PROP_N_OPEN_PEERS,
  PROP_N_FRAMES,
  PROP_QUEUED_BYTES,
  PROP_LOSSES_TEXT,
  PROP_RECEIVING,
  N_PROPS
};

enum
{
  SIGNAL_SENT,
  SIGNAL_RATES_CHANGED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PtlSession, ptl_session, G_TYPE_OBJECT)

const char *
ptl_session_get_role_icon_name (PtlRole role)
{
  switch (role)
    {
    case PTL_ROLE_LISTEN:
      return "portlight-listen-symbolic";
    case PTL_ROLE_DATAGRAMS:
      return "portlight-datagrams-symbolic";
    case PTL_ROLE_CONNECT:
    default:
      return "portlight-connect-symbolic";
    }
}

static void
ptl_session_get_property (GObject    *object,
                          guint       prop_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  PtlSession *self = PTL_SESSION (object);

  switch (prop_id)
    {
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_ICON_NAME:
      g_value_set_static_string (value, ptl_session_get_role_icon_name (self->spec->role));
      break;
    case PROP_STATE:
      g_value_set_uint (value, self->status.state);
      break;
    case PROP_STATE_TEXT:
      g_value_set_string (value, self->state_text);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    case PROP_LIVE:
      g_value_set_boolean (value, ptl_session_is_live (self));
      break;
    case PROP_RECOVERED:
      g_value_set_boolean (value, self->recovered);
      break;
    case PROP_RX_RATE:
      g_value_set_double (value, self->rx_rate);
      break;
    case PROP_TX_RATE:
      g_value_set_double (value, self->tx_rate);
      break;
    case PROP_RATES_TEXT:
      g_value_set_string (value, self->rates_text);
      break;
    case PROP_N_OPEN_PEERS:
      g_value_set_uint (value, self->status.peers_open);
      break;
    case PROP_N_FRAMES:
      g_value_set_uint64 (value, self->n_frames);
      break;
    case PROP_QUEUED_BYTES:
      g_value_set_uint64 (value, self->status.queued_bytes);
      break;
    case PROP_LOSSES_TEXT:
      g_value_set_string (value, self->losses_text);
      break;
    case PROP_RECEIVING:
      g_value_set_boolean (value, !self->status.receiving_paused);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_session_dispose (GObject *object)
{
  PtlSession *self = PTL_SESSION (object);

  self->host = NULL;
  ptl_session_drop_pending (self);
  G_OBJECT_CLASS (ptl_session_parent_class)->dispose (object);
}

static void
ptl_session_finalize (GObject *object)
{
  PtlSession *self = PTL_SESSION (object);

  g_clear_pointer (&self->targets, g_hash_table_unref);
  g_clear_pointer (&self->opening_files, g_hash_table_unref);
  g_clear_pointer (&self->pending, g_queue_free);
  g_clear_object (&self->call_list);
  g_clear_object (&self->peers);
  g_clear_object (&self->frames);
  g_clear_pointer (&self->calls, ptl_calls_unref);
  g_clear_pointer (&self->log, ptl_log_unref);
  g_clear_pointer (&self->fault_name, g_free);
  g_clear_pointer (&self->owner, g_free);
  g_clear_pointer (&self->losses_text, g_free);
  g_clear_pointer (&self->rates_text, g_free);
  g_clear_pointer (&self->problem, g_free);
  g_clear_pointer (&self->state_text, g_free);
  g_clear_pointer (&self->title, g_free);
  g_clear_pointer (&self->spec, ptl_spec_free);
  G_OBJECT_CLASS (ptl_session_parent_class)->finalize (object);
}

static void
ptl_session_class_init (PtlSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = ptl_session_get_property;
  object_class->dispose = ptl_session_dispose;
  object_class->finalize = ptl_session_finalize;

  props[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  props[PROP_ICON_NAME] = g_param_spec_string ("icon-name", NULL, NULL, NULL, flags);
  props[PROP_STATE] = g_param_spec_uint ("state", NULL, NULL, 0, PTL_N_SESSION_STATES - 1, 0,
                                         flags);
  props[PROP_STATE_TEXT] = g_param_spec_string ("state-text", NULL, NULL, NULL, flags);
  props[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  props[PROP_LIVE] = g_param_spec_boolean ("live", NULL, NULL, FALSE, flags);
  props[PROP_RECOVERED] = g_param_spec_boolean ("recovered", NULL, NULL, FALSE, flags);
  props[PROP_RX_RATE] = g_param_spec_double ("rx-rate", NULL, NULL, 0, G_MAXDOUBLE, 0, flags);
  props[PROP_TX_RATE] = g_param_spec_double ("tx-rate", NULL, NULL, 0, G_MAXDOUBLE, 0, flags);
  props[PROP_RATES_TEXT] = g_param_spec_string ("rates-text", NULL, NULL, NULL, flags);
  props[PROP_N_OPEN_PEERS] = g_param_spec_uint ("n-open-peers", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_N_FRAMES] = g_param_spec_uint64 ("n-frames", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  props[PROP_QUEUED_BYTES] = g_param_spec_uint64 ("queued-bytes", NULL, NULL, 0, G_MAXUINT64, 0,
                                                  flags);
  props[PROP_LOSSES_TEXT] = g_param_spec_string ("losses-text", NULL, NULL, NULL, flags);
  props[PROP_RECEIVING] = g_param_spec_boolean ("receiving", NULL, NULL, TRUE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[SIGNAL_SENT] =
    g_signal_new ("sent", PTL_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 5,
                  G_TYPE_UINT64, G_TYPE_BOOLEAN, G_TYPE_UINT64, G_TYPE_UINT64, G_TYPE_STRING);
  signals[SIGNAL_RATES_CHANGED] =
    g_signal_new ("rates-changed", PTL_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 0);
}

static void
ptl_session_init (PtlSession *self)
{
  self->pending = g_queue_new ();
  self->opening_files = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->targets = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                         (GDestroyNotify) ptl_send_target_free);
  self->peers = ptl_peer_list_new ();
}

static void
notify (PtlSession *self,
        guint       prop_id)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[prop_id]);
}

/* Takes @text; notifies only what is another text. */
static void
take_text (PtlSession *self,
           char      **field,
           char       *text,
           guint       prop_id)
{
  if (g_strcmp0 (*field, text) == 0)
    {
      g_free (text);
      return;
    }
  g_free (*field);
  *field = text;
  notify (self, prop_id);
}

/* All texts that follow from the status. */
static void
update_texts (PtlSession *self)
{
  take_text (self, &self->title, ptl_session_make_title (self), PROP_TITLE);
  take_text (self, &self->state_text, ptl_session_make_state_text (self), PROP_STATE_TEXT);
  take_text (self, &self->losses_text, ptl_session_make_losses_text (&self->status),
             PROP_LOSSES_TEXT);
  take_text (self, &self->problem, ptl_session_make_problem (self), PROP_PROBLEM);
}

static bool
fault_equal (const PtlFault *a,
             const PtlFault *b)
{
  return a->step == b->step && a->sys_errno == b->sys_errno && a->gai_code == b->gai_code
         && a->detail == b->detail && ptl_address_equal (&a->address, &b->address);
}

typedef struct
{
  PtlFault fault;
  bool     stream;
} OwnerQuestion;

static void
find_owner_in_thread (GTask        *task,
                      gpointer      source,
                      gpointer      data,
                      GCancellable *cancellable)
{
  OwnerQuestion *question = data;

  g_task_return_pointer (task, ptl_fault_dup_port_owner (&question->fault.address,
                                                         question->stream), g_free);
}

static void
on_owner_found_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      data)
{
  PtlSession *self = PTL_SESSION (source);
  OwnerQuestion *question = g_task_get_task_data (G_TASK (result));
  char *owner = g_task_propagate_pointer (G_TASK (result), NULL);

  if (!fault_equal (&question->fault, &self->status.fault))
    {
      g_free (owner);
      return;
    }
  if (owner == NULL && ptl_address_get_port (&self->status.fault.address) != 0)
    owner = g_strdup (_("a program that may not be seen"));
  g_free (self->owner);
  self->owner = owner;
  take_text (self, &self->problem, ptl_session_make_problem (self), PROP_PROBLEM);
}

static void
ask_for_owner (PtlSession *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, on_owner_found_cb, NULL);
  OwnerQuestion *question = g_new0 (OwnerQuestion, 1);

  question->fault = self->status.fault;
  question->stream = !ptl_spec_is_datagram (self->spec);
  g_task_set_task_data (task, question, g_free);
  g_task_run_in_thread (task, find_owner_in_thread);
}

static bool
state_is_live (PtlSessionState state)
{
  return state != PTL_SESSION_CLOSED && state != PTL_SESSION_FAILED;
}

bool
ptl_session_set_status (PtlSession             *self,
                        const PtlSessionStatus *status)
{
  PtlSessionStatus before = self->status;
  bool flowed = status->rx_bytes != before.rx_bytes || status->tx_bytes != before.tx_bytes;

  self->status = *status;
  if (before.state != status->state || before.peers_open != status->peers_open)
    self->status_is_new = true;
  if (!fault_equal (&before.fault, &status->fault))
    {
      g_clear_pointer (&self->owner, g_free);
      g_clear_pointer (&self->fault_name, g_free);
      if (ptl_fault_wants_owner (&status->fault))
        ask_for_owner (self);
    }

  g_object_freeze_notify (G_OBJECT (self));
  if (before.state != status->state)
    {
      notify (self, PROP_STATE);
      if (state_is_live (before.state) != state_is_live (status->state))
        notify (self, PROP_LIVE);
    }
  if (before.peers_open != status->peers_open)
    notify (self, PROP_N_OPEN_PEERS);
  if (before.queued_bytes != status->queued_bytes)
    notify (self, PROP_QUEUED_BYTES);
  if (before.receiving_paused != status->receiving_paused)
    notify (self, PROP_RECEIVING);
  update_texts (self);
  g_object_thaw_notify (G_OBJECT (self));
  if (!state_is_live (status->state))
    ptl_session_fail_pending (self);
  return flowed;
}

static void
sync_calls (PtlSession *self)
{
  uint64_t n_frames = self->log != NULL ? ptl_log_get_n_frames (self->log) : 0;

  self->calls_wait = false;
  ptl_call_list_sync (self->call_list);
  if (n_frames != self->n_frames)
    {
      self->n_frames = n_frames;
      notify (self, PROP_N_FRAMES);
    }
}

void
ptl_session_sync (PtlSession *self)
{
  ptl_frame_list_sync (self->frames);
  sync_calls (self);
}

bool
ptl_session_sync_in_turn (PtlSession *self)
{
  if (self->status_is_new && !self->frames_wait)
    {
      self->status_is_new = false;
      self->frames_wait = true;
      return true;
    }
  self->status_is_new = false;
  self->frames_wait = false;
  if (ptl_frame_list_sync (self->frames) && !self->calls_wait)
    self->calls_wait = true;
  else
    sync_calls (self);
  return self->calls_wait;
}

static void
set_rates (PtlSession *self,
           double      rx,
           double      tx)
{
  if (self->rx_rate != rx)
    {
      self->rx_rate = rx;
      notify (self, PROP_RX_RATE);
    }
  if (self->tx_rate != tx)
    {
      self->tx_rate = tx;
      notify (self, PROP_TX_RATE);
    }
  take_text (self, &self->rates_text, ptl_session_make_rates_text (self), PROP_RATES_TEXT);
}

bool
ptl_session_tick (PtlSession *self,
                  double      elapsed_s)
{
  uint64_t rx_bytes = self->status.rx_bytes - self->rated_rx_bytes;
  uint64_t tx_bytes = self->status.tx_bytes - self->rated_tx_bytes;
  double rx = (double) rx_bytes / elapsed_s;
  double tx = (double) tx_bytes / elapsed_s;
  size_t n_seconds = (size_t) CLAMP (elapsed_s + 0.5, 1, PTL_SESSION_RATES_MAX);

  if (self->recovered || (self->quiet_s >= PTL_SESSION_RATES_MAX && rx_bytes == 0 && tx_bytes == 0))
    return false;

  self->rated_rx_bytes = self->status.rx_bytes;
  self->rated_tx_bytes = self->status.tx_bytes;
  for (size_t i = 0; i < n_seconds; i++)
    {
      self->rx_ring[self->ring_at] = rx;
      self->tx_ring[self->ring_at] = tx;
      self->ring_at = (self->ring_at + 1) % PTL_SESSION_RATES_MAX;
      self->n_ring = MIN (self->n_ring + 1, PTL_SESSION_RATES_MAX);
    }
  if (rx_bytes > 0 || tx_bytes > 0)
    self->quiet_s = 0;
  else
    self->quiet_s += (unsigned) n_seconds;
  set_rates (self, rx, tx);
  g_signal_emit (self, signals[SIGNAL_RATES_CHANGED], 0);
  /* What is over ticks once more, so that its rates end at 0. */
  return self->quiet_s < PTL_SESSION_RATES_MAX && (ptl_session_is_live (self) || rx > 0 || tx > 0);
}

size_t
ptl_session_get_rates (PtlSession *self,
                       double     *rx,
                       double     *tx,
                       size_t      n)
{
  g_return_val_if_fail (PTL_IS_SESSION (self), 0);

  n = MIN (n, self->n_ring);
  for (size_t i = 0; i < n; i++)
    {
      size_t at = (self->ring_at + PTL_SESSION_RATES_MAX - n + i) % PTL_SESSION_RATES_MAX;

      rx[i] = self->rx_ring[at];
      tx[i] = self->tx_ring[at];
    }
  return n;
}

void
ptl_session_emit_sent (PtlSession *self,
                       uint64_t    tag,
                       bool        done,
                       uint64_t    sent,
                       uint64_t    total,
                       const char *problem)
{
  g_signal_emit (self, signals[SIGNAL_SENT], 0, (guint64) tag, (gboolean) done, (guint64) sent,
                 (guint64) total, problem);
}

/* Fields that both kinds have; the texts are made without a notification to anyone. */
static PtlSession *
session_new (PtlSpec *spec) /* taken */
{
  PtlSession *self = g_object_new (PTL_TYPE_SESSION, NULL);

  self->spec = spec;
  self->rates_text = ptl_session_make_rates_text (self);
  return self;
}

PtlSession *
ptl_session_new (const PtlSpec  *spec,
                 PtlSessionHost *host)
{
  PtlSession *self = session_new (ptl_spec_copy (spec));

  self->host = host;
  self->calls = ptl_calls_new ();
  self->call_list = ptl_call_list_new (self->calls);
  self->frames = ptl_frame_list_new (NULL);
  self->status.state = PTL_SESSION_OPENING;
  update_texts (self);
  return self;
}

PtlSession *
ptl_session_new_recovered (PtlLeftSession *left)
{
  PtlSession *self = session_new (g_steal_pointer (&left->spec));

  self->recovered = true;
  self->log = g_steal_pointer (&left->log);
  self->call_list = ptl_call_list_new (NULL);
  self->frames = ptl_frame_list_new (self->log);
  self->status = left->status;
  self->quiet_s = PTL_SESSION_RATES_MAX;
  ptl_peer_list_update (self->peers, (const PtlPeerInfo *) (const void *) left->peers->data,
                        left->peers->len);
  ptl_session_sync (self);
  update_texts (self);
  return self;
}

void
ptl_session_detach (PtlSession *self)
{
  self->host = NULL;
  if (ptl_session_is_live (self))
    {
      PtlSessionStatus status = self->status;

      status.state = PTL_SESSION_CLOSED;
      status.peers_open = 0;
      status.queued_bytes = 0;
      ptl_session_set_status (self, &status);
    }
  ptl_session_sync (self);
}

bool
ptl_session_take_log (PtlSession *self,
                      PtlLog     *log)
{
  if (self->host == NULL || !ptl_session_is_live (self))
    return false;

  self->log = ptl_log_ref (log);
  ptl_frame_list_set_log (self->frames, log);
  self->id = ptl_engine_open (self->host->engine, self->spec, ptl_log_make_sink (log), self->calls);
  ptl_session_send_pending (self);
  return true;
}

void
ptl_session_fail (PtlSession     *self,
                  const PtlFault *fault,
                  const char     *name)
{
  PtlSessionStatus status = self->status;

  if (!ptl_session_is_live (self))
    return;
  status.state = PTL_SESSION_FAILED;
  status.fault = *fault;
  ptl_session_set_status (self, &status);
  self->fault_name = g_strdup (name);
  take_text (self, &self->problem, ptl_session_make_problem (self), PROP_PROBLEM);
}

PtlSessionId
ptl_session_get_id (PtlSession *self)
{
  return self->id;
}

bool
ptl_session_has_ended (PtlSession *self)
{
  return self->id == 0 || !state_is_live (self->status.state);
}

const PtlSpec *
ptl_session_get_spec (PtlSession *self)
{
  g_return_val_if_fail (PTL_IS_SESSION (self), NULL);
  return self->spec;
}

const PtlSessionStatus *
ptl_session_get_status (PtlSession *self)
{
  g_return_val_if_fail (PTL_IS_SESSION (self), NULL);
  return &self->status;
}

const char *
ptl_session_get_title (PtlSession *self)
{
  g_return_val_if_fail (PTL_IS_SESSION (self), NULL);
  return self->title;
}

bool
ptl_session_is_live (PtlSession *self)
{
  g_return_val_if_fail (PTL_IS_SESSION (self), false);
  return state_is_live (self->status.state);
}

PtlLog *
ptl_session_get_log (PtlSession *self)
{
  g_return_val_if_fail (PTL_IS_SESSION (self), NULL);
  return self->log;
}

PtlFrameList *
ptl_session_get_frames (PtlSession *self)
{
  g_return_val_if_fail (PTL_IS_SESSION (self), NULL);
  return self->frames;
}

PtlPeerList *
ptl_session_get_peers (PtlSession *self)
{
  g_return_val_if_fail (PTL_IS_SESSION (self), NULL);
  return self->peers;
}

PtlCallList *
ptl_session_get_calls (PtlSession *self)
{
  g_return_val_if_fail (PTL_IS_SESSION (self), NULL);
  return self->call_list;
}
