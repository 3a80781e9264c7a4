/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this computer says of itself without asking anybody: its host name and kernel (uname(2)),
 * the files that describe it, and whether it is a virtual machine or a container.  Each text is one
 * line, safe to show; NULL where there is none. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PTL_HOSTNAME_PATH "/etc/hostname"
#define PTL_MACHINE_INFO_PATH "/etc/machine-info"
#define PTL_KERNEL_HOSTNAME_PATH "/proc/sys/kernel/hostname"

typedef struct
{
  char *hostname;       /* gethostname(2) */
  char *kernel;         /* "Linux" */
  char *release;
  char *version;
  char *machine;        /* "x86_64" */
  char *nis_domain;     /* NULL: none is set */

  char *static_name;    /* of hostname(5) */
  char *pretty_name;    /* of machine-info(5), as are the next three */
  char *chassis;
  char *deployment;
  char *location;
  char *system;         /* PRETTY_NAME of os-release(5) */
  char *vendor;         /* of the machine, by its firmware */
  char *model;
  char *virtualization; /* "KVM": what the processor or the firmware says */
  char *container;      /* "docker", "WSL": what its makers leave in the files */
} PtlHostNames;

/* @root: in front of all paths, "" but in tests.  Reads files: not in the main thread. */
void ptl_host_names_read  (PtlHostNames *names,
                           const char   *root);
void ptl_host_names_clear (PtlHostNames *names);
/* gethostname(2) alone, owned and safe to show; any thread, does not wait. */
char *ptl_host_names_dup_hostname (void);

/* A descriptor of which poll(2) tells POLLPRI once for each change of the host name from now on,
 * the caller's to close; or a negative errno. */
int   ptl_host_names_open_watch (void);

/* The part of a name before its first dot, and behind it (NULL: there is no dot); owned. */
char *ptl_host_names_dup_first (const char *name);
char *ptl_host_names_dup_domain (const char *name);

/* For tests: the name of what the twelve bytes of CPUID leaf 0x40000000 stand for; NULL when they
 * are not known. */
const char *ptl_host_names_find_hypervisor (const char signature[12]);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PtlHostNames, ptl_host_names_clear)

G_END_DECLS
