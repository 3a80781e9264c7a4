/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread that watches the interfaces, addresses and routes: when it reads what. */
#include "config.h"

#include "host/ptl-netlink-monitor-private.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "base/ptl-clock.h"
#include "base/ptl-error.h"
#include "base/ptl-fd.h"
#include "host/ptl-netlink-state-private.h"

#define RETRY_MS 1000       /* after an error */
#define INTERRUPTED_MS 20   /* after a dump not of one moment; doubled up to RETRY_MS / 4 */
#define ROUTES_MS 40        /* between two readings of the routes, at least */
#define ROUTES_SHARE 4      /* and that many times as long as one takes */
#define ROUNDS_MAX 256      /* recv(2)s before it looks at its other work */
#define DISCARD_MAX 65536

struct _PtlNetMonitor
{
  PtlNetChangedFunc changed;
  void             *data;
  pthread_t         thread;
  int               stop_fd;    /* eventfd */
  int               wake_fd;    /* eventfd: wants changed */
  atomic_uint       wants;

  pthread_mutex_t   lock;
  PtlNetSnapshot   *published;  /* under the lock */
  bool              told;       /* under the lock: @changed was called, nobody has looked yet */

  /* The thread's own. */
  PtlNetlink        notify;
  PtlNetlink        ask;
  PtlNetState      *state;
  PtlCounterSet    *counters;
  PtlRoutes        *routes;
  unsigned          has_wants;  /* for which the groups were joined */
  bool              dirty;      /* counters, routes or @error changed */
  bool              full_due;
  bool              published_once;
  bool              no_stats;   /* this kernel has no RTM_GETSTATS */
  bool              routes_due;
  int               error;
  unsigned          n_overruns;
  unsigned          interrupted_ms;
  uint64_t          full_ns;     /* when @full_due */
  uint64_t          routes_ns;   /* when @routes_due */
  uint64_t          counters_ns; /* when they are wanted */
  uint64_t          publish_ns;  /* not before */
};

static void
join (PtlNetMonitor *self,
      int            group,
      bool           in)
{
  setsockopt (self->notify.fd, SOL_NETLINK,
              in ? NETLINK_ADD_MEMBERSHIP : NETLINK_DROP_MEMBERSHIP, &group, sizeof group);
}

static uint64_t
after_ms (uint64_t now_ns,
          unsigned ms)
{
  return now_ns + ms * PTL_NS_PER_MS;
}

/* ---- reading everything ---- */

static void
on_dumped (const struct nlmsghdr *message,
           void                  *data)
{
  ptl_net_state_apply (data, message);
}

static void
want_routes_again (PtlNetMonitor *self)
{
  if ((self->has_wants & PTL_NET_WANT_ROUTES) != 0)
    self->routes_due = true;
}

/* What is queued tells of things whose end may be among what was dropped. */
static bool
discard_notifications (PtlNetMonitor *self)
{
  for (unsigned i = 0; i < DISCARD_MAX; i++)
    if (ptl_netlink_receive (self->notify.fd, self->notify.buffer) == -EAGAIN)
      return true;
  return false;
}

static void
read_everything (PtlNetMonitor *self)
{
  struct ifinfomsg link_head = { .ifi_family = AF_UNSPEC };
  struct
  {
    struct ifinfomsg head;
    struct rtattr    attribute;
    uint32_t         mask;
  } links = {
    .head = link_head,
    .attribute = { .rta_len = RTA_LENGTH (sizeof (uint32_t)), .rta_type = IFLA_EXT_MASK },
    .mask = RTEXT_FILTER_SKIP_STATS,
  };
  struct ifaddrmsg addresses = { .ifa_family = AF_UNSPEC };
  int first, second;

  self->full_due = false;
  ptl_net_state_begin (self->state);
  first = ptl_netlink_ask (&self->ask, RTM_GETLINK, NLM_F_DUMP, &links, sizeof links, on_dumped,
                           self->state);
  second = first == 0 || first == -EINTR
             ? ptl_netlink_ask (&self->ask, RTM_GETADDR, NLM_F_DUMP, &addresses, sizeof addresses,
                                on_dumped, self->state)
             : first;
  if (first == -ECANCELED || second == -ECANCELED)
    return;
  if (first == 0 && second == 0)
    {
      ptl_net_state_end (self->state);
      self->dirty = self->dirty || self->error != 0 || !self->published_once;
      self->error = 0;
      self->interrupted_ms = 0;
      return;
    }

  self->full_due = true;
  if (first == -EINTR || second == -EINTR)
    {
      self->interrupted_ms = self->interrupted_ms == 0
                               ? INTERRUPTED_MS : MIN (2 * self->interrupted_ms, RETRY_MS / 4);
      self->full_ns = after_ms (ptl_clock_monotonic_ns (), self->interrupted_ms);
      return;
    }
  self->error = second;
  self->dirty = true;
  self->full_ns = after_ms (ptl_clock_monotonic_ns (), RETRY_MS);
}

