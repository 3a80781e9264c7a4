/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the cells of a result say. */
#include "config.h"

#include "model/ptl-lookup-list-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-codec.h"
#include "lookup/ptl-classify.h"
#include "model/ptl-dns-text.h"

/* What was typed, and its other form: of a name in Unicode or as DNS has it. */
static char *
dup_name (const PtlLookupResult *result)
{
  g_auto (PtlClassified) classified = { 0 };

  if (result->kind != PTL_LOOKUP_LIST_HOST
      || (g_str_is_ascii (result->name) && strstr (result->name, "--") == NULL))
    return g_strdup (result->name);
  ptl_classify (&classified, result->name);
  if (classified.a_label == NULL || g_str_equal (classified.a_label, classified.u_label))
    return g_strdup (result->name);
  return g_strdup_printf ("%s (%s)", result->name,
                          g_str_is_ascii (result->name) ? classified.u_label : classified.a_label);
}

char *
ptl_lookup_result_to_text (const PtlLookupResult *result,
                           PtlLookupListColumn    column)
{
  char type[PTL_DNS_TYPE_TEXT_MAX];

  switch (column)
    {
    case PTL_LOOKUP_LIST_NAME:
      return dup_name (result);

    case PTL_LOOKUP_LIST_TYPE:
      return g_strdup (result->kind == PTL_LOOKUP_LIST_INTERFACE ? _("interface")
                       : result->type == 0 ? _("port") : ptl_dns_type_to_text (result->type, type));

    case PTL_LOOKUP_LIST_ANSWER:
      if (result->shown != NULL)
        return g_strdup (result->shown);
      return strlen (result->answer) <= PTL_LOOKUP_LIST_ANSWER_MAX
               ? g_strdup (result->answer)
               : ptl_codec_preview ((const uint8_t *) result->answer, strlen (result->answer),
                                    PTL_LOOKUP_LIST_ANSWER_MAX);

    case PTL_LOOKUP_LIST_STATUS:
      return g_strdup (result->status);

    case PTL_LOOKUP_LIST_TTL:
      return result->has_ttl ? g_strdup_printf ("%u", result->ttl) : g_strdup ("");

    case PTL_LOOKUP_LIST_TIME:
      return result->time_ns != 0 ? ptl_dns_time_to_text (result->time_ns) : g_strdup ("");

    case PTL_LOOKUP_LIST_N_COLUMNS:
    default:
      return g_strdup ("");
    }
}
