# SPDX-License-Identifier: GPL-3.0-or-later
"""More than loopback: two computers (namespaces) with two cables: zones, multicast, broadcast,
routes that are missing, peers that are not of this computer."""

import os
import socket
import struct
import time

import ptlhead as p

GROUP = '239.9.9.9'
GROUP6 = 'ff12::99'


class Two(p.Case):
    """a has a1 and a2, b has b1 and b2; cables a1-b1 and a2-b2."""

    def setUp(self):
        super().setUp()
        p.need('ip')
        self.a, self.b = self.namespace(), self.namespace()
        self.a.veth('a1', self.b, 'b1')
        self.a.veth('a2', self.b, 'b2')
        for n in (1, 2):
            self.a.addr('10.77.%d.1/24' % n, 'a%d' % n)
            self.b.addr('10.77.%d.2/24' % n, 'b%d' % n)
        self._head = p.Head(prefix=self.a.prefix)

    def link_local(self):
        """The same address on both of b's interfaces, another on both of a's."""
        p.need_ipv6()
        for n in (1, 2):
            self.a.addr('fe80::a/64', 'a%d' % n)
            self.b.addr('fe80::b/64', 'b%d' % n)

    def index(self, ns, device):
        return int(ns.run('ip', '-o', 'link', 'show', 'dev', device).split(':')[0])


class Zones(Two):
    def setUp(self):
        super().setUp()
        self.link_local()

    def test_connect_by_zone(self):
        listeners = {}
        for n in (1, 2):
            s = self.keep(self.b.socket(socket.AF_INET6))
            s.bind(('fe80::b', 0 if n == 1 else listeners[1].getsockname()[1], 0,
                    self.index(self.b, 'b%d' % n)))
            s.listen(5)
            listeners[n] = s
        port = listeners[1].getsockname()[1]
        for n, zone in ((1, 'a1'), (2, 'a2'), (2, str(self.index(self.a, 'a2')))):
            with self.subTest(zone):
                s = self.head.open('connect', 'tcp://[fe80::b%%25%s]:%d' % (zone, port))
                s.wait('state', 'connected')
                c = self.keep(listeners[n].accept()[0])
                c.settimeout(10)
                s.send_wait(b'over %d' % n)
                self.assertEqual(c.recv(10), b'over %d' % n)
                self.assertIn('%%a%d' % n, s.event('connected')['peer'])
                s.stop()

    def test_peers_are_kept_apart_by_zone(self):
        s = self.head.listen('udp://[::]:0')
        clients = []
        for n in (1, 2):
            c = self.keep(self.b.socket(socket.AF_INET6, socket.SOCK_DGRAM))
            port = 0 if n == 1 else clients[0].getsockname()[1]
            c.bind(('fe80::b', port, 0, self.index(self.b, 'b%d' % n)))
            c.connect(('fe80::a', s.port, 0, self.index(self.b, 'b%d' % n)))
            clients.append(c)
        for n, c in enumerate(clients, 1):
            c.send(b'by cable %d' % n)
        s.wait('rx_frames', 2)
        port = clients[0].getsockname()[1]
        self.assertEqual(clients[1].getsockname()[1], port)
        peers = {x['address']: x['peer'] for x in s.peers()}
        self.assertEqual(set(peers), {'[fe80::b%%a1]:%d' % port, '[fe80::b%%a2]:%d' % port})
        for n, c in enumerate(clients, 1):
            number = peers['[fe80::b%%a%d]:%d' % (n, port)]
            self.assertEqual(s.data('in', number), b'by cable %d' % n)
            s.send_wait(b'back %d' % n, number)
            self.assertEqual(c.recv(10), b'back %d' % n)

    def test_tcp_peers_are_kept_apart_by_zone(self):
        s = self.head.listen('tcp://[::]:0')
        for n in (1, 2):
            c = self.keep(self.b.socket(socket.AF_INET6))
            c.bind(('fe80::b', 40001, 0, self.index(self.b, 'b%d' % n)))
            c.connect(('fe80::a', s.port, 0, self.index(self.b, 'b%d' % n)))
        s.wait('peers_open', '=2')
        self.assertEqual({x['address'] for x in s.peers()},
                         {'[fe80::b%a1]:40001', '[fe80::b%a2]:40001'})

    def test_listen_on_one_zone(self):
        s = self.head.listen('tcp://[fe80::a%25a1]:0')
        self.assertIn('%a1', s.local)
        c = self.keep(self.b.socket(socket.AF_INET6))
        c.connect(('fe80::a', s.port, 0, self.index(self.b, 'b1')))
        d = self.keep(self.b.socket(socket.AF_INET6))
        with self.assertRaises(ConnectionRefusedError):
            d.connect(('fe80::a', s.port, 0, self.index(self.b, 'b2')))

    def test_unknown_zone(self):
        answer = self.head.ask('open', 'connect', 'tcp://[fe80::b%25nosuch]:80')
        if answer['ok']:
            s = p.Session(self.head, answer)
            fault = s.wait('state', 'failed')['fault']
            self.assertIn(fault['step'], ('resolve', 'connect'))
            self.assertTrue(fault['errno'] in ('ENODEV', 'ENXIO', 'EINVAL') or fault['gai_code'],
                            fault)

    def test_link_local_without_a_zone(self):
        s = self.head.open('connect', 'tcp://[fe80::b]:80')
        fault = s.wait('state', 'failed')['fault']
        self.assertEqual((fault['step'], fault['errno']), ('connect', 'EINVAL'))


