/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wake-on-LAN: what was sent, as a table. */
#include "config.h"

#include "model/ptl-wake-job.h"

#include <errno.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-clock.h"
#include "base/ptl-codec.h"
#include "base/ptl-endpoint.h"
#include "base/ptl-error.h"
#include "model/ptl-job-private.h"

#define ROWS_MAX 500

enum
{
  COLUMN_TIME,
  COLUMN_MAC,
  COLUMN_TO,
  COLUMN_BY,
  COLUMN_FROM,
  COLUMN_RESULT,
  N_COLUMNS
};

static const PtlTableColumn columns[N_COLUMNS] = {
  [COLUMN_TIME] = { "time", N_("Time"), 9, 0 },
  [COLUMN_MAC] = { "mac", N_("MAC"), 17, 0 },
  [COLUMN_TO] = { "to", N_("To"), 20, PTL_TABLE_WIDE_ONLY },
  [COLUMN_BY] = { "interface", N_("By"), 9, PTL_TABLE_WIDE_ONLY },
  [COLUMN_FROM] = { "from", N_("From"), 15, PTL_TABLE_WIDE_ONLY },
  [COLUMN_RESULT] = { "result", N_("Result"), 0, 0 },
};

struct _PtlWakeJob
{
  PtlJob         parent_instance;

  PtlTableStore *store; /* borrowed */
  guint          n_sent;
  char          *refusal; /* of the last one; owned, NULL: it was sent */
};

G_DEFINE_FINAL_TYPE (PtlWakeJob, ptl_wake_job, PTL_TYPE_JOB)

static gboolean
parse_to (PtlAddress           *to,
          const PtlWakeRequest *request,
          GError              **error)
{
  g_auto (PtlEndpoint) endpoint = { 0 };
  g_autofree char *host = g_strstrip (g_strdup (request->to));
  g_autofree char *port = g_strstrip (g_strdup (request->port));
  char usual[8];

  g_snprintf (usual, sizeof usual, "%u", PTL_WAKE_PORT);
  if (!ptl_endpoint_parse_host_port (&endpoint, *host != '\0' ? host : "255.255.255.255",
                                     *port != '\0' ? port : usual, NULL, NULL, error))
    return FALSE;
  if (endpoint.address.len == 0 || endpoint.service != NULL || endpoint.port == 0)
    {
      g_set_error_literal (error, PTL_ERROR, PTL_ERROR_PARSE,
                           _("It goes to an address and a port from 1 to 65535: 255.255.255.255, "
                             "the last address of a subnet, or that of a router which passes it "
                             "on"));
      return FALSE;
    }
  *to = endpoint.address;
  ptl_address_set_port (to, (guint16) endpoint.port);
  return TRUE;
}

static gboolean
parse (PtlWakeTarget        *target,
       PtlAddress           *to,
       const PtlWakeRequest *request,
       PtlWakeField         *field,
       GError              **error)
{
  PtlWakeField unused;

  if (field == NULL)
    field = &unused;
  *field = PTL_WAKE_FIELD_MAC;
  if (!ptl_wake_parse_mac (target->mac, request->mac, error))
    return FALSE;
  *field = PTL_WAKE_FIELD_PASSWORD;
  if (!ptl_wake_parse_password (target, request->password, error))
    return FALSE;
  *field = PTL_WAKE_FIELD_TO;
  if (!parse_to (to, request, error))
    return FALSE;
  *field = PTL_WAKE_FIELD_NONE;
  return TRUE;
}

char *
ptl_wake_job_dup_frame (PtlWakeJob           *self,
                        const PtlWakeRequest *request,
                        PtlWakeField         *field,
                        GError              **error)
{
  PtlWakeTarget target = { 0 };
  PtlAddress to;
  uint8_t frame[PTL_WAKE_FRAME_MAX];
  size_t len;
  GString *text;

  g_return_val_if_fail (PTL_IS_WAKE_JOB (self), NULL);

  if (!parse (&target, &to, request, field, error))
    return NULL;
  len = ptl_wake_build (&target, frame);
  text = g_string_new (NULL);
  /* Six bytes on the first row, then twice the address on each: one sees what it is made of. */
  for (size_t i = 0, n = PTL_WAKE_MAC_LEN; i < len; i += n, n = 2 * PTL_WAKE_MAC_LEN)
    {
      g_autofree char *hex = ptl_codec_to_hex (frame + i, MIN (len - i, n));

      g_string_append_printf (text, "%s%04zx  %s", i > 0 ? "\n" : "", i, hex);
    }
  return g_string_free (text, FALSE);
}

