/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The life of a session in its worker: names, sockets and options, events, the log, the end. */
#include "config.h"

#include "engine/ptl-engine-private.h"

#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SELF(member, pointer, type) ((type *) ((char *) (pointer) -offsetof (type, member)))

static void on_log_timer (PtlTimer *timer, uint64_t now_ns);
static void on_drops_timer (PtlTimer *timer, uint64_t now_ns);

/* --- states, events, frames --- */

void
ptl_flow_set_state (PtlFlow        *flow,
                    PtlSessionState state)
{
  /* Forward only, and nothing after the end. */
  g_assert (flow->status.state < PTL_SESSION_CLOSED);
  g_assert (state >= flow->status.state);
  flow->status.state = state;
  ptl_worker_touch (flow->worker, flow);
}

void
ptl_flow_append (PtlFlow      *flow,
                 PtlFrameKind  kind,
                 uint32_t      peer,
                 uint64_t      now_ns,
                 const void   *bytes,
                 uint32_t      len,
                 uint16_t      flags,
                 uint32_t      full_len)
{
  PtlFrame frame = {
    .time_ns = MAX (now_ns, flow->last_frame_ns),
    .length = len,
    .peer = peer,
    .kind = kind,
    .flags = flags,
    .code = full_len,
  };

  if (flow->sink == NULL)
    return;
  /* What is told while a batch of datagrams is worked off is later than the read of the batch;
   * readers of the log search by time. */
  flow->last_frame_ns = frame.time_ns;
  flow->sink->klass->append (flow->sink, &frame, bytes);
  flow->has_frames = true;
  ptl_worker_touch (flow->worker, flow);
}

void
ptl_flow_event (PtlFlow        *flow,
                uint32_t        peer,
                const PtlEvent *event)
{
  uint8_t bytes[PTL_EVENT_BYTES_MAX];
  size_t len = ptl_event_encode (event, bytes);

  ptl_flow_append (flow, PTL_FRAME_EVENT, peer, ptl_clock_monotonic_ns (), bytes, (uint32_t) len, 0,
                   event->code);
}

/* Only what is read of an event is set: most have no text, and it is long. */
static void
event_init (PtlEvent        *event,
            PtlEventCode     code,
            const PtlAddress *address,
            int              error)
{
  memset (event, 0, offsetof (PtlEvent, text) + 1);
  event->code = code;
  event->error = error;
  if (address != NULL)
    event->peer = *address;
}

void
ptl_flow_tell (PtlFlow          *flow,
               PtlEventCode      code,
               uint32_t          peer,
               const PtlAddress *address,
               int               error,
               int64_t           n1,
               int64_t           n2)
{
  PtlEvent event;

  event_init (&event, code, address, error);
  event.n1 = n1;
  event.n2 = n2;
  ptl_flow_event (flow, peer, &event);
}

void
ptl_flow_tell_text (PtlFlow          *flow,
                    PtlEventCode      code,
                    const PtlAddress *address,
                    int               error,
                    const char       *text)
{
  PtlEvent event;

  event_init (&event, code, address, error);
  g_strlcpy (event.text, text != NULL ? text : "", sizeof event.text);
  ptl_flow_event (flow, PTL_PEER_NONE, &event);
}

void
ptl_flow_fault (PtlFlow          *flow,
                PtlStep           step,
                int               sys_errno,
                const PtlAddress *address)
{
  flow->status.fault = (PtlFault) { .step = step, .sys_errno = sys_errno };
  if (address != NULL)
    flow->status.fault.address = *address;
  ptl_worker_touch (flow->worker, flow);
}

void
ptl_flow_add_local (PtlFlow          *flow,
                    const PtlAddress *local)
{
  if (flow->status.n_locals < G_N_ELEMENTS (flow->status.locals))
    flow->status.locals[flow->status.n_locals++] = *local;
  ptl_worker_touch (flow->worker, flow);
}