class Multicast(Two):
    def sender(self, n, ttl=1):
        s = self.keep(self.b.socket(kind=socket.SOCK_DGRAM))
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton('10.77.%d.2' % n))
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, ttl)
        return s

    def test_join_and_leave_on_a_chosen_interface(self):
        s = self.head.datagrams('udp://%s:9' % GROUP, local='0.0.0.0:0')
        port = s.port
        one, two = self.sender(1), self.sender(2)

        def send_both(text):
            one.sendto(text + b' 1', (GROUP, port))
            two.sendto(text + b' 2', (GROUP, port))

        send_both(b'before')
        s.cmd('join', GROUP, 'a1')
        s.wait_event('joined')
        joined = s.event('joined')
        self.assertEqual((joined['peer'].split(':')[0], joined['text']), (GROUP, 'a1'))
        send_both(b'joined a1')
        s.wait('rx_frames', 1)
        s.cmd('join', GROUP, 'a2')
        s.wait_event('joined', 2)
        send_both(b'joined both')
        s.wait('rx_frames', 3)
        s.cmd('leave', GROUP, 'a1')
        s.wait_event('left')
        send_both(b'left a1')
        s.wait('rx_frames', 4)
        s.cmd('leave', GROUP, 'a2')
        s.wait_event('left', 2)
        send_both(b'left both')
        # Something that is sure to come after it.
        one.sendto(b'end', ('10.77.1.1', port))
        s.wait('rx_frames', 5)
        texts = [bytes.fromhex(f['hex']) for f in s.frames(bytes_each=100) if f['kind'] == 'in']
        self.assertEqual(texts[0], b'joined a1 1')
        self.assertEqual(sorted(texts[1:3]), [b'joined both 1', b'joined both 2'])
        self.assertEqual(texts[3:], [b'left a1 2', b'end'])

    def test_join_on_the_one_socket_for_both_families(self):
        s = self.head.open('listen', 'udp://:0?v6only=0')
        s.wait('state', 'listening,failed')
        s.cmd('join', GROUP, 'a1')
        s.wait('event', 'joined', 1)
        self.sender(1).sendto(b'x', (GROUP, s.port))
        s.wait('rx_frames', 1)
        s.cmd('leave', GROUP, 'a1')
        s.wait('event', 'left', 1)

    def test_join_where_no_socket_is_for_it(self):
        s = self.head.open('listen', 'udp://10.77.1.1:0?v6only=0')
        s.wait('state', 'listening,failed')
        s.cmd('join', GROUP6, 'a1')
        s.wait_event('join-failed')
        self.assertEqual(s.event('join-failed')['errno'], 'EAFNOSUPPORT')

    def test_join_at_the_opening(self):
        s = self.head.datagrams('udp://%s:9?group=%s%%25a1' % (GROUP, GROUP), local='0.0.0.0:0')
        s.wait_event('joined')
        self.sender(1).sendto(b'x', (GROUP, s.port))
        s.wait('rx_frames', 1)
        self.assertIn('a1', self.a.run('ip', 'maddr', 'show', 'dev', 'a1'))
        self.assertIn(GROUP, self.a.run('ip', 'maddr', 'show', 'dev', 'a1'))
        s.stop()
        self.assertNotIn(GROUP, self.a.run('ip', 'maddr', 'show', 'dev', 'a1'))

    def test_join_of_a_wrong_device(self):
        s = self.head.datagrams('udp://%s:9' % GROUP, local='0.0.0.0:0')
        s.cmd('join', GROUP, 'nosuch')
        s.wait_event('join-failed')
        self.assertEqual(s.event('join-failed')['errno'], 'ENODEV')
        self.assertEqual(s.status()['state'], 'listening')

    def test_ttl_at_the_peer(self):
        r = self.keep(self.b.socket(kind=socket.SOCK_DGRAM))
        r.bind(('', 0))
        r.setsockopt(socket.IPPROTO_IP, p.IP_RECVTTL, 1)
        r.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                     socket.inet_aton(GROUP) + socket.inet_aton('10.77.1.2'))
        self.a.run('ip', 'route', 'add', '239.0.0.0/8', 'dev', 'a1')
        s = self.head.datagrams('udp://%s:%d' % (GROUP, r.getsockname()[1]), multicast_ttl=7)
        s.send_wait(b'hops')
        data, control, _, _ = r.recvmsg(100, 100)
        self.assertEqual(data, b'hops')
        self.assertEqual([struct.unpack('i', v)[0] for lv, k, v in control if k == socket.IP_TTL],
                         [7])

    def test_loop(self):
        self.a.run('ip', 'route', 'add', '239.0.0.0/8', 'dev', 'a1')
        r = self.keep(self.a.socket(kind=socket.SOCK_DGRAM))
        r.bind(('', 0))
        r.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                     socket.inet_aton(GROUP) + socket.inet_aton('10.77.1.1'))
        off = self.head.datagrams('udp://%s:%d' % (GROUP, r.getsockname()[1]), multicast_loop=0)
        on = self.head.datagrams('udp://%s:%d' % (GROUP, r.getsockname()[1]), multicast_loop=1)
        off.send_wait(b'not to myself')
        on.send_wait(b'to myself')
        self.assertEqual(r.recv(100), b'to myself')

    def test_ipv6_group(self):
        p.need_ipv6()
        self.link_local()
        s = self.head.datagrams('udp://[%s]:9' % GROUP6, local='[::]:0')
        s.cmd('join', GROUP6, 'a1')
        s.wait_event('joined')
        senders = {}
        for n in (1, 2):
            c = self.keep(self.b.socket(socket.AF_INET6, socket.SOCK_DGRAM))
            c.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF,
                         self.index(self.b, 'b%d' % n))
            senders[n] = c
        senders[2].sendto(b'2', (GROUP6, s.port))
        senders[1].sendto(b'1', (GROUP6, s.port))
        s.wait('rx_frames', 1)
        self.assertEqual(s.data('in'), b'1')
        s.cmd('leave', GROUP6, 'a1')
        s.wait_event('left')
        senders[1].sendto(b'after', (GROUP6, s.port))
        senders[1].sendto(b'end', ('fe80::a', s.port, 0, self.index(self.b, 'b1')))
        s.wait('rx_frames', 2)
        self.assertEqual(s.data('in'), b'1end')


