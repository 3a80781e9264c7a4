/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Immutable bytes that several threads share.  Not GBytes: its counter is not visible to
 * ThreadSanitizer in a packaged GLib. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

typedef struct _PtlBlob PtlBlob;

struct _PtlBlob
{
  _Atomic int ref_count;
  size_t      len_bytes;
  uint8_t     data[]; /* len_bytes of them, constant once another thread has seen the blob */
};

/* A new blob of @len_bytes bytes copied from @data; with NULL @data they are not set, and the
 * caller writes blob->data before handing it on.  Any thread. */
PtlBlob *ptl_blob_new   (const void *data,
                         size_t      len_bytes);
PtlBlob *ptl_blob_ref   (PtlBlob *blob);
void     ptl_blob_unref (PtlBlob *blob);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlBlob, ptl_blob_unref)

G_END_DECLS
