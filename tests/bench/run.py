#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures of Portlight: the bare loop, other programs and Portlight in the same run, in
alternation; medians and ratios.

  run.py [--build DIR] [--rounds N] [--dir DIR] [--json FILE] NAME ... | all | list

The build folder must have been set up with -Dbench=true.  Where a row has a goal, the last column
says whether it was reached; the exit status is 1 when one was not."""

import argparse
import json
import os
import platform
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'socket'))

options = None
benches = {}
results = []


def bench(f):
    benches[f.__name__.replace('_', '-')] = f
    return f


def tool(*path):
    return os.path.join(options.build, 'tests', *path)


def median(values):
    return statistics.median(values)


class Row:
    """What one contender gave in all rounds."""

    def __init__(self, name, unit):
        self.name = name
        self.unit = unit
        self.values = []
        self.notes = {}

    def note(self, **notes):
        for k, v in notes.items():
            self.notes.setdefault(k, []).append(v)


def alternate(title, unit, contenders, rounds, reference, goals=(), scale=1.0, fmt='{:.2f}',
              less_is_better=False):
    """Runs each contender once per round; prints a table.  A contender returns a value, or (value,
    notes).  goals: (contender, 'ratio to', contender, at least or at most)."""
    rows = {name: Row(name, unit) for name in contenders}
    for r in range(rounds):
        for name, run in contenders.items():
            got = run()
            value, notes = got if isinstance(got, tuple) else (got, {})
            rows[name].values.append(value / scale)
            rows[name].note(**notes)
            print(f'#   {title}: round {r + 1}, {name}: {fmt.format(value / scale)} {unit}',
                  file=sys.stderr, flush=True)
    base = median(rows[reference].values)
    print(f'\n{title} ({unit}, medians of {rounds})')
    width = max(len(n) for n in rows)
    for name, row in rows.items():
        m = median(row.values)
        spread = f'{fmt.format(min(row.values))} .. {fmt.format(max(row.values))}'
        notes = '  '.join(f'{k} {median(v):g}' for k, v in row.notes.items())
        print(f'  {name:<{width}}  {fmt.format(m):>9}  ({spread})  '
              f'{m / base:5.2f} of {reference}  {notes}')
        results.append(dict(bench=title, contender=name, unit=unit, median=m, values=row.values,
                            notes=row.notes, ratio=m / base))
    for name, other, limit in goals:
        if name not in rows:
            continue
        others = [o for o in ([other] if isinstance(other, str) else other) if o in rows]
        if not others:
            continue
        pick = min if less_is_better else max
        against = pick(median(rows[o].values) for o in others)
        ratio = median(rows[name].values) / against
        good = ratio <= limit if less_is_better else ratio >= limit
        word = 'at most' if less_is_better else 'at least'
        print(f'  {"reached" if good else "MISSED "}: '
              f'{name} is {ratio:.2f} of {" / ".join(others)}, '
              f'goal {word} {limit:g}')
        results.append(dict(bench=title, goal=limit, contender=name, against=others, ratio=ratio,
                            reached=good))
    sys.stdout.flush()
    return rows


class Bare:
    """tests/bench/bare-server, with its port."""

    def __init__(self, *args):
        self.process = subprocess.Popen([tool('bench', 'bare-server'), *args],
                                        stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.port = self.process.stdout.readline().split()[1]

    def cpu_seconds(self):
        return cpu_seconds(self.process.pid)

    def end(self):
        self.process.stdin.close()
        answer = json.loads(self.process.stdout.readline())
        self.process.wait()
        self.process.stdout.close()
        return answer


def load(*args, timeout=300):
    pin = ['taskset', '-c', '1'] if options.pin else []
    out = subprocess.run([*pin, tool('bench', 'load'), *map(str, args)], stdout=subprocess.PIPE,
                         text=True, timeout=timeout, check=True).stdout
    return json.loads(out.splitlines()[-1])


def cpu_seconds(pid):
    with open(f'/proc/{pid}/stat') as f:
        fields = f.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


class Portlight:
    """ptl-headless with one listener, its log in a folder that goes away."""

    def __init__(self, uri, *switches, **keys):
        import ptlhead
        ptlhead.HEADLESS = tool('tools', 'ptl-headless')
        self.folder = tempfile.mkdtemp(prefix='ptl-bench-', dir=options.dir)
        self.head = ptlhead.Head(*switches, log_dir=os.path.join(self.folder, 'logs'))
        self.session = self.head.listen(uri, **keys)
        self.port = str(self.session.port)

    def cpu_seconds(self):
        return cpu_seconds(self.head.pid)

    def end(self):
        self.head.close()
        shutil.rmtree(self.folder)


# ---- One TCP stream ----

def tcp_bytes():
    return options.gib << 30


def stream_bare():
    server = Bare('recv')
    sent = load('tcp', '127.0.0.1', server.port, tcp_bytes())
    got = server.end()
    assert got['bytes'] == tcp_bytes()
    return tcp_bytes() / (sent['end_ns'] - sent['start_ns'])


def stream_bare_write():
    path = os.path.join(options.dir, 'bare')
    server = Bare('write', path)
    sent = load('tcp', '127.0.0.1', server.port, tcp_bytes())
    server.end()
    os.unlink(path)
    return tcp_bytes() / (sent['end_ns'] - sent['start_ns'])


def stream_portlight(*switches):
    def run():
        p = Portlight('tcp://127.0.0.1:0', *switches)
        try:
            sent = load('tcp', '127.0.0.1', p.port, tcp_bytes())
            status = p.session.wait('rx_bytes', '=%d' % tcp_bytes())
            p.session.wait('peers_open', '=0')
            assert status['lost_bytes'] == 0
            if '--no-log' not in switches:
                check = p.session.check()
                assert check['in_bytes'] == tcp_bytes()
            return (tcp_bytes() / (sent['end_ns'] - sent['start_ns']), dict(cpu_s=p.cpu_seconds()))
        finally:
            p.end()
    return run


def stream_program(*words):
    """A program that listens and writes to a file, as it comes; over when it has ended."""
    def run():
        import socket
        with socket.socket() as s:
            s.bind(('127.0.0.1', 0))
            port = str(s.getsockname()[1])
        path = os.path.join(options.dir, 'other')
        with open(path, 'wb') as out:
            args = [w.replace('PORT', port).replace('PATH', path) for w in words]
            process = subprocess.Popen(args, stdin=subprocess.DEVNULL, stdout=out)
        wait_listening(port)
        sent = load('tcp', '127.0.0.1', port, tcp_bytes())
        process.wait(60)
        size = os.path.getsize(path)
        os.unlink(path)
        assert size == tcp_bytes(), (words, size)
        return tcp_bytes() / (sent['end_ns'] - sent['start_ns'])
    return run


def wait_listening(port):
    wanted = ':%04X' % int(port)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for name in ('/proc/net/tcp', '/proc/net/tcp6'):
            with open(name) as f:
                for line in f:
                    fields = line.split()
                    if fields[1].endswith(wanted) and fields[3] == '0A':
                        return
        time.sleep(0.005)
    raise RuntimeError('nobody listens on ' + port)


def others():
    found = {}
    if shutil.which('socat'):
        found['socat'] = stream_program('socat', '-u', 'TCP-LISTEN:PORT,bind=127.0.0.1',
                                        'OPEN:PATH,wronly')
    if shutil.which('ncat'):
        found['ncat'] = stream_program('ncat', '-l', '--recv-only', '127.0.0.1', 'PORT')
    if shutil.which('nc.openbsd'):
        found['nc.openbsd'] = stream_program('nc.openbsd', '-d', '-l', '127.0.0.1', 'PORT')
    return found


def touch_memory():
    """A virtual machine gives memory that is free back to its host after a while, and gets it anew
    slowly: what is measured begins with memory for its file that was in use just before."""
    path = os.path.join(options.dir, 'touched')
    part = bytes(1 << 20)
    with open(path, 'wb', buffering=0) as f:
        for _ in range((tcp_bytes() >> 20) + 256):
            f.write(part)
    os.unlink(path)


def warm_stream(port):
    """A short stream, then the one that is measured."""
    load('tcp', '127.0.0.1', port, 256 << 20)
    time.sleep(0.5)
    touch_memory()
    return load('tcp', '127.0.0.1', port, tcp_bytes())


def stream_without_window():
    p = Portlight('tcp://127.0.0.1:0')
    try:
        sent = warm_stream(p.port)
        status = p.session.wait('rx_bytes', '=%d' % (tcp_bytes() + (256 << 20)))
        assert status['lost_bytes'] == 0
        return tcp_bytes() / (sent['end_ns'] - sent['start_ns'])
    finally:
        p.end()


@bench
def tcp():
    """One TCP stream into the log's files, no window."""
    contenders = {'bare recv': stream_bare, 'bare recv+write': stream_bare_write}
    contenders.update(others())
    contenders['portlight'] = stream_portlight()
    alternate('TCP, one stream, recorded', 'GB/s', contenders, options.rounds, 'bare recv',
              goals=[('portlight', 'bare recv', 0.7),
                     ('portlight', ['socat', 'ncat', 'nc.openbsd'], 2.0)])


