/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A source of names for nsswitch.conf(5), for tests: it is built under the name of one that is not
 * there (NAME, for names that end in DOMAIN; their address is ADDRESS) and found by
 * LD_LIBRARY_PATH.  Of its own names it does not know those that begin with "nobody", for "down" it
 * fails, for "later" it cannot find out; other names it does not know, or it is not asked for them
 * (NOT_ASKED), as nss-mdns says. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <nss.h>
#include <stdint.h>
#include <string.h>

/* As in glibc's nss.h. */
#define PASTE2(name) _nss_##name##_gethostbyname4_r
#define PASTE(name) PASTE2 (name)

enum nss_status PASTE (NAME) (const char            *name,
                              struct gaih_addrtuple **tuple,
                              char                   *buffer,
                              size_t                  size,
                              int                    *failed,
                              int                    *h_failed,
                              int32_t                *ttl);

enum nss_status
PASTE (NAME) (const char             *name,
              struct gaih_addrtuple **tuple,
              char                   *buffer,
              size_t                  size,
              int                    *failed,
              int                    *h_failed,
              int32_t                *ttl)
{
  size_t len = strlen (name), end = strlen (DOMAIN);
  struct gaih_addrtuple *found;

#ifdef NOT_ASKED
  if (len < end || strcmp (name + len - end, DOMAIN) != 0)
    {
      *failed = EINVAL;
      *h_failed = NO_RECOVERY;
      return NSS_STATUS_UNAVAIL;
    }
#endif
  if (strncmp (name, "down.", 5) == 0 || strncmp (name, "later.", 6) == 0)
    {
      *failed = *name == 'd' ? ECONNREFUSED : EAGAIN;
      *h_failed = *name == 'd' ? NO_RECOVERY : TRY_AGAIN;
      return *name == 'd' ? NSS_STATUS_UNAVAIL : NSS_STATUS_TRYAGAIN;
    }
  if (len < end || strcmp (name + len - end, DOMAIN) != 0 || strncmp (name, "nobody", 6) == 0)
    {
      *failed = ENOENT;
      *h_failed = HOST_NOT_FOUND;
      return NSS_STATUS_NOTFOUND;
    }
  if (size < sizeof *found + len + 1)
    {
      *failed = ERANGE;
      *h_failed = NETDB_INTERNAL;
      return NSS_STATUS_TRYAGAIN;
    }
  /* glibc may give a place for the first one. */
  found = *tuple != NULL ? *tuple : (struct gaih_addrtuple *) buffer;
  memset (found, 0, sizeof *found);
  found->name = memcpy (buffer + sizeof *found, name, len + 1);
  found->family = AF_INET;
  inet_pton (AF_INET, ADDRESS, found->addr);
  *tuple = found;
  if (ttl != NULL)
    *ttl = 60;
  return NSS_STATUS_SUCCESS;
}
