/* SPDX-License-Identifier: GPL-3.0-or-later */
/* resolv.conf(5), read as the C library does. */
#include "config.h"

#include "host/ptl-resolv-conf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ptl-codec.h"
#include "base/ptl-fd.h"

#define COMMENT_MAX 200 /* bytes */
#define SEARCH_CHARS_MAX 256

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
  g_free (conf->own_domain);
  g_array_unref (conf->servers);
  g_ptr_array_unref (conf->search);
  g_ptr_array_unref (conf->options);
  g_clear_pointer (&conf->env_search, g_ptr_array_unref);
  g_clear_pointer (&conf->env_options, g_ptr_array_unref);
  g_free (conf);
}

static bool
is_blank (char c)
{
  return c == ' ' || c == '\t';
}

/* The next word of the line, and moves on; NULL at its end. */
static const char *
next_word (const char **at,
           const char  *end,
           size_t      *len)
{
  const char *begin;

  while (*at < end && is_blank (**at))
    (*at)++;
  begin = *at;
  while (*at < end && !is_blank (**at))
    (*at)++;
  *len = (size_t) (*at - begin);
  return *len > 0 ? begin : NULL;
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

/* Whether the line is one of @keyword, and what follows in *@at: in the first column and with a
 * blank behind it, or the C library passes it over. */
static bool
begins (const char **at,
        const char  *end,
        const char  *keyword)
{
  size_t len = strlen (keyword);

  if ((size_t) (end - *at) <= len || memcmp (*at, keyword, len) != 0 || !is_blank ((*at)[len]))
    return false;
  *at += len;
  return true;
}

static void
parse_server (PtlResolvConf *conf,
              const char    *at,
              const char    *end,
              unsigned       line)
{
  PtlResolvServer server = { .line = line };
  size_t len;
  const char *word = next_word (&at, end, &len);

  if (word == NULL)
    return;
  if (conf->servers->len >= PTL_RESOLV_CONF_WORDS_MAX)
    {
      conf->cut_off = true;
      return;
    }
  server.text = g_strndup (word, len);
  if (!ptl_address_parse_server (&server.address, word, len))
    server.address.len = 0;
  g_array_append_val (conf->servers, server);
}

/* One without a word changes nothing. */
static void
parse_search (PtlResolvConf *conf,
              const char    *at,
              const char    *end,
              unsigned       line,
              bool           is_domain)
{
  const char *rest = at;
  size_t len;
  const char *word = next_word (&rest, end, &len);

  if (word == NULL)
    return;
  conf->is_domain = is_domain;
  conf->search_line = line;
  g_ptr_array_set_size (conf->search, 0);
  if (is_domain)
    g_ptr_array_add (conf->search, g_strndup (word, len));
  else
    add_words (conf, conf->search, at, end);
}

static void
parse_line (PtlResolvConf *conf,
            const char    *at,
            const char    *end,
            unsigned       line)
{
  /* Only in the first column, as the C library has it. */
  if (at < end && (*at == '#' || *at == ';'))
    {
      const char *text = at + 1;

      while (text < end && (is_blank (*text) || *text == '#'))
        text++;
      if (conf->comment == NULL && text < end)
        conf->comment = g_strndup (text, MIN ((size_t) (end - text), COMMENT_MAX));
      return;
    }
  if (begins (&at, end, "nameserver"))
    parse_server (conf, at, end, line);
  else if (begins (&at, end, "search"))
    parse_search (conf, at, end, line, false);
  else if (begins (&at, end, "domain"))
    parse_search (conf, at, end, line, true);
  else if (begins (&at, end, "options"))
    {
      /* These are known by how they begin. */
      while (end > at && end[-1] == '\r')
        end--;
      add_words (conf, conf->options, at, end);
    }
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

/* What follows the first dot of the host name (res_init(3)). */
static char *
dup_own_domain (void)
{
  char name[HOST_NAME_MAX + 1];
  const char *dot;

  if (gethostname (name, sizeof name) < 0)
    return NULL;
  name[sizeof name - 1] = '\0';
  dot = strchr (name, '.');
  return dot != NULL && dot[1] != '\0' ? g_strdup (dot + 1) : NULL;
}

/* --- the environment -------------------------------------------------------------------------- */

/* The first word begins with the text, be it empty; a line feed ends it (res_vinit of the C
 * library). */
static GPtrArray *
read_env_search (PtlResolvConf *conf)
{
  const char *text = getenv ("LOCALDOMAIN");
  GPtrArray *words;
  size_t len;

  if (text == NULL)
    return NULL;
  words = g_ptr_array_new_with_free_func (g_free);
  len = strcspn (text, " \t\n");
  g_ptr_array_add (words, g_strndup (text, len));
  add_words (conf, words, text + len, text + strcspn (text, "\n"));
  return words;
}

static GPtrArray *
read_env_options (PtlResolvConf *conf)
{
  const char *text = getenv ("RES_OPTIONS");
  GPtrArray *words;

  if (text == NULL)
    return NULL;
  words = g_ptr_array_new_with_free_func (g_free);
  add_words (conf, words, text, text + strlen (text));
  return words;
}

char *
ptl_resolv_conf_dup_env_search (void)
{
  g_autoptr (PtlResolvConf) conf = new_conf ();
  g_autoptr (GString) text = g_string_new (NULL);

  conf->env_search = read_env_search (conf);
  if (conf->env_search == NULL)
    return NULL;
  for (guint i = 0; i < conf->env_search->len; i++)
    {
      const char *word = conf->env_search->pdata[i];

      if (*word != '\0')
        g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", word);
    }
  return ptl_codec_preview ((const uint8_t *) text->str, text->len, SEARCH_CHARS_MAX);
}

/* --- all -------------------------------------------------------------------------------------- */

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
  conf->env_search = read_env_search (conf);
  conf->env_options = read_env_options (conf);
  if (conf->search->len == 0 && conf->env_search == NULL)
    conf->own_domain = dup_own_domain ();
  return conf;
}
