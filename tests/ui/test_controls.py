#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every control of every page has a name that a screen reader can tell."""
import pane

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
        self.assertEqual(sorted(self.nameless), [])


if __name__ == '__main__':
    pane.main()
