/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A check of the ports of a host, as a table that fills while it runs.  Main thread only; what
 * takes time is done in threads. */
#pragma once

#include <gio/gio.h>

#include "model/ptl-job.h"
#include "probe/ptl-port-check.h"

G_BEGIN_DECLS

typedef enum
{
  PTL_PORT_COLUMN_PORT,
  PTL_PORT_COLUMN_TRANSPORT,
  PTL_PORT_COLUMN_STATE,
  PTL_PORT_COLUMN_SERVICE,
  PTL_PORT_COLUMN_LOOKS,
  PTL_PORT_COLUMN_ANSWER,
  PTL_PORT_COLUMN_WHY,
  PTL_PORT_COLUMN_TIME,
  PTL_PORT_N_COLUMNS
} PtlPortColumn;

typedef enum
{
  PTL_PORT_FILTER_ALL,
  PTL_PORT_FILTER_OPEN,
  PTL_PORT_FILTER_CLOSED,
  PTL_PORT_FILTER_FILTERED, /* and open|filtered */
  PTL_PORT_FILTER_FAILED
} PtlPortFilter;

typedef struct
{
  const char *host;
  const char *ports;
  unsigned    mask;      /* PTL_PORT_MASK_* */
  int         family;    /* AF_UNSPEC, AF_INET, AF_INET6 */
  unsigned    rate;      /* 0: what suits the target; the next two as well */
  unsigned    in_flight;
  unsigned    timeout_ms;
  gboolean    greet;
  gboolean    http;
} PtlPortRequest;

/* A row: a port.  Signal "changed". */
#define PTL_TYPE_PORT_ROW (ptl_port_row_get_type ())
G_DECLARE_FINAL_TYPE (PtlPortRow, ptl_port_row, PTL, PORT_ROW, GObject)

/* A GListModel of PtlPortRow, and its own table.  Its rates are of ports: open ones, closed ones,
 * and others. */
#define PTL_TYPE_PORT_JOB (ptl_port_job_get_type ())
G_DECLARE_FINAL_TYPE (PtlPortJob, ptl_port_job, PTL, PORT_JOB, PtlJob)

PtlPortJob *ptl_port_job_new        (void);
/* How many ports @ports stands for; 0 and @error when it is not a list. */
size_t      ptl_port_job_count      (PtlPortJob           *self,
                                     const char           *ports,
                                     unsigned              mask,
                                     GError              **error);
/* Ends what runs and forgets what was found.  False: @error; *@in_host (may be NULL) says in which
 * of the two it is. */
gboolean    ptl_port_job_start      (PtlPortJob           *self,
                                     const PtlPortRequest *request,
                                     gboolean             *in_host,
                                     GError              **error);
void        ptl_port_job_set_filter (PtlPortJob           *self,
                                     PtlPortFilter         filter);
/* One line on where it stands; owned, "" before the first start. */
char       *ptl_port_job_dup_status (PtlPortJob           *self);
/* Whether the status tells of a failure. */
gboolean    ptl_port_job_has_failed (PtlPortJob           *self);
guint       ptl_port_job_get_n_done (PtlPortJob           *self);

guint16          ptl_port_row_get_port      (PtlPortRow *self);
PtlPortTransport ptl_port_row_get_transport (PtlPortRow *self);
/* "tcp://[::1]:80"; owned.  NULL when its job is gone. */
char            *ptl_port_row_dup_uri       (PtlPortRow *self);
/* The name in the reference of what the answer looks like, "" where there is none; static. */
const char      *ptl_port_row_get_protocol  (PtlPortRow *self);
/* "514/UDP · open|filtered · no answer …", and what it answered on a line of its own; owned.  ""
 * when its job is gone. */
char            *ptl_port_row_dup_details   (PtlPortRow *self);
/* "[::1]:80", for a lookup. */
char            *ptl_port_row_dup_endpoint  (PtlPortRow *self);

G_END_DECLS
