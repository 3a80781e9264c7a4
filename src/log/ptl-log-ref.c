/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who holds a log, and who only reads on in it. */
#include "config.h"

#include "log/ptl-log-private.h"

#include "base/ptl-fd.h"

PtlLog *
ptl_log_ref (PtlLog *log)
{
  atomic_fetch_add_explicit (&log->lock_count, 1, memory_order_relaxed);
  return ptl_log_ref_reader (log);
}

void
ptl_log_unref (PtlLog *log)
{
  if (log == NULL)
    return;
  /* Closing it gives the lock back. */
  if (atomic_fetch_sub_explicit (&log->lock_count, 1, memory_order_acq_rel) == 1)
    ptl_fd_clear (&log->lock_fd);
  ptl_log_unref_reader (log);
}

PtlLog *
ptl_log_ref_reader (PtlLog *log)
{
  atomic_fetch_add_explicit (&log->ref_count, 1, memory_order_relaxed);
  return log;
}

void
ptl_log_unref_reader (PtlLog *log)
{
  if (atomic_fetch_sub_explicit (&log->ref_count, 1, memory_order_acq_rel) > 1)
    return;

  ptl_fd_clear (&log->peers_fd);
  ptl_fd_clear (&log->data_fd);
  ptl_fd_clear (&log->index_fd);
  g_free (log->uri);
  g_free (log->dir);
  g_free (log);
}
