/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ICMP and ICMPv6 messages as values. */
#include "config.h"

#include "probe/ptl-icmp.h"

#include <string.h>

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

#include "base/ptl-clock.h"

/* After the system's own headers, which it would clash with. */
#include <linux/errqueue.h>

#define IPV4_HEADER_MIN 20
#define IPV6_HEADER_LEN 40
#define EXTENSION_HEADERS_MAX 8
#define QUOTE_MIN_EXTENDED 128 /* RFC 4884 section 3: what is quoted is padded to this */

/* RFC 4884 section 7, RFC 4950 section 3. */
#define EXTENSION_VERSION 2
#define OBJECT_HEADER_LEN 4
#define CLASS_MPLS 1

/* RFC 4443 section 3.1, codes newer than the C library's header. */
#define ICMP6_SOURCE_POLICY 5
#define ICMP6_REJECT_ROUTE 6

static uint16_t
get16 (const uint8_t *bytes)
{
  return (uint16_t) (bytes[0] << 8 | bytes[1]);
}

static uint32_t
get32 (const uint8_t *bytes)
{
  return (uint32_t) bytes[0] << 24 | (uint32_t) bytes[1] << 16 | (uint32_t) bytes[2] << 8
         | bytes[3];
}

static void
put16 (uint8_t  *bytes,
       uint16_t  value)
{
  bytes[0] = (uint8_t) (value >> 8);
  bytes[1] = (uint8_t) value;
}

/* --- meanings --------------------------------------------------------------------------------- */

static PtlIcmpMeaning
get_meaning_4 (uint8_t type,
               uint8_t code)
{
  switch (type)
    {
    case ICMP_ECHO:
      return PTL_ICMP_ECHO_REQUEST;
    case ICMP_ECHOREPLY:
      return PTL_ICMP_ECHO_REPLY;
    case ICMP_TIME_EXCEEDED:
      return code == ICMP_EXC_TTL ? PTL_ICMP_TTL_EXCEEDED
             : code == ICMP_EXC_FRAGTIME ? PTL_ICMP_REASSEMBLY_EXCEEDED : PTL_ICMP_OTHER;
    case ICMP_PARAMETERPROB:
      return PTL_ICMP_PARAMETER_PROBLEM;
    case ICMP_REDIRECT:
      return PTL_ICMP_REDIRECT;
    case ICMP_SOURCE_QUENCH:
      return PTL_ICMP_SOURCE_QUENCH;
    case ICMP_DEST_UNREACH:
      break;
    default:
      return PTL_ICMP_OTHER;
    }
  switch (code)
    {
    case ICMP_NET_UNREACH:
    case ICMP_NET_UNKNOWN:
    case ICMP_NET_UNR_TOS:
      return PTL_ICMP_NO_NETWORK;
    case ICMP_HOST_UNREACH:
    case ICMP_HOST_UNKNOWN:
    case ICMP_HOST_ISOLATED:
    case ICMP_HOST_UNR_TOS:
      return PTL_ICMP_NO_HOST;
    case ICMP_PROT_UNREACH:
      return PTL_ICMP_NO_PROTOCOL;
    case ICMP_PORT_UNREACH:
      return PTL_ICMP_NO_PORT;
    case ICMP_FRAG_NEEDED:
      return PTL_ICMP_TOO_BIG;
    case ICMP_SR_FAILED:
      return PTL_ICMP_SOURCE_ROUTE_FAILED;
    case ICMP_NET_ANO:
    case ICMP_HOST_ANO:
    case ICMP_PKT_FILTERED:
      return PTL_ICMP_PROHIBITED;
    case ICMP_PREC_VIOLATION:
    case ICMP_PREC_CUTOFF:
      return PTL_ICMP_PRECEDENCE;
    default:
      return PTL_ICMP_OTHER;
    }
}

