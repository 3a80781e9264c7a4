/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session can be asked for besides its endpoint: the Advanced part of the form.
 *
 * Thirty rows of a few kinds, so they are made from a table rather than written out in a .ui. */
#include "config.h"

#include "ptl-advanced-options.h"

#include <inttypes.h>
#include <net/if.h>
#include <stddef.h>
#include <string.h>

#include <adwaita.h>
#include <glib/gi18n.h>

#include "base/ptl-codec.h"
#include "base/ptl-error.h"

/* Protocols of the kernel that older headers of the C library lack. */
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef AF_XDP
#define AF_XDP 44
#endif

/* What each field of a spec is, and so which control it has. */
typedef enum
{
  KIND_TRI, /* int: unset, 1, 0 */
  KIND_INT,     /* int: unset, or a number */
  KIND_COUNT,   /* uint32_t: 0 is unset */
  KIND_SECONDS, /* uint32_t of milliseconds: 0 is unset */
  KIND_HALF_OPEN, /* the same, and UINT32_MAX is "keep" */
  KIND_MEBI,    /* uint64_t of bytes: 0 is unset */
  KIND_SWITCH,  /* bool */
  KIND_DEVICE,  /* char[16]: an interface, or "" */
  KIND_ENUM,    /* an enum from 0 */
  KIND_CODE     /* int: unset, one of a list, or another number */
} Kind;

typedef enum
{
  GROUP_THIS_END,
  GROUP_REACTION,
  GROUP_TIMEOUTS,
  GROUP_RECORDING,
  GROUP_MULTICAST,
  GROUP_CONNECTION,
  GROUP_PACKETS,
  GROUP_SOCKET,
  N_GROUPS
} Group;

static const struct
{
  const char *title;
  const char *description;
} groups[N_GROUPS] = {
  [GROUP_THIS_END] = { N_("This End"), NULL },
  [GROUP_REACTION] = { N_("Reaction"), NULL },
  [GROUP_TIMEOUTS] = { N_("Time Limits"), NULL },
  [GROUP_RECORDING] = { N_("Recording"), NULL },
  [GROUP_MULTICAST] = { N_("Multicast"), NULL },
  [GROUP_CONNECTION] = { N_("Connection"), NULL },
  [GROUP_PACKETS] = { N_("Packets and Buffers"), NULL },
  [GROUP_SOCKET] = { N_("The Call of socket()"),
                     N_("Asks the kernel for another kind of socket, such as MPTCP in place of TCP, or "
                        "UDP-Lite in place of UDP. It works, or the kernel's own answer is "
                        "shown.") },
};

enum
{
  CONNECT = 1 << PTL_ROLE_CONNECT,
  LISTEN = 1 << PTL_ROLE_LISTEN,
  DATAGRAMS = 1 << PTL_ROLE_DATAGRAMS,
  ANY_ROLE = CONNECT | LISTEN | DATAGRAMS,

  TCP = 1 << PTL_TRANSPORT_TCP,
  UDP = 1 << PTL_TRANSPORT_UDP,
  UNIX = 1 << PTL_TRANSPORT_UNIX_STREAM | 1 << PTL_TRANSPORT_UNIX_SEQPACKET |
         1 << PTL_TRANSPORT_UNIX_DGRAM,
  UNIX_CONNECTED = 1 << PTL_TRANSPORT_UNIX_STREAM | 1 << PTL_TRANSPORT_UNIX_SEQPACKET,
  VSOCK = 1 << PTL_TRANSPORT_VSOCK,
  INET = TCP | UDP,
  ANY_TRANSPORT = INET | UNIX | VSOCK
};

typedef struct
{
  const char *name;
  int         value;
} Code;

static const char *const reactions[] = {
  N_("None: record, say nothing"),
  N_("Echo: send back what came"),
  N_("Discard: count, do not record"),
  N_("Greeting: send a text to each new peer"),
  N_("Answer: send a text for each message"),
  NULL
};

static const char *const when_fulls[] = {
  N_("Stop receiving"),
  N_("Go on, count the rest"),
  NULL
};

static const Code domains[] = {
  { "AF_UNIX (1)", 1 },
  { "AF_INET (2)", 2 },
  { "AF_AX25 (3)", 3 },
  { "AF_X25 (9)", 9 },
  { "AF_INET6 (10)", 10 },
  { "AF_NETLINK (16)", 16 },
  { "AF_PACKET (17)", 17 },
  { "AF_RDS (21)", 21 },
  { "AF_CAN (29)", 29 },
  { "AF_TIPC (30)", 30 },
  { "AF_BLUETOOTH (31)", 31 },
  { "AF_ALG (38)", 38 },
  { "AF_NFC (39)", 39 },
  { "AF_VSOCK (40)", 40 },
  { "AF_QIPCRTR (42)", 42 },
  { "AF_SMC (43)", 43 },
  { "AF_XDP (44)", AF_XDP },
  { NULL }
};

static const Code types[] = {
  { "SOCK_STREAM (1)", 1 },
  { "SOCK_DGRAM (2)", 2 },
  { "SOCK_RAW (3)", 3 },
  { "SOCK_RDM (4)", 4 },
  { "SOCK_SEQPACKET (5)", 5 },
  { "SOCK_DCCP (6)", 6 },
  { NULL }
};

static const Code protocols[] = {
  { "IPPROTO_IP (0)", 0 },
  { "IPPROTO_ICMP (1)", 1 },
  { "IPPROTO_IGMP (2)", 2 },
  { "IPPROTO_TCP (6)", 6 },
  { "IPPROTO_UDP (17)", 17 },
  { "IPPROTO_DCCP (33)", 33 },
  { "IPPROTO_ICMPV6 (58)", 58 },
  { "IPPROTO_SCTP (132)", 132 },
  { "IPPROTO_UDPLITE (136)", 136 },
  { "IPPROTO_SMC (256)", 256 },
  { "IPPROTO_MPTCP (262)", IPPROTO_MPTCP },
  { NULL }
};

