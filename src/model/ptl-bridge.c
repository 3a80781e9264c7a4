/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Brings values from other threads to the main context. */
#include "config.h"

#include "model/ptl-bridge-private.h"

#include <pthread.h>

/* After GTK has drawn, before what is really idle. */
#define BRIDGE_PRIORITY (G_PRIORITY_HIGH_IDLE + 30)

typedef struct
{
  PtlBridgeFunc  func;
  gpointer       payload;
  GDestroyNotify free_payload;
  gpointer       data;
  GDestroyNotify free_data;
} Item;

struct _PtlBridge
{
  GMainContext   *context;
  GSource        *source; /* the main thread's, while one is attached; under the lock */
  pthread_mutex_t lock;
  GArray         *items;
};

static void
free_items (GArray *items)
{
  for (guint i = 0; i < items->len; i++)
    {
      Item *item = &g_array_index (items, Item, i);

      item->free_payload (item->payload);
      if (item->free_data != NULL)
        item->free_data (item->data);
    }
  g_array_unref (items);
}

static gboolean
on_source_cb (gpointer data)
{
  PtlBridge *bridge = data;
  GArray *items;

  pthread_mutex_lock (&bridge->lock);
  items = bridge->items;
  bridge->items = g_array_new (FALSE, FALSE, sizeof (Item));
  g_clear_pointer (&bridge->source, g_source_unref);
  pthread_mutex_unlock (&bridge->lock);

  /* The last thing that is done with the bridge: a callback may end with closing it only when the
   * object that owns it is kept alive by the caller. */
  for (guint i = 0; i < items->len; i++)
    {
      Item *item = &g_array_index (items, Item, i);

      item->func (item->payload, item->data);
    }
  g_array_unref (items);
  return G_SOURCE_REMOVE;
}

PtlBridge *
ptl_bridge_new (void)
{
  PtlBridge *bridge = g_new0 (PtlBridge, 1);

  bridge->context = g_main_context_ref_thread_default ();
  bridge->items = g_array_new (FALSE, FALSE, sizeof (Item));
  pthread_mutex_init (&bridge->lock, NULL);
  return bridge;
}

void
ptl_bridge_post (PtlBridge     *bridge,
                 PtlBridgeFunc  func,
                 gpointer       payload,
                 GDestroyNotify free_payload,
                 gpointer       data,
                 GDestroyNotify free_data)
{
  Item item = { func, payload, free_payload, data, free_data };

  pthread_mutex_lock (&bridge->lock);
  g_array_append_val (bridge->items, item);
  if (bridge->source == NULL)
    {
      bridge->source = g_idle_source_new ();
      g_source_set_priority (bridge->source, BRIDGE_PRIORITY);
      g_source_set_callback (bridge->source, on_source_cb, bridge, NULL);
      g_source_attach (bridge->source, bridge->context);
    }
  pthread_mutex_unlock (&bridge->lock);
}

void
ptl_bridge_close (PtlBridge *bridge)
{
  if (bridge == NULL)
    return;
  if (bridge->source != NULL)
    {
      g_source_destroy (bridge->source);
      g_source_unref (bridge->source);
    }
  free_items (bridge->items);
  pthread_mutex_destroy (&bridge->lock);
  g_main_context_unref (bridge->context);
  g_free (bridge);
}
