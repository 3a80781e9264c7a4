# SPDX-License-Identifier: GPL-3.0-or-later
"""The Sockets pane as the tests use it: by roles and accessible names, never by layout.

    class Listening(pane.PaneCase):
        def test_something(self):
            app = self.start('--listen', 'tcp://127.0.0.1:0')
            pane.frame(app, 'listening on')
            with pane.peer(pane.port(app)) as s: ...
"""
import os
import re
import shlex
import socket
import struct
import subprocess
import threading
import time

import drive
import ptlui
from ptlui import slow

from gi.repository import Gio, GLib

BUTTONS = ('push button', 'toggle button', 'radio button')
COLUMNS = ('number', 'time', 'dir', 'peer', 'length', 'preview')
TITLES = ('#', 'Time', 'Dir', 'Peer', 'Length', 'Preview')
TABLES = ('tree table', 'table')
PATH = '/org/portlight/Portlight'


# ---- finding -----------------------------------------------------------------------------------


def _is_called(node, name):
    """A label and a mnemonic make names like '_Send Send' and 'Role: Listen Listen' in GTK 4.8."""
    clean = node.name.replace('_', '')
    if clean == name:
        return True
    # GTK 4.18 names the buttons of a group as they are labelled, and the group apart.
    group, _, own = name.partition(': ')
    if own and clean == own and node.parent is not None and node.parent.name == group:
        return True
    return clean.startswith(name + ' ') and clean[len(name) + 1 :] in name


def _in_group(node):
    """GTK 4.18 names the 'Listen' of the group 'Role' as it names the button 'Listen'."""
    group = node.parent
    return drive._gtk_minor() >= 10 and group.role == 'grouping' and group.name != ''


def buttons(app, name, root=None):
    """Those that are no part of a named group come first."""
    return sorted((
        n
        for n in app.walk(root)
        if n.role in BUTTONS and _is_called(n, name) and app.showing(n)
        # a menu button has a button of the same name in it
        and not any(k.role in BUTTONS and _is_called(k, name) for k in n.below())
    ), key=_in_group)


def button(app, name, root=None, timeout=5.0):
    return app.wait_until(
        lambda: next(iter(buttons(app, name, root)), None), timeout, what='button %r' % name
    )


def press(app, name, root=None, timeout=5.0):
    """Waits until the button can be pressed, and does."""
    b = app.wait_until(
        lambda: next((b for b in buttons(app, name, root) if 'sensitive' in b.states), None),
        timeout,
        what='sensitive button %r' % name,
    )
    app.click(b)
    return b


def choose_tab(app, name):
    """The page of a switcher.  A click goes past while the window is laid out: asks again."""
    for _ in range(5):
        app.mouse(app.find('page tab', name, showing=True))
        try:
            return app.wait_until(
                lambda: any('selected' in app.states(n)
                            for n in app.find_all('page tab', name, showing=True)),
                2, what='the tab %r' % name)
        except drive.DriveError:
            continue
    raise drive.DriveError('%r is not chosen' % name)


def open_options(app, beside):
    """Those of the page whose button @beside is: others have a button of that name, too."""
    node = button(app, beside)
    while not buttons(app, 'Options', node):
        node = node.parent
    press(app, 'Options', node)
    app.wait_until(lambda: len(app.x_windows()) > len(app.windows()), 5, what='the options')


def close_options(app):
    app.keys('Escape')
    app.wait_until(lambda: len(app.x_windows()) == len(app.windows()), 5,
                   what='the end of the options')


def is_sensitive(app, name, root=None):
    return 'sensitive' in button(app, name, root).states


def texts(app, root=None, showing=True):
    """All labels that are on the screen."""
    said = [n for n in app.walk(root) if n.role in drive.SAYING and n.name]
    return [n.name for n in (app.all_showing(said) if showing else said)]


