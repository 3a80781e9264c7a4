/* SPDX-License-Identifier: GPL-3.0-or-later */
/* getaddrinfo(3) in a bounded pool of threads.
 *
 * What the threads touch is in a struct of its own that is counted: the pool has one reference,
 * each thread has one, so that a thread that libc does not give back can outlive the pool. */
#include "config.h"

#include "lookup/ptl-lookup-pool-private.h"

#include <errno.h>
#include <net/if.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include <glib.h>

#include "base/ptl-clock.h"

typedef struct _Job Job;

struct _Job
{
  Job           *next;
  uint64_t       id;
  char          *host;
  char          *service;
  int            family;
  int            type;
  bool           passive;
  bool           cancelled;
  int            refused_gai; /* of a refused one: what it is answered with */
  int            refused_errno;
  PtlResolveFunc reply;
  void          *data;
};

typedef struct
{
  Job  *first;
  Job **end; /* where the next one is linked */
} JobQueue;

typedef struct
{
  atomic_int          ref_count;
  PtlGetaddrinfoFunc  get;
  PtlFreeaddrinfoFunc free_result;

  pthread_mutex_t     lock; /* of all that follows */
  pthread_cond_t      work; /* monotonic clock; there is a job, or an end */
  pthread_cond_t      refusal;
  pthread_cond_t      left; /* a thread ended, or went into libc */
  bool                stopping;
  uint64_t            last_id;
  JobQueue            queue;
  unsigned            n_queued;
  JobQueue            refused;
  Job                *running; /* in libc; singly linked */
  unsigned            n_threads;
  unsigned            n_idle;
  unsigned            n_calling; /* in libc */
  unsigned            n_abandoned; /* of those: cancelled */
  bool                clerk_runs;
} Shared;

struct _PtlLookupPool
{
  PtlResolver resolver; /* first: what the caller has is this */
  Shared     *shared;
};

static void
job_free (Job *job)
{
  g_free (job->host);
  g_free (job->service);
  g_free (job);
}

static void
queue_push (JobQueue *queue,
            Job      *job)
{
  job->next = NULL;
  *queue->end = job;
  queue->end = &job->next;
}

static Job *
queue_pop (JobQueue *queue)
{
  Job *job = queue->first;

  if (job != NULL)
    {
      queue->first = job->next;
      if (queue->first == NULL)
        queue->end = &queue->first;
      job->next = NULL;
    }
  return job;
}

static Job *
queue_take (JobQueue *queue,
            uint64_t  id)
{
  for (Job **at = &queue->first; *at != NULL; at = &(*at)->next)
    {
      Job *job = *at;

      if (job->id != id)
        continue;
      *at = job->next;
      if (queue->end == &job->next)
        queue->end = at;
      return job;
    }
  return NULL;
}

static void
shared_unref (Shared *shared)
{
  if (atomic_fetch_sub_explicit (&shared->ref_count, 1, memory_order_acq_rel) != 1)
    return;
  pthread_mutex_destroy (&shared->lock);
  pthread_cond_destroy (&shared->work);
  pthread_cond_destroy (&shared->refusal);
  pthread_cond_destroy (&shared->left);
  g_free (shared);
}

static PtlResolved *
resolved_new (unsigned n_addresses)
{
  return g_malloc0 (sizeof (PtlResolved) + n_addresses * sizeof (PtlAddress));
}

static PtlResolved *
resolved_new_failed (int      gai_code,
                     int      sys_errno,
                     uint64_t elapsed_ns)
{
  PtlResolved *resolved = resolved_new (0);

  resolved->gai_code = gai_code;
  resolved->sys_errno = sys_errno;
  resolved->elapsed_ns = elapsed_ns;
  return resolved;
}

/* A zone is the name or the number of an interface (RFC 4007 section 11.2); 0 and errno when there
 * is none of that name. */
static uint32_t
find_zone (const char *zone)
{
  uint64_t number;

  if (g_ascii_string_to_unsigned (zone, 10, 1, UINT32_MAX, &number, NULL))
    return (uint32_t) number;
  errno = 0;
  return if_nametoindex (zone);
}

static bool
wants_zone (const PtlAddress *address)
{
  const struct in6_addr *in6 = &address->in6.sin6_addr;

  return ptl_address_get_family (address) == AF_INET6 && address->in6.sin6_scope_id == 0
         && (IN6_IS_ADDR_LINKLOCAL (in6) || IN6_IS_ADDR_MC_LINKLOCAL (in6)
             || IN6_IS_ADDR_MC_NODELOCAL (in6));
}

