/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lookup pool: real names, and resolvers that fail, are slow, or never answer. */
#include "config.h"

#include "lookup/ptl-lookup-pool-private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <glib.h>

#include "base/ptl-clock.h"

#define DEADLINE_S 10

/* What the replies wrote, and a gate that keeps fake calls in "libc". */
static struct
{
  pthread_mutex_t lock;
  pthread_cond_t  changed;
  unsigned        n_replies;
  unsigned        n_failed;   /* with a code */
  unsigned        n_again;    /* EAI_AGAIN */
  unsigned        n_calls;    /* fake calls that began */
  unsigned        n_returned;
  bool            open;       /* the gate */
  PtlResolved    *last;
  int             flags;      /* of the last fake call */
  char            host[64];
  int             idn_fails;
} seen = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static void
reset (void)
{
  pthread_mutex_lock (&seen.lock);
  seen.n_replies = seen.n_failed = seen.n_again = seen.n_calls = seen.n_returned = 0;
  seen.open = false;
  seen.flags = 0;
  seen.host[0] = '\0';
  seen.idn_fails = 0;
  ptl_resolved_free (g_steal_pointer (&seen.last));
  pthread_mutex_unlock (&seen.lock);
}

static void
on_reply (PtlResolved *resolved,
          void        *data)
{
  pthread_mutex_lock (&seen.lock);
  seen.n_replies++;
  if (resolved->gai_code != 0)
    seen.n_failed++;
  if (resolved->gai_code == EAI_AGAIN)
    seen.n_again++;
  ptl_resolved_free (seen.last);
  seen.last = resolved;
  pthread_cond_broadcast (&seen.changed);
  pthread_mutex_unlock (&seen.lock);
}

/* Waits until *@counter is at least @n. */
static void
wait_for (const unsigned *counter,
          unsigned        n)
{
  struct timespec until;

  clock_gettime (CLOCK_REALTIME, &until);
  until.tv_sec += DEADLINE_S;
  pthread_mutex_lock (&seen.lock);
  while (*counter < n)
    if (pthread_cond_timedwait (&seen.changed, &seen.lock, &until) != 0)
      g_error ("%u of %u came", *counter, n);
  pthread_mutex_unlock (&seen.lock);
}

static unsigned
get (const unsigned *counter)
{
  unsigned n;

  pthread_mutex_lock (&seen.lock);
  n = *counter;
  pthread_mutex_unlock (&seen.lock);
  return n;
}

static void
open_gate (void)
{
  pthread_mutex_lock (&seen.lock);
  seen.open = true;
  pthread_cond_broadcast (&seen.changed);
  pthread_mutex_unlock (&seen.lock);
}

static struct sockaddr_in fake_address = { .sin_family = AF_INET, .sin_port = 0 };
static struct addrinfo fake_info = {
  .ai_family = AF_INET,
  .ai_addr = (struct sockaddr *) &fake_address,
  .ai_addrlen = sizeof fake_address,
};

static void
fake_free (struct addrinfo *list)
{
}

/* A name server that does not answer while the gate is shut. */
static int
stuck_getaddrinfo (const char             *host,
                   const char             *service,
                   const struct addrinfo  *hints,
                   struct addrinfo       **result)
{
  pthread_mutex_lock (&seen.lock);
  seen.n_calls++;
  pthread_cond_broadcast (&seen.changed);
  while (!seen.open)
    pthread_cond_wait (&seen.changed, &seen.lock);
  seen.n_returned++;
  pthread_cond_broadcast (&seen.changed);
  pthread_mutex_unlock (&seen.lock);
  *result = &fake_info;
  return 0;
}

static int
noting_getaddrinfo (const char             *host,
                    const char             *service,
                    const struct addrinfo  *hints,
                    struct addrinfo       **result)
{
  int gai_code = 0;

  pthread_mutex_lock (&seen.lock);
  seen.flags = hints->ai_flags;
  g_strlcpy (seen.host, host != NULL ? host : "(null)", sizeof seen.host);
  if (seen.idn_fails > 0 && (hints->ai_flags & AI_IDN) != 0)
    gai_code = EAI_IDN_ENCODE;
  pthread_mutex_unlock (&seen.lock);
  *result = gai_code == 0 ? &fake_info : NULL;
  return gai_code;
}

