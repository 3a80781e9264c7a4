/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets as a session wants them: its options, its local address, its multicast groups, and the
 * files that names of Unix sockets are. */
#include "config.h"

#include "engine/ptl-engine-private.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
set_option (PtlFlow    *flow,
            int         fd,
            PtlOptionId option,
            int         value,
            const char *name)
{
  int result;

  if (value == PTL_OPTION_UNSET)
    return;
  result = ptl_sys_set_option (flow->calls, fd, option, value);
  if (result < 0)
    {
      ptl_flow_tell_text (flow, PTL_EVENT_OPTION_FAILED, NULL, -result, name);
      flow->status.fault = (PtlFault) { .step = PTL_STEP_OPTION, .sys_errno = -result,
                                        .detail = option };
    }
}

int
ptl_flow_make_socket (PtlFlow          *flow,
                      const PtlAddress *address,
                      bool              for_listen,
                      PtlStep          *step)
{
  const PtlOptions *options = &flow->spec->options;
  int family = ptl_address_get_family (address);
  bool is_ip = family == AF_INET || family == AF_INET6;
  int domain, type, protocol, fd;

  *step = PTL_STEP_SOCKET;
  ptl_spec_get_socket_triple (flow->spec, family, &domain, &type, &protocol);
  fd = ptl_sys_socket (flow->calls, domain, type, protocol);
  if (fd < 0)
    return fd;

  if (for_listen && is_ip && type != SOCK_DGRAM)
    set_option (flow, fd, PTL_OPT_REUSEADDR,
                options->reuse_addr == PTL_OPTION_UNSET ? 1 : options->reuse_addr, "SO_REUSEADDR");
  else
    set_option (flow, fd, PTL_OPT_REUSEADDR, options->reuse_addr, "SO_REUSEADDR");
  set_option (flow, fd, PTL_OPT_REUSEPORT, options->reuse_port, "SO_REUSEPORT");
  /* A raw socket of IPv6 has it set, and refuses to be told. */
  if (family == AF_INET6 &&
      ((for_listen && type != SOCK_RAW) || options->v6only != PTL_OPTION_UNSET))
    set_option (flow, fd, PTL_OPT_V6ONLY, options->v6only == PTL_OPTION_UNSET ? 1 : options->v6only,
                "IPV6_V6ONLY");
  if (type == SOCK_STREAM && is_ip)
    {
      set_option (flow, fd, PTL_OPT_NODELAY, options->nodelay, "TCP_NODELAY");
      set_option (flow, fd, PTL_OPT_KEEPIDLE, options->keep_idle_s, "TCP_KEEPIDLE");
      set_option (flow, fd, PTL_OPT_KEEPINTVL, options->keep_interval_s, "TCP_KEEPINTVL");
      set_option (flow, fd, PTL_OPT_KEEPCNT, options->keep_count, "TCP_KEEPCNT");
    }
  set_option (flow, fd, PTL_OPT_KEEPALIVE, options->keepalive, "SO_KEEPALIVE");
  set_option (flow, fd, PTL_OPT_LINGER, options->linger_s, "SO_LINGER");
  /* All targets share it, and what one does not read stays in it: as much as the system allows. */
  if (options->sndbuf == PTL_OPTION_UNSET && type == SOCK_DGRAM && family == AF_UNIX &&
      flow->spec->role != PTL_ROLE_CONNECT)
    ptl_sys_set_option (flow->calls, fd, PTL_OPT_SNDBUF, 8 * 1024 * 1024);
  set_option (flow, fd, PTL_OPT_SNDBUF, options->sndbuf, "SO_SNDBUF");
  if (options->rcvbuf != PTL_OPTION_UNSET)
    set_option (flow, fd, PTL_OPT_RCVBUF, options->rcvbuf, "SO_RCVBUF");
  else if (type == SOCK_DGRAM && is_ip)
    {
      /* Beyond net.core.rmem_max only with CAP_NET_ADMIN; else as much as it allows. */
      if (ptl_sys_set_option (flow->calls, fd, PTL_OPT_RCVBUFFORCE, 8 * 1024 * 1024) < 0)
        ptl_sys_set_option (flow->calls, fd, PTL_OPT_RCVBUF, 8 * 1024 * 1024);
    }
  if (is_ip)
    set_option (flow, fd, PTL_OPT_BROADCAST, options->broadcast, "SO_BROADCAST");
  if (family == AF_INET6)
    {
      set_option (flow, fd, PTL_OPT_HOPS, options->ttl, "IPV6_UNICAST_HOPS");
      set_option (flow, fd, PTL_OPT_TCLASS, options->tos, "IPV6_TCLASS");
      set_option (flow, fd, PTL_OPT_MULTICAST_HOPS, options->multicast_ttl, "IPV6_MULTICAST_HOPS");
      set_option (flow, fd, PTL_OPT_MULTICAST_LOOP6, options->multicast_loop,
                  "IPV6_MULTICAST_LOOP");
    }
  /* What goes to IPv4 peers of a socket for both families heeds the options of IPv4. */
  if (family == AF_INET || (family == AF_INET6 && options->v6only == 0 && type != SOCK_RAW))
    {
      set_option (flow, fd, PTL_OPT_TTL, options->ttl, "IP_TTL");
      set_option (flow, fd, PTL_OPT_TOS, options->tos, "IP_TOS");
      set_option (flow, fd, PTL_OPT_MULTICAST_TTL, options->multicast_ttl, "IP_MULTICAST_TTL");
      set_option (flow, fd, PTL_OPT_MULTICAST_LOOP, options->multicast_loop, "IP_MULTICAST_LOOP");
    }
  if (options->device[0] != '\0')
    {
      int result = ptl_sys_set_device (flow->calls, fd, options->device);

      if (result < 0)
        {
          /* To go out another way than asked would be worse than not at all. */
          ptl_flow_tell_text (flow, PTL_EVENT_OPTION_FAILED, NULL, -result, "SO_BINDTODEVICE");
          ptl_sys_close (flow->calls, fd, 0);
          *step = PTL_STEP_OPTION;
          flow->status.fault.detail = PTL_OPT_DEVICE;
          return result;
        }
    }
  return fd;
}