class Broadcast(Two):
    def test_to_all_of_a_subnet_and_to_all(self):
        r = self.keep(self.b.socket(kind=socket.SOCK_DGRAM))
        r.bind(('', 0))
        port = r.getsockname()[1]
        s = self.head.datagrams('udp://10.77.1.255:%d' % port, broadcast=1)
        s.send_wait(b'subnet')
        self.assertEqual(r.recv(100), b'subnet')
        s = self.head.datagrams('udp://<broadcast>:%d' % port, broadcast=1, device='a1')
        report = s.send_wait(b'everybody')
        self.assertEqual(report['n_failed'], 0)
        self.assertEqual(r.recv(100), b'everybody')

    def test_without_the_option(self):
        s = self.head.datagrams('udp://10.77.1.255:9', broadcast=0)
        report = s.send_wait(b'x')
        self.assertEqual((report['n_failed'], report['errno']), (1, 'EACCES'))

    def test_received(self):
        s = self.head.datagrams('udp://127.0.0.1:9', local='0.0.0.0:0')
        c = self.keep(self.b.socket(kind=socket.SOCK_DGRAM))
        c.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        c.sendto(b'hear ye', ('10.77.1.255', s.port))
        s.wait('rx_frames', 1)
        self.assertEqual(s.data('in'), b'hear ye')


