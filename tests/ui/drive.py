#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives a GTK 4 program as a person would, on a display and buses of its own.

    /usr/bin/python3 drive.py [--dump] [--shot FILE] [--compositor] [--wayland] [--dark]
        [--language de] [--share PREFIX/share] [--seconds N] PROGRAM [ARG...]

and as a module (Debian's /usr/bin/python3, not a pyenv one: it needs gi):

    from drive import Desk
    with Desk() as d:                       # Xvfb + session bus + AT-SPI bus
        p = d.start(['/path/to/program'], app_id='org.example.App')
        p.wait_window()
        p.type_into(p.find('text', 'Host'), 'example.org')
        p.click(p.find('push button', 'Start'))
        p.find('label', 'Done', timeout=10)
        p.screenshot('/tmp/x.png')

Everything waits at most a given number of seconds.  Every process, also those
that a bus started, is a descendant of this one (PR_SET_CHILD_SUBREAPER) and is
ended by its pid in stop().

It speaks AT-SPI's own D-Bus interfaces with Gio rather than libatspi: the whole
tree is read anew with pipelined calls at each find (three times as fast as
libatspi, whose cache GTK 4.8 does not keep up to date), and roles carry one
name on every version (newer libatspi says 'button' for 'push button').

Needs: xvfb dbus-daemon at-spi2-core python3-gi (with gir1.2-glib-2.0) xdotool
imagemagick (screenshots) libglib2.0-bin (gdbus) openbox x11-utils; xcompmgr for
compositor=True, weston for wayland=True.
"""
import ctypes
import glob
import os
import shutil
import signal
import subprocess
import tempfile
import time

from gi.repository import Gio, GLib

BUS_LAUNCHER = next(
    (
        p
        for p in ('/usr/libexec/at-spi-bus-launcher', '/usr/lib/at-spi2-core/at-spi-bus-launcher')
        if os.path.exists(p)
    ),
    None,
)


class DriveError(Exception):
    pass


class Ended(DriveError):
    """The program is gone: no use waiting on."""


_LIBC = ctypes.CDLL(None, use_errno=True)


def _end_with_us():
    """In a child: ends when this program is killed, which stop() cannot see to.  An app that
    recorded a flood would fill the disk."""
    _LIBC.prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG


def _descendants(root):
    kids = {}
    for e in os.listdir('/proc'):
        if not e.isdigit():
            continue
        try:
            with open('/proc/%s/stat' % e) as f:
                s = f.read()
        except OSError:
            continue
        ppid = int(s[s.rindex(')') + 2 :].split()[1])
        kids.setdefault(ppid, []).append(int(e))
    out, todo = [], [root]
    while todo:
        for k in kids.get(todo.pop(), []):
            out.append(k)
            todo.append(k)
    return out


def _alive(pid):
    try:
        with open('/proc/%d/stat' % pid) as f:
            s = f.read()
        return s[s.rindex(')') + 2] not in 'ZX'
    except OSError:
        return False


def _end(pid, grace=3.0):
    """Ends one process by its pid: TERM, then KILL."""
    for sig, wait in ((signal.SIGTERM, grace), (signal.SIGKILL, 2.0)):
        if not _alive(pid):
            break
        try:
            os.kill(pid, sig)
        except OSError:
            break
        t = time.monotonic() + wait
        while _alive(pid) and time.monotonic() < t:
            try:
                os.waitpid(pid, os.WNOHANG)
            except OSError:
                pass
            time.sleep(0.01)
    try:
        os.waitpid(pid, os.WNOHANG)
    except OSError:
        pass


# AT-SPI's roles and states by number (at-spi2-core's atspi-constants.h)
ROLES = """\
invalid;accelerator label;alert;animation;arrow;calendar;canvas;check box;check menu item;\
color chooser;column header;combo box;date editor;desktop icon;desktop frame;dial;dialog;\
directory pane;drawing area;file chooser;filler;focus traversable;font chooser;frame;\
glass pane;html container;icon;image;internal frame;label;layered pane;list;list item;menu;\
menu bar;menu item;option pane;page tab;page tab list;panel;password text;popup menu;\
progress bar;push button;radio button;radio menu item;root pane;row header;scroll bar;\
scroll pane;separator;slider;spin button;split pane;status bar;table;table cell;\
table column header;table row header;tearoff menu item;terminal;text;toggle button;tool bar;\
tool tip;tree;tree table;unknown;viewport;window;extended;header;footer;paragraph;ruler;\
application;autocomplete;editbar;embedded;entry;chart;caption;document frame;heading;page;\
section;redundant object;form;link;input method window;table row;tree item;\
document spreadsheet;document presentation;document text;document web;document email;comment;\
list box;grouping;image map;notification;info bar;level bar;title bar;block quote;audio;video;\
definition;article;landmark;log;marquee;math;rating;timer;static;math fraction;math root;\
subscript;superscript;description list;description term;description value;footnote;\
content deletion;content insertion;mark;suggestion;push button menu;switch\
""".split(';')
STATES = """
invalid active armed busy checked collapsed defunct editable enabled expandable expanded
focusable focused has-tooltip horizontal iconified modal multi-line multiselectable opaque
pressed resizable selectable selected sensitive showing single-line stale transient vertical
visible manages-descendants indeterminate required truncated animated invalid-entry
supports-autocompletion selectable-text is-default visited checkable has-popup read-only
""".split()
SAYING = ('label', 'status bar', 'static', 'notification', 'alert')
A11Y = 'org.a11y.atspi.'
PROPS = 'org.freedesktop.DBus.Properties'


def _role(n):
    return ROLES[n] if n < len(ROLES) else 'role-%d' % n


def _states(v):
    bits = v[0] | (v[1] << 32 if len(v) > 1 else 0)
    return frozenset(s for i, s in enumerate(STATES) if bits >> i & 1)


def _connect(address):
    c = Gio.DBusConnection.new_for_address_sync(
        address,
        Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
        | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION,
        None,
        None,
    )
    c.set_exit_on_close(False)
    return c


def _pump():
    ctx, n = GLib.MainContext.default(), 0
    while n < 200 and ctx.iteration(False):
        n += 1


class Node:
    """One accessible as it was when the tree was read."""

    __slots__ = ('bus', 'path', 'role', 'name', 'desc', 'states', 'parent', 'kids', 'depth')

    def __repr__(self):
        return '<%s %r>' % (self.role, self.name)

    def below(self):
        for k in self.kids:
            yield k
            yield from k.below()

    def window(self):
        n = self
        while n.parent is not None and n.parent.role != 'application':
            n = n.parent
        return n


def wait_until(fn, timeout=10.0, every=0.05, what=None):
    """Calls fn until it returns something true; returns that.  DriveError at the end."""
    end = time.monotonic() + timeout
    last = None
    while True:
        try:
            r = fn()
            if r:
                return r
        except Ended:
            raise
        except Exception as e:  # a widget that went away while it was looked at
            last = e
        if time.monotonic() > end:
            raise DriveError(
                'not within %.1f s: %s%s'
                % (
                    timeout,
                    what or getattr(fn, '__name__', fn),
                    ' (last: %r)' % last if last else '',
                )
            )
        _pump()
        time.sleep(every)


def _gtk_minor():
    """The minor version of the GTK 4 that is installed, from its library's file name."""
    for f in glob.glob('/usr/lib/*/libgtk-4.so.1.[0-9]*'):
        return int(f.split('.so.1.')[1].split('.')[0]) // 100
    return 8


def _up(n):
    while n.parent is not None:
        n = n.parent
        yield n


class Desk:
    """A display, a session bus and an accessibility bus of their own."""

    def __init__(
        self,
        size=(1280, 900),
        wm=True,
        a11y=True,
        renderer='cairo',
        env=None,
        compositor=False,
        wayland=False,
        dark=False,
        lang='C.UTF-8',
        language=None,
        keep=False,
        font='Cantarell 11',
        call_ms=5000,
    ):
        """wm: openbox (or a command): needed for the focus to come back when a second
        window closes.
        compositor: xcompmgr: shadows and round corners as on a real desktop, for pictures.
        wayland: weston, headless, instead of X: everything over AT-SPI, no mouse and no keyboard.
        language: 'de' picks that translation with no locale installed.
        call_ms: how long one answer may take (more under valgrind)."""
        self.call_ms = call_ms
        self.size, self.wm, self.a11y, self.renderer = size, wm, a11y, renderer
        self.compositor, self.wayland, self.dark = compositor, wayland, dark
        self.extra = dict(env or {})
        self.lang, self.language, self.keep, self.font = lang, language, keep, font
        self.procs = []
        self.programs = []
        self.dir = None

    def __enter__(self):
        try:
            self.up()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *a):
        self.stop()

    def _spawn(self, argv, **kw):
        p = subprocess.Popen(argv, stdin=subprocess.DEVNULL, preexec_fn=_end_with_us, **kw)
        self.procs.append(p)
        return p

    def _fdline(self, argv_of_fd, timeout, env, log):
        r, w = os.pipe()
        os.set_inheritable(w, True)
        p = self._spawn(argv_of_fd(w), pass_fds=(w,), env=env, stdout=log, stderr=log)
        os.close(w)
        os.set_blocking(r, False)
        buf = b''
        end = time.monotonic() + timeout
        try:
            while b'\n' not in buf:
                if p.poll() is not None:
                    raise DriveError('%s ended with %s' % (p.args[0], p.returncode))
                if time.monotonic() > end:
                    raise DriveError('%s said nothing within %d s' % (p.args[0], timeout))
                try:
                    buf += os.read(r, 4096)
                except BlockingIOError:
                    pass
                time.sleep(0.01)
        finally:
            os.close(r)
        return buf.split(b'\n')[0].decode()

    def up(self):
        _LIBC.prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
        self.dir = tempfile.mkdtemp(prefix='drive.')
        env = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(('DBUS_', 'XDG_', 'GTK_', 'GDK_', 'GSK_', 'AT_SPI', 'LC_'))
            and k
            not in (
                'DISPLAY',
                'WAYLAND_DISPLAY',
                'XAUTHORITY',
                'LANGUAGE',
                'DESKTOP_SESSION',
                'GSETTINGS_BACKEND',
                'GIO_USE_VFS',
            )
        }
        for n, v in (
            ('XDG_RUNTIME_DIR', 'run'),
            ('XDG_CONFIG_HOME', 'config'),
            ('XDG_DATA_HOME', 'data'),
            ('XDG_CACHE_HOME', 'cache'),
            ('XDG_STATE_HOME', 'state'),
            ('HOME', 'home'),
        ):
            env[n] = os.path.join(self.dir, v)
            os.makedirs(env[n], mode=0o700)
        # fontconfig would build its cache anew for each private XDG_CACHE_HOME otherwise
        # (/var/cache/fontconfig serves when it is there, so nothing is needed for it).
        env['XDG_DATA_DIRS'] = '/usr/local/share:/usr/share'
        env['LANG'] = self.lang
        if self.language:
            env['LANGUAGE'] = self.language  # with LANG=C.UTF-8 this alone picks the translation
        env['GDK_BACKEND'] = 'x11'
        env['GSETTINGS_BACKEND'] = 'memory'  # nothing is read from or written to dconf
        env['GIO_USE_VFS'] = 'local'  # no gvfs daemons
        env['GTK_USE_PORTAL'] = '0'  # (read by GTK 4.x; Adw: ADW_DISABLE_PORTAL)
        env['ADW_DISABLE_PORTAL'] = '1'
        env['NO_AT_BRIDGE'] = '0'
        if self.renderer:
            env['GSK_RENDERER'] = self.renderer
            if self.renderer == 'cairo':
                # no GL at all: 44 MB of RSS instead of 180; the variable changed with GTK 4.16
                if _gtk_minor() < 16:
                    env['GDK_DEBUG'] = 'gl-disable'
                else:
                    env['GDK_DISABLE'] = 'gl,vulkan'
        os.makedirs(env['XDG_CONFIG_HOME'] + '/gtk-4.0')
        with open(env['XDG_CONFIG_HOME'] + '/gtk-4.0/settings.ini', 'w') as f:
            f.write('[Settings]\ngtk-font-name=%s\ngtk-enable-animations=false\n' % self.font)
        if self.dark:
            env['ADW_DEBUG_COLOR_SCHEME'] = 'prefer-dark'
        env.update(self.extra)
        self.env = env
        self.log = open(os.path.join(self.dir, 'desk.log'), 'ab')
        if self.wayland:
            env['GDK_BACKEND'] = 'wayland'
            env['WAYLAND_DISPLAY'] = 'wayland-drive'
            self._spawn(
                [
                    'weston',
                    '--backend=headless-backend.so',
                    '--socket=wayland-drive',
                    '--idle-time=0',
                    '--width=%d' % self.size[0],
                    '--height=%d' % self.size[1],
                    '--use-pixman',
                    '--debug',
                    '--no-config',
                ],
                env=env,
                stdout=self.log,
                stderr=self.log,
            )
            wait_until(
                lambda: os.path.exists(env['XDG_RUNTIME_DIR'] + '/wayland-drive'), 10, what='weston'
            )
        else:
            self._x(env)
        addr = self._fdline(
            lambda fd: [
                'dbus-daemon',
                '--session',
                '--nofork',
                '--nopidfile',
                '--print-address=%d' % fd,
            ],
            10,
            dict(env),
            self.log,
        )
        env['DBUS_SESSION_BUS_ADDRESS'] = addr
        if self.a11y:
            if not BUS_LAUNCHER:
                raise DriveError('at-spi2-core is not installed')
            self._spawn(
                [BUS_LAUNCHER, '--launch-immediately'], env=env, stdout=self.log, stderr=self.log
            )
            bus = _connect(addr)
            self.bus = bus
            address = wait_until(
                lambda: bus.call_sync(
                    'org.a11y.Bus',
                    '/org/a11y/bus',
                    'org.a11y.Bus',
                    'GetAddress',
                    None,
                    None,
                    Gio.DBusCallFlags.NONE,
                    2000,
                    None,
                ).unpack()[0],
                10,
                what='the AT-SPI bus',
            )
            # a reader is there: GTK 4.8 speaks anyway, newer ones look at this
            bus.call_sync(
                'org.a11y.Bus',
                '/org/a11y/bus',
                'org.freedesktop.DBus.Properties',
                'Set',
                GLib.Variant('(ssv)', ('org.a11y.Status', 'IsEnabled', GLib.Variant('b', True))),
                None,
                Gio.DBusCallFlags.NONE,
                5000,
                None,
            )
            self.a11y_bus = _connect(address)
        return self

    def _x(self, env):
        num = self._fdline(
            lambda fd: [
                'Xvfb',
                '-displayfd',
                str(fd),
                '-screen',
                '0',
                '%dx%dx24' % self.size,
                '-nolisten',
                'tcp',
                '-noreset',
            ],
            15,
            dict(env),
            self.log,
        )
        env['DISPLAY'] = ':' + num
        if self.wm:
            wm = self.wm if isinstance(self.wm, list) else ['openbox', '--sm-disable']
            self._spawn(wm, env=env, stdout=self.log, stderr=self.log)
            wait_until(
                lambda: b'window id'
                in subprocess.run(
                    ['xprop', '-root', '_NET_SUPPORTING_WM_CHECK'],
                    env=env,
                    timeout=5,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                ).stdout,
                10,
                what='the window manager',
            )
        if self.compositor:
            self._spawn(['xcompmgr', '-n'], env=env, stdout=self.log, stderr=self.log)
            time.sleep(0.3)

    def start(self, argv, app_id=None, env=None, data_dirs=None, log=None, name=None):
        """Starts a program on this desk. data_dirs: install prefixes' share folders put first."""
        e = dict(self.env)
        if data_dirs:
            e['XDG_DATA_DIRS'] = ':'.join(list(data_dirs) + [e['XDG_DATA_DIRS']])
        e.update(env or {})
        p = Program(self, argv, app_id, e, log, name)
        self.programs.append(p)
        return p

    def run(self, argv, timeout=20, **kw):
        return subprocess.run(
            argv,
            env=self.env,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **kw
        )

    def screenshot(self, path):
        if self.wayland:  # weston-screenshooter names its file itself
            with tempfile.TemporaryDirectory(dir=self.dir) as t:
                r = self.run(['weston-screenshooter'], timeout=20, cwd=t)
                f = [n for n in os.listdir(t) if n.endswith('.png')]
                if not f:
                    raise DriveError('weston-screenshooter: ' + r.stdout)
                shutil.move(os.path.join(t, f[0]), path)
            return path
        r = self.run(['import', '-window', 'root', path], timeout=20)
        if r.returncode:
            raise DriveError('import: ' + r.stdout)
        return path

    def stop(self):
        for c in ('a11y_bus', 'bus'):
            c = self.__dict__.pop(c, None)
            if c is not None:
                c.close_sync(None)
        for p in self.programs:
            p.stop()
        self.programs = []
        for p in reversed(self.procs[1:]):  # the display last: others die loudly without it
            _end(p.pid)
            p.poll()
        for p in self.procs[:1]:
            rest = [d for d in _descendants(os.getpid()) if d != p.pid and _alive(d)]
            if self.procs:
                for d in rest:
                    _end(d)
            _end(p.pid)
            p.poll()
        self.procs = []
        for d in _descendants(os.getpid()):  # what a bus started and left: reap it
            try:
                os.waitpid(d, os.WNOHANG)
            except OSError:
                pass
        if self.dir and not self.keep:
            shutil.rmtree(self.dir, ignore_errors=True)


