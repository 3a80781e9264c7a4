/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of the vocabulary: what a socket is made of, and the calls. */
#include "config.h"

#include "ui/ptl-vocabulary-words.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <glib/gi18n.h>

/* What they are for is said by ptl_families_text_domain(). */
static const PtlWordValue domains[] = {
  { "AF_INET", NULL, AF_INET },
  { "AF_INET6", NULL, AF_INET6 },
  { "AF_UNIX", NULL, AF_UNIX },
  { "AF_NETLINK", NULL, AF_NETLINK },
  { "AF_PACKET", NULL, AF_PACKET },
  { "AF_VSOCK", NULL, AF_VSOCK },
  { "AF_BLUETOOTH", NULL, AF_BLUETOOTH },
  { "AF_CAN", NULL, AF_CAN },
  { "AF_TIPC", NULL, AF_TIPC },
  { "AF_RDS", NULL, AF_RDS },
  { "AF_ALG", NULL, AF_ALG },
  { "AF_XDP", NULL, AF_XDP },
  { "AF_KEY", NULL, AF_KEY },
  { "AF_X25", NULL, AF_X25 },
  { "AF_AX25", NULL, AF_AX25 },
  { "AF_IPX", NULL, AF_IPX },
  { "AF_APPLETALK", NULL, AF_APPLETALK },
};

static const PtlWordValue types[] = {
  { "SOCK_STREAM", N_("A stream of bytes in order, both ways, without boundaries between messages. "
                      "With AF_INET: TCP."), SOCK_STREAM },
  { "SOCK_DGRAM", N_("Separate messages that may be lost, doubled or reordered on the way. With "
                     "AF_INET: UDP."), SOCK_DGRAM },
  { "SOCK_SEQPACKET", N_("A connection as with a stream, but each message arrives as it was sent. "
                         "Unix sockets and SCTP have it."), SOCK_SEQPACKET },
  { "SOCK_RAW", N_("Packets below TCP and UDP, made by the program itself, such as ICMP. "
                   "Privileged."), SOCK_RAW },
  { "SOCK_RDM", N_("Reliable datagrams without order; only some rare domains have it."), SOCK_RDM },
  { "SOCK_NONBLOCK", N_("May be added to the type: calls answer EAGAIN where they would wait."),
    SOCK_NONBLOCK },
  { "SOCK_CLOEXEC", N_("May be added to the type: programs that are started do not inherit the "
                       "socket."), SOCK_CLOEXEC },
};

static const PtlWordValue protocols[] = {
  { "0", N_("The usual protocol of this domain and type: TCP for AF_INET with SOCK_STREAM, UDP "
            "with "
            "SOCK_DGRAM. Nearly always right."), -1 },
  { "IPPROTO_TCP", N_("TCP, said explicitly."), IPPROTO_TCP },
  { "IPPROTO_UDP", N_("UDP, said explicitly."), IPPROTO_UDP },
  { "IPPROTO_UDPLITE", N_("UDP whose checksum may cover only a part of the message."),
    IPPROTO_UDPLITE },
  { "IPPROTO_SCTP", N_("Several streams of messages in one connection."), IPPROTO_SCTP },
  { "IPPROTO_MPTCP", N_("TCP over several paths at once."), IPPROTO_MPTCP },
  { "IPPROTO_ICMP", N_("Ping: with SOCK_DGRAM where the system allows it, else SOCK_RAW."),
    IPPROTO_ICMP },
  { "IPPROTO_ICMPV6", N_("The same for AF_INET6."), IPPROTO_ICMPV6 },
};

static const PtlWordValue hostnames[] = {
  { "www.example.org", N_("A name: looked up in the hosts file, DNS and what else is configured; "
                          "it "
                          "may have several addresses."), -1 },
  { "192.0.2.7", N_("A dotted quad: an IPv4 address."), -1 },
  { "2001:db8::7", N_("An IPv6 address; fe80::1%eth0 names the interface, too."), -1 },
  { "\"\"", N_("The empty name: INADDR_ANY, all addresses of this computer. For a server: "
               "reachable "
               "from everywhere."), -1 },
  { "<broadcast>", N_("INADDR_BROADCAST: 255.255.255.255, every computer of the local network. UDP "
                      "only."), -1 },
  { "2130706433", N_("An integer in host byte order: 127.0.0.1 as one number."), -1 },
};