@bench
def calls():
    """What the list of calls costs."""
    # Which processor the scheduler gives the two ends changes a stream by a fifth and more: many
    # rounds, for a difference of three in a hundred.
    alternate('The layer of the calls, one TCP stream', 'GB/s',
              {'without': stream_portlight('--no-calls'), 'with': stream_portlight()},
              max(options.rounds, 25), 'without', goals=[('with', 'without', 0.97)])
    alternate('The layer of the calls, UDP 64 B (GSO flood)', 'M datagrams/s',
              {'without': udp_portlight('gso', 64, '--no-calls'), 'with': udp_portlight('gso', 64)},
              max(options.rounds, 9), 'without', scale=1e6, goals=[('with', 'without', 0.97)])


# ---- Datagrams ----

def udp_count(size):
    return 3000000 if size <= 64 else 1000000


def udp_bare(kind, size):
    def run():
        server = Bare('udp')
        n = udp_count(size) if kind == 'gso' else udp_count(size) // 2
        sent = load(kind, '127.0.0.1', server.port, size, n)
        got = server.end()
        missing = sent['sent'] - got['datagrams'] - got['drops']
        return (got['datagrams'] / ((got['last_ns'] - got['first_ns']) / 1e9),
                dict(lost_percent=100 * got['drops'] / n, untold=missing,
                     sent_Mps=sent['sent'] / (sent['end_ns'] - sent['start_ns']) * 1e3))
    return run


