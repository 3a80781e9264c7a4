/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for the events of a session's life. */
#include "config.h"

#include <errno.h>

#include <glib/gi18n-lib.h>

#include "model/ptl-fault-text.h"
#include "model/ptl-text-private.h"

#define TEXT_CHARS_MAX 300

static unsigned long
to_plural (int64_t n)
{
  return n < 0 ? 0 : (unsigned long) n;
}

static char *
dup_bytes (int64_t n)
{
  return g_format_size (n < 0 ? 0 : (guint64) n);
}

/* Lookups end with an EAI_* code. */
static char *
dup_cause (const PtlEvent *event)
{
  if (event->code == PTL_EVENT_RESOLVE_FAILED)
    return ptl_text_dup_gai ((int) event->n1, event->error);
  return ptl_text_dup_errno (event->error);
}

static char *
refusal_to_text (const PtlEvent *event,
                 const char     *peer)
{
  switch (event->n1)
    {
    case PTL_REFUSAL_NOT_OWN:
      return g_strdup_printf (_("%s was refused: not an address of this computer"), peer);
    case PTL_REFUSAL_FULL:
      return g_strdup_printf (_("%s was refused: as many peers as allowed are connected"), peer);
    default:
      return g_strdup_printf (_("%s was refused"), peer);
    }
}

static char *
fault_event_to_text (const PtlEvent *event)
{
  PtlFault fault = { .sys_errno = event->error, .address = event->peer };

  if (event->n1 > PTL_STEP_NONE && event->n1 < PTL_N_STEPS)
    fault.step = (PtlStep) event->n1;
  else
    {
      g_autofree char *cause = dup_cause (event);

      return g_strdup_printf (_("failed: %s"), cause);
    }
  /* n2 has the EAI_* code of a lookup; the local address where there is no peer. */
  if (fault.step == PTL_STEP_RESOLVE)
    fault.gai_code = (int) event->n2;
  if (fault.step == PTL_STEP_OPTION && event->n2 > 0 && event->n2 < PTL_N_OPTS)
    fault.detail = (int) event->n2;
  if (fault.address.len == 0)
    fault.address = event->local;
  return ptl_fault_to_text_about (&fault, event->text, NULL);
}

static bool
is_membership (PtlEventCode code)
{
  return code == PTL_EVENT_JOINED || code == PTL_EVENT_LEFT || code == PTL_EVENT_JOIN_FAILED;
}

/* The words of an event's values: what most of its sentences are made of. */
typedef struct
{
  char  peer[PTL_ADDRESS_TEXT_MAX];
  char  local[PTL_ADDRESS_TEXT_MAX];
  char *text;
  char *cause;
  char *duration; /* n2 as a time */
  char *bytes_1;  /* n1 and n2 as numbers of bytes */
  char *bytes_2;
} Words;

static void
words_init (Words          *words,
            const PtlEvent *event)
{
  if (event->peer.len == 0)
    g_strlcpy (words->peer, "?", sizeof words->peer);
  else if (is_membership (event->code)) /* a group has no port */
    ptl_address_format_host (&event->peer, words->peer, sizeof words->peer);
  else
    ptl_address_format (&event->peer, words->peer, sizeof words->peer);
  if (event->local.len == 0)
    g_strlcpy (words->local, "?", sizeof words->local);
  else
    ptl_address_format (&event->local, words->local, sizeof words->local);
  words->text = ptl_text_dup_safe (event->text, TEXT_CHARS_MAX);
  words->cause = dup_cause (event);
  words->duration = ptl_text_dup_duration (event->n2 < 0 ? 0 : (uint64_t) event->n2);
  words->bytes_1 = dup_bytes (event->n1);
  words->bytes_2 = dup_bytes (event->n2);
}

static void
words_clear (Words *words)
{
  g_free (words->text);
  g_free (words->cause);
  g_free (words->duration);
  g_free (words->bytes_1);
  g_free (words->bytes_2);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Words, words_clear)