class Routes(Two):
    def failed(self, uri, errno, **keys):
        s = self.head.open('connect', uri, **keys)
        fault = s.wait('state', 'failed')['fault']
        self.assertEqual((fault['step'], fault['errno']), ('connect', errno))

    def test_no_route(self):
        self.failed('tcp://192.0.2.1:80', 'ENETUNREACH')

    def test_routes_that_refuse(self):
        for kind, net, errno in (('unreachable', '10.9.1', 'EHOSTUNREACH'),
                                 ('prohibit', '10.9.2', 'EACCES'),
                                 ('blackhole', '10.9.3', 'EINVAL')):
            with self.subTest(kind):
                self.a.run('ip', 'route', 'add', kind, net + '.0/24')
                self.failed('tcp://%s.1:80' % net, errno)

    def test_host_unreachable_told_by_the_other_side(self):
        p.need('nft')
        self.b.run('nft', 'add table inet t')
        self.b.run('nft', 'add chain inet t i { type filter hook input priority 0 ; }')
        self.b.run('nft', 'add rule inet t i tcp dport 81 reject with icmp type host-unreachable')
        self.b.run('nft', 'add rule inet t i tcp dport 82 reject with icmp type admin-prohibited')
        self.failed('tcp://10.77.1.2:81', 'EHOSTUNREACH')
        self.failed('tcp://10.77.1.2:82', 'EHOSTUNREACH')

    def test_nobody_has_that_address(self):
        """Not even the hardware address is answered: EHOSTUNREACH after seconds, Stop before."""
        s = self.head.open('connect', 'tcp://10.77.1.99:80')
        s.wait_event('candidate-started')
        self.assertLess(s.stop(), 200 * p.SLOW)

    def test_datagrams_without_a_route(self):
        s = self.head.datagrams('udp://192.0.2.1:9')
        report = s.send_wait(b'x')
        self.assertEqual((report['n_failed'], report['errno']), (1, 'ENETUNREACH'))
        s = self.head.open('connect', 'udp://192.0.2.1:9')
        fault = s.wait('state', 'failed')['fault']
        self.assertEqual(fault['errno'], 'ENETUNREACH')

    def test_cable_pulled_while_connected(self):
        listener = self.keep(self.b.socket())
        listener.bind(('10.77.1.2', 0))
        listener.listen()
        s = self.head.open('connect', 'tcp://10.77.1.2:%d' % listener.getsockname()[1])
        s.wait('state', 'connected')
        self.b.run('ip', 'link', 'del', 'b1')
        s.cmd('send', 0, 'text', 'into nothing')
        self.assertEqual(s.try_wait('state', 'failed', ms=300)['state'], 'connected')
        self.assertLess(s.stop(), 200 * p.SLOW)

    def test_bound_to_a_device(self):
        listener = self.keep(self.b.socket())
        listener.bind(('', 0))
        listener.listen()
        port = listener.getsockname()[1]
        s = self.head.open('connect', 'tcp://10.77.1.2:%d' % port, device='a1')
        s.wait('state', 'connected')
        # By the other cable, as asked for, although the address is the first one's.
        s = self.head.open('connect', 'tcp://10.77.1.2:%d' % port, device='a2')
        s.wait('state', 'connected')
        self.assertTrue(s.event('connected')['local'].startswith('10.77.2.1:'))


class HalfOpen(Two):
    def test_a_peer_elsewhere_that_has_closed(self):
        """Its system forgets the socket after a while, and answers keepalive with a reset."""
        for ns in self.a, self.b:
            ns.run('sysctl', '-qw', 'net.ipv4.tcp_fin_timeout=1')
        s = self.head.listen('tcp://10.77.1.1:0', half_open_ms='auto', keep_idle=1,
                             keep_interval=1)
        half, gone = (self.keep(self.b.socket()) for _ in range(2))
        for c in half, gone:
            c.settimeout(10 * p.SLOW)
            c.connect(('10.77.1.1', s.port))
        half.shutdown(socket.SHUT_WR)
        gone.close()
        self.assertEqual(s.wait('peer', 2, 'closed,reset')['ok'], True)
        self.assertEqual([(e['peer'], e['event']['n1']) for e in s.events('half-open-ended')],
                         [(2, 1)])
        s.send_wait(b'by hand', 1)
        self.assertEqual(p.recv_exactly(half, 7), b'by hand')


