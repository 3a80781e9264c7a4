/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What protocol the first bytes from a port look like. */
#include "config.h"

#include "probe/ptl-port-check-greeting.h"

#include <stdbool.h>
#include <string.h>

typedef struct
{
  const char *start;  /* what it begins with */
  const char *within; /* and what is on its first lines, in any case; NULL */
  PtlGreeting is;
} Rule;

/* Tried in this order. */
static const Rule rules[] = {
  { "SSH-", NULL, { "SSH", "ssh", "RFC 4253 section 4.2" } },
  { "HTTP/1.", NULL, { "HTTP", "http", "RFC 9112 section 4" } },
  { "RTSP/", NULL, { "RTSP", "rtsp", "RFC 7826 section 8.1" } },
  { "SIP/2.0 ", NULL, { "SIP", "sip", "RFC 3261 section 7.2" } },
  { "ICY ", NULL, { "SHOUTcast", NULL, "as its servers do" } },
  { "+OK", NULL, { "POP3", "pop3", "RFC 1939 section 4" } },
  { "* OK", NULL, { "IMAP", "imap4", "RFC 9051 section 7.1" } },
  { "* PREAUTH", NULL, { "IMAP", "imap4", "RFC 9051 section 7.1.4" } },
  { "* BYE", NULL, { "IMAP", "imap4", "RFC 9051 section 7.1.5" } },
  { "* ACAP", NULL, { "ACAP", NULL, "RFC 2244 section 6.2.1" } },
  { "220", "<auth", { "DICT", "dict", "RFC 2229 section 3.1" } },
  { "220", "dictd", { "DICT", "dict", "RFC 2229 section 3.1" } },
  { "220", "smtp", { "SMTP", "smtp", "RFC 5321 section 4.2" } },
  { "220", "lmtp", { "LMTP", "lmtp", "RFC 2033 section 4" } },
  { "220", "ftp", { "FTP", "ftp", "RFC 959 section 5.4" } },
  { "220", "filezilla", { "FTP", "ftp", "RFC 959 section 5.4" } },
  { "554", "smtp", { "SMTP", "smtp", "RFC 5321 section 3.1" } },
  { "200 ", "http/1.", { "HTTP", "http", "RFC 9112 section 4" } },
  { "200 ", "nntp", { "NNTP", "nntp", "RFC 3977 section 5.1" } },
  { "201 ", "nntp", { "NNTP", "nntp", "RFC 3977 section 5.1" } },
  { "200 ", "news", { "NNTP", "nntp", "RFC 3977 section 5.1" } },
  { "201 ", "news", { "NNTP", "nntp", "RFC 3977 section 5.1" } },
  { "200 ", "post", { "NNTP", "nntp", "RFC 3977 section 5.1" } },
  { "201 ", "post", { "NNTP", "nntp", "RFC 3977 section 5.1" } },
  { "RFB 00", NULL, { "VNC", "vnc", "RFC 6143 section 7.1.1" } },
  { "@RSYNCD:", NULL, { "rsync", "rsync", "as its servers do" } },
  { "AMQP", NULL, { "AMQP", "amqp", "AMQP 0-9-1 section 2.2.4" } },
  { "OK MPD ", NULL, { "MPD", NULL, "as its servers do" } },
  { "INFO {", NULL, { "NATS", NULL, "as its servers do" } },
  { "Asterisk Call Manager/", NULL, { "Asterisk", NULL, "as its servers do" } },
  { "-NOAUTH", NULL, { "Redis", "redis", "as its servers do" } },
  { "-ERR wrong number", NULL, { "Redis", "redis", "as its servers do" } },
  { "-ERR unknown command", NULL, { "Redis", "redis", "as its servers do" } },
  { "-DENIED", NULL, { "Redis", "redis", "as its servers do" } },
  { "-ERR", NULL, { "POP3", "pop3", "RFC 1939 section 3" } },
  { "ERROR\r\n", NULL, { "memcached", "memcached", "as its servers do" } },
  { "\"IMPLEMENTATION\"", NULL, { "ManageSieve", "managesieve", "RFC 5804 section 1.7" } },
  { "<stream:", NULL, { "XMPP", "xmpp", "RFC 6120 section 4.2" } },
  { "<?xml", "stream:stream", { "XMPP", "xmpp", "RFC 6120 section 4.2" } },
  { "\x16\x03", NULL, { "TLS", NULL, "RFC 8446 section 5.1" } },
  { "\x15\x03", NULL, { "TLS", NULL, "RFC 8446 section 6" } },
  { "NOTICE ", NULL, { "IRC", "irc", "RFC 2812 section 3.3.2" } },
  { ":", " notice ", { "IRC", "irc", "RFC 2812 section 3.3.2" } },
  { "ERROR :", NULL, { "IRC", "irc", "RFC 2812 section 3.7.4" } },
};

static const PtlGreeting nothing = { NULL, NULL, "" };

static bool
starts (const uint8_t *bytes,
        size_t         len_bytes,
        const char    *start)
{
  size_t len = strlen (start);

  return len_bytes >= len && memcmp (bytes, start, len) == 0;
}

