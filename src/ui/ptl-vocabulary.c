/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vocabulary of sockets, as rows that unfold. */
#include "config.h"

#include "ui/ptl-vocabulary.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <adwaita.h>
#include <glib/gi18n.h>

#include "base/ptl-spec.h"
#include "host/ptl-families.h"
#include "model/ptl-families-text.h"
#include "ui/ptl-vocabulary-words.h"
#include "ui/ptl-window.h"

#define KINDS_MAX 160

struct _PtlVocabulary
{
  GtkWidget            parent_instance;

  /* template */
  AdwPreferencesGroup *terms;
  AdwPreferencesGroup *calls;
  AdwPreferencesGroup *functions;

  /* owned */
  GCancellable        *cancellable;
  PtlSocketKind        kinds[KINDS_MAX]; /* as they were tried */
  guint                n_kinds;
  bool                 filled;
};

G_DEFINE_FINAL_TYPE (PtlVocabulary, ptl_vocabulary, GTK_TYPE_WIDGET)

static const struct
{
  int         type;
  const char *name;
} tried_types[] = {
  { SOCK_STREAM, "SOCK_STREAM" },
  { SOCK_DGRAM, "SOCK_DGRAM" },
  { SOCK_SEQPACKET, "SOCK_SEQPACKET" },
  { SOCK_RAW, "SOCK_RAW" },
  { SOCK_RDM, "SOCK_RDM" },
};

/* Domain, type and protocol that belong together, beside protocol 0. */
static const PtlSocketKind variants[] = {
  { AF_INET, SOCK_STREAM, IPPROTO_TCP, 0 },     { AF_INET, SOCK_DGRAM, IPPROTO_UDP, 0 },
  { AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE, 0 },  { AF_INET, SOCK_STREAM, IPPROTO_SCTP, 0 },
  { AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP, 0 }, { AF_INET, SOCK_STREAM, IPPROTO_MPTCP, 0 },
  { AF_INET, SOCK_DGRAM, IPPROTO_ICMP, 0 },     { AF_INET, SOCK_RAW, IPPROTO_ICMP, 0 },
  { AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6, 0 },  { AF_INET6, SOCK_RAW, IPPROTO_ICMPV6, 0 },
  /* What may be added to a type. */
  { AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, 0 }, { AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, 0 },
};

/* --- parts ---------------------------------------------------------------------------------- */

static GtkWidget *
make_label (const char *text,
            const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkBox *
add_row (AdwExpanderRow *expander)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);

  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  gtk_widget_add_css_class (box, "vocabulary-row");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  adw_expander_row_add_row (expander, row);
  return GTK_BOX (box);
}

static void
add_part (AdwExpanderRow *expander,
          const char     *title,
          const char     *text,
          bool            code)
{
  GtkBox *box = add_row (expander);
  GtkWidget *label;

  gtk_box_append (box, make_label (title, "dim-label"));
  label = make_label (text, code ? "monospace" : NULL);
  /* A program is written from left to right everywhere. */
  if (code)
    gtk_widget_set_direction (label, GTK_TEXT_DIR_LTR);
  gtk_box_append (box, label);
}

/* --- what this kernel offers ---------------------------------------------------------------- */

static char *
describe_error (int sys_errno)
{
  const char *name = strerrorname_np (sys_errno);
  const char *text = strerrordesc_np (sys_errno);

  return g_strdup_printf ("%s: %s", name != NULL ? name : "?", text != NULL ? text : "?");
}

static bool
is_plain (const PtlSocketKind *kind)
{
  return kind->protocol == ptl_families_get_plain_protocol (kind->domain, kind->type);
}

static const PtlSocketKind *
find_kind (PtlVocabulary *self,
           int            domain,
           int            type)
{
  for (guint i = 0; i < self->n_kinds; i++)
    if (self->kinds[i].domain == domain && self->kinds[i].type == type
        && is_plain (&self->kinds[i]))
      return &self->kinds[i];
  return NULL;
}

static char *
describe_refusal (int privileged,
                  int error)
{
  g_autofree char *text = NULL;

  if (privileged != 0)
    return g_strdup (_("This kernel offers it to privileged programs only"));
  if (error == 0)
    return NULL; /* it was not tried */
  text = describe_error (error);
  return g_strdup_printf (_("This kernel does not offer it (%s)"), text);
}

