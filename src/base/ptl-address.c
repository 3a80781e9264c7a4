/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Socket addresses as values. */
#include "config.h"

#include "base/ptl-address.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <sys/random.h>

#define UNIX_HEAD offsetof (struct sockaddr_un, sun_path)
#define UNIX_NAME_MAX (sizeof ((struct sockaddr_un *) NULL)->sun_path - 1)

/* Of a Unix address: the name's bytes without the leading NUL of an abstract one. */
typedef enum
{
  UNIX_UNNAMED,
  UNIX_PATH,
  UNIX_ABSTRACT
} UnixKind;

static UnixKind
unix_name (const PtlAddress *address,
           const char      **name,
           size_t           *len_bytes)
{
  *name = address->un.sun_path;
  *len_bytes = 0;

  if (address->len <= UNIX_HEAD)
    return UNIX_UNNAMED;
  if (address->un.sun_path[0] == '\0')
    {
      *name = address->un.sun_path + 1;
      *len_bytes = address->len - UNIX_HEAD - 1;
      return UNIX_ABSTRACT;
    }
  *len_bytes = strnlen (address->un.sun_path, address->len - UNIX_HEAD);
  return UNIX_PATH;
}

bool
ptl_address_from_sockaddr (PtlAddress            *address,
                           const struct sockaddr *sa,
                           socklen_t              len)
{
  memset (address, 0, sizeof *address);
  if (sa == NULL || len < sizeof (sa_family_t))
    return false;

  switch (sa->sa_family)
    {
    case AF_INET:
      if (len < sizeof (struct sockaddr_in))
        return false;
      memcpy (&address->in, sa, sizeof address->in);
      memset (address->in.sin_zero, 0, sizeof address->in.sin_zero);
      address->len = sizeof address->in;
      return true;

    case AF_INET6:
      if (len < sizeof (struct sockaddr_in6))
        return false;
      memcpy (&address->in6, sa, sizeof address->in6);
      address->len = sizeof address->in6;
      return true;

    case AF_UNIX:
      {
        const char *name;
        size_t name_len;

        /* A path of 108 bytes comes back with its NUL: one byte more than the struct has (unix(7),
         * Bugs).  That byte is not read. */
        if (len > sizeof (struct sockaddr_un) + 1)
          return false;
        address->len = MIN (len, sizeof (struct sockaddr_un));
        memcpy (&address->un, sa, address->len);
        /* One form per path: some systems count the NUL, some do not. */
        if (unix_name (address, &name, &name_len) == UNIX_PATH)
          {
            memset (address->un.sun_path + name_len, 0, sizeof address->un.sun_path - name_len);
            address->len = UNIX_HEAD + MIN (name_len + 1, sizeof address->un.sun_path);
          }
        return true;
      }

    case AF_VSOCK:
      if (len < sizeof (struct sockaddr_vm))
        return false;
      memcpy (&address->vm, sa, sizeof address->vm);
      address->len = sizeof address->vm;
      return true;

    default:
      if (len > sizeof address->un)
        return false;
      memcpy (&address->sa, sa, len);
      address->len = len;
      return true;
    }
}

int
ptl_address_set_unix (PtlAddress *address,
                      const char *name,
                      size_t      len_bytes,
                      bool        abstract)
{
  memset (address, 0, sizeof *address);
  if (len_bytes > UNIX_NAME_MAX)
    return -ENAMETOOLONG;
  if (!abstract && (len_bytes == 0 || memchr (name, '\0', len_bytes) != NULL))
    return -EINVAL;

  address->un.sun_family = AF_UNIX;
  if (len_bytes > 0)
    memcpy (address->un.sun_path + (abstract ? 1 : 0), name, len_bytes);
  address->len = UNIX_HEAD + len_bytes + 1; /* the leading or the closing NUL */
  return 0;
}

int
ptl_address_get_family (const PtlAddress *address)
{
  return address->len < sizeof (sa_family_t) ? AF_UNSPEC : address->sa.sa_family;
}

uint16_t
ptl_address_get_port (const PtlAddress *address)
{
  switch (ptl_address_get_family (address))
    {
    case AF_INET:
      return ntohs (address->in.sin_port);
    case AF_INET6:
      return ntohs (address->in6.sin6_port);
    default:
      return 0;
    }
}

void
ptl_address_set_port (PtlAddress *address,
                      uint16_t    port)
{
  switch (ptl_address_get_family (address))
    {
    case AF_INET:
      address->in.sin_port = htons (port);
      break;
    case AF_INET6:
      address->in6.sin6_port = htons (port);
      break;
    default:
      break;
    }
}

