/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan of a self-test, and the threads that work through it. */
#include "config.h"

#include "host/ptl-self-test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/ptl-fd.h"
#include "host/ptl-own-addresses.h"

struct _PtlSelfTest
{
  PtlSelfTestWake  wake;
  void            *data;
  int              cancel_fd;
  pthread_t        thread;

  pthread_mutex_t  lock; /* of all that follows */
  bool             woken; /* and the news were not taken yet */
  bool             cancelled;
  bool             finished;
  unsigned         n_cases;
  unsigned         next;  /* case to be begun */
  PtlSelfTestCase *cases; /* owned; what it is about does not change once it was planned */
  bool            *is_news; /* owned; of each case */
};

/* --- the plan --------------------------------------------------------------------------------- */

static void
add_case (GArray                *cases,
          const PtlSelfTestCase *what,
          int                    type)
{
  if (cases->len >= PTL_SELF_TEST_CASES_MAX)
    return;
  g_array_append_vals (cases, what, 1);
  g_array_index (cases, PtlSelfTestCase, cases->len - 1).type = type;
}

static void
add_address (GArray           *cases,
             const PtlAddress *address,
             const char       *device,
             unsigned          device_flags,
             bool              is_missing,
             PtlSelfTestKind   kind)
{
  PtlSelfTestCase what = { .kind = kind, .address = *address, .device_flags = device_flags,
                           .is_missing = is_missing };

  g_strlcpy (what.device, device, sizeof what.device);
  what.device_index = if_nametoindex (device);
  add_case (cases, &what, SOCK_STREAM);
  add_case (cases, &what, SOCK_DGRAM);
}

static void
set_ipv4 (PtlAddress *address,
          uint32_t    host_order)
{
  *address = (PtlAddress) { .len = sizeof address->in };
  address->in.sin_family = AF_INET;
  address->in.sin_addr.s_addr = htonl (host_order);
}

static void
set_ipv6 (PtlAddress *address,
          const char *text,
          unsigned    zone)
{
  *address = (PtlAddress) { .len = sizeof address->in6 };
  address->in6.sin6_family = AF_INET6;
  address->in6.sin6_scope_id = zone;
  if (inet_pton (AF_INET6, text, &address->in6.sin6_addr) != 1)
    g_assert_not_reached ();
}

static const PtlOwnDevice *
find_loopback (const PtlOwn *own)
{
  for (unsigned i = 0; i < own->n_devices; i++)
    if ((own->devices[i].flags & IFF_LOOPBACK) != 0)
      return &own->devices[i];
  return NULL;
}

/* The two loopback addresses come first, whether they are there or not. */
static void
plan_loopback (GArray       *cases,
               const PtlOwn *own)
{
  const PtlOwnDevice *loopback = find_loopback (own);
  const char *device = loopback != NULL ? loopback->name : "lo";
  unsigned flags = loopback != NULL ? loopback->flags : IFF_LOOPBACK;
  PtlAddress address;

  set_ipv4 (&address, INADDR_LOOPBACK);
  add_address (cases, &address, device, flags, ptl_own_find (own, &address) == NULL,
               PTL_SELF_TEST_OWN);
  set_ipv6 (&address, "::1", 0);
  add_address (cases, &address, device, flags, ptl_own_find (own, &address) == NULL,
               PTL_SELF_TEST_OWN);
}

static bool
is_first_loopback (const PtlAddress *address)
{
  return ptl_address_get_family (address) == AF_INET
           ? address->in.sin_addr.s_addr == htonl (INADDR_LOOPBACK)
           : IN6_IS_ADDR_LOOPBACK (&address->in6.sin6_addr);
}

static void
plan_own (GArray       *cases,
          const PtlOwn *own)
{
  for (unsigned i = 0; i < own->n_addresses; i++)
    {
      const PtlOwnAddress *at = &own->addresses[i];

      if (!is_first_loopback (&at->address))
        add_address (cases, &at->address, at->device, at->device_flags, false, PTL_SELF_TEST_OWN);
    }
}

static void
plan_unix (GArray *cases)
{
  static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };
  PtlSelfTestCase what = { .kind = PTL_SELF_TEST_PATH };

  what.address.len = sizeof (sa_family_t);
  what.address.un.sun_family = AF_UNIX;
  for (unsigned i = 0; i < G_N_ELEMENTS (types); i++)
    add_case (cases, &what, types[i]);
  what.kind = PTL_SELF_TEST_ABSTRACT;
  for (unsigned i = 0; i < G_N_ELEMENTS (types); i++)
    add_case (cases, &what, types[i]);
}