static char *
describe_domain (PtlVocabulary *self,
                 int            domain)
{
  g_autoptr (GString) offered = g_string_new (NULL);
  int privileged = 0, error = 0;

  for (guint i = 0; i < G_N_ELEMENTS (tried_types); i++)
    {
      const PtlSocketKind *kind = find_kind (self, domain, tried_types[i].type);

      if (kind == NULL)
        continue;
      if (kind->sys_errno == 0)
        g_string_append_printf (offered, "%s%s", offered->len > 0 ? ", " : "", tried_types[i].name);
      else if (kind->sys_errno == EPERM || kind->sys_errno == EACCES)
        privileged = kind->sys_errno;
      else if (error == 0 || kind->sys_errno == EAFNOSUPPORT)
        error = kind->sys_errno;
    }
  if (offered->len > 0)
    return g_strdup_printf (_("This kernel offers it: %s"), offered->str);
  return describe_refusal (privileged, error);
}

static char *
describe_type (PtlVocabulary *self,
               int            type)
{
  g_autoptr (GString) offered = g_string_new (NULL);
  int privileged = 0, error = 0;

  for (guint i = 0; i < self->n_kinds; i++)
    {
      const PtlSocketKind *kind = &self->kinds[i];

      if (type > SOCK_PACKET && kind->type == (SOCK_STREAM | type) && kind->sys_errno == 0)
        return g_strdup (_("This kernel offers it"));
      if (kind->type != type || !is_plain (kind))
        continue;
      if (kind->sys_errno == 0)
        g_string_append_printf (offered, "%s%s", offered->len > 0 ? ", " : "",
                                ptl_families_get_domain_name (kind->domain));
      else if (kind->sys_errno == EPERM || kind->sys_errno == EACCES)
        privileged = kind->sys_errno;
      /* That a family is missing says nothing about the type. */
      else if (error == 0 || error == EAFNOSUPPORT)
        error = kind->sys_errno;
    }
  if (offered->len > 0)
    return g_strdup_printf (_("This kernel offers it with %s"), offered->str);
  return describe_refusal (privileged, error);
}

static char *
describe_protocol (PtlVocabulary *self,
                   int            protocol)
{
  int error = -1;

  for (guint i = 0; i < self->n_kinds; i++)
    if ((self->kinds[i].domain == AF_INET || self->kinds[i].domain == AF_INET6)
        && self->kinds[i].protocol == protocol && protocol > 0)
      {
        if (self->kinds[i].sys_errno == 0)
          return g_strdup (_("This kernel offers it"));
        error = self->kinds[i].sys_errno;
      }
  if (error > 0)
    {
      g_autofree char *text = describe_error (error);

      return g_strdup_printf (_("This kernel does not offer it to us (%s)"), text);
    }
  return NULL;
}

/* --- Show Me ------------------------------------------------------------------------------- */

static void
on_show_cb (GtkButton     *button,
            PtlVocabulary *self)
{
  PtlWordShow show = (PtlWordShow) GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button),
                                                                        "ptl-show"));
  const char *what = g_object_get_data (G_OBJECT (button), "ptl-what");
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  g_autoptr (PtlSpec) spec = NULL;

  switch (show)
    {
    case PTL_SHOW_TRY_IT:
      gtk_widget_activate_action (GTK_WIDGET (self), "app.try-it", NULL);
      return;
    case PTL_SHOW_PORTS:
      gtk_widget_activate_action (GTK_WIDGET (self), "win.reference", "s", what);
      return;
    case PTL_SHOW_LOOK_UP:
      gtk_widget_activate_action (GTK_WIDGET (self), "win.look-up", "s", what);
      return;
    case PTL_SHOW_COMPUTER:
      gtk_widget_activate_action (GTK_WIDGET (self), "win.computer", "s", what);
      return;
    case PTL_SHOW_CONNECT:
      spec = ptl_spec_parse_uri (PTL_ROLE_CONNECT, "tcp://localhost:http", NULL, NULL);
      break;
    case PTL_SHOW_LISTEN:
      spec = ptl_spec_parse_uri (PTL_ROLE_LISTEN, "tcp://localhost:12345", NULL, NULL);
      break;
    case PTL_SHOW_DATAGRAMS:
      spec = ptl_spec_parse_uri (PTL_ROLE_DATAGRAMS, "udp://localhost:12345", NULL, NULL);
      break;
    case PTL_SHOW_NOTHING:
    default:
      break;
    }
  if (spec != NULL && PTL_IS_WINDOW (root))
    ptl_window_show_form (PTL_WINDOW (root), spec);
}

