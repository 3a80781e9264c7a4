#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is installed is all that the app needs to start."""
import glob
import os
import shutil
import socket
import subprocess
import tempfile

from gi.repository import Gio, GLib

import ptlui


class Install(ptlui.UiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # With a space in its name: the desktop and the bus take the program's path for one word.
        cls.root = tempfile.mkdtemp(prefix='portlight install.')
        cls.addClassCleanup(shutil.rmtree, cls.root, ignore_errors=True)
        r = subprocess.run(
            ['meson', 'install', '-C', ptlui.BUILD, '--no-rebuild', '--destdir', cls.root],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=ptlui.slow(60),
        )
        if r.returncode:
            raise AssertionError(r.stdout)
        found = glob.glob(os.path.join(cls.root, '**', 'bin', 'portlight'), recursive=True)
        if len(found) != 1:
            raise AssertionError('the programs that were installed: %s' % found)
        cls.prefix = os.path.dirname(os.path.dirname(found[0]))
        # With DESTDIR this is left to the package manager.
        subprocess.run(
            ['glib-compile-schemas', '--strict', cls.share('glib-2.0', 'schemas')], check=True
        )

    @classmethod
    def share(cls, *parts):
        return os.path.join(cls.prefix, 'share', *parts)

    def env(self):
        env = super().env()
        env.pop('GSETTINGS_SCHEMA_DIR')
        env['XDG_DATA_DIRS'] = self.share() + ':' + self.desk.env['XDG_DATA_DIRS']
        env['PTL_LOCALEDIR'] = self.share('locale')
        return env

    def test_everything_is_there(self):
        app_id = ptlui.APP_ID
        for path in (
            self.share('applications', app_id + '.desktop'),
            self.share('metainfo', app_id + '.metainfo.xml'),
            self.share('dbus-1', 'services', app_id + '.service'),
            self.share('icons', 'hicolor', 'scalable', 'apps', app_id + '.svg'),
            self.share('icons', 'hicolor', 'symbolic', 'apps', app_id + '-symbolic.svg'),
            self.share('locale', 'de', 'LC_MESSAGES', 'portlight.mo'),
        ):
            self.assertTrue(os.path.isfile(path), path)

    def test_nothing_else_is_there(self):
        """No test helper, static library or header."""
        kinds = set()
        for at, _, names in os.walk(self.root):
            kinds.update(os.path.relpath(os.path.join(at, n), self.prefix) for n in names)
        strange = [k for k in kinds if not k.startswith('share/') and k != 'bin/portlight']
        self.assertEqual(strange, [])

    def test_starts_from_there(self):
        app = self.start(program=os.path.join(self.prefix, 'bin', 'portlight'))
        self.assertEqual([w.name for w in app.windows()], ['Portlight'])
        self.assertEqual(app.quit(), 0)

    def test_starts_from_a_prefix_of_its_own(self):
        """The session need not know the folder: it is where it was installed to be."""
        place = os.path.join('/', os.path.relpath(self.prefix, self.root))
        unshare = ['unshare', '--mount', '--propagation', 'private']
        if os.geteuid() or not os.path.isdir(place):
            self.skipTest('nothing can be put in the place of %s' % place)
        r = subprocess.run(unshare + ['true'], capture_output=True, text=True, check=False)
        if r.returncode:
            self.skipTest(r.stderr.strip())
        script = 'mount --bind "$1" "$2" && exec "$2/bin/portlight"'
        app = self.start(
            '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', self.prefix, place,
            env={'XDG_DATA_DIRS': '/usr/share'}, program='unshare')
        self.assertEqual([w.name for w in app.windows()], ['Portlight'])
        self.assertEqual(app.quit(), 0)

    def below_root(self, text):
        """The paths in @text as they are where it was installed to: below DESTDIR."""
        place = os.path.join('/', os.path.relpath(self.prefix, self.root), 'bin')
        self.assertEqual(text.count(place), 1, text)
        return text.replace(place, os.path.join(self.prefix, 'bin'))

    def test_the_menu_starts_it(self):
        """The desktop finds the program, in a folder that is not in PATH."""
        with open(self.share('applications', ptlui.APP_ID + '.desktop')) as f:
            entry = self.below_root(f.read())
        path = os.path.join(self.state, ptlui.APP_ID + '.desktop')
        with open(path, 'w') as f:
            f.write(entry)
        # None: the program is not where it says.
        info = Gio.DesktopAppInfo.new_from_filename(path)
        self.assertIsNotNone(info, entry)
        argv = GLib.shell_parse_argv(info.get_commandline())[1]
        self.assertEqual(argv, [os.path.join(self.prefix, 'bin', 'portlight'), '%U'])

    def test_an_action_starts_it(self):
        """What is called on the session bus starts the app that does not run."""
        with open(self.share('dbus-1', 'services', ptlui.APP_ID + '.service')) as f:
            service = f.read()
        bus = os.path.join(self.state, 'share')
        os.makedirs(os.path.join(bus, 'dbus-1', 'services'))
        with open(os.path.join(bus, 'dbus-1', 'services', ptlui.APP_ID + '.service'), 'w') as f:
            f.write(self.below_root(service))
        with socket.create_server(('127.0.0.1', 0)) as server:
            server.settimeout(ptlui.slow(20))
            env = dict(self.desk.env, **self.env())
            env['XDG_DATA_DIRS'] = bus + ':' + env['XDG_DATA_DIRS']
            # Nothing of the desk: a second accessibility bus would take the place of the first.
            env.pop('DBUS_SESSION_BUS_ADDRESS')
            env.update(XDG_RUNTIME_DIR=bus, GTK_A11Y='none')
            p = subprocess.Popen(
                ['dbus-run-session', '--', 'sh', '-c',
                 'gapplication action "$1" connect "\'$2\'"; read -r end', 'sh', ptlui.APP_ID,
                 'tcp://127.0.0.1:%d' % server.getsockname()[1]],
                env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                start_new_session=True)
            try:
                server.accept()[0].close()
            except TimeoutError:
                self.fail('nobody connects: %r' % p.communicate(b'\n')[0])
            finally:
                if p.poll() is None:
                    p.communicate(b'\n')  # with the bus the app ends

    def test_german_from_there(self):
        app = self.start(
            program=os.path.join(self.prefix, 'bin', 'portlight'),
            env=ptlui.german(self.state),
        )
        app.find('push button', 'Ausprobieren', contains=True)


if __name__ == '__main__':
    ptlui.main()