def udp_portlight(kind, size, *switches):
    def run():
        p = Portlight('udp://127.0.0.1:0', *switches)
        try:
            n = udp_count(size) if kind == 'gso' else udp_count(size) // 2
            sent = load(kind, '127.0.0.1', p.port, size, n)
            status = p.session.wait('rx_and_drops', '=%d' % n)
            check = p.session.check()
            assert check['in_frames'] == status['rx_frames'] and status['lost_frames'] == 0
            assert check['in_bytes'] == status['rx_frames'] * size
            seconds = (check['last_in_ns'] - check['first_in_ns']) / 1e9
            return (check['in_frames'] / seconds,
                    dict(lost_percent=100 * status['kernel_drops'] / n,
                         untold=n - status['rx_frames'] - status['kernel_drops'],
                         sent_Mps=sent['sent'] / (sent['end_ns'] - sent['start_ns']) * 1e3))
        finally:
            p.end()
    return run


@bench
def udp():
    """Datagrams into the log's files: 64 and 1400 bytes, plain and GSO senders."""
    for size in (64, 1400):
        for kind, name in (('udp', 'plain sender'), ('gso', 'GSO sender')):
            alternate(f'UDP {size} B, {name}, recorded', 'M datagrams/s',
                      {'bare recvmmsg': udp_bare(kind, size),
                       'portlight': udp_portlight(kind, size)},
                      options.rounds, 'bare recvmmsg', scale=1e6, fmt='{:.3f}',
                      goals=[('portlight', 'bare recvmmsg', 0.8)])


# ---- Connections ----

CLIENTS = 4


