/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells of the tables of a ping and a trace. */
#include "config.h"

#include "model/ptl-probe-rows.h"

#include <glib/gi18n-lib.h>

#include "model/ptl-icmp-text.h"

void
ptl_probe_row_set_count (PtlTableRow *row,
                         guint        column,
                         guint        count)
{
  g_autofree char *text = g_strdup_printf ("%u", count);

  ptl_table_row_set_number (row, column, count, text);
}

void
ptl_probe_row_set_time (PtlTableRow *row,
                        guint        column,
                        gboolean     known,
                        double       ns)
{
  g_autofree char *text = known ? ptl_icmp_time_to_text (ns) : NULL;

  if (known)
    ptl_table_row_set_number (row, column, ns / 1e6, text);
  else
    ptl_table_row_set (row, column, "");
}

void
ptl_probe_row_set_loss (PtlTableRow *row,
                        guint        column,
                        double       percent)
{
  g_autofree char *text = NULL;

  ptl_table_row_set_tone (row, column, percent <= 0 ? PTL_TABLE_PLAIN : PTL_TABLE_WARNING);
  if (percent < 0)
    {
      ptl_table_row_set (row, column, "");
      return;
    }
  text = g_strdup_printf (percent == (int) percent ? _("%.0f %%") : _("%.1f %%"), percent);
  ptl_table_row_set_number (row, column, percent, text);
}
