/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the commands of ptl-ask share. */
#pragma once

#include <glib.h>

#include "base/ptl-address.h"

void       ask_on_news    (void *data); /* of any probe */
void       ask_wait       (void);       /* until there are news */
void       ask_die        (const char *what,
                           GError     *error) G_GNUC_NORETURN;
PtlAddress ask_address    (const char *text);
void       ask_print_json (const char *text);
