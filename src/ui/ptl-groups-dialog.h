/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Joins and leaves multicast groups while a session runs. */
#pragma once

#include <gtk/gtk.h>

#include "model/ptl-session.h"

G_BEGIN_DECLS

/* Can this session be a member of groups? */
bool ptl_groups_dialog_applies (PtlSession *session);
void ptl_groups_dialog_present (GtkWindow  *parent,
                                PtlSession *session);

G_END_DECLS
