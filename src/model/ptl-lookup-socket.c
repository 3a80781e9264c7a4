/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Unix or vsock address of a lookup: whether the path is there and is a socket's, and which open
 * sockets have it.  Nothing is connected to. */
#include "config.h"

#include "model/ptl-lookup-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "model/ptl-socket-snapshot.h"
#include "model/ptl-text-private.h"

struct _PtlSocketFacts
{
  int                sys_errno;   /* of stat(2); 0: the path is there; an abstract name has none */
  int                write_errno; /* connect(2) needs the permission to write, unix(7) */
  mode_t             mode;
  char              *user;        /* whose it is */
  PtlSocketSnapshot *snapshot;
  GArray            *rows;        /* uint32_t, of the snapshot: that listen or receive */
  guint              n_connections;
};

void
ptl_socket_facts_free (PtlSocketFacts *facts)
{
  if (facts == NULL)
    return;
  g_free (facts->user);
  g_clear_pointer (&facts->snapshot, ptl_socket_snapshot_unref);
  g_array_unref (facts->rows);
  g_free (facts);
}

/* --- in a thread ------------------------------------------------------------------------------ */

/* A path may have been bound by another name, through a link or from another folder. */
static bool
is_same_file (const char        *path,
              const PtlAddress  *local,
              const char        *real, /* or NULL */
              const struct stat *wanted)
{
  g_autofree char *bound = g_strndup (local->un.sun_path,
                                      local->len - offsetof (struct sockaddr_un, sun_path));
  const char *base = strrchr (bound, '/'), *real_base = real != NULL ? strrchr (real, '/') : NULL;
  struct stat there;

  if (strcmp (bound, path) == 0 || g_strcmp0 (bound, real) == 0)
    return true;
  /* Only what may be it is looked at: a file system may not answer. */
  return real_base != NULL && strcmp (base != NULL ? base : bound, real_base) == 0
         && stat (bound, &there) == 0 && there.st_dev == wanted->st_dev
         && there.st_ino == wanted->st_ino;
}

PtlSocketFacts *
ptl_socket_facts_read (const PtlAddress *address)
{
  const PtlSockQuery query = { .kinds = PTL_SOCK_UNIX_KINDS, .states = PTL_SOCK_ALL_STATES };
  PtlSocketFacts *facts = g_new0 (PtlSocketFacts, 1);
  bool has_path = address->un.sun_path[0] != '\0';
  g_autofree char *path = has_path
                            ? g_strndup (address->un.sun_path,
                                         address->len - offsetof (struct sockaddr_un, sun_path))
                            : NULL;
  char *real = NULL;
  struct stat there = { 0 };
  size_t n;

  facts->rows = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  if (has_path)
    {
      facts->sys_errno = stat (path, &there) == 0 ? 0 : errno;
      facts->mode = there.st_mode;
      if (facts->sys_errno == 0)
        {
          facts->user = ptl_socket_dup_user_name (there.st_uid);
          facts->write_errno = faccessat (AT_FDCWD, path, W_OK, AT_EACCESS) == 0 ? 0 : errno;
          real = realpath (path, NULL);
        }
    }
  facts->snapshot = ptl_socket_snapshot_read (NULL, &query, NULL);
  n = ptl_socket_snapshot_get_n (facts->snapshot);
  for (uint32_t row = 0; row < n; row++)
    {
      const PtlSock *sock = ptl_socket_snapshot_get (facts->snapshot, row);
      PtlAddress local;

      if (!ptl_socks_get_local (ptl_socket_snapshot_get_socks (facts->snapshot), sock, &local)
          || (local.un.sun_path[0] == '\0') == has_path
          || !(has_path ? is_same_file (path, &local, real, &there)
                        : ptl_address_equal (&local, address)))
        continue;
      if (sock->state == PTL_SOCK_LISTEN || sock->kind == PTL_SOCK_UNIX_DGRAM)
        g_array_append_val (facts->rows, row);
      else
        facts->n_connections++;
    }
  free (real);
  return facts;
}

/* --- rows ------------------------------------------------------------------------------------- */

static const char *
get_file_type (mode_t mode)
{
  switch (mode & S_IFMT)
    {
    case S_IFSOCK:
      return _("a socket");
    case S_IFDIR:
      return _("a folder, no socket");
    case S_IFREG:
      return _("a file, no socket");
    default:
      return _("no socket");
    }
}

/* "srwxr-xr-x", as ls(1) has it. */
static char *
format_mode (mode_t mode)
{
  static const char letters[] = "rwxrwxrwx";
  char text[sizeof letters + 1];

  text[0] = S_ISSOCK (mode) ? 's' : S_ISDIR (mode) ? 'd' : '-';
  for (unsigned i = 0; i < sizeof letters - 1; i++)
    text[1 + i] = (mode & (0400u >> i)) != 0 ? letters[i] : '-';
  text[sizeof letters] = '\0';
  return g_strdup (text);
}

