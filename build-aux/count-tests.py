#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts what a run of "meson test" found: prints "PASSED FAILED SKIPPED", and on the error output
what the tests that failed had to say.

    count-tests.py build/meson-logs/testlog.json
    count-tests.py --figures build/figures.json                       (the goals of the benchmarks)
    meson introspect --tests build | count-tests.py --suite NAME      (exit 0: there is one)

A test that speaks TAP counts with each of its points, any other one as one.  A test that ended
badly without a point that says so (a crash, a time-out, a missing point) counts as one more
failure.
"""
import json
import re
import sys

STORY_LINES = 80
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


def story(test):
    """Why it failed, as far as it said: each bad point with what was said around it, or the end."""
    lines = (test.get('stdout') or '').splitlines()
    blocks = [[]]  # from each point up to the next one
    for line in lines:
        if POINT.match(line):
            blocks.append([])
        blocks[-1].append(line)
    out = []
    for before, block in zip(blocks, blocks[1:]):
        m = POINT.match(block[0])
        if m.group(1) and (m.group(2) or '').upper() != 'TODO':
            out += [x for x in before if not POINT.match(x)][-STORY_LINES:] + block[:STORY_LINES]
    if not out:
        out = lines[-STORY_LINES:]
    return out + (test.get('stderr') or '').splitlines()[-STORY_LINES:]


def figures(path):
    try:
        with open(path, encoding='utf-8') as f:
            goals = [row['reached'] for row in json.load(f) if 'reached' in row]
    except (FileNotFoundError, ValueError) as e:
        print('no benchmark was run: %s' % e, file=sys.stderr)
        goals = [False]
    print('%d %d 0' % (sum(goals), len(goals) - sum(goals)))
    return 0


def main(argv):
    if argv[:1] == ['--suite']:
        suites = {s for t in json.load(sys.stdin) for s in t['suite']}
        return 0 if any(argv[1] in (s, s.split(':')[-1]) for s in suites) else 1
    if argv[:1] == ['--figures']:
        return figures(argv[1])
    total = [0, 0, 0]
    try:
        with open(argv[0], encoding='utf-8', errors='replace') as f:
            tests = [json.loads(line) for line in f if line.strip()]
    except FileNotFoundError:
        print('no test was run: %s is not there' % argv[0], file=sys.stderr)
        tests = []
        total[1] = 1
    for t in tests:
        counted = count(t['result'], t.get('stdout') or '')
        if counted[1]:
            print('--- %s: %s' % (t['name'], t['result']), *story(t), sep='\n', file=sys.stderr)
        for i, n in enumerate(counted):
            total[i] += n
    print('%d %d %d' % tuple(total))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
