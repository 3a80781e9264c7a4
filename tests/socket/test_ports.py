#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Port check, whois, finger, Wake-on-LAN and listening, between two computers (namespaces) with a
cable and a router: what is said is true there, and what nmap says."""

import email.parser
import hashlib
import hmac
import json
import os
import re
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time

import ptlhead as p

ASK = os.environ.get('PTL_ASK', 'ptl-ask')


class Case(p.Case):
    def ask(self, ns, *args, timeout=120):
        prefix = ns.prefix if ns else []
        r = subprocess.run([*prefix, ASK, *map(str, args)], capture_output=True, text=True,
                           timeout=timeout * p.SLOW)
        self.assertEqual(r.returncode, 0, r.stderr)
        return [json.loads(line) for line in r.stdout.splitlines()]

    def check(self, ns, address, ports, *args):
        """{port: its last report}, and the sums."""
        lines = self.ask(ns, 'ports', address, ports, *args)
        return {r['port']: r for r in lines[:-1]}, lines[-1]

    def serve(self, ns, address='0.0.0.0', port=0, greeting=b'', answer=b'', family=socket.AF_INET):
        """A TCP server that greets, or answers the first thing it is told."""
        s = self.keep(ns.socket(family) if ns else socket.socket(family))
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.settimeout(None)
        s.bind((address, port))
        s.listen(50)

        def one(c):
            with c:
                try:
                    if greeting:
                        c.sendall(greeting)
                    got = c.recv(4096)
                    if answer:
                        c.sendall(answer(got) if callable(answer) else answer)
                except OSError:
                    pass

        def run():
            while True:
                try:
                    c, _ = s.accept()
                except OSError:
                    return
                threading.Thread(target=one, args=(c,), daemon=True).start()

        threading.Thread(target=run, daemon=True).start()
        self.addCleanup(lambda: self.end(s))
        return s.getsockname()[1]

    def rules(self, ns, hook, *rules):
        text = 'table inet t {\n chain c {\n  type filter hook %s priority 0;\n  %s\n }\n}\n' % (
            hook, '\n  '.join(rules))
        r = subprocess.run([*ns.prefix, 'nft', '-f', '-'], input=text, capture_output=True,
                           text=True, check=False)
        if r.returncode:
            self.assertNotIn('syntax error', r.stderr)
            self.skipTest('no such rules here: ' + r.stderr.strip().splitlines()[0])

    @staticmethod
    def end(s):
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Own(Case):
    def test_greetings(self):
        ports = {
            self.serve(None, '127.0.0.1', greeting=b'SSH-2.0-OpenSSH_9.2p1\r\n'): 'SSH',
            self.serve(None, '127.0.0.1', greeting=b'+OK Dovecot ready.\r\n'): 'POP3',
            self.serve(None, '127.0.0.1', greeting=b'* OK [CAPABILITY IMAP4rev1]\r\n'): 'IMAP',
            self.serve(None, '127.0.0.1', greeting=b'220 m ESMTP Exim\r\n'): 'SMTP',
            self.serve(None, '127.0.0.1', greeting=b'\xff\xfd\x18'): 'Telnet',
        }
        web = self.serve(None, '127.0.0.1', answer=b'HTTP/1.1 200 OK\r\nServer: t\r\n\r\n')
        found, sums = self.check(None, '127.0.0.1', ','.join(map(str, [*ports, web])), '--greet')
        for port, name in ports.items():
            self.assertEqual((found[port]['state'], found[port]['looks']), ('open', name))
        self.assertEqual((found[web]['state'], found[web]['looks']), ('open', ''))
        self.assertTrue(sums['own'])
        found, _ = self.check(None, '127.0.0.1', web, '--http')
        self.assertEqual((found[web]['looks'], found[web]['http']), ('HTTP', True))

    def test_tls_that_waits_to_be_asked(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        pem = os.path.join(folder, 'pem')
        try:
            subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                            'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=localhost',
                            '-keyout', pem, '-out', pem + '.crt'], capture_output=True, check=True)
        except FileNotFoundError:
            self.skipTest('no openssl here')
        ports = {}
        for version in ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pem + '.crt', pem)
            context.minimum_version = context.maximum_version = version
            s = self.keep(socket.socket())
            s.settimeout(None)
            s.bind(('127.0.0.1', 0))
            s.listen(50)
            self.addCleanup(self.end, s)
            ports[s.getsockname()[1]] = []

            def run(s=s, context=context, seen=ports[s.getsockname()[1]]):
                while True:
                    try:
                        c, _ = s.accept()
                    except OSError:
                        return
                    try:
                        context.wrap_socket(c, server_side=True).close()
                    except OSError as e:
                        seen.append(getattr(e, 'reason', None))
                        c.close()

            threading.Thread(target=run, daemon=True).start()
        dumb = self.serve(None, '127.0.0.1', answer=b'')
        wanted = ','.join(map(str, [*ports, dumb]))
        found, _ = self.check(None, '127.0.0.1', wanted, '--greet')
        self.assertEqual({r['looks'] for r in found.values()}, {''})
        found, _ = self.check(None, '127.0.0.1', wanted, '--http')
        for port, seen in ports.items():
            self.assertEqual((found[port]['state'], found[port]['looks']), ('open', 'TLS'), found)
            self.assertTrue(found[port]['greeting'].startswith('\\x16\\x03\\x03'), found[port])
            # First it was HEAD; the ClientHello was nothing that a server refuses.
            self.assertIn('HTTP_REQUEST', seen)
            self.assertNotIn('DECODE_ERROR', seen)
        self.assertEqual((found[dumb]['state'], found[dumb]['looks']), ('open', ''))
        self.assertFalse(found[dumb]['more'])

    def test_hostile_greetings_are_bounded(self):
        flood = self.serve(None, '127.0.0.1', greeting=b'A' * 1000000)
        found, _ = self.check(None, '127.0.0.1', flood, '--greet')
        self.assertEqual(found[flood]['greeting'], 'A' * 512)

    def test_nobody_is_taken_for_a_server(self):
        """The kernel may pick the port that is checked as our own: then we talk to ourselves."""
        ns = self.namespace()
        ns.run('sysctl', '-qw', 'net.ipv4.ip_local_port_range=40000 40015')
        for _ in range(5):
            found, sums = self.check(ns, '127.0.0.1', '40000-40015')
            self.assertEqual({r['state'] for r in found.values()}, {'closed'}, found)
            self.assertEqual(sums['closed'], 16)

    def test_as_nmap_finds(self):
        p.need('nmap')
        ns = self.namespace()
        mine = {self.serve(ns, '127.0.0.1') for _ in range(12)}
        found, sums = self.check(ns, '127.0.0.1', 'all')
        self.assertEqual({n for n, r in found.items() if r['state'] == 'open'}, mine)
        self.assertEqual((sums['done'], sums['closed']), (65535, 65535 - 12))
        out = ns.run('nmap', '-sT', '-n', '-Pn', '-T5', '-p-', '-oG', '-', '127.0.0.1')
        self.assertEqual({int(n) for n in re.findall(r'(\d+)/open/tcp', out)} & mine, mine)

    def test_stop(self):
        lines = self.ask(None, 'ports', '127.0.0.1', 'all', '--rate', 20, '--sums',
                         '--stop-after', 200)
        self.assertLess(lines[-1]['done'], 200)
        self.assertLess(lines[-1]['elapsed_ns'], 2e9 * p.SLOW)


class Others(Case):
    """a - r - b: 10.77.1.0/24 between a and r, 10.77.2.0/24 between r and b."""

    def setUp(self):
        super().setUp()
        p.need('ip', 'nft')
        self.a, self.r, self.b = self.namespace(), self.namespace(), self.namespace()
        self.a.veth('a1', self.r, 'r1')
        self.r.veth('r2', self.b, 'b1')
        self.a.addr('10.77.1.1/24', 'a1')
        self.r.addr('10.77.1.254/24', 'r1')
        self.r.addr('10.77.2.254/24', 'r2')
        self.b.addr('10.77.2.2/24', 'b1')
        self.a.run('ip', 'route', 'add', '10.77.2.0/24', 'via', '10.77.1.254')
        self.b.run('ip', 'route', 'add', '10.77.1.0/24', 'via', '10.77.2.254')
        self.r.run('sysctl', '-qw', 'net.ipv4.ip_forward=1')


    def test_tcp(self):
        self.serve(self.b, port=80)
        self.rules(self.b, 'input', 'tcp dport 81 drop',
                   'tcp dport 82 reject with icmp type admin-prohibited',
                   'tcp dport 83 reject with tcp reset',
                   'tcp dport 84 reject with icmp type port-unreachable')
        self.rules(self.r, 'forward', 'tcp dport 86 reject with icmp type admin-prohibited')
        found, sums = self.check(self.a, '10.77.2.2', '80-86', '--timeout', 1500)
        self.assertFalse(sums['own'])
        said = {n: (r['state'], r['why'], r['icmp'], r['from']) for n, r in found.items()}
        self.assertEqual(said, {
            80: ('open', 'connected', [0, 0], ''),
            81: ('filtered', 'silence', [0, 0], ''),
            82: ('filtered', 'icmp', [3, 13], '10.77.2.2'),
            83: ('closed', 'refused', [0, 0], ''),
            # A host itself answers with a reset (RFC 1122 section 3.2.2.1): this was a filter.
            84: ('filtered', 'icmp', [3, 3], '10.77.2.2'),
            85: ('closed', 'refused', [0, 0], ''),
            86: ('filtered', 'icmp', [3, 13], '10.77.1.254'),
        })
        p.need('nmap')
        out = self.a.run('nmap', '-sT', '-n', '-Pn', '-T5', '-p', '80-83,85-86', '-oG', '-',
                         '10.77.2.2')
        self.assertEqual({int(n): s for n, s in re.findall(r'(\d+)/(open|closed|filtered)/', out)},
                         {n: s[0] for n, s in said.items() if n != 84})

    def test_udp(self):
        silent = self.keep(self.b.socket(socket.AF_INET, socket.SOCK_DGRAM))
        silent.bind(('10.77.2.2', 5004))
        self.rules(self.b, 'input', 'udp dport 5001 drop',
                   'udp dport 5003 reject with icmp type admin-prohibited')
        self.rules(self.r, 'forward', 'udp dport 5005 reject with icmp type port-unreachable')
        found, _ = self.check(self.a, '10.77.2.2', '5001-5005', '--udp', '--timeout', 400)
        said = {n: (r['state'], r['why'], r['icmp'], r['from']) for n, r in found.items()}
        self.assertEqual(said, {
            5001: ('open|filtered', 'silence', [0, 0], ''),
            5002: ('closed', 'icmp', [3, 3], '10.77.2.2'),
            5003: ('filtered', 'icmp', [3, 13], '10.77.2.2'),
            5004: ('open|filtered', 'silence', [0, 0], ''),
            5005: ('filtered', 'icmp', [3, 3], '10.77.1.254'),
        })

    def answer(self, port, make, source=None):
        """What b answers at a UDP port; None: nothing."""
        s = self.keep(self.b.socket(socket.AF_INET, socket.SOCK_DGRAM))
        s.settimeout(20 * p.SLOW)
        s.bind(('10.77.2.2', port))
        out = s
        if source is not None:
            out = self.keep(self.b.socket(socket.AF_INET, socket.SOCK_DGRAM))
            out.bind(('10.77.2.2', 0))

        def run():
            try:
                while True:
                    data, peer = s.recvfrom(2048)
                    back = make(data)
                    if back is not None:
                        out.sendto(back, peer)
            except OSError:
                pass

        threading.Thread(target=run, daemon=True).start()

    def test_udp_answers_of_protocols(self):
        answer = self.answer
        answer(7, lambda d: d)
        answer(69, lambda d: b'\0\5\0\1File not found\0', source=0)
        answer(123, lambda d: b'\x24\x01' + d[2:24] + d[40:48] + d[32:])
        answer(3478, lambda d: b'\1\1\0\0' + d[4:20])
        answer(5683, lambda d: b'\x70\0' + d[2:4])
        answer(161, lambda d: b'garbage')
        found, _ = self.check(self.a, '10.77.2.2', '7,69,123,161,3478,5683', '--udp')
        self.assertEqual({n: (r['state'], r['fits']) for n, r in found.items()}, {
            7: ('open', True), 69: ('open', True), 123: ('open', True), 3478: ('open', True),
            5683: ('open', True), 161: ('open', False),
        })

    def test_udp_questions_that_servers_take_apart(self):
        """Each as its specification has it, or there is no answer."""

        def ike(data):
            spi, rest = data[:8], data[8:]
            self.assertEqual(rest[:12], bytes(8) + b'\x21\x20\x22\x08')
            self.assertEqual(struct.unpack('!II', rest[12:20]), (0, len(data)))
            kind, at, seen = 33, 28, []
            while kind:
                follows, critical, size = struct.unpack('!BBH', data[at:at + 4])
                self.assertEqual(critical, 0)
                seen.append((kind, data[at + 4:at + size]))
                kind, at = follows, at + size
            self.assertEqual((at, [k for k, _ in seen]), (len(data), [33, 34, 40]))
            proposal = seen[0][1]
            self.assertEqual(struct.unpack('!BBHBBBB', proposal[:8]), (0, 0, 40, 1, 1, 0, 4))
            kinds = [struct.unpack('!BBHBBH', proposal[i:i + 8]) for i in range(8, 40, 8)]
            self.assertEqual(kinds, [(3 * (i < 4), 0, 8, i, 0, 65000) for i in range(1, 5)])
            self.assertEqual(struct.unpack('!HH', seen[1][1][:4]), (65000, 0))
            self.assertTrue(16 <= len(seen[2][1]) <= 256)
            # Notify NO_PROPOSAL_CHOSEN.
            return (spi + b'responde' + b'\x29\x20\x22\x20' + struct.pack('!II', 0, 36)
                    + struct.pack('!BBHBBH', 0, 0, 8, 0, 0, 14))

        def ike_nat(data):
            self.assertEqual(data[:4], bytes(4))
            return bytes(4) + ike(data[4:])

        def kerberos(data):
            def take(data, tag):
                self.assertEqual(data[0], tag)
                self.assertLess(data[1], 128)
                self.assertLessEqual(2 + data[1], len(data))
                return data[2:2 + data[1]], data[2 + data[1]:]

            whole, rest = take(data, 0x6a)
            self.assertEqual(rest, b'')
            whole, rest = take(whole, 0x30)
            self.assertEqual(rest, b'')
            version, whole = take(whole, 0xa1)
            kind, whole = take(whole, 0xa2)
            body, rest = take(whole, 0xa4)
            self.assertEqual((version, kind, rest), (b'\2\1\5', b'\2\1\n', b''))
            body, rest = take(body, 0x30)
            self.assertEqual(rest, b'')
            found = {}
            while body:
                tag = body[0]
                found[tag & 31], body = take(body, tag)
            self.assertEqual(sorted(found), [0, 1, 2, 3, 5, 7, 8])
            self.assertIn(b'portlight', found[1])
            self.assertEqual(found[2], b'\x1b\7INVALID')
            # KRB-ERROR, only its beginning.
            return b'\x7e\x10\x30\x0e\xa0\3\2\1\5\xa1\3\2\1\x1e\xa6\2'

        def radius(secret, code):
            def run(data):
                self.assertEqual((data[0], struct.unpack('!H', data[2:4])[0]), (12, len(data)))
                self.assertEqual(data[20:22], b'\x50\x12')
                blank = data[:22] + bytes(16)
                if hmac.digest(secret, blank, 'md5') != data[22:]:
                    return None  # RFC 5997 section 3: discarded silently
                head = struct.pack('!BBH', code, data[1], 20)
                return head + hashlib.md5(head + data[4:20] + secret).digest()
            return run

        def llmnr(data):
            self.assertEqual(data[2:12], b'\0\0\0\1\0\0\0\0\0\0')
            name = b'\x012\x012\x0277\x0210\7in-addr\4arpa\0'
            self.assertEqual(data[12:], name + b'\0\x0c\0\1')
            return data[:2] + b'\x80\0\0\1\0\1\0\0\0\0' + data[12:] + (
                b'\xc0\x0c\0\x0c\0\1\0\0\0\x1e\0\6\4host\0')

        def openvpn(data):
            self.assertEqual((data[:1], data[9:]), (b'8', bytes(5)))
            return b'\x40serverid\1' + bytes(4) + data[1:9] + bytes(4)

        def rtsp(data):
            head, _, body = data.partition(b'\r\n')
            self.assertEqual(head, b'OPTIONS * RTSP/1.0')
            fields = email.parser.BytesParser().parsebytes(body)
            self.assertEqual((fields.items(), fields.get_payload()), ([('CSeq', '1')], ''))
            return b'RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: DESCRIBE\r\n\r\n'

        def rdp(data):
            ack, window, flags, first, up, down = struct.unpack('!IHHIHH', data[:16])
            self.assertEqual((ack, flags, len(data)), (0xffffffff, 1, 1232))
            self.assertGreater(window, 0)
            self.assertTrue(1132 <= up <= 1232 and 1132 <= down <= 1232)
            self.assertEqual(set(data[16:]), {0})
            return struct.pack('!IHHIHH', first, 64, 5, 0x42, up, down).ljust(1232, b'\0')

        self.answer(500, ike)
        self.answer(554, rtsp)
        self.answer(3389, rdp)
        self.answer(4500, ike_nat)
        self.answer(88, kerberos)
        self.answer(1812, radius(b'', 2))
        self.answer(1813, radius(b'testing123', 5))
        self.answer(5355, llmnr)
        self.answer(1194, openvpn)
        self.answer(67, lambda d: None)
        found, _ = self.check(self.a, '10.77.2.2',
                              '67,88,500,554,1194,1812-1813,3389,4500,5355', '--udp',
                              '--timeout', 1500)
        self.assertEqual({n: (r['state'], r['fits']) for n, r in found.items()}, {
            67: ('open|filtered', False), 88: ('open', True), 500: ('open', True),
            1194: ('open', True), 1812: ('open', True), 1813: ('open|filtered', False),
            4500: ('open', True), 5355: ('open', True), 554: ('open', True), 3389: ('open', True),
        })

    def test_dhcp_of_dnsmasq(self):
        """It trusts the port of a DHCPINFORM that comes from the address it is about."""
        p.need('dnsmasq')
        folder = tempfile.mkdtemp(prefix='ptl-dnsmasq-')
        self.addCleanup(lambda: subprocess.run(['rm', '-r', folder], check=False))
        server = self.r.popen(
            'dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--port=0',
            '--user=', '--group=', '--pid-file=', '--interface=r1', '--bind-dynamic',
            '--dhcp-range=10.77.1.100,10.77.1.150', '--dhcp-leasefile=' + folder + '/leases',
            '--log-facility=' + folder + '/log', stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        deadline = time.monotonic() + 20 * p.SLOW
        while ':0043 ' not in self.r.run('cat', '/proc/net/udp'):
            self.assertLess(time.monotonic(), deadline, 'dnsmasq does not listen')
            time.sleep(0.05)
        found, _ = self.check(self.a, '10.77.1.254', '67', '--udp')
        with open(folder + '/log') as f:
            log = f.read()
        self.assertEqual((found[67]['state'], found[67]['fits']), ('open', True), log)
        self.assertIn('DHCPINFORM(r1) 10.77.1.1', log)
        # Nothing is kept for us.
        with open(folder + '/leases') as f:
            self.assertEqual(f.read(), '')

    def test_dns_of_knot(self):
        p.need('knotd')
        folder = tempfile.mkdtemp(prefix='ptl-knot-')
        self.addCleanup(lambda: subprocess.run(['rm', '-r', folder], check=False))
        with open(os.path.join(folder, 'knot.conf'), 'w') as f:
            f.write('server:\n  rundir: %s\n  listen: 10.77.2.2@53\n  udp-workers: 1\n'
                    '  tcp-workers: 1\n  background-workers: 1\ndatabase:\n  storage: %s\n'
                    % (folder, folder))
        knot = self.b.popen('knotd', '-c', os.path.join(folder, 'knot.conf'),
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(knot.wait)
        self.addCleanup(knot.terminate)
        deadline = time.monotonic() + 20 * p.SLOW
        while ':0035 ' not in self.b.run('cat', '/proc/net/udp'):
            self.assertLess(time.monotonic(), deadline, 'knotd does not listen')
            time.sleep(0.05)
        found, _ = self.check(self.a, '10.77.2.2', '53', '--udp')
        self.assertEqual((found[53]['state'], found[53]['fits']), ('open', True))

    def test_limited_errors(self):
        """Linux sends six ICMP errors at once and then one a second: silence is not believed."""
        self.b.run('sysctl', '-qw', 'net.ipv4.icmp_ratelimit=1000')
        silent = self.keep(self.b.socket(socket.AF_INET, socket.SOCK_DGRAM))
        silent.bind(('10.77.2.2', 6005))
        lines = self.ask(self.a, 'ports', '10.77.2.2', '6000-6011', '--udp', '--timeout', 300)
        found = {r['port']: r for r in lines[:-1]}
        self.assertEqual({n for n, r in found.items() if r['state'] != 'closed'}, {6005}, found)
        self.assertEqual(found[6005]['state'], 'open|filtered')
        # Some had been silent at first.
        self.assertTrue(any(r['more'] for r in lines[:-1]))

    def test_nobody_there(self):
        found, _ = self.check(self.a, '10.77.1.99', '80', '--timeout', 8000)
        self.assertEqual((found[80]['state'], found[80]['why'], found[80]['icmp'],
                          found[80]['from']), ('filtered', 'icmp', [3, 1], '10.77.1.1'))
        found, _ = self.check(self.a, '10.99.0.1', '80')
        self.assertEqual((found[80]['state'], found[80]['why'], found[80]['errno']),
                         ('failed', 'local', 'ENETUNREACH'))

    def test_nobody_there_by_default(self):
        # The kernel gives up asking for a neighbour after the time of a port.
        p.need_ipv6()
        self.a.addr('fd77::1/64', 'a1')
        for address, icmp, own in (('10.77.1.98', [3, 1], '10.77.1.1'),
                                   ('fd77::98', [1, 3], 'fd77::1')):
            with self.subTest(address):
                lines = self.ask(self.a, 'ports', address, '80,6000', '--both')
                last = {(r['transport'], r['port']): r for r in lines[:-1]}
                self.assertEqual(len(last), 4)
                for r in last.values():
                    self.assertEqual((r['state'], r['why'], r['icmp'], r['from']),
                                     ('filtered', 'icmp', icmp, own))
        # A host that is there and silent is not waited for.
        self.rules(self.b, 'input', 'tcp dport 80 drop')
        found, sums = self.check(self.a, '10.77.2.2', '80')
        self.assertEqual((found[80]['state'], found[80]['why']), ('filtered', 'silence'))

    def test_refused_by_own_routes(self):
        self.a.run('ip', 'route', 'add', 'prohibit', '10.70.0.0/16')
        self.a.run('ip', 'route', 'add', 'blackhole', '10.71.0.0/16')
        for address, errno, refusal in (
                ('10.70.0.1', 'EACCES', 'prohibited'), ('10.71.0.1', 'EINVAL', 'discarded'),
                ('10.77.1.255', 'EACCES', 'many'), ('fe80::1', 'EINVAL', 'no zone')):
            for transport in ((), ('--udp',)):
                if refusal == 'many':  # connect() says it of TCP with another word
                    errno = 'EACCES' if transport else 'ENETUNREACH'
                with self.subTest((address, transport)):
                    found, _ = self.check(self.a, address, '80', *transport)
                    self.assertEqual((found[80]['why'], found[80]['errno'], found[80]['refusal']),
                                     ('local', errno, refusal))

    def test_rate_is_modest(self):
        _, sums = self.check(self.a, '10.77.2.2', '1000-1149', '--sums')
        self.assertEqual(sums['closed'], 150)
        self.assertGreater(sums['elapsed_ns'], 1.3e9)
        _, sums = self.check(self.a, '10.77.1.1', '1000-1149', '--sums')
        self.assertTrue(sums['own'])

    def test_ipv6(self):
        p.need_ipv6()
        self.a.addr('fd77::1/64', 'a1')
        self.r.addr('fd77::2/64', 'r1')
        self.serve(self.r, '::', 80, family=socket.AF_INET6)
        self.rules(self.r, 'input', 'meta nfproto ipv6 tcp dport 82 reject with icmpv6 type '
                   'admin-prohibited', 'meta nfproto ipv6 tcp dport 81 drop')
        found, _ = self.check(self.a, 'fd77::2', '80-83', '--timeout', 1500)
        self.assertEqual({n: (r['state'], r['why'], r['from']) for n, r in found.items()}, {
            80: ('open', 'connected', ''),
            81: ('filtered', 'silence', ''),
            82: ('filtered', 'icmp', 'fd77::2'),
            83: ('closed', 'refused', ''),
        })
        found, _ = self.check(self.a, 'fd77::2', '5002', '--udp')
        self.assertEqual((found[5002]['state'], found[5002]['icmp']), ('closed', [1, 4]))


class Questions(Case):
    def test_whois(self):
        asked = []

        def second(query):
            asked.append(query)
            return b'Registrar: \xfcber\x1b[31m\n'

        to = self.serve(None, '127.0.0.1', answer=second)
        first = self.serve(None, '127.0.0.1', answer=b'refer: 127.0.0.1:%d\n' % to)
        lines = self.ask(None, 'whois', '127.0.0.1:%d' % first, 'bücher.example', '--follow')
        self.assertEqual([(a['port'], a['end'], a['next']) for a in lines],
                         [(first, 'closed', 'asked'), (to, 'closed', 'none')])
        self.assertEqual(asked, [b'xn--bcher-kva.example\r\n'])
        self.assertIn('\\xFC', lines[1]['text'].replace('\\xfc', '\\xFC'))

    def test_finger(self):
        asked = []

        def answer(query):
            asked.append(query)
            return b'Login: anna\r\n'

        port = self.serve(None, '127.0.0.1', answer=answer)
        lines = self.ask(None, 'whois', '', 'anna@127.0.0.1:%d' % port, '--finger', '--verbose')
        self.assertEqual((lines[0]['end'], lines[0]['text']), ('closed', 'Login: anna\\r\\n'))
        self.assertEqual(asked, [b'/W anna\r\n'])


class Cable(Case):
    """a1 - b1, 10.77.1.0/24."""

    def setUp(self):
        super().setUp()
        p.need('ip', 'nft')
        self.a, self.b = self.namespace(), self.namespace()
        self.a.veth('a1', self.b, 'b1')
        self.a.addr('10.77.1.1/24', 'a1')
        self.b.addr('10.77.1.2/24', 'b1')

    def test_wake(self):
        s = self.keep(self.b.socket(socket.AF_INET, socket.SOCK_DGRAM))
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        s.bind(('', 9))
        frame = b'\xff' * 6 + bytes.fromhex('001122aabbcc') * 16
        for to, password in (('255.255.255.255', b''), ('10.77.1.255', b'\1\2\3\4\5\6'),
                             ('10.77.1.2', b'\1\2\3\4')):
            with self.subTest(to):
                r = self.ask(self.a, 'wake', '00:11:22:aa:bb:cc', to, 'a1',
                             *([password.hex()] if password else []))
                self.assertEqual(r, [{'step': 'none', 'errno': '', 'from': '10.77.1.1'}])
                self.assertEqual(s.recvfrom(500)[0], frame + password)
        self.a.run('ip', 'link', 'set', 'a1', 'down')
        r = self.ask(self.a, 'wake', '00:11:22:aa:bb:cc', '255.255.255.255', 'a1')
        self.assertEqual(r[0]['step'], 'send')
        self.assertIn(r[0]['errno'], ('ENETUNREACH', 'ENETDOWN'))

    def hear(self, group, count=3):
        h = self.a.popen(ASK, 'hear', group, '9999', 'a1', str(count), stdout=subprocess.PIPE,
                         text=True)
        self.addCleanup(h.stdout.close)
        self.addCleanup(h.wait)
        self.addCleanup(h.kill)
        return h, self.told(h)

    def told(self, h):
        """The next line; what says nothing in that time is ended, and so the reading too."""
        over = threading.Timer(20 * p.SLOW, h.kill)
        over.start()
        try:
            line = h.stdout.readline()
        finally:
            over.cancel()
        self.assertNotEqual(line, '', 'it said nothing')
        return json.loads(line)

    def test_multicast_and_broadcast(self):
        for group, to in (('239.9.9.9', '239.9.9.9'), ('255.255.255.255', '255.255.255.255'),
                          ('255.255.255.255', '10.77.1.255')):
            with self.subTest(group):
                h, status = self.hear(group)
                self.assertEqual((status['check'], status['step']), ('good', 'none'), status)
                s = self.keep(self.b.socket(socket.AF_INET, socket.SOCK_DGRAM))
                s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'b1')
                s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 7)
                for _ in range(3):
                    s.sendto(b'hello\x1b', (to, 9999))
                frames = [self.told(h) for _ in range(3)]
                for f in frames:
                    self.assertEqual((f['from'], f['to'], f['len'], f['text']),
                                     ('10.77.1.2', to, 6, 'hello\\x1b'))
                    if group.startswith('239'):
                        self.assertEqual(f['ttl'], 7)
                h.wait(10 * p.SLOW)

    def test_multicast_ipv6(self):
        p.need_ipv6()
        self.a.addr('fe80::a/64', 'a1')
        self.b.addr('fe80::b/64', 'b1')
        h, status = self.hear('ff02::99', 1)
        self.assertEqual(status['check'], 'good', status)
        s = self.keep(self.b.socket(socket.AF_INET6, socket.SOCK_DGRAM))
        index = int(self.b.run('ip', '-o', 'link', 'show', 'dev', 'b1').split(':')[0])
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        s.sendto(b'six', ('ff02::99', 9999, 0, index))
        f = self.told(h)
        self.assertEqual((f['to'], f['ttl'], f['text']), ('ff02::99', 1, 'six'))

    def test_the_interface_goes(self):
        for change, errno in ((('set', 'a1', 'down'), ''),
                              (('set', 'a1', 'name', 'other1'), 'ENODEV'),
                              (('del', 'other1'), 'ENODEV')):
            with self.subTest(change):
                if change[0] == 'del':
                    self.a.run('ip', 'link', 'set', 'other1', 'name', 'a1')
                    change = ('del', 'a1')
                self.a.run('ip', 'link', 'set', 'a1', 'up')
                h, status = self.hear('239.9.9.9')
                self.assertEqual(status['check'], 'good')
                self.a.run('ip', 'link', *change)
                status = self.told(h)
                self.assertEqual((status['running'], status['step'], status['errno']),
                                 (False, 'device', errno))
                h.wait(10 * p.SLOW)

    def test_says_why_not(self):
        def check(group='239.9.9.9'):
            h, status = self.hear(group, 0)
            h.wait(10 * p.SLOW)
            return status

        self.rules(self.a, 'input', 'drop')
        status = check()
        self.assertEqual((status['check'], status['check_step']), ('failed', 'return'))
        self.assertEqual(check('255.255.255.255')['check_step'], 'return')
        self.a.run('nft', 'flush', 'ruleset')
        self.assertEqual(check()['check'], 'good')
        # A neighbour's own address is odd too, but for no broadcasts.
        status = check('10.77.1.3')
        self.assertEqual((status['running'], status['step'], status['errno']),
                         (False, 'device', 'EADDRNOTAVAIL'))
        self.rules(self.a, 'output', 'drop')
        status = check()
        self.assertEqual((status['check'], status['check_step'], status['check_errno']),
                         ('failed', 'send', 'EPERM'))
        self.a.run('nft', 'flush', 'ruleset')
        self.a.run('ip', 'link', 'set', 'a1', 'down')
        status = check()
        self.assertEqual((status['running'], status['step'], status['errno']),
                         (False, 'device', ''))


if __name__ == '__main__':
    p.in_user_namespace()
    p.main()
