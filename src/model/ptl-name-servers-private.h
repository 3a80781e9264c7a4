/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the table of name servers share. */
#pragma once

#include "host/ptl-resolv-conf.h"
#include "model/ptl-name-servers.h"

G_BEGIN_DECLS

#define PTL_NAME_SERVERS_CHARS_MAX 255 /* of a text that others wrote */
#define PTL_NAME_SERVERS_PORT 53

/* One row. */
typedef struct
{
  const char  *what;   /* static, translated */
  char        *value;
  char        *where;  /* an interface */
  char        *source;
  char        *note;
  char        *host;   /* of a server: its address with its zone; NULL */
  guint        port;
  guint        number; /* among those that are told the same */
  PtlTableTone tone;
} PtlNameServerEntry;

/* Takes the texts; @where and @note may be NULL.  The entry is that of @entries. */
PtlNameServerEntry *ptl_name_servers_add      (GPtrArray           *entries,
                                               const char          *what,
                                               char                *value,
                                               char                *where,
                                               char                *source,
                                               char                *note);
/* What the C library takes from the file, the environment and the host name. */
void                ptl_name_servers_add_conf (GPtrArray           *entries,
                                               const PtlResolvConf *conf,
                                               const char          *path);

G_END_DECLS
