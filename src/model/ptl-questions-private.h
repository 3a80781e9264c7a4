/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names that a pool looks up: each answer comes back to the main thread with what it is about, or
 * is dropped when nobody wants it any more.  Main thread only. */
#pragma once

#include "base/ptl-resolver.h"
#include "model/ptl-bridge-private.h"

G_BEGIN_DECLS

typedef struct _PtlQuestions PtlQuestions;

/* @about is as it was given to ptl_questions_ask(); both are freed after it.  It may ask again and
 * cancel, not free the questions. */
typedef void (*PtlQuestionsFunc) (gpointer           owner,
                                  gpointer           about,
                                  const PtlResolved *resolved);

/* @bridge and @owner are borrowed. */
PtlQuestions *ptl_questions_new      (PtlBridge             *bridge,
                                      PtlQuestionsFunc       answered,
                                      gpointer               owner);
/* The pools of its resolvers are freed before it.  NULL is fine. */
void          ptl_questions_free     (PtlQuestions          *self);
/* Takes @about, which @free_about (may be NULL) frees. */
void          ptl_questions_ask      (PtlQuestions          *self,
                                      PtlResolver           *resolver,
                                      const PtlResolveQuery *query,
                                      gpointer               about,
                                      GDestroyNotify         free_about);
/* What is not answered yet will not be. */
void          ptl_questions_cancel   (PtlQuestions          *self);
/* That are not answered yet. */
guint         ptl_questions_get_open (PtlQuestions          *self);

G_END_DECLS
