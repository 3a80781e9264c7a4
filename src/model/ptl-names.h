/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of this computer, where each comes from, and what each resolves to from here.  Main
 * thread; nothing here waits.  Once begun it follows: the kernel's host name, the files, and what
 * systemd-hostnamed tells. */
#pragma once

#include "model/ptl-table.h"

G_BEGIN_DECLS

#define PTL_NAMES_RESOLVED_MAX 16 /* names that are looked up; more are not */
#define PTL_NAMES_ALIASES_MAX 32  /* of the hosts file that are shown; more are counted */

#define PTL_TYPE_NAMES (ptl_names_get_type ())
G_DECLARE_FINAL_TYPE (PtlNames, ptl_names, PTL, NAMES, GObject)

/* Properties: "busy" (boolean, read only), "summary" (string, read only): the host name and the
 * system, NULL at first. */
PtlNames   *ptl_names_new            (void);
/* Reads and asks all of it, again if that was done before, and follows it from then on. */
void        ptl_names_start          (PtlNames *self);
gboolean    ptl_names_is_busy        (PtlNames *self);
const char *ptl_names_get_summary    (PtlNames *self); /* borrowed, or NULL */
const char *ptl_names_get_hostname   (PtlNames *self); /* borrowed, or NULL */
/* What, value, where it comes from; borrowed. */
PtlTable   *ptl_names_get_facts      (PtlNames *self);
/* A row for each address of each name; borrowed. */
PtlTable   *ptl_names_get_addresses  (PtlNames *self);
/* The name that @item of either table is about, to be looked up; owned, NULL when there is none. */
char       *ptl_names_dup_name       (PtlNames *self,
                                      gpointer  item);
/* All of @item of either table, in words; owned. */
char       *ptl_names_dup_detail     (PtlNames *self,
                                      gpointer  item);

G_END_DECLS
