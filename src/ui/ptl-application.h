/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The application: command line, actions that scripts can call, owner of the sessions. */
#pragma once

#include <adwaita.h>

#include "base/ptl-spec.h"

G_BEGIN_DECLS

#define PTL_TYPE_APPLICATION (ptl_application_get_type ())
G_DECLARE_FINAL_TYPE (PtlApplication, ptl_application, PTL, APPLICATION, AdwApplication)

/* Actions: connect, listen, datagrams (each with a URI), try-it, quit, about, shortcuts. */
PtlApplication *ptl_application_new (void);

G_END_DECLS
