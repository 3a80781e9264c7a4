/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search: a word is looked for once in all texts, then each row is asked for bits. */
#include "config.h"

#include "registry/ptl-catalog-private.h"

#include <string.h>

#define SOURCE_PREFIX "source:"

typedef enum
{
  WORD_TEXT,
  WORD_PORT,
  WORD_RANGE,
  WORD_TRANSPORT,
  WORD_LISTENING,
  WORD_TLS,
  WORD_SOURCE
} WordKind;

typedef struct
{
  WordKind             kind;
  char                *text;      /* owned; casefolded */
  uint32_t             first, last;
  uint32_t             scale;     /* of a number: 10 to the number of its digits */
  PtlRegistryTransport transport;
  uint64_t            *texts;     /* owned; bits of the units that have it */
  uint64_t            *services;  /* owned; bits */
} Word;

enum
{
  RANK_EXACT_MAIN,
  RANK_EXACT,
  RANK_MAIN,
  RANK_PROTOCOL,
  RANK_PREFIX,
  RANK_REST,
  N_RANKS
};

/* --- words ---------------------------------------------------------------------------------- */

static bool
is_number (const char *text,
           size_t      len,
           uint32_t   *number)
{
  uint32_t n = 0;

  if (len == 0 || len > 5)
    return false;
  for (size_t i = 0; i < len; i++)
    {
      if (!g_ascii_isdigit (text[i]))
        return false;
      n = 10 * n + (uint32_t) (text[i] - '0');
    }
  *number = n;
  return n <= UINT16_MAX;
}

/* Takes @text. */
static Word
make_word (char *text,
           bool  quoted)
{
  Word word = { .kind = WORD_TEXT, .text = text };
  const char *dash = strchr (text, '-');
  size_t len = strlen (text);

  if (quoted)
    return word;
  if (is_number (text, len, &word.first))
    {
      word.kind = WORD_PORT;
      word.last = word.first;
      word.scale = 1;
      for (size_t i = 0; i < len; i++)
        word.scale *= 10;
    }
  else if (dash != NULL && is_number (text, (size_t) (dash - text), &word.first)
           && is_number (dash + 1, strlen (dash + 1), &word.last))
    {
      word.kind = WORD_RANGE;
      if (word.first > word.last)
        {
          uint32_t swap = word.first;

          word.first = word.last;
          word.last = swap;
        }
    }
  else if ((word.transport = ptl_registry_parse_transport (text)) != PTL_REGISTRY_NO_TRANSPORT)
    word.kind = WORD_TRANSPORT;
  else if (g_str_equal (text, "listening"))
    word.kind = WORD_LISTENING;
  else if (g_str_equal (text, "tls"))
    word.kind = WORD_TLS;
  else if (g_str_has_prefix (text, SOURCE_PREFIX))
    word.kind = WORD_SOURCE;
  return word;
}

/* Spaces part words, "two words" are one.  "rfc 5321" is rfc5321, and so is "RFC-5321". */
static size_t
parse_query (const char *query,
             Word       *words)
{
  g_autofree char *valid = g_utf8_make_valid (query, (gssize) strnlen (query,
                                                                       PTL_CATALOG_QUERY_MAX));
  g_autofree char *folded = g_utf8_casefold (valid, -1);
  size_t n = 0;

  for (const char *at = folded; *at != '\0' && n < PTL_CATALOG_WORDS_MAX;)
    {
      bool quoted = *at == '"';
      const char *end;
      uint32_t number;

      if (g_ascii_isspace (*at))
        {
          at++;
          continue;
        }
      at += quoted;
      end = at;
      while (*end != '\0' && (quoted ? *end != '"' : !g_ascii_isspace (*end)))
        end++;
      if (!quoted && end - at == 3 && memcmp (at, "rfc", 3) == 0)
        {
          const char *next = end;
          size_t len;

          while (g_ascii_isspace (*next))
            next++;
          len = strcspn (next, " \t\n");
          if (is_number (next, len, &number))
            {
              words[n++] = make_word (g_strdup_printf ("rfc%.*s", (int) len, next), true);
              at = next + len;
              continue;
            }
        }
      if (!quoted && end - at > 4 && memcmp (at, "rfc-", 4) == 0
          && is_number (at + 4, (size_t) (end - at) - 4, &number))
        words[n++] = make_word (g_strdup_printf ("rfc%.*s", (int) (end - at) - 4, at + 4), true);
      else if (end > at)
        words[n++] = make_word (g_strndup (at, (gsize) (end - at)), quoted);
      at = end + (quoted && *end == '"');
    }
  return n;
}