/* @text is lower case; only the first lines are looked at, up to the limit of a greeting. */
static bool
has_within (const uint8_t *bytes,
            size_t         len_bytes,
            const char    *text)
{
  size_t len = strlen (text);

  for (size_t i = 0; i + len <= len_bytes; i++)
    {
      size_t j = 0;

      while (j < len && g_ascii_tolower ((char) bytes[i + j]) == text[j])
        j++;
      if (j == len)
        return true;
    }
  return false;
}

/* Three digits, then a space, a dash or the end of the line. */
static int
reply_code (const uint8_t *bytes,
            size_t         len_bytes)
{
  if (len_bytes < 4)
    return -1;
  for (unsigned i = 0; i < 3; i++)
    if (!g_ascii_isdigit (bytes[i]))
      return -1;
  if (bytes[3] != ' ' && bytes[3] != '-' && bytes[3] != '\r' && bytes[3] != '\n')
    return -1;
  return (bytes[0] - '0') * 100 + (bytes[1] - '0') * 10 + bytes[2] - '0';
}

static bool
is_smtp_port (uint16_t port)
{
  return port == 25 || port == 465 || port == 587 || port == 2525;
}

static PtlGreeting
recognise_code (int      code,
                uint16_t port)
{
  switch (code)
    {
    case 120:
      return (PtlGreeting) { "FTP", "ftp", "RFC 959 section 5.4" };

    case 220:
    case 421:
    case 554:
      if (is_smtp_port (port))
        return (PtlGreeting) { "SMTP", "smtp", "RFC 5321 section 4.2" };
      if (port == 24)
        return (PtlGreeting) { "LMTP", "lmtp", "RFC 2033 section 4" };
      if (port == 21)
        return (PtlGreeting) { "FTP", "ftp", "RFC 959 section 5.4" };
      if (port == 2628)
        return (PtlGreeting) { "DICT", "dict", "RFC 2229 section 3.1" };
      return (PtlGreeting) { "SMTP or FTP", NULL, "RFC 5321 section 4.2; RFC 959 section 5.4" };

    case 200:
    case 201:
    case 400:
    case 502:
      if (port == 119 || port == 433 || port == 563)
        return (PtlGreeting) { "NNTP", "nntp", "RFC 3977 section 5.1" };
      return nothing;

    default:
      return nothing;
    }
}

/* A packet with its length in three bytes, number 0, protocol 10, a version with its NUL (the
 * manual of MySQL, "Protocol::HandshakeV10"); an error instead has 0xff. */
static bool
is_mysql (const uint8_t *bytes,
          size_t         len_bytes)
{
  uint32_t length;
  size_t i = 5;

  if (len_bytes < 8 || bytes[3] != 0)
    return false;
  length = bytes[0] | (uint32_t) bytes[1] << 8 | (uint32_t) bytes[2] << 16;
  if (length < 4 || length > 1024)
    return false;
  if (bytes[4] == 0xff)
    return has_within (bytes, len_bytes, "host ") || has_within (bytes, len_bytes, "connections");
  if (bytes[4] != 10)
    return false;
  while (i < len_bytes && g_ascii_isprint ((char) bytes[i]))
    i++;
  return i > 5 && i < len_bytes && bytes[i] == 0;
}

/* IAC with WILL, WONT, DO or DONT (RFC 854). */
static bool
is_telnet (const uint8_t *bytes,
           size_t         len_bytes)
{
  return len_bytes >= 3 && bytes[0] == 255 && bytes[1] >= 251 && bytes[1] <= 254;
}

static bool
rule_holds (const Rule    *rule,
            const uint8_t *bytes,
            size_t         len_bytes)
{
  if (!starts (bytes, len_bytes, rule->start))
    return false;
  return rule->within == NULL || has_within (bytes, len_bytes, rule->within);
}

PtlGreeting
ptl_greeting_recognise (const uint8_t *bytes,
                        size_t         len_bytes,
                        uint16_t       port)
{
  len_bytes = MIN (len_bytes, PTL_GREETING_MAX);
  for (size_t i = 0; i < G_N_ELEMENTS (rules); i++)
    if (rule_holds (&rules[i], bytes, len_bytes))
      return rules[i].is;
  if (is_telnet (bytes, len_bytes))
    return (PtlGreeting) { "Telnet", "telnet", "RFC 854" };
  if (is_mysql (bytes, len_bytes))
    return (PtlGreeting) { "MySQL", "mysql", "the manual of MySQL, Protocol::HandshakeV10" };
  /* Lines may come before the version of SSH (RFC 4253 section 4.2). */
  for (size_t i = 0; i + 5 < len_bytes; i++)
    if (bytes[i] == '\n' && starts (bytes + i + 1, len_bytes - i - 1, "SSH-"))
      return (PtlGreeting) { "SSH", "ssh", "RFC 4253 section 4.2" };
  return recognise_code (reply_code (bytes, len_bytes), port);
}
