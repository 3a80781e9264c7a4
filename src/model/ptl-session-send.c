/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session is told to do: sends, files, ends.  What comes before its log's files are made
 * waits. */
#include "config.h"

#include "model/ptl-session-private.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <sys/stat.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-error.h"
#include "base/ptl-fd.h"
#include "model/ptl-fault-text.h"
#include "model/ptl-text-private.h"

typedef enum
{
  PENDING_SEND,
  PENDING_SEND_TO,
  PENDING_SEND_FILE,
  PENDING_END_INPUT,
  PENDING_RECEIVING,
  PENDING_MEMBERSHIP
} PendingKind;

typedef struct
{
  PendingKind kind;
  uint64_t    tag; /* of the sends */
  uint32_t    peer;
  PtlBlob    *blob;
  PtlEndpoint target;
  int         fd;
  bool        value;
  PtlGroup    group;
} Pending;

static Pending *
pending_new (PendingKind kind,
             uint32_t    peer)
{
  Pending *pending = g_new0 (Pending, 1);

  pending->kind = kind;
  pending->peer = peer;
  pending->fd = -1;
  return pending;
}

static void
pending_free (Pending *pending)
{
  ptl_fd_clear (&pending->fd);
  ptl_endpoint_clear (&pending->target);
  if (pending->blob != NULL)
    ptl_blob_unref (pending->blob);
  g_free (pending);
}

void
ptl_send_target_free (PtlSendTarget *target)
{
  g_free (target->service);
  g_free (target->host);
  g_free (target);
}

static void
remember_target (PtlSession        *self,
                 uint64_t           tag,
                 uint32_t           peer,
                 const PtlEndpoint *endpoint)
{
  PtlSendTarget *target;

  if (peer == PTL_PEER_NONE && endpoint == NULL)
    return;
  target = g_new0 (PtlSendTarget, 1);
  target->peer = peer;
  if (endpoint != NULL)
    {
      target->host = g_strdup (endpoint->host);
      target->service = g_strdup (endpoint->service);
    }
  g_hash_table_insert (self->targets, g_memdup2 (&tag, sizeof tag), target);
}

/* Nobody was there who could have got it. */
static char *
describe_nobody (PtlSession          *self,
                 const PtlSendTarget *target)
{
  g_autoptr (PtlPeer) peer = NULL;
  g_autofree char *address = NULL;

  if (!ptl_session_is_live (self))
    return g_strdup (_("send: the session is over (ENOTCONN)."));
  if ((target == NULL || target->peer == PTL_PEER_NONE) && self->spec->role == PTL_ROLE_DATAGRAMS)
    return g_strdup (_("send: there is no default target, choose one (ENOTCONN)."));
  if (target == NULL || target->peer == PTL_PEER_NONE)
    return g_strdup (_("send: nobody is connected to send to (ENOTCONN)."));
  peer = ptl_peer_list_find (self->peers, target->peer);
  address = peer != NULL ? ptl_peer_dup_address (peer) : NULL;
  return g_strdup_printf (_("send: peer #%u (%s) is gone, choose another one (ENOTCONN)."),
                          target->peer, address != NULL ? address : "?");
}

/* Words for a send that failed at once or later; @gai_code: its target's name was not found. */
static char *
describe_send (PtlSession *self,
               uint64_t    tag,
               int         sys_errno,
               int         gai_code)
{
  const PtlSendTarget *target = g_hash_table_lookup (self->targets, &tag);
  PtlFault fault = { .step = PTL_STEP_SEND, .sys_errno = sys_errno, .gai_code = gai_code };
  const char *name = self->title;
  g_autoptr (PtlPeer) peer = NULL;

  /* The only one, where there is one. */
  if (target != NULL && target->peer != PTL_PEER_NONE)
    peer = ptl_peer_list_find (self->peers, target->peer);
  else if (target == NULL && g_list_model_get_n_items (G_LIST_MODEL (self->peers)) == 1)
    peer = g_list_model_get_item (G_LIST_MODEL (self->peers), 0);
  if (peer != NULL)
    fault.address = ptl_peer_get_info (peer)->address;
  else if (target != NULL && target->host != NULL)
    name = target->host;
  if (gai_code != 0)
    {
      fault.step = PTL_STEP_RESOLVE;
      fault.address.len = 0;
      if (gai_code == EAI_SERVICE && target != NULL && target->service != NULL)
        name = target->service;
      return ptl_fault_to_text_about (&fault, name, NULL);
    }
  switch (sys_errno)
    {
    case EAGAIN:
      return g_strdup (_("As much is waiting to be sent as may be (64 MiB or 1,024 messages): the "
                         "peer takes it too slowly.  Wait, or cancel what is waiting."));
    case ENOENT:
    case ENOTCONN:
      return describe_nobody (self, target);
    case ECANCELED:
      return g_strdup (_("Not sent: it was cancelled."));
    default:
      break;
    }
  return ptl_fault_to_text_about (&fault, name, NULL);
}

