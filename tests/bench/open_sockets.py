# SPDX-License-Identifier: GPL-3.0-or-later
"""The row of run.py about the table of open sockets, against ss(8) on the same sockets."""

import json
import os
import shutil
import subprocess
import sys
import time

import run
from run import alternate, bench, tool
from window import app, desk, judge, until

N_SOCKETS = 20000
GOAL = 1.5           # of the time of ss
STALL_GOAL_MS = 50
WATCH_S = 6


class Many:
    def __init__(self, n):
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(run.HERE, 'many-sockets.py'), str(n)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        answer = self.process.stdout.readline().split()
        if not answer:
            raise RuntimeError('the sockets could not be made')
        print(f'# {n} sockets on loopback, held by {answer[1]} processes', flush=True)

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def seconds_of(*words):
    def go():
        start = time.monotonic()
        subprocess.run(words, stdout=subprocess.DEVNULL, check=True)
        return (time.monotonic() - start) * 1000
    return go


def figure(key):
    """Of bench-sockets, without its start."""
    def go():
        out = subprocess.run([tool('bench', 'bench-sockets')], stdout=subprocess.PIPE, check=True)
        told = json.loads(out.stdout)
        assert told['owned'] >= N_SOCKETS, told
        return told[key] / 1e6, dict(bytes_per_socket=told['bytes'] / told['sockets'])
    return go


class Keys:
    def __init__(self, d):
        names = subprocess.run(['xdotool', 'search', '--onlyvisible', '--name', 'Portlight'],
                               env=d.env, stdout=subprocess.PIPE, text=True, check=True)
        self.desk = d
        subprocess.run(['xdotool', 'windowfocus', '--sync', names.stdout.split()[-1]], env=d.env,
                       check=True, timeout=30)

    def press(self, *keys):
        subprocess.run(['xdotool', 'key', *keys], env=self.desk.env, check=True, timeout=30)

    def click(self, x, y):
        subprocess.run(['xdotool', 'mousemove', str(x), str(y), 'click', '1'], env=self.desk.env,
                       check=True, timeout=30)


def on_screen_ms(w, since_ns):
    """From the first that the program did about the key to the end of the frame that shows the
    rows."""
    until('the table is up to date',
          lambda: any(r[0] == ord('U') for r in w.records(since_ns)), 30)
    told = [r for r in w.records(since_ns) if r[0] == ord('U')][0]
    # A frame that only ticks draws nothing.
    until('it is drawn', lambda: w.drawn(told[1]), 30)
    drawn = w.drawn(told[1])[0]
    until('the frame has ended', lambda: w.frames(drawn[1]), 30)
    frame = w.frames(drawn[1])[0]
    began = min(r[1] - r[2] for r in w.records(since_ns)
                if r[0] == ord('S') and r[1] - r[2] >= since_ns)
    return (frame[1] - began) / 1e6


def shown_first(d):
    """A new window; the key that shows the page."""
    def go():
        w = app(d)
        try:
            keys = Keys(d)
            time.sleep(0.5)  # what a start leaves to be done is not what is measured
            since = time.monotonic_ns()
            keys.press('ctrl+shift+p')
            return on_screen_ms(w, since)
        finally:
            w.end()
    return go


@bench
def open_sockets():
    """20,000 open sockets: dumped, matched to their programs and on screen, against ss -tunap"""
    if shutil.which('ss') is None:
        print('open sockets: skipped, there is no ss here')
        return
    with desk(size=(1100, 720)) as d:
        many = Many(N_SOCKETS)
        try:
            rows = alternate(
                'open sockets', 'ms',
                {
                    'ss -tunap': seconds_of('ss', '-tunap'),
                    'portlight, on screen': shown_first(d),
                    'ss -tuna (no programs)': seconds_of('ss', '-tuna'),
                    'dump only': figure('dump_ns'),
                    'owners only': figure('owners_ns'),
                },
                run.options.rounds, 'ss -tunap',
                goals=[('portlight, on screen', 'ss -tunap', GOAL)], fmt='{:.1f}',
                less_is_better=True)
            del rows
            look_on(d)
        finally:
            many.end()


def look_on(d):
    """The window goes on while it reads them again and again, searches and sorts."""
    w = app(d)
    try:
        keys = Keys(d)
        time.sleep(1)
        before = w.rss_anon_mib()
        keys.press('ctrl+shift+p')
        until('all rows are told',
              lambda: any(r[0] == ord('U') and r[2] >= N_SOCKETS for r in w.records()), 30)
        time.sleep(2)
        after = w.rss_anon_mib()
        parts = {}

        def part(name, *steps):
            since = time.monotonic_ns()
            for step in steps:
                step()
                time.sleep(0.7)
            parts[name] = w.worst_stall_ms(since), w.worst_work_ms(since)

        part('read again', lambda: time.sleep(WATCH_S))
        part('search', *[lambda k=k: keys.press(k) for k in '8080'],
             *[lambda: keys.press('BackSpace')] * 4,
             *[lambda k=k: keys.press(k) for k in ('p', 'y', 't')],
             lambda: keys.press('ctrl+a', 'BackSpace'))
        part('sort', *[lambda: keys.click(420, 150)] * 4, *[lambda: keys.click(520, 150)] * 4)
        part('scroll', *[lambda: keys.press('Tab')] * 3, *[lambda: keys.press('Next')] * 6)
        told = [r[2] for r in w.records() if r[0] == ord('U')]
        print(f'  {max(told)} rows, told {len(told)} times; {after - before:.1f} MiB more, '
              f'{(after - before) * 1048576 / max(told):.0f} bytes for each socket')
        for name, (stall, work) in parts.items():
            print(f'  {name}: longest round of the main loop {stall:.1f} ms, {work:.1f} ms of it '
                  'on a processor')
        worst = max(work for name, (_, work) in parts.items() if name != 'scroll')
        reached = worst <= STALL_GOAL_MS
        judge('open sockets', f'no stall over {STALL_GOAL_MS} ms: {worst:.1f} ms', reached)
        run.results.append(dict(bench='open sockets, stalls', contender='portlight',
                                goal=STALL_GOAL_MS, value=worst, parts=parts, reached=reached))
    finally:
        w.end()
