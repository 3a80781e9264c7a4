/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of interfaces, routes and name servers, in a network namespace of the test's own and
 * with a systemd-resolved that is played. */
#include "config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "model/ptl-name-servers.h"
#include "model/ptl-network-items.h"
#include "model/ptl-network-text.h"
#include "model/ptl-network.h"
#include "net-fixture.h"

#define DEADLINE_S 10

static GTestDBus *bus_daemon; /* NULL: there is none */

static gboolean
on_deadline_cb (gpointer data)
{
  g_error ("it never came");
  return G_SOURCE_REMOVE;
}

static guint
get_slow (void)
{
  const char *slow = g_getenv ("PTL_SLOW");

  return slow != NULL ? (guint) g_ascii_strtoull (slow, NULL, 10) : 1;
}

#define WAIT_UNTIL(condition)                                                                      \
  G_STMT_START                                                                                     \
  {                                                                                                \
    guint deadline_ = g_timeout_add_seconds (DEADLINE_S * get_slow (), on_deadline_cb, NULL);      \
    while (!(condition))                                                                           \
      g_main_context_iteration (NULL, TRUE);                                                       \
    g_source_remove (deadline_);                                                                   \
  }                                                                                                \
  G_STMT_END

/* The row whose cell of that column is @text; borrowed, NULL. */
static gpointer
find_row (PtlTable   *table,
          const char *column,
          const char *text)
{
  guint n_columns, at = 0;
  const PtlTableColumn *columns = ptl_table_get_columns (table, &n_columns);

  while (strcmp (columns[at].name, column) != 0)
    g_assert_cmpuint (++at, <, n_columns);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (table)); i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (G_LIST_MODEL (table), i);
      g_autofree char *cell = ptl_table_dup_cell (table, item, at);

      if (strcmp (cell, text) == 0)
        return item;
    }
  return NULL;
}

static char *
dup_of (PtlTable   *table,
        gpointer    row,
        const char *column)
{
  guint n_columns, at = 0;
  const PtlTableColumn *columns = ptl_table_get_columns (table, &n_columns);

  while (strcmp (columns[at].name, column) != 0)
    g_assert_cmpuint (++at, <, n_columns);
  return ptl_table_dup_cell (table, row, at);
}

static void
assert_cell (PtlTable   *table,
             gpointer    row,
             const char *column,
             const char *text)
{
  g_autofree char *cell = dup_of (table, row, column);

  g_assert_cmpstr (cell, ==, text);
}

static void
on_items_changed_cb (GListModel *model,
                     guint       position,
                     guint       removed,
                     guint       added,
                     guint      *counts)
{
  counts[0]++;
  counts[1] += removed;
  counts[2] += added;
}

