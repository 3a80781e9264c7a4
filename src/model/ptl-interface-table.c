/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of interfaces and of their addresses. */
#include "config.h"

#include "model/ptl-network-items.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "model/ptl-network-text.h"

/* --- interfaces ------------------------------------------------------------------------------- */

enum
{
  INTERFACE_NAME,
  INTERFACE_STATE,
  INTERFACE_RX,
  INTERFACE_TX,
  INTERFACE_KIND,
  INTERFACE_ADDRESS,
  INTERFACE_MTU,
  INTERFACE_HARDWARE,
  INTERFACE_SPEED,
  INTERFACE_DRIVER,
  INTERFACE_INDEX,
  INTERFACE_PERMANENT,
  INTERFACE_OTHER_NAMES,
  INTERFACE_FLAGS,
  INTERFACE_RX_BYTES, /* and the other counters, see dup_counter() */
  INTERFACE_RX_PACKETS,
  INTERFACE_RX_ERRORS,
  INTERFACE_RX_DROPPED,
  INTERFACE_TX_BYTES,
  INTERFACE_TX_PACKETS,
  INTERFACE_TX_ERRORS,
  INTERFACE_TX_DROPPED,
  N_INTERFACE_COLUMNS,
  N_INTERFACE_COLUMNS_SHOWN = INTERFACE_HARDWARE /* the details have the others */
};

