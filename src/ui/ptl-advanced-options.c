/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session can be asked for besides its endpoint: the Advanced part of the form.
 *
 * Thirty rows of a few kinds, so they are made from a table rather than written out in a .ui. */
#include "config.h"

#include "ui/ptl-advanced-private.h"

#include <stddef.h>
#include <string.h>

#include <glib/gi18n.h>

#include "base/ptl-codec.h"
#include "base/ptl-error.h"
#include "ui/ptl-field-values.h"

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PtlAdvancedOptions, ptl_advanced_options, GTK_TYPE_BOX)

static void
on_changed_cb (PtlAdvancedOptions *self)
{
  if (!self->filling)
    g_signal_emit (self, signals[CHANGED], 0);
}

static bool
applies (PtlAdvancedOptions *self,
         size_t              i)
{
  return (ptl_fields[i].roles & 1u << self->role) != 0 &&
         (ptl_fields[i].transports & 1u << self->transport) != 0;
}

static size_t
find_field (size_t offset)
{
  for (size_t i = 0; i < PTL_N_FIELDS; i++)
    if (ptl_fields[i].offset == offset)
      return i;
  g_assert_not_reached ();
}

/* --- controls ------------------------------------------------------------------------------- */

static GtkStringList *
make_choices (size_t i)
{
  GtkStringList *list = gtk_string_list_new (NULL);

  switch (ptl_fields[i].kind)
    {
    case PTL_FIELD_TRI:
      gtk_string_list_append (list, _("Default"));
      gtk_string_list_append (list, _("On"));
      gtk_string_list_append (list, _("Off"));
      break;

    case PTL_FIELD_ENUM:
      for (const char *const *name = ptl_fields[i].choices; *name != NULL; name++)
        gtk_string_list_append (list, _(*name));
      break;

    case PTL_FIELD_CODE:
      gtk_string_list_append (list, _("As usual"));
      for (const PtlFieldCode *code = ptl_fields[i].choices; code->name != NULL; code++)
        gtk_string_list_append (list, code->name);
      gtk_string_list_append (list, _("Another number"));
      break;

    default:
      g_assert_not_reached ();
    }

  return list;
}

static GtkWidget *
make_combo_row (PtlAdvancedOptions *self,
                GtkStringList      *choices) /* taken */
{
  GtkWidget *row = adw_combo_row_new ();

  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (choices));
  g_object_unref (choices);
  g_signal_connect_swapped (row, "notify::selected", G_CALLBACK (on_changed_cb), self);
  return row;
}

static GtkWidget *
make_entry_row (PtlAdvancedOptions *self,
                const char         *title)
{
  GtkWidget *row = adw_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_entry_row_set_enable_emoji_completion (ADW_ENTRY_ROW (row), FALSE);
  g_signal_connect_swapped (row, "changed", G_CALLBACK (on_changed_cb), self);
  return row;
}

static void
on_code_selected_cb (PtlAdvancedOptions *self,
                     GParamSpec         *pspec,
                     GtkWidget          *row)
{
  for (size_t i = 0; i < PTL_N_FIELDS; i++)
    if (self->controls[i].row == row)
      gtk_widget_set_visible (self->controls[i].other,
                              adw_combo_row_get_selected (ADW_COMBO_ROW (row)) ==
                                ptl_advanced_count_codes (ptl_fields[i].choices) + 1);
}

static void
on_number_cb (PtlAdvancedOptions *self,
              GtkWidget          *entry)
{
  for (size_t i = 0; i < PTL_N_FIELDS; i++)
    if (self->controls[i].control == entry)
      ptl_advanced_update_meaning (self, i);
}

