/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pane of several pages: their list beside them, or a drop-down above them when narrow.  A page
 * is made when it is first shown. */
#pragma once

#include <gtk/gtk.h>

#include "model/ptl-report.h"

G_BEGIN_DECLS

/* What a page may implement; any widget can be one. */
#define PTL_TYPE_PAGE (ptl_page_get_type ())
G_DECLARE_INTERFACE (PtlPage, ptl_page, PTL, PAGE, GtkWidget)

struct _PtlPageInterface
{
  GTypeInterface parent;

  /* Somebody wants to see @target on this page: a port, a host, an interface.  Never "". */
  void (*show_target) (PtlPage    *self,
                       const char *target);
  /* What a report has of this page.  NULL: every table view in it that has a label and a file
   * name. */
  void (*add_to_report) (PtlPage   *self,
                         PtlReport *report);
};

/* A property "narrow" (boolean), where a page has it, follows that of the pane. */
typedef struct
{
  const char *name;      /* NULL ends a list of them */
  const char *title;     /* marked with N_() */
  const char *icon_name;
  GType     (*get_type) (void);
} PtlPageEntry;

#define PTL_TYPE_PAGES_PANE (ptl_pages_pane_get_type ())
G_DECLARE_FINAL_TYPE (PtlPagesPane, ptl_pages_pane, PTL, PAGES_PANE, GtkWidget)

/* Property "narrow" (boolean). */

/* @entries is constant.  @label says what the list is of; @setting is the GSettings key that keeps
 * the name of the page that is shown. */
PtlPagesPane *ptl_pages_pane_new  (const PtlPageEntry *entries,
                                   const char         *label,
                                   const char         *setting);
/* "page" or "page:target"; an unknown page is left alone. */
void          ptl_pages_pane_show (PtlPagesPane       *self,
                                   const char         *where);

/* Offers a report of all tables of all pages; @about says what it gives away, @file_name is
 * proposed for it.  Both are copied. */
void          ptl_pages_pane_set_report (PtlPagesPane  *self,
                                         const char    *about,
                                         const char    *file_name);

/* The panes of the window that are made of pages. */
const PtlPageEntry *ptl_computer_pages (void);
const PtlPageEntry *ptl_diagnose_pages (void);

G_END_DECLS
