# SPDX-License-Identifier: GPL-3.0-or-later
"""Ping and trace route along a path of the test's own: c - r1 - r2 - r3 - s, IPv4 and IPv6, with
routers that drop, forbid, have a small MTU or say nothing; beside ping, tracepath, traceroute."""

import json
import os
import re
import shutil
import socket
import struct
import tempfile
import threading

import ptlhead as p
import ptlpath
from ptlpath import NAMES, V4, V6

PROBE = os.path.abspath(os.environ.get('PTL_PROBE', 'build/tests/tools/ptl-probe'))
# PtlIcmpMeaning
TTL, NO_NET, NO_HOST, NO_PORT, TOO_BIG, PROHIBITED = 3, 5, 6, 8, 9, 11
# PtlPingState, PtlTraceState, PtlTraceMtuState
DONE, FAILED = 2, 3
MTU_FOUND, MTU_UNCONFIRMED = 2, 3
ANYBODY = '0 2147483647'
NOBODY = '1 0'


def checksum(data):
    if len(data) % 2:
        data += b'\0'
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Path(p.Case):
    """The path is made once; each test leaves it as it was."""

    @classmethod
    def setUpClass(cls):
        p.need('ip', 'nft', 'setpriv')
        folder = tempfile.mkdtemp(prefix='ptl-probe.')
        cls.addClassCleanup(shutil.rmtree, folder)
        os.chmod(folder, 0o755)
        cls.probe = shutil.copy(PROBE, folder)  # the build folder may be closed to others
        cls.ns = ptlpath.make_path(cls.addClassCleanup)
        cls.let_ping(ANYBODY)
        # Neighbours are known, so that no first probe is lost or slow.
        for target in (V4, V6):
            p.until('the path to %s' % target,
                    lambda t=target: cls.ping(t, '-c', '1')['targets'][0]['received'] == 1)

    @classmethod
    def let_ping(cls, text):
        ptlpath.let_ping(cls.ns['c'], text)

    @classmethod
    def run_probe(cls, *args, user=None, where='c'):
        prefix = []
        if user:
            prefix = ['setpriv', '--reuid', str(user), '--regid', str(user), '--clear-groups']
        return json.loads(cls.ns[where].run(*prefix, cls.probe, *args))

    @classmethod
    def ping(cls, target, *args, user=None, **keys):
        return cls.run_probe('ping', *args, *target.split(), user=user, **keys)

    @classmethod
    def trace(cls, target, *args, user=None, **keys):
        return cls.run_probe('trace', *args, target, user=user, **keys)

    def nft(self, name, *rules):
        """Rules of the table inet t of a namespace, gone with the test."""
        self.ns[name].run('nft', 'add table inet t')
        self.addCleanup(self.ns[name].run, 'nft', 'flush ruleset')
        for rule in rules:
            self.ns[name].run('nft', rule)

    def forbid(self, name, what, hook='forward'):
        self.nft(name, 'add chain inet t f { type filter hook %s priority 0; }' % hook,
                 'add rule inet t f ' + what)

    def sysctl(self, name, key, value, before):
        def write(text):
            self.ns[name].run('sh', '-c', 'echo "%s" > /proc/sys/net/%s' % (text, key))

        write(value)
        self.addCleanup(write, before)

    def mtu(self, hop, size):
        """Of the cable between NAMES[hop] and the one behind it."""
        for name, device in ((NAMES[hop], 'right'), (NAMES[hop + 1], 'left')):
            self.ns[name].run('ip', 'link', 'set', device, 'mtu', str(size))
            self.addCleanup(self.ns[name].run, 'ip', 'link', 'set', device, 'mtu', '1500')

    def routers(self, trace):
        return [[r['address'] for r in hop['routers']] for hop in trace['hops']]


