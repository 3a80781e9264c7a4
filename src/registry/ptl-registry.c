/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The eight protocols of the classic table, as they are today, and getservbyport_r(3).
 *
 * Ports are those of the IANA registry; specifications are the RFCs in force (RFC 5321 for SMTP,
 * RFC 9051 beside 3501 for IMAP4, RFC 9110 and 9112 for HTTP). */
#include "config.h"

#include "registry/ptl-registry.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>

#include <glib/gi18n-lib.h>

#define SERVENT_BUFFER_MAX (64u * 1024)

static const PtlProtocol protocols[] = {
  {
    .id = "pop3",
    .name = "POP3",
    .common_function = N_("fetching email"),
    .about = N_("Fetches the waiting mail of one mailbox from a server. The server greets with "
                "+OK; encrypted after STLS, or from the first byte on port 995."),
    .python_modules = "poplib",
    .python2_modules = "poplib",
    .spec = "RFC 1939",
    .first = "server",
    .example = "CAPA\\r\\n",
    .ports = { 110, 0 },
    .tls_port = 995,
  },
  {
    .id = "smtp",
    .name = "SMTP",
    .common_function = N_("sending email"),
    .about = N_("Hands a mail message on to the next mail server. The server greets with 220; mail "
                "programs hand in their mail on port 587 (STARTTLS) or 465 (TLS from the first "
                "byte)."),
    .python_modules = "smtplib",
    .python2_modules = "smtplib",
    .spec = "RFC 5321",
    .first = "server",
    .example = "EHLO localhost\\r\\n",
    .ports = { 25, 0 },
    .tls_port = 465,
  },
  {
    .id = "telnet",
    .name = "Telnet",
    .common_function = N_("command lines"),
    .about = N_("Gives a text terminal on another computer. Everything, the password too, travels "
                "readable; byte 255 starts a command (here: “are you there”)."),
    .python_modules = N_("none since 3.13 (telnetlib up to 3.12)"),
    .python2_modules = "telnetlib",
    .spec = "RFC 854, RFC 855",
    .first = "server",
    .example = "\\xff\\xf6",
    .ports = { 23, 0 },
    .tls_port = 992,
  },
  {
    .id = "imap4",
    .name = "IMAP4",
    .common_function = N_("fetching email"),
    .about = N_("Reads and sorts mail that stays on the server. The server greets with “* OK”; "
                "each command starts with a tag that its answer repeats. Encrypted after STARTTLS, "
                "or from the first byte on port 993."),
    .python_modules = "imaplib",
    .python2_modules = "imaplib",
    .spec = "RFC 9051, RFC 3501",
    .first = "server",
    .example = "a1 CAPABILITY\\r\\n",
    .ports = { 143, 0 },
    .tls_port = 993,
  },
  {
    .id = "gopher",
    .name = "Gopher",
    .common_function = N_("document transfers"),
    .about = N_("Shows menus and documents of a simple information system from before the web. An "
                "empty line asks for the top menu; the server closes after its answer."),
    .python_modules = N_("none in the standard library (socket)"),
    .python2_modules = "gopherlib, urllib",
    .spec = "RFC 1436",
    .first = "client",
    .example = "\\r\\n",
    .ports = { 70, 0 },
    .tls_port = 0,
  },
  {
    .id = "nntp",
    .name = "NNTP",
    .common_function = N_("Usenet news"),
    .about = N_("Reads and posts articles in Usenet newsgroups. The server greets with 200 "
                "(posting allowed) or 201 (reading only); encrypted after STARTTLS, or from the "
                "first byte on port 563."),
    .python_modules = N_("none since 3.13 (nntplib up to 3.12)"),
    .python2_modules = "nntplib",
    .spec = "RFC 3977",
    .first = "server",
    .example = "CAPABILITIES\\r\\n",
    .ports = { 119, 0 },
    .tls_port = 563,
  },
  {
    .id = "http",
    .name = "HTTP",
    .common_function = N_("web pages"),
    .about = N_("Fetches web pages and other data by address. The client asks first; the answer "
                "starts with a line such as “HTTP/1.1 200 OK”. On port 443 the same runs inside "
                "TLS (https)."),
    .python_modules = "http.client, urllib.request, xmlrpc.client",
    .python2_modules = "httplib, urllib, xmlrpclib",
    .spec = "RFC 9110, RFC 9112",
    .first = "client",
    .example = "HEAD / HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n",
    .ports = { 80, 0 },
    .tls_port = 443,
  },
  {
    .id = "ftp",
    .name = "FTP",
    .common_function = N_("file transfers"),
    .about = N_("Copies files to and from a server. Commands go over port 21; each file and "
                "listing has a connection of its own (from the server's port 20 in active mode). "
                "Encrypted after AUTH TLS, or from the first byte on port 990."),
    .python_modules = "ftplib, urllib.request",
    .python2_modules = "ftplib, urllib",
    .spec = "RFC 959",
    .first = "server",
    .example = "FEAT\\r\\n",
    .ports = { 21, 20 },
    .tls_port = 990,
  },
};

const PtlProtocol *
ptl_registry_list_protocols (size_t *n)
{
  *n = G_N_ELEMENTS (protocols);
  return protocols;
}

const PtlProtocol *
ptl_registry_find_protocol (uint16_t port)
{
  if (port == 0)
    return NULL;
  for (size_t i = 0; i < G_N_ELEMENTS (protocols); i++)
    if (protocols[i].ports[0] == port || protocols[i].ports[1] == port
        || protocols[i].tls_port == port)
      return &protocols[i];
  return NULL;
}

char *
ptl_registry_dup_service_name (uint16_t    port,
                               const char *transport)
{
  size_t size = 1024;

  if (port == 0)
    return NULL;
  for (;;)
    {
      g_autofree char *buffer = g_malloc (size);
      struct servent entry, *found = NULL;
      int failed = getservbyport_r (htons (port), transport, &entry, buffer, size, &found);

      if (failed == ERANGE && size < SERVENT_BUFFER_MAX)
        {
          size *= 2;
          continue;
        }
      if (failed != 0 || found == NULL || found->s_name[0] == '\0')
        return NULL;
      return g_strdup (found->s_name);
    }
}
