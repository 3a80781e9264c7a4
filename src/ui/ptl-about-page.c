/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the ports of a session are: the protocol spoken there, and how a conversation begins. */
#include "config.h"

#include "ui/ptl-about-page.h"

#include <glib/gi18n.h>

#include "model/ptl-tls-first.h"
#include "registry/ptl-registry.h"

struct _PtlAboutPage
{
  GtkWidget     parent_instance;

  GtkBox       *box;

  PtlSession   *session; /* owned, or NULL */
  GCancellable *cancellable; /* owned; of the question under way */
  char         *told;    /* owned; the ports that are told */
};

G_DEFINE_FINAL_TYPE (PtlAboutPage, ptl_about_page, GTK_TYPE_WIDGET)

static guint use_example_signal;

typedef struct
{
  const char *transport;
  guint       n;
  guint16     ports[PTL_ABOUT_PORTS_MAX];
  char       *names[PTL_ABOUT_PORTS_MAX]; /* owned, or NULL: the services database knows none */
} Question;

static void
question_free (Question *question)
{
  for (guint i = 0; i < question->n; i++)
    g_free (question->names[i]);
  g_free (question);
}

static void
add_port (Question *question,
          guint32   port)
{
  if (port == 0 || port > G_MAXUINT16 || question->n == PTL_ABOUT_PORTS_MAX)
    return;
  for (guint i = 0; i < question->n; i++)
    if (question->ports[i] == port)
      return;
  question->ports[question->n++] = (guint16) port;
}

/* As they were asked for, and as they came to be: a service by name, or any free port. */
static void
collect_ports (PtlSession *session,
               Question   *question)
{
  const PtlSpec *spec = ptl_session_get_spec (session);
  const PtlSessionStatus *status = ptl_session_get_status (session);

  question->transport = spec->transport == PTL_TRANSPORT_UDP ? "udp" : "tcp";
  if (spec->transport != PTL_TRANSPORT_TCP && spec->transport != PTL_TRANSPORT_UDP)
    return;
  for (guint i = 0; i < spec->n_endpoints; i++)
    add_port (question, spec->endpoints[i].port);
  if (spec->role == PTL_ROLE_LISTEN && status != NULL)
    for (guint i = 0; i < MIN (status->n_locals, G_N_ELEMENTS (status->locals)); i++)
      add_port (question, ptl_address_get_port (&status->locals[i]));
  if (spec->role == PTL_ROLE_CONNECT && question->n == 0)
    {
      g_autoptr (PtlPeer) peer = ptl_peer_list_find (ptl_session_get_peers (session), 1);

      if (peer != NULL)
        add_port (question, ptl_address_get_port (&ptl_peer_get_info (peer)->address));
    }
}

static GtkWidget *
make_label (const char *text,
            const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

static void
add_row (GtkWidget  *grid,
         int        *row,
         const char *name,
         const char *value)
{
  GtkWidget *name_label;
  GtkWidget *value_label;

  if (value == NULL || *value == '\0')
    return;
  name_label = make_label (name, "dim-label");
  gtk_widget_add_css_class (name_label, "caption");
  value_label = make_label (value, NULL);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (value_label),
                                  GTK_ACCESSIBLE_RELATION_LABELLED_BY, name_label, NULL, -1);
  gtk_grid_attach (GTK_GRID (grid), name_label, 0, 2 * *row, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), value_label, 0, 2 * *row + 1, 1, 1);
  gtk_widget_set_margin_bottom (value_label, 8);
  ++*row;
}

static void
on_example_cb (GtkButton    *button,
               PtlAboutPage *self)
{
  g_signal_emit (self, use_example_signal, 0, g_object_get_data (G_OBJECT (button), "ptl-example"));
}

static void
on_reference_cb (GtkButton *button)
{
  gtk_widget_activate_action (GTK_WIDGET (button), "win.reference", "s",
                              g_object_get_data (G_OBJECT (button), "ptl-query"));
}

static const char *
describe_first (const PtlProtocol *protocol)
{
  if (g_str_equal (protocol->first, "server"))
    return _("The server");
  return g_str_equal (protocol->first, "client") ? _("The client") : _("Both, without waiting");
}