def says(app, part, root=None, timeout=5.0):
    """Waits for a label with that in it (a str, or a compiled pattern); returns the whole."""

    def there():
        for n in app.walk(root):
            if n.role in drive.SAYING:
                if part.search(n.name) if isinstance(part, re.Pattern) else part in n.name:
                    if app.showing(n):
                        return n.name
        return None

    return app.wait_until(there, timeout, what='a label with %r' % part)


def field(app, name, timeout=5.0):
    return app.find(('text', 'entry', 'password text'), name, timeout=timeout, showing=True)


def fill(app, name, text):
    f = field(app, name)
    app.type_into(f, text)
    return f


def focus(app, f):
    """By the mouse: what has an entry in it cannot be given the focus over the bus in GTK 4.8."""
    app.mouse(f)
    return f


def pick(app, combo, nth, name):
    """The nth of a drop-down's items, by the keyboard."""
    app.mouse(app.find('combo box', combo, showing=True))
    app.wait_until(lambda: len(app.x_windows()) > len(app.windows()), 5, what='the drop-down')
    app.keys('Home', *['Down'] * nth, 'Return')
    app.wait_until(
        lambda: any(
            n.role == 'label' and n.name == name and app.showing(n)
            for n in app.find('combo box', combo).below()
        ), 5, what='%s: %s' % (combo, name))


def choose_file(app, path):
    """In the dialog that is about to open.  The path is set, not typed: keys go astray while a
    dialog is opened and while it reads a folder."""
    def dialog():
        return next((w for w in app.windows()[1:]), None)

    def entry():
        for n in app.walk(dialog()):
            if n.role == 'text' and 'editable' in n.states and n.name != 'Connect to Server':
                if app.showing(n):
                    return n
        app.keys('ctrl+l')
        return None

    def over():
        there = dialog()
        if there is None:
            return True
        for b in buttons(app, 'Open', there):
            app.click(b)
        return False

    app.wait_until(dialog, 10, what='the dialog')
    f = app.wait_until(entry, 10, every=0.5, what='the place for a path')
    app.type_into(f, path)
    app.wait_until(lambda: app.read_text(f) == path, 5, what='the path')
    app.wait_until(over, 10, every=0.5, what='the end of the dialog')


def save_file(app, path):
    """In the dialog that is about to open; in the place of the name that it offers."""

    def focused():
        return next((n for n in app.find_all('text', 'Name:') if 'focused' in n.states), None)

    name = app.wait_until(focused, 10, what='the dialog')
    app.keys('ctrl+a')
    app.type_text(path)
    app.wait_until(lambda: app.read_text(name) == path, 10, what='the whole path')
    press(app, 'Save')
    app.wait_until(lambda: focused() is None, 10, what='the end of the dialog')


def menu_item(app, name, timeout=5.0):
    """Of a menu that is open."""

    def there():
        for n in app.find_all(('menu item', 'check menu item', 'radio menu item'), name):
            if app.showing(n) and 'click' in app.actions(n):
                return n
        return None

    app.click(app.wait_until(there, timeout, what='menu item %r' % name))


def view(app):
    """The view of a session: it has the actions session.*"""
    return app.wait_until(lambda: _view(app), 5, what='the session view')


def _view(app):
    # The nearest above the list of frames that has the actions.
    for table in app.find_all(TABLES, 'Frames'):
        n = table
        while n is not None:
            if 'session.stop' in app.actions(n):
                return n
            n = n.parent
    # GTK 4.18 leaves the list out of the tree while something else is in its place.
    for n in app.find_all('panel'):
        if app.showing(n) and 'session.stop' in app.actions(n):
            return n
    return None


def act(app, action):
    """An action of the view, such as session.clear."""
    app.do(view(app), action)


def window_act(app, action):
    app.do(app.windows()[0], action)


# ---- frames ------------------------------------------------------------------------------------


def table(app):
    return app.find(TABLES, 'Frames')


def frames(app):
    """The rows that GTK has made, as dicts of the columns that are shown."""
    there = app.find_all(TABLES, 'Frames')
    if not there:  # hidden, as nothing is in it
        return []
    head, rows = app.table(there[0], anew=False)
    keys = [COLUMNS[TITLES.index(title)] for title in head]
    return [dict(zip(keys, cells)) for cells in rows if len(cells) == len(keys)]


