/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A DNS server for tests, in a thread, on 127.0.0.1 over UDP and TCP.  What it does is in the first
 * label of the name:
 *
 *   ok...         one A record 192.0.2.1
 *   silent        nothing
 *   late          the answer after 100 ms
 *   garbage       twelve bytes of no sense behind the right id
 *   short         one byte
 *   wrong         answers the question for another name
 *   stray         an answer with another id
 *   liar          first the answer for another name, then the true one
 *   big           cut off over UDP, whole over TCP
 *   stuck         cut off over UDP, nothing over TCP
 *   closed        cut off over UDP, TCP is closed at once
 *   refused  servfail  nxdomain      that code
 *   only          one A record; of other types none, and the SOA of the zone
 *   alias         CNAME to ok.test., and the SOA: no record of any type but CNAME
 *   old           FORMERR as long as there is EDNS
 *   loop          CNAME loop <-> CNAME pool
 *   self          CNAME to itself
 *   hop           CNAME to ok.test., of which it says nothing
 *   endless       CNAME to endlessN+1
 *   ad            verified: AD for who asks with AD or DO only (RFC 6840 section 5.8)
 *   out           CNAME to refused.test., of which it says nothing
 *   idn           CNAME to xn--bcher-kva.test.
 *   mute          CNAME to silent.test., of which it says nothing
 *   lame          CNAME to upward.test., of which it says nothing
 *   upward        no answer, and the name servers of the root
 *   stranger      an A record of another name
 *   mixed         one A record, and one of another name
 *   long          a TXT of 6 strings of 250 bytes, over TCP
 *   once          nothing the first time, an answer the second
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib.h>

#include "base/ptl-address.h"

#define STUB_PACKET_MAX 65535
#define STUB_LATER_MAX 16
#define STUB_QUEUE_MAX 512

typedef struct
{
  pthread_t   thread;
  PtlAddress  address;
  int         udp_fd;
  int         tcp_fd;
  int         stop_fd;
  unsigned    drop_above; /* what waits beyond that is thrown away; 0: never */
  atomic_uint n_udp;
  atomic_uint n_tcp;
  atomic_uint n_once;
} Stub;

static inline void
stub_first_label (const uint8_t *packet,
                  size_t         len,
                  char           label[64])
{
  size_t n = len > 12 ? packet[12] : 0;

  if (n > 63 || 13 + n > len)
    n = 0;
  memcpy (label, packet + 13, n);
  label[n] = '\0';
}

/* Behind the question: where it ends. */
static inline size_t
stub_question_end (const uint8_t *packet,
                   size_t         len)
{
  size_t at = 12;

  while (at < len && packet[at] != 0)
    at += packet[at] + 1u;
  return at + 5;
}

static inline size_t
stub_put_cname (uint8_t    *out,
                size_t      at,
                const char *label) /* label.test. */
{
  size_t n = strlen (label);
  const uint8_t head[] = { 0xc0, 0x0c, 0, 5, 0, 1, 0, 0, 0, 60, 0, (uint8_t) (n + 7) };

  memcpy (out + at, head, sizeof head);
  at += sizeof head;
  out[at++] = (uint8_t) n;
  memcpy (out + at, label, n);
  at += n;
  memcpy (out + at, "\4test", 6);
  return at + 6;
}

