/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of the engine share: a sink and a resolver of their own, and an engine whose news
 * are kept. */
#pragma once

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <glib.h>

#include "base/ptl-clock.h"
#include "base/ptl-event.h"
#include "base/ptl-fd.h"
#include "engine/ptl-engine.h"

#define DEADLINE_MS 10000

/* --- a sink that counts, and fails on demand --- */

typedef struct
{
  PtlSink          base;
  _Atomic int      ref_count;
  pthread_mutex_t  lock;
  unsigned         n_events[PTL_N_EVENTS];
  unsigned         n_peers;
  uint64_t         in_bytes, out_bytes;
  PtlLost          lost;
  GByteArray      *in;
  _Atomic int      error; /* negative: commits fail */
  bool             closed;
  int              families[16]; /* of the candidates, in the order they were tried */
  unsigned         n_families;
  _Atomic bool     hold;    /* a new peer keeps the worker until it is taken back */
  _Atomic bool     hold_end; /* so does the session's end */
  _Atomic bool     holding; /* it does */
  _Atomic uint64_t slow_ns; /* what came takes this long to be written */
  _Atomic unsigned n_slow;
} Sink;

static void
sink_add_peer (PtlSink          *base,
               uint32_t          peer,
               const PtlAddress *address)
{
  Sink *sink = (Sink *) base;

  pthread_mutex_lock (&sink->lock);
  sink->n_peers++;
  g_assert_cmpuint (peer, ==, sink->n_peers);
  pthread_mutex_unlock (&sink->lock);
  while (atomic_load (&sink->hold))
    {
      atomic_store (&sink->holding, true);
      g_thread_yield ();
    }
}

static void
sink_append (PtlSink        *base,
             const PtlFrame *frame,
             const void     *bytes)
{
  Sink *sink = (Sink *) base;

  if (frame->kind == PTL_FRAME_IN && atomic_load (&sink->slow_ns) > 0)
    {
      uint64_t end = ptl_clock_monotonic_ns () + atomic_load (&sink->slow_ns);

      atomic_fetch_add (&sink->n_slow, 1);
      while (ptl_clock_monotonic_ns () < end)
        g_thread_yield ();
    }
  pthread_mutex_lock (&sink->lock);
  if (atomic_load (&sink->error) < 0)
    {
      if (frame->kind == PTL_FRAME_EVENT)
        sink->lost.events++;
      else if (frame->kind == PTL_FRAME_IN)
        sink->lost.in_frames++, sink->lost.in_bytes += frame->length;
      else
        sink->lost.out_frames++, sink->lost.out_bytes += frame->length;
    }
  else if (frame->kind == PTL_FRAME_EVENT)
    {
      PtlEvent event;

      g_assert_true (ptl_event_decode (&event, frame->code, bytes, frame->length));
      sink->n_events[frame->code]++;
      if (event.code == PTL_EVENT_CANDIDATE_STARTED
          && sink->n_families < G_N_ELEMENTS (sink->families))
        sink->families[sink->n_families++] = ptl_address_get_family (&event.peer);
    }
  else if (frame->kind == PTL_FRAME_IN)
    {
      sink->in_bytes += frame->length;
      if (sink->in->len < 65536)
        g_byte_array_append (sink->in, bytes, frame->length);
    }
  else
    {
      sink->out_bytes += frame->length;
    }
  pthread_mutex_unlock (&sink->lock);
}

static int
sink_commit (PtlSink *base)
{
  return atomic_load (&((Sink *) base)->error);
}

static void
sink_get_lost (PtlSink *base,
               PtlLost *lost)
{
  Sink *sink = (Sink *) base;

  pthread_mutex_lock (&sink->lock);
  *lost = sink->lost;
  pthread_mutex_unlock (&sink->lock);
}

static void
sink_unref (Sink *sink)
{
  if (atomic_fetch_sub (&sink->ref_count, 1) != 1)
    return;
  g_byte_array_unref (sink->in);
  pthread_mutex_destroy (&sink->lock);
  g_free (sink);
}

static void
sink_close (PtlSink *base)
{
  Sink *sink = (Sink *) base;

  while (atomic_load (&sink->hold_end))
    {
      atomic_store (&sink->holding, true);
      g_thread_yield ();
    }
  pthread_mutex_lock (&sink->lock);
  g_assert_false (sink->closed);
  sink->closed = true;
  pthread_mutex_unlock (&sink->lock);
  sink_unref (sink);
}

static const PtlSinkClass sink_class = {
  .add_peer = sink_add_peer,
  .append = sink_append,
  .commit = sink_commit,
  .get_lost = sink_get_lost,
  .close = sink_close,
};

/* One reference for the engine, one for the test. */
static Sink *
sink_new (void)
{
  Sink *sink = g_new0 (Sink, 1);

  sink->base.klass = &sink_class;
  atomic_init (&sink->ref_count, 2);
  atomic_init (&sink->error, 0);
  pthread_mutex_init (&sink->lock, NULL);
  sink->in = g_byte_array_new ();
  return sink;
}

static unsigned
sink_count (Sink        *sink,
            PtlEventCode code)
{
  unsigned n;

  pthread_mutex_lock (&sink->lock);
  n = sink->n_events[code];
  pthread_mutex_unlock (&sink->lock);
  return n;
}

/* --- a resolver that answers what the test says, or never --- */

typedef struct
{
  PtlResolver     base;
  pthread_mutex_t lock;
  bool            never;
  int             gai_code;
  unsigned        n_addresses;
  PtlAddress      addresses[8];
  uint64_t        last_id;
  unsigned        n_cancelled;
} Resolver;

typedef struct
{
  PtlResolveFunc reply;
  void          *data;
  PtlResolved   *resolved;
} Answer;

