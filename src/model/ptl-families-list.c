/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of the families of sockets. */
#include "config.h"

#include "model/ptl-families-list.h"

#include <errno.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "model/ptl-families-text.h"
#include "model/ptl-table-store.h"

typedef enum
{
  COLUMN_DOMAIN,
  COLUMN_TYPE,
  COLUMN_PROTOCOL,
  COLUMN_KIND,
  COLUMN_RESULT,
  COLUMN_USE
} Column;

/* A row's key is the place of its kind among those that were tried. */
static const PtlTableColumn columns[] = {
  { "domain", N_("Domain"), 14, 0 },
  { "type", N_("Type"), 16, PTL_TABLE_WIDE_ONLY },
  { "protocol", N_("Protocol"), 20, PTL_TABLE_WIDE_ONLY },
  { "kind", N_("Type"), 15, PTL_TABLE_NARROW_ONLY },
  { "result", N_("This Kernel"), 0, 0 },
  { "use", N_("What It Is For"), 0, PTL_TABLE_WIDE_ONLY },
};

typedef struct
{
  size_t        n;
  PtlSocketKind kinds[];
} Tried;

struct _PtlFamiliesList
{
  GObject        parent_instance;

  PtlTableStore *table;       /* owned */
  Tried         *tried;       /* owned; NULL: not yet */
  GCancellable  *cancellable; /* of what runs; owned */
  gboolean       busy;
  gboolean       offered_only;
};

enum
{
  PROP_0,
  PROP_BUSY,
  PROP_OFFERED_ONLY,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PtlFamiliesList, ptl_families_list, G_TYPE_OBJECT)

static gboolean
has_domain (const Tried *tried,
            int          domain)
{
  for (size_t i = 0; i < tried->n; i++)
    if (tried->kinds[i].domain == domain && tried->kinds[i].sys_errno != EAFNOSUPPORT)
      return TRUE;
  return FALSE;
}

/* "DGRAM UDPLITE": type and protocol without what all of their names begin with. */
static char *
dup_short (const char *type,
           const char *protocol)
{
  const char *end = protocol != NULL ? strchr (protocol, '_') : NULL;

  if (g_str_has_prefix (type, "SOCK_"))
    type += strlen ("SOCK_");
  if (protocol == NULL || g_str_equal (protocol, "0"))
    return g_strdup (type);
  return g_strdup_printf ("%s %s", type, end != NULL ? end + 1 : protocol);
}

static void
add_row (PtlFamiliesList     *self,
         const PtlSocketKind *kind,
         gboolean             whole_domain)
{
  g_autofree char *key = g_strdup_printf ("%u", (guint) (kind - self->tried->kinds));
  PtlTableRow *row = ptl_table_store_add (self->table, key);
  const char *protocol = ptl_families_get_protocol_name (kind->domain, kind->type, kind->protocol);
  g_autofree char *result = ptl_families_text_result (kind);
  g_autofree char *kind_text = NULL;

  ptl_table_row_set (row, COLUMN_DOMAIN, ptl_families_get_domain_name (kind->domain));
  if (!whole_domain)
    {
      ptl_table_row_set (row, COLUMN_TYPE, ptl_families_get_type_name (kind->type));
      ptl_table_row_set (row, COLUMN_PROTOCOL, protocol);
      kind_text = dup_short (ptl_families_get_type_name (kind->type), protocol);
      ptl_table_row_set (row, COLUMN_KIND, kind_text);
    }
  ptl_table_row_set (row, COLUMN_RESULT, result);
  ptl_table_row_set_tone (row, COLUMN_RESULT,
                          kind->sys_errno == 0 ? PTL_TABLE_GOOD
                          : kind->sys_errno == EPERM || kind->sys_errno == EACCES
                            ? PTL_TABLE_WARNING : PTL_TABLE_QUIET);
  ptl_table_row_set (row, COLUMN_USE, whole_domain ? ptl_families_text_domain (kind->domain)
                                                   : ptl_families_text_use (kind));
  ptl_table_row_changed (row);
}

static void
fill (PtlFamiliesList *self)
{
  int absent = -1;

  ptl_table_store_clear (self->table);
  for (size_t i = 0; self->tried != NULL && i < self->tried->n; i++)
    {
      const PtlSocketKind *kind = &self->tried->kinds[i];

      if (self->offered_only && kind->sys_errno != 0)
        continue;
      if (has_domain (self->tried, kind->domain))
        add_row (self, kind, FALSE);
      else if (kind->domain != absent)
        {
          /* Once for all of its types. */
          absent = kind->domain;
          add_row (self, kind, TRUE);
        }
    }
}

static void
set_busy (PtlFamiliesList *self,
          gboolean         busy)
{
  if (self->busy == busy)
    return;
  self->busy = busy;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
}

