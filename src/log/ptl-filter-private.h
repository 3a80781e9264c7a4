/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the filter's parser, the filter, and the scan that uses it. */
#pragma once

#include <stdatomic.h>

#include "log/ptl-filter.h"

G_BEGIN_DECLS

/* In the order in which they are tried. */
typedef enum
{
  PTL_TERM_KIND,
  PTL_TERM_FLAG,
  PTL_TERM_LENGTH,
  PTL_TERM_PEER_NUMBER,
  PTL_TERM_PEER,
  PTL_TERM_TEXT,
  PTL_TERM_HEX
} PtlTermType;

typedef enum
{
  PTL_IS_LESS,
  PTL_IS_LESS_OR_EQUAL,
  PTL_IS_EQUAL,
  PTL_IS_GREATER_OR_EQUAL,
  PTL_IS_GREATER
} PtlComparison;

typedef struct
{
  PtlTermType   type;
  bool          negated;
  unsigned      kinds;      /* PTL_TERM_KIND: bits by PtlFrameKind */
  uint16_t      flag;       /* PTL_TERM_FLAG */
  PtlComparison comparison; /* PTL_TERM_LENGTH */
  uint64_t      number;     /* PTL_TERM_LENGTH, PTL_TERM_PEER_NUMBER */

  /* PTL_TERM_PEER, PTL_TERM_TEXT, PTL_TERM_HEX: what to look for, in lower case but for hex, and
   * the place in it of the byte that is looked for first. */
  uint8_t *needle;
  size_t   needle_len;
  size_t   anchor;

  /* PTL_TERM_PEER: by number, 0 not known yet, 1 no, 2 yes */
  GByteArray *peers;
} PtlTerm;

struct _PtlFilter
{
  char   *text;
  PtlTerm terms[PTL_FILTER_TERMS_MAX];
  size_t  n_terms;

  char *(*event_to_text) (const PtlEvent *event); /* or NULL */

  const _Atomic bool *stop;

  /* Committed bytes of the log's data file. */
  uint64_t log_serial;
  uint64_t window_offset;
  size_t   window_len;
  uint8_t *window;
};

/* While *@stop is true a match ends early, with false. */
void ptl_filter_set_stop (PtlFilter          *filter,
                          const _Atomic bool *stop);

G_END_DECLS