static void
clear_words (Word   *words,
             size_t  n)
{
  for (size_t i = 0; i < n; i++)
    {
      g_free (words[i].text);
      g_free (words[i].texts);
      g_free (words[i].services);
    }
}

/* --- texts ---------------------------------------------------------------------------------- */

static void
set_bit (uint64_t *bits,
         uint32_t  i)
{
  bits[i / 64] |= UINT64_C (1) << (i % 64);
}

static bool
has_bit (const uint64_t *bits,
         uint32_t        i)
{
  return (bits[i / 64] >> (i % 64) & 1) != 0;
}

/* Marks the units of @text with @needle in them.  A line feed, which ends each unit, is in no
 * needle. */
static uint64_t *
scan (const char     *text,
      size_t          len,
      const uint32_t *starts,
      uint32_t        n,
      bool            little_endian,
      const char     *needle)
{
  uint64_t *bits = g_new0 (uint64_t, n / 64 + 1);
  size_t needle_len = strlen (needle);
  const char *at = text;
  const char *end = text + len;
  uint32_t unit = 0;

  while (at < end && (at = memmem (at, (size_t) (end - at), needle, needle_len)) != NULL)
    {
      uint32_t place = (uint32_t) (at - text);

      while (unit < n && (little_endian ? ptl_registry_u32 (starts[unit + 1])
                                        : starts[unit + 1]) <= place)
        unit++;
      if (unit == n)
        break;
      set_bit (bits, unit);
      at = text + (little_endian ? ptl_registry_u32 (starts[unit + 1]) : starts[unit + 1]);
    }
  return bits;
}

static void
scan_texts (const PtlCatalog *catalog,
            Word             *word)
{
  const PtlRegistryTable *table = catalog->table;

  word->texts = scan (table->texts, table->len_texts, table->text_starts, table->n_texts, true,
                      word->text);
  if (catalog->services != NULL)
    word->services = scan (catalog->service_text, catalog->service_text_len,
                           catalog->service_starts, (uint32_t) catalog->services->n, false,
                           word->text);
}

/* --- rows ----------------------------------------------------------------------------------- */

/* What a search needs of a row, without its strings. */
typedef struct
{
  uint32_t             number;
  uint32_t             text;    /* UINT32_MAX: none */
  uint32_t             service; /* + 1, or 0 */
  uint16_t             first, last, twin;
  PtlRegistryTransport transport;
  PtlCatalogRelation   relation;
  unsigned             flags;
  int                  protocol;
} Row;

static void
load_row (const PtlCatalog *catalog,
          uint32_t          number,
          Row              *row)
{
  row->number = number;
  row->service = catalog->service_of != NULL ? catalog->service_of[number] : 0;
  if (number < catalog->n_base)
    {
      const PtlRegistryRecord *record = &catalog->table->rows[number];

      row->text = ptl_registry_u32 (record->text);
      row->first = ptl_registry_u16 (record->first_port);
      row->last = ptl_registry_u16 (record->last_port);
      row->twin = ptl_registry_u16 (record->twin_port);
      row->transport = record->transport;
      row->flags = record->flags;
      row->protocol = (int) ptl_registry_u16 (record->protocol) - 1;
      row->relation = catalog->relations != NULL ? catalog->relations[number]
                                                 : PTL_CATALOG_NOT_HERE;
      /* A name that this computer has in its place is found in the row of its own. */
      if (row->relation == PTL_CATALOG_OTHER_NAME)
        row->service = 0;
    }
  else
    {
      const PtlService *service = &catalog->services->items[row->service - 1];

      row->text = UINT32_MAX;
      row->first = row->last = service->port;
      row->twin = 0;
      row->relation = catalog->locals[number - catalog->n_base].relation;
      row->transport = ptl_registry_parse_transport (service->transport);
      row->flags = PTL_REGISTRY_HAS_PORT;
      row->protocol = -1;
    }
}

static bool
is_listening (const Row          *row,
              const PtlListening *here)
{
  uint16_t port;

  /* IANA's rows without a transport are of any one; this computer's have one that has no ports
   * here ("ddp"). */
  if (row->transport == PTL_REGISTRY_NO_TRANSPORT && row->text == UINT32_MAX)
    return false;
  return here != NULL && (row->flags & PTL_REGISTRY_HAS_PORT) != 0
         && ptl_listening_find (here, row->transport, row->first, row->last, &port);
}