/* Gives @pending to the engine; 0 or -errno. */
static int
execute (PtlSession *self,
         Pending    *pending)
{
  PtlEngine *engine = self->host->engine;

  switch (pending->kind)
    {
    case PENDING_SEND:
      return ptl_engine_send (engine, self->id, pending->peer, pending->blob, pending->tag);
    case PENDING_SEND_TO:
      return ptl_engine_send_to (engine, self->id, &pending->target, pending->blob, pending->tag);
    case PENDING_SEND_FILE:
      return ptl_engine_send_file (engine, self->id, pending->peer, ptl_fd_steal (&pending->fd),
                                   pending->tag);
    case PENDING_END_INPUT:
      ptl_engine_end_input (engine, self->id, pending->peer);
      return 0;
    case PENDING_RECEIVING:
      ptl_engine_set_receiving (engine, self->id, pending->value);
      return 0;
    case PENDING_MEMBERSHIP:
      ptl_engine_set_membership (engine, self->id, &pending->group, pending->value);
      return 0;
    default:
      g_assert_not_reached ();
    }
}

/* Does it now, or as soon as the session is opened.  Takes @pending; 0 or -errno. */
static int
submit (PtlSession *self,
        Pending    *pending)
{
  int result = 0;

  if (self->host == NULL || !ptl_session_is_live (self))
    result = -ENOTCONN;
  else if (self->id != 0)
    result = execute (self, pending);
  else if (self->pending->length >= PTL_SESSION_PENDING_MAX)
    result = -EAGAIN;
  else
    {
      g_queue_push_tail (self->pending, pending);
      return 0;
    }
  pending_free (pending);
  return result;
}

static void
emit_failed (PtlSession *self,
             uint64_t    tag,
             int         sys_errno)
{
  g_autofree char *problem = describe_send (self, tag, sys_errno, 0);

  g_hash_table_remove (self->targets, &tag);
  ptl_session_emit_sent (self, tag, true, 0, 0, problem);
}

void
ptl_session_send_pending (PtlSession *self)
{
  Pending *pending;

  while (self->id != 0 && self->host != NULL
         && (pending = g_queue_pop_head (self->pending)) != NULL)
    {
      uint64_t tag = pending->tag;
      int result = execute (self, pending);

      pending_free (pending);
      if (result < 0 && tag != 0)
        emit_failed (self, tag, -result);
    }
}

void
ptl_session_fail_pending (PtlSession *self)
{
  Pending *pending;

  while ((pending = g_queue_pop_head (self->pending)) != NULL)
    {
      uint64_t tag = pending->tag;

      pending_free (pending);
      if (tag != 0)
        emit_failed (self, tag, ENOTCONN);
    }
}

void
ptl_session_drop_pending (PtlSession *self)
{
  Pending *pending;

  while ((pending = g_queue_pop_head (self->pending)) != NULL)
    pending_free (pending);
}

void
ptl_session_report_send (PtlSession          *self,
                         const PtlSendReport *report)
{
  g_autofree char *problem = NULL;

  if (report->sys_errno != 0 || report->n_failed > 0)
    {
      problem = describe_send (self, report->tag, report->sys_errno, report->gai_code);
      if (report->n_peers > 1 && report->n_failed > 0)
        {
          g_autofree char *cause = g_steal_pointer (&problem);

          /* Translators: how many of how many peers it was not sent to, and why. */
          problem = g_strdup_printf (_("Not sent to %u of %u peers: %s"), report->n_failed,
                                     report->n_peers, cause);
        }
    }
  if (report->done)
    g_hash_table_remove (self->targets, &report->tag);
  ptl_session_emit_sent (self, report->tag, report->done, report->sent_bytes, report->total_bytes,
                         problem);
}

