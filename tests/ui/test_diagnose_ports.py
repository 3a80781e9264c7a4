#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Diagnose: Port Check, Whois and Finger, Multicast and Broadcast, Wake-on-LAN."""
import json
import os
import re
import socket
import subprocess
import threading
import time

import pane
import ptlui

HOST = 'Host whose ports are checked'
PORTS = 'Ports: numbers, ranges, services, “protocols to know” or “all”'
QUERY = 'Domain, address, network, AS number, or user@host'
SERVER = 'Server that is asked'


def namespace(case, script):
    """What a program is started with in a network namespace where @script has run."""
    if os.geteuid() != 0:
        # In a user namespace the user would have another number than the bus knows.
        case.skipTest('a network namespace of its own needs root')
    prefix = ['unshare', '--net', 'sh', '-c', 'set -e; ' + script + '; exec "$0" "$@"']
    r = subprocess.run(prefix + ['true'], capture_output=True, text=True, check=False)
    if r.returncode:
        case.skipTest('not here: ' + r.stderr.strip())
    return prefix


class Diagnose(ptlui.UiCase):
    desk_options = {'size': (1280, 900)}
    page = None

    def open_page(self, prefix=(), page=None):
        app = self.start(*prefix[1:], ptlui.APP, program=prefix[0]) if prefix else self.start()
        app.mouse(app.find('label', 'Diagnose'))
        app.mouse(app.find('label', page or self.page))
        return app

    def serve(self, answer=b'', greeting=b''):
        """A TCP server on loopback; its port."""
        s = socket.socket()
        s.bind(('127.0.0.1', 0))
        s.listen(50)

        def run():
            while True:
                try:
                    c, _ = s.accept()
                except OSError:
                    return
                with c:
                    try:
                        if greeting:
                            c.sendall(greeting)
                        else:
                            got = c.recv(4096)
                            if answer is None:
                                self.over.wait(ptlui.slow(30))
                            else:
                                c.sendall(answer(got) if callable(answer) else answer)
                    except OSError:
                        pass

        self.over = threading.Event()
        self.addCleanup(self.over.set)
        self.addCleanup(s.shutdown, socket.SHUT_RDWR)
        threading.Thread(target=run, daemon=True).start()
        return s.getsockname()[1]

    def rows(self, app, label):
        table = app.find_all(pane.TABLES, label)
        return app.table(table[0])[1] if table else []

    def row(self, app, label, *cells, timeout=15):
        """Waits for a row that has cells with all of these in them."""

        def there():
            for row in self.rows(app, label):
                if all(any(c in have for have in row) for c in cells):
                    return row
            return None

        return app.wait_until(there, timeout, what='a row with %r' % (cells,))

    def drawn(self, app, words):
        """Waits until the picture says so to who cannot see it, and more than nothing."""
        pattern = re.compile(words + r': at most [1-9]')
        app.wait_until(lambda: any(pattern.match(n.name) for n in app.walk()), 10,
                       what='a picture: ' + words)

    def choose(self, app, text):
        app.mouse(next(n for n in app.walk() if n.role == 'table cell' and app.showing(n)
                       and any(k.name == text for k in n.below())))

    def clipboard(self, app):
        """By an entry of the page."""
        f = pane.field(app, self.paste_into)
        app.type_into(f, '')
        pane.focus(app, f)
        app.keys('ctrl+v')
        return app.wait_until(lambda: app.read_text(f), 5, what='something on the clipboard')

    def selected_pane(self, app, name):
        app.wait_until(
            lambda: any('selected' in app.states(o) for o in app.find_all('page tab', name)), 10,
            what='the pane ' + name)


