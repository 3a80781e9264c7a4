/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events to bytes and back. */
#include "config.h"

#include "base/ptl-event.h"

#include <string.h>

#define HEAD_BYTES 24

_Static_assert (sizeof (struct sockaddr_un) <= 128, "two addresses fit into PTL_EVENT_BYTES_MAX");

static size_t
put (uint8_t    *bytes,
     size_t      at,
     const void *from,
     size_t      len_bytes)
{
  memcpy (bytes + at, from, len_bytes);
  return at + len_bytes;
}

size_t
ptl_event_encode (const PtlEvent *event,
                  uint8_t        *bytes)
{
  int32_t error = event->error;
  uint8_t local_len = (uint8_t) event->local.len;
  uint8_t peer_len = (uint8_t) event->peer.len;
  uint16_t text_len = (uint16_t) strnlen (event->text, PTL_EVENT_TEXT_MAX - 1);
  size_t at = 0;

  g_assert (event->local.len <= sizeof event->local.un);
  g_assert (event->peer.len <= sizeof event->peer.un);

  at = put (bytes, at, &event->n1, sizeof event->n1);
  at = put (bytes, at, &event->n2, sizeof event->n2);
  at = put (bytes, at, &error, sizeof error);
  at = put (bytes, at, &local_len, sizeof local_len);
  at = put (bytes, at, &peer_len, sizeof peer_len);
  at = put (bytes, at, &text_len, sizeof text_len);
  at = put (bytes, at, &event->local.sa, local_len);
  at = put (bytes, at, &event->peer.sa, peer_len);
  at = put (bytes, at, event->text, text_len);
  return at;
}

/* The bytes of a file are not aligned, and may be anything. */
static bool
take_address (PtlAddress    *address,
              const uint8_t *bytes,
              size_t         len_bytes)
{
  struct sockaddr_storage sa;

  if (len_bytes == 0)
    return true;
  if (len_bytes > sizeof sa)
    return false;
  memset (&sa, 0, sizeof sa);
  memcpy (&sa, bytes, len_bytes);
  return ptl_address_from_sockaddr (address, (const struct sockaddr *) &sa,
                                    (socklen_t) len_bytes);
}

bool
ptl_event_decode (PtlEvent      *event,
                  uint32_t       code,
                  const uint8_t *bytes,
                  size_t         len_bytes)
{
  int32_t error;
  uint16_t text_len;
  size_t local_len, peer_len;
  const uint8_t *text;

  memset (event, 0, sizeof *event);
  event->code = (PtlEventCode) code;
  if (len_bytes < HEAD_BYTES)
    return false;

  local_len = bytes[20];
  peer_len = bytes[21];
  memcpy (&text_len, bytes + 22, sizeof text_len);
  if (len_bytes != HEAD_BYTES + local_len + peer_len + text_len || text_len >= PTL_EVENT_TEXT_MAX)
    return false;
  text = bytes + HEAD_BYTES + local_len + peer_len;
  if (memchr (text, '\0', text_len) != NULL)
    return false;

  if (!take_address (&event->local, bytes + HEAD_BYTES, local_len)
      || !take_address (&event->peer, bytes + HEAD_BYTES + local_len, peer_len))
    {
      memset (event, 0, sizeof *event);
      event->code = (PtlEventCode) code;
      return false;
    }

  memcpy (&event->n1, bytes, sizeof event->n1);
  memcpy (&event->n2, bytes + 8, sizeof event->n2);
  memcpy (&error, bytes + 16, sizeof error);
  event->error = error;
  memcpy (event->text, text, text_len);
  return true;
}
