/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an event tells, as rows of names and values. */
#include "config.h"

#include "ui/ptl-event-details.h"

#include <stdbool.h>
#include <string.h>

#include <glib/gi18n.h>

#include "base/ptl-codec.h"
#include "base/ptl-error.h"
#include "base/ptl-event.h"
#include "model/ptl-fault-text.h"

static void
add_row (GtkGrid    *grid,
         int        *row,
         const char *name,
         const char *value)
{
  GtkWidget *name_label = gtk_label_new (name);
  GtkWidget *value_label = gtk_label_new (value);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  /* A hyphen at the end of a line would be read as one of the value's. */
  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  gtk_label_set_attributes (GTK_LABEL (value_label), attributes);

  gtk_label_set_xalign (GTK_LABEL (name_label), 1);
  gtk_label_set_yalign (GTK_LABEL (name_label), 0);
  gtk_widget_add_css_class (name_label, "dim-label");
  gtk_label_set_xalign (GTK_LABEL (value_label), 0);
  gtk_label_set_wrap (GTK_LABEL (value_label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (value_label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (value_label), TRUE);
  gtk_widget_set_hexpand (value_label, TRUE);
  gtk_widget_add_css_class (value_label, "numeric");
  gtk_accessible_update_relation (GTK_ACCESSIBLE (value_label),
                                  GTK_ACCESSIBLE_RELATION_LABELLED_BY, name_label, NULL, -1);
  gtk_grid_attach (grid, name_label, 0, *row, 1, 1);
  gtk_grid_attach (grid, value_label, 1, *row, 1, 1);
  ++*row;
}

static char *
format_ns (int64_t ns)
{
  if (ns < 10 * 1000)
    return g_strdup_printf (_("%d ns"), (int) ns);
  if (ns < 10 * 1000 * 1000)
    return g_strdup_printf (_("%.1f µs"), (double) ns / 1e3);
  if (ns < INT64_C (10000000000))
    return g_strdup_printf (_("%.1f ms"), (double) ns / 1e6);
  return g_strdup_printf (_("%.1f s"), (double) ns / 1e9);
}

void
ptl_event_details_fill (GtkGrid      *grid,
                        PtlFrameItem *item)
{
  const PtlFrame *frame = ptl_frame_item_get_frame (item);
  g_autofree PtlEvent *event = g_new0 (PtlEvent, 1);
  uint8_t bytes[PTL_EVENT_BYTES_MAX];
  ssize_t n = ptl_log_read (ptl_frame_item_get_log (item), frame, 0, bytes, sizeof bytes);
  g_autofree char *words = NULL;
  char address[PTL_ADDRESS_TEXT_MAX];
  const char *n1_name = NULL;
  bool n2_is_time = false;
  bool n2_is_bytes = false;
  GtkWidget *child;
  int row = 0;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (grid))) != NULL)
    gtk_grid_remove (grid, child);

  ptl_event_decode (event, frame->code, bytes, n > 0 ? (size_t) n : 0);
  words = ptl_event_to_text (event);
  add_row (grid, &row, _("Event"), words);

  switch (event->code)
    {
    case PTL_EVENT_RESOLVED:
      n1_name = _("Addresses");
      n2_is_time = true;
      break;

    case PTL_EVENT_RESOLVED_ADDRESS:
    case PTL_EVENT_CANDIDATE_STARTED:
      n1_name = _("Place");
      break;

    case PTL_EVENT_RESOLVE_FAILED:
    case PTL_EVENT_CANDIDATE_FAILED:
    case PTL_EVENT_CANDIDATE_DROPPED:
    case PTL_EVENT_CONNECTED:
      n2_is_time = true;
      break;

    case PTL_EVENT_CLOSED:
      n1_name = _("Bytes received");
      n2_is_bytes = true;
      break;

    case PTL_EVENT_SEND_FAILED:
      n1_name = _("Bytes not sent");
      break;

    case PTL_EVENT_PEER_NOT_READING:
      n1_name = _("Datagrams waiting");
      break;

    case PTL_EVENT_FILE_SENT:
      n1_name = _("Bytes");
      n2_is_time = true;
      break;

    case PTL_EVENT_CONNECT_TIMEOUT:
    case PTL_EVENT_IDLE_TIMEOUT:
      n1_name = _("Milliseconds");
      break;

    case PTL_EVENT_KERNEL_DROPS:
      n1_name = _("Datagrams dropped");
      break;

    case PTL_EVENT_LOG_RESUMED:
    case PTL_EVENT_NOT_RECORDED:
      n1_name = _("Frames not recorded");
      break;

    default:
      break;
    }
  if (event->local.len > 0)
    add_row (grid, &row, _("Local address"),
             ptl_address_format (&event->local, address, sizeof address));
  if (event->peer.len > 0)
    add_row (grid, &row,
             event->code == PTL_EVENT_JOINED || event->code == PTL_EVENT_LEFT ? _("Group")
                                                                              : _("Peer"),
             ptl_address_format (&event->peer, address, sizeof address));
  if (event->error != 0)
    {
      g_autofree char *error =
        g_strdup_printf ("%s: %s", ptl_errno_name (event->error), g_strerror (event->error));

      add_row (grid, &row, _("Error"), error);
    }
  if (n1_name != NULL)
    {
      g_autofree char *number = g_strdup_printf ("%'" G_GINT64_FORMAT, (gint64) event->n1);

      add_row (grid, &row, n1_name, number);
    }
  if (n2_is_bytes)
    {
      g_autofree char *number = g_strdup_printf ("%'" G_GINT64_FORMAT, (gint64) event->n2);

      add_row (grid, &row, _("Bytes sent"), number);
    }
  if (n2_is_time)
    {
      g_autofree char *time = format_ns (event->n2);

      add_row (grid, &row, _("It took"), time);
    }
  if (event->text[0] != '\0')
    {
      g_autofree char *safe =
        ptl_codec_preview ((const uint8_t *) event->text, strlen (event->text), PTL_EVENT_TEXT_MAX);

      add_row (grid, &row, _("Text"), safe);
    }
}
