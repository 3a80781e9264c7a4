/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which DNS servers and search domains this computer has, and who says so. */
#include "config.h"

#include "model/ptl-name-servers-private.h"

#include <string.h>

#include <glib-unix.h>
#include <glib/gi18n-lib.h>

#include "base/ptl-fd.h"
#include "host/ptl-host-names.h"
#include "model/ptl-net-table.h"
#include "model/ptl-network-text.h"
#include "model/ptl-network.h"
#include "model/ptl-resolve1.h"
#include "model/ptl-text-private.h"

struct _PtlNameServers
{
  GObject          parent_instance;

  char            *path;
  PtlNetTable     *table;
  PtlNetwork      *network;      /* for the names of interfaces */
  PtlResolvConf   *conf;         /* NULL: not read yet */
  GFileMonitor    *monitors[2];  /* of the path, and of where it leads */
  int              name_fd;      /* tells of another host name; negative: none does */
  guint            name_id;
  guint            settle_id;
  GCancellable    *cancellable;
  gboolean         reading;
  gboolean         read_again;

  PtlResolve1     *resolved;
};

G_DEFINE_FINAL_TYPE (PtlNameServers, ptl_name_servers, G_TYPE_OBJECT)

/* A name that is changed again and again is looked at once in this time. */
#define SETTLE_MS 60

static guint changed_signal;

static void update (PtlNameServers *self);

/* --- the table -------------------------------------------------------------------------------- */

static const PtlTableColumn columns[] = {
  { "what", N_("What"), 14, 0 },
  { "value", N_("Value"), 0, 0 },
  { "interface", N_("Interface"), 11, 0 },
  { "source", N_("Source"), 24, PTL_TABLE_WIDE_ONLY },
  { "note", N_("Note"), 0, PTL_TABLE_WIDE_ONLY | PTL_TABLE_DIM },
};

static char *
dup_cell (gconstpointer value,
          guint         column)
{
  const PtlNameServerEntry *entry = value;
  const char *texts[] = { entry->what, entry->value, entry->where, entry->source, entry->note };

  return g_strdup (texts[column] != NULL ? texts[column] : "");
}

static PtlTableTone
get_tone (gconstpointer value,
          guint         column)
{
  return ((const PtlNameServerEntry *) value)->tone;
}

static guint
hash (gconstpointer value)
{
  const PtlNameServerEntry *entry = value;

  return g_str_hash (entry->what) ^ g_str_hash (entry->value) ^ g_str_hash (entry->source)
         ^ g_str_hash (entry->where) ^ entry->number;
}

static gboolean
is_same (gconstpointer a,
         gconstpointer b)
{
  const PtlNameServerEntry *first = a;
  const PtlNameServerEntry *second = b;

  return first->number == second->number && strcmp (first->what, second->what) == 0
         && strcmp (first->value, second->value) == 0
         && strcmp (first->where, second->where) == 0
         && strcmp (first->source, second->source) == 0;
}

static gboolean
is_equal (gconstpointer a,
          gconstpointer b)
{
  const PtlNameServerEntry *first = a;
  const PtlNameServerEntry *second = b;

  return g_strcmp0 (first->note, second->note) == 0 && first->tone == second->tone;
}

static void
free_entry (gpointer data)
{
  PtlNameServerEntry *entry = data;

  g_free (entry->value);
  g_free (entry->where);
  g_free (entry->source);
  g_free (entry->note);
  g_free (entry->host);
  g_free (entry);
}

PtlNameServerEntry *
ptl_name_servers_add (GPtrArray  *entries,
                      const char *what,
                      char       *value,
                      char       *where,
                      char       *source,
                      char       *note)
{
  PtlNameServerEntry *entry = g_new0 (PtlNameServerEntry, 1);

  entry->what = what;
  entry->value = value;
  entry->where = where != NULL ? where : g_strdup ("");
  entry->source = source;
  entry->note = note;
  for (guint i = entries->len; i > 0; i--)
    {
      const PtlNameServerEntry *other = entries->pdata[i - 1];

      if (strcmp (other->what, what) == 0 && strcmp (other->value, value) == 0
          && strcmp (other->where, entry->where) == 0 && strcmp (other->source, source) == 0)
        {
          entry->number = other->number + 1;
          break;
        }
    }
  g_ptr_array_add (entries, entry);
  return entry;
}

