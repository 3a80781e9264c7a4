/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of this computer in words, and where each comes from. */
#include "config.h"

#include "model/ptl-names-private.h"

#include <netdb.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "host/ptl-resolv-conf.h"
#include "model/ptl-text-private.h"

/* --- reading ---------------------------------------------------------------------------------- */

static gboolean
has_alias (GPtrArray  *aliases,
           const char *name)
{
  for (guint i = 0; i < aliases->len; i++)
    if (g_ascii_strcasecmp (g_ptr_array_index (aliases, i), name) == 0)
      return TRUE;
  return FALSE;
}

static void
add_aliases (PtlNamesRead *read,
             const GArray *entries)
{
  for (guint i = 0; i < entries->len; i++)
    {
      g_auto (GStrv) names = g_strsplit (g_array_index (entries, PtlHostsEntry, i).names, " ", -1);

      for (char **name = names; *name != NULL; name++)
        {
          if ((read->names.hostname != NULL
               && g_ascii_strcasecmp (*name, read->names.hostname) == 0)
              || has_alias (read->aliases, *name))
            continue;
          read->n_aliases++;
          if (read->aliases->len < PTL_NAMES_ALIASES_MAX)
            g_ptr_array_add (read->aliases, g_strdup (*name));
        }
    }
}

PtlNamesRead *
ptl_names_read (const char *root)
{
  PtlNamesRead *read = g_new0 (PtlNamesRead, 1);
  g_autofree char *hosts = g_strconcat (root, PTL_NSS_HOSTS_PATH, NULL);
  g_autofree char *order = g_strconcat (root, PTL_NSS_SWITCH_PATH, NULL);
  g_autofree char *resolv = g_strconcat (root, PTL_NSS_RESOLV_PATH, NULL);

  ptl_host_names_read (&read->names, root);
  ptl_own_read (&read->own);
  read->order = ptl_nss_read_order (order, "hosts");
  read->search = ptl_nss_read_search (resolv);
  read->env_search = ptl_resolv_conf_dup_env_search ();
  read->aliases = g_ptr_array_new_with_free_func (g_free);
  read->by_name = ptl_nss_read_hosts (hosts, read->names.hostname != NULL ? read->names.hostname
                                                                          : "", NULL);
  add_aliases (read, read->by_name);
  /* Those of other own addresses; that of loopback has what blocks advertisements, often. */
  for (guint i = 0; i < read->own.n_addresses && i < PTL_NAMES_ALIASES_MAX; i++)
    if (!ptl_address_is_loopback (&read->own.addresses[i].address))
      {
        g_autoptr (GArray) entries =
          ptl_nss_read_hosts (hosts, NULL, &read->own.addresses[i].address);

        add_aliases (read, entries);
      }
  return read;
}

void
ptl_names_read_free (PtlNamesRead *read)
{
  if (read == NULL)
    return;
  ptl_host_names_clear (&read->names);
  ptl_own_clear (&read->own);
  g_free (read->order);
  g_free (read->search);
  g_free (read->env_search);
  g_clear_pointer (&read->by_name, g_array_unref);
  g_clear_pointer (&read->aliases, g_ptr_array_unref);
  g_free (read);
}

/* --- rows ------------------------------------------------------------------------------------- */

/* The row of @key, made when it is not there; told only when it differs. */
static void
set_fact (PtlTableStore *table,
          const char    *key,
          const char    *what,
          const char    *value,
          const char    *source)
{
  PtlTableRow *row = ptl_table_store_find (table, key);
  gboolean none = value == NULL || *value == '\0';
  const char *shown = none ? _("none") : value;

  if (row != NULL && strcmp (ptl_table_row_get (row, PTL_NAMES_VALUE), shown) == 0
      && strcmp (ptl_table_row_get (row, PTL_NAMES_SOURCE), source) == 0)
    return;
  if (row == NULL)
    row = ptl_table_store_add (table, key);
  ptl_table_row_set (row, PTL_NAMES_WHAT, what);
  ptl_table_row_set (row, PTL_NAMES_VALUE, shown);
  ptl_table_row_set_tone (row, PTL_NAMES_VALUE, none ? PTL_TABLE_QUIET : PTL_TABLE_PLAIN);
  ptl_table_row_set (row, PTL_NAMES_SOURCE, source);
  ptl_table_row_changed (row);
}