static void
test_interfaces (void)
{
  g_autoptr (PtlNetwork) network = ptl_network_dup_shared ();
  PtlTable *table = ptl_network_get_full_interfaces (network);
  PtlTable *addresses = ptl_network_get_addresses (network);
  g_autofree char *json = NULL;
  const double *rx, *tx;
  guint counts[3] = { 0 };
  gpointer row;

  WAIT_UNTIL (find_row (table, "name", "lo") != NULL);
  net_fixture_do ("ip link add m0 type veth peer name m1; ip link set m0 up; ip link set m1 up; "
                  "ip addr add 10.9.0.1/24 dev m0; ip addr add 10.9.1.1/24 dev m0; "
                  "ip addr add fd09::1/64 dev m0 nodad valid_lft 7000 preferred_lft 3000");
  WAIT_UNTIL (find_row (addresses, "address", "fd09::1/64") != NULL);
  row = find_row (table, "name", "m0");
  WAIT_UNTIL (((const PtlInterfaceItem *) ptl_net_row_get_value (row))->interface->link.carrier
              == PTL_CARRIER_ON);
  assert_cell (table, row, "kind", "veth");
  assert_cell (table, row, "driver", "veth");
  assert_cell (table, row, "state", "Up");
  row = find_row (addresses, "address", "fd09::1/64");
  assert_cell (addresses, row, "interface", "m0");
  assert_cell (addresses, row, "scope", "Global");
  {
    g_autofree char *valid = dup_of (addresses, row, "valid_s");

    g_assert_true (g_str_has_prefix (valid, "1 h 56 min"));
  }

  /* A change of one keeps its row, and the rest stays. */
  row = find_row (table, "name", "m0");
  g_signal_connect (table, "items-changed", G_CALLBACK (on_items_changed_cb), counts);
  net_fixture_do ("ip link set m0 mtu 1300");
  WAIT_UNTIL (find_row (table, "mtu", "1300") != NULL);
  g_assert_true (find_row (table, "name", "m0") == row);
  g_assert_cmpuint (counts[0], ==, 0);
  net_fixture_do ("ip link add m2 type bridge");
  WAIT_UNTIL (find_row (table, "name", "m2") != NULL);
  g_assert_cmpuint (counts[1], ==, 0);
  g_assert_cmpuint (counts[2], ==, 1);

  /* Rates come only when somebody wants them. */
  g_assert_cmpuint (ptl_network_get_rates (network, 1, &rx, &tx), ==, 0);
  ptl_network_hold (network, PTL_NET_WANT_COUNTERS);
  WAIT_UNTIL (ptl_network_get_rates (network, 1, &rx, &tx) >= 2);
  ptl_network_release (network, PTL_NET_WANT_COUNTERS);

  /* Sorted: eth2 before eth10. */
  net_fixture_do ("ip link set m2 name m10");
  WAIT_UNTIL (find_row (table, "name", "m10") != NULL);
  ptl_table_sort (table, 0, TRUE);
  {
    g_autoptr (GObject) first = g_list_model_get_item (G_LIST_MODEL (table), 0);

    assert_cell (table, first, "name", "m10");
  }
  json = ptl_table_export (table, PTL_TABLE_JSON);
  g_assert_nonnull (strstr (json, "10.9.0.1/24 10.9.1.1/24"));

  net_fixture_do ("ip link del m0; ip link del m10");
  WAIT_UNTIL (find_row (table, "name", "m0") == NULL && find_row (table, "name", "m10") == NULL);
  WAIT_UNTIL (find_row (addresses, "interface", "m0") == NULL);
  g_signal_handlers_disconnect_by_data (table, counts);
}

static void
on_answer_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static char *
ask (PtlNetwork   *network,
     const char   *to,
     const char   *from,
     PtlNetTable  *facts,
     PtlTableTone *tone)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char *verdict;

  ptl_network_ask_async (network, to, from, NULL, on_answer_cb, &result);
  WAIT_UNTIL (result != NULL);
  verdict = ptl_network_ask_finish (network, result, facts, tone, &error);
  g_assert_true ((verdict == NULL) == (error != NULL));
  return verdict != NULL ? verdict : g_strdup (error->message);
}

