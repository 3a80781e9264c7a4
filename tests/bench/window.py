# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of run.py that need the window: the app on a virtual display, watched from within
(watch.c: every round of the main loop and every painted frame)."""

import bisect
import glob
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import run
from run import alternate, bench, cpu_seconds, load, median, tool

sys.path.insert(0, os.path.join(os.path.dirname(run.HERE), 'ui'))

FRAME = struct.Struct('=QQQQ')


def desk(**keys):
    import drive
    keys.setdefault('a11y', False)
    if not _stolen:
        threading.Thread(target=_watch_host, daemon=True).start()
    return drive.Desk(**keys)


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Watched:
    """A program on the desk with watch.so in it."""

    def __init__(self, desk, *args):
        self.folder = tempfile.mkdtemp(prefix='ptl-window-', dir=run.options.dir)
        self.file = os.path.join(self.folder, 'watch')
        env = dict(desk.env)
        for name in ('XDG_STATE_HOME', 'XDG_DATA_HOME', 'XDG_CACHE_HOME'):
            env[name] = os.path.join(self.folder, name)
            os.makedirs(env[name], mode=0o700)
        env.update(LD_PRELOAD=tool('bench', 'watch.so'), PTL_WATCH_FILE=self.file, GTK_A11Y='none',
                   GSETTINGS_SCHEMA_DIR=os.path.join(run.options.build, 'data'))
        self.log = open(os.path.join(self.folder, 'log'), 'w+')
        self.started_ns = time.monotonic_ns()
        self.process = subprocess.Popen(args, env=env, stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=self.log)
        self.pid = self.process.pid

    def records(self, since_ns=0, until_ns=1 << 63):
        with open(self.file, 'rb') as f:
            data = f.read()
        data = data[:len(data) // FRAME.size * FRAME.size]
        return [r for r in FRAME.iter_unpack(data) if since_ns <= r[1] < until_ns]

    def frames(self, since_ns=0, until_ns=1 << 63):
        return [r for r in self.records(since_ns, until_ns) if r[0] == ord('F')]

    def drawn(self, since_ns=0, until_ns=1 << 63):
        """Frames in which something was drawn: the clock may tick without."""
        return [r for r in self.records(since_ns, until_ns) if r[0] == ord('R')]

    def worst_stall_ms(self, since_ns=0, until_ns=1 << 63):
        return max((r[2] / 1e6 for r in self.records(since_ns, until_ns) if r[0] == ord('S')),
                   default=0)

    def worst_work_ms(self, since_ns=0, until_ns=1 << 63):
        """The longest that one round of the main loop was on a processor: what a stall would be
        on a machine that does nothing else."""
        return max((r[3] / 1e6 for r in self.records(since_ns, until_ns) if r[0] == ord('S')),
                   default=0)

    def worst_own_ms(self, since_ns=0, until_ns=1 << 63):
        """The same as worst_stall_ms, of the rounds in which the host ran this machine all the
        time: in others it is the host that stalled it (steal, proc_stat(5))."""
        return max((r[2] / 1e6 for r in self.records(since_ns, until_ns)
                    if r[0] == ord('S') and stolen_ms(r[1] - r[2], r[1]) == 0), default=0)

    def first_frame_ms(self, timeout=20):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self.process.poll() is not None:
                self.log.seek(0)
                raise RuntimeError('the program has ended: ' + self.log.read())
            if os.path.exists(self.file):
                frames = self.frames()
                if frames:
                    return (frames[0][1] - self.started_ns) / 1e6
            time.sleep(0.01)
        raise RuntimeError('no frame was painted')

    def index_files(self):
        return glob.glob(os.path.join(self.folder, 'XDG_STATE_HOME', '**', 'index'), recursive=True)

    def n_frames(self):
        """Records in the index files of all sessions: written, thus recorded."""
        return sum(os.path.getsize(p) // 32 for p in self.index_files())

    def rss_anon_mib(self):
        import ptlhead
        return ptlhead.rss_anon_kb(self.pid) / 1024

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder)


def app(desk, *args):
    w = Watched(desk, os.path.join(run.options.build, 'src', 'portlight'), *args)
    w.first_frame_ms()
    return w


_stolen = []


def _watch_host():
    while True:
        with open('/proc/stat') as f:
            _stolen.append((time.monotonic_ns(), int(f.readline().split()[8])))
        time.sleep(0.01)


def stolen_ms(since_ns, until_ns):
    """What the host took from this machine's processors, in steps of a tick (10 ms)."""
    first = bisect.bisect_right(_stolen, (since_ns, 0)) - 1
    last = bisect.bisect_left(_stolen, (until_ns, 0))
    if not _stolen:
        return 0
    return 10 * (_stolen[min(last, len(_stolen) - 1)][1] - _stolen[max(first, 0)][1])