bool
ptl_flow_may_receive (PtlFlow *flow)
{
  return !flow->status.receiving_paused && !flow->reading_held &&
         !(flow->broken && flow->spec->when_full == PTL_FULL_STOP_RECEIVING);
}

void
ptl_flow_update_interest (PtlFlow *flow)
{
  ptl_worker_touch (flow->worker, flow);
  for (PtlConn *next, *conn = flow->conn_first; conn != NULL && !flow->over; conn = next)
    {
      next = conn->next;
      ptl_conn_update (conn);
    }
  for (PtlDgram *dgram = flow->dgrams; dgram != NULL; dgram = dgram->next)
    ptl_dgram_update (dgram);
}

static void
read_lost (PtlFlow *flow)
{
  uint64_t frames, bytes;

  flow->sink->klass->get_lost (flow->sink, &frames, &bytes);
  flow->status.lost_frames = frames;
  flow->status.lost_bytes = bytes;
}

void
ptl_flow_commit (PtlFlow *flow)
{
  int result;

  if (!flow->has_frames || flow->sink == NULL)
    return;
  result = flow->sink->klass->commit (flow->sink);
  flow->has_frames = false;
  read_lost (flow);
  if (result < 0)
    {
      if (!flow->broken)
        {
          flow->broken = true;
          flow->status.log_full = true;
          ptl_flow_fault (flow, PTL_STEP_LOG, -result, NULL);
          /* Told in the log itself when there is room again: LOG_RESUMED has the counts. */
          ptl_flow_update_interest (flow);
        }
      ptl_timers_set (&flow->worker->timers, &flow->log_timer, flow->worker->now_ns + RETRY_LOG_NS);
    }
}

static void
on_log_timer (PtlTimer *timer,
              uint64_t  now_ns)
{
  PtlFlow *flow = SELF (log_timer, timer, PtlFlow);

  if (flow->over || flow->sink == NULL)
    return;
  /* With nothing to write it tries whether there is room for as much as failed: a short event may
   * find some where the next read does not, and what was read by then is lost. */
  flow->has_frames = false;
  if (flow->sink->klass->commit (flow->sink) < 0)
    {
      read_lost (flow);
      ptl_timers_set (&flow->worker->timers, &flow->log_timer, now_ns + RETRY_LOG_NS);
      return;
    }
  read_lost (flow);
  ptl_flow_tell (flow, PTL_EVENT_LOG_RESUMED, PTL_PEER_NONE, NULL, 0,
                 (int64_t) (flow->status.lost_frames - flow->lost_frames_told),
                 (int64_t) (flow->status.lost_bytes - flow->lost_bytes_told));
  flow->lost_frames_told = flow->status.lost_frames;
  flow->lost_bytes_told = flow->status.lost_bytes;
  flow->broken = false;
  flow->status.log_full = false;
  if (flow->status.fault.step == PTL_STEP_LOG)
    flow->status.fault.step = PTL_STEP_NONE;
  ptl_flow_update_interest (flow);
}

/* --- names --- */

bool
ptl_endpoint_needs_resolver (const PtlEndpoint *endpoint)
{
  return endpoint->host_kind == PTL_HOST_NAME || endpoint->service != NULL;
}

void
ptl_query_free (PtlQuery *query)
{
  if (query->job != NULL)
    ptl_job_unref (NULL, query->job);
  g_free (query->host);
  g_free (query);
}

/* In a thread of the resolver. */
static void
on_reply (PtlResolved *resolved,
          void        *data)
{
  PtlQuery *query = data;
  PtlEngine *engine = query->worker->engine;
  PtlMail *mail = g_new0 (PtlMail, 1);

  mail->kind = PTL_MAIL_RESOLVED;
  mail->session = query->session;
  mail->query = query;
  mail->resolved = resolved;
  ptl_worker_post (query->worker, mail);

  pthread_mutex_lock (&engine->query_lock);
  engine->n_queries--;
  pthread_cond_signal (&engine->query_cond);
  pthread_mutex_unlock (&engine->query_lock);
}

