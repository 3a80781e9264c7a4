/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of one interface: what is to be said of it, and its counters. */
#include "config.h"

#include "model/ptl-network-items.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "model/ptl-network-text.h"

static const PtlTableColumn fact_columns[] = {
  { "property", N_("Property"), 16, PTL_TABLE_FIXED_ORDER | PTL_TABLE_DIM },
  { "value", N_("Value"), 0, PTL_TABLE_FIXED_ORDER },
};

static const PtlTableColumn counter_columns[] = {
  { "counter", N_("Counter"), 0, PTL_TABLE_FIXED_ORDER | PTL_TABLE_DIM },
  { "received", N_("Received"), 16, PTL_TABLE_FIXED_ORDER | PTL_TABLE_NUMERIC },
  { "sent", N_("Sent"), 16, PTL_TABLE_FIXED_ORDER | PTL_TABLE_NUMERIC },
};

static char *
dup_fact_cell (gconstpointer value,
               guint         column)
{
  const PtlFactItem *item = value;

  return g_strdup (column == 0 ? item->title
                   : item->values[column - 1] != NULL ? item->values[column - 1] : "");
}

static char *
dup_counter_value (gconstpointer value,
                   guint         column)
{
  const PtlFactItem *item = value;
  GString *digits;

  if (column == 0 || item->values[column - 1] == NULL)
    return NULL;
  /* Without what groups them. */
  digits = g_string_new (NULL);
  for (const char *c = item->values[column - 1]; *c != '\0'; c++)
    if (g_ascii_isdigit (*c))
      g_string_append_c (digits, *c);
  return g_string_free (digits, FALSE);
}

static PtlTableTone
get_fact_tone (gconstpointer value,
               guint         column)
{
  return column > 0 ? ((const PtlFactItem *) value)->tone : PTL_TABLE_PLAIN;
}

static guint
hash_fact (gconstpointer value)
{
  return g_str_hash (((const PtlFactItem *) value)->key);
}

static gboolean
is_same_fact (gconstpointer a,
              gconstpointer b)
{
  return strcmp (((const PtlFactItem *) a)->key, ((const PtlFactItem *) b)->key) == 0;
}

static gboolean
is_equal_fact (gconstpointer a,
               gconstpointer b)
{
  const PtlFactItem *first = a;
  const PtlFactItem *second = b;

  return first->tone == second->tone && g_strcmp0 (first->values[0], second->values[0]) == 0
         && g_strcmp0 (first->values[1], second->values[1]) == 0;
}

static void
free_fact (gpointer value)
{
  PtlFactItem *item = value;

  g_free (item->values[0]);
  g_free (item->values[1]);
  g_free (item);
}

PtlNetTable *
ptl_fact_table_new (void)
{
  static const PtlNetTableKind kind = {
    .columns = fact_columns, .n_columns = G_N_ELEMENTS (fact_columns),
    .dup_cell = dup_fact_cell, .get_tone = get_fact_tone, .hash = hash_fact,
    .is_same = is_same_fact, .is_equal = is_equal_fact, .free_value = free_fact,
  };

  return ptl_net_table_new (&kind);
}

PtlNetTable *
ptl_counter_table_new (void)
{
  static const PtlNetTableKind kind = {
    .columns = counter_columns, .n_columns = G_N_ELEMENTS (counter_columns),
    .dup_cell = dup_fact_cell, .dup_value = dup_counter_value, .get_tone = get_fact_tone,
    .hash = hash_fact, .is_same = is_same_fact, .is_equal = is_equal_fact,
    .free_value = free_fact,
  };

  return ptl_net_table_new (&kind);
}

/* Takes @first and @second; without a text there is no row. */
static PtlFactItem *
add (GPtrArray  *values,
     const char *key,
     const char *title,
     char       *first,
     char       *second)
{
  PtlFactItem *item;

  if (first == NULL || first[0] == '\0')
    {
      g_clear_pointer (&first, g_free);
      if (second == NULL)
        return NULL;
    }
  item = g_new0 (PtlFactItem, 1);
  item->key = key;
  item->title = title;
  item->values[0] = first;
  item->values[1] = second;
  g_ptr_array_add (values, item);
  return item;
}

void
ptl_fact_add (GPtrArray    *values,
              const char   *key,
              const char   *title,
              char         *value,
              PtlTableTone  tone)
{
  PtlFactItem *item = add (values, key, title, value, NULL);

  if (item != NULL)
    item->tone = tone;
}

static char *
dup_mtu (const PtlLink *link)
{
  if (link->max_mtu > 0)
    /* Translators: an MTU, and what it may be */
    return g_strdup_printf (_("%u (from %u to %u)"), link->mtu, link->min_mtu, link->max_mtu);
  return g_strdup_printf ("%u", link->mtu);
}

static char *
dup_carrier (const PtlLink *link)
{
  const char *text = link->carrier == PTL_CARRIER_ON    ? _("yes")
                     : link->carrier == PTL_CARRIER_OFF ? _("no")
                                                        : _("not told");

  if (link->carrier_changes == 0)
    return g_strdup (text);
  return g_strdup_printf (ngettext ("%s, changed once", "%s, changed %u times",
                                    link->carrier_changes), text, link->carrier_changes);
}

static char *
dup_parent (const PtlLink *link,
            const char    *parent)
{
  if (link->parent == 0)
    return NULL;
  if (link->parent_netns >= 0)
    return g_strdup_printf (_("number %d in another network namespace (%d)"), link->parent,
                            link->parent_netns);
  return g_strdup (parent);
}

