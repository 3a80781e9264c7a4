/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A page about the network of this computer: some of it is read only while somebody looks.
 * Abstract. */
#pragma once

#include "model/ptl-network.h"
#include "ui/ptl-page-base.h"

G_BEGIN_DECLS

#define PTL_TYPE_NETWORK_PAGE (ptl_network_page_get_type ())
G_DECLARE_DERIVABLE_TYPE (PtlNetworkPage, ptl_network_page, PTL, NETWORK_PAGE, PtlPageBase)

struct _PtlNetworkPageClass
{
  PtlPageBaseClass parent_class;

  PtlNetWant   want; /* what is held while the page is seen */

  /* The network is different. */
  void       (*update) (PtlNetworkPage *self);
  /* It comes into sight, or goes out of it.  NULL: no more than that is held. */
  void       (*look)   (PtlNetworkPage *self,
                        gboolean        looks);
};

PtlNetwork *ptl_network_page_get_network (PtlNetworkPage *self); /* borrowed */

G_END_DECLS
