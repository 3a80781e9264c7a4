/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A page that tries something when it is asked to: a table of how that went, and below it the whole
 * of the chosen row.  Abstract. */
#pragma once

#include "ui/ptl-detail.h"
#include "ui/ptl-page-base.h"
#include "ui/ptl-table-view.h"

G_BEGIN_DECLS

/* Action "trial.start", also by F5. */
#define PTL_TYPE_TRIAL_PAGE (ptl_trial_page_get_type ())
G_DECLARE_DERIVABLE_TYPE (PtlTrialPage, ptl_trial_page, PTL, TRIAL_PAGE, PtlPageBase)

struct _PtlTrialPageClass
{
  PtlPageBaseClass parent_class;

  void   (*start)      (PtlTrialPage *self);
  /* What is told of a row in full; owned, or NULL. */
  char * (*dup_detail) (PtlTrialPage *self,
                        gpointer      row);
};

/* When the template is there; all but @list are borrowed from it.  Takes @list, which lives as long
 * as the page, and tells it nothing any more once that is disposed of. */
void ptl_trial_page_set_parts     (PtlTrialPage  *self,
                                   PtlTableView  *view,
                                   GtkMenuButton *menu_button,
                                   PtlDetail     *detail,
                                   GObject       *list,
                                   PtlTable      *table);
/* What is told of the chosen row may be different. */
void ptl_trial_page_update_detail (PtlTrialPage  *self);

G_END_DECLS
