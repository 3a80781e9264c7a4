/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the monitor knows of interfaces and addresses, changed message by message. */
#include "config.h"

#include "host/ptl-netlink-state-private.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>
#include <linux/nl80211.h>
#include <linux/rtnetlink.h>

#include "base/ptl-clock.h"
#include "base/ptl-fd.h"

typedef struct
{
  PtlInterfaceAddress value;
  uint64_t            number; /* the order in which they came */
  unsigned            round;
} Address;

typedef struct
{
  PtlLink       link;
  bool          known;        /* @link is; else there are only addresses so far */
  bool          dirty;
  bool          ask_driver;
  unsigned      round;
  GHashTable   *addresses;    /* owned; of Address */
  PtlInterface *published;    /* owned; NULL: not yet */
} Entry;

struct _PtlNetState
{
  GHashTable *entries;        /* by index */
  unsigned    n_addresses;
  unsigned    n_left_out;
  unsigned    round;
  uint64_t    number;
  bool        dirty;
  bool        ask_wireless;
  int         stop_fd;
  int         ioctl_fd;
};

/* What makes an address the same one: an IPv6 one is once on an interface, an IPv4 one may be there
 * with several masks and other ends. */
static guint
hash_address (gconstpointer data)
{
  const PtlInterfaceAddress *value = &((const Address *) data)->value;
  guint hash = value->family;

  for (unsigned i = 0; i < sizeof value->address; i++)
    hash = hash * 31 + value->address[i];
  return hash;
}

static gboolean
equal_addresses (gconstpointer a,
                 gconstpointer b)
{
  const PtlInterfaceAddress *first = &((const Address *) a)->value;
  const PtlInterfaceAddress *second = &((const Address *) b)->value;

  return first->family == second->family
         && memcmp (first->address, second->address, sizeof first->address) == 0
         && (first->family != AF_INET
             || (first->prefix_len == second->prefix_len
                 && memcmp (first->peer, second->peer, sizeof first->peer) == 0));
}

static void
free_entry (gpointer data)
{
  Entry *entry = data;

  g_hash_table_unref (entry->addresses);
  ptl_interface_unref (entry->published);
  g_free (entry);
}

PtlNetState *
ptl_net_state_new (int stop_fd)
{
  PtlNetState *state = g_new0 (PtlNetState, 1);

  state->entries = g_hash_table_new_full (NULL, NULL, NULL, free_entry);
  state->stop_fd = stop_fd;
  state->ioctl_fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (state->ioctl_fd < 0)
    state->ioctl_fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  return state;
}

void
ptl_net_state_free (PtlNetState *state)
{
  if (state == NULL)
    return;
  g_hash_table_unref (state->entries);
  ptl_fd_clear (&state->ioctl_fd);
  g_free (state);
}

static Entry *
get_entry (PtlNetState *state,
           int          index)
{
  Entry *entry = g_hash_table_lookup (state->entries, GINT_TO_POINTER (index));

  if (entry != NULL)
    return entry;
  if (g_hash_table_size (state->entries) >= PTL_INTERFACES_MAX)
    {
      state->n_left_out++;
      state->dirty = true;
      return NULL;
    }
  entry = g_new0 (Entry, 1);
  ptl_link_init (&entry->link);
  entry->addresses = g_hash_table_new_full (hash_address, equal_addresses, g_free, NULL);
  g_hash_table_insert (state->entries, GINT_TO_POINTER (index), entry);
  return entry;
}

static void
set_dirty (PtlNetState *state,
           Entry       *entry)
{
  entry->dirty = true;
  state->dirty = true;
}

static void
remove_entry (PtlNetState *state,
              int          index)
{
  Entry *entry = g_hash_table_lookup (state->entries, GINT_TO_POINTER (index));

  if (entry == NULL)
    return;
  state->n_addresses -= g_hash_table_size (entry->addresses);
  state->dirty = true;
  g_hash_table_remove (state->entries, GINT_TO_POINTER (index));
}

static void
apply_link (PtlNetState *state,
            PtlLink     *link)
{
  Entry *entry = get_entry (state, link->index);

  if (entry == NULL)
    return;
  entry->round = state->round;
  if (!entry->known || strcmp (entry->link.name, link->name) != 0
      || entry->link.carrier != link->carrier || entry->link.operstate != link->operstate
      || ((entry->link.flags ^ link->flags) & IFF_UP) != 0)
    entry->ask_driver = true;
  if (!entry->known && link->kind[0] == '\0' && link->class != PTL_INTERFACE_LOOPBACK)
    state->ask_wireless = true;
  if (entry->known)
    {
      /* What a message does not tell. */
      link->speed_mbps = entry->link.speed_mbps;
      link->duplex = entry->link.duplex;
      link->wireless = entry->link.wireless;
      memcpy (link->driver, entry->link.driver, sizeof link->driver);
      if (link->bus[0] == '\0')
        memcpy (link->bus, entry->link.bus, sizeof link->bus);
      if (link->wireless)
        link->class = ptl_interface_classify (link->kind, link->type, true);
    }
  if (entry->known && !entry->ask_driver && memcmp (&entry->link, link, sizeof *link) == 0)
    return;
  memcpy (&entry->link, link, sizeof *link);
  entry->known = true;
  set_dirty (state, entry);
}