void
ptl_flow_ask (PtlFlow           *flow,
              PtlQueryKind       kind,
              unsigned           index,
              const PtlEndpoint *endpoint,
              bool               passive,
              PtlSendJob        *job)
{
  PtlEngine *engine = flow->worker->engine;
  PtlQuery *query = g_new0 (PtlQuery, 1);
  char port[12];
  int domain, type, protocol;
  PtlResolveQuery question = { 0 };

  ptl_spec_get_socket_triple (flow->spec, AF_INET, &domain, &type, &protocol);
  g_snprintf (port, sizeof port, "%u", endpoint->port);
  question.host = endpoint->host_kind == PTL_HOST_ANY ? NULL
                  : endpoint->host_kind == PTL_HOST_BROADCAST ? "255.255.255.255"
                                                              : endpoint->host;
  question.service = endpoint->service != NULL ? endpoint->service : port;
  question.family = flow->spec->family == PTL_FAMILY_IPV4   ? AF_INET
                    : flow->spec->family == PTL_FAMILY_IPV6 ? AF_INET6
                                                            : AF_UNSPEC;
  question.type = type == SOCK_DGRAM ? SOCK_DGRAM : SOCK_STREAM;
  question.passive = passive;

  query->worker = flow->worker;
  query->session = flow->status.id;
  query->kind = kind;
  query->index = index;
  query->host = ptl_endpoint_to_text (endpoint);
  query->job = job;
  query->asked_ns = ptl_clock_monotonic_ns ();
  ptl_flow_tell_text (flow, PTL_EVENT_RESOLVING, NULL, 0, query->host);

  pthread_mutex_lock (&engine->query_lock);
  engine->n_queries++;
  pthread_mutex_unlock (&engine->query_lock);
  g_ptr_array_add (flow->queries, query);
  /* The reply goes through our own mailbox: it cannot be read before this returned. */
  query->id = engine->resolver->resolve (engine->resolver, &question, on_reply, query);
}

static void
drop_queries (PtlFlow *flow)
{
  PtlEngine *engine = flow->worker->engine;

  for (unsigned i = 0; i < flow->queries->len; i++)
    {
      PtlQuery *query = flow->queries->pdata[i];

      if (!engine->resolver->cancel (engine->resolver, query->id))
        continue; /* its mail will find that nobody is there, and be freed */
      if (query->job != NULL)
        {
          ptl_job_fail (query->job, ECANCELED);
          ptl_job_unref (flow->worker, g_steal_pointer (&query->job));
        }
      ptl_query_free (query);
      pthread_mutex_lock (&engine->query_lock);
      engine->n_queries--;
      pthread_cond_signal (&engine->query_cond);
      pthread_mutex_unlock (&engine->query_lock);
    }
  g_ptr_array_set_size (flow->queries, 0);
}

static void
tell_resolved (PtlFlow           *flow,
               const PtlQuery    *query,
               const PtlResolved *resolved)
{
  PtlEvent event;

  if (flow->calls != NULL)
    {
      PtlCallRecord record = {
        .time_ns = query->asked_ns,
        .last_ns = query->asked_ns,
        .count = 1,
        .result = resolved->gai_code,
        .sys_errno = resolved->sys_errno,
        .fd = -1,
        .args = { (int) resolved->n_addresses },
        .elapsed_ns = (uint32_t) MIN (resolved->elapsed_ns, UINT32_MAX),
        .call = PTL_CALL_GETADDRINFO,
      };

      if (resolved->n_addresses > 0)
        record.address = resolved->addresses[0];
      ptl_calls_add (flow->calls, &record);
    }
  event_init (&event, resolved->gai_code == 0 ? PTL_EVENT_RESOLVED : PTL_EVENT_RESOLVE_FAILED, NULL,
              resolved->sys_errno);
  event.n1 = resolved->gai_code == 0 ? (int) resolved->n_addresses : resolved->gai_code;
  event.n2 = (int64_t) resolved->elapsed_ns;
  g_strlcpy (event.text,
             resolved->gai_code == 0 && resolved->canonical != NULL ? resolved->canonical : query->host,
             sizeof event.text);
  ptl_flow_event (flow, PTL_PEER_NONE, &event);
  for (unsigned i = 0; i < resolved->n_addresses; i++)
    ptl_flow_tell (flow, PTL_EVENT_RESOLVED_ADDRESS, PTL_PEER_NONE, &resolved->addresses[i], 0, i + 1, 0);
}

