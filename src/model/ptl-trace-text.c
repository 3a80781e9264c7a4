/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a trace has found, in words. */
#include "config.h"

#include "model/ptl-trace-text.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-error.h"
#include "model/ptl-icmp-text.h"

char *
ptl_trace_router_to_note (const PtlTraceStats  *stats,
                          guint                 number,
                          const PtlTraceHop    *hop,
                          const PtlTraceRouter *router)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);

  if (router != NULL && router->notice.family != 0)
    {
      g_autofree char *note = ptl_icmp_notice_to_note (&router->notice);

      if (*note != '\0')
        g_ptr_array_add (notes, g_steal_pointer (&note));
    }
  else if (router != NULL)
    g_ptr_array_add (notes, g_strdup (_("the target")));
  else if (hop->n_unsent > 0)
    g_ptr_array_add (notes, ptl_icmp_refusal_to_text (hop->unsent_errno, hop->refusal, NULL));
  for (guint i = 0; router != NULL && i < stats->n_drops; i++)
    if (stats->drops[i].hop == number)
      g_ptr_array_add (notes, g_strdup_printf (_("behind it no more than %u bytes fit"),
                                               stats->drops[i].mtu));
  if (router != NULL && hop->n_more > 0)
    g_ptr_array_add (notes, g_strdup_printf (ngettext ("%u answer of others",
                                                       "%u answers of others", hop->n_more),
                                             hop->n_more));
  if (notes->len == 0)
    return g_strdup ("");
  g_ptr_array_add (notes, NULL);
  return g_strjoinv (" · ", (char **) notes->pdata);
}

char *
ptl_trace_mtu_to_text (const PtlTraceStats *stats)
{
  const PtlTraceDrop *drop = stats->n_drops > 0 ? &stats->drops[stats->n_drops - 1] : NULL;
  char address[PTL_ADDRESS_TEXT_MAX];
  g_autoptr (GString) told = g_string_new (NULL);

  switch (stats->mtu_state)
    {
    case PTL_TRACE_MTU_OFF:
      return g_strdup ("");
    case PTL_TRACE_MTU_FAILED:
      return g_strdup_printf (_("The path MTU could not be looked for: %s (%s)"),
                              g_strerror (stats->mtu_errno), ptl_errno_name (stats->mtu_errno));
    case PTL_TRACE_MTU_RUNNING:
      if (stats->mtu == 0)
        return g_strdup (_("Looking for the path MTU …"));
      g_string_append_printf (told, _("Path MTU: at most %u bytes so far"), stats->mtu);
      break;
    case PTL_TRACE_MTU_UNCONFIRMED:
      if (stats->mtu == 0)
        return g_strdup (_("The path MTU is not known: nobody has answered"));
      g_string_append_printf (told, _("Path MTU: at most %u bytes (the target has not confirmed "
                                      "it)"), stats->mtu);
      break;
    case PTL_TRACE_MTU_FOUND:
    default:
      g_string_append_printf (told, _("Path MTU: %u bytes"), stats->mtu);
    }
  if (drop == NULL)
    g_string_append (told, _(", nothing on the way lowers it"));
  else if (drop->hop == 0)
    g_string_append (told, _(", that of this computer’s own interface"));
  else if (drop->from.len > 0)
    g_string_append_printf (told, _(", lowered behind hop %u: %s says so"), drop->hop,
                            ptl_address_format_host (&drop->from, address, sizeof address));
  else
    g_string_append_printf (told, _(", lowered behind hop %u: larger packets vanish there and "
                                    "nobody says so (a black hole)"), drop->hop);
  return g_string_free (g_steal_pointer (&told), FALSE);
}
