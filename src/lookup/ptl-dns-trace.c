/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Follows the delegations of the DNS, by questions of the DNS client's without recursion.
 *
 * A frame is one name that is looked for; the address of a name server that came without glue is
 * looked for in a frame on top of it.  One question is on its way at any time; all of it is the
 * client's thread's. */
#include "config.h"

#include "lookup/ptl-dns-trace.h"

#include <arpa/inet.h>
#include <string.h>

#include <glib.h>

typedef struct
{
  char      *name; /* owned; "" for a typed one */
  PtlAddress address;
} Server;

typedef struct _Frame Frame;

struct _Frame
{
  Frame   *parent;
  char    *name;   /* with the final dot */
  uint16_t type;
  char    *zone;   /* whose servers these are */
  Server   servers[PTL_TRACE_SERVERS_MAX];
  unsigned n_servers;
  unsigned i_server;
  char    *names[PTL_TRACE_SERVERS_MAX]; /* name servers without an address */
  unsigned n_names;
  unsigned i_name;
  unsigned n_lame;
  unsigned n_aliases;
  unsigned depth;
};

typedef struct
{
  PtlDnsClient        *client;
  uint64_t             group;
  PtlAddress           start; /* len 0: the root servers */
  uint16_t             port;
  const PtlTraceFuncs *funcs;
  void                *data;
  Frame               *top;
  unsigned             n_steps;
} Trace;

/* ftp://rs.internic.net/domain/named.root, of 2023-12-01. */
static const struct
{
  const char *name;
  const char *v4;
  const char *v6;
} roots[] = {
  { "a.root-servers.net.", "198.41.0.4", "2001:503:ba3e::2:30" },
  { "b.root-servers.net.", "170.247.170.2", "2801:1b8:10::b" },
  { "c.root-servers.net.", "192.33.4.12", "2001:500:2::c" },
  { "d.root-servers.net.", "199.7.91.13", "2001:500:2d::d" },
  { "e.root-servers.net.", "192.203.230.10", "2001:500:a8::e" },
  { "f.root-servers.net.", "192.5.5.241", "2001:500:2f::f" },
  { "g.root-servers.net.", "192.112.36.4", "2001:500:12::d0d" },
  { "h.root-servers.net.", "198.97.190.53", "2001:500:1::53" },
  { "i.root-servers.net.", "192.36.148.17", "2001:7fe::53" },
  { "j.root-servers.net.", "192.58.128.30", "2001:503:c27::2:30" },
  { "k.root-servers.net.", "193.0.14.129", "2001:7fd::1" },
  { "l.root-servers.net.", "199.7.83.42", "2001:500:9f::42" },
  { "m.root-servers.net.", "202.12.27.33", "2001:dc3::35" },
};

G_STATIC_ASSERT (2 * G_N_ELEMENTS (roots) <= PTL_TRACE_SERVERS_MAX);

static void go_on (Trace *trace);

/* --- names ------------------------------------------------------------------------------------ */

static char *
make_absolute (const char *name)
{
  return g_str_has_suffix (name, ".") ? g_strdup (name) : g_strconcat (name, ".", NULL);
}

/* Whether @name is @zone or below it; both with the final dot. */
static bool
is_under (const char *name,
          const char *zone)
{
  size_t name_len = strlen (name), zone_len = strlen (zone);
  const char *tail;

  if (strcmp (zone, ".") == 0)
    return true;
  if (zone_len > name_len)
    return false;
  tail = name + name_len - zone_len;
  if (g_ascii_strcasecmp (tail, zone) != 0)
    return false;
  /* A dot behind a backslash is part of a label. */
  return tail == name || (tail[-1] == '.' && (tail - name < 2 || tail[-2] != '\\'));
}

/* --- frames ----------------------------------------------------------------------------------- */

static void
clear_servers (Frame *frame)
{
  for (unsigned i = 0; i < frame->n_servers; i++)
    g_free (frame->servers[i].name);
  for (unsigned i = 0; i < frame->n_names; i++)
    g_free (frame->names[i]);
  frame->n_servers = frame->i_server = 0;
  frame->n_names = frame->i_name = 0;
  frame->n_lame = 0;
}

