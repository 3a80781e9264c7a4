/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of the DNS as people write them, decoded with libidn2. */
#include "config.h"

#include "lookup/ptl-idna.h"

#include <idn2.h>
#include <stdbool.h>
#include <string.h>

#include "base/ptl-codec.h"

#define PREFIX "xn--"
#define LABEL_MAX 63

/* The label in Unicode; owned, NULL when it is not one of IDNA's. */
static char *
decode_label (const char *label)
{
  g_autofree char *lower = NULL;
  char *decoded = NULL, *encoded = NULL, *text = NULL;

  if (g_ascii_strncasecmp (label, PREFIX, strlen (PREFIX)) != 0 || strlen (label) > LABEL_MAX)
    return NULL;
  lower = g_ascii_strdown (label, -1);
  /* What decodes may still be none: what encodes to something else looks like another name. */
  if (idn2_to_unicode_8z8z (lower, &decoded, 0) == IDN2_OK && g_utf8_validate (decoded, -1, NULL)
      && !g_str_is_ascii (decoded) && strchr (decoded, '.') == NULL
      && idn2_to_ascii_8z (decoded, &encoded, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) == IDN2_OK
      && strcmp (encoded, lower) == 0)
    text = ptl_codec_preview ((const uint8_t *) decoded, strlen (decoded), LABEL_MAX);
  idn2_free (decoded);
  idn2_free (encoded);
  return text;
}

char *
ptl_idna_to_unicode (const char *name)
{
  g_auto (GStrv) labels = NULL;
  bool some = false;

  /* A dot behind a backslash is one within a label. */
  if (strstr (name, "--") == NULL || strchr (name, '\\') != NULL)
    return NULL;
  labels = g_strsplit (name, ".", -1);
  for (size_t i = 0; labels[i] != NULL; i++)
    {
      char *decoded = decode_label (labels[i]);

      if (decoded == NULL)
        continue;
      g_free (labels[i]);
      labels[i] = decoded;
      some = true;
    }
  return some ? g_strjoinv (".", labels) : NULL;
}
