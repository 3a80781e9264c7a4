/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of a port check: which ports are shown, in which order, and what their cells say.  The
 * reports are in an array; a row is an object only while somebody looks at it. */
#include "config.h"

#include "model/ptl-port-job-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "registry/ptl-registry.h"

#define RESORT_MS 500         /* of a list that is not in the order of the ports */
#define RESORT_AT_ONCE 2000u  /* rows: fewer are put in order each time */

struct _PtlPortRow
{
  GObject     parent_instance;

  PtlPortJob *job; /* owned */
  guint       generation;
  guint32     index;
};

G_DEFINE_FINAL_TYPE (PtlPortRow, ptl_port_row, G_TYPE_OBJECT)

static guint changed_signal;

static const PtlTableColumn columns[PTL_PORT_N_COLUMNS] = {
  [PTL_PORT_COLUMN_PORT] = { "port", N_("Port"), 6, PTL_TABLE_NUMERIC },
  [PTL_PORT_COLUMN_TRANSPORT] = { "transport", N_("Over"), 5, 0 },
  [PTL_PORT_COLUMN_STATE] = { "state", N_("State"), 11, 0 },
  [PTL_PORT_COLUMN_SERVICE] = { "service", N_("Service"), 9, 0 },
  [PTL_PORT_COLUMN_LOOKS] = { "looks_like", N_("Looks like"), 9, 0 },
  [PTL_PORT_COLUMN_ANSWER] = { "answer", N_("Answer"), 0, PTL_TABLE_WIDE_ONLY },
  [PTL_PORT_COLUMN_WHY] = { "why", N_("Why"), 28, PTL_TABLE_WIDE_ONLY | PTL_TABLE_DIM },
  [PTL_PORT_COLUMN_TIME] = { "time_ms", N_("Time"), 8, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
};

/* --- rows ------------------------------------------------------------------------------------- */

static gboolean
is_current (PtlPortRow *row)
{
  return row->generation == row->job->generation;
}

guint16
ptl_port_row_get_port (PtlPortRow *self)
{
  g_return_val_if_fail (PTL_IS_PORT_ROW (self), 0);

  return is_current (self) ? self->job->items[self->index].port : 0;
}

PtlPortTransport
ptl_port_row_get_transport (PtlPortRow *self)
{
  g_return_val_if_fail (PTL_IS_PORT_ROW (self), PTL_PORT_TCP);

  return is_current (self) ? self->job->items[self->index].transport : PTL_PORT_TCP;
}

char *
ptl_port_row_dup_endpoint (PtlPortRow *self)
{
  PtlAddress address;
  char text[PTL_ADDRESS_TEXT_MAX];

  g_return_val_if_fail (PTL_IS_PORT_ROW (self), NULL);

  if (!is_current (self))
    return NULL;
  address = self->job->target;
  ptl_address_set_port (&address, self->job->items[self->index].port);
  return g_strdup (ptl_address_format (&address, text, sizeof text));
}

char *
ptl_port_row_dup_uri (PtlPortRow *self)
{
  g_autofree char *endpoint = ptl_port_row_dup_endpoint (self);

  if (endpoint == NULL)
    return NULL;
  return g_strconcat (ptl_port_row_get_transport (self) == PTL_PORT_UDP ? "udp://" : "tcp://",
                      endpoint, NULL);
}

const char *
ptl_port_row_get_protocol (PtlPortRow *self)
{
  const char *id;
  size_t n;
  const PtlProtocol *protocols = ptl_registry_list_protocols (&n);

  g_return_val_if_fail (PTL_IS_PORT_ROW (self), "");

  if (!is_current (self))
    return "";
  id = ptl_port_report_get_protocol (&self->job->reports[self->index],
                                     &self->job->items[self->index]);
  for (size_t i = 0; id != NULL && i < n; i++)
    if (strcmp (protocols[i].id, id) == 0)
      return *protocols[i].iana_name != '\0' ? protocols[i].iana_name : protocols[i].name;
  return "";
}

char *
ptl_port_row_dup_details (PtlPortRow *self)
{
  const PtlPortReport *report;
  const PtlPortItem *item;
  g_autofree char *why = NULL, *answer = NULL;

  g_return_val_if_fail (PTL_IS_PORT_ROW (self), NULL);

  if (!is_current (self))
    return g_strdup ("");
  report = &self->job->reports[self->index];
  item = &self->job->items[self->index];
  why = ptl_port_report_dup_why (report, item);
  answer = ptl_port_report_dup_answer (report);
  return g_strdup_printf ("%u/%s · %s%s%s%s%s", item->port,
                          item->transport == PTL_PORT_UDP ? "UDP" : "TCP",
                          ptl_port_state_to_text (report->state), *why != '\0' ? " · " : "", why,
                          *answer != '\0' ? "\n" : "", answer);
}

static void
ptl_port_row_finalize (GObject *object)
{
  PtlPortRow *self = PTL_PORT_ROW (object);

  if (is_current (self)
      && g_hash_table_lookup (self->job->rows, GUINT_TO_POINTER (self->index)) == self)
    g_hash_table_remove (self->job->rows, GUINT_TO_POINTER (self->index));
  g_object_unref (self->job);

  G_OBJECT_CLASS (ptl_port_row_parent_class)->finalize (object);
}

static void
ptl_port_row_class_init (PtlPortRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ptl_port_row_finalize;
  changed_signal = g_signal_new ("changed", PTL_TYPE_PORT_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
ptl_port_row_init (PtlPortRow *self)
{
}

void
ptl_port_job_item_changed (PtlPortJob *self,
                           guint       index)
{
  PtlPortRow *row = g_hash_table_lookup (self->rows, GUINT_TO_POINTER (index));

  if (row != NULL)
    g_signal_emit (row, changed_signal, 0);
}

/* --- what is shown ---------------------------------------------------------------------------- */

static gboolean
passes (PtlPortFilter filter,
        PtlPortState  state)
{
  switch (filter)
    {
    case PTL_PORT_FILTER_OPEN:
      return state == PTL_PORT_OPEN;

    case PTL_PORT_FILTER_CLOSED:
      return state == PTL_PORT_CLOSED;

    case PTL_PORT_FILTER_FILTERED:
      return state == PTL_PORT_FILTERED || state == PTL_PORT_OPEN_FILTERED;

    case PTL_PORT_FILTER_FAILED:
      return state == PTL_PORT_FAILED;

    case PTL_PORT_FILTER_ALL:
    default:
      return state != PTL_PORT_WAITING;
    }
}

static const char *
get_service (const PtlPortJob *self,
             guint32           index)
{
  const PtlPortItem *item = &self->items[index];
  PtlRegistryRow row;
  guint32 number;

  if (!ptl_registry_find_port (item->transport == PTL_PORT_UDP ? PTL_REGISTRY_UDP
                                                               : PTL_REGISTRY_TCP,
                               item->port, &number))
    return "";
  ptl_registry_get_row (number, &row);
  return row.name;
}

static int
compare_numbers (guint32 a,
                 guint32 b)
{
  return a < b ? -1 : a > b;
}

static int
compare_column (const PtlPortJob *self,
                guint32           a,
                guint32           b)
{
  const PtlPortItem *items[2] = { &self->items[a], &self->items[b] };
  const PtlPortReport *reports[2] = { &self->reports[a], &self->reports[b] };

  switch ((PtlPortColumn) self->sort_column)
    {
    case PTL_PORT_COLUMN_PORT:
      return compare_numbers (items[0]->port, items[1]->port);

    case PTL_PORT_COLUMN_TRANSPORT:
      return compare_numbers (items[0]->transport, items[1]->transport);

    case PTL_PORT_COLUMN_STATE:
      return compare_numbers (reports[0]->state, reports[1]->state);

    case PTL_PORT_COLUMN_TIME:
      return compare_numbers (reports[0]->rtt_us, reports[1]->rtt_us);

    case PTL_PORT_COLUMN_SERVICE:
      return strcmp (get_service (self, a), get_service (self, b));

    case PTL_PORT_COLUMN_LOOKS:
      return strcmp (ptl_port_report_get_looks (reports[0], items[0]),
                     ptl_port_report_get_looks (reports[1], items[1]));

    case PTL_PORT_COLUMN_ANSWER:
      {
        g_autofree char *first = ptl_port_report_dup_answer (reports[0]);
        g_autofree char *second = ptl_port_report_dup_answer (reports[1]);

        return strcmp (first, second);
      }

    case PTL_PORT_COLUMN_WHY:
      return compare_numbers (reports[0]->why, reports[1]->why);

    case PTL_PORT_N_COLUMNS:
    default:
      return 0;
    }
}

static int
compare_items (gconstpointer a,
               gconstpointer b,
               gpointer      data)
{
  const PtlPortJob *self = data;
  guint32 first = *(const guint32 *) a, second = *(const guint32 *) b;
  int order = self->sort_column >= 0 ? compare_column (self, first, second) : 0;

  if (self->descending)
    order = -order;
  return order != 0 ? order : compare_numbers (first, second);
}

void
ptl_port_job_update_visible (PtlPortJob *self)
{
  GArray *before = self->visible;
  GArray *after = g_array_sized_new (FALSE, FALSE, sizeof (guint32), before->len);
  guint same = 0, tail = 0, n;
  const guint32 *was, *is;

  g_clear_handle_id (&self->resort_id, g_source_remove);
  for (guint32 i = 0; i < self->n_items; i++)
    if (passes (self->filter, self->reports[i].state))
      g_array_append_val (after, i);
  if (self->sort_column > 0 || self->descending)
    g_array_sort_with_data (after, compare_items, self);

  was = (const guint32 *) (gpointer) before->data;
  is = (const guint32 *) (gpointer) after->data;
  n = MIN (before->len, after->len);
  while (same < n && was[same] == is[same])
    same++;
  while (tail < n - same && was[before->len - 1 - tail] == is[after->len - 1 - tail])
    tail++;
  self->visible = after;
  if (before->len - same - tail > 0 || after->len - same - tail > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), same, before->len - same - tail,
                                after->len - same - tail);
  g_array_unref (before);
}

static gboolean
on_resort_cb (gpointer data)
{
  PtlPortJob *self = data;

  self->resort_id = 0;
  ptl_port_job_update_visible (self);
  return G_SOURCE_REMOVE;
}

void
ptl_port_job_want_update (PtlPortJob *self)
{
  if (self->visible->len < RESORT_AT_ONCE || (self->sort_column <= 0 && !self->descending))
    ptl_port_job_update_visible (self);
  else if (self->resort_id == 0)
    self->resort_id = g_timeout_add (RESORT_MS, on_resort_cb, self);
}

static GType
ptl_port_job_get_item_type (GListModel *model)
{
  return PTL_TYPE_PORT_ROW;
}

static guint
ptl_port_job_get_n_items (GListModel *model)
{
  return PTL_PORT_JOB (model)->visible->len;
}

static gpointer
ptl_port_job_get_item (GListModel *model,
                       guint       position)
{
  PtlPortJob *self = PTL_PORT_JOB (model);
  PtlPortRow *row;
  guint32 index;

  if (position >= self->visible->len)
    return NULL;
  index = g_array_index (self->visible, guint32, position);
  row = g_hash_table_lookup (self->rows, GUINT_TO_POINTER (index));
  if (row != NULL)
    return g_object_ref (row);
  row = g_object_new (PTL_TYPE_PORT_ROW, NULL);
  row->job = g_object_ref (self);
  row->generation = self->generation;
  row->index = index;
  g_hash_table_insert (self->rows, GUINT_TO_POINTER (index), row);
  return row;
}

void
ptl_port_job_model_init (GListModelInterface *iface)
{
  iface->get_item_type = ptl_port_job_get_item_type;
  iface->get_n_items = ptl_port_job_get_n_items;
  iface->get_item = ptl_port_job_get_item;
}

/* --- cells ------------------------------------------------------------------------------------ */

static const PtlTableColumn *
ptl_port_job_get_columns (PtlTable *table,
                          guint    *n_columns)
{
  *n_columns = G_N_ELEMENTS (columns);
  return columns;
}

static char *
dup_text (PtlPortRow    *row,
          PtlPortColumn  column)
{
  const PtlPortJob *self = row->job;
  const PtlPortItem *item = &self->items[row->index];
  const PtlPortReport *report = &self->reports[row->index];

  switch (column)
    {
    case PTL_PORT_COLUMN_PORT:
      return g_strdup_printf ("%u", item->port);

    case PTL_PORT_COLUMN_TRANSPORT:
      return g_strdup (item->transport == PTL_PORT_UDP ? "UDP" : "TCP");

    case PTL_PORT_COLUMN_STATE:
      return g_strdup (ptl_port_state_to_text (report->state));

    case PTL_PORT_COLUMN_SERVICE:
      return g_strdup (get_service (self, row->index));

    case PTL_PORT_COLUMN_LOOKS:
      return g_strdup (ptl_port_report_get_looks (report, item));

    case PTL_PORT_COLUMN_ANSWER:
      return ptl_port_report_dup_answer (report);

    case PTL_PORT_COLUMN_WHY:
      return ptl_port_report_dup_why (report, item);

    case PTL_PORT_COLUMN_TIME:
      if (report->rtt_us == 0)
        return g_strdup ("");
      return g_strdup_printf (_("%.2f ms"), report->rtt_us / 1000.0);

    case PTL_PORT_N_COLUMNS:
    default:
      return g_strdup ("");
    }
}

static char *
ptl_port_job_dup_cell (PtlTable *table,
                       gpointer  item,
                       guint     column)
{
  return is_current (item) ? dup_text (item, column) : g_strdup ("");
}

static char *
ptl_port_job_dup_value (PtlTable *table,
                        gpointer  item,
                        guint     column)
{
  PtlPortRow *row = item;
  const PtlPortReport *report;
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (!is_current (row))
    return g_strdup ("");
  report = &row->job->reports[row->index];
  if (column == PTL_PORT_COLUMN_TIME && report->rtt_us > 0)
    return g_strdup (g_ascii_formatd (number, sizeof number, "%.3f", report->rtt_us / 1000.0));
  if (column == PTL_PORT_COLUMN_STATE)
    return g_strdup (ptl_port_state_to_name (report->state));
  if (column == PTL_PORT_COLUMN_TRANSPORT)
    return g_strdup (row->job->items[row->index].transport == PTL_PORT_UDP ? "udp" : "tcp");
  return dup_text (row, column);
}

static PtlTableTone
ptl_port_job_get_tone (PtlTable *table,
                       gpointer  item,
                       guint     column)
{
  PtlPortRow *row = item;

  if (column != PTL_PORT_COLUMN_STATE || !is_current (row))
    return PTL_TABLE_PLAIN;
  switch ((PtlPortState) row->job->reports[row->index].state)
    {
    case PTL_PORT_OPEN:
      return PTL_TABLE_GOOD;

    case PTL_PORT_FILTERED:
    case PTL_PORT_OPEN_FILTERED:
      return PTL_TABLE_WARNING;

    case PTL_PORT_FAILED:
      return PTL_TABLE_BAD;

    case PTL_PORT_CLOSED:
    case PTL_PORT_WAITING:
    case PTL_PORT_N_STATES:
    default:
      return PTL_TABLE_QUIET;
    }
}

static void
ptl_port_job_sort (PtlTable *table,
                   int       column,
                   gboolean  descending)
{
  PtlPortJob *self = PTL_PORT_JOB (table);

  self->sort_column = column;
  self->descending = descending;
  ptl_port_job_update_visible (self);
}

void
ptl_port_job_table_init (PtlTableInterface *iface)
{
  iface->get_columns = ptl_port_job_get_columns;
  iface->dup_cell = ptl_port_job_dup_cell;
  iface->dup_value = ptl_port_job_dup_value;
  iface->get_tone = ptl_port_job_get_tone;
  iface->sort = ptl_port_job_sort;
}