/* The answer to @in into @out; 0: none. */
static inline size_t
stub_answer (Stub          *stub,
             const uint8_t *in,
             size_t         len,
             bool           tcp,
             uint8_t       *out)
{
  static const uint8_t a[] = { 0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1 };
  char label[64], next[64];
  size_t end = stub_question_end (in, len);
  bool edns = len > 12 && in[11] != 0;
  unsigned n;

  stub_first_label (in, len, label);
  if (len < 17 || end > len || strcmp (label, "silent") == 0)
    return 0;
  if (strcmp (label, "once") == 0 && atomic_fetch_add (&stub->n_once, 1) == 0)
    return 0;
  memset (out, 0, 12);
  memcpy (out, in, 2);
  memcpy (out + 12, in + 12, end - 12);
  out[2] = 0x84 | (in[2] & 1); /* QR AA, RD as asked */
  out[3] = 0x80;               /* RA */
  out[5] = 1;                  /* questions */
  if (strcmp (label, "garbage") == 0)
    {
      memset (out + 2, 0xff, 10);
      return 12;
    }
  if (strcmp (label, "short") == 0)
    return 1;
  if (strcmp (label, "refused") == 0 || strcmp (label, "servfail") == 0
      || strcmp (label, "nxdomain") == 0 || (strcmp (label, "old") == 0 && edns))
    {
      out[3] |= label[0] == 'r' ? 5 : label[0] == 's' ? 2 : label[0] == 'n' ? 3 : 1;
      return end;
    }
  if ((strcmp (label, "big") == 0 || strcmp (label, "long") == 0 || strcmp (label, "stuck") == 0
       || strcmp (label, "closed") == 0)
      && !tcp)
    {
      out[2] |= 2; /* TC */
      return end;
    }
  if (strcmp (label, "long") == 0)
    {
      unsigned n_strings = 6;
      const uint8_t head[] = { 0xc0, 0x0c, 0, 16, 0, 1, 0, 0, 0, 60,
                               (uint8_t) (n_strings * 251 >> 8), (uint8_t) (n_strings * 251) };

      out[7] = 1;
      memcpy (out + end, head, sizeof head);
      end += sizeof head;
      for (unsigned i = 0; i < n_strings; i++)
        {
          out[end] = 250;
          memset (out + end + 1, 'a' + (int) i, 250);
          end += 251;
        }
      return end;
    }
  if (strcmp (label, "stuck") == 0)
    return 0;
  if (strcmp (label, "big") == 0)
    {
      unsigned n_records = 200;

      out[6] = (uint8_t) (n_records >> 8);
      out[7] = (uint8_t) n_records;
      for (unsigned i = 0; i < n_records; i++)
        {
          memcpy (out + end, a, sizeof a);
          out[end + sizeof a - 1] = (uint8_t) i;
          end += sizeof a;
        }
      return end;
    }
  out[7] = 1;
  if (strcmp (label, "loop") == 0 || strcmp (label, "pool") == 0)
    return stub_put_cname (out, end, label[0] == 'l' ? "pool" : "loop");
  if (strcmp (label, "self") == 0)
    return stub_put_cname (out, end, "self");
  if (strcmp (label, "hop") == 0)
    return stub_put_cname (out, end, "ok");
  if (strcmp (label, "out") == 0)
    return stub_put_cname (out, end, "refused");
  if (strcmp (label, "idn") == 0)
    return stub_put_cname (out, end, "xn--bcher-kva");
  if (strcmp (label, "mute") == 0)
    return stub_put_cname (out, end, "silent");
  if (strcmp (label, "lame") == 0)
    return stub_put_cname (out, end, "upward");
  if (strcmp (label, "upward") == 0)
    {
      static const uint8_t ns[] = { 0, 0, 2, 0, 1, 0, 0, 0, 60, 0, 3, 1, 'a', 0 };

      out[2] &= ~4; /* not AA */
      out[7] = 0;
      out[9] = 1;
      memcpy (out + end, ns, sizeof ns);
      return end + sizeof ns;
    }
  if (strcmp (label, "ad") == 0 && ((in[3] & 0x20) != 0 || (edns && (in[end + 7] & 0x80) != 0)))
    out[3] |= 0x20;
  if (strcmp (label, "stranger") == 0 || strcmp (label, "mixed") == 0)
    {
      static const uint8_t other[] = { 4, 'e', 'v', 'i', 'l', 5, 'o', 't', 'h', 'e', 'r', 0, 0, 1,
                                       0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 66 };

      memcpy (out + end, other, sizeof other);
      end += sizeof other;
      if (label[0] == 's')
        return end;
      out[7] = 2;
    }
  if (sscanf (label, "endless%u", &n) == 1)
    {
      g_snprintf (next, sizeof next, "endless%u", n + 1);
      return stub_put_cname (out, end, next);
    }
  if ((strcmp (label, "only") == 0 && (in[end - 4] != 0 || in[end - 3] != 1))
      || (strcmp (label, "alias") == 0 && in[end - 3] != 5))
    {
      static const uint8_t soa[] = { 0xc0, 0x0c, 0, 6, 0, 1, 0, 0, 0, 60, 0, 24, 0xc0, 0x0c, 0xc0,
                                     0x0c };

      if (label[0] == 'a')
        end = stub_put_cname (out, end, "ok");
      else
        out[7] = 0;
      out[9] = 1;
      memcpy (out + end, soa, sizeof soa);
      memset (out + end + sizeof soa, 0, 20);
      /* Counted down while it is asked. */
      out[end + 9] = in[end - 3] % 50;
      return end + sizeof soa + 20;
    }
  if (strcmp (label, "alias") == 0)
    return stub_put_cname (out, end, "ok");
  if (strcmp (label, "wrong") == 0)
    out[13] = 'W' + 1;
  if (strcmp (label, "stray") == 0)
    out[0] ^= 0x55;
  memcpy (out + end, a, sizeof a);
  return end + sizeof a;
}

