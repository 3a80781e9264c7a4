/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What takes following up again and what lets it go, with a list that is played by its adjustment:
 * as GTK's list does, one call tells of a new height and of a new place.  Needs a display. */
#include "config.h"

#include "ui/ptl-follow.h"

#define PAGE 100.0

typedef struct
{
  GtkWidget     *scroller;   /* owned */
  GtkAdjustment *adjustment; /* borrowed */
  PtlFollow     *follow;     /* owned */
} List;

static void
lay_out (List  *list,
         double value,
         double upper)
{
  gtk_adjustment_configure (list->adjustment, value, 0, upper, 1, PAGE, PAGE);
}

static void
set_up (List         *list,
        gconstpointer unused)
{
  list->scroller = g_object_ref_sink (gtk_scrolled_window_new ());
  list->follow = ptl_follow_new (GTK_SCROLLED_WINDOW (list->scroller));
  list->adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (list->scroller));
  lay_out (list, 900, 1000);
  g_assert_true (ptl_follow_get_following (list->follow));
}

static void
tear_down (List         *list,
           gconstpointer unused)
{
  g_clear_object (&list->follow);
  g_clear_object (&list->scroller);
}

/* Let go at the end, while rows come before those in sight: the list moves its place with them. */
static void
test_rows_before (List         *list,
                  gconstpointer unused)
{
  ptl_follow_set_following (list->follow, FALSE);
  for (int i = 1; i <= 5; i++)
    {
      lay_out (list, 900 + i * 50, 1000 + i * 50);
      g_assert_false (ptl_follow_get_following (list->follow));
    }
}

static void
test_rows_after (List         *list,
                 gconstpointer unused)
{
  lay_out (list, 900, 1200);
  g_assert_true (ptl_follow_get_following (list->follow));
  ptl_follow_set_following (list->follow, FALSE);
  lay_out (list, 900, 1400);
  g_assert_false (ptl_follow_get_following (list->follow));
}

static void
test_the_user (List         *list,
               gconstpointer unused)
{
  gtk_adjustment_set_value (list->adjustment, 400);
  g_assert_false (ptl_follow_get_following (list->follow));
  lay_out (list, 400, 1200);
  gtk_adjustment_set_value (list->adjustment, 1000);
  g_assert_false (ptl_follow_get_following (list->follow));
  gtk_adjustment_set_value (list->adjustment, 1100);
  g_assert_true (ptl_follow_get_following (list->follow));
}

/* The end of a part is not the end of all. */
static void
test_a_part (List         *list,
             gconstpointer unused)
{
  gtk_adjustment_set_value (list->adjustment, 400);
  ptl_follow_set_at_end (list->follow, FALSE);
  gtk_adjustment_set_value (list->adjustment, 900);
  g_assert_false (ptl_follow_get_following (list->follow));
  ptl_follow_set_at_end (list->follow, TRUE);
  gtk_adjustment_set_value (list->adjustment, 400);
  gtk_adjustment_set_value (list->adjustment, 900);
  g_assert_true (ptl_follow_get_following (list->follow));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  g_test_add ("/follow/rows-before", List, NULL, set_up, test_rows_before, tear_down);
  g_test_add ("/follow/rows-after", List, NULL, set_up, test_rows_after, tear_down);
  g_test_add ("/follow/the-user", List, NULL, set_up, test_the_user, tear_down);
  g_test_add ("/follow/a-part", List, NULL, set_up, test_a_part, tear_down);
  return g_test_run ();
}