/* Do the decimal digits of @port have those of the word among them? */
static bool
has_digits (uint32_t    port,
            const Word *word)
{
  for (; port >= word->scale / 10; port /= 10)
    {
      if (port % word->scale == word->first)
        return true;
      if (port == 0)
        break;
    }
  return false;
}

static bool
has_text (const Row  *row,
          const Word *word)
{
  return (row->text != UINT32_MAX && has_bit (word->texts, row->text))
         || (row->service != 0 && word->services != NULL
             && has_bit (word->services, row->service - 1));
}

/* Who knows the row, in words that can be searched. */
static const char *
describe_source (const Row *row)
{
  if ((row->flags & PTL_REGISTRY_GUIDE) != 0)
    return "portlight";
  switch (row->relation)
    {
    case PTL_CATALOG_SAME:
    case PTL_CATALOG_ALIAS:
      return "iana, computer: agree";
    case PTL_CATALOG_OTHER_NAME:
      return "iana: disagree";
    case PTL_CATALOG_LOCAL_NAME:
    case PTL_CATALOG_LOCAL_PORT:
      return "computer: disagree";
    case PTL_CATALOG_LOCAL_ONLY:
      return "computer";
    case PTL_CATALOG_NOT_HERE:
    default:
      return "iana";
    }
}

static bool
row_has_word (const Row          *row,
              const Word         *word,
              const PtlListening *here)
{
  bool has_port = (row->flags & PTL_REGISTRY_HAS_PORT) != 0;

  switch (word->kind)
    {
    case WORD_PORT:
      return (has_port && ((row->first <= word->first && word->first <= row->last)
                           || has_digits (row->first, word) || has_digits (row->last, word)))
             || (row->twin != 0 && has_digits (row->twin, word)) || has_text (row, word);

    case WORD_RANGE:
      return has_port && row->first <= word->last && word->first <= row->last;

    case WORD_TRANSPORT:
      return row->transport == word->transport;

    case WORD_LISTENING:
      return is_listening (row, here);

    case WORD_TLS:
      return (row->flags & PTL_REGISTRY_TLS) != 0;

    case WORD_SOURCE:
      return strstr (describe_source (row), word->text + strlen (SOURCE_PREFIX)) != NULL;

    case WORD_TEXT:
    default:
      return has_text (row, word);
    }
}

static bool
passes_filter (const Row          *row,
               PtlCatalogFilter    filter,
               const PtlListening *here)
{
  switch (filter)
    {
    case PTL_CATALOG_KNOWN:
      return (row->flags & PTL_REGISTRY_MAIN) != 0;

    case PTL_CATALOG_TCP:
      return row->transport == PTL_REGISTRY_TCP;

    case PTL_CATALOG_UDP:
      return row->transport == PTL_REGISTRY_UDP;

    case PTL_CATALOG_LISTENING:
      return is_listening (row, here);

    case PTL_CATALOG_ALL:
    case PTL_CATALOG_N_FILTERS:
    default:
      return true;
    }
}

static bool
is_alias (const char *aliases,
          const char *name)
{
  size_t len = strlen (name);

  for (const char *at = aliases; *at != '\0';)
    {
      size_t word = strcspn (at, " ");

      if (word == len && g_ascii_strncasecmp (at, name, len) == 0)
        return true;
      at += word + (at[word] == ' ');
    }
  return false;
}

static unsigned
rank_row (const PtlCatalog *catalog,
          const Row        *row,
          const Word       *words,
          size_t            n_words)
{
  const PtlService *service =
    row->service != 0 ? &catalog->services->items[row->service - 1] : NULL;
  const char *name = row->number < catalog->n_base
                     ? catalog->table->strings
                       + ptl_registry_u32 (catalog->table->rows[row->number].name)
                     : service->name;
  bool is_main = (row->flags & PTL_REGISTRY_MAIN) != 0;
  bool prefix = false;

  for (size_t i = 0; i < n_words; i++)
    {
      const Word *word = &words[i];
      bool exact = false;

      if (word->kind == WORD_PORT)
        {
          exact = (row->flags & PTL_REGISTRY_HAS_PORT) != 0 && row->first == word->first
                  && row->last == word->first;
          prefix = prefix || (row->first <= word->first && word->first <= row->last);
        }
      else if (word->kind == WORD_TEXT || word->kind == WORD_TLS || word->kind == WORD_TRANSPORT)
        {
          size_t n;
          const PtlProtocol *protocol =
            row->protocol >= 0 ? &ptl_registry_list_protocols (&n)[row->protocol] : NULL;

          exact = g_ascii_strcasecmp (name, word->text) == 0
                  || (is_main && (g_ascii_strcasecmp (protocol->id, word->text) == 0
                                  || g_ascii_strcasecmp (protocol->name, word->text) == 0))
                  || (service != NULL && (g_ascii_strcasecmp (service->name, word->text) == 0
                                          || is_alias (service->aliases, word->text)));
          prefix = prefix || g_ascii_strncasecmp (name, word->text, strlen (word->text)) == 0;
        }
      if (exact)
        return is_main ? RANK_EXACT_MAIN : RANK_EXACT;
    }
  if (is_main)
    return RANK_MAIN;
  return row->protocol >= 0 ? RANK_PROTOCOL : prefix ? RANK_PREFIX : RANK_REST;
}