static const PtlWordValue ports[] = {
  { "0", N_("To bind: any port that is free; the system chooses. To connect: not possible."), -1 },
  { "1–1023", N_("Well-known ports. To listen there a program needs a privilege on most systems."),
    -1 },
  { "1024–49151", N_("Registered with IANA by their users; open to every program."), -1 },
  { "49152–65535", N_("Dynamic: IANA assigns none. Linux takes the ports of clients from "
                      "32768–60999, "
                      "as /proc/sys/net/ipv4/ip_local_port_range says."), -1 },
  { "http", N_("A service name: the port that the services database has for it (80)."), -1 },
};

static const PtlWordTerm terms[] = {
  { N_("Domain"), N_("The family of addresses, the first argument of socket: how the two ends are "
                     "named. Also called address family."), domains, G_N_ELEMENTS (domains),
    PTL_SHOW_COMPUTER, "families" },
  { N_("Type"), N_("The second argument of socket: a stream, or messages."), types,
    G_N_ELEMENTS (types), PTL_SHOW_COMPUTER, "families" },
  { N_("Protocol"), N_("The third argument of socket: a variant where domain and type leave a "
                       "choice. Usually 0."), protocols, G_N_ELEMENTS (protocols),
    PTL_SHOW_COMPUTER, "families" },
  { N_("Hostname"), N_("Which computer, or which of this computer’s addresses. It may be written "
                       "in "
                       "several ways."), hostnames, G_N_ELEMENTS (hostnames),
    PTL_SHOW_LOOK_UP, "127.0.0.1" },
  { N_("Port"), N_("Which program of that computer: a number from 0 to 65535, or the name of a "
                   "service. TCP and UDP have 65536 each."), ports, G_N_ELEMENTS (ports),
    PTL_SHOW_PORTS, "80" },
};

/* --- calls ---------------------------------------------------------------------------------- */

