/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The services of the system bus that know names of this computer. */
#include "config.h"

#include "model/ptl-host-bus.h"

#include <net/if.h>
#include <string.h>

#include "base/ptl-codec.h"

#define HOSTNAMED "org.freedesktop.hostname1"
#define HOSTNAMED_PATH "/org/freedesktop/hostname1"
#define AVAHI "org.freedesktop.Avahi"
#define RESOLVED "org.freedesktop.resolve1"
#define RESOLVED_PATH "/org/freedesktop/resolve1"
#define PROPERTIES "org.freedesktop.DBus.Properties"

#define SHOWN_MAX 256 /* characters of a text */
#define AGAIN_MS 100  /* between two questions when it tells of many changes */

struct _PtlHostBus
{
  GObject          parent_instance;

  GCancellable    *cancellable; /* of all that is on its way; owned, renewed by each ask */
  GDBusConnection *connection;  /* owned, or NULL */
  guint            deadline_ms;
  guint            connect_id;  /* the deadline of connecting */
  guint            changed_id;  /* signal of hostnamed */
  guint            watch_id;    /* hostnamed comes and goes */
  guint            n_pending;
  gboolean         asking;      /* hostnamed */
  gboolean         again;       /* it told of a change meanwhile */
  guint            again_id;

  guint32          devices[PTL_HOST_BUS_LINKS_MAX];
  guint            n_devices;
  GString         *links;       /* that answer to mDNS; owned, NULL: none yet */
  PtlHostBusFacts  facts;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (PtlHostBus, ptl_host_bus, G_TYPE_OBJECT)

/* --- what is on its way ----------------------------------------------------------------------- */

static void
end_one (PtlHostBus *self)
{
  self->n_pending--;
  g_signal_emit (self, changed_signal, 0);
}

static gboolean
is_cancelled (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static PtlHostBusState
get_state (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_TIMEOUT)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_TIMED_OUT))
    return PTL_HOST_BUS_SILENT;
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER)
      || (error->domain == G_DBUS_ERROR && error->code >= G_DBUS_ERROR_SPAWN_EXEC_FAILED
          && error->code <= G_DBUS_ERROR_SPAWN_NO_MEMORY))
    return PTL_HOST_BUS_ABSENT;
  return PTL_HOST_BUS_REFUSED;
}

static char *
make_safe (const char *text)
{
  return text == NULL || *text == '\0'
           ? NULL : ptl_codec_preview ((const guint8 *) text, strlen (text), SHOWN_MAX);
}

/* A text property of a dictionary a{sv}; NULL where there is none, or it is of another type. */
static char *
dup_text (GVariant   *properties,
          const char *name)
{
  const char *text = NULL;

  return g_variant_lookup (properties, name, "&s", &text) ? make_safe (text) : NULL;
}

static void
clear_hostnamed (PtlHostBusFacts *facts)
{
  g_clear_pointer (&facts->hostnamed_error, g_free);
  g_clear_pointer (&facts->hostname, g_free);
  g_clear_pointer (&facts->static_name, g_free);
  g_clear_pointer (&facts->pretty_name, g_free);
  g_clear_pointer (&facts->hostname_source, g_free);
  g_clear_pointer (&facts->chassis, g_free);
  g_clear_pointer (&facts->deployment, g_free);
  g_clear_pointer (&facts->location, g_free);
  g_clear_pointer (&facts->system, g_free);
  g_clear_pointer (&facts->vendor, g_free);
  g_clear_pointer (&facts->model, g_free);
}

static void
clear_mdns (PtlHostBusFacts *facts)
{
  g_clear_pointer (&facts->avahi_name, g_free);
  g_clear_pointer (&facts->multicast_dns, g_free);
  g_clear_pointer (&facts->mdns_links, g_free);
}

/* Each call holds a reference to us. */
static void
call (PtlHostBus          *self,
      const char          *service,
      const char          *path,
      const char          *interface,
      const char          *method,
      GVariant            *parameters,
      const char          *type,
      GDBusCallFlags       flags,
      GAsyncReadyCallback  callback)
{
  self->n_pending++;
  g_dbus_connection_call (self->connection, service, path, interface, method, parameters,
                          G_VARIANT_TYPE (type), flags, (int) self->deadline_ms,
                          self->cancellable, callback, g_object_ref (self));
}