static bool
add_server (Trace      *trace,
            Frame      *frame,
            const char *name,
            int         family,
            const char *text)
{
  PtlAddress address = { 0 };

  if (frame->n_servers == PTL_TRACE_SERVERS_MAX)
    return false;
  if (family == AF_INET)
    {
      address.len = sizeof address.in;
      address.in.sin_family = AF_INET;
      if (inet_pton (AF_INET, text, &address.in.sin_addr) != 1)
        return false;
    }
  else
    {
      address.len = sizeof address.in6;
      address.in6.sin6_family = AF_INET6;
      if (inet_pton (AF_INET6, text, &address.in6.sin6_addr) != 1)
        return false;
    }
  ptl_address_set_port (&address, trace->port);
  for (unsigned i = 0; i < frame->n_servers; i++)
    if (ptl_address_equal (&frame->servers[i].address, &address))
      return false;
  frame->servers[frame->n_servers].name = g_strdup (name);
  frame->servers[frame->n_servers++].address = address;
  return true;
}

/* Begins at the top, with the name the frame has now. */
static void
frame_restart (Trace *trace,
               Frame *frame)
{
  clear_servers (frame);
  g_free (frame->zone);
  frame->zone = g_strdup (".");
  if (trace->start.len > 0)
    {
      frame->servers[0].name = g_strdup ("");
      frame->servers[0].address = trace->start;
      frame->n_servers = 1;
      return;
    }
  for (unsigned i = 0; i < G_N_ELEMENTS (roots); i++)
    add_server (trace, frame, roots[i].name, AF_INET, roots[i].v4);
  for (unsigned i = 0; i < G_N_ELEMENTS (roots); i++)
    add_server (trace, frame, roots[i].name, AF_INET6, roots[i].v6);
}

static void
push_frame (Trace      *trace,
            const char *name,
            uint16_t    type)
{
  Frame *frame = g_new0 (Frame, 1);

  frame->parent = trace->top;
  frame->depth = trace->top != NULL ? trace->top->depth + 1 : 0;
  frame->name = make_absolute (name);
  frame->type = type;
  trace->top = frame;
  frame_restart (trace, frame);
}

static void
pop_frame (Trace *trace)
{
  Frame *frame = trace->top;

  trace->top = frame->parent;
  clear_servers (frame);
  g_free (frame->zone);
  g_free (frame->name);
  g_free (frame);
}

static void
end (Trace       *trace,
     PtlTraceEnd  how,
     const char  *zone)
{
  g_autofree char *where = g_strdup (zone);

  while (trace->top != NULL)
    pop_frame (trace);
  trace->funcs->on_end (how, where, trace->data);
  g_free (trace);
}

/* The top frame leads nowhere. */
static void
frame_failed (Trace       *trace,
              PtlTraceEnd  how)
{
  Frame *frame = trace->top;

  if (frame->parent == NULL)
    {
      end (trace, how, frame->zone);
      return;
    }
  pop_frame (trace);
  go_on (trace);
}

/* --- answers ---------------------------------------------------------------------------------- */

static const PtlDnsRecord *
find_record (const PtlDnsReply *reply,
             PtlDnsSection      section,
             uint16_t           type,
             const char        *owner) /* NULL: any */
{
  for (unsigned i = 0; i < reply->n_records; i++)
    {
      const PtlDnsRecord *record = &reply->records[i];

      if (record->section == section && (record->type == type || type == PTL_DNS_TYPE_ANY)
          && (owner == NULL || ptl_dns_name_equal (record->owner, owner)))
        return record;
    }
  return NULL;
}