/* Lifetimes run from when they were told. */
static bool
is_same_address (const PtlInterfaceAddress *a,
                 const PtlInterfaceAddress *b)
{
  PtlInterfaceAddress copy;

  if (b->valid_s != PTL_FOREVER || b->preferred_s != PTL_FOREVER)
    return false;
  memcpy (&copy, a, sizeof copy);
  copy.told_ns = b->told_ns;
  return memcmp (&copy, b, sizeof copy) == 0;
}

static void
apply_address (PtlNetState         *state,
               PtlInterfaceAddress *value)
{
  Entry *entry = get_entry (state, value->index);
  Address key, *address;

  if (entry == NULL)
    return;
  memcpy (&key.value, value, sizeof key.value);
  address = g_hash_table_lookup (entry->addresses, &key);
  if (address == NULL)
    {
      if (state->n_addresses >= PTL_INTERFACE_ADDRESSES_MAX)
        {
          state->n_left_out++;
          state->dirty = true;
          return;
        }
      address = g_new0 (Address, 1);
      memcpy (&address->value, value, sizeof *value);
      address->number = state->number++;
      g_hash_table_add (entry->addresses, address);
      state->n_addresses++;
      set_dirty (state, entry);
    }
  else if (!is_same_address (&address->value, value))
    {
      memcpy (&address->value, value, sizeof *value);
      set_dirty (state, entry);
    }
  address->round = state->round;
}

static void
remove_address (PtlNetState         *state,
                PtlInterfaceAddress *value)
{
  Entry *entry = g_hash_table_lookup (state->entries, GINT_TO_POINTER (value->index));
  Address key;

  if (entry == NULL)
    return;
  memcpy (&key.value, value, sizeof key.value);
  if (g_hash_table_remove (entry->addresses, &key))
    {
      state->n_addresses--;
      set_dirty (state, entry);
    }
}

void
ptl_net_state_apply (PtlNetState           *state,
                     const struct nlmsghdr *message)
{
  PtlInterfaceAddress address;
  PtlLink link;

  switch (message->nlmsg_type)
    {
    case RTM_NEWLINK:
      if (ptl_netlink_parse_link (message, &link))
        apply_link (state, &link);
      break;

    case RTM_DELLINK:
      if (ptl_netlink_parse_link (message, &link))
        remove_entry (state, link.index);
      break;

    case RTM_NEWADDR:
      if (ptl_netlink_parse_address (message, ptl_clock_monotonic_ns (), &address))
        apply_address (state, &address);
      break;

    case RTM_DELADDR:
      if (ptl_netlink_parse_address (message, 0, &address))
        remove_address (state, &address);
      break;

    default:
      break;
    }
}

void
ptl_net_state_begin (PtlNetState *state)
{
  state->round++;
  state->n_left_out = 0;
}

void
ptl_net_state_end (PtlNetState *state)
{
  GHashTableIter entries;
  Entry *entry;

  g_hash_table_iter_init (&entries, state->entries);
  while (g_hash_table_iter_next (&entries, NULL, (gpointer *) &entry))
    {
      GHashTableIter addresses;
      Address *address;

      if (entry->round != state->round)
        {
          state->n_addresses -= g_hash_table_size (entry->addresses);
          state->dirty = true;
          g_hash_table_iter_remove (&entries);
          continue;
        }
      g_hash_table_iter_init (&addresses, entry->addresses);
      while (g_hash_table_iter_next (&addresses, (gpointer *) &address, NULL))
        if (address->round != state->round)
          {
            g_hash_table_iter_remove (&addresses);
            state->n_addresses--;
            set_dirty (state, entry);
          }
    }
}

bool
ptl_net_state_is_dirty (const PtlNetState *state)
{
  return state->dirty;
}

/* ---- nl80211 ---- */

static void
on_family (const struct nlmsghdr *message,
           void                  *data)
{
  uint16_t *family = data;

  *family = ptl_netlink_parse_family (message, NL80211_GENL_NAME);
}

static void
on_wireless (const struct nlmsghdr *message,
             void                  *data)
{
  PtlNetState *state = data;
  Entry *entry = g_hash_table_lookup (state->entries,
                                      GINT_TO_POINTER (ptl_netlink_parse_wireless (message)));

  if (entry == NULL || !entry->known || entry->link.wireless)
    return;
  entry->link.wireless = true;
  entry->link.class = ptl_interface_classify (entry->link.kind, entry->link.type, true);
  set_dirty (state, entry);
}