/* "systemd-hostnamed does not run here"; owned, NULL when it answers. */
static char *
describe_hostnamed (const PtlHostBusFacts *bus)
{
  switch (bus->hostnamed)
    {
    case PTL_HOST_BUS_THERE:
      return NULL;

    case PTL_HOST_BUS_NO_BUS:
      return bus->hostnamed_error != NULL
               ? g_strdup_printf (_("there is no system bus to ask systemd-hostnamed: %s"),
                                  bus->hostnamed_error)
               : g_strdup (_("the system bus does not answer"));

    case PTL_HOST_BUS_ABSENT:
      return g_strdup (_("systemd-hostnamed does not run here"));

    case PTL_HOST_BUS_SILENT:
      return g_strdup (_("systemd-hostnamed does not answer"));

    case PTL_HOST_BUS_REFUSED:
      return g_strdup_printf (_("systemd-hostnamed refuses: %s"), bus->hostnamed_error);

    case PTL_HOST_BUS_UNKNOWN:
    default:
      return g_strdup (_("systemd-hostnamed is being asked"));
    }
}

static void
set_from_bus (PtlTableStore         *table,
              const PtlHostBusFacts *bus,
              const char            *key,
              const char            *what,
              const char            *of_bus,
              const char            *of_file,
              const char            *file)
{
  g_autofree char *why = describe_hostnamed (bus);
  g_autofree char *source = why == NULL ? g_strdup (_("systemd-hostnamed"))
                                        : g_strdup_printf (_("%s; %s"), file, why);

  set_fact (table, key, what, why == NULL ? of_bus : of_file, source);
}

static void
fill_hostnames (PtlTableStore         *table,
                const PtlNamesRead    *read,
                const PtlHostBusFacts *bus)
{
  const PtlHostNames *names = &read->names;
  const char *fixed = bus->hostnamed == PTL_HOST_BUS_THERE ? bus->static_name : names->static_name;

  set_fact (table, "hostname", _("Host name"), names->hostname, _("the kernel: gethostname()"));
  set_from_bus (table, bus, "static", _("Static name"), bus->static_name, names->static_name,
                PTL_HOSTNAME_PATH);
  set_from_bus (table, bus, "pretty", _("Pretty name"), bus->pretty_name, names->pretty_name,
                PTL_MACHINE_INFO_PATH);
  if (g_strcmp0 (fixed, names->hostname) == 0)
    set_fact (table, "transient", _("Transient name"), NULL,
              _("the kernel’s name is the static one"));
  else if (bus->hostnamed == PTL_HOST_BUS_THERE)
    set_fact (table, "transient", _("Transient name"), bus->hostname,
              g_strcmp0 (bus->hostname_source, "default") == 0
                ? _("systemd-hostnamed: the default, as there is no other")
                : _("systemd-hostnamed: set until the next start, by DHCP or by hand"));
  else
    set_fact (table, "transient", _("Transient name"), names->hostname,
              _("the kernel’s name is not the static one: set until the next start"));
}

/* --- the full name ---------------------------------------------------------------------------- */

static guint
find_line (const PtlNamesRead *read,
           const char         *canonical)
{
  for (guint i = 0; i < read->by_name->len; i++)
    {
      const PtlHostsEntry *entry = &g_array_index (read->by_name, PtlHostsEntry, i);
      size_t len = strcspn (entry->names, " ");

      if (strlen (canonical) == len && g_ascii_strncasecmp (canonical, entry->names, len) == 0)
        return entry->line;
    }
  return 0;
}