/* ---- counters ---- */

static void
on_counters (const struct nlmsghdr *message,
             void                  *data)
{
  GArray *array = data;
  PtlCounters counters;

  if (array->len < PTL_INTERFACES_MAX && ptl_netlink_parse_counters (message, &counters))
    g_array_append_val (array, counters);
}

static int
compare_counters (const void *a,
                  const void *b)
{
  const PtlCounters *first = a;
  const PtlCounters *second = b;

  return (first->index > second->index) - (first->index < second->index);
}

static void
read_counters (PtlNetMonitor *self)
{
  struct if_stats_msg head = { .filter_mask = IFLA_STATS_FILTER_BIT (IFLA_STATS_LINK_64) };
  struct ifinfomsg links = { .ifi_family = AF_UNSPEC };
  g_autoptr (GArray) array = g_array_new (FALSE, FALSE, sizeof (PtlCounters));
  PtlCounterSet *set;
  int result = -EOPNOTSUPP;

  if (!self->no_stats)
    result = ptl_netlink_ask (&self->ask, RTM_GETSTATS, NLM_F_DUMP, &head, sizeof head,
                              on_counters, array);
  if (result == -EOPNOTSUPP)
    {
      self->no_stats = true;
      result = ptl_netlink_ask (&self->ask, RTM_GETLINK, NLM_F_DUMP, &links, sizeof links,
                                on_counters, array);
    }
  if (result < 0 && result != -EINTR)
    return;
  g_array_sort (array, compare_counters);
  set = g_malloc (sizeof *set + array->len * sizeof set->counters[0]);
  atomic_init (&set->ref_count, 1);
  set->at_ns = ptl_clock_monotonic_ns ();
  set->n_counters = array->len;
  if (array->len > 0)
    memcpy (set->counters, array->data, array->len * sizeof set->counters[0]);
  ptl_counter_set_unref (self->counters);
  self->counters = set;
  self->dirty = true;
}

/* ---- routes ---- */

typedef struct
{
  GArray  *routes;
  GArray  *hops;
  GArray  *rules;
  uint8_t  family;
  unsigned n_left_out;
} Tables;

static void
on_route (const struct nlmsghdr *message,
          void                  *data)
{
  Tables *tables = data;
  PtlRoute route;

  if (message->nlmsg_type == RTM_NEWRULE)
    {
      PtlRule rule;

      if (!ptl_netlink_parse_rule (message, &rule) || rule.family != tables->family)
        return;
      if (tables->rules->len < PTL_RULES_MAX)
        g_array_append_val (tables->rules, rule);
      else
        tables->n_left_out++;
      return;
    }
  /* A kernel without IPv6 answers with what it has; a cached route is none of the table's. */
  if (!ptl_netlink_parse_route (message, &route, tables->hops))
    return;
  if (route.family == tables->family && (route.flags & RTM_F_CLONED) == 0)
    {
      if (tables->routes->len < PTL_ROUTES_MAX)
        {
          g_array_append_val (tables->routes, route);
          return;
        }
      tables->n_left_out++;
    }
  g_array_set_size (tables->hops, route.first_hop);
}

