/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces of text that the words for faults, events and calls have in common. */
#include "config.h"

#include "model/ptl-text-private.h"

#include <netdb.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-codec.h"
#include "base/ptl-error.h"

char *
ptl_text_dup_errno (int sys_errno)
{
  if (sys_errno == 0)
    return g_strdup (_("unknown error"));
  return g_strdup_printf ("%s (%s)", g_strerror (sys_errno), ptl_errno_name (sys_errno));
}

const char *
ptl_text_get_gai_name (int gai_code)
{
  switch (gai_code)
    {
    case EAI_BADFLAGS: return "EAI_BADFLAGS";
    case EAI_NONAME: return "EAI_NONAME";
    case EAI_AGAIN: return "EAI_AGAIN";
    case EAI_FAIL: return "EAI_FAIL";
    case EAI_NODATA: return "EAI_NODATA";
    case EAI_FAMILY: return "EAI_FAMILY";
    case EAI_SOCKTYPE: return "EAI_SOCKTYPE";
    case EAI_SERVICE: return "EAI_SERVICE";
    case EAI_ADDRFAMILY: return "EAI_ADDRFAMILY";
    case EAI_MEMORY: return "EAI_MEMORY";
    case EAI_SYSTEM: return "EAI_SYSTEM";
    case EAI_OVERFLOW: return "EAI_OVERFLOW";
    case EAI_CANCELED: return "EAI_CANCELED";
    case EAI_IDN_ENCODE: return "EAI_IDN_ENCODE";
    default: return "EAI_?";
    }
}

char *
ptl_text_dup_gai (int gai_code,
                  int sys_errno)
{
  if ((gai_code == EAI_SYSTEM || gai_code == 0) && sys_errno != 0)
    return ptl_text_dup_errno (sys_errno);
  return g_strdup_printf ("%s (%s)", gai_strerror (gai_code), ptl_text_get_gai_name (gai_code));
}

char *
ptl_text_dup_duration (uint64_t ns)
{
  /* Translators: units of time: microseconds, milliseconds, seconds. */
  if (ns < 1000 * 1000)
    return g_strdup_printf (_("%u µs"), (unsigned) (ns / 1000));
  if (ns < UINT64_C (10) * 1000 * 1000)
    return g_strdup_printf (_("%.1f ms"), (double) ns / 1e6);
  if (ns < UINT64_C (10) * 1000 * 1000 * 1000)
    return g_strdup_printf (_("%.0f ms"), (double) ns / 1e6);
  return g_strdup_printf (_("%.1f s"), (double) ns / 1e9);
}

char *
ptl_text_dup_safe (const char *text,
                   size_t      max_chars)
{
  return ptl_codec_preview ((const uint8_t *) text, strlen (text), max_chars);
}