static GVariant *
end_call (GObject       *source,
          GAsyncResult  *result,
          GError       **error)
{
  return g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, error);
}

/* --- systemd-hostnamed ------------------------------------------------------------------------ */

static gboolean on_again_cb (gpointer data);

static void
on_hostnamed_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      data)
{
  g_autoptr (PtlHostBus) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = end_call (source, result, &error);
  g_autoptr (GVariant) properties = NULL;
  PtlHostBusFacts *facts = &self->facts;

  if (is_cancelled (error))
    return;
  self->asking = FALSE;
  if (self->again && self->again_id == 0)
    self->again_id = g_timeout_add (AGAIN_MS, on_again_cb, self);
  clear_hostnamed (facts);
  if (answer == NULL)
    {
      facts->hostnamed = get_state (error);
      if (facts->hostnamed == PTL_HOST_BUS_REFUSED)
        {
          g_dbus_error_strip_remote_error (error);
          facts->hostnamed_error = make_safe (error->message);
        }
      end_one (self);
      return;
    }
  properties = g_variant_get_child_value (answer, 0);
  facts->hostnamed = PTL_HOST_BUS_THERE;
  facts->hostname = dup_text (properties, "Hostname");
  facts->static_name = dup_text (properties, "StaticHostname");
  facts->pretty_name = dup_text (properties, "PrettyHostname");
  facts->hostname_source = dup_text (properties, "HostnameSource");
  facts->chassis = dup_text (properties, "Chassis");
  facts->deployment = dup_text (properties, "Deployment");
  facts->location = dup_text (properties, "Location");
  facts->system = dup_text (properties, "OperatingSystemPrettyName");
  facts->vendor = dup_text (properties, "HardwareVendor");
  facts->model = dup_text (properties, "HardwareModel");
  end_one (self);
}

/* It is started where the system has it, as hostnamectl does. */
static void
ask_hostnamed (PtlHostBus *self)
{
  self->again = self->asking;
  if (self->asking)
    return;
  self->asking = TRUE;
  call (self, HOSTNAMED, HOSTNAMED_PATH, PROPERTIES, "GetAll", g_variant_new ("(s)", HOSTNAMED),
        "(a{sv})", G_DBUS_CALL_FLAGS_NONE, on_hostnamed_cb);
}

static gboolean
on_again_cb (gpointer data)
{
  PtlHostBus *self = data;

  self->again_id = 0;
  ask_hostnamed (self);
  return G_SOURCE_REMOVE;
}

static void
on_properties_changed_cb (GDBusConnection *connection,
                          const char      *sender,
                          const char      *path,
                          const char      *interface,
                          const char      *signal,
                          GVariant        *parameters,
                          gpointer         data)
{
  PtlHostBus *self = data;

  if (self->again_id == 0)
    ask_hostnamed (self);
}

/* Once it runs although it did not before. */
static void
on_hostnamed_appeared_cb (GDBusConnection *connection,
                          const char      *name,
                          const char      *owner,
                          gpointer         data)
{
  PtlHostBus *self = data;

  if (self->facts.hostnamed != PTL_HOST_BUS_THERE
      && self->facts.hostnamed != PTL_HOST_BUS_UNKNOWN)
    ask_hostnamed (self);
}

/* --- Avahi ------------------------------------------------------------------------------------ */

static void
on_avahi_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr (PtlHostBus) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = end_call (source, result, &error);
  const char *name;

  if (is_cancelled (error))
    return;
  g_clear_pointer (&self->facts.avahi_name, g_free);
  if (answer == NULL)
    self->facts.avahi = get_state (error);
  else
    {
      g_variant_get (answer, "(&s)", &name);
      self->facts.avahi = PTL_HOST_BUS_THERE;
      self->facts.avahi_name = make_safe (name);
    }
  end_one (self);
}

/* --- systemd-resolved ------------------------------------------------------------------------- */

typedef struct
{
  PtlHostBus *self; /* counted */
  guint32     device;
} LinkCall;

