#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Lookup pane: what was typed is recognised, and answers come with their source."""
import contextlib
import json
import os
import shutil
import socket
import struct
import threading
import time
import unittest

import pane
import ptldns
import ptlui

ENTRY = 'Host, address, service or port'
SILENT = 'did not answer within'
LIST = 'Names, addresses or ports, one on each line'


class Hostile:
    """A DNS server that misbehaves by the first label of the name; on loopback, UDP and TCP."""

    def __init__(self, address='192.0.2.1'):
        self.address = socket.inet_aton(address)
        while True:
            self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.udp.bind(('127.0.0.1', 0))
            self.tcp = socket.socket()
            try:
                self.tcp.bind(self.udp.getsockname())
                break
            except OSError:
                self.udp.close()
                self.tcp.close()
        self.tcp.listen()
        self.text = '127.0.0.1:%d' % self.udp.getsockname()[1]
        self.answers_later = threading.Event()

    def __enter__(self):
        self.over = threading.Event()
        self.threads = [threading.Thread(target=f) for f in (self.serve, self.close_all)]
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *unused):
        self.over.set()
        # Wakes what waits.
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'', self.udp.getsockname())
        socket.create_connection(self.tcp.getsockname()).close()
        while self.threads:
            self.threads.pop().join()
        self.udp.close()
        self.tcp.close()

    def close_all(self):
        while not self.over.is_set():
            with self.tcp.accept()[0] as s, contextlib.suppress(ConnectionError):
                # What is closed with bytes unread is reset; so may the other side do.
                s.recv(600)

    def serve(self):
        a = b'\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4' + self.address
        while not self.over.is_set():
            packet, peer = self.udp.recvfrom(600)
            if len(packet) < 18:
                continue
            end = packet.index(b'\0', 12) + 5
            label = packet[13 : 13 + packet[12]].decode()
            question = packet[12:end]
            flags, n, rest = 0x8180, 1, a
            if label == 'silent' or (label == 'later' and not self.answers_later.is_set()):
                continue
            if label == 'garbage':
                self.udp.sendto(packet[:2] + b'\xff' * 10, peer)
                continue
            if label == 'liar':
                question = b'\4evil' + question[5:]
            if label == 'refused':
                flags, n, rest = 0x8185, 0, b''
            if label == 'cut':
                flags, n, rest = 0x8380, 0, b''
            if label == 'long':
                rest = b'\xc0\x0c\0\x10\0\1\0\0\0\x3c' + struct.pack('>H', 5 * 211) \
                    + b''.join(b'\xd2' + c.encode() * 210 for c in 'abcde')
            if label == 'round':
                rest = b'\xc0\x0c\0\5\0\1\0\0\0\x3c\0\2\xc0\x0c'
            answer = packet[:2] + struct.pack('>5H', flags, 1, n, 0, 0) + question + rest
            if label == 'slow':
                # Those who ask for something else do not wait for it.
                self.threads.append(threading.Timer(0.6, self.udp.sendto, (answer, peer)))
                self.threads[-1].start()
            else:
                self.udp.sendto(answer, peer)