def frame(app, preview, timeout=10.0, **columns):
    """Waits for a row whose preview is that (a str: contains it; a pattern: matches)."""

    def there():
        for row in frames(app):
            if preview.search(row['preview']) if isinstance(preview, re.Pattern) else (
                preview in row['preview']
            ):
                if all(row[k] == v for k, v in columns.items()):
                    return row
        return None

    return app.wait_until(there, timeout, what='a frame %r %r' % (preview, columns))


def number(text):
    return int(re.sub(r'\D', '', text))


def count(app, text, timeout=5.0):
    """Waits until the count of frames says so."""
    return app.find('label', text, timeout=timeout, showing=True)


def counts(app):
    """(shown, all) as the label has it."""
    for n in app.walk():
        m = re.fullmatch(r'([\d,.]+)(?: of ([\d,.]+))? frames?', n.name)
        if m and n.role in drive.SAYING and app.showing(n):
            return number(m.group(1)), number(m.group(2) or m.group(1))
    return None


def rows_of(app, node):
    return [n for n in app.tree(node).below() if n.role == 'table row']


def in_sight(app, node, text):
    """Whether a cell of that text is within the width of the table."""
    x, _, width, _ = app.raw_extents(node)
    for row in rows_of(app, node):
        for n in row.below():
            if n.role == 'label' and n.name == text:
                at, _, w, _ = app.raw_extents(n)
                return x <= at and at + w <= x + width
    return False


def select(app, preview=None, dir=None):
    """Clicks the row whose preview contains that, or the last one of that direction."""

    def there():
        found = None
        at = table(app)
        _, top, _, height = app.raw_extents(at)
        for row in rows_of(app, at):
            names = [k.name for k in row.below() if k.role == 'label' or k.name == dir]
            if dir in names if dir else any(preview in name for name in names):
                _, y, _, h = app.raw_extents(row)
                # Others are made, too: behind the header, or below the end.
                if row.kids and y >= top + h and y + h <= top + height:
                    found = row
                    if not dir:
                        break
        return found

    row = app.wait_until(there, 5, what='a row %r' % (preview or dir))
    app.mouse(row)
    return row


def port(app, timeout=10.0):
    """Where it listens: the port the first such event names."""
    return int(frame(app, 'listening on', timeout)['preview'].rsplit(':', 1)[1])


def filter_by(app, text):
    fill(app, 'Filter frames', text)


# ---- peers -------------------------------------------------------------------------------------


def peer(to, host='127.0.0.1', kind=socket.SOCK_STREAM):
    s = socket.socket(socket.AF_INET, kind)
    s.settimeout(slow(10))
    s.connect((host, to))
    return s


def server(kind=socket.SOCK_STREAM):
    s = socket.socket(socket.AF_INET, kind)
    s.settimeout(slow(10))
    s.bind(('127.0.0.1', 0))
    if kind == socket.SOCK_STREAM:
        s.listen(16)
    return s


def receive(s, n):
    data = b''
    while len(data) < n:
        chunk = s.recv(min(1 << 20, n - len(data)))
        if not chunk:
            raise AssertionError('end of input after %r' % data[:200])
        data += chunk
    return data


class Background:
    """Runs a function beside the test; join() gives its result, or raises what it raised."""

    def __init__(self, fn, *args):
        self.result = self.error = None

        def run():
            try:
                self.result = fn(*args)
            except BaseException as e:  # told by join()
                self.error = e

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()

    def join(self, timeout=30.0):
        self.thread.join(slow(timeout))
        if self.thread.is_alive():
            raise AssertionError('it is still at it')
        if self.error is not None:
            raise self.error
        return self.result


# ---- another /etc -------------------------------------------------------------------------------


