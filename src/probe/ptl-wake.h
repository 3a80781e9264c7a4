/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wake-on-LAN: a frame that a sleeping computer's network card looks for.
 *
 *   FF FF FF FF FF FF | the MAC address 16 times | nothing, or a password of 4 or 6 bytes
 *
 * (AMD, "Magic Packet Technology", publication 20213; the password is that of SecureOn.)  It goes
 * in a UDP datagram, mostly to port 9 or 7, to a broadcast address: nobody sleeping has an IP
 * address.  No answer is to be had; what can be said is that it was sent. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/ptl-address.h"

G_BEGIN_DECLS

#define PTL_WAKE_MAC_LEN 6
#define PTL_WAKE_PASSWORD_MAX 6
#define PTL_WAKE_FRAME_MAX (6 + 16 * PTL_WAKE_MAC_LEN + PTL_WAKE_PASSWORD_MAX)
#define PTL_WAKE_PORT 9

typedef struct
{
  uint8_t mac[PTL_WAKE_MAC_LEN];
  uint8_t password[PTL_WAKE_PASSWORD_MAX];
  uint8_t len_password; /* 0, 4 or 6 */
} PtlWakeTarget;

/* "00:11:22:aa:bb:cc", with dashes, dots ("0011.22aa.bbcc"), spaces, or nothing between.  A group
 * address (its first byte is odd) or all zeros is nobody's.  False: @error names the character.
 * Any thread, like the next ones. */
bool   ptl_wake_parse_mac      (uint8_t         mac[PTL_WAKE_MAC_LEN],
                                const char     *text,
                                GError        **error);
/* "": none; six bytes as a MAC address is written, or four as an IPv4 address or as eight hex
 * digits. */
bool   ptl_wake_parse_password (PtlWakeTarget  *target,
                                const char     *text,
                                GError        **error);
/* Returns the length. */
size_t ptl_wake_build          (const PtlWakeTarget *target,
                                uint8_t              frame[PTL_WAKE_FRAME_MAX]);

typedef enum
{
  PTL_WAKE_STEP_NONE,
  PTL_WAKE_STEP_SOCKET,
  PTL_WAKE_STEP_DEVICE,  /* SO_BINDTODEVICE */
  PTL_WAKE_STEP_SEND
} PtlWakeStep;

typedef struct
{
  PtlWakeStep step;      /* that failed */
  int         sys_errno; /* 0: it was sent */
  PtlAddress  source;    /* from which; empty when it failed before */
} PtlWakeResult;

/* Sends it to @to (with its port) by @device ("" or NULL: the route decides).  Does not wait. */
void   ptl_wake_send           (const PtlWakeTarget *target,
                                const PtlAddress    *to,
                                const char          *device,
                                PtlWakeResult       *result);

G_END_DECLS