unsigned
ptl_flow_list_addresses (PtlFlow           *flow,
                         const PtlEndpoint *endpoint,
                         const PtlResolved *resolved,
                         PtlAddress        *addresses,
                         unsigned           max)
{
  unsigned n = 0;

  if (resolved != NULL)
    {
      for (unsigned i = 0; i < resolved->n_addresses && n < max; i++)
        addresses[n++] = resolved->addresses[i];
      return n;
    }
  if (endpoint->host_kind == PTL_HOST_ANY)
    {
      if (flow->spec->family != PTL_FAMILY_IPV6 && n < max)
        addresses[n++] = (PtlAddress) { .len = sizeof (struct sockaddr_in), .in.sin_family = AF_INET };
      if (flow->spec->family != PTL_FAMILY_IPV4 && n < max)
        addresses[n++] = (PtlAddress) { .len = sizeof (struct sockaddr_in6), .in6.sin6_family = AF_INET6 };
    }
  else if (n < max)
    {
      addresses[n++] = endpoint->address;
    }
  for (unsigned i = 0; i < n; i++)
    {
      int family = ptl_address_get_family (&addresses[i]);

      if (family == AF_INET || family == AF_INET6)
        ptl_address_set_port (&addresses[i], (uint16_t) endpoint->port);
      /* The interface may have come since it was typed. */
      if (family == AF_INET6 && endpoint->zone != NULL && addresses[i].in6.sin6_scope_id == 0)
        addresses[i].in6.sin6_scope_id = if_nametoindex (endpoint->zone);
    }
  return n;
}

/* --- sockets --- */

static void
set_option (PtlFlow    *flow,
            int         fd,
            PtlOptionId option,
            int         value,
            const char *name)
{
  int result;

  if (value == PTL_OPTION_UNSET)
    return;
  result = ptl_sys_set_option (flow->calls, fd, option, value);
  if (result < 0)
    {
      ptl_flow_tell_text (flow, PTL_EVENT_OPTION_FAILED, NULL, -result, name);
      flow->status.fault = (PtlFault) { .step = PTL_STEP_OPTION, .sys_errno = -result, .detail = option };
    }
}

