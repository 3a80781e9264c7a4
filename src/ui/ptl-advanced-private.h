/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the Advanced part of the form share. */
#pragma once

#include <stdbool.h>

#include <adwaita.h>

#include "ui/ptl-advanced-fields.h"
#include "ui/ptl-advanced-options.h"

G_BEGIN_DECLS

typedef struct
{
  GtkWidget *row;
  GtkWidget *control; /* an entry, a switch, or the row itself */
  GtkWidget *other;   /* PTL_FIELD_CODE: the entry row of another number */
} Control;

struct _PtlAdvancedOptions
{
  GtkBox        parent_instance;

  /* borrowed: children */
  GtkWidget    *groups[PTL_N_GROUPS];
  Control       controls[PTL_N_FIELDS];
  GtkWidget    *local_address;
  GtkWidget    *local_port;
  GtkWidget    *reaction_text;
  GtkWidget    *join_device;
  GtkWidget    *join_group;
  GPtrArray    *joined_rows; /* owned array of borrowed rows */

  PtlGroup      joined[PTL_SPEC_GROUPS_MAX];
  unsigned      n_joined;
  PtlRole       role;
  PtlTransport  transport;
  bool          filling;
};

/* ptl-advanced-values.c */
unsigned ptl_advanced_count_codes (const PtlFieldCode *codes); /* of a list */
/* What is chosen in a combo row or a drop-down; 0 for other controls. */
guint ptl_advanced_get_selected (const Control *control);
/* Field @i of @spec from its control; false with @error where that is no value of its. */
bool ptl_advanced_read_control (PtlAdvancedOptions  *self,
                                size_t               i,
                                PtlSpec             *spec,
                                GError             **error);
/* Below the words of a PTL_FIELD_BYTES or PTL_FIELD_TOS: the number that is typed another way. */
void ptl_advanced_update_meaning (PtlAdvancedOptions *self,
                                  size_t              i);
void ptl_advanced_write_control (PtlAdvancedOptions *self,
                                 size_t              i,
                                 const PtlSpec      *spec);

G_END_DECLS
