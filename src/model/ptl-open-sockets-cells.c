/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The columns of the table of open sockets, and what is in its cells. */
#include "config.h"

#include "model/ptl-open-sockets-private.h"

#include <glib/gi18n-lib.h>

#include "model/ptl-open-sockets.h"

static const PtlTableColumn *
get_columns (PtlTable *table,
             guint    *n_columns)
{
  static const PtlTableColumn columns[PTL_SOCKET_N_COLUMNS] = {
    [PTL_SOCKET_PROTOCOL] = { "protocol", N_("Protocol"), 10, 0 },
    [PTL_SOCKET_LOCAL] = { "local_address", N_("Local Address"), 0,
                           PTL_TABLE_ROOMY | PTL_TABLE_MIDDLE },
    [PTL_SOCKET_PORT] = { "local_port", N_("Port"), 6, PTL_TABLE_NUMERIC },
    [PTL_SOCKET_STATE] = { "state", N_("State"), 13, PTL_TABLE_WIDE_ONLY | PTL_TABLE_BELOW_FIRST },
    [PTL_SOCKET_PROGRAM] = { "program", N_("Program"), 13, 0 },
    [PTL_SOCKET_PID] = { "pid", N_("Process"), 9, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
    [PTL_SOCKET_USER] = { "user", N_("User"), 10, PTL_TABLE_WIDE_ONLY },
    [PTL_SOCKET_SERVICE] = { "service", N_("Service"), 12, PTL_TABLE_WIDE_ONLY },
    [PTL_SOCKET_REACH] = { "reachable_from", N_("Reachable From"), 20, PTL_TABLE_WIDE_ONLY },
    [PTL_SOCKET_PEER] = { "peer", N_("Peer"), 24, PTL_TABLE_WIDE_ONLY | PTL_TABLE_MIDDLE },
    [PTL_SOCKET_RQUEUE] = { "receive_queue", N_("Receive Queue"), 13,
                            PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
    [PTL_SOCKET_WQUEUE] = { "send_queue", N_("Send Queue"), 13,
                            PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
    [PTL_SOCKET_INTERFACE] = { "interface", N_("Interface"), 11, PTL_TABLE_WIDE_ONLY },
  };

  *n_columns = G_N_ELEMENTS (columns);
  return columns;
}

static char *
dup_cell (PtlTable *table,
          gpointer  item,
          guint     column)
{
  if (ptl_socket_row_is_blank (item))
    return g_strdup ("");
  return ptl_socket_snapshot_dup_cell (ptl_socket_row_get_snapshot (item),
                                       ptl_socket_row_get_row (item), (PtlSocketColumn) column);
}

static char *
dup_value (PtlTable *table,
           gpointer  item,
           guint     column)
{
  if (ptl_socket_row_is_blank (item))
    return g_strdup ("");
  return ptl_socket_snapshot_dup_value (ptl_socket_row_get_snapshot (item),
                                        ptl_socket_row_get_row (item), (PtlSocketColumn) column);
}

static PtlTableTone
get_tone (PtlTable *table,
          gpointer  item,
          guint     column)
{
  PtlSocketSnapshot *snapshot = ptl_socket_row_get_snapshot (item);
  uint32_t row = ptl_socket_row_get_row (item);

  if (ptl_socket_row_is_blank (item))
    return PTL_TABLE_PLAIN;
  switch (column)
    {
    case PTL_SOCKET_STATE:
      switch (ptl_socket_snapshot_get (snapshot, row)->state)
        {
        case PTL_SOCK_LISTEN: return PTL_TABLE_GOOD;
        case PTL_SOCK_CLOSE_WAIT: return PTL_TABLE_WARNING; /* the program's turn to close */
        case PTL_SOCK_TIME_WAIT: return PTL_TABLE_QUIET;
        default: return PTL_TABLE_PLAIN;
        }
    case PTL_SOCKET_PROGRAM:
      return ptl_socket_snapshot_get_owner_kind (snapshot, row) == PTL_OWNER_SEEN
             ? PTL_TABLE_PLAIN : PTL_TABLE_QUIET;
    case PTL_SOCKET_REACH:
      return ptl_socket_snapshot_get_reach (snapshot, row) <= PTL_REACH_PEER
             ? PTL_TABLE_QUIET : PTL_TABLE_PLAIN;
    default:
      return PTL_TABLE_PLAIN;
    }
}

/* --- rows that do not change ------------------------------------------------------------------ */

#define PTL_TYPE_FROZEN_SOCKETS (ptl_frozen_sockets_get_type ())
G_DECLARE_FINAL_TYPE (PtlFrozenSockets, ptl_frozen_sockets, PTL, FROZEN_SOCKETS, GObject)

struct _PtlFrozenSockets
{
  GObject        parent_instance;

  PtlSocketView *view; /* a reference; NULL: nothing is read yet */
};

static void frozen_list_init  (GListModelInterface *iface);
static void frozen_table_init (PtlTableInterface   *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlFrozenSockets, ptl_frozen_sockets, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, frozen_list_init)
                               G_IMPLEMENT_INTERFACE (PTL_TYPE_TABLE, frozen_table_init))

static GType
frozen_get_item_type (GListModel *model)
{
  return PTL_TYPE_SOCKET_ROW;
}

static guint
frozen_get_n_items (GListModel *model)
{
  PtlSocketView *view = PTL_FROZEN_SOCKETS (model)->view;

  return view != NULL ? view->n : 0;
}

static gpointer
frozen_get_item (GListModel *model,
                 guint       place)
{
  PtlSocketView *view = PTL_FROZEN_SOCKETS (model)->view;

  return place < frozen_get_n_items (model) ? ptl_socket_row_new (view->snapshot,
                                                                  view->rows[place]) : NULL;
}

static void
frozen_list_init (GListModelInterface *iface)
{
  iface->get_item_type = frozen_get_item_type;
  iface->get_n_items = frozen_get_n_items;
  iface->get_item = frozen_get_item;
}

static void
frozen_table_init (PtlTableInterface *iface)
{
  iface->get_columns = get_columns;
  iface->dup_cell = dup_cell;
  iface->dup_value = dup_value;
  iface->get_tone = get_tone;
}

static void
ptl_frozen_sockets_finalize (GObject *object)
{
  ptl_socket_view_unref (PTL_FROZEN_SOCKETS (object)->view);
  G_OBJECT_CLASS (ptl_frozen_sockets_parent_class)->finalize (object);
}

static void
ptl_frozen_sockets_class_init (PtlFrozenSocketsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ptl_frozen_sockets_finalize;
}

static void
ptl_frozen_sockets_init (PtlFrozenSockets *self)
{
}

PtlTable *
ptl_open_sockets_freeze (PtlSocketView *view)
{
  PtlFrozenSockets *self = g_object_new (PTL_TYPE_FROZEN_SOCKETS, NULL);

  self->view = view != NULL ? ptl_socket_view_ref (view) : NULL;
  return PTL_TABLE (self);
}

/* --- the table -------------------------------------------------------------------------------- */

void
ptl_open_sockets_init_cells (PtlTableInterface *iface)
{
  iface->get_columns = get_columns;
  iface->dup_cell = dup_cell;
  iface->dup_value = dup_value;
  iface->get_tone = get_tone;
}
