/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Open sockets as a list: that only what has changed is told, and what is read here. */
#include "config.h"

#include "model/ptl-open-sockets.h"

#include <string.h>

#include <glib/gstdio.h>

#include "host/ptl-sock-diag-private.h"
#include "model/ptl-places.h"

#define ME 1000

/* --- changes ---------------------------------------------------------------------------------- */

/* Sockets with these keys, in this order of ports. */
static PtlSocketSnapshot *
make_keys (const uint64_t *keys,
           size_t          n)
{
  PtlSocks *socks = ptl_socks_new ();

  for (size_t i = 0; i < n; i++)
    {
      PtlSock sock = { .key = keys[i], .inode = (uint32_t) keys[i], .kind = PTL_SOCK_TCP,
                       .state = PTL_SOCK_LISTEN, .family = AF_INET,
                       .local_port = (uint16_t) (i + 1) };

      ptl_socks_add (socks, &sock);
    }
  ptl_socks_finish (socks);
  return ptl_socket_snapshot_new (socks, g_new0 (PtlOwners, 1), ME);
}

static void
test_compare (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  for (unsigned round = 0; round < 2000; round++)
    {
      uint64_t from[300], to[300];
      size_t n_from = (size_t) g_rand_int_range (rand, 0, round < 1000 ? 12 : 300);
      size_t n_to = 0, kept = 0;
      g_autoptr (PtlSocketSnapshot) old_sockets = NULL;
      g_autoptr (PtlSocketSnapshot) new_sockets = NULL;
      g_autoptr (PtlSocketView) old = NULL;
      g_autoptr (PtlSocketView) view = NULL;
      g_autoptr (GArray) changes = NULL;
      g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (uint64_t));
      PtlSocketOrder order = { (char *) "", PTL_SOCKET_ALL, -1, false };
      guint told = 0;

      for (size_t i = 0; i < n_from; i++)
        from[i] = i + 1;
      for (size_t i = 0; i < n_from; i++)
        if (g_rand_int_range (rand, 0, 10) > 0)
          to[n_to++] = from[i];
      for (int i = g_rand_int_range (rand, 0, 4); i > 0 && n_to > 1; i--)
        {
          size_t a = (size_t) g_rand_int_range (rand, 0, (gint32) n_to);
          size_t b = (size_t) g_rand_int_range (rand, 0, (gint32) n_to);
          uint64_t t = to[a];

          to[a] = to[b];
          to[b] = t;
        }
      for (int i = g_rand_int_range (rand, 0, 4); i > 0 && n_to < 300; i--)
        to[n_to++] = 1000 + (uint64_t) i;
      old_sockets = make_keys (from, n_from);
      new_sockets = make_keys (to, n_to);
      old = ptl_socket_view_new (old_sockets, &order);
      view = ptl_socket_view_new (new_sockets, &order);
      changes = ptl_socket_view_compare (old, view);
      g_assert_cmpuint (changes->len, <=, PTL_SOCKET_CHANGES_MAX);

      g_array_append_vals (list, from, (guint) n_from);
      for (guint i = 0; i < changes->len; i++)
        {
          const PtlSocketChange *change = &g_array_index (changes, PtlSocketChange, i);

          g_assert_cmpuint (change->n_removed + change->n_added, >, 0);
          g_assert_cmpuint (change->at, >=, told);
          g_assert_cmpuint (change->at + change->n_removed, <=, list->len);
          g_array_remove_range (list, change->at, change->n_removed);
          if (change->n_added > 0)
            g_array_insert_vals (list, change->at, &to[change->at], change->n_added);
          told = change->at + change->n_added;
          kept += change->n_removed;
        }
      g_assert_cmpuint (list->len, ==, n_to);
      g_assert_cmpint (n_to == 0 ? 0 : memcmp (list->data, to, n_to * sizeof *to), ==, 0);
      if (n_from == n_to && n_to > 0 && memcmp (from, to, n_to * sizeof *to) == 0)
        g_assert_cmpuint (changes->len, ==, 0);
    }
}

/* --- the list --------------------------------------------------------------------------------- */

