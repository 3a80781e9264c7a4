/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The properties of systemd-resolved on the system bus. */
#include "config.h"

#include "model/ptl-resolve1.h"

#include <errno.h>

#include "model/ptl-text-private.h"

#define RESOLVED_NAME "org.freedesktop.resolve1"
#define RESOLVED_PATH "/org/freedesktop/resolve1"
#define RESOLVED_TIMEOUT_MS 5000
#define TEXT_CHARS_MAX 255

struct _PtlResolve1
{
  GObject          parent_instance;

  /* owned */
  GDBusConnection *bus;
  char            *bus_error;
  char            *error;
  GVariant        *properties; /* a{sv}; NULL */
  GCancellable    *cancellable;

  guint            connect_id; /* until there is a bus: when that is given up */
  guint            watch_id;
  guint            signal_id;
  gboolean         looked;
  gboolean         runs;
  gboolean         asking;
  gboolean         ask_again;
};

G_DEFINE_FINAL_TYPE (PtlResolve1, ptl_resolve1, G_TYPE_OBJECT)

static guint changed_signal;

static void
on_properties_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      data)
{
  g_autoptr (PtlResolve1) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result,
                                                              &error);

  self->asking = FALSE;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_pointer (&self->error, g_free);
  g_clear_pointer (&self->properties, g_variant_unref);
  if (reply != NULL && self->runs)
    self->properties = g_variant_get_child_value (reply, 0);
  else if (error != NULL)
    {
      g_dbus_error_strip_remote_error (error);
      self->error = ptl_text_dup_safe (error->message, TEXT_CHARS_MAX);
    }
  self->looked = TRUE;
  if (self->ask_again)
    ptl_resolve1_ask (self);
  g_signal_emit (self, changed_signal, 0);
}

void
ptl_resolve1_ask (PtlResolve1 *self)
{
  g_return_if_fail (PTL_IS_RESOLVE1 (self));

  if (!self->runs)
    return;
  self->ask_again = self->asking;
  if (self->asking)
    return;
  self->asking = TRUE;
  g_dbus_connection_call (self->bus, RESOLVED_NAME, RESOLVED_PATH,
                          "org.freedesktop.DBus.Properties", "GetAll",
                          g_variant_new ("(s)", RESOLVED_NAME ".Manager"),
                          G_VARIANT_TYPE ("(a{sv})"), G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          RESOLVED_TIMEOUT_MS, self->cancellable, on_properties_cb,
                          g_object_ref (self));
}

static void
on_properties_changed_cb (GDBusConnection *bus,
                          const char      *sender,
                          const char      *path,
                          const char      *interface,
                          const char      *signal,
                          GVariant        *parameters,
                          gpointer         data)
{
  ptl_resolve1_ask (PTL_RESOLVE1 (data));
}

static void
on_appeared_cb (GDBusConnection *bus,
                const char      *name,
                const char      *owner,
                gpointer         data)
{
  PtlResolve1 *self = PTL_RESOLVE1 (data);

  self->runs = TRUE;
  ptl_resolve1_ask (self);
}

static void
on_vanished_cb (GDBusConnection *bus,
                const char      *name,
                gpointer         data)
{
  PtlResolve1 *self = PTL_RESOLVE1 (data);

  self->runs = FALSE;
  self->looked = TRUE;
  g_clear_pointer (&self->properties, g_variant_unref);
  g_clear_pointer (&self->error, g_free);
  g_signal_emit (self, changed_signal, 0);
}

