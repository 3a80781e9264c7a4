/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row of the reference: its cells in words. */
#include "config.h"

#include "model/ptl-reference-item.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#define MAX_HERE 3 /* listening ports of a range that are named */

struct _PtlReferenceItem
{
  GObject            parent_instance;

  PtlCatalog        *catalog; /* a reference */
  PtlCatalogRow      row;     /* strings of the catalog's */
  const PtlProtocol *protocol;
  uint32_t           number;
  uint16_t           here[MAX_HERE + 1]; /* in order, 0 behind the last; the last says: more */
};

enum
{
  PROP_0,
  PROP_HERE,
  N_PROPS
};

static GParamSpec *props[N_PROPS];
static guint changed_signal;

G_DEFINE_FINAL_TYPE (PtlReferenceItem, ptl_reference_item, G_TYPE_OBJECT)

static void
ptl_reference_item_finalize (GObject *object)
{
  PtlReferenceItem *self = PTL_REFERENCE_ITEM (object);

  g_clear_pointer (&self->catalog, ptl_catalog_unref);
  G_OBJECT_CLASS (ptl_reference_item_parent_class)->finalize (object);
}

static void
ptl_reference_item_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  PtlReferenceItem *self = PTL_REFERENCE_ITEM (object);

  switch (prop_id)
    {
    case PROP_HERE:
      g_value_set_uint (value, self->here[0]);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_reference_item_class_init (PtlReferenceItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = ptl_reference_item_finalize;
  object_class->get_property = ptl_reference_item_get_property;

  props[PROP_HERE] =
    g_param_spec_uint ("here", NULL, NULL, 0, G_MAXUINT16, 0,
                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);

  changed_signal = g_signal_new ("changed", PTL_TYPE_REFERENCE_ITEM, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
ptl_reference_item_init (PtlReferenceItem *self)
{
}

static void
set_row (PtlReferenceItem *self,
         PtlCatalog       *catalog,
         uint32_t          number)
{
  size_t n;

  ptl_catalog_ref (catalog);
  g_clear_pointer (&self->catalog, ptl_catalog_unref);
  self->catalog = catalog;
  self->number = number;
  ptl_catalog_get_row (catalog, number, &self->row);
  self->protocol = self->row.row.protocol >= 0
                   ? &ptl_registry_list_protocols (&n)[self->row.row.protocol] : NULL;
}

/* Is there another answer than before? */
static bool
find_here (PtlReferenceItem   *self,
           const PtlListening *here)
{
  const PtlRegistryRow *row = &self->row.row;
  uint16_t ports[MAX_HERE + 1] = { 0 };

  /* IANA's rows without a transport are of any one; this computer's have one that has no ports
   * here ("ddp"). */
  if ((row->flags & PTL_REGISTRY_HAS_PORT) != 0
      && (row->transport != PTL_REGISTRY_NO_TRANSPORT || *self->row.transport == '\0'))
    ptl_listening_list (here, row->transport, row->first_port, row->last_port, ports,
                        G_N_ELEMENTS (ports));
  if (memcmp (ports, self->here, sizeof ports) == 0)
    return false;
  memcpy (self->here, ports, sizeof ports);
  return true;
}

/* The first few that listen, of a row with more than one port. */
static char *
dup_here (PtlReferenceItem *self)
{
  GString *text = g_string_new (NULL);

  g_string_printf (text, _("Listening on %u"), self->here[0]);
  for (unsigned i = 1; i < MAX_HERE && self->here[i] != 0; i++)
    g_string_append_printf (text, ", %u", self->here[i]);
  if (self->here[MAX_HERE] != 0)
    g_string_append (text, ", …");
  return g_string_free (text, FALSE);
}

PtlReferenceItem *
ptl_reference_item_new (PtlCatalog *catalog,
                        uint32_t    number)
{
  PtlReferenceItem *self = g_object_new (PTL_TYPE_REFERENCE_ITEM, NULL);

  set_row (self, catalog, number);
  return self;
}

void
ptl_reference_item_set_row (PtlReferenceItem   *self,
                            PtlCatalog         *catalog,
                            uint32_t            number,
                            const PtlListening *here)
{
  g_return_if_fail (PTL_IS_REFERENCE_ITEM (self));

  if (catalog == self->catalog && number == self->number)
    return;
  set_row (self, catalog, number);
  find_here (self, here);
  g_signal_emit (self, changed_signal, 0);
}

uint32_t
ptl_reference_item_get_number (PtlReferenceItem *self)
{
  g_return_val_if_fail (PTL_IS_REFERENCE_ITEM (self), 0);
  return self->number;
}

const PtlCatalogRow *
ptl_reference_item_get_row (PtlReferenceItem *self)
{
  g_return_val_if_fail (PTL_IS_REFERENCE_ITEM (self), NULL);
  return &self->row;
}

const PtlProtocol *
ptl_reference_item_get_protocol (PtlReferenceItem *self)
{
  g_return_val_if_fail (PTL_IS_REFERENCE_ITEM (self), NULL);
  return self->protocol;
}

uint16_t
ptl_reference_item_get_here (PtlReferenceItem *self)
{
  g_return_val_if_fail (PTL_IS_REFERENCE_ITEM (self), 0);
  return self->here[0];
}

void
ptl_reference_item_set_here (PtlReferenceItem   *self,
                             const PtlListening *here)
{
  g_return_if_fail (PTL_IS_REFERENCE_ITEM (self));

  if (!find_here (self, here))
    return;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_HERE]);
  g_signal_emit (self, changed_signal, 0);
}

/* --- words ---------------------------------------------------------------------------------- */

const char *
ptl_reference_get_column_title (PtlCatalogColumn column)
{
  switch (column)
    {
    case PTL_CATALOG_BY_PORT:
      return _("Port");
    case PTL_CATALOG_BY_TRANSPORT:
      return _("Transport");
    case PTL_CATALOG_BY_NAME:
      return _("Service");
    case PTL_CATALOG_BY_DESCRIPTION:
      return _("Description");
    case PTL_CATALOG_BY_FUNCTION:
      return _("Common Function");
    case PTL_CATALOG_BY_TWIN:
      return _("TLS Twin");
    case PTL_CATALOG_BY_PYTHON:
      return _("Python Module");
    case PTL_CATALOG_BY_SPEC:
      return _("Specification");
    case PTL_CATALOG_BY_REGISTERED:
      return _("Registered");
    case PTL_CATALOG_BY_HERE:
      return _("Here");
    case PTL_CATALOG_BY_SOURCE:
      return _("Source");
    case PTL_CATALOG_N_COLUMNS:
    default:
      return "";
    }
}

/* As IANA writes it: a date, or a month. */
static char *
dup_date (uint32_t date)
{
  if (date == 0)
    return g_strdup ("");
  if (date % 100 == 0)
    return g_strdup_printf ("%04u-%02u", date / 10000, date / 100 % 100);
  return g_strdup_printf ("%04u-%02u-%02u", date / 10000, date / 100 % 100, date % 100);
}

/* Today's modules; those that are gone are said to be so. */
static char *
dup_python (const PtlProtocol *protocol)
{
  const char *today = _(protocol->python_modules);

  if (protocol->classic_modules[0] == '\0'
      || g_str_equal (protocol->classic_modules, protocol->python_modules))
    return g_strdup (today);
  /* Translators: Python's modules of today, and those of the time of Python 2 */
  return g_strdup_printf (_("%s; historic: %s"), today, protocol->classic_modules);
}

/* Of the common function: a sentence without its full stop is as short as the others. */
static char *
dup_function (const PtlProtocol *protocol)
{
  char *text = g_strdup (_(protocol->common_function));
  size_t len = strlen (text);

  if (len > 0 && text[len - 1] == '.')
    text[len - 1] = '\0';
  return text;
}

char *
ptl_reference_item_dup_cell (PtlReferenceItem *self,
                             PtlCatalogColumn  column)
{
  const PtlRegistryRow *row;
  const PtlProtocol *protocol;

  g_return_val_if_fail (PTL_IS_REFERENCE_ITEM (self), NULL);

  if (self->number == PTL_REFERENCE_BLANK)
    return g_strdup ("");
  row = &self->row.row;
  protocol = self->protocol;
  switch (column)
    {
    case PTL_CATALOG_BY_PORT:
      if ((row->flags & PTL_REGISTRY_HAS_PORT) == 0)
        return g_strdup ("–");
      if (row->first_port == row->last_port)
        return g_strdup_printf ("%u", row->first_port);
      return g_strdup_printf ("%u–%u", row->first_port, row->last_port);

    case PTL_CATALOG_BY_TRANSPORT:
      return g_ascii_strup (self->row.transport, -1);

    case PTL_CATALOG_BY_NAME:
      return g_strdup (row->name);

    case PTL_CATALOG_BY_DESCRIPTION:
      return g_strdup (row->description[0] == '\0' && protocol != NULL ? protocol->name
                                                                       : row->description);

    case PTL_CATALOG_BY_FUNCTION:
      return protocol != NULL ? dup_function (protocol) : g_strdup ("");

    case PTL_CATALOG_BY_TWIN:
      return row->twin_port != 0 ? g_strdup_printf ("%u", row->twin_port) : g_strdup ("");

    case PTL_CATALOG_BY_PYTHON:
      return protocol != NULL ? dup_python (protocol) : g_strdup ("");

    case PTL_CATALOG_BY_SPEC:
      return g_strdup (ptl_catalog_get_spec (row));

    case PTL_CATALOG_BY_REGISTERED:
      return dup_date (row->registered);

    case PTL_CATALOG_BY_HERE:
      if (self->here[0] == 0)
        return g_strdup ("");
      if (row->first_port == row->last_port)
        return g_strdup (_("Listening"));
      return dup_here (self);

    case PTL_CATALOG_BY_SOURCE:
      if ((row->flags & PTL_REGISTRY_GUIDE) != 0)
        return g_strdup (_("Portlight"));
      switch (self->row.relation)
        {
        case PTL_CATALOG_SAME:
        case PTL_CATALOG_ALIAS:
          return g_strdup (_("IANA and this computer"));
        case PTL_CATALOG_OTHER_NAME:
          return g_strdup_printf (_("IANA; here: %s"), self->row.service->name);
        case PTL_CATALOG_LOCAL_NAME:
          return g_strdup_printf (_("This computer; IANA: %s"), self->row.iana_names);
        case PTL_CATALOG_LOCAL_PORT:
          return g_strdup_printf (_("This computer; IANA: port %u"), self->row.iana_port);
        case PTL_CATALOG_LOCAL_ONLY:
          return g_strdup (_("This computer"));
        case PTL_CATALOG_NOT_HERE:
        default:
          return g_strdup (_("IANA"));
        }

    case PTL_CATALOG_N_COLUMNS:
    default:
      return g_strdup ("");
    }
}

/* "a, b": the first name of a service, and its aliases, but for @name. */
static char *
dup_other_names (const PtlService *service,
                 const char       *name)
{
  g_autofree char *all = g_strjoin (" ", service->name, service->aliases, NULL);
  g_auto (GStrv) names = g_strsplit (all, " ", -1);
  GString *others = g_string_new (NULL);

  for (size_t i = 0; names[i] != NULL; i++)
    if (*names[i] != '\0' && g_ascii_strcasecmp (names[i], name) != 0)
      g_string_append_printf (others, "%s%s", others->len > 0 ? ", " : "", names[i]);
  return g_string_free (others, FALSE);
}

char *
ptl_reference_item_dup_source (PtlReferenceItem *self)
{
  const PtlCatalogRow *row;

  g_return_val_if_fail (PTL_IS_REFERENCE_ITEM (self), NULL);

  row = &self->row;
  if ((row->row.flags & PTL_REGISTRY_GUIDE) != 0)
    return g_strdup (_("A protocol to know that IANA has not registered for this port under a name "
                       "of its own. Portlight lists it because it is commonly used here."));

  switch (row->relation)
    {
    case PTL_CATALOG_SAME:
    case PTL_CATALOG_ALIAS:
      {
        g_autofree char *others = dup_other_names (row->service, row->row.name);

        if (*others == '\0')
          return g_strdup (_("IANA and this computer agree."));
        return g_strdup_printf (_("IANA and this computer agree; this computer also calls it %s."),
                                others);
      }

    case PTL_CATALOG_OTHER_NAME:
      return g_strdup_printf (_("IANA and this computer disagree: IANA calls it %s, this "
                                "computer’s services database %s."),
                              row->row.name, row->service->name);

    case PTL_CATALOG_LOCAL_NAME:
      return g_strdup_printf (_("Only this computer’s services database has this name. They "
                                "disagree: IANA calls the port %s."), row->iana_names);

    case PTL_CATALOG_LOCAL_PORT:
      return g_strdup_printf (_("Only this computer’s services database has this name here. They "
                                "disagree: IANA has it on port %u."), row->iana_port);

    case PTL_CATALOG_LOCAL_ONLY:
      if (row->row.transport == PTL_REGISTRY_NO_TRANSPORT)
        return g_strdup_printf (_("Only this computer’s services database knows this service: IANA "
                                  "registers no ports of %s."), row->transport);
      return g_strdup (_("Only this computer’s services database knows this service; IANA has "
                         "neither the name nor another one for the port."));

    case PTL_CATALOG_NOT_HERE:
    default:
      return g_strdup (_("IANA has it; this computer’s services database does not."));
    }
}

char *
ptl_reference_item_dup_summary (PtlReferenceItem *self)
{
  GString *text = g_string_new (NULL);

  for (unsigned i = 0; i < PTL_CATALOG_N_COLUMNS; i++)
    {
      g_autofree char *cell = ptl_reference_item_dup_cell (self, (PtlCatalogColumn) i);

      if (*cell != '\0')
        g_string_append_printf (text, "%s: %s\n",
                                ptl_reference_get_column_title ((PtlCatalogColumn) i), cell);
    }
  return g_string_free (text, FALSE);
}
