/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wake-on-LAN: the frame, and how it is sent. */
#include "config.h"

#include "probe/ptl-wake.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <arpa/inet.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-fd.h"
#include "base/ptl-parse.h"

#define COPIES 16

static bool
is_between (char c)
{
  return c == ':' || c == '-' || c == '.' || c == ' ';
}

/* @n bytes as hex digits, in pairs or fours with something between them or not.  NULL, or why not;
 * *@at is the culprit. */
static char *
parse_bytes (uint8_t    *bytes,
             size_t      n,
             const char *text,
             size_t     *at)
{
  size_t i = ptl_parse_skip_space (text), len = ptl_parse_len_trimmed (text), n_digits = 0;
  char between = '\0';
  size_t group = 0, in_group = 0;

  for (; i < len; i++)
    {
      char c = text[i];

      *at = i;
      if (g_ascii_isxdigit (c))
        {
          if (n_digits == n * 2)
            return g_strdup_printf (_("there are more than %zu bytes"), n);
          if (n_digits % 2 == 0)
            bytes[n_digits / 2] = 0;
          bytes[n_digits / 2] = (uint8_t) (bytes[n_digits / 2] << 4 | g_ascii_xdigit_value (c));
          n_digits++;
          in_group++;
        }
      else if (!is_between (c))
        return g_strdup (_("this is not a hexadecimal digit"));
      else if (between != '\0' && c != between)
        return g_strdup (_("the bytes are separated in two ways"));
      else if (in_group == 0 || in_group % 2 != 0 || (group != 0 && in_group != group))
        return g_strdup (_("two or four digits are wanted before it, as many each time"));
      else
        {
          between = c;
          group = in_group;
          in_group = 0;
        }
    }
  *at = len;
  if (n_digits < n * 2 || (group != 0 && in_group != group))
    return g_strdup_printf (_("%zu bytes are wanted, as in %s"), n,
                            n == 4 ? "11:22:33:44" : "00:11:22:aa:bb:cc");
  return NULL;
}

bool
ptl_wake_parse_mac (uint8_t      mac[PTL_WAKE_MAC_LEN],
                    const char  *text,
                    GError     **error)
{
  static const uint8_t zeros[PTL_WAKE_MAC_LEN];
  size_t at = 0;
  char *why = parse_bytes (mac, PTL_WAKE_MAC_LEN, text, &at);

  if (why != NULL)
    return ptl_parse_fail (error, NULL, text, at, why);
  at = ptl_parse_skip_space (text);
  if ((mac[0] & 1) != 0)
    return ptl_parse_fail (error, NULL, text, at + 1,
                           g_strdup (_("this is the address of a group: the first byte of a "
                                       "computer’s is even")));
  if (memcmp (mac, zeros, sizeof zeros) == 0)
    return ptl_parse_fail (error, NULL, text, at,
                           g_strdup (_("no computer has only zeros as its address")));
  return true;
}

bool
ptl_wake_parse_password (PtlWakeTarget *target,
                         const char    *text,
                         GError       **error)
{
  size_t start = ptl_parse_skip_space (text), at = 0;
  size_t n_digits = 0;
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  struct in_addr in;
  char *why;

  target->len_password = 0;
  if (text[start] == '\0')
    return true;
  if (inet_pton (AF_INET, trimmed, &in) == 1)
    {
      memcpy (target->password, &in, 4);
      target->len_password = 4;
      return true;
    }
  for (const char *c = trimmed; *c != '\0'; c++)
    n_digits += g_ascii_isxdigit (*c) ? 1 : 0;
  why = parse_bytes (target->password, n_digits == 8 ? 4 : 6, text, &at);
  if (why != NULL)
    return ptl_parse_fail (error, NULL, text, at, why);
  target->len_password = n_digits == 8 ? 4 : 6;
  return true;
}

size_t
ptl_wake_build (const PtlWakeTarget *target,
                uint8_t              frame[PTL_WAKE_FRAME_MAX])
{
  size_t n = PTL_WAKE_MAC_LEN;

  memset (frame, 0xff, PTL_WAKE_MAC_LEN);
  for (unsigned i = 0; i < COPIES; i++, n += PTL_WAKE_MAC_LEN)
    memcpy (frame + n, target->mac, PTL_WAKE_MAC_LEN);
  memcpy (frame + n, target->password, target->len_password);
  return n + target->len_password;
}

void
ptl_wake_send (const PtlWakeTarget *target,
               const PtlAddress    *to,
               const char          *device,
               PtlWakeResult       *result)
{
  uint8_t frame[PTL_WAKE_FRAME_MAX];
  size_t len = ptl_wake_build (target, frame);
  PTL_AUTO_FD fd = socket (ptl_address_get_family (to), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                           0);
  socklen_t len_source = sizeof result->source.un;
  int one = 1;

  *result = (PtlWakeResult) { .step = PTL_WAKE_STEP_SOCKET };
  if (fd < 0 || setsockopt (fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof one) < 0)
    {
      result->sys_errno = errno;
      return;
    }
  if (device != NULL && *device != '\0'
      && setsockopt (fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t) strlen (device)) < 0)
    {
      result->step = PTL_WAKE_STEP_DEVICE;
      result->sys_errno = errno;
      return;
    }
  /* With connect() the kernel tells the source address that it picks. */
  if (connect (fd, &to->sa, to->len) < 0 || send (fd, frame, len, MSG_NOSIGNAL) < 0)
    {
      result->step = PTL_WAKE_STEP_SEND;
      result->sys_errno = errno;
      return;
    }
  if (getsockname (fd, &result->source.sa, &len_source) == 0)
    result->source.len = len_source;
  result->step = PTL_WAKE_STEP_NONE;
}
