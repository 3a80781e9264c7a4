/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One worker: a thread with an epoll loop, a mailbox, timers, and the news it publishes. */
#include "config.h"

#include "engine/ptl-engine-private.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/ptl-error.h"
#include "base/ptl-fd.h"

#define SELF(member, pointer, type) ((type *) ((char *) (pointer) -offsetof (type, member)))

int
ptl_watch_set (PtlWorker *worker,
               PtlWatch  *watch,
               uint32_t   events)
{
  struct epoll_event event = { .events = events, .data.ptr = watch };
  int op;

  if (events == watch->events || watch->dead)
    return 0;
  op = events == 0 ? EPOLL_CTL_DEL : watch->events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (epoll_ctl (worker->epoll_fd, op, watch->fd, &event) < 0)
    return -errno;
  watch->events = events;
  return 0;
}

void
ptl_watch_bury (PtlWorker *worker,
                PtlWatch  *watch)
{
  if (watch->dead)
    return;
  /* A closed descriptor left the epoll set by itself (epoll(7)): no other one refers to it. */
  watch->dead = true;
  watch->events = 0;
  watch->next_dead = worker->dead;
  worker->dead = watch;
}

void
ptl_worker_touch (PtlWorker *worker,
                  PtlFlow   *flow)
{
  if (flow->is_touched)
    return;
  flow->is_touched = true;
  flow->next_touched = worker->touched;
  worker->touched = flow;
}

/* --- mail --- */

void
ptl_mail_free (PtlMail *mail)
{
  if (mail->flow != NULL)
    ptl_flow_free (mail->flow);
  if (mail->job != NULL)
    ptl_job_unref (NULL, mail->job);
  if (mail->query != NULL)
    ptl_query_free (mail->query);
  g_clear_pointer (&mail->blob, ptl_blob_unref);
  ptl_endpoint_clear (&mail->endpoint);
  ptl_resolved_free (mail->resolved);
  g_free (mail);
}

bool
ptl_worker_post (PtlWorker *worker,
                 PtlMail   *mail)
{
  bool must = mail->kind == PTL_MAIL_OPEN || mail->kind == PTL_MAIL_STOP ||
              mail->kind == PTL_MAIL_RESOLVED || mail->kind == PTL_MAIL_QUIT;
  bool was_empty;

  pthread_mutex_lock (&worker->mail_lock);
  if (!must && worker->n_mail >= MAIL_MAX)
    {
      pthread_mutex_unlock (&worker->mail_lock);
      ptl_mail_free (mail);
      return false;
    }
  was_empty = worker->mail_head == NULL;
  mail->next = NULL;
  *worker->mail_tail = mail;
  worker->mail_tail = &mail->next;
  worker->n_mail++;
  pthread_mutex_unlock (&worker->mail_lock);

  if (was_empty)
    {
      uint64_t one = 1;
      ssize_t n = write (worker->mail_watch.fd, &one, sizeof one);

      (void) n; /* only fails when the counter is full: then it is readable anyway */
    }
  return true;
}

/* True: the mail was taken. */
static bool
keep_for_later (PtlFlow *flow,
                PtlMail *mail)
{
  if (flow->status.state >= PTL_SESSION_CONNECTED ||
      (mail->kind != PTL_MAIL_SEND && mail->kind != PTL_MAIL_SEND_TO &&
       mail->kind != PTL_MAIL_END_INPUT))
    return false;
  /* The end of input says nothing new twice; sends are bounded by PTL_SENDS_MAX. */
  if (mail->kind == PTL_MAIL_END_INPUT && flow->early_head != NULL &&
      SELF (next, flow->early_tail, PtlMail)->kind == PTL_MAIL_END_INPUT)
    {
      ptl_mail_free (mail);
      return true;
    }
  mail->next = NULL;
  *flow->early_tail = mail;
  flow->early_tail = &mail->next;
  return true;
}

void
ptl_flow_deliver_early (PtlFlow *flow)
{
  PtlMail *mail = g_steal_pointer (&flow->early_head);

  flow->early_tail = &flow->early_head;
  while (mail != NULL)
    {
      PtlMail *next = mail->next;

      ptl_worker_deliver (flow->worker, mail);
      mail = next;
    }
}

