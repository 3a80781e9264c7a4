/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The filter expression: parsed into terms, cheap ones first, and held against one frame. */
#include "config.h"

#include "log/ptl-filter-private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-codec.h"
#include "base/ptl-error.h"
#include "base/ptl-event.h"
#include "base/ptl-parse.h"
#include "log/ptl-log-private.h"

/* What is read of a log at a time; a longer frame comes in pieces that overlap. */
#define WINDOW_BYTES (256u * 1024)
/* Peers whose answer is kept. */
#define PEER_CACHE_MAX (1024u * 1024)

/* In the order in which they are tried. */
typedef enum
{
  TERM_KIND,
  TERM_FLAG,
  TERM_LENGTH,
  TERM_PEER_NUMBER,
  TERM_PEER,
  TERM_TEXT,
  TERM_HEX
} TermType;

typedef enum
{
  IS_LESS,
  IS_LESS_OR_EQUAL,
  IS_EQUAL,
  IS_GREATER_OR_EQUAL,
  IS_GREATER
} Comparison;

typedef struct
{
  TermType   type;
  bool       negated;
  unsigned   kinds;      /* TERM_KIND: bits by PtlFrameKind */
  uint16_t   flag;       /* TERM_FLAG */
  Comparison comparison; /* TERM_LENGTH */
  uint64_t   number;     /* TERM_LENGTH, TERM_PEER_NUMBER */

  /* TERM_PEER, TERM_TEXT, TERM_HEX: what to look for, in lower case unless TERM_HEX, and the
   * place in it of the byte that is looked for first. */
  uint8_t *needle;
  size_t   needle_len;
  size_t   anchor;

  /* TERM_PEER: by number, 0 not known yet, 1 no, 2 yes */
  GByteArray *peers;
} Term;

struct _PtlFilter
{
  char *text;
  Term  terms[PTL_FILTER_TERMS_MAX];
  size_t n_terms;

  const _Atomic bool *stop;

  /* Committed bytes of the log's data file. */
  uint64_t log_serial;
  uint64_t window_offset;
  size_t   window_len;
  uint8_t *window;
};

/* What is found often comes late: letters by how common they are in English and in protocols. */
static unsigned
commonness (uint8_t byte)
{
  static const char common[] = "zqxjkvbwygpfmuldhcnsrioate";

  if (g_ascii_isalpha (byte))
    return 10 + (unsigned) (strchr (common, g_ascii_tolower (byte)) - common) * 2;
  switch (byte)
    {
    case 0:
      return 100;
    case ' ':
      return 80;
    case '0':
      return 50;
    case '\r':
    case '\n':
    case 0xff:
      return 40;
    default:
      return g_ascii_isdigit (byte) ? 20 : 5;
    }
}

/* Takes @needle. */
static void
set_needle (Term    *term,
            uint8_t *needle,
            size_t   len_bytes)
{
  unsigned best = UINT32_MAX;

  term->needle = needle;
  term->needle_len = len_bytes;
  for (size_t i = 0; i < len_bytes; i++)
    {
      unsigned now = commonness (needle[i]);

      if (term->type != TERM_HEX)
        {
          needle[i] = (uint8_t) g_ascii_tolower ((char) needle[i]);
          /* Two cases are looked for, not one. */
          now += g_ascii_isalpha (needle[i]) ? 20 : 0;
        }
      if (now < best)
        {
          best = now;
          term->anchor = i;
        }
    }
}

static bool
is_needle_at (const Term    *term,
              const uint8_t *bytes)
{
  if (term->type == TERM_HEX)
    return memcmp (bytes, term->needle, term->needle_len) == 0;
  for (size_t i = 0; i < term->needle_len; i++)
    if ((uint8_t) g_ascii_tolower ((char) bytes[i]) != term->needle[i])
      return false;
  return true;
}