static int
failing_getaddrinfo (const char             *host,
                     const char             *service,
                     const struct addrinfo  *hints,
                     struct addrinfo       **result)
{
  errno = ENETDOWN;
  return strcmp (host, "system") == 0 ? EAI_SYSTEM : EAI_FAIL;
}

static struct addrinfo many_infos[PTL_RESOLVED_MAX * 2 + 1];
static struct sockaddr_in many_addresses[PTL_RESOLVED_MAX * 2 + 1];

/* Each address twice, and one address more than there is room for. */
static int
many_getaddrinfo (const char             *host,
                  const char             *service,
                  const struct addrinfo  *hints,
                  struct addrinfo       **result)
{
  unsigned n = strcmp (host, "full") == 0 ? PTL_RESOLVED_MAX * 2 : PTL_RESOLVED_MAX * 2 + 1;

  for (unsigned i = 0; i < n; i++)
    {
      many_addresses[i].sin_family = AF_INET;
      many_addresses[i].sin_addr.s_addr = htonl (0x0a000000u + i / 2);
      many_infos[i] = (struct addrinfo) {
        .ai_family = AF_INET,
        .ai_addr = (struct sockaddr *) &many_addresses[i],
        .ai_addrlen = sizeof many_addresses[i],
        .ai_next = i + 1 < n ? &many_infos[i + 1] : NULL,
      };
    }
  *result = many_infos;
  return 0;
}

static uint64_t
ask (PtlLookupPool *pool,
     const char    *host,
     const char    *service,
     int            family,
     bool           passive)
{
  PtlResolver *resolver = ptl_lookup_pool_get_resolver (pool);
  PtlResolveQuery query = { host, service, family, SOCK_STREAM, passive };

  return resolver->resolve (resolver, &query, on_reply, NULL);
}

static bool
cancel (PtlLookupPool *pool,
        uint64_t       id)
{
  PtlResolver *resolver = ptl_lookup_pool_get_resolver (pool);

  return resolver->cancel (resolver, id);
}

static void
test_real (void)
{
  PtlLookupPool *pool = ptl_lookup_pool_new ();
  char buffer[PTL_ADDRESS_TEXT_MAX];

  reset ();
  g_assert_nonnull (pool);
  ask (pool, "localhost", "80", AF_INET, false);
  wait_for (&seen.n_replies, 1);
  g_assert_cmpint (seen.last->gai_code, ==, 0);
  g_assert_cmpuint (seen.last->n_addresses, ==, 1);
  g_assert_cmpstr (ptl_address_format (&seen.last->addresses[0], buffer, sizeof buffer), ==,
                   "127.0.0.1:80");
  g_assert_nonnull (seen.last->canonical);
  g_assert_cmpuint (seen.last->elapsed_ns, >, 0);

  /* No host: any address, for bind; loopback for connect. */
  ask (pool, NULL, "8080", AF_INET, true);
  wait_for (&seen.n_replies, 2);
  g_assert_cmpint (seen.last->gai_code, ==, 0);
  g_assert_cmpstr (ptl_address_format (&seen.last->addresses[0], buffer, sizeof buffer), ==,
                   "0.0.0.0:8080");
  ask (pool, NULL, "8080", AF_INET6, false);
  wait_for (&seen.n_replies, 3);
  g_assert_cmpstr (ptl_address_format (&seen.last->addresses[0], buffer, sizeof buffer), ==,
                   "[::1]:8080");

  ask (pool, "127.0.0.1", "no-such-service-here", AF_UNSPEC, false);
  wait_for (&seen.n_replies, 4);
  g_assert_cmpint (seen.last->gai_code, ==, EAI_SERVICE);
  g_assert_cmpuint (seen.last->n_addresses, ==, 0);
  ptl_lookup_pool_free (pool);
  reset ();
}

