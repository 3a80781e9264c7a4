/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of this computer: brings together what the kernel, the files, the resolver and the
 * system bus say of them. */
#include "config.h"

#include "model/ptl-names-private.h"

#include <net/if.h>
#include <netdb.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-codec.h"
#include "lookup/ptl-anatomy.h"
#include "model/ptl-dns-text.h"
#include "model/ptl-questions-private.h"
#include "model/ptl-text-private.h"

typedef enum
{
  COLUMN_NAME,
  COLUMN_KIND,
  COLUMN_ADDRESS,
  COLUMN_OWN,
  COLUMN_SCOPE,
  COLUMN_RESULT
} Column;

static const PtlTableColumn fact_columns[] = {
  [PTL_NAMES_WHAT] = { "what", N_("What"), 17, PTL_TABLE_FIXED_ORDER | PTL_TABLE_DIM },
  [PTL_NAMES_VALUE] = { "value", N_("Value"), 0, PTL_TABLE_FIXED_ORDER },
  [PTL_NAMES_SOURCE] = { "source", N_("Where It Comes From"), 0,
                         PTL_TABLE_FIXED_ORDER | PTL_TABLE_WIDE_ONLY | PTL_TABLE_DIM },
};

static const PtlTableColumn address_columns[] = {
  [COLUMN_NAME] = { "name", N_("Name"), 0, 0 },
  [COLUMN_KIND] = { "kind", N_("What It Is"), 16, PTL_TABLE_WIDE_ONLY | PTL_TABLE_DIM },
  [COLUMN_ADDRESS] = { "address", N_("Resolves To"), 0, 0 },
  [COLUMN_OWN] = { "own", N_("Own"), 9, 0 },
  [COLUMN_SCOPE] = { "scope", N_("Scope"), 0, PTL_TABLE_WIDE_ONLY | PTL_TABLE_DIM },
  [COLUMN_RESULT] = { "result", N_("Result"), 0, PTL_TABLE_WIDE_ONLY },
};

/* A name that is looked up. */
typedef struct
{
  guint       index; /* of its place among the names */
  char       *name;  /* owned */
  const char *kind;  /* static */
} Asked;

struct _PtlNames
{
  GObject         parent_instance;

  /* owned */
  PtlTableStore  *facts;
  PtlTableStore  *addresses;
  PtlHostBus     *bus;
  PtlBridge      *bridge;
  PtlLookupPool  *pool;
  PtlQuestions   *questions;   /* each about an Asked */
  PtlNamesFollow *follow;
  GCancellable   *cancellable; /* of what is read */
  PtlNamesRead   *read;        /* NULL: not yet */
  PtlNamesFqdn    fqdn;
  GHashTable     *names;       /* what is asked already, in lower case */
  GHashTable     *resolved;    /* key of a row -> PtlAddress */
  char           *summary;
  char           *root;

  guint           n_reading;
  gboolean        reading_all; /* what is read is to be resolved, too */
  gboolean        busy;
};

enum
{
  PROP_0,
  PROP_BUSY,
  PROP_SUMMARY,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PtlNames, ptl_names, G_TYPE_OBJECT)

static void
update_busy (PtlNames *self)
{
  gboolean busy = self->n_reading > 0 || ptl_questions_get_open (self->questions) > 0
                  || (self->bus != NULL && ptl_host_bus_is_busy (self->bus));

  if (busy == self->busy)
    return;
  self->busy = busy;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
}

static void
update_facts (PtlNames *self)
{
  const PtlHostNames *names;

  if (self->read == NULL)
    return;
  names = &self->read->names;
  ptl_names_fill_facts (self->facts, self->read, ptl_host_bus_get_facts (self->bus), &self->fqdn);
  g_free (self->summary);
  self->summary = g_strdup_printf ("%s%s%s", names->hostname != NULL ? names->hostname : "",
                                   names->system != NULL ? " · " : "",
                                   names->system != NULL ? names->system : "");
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUMMARY]);
}

/* --- what each name resolves to --------------------------------------------------------------- */

