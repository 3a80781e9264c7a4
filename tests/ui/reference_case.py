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
        pane.choose_tab(app, 'Reference')
        app.wait_until(lambda: self.rows(app), what='rows of the table')
        return app

    def once(self, app, what, find):
        """A part of the window that stays: reading the whole of it takes half a second."""
        parts = self.__dict__.setdefault('parts', {})
        if (app, what) not in parts:
            parts[app, what] = app.wait_until(find, what=what)
        return parts[app, what]

    def rows(self, app, n=20):
        """The first of them; each is read on its own, as the table has thousands of labels."""

        def rows_of_table():
            for node in app.walk():
                if node.role == 'table row' and node.kids[:1] and node.kids[0].role in (
                    'table cell', 'row header'
                ):
                    if any('Ports and protocols' in o.name for o in (
                        node.parent, node.parent.parent or node.parent
                    )):
                        return node.parent
            return None

        try:
            table = self.once(app, 'rows of the table', rows_of_table)
        except ptlui.DriveError:
            return []
        rows = []
        for kid in app.kids(table):
            row = app.table(kid)[1][:1]
            if row and any(row[0]):
                rows += row
            if len(rows) == n:
                break
        return rows

    def entry(self, app):
        return self.once(app, 'the search',
                         lambda: app.find('entry', 'Search in Ports and Protocols'))

    def detail(self, app):
        """What is said of the row; there once one was shown."""

        def there():
            at = next((n for n in app.walk() if n.name == 'Copy the Row'), None)
            while at is not None and not any(n.name == 'Who says so' for n in at.below()):
                at = at.parent
            return at

        return self.once(app, 'the detail', there)

    def search(self, app, text):
        app.mouse(self.entry(app))
        app.keys('ctrl+a')
        app.type_text(text)

    def first(self, app, *cells):
        """Waits until the first row begins with these."""

        def there():
            rows = self.rows(app, 1)
            return rows and rows[0][: len(cells)] == list(cells)

        app.wait_until(there, what='a first row %r' % (cells,))

    def says(self, app, part, root=None):
        return app.wait_until(
            lambda: next(
                (n for n in app.walk(root)
                 if n.role == 'label' and part in n.name and app.showing(n)),
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

    def is_said(self, app, part, root=None):
        return lambda: any(n.role == 'label' and part in n.name and app.showing(n)
                           for n in app.walk(root))

    def press_until(self, app, name, there, root=None):
        """A click may be lost while the window is busy: asks again."""
        for _ in range(3):
            if pane.buttons(app, name, root):
                pane.press(app, name, root)
            try:
                return app.wait_until(there, 5, what='what %r does' % name)
            except ptlui.DriveError:
                continue
        self.fail('%r does nothing' % name)
