/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Try it: a server and a client on this computer, with every socket call of both explained. */
#include "config.h"

#include "ptl-try-it.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include <adwaita.h>
#include <glib/gi18n.h>

#include "base/ptl-codec.h"
#include "ui/ptl-try-it-side.h"

/* Bytes that are shown of what came back; it is the message and nothing else. */
#define REPLY_MAX 256
/* Then the name is given up: asking for it and connecting by it. */
#define NAME_TIMEOUT_S 5

typedef enum
{
  STATE_IDLE,
  STATE_SERVER,    /* it is being opened */
  STATE_CLIENT,    /* connecting */
  STATE_REPLY,     /* sent, waiting for what comes back */
  STATE_CLOSING,   /* it came; first the client closes, then the server */
  STATE_DONE,
  STATE_FAILED
} State;

struct _PtlTryIt
{
  GtkBox        parent_instance;

  /* template */
  GtkListBox   *notes;
  GtkLabel     *result_title;
  GtkLabel     *result;
  GtkWidget    *run_button;
  GtkWidget    *sides;
  PtlTryItSide *server_side;
  PtlTryItSide *client_side;

  /* owned */
  PtlSessions  *sessions;
  PtlSession   *server;
  PtlSession   *client;
  char         *host_name; /* what gethostname() gave for this run */

  State         state;
  guint         timeout_id;
  guint         name_timeout_id;
  uint16_t      port;
  bool          narrow;
  bool          on_loopback; /* the client, as the name did not lead here */
  bool          on_free_port;
};

enum
{
  PROP_0,
  PROP_NARROW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PtlTryIt, ptl_try_it, GTK_TYPE_BOX)

static void open_server (PtlTryIt   *self,
                         const char *port);
static void open_client (PtlTryIt   *self,
                         const char *host);

/* --- what is told --------------------------------------------------------------------------- */

static void
clear_notes (PtlTryIt *self)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->notes))) != NULL)
    gtk_list_box_remove (self->notes, row);
  gtk_widget_set_visible (GTK_WIDGET (self->notes), FALSE);
}

static void
add_note (PtlTryIt   *self,
          const char *title,
          const char *text)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  if (text != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("dialog-information-symbolic"));
  gtk_list_box_append (self->notes, row);
  gtk_widget_set_visible (GTK_WIDGET (self->notes), TRUE);
}

static void
set_state (PtlTryIt *self,
           State     state)
{
  static const char *const titles[] = {
    [STATE_IDLE] = N_("Ready"),
    [STATE_SERVER] = N_("The server opens its sockets…"),
    [STATE_CLIENT] = N_("The client connects…"),
    [STATE_REPLY] = N_("The client sent its message…"),
    [STATE_CLOSING] = N_("Received"),
    [STATE_DONE] = N_("Received"),
    [STATE_FAILED] = N_("It did not work"),
  };

  self->state = state;
  gtk_label_set_label (self->result_title, _(titles[state]));
  gtk_widget_set_sensitive (self->run_button, state == STATE_IDLE || state >= STATE_DONE);
  if (state >= STATE_DONE)
    {
      g_clear_handle_id (&self->timeout_id, g_source_remove);
      g_clear_handle_id (&self->name_timeout_id, g_source_remove);
    }
}

static void
set_result (PtlTryIt   *self,
            const char *text)
{
  gtk_label_set_label (self->result, text);
  gtk_widget_set_visible (GTK_WIDGET (self->result), *text != '\0');
}

static char *
dup_problem (PtlSession *session)
{
  char *problem = NULL;

  g_object_get (session, "problem", &problem, NULL);
  return problem != NULL ? problem : g_strdup (_("No reason is known."));
}

static void
stop_all (PtlTryIt *self)
{
  if (self->client != NULL && ptl_session_is_live (self->client))
    ptl_session_stop (self->client);
  if (self->server != NULL && ptl_session_is_live (self->server))
    ptl_session_stop (self->server);
}

static void
fail (PtlTryIt   *self,
      const char *title,
      const char *text)
{
  add_note (self, title, text);
  set_state (self, STATE_FAILED);
  stop_all (self);
}

/* --- steps ---------------------------------------------------------------------------------- */

/* Anew for each run: it can be changed while the app runs, and may have any bytes. */
static void
read_host_name (PtlTryIt *self)
{
  char name[HOST_NAME_MAX + 1] = ""; /* sethostname(2) takes no longer one */

  (void) gethostname (name, sizeof name);
  g_free (self->host_name);
  self->host_name = g_utf8_make_valid (name, -1);
}

