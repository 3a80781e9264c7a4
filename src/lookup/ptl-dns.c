/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DNS messages built and read with ldns; nothing of ldns leaves this file. */
#include "config.h"

#include "lookup/ptl-dns.h"

#include <arpa/inet.h>
#include <string.h>

#include <glib.h>
#include <glib/gi18n-lib.h>
#include <ldns/ldns.h>

#include "base/ptl-endpoint.h"
#include "base/ptl-error.h"

#define HEADER_LEN 12

PtlDnsReply *
ptl_dns_reply_new (const char *name,
                   uint16_t    type)
{
  PtlDnsReply *reply = g_new0 (PtlDnsReply, 1);

  reply->name = g_strdup (name);
  reply->type = type;
  return reply;
}

static void
clear_records (PtlDnsRecord *records,
               unsigned      n)
{
  for (unsigned i = 0; i < n; i++)
    {
      g_free (records[i].owner);
      g_free (records[i].data);
    }
  g_free (records);
}

PtlDnsReply *
ptl_dns_reply_copy (const PtlDnsReply *reply)
{
  PtlDnsReply *copy = g_memdup2 (reply, sizeof *reply);

  copy->name = g_strdup (reply->name);
  copy->final_name = g_strdup (reply->final_name);
  copy->stranger = g_strdup (reply->stranger);
  copy->records = g_new0 (PtlDnsRecord, reply->n_records);
  for (unsigned i = 0; i < reply->n_records; i++)
    {
      copy->records[i] = reply->records[i];
      copy->records[i].owner = g_strdup (reply->records[i].owner);
      copy->records[i].data = g_strdup (reply->records[i].data);
    }
  return copy;
}

void
ptl_dns_reply_free (PtlDnsReply *reply)
{
  if (reply == NULL)
    return;
  clear_records (reply->records, reply->n_records);
  g_free (reply->final_name);
  g_free (reply->stranger);
  g_free (reply->name);
  g_free (reply);
}

const char *
ptl_dns_type_to_text (uint16_t type,
                      char    *buffer)
{
  const ldns_rr_descriptor *descriptor = ldns_rr_descript (type);

  if (type == PTL_DNS_TYPE_ANY)
    g_strlcpy (buffer, "ANY", PTL_DNS_TYPE_TEXT_MAX);
  else if (descriptor != NULL && descriptor->_name != NULL && descriptor->_type == type
           && strcmp (descriptor->_name, "NULL") != 0)
    g_strlcpy (buffer, descriptor->_name, PTL_DNS_TYPE_TEXT_MAX);
  else
    g_snprintf (buffer, PTL_DNS_TYPE_TEXT_MAX, "TYPE%u", type);
  return buffer;
}

uint16_t
ptl_dns_type_from_text (const char *text)
{
  g_autofree char *type = g_strstrip (g_strdup (text));
  uint64_t number;

  if (g_ascii_string_to_unsigned (type, 10, 1, UINT16_MAX, &number, NULL)
      || (g_ascii_strncasecmp (type, "TYPE", 4) == 0
          && g_ascii_string_to_unsigned (type + 4, 10, 1, UINT16_MAX, &number, NULL)))
    return (uint16_t) number;
  if (g_ascii_strcasecmp (type, "ANY") == 0)
    return PTL_DNS_TYPE_ANY;
  for (const char *at = type; *at != '\0'; at++)
    if (!g_ascii_isalnum (*at))
      return 0;
  return *type != '\0' ? (uint16_t) ldns_get_rr_type_by_name (type) : 0;
}

/* Of a name as typed: none of the escapes of a zone file, so a backslash is refused. */
static ldns_rdf *
make_dname (const char *name)
{
  ldns_rdf *dname;

  if (*name == '\0' || strchr (name, '\\') != NULL)
    return NULL;
  for (const char *at = name; *at != '\0'; at++)
    if (*(const uint8_t *) at <= ' ' || *(const uint8_t *) at >= 0x7f)
      return NULL;
  dname = ldns_dname_new_frm_str (name);
  if (dname != NULL && ldns_rdf_size (dname) > LDNS_MAX_DOMAINLEN)
    {
      ldns_rdf_deep_free (dname);
      return NULL;
    }
  return dname;
}