static void
make_control (PtlAdvancedOptions *self,
              size_t              i)
{
  Control *control = &self->controls[i];
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (self->groups[ptl_fields[i].group]);

  /* A row's title is the name of its activatable widget; one more would be told twice. */
  switch (ptl_fields[i].kind)
    {
    case PTL_FIELD_ENUM:
    case PTL_FIELD_CODE:
      control->row = make_combo_row (self, make_choices (i));
      control->control = control->row;
      break;

    case PTL_FIELD_TRI:
      /* Not a combo row: that would shorten “Default” in favour of a long subtitle. */
      control->row = adw_action_row_new ();
      control->control = gtk_drop_down_new (G_LIST_MODEL (make_choices (i)), NULL);
      gtk_widget_set_valign (control->control, GTK_ALIGN_CENTER);
      adw_action_row_add_suffix (ADW_ACTION_ROW (control->row), control->control);
      adw_action_row_set_activatable_widget (ADW_ACTION_ROW (control->row), control->control);
      g_signal_connect_swapped (control->control, "notify::selected", G_CALLBACK (on_changed_cb),
                                self);
      break;

    case PTL_FIELD_DEVICE:
      control->row = make_combo_row (self, ptl_interfaces_make (_("Any")));
      control->control = control->row;
      break;

    case PTL_FIELD_SWITCH:
      control->row = adw_action_row_new ();
      control->control = gtk_switch_new ();
      gtk_widget_set_valign (control->control, GTK_ALIGN_CENTER);
      adw_action_row_add_suffix (ADW_ACTION_ROW (control->row), control->control);
      adw_action_row_set_activatable_widget (ADW_ACTION_ROW (control->row), control->control);
      g_signal_connect_swapped (control->control, "notify::active", G_CALLBACK (on_changed_cb),
                                self);
      break;

    default:
      control->row = adw_action_row_new ();
      control->control = gtk_entry_new ();
      gtk_widget_set_valign (control->control, GTK_ALIGN_CENTER);
      gtk_editable_set_width_chars (GTK_EDITABLE (control->control), 8);
      gtk_editable_set_max_width_chars (GTK_EDITABLE (control->control), 8);
      gtk_entry_set_placeholder_text (GTK_ENTRY (control->control), _("Default"));
      if (ptl_fields[i].kind == PTL_FIELD_BYTES || ptl_fields[i].kind == PTL_FIELD_TOS)
        g_signal_connect_swapped (control->control, "changed", G_CALLBACK (on_number_cb), self);
      else
        gtk_entry_set_input_purpose (GTK_ENTRY (control->control), GTK_INPUT_PURPOSE_NUMBER);
      gtk_entry_set_activates_default (GTK_ENTRY (control->control), TRUE);
      adw_action_row_add_suffix (ADW_ACTION_ROW (control->row), control->control);
      adw_action_row_set_activatable_widget (ADW_ACTION_ROW (control->row), control->control);
      g_signal_connect_swapped (control->control, "changed", G_CALLBACK (on_changed_cb), self);
      break;
    }

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (control->row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (control->row), _(ptl_fields[i].title));
  if (ptl_fields[i].subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (control->row), _(ptl_fields[i].subtitle));
  adw_preferences_group_add (group, control->row);

  if (ptl_fields[i].kind == PTL_FIELD_CODE)
    {
      g_autofree char *title = g_strdup_printf (_("Number of the %s"), _(ptl_fields[i].title));

      control->other = make_entry_row (self, title);
      gtk_widget_set_visible (control->other, FALSE);
      adw_preferences_group_add (group, control->other);
      g_signal_connect_swapped (control->row, "notify::selected",
                                G_CALLBACK (on_code_selected_cb), self);
    }
}

/* --- what is wrong -------------------------------------------------------------------------- */

static void
set_error (GtkWidget *widget,
           bool       error)
{
  if (error)
    gtk_widget_add_css_class (widget, "error");
  else
    gtk_widget_remove_css_class (widget, "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (widget),
                               GTK_ACCESSIBLE_STATE_INVALID,
                               error ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
}

/* --- multicast groups ----------------------------------------------------------------------- */

static void update_joined (PtlAdvancedOptions *self);

static void
on_leave_cb (GtkWidget *button,
             gpointer   data)
{
  PtlAdvancedOptions *self = data;
  unsigned i = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "ptl-place"));

  g_return_if_fail (i < self->n_joined);

  memmove (&self->joined[i], &self->joined[i + 1],
           (self->n_joined - i - 1) * sizeof self->joined[0]);
  self->n_joined--;
  update_joined (self);
  on_changed_cb (self);
}

static void
update_joined (PtlAdvancedOptions *self)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (self->groups[PTL_GROUP_MULTICAST]);

  for (guint i = 0; i < self->joined_rows->len; i++)
    adw_preferences_group_remove (group, g_ptr_array_index (self->joined_rows, i));
  g_ptr_array_set_size (self->joined_rows, 0);

  for (unsigned i = 0; i < self->n_joined; i++)
    {
      const PtlGroup *joined = &self->joined[i];
      GtkWidget *row = adw_action_row_new ();
      GtkWidget *button = gtk_button_new_from_icon_name ("user-trash-symbolic");
      char text[PTL_ADDRESS_TEXT_MAX];

      adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row),
                                     ptl_address_format_host (&joined->group, text, sizeof text));
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row),
                                   *joined->device != '\0'
                                     ? joined->device : _("on the interface the kernel chooses"));
      gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
      gtk_widget_add_css_class (button, "flat");
      gtk_widget_set_tooltip_text (button, _("Do Not Join"));
      gtk_accessible_update_property (GTK_ACCESSIBLE (button),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, _("Do Not Join"),
                                      -1);
      g_object_set_data (G_OBJECT (button), "ptl-place", GUINT_TO_POINTER (i));
      g_signal_connect (button, "clicked", G_CALLBACK (on_leave_cb), self);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
      adw_preferences_group_add (group, row);
      g_ptr_array_add (self->joined_rows, row);
    }
}

