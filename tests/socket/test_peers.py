# SPDX-License-Identifier: GPL-3.0-or-later
"""Against other people's programs: ncat, socat, nc.openbsd, in both roles."""

import os
import re
import shutil
import socket
import subprocess

import ptlhead as p


def netcat_openbsd():
    for name in ('nc.openbsd', 'nc'):
        path = shutil.which(name)
        if path and 'OpenBSD' in subprocess.run([path, '-h'], capture_output=True,
                                                text=True).stderr:
            return path
    raise p.unittest.SkipTest('nc of OpenBSD is not installed')


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Base(p.Case):
    data = p.pattern(3 << 20, 21)

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
        port = free_port()
        path = os.path.join(self.tmp(), 'data')
        with open(path, 'wb') as f:
            f.write(self.data)
        with open(path, 'rb') as f:
            process = self.peer_process(*[w.replace('PORT', str(port)) for w in server], stdin=f)

            def connected():
                s = self.head.open('connect', 'tcp://127.0.0.1:%d' % port, half_open_ms='keep')
                return s if s.wait('state', 'connected,failed')['state'] == 'connected' else None

            s = p.until('server is there', connected)
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
        port = free_port()
        self.peer_process('ncat', '-l', '--broker', '127.0.0.1', str(port))

        def connected():
            s = self.head.open('connect', 'tcp://127.0.0.1:%d' % port)
            return s if s.wait('state', 'connected,failed')['state'] == 'connected' else None

        a = p.until('broker', connected)
        b = p.until('broker', connected)

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
