/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is typed or opened to be looked up: any bytes are one kind of thing, that is said in UTF-8,
 * and what is kept of them has no user and no password. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lookup/ptl-anatomy.h"
#include "lookup/ptl-classify.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes,
                            size_t         len_bytes);

int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t         len_bytes)
{
  g_autofree char *text = g_strndup ((const char *) bytes, len_bytes);
  g_autofree char *kept = ptl_classify_dup_without_password (text);
  g_autofree char *again = ptl_classify_dup_without_password (kept);
  g_autofree char *told = NULL;
  g_auto (PtlClassified) classified = { 0 };
  const char *authority = strstr (kept, "://");
  const char *at = authority != NULL ? strchr (authority, '@') : NULL;

  ptl_classify (&classified, text);
  told = ptl_classified_to_text (&classified);
  if (!g_utf8_validate (told, -1, NULL)
      || (*told == '\0') != (classified.kind == PTL_KIND_NOTHING)
      || (classified.kind == PTL_KIND_UNKNOWN && classified.error == NULL)
      || (classified.target != NULL) != (classified.socket.len > 0)
      || strcmp (kept, again) != 0)
    abort ();
  if (classified.address.len > 0 && *ptl_anatomy_get_scope_text (&classified.address) == '\0')
    abort ();
  if (at != NULL && g_ascii_isalpha (*kept) && classified.kind == PTL_KIND_URI)
    abort ();
  return 0;
}