/* The group that is typed but not joined yet; an empty field is not an error (and no group). */
static bool
read_join (PtlAdvancedOptions  *self,
           PtlGroup            *group,
           bool                *there,
           GError             **error)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->join_group));

  *there = FALSE;
  if (ptl_value_is_blank (text))
    return TRUE;
  if (!ptl_value_parse_group (text, ptl_interfaces_get (ADW_COMBO_ROW (self->join_device)), group,
                              error))
    return FALSE;
  if (self->n_joined == PTL_SPEC_GROUPS_MAX)
    {
      g_set_error (error, PTL_ERROR, PTL_ERROR_LIMIT, _("A session joins at most %d groups"),
                   PTL_SPEC_GROUPS_MAX);
      return FALSE;
    }

  *there = TRUE;
  return TRUE;
}

static void
on_join_apply_cb (PtlAdvancedOptions *self)
{
  PtlGroup group;
  bool there;

  if (!read_join (self, &group, &there, NULL) || !there)
    return;

  self->joined[self->n_joined++] = group;
  gtk_editable_set_text (GTK_EDITABLE (self->join_group), "");
  update_joined (self);
  on_changed_cb (self);
}

/* --- life ----------------------------------------------------------------------------------- */

static void
on_reaction_cb (PtlAdvancedOptions *self)
{
  size_t i = find_field (PTL_FIELD_OFFSET (reaction));
  guint reaction = adw_combo_row_get_selected (ADW_COMBO_ROW (self->controls[i].row));

  gtk_widget_set_visible (self->reaction_text,
                          reaction == PTL_REACTION_GREETING || reaction == PTL_REACTION_ANSWER);
}

static void
ptl_advanced_options_finalize (GObject *object)
{
  PtlAdvancedOptions *self = PTL_ADVANCED_OPTIONS (object);

  g_clear_pointer (&self->joined_rows, g_ptr_array_unref);

  G_OBJECT_CLASS (ptl_advanced_options_parent_class)->finalize (object);
}

static void
ptl_advanced_options_class_init (PtlAdvancedOptionsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ptl_advanced_options_finalize;

  signals[CHANGED] =
    g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 0);
}

static void
ptl_advanced_options_init (PtlAdvancedOptions *self)
{
  g_autoptr (PtlSpec) defaults = ptl_spec_new (PTL_ROLE_CONNECT, PTL_TRANSPORT_TCP);

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 24);
  self->joined_rows = g_ptr_array_new ();

  for (int i = 0; i < PTL_N_GROUPS; i++)
    {
      self->groups[i] = adw_preferences_group_new ();
      adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self->groups[i]),
                                       _(ptl_field_groups[i].title));
      if (ptl_field_groups[i].description != NULL)
        adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self->groups[i]),
                                               _(ptl_field_groups[i].description));
      gtk_box_append (GTK_BOX (self), self->groups[i]);
    }

  self->local_address = make_entry_row (self, _("Local address"));
  self->local_port = make_entry_row (self, _("Local port"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->groups[PTL_GROUP_THIS_END]),
                             self->local_address);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->groups[PTL_GROUP_THIS_END]),
                             self->local_port);

  for (size_t i = 0; i < PTL_N_FIELDS; i++)
    {
      make_control (self, i);
      if (ptl_fields[i].offset == PTL_FIELD_OFFSET (reaction))
        {
          self->reaction_text = make_entry_row (self, _("Text, with escapes such as \\r\\n"));
          adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->groups[PTL_GROUP_REACTION]),
                                     self->reaction_text);
          g_signal_connect_swapped (self->controls[i].row, "notify::selected",
                                    G_CALLBACK (on_reaction_cb), self);
        }
    }

  self->join_device = make_combo_row (self, ptl_interfaces_make (_("Chosen by the kernel")));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->join_device), _("Join on interface"));
  self->join_group = make_entry_row (self, _("Join a group, such as 239.9.9.9"));
  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (self->join_group), TRUE);
  g_signal_connect_swapped (self->join_group, "apply", G_CALLBACK (on_join_apply_cb), self);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->groups[PTL_GROUP_MULTICAST]),
                             self->join_device);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->groups[PTL_GROUP_MULTICAST]),
                             self->join_group);

  ptl_advanced_options_fill (self, defaults);
  ptl_advanced_options_set_kind (self, PTL_ROLE_CONNECT, PTL_TRANSPORT_TCP);
}

