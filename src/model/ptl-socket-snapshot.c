/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The open sockets of this computer at one moment: reading them, and what belongs to what. */
#include "config.h"

#include "model/ptl-socket-snapshot.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "model/ptl-text-private.h"
#include "registry/ptl-registry.h"

#define PROGRAM_CHARS_MAX 64
#define USER_CHARS_MAX 64
#define USER_BYTES 4096 /* of an entry of the users' database */

/* Shared by the snapshots for which it is good. */
typedef struct
{
  PtlOwners *owners;
  char     **programs; /* owned; safe names by process */
  gint64     read_us;  /* monotonic */
} Owners;

struct _PtlSocketSnapshot
{
  gatomicrefcount ref_count;
  PtlSocks       *socks;    /* owned */
  Owners         *owners;   /* an atomic box */
  uint32_t       *owner_at; /* owned; the first of owners->owners->items, by row, or NO_ROW */
  GHashTable     *users;    /* owned; uid -> safe name */
  uint64_t       *searched; /* owned; bits by row: an owner was looked for after it was seen */
  PtlListening    served;   /* what is open for others here */
  uid_t           own_uid;
  bool            looked;
};

static bool
has_bit (const uint64_t *bits,
         size_t          at)
{
  return (bits[at / 64] >> (at % 64) & 1) != 0;
}