static void
on_link_mdns_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      data)
{
  LinkCall *link = data;
  g_autoptr (PtlHostBus) self = link->self;
  guint32 device = link->device;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = end_call (source, result, &error);
  g_autoptr (GVariant) value = NULL;
  char name[IF_NAMESIZE];

  g_free (link);
  if (is_cancelled (error))
    return;
  if (answer != NULL)
    {
      g_variant_get (answer, "(v)", &value);
      if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING)
          && strcmp (g_variant_get_string (value, NULL), "yes") == 0
          && if_indextoname (device, name) != NULL)
        {
          g_autofree char *safe = make_safe (name);

          if (self->links == NULL)
            self->links = g_string_new (NULL);
          g_string_append_printf (self->links, "%s%s", self->links->len > 0 ? ", " : "", safe);
          g_free (self->facts.mdns_links);
          self->facts.mdns_links = g_strdup (self->links->str);
        }
    }
  end_one (self);
}

static void
on_link_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  LinkCall *link = data;
  PtlHostBus *self = link->self;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = end_call (source, result, &error);
  const char *path;

  if (answer == NULL)
    {
      if (!is_cancelled (error))
        end_one (self);
      g_object_unref (self);
      g_free (link);
      return;
    }
  g_variant_get (answer, "(&o)", &path);
  g_dbus_connection_call (self->connection, RESOLVED, path, PROPERTIES, "Get",
                          g_variant_new ("(ss)", RESOLVED ".Link", "MulticastDNS"),
                          G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          (int) self->deadline_ms, self->cancellable, on_link_mdns_cb, link);
}

static void
ask_links (PtlHostBus *self)
{
  for (guint i = 0; i < self->n_devices; i++)
    {
      LinkCall *link = g_new (LinkCall, 1);

      link->self = g_object_ref (self);
      link->device = self->devices[i];
      self->n_pending++;
      g_dbus_connection_call (self->connection, RESOLVED, RESOLVED_PATH, RESOLVED ".Manager",
                              "GetLink", g_variant_new ("(i)", (gint32) link->device),
                              G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_NO_AUTO_START,
                              (int) self->deadline_ms, self->cancellable, on_link_cb, link);
    }
}

static void
on_resolved_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  g_autoptr (PtlHostBus) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = end_call (source, result, &error);
  g_autoptr (GVariant) value = NULL;

  if (is_cancelled (error))
    return;
  g_clear_pointer (&self->facts.multicast_dns, g_free);
  g_clear_pointer (&self->facts.mdns_links, g_free);
  if (self->links != NULL)
    g_string_truncate (self->links, 0);
  if (answer == NULL)
    self->facts.resolved = get_state (error);
  else
    {
      g_variant_get (answer, "(v)", &value);
      self->facts.resolved = PTL_HOST_BUS_THERE;
      if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
        self->facts.multicast_dns = make_safe (g_variant_get_string (value, NULL));
      if (g_strcmp0 (self->facts.multicast_dns, "yes") == 0)
        ask_links (self);
    }
  end_one (self);
}

/* --- the bus ---------------------------------------------------------------------------------- */

/* Neither of the two is started: who does not run publishes nothing. */
static void
ask_all (PtlHostBus *self)
{
  ask_hostnamed (self);
  call (self, AVAHI, "/", AVAHI ".Server", "GetHostNameFqdn", NULL, "(s)",
        G_DBUS_CALL_FLAGS_NO_AUTO_START, on_avahi_cb);
  call (self, RESOLVED, RESOLVED_PATH, PROPERTIES, "Get",
        g_variant_new ("(ss)", RESOLVED ".Manager", "MulticastDNS"), "(v)",
        G_DBUS_CALL_FLAGS_NO_AUTO_START, on_resolved_cb);
}

static void
set_no_bus (PtlHostBus *self,
            const char *why)
{
  clear_hostnamed (&self->facts);
  clear_mdns (&self->facts);
  self->facts.hostnamed = self->facts.avahi = self->facts.resolved = PTL_HOST_BUS_NO_BUS;
  self->facts.hostnamed_error = make_safe (why);
}

/* For the bus.  Others may wait for the same connection, and would be cancelled with this. */
typedef struct
{
  PtlHostBus   *self;        /* owned */
  GCancellable *cancellable; /* owned; of this question */
} Wait;

