/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One source of nsswitch.conf alone: what its module answers, and what is made of it.  Two modules
 * are functions of this test: found as those are that libc has itself. */
#include "config.h"

#include "lookup/ptl-nss.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <nss.h>
#include <pthread.h>
#include <string.h>

#include <glib.h>

#define DEADLINE_S 20
#define BIG 100000 /* bytes that the name "big" needs */

/* --- modules ---------------------------------------------------------------------------------- */

enum nss_status _nss_ptlnew_gethostbyname4_r (const char             *name,
                                              struct gaih_addrtuple **tuples,
                                              char                   *buffer,
                                              size_t                  size,
                                              int                    *sys_errno,
                                              int                    *host_errno,
                                              int32_t                *ttl);
enum nss_status _nss_ptlold_gethostbyname2_r (const char             *name,
                                              int                     family,
                                              struct hostent         *result,
                                              char                   *buffer,
                                              size_t                  size,
                                              int                    *sys_errno,
                                              int                    *host_errno);

static enum nss_status
fail (enum nss_status  status,
      int              error,
      int              host_error,
      int             *sys_errno,
      int             *host_errno)
{
  *sys_errno = error;
  *host_errno = host_error;
  return status;
}

/* So many addresses 192.0.2.N. */
static enum nss_status
put_tuples (unsigned                n,
            struct gaih_addrtuple **tuples,
            char                   *buffer,
            size_t                  size)
{
  struct gaih_addrtuple *at = (struct gaih_addrtuple *) buffer;

  g_assert_cmpuint (size, >=, n * sizeof *at);
  memset (buffer, 0, n * sizeof *at);
  *tuples = at;
  for (unsigned i = 0; i < n; i++)
    {
      at[i].name = (char *) "found";
      at[i].family = AF_INET;
      at[i].addr[0] = htonl (0xc0000200 + i);
      at[i].next = i + 1 < n ? &at[i + 1] : NULL;
    }
  return NSS_STATUS_SUCCESS;
}

enum nss_status
_nss_ptlnew_gethostbyname4_r (const char             *name,
                              struct gaih_addrtuple **tuples,
                              char                   *buffer,
                              size_t                  size,
                              int                    *sys_errno,
                              int                    *host_errno,
                              int32_t                *ttl)
{
  g_assert_null (*tuples);
  if (strcmp (name, "one") == 0)
    return put_tuples (1, tuples, buffer, size);
  if (strcmp (name, "big") == 0 || strcmp (name, "endless") == 0)
    return size >= BIG && *name == 'b'
             ? put_tuples (100, tuples, buffer, size)
             : fail (NSS_STATUS_TRYAGAIN, ERANGE, NETDB_INTERNAL, sys_errno, host_errno);
  if (strcmp (name, "six") == 0)
    {
      put_tuples (1, tuples, buffer, size);
      (*tuples)->family = AF_INET6;
      (*tuples)->scopeid = 7;
      inet_pton (AF_INET6, "fe80::7", (*tuples)->addr);
      return NSS_STATUS_SUCCESS;
    }
  if (strcmp (name, "odd") == 0)
    {
      put_tuples (1, tuples, buffer, size);
      (*tuples)->family = AF_UNIX;
      return NSS_STATUS_SUCCESS;
    }
  if (strcmp (name, "empty") == 0)
    return fail (NSS_STATUS_NOTFOUND, 0, NO_DATA, sys_errno, host_errno);
  if (strcmp (name, "later") == 0)
    return fail (NSS_STATUS_NOTFOUND, EAGAIN, TRY_AGAIN, sys_errno, host_errno);
  if (strcmp (name, "down") == 0)
    return fail (NSS_STATUS_UNAVAIL, ECONNREFUSED, NO_RECOVERY, sys_errno, host_errno);
  return fail (NSS_STATUS_NOTFOUND, ENOENT, HOST_NOT_FOUND, sys_errno, host_errno);
}

enum nss_status
_nss_ptlold_gethostbyname2_r (const char     *name,
                              int             family,
                              struct hostent *result,
                              char           *buffer,
                              size_t          size,
                              int            *sys_errno,
                              int            *host_errno)
{
  bool v4 = family == AF_INET;
  char **list = (char **) buffer;
  char *address = buffer + 2 * sizeof *list;

  if (strcmp (name, "mixed") == 0 && v4)
    return fail (NSS_STATUS_TRYAGAIN, EAGAIN, TRY_AGAIN, sys_errno, host_errno);
  if (strcmp (name, "down") == 0)
    return fail (NSS_STATUS_UNAVAIL, v4 ? EPERM : ENOTCONN, NO_RECOVERY, sys_errno, host_errno);
  if (strcmp (name, v4 ? "four" : "six") != 0 && strcmp (name, "both") != 0
      && strcmp (name, "long") != 0)
    return fail (NSS_STATUS_NOTFOUND, ENOENT, HOST_NOT_FOUND, sys_errno, host_errno);
  memset (buffer, 0, 64);
  inet_pton (family, v4 ? "192.0.2.4" : "2001:db8::6", address);
  list[0] = address;
  result->h_name = (char *) "found";
  result->h_addrtype = family;
  result->h_length = strcmp (name, "long") == 0 ? 200 : v4 ? 4 : 16;
  result->h_addr_list = list;
  return NSS_STATUS_SUCCESS;
}