static PtlIcmpMeaning
get_meaning_6 (uint8_t type,
               uint8_t code)
{
  switch (type)
    {
    case ICMP6_ECHO_REQUEST:
      return PTL_ICMP_ECHO_REQUEST;
    case ICMP6_ECHO_REPLY:
      return PTL_ICMP_ECHO_REPLY;
    case ICMP6_PACKET_TOO_BIG:
      return PTL_ICMP_TOO_BIG;
    case ICMP6_TIME_EXCEEDED:
      return code == ICMP6_TIME_EXCEED_TRANSIT ? PTL_ICMP_TTL_EXCEEDED
             : code == ICMP6_TIME_EXCEED_REASSEMBLY ? PTL_ICMP_REASSEMBLY_EXCEEDED
             : PTL_ICMP_OTHER;
    case ICMP6_PARAM_PROB:
      return PTL_ICMP_PARAMETER_PROBLEM;
    case ND_REDIRECT:
      return PTL_ICMP_REDIRECT;
    case ICMP6_DST_UNREACH:
      break;
    default:
      return PTL_ICMP_OTHER;
    }
  switch (code)
    {
    case ICMP6_DST_UNREACH_NOROUTE:
      return PTL_ICMP_NO_NETWORK;
    case ICMP6_DST_UNREACH_ADMIN:
      return PTL_ICMP_PROHIBITED;
    case ICMP6_DST_UNREACH_BEYONDSCOPE:
      return PTL_ICMP_BEYOND_SCOPE;
    case ICMP6_DST_UNREACH_ADDR:
      return PTL_ICMP_NO_HOST;
    case ICMP6_DST_UNREACH_NOPORT:
      return PTL_ICMP_NO_PORT;
    case ICMP6_SOURCE_POLICY:
      return PTL_ICMP_SOURCE_POLICY;
    case ICMP6_REJECT_ROUTE:
      return PTL_ICMP_REJECT_ROUTE;
    default:
      return PTL_ICMP_OTHER;
    }
}

PtlIcmpMeaning
ptl_icmp_get_meaning (int     family,
                      uint8_t type,
                      uint8_t code)
{
  return family == AF_INET6 ? get_meaning_6 (type, code) : get_meaning_4 (type, code);
}

bool
ptl_icmp_is_error (PtlIcmpMeaning meaning)
{
  switch (meaning)
    {
    case PTL_ICMP_OTHER:
    case PTL_ICMP_ECHO_REQUEST:
    case PTL_ICMP_ECHO_REPLY:
    case PTL_ICMP_REDIRECT:
    case PTL_ICMP_SOURCE_QUENCH:
    case PTL_ICMP_N_MEANINGS:
      return false;
    default:
      return true;
    }
}

const char *
ptl_icmp_get_mark (int     family,
                   uint8_t type,
                   uint8_t code,
                   char    buffer[8])
{
  const char *mark = "";

  switch (ptl_icmp_get_meaning (family, type, code))
    {
    case PTL_ICMP_NO_NETWORK:
    case PTL_ICMP_REJECT_ROUTE:
      mark = "!N";
      break;
    case PTL_ICMP_NO_HOST:
      mark = "!H";
      break;
    case PTL_ICMP_NO_PROTOCOL:
      mark = "!P";
      break;
    case PTL_ICMP_TOO_BIG:
      mark = "!F";
      break;
    case PTL_ICMP_SOURCE_ROUTE_FAILED:
    case PTL_ICMP_BEYOND_SCOPE:
      mark = "!S";
      break;
    case PTL_ICMP_PROHIBITED:
    case PTL_ICMP_SOURCE_POLICY:
      mark = "!X";
      break;
    case PTL_ICMP_PRECEDENCE:
      mark = code == ICMP_PREC_VIOLATION ? "!V" : "!C";
      break;
    case PTL_ICMP_OTHER:
      if ((family == AF_INET6 && type == ICMP6_DST_UNREACH)
          || (family != AF_INET6 && type == ICMP_DEST_UNREACH))
        {
          g_snprintf (buffer, 8, "!%u", code);
          return buffer;
        }
      break;
    default:
      break;
    }
  g_strlcpy (buffer, mark, 8);
  return buffer;
}

/* --- building --------------------------------------------------------------------------------- */

