# SPDX-License-Identifier: GPL-3.0-or-later
"""Connecting by name: happy eyeballs over dead IPv6, name servers that are silent, slow, wrong."""

import os
import socket
import struct
import threading
import time

import ptlhead as p


class NameServer(threading.Thread):
    """Answers A queries with one address after a delay, or never."""

    def __init__(self, s, address=None, delay_s=0.0):
        super().__init__(daemon=True)
        self.s = s
        self.address = address
        self.delay_s = delay_s
        self.asked = 0
        self.start()

    def run(self):
        while True:
            try:
                query, peer = self.s.recvfrom(4096)
            except socket.timeout:
                continue
            except OSError:
                return
            if not query:
                return
            self.asked += 1
            if self.address is None:
                continue
            time.sleep(self.delay_s)
            end = query.index(b'\0', 12) + 5
            kind = struct.unpack('>H', query[end - 4:end - 2])[0]
            answer = kind == 1
            reply = query[:2] + struct.pack('>HHHHH', 0x8180, 1, int(answer), 0, 0) + query[12:end]
            if answer:
                reply += struct.pack('>HHHIH', 0xc00c, 1, 1, 60, 4) + socket.inet_aton(self.address)
            try:
                self.s.sendto(reply, peer)
            except OSError:
                return


class Dns(p.Case):
    def with_server(self, **keys):
        ns = self.namespace()
        folder = self.tmp()
        ns.file('/etc/resolv.conf', 'nameserver 127.0.0.1\noptions timeout:30 attempts:2\n', folder)
        if os.path.exists('/etc/nsswitch.conf'):
            ns.file('/etc/nsswitch.conf', 'hosts: files dns\nservices: files\n', folder)
        s = ns.socket(kind=socket.SOCK_DGRAM)
        s.settimeout(None)
        s.bind(('127.0.0.1', 53))
        self.keep(s)
        server = NameServer(s, **keys)
        self._head = p.Head(prefix=ns.prefix, log_dir=os.path.join(folder, 'logs'))
        return ns, server

    def test_silent_server_can_be_cancelled(self):
        ns, server = self.with_server()
        s = self.head.open('connect', 'tcp://never.example.org:80')
        s.wait('state', 'resolving')
        p.until('asked', lambda: server.asked)
        self.assertLess(s.stop(), 200 * p.SLOW)
        self.assertEqual(s.status()['state'], 'closed')

    def test_others_go_on_meanwhile(self):
        """As many stuck lookups as there are threads but one, and one that is answered by the hosts
        file; and the engine goes on in any case."""
        ns, server = self.with_server()
        listener = self.head.listen(reaction='echo')
        stuck = [self.head.open('connect', 'tcp://never%d.example.org:80' % i) for i in range(12)]
        p.until('asked', lambda: server.asked >= 12)
        s = self.head.open('connect', 'tcp://localhost:%d' % listener.port, family='ipv4')
        begun = time.monotonic()
        s.wait('state', 'connected')
        self.assertLess(time.monotonic() - begun, 0.5 * p.SLOW)
        s.send_wait(b'alive')
        s.wait('rx_bytes', 5)
        for x in stuck:
            self.assertEqual(x.status()['state'], 'resolving')

    def test_quitting_does_not_wait_for_it(self):
        ns, server = self.with_server()
        self.head.open('connect', 'tcp://never.example.org:80').wait('state', 'resolving')
        p.until('asked', lambda: server.asked)
        begun = time.monotonic()
        self.head.close()
        self.assertLess(time.monotonic() - begun, 0.5 * p.SLOW)

    def test_connect_timeout_covers_the_lookup(self):
        ns, server = self.with_server()
        s = self.head.open('connect', 'tcp://never.example.org:80', connect_timeout_ms=500)
        fault = s.wait('state', 'failed', ms=3000)['fault']
        self.assertIn(fault['step'], ('connect-timeout', 'resolve'))

    def test_slow_server(self):
        ns, server = self.with_server(address='127.0.0.1', delay_s=0.5)
        listener = self.head.listen('tcp://0.0.0.0:0')
        s = self.head.open('connect', 'tcp://slow.example.org:%d' % listener.port, family='ipv4')
        s.wait('state', 'connected')
        resolved = s.event('resolved')
        self.assertEqual(resolved['n1'], 1)
        self.assertGreaterEqual(resolved['n2'], 450e6)
        self.assertTrue(s.event('resolved-address')['peer'].startswith('127.0.0.1'))

    def test_no_server_at_all(self):
        ns, server = self.with_server()
        folder = self.tmp()
        ns.file('/etc/resolv.conf', 'nameserver 127.0.0.2\noptions timeout:1 attempts:1\n', folder)
        head = p.Head(prefix=ns.prefix, log_dir=os.path.join(folder, 'logs'))
        with head:
            s = head.open('connect', 'tcp://refused.example.org:80')
            fault = s.wait('state', 'failed')['fault']
            self.assertEqual(fault['step'], 'resolve')
            self.assertNotEqual(fault['gai_code'], 0)


