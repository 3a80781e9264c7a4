/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vocabulary of sockets: domain, type, protocol, hostname, port, and the calls; what this
 * kernel offers is tried. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define PTL_TYPE_VOCABULARY (ptl_vocabulary_get_type ())
G_DECLARE_FINAL_TYPE (PtlVocabulary, ptl_vocabulary, PTL, VOCABULARY, GtkWidget)

G_END_DECLS