static void
test_routes (void)
{
  static const struct
  {
    const char  *to;
    const char  *from;
    const char  *verdict; /* the beginning of it */
    PtlTableTone tone;
    const char  *fact;
    const char  *value;
  } cases[] = {
    { "10.50.1.1", "", "Out on m0, by way of 10.9.0.2", PTL_TABLE_GOOD, "Source address",
      "10.9.0.1" },
    { "10.50.1.1", "", "Out on m0", PTL_TABLE_GOOD, "Route", "10.50.0.0/16 in table main" },
    { "10.9.0.77", "", "Out on m0, where the destination", PTL_TABLE_GOOD, "Interface", "m0" },
    { "10.9.0.1", "", "It stays on this computer", PTL_TABLE_GOOD, "Interface", "lo" },
    { "2130706433", "", "It stays on this computer", PTL_TABLE_GOOD, "Interface", "lo" },
    { "10.70.0.1", "", "Prohibited", PTL_TABLE_BAD, "Refused by",
      "Prohibited route 10.70.0.0/16 in table main" },
    { "10.71.0.1", "", "Unreachable", PTL_TABLE_BAD, "Refused by",
      "Unreachable route 10.71.0.0/16 in table main" },
    { "10.72.0.1", "", "Blackhole", PTL_TABLE_BAD, "The kernel says",
      "Invalid argument (EINVAL)" },
    { "192.0.2.1", "", "No route", PTL_TABLE_BAD, "The kernel says",
      "Network is unreachable (ENETUNREACH)" },
    { "fd09::9", "", "Out on m0", PTL_TABLE_GOOD, "Interface", "m0" },
    { "fe80::1%m0", "", "Out on m0", PTL_TABLE_GOOD, "Interface", "m0" },
    { "fe80::1", "", "A link-local address needs its interface", PTL_TABLE_WARNING, NULL, NULL },
    { "ff02::1", "", "A link-local address needs its interface", PTL_TABLE_WARNING, NULL, NULL },
    { "::ffff:10.50.1.1", "", "Out on m0, by way of 10.9.0.2", PTL_TABLE_GOOD, "Source address",
      "10.9.0.1" },
    { "10.73.0.9", "", "No route: a route of the type throw", PTL_TABLE_BAD, "Refused by",
      "Throw route 10.73.0.0/16 in table main" },
    { "10.50.1.1", "192.0.2.9", "The source is not an address of", PTL_TABLE_BAD, NULL, NULL },
    { "example.org", "", "“example.org” is a name", PTL_TABLE_BAD, NULL, NULL },
    { "fe80::1%none0", "", "There is no interface “none0”", PTL_TABLE_BAD, NULL, NULL },
    { "10.9.0.1", "fd09::1", "The source is not of the same family", PTL_TABLE_BAD, NULL, NULL },
    { "*", "", "This is not the address of one host", PTL_TABLE_BAD, NULL, NULL },
  };
  g_autoptr (PtlNetwork) network = ptl_network_dup_shared ();
  g_autoptr (PtlNetTable) facts = ptl_fact_table_new ();
  PtlTable *table = ptl_network_get_routes (network);
  gpointer row;

  net_fixture_do ("ip link set lo up; ip link add m0 type veth peer name m1; ip link set m0 up; "
                  "ip link set m1 up; ip addr add 10.9.0.1/24 dev m0; "
                  "ip addr add fd09::1/64 dev m0 nodad; ip route add 10.50.0.0/16 via 10.9.0.2; "
                  "ip route add prohibit 10.70.0.0/16; ip route add unreachable 10.71.0.0/16; "
                  "ip route add blackhole 10.72.0.0/16; ip route add throw 10.73.0.0/16; "
                  "ip route add 10.60.0.0/16 nexthop via 10.9.0.3 nexthop via 10.9.0.4 weight 3; "
                  "ip rule add from 10.99.0.0/16 uidrange 5-6 lookup 77");
  ptl_network_hold (network, PTL_NET_WANT_ROUTES);
  WAIT_UNTIL (find_row (table, "destination", "10.50.0.0/16") != NULL);
  row = find_row (table, "gateway", "10.9.0.4");
  assert_cell (table, row, "destination", "10.60.0.0/16");
  assert_cell (table, row, "weight", "3");
  assert_cell (table, row, "way", "10.9.0.4");
  assert_cell (table, row, "interface", "m0");
  row = find_row (table, "destination", "10.70.0.0/16");
  assert_cell (table, row, "type", "Prohibited");
  /* Where there is no room for the column of kinds. */
  assert_cell (table, row, "way", "Prohibited");
  assert_cell (table, row, "gateway", "");
  row = find_row (ptl_network_get_rules (network), "action", "Table 77");
  assert_cell (ptl_network_get_rules (network), row, "selector",
               "from 10.99.0.0/16 uidrange 5-6");
  g_assert_null (find_row (table, "table", "local"));
  ptl_network_filter_routes (network, TRUE, AF_INET);
  g_assert_nonnull (find_row (table, "table", "local"));
  g_assert_null (find_row (table, "destination", "fd09::/64"));
  ptl_network_filter_routes (network, FALSE, 0);
  g_assert_nonnull (find_row (table, "destination", "fd09::/64"));

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PtlTableTone tone = PTL_TABLE_PLAIN;
      g_autofree char *verdict = ask (network, cases[i].to, cases[i].from, facts, &tone);

      g_test_message ("%s: %s", cases[i].to, verdict);
      g_assert_true (g_str_has_prefix (verdict, cases[i].verdict));
      g_assert_cmpint (tone, ==, cases[i].tone);
      if (cases[i].fact != NULL)
        assert_cell (PTL_TABLE (facts),
                     find_row (PTL_TABLE (facts), "property", cases[i].fact), "value",
                     cases[i].value);
    }

  /* The name of the interface in the row follows. */
  net_fixture_do ("ip link set m0 down; ip link set m0 name renamed0; ip link set renamed0 up; "
                  "ip route add 10.51.0.0/16 dev renamed0");
  WAIT_UNTIL (find_row (table, "interface", "renamed0") != NULL);
  WAIT_UNTIL (find_row (table, "destination", "10.50.0.0/16") == NULL);
  ptl_network_release (network, PTL_NET_WANT_ROUTES);
  net_fixture_do ("ip link del renamed0; ip route flush table main; "
                  "ip rule del from 10.99.0.0/16 uidrange 5-6 lookup 77");
}

