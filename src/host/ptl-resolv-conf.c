/* SPDX-License-Identifier: GPL-3.0-or-later */
/* resolv.conf(5), read as the C library does. */
#include "config.h"

#include "host/ptl-resolv-conf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ptl-fd.h"

#define COMMENT_MAX 200 /* bytes */

static void
clear_server (gpointer data)
{
  PtlResolvServer *server = data;

  g_free (server->text);
}

static PtlResolvConf *
new_conf (void)
{
  PtlResolvConf *conf = g_new0 (PtlResolvConf, 1);

  conf->servers = g_array_new (FALSE, TRUE, sizeof (PtlResolvServer));
  g_array_set_clear_func (conf->servers, clear_server);
  conf->search = g_ptr_array_new_with_free_func (g_free);
  conf->options = g_ptr_array_new_with_free_func (g_free);
  return conf;
}

void
ptl_resolv_conf_free (PtlResolvConf *conf)
{
  if (conf == NULL)
    return;
  g_free (conf->target);
  g_free (conf->comment);
  g_array_unref (conf->servers);
  g_ptr_array_unref (conf->search);
  g_ptr_array_unref (conf->options);
  g_free (conf);
}

static bool
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of the line, and moves on; NULL at its end. */
static const char *
next_word (const char **at,
           const char  *end,
           size_t      *len)
{
  const char *begin;

  while (*at < end && is_space (**at))
    (*at)++;
  begin = *at;
  while (*at < end && !is_space (**at))
    (*at)++;
  *len = (size_t) (*at - begin);
  return *len > 0 ? begin : NULL;
}

static void
parse_address (PtlResolvServer *server)
{
  char host[INET6_ADDRSTRLEN];
  const char *zone = strchr (server->text, '%');
  size_t len = zone != NULL ? (size_t) (zone - server->text) : strlen (server->text);

  if (len >= sizeof host)
    return;
  memcpy (host, server->text, len);
  host[len] = '\0';
  if (zone == NULL && inet_pton (AF_INET, host, &server->address.in.sin_addr) == 1)
    {
      server->address.len = sizeof server->address.in;
      server->address.in.sin_family = AF_INET;
      server->address.in.sin_port = htons (53);
    }
  else if (inet_pton (AF_INET6, host, &server->address.in6.sin6_addr) == 1)
    {
      server->address.len = sizeof server->address.in6;
      server->address.in6.sin6_family = AF_INET6;
      server->address.in6.sin6_port = htons (53);
      if (zone != NULL)
        server->address.in6.sin6_scope_id = if_nametoindex (zone + 1);
    }
}

static void
add_words (PtlResolvConf *conf,
           GPtrArray     *words,
           const char    *at,
           const char    *end)
{
  const char *word;
  size_t len;

  while ((word = next_word (&at, end, &len)) != NULL)
    {
      if (words->len >= PTL_RESOLV_CONF_WORDS_MAX)
        {
          conf->cut_off = true;
          return;
        }
      g_ptr_array_add (words, g_strndup (word, len));
    }
}

static bool
is_word (const char *word,
         size_t      len,
         const char *wanted)
{
  return len == strlen (wanted) && memcmp (word, wanted, len) == 0;
}

static void
parse_line (PtlResolvConf *conf,
            const char    *at,
            const char    *end,
            unsigned       line)
{
  const char *word;
  size_t len;

  /* Only in the first column, as the C library has it. */
  if (at < end && (*at == '#' || *at == ';'))
    {
      const char *text = at + 1;

      while (text < end && (is_space (*text) || *text == '#'))
        text++;
      if (conf->comment == NULL && text < end)
        conf->comment = g_strndup (text, MIN ((size_t) (end - text), COMMENT_MAX));
      return;
    }
  word = next_word (&at, end, &len);
  if (word == NULL)
    return;
  if (is_word (word, len, "nameserver"))
    {
      PtlResolvServer server = { .line = line };

      word = next_word (&at, end, &len);
      if (word == NULL)
        return;
      if (conf->servers->len >= PTL_RESOLV_CONF_WORDS_MAX)
        {
          conf->cut_off = true;
          return;
        }
      server.text = g_strndup (word, len);
      parse_address (&server);
      g_array_append_val (conf->servers, server);
    }
  else if (is_word (word, len, "search") || is_word (word, len, "domain"))
    {
      conf->is_domain = len == 6 && word[0] == 'd';
      conf->search_line = line;
      g_ptr_array_set_size (conf->search, 0);
      if (conf->is_domain)
        {
          word = next_word (&at, end, &len);
          if (word != NULL)
            g_ptr_array_add (conf->search, g_strndup (word, len));
        }
      else
        add_words (conf, conf->search, at, end);
    }
  else if (is_word (word, len, "options"))
    add_words (conf, conf->options, at, end);
}

PtlResolvConf *
ptl_resolv_conf_parse (const char *text,
                       size_t      len_bytes)
{
  PtlResolvConf *conf = new_conf ();
  const char *end = text + len_bytes;
  unsigned line = 0;

  while (text < end)
    {
      const char *feed = memchr (text, '\n', (size_t) (end - text));
      const char *line_end = feed != NULL ? feed : end;
      const char *nul = memchr (text, '\0', (size_t) (line_end - text));

      parse_line (conf, text, nul != NULL ? nul : line_end, ++line);
      text = feed != NULL ? feed + 1 : end;
    }
  return conf;
}

PtlResolvConf *
ptl_resolv_conf_read (const char *path)
{
  g_autofree char *bytes = g_malloc (PTL_RESOLV_CONF_BYTES_MAX + 1);
  g_autofree char *target = NULL;
  char *real = realpath (path, NULL);
  PtlResolvConf *conf;
  struct stat about;
  size_t len = 0;
  int error = 0;
  PTL_AUTO_FD fd = -1;

  if (real != NULL && strcmp (real, path) != 0)
    target = g_strdup (real);
  free (real);
  /* Whatever lies there, a pipe too, may not keep us. */
  fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0 || fstat (fd, &about) < 0)
    error = -errno;
  else if (!S_ISREG (about.st_mode))
    error = -EINVAL;
  while (error == 0 && len <= PTL_RESOLV_CONF_BYTES_MAX)
    {
      ssize_t n = read (fd, bytes + len, PTL_RESOLV_CONF_BYTES_MAX + 1 - len);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        error = -errno;
      if (n <= 0)
        break;
      len += (size_t) n;
    }
  conf = error == 0 ? ptl_resolv_conf_parse (bytes, MIN (len, PTL_RESOLV_CONF_BYTES_MAX))
                    : new_conf ();
  conf->error = error;
  conf->cut_off = conf->cut_off || len > PTL_RESOLV_CONF_BYTES_MAX;
  conf->target = g_steal_pointer (&target);
  return conf;
}
