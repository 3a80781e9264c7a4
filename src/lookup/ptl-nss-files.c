/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What nsswitch.conf, the hosts file and resolv.conf say. */
#include "config.h"

#include "lookup/ptl-nss.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>

#include "base/ptl-codec.h"
#include "base/ptl-fd.h"

#define BLANKS " \t\r\f\v"

/* The first PTL_NSS_FILE_MAX bytes of the file, up to a NUL; empty when it cannot be read. */
static char *
read_text (const char *path)
{
  PTL_AUTO_FD fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  GString *text = g_string_new (NULL);
  char part[4096];
  ssize_t n;

  while (fd >= 0 && text->len < PTL_NSS_FILE_MAX && (n = read (fd, part, sizeof part)) > 0)
    g_string_append_len (text, part, n);
  return g_string_free (text, FALSE);
}

/* The lines without comments. */
static char **
split_lines (const char *text)
{
  char **lines = g_strsplit (text, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    (*line)[strcspn (*line, "#")] = '\0';
  return lines;
}

static char *
make_safe (const char *text)
{
  return ptl_codec_preview ((const uint8_t *) text, strlen (text), 256);
}

char *
ptl_nss_parse_order (const char *text,
                     const char *database)
{
  g_auto (GStrv) lines = split_lines (text);
  g_autoptr (GString) order = g_string_new (NULL);
  bool found = false;

  /* As libc does: the last line counts, and blanks are as good as the colon. */
  for (char **line = lines; *line != NULL; line++)
    {
      char *at = g_strstrip (*line);
      size_t len = strcspn (at, BLANKS ":");
      g_auto (GStrv) words = NULL;

      if (len != strlen (database) || strncmp (at, database, len) != 0 || at[len] == '\0')
        continue;
      found = true;
      g_string_truncate (order, 0);
      words = g_strsplit_set (at + len + strspn (at + len, BLANKS ":"), BLANKS, -1);
      for (char **word = words; *word != NULL; word++)
        if (**word != '\0')
          g_string_append_printf (order, "%s%s", order->len > 0 ? " " : "", *word);
    }
  if (found)
    return make_safe (order->str);
  return g_strdup (strcmp (database, "hosts") == 0 ? "files dns" : "files");
}

static const char *
skip_blanks (const char *at)
{
  return at + strspn (at, BLANKS);
}

/* Which of @words stands there, in any case; -1: none of them.  @at is behind it then, and behind
 * the blanks that follow. */
static int
read_word (const char       **at,
           const char *const *words,
           int                n_words)
{
  size_t len = strcspn (*at, BLANKS "=]");
  int found = -1;

  for (int i = 0; i < n_words; i++)
    if (strlen (words[i]) == len && g_ascii_strncasecmp (*at, words[i], len) == 0)
      found = i;
  *at = skip_blanks (*at + len);
  return found;
}

/* Actions in brackets (nsswitch.conf(5)), read as libc reads them: "[NOTFOUND=return]",
 * "[ !unavail = continue TRYAGAIN=return ]".  False: libc takes that for an error. */
static bool
read_actions (PtlNssSource  *source,
              const char   **at)
{
  static const char *const statuses[PTL_NSS_N_STATUSES] = {
    [PTL_NSS_SUCCESS] = "SUCCESS", [PTL_NSS_NOTFOUND] = "NOTFOUND",
    [PTL_NSS_UNAVAIL] = "UNAVAIL", [PTL_NSS_TRYAGAIN] = "TRYAGAIN",
  };
  static const char *const actions[] = { "RETURN", "CONTINUE", "MERGE" };

  *at = skip_blanks (*at + 1);
  do
    {
      bool others = **at == '!';
      int status, action;

      *at += others;
      status = read_word (at, statuses, PTL_NSS_N_STATUSES);
      if (status < 0 || **at != '=')
        return false;
      *at = skip_blanks (*at + 1);
      action = read_word (at, actions, G_N_ELEMENTS (actions));
      if (action < 0)
        return false;
      for (int i = 0; i < PTL_NSS_N_STATUSES; i++)
        if ((i == status) != others)
          source->stops[i] = action == 0;
    }
  while (**at != ']');
  (*at)++;
  return true;
}

PtlNssSource *
ptl_nss_list_sources (const char *order,
                      unsigned   *n)
{
  PtlNssSource *sources = g_new0 (PtlNssSource, PTL_NSS_SOURCES_MAX);
  const char *at = order;
  bool readable = true;

  *n = 0;
  while (readable)
    {
      PtlNssSource source = { .stops[PTL_NSS_SUCCESS] = true };
      size_t len;

      at = skip_blanks (at);
      len = strcspn (at, BLANKS "[");
      if (len == 0)
        return sources; /* at the end, or at brackets of no source, where libc ends, too */
      source.name = g_strndup (at, len);
      at = skip_blanks (at + len);
      readable = *at != '[' || read_actions (&source, &at);
      if (readable && *n < PTL_NSS_SOURCES_MAX)
        sources[(*n)++] = source;
      else
        ptl_nss_source_clear (&source);
    }
  while (*n > 0)
    ptl_nss_source_clear (&sources[--*n]);
  g_free (sources);
  return NULL;
}

void
ptl_nss_source_clear (PtlNssSource *source)
{
  g_clear_pointer (&source->name, g_free);
}

bool
ptl_nss_order_has (const char *order,
                   const char *name)
{
  unsigned n;
  g_autofree PtlNssSource *sources = ptl_nss_list_sources (order, &n);
  bool found = false;

  for (unsigned i = 0; i < n; i++)
    {
      found |= strcmp (sources[i].name, name) == 0
               || (strcmp (name, "mdns") == 0 && g_str_has_prefix (sources[i].name, "mdns"));
      ptl_nss_source_clear (&sources[i]);
    }
  return found;
}

bool
ptl_nss_parse_address (const char *text,
                       PtlAddress *address)
{
  const char *percent = strchr (text, '%');
  g_autofree char *bare = percent != NULL ? g_strndup (text, (size_t) (percent - text)) : NULL;

  memset (address, 0, sizeof *address);
  if (percent == NULL && inet_pton (AF_INET, text, &address->in.sin_addr) == 1)
    {
      address->len = sizeof address->in;
      address->in.sin_family = AF_INET;
      return true;
    }
  if (inet_pton (AF_INET6, bare != NULL ? bare : text, &address->in6.sin6_addr) != 1)
    return false;
  address->len = sizeof address->in6;
  address->in6.sin6_family = AF_INET6;
  if (percent != NULL)
    address->in6.sin6_scope_id = if_nametoindex (percent + 1);
  return true;
}

static void
clear_entry (void *data)
{
  PtlHostsEntry *entry = data;

  g_free (entry->names);
}

GArray *
ptl_nss_parse_hosts (const char       *text,
                     const char       *name,
                     const PtlAddress *address)
{
  g_auto (GStrv) lines = split_lines (text);
  GArray *found = g_array_new (FALSE, FALSE, sizeof (PtlHostsEntry));

  g_array_set_clear_func (found, clear_entry);
  for (unsigned i = 0; lines[i] != NULL && found->len < PTL_NSS_HOSTS_MAX; i++)
    {
      g_auto (GStrv) words = g_strsplit_set (lines[i], BLANKS, -1);
      g_autoptr (GString) names = g_string_new (NULL);
      PtlHostsEntry entry = { .line = i + 1 };
      bool has_address = false, wanted = false;

      for (char **word = words; *word != NULL; word++)
        {
          if (**word == '\0')
            continue;
          if (!has_address)
            {
              if (!ptl_nss_parse_address (*word, &entry.address))
                break;
              has_address = true;
              wanted = name == NULL && ptl_address_equal_host (&entry.address, address);
              continue;
            }
          wanted |= name != NULL && g_ascii_strcasecmp (*word, name) == 0;
          g_string_append_printf (names, "%s%s", names->len > 0 ? " " : "", *word);
        }
      if (!wanted || names->len == 0)
        continue;
      entry.names = make_safe (names->str);
      g_array_append_val (found, entry);
    }
  return found;
}

/* What @keyword says on a line of resolv.conf, to its end: as the C library has it, in the first
 * column and with a blank behind it.  NULL: it says nothing. */
static const char *
get_value (const char *line,
           const char *keyword)
{
  size_t len = strlen (keyword);

  if (strncmp (line, keyword, len) != 0 || (line[len] != ' ' && line[len] != '\t'))
    return NULL;
  line += len + strspn (line + len, " \t");
  return *line != '\0' ? line : NULL;
}

unsigned
ptl_nss_parse_servers (const char *text,
                       PtlAddress  servers[PTL_NSS_SERVERS_MAX])
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  unsigned n = 0;

  for (char **line = lines; *line != NULL && n < PTL_NSS_SERVERS_MAX; line++)
    {
      const char *at = get_value (*line, "nameserver");

      if (at != NULL && ptl_address_parse_server (&servers[n], at, strcspn (at, " \t")))
        n++;
    }
  if (n == 0)
    {
      ptl_nss_parse_address ("127.0.0.1", &servers[0]);
      ptl_address_set_port (&servers[n++], 53);
    }
  return n;
}

