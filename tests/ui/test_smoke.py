#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The app starts, shows its window, and ends when that is closed."""
import ptlui


class Smoke(ptlui.UiCase):
    leaks = True

    def test_starts_and_ends(self):
        app = self.start()
        self.assertEqual([w.name for w in app.windows()], ['Portlight'])
        self.assertEqual(app.quit(), 0)

    def test_ends_by_the_keyboard(self):
        app = self.start()
        app.keys('ctrl+q')
        self.assertEqual(app.wait(ptlui.slow(10)), 0)

    def test_german(self):
        app = self.start(env=ptlui.german(self.state))
        app.find('push button', 'Ausprobieren', contains=True)
        self.assertEqual(app.find_all('push button', 'Try It', contains=True), [])

    def test_unknown_option_is_refused(self):
        r = self.desk.run([ptlui.APP, '--no-such-option'], timeout=ptlui.slow(20))
        self.assertNotEqual(r.returncode, 0)
        self.assertIn('--no-such-option', r.stdout)


if __name__ == '__main__':
    ptlui.main()