static void
deliver (PtlWorker *worker,
         PtlMail   *mail)
{
  PtlFlow *flow = g_hash_table_lookup (worker->flows, &mail->session);
  PtlConn *conn = NULL;

  if (mail->kind == PTL_MAIL_QUIT)
    {
      worker->stopping = true;
      return;
    }
  if (mail->kind == PTL_MAIL_OPEN)
    {
      flow = g_steal_pointer (&mail->flow);
      g_hash_table_insert (worker->flows, &flow->status.id, flow);
      ptl_flow_open (flow);
      return;
    }
  if (flow == NULL || flow->over)
    {
      if (mail->job != NULL)
        {
          ptl_job_fail (mail->job, ENOTCONN);
          ptl_job_unref (worker, g_steal_pointer (&mail->job));
        }
      if (mail->query != NULL && mail->query->job != NULL)
        {
          ptl_job_fail (mail->query->job, ECANCELED);
          ptl_job_unref (worker, g_steal_pointer (&mail->query->job));
        }
      return;
    }
  if (mail->peer != PTL_PEER_NONE)
    conn = g_hash_table_lookup (flow->conns, GUINT_TO_POINTER (mail->peer));

  switch (mail->kind)
    {
    case PTL_MAIL_SEND:
      ptl_flow_send (flow, mail->peer, g_steal_pointer (&mail->job));
      break;
    case PTL_MAIL_SEND_TO:
      ptl_flow_send_to (flow, &mail->endpoint, g_steal_pointer (&mail->job));
      break;
    case PTL_MAIL_CANCEL_SEND:
      ptl_flow_cancel_send (flow, mail->tag);
      break;
    case PTL_MAIL_END_INPUT:
    case PTL_MAIL_CLOSE_PEER:
      if (mail->peer != PTL_PEER_NONE)
        {
          if (conn != NULL && mail->kind == PTL_MAIL_END_INPUT)
            ptl_conn_end_input (conn);
          else if (conn != NULL)
            ptl_conn_close (conn, mail->value, 0);
          break;
        }
      for (PtlConn *next, *c = flow->conn_first; c != NULL && !flow->over; c = next)
        {
          next = c->next;
          if (mail->kind == PTL_MAIL_END_INPUT)
            ptl_conn_end_input (c);
          else
            ptl_conn_close (c, mail->value, 0);
        }
      break;
    case PTL_MAIL_STOP:
      ptl_flow_stop (flow);
      break;
    case PTL_MAIL_RECEIVING:
      if (flow->status.receiving_paused == !mail->value)
        break;
      flow->status.receiving_paused = !mail->value;
      ptl_flow_tell (flow, mail->value ? PTL_EVENT_RECEIVING_RESUMED : PTL_EVENT_RECEIVING_PAUSED,
                     PTL_PEER_NONE, NULL, 0, 0, 0);
      ptl_flow_update_interest (flow);
      break;
    case PTL_MAIL_WHEN_FULL:
      flow->spec->when_full = mail->value;
      ptl_flow_update_interest (flow);
      break;
    case PTL_MAIL_REACTION:
      g_clear_pointer (&flow->spec->reaction_text, ptl_blob_unref);
      flow->spec->reaction = mail->value;
      flow->spec->reaction_text = g_steal_pointer (&mail->blob);
      /* What waits for the old reaction's answers to be taken waits no longer. */
      flow->reading_held = false;
      ptl_flow_update_interest (flow);
      break;
    case PTL_MAIL_MEMBERSHIP:
      ptl_flow_set_membership (flow, &mail->group, mail->value);
      break;
    case PTL_MAIL_RESOLVED:
      ptl_flow_resolved (flow, mail->query, mail->resolved);
      break;
    case PTL_MAIL_OPEN:
    case PTL_MAIL_QUIT:
    default:
      g_assert_not_reached ();
    }
}

void
ptl_worker_deliver (PtlWorker *worker,
                    PtlMail   *mail)
{
  PtlFlow *flow = g_hash_table_lookup (worker->flows, &mail->session);

  if (flow != NULL && !flow->over && keep_for_later (flow, mail))
    return;
  deliver (worker, mail);
  ptl_mail_free (mail);
}

static void
on_mail (PtlWatch *watch,
         uint32_t  events)
{
  PtlWorker *worker = SELF (mail_watch, watch, PtlWorker);
  PtlMail *mail;
  uint64_t count;
  ssize_t n = read (watch->fd, &count, sizeof count);

  (void) n;
  pthread_mutex_lock (&worker->mail_lock);
  mail = g_steal_pointer (&worker->mail_head);
  worker->mail_tail = &worker->mail_head;
  worker->n_mail = 0;
  pthread_mutex_unlock (&worker->mail_lock);

  while (mail != NULL)
    {
      PtlMail *next = mail->next;

      ptl_worker_deliver (worker, mail);
      mail = next;
    }
}

/* --- a round --- */