#define FIELD(name) offsetof (PtlSpec, name)

static const struct
{
  Kind        kind;
  Group       group;
  size_t      offset; /* in PtlSpec */
  int         roles;
  int         transports;
  const char *title;
  const char *subtitle;
  int64_t     min;
  int64_t     max;
  const void *choices;
} fields[] = {
  { KIND_DEVICE, GROUP_THIS_END, FIELD (options.device), ANY_ROLE, INET,
    N_("Interface"),
    N_("SO_BINDTODEVICE: packets go and come through this interface only"), 0, 0, NULL },

  { KIND_ENUM, GROUP_REACTION, FIELD (reaction), LISTEN | DATAGRAMS, ANY_TRANSPORT,
    N_("When something comes"), NULL, 0, 0, reactions },
  { KIND_SWITCH, GROUP_REACTION, FIELD (own_peers_only), LISTEN, INET,
    N_("This computer's peers only"),
    N_("Refuses everyone whose address is not one of this computer's own"), 0, 0, NULL },
  { KIND_COUNT, GROUP_REACTION, FIELD (max_peers), LISTEN, ANY_TRANSPORT,
    N_("Most peers at once"), N_("More are refused; empty: no limit"), 1, G_MAXUINT32, NULL },

  { KIND_SECONDS, GROUP_TIMEOUTS, FIELD (connect_timeout_ms), CONNECT, ANY_TRANSPORT,
    N_("Seconds to connect"),
    N_("Empty: as long as the system tries, about two minutes"), 0, 0, NULL },
  { KIND_SECONDS, GROUP_TIMEOUTS, FIELD (idle_timeout_ms), CONNECT | LISTEN, ANY_TRANSPORT,
    N_("Seconds of silence"),
    N_("Closes a connection when nothing moved in either direction; empty: never"), 0, 0, NULL },
  { KIND_HALF_OPEN, GROUP_TIMEOUTS, FIELD (half_open_ms), CONNECT | LISTEN,
    TCP | UNIX_CONNECTED | VSOCK,
    N_("Seconds half open"),
    N_("How long this side stays open after the peer's end of input, or “keep”; empty: until what "
       "is queued was sent"), 0, 0, NULL },

  { KIND_ENUM, GROUP_RECORDING, FIELD (when_full), ANY_ROLE, ANY_TRANSPORT,
    N_("When the log is full"), NULL, 0, 0, when_fulls },
  { KIND_MEBI, GROUP_RECORDING, FIELD (log_limit_bytes), ANY_ROLE, ANY_TRANSPORT,
    N_("Limit of the log, MiB"), N_("Empty: the log is full when the disk is"), 1, G_MAXINT32, NULL },

  { KIND_INT, GROUP_MULTICAST, FIELD (options.multicast_ttl), DATAGRAMS, UDP,
    N_("Multicast TTL"),
    N_("IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS: how many routers far; 1 stays in this network"),
    0, 255, NULL },
  { KIND_TRI, GROUP_MULTICAST, FIELD (options.multicast_loop), DATAGRAMS, UDP,
    N_("Hear own multicasts"),
    N_("IP_MULTICAST_LOOP: members on this computer get what this session sends"), 0, 0, NULL },

  { KIND_TRI, GROUP_CONNECTION, FIELD (options.reuse_addr), ANY_ROLE, INET | UNIX,
    N_("Reuse the address"),
    N_("SO_REUSEADDR: bind although old connections of this port linger; on for a TCP listener"),
    0, 0, NULL },
  { KIND_TRI, GROUP_CONNECTION, FIELD (options.reuse_port), ANY_ROLE, INET,
    N_("Share the port"),
    N_("SO_REUSEPORT: several sockets of one user bind the same port, the kernel spreads peers"),
    0, 0, NULL },
  { KIND_TRI, GROUP_CONNECTION, FIELD (options.v6only), LISTEN | DATAGRAMS, INET,
    N_("IPv6 socket for IPv6 only"),
    N_("IPV6_V6ONLY: off, the IPv6 socket takes IPv4 peers too, as ::ffff:a.b.c.d"), 0, 0, NULL },
  { KIND_INT, GROUP_CONNECTION, FIELD (options.backlog), LISTEN, TCP | UNIX_CONNECTED | VSOCK,
    N_("Backlog"),
    N_("listen(): connections that wait to be accepted; empty: 4096"), 0, G_MAXINT32, NULL },
  { KIND_TRI, GROUP_CONNECTION, FIELD (options.nodelay), CONNECT | LISTEN, TCP,
    N_("Send small segments at once"),
    N_("TCP_NODELAY: off, the kernel gathers small writes (Nagle's algorithm)"), 0, 0, NULL },
  { KIND_TRI, GROUP_CONNECTION, FIELD (options.keepalive), CONNECT | LISTEN, TCP,
    N_("Keepalive"),
    N_("SO_KEEPALIVE: asks a silent peer now and then whether it is still there"), 0, 0, NULL },
  { KIND_INT, GROUP_CONNECTION, FIELD (options.keep_idle_s), CONNECT | LISTEN, TCP,
    N_("Keepalive after, s"),
    N_("TCP_KEEPIDLE: seconds of silence before the first question"), 1, 32767, NULL },
  { KIND_INT, GROUP_CONNECTION, FIELD (options.keep_interval_s), CONNECT | LISTEN, TCP,
    N_("Keepalive every, s"), N_("TCP_KEEPINTVL: seconds between questions"), 1, 32767, NULL },
  { KIND_INT, GROUP_CONNECTION, FIELD (options.keep_count), CONNECT | LISTEN, TCP,
    N_("Keepalive questions"),
    N_("TCP_KEEPCNT: the connection is dropped after so many without an answer"), 1, 127, NULL },
  { KIND_INT, GROUP_CONNECTION, FIELD (options.linger_s), CONNECT | LISTEN, TCP,
    N_("Linger, s"),
    N_("SO_LINGER: 0 resets the connection when it is closed, what is unsent is lost"), 0, 65535,
    NULL },

  { KIND_TRI, GROUP_PACKETS, FIELD (options.broadcast), CONNECT | DATAGRAMS, UDP,
    N_("Broadcast"),
    N_("SO_BROADCAST: the kernel lets datagrams go to broadcast addresses"), 0, 0, NULL },
  { KIND_INT, GROUP_PACKETS, FIELD (options.ttl), ANY_ROLE, INET,
    N_("TTL, hop limit"),
    N_("IP_TTL, IPV6_UNICAST_HOPS: how many routers far a packet goes"), 1, 255, NULL },
  { KIND_INT, GROUP_PACKETS, FIELD (options.tos), ANY_ROLE, INET,
    N_("Type of service"),
    N_("IP_TOS, IPV6_TCLASS, 0 to 255: the upper six bits are the DSCP"), 0, 255, NULL },
  { KIND_INT, GROUP_PACKETS, FIELD (options.rcvbuf), ANY_ROLE, ANY_TRANSPORT,
    N_("Receive buffer, bytes"),
    N_("SO_RCVBUF: what the kernel holds until it is read; it doubles the number"), 0, G_MAXINT32,
    NULL },
  { KIND_INT, GROUP_PACKETS, FIELD (options.sndbuf), ANY_ROLE, ANY_TRANSPORT,
    N_("Send buffer, bytes"),
    N_("SO_SNDBUF: what the kernel takes before a send waits; it doubles the number"), 0,
    G_MAXINT32, NULL },

  { KIND_CODE, GROUP_SOCKET, FIELD (domain), ANY_ROLE, ANY_TRANSPORT,
    N_("Domain"), NULL, 0, G_MAXINT32, domains },
  { KIND_CODE, GROUP_SOCKET, FIELD (type), ANY_ROLE, ANY_TRANSPORT,
    N_("Type"), NULL, 0, G_MAXINT32, types },
  { KIND_CODE, GROUP_SOCKET, FIELD (protocol), ANY_ROLE, ANY_TRANSPORT,
    N_("Protocol"), NULL, 0, G_MAXINT32,
    protocols },
};

