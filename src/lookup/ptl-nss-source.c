/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks one source of nsswitch.conf(5) alone: by the module that libc has for it, as libc asks it.
 * What a module answers says whether it does not know a name, or could not find out. */
#include "config.h"

#include "lookup/ptl-nss.h"

#include <dlfcn.h>
#include <errno.h>
#include <nss.h>
#include <string.h>

#include <glib.h>

#include "lookup/ptl-lookup-pool-private.h"

#define NAME_MAX_CHARS 64
#define BUFFER_FIRST 4096
#define BUFFER_MAX (1 << 20) /* bytes that a module may need for its answer */

/* The functions of a module (nss/nss.h of glibc; they are no header's).  One that has the fourth
 * gives all addresses at once, in its own order. */
typedef enum nss_status (*GetAll)    (const char             *name,
                                      struct gaih_addrtuple **tuples,
                                      char                   *buffer,
                                      size_t                  size,
                                      int                    *sys_errno,
                                      int                    *host_errno,
                                      int32_t                *ttl);
typedef enum nss_status (*GetFamily) (const char             *name,
                                      int                     family,
                                      struct hostent         *result,
                                      char                   *buffer,
                                      size_t                  size,
                                      int                    *sys_errno,
                                      int                    *host_errno);

/* One question to a module. */
typedef struct
{
  char             *buffer;
  size_t            size;
  int               sys_errno;
  int               host_errno;
  struct addrinfo **end; /* where the next address is linked */
} Asking;

static bool
is_module_name (const char *name)
{
  size_t len = strlen (name);

  /* It becomes part of a file's name. */
  for (size_t i = 0; i < len; i++)
    if (!g_ascii_isalnum (name[i]) && name[i] != '_' && name[i] != '-')
      return false;
  return len > 0 && len <= NAME_MAX_CHARS;
}

/* NULL: there is none.  It stays loaded, as libc leaves it. */
static void *
find_function (const char *module,
               const char *function,
               bool       *installed)
{
  g_autofree char *file = g_strdup_printf ("libnss_%s.so.2", module);
  g_autofree char *symbol = g_strdup_printf ("_nss_%s_%s", module, function);
  void *handle = dlopen (file, RTLD_NOW | RTLD_LOCAL);
  void *found = dlsym (handle != NULL ? handle : RTLD_DEFAULT, symbol);

  /* The usual ones are in libc itself since glibc 2.34. */
  if (found == NULL)
    found = dlsym (RTLD_DEFAULT, symbol);
  *installed = handle != NULL || found != NULL;
  return found;
}

static void
add_address (Asking     *asking,
             int         family,
             const void *bytes,
             uint32_t    scope_id)
{
  PtlAddress address = { 0 };
  struct addrinfo *info;

  if (family == AF_INET)
    {
      address.len = sizeof address.in;
      address.in.sin_family = AF_INET;
      memcpy (&address.in.sin_addr, bytes, sizeof address.in.sin_addr);
    }
  else if (family == AF_INET6)
    {
      address.len = sizeof address.in6;
      address.in6.sin6_family = AF_INET6;
      address.in6.sin6_scope_id = scope_id;
      memcpy (&address.in6.sin6_addr, bytes, sizeof address.in6.sin6_addr);
    }
  else
    return;
  info = g_malloc0 (sizeof *info + sizeof address);
  info->ai_family = family;
  info->ai_addrlen = address.len;
  info->ai_addr = memcpy (info + 1, &address.sa, address.len);
  *asking->end = info;
  asking->end = &info->ai_next;
}

static bool
wants_more_room (Asking          *asking,
                 enum nss_status  status)
{
  if (status != NSS_STATUS_TRYAGAIN || asking->sys_errno != ERANGE || asking->size >= BUFFER_MAX)
    return false;
  asking->size *= 2;
  asking->buffer = g_realloc (asking->buffer, asking->size);
  return true;
}

