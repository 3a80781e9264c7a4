/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The eight protocols of the classic table in words that can be translated. */
#include "config.h"

#include "registry/ptl-registry-private.h"

#include <glib/gi18n-lib.h>

static const struct
{
  const char *id;
  const char *common_function;
  const char *about;
  const char *python_modules;  /* of today; NULL: as in the data, names only */
  const char *classic_modules;
  const char *remark;
  uint16_t    classic_port;
} words[] = {
  {
    .id = "pop3",
    .common_function = N_("fetching email"),
    .about = N_("Fetches the waiting mail of one mailbox from a server. The server greets with "
                "+OK; encrypted after STLS, or from the first byte on port 995."),
    .classic_modules = "poplib",
    .classic_port = 110,
  },
  {
    .id = "smtp",
    .common_function = N_("sending email"),
    .about = N_("Hands a mail message on to the next mail server. The server greets with 220; mail "
                "programs hand in their mail on port 587 (STARTTLS) or 465 (TLS from the first "
                "byte)."),
    .classic_modules = "smtplib",
    .classic_port = 25,
  },
  {
    .id = "telnet",
    .common_function = N_("command lines"),
    .about = N_("Gives a text terminal on another computer. Everything, the password too, travels "
                "readable; byte 255 starts a command (here: “are you there”)."),
    .python_modules = N_("none since 3.13 (telnetlib up to 3.12)"),
    .classic_modules = "telnetlib",
    .classic_port = 23,
  },
  {
    .id = "imap4",
    .common_function = N_("fetching email"),
    .about = N_("Reads and sorts mail that stays on the server. The server greets with “* OK”; "
                "each command starts with a tag that its answer repeats. Encrypted after STARTTLS, "
                "or from the first byte on port 993."),
    .classic_modules = "imaplib",
    .classic_port = 143,
  },
  {
    .id = "gopher",
    .common_function = N_("document transfers"),
    .about = N_("Shows menus and documents of a simple information system from before the web. An "
                "empty line asks for the top menu; the server closes after its answer."),
    .python_modules = N_("none in the standard library (socket)"),
    .classic_modules = "gopherlib, urllib",
    .classic_port = 70,
  },
  {
    .id = "nntp",
    .common_function = N_("Usenet news"),
    .about = N_("Reads and posts articles in Usenet newsgroups. The server greets with 200 "
                "(posting allowed) or 201 (reading only); encrypted after STARTTLS, or from the "
                "first byte on port 563."),
    .python_modules = N_("none since 3.13 (nntplib up to 3.12)"),
    .classic_modules = "nntplib",
    .classic_port = 119,
  },
  {
    .id = "http",
    .common_function = N_("web pages"),
    .about = N_("Fetches web pages and other data by address. The client asks first; the answer "
                "starts with a line such as “HTTP/1.1 200 OK”. On port 443 the same runs inside "
                "TLS (https)."),
    .classic_modules = "httplib, urllib, xmlrpclib",
    .classic_port = 80,
  },
  {
    .id = "ftp",
    .common_function = N_("file transfers"),
    .about = N_("Copies files to and from a server. Commands go over port 21; each file and "
                "listing has a connection of its own (from the server's port 20 in active mode). "
                "Encrypted after AUTH TLS, or from the first byte on port 990."),
    .classic_modules = "ftplib, urllib",
    .remark = N_("Tables of Python’s network modules list FTP with port 20. That is ftp-data: the "
                 "port from which a server opens the connection for a file in active mode. A "
                 "client connects to port 21, where the commands go; ftplib does so by itself."),
    .classic_port = 20,
  },
};

void
ptl_registry_translate_protocol (PtlProtocol *protocol)
{
  for (size_t i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (words[i].id, protocol->id))
      {
        protocol->common_function = words[i].common_function;
        protocol->about = words[i].about;
        if (words[i].python_modules != NULL)
          protocol->python_modules = words[i].python_modules;
        protocol->classic_modules = words[i].classic_modules;
        protocol->remark = words[i].remark != NULL ? words[i].remark : "";
        protocol->classic_port = words[i].classic_port;
        return;
      }
}
