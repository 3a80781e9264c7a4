# SPDX-License-Identifier: GPL-3.0-or-later
"""Against other people's programs: ncat, socat, nc.openbsd, in both roles."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
from unittest import mock

import ptlhead as p


def netcat_openbsd():
    for name in ('nc.openbsd', 'nc'):
        path = shutil.which(name)
        if path and 'OpenBSD' in subprocess.run([path, '-h'], capture_output=True,
                                                text=True).stderr:
            return path
    raise p.unittest.SkipTest('nc of OpenBSD is not installed')


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def listens(process, port):
    """Whether this very process does, by proc(5): another may have the port."""
    inodes = set()
    with open('/proc/net/tcp') as f:
        for line in f:
            fields = line.split()
            if fields[3] == '0A' and fields[1].endswith(':%04X' % port):
                inodes.add('socket:[%s]' % fields[9])
    folder = '/proc/%d/fd' % process.pid
    try:
        return any(os.readlink(os.path.join(folder, fd)) in inodes for fd in os.listdir(folder))
    except OSError:
        return False  # it ended, or has closed what was listed


class Base(p.Case):
    data = p.pattern(3 << 20, 21)

    def serve(self, *args, stdin=None):
        """A program that listens on a port that it has to be given.  That one was free, and may be
        taken by the time it binds: then, and only then, it gets another.  (process, port)"""
        for _ in range(5):
            port = free_port()
            if stdin is not None:
                stdin.seek(0)
            with tempfile.TemporaryFile() as errors:
                process = self.peer_process(*[a.replace('PORT', str(port)) for a in args],
                                            stdin=stdin or subprocess.PIPE, stderr=errors)
                p.until('it listens or has ended', lambda process=process, port=port: listens(
                    process, port) or process.poll() is not None)
                if process.poll() is None:
                    return process, port
                errors.seek(0)
                said = errors.read().decode(errors='replace')
            if 'already in use' not in said:
                raise p.Failed('%s ended with %d: %s' % (args[0], process.returncode, said))
        raise p.Failed('five ports were taken')

    def feed_listener(self, *client):
        """The program sends a file to our listener."""
        s = self.head.listen()
        path = os.path.join(self.tmp(), 'data')
        with open(path, 'wb') as f:
            f.write(self.data)
        with open(path, 'rb') as f:
            process = self.peer_process(*[w.replace('PORT', str(s.port)) for w in client], stdin=f)
            s.wait('rx_bytes', '=%d' % len(self.data))
            s.wait('peer', 1, 'closed')
            process.wait(10)
        self.assertEqual(s.sha256('in')['sha256'], p.sha256(self.data))

    def connect_to(self, *server):
        """We connect to the program, send, end our direction; it sends a file back."""
        path = os.path.join(self.tmp(), 'data')
        with open(path, 'wb') as f:
            f.write(self.data)
        with open(path, 'rb') as f:
            process, port = self.serve(*server, stdin=f)
            s = self.head.connect('tcp://127.0.0.1:%d' % port, half_open_ms='keep')
            tag = s.cmd('send', 0, 'text', 'Python, client\\n')['tag']
            s.wait('sent', tag)
            s.cmd('end', 0)
            s.wait('rx_bytes', '=%d' % len(self.data))
            s.wait('state', 'closed')
            self.assertEqual(process.stdout.read(), b'Python, client\n')
            process.wait(10)
        self.assertEqual(s.sha256('in')['sha256'], p.sha256(self.data))


class Ncat(Base):
    def setUp(self):
        super().setUp()
        p.need('ncat')

    def test_sends_to_us(self):
        self.feed_listener('ncat', '--send-only', '127.0.0.1', 'PORT')

    def test_listens_for_us(self):
        self.connect_to('ncat', '-l', '127.0.0.1', 'PORT')

    def test_talks_udp(self):
        s = self.head.listen('udp://127.0.0.1:0', reaction='echo')
        process = self.peer_process('ncat', '-u', '127.0.0.1', str(s.port))
        process.stdin.write(b'datagram')
        process.stdin.flush()
        s.wait('rx_frames', 1)
        self.assertEqual(os.read(process.stdout.fileno(), 100), b'datagram')

    def test_unix(self):
        path = os.path.join(self.tmp(), 's')
        s = self.head.listen('unix:' + path, reaction='echo')
        process = self.peer_process('ncat', '-U', path)
        process.stdin.write(b'over a path')
        process.stdin.flush()
        self.assertEqual(os.read(process.stdout.fileno(), 100), b'over a path')
        s.wait('rx_bytes', 11)

    def test_chat_of_several(self):
        """ncat's broker between two of our clients."""
        port = self.serve('ncat', '-l', '--broker', '127.0.0.1', 'PORT')[1]
        a, b = (self.head.connect('tcp://127.0.0.1:%d' % port) for _ in range(2))

        def heard():
            a.send_wait(b'hi!')
            return b.try_wait('rx_bytes', 3, ms=100)['holds']

        p.until('the broker has both', heard)
        self.assertTrue(b.data('in').startswith(b'hi!'))


