/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tooltips of what changes often. */
#include "config.h"

#include "ui/ptl-tooltip.h"

#define KEY "ptl-tooltip"

static gboolean
on_query_cb (GtkWidget  *widget,
             int         x,
             int         y,
             gboolean    keyboard,
             GtkTooltip *tooltip,
             gpointer    data)
{
  const char *text = g_object_get_data (G_OBJECT (widget), KEY);

  if (text == NULL || *text == '\0')
    return FALSE;
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

void
ptl_tooltip_set (GtkWidget  *widget,
                 const char *text)
{
  g_return_if_fail (GTK_IS_WIDGET (widget));

  if (!gtk_widget_get_has_tooltip (widget))
    {
      g_signal_connect (widget, "query-tooltip", G_CALLBACK (on_query_cb), NULL);
      gtk_widget_set_has_tooltip (widget, TRUE);
    }
  if (g_strcmp0 (g_object_get_data (G_OBJECT (widget), KEY), text) != 0)
    g_object_set_data_full (G_OBJECT (widget), KEY, g_strdup (text), g_free);
}