uint16_t
ptl_icmp_checksum (const uint8_t *bytes,
                   size_t         len_bytes)
{
  uint64_t sum = 0;

  for (size_t i = 0; i + 1 < len_bytes; i += 2)
    sum += get16 (bytes + i);
  if (len_bytes % 2 != 0)
    sum += (uint64_t) bytes[len_bytes - 1] << 8;
  while (sum >> 16 != 0)
    sum = (sum & 0xffff) + (sum >> 16);
  return g_htons ((uint16_t) ~sum);
}

size_t
ptl_icmp_build_echo (int       family,
                     uint16_t  id,
                     uint16_t  seq,
                     uint8_t  *packet,
                     size_t    len_data)
{
  size_t len = PTL_ICMP_HEADER_LEN + len_data;

  packet[0] = family == AF_INET6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO;
  packet[1] = 0;
  put16 (packet + 2, 0);
  put16 (packet + 4, id);
  put16 (packet + 6, seq);
  if (family != AF_INET6)
    {
      uint16_t sum = ptl_icmp_checksum (packet, len);

      memcpy (packet + 2, &sum, sizeof sum);
    }
  return len;
}

/* --- parsing ---------------------------------------------------------------------------------- */

static void
set_address (PtlAddress    *address,
             int            family,
             const uint8_t *bytes)
{
  memset (address, 0, sizeof *address);
  if (family == AF_INET6)
    {
      address->len = sizeof address->in6;
      address->in6.sin6_family = AF_INET6;
      memcpy (&address->in6.sin6_addr, bytes, 16);
      return;
    }
  address->len = sizeof address->in;
  address->in.sin_family = AF_INET;
  memcpy (&address->in.sin_addr, bytes, 4);
}

/* The transport's header, of which RFC 792 promises eight bytes. */
static bool
parse_transport (int            family,
                 const uint8_t *bytes,
                 size_t         len_bytes,
                 PtlIcmpQuoted *quoted)
{
  uint8_t echo = family == AF_INET6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO;

  if (len_bytes < 8)
    return false;
  switch (quoted->protocol)
    {
    case IPPROTO_UDP:
    case IPPROTO_TCP:
    case IPPROTO_UDPLITE:
      quoted->has_ports = true;
      ptl_address_set_port (&quoted->source, get16 (bytes));
      ptl_address_set_port (&quoted->destination, get16 (bytes + 2));
      break;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      quoted->has_echo = (quoted->protocol == IPPROTO_ICMPV6) == (family == AF_INET6)
                         && bytes[0] == echo && bytes[1] == 0;
      quoted->id = get16 (bytes + 4);
      quoted->seq = get16 (bytes + 6);
      break;
    default:
      break;
    }
  quoted->data = bytes + 8;
  quoted->len_data = len_bytes - 8;
  return true;
}

static bool
parse_quoted_4 (const uint8_t *bytes,
                size_t         len_bytes,
                PtlIcmpQuoted *quoted)
{
  size_t len_header;

  if (len_bytes < IPV4_HEADER_MIN || bytes[0] >> 4 != 4)
    return false;
  len_header = (size_t) (bytes[0] & 15) * 4;
  if (len_header < IPV4_HEADER_MIN || len_header > len_bytes)
    return false;
  quoted->protocol = bytes[9];
  set_address (&quoted->source, AF_INET, bytes + 12);
  set_address (&quoted->destination, AF_INET, bytes + 16);
  /* Of a later fragment there is no transport header (RFC 791 section 3.1). */
  if ((get16 (bytes + 6) & 0x1fff) != 0)
    return false;
  return parse_transport (AF_INET, bytes + len_header, len_bytes - len_header, quoted);
}

