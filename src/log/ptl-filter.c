/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A filter held against one frame: the terms in the order of what they cost, bytes in windows. */
#include "config.h"

#include "log/ptl-filter-private.h"

#include <string.h>

#include "base/ptl-event.h"
#include "log/ptl-log-private.h"

/* What is read of a log at a time; a longer frame comes in pieces that overlap. */
#define WINDOW_BYTES (256u * 1024)
/* Peers whose answer is kept. */
#define PEER_CACHE_MAX (1024u * 1024)

static bool
is_needle_at (const PtlTerm *term,
              const uint8_t *bytes)
{
  if (term->type == PTL_TERM_HEX)
    return memcmp (bytes, term->needle, term->needle_len) == 0;
  for (size_t i = 0; i < term->needle_len; i++)
    if ((uint8_t) g_ascii_tolower ((char) bytes[i]) != term->needle[i])
      return false;
  return true;
}

/* Is the needle in the bytes? */
static bool
find_needle (const PtlTerm *term,
             const uint8_t *bytes,
             size_t         len_bytes)
{
  uint8_t        lower = term->needle[term->anchor];
  uint8_t        upper = lower;
  const uint8_t *from = bytes + term->anchor;
  const uint8_t *end;
  const uint8_t *next_lower;
  const uint8_t *next_upper;

  if (len_bytes < term->needle_len)
    return false;
  end = from + (len_bytes - term->needle_len) + 1;
  if (term->type != PTL_TERM_HEX)
    upper = (uint8_t) g_ascii_toupper ((char) lower);

  next_lower = memchr (from, lower, (size_t) (end - from));
  next_upper = upper != lower ? memchr (from, upper, (size_t) (end - from)) : NULL;
  while (next_lower != NULL || next_upper != NULL)
    {
      const uint8_t *now;

      if (next_upper == NULL || (next_lower != NULL && next_lower < next_upper))
        {
          now = next_lower;
          next_lower = memchr (now + 1, lower, (size_t) (end - now - 1));
        }
      else
        {
          now = next_upper;
          next_upper = memchr (now + 1, upper, (size_t) (end - now - 1));
        }
      if (is_needle_at (term, now - term->anchor))
        return true;
    }
  return false;
}

PtlFilter *
ptl_filter_dup (const PtlFilter *filter)
{
  PtlFilter *copy = ptl_filter_parse (filter->text, NULL, NULL);

  copy->event_to_text = filter->event_to_text;
  return copy;
}

void
ptl_filter_set_event_text (PtlFilter *filter,
                           char    *(*to_text) (const PtlEvent *event))
{
  filter->event_to_text = to_text;
}

void
ptl_filter_free (PtlFilter *filter)
{
  if (filter == NULL)
    return;
  for (size_t i = 0; i < filter->n_terms; i++)
    {
      g_clear_pointer (&filter->terms[i].peers, g_byte_array_unref);
      g_free (filter->terms[i].needle);
    }
  g_free (filter->window);
  g_free (filter->text);
  g_free (filter);
}

const char *
ptl_filter_get_text (const PtlFilter *filter)
{
  return filter->text;
}

bool
ptl_filter_is_all (const PtlFilter *filter)
{
  return filter->n_terms == 0;
}

void
ptl_filter_set_stop (PtlFilter          *filter,
                     const _Atomic bool *stop)
{
  filter->stop = stop;
}

static bool
must_stop (PtlFilter *filter)
{
  return filter->stop != NULL && atomic_load_explicit (filter->stop, memory_order_relaxed);
}

/* The frame's bytes from @skip on, up to WINDOW_BYTES of them, valid until the next call; what
 * follows is read with it, for the frames that come next.  *@len_bytes is 0 where none can be
 * read. */
static const uint8_t *
get_bytes (PtlFilter      *filter,
           PtlLog         *log,
           const PtlFrame *frame,
           uint32_t        skip,
           size_t         *len_bytes)
{
  uint64_t offset = frame->offset + skip;
  size_t   wanted = MIN (frame->length - skip, WINDOW_BYTES);

  if (filter->window == NULL)
    filter->window = g_malloc (WINDOW_BYTES);
  if (filter->log_serial != log->serial || offset < filter->window_offset
      || wanted > filter->window_len
      || offset - filter->window_offset > filter->window_len - wanted)
    {
      ssize_t n = ptl_log_read_data (log, offset, filter->window, WINDOW_BYTES);

      filter->log_serial = log->serial;
      filter->window_offset = offset;
      filter->window_len = n > 0 ? (size_t) n : 0;
      wanted = MIN (wanted, filter->window_len);
    }
  *len_bytes = wanted;
  return filter->window + (offset - filter->window_offset);
}

static bool
match_address (const PtlTerm    *term,
               const PtlAddress *address)
{
  char text[PTL_ADDRESS_TEXT_MAX];

  if (address->len == 0)
    return false;
  ptl_address_format (address, text, sizeof text);
  return find_needle (term, (const uint8_t *) text, strlen (text));
}