#define N_FIELDS G_N_ELEMENTS (fields)

typedef struct
{
  GtkWidget *row;
  GtkWidget *control; /* an entry, a switch, or the row itself */
  GtkWidget *other;   /* KIND_CODE: the entry row of another number */
} Control;

struct _PtlAdvancedOptions
{
  GtkBox        parent_instance;

  /* borrowed: children */
  GtkWidget    *groups[N_GROUPS];
  Control       controls[N_FIELDS];
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

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PtlAdvancedOptions, ptl_advanced_options, GTK_TYPE_BOX)

static void
on_changed_cb (PtlAdvancedOptions *self)
{
  if (!self->filling)
    g_signal_emit (self, signals[CHANGED], 0);
}

static bool
applies (PtlAdvancedOptions *self,
         size_t              i)
{
  return (fields[i].roles & 1 << self->role) != 0 &&
         (fields[i].transports & 1 << self->transport) != 0;
}

static size_t
find_field (size_t offset)
{
  for (size_t i = 0; i < N_FIELDS; i++)
    if (fields[i].offset == offset)
      return i;
  g_assert_not_reached ();
}

/* --- controls ------------------------------------------------------------------------------- */

static unsigned
count_codes (const Code *codes)
{
  unsigned n = 0;

  while (codes[n].name != NULL)
    n++;
  return n;
}

static GtkStringList *
make_choices (size_t i)
{
  GtkStringList *list = gtk_string_list_new (NULL);

  switch (fields[i].kind)
    {
    case KIND_TRI:
      gtk_string_list_append (list, _("Default"));
      gtk_string_list_append (list, _("On"));
      gtk_string_list_append (list, _("Off"));
      break;

    case KIND_ENUM:
      for (const char *const *name = fields[i].choices; *name != NULL; name++)
        gtk_string_list_append (list, _(*name));
      break;

    case KIND_CODE:
      gtk_string_list_append (list, _("As usual"));
      for (const Code *code = fields[i].choices; code->name != NULL; code++)
        gtk_string_list_append (list, code->name);
      gtk_string_list_append (list, _("Another number"));
      break;

    default:
      g_assert_not_reached ();
    }

  return list;
}

static void
append_interfaces (GtkStringList *list)
{
  struct if_nameindex *interfaces = if_nameindex ();

  for (struct if_nameindex *i = interfaces; i != NULL && i->if_index != 0; i++)
    gtk_string_list_append (list, i->if_name);
  if (interfaces != NULL)
    if_freenameindex (interfaces);
}

static GtkStringList *
make_interfaces (const char *none)
{
  GtkStringList *list = gtk_string_list_new (NULL);

  gtk_string_list_append (list, none);
  append_interfaces (list);
  return list;
}

