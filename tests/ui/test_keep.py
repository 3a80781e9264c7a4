#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lasts: recordings over a crash, settings and sessions over a restart."""
import os

import pane
from ptlui import slow


class Recordings(pane.PaneCase):
    def record(self, data):
        """An app that recorded that, and was killed; the frames it showed."""
        app, port = self.listening()
        s = self.peer(port)
        for part in data:
            s.sendall(part)
            pane.frame(app, part.decode(), dir='received')
        frames = pane.frames(app)
        self.kill(app)
        s.close()
        return frames

    def test_open_what_a_crash_left(self):
        frames = self.record([b'one', b'two', b'three'])
        app = self.start()
        pane.says(app, '1 recording of an earlier run was kept')
        pane.press(app, 'Open')
        pane.frame(app, 'three', dir='received')
        # The same frames, to the microsecond.
        self.assertEqual(pane.frames(app)[: len(frames)], frames)
        pane.select(app, 'two')
        text = app.find(None, 'Bytes as text', showing=True)
        app.wait_until(lambda: app.read_text(text) == 'two', 5)
        self.assertFalse(pane.is_sensitive(app, 'Send'))
        # No call will come, and none of the earlier ones is in the log.
        pane.says(app, 'No Calls Kept')

    def test_damaged_ones_are_told_of(self):
        self.record([b'cut off'])
        self.record([b'of another version'])
        # The folders are called by the time.
        cut, other = sorted(os.path.dirname(path) for path in self.logs())
        os.truncate(os.path.join(cut, 'data'), 0)
        with open(os.path.join(other, 'header'), 'r+b') as f:
            f.write(b'PtlLog9')
        app = self.start()
        pane.says(app, '2 recordings of an earlier run were kept')
        pane.press(app, 'Open')
        for part in ('at the end of this recording have lost their bytes',
                     'is damaged or of another version'):
            pane.says(app, part, timeout=20)
        self.assertEqual(app.quit(), 0)
        self.assertEqual(len(self.logs()), 2)

    def test_discard_what_a_crash_left(self):
        self.record([b'not for long'])
        self.record([b'nor this'])
        app = self.start()
        pane.says(app, '2 recordings of an earlier run were kept')
        pane.press(app, 'Discard')
        pane.says(app, '2 recordings discarded')
        # They are gone once that cannot be undone any more.
        app.wait_until(lambda: not any('discarded' in t for t in pane.texts(app)), 20)
        self.assertEqual(app.quit(), 0)
        app = self.start()
        pane.button(app, 'Try It')
        self.assertFalse([t for t in pane.texts(app) if 'earlier run' in t])

    def logs(self):
        return [os.path.join(folder, 'index')
                for folder, _, files in os.walk(self.state) if 'index' in files]

    def test_discard_is_meant_also_when_the_app_ends_at_once(self):
        for end in ('quit', 'kill'):
            with self.subTest(end):
                self.record([b'of no worth'])
                app = self.start()
                pane.press(app, 'Discard')
                pane.says(app, '1 recording discarded')
                if end == 'quit':
                    self.assertEqual(app.quit(), 0)
                else:
                    app.wait_until(lambda: '/.discarded-' in self.logs()[0], 5)
                    self.kill(app)
                app = self.start()
                pane.button(app, 'Try It')
                app.wait_until(lambda: not self.logs(), 5, what='no file of it')
                self.assertFalse([t for t in pane.texts(app) if 'earlier run' in t])
                self.assertEqual(app.quit(), 0)

    def test_undone_is_undone_also_when_the_app_ends_at_once(self):
        self.record([b'of worth'])
        app = self.start()
        pane.press(app, 'Discard')
        pane.press(app, 'Undo')
        self.assertEqual(app.quit(), 0)
        app = self.start()
        pane.says(app, '1 recording of an earlier run was kept')

    def test_discard_is_undone(self):
        self.record([b'of worth'])
        app = self.start()
        pane.press(app, 'Discard')
        pane.press(app, 'Undo')
        pane.says(app, '1 recording of an earlier run was kept')
        pane.press(app, 'Open')
        pane.frame(app, 'of worth')

    def test_a_recording_is_kept_over_quitting(self):
        app, port = self.listening()
        self.peer(port).sendall(b'kept')
        pane.frame(app, 'kept')
        self.assertEqual(app.quit(), 0)
        app = self.start()
        pane.says(app, '1 recording of an earlier run was kept')
        pane.press(app, 'Open')
        pane.frame(app, 'kept')

    def test_nothing_is_offered_where_nothing_was_recorded(self):
        app, port = self.listening()
        self.assertEqual(app.quit(), 0)
        app = self.start()
        pane.button(app, 'Try It')
        self.assertFalse([t for t in pane.texts(app) if 'earlier run' in t])


