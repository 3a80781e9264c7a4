/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the writers of C programs, of clients and of listeners, share. */
#pragma once

#include "model/ptl-copy-private.h"

G_BEGIN_DECLS

char *ptl_copy_c_literal (const uint8_t *bytes,
                          size_t         len_bytes);
bool ptl_copy_c_is_ip (const PtlCopy *copy);
void ptl_copy_c_address (PtlCopy           *copy,
                         const char        *indent,
                         const char        *name,
                         const PtlEndpoint *endpoint);
void ptl_copy_c_head (PtlCopy *copy);
void ptl_copy_c_print_bytes (PtlCopy *copy);
void ptl_copy_c_open_socket (PtlCopy *copy);
void ptl_copy_c_lookup (PtlCopy           *copy,
                        const char        *indent,
                        const PtlEndpoint *endpoint,
                        bool               passive,
                        const char        *family);
void ptl_copy_c_time (PtlCopy    *copy,
                      const char *indent,
                      const char *fd,
                      const char *option,
                      uint32_t    ms);
void ptl_copy_c_send_all (PtlCopy *copy);
/* The whole program of a listener. */
void ptl_copy_c_listener (PtlCopy *copy);

G_END_DECLS