/* The zone that the answer refers to, or NULL and @lame. */
static const char *
find_child (const Frame       *frame,
            const PtlDnsReply *reply,
            PtlTraceLame      *lame)
{
  const PtlDnsRecord *record = find_record (reply, PTL_DNS_SECTION_AUTHORITY, PTL_DNS_TYPE_NS,
                                            NULL);

  *lame = PTL_LAME_EMPTY;
  if (record == NULL)
    return NULL;
  if (is_under (record->owner, frame->zone) && !ptl_dns_name_equal (record->owner, frame->zone)
      && is_under (frame->name, record->owner))
    return record->owner;
  *lame = PTL_LAME_UPWARD;
  return NULL;
}

static void
judge (const Frame       *frame,
       const PtlDnsReply *reply,
       PtlTraceStep      *step)
{
  const char *last = reply->final_name != NULL ? reply->final_name : frame->name;

  step->outcome = PTL_TRACE_LAME;
  step->lame = PTL_LAME_SILENT;
  if (reply->fault != PTL_DNS_FAULT_NONE)
    return;
  step->lame = PTL_LAME_RCODE;
  if (reply->rcode != PTL_DNS_RCODE_NOERROR && reply->rcode != PTL_DNS_RCODE_NXDOMAIN)
    return;
  step->lame = PTL_LAME_NOT_AUTHORITATIVE;
  if (find_record (reply, PTL_DNS_SECTION_ANSWER, frame->type, last) != NULL
      || reply->final_name != NULL || reply->rcode == PTL_DNS_RCODE_NXDOMAIN
      || find_record (reply, PTL_DNS_SECTION_AUTHORITY, PTL_DNS_TYPE_SOA, NULL) != NULL)
    {
      if (!reply->aa)
        return;
      step->lame = PTL_LAME_NONE;
      if (reply->rcode == PTL_DNS_RCODE_NXDOMAIN)
        step->outcome = PTL_TRACE_NO_NAME;
      else if (find_record (reply, PTL_DNS_SECTION_ANSWER, frame->type, last) != NULL)
        step->outcome = PTL_TRACE_ANSWER;
      else if (reply->final_name != NULL
               && find_record (reply, PTL_DNS_SECTION_AUTHORITY, PTL_DNS_TYPE_SOA, NULL) == NULL)
        {
          step->outcome = PTL_TRACE_ALIAS;
          step->child = reply->final_name;
        }
      else
        step->outcome = PTL_TRACE_NO_DATA;
      return;
    }
  step->child = find_child (frame, reply, &step->lame);
  if (step->child == NULL)
    return;
  step->outcome = PTL_TRACE_REFERRAL;
  step->lame = PTL_LAME_NONE;
  step->is_signed = find_record (reply, PTL_DNS_SECTION_AUTHORITY, PTL_DNS_TYPE_DS, step->child)
                    != NULL;
}

/* The addresses of the name server @name that came with it. */
static unsigned
take_glue (Trace             *trace,
           Frame             *frame,
           const PtlDnsReply *reply,
           const char        *name,
           uint16_t           type)
{
  unsigned n = 0;

  for (unsigned i = 0; i < reply->n_records; i++)
    {
      const PtlDnsRecord *record = &reply->records[i];

      if (record->section == PTL_DNS_SECTION_ADDITIONAL && record->type == type
          && ptl_dns_name_equal (record->owner, name))
        n += add_server (trace, frame, name, type == PTL_DNS_TYPE_A ? AF_INET : AF_INET6,
                         record->data);
    }
  return n;
}

/* The servers of the child become the frame's.  What is told about names that are not in the zone
 * of who tells it is not believed: it could be anybody's. */
