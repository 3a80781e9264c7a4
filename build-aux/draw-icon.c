/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws an icon ahead of time, as GTK does for its own ones: to render an SVG costs the start of
 * the program milliseconds, to read a picture next to nothing.
 *
 *    draw-icon SVG SIZE PNG
 *    draw-icon               can it: is there a loader for SVG?
 *
 * A file NAME-symbolic.symbolic.png has in its opacity what GTK paints with the colour of text, and
 * as red, green and blue the shares of the colours for success, warning and error, which ours do
 * not use. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gdk-pixbuf/gdk-pixbuf.h>

static const char probe[] =
  "<svg xmlns='http://www.w3.org/2000/svg' width='16' height='16'>"
  "<rect width='16' height='16' fill='#2e3436'/></svg>";

static int
fail (const char *name,
      const char *why)
{
  fprintf (stderr, "draw-icon: %s: %s\n", name, why);
  return EXIT_FAILURE;
}

static int
try_loader (void)
{
  g_autoptr (GdkPixbufLoader) loader = gdk_pixbuf_loader_new_with_type ("svg", NULL);
  gboolean written;

  if (loader == NULL)
    return EXIT_FAILURE;
  written = gdk_pixbuf_loader_write (loader, (const guchar *) probe, strlen (probe), NULL);
  return gdk_pixbuf_loader_close (loader, NULL) && written ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void
take_colours_out (GdkPixbuf *picture)
{
  for (int y = 0; y < gdk_pixbuf_get_height (picture); y++)
    {
      guchar *row = gdk_pixbuf_get_pixels (picture) + y * gdk_pixbuf_get_rowstride (picture);

      for (int x = 0; x < gdk_pixbuf_get_width (picture); x++)
        memset (row + 4 * x, 0, 3);
    }
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GdkPixbuf) picture = NULL;
  g_autoptr (GError) error = NULL;
  int size;

  if (argc != 4)
    return try_loader ();

  size = atoi (argv[2]);
  picture = gdk_pixbuf_new_from_file_at_size (argv[1], size, size, &error);
  if (picture == NULL)
    return fail (argv[1], error->message);
  if (gdk_pixbuf_get_width (picture) != size || gdk_pixbuf_get_height (picture) != size
      || gdk_pixbuf_get_n_channels (picture) != 4)
    return fail (argv[1], "is not a square with opacity");

  if (g_str_has_suffix (argv[1], "-symbolic.svg"))
    {
      g_autofree char *text = NULL;

      if (!g_file_get_contents (argv[1], &text, NULL, &error))
        return fail (argv[1], error->message);
      if (strstr (text, "class=") != NULL)
        return fail (argv[1], "has a class, and only the colour of text is drawn here");
      take_colours_out (picture);
    }
  if (!gdk_pixbuf_save (picture, argv[3], "png", &error, NULL))
    return fail (argv[3], error->message);
  return EXIT_SUCCESS;
}