typedef struct
{
  PtlOpenSockets *list;
  GPtrArray      *rows;   /* as a view has them: up to so many, with a reference */
  guint           n;
  guint           n_items_changed;
  guint           n_changed;
  guint           n_gone;   /* the most rows that went at once */
  gboolean        updated;
} Watch;

#define WATCHED 60

static void
on_changed_cb (PtlSocketRow *row,
               Watch        *watch)
{
  watch->n_changed++;
}

/* What a list view does: lets go of the rows that went, asks for those that came. */
static void
on_items_changed_cb (GListModel *model,
                     guint       at,
                     guint       removed,
                     guint       added,
                     Watch      *watch)
{
  watch->n_items_changed++;
  g_assert_cmpuint (at + removed, <=, watch->n);
  watch->n += added - removed;
  g_assert_cmpuint (watch->n, ==, g_list_model_get_n_items (model));
  if (at < watch->rows->len)
    watch->n_gone = MAX (watch->n_gone, MIN (removed, watch->rows->len - at));
  for (guint i = 0; i < removed && at < watch->rows->len; i++)
    {
      g_signal_handlers_disconnect_by_data (g_ptr_array_index (watch->rows, at), watch);
      g_ptr_array_remove_index (watch->rows, at);
    }
  for (guint i = at; i < at + added && i <= watch->rows->len && i < WATCHED; i++)
    {
      gpointer row = g_list_model_get_item (model, i);

      g_signal_connect (row, "changed", G_CALLBACK (on_changed_cb), watch);
      g_ptr_array_insert (watch->rows, (int) i, row);
    }
  while (watch->rows->len < MIN (watch->n, WATCHED))
    {
      gpointer row = g_list_model_get_item (model, watch->rows->len);

      g_signal_connect (row, "changed", G_CALLBACK (on_changed_cb), watch);
      g_ptr_array_add (watch->rows, row);
    }
  while (watch->rows->len > WATCHED)
    {
      g_signal_handlers_disconnect_by_data (g_ptr_array_index (watch->rows, WATCHED), watch);
      g_ptr_array_remove_index (watch->rows, WATCHED);
    }
}

static void
on_updated_cb (Watch *watch)
{
  watch->updated = TRUE;
}

static void
wait_updated (Watch *watch)
{
  while (!watch->updated || !ptl_open_sockets_is_settled (watch->list))
    g_main_context_iteration (NULL, TRUE);
  watch->updated = FALSE;
}

static void
open_watch (Watch *watch)
{
  *watch = (Watch) { .list = ptl_open_sockets_new (),
                     .rows = g_ptr_array_new_with_free_func (g_object_unref) };
  g_signal_connect (watch->list, "items-changed", G_CALLBACK (on_items_changed_cb), watch);
  g_signal_connect_swapped (watch->list, "updated", G_CALLBACK (on_updated_cb), watch);
}

static void
close_watch (Watch *watch)
{
  g_signal_handlers_disconnect_by_data (watch->list, watch);
  for (guint i = 0; i < watch->rows->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (watch->rows, i), watch);
  g_ptr_array_unref (watch->rows);
  g_object_unref (watch->list);
}

static void
assert_keys (Watch          *watch,
             const uint64_t *keys,
             size_t          n)
{
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (watch->list)), ==, n);
  for (size_t i = 0; i < n; i++)
    {
      g_autoptr (PtlSocketRow) row = g_list_model_get_item (G_LIST_MODEL (watch->list), (guint) i);

      g_assert_cmpuint (ptl_socket_row_get_key (row), ==, keys[i]);
      if (i < watch->rows->len)
        g_assert_true (g_ptr_array_index (watch->rows, i) == row);
      if (i % 50 == 0)
        g_assert_cmpuint (ptl_open_sockets_find (watch->list, keys[i]), ==, i);
    }
}

