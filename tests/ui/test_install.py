#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is installed is all that the app needs to start."""
import glob
import os
import shutil
import subprocess
import tempfile

import ptlui


class Install(ptlui.UiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root = tempfile.mkdtemp(prefix='portlight-install.')
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

    def test_german_from_there(self):
        app = self.start(
            program=os.path.join(self.prefix, 'bin', 'portlight'),
            env=ptlui.german(self.state),
        )
        app.find('push button', 'Ausprobieren', contains=True)


if __name__ == '__main__':
    ptlui.main()
