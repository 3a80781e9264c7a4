/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line of what a lookup found. */
#include "config.h"

#include "model/ptl-lookup-row.h"

struct _PtlLookupRow
{
  GObject          parent_instance;

  PtlLookupRowKind kind;
  char            *label;
  char            *value;
  char            *whole; /* NULL: the value is all there is */
  char            *detail;
  char            *target;
  char            *reference;
  char            *interface;
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PtlLookupRow, ptl_lookup_row, G_TYPE_OBJECT)

static void
ptl_lookup_row_finalize (GObject *object)
{
  PtlLookupRow *self = PTL_LOOKUP_ROW (object);

  g_free (self->label);
  g_free (self->value);
  g_free (self->whole);
  g_free (self->detail);
  g_free (self->target);
  g_free (self->reference);
  g_free (self->interface);

  G_OBJECT_CLASS (ptl_lookup_row_parent_class)->finalize (object);
}

static void
ptl_lookup_row_class_init (PtlLookupRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = ptl_lookup_row_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", PTL_TYPE_LOOKUP_ROW, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ptl_lookup_row_init (PtlLookupRow *self)
{
}

PtlLookupRow *
ptl_lookup_row_new (PtlLookupRowKind  kind,
                    const char       *label,
                    const char       *value,
                    const char       *detail)
{
  PtlLookupRow *self = g_object_new (PTL_TYPE_LOOKUP_ROW, NULL);

  self->kind = kind;
  self->label = g_strdup (label != NULL ? label : "");
  self->value = g_strdup (value != NULL ? value : "");
  self->detail = g_strdup (detail != NULL ? detail : "");
  self->target = g_strdup ("");
  self->reference = g_strdup ("");
  self->interface = g_strdup ("");
  return self;
}

void
ptl_lookup_row_set (PtlLookupRow     *self,
                    PtlLookupRowKind  kind,
                    const char       *value,
                    const char       *detail)
{
  g_return_if_fail (PTL_IS_LOOKUP_ROW (self));

  self->kind = kind;
  if (value != NULL)
    {
      g_free (self->value);
      self->value = g_strdup (value);
      g_clear_pointer (&self->whole, g_free);
    }
  if (detail != NULL)
    {
      g_free (self->detail);
      self->detail = g_strdup (detail);
    }
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

void
ptl_lookup_row_set_whole (PtlLookupRow *self,
                          const char   *whole)
{
  g_return_if_fail (PTL_IS_LOOKUP_ROW (self));

  g_free (self->whole);
  self->whole = g_strdup (whole);
}

void
ptl_lookup_row_set_target (PtlLookupRow *self,
                           const char   *target)
{
  g_return_if_fail (PTL_IS_LOOKUP_ROW (self));

  g_free (self->target);
  self->target = g_strdup (target);
}

void
ptl_lookup_row_set_reference (PtlLookupRow *self,
                              const char   *query)
{
  g_return_if_fail (PTL_IS_LOOKUP_ROW (self));

  g_free (self->reference);
  self->reference = g_strdup (query);
}

void
ptl_lookup_row_set_interface (PtlLookupRow *self,
                              const char   *name)
{
  g_return_if_fail (PTL_IS_LOOKUP_ROW (self));

  g_free (self->interface);
  self->interface = g_strdup (name);
}

PtlLookupRowKind
ptl_lookup_row_get_kind (PtlLookupRow *self)
{
  return self->kind;
}

const char *
ptl_lookup_row_get_label (PtlLookupRow *self)
{
  return self->label;
}

const char *
ptl_lookup_row_get_value (PtlLookupRow *self)
{
  return self->value;
}

const char *
ptl_lookup_row_get_whole (PtlLookupRow *self)
{
  return self->whole != NULL ? self->whole : self->value;
}

const char *
ptl_lookup_row_get_detail (PtlLookupRow *self)
{
  return self->detail;
}

const char *
ptl_lookup_row_get_target (PtlLookupRow *self)
{
  return self->target;
}

const char *
ptl_lookup_row_get_reference (PtlLookupRow *self)
{
  return self->reference;
}

const char *
ptl_lookup_row_get_interface (PtlLookupRow *self)
{
  return self->interface;
}

char *
ptl_lookup_row_to_text (PtlLookupRow *self)
{
  return g_strjoin ("\t", self->label, ptl_lookup_row_get_whole (self), self->detail, NULL);
}