/* Between two steps. */
static void
assert_blank_behind (Watch *watch,
                     guint  n)
{
  GListModel *model = G_LIST_MODEL (watch->list);
  PtlTable *table = PTL_TABLE (watch->list);
  g_autofree char *csv = ptl_table_export (table, PTL_TABLE_CSV);
  g_auto (GStrv) lines = g_strsplit (csv, "\r\n", -1);

  g_assert_cmpuint (g_list_model_get_n_items (model), >, n);
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (PtlSocketRow) row = g_list_model_get_item (model, i);
      g_autofree char *cell = ptl_table_dup_cell (table, row, PTL_SOCKET_PORT);
      PtlTableTone tone = ptl_table_get_tone (table, row, PTL_SOCKET_STATE);

      g_assert_cmpint (ptl_socket_row_is_blank (row), ==, i >= n);
      g_assert_cmpint (*cell == '\0', ==, i >= n);
      g_assert_cmpint (tone, ==, i >= n ? PTL_TABLE_PLAIN : PTL_TABLE_GOOD);
    }
  /* The names of the columns, the rows, and the end of the last. */
  g_assert_cmpuint (g_strv_length (lines), ==, n + 2);
}

static void
test_few_changes (void)
{
  uint64_t keys[400];
  Watch watch;
  gpointer fifth, seventh;

  open_watch (&watch);
  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    keys[i] = i + 1;
  ptl_open_sockets_take (watch.list, make_keys (keys, 400));
  wait_updated (&watch);
  assert_keys (&watch, keys, 400);

  /* The same once more: nothing is told. */
  watch.n_items_changed = watch.n_changed = 0;
  ptl_open_sockets_take (watch.list, make_keys (keys, 400));
  wait_updated (&watch);
  g_assert_cmpuint (watch.n_items_changed, ==, 0);
  g_assert_cmpuint (watch.n_changed, ==, 0);

  /* One goes, one comes: two changes, and the rows between them stay what they are. */
  fifth = g_ptr_array_index (watch.rows, 5);
  seventh = g_ptr_array_index (watch.rows, 7);
  memmove (&keys[6], &keys[7], 393 * sizeof *keys);
  keys[399] = 5000;
  ptl_open_sockets_take (watch.list, make_keys (keys, 400));
  wait_updated (&watch);
  g_assert_cmpuint (watch.n_items_changed, ==, 2);
  assert_keys (&watch, keys, 400);
  g_assert_true (g_ptr_array_index (watch.rows, 5) == fifth);
  g_assert_true (g_ptr_array_index (watch.rows, 6) == seventh);
  close_watch (&watch);
}

/* Another search: the rows of the list stay, and stand for others. */
static void
test_many_changes (void)
{
  uint64_t keys[3000];
  Watch watch;
  gpointer first;

  open_watch (&watch);
  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    keys[i] = i + 1;
  ptl_open_sockets_take (watch.list, make_keys (keys, G_N_ELEMENTS (keys)));
  wait_updated (&watch);
  assert_keys (&watch, keys, G_N_ELEMENTS (keys));
  first = g_ptr_array_index (watch.rows, 0);

  ptl_open_sockets_set_query (watch.list, "1001-2000");
  wait_updated (&watch);
  g_assert_cmpuint (ptl_open_sockets_get_n_found (watch.list), ==, 1000);
  g_assert_cmpuint (ptl_open_sockets_get_n_all (watch.list), ==, 3000);
  assert_keys (&watch, keys + 1000, 1000);
  g_assert_true (g_ptr_array_index (watch.rows, 0) == first);

  watch.n_changed = 0;
  ptl_table_sort (PTL_TABLE (watch.list), PTL_SOCKET_PORT, TRUE);
  wait_updated (&watch);
  g_assert_cmpuint (watch.n_changed, ==, WATCHED);
  ptl_table_sort (PTL_TABLE (watch.list), -1, FALSE);
  wait_updated (&watch);
  assert_keys (&watch, keys + 1000, 1000);

  /* Few are left: the others go some at a time, and are blank until then. */
  watch.n_gone = 0;
  ptl_open_sockets_set_query (watch.list, "5");
  while (!watch.updated)
    g_main_context_iteration (NULL, TRUE);
  assert_blank_behind (&watch, 1);
  wait_updated (&watch);
  assert_keys (&watch, keys + 4, 1);
  g_assert_cmpuint (watch.n_gone, >, 0);
  g_assert_cmpuint (watch.n_gone, <=, PTL_PLACES_SHRINK_ROWS);

  /* Another search before they have gone: they stand for what it finds. */
  ptl_open_sockets_set_query (watch.list, "");
  wait_updated (&watch);
  ptl_open_sockets_set_query (watch.list, "5");
  while (!watch.updated)
    g_main_context_iteration (NULL, TRUE);
  assert_blank_behind (&watch, 1);
  watch.updated = FALSE;
  ptl_open_sockets_set_query (watch.list, "101-200");
  wait_updated (&watch);
  assert_keys (&watch, keys + 100, 100);
  ptl_open_sockets_set_query (watch.list, "nothing");
  wait_updated (&watch);
  assert_keys (&watch, keys, 0);
  ptl_open_sockets_set_query (watch.list, "");
  wait_updated (&watch);
  assert_keys (&watch, keys, G_N_ELEMENTS (keys));
  /* Two in a row: the last one counts. */
  ptl_open_sockets_set_query (watch.list, "5");
  ptl_open_sockets_set_query (watch.list, "6");
  wait_updated (&watch);
  assert_keys (&watch, keys + 5, 1);
  close_watch (&watch);
}