int
ptl_flow_make_socket (PtlFlow          *flow,
                      const PtlAddress *address,
                      bool              for_listen,
                      PtlStep          *step)
{
  const PtlOptions *options = &flow->spec->options;
  int family = ptl_address_get_family (address);
  bool is_ip = family == AF_INET || family == AF_INET6;
  int domain, type, protocol, fd;

  *step = PTL_STEP_SOCKET;
  ptl_spec_get_socket_triple (flow->spec, family, &domain, &type, &protocol);
  fd = ptl_sys_socket (flow->calls, domain, type, protocol);
  if (fd < 0)
    return fd;

  if (for_listen && is_ip && type != SOCK_DGRAM)
    set_option (flow, fd, PTL_OPT_REUSEADDR, options->reuse_addr == PTL_OPTION_UNSET ? 1 : options->reuse_addr,
                "SO_REUSEADDR");
  else
    set_option (flow, fd, PTL_OPT_REUSEADDR, options->reuse_addr, "SO_REUSEADDR");
  set_option (flow, fd, PTL_OPT_REUSEPORT, options->reuse_port, "SO_REUSEPORT");
  if (family == AF_INET6 && (for_listen || options->v6only != PTL_OPTION_UNSET))
    set_option (flow, fd, PTL_OPT_V6ONLY, options->v6only == PTL_OPTION_UNSET ? 1 : options->v6only,
                "IPV6_V6ONLY");
  if (type == SOCK_STREAM && is_ip)
    {
      set_option (flow, fd, PTL_OPT_NODELAY, options->nodelay, "TCP_NODELAY");
      set_option (flow, fd, PTL_OPT_KEEPIDLE, options->keep_idle_s, "TCP_KEEPIDLE");
      set_option (flow, fd, PTL_OPT_KEEPINTVL, options->keep_interval_s, "TCP_KEEPINTVL");
      set_option (flow, fd, PTL_OPT_KEEPCNT, options->keep_count, "TCP_KEEPCNT");
    }
  set_option (flow, fd, PTL_OPT_KEEPALIVE, options->keepalive, "SO_KEEPALIVE");
  set_option (flow, fd, PTL_OPT_LINGER, options->linger_s, "SO_LINGER");
  set_option (flow, fd, PTL_OPT_SNDBUF, options->sndbuf, "SO_SNDBUF");
  if (options->rcvbuf != PTL_OPTION_UNSET)
    set_option (flow, fd, PTL_OPT_RCVBUF, options->rcvbuf, "SO_RCVBUF");
  else if (type == SOCK_DGRAM && is_ip)
    {
      /* Beyond net.core.rmem_max only with CAP_NET_ADMIN; else as much as it allows. */
      if (ptl_sys_set_option (flow->calls, fd, PTL_OPT_RCVBUFFORCE, 8 * 1024 * 1024) < 0)
        ptl_sys_set_option (flow->calls, fd, PTL_OPT_RCVBUF, 8 * 1024 * 1024);
    }
  if (is_ip)
    {
      bool v6 = family == AF_INET6;

      set_option (flow, fd, PTL_OPT_BROADCAST, options->broadcast, "SO_BROADCAST");
      set_option (flow, fd, v6 ? PTL_OPT_HOPS : PTL_OPT_TTL, options->ttl,
                  v6 ? "IPV6_UNICAST_HOPS" : "IP_TTL");
      set_option (flow, fd, v6 ? PTL_OPT_TCLASS : PTL_OPT_TOS, options->tos, v6 ? "IPV6_TCLASS" : "IP_TOS");
      set_option (flow, fd, v6 ? PTL_OPT_MULTICAST_HOPS : PTL_OPT_MULTICAST_TTL, options->multicast_ttl,
                  v6 ? "IPV6_MULTICAST_HOPS" : "IP_MULTICAST_TTL");
      set_option (flow, fd, v6 ? PTL_OPT_MULTICAST_LOOP6 : PTL_OPT_MULTICAST_LOOP, options->multicast_loop,
                  v6 ? "IPV6_MULTICAST_LOOP" : "IP_MULTICAST_LOOP");
    }
  if (options->device[0] != '\0')
    {
      int result = ptl_sys_set_device (flow->calls, fd, options->device);

      if (result < 0)
        {
          /* To go out another way than asked would be worse than not at all. */
          ptl_flow_tell_text (flow, PTL_EVENT_OPTION_FAILED, NULL, -result, "SO_BINDTODEVICE");
          ptl_sys_close (flow->calls, fd, 0);
          *step = PTL_STEP_OPTION;
          flow->status.fault.detail = PTL_OPT_DEVICE;
          return result;
        }
    }
  return fd;
}

/* A socket's file that refuses a connection has nobody behind it: its program ended without removing
 * it (unix(7)). */
static bool
is_stale (PtlFlow          *flow,
          const PtlAddress *address)
{
  struct stat st;
  int domain, type, protocol, fd, result;

  if (ptl_address_get_family (address) != AF_UNIX || address->un.sun_path[0] == '\0' ||
      lstat (address->un.sun_path, &st) < 0 || !S_ISSOCK (st.st_mode))
    return false;
  ptl_spec_get_socket_triple (flow->spec, AF_UNIX, &domain, &type, &protocol);
  fd = ptl_sys_socket (flow->calls, domain, type, protocol);
  if (fd < 0)
    return false;
  result = ptl_sys_connect (flow->calls, fd, address);
  ptl_sys_close (flow->calls, fd, 0);
  return result == -ECONNREFUSED;
}

