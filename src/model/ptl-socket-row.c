/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A row of the table of open sockets. */
#include "config.h"

#include "model/ptl-socket-row.h"

struct _PtlSocketRow
{
  GObject            parent_instance;

  PtlSocketSnapshot *snapshot; /* a reference */
  uint32_t           row;
  uint64_t           hash;     /* of what is shown */
};

G_DEFINE_FINAL_TYPE (PtlSocketRow, ptl_socket_row, G_TYPE_OBJECT)

static void
ptl_socket_row_finalize (GObject *object)
{
  PtlSocketRow *self = PTL_SOCKET_ROW (object);

  ptl_socket_snapshot_unref (self->snapshot);
  G_OBJECT_CLASS (ptl_socket_row_parent_class)->finalize (object);
}

static void
ptl_socket_row_class_init (PtlSocketRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ptl_socket_row_finalize;
  g_signal_new ("changed", PTL_TYPE_SOCKET_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                0);
}

static uint64_t
hash_row (PtlSocketSnapshot *snapshot,
          uint32_t           row)
{
  return row != PTL_SOCK_NO_ROW ? ptl_socket_snapshot_hash (snapshot, row) : 0;
}

static uint64_t
get_key (PtlSocketSnapshot *snapshot,
         uint32_t           row)
{
  return row != PTL_SOCK_NO_ROW ? ptl_socket_snapshot_get (snapshot, row)->key : 0;
}

static void
ptl_socket_row_init (PtlSocketRow *self)
{
}

PtlSocketRow *
ptl_socket_row_new (PtlSocketSnapshot *snapshot,
                    uint32_t           row)
{
  PtlSocketRow *self = g_object_new (PTL_TYPE_SOCKET_ROW, NULL);

  self->snapshot = ptl_socket_snapshot_ref (snapshot);
  self->row = row;
  self->hash = hash_row (snapshot, row);
  return self;
}

bool
ptl_socket_row_set (PtlSocketRow      *self,
                    PtlSocketSnapshot *snapshot,
                    uint32_t           row)
{
  uint64_t key = ptl_socket_row_get_key (self);
  uint64_t hash;
  bool changed;

  if (self->snapshot == snapshot && self->row == row)
    return false;
  hash = hash_row (snapshot, row);
  changed = hash != self->hash || get_key (snapshot, row) != key
            || (row == PTL_SOCK_NO_ROW) != ptl_socket_row_is_blank (self);
  ptl_socket_snapshot_ref (snapshot);
  ptl_socket_snapshot_unref (self->snapshot);
  self->snapshot = snapshot;
  self->row = row;
  self->hash = hash;
  return changed;
}

PtlSocketSnapshot *
ptl_socket_row_get_snapshot (PtlSocketRow *self)
{
  return self->snapshot;
}

uint32_t
ptl_socket_row_get_row (PtlSocketRow *self)
{
  return self->row;
}

uint64_t
ptl_socket_row_get_key (PtlSocketRow *self)
{
  return get_key (self->snapshot, self->row);
}

bool
ptl_socket_row_is_blank (PtlSocketRow *self)
{
  return self->row == PTL_SOCK_NO_ROW;
}
