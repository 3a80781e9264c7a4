#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts what a run of "meson test" found: prints "PASSED FAILED SKIPPED".

    count-tests.py build/meson-logs/testlog.json
    meson introspect --tests build | count-tests.py --suite NAME      (exit 0: there is one)

A test that speaks TAP counts with each of its points, any other one as one.  A test that ended
badly without a point that says so (a crash, a time-out, a missing point) counts as one more
failure.
"""
import json
import re
import sys

GOOD = ('OK', 'EXPECTEDFAIL')
POINT = re.compile(r'^(not )?ok\b(?:[^#\\]|\\.)*(?:#\s*(SKIP|TODO)\b)?', re.IGNORECASE)
PLAN = re.compile(r'^(?:TAP version \d+|1\.\.\d+)', re.MULTILINE)


def points(text):
    """Passed, failed and skipped points of a TAP text; those of subtests are indented, and are told
    by the one of their parent."""
    passed = failed = skipped = 0
    for line in text.splitlines():
        m = POINT.match(line)
        if not m:
            continue
        directive = (m.group(2) or '').upper()
        if directive == 'SKIP':
            skipped += 1
        elif m.group(1) and directive != 'TODO':
            failed += 1
        else:
            passed += 1
    return passed, failed, skipped


def count(result, text):
    """Passed, failed and skipped of one test."""
    if result == 'SKIP':
        return 0, 0, 1
    if not PLAN.search(text):
        return (1, 0, 0) if result in GOOD else (0, 1, 0)
    passed, failed, skipped = points(text)
    if result not in GOOD and not failed:
        failed = 1
    elif result in GOOD and passed + failed + skipped == 0:
        passed = 1
    return passed, failed, skipped


def main(argv):
    if argv[:1] == ['--suite']:
        suites = {s for t in json.load(sys.stdin) for s in t['suite']}
        return 0 if any(argv[1] in (s, s.split(':')[-1]) for s in suites) else 1
    total = [0, 0, 0]
    try:
        with open(argv[0], encoding='utf-8', errors='replace') as f:
            tests = [json.loads(line) for line in f if line.strip()]
    except FileNotFoundError:
        print('no test was run: %s is not there' % argv[0], file=sys.stderr)
        tests = []
        total[1] = 1
    for t in tests:
        for i, n in enumerate(count(t['result'], t.get('stdout') or '')):
            total[i] += n
    print('%d %d %d' % tuple(total))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