static inline void
stub_serve_tcp (Stub *stub)
{
  int fd = accept (stub->tcp_fd, NULL, NULL);
  uint8_t in[2 + 512], *out;
  size_t have = 0, n;
  char label[64];
  struct pollfd polls[2] = { { .fd = fd, .events = POLLIN },
                             { .fd = stub->stop_fd, .events = POLLIN } };

  if (fd < 0)
    return;
  atomic_fetch_add (&stub->n_tcp, 1);
  while (have < 2 || have < 2 + (size_t) (in[0] << 8 | in[1]))
    {
      ssize_t got;

      poll (polls, 2, -1);
      if (polls[1].revents != 0)
        break;
      got = recv (fd, in + have, sizeof in - have, 0);
      if (got <= 0)
        break;
      have += (size_t) got;
    }
  stub_first_label (in + 2, have > 2 ? have - 2 : 0, label);
  out = g_malloc (2 + STUB_PACKET_MAX);
  n = have > 2 && strcmp (label, "closed") != 0
        ? stub_answer (stub, in + 2, have - 2, true, out + 2) : 0;
  out[0] = (uint8_t) (n >> 8);
  out[1] = (uint8_t) n;
  /* In two parts, cut in the length: as a stream may be. */
  if (n > 0 && send (fd, out, 1, MSG_NOSIGNAL) == 1)
    {
      ssize_t sent = send (fd, out + 1, n + 1, MSG_NOSIGNAL);

      (void) sent;
    }
  else if (strcmp (label, "stuck") == 0)
    {
      polls[0].events = POLLIN;
      poll (polls, 2, -1); /* until the client gives up */
    }
  g_free (out);
  close (fd);
}

/* A slow server with a short queue: what has come in 2 ms is read before anything is answered, so
 * that a client with no more than drop_above on their way loses none. */
static inline void
stub_serve_slowly (Stub *stub)
{
  static uint8_t in[STUB_QUEUE_MAX][512];
  static PtlAddress from[STUB_QUEUE_MAX];
  ssize_t len[STUB_QUEUE_MAX];
  uint8_t out[1024];
  unsigned n = 0;

  poll (NULL, 0, 2);
  while (n < STUB_QUEUE_MAX)
    {
      from[n].len = sizeof from[n].in6;
      len[n] = recvfrom (stub->udp_fd, in[n], sizeof in[n], MSG_DONTWAIT, &from[n].sa,
                         &from[n].len);
      if (len[n] < 0)
        break;
      n++;
    }
  for (unsigned i = 0; i < n && i < stub->drop_above; i++)
    {
      size_t n_out = stub_answer (stub, in[i], (size_t) len[i], false, out);

      sendto (stub->udp_fd, out, n_out, 0, &from[i].sa, from[i].len);
    }
}

