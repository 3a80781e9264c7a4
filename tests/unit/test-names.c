/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of this computer: files of the test's own, a resolver of its own, and on a bus of its
 * own a systemd-hostnamed, an Avahi and a systemd-resolved that answer, change or keep silent. */
#include "config.h"

#include <netdb.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "lookup/ptl-lookup-pool-private.h"
#include "model/ptl-names-private.h"

#define DEADLINE_S 30
#define BUS_MS 10000
#define SILENT_MS 300
#define SILENT_MAX_S 15 /* D-Bus itself would wait for 25 */

typedef struct
{
  char            *root;
  GTestDBus       *bus;     /* NULL: there is none */
  GDBusConnection *service; /* of those that are played */
  PtlNames        *names;
} Fixture;

/* --- a resolver ------------------------------------------------------------------------------- */

/* Knows the host name (as host.example.org, 127.0.1.1), localhost and nothing else. */
static int
get (const char             *host,
     const char             *service,
     const struct addrinfo  *hints,
     struct addrinfo       **result)
{
  g_autofree char *own = ptl_host_names_dup_hostname ();
  gboolean is_own = g_strcmp0 (host, own) == 0;
  struct addrinfo *info;
  struct sockaddr_in *address;

  *result = NULL;
  if (!is_own && g_strcmp0 (host, "localhost") != 0 && !g_str_has_suffix (host, ".example.org"))
    return EAI_NONAME;
  info = g_malloc0 (sizeof *info + sizeof *address);
  address = (struct sockaddr_in *) (void *) (info + 1);
  address->sin_family = AF_INET;
  address->sin_addr.s_addr = g_htonl (is_own ? 0x7f000101 : INADDR_LOOPBACK);
  info->ai_family = AF_INET;
  info->ai_addr = (struct sockaddr *) address;
  info->ai_addrlen = sizeof *address;
  info->ai_canonname = is_own ? g_strconcat (host, ".example.org", NULL) : g_strdup (host);
  *result = info;
  return 0;
}

static void
free_result (struct addrinfo *list)
{
  g_free (list->ai_canonname);
  g_free (list);
}

/* --- the fixture ------------------------------------------------------------------------------ */

static void
put (Fixture    *fixture,
     const char *path,
     const char *text)
{
  g_autofree char *full = g_strconcat (fixture->root, path, NULL);
  g_autofree char *folder = g_path_get_dirname (full);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (full, text, -1, NULL));
}

static void
put_hosts (Fixture    *fixture,
           const char *more)
{
  g_autofree char *own = ptl_host_names_dup_hostname ();
  g_autofree char *text = g_strdup_printf ("127.0.0.1 localhost\n127.0.1.1 %s.example.org %s box\n"
                                           "%s", own, own, more);

  put (fixture, "/etc/hosts", text);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);

  if (dir != NULL)
    for (const char *name; (name = g_dir_read_name (dir)) != NULL;)
      {
        g_autofree char *child = g_build_filename (path, name, NULL);

        remove_tree (child);
      }
  g_remove (path);
}

static void
set_up (Fixture *fixture,
        gboolean with_bus)
{
  *fixture = (Fixture) { .root = g_dir_make_tmp ("portlight-test-XXXXXX", NULL) };
  put (fixture, "/etc/hostname", "from-file\n");
  put (fixture, "/etc/machine-info", "PRETTY_HOSTNAME=\"From the file\"\n");
  put (fixture, "/etc/os-release", "PRETTY_NAME=\"Test OS\"\n");
  put (fixture, "/etc/nsswitch.conf", "hosts: files\n");
  put (fixture, "/etc/resolv.conf", "search example.org\n");
  put_hosts (fixture, "");
  if (with_bus)
    {
      g_autoptr (GError) error = NULL;

      fixture->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
      g_test_dbus_up (fixture->bus);
      g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", g_test_dbus_get_bus_address (fixture->bus), TRUE);
      fixture->service = g_dbus_connection_new_for_address_sync (
        g_test_dbus_get_bus_address (fixture->bus),
        G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
        | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL, &error);
      g_assert_no_error (error);
    }
  else
    g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
  fixture->names = ptl_names_new ();
  ptl_names_set_up (fixture->names, fixture->root, BUS_MS);
  ptl_lookup_pool_set_functions (ptl_names_get_pool (fixture->names), get, free_result);
}

