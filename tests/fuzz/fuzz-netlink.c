/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages of netlink of any bytes, as a kernel would never send them. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/ptl-broadcast.h"
#include "host/ptl-netlink-parse.h"
#include "host/ptl-resolv-conf.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes,
                            size_t         len_bytes);

static void
check_string (const char *text,
              size_t      size)
{
  if (strnlen (text, size) == size)
    abort ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t         len_bytes)
{
  /* malloc aligns it as a buffer of recv(2) is. */
  g_autofree uint8_t *copy = g_memdup2 (bytes, len_bytes);
  g_autoptr (GArray) hops = g_array_new (FALSE, FALSE, sizeof (PtlRouteHop));
  g_autoptr (GArray) broadcasts = g_array_new (FALSE, TRUE, sizeof (PtlBroadcast));
  g_autoptr (PtlResolvConf) conf = ptl_resolv_conf_parse ((const char *) bytes, len_bytes);
  const uint8_t *at = copy;
  const struct nlmsghdr *message;
  size_t left = len_bytes;

  if (conf->servers->len > PTL_RESOLV_CONF_WORDS_MAX
      || conf->search->len > PTL_RESOLV_CONF_WORDS_MAX
      || conf->options->len > PTL_RESOLV_CONF_WORDS_MAX)
    abort ();
  while ((message = ptl_netlink_next (&at, &left)) != NULL)
    {
      PtlInterfaceAddress address;
      PtlCounters counters;
      PtlRoute route;
      PtlRule rule;
      PtlLink link;
      guint before = hops->len;
      int error;

      if (left > len_bytes || at > copy + len_bytes)
        abort ();
      if (ptl_netlink_parse_link (message, &link))
        {
          check_string (link.name, sizeof link.name);
          check_string (link.kind, sizeof link.kind);
          check_string (link.alias, sizeof link.alias);
          check_string (link.alt_names, sizeof link.alt_names);
          if (link.index <= 0 || link.hardware_len > PTL_HARDWARE_MAX
              || link.class >= PTL_N_INTERFACE_CLASSES)
            abort ();
        }
      if (ptl_netlink_parse_address (message, 1, &address)
          && (address.prefix_len > 128 || address.index <= 0))
        abort ();
      if (ptl_netlink_parse_route (message, &route, hops))
        {
          if (route.first_hop != before || route.first_hop + route.n_hops != hops->len
              || route.n_hops > PTL_ROUTE_HOPS_MAX)
            abort ();
        }
      else if (hops->len != before)
        abort ();
      if (ptl_netlink_parse_rule (message, &rule))
        {
          check_string (rule.in_name, sizeof rule.in_name);
          check_string (rule.out_name, sizeof rule.out_name);
        }
      ptl_broadcast_take (message, broadcasts);
      if (broadcasts->len > PTL_BROADCASTS_MAX)
        abort ();
      ptl_netlink_parse_counters (message, &counters);
      ptl_netlink_parse_family (message, "nl80211");
      if (ptl_netlink_parse_wireless (message) < 0)
        abort ();
      if (ptl_netlink_parse_end (message, &error) && error > 0)
        abort ();
    }
  return 0;
}