/* Selects @name in the drop-down, which gets it when it is not an interface now. */
static void
select_interface (GtkWidget  *combo,
                  const char *name)
{
  GtkStringList *list = GTK_STRING_LIST (adw_combo_row_get_model (ADW_COMBO_ROW (combo)));
  guint n = g_list_model_get_n_items (G_LIST_MODEL (list));
  guint i = 0;

  if (*name != '\0')
    for (i = 1; i < n; i++)
      if (g_str_equal (gtk_string_list_get_string (list, i), name))
        break;
  if (i == n)
    gtk_string_list_append (list, name);
  adw_combo_row_set_selected (ADW_COMBO_ROW (combo), i);
}

static void
read_interface (GtkWidget *combo,
                char      *device,
                size_t     size)
{
  guint i = adw_combo_row_get_selected (ADW_COMBO_ROW (combo));
  GtkStringList *list = GTK_STRING_LIST (adw_combo_row_get_model (ADW_COMBO_ROW (combo)));

  if (i == 0 || i == GTK_INVALID_LIST_POSITION)
    *device = '\0';
  else
    g_strlcpy (device, gtk_string_list_get_string (list, i), size);
}

static GtkWidget *
make_combo_row (PtlAdvancedOptions *self,
                GtkStringList      *choices) /* taken */
{
  GtkWidget *row = adw_combo_row_new ();

  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (choices));
  g_object_unref (choices);
  g_signal_connect_swapped (row, "notify::selected", G_CALLBACK (on_changed_cb), self);
  return row;
}

static GtkWidget *
make_entry_row (PtlAdvancedOptions *self,
                const char         *title)
{
  GtkWidget *row = adw_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_entry_row_set_enable_emoji_completion (ADW_ENTRY_ROW (row), FALSE);
  g_signal_connect_swapped (row, "changed", G_CALLBACK (on_changed_cb), self);
  return row;
}

static void
on_code_selected_cb (PtlAdvancedOptions *self,
                     GParamSpec         *pspec,
                     GtkWidget          *row)
{
  for (size_t i = 0; i < N_FIELDS; i++)
    if (self->controls[i].row == row)
      gtk_widget_set_visible (self->controls[i].other,
                              adw_combo_row_get_selected (ADW_COMBO_ROW (row)) ==
                                count_codes (fields[i].choices) + 1);
}

static void
make_control (PtlAdvancedOptions *self,
              size_t              i)
{
  Control *control = &self->controls[i];
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (self->groups[fields[i].group]);

  switch (fields[i].kind)
    {
    case KIND_ENUM:
    case KIND_CODE:
      control->row = make_combo_row (self, make_choices (i));
      control->control = control->row;
      break;

    case KIND_TRI:
      /* Not a combo row: that would shorten “Default” in favour of a long subtitle. */
      control->row = adw_action_row_new ();
      control->control = gtk_drop_down_new (G_LIST_MODEL (make_choices (i)), NULL);
      gtk_widget_set_valign (control->control, GTK_ALIGN_CENTER);
      adw_action_row_add_suffix (ADW_ACTION_ROW (control->row), control->control);
      adw_action_row_set_activatable_widget (ADW_ACTION_ROW (control->row), control->control);
      g_signal_connect_swapped (control->control, "notify::selected", G_CALLBACK (on_changed_cb),
                                self);
      gtk_accessible_update_property (GTK_ACCESSIBLE (control->control),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, _(fields[i].title),
                                      -1);
      break;

    case KIND_DEVICE:
      control->row = make_combo_row (self, make_interfaces (_("Any")));
      control->control = control->row;
      break;

    case KIND_SWITCH:
      control->row = adw_action_row_new ();
      control->control = gtk_switch_new ();
      gtk_widget_set_valign (control->control, GTK_ALIGN_CENTER);
      adw_action_row_add_suffix (ADW_ACTION_ROW (control->row), control->control);
      adw_action_row_set_activatable_widget (ADW_ACTION_ROW (control->row), control->control);
      g_signal_connect_swapped (control->control, "notify::active", G_CALLBACK (on_changed_cb),
                                self);
      break;

    default:
      control->row = adw_action_row_new ();
      control->control = gtk_entry_new ();
      gtk_widget_set_valign (control->control, GTK_ALIGN_CENTER);
      gtk_editable_set_width_chars (GTK_EDITABLE (control->control), 8);
      gtk_editable_set_max_width_chars (GTK_EDITABLE (control->control), 8);
      gtk_entry_set_placeholder_text (GTK_ENTRY (control->control), _("Default"));
      gtk_entry_set_input_purpose (GTK_ENTRY (control->control), GTK_INPUT_PURPOSE_NUMBER);
      gtk_entry_set_activates_default (GTK_ENTRY (control->control), TRUE);
      adw_action_row_add_suffix (ADW_ACTION_ROW (control->row), control->control);
      adw_action_row_set_activatable_widget (ADW_ACTION_ROW (control->row), control->control);
      g_signal_connect_swapped (control->control, "changed", G_CALLBACK (on_changed_cb), self);
      gtk_accessible_update_property (GTK_ACCESSIBLE (control->control),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, _(fields[i].title),
                                      -1);
      break;
    }

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (control->row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (control->row), _(fields[i].title));
  if (fields[i].subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (control->row), _(fields[i].subtitle));
  adw_preferences_group_add (group, control->row);

  if (fields[i].kind == KIND_CODE)
    {
      g_autofree char *title = g_strdup_printf (_("Number of the %s"), _(fields[i].title));

      control->other = make_entry_row (self, title);
      gtk_widget_set_visible (control->other, FALSE);
      adw_preferences_group_add (group, control->other);
      g_signal_connect_swapped (control->row, "notify::selected",
                                G_CALLBACK (on_code_selected_cb), self);
    }
}

/* --- reading the controls ------------------------------------------------------------------- */

