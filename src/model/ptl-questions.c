/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names that a pool looks up, and whose answers are still wanted. */
#include "config.h"

#include "model/ptl-questions-private.h"

struct _PtlQuestions
{
  PtlBridge        *bridge;     /* borrowed */
  PtlQuestionsFunc  answered;
  gpointer          owner;      /* borrowed */
  GPtrArray        *open;       /* of Question that a resolver has; borrowed */
  guint             generation; /* of an older one no answer is wanted */
};

typedef struct
{
  PtlQuestions   *self;
  guint           generation;
  PtlResolver    *resolver;
  uint64_t        id;
  gpointer        about; /* owned, where free_about is there */
  GDestroyNotify  free_about;
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;

  if (question->free_about != NULL)
    question->free_about (question->about);
  g_free (question);
}

static void
free_resolved (gpointer data)
{
  ptl_resolved_free (data);
}

static void
on_answer (gpointer payload,
           gpointer data)
{
  PtlResolved *resolved = payload;
  Question *question = data;
  PtlQuestions *self = question->self;

  if (question->generation == self->generation)
    {
      g_ptr_array_remove_fast (self->open, question);
      self->answered (self->owner, question->about, resolved);
    }
  ptl_resolved_free (resolved);
  question_free (question);
}

/* A thread of the resolver's. */
static void
on_reply (PtlResolved *resolved,
          void        *data)
{
  Question *question = data;

  ptl_bridge_post (question->self->bridge, on_answer, resolved, free_resolved, question,
                   question_free);
}

void
ptl_questions_ask (PtlQuestions          *self,
                   PtlResolver           *resolver,
                   const PtlResolveQuery *query,
                   gpointer               about,
                   GDestroyNotify         free_about)
{
  Question *question = g_new (Question, 1);

  *question = (Question) { self, self->generation, resolver, 0, about, free_about };
  g_ptr_array_add (self->open, question);
  question->id = resolver->resolve (resolver, query, on_reply, question);
}

void
ptl_questions_cancel (PtlQuestions *self)
{
  self->generation++;
  for (guint i = 0; i < self->open->len; i++)
    {
      Question *question = g_ptr_array_index (self->open, i);

      /* One that cannot be cancelled is on its way here, and is freed when it arrives. */
      if (question->resolver->cancel (question->resolver, question->id))
        question_free (question);
    }
  g_ptr_array_set_size (self->open, 0);
}

guint
ptl_questions_get_open (PtlQuestions *self)
{
  return self->open->len;
}

PtlQuestions *
ptl_questions_new (PtlBridge        *bridge,
                   PtlQuestionsFunc  answered,
                   gpointer          owner)
{
  PtlQuestions *self = g_new0 (PtlQuestions, 1);

  self->bridge = bridge;
  self->answered = answered;
  self->owner = owner;
  self->open = g_ptr_array_new ();
  return self;
}

void
ptl_questions_free (PtlQuestions *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->open);
  g_free (self);
}