static void
descend (Trace             *trace,
         Frame             *frame,
         const PtlDnsReply *reply,
         PtlTraceStep      *step)
{
  g_autofree char *child = g_strdup (step->child);
  static const uint16_t types[] = { PTL_DNS_TYPE_A, PTL_DNS_TYPE_AAAA };

  clear_servers (frame);
  for (unsigned pass = 0; pass < G_N_ELEMENTS (types); pass++)
    for (unsigned i = 0; i < reply->n_records; i++)
      {
        const PtlDnsRecord *record = &reply->records[i];

        if (record->section != PTL_DNS_SECTION_AUTHORITY || record->type != PTL_DNS_TYPE_NS
            || !ptl_dns_name_equal (record->owner, child))
          continue;
        step->n_names += pass == 0;
        if (is_under (record->data, frame->zone))
          step->n_glue += take_glue (trace, frame, reply, record->data, types[pass]);
        else
          step->n_distrusted += find_record (reply, PTL_DNS_SECTION_ADDITIONAL, types[pass],
                                             record->data) != NULL;
      }
  for (unsigned i = 0; i < reply->n_records && frame->n_names < PTL_TRACE_SERVERS_MAX; i++)
    {
      const PtlDnsRecord *record = &reply->records[i];
      bool has_address = false;

      if (record->section != PTL_DNS_SECTION_AUTHORITY || record->type != PTL_DNS_TYPE_NS
          || !ptl_dns_name_equal (record->owner, child))
        continue;
      for (unsigned j = 0; j < frame->n_servers && !has_address; j++)
        has_address = ptl_dns_name_equal (frame->servers[j].name, record->data);
      if (!has_address)
        frame->names[frame->n_names++] = g_strdup (record->data);
    }
  g_free (frame->zone);
  frame->zone = g_steal_pointer (&child);
}

/* The address of a name server was looked for in the top frame, and is there. */
static void
take_server (Trace             *trace,
             const PtlDnsReply *reply)
{
  Frame *frame = trace->top->parent;
  g_autofree char *name = g_strdup (frame->names[frame->i_name - 1]);

  for (unsigned i = 0; i < reply->n_records; i++)
    if (reply->records[i].section == PTL_DNS_SECTION_ANSWER
        && (reply->records[i].type == PTL_DNS_TYPE_A
            || reply->records[i].type == PTL_DNS_TYPE_AAAA))
      add_server (trace, frame, name,
                  reply->records[i].type == PTL_DNS_TYPE_A ? AF_INET : AF_INET6,
                  reply->records[i].data);
  pop_frame (trace);
  go_on (trace);
}

static void
on_reply (PtlDnsReply *reply,
          void        *data)
{
  Trace *trace = data;
  Frame *frame = trace->top;
  g_autofree char *zone = g_strdup (frame->zone);
  g_autofree char *server_name = g_strdup (frame->servers[frame->i_server].name);
  g_autofree char *child = NULL;
  PtlTraceStep step = { .zone = zone, .server_name = server_name, .reply = reply,
                        .depth = frame->depth };

  if (reply->fault == PTL_DNS_FAULT_CANCELLED || reply->fault == PTL_DNS_FAULT_BAD_NAME)
    {
      PtlTraceEnd how = reply->fault == PTL_DNS_FAULT_CANCELLED ? PTL_TRACE_CANCELLED
                                                                : PTL_TRACE_BAD_NAME;

      if (how == PTL_TRACE_CANCELLED)
        end (trace, how, zone);
      else
        frame_failed (trace, how);
      ptl_dns_reply_free (reply);
      return;
    }
  judge (frame, reply, &step);
  step.child = child = g_strdup (step.child);
  if (step.outcome == PTL_TRACE_REFERRAL)
    descend (trace, frame, reply, &step);
  trace->funcs->on_step (&step, trace->data);

  switch (step.outcome)
    {
    case PTL_TRACE_REFERRAL:
      go_on (trace);
      break;
    case PTL_TRACE_LAME:
      frame->i_server++;
      frame->n_lame++;
      go_on (trace);
      break;
    case PTL_TRACE_ALIAS:
      if (++frame->n_aliases > PTL_TRACE_ALIASES_MAX)
        {
          frame_failed (trace, PTL_TRACE_TOO_LONG);
          break;
        }
      g_free (frame->name);
      frame->name = make_absolute (child);
      /* Its servers may have a delegation to the alias, but need not have that of another zone. */
      if (!is_under (frame->name, frame->zone))
        frame_restart (trace, frame);
      go_on (trace);
      break;
    case PTL_TRACE_ANSWER:
      if (frame->parent != NULL)
        take_server (trace, reply);
      else
        end (trace, PTL_TRACE_DONE, zone);
      break;
    case PTL_TRACE_NO_DATA:
      if (frame->parent != NULL && frame->type == PTL_DNS_TYPE_A)
        {
          frame->type = PTL_DNS_TYPE_AAAA;
          go_on (trace);
          break;
        }
      G_GNUC_FALLTHROUGH;
    case PTL_TRACE_NO_NAME:
      if (frame->parent != NULL)
        frame_failed (trace, PTL_TRACE_NO_ADDRESS);
      else
        end (trace, PTL_TRACE_DONE, zone);
      break;
    }
  ptl_dns_reply_free (reply);
}

