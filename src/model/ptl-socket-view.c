/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which open sockets a search finds, in which order, and what has changed since the last time. */
#include "config.h"

#include "model/ptl-socket-view.h"

#include <net/if.h>
#include <string.h>

/* --- words ------------------------------------------------------------------------------------ */

typedef enum
{
  WORD_TEXT,
  WORD_PORTS,  /* first to last */
  WORD_NUMBER, /* a port, or what else has that number */
  WORD_PID,
  WORD_INODE,
  WORD_UID,
  WORD_KINDS,  /* bits */
  WORD_FAMILY,
  WORD_LISTENING,
  WORD_CONNECTED,
  WORD_MINE
} WordKind;

typedef struct
{
  WordKind kind;
  char    *text;   /* owned; of text: in lower case */
  int      column; /* of text: a PtlSocketColumn, or -1: all of them */
  uint64_t first;
  uint64_t last;
} Word;

static const struct
{
  const char *name;
  WordKind    kind;
  uint64_t    value;
} keywords[] = {
  { "tcp", WORD_KINDS, PTL_SOCK_TCP_KINDS },
  { "mptcp", WORD_KINDS, PTL_SOCK_BIT (PTL_SOCK_MPTCP) },
  { "udp", WORD_KINDS, PTL_SOCK_BIT (PTL_SOCK_UDP) },
  { "udplite", WORD_KINDS, PTL_SOCK_BIT (PTL_SOCK_UDPLITE) },
  { "udp-lite", WORD_KINDS, PTL_SOCK_BIT (PTL_SOCK_UDPLITE) },
  { "raw", WORD_KINDS, PTL_SOCK_BIT (PTL_SOCK_RAW) },
  { "icmp", WORD_KINDS, PTL_SOCK_BIT (PTL_SOCK_ICMP) },
  { "unix", WORD_KINDS, PTL_SOCK_UNIX_KINDS },
  { "packet", WORD_KINDS, PTL_SOCK_BIT (PTL_SOCK_PACKET) },
  { "netlink", WORD_KINDS, PTL_SOCK_BIT (PTL_SOCK_NETLINK) },
  { "vsock", WORD_KINDS, PTL_SOCK_BIT (PTL_SOCK_VSOCK) },
  { "ipv4", WORD_FAMILY, AF_INET },
  { "ipv6", WORD_FAMILY, AF_INET6 },
  { "listening", WORD_LISTENING, 0 },
  { "listen", WORD_LISTENING, 0 },
  { "connected", WORD_CONNECTED, 0 },
  { "established", WORD_CONNECTED, 0 },
  { "mine", WORD_MINE, 0 },
};

static const struct
{
  const char *prefix;
  int         column;
} prefixes[] = {
  { "user:", PTL_SOCKET_USER },       { "program:", PTL_SOCKET_PROGRAM },
  { "state:", PTL_SOCKET_STATE },     { "local:", PTL_SOCKET_LOCAL },
  { "peer:", PTL_SOCKET_PEER },       { "service:", PTL_SOCKET_SERVICE },
  { "reach:", PTL_SOCKET_REACH },     { "interface:", PTL_SOCKET_INTERFACE },
};

static void
clear_word (gpointer data)
{
  g_free (((Word *) data)->text);
}

/* Digits up to @end and nothing else. */
static bool
parse_number (const char *text,
              const char *end,
              uint64_t   *number)
{
  *number = 0;
  for (const char *at = text; at < end; at++)
    {
      if (!g_ascii_isdigit (*at) || *number > UINT32_MAX)
        return false;
      *number = *number * 10 + (uint64_t) (*at - '0');
    }
  return end > text;
}

static bool
parse_ports (const char *text,
             Word       *word)
{
  const char *end = text + strlen (text);
  const char *dash = strchr (text, '-');

  if (dash == NULL)
    return parse_number (text, end, &word->first) && parse_number (text, end, &word->last);
  return parse_number (text, dash, &word->first) && parse_number (dash + 1, end, &word->last)
         && word->first <= word->last;
}

