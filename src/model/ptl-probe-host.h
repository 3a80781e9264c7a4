/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host that somebody types to ping, to trace or to check. */
#pragma once

#include "base/ptl-endpoint.h"

G_BEGIN_DECLS

/* As ptl_endpoint_parse_host_port(), without a port: and a zone has to be an interface that is
 * there.  False: @error says what is wrong, as it is for who has no field for a port. */
gboolean ptl_probe_host_parse      (PtlEndpoint  *endpoint,
                                    const char   *text,
                                    GError      **error);
/* False: the zone of @endpoint is no interface of this computer. */
gboolean ptl_probe_host_check_zone (const PtlEndpoint  *endpoint,
                                    GError            **error);

G_END_DECLS