void
ptl_flow_set_accepted (PtlFlow *flow,
                       int      fd,
                       int      family)
{
  /* TCP has it from the listener. */
  if (family == AF_UNIX)
    set_option (flow, fd, PTL_OPT_SNDBUF, flow->spec->options.sndbuf, "SO_SNDBUF");
}

/* Whether some socket of this computer is bound to the file at @path, as /proc/net/unix knows it
 * (proc(5)): one that does not listen yet refuses connections too.  In doubt it is. */
static bool
is_bound (const char        *path,
          const struct stat *st)
{
  FILE *file = fopen ("/proc/net/unix", "re");
  const char *base = strrchr (path, '/');
  char *line = NULL;
  size_t size = 0;
  bool found = file == NULL || strchr (path, '\n') != NULL;

  base = base != NULL ? base + 1 : path;
  while (!found && getline (&line, &size, file) > 0)
    {
      struct stat other;
      const char *name = line;
      size_t len;

      /* Seven fields, one blank, the name, which may have blanks in it. */
      for (unsigned i = 0; i < 7; i++)
        {
          name += strspn (name, " ");
          name += strcspn (name, " \n");
        }
      name += *name == ' ';
      len = strcspn (name, "\n");
      line[name - line + len] = '\0';
      if (*name == '\0' || *name == '@')
        continue;
      /* One of another name is not ours; what lies there is not asked, which may take long. */
      if (strcmp (strrchr (name, '/') != NULL ? strrchr (name, '/') + 1 : name, base) != 0)
        continue;
      /* A relative name belongs to a folder that we do not know. */
      found = *name != '/' ||
              (stat (name, &other) == 0 && other.st_dev == st->st_dev &&
               other.st_ino == st->st_ino);
    }
  free (line);
  if (file != NULL)
    fclose (file);
  return found;
}

/* A socket's file that no socket is bound to and that refuses a connection: its program ended
 * without removing it (unix(7)).  One that is bound is not connected to: there are programs that
 * serve one peer and end. */
static bool
is_stale (PtlFlow          *flow,
          const PtlAddress *address)
{
  struct stat st;
  int domain, type, protocol, fd, result;

  if (ptl_address_get_family (address) != AF_UNIX || address->un.sun_path[0] == '\0' ||
      lstat (address->un.sun_path, &st) < 0 || !S_ISSOCK (st.st_mode) ||
      is_bound (address->un.sun_path, &st))
    return false;
  ptl_spec_get_socket_triple (flow->spec, AF_UNIX, &domain, &type, &protocol);
  fd = ptl_sys_socket (flow->calls, domain, type, protocol);
  if (fd < 0)
    return false;
  result = ptl_sys_connect (flow->calls, fd, address);
  ptl_sys_close (flow->calls, fd, 0);
  return result == -ECONNREFUSED;
}

