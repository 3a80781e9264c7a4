/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Listening to a group or to broadcasts: what comes as a table, and whether it works. */
#include "config.h"

#include "model/ptl-hear-job.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-clock.h"
#include "base/ptl-codec.h"
#include "base/ptl-endpoint.h"
#include "base/ptl-error.h"
#include "model/ptl-job-private.h"

#define TAKE_MS 100
#define TICK_MS 500 /* of the picture, while nothing comes */
#define ROWS_PER_TAKE 100 /* in a flood the newest of them */
#define PREVIEW_CHARS 160

enum
{
  COLUMN_TIME,
  COLUMN_FROM,
  COLUMN_TO,
  COLUMN_TTL,
  COLUMN_LENGTH,
  COLUMN_PREVIEW,
  N_COLUMNS
};

static const PtlTableColumn columns[N_COLUMNS] = {
  [COLUMN_TIME] = { "time", N_("Time"), 12, PTL_TABLE_WIDE_ONLY },
  [COLUMN_FROM] = { "from", N_("From"), 19, 0 },
  [COLUMN_TO] = { "to", N_("To"), 16, PTL_TABLE_WIDE_ONLY },
  [COLUMN_TTL] = { "ttl", N_("TTL"), 5, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
  [COLUMN_LENGTH] = { "length", N_("Length"), 7, PTL_TABLE_NUMERIC },
  [COLUMN_PREVIEW] = { "preview", N_("Preview"), 0, 0 },
};

struct _PtlHearJob
{
  PtlJob         parent_instance;

  PtlTableStore *store;   /* borrowed */

  /* owned */
  PtlHear       *hear;
  GQueue        *rows;   /* PtlTableRow of the store, the oldest first; borrowed */
  char          *failure;

  PtlHearConfig  config;
  PtlHearStatus  status;
  gboolean       asked;
  guint64        rate_n;  /* frames and time of the last look, for the rate */
  guint64        rate_ns;
  double         rate;
};

G_DEFINE_FINAL_TYPE (PtlHearJob, ptl_hear_job, PTL_TYPE_JOB)

/* --- what comes ------------------------------------------------------------------------------- */

static char *
dup_time (guint64 time_ns)
{
  g_autoptr (GDateTime) when = g_date_time_new_from_unix_local ((gint64) (time_ns / PTL_NS_PER_S));
  g_autofree char *text = when != NULL ? g_date_time_format (when, "%H:%M:%S") : g_strdup ("");

  return g_strdup_printf ("%s.%03u", text, (guint) (time_ns / PTL_NS_PER_MS % 1000));
}

static void
add_row (PtlHearJob         *self,
         const PtlHearFrame *frame)
{
  PtlTableRow *row;
  g_autofree char *time = dup_time (frame->time_ns);
  g_autofree char *preview = ptl_codec_preview (frame->bytes, frame->len_kept, PREVIEW_CHARS);
  char address[PTL_ADDRESS_TEXT_MAX], number[16];

  if (g_queue_get_length (self->rows) >= PTL_HEAR_ROWS_MAX)
    ptl_table_store_remove (self->store, g_queue_pop_head (self->rows));
  row = ptl_table_store_add (self->store, NULL);
  g_queue_push_tail (self->rows, row);
  ptl_table_row_set_number (row, COLUMN_TIME, (double) frame->time_ns / (double) PTL_NS_PER_S,
                            time);
  ptl_table_row_set (row, COLUMN_FROM, ptl_address_format (&frame->from, address, sizeof address));
  if (frame->to.len > 0)
    ptl_table_row_set (row, COLUMN_TO,
                       ptl_address_format_host (&frame->to, address, sizeof address));
  if (frame->ttl >= 0)
    {
      g_snprintf (number, sizeof number, "%d", frame->ttl);
      ptl_table_row_set_number (row, COLUMN_TTL, frame->ttl, number);
    }
  g_snprintf (number, sizeof number, "%u", frame->len_bytes);
  ptl_table_row_set_number (row, COLUMN_LENGTH, frame->len_bytes, number);
  ptl_table_row_set (row, COLUMN_PREVIEW, preview);
  ptl_table_row_changed (row);
}

static void
update_rate (PtlHearJob *self)
{
  guint64 elapsed_ns = self->status.elapsed_ns - self->rate_ns;

  if (elapsed_ns < PTL_NS_PER_S)
    return;
  self->rate = (double) (self->status.n_frames - self->rate_n) * (double) PTL_NS_PER_S
               / (double) elapsed_ns;
  self->rate_n = self->status.n_frames;
  self->rate_ns = self->status.elapsed_ns;
}

static void
ptl_hear_job_count (PtlJob  *job,
                    guint64  totals[PTL_RATES_SERIES])
{
  totals[0] = PTL_HEAR_JOB (job)->status.n_frames;
}

static void
ptl_hear_job_update (PtlJob *job)
{
  PtlHearJob *self = PTL_HEAR_JOB (job);
  g_autoptr (GArray) frames = NULL;
  guint first;

  if (self->hear == NULL)
    return;
  frames = ptl_hear_take (self->hear, &self->status);
  first = frames->len > ROWS_PER_TAKE ? frames->len - ROWS_PER_TAKE : 0;
  for (guint i = first; i < frames->len; i++)
    add_row (self, &g_array_index (frames, PtlHearFrame, i));
  update_rate (self);
  ptl_job_count (job);
  if (!self->status.running)
    {
      g_clear_pointer (&self->hear, ptl_hear_free);
      ptl_job_stop_clock (job);
    }
  ptl_job_set_busy (job, self->status.running);
}

/* --- start and stop --------------------------------------------------------------------------- */

static gboolean
parse (PtlHearConfig *config,
       const char    *group,
       const char    *port,
       const char    *device,
       GError       **error)
{
  g_auto (PtlEndpoint) endpoint = { 0 };

  if (!ptl_endpoint_parse_host_port (&endpoint, group, port, NULL, NULL, error))
    return FALSE;
  if (endpoint.address.len == 0 || !ptl_hear_is_group (&endpoint.address))
    {
      g_set_error_literal (error, PTL_ERROR, PTL_ERROR_PARSE,
                           _("A group is an address from 224.0.0.0 to 239.255.255.255 or one that "
                             "begins with ff; 255.255.255.255 or the last address of a subnet "
                             "stands for broadcasts"));
      return FALSE;
    }
  if (endpoint.port == 0)
    {
      g_set_error_literal (error, PTL_ERROR, PTL_ERROR_PARSE,
                           _("The port is a number from 1 to 65535"));
      return FALSE;
    }
  if (*device == '\0' || strlen (device) >= sizeof config->device)
    {
      g_set_error_literal (error, PTL_ERROR, PTL_ERROR_PARSE,
                           _("An interface is wanted, to listen there"));
      return FALSE;
    }
  config->group = endpoint.address;
  ptl_address_set_port (&config->group, (guint16) endpoint.port);
  g_strlcpy (config->device, device, sizeof config->device);
  return TRUE;
}

gboolean
ptl_hear_job_start (PtlHearJob *self,
                    const char *group,
                    const char *port,
                    const char *device,
                    GError    **error)
{
  PtlHearConfig config = { 0 };
  g_autoptr (GError) failed = NULL;

  g_return_val_if_fail (PTL_IS_HEAR_JOB (self), FALSE);

  if (!parse (&config, group, port, device, error))
    return FALSE;
  g_clear_pointer (&self->hear, ptl_hear_free);
  g_queue_clear (self->rows);
  ptl_table_store_clear (self->store);
  g_clear_pointer (&self->failure, g_free);
  self->config = config;
  self->status = (PtlHearStatus) { 0 };
  self->rate = 0;
  self->rate_n = self->rate_ns = 0;
  self->asked = TRUE;
  ptl_job_start_clock (PTL_JOB (self));
  self->hear = ptl_hear_new (&config, ptl_job_wake, self, &failed);
  if (self->hear == NULL)
    {
      ptl_job_stop_clock (PTL_JOB (self));
      self->failure = g_strdup (failed->message);
    }
  ptl_job_set_busy (PTL_JOB (self), self->hear != NULL);
  return TRUE;
}

static void
ptl_hear_job_stop (PtlJob *job)
{
  PtlHearJob *self = PTL_HEAR_JOB (job);

  if (self->hear != NULL)
    ptl_hear_stop (self->hear);
}

/* --- words ------------------------------------------------------------------------------------ */

static char *
dup_errno (const char *what,
           int         sys_errno)
{
  return g_strdup_printf ("%s: %s (%s)", what, g_strerror (sys_errno), ptl_errno_name (sys_errno));
}

/* Why a step failed. */
static char *
dup_step (PtlHearJob  *self,
          PtlHearStep  step,
          int          sys_errno)
{
  const char *device = self->config.device;

  switch (step)
    {
    case PTL_HEAR_STEP_DEVICE:
      if (sys_errno == ENODEV)
        return g_strdup_printf (_("There is no interface %s (any more)"), device);
      if (sys_errno == EADDRNOTAVAIL)
        return g_strdup_printf (_("This is not the address of a group, nor one for the broadcasts "
                                  "of %s: that is the last one of its subnet"), device);
      if (sys_errno != 0)
        return dup_errno (_("Bind to the interface"), sys_errno);
      if ((self->status.flags & IFF_UP) == 0)
        return g_strdup_printf (_("%s is down: it has to be brought up first"), device);
      return g_strdup_printf (_("%s has no broadcasts: it connects two ends only"), device);

    case PTL_HEAR_STEP_BIND:
      if (sys_errno == EADDRINUSE)
        return g_strdup_printf (_("Port %u is in use by a program that does not share it "
                                  "(EADDRINUSE)"), ptl_address_get_port (&self->config.group));
      if (sys_errno == EACCES)
        return g_strdup_printf (_("Port %u is below net.ipv4.ip_unprivileged_port_start: only an "
                                  "administrator may listen there (EACCES)"),
                                ptl_address_get_port (&self->config.group));
      return dup_errno (_("Bind"), sys_errno);

    case PTL_HEAR_STEP_JOIN:
      if (sys_errno == ENODEV || sys_errno == EADDRNOTAVAIL)
        return g_strdup_printf (_("%s cannot join: it has no address of this family (%s)"), device,
                                ptl_errno_name (sys_errno));
      if (sys_errno == ENOBUFS)
        return g_strdup (_("This program has joined as many groups as net.ipv4."
                           "igmp_max_memberships allows (ENOBUFS)"));
      return dup_errno (_("Join the group"), sys_errno);

    case PTL_HEAR_STEP_SEND:
      if (sys_errno == ENETUNREACH || sys_errno == EHOSTUNREACH)
        return g_strdup_printf (_("There is no route out of %s for it: it has no address of this "
                                  "family, or no route (%s)"), device, ptl_errno_name (sys_errno));
      if (sys_errno == EPERM)
        return g_strdup (_("A firewall rule of this computer does not let it out (EPERM)"));
      return dup_errno (_("Send"), sys_errno);

    case PTL_HEAR_STEP_RETURN:
      if ((self->status.flags & IFF_RUNNING) == 0)
        return g_strdup_printf (_("Our own datagram did not come back: %s has no carrier (is the "
                                  "cable in?)"), device);
      return g_strdup (_("Our own datagram was sent and did not come back: a firewall rule of this "
                         "computer drops it on the way in or out, or rp_filter does"));

    case PTL_HEAR_STEP_RECEIVE:
      return dup_errno (_("Receive"), sys_errno);

    case PTL_HEAR_STEP_SOCKET:
    case PTL_HEAR_STEP_NONE:
    default:
      return dup_errno (_("Socket"), sys_errno);
    }
}

char *
ptl_hear_job_dup_check (PtlHearJob   *self,
                        PtlTableTone *tone)
{
  const PtlHearStatus *status = &self->status;
  gboolean multicast;
  PtlTableTone unused;
  g_autofree char *why = NULL;

  g_return_val_if_fail (PTL_IS_HEAR_JOB (self), NULL);

  if (tone == NULL)
    tone = &unused;
  *tone = PTL_TABLE_QUIET;
  multicast = ptl_address_is_multicast (&self->config.group);
  if (!self->asked)
    return g_strdup ("");
  *tone = PTL_TABLE_BAD;
  if (self->failure != NULL)
    return g_strdup (self->failure);
  if (status->step != PTL_HEAR_STEP_NONE)
    return dup_step (self, status->step, status->sys_errno);
  if (status->check == PTL_HEAR_CHECK_GOOD)
    {
      *tone = PTL_TABLE_GOOD;
      return g_strdup_printf (multicast
                                ? _("Multicast works on %s: our own datagram came back after "
                                    "%.2f ms.")
                                : _("Broadcasts work on %s: our own datagram came back after "
                                    "%.2f ms."),
                              self->config.device, status->check_us / 1000.0);
    }
  if (status->check == PTL_HEAR_CHECK_FAILED)
    {
      why = dup_step (self, status->check_step, status->check_errno);
      return g_strdup_printf (multicast ? _("Multicast does not work on %s. %s.")
                                        : _("Broadcasts do not work on %s. %s."),
                              self->config.device, why);
    }
  *tone = PTL_TABLE_QUIET;
  return g_strdup (ptl_job_is_busy (PTL_JOB (self))
                     ? _("Sending a datagram of our own, to see whether it comes back …")
                     : "");
}

char *
ptl_hear_job_dup_status (PtlHearJob *self)
{
  const PtlHearStatus *status = &self->status;
  gboolean busy;
  GString *text;
  char address[PTL_ADDRESS_TEXT_MAX];
  g_autofree char *size = NULL, *n_frames = NULL, *not_shown = NULL, *dropped = NULL;
  guint64 n_not_shown;

  g_return_val_if_fail (PTL_IS_HEAR_JOB (self), NULL);

  text = g_string_new (NULL);
  busy = ptl_job_is_busy (PTL_JOB (self));
  if (!self->asked || self->failure != NULL || status->step != PTL_HEAR_STEP_NONE)
    return g_string_free (text, FALSE);
  ptl_address_format (&self->config.group, address, sizeof address);
  size = g_format_size (status->n_bytes);
  g_string_append_printf (text, busy ? _("Listening to %s on %s") : _("Listened to %s on %s"),
                          address, self->config.device);
  g_string_append (text, " · ");
  n_frames = g_strdup_printf ("%" G_GUINT64_FORMAT, status->n_frames);
  g_string_append_printf (text, ngettext ("%s datagram, %s", "%s datagrams, %s",
                                          (gulong) status->n_frames), n_frames, size);
  g_string_append (text, " · ");
  g_string_append_printf (text, _("%.1f a second"), busy ? self->rate : 0.0);
  n_not_shown = status->n_frames - g_list_model_get_n_items (G_LIST_MODEL (self->store));
  if (n_not_shown > 0)
    {
      g_string_append (text, " · ");
      not_shown = g_strdup_printf ("%" G_GUINT64_FORMAT, n_not_shown);
      g_string_append_printf (text, _("%s older ones are not shown"), not_shown);
    }
  if (status->n_dropped > 0)
    {
      g_string_append (text, " · ");
      dropped = g_strdup_printf ("%" G_GUINT64_FORMAT, status->n_dropped);
      g_string_append_printf (text, _("%s more were dropped by the system"), dropped);
    }
  return g_string_free (text, FALSE);
}

/* --- interfaces ------------------------------------------------------------------------------- */

static void
read_interfaces (GTask        *task,
                 gpointer      source,
                 gpointer      data,
                 GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) found = ptl_hear_list_interfaces (&error);

  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, g_steal_pointer (&found), (GDestroyNotify) g_array_unref);
}

