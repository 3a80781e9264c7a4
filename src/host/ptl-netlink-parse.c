/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The messages of rtnetlink(7) about interfaces and addresses, as values. */
#include "config.h"

#include "host/ptl-netlink-parse.h"

#include <string.h>

#include <linux/genetlink.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_tun.h>
#include <linux/nl80211.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

/* Up to the first NUL, the end of the attribute or of the room; always terminated. */
static void
copy_string (char                *text,
             size_t               size,
             const struct nlattr *attribute)
{
  size_t len = attribute != NULL ? strnlen (nla_data (attribute), (size_t) nla_len (attribute)) : 0;

  len = MIN (len, size - 1);
  if (len > 0)
    memcpy (text, nla_data (attribute), len);
  memset (text + len, 0, size - len);
}

static uint8_t
copy_hardware (uint8_t              bytes[PTL_HARDWARE_MAX],
               const struct nlattr *attribute)
{
  size_t len = attribute != NULL ? MIN ((size_t) nla_len (attribute), PTL_HARDWARE_MAX) : 0;

  memset (bytes, 0, PTL_HARDWARE_MAX);
  if (len > 0)
    memcpy (bytes, nla_data (attribute), len);
  return (uint8_t) len;
}

static uint32_t
get_u32 (struct nlattr *const *attributes,
         int                   type)
{
  return attributes[type] != NULL ? nla_get_u32 (attributes[type]) : 0;
}

void
ptl_link_init (PtlLink *link)
{
  memset (link, 0, sizeof *link);
  link->speed_mbps = -1;
  link->duplex = 0xff;
  link->parent_netns = -1;
}

static void
parse_alt_names (PtlLink             *link,
                 const struct nlattr *list)
{
  const struct nlattr *at;
  size_t used = 0;
  int left;

  nla_for_each_attr (at, nla_data (list), nla_len (list), left)
    {
      char name[128]; /* ALTIFNAMSIZ */
      size_t len;

      if (nla_type (at) != IFLA_ALT_IFNAME)
        continue;
      copy_string (name, sizeof name, at);
      len = strlen (name);
      if (len == 0)
        continue;
      if (used + (used > 0) + len >= sizeof link->alt_names)
        return;
      if (used > 0)
        link->alt_names[used++] = ' ';
      memcpy (link->alt_names + used, name, len);
      used += len;
    }
}

/* What a kind adds about itself. */
static void
parse_data (PtlLink       *link,
            struct nlattr *data,
            bool          *is_tap)
{
  static const struct
  {
    const char *kind;
    int         type;
    size_t      size;
  } numbers[] = {
    { "vlan", IFLA_VLAN_ID, sizeof (uint16_t) },
    { "vxlan", IFLA_VXLAN_ID, sizeof (uint32_t) },
    { "geneve", IFLA_GENEVE_ID, sizeof (uint32_t) },
    { "vrf", IFLA_VRF_TABLE, sizeof (uint32_t) },
  };
  struct nlattr *at;

  for (size_t i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      if (strcmp (link->kind, numbers[i].kind) != 0)
        continue;
      at = nla_find (nla_data (data), nla_len (data), numbers[i].type);
      if (at == NULL || (size_t) nla_len (at) < numbers[i].size)
        return;
      link->number = numbers[i].size == sizeof (uint16_t) ? nla_get_u16 (at) : nla_get_u32 (at);
      link->has_number = true;
      return;
    }
  if (strcmp (link->kind, "tun") == 0)
    {
      at = nla_find (nla_data (data), nla_len (data), IFLA_TUN_TYPE);
      *is_tap = at != NULL && nla_len (at) >= 1 && nla_get_u8 (at) == IFF_TAP;
    }
}

