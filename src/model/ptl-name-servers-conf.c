/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of name servers that resolv.conf(5), the environment and the host name make. */
#include "config.h"

#include "model/ptl-name-servers-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "model/ptl-text-private.h"

static char *
dup_safe (const char *text)
{
  return ptl_text_dup_safe (text, PTL_NAME_SERVERS_CHARS_MAX);
}

static char *
dup_line (const char *path,
          unsigned    line)
{
  g_autofree char *safe = dup_safe (path);

  /* Translators: the name of a file, the number of a line */
  return g_strdup_printf (_("%s, line %u"), safe, line);
}

static char *
dup_variable (const char *name)
{
  /* Translators: the name of a variable of the environment */
  return g_strdup_printf (_("%s in the environment"), name);
}

/* systemd-resolved.service(8). */
static gboolean
is_stub (const PtlAddress *address)
{
  guint32 host = ptl_address_get_family (address) == AF_INET
                   ? ntohl (address->in.sin_addr.s_addr) : 0;

  return host == 0x7f000035 || host == 0x7f000036;
}

static void
add_server (GPtrArray             *entries,
            const PtlResolvServer *server,
            const char            *path,
            guint                 *n_used)
{
  gboolean used = server->address.len != 0 && *n_used < PTL_RESOLV_CONF_USED_MAX;
  PtlNameServerEntry *entry;
  const char *note = NULL;
  char address[PTL_ADDRESS_TEXT_MAX];

  if (server->address.len == 0)
    note = _("Not an address: ignored");
  else if (!used)
    note = _("Not asked: the C library uses the first three");
  else if (is_stub (&server->address))
    note = _("systemd-resolved on this computer");
  else if (ptl_address_is_loopback (&server->address))
    note = _("A server on this computer");
  *n_used += used;
  entry = ptl_name_servers_add (entries, _("Name server"), dup_safe (server->text), NULL,
                                dup_line (path, server->line), g_strdup (note));
  if (!used)
    entry->tone = server->address.len == 0 ? PTL_TABLE_WARNING : PTL_TABLE_QUIET;
  if (server->address.len == 0)
    return;
  ptl_address_format_host (&server->address, address, sizeof address);
  entry->host = g_strdup (address);
  entry->port = PTL_NAME_SERVERS_PORT;
  /* "127.5", as inet_aton(3) has it. */
  if (note == NULL && strcmp (address, server->text) != 0
      && ptl_address_get_family (&server->address) == AF_INET)
    entry->note = g_strdup_printf (_("Read as %s"), address);
}

static void
add_servers (GPtrArray           *entries,
             const PtlResolvConf *conf,
             const char          *path)
{
  guint n_used = 0;

  for (guint i = 0; i < conf->servers->len; i++)
    add_server (entries, &g_array_index (conf->servers, PtlResolvServer, i), path, &n_used);
  if (n_used == 0)
    {
      PtlNameServerEntry *entry =
        ptl_name_servers_add (entries, _("Name server"), g_strdup ("127.0.0.1"), NULL,
                              g_strdup (_("C library")),
                              g_strdup (_("What it asks when no server is named")));

      entry->host = g_strdup ("127.0.0.1");
      entry->port = PTL_NAME_SERVERS_PORT;
    }
}

static void
add_search (GPtrArray           *entries,
            const PtlResolvConf *conf,
            const char          *path)
{
  for (guint i = 0; conf->env_search != NULL && i < conf->env_search->len; i++)
    {
      const char *domain = conf->env_search->pdata[i];

      /* An empty one is the root, as in "search .". */
      ptl_name_servers_add (entries, _("Search domain"), dup_safe (*domain != '\0' ? domain : "."),
                            NULL, dup_variable ("LOCALDOMAIN"),
                            g_strdup (_("Portlight was started with it; other programs may not "
                                        "have been")));
    }
  for (guint i = 0; i < conf->search->len; i++)
    {
      gboolean used = conf->env_search == NULL;
      PtlNameServerEntry *entry =
        ptl_name_servers_add (entries, _("Search domain"), dup_safe (conf->search->pdata[i]), NULL,
                              dup_line (path, conf->search_line),
                              used ? NULL : g_strdup (_("Not searched: the environment says "
                                                        "otherwise")));

      if (!used)
        entry->tone = PTL_TABLE_QUIET;
    }
  if (conf->own_domain != NULL)
    ptl_name_servers_add (entries, _("Search domain"), dup_safe (conf->own_domain), NULL,
                          g_strdup (_("C library")),
                          g_strdup (_("The host name’s: no line says what is searched")));
}

void
ptl_name_servers_add_conf (GPtrArray           *entries,
                           const PtlResolvConf *conf,
                           const char          *path)
{
  add_servers (entries, conf, path);
  add_search (entries, conf, path);
  for (guint i = 0; i < conf->options->len; i++)
    ptl_name_servers_add (entries, _("Option"), dup_safe (conf->options->pdata[i]), NULL,
                          dup_safe (path), NULL);
  for (guint i = 0; conf->env_options != NULL && i < conf->env_options->len; i++)
    ptl_name_servers_add (entries, _("Option"), dup_safe (conf->env_options->pdata[i]), NULL,
                          dup_variable ("RES_OPTIONS"), NULL);
}
