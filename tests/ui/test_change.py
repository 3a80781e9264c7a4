#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is changed while a session runs: the reaction, the multicast groups."""
import os
import socket
import struct

import pane


class Change(pane.PaneCase):
    def dialog(self, app, action, name):
        pane.act(app, action)
        return app.wait_until(lambda: next((w for w in app.windows() if w.name == name), None), 5,
                              what='the dialog %r' % name)

    def reaction(self, app, nth, name, text=None):
        self.dialog(app, 'session.reaction', 'Reaction')
        pane.pick(app, 'When something comes', nth, name)
        if text is not None:
            pane.fill(app, 'Text, with escapes such as \\r\\n', text)

    def applied(self, app):
        pane.press(app, 'Apply')
        app.wait_until(lambda: len(app.windows()) == 1, 5, what='the end of the dialog')

    def test_reaction_of_a_listener(self):
        app, port = self.listening()
        s = self.peer(port)
        s.sendall(b'one')
        pane.frame(app, 'one', dir='received')
        self.reaction(app, 1, 'Echo: send back what came')
        self.shot(app, 'reaction')
        self.applied(app)
        s.sendall(b'two')
        self.assertEqual(pane.receive(s, 3), b'two')
        # A text with an escape that is none is told, and not taken.
        self.reaction(app, 4, 'Answer: send a text for each message', 'a\\q')
        pane.says(app, 'no escape is called so')
        self.assertFalse(pane.is_sensitive(app, 'Apply'))
        self.shot(app, 'reaction-wrong')
        pane.fill(app, 'Text, with escapes such as \\r\\n', 'a\\x00b\\r\\n')
        self.applied(app)
        s.sendall(b'three')
        self.assertEqual(pane.receive(s, 5), b'a\0b\r\n')
        # It is shown as it is now, the keyboard on what is changed; Escape changes nothing.
        self.dialog(app, 'session.reaction', 'Reaction')
        app.wait_until(lambda: any(
            'focused' in n.states for n in app.find_all('combo box', 'When something comes')), 10,
            what='the keyboard on the reaction')
        field = pane.field(app, 'Text, with escapes such as \\r\\n')
        self.assertEqual(app.read_text(field), 'a\\0b\\r\\n')
        app.keys('Escape')
        app.wait_until(lambda: len(app.windows()) == 1, 5, what='the end of the dialog')
        self.reaction(app, 0, 'None: record, say nothing')
        self.applied(app)
        s.sendall(b'four')
        pane.frame(app, 'four', dir='received')

    def test_groups(self):
        app = self.start('--datagrams', 'udp://0.0.0.0:0?from=0.0.0.0:0')
        port = int(pane.frame(app, 'receiving on')['preview'].rsplit(':', 1)[1])
        s = self.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        mreq = struct.pack('=4s4si', bytes(4), bytes(4), socket.if_nametoindex('lo'))
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, mreq)
        self.dialog(app, 'session.groups', 'Multicast Groups')
        pane.fill(app, 'Join a group, such as 239.9.9.9', '10.0.0.1')
        pane.says(app, 'not a multicast address')
        self.assertFalse(pane.is_sensitive(app, 'Join'))
        pane.pick(app, 'Join on interface', [n for _, n in socket.if_nameindex()].index('lo') + 1,
                  'lo')
        pane.fill(app, 'Join a group, such as 239.9.9.9', '239.7.7.7')
        pane.press(app, 'Join')
        pane.button(app, 'Leave 239.7.7.7')
        self.shot(app, 'groups')
        pane.frame(app, '239.7.7.7', dir='event')
        s.sendto(b'to the group', ('239.7.7.7', port))
        pane.frame(app, 'to the group', dir='received')
        # What the kernel refuses is told, here and in the strip; leaving puts it right.
        pane.fill(app, 'Join a group, such as 239.9.9.9', '239.7.7.8%nosuch0')
        pane.press(app, 'Join')
        pane.says(app, 'ENODEV')
        self.shot(app, 'groups-failed')
        pane.press(app, 'Leave 239.7.7.8')
        pane.press(app, 'Leave 239.7.7.7')
        pane.frame(app, 'left', dir='event')
        self.shot(app, 'groups-left')

    def test_not_of_a_connection(self):
        listener = self.server()
        app = self.start('tcp://127.0.0.1:%d' % listener.getsockname()[1])
        self.accept(listener)
        pane.frame(app, 'connected')
        pane.press(app, 'Session menu')
        app.wait_until(lambda: any('Go to Frame' in n.name for n in app.walk()), 5)
        self.assertFalse([n for n in app.walk() if 'Reaction' in n.name and app.showing(n)])
        self.shot(app, 'menu')
        app.keys('Escape')

    def shot(self, app, name):
        folder = os.environ.get('PTL_PICTURES')
        if folder:
            app.screenshot(os.path.join(folder, name + '.png'))


if __name__ == '__main__':
    pane.main()
