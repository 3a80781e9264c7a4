/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the form for a new session share. */
#pragma once

#include <stdbool.h>
#include <string.h>

#include <adwaita.h>

#include "ui/ptl-advanced-options.h"
#include "ui/ptl-saved-list.h"
#include "ui/ptl-session-form.h"

G_BEGIN_DECLS

typedef enum
{
  FIELD_NONE, /* the session as a whole */
  FIELD_HOST,
  FIELD_PORT,
  FIELD_PATH,
  FIELD_LOCAL_PORT,
  N_FIELDS
} Field;

typedef enum
{
  SCOPE_LOOPBACK,
  SCOPE_ALL,
  SCOPE_ADDRESS
} Scope;

struct _PtlSessionForm
{
  GtkBox              parent_instance;

  /* template */
  GtkScrolledWindow  *scroller;
  AdwClamp           *clamp;
  AdwClamp           *bar_clamp;
  GtkWidget          *welcome;
  GtkImage           *welcome_icon;
  GtkToggleButton    *connect_button;
  GtkToggleButton    *listen_button;
  GtkToggleButton    *datagrams_button;
  GtkLabel           *role_label;
  AdwComboRow        *transport_row;
  AdwComboRow        *scope_row;
  AdwComboRow        *family_row;
  GtkWidget          *scope_message_row;
  GtkWidget          *host_row;
  GtkWidget          *host_message_row;
  GtkWidget          *port_row;
  GtkWidget          *port_message_row;
  GtkWidget          *tls_message_row;
  GtkWidget          *path_row;
  GtkWidget          *path_message_row;
  GtkWidget          *local_port_row;
  GtkWidget          *local_port_message_row;
  GtkLabel           *scope_message;
  GtkLabel           *host_message;
  GtkLabel           *port_message;
  GtkLabel           *tls_message;
  GtkLabel           *path_message;
  GtkLabel           *local_port_message;
  AdwActionRow       *advanced_row;
  GtkToggleButton    *advanced_button;
  AdwBin             *advanced_bin;
  PtlAdvancedOptions *advanced; /* borrowed; NULL until it is first wanted */
  PtlSavedList       *saved_list;
  GtkLabel           *reason;
  GtkWidget          *save_button;
  GtkPopover         *save_popover;
  GtkEntry           *save_name;
  GtkWidget          *open_button;

  /* owned */
  PtlSaved           *saved;
  GSettings          *settings;
  GCancellable       *service_cancellable; /* of the question what the port is */
  char               *service_asked;       /* "80 tcp" */
  char               *service_answer;      /* what NSS said about it, or NULL */

  guint               scroll_id;
  guint               fill_id;
  bool                pasted;             /* more than one character came at once */
  bool                transport_kept;     /* instead of UDP when it is not datagrams any more */
  PtlTransport        kept_transport;
  bool                filling;
  bool                has_ipv6;
};

static inline bool
is_unix (PtlTransport transport)
{
  return transport == PTL_TRANSPORT_UNIX_STREAM || transport == PTL_TRANSPORT_UNIX_SEQPACKET ||
         transport == PTL_TRANSPORT_UNIX_DGRAM;
}

static inline bool
is_inet (PtlTransport transport)
{
  return transport == PTL_TRANSPORT_TCP || transport == PTL_TRANSPORT_UDP;
}

static inline const char *
get_text (GtkWidget *entry)
{
  return gtk_editable_get_text (GTK_EDITABLE (entry));
}

static inline void
set_text (GtkWidget  *entry,
          const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (entry), text != NULL ? text : "");
}

static inline void
set_class (GtkWidget  *widget,
           const char *css_class,
           bool        on)
{
  if (on)
    gtk_widget_add_css_class (widget, css_class);
  else
    gtk_widget_remove_css_class (widget, css_class);
}

static inline bool
is_blank (const char *text)
{
  return text[strspn (text, " \t")] == '\0';
}

/* ptl-session-form-check.c */
PtlRole      ptl_form_get_role       (PtlSessionForm *self);
PtlTransport ptl_form_get_transport  (PtlSessionForm *self);
bool         ptl_form_has_host_field (PtlSessionForm *self);
/* A transport for datagrams where the role wants one, and the one before it when not any more. */
void         ptl_form_follow_role    (PtlSessionForm *self);
/* Has this computer ::1?  It does not wait. */
bool         ptl_form_has_ipv6_loopback (void);
/* What “this computer only” is; @any_port: the kernel chooses the port. */
const char  *ptl_form_get_loopback   (PtlSessionForm *self,
                                      PtlFamily       family,
                                      bool            any_port);
/* The field that has a URI in it, or NULL. */
GtkWidget   *ptl_form_find_uri       (PtlSessionForm *self);
/* What the fields say, owned; or NULL, with the field that is wrong or empty. */
PtlSpec     *ptl_form_build_spec     (PtlSessionForm  *self,
                                      Field           *field,
                                      GError         **error);

/* ptl-session-form-hints.c: owned, or NULL where there is nothing to say. */
char        *ptl_form_describe_port  (PtlSessionForm *self,
                                      const PtlSpec  *spec);
char        *ptl_form_describe_tls   (PtlSessionForm *self,
                                      const PtlSpec  *spec);
/* Below what the port is; @text may be NULL. */
void         ptl_form_show_tls       (PtlSessionForm *self,
                                      const char     *text);
/* What the button does; of a form taller than the window this is always seen. */
char        *ptl_form_dup_summary    (const PtlSpec  *spec,
                                      bool            tls_first);
char        *ptl_form_describe_host  (PtlSessionForm *self,
                                      const PtlSpec  *spec);

/* ptl-session-form.c: after a change of a field, or an answer. */
void         ptl_form_update         (PtlSessionForm *self);

G_END_DECLS