/* What IANA has registered for the port, and the way to all that the reference has. */
static void
add_registered (GtkWidget  *group,
                GtkWidget  *grid,
                int        *row,
                guint16     port,
                const char *transport)
{
  PtlRegistryRow registered;
  GtkWidget *button;
  uint32_t number;

  if (ptl_registry_find_port (ptl_registry_parse_transport (transport), port, &number))
    {
      ptl_registry_get_row (number, &registered);
      add_row (grid, row, _("IANA’s name"), registered.name);
      add_row (grid, row, _("IANA’s description"), registered.description);
      add_row (grid, row, _("IANA’s reference"), registered.reference);
    }
  gtk_box_append (GTK_BOX (group), grid);

  button = gtk_button_new_with_mnemonic (_("Show in _Reference"));
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  g_object_set_data_full (G_OBJECT (button), "ptl-query",
                          g_strdup_printf ("%u %s", port, transport), g_free);
  g_signal_connect (button, "clicked", G_CALLBACK (on_reference_cb), NULL);
  gtk_box_append (GTK_BOX (group), button);
}

static void
add_protocol (PtlAboutPage *self,
              guint16       port,
              const char   *transport,
              const char   *service)
{
  const PtlProtocol *protocol =
    ptl_registry_find_protocol (port, transport);
  GtkWidget *group = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *grid = gtk_grid_new ();
  const PtlSpec *spec = ptl_session_get_spec (self->session);
  g_autofree char *tls_first = ptl_tls_first_dup_text (spec->role, spec->transport, port);
  g_autofree char *where = NULL;
  g_autofree char *tls = NULL;
  int row = 0;

  where =
    g_strdup_printf (g_str_equal (transport, "udp") ? _("UDP port %u") : _("TCP port %u"), port);
  gtk_box_append (GTK_BOX (group),
                  make_label (protocol != NULL ? protocol->name : service != NULL ? service : where,
                              "title-3"));
  if (tls_first != NULL)
    gtk_box_append (GTK_BOX (group), make_label (tls_first, "warning"));
  if (protocol != NULL)
    gtk_box_append (GTK_BOX (group), make_label (_(protocol->about), NULL));
  else if (service == NULL)
    gtk_box_append (GTK_BOX (group),
                    make_label (_("No service is registered for this port on this computer. "
                                  "Any program may use it."), "dim-label"));
  gtk_widget_set_margin_top (grid, 6);

  if (protocol != NULL || service != NULL)
    add_row (grid, &row, _("Port"), where);
  add_row (grid, &row, _("Service name on this computer"), service);
  if (protocol != NULL)
    {
      add_row (grid, &row, _("Common function"), _(protocol->common_function));
      add_row (grid, &row, _("Who speaks first"),
               describe_first (protocol));
      if (protocol->tls_port != 0)
        tls = g_strdup_printf (_("Port %u"), protocol->tls_port);
      add_row (grid, &row, _("With TLS from the start"), tls);
      add_row (grid, &row, _("TLS"), protocol->tls);
      add_row (grid, &row, _("Python modules"), _(protocol->python_modules));
      add_row (grid, &row, _("Specification"), protocol->spec);
    }
  add_registered (group, grid, &row, port, transport);

  if (protocol != NULL && protocol->example != NULL && *protocol->example != '\0')
    {
      GtkWidget *example = make_label (protocol->example, "monospace");
      GtkWidget *button = gtk_button_new_with_mnemonic (_("_Put into Send Bar"));

      gtk_box_append (GTK_BOX (group), make_label (_("What one types first"), "heading"));
      gtk_label_set_selectable (GTK_LABEL (example), TRUE);
      gtk_widget_add_css_class (example, "card");
      gtk_widget_add_css_class (example, "ptl-example");
      gtk_box_append (GTK_BOX (group), example);
      gtk_widget_set_halign (button, GTK_ALIGN_START);
      g_object_set_data (G_OBJECT (button), "ptl-example", (gpointer) protocol->example);
      g_signal_connect (button, "clicked", G_CALLBACK (on_example_cb), self);
      gtk_box_append (GTK_BOX (group), button);
    }
  gtk_box_append (self->box, group);
}