class HappyEyeballs(p.Case):
    """Two namespaces and a cable; the name has an IPv6 and an IPv4 address."""

    def setUp(self):
        super().setUp()
        p.need('ip')
        p.need_ipv6()
        self.a, self.b = self.namespace(), self.namespace()
        self.a.veth('v0', self.b, 'v1')
        self.a.addr('10.77.0.1/24', 'v0')
        self.a.addr('2001:db8:77::1/64', 'v0')
        self.b.addr('10.77.0.2/24', 'v1')
        self.b.addr('2001:db8:77::2/64', 'v1')
        self.folder = self.tmp()
        self.a.file('/etc/hosts', '2001:db8:77::2 dual.test\n10.77.0.2 dual.test\n'
                    '2001:db8:77::2 six.test\n127.0.0.1 localhost\n', self.folder)
        if os.path.exists('/etc/nsswitch.conf'):
            self.a.file('/etc/nsswitch.conf', 'hosts: files\nservices: files\n', self.folder)
        self._head = p.Head(prefix=self.a.prefix, log_dir=os.path.join(self.folder, 'logs'))
        # Neighbours are known before anything is measured.
        self.warm()

    def warm(self):
        c = self.a.socket(socket.AF_INET6)
        with c:
            try:
                c.connect(('2001:db8:77::2', 1))
            except OSError:
                pass

    def listener(self, family, host, port=0):
        s = self.b.socket(family)
        self.keep(s)
        if family == socket.AF_INET6:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        s.bind((host, port))
        s.listen(5)
        return s

    def drop(self, rule):
        p.need('nft')
        self.b.run('nft', 'add table inet t')
        self.b.run('nft', 'add chain inet t i { type filter hook input priority 0 ; }')
        self.b.run('nft', 'add rule inet t i ' + rule)

    def names(self, s):
        return [(e['event']['name'], e['event']['peer'].startswith('[') and 6 or 4)
                for e in s.events()
                if e['event']['name'].startswith('candidate') or e['event']['name'] == 'connected']

    def test_ipv6_first(self):
        four = self.listener(socket.AF_INET, '10.77.0.2')
        self.listener(socket.AF_INET6, '::', four.getsockname()[1])
        s = self.head.open('connect', 'tcp://dual.test:%d' % four.getsockname()[1])
        s.wait('state', 'connected')
        self.assertEqual(s.event('resolved')['n1'], 2)
        self.assertEqual(self.names(s), [('candidate-started', 6), ('connected', 6)])

    def test_dead_ipv6(self):
        four = self.listener(socket.AF_INET, '10.77.0.2')
        self.drop('meta nfproto ipv6 tcp dport 1-65535 drop')
        begun = time.monotonic()
        s = self.head.open('connect', 'tcp://dual.test:%d' % four.getsockname()[1])
        s.wait('state', 'connected')
        took = time.monotonic() - begun
        self.assertTrue(0.2 <= took < 0.6 * p.SLOW, took)
        s.wait_event('candidate-dropped')
        self.assertEqual(sorted(self.names(s)), [('candidate-dropped', 6), ('candidate-started', 4),
                                                 ('candidate-started', 6), ('connected', 4)])
        self.assertEqual(self.names(s)[0], ('candidate-started', 6))
        dropped = s.event('candidate-dropped')
        self.assertTrue(dropped['peer'].startswith('[2001:db8:77::2]'))
        self.assertGreaterEqual(dropped['n2'], 200e6)
        s.send_wait(b'works')
        c, _ = four.accept()
        self.assertEqual(self.keep(c).recv(10), b'works')
        # No socket of the loser is left: the only TCP one of the process is the winner's.
        out = self.a.run('ss', '-tanp')
        self.assertNotIn('SYN-SENT', out)

    def test_refused_ipv6_does_not_wait(self):
        four = self.listener(socket.AF_INET, '10.77.0.2')
        begun = time.monotonic()
        s = self.head.open('connect', 'tcp://dual.test:%d' % four.getsockname()[1])
        s.wait('state', 'connected')
        self.assertLess(time.monotonic() - begun, 0.15 * p.SLOW)
        self.assertEqual(self.names(s), [('candidate-started', 6), ('candidate-failed', 6),
                                         ('candidate-started', 4), ('connected', 4)])
        failed = s.event('candidate-failed')
        self.assertEqual(failed['errno'], 'ECONNREFUSED')

    def test_no_ipv6_route(self):
        self.a.run('ip', '-6', 'addr', 'flush', 'dev', 'v0')
        four = self.listener(socket.AF_INET, '10.77.0.2')
        begun = time.monotonic()
        s = self.head.open('connect', 'tcp://dual.test:%d' % four.getsockname()[1])
        s.wait('state', 'connected')
        self.assertLess(time.monotonic() - begun, 0.15 * p.SLOW)

    def test_all_refused(self):
        s = self.head.open('connect', 'tcp://dual.test:1')
        fault = s.wait('state', 'failed')['fault']
        self.assertEqual((fault['step'], fault['errno']), ('connect', 'ECONNREFUSED'))
        self.assertEqual(s.check()['events']['candidate-failed'], 2)

    def test_all_dead(self):
        self.drop('tcp dport 1-65535 drop')
        s = self.head.open('connect', 'tcp://dual.test:80', connect_timeout_ms=900)
        fault = s.wait('state', 'failed')['fault']
        self.assertEqual(fault['step'], 'connect-timeout')
        self.assertEqual(s.check()['events']['candidate-started'], 2)

    def test_stop_in_the_middle(self):
        self.drop('tcp dport 1-65535 drop')
        s = self.head.open('connect', 'tcp://dual.test:80')
        s.wait_event('candidate-started', 2)
        self.assertLess(s.stop(), 200 * p.SLOW)

    def test_family_is_kept(self):
        four = self.listener(socket.AF_INET, '10.77.0.2')
        self.listener(socket.AF_INET6, '::', four.getsockname()[1])
        s = self.head.open('connect', 'tcp://dual.test:%d' % four.getsockname()[1], family='ipv4')
        s.wait('state', 'connected')
        self.assertEqual(self.names(s), [('candidate-started', 4), ('connected', 4)])

    def test_late_ipv6_wins_when_it_answers_first(self):
        """IPv4 dead, IPv6 alive: the order does not matter, one connection is left."""
        six = self.listener(socket.AF_INET6, '::')
        self.drop('ip protocol tcp drop')
        s = self.head.open('connect', 'tcp://dual.test:%d' % six.getsockname()[1])
        s.wait('state', 'connected')
        self.assertTrue(s.event('connected')['peer'].startswith('['))


if __name__ == '__main__':
    p.in_user_namespace()
    p.main()
