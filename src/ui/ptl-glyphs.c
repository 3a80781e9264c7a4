/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stand-ins for control characters on systems whose fonts have no pictures of them. */
#include "config.h"

#include "ui/ptl-glyphs.h"

#include <stdbool.h>
#include <string.h>

/* Asked once: fonts are seldom installed while a program runs. */
static bool
has_pictures (GtkWidget *widget)
{
  static int answer = -1;

  if (answer < 0)
    {
      g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, "␀␍␛␡");

      answer = pango_layout_get_unknown_glyphs_count (layout) == 0;
    }
  return answer == 1;
}

/* U+2400 to U+241F stand for 0 to 31, U+2421 for 127; in UTF-8 e2 90 80+n. */
char *
ptl_glyphs_take (GtkWidget *widget,
                 char      *text)
{
  static const char *const names[32] = {
    [0] = "\\0", [7] = "\\a", [8] = "\\b", [9] = "\\t", [10] = "\\n", [11] = "\\v", [12] = "\\f",
    [13] = "\\r", [27] = "\\e"
  };
  const char *picture = text != NULL ? strstr (text, "\xe2\x90") : NULL;
  const char *start = text;
  GString *out;

  if (picture == NULL || has_pictures (widget))
    return text;
  out = g_string_sized_new (strlen (text) + 32);
  for (; picture != NULL; picture = strstr (picture + 2, "\xe2\x90"))
    {
      guint code = (guchar) picture[2] - 0x80u;

      if (code > 33 || code == 32)
        continue;
      g_string_append_len (out, start, picture - start);
      if (code < 32 && names[code] != NULL)
        g_string_append (out, names[code]);
      else
        g_string_append_printf (out, "\\x%02x", code == 33 ? 127 : code);
      start = picture + 3;
    }
  g_string_append (out, start);
  g_free (text);
  return g_string_free (out, FALSE);
}