/* --- resolv.conf ------------------------------------------------------------------------------ */

static void read_conf (PtlNameServers *self);

/* @i: 0 the path, 1 where it leads. */
static void
watch (PtlNameServers *self,
       guint           i,
       const char     *path)
{
  g_autoptr (GFile) file = path != NULL ? g_file_new_for_path (path) : NULL;

  if (self->monitors[i] != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->monitors[i], self);
      g_clear_object (&self->monitors[i]);
    }
  if (file == NULL)
    return;
  /* Of the file itself too: it may be mounted from elsewhere, as in a container. */
  self->monitors[i] = g_file_monitor_file (file, G_FILE_MONITOR_WATCH_MOVES
                                                   | G_FILE_MONITOR_WATCH_HARD_LINKS, NULL, NULL);
  if (self->monitors[i] != NULL)
    {
      g_file_monitor_set_rate_limit (self->monitors[i], 100);
      g_signal_connect_swapped (self->monitors[i], "changed", G_CALLBACK (read_conf), self);
    }
}

/* In a thread. */
static void
read_cb (GTask        *task,
         gpointer      source,
         gpointer      data,
         GCancellable *cancellable)
{
  g_task_return_pointer (task, ptl_resolv_conf_read (data),
                         (GDestroyNotify) ptl_resolv_conf_free);
}

static void
on_read_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  PtlNameServers *self = PTL_NAME_SERVERS (source);
  PtlResolvConf *conf = g_task_propagate_pointer (G_TASK (result), NULL);

  if (conf == NULL)
    return;
  self->reading = FALSE;
  if (self->conf == NULL || g_strcmp0 (self->conf->target, conf->target) != 0)
    watch (self, 1, conf->target);
  g_clear_pointer (&self->conf, ptl_resolv_conf_free);
  self->conf = conf;
  if (self->read_again)
    read_conf (self);
  update (self);
}

static void
read_conf (PtlNameServers *self)
{
  g_autoptr (GTask) task = NULL;

  self->read_again = self->reading;
  if (self->reading)
    return;
  self->reading = TRUE;
  task = g_task_new (self, self->cancellable, on_read_cb, NULL);
  g_task_set_task_data (task, g_strdup (self->path), g_free);
  g_task_run_in_thread (task, read_cb);
}

static gboolean
on_settled_cb (gpointer data)
{
  PtlNameServers *self = data;

  self->settle_id = 0;
  read_conf (self);
  return G_SOURCE_REMOVE;
}

/* Its domain is searched where nothing says what is. */
static gboolean
on_host_name_cb (int          fd,
                 GIOCondition condition,
                 gpointer     data)
{
  PtlNameServers *self = data;

  if (self->settle_id == 0)
    self->settle_id = g_timeout_add (SETTLE_MS, on_settled_cb, self);
  return G_SOURCE_CONTINUE;
}

/* --- systemd-resolved ------------------------------------------------------------------------- */

static char *
dup_interface (PtlNameServers *self,
               int             index)
{
  return index > 0 ? ptl_network_dup_name (self->network, index) : NULL;
}

/* A link-local address is one only together with its link.  NULL: not an address. */
static char *
dup_host (GVariant   *bytes,
          int         family,
          const char *interface)
{
  gsize len;
  const guint8 *address = g_variant_get_fixed_array (bytes, &len, 1);
  char *host;

  if (!(family == AF_INET && len == 4) && !(family == AF_INET6 && len == 16))
    return NULL;
  host = ptl_network_text_host (family, address);
  if (family == AF_INET6 && interface != NULL && address[0] == 0xfe && (address[1] & 0xc0) == 0x80)
    {
      g_autofree char *plain = host;

      host = g_strdup_printf ("%s%%%s", plain, interface);
    }
  return host;
}

