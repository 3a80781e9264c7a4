#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways around in the window: keys, going to a frame, following, clearing; small and dark."""
import os
import re
import socket
import subprocess

import pane
import ptlui
from ptlui import slow


class Keys(pane.PaneCase):
    def test_shortcuts(self):
        app, port = self.listening()
        self.peer(port).sendall(b'hello')
        pane.frame(app, 'hello')
        app.keys('ctrl+f')
        app.type_text('hello')
        pane.count(app, '1 of 3 frames')
        app.keys('Escape')
        pane.count(app, '3 frames')
        self.assertEqual(app.read_text(pane.field(app, 'Filter frames')), '')
        app.keys('ctrl+m')
        app.type_text('written')
        app.wait_until(lambda: app.read_text(pane.field(app, 'Message')) == 'written', 5)
        app.keys('ctrl+p')
        pane.says(app, 'The view is paused')
        app.keys('ctrl+p')
        app.wait_until(lambda: not any('The view is paused' in t for t in pane.texts(app)), 5)
        app.keys('F9')
        app.wait_until(lambda: not app.find_all('page tab', 'Calls', showing=True), 5)
        app.keys('F9')
        app.find('page tab', 'Calls', showing=True)
        # The keyboard begins at the newest row, which is followed.
        app.keys('ctrl+f', 'Down')
        app.wait_until(lambda: any('focused' in n.states for n in app.tree(
            pane.table(app)).below()), 5, what='the keyboard in the list')
        app.keys('Up')
        pane.says(app, 'Frame 3')
        # A row is copied, and Tab leaves the list from any of them.
        row = pane.select(app, 'listening on')
        app.wait_until(lambda: 'selected' in app.tree(row).states, 5, what='the selected row')
        app.keys('ctrl+c')
        pane.says(app, 'Event copied')
        app.keys('Tab')
        shown = app.find(None, 'How the bytes are shown', showing=True)
        app.wait_until(lambda: any('focused' in n.states for n in app.tree(shown).below()), 5,
                       what='the keyboard after the list')
        self.assertRegex(self.paste(app), '^listening on ')
        app.keys('Escape')
        # A peer's address is copied.
        app.click(app.find('page tab', 'Peers', showing=True))
        peers = app.find(pane.TABLES, 'Peers', showing=True)
        app.mouse(app.wait_until(lambda: next(
            (n for r in pane.rows_of(app, peers) for n in r.below()
             if n.role == 'label' and n.name.startswith('127.0.0.1:')), None), 5))
        app.wait_until(lambda: any('selected' in r.states for r in pane.rows_of(app, peers)), 5)
        app.keys('ctrl+c')
        pane.says(app, 'Copied')
        self.assertRegex(self.paste(app), r'^127\.0\.0\.1:\d+$')
        app.keys('Escape')
        app.keys('ctrl+n')
        pane.button(app, 'Role: Listen')
        app.keys('alt+Down')
        pane.says(app, 'Listening · 1 peer')
        app.keys('ctrl+w')
        pane.button(app, 'Try It')
        pane.press(app, 'Undo')
        app.wait_until(lambda: app.find('list', 'Sessions').kids, 5)

    def test_menu_of_a_session(self):
        app = self.start(*['--listen', 'tcp://127.0.0.1:0'] * 16)
        newest = app.find('list', 'Sessions').kids[-1]
        _, _, _, height = app.raw_extents(app.windows()[0])

        def in_sight():
            _, y, _, h = app.raw_extents(newest)
            return y + h <= height

        app.wait_until(in_sight, 5, what='the session that is shown, in the list')
        for _ in range(2):  # its rows are made the first time
            app.mouse(newest, button=3)
            app.find('menu item', 'Stop', showing=True)
            app.find('menu item', 'Copy As', showing=True)
            app.keys('Escape')
            app.gone('menu item', 'Stop', showing=True)

    def test_shortcuts_window(self):
        app = self.start()
        app.keys('ctrl+question')
        app.wait_until(lambda: len(app.windows()) == 2, 10, what='the window of shortcuts')
        names = {n.name for n in app.walk() if n.role == 'label'}
        for title in ('New session', 'Filter the frames', 'Quit'):
            self.assertIn(title, names)
        app.keys('Escape')
        app.wait_until(lambda: len(app.windows()) == 1, 10)


