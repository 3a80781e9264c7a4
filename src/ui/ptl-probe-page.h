/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the pages Ping and Trace Route share: the line for targets, the options of all probes, what
 * is told above the table, and the picture below.  Abstract. */
#pragma once

#include "probe/ptl-icmp-socket.h"
#include "ui/ptl-job-page.h"

G_BEGIN_DECLS

/* Is a PtlPage: the target is filled in.  A template that inherits has the internal children entry,
 * buttons, port_spin, interval_spin, interval, count_option and table_view. */
#define PTL_TYPE_PROBE_PAGE (ptl_probe_page_get_type ())
G_DECLARE_DERIVABLE_TYPE (PtlProbePage, ptl_probe_page, PTL, PROBE_PAGE, PtlJobPage)

typedef struct
{
  PtlMethod method;
  int       family; /* AF_UNSPEC, AF_INET, AF_INET6 */
  guint16   port;
  guint     interval_ms;
  guint     timeout_ms;
  guint     count;  /* 0: until it is stopped */
} PtlProbeOptions;

struct _PtlProbePageClass
{
  PtlJobPageClass parent_class;

  gboolean (*begin) (PtlProbePage           *self,
                     const char             *targets,
                     const PtlProbeOptions  *options,
                     GError                **error);
};

/* When the template is there; takes @job. */
void           ptl_probe_page_set_job   (PtlProbePage *self,
                                         PtlJob       *job);
/* Above the table; what is "" is not seen. */
void           ptl_probe_page_show      (PtlProbePage *self,
                                         const char   *summary,
                                         const char   *finding,
                                         const char   *method);
/* Whether the summary is of something that went wrong. */
void           ptl_probe_page_set_failed (PtlProbePage *self,
                                          gboolean      failed);
/* Below the table: NULL hides it; borrowed. */
PtlProbeGraph *ptl_probe_page_show_graph (PtlProbePage *self,
                                          const char   *details);
PtlTableView  *ptl_probe_page_get_view  (PtlProbePage *self); /* borrowed */

G_END_DECLS