/* --- asking ----------------------------------------------------------------------------------- */

static struct
{
  pthread_mutex_t lock;
  pthread_cond_t  come;
  PtlResolved    *resolved;
} answer = { .lock = PTHREAD_MUTEX_INITIALIZER, .come = PTHREAD_COND_INITIALIZER };

static void
on_reply (PtlResolved *resolved,
          void        *data)
{
  pthread_mutex_lock (&answer.lock);
  answer.resolved = resolved;
  pthread_cond_signal (&answer.come);
  pthread_mutex_unlock (&answer.lock);
}

static PtlResolved *
ask (PtlLookupPool *pool,
     const char    *source,
     const char    *name)
{
  PtlResolver *resolver = ptl_lookup_pool_get_resolver (pool);
  PtlResolveQuery query = { .host = name, .service = source };
  PtlResolved *resolved;
  struct timespec until;

  clock_gettime (CLOCK_REALTIME, &until);
  until.tv_sec += DEADLINE_S;
  resolver->resolve (resolver, &query, on_reply, NULL);
  pthread_mutex_lock (&answer.lock);
  while (answer.resolved == NULL)
    if (pthread_cond_timedwait (&answer.come, &answer.lock, &until) != 0)
      g_error ("%s does not answer", source);
  resolved = g_steal_pointer (&answer.resolved);
  pthread_mutex_unlock (&answer.lock);
  return resolved;
}

static void
test_answers (void)
{
  static const struct
  {
    const char *source;
    const char *name;
    int         gai_code;
    int         sys_errno;
    unsigned    n;
    const char *first;
  } cases[] = {
    { "ptlnew", "one", 0, 0, 1, "192.0.2.0" },
    { "ptlnew", "big", 0, 0, PTL_RESOLVED_MAX, "192.0.2.0" },
    { "ptlnew", "endless", EAI_AGAIN, 0, 0, NULL },
    { "ptlnew", "six", 0, 0, 1, "fe80::7" },
    { "ptlnew", "odd", EAI_NONAME, 0, 0, NULL },
    { "ptlnew", "empty", EAI_NODATA, 0, 0, NULL },
    { "ptlnew", "later", EAI_AGAIN, 0, 0, NULL },
    { "ptlnew", "down", EAI_SYSTEM, ECONNREFUSED, 0, NULL },
    { "ptlnew", "nobody", EAI_NONAME, 0, 0, NULL },
    { "ptlold", "four", 0, 0, 1, "192.0.2.4" },
    { "ptlold", "six", 0, 0, 1, "2001:db8::6" },
    { "ptlold", "both", 0, 0, 2, "192.0.2.4" },
    { "ptlold", "long", EAI_NONAME, 0, 0, NULL },
    { "ptlold", "mixed", EAI_AGAIN, 0, 0, NULL },
    { "ptlold", "down", EAI_SYSTEM, ENOTCONN, 0, NULL },
    { "ptlold", "nobody", EAI_NONAME, 0, 0, NULL },
    { "no_such_source", "one", EAI_SERVICE, 0, 0, NULL },
    { "../ptlnew", "one", EAI_SERVICE, 0, 0, NULL },
    { "", "one", EAI_SERVICE, 0, 0, NULL },
    /* libc's own; nobody outside is asked by it. */
    { "files", "no-such-name.invalid", EAI_NONAME, 0, 0, NULL },
  };
  PtlLookupPool *pool = ptl_nss_source_pool_new ();

  g_assert_nonnull (pool);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PtlResolved *resolved = ask (pool, cases[i].source, cases[i].name);
      char text[PTL_ADDRESS_TEXT_MAX];

      g_test_message ("%s %s", cases[i].source, cases[i].name);
      g_assert_cmpint (resolved->gai_code, ==, cases[i].gai_code);
      g_assert_cmpint (resolved->sys_errno, ==, cases[i].sys_errno);
      g_assert_cmpuint (resolved->n_addresses, ==, cases[i].n);
      g_assert_true (resolved->cut_off == (cases[i].n == PTL_RESOLVED_MAX));
      if (cases[i].first != NULL)
        {
          PtlAddress bare = resolved->addresses[0];

          if (ptl_address_get_family (&bare) == AF_INET6)
            bare.in6.sin6_scope_id = 0;
          g_assert_cmpstr (ptl_address_format_host (&bare, text, sizeof text), ==,
                           cases[i].first);
        }
      if (strcmp (cases[i].source, "ptlnew") == 0 && strcmp (cases[i].name, "six") == 0)
        g_assert_cmpuint (resolved->addresses[0].in6.sin6_scope_id, ==, 7);
      ptl_resolved_free (resolved);
    }
  if (dlopen ("libnss_compat.so.2", RTLD_NOW) != NULL)
    {
      PtlResolved *resolved = ask (pool, "compat", "one");

      g_assert_cmpint (resolved->gai_code, ==, EAI_FAMILY);
      ptl_resolved_free (resolved);
    }
  ptl_lookup_pool_free (pool);
}

