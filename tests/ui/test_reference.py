#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Reference pane as a person uses it: search, read, open the form, see what listens."""
import socket

import pane
import ptlui
from reference_case import ReferenceCase


class Reference(ReferenceCase):
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
        self.press_until(app, 'Connect …', self.has_form(app, 'Connect', '25'))
        self.says(app, '25 is SMTP')

        # Where TLS comes first, the form says so; wherever the port came from.
        self.assertFalse(self.is_said(app, 'begins with TLS')())
        pane.choose_tab(app, 'Reference')
        self.search(app, 'imaps')
        self.first(app, '993', 'TCP', 'imaps')
        app.keys('Return')
        self.says(app, 'TCP port 993')
        self.press_until(app, 'Connect …', self.has_form(app, 'Connect', '993'))
        self.says(app, 'Port 993 begins with TLS')
        self.says(app, 'Without TLS at first: port 143.')
        self.says(app, 'tcp://localhost:993: plain bytes, where TLS comes first')
        field = app.find('text', 'Port', showing=True)
        app.type_into(field, 'imap')
        app.wait_until(lambda: not self.is_said(app, 'begins with TLS')(),
                       what='no word of TLS on port 143')
        app.type_into(field, 'https')
        self.says(app, 'Port 443 begins with TLS')
        pane.press(app, 'Role: Listen')
        self.says(app, 'clients that expect TLS will give up')

    def test_ranges_and_words(self):
        app = self.open()
        self.search(app, 'python:imaplib')
        self.first(app, '143', 'TCP', 'imap')
        self.search(app, '8000-8100')
        self.first(app, '8000')
        self.search(app, 'rfc5321')
        self.first(app, '25', 'TCP', 'smtp')
        # What is kept for the next key is not what one scrolls to.
        table = app.find(pane.TABLES, 'Ports and protocols')
        x, y, width, height = app.extents(table)

        def no_blank_row():
            self.desk.run(['xdotool', 'mousemove', str(x + width // 2), str(y + height // 2),
                           'click', '5'])
            return not any(
                row.kids and app.showing(row)
                and not any(n.name for n in row.below() if n.role == 'label')
                for row in pane.rows_of(app, table))

        app.wait_until(no_blank_row, 10, every=0.3, what='the end of the blank rows')
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
        # A program begins at the left here, too.
        self.search(app, 'ftp')
        self.first(app, '21')
        app.keys('Return')
        program = self.says(app, 'import ftplib')
        scroller = program.parent
        while scroller.role != 'scroll pane':
            scroller = scroller.parent
        app.wait_until(lambda: app.raw_extents(program)[0] >= app.raw_extents(scroller)[0], 5,
                       what='the beginning of the program')

    def test_vocabulary(self):
        app = self.open()
        pane.choose_tab(app, 'Socket Vocabulary')
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


class LargeText(ReferenceCase):
    desk_options = {'size': (420, 720)}

    def test_values_are_below_names(self):
        """At 200 % in a narrow window: beside their names they had the width of a word."""
        self.desk.run(['xprop', '-root', '-f', 'RESOURCE_MANAGER', '8s',
                       '-set', 'RESOURCE_MANAGER', 'Xft.dpi:\t192\n'])
        app = self.start()
        pane.window_act(app, 'window.toggle-maximized')
        pane.button(app, 'Try It', timeout=20)
        app.keys('alt+5')
        app.wait_until(lambda: self.rows(app, 1), what='a row')
        self.search(app, 'ftp')
        self.first(app, '21')
        app.keys('Return')
        name = app.find('label', 'Common function', timeout=20)
        value = app.find('label', 'file transfers', contains=True, root=name.parent)
        app.wait_until(
            lambda: app.raw_extents(value)[0] == app.raw_extents(name)[0]
            and app.raw_extents(value)[1] > app.raw_extents(name)[1],
            what='the value below its name')


if __name__ == '__main__':
    ptlui.main()
