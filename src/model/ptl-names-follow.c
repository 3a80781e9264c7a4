/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tells when the names of this computer have to be read again: the files that they are in, the
 * kernel's host name, and the own addresses. */
#include "config.h"

#include "model/ptl-names-private.h"

#include <glib-unix.h>

#include "base/ptl-fd.h"
#include "host/ptl-file-watch.h"

/* A file that is written in pieces is read again once. */
#define SETTLE_MS 60
/* Addresses come and go in numbers, and tell anew how long they are good. */
#define OWN_SETTLE_MS 250

struct _PtlNamesFollow
{
  PtlFileWatch      *watch;      /* owned; NULL: there is none */
  guint              watch_id;
  int                kernel_fd;  /* of the kernel's host name; -1 */
  guint              kernel_id;
  int                own_fd;     /* of addresses; -1 */
  guint              own_id;
  guint              settle_id;
  gboolean           only_own;   /* nothing else has changed */

  PtlNamesFollowFunc func;
  gpointer           data;       /* borrowed */
};

static gboolean
on_settled_cb (gpointer data)
{
  PtlNamesFollow *self = data;

  self->settle_id = 0;
  self->func (self->data, self->only_own);
  return G_SOURCE_REMOVE;
}

static void
tell_soon (PtlNamesFollow *self,
           gboolean        only_own)
{
  self->only_own = only_own && (self->settle_id == 0 || self->only_own);
  if (self->settle_id == 0)
    self->settle_id = g_timeout_add (only_own ? OWN_SETTLE_MS : SETTLE_MS, on_settled_cb, self);
}

static gboolean
on_files_cb (int          fd,
             GIOCondition condition,
             gpointer     data)
{
  PtlNamesFollow *self = data;

  if (ptl_file_watch_drain (self->watch))
    tell_soon (self, FALSE);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_kernel_cb (int          fd,
              GIOCondition condition,
              gpointer     data)
{
  tell_soon (data, FALSE);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_own_cb (int          fd,
           GIOCondition condition,
           gpointer     data)
{
  PtlNamesFollow *self = data;

  ptl_own_watch_drain (fd);
  tell_soon (self, TRUE);
  return G_SOURCE_CONTINUE;
}

static void
follow_files (PtlNamesFollow *self,
              const char     *root)
{
  static const char *const followed[] = {
    PTL_NSS_HOSTS_PATH, PTL_HOSTNAME_PATH,   PTL_MACHINE_INFO_PATH,
    PTL_NSS_SWITCH_PATH, PTL_NSS_RESOLV_PATH,
  };
  char *paths[G_N_ELEMENTS (followed) + 1] = { NULL };

  for (guint i = 0; i < G_N_ELEMENTS (followed); i++)
    paths[i] = g_strconcat (root, followed[i], NULL);
  self->watch = ptl_file_watch_new ((const char *const *) paths);
  for (guint i = 0; i < G_N_ELEMENTS (followed); i++)
    g_free (paths[i]);
  if (self->watch != NULL)
    self->watch_id = g_unix_fd_add (ptl_file_watch_get_fd (self->watch), G_IO_IN, on_files_cb,
                                    self);
}

static void
follow_kernel (PtlNamesFollow *self)
{
  self->kernel_fd = ptl_host_names_open_watch ();
  if (self->kernel_fd >= 0)
    self->kernel_id = g_unix_fd_add (self->kernel_fd, G_IO_PRI | G_IO_ERR, on_kernel_cb, self);
}

PtlNamesFollow *
ptl_names_follow_new (const char         *root,
                      PtlNamesFollowFunc  func,
                      gpointer            data)
{
  PtlNamesFollow *self = g_new0 (PtlNamesFollow, 1);

  self->func = func;
  self->data = data;
  follow_files (self, root);
  follow_kernel (self);
  self->own_fd = ptl_own_watch_open ();
  if (self->own_fd >= 0)
    self->own_id = g_unix_fd_add (self->own_fd, G_IO_IN | G_IO_ERR, on_own_cb, self);
  return self;
}

void
ptl_names_follow_free (PtlNamesFollow *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->settle_id, g_source_remove);
  g_clear_handle_id (&self->watch_id, g_source_remove);
  g_clear_handle_id (&self->kernel_id, g_source_remove);
  g_clear_handle_id (&self->own_id, g_source_remove);
  g_clear_pointer (&self->watch, ptl_file_watch_free);
  ptl_fd_clear (&self->kernel_fd);
  ptl_fd_clear (&self->own_fd);
  g_free (self);
}
