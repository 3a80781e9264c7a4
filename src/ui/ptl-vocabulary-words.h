/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of the vocabulary: what a socket is made of, and the calls.  All texts are static and
 * not yet translated, for _(). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  const char *name;    /* "AF_INET" */
  const char *meaning; /* NULL: of a domain */
  int         number;  /* -1: none is shown */
} PtlWordValue;

typedef enum
{
  PTL_SHOW_NOTHING,
  PTL_SHOW_TRY_IT,   /* a server and a client on this computer */
  PTL_SHOW_CONNECT,  /* the form, to connect */
  PTL_SHOW_LISTEN,
  PTL_SHOW_DATAGRAMS,
  PTL_SHOW_PORTS,    /* the table of ports */
  PTL_SHOW_LOOK_UP,  /* the Lookup pane */
  PTL_SHOW_COMPUTER  /* a page of This Computer */
} PtlWordShow;

typedef struct
{
  const char         *name;    /* "Domain" */
  const char         *meaning;
  const PtlWordValue *values;
  guint               n_values;
  PtlWordShow         show;
  const char         *what;    /* what is looked up, the page; NULL: nothing to say */
} PtlWordTerm;

typedef struct
{
  const char *name;      /* "bind" */
  const char *meaning;
  const char *arguments; /* a line for each */
  const char *c_form;
  const char *python_form;
  const char *errors;    /* "EADDRINUSE: ..." a line for each */
  PtlWordShow show;
  const char *what;      /* as of a term */
} PtlWordCall;

const PtlWordTerm *ptl_vocabulary_list_terms     (guint *n);
const PtlWordCall *ptl_vocabulary_list_calls     (guint *n);
/* Those after the calls on sockets: what turns names and addresses into each other. */
const PtlWordCall *ptl_vocabulary_list_functions (guint *n);

G_END_DECLS