static char *
dup_result (const PtlWakeResult *result,
            const PtlAddress    *to)
{
  gboolean v6 = ptl_address_get_family (to) == AF_INET6;
  const char *rule;

  if (result->step == PTL_WAKE_STEP_NONE)
    return g_strdup (_("sent"));
  if (result->step == PTL_WAKE_STEP_DEVICE)
    rule = result->sys_errno == ENODEV ? _("there is no such interface (any more)")
                                       : _("only an administrator may choose the interface");
  else
    switch (result->sys_errno)
      {
      case ENETUNREACH:
      case EHOSTUNREACH:
        rule = _("no route goes there: the interface has no address, or there is no default route");
        break;

      case EPERM:
        rule = _("a firewall rule of this computer does not let it out");
        break;

      case ENETDOWN:
        rule = _("the interface is down");
        break;

      case EACCES:
        rule = _("a prohibited route");
        break;

      case EINVAL:
        rule = v6 && to->in6.sin6_scope_id == 0
                   && (ptl_address_is_link_local (to) || ptl_address_is_multicast (to))
                 ? _("an address of a link needs its interface, as in ff02::1%eth0")
                 : _("thrown away by a blackhole route or rule of this computer; “Which way to” in "
                     "This Computer names it");
        break;

      default:
        rule = g_strerror (result->sys_errno);
      }
  return g_strdup_printf ("%s (%s)", rule, ptl_errno_name (result->sys_errno));
}

gboolean
ptl_wake_job_send (PtlWakeJob           *self,
                   const PtlWakeRequest *request,
                   PtlWakeField         *field,
                   GError              **error)
{
  PtlWakeTarget target = { 0 };
  PtlAddress to;
  PtlWakeResult result;
  PtlTableRow *row;
  g_autoptr (GDateTime) now = NULL;
  g_autofree char *when = NULL, *told = NULL, *mac = NULL;
  char address[PTL_ADDRESS_TEXT_MAX];

  g_return_val_if_fail (PTL_IS_WAKE_JOB (self), FALSE);

  if (!parse (&target, &to, request, field, error))
    return FALSE;
  ptl_wake_send (&target, &to, request->device, &result);

  if (g_list_model_get_n_items (G_LIST_MODEL (self->store)) >= ROWS_MAX)
    ptl_table_store_clear (self->store);
  row = ptl_table_store_add (self->store, NULL);
  now = g_date_time_new_now_local ();
  when = g_date_time_format (now, "%H:%M:%S");
  mac = g_strdup_printf ("%02x:%02x:%02x:%02x:%02x:%02x", target.mac[0], target.mac[1],
                         target.mac[2], target.mac[3], target.mac[4], target.mac[5]);
  told = dup_result (&result, &to);
  g_clear_pointer (&self->refusal, g_free);
  if (result.step == PTL_WAKE_STEP_NONE)
    self->n_sent++;
  else
    self->refusal = g_strdup (told);
  ptl_table_row_set (row, COLUMN_TIME, when);
  ptl_table_row_set (row, COLUMN_MAC, mac);
  ptl_table_row_set (row, COLUMN_TO, ptl_address_format (&to, address, sizeof address));
  ptl_table_row_set (row, COLUMN_BY, request->device);
  if (result.source.len > 0)
    ptl_table_row_set (row, COLUMN_FROM,
                       ptl_address_format_host (&result.source, address, sizeof address));
  ptl_table_row_set (row, COLUMN_RESULT, told);
  ptl_table_row_set_tone (row, COLUMN_RESULT, result.step == PTL_WAKE_STEP_NONE ? PTL_TABLE_GOOD
                                                                                : PTL_TABLE_BAD);
  ptl_table_row_changed (row);
  ptl_job_tell (PTL_JOB (self));
  return TRUE;
}

char *
ptl_wake_job_dup_status (PtlWakeJob *self)
{
  g_return_val_if_fail (PTL_IS_WAKE_JOB (self), NULL);

  if (self->refusal != NULL)
    return g_strdup_printf (_("Not sent: %s"), self->refusal);
  return g_strdup_printf (ngettext ("Sent %u time", "Sent %u times", self->n_sent), self->n_sent);
}

gboolean
ptl_wake_job_has_failed (PtlWakeJob *self)
{
  g_return_val_if_fail (PTL_IS_WAKE_JOB (self), FALSE);

  return self->refusal != NULL;
}

static void
ptl_wake_job_finalize (GObject *object)
{
  g_free (PTL_WAKE_JOB (object)->refusal);

  G_OBJECT_CLASS (ptl_wake_job_parent_class)->finalize (object);
}

static void
ptl_wake_job_class_init (PtlWakeJobClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ptl_wake_job_finalize;
}

static void
ptl_wake_job_init (PtlWakeJob *self)
{
  self->store = ptl_job_make_store (PTL_JOB (self), columns, N_COLUMNS);
}

PtlWakeJob *
ptl_wake_job_new (void)
{
  return g_object_new (PTL_TYPE_WAKE_JOB, NULL);
}