static void
read_routes (PtlNetMonitor *self)
{
  static const uint8_t families[] = { AF_INET, AF_INET6 };
  Tables tables = {
    .routes = g_array_new (FALSE, FALSE, sizeof (PtlRoute)),
    .hops = g_array_new (FALSE, FALSE, sizeof (PtlRouteHop)),
    .rules = g_array_new (FALSE, FALSE, sizeof (PtlRule)),
  };
  uint64_t begun_ns = ptl_clock_monotonic_ns ();
  bool again = false, failed = false;
  int rules_error = 0;
  uint64_t took_ns;

  self->routes_due = false;
  for (size_t i = 0; i < G_N_ELEMENTS (families) && !failed; i++)
    {
      struct rtmsg route_head = { .rtm_family = families[i] };
      struct fib_rule_hdr rule_head = { .family = families[i] };
      int result;

      tables.family = families[i];
      result = ptl_netlink_ask (&self->ask, RTM_GETROUTE, NLM_F_DUMP, &route_head,
                                sizeof route_head, on_route, &tables);
      again = again || result == -EINTR;
      failed = result < 0 && result != -EINTR && result != -EOPNOTSUPP && result != -EAFNOSUPPORT;
      if (failed)
        break;
      result = ptl_netlink_ask (&self->ask, RTM_GETRULE, NLM_F_DUMP, &rule_head, sizeof rule_head,
                                on_route, &tables);
      again = again || result == -EINTR;
      if (result < 0 && result != -EINTR && families[i] == AF_INET)
        rules_error = result;
    }

  took_ns = ptl_clock_monotonic_ns () - begun_ns;
  self->routes_ns = ptl_clock_monotonic_ns ()
                    + MAX (ROUTES_MS * PTL_NS_PER_MS, ROUTES_SHARE * took_ns);
  if (again || failed)
    {
      self->routes_due = true;
      if (failed)
        self->routes_ns += RETRY_MS * PTL_NS_PER_MS;
    }
  if (!failed)
    {
      PtlRoutes *routes = g_new0 (PtlRoutes, 1);

      atomic_init (&routes->ref_count, 1);
      routes->at_ns = begun_ns;
      routes->n_routes = tables.routes->len;
      routes->n_hops = tables.hops->len;
      routes->n_rules = tables.rules->len;
      routes->n_left_out = tables.n_left_out;
      routes->rules_error = rules_error;
      routes->routes = (PtlRoute *) g_array_free (g_steal_pointer (&tables.routes), FALSE);
      routes->hops = (PtlRouteHop *) g_array_free (g_steal_pointer (&tables.hops), FALSE);
      routes->rules = (PtlRule *) g_array_free (g_steal_pointer (&tables.rules), FALSE);
      if (self->routes != NULL && ptl_routes_equal (self->routes, routes))
        ptl_routes_unref (routes);
      else
        {
          ptl_routes_unref (self->routes);
          self->routes = routes;
          self->dirty = true;
        }
    }
  g_clear_pointer (&tables.routes, g_array_unref);
  g_clear_pointer (&tables.hops, g_array_unref);
  g_clear_pointer (&tables.rules, g_array_unref);
}

/* ---- following ---- */

static void
on_overrun (PtlNetMonitor *self)
{
  self->n_overruns++;
  self->full_due = true;
  self->full_ns = 0;
  want_routes_again (self);
  discard_notifications (self);
}

static void
take_notifications (PtlNetMonitor *self)
{
  for (unsigned i = 0; i < ROUNDS_MAX; i++)
    {
      const struct nlmsghdr *message;
      const uint8_t *at = self->notify.buffer;
      size_t left;
      ssize_t n = ptl_netlink_receive (self->notify.fd, self->notify.buffer);

      if (n == -EAGAIN)
        return;
      if (n == -ENOBUFS)
        {
          on_overrun (self);
          return;
        }
      if (n <= 0)
        continue;
      left = (size_t) n;
      while ((message = ptl_netlink_next (&at, &left)) != NULL)
        {
          ptl_net_state_apply (self->state, message);
          want_routes_again (self);
        }
    }
}