bool
ptl_netlink_parse_link (const struct nlmsghdr *message,
                        PtlLink               *link)
{
  static const struct nla_policy policy[IFLA_MAX + 1] = {
    [IFLA_MTU] = { .type = NLA_U32 },
    [IFLA_MIN_MTU] = { .type = NLA_U32 },
    [IFLA_MAX_MTU] = { .type = NLA_U32 },
    [IFLA_LINK] = { .type = NLA_U32 },
    [IFLA_LINK_NETNSID] = { .type = NLA_U32 },
    [IFLA_MASTER] = { .type = NLA_U32 },
    [IFLA_TXQLEN] = { .type = NLA_U32 },
    [IFLA_GROUP] = { .type = NLA_U32 },
    [IFLA_OPERSTATE] = { .type = NLA_U8 },
    [IFLA_CARRIER] = { .type = NLA_U8 },
    [IFLA_CARRIER_CHANGES] = { .type = NLA_U32 },
  };
  struct nlattr *attributes[IFLA_MAX + 1];
  const struct ifinfomsg *head;
  bool is_tap = false;

  if ((message->nlmsg_type != RTM_NEWLINK && message->nlmsg_type != RTM_DELLINK)
      || !ptl_netlink_parse_attributes (message, sizeof *head, attributes, IFLA_MAX, policy))
    return false;
  head = nlmsg_data (message);
  /* Those of a bridge's ports (AF_BRIDGE) and of IPv6 tell less, and a RTM_DELLINK of them does not
   * mean that the interface is gone. */
  if (head->ifi_family != AF_UNSPEC || head->ifi_index <= 0)
    return false;

  ptl_link_init (link);
  link->index = head->ifi_index;
  link->flags = head->ifi_flags;
  link->type = head->ifi_type;
  copy_string (link->name, sizeof link->name, attributes[IFLA_IFNAME]);
  if (link->name[0] == '\0')
    return message->nlmsg_type == RTM_DELLINK;

  copy_string (link->alias, sizeof link->alias, attributes[IFLA_IFALIAS]);
  copy_string (link->qdisc, sizeof link->qdisc, attributes[IFLA_QDISC]);
  copy_string (link->bus, sizeof link->bus, attributes[IFLA_PARENT_DEV_NAME]);
  link->mtu = get_u32 (attributes, IFLA_MTU);
  link->min_mtu = get_u32 (attributes, IFLA_MIN_MTU);
  link->max_mtu = get_u32 (attributes, IFLA_MAX_MTU);
  link->queue_len = get_u32 (attributes, IFLA_TXQLEN);
  link->group = get_u32 (attributes, IFLA_GROUP);
  link->master = (int) get_u32 (attributes, IFLA_MASTER);
  link->parent = (int) get_u32 (attributes, IFLA_LINK);
  if (attributes[IFLA_LINK_NETNSID] != NULL)
    link->parent_netns = (int) get_u32 (attributes, IFLA_LINK_NETNSID);
  if (link->parent == link->index && link->parent_netns < 0)
    link->parent = 0;
  link->carrier_changes = get_u32 (attributes, IFLA_CARRIER_CHANGES);
  if (attributes[IFLA_OPERSTATE] != NULL)
    link->operstate = nla_get_u8 (attributes[IFLA_OPERSTATE]);
  if (attributes[IFLA_CARRIER] != NULL)
    link->carrier = nla_get_u8 (attributes[IFLA_CARRIER]) != 0 ? PTL_CARRIER_ON : PTL_CARRIER_OFF;
  link->hardware_len = copy_hardware (link->hardware, attributes[IFLA_ADDRESS]);
  link->broadcast_len = copy_hardware (link->broadcast, attributes[IFLA_BROADCAST]);
  link->permanent_len = copy_hardware (link->permanent, attributes[IFLA_PERM_ADDRESS]);
  if (attributes[IFLA_PROP_LIST] != NULL)
    parse_alt_names (link, attributes[IFLA_PROP_LIST]);
  if (attributes[IFLA_LINKINFO] != NULL)
    {
      struct nlattr *info[IFLA_INFO_MAX + 1];

      if (nla_parse_nested (info, IFLA_INFO_MAX, attributes[IFLA_LINKINFO], NULL) >= 0)
        {
          copy_string (link->kind, sizeof link->kind, info[IFLA_INFO_KIND]);
          copy_string (link->port_kind, sizeof link->port_kind, info[IFLA_INFO_SLAVE_KIND]);
          if (info[IFLA_INFO_DATA] != NULL)
            parse_data (link, info[IFLA_INFO_DATA], &is_tap);
        }
    }
  link->class = ptl_interface_classify (link->kind, link->type, false);
  if (link->class == PTL_INTERFACE_TUN && is_tap)
    link->class = PTL_INTERFACE_TAP;
  return true;
}

static bool
copy_address (uint8_t              bytes[16],
              uint8_t              family,
              const struct nlattr *attribute)
{
  size_t len = family == AF_INET ? 4 : 16;

  if (attribute == NULL || (size_t) nla_len (attribute) != len)
    return false;
  memset (bytes, 0, 16);
  memcpy (bytes, nla_data (attribute), len);
  return true;
}