/* Up to the connection.  NULL: another event. */
static char *
lookup_event_to_text (const PtlEvent *event,
                      const Words    *w)
{
  switch (event->code)
    {
    case PTL_EVENT_RESOLVING:
      return g_strdup_printf (_("looking up “%s”"), w->text);
    case PTL_EVENT_RESOLVED:
      if (w->text[0] != '\0')
        return g_strdup_printf (ngettext ("found %lu address of %s in %s",
                                          "found %lu addresses of %s in %s",
                                          to_plural (event->n1)),
                                to_plural (event->n1), w->text, w->duration);
      return g_strdup_printf (ngettext ("found %lu address in %s", "found %lu addresses in %s",
                                        to_plural (event->n1)),
                              to_plural (event->n1), w->duration);
    case PTL_EVENT_RESOLVED_ADDRESS:
      return g_strdup_printf (_("address %lu: %s"), to_plural (event->n1), w->peer);
    case PTL_EVENT_RESOLVE_FAILED:
      return g_strdup_printf (_("no address for “%s” after %s: %s"), w->text, w->duration,
                              w->cause);
    case PTL_EVENT_CANDIDATE_STARTED:
      return g_strdup_printf (_("connecting to %s (address %lu)"), w->peer, to_plural (event->n1));
    case PTL_EVENT_CANDIDATE_FAILED:
      return g_strdup_printf (_("connect to %s failed after %s: %s"), w->peer, w->duration,
                              w->cause);
    case PTL_EVENT_CANDIDATE_DROPPED:
      return g_strdup_printf (_("%s given up after %s: another address was quicker"), w->peer,
                              w->duration);
    case PTL_EVENT_CONNECTED:
      return event->local.len > 0
             ? g_strdup_printf (_("connected to %s from %s in %s"), w->peer, w->local, w->duration)
             : g_strdup_printf (_("connected to %s in %s"), w->peer, w->duration);
    case PTL_EVENT_CONNECT_TIMEOUT:
      return g_strdup_printf (_("no answer within %lu ms, the connect timeout"),
                              to_plural (event->n1));
    default:
      return NULL;
    }
}

/* Sockets and who comes to them.  NULL: another event. */
static char *
socket_event_to_text (const PtlEvent *event,
                      const Words    *w)
{
  switch (event->code)
    {
    case PTL_EVENT_LISTENING:
      return g_strdup_printf (_("listening on %s"), w->local);
    case PTL_EVENT_BOUND:
      return g_strdup_printf (_("receiving on %s"), w->local);
    case PTL_EVENT_ACCEPTED:
      if (event->local.len == 0)
        return g_strdup (_("accepted"));
      return g_strdup_printf (_("accepted on %s"), w->local);
    case PTL_EVENT_PEER_REFUSED:
      return refusal_to_text (event, w->peer);
    case PTL_EVENT_ACCEPT_PAUSED:
      return g_strdup_printf (_("accepting pauses: %s"), w->cause);
    case PTL_EVENT_ACCEPT_RESUMED:
      return g_strdup (_("accepting goes on"));
    case PTL_EVENT_OPTION_FAILED:
      return g_strdup_printf (_("option %s not set: %s"), w->text, w->cause);
    case PTL_EVENT_FAULT:
      return fault_event_to_text (event);
    case PTL_EVENT_STOPPED:
      return g_strdup (_("stopped"));
    case PTL_EVENT_SOCKET_ERROR:
      return event->peer.len > 0
             ? g_strdup_printf (_("an error came back from %s: %s"), w->peer, w->cause)
             : g_strdup_printf (_("an error came back: %s"), w->cause);
    case PTL_EVENT_PEER_FORGOTTEN:
      return g_strdup_printf (_("source %s forgotten to make room for newer ones"), w->peer);
    default:
      return NULL;
    }
}

/* How a connection ends.  NULL: another event. */
static char *
end_event_to_text (const PtlEvent *event,
                   const Words    *w)
{
  switch (event->code)
    {
    case PTL_EVENT_PEER_ENDED:
      return g_strdup (event->n1 != 0
                         ? _("end of input: the peer sends no more; you can still send")
                         : _("end of input: the peer sends no more"));
    case PTL_EVENT_HALF_OPEN_ENDED:
      return g_strdup (event->n1 == PTL_HALF_OPEN_MADE_ROOM
                         ? _("closed to make room for newer peers")
                         : _("the peer has closed its socket, too"));
    case PTL_EVENT_WE_ENDED:
      return g_strdup (_("end of input sent: we send no more"));
    case PTL_EVENT_RESET:
      return g_strdup_printf (_("reset by the peer: %s"), w->cause);
    case PTL_EVENT_WE_RESET:
      return g_strdup (_("reset by us"));
    case PTL_EVENT_CLOSED:
      return g_strdup_printf (_("closed after %s in, %s out"), w->bytes_1, w->bytes_2);
    case PTL_EVENT_IDLE_TIMEOUT:
      return g_strdup_printf (_("nothing sent or received for %lu ms, the idle timeout"),
                              to_plural (event->n1));
    default:
      return NULL;
    }
}

