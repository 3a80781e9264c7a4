/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row of the frames' list: the record is read when it is first asked for, its bytes when it is
 * shown. */
#include "config.h"

#include "model/ptl-frame-item.h"

#include <string.h>
#include <time.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-clock.h"
#include "base/ptl-codec.h"
#include "base/ptl-event.h"
#include "model/ptl-fault-text.h"

#define PREVIEW_BYTES 256
#define PREVIEW_CHARS 128

struct _PtlFrameItem
{
  GObject   parent_instance;

  PtlLog   *log; /* a reference */
  uint64_t  number;
  PtlFrame  frame; /* while has_frame */
  bool      has_frame;
};

G_DEFINE_FINAL_TYPE (PtlFrameItem, ptl_frame_item, G_TYPE_OBJECT)

static void
ptl_frame_item_finalize (GObject *object)
{
  PtlFrameItem *self = PTL_FRAME_ITEM (object);

  g_clear_pointer (&self->log, ptl_log_unref);
  G_OBJECT_CLASS (ptl_frame_item_parent_class)->finalize (object);
}

static void
ptl_frame_item_class_init (PtlFrameItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ptl_frame_item_finalize;
}

static void
ptl_frame_item_init (PtlFrameItem *self)
{
}

static const PtlFrame *
get_frame (PtlFrameItem *self)
{
  if (!self->has_frame)
    ptl_log_get_frame (self->log, self->number, &self->frame);
  self->has_frame = true;
  return &self->frame;
}

PtlFrameItem *
ptl_frame_item_new (PtlLog   *log,
                    uint64_t  number)
{
  PtlFrameItem *self;

  g_return_val_if_fail (log != NULL, NULL);

  self = g_object_new (PTL_TYPE_FRAME_ITEM, NULL);
  self->log = ptl_log_ref (log);
  self->number = number;
  return self;
}

void
ptl_frame_item_glide (PtlFrameItem *self,
                      uint64_t      by)
{
  g_return_if_fail (PTL_IS_FRAME_ITEM (self));

  self->number += by;
  self->has_frame = false;
}

uint64_t
ptl_frame_item_get_number (PtlFrameItem *self)
{
  g_return_val_if_fail (PTL_IS_FRAME_ITEM (self), 0);
  return self->number;
}

const PtlFrame *
ptl_frame_item_get_frame (PtlFrameItem *self)
{
  g_return_val_if_fail (PTL_IS_FRAME_ITEM (self), NULL);
  return get_frame (self);
}

PtlLog *
ptl_frame_item_get_log (PtlFrameItem *self)
{
  g_return_val_if_fail (PTL_IS_FRAME_ITEM (self), NULL);
  return self->log;
}

char *
ptl_frame_item_dup_time (PtlFrameItem *self)
{
  uint64_t  ns;
  time_t    seconds;
  struct tm local;

  g_return_val_if_fail (PTL_IS_FRAME_ITEM (self), NULL);

  /* A damaged file may say anything: the sum wraps around, and no year is too far. */
  ns = ptl_log_get_start_realtime_ns (self->log) + get_frame (self)->time_ns;
  seconds = (time_t) (ns / PTL_NS_PER_S);
  if (localtime_r (&seconds, &local) == NULL)
    memset (&local, 0, sizeof local);
  return g_strdup_printf ("%02d:%02d:%02d.%06u", local.tm_hour, local.tm_min, local.tm_sec,
                          (unsigned) (ns % PTL_NS_PER_S / 1000));
}

char *
ptl_frame_item_dup_peer (PtlFrameItem *self)
{
  PtlAddress address;
  char       text[PTL_ADDRESS_TEXT_MAX];
  uint32_t   peer;

  g_return_val_if_fail (PTL_IS_FRAME_ITEM (self), NULL);

  peer = get_frame (self)->peer;
  if (peer == PTL_PEER_NONE)
    return NULL;
  if (!ptl_log_get_peer (self->log, peer, &address))
    return g_strdup_printf ("#%u", peer);
  return g_strdup (ptl_address_format (&address, text, sizeof text));
}

static char *
dup_event_text (PtlFrameItem *self)
{
  uint8_t         bytes[PTL_EVENT_BYTES_MAX];
  const PtlFrame *frame = get_frame (self);
  PtlEvent        event;
  ssize_t         n;

  /* An event of a wrong length is one of its code with nothing else. */
  n = ptl_log_read (self->log, frame, 0, bytes, sizeof bytes);
  ptl_event_decode (&event, frame->code, bytes, n < 0 ? 0 : (size_t) n);
  return ptl_event_to_text (&event);
}

/* How many of the bytes to leave out, so that the last character is not cut in its middle: only
 * where more bytes follow. */
static size_t
count_cut (const uint8_t *bytes,
           size_t         len_bytes)
{
  for (size_t back = 1; back <= 3 && back <= len_bytes; back++)
    {
      uint8_t byte = bytes[len_bytes - back];

      if (byte < 0x80)
        return 0;
      if (byte >= 0xc0)
        return (byte >= 0xf0 ? 4u : byte >= 0xe0 ? 3u : 2u) > back ? back : 0;
    }
  return 0;
}

char *
ptl_frame_item_dup_preview (PtlFrameItem *self)
{
  uint8_t         bytes[PREVIEW_BYTES];
  g_autofree char *preview = NULL;
  const PtlFrame *frame;
  ssize_t         n;

  g_return_val_if_fail (PTL_IS_FRAME_ITEM (self), NULL);

  frame = get_frame (self);
  if (frame->kind >= PTL_N_FRAME_KINDS)
    return g_strdup (_("This record of the log is damaged"));
  if (frame->kind == PTL_FRAME_EVENT)
    return dup_event_text (self);
  if ((frame->flags & PTL_FRAME_NOT_STORED) != 0)
    return g_strdup (_("counted, not recorded"));

  n = ptl_log_read (self->log, frame, 0, bytes, sizeof bytes);
  if (n < 0 || ((size_t) n < sizeof bytes && (size_t) n < frame->length))
    return g_strdup (_("The bytes of this frame cannot be read"));
  if ((size_t) n == frame->length)
    return ptl_codec_preview (bytes, (size_t) n, PREVIEW_CHARS);

  preview = ptl_codec_preview (bytes, (size_t) n - count_cut (bytes, (size_t) n), PREVIEW_CHARS);
  if (g_str_has_suffix (preview, "…"))
    return g_steal_pointer (&preview);
  return g_strconcat (preview, "…", NULL);
}
