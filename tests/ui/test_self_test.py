#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""This Computer: Socket Families and Self-Test, also in network namespaces of the test's own."""
import errno
import os
import socket
import subprocess
import time

import pane
import ptlui


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


class Computer(ptlui.UiCase):
    def open_page(self, name, prefix=()):
        app = self.start(*prefix[1:], ptlui.APP, program=prefix[0]) if prefix else self.start()
        app.mouse(app.find('label', 'This Computer'))
        app.mouse(app.find('label', name))
        return app

    def rows(self, app, label):
        table = app.find(pane.TABLES, label, timeout=10)
        return app.table(table)[1]

    def row(self, app, *cells):
        """Waits for a row that has all of these cells."""

        def there():
            for row in self.rows(app, 'Self-test'):
                if all(any(c in have for have in row) for c in cells):
                    return row
            return None

        return app.wait_until(there, 20, what='a row with %r' % (cells,))

    def choose(self, app, text):
        """Chooses the first row with this cell."""
        app.mouse(next(n for n in app.walk() if n.role == 'table cell' and app.showing(n)
                       and any(k.name == text for k in n.below())))

    def run_test(self, app):
        pane.press(app, 'Start')
        pane.says(app, ' in ', timeout=20)


class Families(Computer):
    def test_what_the_kernel_offers(self):
        app = self.open_page('Socket Families')
        pane.says(app, 'domains are in this kernel')
        rows = self.rows(app, 'Families of sockets')
        told = {tuple(r[:3]): r[3] for r in rows}
        for name, kind in (('SOCK_STREAM', socket.SOCK_STREAM), ('SOCK_DGRAM', socket.SOCK_DGRAM),
                           ('SOCK_RDM', socket.SOCK_RDM)):
            try:
                socket.socket(socket.AF_INET, kind).close()
                expected = 'offered'
            except OSError as e:
                expected = 'no (%s)' % errno.errorcode[e.errno]
            self.assertEqual(told[('AF_INET', name, '0')], expected)
        self.choose(app, 'SOCK_STREAM')
        pane.says(app, 'socket(AF_INET, SOCK_STREAM, 0): this kernel makes one for us.')
        app.click(app.find('check box', 'Offered', contains=True))
        app.wait_until(
            lambda: all(r[3] == 'offered' for r in self.rows(app, 'Families of sockets')), 5
        )


class Small(Computer):
    """A telephone's size, at night."""

    desk_options = {'size': (420, 720), 'dark': True}

    def test_no_two_rows_are_alike(self):
        app = self.start()
        pane.window_act(app, 'window.toggle-maximized')
        app.wait_until(
            lambda: any(g[3] <= 420 and g[4] >= 650 for g in app.x_windows().values()), 10,
            what='a window no wider than the screen: %r' % app.x_windows())
        app.keys('alt+4')
        app.choose(app.find('combo box', 'What to see of this computer', timeout=10),
                   'Socket Families')
        pane.says(app, 'domains are in this kernel', timeout=10)
        table = app.find(pane.TABLES, 'Families of sockets', showing=True)
        alike, rows = set(), set()

        def read():
            return [tuple(r[:-1]) for r in self.rows(app, 'Families of sockets') if any(r)]

        def all_seen():
            """Newer GTK makes those only that are in sight: the wheel brings the others."""
            there = read()
            if there == read():
                alike.update(r for r in there if there.count(r) > 1)
                rows.update(there)
            if len(rows) > 45:
                return True
            app.mouse(table, button=5, double=True)
            return False

        app.wait_until(all_seen, 30, what='all rows')
        self.assertEqual({len(r) for r in rows}, {2})
        self.assertEqual(alike, set())
        for row in (('AF_INET', 'STREAM'), ('AF_INET', 'STREAM TCP'), ('AF_INET6', 'DGRAM UDP')):
            self.assertIn(row, rows)


class SelfTest(Computer):
    def test_by_the_keyboard(self):
        app = self.start()
        app.keys('alt+4')
        app.wait_until(
            lambda: any('selected' in app.states(o)
                        for o in app.find_all('page tab', 'This Computer')), 5, what='the pane')
        app.mouse(app.find('label', 'Self-Test'))
        # Back in the pane, the keyboard is in its page.
        app.keys('alt+1')
        app.keys('alt+4')
        app.keys('F5')
        pane.says(app, ' passed, ', timeout=20)

    def test_here(self):
        app = self.open_page('Self-Test')
        pane.says(app, 'Does This Computer Reach Itself?')
        self.run_test(app)
        self.assertRegex(pane.says(app, ' passed, '), r'^\d+ passed, \d+ failed in \d')
        row = self.row(app, '127.0.0.1', 'lo')
        self.assertTrue(row[3].startswith('pass '), row)
        self.assertTrue(row[4].startswith('pass '), row)
        # Again.
        self.run_test(app)
        self.row(app, '@abstract name', 'pass')

    def test_loopback_is_down(self):
        app = self.open_page('Self-Test', namespace(self, 'true'))
        self.run_test(app)
        row = self.row(app, '127.0.0.1', 'failed')
        self.assertIn('The loopback interface lo is down', row[-1])
        # The first reason is there in full before anything is chosen.
        app.wait_until(lambda: any('The loopback interface lo is down' in n.name
                                   and n.role == 'label' and app.showing(n)
                                   and n.parent.role != 'table cell' for n in app.walk()), 10,
                       what='the first reason')
        self.choose(app, '127.0.0.1')
        pane.says(app, '“ip link set lo up” brings it up')

    def test_silence_is_told_and_can_be_stopped(self):
        app = self.open_page('Self-Test', namespace(
            self,
            'ip link set lo up; nft add table inet t; '
            "nft add chain inet t c '{ type filter hook input priority 0; }'; "
            'nft add rule inet t c ip daddr 127.0.0.1 tcp flags syn drop'))
        self.run_test(app)
        row = self.row(app, '127.0.0.1', 'silence')
        self.assertIn('a packet filter (nftables, iptables) drops it without a word', row[-1])
        self.assertTrue(row[4].startswith('pass '), row)
        pane.press(app, 'Start')
        pane.press(app, 'Stop')
        started = time.monotonic()
        pane.says(app, 'Stopped: ')
        self.assertLess(time.monotonic() - started, ptlui.slow(1))


if __name__ == '__main__':
    ptlui.main()