/* What flows, and what keeps it.  NULL: another event. */
static char *
flow_event_to_text (const PtlEvent *event,
                    const Words    *w)
{
  switch (event->code)
    {
    case PTL_EVENT_SEND_FAILED:
      return g_strdup_printf (_("%s not sent: %s"), w->bytes_1, w->cause);
    case PTL_EVENT_PEER_NOT_READING:
      if (event->error != 0)
        return g_strdup_printf (ngettext ("others do not read: no room for %lu datagram (%s)",
                                          "others do not read: no room for %lu datagrams (%s)",
                                          to_plural (event->n1)),
                                to_plural (event->n1), w->bytes_2);
      return g_strdup_printf (ngettext ("does not read: %lu datagram (%s) waits for it",
                                        "does not read: %lu datagrams (%s) wait for it",
                                        to_plural (event->n1)),
                              to_plural (event->n1), w->bytes_2);
    case PTL_EVENT_KERNEL_DROPS:
      return g_strdup_printf (ngettext ("the kernel dropped %lu datagram (%lu in all): its receive "
                                        "buffer was full",
                                        "the kernel dropped %lu datagrams (%lu in all): its "
                                        "receive buffer was full",
                                        to_plural (event->n1)),
                              to_plural (event->n1), to_plural (event->n2));
    case PTL_EVENT_RECEIVING_PAUSED:
      return g_strdup (_("receiving paused"));
    case PTL_EVENT_RECEIVING_RESUMED:
      return g_strdup (_("receiving goes on"));
    case PTL_EVENT_FILE_SENT:
      return g_strdup_printf (_("file sent: %s in %s"), w->bytes_1, w->duration);
    default:
      return NULL;
    }
}

/* Multicast.  NULL: another event. */
static char *
group_event_to_text (const PtlEvent *event,
                     const Words    *w)
{
  switch (event->code)
    {
    case PTL_EVENT_JOINED:
      return w->text[0] != '\0' ? g_strdup_printf (_("joined group %s on %s"), w->peer, w->text)
                                : g_strdup_printf (_("joined group %s"), w->peer);
    case PTL_EVENT_LEFT:
      return w->text[0] != '\0' ? g_strdup_printf (_("left group %s on %s"), w->peer, w->text)
                                : g_strdup_printf (_("left group %s"), w->peer);
    case PTL_EVENT_JOIN_FAILED:
      return w->text[0] != '\0'
             ? g_strdup_printf (_("membership of group %s on %s not changed: %s"), w->peer, w->text,
                                w->cause)
             : g_strdup_printf (_("membership of group %s not changed: %s"), w->peer, w->cause);
    default:
      return NULL;
    }
}

/* The recording.  NULL: another event. */
static char *
log_event_to_text (const PtlEvent *event,
                   const Words    *w)
{
  switch (event->code)
    {
    case PTL_EVENT_LOG_FULL:
      return event->n1 != 0
             ? g_strdup_printf (_("the log cannot be written: %s; receiving stopped"), w->cause)
             : g_strdup_printf (_("the log cannot be written: %s; receiving goes on, frames are "
                                  "only counted"), w->cause);
    case PTL_EVENT_LOG_RESUMED:
      return g_strdup_printf (ngettext ("the log is written again; %lu frame (%s) was not recorded",
                                        "the log is written again; %lu frames (%s) were not "
                                        "recorded",
                                        to_plural (event->n1)),
                              to_plural (event->n1), w->bytes_2);
    case PTL_EVENT_NOT_RECORDED:
      return g_strdup_printf (ngettext ("%lu frame (%s) was not recorded",
                                        "%lu frames (%s) were not recorded",
                                        to_plural (event->n1)),
                              to_plural (event->n1), w->bytes_2);
    default:
      return NULL;
    }
}

char *
ptl_event_to_text (const PtlEvent *event)
{
  static char *(*const groups[]) (const PtlEvent *event,
                                  const Words    *w) = {
    lookup_event_to_text, socket_event_to_text, end_event_to_text,
    flow_event_to_text, group_event_to_text, log_event_to_text,
  };
  g_auto (Words) words = { 0 };

  g_return_val_if_fail (event != NULL, NULL);

  words_init (&words, event);
  for (size_t i = 0; i < G_N_ELEMENTS (groups); i++)
    {
      char *text = groups[i] (event, &words);

      if (text != NULL)
        return text;
    }
  /* A log of a later version. */
  return g_strdup_printf (_("event %u"), (unsigned) event->code);
}