static void
tear_down (Fixture *fixture)
{
  g_clear_object (&fixture->names);
  if (fixture->service != NULL)
    {
      g_dbus_connection_close_sync (fixture->service, NULL, NULL);
      g_clear_object (&fixture->service);
    }
  if (fixture->bus != NULL)
    g_test_dbus_stop (fixture->bus);
  g_clear_object (&fixture->bus);
  remove_tree (fixture->root);
  g_free (fixture->root);
}

static char *
dup_fact (Fixture        *fixture,
          const char     *key,
          PtlNamesColumn  column)
{
  PtlTable *table = ptl_names_get_facts (fixture->names);
  PtlTableRow *row = ptl_table_store_find (PTL_TABLE_STORE (table), key);

  return g_strdup (row != NULL ? ptl_table_row_get (row, column) : "");
}

static gboolean
on_tick_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* Waits until @column of the fact has @part in it. */
static void
wait_fact (Fixture        *fixture,
           const char     *key,
           PtlNamesColumn  column,
           const char     *part)
{
  gint64 end = g_get_monotonic_time () + DEADLINE_S * G_TIME_SPAN_SECOND;
  guint tick = g_timeout_add (20, on_tick_cb, NULL);

  for (;;)
    {
      g_autofree char *text = dup_fact (fixture, key, column);

      if (strstr (text, part) != NULL)
        break;
      if (g_get_monotonic_time () > end)
        g_error ("%s is still “%s”, not “%s”", key, text, part);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (tick);
}

static void
wait_idle (Fixture *fixture)
{
  gint64 end = g_get_monotonic_time () + DEADLINE_S * G_TIME_SPAN_SECOND;
  guint tick = g_timeout_add (20, on_tick_cb, NULL);

  while (ptl_names_is_busy (fixture->names))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (tick);
}

/* --- services --------------------------------------------------------------------------------- */

static void
take_name (Fixture    *fixture,
           const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer =
    g_dbus_connection_call_sync (fixture->service, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                 "org.freedesktop.DBus", "RequestName",
                                 g_variant_new ("(su)", name, 4u), NULL, G_DBUS_CALL_FLAGS_NONE,
                                 -1, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (answer);
}

static const char *pretty = "Pretty \xe2\x80\xae\x01 name";

static GVariant *
get_property (GDBusConnection *connection,
              const char      *sender,
              const char      *path,
              const char      *interface,
              const char      *name,
              GError         **error,
              gpointer         data)
{
  static const char *const values[][2] = {
    { "Hostname", "transient-one" }, { "StaticHostname", "static-one" },
    { "HostnameSource", "transient" }, { "Chassis", "server" },
  };

  if (strcmp (name, "PrettyHostname") == 0)
    return g_variant_new_string (pretty);
  if (strcmp (name, "MulticastDNS") == 0)
    return g_variant_new_string ("yes");
  if (strcmp (name, "Location") == 0)
    return g_variant_new_uint32 (7); /* of another type than it should be */
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    if (strcmp (name, values[i][0]) == 0)
      return g_variant_new_string (values[i][1]);
  return g_variant_new_string ("");
}

static void
call_method (GDBusConnection       *connection,
             const char            *sender,
             const char            *path,
             const char            *interface,
             const char            *method,
             GVariant              *parameters,
             GDBusMethodInvocation *invocation,
             gpointer               data)
{
  if (strcmp (method, "GetLink") == 0)
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", "/link"));
  else
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(s)", "avahi-one.local"));
}

static void
serve (Fixture    *fixture,
       const char *path,
       const char *xml)
{
  static const GDBusInterfaceVTable vtable = { call_method, get_property, NULL, { NULL } };
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (xml, &error);

  g_assert_no_error (error);
  g_dbus_connection_register_object (fixture->service, path, node->interfaces[0], &vtable, NULL,
                                     NULL, &error);
  g_assert_no_error (error);
}

#define TEXT(name) "<property name='" name "' type='s' access='read'/>"
#define HOSTNAMED_XML \
  "<node><interface name='org.freedesktop.hostname1'>" TEXT ("Hostname") TEXT ("StaticHostname") \
  TEXT ("PrettyHostname") TEXT ("HostnameSource") TEXT ("Chassis") \
  "<property name='Location' type='u' access='read'/></interface></node>"

static void
serve_hostnamed (Fixture *fixture)
{
  serve (fixture, "/org/freedesktop/hostname1", HOSTNAMED_XML);
  take_name (fixture, "org.freedesktop.hostname1");
}

static GDBusMessage *
on_message_cb (GDBusConnection *connection,
               GDBusMessage    *message,
               gboolean         incoming,
               gpointer         data)
{
  if (incoming && g_dbus_message_get_message_type (message) == G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    {
      g_object_unref (message);
      return NULL;
    }
  return message;
}

/* --- tests ------------------------------------------------------------------------------------ */

/* g_bus_get() keeps its connection: each has a process of its own. */
static void
in_subprocess (void (*test) (Fixture *fixture),
               gboolean with_bus)
{
  Fixture fixture;

  if (!g_test_subprocess ())
    {
      g_autofree char *daemon = g_find_program_in_path ("dbus-daemon");

      if (with_bus && daemon == NULL)
        {
          g_test_skip ("there is no dbus-daemon");
          return;
        }
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      return;
    }
  set_up (&fixture, with_bus);
  test (&fixture);
  tear_down (&fixture);
}

static void
without_bus (Fixture *fixture)
{
  g_autofree char *own = ptl_host_names_dup_hostname ();
  g_autofree char *full = g_strconcat (own, ".example.org", NULL);
  g_autofree char *aliases = NULL, *addresses = NULL, *mdns = g_strconcat (own, ".local", NULL);
  g_autofree char *row = g_strdup_printf ("%s,host name,127.0.1.1,lo,", own);
  g_autofree char *missing = g_strdup_printf ("%s,mDNS name,no address,,,", mdns);

  ptl_names_start (fixture->names);
  wait_fact (fixture, "hostname", PTL_NAMES_VALUE, own);
  wait_fact (fixture, "static", PTL_NAMES_SOURCE, "there is no system bus");
  wait_fact (fixture, "static", PTL_NAMES_VALUE, "from-file");
  wait_fact (fixture, "pretty", PTL_NAMES_VALUE, "From the file");
  wait_fact (fixture, "transient", PTL_NAMES_VALUE, own);
  wait_fact (fixture, "fqdn", PTL_NAMES_VALUE, full);
  wait_fact (fixture, "fqdn", PTL_NAMES_SOURCE, "the hosts file, line 2");
  wait_fact (fixture, "domain", PTL_NAMES_VALUE, "example.org");
  wait_fact (fixture, "mdns", PTL_NAMES_VALUE, mdns);
  wait_fact (fixture, "mdns", PTL_NAMES_SOURCE, "not known whether");
  wait_fact (fixture, "system", PTL_NAMES_VALUE, "Test OS");
  aliases = dup_fact (fixture, "aliases", PTL_NAMES_VALUE);
  g_assert_nonnull (strstr (aliases, "box"));
  wait_idle (fixture);
  addresses = ptl_table_export (ptl_names_get_addresses (fixture->names), PTL_TABLE_CSV);
  g_test_message ("%s", addresses);
  g_assert_nonnull (strstr (addresses, row));
  g_assert_nonnull (strstr (addresses, missing));
  g_assert_nonnull (strstr (addresses, "localhost,loopback,127.0.0.1,lo,"));
  g_assert_nonnull (strstr (addresses, "box,alias,no address,,,"));
  g_assert_nonnull (strstr (addresses, ",full name,127.0.0.1,lo,"));
}

static void
test_without_bus (void)
{
  in_subprocess (without_bus, FALSE);
}

/* Files that are written while it is shown. */
static void
follows_files (Fixture *fixture)
{
  ptl_names_start (fixture->names);
  wait_fact (fixture, "static", PTL_NAMES_VALUE, "from-file");
  put (fixture, "/etc/hostname", "renamed\n");
  wait_fact (fixture, "static", PTL_NAMES_VALUE, "renamed");
  put_hosts (fixture, "127.0.1.2 fourth.example.org\n");
  put (fixture, "/etc/machine-info", "PRETTY_HOSTNAME=Other\n");
  wait_fact (fixture, "pretty", PTL_NAMES_VALUE, "Other");
  put (fixture, "/etc/hosts", "127.0.0.1 localhost\n");
  wait_fact (fixture, "aliases", PTL_NAMES_VALUE, "none");
  put (fixture, "/etc/resolv.conf", "search other.example\n");
  wait_fact (fixture, "domain", PTL_NAMES_SOURCE, "other.example");
}

static void
test_follows_files (void)
{
  in_subprocess (follows_files, FALSE);
}

static void
follows_kernel (Fixture *fixture)
{
  ptl_names_start (fixture->names);
  wait_fact (fixture, "hostname", PTL_NAMES_SOURCE, "gethostname");
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("renamed-%u", i);
      gint64 started = g_get_monotonic_time ();

      g_assert_cmpint (sethostname (name, strlen (name)), ==, 0);
      wait_fact (fixture, "hostname", PTL_NAMES_VALUE, name);
      g_test_message ("followed in %" G_GINT64_FORMAT " ms",
                      (g_get_monotonic_time () - started) / 1000);
      g_assert_cmpstr (ptl_names_get_hostname (fixture->names), ==, name);
    }
}

/* Its threads are made in the namespace, too. */
static gboolean
may_unshare (void)
{
  pid_t child = fork ();
  int status = 1;

  if (child == 0)
    _exit (unshare (CLONE_NEWUTS) == 0 || unshare (CLONE_NEWUSER | CLONE_NEWUTS) == 0 ? 0 : 1);
  return child > 0 && waitpid (child, &status, 0) == child && status == 0;
}

static void
test_follows_kernel (void)
{
  if (g_test_subprocess ())
    g_assert_true (unshare (CLONE_NEWUTS) == 0 || unshare (CLONE_NEWUSER | CLONE_NEWUTS) == 0);
  else if (!may_unshare ())
    {
      g_test_skip ("no UTS namespace may be made here");
      return;
    }
  in_subprocess (follows_kernel, FALSE);
}

static void
nobody (Fixture *fixture)
{
  ptl_names_start (fixture->names);
  wait_fact (fixture, "static", PTL_NAMES_SOURCE, "systemd-hostnamed does not run here");
  wait_fact (fixture, "mdns", PTL_NAMES_SOURCE, "neither Avahi nor systemd-resolved runs");
  /* And then it runs. */
  serve_hostnamed (fixture);
  wait_fact (fixture, "static", PTL_NAMES_VALUE, "static-one");
}

static void
test_nobody (void)
{
  in_subprocess (nobody, TRUE);
}

static void
hostnamed (Fixture *fixture)
{

  serve_hostnamed (fixture);
  ptl_names_start (fixture->names);
  wait_fact (fixture, "static", PTL_NAMES_VALUE, "static-one");
  wait_fact (fixture, "static", PTL_NAMES_SOURCE, "systemd-hostnamed");
  wait_fact (fixture, "transient", PTL_NAMES_VALUE, "transient-one");
  wait_fact (fixture, "chassis", PTL_NAMES_VALUE, "server");
  /* What would turn the line round, or is a control character, is shown as such. */
  wait_fact (fixture, "pretty", PTL_NAMES_VALUE, "Pretty \\u202E\xe2\x90\x81 name");

  pretty = "Changed";
  for (guint i = 0; i < 500; i++)
    g_dbus_connection_emit_signal (fixture->service, NULL, "/org/freedesktop/hostname1",
                                   "org.freedesktop.DBus.Properties", "PropertiesChanged",
                                   g_variant_new ("(sa{sv}as)", "org.freedesktop.hostname1", NULL,
                                                  NULL), NULL);
  wait_fact (fixture, "pretty", PTL_NAMES_VALUE, "Changed");
}

static void
test_hostnamed (void)
{
  in_subprocess (hostnamed, TRUE);
}

static void
silent (Fixture *fixture)
{
  gint64 started;

  serve_hostnamed (fixture);
  take_name (fixture, "org.freedesktop.Avahi");
  g_dbus_connection_add_filter (fixture->service, on_message_cb, NULL, NULL);
  ptl_names_set_up (fixture->names, fixture->root, SILENT_MS);
  started = g_get_monotonic_time ();
  ptl_names_start (fixture->names);
  wait_fact (fixture, "static", PTL_NAMES_SOURCE, "systemd-hostnamed is being asked");
  wait_fact (fixture, "static", PTL_NAMES_VALUE, "from-file");
  wait_fact (fixture, "static", PTL_NAMES_SOURCE, "systemd-hostnamed does not answer");
  wait_fact (fixture, "mdns", PTL_NAMES_SOURCE, "Avahi does not answer");
  g_assert_cmpint (g_get_monotonic_time () - started, <, SILENT_MAX_S * G_TIME_SPAN_SECOND);
}

static void
test_silent (void)
{
  in_subprocess (silent, TRUE);
}

static void
avahi (Fixture *fixture)
{
  serve (fixture, "/", "<node><interface name='org.freedesktop.Avahi.Server'>"
                       "<method name='GetHostNameFqdn'><arg type='s' direction='out'/></method>"
                       "</interface></node>");
  take_name (fixture, "org.freedesktop.Avahi");
  ptl_names_start (fixture->names);
  wait_fact (fixture, "mdns", PTL_NAMES_VALUE, "avahi-one.local");
  wait_fact (fixture, "mdns", PTL_NAMES_SOURCE, "published by Avahi");
}

static void
test_avahi (void)
{
  in_subprocess (avahi, TRUE);
}

static void
resolved (Fixture *fixture)
{
  g_auto (PtlOwn) own;
  gboolean has_link = FALSE;

  ptl_own_read (&own);
  for (unsigned i = 0; i < own.n_devices; i++)
    has_link |= (own.devices[i].flags & IFF_LOOPBACK) == 0;
  serve (fixture, "/org/freedesktop/resolve1",
         "<node><interface name='org.freedesktop.resolve1.Manager'>" TEXT ("MulticastDNS")
         "<method name='GetLink'><arg type='i' direction='in'/><arg type='o' direction='out'/>"
         "</method></interface></node>");
  serve (fixture, "/link",
         "<node><interface name='org.freedesktop.resolve1.Link'>" TEXT ("MulticastDNS")
         "</interface></node>");
  take_name (fixture, "org.freedesktop.resolve1");
  ptl_names_start (fixture->names);
  wait_fact (fixture, "mdns", PTL_NAMES_SOURCE,
             has_link ? "published by systemd-resolved on " : "mDNS is on for no interface");
}

static void
test_resolved (void)
{
  in_subprocess (resolved, TRUE);
}

/* In the middle of all questions. */
static void
dropped (Fixture *fixture)
{
  serve_hostnamed (fixture);
  for (guint i = 0; i < 30; i++)
    {
      PtlNames *names = ptl_names_new ();

      ptl_names_set_up (names, fixture->root, BUS_MS);
      ptl_lookup_pool_set_functions (ptl_names_get_pool (names), get, free_result);
      ptl_names_start (names);
      for (guint k = 0; k < i; k++)
        g_main_context_iteration (NULL, FALSE);
      g_object_run_dispose (G_OBJECT (names));
      g_object_unref (names);
    }
  ptl_names_start (fixture->names);
  wait_fact (fixture, "static", PTL_NAMES_VALUE, "static-one");
}

static void
test_dropped (void)
{
  in_subprocess (dropped, TRUE);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/names/without-bus", test_without_bus);
  g_test_add_func ("/names/follows-files", test_follows_files);
  g_test_add_func ("/names/follows-kernel", test_follows_kernel);
  g_test_add_func ("/names/nobody", test_nobody);
  g_test_add_func ("/names/hostnamed", test_hostnamed);
  g_test_add_func ("/names/silent", test_silent);
  g_test_add_func ("/names/avahi", test_avahi);
  g_test_add_func ("/names/resolved", test_resolved);
  g_test_add_func ("/names/dropped", test_dropped);
  return g_test_run ();
}
