#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Try it: the classic pair of programs on this computer."""
import errno
import re
import socket
import subprocess

import pane
import ptlui


class TryIt(pane.PaneCase):
    def received(self, app):
        pane.says(app, 'Received', timeout=20)
        pane.says(app, 'Python, client', timeout=20)

    def calls(self, app, side):
        """The calls of a side, as one text: each followed by what it does."""
        return '\n'.join(
            n.name for n in app.find(None, 'Calls of the %s' % side).below() if n.role == 'label')

    def test_both_sides(self):
        app = self.start()
        pane.press(app, 'Try It')
        self.received(app)
        server, client = (
            app.wait_until(lambda: last in self.calls(app, side) and self.calls(app, side), 10,
                           what='%s of the %s' % (last, side))
            for side, last in (('Server', 'accept4('), ('Client', 'recv(')))
        for name in ('socket(', 'bind(', 'listen(', 'accept4('):
            self.assertIn(name, server)
        for name in ('gethostname', 'socket(', 'connect(', 'send'):
            self.assertIn(name, client)
        # Each call is explained: what socket() is for is said on both sides.
        for text in (server, client):
            self.assertIn('Makes an end point for communication', text)
        self.assertIn('Asks the system what this computer is called', client)
        # The sessions are ones like any other.
        pane.press(app, 'Show the Client')
        pane.frame(app, 'Python, client', dir='sent')
        pane.frame(app, 'Python, client', dir='received')

    def test_again_and_by_the_action(self):
        app = self.start()
        pane.activate(self.desk, 'try-it')
        self.received(app)
        app.wait_until(lambda: 'accept4(' in self.calls(app, 'Server'), 10)
        first = self.calls(app, 'Server')
        pane.press(app, 'Run Again', timeout=20)
        # Another server, and another client, which has another port.
        app.wait_until(lambda: 'accept4(' in self.calls(app, 'Server') and
                       self.calls(app, 'Server') != first, 20, what='other calls than %r' % first)
        self.received(app)
        pane.button(app, 'Run Again', timeout=20)

    def test_the_port_is_taken(self):
        with socket.socket() as s:
            try:
                s.bind(('', 12345))
                s.listen(1)
            except OSError:
                pass  # taken by somebody else: as good
            app = self.start()
            pane.press(app, 'Try It')
            pane.says(app, 'Port 12345 is taken by another program', timeout=20)
            said = pane.says(app, 'The server listens on port')
            port = int(re.search(r'listens on port (\d+)', said).group(1))
            self.assertNotEqual(port, 12345)
            self.received(app)
            self.assertIn(':%d' % port, self.calls(app, 'Client'))

    def test_the_port_is_taken_for_one_family(self):
        try:
            s = socket.socket(socket.AF_INET6)
            self.addCleanup(s.close)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            s.bind(('::', 12345))
            s.listen()
        except OSError as e:
            if e.errno != errno.EADDRINUSE:
                self.skipTest('no IPv6 here: %s' % e)
        app = self.start()
        pane.press(app, 'Try It')
        pane.says(app, 'Port 12345 is taken by another program', timeout=20)
        pane.says(app, 'Received', timeout=20)

    def test_the_name_of_this_computer_has_no_address(self):
        prefix = pane.private_etc(self, {
            '/etc/hosts': '127.0.0.1 localhost\n', '/etc/nsswitch.conf': 'hosts: files\n'},
            name='nowhere-to-be-found')
        app = self.start(*prefix[1:], ptlui.APP, program=prefix[0])
        pane.press(app, 'Try It')
        pane.says(app, 'This computer’s name, “nowhere-to-be-found”, has no address', timeout=20)
        pane.says(app, '/etc/hosts')
        self.received(app)
        self.assertRegex(self.calls(app, 'Client'), r'connect\(.*127\.0\.0\.1:')
        # It is asked for anew each time.
        subprocess.run(['nsenter', '--uts', '--target', str(app.pid), 'hostname', 'renamed'],
                       check=True)
        pane.press(app, 'Run Again', timeout=20)
        pane.says(app, 'This computer’s name, “renamed”, has no address', timeout=20)
        self.received(app)
        self.assertIn('= "renamed"', self.calls(app, 'Client'))


if __name__ == '__main__':
    pane.main()
