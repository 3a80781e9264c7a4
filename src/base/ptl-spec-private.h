/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reading, writing and checking a spec share.  Not for other folders. */
#pragma once

#include "ptl-spec.h"

G_BEGIN_DECLS

/* An option of the URI that is an int of PtlOptions. */
typedef struct
{
  const char   *name;
  size_t        offset; /* in PtlOptions */
  int           min;
  int           max;
  bool          is_bool;
  PtlNumberKind kind;
} PtlIntOption;

/* Several words may have one value; the first of them is the one that is written. */
typedef struct
{
  const char *name; /* NULL ends a table */
  int         value;
} PtlName;

typedef struct
{
  const char  *scheme;
  PtlTransport transport;
} PtlScheme;

#define PTL_N_INT_OPTIONS 17
#define PTL_N_SCHEMES 7

extern const PtlIntOption ptl_int_options[PTL_N_INT_OPTIONS];
extern const PtlScheme ptl_schemes[PTL_N_SCHEMES];
extern const PtlName ptl_domain_names[];
extern const PtlName ptl_type_names[];
extern const PtlName ptl_protocol_names[];
extern const PtlName ptl_family_names[];
extern const PtlName ptl_reaction_names[];
extern const PtlName ptl_full_names[];
extern const PtlName ptl_bool_names[];
extern const PtlName ptl_dscp_names[];

int        *ptl_int_option_field (PtlOptions         *options,
                                  const PtlIntOption *option);
int         ptl_int_option_get   (const PtlOptions   *options,
                                  const PtlIntOption *option);
const char *ptl_name_of          (const PtlName *names, /* NULL: it has none */
                                  int            value);
bool        ptl_transport_is_unix (PtlTransport transport);

/* Takes @endpoint, as ptl_spec_take_endpoint() does, but of equal ones only the first: a port that
 * is listed twice is one socket.  NULL, or why not (owned). */
char *ptl_spec_take_once (PtlSpec     *spec,
                          PtlEndpoint *endpoint);

/* All of these: NULL, or why not (owned), and *@at is the offset of the culprit. */

/* "8000-8010".  *@is_range false: it is something else, and nothing was taken.  @at is in @text, or
 * with *@in_port false in @host. */
char *ptl_spec_take_port_range (PtlSpec    *spec,
                                const char *host,
                                const char *text,
                                bool       *is_range,
                                bool       *in_port,
                                size_t     *at);

/* *@at is 0 and a digit is there: the number is out of range. */
char *ptl_parse_number (const char    *text,
                        PtlNumberKind  kind,
                        uint64_t       min,
                        uint64_t       max,
                        uint64_t      *value,
                        size_t        *at);
/* "5", "1.5", "5s", "500ms", "2m". */
char *ptl_parse_time   (const char *text,
                        uint32_t   *ms,
                        size_t     *at);
/* A word of @names, or with @max >= 0 a number up to it. */
char *ptl_parse_word   (const PtlName *names,
                        const char    *text,
                        int            max,
                        int           *value,
                        size_t        *at);

G_END_DECLS