void
ptl_address_unmap (PtlAddress *address)
{
  struct sockaddr_in in = { .sin_family = AF_INET };

  if (ptl_address_get_family (address) != AF_INET6
      || !IN6_IS_ADDR_V4MAPPED (&address->in6.sin6_addr))
    return;

  in.sin_port = address->in6.sin6_port;
  memcpy (&in.sin_addr, address->in6.sin6_addr.s6_addr + 12, sizeof in.sin_addr);
  memset (address, 0, sizeof *address);
  address->in = in;
  address->len = sizeof in;
}

static bool
same_bytes (const PtlAddress *a,
            const PtlAddress *b)
{
  return a->len == b->len && memcmp (&a->sa, &b->sa, a->len) == 0;
}

bool
ptl_address_equal (const PtlAddress *a,
                   const PtlAddress *b)
{
  int family = ptl_address_get_family (a);

  if (family != ptl_address_get_family (b))
    return false;

  switch (family)
    {
    case AF_UNSPEC:
      return true;
    case AF_INET:
      return a->in.sin_port == b->in.sin_port && a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
    case AF_INET6: /* not the flow label: it belongs to packets, not to the address */
      return a->in6.sin6_port == b->in6.sin6_port
             && a->in6.sin6_scope_id == b->in6.sin6_scope_id
             && IN6_ARE_ADDR_EQUAL (&a->in6.sin6_addr, &b->in6.sin6_addr);
    case AF_VSOCK:
      return a->vm.svm_cid == b->vm.svm_cid && a->vm.svm_port == b->vm.svm_port;
    default:
      return same_bytes (a, b);
    }
}

bool
ptl_address_equal_host (const PtlAddress *a,
                        const PtlAddress *b)
{
  int family = ptl_address_get_family (a);

  if (family != ptl_address_get_family (b))
    return false;

  switch (family)
    {
    case AF_UNSPEC:
      return true;
    case AF_INET:
      return a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
    case AF_INET6:
      return IN6_ARE_ADDR_EQUAL (&a->in6.sin6_addr, &b->in6.sin6_addr)
             && (a->in6.sin6_scope_id == b->in6.sin6_scope_id
                 || a->in6.sin6_scope_id == 0 || b->in6.sin6_scope_id == 0);
    case AF_VSOCK:
      return a->vm.svm_cid == b->vm.svm_cid;
    default:
      return same_bytes (a, b);
    }
}

static pthread_once_t hash_once = PTHREAD_ONCE_INIT;
static uint64_t hash_key;

/* Peers choose their addresses: the key keeps them from choosing our hash chains, too. */
static void
make_hash_key (void)
{
  if (getrandom (&hash_key, sizeof hash_key, GRND_NONBLOCK) != (ssize_t) sizeof hash_key)
    hash_key = (uint64_t) (uintptr_t) &hash_once;
}

static uint64_t
mix (uint64_t hash,
     uint64_t word)
{
  hash = (hash ^ word) * UINT64_C (0x9E3779B97F4A7C15);
  hash ^= hash >> 32;
  hash *= UINT64_C (0xD6E8FEB86659FD93);
  return hash ^ (hash >> 29);
}

uint32_t
ptl_address_hash (const PtlAddress *address)
{
  uint64_t hash;
  int family = ptl_address_get_family (address);

  pthread_once (&hash_once, make_hash_key);
  hash = mix (hash_key, (uint64_t) family);
  switch (family)
    {
    case AF_UNSPEC:
      break;
    case AF_INET:
      hash = mix (hash, (uint64_t) address->in.sin_addr.s_addr << 16 | address->in.sin_port);
      break;
    case AF_INET6:
      {
        uint64_t words[2];

        memcpy (words, &address->in6.sin6_addr, sizeof words);
        hash = mix (hash, words[0]);
        hash = mix (hash, words[1]);
        hash = mix (hash, (uint64_t) address->in6.sin6_scope_id << 16 | address->in6.sin6_port);
      }
      break;
    case AF_VSOCK:
      hash = mix (hash, (uint64_t) address->vm.svm_cid << 32 | address->vm.svm_port);
      break;
    default:
      {
        const uint8_t *bytes = (const uint8_t *) &address->sa;

        for (socklen_t i = 0; i < address->len; i++)
          hash = mix (hash, bytes[i]);
      }
      break;
    }
  return (uint32_t) (hash ^ (hash >> 32));
}