static Word
parse_word (const char *text)
{
  static const struct
  {
    const char *prefix;
    WordKind    kind;
  } numbers[] = { { "port:", WORD_PORTS }, { "pid:", WORD_PID }, { "inode:", WORD_INODE },
                  { "uid:", WORD_UID } };
  Word word = { .kind = WORD_TEXT, .column = -1 };

  for (size_t i = 0; i < G_N_ELEMENTS (keywords); i++)
    if (g_str_equal (text, keywords[i].name))
      return (Word) { .kind = keywords[i].kind, .first = keywords[i].value };
  for (size_t i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (g_str_has_prefix (text, numbers[i].prefix)
        && parse_ports (text + strlen (numbers[i].prefix), &word))
      {
        word.kind = numbers[i].kind;
        return word;
      }
  for (size_t i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (text, prefixes[i].prefix))
      {
        word.column = prefixes[i].column;
        word.text = g_strdup (text + strlen (prefixes[i].prefix));
        return word;
      }
  if (parse_ports (text, &word))
    {
      word.kind = strchr (text, '-') != NULL ? WORD_PORTS : WORD_NUMBER;
      return word;
    }
  word.text = g_strdup (text);
  return word;
}

static bool
has_port (const PtlSock *sock,
          uint64_t       first,
          uint64_t       last)
{
  uint32_t local = ptl_sock_get_port (sock), peer = ptl_sock_get_peer_port (sock);

  return (local >= first && local <= last && local != 0)
         || (peer >= first && peer <= last && peer != 0);
}

static bool
has_pid (const PtlSocketSnapshot *snapshot,
         uint32_t                 row,
         uint64_t                 first,
         uint64_t                 last)
{
  const PtlOwner *owners;
  size_t n = ptl_socket_snapshot_get_owners (snapshot, row, &owners);

  for (size_t i = 0; i < n; i++)
    {
      pid_t pid = ptl_socket_snapshot_get_owner_process (snapshot, &owners[i])->pid;

      if ((uint64_t) pid >= first && (uint64_t) pid <= last)
        return true;
    }
  return false;
}

static GArray *
parse_words (const PtlSocketSnapshot *snapshot,
             const char              *query)
{
  GArray *words = g_array_new (FALSE, FALSE, sizeof (Word));
  g_autofree char *part = g_utf8_make_valid (query, (gssize) strnlen (query, PTL_SOCKET_QUERY_MAX));
  g_autofree char *lower = g_utf8_strdown (part, -1);
  g_auto (GStrv) parts = g_strsplit_set (lower, " \t\n", -1);

  g_array_set_clear_func (words, clear_word);
  for (char **at = parts; *at != NULL && words->len < PTL_SOCKET_WORDS_MAX; at++)
    {
      Word word;

      if (**at == '\0')
        continue;
      word = parse_word (*at);
      if (word.kind == WORD_NUMBER)
        {
          bool is_port = false;

          for (uint32_t i = 0; i < ptl_socket_snapshot_get_n (snapshot) && !is_port; i++)
            is_port = has_port (ptl_socket_snapshot_get (snapshot, i), word.first, word.last);
          if (is_port)
            word.kind = WORD_PORTS;
        }
      g_array_append_val (words, word);
    }
  return words;
}

/* --- searching -------------------------------------------------------------------------------- */

/* All that is shown of a row, in lower case. */
static char *
dup_haystack (const PtlSocketSnapshot *snapshot,
              uint32_t                 row)
{
  static const PtlSocketColumn columns[] = {
    PTL_SOCKET_PROTOCOL, PTL_SOCKET_STATE, PTL_SOCKET_PROGRAM, PTL_SOCKET_USER, PTL_SOCKET_SERVICE,
    PTL_SOCKET_REACH, PTL_SOCKET_PEER, PTL_SOCKET_INTERFACE,
  };
  const PtlSock *sock = ptl_socket_snapshot_get (snapshot, row);
  GString *text = g_string_new (NULL);
  g_autofree char *address = ptl_socket_snapshot_dup_address (snapshot, row, false);
  g_autofree char *joined = NULL;

  g_string_append (text, address);
  for (size_t i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      g_autofree char *cell = ptl_socket_snapshot_dup_cell (snapshot, row, columns[i]);

      g_string_append_c (text, '\n');
      g_string_append (text, cell);
    }
  g_string_append_c (text, '\n');
  g_string_append (text, ptl_socket_get_state_name (sock));
  joined = g_string_free (text, FALSE);
  return g_utf8_strdown (joined, -1);
}

static bool
is_listening (const PtlSock *sock)
{
  if (sock->state == PTL_SOCK_LISTEN)
    return true;
  return sock->state == PTL_SOCK_CLOSE && !ptl_sock_is_tcp (sock) && sock->family != AF_NETLINK
         && g_str_equal (ptl_socket_get_state_name (sock), "bound");
}

static bool
has_word (const PtlSocketSnapshot *snapshot,
          uint32_t                 row,
          const Word              *word,
          char                   **haystack) /* made when it is needed */
{
  const PtlSock *sock = ptl_socket_snapshot_get (snapshot, row);

  switch (word->kind)
    {
    case WORD_PORTS:
      return has_port (sock, word->first, word->last);
    case WORD_NUMBER:
      return has_pid (snapshot, row, word->first, word->last)
             || (sock->inode != 0 && sock->inode == word->first);
    case WORD_PID:
      return has_pid (snapshot, row, word->first, word->last);
    case WORD_INODE:
      return sock->inode != 0 && sock->inode >= word->first && sock->inode <= word->last;
    case WORD_UID:
      return sock->uid != PTL_SOCK_NO_UID && sock->uid >= word->first && sock->uid <= word->last;
    case WORD_KINDS:
      return (PTL_SOCK_BIT (sock->kind) & word->first) != 0;
    case WORD_FAMILY:
      return sock->family == word->first;
    case WORD_LISTENING:
      return is_listening (sock);
    case WORD_CONNECTED:
      return sock->state == PTL_SOCK_ESTABLISHED;
    case WORD_MINE:
      return ptl_socket_snapshot_is_mine (snapshot, row);
    case WORD_TEXT:
    default:
      break;
    }
  if (word->column >= 0)
    {
      g_autofree char *cell =
        ptl_socket_snapshot_dup_cell (snapshot, row, (PtlSocketColumn) word->column);
      g_autofree char *lower = g_utf8_strdown (cell, -1);

      return strstr (lower, word->text) != NULL
             || (word->column == PTL_SOCKET_STATE
                 && strstr (ptl_socket_get_state_name (sock), word->text) != NULL);
    }
  if (*haystack == NULL)
    *haystack = dup_haystack (snapshot, row);
  return strstr (*haystack, word->text) != NULL;
}

static bool
passes (const PtlSocketSnapshot *snapshot,
        uint32_t                 row,
        PtlSocketFilter          filter)
{
  const PtlSock *sock = ptl_socket_snapshot_get (snapshot, row);

  switch (filter)
    {
    case PTL_SOCKET_LISTENING:
      return is_listening (sock);
    case PTL_SOCKET_CONNECTED:
      return sock->state == PTL_SOCK_ESTABLISHED;
    case PTL_SOCKET_IS_TCP:
      return ptl_sock_is_tcp (sock);
    case PTL_SOCKET_IS_UDP:
      return sock->kind == PTL_SOCK_UDP || sock->kind == PTL_SOCK_UDPLITE;
    case PTL_SOCKET_IS_UNIX:
      return sock->family == AF_UNIX;
    case PTL_SOCKET_MINE:
      return ptl_socket_snapshot_is_mine (snapshot, row);
    case PTL_SOCKET_ALL:
    case PTL_SOCKET_N_FILTERS:
    default:
      return true;
    }
}

/* --- sorting ---------------------------------------------------------------------------------- */

typedef struct
{
  const PtlSocketSnapshot *snapshot;
  int                      column;
  bool                     descending;
} Sort;

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

/* What waits for others, then what is connected, then what ends. */
static int
rank_state (const PtlSock *sock)
{
  if (is_listening (sock))
    return sock->family == AF_UNIX ? 1 : 0;
  if (sock->family == AF_UNIX)
    return 4;
  if (sock->family == AF_NETLINK) /* most are the kernel's */
    return 5;
  return sock->state == PTL_SOCK_ESTABLISHED ? 2 : 3;
}

static int
compare_addresses (const PtlSocketSnapshot *snapshot,
                   uint32_t                 x,
                   uint32_t                 y,
                   bool                     peer)
{
  const PtlSock *a = ptl_socket_snapshot_get (snapshot, x);
  const PtlSock *b = ptl_socket_snapshot_get (snapshot, y);
  int result = COMPARE (a->family, b->family);

  if (result != 0)
    return result;
  if (!ptl_sock_is_internet (a))
    {
      PtlSocketColumn column = peer ? PTL_SOCKET_PEER : PTL_SOCKET_LOCAL;
      g_autofree char *text_a = ptl_socket_snapshot_dup_cell (snapshot, x, column);
      g_autofree char *text_b = ptl_socket_snapshot_dup_cell (snapshot, y, column);

      return strcmp (text_a, text_b);
    }
  result = peer ? memcmp (a->peer, b->peer, sizeof a->peer)
                : memcmp (a->local, b->local, sizeof a->local);
  if (result == 0)
    result = peer ? COMPARE (a->peer_port, b->peer_port) : COMPARE (a->local_port, b->local_port);
  return result;
}

static int
compare_naturally (const PtlSocketSnapshot *snapshot,
                   uint32_t                 x,
                   uint32_t                 y)
{
  const PtlSock *a = ptl_socket_snapshot_get (snapshot, x);
  const PtlSock *b = ptl_socket_snapshot_get (snapshot, y);
  int result = COMPARE (rank_state (a), rank_state (b));

  if (result == 0 && a->family != AF_UNIX && b->family != AF_UNIX)
    result = COMPARE (a->local_port, b->local_port);
  if (result == 0)
    result = COMPARE (a->kind, b->kind);
  if (result == 0)
    result = compare_addresses (snapshot, x, y, false);
  if (result == 0 && a->family != AF_UNIX)
    result = compare_addresses (snapshot, x, y, true);
  if (result == 0)
    result = COMPARE (a->inode, b->inode);
  return result != 0 ? result : COMPARE (a->key, b->key);
}

/* What is empty comes last, whichever way round. */
static int
compare_texts (const char *a,
               const char *b,
               bool        descending)
{
  if (*a == '\0' || *b == '\0')
    return (*a == '\0') - (*b == '\0');
  return descending ? g_ascii_strcasecmp (b, a) : g_ascii_strcasecmp (a, b);
}

static int
compare_cells (const Sort *sort,
               uint32_t    x,
               uint32_t    y)
{
  g_autofree char *a = ptl_socket_snapshot_dup_cell (sort->snapshot, x,
                                                     (PtlSocketColumn) sort->column);
  g_autofree char *b = ptl_socket_snapshot_dup_cell (sort->snapshot, y,
                                                     (PtlSocketColumn) sort->column);

  return compare_texts (a, b, sort->descending);
}

static int
compare_numbers (uint64_t a,
                 uint64_t b,
                 bool     descending)
{
  if (a == 0 || b == 0)
    return (a == 0) - (b == 0);
  return descending ? COMPARE (b, a) : COMPARE (a, b);
}

static int
compare_rows (gconstpointer x,
              gconstpointer y,
              gpointer      data)
{
  const Sort *sort = data;
  uint32_t row_a = *(const uint32_t *) x, row_b = *(const uint32_t *) y;
  const PtlSocketSnapshot *snapshot = sort->snapshot;
  const PtlSock *a = ptl_socket_snapshot_get (snapshot, row_a);
  const PtlSock *b = ptl_socket_snapshot_get (snapshot, row_b);
  const PtlProcess *process_a, *process_b;
  int result = 0;

  switch (sort->column)
    {
    case PTL_SOCKET_PROTOCOL:
      result = COMPARE (a->kind, b->kind);
      result = sort->descending ? -result : result;
      break;
    case PTL_SOCKET_LOCAL:
    case PTL_SOCKET_PEER:
      result = compare_addresses (snapshot, row_a, row_b, sort->column == PTL_SOCKET_PEER);
      result = sort->descending ? -result : result;
      break;
    case PTL_SOCKET_PORT:
      result = compare_numbers (ptl_sock_get_port (a), ptl_sock_get_port (b), sort->descending);
      break;
    case PTL_SOCKET_STATE:
      result = compare_texts (ptl_socket_get_state_title (a), ptl_socket_get_state_title (b),
                              sort->descending);
      break;
    case PTL_SOCKET_PROGRAM:
      result = compare_texts (ptl_socket_snapshot_get_program (snapshot, row_a),
                              ptl_socket_snapshot_get_program (snapshot, row_b),
                              sort->descending);
      break;
    case PTL_SOCKET_PID:
      process_a = ptl_socket_snapshot_get_process (snapshot, row_a);
      process_b = ptl_socket_snapshot_get_process (snapshot, row_b);
      result = compare_numbers (process_a != NULL ? (uint64_t) process_a->pid : 0,
                                process_b != NULL ? (uint64_t) process_b->pid : 0,
                                sort->descending);
      break;
    case PTL_SOCKET_USER:
      result = compare_texts (ptl_socket_snapshot_get_user (snapshot, row_a),
                              ptl_socket_snapshot_get_user (snapshot, row_b), sort->descending);
      break;
    case PTL_SOCKET_SERVICE:
      result = compare_texts (ptl_socket_snapshot_get_service (snapshot, row_a),
                              ptl_socket_snapshot_get_service (snapshot, row_b),
                              sort->descending);
      break;
    case PTL_SOCKET_REACH: /* whom most can reach comes first */
      result = COMPARE (ptl_socket_snapshot_get_reach (snapshot, row_b),
                        ptl_socket_snapshot_get_reach (snapshot, row_a));
      result = sort->descending ? -result : result;
      break;
    case PTL_SOCKET_RQUEUE:
      result = compare_numbers (a->rqueue, b->rqueue, sort->descending);
      break;
    case PTL_SOCKET_WQUEUE:
      result = compare_numbers (a->wqueue, b->wqueue, sort->descending);
      break;
    case PTL_SOCKET_INTERFACE:
      if (a->interface != b->interface)
        result = compare_cells (sort, row_a, row_b);
      break;
    default:
      break;
    }
  return result != 0 ? result : compare_naturally (snapshot, row_a, row_b);
}

PtlSocketView *
ptl_socket_view_new (PtlSocketSnapshot    *snapshot,
                     const PtlSocketOrder *order)
{
  PtlSocketView *view = g_atomic_rc_box_new0 (PtlSocketView);
  g_autoptr (GArray) words = parse_words (snapshot, order->words);
  uint32_t n = (uint32_t) ptl_socket_snapshot_get_n (snapshot);
  Sort sort = { snapshot, order->column, order->descending };

  view->snapshot = ptl_socket_snapshot_ref (snapshot);
  view->rows = g_new (uint32_t, n + 1);
  for (uint32_t row = 0; row < n; row++)
    {
      g_autofree char *haystack = NULL;
      bool found = passes (snapshot, row, order->filter);

      for (guint i = 0; i < words->len && found; i++)
        found = has_word (snapshot, row, &g_array_index (words, Word, i), &haystack);
      if (found)
        view->rows[view->n++] = row;
    }
  g_qsort_with_data (view->rows, (int) view->n, sizeof *view->rows, compare_rows, &sort);
  return view;
}

PtlSocketView *
ptl_socket_view_ref (PtlSocketView *view)
{
  return g_atomic_rc_box_acquire (view);
}

static void
clear_view (gpointer data)
{
  PtlSocketView *view = data;

  g_free (view->rows);
  ptl_socket_snapshot_unref (view->snapshot);
}

void
ptl_socket_view_unref (PtlSocketView *view)
{
  if (view != NULL)
    g_atomic_rc_box_release_full (view, clear_view);
}

/* --- changes ---------------------------------------------------------------------------------- */

#define NOWHERE UINT32_MAX

/* Where each row of @from is in @to; NOWHERE. */
static uint32_t *
find_places (const PtlSocketView *from,
             const PtlSocketView *to)
{
  size_t n_rows = ptl_socket_snapshot_get_n (to->snapshot);
  g_autofree uint32_t *place_of = g_new (uint32_t, n_rows + 1);
  uint32_t *places = g_new (uint32_t, from->n + 1);

  memset (place_of, 0xff, n_rows * sizeof *place_of);
  for (guint i = 0; i < to->n; i++)
    place_of[to->rows[i]] = i;
  for (guint i = 0; i < from->n; i++)
    {
      uint32_t row = from->rows[i];

      if (from->snapshot != to->snapshot)
        row = ptl_socks_find_key (ptl_socket_snapshot_get_socks (to->snapshot),
                                  ptl_socket_snapshot_get (from->snapshot, row)->key);
      places[i] = row != PTL_SOCK_NO_ROW ? place_of[row] : NOWHERE;
    }
  return places;
}

/* Leaves in @places a longest part that goes up; all others become NOWHERE. */
static void
keep_longest (uint32_t *places,
              guint     n)
{
  g_autofree uint32_t *ends = g_new (uint32_t, n + 1); /* of the best part of each length */
  g_autofree uint32_t *before = g_new (uint32_t, n + 1);
  guint len = 0;
  uint32_t at;

  for (guint i = 0; i < n; i++)
    {
      guint low = 0, high = len;

      if (places[i] == NOWHERE)
        continue;
      while (low < high)
        {
          guint middle = (low + high) / 2;

          if (places[ends[middle]] < places[i])
            low = middle + 1;
          else
            high = middle;
        }
      before[i] = low > 0 ? ends[low - 1] : NOWHERE;
      ends[low] = i;
      len = MAX (len, low + 1);
    }
  at = len > 0 ? ends[len - 1] : NOWHERE;
  for (guint i = n; i-- > 0;)
    if (i == at)
      at = before[i];
    else
      places[i] = NOWHERE;
}

/* Joins those with fewest rows between them until there are few enough. */
static void
join_changes (GArray *changes)
{
  for (guint gap = 1; changes->len > PTL_SOCKET_CHANGES_MAX; gap *= 2)
    {
      guint n = 0;

      for (guint i = 1; i < changes->len; i++)
        {
          PtlSocketChange *last = &g_array_index (changes, PtlSocketChange, n);
          PtlSocketChange change = g_array_index (changes, PtlSocketChange, i);
          guint between = change.at - (last->at + last->n_added);

          if (between <= gap)
            {
              last->n_removed += between + change.n_removed;
              last->n_added += between + change.n_added;
            }
          else
            g_array_index (changes, PtlSocketChange, ++n) = change;
        }
      g_array_set_size (changes, n + 1);
    }
}

GArray *
ptl_socket_view_compare (const PtlSocketView *from,
                         const PtlSocketView *to)
{
  g_autofree uint32_t *places = find_places (from, to);
  GArray *changes = g_array_new (FALSE, FALSE, sizeof (PtlSocketChange));
  guint at = 0; /* in @to, and in the list as it becomes it */

  keep_longest (places, from->n);
  for (guint i = 0; i <= from->n;)
    {
      PtlSocketChange change = { .at = at };

      while (i < from->n && places[i] == NOWHERE)
        {
          change.n_removed++;
          i++;
        }
      change.n_added = (i < from->n ? places[i] : to->n) - at;
      if (change.n_removed > 0 || change.n_added > 0)
        g_array_append_val (changes, change);
      at += change.n_added;
      if (i >= from->n)
        break;
      /* as far as both go on together */
      while (i < from->n && places[i] == at)
        {
          i++;
          at++;
        }
    }
  join_changes (changes);
  return changes;
}

guint
ptl_socket_view_count_churn (GArray *changes,
                             guint   first,
                             guint   last)
{
  gint64 shift = 0; /* of places in the old list to those in the list as it becomes */
  guint churn = 0;

  for (guint i = 0; i < changes->len; i++)
    {
      const PtlSocketChange *change = &g_array_index (changes, PtlSocketChange, i);
      gint64 at = (gint64) change->at - shift;
      gint64 low = MAX (at, (gint64) first);
      gint64 high = MIN (at + change->n_removed, (gint64) last + 1);

      if (high > low)
        churn += (guint) (high - low);
      if (at >= first && at <= last)
        churn += change->n_added;
      shift += (gint64) change->n_added - change->n_removed;
    }
  return churn;
}