void
ptl_fact_table_fill (PtlNetTable            *self,
                     const PtlInterfaceItem *item,
                     const char             *master,
                     const char             *parent)
{
  g_autoptr (GPtrArray) values = g_ptr_array_new ();
  const PtlLink *link;
  PtlFactItem *fact;
  g_autofree char *qdisc = NULL;
  PtlTableTone tone;
  char *state;

  if (item == NULL)
    {
      ptl_net_table_update (self, values);
      return;
    }
  link = &item->interface->link;
  qdisc = ptl_network_text_name (link->qdisc);
  add (values, "name", _("Name"), ptl_network_text_name (link->name), NULL);
  add (values, "other-names", _("Other names"), ptl_network_text_name (link->alt_names), NULL);
  add (values, "alias", _("Description"), ptl_network_text_name (link->alias), NULL);
  add (values, "kind", _("Kind"), ptl_network_text_long_kind (link), NULL);
  state = ptl_network_text_state (link, &tone);
  fact = add (values, "state", _("State"), state, NULL);
  fact->tone = tone;
  add (values, "carrier", _("Carrier"), dup_carrier (link), NULL);
  add (values, "mac", _("MAC address"),
       ptl_network_text_hardware (link->hardware, link->hardware_len), NULL);
  add (values, "permanent-mac", _("Permanent MAC"),
       ptl_network_text_hardware (link->permanent, link->permanent_len), NULL);
  add (values, "broadcast-mac", _("Broadcast MAC"),
       ptl_network_text_hardware (link->broadcast, link->broadcast_len), NULL);
  add (values, "mtu", _("MTU"), dup_mtu (link), NULL);
  add (values, "speed", _("Speed"), ptl_network_text_speed (link), NULL);
  add (values, "driver", _("Driver"), ptl_network_text_name (link->driver), NULL);
  add (values, "device", _("Device"), ptl_network_text_name (link->bus), NULL);
  add (values, "master", _("Part of"), link->master != 0 ? g_strdup (master) : NULL, NULL);
  add (values, "parent", link->class == PTL_INTERFACE_VETH ? _("Other end") : _("On top of"),
       dup_parent (link, parent), NULL);
  add (values, "queue", _("Queue"),
       /* Translators: the queueing discipline, and how many packets it holds */
       g_strdup_printf (ngettext ("%s, %u packet", "%s, %u packets", link->queue_len),
                        qdisc, link->queue_len), NULL);
  add (values, "flags", _("Flags"), ptl_network_text_flags (link->flags), NULL);
  add (values, "index", _("Index"), g_strdup_printf ("%d", link->index), NULL);
  ptl_net_table_update (self, values);
}

void
ptl_counter_table_fill (PtlNetTable            *self,
                        const PtlInterfaceItem *item)
{
  g_autoptr (GPtrArray) values = g_ptr_array_new ();

  if (item != NULL && item->has_counters)
    {
      const struct rtnl_link_stats64 *s = &item->stats;
      const struct
      {
        const char *key;
        const char *title;
        guint64     rx;
        guint64     tx;
        gboolean    always; /* also when there were none */
        int         one_way; /* 1: only received, 2: only sent */
        gboolean    bad;
      } counters[] = {
        { "bytes", _("Bytes"), s->rx_bytes, s->tx_bytes, TRUE, 0, FALSE },
        { "packets", _("Packets"), s->rx_packets, s->tx_packets, TRUE, 0, FALSE },
        { "errors", _("Errors"), s->rx_errors, s->tx_errors, TRUE, 0, TRUE },
        { "dropped", _("Dropped"), s->rx_dropped, s->tx_dropped, TRUE, 0, TRUE },
        { "multicast", _("Multicast"), s->multicast, 0, TRUE, 1, FALSE },
        { "missed", _("Missed"), s->rx_missed_errors, 0, FALSE, 1, TRUE },
        { "length", _("Wrong length"), s->rx_length_errors, 0, FALSE, 1, TRUE },
        { "ring", _("Ring overruns"), s->rx_over_errors, 0, FALSE, 1, TRUE },
        { "crc", _("Checksum errors"), s->rx_crc_errors, 0, FALSE, 1, TRUE },
        { "frame", _("Frame errors"), s->rx_frame_errors, 0, FALSE, 1, TRUE },
        { "fifo", _("FIFO errors"), s->rx_fifo_errors, s->tx_fifo_errors, FALSE, 0, TRUE },
        { "no-handler", _("Nobody wanted"), s->rx_nohandler, 0, FALSE, 1, FALSE },
        { "collisions", _("Collisions"), 0, s->collisions, FALSE, 2, TRUE },
        { "aborted", _("Aborted"), 0, s->tx_aborted_errors, FALSE, 2, TRUE },
        { "carrier", _("Carrier lost"), 0, s->tx_carrier_errors, FALSE, 2, TRUE },
        { "heartbeat", _("Heartbeat errors"), 0, s->tx_heartbeat_errors, FALSE, 2, TRUE },
        { "window", _("Window errors"), 0, s->tx_window_errors, FALSE, 2, TRUE },
      };

      for (size_t i = 0; i < G_N_ELEMENTS (counters); i++)
        {
          PtlFactItem *fact;

          if (!counters[i].always && counters[i].rx == 0 && counters[i].tx == 0)
            continue;
          fact = add (values, counters[i].key, counters[i].title,
                      counters[i].one_way != 2 ? ptl_network_text_count (counters[i].rx) : NULL,
                      counters[i].one_way != 1 ? ptl_network_text_count (counters[i].tx) : NULL);
          if (counters[i].bad && (counters[i].rx > 0 || counters[i].tx > 0))
            fact->tone = PTL_TABLE_WARNING;
        }
    }
  ptl_net_table_update (self, values);
}
