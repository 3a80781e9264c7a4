/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Advanced part of the form: between its controls and the fields of a session. */
#include "config.h"

#include "ui/ptl-advanced-private.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

#include "base/ptl-error.h"
#include "ui/ptl-field-values.h"

unsigned
ptl_advanced_count_codes (const PtlFieldCode *codes)
{
  unsigned n = 0;

  while (codes[n].name != NULL)
    n++;
  return n;
}

guint
ptl_advanced_get_selected (const Control *control)
{
  if (ADW_IS_COMBO_ROW (control->control))
    return adw_combo_row_get_selected (ADW_COMBO_ROW (control->control));
  if (GTK_IS_DROP_DOWN (control->control))
    return gtk_drop_down_get_selected (GTK_DROP_DOWN (control->control));
  return 0;
}

static PtlNumberKind
get_number_kind (size_t i)
{
  return ptl_fields[i].kind == PTL_FIELD_BYTES ? PTL_NUMBER_SIZE
         : ptl_fields[i].kind == PTL_FIELD_TOS ? PTL_NUMBER_TOS : PTL_NUMBER_PLAIN;
}

void
ptl_advanced_update_meaning (PtlAdvancedOptions *self,
                             size_t              i)
{
  const Control *control = &self->controls[i];
  const char *text = gtk_editable_get_text (GTK_EDITABLE (control->control));
  g_autofree char *meaning = NULL;
  g_autofree char *subtitle = NULL;
  uint64_t value = 0;

  if (!ptl_spec_parse_number (text, get_number_kind (i), (uint64_t) ptl_fields[i].min,
                              (uint64_t) ptl_fields[i].max, &value, NULL))
    ;
  else if (ptl_fields[i].kind == PTL_FIELD_TOS)
    meaning = g_strdup_printf (_("Becomes %d, 0x%02X: DSCP %d, ECN %d"), (int) value, (int) value,
                               (int) (value >> 2), (int) (value & 3));
  else if (text[strspn (text, "0123456789 ")] != '\0')
    meaning = g_strdup_printf (_("Becomes %" PRIu64), value);
  subtitle = g_strconcat (_(ptl_fields[i].subtitle), meaning != NULL ? "\n" : "", meaning, NULL);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (control->row), subtitle);
}

bool
ptl_advanced_read_control (PtlAdvancedOptions  *self,
                           size_t               i,
                           PtlSpec             *spec,
                           GError             **error)
{
  const Control *control = &self->controls[i];
  void *field = (char *) spec + ptl_fields[i].offset;
  const char *title = _(ptl_fields[i].title);
  const char *text = GTK_IS_EDITABLE (control->control)
                       ? gtk_editable_get_text (GTK_EDITABLE (control->control)) : "";
  guint selected = ptl_advanced_get_selected (control);
  int64_t value = 0;

  switch (ptl_fields[i].kind)
    {
    case PTL_FIELD_TRI:
      *(int *) field = selected == 0 ? PTL_OPTION_UNSET : selected == 1;
      return TRUE;

    case PTL_FIELD_ENUM:
      *(int *) field = (int) selected;
      return TRUE;

    case PTL_FIELD_SWITCH:
      *(bool *) field = gtk_switch_get_active (GTK_SWITCH (control->control));
      return TRUE;

    case PTL_FIELD_DEVICE:
      g_strlcpy (field, ptl_interfaces_get (ADW_COMBO_ROW (control->control)),
                 sizeof spec->options.device);
      return TRUE;

    case PTL_FIELD_INT:
    case PTL_FIELD_BYTES:
    case PTL_FIELD_TOS:
      if (ptl_value_is_blank (text))
        {
          *(int *) field = PTL_OPTION_UNSET;
          return TRUE;
        }
      if (!ptl_value_parse_number (text, title, get_number_kind (i), ptl_fields[i].min,
                                   ptl_fields[i].max, &value, error))
        return FALSE;
      *(int *) field = (int) value;
      return TRUE;

    case PTL_FIELD_COUNT:
      if (!ptl_value_is_blank (text) &&
          !ptl_value_parse_number (text, title, PTL_NUMBER_PLAIN, ptl_fields[i].min,
                                   ptl_fields[i].max, &value, error))
        return FALSE;
      *(uint32_t *) field = (uint32_t) value;
      return TRUE;

    case PTL_FIELD_MEBI:
    case PTL_FIELD_KEEP_FREE:
      if (!ptl_value_is_blank (text) &&
          !ptl_value_parse_number (text, title, PTL_NUMBER_PLAIN, ptl_fields[i].min,
                                   ptl_fields[i].max, &value, error))
        return FALSE;
      *(uint64_t *) field = (uint64_t) value * 1024 * 1024;
      if (ptl_fields[i].kind == PTL_FIELD_KEEP_FREE && ptl_value_is_blank (text))
        *(uint64_t *) field = PTL_KEEP_FREE_DEFAULT;
      return TRUE;

    case PTL_FIELD_HALF_OPEN:
      if (ptl_value_is_blank (text) || ptl_value_is_keep (text))
        {
          *(uint32_t *) field = ptl_value_is_blank (text) ? PTL_HALF_OPEN_AUTO : PTL_HALF_OPEN_KEEP;
          return TRUE;
        }
      G_GNUC_FALLTHROUGH;
    case PTL_FIELD_SECONDS:
      *(uint32_t *) field = 0;
      return ptl_value_is_blank (text) || ptl_value_parse_seconds (text, title, field, error);

    case PTL_FIELD_CODE:
      if (selected == 0)
        {
          *(int *) field = -1;
          return TRUE;
        }
      if (selected <= ptl_advanced_count_codes (ptl_fields[i].choices))
        {
          *(int *) field = ((const PtlFieldCode *) ptl_fields[i].choices)[selected - 1].value;
          return TRUE;
        }
      if (!ptl_value_parse_number (gtk_editable_get_text (GTK_EDITABLE (control->other)), title,
                                   PTL_NUMBER_PLAIN, ptl_fields[i].min, ptl_fields[i].max, &value,
                                   error))
        return FALSE;
      *(int *) field = (int) value;
      return TRUE;

    default:
      g_assert_not_reached ();
    }
}