static PtlResolved *
make_resolved (const struct addrinfo *list,
               uint32_t               zone,
               uint64_t               elapsed_ns)
{
  g_autofree PtlAddress *found = g_new0 (PtlAddress, PTL_RESOLVED_MAX);
  unsigned n = 0;
  bool cut_off = false;
  PtlResolved *resolved;

  for (const struct addrinfo *at = list; at != NULL && !cut_off; at = at->ai_next)
    {
      PtlAddress address;
      bool known = false;

      if (at->ai_addr == NULL || !ptl_address_from_sockaddr (&address, at->ai_addr, at->ai_addrlen))
        continue;
      if (zone != 0 && wants_zone (&address))
        address.in6.sin6_scope_id = zone;
      /* A hosts file may say the same twice. */
      for (unsigned i = 0; i < n && !known; i++)
        known = ptl_address_equal (&found[i], &address);
      if (known)
        continue;
      if (n == PTL_RESOLVED_MAX)
        cut_off = true;
      else
        found[n++] = address;
    }

  resolved = resolved_new (n);
  resolved->elapsed_ns = elapsed_ns;
  resolved->n_addresses = n;
  resolved->cut_off = cut_off;
  if (n > 0)
    memcpy (resolved->addresses, found, n * sizeof (PtlAddress));
  else
    resolved->gai_code = EAI_NONAME;
  if (list != NULL && list->ai_canonname != NULL)
    resolved->canonical = g_strdup (list->ai_canonname);
  return resolved;
}

/* The call itself; no lock is held. */
static PtlResolved *
look_up (Shared    *shared,
         const Job *job)
{
  struct addrinfo hints = { .ai_family = job->family, .ai_socktype = job->type };
  struct addrinfo *list = NULL;
  g_autofree char *bare = NULL;
  const char *host = job->host;
  uint64_t started_ns = ptl_clock_monotonic_ns ();
  uint32_t zone = 0;
  PtlResolved *resolved;
  int gai_code, sys_errno;

  if (host != NULL)
    {
      const char *percent = strchr (host, '%');

      /* glibc reads a zone only behind a numeric address and takes a name there only for a
       * link-local one; here it may stand behind a name too. */
      if (percent != NULL)
        {
          zone = find_zone (percent + 1);
          sys_errno = errno;
          if (zone == 0)
            return resolved_new_failed (EAI_SYSTEM, sys_errno != 0 ? sys_errno : ENODEV, 0);
          host = bare = g_strndup (host, (size_t) (percent - host));
        }
      hints.ai_flags |= AI_CANONNAME; /* without a host it is EAI_BADFLAGS */
      if (!g_str_is_ascii (host))
        hints.ai_flags |= AI_IDN;
    }
  if (job->passive)
    hints.ai_flags |= AI_PASSIVE;

  errno = 0;
  gai_code = shared->get (host, job->service, &hints, &list);
  sys_errno = errno;
  if (gai_code == EAI_IDN_ENCODE && host != NULL)
    {
      /* libidn2 is not installed, or the locale is not a UTF-8 one. */
      g_autofree char *ascii = g_hostname_to_ascii (host);

      if (ascii != NULL)
        {
          hints.ai_flags &= ~AI_IDN;
          errno = 0;
          gai_code = shared->get (ascii, job->service, &hints, &list);
          sys_errno = errno;
        }
    }
  if (gai_code != 0)
    return resolved_new_failed (gai_code, gai_code == EAI_SYSTEM ? sys_errno : 0,
                                ptl_clock_monotonic_ns () - started_ns);

  resolved = make_resolved (list, zone, ptl_clock_monotonic_ns () - started_ns);
  if (list != NULL)
    shared->free_result (list);
  return resolved;
}

static void
leave_running_locked (Shared *shared,
                      Job    *job)
{
  for (Job **at = &shared->running; *at != NULL; at = &(*at)->next)
    if (*at == job)
      {
        *at = job->next;
        job->next = NULL;
        return;
      }
  g_assert_not_reached ();
}

/* Waits for a job; NULL when the thread is to end. */
static Job *
next_job_locked (Shared *shared)
{
  struct timespec until;

  clock_gettime (CLOCK_MONOTONIC, &until);
  until.tv_sec += PTL_LOOKUP_IDLE_S;
  while (!shared->stopping)
    {
      Job *job = queue_pop (&shared->queue);
      int failed;

      if (job != NULL)
        {
          shared->n_queued--;
          return job;
        }
      shared->n_idle++;
      failed = pthread_cond_timedwait (&shared->work, &shared->lock, &until);
      shared->n_idle--;
      if (failed != 0 && shared->queue.first == NULL)
        return NULL;
    }
  return NULL;
}

