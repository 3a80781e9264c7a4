/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread that asks whois and finger servers, one after the other. */
#include "config.h"

#include "probe/ptl-whois.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "base/ptl-clock.h"
#include "base/ptl-error.h"
#include "base/ptl-fd.h"

#define CONNECT_MAX_NS (5 * PTL_NS_PER_S) /* for one address, while there are others */
#define CHUNK (16 * 1024)

struct _PtlWhois
{
  /* set before the thread starts */
  PtlWhoisServer  first;
  char           *query;
  bool            follow;
  int             family;
  uint64_t        timeout_ns;
  PtlResolver    *resolver;
  PtlWhoisFunc    func;
  void           *data;

  pthread_t       thread;
  int             wake_fd; /* readable once it is to stop */
  atomic_bool     stopping;
  atomic_uint_fast64_t n_received; /* bytes, of all servers; relaxed: nothing hangs on it */

  pthread_mutex_t lock; /* of what follows */
  pthread_cond_t  replied;
  PtlResolved    *resolved;
  bool            resolving;
};

void
ptl_whois_answer_free (PtlWhoisAnswer *answer)
{
  if (answer == NULL)
    return;
  g_free (answer->query);
  g_free (answer->bytes);
  g_free (answer);
}

static bool
is_stopping (PtlWhois *whois)
{
  return atomic_load_explicit (&whois->stopping, memory_order_acquire);
}

/* --- names ------------------------------------------------------------------------------------ */

/* A thread of the resolver. */
static void
on_resolved (PtlResolved *resolved,
             void        *data)
{
  PtlWhois *whois = data;

  pthread_mutex_lock (&whois->lock);
  whois->resolved = resolved;
  whois->resolving = false;
  pthread_cond_signal (&whois->replied);
  pthread_mutex_unlock (&whois->lock);
}

/* NULL when it is to stop, or the time is over. */
static PtlResolved *
resolve (PtlWhois             *whois,
         const PtlWhoisServer *server,
         uint64_t              due_ns)
{
  PtlResolveQuery query = { .host = server->host, .family = whois->family, .type = SOCK_STREAM };
  PtlResolved *resolved;
  struct timespec until = { (time_t) (due_ns / PTL_NS_PER_S), (long) (due_ns % PTL_NS_PER_S) };
  uint64_t id;
  int failed = 0;

  whois->resolving = true;
  id = whois->resolver->resolve (whois->resolver, &query, on_resolved, whois);
  pthread_mutex_lock (&whois->lock);
  while (whois->resolving && !is_stopping (whois) && failed == 0)
    failed = pthread_cond_timedwait (&whois->replied, &whois->lock, &until);
  if (whois->resolving)
    {
      pthread_mutex_unlock (&whois->lock);
      if (whois->resolver->cancel (whois->resolver, id))
        whois->resolving = false;
      pthread_mutex_lock (&whois->lock);
      /* One that cannot be cancelled is about to come. */
      while (whois->resolving)
        pthread_cond_wait (&whois->replied, &whois->lock);
    }
  resolved = whois->resolved;
  whois->resolved = NULL;
  pthread_mutex_unlock (&whois->lock);
  return resolved;
}

/* --- one server ------------------------------------------------------------------------------- */

/* Waits for @events of @fd.  0, or -ECANCELED, -ETIMEDOUT. */
static int
wait_for (PtlWhois *whois,
          int       fd,
          short     events,
          uint64_t  due_ns)
{
  for (;;)
    {
      struct pollfd fds[2] = { { fd, events, 0 }, { whois->wake_fd, POLLIN, 0 } };
      uint64_t now_ns = ptl_clock_monotonic_ns ();

      if (is_stopping (whois))
        return -ECANCELED;
      if (now_ns >= due_ns)
        return -ETIMEDOUT;
      if (poll (fds, 2, (int) MIN ((due_ns - now_ns) / PTL_NS_PER_MS + 1, 60000)) > 0
          && fds[0].revents != 0)
        return 0;
    }
}