/* Is the needle in the bytes? */
static bool
find_needle (const Term    *term,
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
  if (term->type != TERM_HEX)
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

typedef struct
{
  const char *text;
  size_t      at;
  PtlFilter  *filter;
  size_t     *error_at;
  GError    **error;
} Parser;

static bool
fail_at (Parser     *parser,
         size_t      offset,
         const char *why)
{
  return ptl_parse_fail (parser->error, parser->error_at, parser->text, offset, g_strdup (why));
}

static bool
is_space (char c)
{
  return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_word_end (char c)
{
  return c == '\0' || is_space (c);
}

/* Does @word (lower case) stand here?  Skips it. */
static bool
skip_word (Parser     *parser,
           const char *word)
{
  size_t len = strlen (word);

  if (g_ascii_strncasecmp (parser->text + parser->at, word, len) != 0)
    return false;
  parser->at += len;
  return true;
}

/* The same, and nothing after it. */
static bool
skip_whole_word (Parser     *parser,
                 const char *word)
{
  size_t before = parser->at;

  if (skip_word (parser, word) && is_word_end (parser->text[parser->at]))
    return true;
  parser->at = before;
  return false;
}

/* The digits here. */
static bool
parse_number (Parser   *parser,
              uint64_t  max,
              uint64_t *number)
{
  size_t   start = parser->at;
  uint64_t value = 0;

  for (; g_ascii_isdigit (parser->text[parser->at]); parser->at++)
    {
      unsigned digit = (unsigned) (parser->text[parser->at] - '0');

      if (value > (max - digit) / 10)
        return fail_at (parser, start, _("this number is too large"));
      value = value * 10 + digit;
    }
  if (parser->at == start || !is_word_end (parser->text[parser->at]))
    return fail_at (parser, parser->at, _("a number is expected, of decimal digits"));
  *number = value;
  return true;
}

/* A word, or text in quotes with escapes, for the term to look for. */
static bool
parse_needle (Parser *parser,
              Term   *term)
{
  const char *text = parser->text;
  size_t      start = parser->at;
  size_t      end = start;
  size_t      len = 0;

  if (text[start] == '"')
    {
      g_autofree char    *upto = NULL;
      g_autofree uint8_t *bytes = NULL;

      for (end = ++start; text[end] != '"'; end++)
        {
          if (text[end] == '\\' && text[end + 1] != '\0')
            end++;
          else if (text[end] == '\0')
            return fail_at (parser, start - 1, _("this quotation mark has no partner"));
        }
      if (end == start)
        return fail_at (parser, start, _("there is nothing between the quotation marks"));

      /* With all that comes before, so that an error names the right character. */
      upto = g_strndup (text, end);
      for (size_t i = 0; i < start; i++)
        if (upto[i] == '\\')
          upto[i] = '/';
      bytes = ptl_codec_parse_text (upto, &len, parser->error_at, parser->error);
      if (bytes == NULL)
        return false;
      len -= start;
      if (len > PTL_FILTER_NEEDLE_MAX)
        return fail_at (parser, start, _("this is too long"));
      set_needle (term, g_memdup2 (bytes + start, len), len);
      parser->at = end + 1;
      return true;
    }

  while (!is_word_end (text[end]))
    end++;
  if (end == start)
    return fail_at (parser, start, _("a word is expected"));
  if (end - start > PTL_FILTER_NEEDLE_MAX)
    return fail_at (parser, start, _("this is too long"));
  set_needle (term, g_memdup2 (text + start, end - start), end - start);
  parser->at = end;
  return true;
}

/* Pairs of digits, with or without a blank, a colon, a comma or a hyphen between them.  After a
 * blank only a word of exactly two digits goes on with it. */
static bool
parse_hex (Parser *parser,
           Term   *term)
{
  const char        *text = parser->text;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  size_t                 n;

  while (true)
    {
      int     high = g_ascii_xdigit_value (text[parser->at]);
      int     low = high < 0 ? -1 : g_ascii_xdigit_value (text[parser->at + 1]);
      uint8_t byte;
      size_t  next;

      if (high < 0)
        return fail_at (parser, parser->at, _("this is not a hexadecimal digit"));
      if (low < 0)
        return fail_at (parser, parser->at + 1,
                        _("a byte is two hexadecimal digits, and this is not the second one"));
      byte = (uint8_t) (high << 4 | low);
      if (bytes->len == PTL_FILTER_NEEDLE_MAX)
        return fail_at (parser, parser->at, _("this is too long"));
      g_byte_array_append (bytes, &byte, 1);
      parser->at += 2;

      if (strchr (":,-", text[parser->at]) != NULL && text[parser->at] != '\0')
        parser->at++;
      if (!is_word_end (text[parser->at]))
        continue;

      for (next = parser->at; is_space (text[next]); next++)
        ;
      if (!g_ascii_isxdigit (text[next]) || !g_ascii_isxdigit (text[next + 1])
          || !is_word_end (text[next + 2]))
        break;
      parser->at = next;
    }

  n = bytes->len;
  set_needle (term, g_byte_array_free (g_steal_pointer (&bytes), FALSE), n);
  return true;
}

static bool
parse_length (Parser *parser,
              Term   *term)
{
  bool is_equal;

  term->comparison = parser->text[parser->at] == '<'   ? IS_LESS
                     : parser->text[parser->at] == '>' ? IS_GREATER
                                                       : IS_EQUAL;
  parser->at++;
  is_equal = term->comparison != IS_EQUAL && parser->text[parser->at] == '=';
  if (is_equal)
    {
      term->comparison = term->comparison == IS_LESS ? IS_LESS_OR_EQUAL : IS_GREATER_OR_EQUAL;
      parser->at++;
    }
  return parse_number (parser, UINT64_MAX, &term->number);
}

static bool
parse_term (Parser *parser,
            Term   *term)
{
  const char *text = parser->text;
  size_t      start;

  if (text[parser->at] == '-' && !is_word_end (text[parser->at + 1]))
    {
      term->negated = true;
      parser->at++;
    }
  start = parser->at;

  if (skip_word (parser, "dir:"))
    {
      term->type = TERM_KIND;
      if (skip_whole_word (parser, "in"))
        term->kinds = 1u << PTL_FRAME_IN;
      else if (skip_whole_word (parser, "out"))
        term->kinds = 1u << PTL_FRAME_OUT;
      else
        return fail_at (parser, parser->at, _("a direction is “in” or “out”"));
      return true;
    }
  if (skip_word (parser, "is:"))
    {
      term->type = TERM_KIND;
      if (skip_whole_word (parser, "event"))
        {
          term->kinds = 1u << PTL_FRAME_EVENT;
        }
      else if (skip_whole_word (parser, "data"))
        {
          term->kinds = 1u << PTL_FRAME_IN | 1u << PTL_FRAME_OUT;
        }
      else if (skip_whole_word (parser, "truncated"))
        {
          term->type = TERM_FLAG;
          term->flag = PTL_FRAME_TRUNCATED;
        }
      else
        {
          return fail_at (parser, parser->at, _("“is:” knows “event”, “data” and “truncated”"));
        }
      return true;
    }
  if (skip_word (parser, "peer:#"))
    {
      term->type = TERM_PEER_NUMBER;
      return parse_number (parser, UINT32_MAX, &term->number);
    }
  if (skip_word (parser, "peer:"))
    {
      term->type = TERM_PEER;
      term->peers = g_byte_array_new ();
      return parse_needle (parser, term);
    }
  if (skip_word (parser, "hex:"))
    {
      term->type = TERM_HEX;
      return parse_hex (parser, term);
    }
  if (skip_word (parser, "len"))
    {
      if (text[parser->at] != '\0' && strchr ("<=>", text[parser->at]) != NULL)
        {
          term->type = TERM_LENGTH;
          return parse_length (parser, term);
        }
      parser->at = start;
    }
  term->type = TERM_TEXT;
  return parse_needle (parser, term);
}

static int
compare_terms (const void *a,
               const void *b)
{
  return (int) ((const Term *) a)->type - (int) ((const Term *) b)->type;
}

PtlFilter *
ptl_filter_parse (const char *text,
                  size_t     *at,
                  GError    **error)
{
  g_autoptr (PtlFilter) filter = g_new0 (PtlFilter, 1);
  Parser                parser = { .text = text, .filter = filter, .error_at = at, .error = error };
  const char           *valid_end;

  if (at != NULL)
    *at = 0;
  if (!g_utf8_validate (text, -1, &valid_end))
    {
      fail_at (&parser, (size_t) (valid_end - text), _("this is not UTF-8"));
      return NULL;
    }

  while (true)
    {
      while (is_space (text[parser.at]))
        parser.at++;
      if (text[parser.at] == '\0')
        break;
      if (filter->n_terms == PTL_FILTER_TERMS_MAX)
        {
          fail_at (&parser, parser.at, _("these are too many conditions"));
          return NULL;
        }
      filter->n_terms++;
      if (!parse_term (&parser, &filter->terms[filter->n_terms - 1]))
        return NULL;
    }

  qsort (filter->terms, filter->n_terms, sizeof (Term), compare_terms);
  filter->text = g_strdup (text);
  return g_steal_pointer (&filter);
}

PtlFilter *
ptl_filter_dup (const PtlFilter *filter)
{
  return ptl_filter_parse (filter->text, NULL, NULL);
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
match_address (const Term       *term,
               const PtlAddress *address)
{
  char text[PTL_ADDRESS_TEXT_MAX];

  if (address->len == 0)
    return false;
  ptl_address_format (address, text, sizeof text);
  return find_needle (term, (const uint8_t *) text, strlen (text));
}

static bool
match_event (PtlFilter      *filter,
             const Term     *term,
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
  if (term->type != TERM_TEXT)
    return false;
  return match_address (term, &event.local)
         || find_needle (term, (const uint8_t *) event.text, strlen (event.text));
}

static bool
match_peer (PtlFilter      *filter,
            const Term     *term,
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
             const Term     *term,
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
match_length (const Term     *term,
              const PtlFrame *frame)
{
  uint64_t length = frame->code != 0 ? frame->code : frame->length;

  if (frame->kind == PTL_FRAME_EVENT)
    return false;
  switch (term->comparison)
    {
    case IS_LESS:
      return length < term->number;
    case IS_LESS_OR_EQUAL:
      return length <= term->number;
    case IS_EQUAL:
      return length == term->number;
    case IS_GREATER_OR_EQUAL:
      return length >= term->number;
    case IS_GREATER:
    default:
      return length > term->number;
    }
}

static bool
match_term (PtlFilter      *filter,
            const Term     *term,
            PtlLog         *log,
            const PtlFrame *frame)
{
  switch (term->type)
    {
    case TERM_KIND:
      return (term->kinds >> frame->kind & 1) != 0;
    case TERM_FLAG:
      return frame->kind != PTL_FRAME_EVENT && (frame->flags & term->flag) != 0;
    case TERM_LENGTH:
      return match_length (term, frame);
    case TERM_PEER_NUMBER:
      return frame->peer == term->number;
    case TERM_PEER:
      return match_peer (filter, term, log, frame);
    case TERM_TEXT:
      return frame->kind == PTL_FRAME_EVENT ? match_event (filter, term, log, frame)
                                            : match_bytes (filter, term, log, frame);
    case TERM_HEX:
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