/* "192.0.2.1", "192.0.2.1:5353", "192.0.2.1#name" */
static char *
dup_server (const char *host,
            int         family,
            guint       port,
            const char *name)
{
  g_autofree char *with_port = NULL;
  g_autofree char *safe = NULL;

  if (port == 0 || port == PTL_NAME_SERVERS_PORT)
    with_port = g_strdup (host);
  else
    with_port = g_strdup_printf (family == AF_INET6 ? "[%s]:%u" : "%s:%u", host, port);
  if (name == NULL || name[0] == '\0')
    return g_steal_pointer (&with_port);
  safe = ptl_text_dup_safe (name, PTL_NAME_SERVERS_CHARS_MAX);
  return g_strdup_printf ("%s#%s", with_port, safe);
}

/* @extended: with port and name (a(iiayqs)), else a(iiay). */
static guint
add_resolved_servers (PtlNameServers *self,
                      GPtrArray      *entries,
                      const char     *property,
                      const char     *what,
                      const char     *note,
                      gboolean        extended)
{
  g_autoptr (GVariant) list = ptl_resolve1_get (self->resolved, property,
                                                extended ? "a(iiayqs)" : "a(iiay)");
  g_autoptr (GVariant) current = ptl_resolve1_get (self->resolved, "CurrentDNSServer", "(iiay)");
  gsize n = list != NULL ? g_variant_n_children (list) : 0;

  for (gsize i = 0; i < n && entries->len < PTL_NAME_SERVERS_ROWS_MAX; i++)
    {
      g_autoptr (GVariant) server = g_variant_get_child_value (list, i);
      g_autoptr (GVariant) bytes = NULL;
      g_autoptr (GVariant) current_bytes = NULL;
      const char *name = NULL;
      gint32 index, family;
      guint16 port = 0;
      char *interface, *host;
      gboolean now;
      PtlNameServerEntry *entry;

      g_variant_get_child (server, 0, "i", &index);
      g_variant_get_child (server, 1, "i", &family);
      bytes = g_variant_get_child_value (server, 2);
      if (extended)
        {
          g_variant_get_child (server, 3, "q", &port);
          g_variant_get_child (server, 4, "&s", &name);
        }
      interface = dup_interface (self, index);
      host = dup_host (bytes, family, interface);
      if (host == NULL)
        {
          g_free (interface);
          continue;
        }
      current_bytes = current != NULL ? g_variant_get_child_value (current, 2) : NULL;
      now = current_bytes != NULL && g_variant_equal (bytes, current_bytes);
      entry = ptl_name_servers_add (entries, what, dup_server (host, family, port, name), interface,
                                    g_strdup ("systemd-resolved"),
                                    g_strdup (now ? _("Asked now") : note));
      entry->host = host;
      entry->port = port != 0 ? port : PTL_NAME_SERVERS_PORT;
    }
  return (guint) n;
}

static void
add_resolved_domains (PtlNameServers *self,
                      GPtrArray      *entries)
{
  g_autoptr (GVariant) list = ptl_resolve1_get (self->resolved, "Domains", "a(isb)");
  gsize n = list != NULL ? g_variant_n_children (list) : 0;

  for (gsize i = 0; i < n && entries->len < PTL_NAME_SERVERS_ROWS_MAX; i++)
    {
      const char *domain;
      gboolean route_only;
      gint32 index;

      g_variant_get_child (list, i, "(i&sb)", &index, &domain, &route_only);
      ptl_name_servers_add (entries, route_only ? _("Routing domain") : _("Search domain"),
                            ptl_text_dup_safe (domain, PTL_NAME_SERVERS_CHARS_MAX),
                            dup_interface (self, index), g_strdup ("systemd-resolved"),
                            route_only
                              ? g_strdup (_("Its names are asked there, it is not appended"))
                              : NULL);
    }
}