static bool
parse_quoted_6 (const uint8_t *bytes,
                size_t         len_bytes,
                PtlIcmpQuoted *quoted)
{
  size_t at = IPV6_HEADER_LEN;
  uint8_t next;

  if (len_bytes < IPV6_HEADER_LEN || bytes[0] >> 4 != 6)
    return false;
  next = bytes[6];
  set_address (&quoted->source, AF_INET6, bytes + 8);
  set_address (&quoted->destination, AF_INET6, bytes + 24);
  for (unsigned i = 0; i < EXTENSION_HEADERS_MAX; i++)
    {
      size_t len;

      if (next != IPPROTO_HOPOPTS && next != IPPROTO_ROUTING && next != IPPROTO_FRAGMENT
          && next != IPPROTO_DSTOPTS)
        {
          quoted->protocol = next;
          return parse_transport (AF_INET6, bytes + at, len_bytes - at, quoted);
        }
      if (len_bytes - at < 8)
        return false;
      if (next == IPPROTO_FRAGMENT && (get16 (bytes + at + 2) & 0xfff8) != 0)
        return false;
      len = next == IPPROTO_FRAGMENT ? 8 : ((size_t) bytes[at + 1] + 1) * 8;
      next = bytes[at];
      if (len > len_bytes - at)
        return false;
      at += len;
    }
  return false;
}

/* The objects behind what is quoted.  Without a checksum (0) it is taken as sound (section 7). */
static void
parse_extension (const uint8_t *bytes,
                 size_t         len_bytes,
                 uint32_t       labels[PTL_ICMP_LABELS_MAX],
                 unsigned      *n_labels)
{
  size_t at = 4;

  if (len_bytes < 4 || bytes[0] >> 4 != EXTENSION_VERSION)
    return;
  if (get16 (bytes + 2) != 0 && ptl_icmp_checksum (bytes, len_bytes) != 0)
    return;
  while (len_bytes - at >= OBJECT_HEADER_LEN)
    {
      size_t len = get16 (bytes + at);

      if (len < OBJECT_HEADER_LEN || len > len_bytes - at)
        return;
      if (bytes[at + 2] == CLASS_MPLS && bytes[at + 3] == 1)
        for (size_t i = OBJECT_HEADER_LEN; i + 4 <= len && *n_labels < PTL_ICMP_LABELS_MAX; i += 4)
          labels[(*n_labels)++] = get32 (bytes + at + i);
      at += len;
    }
}

/* How much of what is behind the header is the quoted packet; the rest is an extension. */
static size_t
get_len_quoted (int            family,
                const uint8_t *bytes,
                size_t         len_bytes)
{
  size_t behind = len_bytes - PTL_ICMP_HEADER_LEN, len;

  /* RFC 4884 section 4: 32-bit words at byte 5 in ICMP, 64-bit words at byte 4 in ICMPv6, and only
   * in the messages that have the length. */
  if (family == AF_INET6)
    len = bytes[0] == ICMP6_DST_UNREACH || bytes[0] == ICMP6_TIME_EXCEEDED ? bytes[4] * 8u : 0;
  else
    len = bytes[0] == ICMP_DEST_UNREACH || bytes[0] == ICMP_TIME_EXCEEDED
          || bytes[0] == ICMP_PARAMETERPROB ? bytes[5] * 4u : 0;
  if (len < QUOTE_MIN_EXTENDED || len > behind)
    return behind;
  return len;
}

bool
ptl_icmp_parse (int             family,
                const uint8_t  *bytes,
                size_t          len_bytes,
                PtlIcmpMessage *message)
{
  const uint8_t *behind;
  size_t len_quoted;

  memset (message, 0, sizeof *message);
  if (len_bytes < PTL_ICMP_HEADER_LEN
      || (family != AF_INET6 && ptl_icmp_checksum (bytes, len_bytes) != 0))
    return false;
  behind = bytes + PTL_ICMP_HEADER_LEN;
  message->type = bytes[0];
  message->code = bytes[1];
  message->meaning = ptl_icmp_get_meaning (family, bytes[0], bytes[1]);
  if (message->meaning == PTL_ICMP_ECHO_REPLY || message->meaning == PTL_ICMP_ECHO_REQUEST)
    {
      message->id = get16 (bytes + 4);
      message->seq = get16 (bytes + 6);
      message->data = behind;
      message->len_data = len_bytes - PTL_ICMP_HEADER_LEN;
      return true;
    }
  /* An error of ICMPv6 has a type below 128 (RFC 4443 section 2.1). */
  if (!ptl_icmp_is_error (message->meaning)
      && !(family == AF_INET6 ? message->type < 128 : message->type == ICMP_DEST_UNREACH))
    return true;
  if (message->meaning == PTL_ICMP_TOO_BIG)
    message->mtu = family == AF_INET6 ? get32 (bytes + 4) : get16 (bytes + 6);
  len_quoted = get_len_quoted (family, bytes, len_bytes);
  message->has_quoted = family == AF_INET6
                        ? parse_quoted_6 (behind, len_quoted, &message->quoted)
                        : parse_quoted_4 (behind, len_quoted, &message->quoted);
  if (!message->has_quoted)
    memset (&message->quoted, 0, sizeof message->quoted);
  parse_extension (behind + len_quoted, len_bytes - PTL_ICMP_HEADER_LEN - len_quoted,
                   message->labels, &message->n_labels);
  return true;
}

