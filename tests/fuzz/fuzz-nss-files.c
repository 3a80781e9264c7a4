/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever is in nsswitch.conf, the hosts file and resolv.conf: what comes of it is bounded and
 * safe to show. */
#include "config.h"

#include <string.h>

#include "base/ptl-codec.h"
#include "lookup/ptl-nss.h"

int LLVMFuzzerTestOneInput (const uint8_t *data,
                            size_t         size);

static void
check_text (const char *text)
{
  g_assert (g_utf8_validate (text, -1, NULL));
  g_assert (g_utf8_strlen (text, -1) <= 257);
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    g_assert (ptl_codec_is_safe_char (g_utf8_get_char (at)));
}

static void
check_hosts (const char       *text,
             const char       *name,
             const PtlAddress *address)
{
  GArray *found = ptl_nss_parse_hosts (text, name, address);
  unsigned line = 0;

  g_assert (found->len <= PTL_NSS_HOSTS_MAX);
  for (guint i = 0; i < found->len; i++)
    {
      const PtlHostsEntry *entry = &g_array_index (found, PtlHostsEntry, i);

      g_assert (entry->line > line);
      line = entry->line;
      g_assert (entry->address.len > 0);
      g_assert (name != NULL || ptl_address_equal_host (&entry->address, address));
      g_assert (*entry->names != '\0');
      check_text (entry->names);
    }
  g_array_unref (found);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  /* Of its own, so that a byte behind its end is found. */
  char *text = g_strndup ((const char *) data, size);
  PtlAddress servers[PTL_NSS_SERVERS_MAX], address;
  char *order = ptl_nss_parse_order (text, "hosts");
  char *search = ptl_nss_parse_search (text);
  PtlNssSource *sources;
  unsigned n;

  check_text (order);
  ptl_nss_order_has (order, "mdns");
  sources = ptl_nss_list_sources (order, &n);
  g_assert (n <= PTL_NSS_SOURCES_MAX);
  for (unsigned i = 0; i < n; i++)
    {
      g_assert (*sources[i].name != '\0' && *sources[i].name != '[');
      ptl_nss_source_clear (&sources[i]);
    }
  g_free (sources);
  g_free (order);

  if (search != NULL)
    check_text (search);
  g_free (search);

  n = ptl_nss_parse_servers (text, servers);
  g_assert (n >= 1 && n <= PTL_NSS_SERVERS_MAX);
  for (unsigned i = 0; i < n; i++)
    g_assert (ptl_address_get_port (&servers[i]) == 53);

  check_hosts (text, "a", NULL);
  check_hosts (text, "", NULL);
  g_assert (ptl_nss_parse_address ("::1", &address));
  check_hosts (text, NULL, &address);
  g_assert (ptl_nss_parse_address ("127.0.0.1", &address));
  check_hosts (text, NULL, &address);
  g_free (text);
  return 0;
}