static void
on_bus_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr (PtlResolve1) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  g_clear_handle_id (&self->connect_id, g_source_remove);
  g_clear_pointer (&self->bus_error, g_free);
  if (bus == NULL)
    {
      self->bus_error = g_strdup (error->message);
      self->looked = TRUE;
      g_signal_emit (self, changed_signal, 0);
      return;
    }
  self->bus = g_steal_pointer (&bus);
  g_dbus_connection_set_exit_on_close (self->bus, FALSE);
  self->signal_id =
    g_dbus_connection_signal_subscribe (self->bus, RESOLVED_NAME,
                                        "org.freedesktop.DBus.Properties", "PropertiesChanged",
                                        NULL, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                        on_properties_changed_cb, self, NULL);
  self->watch_id =
    g_bus_watch_name_on_connection (self->bus, RESOLVED_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                    on_appeared_cb, on_vanished_cb, self, NULL);
}

GVariant *
ptl_resolve1_get (PtlResolve1 *self,
                  const char  *name,
                  const char  *type)
{
  g_return_val_if_fail (PTL_IS_RESOLVE1 (self), NULL);

  return self->properties != NULL ? g_variant_lookup_value (self->properties, name,
                                                            G_VARIANT_TYPE (type)) : NULL;
}

gboolean
ptl_resolve1_has_answered (PtlResolve1 *self)
{
  g_return_val_if_fail (PTL_IS_RESOLVE1 (self), FALSE);
  return self->properties != NULL;
}

gboolean
ptl_resolve1_is_running (PtlResolve1 *self)
{
  g_return_val_if_fail (PTL_IS_RESOLVE1 (self), FALSE);
  return self->runs;
}

gboolean
ptl_resolve1_has_looked (PtlResolve1 *self)
{
  g_return_val_if_fail (PTL_IS_RESOLVE1 (self), FALSE);
  return self->looked;
}

const char *
ptl_resolve1_get_error (PtlResolve1 *self)
{
  g_return_val_if_fail (PTL_IS_RESOLVE1 (self), NULL);
  return self->error;
}

const char *
ptl_resolve1_get_bus_error (PtlResolve1 *self)
{
  g_return_val_if_fail (PTL_IS_RESOLVE1 (self), NULL);
  return self->bus_error;
}

static void
ptl_resolve1_dispose (GObject *object)
{
  PtlResolve1 *self = PTL_RESOLVE1 (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->connect_id, g_source_remove);
  g_clear_handle_id (&self->watch_id, g_bus_unwatch_name);
  if (self->signal_id != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, self->signal_id);
  self->signal_id = 0;
  g_clear_object (&self->bus);

  G_OBJECT_CLASS (ptl_resolve1_parent_class)->dispose (object);
}

static void
ptl_resolve1_finalize (GObject *object)
{
  PtlResolve1 *self = PTL_RESOLVE1 (object);

  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->properties, g_variant_unref);
  g_free (self->error);
  g_free (self->bus_error);

  G_OBJECT_CLASS (ptl_resolve1_parent_class)->finalize (object);
}

static void
ptl_resolve1_class_init (PtlResolve1Class *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ptl_resolve1_dispose;
  object_class->finalize = ptl_resolve1_finalize;
  changed_signal = g_signal_new ("changed", PTL_TYPE_RESOLVE1, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
ptl_resolve1_init (PtlResolve1 *self)
{
  self->cancellable = g_cancellable_new ();
}

/* It may come still. */
static gboolean
on_connect_deadline_cb (gpointer data)
{
  PtlResolve1 *self = data;

  self->connect_id = 0;
  self->bus_error = ptl_text_dup_errno (ETIMEDOUT);
  self->looked = TRUE;
  g_signal_emit (self, changed_signal, 0);
  return G_SOURCE_REMOVE;
}

PtlResolve1 *
ptl_resolve1_new (void)
{
  PtlResolve1 *self = g_object_new (PTL_TYPE_RESOLVE1, NULL);

  self->connect_id = g_timeout_add (RESOLVED_TIMEOUT_MS, on_connect_deadline_cb, self);
  /* Others may wait for the same connection, and would be cancelled with this. */
  g_bus_get (G_BUS_TYPE_SYSTEM, NULL, on_bus_cb, g_object_ref (self));
  return self;
}
