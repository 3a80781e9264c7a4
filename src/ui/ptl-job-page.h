/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A page with a job: a form that starts it, a table of what it finds, how far it is, and what was
 * asked before.  Abstract. */
#pragma once

#include <gtk/gtk.h>

#include "model/ptl-job.h"
#include "ui/ptl-job-buttons.h"
#include "ui/ptl-page-base.h"
#include "ui/ptl-probe-graph.h"
#include "ui/ptl-table-view.h"

G_BEGIN_DECLS

/* Actions "job.start", "job.stop", "job.again" (s) and "job.forget".
 * The child of its template is scrolled where it is too high; the table in it has the style class
 * "job-table", so that some rows stay. */
#define PTL_TYPE_JOB_PAGE (ptl_job_page_get_type ())
G_DECLARE_DERIVABLE_TYPE (PtlJobPage, ptl_job_page, PTL, JOB_PAGE, PtlPageBase)

struct _PtlJobPageClass
{
  PtlPageBaseClass parent_class;

  /* constants */
  const char *history_key;      /* in the settings */
  guint       n_history_fields; /* that an entry of it has, before the options */

  /* Begins what the form says, or tells there what is wrong with it. */
  void   (*start)    (PtlJobPage  *self);
  /* The job has changed.  NULL: nothing of the page's own tells of it. */
  void   (*update)   (PtlJobPage  *self);
  /* Fills in what was asked before, and may begin. */
  void   (*recall)   (PtlJobPage  *self,
                      char       **fields);
};

/* Of the template; borrowed.  Those that a page does not have are NULL. */
typedef struct
{
  GtkWidget         *first;     /* that has the focus */
  GtkBox            *fields[2]; /* beside each other, or below when narrow */
  PtlJobButtons     *buttons;
  GtkMenuButton     *table_button;
  GtkProgressBar    *progress;
  PtlTableView      *table_view;
  PtlProbeGraph     *rates_graph;
  PtlProbeGraphUnit  rates_unit;
} PtlJobPageParts;

/* "ptl-ping-page.ui"; it may have the handler on_start_cb of any signal. */
void     ptl_job_page_class_set_template (PtlJobPageClass       *klass,
                                          const char            *file);
/* When the template is there.  Takes @job, which lives as long as the page, and tells it nothing
 * any more once that is disposed of. */
void     ptl_job_page_set_parts          (PtlJobPage            *self,
                                          const PtlJobPageParts *parts,
                                          PtlJob                *job);
void     ptl_job_page_start              (PtlJobPage            *self);
/* The words of a list of IP versions, for ptl_job_page_keep(). */
extern const char *const ptl_job_page_families[];

/* An option of the form that the history keeps, see ptl_choices_add(). */
void     ptl_job_page_keep               (PtlJobPage            *self,
                                          const char            *key,
                                          gpointer               widget,
                                          const char *const     *words);
/* Fields of the form with tabs between them; the options that are kept come behind them. */
void     ptl_job_page_remember           (PtlJobPage            *self,
                                          const char            *entry);
/* Labels of a page.  One without a text is not seen; an unchanged one keeps what is selected. */
void     ptl_job_page_set_text           (GtkLabel              *label,
                                          const char            *text);
/* In the colour of an error, or of a hint where it is a caption. */
void     ptl_job_page_set_error          (GtkLabel              *label,
                                          gboolean               error);

G_END_DECLS