size_t
ptl_dns_build_query (const char *name,
                     uint16_t    type,
                     bool        recursion_desired,
                     bool        edns,
                     bool        dnssec_ok,
                     uint8_t    *wire)
{
  ldns_rdf *dname = make_dname (name);
  size_t len = 0, name_len;

  if (dname == NULL)
    return 0;
  /* ldns makes the name; the rest of a question is constant, and ldns would take 64 kB for it. */
  name_len = ldns_rdf_size (dname);
  memset (wire, 0, HEADER_LEN);
  wire[2] = recursion_desired ? 1 : 0;
  /* AD: only then, or with DO, does a resolver say what it has verified (RFC 6840 section 5.7). */
  wire[3] = 0x20;
  wire[5] = 1;
  wire[11] = edns ? 1 : 0;
  memcpy (wire + HEADER_LEN, ldns_rdf_data (dname), name_len);
  len = HEADER_LEN + name_len;
  ldns_rdf_deep_free (dname);
  wire[len++] = (uint8_t) (type >> 8);
  wire[len++] = (uint8_t) type;
  wire[len++] = 0;
  wire[len++] = LDNS_RR_CLASS_IN;
  if (edns)
    {
      const uint8_t opt[] = { 0, 0, LDNS_RR_TYPE_OPT, PTL_DNS_EDNS_SIZE >> 8,
                              PTL_DNS_EDNS_SIZE & 0xff, 0, 0, dnssec_ok ? 0x80 : 0, 0, 0, 0 };

      memcpy (wire + len, opt, sizeof opt);
      len += sizeof opt;
    }
  return len;
}

/* Owned by GLib; what ldns writes is ASCII, but it is not for us to rely on that. */
static char *
take_text (char *text)
{
  char *copy = g_strdup (text != NULL ? text : "");

  free (text);
  g_strchomp (copy);
  for (char *at = copy; *at != '\0'; at++)
    if (*(uint8_t *) at < ' ' || *(uint8_t *) at >= 0x7f)
      *at = '?';
  return copy;
}

/* A name as ldns writes it (RFC 1035 section 5.1), which takes it one printf for each letter. */
static char *
name_to_text (const ldns_rdf *dname)
{
  const uint8_t *data = ldns_rdf_data (dname);
  size_t size = ldns_rdf_size (dname), at = 0, n = 0;
  char *text;

  if (size > LDNS_MAX_DOMAINLEN)
    return g_strdup ("");
  text = g_malloc (4 * size + 2);
  while (at < size && data[at] != 0)
    {
      size_t end = MIN (size, at + 1u + data[at]);

      for (at++; at < end; at++)
        if (data[at] == '.' || data[at] == ';' || data[at] == '(' || data[at] == ')'
            || data[at] == '\\')
          {
            text[n++] = '\\';
            text[n++] = (char) data[at];
          }
        else if (data[at] > ' ' && data[at] < 0x7f)
          text[n++] = (char) data[at];
        else
          n += (size_t) g_snprintf (text + n, 5, "\\%03u", data[at]);
      text[n++] = '.';
    }
  if (n == 0)
    text[n++] = '.';
  text[n] = '\0';
  return text;
}

static char *
field_to_text (const ldns_rdf *field)
{
  char text[INET6_ADDRSTRLEN];

  switch (ldns_rdf_get_type (field))
    {
    case LDNS_RDF_TYPE_DNAME:
      return name_to_text (field);
    case LDNS_RDF_TYPE_A:
      if (ldns_rdf_size (field) == 4)
        return g_strdup (inet_ntop (AF_INET, ldns_rdf_data (field), text, sizeof text));
      break;
    case LDNS_RDF_TYPE_AAAA:
      if (ldns_rdf_size (field) == 16)
        return g_strdup (inet_ntop (AF_INET6, ldns_rdf_data (field), text, sizeof text));
      break;
    default:
      break;
    }
  return take_text (ldns_rdf2str (field));
}

