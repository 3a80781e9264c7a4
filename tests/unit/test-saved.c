/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recent and saved sessions: kept in order, over a restart, and through damage. */
#include "config.h"

#include "model/ptl-saved.h"

#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

typedef struct
{
  char     *dir;
  char     *path;
  PtlSaved *saved;
} Fixture;

static void
start (Fixture *fixture)
{
  fixture->saved = ptl_saved_new (fixture->path);
}

/* Ends it as the program does, and starts anew. */
static void
restart (Fixture *fixture)
{
  ptl_saved_flush (fixture->saved);
  g_clear_object (&fixture->saved);
  start (fixture);
  ptl_saved_flush (fixture->saved);
  g_assert_true (ptl_saved_is_loaded (fixture->saved));
}

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  fixture->dir = g_dir_make_tmp ("ptl-saved-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->dir, "new", "sessions.ini", NULL);
  start (fixture);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  g_autofree char *folder = g_path_get_dirname (fixture->path);
  g_autofree char *aside = g_strconcat (fixture->path, ".damaged", NULL);

  ptl_saved_flush (fixture->saved);
  g_clear_object (&fixture->saved);
  g_unlink (fixture->path);
  g_unlink (aside);
  g_rmdir (folder);
  g_rmdir (fixture->dir);
  g_free (fixture->path);
  g_free (fixture->dir);
}

static PtlSpec *
make_spec (PtlRole     role,
           const char *uri)
{
  GError *error = NULL;
  PtlSpec *spec = ptl_spec_parse_uri (role, uri, NULL, &error);

  g_assert_no_error (error);
  return spec;
}

static void
remember (Fixture    *fixture,
          const char *uri)
{
  g_autoptr (PtlSpec) spec = make_spec (PTL_ROLE_CONNECT, uri);

  ptl_saved_remember (fixture->saved, spec);
}

static bool
save (Fixture    *fixture,
      const char *uri,
      const char *name)
{
  g_autoptr (PtlSpec) spec = make_spec (PTL_ROLE_LISTEN, uri);

  return ptl_saved_save (fixture->saved, spec, name);
}

/* The URIs or names, one after the other. */
static char *
join (GListModel *model,
      const char *(*get) (PtlSavedItem *))
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (PtlSavedItem) item = g_list_model_get_item (model, i);

      g_string_append_printf (text, "%s%s", i > 0 ? " | " : "", get (item));
    }
  return g_string_free (text, FALSE);
}

#define CHECK(model, get, expected) \
  G_STMT_START \
    { \
      g_autofree char *joined_ = join (model, get); \
      g_assert_cmpstr (joined_, ==, expected); \
    } \
  G_STMT_END

static void
test_recents (Fixture      *fixture,
              gconstpointer data)
{
  GListModel *recents = ptl_saved_get_recents (fixture->saved);
  g_autoptr (PtlSavedItem) item = NULL;

  remember (fixture, "tcp://a:1");
  remember (fixture, "tcp://b:2?nodelay=1");
  remember (fixture, "tcp://a:1");
  CHECK (recents, ptl_saved_item_get_uri, "tcp://a:1 | tcp://b:2?nodelay=1");
  CHECK (recents, ptl_saved_item_get_name, "tcp://a:1 | tcp://b:2");
  item = g_list_model_get_item (recents, 1);
  g_assert_false (ptl_saved_item_is_saved (item));
  g_assert_cmpint (ptl_saved_item_get_spec (item)->options.nodelay, ==, 1);

  restart (fixture);
  recents = ptl_saved_get_recents (fixture->saved);
  CHECK (recents, ptl_saved_item_get_uri, "tcp://a:1 | tcp://b:2?nodelay=1");
  ptl_saved_clear_recents (fixture->saved);
  restart (fixture);
  g_assert_cmpuint (g_list_model_get_n_items (ptl_saved_get_recents (fixture->saved)), ==, 0);
}