static char *
describe_failure (const PtlResolved *resolved)
{
  switch (resolved->gai_code)
    {
    case EAI_NONAME:
      return g_strdup (_("no source knows this name (EAI_NONAME)"));
    case EAI_AGAIN:
      return g_strdup (_("the name servers did not answer (EAI_AGAIN)"));
    case EAI_NODATA:
      return g_strdup (_("the name exists and has no address (EAI_NODATA)"));
    default:
      return ptl_text_dup_gai (resolved->gai_code, resolved->sys_errno);
    }
}

static PtlTableRow *
add_address_row (PtlNames    *self,
                 const Asked *asked,
                 guint        nth)
{
  g_autofree char *key = g_strdup_printf ("%u %u", asked->index, nth);
  PtlTableRow *row = ptl_table_store_find (self->addresses, key);

  if (row == NULL)
    row = ptl_table_store_add (self->addresses, key);
  ptl_table_row_set (row, COLUMN_NAME, asked->name);
  ptl_table_row_set (row, COLUMN_KIND, asked->kind);
  return row;
}

static void
set_own (PtlNames         *self,
         PtlTableRow      *row,
         const PtlAddress *address)
{
  const PtlOwnAddress *own = ptl_own_find (&self->read->own, address);

  ptl_table_row_set (row, COLUMN_OWN, own != NULL ? own->device : _("no"));
  ptl_table_row_set_tone (row, COLUMN_OWN, own != NULL ? PTL_TABLE_GOOD : PTL_TABLE_WARNING);
}

/* The names resolve to what they did, which is an own address, or is none any more. */
static void
update_own (PtlNames *self)
{
  GHashTableIter iter;
  gpointer key, address;

  g_hash_table_iter_init (&iter, self->resolved);
  while (g_hash_table_iter_next (&iter, &key, &address))
    {
      PtlTableRow *row = ptl_table_store_find (self->addresses, key);

      if (row == NULL)
        continue;
      set_own (self, row, address);
      ptl_table_row_changed (row);
    }
}

static void
set_address (PtlNames         *self,
             PtlTableRow      *row,
             const PtlAddress *address,
             const char       *time)
{
  char text[PTL_ADDRESS_TEXT_MAX];
  g_autofree char *result = g_strdup_printf (_("found in %s"), time);

  ptl_table_row_set (row, COLUMN_ADDRESS, ptl_address_format_host (address, text, sizeof text));
  g_hash_table_replace (self->resolved, g_strdup (ptl_table_row_get_key (row)),
                        g_memdup2 (address, sizeof *address));
  set_own (self, row, address);
  ptl_table_row_set (row, COLUMN_SCOPE, _(ptl_anatomy_get_scope_text (address)));
  ptl_table_row_set (row, COLUMN_RESULT, result);
  ptl_table_row_changed (row);
}

/* In place of the row that said that it is asked: the addresses of a name stay together. */
static void
show_resolved (PtlNames          *self,
               const Asked       *asked,
               const PtlResolved *resolved)
{
  g_autofree char *time = ptl_dns_time_to_text (resolved->elapsed_ns);
  g_autofree char *key = g_strdup_printf ("%u 0", asked->index);

  if (resolved->gai_code == 0 && resolved->n_addresses > 1)
    ptl_table_store_remove (self->addresses, ptl_table_store_find (self->addresses, key));
  if (resolved->gai_code != 0)
    {
      PtlTableRow *row = add_address_row (self, asked, 0);
      g_autofree char *why = describe_failure (resolved);

      ptl_table_row_set (row, COLUMN_ADDRESS, _("no address"));
      ptl_table_row_set_tone (row, COLUMN_ADDRESS, PTL_TABLE_WARNING);
      ptl_table_row_set (row, COLUMN_RESULT, why);
      ptl_table_row_changed (row);
      return;
    }
  for (guint i = 0; i < resolved->n_addresses; i++)
    set_address (self, add_address_row (self, asked, i), &resolved->addresses[i], time);
}

static void ask_others (PtlNames *self);

static void
asked_free (gpointer data)
{
  Asked *asked = data;

  g_free (asked->name);
  g_free (asked);
}