static bool
is_superfluous_locked (Shared *shared)
{
  unsigned excused = MIN (shared->n_abandoned, PTL_LOOKUP_ABANDONED_MAX);

  return shared->n_threads - excused > PTL_LOOKUP_THREADS_MAX;
}

static void *
worker_main (void *data)
{
  Shared *shared = data;
  Job *job;

  pthread_mutex_lock (&shared->lock);
  while (!is_superfluous_locked (shared) && (job = next_job_locked (shared)) != NULL)
    {
      PtlResolved *resolved;
      bool wanted;

      job->next = shared->running;
      shared->running = job;
      shared->n_calling++;
      pthread_mutex_unlock (&shared->lock);

      resolved = look_up (shared, job);

      pthread_mutex_lock (&shared->lock);
      leave_running_locked (shared, job);
      shared->n_calling--;
      if (job->cancelled)
        shared->n_abandoned--;
      wanted = !job->cancelled && !shared->stopping;
      if (wanted)
        {
          /* It is not among the running ones any more: a cancel comes too late now. */
          pthread_mutex_unlock (&shared->lock);
          job->reply (g_steal_pointer (&resolved), job->data);
          pthread_mutex_lock (&shared->lock);
        }
      else
        {
          pthread_mutex_unlock (&shared->lock);
          ptl_resolved_free (resolved);
          pthread_mutex_lock (&shared->lock);
        }
      job_free (job);
    }
  shared->n_threads--;
  pthread_cond_signal (&shared->left);
  pthread_mutex_unlock (&shared->lock);
  shared_unref (shared);
  return NULL;
}

/* Answers what the pool cannot take, as no other thread may be free to do it. */
static void *
clerk_main (void *data)
{
  Shared *shared = data;

  pthread_mutex_lock (&shared->lock);
  while (!shared->stopping)
    {
      Job *job = queue_pop (&shared->refused);

      if (job == NULL)
        {
          pthread_cond_wait (&shared->refusal, &shared->lock);
          continue;
        }
      pthread_mutex_unlock (&shared->lock);
      job->reply (resolved_new_failed (job->refused_gai, job->refused_errno, 0), job->data);
      job_free (job);
      pthread_mutex_lock (&shared->lock);
    }
  shared->clerk_runs = false;
  pthread_cond_signal (&shared->left);
  pthread_mutex_unlock (&shared->lock);
  shared_unref (shared);
  return NULL;
}

/* A detached thread with one reference to @shared and no signals: they are the main thread's. */
static int
start_thread (Shared *shared,
              void *(*run) (void *))
{
  pthread_attr_t attributes;
  pthread_t thread;
  sigset_t all, before;
  int failed;

  pthread_attr_init (&attributes);
  pthread_attr_setdetachstate (&attributes, PTHREAD_CREATE_DETACHED);
  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  atomic_fetch_add_explicit (&shared->ref_count, 1, memory_order_relaxed);
  failed = pthread_create (&thread, &attributes, run, shared);
  if (failed != 0)
    atomic_fetch_sub_explicit (&shared->ref_count, 1, memory_order_relaxed);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  pthread_attr_destroy (&attributes);
  return failed;
}

/* Somebody who does what is queued: an idle thread, or a new one.  0, or an errno when there is
 * nobody and no thread can be made. */
static int
find_worker_locked (Shared *shared)
{
  unsigned excused = MIN (shared->n_abandoned, PTL_LOOKUP_ABANDONED_MAX);
  int failed;

  if (shared->n_idle >= shared->n_queued)
    {
      pthread_cond_signal (&shared->work);
      return 0;
    }
  if (shared->n_threads - excused >= PTL_LOOKUP_THREADS_MAX)
    return 0;
  shared->n_threads++;
  failed = start_thread (shared, worker_main);
  if (failed != 0)
    shared->n_threads--;
  return failed != 0 && shared->n_threads == shared->n_abandoned ? failed : 0;
}

static void
refuse_locked (Shared *shared,
               Job    *job,
               int     gai_code,
               int     sys_errno)
{
  job->refused_gai = gai_code;
  job->refused_errno = sys_errno;
  queue_push (&shared->refused, job);
  pthread_cond_signal (&shared->refusal);
}