static const char *
describe_show (PtlWordShow show)
{
  switch (show)
    {
    case PTL_SHOW_TRY_IT:
      return _("A server and a client on this computer make this call");
    case PTL_SHOW_PORTS:
      return _("Show it in the table of ports");
    case PTL_SHOW_LOOK_UP:
      return _("Show it in Lookup");
    case PTL_SHOW_COMPUTER:
      return _("Show it in This Computer");
    case PTL_SHOW_CONNECT:
    case PTL_SHOW_LISTEN:
    case PTL_SHOW_DATAGRAMS:
    case PTL_SHOW_NOTHING:
    default:
      return _("Fill the form for a session that makes this call");
    }
}

static void
add_show (PtlVocabulary  *self,
          AdwExpanderRow *expander,
          const char     *name,
          PtlWordShow     show,
          const char     *what)
{
  GtkWidget *button;
  g_autofree char *label = g_strdup_printf (_("Show me %s"), name);

  if (show == PTL_SHOW_NOTHING)
    return;
  button = gtk_button_new_with_mnemonic (_("_Show Me"));
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  /* Newer GTK has a button called like its label, rather than as it is told. */
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  gtk_widget_set_tooltip_text (button, describe_show (show));
  g_object_set_data (G_OBJECT (button), "ptl-show", GUINT_TO_POINTER (show));
  g_object_set_data (G_OBJECT (button), "ptl-what", (gpointer) what);
  g_signal_connect (button, "clicked", G_CALLBACK (on_show_cb), self);
  gtk_box_append (add_row (expander), button);
}

/* --- terms ---------------------------------------------------------------------------------- */

static void
add_values (PtlVocabulary     *self,
            AdwExpanderRow    *expander,
            const PtlWordTerm *term,
            guint              nth)
{
  for (guint i = 0; i < term->n_values; i++)
    {
      const PtlWordValue *value = &term->values[i];
      GtkBox *box = add_row (expander);
      g_autofree char *offered = nth == 0 ? describe_domain (self, value->number)
                                 : nth == 1 ? describe_type (self, value->number)
                                 : nth == 2 ? describe_protocol (self, value->number) : NULL;
      g_autofree char *name = value->number >= 0
                              ? g_strdup_printf ("%s = %d", value->name, value->number)
                              : g_strdup (value->name);

      gtk_box_append (box, make_label (name, "monospace"));
      gtk_box_append (box, make_label (nth == 0 ? ptl_families_text_domain (value->number)
                                                : _(value->meaning), NULL));
      if (offered != NULL)
        {
          GtkWidget *label = make_label (offered, "caption");

          gtk_widget_add_css_class (label, "dim-label");
          gtk_box_append (box, label);
        }
    }
}

static void
on_tried_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  PtlVocabulary *self = PTL_VOCABULARY (source);
  g_autofree PtlSocketKind *kinds = g_task_propagate_pointer (G_TASK (result), NULL);
  guint n;
  const PtlWordTerm *terms = ptl_vocabulary_list_terms (&n);

  if (kinds == NULL)
    return;
  memcpy (self->kinds, kinds, self->n_kinds * sizeof *kinds);
  for (guint i = 0; i < n; i++)
    {
      GtkWidget *expander = adw_expander_row_new ();

      adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (expander), FALSE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (expander), _(terms[i].name));
      adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (expander), _(terms[i].meaning));
      add_values (self, ADW_EXPANDER_ROW (expander), &terms[i], i);
      add_show (self, ADW_EXPANDER_ROW (expander), _(terms[i].name), terms[i].show, terms[i].what);
      adw_preferences_group_add (self->terms, expander);
    }
}

static void
try_thread (GTask        *task,
            gpointer      source,
            gpointer      task_data,
            GCancellable *cancellable)
{
  PtlVocabulary *self = source;
  PtlSocketKind *kinds = g_memdup2 (task_data, self->n_kinds * sizeof *kinds);

  ptl_families_try (kinds, self->n_kinds);
  g_task_return_pointer (task, kinds, g_free);
}

