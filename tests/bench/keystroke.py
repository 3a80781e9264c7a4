#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much time of the main thread a key typed into the Reference's search costs: from the key to
the table as it is shown, all of it, painting and accessibility too.

    tests/bench/keystroke.py [--runs 5]          (PTL_APP: the program)

Read from /proc/PID/task/PID/schedstat, which counts nanoseconds on the processor.  Each word is
typed key by key, once quickly and once slowly.  A key costs what the thread does in the first
WINDOW_S after it: the rows that are seen are there by then.  The rows below the fold are made
later, a few in each frame, when nothing more is typed; only who types slowly lets that happen.
"""
import argparse
import os
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'ui'))

import drive  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(HERE))
APP = os.path.abspath(os.environ.get('PTL_APP', os.path.join(ROOT, 'build', 'src', 'portlight')))
WORDS = ('http', 'tls', '8080', '80-90', 'rfc5321', 'zzzz')
REST_S = 0.15
WINDOW_S = 0.25
SLOW_S = 1.5


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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--runs', type=int, default=3)
    parser.add_argument('--a11y', action='store_true', help='with the accessibility bus on')
    options = parser.parse_args()
    build = os.path.dirname(os.path.dirname(APP))
    env = {
        'GSETTINGS_BACKEND': 'keyfile',
        'GSETTINGS_SCHEMA_DIR': os.path.join(build, 'data'),
    }
    if not options.a11y:
        env['GTK_A11Y'] = 'none'
    with drive.Desk(env=env) as desk:
        folder = os.path.join(desk.env['XDG_CONFIG_HOME'], 'glib-2.0', 'settings')
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, 'keyfile'), 'w') as f:
            f.write("[org/portlight/Portlight]\npane='reference'\n")
        # A cursor that blinks is always at work.
        with open(os.path.join(desk.env['XDG_CONFIG_HOME'], 'gtk-4.0', 'settings.ini'), 'a') as f:
            f.write('gtk-cursor-blink=false\n')
        app = desk.start([APP], 'org.portlight.Portlight')
        pid = app.proc.pid
        end = time.monotonic() + 20
        while not drive.Program.x_windows(app) and time.monotonic() < end:
            time.sleep(0.05)
        if app.proc.poll() is not None or not drive.Program.x_windows(app):
            sys.exit('the window does not come:\n' + app.output())
        at_rest(pid)
        app.keys('ctrl+f')
        at_rest(pid)
        costs = {}
        for run in range(2 * options.runs):
            for word in WORDS:
                for i, key in enumerate(word):
                    if run % 2:
                        time.sleep(SLOW_S)
                        at_rest(pid)
                    before = busy_ns(pid)
                    app.keys('minus' if key == '-' else key)
                    time.sleep(WINDOW_S)
                    costs.setdefault((word[: i + 1], run % 2), []).append(
                        (busy_ns(pid) - before) / 1e6
                    )
                app.keys('ctrl+a', 'BackSpace')
                at_rest(pid)
        app.stop()
    for typed, slowly in costs:
        if not slowly:
            print(
                '%-8s %6.1f ms, typed slowly %6.1f ms'
                % (
                    typed,
                    statistics.median(costs[typed, 0]),
                    statistics.median(costs[typed, 1]),
                )
            )
    if min(statistics.median(v) for v in costs.values()) < 0.1:
        sys.exit('the keys do not come to the window')
    everything = [v for values in costs.values() for v in values]
    print(
        'a key: median %.1f ms, 95 of 100 below %.1f ms, worst %.1f ms of main-thread time'
        % (
            statistics.median(everything),
            sorted(everything)[int(len(everything) * 0.95)],
            max(everything),
        )
    )


if __name__ == '__main__':
    main()