/* An address that @device has. */
static bool
find_source (const PtlOwn       *own,
             const PtlOwnDevice *device,
             int                 family,
             PtlAddress         *source)
{
  for (unsigned i = 0; i < own->n_addresses; i++)
    if (ptl_address_get_family (&own->addresses[i].address) == family
        && strcmp (own->addresses[i].device, device->name) == 0)
      {
        *source = own->addresses[i].address;
        return true;
      }
  return false;
}

static void
plan_groups (GArray       *cases,
             const PtlOwn *own)
{
  for (unsigned i = 0; i < own->n_devices; i++)
    {
      const PtlOwnDevice *device = &own->devices[i];
      PtlSelfTestCase what = { .kind = PTL_SELF_TEST_MULTICAST, .device_flags = device->flags,
                               .device_index = device->index };

      if ((device->flags & IFF_UP) == 0
          || (device->flags & (IFF_MULTICAST | IFF_LOOPBACK)) == 0)
        continue;
      g_strlcpy (what.device, device->name, sizeof what.device);
      if (find_source (own, device, AF_INET, &what.source))
        {
          set_ipv4 (&what.address, INADDR_ALLHOSTS_GROUP);
          add_case (cases, &what, SOCK_DGRAM);
        }
      /* The loopback interface has no route for groups of IPv6. */
      if ((device->flags & IFF_LOOPBACK) == 0
          && find_source (own, device, AF_INET6, &what.source))
        {
          set_ipv6 (&what.address, "ff01::1", device->index);
          add_case (cases, &what, SOCK_DGRAM);
        }
    }
}

static void
plan_broadcast (GArray       *cases,
                const PtlOwn *own)
{
  for (unsigned i = 0; i < own->n_addresses; i++)
    {
      const PtlOwnAddress *at = &own->addresses[i];
      PtlSelfTestCase what = { .kind = PTL_SELF_TEST_BROADCAST, .device_flags = at->device_flags };

      if (ptl_address_get_family (&at->address) != AF_INET)
        continue;
      g_strlcpy (what.device, at->device, sizeof what.device);
      what.device_index = if_nametoindex (at->device);
      what.source = at->address;
      if (is_first_loopback (&at->address))
        set_ipv4 (&what.address, 0x7fffffff);
      else if (at->broadcast.len > 0 && at->broadcast.in.sin_addr.s_addr != 0
               && !ptl_address_is_loopback (&at->broadcast))
        {
          what.address = at->broadcast;
          what.outcome = PTL_SELF_TEST_NOT_TRIED;
        }
      else
        continue;
      add_case (cases, &what, SOCK_DGRAM);
    }
}

static GArray *
make_plan (void)
{
  GArray *cases = g_array_new (FALSE, TRUE, sizeof (PtlSelfTestCase));
  g_auto (PtlOwn) own;
  const PtlOwnDevice *loopback;
  PtlAddress mapped;

  ptl_own_read (&own);
  plan_loopback (cases, &own);
  plan_unix (cases);
  loopback = find_loopback (&own);
  set_ipv6 (&mapped, "::ffff:127.0.0.1", 0);
  add_address (cases, &mapped, loopback != NULL ? loopback->name : "lo",
               loopback != NULL ? loopback->flags : IFF_LOOPBACK,
               ptl_own_find (&own, &mapped) == NULL, PTL_SELF_TEST_MAPPED);
  plan_broadcast (cases, &own);
  plan_groups (cases, &own);
  plan_own (cases, &own);
  return cases;
}

/* --- the threads ------------------------------------------------------------------------------ */

/* True: the wake is the caller's to make once the lock is given back. */
static bool
note_locked (PtlSelfTest *test)
{
  bool wanted = !test->woken;

  test->woken = true;
  return wanted;
}

static void *
work (void *data)
{
  PtlSelfTest *test = data;

  for (;;)
    {
      PtlSelfTestCase what;
      unsigned index;
      bool wake;

      pthread_mutex_lock (&test->lock);
      while (test->next < test->n_cases
             && test->cases[test->next].outcome != PTL_SELF_TEST_WAITING)
        test->next++;
      if (test->cancelled || test->next >= test->n_cases)
        {
          pthread_mutex_unlock (&test->lock);
          return NULL;
        }
      index = test->next++;
      test->cases[index].outcome = PTL_SELF_TEST_RUNNING;
      what = test->cases[index];
      pthread_mutex_unlock (&test->lock);

      ptl_self_test_run_case (&what, test->cancel_fd);

      pthread_mutex_lock (&test->lock);
      test->cases[index] = what;
      test->is_news[index] = true;
      wake = note_locked (test);
      pthread_mutex_unlock (&test->lock);
      if (wake)
        test->wake (test->data);
    }
}