static bool
match_words (PtlFilter      *filter,
             const PtlTerm  *term,
             const PtlEvent *event)
{
  g_autofree char *words = filter->event_to_text != NULL ? filter->event_to_text (event) : NULL;

  return words != NULL && find_needle (term, (const uint8_t *) words, strlen (words));
}

static bool
match_event (PtlFilter      *filter,
             const PtlTerm  *term,
             PtlLog         *log,
             const PtlFrame *frame)
{
  const uint8_t *bytes;
  size_t         len;
  PtlEvent       event;

  if (frame->length > PTL_EVENT_BYTES_MAX)
    return false;
  bytes = get_bytes (filter, log, frame, 0, &len);
  if (len < frame->length || !ptl_event_decode (&event, frame->code, bytes, len))
    return false;
  if (match_address (term, &event.peer))
    return true;
  if (term->type != PTL_TERM_TEXT)
    return false;
  return match_address (term, &event.local)
         || find_needle (term, (const uint8_t *) event.text, strlen (event.text))
         || match_words (filter, term, &event);
}

static bool
match_peer (PtlFilter      *filter,
            const PtlTerm  *term,
            PtlLog         *log,
            const PtlFrame *frame)
{
  PtlAddress address;
  bool       matches;

  if (frame->peer == PTL_PEER_NONE)
    return frame->kind == PTL_FRAME_EVENT && match_event (filter, term, log, frame);

  if (frame->peer < term->peers->len && term->peers->data[frame->peer] != 0)
    return term->peers->data[frame->peer] == 2;
  /* What is not known now may be later. */
  if (!ptl_log_get_peer (log, frame->peer, &address))
    return false;
  matches = match_address (term, &address);
  if (frame->peer < PEER_CACHE_MAX)
    {
      guint before = term->peers->len;

      if (frame->peer >= before)
        {
          g_byte_array_set_size (term->peers, frame->peer + 1);
          memset (term->peers->data + before, 0, frame->peer + 1 - before);
        }
      term->peers->data[frame->peer] = matches ? 2 : 1;
    }
  return matches;
}

static bool
match_bytes (PtlFilter      *filter,
             const PtlTerm  *term,
             PtlLog         *log,
             const PtlFrame *frame)
{
  uint32_t skip = 0;

  while (frame->length - skip >= term->needle_len && !must_stop (filter))
    {
      size_t         len;
      const uint8_t *bytes = get_bytes (filter, log, frame, skip, &len);

      if (find_needle (term, bytes, len))
        return true;
      if (len < term->needle_len || len == frame->length - skip)
        return false;
      /* The pieces overlap, so that what lies across their seam is found. */
      skip += (uint32_t) (len - (term->needle_len - 1));
    }
  return false;
}

static bool
match_length (const PtlTerm  *term,
              const PtlFrame *frame)
{
  uint64_t length = frame->code != 0 ? frame->code : frame->length;

  if (frame->kind == PTL_FRAME_EVENT)
    return false;
  switch (term->comparison)
    {
    case PTL_IS_LESS:
      return length < term->number;
    case PTL_IS_LESS_OR_EQUAL:
      return length <= term->number;
    case PTL_IS_EQUAL:
      return length == term->number;
    case PTL_IS_GREATER_OR_EQUAL:
      return length >= term->number;
    case PTL_IS_GREATER:
    default:
      return length > term->number;
    }
}

static bool
match_term (PtlFilter      *filter,
            const PtlTerm  *term,
            PtlLog         *log,
            const PtlFrame *frame)
{
  switch (term->type)
    {
    case PTL_TERM_KIND:
      return (term->kinds >> frame->kind & 1) != 0;
    case PTL_TERM_FLAG:
      return frame->kind != PTL_FRAME_EVENT && (frame->flags & term->flag) != 0;
    case PTL_TERM_LENGTH:
      return match_length (term, frame);
    case PTL_TERM_PEER_NUMBER:
      return frame->peer == term->number;
    case PTL_TERM_PEER:
      return match_peer (filter, term, log, frame);
    case PTL_TERM_TEXT:
      return frame->kind == PTL_FRAME_EVENT ? match_event (filter, term, log, frame)
                                            : match_bytes (filter, term, log, frame);
    case PTL_TERM_HEX:
    default:
      return frame->kind != PTL_FRAME_EVENT && match_bytes (filter, term, log, frame);
    }
}

bool
ptl_filter_match (PtlFilter      *filter,
                  PtlLog         *log,
                  const PtlFrame *frame)
{
  /* A damaged record matches nothing but the filter that lets all through. */
  if (frame->kind >= PTL_N_FRAME_KINDS)
    return filter->n_terms == 0;
  for (size_t i = 0; i < filter->n_terms; i++)
    if (match_term (filter, &filter->terms[i], log, frame) == filter->terms[i].negated)
      return false;
  return true;
}
