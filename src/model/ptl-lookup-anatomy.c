/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The anatomy of an address as rows, and the question of a lookup as commands. */
#include "config.h"

#include "model/ptl-lookup-private.h"

#include <glib/gi18n-lib.h>

#include "base/ptl-codec.h"
#include "base/ptl-endpoint.h"
#include "base/ptl-error.h"
#include "lookup/ptl-anatomy.h"

static void
add (PtlLookup  *self,
     const char *label,
     const char *value,
     const char *detail)
{
  ptl_lookup_add_row (self, PTL_LOOKUP_ANATOMY, PTL_LOOKUP_ROW_VALUE, label, value, detail);
}

void
ptl_lookup_add_anatomy (PtlLookup *self)
{
  const PtlAddress *address = &self->classified.address;
  char text[PTL_ADDRESS_TEXT_MAX], number[PTL_ANATOMY_NUMBER_MAX];
  char binary[PTL_ANATOMY_BINARY_MAX];
  g_autofree char *reverse = NULL;
  bool v4 = ptl_anatomy_get_width (address) == 32;
  g_autoptr (PtlLookupRow) row = NULL;
  PtlAddress inner;
  uint8_t mac[6];

  if (ptl_anatomy_get_width (address) == 0)
    return;
  row = ptl_lookup_row_new (PTL_LOOKUP_ROW_VALUE, _("Text"),
                            ptl_address_format_host (address, text, sizeof text),
                            _("as it is shown"));
  ptl_lookup_row_set_target (row, text);
  g_list_store_append (self->groups[PTL_LOOKUP_ANATOMY], row);
  if (!v4)
    add (self, _("In full"), ptl_anatomy_format_long (address, text), _("nothing left out"));
  ptl_lookup_add_row (self, PTL_LOOKUP_ANATOMY, PTL_LOOKUP_ROW_TEXT, _("Scope"),
                      _(ptl_anatomy_get_scope_text (address)), "");
  if (self->classified.warning != NULL)
    ptl_lookup_add_row (self, PTL_LOOKUP_ANATOMY, PTL_LOOKUP_ROW_ERROR, _("Zone"),
                        self->classified.warning, "");
  add (self, _("Integer"), ptl_anatomy_format_integer (address, number),
       v4 ? _("in host byte order, as ntohl gives it") : "");
  add (self, _("Hexadecimal"), ptl_anatomy_format_hex (address, false, number),
       _("network byte order: the first byte comes first"));
  if (v4)
    add (self, _("Swapped"), ptl_anatomy_format_hex (address, true, number),
         _("what a little-endian machine reads from s_addr without ntohl"));
  add (self, _("Binary"), ptl_anatomy_format_binary (address, self->classified.prefix, binary),
       self->classified.prefix >= 0 ? _("the bar is behind the prefix") : "");
  reverse = ptl_dns_reverse_name (address);
  add (self, _("Reverse name"), reverse, _("the name that has its PTR record"));
  if (ptl_anatomy_get_inner_v4 (address, &inner))
    {
      g_autoptr (PtlLookupRow) inside =
        ptl_lookup_row_new (PTL_LOOKUP_ROW_VALUE, _("IPv4 inside"),
                            ptl_address_format_host (&inner, text, sizeof text),
                            _(ptl_anatomy_get_scope_text (&inner)));

      ptl_lookup_row_set_target (inside, text);
      g_list_store_append (self->groups[PTL_LOOKUP_ANATOMY], inside);
    }
  if (ptl_anatomy_get_mac (address, mac))
    {
      g_snprintf (text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
                  mac[3], mac[4], mac[5]);
      add (self, _("MAC inside"), text, _("the interface id is a modified EUI-64 (RFC 4291)"));
    }
  if (self->classified.prefix >= 0)
    {
      g_snprintf (text, sizeof text, "%d", self->classified.prefix);
      ptl_lookup_set_subnet (self, text, "", NULL);
    }
}

