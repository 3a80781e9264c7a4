/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces of text that the words for faults, events and calls have in common.  Main thread. */
#pragma once

#include <stdint.h>

#include <glib.h>

#include "engine/ptl-calls.h"

G_BEGIN_DECLS

/* "Connection refused (ECONNREFUSED)"; owned. */
char       *ptl_text_dup_errno     (int sys_errno);
/* "Name or service not known (EAI_NONAME)"; with EAI_SYSTEM that of @sys_errno; owned. */
char       *ptl_text_dup_gai       (int gai_code,
                                    int sys_errno);
const char *ptl_text_get_gai_name  (int gai_code); /* "EAI_NONAME" */
/* "12 ms"; owned. */
char       *ptl_text_dup_duration  (uint64_t ns);
/* One safe line of @text, at most @max_chars characters; owned. */
char       *ptl_text_dup_safe      (const char *text,
                                    size_t      max_chars);
/* "SO_REUSEADDR" and the level it is of, "SOL_SOCKET"; "option N" and "?" for what is not one.
 * Static. */
const char *ptl_text_get_option_name  (int option);
const char *ptl_text_get_option_level (int option);
/* What the option does, one line; static, translated. */
const char *ptl_text_explain_option   (int option);

G_END_DECLS
