/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recent and saved sessions, kept in a key file:
 *
 *    [recent 0]              the newest; up to PTL_SAVED_RECENT_MAX
 *    role=listen             connect, listen, datagrams
 *    uri=tcp://:8080
 *    [saved 0]
 *    role=connect
 *    uri=tcp://localhost:http
 *    name=The web server
 *
 * Other groups and keys are left out at the next writing. */
#include "config.h"

#include "model/ptl-saved.h"

#include <errno.h>
#include <string.h>

#include <glib/gstdio.h>

#include "model/ptl-saved-private.h"

struct _PtlSaved
{
  GObject     parent_instance;

  char       *path;
  GListStore *recents;
  GListStore *saved;
  bool        loaded;
  bool        changed;  /* since the writing that goes on, or the last one, began */
  bool        writing;
  bool        cleared;  /* the recent ones, before they were read */
  GPtrArray  *removed;  /* PtlSavedItem that left before the file was read */
};

enum
{
  PROP_0,
  PROP_LOADED,
  N_PROPS
};

enum
{
  SIGNAL_WRITE_FAILED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PtlSaved, ptl_saved, G_TYPE_OBJECT)

static void
ptl_saved_get_property (GObject    *object,
                        guint       prop_id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  PtlSaved *self = PTL_SAVED (object);

  switch (prop_id)
    {
    case PROP_LOADED:
      g_value_set_boolean (value, self->loaded);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_saved_finalize (GObject *object)
{
  PtlSaved *self = PTL_SAVED (object);

  g_clear_pointer (&self->removed, g_ptr_array_unref);
  g_clear_object (&self->saved);
  g_clear_object (&self->recents);
  g_clear_pointer (&self->path, g_free);
  G_OBJECT_CLASS (ptl_saved_parent_class)->finalize (object);
}

static void
ptl_saved_class_init (PtlSavedClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ptl_saved_get_property;
  object_class->finalize = ptl_saved_finalize;

  props[PROP_LOADED] =
    g_param_spec_boolean ("loaded", NULL, NULL, FALSE,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[SIGNAL_WRITE_FAILED] =
    g_signal_new ("write-failed", PTL_TYPE_SAVED, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
ptl_saved_init (PtlSaved *self)
{
  self->recents = g_list_store_new (PTL_TYPE_SAVED_ITEM);
  self->saved = g_list_store_new (PTL_TYPE_SAVED_ITEM);
  self->removed = g_ptr_array_new_with_free_func (g_object_unref);
}

static const char *const role_words[] = {
  [PTL_ROLE_CONNECT] = "connect",
  [PTL_ROLE_LISTEN] = "listen",
  [PTL_ROLE_DATAGRAMS] = "datagrams",
};

static void
add_items_to_file (GKeyFile   *file,
                   GListStore *items,
                   const char *prefix)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (items));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (PtlSavedItem) item = g_list_model_get_item (G_LIST_MODEL (items), i);
      g_autofree char *group = g_strdup_printf ("%s %u", prefix, i);

      g_key_file_set_string (file, group, "role", role_words[item->spec->role]);
      g_key_file_set_string (file, group, "uri", item->uri);
      if (item->name != NULL)
        g_key_file_set_string (file, group, "name", item->name);
    }
}

static char *
make_contents (PtlSaved *self)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();

  add_items_to_file (file, self->recents, "recent");
  add_items_to_file (file, self->saved, "saved");
  return g_key_file_to_data (file, NULL, NULL);
}

typedef struct
{
  char *path;
  char *contents;
} WriteJob;

static void
write_job_free (WriteJob *job)
{
  g_free (job->contents);
  g_free (job->path);
  g_free (job);
}

static bool
write_job_run (const WriteJob *job,
               GError        **error)
{
  g_autofree char *dir = g_path_get_dirname (job->path);

  /* URIs may hold what is not for other users: the texts of reactions. */
  if (g_mkdir_with_parents (dir, 0700) < 0)
    {
      int sys_errno = errno;

      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (sys_errno), "%s: %s", dir,
                   g_strerror (sys_errno));
      return false;
    }
  return g_file_set_contents_full (job->path, job->contents, -1, G_FILE_SET_CONTENTS_CONSISTENT,
                                   0600, error);
}