static void
on_bus_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  Wait *wait = data;
  g_autoptr (PtlHostBus) self = wait->self;
  g_autoptr (GCancellable) cancellable = wait->cancellable;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = g_bus_get_finish (result, &error);

  g_free (wait);
  if (g_cancellable_is_cancelled (cancellable))
    return;
  g_clear_handle_id (&self->connect_id, g_source_remove);
  if (connection == NULL)
    {
      set_no_bus (self, error->message);
      end_one (self);
      return;
    }
  g_dbus_connection_set_exit_on_close (connection, FALSE);
  self->connection = g_steal_pointer (&connection);
  self->changed_id =
    g_dbus_connection_signal_subscribe (self->connection, HOSTNAMED, PROPERTIES,
                                        "PropertiesChanged", HOSTNAMED_PATH, HOSTNAMED,
                                        G_DBUS_SIGNAL_FLAGS_NONE, on_properties_changed_cb, self,
                                        NULL);
  self->watch_id =
    g_bus_watch_name_on_connection (self->connection, HOSTNAMED, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                    on_hostnamed_appeared_cb, NULL, self, NULL);
  ask_all (self);
  end_one (self);
}

static gboolean
on_connect_deadline_cb (gpointer data)
{
  PtlHostBus *self = data;

  self->connect_id = 0;
  g_cancellable_cancel (self->cancellable);
  set_no_bus (self, NULL);
  end_one (self);
  return G_SOURCE_REMOVE;
}

static void
cancel (PtlHostBus *self)
{
  g_clear_handle_id (&self->connect_id, g_source_remove);
  g_clear_handle_id (&self->again_id, g_source_remove);
  self->asking = self->again = FALSE;
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->n_pending = 0;
}

static void
forget_connection (PtlHostBus *self)
{
  if (self->connection == NULL)
    return;
  g_clear_handle_id (&self->watch_id, g_bus_unwatch_name);
  g_dbus_connection_signal_unsubscribe (self->connection, self->changed_id);
  self->changed_id = 0;
  g_clear_object (&self->connection);
}

void
ptl_host_bus_ask (PtlHostBus    *self,
                  const guint32 *devices,
                  guint          n_devices)
{
  Wait *wait;

  g_return_if_fail (PTL_IS_HOST_BUS (self));

  cancel (self);
  self->cancellable = g_cancellable_new ();
  self->n_devices = MIN (n_devices, PTL_HOST_BUS_LINKS_MAX);
  for (guint i = 0; i < self->n_devices; i++)
    self->devices[i] = devices[i];
  if (self->connection != NULL && g_dbus_connection_is_closed (self->connection))
    forget_connection (self);
  if (self->connection != NULL)
    {
      ask_all (self);
      return;
    }
  self->n_pending++;
  self->connect_id = g_timeout_add (self->deadline_ms, on_connect_deadline_cb, self);
  wait = g_new (Wait, 1);
  *wait = (Wait) { g_object_ref (self), g_object_ref (self->cancellable) };
  g_bus_get (G_BUS_TYPE_SYSTEM, NULL, on_bus_cb, wait);
}

gboolean
ptl_host_bus_is_busy (PtlHostBus *self)
{
  return self->n_pending > 0;
}

const PtlHostBusFacts *
ptl_host_bus_get_facts (PtlHostBus *self)
{
  return &self->facts;
}

void
ptl_host_bus_set_deadline (PtlHostBus *self,
                           guint       ms)
{
  self->deadline_ms = ms;
}

static void
ptl_host_bus_dispose (GObject *object)
{
  PtlHostBus *self = PTL_HOST_BUS (object);

  cancel (self);
  forget_connection (self);

  G_OBJECT_CLASS (ptl_host_bus_parent_class)->dispose (object);
}

static void
ptl_host_bus_finalize (GObject *object)
{
  PtlHostBus *self = PTL_HOST_BUS (object);

  clear_hostnamed (&self->facts);
  clear_mdns (&self->facts);
  if (self->links != NULL)
    g_string_free (self->links, TRUE);

  G_OBJECT_CLASS (ptl_host_bus_parent_class)->finalize (object);
}

static void
ptl_host_bus_class_init (PtlHostBusClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ptl_host_bus_dispose;
  object_class->finalize = ptl_host_bus_finalize;

  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
ptl_host_bus_init (PtlHostBus *self)
{
  self->deadline_ms = PTL_HOST_BUS_MS;
}

PtlHostBus *
ptl_host_bus_new (void)
{
  return g_object_new (PTL_TYPE_HOST_BUS, NULL);
}
