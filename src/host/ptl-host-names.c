/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this computer says of itself. */
#include "config.h"

#include "host/ptl-host-names.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include "base/ptl-codec.h"
#include "host/ptl-host-files.h"

#define SHOWN_MAX 256 /* characters */

static char *
make_safe (const char *text)
{
  return text[0] == '\0' ? NULL
                         : ptl_codec_preview ((const uint8_t *) text, strlen (text), SHOWN_MAX);
}

static char *
read_file (const char *root,
           const char *path,
           size_t     *len_bytes)
{
  g_autofree char *full = g_strconcat (root, path, NULL);

  return ptl_host_files_read (full, len_bytes);
}

/* The first line of a file that holds one value. */
static char *
read_line (const char *root,
           const char *path)
{
  size_t len;
  g_autofree char *text = read_file (root, path, &len);
  const char *end = text != NULL ? memchr (text, '\n', len) : NULL;

  if (text == NULL)
    return NULL;
  if (end != NULL)
    len = (size_t) (end - text);
  /* A device tree ends its texts with a NUL. */
  while (len > 0 && (text[len - 1] == '\0' || g_ascii_isspace (text[len - 1])))
    len--;
  return len > 0 ? ptl_codec_preview ((const uint8_t *) text, len, SHOWN_MAX) : NULL;
}

static bool
is_there (const char *root,
          const char *path)
{
  g_autofree char *full = g_strconcat (root, path, NULL);

  return access (full, F_OK) == 0;
}

static void
read_system (PtlHostNames *names,
             const char   *root)
{
  size_t len;
  g_autofree char *text = read_file (root, "/etc/os-release", &len);

  if (text == NULL)
    text = read_file (root, "/usr/lib/os-release", &len);
  if (text == NULL)
    return;
  names->system = ptl_host_files_find (text, len, "PRETTY_NAME");
  if (names->system == NULL)
    names->system = ptl_host_files_find (text, len, "NAME");
}

static void
read_machine_info (PtlHostNames *names,
                   const char   *root)
{
  size_t len;
  g_autofree char *text = read_file (root, PTL_MACHINE_INFO_PATH, &len);

  if (text == NULL)
    return;
  names->pretty_name = ptl_host_files_find (text, len, "PRETTY_HOSTNAME");
  names->chassis = ptl_host_files_find (text, len, "CHASSIS");
  names->deployment = ptl_host_files_find (text, len, "DEPLOYMENT");
  names->location = ptl_host_files_find (text, len, "LOCATION");
}

/* --- virtual machines and containers ---------------------------------------------------------- */

const char *
ptl_host_names_find_hypervisor (const char signature[12])
{
  static const struct
  {
    char        signature[13];
    const char *name;
  } known[] = {
    { "KVMKVMKVM\0\0\0", "KVM" },       { "Linux KVM Hv", "KVM" },
    { "TCGTCGTCGTCG", "QEMU" },         { "VMwareVMware", "VMware" },
    { "Microsoft Hv", "Hyper-V" },      { "XenVMMXenVMM", "Xen" },
    { "VBoxVBoxVBox", "VirtualBox" },   { "bhyve bhyve ", "bhyve" },
    { " lrpepyh  vr", "Parallels" },    { "prl hyperv  ", "Parallels" },
    { "ACRNACRNACRN", "ACRN" },         { "QNXQVMBSQG\0\0", "QNX" },
    { "SRESRESRESRE", "LMHS SRE" },     { "VirtualApple", "Apple" },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (known); i++)
    if (memcmp (known[i].signature, signature, 12) == 0)
      return known[i].name;
  return NULL;
}

/* What the processor says; NULL: nothing, or that there is no hypervisor. */
static char *
ask_processor (void)
{
#if defined(__x86_64__) || defined(__i386__)
  unsigned eax, ebx, ecx, edx;
  char signature[13] = "";
  const char *name;

  if (!__get_cpuid (1, &eax, &ebx, &ecx, &edx) || (ecx & (1u << 31)) == 0)
    return NULL;
  __cpuid (0x40000000, eax, ebx, ecx, edx);
  memcpy (signature, &ebx, 4);
  memcpy (signature + 4, &ecx, 4);
  memcpy (signature + 8, &edx, 4);
  name = ptl_host_names_find_hypervisor (signature);
  if (name != NULL)
    return g_strdup (name);
  return make_safe (signature);
#else
  return NULL;
#endif
}