static bool
parse_number (const char  *text,
              const char  *title,
              int64_t      min,
              int64_t      max,
              int64_t     *value,
              GError     **error)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));

  if (g_ascii_string_to_signed (trimmed, 10, min, max, value, NULL))
    return TRUE;

  g_set_error (error, PTL_ERROR, PTL_ERROR_PARSE,
               _("%s: “%s” is not a number from %" PRId64 " to %" PRId64),
               title, trimmed, min, max);
  return FALSE;
}

static bool
parse_seconds (const char  *text,
               const char  *title,
               uint32_t    *ms,
               GError     **error)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  char *end;
  double seconds;

  g_strdelimit (trimmed, ",", '.'); /* as some languages write it */
  seconds = g_ascii_strtod (trimmed, &end);
  if (end != trimmed && *end == '\0' && seconds >= 0.001 && seconds <= G_MAXUINT32 / 1000.0)
    {
      *ms = (uint32_t) (seconds * 1000 + 0.5);
      return TRUE;
    }

  g_set_error (error, PTL_ERROR, PTL_ERROR_PARSE,
               _("%s: “%s” is not a number of seconds such as 2.5"), title, trimmed);
  return FALSE;
}

static bool
is_blank (const char *text)
{
  return text[strspn (text, " \t")] == '\0';
}

static bool
is_keep (const char *text)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));

  return g_ascii_strcasecmp (trimmed, "keep") == 0 || g_str_equal (trimmed, _("keep"));
}

static guint
get_selected (const Control *control)
{
  if (ADW_IS_COMBO_ROW (control->control))
    return adw_combo_row_get_selected (ADW_COMBO_ROW (control->control));
  if (GTK_IS_DROP_DOWN (control->control))
    return gtk_drop_down_get_selected (GTK_DROP_DOWN (control->control));
  return 0;
}

static bool
read_control (PtlAdvancedOptions  *self,
              size_t               i,
              PtlSpec             *spec,
              GError             **error)
{
  const Control *control = &self->controls[i];
  void *field = (char *) spec + fields[i].offset;
  const char *title = _(fields[i].title);
  const char *text = GTK_IS_EDITABLE (control->control)
                       ? gtk_editable_get_text (GTK_EDITABLE (control->control)) : "";
  guint selected = get_selected (control);
  int64_t value = 0;

  switch (fields[i].kind)
    {
    case KIND_TRI:
      *(int *) field = selected == 0 ? PTL_OPTION_UNSET : selected == 1;
      return TRUE;

    case KIND_ENUM:
      *(int *) field = (int) selected;
      return TRUE;

    case KIND_SWITCH:
      *(bool *) field = gtk_switch_get_active (GTK_SWITCH (control->control));
      return TRUE;

    case KIND_DEVICE:
      read_interface (control->control, field, sizeof spec->options.device);
      return TRUE;

    case KIND_INT:
      if (is_blank (text))
        {
          *(int *) field = PTL_OPTION_UNSET;
          return TRUE;
        }
      if (!parse_number (text, title, fields[i].min, fields[i].max, &value, error))
        return FALSE;
      *(int *) field = (int) value;
      return TRUE;

    case KIND_COUNT:
      if (!is_blank (text) &&
          !parse_number (text, title, fields[i].min, fields[i].max, &value, error))
        return FALSE;
      *(uint32_t *) field = (uint32_t) value;
      return TRUE;

    case KIND_MEBI:
      if (!is_blank (text) &&
          !parse_number (text, title, fields[i].min, fields[i].max, &value, error))
        return FALSE;
      *(uint64_t *) field = (uint64_t) value * 1024 * 1024;
      return TRUE;

    case KIND_HALF_OPEN:
      if (is_keep (text))
        {
          *(uint32_t *) field = UINT32_MAX;
          return TRUE;
        }
      G_GNUC_FALLTHROUGH;
    case KIND_SECONDS:
      *(uint32_t *) field = 0;
      return is_blank (text) || parse_seconds (text, title, field, error);

    case KIND_CODE:
      if (selected == 0)
        {
          *(int *) field = -1;
          return TRUE;
        }
      if (selected <= count_codes (fields[i].choices))
        {
          *(int *) field = ((const Code *) fields[i].choices)[selected - 1].value;
          return TRUE;
        }
      if (!parse_number (gtk_editable_get_text (GTK_EDITABLE (control->other)), title,
                         fields[i].min, fields[i].max, &value, error))
        return FALSE;
      *(int *) field = (int) value;
      return TRUE;

    default:
      g_assert_not_reached ();
    }
}

static void
write_number (GtkWidget *entry,
              bool       set,
              int64_t    value)
{
  char text[32] = "";

  if (set)
    g_snprintf (text, sizeof text, "%" G_GINT64_FORMAT, value);
  gtk_editable_set_text (GTK_EDITABLE (entry), text);
}

static void
write_code (size_t         i,
            const Control *control,
            int            value)
{
  const Code *codes = fields[i].choices;
  unsigned n = count_codes (codes);
  unsigned selected = n + 1;

  if (value == -1)
    selected = 0;
  else
    for (unsigned j = 0; j < n; j++)
      if (codes[j].value == value)
        {
          selected = j + 1;
          break;
        }
  adw_combo_row_set_selected (ADW_COMBO_ROW (control->row), selected);
  write_number (control->other, selected == n + 1, value);
}