static inline void *
stub_main (void *data)
{
  Stub *stub = data;
  struct pollfd polls[3] = { { .fd = stub->udp_fd, .events = POLLIN },
                             { .fd = stub->tcp_fd, .events = POLLIN },
                             { .fd = stub->stop_fd, .events = POLLIN } };
  struct
  {
    uint8_t    packet[1024];
    size_t     len;
    PtlAddress to;
    gint64     at_us;
  } later[STUB_LATER_MAX];
  unsigned n_later = 0;
  uint8_t in[1024], *out = g_malloc (STUB_PACKET_MAX);

  while (true)
    {
      poll (polls, 3, n_later > 0 ? 5 : -1);
      if (polls[2].revents != 0)
        break;
      for (unsigned i = 0; i < n_later;)
        if (g_get_monotonic_time () >= later[i].at_us)
          {
            sendto (stub->udp_fd, later[i].packet, later[i].len, 0, &later[i].to.sa,
                    later[i].to.len);
            later[i] = later[--n_later];
          }
        else
          i++;
      if (polls[1].revents != 0)
        stub_serve_tcp (stub);
      if (polls[0].revents != 0 && stub->drop_above != 0)
        {
          stub_serve_slowly (stub);
          continue;
        }
      while (polls[0].revents != 0)
        {
          PtlAddress from = { .len = sizeof from.in6 };
          ssize_t len = recvfrom (stub->udp_fd, in, sizeof in, MSG_DONTWAIT, &from.sa, &from.len);
          char label[64];
          size_t n;

          if (len < 0)
            break;
          atomic_fetch_add (&stub->n_udp, 1);
          stub_first_label (in, (size_t) len, label);
          n = stub_answer (stub, in, (size_t) len, false, out);
          if (n > 0 && strcmp (label, "liar") == 0)
            {
              out[13] = 'z';
              sendto (stub->udp_fd, out, n, 0, &from.sa, from.len);
              out[13] = 'l';
            }
          if (n > 0 && strcmp (label, "late") == 0 && n_later < STUB_LATER_MAX)
            {
              memcpy (later[n_later].packet, out, n);
              later[n_later].len = n;
              later[n_later].to = from;
              later[n_later++].at_us = g_get_monotonic_time () + 100000;
            }
          else if (n > 0)
            sendto (stub->udp_fd, out, n, 0, &from.sa, from.len);
        }
    }
  g_free (out);
  return NULL;
}

static inline void
stub_start (Stub *stub)
{
  for (unsigned i = 0;; i++)
    {
      stub->address = (PtlAddress) { .len = sizeof stub->address.in };
      stub->address.in.sin_family = AF_INET;
      stub->address.in.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
      stub->udp_fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      stub->tcp_fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      g_assert_cmpint (bind (stub->udp_fd, &stub->address.sa, stub->address.len), ==, 0);
      getsockname (stub->udp_fd, &stub->address.sa, &stub->address.len);
      if (bind (stub->tcp_fd, &stub->address.sa, stub->address.len) == 0)
        break;
      g_assert_cmpuint (i, <, 100); /* the port may be taken over TCP */
      close (stub->udp_fd);
      close (stub->tcp_fd);
    }
  g_assert_cmpint (listen (stub->tcp_fd, 64), ==, 0);
  stub->stop_fd = eventfd (0, EFD_CLOEXEC);
  g_assert_cmpint (pthread_create (&stub->thread, NULL, stub_main, stub), ==, 0);
}

static inline void
stub_stop (Stub *stub)
{
  uint64_t one = 1;

  g_assert_cmpint (write (stub->stop_fd, &one, sizeof one), ==, sizeof one);
  pthread_join (stub->thread, NULL);
  close (stub->udp_fd);
  close (stub->tcp_fd);
  close (stub->stop_fd);
}