static void
on_server_changed_cb (PtlTryIt   *self,
                      GParamSpec *pspec,
                      PtlSession *server)
{
  const PtlSessionStatus *status = ptl_session_get_status (server);

  if (server != self->server)
    return;

  /* Half of it, one family only, would be no better: the client may come to the other's program. */
  if (self->state == STATE_SERVER && status->state == PTL_SESSION_LISTENING &&
      status->fault.sys_errno == EADDRINUSE && !self->on_free_port)
    {
      self->on_free_port = TRUE;
      open_server (self, "0");
    }
  else if (self->state == STATE_SERVER && status->state == PTL_SESSION_LISTENING &&
           status->n_locals > 0)
    {
      self->port = ptl_address_get_port (&status->locals[0]);
      if (self->on_free_port)
        {
          g_autofree char *text = g_strdup_printf (_("The server listens on port %u instead, one "
                                                     "that was free."), self->port);
          g_autofree char *title = g_strdup_printf (_("Port %d is taken by another program"),
                                                    PTL_TRY_IT_PORT);

          add_note (self, title, text);
        }
      set_state (self, STATE_CLIENT);
      read_host_name (self);
      open_client (self, self->host_name);
    }
  else if (self->state == STATE_SERVER && status->state == PTL_SESSION_FAILED)
    {
      if (status->fault.sys_errno == EADDRINUSE && !self->on_free_port)
        {
          self->on_free_port = TRUE;
          open_server (self, "0");
        }
      else
        {
          g_autofree char *problem = dup_problem (server);

          fail (self, _("The server could not listen"), problem);
        }
    }
  else if (self->state == STATE_CLOSING && status->peers_open == 0)
    {
      ptl_session_stop (server);
      set_state (self, STATE_DONE);
    }
}

static void
send_message (PtlTryIt *self)
{
  g_autoptr (PtlBlob) blob = ptl_blob_new (PTL_TRY_IT_MESSAGE, strlen (PTL_TRY_IT_MESSAGE));
  g_autoptr (GError) error = NULL;

  set_state (self, STATE_REPLY);
  if (ptl_session_send (self->client, PTL_PEER_NONE, blob, &error) == 0)
    fail (self, _("The client could not send"), error->message);
}

/* The name does not lead to the server: to nowhere, or to another computer. */
static void
fall_back (PtlTryIt   *self,
           const char *problem)
{
  const PtlSessionStatus *status = ptl_session_get_status (self->client);
  g_autofree char *title = NULL;
  g_autofree char *text = NULL;

  title = status->fault.step == PTL_STEP_RESOLVE
            ? g_strdup_printf (_("This computer’s name, “%s”, has no address"), self->host_name)
            : g_strdup_printf (_("This computer’s name, “%s”, does not lead to it"),
                               self->host_name);
  text = g_strdup_printf (_("%s A line for the name in /etc/hosts would help. The client uses the "
                            "loopback address 127.0.0.1 instead."), problem);
  add_note (self, title, text);
  self->on_loopback = TRUE;
  open_client (self, "127.0.0.1");
}

static gboolean
on_name_timeout_cb (gpointer data)
{
  PtlTryIt *self = data;

  self->name_timeout_id = 0;
  if (self->state == STATE_CLIENT && self->client != NULL && !self->on_loopback)
    {
      g_autofree char *problem = g_strdup_printf (_("Nobody answered within %d seconds."),
                                                  NAME_TIMEOUT_S);

      fall_back (self, problem);
    }
  return G_SOURCE_REMOVE;
}

static void
on_client_changed_cb (PtlTryIt   *self,
                      GParamSpec *pspec,
                      PtlSession *client)
{
  const PtlSessionStatus *status = ptl_session_get_status (client);

  if (client != self->client)
    return;

  if (self->state == STATE_CLIENT && status->state == PTL_SESSION_CONNECTED)
    send_message (self);
  else if (self->state == STATE_CLIENT && status->state == PTL_SESSION_FAILED && !self->on_loopback)
    {
      g_autofree char *problem = dup_problem (client);

      fall_back (self, problem);
    }
  else if ((self->state == STATE_CLIENT || self->state == STATE_REPLY) &&
           (status->state == PTL_SESSION_FAILED || status->state == PTL_SESSION_CLOSED))
    {
      g_autofree char *problem = dup_problem (client);

      fail (self, _("The client got no answer"), problem);
    }
}

