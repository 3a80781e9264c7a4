#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of open sockets against ss(8), on sockets of the test's own; also as another user, who
may not see whose they are, and where the kernel would not answer by netlink."""
import json
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import tap

TOOL = os.environ['PTL_SOCKETS']
SEEN, ANOTHER_USER, NOT_SEEN, NOT_ACCEPTED, ENDED = range(5)
STATES = {
    'LISTEN': 'listening', 'ESTAB': 'established', 'TIME-WAIT': 'time-wait',
    'CLOSE-WAIT': 'close-wait', 'FIN-WAIT-2': 'fin-wait-2', 'UNCONN': 'bound',
}


def inode(s):
    return os.fstat(s.fileno()).st_ino


def tcp(family=socket.AF_INET, host='127.0.0.1', backlog=5):
    s = socket.socket(family)
    s.bind((host, 0))
    s.listen(backlog)
    return s


class Sockets(unittest.TestCase):
    def setUp(self):
        self.kept = []
        self.addCleanup(lambda: [s.close() for s in self.kept])

    def keep(self, *sockets):
        self.kept += sockets
        return sockets if len(sockets) > 1 else sockets[0]

    def listed(self, *args, prefix=(), tool=TOOL):
        """All of this computer; the details of our own only, as there may be many others."""
        own = [str(inode(s)) for s in self.kept if s.fileno() >= 0]
        out = subprocess.run([*prefix, tool, *args, *own], capture_output=True, check=True)
        return [json.loads(line) for line in out.stdout.decode().splitlines()]

    def of(self, rows, s):
        found = [r for r in rows if r['inode'] == inode(s)]
        self.assertEqual(len(found), 1, found)
        return found[0]

    def pair(self, family=socket.AF_INET, host='127.0.0.1'):
        server = self.keep(tcp(family, host))
        client = self.keep(socket.socket(family))
        client.connect(server.getsockname())
        return server, client, self.keep(server.accept()[0])

    def ss(self, *args):
        if shutil.which('ss') is None:
            self.skipTest('there is no ss here')
        return subprocess.run(
            ['ss', '-H', '-O', '-n', '-a', '-p', '-e', *args], capture_output=True, check=True
        ).stdout.decode('utf-8', 'replace')

    def make_all(self):
        """Sockets in all states that a test can bring about, by what they are."""
        made = {}
        server, client, accepted = self.pair()
        made['server'], made['client'], made['accepted'] = server, client, accepted
        client.sendall(b'12345')
        accepted.sendall(b'abc')
        waiting = self.keep(socket.create_connection(server.getsockname()))
        made['waiting'] = waiting
        server6, client6, accepted6 = self.pair(socket.AF_INET6, '::1')
        made['server6'], made['client6'], made['accepted6'] = server6, client6, accepted6
        dual = self.keep(socket.socket(socket.AF_INET6))
        dual.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        dual.bind(('::', 0))
        dual.listen(9)
        only = self.keep(socket.socket(socket.AF_INET6))
        only.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        only.bind(('::', 0))
        only.listen(9)
        made['dual'], made['v6only'] = dual, only
        half, half_accepted = self.pair()[1:]
        half.shutdown(socket.SHUT_WR)
        self.assertEqual(half_accepted.recv(1), b'')
        made['fin-wait-2'], made['close-wait'] = half, half_accepted
        udp = self.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(('127.0.0.1', 0))
        udp_client = self.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp_client.connect(udp.getsockname())
        udp_client.send(b'not read')
        made['udp'], made['udp-client'] = udp, udp_client
        return made

    def time_wait(self):
        """Addresses of a connection that has ended here first."""
        _, client, accepted = self.pair()
        ends = client.getsockname(), client.getpeername()
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(accepted.recv(1), b'')
        accepted.close()
        self.assertEqual(client.recv(1), b'')
        client.close()
        return ends

    def test_internet_sockets_as_ss_has_them(self):
        made = self.make_all()
        ends = self.time_wait()
        told = {}
        for line in self.ss('-t', '-u').splitlines():
            found = re.search(r'ino:([1-9]\d*)', line)
            cells = line.split()
            told[int(found.group(1)) if found else (cells[4], cells[5])] = line
        for args in (), ('--proc',):
            rows = self.listed(*args)
            for name, s in made.items():
                with self.subTest(name=name, args=args):
                    row = self.of(rows, s)
                    line = told[inode(s)]
                    cells = line.split()
                    self.assertEqual(row['protocol'], cells[0])
                    self.assertEqual(row['state'], STATES[cells[1]])
                    self.assertEqual(row['rqueue'], cells[2])
                    if not (args and row['state'] == 'listening'):
                        self.assertEqual(row['wqueue'], cells[3])
                    host, port = cells[4].rsplit(':', 1)
                    self.assertEqual(row['local'], host.strip('[]').replace('*', '::'))
                    self.assertEqual(row['port'], port)
                    if not cells[5].endswith(':*'):
                        self.assertEqual(row['peer'], cells[5])
                    else:
                        self.assertEqual(row['peer'], '')
                    program, pid = re.search(r'users:\(\("([^"]*)",pid=(\d+)', line).groups()
                    self.assertEqual((row['program'], row['pid']), (program, pid))
                    self.assertEqual(row['user'], pwd.getpwuid(os.getuid()).pw_name)
            ended = [r for r in rows if r['state'] == 'time-wait'
                     and r['port'] == str(ends[0][1]) and r['peer'] == '%s:%d' % ends[1]]
            self.assertEqual(len(ended), 1)
            self.assertEqual((ended[0]['owner'], ended[0]['user']), (ENDED, ''))
            self.assertIn(('%s:%d' % ends[0], '%s:%d' % ends[1]), told)

    def test_who_can_reach_them(self):
        made = self.make_all()
        rows = self.listed()
        for name, reach in (('server', 'this-computer'), ('client', 'peer'),
                            ('server6', 'this-computer'), ('dual', 'everywhere'),
                            ('v6only', 'everywhere-ipv6'), ('udp', 'this-computer')):
            self.assertEqual(self.of(rows, made[name])['reach'], reach, name)
        for family, host in ((socket.AF_INET, '0.0.0.0'), (socket.AF_INET6, '::')):
            bound = self.keep(socket.socket(family))
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'lo')
            bound.bind((host, 0))
            bound.listen()
            self.assertEqual(self.of(self.listed(), bound)['reach'], 'this-computer', host)
        any4 = self.keep(tcp(host='0.0.0.0'))
        self.assertEqual(self.of(self.listed(), any4)['reach'], 'everywhere-ipv4')
        self.assertEqual(self.of(self.listed(), any4)['connect'],
                         'tcp://127.0.0.1:%d' % any4.getsockname()[1])

    def test_unix_sockets_as_ss_has_them(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        path = os.path.join(folder, 'a b')
        named = {
            'path': (socket.SOCK_STREAM, path, path),
            'newline': (socket.SOCK_STREAM, path + '\n', path + '\\x0a'),
            'bytes': (socket.SOCK_DGRAM, os.fsencode(path) + b'\xff\xfe', path + '\\xff\\xfe'),
            'abstract': (socket.SOCK_SEQPACKET, b'\0ptl\n\xff\0x%d' % os.getpid(),
                         '@ptl\\x0a\\xff\\x00x%d' % os.getpid()),
        }
        made = {}
        for name, (kind, address, _) in named.items():
            s = self.keep(socket.socket(socket.AF_UNIX, kind))
            s.bind(address)
            if kind != socket.SOCK_DGRAM:
                s.listen(4)
            made[name] = s
        client = self.keep(socket.socket(socket.AF_UNIX))
        client.connect(path)
        accepted = self.keep(made['path'].accept()[0])
        one, other = self.keep(*socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
        # ss prints the bytes of a name as they are: a name may take two lines.
        told = self.ss('-x')
        rows = self.listed()
        for name, s in dict(made, client=client, accepted=accepted, one=one).items():
            with self.subTest(name=name):
                row = self.of(rows, s)
                self.assertRegex(told, r' %d +\S' % inode(s))
                self.assertEqual((row['owner'], row['pid']), (SEEN, str(os.getpid())))
                if name in named:
                    self.assertEqual(row['local'], named[name][2])
        self.assertEqual(self.of(rows, client)['peer'], path)
        self.assertEqual(self.of(rows, accepted)['local'], path)
        self.assertIn('(pid %d)' % os.getpid(), self.of(rows, accepted)['details'])
        self.assertRegex(told, r' %d +\* %d ' % (inode(client), inode(accepted)))
        self.assertEqual(self.of(rows, made['path'])['state'], 'listening')
        self.assertEqual(self.of(rows, made['path'])['wqueue'], '4')
        self.assertEqual(self.of(rows, made['bytes'])['state'], 'bound')
        self.assertEqual(self.of(rows, made['path'])['reach'], 'this-computer')
        self.assertEqual(self.of(rows, made['path'])['connect'], 'unix:' + path)

    def test_what_the_kernel_knows_of_a_connection(self):
        made = self.make_all()
        rows = self.listed()
        client = self.of(rows, made['client'])['details']
        # What has opened the connection counts as one.
        self.assertIn('Round trip: ', client)
        self.assertIn('path MTU 65535', client)
        self.assertRegex(client, r'[56] bytes acknowledged, 3 bytes received')
        self.assertIn('1 of 5 connections wait for accept()',
                      self.of(rows, made['server'])['details'])
        self.assertIn('it is the program’s turn to close',
                      self.of(rows, made['close-wait'])['details'])
        self.assertIn('dual stack', self.of(rows, made['dual'])['details'])
        keep_alive = made['client6']
        keep_alive.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self.assertIn('(keepalive)', self.of(self.listed(), keep_alive)['details'])

    def test_raw_and_packet_sockets(self):
        try:
            raw = self.keep(socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
            packet = self.keep(socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                             socket.htons(0x88b5)))
        except PermissionError:
            self.skipTest('raw sockets need CAP_NET_RAW')
        packet.bind(('lo', 0x88b5))
        for args in (), ('--proc',):
            rows = self.listed(*args)
            self.assertEqual(self.of(rows, raw)['protocol'], 'raw')
            self.assertEqual(self.of(rows, raw)['pid'], str(os.getpid()))
            self.assertIn('Protocol: Raw ICMP', self.of(rows, raw)['details'])
            row = self.of(rows, packet)
            self.assertEqual((row['protocol'], row['interface']), ('packet', 'lo'))
            self.assertIn('frames of type 0x88b5', row['details'])

    def test_multipath_tcp_as_ss_has_it(self):
        try:
            server = self.keep(socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262))
            client = self.keep(socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262))
        except OSError as e:
            self.skipTest('no MPTCP here: %s' % e)
        server.bind(('127.0.0.1', 0))
        server.listen(3)
        client.connect(server.getsockname())
        accepted = self.keep(server.accept()[0])
        client.sendall(b'12345')
        # Debian 12's ss gives it no name of its own; a path of it is a TCP socket, too.
        told = {int(re.search(r'ino:(\d+)', line).group(1)): line.split()
                for line in self.ss('-M').splitlines() if 'ino:' in line}
        if inode(server) not in told:
            self.skipTest('the kernel does not list MPTCP sockets')
        rows = [r for r in self.listed() if r['protocol'] == 'mptcp']
        for s in server, client, accepted:
            row = self.of(rows, s)
            state, rqueue, wqueue, local, peer = told[inode(s)][:5]
            self.assertEqual(row['state'], STATES[state])
            self.assertEqual((row['rqueue'], row['wqueue']), (rqueue, wqueue))
            self.assertEqual('%s:%s' % (row['local'], row['port']), local)
            self.assertEqual(row['peer'], '' if peer.endswith(':*') else peer)
            self.assertEqual((row['owner'], row['pid']), (SEEN, str(os.getpid())))
        self.assertEqual(self.of(rows, server)['reach'], 'this-computer')
        self.assertEqual(self.of(rows, server)['connect'],
                         'tcp://127.0.0.1:%d' % server.getsockname()[1])

    def test_udp_lite_as_ss_has_it(self):
        try:
            lite = self.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 136))
        except OSError as e:
            self.skipTest('no UDP-Lite here: %s' % e)
        lite.bind(('127.0.0.1', 0))
        for args in (), ('--proc',):
            row = self.of(self.listed(*args), lite)
            self.assertEqual((row['protocol'], row['state'], row['port'], row['pid']),
                             ('udplite', 'bound', str(lite.getsockname()[1]), str(os.getpid())))

    def test_netlink_as_ss_has_it(self):
        made = {}
        for protocol in 0, 4, 15, 16:
            s = self.keep(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol))
            s.bind((0, 0))
            made[protocol] = s
        s = self.keep(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))
        s.connect((0, 0))
        told = self.ss('-f', 'netlink')
        for args in (), ('--proc',):
            rows = self.listed(*args)
            for protocol, s in made.items():
                row = self.of(rows, s)
                # ss tells no inode and has signed numbers; the test has no other with that port.
                number = s.getsockname()[0]
                self.assertRegex(told, r'\s%d:(%d|%d) ' % (protocol, number, number - 2 ** 32))
                self.assertEqual((row['protocol'], row['state'], row['owner'], row['pid']),
                                 ('netlink', 'bound', SEEN, str(os.getpid())))
                self.assertRegex(row['local'], r'^NETLINK_\w+:%d$' % number)
                self.assertEqual(row['user'], pwd.getpwuid(os.getuid()).pw_name)
            self.assertIn(('NETLINK_ROUTE', NOT_SEEN), [(r['local'], r['owner']) for r in rows])
        rows = self.listed()
        row = self.of(rows, self.kept[-1])
        self.assertEqual((row['state'], row['peer']), ('established', 'the kernel'))
        # What the list is asked by is not in it: it is gone before it could be shown.  Another
        # program may ask at that moment, and be gone as well.
        for _ in range(10):
            if not any(r['local'].startswith('NETLINK_SOCK_DIAG:')
                       and r['program'] in ('', 'ptl-sockets') for r in self.listed()):
                break
        else:
            self.fail('its own socket is in the list')

    def test_machine_sockets_are_listed_or_said_not_to_be(self):
        try:
            s = self.keep(socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM))
            s.bind((socket.VMADDR_CID_ANY, socket.VMADDR_PORT_ANY))
            s.listen(1)
        except (AttributeError, OSError) as e:
            self.skipTest('no AF_VSOCK here: %s' % e)
        port = s.getsockname()[1]
        rows = [r for r in self.listed() if r['protocol'] == 'vsock']
        if str(port) not in self.ss('--vsock'):
            self.assertEqual(rows, [])
            self.skipTest('the kernel does not list AF_VSOCK sockets')
        row = self.of(rows, s)
        self.assertEqual((row['state'], row['port'], row['local']),
                         ('listening', str(port), 'any machine'))

    def test_as_an_ordinary_user(self):
        """Another user's sockets are there; whose they are is said, not the program."""
        if os.geteuid() != 0 or shutil.which('setpriv') is None:
            self.skipTest('being another user needs root and setpriv')
        nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--']
        folder = tempfile.mkdtemp(prefix='ptl-sockets.')
        self.addCleanup(shutil.rmtree, folder)
        os.chmod(folder, 0o755)
        # The build folder may be closed to others.
        tool = shutil.copy(TOOL, folder)
        made = self.make_all()
        rows = self.listed(prefix=nobody, tool=tool)
        row = self.of(rows, made['server'])
        self.assertEqual((row['owner'], row['program'], row['pid'], row['user']),
                         (ANOTHER_USER, '', '', 'root'))
        self.assertEqual(row['reach'], 'this-computer')
        self.assertFalse(row['mine'])
        self.assertIn('A program of the user root: its name may not be seen.', row['details'])
        # A socket of that user's own is seen as before.
        own = subprocess.Popen(
            [*nobody, sys.executable, '-c',
             'import os,socket,sys\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\n'
             's.bind(("127.0.0.1",0))\nprint(s.getsockname()[1],flush=True)\nsys.stdin.read()'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            port = own.stdout.readline().strip()
            row = next(r for r in self.listed(prefix=nobody)
                       if r['protocol'] == 'udp' and r['port'] == port)
            self.assertEqual((row['owner'], row['pid'], row['mine']), (SEEN, str(own.pid), True))
        finally:
            own.communicate()

    def test_processes_that_come_and_go(self):
        """While processes start and end all the time, each list is whole.  Those that do have no
        part in the socket: numbers of processes begin anew, and one of them may be the lowest."""
        server = self.keep(tcp())
        holder = subprocess.Popen(['cat'], stdin=subprocess.PIPE, pass_fds=[server.fileno()])
        script = 'while :; do for i in 1 2 3 4 5 6 7 8; do (exec true) & done; wait; done'
        busy = subprocess.Popen(['sh', '-c', script], stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)
        try:
            for _ in range(20):
                row = self.of(self.listed(), server)
                self.assertEqual(row['pid'], str(min(os.getpid(), holder.pid)))
        finally:
            busy.kill()
            busy.wait()
            holder.communicate()


if __name__ == '__main__':
    tap.main()