static void
test_zone (void)
{
  PtlLookupPool *pool = ptl_lookup_pool_new ();
  unsigned loopback = if_nametoindex ("lo");

  reset ();
  g_assert_cmpuint (loopback, >, 0);
  ask (pool, "fe80::1%lo", "80", AF_UNSPEC, false);
  wait_for (&seen.n_replies, 1);
  g_assert_cmpint (seen.last->gai_code, ==, 0);
  g_assert_cmpuint (seen.last->addresses[0].in6.sin6_scope_id, ==, loopback);
  ask (pool, "ff02::1%7", NULL, AF_UNSPEC, false);
  wait_for (&seen.n_replies, 2);
  g_assert_cmpuint (seen.last->addresses[0].in6.sin6_scope_id, ==, 7);
  ask (pool, "fe80::1%nosuch0", NULL, AF_UNSPEC, false);
  wait_for (&seen.n_replies, 3);
  g_assert_cmpint (seen.last->gai_code, ==, EAI_SYSTEM);
  g_assert_cmpint (seen.last->sys_errno, ==, ENODEV);
  /* A zone does not belong to an address of the whole world. */
  ask (pool, "2001:db8::1%lo", NULL, AF_UNSPEC, false);
  wait_for (&seen.n_replies, 4);
  g_assert_cmpint (seen.last->gai_code, ==, 0);
  g_assert_cmpuint (seen.last->addresses[0].in6.sin6_scope_id, ==, 0);
  ptl_lookup_pool_free (pool);
  reset ();
}

static void
test_flags (void)
{
  PtlLookupPool *pool = ptl_lookup_pool_new ();

  reset ();
  ptl_lookup_pool_set_functions (pool, noting_getaddrinfo, fake_free);
  ask (pool, "example.org", NULL, AF_UNSPEC, false);
  wait_for (&seen.n_replies, 1);
  g_assert_cmpint (seen.flags, ==, AI_CANONNAME); /* and not AI_ADDRCONFIG */
  ask (pool, NULL, "80", AF_UNSPEC, true);
  wait_for (&seen.n_replies, 2);
  g_assert_cmpint (seen.flags, ==, AI_PASSIVE);
  ask (pool, "bücher.example", NULL, AF_UNSPEC, false);
  wait_for (&seen.n_replies, 3);
  g_assert_cmpint (seen.flags, ==, AI_CANONNAME | AI_IDN);
  g_assert_cmpstr (seen.host, ==, "bücher.example");
  /* A libc that cannot encode it: we do. */
  seen.idn_fails = 1;
  ask (pool, "bücher.example", NULL, AF_UNSPEC, false);
  wait_for (&seen.n_replies, 4);
  g_assert_cmpint (seen.last->gai_code, ==, 0);
  g_assert_cmpint (seen.flags, ==, AI_CANONNAME);
  g_assert_cmpstr (seen.host, ==, "xn--bcher-kva.example");
  ptl_lookup_pool_free (pool);
  reset ();
}

static void
test_failures (void)
{
  PtlLookupPool *pool = ptl_lookup_pool_new ();

  reset ();
  ptl_lookup_pool_set_functions (pool, failing_getaddrinfo, fake_free);
  ask (pool, "system", NULL, AF_UNSPEC, false);
  wait_for (&seen.n_replies, 1);
  g_assert_cmpint (seen.last->gai_code, ==, EAI_SYSTEM);
  g_assert_cmpint (seen.last->sys_errno, ==, ENETDOWN);
  ask (pool, "other", NULL, AF_UNSPEC, false);
  wait_for (&seen.n_replies, 2);
  g_assert_cmpint (seen.last->gai_code, ==, EAI_FAIL);
  g_assert_cmpint (seen.last->sys_errno, ==, 0);
  ptl_lookup_pool_free (pool);
  reset ();
}

static void
test_many_addresses (void)
{
  PtlLookupPool *pool = ptl_lookup_pool_new ();

  reset ();
  ptl_lookup_pool_set_functions (pool, many_getaddrinfo, fake_free);
  ask (pool, "full", NULL, AF_UNSPEC, false);
  wait_for (&seen.n_replies, 1);
  g_assert_cmpuint (seen.last->n_addresses, ==, PTL_RESOLVED_MAX);
  g_assert_false (seen.last->cut_off);
  ask (pool, "more", NULL, AF_UNSPEC, false);
  wait_for (&seen.n_replies, 2);
  g_assert_cmpuint (seen.last->n_addresses, ==, PTL_RESOLVED_MAX);
  g_assert_true (seen.last->cut_off);
  ptl_lookup_pool_free (pool);
  reset ();
}