static char *
describe_canonical (const PtlNamesRead *read,
                    const char         *canonical)
{
  guint line = ptl_nss_order_has (read->order, "files") ? find_line (read, canonical) : 0;
  const char *hostname = read->names.hostname;
  size_t len = hostname != NULL ? strlen (hostname) : 0;
  const char *search = read->env_search != NULL ? read->env_search : read->search;

  if (line > 0)
    return g_strdup_printf (strchr (canonical, '.') != NULL
                              ? _("the hosts file, line %u: the first name there")
                              : _("the hosts file, line %u, has no name with a domain"), line);
  if (hostname != NULL && g_ascii_strcasecmp (canonical, hostname) == 0)
    return g_strdup_printf (_("the host name itself; no source gives a longer one (%s)"),
                            read->order);
  if (len > 0 && g_ascii_strncasecmp (canonical, hostname, len) == 0 && canonical[len] == '.'
      && search != NULL && strstr (search, canonical + len + 1) != NULL)
    return g_strdup_printf (read->env_search != NULL
                              ? _("DNS, by LOCALDOMAIN in the environment: %s")
                              : _("DNS, by the search list of resolv.conf: %s"), search);
  return g_strdup_printf (_("getaddrinfo() with AI_CANONNAME, by one of: %s"), read->order);
}

static void
fill_fqdn (PtlTableStore      *table,
           const PtlNamesRead *read,
           const PtlNamesFqdn *fqdn)
{
  const char *hostname = read->names.hostname;
  g_autofree char *safe = fqdn->canonical != NULL ? ptl_text_dup_safe (fqdn->canonical, 256) : NULL;
  g_autofree char *source = NULL, *domain = NULL, *told = NULL, *own = NULL;

  if (!fqdn->asked)
    source = g_strdup (_("being looked up"));
  else if (safe == NULL)
    {
      g_autofree char *why = ptl_text_dup_gai (fqdn->gai_code, fqdn->sys_errno);

      source = g_strdup_printf (_("no source knows the host name: %s"), why);
    }
  else
    source = describe_canonical (read, safe);
  set_fact (table, "fqdn", _("Full name (FQDN)"),
            safe != NULL && strchr (safe, '.') != NULL ? safe : NULL, source);

  if (safe != NULL)
    domain = ptl_host_names_dup_domain (safe);
  if (domain == NULL && hostname != NULL)
    domain = ptl_host_names_dup_domain (hostname);
  own = hostname != NULL ? ptl_host_names_dup_domain (hostname) : NULL;
  told = read->env_search != NULL
           ? g_strdup_printf (_("of the full name; LOCALDOMAIN in the environment: %s"),
                              read->env_search)
         : read->search != NULL
           ? g_strdup_printf (_("of the full name; search list of resolv.conf: %s"), read->search)
         : own != NULL
           ? g_strdup_printf (_("of the full name; resolv.conf has no search list, and so the C "
                                "library searches the host name’s domain: %s"), own)
           : g_strdup (_("of the full name; resolv.conf has no search list"));
  set_fact (table, "domain", _("Domain"), domain, told);
}

/* --- others ----------------------------------------------------------------------------------- */

static void
fill_aliases (PtlTableStore      *table,
              const PtlNamesRead *read)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < read->aliases->len; i++)
    g_string_append_printf (names, "%s%s", names->len > 0 ? " " : "",
                            (const char *) g_ptr_array_index (read->aliases, i));
  if (read->n_aliases > read->aliases->len)
    g_string_append_printf (names, _(" and %u more"), read->n_aliases - read->aliases->len);
  set_fact (table, "aliases", _("Aliases"), names->str,
            _("the hosts file, lines with the host name or with an address of an interface"));
}

char *
ptl_names_dup_mdns (const PtlNamesRead    *read,
                    const PtlHostBusFacts *bus)
{
  g_autofree char *first = NULL;

  if (bus->avahi == PTL_HOST_BUS_THERE && bus->avahi_name != NULL)
    return g_strdup (bus->avahi_name);
  if (read->names.hostname == NULL)
    return NULL;
  first = ptl_host_names_dup_first (read->names.hostname);
  return g_strconcat (first, ".local", NULL);
}