static const PtlTableColumn interface_columns[N_INTERFACE_COLUMNS] = {
  [INTERFACE_NAME] = { "name", N_("Name"), 12, 0 },
  [INTERFACE_STATE] = { "state", N_("State"), 10, 0 },
  [INTERFACE_RX] = { "rx_bytes_per_s", N_("Received"), 10, PTL_TABLE_NUMERIC },
  [INTERFACE_TX] = { "tx_bytes_per_s", N_("Sent"), 10, PTL_TABLE_NUMERIC },
  [INTERFACE_KIND] = { "kind", N_("Kind"), 10, PTL_TABLE_WIDE_ONLY },
  [INTERFACE_ADDRESS] = { "address", N_("Address"), 0, PTL_TABLE_WIDE_ONLY },
  [INTERFACE_MTU] = { "mtu", N_("MTU"), 7, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
  [INTERFACE_HARDWARE] = { "mac", N_("MAC Address"), 19, PTL_TABLE_WIDE_ONLY },
  [INTERFACE_SPEED] = { "speed_mbps", N_("Speed"), 13, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
  [INTERFACE_DRIVER] = { "driver", N_("Driver"), 11, PTL_TABLE_WIDE_ONLY },
  [INTERFACE_INDEX] = { "index", N_("Index"), 7, PTL_TABLE_NUMERIC },
  [INTERFACE_PERMANENT] = { "permanent_mac", N_("Permanent MAC"), 19, 0 },
  [INTERFACE_OTHER_NAMES] = { "other_names", N_("Other Names"), 16, 0 },
  [INTERFACE_FLAGS] = { "flags", N_("Flags"), 30, 0 },
  [INTERFACE_RX_BYTES] = { "rx_bytes", N_("Bytes Received"), 14, PTL_TABLE_NUMERIC },
  [INTERFACE_RX_PACKETS] = { "rx_packets", N_("Packets Received"), 14, PTL_TABLE_NUMERIC },
  [INTERFACE_RX_ERRORS] = { "rx_errors", N_("Errors Received"), 14, PTL_TABLE_NUMERIC },
  [INTERFACE_RX_DROPPED] = { "rx_dropped", N_("Dropped Received"), 14, PTL_TABLE_NUMERIC },
  [INTERFACE_TX_BYTES] = { "tx_bytes", N_("Bytes Sent"), 14, PTL_TABLE_NUMERIC },
  [INTERFACE_TX_PACKETS] = { "tx_packets", N_("Packets Sent"), 14, PTL_TABLE_NUMERIC },
  [INTERFACE_TX_ERRORS] = { "tx_errors", N_("Errors Sent"), 14, PTL_TABLE_NUMERIC },
  [INTERFACE_TX_DROPPED] = { "tx_dropped", N_("Dropped Sent"), 14, PTL_TABLE_NUMERIC },
};

static char *
dup_counter (const PtlInterfaceItem *item,
             guint                   column)
{
  const struct rtnl_link_stats64 *stats = &item->stats;
  const guint64 counters[] = {
    stats->rx_bytes, stats->rx_packets, stats->rx_errors, stats->rx_dropped,
    stats->tx_bytes, stats->tx_packets, stats->tx_errors, stats->tx_dropped,
  };

  return item->has_counters ? g_strdup_printf ("%" G_GUINT64_FORMAT,
                                               counters[column - INTERFACE_RX_BYTES])
                            : g_strdup ("");
}

/* Its first one of global scope, or the first. */
static char *
dup_first_address (const PtlInterface *interface)
{
  const PtlInterfaceAddress *chosen = NULL;
  g_autofree char *text = NULL;

  for (unsigned i = 0; i < interface->n_addresses; i++)
    if (chosen == NULL || interface->addresses[i].scope < chosen->scope)
      chosen = &interface->addresses[i];
  if (chosen == NULL)
    return g_strdup ("");
  text = ptl_network_text_prefix (chosen->family, chosen->address, chosen->prefix_len);
  if (interface->n_addresses == 1)
    return g_steal_pointer (&text);
  /* Translators: an address, and how many more there are */
  return g_strdup_printf (_("%s + %u"), text, interface->n_addresses - 1);
}

static char *
dup_interface_cell (gconstpointer value,
                    guint         column)
{
  const PtlInterfaceItem *item = value;
  const PtlLink *link = &item->interface->link;

  switch (column)
    {
    case INTERFACE_NAME:
      return ptl_network_text_name (link->name);

    case INTERFACE_STATE:
      return ptl_network_text_state (link, NULL);

    case INTERFACE_RX:
      return item->has_rates ? ptl_network_text_rate (item->rx_rate) : g_strdup ("");

    case INTERFACE_TX:
      return item->has_rates ? ptl_network_text_rate (item->tx_rate) : g_strdup ("");

    case INTERFACE_KIND:
      return ptl_network_text_kind (link);

    case INTERFACE_ADDRESS:
      return dup_first_address (item->interface);

    case INTERFACE_MTU:
      return g_strdup_printf ("%u", link->mtu);

    case INTERFACE_HARDWARE:
      return ptl_network_text_hardware (link->hardware, link->hardware_len);

    case INTERFACE_SPEED:
      return ptl_network_text_speed (link);

    case INTERFACE_DRIVER:
      return ptl_network_text_name (link->driver);

    case INTERFACE_INDEX:
      return g_strdup_printf ("%d", link->index);

    case INTERFACE_PERMANENT:
      return ptl_network_text_hardware (link->permanent, link->permanent_len);

    case INTERFACE_OTHER_NAMES:
      return ptl_network_text_name (link->alt_names);

    case INTERFACE_FLAGS:
      return ptl_network_text_flags (link->flags);

    default:
      return dup_counter (item, column);
    }
}

static char *
dup_interface_value (gconstpointer value,
                     guint         column)
{
  const PtlInterfaceItem *item = value;

  switch (column)
    {
    case INTERFACE_RX:
    case INTERFACE_TX:
      if (!item->has_rates)
        return g_strdup ("");
      return g_strdup_printf ("%.0f", column == INTERFACE_RX ? item->rx_rate : item->tx_rate);

    case INTERFACE_SPEED:
      return item->interface->link.speed_mbps < 0
               ? g_strdup ("") : g_strdup_printf ("%d", item->interface->link.speed_mbps);

    case INTERFACE_ADDRESS:
      {
        GString *text = g_string_new (NULL);

        for (unsigned i = 0; i < item->interface->n_addresses; i++)
          {
            const PtlInterfaceAddress *address = &item->interface->addresses[i];
            g_autofree char *one = ptl_network_text_prefix (address->family, address->address,
                                                            address->prefix_len);

            g_string_append_printf (text, "%s%s", i > 0 ? " " : "", one);
          }
        return g_string_free (text, FALSE);
      }

    default:
      return NULL;
    }
}

static PtlTableTone
get_interface_tone (gconstpointer value,
                    guint         column)
{
  const PtlInterfaceItem *item = value;
  PtlTableTone tone = PTL_TABLE_PLAIN;

  if (column == INTERFACE_STATE)
    g_free (ptl_network_text_state (&item->interface->link, &tone));
  else if ((item->interface->link.flags & IFF_UP) == 0)
    tone = PTL_TABLE_QUIET;
  return tone;
}

/* "eth2" before "eth10". */
static int
compare_names (const char *a,
               const char *b)
{
  g_autofree char *first = ptl_network_text_name (a);
  g_autofree char *second = ptl_network_text_name (b);
  g_autofree char *first_key = g_utf8_collate_key_for_filename (first, -1);
  g_autofree char *second_key = g_utf8_collate_key_for_filename (second, -1);

  return strcmp (first_key, second_key);
}

static int
compare_interface_items (gconstpointer a,
                         gconstpointer b,
                         guint         column)
{
  const PtlInterfaceItem *first = a;
  const PtlInterfaceItem *second = b;

  switch (column)
    {
    case INTERFACE_NAME:
      return compare_names (first->interface->link.name, second->interface->link.name);

    case INTERFACE_RX:
      return ptl_net_compare_numbers (first->rx_rate, second->rx_rate);

    case INTERFACE_TX:
      return ptl_net_compare_numbers (first->tx_rate, second->tx_rate);

    case INTERFACE_MTU:
      return ptl_net_compare_numbers (first->interface->link.mtu, second->interface->link.mtu);

    case INTERFACE_SPEED:
      return ptl_net_compare_numbers (first->interface->link.speed_mbps,
                                      second->interface->link.speed_mbps);

    default:
      return ptl_net_compare_texts (dup_interface_cell (a, column), dup_interface_cell (b, column));
    }
}

static guint
hash_interface_item (gconstpointer value)
{
  return (guint) ((const PtlInterfaceItem *) value)->interface->link.index;
}

static gboolean
is_same_interface_item (gconstpointer a,
                        gconstpointer b)
{
  return ((const PtlInterfaceItem *) a)->interface->link.index
         == ((const PtlInterfaceItem *) b)->interface->link.index;
}

static gboolean
is_equal_interface_item (gconstpointer a,
                         gconstpointer b)
{
  const PtlInterfaceItem *first = a;
  const PtlInterfaceItem *second = b;

  /* The counters are shown elsewhere, but told through the row all the same. */
  return first->interface == second->interface && first->has_counters == second->has_counters
         && first->has_rates == second->has_rates && first->rx_rate == second->rx_rate
         && first->tx_rate == second->tx_rate
         && memcmp (&first->stats, &second->stats, sizeof first->stats) == 0;
}

static void
free_interface_item (gpointer value)
{
  PtlInterfaceItem *item = value;

  ptl_interface_unref (item->interface);
  g_free (item);
}

#define INTERFACE_KIND_OF(n)                                                                       \
  { .columns = interface_columns, .n_columns = (n), .dup_cell = dup_interface_cell,                \
    .dup_value = dup_interface_value, .get_tone = get_interface_tone,                              \
    .compare = compare_interface_items, .hash = hash_interface_item,                               \
    .is_same = is_same_interface_item, .is_equal = is_equal_interface_item,                        \
    .free_value = free_interface_item }

PtlNetTable *
ptl_interface_table_new (gboolean full)
{
  static const PtlNetTableKind all = INTERFACE_KIND_OF (N_INTERFACE_COLUMNS);
  static const PtlNetTableKind shown = INTERFACE_KIND_OF (N_INTERFACE_COLUMNS_SHOWN);

  return ptl_net_table_new (full ? &all : &shown);
}

/* --- addresses -------------------------------------------------------------------------------- */

enum
{
  ADDRESS_INTERFACE,
  ADDRESS_ADDRESS,
  ADDRESS_SCOPE,
  ADDRESS_FLAGS,
  ADDRESS_VALID,
  ADDRESS_PREFERRED,
  ADDRESS_ZONE,
  ADDRESS_PEER,
  ADDRESS_BROADCAST,
  ADDRESS_LABEL,
  ADDRESS_ORIGIN,
  N_ADDRESS_COLUMNS,
  N_ADDRESS_COLUMNS_SHOWN = ADDRESS_PEER /* for the others there is no room */
};

static const PtlTableColumn address_columns[N_ADDRESS_COLUMNS] = {
  [ADDRESS_INTERFACE] = { "interface", N_("Interface"), 13, 0 },
  [ADDRESS_ADDRESS] = { "address", N_("Address"), 0, 0 },
  [ADDRESS_SCOPE] = { "scope", N_("Scope"), 9, 0 },
  [ADDRESS_FLAGS] = { "flags", N_("State"), 15, 0 },
  [ADDRESS_VALID] = { "valid_s", N_("Valid"), 11, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
  [ADDRESS_PREFERRED] = { "preferred_s", N_("Preferred"), 11,
                          PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
  [ADDRESS_ZONE] = { "zone", N_("Zone"), 10, PTL_TABLE_WIDE_ONLY },
  [ADDRESS_PEER] = { "peer", N_("Other End"), 14, PTL_TABLE_WIDE_ONLY },
  [ADDRESS_BROADCAST] = { "broadcast", N_("Broadcast"), 15, PTL_TABLE_WIDE_ONLY },
  [ADDRESS_LABEL] = { "label", N_("Label"), 12, PTL_TABLE_WIDE_ONLY },
  [ADDRESS_ORIGIN] = { "origin", N_("Made By"), 18, PTL_TABLE_WIDE_ONLY },
};

static gboolean
needs_zone (const PtlInterfaceAddress *address)
{
  return address->family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL (address->address);
}

static char *
dup_address_cell (gconstpointer value,
                  guint         column)
{
  const PtlAddressItem *item = value;
  const PtlInterfaceAddress *address = &item->address;

  switch (column)
    {
    case ADDRESS_INTERFACE:
      return ptl_network_text_name (item->name);

    case ADDRESS_ADDRESS:
      return ptl_network_text_prefix (address->family, address->address, address->prefix_len);

    case ADDRESS_SCOPE:
      return ptl_network_text_scope (address->scope);

    case ADDRESS_FLAGS:
      return ptl_network_text_address_flags (address, NULL);

    case ADDRESS_VALID:
      return ptl_network_text_lifetime (ptl_network_seconds_left (address->valid_s,
                                                                  address->told_ns));

    case ADDRESS_PREFERRED:
      return ptl_network_text_lifetime (ptl_network_seconds_left (address->preferred_s,
                                                                  address->told_ns));

    case ADDRESS_ZONE:
      return needs_zone (address) ? ptl_network_text_name (item->name) : g_strdup ("");

    case ADDRESS_PEER:
      return address->has_peer ? ptl_network_text_host (address->family, address->peer)
                               : g_strdup ("");

    case ADDRESS_BROADCAST:
      return address->has_broadcast ? ptl_network_text_host (AF_INET, address->broadcast)
                                    : g_strdup ("");

    case ADDRESS_LABEL:
      return ptl_network_text_name (address->label);

    case ADDRESS_ORIGIN:
    default:
      return g_strdup (ptl_network_text_origin (address->origin));
    }
}

static char *
dup_address_value (gconstpointer value,
                   guint         column)
{
  const PtlInterfaceAddress *address = &((const PtlAddressItem *) value)->address;
  guint seconds;

  if (column != ADDRESS_VALID && column != ADDRESS_PREFERRED)
    return NULL;
  seconds = ptl_network_seconds_left (column == ADDRESS_VALID ? address->valid_s
                                                              : address->preferred_s,
                                      address->told_ns);
  return seconds == G_MAXUINT32 ? g_strdup ("") : g_strdup_printf ("%u", seconds);
}

static PtlTableTone
get_address_tone (gconstpointer value,
                  guint         column)
{
  PtlTableTone tone;

  g_free (ptl_network_text_address_flags (&((const PtlAddressItem *) value)->address, &tone));
  return column == ADDRESS_FLAGS || tone == PTL_TABLE_QUIET ? tone : PTL_TABLE_PLAIN;
}

static int
compare_address_items (gconstpointer a,
                       gconstpointer b,
                       guint         column)
{
  const PtlAddressItem *first = a;
  const PtlAddressItem *second = b;

  switch (column)
    {
    case ADDRESS_INTERFACE:
      return compare_names (first->name, second->name);

    case ADDRESS_ADDRESS:
      if (first->address.family != second->address.family)
        return first->address.family == AF_INET ? -1 : 1;
      return memcmp (first->address.address, second->address.address, 16);

    case ADDRESS_SCOPE:
      return ptl_net_compare_numbers (first->address.scope, second->address.scope);

    case ADDRESS_VALID:
      return ptl_net_compare_numbers (first->address.valid_s, second->address.valid_s);

    case ADDRESS_PREFERRED:
      return ptl_net_compare_numbers (first->address.preferred_s, second->address.preferred_s);

    default:
      return ptl_net_compare_texts (dup_address_cell (a, column), dup_address_cell (b, column));
    }
}

static guint
hash_address_item (gconstpointer value)
{
  const PtlInterfaceAddress *address = &((const PtlAddressItem *) value)->address;
  guint hash = (guint) address->index;

  for (size_t i = 0; i < sizeof address->address; i++)
    hash = hash * 31 + address->address[i];
  return hash;
}

static gboolean
is_same_address_item (gconstpointer a,
                      gconstpointer b)
{
  const PtlInterfaceAddress *first = &((const PtlAddressItem *) a)->address;
  const PtlInterfaceAddress *second = &((const PtlAddressItem *) b)->address;

  return first->index == second->index && first->family == second->family
         && first->prefix_len == second->prefix_len
         && memcmp (first->address, second->address, sizeof first->address) == 0
         && memcmp (first->peer, second->peer, sizeof first->peer) == 0;
}

static gboolean
is_equal_address_item (gconstpointer a,
                       gconstpointer b)
{
  const PtlAddressItem *first = a;
  const PtlAddressItem *second = b;

  /* What runs out is shown anew each time. */
  return second->address.valid_s == PTL_FOREVER && second->address.preferred_s == PTL_FOREVER
         && first->address.valid_s == PTL_FOREVER && first->address.preferred_s == PTL_FOREVER
         && first->address.flags == second->address.flags
         && first->address.scope == second->address.scope
         && first->address.origin == second->address.origin
         && strcmp (first->name, second->name) == 0
         && strcmp (first->address.label, second->address.label) == 0
         && memcmp (first->address.broadcast, second->address.broadcast, 4) == 0;
}

/* The same without the column of the interface, and with the other end beside the address. */
static char *
dup_own_address_cell (gconstpointer value,
                      guint         column)
{
  const PtlInterfaceAddress *address = &((const PtlAddressItem *) value)->address;
  g_autofree char *text = dup_address_cell (value, column + 1);
  g_autofree char *peer = NULL;

  if (column + 1 != ADDRESS_ADDRESS || !address->has_peer)
    return g_steal_pointer (&text);
  peer = ptl_network_text_host (address->family, address->peer);
  return g_strdup_printf ("%s → %s", text, peer);
}

static char *
dup_own_address_value (gconstpointer value,
                       guint         column)
{
  return dup_address_value (value, column + 1);
}

static PtlTableTone
get_own_address_tone (gconstpointer value,
                      guint         column)
{
  return get_address_tone (value, column + 1);
}

static int
compare_own_address_items (gconstpointer a,
                           gconstpointer b,
                           guint         column)
{
  return compare_address_items (a, b, column + 1);
}

PtlNetTable *
ptl_address_table_new (gboolean with_interface)
{
  static const PtlNetTableKind all = {
    .columns = address_columns, .n_columns = N_ADDRESS_COLUMNS,
    .dup_cell = dup_address_cell, .dup_value = dup_address_value, .get_tone = get_address_tone,
    .compare = compare_address_items, .hash = hash_address_item, .is_same = is_same_address_item,
    .is_equal = is_equal_address_item, .free_value = g_free,
  };
  static const PtlNetTableKind own = {
    .columns = address_columns + 1, .n_columns = N_ADDRESS_COLUMNS_SHOWN - 1,
    .dup_cell = dup_own_address_cell, .dup_value = dup_own_address_value,
    .get_tone = get_own_address_tone, .compare = compare_own_address_items,
    .hash = hash_address_item, .is_same = is_same_address_item,
    .is_equal = is_equal_address_item, .free_value = g_free,
  };

  return ptl_net_table_new (with_interface ? &all : &own);
}

void
ptl_address_table_fill (PtlNetTable            *self,
                        const PtlInterfaceItem *item)
{
  g_autoptr (GPtrArray) values = g_ptr_array_new ();

  for (unsigned i = 0; item != NULL && i < item->interface->n_addresses; i++)
    {
      PtlAddressItem *value = g_new0 (PtlAddressItem, 1);

      value->address = item->interface->addresses[i];
      memcpy (value->name, item->interface->link.name, sizeof value->name);
      g_ptr_array_add (values, value);
    }
  ptl_net_table_update (self, values);
}

char *
ptl_address_item_dup_host (const PtlAddressItem *item)
{
  return ptl_network_text_zoned (&item->address, item->name);
}

char *
ptl_address_item_dup_details (const PtlAddressItem *item,
                              gboolean              narrow)
{
  GString *text = g_string_new (NULL);

  for (guint column = ADDRESS_FLAGS; column < N_ADDRESS_COLUMNS; column++)
    {
      g_autofree char *value = NULL;

      if (!narrow && (column == ADDRESS_VALID || column == ADDRESS_PREFERRED))
        continue;
      value = dup_address_cell (item, column);
      if (value[0] == '\0')
        continue;
      if (text->len > 0)
        g_string_append (text, "  ·  ");
      /* Translators: what something is, and its value */
      g_string_append_printf (text, _("%s: %s"), _(address_columns[column].title), value);
    }
  return g_string_free (text, FALSE);
}