static void
add_resolved (PtlNameServers *self,
              GPtrArray      *entries)
{
  static const struct
  {
    const char *property;
    const char *title;
  } settings[] = {
    { "DNSSEC", "DNSSEC" }, { "DNSOverTLS", "DNS over TLS" }, { "LLMNR", "LLMNR" },
    { "MulticastDNS", "Multicast DNS" }, { "ResolvConfMode", "resolv.conf" },
    { "DNSStubListener", "Stub listener" },
  };

  if (add_resolved_servers (self, entries, "DNSEx", _("Name server"), NULL, TRUE) == 0)
    add_resolved_servers (self, entries, "DNS", _("Name server"), NULL, FALSE);
  if (add_resolved_servers (self, entries, "FallbackDNSEx", _("Fallback server"),
                            _("Asked only when there is no other"), TRUE) == 0)
    add_resolved_servers (self, entries, "FallbackDNS", _("Fallback server"),
                          _("Asked only when there is no other"), FALSE);
  add_resolved_domains (self, entries);
  for (size_t i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      g_autoptr (GVariant) value = ptl_resolve1_get (self->resolved, settings[i].property, "s");

      if (value != NULL)
        {
          g_autofree char *safe = ptl_text_dup_safe (g_variant_get_string (value, NULL),
                                                     PTL_NAME_SERVERS_CHARS_MAX);

          ptl_name_servers_add (entries, _("Setting"),
                                g_strdup_printf ("%s: %s", settings[i].title, safe), NULL,
                                g_strdup ("systemd-resolved"), NULL);
        }
    }
}

/* --- both ------------------------------------------------------------------------------------- */

static void
update (PtlNameServers *self)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();

  add_resolved (self, entries);
  if (self->conf != NULL)
    ptl_name_servers_add_conf (entries, self->conf, self->path);
  ptl_net_table_update (self->table, entries);
  g_signal_emit (self, changed_signal, 0);
}

/* An interface may have another name now. */
static void
on_network_cb (PtlNameServers *self)
{
  if (ptl_resolve1_has_answered (self->resolved))
    update (self);
}

char *
ptl_name_servers_dup_summary (PtlNameServers *self)
{
  g_autofree char *path = NULL;
  const char *error, *bus_error;
  GString *text;

  g_return_val_if_fail (PTL_IS_NAME_SERVERS (self), NULL);

  path = ptl_text_dup_safe (self->path, PTL_NAME_SERVERS_CHARS_MAX);
  text = g_string_new (NULL);
  bus_error = ptl_resolve1_get_bus_error (self->resolved);
  error = ptl_resolve1_get_error (self->resolved);
  if (ptl_resolve1_is_running (self->resolved) && error != NULL)
    g_string_append_printf (text, _("systemd-resolved runs, but does not answer: %s."), error);
  else if (ptl_resolve1_is_running (self->resolved))
    g_string_append (text, _("systemd-resolved runs and knows the servers of each interface."));
  else if (bus_error != NULL)
    g_string_append_printf (text, _("There is no system bus, so systemd-resolved cannot be asked: "
                                    "%s."), bus_error);
  else if (ptl_resolve1_has_looked (self->resolved))
    g_string_append_printf (text, _("systemd-resolved does not run: programs ask the servers of "
                                    "%s."), path);
  if (self->conf == NULL)
    return g_string_free (text, FALSE);

  if (text->len > 0)
    g_string_append_c (text, ' ');
  if (self->conf->error != 0)
    {
      g_autofree char *why = ptl_text_dup_errno (-self->conf->error);

      g_string_append_printf (text, _("%s cannot be read: %s."), path, why);
      return g_string_free (text, FALSE);
    }
  if (self->conf->target != NULL)
    {
      g_autofree char *target = ptl_text_dup_safe (self->conf->target, PTL_NAME_SERVERS_CHARS_MAX);

      /* Translators: the names of two files, the first is a symbolic link */
      g_string_append_printf (text, _("%s leads to %s."), path, target);
      g_string_append_c (text, ' ');
    }
  if (self->conf->comment != NULL)
    {
      g_autofree char *comment = ptl_text_dup_safe (self->conf->comment, 100);

      /* Translators: the name of a file, and the comment on top of it */
      g_string_append_printf (text, _("On top of %s: “%s”."), path, comment);
    }
  if (self->conf->cut_off)
    g_string_append_printf (text, " %s", _("The file is longer than what is shown."));
  return g_string_free (text, FALSE);
}

