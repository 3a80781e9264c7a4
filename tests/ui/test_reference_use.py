#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Reference pane's buttons and chips, each once, the way to it from a session, and the classic
eight as they are read there."""
import re
import socket

import pane
import ptlui
from reference_case import ReferenceCase

EIGHT = (
    ('pop3', 'POP3', 110, 'poplib', 'fetching email'),
    ('smtp', 'SMTP', 25, 'smtplib', 'sending email'),
    ('telnet', 'Telnet', 23, 'telnetlib', 'command lines'),
    ('imap4', 'IMAP4', 143, 'imaplib', 'fetching email'),
    ('gopher', 'Gopher', 70, 'gopherlib, urllib', 'document transfers'),
    ('nntp', 'NNTP', 119, 'nntplib', 'Usenet news'),
    ('http', 'HTTP', 80, 'httplib, urllib, xmlrpclib', 'web pages'),
    ('ftp', 'FTP', 20, 'ftplib, urllib', 'file transfers'),
)


class Use(ReferenceCase):
    def test_classic_eight(self):
        app = self.open()
        for query, title, port, modules, function in EIGHT:
            with self.subTest(title):
                self.search(app, query)
                self.first(app, '21' if port == 20 else str(port), 'TCP')
                app.keys('Return')
                detail = self.detail(app)
                self.says(app, 'Port %d: %s' % (port, modules), detail)
                # A value has the name of its fact after it in GTK 4.8.
                pane.says(app, re.compile('^%s( Common function)?$' % re.escape(function)), detail)
                pane.says(app, re.compile('^%s$' % re.escape(title)), detail)
                self.says(app, 'A Conversation, Line by Line', detail)
        # FTP is the last one: why the table says 20.
        self.says(app, 'A client connects to port 21', detail)

    def test_every_button(self):
        app = self.open(private=True)
        self.search(app, 'imap4')
        self.first(app, '143')
        app.keys('Return')
        detail = self.detail(app)
        self.says(app, 'TCP port 143', detail)
        pane.press(app, 'Copy the Row', root=detail)
        copied = self.paste(app)
        self.assertIn('Port: 143', copied)
        self.assertIn('Service: imap', copied)
        self.search(app, 'imap4')
        self.first(app, '143')
        pane.press(app, 'Copy: In Python', root=detail)
        self.assertIn('import imaplib', self.paste(app))
        self.search(app, 'ftp')
        self.first(app, '21')
        app.keys('Return')
        self.says(app, 'TCP port 21', detail)
        for button, said in (
            ('Port 20', 'Belongs to FTP.'),
            ('Port 21', 'TCP port 21'),
            ('TLS: Port 990', 'TCP port 990'),
            # And the way back, although that is a protocol of its own.
            ('Port 21', 'TCP port 21'),
        ):
            self.press_until(app, button, self.is_said(app, said, detail), detail)
            self.says(app, 'TCP port %s' % button.split()[-1], detail)

        self.search(app, 'imap4')
        self.first(app, '143')
        app.keys('Return')
        self.says(app, 'TCP port 143', detail)
        self.press_until(app, 'Connect …', self.has_form(app, 'Connect', '143'))
        self.to_reference(app)
        self.press_until(app, 'Listen …', self.has_form(app, 'Listen', '143'))
        self.to_reference(app)
        pane.press(app, 'Look Up')
        app.wait_until(
            lambda: any(app.read_text(n) == 'imap' for n in app.walk()
                        if n.role in ('text', 'entry') and app.showing(n)),
            what='the name in Lookup')
        pane.says(app, re.compile('service'))

    def paste(self, app):
        """Into the search, as Ctrl+V has it."""
        entry = self.entry(app)
        app.mouse(entry)
        app.keys('ctrl+a', 'ctrl+v')
        return app.wait_until(
            lambda: (lambda t: t if t and t != 'imap4' else None)(app.read_text(entry)),
            what='something on the clipboard')

    def to_reference(self, app):
        pane.choose_tab(app, 'Reference')
        self.says(app, 'TCP port 143', self.detail(app))

    def test_a_session_leads_here(self):
        app = self.start('--listen', 'tcp://127.0.0.1:0')
        port = pane.port(app)
        pane.choose_tab(app, 'About')
        pane.press(app, 'Show in Reference')
        entry = app.find('entry', 'Search in Ports and Protocols')
        app.wait_until(lambda: app.read_text(entry) == '%d tcp' % port, what='the port')

    def test_chips(self):
        app = self.open()
        self.says(app, '75 of ')
        for name in ('UDP', 'TCP'):
            self.press_until(app, name,
                             lambda: {r[1] for r in self.rows(app)[:20]} == {name})
        with socket.socket() as server:
            server.bind(('127.0.0.1', 0))
            server.listen()
            self.press_until(
                app, 'Listening Here',
                lambda: all('Listening' in ' '.join(r) for r in self.rows(app)[:5]))
        self.press_until(app, 'All', lambda: self.rows(app)[0][0] == '0')
        self.press_until(app, 'To Know', lambda: self.rows(app)[0][:3] == ['7', 'TCP', 'echo'])


if __name__ == '__main__':
    ptlui.main()