class Program:
    def __init__(self, desk, argv, app_id, env, log, name):
        self.desk, self.argv, self.app_id, self.env = desk, argv, app_id, env
        self.log_path = log or os.path.join(desk.dir, 'program-%d.log' % len(desk.programs))
        self.log = open(self.log_path, 'wb')
        self.name = name
        self.started = time.monotonic()
        self.proc = subprocess.Popen(
            argv,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            preexec_fn=_end_with_us,
        )
        self.pid = self.proc.pid
        self._bus_name = None

    # ---- the accessibility tree -------------------------------------------------
    def _ask(self, bus, path, iface, method, args=None):
        try:
            return self.desk.a11y_bus.call_sync(
                bus,
                path,
                iface,
                method,
                args,
                None,
                Gio.DBusCallFlags.NONE,
                self.desk.call_ms,
                None,
            ).unpack()
        except GLib.Error as e:
            raise DriveError('%s on %s: %s' % (method, path, e.message)) from None

    def _call(self, o, iface, method, sig=None, *args):
        return self._ask(
            o.bus, o.path, A11Y + iface, method, GLib.Variant(sig, args) if sig else None
        )

    def _prop(self, o, iface, prop):
        return self._ask(o.bus, o.path, PROPS, 'Get', GLib.Variant('(ss)', (A11Y + iface, prop)))[0]

    def bus_name(self):
        """The program's name on the AT-SPI bus, or None while it has not registered."""
        if self.proc.poll() is not None:
            raise Ended(
                'the program ended with %s:\n%s' % (self.proc.returncode, self.output()[-3000:])
            )
        if self._bus_name:
            return self._bus_name
        kids = self._ask(
            'org.a11y.atspi.Registry',
            '/org/a11y/atspi/accessible/root',
            A11Y + 'Accessible',
            'GetChildren',
        )[0]
        mine = set([self.pid] + _descendants(self.pid))
        for bus, path in kids:
            try:
                pid = self._ask(
                    'org.freedesktop.DBus',
                    '/org/freedesktop/DBus',
                    'org.freedesktop.DBus',
                    'GetConnectionUnixProcessID',
                    GLib.Variant('(s)', (bus,)),
                )[0]
            except DriveError:
                continue
            if pid in mine:
                self._bus_name = (bus, path)
                return self._bus_name
        return None

    def tree(self, root=None, timeout=10.0):
        """The whole tree, or the part below root, read anew; the root Node, or None."""
        if root is None:
            at = self.bus_name()
            if at is None:
                return None
        else:
            at = (root.bus, root.path)
        c, ctx = self.desk.a11y_bus, GLib.MainContext.default()
        left = [0]
        seen = {}

        def ask(n, key, iface, method, args=None):
            left[0] += 1
            c.call(
                n.bus,
                n.path,
                iface,
                method,
                args,
                None,
                Gio.DBusCallFlags.NONE,
                self.desk.call_ms,
                None,
                got,
                (n, key),
            )

        def visit(bus, path, parent):
            n = Node()
            n.bus, n.path, n.parent, n.kids = bus, path, parent, []
            n.depth = parent.depth + 1 if parent is not None else 0
            n.role, n.name, n.desc, n.states = None, '', '', frozenset()
            seen[(bus, path)] = n
            ask(n, 'kids', A11Y + 'Accessible', 'GetChildren')
            return n

        def got(src, res, ud):
            n, key = ud
            left[0] -= 1
            try:
                v = src.call_finish(res).unpack()
            except GLib.Error:
                return  # it went away meanwhile
            if key == 'kids':
                for bus, path in v[0]:
                    if not path.endswith('/null') and (bus, path) not in seen:
                        n.kids.append(visit(bus, path, n))
            elif key == 'items':  # ((so) (so) (so) i i as s u s au)
                for item in v[0]:
                    o = seen.get(item[0])
                    if o is not None:
                        o.name, o.role, o.desc, o.states = (
                            item[6],
                            _role(item[7]),
                            item[8],
                            _states(item[9]),
                        )
            elif key == 'text':
                n.name = v[0]
            elif key == 'role':
                n.role = _role(v[0])
            elif key == 'state':
                n.states = _states(v[0])
            else:
                n.name, n.desc = v[0].get('Name', ''), v[0].get('Description', '')

        end = time.monotonic() + timeout
        tick = GLib.timeout_add(100, lambda: True)  # wakes iteration(True)

        def settle():
            while left[0] and time.monotonic() < end:
                ctx.iteration(True)
            if left[0]:
                raise DriveError(
                    'the program did not answer within %.0f s (its main loop is stuck?)' % timeout
                )

        try:
            top = visit(at[0], at[1], None)
            if root is not None:
                top.parent, top.depth = root.parent, root.depth
            settle()
            if len(seen) > 100:  # one call for all that was visited, and for all that was not
                cache = Node()
                cache.bus, cache.path = at[0], '/org/a11y/atspi/cache'
                ask(cache, 'items', A11Y + 'Cache', 'GetItems')
                settle()
            for n in seen.values():
                if n.role is None:  # not in there: one by one
                    ask(n, 'role', A11Y + 'Accessible', 'GetRole')
                    ask(n, 'state', A11Y + 'Accessible', 'GetState')
                    ask(n, 'props', PROPS, 'GetAll', GLib.Variant('(s)', (A11Y + 'Accessible',)))
            settle()
            if _gtk_minor() >= 10:
                # A label whose role is another one has no name, and one that says what another
                # names, and can be selected, has the other's.
                for n in seen.values():
                    if n.role in SAYING and (
                        'has-popup' in n.states if n.role == 'label' else not n.name
                    ):
                        ask(n, 'text', A11Y + 'Text', 'GetText', GLib.Variant('(ii)', (0, -1)))
                settle()
        finally:
            GLib.source_remove(tick)
        for n in list(seen.values()):
            n.role = n.role or 'invalid'
            # The label of a menu's item is no accessible of its own in GTK 4.18.
            if n.role.endswith('menu item') and n.name and not any(
                k.role == 'label' for k in n.below()
            ):
                k = Node()
                k.bus, k.path, k.parent, k.kids, k.depth = n.bus, n.path, n, [], n.depth + 1
                k.role, k.name, k.desc, k.states = 'label', n.name, '', n.states
                n.kids.append(k)
        return top

    def kids(self, o, n=None):
        """The first n children, and no more of them than where they are: for tree(), table()."""
        found = []
        for bus, path in self._call(o, 'Accessible', 'GetChildren')[0][:n]:
            k = Node()
            k.bus, k.path, k.parent, k.kids, k.depth = bus, path, o, [], o.depth + 1
            k.role, k.name, k.desc, k.states = 'invalid', '', '', frozenset()
            found.append(k)
        return found

    def walk(self, root=None):
        top = self.tree(root)
        if top is None:
            return []
        return [top] + list(top.below())

    def wait_window(self, timeout=20):
        """Waits for the first window; returns the seconds since the start."""

        def up():
            t = self.bus_name()
            return t and self._ask(t[0], t[1], A11Y + 'Accessible', 'GetChildren')[0]

        wait_until(up, timeout, 0.02, 'a window of %s' % self.argv[0])
        return time.monotonic() - self.started

    def windows(self):
        t = self.tree()
        return t.kids if t else []

    def states(self, o):
        """Asked anew (o.states is as of the find)."""
        return _states(self._call(o, 'Accessible', 'GetState')[0])

    def has(self, o, iface):
        return A11Y + iface in self._call(o, 'Accessible', 'GetInterfaces')[0]

    def find_all(
        self, role=None, name=None, root=None, contains=False, desc=None, showing=False, within=None
    ):
        """All that fit.  role: a role or a tuple of roles; name: the accessible name
        (contains=True: a part of it); desc: the description (a tooltip, mostly); showing: only
        with a place on screen.
        """
        roles = (role,) if isinstance(role, str) else role
        out = []
        for o in self.walk(root):
            if roles and o.role not in roles:
                continue
            if name is not None and not (name in o.name if contains else name == o.name):
                continue
            if desc is not None and not (desc in o.desc if contains else desc == o.desc):
                continue
            out.append(o)
        return self.all_showing(out) if showing else out

    def find(
        self,
        role=None,
        name=None,
        root=None,
        timeout=5.0,
        contains=False,
        desc=None,
        showing=False,
        nth=0,
    ):
        """The nth that fits, waited for."""

        def go():
            f = self.find_all(role, name, root, contains, desc, showing)
            return f[nth] if len(f) > nth else None

        return wait_until(go, timeout, what='%s %r' % (role, name if name is not None else desc))

    def gone(self, role=None, name=None, root=None, timeout=5.0, **kw):
        wait_until(
            lambda: not self.find_all(role, name, root, **kw),
            timeout,
            what='no %s %r' % (role, name),
        )

    def actions(self, o):
        try:  # GetName, not GetActions: that one gives translated names
            return [
                self._call(o, 'Action', 'GetName', '(i)', i)[0]
                for i in range(self._prop(o, 'Action', 'NActions'))
            ]
        except DriveError:
            return []

    def do(self, o, action):
        """The accessible's action of that name; a window has its win.* and app.* actions too."""
        names = self.actions(o)
        if action not in names:
            raise DriveError('%r has no action %r: %s' % (o, action, names))
        return self._call(o, 'Action', 'DoAction', '(i)', names.index(action))[0]

    def click(self, o):
        """The accessible's own click, toggle or activate action; with none, a real mouse click."""
        names = self.actions(o)
        for a in ('click', 'toggle', 'activate', 'press', 'default.activate'):
            if a in names and o.role not in ('frame', 'dialog', 'window'):
                if self._call(o, 'Action', 'DoAction', '(i)', names.index(a))[0]:
                    time.sleep(
                        0.3
                    )  # a GtkButton acts 250 ms after that and drops a second one till then
                    return True
        return self.mouse(o)

    def focus(self, o):
        return self._call(o, 'Component', 'GrabFocus')[0]

    # ---- the mouse and the keyboard, through X ------------------------------------
    def raw_extents(self, o):
        """x, y, w, h in the window (GTK 4 knows no screen coordinates)."""
        return self._call(o, 'Component', 'GetExtents', '(u)', 1)[0]

    def showing(self, o):
        """GTK 4.8 never says 'showing' of a widget: it has a size or it has not.  GTK 4.18 gives
        hidden ones a size of any number, and says so by their state."""
        try:
            x, y, w, h = self.raw_extents(o)
        except DriveError:
            return False
        return 0 < w < 1 << 15 and 0 < h < 1 << 15

    def all_extents(self, nodes):
        """Pairs of a node and what raw_extents() says of it, all asked at once."""
        out, left = {}, [0]

        def got(src, res, i):
            left[0] -= 1
            try:
                out[i] = src.call_finish(res).unpack()[0]
            except GLib.Error:
                pass  # it went away meanwhile

        for i, o in enumerate(nodes):
            left[0] += 1
            self.desk.a11y_bus.call(
                o.bus, o.path, A11Y + 'Component', 'GetExtents', GLib.Variant('(u)', (1,)), None,
                Gio.DBusCallFlags.NONE, self.desk.call_ms, None, got, i)
        while left[0]:  # each ends, with call_ms at the latest
            GLib.MainContext.default().iteration(True)
        return [(nodes[i], out[i]) for i in sorted(out)]

    def all_showing(self, nodes):
        """Those of these that are."""
        return [n for n, (x, y, w, h) in self.all_extents(nodes)
                if 0 < w < 1 << 15 and 0 < h < 1 << 15]

    def x_windows(self):
        """The program's visible X windows, popups too: {id: (name, x, y, w, h)}."""
        r = self.desk.run(
            ['xdotool', 'search', '--all', '--onlyvisible', '--pid', str(self.pid), '--name', '.']
        )
        out = {}
        for i in [w for w in r.stdout.split() if w.isdigit()]:
            q = self.desk.run(
                ['xdotool', 'getwindowname', i, 'getwindowgeometry', '--shell', i]
            ).stdout.splitlines()
            g = dict(l.split('=', 1) for l in q[1:] if '=' in l)
            if 'WIDTH' in g and int(g['WIDTH']) > 1:
                out[i] = (q[0], int(g['X']), int(g['Y']), int(g['WIDTH']), int(g['HEIGHT']))
        return out

    def extents(self, o):
        """x, y, width, height on the screen."""
        # On a busy machine the accessible is there before its window is.
        wins = wait_until(self.x_windows, 10, 0.05, 'an X window of pid %d' % self.pid)
        wins = list(wins.values())
        x, y, w, h = self.raw_extents(o)
        title = o.window().name
        main = [g for g in wins if g[0] == title] or wins
        # GTK 4.8 gives a place in a popover as if that lay over its parent: its own X window
        # is the one of just its size
        n = o
        while n is not None and n.parent is not None and n.role != 'frame':
            e = self.raw_extents(n)
            for g in wins:
                if g not in main and (g[3], g[4]) == (e[2], e[3]):
                    return g[1] + x - e[0], g[2] + y - e[1], w, h
            n = n.parent
        _, wx, wy, ww, wh = main[-1]
        fx, fy, fw, fh = self.raw_extents(o.window())
        # the window's own frame (its border without a compositor, 5 px a side in GTK 4.8;
        # its shadow with one) is in the X window but not in the accessible's coordinates
        return wx + (ww - fw) // 2 + x - fx, wy + (wh - fh) // 2 + y - fy, w, h

    def mouse(self, o=None, x=None, y=None, button=1, double=False):
        """A real click at the middle of o, or at x, y of the screen."""
        if o is not None:
            ex, ey, w, h = self.extents(o)
            if w <= 0 or h <= 0:
                raise DriveError('no place on the screen: %r' % o)
            x, y = ex + w // 2, ey + h // 2
            if not any(
                g[1] <= x < g[1] + g[3] and g[2] <= y < g[2] + g[4]
                for g in self.x_windows().values()
            ):
                raise DriveError('outside its window, scrolled away perhaps: %r' % o)
        # In steps that the program sees one by one: of two that it has not yet looked at it takes
        # the last, and GTK 4.8 gives the first after a popup to that: the click would go there too.
        for at in (x - 2, x - 1):
            self._xdotool('mousemove', str(at), str(y))
            self._answered()
            time.sleep(0.02)
        self._xdotool('mousemove', str(x), str(y))
        self._answered()
        self._xdotool('sleep', '0.05', 'click', '--repeat', '2' if double else '1', str(button))
        return True

    def _xdotool(self, *args):
        r = self.desk.run(['xdotool'] + list(args))
        if r.returncode:
            raise DriveError(r.stdout)

    def _answered(self):
        """Waits for the program's main loop to come round, if it can tell."""
        try:
            at = self.bus_name()
            if at is not None:
                self._ask(at[0], at[1], PROPS, 'Get',
                          GLib.Variant('(ss)', (A11Y + 'Accessible', 'ChildCount')))
        except Ended:
            raise
        except DriveError:
            pass

    def keys(self, *keys):
        """Key presses by name as xdotool has them: 'ctrl+q', 'Tab', 'Return'..."""
        self._xdotool('key', '--clearmodifiers', '--delay', '15', *keys)

    def type_text(self, text):
        """Types into what has the keyboard focus, by X key events."""
        r = self.desk.run(
            ['xdotool', 'type', '--clearmodifiers', '--delay', '10', '--', text], timeout=60
        )
        if r.returncode:
            raise DriveError(r.stdout)

    # ---- texts, values, tables ------------------------------------------------------
    def type_into(self, o, text):
        """Sets the text of an entry or a text view over AT-SPI (no keyboard)."""
        n = self._prop(o, 'Text', 'CharacterCount')
        if n:
            self._call(o, 'EditableText', 'DeleteText', '(ii)', 0, n)
        if text and not self._call(o, 'EditableText', 'InsertText', '(isi)', 0, text, len(text))[0]:
            raise DriveError('the text was not taken')

    def read_text(self, o):
        try:
            n = self._prop(o, 'Text', 'CharacterCount')
            return self._call(o, 'Text', 'GetText', '(ii)', 0, n)[0] if n else ''
        except DriveError:
            return self._prop(o, 'Accessible', 'Name')

    def value(self, o, new=None):
        if new is not None:
            self._ask(
                o.bus,
                o.path,
                PROPS,
                'Set',
                GLib.Variant('(ssv)', (A11Y + 'Value', 'CurrentValue', GLib.Variant('d', new))),
            )
        return self._prop(o, 'Value', 'CurrentValue')

    def table(self, o, anew=True):
        """A column view's header and rows as lists of strings (only rows that GTK has made).
        anew: what is below it is read once more."""
        head, rows = [], []
        top = self.tree(o) if anew else o
        for r in [n for n in [top] + list(top.below()) if n.role == 'table row']:
            cells = [k for k in r.kids if k.role in ('table cell', 'row header')]
            if cells:
                rows.append(
                    [
                        ' '.join(t.name for t in [c] + list(c.below()) if t.role == 'label')
                        for c in cells
                    ]
                )
            elif not head:
                head = [
                    next((t.name for t in k.below() if t.role == 'label'), k.name) for k in r.kids
                ]
        return head, rows

    def choose(self, combo, item, timeout=5.0):
        """Picks an item of an AdwComboRow or a GtkDropDown as a person does, with the mouse."""
        self.mouse(combo)

        def there():
            for n in reversed([n for n in self.find_all(('list item', 'menu item'), root=combo)]):
                if n.name == item or any(b.role == 'label' and b.name == item for b in n.below()):
                    if len(self.x_windows()) > len(self.windows()) and self.showing(n):
                        return n

        n = wait_until(there, timeout, what='item %r of %r' % (item, combo))
        if _gtk_minor() < 10:
            self.mouse(n)
        else:  # places in a popover leave out its padding
            self.keys('Home', *['Down'] * n.parent.kids.index(n), 'Return')

    def dump_tree(self, root=None, file=None):
        boring = ('clipboard', 'selection', 'link', 'menu', 'misc', 'list', 'text')
        out = []
        for o in self.walk(root):
            line = '%s%s %r' % ('  ' * o.depth, o.role, o.name)
            if o.desc:
                line += ' desc=%r' % o.desc
            a = [n for n in self.actions(o) if n.split('.')[0] not in boring]
            if a:
                line += ' actions=%s' % a
            if o.role in ('text', 'entry', 'spin button', 'password text'):
                line += ' text=%r' % self.read_text(o)
            if o.role in ('spin button', 'slider', 'level bar', 'progress bar'):
                try:
                    line += ' value=%s' % self.value(o)
                except DriveError:
                    pass
            try:
                line += ' @%d,%d+%dx%d' % self.raw_extents(o)
            except DriveError:
                pass
            s = o.states - {'enabled', 'sensitive', 'focusable', 'showing', 'visible', 'selectable'}
            s = sorted(s) + ([] if 'sensitive' in o.states else ['INSENSITIVE'])
            if s:
                line += ' {%s}' % ' '.join(s)
            out.append(line)
        t = '\n'.join(out)
        if file:
            with open(file, 'w') as f:
                f.write(t + '\n')
        return t

    # ---- GActions over the session bus -----------------------------------------
    def _gdbus(self, path, method, *args):
        r = self.desk.run(
            [
                'gdbus',
                'call',
                '--session',
                '--timeout',
                '10',
                '-d',
                self.app_id,
                '-o',
                path,
                '-m',
                method,
            ]
            + list(args)
        )
        if r.returncode:
            raise DriveError(r.stdout)
        return r.stdout.strip()

    def _path(self, window):
        base = '/' + self.app_id.replace('.', '/').replace('-', '_')
        return base + ('/window/%d' % window if window else '')

    def action_list(self, window=0):
        return self._gdbus(self._path(window), 'org.gtk.Actions.List')

    def action(self, name, param=None, window=0):
        """Activates app.NAME, or (window=1...) win.NAME.  param: GVariant text such as "'tcp'".
        Only GActionMap actions are there: those of gtk_widget_class_install_action are not."""
        return self._gdbus(
            self._path(window),
            'org.gtk.Actions.Activate',
            name,
            '[<%s>]' % param if param is not None else '@av []',
            '@a{sv} {}',
        )

    # ---- the rest --------------------------------------------------------------
    def screenshot(self, path):
        return self.desk.screenshot(path)

    def wait_until(self, fn, timeout=10.0, every=0.05, what=None):
        return wait_until(fn, timeout, every, what)

    def output(self):
        self.log.flush()
        with open(self.log_path, errors='replace') as f:
            return f.read()

    def warnings(self):
        return [
            l
            for l in self.output().splitlines()
            if 'WARNING' in l or 'CRITICAL' in l or 'ERROR' in l
        ]

    def rss_kb(self):
        with open('/proc/%d/status' % self.pid) as f:
            return next(int(l.split()[1]) for l in f if l.startswith('VmRSS'))

    def quit(self, timeout=10.0):
        """Closes every window and waits for the end (what gcov, LeakSanitizer and a saved
        window size need); returns the exit status."""
        for w in reversed(self.windows()):
            try:
                self.do(w, 'window.close')
            except DriveError:
                pass  # the last one's answer is lost with it
        try:
            return self.wait(timeout)
        except subprocess.TimeoutExpired:
            raise DriveError('it did not end when its windows were closed') from None

    def stop(self, timeout=5.0):
        """Ends the program by its pid; returns its exit status (negative: a signal)."""
        for sig in (signal.SIGTERM, signal.SIGKILL):
            if self.proc.poll() is None:
                self.proc.send_signal(sig)
                try:
                    self.proc.wait(timeout)
                except subprocess.TimeoutExpired:
                    pass
        for d in _descendants(self.pid):
            _end(d)
        self.log.close()
        return self.proc.returncode

    def wait(self, timeout=10.0):
        self.proc.wait(timeout)
        return self.proc.returncode