static void
on_resolved (gpointer           owner,
             gpointer           about,
             const PtlResolved *resolved)
{
  PtlNames *self = owner;
  const Asked *asked = about;

  show_resolved (self, asked, resolved);
  if (asked->index == 0)
    {
      /* It is the host name. */
      self->fqdn.asked = TRUE;
      g_free (self->fqdn.canonical);
      self->fqdn.canonical = g_strdup (resolved->canonical);
      self->fqdn.gai_code = resolved->gai_code;
      self->fqdn.sys_errno = resolved->sys_errno;
      update_facts (self);
      ask_others (self);
    }
  update_busy (self);
}

static void
ask_name (PtlNames   *self,
          const char *name,
          const char *kind)
{
  g_autofree char *folded = name != NULL ? g_ascii_strdown (name, -1) : NULL;
  PtlResolveQuery query = { .host = name, .family = AF_UNSPEC, .type = SOCK_STREAM };
  PtlTableRow *row;
  Asked *asked;

  if (name == NULL || *name == '\0' || self->pool == NULL
      || g_hash_table_size (self->names) >= PTL_NAMES_RESOLVED_MAX
      || g_hash_table_contains (self->names, folded))
    return;
  asked = g_new0 (Asked, 1);
  asked->index = g_hash_table_size (self->names);
  asked->name = ptl_text_dup_safe (name, 256);
  asked->kind = kind;
  g_hash_table_add (self->names, g_steal_pointer (&folded));
  row = add_address_row (self, asked, 0);
  ptl_table_row_set (row, COLUMN_RESULT, _("being looked up"));
  ptl_table_row_changed (row);
  ptl_questions_ask (self->questions, ptl_lookup_pool_get_resolver (self->pool), &query, asked,
                     asked_free);
}

static void
ask_names (PtlNames *self)
{
  const PtlHostBusFacts *bus = ptl_host_bus_get_facts (self->bus);
  g_autofree char *mdns = ptl_names_dup_mdns (self->read, bus);

  ptl_questions_cancel (self->questions);
  g_hash_table_remove_all (self->names);
  g_hash_table_remove_all (self->resolved);
  ptl_table_store_clear (self->addresses);
  self->fqdn.asked = FALSE;
  g_clear_pointer (&self->fqdn.canonical, g_free);
  if (self->read->names.hostname == NULL)
    return;
  ask_name (self, self->read->names.hostname, _("host name"));
  ask_name (self, self->read->names.static_name, _("static name"));
  ask_name (self, mdns, _("mDNS name"));
  ask_name (self, "localhost", _("loopback"));
}

/* Once the host name was answered: the full one is one of the aliases, mostly. */
static void
ask_others (PtlNames *self)
{
  if (self->fqdn.canonical != NULL && strchr (self->fqdn.canonical, '.') != NULL)
    ask_name (self, self->fqdn.canonical, _("full name"));
  for (guint i = 0; i < self->read->aliases->len; i++)
    ask_name (self, g_ptr_array_index (self->read->aliases, i), _("alias"));
}

/* --- reading ---------------------------------------------------------------------------------- */

static void
ask_bus (PtlNames *self)
{
  guint32 devices[PTL_HOST_BUS_LINKS_MAX];
  guint n = 0;

  for (guint i = 0; i < self->read->own.n_devices && n < G_N_ELEMENTS (devices); i++)
    if ((self->read->own.devices[i].flags & IFF_LOOPBACK) == 0)
      devices[n++] = self->read->own.devices[i].index;
  ptl_host_bus_ask (self->bus, devices, n);
}

static void
read_thread (GTask        *task,
             gpointer      source,
             gpointer      task_data,
             GCancellable *cancellable)
{
  g_task_return_pointer (task, ptl_names_read (task_data),
                         (GDestroyNotify) ptl_names_read_free);
}

