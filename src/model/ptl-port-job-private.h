/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of a port check share: the job, its table, its words. */
#pragma once

#include "probe/ptl-port-check-greeting.h"
#include "probe/ptl-port-check-udp.h"
#include "probe/ptl-port-check.h"

#include <gio/gio.h>

#include "base/ptl-endpoint.h"
#include "lookup/ptl-lookup-pool.h"
#include "model/ptl-job-private.h"
#include "model/ptl-port-job.h"
#include "model/ptl-questions-private.h"
#include "registry/ptl-services.h"

G_BEGIN_DECLS

struct _PtlPortJob
{
  PtlJob             parent_instance;

  /* owned */
  PtlLookupPool     *pool;
  PtlQuestions      *questions;  /* for the address of the host */
  PtlServices       *services;   /* of this computer; NULL until they are read */
  PtlPortCheck      *check;
  PtlPortItem       *items;
  PtlPortReport     *reports;    /* for each item; with their greetings */
  char              *host;       /* as typed */
  char              *resolved_text; /* the address that is checked */
  char              *failure;
  GArray            *visible;    /* guint32: items, as shown */
  GHashTable        *rows;       /* live PtlPortRow by item; borrowed */

  guint              n_items;
  guint              generation; /* of the items: a row of another one is of a job that is gone */
  guint              resort_id;
  gboolean           stopped;
  PtlPortFilter      filter;
  int                sort_column;
  gboolean           descending;
  PtlAddress         target;
  PtlPortRequest     request;    /* its strings are not set */
  PtlPortCheckStatus status;
};

/* Puts the list of what is shown in order again, and tells who watches of what is different. */
void ptl_port_job_update_visible (PtlPortJob *self);
/* The same, but at most so often that a long list can be read. */
void ptl_port_job_want_update    (PtlPortJob *self);
/* Item @index has another report. */
void ptl_port_job_item_changed   (PtlPortJob *self,
                                  guint       index);
void ptl_port_job_model_init     (GListModelInterface *iface);
void ptl_port_job_table_init     (PtlTableInterface   *iface);

const char *ptl_port_state_to_text   (PtlPortState state); /* for people */
const char *ptl_port_state_to_name   (PtlPortState state); /* for programs */
/* Why it is so; owned. */
char       *ptl_port_report_dup_why  (const PtlPortReport *report,
                                      const PtlPortItem   *item);
/* What the answer looks like; "" or static. */
const char *ptl_port_report_get_looks (const PtlPortReport *report,
                                       const PtlPortItem   *item);
/* The id in the reference of what it looks like; NULL or static. */
const char *ptl_port_report_get_protocol (const PtlPortReport *report,
                                          const PtlPortItem   *item);
/* The answer on one line; owned. */
char       *ptl_port_report_dup_answer (const PtlPortReport *report);

G_END_DECLS
