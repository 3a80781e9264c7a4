# SPDX-License-Identifier: GPL-3.0-or-later
"""Options are really set: read back from the very socket (pidfd_getfd), seen at the peer, listed
in the calls."""

import ctypes
import os
import socket
import struct

import ptlhead as p

SYS_PIDFD_GETFD = 438


def take_socket(head, fd, family, kind):
    """A duplicate of another process's socket."""
    pidfd = os.pidfd_open(head.pid)
    try:
        n = p.libc.syscall(SYS_PIDFD_GETFD, pidfd, fd, 0)
        if n < 0:
            raise p.unittest.SkipTest(f'pidfd_getfd: {os.strerror(ctypes.get_errno())}')
    finally:
        os.close(pidfd)
    return socket.socket(family, kind, 0, n)


class Options(p.Case):
    def main_socket(self, s, family=socket.AF_INET, kind=socket.SOCK_STREAM):
        fd = [c for c in s.calls('socket') if c['args'][0] == family][-1]['result']
        return self.keep(take_socket(self.head, fd, family, kind))

    def assert_call(self, s, option, value):
        found = [c for c in s.calls('setsockopt') if c['option'] == option]
        self.assertTrue(found, f'no setsockopt of {option}')
        self.assertEqual(found[-1]['args'][1], value)
        self.assertEqual(found[-1]['errno'], '')

    def test_listener(self):
        s = self.head.listen(reuse_addr=1, reuse_port=1, rcvbuf=50000, sndbuf=60000, backlog=17,
                             keepalive=1, keep_idle=33, keep_interval=7, keep_count=4, nodelay=1,
                             ttl=44, tos=0x28)
        sock = self.main_socket(s)
        get = sock.getsockopt
        self.assertEqual(get(socket.SOL_SOCKET, socket.SO_REUSEADDR), 1)
        self.assertEqual(get(socket.SOL_SOCKET, socket.SO_REUSEPORT), 1)
        self.assertEqual(get(socket.SOL_SOCKET, socket.SO_RCVBUF), 100000)
        self.assertEqual(get(socket.SOL_SOCKET, socket.SO_SNDBUF), 120000)
        for option, value in (('reuseaddr', 1), ('reuseport', 1), ('rcvbuf', 50000),
                              ('sndbuf', 60000)):
            self.assert_call(s, option, value)
        self.assertEqual(s.calls('listen')[-1]['args'][0], 17)
        # What a connection has of them.
        self.keep(p.tcp(s.address))
        s.wait('peers_open', '=1')
        accepted = [c for c in s.calls('accept') if c['result'] >= 0][-1]
        get = self.keep(take_socket(self.head, accepted['result'], socket.AF_INET,
                                    socket.SOCK_STREAM)).getsockopt
        self.assertEqual(get(socket.SOL_SOCKET, socket.SO_KEEPALIVE), 1)
        self.assertEqual(get(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE), 33)
        self.assertEqual(get(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL), 7)
        self.assertEqual(get(socket.IPPROTO_TCP, socket.TCP_KEEPCNT), 4)
        self.assertEqual(get(socket.IPPROTO_TCP, socket.TCP_NODELAY), 1)
        self.assertEqual(get(socket.IPPROTO_IP, socket.IP_TTL), 44)
        self.assertEqual(get(socket.IPPROTO_IP, socket.IP_TOS), 0x28)

    def test_defaults_are_left_alone(self):
        s = self.head.listen()
        options = {c['option'] for c in s.calls('setsockopt')}
        self.assertLessEqual(options, {'reuseaddr', 'v6only'})
        self.assertEqual(self.main_socket(s).getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR), 1)
        # Two listeners on one port must not both work by accident.
        other = self.head.open('listen', 'tcp://' + s.local)
        self.assertEqual(other.wait('state', 'failed,listening')['state'], 'failed')

    def test_reuse_port(self):
        s = self.head.listen(reuse_port=1)
        other = self.head.listen('tcp://' + s.local, reuse_port=1)
        other.stop()

    def test_connect(self):
        listener = self.keep(p.server())
        s = self.head.connect('tcp://127.0.0.1:%d' % listener.getsockname()[1], nodelay=1,
                              keepalive=1,
                              keep_idle=21, rcvbuf=40000, sndbuf=30000, ttl=33, tos=16, linger=0)
        c = self.keep(listener.accept()[0])
        taken = self.main_socket(s)
        get = taken.getsockopt
        self.assertEqual(get(socket.IPPROTO_TCP, socket.TCP_NODELAY), 1)
        self.assertEqual(get(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE), 21)
        self.assertEqual(get(socket.SOL_SOCKET, socket.SO_RCVBUF), 80000)
        self.assertEqual(get(socket.SOL_SOCKET, socket.SO_SNDBUF), 60000)
        self.assertEqual(get(socket.IPPROTO_IP, socket.IP_TTL), 33)
        self.assertEqual(get(socket.IPPROTO_IP, socket.IP_TOS), 16)
        self.assertEqual(struct.unpack('ii', get(socket.SOL_SOCKET, socket.SO_LINGER, 8)), (1, 0))
        # Linger 0: closing resets.
        c.settimeout(10)
        taken.close()
        s.stop()
        with self.assertRaises(ConnectionResetError):
            c.recv(1)

    def test_v6only(self):
        p.need_ipv6()
        s = self.head.listen('tcp://[::]:0', v6only=0)
        get = self.main_socket(s, socket.AF_INET6).getsockopt
        self.assertEqual(get(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY), 0)
        c = self.keep(p.tcp(('127.0.0.1', s.port)))
        s.wait('peers_open', '=1')
        # A mapped address is shown as the IPv4 one that it is.
        self.assertEqual(s.peers()[0]['address'], '127.0.0.1:%d' % c.getsockname()[1])
        s = self.head.listen('tcp://[::]:0')
        get = self.main_socket(s, socket.AF_INET6).getsockopt
        self.assertEqual(get(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY), 1)

    def test_both_families_of_one_socket(self):
        """What goes to its IPv4 peers heeds the options, too."""
        p.need_ipv6()
        s = self.head.listen('udp://[::]:0', v6only=0, ttl=33, tos=0xb8, reaction='echo')
        for family, host, level, ttl, tos in (
            (socket.AF_INET, '127.0.0.1', socket.IPPROTO_IP, (p.IP_RECVTTL, socket.IP_TTL),
             (socket.IP_RECVTOS, socket.IP_TOS)),
            (socket.AF_INET6, '::1', socket.IPPROTO_IPV6,
             (socket.IPV6_RECVHOPLIMIT, socket.IPV6_HOPLIMIT),
             (socket.IPV6_RECVTCLASS, socket.IPV6_TCLASS)),
        ):
            with self.subTest(host=host):
                c = self.keep(socket.socket(family, socket.SOCK_DGRAM))
                c.settimeout(10)
                c.setsockopt(level, ttl[0], 1)
                c.setsockopt(level, tos[0], 1)
                c.sendto(b'x', (host, s.port))
                got = {kind: value for _, kind, value in c.recvmsg(10, 256)[1]}
                self.assertEqual(struct.unpack('i', got[ttl[1]])[0], 33)
                self.assertEqual(got[tos[1]][0], 0xb8)
        s = self.head.datagrams('udp://:0', v6only=0, multicast_ttl=5, multicast_loop=0)
        get = self.main_socket(s, socket.AF_INET6, socket.SOCK_DGRAM).getsockopt
        self.assertEqual(get(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL), 5)
        self.assertEqual(get(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS), 5)
        self.assertEqual(get(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP), 0)
        self.assertEqual(get(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP), 0)

    def test_hops_and_class_of_ipv6(self):
        p.need_ipv6()
        server = self.keep(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM))
        server.bind(('::1', 0))
        server.settimeout(10)
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVTCLASS, 1)
        s = self.head.connect('udp://[::1]:%d' % server.getsockname()[1], ttl=9, tos=0x48)
        s.send(b'x')
        got = {kind: struct.unpack('i', value)[0]
               for level, kind, value in server.recvmsg(10, 256)[1]}
        self.assertEqual(got[socket.IPV6_HOPLIMIT], 9)
        self.assertEqual(got[socket.IPV6_TCLASS], 0x48)

    def test_ttl_and_tos_at_the_peer(self):
        server = self.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        server.bind(('127.0.0.1', 0))
        server.settimeout(10)
        server.setsockopt(socket.IPPROTO_IP, p.IP_RECVTTL, 1)
        server.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
        for role in ('connect', 'datagrams'):
            s = self.head.open(role, 'udp://127.0.0.1:%d' % server.getsockname()[1], ttl=77,
                               tos=0x10)
            s.wait('state', 'connected,listening')
            s.send(b'x')
            got = {kind: value for level, kind, value in server.recvmsg(10, 256)[1]}
            self.assertEqual(struct.unpack('i', got[socket.IP_TTL])[0], 77)
            self.assertEqual(got[socket.IP_TOS][0], 0x10)

    def test_udp_buffer_is_large_by_itself(self):
        s = self.head.listen('udp://127.0.0.1:0')
        size = self.main_socket(s, kind=socket.SOCK_DGRAM).getsockopt(socket.SOL_SOCKET,
                                                                      socket.SO_RCVBUF)
        limit = int(open('/proc/sys/net/core/rmem_max').read())
        self.assertGreaterEqual(size, 2 * min(limit, 8 << 20))

    def test_multicast_options(self):
        s = self.head.datagrams('udp://239.9.9.9:9', multicast_ttl=5, multicast_loop=0, broadcast=1)
        get = self.main_socket(s, kind=socket.SOCK_DGRAM).getsockopt
        self.assertEqual(get(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL), 5)
        self.assertEqual(get(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP), 0)
        self.assertEqual(get(socket.SOL_SOCKET, socket.SO_BROADCAST), 1)

    def test_refused_option_is_told(self):
        """TTL 0 and values out of range never get that far, or are told."""
        for keys in (dict(ttl=300), dict(keepalive=1, keep_count=99999)):
            answer = self.head.ask('open', 'connect', 'tcp://127.0.0.1:9',
                                   *['%s=%s' % (k.replace('_', '-'), v) for k, v in keys.items()])
            if answer['ok']:
                s = p.Session(self.head, answer)
                s.wait('state', 'failed,connected')
                self.assertTrue(s.events('option-failed')
                                or s.status()['fault']['step'] == 'option', keys)


