/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of what a session can be asked for: each field of a spec that has a row in the Advanced
 * part of the form. */
#pragma once

#include <stddef.h>

#include "base/ptl-spec.h"

G_BEGIN_DECLS

/* What each field of a spec is, and so which control it has. */
typedef enum
{
  PTL_FIELD_TRI,       /* int: unset, 1, 0 */
  PTL_FIELD_INT,       /* int: unset, or a number */
  PTL_FIELD_BYTES,     /* the same, as 64k, too */
  PTL_FIELD_TOS,       /* the same, or the name of a DSCP */
  PTL_FIELD_COUNT,     /* uint32_t: 0 is unset */
  PTL_FIELD_SECONDS,   /* uint32_t of milliseconds: 0 is unset */
  PTL_FIELD_HALF_OPEN, /* the same, and UINT32_MAX is "keep" */
  PTL_FIELD_MEBI,      /* uint64_t of bytes: 0 is unset */
  PTL_FIELD_KEEP_FREE, /* the same, PTL_KEEP_FREE_DEFAULT is unset */
  PTL_FIELD_SWITCH,    /* bool */
  PTL_FIELD_DEVICE,    /* char[16]: an interface, or "" */
  PTL_FIELD_ENUM,      /* an enum from 0 */
  PTL_FIELD_CODE       /* int: unset, one of a list, or another number */
} PtlFieldKind;

typedef enum
{
  PTL_GROUP_THIS_END,
  PTL_GROUP_REACTION,
  PTL_GROUP_TIMEOUTS,
  PTL_GROUP_RECORDING,
  PTL_GROUP_MULTICAST,
  PTL_GROUP_CONNECTION,
  PTL_GROUP_PACKETS,
  PTL_GROUP_SOCKET,
  PTL_N_GROUPS
} PtlFieldGroup;

typedef struct
{
  const char *name;
  int         value;
} PtlFieldCode;

typedef struct
{
  PtlFieldKind  kind;
  PtlFieldGroup group;
  size_t        offset;     /* in PtlSpec */
  unsigned      roles;      /* bits, 1 << PtlRole */
  unsigned      transports; /* bits, 1 << PtlTransport */
  const char   *title;      /* to be translated, as the subtitle and the choices of an enum */
  const char   *subtitle;   /* or NULL */
  int64_t       min;
  int64_t       max;
  const void   *choices;    /* of an enum a strv, of a code PtlFieldCode up to a NULL name */
} PtlField;

typedef struct
{
  const char *title;
  const char *description; /* or NULL */
} PtlFieldGroupWords;

#define PTL_FIELD_OFFSET(name) offsetof (PtlSpec, name)
#define PTL_N_FIELDS 30

extern const PtlField           ptl_fields[PTL_N_FIELDS];
extern const PtlFieldGroupWords ptl_field_groups[PTL_N_GROUPS];

G_END_DECLS