class Methods(Path):
    """Which sockets the kernel lets one have, and what is done without."""

    def tearDown(self):
        self.let_ping(ANYBODY)
        super().tearDown()

    def test_datagram_where_the_range_lets(self):
        for user in (None, 65534):
            r = self.ping(V4 + ' ' + V6, user=user)
            self.assertEqual([r['ipv4']['via'], r['ipv6']['via']], ['datagram', 'datagram'])
            self.assertEqual(r['ipv4']['range'], [0, 2147483647])
            self.assertEqual([t['received'] for t in r['targets']], [3, 3])

    def test_range_of_other_groups(self):
        self.let_ping('1000 1000')
        r = self.ping(V4, user=65534)
        self.assertEqual((r['ipv4']['via'], r['ipv4']['datagram'], r['ipv4']['raw']),
                         ('tcp', 'EACCES', 'EPERM'))
        self.assertEqual(r['ipv4']['range'], [1000, 1000])
        self.let_ping('65534 65534')
        self.assertEqual(self.ping(V4, user=65534)['ipv4']['via'], 'datagram')

    def test_closed_range_root_has_raw_sockets(self):
        self.let_ping(NOBODY)
        r = self.ping(V4 + ' ' + V6)
        for family in ('ipv4', 'ipv6'):
            self.assertEqual((r[family]['via'], r[family]['datagram']), ('raw', 'EACCES'))
            self.assertEqual(r[family]['range'], [1, 0])
        for target in r['targets']:
            self.assertEqual((target['received'], target['ttl'], target['wrong']), (3, 61, 0))

    def test_closed_range_nobody_has_tcp(self):
        self.let_ping(NOBODY)
        r = self.ping(V4 + ' ' + V6, user=65534)
        for family in ('ipv4', 'ipv6'):
            self.assertEqual((r[family]['via'], r[family]['datagram'], r[family]['raw']),
                             ('tcp', 'EACCES', 'EPERM'))
        self.assertEqual([t['received'] for t in r['targets']], [3, 3])
        r = self.ping(V4, '-m', 'icmp', user=65534)
        self.assertEqual((r['targets'][0]['state'], r['targets'][0]['fail']), (FAILED, 'EPERM'))
        r = self.trace(V4, user=65534)
        self.assertEqual((r['via'], r['target_hop']), ('udp', 4))

    def test_tcp_open_and_closed_port(self):
        for where, port in ((V4, 8080), (V6, 8080)):
            family = socket.AF_INET6 if ':' in where else socket.AF_INET
            s = self.keep(self.ns['s'].socket(family))
            s.bind((where, port))
            s.listen(5)
            for asked in (port, port + 1):
                with self.subTest((where, asked)):
                    t = self.ping(where, '-m', 'tcp', '-p', str(asked), user=65534)['targets'][0]
                    self.assertEqual((t['received'], t['lost'], t['via']), (3, 0, 'tcp'))
            s.close()

    def test_udp(self):
        for where in (V4, V6):
            t = self.ping(where, '-m', 'udp', '-p', '33434', user=65534)['targets'][0]
            self.assertEqual((t['received'], t['errors'], t['via']), (3, 0, 'udp'))

    def test_udp_that_is_answered(self):
        s = self.keep(self.ns['s'].socket(kind=socket.SOCK_DGRAM))
        s.bind((V4, 7007))

        def answer():
            for _ in range(3):
                s.sendto(b'?', s.recvfrom(2000)[1])

        thread = threading.Thread(target=answer)
        thread.start()
        t = self.ping(V4, '-m', 'udp', '-p', '7007')['targets'][0]
        thread.join()
        self.assertEqual((t['received'], t['lost']), (3, 0))

    def test_stop_is_quick(self):
        r = self.ping(V4, '-c', '0', '-k', '500')
        self.assertLess(r['stop_ms'], 200)
        self.assertGreaterEqual(r['targets'][0]['received'], 2)
        self.assertLess(self.trace(V4, '-r', '0', '-k', '500')['stop_ms'], 200)

    def test_intervals_are_modest_but_to_oneself(self):
        t = self.ping(V4 + ' 127.0.0.1 10.77.0.2', '-i', '1', '-c', '2')['targets']
        self.assertEqual([x['interval'] for x in t], [200, 10, 10])
        self.assertEqual([x['own'] for x in t], [0, 1, 1])