/* A connected socket, or a negative errno. */
static int
connect_to (PtlWhois         *whois,
            const PtlAddress *address,
            uint64_t          due_ns)
{
  PTL_AUTO_FD fd = socket (ptl_address_get_family (address),
                           SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  socklen_t len = sizeof (int);
  int failed = 0;

  if (fd < 0)
    return -errno;
  if (connect (fd, &address->sa, address->len) == 0)
    return ptl_fd_steal (&fd);
  if (errno != EINPROGRESS)
    return -errno;
  failed = wait_for (whois, fd, POLLOUT, due_ns);
  if (failed < 0)
    return failed;
  if (getsockopt (fd, SOL_SOCKET, SO_ERROR, &failed, &len) < 0)
    failed = errno;
  return failed != 0 ? -failed : ptl_fd_steal (&fd);
}

static void
set_end (PtlWhoisAnswer *answer,
         PtlWhoisEnd     otherwise,
         int             failed)
{
  answer->end = failed == -ECANCELED   ? PTL_WHOIS_END_STOPPED
                : failed == -ETIMEDOUT ? PTL_WHOIS_END_TIMEOUT : otherwise;
  answer->sys_errno = answer->end == otherwise ? -failed : 0;
}

static int
send_query (PtlWhois   *whois,
            int         fd,
            const char *query,
            uint64_t    due_ns)
{
  size_t len = strlen (query), sent = 0;

  while (sent < len)
    {
      ssize_t n = send (fd, query + sent, len - sent, MSG_NOSIGNAL);

      if (n > 0)
        sent += (size_t) n;
      else if (errno != EAGAIN && errno != EINTR)
        return -errno;
      else
        {
          int failed = wait_for (whois, fd, POLLOUT, due_ns);

          if (failed < 0)
            return failed;
        }
    }
  return 0;
}

static void
receive (PtlWhois       *whois,
         int             fd,
         PtlWhoisAnswer *answer,
         uint64_t        due_ns)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree uint8_t *chunk = g_malloc (CHUNK);
  uint64_t quiet_ns = ptl_clock_monotonic_ns () + PTL_WHOIS_QUIET_MS * PTL_NS_PER_MS;

  answer->end = PTL_WHOIS_END_CLOSED;
  for (;;)
    {
      ssize_t n = recv (fd, chunk, CHUNK, 0);
      int failed;

      if (n == 0)
        break;
      if (n > 0)
        {
          size_t room = PTL_WHOIS_ANSWER_MAX - bytes->len;

          atomic_fetch_add_explicit (&whois->n_received, (size_t) n, memory_order_relaxed);
          g_byte_array_append (bytes, chunk, (guint) MIN ((size_t) n, room));
          if ((size_t) n > room)
            {
              answer->end = PTL_WHOIS_END_TOO_LONG;
              break;
            }
          quiet_ns = ptl_clock_monotonic_ns () + PTL_WHOIS_QUIET_MS * PTL_NS_PER_MS;
          /* A server that never pauses does not keep us from stopping. */
          if (!is_stopping (whois) && ptl_clock_monotonic_ns () < due_ns)
            continue;
        }
      else if (errno != EAGAIN && errno != EINTR)
        {
          set_end (answer, PTL_WHOIS_END_RECEIVE, -errno);
          break;
        }
      failed = wait_for (whois, fd, POLLIN, MIN (due_ns, quiet_ns));
      if (failed < 0)
        {
          set_end (answer, PTL_WHOIS_END_RECEIVE, failed);
          break;
        }
    }
  answer->len_bytes = bytes->len;
  if (bytes->len > 0)
    answer->bytes = g_byte_array_free (g_steal_pointer (&bytes), FALSE);
}

