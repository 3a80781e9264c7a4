/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the jobs of Diagnose share: their life, news from threads, rates. */
#include "config.h"

#include "model/ptl-job-private.h"

typedef struct
{
  /* owned */
  PtlBridge     *bridge;
  PtlTableStore *store;

  PtlRates       rates;
  gint64         started_us;
  gint64         stopped_us; /* 0: the clock runs */
  guint          update_id;
  guint          tick_id;
  gboolean       busy;
} PtlJobPrivate;

enum
{
  PROP_0,
  PROP_BUSY,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint changed_signal;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (PtlJob, ptl_job, G_TYPE_OBJECT)

static PtlJobPrivate *
get_private (PtlJob *self)
{
  return ptl_job_get_instance_private (self);
}

/* --- busy or not ------------------------------------------------------------------------------ */

void
ptl_job_tell (PtlJob *self)
{
  g_signal_emit (self, changed_signal, 0);
}

void
ptl_job_set_busy (PtlJob   *self,
                  gboolean  busy)
{
  PtlJobPrivate *priv = get_private (self);

  if (priv->busy != busy)
    {
      priv->busy = busy;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
    }
  ptl_job_tell (self);
}

gboolean
ptl_job_is_busy (PtlJob *self)
{
  g_return_val_if_fail (PTL_IS_JOB (self), FALSE);

  return get_private (self)->busy;
}

void
ptl_job_stop (PtlJob *self)
{
  g_return_if_fail (PTL_IS_JOB (self));

  if (PTL_JOB_GET_CLASS (self)->stop != NULL)
    PTL_JOB_GET_CLASS (self)->stop (self);
}

double
ptl_job_get_done (PtlJob *self)
{
  PtlJobClass *klass;

  g_return_val_if_fail (PTL_IS_JOB (self), -1);

  klass = PTL_JOB_GET_CLASS (self);
  return klass->get_done != NULL ? klass->get_done (self) : -1;
}

/* --- the table -------------------------------------------------------------------------------- */

PtlTableStore *
ptl_job_make_store (PtlJob               *self,
                    const PtlTableColumn *columns,
                    guint                 n_columns)
{
  PtlJobPrivate *priv = get_private (self);

  g_assert (priv->store == NULL);
  priv->store = ptl_table_store_new (columns, n_columns);
  return priv->store;
}

static PtlTable *
ptl_job_real_get_table (PtlJob *self)
{
  return PTL_TABLE (get_private (self)->store);
}

PtlTable *
ptl_job_get_table (PtlJob *self)
{
  g_return_val_if_fail (PTL_IS_JOB (self), NULL);

  return PTL_JOB_GET_CLASS (self)->get_table (self);
}

/* --- news from a thread ----------------------------------------------------------------------- */

PtlBridge *
ptl_job_get_bridge (PtlJob *self)
{
  return get_private (self)->bridge;
}

static gboolean
on_update_cb (gpointer data)
{
  PtlJob *self = data;

  get_private (self)->update_id = 0;
  PTL_JOB_GET_CLASS (self)->update (self);
  return G_SOURCE_REMOVE;
}

static void
on_woken (gpointer payload,
          gpointer data)
{
  PtlJob *self = data;
  PtlJobPrivate *priv = get_private (self);

  if (priv->update_id == 0)
    priv->update_id = g_timeout_add (PTL_JOB_GET_CLASS (self)->update_ms, on_update_cb, self);
}

static void
free_nothing (gpointer payload)
{
}

void
ptl_job_wake (void *job)
{
  ptl_bridge_post (get_private (job)->bridge, on_woken, NULL, free_nothing, job, NULL);
}

/* --- rates ------------------------------------------------------------------------------------ */

void
ptl_job_clear_rates (PtlJob *self)
{
  ptl_rates_clear (&get_private (self)->rates);
}

void
ptl_job_add_rates (PtlJob        *self,
                   guint64        elapsed_ns,
                   const guint64  totals[PTL_RATES_SERIES])
{
  ptl_rates_add (&get_private (self)->rates, elapsed_ns, totals);
}

const PtlRates *
ptl_job_get_rates (PtlJob *self)
{
  g_return_val_if_fail (PTL_IS_JOB (self), NULL);

  return &get_private (self)->rates;
}

void
ptl_job_count (PtlJob *self)
{
  guint64 elapsed_us = (guint64) (g_get_monotonic_time () - get_private (self)->started_us);
  guint64 totals[PTL_RATES_SERIES] = { 0 };

  PTL_JOB_GET_CLASS (self)->count (self, totals);
  ptl_job_add_rates (self, elapsed_us * 1000, totals);
}

/* Also while nothing comes time goes on. */
static gboolean
on_tick_cb (gpointer data)
{
  ptl_job_count (data);
  ptl_job_tell (data);
  return G_SOURCE_CONTINUE;
}

void
ptl_job_start_clock (PtlJob *self)
{
  PtlJobPrivate *priv = get_private (self);

  g_clear_handle_id (&priv->tick_id, g_source_remove);
  ptl_rates_clear (&priv->rates);
  priv->started_us = g_get_monotonic_time ();
  priv->stopped_us = 0;
  priv->tick_id = g_timeout_add (PTL_JOB_GET_CLASS (self)->tick_ms, on_tick_cb, self);
}

void
ptl_job_stop_clock (PtlJob *self)
{
  PtlJobPrivate *priv = get_private (self);

  g_clear_handle_id (&priv->tick_id, g_source_remove);
  if (priv->stopped_us == 0)
    priv->stopped_us = g_get_monotonic_time ();
}

double
ptl_job_get_seconds (PtlJob *self)
{
  PtlJobPrivate *priv = get_private (self);
  gint64 until_us = priv->stopped_us != 0 ? priv->stopped_us : g_get_monotonic_time ();

  return (double) (until_us - priv->started_us) / G_USEC_PER_SEC;
}

/* --- the object ------------------------------------------------------------------------------- */

static void
ptl_job_get_property (GObject    *object,
                      guint       prop_id,
                      GValue     *value,
                      GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_BUSY:
      g_value_set_boolean (value, ptl_job_is_busy (PTL_JOB (object)));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_job_finalize (GObject *object)
{
  PtlJobPrivate *priv = get_private (PTL_JOB (object));

  ptl_bridge_close (priv->bridge);
  g_clear_handle_id (&priv->update_id, g_source_remove);
  g_clear_handle_id (&priv->tick_id, g_source_remove);
  g_clear_object (&priv->store);

  G_OBJECT_CLASS (ptl_job_parent_class)->finalize (object);
}

static void
ptl_job_class_init (PtlJobClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = ptl_job_finalize;
  object_class->get_property = ptl_job_get_property;
  klass->get_table = ptl_job_real_get_table;
  properties[PROP_BUSY] =
    g_param_spec_boolean ("busy", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  changed_signal = g_signal_new ("changed", PTL_TYPE_JOB, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
ptl_job_init (PtlJob *self)
{
  PtlJobPrivate *priv = get_private (self);

  priv->bridge = ptl_bridge_new ();
  ptl_rates_clear (&priv->rates);
}