static void
test_random_changes (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  uint64_t keys[500];
  size_t n = 0;
  uint64_t next = 1;
  Watch watch;

  open_watch (&watch);
  for (unsigned round = 0; round < 150; round++)
    {
      int n_out = g_rand_int_range (rand, 0, round % 10 == 0 ? 300 : 6);
      int n_in = g_rand_int_range (rand, 0, round % 10 == 5 ? 300 : 6);

      for (int i = 0; i < n_out && n > 0; i++)
        {
          size_t at = (size_t) g_rand_int_range (rand, 0, (gint32) n);

          memmove (&keys[at], &keys[at + 1], (n - at - 1) * sizeof *keys);
          n--;
        }
      for (int i = 0; i < n_in && n < G_N_ELEMENTS (keys); i++)
        {
          size_t at = (size_t) g_rand_int_range (rand, 0, (gint32) n + 1);

          memmove (&keys[at + 1], &keys[at], (n - at) * sizeof *keys);
          keys[at] = next++;
          n++;
        }
      ptl_open_sockets_take (watch.list, make_keys (keys, n));
      wait_updated (&watch);
      assert_keys (&watch, keys, n);
    }
  close_watch (&watch);
}

/* --- this computer ---------------------------------------------------------------------------- */

/* An unchanged list of sockets is not worth another look at all processes; a new one is. */
static void
test_reading (void)
{
  struct sockaddr_in loopback = { .sin_family = AF_INET,
                                  .sin_addr.s_addr = g_htonl (INADDR_LOOPBACK) };
  PtlSockQuery query = { .kinds = PTL_SOCK_BIT (PTL_SOCK_UDPLITE), .states = UINT32_MAX };
  g_autoptr (PtlSocketSnapshot) first = NULL;
  g_autoptr (PtlSocketSnapshot) second = NULL;
  g_autoptr (PtlSocketSnapshot) third = NULL;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDPLITE);
  const PtlProcess *process;

  if (fd < 0)
    {
      g_test_skip ("this kernel has no UDP-Lite, of which nobody else has sockets");
      return;
    }
  g_assert_cmpint (bind (fd, (struct sockaddr *) &loopback, sizeof loopback), ==, 0);
  first = ptl_socket_snapshot_read (NULL, &query, NULL);
  g_assert_true (ptl_socket_snapshot_has_looked (first));
  g_assert_cmpuint (ptl_socket_snapshot_get_n (first), ==, 1);
  process = ptl_socket_snapshot_get_process (first, 0);
  g_assert_nonnull (process);
  g_assert_cmpint (process->pid, ==, getpid ());
  second = ptl_socket_snapshot_read (first, &query, NULL);
  g_assert_false (ptl_socket_snapshot_has_looked (second));
  g_assert_nonnull (ptl_socket_snapshot_get_process (second, 0));
  close (fd);
  fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDPLITE);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &loopback, sizeof loopback), ==, 0);
  third = ptl_socket_snapshot_read (second, &query, NULL);
  g_assert_true (ptl_socket_snapshot_has_looked (third));
  g_assert_nonnull (ptl_socket_snapshot_get_process (third, 0));
  close (fd);
}