static void
write_control (PtlAdvancedOptions *self,
               size_t              i,
               const PtlSpec      *spec)
{
  const Control *control = &self->controls[i];
  const void *field = (const char *) spec + fields[i].offset;
  AdwComboRow *combo = ADW_IS_COMBO_ROW (control->control) ? ADW_COMBO_ROW (control->control) : NULL;

  switch (fields[i].kind)
    {
    case KIND_TRI:
      gtk_drop_down_set_selected (GTK_DROP_DOWN (control->control),
                                  *(const int *) field < 0 ? 0
                                  : *(const int *) field != 0 ? 1 : 2);
      break;

    case KIND_ENUM:
      adw_combo_row_set_selected (combo, *(const unsigned *) field);
      break;

    case KIND_SWITCH:
      gtk_switch_set_active (GTK_SWITCH (control->control), *(const bool *) field);
      break;

    case KIND_DEVICE:
      select_interface (control->control, field);
      break;

    case KIND_INT:
      write_number (control->control, *(const int *) field >= 0, *(const int *) field);
      break;

    case KIND_COUNT:
      write_number (control->control, *(const uint32_t *) field > 0, *(const uint32_t *) field);
      break;

    case KIND_MEBI:
      write_number (control->control, *(const uint64_t *) field > 0,
                    (int64_t) (*(const uint64_t *) field / 1024 / 1024));
      break;

    case KIND_SECONDS:
    case KIND_HALF_OPEN:
      {
        uint32_t ms = *(const uint32_t *) field;
        char text[G_ASCII_DTOSTR_BUF_SIZE] = "";

        if (fields[i].kind == KIND_HALF_OPEN && ms == UINT32_MAX)
          g_strlcpy (text, _("keep"), sizeof text);
        else if (ms > 0)
          g_ascii_formatd (text, sizeof text, "%.10g", ms / 1000.0);
        gtk_editable_set_text (GTK_EDITABLE (control->control), text);
        break;
      }

    case KIND_CODE:
      write_code (i, control, *(const int *) field);
      break;

    default:
      g_assert_not_reached ();
    }
}

static void
set_error (GtkWidget *widget,
           bool       error)
{
  if (error)
    gtk_widget_add_css_class (widget, "error");
  else
    gtk_widget_remove_css_class (widget, "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (widget),
                               GTK_ACCESSIBLE_STATE_INVALID,
                               error ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
}

/* --- multicast groups ----------------------------------------------------------------------- */

static void update_joined (PtlAdvancedOptions *self);

static void
on_leave_cb (GtkWidget *button,
             gpointer   data)
{
  PtlAdvancedOptions *self = data;
  unsigned i = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "ptl-place"));

  g_return_if_fail (i < self->n_joined);

  memmove (&self->joined[i], &self->joined[i + 1],
           (self->n_joined - i - 1) * sizeof self->joined[0]);
  self->n_joined--;
  update_joined (self);
  on_changed_cb (self);
}

static void
update_joined (PtlAdvancedOptions *self)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (self->groups[GROUP_MULTICAST]);

  for (guint i = 0; i < self->joined_rows->len; i++)
    adw_preferences_group_remove (group, g_ptr_array_index (self->joined_rows, i));
  g_ptr_array_set_size (self->joined_rows, 0);

  for (unsigned i = 0; i < self->n_joined; i++)
    {
      const PtlGroup *joined = &self->joined[i];
      GtkWidget *row = adw_action_row_new ();
      GtkWidget *button = gtk_button_new_from_icon_name ("user-trash-symbolic");
      char text[PTL_ADDRESS_TEXT_MAX];

      adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row),
                                     ptl_address_format_host (&joined->group, text, sizeof text));
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row),
                                   *joined->device != '\0' ? joined->device
                                                           : _("on the interface the kernel chooses"));
      gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
      gtk_widget_add_css_class (button, "flat");
      gtk_widget_set_tooltip_text (button, _("Do Not Join"));
      gtk_accessible_update_property (GTK_ACCESSIBLE (button),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, _("Do Not Join"),
                                      -1);
      g_object_set_data (G_OBJECT (button), "ptl-place", GUINT_TO_POINTER (i));
      g_signal_connect (button, "clicked", G_CALLBACK (on_leave_cb), self);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
      adw_preferences_group_add (group, row);
      g_ptr_array_add (self->joined_rows, row);
    }
}

/* The group that is typed but not joined yet; an empty field is not an error (and no group). */
static bool
read_join (PtlAdvancedOptions  *self,
           PtlGroup            *group,
           bool                *there,
           GError             **error)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->join_group));
  g_auto (PtlEndpoint) endpoint = { 0 };
  g_autofree char *host = g_strdup (text);
  char *zone = strchr (host, '%');

  *there = FALSE;
  if (is_blank (text))
    return TRUE;

  memset (group, 0, sizeof *group);
  if (zone != NULL)
    {
      *zone++ = '\0';
      g_strlcpy (group->device, g_strstrip (zone), sizeof group->device);
    }
  else
    read_interface (self->join_device, group->device, sizeof group->device);

  if (!ptl_endpoint_parse_host_port (&endpoint, host, "0", NULL, NULL, error))
    return FALSE;
  if (!ptl_address_is_multicast (&endpoint.address))
    {
      g_set_error (error, PTL_ERROR, PTL_ERROR_PARSE,
                   _("“%s” is not a multicast address (224.0.0.0 to 239.255.255.255, ff00::/8)"),
                   text);
      return FALSE;
    }
  if (self->n_joined == PTL_SPEC_GROUPS_MAX)
    {
      g_set_error (error, PTL_ERROR, PTL_ERROR_LIMIT, _("A session joins at most %d groups"),
                   PTL_SPEC_GROUPS_MAX);
      return FALSE;
    }

  group->group = endpoint.address;
  *there = TRUE;
  return TRUE;
}

static void
on_join_apply_cb (PtlAdvancedOptions *self)
{
  PtlGroup group;
  bool there;

  if (!read_join (self, &group, &there, NULL) || !there)
    return;

  self->joined[self->n_joined++] = group;
  gtk_editable_set_text (GTK_EDITABLE (self->join_group), "");
  update_joined (self);
  on_changed_cb (self);
}

