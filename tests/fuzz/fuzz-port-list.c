/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any text as a list of ports, as a MAC address and its password, as what whois and finger are
 * asked. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "probe/ptl-port-check-list.h"
#include "probe/ptl-wake.h"
#include "probe/ptl-whois.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes,
                            size_t         len_bytes);

static bool
add_name (PtlPortSet *set,
          const char *name,
          unsigned    mask,
          void       *data)
{
  if (name != NULL && (*name == '\0' || strlen (name) > PTL_PORT_LIST_NAME_MAX))
    abort ();
  if (name != NULL && *name == 'x')
    return false;
  ptl_port_set_add (set, PTL_PORT_TCP, 22);
  return true;
}

static void
check (bool    good,
       GError *error)
{
  if (good != (error == NULL) || (error != NULL && !g_utf8_validate (error->message, -1, NULL)))
    abort ();
  g_clear_error (&error);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t         len_bytes)
{
  static PtlPortSet set;
  g_autofree char *text = g_strndup ((const char *) bytes, len_bytes);
  g_autofree char *query = NULL, *line = NULL;
  PtlPortWords words = { add_name, NULL };
  PtlWakeTarget target = { 0 };
  PtlWhoisServer server;
  GError *error = NULL;
  size_t at = 0;
  bool good;

  memset (&set, 0, sizeof set);
  good = ptl_port_list_parse (&set, text, PTL_PORT_MASK_TCP, &words, &at, &error);
  if (at > strlen (text) || ptl_port_set_has (&set, PTL_PORT_TCP, 0)
      || (good && ptl_port_set_count (&set) == 0))
    abort ();
  check (good, error);

  error = NULL;
  good = ptl_wake_parse_mac (target.mac, text, &error);
  check (good, error);
  error = NULL;
  good = ptl_wake_parse_password (&target, text, &error);
  check (good, error);

  error = NULL;
  line = ptl_whois_build_query (text, &error);
  if (line != NULL && (strlen (line) > PTL_WHOIS_QUERY_MAX
                       || strcspn (line, "\r\n") != strlen (line) - 2))
    abort ();
  check (line != NULL, error);
  error = NULL;
  good = ptl_finger_parse (text, false, &server, &query, &error);
  if (good && strcspn (query, "\r\n") != strlen (query) - 2)
    abort ();
  check (good, error);
  return 0;
}