int
ptl_flow_bind (PtlFlow          *flow,
               int               fd,
               const PtlAddress *address)
{
  int result = ptl_sys_bind (flow->calls, fd, address);

  if (result == -EADDRINUSE && is_stale (flow, address) && unlink (address->un.sun_path) == 0)
    result = ptl_sys_bind (flow->calls, fd, address);
  return result;
}

static bool
stat_unix (const PtlAddress *local,
           struct stat      *st)
{
  return ptl_address_get_family (local) == AF_UNIX && local->len > sizeof (sa_family_t) &&
         local->un.sun_path[0] != '\0' && lstat (local->un.sun_path, st) == 0 && S_ISSOCK (st->st_mode);
}

void
ptl_unix_file_note (PtlUnixFile      *file,
                    const PtlAddress *local)
{
  struct stat st;

  *file = (PtlUnixFile) { 0 };
  if (stat_unix (local, &st))
    *file = (PtlUnixFile) { .dev = st.st_dev, .ino = st.st_ino };
}

void
ptl_unix_file_unlink (const PtlUnixFile *file,
                      const PtlAddress  *local)
{
  struct stat st;

  if (file->ino != 0 && stat_unix (local, &st) && st.st_dev == file->dev && st.st_ino == file->ino)
    unlink (local->un.sun_path);
}

int
ptl_flow_bind_local (PtlFlow *flow,
                     int      fd,
                     int      family,
                     bool    *bound)
{
  PtlAddress addresses[CANDIDATES_MAX];
  unsigned n;

  *bound = false;
  if (!flow->spec->has_local)
    return 0;
  n = ptl_flow_list_addresses (flow, &flow->spec->local, flow->resolved_local, addresses, CANDIDATES_MAX);
  for (unsigned i = 0; i < n; i++)
    if (ptl_address_get_family (&addresses[i]) == family)
      {
        int result = ptl_flow_bind (flow, fd, &addresses[i]);

        *bound = result == 0;
        return result;
      }
  return -EAFNOSUPPORT;
}

void
ptl_flow_set_membership (PtlFlow        *flow,
                         const PtlGroup *group,
                         bool            joined)
{
  int family = ptl_address_get_family (&group->group);
  unsigned ifindex = 0;
  int result = -EAFNOSUPPORT;

  if (group->device[0] != '\0')
    ifindex = if_nametoindex (group->device);
  else if (family == AF_INET6)
    ifindex = group->group.in6.sin6_scope_id;
  if (group->device[0] != '\0' && ifindex == 0)
    result = -ENODEV;
  else
    for (PtlDgram *dgram = flow->dgrams; dgram != NULL; dgram = dgram->next)
      if (dgram->family == family)
        {
          result = ptl_sys_set_membership (flow->calls, dgram->watch.fd, &group->group, ifindex, joined);
          if (result == 0 && joined && ifindex != 0)
            ptl_sys_set_multicast_if (flow->calls, dgram->watch.fd, family, ifindex);
          break;
        }
  if (result < 0)
    {
      ptl_flow_tell_text (flow, PTL_EVENT_JOIN_FAILED, &group->group, -result, group->device);
      ptl_flow_fault (flow, PTL_STEP_MEMBERSHIP, -result, &group->group);
    }
  else
    {
      ptl_flow_tell_text (flow, joined ? PTL_EVENT_JOINED : PTL_EVENT_LEFT, &group->group, 0, group->device);
    }
}

/* --- begin and end --- */

static void
start (PtlFlow *flow)
{
  if (flow->spec->role == PTL_ROLE_CONNECT)
    ptl_flow_connect (flow);
  else if (ptl_spec_is_datagram (flow->spec))
    ptl_flow_open_datagrams (flow);
  else
    ptl_flow_listen (flow);
}