bool
ptl_icmp_parse_ipv4 (const uint8_t  *bytes,
                     size_t          len_bytes,
                     PtlIcmpMessage *message,
                     uint8_t        *ttl,
                     PtlAddress     *from)
{
  size_t len_header;

  memset (message, 0, sizeof *message);
  memset (from, 0, sizeof *from);
  *ttl = 0;
  if (len_bytes < IPV4_HEADER_MIN || bytes[0] >> 4 != 4 || bytes[9] != IPPROTO_ICMP)
    return false;
  len_header = (size_t) (bytes[0] & 15) * 4;
  if (len_header < IPV4_HEADER_MIN || len_header > len_bytes)
    return false;
  if (!ptl_icmp_parse (AF_INET, bytes + len_header, len_bytes - len_header, message))
    return false;
  *ttl = bytes[8];
  set_address (from, AF_INET, bytes + 12);
  return true;
}

size_t
ptl_icmp_compare (const uint8_t *sent,
                  size_t         len_sent,
                  const uint8_t *came,
                  size_t         len_came)
{
  size_t len = MIN (len_sent, len_came);

  for (size_t i = 0; i < len; i++)
    if (sent[i] != came[i])
      return i;
  return len_sent == len_came ? SIZE_MAX : len;
}

/* --- what comes with recvmsg() ---------------------------------------------------------------- */

typedef struct
{
  int            level;
  int            type;
  const uint8_t *data;
  size_t         len;
} Control;

/* The next one that lies whole in what came; @at is where it begins, and then where the one behind
 * it does. */
static bool
next_control (const struct msghdr *msg,
              size_t              *at,
              Control             *control)
{
  const uint8_t *bytes = msg->msg_control;
  struct cmsghdr head;
  size_t left = msg->msg_controllen - *at;

  if (bytes == NULL || left < sizeof head)
    return false;
  memcpy (&head, bytes + *at, sizeof head);
  if (head.cmsg_len < CMSG_LEN (0) || head.cmsg_len > left)
    return false;
  *control = (Control) {
    .level = head.cmsg_level, .type = head.cmsg_type, .data = bytes + *at + CMSG_LEN (0),
    .len = head.cmsg_len - CMSG_LEN (0),
  };
  *at += MIN (CMSG_ALIGN (head.cmsg_len), left);
  return true;
}

static bool
is_control (const Control *control,
            int            level,
            int            type,
            size_t         len)
{
  return control->level == level && control->type == type && control->len >= len;
}

static bool
get_stamp (const Control *control,
           uint64_t      *stamp_ns)
{
  struct timespec stamp;

  if (!is_control (control, SOL_SOCKET, SCM_TIMESTAMPNS, sizeof stamp))
    return false;
  memcpy (&stamp, control->data, sizeof stamp);
  if (stamp.tv_sec < 0 || stamp.tv_nsec < 0 || stamp.tv_nsec >= (long) PTL_NS_PER_S)
    return false;
  *stamp_ns = (uint64_t) stamp.tv_sec * PTL_NS_PER_S + (uint64_t) stamp.tv_nsec;
  return true;
}

