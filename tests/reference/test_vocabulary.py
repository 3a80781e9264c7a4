#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vocabulary of sockets: that none of its words is missing, and that what it says can be
compiled, in C and in Python, has the numbers of this system and errors that there are."""
import ast
import errno
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import tap

TOOL = os.environ['PTL_VOCABULARY']
TERMS = {
    'Domain': ('AF_INET', 'AF_INET6', 'AF_UNIX', 'AF_X25', 'AF_NETLINK', 'AF_PACKET'),
    'Type': ('SOCK_STREAM', 'SOCK_DGRAM', 'SOCK_SEQPACKET', 'SOCK_RAW'),
    'Protocol': ('0', 'IPPROTO_TCP', 'IPPROTO_UDP'),
    'Hostname': ('www.example.org', '192.0.2.7', '2001:db8::7', '""', '<broadcast>', '2130706433'),
    'Port': ('0', '1–1023', '1024–49151', '49152–65535', 'http'),
}
CALLS = (
    'socket bind listen accept connect send sendall recv sendto recvfrom close gethostname'.split()
)
FUNCTIONS = (
    'inet_pton inet_ntop htons getaddrinfo getnameinfo getservbyname getservbyport'.split()
)
# What the C forms leave to the reader.
BEFORE = '''
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
void use (void);
void use (void)
{
  int fd = 0;
  struct sockaddr_in addr = { 0 };
  socklen_t addrlen = sizeof addr;
  char buf[16], text[INET_ADDRSTRLEN], host[64], serv[32];
  size_t len = sizeof buf;
  struct addrinfo hints = { 0 }, *res = NULL;
  (void) fd, (void) addr, (void) addrlen, (void) buf, (void) text, (void) host, (void) serv;
  (void) len, (void) hints, (void) res;
'''


def read():
    out = subprocess.run([TOOL], check=True, stdout=subprocess.PIPE).stdout.decode()
    return [record.split('\x1f')[:-1] for record in out.split('\x1e')[:-1]]


class Vocabulary(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.terms, cls.calls = {}, {}
        for kind, *fields in read():
            if kind == 'term':
                values = cls.terms[fields[0]] = {}
                cls.shown_terms = getattr(cls, 'shown_terms', []) + [int(fields[2])]
            elif kind == 'value':
                values[fields[0]] = (int(fields[1]), fields[2])
            else:
                names = ('meaning', 'arguments', 'c', 'python', 'errors', 'show', 'what')
                cls.calls.setdefault(kind, {})[fields[0]] = dict(zip(names, fields[1:]))

    def each(self):
        for calls in self.calls.values():
            yield from calls.items()

    def test_all_words(self):
        self.assertEqual(list(self.terms), list(TERMS))
        for term, wanted in TERMS.items():
            for value in wanted:
                self.assertIn(value, self.terms[term])
        self.assertEqual(list(self.calls['call']), CALLS)
        self.assertEqual(list(self.calls['function']), FUNCTIONS)

    def test_nothing_is_empty(self):
        for name, call in self.each():
            with self.subTest(name):
                for what in ('meaning', 'arguments', 'c', 'python', 'errors'):
                    self.assertGreater(len(call[what]), 3, what)
                # The app can show every one of them.
                self.assertNotEqual(call['show'], '0')
                self.assertIn(name, call['python'])
        self.assertNotIn(0, self.shown_terms)
        for term, values in self.terms.items():
            for value, (_, meaning) in values.items():
                self.assertTrue(meaning or term == 'Domain', value)

    def test_numbers(self):
        n = 0
        for values in self.terms.values():
            for name, (number, _) in values.items():
                if number >= 0 and hasattr(socket, name):
                    n += 1
                    self.assertEqual(number, getattr(socket, name), name)
        self.assertGreater(n, 15)

    def test_errors(self):
        for name, call in self.each():
            with self.subTest(name):
                for line in call['errors'].split('\n'):
                    m = re.match(r'((?:E[A-Z0-9_]+, )*E[A-Z0-9_]+):? ', line)
                    for word in m.group(1).split(', ') if m else ():
                        known = hasattr(socket, word) if word.startswith('EAI_') else hasattr(
                            errno, word)
                        self.assertTrue(known, word)
                    self.assertTrue(
                        m or line.startswith(('returns ', '0 bytes', 'as send', 'none;')), line)

    def test_python(self):
        for name, call in self.each():
            with self.subTest(name):
                tree = ast.parse(call['python'])
                self.assertTrue(any(
                    isinstance(n, ast.Attribute) and n.attr == name
                    and hasattr(socket if n.value.id == 'socket' else socket.socket, name)
                    for n in ast.walk(tree)))

    def test_python_gives_what_is_said(self):
        """Those that need no peer and nobody's name server."""
        self.assertEqual(eval(self.calls['function']['inet_pton']['python']), b'\x7f\0\0\1')
        packed = b'\x7f\0\0\1'
        self.assertEqual(eval(self.calls['function']['inet_ntop']['python'], None,
                              {'packed': packed, 'socket': socket}), '127.0.0.1')
        self.assertEqual(socket.ntohs(eval(self.calls['function']['htons']['python'])), 80)
        self.assertEqual(socket.htons(80) in (80, 20480), True)
        self.assertEqual(eval(self.calls['call']['gethostname']['python']), socket.gethostname())

    def test_c(self):
        cc = shutil.which(os.environ.get('CC', 'cc').split()[0])
        if cc is None:
            self.skipTest('there is no C compiler')
        for name, call in self.each():
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, 'form.c')
                with open(path, 'w') as f:
                    f.write(BEFORE + '  {\n' + call['c'] + '\n  }\n}\n')
                r = subprocess.run(
                    [cc, '-std=gnu17', '-Wall', '-Wextra', '-Werror', '-Wno-unused', '-Wno-shadow',
                     '-fsyntax-only', path],
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
                self.assertEqual(r.returncode, 0, r.stdout)


if __name__ == '__main__':
    tap.main()