/* Which sources there are, and after which answers the next one is not asked.  libc itself says
 * what it cannot read. */
static void
test_actions (void)
{
  static const struct
  {
    const char *order;
    int         n;                         /* sources; -1: an error */
    bool        stops[PTL_NSS_N_STATUSES]; /* of the first source */
  } cases[] = {
    { "files dns", 2, { true, false, false, false } },
    { "mdns4_minimal [NOTFOUND=return] dns", 2, { true, true, false, false } },
    { "resolve [!UNAVAIL=return] dns", 2, { true, true, false, true } },
    { "resolve [!unavail=Return] dns", 2, { true, true, false, true } },
    { "a [SUCCESS=continue NOTFOUND=return] b", 2, { false, true, false, false } },
    { "a [ SUCCESS=merge ] b", 2, { false, false, false, false } },
    { "a [ NOTFOUND = return ] b", 2, { true, true, false, false } },
    { "a [\tNOTFOUND\t=\treturn\t]\tb", 2, { true, true, false, false } },
    { "a [NOTFOUND =return] b", 2, { true, true, false, false } },
    { "a [NOTFOUND= return] b", 2, { true, true, false, false } },
    { "a [ !UNAVAIL = return ] b", 2, { true, true, false, true } },
    { "a [!UNAVAIL=return SUCCESS=continue] b", 2, { false, true, false, true } },
    { "a [!NOTFOUND=continue TRYAGAIN=return UNAVAIL=return] b c", 3,
      { false, false, true, true } },
    { "a[NOTFOUND=return]b", 2, { true, true, false, false } },
    { "a [TRYAGAIN=return] b [NOTFOUND=return] c", 3, { true, false, false, true } },
    { "a [NOTFOUND=return]", 1, { true, true, false, false } },
    /* Brackets after brackets are no source: libc ends there, without an error. */
    { "a [!SUCCESS=return] [TRYAGAIN=continue] b", 1, { true, true, true, true } },
    { "[NOTFOUND=return] a b", 0, { false } },
    { "", 0, { false } },
    { "a [NONSENSE=return] b", -1, { false } },
    { "a [!NONSENSE=return] b", -1, { false } },
    { "a [NOTFOUND=nonsense] b", -1, { false } },
    { "a [NOTFOUND] b", -1, { false } },
    { "a [NOTFOUND return] b", -1, { false } },
    { "a [NOTFOUND=return=continue] b", -1, { false } },
    { "a [! UNAVAIL=return] b", -1, { false } },
    { "a [NOTFOUND=return, SUCCESS=continue] b", -1, { false } },
    { "a [] b", -1, { false } },
    { "a [NOTFOUND=return b", -1, { false } },
    { "a [", -1, { false } },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      unsigned n;
      g_autofree PtlNssSource *sources = ptl_nss_list_sources (cases[i].order, &n);

      g_test_message ("%s", cases[i].order);
      g_assert_true ((sources == NULL) == (cases[i].n < 0));
      g_assert_cmpint (__nss_configure_lookup ("hosts", cases[i].order) == 0, ==,
                       sources != NULL);
      g_assert_cmpint ((int) n, ==, MAX (cases[i].n, 0));
      for (unsigned j = 0; j < PTL_NSS_N_STATUSES && n > 0; j++)
        g_assert_true (sources[0].stops[j] == cases[i].stops[j]);
      for (unsigned j = 0; j < n; j++)
        ptl_nss_source_clear (&sources[j]);
    }
  g_assert_true (ptl_nss_order_has ("files[NOTFOUND = return]dns", "dns"));
  g_assert_true (ptl_nss_order_has ("mdns4[NOTFOUND=return] dns", "mdns"));
  g_assert_false (ptl_nss_order_has ("files [NOTFOUND = dns ]", "dns"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nss-source/answers", test_answers);
  g_test_add_func ("/nss-source/actions", test_actions);
  return g_test_run ();
}