/* A server elsewhere does not send us to the services of this computer. */
static bool
is_allowed (const PtlAddress *before,
            const PtlAddress *address)
{
  /* To the unspecified address means to this computer (RFC 1122 section 3.2.1.3). */
  return before == NULL || ptl_address_is_loopback (before)
         || (!ptl_address_is_loopback (address) && !ptl_address_is_any (address));
}

static void
talk (PtlWhois          *whois,
      const PtlResolved *resolved,
      const PtlAddress  *before,
      PtlWhoisAnswer    *answer,
      uint64_t           due_ns)
{
  uint64_t started_ns = ptl_clock_monotonic_ns ();
  PTL_AUTO_FD fd = -1;
  int failed = -ENOENT;

  for (unsigned i = 0; i < resolved->n_addresses && fd < 0; i++)
    {
      PtlAddress address = resolved->addresses[i];
      uint64_t now_ns = ptl_clock_monotonic_ns ();

      ptl_address_set_port (&address, answer->server.port);
      answer->address = address;
      if (!is_allowed (before, &address))
        {
          answer->end = PTL_WHOIS_END_REFUSED;
          return;
        }
      failed = connect_to (whois, &address, i + 1 < resolved->n_addresses
                                              ? MIN (due_ns, now_ns + CONNECT_MAX_NS) : due_ns);
      if (failed == -ECANCELED)
        break;
      if (failed >= 0)
        fd = failed;
    }
  answer->connect_ns = ptl_clock_monotonic_ns () - started_ns;
  if (fd < 0)
    {
      set_end (answer, PTL_WHOIS_END_CONNECT, failed);
      return;
    }
  failed = send_query (whois, fd, answer->query, due_ns);
  if (failed < 0)
    set_end (answer, PTL_WHOIS_END_RECEIVE, failed);
  else
    receive (whois, fd, answer, due_ns);
}

static PtlWhoisAnswer *
ask (PtlWhois             *whois,
     const PtlWhoisServer *server,
     const PtlAddress     *before)
{
  PtlWhoisAnswer *answer = g_new0 (PtlWhoisAnswer, 1);
  uint64_t started_ns = ptl_clock_monotonic_ns ();
  PtlResolved *resolved;

  answer->server = *server;
  answer->query = g_strdup (whois->query);
  resolved = resolve (whois, server, started_ns + whois->timeout_ns);
  if (resolved == NULL)
    answer->end = is_stopping (whois) ? PTL_WHOIS_END_STOPPED : PTL_WHOIS_END_TIMEOUT;
  else if (resolved->n_addresses == 0)
    {
      answer->end = PTL_WHOIS_END_RESOLVE;
      answer->gai_code = resolved->gai_code;
      answer->sys_errno = resolved->sys_errno;
    }
  else
    talk (whois, resolved, before, answer, ptl_clock_monotonic_ns () + whois->timeout_ns);
  ptl_resolved_free (resolved);
  answer->total_ns = ptl_clock_monotonic_ns () - started_ns;
  return answer;
}

/* --- the thread ------------------------------------------------------------------------------- */

static bool
is_same (const PtlWhoisServer *a,
         const PtlWhoisServer *b)
{
  return a->port == b->port && g_ascii_strcasecmp (a->host, b->host) == 0;
}

static PtlWhoisNext
choose_next (PtlWhois             *whois,
             PtlWhoisAnswer       *answer,
             const PtlWhoisServer *asked,
             unsigned              n_asked)
{
  if (answer->bytes == NULL)
    return PTL_WHOIS_NEXT_NONE;
  if (!ptl_whois_find_referral (answer->bytes, answer->len_bytes, &answer->referral))
    return ptl_whois_find_foreign (answer->bytes, answer->len_bytes, answer->foreign)
           ? PTL_WHOIS_NEXT_FOREIGN : PTL_WHOIS_NEXT_NONE;
  if (!whois->follow || answer->end == PTL_WHOIS_END_STOPPED)
    return PTL_WHOIS_NEXT_NOT_FOLLOWED;
  for (unsigned i = 0; i < n_asked; i++)
    if (is_same (&asked[i], &answer->referral))
      /* Registrars name themselves: that is no loop but the end. */
      return i + 1 == n_asked ? PTL_WHOIS_NEXT_NONE : PTL_WHOIS_NEXT_LOOP;
  return n_asked == PTL_WHOIS_HOPS_MAX ? PTL_WHOIS_NEXT_TOO_MANY : PTL_WHOIS_NEXT_ASKED;
}