static const PtlWordCall calls[] = {
  { "socket", N_("Makes a socket, an end of a conversation that has no address yet."),
    N_("domain: the family of addresses\ntype: stream or messages\nprotocol: usually 0"),
    "int fd = socket (AF_INET, SOCK_STREAM, 0);",
    "s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)",
    N_("EAFNOSUPPORT: this kernel does not have the family\nEPROTONOSUPPORT: not this type or "
       "protocol in the family\nEMFILE: the program has too many open files\nEPERM: needs a "
       "privilege (raw sockets)"), PTL_SHOW_TRY_IT, NULL },
  { "bind", N_("Gives the socket an address and port of this computer. A server needs it; a client "
               "is given a free port by connect."),
    N_("fd: the socket\naddr, addrlen: the address and its size; port 0 is any free one"),
    "bind (fd, (struct sockaddr *) &addr, sizeof addr);",
    "s.bind(('127.0.0.1', 12345))",
    N_("EADDRINUSE: another socket has the port, or its connections linger\nEACCES: a port below "
       "1024 without the privilege\nEADDRNOTAVAIL: not an address of this computer\nEINVAL: has an "
       "address already"), PTL_SHOW_LISTEN, NULL },
  { "listen", N_("Turns a bound stream socket into one that waits for peers."),
    N_("fd: the socket\nbacklog: how many peers may wait to be accepted"),
    "listen (fd, 128);",
    "s.listen(128)",
    N_("EADDRINUSE: another socket listens on the port\nEOPNOTSUPP: not a socket of this kind (UDP "
       "has no connections)"), PTL_SHOW_LISTEN, NULL },
  { "accept", N_("Takes the next peer that waits: a new socket for this conversation, while the "
                 "old "
                 "one goes on listening."),
    N_("fd: the listening socket\naddr, addrlen: where the peer's address is written"),
    "int peer = accept (fd, (struct sockaddr *) &addr, &addrlen);",
    "conn, addr = s.accept()",
    N_("EAGAIN: nobody waits (non-blocking socket)\nECONNABORTED: the peer has gone meanwhile\n"
       "EMFILE: too many open files\nEINVAL: the socket does not listen"), PTL_SHOW_TRY_IT, NULL },
  { "connect", N_("Connects to a server. With UDP nothing is sent: it only says with whom send and "
                  "recv deal."),
    N_("fd: the socket\naddr, addrlen: the server's address and port"),
    "connect (fd, (struct sockaddr *) &addr, sizeof addr);",
    "s.connect(('www.example.org', 80))",
    N_("ECONNREFUSED: the computer answers, but nothing listens on the port\nETIMEDOUT: no "
       "answer at "
       "all\nEHOSTUNREACH, ENETUNREACH: no way there\nEINPROGRESS: under way (non-blocking "
       "socket)"),
    PTL_SHOW_CONNECT, NULL },
  { "send", N_("Hands bytes to the system for sending. It may take fewer than asked for: then send "
               "the rest again."),
    N_("fd: the socket, connected\nbuf, len: the bytes\nflags: usually 0; MSG_NOSIGNAL"),
    "ssize_t n = send (fd, buf, len, MSG_NOSIGNAL);",
    "n = s.send(b'hello')",
    N_("EPIPE: this end was shut down, or the peer had broken off before; without MSG_NOSIGNAL the "
       "signal SIGPIPE ends a C program\nECONNRESET: the peer has broken off\nEAGAIN: the "
       "buffer is full (non-blocking socket)\nEMSGSIZE: too long for one datagram"),
    PTL_SHOW_TRY_IT, NULL },
  { "sendall", N_("Python only: calls send until all bytes are taken, or there is an error. C "
                  "has a "
                  "loop around send instead."),
    N_("bytes: what is to be sent"),
    "const char *at = buf;\nwhile (len > 0)\n  {\n"
    "    ssize_t n = send (fd, at, len, MSG_NOSIGNAL);\n    if (n < 0)\n      break;\n"
    "    at += n, len -= n;\n  }",
    "s.sendall(b'hello')",
    N_("as send; after an error it is not known how much was sent"), PTL_SHOW_CONNECT, NULL },
  { "recv", N_("Takes what has arrived, at most as much as asked for. A stream gives pieces as "
               "they "
               "come: one send may arrive as two recv, or two as one."),
    N_("fd: the socket\nbuf, len: where to, and how much at most\nflags: usually 0; MSG_PEEK"),
    "ssize_t n = recv (fd, buf, sizeof buf, 0);",
    "data = s.recv(4096)",
    N_("0 bytes, no error: the peer has ended its side\nECONNRESET: the peer has broken off\n"
       "EAGAIN: nothing there (non-blocking socket)\nECONNREFUSED: UDP, the port is closed"),
    PTL_SHOW_TRY_IT, NULL },
  { "sendto", N_("Sends one datagram to an address, without a connection."),
    N_("fd: the socket\nbuf, len: the message\nflags: usually 0\naddr, addrlen: to whom"),
    "sendto (fd, buf, len, 0, (struct sockaddr *) &addr, sizeof addr);",
    "s.sendto(b'hello', ('127.0.0.1', 12345))",
    N_("EMSGSIZE: longer than a datagram may be (65507 bytes with IPv4)\nEACCES: broadcast without "
       "SO_BROADCAST\nENETUNREACH: no way there"), PTL_SHOW_DATAGRAMS, NULL },
  { "recvfrom", N_("Receives one datagram and tells from whom. What does not fit into the buffer "
                   "is "
                   "lost."),
    N_("fd: the socket\nbuf, len: where to\nflags: usually 0\naddr, addrlen: where the sender is "
       "written"),
    "ssize_t n = recvfrom (fd, buf, sizeof buf, 0,\n                      (struct sockaddr *) "
    "&addr, "
    "&addrlen);",
    "data, addr = s.recvfrom(65535)",
    N_("EAGAIN: nothing there (non-blocking socket)\nECONNREFUSED: what was sent before met a "
       "closed "
       "port"), PTL_SHOW_DATAGRAMS, NULL },
  { "close", N_("Lets go of the socket. What was sent still goes out; bytes that were not read "
                "make "
                "TCP reset the connection."),
    N_("fd: the socket"),
    "close (fd);",
    "s.close()",
    N_("EBADF: not an open file; a second close may hit someone else's"), PTL_SHOW_TRY_IT, NULL },
  { "gethostname", N_("This computer's own name."),
    N_("name, len: where to, and how much room there is"),
    "char name[HOST_NAME_MAX + 1];\ngethostname (name, sizeof name);",
    "socket.gethostname()",
    N_("ENAMETOOLONG: the room is too small"), PTL_SHOW_COMPUTER, "names" },
};

