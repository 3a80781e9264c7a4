/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which frames of a log to show: the expression as typed, and the set of frames that match it,
 * found by a thread of its own while the log grows.
 *
 *   GET /index        text, not case-sensitive (ASCII); "quoted text" with escapes
 *   hex:50 79         bytes
 *   peer:127.0.0.1    part of the peer's address;  peer:#3 its number
 *   dir:in  dir:out   direction
 *   len>100 len<=10 len=0
 *   is:event is:data is:truncated
 *   -word             not;   words side by side must all hold
 *
 * After hex: the bytes may be set apart by blanks, each a word of two digits.  Text is also looked
 * for in the words and addresses of events, bytes only in data.  Text is UTF-8, a line end or a
 * word of the syntax is found in quotes.  len is what came, also where less was stored. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "base/ptl-event.h"
#include "log/ptl-log.h"

G_BEGIN_DECLS

typedef struct _PtlFilter PtlFilter;

#define PTL_FILTER_TERMS_MAX 32
#define PTL_FILTER_NEEDLE_MAX 1024 /* bytes to look for */

/* NULL with PTL_ERROR_PARSE (names the character; byte offset in *@at, which may be NULL).  An
 * empty text matches all. */
PtlFilter *ptl_filter_parse (const char *text,
                             size_t     *at,
                             GError    **error);
/* With its event text. */
PtlFilter *ptl_filter_dup   (const PtlFilter *filter);
void       ptl_filter_free  (PtlFilter *filter);
/* An event holds a text also where the words that say it do (UTF-8, to be freed): those that the
 * user reads.  @to_text is called in the thread that matches; NULL as it begins. */
void       ptl_filter_set_event_text (PtlFilter *filter,
                                      char     *(*to_text) (const PtlEvent *event));
/* What it was made from. */
const char *ptl_filter_get_text (const PtlFilter *filter);
bool       ptl_filter_is_all (const PtlFilter *filter);
/* One frame; reads its bytes from @log where it must.  Any thread, one at a time per filter. */
bool       ptl_filter_match (PtlFilter      *filter,
                             PtlLog         *log,
                             const PtlFrame *frame);

/* The matching frames, growing. */
typedef struct _PtlScan PtlScan;

/* Starts a thread that goes over @log from frame @first on and then waits for more.  Takes @filter.
 * @on_progress is called in that thread, at most once until ptl_scan_get_n() is asked; it asks
 * nothing itself, and takes no time. */
PtlScan   *ptl_scan_new  (PtlLog    *log,
                          PtlFilter *filter,
                          uint64_t   first,
                          void     (*on_progress) (void *data),
                          void      *data);
/* No callback comes afterwards.  Does not wait for the thread, which a disk may hold: it ends by
 * itself and has its own hold of the log until then, without the lock. */
void       ptl_scan_free (PtlScan *scan);
/* The log has more frames. */
void       ptl_scan_wake (PtlScan *scan);
/* Any thread: how many match so far; *@scanned (may be NULL): the frames that were looked at. */
uint64_t   ptl_scan_get_n (PtlScan  *scan,
                           uint64_t *scanned);
/* The frame number of the @i-th match, counted from 0.  UINT64_MAX when there is none. */
uint64_t   ptl_scan_get_nth (PtlScan *scan,
                             uint64_t i);
/* How many matches are before frame @n: where it would stand. */
uint64_t   ptl_scan_get_rank (PtlScan *scan,
                              uint64_t n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlFilter, ptl_filter_free)

G_END_DECLS