static void *
whois_main (void *data)
{
  PtlWhois *whois = data;
  PtlWhoisServer asked[PTL_WHOIS_HOPS_MAX];
  PtlAddress before = { 0 };
  unsigned n_asked = 0;
  bool last;

  asked[n_asked++] = whois->first;
  do
    {
      PtlWhoisAnswer *answer = ask (whois, &asked[n_asked - 1], n_asked > 1 ? &before : NULL);

      answer->next = choose_next (whois, answer, asked, n_asked);
      last = answer->next != PTL_WHOIS_NEXT_ASKED;
      before = answer->address;
      if (!last)
        asked[n_asked++] = answer->referral;
      whois->func (answer, last, whois->data);
    }
  while (!last);
  return NULL;
}

/* --- life ------------------------------------------------------------------------------------- */

static void
whois_destroy (PtlWhois *whois)
{
  ptl_fd_clear (&whois->wake_fd);
  pthread_mutex_destroy (&whois->lock);
  pthread_cond_destroy (&whois->replied);
  g_free (whois->query);
  g_free (whois);
}

PtlWhois *
ptl_whois_new (const PtlWhoisConfig *config,
               PtlResolver          *resolver,
               PtlWhoisFunc          func,
               void                 *data,
               GError              **error)
{
  PtlWhois *whois = g_new0 (PtlWhois, 1);
  pthread_condattr_t monotonic;
  sigset_t all, before;
  int failed;

  whois->first = config->server;
  whois->query = g_strdup (config->query);
  whois->follow = config->follow;
  whois->family = config->family;
  whois->timeout_ns = (config->timeout_ms != 0 ? config->timeout_ms : PTL_WHOIS_TIMEOUT_MS)
                      * PTL_NS_PER_MS;
  whois->resolver = resolver;
  whois->func = func;
  whois->data = data;
  pthread_mutex_init (&whois->lock, NULL);
  pthread_condattr_init (&monotonic);
  pthread_condattr_setclock (&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init (&whois->replied, &monotonic);
  pthread_condattr_destroy (&monotonic);
  whois->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  failed = whois->wake_fd < 0 ? errno : 0;
  if (failed == 0)
    {
      sigfillset (&all);
      pthread_sigmask (SIG_SETMASK, &all, &before);
      failed = pthread_create (&whois->thread, NULL, whois_main, whois);
      pthread_sigmask (SIG_SETMASK, &before, NULL);
    }
  if (failed == 0)
    return whois;
  ptl_error_set_errno (error, failed, "whois");
  whois_destroy (whois);
  return NULL;
}

void
ptl_whois_stop (PtlWhois *whois)
{
  uint64_t one = 1;

  atomic_store_explicit (&whois->stopping, true, memory_order_release);
  (void) !write (whois->wake_fd, &one, sizeof one);
  pthread_mutex_lock (&whois->lock);
  pthread_cond_signal (&whois->replied);
  pthread_mutex_unlock (&whois->lock);
}

uint64_t
ptl_whois_get_received (PtlWhois *whois)
{
  return atomic_load_explicit (&whois->n_received, memory_order_relaxed);
}

void
ptl_whois_free (PtlWhois *whois)
{
  if (whois == NULL)
    return;
  ptl_whois_stop (whois);
  pthread_join (whois->thread, NULL);
  whois_destroy (whois);
}
