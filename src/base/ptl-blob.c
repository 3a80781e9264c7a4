/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes with a counter of their own. */
#include "config.h"

#include "base/ptl-blob.h"

#include <stdatomic.h>
#include <string.h>

PtlBlob *
ptl_blob_new (const void *data,
              size_t      len_bytes)
{
  PtlBlob *blob;

  g_assert (len_bytes <= SIZE_MAX - sizeof *blob);
  blob = g_malloc (sizeof *blob + len_bytes);
  atomic_init (&blob->ref_count, 1);
  blob->len_bytes = len_bytes;
  if (data != NULL && len_bytes > 0)
    memcpy (blob->data, data, len_bytes);
  return blob;
}

PtlBlob *
ptl_blob_ref (PtlBlob *blob)
{
  if (blob != NULL)
    atomic_fetch_add_explicit (&blob->ref_count, 1, memory_order_relaxed);
  return blob;
}

void
ptl_blob_unref (PtlBlob *blob)
{
  int before;

  if (blob == NULL)
    return;

  /* What any thread did with the bytes happened before they are freed: acquire and release. */
  before = atomic_fetch_sub_explicit (&blob->ref_count, 1, memory_order_acq_rel);
  g_assert (before > 0);
  if (before == 1)
    g_free (blob);
}