static void
on_client_frames_cb (PtlTryIt   *self,
                     GParamSpec *pspec,
                     PtlSession *client)
{
  PtlLog *log = ptl_session_get_log (client);
  uint8_t bytes[REPLY_MAX];
  size_t len_bytes = 0;
  PtlFrame frame;

  if (client != self->client || self->state != STATE_REPLY || log == NULL)
    return;

  /* A stream: what was sent at once may come in parts. */
  for (uint64_t i = 0; ptl_log_get_frame (log, i, &frame) && len_bytes < sizeof bytes; i++)
    if (frame.kind == PTL_FRAME_IN)
      {
        ssize_t n = ptl_log_read (log, &frame, 0, bytes + len_bytes, sizeof bytes - len_bytes);

        if (n > 0)
          len_bytes += (size_t) n;
      }

  if (len_bytes >= strlen (PTL_TRY_IT_MESSAGE))
    {
      g_autofree char *text = ptl_codec_preview (bytes, len_bytes, REPLY_MAX);

      set_result (self, text);
      set_state (self, STATE_CLOSING);
      ptl_session_stop (client);
    }
}

/* Opens, and replaces *@session, whose forerunner leaves the list. */
static void
open_session (PtlTryIt     *self,
              PtlSpec      *spec,
              PtlSession  **session,
              PtlTryItSide *side,
              GCallback     on_changed)
{
  g_set_object (session, ptl_sessions_open (self->sessions, spec));
  g_signal_connect_object (*session, "notify::state", on_changed, self, G_CONNECT_SWAPPED);
  g_object_set (side, "session", *session, NULL);
}

static void
remove_session (PtlTryIt    *self,
                PtlSession **session)
{
  GListModel *list = G_LIST_MODEL (self->sessions);

  for (guint i = 0; *session != NULL && i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (PtlSession) other = g_list_model_get_item (list, i);

      if (other == *session)
        {
          ptl_sessions_remove (self->sessions, other, FALSE);
          break;
        }
    }
  g_clear_object (session);
}

static bool
add_endpoint (PtlSpec     *spec,
              const char  *host,
              const char  *port,
              GError     **error)
{
  g_auto (PtlEndpoint) endpoint = { 0 };

  return ptl_endpoint_parse_host_port (&endpoint, host, port, NULL, NULL, error) &&
         ptl_spec_take_endpoint (spec, &endpoint);
}

static void
open_server (PtlTryIt   *self,
             const char *port)
{
  g_autoptr (PtlSpec) spec = ptl_spec_new (PTL_ROLE_LISTEN, PTL_TRANSPORT_TCP);
  bool ok = add_endpoint (spec, "", port, NULL);

  g_assert (ok);
  spec->reaction = PTL_REACTION_ECHO;
  spec->own_peers_only = TRUE;

  g_object_set (self->server_side, "session", NULL, NULL);
  remove_session (self, &self->server);
  open_session (self, spec, &self->server, self->server_side, G_CALLBACK (on_server_changed_cb));
  g_signal_connect_object (self->server, "notify::n-open-peers",
                           G_CALLBACK (on_server_changed_cb), self, G_CONNECT_SWAPPED);
  on_server_changed_cb (self, NULL, self->server);
}

static void
open_client (PtlTryIt   *self,
             const char *host)
{
  g_autoptr (PtlSpec) spec = ptl_spec_new (PTL_ROLE_CONNECT, PTL_TRANSPORT_TCP);
  g_autofree char *port = g_strdup_printf ("%u", self->port);
  g_autoptr (GError) error = NULL;

  if (!add_endpoint (spec, host, port, &error))
    {
      g_autofree char *title = g_strdup_printf (_("This computer’s name, “%s”, is not a host name"),
                                                host);

      add_note (self, title, error->message);
      self->on_loopback = TRUE;
      open_client (self, "127.0.0.1");
      return;
    }

  spec->connect_timeout_ms = NAME_TIMEOUT_S * 1000;
  g_object_set (self->client_side, "session", NULL, NULL);
  remove_session (self, &self->client);
  g_object_set (self->client_side, "host-name", self->host_name, NULL);
  open_session (self, spec, &self->client, self->client_side, G_CALLBACK (on_client_changed_cb));
  g_clear_handle_id (&self->name_timeout_id, g_source_remove);
  self->name_timeout_id = g_timeout_add_seconds (NAME_TIMEOUT_S, on_name_timeout_cb, self);
  g_signal_connect_object (self->client, "notify::n-frames", G_CALLBACK (on_client_frames_cb), self,
                           G_CONNECT_SWAPPED);
  on_client_changed_cb (self, NULL, self->client);
}