static void
test_listening (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = g_dir_make_tmp ("ptl-listening-XXXXXX", &error);
  static const struct
  {
    const char *name;
    const char *text;
  } files[] = {
    { "tcp", "  sl  local_address rem_address   st tx_queue rx_queue\n"
             "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1\n"
             "   1: 0100007F:1F91 0100007F:CAFE 01 00000000:00000000 00:00000000 00000000 0 0 2\n"
             "garbage\n   9: 00:\n" },
    { "tcp6", "  sl\n   0: 00000000000000000000000000000000:0050 "
              "00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 "
              "0 3\n" },
    { "udp", "  sl\n  12: 00000000:0043 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 "
             "0 4\n"
             "  13: 00000000:0044 01020304:0035 01 00000000:00000000 00:00000000 00000000 0 0 "
             "5\n" },
  };
  PtlListening here;

  g_assert_no_error (error);
  for (size_t i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (dir, files[i].name, NULL);

      g_assert_true (g_file_set_contents (path, files[i].text, -1, NULL));
    }
  ptl_socket_read_listening (&here, dir);
  g_assert_true (ptl_listening_has (&here, PTL_REGISTRY_TCP, 8080));
  g_assert_false (ptl_listening_has (&here, PTL_REGISTRY_TCP, 8081)); /* connected */
  g_assert_true (ptl_listening_has (&here, PTL_REGISTRY_TCP, 80));
  g_assert_true (ptl_listening_has (&here, PTL_REGISTRY_UDP, 67));
  g_assert_false (ptl_listening_has (&here, PTL_REGISTRY_UDP, 68)); /* connected */
  g_assert_false (ptl_listening_has (&here, PTL_REGISTRY_UDP, 80));
  for (size_t i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (dir, files[i].name, NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  ptl_socket_read_listening (&here, dir);
  g_assert_false (ptl_listening_has (&here, PTL_REGISTRY_TCP, 80));
  g_assert_cmpint (g_rmdir (dir), ==, 0);
}

static void
test_watching (void)
{
  struct sockaddr_in loopback = { .sin_family = AF_INET,
                                  .sin_addr.s_addr = g_htonl (INADDR_LOOPBACK) };
  socklen_t len = sizeof loopback;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_autofree char *query = NULL;
  Watch watch;

  g_assert_cmpint (bind (fd, (struct sockaddr *) &loopback, sizeof loopback), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *) &loopback, &len), ==, 0);
  query = g_strdup_printf ("port:%u", g_ntohs (loopback.sin_port));
  open_watch (&watch);
  ptl_open_sockets_set_query (watch.list, query);
  ptl_open_sockets_set_watching (watch.list, TRUE);
  wait_updated (&watch);
  g_assert_cmpint (listen (fd, 5), ==, 0);
  while (ptl_open_sockets_get_n_found (watch.list) != 1
         || ptl_socket_snapshot_get (ptl_socket_row_get_snapshot (watch.rows->pdata[0]),
                                     ptl_socket_row_get_row (watch.rows->pdata[0]))->state
            != PTL_SOCK_LISTEN)
    wait_updated (&watch);
  close (fd);
  while (ptl_open_sockets_get_n_found (watch.list) > 0)
    wait_updated (&watch);
  ptl_open_sockets_set_watching (watch.list, FALSE);
  close_watch (&watch);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/open-sockets/compare", test_compare);
  g_test_add_func ("/open-sockets/few-changes", test_few_changes);
  g_test_add_func ("/open-sockets/many-changes", test_many_changes);
  g_test_add_func ("/open-sockets/random-changes", test_random_changes);
  g_test_add_func ("/open-sockets/reading", test_reading);
  g_test_add_func ("/open-sockets/listening", test_listening);
  g_test_add_func ("/open-sockets/watching", test_watching);
  return g_test_run ();
}