class PortCheck(Diagnose):
    page = 'Port Check'
    paste_into = PORTS

    def check(self, app, ports, host='127.0.0.1'):
        pane.fill(app, HOST, host)
        pane.fill(app, PORTS, ports)
        pane.press(app, 'Check')

    def test_states_and_greetings(self):
        ssh = self.serve(greeting=b'SSH-2.0-<b>bold</b>\x1b[31m\xe2\x80\xae\r\n')
        web = self.serve(answer=b'HTTP/1.1 200 OK\r\nServer: t\r\n\r\n')
        closed = socket.socket()
        self.addCleanup(closed.close)
        closed.bind(('127.0.0.1', 0))
        app = self.open_page()
        pane.says(app, 'Which Ports Answer?')
        pane.says(app, 'Check only hosts you are responsible for')
        pane.open_options(app, 'Check')
        check = app.find('check box', 'HTTP', contains=True, showing=True)
        # The keyboard is in the first of them.
        app.keys('Tab', 'space')
        app.wait_until(lambda: 'checked' in app.states(check), 5, what='the mark')
        pane.close_options(app)
        self.check(app, '%d, %d %d' % (ssh, web, closed.getsockname()[1]))
        row = self.row(app, 'Ports', str(ssh), 'open', 'SSH')
        # As it came, and nothing of it acts.
        self.assertIn('SSH-2.0-<b>bold</b>␛[31m', ' '.join(row))
        self.row(app, 'Ports', str(web), 'open', 'HTTP', 'HEAD')
        self.row(app, 'Ports', str(closed.getsockname()[1]), 'closed', 'RST')
        self.assertRegex(pane.says(app, ' open · '),
                         r'^127\.0\.0\.1 \(this computer\) · 3 ports · 2 open · 1 closed · \d')
        # Only those that are open.
        app.choose(app.find('combo box', 'Which ports are shown', showing=True), 'Open')
        app.wait_until(lambda: len(self.rows(app, 'Ports')) == 2, 5, what='two rows')

    def test_what_is_typed_wrong(self):
        app = self.open_page()
        for ports, told in (('80, qqq', 'character 5, “q”: there is no service “qqq” over TCP'),
                            ('70000', 'at most 65535'), ('90-80', 'ends before it begins'),
                            ('nosuch/udp', 'there is no service “nosuch” over UDP'),
                            ('ssh, 8000-8100', '102 ports.'),
                            ('all', '65535 ports.')):
            pane.fill(app, PORTS, ports)
            pane.says(app, told)
        self.check(app, '80', host='*')
        pane.says(app, 'Ports are checked on one host')
        self.check(app, '80', host='a b')
        pane.says(app, 'character 2')

    def test_all_ports_and_stop(self):
        mine = self.serve(greeting=b'+OK POP3 ready\r\n')
        app = self.open_page()
        self.check(app, 'all')
        # Of so many, the open ones are shown.
        self.row(app, 'Ports', str(mine), 'open', 'POP3', timeout=60)
        self.assertRegex(pane.says(app, ' · 65535 ports · ', timeout=60), r'\d+ open · \d+ closed')
        self.drawn(app, 'Checked over time')
        self.assertTrue(all('open' in r for r in self.rows(app, 'Ports')))

        pane.open_options(app, 'Check')
        spin = app.find('spin button', 'Ports a second', contains=True, showing=True)
        app.value(spin, 10)
        pane.close_options(app)
        pane.press(app, 'Check')
        pane.press(app, 'Stop')
        said = pane.says(app, 'stopped at')
        self.assertLess(int(re.search(r'stopped at (\d+) of 65535', said).group(1)), 1000)
        pane.button(app, 'Check')

    def test_udp(self):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(s.close)
        s.bind(('127.0.0.1', 0))
        port = s.getsockname()[1]
        app = self.open_page()
        app.choose(app.find('combo box', 'Over which transport', showing=True), 'UDP')
        # A tab parts ports; it does not part what the history keeps of them.
        self.check(app, '%d\t9' % port)
        self.row(app, 'Ports', str(port), 'UDP', 'open|filtered', 'listens and keeps silent')
        app.choose(app.find('combo box', 'Over which transport', showing=True), 'TCP')
        self.check(app, '7')
        self.row(app, 'Ports', '7', 'TCP', 'closed')
        pane.press(app, 'Checked before')
        pane.menu_item(app, '127.0.0.1 · %d 9 · UDP' % port)
        self.row(app, 'Ports', str(port), 'UDP', 'open|filtered', 'listens and keeps silent')
        self.assertEqual(app.read_text(pane.field(app, PORTS)), '%d 9' % port)

    def test_from_here(self):
        ssh = self.serve(greeting=b'SSH-2.0-x\r\n')
        app = self.open_page()
        self.check(app, '%d, 9' % ssh)
        self.row(app, 'Ports', '9', 'closed', 'discard')
        self.row(app, 'Ports', 'SSH')
        # The whole as JSON.
        pane.press(app, 'Copy or Save the Table')
        pane.menu_item(app, 'Copy as JSON')
        got = json.loads(self.clipboard(app))
        self.assertEqual([(r['port'], r['transport'], r['state'], r['service']) for r in got],
                         [(9, 'tcp', 'closed', 'discard'), (ssh, 'tcp', 'open', '')])
        self.assertEqual(got[1]['looks_like'], 'SSH')
        # Asked before.
        pane.press(app, 'Checked before')
        pane.menu_item(app, '127.0.0.1 · %d, 9 · TCP' % ssh)
        self.row(app, 'Ports', 'SSH')
        # To the reference: by Return for the port, by the menu for what answers there.
        self.choose(app, 'discard')
        app.keys('Return')
        self.selected_pane(app, 'Reference')
        pane.says(app, 'discard')
        app.mouse(app.find('label', 'Diagnose'))
        self.choose(app, 'SSH')
        app.keys('shift+F10')
        pane.menu_item(app, 'Show What It Looks Like in Reference')
        self.selected_pane(app, 'Reference')
        pane.says(app, 'ssh')
        app.mouse(app.find('label', 'Diagnose'))
        self.choose(app, 'SSH')
        app.keys('shift+F10')
        pane.menu_item(app, 'Connect …')
        self.selected_pane(app, 'Sockets')
        self.assertEqual(app.read_text(pane.field(app, 'Port')), str(ssh))


