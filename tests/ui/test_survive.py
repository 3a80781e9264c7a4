#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the window must survive: drops, floods, long lines, hostile bytes."""
import glob
import hashlib
import os
import re
import socket
import statistics
import string
import struct
import subprocess
import sys
import time
import unittest

import drive
import pane
import ptlui
from ptlui import slow

sys.path.insert(0, os.path.join(ptlui.ROOT, 'tests', 'socket'))
import ptlhead  # noqa: E402

STALL_S = 0.2  # no answer of the main loop takes longer
STOP_S = 0.2
FLOOD_S = 3

# Sends as fast as it can until it cannot; tells when it began, when it ended, and how much it was.
FLOOD = '''
import socket, sys, time
s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
data = bytes(range(256)) * 256
n = 0
print(time.monotonic(), flush=True)
try:
    while True:
        n += s.send(data)
except OSError:
    print(time.monotonic(), n, flush=True)
'''


class Survive(pane.PaneCase):
    def peer_program(self, script, *args):
        p = subprocess.Popen([sys.executable, '-c', script, *map(str, args)],
                             stdout=subprocess.PIPE, text=True)
        self.addCleanup(p.stdout.close)
        self.addCleanup(p.wait)
        self.addCleanup(p.kill)
        return p

    def list_of(self, app):
        """The part of the table that has the rows."""
        return next(n for n in app.tree(pane.table(app)).below() if n.role == 'list')

    @staticmethod
    def kids(app, rows, at):
        return app._ask(rows.bus, at, 'org.a11y.atspi.Accessible', 'GetChildren')[0]

    @staticmethod
    def name(app, bus, at):
        return app._ask(bus, at, 'org.freedesktop.DBus.Properties', 'Get',
                        pane.GLib.Variant('(ss)', ('org.a11y.atspi.Accessible', 'Name')))[0]

    def last_row(self, app, rows):
        """The preview of the last row, read with as few questions as can be."""
        last = self.kids(app, rows, self.kids(app, rows, rows.path)[-1][1])[-1]
        return self.name(app, *self.kids(app, rows, last[1])[0])

    def number_of(self, app, rows, row):
        """What is in the first cell of one of the list's rows."""
        return self.name(app, *self.kids(app, rows, self.kids(app, rows, row)[0][1])[0])

    def in_sight(self, app, table, rows):
        """How high each row in sight is, and its number."""
        top, height = app.raw_extents(table)[1::2]
        made = []
        for bus, path in self.kids(app, rows, rows.path):
            n = drive.Node()
            n.bus, n.path = bus, path
            made.append(n)
        places = [(y, n) for n, (_, y, _, h) in app.all_extents(made)
                  if h > 0 and top < y + h and y < top + height]
        # GTK 4.8 leaves those out of sight where they were seen last, many in one place.
        high = [y for y, _ in places]
        return [(y, self.number_of(app, rows, n.path)) for y, n in places if high.count(y) == 1]

    def delays_within(self, file):
        """What lies between each read and the frame that was drawn with it, in s, less what the
        threads of the app waited for a processor meanwhile (tests/bench/watch.c)."""
        header, = glob.glob(os.path.join(self.state, '**', 'header'), recursive=True)
        with open(header, 'rb') as f:
            start, = struct.unpack_from('=Q', f.read(), 24)
        with open(os.path.join(os.path.dirname(header), 'index'), 'rb') as f:
            reads = [start + frame[0] for frame in struct.iter_unpack('=QQIIBBHI', f.read())]
        drawn = [r[1:] for r in pane.watch_records(file) if r[0] == ord('L')]
        delays = []
        for i, read in enumerate(reads):
            if read < drawn[0][0]:
                continue
            at, _, waited = next(d for d in drawn if d[1] > i)
            waited_before = [w for t, _, w in drawn if t <= read][-1]
            delays.append((at - read - (waited - waited_before)) / 1e9)
        return delays

    def test_a_byte_every_20_ms_is_shown_within_100_ms(self):
        watch = os.path.join(ptlui.BUILD, 'tests', 'tools', 'watch.so')
        file = os.path.join(self.state, 'watch')
        # A sanitizer wants to be loaded first.
        watched = os.path.exists(watch) and not ptlui.has_asan()
        app = self.start('--listen', 'tcp://127.0.0.1:0', env=dict(
            LD_PRELOAD=watch, PTL_WATCH_FILE=file, PTL_WATCH_ROWS='1') if watched else None)
        port = pane.port(app)
        s = self.peer(port)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        pane.frame(app, 'accepted')
        rows = self.list_of(app)
        letters = string.ascii_letters + string.digits
        total = 200
        sent = []

        def drip():
            begun = time.monotonic()
            for i in range(total):
                left = begun + i * 0.02 - time.monotonic()
                if left > 0:
                    time.sleep(left)
                sent.append(time.monotonic())
                s.send(letters[i % len(letters)].encode())

        drops = pane.Background(drip)
        # A busy machine reads several bytes at a time: the last one of the row tells.
        last = -1
        seen = []
        end = time.monotonic() + slow(30)
        while last < total - 1:
            text = self.last_row(app, rows)
            if text.isalnum():
                step = (letters.index(text[-1]) - last) % len(letters)
                seen += [time.monotonic()] * step  # after the answer: the bus is counted in
                last += step
            self.assertLess(time.monotonic(), end, 'byte %d is not shown' % (last + 1))
        drops.join()
        delays = sorted(shown - told for shown, told in zip(seen, sent))
        told = 'median %.0f ms, 95 %% %.0f ms, worst %.0f ms' % tuple(
            1000 * d for d in (statistics.median(delays), delays[total * 95 // 100], delays[-1]))
        print('# a byte every 20 ms:', told)
        self.assertGreater(delays[0], 0)
        self.assertLess(statistics.median(delays), 0.1, told)
        # That is with what asking takes, of others, too.  The app's own part, of each byte:
        if watched:
            within = self.delays_within(file)
            self.assertGreater(len(within), total / 4)
            print('# from the read to the drawn frame: median %.0f ms, worst %.0f ms' % (
                1000 * statistics.median(within), 1000 * max(within)))
            self.assertLess(max(within), 0.1)

    def answers(self, what, do):
        """The main loop answers in time while that is done.  A machine that does other work holds
        up everything now and then; what the app does itself it would do each time."""
        worst = []
        for n in range(3):
            with pane.Stalls(self.desk) as stalls:
                do(n)
            worst.append(stalls.worst)
            if stalls.worst < STALL_S:
                break
        print('# %s: worst answer %s ms' % (what, ', '.join('%.0f' % (w * 1000) for w in worst)))
        self.assertLess(min(worst), STALL_S)

    def test_250_datagrams_a_second(self):
        app = self.start('--listen', 'udp://127.0.0.1:0')
        row = pane.frame(app, 'receiving on')
        u = self.peer(int(row['preview'].rsplit(':', 1)[1]), kind=socket.SOCK_DGRAM)

        n = 2000  # minutes of it: test_rain.py

        def rain():
            begun = time.monotonic()
            for i in range(n):
                left = begun + i * 0.004 - time.monotonic()
                if left > 0:
                    time.sleep(left)
                u.send(b'datagram %d' % i)

        with pane.Stalls(self.desk) as stalls:
            pane.Background(rain).join(n / 250 * 2 + 30)
        pane.frame(app, 'datagram %d' % (n - 1), dir='received')
        pane.filter_by(app, 'dir:in')
        app.wait_until(lambda: pane.counts(app)[0] == n, 5)
        pane.filter_by(app, 'datagram')
        app.wait_until(lambda: pane.counts(app)[0] == n, 5, what='%r' % (pane.counts(app),))
        times = sorted(stalls.times)
        print('# 250 datagrams/s: worst answer %.0f ms' % (stalls.worst * 1000))
        self.assertLess(times[len(times) * 99 // 100], STALL_S)
        self.assertFalse([t for t in pane.texts(app) if 'lost' in t or 'dropped' in t])

    def flood(self, app, port):
        """Returns the worst answer in seconds, and how long Stop took."""
        flood = self.peer_program(FLOOD, port)
        flood.stdout.readline()
        pane.says(app, 'Listening · 1 peer')
        # All is found before: what is measured is the answer, not the search for a button.
        view = pane.view(app)
        at = app.actions(view).index('session.stop')
        with pane.Stalls(self.desk) as stalls:
            # Nothing else is asked meanwhile: a look at the whole tree is work of its own.
            stalls.over.wait(FLOOD_S)
        app.wait_until(lambda: pane.counts(app)[0] > 1000, 10, what='more than 1,000 frames')
        asked = time.monotonic()
        app._call(view, 'Action', 'DoAction', '(i)', at)
        ended, n = flood.stdout.readline().split()
        took = float(ended) - asked
        times = sorted(stalls.times)
        print('# flood of %.0f MB: answers: median %.1f ms, 99 %% %.0f ms, worst %.0f ms of %d; '
              'stopped after %.0f ms' % (
                  int(n) / 1e6, statistics.median(times) * 1000,
                  times[int(len(times) * 0.99)] * 1000, times[-1] * 1000, len(times), took * 1000))
        self.assertGreater(int(n), 50e6, 'that was no flood')
        pane.button(app, 'Open Again')
        return stalls.worst, took

    def test_a_flood(self):
        """The window answers, and Stop stops.  A machine that does other work holds up everything
        now and then; what the app does itself it would do each time."""
        app, port = self.listening()
        results = []
        for attempt in range(3):
            results.append(self.flood(app, port))
            if results[-1][0] < STALL_S and results[-1][1] < STOP_S:
                return
            pane.press(app, 'Open Again')
            port = pane.port(app)
        self.fail('answers and Stop in seconds: %r' % results)

    def test_the_view_rests_while_a_flood_is_recorded(self):
        app, port = self.listening()
        flood = self.peer_program(FLOOD, port)
        flood.stdout.readline()
        pane.says(app, 'Listening · 1 peer')
        pane.press(app, 'Pause the view')
        pane.says(app, 'The view is paused')
        rows = pane.frames(app)
        # The count follows a tenth of a second after the rows.
        n = app.wait_until(
            lambda: (lambda c: c[0] == pane.number(rows[-1]['number']) and c)(pane.counts(app)), 5)

        def goes_on():
            more = [t for t in pane.texts(app) if 'new frame' in t]
            return more and pane.number(more[0]) > 1000

        app.wait_until(goes_on, 20, what='new frames')
        self.assertEqual(pane.counts(app), n)
        self.assertEqual(pane.frames(app), rows)
        pane.press(app, 'Go On')
        app.wait_until(lambda: pane.counts(app)[0] > n[0] + 1000, 20)
        # To stay at a row while more come: what is there does not move away.
        follow = pane.button(app, 'Follow the newest frame')
        table, rows = pane.table(app), self.list_of(app)
        label = next(n for n in app.walk() if n.role == 'label'
                     and re.fullmatch(r'[\d,.]+ frames', n.name) and app.showing(n))

        def recorded():
            return pane.number(self.name(app, label.bus, label.path))

        def newest():
            last = self.kids(app, rows, rows.path)[-1]
            return pane.number(self.number_of(app, rows, last[1]))

        def stays():
            """The click has come: the same rows while more is recorded, not in two looks that the
            program answered between two of its frames."""
            seen = self.in_sight(app, table, rows)
            at = recorded()
            app.wait_until(lambda: recorded() > at + 300, 20)
            return seen if seen and self.in_sight(app, table, rows) == seen else None

        for _ in range(3):
            app.click(follow)
            seen = app.wait_until(stays, 5, what='rows that stay')
            before = recorded()
            app.wait_until(lambda: recorded() > before + 1000, 20)
            self.assertEqual(self.in_sight(app, table, rows), seen)
            app.click(follow)
            app.wait_until(lambda: newest() > before + 1000, 20)
        pane.act(app, 'session.stop')
        pane.button(app, 'Open Again')

    def inspect(self, app):
        """What the inspector shows as text, once it shows something."""
        text = app.find(None, 'Bytes as text', showing=True)
        return app.wait_until(lambda: app.read_text(text), 10, what='a text')

    def test_a_line_of_100_mb(self):
        app, port = self.listening()
        s = self.peer(port)
        part = b'0123456789abcdef' * 65536

        def send():
            for _ in range(100):
                s.sendall(part)

        pane.frame(app, 'accepted')
        self.answers('a line of 100 MB', lambda n: pane.Background(send).join(60))
        app.wait_until(lambda: pane.frames(app)[-1]['dir'] == 'received', 20)
        pane.press(app, 'Follow the newest frame')
        rows = [r for r in pane.rows_of(app, pane.table(app)) if app.showing(r)]
        # Newer GTK has it in the tree once it is shown.
        text = app.find_all(None, 'Bytes as text')

        def look(n):
            app.mouse(rows[-2 - n])
            if not text:
                text.append(app.find(None, 'Bytes as text'))
            app.wait_until(lambda: '0123456789abcdef' * 4 in app.read_text(text[0]), 10)

        self.answers('a look at it', look)

    def test_a_message_of_10_mb(self):
        """Sent as one, and shown as one."""
        app, port = self.listening()
        s = self.peer(port)
        pane.frame(app, 'accepted')
        path = os.path.join(self.state, 'big.bin')
        block = b''.join(hashlib.sha256(struct.pack('<I', i)).digest() for i in range(32768))
        data = block * 10
        with open(path, 'wb') as f:
            f.write(data)
        take = pane.Background(pane.receive, s, len(data))
        self.send_file(app, path)
        self.assertEqual(hashlib.sha256(take.join()).digest(), hashlib.sha256(data).digest())
        pane.frame(app, 'file sent', timeout=20)
        pane.select(app, dir='sent')
        pane.says(app, 'Frame ')
        group = app.find(None, 'How the bytes are shown')
        ways = [pane.button(app, name, root=group) for name in ('Text', 'Hex', 'Both')]

        def look(n):
            for way in ways:
                app.click(way)

        self.answers('a message of 10 MB', look)
        self.inspect(app)

    def send_file(self, app, path):
        n = app.find(None, 'How what is typed is read')
        pane.press(app, 'File', root=n)
        pane.press(app, 'Choose a file to send')
        pane.choose_file(app, path)
        pane.press(app, 'Send')

    def test_hostile_bytes(self):
        app, port = self.listening()
        s = self.peer(port)
        pane.frame(app, 'accepted')
        for sent, shown in (
            (b'<b>&lt;&amp;</b><span foreground="red">x</span>', '<b>&lt;&amp;</b><span'),
            ('abc \u202egnp.exe\u2066'.encode(), 'abc \\u202Egnp.exe\\u2066'),
            (b'a\0b\0', 'a\\0b\\0'),
            (b'\xff\xfe\xc0\x80\xed\xa0\x80', '\\xff\\xfe\\xc0\\x80\\xed\\xa0\\x80'),
            (b'%s%n%d\x1b[31m\x07\x08', '%s%n%d'),
            ('e\u0301'.encode() * 3 + '\u200b\ufeff\u2028'.encode(), ''),
            (bytes(range(256)), '\\0'),
            (b'\xe2\x82', '\\xe2\\x82'),
        ):
            with self.subTest(sent=sent):
                # The rows: the count above them follows a tenth of a second later.
                n = max(pane.number(f['number']) for f in pane.frames(app))
                s.sendall(sent)
                pane.count(app, '%d frames' % (n + 1))
                row = app.wait_until(
                    lambda: next((f for f in pane.frames(app) if pane.number(f['number']) == n + 1),
                                 None), 5)
                self.assertIn(shown, row['preview'])
                self.assertEqual(row['length'], str(len(sent)))
                # Nothing that directs the reader's eyes elsewhere gets there.
                for c in row['preview']:
                    self.assertTrue(
                        c >= ' ' and not '\x7f' <= c < '\xa0'
                        and not '\u202a' <= c <= '\u202e' and not '\u2066' <= c <= '\u2069'
                        and c not in '\u2028\u2029\u200e\u200f', ascii(row['preview']))
                app.mouse(pane.rows_of(app, pane.table(app))[-1])
                pane.says(app, 'Frame %d' % (n + 1))
                text = self.inspect(app)
                self.assertNotIn('\0', text)
                self.assertNotIn('\u202e', text)

    def test_hostile_names(self):
        """A peer chooses what it is called, where sockets have names."""
        name = 'ptl-test-%d' % os.getpid()
        app = self.start('--listen', 'unix:@' + name)
        pane.frame(app, 'listening on @' + name)
        for bad, shown in (
            ('<b>&', '<b>&'), ('\u202eevil', '\\xe2\\x80\\xaeevil'), ('a\nb\0c', 'cptl-test'),
        ):
            with self.subTest(name=bad):
                s = self.keep(socket.socket(socket.AF_UNIX))
                s.settimeout(slow(10))
                s.bind(b'\0' + bad.encode() + name.encode())
                s.connect(b'\0' + name.encode())
                s.sendall(b'from ' + bad.encode()[:1])
                row = app.wait_until(
                    lambda: next((f for f in pane.frames(app) if shown in f['peer']), None), 5,
                    what='a peer %r' % shown)
                self.assertTrue(row['peer'].isprintable(), ascii(row['peer']))

    def test_quitting_in_a_flood(self):
        app, port = self.listening()
        flood = self.peer_program(FLOOD, port)
        flood.stdout.readline()
        pane.says(app, 'Listening · 1 peer')
        self.assertEqual(app.quit(5), 0)

    def test_a_name_server_that_never_answers(self):
        """The window lives, Stop acts at once, and so does quitting."""
        try:
            ns = ptlhead.Namespace()
        except unittest.SkipTest as e:
            self.skipTest(str(e))
        self.addCleanup(ns.close)
        ns.file('/etc/resolv.conf', 'nameserver 127.0.0.1\noptions timeout:30\n', self.state)
        ns.file('/etc/nsswitch.conf', 'hosts: files dns\n', self.state)
        silent = self.keep(ns.socket(kind=socket.SOCK_DGRAM))
        silent.settimeout(slow(10))
        silent.bind(('127.0.0.1', 53))
        app = self.start(*ns.prefix[1:], ptlui.APP, 'tcp://silent.example.org:80',
                         program=ns.prefix[0])
        pane.frame(app, 'looking up “silent.example.org')
        silent.recvfrom(512)  # it was asked
        at = app.actions(pane.view(app)).index('session.stop')
        view = pane.view(app)

        def look(n):
            pane.fill(app, 'Filter frames', 'text %d' % n)
            pane.fill(app, 'Filter frames', '')

        self.answers('no answer of the name server', look)
        asked = time.time()
        app._call(view, 'Action', 'DoAction', '(i)', at)
        row = pane.frame(app, re.compile('^stopped'), dir='event')
        hour, minute, second = row['time'].split(':')
        told = int(hour) * 3600 + int(minute) * 60 + float(second)
        then = time.localtime(asked)
        took = told - (then.tm_hour * 3600 + then.tm_min * 60 + then.tm_sec + asked % 1)
        self.assertLess(took % 86400, slow(STOP_S))
        pane.button(app, 'Open Again')
        pane.press(app, 'Open Again')
        silent.recvfrom(512)
        self.assertEqual(app.quit(5), 0)


if __name__ == '__main__':
    pane.main()
