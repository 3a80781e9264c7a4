#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ping and Trace Route: on loopback, and along a path in namespaces of the test's own."""
import os
import sys
import time

import pane
import ptlui

sys.path.insert(0, os.path.join(os.path.dirname(ptlui.HERE), 'socket'))
import ptlpath  # noqa: E402

HOSTS = 'Hosts or addresses, one or several'
TARGETS = 'Answers of the targets'
HOPS = 'Hops of the path'
TABLES = ('table', 'list', 'tree table')
ETC = {
    # No question leaves this computer: names come from its hosts file.
    '/etc/nsswitch.conf': 'hosts: files\n',
    '/etc/resolv.conf': 'nameserver 127.0.0.1\n',
    '/etc/hosts': '127.0.0.1 localhost\n127.0.0.7 seven.test\n10.77.1.2 second.test\n'
                  '10.77.3.2 far.test\n',
}


class ProbeCase(ptlui.UiCase):
    desk_options = {'size': (1280, 900)}
    inside = []

    def start_app(self, *args):
        prefix = self.inside + pane.private_etc(self, ETC)
        return self.start(*prefix[1:], ptlui.APP, *args, program=prefix[0])

    def open_page(self, title):
        app = self.start_app()
        app.mouse(app.find('label', 'Diagnose'))
        row = app.find('label', title, timeout=10)
        app.wait_until(lambda: app.showing(row), what='the pages')
        app.mouse(row)
        return app

    def rows(self, app, label):
        return app.table(app.find(TABLES, label))[1]

    def row(self, app, label, target):
        """The cells of the row whose first cell is @target, as far as there is one."""
        return next((r for r in self.rows(app, label) if target in r[:2]), [''] * 13)

    def says(self, app, text, timeout=10):
        return app.find('label', text, contains=True, timeout=timeout)

    def set_options(self, app, beside, **spins):
        """Of the page with the button @beside."""
        pane.open_options(app, beside)
        for name, value in spins.items():
            app.value(app.find('spin button', name.replace('_', ' '), contains=True, showing=True),
                      value)
        pane.close_options(app)

    def ping(self, app, targets, **spins):
        app.type_into(app.find('text', HOSTS), targets)
        if spins:
            self.set_options(app, 'Ping', **spins)
        pane.press(app, 'Ping')