static bool
has_local (PtlAdvancedOptions *self)
{
  return self->role != PTL_ROLE_LISTEN;
}

static bool
is_unix (PtlTransport transport)
{
  return ((1u << PTL_TRANSPORT_UNIX_STREAM | 1u << PTL_TRANSPORT_UNIX_SEQPACKET |
           1u << PTL_TRANSPORT_UNIX_DGRAM) & 1u << transport) != 0;
}

static bool
has_groups (PtlAdvancedOptions *self)
{
  return self->role == PTL_ROLE_DATAGRAMS && self->transport == PTL_TRANSPORT_UDP;
}

void
ptl_advanced_options_set_kind (PtlAdvancedOptions *self,
                               PtlRole             role,
                               PtlTransport        transport)
{
  bool any[PTL_N_GROUPS] = { false };

  g_return_if_fail (PTL_IS_ADVANCED_OPTIONS (self));

  self->role = role;
  self->transport = transport;

  for (size_t i = 0; i < PTL_N_FIELDS; i++)
    {
      gtk_widget_set_visible (self->controls[i].row, applies (self, i));
      any[ptl_fields[i].group] = any[ptl_fields[i].group] || applies (self, i);
    }

  any[PTL_GROUP_THIS_END] = any[PTL_GROUP_THIS_END] || has_local (self);
  gtk_widget_set_visible (self->local_address, has_local (self) &&
                                               transport != PTL_TRANSPORT_VSOCK);
  gtk_widget_set_visible (self->local_port, role == PTL_ROLE_CONNECT && !is_unix (transport) &&
                                            transport != PTL_TRANSPORT_VSOCK);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->local_address),
                                 is_unix (transport) ? _("Local path or @name")
                                                     : _("Local address"));
  for (int i = 0; i < PTL_N_GROUPS; i++)
    gtk_widget_set_visible (self->groups[i], any[i]);
}

void
ptl_advanced_options_fill (PtlAdvancedOptions *self,
                           const PtlSpec      *spec)
{
  g_autofree char *text = NULL;
  const char *address = "";
  char port[16] = "";

  g_return_if_fail (PTL_IS_ADVANCED_OPTIONS (self));

  self->filling = TRUE;
  for (size_t i = 0; i < PTL_N_FIELDS; i++)
    ptl_advanced_write_control (self, i, spec);

  if (spec->has_local)
    {
      address = spec->local.host;
      if (spec->local.service == NULL && spec->local.port != 0)
        g_snprintf (port, sizeof port, "%u", spec->local.port);
    }
  gtk_editable_set_text (GTK_EDITABLE (self->local_address), address);
  gtk_editable_set_text (GTK_EDITABLE (self->local_port),
                         spec->has_local && spec->local.service != NULL ? spec->local.service
                                                                        : port);

  if (spec->reaction_text != NULL)
    text = ptl_codec_to_escaped (spec->reaction_text->data, spec->reaction_text->len_bytes);
  gtk_editable_set_text (GTK_EDITABLE (self->reaction_text), text != NULL ? text : "");
  on_reaction_cb (self);

  memcpy (self->joined, spec->groups, sizeof self->joined);
  self->n_joined = spec->n_groups;
  gtk_editable_set_text (GTK_EDITABLE (self->join_group), "");
  update_joined (self);
  self->filling = FALSE;

  on_changed_cb (self);
}

static bool
apply_local (PtlAdvancedOptions  *self,
             PtlSpec             *spec,
             GError             **error)
{
  const char *address = gtk_editable_get_text (GTK_EDITABLE (self->local_address));
  const char *port = gtk_editable_get_text (GTK_EDITABLE (self->local_port));
  bool in_port = FALSE;
  bool ok;

  set_error (self->local_address, FALSE);
  set_error (self->local_port, FALSE);
  if (!has_local (self) || self->transport == PTL_TRANSPORT_VSOCK ||
      (ptl_value_is_blank (address) && (ptl_value_is_blank (port) || is_unix (self->transport))))
    return TRUE;

  if (is_unix (self->transport))
    ok = ptl_endpoint_parse_unix (&spec->local, address, NULL, error);
  else
    ok = ptl_endpoint_parse_host_port (&spec->local, address,
                                       ptl_value_is_blank (port) ? "0" : port, NULL,
                                       &in_port, error);
  if (!ok)
    {
      set_error (in_port ? self->local_port : self->local_address, TRUE);
      g_prefix_error (error, "%s: ", in_port ? _("Local port") : _("Local address"));
      return FALSE;
    }

  spec->has_local = TRUE;
  return TRUE;
}