static void
try_thread (GTask        *task,
            gpointer      source,
            gpointer      task_data,
            GCancellable *cancellable)
{
  size_t n;
  g_autofree PtlSocketKind *kinds = ptl_families_make_all (&n);
  Tried *tried = g_malloc (sizeof *tried + n * sizeof *kinds);

  ptl_families_try (kinds, n);
  tried->n = n;
  for (size_t i = 0; i < n; i++)
    tried->kinds[i] = kinds[i];
  g_task_return_pointer (task, tried, g_free);
}

static void
on_tried_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  PtlFamiliesList *self = PTL_FAMILIES_LIST (source);
  Tried *tried = g_task_propagate_pointer (G_TASK (result), NULL);

  if (tried == NULL)
    return;
  g_free (self->tried);
  self->tried = tried;
  fill (self);
  set_busy (self, FALSE);
}

void
ptl_families_list_try (PtlFamiliesList *self)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (PTL_IS_FAMILIES_LIST (self));

  if (self->busy)
    return;
  set_busy (self, TRUE);
  task = g_task_new (self, self->cancellable, on_tried_cb, NULL);
  g_task_set_source_tag (task, ptl_families_list_try);
  g_task_run_in_thread (task, try_thread);
}

gboolean
ptl_families_list_is_busy (PtlFamiliesList *self)
{
  return self->busy;
}

PtlTable *
ptl_families_list_get_table (PtlFamiliesList *self)
{
  return PTL_TABLE (self->table);
}

char *
ptl_families_list_dup_summary (PtlFamiliesList *self)
{
  guint n_domains = 0, n_there = 0, n_kinds = 0;
  int last = -1;
  g_autofree char *of = NULL;

  if (self->tried == NULL)
    return NULL;
  for (size_t i = 0; i < self->tried->n; i++)
    {
      const PtlSocketKind *kind = &self->tried->kinds[i];

      n_kinds += kind->sys_errno == 0;
      if (kind->domain == last)
        continue;
      last = kind->domain;
      n_domains++;
      n_there += has_domain (self->tried, kind->domain);
    }
  of = g_strdup_printf (_("%u of %u domains are in this kernel"), n_there, n_domains);
  return g_strdup_printf (ngettext ("%s; it made %u kind of socket for us",
                                    "%s; it made %u kinds of sockets for us", n_kinds),
                          of, n_kinds);
}

char *
ptl_families_list_dup_detail (PtlFamiliesList *self,
                              gpointer         item)
{
  const char *key = ptl_table_row_get_key (item);
  guint64 at = key != NULL ? g_ascii_strtoull (key, NULL, 10) : 0;
  const PtlSocketKind *kind;
  g_autofree char *detail = NULL;
  const char *use;

  if (key == NULL || self->tried == NULL || at >= self->tried->n)
    return g_strdup ("");
  kind = &self->tried->kinds[at];
  detail = ptl_families_text_detail (kind);
  use = has_domain (self->tried, kind->domain) ? ptl_families_text_use (kind)
                                               : ptl_families_text_domain (kind->domain);
  return g_strdup_printf ("%s\n%s", detail, use != NULL ? use : "");
}

static void
ptl_families_list_get_property (GObject    *object,
                                guint       prop_id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  PtlFamiliesList *self = PTL_FAMILIES_LIST (object);

  switch (prop_id)
    {
    case PROP_BUSY:
      g_value_set_boolean (value, self->busy);
      break;

    case PROP_OFFERED_ONLY:
      g_value_set_boolean (value, self->offered_only);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_families_list_set_property (GObject      *object,
                                guint         prop_id,
                                const GValue *value,
                                GParamSpec   *pspec)
{
  PtlFamiliesList *self = PTL_FAMILIES_LIST (object);

  switch (prop_id)
    {
    case PROP_OFFERED_ONLY:
      if (self->offered_only != g_value_get_boolean (value))
        {
          self->offered_only = g_value_get_boolean (value);
          fill (self);
          g_object_notify_by_pspec (object, pspec);
        }
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_families_list_dispose (GObject *object)
{
  PtlFamiliesList *self = PTL_FAMILIES_LIST (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->table);
  g_clear_pointer (&self->tried, g_free);

  G_OBJECT_CLASS (ptl_families_list_parent_class)->dispose (object);
}

static void
ptl_families_list_class_init (PtlFamiliesListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ptl_families_list_dispose;
  object_class->get_property = ptl_families_list_get_property;
  object_class->set_property = ptl_families_list_set_property;

  properties[PROP_BUSY] =
    g_param_spec_boolean ("busy", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_OFFERED_ONLY] =
    g_param_spec_boolean ("offered-only", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ptl_families_list_init (PtlFamiliesList *self)
{
  self->table = ptl_table_store_new (columns, G_N_ELEMENTS (columns));
  self->cancellable = g_cancellable_new ();
}

PtlFamiliesList *
ptl_families_list_new (void)
{
  return g_object_new (PTL_TYPE_FAMILIES_LIST, NULL);
}
