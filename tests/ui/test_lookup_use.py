#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done with what a lookup found: copied, connected to, pinged, shown in the Reference; and
that Cancel acts at once."""
import csv
import json
import os
import socket
import struct
import unittest

import pane
import ptlui
import test_lookup

SERVER = 'DNS server for the list'
HOSTS = {'Ping': 'Hosts or addresses, one or several', 'Trace': 'Host or address'}
GOAL_MS = 200


class LookupCase(ptlui.UiCase):
    desk_options = {'size': (1280, 900)}
    open_pane = test_lookup.Lookup.open_pane
    look_up = test_lookup.Lookup.look_up
    says = test_lookup.Lookup.says
    use_server = test_lookup.Lookup.use_server

    def row(self, app, *texts):
        """The row of any list that has labels with all of these."""

        def there():
            for n in app.walk():
                if n.role == 'list item':
                    have = [k.name for k in n.below() if k.role == 'label']
                    if all(any(t in h for h in have) for t in texts):
                        return n
            return None

        return app.wait_until(there, 15, what='a row with %r' % (texts,))

    def from_menu(self, app, row, item):
        pane.press(app, 'More for This Row', self.row(app, *row))
        pane.menu_item(app, item)

    def copied(self, app, field, wanted):
        """Pastes until that is what comes: the copy may be on its way."""

        def there():
            f = pane.field(app, field)
            app.type_into(f, '')
            pane.focus(app, f)
            app.keys('ctrl+v')
            text = app.wait_until(lambda: app.read_text(f), 5, what='something on the clipboard')
            return text if text == wanted or callable(wanted) and wanted(text) else None

        return app.wait_until(there, 15, every=0.3, what='a copy: %r' % wanted)

    def selected_pane(self, app, name):
        app.wait_until(
            lambda: any('selected' in app.states(o) for o in app.find_all('page tab', name)), 10,
            what='the pane ' + name)

    def diagnosed(self, app, page, host):
        """The page of Diagnose has come, with that host in its field."""
        self.selected_pane(app, 'Diagnose')
        pane.button(app, page, timeout=10)
        app.wait_until(
            lambda: any(app.read_text(n) == host
                        for n in app.find_all(('text', 'entry'), HOSTS[page])), 10,
            what='%s: %s' % (page, host))

    def back(self, app):
        app.mouse(app.find('label', 'Lookup'))
        self.selected_pane(app, 'Lookup')

    def choose(self, app, text):
        """A row of the table of many."""
        app.mouse(app.wait_until(
            lambda: next((n for n in app.walk() if n.role == 'table cell' and app.showing(n)
                          and any(k.name == text for k in n.below())), None), 10,
            what='a cell %r' % text))

    def menu_of(self, app, text, item):
        """Of a row of that table, by the keyboard."""
        self.choose(app, text)
        app.keys('shift+F10')
        pane.menu_item(app, item)


class One(LookupCase):
    def test_copy(self):
        app = self.open_pane()
        self.look_up(app, '127.0.0.1')
        integer = ('Integer', '2130706433')
        self.from_menu(app, integer, 'Copy Value')
        self.copied(app, test_lookup.ENTRY, '2130706433')
        self.from_menu(app, integer, 'Copy Row')
        self.copied(app, test_lookup.ENTRY,
                    'Integer\t2130706433\tin host byte order, as ntohl gives it')
        self.from_menu(app, integer, 'Copy Details')
        self.copied(app, test_lookup.ENTRY, 'in host byte order, as ntohl gives it')
        pane.press(app, 'Copy', self.row(app, 'Hexadecimal', '0x7f000001'))
        self.copied(app, test_lookup.ENTRY, '0x7f000001')
        # What is shown is cut, what is copied is not.
        with test_lookup.Hostile() as server:
            self.look_up(app, 'long.test')
            self.use_server(app, server.text)
            long = ('TXT', '"aaa')
            whole = ' '.join('"%s"' % (c * 210) for c in 'abcde')
            self.assertNotIn(whole, [k.name for k in self.row(app, *long).below()])
            self.from_menu(app, long, 'Copy Value')
            self.copied(app, test_lookup.ENTRY, whole)

    def test_copy_the_question(self):
        app = self.open_pane()
        self.look_up(app, 'localhost')
        self.row(app, 'IPv4', '127.0.0.1')
        for item, line in (
            ('getent', "getent ahosts 'localhost'"),
            ('dig', "dig 'localhost' A"),
            ('dig +trace', "dig +trace 'localhost' A"),
            ('Python', 'import socket; print(socket.getaddrinfo("localhost", None, '
                       'type=socket.SOCK_STREAM))'),
        ):
            pane.press(app, 'Copy the Question or the Results')
            pane.menu_item(app, item)
            self.copied(app, test_lookup.ENTRY, line)
        pane.press(app, 'Copy the Question or the Results')
        pane.menu_item(app, 'Copy all results')
        self.copied(app, test_lookup.ENTRY, lambda text: 'IPv4\t127.0.0.1\tfrom the hosts' in text)

    def test_history(self):
        app = self.open_pane()
        for text in ('443', '80'):
            self.look_up(app, text)
            self.row(app, 'TCP', text + '/tcp')
        pane.press(app, 'Looked Up Before')
        pane.menu_item(app, '443')
        app.wait_until(lambda: app.read_text(pane.field(app, test_lookup.ENTRY)) == '443', 10,
                       what='what was looked up before')
        self.row(app, 'TCP', 'https 443/tcp')

        pane.press(app, 'Looked Up Before')
        pane.menu_item(app, 'Forget All')

        def offered():
            # GTK 4.8 tells it of the menu button, and not of the button in it.
            return all('sensitive' in n.states for n in app.walk()
                       if n.role in pane.BUTTONS and n.name == 'Looked Up Before')

        app.wait_until(lambda: not offered(), 10, what='a history with nothing in it')
        # What is looked up now is all that there is.
        self.look_up(app, '25')
        self.row(app, 'TCP', 'smtp 25/tcp')
        app.wait_until(offered, 10, what='a history')
        pane.press(app, 'Looked Up Before')

        def items():
            there = [n.name for n in app.walk() if n.role == 'menu item' and app.showing(n)]
            return there if 'Forget All' in there else None

        self.assertEqual(app.wait_until(items, 10, what='the menu'), ['25', 'Forget All'])
        app.keys('Escape')

        # No password is kept.
        self.look_up(app, 'ftp://me:sekret@localhost/x')
        self.row(app, 'TCP', 'ftp 21/tcp')
        pane.press(app, 'Looked Up Before')
        app.wait_until(lambda: items() == ['ftp://localhost/x', '25', 'Forget All'], 10,
                       what='the menu')

    def test_compare(self):
        with test_lookup.Hostile() as one, test_lookup.Hostile('192.0.2.77') as other:
            app = self.open_pane()
            self.look_up(app, 'ok.test')
            app.type_into(pane.field(app, 'Compare with a second server'), one.text)
            self.use_server(app, one.text)
            self.row(app, 'A', 'Both servers say the same')
            self.row(app, '192.0.2.1', 'both servers')
            app.type_into(pane.field(app, 'Compare with a second server'), other.text)
            app.click(app.find('push button', 'Ask', contains=True))
            self.row(app, 'A', 'The servers differ')
            self.row(app, '192.0.2.1', 'only ' + one.text)
            self.row(app, '192.0.2.77', 'only ' + other.text)
            # Both stand in one list, the first server's above the other's.
            told = [n.name for n in app.find_all('label')]
            self.assertLess(told.index('only ' + one.text), told.index('only ' + other.text))

    def test_show_in_reference(self):
        app = self.open_pane()
        self.look_up(app, '80')
        pane.press(app, 'Show in Reference', self.row(app, 'TCP', 'http 80/tcp', 'IANA’s registry'))
        self.selected_pane(app, 'Reference')
        pane.says(app, 'TCP port 80', timeout=10)
        self.back(app)
        self.from_menu(app, ('UDP', 'http 80/udp', 'IANA’s registry'), 'Show in Reference')
        self.selected_pane(app, 'Reference')
        pane.says(app, 'UDP port 80', timeout=10)
        # An interface has its page elsewhere.
        self.back(app)
        self.look_up(app, 'lo')
        row = self.row(app, 'Interface', 'lo', 'nobody was asked')
        pane.press(app, 'Show in This Computer', row)
        self.selected_pane(app, 'This Computer')
        pane.says(app, 'this computer talks to itself', timeout=10)

    def test_connect_ping_and_trace(self):
        app = self.open_pane()
        self.look_up(app, 'localhost')
        address = ('IPv4', '127.0.0.1')
        pane.press(app, 'Connect …', self.row(app, *address))
        self.selected_pane(app, 'Sockets')
        app.wait_until(lambda: app.read_text(pane.field(app, 'Host')) == '127.0.0.1', 10,
                       what='the form with the address')
        for item, page in (('Ping …', 'Ping'), ('Trace Route …', 'Trace')):
            self.back(app)
            self.from_menu(app, address, item)
            self.diagnosed(app, page, '127.0.0.1')

        # A Unix socket is looked at, and connected to.
        path = os.path.join(self.state, 'x.sock')
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path)
            server.listen()
            self.back(app)
            self.look_up(app, 'unix:' + path)
            self.row(app, 'Listening', '(pid %d)' % os.getpid(), 'unix-stream')
            pane.press(app, 'Connect …', self.row(app, 'Path', path, 'a socket, srwx'))
            self.selected_pane(app, 'Sockets')
            app.wait_until(lambda: app.read_text(pane.field(app, 'Path or @name')) == path, 10,
                           what='the form with the path')


class Many(LookupCase):
    def ask(self, app, server, *lines):
        app.mouse(app.find('label', 'Many at Once'))
        app.type_into(app.find('text', test_lookup.LIST), '\n'.join(lines))
        app.type_into(app.find('text', SERVER), server)
        pane.press(app, 'Look Up All')
        self.says(app, '%d answers in' % len(lines), timeout=30)

    def names(self, app):
        return [row[0] for row in
                app.table(app.find(pane.TABLES, 'Results of the list'))[1]]

    def selected(self, app):
        """The names of the rows that are."""
        return [next(k.name for k in n.below() if k.role == 'label') for n in app.walk()
                if n.role in ('table row', 'list item') and 'selected' in n.states]

    def test_copy_and_go(self):
        with test_lookup.Hostile() as server:
            app = self.open_pane()
            self.ask(app, server.text, 'ok.test', '80', 'a<b', 'refused.test')
            self.menu_of(app, 'ok.test', 'Copy Row')
            self.copied(app, SERVER,
                        lambda text: text.startswith('ok.test\tA\t192.0.2.1\tNOERROR\t60\t'))
            self.choose(app, 'ok.test')
            app.keys('ctrl+c')
            self.copied(app, SERVER, lambda text: text.startswith('ok.test\tA\t192.0.2.1\t'))
            # The cell is the one that is pointed at.
            cell = next(n for n in app.walk() if n.role == 'table cell'
                        and any(k.name == '192.0.2.1' for k in n.below()))
            app.mouse(cell, button=3)
            pane.menu_item(app, 'Copy Cell')
            self.copied(app, SERVER, '192.0.2.1')
            # In another order it is another row, and still the selected one.
            app.mouse(app.find('label', 'Status', root=app.find(pane.TABLES,
                                                                'Results of the list')))
            app.wait_until(lambda: self.names(app)[-1:] == ['a<b'], 10, what='the list by status')
            app.wait_until(lambda: self.selected(app) == ['ok.test'], 10, what='the selected row')
            pane.press(app, 'Export')
            pane.menu_item(app, 'Copy as CSV')
            self.copied(app, SERVER, lambda text: text.startswith('name,type,answer,status,ttl_s'))
            pane.press(app, 'Export')
            pane.menu_item(app, 'Copy as JSON')
            text = self.copied(app, SERVER, lambda text: text.startswith('['))
            got = {r['name']: r for r in json.loads(text)}
            self.assertEqual(got['ok.test']['answer'], '192.0.2.1')
            self.assertEqual(got['ok.test']['ttl_s'], 60)
            self.assertEqual(got['80']['type'], 'port')
            self.assertIn('REFUSED', got['refused.test']['status'])
            self.assertEqual(len(got), 4)

            self.menu_of(app, '80', 'Show in Reference')
            self.selected_pane(app, 'Reference')
            self.back(app)
            self.menu_of(app, 'ok.test', 'Ping …')
            self.diagnosed(app, 'Ping', 'ok.test')
            self.back(app)
            self.menu_of(app, 'ok.test', 'Connect …')
            self.selected_pane(app, 'Sockets')
            app.wait_until(lambda: app.read_text(pane.field(app, 'Host')) == 'ok.test', 10,
                           what='the form with the name')
            self.back(app)
            # By Return or a double click.
            self.choose(app, '80')
            app.keys('Return')
            app.wait_until(lambda: app.read_text(pane.field(app, test_lookup.ENTRY)) == '80', 10,
                           what='the lookup of one')



    def test_open_a_list(self):
        path = os.path.join(self.state, 'names.txt')
        with open(path, 'w') as f:
            f.write('# ports\n\n80\n25/tcp<\n443\n')
        app = self.open_pane()
        app.mouse(app.find('label', 'Many at Once'))
        pane.press(app, 'Open List …')
        pane.choose_file(app, path)
        app.wait_until(lambda: '443' in app.read_text(app.find('text', test_lookup.LIST)), 10,
                       what='the text of the file')
        pane.press(app, 'Look Up All')
        self.says(app, '3 answers in')
        self.says(app, '· 1 comment was skipped')
        table = app.find(pane.TABLES, 'Results of the list')
        app.wait_until(
            lambda: ['443', 'port'] in [row[:2] for row in app.table(table)[1]], 10,
            what='the port of the list')

        path = os.path.join(self.state, 'answers.csv')
        pane.press(app, 'Export')
        pane.menu_item(app, 'Save as CSV …')
        pane.save_file(app, path)
        rows = self.saved(app, path, lambda f: list(csv.DictReader(f)))
        self.assertEqual([(r['name'], r['type'], r['status']) for r in rows],
                         [('80', 'port', 'NSS'), ('25/tcp<', 'A', rows[1]['status']),
                          ('443', 'port', 'NSS')])
        self.assertEqual(rows[0]['answer'].split('/')[0], 'http')
        self.assertEqual(rows[2]['answer'].split('/')[0], 'https')
        self.assertEqual((rows[0]['ttl_s'], rows[0]['time_ms'], rows[1]['answer']), ('', '', ''))
        path = os.path.join(self.state, 'answers.json')
        pane.press(app, 'Export')
        pane.menu_item(app, 'Save as JSON …')
        pane.save_file(app, path)
        objects = self.saved(app, path, json.load)
        self.assertEqual([(o['name'], o['answer']) for o in objects],
                         [(r['name'], r['answer']) for r in rows])
        self.assertIsNone(objects[0]['ttl_s'])

    def saved(self, app, path, read):
        """The whole of it: it is written beside, and takes its name when it is complete."""

        def there():
            try:
                with open(path, newline='') as f:
                    return read(f)
            except (FileNotFoundError, ValueError):
                return None

        return app.wait_until(there, 10, what='the file')


class Narrow(LookupCase):
    desk_options = {'size': (420, 720), 'dark': True}

    def open_pane(self):
        app = self.start()
        app.mouse(next(o for o in reversed(app.find_all('label', 'Lookup')) if app.showing(o)))
        return app

    def test_status_fits(self):
        app = self.open_pane()
        Many.ask(self, app, '', '80', 'a<b')
        table = app.find(pane.TABLES, 'Results of the list')
        app.wait_until(lambda: app.table(table)[0] == ['Name', 'Answer', 'Status'], 10,
                       what='three columns')

        def inside():
            x, _, width, _ = app.raw_extents(table)
            for n in app.tree(table).below():
                if n.role == 'label' and n.name == 'NSS':
                    at, _, w, _ = app.raw_extents(n)
                    return width <= 420 and x <= at and at + w <= x + width
            return False

        app.wait_until(inside, 10, what='the status inside the window')


class Cancel(LookupCase):
    """The button acts at once: from the release of the pointer's button, as the display server has
    it, to the end of the question, seen from within the main loop (tests/bench/watch.c)."""

    RECORD = struct.Struct('=QQQQ')

    def watched(self, label):
        watch = os.path.join(ptlui.BUILD, 'tests', 'tools', 'watch.so')
        if ptlui.has_asan():
            self.skipTest('a sanitizer wants to be loaded first')
        if not os.path.exists(watch):
            self.skipTest('what watches the main loop is not built')
        self.file = os.path.join(self.state, 'watch')
        return self.open_pane(before=['env', 'LD_PRELOAD=' + watch, 'PTL_WATCH_FILE=' + self.file,
                                      'PTL_WATCH_LABEL=' + label])

    def records(self, kind):
        with open(self.file, 'rb') as f:
            data = f.read()
        data = data[: len(data) // self.RECORD.size * self.RECORD.size]
        return [r for r in self.RECORD.iter_unpack(data) if r[0] == ord(kind)]

    def pressed(self, app, button, before):
        """How long it took, in ms: the button that comes in the place of this one is there."""
        app.mouse(button)
        app.wait_until(lambda: len(self.records('M')) > before, 10, what='the end of it')
        return self.records('M')[before][2] / 1e6

    def at_once(self, app, ask, name):
        """The best of a few: another program may have had the processor."""
        took = []
        for _ in range(5):
            ask()
            button = app.wait_until(
                lambda: next((b for b in pane.buttons(app, name) if app.extents(b)[2] > 0), None),
                10, what='button ' + name)
            before = len(self.records('M'))
            took.append(self.pressed(app, button, before))
            if took[-1] < GOAL_MS:
                return
        self.fail('not within %d ms: %r' % (GOAL_MS, took))

    def test_one(self):
        with test_lookup.Hostile() as server:
            app = self.watched('_Look Up')
            self.look_up(app, 'ok.test')
            self.use_server(app, server.text)
            self.says(app, '192.0.2.1')
            for name, told in (('refused', 'REFUSED'), ('garbage', 'is not a DNS message'),
                               ('liar', 'another question'), ('round', 'go round'),
                               ('cut', 'closed the TCP')):
                self.look_up(app, name + '.test')
                self.says(app, told, timeout=20)

            def ask():
                self.look_up(app, 'silent.test')
                self.says(app, 'Asking …')

            self.at_once(app, ask, 'Cancel')
            self.says(app, 'Cancelled')
            # What holds up the main loop meanwhile is less than that, too; what another program
            # had of the processor is not counted.
            self.assertLess(max(r[3] for r in self.records('S')) / 1e6, ptlui.slow(GOAL_MS))

    def test_many(self):
        with test_lookup.Hostile() as server:
            app = self.watched('Look Up _All')
            app.mouse(app.find('label', 'Many at Once'))
            app.type_into(app.find('text', test_lookup.LIST), 'silent.test\n' * 1000)
            app.type_into(app.find('text', SERVER), server.text)
            self.at_once(app, lambda: pane.press(app, 'Look Up All'), 'Stop')
            self.says(app, 'Stopped: 0 of 1000')


if __name__ == '__main__':
    ptlui.main()