gboolean
ptl_lookup_set_subnet (PtlLookup   *self,
                       const char  *prefix,
                       const char  *contains,
                       GError     **error)
{
  GListStore *group;
  guint first;
  PtlSubnet subnet;
  unsigned bits;
  char text[PTL_ADDRESS_TEXT_MAX], last[PTL_ADDRESS_TEXT_MAX], binary[PTL_ANATOMY_BINARY_MAX];
  g_autofree char *range = NULL, *network = NULL, *wildcard = NULL, *n_hosts = NULL;
  g_auto (PtlEndpoint) other = { 0 };

  g_return_val_if_fail (PTL_IS_LOOKUP (self), FALSE);

  if (ptl_anatomy_get_width (&self->classified.address) == 0)
    {
      g_set_error (error, PTL_ERROR, PTL_ERROR_PARSE, _("Look up an address first"));
      return FALSE;
    }
  if (!ptl_subnet_parse_prefix (prefix, &self->classified.address, &bits, error))
    return FALSE;
  if (contains[0] != '\0'
      && (!ptl_endpoint_parse_host_port (&other, contains, "0", NULL, NULL, error)
          || ptl_anatomy_get_width (&other.address) == 0))
    {
      if (error != NULL && *error == NULL)
        g_set_error (error, PTL_ERROR, PTL_ERROR_PARSE, _("Type an address"));
      return FALSE;
    }

  group = self->groups[PTL_LOOKUP_ANATOMY];
  first = g_list_model_get_n_items (G_LIST_MODEL (group)) - self->n_subnet_rows;
  g_list_store_splice (group, first, self->n_subnet_rows, NULL, 0);
  ptl_subnet_init (&subnet, &self->classified.address, bits);

  network = g_strdup_printf ("%s/%u", ptl_address_format_host (&subnet.network, text, sizeof text),
                             bits);
  add (self, _("Network"), network,
       ptl_anatomy_format_binary (&self->classified.address, (int) bits, binary));
  wildcard = g_strdup_printf (_("as a wildcard: %s"),
                              ptl_address_format_host (&subnet.wildcard, last, sizeof last));
  add (self, _("Mask"), ptl_address_format_host (&subnet.mask, text, sizeof text), wildcard);
  range = g_strdup_printf ("%s – %s",
                           ptl_address_format_host (&subnet.first_host, text, sizeof text),
                           ptl_address_format_host (&subnet.last_host, last, sizeof last));
  n_hosts = g_strdup_printf (_("how many: %s"), subnet.host_count);
  add (self, _("Hosts"), range, n_hosts);
  if (subnet.has_broadcast)
    add (self, _("Broadcast"), ptl_address_format_host (&subnet.last, text, sizeof text), "");
  add (self, _("Addresses"), subnet.count, _("all of the subnet"));
  if (contains[0] != '\0')
    add (self, _("Contains"),
         ptl_address_format_host (&other.address, text, sizeof text),
         ptl_subnet_contains (&subnet, &other.address) ? _("yes, it is in this subnet")
                                                       : _("no, it is outside"));
  self->n_subnet_rows = g_list_model_get_n_items (G_LIST_MODEL (group)) - first;
  return TRUE;
}

/* --- the question as a command ---------------------------------------------------------------- */

static char *
quote_python (const char *text)
{
  char above_ascii[129];
  g_autofree char *escaped = NULL;

  /* What is not ASCII stays: an octal escape would be a character to Python, not a byte. */
  for (guint i = 0; i < 128; i++)
    above_ascii[i] = (char) (128 + i);
  above_ascii[128] = '\0';
  escaped = g_strescape (text, above_ascii);

  return g_strdup_printf ("\"%s\"", escaped);
}

/* A word may be a service or a host: it is asked for as a service when there is one. */
static bool
has_service (PtlLookup *self)
{
  const PtlClassified *classified = &self->classified;
  const PtlFacts *facts = self->facts;

  if (classified->kind != PTL_KIND_SERVICE)
    return classified->service != NULL || classified->port >= 0;
  return facts != NULL
         && (facts->services[0].name != NULL || facts->services[1].name != NULL
             || facts->iana->len > 0);
}

/* getent asks for a service and a host each on its own. */
static char *
make_getent (PtlLookup  *self,
             const char *host) /* or NULL */
{
  const PtlClassified *classified = &self->classified;
  g_autoptr (GString) line = g_string_new (NULL);

  if (classified->service != NULL && has_service (self))
    {
      g_autofree char *quoted = g_shell_quote (classified->service);

      g_string_append_printf (line, "getent services %s", quoted);
    }
  else if (classified->port >= 0)
    g_string_append_printf (line, "getent services %d", classified->port);
  if (host != NULL)
    {
      g_autofree char *quoted = g_shell_quote (host);

      g_string_append_printf (line, "%sgetent %s %s", line->len > 0 ? "; " : "",
                              classified->host != NULL ? "ahosts" : "hosts", quoted);
    }
  return g_string_free (g_steal_pointer (&line), FALSE);
}

