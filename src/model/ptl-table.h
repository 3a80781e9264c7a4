/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list model with columns: what every table of the window shows, copies and exports.  Main
 * thread. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  PTL_TABLE_NUMERIC = 1 << 0,   /* at the end of its cell; exported as a number */
  PTL_TABLE_WIDE_ONLY = 1 << 1, /* left out when the window is narrow */
  PTL_TABLE_DIM = 1 << 2,
  PTL_TABLE_FIXED_ORDER = 1 << 3, /* its header does not sort */
  PTL_TABLE_ROOMY = 1 << 4, /* takes what the others leave, and more than they do when wide */
  PTL_TABLE_NARROW_ONLY = 1 << 5, /* what others say, in less room: left out when the window is
                                   * wide, of what is copied and of exports; never the first or
                                   * last */
  PTL_TABLE_BELOW_FIRST = 1 << 6, /* of one that is WIDE_ONLY: when the window is narrow it is a
                                   * second line in the cells of the first column */
  PTL_TABLE_MIDDLE = 1 << 7 /* cut in the middle of its last line: of a path the end tells more */
} PtlTableColumnFlags;

typedef struct
{
  const char         *name;  /* ASCII, for programs: "rtt_ms" */
  const char         *title; /* for people; marked with N_() */
  guint               chars; /* width in characters; 0: what the others leave */
  PtlTableColumnFlags flags;
} PtlTableColumn;

/* How a cell is meant. */
typedef enum
{
  PTL_TABLE_PLAIN,
  PTL_TABLE_GOOD,
  PTL_TABLE_WARNING,
  PTL_TABLE_BAD,
  PTL_TABLE_QUIET
} PtlTableTone;

#define PTL_TYPE_TABLE (ptl_table_get_type ())
G_DECLARE_INTERFACE (PtlTable, ptl_table, PTL, TABLE, GListModel)

/* Items are GObjects.  One with a signal "changed" (no arguments) is shown anew when it emits
 * that. */
struct _PtlTableInterface
{
  GTypeInterface         parent;

  /* Constant for the life of the table, which owns them. */
  const PtlTableColumn *(*get_columns) (PtlTable *self,
                                        guint    *n_columns);
  /* What is shown; owned, never NULL.  @item may have left the model meanwhile. */
  char                 *(*dup_cell)    (PtlTable *self,
                                        gpointer  item,
                                        guint     column);
  /* What is copied, and exported for people; NULL: as shown. */
  char                 *(*dup_whole)   (PtlTable *self,
                                        gpointer  item,
                                        guint     column);
  /* What is exported: without units, numbers as JSON and C write them, "" where there is none.
   * NULL: as shown. */
  char                 *(*dup_value)   (PtlTable *self,
                                        gpointer  item,
                                        guint     column);
  /* NULL: all plain. */
  PtlTableTone          (*get_tone)    (PtlTable *self,
                                        gpointer  item,
                                        guint     column);
  /* By @column, -1: as they came.  NULL: its order is its own. */
  void                  (*sort)        (PtlTable *self,
                                        int       column,
                                        gboolean  descending);
  /* All rows as they are now, in a table of the same columns that does not change any more; owned.
   * NULL: an item is the same row for as long as it is held. */
  PtlTable             *(*freeze)      (PtlTable *self);
};

const PtlTableColumn *ptl_table_get_columns (PtlTable *self,
                                             guint    *n_columns);
char                 *ptl_table_dup_cell    (PtlTable *self,
                                             gpointer  item,
                                             guint     column);
char                 *ptl_table_dup_whole   (PtlTable *self,
                                             gpointer  item,
                                             guint     column);
char                 *ptl_table_dup_value   (PtlTable *self,
                                             gpointer  item,
                                             guint     column);
PtlTableTone          ptl_table_get_tone    (PtlTable *self,
                                             gpointer  item,
                                             guint     column);
gboolean              ptl_table_can_sort    (PtlTable *self);
void                  ptl_table_sort        (PtlTable *self,
                                             int       column,
                                             gboolean  descending);

/* The cells of one row with tabs between them, in full; owned. */
char *ptl_table_dup_row (PtlTable *self,
                         gpointer  item);

typedef enum
{
  PTL_TABLE_CSV,  /* RFC 4180, the names of the columns first */
  PTL_TABLE_JSON, /* an array of objects (RFC 8259) */
  PTL_TABLE_TEXT  /* as shown, in columns, for people */
} PtlTableFormat;

/* The whole table in the order in which it is; owned. */
char *ptl_table_export        (PtlTable             *self,
                               PtlTableFormat        format);
/* The same in slices, so that the window goes on with a long one; the rows are those of now. */
void  ptl_table_export_async  (PtlTable             *self,
                               PtlTableFormat        format,
                               GCancellable         *cancellable,
                               GAsyncReadyCallback   callback,
                               gpointer              data);
char *ptl_table_export_finish (PtlTable             *self,
                               GAsyncResult         *result,
                               GError              **error);

/* @text as a JSON string with its quotes; what is not UTF-8 becomes U+FFFD. */
void  ptl_table_append_json   (GString              *json,
                               const char           *text);

G_END_DECLS
