# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of run.py about names: the DNS client against a bare loop and c-ares, and a list of
10,000 names in the window."""

import json
import os
import re
import subprocess
import tempfile
import time

import run
from run import alternate, bench, median, tool
from window import Watched, desk, judge, until

NAMES = 10000
FLIGHT = 100
KINDS = {'bare loop (ldns)': '0', 'portlight': '1', 'c-ares': '2'}
RATE_GOAL = 100000
MEMORY_GOAL_KB = 16384
STALL_GOAL_MS = 50
LIST = 'Names, addresses or ports, one on each line'


def asks(kind, flight):
    """One run with a server of its own."""
    def go():
        out = subprocess.run([tool('bench', 'bench-dns'), str(NAMES), kind, str(flight)],
                             stdout=subprocess.PIPE, check=True, timeout=60)
        told = json.loads(out.stdout)
        assert told['answered'] == NAMES, told
        return told['rate'], dict(kB=told['rss_kb'])
    return go


def kinds():
    """c-ares may be left out of the build."""
    r = subprocess.run([tool('bench', 'bench-dns'), '100', KINDS['c-ares'], '1'],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return {name: kind for name, kind in KINDS.items() if name != 'c-ares' or r.returncode == 0}


@bench
def dns():
    """10,000 names at a local server: one after another, and with 100 in flight"""
    there = kinds()
    alternate('DNS, one after another', 'names/s', {n: asks(k, 1) for n, k in there.items()},
              run.options.rounds, 'bare loop (ldns)', fmt='{:.0f}',
              goals=[('portlight', 'bare loop (ldns)', 0.8)])
    rows = alternate(f'DNS, {FLIGHT} in flight', 'names/s',
                     {n: asks(k, FLIGHT) for n, k in there.items()},
                     run.options.rounds, 'bare loop (ldns)', fmt='{:.0f}',
                     goals=[('portlight', 'c-ares', 0.6)])
    rate = median(rows['portlight'].values)
    judge('dns', f'{rate:.0f} names/s with {FLIGHT} in flight, goal {RATE_GOAL}', rate >= RATE_GOAL)
    most = max(rows['portlight'].notes['kB'])
    judge('dns', f'at most {most} kB, goal {MEMORY_GOAL_KB}', most <= MEMORY_GOAL_KB)


class Server:
    def __init__(self):
        self.process = subprocess.Popen([tool('bench', 'bench-dns'), 'serve'],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.text = '127.0.0.1:%d' % int(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        answer = json.loads(self.process.stdout.read())
        self.process.wait()
        self.process.stdout.close()
        return answer


class Window(Watched):
    """As the others, and found by the accessibility bus, over which its fields are filled."""

    def __init__(self, d):
        self.folder = tempfile.mkdtemp(prefix='ptl-window-', dir=run.options.dir)
        self.file = os.path.join(self.folder, 'watch')
        env = dict(d.env, LD_PRELOAD=tool('bench', 'watch.so'), PTL_WATCH_FILE=self.file,
                   GSETTINGS_SCHEMA_DIR=os.path.join(run.options.build, 'data'))
        self.program = d.start([os.path.join(run.options.build, 'src', 'portlight')],
                               'org.portlight.Portlight', env=env)
        self.process = self.program.proc
        self.pid = self.process.pid
        self.log = open(os.devnull, 'w')
        self.program.wait_window(20)


def told(program):
    """(how many, seconds) as the page says."""
    for label in program.find_all('label'):
        m = re.fullmatch(r'([0-9]+) answers in ([0-9.]+) s', label.name)
        if m:
            return int(m.group(1)), float(m.group(2))
    return None


def one_list(d):
    """Ten thousand names typed into Many at Once; their table sorted afterwards."""
    server = Server()
    w = Window(d)
    try:
        program = w.program
        program.keys('alt+2')
        program.mouse(program.find('label', 'Many at Once', timeout=10))
        program.type_into(program.find('text', LIST, timeout=10),
                          ''.join(f'host{i}.example.test\n' for i in range(NAMES)))
        program.type_into(program.find('text', 'DNS server for the list'), server.text)
        button = program.find('push button', 'Look Up All', contains=True)
        time.sleep(2)  # the text is laid out bit by bit
        before = w.rss_anon_mib()
        since = time.monotonic_ns()
        program.mouse(button)
        time.sleep(2)  # nothing is asked of it meanwhile: the bus has it do things
        until_ns = time.monotonic_ns()
        # Now, because what asks over the bus has the program make an object for each widget: seen
        # were 14 MiB more.
        after = w.rss_anon_mib()
        until('all are answered', lambda: told(program) is not None, 30)
        n, seconds = told(program)
        assert n == NAMES, n
        assert seconds < 2, 'they came after the memory was measured'
        stall, work = w.worst_stall_ms(since, until_ns), w.worst_work_ms(since, until_ns)
        drawn = len(w.drawn(since, until_ns))
        results = program.find(('table', 'list', 'tree table'), 'Results of the list')
        head = program.find('label', 'Name', root=results)
        since = time.monotonic_ns()
        for _ in range(2):
            program.mouse(head)
            time.sleep(0.7)
        until_ns = time.monotonic_ns()
        return NAMES / seconds, dict(
            worst_ms=stall, worst_work_ms=work, drawn=drawn, mib=after - before,
            sort_ms=w.worst_stall_ms(since, until_ns),
            sort_work_ms=w.worst_work_ms(since, until_ns))
    finally:
        w.end()
        told_by = server.end()
        print(f'#   the server answered {told_by["answered"]} in '
              f'{(told_by["last_ns"] - told_by["first_ns"]) / 1e9:.3f} s', flush=True)


@bench
def lookup_many():
    """A list of 10,000 names in the window: how fast, and what holds up the main loop"""
    with desk(size=(1100, 720), a11y=True) as d:
        rows = alternate('10,000 names in the window', 'names/s',
                         {'portlight': lambda: one_list(d)}, min(run.options.rounds, 3),
                         'portlight', fmt='{:.0f}')
    notes = rows['portlight'].notes
    for key, what in (('worst_work_ms', 'while they come'), ('sort_work_ms', 'sorting them')):
        worst = max(notes[key])
        judge('lookup-many', f'no stall over {STALL_GOAL_MS} ms {what}: {worst:.1f} ms',
              worst <= STALL_GOAL_MS)
    judge('lookup-many', f'drawn {min(notes["drawn"])} times meanwhile, goal 10',
          min(notes['drawn']) >= 10)
    judge('lookup-many', f'{max(notes["mib"]):.1f} MiB for 10,000 answers, goal 16',
          max(notes['mib']) <= 16)
