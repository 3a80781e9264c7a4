# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs unittest tests and tells their results in TAP, so that each one is counted by itself.

In a test file, in place of unittest.main():

    import tap
    if __name__ == '__main__':
        tap.main()

Arguments choose tests as unittest's own do: CLASS, or CLASS.method.
"""
import sys
import time
import unittest


def _clean(text):
    return str(text).replace('\n', ' ').replace('#', '\\#')


class Result(unittest.TestResult):
    """A point for each test, and for each subtest that failed; the whole story as diagnostics."""

    def __init__(self):
        super().__init__()
        self.n = 0
        self.stories = None

    def point(self, ok, test, rest='', story=''):
        self.n += 1
        name = test if isinstance(test, str) else test.id().replace('__main__.', '')
        for line in story.splitlines():
            print('# ' + line)
        print('%sok %d - %s%s' % ('' if ok else 'not ', self.n, _clean(name), rest), flush=True)

    def startTest(self, test):
        super().startTest(test)
        self.stories = []

    def stopTest(self, test):
        """One point for a test, also if its clean-up failed beside it."""
        if self.stories:
            self.point(False, test, story='\n'.join(self.stories))
        self.stories = None
        super().stopTest(test)

    def bad(self, test, story):
        if self.stories is None:  # the set-up of a class has no start and no stop
            self.point(False, test, story=story)
        else:
            self.stories.append(story)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.point(True, test)

    def addError(self, test, err):
        super().addError(test, err)
        self.bad(test, self._exc_info_to_string(err, test))

    addFailure = addError

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.point(True, test, ' # SKIP ' + _clean(reason))

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self.point(True, test)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.bad(test, 'it passed, which was not expected')

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.point(False, subtest, story=self._exc_info_to_string(err, test))

    def addDuration(self, test, elapsed):
        """Of Python 3.12; not told."""


def main(module='__main__', argv=None):
    argv = sys.argv[1:] if argv is None else argv
    loader = unittest.defaultTestLoader
    mod = sys.modules[module]
    suite = loader.loadTestsFromNames(argv, mod) if argv else loader.loadTestsFromModule(mod)
    result = Result()
    suite.run(result)
    print('1..%d' % result.n, flush=True)
    bad = result.failures or result.errors or result.unexpectedSuccesses
    sys.exit(1 if bad or result.n == 0 else 0)
