/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The form for a new session: from its fields to a session, or what is wrong with them. */
#include "config.h"

#include "ui/ptl-session-form-private.h"

#include <string.h>

/* --- what is chosen ------------------------------------------------------------------------- */

PtlRole
ptl_form_get_role (PtlSessionForm *self)
{
  if (gtk_toggle_button_get_active (self->listen_button))
    return PTL_ROLE_LISTEN;
  if (gtk_toggle_button_get_active (self->datagrams_button))
    return PTL_ROLE_DATAGRAMS;
  return PTL_ROLE_CONNECT;
}

PtlTransport
ptl_form_get_transport (PtlSessionForm *self)
{
  return (PtlTransport) adw_combo_row_get_selected (self->transport_row);
}

void
ptl_form_follow_role (PtlSessionForm *self)
{
  PtlTransport transport = ptl_form_get_transport (self);

  if (ptl_form_get_role (self) != PTL_ROLE_DATAGRAMS)
    {
      /* Only the other role took it away. */
      if (self->transport_kept && transport == PTL_TRANSPORT_UDP)
        adw_combo_row_set_selected (self->transport_row, self->kept_transport);
      self->transport_kept = false;
    }
  else if (transport != PTL_TRANSPORT_UDP && transport != PTL_TRANSPORT_UNIX_DGRAM)
    {
      adw_combo_row_set_selected (self->transport_row, PTL_TRANSPORT_UDP);
      self->kept_transport = transport;
      self->transport_kept = true;
    }
}

bool
ptl_form_has_host_field (PtlSessionForm *self)
{
  return !is_unix (ptl_form_get_transport (self)) &&
         (ptl_form_get_role (self) != PTL_ROLE_LISTEN || !is_inet (ptl_form_get_transport (self)) ||
          adw_combo_row_get_selected (self->scope_row) == SCOPE_ADDRESS);
}

/* Has this computer ::1?  Not in a container without IPv6, whose /etc/hosts may have it for
 * localhost all the same.  The file is the kernel's memory (proc(5)): reading it does not wait. */
bool
ptl_form_has_ipv6_loopback (void)
{
  g_autofree char *addresses = NULL;

  return g_file_get_contents ("/proc/net/if_inet6", &addresses, NULL, NULL) &&
         strstr (addresses, "00000000000000000000000000000001") != NULL;
}

/* What “this computer only” is.  A port that the kernel chooses is another one for each address, so
 * there is only one then. */
const char *
ptl_form_get_loopback (PtlSessionForm *self,
                       PtlFamily       family,
                       bool            any_port)
{
  if (family == PTL_FAMILY_IPV6)
    return "::1";
  if (family == PTL_FAMILY_IPV4 || any_port || !self->has_ipv6)
    return "127.0.0.1";
  return "localhost";
}

/* The host that the listener's choice stands for. */
static const char *
get_host (PtlSessionForm *self)
{
  if (ptl_form_has_host_field (self))
    return get_text (self->host_row);
  if (adw_combo_row_get_selected (self->scope_row) == SCOPE_ALL)
    return "";

  return ptl_form_get_loopback (self, (PtlFamily) adw_combo_row_get_selected (self->family_row),
                                g_str_equal (get_text (self->port_row), "0"));
}

static bool
looks_like_uri (const char *text)
{
  return strstr (text, "://") != NULL || g_str_has_prefix (text, "unix:") ||
         g_str_has_prefix (text, "unix+");
}

/* The field that has a URI in it, or NULL. */
GtkWidget *
ptl_form_find_uri (PtlSessionForm *self)
{
  GtkWidget *rows[] = { self->host_row, self->port_row, self->path_row };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    if (gtk_widget_get_visible (rows[i]) && looks_like_uri (get_text (rows[i])))
      return rows[i];
  return NULL;
}

/* --- from the fields to a session ----------------------------------------------------------- */

static bool
add_endpoint (PtlSpec     *spec,
              const char  *host,
              const char  *port,
              bool        *in_port,
              GError     **error)
{
  g_auto (PtlEndpoint) endpoint = { 0 };

  return (spec->transport == PTL_TRANSPORT_VSOCK
            ? ptl_endpoint_parse_vsock (&endpoint, host, port, NULL, in_port, error)
            : ptl_endpoint_parse_host_port (&endpoint, host, port, NULL, in_port, error)) &&
         ptl_spec_take_endpoint (spec, &endpoint);
}

PtlSpec *
ptl_form_build_spec (PtlSessionForm  *self,
                     Field           *field,
                     GError         **error)
{
  PtlRole role = ptl_form_get_role (self);
  PtlTransport transport = ptl_form_get_transport (self);
  g_autoptr (PtlSpec) spec = ptl_spec_new (role, transport);
  GtkWidget *uri_row = ptl_form_find_uri (self);
  bool in_port = FALSE;

  *field = FIELD_NONE;
  if (uri_row != NULL) /* it is about to fill the form, unless it is wrong */
    {
      g_autofree char *uri = g_strstrip (g_strdup (get_text (uri_row)));
      g_autoptr (PtlSpec) parsed = ptl_spec_parse_uri (role, uri, NULL, error);

      if (parsed != NULL && ptl_spec_check (parsed, error))
        return g_steal_pointer (&parsed);
      *field = uri_row == self->host_row ? FIELD_HOST
               : uri_row == self->port_row ? FIELD_PORT : FIELD_PATH;
      return NULL;
    }

  if (is_inet (transport))
    spec->family = (PtlFamily) adw_combo_row_get_selected (self->family_row);

  if (is_unix (transport))
    {
      g_auto (PtlEndpoint) endpoint = { 0 };

      if (!ptl_endpoint_parse_unix (&endpoint, get_text (self->path_row), NULL, error))
        {
          *field = FIELD_PATH;
          return NULL;
        }
      ptl_spec_take_endpoint (spec, &endpoint);
    }
  else
    {
      const char *port = get_text (self->port_row);
      bool ok;

      if (role == PTL_ROLE_LISTEN && is_inet (transport))
        ok = ptl_spec_parse_ports (spec, get_host (self), port, &in_port, error);
      else
        /* Without a default target a session for datagrams only receives, or is told where to. */
        ok = add_endpoint (spec, get_host (self),
                           role == PTL_ROLE_DATAGRAMS && is_blank (port) ? "0" : port, &in_port,
                           error);
      if (!ok)
        {
          *field = in_port ? FIELD_PORT : FIELD_HOST;
          return NULL;
        }
    }

  if (self->advanced != NULL && !ptl_advanced_options_apply (self->advanced, spec, error))
    return NULL;
  if (!ptl_spec_check (spec, error))
    return NULL;

  return g_steal_pointer (&spec);
}
