/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as an ICMP message and as what the kernel's error queue gives; the first one says as
 * which. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "probe/ptl-icmp.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes,
                            size_t         len_bytes);

static void
check_message (const PtlIcmpMessage *message,
               const uint8_t        *bytes,
               size_t                len_bytes)
{
  const PtlIcmpQuoted *quoted = &message->quoted;
  char mark[8];

  if (message->n_labels > PTL_ICMP_LABELS_MAX || message->meaning >= PTL_ICMP_N_MEANINGS)
    abort ();
  if (message->data != NULL
      && (message->data < bytes || message->data + message->len_data > bytes + len_bytes))
    abort ();
  if (message->has_quoted
      && (quoted->data < bytes || quoted->data + quoted->len_data > bytes + len_bytes))
    abort ();
  if (!message->has_quoted && (quoted->data != NULL || quoted->has_echo || quoted->has_ports))
    abort ();
  ptl_icmp_get_mark (AF_INET, message->type, message->code, mark);
  if (memchr (mark, '\0', sizeof mark) == NULL)
    abort ();
}

static void
feed_queue (const uint8_t *bytes,
            size_t         len_bytes)
{
  union
  {
    struct cmsghdr align;
    uint8_t        bytes[512];
  } control = { 0 };
  struct sockaddr_storage name = { 0 };
  size_t len_name = MIN (len_bytes, 32), len_control;
  struct msghdr msg = { .msg_name = &name, .msg_namelen = (socklen_t) len_name,
                        .msg_control = &control };
  char text[PTL_ADDRESS_TEXT_MAX];
  PtlIcmpError error;
  uint64_t stamp_ns;
  int ttl;

  memcpy (&name, bytes, len_name);
  bytes += len_name;
  len_bytes -= len_name;
  len_control = MIN (len_bytes, sizeof control);
  memcpy (&control, bytes, len_control);
  msg.msg_controllen = len_control;
  bytes += len_control;
  len_bytes -= len_control;
  if (!ptl_icmp_parse_error (&msg, bytes, len_bytes, &error)
      && (error.destination.len != 0 || error.stamp_ns != 0 || error.notice.family != 0))
    abort ();
  if (error.notice.n_labels > PTL_ICMP_LABELS_MAX
      || error.notice.meaning >= PTL_ICMP_N_MEANINGS)
    abort ();
  ptl_address_format (&error.notice.from, text, sizeof text);
  ptl_address_format (&error.destination, text, sizeof text);
  ptl_icmp_parse_control (&msg, &stamp_ns, &ttl);
  if (ttl < -1 || ttl > 255)
    abort ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t         len_bytes)
{
  PtlIcmpMessage message;
  g_autofree uint8_t *copy = NULL;
  PtlAddress from;
  uint16_t sum;
  uint8_t ttl;

  if (len_bytes < 1)
    return 0;
  copy = g_memdup2 (bytes + 1, len_bytes - 1);
  len_bytes--;
  switch (bytes[0] % 4)
    {
    case 0:
      /* With a right checksum, or nothing would be looked at. */
      if (len_bytes >= 4)
        {
          copy[2] = copy[3] = 0;
          sum = ptl_icmp_checksum (copy, len_bytes);
          memcpy (copy + 2, &sum, 2);
        }
      if (ptl_icmp_parse (AF_INET, copy, len_bytes, &message))
        check_message (&message, copy, len_bytes);
      break;
    case 1:
      if (ptl_icmp_parse (AF_INET6, copy, len_bytes, &message))
        check_message (&message, copy, len_bytes);
      break;
    case 2:
      if (ptl_icmp_parse_ipv4 (copy, len_bytes, &message, &ttl, &from))
        check_message (&message, copy, len_bytes);
      else if (from.len != 0 || message.type != 0 || message.has_quoted)
        abort ();
      break;
    default:
      if (len_bytes > 0)
        feed_queue (copy, len_bytes);
    }
  return 0;
}