static void
write_in_thread (GTask        *task,
                 gpointer      source,
                 gpointer      data,
                 GCancellable *cancellable)
{
  GError *error = NULL;

  if (write_job_run (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void start_writing (PtlSaved *self);

static void
on_written_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  PtlSaved *self = PTL_SAVED (source);
  g_autoptr (GError) error = NULL;

  self->writing = false;
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    g_signal_emit (self, signals[SIGNAL_WRITE_FAILED], 0, error->message);
  if (self->changed)
    start_writing (self);
}

/* One writing at a time, so that the last state is the one that stays. */
static void
start_writing (PtlSaved *self)
{
  g_autoptr (GTask) task = NULL;
  WriteJob *job;

  self->changed = true;
  if (self->writing || !self->loaded)
    return;
  self->changed = false;
  self->writing = true;
  job = g_new0 (WriteJob, 1);
  job->path = g_strdup (self->path);
  job->contents = make_contents (self);
  task = g_task_new (self, NULL, on_written_cb, NULL);
  g_task_set_task_data (task, job, (GDestroyNotify) write_job_free);
  g_task_run_in_thread (task, write_in_thread);
}

static bool
find_equal (GListStore   *items,
            PtlSavedItem *item,
            guint        *position)
{
  return g_list_store_find_with_equal_func (items, item, ptl_saved_item_equal, position);
}

static int
compare_names (gconstpointer a,
               gconstpointer b,
               gpointer      data)
{
  const PtlSavedItem *item_a = a;
  const PtlSavedItem *item_b = b;
  int order = g_utf8_collate (item_a->name, item_b->name);

  return order != 0 ? order : strcmp (item_a->name, item_b->name);
}

static bool
find_name (GListStore *items,
           const char *name,
           guint      *position)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (items));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (PtlSavedItem) item = g_list_model_get_item (G_LIST_MODEL (items), i);

      if (strcmp (item->name, name) == 0)
        {
          *position = i;
          return true;
        }
    }
  return false;
}

/* What is shown later has to be UTF-8 on one line and of some length. */
static char *
clean_name (const char *name)
{
  g_autofree char *valid = g_utf8_make_valid (name, -1);
  char *end;

  if (strlen (valid) > PTL_SAVED_NAME_MAX)
    {
      end = g_utf8_find_prev_char (valid, valid + PTL_SAVED_NAME_MAX + 1);
      *end = '\0';
    }
  for (char *at = valid; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at))
      *at = ' ';
  return g_strdup (g_strstrip (valid));
}

/* NULL when the group is not one of ours or does not parse. */
static PtlSavedItem *
item_from_group (GKeyFile   *file,
                 const char *group,
                 bool        named)
{
  g_autofree char *role_word = g_key_file_get_string (file, group, "role", NULL);
  g_autofree char *uri = g_key_file_get_string (file, group, "uri", NULL);
  g_autofree char *name = named ? g_key_file_get_string (file, group, "name", NULL) : NULL;
  g_autoptr (PtlSpec) spec = NULL;
  char *clean = NULL;

  if (role_word == NULL || uri == NULL || (named && name == NULL))
    return NULL;
  for (size_t role = 0; role < G_N_ELEMENTS (role_words) && spec == NULL; role++)
    if (strcmp (role_word, role_words[role]) == 0)
      spec = ptl_spec_parse_uri ((PtlRole) role, uri, NULL, NULL);
  if (spec == NULL)
    return NULL;
  if (named)
    {
      clean = clean_name (name);
      if (clean[0] == '\0')
        {
          g_free (clean);
          return NULL;
        }
    }
  return ptl_saved_item_new (spec, clean);
}

typedef struct
{
  GPtrArray *recents;
  GPtrArray *saved;
} Loaded;

static void
loaded_free (Loaded *loaded)
{
  g_ptr_array_unref (loaded->recents);
  g_ptr_array_unref (loaded->saved);
  g_free (loaded);
}

/* NULL: there is none, or it is damaged and was put aside. */
static GKeyFile *
read_file (const char *path)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *aside = NULL;
  GStatBuf st;

  if (g_stat (path, &st) == 0 && (uint64_t) st.st_size <= PTL_SAVED_FILE_MAX_BYTES
      && g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    return g_steal_pointer (&file);
  aside = g_strconcat (path, ".damaged", NULL);
  /* Fails when there is none, which is as it should be at first. */
  if (g_rename (path, aside) < 0)
    return NULL;
  return NULL;
}

static void
read_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  g_autoptr (GKeyFile) file = read_file (data);
  g_auto (GStrv) groups = file != NULL ? g_key_file_get_groups (file, NULL) : NULL;
  Loaded *loaded = g_new0 (Loaded, 1);

  loaded->recents = g_ptr_array_new_with_free_func (g_object_unref);
  loaded->saved = g_ptr_array_new_with_free_func (g_object_unref);
  for (char **group = groups; group != NULL && *group != NULL; group++)
    {
      bool named = g_str_has_prefix (*group, "saved ");
      GPtrArray *to = named ? loaded->saved : loaded->recents;
      PtlSavedItem *item;

      if (!named && !g_str_has_prefix (*group, "recent "))
        continue;
      if (to->len >= (named ? PTL_SAVED_NAMED_MAX : PTL_SAVED_RECENT_MAX))
        continue;
      item = item_from_group (file, *group, named);
      if (item != NULL)
        g_ptr_array_add (to, item);
    }
  g_task_return_pointer (task, loaded, (GDestroyNotify) loaded_free);
}

static bool
was_removed (PtlSaved     *self,
             PtlSavedItem *item)
{
  for (guint i = 0; i < self->removed->len; i++)
    {
      PtlSavedItem *gone = g_ptr_array_index (self->removed, i);

      if (g_strcmp0 (gone->name, item->name) == 0 && ptl_saved_item_equal (gone, item))
        return true;
    }
  return false;
}