class Whois(Diagnose):
    page = 'Whois and Finger'
    paste_into = QUERY

    def test_referral_and_hostile_text(self):
        asked = []

        def second(query):
            asked.append(query)
            return b'Registrar: \xfcber <b>GmbH</b> \x1b[31m\n'

        to = self.serve(answer=second)
        first = self.serve(answer=b'%% here\nrefer: 127.0.0.1:%d\n' % to)
        app = self.open_page()
        pane.says(app, 'Who Is It?')
        pane.fill(app, QUERY, 'bücher.example')
        pane.fill(app, SERVER, '127.0.0.1:%d' % first)
        pane.press(app, 'Ask')
        self.row(app, 'Servers that were asked', '127.0.0.1:%d' % first, 'answered',
                 '127.0.0.1:%d' % to)
        self.row(app, 'Servers that were asked', '127.0.0.1:%d' % to, 'answered')
        pane.says(app, '2 servers asked in')
        self.drawn(app, 'Received over time')
        self.assertEqual(asked, [b'xn--bcher-kva.example\r\n'])
        view = app.find('text', 'Answer of the server')
        self.assertIn('Registrar: über <b>GmbH</b> ␛[31m', app.read_text(view))
        self.assertIn('ISO 8859-1', app.read_text(view))
        pane.press(app, 'Copy All Answers')
        got = self.clipboard(app)
        self.assertIn('# 127.0.0.1:%d: answered' % first, got)
        self.assertIn('über <b>GmbH</b>', got)

    def test_finger_errors_and_stop(self):
        port = self.serve(answer=lambda q: b'Login: ' + q)
        mute = self.serve(answer=None)
        app = self.open_page()
        app.choose(app.find('combo box', 'Which protocol', showing=True), 'Finger')
        box = app.find('check box', '/W', contains=True, showing=True)
        app.mouse(box)
        app.wait_until(lambda: 'checked' in app.states(box), 5, what='the box to be checked')
        pane.fill(app, QUERY, 'anna@127.0.0.1:%d' % port)
        pane.press(app, 'Ask')
        self.row(app, 'Servers that were asked', '127.0.0.1:%d' % port, 'answered')
        view = app.find('text', 'Answer of the server')
        app.wait_until(lambda: 'Login: /W anna' in app.read_text(view), 5, what='the answer')
        pane.fill(app, QUERY, 'anna@')
        pane.press(app, 'Ask')
        pane.says(app, 'a host is wanted after “@”')
        pane.fill(app, QUERY, '@127.0.0.1:%d' % mute)
        pane.press(app, 'Ask')
        start = time.monotonic()
        pane.press(app, 'Stop')
        pane.says(app, 'Stopped: 1 server asked')
        self.assertLess(time.monotonic() - start, ptlui.slow(2))
        # Nobody there.
        with socket.socket() as s:
            s.bind(('127.0.0.1', 0))
            closed = s.getsockname()[1]
        pane.fill(app, QUERY, '@127.0.0.1:%d' % closed)
        pane.press(app, 'Ask')
        self.row(app, 'Servers that were asked', 'ECONNREFUSED')
        app.wait_until(lambda: 'ECONNREFUSED' in app.read_text(view), 5, what='why there is none')
        # Nothing came, and so there is nothing to draw.
        app.wait_until(lambda: not any(n.name.startswith('Received over time') and app.showing(n)
                                       for n in app.walk()), 5, what='no picture')


