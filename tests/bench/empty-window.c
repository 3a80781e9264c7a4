/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What any libadwaita program takes to show its first frame: a window with a header bar and nothing
 * in it; --tick: that is drawn in every frame. */

#include <adwaita.h>

static gboolean ticks;

static gboolean
on_tick_cb (GtkWidget     *widget,
            GdkFrameClock *clock,
            gpointer       data)
{
  gtk_widget_queue_draw (widget);
  return G_SOURCE_CONTINUE;
}

static void
on_activate_cb (GApplication *app,
                gpointer      data)
{
  GtkWidget *window = adw_application_window_new (GTK_APPLICATION (app));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_window_set_default_size (GTK_WINDOW (window), 1100, 720);
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (window), box);
  if (ticks)
    gtk_widget_add_tick_callback (window, on_tick_cb, NULL, NULL);
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (AdwApplication) app = adw_application_new ("org.portlight.EmptyWindow",
                                                        G_APPLICATION_NON_UNIQUE);

  ticks = argc > 1 && g_str_equal (argv[1], "--tick");
  g_signal_connect (app, "activate", G_CALLBACK (on_activate_cb), NULL);
  return g_application_run (G_APPLICATION (app), 1, argv);
}