static void
update_wants (PtlNetMonitor *self)
{
  static const int groups[] = {
    RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE
  };
  unsigned wants = atomic_load_explicit (&self->wants, memory_order_acquire);
  unsigned changed = wants ^ self->has_wants;
  bool on = (wants & PTL_NET_WANT_ROUTES) != 0;

  self->has_wants = wants;
  if ((changed & PTL_NET_WANT_ROUTES) != 0)
    {
      for (size_t i = 0; i < G_N_ELEMENTS (groups); i++)
        join (self, groups[i], on);
      self->routes_due = on;
      self->routes_ns = 0;
      /* What may be old is not shown. */
      if (!on)
        {
          g_clear_pointer (&self->routes, ptl_routes_unref);
          self->dirty = true;
        }
    }
  if ((changed & PTL_NET_WANT_COUNTERS) != 0)
    {
      self->counters_ns = 0;
      if ((wants & PTL_NET_WANT_COUNTERS) == 0)
        {
          g_clear_pointer (&self->counters, ptl_counter_set_unref);
          self->dirty = true;
        }
    }
}

static void
publish (PtlNetMonitor *self,
         uint64_t       now_ns)
{
  PtlNetSnapshot *snapshot = ptl_net_state_make_snapshot (self->state);
  PtlNetSnapshot *old;
  bool tell;

  snapshot->at_ns = now_ns;
  snapshot->error = self->error;
  snapshot->n_overruns = self->n_overruns;
  snapshot->counters = self->counters != NULL ? ptl_counter_set_ref (self->counters) : NULL;
  snapshot->routes = self->routes != NULL ? ptl_routes_ref (self->routes) : NULL;
  self->dirty = false;
  self->published_once = true;
  self->publish_ns = after_ms (now_ns, PTL_NET_PUBLISH_MS);

  pthread_mutex_lock (&self->lock);
  old = self->published;
  self->published = snapshot;
  tell = !self->told;
  self->told = true;
  pthread_mutex_unlock (&self->lock);

  ptl_net_snapshot_unref (old);
  if (tell)
    self->changed (self->data);
}

/* Does what is due; milliseconds until the next thing is, -1: nothing is. */
static int
work (PtlNetMonitor *self)
{
  uint64_t now_ns = ptl_clock_monotonic_ns ();
  uint64_t next_ns = UINT64_MAX;
  bool ready;

  if (self->full_due && now_ns >= self->full_ns)
    read_everything (self);
  if (self->full_due)
    next_ns = MIN (next_ns, self->full_ns);

  now_ns = ptl_clock_monotonic_ns ();
  if (self->routes_due && now_ns >= self->routes_ns)
    read_routes (self);
  if (self->routes_due)
    next_ns = MIN (next_ns, self->routes_ns);

  if ((self->has_wants & PTL_NET_WANT_COUNTERS) != 0)
    {
      now_ns = ptl_clock_monotonic_ns ();
      if (now_ns >= self->counters_ns)
        {
          self->counters_ns = after_ms (now_ns, PTL_NET_COUNTERS_MS);
          read_counters (self);
        }
      next_ns = MIN (next_ns, self->counters_ns);
    }

  now_ns = ptl_clock_monotonic_ns ();
  /* Nothing is shown before all of it was read once, or could not be. */
  ready = self->published_once || !self->full_due || self->error != 0;
  if (ready && (self->dirty || ptl_net_state_is_dirty (self->state)))
    {
      if (now_ns >= self->publish_ns)
        publish (self, now_ns);
      else
        next_ns = MIN (next_ns, self->publish_ns);
    }
  if (next_ns == UINT64_MAX)
    return -1;
  now_ns = ptl_clock_monotonic_ns ();
  return next_ns <= now_ns ? 0 : (int) ((next_ns - now_ns) / PTL_NS_PER_MS) + 1;
}