/* --- name servers ----------------------------------------------------------------------------- */

static const char resolved_xml[] =
  "<node><interface name='org.freedesktop.resolve1.Manager'>"
  "<property name='DNSEx' type='a(iiayqs)' access='read'/>"
  "<property name='DNS' type='a(iiay)' access='read'/>"
  "<property name='CurrentDNSServer' type='(iiay)' access='read'/>"
  "<property name='FallbackDNS' type='a(iiay)' access='read'/>"
  "<property name='Domains' type='a(isb)' access='read'/>"
  "<property name='DNSSEC' type='s' access='read'/>"
  "<property name='LLMNR' type='u' access='read'/>" /* not of the type it should be */
  "</interface></node>";

static gboolean second_server;

static GVariant *
get_resolved_property (GDBusConnection *bus,
                       const char      *sender,
                       const char      *path,
                       const char      *interface,
                       const char      *property,
                       GError         **error,
                       gpointer         data)
{
  if (strcmp (property, "DNSEx") == 0)
    return g_variant_new_parsed (
      second_server ? "[(1, 2, [byte 192, 0, 2, 2], uint16 0, '')]"
                    : "[(1, 2, [byte 192, 0, 2, 1], uint16 853, 'dns.example'), "
                      "(0, 10, [byte 1, 2, 3], uint16 0, 'wrong')]");
  if (strcmp (property, "DNS") == 0)
    return g_variant_new_parsed ("@a(iiay) []");
  if (strcmp (property, "CurrentDNSServer") == 0)
    return g_variant_new_parsed ("(1, 2, [byte 192, 0, 2, 1])");
  if (strcmp (property, "FallbackDNS") == 0)
    return g_variant_new_parsed ("[(0, 2, [byte 192, 0, 2, 99]), "
                                 "(1, 10, [byte 0xfe, 0x80, 0, 0, 0, 0, 0, 0, "
                                 "0, 0, 0, 0, 0, 0, 0, 1])]");
  if (strcmp (property, "Domains") == 0)
    return g_variant_new_parsed ("[(1, 'home.example', false), (1, 'corp.example', true)]");
  if (strcmp (property, "LLMNR") == 0)
    return g_variant_new_uint32 (7);
  return g_variant_new_string ("allow-downgrade");
}

static void
assert_host (gpointer    row,
             const char *host,
             guint       port)
{
  guint told;

  g_assert_nonnull (row);
  g_assert_cmpstr (ptl_name_servers_get_host (row, &told), ==, host);
  g_assert_cmpuint (told, ==, port);
}