class Settings(pane.PaneCase):
    def env(self):
        return dict(super().env(), GSETTINGS_BACKEND='keyfile')

    @staticmethod
    def pressed(app, group, name):
        """Whether this one of the buttons that belong together is the chosen one."""
        root = app.find(None, group, showing=True)
        return bool({'pressed', 'checked'} & pane.button(app, name, root=root).states)

    def test_settings_last(self):
        app, port = self.listening()
        self.peer(port)
        pane.frame(app, 'accepted')
        inspector, send = 'How the bytes are shown', 'How what is typed is read'
        self.assertTrue(self.pressed(app, inspector, 'Both'))
        self.assertTrue(self.pressed(app, send, 'Text'))
        pane.press(app, 'Hex', root=app.find(None, inspector))
        pane.pick(app, 'Line ending', 4, 'NUL')
        pane.press(app, 'Hex', root=app.find(None, send))
        pane.press(app, 'Peers, calls and about')
        app.wait_until(lambda: not app.find_all('page tab', 'Calls', showing=True), 5)
        self.assertEqual(app.quit(), 0)

        app, port = self.listening()
        s = self.peer(port)
        pane.frame(app, 'accepted')
        self.assertTrue(self.pressed(app, inspector, 'Hex'))
        self.assertTrue(self.pressed(app, send, 'Hex'))
        self.assertEqual(app.find_all('page tab', 'Calls', showing=True), [])
        pane.press(app, 'Text', root=app.find(None, send))
        app.type_into(pane.field(app, 'Message'), 'x')
        pane.press(app, 'Send')
        self.assertEqual(pane.receive(s, 2), b'x\0')

    def test_the_size_of_the_window_lasts(self):
        app = self.start()
        pane.window_act(app, 'window.toggle-maximized')
        size = app.wait_until(
            lambda: next((g[3:] for g in app.x_windows().values() if g[3:] >= (1270, 800)), None),
            10, what='a window as large as the screen')
        self.assertEqual(app.quit(), 0)
        app = self.start()
        app.wait_until(lambda: size in [g[3:] for g in app.x_windows().values()], 10,
                       what='the size it had')

    def test_recent_and_saved_sessions(self):
        listener = self.server()
        uri = 'tcp://127.0.0.1:%d' % listener.getsockname()[1]
        app = self.start(uri)
        self.accept(listener)
        pane.says(app, uri)
        self.assertEqual(app.quit(), 0)

        app = self.start()
        listener.settimeout(slow(10))
        pane.press(app, 'Open ' + uri)
        self.accept(listener)
        # Saved under a name, it is there next time.
        pane.press(app, 'New Session')
        pane.press(app, 'Role: Connect')
        pane.fill(app, 'Host', '127.0.0.1')
        pane.fill(app, 'Port', str(listener.getsockname()[1]))
        pane.press(app, 'Save for Later')
        pane.fill(app, 'Name of the Saved Session', 'my <server>')
        pane.press(app, 'Save')
        pane.button(app, 'Open my <server>')
        self.assertEqual(app.quit(), 0)

        app = self.start()
        pane.press(app, 'Open my <server>')
        self.accept(listener)
        pane.frame(app, 'connected')


if __name__ == '__main__':
    pane.main()
