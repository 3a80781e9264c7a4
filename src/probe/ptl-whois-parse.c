/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is sent to whois and finger servers, and which other server an answer names. */
#include "config.h"

#include "probe/ptl-whois.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <idn2.h>

#include "base/ptl-codec.h"
#include "base/ptl-endpoint.h"
#include "base/ptl-error.h"
#include "base/ptl-parse.h"

#define LINE_MAX_BYTES 512 /* of an answer that are looked at for a referral */

/* The words in front of the name of another server, in lower case: of IANA, of ARIN, of registries
 * of thick and of thin domains. */
static const char *const referral_keys[] = {
  "referralserver", "refer", "registrar whois server", "whois server", "whois",
};

static bool
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

static void
trim (const char **text,
      size_t      *len)
{
  while (*len > 0 && is_space (**text))
    {
      (*text)++;
      (*len)--;
    }
  while (*len > 0 && is_space ((*text)[*len - 1]))
    (*len)--;
}

bool
ptl_whois_parse_server (PtlWhoisServer *server,
                        const char     *text,
                        size_t          len_bytes,
                        uint16_t        default_port)
{
  static const char scheme[] = "whois://";
  g_auto (PtlEndpoint) endpoint = { 0 };
  g_autofree char *bare = NULL;
  char port[8];

  *server = (PtlWhoisServer) { 0 };
  trim (&text, &len_bytes);
  if (len_bytes >= strlen (scheme) && g_ascii_strncasecmp (text, scheme, strlen (scheme)) == 0)
    {
      const char *slash;

      text += strlen (scheme);
      len_bytes -= strlen (scheme);
      slash = memchr (text, '/', len_bytes);
      if (slash != NULL)
        len_bytes = (size_t) (slash - text);
    }
  if (len_bytes == 0 || len_bytes > PTL_WHOIS_SERVER_MAX + 8 || memchr (text, '\0', len_bytes)
      || memchr (text, '/', len_bytes) != NULL)
    return false;
  bare = g_strndup (text, len_bytes);
  if (!g_utf8_validate (bare, -1, NULL))
    return false;
  g_snprintf (port, sizeof port, "%u", default_port);
  if (!ptl_endpoint_parse (&endpoint, bare, port, NULL, NULL)
      || (endpoint.host_kind != PTL_HOST_NAME && endpoint.host_kind != PTL_HOST_IPV4
          && endpoint.host_kind != PTL_HOST_IPV6)
      || ptl_address_is_multicast (&endpoint.address) || ptl_address_is_any (&endpoint.address)
      || strlen (endpoint.host) > PTL_WHOIS_SERVER_MAX)
    return false;
  if (endpoint.service != NULL)
    {
      if (strcmp (endpoint.service, "whois") != 0 && strcmp (endpoint.service, "nicname") != 0)
        return false;
      endpoint.port = PTL_WHOIS_PORT;
    }
  if (endpoint.port == 0)
    return false;
  g_strlcpy (server->host, endpoint.host, sizeof server->host);
  server->port = (uint16_t) endpoint.port;
  return true;
}

/* The value of a line that begins with one of the keys. */
static bool
find_value (const char  *line,
            size_t       len,
            const char **value,
            size_t      *len_value)
{
  const char *colon = memchr (line, ':', len);
  size_t len_key;

  if (colon == NULL)
    return false;
  len_key = (size_t) (colon - line);
  while (len_key > 0 && is_space (line[len_key - 1]))
    len_key--;
  for (size_t i = 0; i < G_N_ELEMENTS (referral_keys); i++)
    if (strlen (referral_keys[i]) == len_key
        && g_ascii_strncasecmp (line, referral_keys[i], len_key) == 0)
      {
        *value = colon + 1;
        *len_value = len - (size_t) (colon + 1 - line);
        return true;
      }
  return false;
}

/* The value of the next line that refers to a server, and moves on.  False: there is none. */
static bool
next_value (const char **text,
            size_t      *len_bytes,
            const char **value,
            size_t      *len_value)
{
  while (*len_bytes > 0)
    {
      const char *end = memchr (*text, '\n', *len_bytes);
      size_t len = end != NULL ? (size_t) (end - *text) : *len_bytes;
      const char *line = *text;
      size_t len_line = MIN (len, LINE_MAX_BYTES);

      *text += len + (end != NULL);
      *len_bytes -= len + (end != NULL);
      trim (&line, &len_line);
      if (find_value (line, len_line, value, len_value))
        return true;
    }
  return false;
}