def private_etc(case, files, name=None):
    """What a program is started with so that it sees other texts in the place of files, and
    another name of the computer.  Skips the test where that is not allowed."""
    if os.geteuid() != 0:
        # In a user namespace the user would have another number than the bus knows.
        case.skipTest('a mount namespace needs root')
    unshare = ['unshare', '--mount', '--propagation', 'private'] + (['--uts'] if name else [])
    r = subprocess.run(unshare + ['true'], capture_output=True, text=True, check=False)
    if r.returncode:
        case.skipTest('no namespace may be made here: ' + r.stderr.strip())
    script = 'set -e; '
    for path, text in files.items():
        mine = os.path.join(case.state, path.replace('/', '_'))
        with open(mine, 'w') as f:
            f.write(text)
        os.chmod(mine, 0o644)
        script += 'mount --bind %s %s; ' % (shlex.quote(mine), shlex.quote(path))
    if name:
        script += 'hostname %s; ' % shlex.quote(name)
    return unshare + ['sh', '-c', script + 'exec "$0" "$@"']


# ---- the session bus -----------------------------------------------------------------------------


def bus_call(desk, path, iface, method, args=None, timeout_ms=None, dest=ptlui.APP_ID):
    return desk.bus.call_sync(
        dest, path, iface, method, args, None, Gio.DBusCallFlags.NO_AUTO_START,
        timeout_ms or int(slow(5000)), None,
    )


def activate(desk, action, text=None):
    """An action of the application, as gapplication does it."""
    parameter = [] if text is None else [GLib.Variant('s', text)]
    bus_call(desk, PATH, 'org.gtk.Actions', 'Activate',
             GLib.Variant('(sava{sv})', (action, parameter, {})))


class Stalls:
    """Asks the main loop again and again, from a thread and with a connection of its own; each
    answer comes from the loop, so none is quicker than what holds it up."""

    def __init__(self, desk):
        self.bus = drive._connect(desk.env['DBUS_SESSION_BUS_ADDRESS'])
        self.times = []
        self.over = threading.Event()
        self.work = Background(self.run)

    def run(self):
        while not self.over.is_set():
            begun = time.monotonic()
            self.bus.call_sync(
                ptlui.APP_ID, PATH, 'org.gtk.Actions', 'List', None, None,
                Gio.DBusCallFlags.NO_AUTO_START, int(slow(20000)), None,
            )
            self.times.append(time.monotonic() - begun)
            self.over.wait(0.004)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()

    def stop(self):
        self.over.set()
        self.work.join(30)
        if not self.bus.is_closed():
            self.bus.close_sync(None)

    @property
    def worst(self):
        return max(self.times)


def watch_records(path):
    """What tests/bench/watch.c wrote: (kind, time, duration, another), in ns."""
    record = struct.Struct('=QQQQ')
    with open(path, 'rb') as f:
        data = f.read()
    return list(record.iter_unpack(data[: len(data) // record.size * record.size]))


# ---- the class of the tests ----------------------------------------------------------------------


class PaneCase(ptlui.UiCase):
    def keep(self, s):
        self.addCleanup(s.close)
        return s

    def peer(self, app_or_port, kind=socket.SOCK_STREAM):
        to = app_or_port if isinstance(app_or_port, int) else port(app_or_port)
        return self.keep(peer(to, kind=kind))

    def server(self, kind=socket.SOCK_STREAM):
        return self.keep(server(kind))

    def accept(self, listener):
        s, _ = listener.accept()
        s.settimeout(slow(10))
        return self.keep(s)

    def listening(self, query='', transport='tcp'):
        """The app, listening on a port of the kernel's choice; and which."""
        app = self.start('--listen', '%s://127.0.0.1:0%s' % (transport, query))
        return app, port(app)

    def paste(self, app, into='Filter frames'):
        """What is on the clipboard, as an entry gets it by Ctrl+V."""
        f = field(app, into)
        app.type_into(f, '')
        focus(app, f)
        app.keys('ctrl+v')
        return app.wait_until(lambda: app.read_text(f), 5, what='something on the clipboard')


def main():
    ptlui.main()
