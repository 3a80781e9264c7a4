/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the rows of the tables of interfaces and routes are about.  Main thread. */
#pragma once

#include "host/ptl-interfaces.h"
#include "host/ptl-routes.h"
#include "model/ptl-net-table.h"

G_BEGIN_DECLS

typedef struct
{
  PtlInterface           *interface;   /* owned */
  gboolean                has_counters;
  gboolean                has_rates;
  double                  rx_rate;     /* bytes per second */
  double                  tx_rate;
  struct rtnl_link_stats64 stats;
} PtlInterfaceItem;

typedef struct
{
  PtlInterfaceAddress address;
  char                name[IFNAMSIZ]; /* of the interface */
} PtlAddressItem;

typedef struct
{
  PtlRoute    route;
  PtlRouteHop hop;
  gboolean    has_hop;
  guint       n_hops;         /* of the route; each has a row */
  guint       number;         /* of this one */
  char        name[IFNAMSIZ]; /* of the interface; "" */
} PtlRouteItem;

typedef struct
{
  PtlRule rule;
  guint   number; /* among those that are told the same */
} PtlRuleItem;

/* Any thing with a name: the details of one interface, its counters. */
typedef struct
{
  const char  *key;    /* static, untranslated */
  const char  *title;  /* static, translated */
  char        *values[2]; /* owned; the second may be NULL */
  PtlTableTone tone;
} PtlFactItem;

PtlNetTable *ptl_interface_table_new    (gboolean full); /* else what there is room for */
PtlNetTable *ptl_address_table_new      (gboolean with_interface);
PtlNetTable *ptl_route_table_new        (void);
PtlNetTable *ptl_rule_table_new         (void);
PtlNetTable *ptl_fact_table_new         (void);
PtlNetTable *ptl_counter_table_new      (void);

/* A row of the table of facts; takes @value. */
void         ptl_fact_add               (GPtrArray    *values,
                                         const char   *key,
                                         const char   *title,
                                         char         *value,
                                         PtlTableTone  tone);

/* Fills the tables of one interface; NULL empties them. */
void ptl_address_table_fill  (PtlNetTable            *self,
                              const PtlInterfaceItem *item);
/* @master, @parent: names, or NULL. */
void ptl_fact_table_fill     (PtlNetTable            *self,
                              const PtlInterfaceItem *item,
                              const char             *master,
                              const char             *parent);
void ptl_counter_table_fill  (PtlNetTable            *self,
                              const PtlInterfaceItem *item);

/* "for ever" etc. apart: the texts of a row for other panes; owned. */
char *ptl_address_item_dup_host    (const PtlAddressItem *item);
/* What its row in the table of one interface has no room for; owned. */
char *ptl_address_item_dup_details (const PtlAddressItem *item,
                                    gboolean              narrow);

G_END_DECLS
