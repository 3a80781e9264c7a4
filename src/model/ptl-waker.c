/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An eventfd that is written at most once until it is read. */
#include "config.h"

#include "model/ptl-waker.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/ptl-error.h"
#include "base/ptl-fd.h"

struct _PtlWaker
{
  atomic_int  ref_count;
  atomic_bool pending; /* written, and not yet read */
  int         fd;
};

PtlWaker *
ptl_waker_new (GError **error)
{
  PtlWaker *waker = g_new0 (PtlWaker, 1);

  atomic_init (&waker->ref_count, 1);
  atomic_init (&waker->pending, false);
  waker->fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (waker->fd < 0)
    {
      ptl_error_set_errno (error, errno, "eventfd");
      g_free (waker);
      return NULL;
    }
  return waker;
}

PtlWaker *
ptl_waker_ref (PtlWaker *waker)
{
  atomic_fetch_add_explicit (&waker->ref_count, 1, memory_order_relaxed);
  return waker;
}

void
ptl_waker_unref (PtlWaker *waker)
{
  if (atomic_fetch_sub_explicit (&waker->ref_count, 1, memory_order_acq_rel) != 1)
    return;
  ptl_fd_clear (&waker->fd);
  g_free (waker);
}

void
ptl_waker_wake (void *data)
{
  PtlWaker *waker = data;
  uint64_t one = 1;

  if (atomic_exchange (&waker->pending, true))
    return;
  /* It fails only when the counter is full: then it is readable anyway. */
  if (write (waker->fd, &one, sizeof one) < 0)
    return;
}

int
ptl_waker_get_fd (PtlWaker *waker)
{
  return waker->fd;
}

bool
ptl_waker_read (PtlWaker *waker)
{
  uint64_t count;

  if (read (waker->fd, &count, sizeof count) < 0 && errno != EAGAIN)
    return false;
  /* Before the news are taken. */
  atomic_store (&waker->pending, false);
  return true;
}