class Socat(Base):
    def setUp(self):
        super().setUp()
        p.need('socat')

    def test_sends_to_us(self):
        self.feed_listener('socat', '-u', '-b65536', 'STDIN', 'TCP:127.0.0.1:PORT')

    def test_listens_for_us(self):
        self.connect_to('socat', '-t10', '-b65536', 'STDIO', 'TCP-LISTEN:PORT,bind=127.0.0.1')

    def test_unix_kinds(self):
        for scheme, address in (('unix', 'UNIX-CONNECT'),
                                ('unix+seqpacket', 'UNIX-CONNECT:%s,socktype=5')):
            with self.subTest(scheme):
                path = os.path.join(self.tmp(), 's')
                s = self.head.listen('%s:%s' % (scheme, path), reaction='echo')
                target = address % path if '%s' in address else '%s:%s' % (address, path)
                process = self.peer_process('socat', 'STDIO', target)
                process.stdin.write(b'hello')
                process.stdin.flush()
                self.assertEqual(os.read(process.stdout.fileno(), 100), b'hello')

    def test_abstract(self):
        name = 'ptl-socat-%d' % os.getpid()
        s = self.head.listen('unix:@' + name, reaction='echo')
        process = self.peer_process('socat', 'STDIO', 'ABSTRACT-CONNECT:' + name)
        process.stdin.write(b'hello')
        process.stdin.flush()
        self.assertEqual(os.read(process.stdout.fileno(), 100), b'hello')
        s.wait('peers_open', '=1')

    def test_unix_datagram(self):
        path = os.path.join(self.tmp(), 's')
        s = self.head.listen('unix+dgram:' + path)
        result = subprocess.run(['socat', '-u', 'STDIN', 'UNIX-SENDTO:' + path],
                                input=b'a datagram',
                                timeout=10)
        self.assertEqual(result.returncode, 0)
        s.wait('rx_frames', 1)
        self.assertEqual(s.data('in'), b'a datagram')

    def test_udp6(self):
        p.need_ipv6()
        s = self.head.listen('udp://[::1]:0', reaction='echo')
        process = self.peer_process('socat', 'STDIO', 'UDP6:[::1]:%d' % s.port)
        process.stdin.write(b'six')
        process.stdin.flush()
        self.assertEqual(os.read(process.stdout.fileno(), 100), b'six')


class NetcatOpenBsd(Base):
    def setUp(self):
        super().setUp()
        self.nc = netcat_openbsd()

    def test_sends_to_us(self):
        self.feed_listener(self.nc, '-N', '127.0.0.1', 'PORT')

    def test_listens_for_us(self):
        self.connect_to(self.nc, '-N', '-l', '127.0.0.1', 'PORT')

    def test_a_port_that_is_taken(self):
        """As another program may take it between the question and nc's bind."""
        taken = self.keep(p.server())
        ports = [taken.getsockname()[1]] * 2 + [free_port()]
        with mock.patch(__name__ + '.free_port', lambda: ports.pop(0)):
            process, port = self.serve(self.nc, '-l', '127.0.0.1', 'PORT')
        self.assertNotEqual(port, taken.getsockname()[1])
        self.assertEqual(ports, [])
        with self.assertRaisesRegex(p.Failed, 'ended with'):
            self.serve(self.nc, '-l', '127.0.0.1.2', 'PORT')

    def test_waits_for_an_answer_by_hand(self):
        """printf hello | nc -N: it has ended its input, and shows what comes."""
        s = self.head.listen(half_open_ms='auto')
        process = self.peer_process(self.nc, '-N', '127.0.0.1', str(s.port))
        process.stdin.write(b'hello')
        process.stdin.close()
        s.wait_event('peer-ended')
        s.send_wait(b'by hand', 1)
        self.assertEqual(os.read(process.stdout.fileno(), 100), b'by hand')
        s.cmd('end', 1)
        self.assertEqual(process.wait(10), 0)
        s.wait('peer', 1, 'closed')

    def test_scans_us(self):
        s = self.head.listen()
        result = subprocess.run([self.nc, '-z', '-v', '127.0.0.1', str(s.port)],
                                capture_output=True,
                                text=True, timeout=10)
        self.assertEqual(result.returncode, 0, result.stderr)
        s.wait('peer', 1, 'closed,reset')
        self.assertEqual(s.status()['rx_bytes'], 0)

    def test_unix_datagram(self):
        path = os.path.join(self.tmp(), 's')
        s = self.head.listen('unix+dgram:' + path, reaction='echo')
        process = self.peer_process(self.nc, '-uU', path)
        process.stdin.write(b'datagram')
        process.stdin.flush()
        s.wait('rx_frames', 1)
        self.assertEqual(os.read(process.stdout.fileno(), 100), b'datagram')


class Ss(p.Case):
    """The kernel's own view by ss(8): what was asked for is what the socket has."""

    def test_timers_and_buffers(self):
        p.need('ss')
        s = self.head.listen(keepalive=1, keep_idle=77, keep_interval=5, keep_count=3)
        c = self.keep(p.tcp(s.address))
        s.wait('peers_open', '=1')
        out = subprocess.run(['ss', '-tnoim', 'sport = :%d' % s.port], capture_output=True,
                             text=True,
                             timeout=10).stdout
        self.assertRegex(out, r'timer:\(keepalive,1min1\d')
        backlog = subprocess.run(['ss', '-ltn', 'sport = :%d' % s.port], capture_output=True,
                                 text=True,
                                 timeout=10).stdout
        somaxconn = int(open('/proc/sys/net/core/somaxconn').read())
        self.assertEqual(int(re.search(r'LISTEN\s+\d+\s+(\d+)', backlog).group(1)),
                         min(4096, somaxconn))
        c.close()


if __name__ == '__main__':
    p.main()
