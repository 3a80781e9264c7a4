/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The filter expression, as typed, to terms. */
#include "config.h"

#include "log/ptl-filter-private.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-codec.h"
#include "base/ptl-parse.h"

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
set_needle (PtlTerm *term,
            uint8_t *needle,
            size_t   len_bytes)
{
  unsigned best = UINT32_MAX;

  term->needle = needle;
  term->needle_len = len_bytes;
  for (size_t i = 0; i < len_bytes; i++)
    {
      unsigned now = commonness (needle[i]);

      if (term->type != PTL_TERM_HEX)
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
parse_needle (Parser  *parser,
              PtlTerm *term)
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
parse_hex (Parser  *parser,
           PtlTerm *term)
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
parse_length (Parser  *parser,
              PtlTerm *term)
{
  bool is_equal;

  switch (parser->text[parser->at])
    {
    case '<':
      term->comparison = PTL_IS_LESS;
      break;
    case '>':
      term->comparison = PTL_IS_GREATER;
      break;
    default:
      term->comparison = PTL_IS_EQUAL;
      break;
    }
  parser->at++;
  is_equal = term->comparison != PTL_IS_EQUAL && parser->text[parser->at] == '=';
  if (is_equal)
    {
      term->comparison =
        term->comparison == PTL_IS_LESS ? PTL_IS_LESS_OR_EQUAL : PTL_IS_GREATER_OR_EQUAL;
      parser->at++;
    }
  return parse_number (parser, UINT64_MAX, &term->number);
}

static bool
parse_term (Parser  *parser,
            PtlTerm *term)
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
      term->type = PTL_TERM_KIND;
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
      term->type = PTL_TERM_KIND;
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
          term->type = PTL_TERM_FLAG;
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
      term->type = PTL_TERM_PEER_NUMBER;
      return parse_number (parser, UINT32_MAX, &term->number);
    }
  if (skip_word (parser, "peer:"))
    {
      term->type = PTL_TERM_PEER;
      term->peers = g_byte_array_new ();
      return parse_needle (parser, term);
    }
  if (skip_word (parser, "hex:"))
    {
      term->type = PTL_TERM_HEX;
      return parse_hex (parser, term);
    }
  if (skip_word (parser, "len"))
    {
      if (text[parser->at] != '\0' && strchr ("<=>", text[parser->at]) != NULL)
        {
          term->type = PTL_TERM_LENGTH;
          return parse_length (parser, term);
        }
      parser->at = start;
    }
  term->type = PTL_TERM_TEXT;
  return parse_needle (parser, term);
}

static int
compare_terms (const void *a,
               const void *b)
{
  return (int) ((const PtlTerm *) a)->type - (int) ((const PtlTerm *) b)->type;
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

  qsort (filter->terms, filter->n_terms, sizeof (PtlTerm), compare_terms);
  filter->text = g_strdup (text);
  return g_steal_pointer (&filter);
}