static uint64_t
lookup_pool_resolve (PtlResolver           *resolver,
                     const PtlResolveQuery *query,
                     PtlResolveFunc         reply,
                     void                  *data)
{
  Shared *shared = ((PtlLookupPool *) resolver)->shared;
  Job *job = g_new0 (Job, 1);
  uint64_t id;

  job->host = g_strdup (query->host);
  job->service = g_strdup (query->service);
  job->family = query->family;
  job->type = query->type;
  job->passive = query->passive;
  job->reply = reply;
  job->data = data;

  pthread_mutex_lock (&shared->lock);
  id = job->id = ++shared->last_id;
  if (shared->n_queued >= PTL_LOOKUP_QUEUE_MAX)
    refuse_locked (shared, job, EAI_AGAIN, 0);
  else
    {
      int failed;

      queue_push (&shared->queue, job);
      shared->n_queued++;
      failed = find_worker_locked (shared);
      if (failed != 0)
        {
          queue_take (&shared->queue, id);
          shared->n_queued--;
          refuse_locked (shared, job, EAI_SYSTEM, failed);
        }
    }
  pthread_mutex_unlock (&shared->lock);
  return id;
}

static bool
lookup_pool_cancel (PtlResolver *resolver,
                    uint64_t     id)
{
  Shared *shared = ((PtlLookupPool *) resolver)->shared;
  bool cancelled = false;
  Job *job;

  pthread_mutex_lock (&shared->lock);
  job = queue_take (&shared->queue, id);
  if (job != NULL)
    shared->n_queued--;
  else
    job = queue_take (&shared->refused, id);
  if (job != NULL)
    cancelled = true;
  else
    {
      for (Job *at = shared->running; at != NULL; at = at->next)
        if (at->id == id && !at->cancelled)
          {
            at->cancelled = true;
            shared->n_abandoned++;
            cancelled = true;
            /* It was in the way of others. */
            if (shared->n_queued > 0)
              find_worker_locked (shared);
            break;
          }
    }
  pthread_mutex_unlock (&shared->lock);
  if (job != NULL)
    job_free (job);
  return cancelled;
}

PtlLookupPool *
ptl_lookup_pool_new (void)
{
  PtlLookupPool *pool = g_new0 (PtlLookupPool, 1);
  Shared *shared = g_new0 (Shared, 1);
  pthread_condattr_t monotonic;

  pool->resolver.resolve = lookup_pool_resolve;
  pool->resolver.cancel = lookup_pool_cancel;
  pool->shared = shared;
  atomic_init (&shared->ref_count, 1);
  shared->get = getaddrinfo;
  shared->free_result = freeaddrinfo;
  pthread_mutex_init (&shared->lock, NULL);
  pthread_condattr_init (&monotonic);
  pthread_condattr_setclock (&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init (&shared->work, &monotonic);
  pthread_cond_init (&shared->refusal, &monotonic);
  pthread_cond_init (&shared->left, &monotonic);
  pthread_condattr_destroy (&monotonic);
  shared->queue.end = &shared->queue.first;
  shared->refused.end = &shared->refused.first;

  shared->clerk_runs = true;
  if (start_thread (shared, clerk_main) != 0)
    {
      shared->clerk_runs = false;
      ptl_lookup_pool_free (pool);
      return NULL;
    }
  return pool;
}

void
ptl_lookup_pool_free (PtlLookupPool *pool)
{
  Shared *shared;
  Job *waiting, *job;

  if (pool == NULL)
    return;
  shared = pool->shared;
  pthread_mutex_lock (&shared->lock);
  shared->stopping = true;
  pthread_cond_broadcast (&shared->work);
  pthread_cond_broadcast (&shared->refusal);
  /* Those in libc see the end when they come back; the others are here for a moment only. */
  while (shared->clerk_runs || shared->n_threads > shared->n_calling)
    pthread_cond_wait (&shared->left, &shared->lock);
  waiting = shared->queue.first;
  *shared->queue.end = shared->refused.first;
  shared->queue.first = NULL;
  shared->queue.end = &shared->queue.first;
  pthread_mutex_unlock (&shared->lock);

  while ((job = waiting) != NULL)
    {
      waiting = job->next;
      job_free (job);
    }
  shared_unref (shared);
  g_free (pool);
}

PtlResolver *
ptl_lookup_pool_get_resolver (PtlLookupPool *pool)
{
  return &pool->resolver;
}

void
ptl_lookup_pool_set_functions (PtlLookupPool       *pool,
                               PtlGetaddrinfoFunc   get,
                               PtlFreeaddrinfoFunc  free_result)
{
  pool->shared->get = get;
  pool->shared->free_result = free_result;
}

unsigned
ptl_lookup_pool_get_n_threads (PtlLookupPool *pool,
                               unsigned      *n_abandoned)
{
  unsigned n;

  pthread_mutex_lock (&pool->shared->lock);
  n = pool->shared->n_threads;
  if (n_abandoned != NULL)
    *n_abandoned = pool->shared->n_abandoned;
  pthread_mutex_unlock (&pool->shared->lock);
  return n;
}
