/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many names at once: the results as a list and a table. */
#include "config.h"

#include "model/ptl-lookup-list-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-error.h"
#include "lookup/ptl-classify.h"
#include "lookup/ptl-nss.h"
#include "model/ptl-places.h"

/* How often what is sorted is sorted anew while results come. */
#define RESORT_MS 250
#define FETCH_MS 16

struct _PtlLookupListItem
{
  GObject                parent_instance;

  GPtrArray             *results; /* counted: keeps the result; NULL: blank */
  const PtlLookupResult *result;
  guint                  index;   /* of it */
};

struct _PtlLookupList
{
  GObject           parent_instance;

  PtlDnsClient     *client;
  PtlLookupListJob *job;        /* NULL: never started */
  GPtrArray        *results;    /* of PtlLookupResult, as they came; constant once they are here */
  PtlPlaces        *places;     /* of PtlLookupListItem */
  guint            *order;      /* of what is shown; NULL: as they came */
  guint             n;          /* rows that are shown, or will be when all is told */
  int               column;     /* wanted; -1: as they came */
  gboolean          descending;
  guint             order_id;   /* another with each order that is wanted */
  gboolean          sorting;    /* a thread is at it: what is shown stays */
  gboolean          busy;
  guint             n_left_out;
  guint             n_comments;
  size_t            room;       /* for long answers, of one start */
  guint             fetch_id;
  gint64            sorted_us;
};

enum
{
  PROP_0,
  PROP_BUSY,
  PROP_N_DONE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint updated_signal;

static const PtlTableColumn columns[PTL_LOOKUP_LIST_N_COLUMNS] = {
  [PTL_LOOKUP_LIST_NAME] = { "name", N_("Name"), 0, PTL_TABLE_ROOMY },
  [PTL_LOOKUP_LIST_TYPE] = { "type", N_("Type"), 9, PTL_TABLE_WIDE_ONLY },
  [PTL_LOOKUP_LIST_ANSWER] = { "answer", N_("Answer"), 0, PTL_TABLE_ROOMY },
  [PTL_LOOKUP_LIST_STATUS] = { "status", N_("Status"), 0, PTL_TABLE_ROOMY },
  [PTL_LOOKUP_LIST_TTL] = { "ttl_s", N_("TTL"), 7, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
  [PTL_LOOKUP_LIST_TIME] = { "time_ms", N_("Time"), 9, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
};

static void list_model_init (GListModelInterface *iface);
static void table_init      (PtlTableInterface   *iface);

G_DEFINE_FINAL_TYPE (PtlLookupListItem, ptl_lookup_list_item, G_TYPE_OBJECT)
G_DEFINE_FINAL_TYPE_WITH_CODE (PtlLookupList, ptl_lookup_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init)
                               G_IMPLEMENT_INTERFACE (PTL_TYPE_TABLE, table_init))

/* --- the order -------------------------------------------------------------------------------- */

static guint
get_index (PtlLookupList *self,
           guint          place)
{
  return self->order != NULL ? self->order[place] : place;
}

/* True: it says something else now. */
static gboolean
set_item (PtlLookupListItem *item,
          GPtrArray         *results,
          guint              index)
{
  if (item->results == results && item->index == index)
    return FALSE;
  g_ptr_array_ref (results);
  g_clear_pointer (&item->results, g_ptr_array_unref);
  item->results = results;
  item->result = results->pdata[index];
  item->index = index;
  return TRUE;
}

/* Shows the first @n of @order (taken; NULL: as they came).  Rows that are too many stay what they
 * are until they go. */
static void
show (PtlLookupList *self,
      guint         *order,
      guint          n)
{
  GHashTableIter iter;
  gpointer item, place;

  g_free (self->order);
  self->order = order;
  self->n = n;
  self->sorted_us = g_get_monotonic_time ();
  g_hash_table_iter_init (&iter, ptl_places_get_live (self->places));
  while (g_hash_table_iter_next (&iter, &item, &place))
    if (GPOINTER_TO_UINT (place) < n
        && set_item (item, self->results, get_index (self, GPOINTER_TO_UINT (place))))
      ptl_places_change (self->places, item);
  ptl_places_resize (self->places, n);
  ptl_places_go_on (self->places, n);
  g_signal_emit (self, updated_signal, 0);
}

/* Everything that has come, with the first @n_sorted of @order (taken) as they are to be. */
static void
show_sorted (PtlLookupList *self,
             guint         *order,
             guint          n_sorted)
{
  PtlLookupOrder by = {
    (const PtlLookupResult *const *) self->results->pdata, (PtlLookupListColumn) self->column,
    self->descending,
  };
  guint n = self->results->len;

  order = g_renew (guint, order, MAX (n, 1));
  for (guint i = n_sorted; i < n; i++)
    order[i] = i;
  ptl_lookup_order_sort (&by, order, n_sorted, n);
  show (self, order, n);
}

/* What has come since it was shown. */
static void
show_more (PtlLookupList *self)
{
  guint n = self->results->len;

  if (self->column < 0)
    show (self, NULL, n);
  else if (!self->sorting)
    show_sorted (self, g_memdup2 (self->order, self->n * sizeof (guint)), self->n);
}

typedef struct
{
  GPtrArray      *results; /* counted: keeps them */
  gpointer       *pointers;
  guint           n;
  PtlLookupOrder  by;
  guint          *order;
  guint           order_id;
} SortJob;

static void
sort_job_free (gpointer data)
{
  SortJob *job = data;

  g_free (job->order);
  g_free (job->pointers);
  g_ptr_array_unref (job->results);
  g_free (job);
}

static void
sort_thread (GTask        *task,
             gpointer      source,
             gpointer      data,
             GCancellable *cancellable)
{
  SortJob *job = data;

  job->order = g_new (guint, job->n);
  for (guint i = 0; i < job->n; i++)
    job->order[i] = i;
  ptl_lookup_order_sort (&job->by, job->order, 0, job->n);
  g_task_return_boolean (task, TRUE);
}

static void
on_sorted_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  PtlLookupList *self = PTL_LOOKUP_LIST (source);
  SortJob *job = g_task_get_task_data (G_TASK (result));

  self->sorting = FALSE;
  if (self->column < 0)
    return;
  /* Another column was chosen meanwhile, or other names. */
  if (job->order_id != self->order_id || job->results != self->results)
    ptl_table_sort (PTL_TABLE (self), self->column, self->descending);
  else
    show_sorted (self, g_steal_pointer (&job->order), job->n);
}

static void
sort_in_thread (PtlLookupList *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, on_sorted_cb, NULL);
  SortJob *job = g_new0 (SortJob, 1);