/* The tag, or 0 with @error. */
static uint64_t
submit_send (PtlSession *self,
             Pending    *pending,
             GError    **error)
{
  uint64_t tag = self->host != NULL ? ++self->host->last_tag : 0;
  int result;

  pending->tag = tag;
  remember_target (self, tag, pending->peer,
                   pending->kind == PENDING_SEND_TO ? &pending->target : NULL);
  result = submit (self, pending);
  if (result < 0)
    {
      g_autofree char *problem =
        result == -EMSGSIZE
          ? g_strdup (_("More than 64 MiB cannot be sent at once: send it as a file."))
          : describe_send (self, tag, -result, 0);
      int code = result == -EAGAIN || result == -EMSGSIZE ? PTL_ERROR_LIMIT : PTL_ERROR_IO;

      g_hash_table_remove (self->targets, &tag);
      g_set_error_literal (error, PTL_ERROR, code, problem);
      return 0;
    }
  return tag;
}

uint64_t
ptl_session_send (PtlSession *self,
                  uint32_t    peer,
                  PtlBlob    *blob,
                  GError    **error)
{
  Pending *pending;

  g_return_val_if_fail (PTL_IS_SESSION (self) && blob != NULL, 0);
  pending = pending_new (PENDING_SEND, peer);
  pending->blob = ptl_blob_ref (blob);
  return submit_send (self, pending, error);
}

uint64_t
ptl_session_send_to (PtlSession        *self,
                     const PtlEndpoint *target,
                     PtlBlob           *blob,
                     GError           **error)
{
  Pending *pending;

  g_return_val_if_fail (PTL_IS_SESSION (self) && target != NULL && blob != NULL, 0);
  pending = pending_new (PENDING_SEND_TO, PTL_PEER_NONE);
  ptl_endpoint_copy (&pending->target, target);
  pending->blob = ptl_blob_ref (blob);
  return submit_send (self, pending, error);
}

typedef struct
{
  uint64_t tag;
  uint32_t peer;
  char    *path;
  int      fd; /* -1 until it is open */
} FileJob;

static void
file_job_free (FileJob *job)
{
  ptl_fd_clear (&job->fd);
  g_free (job->path);
  g_free (job);
}

static void
open_file_in_thread (GTask        *task,
                     gpointer      source,
                     gpointer      data,
                     GCancellable *cancellable)
{
  FileJob *job = data;
  g_autofree char *shown = NULL;
  struct stat st;
  GError *error = NULL;
  PTL_AUTO_FD fd = -1;

  if (job->path == NULL)
    {
      g_task_return_new_error (task, PTL_ERROR, PTL_ERROR_IO,
                               _("The file is not on this computer: copy it here first."));
      return;
    }
  shown = g_filename_display_name (job->path);
  /* O_NONBLOCK: a FIFO without a writer would keep the thread. */
  fd = open (job->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0 || fstat (fd, &st) < 0)
    {
      ptl_error_set_errno (&error, errno, "open %s", shown);
      g_task_return_error (task, error);
      return;
    }
  if (!S_ISREG (st.st_mode))
    {
      g_task_return_new_error (task, PTL_ERROR, PTL_ERROR_IO,
                               _("%s is not a regular file: only those can be sent."), shown);
      return;
    }
  job->fd = ptl_fd_steal (&fd);
  g_task_return_boolean (task, TRUE);
}

static void
on_file_open_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      data)
{
  PtlSession *self = PTL_SESSION (source);
  FileJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  Pending *pending;
  int failed;

  if (!g_hash_table_remove (self->opening_files, &job->tag))
    {
      emit_failed (self, job->tag, ECANCELED);
      return;
    }
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_hash_table_remove (self->targets, &job->tag);
      ptl_session_emit_sent (self, job->tag, true, 0, 0, error->message);
      return;
    }
  pending = pending_new (PENDING_SEND_FILE, job->peer);
  pending->tag = job->tag;
  pending->fd = ptl_fd_steal (&job->fd);
  failed = submit (self, pending);
  if (failed < 0)
    emit_failed (self, job->tag, -failed);
}

uint64_t
ptl_session_send_file (PtlSession *self,
                       uint32_t    peer,
                       GFile      *file)
{
  g_autoptr (GTask) task = NULL;
  FileJob *job;
  uint64_t tag;

  g_return_val_if_fail (PTL_IS_SESSION (self) && G_IS_FILE (file), 0);
  if (self->host == NULL)
    return 0;

  tag = ++self->host->last_tag;
  job = g_new0 (FileJob, 1);
  job->tag = tag;
  job->peer = peer;
  job->path = g_file_get_path (file);
  job->fd = -1;
  remember_target (self, tag, peer, NULL);
  g_hash_table_add (self->opening_files, g_memdup2 (&tag, sizeof tag));
  task = g_task_new (self, NULL, on_file_open_cb, NULL);
  g_task_set_task_data (task, job, (GDestroyNotify) file_job_free);
  g_task_run_in_thread (task, open_file_in_thread);
  return tag;
}