bool
ptl_whois_find_referral (const uint8_t  *answer,
                         size_t          len_bytes,
                         PtlWhoisServer *server)
{
  const char *text = (const char *) answer, *value;
  size_t len_value;

  while (next_value (&text, &len_bytes, &value, &len_value))
    if (ptl_whois_parse_server (server, value, len_value, PTL_WHOIS_PORT))
      return true;
  *server = (PtlWhoisServer) { 0 };
  return false;
}

bool
ptl_whois_find_foreign (const uint8_t *answer,
                        size_t         len_bytes,
                        char           foreign[PTL_WHOIS_SERVER_MAX + 1])
{
  const char *text = (const char *) answer, *value;
  size_t len_value;

  while (next_value (&text, &len_bytes, &value, &len_value))
    {
      size_t len = 0;

      trim (&value, &len_value);
      /* A scheme, RFC 3986 section 3.1. */
      while (len < len_value && (g_ascii_isalnum (value[len]) || strchr ("+-.", value[len]) != NULL)
             && value[len] != '\0')
        len++;
      if (len == 0 || len_value - len <= 3 || memcmp (value + len, "://", 3) != 0
          || memchr (value, '\0', len_value) != NULL)
        continue;
      len = MIN (len_value, PTL_WHOIS_SERVER_MAX);
      memcpy (foreign, value, len);
      foreign[len] = '\0';
      return true;
    }
  foreign[0] = '\0';
  return false;
}

/* NULL: it is fine.  Owned. */
static char *
find_control (const char *text,
              size_t     *at)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (!ptl_codec_is_safe_char (g_utf8_get_char (p)))
      {
        *at = (size_t) (p - text);
        return g_strdup (_("a question is one line without control characters"));
      }
  return NULL;
}

static bool
check_line (const char  *text,
            GError     **error)
{
  size_t at = 0;
  char *why;

  if (!g_utf8_validate (text, -1, NULL))
    return ptl_parse_fail (error, NULL, text, 0, g_strdup (_("this is not UTF-8")));
  if (strlen (text) > PTL_WHOIS_QUERY_MAX - 8)
    return ptl_parse_fail (error, NULL, text, 0,
                           g_strdup_printf (_("a question has at most %d bytes"),
                                            PTL_WHOIS_QUERY_MAX - 8));
  why = find_control (text, &at);
  return why == NULL || ptl_parse_fail (error, NULL, text, at, why);
}

char *
ptl_whois_build_query (const char *query,
                       GError    **error)
{
  g_autofree char *text = g_strstrip (g_strdup (query));
  char *ascii = NULL, *line;

  if (*text == '\0')
    {
      ptl_parse_fail (error, NULL, text, 0,
                      g_strdup (_("a domain, an address, a network or an AS number is wanted")));
      return NULL;
    }
  if (!check_line (text, error))
    return NULL;
  if (!g_str_is_ascii (text) && strpbrk (text, " \t/:@") == NULL
      && idn2_to_ascii_8z (text, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) == IDN2_OK)
    line = g_strconcat (ascii, "\r\n", NULL);
  else
    line = g_strconcat (text, "\r\n", NULL);
  idn2_free (ascii);
  return line;
}

bool
ptl_finger_parse (const char     *text,
                  bool            verbose,
                  PtlWhoisServer *server,
                  char          **query,
                  GError        **error)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));
  char *at;

  *server = (PtlWhoisServer) { 0 };
  *query = NULL;
  if (!check_line (stripped, error))
    return false;
  at = strrchr (stripped, '@');
  if (at != NULL)
    {
      if (!ptl_whois_parse_server (server, at + 1, strlen (at + 1), PTL_FINGER_PORT))
        return ptl_parse_fail (error, NULL, stripped, (size_t) (at + 1 - stripped),
                               g_strdup (_("a host is wanted after “@”, as in user@host")));
      *at = '\0';
    }
  /* RFC 1288 section 2.3: {Q1} and {Q2}. */
  *query = g_strconcat (verbose ? "/W" : "", verbose && *stripped != '\0' ? " " : "", stripped,
                        "\r\n", NULL);
  return true;
}
