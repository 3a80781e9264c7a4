# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the window share: a desk for each class, an app for each test.

    class Listening(ptlui.UiCase):
        def test_something(self):
            app = self.start('--listen', 'tcp://127.0.0.1:0')
            app.click(app.find('push button', 'Stop'))

The app runs uninstalled, on a display and buses of its own, with an empty state folder.  When a
test ends, the app is closed as a person closes it: it has to end with 0 and to have warned of
nothing.

PTL_APP    the program (build/src/portlight)
PTL_SLOW   what every time-out is multiplied by (a sanitizer: 5)
PTL_SHOTS  a folder: a picture is left there when a test fails
"""
import functools
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.dirname(HERE))

import drive  # noqa: E402
import tap  # noqa: E402

APP_ID = 'org.portlight.Portlight'
SLOW = float(os.environ.get('PTL_SLOW', '1'))
APP = os.path.abspath(os.environ.get('PTL_APP', os.path.join(ROOT, 'build', 'src', 'portlight')))
BUILD = os.path.dirname(os.path.dirname(APP))
DriveError = drive.DriveError


@functools.cache
def has_asan():
    """Is the app instrumented?  (Newer Meson sets ASAN_OPTIONS for every test.)"""
    with open(APP, 'rb') as f:
        return b'__asan_init' in f.read()


def app_env(build=BUILD):
    """What an app that is not installed needs to find its settings and translations."""
    return {
        'GSETTINGS_SCHEMA_DIR': os.path.join(build, 'data'),
        'PTL_LOCALEDIR': os.path.join(build, 'po'),
    }


def german(folder):
    """The environment of a German desktop.  LANGUAGE alone does it with the C.UTF-8 of older C
    libraries only, so a locale is made in @folder; raises SkipTest where none can be had."""
    name = 'de_DE.UTF-8'
    r = subprocess.run(['locale', '-a'], stdout=subprocess.PIPE, text=True, check=False)
    if 'de_DE.utf8' in r.stdout.split():
        return {'LANG': name, 'LANGUAGE': 'de'}
    r = subprocess.run(
        ['localedef', '-i', 'de_DE', '-f', 'UTF-8', os.path.join(folder, name)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if r.returncode:
        raise unittest.SkipTest('no German locale can be made here')
    return {'LANG': name, 'LANGUAGE': 'de', 'LOCPATH': folder}


def right_to_left(folder):
    """A desktop from right to left: (environment, words that the program comes after).  GTK asks
    its own catalogue, so there has to be one, seen by this program only; raises SkipTest where
    that cannot be had."""
    name, place = 'he_IL.UTF-8', '/usr/share/locale/he/LC_MESSAGES'
    unshare = ['unshare', '--mount', '--propagation', 'private']
    if os.geteuid() != 0 or not os.path.isdir(place):
        raise unittest.SkipTest('no catalogue can be put in the place of GTK\'s')
    catalogue = os.path.join(folder, 'he', 'LC_MESSAGES')
    os.makedirs(catalogue)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
    for domain, message in (
        ('gtk40', 'msgid "default:LTR"\nmsgstr "default:RTL"\n'),
        # GLib translates nothing for a program that has no translation itself.
        ('portlight', 'msgid "-"\nmsgstr "-"\n'),
    ):
        with open(os.path.join(folder, domain + '.po'), 'w') as f:
            f.write(head + message)
    script = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'
    for command in (
        ['msgfmt', '-o', os.path.join(catalogue, 'gtk40.mo'), os.path.join(folder, 'gtk40.po')],
        ['msgfmt', '-o', os.path.join(catalogue, 'portlight.mo'),
         os.path.join(folder, 'portlight.po')],
        ['localedef', '-i', 'he_IL', '-f', 'UTF-8', os.path.join(folder, name)],
        unshare + ['true'],
    ):
        r = subprocess.run(command, capture_output=True, text=True, check=False)
        if r.returncode:
            raise unittest.SkipTest('%s: %s' % (command[0], r.stderr.strip()))
    env = {'LANG': name, 'LANGUAGE': 'he', 'LOCPATH': folder, 'PTL_LOCALEDIR': folder}
    return env, unshare + ['sh', '-c', script, 'sh', catalogue, place]


def slow(seconds):
    return seconds * SLOW


class App(drive.Program):
    """The program on the desk, with time-outs that know how slow this build is."""

    def find(self, role=None, name=None, root=None, timeout=5.0, **kw):
        return super().find(role, name, root, slow(timeout), **kw)

    def gone(self, role=None, name=None, root=None, timeout=5.0, **kw):
        return super().gone(role, name, root, slow(timeout), **kw)

    def wait_until(self, fn, timeout=10.0, every=0.05, what=None):
        return super().wait_until(fn, slow(timeout), every, what)

    def wait_window(self, timeout=10.0, **kw):
        return super().wait_window(slow(timeout), **kw)

    def tree(self, root=None, timeout=10.0):
        return super().tree(root, slow(timeout))

    def quit(self, timeout=10.0):
        return super().quit(slow(timeout))


class UiCase(unittest.TestCase):
    """One desk for the class.  size, dark, language and the rest are those of drive.Desk."""

    desk_options = {}
    # With AddressSanitizer: look for leaks at the end.  What GTK's libraries leave is told from
    # ours by whole stacks only, and these make the app five times slower; so not in every class.
    leaks = False
    # Parts of lines that a test provokes and that are no fault of the app's.
    allowed_warnings = ()

    @classmethod
    def setUpClass(cls):
        if not os.access(APP, os.X_OK):
            raise AssertionError('%s is not there: build it, or say where with PTL_APP' % APP)
        options = dict(cls.desk_options)
        options.setdefault('call_ms', int(slow(5000)))
        cls.desk = drive.Desk(**options)
        cls.desk.__enter__()
        cls.addClassCleanup(cls.desk.stop)

    def setUp(self):
        self.apps = []
        self.state = tempfile.mkdtemp(prefix='portlight-ui.')
        self.addCleanup(shutil.rmtree, self.state, ignore_errors=True)
        # Called before the folder is removed: last in, first out.
        self.addCleanup(self.close_apps)

    def env(self):
        """A home of its own for each test; an app that is started twice finds what it left."""
        env = app_env()
        for name in ('XDG_STATE_HOME', 'XDG_DATA_HOME', 'XDG_CONFIG_HOME', 'XDG_CACHE_HOME'):
            env[name] = os.path.join(self.state, name)
            os.makedirs(env[name], mode=0o700, exist_ok=True)
        # The fonts and the animations of the desk.
        gtk = os.path.join(self.desk.env['XDG_CONFIG_HOME'], 'gtk-4.0')
        shutil.copytree(gtk, os.path.join(env['XDG_CONFIG_HOME'], 'gtk-4.0'), dirs_exist_ok=True)
        if has_asan():
            more = (
                'fast_unwind_on_malloc=0:malloc_context_size=30' if self.leaks else 'detect_leaks=0'
            )
            env['ASAN_OPTIONS'] = os.environ.get('ASAN_OPTIONS', '') + ':' + more
        return env

    def start(self, *args, env=None, wait=True, program=APP):
        """Starts the app and waits for its window."""
        e = dict(self.desk.env)
        e.update(self.env())
        e.update(env or {})
        log = os.path.join(self.state, 'app-%d.log' % len(self.apps))
        app = App(self.desk, [program] + list(args), APP_ID, e, log, None)
        self.desk.programs.append(app)
        self.apps.append(app)
        if wait:
            app.wait_window(20)
        return app

    def failed(self):
        """Whether this test has failed so far (unittest has no word for it)."""
        outcome = self._outcome
        errors = getattr(outcome, 'errors', None)
        if errors is not None:
            return any(e[1] for e in errors)
        # "success" is true anew in each clean-up since Python 3.11.
        result = outcome.result
        return any(self in (test, getattr(test, 'test_case', None))
                   for test, _ in result.errors + result.failures)

    def close_apps(self):
        failed = self.failed()
        problems = []
        for app in self.apps:
            if app.proc.poll() is None:
                if failed:
                    self.picture(app)
                    app.stop()
                    continue
                try:
                    status = app.quit()
                except DriveError as e:
                    app.stop()
                    problems.append(str(e))
                    continue
            else:
                status = app.proc.returncode
            if status != 0 and not getattr(app, 'expected_end', False):
                problems.append('it ended with %d:\n%s' % (status, app.output()[-6000:]))
            app.stop()
            warnings = [
                w for w in self.read_warnings(app) if not any(a in w for a in self.allowed_warnings)
            ]
            if warnings:
                problems.append('it warned:\n' + '\n'.join(warnings[:20]))
        if failed:
            for app in self.apps:
                with open(app.log_path, errors='replace') as f:
                    sys.stderr.write('--- output of the app\n%s\n' % f.read()[-6000:])
        for app in self.apps:
            if app in self.desk.programs:
                self.desk.programs.remove(app)
        self.apps = []
        if problems:
            self.fail('\n'.join(problems))

    @staticmethod
    def read_warnings(app):
        with open(app.log_path, errors='replace') as f:
            return [
                line.rstrip()
                for line in f
                if 'WARNING' in line or 'CRITICAL' in line or 'ERROR' in line
            ]

    def kill(self, app, sig=9):
        """Ends the app as a crash does; that is not held against it."""
        app.expected_end = True
        app.proc.send_signal(sig)
        app.proc.wait(slow(10))

    def picture(self, app):
        folder = os.environ.get('PTL_SHOTS')
        if folder:
            os.makedirs(folder, exist_ok=True)
            try:
                app.screenshot(os.path.join(folder, self.id().replace('__main__.', '') + '.png'))
            except DriveError as e:
                sys.stderr.write('no picture: %s\n' % e)


def main():
    tap.main()