size_t
ptl_catalog_search (const PtlCatalog   *catalog,
                    const char         *query,
                    PtlCatalogFilter    filter,
                    const PtlListening *here,
                    uint32_t           *rows)
{
  Word words[PTL_CATALOG_WORDS_MAX];
  size_t n_words = parse_query (query, words);
  size_t n = 0, starts[N_RANKS + 1] = { 0 };
  g_autofree uint8_t *ranks = NULL;
  g_autofree uint32_t *found = NULL;

  for (size_t i = 0; i < n_words; i++)
    if (words[i].kind == WORD_TEXT || words[i].kind == WORD_PORT)
      scan_texts (catalog, &words[i]);

  for (uint32_t i = 0; i < catalog->n_rows; i++)
    {
      Row row;
      bool has_all;

      load_row (catalog, catalog->natural[i], &row);
      has_all = passes_filter (&row, filter, here);
      for (size_t k = 0; k < n_words && has_all; k++)
        has_all = row_has_word (&row, &words[k], here);
      if (!has_all)
        continue;
      if (n_words > 0)
        {
          if (ranks == NULL)
            ranks = g_malloc (catalog->n_rows);
          ranks[n] = (uint8_t) rank_row (catalog, &row, words, n_words);
          starts[ranks[n] + 1]++;
        }
      rows[n++] = row.number;
    }
  clear_words (words, n_words);
  if (ranks == NULL)
    return n;

  for (unsigned i = 1; i <= N_RANKS; i++)
    starts[i] += starts[i - 1];
  found = g_new (uint32_t, n);
  memcpy (found, rows, n * sizeof *rows);
  for (size_t i = 0; i < n; i++)
    rows[starts[ranks[i]]++] = found[i];
  return n;
}

bool
ptl_catalog_query_needs_here (const char      *query,
                              PtlCatalogFilter filter)
{
  Word words[PTL_CATALOG_WORDS_MAX];
  size_t n = parse_query (query, words);
  bool needs = filter == PTL_CATALOG_LISTENING;

  for (size_t i = 0; i < n; i++)
    needs = needs || words[i].kind == WORD_LISTENING;
  clear_words (words, n);
  return needs;
}

/* --- sorting -------------------------------------------------------------------------------- */

void
ptl_catalog_sort (PtlCatalog         *catalog,
                  PtlCatalogColumn    column,
                  bool                descending,
                  const PtlListening *here,
                  uint32_t           *rows,
                  size_t              n)
{
  g_autofree uint64_t *present = g_new0 (uint64_t, catalog->n_rows / 64 + 1);
  const uint32_t *order = catalog->natural;
  uint32_t n_filled;
  size_t n_out = 0;

  g_assert (column < PTL_CATALOG_N_COLUMNS);

  for (size_t i = 0; i < n; i++)
    set_bit (present, rows[i]);

  if (column == PTL_CATALOG_BY_HERE)
    {
      for (unsigned pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < catalog->n_rows; i++)
          {
            Row row;

            if (!has_bit (present, order[i]))
              continue;
            load_row (catalog, order[i], &row);
            if (is_listening (&row, here) == ((pass == 0) != descending))
              rows[n_out++] = order[i];
          }
      return;
    }

  ptl_catalog_make_order (catalog, column);
  order = catalog->orders[column];
  n_filled = catalog->n_filled[column];
  for (uint32_t i = 0; i < n_filled; i++)
    {
      uint32_t row = order[descending ? n_filled - 1 - i : i];

      if (has_bit (present, row))
        rows[n_out++] = row;
    }
  for (uint32_t i = n_filled; i < catalog->n_rows; i++)
    if (has_bit (present, order[i]))
      rows[n_out++] = order[i];
}
