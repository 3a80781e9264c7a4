/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a ping has met, in words. */
#include "config.h"

#include "model/ptl-ping-text.h"

#include <netdb.h>

#include <glib/gi18n-lib.h>

#include "model/ptl-icmp-text.h"

static char *
make_gai_text (int gai)
{
  if (gai == EAI_NONAME || gai == EAI_NODATA)
    return g_strdup (_("No address is known for this name"));
  return g_strdup_printf (_("The name could not be looked up: %s"), gai_strerror (gai));
}

char *
ptl_ping_stats_to_note (const PtlPingStats  *stats,
                        const PtlIcmpChoice *choice,
                        int                  gai,
                        gboolean             resolving,
                        gboolean             all)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);

  if (gai != 0)
    g_ptr_array_add (notes, make_gai_text (gai));
  else if (resolving)
    g_ptr_array_add (notes, g_strdup (_("Looking up the name …")));
  if (stats->state == PTL_PING_FAILED && stats->fail_errno != 0)
    g_ptr_array_add (notes, ptl_icmp_refusal_to_text (stats->fail_errno, stats->refusal, choice));
  if (stats->n_wrong > 0)
    g_ptr_array_add (notes,
                     g_strdup_printf (ngettext ("%u answer had other data than was sent (the last "
                                                "one from byte %u on, of %u)",
                                                "%u answers had other data than was sent (the last "
                                                "one from byte %u on, of %u)", stats->n_wrong),
                                      stats->n_wrong, stats->wrong_at + 1, stats->wrong_len));
  if (stats->has_notice && (stats->n_errors > 0 || stats->n_unsent > 0))
    g_ptr_array_add (notes, ptl_icmp_notice_to_text (&stats->notice));
  else if (stats->n_unsent > 0)
    g_ptr_array_add (notes, ptl_icmp_refusal_to_text (stats->unsent_errno, stats->refusal, NULL));
  if (stats->n_unsent > 0)
    g_ptr_array_add (notes, g_strdup_printf (ngettext ("%u was not sent", "%u were not sent",
                                                       stats->n_unsent), stats->n_unsent));
  if (stats->n_duplicates > 0)
    g_ptr_array_add (notes, g_strdup_printf (ngettext ("%u duplicate", "%u duplicates",
                                                       stats->n_duplicates),
                                             stats->n_duplicates));
  if (stats->n_reordered > 0)
    g_ptr_array_add (notes, g_strdup_printf (ngettext ("%u came after a later one",
                                                       "%u came after a later one",
                                                       stats->n_reordered), stats->n_reordered));
  if (stats->n_late > 0)
    g_ptr_array_add (notes, g_strdup_printf (ngettext ("%u came too late", "%u came too late",
                                                       stats->n_late), stats->n_late));
  if (stats->n_lost > stats->n_errors && stats->n_received == 0)
    g_ptr_array_add (notes, stats->held_back ? ptl_icmp_held_back_to_text ()
                                             : g_strdup (_("No answer")));
  if (notes->len == 0)
    return g_strdup ("");
  g_ptr_array_add (notes, NULL);
  return all ? g_strjoinv ("\n", (char **) notes->pdata)
             : g_strjoinv (" · ", (char **) notes->pdata);
}