static void
on_read_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  PtlSaved *self = PTL_SAVED (source);
  Loaded *loaded = g_task_propagate_pointer (G_TASK (result), NULL);
  guint position;

  /* What was done meanwhile is newer than the file. */
  for (guint i = 0; i < loaded->recents->len && !self->cleared; i++)
    {
      PtlSavedItem *item = g_ptr_array_index (loaded->recents, i);

      if (g_list_model_get_n_items (G_LIST_MODEL (self->recents)) < PTL_SAVED_RECENT_MAX
          && !find_equal (self->recents, item, &position) && !was_removed (self, item))
        g_list_store_append (self->recents, item);
    }
  for (guint i = 0; i < loaded->saved->len; i++)
    {
      PtlSavedItem *item = g_ptr_array_index (loaded->saved, i);

      if (g_list_model_get_n_items (G_LIST_MODEL (self->saved)) < PTL_SAVED_NAMED_MAX
          && !find_name (self->saved, item->name, &position) && !was_removed (self, item))
        g_list_store_insert_sorted (self->saved, item, compare_names, NULL);
    }
  loaded_free (loaded);
  g_ptr_array_set_size (self->removed, 0);
  self->loaded = true;
  if (self->changed)
    start_writing (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_LOADED]);
}

PtlSaved *
ptl_saved_new (const char *path)
{
  PtlSaved *self;
  g_autoptr (GTask) task = NULL;

  g_return_val_if_fail (path != NULL, NULL);
  self = g_object_new (PTL_TYPE_SAVED, NULL);
  self->path = g_strdup (path);
  task = g_task_new (self, NULL, on_read_cb, NULL);
  g_task_set_task_data (task, g_strdup (path), g_free);
  g_task_run_in_thread (task, read_in_thread);
  return self;
}

bool
ptl_saved_is_loaded (PtlSaved *self)
{
  g_return_val_if_fail (PTL_IS_SAVED (self), false);
  return self->loaded;
}

GListModel *
ptl_saved_get_recents (PtlSaved *self)
{
  g_return_val_if_fail (PTL_IS_SAVED (self), NULL);
  return G_LIST_MODEL (self->recents);
}

GListModel *
ptl_saved_get_saved (PtlSaved *self)
{
  g_return_val_if_fail (PTL_IS_SAVED (self), NULL);
  return G_LIST_MODEL (self->saved);
}

void
ptl_saved_remember (PtlSaved      *self,
                    const PtlSpec *spec)
{
  g_autoptr (PtlSavedItem) item = NULL;
  guint position, n;

  g_return_if_fail (PTL_IS_SAVED (self) && spec != NULL);
  item = ptl_saved_item_new (spec, NULL);
  if (find_equal (self->recents, item, &position))
    {
      if (position == 0)
        return;
      g_list_store_remove (self->recents, position);
    }
  g_list_store_insert (self->recents, 0, item);
  n = g_list_model_get_n_items (G_LIST_MODEL (self->recents));
  if (n > PTL_SAVED_RECENT_MAX)
    g_list_store_splice (self->recents, PTL_SAVED_RECENT_MAX, n - PTL_SAVED_RECENT_MAX, NULL, 0);
  start_writing (self);
}

bool
ptl_saved_save (PtlSaved      *self,
                const PtlSpec *spec,
                const char    *name)
{
  g_autoptr (PtlSavedItem) item = NULL;
  g_autofree char *clean = NULL;
  guint position;

  g_return_val_if_fail (PTL_IS_SAVED (self) && spec != NULL, false);
  clean = clean_name (name != NULL ? name : "");
  if (clean[0] == '\0')
    {
      g_autofree char *title = ptl_spec_to_title (spec);

      g_free (clean);
      clean = clean_name (title);
    }
  if (find_name (self->saved, clean, &position))
    g_list_store_remove (self->saved, position);
  else if (g_list_model_get_n_items (G_LIST_MODEL (self->saved)) >= PTL_SAVED_NAMED_MAX)
    return false;
  item = ptl_saved_item_new (spec, g_steal_pointer (&clean));
  g_list_store_insert_sorted (self->saved, item, compare_names, NULL);
  start_writing (self);
  return true;
}

void
ptl_saved_remove (PtlSaved     *self,
                  PtlSavedItem *item)
{
  GListStore *from;
  guint position;

  g_return_if_fail (PTL_IS_SAVED (self) && PTL_IS_SAVED_ITEM (item));
  from = item->name != NULL ? self->saved : self->recents;
  if (!g_list_store_find (from, item, &position))
    return;
  if (!self->loaded)
    g_ptr_array_add (self->removed, g_object_ref (item));
  g_list_store_remove (from, position);
  start_writing (self);
}

void
ptl_saved_clear_recents (PtlSaved *self)
{
  g_return_if_fail (PTL_IS_SAVED (self));
  if (!self->loaded)
    self->cleared = true;
  g_list_store_remove_all (self->recents);
  start_writing (self);
}

void
ptl_saved_flush (PtlSaved *self)
{
  g_return_if_fail (PTL_IS_SAVED (self));
  /* Both end by themselves; their answers come in this context. */
  while (!self->loaded || self->writing)
    g_main_context_iteration (NULL, TRUE);
}
