# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the Reference pane and of its vocabulary share."""
import pane
import ptlui


class ReferenceCase(ptlui.UiCase):
    def open(self, *args, private=False, **kw):
        if private:
            # What is looked up asks nobody outside.
            prefix = pane.private_etc(self, {
                '/etc/nsswitch.conf': 'hosts: files\nservices: files\n',
                '/etc/resolv.conf': 'nameserver 127.0.0.1\n',
            })
            app = self.start(*prefix[1:], ptlui.APP, *args, program=prefix[0], **kw)
        else:
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

    def has_form(self, app, role, *ports):
        wanted = [start + port for port in ports for start in ('', 'localhost:')]

        def there():
            chosen = [b for b in pane.buttons(app, 'Role: ' + role)
                      if {'checked', 'pressed'} & set(b.states)]
            fields = [n for n in app.walk() if n.role in ('text', 'entry') and app.showing(n)
                      and app.read_text(n) in wanted]
            return chosen and fields

        return there

    def form(self, app, role, *ports):
        app.wait_until(self.has_form(app, role, *ports),
                       what='the form to %s on %s' % (role, ports))

    def is_said(self, app, part):
        return lambda: any(n.role == 'label' and part in n.name and app.showing(n)
                           for n in app.walk())

    def press_until(self, app, name, there):
        """A click may be lost while the window is busy: asks again."""
        for _ in range(3):
            if pane.buttons(app, name):
                pane.press(app, name)
            try:
                return app.wait_until(there, 5, what='what %r does' % name)
            except ptlui.DriveError:
                continue
        self.fail('%r does nothing' % name)
