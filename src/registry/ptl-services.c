/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The services database of this computer, read as a whole. */
#include "config.h"

#include "registry/ptl-services.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <string.h>

#include "base/ptl-codec.h"

#define BUFFER_MAX (64u * 1024)

/* setservent(3) and getservent_r(3) have one place in the database for the whole process. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* What others may have written into a file: printable, of one line, not endless. */
static char *
make_name (const char *text)
{
  return ptl_codec_preview ((const uint8_t *) text, strlen (text), PTL_SERVICE_NAME_MAX);
}

static void
add_service (GArray      *services,
             const char  *name,
             char       **aliases,
             const char  *transport,
             uint16_t     port)
{
  g_autoptr (GString) names = g_string_new (NULL);
  PtlService service;

  if (name == NULL || *name == '\0' || transport == NULL || port == 0)
    return;
  for (size_t i = 0; aliases != NULL && aliases[i] != NULL && i < PTL_SERVICE_ALIASES_MAX; i++)
    {
      g_autofree char *alias = make_name (aliases[i]);

      if (*alias == '\0')
        continue;
      if (names->len > 0)
        g_string_append_c (names, ' ');
      g_string_append (names, alias);
    }
  service = (PtlService) {
    .name = make_name (name),
    .aliases = g_strdup (names->str),
    .transport = make_name (transport),
    .port = port,
  };
  g_array_append_val (services, service);
}

static PtlServices *
finish (GArray *array,
        bool    cut)
{
  PtlServices *services = g_new0 (PtlServices, 1);

  services->n = array->len;
  services->items = (PtlService *) (void *) g_array_free (array, FALSE);
  services->cut = cut;
  return services;
}

PtlServices *
ptl_services_read (void)
{
  GArray *array = g_array_new (FALSE, FALSE, sizeof (PtlService));
  size_t size = 1024;
  g_autofree char *buffer = g_malloc (size);
  bool cut = false;

  pthread_mutex_lock (&lock);
  setservent (0);
  for (;;)
    {
      struct servent entry, *found = NULL;
      int failed = getservent_r (&entry, buffer, size, &found);

      if (failed == ERANGE && size < BUFFER_MAX)
        {
          size *= 2;
          buffer = g_realloc (buffer, size);
          continue;
        }
      if (failed != 0 || found == NULL)
        break;
      if (array->len == PTL_SERVICES_MAX)
        {
          cut = true;
          break;
        }
      add_service (array, found->s_name, found->s_aliases, found->s_proto,
                   ntohs ((uint16_t) found->s_port));
    }
  endservent ();
  pthread_mutex_unlock (&lock);
  return finish (array, cut);
}

PtlServices *
ptl_services_parse (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GArray *array = g_array_new (FALSE, FALSE, sizeof (PtlService));
  bool cut = false;

  for (size_t i = 0; lines[i] != NULL; i++)
    {
      char *comment = strchr (lines[i], '#');
      g_auto (GStrv) words = NULL;
      g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
      g_auto (GStrv) kept = NULL;
      char *slash;
      uint64_t port;

      if (comment != NULL)
        *comment = '\0';
      words = g_strsplit_set (lines[i], " \t\r", -1);
      for (size_t k = 0; words[k] != NULL; k++)
        if (*words[k] != '\0')
          g_strv_builder_add (builder, words[k]);
      kept = g_strv_builder_end (builder);
      if (g_strv_length (kept) < 2 || (slash = strchr (kept[1], '/')) == NULL)
        continue;
      *slash = '\0';
      if (!g_ascii_string_to_unsigned (kept[1], 10, 1, UINT16_MAX, &port, NULL))
        continue;
      if (array->len == PTL_SERVICES_MAX)
        {
          cut = true;
          break;
        }
      add_service (array, kept[0], kept + 2, slash + 1, (uint16_t) port);
    }
  return finish (array, cut);
}

void
ptl_services_free (PtlServices *services)
{
  if (services == NULL)
    return;
  for (size_t i = 0; i < services->n; i++)
    {
      g_free (services->items[i].name);
      g_free (services->items[i].aliases);
      g_free (services->items[i].transport);
    }
  g_free (services->items);
  g_free (services);
}