class History(Diagnose):
    """What was asked before fills the form again, also in the next run of the app."""

    MAC, GROUP = 'MAC address of the computer to wake', 'Address of the group, or of broadcasts'
    TO, PORT = 'Address it is sent to', 'Port it is sent to'
    PASSWORD = 'SecureOn password: 6 or 4 bytes in hex, or nothing'
    SERVER = SERVER
    FOLLOW, ALL = 'Follow to the server', '/W'
    KIND, BY, ON = 'Which protocol', 'Interface it is sent by', 'Interface to listen on'
    FIRST = {'Whois and Finger': QUERY, 'Wake-on-LAN': MAC, 'Multicast and Broadcast': GROUP}
    BEFORE = {'Whois and Finger': 'Asked before', 'Wake-on-LAN': 'Woken before',
              'Multicast and Broadcast': 'Listened to before'}

    def env(self):
        return dict(super().env(), GSETTINGS_BACKEND='keyfile')

    def turn_to(self, app, title):
        """Of the pages that were shown before, the widgets are there still."""
        self.title = title
        app.mouse(app.find('label', title, showing=True))
        node = pane.field(app, self.FIRST[title])
        while 'job.forget' not in app.actions(node):
            node = node.parent
        self.root = node

    def fill(self, app, **fields):
        for name, text in fields.items():
            app.type_into(app.find('text', getattr(self, name), root=self.root), text)

    def holds(self, app, **fields):
        for name, text in fields.items():
            entry = app.find('text', getattr(self, name), root=self.root)
            app.wait_until(lambda: app.read_text(entry) == text, 5, what='%s: %s' % (name, text))

    def choose_from(self, app, combo, name):
        app.choose(app.find('combo box', combo, root=self.root), name)
        self.chosen(app, combo, name)

    def chosen(self, app, combo, name):
        app.wait_until(
            lambda: any(n.role == 'label' and n.name == name and app.showing(n)
                        for n in app.find('combo box', combo, root=self.root).below()),
            5, what='%s: %s' % (combo, name))

    def box(self, app, name):
        return app.find('check box', name, contains=True, root=self.root)

    def is_checked(self, app, name, checked):
        app.wait_until(lambda: ('checked' in app.states(self.box(app, name))) == checked, 5,
                       what='%s: %s' % (name, checked))

    def check(self, app, name, checked):
        app.wait_until(lambda: app.showing(self.box(app, name)), 5, what=name)
        app.mouse(self.box(app, name))
        self.is_checked(app, name, checked)

    def press(self, app, name):
        pane.press(app, name, self.root)

    def says(self, app, text):
        pane.says(app, text, self.root, timeout=10)

    def again(self, app, entry):
        self.press(app, self.BEFORE[self.title])
        pane.menu_item(app, entry)

    def nothing_kept(self, app):
        app.wait_until(lambda: any(n.name == self.BEFORE[self.title] and 'sensitive' not in n.states
                                   for n in app.walk(self.root)), 5, what='nothing kept')

    def listens_and_stops(self, app):
        self.says(app, 'Listening to 239.1.1.1:5000 on lo')
        self.press(app, 'Stop')
        self.says(app, 'Listened to 239.1.1.1:5000 on lo')

    def test_of_whois_wake_and_multicast(self):
        prefix = namespace(self, 'ip link set lo up; ip addr add 10.77.0.1/24 dev lo; '
                           'ip link add v0 type veth peer name v1; ip link set v0 up; '
                           'ip link set v1 up; ip addr add 10.78.0.1/24 dev v0')
        app = self.open_page(prefix, 'Ping')
        self.turn_to(app, 'Whois and Finger')
        self.nothing_kept(app)
        self.choose_from(app, self.KIND, 'Finger')
        app.type_into(app.find('text', QUERY, root=self.root), 'anna@127.0.0.1:1')
        self.press(app, 'Ask')
        self.row(app, 'Servers that were asked', '127.0.0.1:1', 'ECONNREFUSED')
        # With the box of each protocol, which is not that of the other.
        self.check(app, self.ALL, True)
        app.type_into(app.find('text', QUERY, root=self.root), 'bert@127.0.0.1:1')
        self.press(app, 'Ask')
        self.choose_from(app, self.KIND, 'Whois')
        self.check(app, self.FOLLOW, False)
        app.type_into(app.find('text', QUERY, root=self.root), 'x.test')
        self.fill(app, SERVER='127.0.0.1:1')
        self.press(app, 'Ask')
        self.again(app, 'finger · anna@127.0.0.1:1')
        self.is_checked(app, self.ALL, False)
        self.again(app, 'finger · bert@127.0.0.1:1 · /W')
        self.is_checked(app, self.ALL, True)
        self.turn_to(app, 'Wake-on-LAN')
        self.fill(app, MAC='00:11:22:aa:bb:cc', PASSWORD='01:02:03:04', TO='10.77.0.255')
        self.press(app, 'Wake')
        self.says(app, 'Sent 1 time')
        self.fill(app, PORT='7')
        self.choose_from(app, self.BY, 'lo')
        self.press(app, 'Wake')
        self.says(app, 'Sent 2 times')
        self.fill(app, MAC='00:11:22:aa:bb:dd')
        self.again(app, '00:11:22:aa:bb:cc · 10.77.0.255')
        # The password of another is not its own.
        self.holds(app, MAC='00:11:22:aa:bb:cc', PORT='', PASSWORD='')
        self.chosen(app, self.BY, 'As the route goes')
        self.turn_to(app, 'Multicast and Broadcast')
        self.fill(app, GROUP='239.1.1.1')
        app.type_into(app.find('text', 'Port', root=self.root), '5000')
        self.choose_from(app, self.ON, 'lo')
        self.press(app, 'Listen')
        self.listens_and_stops(app)
        self.fill(app, GROUP='239.2.2.2')
        self.choose_from(app, self.ON, 'v0')
        self.again(app, '239.1.1.1 · 5000 · lo')
        self.listens_and_stops(app)
        self.assertEqual(app.quit(), 0)

        # The forms are as new, and their tables are empty.
        app = self.open_page(prefix, 'Ping')
        self.turn_to(app, 'Whois and Finger')
        self.again(app, 'finger · anna@127.0.0.1:1')
        app.wait_until(lambda: app.read_text(app.find('text', QUERY, root=self.root))
                       == 'anna@127.0.0.1:1', 5, what='the question')
        self.chosen(app, self.KIND, 'Finger')
        self.row(app, 'Servers that were asked', '127.0.0.1:1', 'ECONNREFUSED')
        self.is_checked(app, self.ALL, False)
        self.again(app, 'finger · bert@127.0.0.1:1 · /W')
        self.is_checked(app, self.ALL, True)
        self.again(app, 'whois · x.test · 127.0.0.1:1 · no-follow')
        self.chosen(app, self.KIND, 'Whois')
        self.is_checked(app, self.FOLLOW, False)
        self.turn_to(app, 'Wake-on-LAN')
        self.again(app, '00:11:22:aa:bb:cc · 10.77.0.255 · 7 · lo')
        self.chosen(app, self.BY, 'lo')
        # The password is not kept, and nothing is sent before that is said.
        self.holds(app, MAC='00:11:22:aa:bb:cc', TO='10.77.0.255', PORT='7', PASSWORD='')
        self.assertEqual(self.rows(app, 'What was sent'), [])
        self.turn_to(app, 'Multicast and Broadcast')
        self.again(app, '239.1.1.1 · 5000 · lo')
        self.holds(app, GROUP='239.1.1.1')
        self.chosen(app, self.ON, 'lo')
        self.listens_and_stops(app)
        self.again(app, 'Forget All')
        self.nothing_kept(app)


