/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all pages share: a template, and a narrow form.  Abstract. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Property "narrow" (boolean). */
#define PTL_TYPE_PAGE_BASE (ptl_page_base_get_type ())
G_DECLARE_DERIVABLE_TYPE (PtlPageBase, ptl_page_base, PTL, PAGE_BASE, GtkWidget)

struct _PtlPageBaseClass
{
  GtkWidgetClass parent_class;

  /* NULL: nothing is different but what is bound to the property. */
  void (*show_narrow) (PtlPageBase *self,
                       gboolean     narrow);
};

/* "ptl-names-page.ui"; what is made of it goes when the page is disposed of. */
void     ptl_page_base_class_set_template (PtlPageBaseClass *klass,
                                           const char       *file);
gboolean ptl_page_base_is_narrow          (PtlPageBase      *self);

G_END_DECLS
