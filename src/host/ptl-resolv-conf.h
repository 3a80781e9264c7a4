/* SPDX-License-Identifier: GPL-3.0-or-later */
/* resolv.conf(5): which name servers and search list the C library has, and who wrote that. */
#pragma once

#include <stdbool.h>

#include <glib.h>

#include "base/ptl-address.h"

G_BEGIN_DECLS

#define PTL_RESOLV_CONF_PATH "/etc/resolv.conf"
#define PTL_RESOLV_CONF_BYTES_MAX (64 * 1024)
#define PTL_RESOLV_CONF_WORDS_MAX 64 /* servers, search domains, options: of each */
#define PTL_RESOLV_CONF_USED_MAX 3   /* servers that the C library asks (MAXNS of resolv.h) */

typedef struct
{
  char      *text;    /* as written; any bytes but white space and NUL */
  PtlAddress address; /* port 53; len 0: not an address */
  unsigned   line;    /* from 1 */
} PtlResolvServer;

typedef struct
{
  int        error;       /* 0, or a negative errno of reading it; then the rest is empty */
  char      *target;      /* where the path leads as a symbolic link, or NULL */
  char      *comment;     /* the first one: who wrote it, mostly; or NULL */
  GArray    *servers;     /* of PtlResolvServer, in their order; those not used too */
  GPtrArray *search;      /* of char *; the last such line counts */
  unsigned   search_line; /* 0: none */
  bool       is_domain;   /* it is a "domain" line */
  GPtrArray *options;     /* of char * */
  char      *own_domain;  /* of the host name, which is searched when no line says what; or NULL.
                           * Only of ptl_resolv_conf_read() */
  GPtrArray *env_search;  /* of char *: LOCALDOMAIN of the environment, which counts in place of
                           * search and own_domain; NULL: it is not set.  This and the next only
                           * of ptl_resolv_conf_read() */
  GPtrArray *env_options; /* of char *: RES_OPTIONS of it, which count after the others; NULL */
  bool       cut_off;     /* the file or a list was longer than the limits */
} PtlResolvConf;

/* Never NULL; owned. */
PtlResolvConf *ptl_resolv_conf_parse (const char *text,
                                      size_t      len_bytes);
/* Reads files, and the environment of this program: not in the main thread.  What is not a plain
 * file is -EINVAL. */
PtlResolvConf *ptl_resolv_conf_read  (const char *path);
void           ptl_resolv_conf_free  (PtlResolvConf *conf); /* NULL is fine */

/* The words of LOCALDOMAIN (res_init(3)) with spaces between them, safe to show; owned, or NULL: it
 * is not set. */
char          *ptl_resolv_conf_dup_env_search (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlResolvConf, ptl_resolv_conf_free)

G_END_DECLS