static void
write_number (GtkWidget *entry,
              bool       set,
              int64_t    value)
{
  char text[32] = "";

  if (set)
    g_snprintf (text, sizeof text, "%" G_GINT64_FORMAT, value);
  gtk_editable_set_text (GTK_EDITABLE (entry), text);
}

static void
write_code (size_t         i,
            const Control *control,
            int            value)
{
  const PtlFieldCode *codes = ptl_fields[i].choices;
  unsigned n = ptl_advanced_count_codes (codes);
  unsigned selected = n + 1;

  if (value == -1)
    selected = 0;
  else
    for (unsigned j = 0; j < n; j++)
      if (codes[j].value == value)
        {
          selected = j + 1;
          break;
        }
  adw_combo_row_set_selected (ADW_COMBO_ROW (control->row), selected);
  write_number (control->other, selected == n + 1, value);
}

void
ptl_advanced_write_control (PtlAdvancedOptions *self,
                            size_t              i,
                            const PtlSpec      *spec)
{
  const Control *control = &self->controls[i];
  const void *field = (const char *) spec + ptl_fields[i].offset;

  switch (ptl_fields[i].kind)
    {
    case PTL_FIELD_TRI:
      gtk_drop_down_set_selected (GTK_DROP_DOWN (control->control),
                                  *(const int *) field < 0 ? 0
                                  : *(const int *) field != 0 ? 1 : 2);
      break;

    case PTL_FIELD_ENUM:
      adw_combo_row_set_selected (ADW_COMBO_ROW (control->row), *(const unsigned *) field);
      break;

    case PTL_FIELD_SWITCH:
      gtk_switch_set_active (GTK_SWITCH (control->control), *(const bool *) field);
      break;

    case PTL_FIELD_DEVICE:
      ptl_interfaces_select (ADW_COMBO_ROW (control->control), field);
      break;

    case PTL_FIELD_INT:
    case PTL_FIELD_BYTES:
    case PTL_FIELD_TOS:
      write_number (control->control, *(const int *) field >= 0, *(const int *) field);
      break;

    case PTL_FIELD_COUNT:
      write_number (control->control, *(const uint32_t *) field > 0, *(const uint32_t *) field);
      break;

    case PTL_FIELD_KEEP_FREE:
      write_number (control->control, *(const uint64_t *) field != PTL_KEEP_FREE_DEFAULT,
                    (int64_t) (*(const uint64_t *) field / 1024 / 1024));
      break;

    case PTL_FIELD_MEBI:
      write_number (control->control, *(const uint64_t *) field > 0,
                    (int64_t) (*(const uint64_t *) field / 1024 / 1024));
      break;

    case PTL_FIELD_SECONDS:
    case PTL_FIELD_HALF_OPEN:
      {
        uint32_t ms = *(const uint32_t *) field;
        char text[G_ASCII_DTOSTR_BUF_SIZE] = "";

        bool half_open = ptl_fields[i].kind == PTL_FIELD_HALF_OPEN;

        if (half_open && ms == PTL_HALF_OPEN_KEEP)
          g_strlcpy (text, _("keep"), sizeof text);
        else if (half_open ? ms != PTL_HALF_OPEN_AUTO : ms > 0)
          g_ascii_formatd (text, sizeof text, "%.10g", ms / 1000.0);
        gtk_editable_set_text (GTK_EDITABLE (control->control), text);
        break;
      }

    case PTL_FIELD_CODE:
      write_code (i, control, *(const int *) field);
      break;

    default:
      g_assert_not_reached ();
    }
}