static enum nss_status
ask_all (Asking     *asking,
         GetAll      get,
         const char *name)
{
  struct gaih_addrtuple *tuples;
  enum nss_status status;
  unsigned n = 0;

  do
    {
      tuples = NULL;
      asking->sys_errno = asking->host_errno = 0;
      status = get (name, &tuples, asking->buffer, asking->size, &asking->sys_errno,
                    &asking->host_errno, NULL);
    }
  while (wants_more_room (asking, status));
  for (; status == NSS_STATUS_SUCCESS && tuples != NULL && n <= PTL_RESOLVED_MAX;
       tuples = tuples->next, n++)
    add_address (asking, tuples->family, tuples->addr, tuples->scopeid);
  return status;
}

static enum nss_status
ask_family (Asking     *asking,
            GetFamily   get,
            const char *name,
            int         family)
{
  struct hostent host;
  enum nss_status status;

  do
    {
      memset (&host, 0, sizeof host);
      asking->sys_errno = asking->host_errno = 0;
      status = get (name, family, &host, asking->buffer, asking->size, &asking->sys_errno,
                    &asking->host_errno);
    }
  while (wants_more_room (asking, status));
  if (status != NSS_STATUS_SUCCESS || host.h_addr_list == NULL || host.h_addrtype != family
      || host.h_length != (family == AF_INET6 ? 16 : 4))
    return status;
  for (unsigned i = 0; host.h_addr_list[i] != NULL && i <= PTL_RESOLVED_MAX; i++)
    add_address (asking, family, host.h_addr_list[i], 0);
  return status;
}

/* In words of getaddrinfo(3). */
static int
to_gai (const Asking    *asking,
        enum nss_status  status)
{
  switch (status)
    {
    case NSS_STATUS_SUCCESS:
      return 0;

    case NSS_STATUS_NOTFOUND:
      return asking->host_errno == TRY_AGAIN    ? EAI_AGAIN
             : asking->host_errno == NO_ADDRESS ? EAI_NODATA
                                                : EAI_NONAME;

    case NSS_STATUS_TRYAGAIN:
      return EAI_AGAIN;

    case NSS_STATUS_UNAVAIL:
    default:
      return EAI_SYSTEM;
    }
}

static void
free_list (struct addrinfo *list)
{
  while (list != NULL)
    {
      struct addrinfo *next = list->ai_next;

      g_free (list);
      list = next;
    }
}

static int
get_from_source (const char             *host,
                 const char             *service,
                 const struct addrinfo  *hints,
                 struct addrinfo       **result)
{
  bool installed = false;
  void *function;
  Asking asking = { .size = BUFFER_FIRST, .end = result };
  enum nss_status status;

  *result = NULL;
  if (host == NULL || service == NULL || !is_module_name (service))
    return EAI_SERVICE;
  asking.buffer = g_malloc (asking.size);
  if ((function = find_function (service, "gethostbyname4_r", &installed)) != NULL)
    status = ask_all (&asking, (GetAll) function, host);
  else if ((function = find_function (service, "gethostbyname2_r", &installed)) != NULL)
    {
      enum nss_status v4 = ask_family (&asking, (GetFamily) function, host, AF_INET);
      Asking first = asking;

      status = ask_family (&asking, (GetFamily) function, host, AF_INET6);
      if (v4 == NSS_STATUS_SUCCESS)
        status = v4;
      else if (status == NSS_STATUS_NOTFOUND)
        {
          /* What failed for the one family says more than what is not there for the other. */
          status = v4;
          asking.sys_errno = first.sys_errno;
          asking.host_errno = first.host_errno;
        }
    }
  else
    {
      g_free (asking.buffer);
      return installed ? EAI_FAMILY : EAI_SERVICE;
    }
  g_free (asking.buffer);
  if (status != NSS_STATUS_SUCCESS)
    g_clear_pointer (result, free_list);
  errno = asking.sys_errno;
  return to_gai (&asking, status);
}

PtlLookupPool *
ptl_nss_source_pool_new (void)
{
  PtlLookupPool *pool = ptl_lookup_pool_new ();

  if (pool != NULL)
    ptl_lookup_pool_set_functions (pool, get_from_source, free_list);
  return pool;
}