static void
clear (PtlAboutPage *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->box))) != NULL)
    gtk_box_remove (self->box, child);
}

static void
on_answer_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  PtlAboutPage *self = PTL_ABOUT_PAGE (source);
  Question *question = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), NULL))
    return;
  clear (self);
  for (guint i = 0; i < question->n; i++)
    add_protocol (self, question->ports[i], question->transport, question->names[i]);
}

/* The services database may be on a server (nsswitch.conf(5)). */
static void
ask_thread (GTask        *task,
            gpointer      source,
            gpointer      task_data,
            GCancellable *cancellable)
{
  Question *question = task_data;

  for (guint i = 0; i < question->n && !g_cancellable_is_cancelled (cancellable); i++)
    question->names[i] = ptl_registry_dup_service_name (question->ports[i], question->transport);
  g_task_return_boolean (task, TRUE);
}

static void
update (PtlAboutPage *self)
{
  Question *question = g_new0 (Question, 1);
  g_autoptr (GString) told = g_string_new (NULL);
  g_autoptr (GTask) task = NULL;

  if (self->session != NULL)
    collect_ports (self->session, question);
  g_string_append (told, question->transport != NULL ? question->transport : "none");
  for (guint i = 0; i < question->n; i++)
    g_string_append_printf (told, " %u", question->ports[i]);
  if (g_strcmp0 (told->str, self->told) == 0)
    {
      question_free (question);
      return;
    }
  g_free (self->told);
  self->told = g_strdup (told->str);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  clear (self);
  if (question->n == 0)
    {
      const char *text = _("The port is not known yet.");

      if (self->session != NULL)
        switch (ptl_session_get_spec (self->session)->transport)
          {
          case PTL_TRANSPORT_UNIX_STREAM:
          case PTL_TRANSPORT_UNIX_SEQPACKET:
          case PTL_TRANSPORT_UNIX_DGRAM:
            text =
              _("A Unix socket has no port: programs of this computer meet at its name, and the "
                     "permissions of its path say who may.");
            break;

          case PTL_TRANSPORT_VSOCK:
            text =
              _("A VSOCK port connects a virtual machine with its host. Its numbers are not those "
                     "of the Internet’s services.");
            break;

          case PTL_TRANSPORT_TCP:
          case PTL_TRANSPORT_UDP:
          default:
            break;
          }
      gtk_box_append (self->box, make_label (text, "dim-label"));
      question_free (question);
      return;
    }
  self->cancellable = g_cancellable_new ();
  task = g_task_new (self, self->cancellable, on_answer_cb, NULL);
  g_task_set_task_data (task, question, (GDestroyNotify) question_free);
  g_task_run_in_thread (task, ask_thread);
}

void
ptl_about_page_set_session (PtlAboutPage *self,
                            PtlSession   *session)
{
  g_return_if_fail (PTL_IS_ABOUT_PAGE (self));

  if (self->session == session)
    return;
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_set_object (&self->session, session);
  if (session != NULL)
    g_signal_connect_swapped (session, "notify::state", G_CALLBACK (update), self);
  update (self);
}

static void
ptl_about_page_dispose (GObject *object)
{
  PtlAboutPage *self = PTL_ABOUT_PAGE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_ABOUT_PAGE);
  /* GTK lets go only of what the class has bound. */
  while (gtk_widget_get_first_child (GTK_WIDGET (self)) != NULL)
    gtk_widget_unparent (gtk_widget_get_first_child (GTK_WIDGET (self)));
  g_clear_object (&self->session);

  G_OBJECT_CLASS (ptl_about_page_parent_class)->dispose (object);
}

static void
ptl_about_page_finalize (GObject *object)
{
  g_free (PTL_ABOUT_PAGE (object)->told);

  G_OBJECT_CLASS (ptl_about_page_parent_class)->finalize (object);
}

static void
ptl_about_page_class_init (PtlAboutPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_about_page_dispose;
  object_class->finalize = ptl_about_page_finalize;

  use_example_signal = g_signal_new ("use-example", PTL_TYPE_ABOUT_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                     NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-about-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlAboutPage, box);
}

static void
ptl_about_page_init (PtlAboutPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