def wait_udp(port):
    wanted = ':%04X' % port
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with open('/proc/net/udp') as f:
            if any(line.split()[1].endswith(wanted) for line in f):
                return
        time.sleep(0.01)
    raise RuntimeError('nobody has UDP port %d' % port)


def udp_drops(port):
    wanted = ':%04X' % port
    with open('/proc/net/udp') as f:
        for line in f:
            fields = line.split()
            if fields[1].endswith(wanted):
                return int(fields[12])
    return 0


def until(what, question, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if question():
            return
        time.sleep(0.01)
    raise RuntimeError('not within %d s: %s' % (seconds, what))


def judge(name, text, reached):
    print(f'  {"reached" if reached else "MISSED "}: {text}', flush=True)
    run.results.append(dict(bench=name, text=text, reached=bool(reached)))


@bench
def window_start():
    """From exec to the first painted frame, against an empty libadwaita window."""
    with desk() as d:
        def empty():
            w = Watched(d, tool('bench', 'empty-window'))
            ms = w.first_frame_ms()
            w.end()
            return ms

        def portlight():
            w = Watched(d, os.path.join(run.options.build, 'src', 'portlight'))
            ms = w.first_frame_ms()
            rss = w.rss_anon_mib()
            w.end()
            return ms, dict(rss_anon_mib=rss)

        empty(), portlight()  # the files are in memory
        alternate('start to the first frame', 'ms', {'empty window': empty, 'portlight': portlight},
                  max(run.options.rounds, 9), 'empty window', fmt='{:.0f}', less_is_better=True,
                  goals=[('portlight', 'empty window', 1.3)])


@bench
def window_idle():
    """Processor time with ten open sessions and nothing to do."""
    with desk() as d:
        ports = [free_port() for _ in range(10)]
        w = app(d, *[x for port in ports for x in ('--listen', f'tcp://127.0.0.1:{port}')])
        for port in ports:
            run.wait_listening(str(port))
        time.sleep(3)  # what starting leaves behind
        before = cpu_seconds(w.pid)
        time.sleep(20)
        percent = (cpu_seconds(w.pid) - before) / 20 * 100
        print('\nidle with 10 sessions open')
        judge('idle', f'{percent:.2f} % of a processor over 20 s, goal under 1 %', percent < 1)
        w.end()


def stream_window(d):
    def one():
        port = free_port()
        w = app(d, '--listen', f'tcp://127.0.0.1:{port}?half-open=0')
        try:
            run.wait_listening(str(port))
            begun = time.monotonic_ns()
            sent = run.warm_stream(port)
            ended = time.monotonic_ns()
            seconds = (sent['end_ns'] - sent['start_ns']) / 1e9
            drawn = w.drawn(sent['start_ns'], sent['end_ns'])
            return (run.tcp_bytes() / (sent['end_ns'] - sent['start_ns']),
                    dict(drawn_fps=len(drawn) / seconds,
                         worst_ms=w.worst_stall_ms(begun, ended),
                         worst_own_ms=w.worst_own_ms(begun, ended),
                         worst_work_ms=w.worst_work_ms(begun, ended)))
        finally:
            w.end()
    return one


@bench
def window_tcp():
    """One TCP stream with the window open and following, against none.  A short one comes before
    each, so that the list has its rows; the stalls are those of both."""
    with desk() as d:
        rows = alternate('TCP, one stream, recorded: the window', 'GB/s',
                         {'no window': run.stream_without_window, 'window': stream_window(d)},
                         run.options.rounds, 'no window', goals=[('window', 'no window', 0.9)])
        notes = rows['window'].notes
        judge('window-tcp', f'worst stall {max(notes["worst_ms"]):.0f} ms '
                            f'({max(notes["worst_own_ms"]):.0f} ms where the host took no time '
                            'from this machine), goal 50',
              max(notes['worst_ms']) <= 50)
        judge('window-tcp', f'{median(notes["drawn_fps"]):.0f} frames/s drawn at the full flood, '
                            'goal 30', median(notes['drawn_fps']) >= 30)


@bench
def window_frames_per_second():
    """The frame clock at 100,000 appended frames a second, following."""
    print('\n100,000 datagrams/s of 64 B, the window following')
    fps, worst, ceiling = [], [], []
    with desk() as d:
        for _ in range(3):
            # What the display gives a window that has nothing to do but to be drawn.
            w = Watched(d, tool('bench', 'empty-window'), '--tick')
            w.first_frame_ms()
            time.sleep(0.5)
            begun = time.monotonic_ns()
            time.sleep(3)
            ceiling.append(len(w.drawn(begun, begun + 3000000000)) / 3)
            w.end()
            port = free_port(socket.SOCK_DGRAM)
            w = app(d, '--listen', f'udp://127.0.0.1:{port}')
            wait_udp(port)
            load('udp', '127.0.0.1', port, 64, 100000, 100000)
            begun = time.monotonic_ns()
            sent = load('udp', '127.0.0.1', port, 64, 600000, 100000)
            ended = time.monotonic_ns()
            rate = sent['sent'] / (sent['end_ns'] - sent['start_ns']) * 1e9
            until('all recorded', lambda: w.n_frames() + udp_drops(port) >= 700000)
            fps.append(len(w.drawn(begun, ended)) / ((ended - begun) / 1e9))
            worst.append(w.worst_stall_ms(begun, ended))
            print(f'  {rate:.0f} datagrams/s, {fps[-1]:.1f} frames/s drawn '
                  f'(an empty window: {ceiling[-1]:.1f}), '
                  f'worst stall {worst[-1]:.1f} ms '
                  f'({w.worst_work_ms(begun, ended):.1f} ms of work), '
                  f'{w.n_frames()} recorded, {udp_drops(port)} dropped by the kernel', flush=True)
            w.end()
    ratio = median(fps) / median(ceiling)
    judge('fps', f'{median(fps):.1f} frames/s drawn, {ratio:.3f} of an empty window that is always '
                 f'drawn ({median(ceiling):.1f}); goal 60 (59 is taken for it)', median(fps) >= 59)
    judge('fps', f'worst stall {max(worst):.0f} ms, goal 50', max(worst) <= 50)


@bench
def window_udp():
    """The same floods of 64 B into our window and into Packet Sender's.  A plain sender has not 20
    times what Packet Sender takes to give: there nothing may be lost, and the rates are compared
    in the flood of a sender with GSO."""
    with desk() as d:
        for kind, name, count in (('udp', 'a plain sender', 1500000), ('gso', 'GSO', 6000000)):
            udp_into_window(d, kind, name, count)


def udp_into_window(d, kind, name, count):
    def portlight():
        port = free_port(socket.SOCK_DGRAM)
        w = app(d, '--listen', f'udp://127.0.0.1:{port}')
        try:
            wait_udp(port)
            begun = time.monotonic_ns()
            load(kind, '127.0.0.1', port, 64, count)
            until('all recorded', lambda: w.n_frames() + udp_drops(port) >= count)
            ended = time.monotonic_ns()
            kept = count - udp_drops(port)
            return kept / (ended - begun) * 1e9, dict(
                lost_percent=100 * udp_drops(port) / count,
                worst_ms=w.worst_stall_ms(begun, ended),
                worst_own_ms=w.worst_own_ms(begun, ended),
                worst_work_ms=w.worst_work_ms(begun, ended),
                fps=len(w.frames(begun, ended)) / ((ended - begun) / 1e9))
        finally:
            w.end()

    contenders = {'portlight': portlight}
    # (It asks xset whether there is a display.)
    if shutil.which('packetsender') and shutil.which('xset'):
        contenders['packet sender'] = lambda: packet_sender(d, kind, count)
    else:
        print('\n(packetsender or xset is not installed: no row of it)')
    rows = alternate(f'UDP 64 B into the window, {name}', 'datagrams/s kept', contenders, 3,
                     'packet sender' if len(contenders) > 1 else 'portlight', fmt='{:.0f}',
                     goals=[('portlight', 'packet sender', 20)] if kind == 'gso' else [])
    notes = rows['portlight'].notes
    if kind == 'udp':
        judge('window-udp', f'{max(notes["lost_percent"]):g} % lost, goal 0',
              max(notes['lost_percent']) == 0)
    judge('window-udp', f'worst stall {max(notes["worst_ms"]):.0f} ms '
                        f'({max(notes["worst_own_ms"]):.0f} ms where the host took no time from '
                        'this machine), goal 50',
          max(notes['worst_ms']) <= 50)


def packet_sender(d, kind, count):
    """What it took out of its socket while the flood lasted: the kernel counts what it dropped."""
    folder = tempfile.mkdtemp(prefix='ptl-ps-', dir=run.options.dir)
    env = dict(d.env, HOME=folder, TMPDIR=folder, QT_QPA_PLATFORM='xcb', XDG_CONFIG_HOME=folder,
               XDG_DATA_HOME=folder)
    log = open(os.path.join(folder, 'log'), 'w+')
    p = subprocess.Popen(['packetsender'], cwd=folder, env=env, stdin=subprocess.DEVNULL,
                         stdout=log,
                         stderr=log)
    try:
        def its_port():
            """The UDP socket it has, whatever port it took."""
            inodes = set()
            for fd in glob.glob(f'/proc/{p.pid}/fd/*'):
                try:
                    link = os.readlink(fd)
                except OSError:
                    continue
                if link.startswith('socket:['):
                    inodes.add(link[8:-1])
            for name in ('/proc/net/udp', '/proc/net/udp6'):
                with open(name) as f:
                    for line in f:
                        fields = line.split()
                        if len(fields) > 12 and fields[9] in inodes:
                            return int(fields[1].rsplit(':', 1)[1], 16), name
            return None

        until('Packet Sender has its socket', its_port)
        time.sleep(2)
        port, table = its_port()

        def drops_and_queue():
            with open(table) as f:
                for line in f:
                    fields = line.split()
                    if fields[1].endswith(':%04X' % port):
                        return int(fields[12]), int(fields[4].split(':')[1], 16)
            raise RuntimeError('its socket is gone')

        begun = time.monotonic_ns()
        load(kind, '127.0.0.1', port, 64, count)
        end = time.monotonic() + 60
        while drops_and_queue()[1] > 0 and time.monotonic() < end:
            time.sleep(0.01)
        ended = time.monotonic_ns()
        drops, queue = drops_and_queue()
        return (count - drops) / (ended - begun) * 1e9, dict(lost_percent=100 * drops / count)
    finally:
        p.terminate()
        try:
            p.wait(5)
        except subprocess.TimeoutExpired:
            p.kill()
            p.wait()
        log.close()
        shutil.rmtree(folder)


@bench
def window_ten_million():
    """A log of ten million frames: memory, jumps and scrolling without a stall."""
    long_log('10 M', 10000000)


@bench
def window_many():
    """20,000 connections at once into a listener in the window, with the tab of its peers beside
    the frames and with that of its calls: they come, and leave."""
    print('\n20,000 connections into the window')
    for tab in ('calls', 'peers'):
        with desk() as d, tempfile.TemporaryDirectory(dir=run.options.dir) as settings:
            folder = os.path.join(settings, 'glib-2.0', 'settings')
            os.makedirs(folder)
            with open(os.path.join(folder, 'keyfile'), 'w') as f:
                f.write(f"[org/portlight/Portlight]\nside-tab='{tab}'\n")
            d.env.update(GSETTINGS_BACKEND='keyfile', XDG_CONFIG_HOME=settings)
            many_into_window(d, tab)


def many_into_window(d, tab):
    n = run.max_connections(20000)
    port = free_port()
    w = app(d, '--listen', f'tcp://127.0.0.1:{port}')
    run.wait_listening(str(port))
    begun = time.monotonic_ns()
    client = subprocess.Popen([tool('bench', 'load'), 'idle', str(port), str(n)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert client.stdout.readline() == 'ready\n'
    # An event of each, and one that it listens.
    until('all accepted', lambda: w.n_frames() >= n + 1)
    time.sleep(1)
    come = time.monotonic_ns()
    client.stdin.close()
    client.wait()
    client.stdout.close()
    until('all closed', lambda: w.n_frames() >= 2 * n + 1)
    time.sleep(1)
    gone = time.monotonic_ns()
    for what, since, to in (('come', begun, come), ('leave', come, gone)):
        worst = w.worst_stall_ms(since, to)
        judge('window-many', f'{n} {what}, {tab} shown: worst stall {worst:.0f} ms '
                             f'({w.worst_work_ms(since, to):.0f} of work), goal 50', worst <= 50)
    w.end()


@bench
def window_parts():
    """A log of more frames than a list can have rows, shown in parts."""
    long_log('35 M', 35000000)


@bench
def window_hundred_million():
    """A log of a hundred million frames, as fast as they come: 10 GB in --dir."""
    long_log('100 M', 100000000, rate=())


def long_log(name_of_row, total, rate=(500000,)):
    print(f'\na log of {total // 1000000} million frames in the window')
    with desk() as d:
        port = free_port(socket.SOCK_DGRAM)
        w = app(d, '--listen', f'udp://127.0.0.1:{port}')
        wait_udp(port)
        filled, times = 0, []
        begun_ns = time.monotonic_ns()
        while w.n_frames() < total:
            begun = time.monotonic()
            load('gso', '127.0.0.1', port, 64, 1000000, *rate)
            until('the million is recorded',
                  lambda: w.n_frames() + udp_drops(port) >= filled + 1000000, 30)
            filled += 1000000
            times.append(time.monotonic() - begun)
            if len(times) > 3 * total // 1000000:
                raise RuntimeError('too many are dropped')
        rss = w.rss_anon_mib()
        print(f'  {w.n_frames()} frames; a million took {times[0]:.2f} s at first, '
              f'{times[-1]:.2f} s at last')
        judge(name_of_row, f'{rss:.0f} MiB RssAnon, goal 150', rss < 150)
        worst = w.worst_stall_ms(begun_ns)
        judge(name_of_row, f'worst stall {worst:.0f} ms while they come, goal 50', worst <= 50)
        names = subprocess.run(['xdotool', 'search', '--onlyvisible', '--name', 'Portlight'],
                               env=d.env,
                               capture_output=True, text=True).stdout.split()
        worst = {}

        def act(name, *words):
            begun = time.monotonic_ns()
            subprocess.run(['xdotool', *words], env=d.env, check=True, timeout=30)
            time.sleep(1)
            worst[name] = w.worst_stall_ms(begun)

        if names:
            # A row of the list: what is below it may be the inspector.
            act('to the middle of the list', 'mousemove', '--window', names[0], '450', '290',
                'click', '1')
            act('first frame (Home)', 'key', 'Home')
            act('page down 20 times', 'key', '--repeat', '20', '--delay', '30', 'Next')
            act('last frame (End)', 'key', 'End')
            act('page up 20 times', 'key', '--repeat', '20', '--delay', '30', 'Prior')
            act('wheel up 60 clicks', 'click', '--repeat', '60', '--delay', '10', '4')
            act('wheel down 60 clicks', 'click', '--repeat', '60', '--delay', '10', '5')
            if total > 32 << 20:
                # More than one part: to the first and the last one and back.
                for number in ('1', str(total), str(total // 2)):
                    act('Go To, open the popover', 'key', 'ctrl+l')
                    act(f'Go To, {number} is typed', 'type', number)
                    act(f'Go To frame {number}', 'key', 'Return')
            for name, ms in worst.items():
                print(f'    {name}: worst stall {ms:.1f} ms')
            judge(name_of_row,
                  f'worst stall {max(worst.values()):.0f} ms in jumps and scrolling, goal 50',
                  max(worst.values()) <= 50)
        shot = os.environ.get('PTL_BENCH_SHOT')
        if shot:
            subprocess.run(['import', '-window', 'root', shot], env=d.env, check=False, timeout=30)
        rss = w.rss_anon_mib()
        judge(name_of_row, f'{rss:.0f} MiB RssAnon after it, goal 150', rss < 150)
        w.end()
