/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as the answer of a DNS server to the question for b.test; the first two are the type
 * that was asked for. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lookup/ptl-dns.h"
#include "lookup/ptl-idna.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes,
                            size_t         len_bytes);

int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t         len_bytes)
{
  g_autoptr (PtlDnsReply) reply = NULL;
  const char *target;
  PtlDnsParse parse;
  unsigned n_strangers;

  if (len_bytes < 2)
    return 0;
  reply = ptl_dns_reply_new ("b.test", (uint16_t) (bytes[0] << 8 | bytes[1]));
  parse = ptl_dns_parse_reply (reply, bytes + 2, len_bytes - 2);
  if (parse != PTL_DNS_PARSE_OK)
    {
      if (reply->has_message || reply->n_records != 0)
        abort ();
      return 0;
    }
  if (reply->n_records > PTL_DNS_RECORDS_MAX)
    abort ();
  for (unsigned i = 0; i < reply->n_records; i++)
    if (reply->records[i].owner == NULL || reply->records[i].data == NULL
        || !g_str_is_ascii (reply->records[i].owner) || !g_str_is_ascii (reply->records[i].data))
      abort ();
  if ((reply->n_strangers > 0) != (reply->stranger != NULL))
    abort ();
  for (unsigned i = 0; i < reply->n_records; i++)
    {
      g_autofree char *unicode = ptl_idna_to_unicode (reply->records[i].owner);

      if (unicode != NULL && !g_utf8_validate (unicode, -1, NULL))
        abort ();
    }
  /* What is left belongs to the question. */
  n_strangers = reply->n_strangers;
  ptl_dns_reply_drop_strangers (reply, "b.test");
  if (reply->n_strangers != n_strangers)
    abort ();
  if (ptl_dns_reply_follow (reply, "b.test", &target) != PTL_DNS_CHAIN_NONE && target == NULL)
    abort ();
  return 0;
}