  /* The array grows meanwhile, and moves; what it points to stays. */
  job->results = g_ptr_array_ref (self->results);
  job->n = self->results->len;
  job->pointers = g_memdup2 (self->results->pdata, job->n * sizeof (gpointer));
  job->by = (PtlLookupOrder) { (const PtlLookupResult *const *) job->pointers,
                               (PtlLookupListColumn) self->column, self->descending };
  job->order_id = self->order_id;
  self->sorting = TRUE;
  g_task_set_source_tag (task, sort_in_thread);
  g_task_set_task_data (task, job, sort_job_free);
  g_task_run_in_thread (task, sort_thread);
}

static void
ptl_lookup_list_sort (PtlTable *table,
                      int       column,
                      gboolean  descending)
{
  PtlLookupList *self = PTL_LOOKUP_LIST (table);

  self->column = column;
  self->descending = descending;
  self->order_id++;
  if (column < 0)
    show (self, NULL, self->results->len);
  else if (self->sorting)
    return; /* the thread's end looks what is wanted */
  else if (self->results->len > PTL_LOOKUP_LIST_SORT_MAX)
    sort_in_thread (self);
  else
    show_sorted (self, NULL, 0);
}

/* --- fetching --------------------------------------------------------------------------------- */

static void
set_busy (PtlLookupList *self,
          gboolean       busy)
{
  if (self->busy == busy)
    return;
  self->busy = busy;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
}

