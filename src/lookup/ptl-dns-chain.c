/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which records of an answer belong to the question: those of its name, and of the names that its
 * aliases lead to. */
#include "config.h"

#include "lookup/ptl-dns.h"

#include <string.h>

#include <glib.h>

#define NAME_TEXT_MAX 1024 /* a name has 255 bytes, each up to four characters */
#define TOLD_MAX 200       /* characters of a record that is left out */

/* The same for the same name; owned. */
static char *
make_key (const char *name)
{
  size_t len = strlen (name);

  if (len > 1 && name[len - 1] == '.')
    len--;
  return g_ascii_strdown (name, (gssize) len);
}

/* Where @owner begins in @name, which is below it; NULL: it is not. */
static const char *
find_below (const char *name,
            const char *owner)
{
  size_t name_len = strlen (name), owner_len = strlen (owner);
  const char *at;

  if (owner_len == 0 || name_len < owner_len + 2)
    return NULL;
  at = name + name_len - owner_len;
  /* A dot behind a backslash is one within a label. */
  return at[-1] == '.' && at[-2] != '\\' && strcmp (at, owner) == 0 ? at : NULL;
}

static bool
is_answer (const PtlDnsRecord *record)
{
  return record->section == PTL_DNS_SECTION_ANSWER;
}

/* What a DNAME makes of @name (RFC 6672); owned, NULL: none is of a name above it. */
static char *
follow_dname (const PtlDnsReply *reply,
              const char        *name)
{
  for (unsigned i = 0; i < reply->n_records; i++)
    {
      const PtlDnsRecord *record = &reply->records[i];
      g_autofree char *owner = NULL, *target = NULL;
      const char *at;

      if (!is_answer (record) || record->type != PTL_DNS_TYPE_DNAME)
        continue;
      owner = make_key (record->owner);
      at = find_below (name, owner);
      if (at == NULL)
        continue;
      target = make_key (record->data);
      if ((size_t) (at - name) + strlen (target) > NAME_TEXT_MAX)
        return NULL;
      return g_strdup_printf ("%.*s%s", (int) (at - name), name, target);
    }
  return NULL;
}

/* The names that the aliases lead to from @name on, itself among them; a set of keys. */
static GHashTable *
list_names (const PtlDnsReply *reply,
            const char        *name)
{
  GHashTable *names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) targets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  char *at = make_key (name);
  unsigned n_dnames = 0;

  for (unsigned i = 0; i < reply->n_records; i++)
    {
      const PtlDnsRecord *record = &reply->records[i];
      g_autofree char *owner = NULL;

      if (!is_answer (record) || record->type != PTL_DNS_TYPE_CNAME)
        continue;
      owner = make_key (record->owner);
      if (!g_hash_table_contains (targets, owner))
        g_hash_table_insert (targets, g_steal_pointer (&owner), record->data);
    }
  while (at != NULL && !g_hash_table_contains (names, at))
    {
      const char *target = g_hash_table_lookup (targets, at);

      g_hash_table_add (names, at);
      if (target != NULL)
        at = make_key (target);
      else
        /* One above its own target would never end. */
        at = n_dnames++ < PTL_DNS_CHAIN_MAX ? follow_dname (reply, at) : NULL;
    }
  g_free (at);
  return names;
}

static bool
belongs (const PtlDnsRecord *record,
         GHashTable         *names)
{
  g_autofree char *owner = make_key (record->owner);
  GHashTableIter iter;
  gpointer name;

  if (g_hash_table_contains (names, owner))
    return true;
  /* A DNAME, and what signs it, is of a name above. */
  if (record->type != PTL_DNS_TYPE_DNAME
      && (record->type != PTL_DNS_TYPE_RRSIG || !g_str_has_prefix (record->data, "DNAME ")))
    return false;
  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (find_below (name, owner) != NULL)
      return true;
  return false;
}

static void
note_stranger (PtlDnsReply        *reply,
               const PtlDnsRecord *record)
{
  char type[PTL_DNS_TYPE_TEXT_MAX];

  if (reply->n_strangers++ > 0)
    return;
  g_free (reply->stranger);
  reply->stranger = g_strdup_printf ("%.*s %s %.*s%s", TOLD_MAX, record->owner,
                                     ptl_dns_type_to_text (record->type, type), TOLD_MAX,
                                     record->data, strlen (record->data) > TOLD_MAX ? "…" : "");
}

void
ptl_dns_reply_drop_strangers (PtlDnsReply *reply,
                              const char  *name)
{
  g_autoptr (GHashTable) names = NULL;
  unsigned n = 0;
  bool others = false;

  for (unsigned i = 0; i < reply->n_records && !others; i++)
    others = is_answer (&reply->records[i])
             && !ptl_dns_name_equal (reply->records[i].owner, name);
  if (!others)
    return;
  names = list_names (reply, name);
  for (unsigned i = 0; i < reply->n_records; i++)
    {
      PtlDnsRecord *record = &reply->records[i];

      if (!is_answer (record) || belongs (record, names))
        {
          reply->records[n++] = *record;
          continue;
        }
      note_stranger (reply, record);
      g_free (record->owner);
      g_free (record->data);
    }
  reply->n_records = n;
}
