/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wake-on-LAN: what was sent, as a table.  Main thread only; sending does not wait. */
#pragma once

#include "model/ptl-job.h"
#include "probe/ptl-wake.h"

G_BEGIN_DECLS

typedef struct
{
  const char *mac;      /* all as typed */
  const char *password; /* "": none */
  const char *to;       /* "": 255.255.255.255 */
  const char *port;     /* "": PTL_WAKE_PORT */
  const char *device;   /* "": as the route goes */
} PtlWakeRequest;

typedef enum
{
  PTL_WAKE_FIELD_NONE,
  PTL_WAKE_FIELD_MAC,
  PTL_WAKE_FIELD_PASSWORD,
  PTL_WAKE_FIELD_TO
} PtlWakeField;

/* It is over when it has begun. */
#define PTL_TYPE_WAKE_JOB (ptl_wake_job_get_type ())
G_DECLARE_FINAL_TYPE (PtlWakeJob, ptl_wake_job, PTL, WAKE_JOB, PtlJob)

PtlWakeJob *ptl_wake_job_new       (void);
/* The bytes that would be sent, in rows of hex; owned.  NULL and @error, and *@field (may be NULL)
 * says which is wrong. */
char       *ptl_wake_job_dup_frame (PtlWakeJob           *self,
                                    const PtlWakeRequest *request,
                                    PtlWakeField         *field,
                                    GError              **error);
/* Sends it once and adds a row.  False: @error, nothing was sent; a row tells of what the system
 * refused. */
gboolean    ptl_wake_job_send      (PtlWakeJob           *self,
                                    const PtlWakeRequest *request,
                                    PtlWakeField         *field,
                                    GError              **error);

/* How often it was sent, or why not the last time; owned. */
char       *ptl_wake_job_dup_status (PtlWakeJob           *self);
gboolean    ptl_wake_job_has_failed (PtlWakeJob           *self); /* the last time */

G_END_DECLS