static gboolean
on_timeout_cb (gpointer data)
{
  PtlTryIt *self = data;

  self->timeout_id = 0;
  if (self->state == STATE_CLOSING)
    {
      stop_all (self);
      set_state (self, STATE_DONE);
    }
  else
    fail (self, _("It took too long"), NULL);
  return G_SOURCE_REMOVE;
}

/* --- life ----------------------------------------------------------------------------------- */

static void
ptl_try_it_get_property (GObject    *object,
                         guint       prop_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  PtlTryIt *self = PTL_TRY_IT (object);

  switch (prop_id)
    {
    case PROP_NARROW:
      g_value_set_boolean (value, self->narrow);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_try_it_set_property (GObject      *object,
                         guint         prop_id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  PtlTryIt *self = PTL_TRY_IT (object);

  switch (prop_id)
    {
    case PROP_NARROW:
      if (g_value_get_boolean (value) != self->narrow)
        {
          self->narrow = g_value_get_boolean (value);
          gtk_orientable_set_orientation (GTK_ORIENTABLE (self->sides),
                                          self->narrow ? GTK_ORIENTATION_VERTICAL
                                                       : GTK_ORIENTATION_HORIZONTAL);
          gtk_box_set_homogeneous (GTK_BOX (self->sides), !self->narrow);
          g_object_notify_by_pspec (object, pspec);
        }
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_try_it_dispose (GObject *object)
{
  PtlTryIt *self = PTL_TRY_IT (object);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_clear_handle_id (&self->name_timeout_id, g_source_remove);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_TRY_IT);
  /* A demonstration is nothing to be offered again at the next start. */
  remove_session (self, &self->client);
  remove_session (self, &self->server);
  g_clear_object (&self->sessions);
  g_clear_pointer (&self->host_name, g_free);

  G_OBJECT_CLASS (ptl_try_it_parent_class)->dispose (object);
}

static void
ptl_try_it_class_init (PtlTryItClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_try_it_dispose;
  object_class->get_property = ptl_try_it_get_property;
  object_class->set_property = ptl_try_it_set_property;

  properties[PROP_NARROW] =
    g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (PTL_TYPE_TRY_IT_SIDE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-try-it.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlTryIt, notes);
  gtk_widget_class_bind_template_child (widget_class, PtlTryIt, result_title);
  gtk_widget_class_bind_template_child (widget_class, PtlTryIt, result);
  gtk_widget_class_bind_template_child (widget_class, PtlTryIt, run_button);
  gtk_widget_class_bind_template_child (widget_class, PtlTryIt, sides);
  gtk_widget_class_bind_template_child (widget_class, PtlTryIt, server_side);
  gtk_widget_class_bind_template_child (widget_class, PtlTryIt, client_side);
  gtk_widget_class_bind_template_callback (widget_class, ptl_try_it_run);
}

static void
ptl_try_it_init (PtlTryIt *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  set_result (self, "");
  set_state (self, STATE_IDLE);
}

void
ptl_try_it_set_sessions (PtlTryIt    *self,
                         PtlSessions *sessions)
{
  g_return_if_fail (PTL_IS_TRY_IT (self));
  g_return_if_fail (self->sessions == NULL);

  self->sessions = g_object_ref (sessions);
}

void
ptl_try_it_run (PtlTryIt *self)
{
  g_autofree char *port = g_strdup_printf ("%d", PTL_TRY_IT_PORT);

  g_return_if_fail (PTL_IS_TRY_IT (self));

  if (self->state != STATE_IDLE && self->state < STATE_DONE)
    return;

  clear_notes (self);
  set_result (self, "");
  self->on_loopback = FALSE;
  self->on_free_port = FALSE;
  g_object_set (self->client_side, "session", NULL, NULL);
  remove_session (self, &self->client);
  self->timeout_id = g_timeout_add_seconds (PTL_TRY_IT_TIMEOUT_S, on_timeout_cb, self);
  set_state (self, STATE_SERVER);
  open_server (self, port);
}