static char *
describe_mdns (const PtlHostBusFacts *bus)
{
  if (bus->avahi == PTL_HOST_BUS_THERE)
    return g_strdup (_("published by Avahi"));
  if (bus->avahi == PTL_HOST_BUS_UNKNOWN || bus->resolved == PTL_HOST_BUS_UNKNOWN)
    return g_strdup (_("Avahi and systemd-resolved are being asked whether they publish it"));
  if (bus->avahi == PTL_HOST_BUS_NO_BUS)
    return g_strdup (_("not known whether somebody publishes it: there is no system bus"));
  if (bus->resolved == PTL_HOST_BUS_THERE && g_strcmp0 (bus->multicast_dns, "yes") == 0)
    return bus->mdns_links != NULL
             ? g_strdup_printf (_("published by systemd-resolved on %s"), bus->mdns_links)
             : g_strdup (_("not published: systemd-resolved would, but mDNS is on for no "
                           "interface"));
  if (bus->resolved == PTL_HOST_BUS_THERE && g_strcmp0 (bus->multicast_dns, "resolve") == 0)
    return g_strdup (_("not published: systemd-resolved only asks for the names of others"));
  if (bus->avahi == PTL_HOST_BUS_SILENT)
    return g_strdup (_("not known whether it is published: Avahi does not answer"));
  if (bus->resolved == PTL_HOST_BUS_SILENT)
    return g_strdup (_("not known whether it is published: systemd-resolved does not answer"));
  if (bus->resolved == PTL_HOST_BUS_THERE)
    return g_strdup (_("not published: mDNS is off in systemd-resolved, and Avahi does not run"));
  return g_strdup (_("not published: neither Avahi nor systemd-resolved runs"));
}

static void
fill_machine (PtlTableStore         *table,
              const PtlNamesRead    *read,
              const PtlHostBusFacts *bus)
{
  const PtlHostNames *names = &read->names;
  gboolean there = bus->hostnamed == PTL_HOST_BUS_THERE;
  const char *vendor = names->vendor != NULL ? names->vendor : bus->vendor;
  const char *model = names->model != NULL ? names->model : bus->model;
  const char *chassis = there && bus->chassis != NULL ? bus->chassis : names->chassis;
  g_autofree char *kernel = g_strdup_printf ("%s %s", names->kernel != NULL ? names->kernel : "",
                                             names->release != NULL ? names->release : "");
  g_autofree char *hardware =
    vendor != NULL && model != NULL && !g_str_has_prefix (model, vendor)
      ? g_strdup_printf ("%s %s", vendor, model) : g_strdup (model != NULL ? model : vendor);
  g_autofree char *virtual =
    names->virtualization != NULL && names->container != NULL
      ? g_strdup_printf (_("%s in %s"), names->container, names->virtualization)
      : g_strdup (names->container != NULL ? names->container : names->virtualization);

  set_fact (table, "system", _("System"), names->system, _("os-release: PRETTY_NAME"));
  set_fact (table, "kernel", _("Kernel"), kernel, names->version != NULL ? names->version : "");
  set_fact (table, "architecture", _("Architecture"), names->machine, _("the kernel: uname()"));
  set_fact (table, "machine", _("Machine"), hardware,
            hardware != NULL ? _("the firmware") : _("the firmware says nothing"));
  set_fact (table, "chassis", _("Chassis"), chassis,
            there ? _("systemd-hostnamed") : PTL_MACHINE_INFO_PATH);
  set_fact (table, "virtualization", _("Virtual machine or container"), virtual,
            names->container != NULL ? _("what the container’s maker left, processor, firmware")
                                     : _("processor and firmware"));
}

void
ptl_names_fill_facts (PtlTableStore         *table,
                      const PtlNamesRead    *read,
                      const PtlHostBusFacts *bus,
                      const PtlNamesFqdn    *fqdn)
{
  g_autofree char *mdns = ptl_names_dup_mdns (read, bus);
  g_autofree char *published = describe_mdns (bus);

  fill_hostnames (table, read, bus);
  fill_fqdn (table, read, fqdn);
  fill_aliases (table, read);
  set_fact (table, "mdns", _("mDNS name"), mdns, published);
  if (read->names.nis_domain != NULL)
    set_fact (table, "nis-domain", _("NIS domain"), read->names.nis_domain,
              _("the kernel: getdomainname()"));
  fill_machine (table, read, bus);
}