class Answers(Path):
    """What comes back, told as what it is."""

    def test_as_ping_says(self):
        p.need('ping')
        for target in (V4, V6):
            out = self.ns['c'].run('ping', '-n', '-c', '3', '-i', '0.2', target)
            self.assertIn('3 packets transmitted, 3 received, 0% packet loss', out)
            ttl = int(re.search(r'ttl=(\d+)', out).group(1))
            avg = float(re.search(r'= [\d.]+/([\d.]+)/', out).group(1))
            t = self.ping(target)['targets'][0]
            self.assertEqual((t['sent'], t['received'], t['loss'], t['ttl']), (3, 3, 0.0, ttl))
            self.assertLessEqual(t['min'], t['avg'])
            self.assertLessEqual(t['avg'], t['max'])
            # The same path within the same second: of the same order.
            self.assertLess(t['min'], avg * 20 * p.SLOW)

    def test_time_exceeded(self):
        p.need('ping')
        for method in ('icmp', 'udp', 'tcp'):
            for target, router in ((V4, '10.77.1.2'), (V6, 'fd77:1::2')):
                with self.subTest((method, target)):
                    t = self.ping(target, '-m', method, '-t', '2')['targets'][0]
                    self.assertEqual((t['received'], t['errors'], t['loss']), (0, 3, 100.0))
                    self.assertEqual((t['notice']['meaning'], t['notice']['from']), (TTL, router))
        out = self.ns['c'].run('ping', '-n', '-c', '1', '-t', '2', V4, check=False)
        self.assertIn('From 10.77.1.2', out)
        self.assertIn('Time to live exceeded', out)

    def test_prohibited(self):
        self.forbid('r2', 'ip daddr %s reject with icmp type admin-prohibited' % V4)
        self.ns['r2'].run('nft', 'add rule inet t f ip6 daddr %s '
                          'reject with icmpv6 type admin-prohibited' % V6)
        for method in ('icmp', 'udp', 'tcp'):
            for target, router in ((V4, '10.77.1.2'), (V6, 'fd77:1::2')):
                with self.subTest((method, target)):
                    t = self.ping(target, '-m', method, user=65534)['targets'][0]
                    self.assertEqual((t['received'], t['errors']), (0, 3))
                    notice = t['notice']
                    self.assertEqual((notice['meaning'], notice['mark'], notice['from']),
                                     (PROHIBITED, '!X', router))

    def test_no_route(self):
        self.ns['c'].run('ip', 'route', 'add', '10.99.0.0/16', 'via', '10.77.0.1')
        self.addCleanup(self.ns['c'].run, 'ip', 'route', 'del', '10.99.0.0/16')
        t = self.ping('10.99.0.1')['targets'][0]
        self.assertEqual((t['notice']['meaning'], t['notice']['from']), (NO_NET, '10.77.0.1'))
        t = self.ping('192.0.2.1 2001:db8::1')['targets']
        for x in t:
            self.assertEqual((x['sent'], x['unsent'], x['unsent_errno']), (0, 3, 'ENETUNREACH'))
            self.assertLess(x['loss'], 0)

    def test_nobody_has_the_address(self):
        t = self.ping('10.77.3.77', '-w', '5000', '-c', '1')['targets'][0]
        self.assertEqual((t['notice']['meaning'], t['notice']['from']), (NO_HOST, '10.77.2.2'))
        t = self.ping('10.77.0.77', '-w', '5000', '-c', '1')['targets'][0]
        self.assertEqual((t['notice']['meaning'], t['notice']['own']), (NO_HOST, 1))

    def test_silence(self):
        self.forbid('r2', 'meta l4proto { icmp, ipv6-icmp } drop')
        for target in (V4, V6):
            t = self.ping(target, '-w', '300')['targets'][0]
            self.assertEqual((t['sent'], t['lost'], t['errors'], t['loss']), (3, 3, 0, 100.0))

    def test_every_other_one_lost(self):
        self.forbid('r2', 'ip daddr %s numgen inc mod 2 < 1 drop' % V4)
        t = self.ping(V4, '-c', '10', '-w', '300')['targets'][0]
        self.assertEqual((t['sent'], t['received'], t['lost'], t['loss']), (10, 5, 5, 50.0))

    def test_size_and_fragments(self):
        for target in (V4, V6):
            for size in ('0', '1', '11', '12', '1472', '4000', '60000'):
                with self.subTest((target, size)):
                    t = self.ping(target, '-s', size, '-c', '2')['targets'][0]
                    self.assertEqual((t['received'], t['wrong']), (2, 0))

    def test_too_big(self):
        self.mtu(2, 1400)
        for target, router, headers in ((V4, '10.77.1.2', 28), (V6, 'fd77:1::2', 48)):
            for method in ('icmp', 'udp'):
                with self.subTest((target, method)):
                    t = self.ping(target, '-m', method, '-d', '-s', str(1400 - headers),
                                  '-c', '2')['targets'][0]
                    self.assertEqual((t['received'], t['errors']), (2, 0))
                    t = self.ping(target, '-m', method, '-d', '-s', str(1401 - headers),
                                  '-c', '2')['targets'][0]
                    self.assertEqual((t['received'], t['errors']), (0, 2))
                    notice = t['notice']
                    self.assertEqual((notice['meaning'], notice['mtu'], notice['from']),
                                     (TOO_BIG, 1400, router))
                    # Larger than the first cable: the kernel itself refuses.
                    t = self.ping(target, '-m', method, '-d', '-s', '1500', '-c', '1')['targets'][0]
                    self.assertEqual((t['unsent'], t['unsent_errno']), (1, 'EMSGSIZE'))
                    self.assertEqual((t['notice']['local'], t['notice']['mtu']), (1, 1500))

    def test_several_side_by_side(self):
        self.forbid('r3', 'ip daddr %s drop' % V4)
        r = self.ping('10.77.0.1 10.77.1.2 %s %s 127.0.0.1 ::1' % (V4, V6), '-w', '300')
        self.assertEqual([t['received'] for t in r['targets']], [3, 3, 0, 3, 3, 3])

    def test_the_same_twice(self):
        r = self.ping('%s %s' % (V4, V4))
        self.assertEqual([(t['received'], t['duplicates']) for t in r['targets']], [(3, 0), (3, 0)])

    def test_refused_targets(self):
        for target, why in (('255.255.255.255', 'EACCES'), ('10.77.0.255', 'EACCES'),
                            ('224.0.0.1', 'EACCES'), ('ff02::1', 'EACCES')):
            t = self.ping(target)['targets'][0]
            self.assertEqual((t['state'], t['fail'], t['sent']), (FAILED, why, 0))


    def test_refused_by_routes_and_rules(self):
        run = self.ns['c'].run
        routes = (('prohibit', 'EACCES', 'prohibited', '10.70.0.0/16', 'fd70::/16'),
                  ('blackhole', 'EINVAL', 'discarded', '10.71.0.0/16', 'fd71::/16'),
                  ('unreachable', 'EHOSTUNREACH', 'other', '10.72.0.0/16', 'fd72::/16'))
        for kind, _errno, _refusal, *nets in routes:
            for net in nets:
                run('ip', 'route', 'add', kind, net)
                self.addCleanup(run, 'ip', 'route', 'del', kind, net)
        for version, net in (('-4', '10.88.0.0/16'), ('-6', 'fd88::/16')):
            run('ip', version, 'rule', 'add', 'to', net, 'blackhole')
            self.addCleanup(run, 'ip', version, 'rule', 'del', 'to', net, 'blackhole')
        for kind, errno, refusal, *nets in routes + (
                ('', 'EINVAL', 'discarded', '10.88.0.0/16', 'fd88::/16'),):
            for net in nets:
                target = net[:-3] + '1' if ':' in net else net[:-4] + '1'
                with self.subTest(target):
                    t = self.ping(target)['targets'][0]
                    found = t['unsent_errno'] if kind == 'unreachable' else t['fail']
                    self.assertEqual((found, t['refusal'], t['sent']), (errno, refusal, 0))
                    t = self.trace(target)
                    self.assertEqual((t['fail'], t['refusal'], t['hops']), (errno, refusal, []))
        for target, errno, refusal in (
                ('10.77.0.255', 'EACCES', 'many'), ('255.255.255.255', 'EACCES', 'many'),
                ('ff02::1', 'EACCES', 'many'), ('fe80::1', 'EINVAL', 'no zone')):
            with self.subTest(target):
                t = self.ping(target)['targets'][0]
                self.assertEqual((t['fail'], t['refusal']), (errno, refusal))
                self.assertEqual(self.trace(target)['refusal'], refusal)
        t = self.ping('fe80::1%999999')['targets'][0]
        self.assertEqual((t['unsent_errno'], t['refusal']), ('ENETUNREACH', 'no interface'))
        self.assertEqual(self.trace('fe80::1%999999')['refusal'], 'no interface')

    def test_own_firewall(self):
        for address, family in ((V4, 'ip'), (V6, 'ip6')):
            with self.subTest(address):
                self.forbid('c', '%s daddr %s drop' % (family, address), hook='output')
                # Of a datagram socket for ICMPv6 the kernel keeps it to itself: see the next.
                method = 'udp' if family == 'ip6' else 'icmp'
                t = self.ping(address, '-m', method)['targets'][0]
                self.assertEqual((t['unsent'], t['unsent_errno'], t['refusal']),
                                 (3, 'EPERM', 'firewall'))
                hop = self.trace(address, '-n', '-h', '1', '-m', method)['hops'][0]
                self.assertEqual((hop['unsent'], hop['refusal']), (1, 'firewall'))

    def test_held_back(self):
        """A firewall of its own that the kernel does not tell of; and what only looks like it."""
        for name, hook, held in (('r2', 'forward', 0), ('c', 'output', 1), ('c', 'postrouting', 1)):
            with self.subTest(name + ' ' + hook):
                self.forbid(name, 'icmpv6 type echo-request drop', hook=hook)
                t = self.ping(V6, '-m', 'icmp', '-c', '2', '-w', '200')['targets'][0]
                self.assertEqual((t['via'], t['sent'], t['lost'], t['held_back']),
                                 ('datagram', 2, 2, held), t)
                r = self.trace(V6, '-n', '-h', '2', '-m', 'icmp', '-w', '200')
                self.assertEqual(r['held_back'], held, r)
                self.ns[name].run('nft', 'flush ruleset')
        # Nobody has that address there: the kernel asks for it, and throws nothing away.
        t = self.ping('fd77::99', '-m', 'icmp', '-c', '1', '-w', '200')['targets'][0]
        self.assertEqual((t['received'], t['held_back']), (0, 0), t)

    def test_too_big_for_a_raw_socket(self):
        self.let_ping(NOBODY)
        self.addCleanup(self.let_ping, ANYBODY)
        for target in (V4, V6):
            with self.subTest(target):
                r = self.ping(target, '-d', '-s', '2000', '-c', '1')
                t = r['targets'][0]
                self.assertEqual((t['via'], t['unsent'], t['unsent_errno']),
                                 ('raw', 1, 'EMSGSIZE'))
                self.assertEqual((t['notice']['local'], t['notice']['meaning'],
                                  t['notice']['mtu']), (1, TOO_BIG, 1500))


