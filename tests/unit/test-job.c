/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A job: what it tells and when; and questions whose answers are not wanted any more. */
#include "config.h"

#include <pthread.h>

#include "model/ptl-job-private.h"
#include "model/ptl-questions-private.h"

#define WAKES 1000

/* --- a job ------------------------------------------------------------------------------------ */

#define TEST_TYPE_JOB (test_job_get_type ())
G_DECLARE_FINAL_TYPE (TestJob, test_job, TEST, JOB, PtlJob)

struct _TestJob
{
  PtlJob  parent_instance;

  guint   n_updates;
  guint64 n_came;
};

G_DEFINE_FINAL_TYPE (TestJob, test_job, PTL_TYPE_JOB)

static void
test_job_update (PtlJob *job)
{
  TEST_JOB (job)->n_updates++;
  ptl_job_tell (job);
}

static void
test_job_count (PtlJob  *job,
                guint64  totals[PTL_RATES_SERIES])
{
  totals[0] = TEST_JOB (job)->n_came;
}

static void
test_job_class_init (TestJobClass *klass)
{
  PtlJobClass *job_class = PTL_JOB_CLASS (klass);

  job_class->update_ms = 20;
  job_class->tick_ms = 5;
  job_class->update = test_job_update;
  job_class->count = test_job_count;
}

static void
test_job_init (TestJob *self)
{
}

static void
count_cb (guint *n)
{
  (*n)++;
}

static void
test_busy (void)
{
  g_autoptr (PtlJob) job = g_object_new (TEST_TYPE_JOB, NULL);
  guint n_notified = 0, n_told = 0;

  g_signal_connect_swapped (job, "notify::busy", G_CALLBACK (count_cb), &n_notified);
  g_signal_connect_swapped (job, "changed", G_CALLBACK (count_cb), &n_told);
  g_assert_false (ptl_job_is_busy (job));
  g_assert_cmpfloat (ptl_job_get_done (job), <, 0);
  ptl_job_set_busy (job, TRUE);
  ptl_job_set_busy (job, TRUE);
  g_assert_true (ptl_job_is_busy (job));
  g_assert_cmpuint (n_notified, ==, 1);
  g_assert_cmpuint (n_told, ==, 2);
  /* It has nothing that could be stopped. */
  ptl_job_stop (job);
  g_assert_true (ptl_job_is_busy (job));
}

static void *
wake_often (void *data)
{
  for (guint i = 0; i < WAKES; i++)
    ptl_job_wake (data);
  return NULL;
}