class View(pane.PaneCase):
    def test_go_to_a_frame(self):
        # Datagrams, as a read of a stream may have several; so many that most are far from what
        # the list has made.
        app = self.start('--listen', 'udp://127.0.0.1:0')
        row = pane.frame(app, 'receiving on')
        s = self.peer(int(row['preview'].rsplit(':', 1)[1]), kind=socket.SOCK_DGRAM)
        for i in range(1000):
            s.send(b'frame %d.' % i)
        row = pane.frame(app, 'frame 999.')
        n = pane.number(row['number'])
        app.wait_until(lambda: pane.counts(app)[0] == n, 5, what='the count of all')
        first = n - 999
        app.keys('ctrl+l')
        entry = pane.field(app, 'Number of a frame, or a time of day')
        app.type_into(entry, str(first + 4))
        pane.press(app, 'Go')
        row = pane.frame(app, 'frame 4.')
        pane.says(app, 'Frame %s ' % row['number'])
        app.keys('ctrl+l')
        entry = pane.field(app, 'Number of a frame, or a time of day')
        app.type_into(entry, 'never')
        pane.press(app, 'Go')
        pane.says(app, 'Type the number of a frame')
        app.type_into(entry, row['time'][:8])
        pane.press(app, 'Go')
        self.assertEqual(pane.counts(app)[0], n)

    def chosen(self, app, row, item):
        """From the menu of a row, which a click may miss on a busy machine."""

        def there():
            app.mouse(row(), button=3)
            try:
                return app.find('label', item, showing=True, timeout=2)
            except pane.drive.DriveError:
                app.keys('Escape')
                return None

        app.wait_until(there, 10, what='the menu with %r' % item)
        pane.menu_item(app, item)

    def test_menus_of_rows(self):
        app, port = self.listening()
        a, b = self.peer(port), self.peer(port)
        pane.says(app, 'Listening · 2 peers')
        a.sendall(b'from a')
        pane.frame(app, 'from a', dir='received')
        b.sendall(b'from b')
        pane.frame(app, 'from b', dir='received')
        b.sendall(b'again')
        pane.frame(app, 'again', dir='received')

        def label_of(table, text):
            return app.wait_until(lambda: next(
                (n for n in app.find(pane.TABLES, table).below()
                 if n.role == 'label' and n.name == text and app.showing(n)), None), 5,
                what='%r in %s' % (text, table))

        # The row that was clicked is the one that is meant, not the one that was selected.
        pane.select(app, 'from a')
        for key in ('Menu', 'shift+F10'):
            app.keys(key)
            app.wait_until(lambda: len(app.x_windows()) > len(app.windows()), 5,
                           what='the menu by %s' % key)
            app.keys('Escape')
            app.wait_until(lambda: len(app.x_windows()) == len(app.windows()), 5,
                           what='the end of the menu')
        self.chosen(app, lambda: label_of('Frames', 'from b'), 'Only This Peer')
        pane.count(app, '3 of 6 frames')
        pane.filter_by(app, '')
        pane.count(app, '6 frames')
        pane.choose_tab(app, 'Peers')
        where = '127.0.0.1:%d' % a.getsockname()[1]
        self.chosen(app, lambda: label_of('Peers', where), 'Reset Connection')
        with self.assertRaises(ConnectionResetError):
            a.recv(1)
        pane.says(app, 'Listening · 1 peer')

    def test_the_graph_of_the_rates(self):
        app, port = self.listening()
        s = self.peer(port)
        rates = 'Rates of the last two minutes, now '
        app.find(None, rates, contains=True, showing=True)

        def flows():
            s.sendall(bytes(50000))
            return re.search(r'\d\s[kM]B/s', app.find(None, rates, contains=True).name)

        app.wait_until(flows, 10, what='a rate of some kB/s')
        # The pointer is told as well.
        x, y, w, h = app.extents(app.find('image', rates, contains=True))

        def told():
            for dx in (w // 2, w // 2 + 2):
                app.desk.run(['xdotool', 'mousemove', str(x + dx), str(y + h // 2), 'sleep', '0.6'])
            return [n for n in app.walk() if n.role == 'label' and n.name.startswith(rates)]

        app.wait_until(told, 15, what='a tooltip')
        # And no longer, once nothing comes.
        app.wait_until(lambda: not re.search(
            r'\s[kM]B/s', app.find(None, rates, contains=True).name), 10, what='a rate of nothing')

    def test_only_the_user_takes_following_up(self):
        """A flood lets it happen in one of many tries: here the list is played (ptl-follow.c)."""
        tool = os.path.join(ptlui.BUILD, 'tests', 'tools', 'ptl-follow')
        r = subprocess.run([tool], env=dict(self.desk.env, **self.env()), timeout=slow(60),
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.assertEqual(r.returncode, 0, r.stdout)

    def test_clear_and_undo(self):
        app, port = self.listening()
        s = self.peer(port)
        s.sendall(b'early')
        pane.frame(app, 'early')
        pane.press(app, 'Clear the view')
        pane.count(app, '0 frames')
        self.assertEqual(pane.frames(app), [])
        s.sendall(b'late')
        pane.frame(app, 'late', number='4')
        pane.count(app, '1 frame')
        pane.press(app, 'Undo')
        pane.count(app, '4 frames')
        pane.frame(app, 'early', number='3')

    def test_pause(self):
        app, port = self.listening()
        s = self.peer(port)
        pane.frame(app, 'accepted')
        pane.press(app, 'Pause the view')
        s.sendall(b'behind the curtain')
        pane.says(app, 'The view is paused, 1 new frame')
        pane.count(app, '2 frames')
        pane.press(app, 'Go On')
        pane.frame(app, 'behind the curtain')

    def test_many_calls_and_peers(self):
        """They come faster than rows are made: all are there, from the first to the last."""
        app, port = self.listening()
        pane.choose_tab(app, 'Calls')
        pane.says(app, 'Turns the socket into one that waits for connections')
        peers = [self.peer(port) for _ in range(400)]
        last = '127.0.0.1:%d' % peers[-1].getsockname()[1]
        calls = app.find('list', 'Socket calls', showing=True)

        def shown(text, key):
            """Whether a row of that text is in sight: it goes there if not."""
            _, top, _, height = app.raw_extents(calls)
            for n in app.tree(calls).below():
                if n.role == 'label' and text in n.name:
                    _, y, _, h = app.raw_extents(n)
                    if y + h > top and y < top + height:
                        return n
            if key:
                app.keys(key)
            return None

        # It follows by itself; then by keys, as far as the list goes.
        row = app.wait_until(lambda: shown(last, None), 10, what='the call that took the last')
        app.mouse(row)
        app.wait_until(lambda: shown('socket(AF_INET', 'Home'), 10, every=0.5,
                       what='the first of the calls')
        app.wait_until(lambda: shown(last, 'End'), 10, every=0.5, what='the last of the calls')
        pane.choose_tab(app, 'Peers')
        table = app.find(pane.TABLES, 'Peers', showing=True)
        app.wait_until(lambda: pane.in_sight(app, table, '1'), 5, what='the first peer')
        app.mouse(app.find('label', '1', root=table))
        app.wait_until(lambda: pane.in_sight(app, table, last) or app.keys('End'), 10, every=0.5,
                       what='the last peer')
        for s in peers:
            s.close()
        pane.says(app, 'Listening · 0 peers', timeout=10)
        pane.choose_tab(app, 'Calls')
        app.wait_until(lambda: shown('close(', 'End'), 10, every=0.5, what='the last close')


class Small(pane.PaneCase):
    """A telephone's size, at night."""

    desk_options = {'size': (420, 720), 'dark': True}

    def make_small(self, app):
        pane.window_act(app, 'window.toggle-maximized')
        app.wait_until(
            lambda: any(g[3] <= 420 and g[4] >= 650 for g in app.x_windows().values()), 10,
            what='a window no wider than the screen: %r' % app.x_windows())

    def test_hidden_handles_take_no_clicks(self):
        """The tabs are where the handles of the wide window were."""
        app, _ = self.listening()
        self.make_small(app)
        tabs = [(name, app.extents(app.find('page tab', name, showing=True)))
                for name in ('Frames', 'Inspector', 'Peers', 'Calls', 'About')]
        for x in range(252, 288, 6):
            for name, (left, top, width, height) in tabs:
                if left <= x < left + width:
                    pane.choose_tab(app, 'Frames' if name != 'Frames' else 'About')
                    app.mouse(x=x, y=top + height // 2)
                    app.wait_until(lambda: any(
                        'selected' in app.states(n)
                        for n in app.find_all('page tab', name, showing=True)), 5,
                        what='%r by a click at %d' % (name, x))

    def test_listen_and_look(self):
        app = self.start()
        self.make_small(app)
        pane.press(app, 'Role: Listen')
        pane.fill(app, 'Port, or several: 80, 8000-8010', '0')
        pane.press(app, 'Listen')
        port = pane.port(app)
        self.peer(port).sendall(b'hello')
        pane.frame(app, 'hello')
        pane.select(app, 'hello')
        # What lies beside each other in a large window has a tab each.
        app.click(app.find('page tab', 'Inspector', showing=True))
        pane.says(app, 'Frame 3')
        app.click(app.find('page tab', 'Calls', showing=True))
        pane.says(app, 'Turns the socket into one that waits for connections')
        pane.act(app, 'session.find')
        app.type_text('hello')
        pane.count(app, '1 of 3 frames')
        app.keys('Escape')
        pane.fill(app, 'Message', 'an answer')
        pane.press(app, 'Send')
        pane.frame(app, 'an answer')
        pane.window_act(app, 'win.back')
        app.find('list item', 'Listening', contains=True, showing=True)
        pane.activate(self.desk, 'try-it')
        pane.says(app, 'Python, client', timeout=20)


class Otherwise(pane.PaneCase):
    """Text of twice the size, and from right to left."""

    def test_large_text_has_the_narrow_layout(self):
        self.desk.run(['xprop', '-root', '-f', 'RESOURCE_MANAGER', '8s',
                       '-set', 'RESOURCE_MANAGER', 'Xft.dpi:\t192\n'])
        self.addCleanup(self.desk.run, ['xprop', '-root', '-remove', 'RESOURCE_MANAGER'])
        app, port = self.listening()
        self.peer(port).sendall(b'hello')
        pane.frame(app, 'hello')
        # The panes are chosen at the bottom then, not in the header.
        _, _, _, height = app.raw_extents(app.windows()[0])
        app.wait_until(lambda: any(
            app.raw_extents(n)[1] > height / 2
            for n in app.find_all('page tab', 'Lookup', showing=True)), 5,
            what='the switcher of the panes at the bottom')
        pane.choose_tab(app, 'Inspector')
        pane.choose_tab(app, 'Peers')
        app.find(pane.TABLES, 'Peers', showing=True)

    def pixels(self, app, node):
        path = os.path.join(self.state, 'screen.png')
        app.screenshot(path)
        x, y, w, h = app.extents(node)
        return subprocess.run(['convert', path, '-crop', '%dx%d+%d+%d' % (w, h, x, y), '+repage',
                               'rgb:-'], check=True, capture_output=True).stdout

    def test_right_to_left(self):
        """A wide table starts at the right; addresses and numbers keep their own direction."""
        env, before = ptlui.right_to_left(self.state)
        app = self.start(*before[1:], ptlui.APP, '--listen', 'tcp://127.0.0.1:0', env=env,
                         program=before[0])
        self.peer(pane.port(app)).sendall(b'hello')
        pane.choose_tab(app, 'Peers')
        table = app.find(pane.TABLES, 'Peers', showing=True)

        app.wait_until(lambda: pane.in_sight(app, table, '1'), 5, what='the number of the peer')
        # A mark that cannot be seen and is not spoken says so in a cell.
        app.mouse(app.find('label', 'Diagnose', showing=True))
        pane.fill(app, 'Hosts or addresses, one or several', '::1')
        pane.press(app, 'Ping')
        for text in '::1', '0 %':
            app.wait_until(lambda: any(app.read_text(n) == '\u200e' + text
                                       for n in app.find_all('label', text)), 10, what=text)
        # An entry looks as if there was one, and there is none.
        app.mouse(app.find('label', 'Wake-on-LAN', showing=True))
        entry = pane.field(app, 'Address it is sent to')
        app.type_into(entry, '\u200e::1')
        pictures = [None]

        def rests():
            pictures.append(self.pixels(app, entry))
            return pictures[-1] == pictures[-2]

        app.wait_until(rests, 5, every=0.2, what='a picture that stays')
        marked = pictures[-1]
        app.type_into(entry, '12')
        app.wait_until(lambda: self.pixels(app, entry) != marked, 5, what='another picture')
        app.type_into(entry, '::1')
        app.wait_until(lambda: self.pixels(app, entry) == marked, 5, what='the same picture')


if __name__ == '__main__':
    pane.main()
