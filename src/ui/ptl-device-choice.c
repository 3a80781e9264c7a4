/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A drop-down of the interfaces of this computer. */
#include "config.h"

#include "ui/ptl-device-choice.h"

#include <string.h>

#include <net/if.h>

#include <glib/gi18n.h>

#include "base/ptl-codec.h"

static guint
count (const GArray *interfaces)
{
  return interfaces != NULL ? interfaces->len : 0;
}

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

void
ptl_device_choice_fill (GtkDropDown   *drop,
                        GtkStringList *names,
                        const GArray  *before,
                        const GArray  *interfaces,
                        gboolean       any)
{
  guint n_before = g_list_model_get_n_items (G_LIST_MODEL (names));
  const char *chosen = ptl_device_choice_get (drop, before, any);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  gboolean kept = FALSE;
  guint choose = 0;

  if (any)
    g_ptr_array_add (texts, g_strdup (_("As the route goes")));
  for (guint i = 0; i < count (interfaces); i++)
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
      else if (!kept && !any && choose == 0 && (one->flags & IFF_LOOPBACK) == 0
               && (one->flags & IFF_UP) != 0 && one->has_ipv4)
        choose = texts->len - 1;
    }
  g_ptr_array_add (texts, NULL);
  /* A list that is open would be closed. */
  if (is_same (names, texts))
    return;
  gtk_string_list_splice (names, 0, n_before, (const char *const *) texts->pdata);
  gtk_drop_down_set_selected (drop, choose);
}

const char *
ptl_device_choice_get (GtkDropDown  *drop,
                       const GArray *interfaces,
                       gboolean      any)
{
  guint selected = gtk_drop_down_get_selected (drop), first = any ? 1 : 0;

  if (selected == GTK_INVALID_LIST_POSITION || selected < first
      || selected - first >= count (interfaces))
    return "";
  return g_array_index (interfaces, PtlHearInterface, selected - first).name;
}

void
ptl_device_choice_select (GtkDropDown  *drop,
                          const GArray *interfaces,
                          gboolean      any,
                          const char   *name)
{
  for (guint i = 0; i < count (interfaces); i++)
    if (g_strcmp0 (g_array_index (interfaces, PtlHearInterface, i).name, name) == 0)
      gtk_drop_down_set_selected (drop, i + (any ? 1 : 0));
}

const PtlHearInterface *
ptl_device_choice_find (const GArray *interfaces,
                        const char   *name)
{
  for (guint i = 0; i < count (interfaces); i++)
    if (g_strcmp0 (g_array_index (interfaces, PtlHearInterface, i).name, name) == 0)
      return &g_array_index (interfaces, PtlHearInterface, i);
  return NULL;
}