class HugeAnswer(Diagnose):
    page = 'Whois and Finger'

    def test_does_not_hold_up_the_window(self):
        """One line of a megabyte, and a million lines: GTK would lay them out for many seconds."""
        broken = 'a' * 500 + '\n' + 'a' * 500
        for data, wanted in (b'a' * (1 << 20), broken), (b'\n' * 1000000, ''):
            port = self.serve(answer=data)
            app = self.open_page()
            pane.fill(app, QUERY, 'x')
            pane.fill(app, SERVER, '127.0.0.1:%d' % port)
            with pane.Stalls(self.desk) as stalls:
                pane.press(app, 'Ask')
                self.row(app, 'Servers that were asked', '127.0.0.1:%d' % port)
                view = app.find('text', 'Answer of the server')
                app.wait_until(lambda: 'More is not shown' in app.read_text(view)[-200:],
                               timeout=15, what='the end of the answer')
                self.assertTrue(app.read_text(view).startswith(wanted))
            self.assertLess(stalls.worst, ptlui.slow(3))
            app.quit()


class Link(Diagnose):
    paste_into = None
    SCRIPT = ('ip link set lo up; ip link add v0 type veth peer name v1; ip link set v0 up; '
              'ip link set v1 up; ip addr add 10.77.0.1/24 dev v0; '
              'ip route add blackhole 10.66.0.0/16')

    def test_multicast(self):
        app = self.open_page(namespace(self, self.SCRIPT), 'Multicast and Broadcast')
        pane.says(app, 'Does Multicast Work Here?')
        pane.says(app, 'mDNS: names and services of the local network (RFC 6762 section 3)')
        app.wait_until(lambda: app.find_all('combo box', 'Interface to listen on'), 5)
        pane.press(app, 'Listen')
        pane.says(app, 'Multicast works on v0: our own datagram came back')
        pane.says(app, 'Listening to 224.0.0.251:5353 on v0')
        pid = self.app_pid(app)
        sender = ('import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); '
                  's.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, '
                  'socket.inet_aton("10.77.0.1")); '
                  '[s.sendto(b"<i>hi</i>\\x1b", ("224.0.0.251", 5353)) for _ in range(3)]')
        subprocess.run(['nsenter', '-t', str(pid), '-n', '/usr/bin/python3', '-c', sender],
                       check=True)
        self.row(app, 'Datagrams', '10.77.0.1', '224.0.0.251', '<i>hi</i>␛')
        pane.says(app, '3 datagrams')
        self.drawn(app, 'Came over time')
        pane.press(app, 'Stop')
        pane.says(app, 'Listened to 224.0.0.251:5353 on v0')
        pane.fill(app, 'Address of the group, or of broadcasts', '10.0.0.2')
        pane.press(app, 'Listen')
        pane.says(app, 'A group is an address from')
        subprocess.run(['nsenter', '-t', str(pid), '-n', 'ip', 'link', 'set', 'v0', 'down'],
                       check=True)
        pane.fill(app, 'Address of the group, or of broadcasts', '239.1.1.1')
        pane.press(app, 'Listen')
        pane.says(app, 'v0 is down')
        # What was asked there is not asked elsewhere.
        subprocess.run(['nsenter', '-t', str(pid), '-n', 'ip', 'link', 'set', 'v0', 'name', 'w0'],
                       check=True)
        pane.press(app, 'Listened to before')
        pane.menu_item(app, '224.0.0.251 · 5353 · v0')
        pane.says(app, 'There is no interface v0 (any more)', timeout=10)

    def app_pid(self, app):
        """The app itself: unshare and sh have become it."""
        return app.proc.pid

    def test_wake(self):
        app = self.open_page(namespace(self, self.SCRIPT), 'Wake-on-LAN')
        mac = 'MAC address of the computer to wake'
        for text, told in (('00:11:22:aa:bb:cg', '“g”: this is not a hexadecimal digit'),
                           ('01:11:22:aa:bb:cc', 'the address of a group'),
                           ('00:11', '6 bytes are wanted')):
            pane.fill(app, mac, text)
            pane.says(app, told)
        pane.fill(app, mac, '00-11-22-AA-BB-CC')
        # Without a route it cannot go; by the interface it can.
        pane.press(app, 'Wake')
        self.row(app, 'What was sent', '00:11:22:aa:bb:cc', '255.255.255.255:9', 'ENETUNREACH')
        pane.says(app, 'Not sent: no route goes there')
        # What is not sent is told in full.
        pane.fill(app, 'Address it is sent to', '10.66.0.255')
        pane.press(app, 'Wake')
        pane.says(app, 'Not sent: thrown away by a blackhole route or rule of this computer')
        pane.fill(app, 'Address it is sent to', '')
        app.choose(app.find('combo box', 'Interface it is sent by', showing=True), 'v0')
        pane.press(app, 'Wake')
        self.row(app, 'What was sent', '255.255.255.255:9', 'v0', '10.77.0.1', 'sent')
        pane.says(app, 'Sent 1 time')
        app.mouse(app.find('label', 'Bytes of the frame', contains=True, showing=True))
        pane.says(app, 'ff ff ff ff ff ff\n0006  00 11 22 aa bb cc 00 11 22 aa bb cc')
        # Its cable is pulled, another one comes: seen without leaving the page, and what was chosen
        # stays chosen.
        subprocess.run(['nsenter', '-t', str(self.app_pid(app)), '-n', 'sh', '-c',
                        'ip link set v0 down; ip link add a0 type veth peer name a1'], check=True)
        app.find('label', 'v0 (down)', showing=True, timeout=10)