static void
publish_plan (PtlSelfTest *test)
{
  GArray *plan = make_plan ();
  bool wake;

  pthread_mutex_lock (&test->lock);
  test->n_cases = plan->len;
  test->is_news = g_new (bool, plan->len);
  memset (test->is_news, true, plan->len * sizeof (bool));
  test->cases = (PtlSelfTestCase *) (void *) g_array_free (plan, FALSE);
  wake = note_locked (test);
  pthread_mutex_unlock (&test->lock);
  if (wake)
    test->wake (test->data);
}

/* What was not begun, or was in the middle of it, is told to be stopped. */
static void
finish (PtlSelfTest *test)
{
  bool wake;

  pthread_mutex_lock (&test->lock);
  for (unsigned i = 0; i < test->n_cases; i++)
    if (test->cases[i].outcome == PTL_SELF_TEST_WAITING)
      {
        test->cases[i].outcome = PTL_SELF_TEST_STOPPED;
        test->is_news[i] = true;
      }
  test->finished = true;
  wake = note_locked (test);
  pthread_mutex_unlock (&test->lock);
  if (wake)
    test->wake (test->data);
}

static void *
run (void *data)
{
  PtlSelfTest *test = data;
  pthread_t helpers[PTL_SELF_TEST_THREADS - 1];
  unsigned n_helpers = 0;

  publish_plan (test);
  /* One that cannot be made only makes it slower. */
  while (n_helpers < G_N_ELEMENTS (helpers)
         && pthread_create (&helpers[n_helpers], NULL, work, test) == 0)
    n_helpers++;
  work (test);
  for (unsigned i = 0; i < n_helpers; i++)
    pthread_join (helpers[i], NULL);
  finish (test);
  return NULL;
}

static void
destroy (PtlSelfTest *test)
{
  pthread_mutex_destroy (&test->lock);
  ptl_fd_clear (&test->cancel_fd);
  g_free (test->cases);
  g_free (test->is_news);
  g_free (test);
}

PtlSelfTest *
ptl_self_test_start (PtlSelfTestWake  wake,
                     void            *data)
{
  PtlSelfTest *test = g_new0 (PtlSelfTest, 1);
  sigset_t all, before;
  int failed;

  test->wake = wake;
  test->data = data;
  pthread_mutex_init (&test->lock, NULL);
  test->cancel_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  failed = test->cancel_fd < 0 ? errno : 0;
  if (failed == 0)
    {
      /* Signals are the main thread's. */
      sigfillset (&all);
      pthread_sigmask (SIG_SETMASK, &all, &before);
      failed = pthread_create (&test->thread, NULL, run, test);
      pthread_sigmask (SIG_SETMASK, &before, NULL);
    }
  if (failed != 0)
    {
      destroy (test);
      errno = failed;
      return NULL;
    }
  return test;
}

void
ptl_self_test_cancel (PtlSelfTest *test)
{
  uint64_t one = 1;

  pthread_mutex_lock (&test->lock);
  test->cancelled = true;
  pthread_mutex_unlock (&test->lock);
  /* It stays readable: nobody reads it. */
  if (write (test->cancel_fd, &one, sizeof one) < 0)
    g_assert (errno == EAGAIN);
}

void
ptl_self_test_free (PtlSelfTest *test)
{
  if (test == NULL)
    return;
  ptl_self_test_cancel (test);
  pthread_join (test->thread, NULL);
  destroy (test);
}

GArray *
ptl_self_test_take (PtlSelfTest *test,
                    unsigned     max,
                    unsigned    *n_cases,
                    bool        *finished)
{
  GArray *news = g_array_new (FALSE, FALSE, sizeof (PtlSelfTestNews));

  pthread_mutex_lock (&test->lock);
  for (unsigned i = 0; i < test->n_cases && news->len < max; i++)
    if (test->is_news[i])
      {
        PtlSelfTestNews one = { .index = i, .what = test->cases[i] };

        g_array_append_val (news, one);
        test->is_news[i] = false;
      }
  *n_cases = test->n_cases;
  *finished = test->finished && news->len < max;
  test->woken = news->len == max;
  pthread_mutex_unlock (&test->lock);
  return news;
}