def main():
    import argparse

    ap = argparse.ArgumentParser()
    ap.add_argument('--dump', action='store_true')
    ap.add_argument('--shot')
    ap.add_argument('--no-wm', action='store_true')
    ap.add_argument('--compositor', action='store_true')
    ap.add_argument('--wayland', action='store_true')
    ap.add_argument('--dark', action='store_true')
    ap.add_argument('--language')
    ap.add_argument('--seconds', type=float, default=1.0)
    ap.add_argument('--share', action='append', default=[])
    ap.add_argument('program', nargs=argparse.REMAINDER)
    a = ap.parse_args()
    with Desk(
        wm=not a.no_wm, compositor=a.compositor, wayland=a.wayland, dark=a.dark, language=a.language
    ) as d:
        p = d.start(a.program, data_dirs=a.share)
        print(
            'window after %.2f s, display %s'
            % (p.wait_window(), d.env.get('DISPLAY') or d.env.get('WAYLAND_DISPLAY'))
        )
        time.sleep(a.seconds)
        if a.dump:
            print(p.dump_tree())
        if a.shot:
            p.screenshot(a.shot)
        print('rss %d kB' % p.rss_kb())
        out = p.output()
        print('exit', p.quit())
        if out:
            print('--- its output\n' + out)


if __name__ == '__main__':
    main()