/* --- life ----------------------------------------------------------------------------------- */

static void
on_reaction_cb (PtlAdvancedOptions *self)
{
  size_t i = find_field (FIELD (reaction));
  guint reaction = adw_combo_row_get_selected (ADW_COMBO_ROW (self->controls[i].row));

  gtk_widget_set_visible (self->reaction_text,
                          reaction == PTL_REACTION_GREETING || reaction == PTL_REACTION_ANSWER);
}

static void
ptl_advanced_options_finalize (GObject *object)
{
  PtlAdvancedOptions *self = PTL_ADVANCED_OPTIONS (object);

  g_clear_pointer (&self->joined_rows, g_ptr_array_unref);

  G_OBJECT_CLASS (ptl_advanced_options_parent_class)->finalize (object);
}

static void
ptl_advanced_options_class_init (PtlAdvancedOptionsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ptl_advanced_options_finalize;

  signals[CHANGED] =
    g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 0);
}

static void
ptl_advanced_options_init (PtlAdvancedOptions *self)
{
  g_autoptr (PtlSpec) defaults = ptl_spec_new (PTL_ROLE_CONNECT, PTL_TRANSPORT_TCP);

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 24);
  self->joined_rows = g_ptr_array_new ();

  for (int i = 0; i < N_GROUPS; i++)
    {
      self->groups[i] = adw_preferences_group_new ();
      adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self->groups[i]), _(groups[i].title));
      if (groups[i].description != NULL)
        adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self->groups[i]),
                                               _(groups[i].description));
      gtk_box_append (GTK_BOX (self), self->groups[i]);
    }

  self->local_address = make_entry_row (self, _("Local address"));
  self->local_port = make_entry_row (self, _("Local port"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->groups[GROUP_THIS_END]),
                             self->local_address);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->groups[GROUP_THIS_END]),
                             self->local_port);

  for (size_t i = 0; i < N_FIELDS; i++)
    {
      make_control (self, i);
      if (fields[i].offset == FIELD (reaction))
        {
          self->reaction_text = make_entry_row (self, _("Text, with escapes such as \\r\\n"));
          adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->groups[GROUP_REACTION]),
                                     self->reaction_text);
          g_signal_connect_swapped (self->controls[i].row, "notify::selected",
                                    G_CALLBACK (on_reaction_cb), self);
        }
    }

  self->join_device = make_combo_row (self, make_interfaces (_("Chosen by the kernel")));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->join_device), _("Join on interface"));
  self->join_group = make_entry_row (self, _("Join a group, such as 239.9.9.9"));
  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (self->join_group), TRUE);
  g_signal_connect_swapped (self->join_group, "apply", G_CALLBACK (on_join_apply_cb), self);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->groups[GROUP_MULTICAST]),
                             self->join_device);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->groups[GROUP_MULTICAST]),
                             self->join_group);

  ptl_advanced_options_fill (self, defaults);
  ptl_advanced_options_set_kind (self, PTL_ROLE_CONNECT, PTL_TRANSPORT_TCP);
}

static bool
has_local (PtlAdvancedOptions *self)
{
  return self->role != PTL_ROLE_LISTEN;
}

static bool
is_unix (PtlTransport transport)
{
  return (UNIX & 1 << transport) != 0;
}

static bool
has_groups (PtlAdvancedOptions *self)
{
  return self->role == PTL_ROLE_DATAGRAMS && self->transport == PTL_TRANSPORT_UDP;
}

void
ptl_advanced_options_set_kind (PtlAdvancedOptions *self,
                               PtlRole             role,
                               PtlTransport        transport)
{
  bool any[N_GROUPS] = { false };

  g_return_if_fail (PTL_IS_ADVANCED_OPTIONS (self));

  self->role = role;
  self->transport = transport;

  for (size_t i = 0; i < N_FIELDS; i++)
    {
      gtk_widget_set_visible (self->controls[i].row, applies (self, i));
      any[fields[i].group] = any[fields[i].group] || applies (self, i);
    }

  any[GROUP_THIS_END] = any[GROUP_THIS_END] || has_local (self);
  gtk_widget_set_visible (self->local_address, has_local (self) &&
                                               transport != PTL_TRANSPORT_VSOCK);
  gtk_widget_set_visible (self->local_port, role == PTL_ROLE_CONNECT && !is_unix (transport) &&
                                            transport != PTL_TRANSPORT_VSOCK);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->local_address),
                                 is_unix (transport) ? _("Local path or @name")
                                                     : _("Local address"));
  for (int i = 0; i < N_GROUPS; i++)
    gtk_widget_set_visible (self->groups[i], any[i]);
}

void
ptl_advanced_options_fill (PtlAdvancedOptions *self,
                           const PtlSpec      *spec)
{
  g_autofree char *text = NULL;
  const char *address = "";
  char port[16] = "";

  g_return_if_fail (PTL_IS_ADVANCED_OPTIONS (self));

  self->filling = TRUE;
  for (size_t i = 0; i < N_FIELDS; i++)
    write_control (self, i, spec);

  if (spec->has_local)
    {
      address = spec->local.host;
      if (spec->local.service == NULL && spec->local.port != 0)
        g_snprintf (port, sizeof port, "%u", spec->local.port);
    }
  gtk_editable_set_text (GTK_EDITABLE (self->local_address), address);
  gtk_editable_set_text (GTK_EDITABLE (self->local_port),
                         spec->has_local && spec->local.service != NULL ? spec->local.service
                                                                        : port);

  if (spec->reaction_text != NULL)
    text = ptl_codec_to_escaped (spec->reaction_text->data, spec->reaction_text->len_bytes);
  gtk_editable_set_text (GTK_EDITABLE (self->reaction_text), text != NULL ? text : "");
  on_reaction_cb (self);

  memcpy (self->joined, spec->groups, sizeof self->joined);
  self->n_joined = spec->n_groups;
  gtk_editable_set_text (GTK_EDITABLE (self->join_group), "");
  update_joined (self);
  self->filling = FALSE;

  on_changed_cb (self);
}