/* With every thread stuck, what is cancelled makes room, up to a bound. */
static void
test_stuck (void)
{
  PtlLookupPool *pool = ptl_lookup_pool_new ();
  uint64_t ids[PTL_LOOKUP_THREADS_MAX], waiting;
  unsigned n_abandoned;

  reset ();
  ptl_lookup_pool_set_functions (pool, stuck_getaddrinfo, fake_free);
  for (unsigned i = 0; i < PTL_LOOKUP_THREADS_MAX; i++)
    ids[i] = ask (pool, "x", NULL, AF_UNSPEC, false);
  wait_for (&seen.n_calls, PTL_LOOKUP_THREADS_MAX);
  waiting = ask (pool, "y", NULL, AF_UNSPEC, false);
  g_assert_cmpuint (ptl_lookup_pool_get_n_threads (pool, NULL), ==, PTL_LOOKUP_THREADS_MAX);
  /* Waiting ones can be cancelled, once. */
  g_assert_true (cancel (pool, waiting));
  g_assert_false (cancel (pool, waiting));
  g_assert_false (cancel (pool, 12345678));

  waiting = ask (pool, "y", NULL, AF_UNSPEC, false);
  g_assert_cmpuint (get (&seen.n_calls), ==, PTL_LOOKUP_THREADS_MAX);
  g_assert_true (cancel (pool, ids[0]));
  g_assert_false (cancel (pool, ids[0]));
  wait_for (&seen.n_calls, PTL_LOOKUP_THREADS_MAX + 1);
  g_assert_cmpuint (ptl_lookup_pool_get_n_threads (pool, &n_abandoned), ==,
                    PTL_LOOKUP_THREADS_MAX + 1);
  g_assert_cmpuint (n_abandoned, ==, 1);

  open_gate ();
  wait_for (&seen.n_replies, PTL_LOOKUP_THREADS_MAX);
  wait_for (&seen.n_returned, PTL_LOOKUP_THREADS_MAX + 1);
  /* All but the cancelled one were answered, and once. */
  ptl_lookup_pool_free (pool);
  g_assert_cmpuint (get (&seen.n_replies), ==, PTL_LOOKUP_THREADS_MAX);
  reset ();
}

static void
test_abandoned_limit (void)
{
  PtlLookupPool *pool = ptl_lookup_pool_new ();
  const unsigned limit = PTL_LOOKUP_THREADS_MAX + PTL_LOOKUP_ABANDONED_MAX;
  unsigned n_abandoned;

  reset ();
  ptl_lookup_pool_set_functions (pool, stuck_getaddrinfo, fake_free);
  for (unsigned i = 0; i < limit; i++)
    {
      uint64_t id = ask (pool, "x", NULL, AF_UNSPEC, false);

      wait_for (&seen.n_calls, i + 1);
      g_assert_true (cancel (pool, id));
    }
  /* No thread for this one, until a call comes back. */
  ask (pool, "y", NULL, AF_UNSPEC, false);
  g_assert_cmpuint (ptl_lookup_pool_get_n_threads (pool, &n_abandoned), ==, limit);
  g_assert_cmpuint (n_abandoned, ==, limit);
  open_gate ();
  wait_for (&seen.n_replies, 1);
  ptl_lookup_pool_free (pool);
  g_assert_cmpuint (get (&seen.n_replies), ==, 1);
  reset ();
}