void
ptl_hear_interfaces_async (GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);

  g_task_run_in_thread (task, read_interfaces);
}

GArray *
ptl_hear_interfaces_finish (GAsyncResult *result,
                            GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- life ------------------------------------------------------------------------------------- */

static void
ptl_hear_job_finalize (GObject *object)
{
  PtlHearJob *self = PTL_HEAR_JOB (object);

  ptl_hear_free (self->hear);
  g_queue_free (self->rows);
  g_free (self->failure);

  G_OBJECT_CLASS (ptl_hear_job_parent_class)->finalize (object);
}

static void
ptl_hear_job_class_init (PtlHearJobClass *klass)
{
  PtlJobClass *job_class = PTL_JOB_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ptl_hear_job_finalize;
  job_class->update_ms = TAKE_MS;
  job_class->tick_ms = TICK_MS;
  job_class->stop = ptl_hear_job_stop;
  job_class->update = ptl_hear_job_update;
  job_class->count = ptl_hear_job_count;
}

static void
ptl_hear_job_init (PtlHearJob *self)
{
  self->store = ptl_job_make_store (PTL_JOB (self), columns, N_COLUMNS);
  self->rows = g_queue_new ();
}

PtlHearJob *
ptl_hear_job_new (void)
{
  return g_object_new (PTL_TYPE_HEAR_JOB, NULL);
}
