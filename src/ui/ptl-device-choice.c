/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which interface of this computer: what a drop-down offers. */
#include "config.h"

#include "ui/ptl-device-choice.h"

#include <string.h>

#include <net/if.h>

#include <glib/gi18n.h>

#include "base/ptl-codec.h"
#include "model/ptl-hear-job.h"

#define READ_MS 2000

struct _PtlDeviceChoice
{
  GObject        parent_instance;

  GtkDropDown   *drop;       /* borrowed; NULL at the end */

  /* owned */
  GtkStringList *names;
  GArray        *interfaces; /* PtlHearInterface; NULL until they are read */
  char          *wanted;     /* until then */

  gboolean       any;
  guint          read_id;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (PtlDeviceChoice, ptl_device_choice, G_TYPE_OBJECT)

/* --- what it offers --------------------------------------------------------------------------- */

static gboolean
is_same (GtkStringList   *names,
         const GPtrArray *texts) /* NULL at its end */
{
  if (g_list_model_get_n_items (G_LIST_MODEL (names)) + 1 != texts->len)
    return FALSE;
  for (guint i = 0; i + 1 < texts->len; i++)
    if (g_strcmp0 (gtk_string_list_get_string (names, i), texts->pdata[i]) != 0)
      return FALSE;
  return TRUE;
}

static void
fill (PtlDeviceChoice *self,
      const GArray    *interfaces)
{
  guint n_before = g_list_model_get_n_items (G_LIST_MODEL (self->names));
  const char *chosen = ptl_device_choice_get (self);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  gboolean kept = FALSE;
  guint choose = 0;

  if (self->any)
    g_ptr_array_add (texts, g_strdup (_("As the route goes")));
  for (guint i = 0; i < interfaces->len; i++)
    {
      const PtlHearInterface *one = &g_array_index (interfaces, PtlHearInterface, i);
      g_autofree char *name = ptl_codec_preview ((const guint8 *) one->name, strlen (one->name),
                                                 IFNAMSIZ);

      g_ptr_array_add (texts, (one->flags & IFF_UP) != 0
                                ? g_steal_pointer (&name)
                                : g_strdup_printf (_("%s (down)"), name));
      /* Its name counts, not whether it is up; at first it is one that leads to others. */
      if (g_strcmp0 (chosen, one->name) == 0)
        {
          kept = TRUE;
          choose = texts->len - 1;
        }
      else if (!kept && !self->any && choose == 0 && (one->flags & IFF_LOOPBACK) == 0
               && (one->flags & IFF_UP) != 0 && one->has_ipv4)
        choose = texts->len - 1;
    }
  g_ptr_array_add (texts, NULL);
  /* A list that is open would be closed. */
  if (is_same (self->names, texts))
    return;
  gtk_string_list_splice (self->names, 0, n_before, (const char *const *) texts->pdata);
  gtk_drop_down_set_selected (self->drop, choose);
}

const PtlHearInterface *
ptl_device_choice_get_interface (PtlDeviceChoice *self)
{
  guint selected, first;

  g_return_val_if_fail (PTL_IS_DEVICE_CHOICE (self), NULL);

  first = self->any ? 1 : 0;
  selected = gtk_drop_down_get_selected (self->drop);
  if (self->interfaces == NULL || selected == GTK_INVALID_LIST_POSITION || selected < first
      || selected - first >= self->interfaces->len)
    return NULL;
  return &g_array_index (self->interfaces, PtlHearInterface, selected - first);
}

const char *
ptl_device_choice_get (PtlDeviceChoice *self)
{
  const PtlHearInterface *one = ptl_device_choice_get_interface (self);

  return one != NULL ? one->name : "";
}

gboolean
ptl_device_choice_select (PtlDeviceChoice *self,
                          const char      *name)
{
  gboolean found = FALSE;

  g_return_val_if_fail (PTL_IS_DEVICE_CHOICE (self), FALSE);

  if (self->interfaces == NULL)
    {
      g_free (self->wanted);
      self->wanted = g_strdup (name);
      return TRUE;
    }
  if (self->any && *name == '\0')
    {
      gtk_drop_down_set_selected (self->drop, 0);
      return TRUE;
    }
  for (guint i = 0; i < self->interfaces->len; i++)
    if (g_strcmp0 (g_array_index (self->interfaces, PtlHearInterface, i).name, name) == 0)
      {
        gtk_drop_down_set_selected (self->drop, i + (self->any ? 1 : 0));
        found = TRUE;
      }
  return found;
}

/* --- reading ---------------------------------------------------------------------------------- */

static void
on_interfaces_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      data)
{
  g_autoptr (PtlDeviceChoice) self = data;
  g_autoptr (GArray) found = ptl_hear_interfaces_finish (result, NULL);
  g_autofree char *wanted = NULL;

  if (found == NULL || self->drop == NULL)
    return;
  fill (self, found);
  g_clear_pointer (&self->interfaces, g_array_unref);
  self->interfaces = g_steal_pointer (&found);
  wanted = g_steal_pointer (&self->wanted);
  if (wanted != NULL)
    ptl_device_choice_select (self, wanted);
  g_signal_emit (self, changed_signal, 0);
}

static gboolean
on_read_cb (gpointer data)
{
  ptl_hear_interfaces_async (NULL, on_interfaces_cb, g_object_ref (data));
  return G_SOURCE_CONTINUE;
}

static void
on_map_cb (PtlDeviceChoice *self)
{
  on_read_cb (self);
  g_clear_handle_id (&self->read_id, g_source_remove);
  self->read_id = g_timeout_add (READ_MS, on_read_cb, self);
}

static void
on_unmap_cb (PtlDeviceChoice *self)
{
  g_clear_handle_id (&self->read_id, g_source_remove);
}

/* --- life ------------------------------------------------------------------------------------- */

static void
ptl_device_choice_dispose (GObject *object)
{
  PtlDeviceChoice *self = PTL_DEVICE_CHOICE (object);

  g_clear_handle_id (&self->read_id, g_source_remove);
  if (self->drop != NULL)
    g_signal_handlers_disconnect_by_data (self->drop, self);
  self->drop = NULL;
  g_clear_object (&self->names);
  g_clear_pointer (&self->interfaces, g_array_unref);
  g_clear_pointer (&self->wanted, g_free);

  G_OBJECT_CLASS (ptl_device_choice_parent_class)->dispose (object);
}

static void
ptl_device_choice_class_init (PtlDeviceChoiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ptl_device_choice_dispose;

  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
ptl_device_choice_init (PtlDeviceChoice *self)
{
  self->names = gtk_string_list_new (NULL);
}

PtlDeviceChoice *
ptl_device_choice_new (GtkDropDown *drop,
                       gboolean     any)
{
  PtlDeviceChoice *self = g_object_new (PTL_TYPE_DEVICE_CHOICE, NULL);

  self->drop = drop;
  self->any = any;
  gtk_drop_down_set_model (drop, G_LIST_MODEL (self->names));
  g_signal_connect_swapped (drop, "map", G_CALLBACK (on_map_cb), self);
  g_signal_connect_swapped (drop, "unmap", G_CALLBACK (on_unmap_cb), self);
  return self;
}