static void *
answer (void *data)
{
  g_autofree Answer *a = data;

  a->reply (a->resolved, a->data);
  return NULL;
}

static uint64_t
resolver_resolve (PtlResolver           *base,
                  const PtlResolveQuery *query,
                  PtlResolveFunc         reply,
                  void                  *data)
{
  Resolver *self = (Resolver *) base;
  uint64_t id;

  pthread_mutex_lock (&self->lock);
  id = ++self->last_id;
  if (!self->never)
    {
      Answer *a = g_new0 (Answer, 1);
      pthread_t thread;

      a->reply = reply;
      a->data = data;
      a->resolved = g_malloc0 (sizeof (PtlResolved) + self->n_addresses * sizeof (PtlAddress));
      a->resolved->gai_code = self->gai_code;
      a->resolved->n_addresses = self->n_addresses;
      memcpy (a->resolved->addresses, self->addresses, self->n_addresses * sizeof (PtlAddress));
      g_assert_cmpint (pthread_create (&thread, NULL, answer, a), ==, 0);
      pthread_detach (thread);
    }
  pthread_mutex_unlock (&self->lock);
  return id;
}

static bool
resolver_cancel (PtlResolver *base,
                 uint64_t     id)
{
  Resolver *self = (Resolver *) base;
  bool never;

  pthread_mutex_lock (&self->lock);
  never = self->never;
  self->n_cancelled++;
  pthread_mutex_unlock (&self->lock);
  return never;
}

/* --- the test's engine --- */

typedef struct
{
  PtlEngine       *engine;
  Resolver         resolver;
  int              wake_fd;
  PtlSessionStatus statuses[64]; /* by id */
  PtlSendReport    reports[64];  /* by tag */
  unsigned         n_peer_news;
  PtlPeerInfo      last_peer;
} Rig;

static void
on_news (void *data)
{
  Rig *rig = data;
  uint64_t one = 1;

  g_assert_cmpint (write (rig->wake_fd, &one, sizeof one), ==, sizeof one);
}

static const PtlEngineCallbacks callbacks = { .on_news = on_news };

static void
rig_init (Rig *rig)
{
  memset (rig, 0, sizeof *rig);
  rig->resolver.base.resolve = resolver_resolve;
  rig->resolver.base.cancel = resolver_cancel;
  pthread_mutex_init (&rig->resolver.lock, NULL);
  rig->wake_fd = eventfd (0, EFD_CLOEXEC);
  rig->engine = ptl_engine_new (2, &rig->resolver.base, &callbacks, rig, NULL);
  g_assert_nonnull (rig->engine);
}

static void
rig_clear (Rig *rig)
{
  ptl_engine_free (rig->engine);
  close (rig->wake_fd);
  pthread_mutex_destroy (&rig->resolver.lock);
}

static void
rig_pump (Rig *rig,
          int  timeout_ms)
{
  struct pollfd pfd = { .fd = rig->wake_fd, .events = POLLIN };
  PtlNews news = { 0 };
  uint64_t count;

  if (poll (&pfd, 1, timeout_ms) != 1)
    return;
  g_assert_cmpint (read (rig->wake_fd, &count, sizeof count), ==, sizeof count);
  g_assert_cmpuint (count, ==, 1); /* one wake until the news are taken */
  ptl_engine_take_news (rig->engine, &news);
  for (size_t i = 0; i < news.n_statuses; i++)
    {
      PtlSessionStatus *old = &rig->statuses[news.statuses[i].id];

      g_assert_cmpint (news.statuses[i].state, >=, old->state);
      g_assert_cmpint (old->state, <, PTL_SESSION_CLOSED);
      *old = news.statuses[i];
      for (size_t k = 0; k < i; k++)
        g_assert_cmpuint (news.statuses[k].id, !=, news.statuses[i].id);
    }
  for (size_t i = 0; i < news.n_peers; i++)
    rig->last_peer = news.peers[i];
  rig->n_peer_news += news.n_peers;
  for (size_t i = 0; i < news.n_sends; i++)
    {
      g_assert_false (rig->reports[news.sends[i].tag].done);
      rig->reports[news.sends[i].tag] = news.sends[i];
    }
  ptl_news_clear (&news);
}

#define rig_wait(rig, condition) \
  G_STMT_START \
  { \
    uint64_t end_ = ptl_clock_monotonic_ns () + DEADLINE_MS * PTL_NS_PER_MS; \
    while (!(condition)) \
      { \
        if (ptl_clock_monotonic_ns () > end_) \
          g_error ("%s:%d: not in time: %s", __FILE__, __LINE__, #condition); \
        rig_pump (rig, 20); \
      } \
  } \
  G_STMT_END

static PtlSessionId
rig_open (Rig        *rig,
          PtlRole     role,
          const char *uri,
          Sink       *sink)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PtlSpec) spec = ptl_spec_parse_uri (role, uri, NULL, &error);

  g_assert_no_error (error);
  return ptl_engine_open (rig->engine, spec, &sink->base, NULL);
}

static PtlSessionId
rig_listen (Rig        *rig,
            const char *uri,
            Sink       *sink)
{
  PtlSessionId id = rig_open (rig, PTL_ROLE_LISTEN, uri, sink);

  rig_wait (rig, rig->statuses[id].state == PTL_SESSION_LISTENING);
  return id;
}

G_GNUC_UNUSED static PtlSessionId
rig_connect (Rig         *rig,
             PtlSessionId to,
             Sink        *sink)
{
  char address[PTL_ADDRESS_TEXT_MAX];
  g_autofree char *uri = g_strdup_printf ("tcp://%s",
                                          ptl_address_format (&rig->statuses[to].locals[0],
                                                              address, sizeof address));

  return rig_open (rig, PTL_ROLE_CONNECT, uri, sink);
}