static void
test_recent_limit (Fixture      *fixture,
                   gconstpointer data)
{
  g_autoptr (PtlSavedItem) first = NULL;

  for (unsigned i = 1; i <= PTL_SAVED_RECENT_MAX + 5; i++)
    {
      g_autofree char *uri = g_strdup_printf ("tcp://a:%u", i);

      remember (fixture, uri);
      g_assert_cmpuint (g_list_model_get_n_items (ptl_saved_get_recents (fixture->saved)), ==,
                        MIN (i, PTL_SAVED_RECENT_MAX));
    }
  restart (fixture);
  g_assert_cmpuint (g_list_model_get_n_items (ptl_saved_get_recents (fixture->saved)), ==,
                    PTL_SAVED_RECENT_MAX);
  first = g_list_model_get_item (ptl_saved_get_recents (fixture->saved), 0);
  g_assert_cmpstr (ptl_saved_item_get_uri (first), ==, "tcp://a:25");
}

static void
test_saved (Fixture      *fixture,
            gconstpointer data)
{
  GListModel *saved = ptl_saved_get_saved (fixture->saved);
  g_autoptr (PtlSavedItem) item = NULL;
  g_autofree char *name = NULL;
  g_autofree char *long_name = g_strnfill (PTL_SAVED_NAME_MAX - 1, 'x');
  g_autofree char *too_long = g_strconcat (long_name, "äää", NULL);
  struct stat st;

  g_assert_true (save (fixture, "tcp://127.0.0.1:2", "  web\nserver\xff "));
  g_assert_true (save (fixture, "tcp://127.0.0.1:1", "mail"));
  g_assert_true (save (fixture, "tcp://127.0.0.1:3", "mail"));
  g_assert_true (save (fixture, "tcp://127.0.0.1:4", " "));
  CHECK (saved, ptl_saved_item_get_name, "mail | tcp://127.0.0.1:4 | web server\357\277\275");
  CHECK (saved, ptl_saved_item_get_uri,
         "tcp://127.0.0.1:3 | tcp://127.0.0.1:4 | tcp://127.0.0.1:2");

  restart (fixture);
  saved = ptl_saved_get_saved (fixture->saved);
  CHECK (saved, ptl_saved_item_get_name, "mail | tcp://127.0.0.1:4 | web server\357\277\275");
  item = g_list_model_get_item (saved, 0);
  g_assert_cmpint (ptl_saved_item_get_role (item), ==, PTL_ROLE_LISTEN);
  g_assert_true (ptl_saved_item_is_saved (item));
  g_object_get (item, "name", &name, NULL);
  g_assert_cmpstr (name, ==, "mail");
  ptl_saved_remove (fixture->saved, item);
  ptl_saved_remove (fixture->saved, item); /* twice does nothing */
  restart (fixture);
  saved = ptl_saved_get_saved (fixture->saved);
  CHECK (saved, ptl_saved_item_get_uri, "tcp://127.0.0.1:4 | tcp://127.0.0.1:2");

  /* What may be private is for this user alone. */
  g_assert_cmpint (stat (fixture->path, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 0777, ==, 0600);

  g_assert_true (save (fixture, "tcp://127.0.0.1:9", too_long));
  g_clear_object (&item);
  item = g_list_model_get_item (saved, 2);
  g_assert_cmpuint (strlen (ptl_saved_item_get_name (item)), <=, PTL_SAVED_NAME_MAX);
  g_assert_true (g_utf8_validate (ptl_saved_item_get_name (item), -1, NULL));
}

static void
test_named_limit (Fixture      *fixture,
                  gconstpointer data)
{
  for (unsigned i = 0; i < PTL_SAVED_NAMED_MAX; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);

      g_assert_true (save (fixture, "tcp://127.0.0.1:1", name));
    }
  g_assert_false (save (fixture, "tcp://127.0.0.1:1", "one more"));
  g_assert_true (save (fixture, "tcp://127.0.0.1:1", "7")); /* replaces */
}

