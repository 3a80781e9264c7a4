#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much time of the main thread a key typed into the Reference's search costs: from the key to
the table as it is shown, all of it, painting and accessibility too.

    tests/bench/keystroke.py [--runs 3] [--pace quick|slow|both] [--words http,tls]
                                                              (PTL_APP: the program)

Read from /proc/PID/task/PID/schedstat, which counts nanoseconds on the processor.  Each word is
typed key by key, quickly, or slowly, or both.  A key costs what the thread does in the first
WINDOW_S after it: the rows that are seen are there by then.  The rows below the fold are made
from 0.3 s on after the last key, a few in each frame; only who types slowly lets that happen, and
the work for them is not the next key's.
"""
import argparse
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'ui'))

import drive  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(HERE))
APP = os.path.abspath(os.environ.get('PTL_APP', os.path.join(ROOT, 'build', 'src', 'portlight')))
WORDS = ('http', 'tls', '8080', '80-90', 'rfc5321', 'python:imaplib', 'mail tcp', 'zzzz')
REST_S = 0.15
WINDOW_S = 0.2
SLOW_S = 1.5
KEYS = {'-': 'minus', ':': 'colon', ' ': 'space'}


def busy_ns(pid):
    with open('/proc/%d/task/%d/schedstat' % (pid, pid)) as f:
        return int(f.read().split()[0])


def at_rest(pid, limit_s=1.5):
    """Waits until the thread has done nothing worth telling for a while; what it had done then."""
    end = time.monotonic() + limit_s
    last, since = busy_ns(pid), time.monotonic()
    while time.monotonic() < end:
        time.sleep(0.01)
        now = busy_ns(pid)
        if now - last > 1_000_000:
            last, since = now, time.monotonic()
        elif time.monotonic() - since > REST_S:
            return now
    return busy_ns(pid)


class Keyboard:
    """One xdotool for all keys: to start it may take longer than a key may be late."""

    def __init__(self, env):
        self.process = subprocess.Popen(['xdotool', '-'], env=env, stdin=subprocess.PIPE, text=True,
                                        bufsize=1)

    def press(self, *keys):
        for key in keys:
            self.process.stdin.write('key --delay 0 %s\n' % key)
        self.process.stdin.flush()

    def end(self):
        self.process.stdin.close()
        self.process.wait(10)


def measure(program, words=WORDS, runs=3, paces=('quick', 'slow'), a11y=False):
    """{(what has been typed, pace): [milliseconds, ...]}"""
    build = os.path.dirname(os.path.dirname(program))
    env = {
        'GSETTINGS_BACKEND': 'keyfile',
        'GSETTINGS_SCHEMA_DIR': os.path.join(build, 'data'),
    }
    if not a11y:
        env['GTK_A11Y'] = 'none'
    with drive.Desk(env=env) as desk:
        folder = os.path.join(desk.env['XDG_CONFIG_HOME'], 'glib-2.0', 'settings')
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, 'keyfile'), 'w') as f:
            f.write("[org/portlight/Portlight]\npane='reference'\n")
        # A cursor that blinks is always at work.
        with open(os.path.join(desk.env['XDG_CONFIG_HOME'], 'gtk-4.0', 'settings.ini'), 'a') as f:
            f.write('gtk-cursor-blink=false\n')
        app = desk.start([program], 'org.portlight.Portlight')
        pid = app.proc.pid
        end = time.monotonic() + 20
        while not drive.Program.x_windows(app) and time.monotonic() < end:
            time.sleep(0.05)
        if app.proc.poll() is not None or not drive.Program.x_windows(app):
            raise RuntimeError('the window does not come:\n' + app.output())
        at_rest(pid)
        keyboard = Keyboard(desk.env)
        app.keys('ctrl+f')
        at_rest(pid)
        costs = {}
        for pace in paces:
            for _ in range(runs):
                for word in words:
                    for i, key in enumerate(word):
                        if pace == 'slow':
                            time.sleep(SLOW_S)
                            at_rest(pid)
                        before = busy_ns(pid)
                        keyboard.press(KEYS.get(key, key))
                        time.sleep(WINDOW_S)
                        costs.setdefault((word[: i + 1], pace), []).append(
                            (busy_ns(pid) - before) / 1e6
                        )
                    keyboard.press('ctrl+a', 'BackSpace')
                    at_rest(pid)
        keyboard.end()
        app.stop()
    if min(statistics.median(v) for v in costs.values()) < 0.1:
        raise RuntimeError('the keys do not come to the window')
    return costs


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--runs', type=int, default=3)
    parser.add_argument('--pace', choices=('quick', 'slow', 'both'), default='both')
    parser.add_argument('--words', default=','.join(WORDS))
    parser.add_argument('--a11y', action='store_true', help='with the accessibility bus on')
    options = parser.parse_args()
    paces = ('quick', 'slow') if options.pace == 'both' else (options.pace,)
    try:
        costs = measure(APP, options.words.split(','), options.runs, paces, options.a11y)
    except RuntimeError as e:
        sys.exit(str(e))
    for (typed, pace), values in costs.items():
        print('%-14s %-5s median %5.1f ms, worst %5.1f ms'
              % (typed, pace, statistics.median(values), max(values)))
    everything = sorted(v for values in costs.values() for v in values)
    print(
        'a key: median %.1f ms, 95 of 100 below %.1f ms, worst %.1f ms of main-thread time, '
        '%d keys'
        % (
            statistics.median(everything),
            everything[int(len(everything) * 0.95)],
            everything[-1],
            len(everything),
        )
    )


if __name__ == '__main__':
    main()