/* A family whose addresses we cannot form: the kernel is asked all the same, and its answer told. */
static bool
is_foreign (PtlFlow *flow)
{
  int domain = flow->spec->domain;
  int fd, type, protocol;

  if (domain < 0 || domain == AF_INET || domain == AF_INET6 || domain == AF_UNIX || domain == AF_VSOCK)
    return false;
  ptl_spec_get_socket_triple (flow->spec, domain, &domain, &type, &protocol);
  fd = ptl_sys_socket (flow->calls, domain, type, protocol);
  if (fd >= 0)
    ptl_sys_close (flow->calls, fd, 0);
  ptl_flow_end (flow, fd < 0 ? PTL_STEP_SOCKET : PTL_STEP_UNSUPPORTED, fd < 0 ? -fd : 0, NULL);
  return true;
}

void
ptl_flow_open (PtlFlow *flow)
{
  const PtlSpec *spec = flow->spec;

  flow->queries = g_ptr_array_new ();
  flow->conns = g_hash_table_new (NULL, NULL);
  flow->early_tail = &flow->early_head;
  flow->log_timer.func = on_log_timer;
  flow->drops_timer.func = on_drops_timer;
  ptl_worker_touch (flow->worker, flow);
  if (is_foreign (flow))
    return;
  if (spec->n_endpoints == 0)
    {
      ptl_flow_end (flow, PTL_STEP_CONNECT, EDESTADDRREQ, NULL);
      return;
    }
  if (spec->role == PTL_ROLE_CONNECT)
    ptl_flow_start_timeout (flow);
  flow->resolved = g_new0 (PtlResolved *, spec->n_endpoints);
  for (unsigned i = 0; i < spec->n_endpoints; i++)
    if (ptl_endpoint_needs_resolver (&spec->endpoints[i]))
      {
        flow->n_unresolved++;
        ptl_flow_ask (flow, PTL_QUERY_ENDPOINT, i, &spec->endpoints[i], spec->role == PTL_ROLE_LISTEN, NULL);
      }
  if (spec->has_local && ptl_endpoint_needs_resolver (&spec->local))
    {
      flow->n_unresolved++;
      ptl_flow_ask (flow, PTL_QUERY_LOCAL, 0, &spec->local, true, NULL);
    }
  if (flow->n_unresolved > 0)
    ptl_flow_set_state (flow, PTL_SESSION_RESOLVING);
  else
    start (flow);
}

void
ptl_flow_resolved (PtlFlow     *flow,
                   PtlQuery    *query,
                   PtlResolved *resolved)
{
  bool failed = resolved->gai_code != 0 || resolved->n_addresses == 0;
  /* The mail owns it, and frees what is left there. */
  PtlResolved *kept = g_memdup2 (resolved, sizeof *resolved +
                                             resolved->n_addresses * sizeof resolved->addresses[0]);

  kept->canonical = NULL;
  g_ptr_array_remove_fast (flow->queries, query);
  tell_resolved (flow, query, resolved);
  if (query->kind == PTL_QUERY_SEND_TO)
    {
      if (failed)
        {
          ptl_job_fail (query->job, EHOSTUNREACH);
          flow->status.fault = (PtlFault) { .step = PTL_STEP_RESOLVE, .gai_code = resolved->gai_code,
                                            .sys_errno = resolved->sys_errno };
          ptl_worker_touch (flow->worker, flow);
          ptl_job_unref (flow->worker, g_steal_pointer (&query->job));
        }
      else
        {
          ptl_flow_send_to_address (flow, &kept->addresses[0], g_steal_pointer (&query->job));
        }
      ptl_resolved_free (kept);
      return;
    }
  if (failed)
    {
      ptl_resolved_free (kept);
      flow->status.fault.gai_code = resolved->gai_code;
      ptl_flow_end (flow, PTL_STEP_RESOLVE, resolved->sys_errno, NULL);
      return;
    }
  if (query->kind == PTL_QUERY_ENDPOINT)
    flow->resolved[query->index] = kept;
  else
    flow->resolved_local = kept;
  if (--flow->n_unresolved == 0)
    start (flow);
}