/* The IPv4 address of an IPv4 or IPv4-mapped one, in host order. */
static bool
get_ipv4 (const PtlAddress *address,
          uint32_t         *ipv4)
{
  struct in_addr in;

  switch (ptl_address_get_family (address))
    {
    case AF_INET:
      *ipv4 = ntohl (address->in.sin_addr.s_addr);
      return true;
    case AF_INET6:
      if (!IN6_IS_ADDR_V4MAPPED (&address->in6.sin6_addr))
        return false;
      memcpy (&in, address->in6.sin6_addr.s6_addr + 12, sizeof in);
      *ipv4 = ntohl (in.s_addr);
      return true;
    default:
      return false;
    }
}

bool
ptl_address_is_any (const PtlAddress *address)
{
  uint32_t ipv4;

  if (get_ipv4 (address, &ipv4))
    return ipv4 == INADDR_ANY;

  switch (ptl_address_get_family (address))
    {
    case AF_INET6:
      return IN6_IS_ADDR_UNSPECIFIED (&address->in6.sin6_addr);
    case AF_VSOCK:
      return address->vm.svm_cid == VMADDR_CID_ANY;
    default:
      return false;
    }
}

bool
ptl_address_is_loopback (const PtlAddress *address)
{
  uint32_t ipv4;

  if (get_ipv4 (address, &ipv4))
    return ipv4 >> 24 == IN_LOOPBACKNET;

  switch (ptl_address_get_family (address))
    {
    case AF_INET6:
      return IN6_IS_ADDR_LOOPBACK (&address->in6.sin6_addr);
    case AF_UNIX:
      return true;
    case AF_VSOCK:
      return address->vm.svm_cid == VMADDR_CID_LOCAL;
    default:
      return false;
    }
}

bool
ptl_address_is_multicast (const PtlAddress *address)
{
  uint32_t ipv4;

  if (get_ipv4 (address, &ipv4))
    return IN_MULTICAST (ipv4);
  return ptl_address_get_family (address) == AF_INET6
         && IN6_IS_ADDR_MULTICAST (&address->in6.sin6_addr);
}

bool
ptl_address_is_link_local (const PtlAddress *address)
{
  uint32_t ipv4;

  if (get_ipv4 (address, &ipv4))
    return ipv4 >> 16 == 0xA9FE;
  return ptl_address_get_family (address) == AF_INET6
         && IN6_IS_ADDR_LINKLOCAL (&address->in6.sin6_addr);
}

/* One to four numbers, decimal, octal (0...) or hexadecimal (0x...), the last one as large as there
 * is room: what inet_aton(3) takes, but nothing may follow. */
static bool
parse_old_ipv4 (const char     *text,
                struct in_addr *address)
{
  uint32_t host = 0;

  for (unsigned n = 0; n < 4; n++)
    {
      uint64_t rest = UINT64_C (0xffffffff) >> (8 * n), value;
      char *end;

      if (!g_ascii_isdigit (*text))
        return false;
      value = g_ascii_strtoull (text, &end, 0);
      if (*end == '\0' && value <= rest)
        {
          address->s_addr = htonl (host | (uint32_t) value);
          return true;
        }
      if (*end != '.' || value > 255)
        return false;
      host |= (uint32_t) value << (24 - 8 * n);
      text = end + 1;
    }
  return false;
}

bool
ptl_address_parse_server (PtlAddress *address,
                          const char *text,
                          size_t      len)
{
  char host[INET6_ADDRSTRLEN + 1 + IF_NAMESIZE];
  char *zone;

  memset (address, 0, sizeof *address);
  if (len == 0 || len >= sizeof host || memchr (text, '\0', len) != NULL)
    return false;
  memcpy (host, text, len);
  host[len] = '\0';
  if (parse_old_ipv4 (host, &address->in.sin_addr))
    {
      address->len = sizeof address->in;
      address->in.sin_family = AF_INET;
      address->in.sin_port = htons (53);
      return true;
    }
  zone = strchr (host, '%');
  if (zone != NULL)
    *zone++ = '\0';
  if (inet_pton (AF_INET6, host, &address->in6.sin6_addr) != 1)
    return false;
  address->len = sizeof address->in6;
  address->in6.sin6_family = AF_INET6;
  address->in6.sin6_port = htons (53);
  if (zone == NULL || !(IN6_IS_ADDR_LINKLOCAL (&address->in6.sin6_addr)
                        || IN6_IS_ADDR_MC_LINKLOCAL (&address->in6.sin6_addr)))
    return true;
  address->in6.sin6_scope_id = if_nametoindex (zone);
  if (address->in6.sin6_scope_id == 0 && zone[strspn (zone, "0123456789")] == '\0')
    address->in6.sin6_scope_id = (uint32_t) MIN (g_ascii_strtoull (zone, NULL, 10), UINT32_MAX);
  return true;
}

