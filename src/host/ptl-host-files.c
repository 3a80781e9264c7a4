/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parsers of os-release(5), machine-info(5) and hostname(5). */
#include "config.h"

#include "host/ptl-host-files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/ptl-codec.h"
#include "base/ptl-fd.h"

typedef struct
{
  const char *at;
  const char *end;
} Text;

static char *
make_safe (const char *bytes,
           size_t      len_bytes)
{
  return len_bytes == 0 ? NULL
                        : ptl_codec_preview ((const uint8_t *) bytes, len_bytes,
                                             PTL_HOST_VALUE_MAX);
}

static bool
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\r';
}

static void
skip_line (Text *text)
{
  while (text->at < text->end && *text->at != '\n')
    text->at++;
  if (text->at < text->end)
    text->at++;
}

/* "..." with the backslashes that a shell takes away there; false when it does not end. */
static bool
read_double_quoted (Text    *text,
                    GString *value)
{
  for (text->at++; text->at < text->end; text->at++)
    {
      char c = *text->at;

      if (c == '"')
        {
          text->at++;
          return true;
        }
      if (c == '\\' && text->at + 1 < text->end && strchr ("\"\\$`\n", text->at[1]) != NULL
          && text->at[1] != '\0')
        {
          text->at++;
          if (*text->at == '\n')
            continue;
          c = *text->at;
        }
      g_string_append_c (value, c);
    }
  return false;
}

static bool
read_single_quoted (Text    *text,
                    GString *value)
{
  for (text->at++; text->at < text->end; text->at++)
    {
      if (*text->at == '\'')
        {
          text->at++;
          return true;
        }
      g_string_append_c (value, *text->at);
    }
  return false;
}

/* What stands behind the "=", up to a blank or the end of the line. */
static bool
read_value (Text    *text,
            GString *value)
{
  while (text->at < text->end && *text->at != '\n' && !is_blank (*text->at))
    {
      if (*text->at == '"')
        {
          if (!read_double_quoted (text, value))
            return false;
          continue;
        }
      if (*text->at == '\'')
        {
          if (!read_single_quoted (text, value))
            return false;
          continue;
        }
      if (*text->at == '\\' && text->at + 1 < text->end)
        {
          text->at++;
          if (*text->at == '\n')
            {
              text->at++;
              continue;
            }
        }
      g_string_append_c (value, *text->at++);
    }
  return true;
}

char *
ptl_host_files_find (const char *bytes,
                     size_t      len_bytes,
                     const char *key)
{
  Text text = { bytes, len_bytes > 0 ? bytes + len_bytes : bytes };
  size_t len_key = strlen (key);
  g_autoptr (GString) found = NULL;

  while (text.at < text.end)
    {
      const char *name;
      g_autoptr (GString) value = g_string_new (NULL);
      bool wanted;

      while (text.at < text.end && is_blank (*text.at))
        text.at++;
      name = text.at;
      while (text.at < text.end && (g_ascii_isalnum (*text.at) || *text.at == '_'))
        text.at++;
      if (text.at == text.end || *text.at != '=' || text.at == name)
        {
          skip_line (&text);
          continue;
        }
      wanted = (size_t) (text.at - name) == len_key && memcmp (name, key, len_key) == 0;
      text.at++;
      if (!read_value (&text, value))
        break;
      skip_line (&text);
      if (!wanted)
        continue;
      if (found != NULL)
        g_string_free (found, TRUE);
      found = g_steal_pointer (&value);
    }
  return found != NULL ? make_safe (found->str, found->len) : NULL;
}

char *
ptl_host_files_hostname (const char *bytes,
                         size_t      len_bytes)
{
  Text text = { bytes, len_bytes > 0 ? bytes + len_bytes : bytes };

  while (text.at < text.end)
    {
      const char *start, *end;

      while (text.at < text.end && is_blank (*text.at))
        text.at++;
      start = text.at;
      skip_line (&text);
      end = text.at;
      while (end > start && (is_blank (end[-1]) || end[-1] == '\n'))
        end--;
      if (end > start && *start != '#')
        return make_safe (start, (size_t) (end - start));
    }
  return NULL;
}

char *
ptl_host_files_read (const char *path,
                     size_t     *len_bytes)
{
  PTL_AUTO_FD fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  g_autofree char *text = NULL;
  size_t len = 0;
  ssize_t n = 0;

  *len_bytes = 0;
  if (fd < 0)
    return NULL;
  text = g_malloc (PTL_HOST_FILE_MAX + 1);
  while (len < PTL_HOST_FILE_MAX && (n = read (fd, text + len, PTL_HOST_FILE_MAX - len)) > 0)
    len += (size_t) n;
  if (n < 0 && len == 0)
    return NULL;
  text[len] = '\0';
  *len_bytes = len;
  return g_steal_pointer (&text);
}