static char *
make_python (PtlLookup  *self,
             const char *host) /* or NULL */
{
  const PtlClassified *classified = &self->classified;
  g_autoptr (GString) line = g_string_new ("import socket");

  if (classified->service != NULL && has_service (self))
    {
      g_autofree char *quoted = quote_python (classified->service);

      g_string_append_printf (line, "; print(socket.getservbyname(%s))", quoted);
    }
  else if (classified->port >= 0)
    g_string_append_printf (line, "; print(socket.getservbyport(%d))", classified->port);
  if (host != NULL)
    {
      g_autofree char *quoted = quote_python (host);

      if (classified->host != NULL)
        g_string_append_printf (line, "; print(socket.getaddrinfo(%s, None, "
                                "type=socket.SOCK_STREAM))", quoted);
      else
        g_string_append_printf (line, "; print(socket.gethostbyaddr(%s))", quoted);
    }
  return g_string_free (g_steal_pointer (&line), FALSE);
}

/* The kernel's table has the path or the name at the end of a line (proc_net(5)). */
static char *
make_python_unix (const PtlAddress *address)
{
  char name[PTL_ADDRESS_TEXT_MAX];
  g_autofree char *quoted = quote_python (ptl_address_format (address, name, sizeof name));

  return g_strdup_printf ("print([line for line in open(\"/proc/net/unix\") "
                          "if line.rstrip(\"\\n\").endswith(\" \" + %s)])", quoted);
}

static char *
make_dig (PtlLookup  *self,
          const char *dns_name,
          guint       type,
          const char *server,
          gboolean    trace)
{
  const PtlClassified *classified = &self->classified;
  g_autofree char *question = NULL;
  g_autoptr (GString) line = g_string_new ("dig");
  char text[PTL_ADDRESS_TEXT_MAX], type_text[PTL_DNS_TYPE_TEXT_MAX];
  PtlAddress asked;

  if (trace)
    g_string_append (line, " +trace");
  if (server != NULL && *server != '\0' && ptl_dns_parse_server (server, &asked, NULL))
    g_string_append_printf (line, " @%s -p %u",
                            ptl_address_format_host (&asked, text, sizeof text),
                            ptl_address_get_port (&asked));
  if (type == 0 && classified->a_label == NULL)
    {
      /* The reverse name has no zone. */
      asked = classified->address;
      if (ptl_address_get_family (&asked) == AF_INET6)
        asked.in6.sin6_scope_id = 0;
      g_string_append_printf (line, " -x %s", ptl_address_format_host (&asked, text, sizeof text));
    }
  else
    {
      question = g_shell_quote (dns_name);
      g_string_append_printf (line, " %s %s", question,
                              ptl_dns_type_to_text ((uint16_t) (type != 0 ? type : PTL_DNS_TYPE_A),
                                                    type_text));
    }
  return g_string_free (g_steal_pointer (&line), FALSE);
}

char *
ptl_lookup_dup_equivalent (PtlLookup     *self,
                           PtlLookupCopy  what,
                           guint          type,
                           const char    *server)
{
  const PtlClassified *classified = &self->classified;
  g_autofree char *dns_name = NULL;
  char address[PTL_ADDRESS_TEXT_MAX];
  const char *host = classified->kind != PTL_KIND_INTERFACE ? classified->host : NULL;

  g_return_val_if_fail (PTL_IS_LOOKUP (self), NULL);

  if (ptl_address_get_family (&classified->socket) == AF_UNIX)
    return what == PTL_LOOKUP_COPY_PYTHON ? make_python_unix (&classified->socket) : NULL;
  dns_name = ptl_lookup_dup_dns_name (self);
  if (host == NULL && classified->address.len > 0)
    host = ptl_address_format_host (&classified->address, address, sizeof address);
  switch (what)
    {
    case PTL_LOOKUP_COPY_GETENT:
      return host != NULL || has_service (self) ? make_getent (self, host) : NULL;

    case PTL_LOOKUP_COPY_DIG:
    case PTL_LOOKUP_COPY_TRACE:
      return dns_name != NULL ? make_dig (self, dns_name, type, server,
                                          what == PTL_LOOKUP_COPY_TRACE) : NULL;

    case PTL_LOOKUP_COPY_PYTHON:
      return host != NULL || has_service (self) ? make_python (self, host) : NULL;
    }
  return NULL;
}