static bool
apply_reaction_text (PtlAdvancedOptions  *self,
                     PtlSpec             *spec,
                     GError             **error)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->reaction_text));
  PtlBlob *blob;

  set_error (self->reaction_text, FALSE);
  if (spec->reaction != PTL_REACTION_GREETING && spec->reaction != PTL_REACTION_ANSWER)
    return TRUE;

  blob = ptl_value_parse_reaction (text, error);
  if (blob != NULL)
    {
      g_clear_pointer (&spec->reaction_text, ptl_blob_unref);
      spec->reaction_text = blob;
      return TRUE;
    }

  set_error (self->reaction_text, TRUE);
  g_prefix_error (error, "%s: ", _("Text of the reaction"));
  return FALSE;
}

static bool
apply_groups (PtlAdvancedOptions  *self,
              PtlSpec             *spec,
              GError             **error)
{
  PtlGroup group;
  bool there;

  set_error (self->join_group, FALSE);
  if (!has_groups (self))
    return TRUE;

  if (!read_join (self, &group, &there, error))
    {
      set_error (self->join_group, TRUE);
      g_prefix_error (error, "%s: ", _("Multicast group"));
      return FALSE;
    }

  memcpy (spec->groups, self->joined, sizeof spec->groups);
  spec->n_groups = self->n_joined;
  if (there)
    spec->groups[spec->n_groups++] = group;
  return TRUE;
}

bool
ptl_advanced_options_apply (PtlAdvancedOptions  *self,
                            PtlSpec             *spec,
                            GError             **error)
{
  GError *first = NULL;

  g_return_val_if_fail (PTL_IS_ADVANCED_OPTIONS (self), FALSE);

  for (size_t i = 0; i < PTL_N_FIELDS; i++)
    {
      const Control *control = &self->controls[i];
      bool ok = !applies (self, i) ||
                ptl_advanced_read_control (self, i, spec, first == NULL ? &first : NULL);

      if (control->control != control->row)
        set_error (control->control, !ok);
      if (control->other != NULL)
        set_error (control->other, !ok);
    }

  if (!apply_local (self, spec, first == NULL ? &first : NULL) ||
      !apply_reaction_text (self, spec, first == NULL ? &first : NULL) ||
      !apply_groups (self, spec, first == NULL ? &first : NULL) ||
      first != NULL)
    {
      g_propagate_error (error, first);
      return FALSE;
    }

  return TRUE;
}

unsigned
ptl_advanced_options_get_n_set (PtlAdvancedOptions *self)
{
  unsigned n = 0;

  g_return_val_if_fail (PTL_IS_ADVANCED_OPTIONS (self), 0);

  for (size_t i = 0; i < PTL_N_FIELDS; i++)
    {
      const Control *control = &self->controls[i];

      if (!applies (self, i))
        continue;
      if (!GTK_IS_EDITABLE (control->control) && !GTK_IS_SWITCH (control->control))
        n += ptl_advanced_get_selected (control) != 0;
      else if (GTK_IS_SWITCH (control->control))
        n += gtk_switch_get_active (GTK_SWITCH (control->control));
      else
        n += !ptl_value_is_blank (gtk_editable_get_text (GTK_EDITABLE (control->control)));
    }
  if (gtk_widget_get_visible (self->local_address))
    n += !ptl_value_is_blank (gtk_editable_get_text (GTK_EDITABLE (self->local_address)));
  if (gtk_widget_get_visible (self->local_port))
    n += !ptl_value_is_blank (gtk_editable_get_text (GTK_EDITABLE (self->local_port)));
  if (has_groups (self))
    n += self->n_joined;
  return n;
}

void
ptl_advanced_options_bind_local_port (PtlAdvancedOptions *self,
                                      GtkEditable        *entry)
{
  g_return_if_fail (PTL_IS_ADVANCED_OPTIONS (self));

  g_object_bind_property (self->local_port, "text", entry, "text", G_BINDING_BIDIRECTIONAL);
}
