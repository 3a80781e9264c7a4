#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""This Computer: Open Sockets, with sockets of the test's own."""
import csv
import os
import socket

import pane
import ptlui

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'data', 'registry')


def listener(host='127.0.0.1', port=0):
    s = socket.socket()
    s.bind((host, port))
    s.listen(7)
    return s


class OpenSockets(ptlui.UiCase):
    def setUp(self):
        super().setUp()
        self.kept = []
        self.addCleanup(lambda: [s.close() for s in self.kept])

    def keep(self, s):
        self.kept.append(s)
        return s

    def open_page(self, query=None):
        app = self.start()
        app.keys('ctrl+shift+p')
        app.find(('entry', 'text'), 'Search the open sockets', showing=True)
        pane.says(app, ' sockets', timeout=20)
        if query is not None:
            self.search(app, query)
        return app

    def search(self, app, text):
        """Typed where the keyboard is."""
        app.keys('ctrl+shift+p', 'ctrl+a')
        app.type_text(text)

    def rows(self, app):
        table = next(iter(app.find_all(pane.TABLES, 'Open sockets')), None)
        if table is None:
            return []
        head, rows = app.table(table)
        return [dict(zip(head, cells)) for cells in rows]

    def row(self, app, timeout=10, **cells):
        """Waits for a row with these cells (by their titles, _ for a space)."""

        def there():
            for row in self.rows(app):
                if all(row.get(k.replace('_', ' ')) == v for k, v in cells.items()):
                    return row
            return None

        return app.wait_until(there, timeout, what='a row with %r' % cells)

    def test_a_listener_comes_and_goes(self):
        app = self.open_page()
        server = self.keep(listener())
        port = str(server.getsockname()[1])
        self.search(app, port)
        with open('/proc/self/comm') as f:
            name = f.read().strip()
        row = self.row(app, Port=port, State='Listening')
        self.assertEqual(
            (row['Protocol'], row['Local Address'], row['Program'], row['Process']),
            ('TCP', '127.0.0.1', name, str(os.getpid())))
        self.assertEqual(row['Reachable From'], 'This computer only')
        app.wait_until(lambda: len(self.rows(app)) == 1, 5, what='no other row')
        pane.says(app, '1 of ')
        # A connection is there as soon as it is made, at both ends.
        client = self.keep(socket.create_connection(server.getsockname()))
        row = self.row(app, Port=str(client.getsockname()[1]), State='Connected')
        self.assertEqual(row['Peer'], '127.0.0.1:' + port)
        self.row(app, Port=port, State='Connected', Program='Not accepted yet')
        client.close()
        server.close()
        pane.says(app, 'No open socket has all of these words', timeout=20)

    def test_details_follow_the_socket(self):
        server = self.keep(listener())
        port = str(server.getsockname()[1])
        app = self.open_page(port)
        self.row(app, Port=port)
        app.keys('Return')
        pane.says(app, 'TCP 127.0.0.1:%s, ' % port)
        pane.says(app, '(pid %d), descriptor %d' % (os.getpid(), server.fileno()))
        pane.says(app, '0 of 7 connections wait for accept()')
        self.keep(socket.create_connection(server.getsockname()))
        pane.says(app, '1 of 7 connections wait for accept()')
        # The selection stays with the socket when the order is another.
        app.mouse(app.find('label', 'Port', showing=True))
        pane.says(app, 'TCP 127.0.0.1:%s, ' % port)
        server.close()
        pane.says(app, 'Closed: TCP 127.0.0.1:' + port)
        pane.press(app, 'Close the Details')
        app.wait_until(lambda: not any(t.startswith('Closed: ') for t in pane.texts(app)), 5)

    def test_order(self):
        servers = [self.keep(listener()) for _ in range(3)]
        ports = sorted(s.getsockname()[1] for s in servers)
        app = self.open_page('pid:%d tcp' % os.getpid())
        app.wait_until(lambda: len(self.rows(app)) == 3, 10, what='three rows')
        app.mouse(app.find('label', 'Port', showing=True))
        for order in ports, ports[::-1], ports:
            app.wait_until(
                lambda: [int(r['Port']) for r in self.rows(app)] == order, 10,
                what='the order %r' % order)
            app.mouse(app.find('label', 'Port', showing=True))

    def test_filters(self):
        server = self.keep(listener())
        udp = self.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(('127.0.0.1', 0))
        self.keep(socket.create_connection(server.getsockname()))
        app = self.open_page('pid:%d' % os.getpid())
        self.row(app, Protocol='UDP', Port=str(udp.getsockname()[1]), State='Bound')
        for chip, expected in (
                ('TCP', {('TCP', 'Listening'), ('TCP', 'Connected')}),
                ('Listening', {('TCP', 'Listening'), ('UDP', 'Bound')}),
                ('UDP', {('UDP', 'Bound')})):
            pane.press(app, chip)
            app.wait_until(
                lambda: {(r['Protocol'], r['State']) for r in self.rows(app)
                         if not r['Protocol'].startswith('Unix')} == expected, 10,
                what='%s: %r' % (chip, expected))
        # Whatever was chosen: who asks for a port sees all of it.
        pane.press(app, 'UDP')
        app.do(app.windows()[0], 'win.find-port')
        app.keys('ctrl+a')
        app.type_text(str(server.getsockname()[1]))
        pane.says(app, 'No open socket has all of these words')

    def test_reference_and_connect(self):
        with open(os.path.join(DATA, 'iana-services.csv'), newline='') as f:
            wanted = [(int(r[1]), r[0]) for r in csv.reader(f)
                      if len(r) > 2 and r[0] and r[1].isdigit() and r[2] == 'tcp'
                      and int(r[1]) > 20000]
        for port, name in wanted:
            try:
                server = self.keep(listener(port=port))
                break
            except OSError:
                continue
        else:
            self.skipTest('none of the registered ports is free')
        app = self.open_page(str(port))
        row = self.row(app, Port=str(port), State='Listening')
        self.assertEqual(row['Service'], name)
        app.keys('Return')
        pane.says(app, '%s, port %d: ' % (name, port))
        pane.press(app, 'Connect')
        self.assertEqual(app.read_text(pane.field(app, 'Host')), '127.0.0.1')
        self.assertEqual(app.read_text(pane.field(app, 'Port')), str(port))
        app.keys('ctrl+shift+p')
        pane.press(app, 'Show in Reference')
        search = app.find(('entry', 'text'), 'Search in Ports and Protocols')
        app.wait_until(lambda: app.read_text(search) == '%d tcp' % port, 5,
                       what='the search in the reference')
        pane.says(app, name)
        server.close()

    def test_who_has_the_port(self):
        """From a session whose port is in use to the socket that has it."""
        server = self.keep(listener())
        port = str(server.getsockname()[1])
        udp = self.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(('127.0.0.1', 0))
        app = self.start('--listen', 'tcp://127.0.0.1:' + port)
        pane.says(app, 'Port %s is in use by ' % port)
        pane.press(app, 'Show Socket')
        search = app.find(('entry', 'text'), 'Search the open sockets', showing=True)
        app.wait_until(lambda: app.read_text(search) == 'port:%s tcp' % port, 5,
                       what='the search')
        row = self.row(app, Port=port, State='Listening')
        self.assertEqual((row['Protocol'], row['Local Address'], row['Process']),
                         ('TCP', '127.0.0.1', str(os.getpid())))
        app.wait_until(lambda: len(self.rows(app)) == 1, 5, what='no other row')
        # The page is there already the second time.
        port = str(udp.getsockname()[1])
        pane.activate(self.desk, 'datagrams', 'udp://127.0.0.1:9?from=127.0.0.1:' + port)
        pane.says(app, 'Port %s is in use by ' % port)
        pane.press(app, 'Show Socket')
        row = self.row(app, Port=port)
        self.assertEqual((row['Protocol'], row['Process']), ('UDP', str(os.getpid())))

    def test_no_port_in_use(self):
        """Whatever else went wrong, nobody is to be looked for."""
        with socket.socket() as s:
            s.bind(('127.0.0.1', 0))  # bound, not listening
            app = self.start('tcp://127.0.0.1:%d' % s.getsockname()[1])
            pane.says(app, 'Nothing listens there')
            self.assertEqual(pane.buttons(app, 'Show Socket'), [])

    def test_copy(self):
        server = self.keep(listener())
        port = str(server.getsockname()[1])
        app = self.open_page(port)
        self.row(app, Port=port)
        app.keys('Return')
        pane.says(app, 'TCP 127.0.0.1:%s, ' % port)
        pane.says(app, 'descriptor %d' % server.fileno())
        pane.press(app, 'Copy All Details')
        pane.says(app, 'opied')

    def test_narrow_and_back(self):
        """It stops reading while it is not shown, and goes on when it is."""
        app = self.open_page()
        app.mouse(app.find('label', 'Lookup'))
        server = self.keep(listener())
        port = str(server.getsockname()[1])
        self.search(app, port)
        self.row(app, Port=port)


if __name__ == '__main__':
    ptlui.main()