/* Which of them are wireless: sysfs would tell too, but of another network namespace perhaps. */
static void
ask_wireless (PtlNetState *state)
{
  struct
  {
    struct genlmsghdr head;
    struct nlattr     attribute;
    char              name[NLA_ALIGN (sizeof NL80211_GENL_NAME)];
  } family_request = {
    .head = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 },
    .attribute = { .nla_len = NLA_HDRLEN + sizeof NL80211_GENL_NAME,
                   .nla_type = CTRL_ATTR_FAMILY_NAME },
    .name = NL80211_GENL_NAME,
  };
  struct genlmsghdr request = { .cmd = NL80211_CMD_GET_INTERFACE };
  uint16_t family = 0;
  PtlNetlink nl;

  state->ask_wireless = false;
  if (ptl_netlink_open (&nl, NETLINK_GENERIC, false, state->stop_fd) < 0)
    return;
  if (ptl_netlink_ask (&nl, GENL_ID_CTRL, 0, &family_request, sizeof family_request, on_family,
                       &family) == 0 && family != 0)
    ptl_netlink_ask (&nl, family, NLM_F_DUMP, &request, sizeof request, on_wireless, state);
  ptl_netlink_close (&nl);
}

/* ---- the snapshot ---- */

static int
compare_addresses (const void *a,
                   const void *b)
{
  const Address *first = *(const Address *const *) a;
  const Address *second = *(const Address *const *) b;

  if (first->value.family != second->value.family)
    return first->value.family == AF_INET ? -1 : 1;
  /* The first IPv4 address of a subnet is its primary one.  A dump tells those of IPv6 in another
   * order than they came in. */
  if (first->value.family == AF_INET6)
    return first->value.scope != second->value.scope
             ? (int) first->value.scope - (int) second->value.scope
             : memcmp (first->value.address, second->value.address, 16);
  return (first->number > second->number) - (first->number < second->number);
}

static void
make_interface (Entry *entry)
{
  unsigned n = g_hash_table_size (entry->addresses);
  g_autofree const Address **sorted = g_new (const Address *, n + 1);
  GHashTableIter iter;
  gpointer address;
  unsigned i = 0;

  g_hash_table_iter_init (&iter, entry->addresses);
  while (g_hash_table_iter_next (&iter, &address, NULL))
    sorted[i++] = address;
  qsort (sorted, n, sizeof sorted[0], compare_addresses);

  ptl_interface_unref (entry->published);
  entry->published = ptl_interface_new (&entry->link, n);
  for (i = 0; i < n; i++)
    memcpy (&entry->published->addresses[i], &sorted[i]->value, sizeof sorted[i]->value);
}

static int
compare_interfaces (const void *a,
                    const void *b)
{
  const PtlInterface *first = *(const PtlInterface *const *) a;
  const PtlInterface *second = *(const PtlInterface *const *) b;

  return (first->link.index > second->link.index) - (first->link.index < second->link.index);
}

PtlNetSnapshot *
ptl_net_state_make_snapshot (PtlNetState *state)
{
  PtlNetSnapshot *snapshot = g_new0 (PtlNetSnapshot, 1);
  GHashTableIter iter;
  Entry *entry;

  if (state->ask_wireless)
    ask_wireless (state);
  atomic_init (&snapshot->ref_count, 1);
  snapshot->interfaces = g_new (PtlInterface *, g_hash_table_size (state->entries) + 1);
  g_hash_table_iter_init (&iter, state->entries);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &entry))
    {
      if (!entry->known)
        continue;
      if (entry->ask_driver)
        {
          ptl_interface_ask_driver (state->ioctl_fd, &entry->link);
          entry->ask_driver = false;
        }
      if (entry->dirty || entry->published == NULL)
        {
          make_interface (entry);
          entry->dirty = false;
        }
      snapshot->n_addresses += entry->published->n_addresses;
      snapshot->interfaces[snapshot->n_interfaces++] = ptl_interface_ref (entry->published);
    }
  qsort (snapshot->interfaces, snapshot->n_interfaces, sizeof snapshot->interfaces[0],
         compare_interfaces);
  snapshot->n_left_out = state->n_left_out;
  state->dirty = false;
  return snapshot;
}

PtlNetSnapshot *
ptl_net_snapshot_ref (PtlNetSnapshot *snapshot)
{
  atomic_fetch_add_explicit (&snapshot->ref_count, 1, memory_order_relaxed);
  return snapshot;
}

void
ptl_net_snapshot_unref (PtlNetSnapshot *snapshot)
{
  if (snapshot == NULL
      || atomic_fetch_sub_explicit (&snapshot->ref_count, 1, memory_order_acq_rel) != 1)
    return;
  for (unsigned i = 0; i < snapshot->n_interfaces; i++)
    ptl_interface_unref (snapshot->interfaces[i]);
  g_free (snapshot->interfaces);
  ptl_counter_set_unref (snapshot->counters);
  ptl_routes_unref (snapshot->routes);
  g_free (snapshot);
}

const PtlInterface *
ptl_net_snapshot_find (const PtlNetSnapshot *snapshot,
                       int                   index)
{
  unsigned low = 0, high = snapshot != NULL ? snapshot->n_interfaces : 0;

  while (low < high)
    {
      unsigned middle = low + (high - low) / 2;

      if (snapshot->interfaces[middle]->link.index < index)
        low = middle + 1;
      else
        high = middle;
    }
  if (snapshot == NULL || low >= snapshot->n_interfaces
      || snapshot->interfaces[low]->link.index != index)
    return NULL;
  return snapshot->interfaces[low];
}