static void
on_publish_timer (PtlTimer *timer,
                  uint64_t  now_ns)
{
  SELF (publish_timer, timer, PtlWorker)->publish_due = true;
}

/* Ends a round: frames are committed, news published or their time set, the dead buried. */
static void
settle (PtlWorker *worker)
{
  bool news = false, due = worker->publish_due;
  uint64_t publish_ns;
  unsigned n_over = 0;

  /* What was handed over to sessions that have ended is told with their end, not after it. */
  while (worker->over->len > n_over)
    {
      n_over = worker->over->len;
      on_mail (&worker->mail_watch, EPOLLIN);
    }
  worker->publish_due = false;
  while (worker->touched != NULL)
    {
      PtlFlow *flow = worker->touched;

      worker->touched = flow->next_touched;
      flow->is_touched = false;
      if (!flow->over)
        {
          ptl_flow_commit (flow);
          flow->status_dirty = true;
        }
      news = true;
    }
  publish_ns = ptl_worker_get_publish_ns (worker, news);
  if (due || publish_ns != UINT64_MAX)
    {
      if (due || ptl_clock_monotonic_ns () >= publish_ns)
        {
          ptl_timers_unset (&worker->timers, &worker->publish_timer);
          ptl_worker_publish (worker);
          publish_ns = ptl_worker_get_publish_ns (worker, false);
        }
      if (publish_ns != UINT64_MAX &&
          (worker->publish_timer.place == 0 || publish_ns < worker->publish_timer.deadline_ns))
        ptl_timers_set (&worker->timers, &worker->publish_timer, publish_ns);
    }
  while (worker->dead != NULL)
    {
      PtlWatch *watch = worker->dead;

      worker->dead = watch->next_dead;
      watch->destroy (watch);
    }
  while (worker->over->len > 0)
    {
      PtlFlow *flow = g_ptr_array_steal_index_fast (worker->over, worker->over->len - 1);

      g_hash_table_remove (worker->flows, &flow->status.id);
      ptl_flow_free (flow);
    }
}

/* --- other things a worker has for its sessions --- */

void
ptl_worker_read_own_addresses (PtlWorker *worker)
{
  struct ifaddrs *all;

  if (worker->own_addresses == NULL)
    worker->own_addresses = g_array_new (FALSE, FALSE, sizeof (PtlAddress));
  /* Out of descriptors, as a rule: those of a while ago are better than none. */
  if (getifaddrs (&all) < 0)
    return;
  g_array_set_size (worker->own_addresses, 0);
  for (struct ifaddrs *i = all; i != NULL; i = i->ifa_next)
    {
      PtlAddress own;

      if (i->ifa_addr == NULL)
        continue;
      if (i->ifa_addr->sa_family == AF_INET
            ? ptl_address_from_sockaddr (&own, i->ifa_addr, sizeof (struct sockaddr_in))
            : i->ifa_addr->sa_family == AF_INET6 &&
                ptl_address_from_sockaddr (&own, i->ifa_addr, sizeof (struct sockaddr_in6)))
        g_array_append_val (worker->own_addresses, own);
    }
  freeifaddrs (all);
  worker->own_addresses_ns = worker->now_ns;
}

bool
ptl_worker_is_own_address (PtlWorker        *worker,
                           const PtlAddress *address)
{
  PtlAddress unmapped = *address;

  ptl_address_unmap (&unmapped);
  if (ptl_address_is_loopback (&unmapped))
    return true;
  if (worker->own_addresses == NULL || worker->now_ns - worker->own_addresses_ns > PTL_NS_PER_S)
    ptl_worker_read_own_addresses (worker);
  for (unsigned i = 0; i < worker->own_addresses->len; i++)
    if (ptl_address_equal_host (&unmapped, &g_array_index (worker->own_addresses, PtlAddress, i)))
      return true;
  return false;
}

void
ptl_worker_retry_accept (PtlWorker *worker)
{
  if (worker->n_accept_paused > 0)
    ptl_timers_set (&worker->timers, &worker->accept_timer, worker->now_ns);
}

static void
on_accept_timer (PtlTimer *timer,
                 uint64_t  now_ns)
{
  PtlWorker *worker = SELF (accept_timer, timer, PtlWorker);
  GHashTableIter iter;
  void *value;

  g_hash_table_iter_init (&iter, worker->flows);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    for (PtlListener *l = ((PtlFlow *) value)->listeners; l != NULL; l = l->next)
      if (l->paused)
        ptl_listener_retry (l);
}

/* --- the loop --- */

