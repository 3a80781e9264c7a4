/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window: header bar, panes, toasts, and the actions that act on the selected session. */
#pragma once

#include <adwaita.h>

#include "model/ptl-saved.h"
#include "model/ptl-sessions.h"

G_BEGIN_DECLS

#define PTL_TYPE_WINDOW (ptl_window_get_type ())
G_DECLARE_FINAL_TYPE (PtlWindow, ptl_window, PTL, WINDOW, AdwApplicationWindow)

/* Property "narrow" (boolean, read only): lay out for a phone's width.
 *
 * Actions any widget may activate with gtk_widget_activate_action():
 *   win.toast (s)             shows the text
 *   win.copy-text (s)         to the clipboard, and says so
 *   win.connect-form (s)      fills the form for a new session: a host, or a host and a port,
 *                             over UDP with "udp://" in front
 *   win.look-up (s)           shows the Lookup pane and looks that up
 *   win.new-session           shows the form
 *   win.reference (s)         searches the reference for it and shows the first row
 *   win.find-port             shows the open sockets, to type a port
 *   win.back                  from the session to the list, when narrow
 *   win.previous-session  win.next-session
 * and those on the selected session, enabled while there is one:
 *   win.stop-session          enabled while it is live
 *   win.open-again            a new session of the same kind
 *   win.edit-session          fills the form with it
 *   win.save-session          keeps it under its title
 *   win.remove-session        with undo
 *   win.copy-as (s)           'python' 'c' 'ncat' 'socat' 'uri'
 */
PtlWindow *ptl_window_new            (GtkApplication *app,
                                      PtlSessions    *sessions,
                                      PtlSaved       *saved);
/* Opens a session, remembers it, and shows it. Borrowed. */
PtlSession *ptl_window_open_spec     (PtlWindow      *self,
                                      const PtlSpec  *spec);
/* Shows the form for a new session, filled from @spec. */
void       ptl_window_show_form      (PtlWindow      *self,
                                      const PtlSpec  *spec);
void       ptl_window_try_it         (PtlWindow      *self);
/* Takes @toast. */
void       ptl_window_add_toast      (PtlWindow      *self,
                                      AdwToast       *toast);
/* @text is never markup. */
void       ptl_window_add_toast_text (PtlWindow      *self,
                                      const char     *text);

G_END_DECLS
