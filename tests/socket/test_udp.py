# SPDX-License-Identifier: GPL-3.0-or-later
"""Datagrams: connected, listening with a peer per source, unconnected; sizes, drops, floods."""

import hashlib
import socket
import struct
import threading

import ptlhead as p


def udp(address=None, host='127.0.0.1', family=socket.AF_INET):
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.settimeout(10 * p.SLOW)
    s.bind((host, 0))
    if address:
        s.connect(address)
    return s


class Listen(p.Case):
    def test_a_peer_per_source(self):
        s = self.head.listen('udp://127.0.0.1:0')
        clients = [self.keep(udp(s.address)) for _ in range(10)]
        for round_number in range(3):
            for i, c in enumerate(clients):
                c.send(b'%d from %d' % (round_number, i))
        s.wait('rx_frames', 30)
        self.assertEqual(s.status()['peers_total'], 10)
        by_port = {p.split_address(x['address'])[1]: x['peer'] for x in s.peers()}
        for i, c in enumerate(clients):
            number = by_port[c.getsockname()[1]]
            self.assertEqual(s.data('in', number),
                             b''.join(b'%d from %d' % (r, i) for r in range(3)))
            s.send(b'to %d' % i, number)
            self.assertEqual(c.recv(100), b'to %d' % i)
        report = s.send_wait(b'all')
        self.assertEqual(report['n_peers'], 10)
        for c in clients:
            self.assertEqual(c.recv(100), b'all')

    def test_sizes(self):
        s = self.head.listen('udp://127.0.0.1:0')
        c = self.keep(udp(s.address))
        c.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        sizes = [0, 1, 0, 64, 1400, 1472, 1473, 9000, 65507, 0]
        datagrams = [p.pattern(n, n) for n in sizes]
        for i, d in enumerate(datagrams):
            c.send(d)
            s.wait('rx_frames', i + 1)
        frames = [f for f in s.frames(bytes_each=65536) if f['kind'] == 'in']
        self.assertEqual([f['length'] for f in frames], sizes)
        self.assertEqual([bytes.fromhex(f['hex']) for f in frames], datagrams)
        self.assertTrue(all(f['datagram'] and not f['truncated'] for f in frames))
        # And back: the same sizes.
        for d in datagrams:
            s.send_wait(d, 1)
            self.assertEqual(c.recv(70000), d)
        out = [f['length'] for f in s.frames() if f['kind'] == 'out']
        self.assertEqual(out, sizes)
        self.assertEqual(s.status()['truncated'], 0)

    def test_too_large_to_send(self):
        s = self.head.listen('udp://127.0.0.1:0')
        c = self.keep(udp(s.address))
        c.send(b'here')
        s.wait('peers_total', 1)
        answer = s.ask('send', 1, 'blob', 65508)
        if answer['ok']:
            report = s.wait('sent', answer['tag'])['send']
            self.assertEqual((report['n_failed'], report['errno']), (1, 'EMSGSIZE'))
            self.assertEqual(s.event('send-failed')['errno'], 'EMSGSIZE')
        else:
            self.assertEqual(answer['error'], 'EMSGSIZE')
        s.send_wait(b'still here', 1)
        self.assertEqual(c.recv(100), b'still here')
        self.assertEqual(s.status()['state'], 'listening')

    def test_both_families(self):
        p.need_ipv6()
        s = self.head.listen('udp://:0')
        s.wait('n_locals', '=2')
        port = p.split_address(s.status()['locals'][0])[1]
        four = self.keep(udp(('127.0.0.1', port)))
        six = self.keep(udp(('::1', port), '::1', socket.AF_INET6))
        four.send(b'4')
        six.send(b'6')
        s.wait('rx_frames', 2)
        hosts = {p.split_address(x['address'])[0]: x['peer'] for x in s.peers()}
        self.assertEqual(set(hosts), {'127.0.0.1', '::1'})
        s.send(b'back 6', hosts['::1'])
        s.send(b'back 4', hosts['127.0.0.1'])
        self.assertEqual(six.recv(10), b'back 6')
        self.assertEqual(four.recv(10), b'back 4')

    def test_reactions(self):
        s = self.head.listen('udp://127.0.0.1:0', reaction='echo')
        c = self.keep(udp(s.address))
        for d in (b'', b'one', b'x' * 65507):
            c.send(d)
            self.assertEqual(c.recv(70000), d)
        s = self.head.listen('udp://127.0.0.1:0', reaction='greeting', text='welcome')
        c = self.keep(udp(s.address))
        c.send(b'1')
        self.assertEqual(c.recv(100), b'welcome')
        c.send(b'2')
        s.wait('rx_frames', 2)
        s = self.head.listen('udp://127.0.0.1:0', reaction='answer', text='yes')
        c = self.keep(udp(s.address))
        for _ in range(3):
            c.send(b'?')
            self.assertEqual(c.recv(100), b'yes')
        s.wait('tx_frames', '=3')

    def test_received_and_drops_are_what_was_sent(self):
        """A small buffer and a pause: the kernel drops, and we say how many."""
        s = self.head.listen('udp://127.0.0.1:0', rcvbuf=4096)
        c = self.keep(udp(s.address))
        n = 5000
        for i in range(n):
            c.send(b'%032d' % i)
        # The counter comes with a datagram that got in, so send on until it has told all.
        extra = 0
        while s.try_wait('rx_and_drops', '=%d' % (n + extra), ms=200)['holds'] is False:
            c.send(b'%032d' % (n + extra))
            extra += 1
            self.assertLess(extra, 50)
        s.cmd('pause')
        s.wait('receiving_paused', '=1')
        for i in range(1000):
            c.send(b'p' * 32)
        s.cmd('resume')
        total = n + extra + 1000
        while s.try_wait('rx_and_drops', '=%d' % total, ms=200)['holds'] is False:
            c.send(b'q')
            total += 1
            self.assertLess(total, n + extra + 1050)
        status = s.status()
        self.assertGreater(status['kernel_drops'], 900)

        # The events come a little later than the count, and not for each datagram.
        def all_told():
            told = [e['event'] for e in s.events('kernel-drops')]
            return told if sum(d['n1'] for d in told) == status['kernel_drops'] else None

        drops = p.until('all drops are told', all_told)
        self.assertEqual(drops[-1]['n2'], status['kernel_drops'])
        self.assertEqual(s.check()['in_frames'], status['rx_frames'])

    def test_drops_are_told_before_the_end(self):
        """Also those since the last word on them, and those that came while nobody read."""
        s = self.head.listen('udp://127.0.0.1:0', rcvbuf=4096)
        c = self.keep(udp(s.address))
        s.cmd('pause')
        s.wait('receiving_paused', '=1')
        for i in range(500):
            c.send(b'p' * 32)
        counted = s.wait('kernel_drops', 1, ms=3000)['kernel_drops']
        for i in range(500):
            c.send(b'p' * 32)
        s.stop()
        status = s.status()
        self.assertEqual(status['kernel_drops'], counted + 500)
        names = [e['event']['name'] for e in s.events()]
        self.assertGreater(names.count('kernel-drops'), 1)
        self.assertNotIn('kernel-drops', names[names.index('stopped'):])
        told = [e['event'] for e in s.events('kernel-drops')]
        self.assertEqual(sum(e['n1'] for e in told), status['kernel_drops'])

    def test_drops_are_told_without_another_datagram(self):
        """What the kernel dropped last must not stay unseen until something comes again."""
        s = self.head.listen('udp://127.0.0.1:0', rcvbuf=4096)
        c = self.keep(udp(s.address))
        s.cmd('pause')
        s.wait('receiving_paused', '=1')
        for i in range(500):
            c.send(b'p' * 32)
        s.cmd('resume')
        s.wait('rx_and_drops', '=500', ms=3000)

    def test_stop_under_a_flood(self):
        s = self.head.listen('udp://127.0.0.1:0')
        c = self.keep(udp(s.address))
        done = threading.Event()

        def flood():
            while not done.is_set():
                try:
                    c.send(b'x' * 64)
                except OSError:
                    pass

        t = threading.Thread(target=flood)
        t.start()
        try:
            s.wait('rx_frames', 20000)
            took = s.stop()
        finally:
            done.set()
            t.join()
        self.assertLess(took, 200 * p.SLOW)
        self.assertEqual(s.check()['in_frames'], s.status()['rx_frames'])

    def test_many_sources(self):
        """More sources than are told apart: the one silent longest makes room.  The whole bound
        (65,536) takes some seconds."""
        s = self.head.listen('udp://0.0.0.0:0')
        port = s.port
        n = 65536 + 500
        # One socket per source address and port would be many; a new local address is cheap.
        made = 0
        for host in range(2, 7):
            for _ in range(n // 5 + 1):
                if made == n:
                    break
                c = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                c.bind(('127.0.0.%d' % host, 0))
                c.sendto(b'%d' % made, ('127.0.0.1', port))
                c.close()
                made += 1
        s.wait('rx_and_drops', '=%d' % n, ms=20000)
        status = s.status()
        self.assertLessEqual(status['peers_open'], 65536)
        if status['peers_total'] > 65536:
            self.assertGreaterEqual(s.check()['events'].get('peer-forgotten', 0),
                                    status['peers_total'] - 65536)


class Connect(p.Case):
    def test_bytes_both_ways(self):
        server = self.keep(udp())
        s = self.head.connect('udp://127.0.0.1:%d' % server.getsockname()[1])
        s.send_wait(b'ping')
        data, peer = server.recvfrom(100)
        self.assertEqual(data, b'ping')
        server.sendto(b'pong', peer)
        server.sendto(b'', peer)
        s.wait('rx_frames', 2)
        self.assertEqual([f['length'] for f in s.frames() if f['kind'] == 'in'], [4, 0])
        # From anyone else it takes nothing.
        other = self.keep(udp())
        other.sendto(b'intruder', peer)
        server.sendto(b'end', peer)
        s.wait('rx_frames', 3)
        self.assertEqual(s.data('in'), b'pongend')

    def test_nobody_there_is_told(self):
        closed = udp()
        address = closed.getsockname()
        closed.close()
        s = self.head.connect('udp://127.0.0.1:%d' % address[1])
        s.send(b'anyone?')
        s.wait_event('socket-error')
        self.assertEqual(s.event('socket-error')['errno'], 'ECONNREFUSED')
        # It is not the end: a server may come.
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.keep(server).bind(address)
        server.settimeout(10)
        s.send(b'now')
        self.assertEqual(server.recv(10), b'now')

    def test_local_port(self):
        server = self.keep(udp())
        free = udp()
        port = free.getsockname()[1]
        free.close()
        s = self.head.connect('udp://127.0.0.1:%d' % server.getsockname()[1],
                              local='127.0.0.1:%d' % port)
        s.send(b'x')
        self.assertEqual(server.recvfrom(10)[1], ('127.0.0.1', port))


class Datagrams(p.Case):
    def test_to_and_from_anyone(self):
        a, b, c = (self.keep(udp()) for _ in range(3))
        s = self.head.datagrams('udp://127.0.0.1:%d' % a.getsockname()[1])
        s.send_wait(b'default')
        data, us = a.recvfrom(100)
        self.assertEqual(data, b'default')
        s.cmd('send-to', '127.0.0.1:%d' % b.getsockname()[1], 'text', 'for b')
        data, also_us = b.recvfrom(100)
        self.assertEqual((data, also_us), (b'for b', us))
        c.sendto(b'from c', us)
        s.wait('rx_frames', 1)
        addresses = {p.split_address(x['address'])[1]: x['peer'] for x in s.peers()}
        number = addresses[c.getsockname()[1]]
        self.assertEqual(s.data('in', number), b'from c')
        s.send(b'answer', number)
        self.assertEqual(c.recv(100), b'answer')

    def test_send_to_a_name(self):
        a = self.keep(udp())
        s = self.head.datagrams('udp://127.0.0.1:9', family='ipv4')
        tag = s.cmd('send-to', 'localhost:%d' % a.getsockname()[1], 'text', 'by name')['tag']
        self.assertEqual(a.recv(100), b'by name')
        self.assertEqual(s.wait('sent', tag)['send']['n_failed'], 0)
        for to in ('no-such-host.invalid:9', '127.0.0.1:no-such-service'):
            tag = s.cmd('send-to', to, 'text', 'x')['tag']
            report = s.wait('sent', tag)['send']
            self.assertEqual(report['n_failed'], 1)
            self.assertLess(report['gai_code'], 0, 'EAI_NONAME, EAI_SERVICE ...')
            self.assertEqual(report['errno'], '', 'none that the system did not say')
        # The session is as good as before.
        self.assertEqual(s.status()['fault']['step'], 'none')

    def test_bound_to_a_port(self):
        free = udp()
        port = free.getsockname()[1]
        free.close()
        s = self.head.datagrams('udp://127.0.0.1:9', local='127.0.0.1:%d' % port)
        self.assertEqual(s.local, '127.0.0.1:%d' % port)
        c = self.keep(udp(('127.0.0.1', port)))
        c.send(b'hello')
        s.wait('rx_frames', 1)

    def test_refused_by_icmp_goes_on(self):
        closed = udp()
        address = closed.getsockname()
        closed.close()
        a = self.keep(udp())
        s = self.head.datagrams('udp://127.0.0.1:%d' % address[1])
        for _ in range(3):
            s.send(b'nobody')
        s.cmd('send-to', '127.0.0.1:%d' % a.getsockname()[1], 'text', 'somebody')
        self.assertEqual(a.recv(100), b'somebody')
        self.assertEqual(s.status()['state'], 'listening')

    def test_broadcast_needs_the_option(self):
        s = self.head.datagrams('udp://<broadcast>:9')
        report = s.wait('sent', s.send(b'x')['tag'])['send']
        if report['n_failed']:
            self.assertIn(report['errno'], ('EACCES', 'ENETUNREACH'))


class Drain(p.Case):
    def test_mixed_sizes_sha256(self):
        """Every byte of 40,000 datagrams of mixed sizes, sent in steps that the buffer holds."""
        s = self.head.listen('udp://127.0.0.1:0')
        c = self.keep(udp(s.address))
        h = hashlib.sha256()
        sizes = [0, 1, 17, 64, 512, 1400, 4000]
        body = p.pattern(8192, 11)
        n = 40000
        for i in range(n):
            size = sizes[i % len(sizes)]
            d = body[i % 4000:i % 4000 + size]
            c.send(d)
            h.update(d)
            if i % 500 == 499:
                s.wait('rx_frames', i + 1)
        s.wait('rx_frames', '=%d' % n)
        self.assertEqual(s.sha256('in')['sha256'], h.hexdigest())
        s.check()


if __name__ == '__main__':
    p.main()