static void
end_all (PtlWorker *worker)
{
  g_autoptr (GPtrArray) flows = g_ptr_array_new ();
  GHashTableIter iter;
  void *value;

  g_hash_table_iter_init (&iter, worker->flows);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (flows, value);
  for (unsigned i = 0; i < flows->len; i++)
    ptl_flow_stop (flows->pdata[i]);
  settle (worker);
  ptl_worker_publish (worker);
}

static void *
run (void *data)
{
  PtlWorker *worker = data;
  struct epoll_event events[EVENTS_ROUND];

  while (!worker->stopping)
    {
      uint64_t next = ptl_timers_get_next (&worker->timers);
      int timeout = -1;
      int n;

      if (next != UINT64_MAX)
        {
          uint64_t now = ptl_clock_monotonic_ns ();

          timeout = next <= now ? 0 : (int) MIN ((next - now + PTL_NS_PER_MS - 1) / PTL_NS_PER_MS,
                                                 60000);
        }
      n = epoll_wait (worker->epoll_fd, events, EVENTS_ROUND, timeout);
      worker->now_ns = ptl_clock_monotonic_ns ();
      for (int i = 0; i < n; i++)
        {
          PtlWatch *watch = events[i].data.ptr;

          /* Commands do not queue up behind all that is ready. */
          if (watch != &worker->mail_watch &&
              atomic_load_explicit (&worker->n_mail, memory_order_relaxed) > 0)
            on_mail (&worker->mail_watch, EPOLLIN);

          /* It may have been closed, or have stopped wanting this, since the events were fetched.
           * */
          if (!watch->dead && watch->events != 0)
            watch->ready (watch, events[i].events);
        }
      ptl_timers_run (&worker->timers, worker->now_ns);
      settle (worker);
    }
  end_all (worker);
  return NULL;
}

bool
ptl_worker_start (PtlWorker *worker,
                  PtlEngine *engine,
                  GError   **error)
{
  int status;

  worker->engine = engine;
  worker->pipe[0] = worker->pipe[1] = -1;
  worker->mail_watch.fd = -1;
  pthread_mutex_init (&worker->mail_lock, NULL);
  worker->mail_tail = &worker->mail_head;
  worker->flows = g_hash_table_new (g_int64_hash, g_int64_equal);
  worker->over = g_ptr_array_new ();
  worker->dirty_conns = g_ptr_array_new ();
  worker->dirty_jobs = g_ptr_array_new ();
  worker->peer_notes = g_array_new (FALSE, FALSE, sizeof (PtlPeerNote));
  worker->status_notes = g_array_new (FALSE, FALSE, sizeof (PtlStatusNote));
  worker->scratch = g_malloc (RECEIVE_BYTES);
  worker->publish_timer.func = on_publish_timer;
  worker->accept_timer.func = on_accept_timer;
  worker->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (worker->epoll_fd >= 0)
    worker->mail_watch.fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  worker->mail_watch.ready = on_mail;
  if (worker->epoll_fd < 0 || worker->mail_watch.fd < 0 ||
      ptl_watch_set (worker, &worker->mail_watch, EPOLLIN) < 0)
    {
      ptl_error_set_errno (error, errno, "epoll");
      return false;
    }
  status = pthread_create (&worker->thread, NULL, run, worker);
  if (status != 0)
    {
      ptl_error_set_errno (error, status, "pthread_create");
      return false;
    }
  worker->started = true;
  return true;
}

void
ptl_worker_join (PtlWorker *worker)
{
  if (worker->started)
    pthread_join (worker->thread, NULL);
  worker->started = false;
}

void
ptl_worker_clear (PtlWorker *worker)
{
  if (worker->flows == NULL)
    return; /* never started */
  while (worker->mail_head != NULL)
    {
      PtlMail *mail = worker->mail_head;

      worker->mail_head = mail->next;
      ptl_mail_free (mail);
    }
  pthread_mutex_destroy (&worker->mail_lock);
  ptl_timers_clear (&worker->timers);
  g_hash_table_unref (worker->flows);
  g_ptr_array_unref (worker->over);
  g_ptr_array_unref (worker->dirty_conns);
  g_ptr_array_unref (worker->dirty_jobs);
  g_array_unref (worker->peer_notes);
  g_array_unref (worker->status_notes);
  g_clear_pointer (&worker->own_addresses, g_array_unref);
  g_clear_pointer (&worker->batch, ptl_batch_free);
  g_free (worker->scratch);
  ptl_fd_clear (&worker->pipe[0]);
  ptl_fd_clear (&worker->pipe[1]);
  ptl_fd_clear (&worker->mail_watch.fd);
  ptl_fd_clear (&worker->epoll_fd);
}