static gboolean
on_fetch_cb (gpointer data)
{
  PtlLookupList *self = data;
  gboolean ended;
  GPtrArray *news = ptl_lookup_list_job_fetch (self->job, &ended);
  gboolean some = news->len > 0;

  g_ptr_array_extend_and_steal (self->results, news);
  if (self->n != self->results->len
      && (self->column < 0 || ended
          || g_get_monotonic_time () - self->sorted_us > RESORT_MS * 1000))
    show_more (self);
  if (some)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_DONE]);
  if (!ended || !ptl_places_is_settled (self->places))
    return G_SOURCE_CONTINUE;
  self->fetch_id = 0;
  set_busy (self, FALSE);
  return G_SOURCE_REMOVE;
}

/* --- start and end ---------------------------------------------------------------------------- */

static void
drop_job (PtlLookupList *self)
{
  if (self->job != NULL)
    ptl_lookup_list_job_cancel (self->job);
}

void
ptl_lookup_list_cancel (PtlLookupList *self)
{
  g_return_if_fail (PTL_IS_LOOKUP_LIST (self));

  drop_job (self);
}

gboolean
ptl_lookup_list_start (PtlLookupList *self,
                       const char    *text,
                       guint          type,
                       const char    *server,
                       GError       **error)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  PtlAddress servers[PTL_NSS_SERVERS_MAX];
  guint n_servers = 1;

  g_return_val_if_fail (PTL_IS_LOOKUP_LIST (self), FALSE);

  if (self->client == NULL)
    self->client = ptl_dns_client_new (error);
  if (self->client == NULL)
    return FALSE;
  if (server[0] != '\0')
    {
      if (!ptl_dns_parse_server (server, &servers[0], error))
        return FALSE;
    }
  else
    n_servers = ptl_nss_read_servers (PTL_NSS_RESOLV_PATH, servers);

  self->n_left_out = 0;
  self->n_comments = 0;
  for (const char *at = text; *at != '\0';)
    {
      size_t len = strcspn (at, "\r\n,;\t ");

      if (*at == '#')
        {
          len = strcspn (at, "\r\n");
          self->n_comments++;
        }
      else if (len > 0 && lines->len < PTL_LOOKUP_LIST_MAX)
        g_ptr_array_add (lines, g_strndup (at, MIN (len, PTL_CLASSIFY_TEXT_MAX + 1)));
      else if (len > 0)
        self->n_left_out++;
      at += len + (at[len] != '\0');
    }
  if (lines->len == 0)
    {
      g_set_error (error, PTL_ERROR, PTL_ERROR_PARSE,
                   _("Type or open a list: a name, an address or a port on each line"));
      return FALSE;
    }
  g_ptr_array_add (lines, NULL);

  drop_job (self);
  g_clear_handle_id (&self->fetch_id, g_source_remove);
  g_clear_pointer (&self->job, ptl_lookup_list_job_unref);
  show (self, NULL, 0);
  /* Rows that are still there keep what they show: the array is left to them. */
  g_ptr_array_unref (self->results);
  self->results = g_ptr_array_new_with_free_func (ptl_lookup_result_free);

  self->job = ptl_lookup_list_job_new (self->client, (char **) g_ptr_array_steal (lines, NULL),
                                       (guint16) type, servers, n_servers, self->room);
  set_busy (self, TRUE);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_DONE]);
  self->fetch_id = g_timeout_add (FETCH_MS, on_fetch_cb, self);
  return TRUE;
}

void
ptl_lookup_list_set_room (PtlLookupList *self,
                          size_t         bytes)
{
  self->room = bytes;
}

gboolean
ptl_lookup_list_is_busy (PtlLookupList *self)
{
  g_return_val_if_fail (PTL_IS_LOOKUP_LIST (self), FALSE);

  return self->busy;
}

guint
ptl_lookup_list_get_n_wanted (PtlLookupList *self)
{
  g_return_val_if_fail (PTL_IS_LOOKUP_LIST (self), 0);

  return self->job != NULL ? ptl_lookup_list_job_get_n_lines (self->job) : 0;
}

