/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events and addresses of any bytes, as a damaged log may hold them. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/ptl-event.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes,
                            size_t         len_bytes);

int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t         len_bytes)
{
  PtlEvent event, back;
  uint8_t again[PTL_EVENT_BYTES_MAX];
  char text[PTL_ADDRESS_TEXT_MAX];
  char small[9];

  if (!ptl_event_decode (&event, 7, bytes, len_bytes))
    {
      if (event.local.len != 0 || event.peer.len != 0 || event.text[0] != '\0')
        abort ();
      return 0;
    }
  if (strnlen (event.text, sizeof event.text) == sizeof event.text)
    abort ();
  for (unsigned i = 0; i < 2; i++)
    {
      PtlAddress *address = i == 0 ? &event.local : &event.peer;
      PtlAddress copy = *address;

      ptl_address_format (address, text, sizeof text);
      if (!g_utf8_validate (text, -1, NULL) || strlen (text) >= sizeof text - 1)
        abort ();
      ptl_address_format (address, small, sizeof small);
      ptl_address_format_host (address, text, sizeof text);
      if (!ptl_address_equal (address, &copy) || !ptl_address_equal_host (address, &copy)
          || ptl_address_hash (address) != ptl_address_hash (&copy))
        abort ();
      ptl_address_is_any (address);
      ptl_address_is_loopback (address);
      ptl_address_is_multicast (address);
      ptl_address_is_link_local (address);
      ptl_address_unmap (&copy);
      ptl_address_set_port (&copy, 7);
    }
  if (!ptl_event_decode (&back, 7, again, ptl_event_encode (&event, again))
      || !ptl_address_equal (&event.local, &back.local)
      || !ptl_address_equal (&event.peer, &back.peer)
      || strcmp (event.text, back.text) != 0 || event.n1 != back.n1 || event.n2 != back.n2
      || event.error != back.error)
    abort ();
  return 0;
}
