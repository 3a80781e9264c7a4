/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for the results of a self-test.  Translated; main thread. */
#pragma once

#include <glib.h>

#include "host/ptl-self-test.h"

G_BEGIN_DECLS

/* "IPv4 in IPv6"; static. */
const char *ptl_self_test_text_kind    (const PtlSelfTestCase *what);
/* "::1", "path in /tmp"; owned. */
char       *ptl_self_test_text_address (const PtlSelfTestCase *what);
/* "pass 0.10 ms", "failed", "silence"; owned. */
char       *ptl_self_test_text_outcome (const PtlSelfTestCase *what);
/* "TCP", "UDP", "stream"; static. */
const char *ptl_self_test_text_type    (const PtlSelfTestCase *what);
/* Why it failed, with what may be done, or why it was not tried; owned, NULL where there is nothing
 * to say. */
char       *ptl_self_test_text_reason  (const PtlSelfTestCase *what);

G_END_DECLS