/* --- questions -------------------------------------------------------------------------------- */

/* Asks the next server of the top frame, or looks for one. */
static void
go_on (Trace *trace)
{
  Frame *frame = trace->top;
  PtlDnsQuestion question = {
    .n_servers = 1, .timeout_ms = PTL_TRACE_TIMEOUT_MS, .n_tries = 2, .no_recursion = true,
    .dnssec_ok = true, .no_chase = true, .group = trace->group,
  };

  if (trace->n_steps == PTL_TRACE_STEPS_MAX)
    {
      end (trace, PTL_TRACE_TOO_LONG, frame->zone);
      return;
    }
  if (frame->i_server < frame->n_servers && frame->n_lame < PTL_TRACE_LAME_MAX)
    {
      trace->n_steps++;
      question.name = frame->name;
      question.type = frame->type;
      question.servers = &frame->servers[frame->i_server].address;
      ptl_dns_client_ask (trace->client, &question, on_reply, trace);
    }
  else if (frame->i_name < frame->n_names && frame->depth < PTL_TRACE_DEPTH_MAX
           && frame->n_lame < PTL_TRACE_LAME_MAX)
    {
      push_frame (trace, frame->names[frame->i_name++], PTL_DNS_TYPE_A);
      go_on (trace);
    }
  else
    frame_failed (trace, frame->n_servers > 0 ? PTL_TRACE_ALL_LAME : PTL_TRACE_NO_ADDRESS);
}

/* The first question is for nothing: it is answered in the client's thread. */
static void
on_started (PtlDnsReply *reply,
            void        *data)
{
  Trace *trace = data;
  bool going = reply->fault != PTL_DNS_FAULT_CANCELLED;

  ptl_dns_reply_free (reply);
  if (going)
    go_on (trace);
  else
    end (trace, PTL_TRACE_CANCELLED, ".");
}

void
ptl_dns_trace (PtlDnsClient        *client,
               uint64_t             group,
               const char          *name,
               uint16_t             type,
               const PtlAddress    *start,
               const PtlTraceFuncs *funcs,
               void                *data)
{
  Trace *trace = g_new0 (Trace, 1);
  PtlDnsQuestion nothing = { .name = "", .group = group };

  trace->client = client;
  trace->group = group;
  trace->port = PTL_DNS_PORT;
  if (start != NULL)
    {
      trace->start = *start;
      trace->port = ptl_address_get_port (start);
    }
  trace->funcs = funcs;
  trace->data = data;
  push_frame (trace, name, type);
  ptl_dns_client_ask (client, &nothing, on_started, trace);
}

/* --- steps as values -------------------------------------------------------------------------- */

PtlTraceStep *
ptl_trace_step_copy (const PtlTraceStep *step)
{
  PtlTraceStep *copy = g_memdup2 (step, sizeof *step);

  copy->zone = g_strdup (step->zone);
  copy->server_name = g_strdup (step->server_name);
  copy->child = g_strdup (step->child);
  copy->reply = ptl_dns_reply_copy (step->reply);
  return copy;
}

void
ptl_trace_step_free (PtlTraceStep *copy)
{
  if (copy == NULL)
    return;
  g_free ((char *) copy->zone);
  g_free ((char *) copy->server_name);
  g_free ((char *) copy->child);
  ptl_dns_reply_free ((PtlDnsReply *) copy->reply);
  g_free (copy);
}