guint
ptl_lookup_list_get_n_left_out (PtlLookupList *self)
{
  g_return_val_if_fail (PTL_IS_LOOKUP_LIST (self), 0);

  return self->n_left_out;
}

guint
ptl_lookup_list_get_n_comments (PtlLookupList *self)
{
  g_return_val_if_fail (PTL_IS_LOOKUP_LIST (self), 0);

  return self->n_comments;
}

guint
ptl_lookup_list_find (PtlLookupList *self,
                      guint          index)
{
  guint n;

  g_return_val_if_fail (PTL_IS_LOOKUP_LIST (self), G_MAXUINT);

  n = MIN (self->n, ptl_places_get_n (self->places));
  for (guint i = 0; i < n; i++)
    if (get_index (self, i) == index)
      return i;
  return G_MAXUINT;
}

/* --- items ------------------------------------------------------------------------------------ */

static GType
get_item_type (GListModel *model)
{
  return PTL_TYPE_LOOKUP_LIST_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return ptl_places_get_n (PTL_LOOKUP_LIST (model)->places);
}

static gpointer
get_item (GListModel *model,
          guint       place)
{
  PtlLookupList *self = PTL_LOOKUP_LIST (model);
  PtlLookupListItem *item;

  if (place >= ptl_places_get_n (self->places))
    return NULL;
  item = ptl_places_dup_item (self->places, place);
  if (item != NULL)
    return item;
  item = g_object_new (PTL_TYPE_LOOKUP_LIST_ITEM, NULL);
  if (place < self->n)
    set_item (item, self->results, get_index (self, place));
  ptl_places_add (self->places, place, item);
  return item;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

const char *
ptl_lookup_list_item_get_name (PtlLookupListItem *self)
{
  g_return_val_if_fail (PTL_IS_LOOKUP_LIST_ITEM (self), NULL);

  return self->result != NULL ? self->result->name : NULL;
}

PtlLookupListKind
ptl_lookup_list_item_get_kind (PtlLookupListItem *self)
{
  g_return_val_if_fail (PTL_IS_LOOKUP_LIST_ITEM (self), PTL_LOOKUP_LIST_UNKNOWN);

  return self->result != NULL ? self->result->kind : PTL_LOOKUP_LIST_UNKNOWN;
}

guint
ptl_lookup_list_item_get_index (PtlLookupListItem *self)
{
  g_return_val_if_fail (PTL_IS_LOOKUP_LIST_ITEM (self), G_MAXUINT);

  return self->result != NULL ? self->index : G_MAXUINT;
}

static void
ptl_lookup_list_item_finalize (GObject *object)
{
  PtlLookupListItem *self = PTL_LOOKUP_LIST_ITEM (object);

  g_clear_pointer (&self->results, g_ptr_array_unref);

  G_OBJECT_CLASS (ptl_lookup_list_item_parent_class)->finalize (object);
}

static void
ptl_lookup_list_item_class_init (PtlLookupListItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ptl_lookup_list_item_finalize;
  g_signal_new ("changed", PTL_TYPE_LOOKUP_LIST_ITEM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 0);
}

static void
ptl_lookup_list_item_init (PtlLookupListItem *self)
{
}

/* --- cells ------------------------------------------------------------------------------------ */

static const PtlTableColumn *
get_columns (PtlTable *table,
             guint    *n_columns)
{
  *n_columns = G_N_ELEMENTS (columns);
  return columns;
}

static char *
dup_cell (PtlTable *table,
          gpointer  item,
          guint     column)
{
  const PtlLookupResult *result = PTL_LOOKUP_LIST_ITEM (item)->result;

  return result != NULL ? ptl_lookup_result_to_text (result, column) : g_strdup ("");
}

static char *
dup_whole (PtlTable *table,
           gpointer  item,
           guint     column)
{
  const PtlLookupResult *result = PTL_LOOKUP_LIST_ITEM (item)->result;

  if (column == PTL_LOOKUP_LIST_ANSWER && result != NULL)
    return g_strdup (result->answer);
  if (column == PTL_LOOKUP_LIST_NAME && result != NULL)
    return g_strdup (result->name);
  return dup_cell (table, item, column);
}

static char *
dup_value (PtlTable *table,
           gpointer  item,
           guint     column)
{
  const PtlLookupResult *result = PTL_LOOKUP_LIST_ITEM (item)->result;
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (column == PTL_LOOKUP_LIST_TYPE && result != NULL && result->type == 0)
    return g_strdup (result->kind == PTL_LOOKUP_LIST_INTERFACE ? "interface" : "port");
  if (column == PTL_LOOKUP_LIST_TIME && result != NULL && result->time_ns != 0)
    return g_strdup (g_ascii_formatd (number, sizeof number, "%.3f", result->time_ns / 1e6));
  return dup_whole (table, item, column);
}

static PtlTableTone
get_tone (PtlTable *table,
          gpointer  item,
          guint     column)
{
  const PtlLookupResult *result = PTL_LOOKUP_LIST_ITEM (item)->result;

  if (column != PTL_LOOKUP_LIST_STATUS || result == NULL)
    return PTL_TABLE_PLAIN;
  return result->failed ? PTL_TABLE_BAD : result->empty ? PTL_TABLE_QUIET : PTL_TABLE_PLAIN;
}

/* Items are places: what is exported has a list of its own, of the same results. */
static PtlTable *
freeze (PtlTable *table)
{
  PtlLookupList *self = PTL_LOOKUP_LIST (table);
  PtlLookupList *frozen = ptl_lookup_list_new ();

  g_ptr_array_unref (frozen->results);
  frozen->results = g_ptr_array_ref (self->results);
  frozen->order = self->order != NULL ? g_memdup2 (self->order, self->n * sizeof (guint)) : NULL;
  frozen->n = self->n;
  ptl_places_tell (frozen->places, 0, 0, self->n);
  return PTL_TABLE (frozen);
}

static void
table_init (PtlTableInterface *iface)
{
  iface->get_columns = get_columns;
  iface->dup_cell = dup_cell;
  iface->dup_whole = dup_whole;
  iface->dup_value = dup_value;
  iface->get_tone = get_tone;
  iface->sort = ptl_lookup_list_sort;
  iface->freeze = freeze;
}

/* --- life ------------------------------------------------------------------------------------- */

static void
ptl_lookup_list_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  PtlLookupList *self = PTL_LOOKUP_LIST (object);

  switch (prop_id)
    {
    case PROP_BUSY:
      g_value_set_boolean (value, self->busy);
      break;

    case PROP_N_DONE:
      g_value_set_uint (value, self->results->len);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_lookup_list_finalize (GObject *object)
{
  PtlLookupList *self = PTL_LOOKUP_LIST (object);

  drop_job (self);
  g_clear_handle_id (&self->fetch_id, g_source_remove);
  ptl_dns_client_free (self->client);
  ptl_lookup_list_job_unref (self->job);
  g_free (self->order);
  g_ptr_array_unref (self->results);
  ptl_places_free (self->places);

  G_OBJECT_CLASS (ptl_lookup_list_parent_class)->finalize (object);
}

static void
ptl_lookup_list_class_init (PtlLookupListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = ptl_lookup_list_finalize;
  object_class->get_property = ptl_lookup_list_get_property;
  properties[PROP_BUSY] =
    g_param_spec_boolean ("busy", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_N_DONE] =
    g_param_spec_uint ("n-done", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  updated_signal = g_signal_new ("updated", PTL_TYPE_LOOKUP_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
on_settled (gpointer model)
{
  g_signal_emit (model, updated_signal, 0);
}

static void
ptl_lookup_list_init (PtlLookupList *self)
{
  self->results = g_ptr_array_new_with_free_func (ptl_lookup_result_free);
  self->places = ptl_places_new (G_LIST_MODEL (self), on_settled);
  self->column = -1;
  self->room = PTL_LOOKUP_LIST_WHOLE_MAX;
}

PtlLookupList *
ptl_lookup_list_new (void)
{
  return g_object_new (PTL_TYPE_LOOKUP_LIST, NULL);
}