static void
test_wake (void)
{
  TestJob *self = g_object_new (TEST_TYPE_JOB, NULL);
  pthread_t thread;
  guint n_told = 0;

  g_signal_connect_swapped (self, "changed", G_CALLBACK (count_cb), &n_told);
  g_assert_cmpint (pthread_create (&thread, NULL, wake_often, self), ==, 0);
  pthread_join (thread, NULL);
  g_assert_cmpuint (self->n_updates, ==, 0);
  while (self->n_updates == 0)
    g_main_context_iteration (NULL, TRUE);
  /* One for all of them. */
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpuint (self->n_updates, ==, 1);
  g_assert_cmpuint (n_told, ==, 1);
  /* What is not told yet goes with it. */
  ptl_job_wake (self);
  g_object_unref (self);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
test_clock (void)
{
  g_autoptr (TestJob) self = g_object_new (TEST_TYPE_JOB, NULL);
  PtlJob *job = PTL_JOB (self);
  guint n_told = 0;
  double seconds;

  g_signal_connect_swapped (job, "changed", G_CALLBACK (count_cb), &n_told);
  g_assert_cmpuint (ptl_job_get_rates (job)->n_steps, ==, 0);
  ptl_job_start_clock (job);
  self->n_came = 7;
  while (n_told < 3)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (ptl_job_get_rates (job)->n_steps, >, 0);
  g_assert_cmpuint (ptl_job_get_rates (job)->totals[0], ==, 7);
  ptl_job_stop_clock (job);
  seconds = ptl_job_get_seconds (job);
  g_assert_cmpfloat (seconds, >, 0.0149);
  ptl_job_stop_clock (job);
  g_assert_cmpfloat (ptl_job_get_seconds (job), ==, seconds);
  /* It begins anew. */
  ptl_job_start_clock (job);
  g_assert_cmpuint (ptl_job_get_rates (job)->n_steps, ==, 0);
  g_assert_cmpfloat (ptl_job_get_seconds (job), <, seconds);
}

/* --- questions -------------------------------------------------------------------------------- */

/* A resolver that answers when it is told to. */
typedef struct
{
  PtlResolver     resolver;
  PtlResolveFunc  reply[4];
  void           *data[4];
  uint64_t        n;
  bool            too_late; /* to cancel */
} Slow;

static uint64_t
resolve (PtlResolver           *resolver,
         const PtlResolveQuery *query,
         PtlResolveFunc         reply,
         void                  *data)
{
  Slow *self = (Slow *) resolver;

  g_assert_cmpuint (self->n, <, G_N_ELEMENTS (self->reply));
  self->reply[self->n] = reply;
  self->data[self->n] = data;
  return ++self->n;
}

static bool
cancel (PtlResolver *resolver,
        uint64_t     id)
{
  Slow *self = (Slow *) resolver;

  g_assert_cmpuint (id, >=, 1);
  g_assert_cmpuint (id, <=, self->n);
  return !self->too_late;
}

static void
answer (Slow  *self,
        guint  at,
        int    gai_code)
{
  PtlResolved *resolved = g_malloc0 (sizeof *resolved);

  resolved->gai_code = gai_code;
  self->reply[at] (resolved, self->data[at]);
}

static guint n_freed;

static void
free_about (gpointer about)
{
  n_freed++;
  g_free (about);
}

static void
on_answered (gpointer           owner,
             gpointer           about,
             const PtlResolved *resolved)
{
  g_string_append_printf (owner, "%s=%d ", (const char *) about, resolved->gai_code);
}

static void
ask (PtlQuestions *questions,
     Slow         *slow,
     const char   *about)
{
  PtlResolveQuery query = { .host = about };

  ptl_questions_ask (questions, &slow->resolver, &query, g_strdup (about), free_about);
}

static void
run (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
test_questions (void)
{
  Slow slow = { { resolve, cancel }, };
  PtlBridge *bridge = ptl_bridge_new ();
  g_autoptr (GString) told = g_string_new (NULL);
  PtlQuestions *questions = ptl_questions_new (bridge, on_answered, told);

  n_freed = 0;
  ask (questions, &slow, "a");
  ask (questions, &slow, "b");
  g_assert_cmpuint (ptl_questions_get_open (questions), ==, 2);
  answer (&slow, 1, 2);
  answer (&slow, 0, 1);
  g_assert_cmpstr (told->str, ==, "");
  run ();
  g_assert_cmpstr (told->str, ==, "b=2 a=1 ");
  g_assert_cmpuint (n_freed, ==, 2);
  g_assert_cmpuint (ptl_questions_get_open (questions), ==, 0);

  /* Taken back in time: the resolver does not answer. */
  ask (questions, &slow, "c");
  ptl_questions_cancel (questions);
  g_assert_cmpuint (n_freed, ==, 3);
  g_assert_cmpuint (ptl_questions_get_open (questions), ==, 0);

  /* The answer is on its way: nobody is told of it. */
  ask (questions, &slow, "d");
  slow.too_late = true;
  answer (&slow, 3, 4);
  ptl_questions_cancel (questions);
  g_assert_cmpuint (n_freed, ==, 3);
  run ();
  g_assert_cmpuint (n_freed, ==, 4);
  g_assert_cmpstr (told->str, ==, "b=2 a=1 ");

  /* It is still on its way when all is closed. */
  slow.n = 0;
  ask (questions, &slow, "e");
  answer (&slow, 0, 5);
  ptl_questions_free (questions);
  ptl_bridge_close (bridge);
  g_assert_cmpuint (n_freed, ==, 5);
  run ();
  g_assert_cmpstr (told->str, ==, "b=2 a=1 ");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job/busy", test_busy);
  g_test_add_func ("/job/wake", test_wake);
  g_test_add_func ("/job/clock", test_clock);
  g_test_add_func ("/job/questions", test_questions);
  return g_test_run ();
}