static void
test_name_servers (void)
{
  static const GDBusInterfaceVTable vtable = { .get_property = get_resolved_property };
  g_autofree char *folder = g_dir_make_tmp ("portlight-names-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "real", NULL);
  g_autofree char *path = g_build_filename (folder, "resolv.conf", NULL);
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (resolved_xml, NULL);
  g_autoptr (GDBusConnection) peer = NULL;
  g_autoptr (PtlNameServers) servers = NULL;
  g_autofree char *summary = NULL;
  g_autofree char *before = NULL;
  PtlTable *table;
  gpointer row;
  guint id, name_id;

  g_assert_true (g_file_set_contents (file, "# by hand\nnameserver 127.0.0.53\nnameserver ::1\n"
                                      "nameserver 10.0.0.1\nnameserver 10.0.0.2\n"
                                      "nameserver nonsense\nsearch a.example\noptions ndots:2\n",
                                      -1, NULL));
  g_assert_cmpint (symlink (file, path), ==, 0);
  servers = ptl_name_servers_new (path);
  table = ptl_name_servers_get_table (servers);
  WAIT_UNTIL (ptl_name_servers_is_ready (servers));

  row = find_row (table, "value", "127.0.0.53");
  assert_cell (table, row, "note", "systemd-resolved on this computer");
  row = find_row (table, "value", "10.0.0.2");
  assert_cell (table, row, "note", "Not asked: the C library uses the first three");
  assert_host (row, "10.0.0.2", 53);
  row = find_row (table, "value", "nonsense");
  assert_host (row, NULL, 0);
  assert_cell (table, row, "note", "Not an address: ignored");
  row = find_row (table, "value", "a.example");
  assert_cell (table, row, "what", "Search domain");
  g_assert_nonnull (find_row (table, "value", "ndots:2"));
  before = ptl_name_servers_dup_summary (servers);
  g_assert_nonnull (strstr (before, "systemd-resolved does not run"));
  g_assert_nonnull (strstr (before, file));
  g_assert_nonnull (strstr (before, "by hand"));

  /* The file behind the link is written anew, and then the link leads elsewhere. */
  g_assert_true (g_file_set_contents (file, "nameserver 10.0.0.3\n", -1, NULL));
  WAIT_UNTIL (find_row (table, "value", "10.0.0.3") != NULL);
  g_assert_null (find_row (table, "value", "127.0.0.53"));
  g_unlink (path);
  g_assert_true (g_file_set_contents (path, "nameserver 10.0.0.4\n", -1, NULL));
  WAIT_UNTIL (find_row (table, "value", "10.0.0.4") != NULL);
  g_unlink (path);
  WAIT_UNTIL (find_row (table, "value", "10.0.0.4") == NULL);

  /* systemd-resolved comes, changes and goes. */
  peer = g_dbus_connection_new_for_address_sync (
    g_test_dbus_get_bus_address (bus_daemon),
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
      | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL, NULL);
  id = g_dbus_connection_register_object (peer, "/org/freedesktop/resolve1", node->interfaces[0],
                                          &vtable, NULL, NULL, NULL);
  name_id = g_bus_own_name_on_connection (peer, "org.freedesktop.resolve1",
                                          G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL, NULL, NULL);
  WAIT_UNTIL (find_row (table, "value", "192.0.2.1:853#dns.example") != NULL);
  row = find_row (table, "value", "192.0.2.1:853#dns.example");
  assert_cell (table, row, "interface", "lo");
  assert_cell (table, row, "note", "Asked now");
  assert_cell (table, row, "source", "systemd-resolved");
  row = find_row (table, "value", "corp.example");
  assert_cell (table, row, "what", "Routing domain");
  row = find_row (table, "value", "192.0.2.99");
  assert_cell (table, row, "what", "Fallback server");
  row = find_row (table, "value", "DNSSEC: allow-downgrade");
  assert_host (row, NULL, 0);
  /* Without its zone it would be no address of one server. */
  assert_host (find_row (table, "value", "fe80::1%lo"), "fe80::1%lo", 53);
  assert_host (find_row (table, "value", "192.0.2.1:853#dns.example"), "192.0.2.1", 853);
  summary = ptl_name_servers_dup_summary (servers);
  g_assert_nonnull (strstr (summary, "systemd-resolved runs and knows"));

  second_server = TRUE;
  g_dbus_connection_emit_signal (peer, NULL, "/org/freedesktop/resolve1",
                                 "org.freedesktop.DBus.Properties", "PropertiesChanged",
                                 g_variant_new_parsed ("('org.freedesktop.resolve1.Manager', "
                                                       "@a{sv} {}, ['DNS'])"), NULL);
  WAIT_UNTIL (find_row (table, "value", "192.0.2.2") != NULL);
  g_assert_null (find_row (table, "value", "192.0.2.1:853#dns.example"));
  g_bus_unown_name (name_id);
  WAIT_UNTIL (find_row (table, "value", "192.0.2.2") == NULL);
  g_dbus_connection_unregister_object (peer, id);
  g_dbus_connection_close_sync (peer, NULL, NULL);

  g_clear_object (&servers);
  g_unlink (file);
  g_rmdir (folder);
}

/* --- another host name ------------------------------------------------------------------------ */

static void
set_name (const char *name)
{
  g_assert_cmpint (sethostname (name, strlen (name)), ==, 0);
}

static void
test_host_name (void)
{
  g_autofree char *folder = g_dir_make_tmp ("portlight-names-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "resolv.conf", NULL);
  g_autoptr (PtlNameServers) servers = NULL;
  PtlTable *table;
  gpointer row;

  g_unsetenv ("LOCALDOMAIN");
  set_name ("box.first.test");
  g_assert_true (g_file_set_contents (path, "nameserver 127.0.0.1\n", -1, NULL));
  servers = ptl_name_servers_new (path);
  table = ptl_name_servers_get_table (servers);
  WAIT_UNTIL (find_row (table, "value", "first.test") != NULL);
  assert_cell (table, find_row (table, "value", "first.test"), "source", "C library");

  /* The name alone changes, and again at once; and has no domain any more. */
  set_name ("box.second.test");
  WAIT_UNTIL (find_row (table, "value", "second.test") != NULL);
  g_assert_null (find_row (table, "value", "first.test"));
  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *name = g_strdup_printf ("box.n%u.test", i);

      set_name (name);
    }
  WAIT_UNTIL (find_row (table, "value", "n999.test") != NULL);
  set_name ("box");
  WAIT_UNTIL (find_row (table, "value", "n999.test") == NULL);
  g_assert_null (find_row (table, "what", "Search domain"));
  g_clear_object (&servers);

  /* What the environment says counts in place of both, and the options are more. */
  set_name ("box.first.test");
  g_setenv ("LOCALDOMAIN", "env.test more.test", TRUE);
  g_setenv ("RES_OPTIONS", "ndots:3", TRUE);
  g_assert_true (g_file_set_contents (path, "search file.test\noptions rotate\n", -1, NULL));
  servers = ptl_name_servers_new (path);
  table = ptl_name_servers_get_table (servers);
  WAIT_UNTIL (find_row (table, "value", "env.test") != NULL);
  assert_cell (table, find_row (table, "value", "env.test"), "source",
               "LOCALDOMAIN in the environment");
  g_assert_nonnull (find_row (table, "value", "more.test"));
  g_assert_null (find_row (table, "value", "first.test"));
  row = find_row (table, "value", "file.test");
  assert_cell (table, row, "note", "Not searched: the environment says otherwise");
  row = find_row (table, "value", "ndots:3");
  assert_cell (table, row, "source", "RES_OPTIONS in the environment");
  assert_cell (table, find_row (table, "value", "rotate"), "source", path);
  g_unsetenv ("LOCALDOMAIN");
  g_unsetenv ("RES_OPTIONS");

  g_clear_object (&servers);
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int    argc,
      char **argv)
{
  const char *why;
  int status;

  g_test_init (&argc, &argv, NULL);
  why = net_fixture_enter ();
  if (why != NULL)
    {
      g_print ("1..0 # SKIP %s\n", why);
      return 0;
    }
  g_test_add_func ("/network/interfaces", test_interfaces);
  g_test_add_func ("/network/routes", test_routes);
  /* Before there are threads, too: it is that of each. */
  if (unshare (CLONE_NEWUTS) == 0)
    g_test_add_func ("/network/host-name", test_host_name);
  else
    g_test_message ("no host name of its own here: %s", g_strerror (errno));
  if (net_fixture_has_program ("dbus-daemon"))
    {
      /* Before there are threads: what GLib forks to look after it would look for their memory when
       * it ends, and call it lost. */
      bus_daemon = g_test_dbus_new (G_TEST_DBUS_NONE);
      g_test_dbus_up (bus_daemon);
      g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", g_test_dbus_get_bus_address (bus_daemon), TRUE);
      g_test_add_func ("/network/name-servers", test_name_servers);
    }
  status = g_test_run ();
  if (bus_daemon != NULL)
    g_test_dbus_stop (bus_daemon);
  g_clear_object (&bus_daemon);
  return status;
}