void
ptl_session_cancel_send (PtlSession *self,
                         uint64_t    tag)
{
  g_return_if_fail (PTL_IS_SESSION (self));

  if (tag == 0 || g_hash_table_remove (self->opening_files, &tag))
    return; /* the opening thread's answer tells it */
  for (GList *link = self->pending->head; link != NULL; link = link->next)
    {
      Pending *pending = link->data;

      if (pending->tag != tag)
        continue;
      g_queue_delete_link (self->pending, link);
      pending_free (pending);
      emit_failed (self, tag, ECANCELED);
      return;
    }
  if (self->host != NULL && self->id != 0)
    ptl_engine_cancel_send (self->host->engine, self->id, tag);
}

void
ptl_session_end_input (PtlSession *self,
                       uint32_t    peer)
{
  g_return_if_fail (PTL_IS_SESSION (self));
  submit (self, pending_new (PENDING_END_INPUT, peer));
}

void
ptl_session_close_peer (PtlSession *self,
                        uint32_t    peer,
                        bool        reset)
{
  g_return_if_fail (PTL_IS_SESSION (self));
  /* Before it is opened there is none. */
  if (self->host != NULL && self->id != 0)
    ptl_engine_close_peer (self->host->engine, self->id, peer, reset);
}

void
ptl_session_stop (PtlSession *self)
{
  g_return_if_fail (PTL_IS_SESSION (self));

  if (self->host == NULL || !ptl_session_is_live (self))
    return;
  if (self->id != 0)
    ptl_engine_stop (self->host->engine, self->id);
  else
    {
      /* It will never be opened: ptl_session_take_log() sees that it is over. */
      PtlSessionStatus status = self->status;

      status.state = PTL_SESSION_CLOSED;
      ptl_session_set_status (self, &status);
    }
}

void
ptl_session_set_receiving (PtlSession *self,
                           bool        receiving)
{
  Pending *pending;

  g_return_if_fail (PTL_IS_SESSION (self));
  pending = pending_new (PENDING_RECEIVING, PTL_PEER_NONE);
  pending->value = receiving;
  submit (self, pending);
}

void
ptl_session_set_when_full (PtlSession *self,
                           PtlWhenFull when_full)
{
  g_return_if_fail (PTL_IS_SESSION (self));
  self->spec->when_full = when_full;
  if (self->host != NULL && self->id != 0)
    ptl_engine_set_when_full (self->host->engine, self->id, when_full);
}

void
ptl_session_set_reaction (PtlSession *self,
                          PtlReaction reaction,
                          PtlBlob    *text)
{
  PtlBlob *taken;

  g_return_if_fail (PTL_IS_SESSION (self));
  taken = text != NULL ? ptl_blob_ref (text) : NULL;
  if (self->spec->reaction_text != NULL)
    ptl_blob_unref (self->spec->reaction_text);
  self->spec->reaction = reaction;
  self->spec->reaction_text = taken;
  if (self->host != NULL && self->id != 0)
    ptl_engine_set_reaction (self->host->engine, self->id, reaction, text);
}

/* What the session is asked to be, as set_reaction() does: it is opened again and saved so. */
static void
note_membership (PtlSpec        *spec,
                 const PtlGroup *group,
                 bool            joined)
{
  unsigned i;

  for (i = 0; i < spec->n_groups; i++)
    if (ptl_address_equal_host (&spec->groups[i].group, &group->group)
        && g_str_equal (spec->groups[i].device, group->device))
      break;
  if (joined && i == spec->n_groups && spec->n_groups < PTL_SPEC_GROUPS_MAX)
    spec->groups[spec->n_groups++] = *group;
  else if (!joined && i < spec->n_groups)
    memmove (&spec->groups[i], &spec->groups[i + 1],
             (--spec->n_groups - i) * sizeof spec->groups[0]);
}

void
ptl_session_set_membership (PtlSession     *self,
                            const PtlGroup *group,
                            bool            joined)
{
  Pending *pending;

  g_return_if_fail (PTL_IS_SESSION (self) && group != NULL);
  if (!ptl_session_is_live (self))
    return;
  note_membership (self->spec, group, joined);
  if (self->id == 0) /* the session opens with it */
    return;
  pending = pending_new (PENDING_MEMBERSHIP, PTL_PEER_NONE);
  pending->group = *group;
  pending->value = joined;
  submit (self, pending);
}