/* Appends to a text of bounded size; cuts silently, the end is always a NUL. */
typedef struct
{
  char  *at;
  size_t left; /* the NUL included */
} Out;

static void
out_bytes (Out        *out,
           const char *bytes,
           size_t      len_bytes)
{
  if (out->left == 0)
    return;
  len_bytes = MIN (len_bytes, out->left - 1);
  memcpy (out->at, bytes, len_bytes);
  out->at += len_bytes;
  out->left -= len_bytes;
  *out->at = '\0';
}

static void
out_text (Out        *out,
          const char *text)
{
  out_bytes (out, text, strlen (text));
}

static void
out_number (Out     *out,
            uint32_t number)
{
  char digits[12];

  g_snprintf (digits, sizeof digits, "%u", number);
  out_text (out, digits);
}

/* Names of interfaces come from the system, and may hold anything but '/', ':' and white space. */
static void
out_escaped (Out        *out,
             const char *bytes,
             size_t      len_bytes)
{
  static const char hex[] = "0123456789abcdef";

  for (size_t i = 0; i < len_bytes; i++)
    {
      uint8_t byte = (uint8_t) bytes[i];

      if (byte == '\\')
        out_text (out, "\\\\");
      else if (byte >= 0x20 && byte < 0x7f)
        out_bytes (out, (const char *) &byte, 1);
      else
        {
          char escape[4] = { '\\', 'x', hex[byte >> 4], hex[byte & 15] };

          out_bytes (out, escape, sizeof escape);
        }
    }
}

static void
out_host (Out              *out,
          const PtlAddress *address)
{
  char text[INET6_ADDRSTRLEN];
  const char *name;
  size_t name_len;

  switch (ptl_address_get_family (address))
    {
    case AF_UNSPEC:
      break;

    case AF_INET:
      out_text (out, inet_ntop (AF_INET, &address->in.sin_addr, text, sizeof text));
      break;

    case AF_INET6:
      out_text (out, inet_ntop (AF_INET6, &address->in6.sin6_addr, text, sizeof text));
      if (address->in6.sin6_scope_id != 0)
        {
          char zone[IF_NAMESIZE];

          out_text (out, "%");
          if (if_indextoname (address->in6.sin6_scope_id, zone) != NULL)
            out_escaped (out, zone, strnlen (zone, sizeof zone));
          else
            out_number (out, address->in6.sin6_scope_id);
        }
      break;

    case AF_UNIX:
      switch (unix_name (address, &name, &name_len))
        {
        case UNIX_UNNAMED:
          out_text (out, "unnamed");
          break;
        case UNIX_ABSTRACT:
          out_text (out, "@");
          out_escaped (out, name, name_len);
          break;
        case UNIX_PATH:
          if (name[0] == '@') /* a relative path, not an abstract name */
            out_text (out, "./");
          out_escaped (out, name, name_len);
          break;
        }
      break;

    case AF_VSOCK:
      out_text (out, "vsock ");
      if (address->vm.svm_cid == VMADDR_CID_ANY)
        out_text (out, "any");
      else
        out_number (out, address->vm.svm_cid);
      break;

    default:
      out_text (out, "family ");
      out_number (out, address->sa.sa_family);
      break;
    }
}

char *
ptl_address_format_host (const PtlAddress *address,
                         char             *buffer,
                         size_t            size)
{
  Out out = { buffer, size };

  out_bytes (&out, "", 0);
  out_host (&out, address);
  return buffer;
}

char *
ptl_address_format (const PtlAddress *address,
                    char             *buffer,
                    size_t            size)
{
  Out out = { buffer, size };
  int family = ptl_address_get_family (address);

  out_bytes (&out, "", 0);
  if (family == AF_INET6)
    out_text (&out, "[");
  out_host (&out, address);
  if (family == AF_INET6)
    out_text (&out, "]");

  if (family == AF_INET || family == AF_INET6)
    {
      out_text (&out, ":");
      out_number (&out, ptl_address_get_port (address));
    }
  else if (family == AF_VSOCK)
    {
      out_text (&out, ":");
      if (address->vm.svm_port == VMADDR_PORT_ANY)
        out_text (&out, "any");
      else
        out_number (&out, address->vm.svm_port);
    }
  return buffer;
}
