#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Reference pane as a person uses it: search, read, open the form, see what listens."""
import socket

import pane
import ptlui


class Reference(ptlui.UiCase):
    def open(self, *args, **kw):
        app = self.start(*args, **kw)
        app.mouse(app.find('page tab', 'Reference'))
        app.wait_until(lambda: self.rows(app), what='rows of the table')
        return app

    def rows(self, app):
        for node in app.walk():
            if node.role in ('table', 'tree table', 'list') and 'Ports and protocols' in node.name:
                return [row for row in app.table(node)[1] if any(row)]
        return [row for row in app.table(next(iter(app.walk())))[1] if any(row)]

    def search(self, app, text):
        entry = app.find('entry', 'Search in Ports and Protocols')
        app.mouse(entry)
        app.keys('ctrl+a')
        app.type_text(text)

    def first(self, app, *cells):
        """Waits until the first row begins with these."""

        def there():
            rows = self.rows(app)
            return rows and rows[0][: len(cells)] == list(cells)

        app.wait_until(there, what='a first row %r' % (cells,))

    def says(self, app, part):
        return app.wait_until(
            lambda: next(
                (n for n in app.walk() if n.role == 'label' and part in n.name and app.showing(n)),
                None,
            ),
            what='a label with %r' % part,
        )

    def button(self, app, name):
        return app.wait_until(
            lambda: next(
                (
                    n
                    for n in app.walk()
                    if 'button' in n.role and name in n.name.replace('_', '') and app.showing(n)
                ),
                None,
            ),
            what='a button %r' % name,
        )

    def test_keyboard_follows(self):
        app = self.open()
        app.type_text('imap')       # into what has the focus after the click on the switcher
        self.first(app, '143')

    def test_search_and_connect(self):
        app = self.open()
        self.first(app, '7', 'TCP', 'echo')
        self.search(app, 'smtp')
        self.first(app, '25', 'TCP', 'smtp')
        app.keys('Return')
        self.says(app, 'TCP port 25')
        self.says(app, 'sending email')
        self.says(app, 'The server')
        app.click(self.button(app, 'Connect …'))
        field = app.wait_until(
            lambda: next(
                (
                    n
                    for n in app.walk()
                    if n.role in ('text', 'entry')
                    and app.showing(n)
                    and app.read_text(n) in ('25', 'localhost:25')
                ),
                None,
            ),
            what='the form with port 25',
        )
        self.assertTrue(app.showing(field))

    def test_ranges_and_words(self):
        app = self.open()
        self.search(app, 'python:imaplib')
        self.first(app, '143', 'TCP', 'imap')
        self.search(app, '8000-8100')
        self.first(app, '8000')
        self.search(app, 'rfc5321')
        self.first(app, '25', 'TCP', 'smtp')
        self.search(app, 'nothing-has-this-name')
        self.says(app, 'Nothing Found')
        app.keys('Escape')
        self.first(app, '7', 'TCP', 'echo')

    def test_listening_here(self):
        app = self.open()
        server = socket.socket()
        self.addCleanup(server.close)
        for port in range(8000, 8101):  # those have names
            try:
                server.bind(('127.0.0.1', port))
                break
            except OSError:
                continue
        self.search(app, '%d tcp' % port)
        self.first(app, str(port))
        server.listen()
        app.wait_until(lambda: 'Listening' in self.rows(app)[0], what='that something listens')
        server.close()
        app.wait_until(lambda: 'Listening' not in self.rows(app)[0], what='that nothing listens')

    def test_from_right_to_left(self):
        """The first column is the one that is seen."""
        env, before = ptlui.right_to_left(self.state)
        app = self.open(*before[1:], ptlui.APP, env=env, program=before[0])
        table = app.find(pane.TABLES, 'Ports and protocols', showing=True)
        port = self.rows(app)[0][0]
        app.wait_until(lambda: pane.in_sight(app, table, port), 5, what='port ' + port)

    def test_vocabulary(self):
        app = self.open()
        app.mouse(app.find('page tab', 'Socket Vocabulary'))
        self.says(app, 'What a Socket Is Made Of')
        domain = app.wait_until(
            lambda: next(
                (n for n in app.walk() if n.role == 'list item' and n.name == 'Domain'), None
            ),
            what='the row Domain',
        )
        app.mouse(domain)
        self.says(app, 'AF_INET = 2')
        self.says(app, 'This kernel offers it: SOCK_STREAM')


if __name__ == '__main__':
    ptlui.main()