static void
set_bit (uint64_t *bits,
         size_t    at)
{
  bits[at / 64] |= UINT64_C (1) << (at % 64);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void
clear_owners (gpointer data)
{
  Owners *owners = data;

  for (size_t i = 0; i < owners->owners->n_processes; i++)
    g_free (owners->programs[i]);
  g_free (owners->programs);
  ptl_owners_free (owners->owners);
}

/* Takes it. */
static Owners *
make_owners (PtlOwners *list)
{
  Owners *owners = g_atomic_rc_box_new0 (Owners);

  owners->owners = list;
  owners->programs = g_new (char *, list->n_processes + 1);
  owners->read_us = g_get_monotonic_time ();
  for (size_t i = 0; i < list->n_processes; i++)
    owners->programs[i] = ptl_text_dup_safe (list->processes[i].name, PROGRAM_CHARS_MAX);
  return owners;
}

char *
ptl_socket_dup_user_name (uid_t uid)
{
  char buffer[USER_BYTES];
  struct passwd entry, *result = NULL;

  if (getpwuid_r (uid, &entry, buffer, sizeof buffer, &result) == 0 && result != NULL)
    return ptl_text_dup_safe (result->pw_name, USER_CHARS_MAX);
  return g_strdup_printf ("%u", (unsigned) uid);
}

static void
find_users (PtlSocketSnapshot       *self,
            const PtlSocketSnapshot *previous)
{
  self->users = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  for (size_t i = 0; i < self->socks->n; i++)
    {
      gpointer uid = GUINT_TO_POINTER (self->socks->items[i].uid);
      const char *known;

      if (self->socks->items[i].uid == PTL_SOCK_NO_UID
          || g_hash_table_contains (self->users, uid))
        continue;
      known = previous != NULL ? g_hash_table_lookup (previous->users, uid) : NULL;
      g_hash_table_insert (self->users, uid,
                           known != NULL ? g_strdup (known)
                                         : ptl_socket_dup_user_name (self->socks->items[i].uid));
    }
}

static void
find_served (const PtlSocks *socks,
             PtlListening   *served)
{
  memset (served, 0, sizeof *served);
  for (size_t i = 0; i < socks->n; i++)
    {
      const PtlSock *sock = &socks->items[i];

      if (ptl_sock_is_tcp (sock) && sock->state == PTL_SOCK_LISTEN)
        ptl_listening_add (served, PTL_REGISTRY_TCP, sock->local_port);
      else if (sock->kind == PTL_SOCK_UDP && sock->state == PTL_SOCK_CLOSE)
        ptl_listening_add (served, PTL_REGISTRY_UDP, sock->local_port);
    }
}

void
ptl_socket_read_listening (PtlListening *here,
                           const char   *proc_net)
{
  const PtlSockQuery query = { .kinds = PTL_SOCK_BIT (PTL_SOCK_TCP) | PTL_SOCK_BIT (PTL_SOCK_UDP),
                               .states = 1u << PTL_SOCK_LISTEN, .proc_net = proc_net,
                               .no_netlink = proc_net != NULL };
  g_autoptr (PtlSocks) socks = ptl_socks_read (&query);

  find_served (socks, here);
}

static void
match_owners (PtlSocketSnapshot       *self,
              const PtlSocketSnapshot *previous)
{
  self->owner_at = g_new (uint32_t, self->socks->n + 1);
  self->searched = g_new0 (uint64_t, self->socks->n / 64 + 1);
  for (size_t i = 0; i < self->socks->n; i++)
    {
      const PtlOwner *first;
      uint32_t row = previous != NULL
                     ? ptl_socks_find_key (previous->socks, self->socks->items[i].key)
                     : PTL_SOCK_NO_ROW;
      size_t n = ptl_owners_find (self->owners->owners, self->socks->items[i].inode, &first);

      self->owner_at[i] = n > 0 ? (uint32_t) (first - self->owners->owners->items)
                                : PTL_SOCK_NO_ROW;
      /* Where the kernel does not tell whose it is, its program does. */
      if (n > 0 && self->socks->items[i].uid == PTL_SOCK_NO_UID)
        self->socks->items[i].uid = self->owners->owners->processes[first->process].uid;
      if (n > 0 || (row != PTL_SOCK_NO_ROW && (self->looked || has_bit (previous->searched, row))))
        set_bit (self->searched, i);
    }
}

static bool
is_stale (const PtlSocketSnapshot *previous)
{
  return g_get_monotonic_time () - previous->owners->read_us
         > PTL_SOCKET_OWNERS_FRESH_S * G_USEC_PER_SEC;
}

/* Every socket has an owner that is known, or was looked for in vain after it was there. */
static bool
is_known (const PtlSocks          *socks,
          const PtlSocketSnapshot *previous)
{
  for (size_t i = 0; i < socks->n; i++)
    {
      uint32_t row;
      const PtlOwner *first;

      if (socks->items[i].inode == 0)
        continue;
      row = ptl_socks_find_key (previous->socks, socks->items[i].key);
      if (row != PTL_SOCK_NO_ROW && previous->socks->items[row].inode == socks->items[i].inode
          && has_bit (previous->searched, row))
        continue;
      if (ptl_owners_find (previous->owners->owners, socks->items[i].inode, &first) == 0)
        return false;
    }
  return true;
}

static gpointer
owners_thread (gpointer data)
{
  return ptl_owners_read (NULL, data);
}

PtlSocketSnapshot *
ptl_socket_snapshot_read (PtlSocketSnapshot  *previous,
                          const PtlSockQuery *query,
                          const atomic_bool  *stop)
{
  PtlSocketSnapshot *self = g_new0 (PtlSocketSnapshot, 1);
  GThread *thread = NULL;

  g_atomic_ref_count_init (&self->ref_count);
  self->own_uid = geteuid ();
  /* Both at once, where it is known before that owners have to be looked for. */
  if (previous == NULL || is_stale (previous))
    thread = g_thread_new ("owners", owners_thread, (gpointer) stop);
  self->socks = ptl_socks_read (query);
  if (thread != NULL || !is_known (self->socks, previous))
    {
      PtlOwners *list = thread != NULL ? g_thread_join (thread) : ptl_owners_read (NULL, stop);

      self->owners = make_owners (list);
      self->looked = true;
    }
  else
    self->owners = g_atomic_rc_box_acquire (previous->owners);
  match_owners (self, previous);
  find_users (self, previous);
  find_served (self->socks, &self->served);
  return self;
}

PtlSocketSnapshot *
ptl_socket_snapshot_new (PtlSocks  *socks,
                         PtlOwners *owners,
                         uid_t      own_uid)
{
  PtlSocketSnapshot *self = g_new0 (PtlSocketSnapshot, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->own_uid = own_uid;
  self->socks = socks;
  self->owners = make_owners (owners);
  self->looked = true;
  match_owners (self, NULL);
  find_users (self, NULL);
  find_served (self->socks, &self->served);
  return self;
}

PtlSocketSnapshot *
ptl_socket_snapshot_ref (PtlSocketSnapshot *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
ptl_socket_snapshot_unref (PtlSocketSnapshot *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->searched);
  g_hash_table_unref (self->users);
  g_free (self->owner_at);
  g_atomic_rc_box_release_full (self->owners, clear_owners);
  ptl_socks_free (self->socks);
  g_free (self);
}

/* --- what belongs to a row -------------------------------------------------------------------- */

size_t
ptl_socket_snapshot_get_n (const PtlSocketSnapshot *self)
{
  return self->socks->n;
}

const PtlSocks *
ptl_socket_snapshot_get_socks (const PtlSocketSnapshot *self)
{
  return self->socks;
}

const PtlSock *
ptl_socket_snapshot_get (const PtlSocketSnapshot *self,
                         uint32_t                 row)
{
  g_assert (row < self->socks->n);
  return &self->socks->items[row];
}

size_t
ptl_socket_snapshot_get_n_hidden (const PtlSocketSnapshot *self)
{
  return self->owners->owners->n_hidden;
}

bool
ptl_socket_snapshot_has_looked (const PtlSocketSnapshot *self)
{
  return self->looked;
}

size_t
ptl_socket_snapshot_get_owners (const PtlSocketSnapshot  *self,
                                uint32_t                  row,
                                const PtlOwner          **owners)
{
  const PtlOwners *list = self->owners->owners;
  uint32_t at = self->owner_at[row];
  size_t n = 0;

  *owners = NULL;
  if (at == PTL_SOCK_NO_ROW)
    return 0;
  *owners = &list->items[at];
  while (at + n < list->n && list->items[at + n].inode == list->items[at].inode)
    n++;
  return n;
}

const PtlProcess *
ptl_socket_snapshot_get_owner_process (const PtlSocketSnapshot *self,
                                       const PtlOwner          *owner)
{
  return &self->owners->owners->processes[owner->process];
}

const PtlProcess *
ptl_socket_snapshot_get_process (const PtlSocketSnapshot *self,
                                 uint32_t                 row)
{
  uint32_t at = self->owner_at[row];

  return at != PTL_SOCK_NO_ROW
         ? &self->owners->owners->processes[self->owners->owners->items[at].process] : NULL;
}

PtlOwnerKind
ptl_socket_snapshot_get_owner_kind (const PtlSocketSnapshot *self,
                                    uint32_t                 row)
{
  const PtlSock *sock = &self->socks->items[row];

  if (self->owner_at[row] != PTL_SOCK_NO_ROW)
    return PTL_OWNER_SEEN;
  if (sock->inode == 0)
    return sock->state == PTL_SOCK_ESTABLISHED || sock->state == PTL_SOCK_SYN_RECV
           || sock->state == PTL_SOCK_NEW_SYN_RECV || sock->state == PTL_SOCK_CLOSE_WAIT
           ? PTL_OWNER_NOT_ACCEPTED : PTL_OWNER_ENDED;
  /* The kernel has a netlink socket for each of its protocols. */
  if (sock->kind == PTL_SOCK_NETLINK && sock->local_id == 0)
    return PTL_OWNER_NOT_SEEN;
  return self->own_uid != 0 && sock->uid != self->own_uid ? PTL_OWNER_ANOTHER_USER
                                                          : PTL_OWNER_NOT_SEEN;
}

const char *
ptl_socket_snapshot_get_program (const PtlSocketSnapshot *self,
                                 uint32_t                 row)
{
  uint32_t at = self->owner_at[row];

  return at != PTL_SOCK_NO_ROW
         ? self->owners->programs[self->owners->owners->items[at].process] : "";
}

const char *
ptl_socket_snapshot_get_user (const PtlSocketSnapshot *self,
                              uint32_t                 row)
{
  const char *name =
    g_hash_table_lookup (self->users, GUINT_TO_POINTER (self->socks->items[row].uid));

  return name != NULL ? name : "";
}

bool
ptl_socket_snapshot_is_mine (const PtlSocketSnapshot *self,
                             uint32_t                 row)
{
  return self->socks->items[row].uid == self->own_uid;
}

/* --- services --------------------------------------------------------------------------------- */

static const char *
get_service (PtlRegistryTransport transport,
             uint16_t             port)
{
  PtlRegistryRow info;
  uint32_t number;

  if (port == 0 || !ptl_registry_find_port (transport, port, &number))
    return "";
  ptl_registry_get_row (number, &info);
  return info.name;
}

static uint16_t
find_service (const PtlSocketSnapshot *self,
              uint32_t                 row,
              const char             **name)
{
  const PtlSock *sock = &self->socks->items[row];
  PtlRegistryTransport transport = ptl_sock_is_tcp (sock) ? PTL_REGISTRY_TCP : PTL_REGISTRY_UDP;

  *name = "";
  if (!ptl_sock_is_tcp (sock) && sock->kind != PTL_SOCK_UDP && sock->kind != PTL_SOCK_UDPLITE)
    return 0;
  /* Whoever has this port open for others is the server; else it is the peer. */
  if (sock->peer_port == 0 || ptl_listening_has (&self->served, transport, sock->local_port))
    {
      *name = get_service (transport, sock->local_port);
      return sock->local_port;
    }
  *name = get_service (transport, sock->peer_port);
  if (**name != '\0')
    return sock->peer_port;
  *name = get_service (transport, sock->local_port);
  return **name != '\0' ? sock->local_port : sock->peer_port;
}

const char *
ptl_socket_snapshot_get_service (const PtlSocketSnapshot *self,
                                 uint32_t                 row)
{
  const char *name;

  find_service (self, row, &name);
  return name;
}

uint16_t
ptl_socket_snapshot_get_service_port (const PtlSocketSnapshot *self,
                                      uint32_t                 row)
{
  const char *name;

  return find_service (self, row, &name);
}

/* --- reach ------------------------------------------------------------------------------------ */

PtlReach
ptl_socket_snapshot_get_reach (const PtlSocketSnapshot *self,
                               uint32_t                 row)
{
  const PtlSock *sock = &self->socks->items[row];
  PtlAddress local, peer;

  if (sock->family == AF_UNIX)
    return sock->state == PTL_SOCK_ESTABLISHED ? PTL_REACH_PEER
           : (sock->flags & PTL_SOCK_HAS_NAME) != 0 ? PTL_REACH_THIS_COMPUTER : PTL_REACH_NOBODY;
  /* What comes through loopback comes from here. */
  if (sock->family == AF_PACKET && sock->interface == PTL_SOCKET_LOOPBACK_INDEX)
    return PTL_REACH_THIS_COMPUTER;
  if (sock->family == AF_PACKET)
    return sock->interface != 0 ? PTL_REACH_INTERFACE : PTL_REACH_EVERYWHERE;
  if (sock->family == AF_NETLINK)
    return sock->state == PTL_SOCK_ESTABLISHED ? PTL_REACH_PEER : PTL_REACH_THIS_COMPUTER;
  if (sock->family == AF_VSOCK)
    return sock->state == PTL_SOCK_ESTABLISHED ? PTL_REACH_PEER
           : sock->state != PTL_SOCK_LISTEN ? PTL_REACH_NOBODY
           : sock->local_cid == 1 ? PTL_REACH_THIS_COMPUTER : PTL_REACH_MACHINES;
  if (ptl_socks_get_peer (self->socks, sock, &peer))
    return PTL_REACH_PEER;
  if (sock->state != PTL_SOCK_LISTEN && ptl_sock_is_tcp (sock))
    return PTL_REACH_NOBODY;
  if (!ptl_socks_get_local (self->socks, sock, &local)
      || (sock->local_port == 0 && sock->kind != PTL_SOCK_RAW))
    return PTL_REACH_NOBODY;
  ptl_address_unmap (&local);
  if (ptl_address_is_loopback (&local) || sock->interface == PTL_SOCKET_LOOPBACK_INDEX)
    return PTL_REACH_THIS_COMPUTER;
  if (!ptl_address_is_any (&local))
    return PTL_REACH_ADDRESS;
  if (sock->interface != 0)
    return PTL_REACH_INTERFACE;
  if (sock->family == AF_INET || ptl_address_get_family (&local) == AF_INET)
    return PTL_REACH_EVERYWHERE_V4;
  /* /proc does not tell IPV6_V6ONLY; raw sockets have nothing of IPv4. */
  return (sock->flags & PTL_SOCK_V6ONLY) != 0 || sock->kind == PTL_SOCK_RAW
         || sock->kind == PTL_SOCK_ICMP
         ? PTL_REACH_EVERYWHERE_V6 : PTL_REACH_EVERYWHERE;
}

/* --- changes ---------------------------------------------------------------------------------- */

static uint64_t
mix (uint64_t    hash,
     const void *bytes,
     size_t      len)
{
  for (size_t i = 0; i < len; i++)
    hash = (hash ^ ((const uint8_t *) bytes)[i]) * UINT64_C (0x100000001b3);
  return hash;
}

uint64_t
ptl_socket_snapshot_hash (const PtlSocketSnapshot *self,
                          uint32_t                 row)
{
  const PtlSock *sock = &self->socks->items[row];
  const PtlProcess *process = ptl_socket_snapshot_get_process (self, row);
  const char *program = ptl_socket_snapshot_get_program (self, row);
  const char *user = ptl_socket_snapshot_get_user (self, row);
  const PtlOwner *owners;
  size_t n_owners = ptl_socket_snapshot_get_owners (self, row, &owners);
  uint64_t hash = UINT64_C (0xcbf29ce484222325);
  const uint32_t numbers[] = {
    sock->inode, sock->uid, sock->interface, sock->rqueue, sock->wqueue, sock->state, sock->flags,
    process != NULL ? (uint32_t) process->pid : 0, (uint32_t) n_owners,
    ptl_socket_snapshot_get_service_port (self, row),
  };

  hash = mix (hash, numbers, sizeof numbers);
  hash = mix (hash, program, strlen (program));
  hash = mix (hash, user, strlen (user));
  if (sock->family == AF_UNIX)
    {
      hash = mix (hash, &sock->peer_inode, sizeof sock->peer_inode);
      if (sock->peer_row != PTL_SOCK_NO_ROW)
        {
          const PtlProcess *peer = ptl_socket_snapshot_get_process (self, sock->peer_row);

          hash = mix (hash, &self->socks->items[sock->peer_row].name_len, sizeof (uint32_t));
          if (peer != NULL)
            hash = mix (hash, &peer->pid, sizeof peer->pid);
        }
      if ((sock->flags & PTL_SOCK_HAS_NAME) != 0)
        hash = mix (hash, self->socks->names + sock->name_at, sock->name_len);
    }
  else
    {
      hash = mix (hash, sock->local, sizeof sock->local);
      hash = mix (hash, sock->peer, sizeof sock->peer);
    }
  return hash;
}