char *
ptl_nss_parse_search (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  char *search = NULL;

  /* The last one counts. */
  for (char **line = lines; *line != NULL; line++)
    {
      const char *words = get_value (*line, "search");
      const char *word = get_value (*line, "domain");

      if (words == NULL && word == NULL)
        continue;
      g_free (search);
      if (word != NULL)
        (*line)[word - *line + (ptrdiff_t) strcspn (word, " \t")] = '\0';
      search = make_safe (words != NULL ? words : word);
    }
  return search;
}

/* --- the files -------------------------------------------------------------------------------- */

char *
ptl_nss_read_order (const char *path,
                    const char *database)
{
  g_autofree char *text = read_text (path);

  return ptl_nss_parse_order (text, database);
}

GArray *
ptl_nss_read_hosts (const char       *path,
                    const char       *name,
                    const PtlAddress *address)
{
  g_autofree char *text = read_text (path);

  return ptl_nss_parse_hosts (text, name, address);
}

unsigned
ptl_nss_read_servers (const char *path,
                      PtlAddress  servers[PTL_NSS_SERVERS_MAX])
{
  g_autofree char *text = read_text (path);

  return ptl_nss_parse_servers (text, servers);
}

char *
ptl_nss_read_search (const char *path)
{
  g_autofree char *text = read_text (path);

  return ptl_nss_parse_search (text);
}