void
ptl_icmp_parse_control (const struct msghdr *msg,
                        uint64_t            *stamp_ns,
                        int                 *ttl)
{
  Control control;
  size_t at = 0;
  int value;

  *stamp_ns = 0;
  *ttl = -1;
  while (next_control (msg, &at, &control))
    {
      if (get_stamp (&control, stamp_ns))
        continue;
      if (!is_control (&control, SOL_IP, IP_TTL, sizeof value)
          && !is_control (&control, SOL_IPV6, IPV6_HOPLIMIT, sizeof value))
        continue;
      memcpy (&value, control.data, sizeof value);
      if (value >= 0 && value <= 255)
        *ttl = value;
    }
}

static void
fill_notice (PtlIcmpNotice                  *notice,
             int                             family,
             const struct sock_extended_err *err,
             const struct sockaddr          *offender,
             socklen_t                       len_offender)
{
  notice->family = family;
  notice->sys_errno = (int) err->ee_errno;
  notice->local = err->ee_origin == SO_EE_ORIGIN_LOCAL;
  if (notice->local)
    {
      if (err->ee_errno == EMSGSIZE)
        {
          notice->meaning = PTL_ICMP_TOO_BIG;
          notice->mtu = err->ee_info;
        }
      return;
    }
  notice->type = err->ee_type;
  notice->code = err->ee_code;
  notice->meaning = ptl_icmp_get_meaning (family, err->ee_type, err->ee_code);
  if (notice->meaning == PTL_ICMP_TOO_BIG)
    notice->mtu = err->ee_info;
  if (offender->sa_family == AF_INET || offender->sa_family == AF_INET6)
    ptl_address_from_sockaddr (&notice->from, offender, len_offender);
  if (notice->from.len > 0)
    ptl_address_set_port (&notice->from, 0);
}

bool
ptl_icmp_parse_error (const struct msghdr *msg,
                      const uint8_t       *data,
                      size_t               len_data,
                      PtlIcmpError        *error)
{
  Control control;
  size_t at = 0;
  bool found = false;

  memset (error, 0, sizeof *error);
  while (next_control (msg, &at, &control))
    {
      struct sock_extended_err err;
      struct sockaddr_storage offender = { 0 };
      size_t len;
      int family;

      if (get_stamp (&control, &error->stamp_ns))
        continue;
      if (is_control (&control, SOL_IP, IP_RECVERR, sizeof err))
        family = AF_INET;
      else if (is_control (&control, SOL_IPV6, IPV6_RECVERR, sizeof err))
        family = AF_INET6;
      else
        continue;
      memcpy (&err, control.data, sizeof err);
      if (err.ee_origin != SO_EE_ORIGIN_LOCAL && err.ee_origin != SO_EE_ORIGIN_ICMP
          && err.ee_origin != SO_EE_ORIGIN_ICMP6)
        continue;
      len = MIN (control.len - sizeof err, sizeof offender);
      memcpy (&offender, control.data + sizeof err, len);
      memset (&error->notice, 0, sizeof error->notice);
      fill_notice (&error->notice, family, &err, (const struct sockaddr *) &offender,
                   (socklen_t) len);
      /* ee_rfc4884.len: where the extension begins in what was quoted behind the transport's header
       * (IP_RECVERR_RFC4884); the kernel has checked its form. */
      if (err.ee_origin != SO_EE_ORIGIN_LOCAL && err.ee_rfc4884.len > 0
          && err.ee_rfc4884.len <= len_data
          && (err.ee_rfc4884.flags & SO_EE_RFC4884_FLAG_INVALID) == 0)
        parse_extension (data + err.ee_rfc4884.len, len_data - err.ee_rfc4884.len,
                         error->notice.labels, &error->notice.n_labels);
      found = true;
    }
  if (!found)
    {
      memset (error, 0, sizeof *error);
      return false;
    }
  if (msg->msg_name != NULL && msg->msg_namelen >= sizeof (sa_family_t))
    {
      const struct sockaddr *name = msg->msg_name;

      if (name->sa_family == AF_INET || name->sa_family == AF_INET6)
        ptl_address_from_sockaddr (&error->destination, name, msg->msg_namelen);
    }
  return true;
}