bool
ptl_netlink_parse_address (const struct nlmsghdr *message,
                           uint64_t               now_ns,
                           PtlInterfaceAddress   *address)
{
  static const struct nla_policy policy[IFA_MAX + 1] = {
    [IFA_FLAGS] = { .type = NLA_U32 },
    [IFA_RT_PRIORITY] = { .type = NLA_U32 },
    [IFA_CACHEINFO] = { .minlen = sizeof (struct ifa_cacheinfo) },
  };
  struct nlattr *attributes[IFA_MAX + 1];
  const struct ifaddrmsg *head;

  if ((message->nlmsg_type != RTM_NEWADDR && message->nlmsg_type != RTM_DELADDR)
      || !ptl_netlink_parse_attributes (message, sizeof *head, attributes, IFA_MAX, policy))
    return false;
  head = nlmsg_data (message);
  if ((head->ifa_family != AF_INET && head->ifa_family != AF_INET6)
      || head->ifa_prefixlen > (head->ifa_family == AF_INET ? 32 : 128)
      || head->ifa_index == 0 || head->ifa_index > INT32_MAX)
    return false;

  memset (address, 0, sizeof *address);
  address->index = (int) head->ifa_index;
  address->family = head->ifa_family;
  address->prefix_len = head->ifa_prefixlen;
  address->scope = head->ifa_scope;
  address->flags = attributes[IFA_FLAGS] != NULL ? nla_get_u32 (attributes[IFA_FLAGS])
                                                 : head->ifa_flags;
  /* IFA_LOCAL is ours; IFA_ADDRESS too, or on a point-to-point link the other end.  IPv6 tells
   * only IFA_ADDRESS where there is no other end. */
  if (copy_address (address->address, head->ifa_family, attributes[IFA_LOCAL]))
    {
      address->has_peer = copy_address (address->peer, head->ifa_family, attributes[IFA_ADDRESS])
                          && memcmp (address->address, address->peer, 16) != 0;
      if (!address->has_peer)
        memset (address->peer, 0, sizeof address->peer);
    }
  else if (!copy_address (address->address, head->ifa_family, attributes[IFA_ADDRESS]))
    return false;
  if (head->ifa_family == AF_INET && attributes[IFA_BROADCAST] != NULL
      && nla_len (attributes[IFA_BROADCAST]) == 4)
    {
      memcpy (address->broadcast, nla_data (attributes[IFA_BROADCAST]), 4);
      address->has_broadcast = true;
    }
  copy_string (address->label, sizeof address->label, attributes[IFA_LABEL]);
  address->metric = get_u32 (attributes, IFA_RT_PRIORITY);
  if (attributes[IFA_PROTO] != NULL && nla_len (attributes[IFA_PROTO]) >= 1)
    address->origin = nla_get_u8 (attributes[IFA_PROTO]);
  address->preferred_s = address->valid_s = PTL_FOREVER;
  if (attributes[IFA_CACHEINFO] != NULL)
    {
      struct ifa_cacheinfo info;

      memcpy (&info, nla_data (attributes[IFA_CACHEINFO]), sizeof info);
      address->preferred_s = info.ifa_prefered;
      address->valid_s = info.ifa_valid;
    }
  address->told_ns = now_ns;
  return true;
}

bool
ptl_netlink_parse_counters (const struct nlmsghdr *message,
                            PtlCounters           *counters)
{
  const struct nlattr *attribute;

  memset (counters, 0, sizeof *counters);
  if (message->nlmsg_type == RTM_NEWSTATS)
    {
      const struct if_stats_msg *head = nlmsg_data (message);

      if (message->nlmsg_len < NLMSG_HDRLEN + sizeof *head)
        return false;
      counters->index = (int) head->ifindex;
      attribute = nlmsg_find_attr ((struct nlmsghdr *) message, sizeof *head, IFLA_STATS_LINK_64);
    }
  else if (message->nlmsg_type == RTM_NEWLINK)
    {
      const struct ifinfomsg *head = nlmsg_data (message);

      if (message->nlmsg_len < NLMSG_HDRLEN + sizeof *head || head->ifi_family != AF_UNSPEC)
        return false;
      counters->index = head->ifi_index;
      attribute = nlmsg_find_attr ((struct nlmsghdr *) message, sizeof *head, IFLA_STATS64);
    }
  else
    return false;
  if (attribute == NULL || counters->index <= 0)
    return false;
  /* An older kernel has fewer of them, a newer one more. */
  memcpy (&counters->stats, nla_data (attribute),
          MIN ((size_t) nla_len (attribute), sizeof counters->stats));
  return true;
}

uint16_t
ptl_netlink_parse_family (const struct nlmsghdr *message,
                          const char            *name)
{
  static const struct nla_policy policy[CTRL_ATTR_MAX + 1] = {
    [CTRL_ATTR_FAMILY_ID] = { .type = NLA_U16 },
  };
  struct nlattr *attributes[CTRL_ATTR_MAX + 1];
  const struct genlmsghdr *head;
  char told[GENL_NAMSIZ];

  if (message->nlmsg_type != GENL_ID_CTRL
      || !ptl_netlink_parse_attributes (message, sizeof *head, attributes, CTRL_ATTR_MAX, policy))
    return 0;
  head = nlmsg_data (message);
  copy_string (told, sizeof told, attributes[CTRL_ATTR_FAMILY_NAME]);
  if (head->cmd != CTRL_CMD_NEWFAMILY || strcmp (told, name) != 0
      || attributes[CTRL_ATTR_FAMILY_ID] == NULL)
    return 0;
  return nla_get_u16 (attributes[CTRL_ATTR_FAMILY_ID]);
}

int
ptl_netlink_parse_wireless (const struct nlmsghdr *message)
{
  const struct genlmsghdr *head = nlmsg_data (message);
  const struct nlattr *attribute;
  uint32_t index;

  if (message->nlmsg_len < NLMSG_HDRLEN + sizeof *head || head->cmd != NL80211_CMD_NEW_INTERFACE)
    return 0;
  attribute = nlmsg_find_attr ((struct nlmsghdr *) message, sizeof *head, NL80211_ATTR_IFINDEX);
  if (attribute == NULL || nla_len (attribute) < (int) sizeof index)
    return 0;
  index = nla_get_u32 (attribute);
  return index <= INT32_MAX ? (int) index : 0;
}