/* Done before the file was read: it is newer. */
static void
test_early (Fixture      *fixture,
            gconstpointer data)
{
  remember (fixture, "tcp://old:1");
  remember (fixture, "tcp://both:1");
  save (fixture, "tcp://127.0.0.1:1", "old");
  restart (fixture);
  g_clear_object (&fixture->saved);
  start (fixture);
  g_assert_false (ptl_saved_is_loaded (fixture->saved));
  remember (fixture, "tcp://both:1");
  remember (fixture, "tcp://new:1");
  save (fixture, "tcp://127.0.0.1:2", "old");
  restart (fixture);
  CHECK (ptl_saved_get_recents (fixture->saved), ptl_saved_item_get_uri,
         "tcp://new:1 | tcp://both:1 | tcp://old:1");
  CHECK (ptl_saved_get_saved (fixture->saved), ptl_saved_item_get_uri, "tcp://127.0.0.1:2");
}

static void
test_damaged (Fixture      *fixture,
              gconstpointer data)
{
  static const char some_wrong[] =
    "[recent 0]\nrole=connect\nuri=tcp://a:1\n"
    "[recent 1]\nrole=dance\nuri=tcp://a:2\n"
    "[recent 2]\nrole=connect\n"
    "[recent 3]\nrole=connect\nuri=tcp://:::::\n"
    "[recent 4]\nrole=listen\nuri=tcp://127.0.0.1:4\n"
    "[saved 0]\nrole=connect\nuri=tcp://a:5\n"
    "[other]\nx=y\n";
  g_autofree char *aside = g_strconcat (fixture->path, ".damaged", NULL);
  g_autofree char *contents = NULL;

  remember (fixture, "tcp://x:1");
  ptl_saved_flush (fixture->saved);
  g_assert_true (g_file_set_contents (fixture->path, some_wrong, -1, NULL));
  restart (fixture);
  CHECK (ptl_saved_get_recents (fixture->saved), ptl_saved_item_get_uri,
         "tcp://a:1 | tcp://127.0.0.1:4");
  g_assert_cmpuint (g_list_model_get_n_items (ptl_saved_get_saved (fixture->saved)), ==, 0);

  g_assert_true (g_file_set_contents (fixture->path, "\x01\x02 no key file", -1, NULL));
  restart (fixture);
  g_assert_cmpuint (g_list_model_get_n_items (ptl_saved_get_recents (fixture->saved)), ==, 0);
  g_assert_true (g_file_get_contents (aside, &contents, NULL, NULL));
  g_assert_cmpstr (contents, ==, "\x01\x02 no key file");
  remember (fixture, "tcp://x:1");
  restart (fixture);
  CHECK (ptl_saved_get_recents (fixture->saved), ptl_saved_item_get_uri, "tcp://x:1");
}

static void
on_write_failed_cb (PtlSaved   *saved,
                    const char *message,
                    gpointer    data)
{
  *(char **) data = g_strdup (message);
}

static void
test_write_failed (Fixture      *fixture,
                   gconstpointer data)
{
  g_autofree char *folder = g_path_get_dirname (fixture->path);
  g_autofree char *message = NULL;

  g_assert_true (g_file_set_contents (folder, "in the way", -1, NULL));
  g_signal_connect (fixture->saved, "write-failed", G_CALLBACK (on_write_failed_cb), &message);
  remember (fixture, "tcp://a:1");
  ptl_saved_flush (fixture->saved);
  g_assert_nonnull (message);
  g_unlink (folder);
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/saved/recents", test_recents);
  ADD ("/saved/recent-limit", test_recent_limit);
  ADD ("/saved/saved", test_saved);
  ADD ("/saved/named-limit", test_named_limit);
  ADD ("/saved/early", test_early);
  ADD ("/saved/damaged", test_damaged);
  ADD ("/saved/write-failed", test_write_failed);
  return g_test_run ();
}
