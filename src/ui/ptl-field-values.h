/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is typed or chosen in the fields of a session, to values; and the choice of an interface. */
#pragma once

#include <adwaita.h>

#include "base/ptl-spec.h"

G_BEGIN_DECLS

bool           ptl_value_is_blank       (const char *text);
/* PTL_ERROR_PARSE names @title, what was typed, the range and the character that is wrong. */
bool           ptl_value_parse_number   (const char     *text,
                                         const char     *title,
                                         PtlNumberKind   kind,
                                         int64_t         min, /* 0 or more */
                                         int64_t         max,
                                         int64_t        *value,
                                         GError        **error);
bool           ptl_value_parse_seconds  (const char  *text,
                                         const char  *title,
                                         uint32_t    *ms,
                                         GError     **error);
/* "keep", in English or in the user's language? */
bool           ptl_value_is_keep        (const char *text);
/* The text of a greeting or an answer, with escapes; NULL with @error. */
PtlBlob       *ptl_value_parse_reaction (const char  *text,
                                         GError     **error);
/* A multicast group, "239.9.9.9" or "239.9.9.9%eth0"; without a zone it is on @device. */
bool           ptl_value_parse_group    (const char  *text,
                                         const char  *device,
                                         PtlGroup    *group,
                                         GError     **error);

/* @none and the interfaces of this computer; owned by the caller. */
GtkStringList *ptl_interfaces_make      (const char *none);
/* Selects @name in the combo row, which gets it when it is not an interface now. */
void           ptl_interfaces_select    (AdwComboRow *combo,
                                         const char  *name);
/* The name of the chosen one, borrowed, or "". */
const char    *ptl_interfaces_get       (AdwComboRow *combo);

G_END_DECLS