/* What the firmware's vendor and product stand for; static, or NULL. */
static const char *
ask_firmware (const char *root)
{
  static const struct
  {
    const char *start;
    const char *name;
  } known[] = {
    { "KVM", "KVM" },
    { "QEMU", "QEMU" },
    { "VMware", "VMware" },
    { "VMW", "VMware" },
    { "innotek GmbH", "VirtualBox" },
    { "VirtualBox", "VirtualBox" },
    { "Oracle Corporation VirtualBox", "VirtualBox" },
    { "Xen", "Xen" },
    { "Bochs", "Bochs" },
    { "Parallels", "Parallels" },
    { "BHYVE", "bhyve" },
    { "Amazon EC2", "Amazon EC2" },
    { "Google Compute Engine", "Google Compute Engine" },
    { "Apple Virtualization", "Apple" },
  };
  static const char *const paths[] = {
    "/sys/class/dmi/id/product_name",
    "/sys/class/dmi/id/sys_vendor",
    "/sys/class/dmi/id/bios_vendor",
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *text = read_line (root, paths[i]);

      for (unsigned k = 0; text != NULL && k < G_N_ELEMENTS (known); k++)
        if (g_str_has_prefix (text, known[k].start))
          return known[k].name;
    }
  if (is_there (root, "/sys/hypervisor/type"))
    return "Xen";
  if (is_there (root, "/proc/device-tree/hypervisor"))
    return "KVM";
  return NULL;
}

static void
find_virtualization (PtlHostNames *names,
                     const char   *root)
{
  names->virtualization = g_strdup (ask_firmware (root));
  if (names->virtualization == NULL && root[0] == '\0')
    names->virtualization = ask_processor ();

  /* Written by the manager of the container, for systemd and for podman. */
  names->container = read_line (root, "/run/systemd/container");
  if (names->container == NULL && is_there (root, "/run/.containerenv"))
    names->container = g_strdup ("podman");
  if (names->container == NULL && is_there (root, "/.dockerenv"))
    names->container = g_strdup ("docker");
  if (names->container == NULL && names->release != NULL
      && (strstr (names->release, "microsoft") != NULL
          || strstr (names->release, "Microsoft") != NULL))
    names->container = g_strdup ("WSL");
}

/* --- all of it -------------------------------------------------------------------------------- */

char *
ptl_host_names_dup_hostname (void)
{
  struct utsname uts;

  return uname (&uts) == 0 ? make_safe (uts.nodename) : NULL;
}

/* proc_sys_poll() of the kernel. */
int
ptl_host_names_open_watch (void)
{
  int fd = open (PTL_KERNEL_HOSTNAME_PATH, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct pollfd first = { .fd = fd, .events = POLLPRI };

  if (fd < 0)
    return -errno;
  /* What there was before is no news. */
  poll (&first, 1, 0);
  return fd;
}

char *
ptl_host_names_dup_first (const char *name)
{
  return g_strndup (name, strcspn (name, "."));
}

char *
ptl_host_names_dup_domain (const char *name)
{
  const char *dot = strchr (name, '.');

  return dot != NULL && dot[1] != '\0' ? g_strdup (dot + 1) : NULL;
}

void
ptl_host_names_read (PtlHostNames *names,
                     const char   *root)
{
  struct utsname uts;
  size_t len;
  g_autofree char *hostname = read_file (root, PTL_HOSTNAME_PATH, &len);

  *names = (PtlHostNames) { 0 };
  if (uname (&uts) == 0)
    {
      names->hostname = make_safe (uts.nodename);
      names->kernel = make_safe (uts.sysname);
      names->release = make_safe (uts.release);
      names->version = make_safe (uts.version);
      names->machine = make_safe (uts.machine);
      if (strcmp (uts.domainname, "(none)") != 0)
        names->nis_domain = make_safe (uts.domainname);
    }
  if (hostname != NULL)
    names->static_name = ptl_host_files_hostname (hostname, len);
  read_machine_info (names, root);
  read_system (names, root);
  names->vendor = read_line (root, "/sys/class/dmi/id/sys_vendor");
  names->model = read_line (root, "/sys/class/dmi/id/product_name");
  if (names->model == NULL)
    names->model = read_line (root, "/proc/device-tree/model");
  find_virtualization (names, root);
}

void
ptl_host_names_clear (PtlHostNames *names)
{
  g_clear_pointer (&names->hostname, g_free);
  g_clear_pointer (&names->kernel, g_free);
  g_clear_pointer (&names->release, g_free);
  g_clear_pointer (&names->version, g_free);
  g_clear_pointer (&names->machine, g_free);
  g_clear_pointer (&names->nis_domain, g_free);
  g_clear_pointer (&names->static_name, g_free);
  g_clear_pointer (&names->pretty_name, g_free);
  g_clear_pointer (&names->chassis, g_free);
  g_clear_pointer (&names->deployment, g_free);
  g_clear_pointer (&names->location, g_free);
  g_clear_pointer (&names->system, g_free);
  g_clear_pointer (&names->vendor, g_free);
  g_clear_pointer (&names->model, g_free);
  g_clear_pointer (&names->virtualization, g_free);
  g_clear_pointer (&names->container, g_free);
}