class Loopback(ProbeCase):
    def test_several_side_by_side(self):
        app = self.open_page('Ping')
        self.ping(app, '127.0.0.1, ::1 seven.test nobody.test 224.0.0.1', Count=5, Interval=0.05)
        self.says(app, '3 of 5 targets answer')
        self.says(app, 'ended', timeout=20)
        for target in ('127.0.0.1', '::1', 'seven.test'):
            cells = self.row(app, TARGETS, target)
            self.assertEqual(cells[2:5], ['5', '5', '0 %'], cells)
            self.assertTrue(all(c.endswith(' ms') for c in cells[5:11]), cells)
        self.assertIn('No address is known for this name', self.row(app, TARGETS, 'nobody.test')[1])
        self.assertIn('the address of many', self.row(app, TARGETS, '224.0.0.1')[1])
        self.assertEqual(self.row(app, TARGETS, 'seven.test')[12], '127.0.0.7')
        # The first is chosen, and drawn.
        app.find(None, 'Round trips of 127.0.0.1: last', contains=True)
        # Which sockets, and why.
        self.says(app, 'IPv4 by ')
        self.says(app, 'IPv6 by ')

    def test_stop_and_again(self):
        app = self.open_page('Ping')
        self.ping(app, '127.0.0.1')
        self.says(app, 'running')
        start = time.monotonic()
        pane.press(app, 'Stop')
        self.says(app, 'ended')
        # The button itself acts a quarter of a second late over the accessibility bus.
        self.assertLess(time.monotonic() - start, ptlui.slow(2))
        self.ping(app, 'not a host!')
        self.says(app, 'host!: ')

    def test_history(self):
        """What was asked, and how: also where it is otherwise by now, or again as in a new form."""
        app = self.open_page('Ping')
        self.ping(app, '127.0.0.1')
        app.wait_until(lambda: self.row(app, TARGETS, '127.0.0.1')[3] == '1', what='its answer')
        pane.press(app, 'Stop')
        self.says(app, 'ended')
        pane.open_options(app, 'Ping')
        # From the first one to the second and to the last.
        app.keys('Tab', 'space', 'Down', 'Down', 'Return')
        box = app.find('check box', 'Do not fragment', contains=True, showing=True)
        app.wait_until(lambda: 'focused' in app.states(box) or app.keys('Tab'), every=0.3,
                       what='the box')
        app.keys('space')
        app.wait_until(lambda: 'checked' in app.states(box), what='the box is checked')
        pane.close_options(app)
        self.ping(app, '::1', Count=1, Interval=0.05, Data=1000)
        self.says(app, 'ended')
        self.again(app, '127.0.0.1')
        pane.press(app, 'Stop')
        self.says(app, 'ended')
        self.has_options(app, 'Any', False, Count=0, Interval=1, Data=56)
        self.again(app, '::1 · ip=6 interval=0.05 count=1 size=1000 df')
        self.says(app, '1 of 1 target answers · 1 sent, 1 received · ended')
        self.has_options(app, 'IPv6', True, Count=1, Interval=0.05, Data=1000)

    def again(self, app, entry):
        pane.press(app, 'Pinged Before')
        pane.menu_item(app, entry)
        target = entry.split(' ')[0]
        app.wait_until(lambda: app.read_text(app.find('text', HOSTS)) == target,
                       what='what was asked before')
        app.wait_until(lambda: self.row(app, TARGETS, target)[3] == '1', what='its answer')

    def has_options(self, app, version, df, **spins):
        pane.open_options(app, 'Ping')
        app.find('label', version, root=app.find('combo box', 'IP version', showing=True))
        box = app.find('check box', 'Do not fragment', contains=True, showing=True)
        self.assertEqual('checked' in app.states(box), df)
        for name, value in spins.items():
            spin = app.find('spin button', name, contains=True, showing=True)
            self.assertAlmostEqual(app.value(spin), value, 4, name)
        pane.close_options(app)

    def test_tcp(self):
        listener = ptlpath.p.server()
        self.addCleanup(listener.close)
        app = self.open_page('Ping')
        pane.open_options(app, 'Ping')
        # The keyboard is in the first of them.
        app.keys('space', *['Down'] * 3, 'Return')
        app.value(app.find('spin button', 'Port', contains=True, showing=True),
                  listener.getsockname()[1])
        app.value(app.find('spin button', 'Count', showing=True), 2)
        pane.close_options(app)
        app.type_into(app.find('text', HOSTS), '127.0.0.1')
        pane.press(app, 'Ping')
        self.says(app, 'by TCP connections to port %d' % listener.getsockname()[1])
        self.says(app, '1 of 1 target answers · 2 sent, 2 received · ended')

    def test_a_thousand(self):
        app = self.open_page('Ping')
        targets = ' '.join('127.%d.%d.%d' % (1 + i % 3, i // 250, 1 + i % 250)
                           for i in range(1000))
        self.ping(app, targets, Count=2)
        self.says(app, '1000 of 1000 targets answer', timeout=30)
        self.says(app, '2000 sent, 2000 received · ended', timeout=30)
        self.ping(app, targets + ' 127.9.9.9')
        self.says(app, 'more than 1000 targets')

    def test_from_lookup(self):
        app = self.start_app()
        app.mouse(app.find('label', 'Lookup'))
        app.type_into(app.find('text', 'Host, address, service or port'), 'seven.test')
        app.click(app.find('push button', 'Look Up', contains=True))
        self.says(app, '127.0.0.7')
        # The third row is the address.
        app.click(pane.buttons(app, 'More for This Row')[2])
        app.find('label', 'Ping', contains=True)
        app.keys(*['Down'] * 5, 'Return')
        app.wait_until(lambda: app.read_text(app.find('text', HOSTS)) == '127.0.0.7',
                       what='the target, filled in')
        # Nothing is sent before the person says so.
        self.assertEqual(app.find_all('label', 'sent', contains=True), [])
        app.keys('Return')
        self.says(app, '1 of 1 target answers')
        pane.press(app, 'Stop')

    def test_trace_to_oneself(self):
        app = self.open_page('Trace Route')
        app.type_into(app.find('text', 'Host or address'), 'seven.test')
        pane.press(app, 'Trace')
        self.says(app, 'seven.test (127.0.0.7) is 1 hop away')
        self.says(app, 'Path MTU: 65535 bytes')
        cells = self.row(app, HOPS, '127.0.0.7')
        self.assertEqual([cells[0], cells[1], cells[3]], ['1', '127.0.0.7', 'the target'])
        app.wait_until(lambda: self.row(app, HOPS, '127.0.0.7')[2] == 'seven.test',
                       what='its name')
        pane.press(app, 'Stop')
        app.find('push button', 'Trace', contains=True)


class Path(ProbeCase):
    """The window stands at the left end of the path."""

    @classmethod
    def setUpClass(cls):
        ptlpath.p.need('ip', 'nft')
        cls.ns = ptlpath.make_path(cls.addClassCleanup)
        ptlpath.let_ping(cls.ns['c'], '0 2147483647')
        super().setUpClass()

    def setUp(self):
        super().setUp()
        self.inside = self.ns['c'].prefix

    def forbid(self, what):
        r2 = self.ns['r2']
        r2.run('nft', 'add table inet t')
        self.addCleanup(r2.run, 'nft', 'flush ruleset')
        r2.run('nft', 'add chain inet t f { type filter hook forward priority 0; }')
        r2.run('nft', 'add rule inet t f ' + what)

    def test_prohibited(self):
        self.forbid('ip daddr %s reject with icmp type admin-prohibited' % ptlpath.V4)
        app = self.open_page('Ping')
        self.ping(app, 'far.test %s second.test' % ptlpath.V6, Count=3, Interval=0.2)
        self.says(app, '2 of 3 targets answer · 9 sent, 6 received · ended', timeout=20)
        self.assertEqual(self.row(app, TARGETS, 'far.test')[1:5],
                         ['10.77.1.2 says: forbidden by an administrator (a firewall) (!X)',
                          '3', '0', '100 %'])
        self.assertEqual(self.row(app, TARGETS, ptlpath.V6)[2:5], ['3', '3', '0 %'])
        self.says(app, 'one of your groups is in it')

    def test_method_without_a_group(self):
        ptlpath.let_ping(self.ns['c'], '1 0')
        self.addCleanup(ptlpath.let_ping, self.ns['c'], '0 2147483647')
        app = self.open_page('Ping')
        self.ping(app, 'far.test', Count=1)
        self.says(app, 'by ICMP echo over a raw socket')
        self.says(app, 'net.ipv4.ping_group_range is “1 0”, which is no group at all')

    def test_trace(self):
        for name, device in (('r2', 'right'), ('r3', 'left')):
            self.ns[name].run('ip', 'link', 'set', device, 'mtu', '1400')
            self.addCleanup(self.ns[name].run, 'ip', 'link', 'set', device, 'mtu', '1500')
        app = self.open_page('Trace Route')
        app.type_into(app.find('text', 'Host or address'), 'far.test')
        pane.press(app, 'Trace')
        self.says(app, 'far.test (10.77.3.2) is 4 hops away')
        self.says(app, 'Path MTU: 1400 bytes, lowered behind hop 2: 10.77.1.2 says so')
        self.assertEqual([r[1] for r in self.rows(app, HOPS)],
                         ['10.77.0.1', '10.77.1.2', '10.77.2.2', '10.77.3.2'])
        app.wait_until(lambda: [r[2] for r in self.rows(app, HOPS)]
                       == ['', 'second.test', '', 'far.test'], what='the names')
        self.assertIn('no more than 1400 bytes', self.rows(app, HOPS)[1][3])
        app.wait_until(lambda: int(self.rows(app, HOPS)[3][5]) >= 3, what='three rounds')
        pane.press(app, 'Stop')

    def test_trace_that_ends(self):
        self.forbid('ip daddr %s reject with icmp type host-prohibited' % ptlpath.V4)
        app = self.open_page('Trace Route')
        app.type_into(app.find('text', 'Host or address'), ptlpath.V4)
        pane.press(app, 'Trace')
        self.says(app, 'It ends before 10.77.3.2, at hop 3')
        app.wait_until(lambda: '(!X)' in self.rows(app, HOPS)[2][3], what='the mark')
        pane.press(app, 'Stop')

    def test_trace_into_silence(self):
        self.forbid('ip daddr %s drop' % ptlpath.V4)
        app = self.open_page('Trace Route')
        self.set_options(app, 'Trace', Wait=0.3, Hops_at_most=9)
        app.type_into(app.find('text', 'Host or address'), ptlpath.V4)
        pane.press(app, 'Trace')
        app.wait_until(lambda: [r[:2] for r in self.rows(app, HOPS)]
                       == [['1', '10.77.0.1'], ['2', '10.77.1.2'], ['3–9', 'no answer']],
                       what='the silent ones as one')
        self.says(app, '10.77.3.2 has not answered')
        pane.press(app, 'Stop')


class Small(ProbeCase):
    """A telephone's size, at night."""

    desk_options = {'size': (420, 720), 'dark': True}

    def fits(self, app):
        app.wait_until(lambda: app.raw_extents(app.windows()[0])[2] <= 420, 10,
                       what='a window no wider than the screen')

    def open_small(self):
        app = self.start_app()
        pane.window_act(app, 'window.toggle-maximized')
        app.wait_until(lambda: any(g[4] >= 650 for g in app.x_windows().values()), 10,
                       what='a window as high as the screen: %r' % app.x_windows())
        app.mouse(app.find_all('label', 'Diagnose')[-1])
        app.wait_until(lambda: any(g[3] <= 420 for g in app.x_windows().values()), 10,
                       what='a window no wider than the screen: %r' % app.x_windows())
        return app

    def test_large_text_leaves_rows(self):
        self.desk.run(['xprop', '-root', '-f', 'RESOURCE_MANAGER', '8s',
                       '-set', 'RESOURCE_MANAGER', 'Xft.dpi:\t192\n'])
        self.addCleanup(self.desk.run, ['xprop', '-root', '-remove', 'RESOURCE_MANAGER'])
        app = self.open_small()
        self.ping(app, '127.0.0.1 127.0.0.2 127.0.0.3', Count=1)
        self.says(app, '3 received · ended')
        table = app.find(TABLES, TARGETS, showing=True)

        def rows_fit():
            heights = [app.raw_extents(r)[3] for r in app.tree(table).below()
                       if r.role == 'table row']
            return len(heights) >= 3 and app.raw_extents(table)[3] >= 4 * max(heights[1:])

        app.wait_until(rows_fit, 5, what='a header and three rows')
        # What is around the page is in the window, and the options lie over the rows.
        _, _, width, height = app.raw_extents(app.windows()[0])
        self.assertLessEqual((width, height), (420, 720))
        x, y, w, h = app.raw_extents(app.find_all('page tab', 'Lookup', showing=True)[-1])
        self.assertTrue(y + h <= height, (y, h, height))
        pane.open_options(app, 'Ping')
        self.assertTrue(rows_fit())
        app.find('spin button', 'TTL or hop limit', showing=True)
        for name, x, y, w, h in app.x_windows().values():
            # With its shadow.
            self.assertTrue(y >= 0 and y + h <= 720 and w <= 420 + 48, (x, y, w, h))
        pane.close_options(app)
        # Lines that cannot be broken are scrolled.
        app.choose(app.find('combo box', 'What to diagnose', showing=True), 'Wake-on-LAN')
        pane.fill(app, 'MAC address of the computer to wake', '00:11:22:aa:bb:cc')
        app.mouse(app.find('label', 'Bytes of the frame', contains=True, showing=True))
        self.says(app, 'ff ff ff ff ff ff')
        self.fits(app)

    def test_both(self):
        app = self.open_small()
        self.ping(app, '127.0.0.1', Count=2, Interval=0.05)
        self.says(app, '2 received · ended')
        self.assertEqual(len(self.rows(app, TARGETS)[0]), 4)
        self.fits(app)
        app.choose(app.find('combo box', 'What to diagnose'), 'Trace Route')
        app.type_into(app.find('text', 'Host or address'), '127.0.0.1')
        pane.press(app, 'Trace')
        self.says(app, '127.0.0.1 is 1 hop away')
        self.fits(app)


if __name__ == '__main__':
    ptlui.main()