static bool
apply_local (PtlAdvancedOptions  *self,
             PtlSpec             *spec,
             GError             **error)
{
  const char *address = gtk_editable_get_text (GTK_EDITABLE (self->local_address));
  const char *port = gtk_editable_get_text (GTK_EDITABLE (self->local_port));
  bool in_port = FALSE;
  bool ok;

  set_error (self->local_address, FALSE);
  set_error (self->local_port, FALSE);
  if (!has_local (self) || self->transport == PTL_TRANSPORT_VSOCK ||
      (is_blank (address) && (is_blank (port) || is_unix (self->transport))))
    return TRUE;

  if (is_unix (self->transport))
    ok = ptl_endpoint_parse_unix (&spec->local, address, NULL, error);
  else
    ok = ptl_endpoint_parse_host_port (&spec->local, address, is_blank (port) ? "0" : port, NULL,
                                       &in_port, error);
  if (!ok)
    {
      set_error (in_port ? self->local_port : self->local_address, TRUE);
      g_prefix_error (error, "%s: ", in_port ? _("Local port") : _("Local address"));
      return FALSE;
    }

  spec->has_local = TRUE;
  return TRUE;
}

static bool
apply_reaction_text (PtlAdvancedOptions  *self,
                     PtlSpec             *spec,
                     GError             **error)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->reaction_text));
  g_autofree uint8_t *bytes = NULL;
  size_t len_bytes = 0;

  set_error (self->reaction_text, FALSE);
  if (spec->reaction != PTL_REACTION_GREETING && spec->reaction != PTL_REACTION_ANSWER)
    return TRUE;

  bytes = ptl_codec_parse_text (text, &len_bytes, NULL, error);
  if (bytes != NULL && len_bytes > PTL_SPEC_TEXT_MAX)
    g_set_error (error, PTL_ERROR, PTL_ERROR_LIMIT, _("At most %d bytes"), PTL_SPEC_TEXT_MAX);
  else if (bytes != NULL)
    {
      g_clear_pointer (&spec->reaction_text, ptl_blob_unref);
      spec->reaction_text = ptl_blob_new (bytes, len_bytes);
      return TRUE;
    }

  set_error (self->reaction_text, TRUE);
  g_prefix_error (error, "%s: ", _("Text of the reaction"));
  return FALSE;
}

static bool
apply_groups (PtlAdvancedOptions  *self,
              PtlSpec             *spec,
              GError             **error)
{
  PtlGroup group;
  bool there;

  set_error (self->join_group, FALSE);
  if (!has_groups (self))
    return TRUE;

  if (!read_join (self, &group, &there, error))
    {
      set_error (self->join_group, TRUE);
      g_prefix_error (error, "%s: ", _("Multicast group"));
      return FALSE;
    }

  memcpy (spec->groups, self->joined, sizeof spec->groups);
  spec->n_groups = self->n_joined;
  if (there)
    spec->groups[spec->n_groups++] = group;
  return TRUE;
}

bool
ptl_advanced_options_apply (PtlAdvancedOptions  *self,
                            PtlSpec             *spec,
                            GError             **error)
{
  GError *first = NULL;

  g_return_val_if_fail (PTL_IS_ADVANCED_OPTIONS (self), FALSE);

  for (size_t i = 0; i < N_FIELDS; i++)
    {
      const Control *control = &self->controls[i];
      bool ok = !applies (self, i) || read_control (self, i, spec, first == NULL ? &first : NULL);

      if (control->control != control->row)
        set_error (control->control, !ok);
      if (control->other != NULL)
        set_error (control->other, !ok);
    }

  if (!apply_local (self, spec, first == NULL ? &first : NULL) ||
      !apply_reaction_text (self, spec, first == NULL ? &first : NULL) ||
      !apply_groups (self, spec, first == NULL ? &first : NULL) ||
      first != NULL)
    {
      g_propagate_error (error, first);
      return FALSE;
    }

  return TRUE;
}

unsigned
ptl_advanced_options_get_n_set (PtlAdvancedOptions *self)
{
  unsigned n = 0;

  g_return_val_if_fail (PTL_IS_ADVANCED_OPTIONS (self), 0);

  for (size_t i = 0; i < N_FIELDS; i++)
    {
      const Control *control = &self->controls[i];

      if (!applies (self, i))
        continue;
      if (!GTK_IS_EDITABLE (control->control) && !GTK_IS_SWITCH (control->control))
        n += get_selected (control) != 0;
      else if (GTK_IS_SWITCH (control->control))
        n += gtk_switch_get_active (GTK_SWITCH (control->control));
      else
        n += !is_blank (gtk_editable_get_text (GTK_EDITABLE (control->control)));
    }
  if (gtk_widget_get_visible (self->local_address))
    n += !is_blank (gtk_editable_get_text (GTK_EDITABLE (self->local_address)));
  if (gtk_widget_get_visible (self->local_port))
    n += !is_blank (gtk_editable_get_text (GTK_EDITABLE (self->local_port)));
  if (has_groups (self))
    n += self->n_joined;
  return n;
}

void
ptl_advanced_options_bind_local_port (PtlAdvancedOptions *self,
                                      GtkEditable        *entry)
{
  g_return_if_fail (PTL_IS_ADVANCED_OPTIONS (self));

  g_object_bind_property (self->local_port, "text", entry, "text", G_BINDING_BIDIRECTIONAL);
}
