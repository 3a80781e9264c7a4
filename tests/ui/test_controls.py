#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every control of every page has a name that a screen reader can tell, and with text of twice the
size every page fits into a window of 420 px."""
import socket

import pane
from ptlui import slow

ROLES = ('push button', 'toggle button', 'radio button', 'check box', 'entry', 'text',
         'password text', 'combo box', 'spin button', 'slider', 'switch', 'page tab', 'tree table')
# Each with a control that says that the page is there.
PAGES = (
    ('Lookup', None, 'Many at Once'),
    ('Diagnose', 'Ping', 'Hosts or addresses, one or several'),
    ('Diagnose', 'Trace Route', 'Host or address'),
    ('Diagnose', 'Port Check', 'Host whose ports are checked'),
    ('Diagnose', 'Whois and Finger', 'Server that is asked'),
    ('Diagnose', 'Multicast and Broadcast', 'Group to listen to'),
    ('Diagnose', 'Wake-on-LAN', 'MAC address of the computer to wake'),
    ('This Computer', 'Names', 'Names of this computer'),
    ('This Computer', 'Interfaces', 'Addresses of the interface'),
    ('This Computer', 'Routes and Name Servers', 'Family of the routes'),
    ('This Computer', 'Open Sockets', 'Search the open sockets'),
    ('This Computer', 'Socket Families', 'Families of sockets'),
    ('This Computer', 'Self-Test', 'Start'),
    ('Reference', None, 'Search in Ports and Protocols'),
)
PANES = ('Lookup', 'Diagnose', 'This Computer', 'Reference')
CHOOSERS = {'Diagnose': 'What to diagnose', 'This Computer': 'What to see of this computer'}


def is_named(node):
    """GTK calls what has no name as its class is called."""
    return node.name != '' and not node.name.startswith(('Gtk', 'Adw', 'Ptl'))


class Controls(pane.PaneCase):
    maxDiff = None

    def look(self, app, where):
        n = 0
        for node in app.walk():
            if node.role not in ROLES:
                continue
            n += 1
            # The button in a drop-down, and the one around a menu button's, are GTK's own.
            if not (is_named(node) or is_named(node.parent) and node.parent.role == 'combo box'
                    or any(k.role in pane.BUTTONS and is_named(k) for k in node.kids)):
                self.nameless.add('%s: %s in %s %r, which says %s' % (
                    where, node.role, node.parent.role, node.parent.name,
                    [k.name for k in node.parent.below() if k.role == 'label'][:3]))
        self.assertGreater(n, 10, where)

    @staticmethod
    def shows(app, page, control):
        """Whether the control is there; else goes to its page."""
        if any(n.role in ROLES and pane._is_called(n, control) and app.showing(n)
               for n in app.walk()):
            return True
        if page is not None:
            app.mouse(app.find('label', page, showing=True, timeout=5))
        return False

    @staticmethod
    def focused(app):
        return next((n for n in app.walk() if 'focused' in n.states), None)

    def go(self, app, key, where, most=6):
        """Presses the key until what has the focus is that; the focus has to move each time."""
        now = self.focused(app)
        for _ in range(most):
            before = now
            app.keys(key)
            now = app.wait_until(lambda b=before: self.moved(app, b), 10,
                                 what='%s from %r to go on' % (key, before))
            if where(now):
                return
        raise AssertionError('%s does not go there, but to %r' % (key, now))

    def moved(self, app, before):
        now = self.focused(app)
        return now if now is not None and (before is None or now.path != before.path) else None

    @staticmethod
    def is_row(node):
        return node.role == 'table row'

    @staticmethod
    def is_head(node):
        """In the header bar."""
        return node.role == 'page tab' or node.name == 'Main Menu'

    def tab_leaves(self, app, page):
        """The Tab key goes past a list, not from row to row through it, and out of each page."""
        if page == 'Ping':
            self.go(app, 'shift+Tab', self.is_head)
        elif page == 'Open Sockets':
            self.go(app, 'Tab', self.is_row, 20)
            self.go(app, 'Tab', lambda n: not self.is_row(n), 1)
        elif page == 'Reference':
            app.keys('ctrl+f')
            app.type_text('tcp')
            self.go(app, 'Tab', self.is_row, 8)
            self.go(app, 'Tab', lambda n: not self.is_row(n), 1)
            app.keys('shift+Tab')
            self.go(app, 'Tab', self.is_head, 3)

    def test_all_have_a_name(self):
        self.nameless = set()
        app = self.start()
        pane.button(app, 'Try It', timeout=20)
        self.look(app, 'form')
        pane.press(app, 'Try It', timeout=20)
        pane.says(app, 'Python, client', timeout=30)
        self.look(app, 'Try it')
        pane.press(app, 'Show the Client', timeout=30)
        pane.frame(app, 'Python, client', dir='received', timeout=30)
        pane.select(app, 'Python, client')
        pane.says(app, 'Frame ', timeout=20)
        self.look(app, 'session')
        for where, page, control in PAGES:
            app.mouse(app.find('label', where, timeout=10))
            app.wait_until(lambda p=page, c=control: self.shows(app, p, c), 40, every=1,
                           what='control %r' % control)
            self.look(app, page or where)
            self.tab_leaves(app, page or where)
        self.assertEqual(sorted(self.nameless), [])


class LargeText(pane.PaneCase):
    """Text of twice the size in a narrow window: what does not fit has to wrap, or to shrink."""

    desk_options = {'size': (420, 720)}

    def fits(self, app, where, window=0):
        """What asks for more room than the screen has gets it at once: the content is wider."""
        self.assertLessEqual(
            max(app.raw_extents(node)[2] for node in app.tree(app.windows()[window]).kids), 420,
            where)

    def choose(self, app, chooser, nth, page):
        app.mouse(chooser)
        app.wait_until(lambda: len(app.x_windows()) > len(app.windows()), 10, what='the pages')
        app.keys('Home', *['Down'] * nth, 'Return')
        app.wait_until(
            lambda: any(n.name == page and app.showing(n) for n in app.tree(chooser).below()), 10,
            what='page %r' % page)

    def send_is_in_sight(self, app):
        _, y, _, height = app.raw_extents(pane.button(app, 'Send', timeout=20))
        self.assertLessEqual(y + height, 720)

    def test_all_pages_fit(self):
        self.desk.run(['xprop', '-root', '-f', 'RESOURCE_MANAGER', '8s',
                       '-set', 'RESOURCE_MANAGER', 'Xft.dpi:\t192\n'])
        # What a crash left is offered on top of all of the Sockets pane.
        app, port = self.listening()
        self.peer(port).sendall(b'kept')
        pane.frame(app, 'kept', timeout=20)
        self.kill(app)
        app = self.start(env={'PTL_FAULT_LOG_ROOM': '200000'})
        pane.window_act(app, 'window.toggle-maximized')
        pane.says(app, '1 recording of an earlier run was kept', timeout=20)
        pane.button(app, 'Try It', timeout=20)
        self.fits(app, 'form')
        pane.activate(self.desk, 'shortcuts')
        app.wait_until(lambda: len(app.windows()) == 2, 10, what='the window of shortcuts')
        pane.says(app, 'Keyboard shortcuts', root=app.windows()[1])
        self.fits(app, 'shortcuts', 1)
        app.do(app.windows()[1], 'window.close')
        app.wait_until(lambda: len(app.windows()) == 1, 10, what='the end of that window')
        pane.press(app, 'Try It')
        pane.says(app, 'Python, client', timeout=30)
        self.fits(app, 'Try it')
        pane.press(app, 'Show the Client', timeout=30)
        app.find('page tab', 'Inspector', showing=True, timeout=20)
        tabs = {n.name: n for n in app.find_all('page tab')}
        for tab in ('Frames', 'Inspector', 'Peers', 'Calls', 'About'):
            app.click(tabs[tab])
            app.wait_until(lambda t=tab: 'selected' in app.tree(tabs[t]).states, 10, what=tab)
            self.fits(app, tab)
        pane.activate(self.desk, 'listen', 'tcp://127.0.0.1:0')
        pane.says(app, '1 recording of an earlier run was kept')
        self.send_is_in_sight(app)
        # So are the words about a full disk, which scroll.
        pane.press(app, 'Discard')
        s = self.peer(pane.port(app, timeout=20))
        s.settimeout(slow(1))
        with self.assertRaises((TimeoutError, socket.timeout)):
            for _ in range(10000):
                s.sendall(bytes(65536))
        pane.says(app, 'Receiving has stopped until the log can be written', timeout=20)
        self.send_is_in_sight(app)
        for number, where in enumerate(PANES, 2):
            app.keys('alt+%d' % number)
            if where not in CHOOSERS:
                app.find(None, next(p[2] for p in PAGES if p[0] == where), timeout=20,
                         showing=True)
                self.fits(app, where)
                continue
            chooser = app.find('combo box', CHOOSERS[where], timeout=20, showing=True)
            for nth, page in enumerate(p[1] for p in PAGES if p[0] == where):
                self.choose(app, chooser, nth, page)
                self.fits(app, page)


if __name__ == '__main__':
    pane.main()
