/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One session that is remembered or saved. */
#include "config.h"

#include "model/ptl-saved-private.h"

#include <string.h>

#include "model/ptl-session-private.h"

enum
{
  ITEM_PROP_0,
  ITEM_PROP_NAME,
  ITEM_PROP_TITLE,
  ITEM_PROP_URI,
  ITEM_PROP_ROLE,
  ITEM_PROP_ICON_NAME,
  ITEM_PROP_SAVED,
  N_ITEM_PROPS
};

static GParamSpec *item_props[N_ITEM_PROPS];

G_DEFINE_FINAL_TYPE (PtlSavedItem, ptl_saved_item, G_TYPE_OBJECT)

static void
ptl_saved_item_get_property (GObject    *object,
                  guint       prop_id,
                  GValue     *value,
                  GParamSpec *pspec)
{
  PtlSavedItem *self = PTL_SAVED_ITEM (object);

  switch (prop_id)
    {
    case ITEM_PROP_NAME:
      g_value_set_string (value, ptl_saved_item_get_name (self));
      break;
    case ITEM_PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case ITEM_PROP_URI:
      g_value_set_string (value, self->uri);
      break;
    case ITEM_PROP_ROLE:
      g_value_set_uint (value, self->spec->role);
      break;
    case ITEM_PROP_ICON_NAME:
      g_value_set_static_string (value, ptl_session_get_role_icon_name (self->spec->role));
      break;
    case ITEM_PROP_SAVED:
      g_value_set_boolean (value, self->name != NULL);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_saved_item_finalize (GObject *object)
{
  PtlSavedItem *self = PTL_SAVED_ITEM (object);

  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->title, g_free);
  g_clear_pointer (&self->uri, g_free);
  g_clear_pointer (&self->spec, ptl_spec_free);
  G_OBJECT_CLASS (ptl_saved_item_parent_class)->finalize (object);
}

static void
ptl_saved_item_class_init (PtlSavedItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = ptl_saved_item_get_property;
  object_class->finalize = ptl_saved_item_finalize;

  item_props[ITEM_PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  item_props[ITEM_PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  item_props[ITEM_PROP_URI] = g_param_spec_string ("uri", NULL, NULL, NULL, flags);
  item_props[ITEM_PROP_ROLE] = g_param_spec_uint ("role", NULL, NULL, 0, PTL_ROLE_DATAGRAMS, 0,
                                                  flags);
  item_props[ITEM_PROP_ICON_NAME] = g_param_spec_string ("icon-name", NULL, NULL, NULL, flags);
  item_props[ITEM_PROP_SAVED] = g_param_spec_boolean ("saved", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_ITEM_PROPS, item_props);
}

static void
ptl_saved_item_init (PtlSavedItem *self)
{
}

PtlSavedItem *
ptl_saved_item_new (const PtlSpec *spec,
                    char          *name)
{
  PtlSavedItem *self = g_object_new (PTL_TYPE_SAVED_ITEM, NULL);

  self->spec = ptl_spec_copy (spec);
  self->uri = ptl_spec_to_uri (spec);
  self->title = ptl_spec_to_title (spec);
  self->name = name;
  return self;
}

gboolean
ptl_saved_item_equal (gconstpointer one,
                      gconstpointer other)
{
  const PtlSavedItem *a = one;
  const PtlSavedItem *b = other;

  return a->spec->role == b->spec->role && strcmp (a->uri, b->uri) == 0;
}

const char *
ptl_saved_item_get_name (PtlSavedItem *self)
{
  g_return_val_if_fail (PTL_IS_SAVED_ITEM (self), NULL);
  return self->name != NULL ? self->name : self->title;
}

const char *
ptl_saved_item_get_uri (PtlSavedItem *self)
{
  g_return_val_if_fail (PTL_IS_SAVED_ITEM (self), NULL);
  return self->uri;
}

PtlRole
ptl_saved_item_get_role (PtlSavedItem *self)
{
  g_return_val_if_fail (PTL_IS_SAVED_ITEM (self), PTL_ROLE_CONNECT);
  return self->spec->role;
}

bool
ptl_saved_item_is_saved (PtlSavedItem *self)
{
  g_return_val_if_fail (PTL_IS_SAVED_ITEM (self), false);
  return self->name != NULL;
}

const PtlSpec *
ptl_saved_item_get_spec (PtlSavedItem *self)
{
  g_return_val_if_fail (PTL_IS_SAVED_ITEM (self), NULL);
  return self->spec;
}