static void
ptl_name_servers_dispose (GObject *object)
{
  PtlNameServers *self = PTL_NAME_SERVERS (object);

  g_cancellable_cancel (self->cancellable);
  watch (self, 0, NULL);
  watch (self, 1, NULL);
  g_clear_handle_id (&self->settle_id, g_source_remove);
  g_clear_handle_id (&self->name_id, g_source_remove);
  ptl_fd_clear (&self->name_fd);
  if (self->resolved != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->resolved, self);
      g_object_run_dispose (G_OBJECT (self->resolved));
    }
  g_clear_object (&self->resolved);
  if (self->network != NULL)
    g_signal_handlers_disconnect_by_data (self->network, self);
  g_clear_object (&self->network);
  g_clear_object (&self->table);

  G_OBJECT_CLASS (ptl_name_servers_parent_class)->dispose (object);
}

static void
ptl_name_servers_finalize (GObject *object)
{
  PtlNameServers *self = PTL_NAME_SERVERS (object);

  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->conf, ptl_resolv_conf_free);
  g_free (self->path);

  G_OBJECT_CLASS (ptl_name_servers_parent_class)->finalize (object);
}

static void
ptl_name_servers_class_init (PtlNameServersClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ptl_name_servers_dispose;
  object_class->finalize = ptl_name_servers_finalize;
  changed_signal = g_signal_new ("changed", PTL_TYPE_NAME_SERVERS, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
ptl_name_servers_init (PtlNameServers *self)
{
  static const PtlNetTableKind kind = {
    .columns = columns, .n_columns = G_N_ELEMENTS (columns), .dup_cell = dup_cell,
    .get_tone = get_tone, .hash = hash, .is_same = is_same, .is_equal = is_equal,
    .free_value = free_entry,
  };

  self->table = ptl_net_table_new (&kind);
  self->cancellable = g_cancellable_new ();
  self->name_fd = ptl_host_names_open_watch ();
  if (self->name_fd >= 0)
    self->name_id = g_unix_fd_add (self->name_fd, G_IO_PRI | G_IO_ERR, on_host_name_cb, self);
  self->network = ptl_network_dup_shared ();
  g_signal_connect_swapped (self->network, "changed", G_CALLBACK (on_network_cb), self);
  self->resolved = ptl_resolve1_new ();
  g_signal_connect_swapped (self->resolved, "changed", G_CALLBACK (update), self);
}

PtlNameServers *
ptl_name_servers_new (const char *path)
{
  PtlNameServers *self = g_object_new (PTL_TYPE_NAME_SERVERS, NULL);

  self->path = g_strdup (path);
  watch (self, 0, path);
  read_conf (self);
  return self;
}

PtlNameServers *
ptl_name_servers_dup_shared (void)
{
  static GWeakRef shared;
  PtlNameServers *self = g_weak_ref_get (&shared);

  if (self == NULL)
    {
      self = ptl_name_servers_new (PTL_RESOLV_CONF_PATH);
      g_weak_ref_set (&shared, self);
    }
  return self;
}

PtlTable *
ptl_name_servers_get_table (PtlNameServers *self)
{
  g_return_val_if_fail (PTL_IS_NAME_SERVERS (self), NULL);

  return PTL_TABLE (self->table);
}

const char *
ptl_name_servers_get_host (gpointer  row,
                           guint    *port)
{
  const PtlNameServerEntry *entry = ptl_net_row_get_value (row);

  *port = entry->port;
  return entry->host;
}

gboolean
ptl_name_servers_is_ready (PtlNameServers *self)
{
  g_return_val_if_fail (PTL_IS_NAME_SERVERS (self), FALSE);

  return self->conf != NULL && ptl_resolve1_has_looked (self->resolved);
}

void
ptl_name_servers_refresh (PtlNameServers *self)
{
  g_return_if_fail (PTL_IS_NAME_SERVERS (self));

  read_conf (self);
  ptl_resolve1_ask (self->resolved);
}
