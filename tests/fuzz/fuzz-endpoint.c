/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hosts, ports, paths and URIs of any bytes: what is taken is written so that it is taken again. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/ptl-error.h"
#include "base/ptl-spec.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes,
                            size_t         len_bytes);

static void
check_error (GError *error,
             size_t  at,
             size_t  len)
{
  if (error == NULL || error->domain != PTL_ERROR || !g_utf8_validate (error->message, -1, NULL)
      || at > len)
    abort ();
}

static void
check_endpoint (const char *text,
                bool        unix_path)
{
  g_auto (PtlEndpoint) endpoint = { 0 };
  g_auto (PtlEndpoint) back = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *again = NULL;
  size_t at = 0;

  if (!(unix_path ? ptl_endpoint_parse_unix (&endpoint, text, &at, &error)
                  : ptl_endpoint_parse (&endpoint, text, "7", &at, &error)))
    {
      check_error (error, at, strlen (text));
      return;
    }
  again = ptl_endpoint_to_text (&endpoint);
  if (!(unix_path ? ptl_endpoint_parse_unix (&back, again, &at, &error)
                  : ptl_endpoint_parse (&back, again, NULL, &at, &error))
      || !ptl_endpoint_equal (&endpoint, &back))
    abort ();
}

/* What is typed for an option: what is taken is within its range. */
static void
check_number (const char *text)
{
  for (int kind = PTL_NUMBER_PLAIN; kind <= PTL_NUMBER_TOS; kind++)
    {
      g_autoptr (GError) error = NULL;
      uint64_t value = 0;

      if (!ptl_spec_parse_number (text, (PtlNumberKind) kind, 1, INT32_MAX, &value, &error))
        check_error (error, 0, 0);
      else if (value > INT32_MAX || (value < 1 && kind != PTL_NUMBER_TOS))
        abort ();
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t         len_bytes)
{
  g_autofree char *text = g_strndup ((const char *) bytes, len_bytes);
  const char *comma = strchr (text, ' ');
  g_auto (PtlEndpoint) endpoint = { 0 };
  size_t at;
  bool in_port;

  check_endpoint (text, false);
  check_endpoint (text, true);
  check_number (text);
  if (comma != NULL)
    {
      g_autofree char *host = g_strndup (text, (size_t) (comma - text));

      ptl_endpoint_parse_host_port (&endpoint, host, comma + 1, &at, &in_port, NULL);
      ptl_endpoint_clear (&endpoint);
      ptl_endpoint_parse_vsock (&endpoint, host, comma + 1, &at, &in_port, NULL);
    }

  for (int role = PTL_ROLE_CONNECT; role <= PTL_ROLE_DATAGRAMS; role++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PtlSpec) spec = ptl_spec_parse_uri ((PtlRole) role, text, &at, &error);
      g_autoptr (PtlSpec) back = NULL;
      g_autofree char *uri = NULL;
      g_autofree char *title = NULL;

      if (spec == NULL)
        {
          check_error (error, at, strlen (text));
          continue;
        }
      uri = ptl_spec_to_uri (spec);
      title = ptl_spec_to_title (spec);
      back = ptl_spec_parse_uri ((PtlRole) role, uri, NULL, NULL);
      if (back == NULL || !ptl_spec_equal (spec, back) || !g_str_has_prefix (uri, title)
          || !g_utf8_validate (uri, -1, NULL))
        abort ();
    }
  return 0;
}
