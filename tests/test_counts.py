#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last line of build-aux/test.sh is only as good as the counting behind it."""
import importlib.util
import os
import subprocess
import sys
import unittest

import tap

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
spec = importlib.util.spec_from_file_location(
    'count_tests', os.path.join(ROOT, 'build-aux', 'count-tests.py')
)
counter = importlib.util.module_from_spec(spec)
spec.loader.exec_module(counter)

# What meson says of the test, what the test said, and what that counts as.
TABLE = (
    ('OK', '', (1, 0, 0)),
    ('FAIL', '', (0, 1, 0)),
    ('TIMEOUT', '', (0, 1, 0)),
    ('SKIP', '', (0, 0, 1)),
    ('EXPECTEDFAIL', '', (1, 0, 0)),
    ('UNEXPECTEDPASS', '', (0, 1, 0)),
    ('OK', 'ok 1 - not TAP without a plan\n', (1, 0, 0)),
    ('OK', '1..2\nok 1 - a\nok 2 - b\n', (2, 0, 0)),
    ('OK', 'TAP version 13\nok 1 - a # SKIP none\nok 2\n1..2\n', (1, 0, 1)),
    ('FAIL', '1..3\nok 1 - a\nnot ok 2 - b\nok 3 - c\n', (2, 1, 0)),
    ('OK', '1..1\nnot ok 1 - b # TODO one day\n', (1, 0, 0)),
    # A crash after two good points of three.
    ('ERROR', '1..3\nok 1 - a\nok 2 - b\n', (2, 1, 0)),
    ('TIMEOUT', '1..3\nok 1 - a\n', (1, 1, 0)),
    # Points of subtests are indented and told by their parent.
    ('OK', '1..1\n    ok 1 - sub\n    ok 2 - sub\nok 1 - a\n', (1, 0, 0)),
    ('OK', '1..1\nok 1 - a name with \\# SKIP in it\n', (1, 0, 0)),
    ('OK', '# ok 1 - a comment\n1..1\nok 1 /a/b\nokay\n', (1, 0, 0)),
)

BAD = '''
import sys
sys.path.insert(0, %r)
import unittest
import tap


class T(unittest.TestCase):
    def test_a_good(self):
        pass

    def test_b_bad(self):
        self.assertEqual(1, 2)

    def test_c_error(self):
        raise OSError('no')

    def test_d_skipped(self):
        self.skipTest('not # here')

    def test_e_subtests(self):
        for i in range(3):
            with self.subTest(i=i):
                self.assertNotEqual(i, 1)

    def test_f_bad_with_a_bad_end(self):
        self.addCleanup(self.fail)
        self.fail()


tap.main()
'''


class Counts(unittest.TestCase):
    def test_table(self):
        for result, text, want in TABLE:
            with self.subTest(result=result, text=text):
                self.assertEqual(counter.count(result, text), want)

    def test_what_tap_says_is_counted(self):
        r = subprocess.run(
            [sys.executable, '-c', BAD % os.path.dirname(os.path.abspath(tap.__file__))],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
        self.assertEqual(r.returncode, 1, r.stdout)
        self.assertEqual(counter.count('FAIL', r.stdout), (1, 4, 1), r.stdout)

    def test_no_test_at_all_is_a_failure(self):
        code = BAD.split('class T')[0] % os.path.dirname(os.path.abspath(tap.__file__))
        r = subprocess.run(
            [sys.executable, '-c', code + 'tap.main()'], stdout=subprocess.DEVNULL, timeout=60
        )
        self.assertEqual(r.returncode, 1)


if __name__ == '__main__':
    tap.main()
