/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A page about the network of this computer. */
#include "config.h"

#include "ui/ptl-network-page.h"

typedef struct
{
  PtlNetwork *network; /* owned */
  gboolean    looks;
} PtlNetworkPagePrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (PtlNetworkPage, ptl_network_page, PTL_TYPE_PAGE_BASE)

static PtlNetworkPagePrivate *
get_private (PtlNetworkPage *self)
{
  return ptl_network_page_get_instance_private (self);
}

PtlNetwork *
ptl_network_page_get_network (PtlNetworkPage *self)
{
  g_return_val_if_fail (PTL_IS_NETWORK_PAGE (self), NULL);

  return get_private (self)->network;
}

static void
look (PtlNetworkPage *self,
      gboolean        looks)
{
  PtlNetworkPagePrivate *priv = get_private (self);
  PtlNetworkPageClass *klass = PTL_NETWORK_PAGE_GET_CLASS (self);

  if (priv->looks == looks)
    return;
  priv->looks = looks;
  if (looks)
    ptl_network_hold (priv->network, klass->want);
  else
    ptl_network_release (priv->network, klass->want);
  if (klass->look != NULL)
    klass->look (self, looks);
}

static void
ptl_network_page_map (GtkWidget *widget)
{
  look (PTL_NETWORK_PAGE (widget), TRUE);
  GTK_WIDGET_CLASS (ptl_network_page_parent_class)->map (widget);
}

static void
ptl_network_page_unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (ptl_network_page_parent_class)->unmap (widget);
  look (PTL_NETWORK_PAGE (widget), FALSE);
}

static void
ptl_network_page_constructed (GObject *object)
{
  PtlNetworkPage *self = PTL_NETWORK_PAGE (object);

  G_OBJECT_CLASS (ptl_network_page_parent_class)->constructed (object);

  /* The template of the class is there by now. */
  g_signal_connect_swapped (get_private (self)->network, "changed",
                            G_CALLBACK (PTL_NETWORK_PAGE_GET_CLASS (self)->update), self);
  PTL_NETWORK_PAGE_GET_CLASS (self)->update (self);
}

static void
ptl_network_page_dispose (GObject *object)
{
  PtlNetworkPage *self = PTL_NETWORK_PAGE (object);

  look (self, FALSE);
  g_signal_handlers_disconnect_by_data (get_private (self)->network, self);

  G_OBJECT_CLASS (ptl_network_page_parent_class)->dispose (object);
}

static void
ptl_network_page_finalize (GObject *object)
{
  g_object_unref (get_private (PTL_NETWORK_PAGE (object))->network);

  G_OBJECT_CLASS (ptl_network_page_parent_class)->finalize (object);
}

static void
ptl_network_page_class_init (PtlNetworkPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->constructed = ptl_network_page_constructed;
  object_class->dispose = ptl_network_page_dispose;
  object_class->finalize = ptl_network_page_finalize;
  widget_class->map = ptl_network_page_map;
  widget_class->unmap = ptl_network_page_unmap;
}

static void
ptl_network_page_init (PtlNetworkPage *self)
{
  get_private (self)->network = ptl_network_dup_shared ();
}