/* Aliases are those of the own addresses. */
static gboolean
has_same_names (const PtlNamesRead *a,
                const PtlNamesRead *b)
{
  if (g_strcmp0 (a->names.hostname, b->names.hostname) != 0
      || g_strcmp0 (a->names.static_name, b->names.static_name) != 0
      || a->aliases->len != b->aliases->len)
    return FALSE;
  for (guint i = 0; i < a->aliases->len; i++)
    if (strcmp (g_ptr_array_index (a->aliases, i), g_ptr_array_index (b->aliases, i)) != 0)
      return FALSE;
  return TRUE;
}

static void
on_read_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  PtlNames *self = PTL_NAMES (source);
  PtlNamesRead *read = g_task_propagate_pointer (G_TASK (result), NULL);
  gboolean all;

  if (read == NULL)
    return;
  self->n_reading--;
  all = self->reading_all || self->read == NULL || !has_same_names (self->read, read);
  self->reading_all = FALSE;
  g_clear_pointer (&self->read, ptl_names_read_free);
  self->read = read;
  if (all)
    ask_names (self);
  else
    update_own (self);
  ask_bus (self);
  update_facts (self);
  update_busy (self);
}

static void
read_names (PtlNames *self,
            gboolean  all)
{
  g_autoptr (GTask) task = NULL;

  self->reading_all = all || self->reading_all;
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  self->n_reading = 1;
  task = g_task_new (self, self->cancellable, on_read_cb, NULL);
  g_task_set_source_tag (task, read_names);
  g_task_set_task_data (task, g_strdup (self->root), g_free);
  g_task_run_in_thread (task, read_thread);
  update_busy (self);
}

static void
on_followed_cb (gpointer data,
                gboolean only_own)
{
  read_names (data, !only_own);
}

static void
on_bus_changed_cb (PtlNames *self)
{
  const PtlHostBusFacts *facts = ptl_host_bus_get_facts (self->bus);

  update_facts (self);
  if (facts->avahi == PTL_HOST_BUS_THERE && self->read != NULL)
    ask_name (self, facts->avahi_name, _("mDNS name"));
  if (facts->hostnamed == PTL_HOST_BUS_THERE && self->read != NULL)
    ask_name (self, facts->static_name, _("static name"));
  update_busy (self);
}

/* --- the object ------------------------------------------------------------------------------- */

void
ptl_names_start (PtlNames *self)
{
  g_return_if_fail (PTL_IS_NAMES (self));

  if (self->follow == NULL)
    self->follow = ptl_names_follow_new (self->root, on_followed_cb, self);
  read_names (self, TRUE);
}

gboolean
ptl_names_is_busy (PtlNames *self)
{
  return self->busy;
}

const char *
ptl_names_get_summary (PtlNames *self)
{
  return self->summary;
}

const char *
ptl_names_get_hostname (PtlNames *self)
{
  return self->read != NULL ? self->read->names.hostname : NULL;
}

PtlTable *
ptl_names_get_facts (PtlNames *self)
{
  return PTL_TABLE (self->facts);
}

PtlTable *
ptl_names_get_addresses (PtlNames *self)
{
  return PTL_TABLE (self->addresses);
}

static gboolean
is_fact (PtlTableRow *row)
{
  const char *key = ptl_table_row_get_key (row);

  return key != NULL && !g_ascii_isdigit (key[0]);
}

char *
ptl_names_dup_name (PtlNames *self,
                    gpointer  item)
{
  static const char *const names[] = { "hostname", "static", "transient", "fqdn", "domain",
                                       "mdns" };
  const char *value;

  if (!is_fact (item))
    return g_strdup (ptl_table_row_get (item, COLUMN_NAME));
  value = ptl_table_row_get (item, PTL_NAMES_VALUE);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (ptl_table_row_get_key (item), names[i]) == 0)
      return strcmp (value, _("none")) != 0 ? g_strdup (value) : NULL;
  if (strcmp (ptl_table_row_get_key (item), "aliases") == 0 && self->read != NULL
      && self->read->aliases->len > 0)
    return g_strdup (g_ptr_array_index (self->read->aliases, 0));
  return NULL;
}