void
ptl_flow_end (PtlFlow          *flow,
              PtlStep           step,
              int               sys_errno,
              const PtlAddress *address)
{
  PtlWorker *worker = flow->worker;
  PtlStatusNote note;

  if (flow->over)
    return;
  if (step != PTL_STEP_NONE)
    {
      int gai_code = flow->status.fault.gai_code;
      int detail = flow->status.fault.detail;

      ptl_flow_fault (flow, step, sys_errno, address);
      flow->status.fault.gai_code = step == PTL_STEP_RESOLVE ? gai_code : 0;
      flow->status.fault.detail = step == PTL_STEP_OPTION ? detail : 0;
      ptl_flow_tell (flow, PTL_EVENT_FAULT, PTL_PEER_NONE, address, sys_errno, step, 0);
    }
  flow->over = true;
  drop_queries (flow);
  ptl_flow_drop_candidates (flow, NULL);
  while (flow->listeners != NULL)
    ptl_listener_close (flow->listeners);
  while (flow->conn_first != NULL)
    ptl_conn_close (flow->conn_first, false, 0);
  while (flow->dgrams != NULL)
    ptl_dgram_close (flow->dgrams);
  ptl_timers_unset (&worker->timers, &flow->timeout_timer);
  ptl_timers_unset (&worker->timers, &flow->candidate_timer);
  ptl_timers_unset (&worker->timers, &flow->log_timer);
  ptl_timers_unset (&worker->timers, &flow->drops_timer);

  if (flow->early_head != NULL)
    ptl_flow_deliver_early (flow);
  ptl_flow_set_state (flow, step == PTL_STEP_NONE ? PTL_SESSION_CLOSED : PTL_SESSION_FAILED);
  if (flow->sink != NULL)
    {
      flow->sink->klass->commit (flow->sink);
      read_lost (flow);
      flow->sink->klass->close (flow->sink);
      flow->sink = NULL;
    }
  flow->status.queued_bytes = 0;
  flow->status_dirty = false;
  note = (PtlStatusNote) { .status = flow->status, .slot = flow->slot };
  g_array_append_val (worker->status_notes, note);
  ptl_engine_forget (worker->engine, flow->status.id);
  g_ptr_array_add (worker->over, flow);
}

void
ptl_flow_stop (PtlFlow *flow)
{
  if (flow->over)
    return;
  ptl_flow_tell (flow, PTL_EVENT_STOPPED, PTL_PEER_NONE, NULL, 0, 0, 0);
  ptl_flow_end (flow, PTL_STEP_NONE, 0, NULL);
}

/* Datagrams that the kernel dropped after the last one that it delivered are only seen by asking. */
static void
on_drops_timer (PtlTimer *timer,
                uint64_t  now_ns)
{
  PtlFlow *flow = SELF (drops_timer, timer, PtlFlow);

  for (PtlDgram *dgram = flow->dgrams; dgram != NULL; dgram = dgram->next)
    ptl_dgram_read_drops (dgram, now_ns, true);
}

void
ptl_flow_free (PtlFlow *flow)
{
  if (flow->sink != NULL)
    flow->sink->klass->close (flow->sink);
  for (unsigned i = 0; flow->resolved != NULL && i < flow->spec->n_endpoints; i++)
    ptl_resolved_free (flow->resolved[i]);
  g_free (flow->resolved);
  ptl_resolved_free (flow->resolved_local);
  g_free (flow->candidates);
  g_clear_pointer (&flow->queries, g_ptr_array_unref);
  g_clear_pointer (&flow->conns, g_hash_table_unref);
  g_clear_pointer (&flow->sources, g_hash_table_unref);
  ptl_calls_unref (flow->calls);
  ptl_spec_free (flow->spec);
  ptl_handle_unref (flow->handle);
  g_free (flow);
}