class Odd(Path):
    """A peer of the test's own answers in the kernel's place, and not as it should."""

    def setUp(self):
        super().setUp()
        self.sysctl('s', 'ipv4/icmp_echo_ignore_all', '1', '0')
        with open('/proc/self/ns/net') as here, open('/proc/%d/ns/net' % self.ns['s'].pid) as there:
            p.libc.setns(there.fileno(), p.CLONE_NEWNET)
            try:
                self.raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
            finally:
                p.libc.setns(here.fileno(), p.CLONE_NEWNET)
        self.keep(self.raw)
        self.raw.settimeout(10 * p.SLOW)

    def serve(self, answer, n):
        """Calls answer(i, id, seq, data, send) for each of n requests."""

        def run():
            i = 0
            while i < n:
                packet, peer = self.raw.recvfrom(65536)
                header = (packet[0] & 15) * 4
                kind, _, _, ident, seq = struct.unpack('!BBHHH', packet[header:header + 8])
                if kind != 8:
                    continue

                def send(seq, data, ident=ident, kind=0, code=0):
                    body = struct.pack('!BBHHH', kind, code, 0, ident, seq) + data
                    body = body[:2] + struct.pack('!H', checksum(body)) + body[4:]
                    self.raw.sendto(body, peer)

                answer(i, packet[:header], ident, seq, packet[header + 8:], send)
                i += 1

        thread = threading.Thread(target=run)
        thread.start()
        self.addCleanup(thread.join)
        return thread

    def test_duplicates(self):
        def answer(i, ip, ident, seq, data, send):
            send(seq, data)
            send(seq, data)

        self.serve(answer, 3)
        # The last one's second answer may come after the end.
        t = self.ping(V4)['targets'][0]
        self.assertEqual((t['received'], t['wrong'], t['lost']), (3, 0, 0))
        self.assertGreaterEqual(t['duplicates'], 2)

    def test_reordered_and_late(self):
        kept = []

        def answer(i, ip, ident, seq, data, send):
            if i in (1, 3):
                kept.append((seq, data))
            else:
                send(seq, data)
                while kept:
                    send(*kept.pop())

        self.serve(answer, 6)
        t = self.ping(V4, '-c', '6', '-w', '1000')['targets'][0]
        self.assertEqual((t['received'], t['reordered'], t['lost'], t['late']), (6, 2, 0, 0))
        self.serve(answer, 6)
        t = self.ping(V4, '-c', '6', '-w', '100')['targets'][0]
        self.assertEqual((t['received'], t['reordered'], t['lost'], t['late']), (6, 2, 0, 2))

    def test_wrong_data(self):
        def answer(i, ip, ident, seq, data, send):
            changed = bytearray(data)
            changed[20] ^= 1
            send(seq, bytes(changed) if i == 0 else data[:30] if i == 1 else data + b'x')

        self.serve(answer, 3)
        for i, (at, length) in enumerate(((20, 56), (30, 30), (56, 57))):
            t = self.ping(V4, '-c', '1')['targets'][0]
            self.assertEqual((t['received'], t['wrong'], t['wrong_at'], t['wrong_len']),
                             (1, 1, at, length), i)

    def test_answers_to_nobody(self):
        def answer(i, ip, ident, seq, data, send):
            send(seq + 1, data)
            send(seq, data, ident=ident ^ 1)
            send(seq, b'', kind=3, code=1)
            send(seq, ip + struct.pack('!BBHHH', 8, 0, 0, ident ^ 1, seq), kind=3, code=1)
            send(seq, ip[:16] + socket.inet_aton('10.77.2.2')
                 + struct.pack('!BBHHH', 8, 0, 0, ident, seq), kind=3, code=1)
            send(seq, data)

        for ping_range in (ANYBODY, NOBODY):
            self.let_ping(ping_range)
            self.addCleanup(self.let_ping, ANYBODY)
            self.serve(answer, 3)
            t = self.ping(V4)['targets'][0]
            self.assertEqual((t['received'], t['lost'], t['errors'], t['duplicates'], t['wrong']),
                             (3, 0, 0, 0, 0))

    def test_labels(self):
        """A router's MPLS labels (RFC 4950), behind what it quotes."""

        def answer(i, ip, ident, seq, data, send):
            quoted = (ip + struct.pack('!BBHHH', 8, 0, 0, ident, seq) + data).ljust(128, b'\0')
            labels = struct.pack('!HBBI', 8, 1, 1, 24005 << 12 | 1 << 8 | 254)
            extension = b'\x20\0' + struct.pack('!H', 0) + labels
            extension = b'\x20\0' + struct.pack('!H', checksum(extension)) + labels
            # The length, in words of four bytes, is the second byte behind the checksum.
            send(0, quoted + extension, kind=11, ident=128 // 4)

        for ping_range in (ANYBODY, NOBODY):
            with self.subTest(ping_range):
                self.let_ping(ping_range)
                self.addCleanup(self.let_ping, ANYBODY)
                self.serve(answer, 1)
                t = self.ping(V4, '-c', '1')['targets'][0]
                self.assertEqual((t['errors'], t['notice']['meaning']), (1, TTL))
                self.assertEqual(t['notice']['labels'], [24005])


class Trace(Path):
    PATH4 = [['10.77.0.1'], ['10.77.1.2'], ['10.77.2.2'], [V4]]
    PATH6 = [['fd77::1'], ['fd77:1::2'], ['fd77:2::2'], [V6]]

    def test_all_methods(self):
        for user in (None, 65534):
            for method in ('icmp', 'udp', 'tcp'):
                for target, path in ((V4, self.PATH4), (V6, self.PATH6)):
                    with self.subTest((user, method, target)):
                        t = self.trace(target, '-m', method, '-r', '2', user=user)
                        self.assertEqual(self.routers(t), path)
                        self.assertEqual(t['target_hop'], 4)
                        self.assertEqual([h['received'] for h in t['hops']], [2] * 4)

    def test_last_ports(self):
        """From a port near the last one on, none of a server is met."""
        self.nft('s', 'add chain inet t i { type filter hook input priority 0; }',
                 'add rule inet t i udp dport != 64448-65535 counter drop',
                 'add rule inet t i udp dport 65530-65535 counter',
                 'add rule inet t i udp dport 64448-65529 counter')
        for target, path in ((V4, self.PATH4), (V6, self.PATH6)):
            t = self.trace(target, '-m', 'udp', '-p', '65530', '-r', '5')
            self.assertEqual(self.routers(t), path)
            self.assertEqual([(h['sent'], h['received']) for h in t['hops']], [(5, 5)] * 4)
            self.assertEqual((t['mtu'], t['mtu_state']), (1500, MTU_FOUND))
        counted = re.findall(r'counter packets (\d+)', self.ns['s'].run('nft', 'list ruleset'))
        self.assertEqual([int(n) > 0 for n in counted], [False, True, True])

    def test_raw(self):
        self.let_ping(NOBODY)
        self.addCleanup(self.let_ping, ANYBODY)
        for target, path in ((V4, self.PATH4), (V6, self.PATH6)):
            t = self.trace(target, '-m', 'icmp', '-r', '2')
            self.assertEqual((t['via'], t['mtu'], t['mtu_state']), ('raw', 1500, MTU_FOUND))
            self.assertEqual(self.routers(t), path)

    def test_as_others_say(self):
        p.need('traceroute', 'tracepath')
        self.mtu(2, 1400)
        for target, path in ((V4, self.PATH4), (V6, self.PATH6)):
            t = self.trace(target, user=65534)
            out = self.ns['c'].run('traceroute', '-n', '-q', '1', target)
            hops = re.findall(r'^ *\d+ +(\S+)', out, re.M)
            self.assertEqual([r[0] for r in self.routers(t)], hops)
            out = self.ns['c'].run('tracepath', '-n', target)
            self.assertIn('pmtu %d' % t['mtu'], out)
            self.assertRegex(out, r'Resume: pmtu %d hops %d' % (t['mtu'], t['target_hop']))

    def test_mtu_and_the_hop_that_lowers_it(self):
        self.mtu(2, 1400)
        self.mtu(3, 1300)
        for method, via in (('icmp', 'datagram'), ('udp', 'udp'), ('tcp', 'udp')):
            for target, path in ((V4, self.PATH4), (V6, self.PATH6)):
                with self.subTest((method, target)):
                    t = self.trace(target, '-m', method, user=65534)
                    self.assertEqual((t['mtu'], t['mtu_state'], t['mtu_via']),
                                     (1300, MTU_FOUND, via))
                    self.assertEqual([(d['mtu'], d['hop'], d.get('from')) for d in t['drops']],
                                     [(1500, 0, None), (1400, 2, path[1][0]),
                                      (1300, 3, path[2][0])])

    def test_mtu_black_hole(self):
        """Large packets vanish behind the second hop, and nobody says so."""
        self.forbid('r3', 'meta length > 1337 drop', hook='prerouting')
        t = self.trace(V4, '-m', 'udp')
        self.assertEqual((t['mtu'], t['mtu_state']), (1337, MTU_FOUND))
        self.assertEqual((t['drops'][-1]['mtu'], t['drops'][-1]['hop']), (1337, 2))
        self.assertNotIn('from', t['drops'][-1])

    def test_prohibited(self):
        self.forbid('r2', 'ip daddr %s reject with icmp type admin-prohibited' % V4)
        self.ns['r2'].run('nft', 'add rule inet t f ip6 daddr %s '
                          'reject with icmpv6 type admin-prohibited' % V6)
        for method in ('icmp', 'udp', 'tcp'):
            for target, path in ((V4, self.PATH4), (V6, self.PATH6)):
                with self.subTest((method, target)):
                    t = self.trace(target, '-m', method, user=65534)
                    self.assertEqual((t['target_hop'], t['end_hop']), (0, 3))
                    self.assertEqual(self.routers(t), path[:2] + path[1:2])
                    self.assertEqual(t['hops'][2]['routers'][0]['notice']['mark'], '!X')
                    self.assertEqual(t['mtu_state'], MTU_UNCONFIRMED)

    def test_a_hop_that_drops(self):
        self.forbid('r2', 'ip daddr %s drop' % V4)
        t = self.trace(V4, '-h', '6', '-w', '300', '-n')
        self.assertEqual(self.routers(t), self.PATH4[:2] + [[]] * 4)
        self.assertEqual([h['lost'] for h in t['hops']], [0, 0, 1, 1, 1, 1])

    def test_a_hop_that_says_nothing(self):
        self.forbid('r2', 'icmp type time-exceeded drop', hook='output')
        t = self.trace(V4, '-w', '500', '-r', '2')
        self.assertEqual(self.routers(t), [self.PATH4[0], [], self.PATH4[2], self.PATH4[3]])
        self.assertEqual([h['lost'] for h in t['hops']], [0, 2, 0, 0])
        self.assertEqual((t['mtu'], t['mtu_state']), (1500, MTU_FOUND))

    def test_several_routers_at_one_hop(self):
        """The router answers from another address every second time."""
        self.ns['r2'].addr('10.77.1.22/32', 'lo')
        self.addCleanup(self.ns['r2'].run, 'ip', 'addr', 'del', '10.77.1.22/32', 'dev', 'lo')
        self.nft('r2', 'add chain inet t n { type filter hook output priority -150; }',
                 'add rule inet t n icmp type time-exceeded numgen inc mod 2 < 1 '
                 'notrack ip saddr set 10.77.1.22')
        t = self.trace(V4, '-r', '4', '-n', '-m', 'udp')
        hop = t['hops'][1]
        self.assertEqual(sorted(r['address'] for r in hop['routers']), ['10.77.1.2', '10.77.1.22'])
        self.assertEqual([r['received'] for r in hop['routers']], [2, 2])
        self.assertEqual(hop['received'], 4)

    def test_max_hops(self):
        t = self.trace(V4, '-h', '2')
        self.assertEqual(self.routers(t), self.PATH4[:2])
        self.assertEqual((t['target_hop'], t['mtu_state']), (0, MTU_UNCONFIRMED))

    def test_this_computer(self):
        for target in ('127.0.0.1', '::1', '10.77.0.2'):
            t = self.trace(target)
            self.assertEqual((t['target_hop'], self.routers(t)), (1, [[target]]))
            self.assertEqual(t['mtu_state'], MTU_FOUND)
            self.assertGreaterEqual(t['mtu'], 65535)

    def test_any_is_this_computer(self):
        for target, reached in (('0.0.0.0', '127.0.0.1'), ('0', '127.0.0.1'), ('::', '::1')):
            for method in ('udp', 'icmp', 'tcp'):
                with self.subTest((target, method)):
                    t = self.trace(target, '-m', method)
                    self.assertEqual((t['target'], t['target_hop'], self.routers(t)),
                                     (reached, 1, [[reached]]))

    def test_no_route(self):
        t = self.trace('192.0.2.1')
        self.assertEqual((t['state'], t['fail'], t['hops']), (2, 'ENETUNREACH', []))


if __name__ == '__main__':
    p.main()