static void
try_kinds (PtlVocabulary *self)
{
  guint n;
  const PtlWordTerm *terms = ptl_vocabulary_list_terms (&n);
  g_autoptr (GTask) task = NULL;

  for (guint i = 0; i < terms[0].n_values; i++)
    for (guint k = 0; k < G_N_ELEMENTS (tried_types) && self->n_kinds < KINDS_MAX; k++)
      self->kinds[self->n_kinds++] = (PtlSocketKind) {
        .domain = terms[0].values[i].number,
        .type = tried_types[k].type,
        .protocol = ptl_families_get_plain_protocol (terms[0].values[i].number,
                                                     tried_types[k].type),
      };
  for (guint i = 0; i < G_N_ELEMENTS (variants) && self->n_kinds < KINDS_MAX; i++)
    self->kinds[self->n_kinds++] = variants[i];

  task = g_task_new (self, self->cancellable, on_tried_cb, NULL);
  g_task_set_source_tag (task, try_kinds);
  g_task_set_task_data (task, g_memdup2 (self->kinds, sizeof self->kinds), g_free);
  g_task_run_in_thread (task, try_thread);
}

/* --- calls ---------------------------------------------------------------------------------- */

static void
fill_call (PtlVocabulary     *self,
           AdwExpanderRow    *expander,
           const PtlWordCall *call)
{
  add_part (expander, _("Arguments"), _(call->arguments), false);
  add_part (expander, _("In C"), call->c_form, true);
  add_part (expander, _("In Python"), call->python_form, true);
  add_part (expander, _("Usual errors"), _(call->errors), false);
  add_show (self, expander, call->name, call->show, call->what);
}

static void
on_expanded_cb (AdwExpanderRow *expander,
                GParamSpec     *pspec,
                PtlVocabulary  *self)
{
  const PtlWordCall *call = g_object_steal_data (G_OBJECT (expander), "ptl-call");

  if (call != NULL)
    fill_call (self, expander, call);
}

static void
add_calls (PtlVocabulary       *self,
           AdwPreferencesGroup *group,
           const PtlWordCall   *calls,
           guint                n)
{
  for (guint i = 0; i < n; i++)
    {
      GtkWidget *expander = adw_expander_row_new ();

      adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (expander), FALSE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (expander), calls[i].name);
      adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (expander), _(calls[i].meaning));
      /* Filled when it is unfolded. */
      g_object_set_data (G_OBJECT (expander), "ptl-call", (gpointer) &calls[i]);
      g_signal_connect (expander, "notify::expanded", G_CALLBACK (on_expanded_cb), self);
      adw_preferences_group_add (group, expander);
    }
}

/* --- life ----------------------------------------------------------------------------------- */

static void
ptl_vocabulary_map (GtkWidget *widget)
{
  PtlVocabulary *self = PTL_VOCABULARY (widget);

  if (!self->filled)
    {
      guint n;
      const PtlWordCall *calls = ptl_vocabulary_list_calls (&n);

      self->filled = TRUE;
      add_calls (self, self->calls, calls, n);
      calls = ptl_vocabulary_list_functions (&n);
      add_calls (self, self->functions, calls, n);
      try_kinds (self);
    }
  GTK_WIDGET_CLASS (ptl_vocabulary_parent_class)->map (widget);
}

static void
ptl_vocabulary_dispose (GObject *object)
{
  PtlVocabulary *self = PTL_VOCABULARY (object);

  g_cancellable_cancel (self->cancellable);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_VOCABULARY);
  /* GTK lets go only of what the class has bound. */
  while (gtk_widget_get_first_child (GTK_WIDGET (self)) != NULL)
    gtk_widget_unparent (gtk_widget_get_first_child (GTK_WIDGET (self)));

  G_OBJECT_CLASS (ptl_vocabulary_parent_class)->dispose (object);
}

static void
ptl_vocabulary_finalize (GObject *object)
{
  g_clear_object (&PTL_VOCABULARY (object)->cancellable);

  G_OBJECT_CLASS (ptl_vocabulary_parent_class)->finalize (object);
}

static void
ptl_vocabulary_class_init (PtlVocabularyClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_vocabulary_dispose;
  object_class->finalize = ptl_vocabulary_finalize;
  widget_class->map = ptl_vocabulary_map;

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-vocabulary.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlVocabulary, terms);
  gtk_widget_class_bind_template_child (widget_class, PtlVocabulary, calls);
  gtk_widget_class_bind_template_child (widget_class, PtlVocabulary, functions);
}

static void
ptl_vocabulary_init (PtlVocabulary *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