class Narrow(Diagnose):
    desk_options = {'size': (420, 720), 'dark': True}

    def test_port_check(self):
        port = self.serve(greeting=b'+OK\r\n')
        app = self.start()
        app.mouse(next(o for o in reversed(app.find_all('label', 'Diagnose')) if app.showing(o)))
        app.choose(app.find('combo box', 'What to diagnose', showing=True), 'Port Check')
        pane.fill(app, HOST, '127.0.0.1')
        pane.fill(app, PORTS, str(port))
        pane.press(app, 'Check')
        row = self.row(app, 'Ports', str(port), 'open', 'POP3')
        self.assertEqual(len(row), 5)
        # What the columns have no room for is told of the chosen one.
        self.choose(app, 'POP3')
        pane.says(app, '%d/TCP · open · accepted the connection\n+OK' % port)
        # With its options the form does not push the window over the edge of the screen.
        pane.open_options(app, 'Check')
        app.find('spin button', 'Ports a second', contains=True, showing=True)
        app.wait_until(lambda: all(g[4] <= 720 for g in app.x_windows().values()), 5,
                       what='a window no higher than the screen: %r' % app.x_windows())
        pane.close_options(app)
        # Of a socket, the state is a second line where there is no room for its column.
        app.keys('ctrl+shift+p')
        app.find(('entry', 'text'), 'Search the open sockets', showing=True)
        app.keys('ctrl+shift+p', 'ctrl+a')
        app.type_text('port:%d pid:%d' % (port, os.getpid()))
        app.wait_until(lambda: [r[:3] for r in self.rows(app, 'Open sockets')
                                if r[2] == str(port)]
                       == [['TCP\nListening', '127.0.0.1', str(port)]], 10, what='its state')
        # A path that is longer than its column leaves all rows as high as the others.
        path = os.path.join(self.state, 'a-folder-with-a-long-name', 'the-end-of-it')
        os.mkdir(os.path.dirname(path))
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(path)
            s.listen()
            app.keys('ctrl+a')
            app.type_text('pid:%d' % os.getpid())
            table = app.find(pane.TABLES, 'Open sockets', showing=True)

            def heights():
                rows = [r for r in app.tree(table).below() if r.role == 'table row']
                has = any(n.name == path for r in rows for n in r.below())
                return {app.raw_extents(r)[3] for r in rows[1:] if r.kids} if has else None

            app.wait_until(lambda: len(heights() or ()) == 1, 10, what='rows of one height')


if __name__ == '__main__':
    ptlui.main()