static char *
make_data (const ldns_rr *rr)
{
  size_t n = ldns_rr_rd_count (rr);
  g_autoptr (GString) text = NULL;

  if (n == 1)
    return field_to_text (ldns_rr_rdf (rr, 0));
  text = g_string_new (NULL);
  for (size_t i = 0; i < n; i++)
    {
      g_autofree char *part = field_to_text (ldns_rr_rdf (rr, i));

      if (i > 0)
        g_string_append_c (text, ' ');
      g_string_append (text, part);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
add_section (PtlDnsReply        *reply,
             const ldns_rr_list *list,
             PtlDnsSection       section)
{
  size_t n = list != NULL ? ldns_rr_list_rr_count (list) : 0;

  for (size_t i = 0; i < n; i++)
    {
      const ldns_rr *rr = ldns_rr_list_rr (list, i);
      PtlDnsRecord *record;

      if (reply->n_records == PTL_DNS_RECORDS_MAX)
        {
          reply->cut_off = true;
          return;
        }
      record = &reply->records[reply->n_records++];
      record->owner = name_to_text (ldns_rr_owner (rr));
      record->data = make_data (rr);
      record->ttl = ldns_rr_ttl (rr);
      record->type = (uint16_t) ldns_rr_get_type (rr);
      record->klass = (uint16_t) ldns_rr_get_class (rr);
      record->section = section;
    }
}

/* Whether @dname is @name, which was asked with and so has no escapes. */
static bool
is_name (const ldns_rdf *dname,
         const char     *name)
{
  const uint8_t *data = ldns_rdf_data (dname);
  size_t size = ldns_rdf_size (dname), at = 0;

  while (at < size && data[at] != 0)
    {
      size_t len = data[at++];

      /* A dot within a label is none of a name's. */
      if (len > size - at || strlen (name) < len || memchr (name, '.', len) != NULL
          || g_ascii_strncasecmp ((const char *) data + at, name, len) != 0)
        return false;
      name += len;
      at += len;
      if (*name != '\0' && *name++ != '.')
        return false;
    }
  return *name == '\0' || strcmp (name, ".") == 0;
}

/* Servers that do not understand a question may leave it out of their error. */
static bool
is_question (const ldns_pkt    *packet,
             const PtlDnsReply *reply)
{
  const ldns_rr_list *questions = ldns_pkt_question (packet);
  size_t n = questions != NULL ? ldns_rr_list_rr_count (questions) : 0;
  ldns_pkt_rcode rcode = ldns_pkt_get_rcode (packet);
  const ldns_rr *rr;

  if (n == 0)
    return rcode == LDNS_RCODE_FORMERR || rcode == LDNS_RCODE_NOTIMPL
           || rcode == LDNS_RCODE_REFUSED || rcode == LDNS_RCODE_SERVFAIL;
  if (n != 1)
    return false;
  rr = ldns_rr_list_rr (questions, 0);
  if (ldns_rr_get_type (rr) != (ldns_rr_type) reply->type
      || ldns_rr_get_class (rr) != LDNS_RR_CLASS_IN)
    return false;
  return is_name (ldns_rr_owner (rr), reply->name);
}

/* Behind the name at *@at, which may end in a pointer. */
static bool
skip_name (const uint8_t *wire,
           size_t         len,
           size_t        *at)
{
  while (*at < len)
    {
      uint8_t n = wire[*at];

      if ((n & 0xc0) == 0xc0)
        {
          *at += 2;
          return *at <= len;
        }
      if ((n & 0xc0) != 0)
        return false;
      *at += n + 1u;
      if (n == 0)
        return true;
    }
  return false;
}

/* Whether all records are there, and none is a TSIG: nothing was signed, and ldns 1.8 loses the
 * memory of all but the last of them. */
static bool
is_for_ldns (const uint8_t *wire,
             size_t         len)
{
  unsigned n_questions = (unsigned) (wire[4] << 8 | wire[5]), n_records = 0;
  size_t at = HEADER_LEN;

  for (unsigned i = 6; i < HEADER_LEN; i += 2)
    n_records += (unsigned) (wire[i] << 8 | wire[i + 1]);
  for (unsigned i = 0; i < n_questions; i++)
    {
      if (!skip_name (wire, len, &at) || len - at < 4)
        return false;
      at += 4;
    }
  for (unsigned i = 0; i < n_records; i++)
    {
      size_t n;

      if (!skip_name (wire, len, &at) || len - at < 10
          || (wire[at] << 8 | wire[at + 1]) == LDNS_RR_TYPE_TSIG)
        return false;
      n = (size_t) (wire[at + 8] << 8 | wire[at + 9]);
      at += 10;
      if (len - at < n)
        return false;
      at += n;
    }
  return true;
}

PtlDnsParse
ptl_dns_parse_reply (PtlDnsReply   *reply,
                     const uint8_t *wire,
                     size_t         len_bytes)
{
  ldns_pkt *packet = NULL;
  const ldns_rr_list *questions;
  size_t n;

  if (len_bytes < HEADER_LEN || len_bytes > PTL_DNS_MESSAGE_MAX || !is_for_ldns (wire, len_bytes)
      || ldns_wire2pkt (&packet, wire, len_bytes) != LDNS_STATUS_OK)
    return PTL_DNS_PARSE_GARBAGE;
  if (!ldns_pkt_qr (packet) || ldns_pkt_get_opcode (packet) != LDNS_PACKET_QUERY)
    {
      ldns_pkt_free (packet);
      return PTL_DNS_PARSE_GARBAGE;
    }
  if (!is_question (packet, reply))
    {
      ldns_pkt_free (packet);
      return PTL_DNS_PARSE_WRONG_QUESTION;
    }

  clear_records (reply->records, reply->n_records);
  n = ldns_rr_list_rr_count (ldns_pkt_answer (packet))
      + ldns_rr_list_rr_count (ldns_pkt_authority (packet))
      + ldns_rr_list_rr_count (ldns_pkt_additional (packet));
  reply->records = g_new0 (PtlDnsRecord, MIN (n, PTL_DNS_RECORDS_MAX));
  reply->n_records = 0;
  reply->has_message = true;
  reply->cut_off = false;
  reply->edns = ldns_pkt_edns (packet);
  reply->rcode = (uint16_t) ldns_pkt_get_rcode (packet);
  if (reply->edns)
    reply->rcode |= (uint16_t) (ldns_pkt_edns_extended_rcode (packet) << 4);
  reply->aa = ldns_pkt_aa (packet);
  reply->tc = ldns_pkt_tc (packet);
  reply->rd = ldns_pkt_rd (packet);
  reply->ra = ldns_pkt_ra (packet);
  reply->ad = ldns_pkt_ad (packet);
  reply->cd = ldns_pkt_cd (packet);
  reply->size_bytes = len_bytes;
  add_section (reply, ldns_pkt_answer (packet), PTL_DNS_SECTION_ANSWER);
  add_section (reply, ldns_pkt_authority (packet), PTL_DNS_SECTION_AUTHORITY);
  add_section (reply, ldns_pkt_additional (packet), PTL_DNS_SECTION_ADDITIONAL);
  reply->n_strangers = 0;
  g_clear_pointer (&reply->stranger, g_free);
  questions = ldns_pkt_question (packet);
  if (questions != NULL && ldns_rr_list_rr_count (questions) > 0)
    {
      /* As owners are written: reply->name has no escapes. */
      g_autofree char *asked = name_to_text (ldns_rr_owner (ldns_rr_list_rr (questions, 0)));

      ptl_dns_reply_drop_strangers (reply, asked);
    }
  else
    ptl_dns_reply_drop_strangers (reply, reply->name);
  ldns_pkt_free (packet);
  return PTL_DNS_PARSE_OK;
}

bool
ptl_dns_name_equal (const char *a,
                    const char *b)
{
  size_t a_len = strlen (a), b_len = strlen (b);

  if (a_len > 0 && a[a_len - 1] == '.')
    a_len--;
  if (b_len > 0 && b[b_len - 1] == '.')
    b_len--;
  return a_len == b_len && g_ascii_strncasecmp (a, b, a_len) == 0;
}

PtlDnsChain
ptl_dns_reply_follow (const PtlDnsReply *reply,
                      const char        *name,
                      const char       **target)
{
  const char *at = name;
  unsigned n_steps = 0;
  bool moved = true, found = false;

  if (target != NULL)
    *target = NULL;
  if (reply->type == PTL_DNS_TYPE_CNAME || reply->type == PTL_DNS_TYPE_ANY)
    return PTL_DNS_CHAIN_NONE;
  while (moved)
    {
      moved = false;
      for (unsigned i = 0; i < reply->n_records && !moved && !found; i++)
        {
          const PtlDnsRecord *record = &reply->records[i];

          if (record->section != PTL_DNS_SECTION_ANSWER
              || !ptl_dns_name_equal (record->owner, at))
            continue;
          if (record->type == reply->type)
            found = true;
          else if (record->type == PTL_DNS_TYPE_CNAME)
            {
              at = record->data;
              moved = true;
              n_steps++;
            }
        }
      if (found)
        break;
      /* A chain has no more steps than the answer has records, unless it goes round. */
      if (n_steps > reply->n_records)
        {
          if (target != NULL)
            *target = at;
          return PTL_DNS_CHAIN_ROUND;
        }
    }
  if (n_steps > 0 && target != NULL)
    *target = at;
  /* A server that knows that there is nothing at the end says so with its SOA (RFC 2308). */
  for (unsigned i = 0; i < reply->n_records && !found; i++)
    found = reply->records[i].section == PTL_DNS_SECTION_AUTHORITY
            && reply->records[i].type == PTL_DNS_TYPE_SOA;
  return n_steps > 0 && !found ? PTL_DNS_CHAIN_OPEN : PTL_DNS_CHAIN_NONE;
}

char *
ptl_dns_reverse_name (const PtlAddress *address)
{
  static const char digits[] = "0123456789abcdef";
  GString *name;

  if (ptl_address_get_family (address) == AF_INET)
    {
      const uint8_t *b = (const uint8_t *) &address->in.sin_addr;

      return g_strdup_printf ("%u.%u.%u.%u.in-addr.arpa", b[3], b[2], b[1], b[0]);
    }
  if (ptl_address_get_family (address) != AF_INET6)
    return NULL;
  name = g_string_sized_new (72);
  for (int i = 15; i >= 0; i--)
    {
      uint8_t b = address->in6.sin6_addr.s6_addr[i];

      g_string_append_c (name, digits[b & 15]);
      g_string_append_c (name, '.');
      g_string_append_c (name, digits[b >> 4]);
      g_string_append_c (name, '.');
    }
  g_string_append (name, "ip6.arpa");
  return g_string_free (name, FALSE);
}

bool
ptl_dns_parse_server (const char *text,
                      PtlAddress *server,
                      GError    **error)
{
  g_auto (PtlEndpoint) endpoint = { 0 };
  g_autofree char *typed = g_strstrip (g_strdup (text));
  char *space = strpbrk (typed, " #");

  memset (server, 0, sizeof *server);
  if (space != NULL)
    {
      *space = '\0';
      if (!ptl_endpoint_parse_host_port (&endpoint, typed, space + 1, NULL, NULL, error))
        return false;
    }
  else if (!ptl_endpoint_parse (&endpoint, typed, "53", NULL, error))
    return false;
  if ((endpoint.host_kind != PTL_HOST_IPV4 && endpoint.host_kind != PTL_HOST_IPV6)
      || endpoint.service != NULL || endpoint.port == 0)
    {
      g_set_error (error, PTL_ERROR, PTL_ERROR_PARSE,
                   _("A DNS server is typed as an address, or as address:port"));
      return false;
    }
  *server = endpoint.address;
  ptl_address_set_port (server, (uint16_t) endpoint.port);
  return true;
}