static const PtlWordCall functions[] = {
  { "inet_pton", N_("An address as text becomes its bytes."),
    N_("af: AF_INET or AF_INET6\nsrc: the text\ndst: four or sixteen bytes"),
    "inet_pton (AF_INET, \"127.0.0.1\", &addr.sin_addr);",
    "socket.inet_pton(socket.AF_INET, '127.0.0.1')",
    N_("returns 0, in Python OSError: the text is not an address of this family\nEAFNOSUPPORT: "
       "another family"),
    PTL_SHOW_LOOK_UP, "127.0.0.1" },
  { "inet_ntop", N_("The bytes of an address become text."),
    N_("af: AF_INET or AF_INET6\nsrc: the bytes\ndst, size: where the text is written"),
    "inet_ntop (AF_INET, &addr.sin_addr, text, sizeof text);",
    "socket.inet_ntop(socket.AF_INET, packed)",
    N_("ENOSPC: the room is too small\nEAFNOSUPPORT: another family"),
    PTL_SHOW_LOOK_UP, "127.0.0.1" },
  { "htons", N_("A port in this computer's byte order becomes network order (the high byte first); "
                "htonl does so with 32 bits, ntohs and ntohl go back."),
    N_("hostshort: the number"),
    "addr.sin_port = htons (80);",
    "socket.htons(80)  # not needed: Python's addresses have plain ports",
    N_("none; to forget it is the classic mistake: port 80 becomes 20480"),
    PTL_SHOW_LOOK_UP, "127.0.0.1" },
  { "getaddrinfo", N_("A host and a service, by name or number, become addresses to connect to "
                      "or to "
                      "bind, in the order in which they should be tried."),
    N_("node: the host; NULL: this computer\nservice: a port or a name such as http\nhints: "
       "family, "
       "type, flags (AI_PASSIVE for a server)\nres: the list; freeaddrinfo lets go of it"),
    "getaddrinfo (\"www.example.org\", \"http\", &hints, &res);",
    "socket.getaddrinfo('www.example.org', 'http', type=socket.SOCK_STREAM)",
    N_("EAI_NONAME: no such host or service\nEAI_AGAIN: the name server does not answer now\n"
       "EAI_SERVICE: no such service for this type"), PTL_SHOW_LOOK_UP, "localhost" },
  { "getnameinfo", N_("An address becomes the names of its host and service."),
    N_("addr, addrlen: the address\nhost, hostlen, serv, servlen: where to\nflags: NI_NUMERICHOST, "
       "NI_NUMERICSERV, NI_NAMEREQD"),
    "getnameinfo ((struct sockaddr *) &addr, addrlen, host, sizeof host,\n"
    "             serv, sizeof serv, 0);",
    "socket.getnameinfo(('127.0.0.1', 80), 0)",
    N_("EAI_NONAME: it has no name, and one is required\nEAI_AGAIN: the name server does not "
       "answer "
       "now\nEAI_OVERFLOW: the room is too small"), PTL_SHOW_LOOK_UP, "127.0.0.1" },
  { "getservbyname", N_("The port of a service, from the services database of this computer."),
    N_("name: such as http\nproto: tcp or udp; NULL: any"),
    "struct servent *s = getservbyname (\"http\", \"tcp\");\n/* ntohs (s->s_port) */",
    "socket.getservbyname('http', 'tcp')",
    N_("returns NULL, in Python OSError: the database does not have it"), PTL_SHOW_PORTS, "http" },
  { "getservbyport", N_("The name of the service on a port, from the services database of this "
                        "computer."),
    N_("port: in network byte order\nproto: tcp or udp; NULL: any"),
    "struct servent *s = getservbyport (htons (80), \"tcp\");",
    "socket.getservbyport(80, 'tcp')",
    N_("returns NULL, in Python OSError: the database does not have it"), PTL_SHOW_PORTS, "80" },
};

const PtlWordTerm *
ptl_vocabulary_list_terms (guint *n)
{
  *n = G_N_ELEMENTS (terms);
  return terms;
}

const PtlWordCall *
ptl_vocabulary_list_calls (guint *n)
{
  *n = G_N_ELEMENTS (calls);
  return calls;
}

const PtlWordCall *
ptl_vocabulary_list_functions (guint *n)
{
  *n = G_N_ELEMENTS (functions);
  return functions;
}
