/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Peers come, change, and leave when there are too many. */
#include "config.h"

#include "model/ptl-peer-list.h"

#include <errno.h>
#include <string.h>

#include <arpa/inet.h>

/* A mirror that follows items-changed only: it is right if the changes are. */
typedef struct
{
  GPtrArray *items;
  unsigned   n_signals;
} Mirror;

static void
on_items_changed_cb (GListModel *model,
                     guint       position,
                     guint       removed,
                     guint       added,
                     gpointer    data)
{
  Mirror *mirror = data;

  mirror->n_signals++;
  g_assert_cmpuint (position + removed, <=, mirror->items->len);
  if (removed > 0)
    g_ptr_array_remove_range (mirror->items, position, removed);
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (mirror->items, (int) (position + i),
                        g_list_model_get_item (model, position + i));
}

static Mirror *
mirror_new (GListModel *model)
{
  Mirror *mirror = g_new0 (Mirror, 1);

  mirror->items = g_ptr_array_new_with_free_func (g_object_unref);
  g_signal_connect (model, "items-changed", G_CALLBACK (on_items_changed_cb), mirror);
  return mirror;
}

static void
mirror_check (Mirror     *mirror,
              GListModel *model)
{
  g_assert_cmpuint (mirror->items->len, ==, g_list_model_get_n_items (model));
  for (guint i = 0; i < mirror->items->len; i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (model, i);

      g_assert_true (item == g_ptr_array_index (mirror->items, i));
    }
  g_assert_null (g_list_model_get_item (model, mirror->items->len));
}

static void
mirror_free (Mirror     *mirror,
             GListModel *model)
{
  g_signal_handlers_disconnect_by_data (model, mirror);
  g_ptr_array_unref (mirror->items);
  g_free (mirror);
}

static PtlPeerInfo
make_info (uint32_t     number,
           PtlPeerState state,
           uint64_t     rx_bytes)
{
  PtlPeerInfo info = { .peer = number, .state = state, .rx_bytes = rx_bytes };

  info.address.len = sizeof info.address.in;
  info.address.in.sin_family = AF_INET;
  info.address.in.sin_port = htons ((uint16_t) (number % 65535 + 1));
  info.address.in.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  return info;
}

static void
on_notify_cb (GObject    *object,
              GParamSpec *pspec,
              gpointer    data)
{
  GString *names = data;

  g_string_append_printf (names, "%s ", pspec->name);
}

static void
test_update (void)
{
  g_autoptr (PtlPeerList) list = ptl_peer_list_new ();
  Mirror *mirror = mirror_new (G_LIST_MODEL (list));
  PtlPeerInfo infos[3] = { make_info (1, PTL_PEER_OPEN, 0), make_info (2, PTL_PEER_OPEN, 0),
                           make_info (1, PTL_PEER_OPEN, 5) };
  g_autoptr (PtlPeer) peer = NULL;
  g_autoptr (GString) names = g_string_new (NULL);
  g_autofree char *address = NULL;
  g_autofree char *state = NULL;
  g_autofree char *rx = NULL;
  gboolean is_open;

  /* One signal for all that is new; one that comes twice is one row. */
  ptl_peer_list_update (list, infos, 3);
  g_assert_cmpuint (mirror->n_signals, ==, 1);
  mirror_check (mirror, G_LIST_MODEL (list));
  g_assert_cmpuint (mirror->items->len, ==, 2);
  ptl_peer_list_update (list, NULL, 0);
  g_assert_cmpuint (mirror->n_signals, ==, 1);

  peer = ptl_peer_list_find (list, 1);
  g_assert_nonnull (peer);
  g_assert_cmpuint (ptl_peer_get_number (peer), ==, 1);
  g_assert_cmpuint (ptl_peer_get_info (peer)->rx_bytes, ==, 5);
  g_assert_null (ptl_peer_list_find (list, 3));
  address = ptl_peer_dup_address (peer);
  g_assert_cmpstr (address, ==, "127.0.0.1:2");

  /* Only what changed is told, without a change of the list. */
  g_signal_connect (peer, "notify", G_CALLBACK (on_notify_cb), names);
  infos[0] = make_info (1, PTL_PEER_OPEN, 1500);
  ptl_peer_list_update (list, infos, 1);
  g_assert_cmpstr (names->str, ==, "rx-text ");
  g_string_truncate (names, 0);
  infos[0] = make_info (1, PTL_PEER_RESET, 1500);
  infos[0].sys_errno = ECONNRESET;
  ptl_peer_list_update (list, infos, 1);
  g_assert_cmpstr (names->str, ==, "state-text open ");
  g_assert_cmpuint (mirror->n_signals, ==, 1);
  g_object_get (peer, "state-text", &state, "rx-text", &rx, "open", &is_open, NULL);
  g_assert_cmpstr (state, ==, "Reset: Connection reset by peer (ECONNRESET)");
  g_assert_cmpstr (rx, ==, "1.5\302\240kB");
  g_assert_false (is_open);
  mirror_free (mirror, G_LIST_MODEL (list));
}

static void
test_limit (void)
{
  g_autoptr (PtlPeerList) list = ptl_peer_list_new ();
  Mirror *mirror = mirror_new (G_LIST_MODEL (list));
  g_autofree PtlPeerInfo *infos = g_new (PtlPeerInfo, PTL_PEER_LIST_MAX);
  PtlPeerInfo one;
  guint n;

  /* Full; those with odd numbers are over. */
  for (uint32_t i = 0; i < PTL_PEER_LIST_MAX; i++)
    infos[i] = make_info (i + 1, i % 2 == 0 ? PTL_PEER_CLOSED : PTL_PEER_OPEN, 0);
  ptl_peer_list_update (list, infos, PTL_PEER_LIST_MAX);
  n = g_list_model_get_n_items (G_LIST_MODEL (list));
  g_assert_cmpuint (n, ==, PTL_PEER_LIST_MAX);

  /* One more: the oldest that are over make room. */
  one = make_info (PTL_PEER_LIST_MAX + 1, PTL_PEER_OPEN, 0);
  ptl_peer_list_update (list, &one, 1);
  g_assert_cmpuint (mirror->n_signals, ==, 3);
  mirror_check (mirror, G_LIST_MODEL (list));
  g_assert_cmpuint (mirror->items->len, ==, PTL_PEER_LIST_MAX - PTL_PEER_LIST_MAX / 16 + 1);
  g_assert_null (ptl_peer_list_find (list, 1));
  for (uint32_t i = 1; i < PTL_PEER_LIST_MAX; i += 2)
    {
      PtlPeer *peer = ptl_peer_list_find (list, i + 1);

      g_assert_nonnull (peer); /* open ones stay */
      g_object_unref (peer);
    }

  /* More at once than fit: the last ones are there. */
  for (uint32_t i = 0; i < PTL_PEER_LIST_MAX; i++)
    infos[i] = make_info (1000000 + i, PTL_PEER_OPEN, 0);
  ptl_peer_list_update (list, infos, PTL_PEER_LIST_MAX);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, PTL_PEER_LIST_MAX);
  mirror_check (mirror, G_LIST_MODEL (list));
  g_assert_null (ptl_peer_list_find (list, 2));
  g_assert_cmpuint (ptl_peer_get_number (g_ptr_array_index (mirror->items, PTL_PEER_LIST_MAX - 1)),
                    ==,
                    1000000 + PTL_PEER_LIST_MAX - 1);
  mirror_free (mirror, G_LIST_MODEL (list));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/peer-list/update", test_update);
  g_test_add_func ("/peer-list/limit", test_limit);
  return g_test_run ();
}
