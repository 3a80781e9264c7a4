/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order of the results of many names. */
#include "config.h"

#include "model/ptl-lookup-list-private.h"

#include <string.h>

static int
compare_numbers (guint64 a,
                 guint64 b)
{
  return a < b ? -1 : a > b;
}

static int
compare (gconstpointer a,
         gconstpointer b,
         gpointer      data)
{
  const PtlLookupOrder *by = data;
  guint i = *(const guint *) a, j = *(const guint *) b;
  const PtlLookupResult *first = by->results[i], *second = by->results[j];
  int order = 0;

  switch (by->column)
    {
    case PTL_LOOKUP_LIST_NAME:
      order = strcmp (first->name, second->name);
      break;
    case PTL_LOOKUP_LIST_TYPE:
      order = compare_numbers (first->type, second->type);
      break;
    case PTL_LOOKUP_LIST_ANSWER:
      order = strcmp (first->answer, second->answer);
      break;
    case PTL_LOOKUP_LIST_STATUS:
      order = strcmp (first->status, second->status);
      break;
    case PTL_LOOKUP_LIST_TTL:
      order = compare_numbers (first->ttl, second->ttl);
      break;
    case PTL_LOOKUP_LIST_TIME:
      order = compare_numbers (first->time_ns, second->time_ns);
      break;
    default:
      break;
    }
  if (by->descending)
    order = -order;
  return order != 0 ? order : compare_numbers (i, j);
}

void
ptl_lookup_order_sort (const PtlLookupOrder *order,
                       guint                *indices,
                       guint                 n_sorted,
                       guint                 n)
{
  gpointer by = (gpointer) order;
  g_autofree guint *before = NULL;
  guint i = 0, j = n_sorted, at = 0;

  g_qsort_with_data (indices + n_sorted, (int) (n - n_sorted), sizeof *indices, compare, by);
  if (n_sorted == 0 || n_sorted == n)
    return;
  before = g_memdup2 (indices, n_sorted * sizeof *indices);
  /* What is merged never gets ahead of what is still to be read. */
  while (i < n_sorted)
    if (j < n && compare (&indices[j], &before[i], by) < 0)
      indices[at++] = indices[j++];
    else
      indices[at++] = before[i++];
}
