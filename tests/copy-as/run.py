#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generates programs for sessions, builds the C ones, and lets them talk: with each other, with
ncat and socat as generated, in both roles.  run.py EMIT CC"""
import ast
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from urllib.parse import quote

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import tap  # noqa: E402

EMIT = os.environ.get('PTL_COPY_AS_EMIT', '')
CC = os.environ.get('PTL_CC', 'cc').split()
DEADLINE = 20
MESSAGE = "it's \"100%\"\\\\ ??/ $(x) `y` \\0\\x01\\xff\\u20ac\\r\\n-e"
BYTES = b"it's \"100%\"\\ ??/ $(x) `y` \0\x01\xff\xe2\x82\xac\r\n-e"


def emit(kind, role, uri, message=None):
    args = [EMIT, kind, role, uri] + ([message] if message is not None else [])
    done = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode())
    return done.stdout.decode()


class Program:
    """One that runs; what it printed, so far."""

    def __init__(self, case, kind, role, uri, message=None, stdin=subprocess.DEVNULL):
        text = emit(kind, role, uri, message)
        base = os.path.join(case.dir, 'p%d' % case.count)
        case.count += 1
        if kind == 'python':
            with open(base + '.py', 'w', encoding='utf-8') as f:
                f.write(text)
            args = [sys.executable, base + '.py']
        elif kind == 'c':
            with open(base + '.c', 'w', encoding='utf-8') as f:
                f.write(text)
            subprocess.run(
                CC
                + ['-Wall', '-Wextra', '-Werror', '-std=gnu17', '-pthread']
                + ['-o', base, base + '.c'],
                check=True,
            )
            args = [base]
        else:
            args = ['/bin/sh', '-c', text]
        self.out = b''
        self.process = subprocess.Popen(
            args, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=case.dir,
            start_new_session=True,
        )
        case.addCleanup(self.end)

    def end(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, 9)
        self.process.wait()
        self.process.stdout.close()

    def read_until(self, wanted):
        """Until the regular expression is in what was printed; None: the end."""
        until = time.monotonic() + DEADLINE
        while wanted is None or not re.search(wanted, self.out):
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                raise AssertionError('%r is not in %r' % (wanted, self.out))
            data = os.read(self.process.stdout.fileno(), 65536)
            if not data:
                if wanted is None:
                    return self.out
                raise AssertionError('%r is not in %r, and it ended' % (wanted, self.out))
            self.out += data
        return self.out

    def received(self, who=b'Received'):
        """The bytes in the lines it printed, put together."""
        data = b''
        for line in self.out.split(b'\n'):
            if who in line and (b" '" in line or b" b'" in line or b' b"' in line):
                text = line[line.index(who) + len(who) :].strip().decode()
                if text.startswith('b'):
                    data += ast.literal_eval(text)
                else:
                    inner = text[1:-1].encode()
                    data += re.sub(
                        rb'\\x([0-9a-f]{2})', lambda m: bytes([int(m.group(1), 16)]), inner
                    )
        return data


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix='ptl-copy-as-')
        self.addCleanup(shutil.rmtree, self.dir)
        self.count = 0

    def listening(self, program, port=None):
        """Waits until a listener is there."""
        if port is None:
            program.read_until(rb'Listening on[^\n]*\n')
            return
        until = time.monotonic() + DEADLINE
        while True:
            with socket.socket() as s:
                if s.connect_ex(('127.0.0.1', port)) == 0:
                    return
            self.assertLess(time.monotonic(), until, 'no listener')
            self.assertIsNone(program.process.poll(), 'it ended')
            select.select([], [], [], 0.02)

    def path(self):
        self.count += 1
        return os.path.join(self.dir, "s'%d.sock" % self.count)


class Peers(Case):
    def talk(self, server, client, where, options='', expected=BYTES):
        listener = Program(self, server, 'listen', where + '?reaction=echo')
        self.listening(listener)
        caller = Program(self, client, 'connect', where + options, MESSAGE)
        caller.read_until(None)
        self.assertEqual(caller.received(), expected)
        self.assertEqual(caller.process.wait(DEADLINE), 0)

    def each(self, where, options=''):
        for server in ('python', 'c'):
            for client in ('python', 'c'):
                with self.subTest(server=server, client=client):
                    self.talk(server, client, where(), options)

    def test_tcp(self):
        self.each(
            lambda: 'tcp://127.0.0.1:%d' % free_port(),
            '?nodelay=1&keepalive=1&keep-idle=9&keep-interval=2&keep-count=3&rcvbuf=64k&sndbuf=64k'
            '&ttl=9&tos=16&connect-timeout=2&idle-timeout=1500ms&from=127.0.0.1:0&via=lo',
        )

    def test_tcp_name(self):
        self.each(lambda: 'tcp://localhost:%d' % free_port())

    def test_tcp_ipv6(self):
        self.each(lambda: 'tcp://[::1]:%d' % free_port(), '?ttl=9&tos=16')

    def test_tcp_anyone(self):
        self.each(lambda: 'tcp://:%d' % free_port(), '')

    def test_udp(self):
        self.each(
            lambda: 'udp://127.0.0.1:%d' % free_port(socket.SOCK_DGRAM), '?idle-timeout=500ms'
        )

    def test_unix_stream(self):
        self.each(lambda: 'unix:' + self.path())

    def test_unix_seqpacket(self):
        self.each(lambda: 'unix+seqpacket:' + self.path())

    def test_unix_dgram(self):
        self.each(lambda: 'unix+dgram:' + self.path(), '?idle-timeout=500ms')

    def test_abstract(self):
        self.each(lambda: 'unix:@' + os.path.basename(self.dir) + '\\0%d' % free_port())

    def test_mptcp(self):
        try:
            socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262).close()
        except OSError as error:
            self.skipTest(str(error))
        port = free_port()
        for kind in ('python', 'c'):
            with self.subTest(kind=kind):
                listener = Program(
                    self, kind, 'listen', 'tcp://127.0.0.1:%d?reaction=echo&protocol=mptcp' % port
                )
                self.listening(listener)
                uri = 'tcp://127.0.0.1:%d?protocol=mptcp' % port
                caller = Program(self, kind, 'connect', uri, MESSAGE)
                caller.read_until(None)
                self.assertEqual(caller.received(), BYTES)
                listener.end()

    def test_datagrams(self):
        for kind in ('python', 'c'):
            with self.subTest(kind=kind):
                port = free_port(socket.SOCK_DGRAM)
                where = 'udp://127.0.0.1:%d' % port
                listener = Program(self, kind, 'listen', where + '?reaction=answer&text=me%00')
                self.listening(listener)
                caller = Program(
                    self, kind, 'datagrams', where + '?broadcast=1&from=127.0.0.1', MESSAGE
                )
                caller.read_until(rb'Received')
                caller.read_until(None)
                self.assertEqual(caller.received(), b'me\0')

    def test_multicast(self):
        for kind in ('python', 'c'):
            with self.subTest(kind=kind):
                port = free_port(socket.SOCK_DGRAM)
                listener = Program(
                    self, kind, 'listen', 'udp://:%d?family=4&group=239.9.9.9%%25lo' % port
                )
                self.listening(listener)
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                    s.setsockopt(
                        socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton('127.0.0.1')
                    )
                    s.sendto(b'to all', ('239.9.9.9', port))
                listener.read_until(rb'to all')

    def test_greeting(self):
        for kind in ('python', 'c'):
            for where in ('tcp://127.0.0.1:%d' % free_port(), 'udp://127.0.0.1:%d' % free_port()):
                with self.subTest(kind=kind, where=where):
                    listener = Program(
                        self, kind, 'listen', where + '?reaction=greeting&text=hello%0D%0A'
                    )
                    self.listening(listener)
                    caller = Program(
                        self, kind, 'connect', where + '?idle-timeout=500ms', 'a'
                    )
                    if where.startswith('udp'):
                        caller.read_until(rb'Received')
                    caller.read_until(None)
                    self.assertEqual(caller.received(), b'hello\r\n')
                    listener.read_until(rb" b?'a'")

    def test_several_ports(self):
        for kind in ('python', 'c'):
            with self.subTest(kind=kind):
                ports = free_port(), free_port()
                listener = Program(
                    self, kind, 'listen', 'tcp://127.0.0.1:%d,%d?reaction=discard' % ports
                )
                listener.read_until(rb'(?s)Listening on.*Listening on[^\n]*\n')
                for port in ports:
                    with socket.create_connection(('127.0.0.1', port), DEADLINE) as s:
                        s.sendall(b'x')
                        s.shutdown(socket.SHUT_WR)
                        self.assertEqual(s.recv(9), b'')

    def test_limits(self):
        for kind in ('python', 'c'):
            with self.subTest(kind=kind):
                port = free_port()
                listener = Program(
                    self, kind, 'listen',
                    'tcp://127.0.0.1:%d?reaction=echo&max-peers=1&own-peers-only=1' % port,
                )
                self.listening(listener)
                with socket.create_connection(('127.0.0.1', port), DEADLINE) as first:
                    first.sendall(b'x')
                    self.assertEqual(first.recv(9), b'x')
                    with socket.create_connection(('127.0.0.1', port), DEADLINE) as second:
                        try:
                            self.assertEqual(second.recv(9), b'')
                        except ConnectionResetError:
                            pass

    def test_copies_input(self):
        for kind in ('python', 'c'):
            for transport in ('tcp', 'udp'):
                with self.subTest(kind=kind, transport=transport):
                    where = '%s://127.0.0.1:%d' % (transport, free_port())
                    listener = Program(self, 'python', 'listen', where + '?reaction=echo')
                    self.listening(listener)
                    caller = Program(self, kind, 'connect', where, stdin=subprocess.PIPE)
                    caller.process.stdin.write(b'typed\n')
                    caller.process.stdin.close()
                    caller.read_until(rb'typed\n')

    def test_types_after_the_peers_end(self):
        """As in the window: a peer that sends no more can still be sent to, as long as asked."""
        for kind in ('python', 'c'):
            for half, keeps in (('', True), ('?half-open=keep', True), ('?half-open=30', True),
                                ('?half-open=0', False), ('?half-open=50ms', False)):
                with self.subTest(kind=kind, half=half):
                    with socket.create_server(('127.0.0.1', 0)) as server:
                        server.settimeout(DEADLINE)
                        where = 'tcp://127.0.0.1:%d' % server.getsockname()[1]
                        caller = Program(self, kind, 'connect', where + half,
                                         stdin=subprocess.PIPE)
                        peer = server.accept()[0]
                    with peer:
                        peer.settimeout(DEADLINE)
                        peer.sendall(b'that is all\n')
                        peer.shutdown(socket.SHUT_WR)
                        caller.read_until(rb'that is all')
                        if not keeps:
                            caller.read_until(None)
                            self.assertEqual(peer.recv(9), b'')
                            caller.process.stdin.close()
                            continue
                        # What is printed comes before the end: the second line goes after it.
                        for line in b'one\n', b'two\n':
                            caller.process.stdin.write(line)
                            caller.process.stdin.flush()
                            self.assertEqual(peer.recv(9), line)
                            select.select([caller.process.stdout], [], [], 0.05)
                        caller.process.stdin.close()
                        self.assertEqual(peer.recv(9), b'')
                        caller.read_until(None)
                        self.assertEqual(caller.process.wait(DEADLINE), 0)

    def test_hostile(self):
        """What was typed stays data: in Python a constant, in C it compiles, for sh a word."""
        hostile = '/tmp/*/"\'`$(touch x);\\ %n??/\u00e4 #<>|&'
        uris = [
            ('connect', 'unix:' + quote(hostile)),
            ('listen', 'unix:' + quote(hostile) + '?also=' + quote(hostile + '2')),
            ('connect', 'unix+dgram:' + quote(hostile) + '?from=' + quote(hostile)),
            ('connect', "unix:@%5C0%22%27%5C%5C*%2F"),
            ('listen', 'tcp://*:80?reaction=greeting&text=%22%27%5C%3F%3F%2F%00%0A*%2F%25n'),
            ('connect', 'tcp://a:1?via=' + quote('";\'`$(x)\\')),
            ('connect', 'tcp://[fe80::1%25' + quote('";\'`$(x)\\') + ']:1'),
            ('listen', 'udp://:1?group=224.0.0.1%25' + quote('";\'`$(x)\\')),
            ('listen', 'udp://:1?group=ff02::5%25' + quote("';x") + '&max-peers=2&linger=0'),
            ('connect', 'tcp://b\u00fccher.example:x+y.z_'),
            ('connect', 'vsock://2:99?from=any:7'),
            ('listen', 'vsock://any:99?reaction=echo'),
            ('datagrams', 'udp://<broadcast>:9?broadcast=1&multicast-ttl=2&multicast-loop=0'),
            ('datagrams', 'udp://a:9?multicast-ttl=2&multicast-loop=0&ttl=3&tos=4&linger=5'),
            ('listen', 'tcp://a:1-3,[::1]:9,0x7f000001:4?v6only=0&backlog=5&idle-timeout=1'),
            ('listen', 'tcp://:7?max-peers=1&own-peers-only=1&idle-timeout=1&reaction=discard'),
            ('listen', 'udp://:7?max-peers=1&own-peers-only=1&reaction=greeting&text='),
            ('listen', 'udp://:7?reaction=discard'),
        ]
        for role, uri in uris:
            for message in (None, MESSAGE, ''):
                with self.subTest(role=role, uri=uri, message=message):
                    text = emit('python', role, uri, message)
                    compile(text, 'p.py', 'exec')
                    source = os.path.join(self.dir, 'p.c')
                    with open(source, 'w', encoding='utf-8') as f:
                        f.write(emit('c', role, uri, message))
                    for std in ('-std=gnu17', '-std=gnu11'):
                        subprocess.run(
                            CC + ['-Wall', '-Wextra', '-Werror', std, '-fsyntax-only', source],
                            check=True,
                        )
                    for tool in ('ncat', 'socat', 'uri'):
                        try:
                            line = emit(tool, role, uri, message)
                        except RuntimeError as error:
                            self.assertTrue(str(error))
                            continue
                        with open(os.path.join(self.dir, 'args'), 'wb') as f:
                            f.write(line.encode())
                        # the tools are replaced by ones that print their words
                        done = subprocess.run(
                            [
                                '/bin/sh', '-c',
                                'sleep() { :; }; words() { printf "<%%s>" "$@"; }; '
                                'ncat() { words "$@"; }; socat() { words "$@"; }; '
                                'portlight() { words "$@"; }; '.replace('%%', '%') + line,
                            ],
                            cwd=self.dir, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, check=False,
                        )
                        self.assertEqual(done.stderr, b'')
                        self.assertEqual(sorted(os.listdir(self.dir)), ['args', 'p.c'])
                        if tool == 'uri':
                            self.assertIn(uri.split('?')[0][:5].encode(), done.stdout)

    def test_shell_lines(self):
        for tool in ('ncat', 'socat'):
            if shutil.which(tool) is None:
                self.skipTest(tool + ' is not installed')
            for where in ('tcp://127.0.0.1:%d' % free_port(), 'unix:' + self.path()):
                with self.subTest(tool=tool, client=where):
                    listener = Program(self, 'c', 'listen', where + '?reaction=echo')
                    self.listening(listener)
                    caller = Program(self, tool, 'connect', where, MESSAGE)
                    caller.read_until(None)
                    self.assertEqual(caller.out, BYTES)
                    listener.end()
            port = free_port()
            for where, reaction in (
                ('tcp://127.0.0.1:%d' % port, '?reaction=echo'),
                ('tcp://127.0.0.1:%d' % free_port(), ''),
            ):
                with self.subTest(tool=tool, server=where, reaction=reaction):
                    listener = Program(self, tool, 'listen', where + reaction)
                    self.listening(listener, int(where.rsplit(':', 1)[1]))
                    if reaction:
                        # not by a client that ends its input: ncat then drops what its program says
                        with socket.create_connection(('127.0.0.1', port), DEADLINE) as s:
                            s.sendall(BYTES)
                            got = b''
                            while len(got) < len(BYTES):
                                data = s.recv(99)
                                self.assertTrue(data)
                                got += data
                            self.assertEqual(got, BYTES)
                    else:
                        Program(self, 'python', 'connect', where, MESSAGE)
                        listener.read_until(re.escape(BYTES))

    def test_udp_shell_lines(self):
        for tool in ('ncat', 'socat'):
            if shutil.which(tool) is None:
                self.skipTest(tool + ' is not installed')
            with self.subTest(tool=tool):
                where = 'udp://127.0.0.1:%d' % free_port(socket.SOCK_DGRAM)
                listener = Program(self, 'python', 'listen', where + '?reaction=echo')
                self.listening(listener)
                caller = Program(self, tool, 'connect', where, MESSAGE)
                caller.read_until(re.escape(BYTES))


if __name__ == '__main__':
    EMIT = os.path.abspath(sys.argv.pop(1))
    CC = sys.argv.pop(1).split()
    tap.main()