static void *
run (void *data)
{
  PtlNetMonitor *self = data;

  for (;;)
    {
      struct pollfd fds[3] = {
        { .fd = self->stop_fd, .events = POLLIN },
        { .fd = self->wake_fd, .events = POLLIN },
        { .fd = self->notify.fd, .events = POLLIN },
      };

      if (poll (fds, G_N_ELEMENTS (fds), work (self)) < 0)
        continue;
      if (fds[0].revents != 0)
        return NULL;
      if (fds[1].revents != 0)
        {
          eventfd_t ignored;

          eventfd_read (self->wake_fd, &ignored);
          update_wants (self);
        }
      if (fds[2].revents != 0)
        take_notifications (self);
    }
}

/* ---- life cycle ---- */

static void
free_all (PtlNetMonitor *self)
{
  ptl_net_snapshot_unref (self->published);
  ptl_routes_unref (self->routes);
  ptl_counter_set_unref (self->counters);
  ptl_net_state_free (self->state);
  ptl_netlink_close (&self->ask);
  ptl_netlink_close (&self->notify);
  ptl_fd_clear (&self->wake_fd);
  ptl_fd_clear (&self->stop_fd);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}

static int
start (PtlNetMonitor  *self,
       int             receive_bytes,
       const char    **what)
{
  sigset_t all, old;
  int result;

  *what = "eventfd";
  if ((self->stop_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0
      || (self->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0)
    return -errno;
  *what = "socket(AF_NETLINK, NETLINK_ROUTE)";
  result = ptl_netlink_open (&self->notify, NETLINK_ROUTE, false, -1);
  if (result == 0)
    result = ptl_netlink_open (&self->ask, NETLINK_ROUTE, true, self->stop_fd);
  if (result < 0)
    return result;
  self->state = ptl_net_state_new (self->stop_fd);
  if (setsockopt (self->notify.fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_bytes,
                  sizeof receive_bytes) < 0)
    setsockopt (self->notify.fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
  join (self, RTNLGRP_LINK, true);
  join (self, RTNLGRP_IPV4_IFADDR, true);
  join (self, RTNLGRP_IPV6_IFADDR, true);
  self->full_due = true;

  *what = "pthread_create";
  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &old);
  result = -pthread_create (&self->thread, NULL, run, self);
  pthread_sigmask (SIG_SETMASK, &old, NULL);
  return result;
}

PtlNetMonitor *
ptl_net_monitor_new_full (PtlNetChangedFunc   changed,
                          void               *data,
                          int                 receive_bytes,
                          GError            **error)
{
  PtlNetMonitor *self = g_new0 (PtlNetMonitor, 1);
  const char *what;
  int result;

  self->changed = changed;
  self->data = data;
  self->stop_fd = self->wake_fd = self->notify.fd = self->ask.fd = -1;
  pthread_mutex_init (&self->lock, NULL);
  result = start (self, receive_bytes, &what);
  if (result == 0)
    return self;

  ptl_error_set_errno (error, -result, "%s", what);
  free_all (self);
  return NULL;
}

PtlNetMonitor *
ptl_net_monitor_new (PtlNetChangedFunc   changed,
                     void               *data,
                     GError            **error)
{
  return ptl_net_monitor_new_full (changed, data, PTL_NET_RECEIVE_BYTES, error);
}

void
ptl_net_monitor_free (PtlNetMonitor *monitor)
{
  if (monitor == NULL)
    return;
  eventfd_write (monitor->stop_fd, 1);
  pthread_join (monitor->thread, NULL);
  free_all (monitor);
}

void
ptl_net_monitor_set_wants (PtlNetMonitor *monitor,
                           unsigned       wants)
{
  if (atomic_exchange_explicit (&monitor->wants, wants, memory_order_acq_rel) != wants)
    eventfd_write (monitor->wake_fd, 1);
}

PtlNetSnapshot *
ptl_net_monitor_dup_snapshot (PtlNetMonitor *monitor)
{
  PtlNetSnapshot *snapshot;

  pthread_mutex_lock (&monitor->lock);
  snapshot = monitor->published != NULL ? ptl_net_snapshot_ref (monitor->published) : NULL;
  monitor->told = false;
  pthread_mutex_unlock (&monitor->lock);
  return snapshot;
}