int
ptl_flow_bind (PtlFlow          *flow,
               int               fd,
               const PtlAddress *address)
{
  int result = ptl_sys_bind (flow->calls, fd, address);

  if (result == -EADDRINUSE && is_stale (flow, address) && unlink (address->un.sun_path) == 0)
    result = ptl_sys_bind (flow->calls, fd, address);
  return result;
}

static bool
stat_unix (const PtlAddress *local,
           struct stat      *st)
{
  return ptl_address_get_family (local) == AF_UNIX && local->len > sizeof (sa_family_t) &&
         local->un.sun_path[0] != '\0' && lstat (local->un.sun_path,
                                                 st) == 0 && S_ISSOCK (st->st_mode);
}

void
ptl_unix_file_note (PtlUnixFile      *file,
                    const PtlAddress *local)
{
  struct stat st;

  *file = (PtlUnixFile) { 0 };
  if (stat_unix (local, &st))
    *file = (PtlUnixFile) { .dev = st.st_dev, .ino = st.st_ino };
}

void
ptl_unix_file_unlink (const PtlUnixFile *file,
                      const PtlAddress  *local)
{
  struct stat st;

  if (file->ino != 0 && stat_unix (local, &st) && st.st_dev == file->dev && st.st_ino == file->ino)
    unlink (local->un.sun_path);
}

int
ptl_flow_bind_local (PtlFlow    *flow,
                     int         fd,
                     int         family,
                     bool       *bound,
                     PtlAddress *local)
{
  PtlAddress addresses[CANDIDATES_MAX];
  unsigned n;

  *bound = false;
  if (!flow->spec->has_local)
    return 0;
  n = ptl_flow_list_addresses (flow, &flow->spec->local, flow->resolved_local, addresses,
                               CANDIDATES_MAX);
  if (n > 0)
    *local = addresses[0];
  for (unsigned i = 0; i < n; i++)
    if (ptl_address_get_family (&addresses[i]) == family)
      {
        int result = ptl_flow_bind (flow, fd, &addresses[i]);

        *local = addresses[i];
        *bound = result == 0;
        return result;
      }
  return -EAFNOSUPPORT;
}

/* The socket for a group of @family: one of that rather than one for both; NULL: there is none. */
static const PtlDgram *
find_dgram (const PtlFlow *flow,
            int            family)
{
  const PtlDgram *for_both = NULL;

  for (const PtlDgram *dgram = flow->dgrams; dgram != NULL; dgram = dgram->next)
    if (dgram->family == family)
      return dgram;
    else if (for_both == NULL && ptl_dgram_serves (dgram, family))
      for_both = dgram;
  return for_both;
}

void
ptl_flow_set_membership (PtlFlow        *flow,
                         const PtlGroup *group,
                         bool            joined)
{
  int family = ptl_address_get_family (&group->group);
  unsigned ifindex = 0;
  int result = -EAFNOSUPPORT;

  if (group->device[0] != '\0')
    ifindex = if_nametoindex (group->device);
  else if (family == AF_INET6)
    ifindex = group->group.in6.sin6_scope_id;
  if (group->device[0] != '\0' && ifindex == 0)
    result = -ENODEV;
  else
    {
      const PtlDgram *dgram = find_dgram (flow, family);

      if (dgram != NULL)
        result = ptl_sys_set_membership (flow->calls, dgram->watch.fd, &group->group, ifindex,
                                         joined);
      if (result == 0 && joined && ifindex != 0)
        ptl_sys_set_multicast_if (flow->calls, dgram->watch.fd, family, ifindex);
    }
  if (result < 0)
    {
      ptl_flow_tell_text (flow, PTL_EVENT_JOIN_FAILED, &group->group, -result, group->device);
      /* Not to have been a member is no fault of one that leaves. */
      if (joined || result != -EADDRNOTAVAIL)
        {
          ptl_flow_fault (flow, PTL_STEP_MEMBERSHIP, -result, &group->group);
          return;
        }
    }
  else
    {
      ptl_flow_tell_text (flow, joined ? PTL_EVENT_JOINED : PTL_EVENT_LEFT, &group->group, 0,
                          group->device);
    }
  if (flow->status.fault.step == PTL_STEP_MEMBERSHIP) /* it is put right */
    ptl_flow_fault (flow, PTL_STEP_NONE, 0, NULL);
}