def connections(port, total):
    """Several clients, each from an address of its own, one connection after the other."""
    processes = [subprocess.Popen([tool('bench', 'load'), 'connect', '127.0.0.1', port,
                                   str(total // CLIENTS), str(i + 1)], stdout=subprocess.PIPE,
                                  text=True)
                 for i in range(CLIENTS)]
    answers = [json.loads(p.communicate(timeout=120)[0]) for p in processes]
    return total / (max(a['end_ns'] for a in answers) - min(a['start_ns'] for a in answers)) * 1e9


def accept_bare(mode, total):
    def run():
        server = Bare(mode)
        rate = connections(server.port, total)
        cpu = server.cpu_seconds()
        got = server.end()
        assert got['accepted'] == total
        return rate, dict(server_us=cpu / total * 1e6)
    return run


def accept_portlight(total, *switches):
    def run():
        p = Portlight('tcp://127.0.0.1:0', '--no-peers', *switches)
        try:
            rate = connections(p.port, total)
            cpu = p.cpu_seconds()
            p.session.wait('peers_total', '=%d' % total)
            p.session.wait('peers_open', '=0')
            events = p.session.check()['events']
            assert events['accepted'] == total and events['closed'] == total, events
            return rate, dict(server_us=cpu / total * 1e6)
        finally:
            p.end()
    return run


@bench
def accept():
    """Connections per second: accepted, read to their end, closed."""
    total = 20000
    alternate('accept + close', 'connections/s',
              {'bare epoll': accept_bare('hold', total),
               'bare, close at once': accept_bare('accept', total),
               'portlight': accept_portlight(total)},
              options.rounds, 'bare epoll', fmt='{:.0f}', goals=[('portlight', 'bare epoll', 0.7)])


def max_connections(wanted):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return min(wanted, hard - 64)


def idle_memory(make):
    def run():
        import ptlhead
        n = max_connections(20000)
        server, pid = make()
        # What it takes once, the first connections have taken.
        warm = subprocess.run([tool('bench', 'load'), 'connect', '127.0.0.1', server.port, '200',
                               '1'],
                              stdout=subprocess.DEVNULL, check=True)
        before = ptlhead.rss_anon_kb(pid)
        client = subprocess.Popen([tool('bench', 'load'), 'idle', server.port, str(n)],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert client.stdout.readline() == 'ready\n'
        if isinstance(server, Portlight):
            server.session.wait('peers_open', '=%d' % n)
        after = ptlhead.rss_anon_kb(pid)
        client.stdin.close()
        client.wait()
        client.stdout.close()
        server.end()
        return (after - before) * 1024 / n, dict(connections=n)
    return run


@bench
def idle():
    """Memory of 20,000 idle connections, each."""
    def bare():
        server = Bare('hold')
        return server, server.process.pid

    def portlight():
        server = Portlight('tcp://127.0.0.1:0', '--no-peers')
        return server, server.head.pid

    rows = alternate('20,000 idle connections', 'bytes each',
                     {'bare epoll': idle_memory(bare), 'portlight': idle_memory(portlight)},
                     3, 'portlight', fmt='{:.0f}', less_is_better=True)
    value = median(rows['portlight'].values)
    print(f'  {"reached" if value <= 2048 else "MISSED "}: '
          f'{value:.0f} bytes each, goal at most 2048')
    results.append(dict(bench='idle', contender='portlight', goal=2048, value=value,
                        reached=value <= 2048))


# ---- Echo ----

def echo_run(make, count, rounds):
    def run():
        server = make()
        got = load('echo', server.port, count, rounds)
        server.end()
        return got['median_ns'], dict(p99_us=got['p99_ns'] / 1e3)
    return run


@bench
def echo():
    """Round trips with 10,000 connections open: median and 99th percentile."""
    count = max_connections(10000)
    makers = {'bare epoll': lambda: Bare('echo'),
              'portlight': lambda: Portlight('tcp://127.0.0.1:0', '--no-peers', reaction='echo',
                                             nodelay=1)}
    rows = alternate(f'echo of 64 B, {count} connections open: median', 'us',
                     {n: echo_run(m, count, 50000) for n, m in makers.items()},
                     options.rounds, 'bare epoll', scale=1e3, less_is_better=True,
                     goals=[('portlight', 'bare epoll', 1.3)])
    p99 = {n: median(r.notes['p99_us']) for n, r in rows.items()}
    ratio = p99['portlight'] / p99['bare epoll']
    print(f'  {"reached" if ratio <= 1.3 else "MISSED "}: '
          f'99th percentile {p99["portlight"]:.1f} us is '
          f'{ratio:.2f} of bare epoll ({p99["bare epoll"]:.1f}), goal at most 1.3')
    results.append(dict(bench='echo p99', contender='portlight', goal=1.3, ratio=ratio,
                        reached=ratio <= 1.3))


# ---- Ports ----

def ports_run(*words):
    """All ports of 127.0.0.1; by its own clock."""
    def run():
        out = subprocess.run([tool(*words[0]), *words[1:]], stdout=subprocess.PIPE, text=True,
                             timeout=120, check=True).stdout
        got = json.loads(out.splitlines()[-1])
        assert got['open'] + got['closed'] == 65535, got
        return 65535 / (got['elapsed_ns'] / 1e9), dict(open=got['open'])
    return run


def ports_nmap():
    """By its own clock, which leaves out how long it takes to start."""
    out = subprocess.run(['nmap', '-sT', '-T5', '-n', '-Pn', '-p-', '-oG', '-', '127.0.0.1'],
                         stdout=subprocess.PIPE, text=True, timeout=300, check=True).stdout
    seconds = float(re.search(r'scanned in ([0-9.]+) seconds', out).group(1))
    return 65535 / seconds, dict(open=len(re.findall(r'/open/tcp', out)))


@bench
def ports():
    """All 65,535 TCP ports of loopback checked."""
    contenders = {'bare epoll': ports_run(('bench', 'bench-ports'), '512'),
                  'portlight': ports_run(('tools', 'ptl-ask'), 'ports', '127.0.0.1', 'all',
                                         '--sums')}
    goals = [('portlight', 'bare epoll', 0.8)]
    if shutil.which('nmap'):
        contenders['nmap -sT -T5'] = ports_nmap
        goals.append(('portlight', 'nmap -sT -T5', 1.0))
    alternate('All TCP ports of loopback', 'ports/s', contenders, options.rounds, 'bare epoll',
              fmt='{:.0f}', goals=goals)


# ---- Ping ----

@bench
def ping():
    """1,000 targets on loopback, 5,000 probes a second: CPU of a probe, and memory."""
    def run(name):
        def once():
            r = subprocess.run([tool('bench', 'bench-ping'), name, '5'],
                               stdout=subprocess.PIPE, text=True, check=True)
            got = json.loads(r.stdout)
            return got['cpu_ns_each'], dict(
                probes_a_s=got['rate'], kB=got['rss_kb'],
                lost=max(got['probes'] - got['answers'], 0) if name == 'portlight' else 0)
        return once

    rows = alternate('ping of 1,000 targets: CPU of a probe', 'us',
                     {'bare loop': run('bare'), 'portlight': run('portlight')},
                     options.rounds, 'bare loop', scale=1e3, less_is_better=True)
    most = max(rows['portlight'].notes['kB'])
    lost = max(rows['portlight'].notes['lost'])
    good = most <= 8192 and lost == 0
    print(f'  {"reached" if good else "MISSED "}: {most} kB for 1,000 targets, goal at most 8192; '
          f'{lost} lost, goal 0')
    results.append(dict(bench='ping memory', contender='portlight', goal=8192, value=most,
                        reached=good))


# ---- The window: tests/bench/window.py adds its rows where it is there ----

def main():
    global options
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('names', nargs='+')
    parser.add_argument('--build',
                        default=os.path.join(os.path.dirname(os.path.dirname(HERE)), 'build'))
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--gib', type=int, default=2, help='of one TCP stream')
    parser.add_argument('--dir', help='where files and logs go (a temporary folder)')
    parser.add_argument('--pin', action='store_true',
                        help='senders on processor 1, all else on 0 (for a machine not idle)')
    parser.add_argument('--json', help='write everything that was measured')
    options = parser.parse_args()
    if options.pin:
        os.sched_setaffinity(0, {0})
    options.build = os.path.abspath(options.build)
    if os.path.exists(os.path.join(HERE, 'window.py')):
        sys.path.insert(0, HERE)
        sys.modules['run'] = sys.modules['__main__']
        import window  # noqa: F401 (registers its rows)
        import lookup  # noqa: F401
        import network  # noqa: F401
        import open_sockets  # noqa: F401
        import reference  # noqa: F401
    if options.names == ['list']:
        for name, f in benches.items():
            print(f'{name:<14} {f.__doc__.splitlines()[0]}')
        return 0
    names = list(benches) if options.names == ['all'] else options.names
    for name in names:
        if name not in benches:
            parser.error(f'{name}? There are: {", ".join(benches)}')
    if not os.path.exists(tool('bench', 'load')):
        parser.error(f'{options.build} was not set up with -Dbench=true')
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    folder = tempfile.mkdtemp(prefix='ptl-bench-', dir=options.dir)
    options.dir = folder
    print(f'Linux {platform.release()}, {os.cpu_count()} processors; files in {folder}', flush=True)
    try:
        for name in names:
            benches[name]()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if options.json:
            with open(options.json, 'w') as f:
                json.dump(results, f, indent=1)
    return 0 if all(r.get('reached', True) for r in results) else 1


if __name__ == '__main__':
    sys.exit(main())
