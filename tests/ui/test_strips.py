#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes seldom: a full log, losses, a recording of many frames, what is taken back."""
import glob
import os
import re
import socket
import time

import pane
from ptlui import slow

MANY = 100 * 1000 * 1000  # frames: more than a list shows at once


class Strips(pane.PaneCase):
    def shot(self, app, name):
        folder = os.environ.get('PTL_PICTURES')
        if folder:
            app.screenshot(os.path.join(folder, name + '.png'))

    def test_a_full_log(self):
        app = self.start('--listen', 'tcp://127.0.0.1:0',
                         env={'PTL_FAULT_LOG_ROOM': '200000'})
        s = self.peer(app)
        s.settimeout(slow(1))
        with self.assertRaises((TimeoutError, socket.timeout)):
            for _ in range(10000):
                s.sendall(bytes(65536))
        # It stopped reading: the flow stops.
        pane.says(app, 'Receiving has stopped until the log can be written')
        self.shot(app, 'full')
        pane.press(app, 'Go On Without Recording')
        pane.says(app, 'Receiving goes on without being recorded')
        s.settimeout(slow(10))
        s.sendall(bytes(1 << 22))
        pane.says(app, 'not recorded')
        self.shot(app, 'full-goes-on')
        pane.press(app, 'Stop Receiving')
        pane.says(app, 'Receiving has stopped')
        s.settimeout(slow(1))
        with self.assertRaises((TimeoutError, socket.timeout)):
            for _ in range(200):
                s.sendall(bytes(1 << 20))
        self.shot(app, 'full-stopped')
        pane.press(app, 'Stop')
        pane.button(app, 'Open Again')

    def test_losses_are_counted(self):
        app = self.start('--listen', 'udp://127.0.0.1:0?rcvbuf=4096')
        port = int(pane.frame(app, 'receiving on')['preview'].rsplit(':', 1)[1])
        s = self.peer(port, socket.SOCK_DGRAM)
        begun = time.monotonic()
        sent = 0
        while time.monotonic() - begun < slow(1):
            for _ in range(200):
                try:
                    s.send(b'x' * 1400)
                except ConnectionRefusedError:
                    continue
                sent += 1
        text = pane.says(app, 'dropped by the kernel')
        self.shot(app, 'losses')
        # received + dropped = sent, once a last datagram has told of the last drops
        pane.filter_by(app, 'dir:in')
        app.wait_until(lambda: (lambda c: c[0] < c[1])(pane.counts(app)), 10, what='the filter')
        told = None

        def all_told():
            nonlocal told
            lost = [t for t in pane.texts(app) if 'dropped by the kernel' in t]
            told = pane.number(lost[0].split(' datagram')[0]) + pane.counts(app)[0]
            return told == sent

        for _ in range(2):
            s.send(b'last')
            sent += 1
            # It may be dropped, too: then the next one tells of it.
            try:
                return app.wait_until(all_told, 5)
            except pane.drive.DriveError:
                continue
        self.fail('of %d datagrams %s are told of (%s)' % (sent, told, text))

    def test_many_frames_in_parts(self):
        app, port = self.listening()
        self.peer(port).sendall(b'one')
        pane.frame(app, 'one')
        self.kill(app)
        index = glob.glob(os.path.join(self.state, '**', 'index'), recursive=True)
        self.assertEqual(len(index), 1)
        with open(index[0], 'r+b') as f:
            first = f.read(32)
            f.seek((MANY - 1) * 32)
            f.write(first)
        app = self.start()
        pane.press(app, 'Open', timeout=20)
        # It follows: the newest ones are there.
        pane.says(app, re.compile('to 100.?000.?000 of 100.?000.?000'), timeout=20)
        app.wait_until(lambda: pane.number(pane.frames(app)[-1]['number']) == MANY, 5)
        self.shot(app, 'parts')
        for _ in range(10):
            part = pane.says(app, re.compile('^Frames .* to .* of'))
            if not pane.is_sensitive(app, 'Earlier'):
                break
            pane.press(app, 'Earlier')
            app.wait_until(lambda: not any(t == part for t in pane.texts(app)), 10)
        self.assertRegex(part, '^Frames 1 to')
        self.shot(app, 'parts-first')
        pane.press(app, 'Later')
        app.wait_until(lambda: pane.is_sensitive(app, 'Earlier'), 10)
        self.shot(app, 'parts-later')
        # Each row tells of the frame that it has become.  The last one is shown by the rows that
        # showed the one before, both being the middle of what the list has then.
        for wanted in (MANY - 7, 5000, MANY // 2, MANY * 7 // 10):
            app.keys('ctrl+l')
            app.type_into(pane.field(app, 'Number of a frame, or a time of day'), str(wanted))
            pane.press(app, 'Go')
            digits = re.sub('(?<=.)(?=(...)+$)', '.?', str(wanted))
            pane.says(app, re.compile('^Frame %s ' % digits))

            def in_turn():
                # (The row that had the keyboard focus is kept, far away.)
                near = [n for row in pane.frames(app)
                        if abs((n := pane.number(row['number'])) - wanted) < 150]
                return wanted in near and near == list(range(near[0], near[0] + len(near)))

            app.wait_until(in_turn, 10, what='rows in turn around %d' % wanted)

    def test_sending_a_file_is_cancelled(self):
        path = os.path.join(self.state, 'big.bin')
        with open(path, 'wb') as f:
            f.truncate(300 << 20)
        app, port = self.listening()
        s = self.peer(port)
        pane.frame(app, 'accepted')
        pane.press(app, 'File')
        pane.press(app, 'Choose a file to send')
        pane.choose_file(app, path)
        pane.press(app, 'Send')
        pane.says(app, re.compile('of .* sent'))
        self.shot(app, 'file')
        # Another session does not show it, and this one does so again.
        pane.activate(self.desk, 'datagrams', 'udp://127.0.0.1:9?from=127.0.0.1:0')
        pane.says(app, 'Default target')
        app.wait_until(lambda: not pane.buttons(app, 'Cancel'), 5)
        self.session(app, 'tcp://')
        pane.says(app, re.compile('of .* sent'))
        pane.press(app, 'Cancel')
        pane.says(app, 'Sending was cancelled')
        self.shot(app, 'file-cancelled')
        # Nothing more of it comes.
        got = 0
        s.settimeout(slow(1))
        try:
            while got < 300 << 20:
                got += len(s.recv(1 << 20))
        except (TimeoutError, socket.timeout):
            pass
        self.assertLess(got, 300 << 20)
        # The connection is as good as before.
        s.sendall(b'still here')
        pane.frame(app, 'still here', dir='received')

    def test_a_typed_target(self):
        app = self.start('--datagrams', 'udp://127.0.0.1:9?from=127.0.0.1:0')
        pane.frame(app, 'receiving on')
        s = self.server(socket.SOCK_DGRAM)
        pane.press(app, 'Who gets it')
        for text in ('127.0.0.1:99999', '127.0.0.1:%d' % s.getsockname()[1]):
            self.type_address(app, 'Another address, host and port', text)
            self.shot(app, 'target-typed')
            app.keys('Return')
            if text.endswith('99999'):
                pane.says(app, '65535')
                self.shot(app, 'target-wrong')
        pane.fill(app, 'Message', 'to you')
        pane.press(app, 'Send')
        self.assertEqual(s.recv(100), b'to you\n')
        self.shot(app, 'target')

        # Another session, of Unix datagrams, has targets of its own.
        to = '127.0.0.1:%d' % s.getsockname()[1]
        path = os.path.join(self.state, 'peer')
        unix = self.keep(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        unix.bind(path)
        unix.settimeout(slow(10))
        pane.fill(app, 'Message', 'a draft')
        pane.activate(self.desk, 'datagrams', 'unix+dgram:' + path + '-none')
        pane.says(app, 'Default target')
        app.wait_until(lambda: app.read_text(pane.field(app, 'Message')) == '', 5)
        pane.press(app, 'Who gets it')
        for text in ('@', path):
            self.type_address(app, 'Another address, a path or @name', text)
            app.keys('Return')
            if text == '@':
                pane.says(app, 'a name is missing')
                self.shot(app, 'target-unix')
        pane.says(app, path)
        pane.fill(app, 'Message', 'by path')
        pane.press(app, 'Send')
        self.assertEqual(unix.recv(100), b'by path\n')

        # Back at the first: what was typed and for whom.
        self.session(app, 'udp://')
        pane.says(app, re.compile('^%s$' % to))
        app.wait_until(lambda: app.read_text(pane.field(app, 'Message')) == 'a draft', 5)
        pane.press(app, 'Send')
        self.assertEqual(s.recv(100), b'a draft\n')

    @staticmethod
    def type_address(app, name, text):
        """Into that field of the popover, by as many keys as it takes to get there."""
        f = pane.field(app, name)

        def there():
            if app.read_text(f) == text:
                return True
            app.keys('Tab', 'ctrl+a')
            app.type_text(text)
            return app.read_text(f) == text

        app.wait_until(there, 20, every=0.5, what=text)

    @staticmethod
    def session(app, title):
        """Goes to the session that is called so."""
        app.mouse(app.wait_until(lambda: next(
            (k for k in app.find('list', 'Sessions').kids if k.role == 'list item'
             and any(title in n.name for n in k.below())), None), 5, what='session ' + title))

    def test_ends_of_one_peer(self):
        app, port = self.listening()
        peers = [self.peer(port) for _ in range(3)]
        pane.says(app, 'Listening · 3 peers')
        pane.choose_tab(app, 'Peers')
        for s, what in zip(peers, ('End of input', 'Close this connection',
                                   'Reset this connection')):
            where = '127.0.0.1:%d' % s.getsockname()[1]
            row = app.wait_until(lambda: self.row(app, where), 5, what=where)
            app.mouse(row)
            self.shot(app, 'peers')
            pane.press(app, what)
            if what.startswith('Reset'):
                with self.assertRaises(ConnectionResetError):
                    s.recv(1)
            else:
                self.assertEqual(s.recv(1), b'')
        pane.says(app, 'Listening · 1 peer')
        self.shot(app, 'peers-after')

    @staticmethod
    def row(app, where):
        for n in app.walk():
            if n.role == 'table row' and app.showing(n) and any(
                k.role == 'label' and k.name == where for k in n.below()
            ) and not any(k.role == 'label' and 'accepted' in k.name for k in n.below()):
                return n
        return None

    def test_choose_among_recordings(self):
        for text in (b'first', b'second', b'third'):
            app, port = self.listening()
            self.peer(port).sendall(text)
            pane.frame(app, text.decode())
            self.kill(app)
        app = self.start()
        pane.says(app, '3 recordings')
        pane.press(app, 'Choose Recordings')
        app.wait_until(lambda: len(pane.buttons(app, 'Discard This Recording')) == 3, 5)
        self.shot(app, 'choose')
        app.click(pane.buttons(app, 'Discard This Recording')[1])
        pane.says(app, '1 recording discarded')
        pane.says(app, '2 recordings')
        self.shot(app, 'choose-discarded')
        if not pane.buttons(app, 'Open This Recording'):
            pane.press(app, 'Choose Recordings')
        app.click(app.wait_until(lambda: pane.buttons(app, 'Open This Recording'), 5)[0])
        pane.frame(app, re.compile('^(first|third)$'))
        self.shot(app, 'choose-opened')


if __name__ == '__main__':
    pane.main()