static void
add_path (PtlLookup            *self,
          const PtlSocketFacts *facts)
{
  const PtlAddress *address = &self->classified.socket;
  char name[PTL_ADDRESS_TEXT_MAX];
  g_autoptr (PtlLookupRow) row = NULL;
  g_autofree char *mode = format_mode (facts->mode), *detail = NULL, *why = NULL;

  if (facts->sys_errno == ENOENT)
    detail = g_strdup (_("nothing has this path (ENOENT)"));
  else if (facts->sys_errno != 0)
    {
      why = ptl_text_dup_errno (facts->sys_errno);
      detail = g_strdup_printf (_("it cannot be looked at: %s"), why);
    }
  else if (S_ISSOCK (facts->mode) && facts->write_errno != 0)
    /* Translators: "a socket, srwx------, of the user root; ..." */
    detail = g_strdup_printf (_("%s, %s, of the user %s; you may not write to it, so connect is "
                                "refused (EACCES)"),
                              get_file_type (facts->mode), mode, facts->user);
  else
    detail = g_strdup_printf (_("%s, %s, of the user %s"), get_file_type (facts->mode), mode,
                              facts->user);
  row = ptl_lookup_row_new (facts->sys_errno == 0 && S_ISSOCK (facts->mode)
                              ? PTL_LOOKUP_ROW_VALUE : PTL_LOOKUP_ROW_ERROR,
                            _("Path"), ptl_address_format (address, name, sizeof name), detail);
  ptl_lookup_row_set_target (row, self->classified.target);
  g_list_store_append (self->groups[PTL_LOOKUP_SOCKET], row);
}

static void
add_listener (PtlLookup            *self,
              const PtlSocketFacts *facts,
              uint32_t              row)
{
  PtlSocketSnapshot *snapshot = facts->snapshot;
  const PtlSock *sock = ptl_socket_snapshot_get (snapshot, row);
  const PtlProcess *process = ptl_socket_snapshot_get_process (snapshot, row);
  /* Translators: the name of a program and the number of its process. */
  g_autofree char *value =
    process != NULL ? g_strdup_printf (_("%s (pid %d)"),
                                       ptl_socket_snapshot_get_program (snapshot, row),
                                       (int) process->pid)
                    : g_strdup (_("a program that may not be seen"));
  const char *user = ptl_socket_snapshot_get_user (snapshot, row);
  g_autoptr (GString) detail = g_string_new (ptl_socket_get_kind_name (sock->kind));

  if (*user != '\0')
    g_string_append_printf (detail, _(" · of the user %s"), user);
  if (sock->state == PTL_SOCK_LISTEN)
    g_string_append_printf (detail, ngettext (" · %u connection", " · %u connections",
                                              facts->n_connections), facts->n_connections);
  ptl_lookup_add_row (self, PTL_LOOKUP_SOCKET, PTL_LOOKUP_ROW_TEXT,
                      sock->state == PTL_SOCK_LISTEN ? _("Listening") : _("Receiving"),
                      value, detail->str);
}

void
ptl_lookup_facts_for_socket (PtlLookup *self)
{
  const PtlSocketFacts *facts = self->facts->socket;

  if (facts == NULL)
    return;
  if (self->classified.kind == PTL_KIND_UNIX_PATH)
    add_path (self, facts);
  for (guint i = 0; i < MIN (facts->rows->len, PTL_LOOKUP_SOCKETS_MAX); i++)
    add_listener (self, facts, g_array_index (facts->rows, uint32_t, i));
  if (facts->rows->len > PTL_LOOKUP_SOCKETS_MAX)
    ptl_lookup_add_row (self, PTL_LOOKUP_SOCKET, PTL_LOOKUP_ROW_NOTE, "",
                        _("There are more; only the first are shown."), "");
  if (facts->rows->len == 0)
    ptl_lookup_add_row (self, PTL_LOOKUP_SOCKET, PTL_LOOKUP_ROW_NOTE, _("Listening"),
                        _("nobody: no open socket has this name"),
                        facts->sys_errno == 0 ? _("connect is refused (ECONNREFUSED)") : "");
}

/* What is known of it without asking. */
void
ptl_lookup_start_socket (PtlLookup *self)
{
  const PtlClassified *classified = &self->classified;
  char name[PTL_ADDRESS_TEXT_MAX], port[16];
  g_autoptr (PtlLookupRow) row = NULL;
  const char *machine;

  if (classified->kind == PTL_KIND_UNIX_PATH)
    return;
  if (classified->kind == PTL_KIND_UNIX_ABSTRACT)
    row = ptl_lookup_row_new (PTL_LOOKUP_ROW_VALUE, _("Name"),
                              ptl_address_format (&classified->socket, name, sizeof name),
                              _("no file has it: it is there as long as a socket has it, in one "
                                "network namespace (unix(7))"));
  else
    {
      switch (classified->socket.vm.svm_cid)
        {
        case VMADDR_CID_ANY:
          machine = _("any machine, for bind (VMADDR_CID_ANY)");
          break;
        case VMADDR_CID_HYPERVISOR:
          machine = _("the hypervisor (VMADDR_CID_HYPERVISOR)");
          break;
        case VMADDR_CID_LOCAL:
          machine = _("this machine itself (VMADDR_CID_LOCAL)");
          break;
        case VMADDR_CID_HOST:
          machine = _("the host of this virtual machine (VMADDR_CID_HOST)");
          break;
        default:
          machine = _("a virtual machine of this host");
          break;
        }
      g_snprintf (name, sizeof name, "%u", classified->socket.vm.svm_cid);
      row = ptl_lookup_row_new (PTL_LOOKUP_ROW_VALUE, _("Machine"), name, machine);
    }
  ptl_lookup_row_set_target (row, classified->target);
  g_list_store_append (self->groups[PTL_LOOKUP_SOCKET], row);
  if (classified->kind != PTL_KIND_VSOCK)
    return;
  g_snprintf (port, sizeof port, "%u", classified->socket.vm.svm_port);
  ptl_lookup_add_row (self, PTL_LOOKUP_SOCKET, PTL_LOOKUP_ROW_VALUE, _("Port"), port,
                      _("a number of 32 bits; no registry has names for them (vsock(7))"));
}