class Lookup(ptlui.UiCase):
    desk_options = {'size': (1280, 900)}

    def open_pane(self, *args, before=(), hosts='files'):
        # No question leaves this computer: names come from its hosts file, and its DNS server is
        # a port of its own that nobody listens on.
        prefix = pane.private_etc(self, {
            '/etc/nsswitch.conf': 'hosts: %s\nservices: files\n' % hosts,
            '/etc/resolv.conf': 'nameserver 127.0.0.1\n',
        })
        app = self.start(*prefix[1:], *before, ptlui.APP, *args, program=prefix[0])
        app.mouse(app.find('label', 'Lookup'))
        app.wait_until(
            lambda: any('selected' in app.states(o) for o in app.find_all('page tab', 'Lookup'))
            or not app.find_all('page tab', 'Lookup'),
            what='the pane',
        )
        return app

    def look_up(self, app, text):
        app.type_into(app.find('text', ENTRY), text)
        app.click(app.find('push button', 'Look Up', contains=True))

    def says(self, app, text, timeout=10):
        """A label with this text in it."""
        return app.find('label', text, contains=True, timeout=timeout)

    def use_server(self, app, server, type_name=None):
        app.type_into(app.find('text', 'Server (this computer’s own when empty)'), server)
        app.click(app.find('push button', 'Ask', contains=True))

    def test_recognises(self):
        app = self.open_pane()
        entry = app.find('text', ENTRY)
        for text, told in (
            ('127.0.0.1', 'This is an IPv4 address'),
            ('fe80::1', 'This is an IPv6 address'),
            ('2130706433', 'written as an integer'),
            ('443', 'This is a port number'),
            ('<broadcast>', 'INADDR_BROADCAST'),
            ('""', 'INADDR_ANY'),
            ('lo', 'a network interface'),
            ('http://localhost/', 'This is a URI'),
            ('bücher.example', 'in DNS xn--bcher-kva.example'),
            ('"":80', 'a host and a port; the host is any address of this computer'),
            ('127.1', 'as inet_aton() takes it: 127.0.0.1'),
            ('256.1.1.1', '256 is more than 255'),
            ('10.0.0.0/33', 'A prefix is a number from 0 to 32'),
            ('fe80::1%nope', 'this computer has no interface nope now'),
            ('unix:/run/x', 'the path of a Unix socket'),
            ('@name', 'the abstract name of a Unix socket'),
            ('a b', 'Not recognised'),
        ):
            app.type_into(entry, text)
            self.says(app, told)

    def test_error_in_the_order(self):
        app = self.open_pane(hosts='files [NOTFOUND return] dns')
        self.look_up(app, 'localhost')
        self.says(app, 'libc cannot read this line, so programs find no name at all')
        self.says(app, 'files [NOTFOUND return] dns')
        # It is so: the hosts file has the name, and no program finds it.
        self.says(app, 'No source knows this name')

    def test_anatomy_and_services(self):
        app = self.open_pane()
        self.look_up(app, '192.168.1.77/26')
        self.says(app, '192.168.1.64/26')
        self.says(app, '77.1.168.192.in-addr.arpa')
        self.says(app, 'Private: inside a site only')
        app.type_into(app.find('text', 'Does it contain this address?'), '192.168.1.200')
        self.says(app, 'no, it is outside')
        self.look_up(app, '80')
        self.says(app, 'http 80/tcp')
        self.look_up(app, 'localhost')
        self.says(app, 'nsswitch.conf: ')
        self.says(app, '127.0.0.1')

    @unittest.skipIf(ptldns.skip(), ptldns.skip() or '')
    def test_records(self):
        with ptldns.Knot({'portlight.test': ptldns.ZONE}) as knot:
            app = self.open_pane()
            self.look_up(app, 'portlight.test')
            self.use_server(app, knot.text)
            for text in (
                '192.0.2.1',
                '10 mail.portlight.test.',
                '"v=spf1 -all" "second string"',
                '0 issue "ca.example.net"',
                'TTL 300 s',
                knot.text,
            ):
                self.says(app, text)
            self.look_up(app, 'big.portlight.test')
            self.says(app, 'bytes over TCP')
            self.look_up(app, '_443._tcp.www.portlight.test')
            self.says(app, '3 1 1 0123456789abcdef')
            self.look_up(app, 'nothing.portlight.test')
            self.says(app, 'NXDOMAIN: there is no such name')
            self.look_up(app, 'example.invalid')
            self.says(app, 'REFUSED')

    @unittest.skipIf(ptldns.skip(), ptldns.skip() or '')
    def test_trace(self):
        with ptldns.chain() as start:
            app = self.open_pane()
            self.look_up(app, 'www.portlight.test')
            self.trace(app, start)
            for text in (
                'the root refers to test.',
                'test. refers to portlight.test.',
                '1 name server with 1 address (glue)',
                'portlight.test. answers',
                'ns.portlight.test. (127.0.0.3:',
                '192.0.2.10',
            ):
                self.says(app, text)
            self.look_up(app, 'www.lame.test')
            self.trace(app, start)
            self.says(app, 'lame.test.: ns.lame.test. (127.0.0.2:')
            self.says(app, 'it refers back up, or to its own zone')
            # What a server answered is said once.
            self.assertEqual(self.says(app, 'REFUSED: the server').name.count('REFUSED'), 1)
            self.says(app, 'None of the servers of lame.test. that were asked answers as it should')
            self.look_up(app, 'nothing.portlight.test')
            self.trace(app, start)
            self.says(app, 'portlight.test. answers: there is no such name')
            self.trace(app, 'nobody')
            self.says(app, 'A DNS server is typed as an address')

    def trace(self, app, start):
        app.type_into(
            app.find('text', 'Start at a server (the root servers when empty)'), start
        )
        app.click(app.find('push button', 'Trace', contains=True))

    def test_hostile_servers(self):
        """Each way to misbehave is told in its words, and the window goes on meanwhile."""
        with Hostile() as server:
            watch = os.path.join(ptlui.BUILD, 'tests', 'tools', 'watch.so')
            file = os.path.join(self.state, 'watch')
            # A sanitizer wants to be loaded first.
            watched = os.path.exists(watch) and not ptlui.has_asan()
            app = self.open_pane(before=['env', 'LD_PRELOAD=' + watch, 'PTL_WATCH_FILE=' + file]
                                 if watched else ())
            self.look_up(app, 'ok.test')
            self.use_server(app, server.text)
            self.says(app, '192.0.2.1')
            since = time.monotonic_ns()
            with pane.Stalls(self.desk) as stalls:
                for name, told in (
                    ('refused', 'REFUSED: the server refuses to answer, by its own rules'),
                    ('garbage', 'is not a DNS message'),
                    ('liar', 'another question'),
                    ('round', 'go round'),
                    ('cut', 'closed the TCP'),
                    ('slow', '192.0.2.1'),
                    ('silent', SILENT),
                ):
                    # While the one before is busy there is no button to look up with.
                    entry = app.find('text', ENTRY)
                    app.type_into(entry, name + '.test')
                    app.mouse(entry)
                    app.keys('Return')
                    self.says(app, told, timeout=20)
            # Thirteen lists of rows come and go meanwhile, on a machine that may be busy.
            self.assertLess(stalls.worst, ptlui.slow(0.5))
            # Whether it works or waits, nothing holds up the main loop longer; what other programs
            # had of the processor meanwhile is not its own.
            if watched:
                rounds = [(taken - delayed) / 1e6 for kind, at, taken, delayed in
                          pane.watch_records(file) if kind == ord('D') and at > since]
                self.assertGreater(len(rounds), 20)
                self.assertLess(max(rounds), ptlui.slow(200))
            # It answers when one asks again.
            self.look_up(app, 'later.test')
            self.says(app, SILENT, timeout=20)
            server.answers_later.set()
            app.click(app.find('push button', 'Ask', contains=True))
            self.says(app, '192.0.2.1')

    def test_silence_and_cancel(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(('127.0.0.1', 0))
            app = self.open_pane()
            self.look_up(app, '192.0.2.1')
            self.use_server(app, '127.0.0.1:%d' % silent.getsockname()[1])
            self.says(app, 'Asking …')
            start = time.monotonic()
            app.click(app.find('push button', 'Cancel', contains=True))
            self.says(app, 'Cancelled')
            # The button itself acts a quarter of a second late over the accessibility bus.
            self.assertLess(time.monotonic() - start, ptlui.slow(2))
            app.type_into(
                app.find('text', 'Server (this computer’s own when empty)'), 'no server'
            )
            app.click(app.find('push button', 'Ask', contains=True))
            self.says(app, 'A DNS server is typed as an address')

    @unittest.skipIf(ptldns.skip(), ptldns.skip() or '')
    def test_many(self):
        with ptldns.Knot({'portlight.test': ptldns.ZONE}) as knot:
            app = self.open_pane()
            app.mouse(app.find('label', 'Many at Once'))
            view = app.find('text', LIST)
            app.type_into(view, 'www.portlight.test\nmail.portlight.test\nnope.portlight.test\n')
            app.type_into(app.find('text', 'DNS server for the list'), knot.text)
            app.click(app.find('push button', 'Look Up All', contains=True))
            self.says(app, '3 answers in')
            self.says(app, '192.0.2.25')
            self.says(app, 'NXDOMAIN')
            results = app.find(('table', 'list', 'tree table'), 'Results of the list')

            def by_name():
                if [row[0] for row in app.table(results)[1]][:1] == ['mail.portlight.test']:
                    return True
                # The columns get their widths with the first rows: a click may have missed.
                app.mouse(app.find('label', 'Name', root=results))
                return False

            app.wait_until(by_name, 20, every=2, what='the list by name')


ZONE_HOSTS = '''\
127.0.0.1 localhost
192.0.2.1 only.hosts.test
192.0.2.2 both.test
'''


class Sources(ptlui.UiCase):
    """Which source has a name: in namespaces with an /etc and a network of their own, where dnsmasq
    is the DNS server, and two modules stand in for mDNS and systemd-resolved."""

    desk_options = {'size': (1280, 900)}

    def open_pane(self, hosts, server='127.0.0.1'):
        dnsmasq = shutil.which('dnsmasq') or shutil.which('dnsmasq', path='/usr/sbin:/sbin')
        if dnsmasq is None:
            self.skipTest('dnsmasq is not installed')
        tools = os.path.join(ptlui.BUILD, 'tests', 'tools')
        if not os.path.exists(os.path.join(tools, 'libnss_mdns4_minimal.so.2')):
            self.skipTest('the stand-ins for sources of names are not built')
        prefix = pane.private_etc(self, {
            '/etc/nsswitch.conf': 'hosts: %s\nservices: files\n' % hosts,
            '/etc/resolv.conf': 'nameserver %s\n' % server,
            '/etc/hosts': ZONE_HOSTS,
        })
        log = os.path.join(self.state, 'dnsmasq.log')
        # The shell becomes the app, and the server ends with it.
        script = (
            'ip link set lo up; ip addr add 192.0.2.99/24 dev lo; '
            'ip addr add 2001:db8::99/64 dev lo nodad; '
            'setpriv --pdeathsig KILL %s --keep-in-foreground --conf-file=/dev/null --no-hosts '
            '--no-resolv --listen-address=127.0.0.1 --bind-interfaces --local-ttl=123 --user=root '
            '--log-facility=- --pid-file= '
            '--host-record=only.dns.test,192.0.2.10 '
            '--host-record=both.test,192.0.2.11 '
            '--host-record=two.test,192.0.2.12,2001:db8::12 '
            '--local=/test/ --local=/2.0.192.in-addr.arpa/ >%s 2>&1 & '
            'dns=$!; until ss -lnu | grep -q 127.0.0.1:53; do kill -0 $dns || exit 99; done; '
            'exec env LD_LIBRARY_PATH=%s "$0" "$@"'
        ) % (dnsmasq, log, tools)
        app = self.start(*prefix[1:], 'unshare', '--net', 'sh', '-c', script, ptlui.APP,
                         program=prefix[0])
        app.mouse(app.find('label', 'Lookup'))
        return app

    look_up = Lookup.look_up
    says = Lookup.says

    def group(self, app, name):
        """The rows of a list: [labels of the row]."""
        return [
            [n.name for n in app.walk(row) if n.role == 'label' and n.name]
            for row in app.find_all('list item', root=app.find('list', name))
        ]

    def row(self, app, group, *wanted):
        """The row that has all of these texts in it."""

        def there():
            for labels in self.group(app, group):
                text = '\t'.join(labels)
                if all(part in text for part in wanted):
                    return text
            return None

        return app.wait_until(there, 15, what='a row of %s with %r' % (group, wanted))

    def test_order(self):
        app = self.open_pane('files mdns4_minimal [NOTFOUND=return] resolve dns')
        self.look_up(app, 'only.hosts.test')
        self.row(app, 'Addresses', '192.0.2.1', 'from the hosts file, line 2')
        self.row(app, 'Sources of Names', 'files', '192.0.2.1', 'programs have the addresses')
        self.row(app, 'Sources of Names', 'dns', 'does not know this name',
                 'programs do not come to it')
        self.row(app, 'Addresses', 'nsswitch.conf: files mdns4_minimal [NOTFOUND=return] resolve')
        self.look_up(app, 'printer.local')
        self.row(app, 'Addresses', '192.0.2.200', 'from mDNS')
        self.row(app, 'Sources of Names', 'files', 'does not know this name',
                 'programs ask the next source')
        self.row(app, 'Sources of Names', 'mdns4_minimal', 'programs have the addresses')

    def test_dns(self):
        app = self.open_pane('files resolve dns')
        self.look_up(app, 'only.dns.test')
        self.row(app, 'Addresses', '192.0.2.10', 'from DNS, 127.0.0.1:53, TTL 123 s',
                 'Documentation', 'reverse: only.dns.test')
        self.look_up(app, 'both.test')
        self.row(app, 'Addresses', '192.0.2.2', 'from the hosts file, line 3')
        self.row(app, 'Sources of Names', 'dns', '192.0.2.11', 'programs do not come to it')
        self.look_up(app, 'box.resolved')
        self.row(app, 'Addresses', '192.0.2.201', 'from systemd-resolved', 'no reverse name')
        # In the order of RFC 6724: with an IPv6 address of the same kind it comes first.
        self.look_up(app, 'two.test')
        self.row(app, 'Addresses', '192.0.2.12')
        rows = ['\t'.join(r) for r in self.group(app, 'Addresses')]
        six = next(i for i, r in enumerate(rows) if '2001:db8::12' in r)
        four = next(i for i, r in enumerate(rows) if '192.0.2.12' in r)
        self.assertLess(six, four)

    def test_other_order(self):
        app = self.open_pane('dns files')
        self.look_up(app, 'both.test')
        self.row(app, 'Addresses', '192.0.2.11', 'from DNS, 127.0.0.1:53')
        self.row(app, 'Sources of Names', 'files', '192.0.2.2', 'programs do not come to it')
        self.look_up(app, 'nowhere.test')
        self.says(app, 'No source knows this name')
        self.row(app, 'Sources of Names', 'files', 'it is the last source')

    def test_failing(self):
        """A source that fails is told from one that does not know the name."""
        app = self.open_pane('files mdns4_minimal [ NOTFOUND = return ] nothere resolve dns')
        self.look_up(app, 'down.resolved')
        self.row(app, 'Sources of Names', 'files', 'does not know this name',
                 'programs ask the next source')
        self.row(app, 'Sources of Names', 'mdns4_minimal', 'is not asked for such a name',
                 'programs ask the next source')
        self.row(app, 'Sources of Names', 'nothere',
                 'not installed: there is no libnss_nothere.so.2', 'programs ask the next source')
        self.row(app, 'Sources of Names', 'resolve', 'failed: Connection refused (ECONNREFUSED)',
                 'programs ask the next source')
        # It serves other names than this one.
        self.row(app, 'Sources of Names', 'dns',
                 'REFUSED: the server refuses to answer, by its own rules', 'it is the last source')
        self.look_up(app, 'later.resolved')
        self.row(app, 'Sources of Names', 'resolve', 'could not find out')
        self.look_up(app, 'nobody.local')
        self.row(app, 'Sources of Names', 'mdns4_minimal', 'does not know this name',
                 'programs stop here, as nsswitch.conf says')
        self.row(app, 'Sources of Names', 'dns', 'programs do not come to it')

    def test_nobody_listens(self):
        app = self.open_pane('files dns', server='127.0.0.9')
        self.look_up(app, 'only.dns.test')
        self.row(app, 'Sources of Names', 'dns', 'Nothing listens at 127.0.0.9:53',
                 'ECONNREFUSED', 'it is the last source')
        self.row(app, 'Sources of Names', 'files', 'does not know this name')


if __name__ == '__main__':
    ptlui.main()
