#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vocabulary of sockets: by the keyboard, what this kernel offers, and where the app shows a
call.  Its words are checked by tests/reference/test_vocabulary.py."""
import pane
import ptlui
from reference_case import ReferenceCase

WORDS = (
    'socket', 'bind', 'listen', 'accept', 'connect', 'send', 'sendall', 'recv', 'sendto',
    'recvfrom', 'close', 'gethostname', 'inet_pton', 'inet_ntop', 'htons', 'getaddrinfo',
    'getnameinfo', 'getservbyname', 'getservbyport',
)

ROWS = ('Domain', 'Type', 'Protocol', 'Hostname', 'Port', *WORDS)


class Vocabulary(ReferenceCase):
    def page(self, app):
        """The vocabulary alone: the whole window takes a while to read."""

        def there():
            for n in app.walk():
                if n.role == 'label' and n.name == 'What a Socket Is Made Of':
                    while n.parent is not None:
                        names = {k.name for k in n.below()}
                        if {'Domain', 'getservbyport'} <= names:
                            return n
                        n = n.parent
            return None

        return app.wait_until(there, what='the vocabulary')

    def focused(self, app):
        return next((n for n in app.walk(self.root) if 'focused' in n.states), None)

    def first_word(self, app):
        """The keyboard on the first row."""
        pane.choose_tab(app, 'Reference')
        pane.choose_tab(app, 'Socket Vocabulary')
        self.says(app, 'What a Socket Is Made Of')
        # The page has the focus where it was last; its button has it when it is clicked again.
        app.mouse(app.find('page tab', 'Socket Vocabulary', showing=True))
        self.root = self.page(app)
        for _ in range(5):
            app.keys('Tab')
            try:
                return app.wait_until(
                    lambda: (self.focused(app) or self.root).name == 'Domain', 1, what='a row')
            except ptlui.DriveError:
                continue
        self.fail('the keyboard does not come to the rows')

    def show_button(self, app, name):
        """Its label comes after its name in GTK 4.8."""
        return next((n for n in app.walk(self.root) if n.role in pane.BUTTONS and app.showing(n)
                     and (n.name.replace('_', '') + ' ').startswith('Show me %s ' % name)), None)

    def go_to(self, app, name):
        """From a row above, by the keyboard, which brings each row into view.  Those between are
        folded."""
        here = self.focused(app)
        self.assertIn(here.name, ROWS)
        n = ROWS.index(name) - ROWS.index(here.name)
        if n > 0:
            app.keys(*['Tab'] * n)
        app.wait_until(lambda: (self.focused(app) or here).name == name, what='the row ' + name)

    def test_what_this_kernel_offers(self):
        app = self.open()
        self.first_word(app)
        self.go_to(app, 'Type')
        app.keys('Return')
        self.says(app, 'SOCK_SEQPACKET = 5')
        # Each type says what the kernel answered, and so do what may be added to it.
        for name in ('SOCK_STREAM = 1', 'SOCK_DGRAM = 2', 'SOCK_SEQPACKET = 5', 'SOCK_RAW = 3',
                     'SOCK_RDM = 4', 'SOCK_NONBLOCK = 2048', 'SOCK_CLOEXEC = 524288'):
            self.assertRegex(self.under(app, name), '^This kernel (offers it|does not offer it)')
        # Those that every kernel has are offered.
        for name in ('SOCK_STREAM = 1', 'SOCK_DGRAM = 2', 'SOCK_SEQPACKET = 5',
                     'SOCK_NONBLOCK = 2048', 'SOCK_CLOEXEC = 524288'):
            self.assertRegex(self.under(app, name), '^This kernel offers it( with .*AF_UNIX|$)')

    def under(self, app, name):
        """The last of the labels of the value's row."""
        def there():
            labels = [n.name for n in app.walk(self.root) if n.role == 'label']
            at = labels.index(name) if name in labels else -1
            return labels[at + 2] if at >= 0 and len(labels) > at + 2 else None

        return app.wait_until(there, what='what is said of ' + name)

    def show(self, app, name):
        """Of several the last one first: what is unfolded is below."""
        self.first_word(app)
        self.go_to(app, name)
        app.keys('Return')
        app.click(app.wait_until(lambda: self.show_button(app, name), what='Show Me'))

    def test_show_me_ports(self):
        app = self.open()
        self.show(app, 'getservbyport')
        self.says(app, 'TCP port 80')

    def test_show_me(self):
        app = self.open(private=True)
        self.show(app, 'recvfrom')
        self.form(app, 'Datagrams', '12345')
        self.show(app, 'connect')
        self.form(app, 'Connect', '80', 'http')
        self.show(app, 'bind')
        self.form(app, 'Listen', '12345')
        self.show(app, 'socket')
        self.says(app, 'A Server and a Client')
        self.show(app, 'Hostname')
        app.wait_until(
            lambda: any(app.read_text(n) == '127.0.0.1' for n in app.walk()
                        if n.role in ('text', 'entry') and app.showing(n)),
            what='the address in Lookup')
        self.show(app, 'Domain')
        app.find(pane.TABLES, 'Families of sockets', showing=True)


if __name__ == '__main__':
    ptlui.main()
