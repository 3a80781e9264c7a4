/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is typed or chosen in the fields of a session, to values; and the choice of an interface. */
#include "config.h"

#include "ptl-field-values.h"

#include <inttypes.h>
#include <net/if.h>
#include <string.h>

#include <glib/gi18n.h>

#include "base/ptl-codec.h"
#include "base/ptl-error.h"

bool
ptl_value_parse_number (const char     *text,
                        const char     *title,
                        PtlNumberKind   kind,
                        int64_t         min,
                        int64_t         max,
                        int64_t        *value,
                        GError        **error)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  g_autoptr (GError) why = NULL;
  uint64_t number = 0;

  if (ptl_spec_parse_number (trimmed, kind, (uint64_t) min, (uint64_t) max, &number, &why))
    {
      *value = (int64_t) number;
      return TRUE;
    }

  g_set_error (error, PTL_ERROR, PTL_ERROR_PARSE,
               _("%s: “%s” is not a number from %" PRId64 " to %" PRId64),
               title, trimmed, min, max);
  /* Which character it is. */
  if (error != NULL && why->code == PTL_ERROR_PARSE)
    {
      char *message = g_strdup_printf ("%s; %s", (*error)->message, why->message);

      g_free ((*error)->message);
      (*error)->message = message;
    }
  return FALSE;
}

bool
ptl_value_parse_seconds (const char  *text,
                         const char  *title,
                         uint32_t    *ms,
                         GError     **error)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  char *end;
  double seconds;

  g_strdelimit (trimmed, ",", '.'); /* as some languages write it */
  seconds = g_ascii_strtod (trimmed, &end);
  if (end != trimmed && *end == '\0' && seconds >= 0.001 && seconds <= G_MAXUINT32 / 1000.0)
    {
      *ms = (uint32_t) (seconds * 1000 + 0.5);
      return TRUE;
    }

  g_set_error (error, PTL_ERROR, PTL_ERROR_PARSE,
               _("%s: “%s” is not a number of seconds such as 2.5"), title, trimmed);
  return FALSE;
}

bool
ptl_value_is_blank (const char *text)
{
  return text[strspn (text, " \t")] == '\0';
}

bool
ptl_value_is_keep (const char *text)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));

  return g_ascii_strcasecmp (trimmed, "keep") == 0 || g_str_equal (trimmed, _("keep"));
}

PtlBlob *
ptl_value_parse_reaction (const char  *text,
                          GError     **error)
{
  g_autofree uint8_t *bytes = NULL;
  size_t len_bytes = 0;

  bytes = ptl_codec_parse_text (text, &len_bytes, NULL, error);
  if (bytes == NULL)
    return NULL;
  if (len_bytes > PTL_SPEC_TEXT_MAX)
    {
      g_set_error (error, PTL_ERROR, PTL_ERROR_LIMIT, _("At most %d bytes"), PTL_SPEC_TEXT_MAX);
      return NULL;
    }

  return ptl_blob_new (bytes, len_bytes);
}

bool
ptl_value_parse_group (const char  *text,
                       const char  *device,
                       PtlGroup    *group,
                       GError     **error)
{
  g_auto (PtlEndpoint) endpoint = { 0 };
  g_autofree char *host = g_strdup (text);
  char *zone = strchr (host, '%');

  memset (group, 0, sizeof *group);
  if (zone != NULL)
    {
      *zone++ = '\0';
      device = g_strstrip (zone);
    }
  g_strlcpy (group->device, device, sizeof group->device);

  if (!ptl_endpoint_parse_host_port (&endpoint, host, "0", NULL, NULL, error))
    return FALSE;
  if (!ptl_address_is_multicast (&endpoint.address))
    {
      g_set_error (error, PTL_ERROR, PTL_ERROR_PARSE,
                   _("“%s” is not a multicast address (224.0.0.0 to 239.255.255.255, ff00::/8)"),
                   text);
      return FALSE;
    }

  group->group = endpoint.address;
  return TRUE;
}

GtkStringList *
ptl_interfaces_make (const char *none)
{
  GtkStringList *list = gtk_string_list_new (NULL);
  struct if_nameindex *interfaces = if_nameindex ();

  gtk_string_list_append (list, none);
  for (struct if_nameindex *i = interfaces; i != NULL && i->if_index != 0; i++)
    gtk_string_list_append (list, i->if_name);
  if (interfaces != NULL)
    if_freenameindex (interfaces);
  return list;
}

void
ptl_interfaces_select (AdwComboRow *combo,
                       const char  *name)
{
  GtkStringList *list = GTK_STRING_LIST (adw_combo_row_get_model (combo));
  guint n = g_list_model_get_n_items (G_LIST_MODEL (list));
  guint i = 0;

  if (*name != '\0')
    for (i = 1; i < n; i++)
      if (g_str_equal (gtk_string_list_get_string (list, i), name))
        break;
  if (i == n)
    gtk_string_list_append (list, name);
  adw_combo_row_set_selected (combo, i);
}

const char *
ptl_interfaces_get (AdwComboRow *combo)
{
  guint i = adw_combo_row_get_selected (combo);
  GtkStringList *list = GTK_STRING_LIST (adw_combo_row_get_model (combo));

  return i == 0 || i == GTK_INVALID_LIST_POSITION ? "" : gtk_string_list_get_string (list, i);
}