class Calls(p.Case):
    def test_of_a_listener(self):
        s = self.head.listen()
        c = p.tcp(s.address)
        for i in range(10):
            c.sendall(b'abc')
            s.wait('rx_bytes', 3 * (i + 1))
        s.send_wait(b'answer', 1)
        p.recv_exactly(c, 6)
        c.close()
        s.wait('peer', 1, 'closed')
        s.stop()
        names = [x['call'] for x in s.calls()]
        for name in ('socket', 'bind', 'listen', 'accept', 'recv', 'send', 'close'):
            self.assertIn(name, names)
        order = [names.index(n)
                 for n in ('socket', 'setsockopt', 'bind', 'listen', 'accept', 'recv')]
        self.assertEqual(order, sorted(order))
        listener = s.calls('socket')[0]
        self.assertEqual(listener['args'][0], socket.AF_INET)
        self.assertEqual(s.calls('bind')[0]['fd'], listener['result'])
        self.assertEqual(s.calls('bind')[0]['address'], '127.0.0.1:0')
        accept = [x for x in s.calls('accept') if x['result'] >= 0][0]
        received = [x for x in s.calls('recv') + s.calls('splice') if x['result'] > 0]
        self.assertEqual(sum(x['bytes'] for x in received), 30)
        self.assertEqual({x['fd'] for x in received}, {accept['result']})
        self.assertLessEqual(len(received), 3, 'repeats are folded')
        self.assertEqual(sum(x['count'] for x in received), 10)
        # Each was for a whole buffer; they came one after the other, and the times say so.
        self.assertTrue(all(x['args'][0] >= 4096 and x['args'][1] == 1 for x in received))
        self.assertTrue(all(x['time_ns'] < x['last_ns'] for x in received if x['count'] > 1))
        # Who accepts all that wait learns that by asking once more.
        self.assertGreater(accept['again'], 0)
        self.assertEqual(sum(x['bytes'] for x in s.calls('send') if x['result'] > 0), 6)
        closed = {x['fd'] for x in s.calls('close')}
        self.assertIn(accept['result'], closed)
        self.assertIn(listener['result'], closed)

    def test_of_a_connection(self):
        listener = self.keep(p.server())
        s = self.head.connect('tcp://127.0.0.1:%d' % listener.getsockname()[1])
        connect = s.calls('connect')[-1]
        self.assertEqual(p.split_address(connect['address']), listener.getsockname())
        self.assertIn((connect['result'], connect['errno']), ((-1, 'EINPROGRESS'), (0, '')))
        self.assertEqual(s.calls('connect-done')[-1]['errno'], '')

    def test_of_datagrams_and_messages(self):
        """What strace shows: recvmmsg and getsockopt for the one, recvmsg for the other."""
        s = self.head.listen('udp://127.0.0.1:0')
        c = self.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        for i in range(10):
            c.sendto(b'abc', s.address)
            s.wait('rx_bytes', 3 * (i + 1))
        s.stop()
        self.assertEqual(s.calls('recv') + s.calls('recvmsg'), [])
        received = s.calls('recvmmsg')
        self.assertEqual(len(received), 1, 'repeats are folded')
        self.assertEqual((received[0]['bytes'], received[0]['count']), (30, 10))
        self.assertEqual(received[0]['result'], 1, 'datagrams')
        # Stop asks for the drops that nothing told of yet.
        asked = s.calls('get-meminfo')
        self.assertEqual([(x['fd'], x['result']) for x in asked], [(received[0]['fd'], 0)])

        name = 'ptl-test-calls-%d' % os.getpid()
        s = self.head.listen('unix+seqpacket:@' + name)
        c = self.keep(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
        c.connect('\0' + name)
        c.sendall(b'abc')
        s.wait('rx_bytes', 3)
        self.assertEqual(s.calls('recv') + s.calls('recvmmsg'), [])
        self.assertEqual([(x['result'], x['bytes']) for x in s.calls('recvmsg')], [(3, 3)])

    def test_a_flood_is_folded(self):
        s = self.head.listen()
        c = p.tcp(s.address)
        block = b'f' * (1 << 18)
        for _ in range(400):
            c.sendall(block)
        c.close()
        s.wait('peer', 1, 'closed')
        received = [x for x in s.calls('recv') + s.calls('splice') if x['result'] > 0]
        self.assertEqual(sum(x['bytes'] for x in received), 400 << 18)
        # One line for each kind; a full pipe or an empty socket between them may begin another.
        self.assertLess(len(received), 40)

    def test_errors_are_listed(self):
        gone = p.server()
        address = gone.getsockname()
        gone.close()
        s = self.head.open('connect', 'tcp://127.0.0.1:%d' % address[1])
        s.wait('state', 'failed')
        errors = [c['errno'] for c in s.calls() if c['call'] in ('connect', 'connect-done')]
        self.assertIn('ECONNREFUSED', errors)

    def test_list_is_bounded(self):
        s = self.head.listen()
        for _ in range(6000):
            c = socket.socket()
            c.connect(s.address)
            p.reset(c)
        s.wait('peers_total', '=6000')
        s.wait('peers_open', '=0')
        answer = s.cmd('calls')
        self.assertLessEqual(answer['next'] - answer['first'], 16384)
        self.assertLessEqual(len(answer['calls']), 16384)
        self.assertGreater(answer['first'], 0)


if __name__ == '__main__':
    p.main()
