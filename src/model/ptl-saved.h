/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sessions that were opened lately, and those that were given a name: two GListModels of
 * PtlSavedItem, kept in one key file.  Main thread only; the disk is read and written in
 * threads. */
#pragma once

#include <gio/gio.h>

#include "base/ptl-spec.h"

G_BEGIN_DECLS

#define PTL_SAVED_RECENT_MAX 20      /* the oldest makes room */
#define PTL_SAVED_NAMED_MAX 500      /* more are refused */
#define PTL_SAVED_NAME_MAX 200       /* bytes of a name; more are cut off at a character */
#define PTL_SAVED_FILE_MAX_BYTES (16u * 1024 * 1024) /* a longer file is damaged */

#define PTL_TYPE_SAVED_ITEM (ptl_saved_item_get_type ())
G_DECLARE_FINAL_TYPE (PtlSavedItem, ptl_saved_item, PTL, SAVED_ITEM, GObject)

/* An item never changes: another name is another item.  Properties: "name" (string; of a recent one
 * its title), "title" (string, "tcp://127.0.0.1:12345"), "uri" (string, with all options), "role"
 * (uint, PtlRole), "icon-name" (string, of the role), "saved" (boolean: has a name of its own). */
const char *ptl_saved_item_get_name  (PtlSavedItem *self);
const char *ptl_saved_item_get_uri   (PtlSavedItem *self);
PtlRole     ptl_saved_item_get_role  (PtlSavedItem *self);
bool        ptl_saved_item_is_saved  (PtlSavedItem *self);
const PtlSpec *ptl_saved_item_get_spec (PtlSavedItem *self); /* borrowed, never NULL */

#define PTL_TYPE_SAVED (ptl_saved_get_type ())
G_DECLARE_FINAL_TYPE (PtlSaved, ptl_saved, PTL, SAVED, GObject)

/* @path: the key file, made with its folder at the first change.  Reading starts at once in a
 * thread; the lists fill when it is done ("loaded" (boolean) is notified then).  Entries that do
 * not parse are left out; a file that cannot be read as a key file is kept as PATH.damaged.
 * Changes may be made before it was read. */
PtlSaved   *ptl_saved_new         (const char *path);
bool        ptl_saved_is_loaded   (PtlSaved   *self);
GListModel *ptl_saved_get_recents (PtlSaved   *self); /* borrowed; the newest first */
GListModel *ptl_saved_get_saved   (PtlSaved   *self); /* borrowed; by name */

/* Puts @spec first among the recent ones; an equal one (role and URI) leaves. */
void        ptl_saved_remember    (PtlSaved      *self,
                                   const PtlSpec *spec);
/* Keeps @spec under @name (trimmed; empty: its title); one of the same name is replaced.  False
 * when full. */
bool        ptl_saved_save        (PtlSaved      *self,
                                   const PtlSpec *spec,
                                   const char    *name);
/* Of either list; one that is not there is not an error. */
void        ptl_saved_remove      (PtlSaved     *self,
                                   PtlSavedItem *item);
void        ptl_saved_clear_recents (PtlSaved   *self);
/* Ends what is still to be written, waiting on the disk: only at the end of the program. */
void        ptl_saved_flush       (PtlSaved   *self);
/* "write-failed" (string) is emitted when the file could not be written. */

G_END_DECLS