char *
ptl_names_dup_detail (PtlNames *self,
                      gpointer  item)
{
  const char *own, *scope;

  if (is_fact (item))
    return g_strdup_printf ("%s: %s\n%s", ptl_table_row_get (item, PTL_NAMES_WHAT),
                            ptl_table_row_get (item, PTL_NAMES_VALUE),
                            ptl_table_row_get (item, PTL_NAMES_SOURCE));
  own = ptl_table_row_get (item, COLUMN_OWN);
  scope = ptl_table_row_get (item, COLUMN_SCOPE);
  if (*own == '\0')
    return g_strdup_printf ("%s (%s): %s", ptl_table_row_get (item, COLUMN_NAME),
                            ptl_table_row_get (item, COLUMN_KIND),
                            ptl_table_row_get (item, COLUMN_RESULT));
  return g_strdup_printf (
    strcmp (own, _("no")) == 0
      ? _("%s (%s): %s, not an address of this computer\n%s, %s")
      : _("%s (%s): %s, an address of this computer\n%s, %s"),
    ptl_table_row_get (item, COLUMN_NAME), ptl_table_row_get (item, COLUMN_KIND),
    ptl_table_row_get (item, COLUMN_ADDRESS), scope, ptl_table_row_get (item, COLUMN_RESULT));
}

PtlLookupPool *
ptl_names_get_pool (PtlNames *self)
{
  return self->pool;
}

void
ptl_names_set_up (PtlNames   *self,
                  const char *root,
                  guint       bus_ms)
{
  g_free (self->root);
  self->root = g_strdup (root);
  ptl_host_bus_set_deadline (self->bus, bus_ms);
}

static void
ptl_names_get_property (GObject    *object,
                        guint       prop_id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  PtlNames *self = PTL_NAMES (object);

  switch (prop_id)
    {
    case PROP_BUSY:
      g_value_set_boolean (value, self->busy);
      break;

    case PROP_SUMMARY:
      g_value_set_string (value, self->summary);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_names_dispose (GObject *object)
{
  PtlNames *self = PTL_NAMES (object);

  g_clear_pointer (&self->follow, ptl_names_follow_free);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->bus != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->bus, self);
      g_object_run_dispose (G_OBJECT (self->bus));
    }
  g_clear_object (&self->bus);
  ptl_questions_cancel (self->questions);
  g_clear_pointer (&self->pool, ptl_lookup_pool_free);
  g_clear_pointer (&self->bridge, ptl_bridge_close);
  g_clear_object (&self->facts);
  g_clear_object (&self->addresses);

  G_OBJECT_CLASS (ptl_names_parent_class)->dispose (object);
}

static void
ptl_names_finalize (GObject *object)
{
  PtlNames *self = PTL_NAMES (object);

  ptl_names_read_free (self->read);
  ptl_questions_free (self->questions);
  g_hash_table_unref (self->names);
  g_hash_table_unref (self->resolved);
  g_free (self->fqdn.canonical);
  g_free (self->summary);
  g_free (self->root);

  G_OBJECT_CLASS (ptl_names_parent_class)->finalize (object);
}

static void
ptl_names_class_init (PtlNamesClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ptl_names_dispose;
  object_class->finalize = ptl_names_finalize;
  object_class->get_property = ptl_names_get_property;

  properties[PROP_BUSY] =
    g_param_spec_boolean ("busy", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_SUMMARY] =
    g_param_spec_string ("summary", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ptl_names_init (PtlNames *self)
{
  self->facts = ptl_table_store_new (fact_columns, G_N_ELEMENTS (fact_columns));
  self->addresses = ptl_table_store_new (address_columns, G_N_ELEMENTS (address_columns));
  self->bus = ptl_host_bus_new ();
  self->bridge = ptl_bridge_new ();
  self->pool = ptl_lookup_pool_new ();
  self->questions = ptl_questions_new (self->bridge, on_resolved, self);
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->resolved = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->root = g_strdup ("");
  g_signal_connect_swapped (self->bus, "changed", G_CALLBACK (on_bus_changed_cb), self);
}

PtlNames *
ptl_names_new (void)
{
  return g_object_new (PTL_TYPE_NAMES, NULL);
}