class OwnPeersOnly(Two):
    def test_others_are_refused(self):
        s = self.head.listen('tcp://:0', own_peers_only=1, family='ipv4')
        port = s.port
        stranger = self.keep(self.b.socket())
        try:
            stranger.connect(('10.77.1.1', port))
            stranger.sendall(b'let me in')
            self.assertEqual(stranger.recv(100), b'')
        except OSError:
            pass
        s.wait('refused', '=1')
        refused = s.event('peer-refused')
        self.assertEqual((refused['n1'], refused['peer'].split(':')[0]), (1, '10.77.1.2'))
        self.assertEqual(s.status()['rx_bytes'], 0)
        # Our own addresses, all of them.
        for address in ('10.77.1.1', '10.77.2.1', '127.0.0.1', '127.0.0.99'):
            c = self.keep(self.a.socket())
            c.connect((address, port))
            c.sendall(b'own')
        s.wait('rx_bytes', 12)
        self.assertEqual(s.status()['refused'], 1)
        # An address that comes later is ours as well.
        self.a.addr('10.77.1.50/24', 'a1')
        c = self.keep(self.a.socket())
        c.connect(('10.77.1.50', port))
        c.sendall(b'new')
        s.wait('rx_bytes', 15)

    def test_own_with_the_last_descriptor(self):
        """Asking for our own addresses takes a descriptor; they are known without, too."""
        p.need('prlimit')
        self.head.close()
        limit = 60
        self._head = p.Head(prefix=self.a.prefix + ['prlimit', '--nofile=%d:%d' % (limit, limit)])
        tcp = self.head.listen('tcp://:0', own_peers_only=1, family='ipv4')
        udp = self.head.listen('udp://:0', own_peers_only=1, family='ipv4')
        other = self.head.listen('tcp://127.0.0.1:0')
        while self.head.n_fds() < limit - 1:
            n = other.status()['peers_total'] + 1
            self.keep(self.a.socket()).connect(other.address)
            other.wait('peers_total', '=%d' % n)
        c = self.keep(self.a.socket())
        c.bind(('10.77.2.1', 0))
        c.connect(('10.77.1.1', tcp.port))
        c.sendall(b'own')
        tcp.wait('rx_bytes', '=3')
        c = self.keep(self.a.socket(kind=socket.SOCK_DGRAM))
        c.bind(('10.77.2.1', 0))
        c.sendto(b'own', ('10.77.1.1', udp.port))
        udp.wait('rx_bytes', '=3')
        self.assertEqual((tcp.status()['refused'], udp.status()['refused']), (0, 0))

    def test_mapped_addresses(self):
        """One IPv6 socket for both: an IPv4 peer is judged by its IPv4 address."""
        p.need_ipv6()
        s = self.head.listen('tcp://[::]:0', own_peers_only=1, v6only=0)
        stranger = self.keep(self.b.socket())
        try:
            stranger.connect(('10.77.1.1', s.port))
        except ConnectionResetError:
            pass
        s.wait('refused', '=1')
        c = self.keep(self.a.socket())
        c.connect(('10.77.1.1', s.port))
        c.sendall(b'own')
        s.wait('rx_bytes', 3)
        self.assertTrue(s.peers()[0]['address'].startswith('10.77.1.1:'))

    def test_udp(self):
        s = self.head.listen('udp://:0', own_peers_only=1, family='ipv4')
        stranger = self.keep(self.b.socket(kind=socket.SOCK_DGRAM))
        stranger.sendto(b'let me in', ('10.77.1.1', s.port))
        s.wait('refused', 1)
        c = self.keep(self.a.socket(kind=socket.SOCK_DGRAM))
        c.sendto(b'own', ('10.77.1.1', s.port))
        s.wait('rx_frames', 1)
        self.assertEqual(s.data('in'), b'own')


if __name__ == '__main__':
    p.in_user_namespace()
    p.main()