static void
test_queue_limit (void)
{
  PtlLookupPool *pool = ptl_lookup_pool_new ();
  uint64_t refused;

  reset ();
  ptl_lookup_pool_set_functions (pool, stuck_getaddrinfo, fake_free);
  for (unsigned i = 0; i < PTL_LOOKUP_THREADS_MAX; i++)
    ask (pool, "x", NULL, AF_UNSPEC, false);
  wait_for (&seen.n_calls, PTL_LOOKUP_THREADS_MAX);
  for (unsigned i = 0; i < PTL_LOOKUP_QUEUE_MAX; i++)
    ask (pool, "y", NULL, AF_UNSPEC, false);
  g_assert_cmpuint (get (&seen.n_replies), ==, 0);
  /* One too many: refused, though no thread of the pool is free. */
  refused = ask (pool, "z", NULL, AF_UNSPEC, false);
  wait_for (&seen.n_replies, 1);
  g_assert_cmpuint (get (&seen.n_again), ==, 1);
  g_assert_false (cancel (pool, refused));
  open_gate ();
  wait_for (&seen.n_replies, 1 + PTL_LOOKUP_THREADS_MAX + PTL_LOOKUP_QUEUE_MAX);
  g_assert_cmpuint (get (&seen.n_failed), ==, 1);
  ptl_lookup_pool_free (pool);
  reset ();
}

/* The end does not wait for libc, and nothing comes afterwards. */
static void
test_free_while_stuck (void)
{
  PtlLookupPool *pool = ptl_lookup_pool_new ();
  uint64_t started_ns;

  reset ();
  ptl_lookup_pool_set_functions (pool, stuck_getaddrinfo, fake_free);
  for (unsigned i = 0; i < PTL_LOOKUP_THREADS_MAX + 3; i++)
    ask (pool, "x", NULL, AF_UNSPEC, false);
  wait_for (&seen.n_calls, PTL_LOOKUP_THREADS_MAX);
  started_ns = ptl_clock_monotonic_ns ();
  ptl_lookup_pool_free (pool);
  g_assert_cmpuint (ptl_clock_monotonic_ns () - started_ns, <, PTL_NS_PER_S);
  open_gate ();
  wait_for (&seen.n_returned, PTL_LOOKUP_THREADS_MAX);
  g_assert_cmpuint (get (&seen.n_replies), ==, 0);
  ptl_lookup_pool_free (NULL);
}

typedef struct
{
  PtlLookupPool *pool;
  unsigned       n_cancelled;
} Racer;

static void *
race_main (void *data)
{
  Racer *racer = data;

  for (unsigned i = 0; i < 500; i++)
    {
      uint64_t id = ask (racer->pool, "x", NULL, AF_UNSPEC, false);

      if (i % 2 == 0 && cancel (racer->pool, id))
        racer->n_cancelled++;
    }
  return NULL;
}

/* From several threads: each is answered or cancelled, never both, never neither. */
static void
test_race (void)
{
  PtlLookupPool *pool = ptl_lookup_pool_new ();
  Racer racers[4] = { 0 };
  pthread_t threads[4];
  unsigned n_cancelled = 0;

  reset ();
  ptl_lookup_pool_set_functions (pool, noting_getaddrinfo, fake_free);
  for (unsigned i = 0; i < 4; i++)
    {
      racers[i].pool = pool;
      g_assert_cmpint (pthread_create (&threads[i], NULL, race_main, &racers[i]), ==, 0);
    }
  for (unsigned i = 0; i < 4; i++)
    {
      pthread_join (threads[i], NULL);
      n_cancelled += racers[i].n_cancelled;
    }
  wait_for (&seen.n_replies, 4 * 500 - n_cancelled);
  ptl_lookup_pool_free (pool);
  g_assert_cmpuint (get (&seen.n_replies), ==, 4 * 500 - n_cancelled);
  reset ();
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lookup-pool/real", test_real);
  g_test_add_func ("/lookup-pool/zone", test_zone);
  g_test_add_func ("/lookup-pool/flags", test_flags);
  g_test_add_func ("/lookup-pool/failures", test_failures);
  g_test_add_func ("/lookup-pool/many-addresses", test_many_addresses);
  g_test_add_func ("/lookup-pool/stuck", test_stuck);
  g_test_add_func ("/lookup-pool/abandoned-limit", test_abandoned_limit);
  g_test_add_func ("/lookup-pool/queue-limit", test_queue_limit);
  g_test_add_func ("/lookup-pool/free-while-stuck", test_free_while_stuck);
  g_test_add_func ("/lookup-pool/race", test_race);
  return g_test_run ();
}
