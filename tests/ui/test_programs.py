#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window against other programs: ncat and socat, as a tester has them at hand."""
import os
import re
import shutil
import subprocess

import pane
from ptlui import slow


class Programs(pane.PaneCase):
    def run_program(self, *args):
        if shutil.which(args[0]) is None:
            self.skipTest('%s is not installed' % args[0])
        p = subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
        for f in (p.stdin, p.stdout, p.stderr):
            self.addCleanup(f.close)
        self.addCleanup(p.wait)
        self.addCleanup(p.kill)
        return p

    def says(self, p, text):
        p.stdin.write(text)
        p.stdin.flush()

    def gets(self, p, text):
        """What the program was sent it writes out."""
        self.assertEqual(pane.Background(p.stdout.read, len(text)).join(), text)

    def send(self, app, text):
        pane.fill(app, 'Message', text)
        pane.press(app, 'Send')

    def talk(self, app, p, ends=True):
        """Both ways, then the program's end."""
        self.says(p, b'from the program\n')
        pane.frame(app, 'from the program', dir='received')
        self.send(app, 'from the window')
        pane.frame(app, 'from the window', dir='sent')
        self.gets(p, b'from the window\n')
        p.stdin.close()
        if ends:
            pane.frame(app, 'end of input: the peer sends no more')
            # There can still be an answer, so the program stays until we end, too.
            app.wait_until(lambda: self.over(app, p), 10, every=0.2,
                           what='the end of %s' % p.args[0])

    @staticmethod
    def over(app, p):
        if p.poll() is None:
            pane.act(app, 'session.end-input')
        return p.poll() is not None

    def test_they_connect_over_tcp(self):
        for command in ('ncat 127.0.0.1 %d', 'socat - TCP:127.0.0.1:%d'):
            with self.subTest(command):
                app, port = self.listening()
                p = self.run_program(*(command % port).split())
                pane.says(app, 'Listening · 1 peer')
                self.talk(app, p)
                pane.says(app, 'Listening · 0 peers')
                self.assertEqual(app.quit(), 0)

    def test_they_listen_over_tcp(self):
        for command in ('ncat -v -l 127.0.0.1 %d',
                        'socat -d -d - TCP-LISTEN:%d,bind=127.0.0.1,reuseaddr'):
            with self.subTest(command):
                where = self.server()
                port = where.getsockname()[1]
                where.close()  # it stays free for a while: the kernel hands out others
                p = self.run_program(*(command % port).split())
                pane.Background(self.until, p, b'istening on').join()
                app = self.start('tcp://127.0.0.1:%d' % port)
                pane.says(app, re.compile('^Connected'))
                self.says(p, b'who is there?\n')
                pane.frame(app, 'who is there?', dir='received')
                self.send(app, 'it is me')
                self.gets(p, b'it is me\n')
                pane.press(app, 'Stop')
                pane.button(app, 'Open Again')
                p.stdin.close()
                p.wait(slow(10))
                self.assertEqual(app.quit(), 0)

    @staticmethod
    def until(p, text):
        """Its messages, until that is among them."""
        line = b''
        while text not in line:
            line = p.stderr.readline()
            if not line:
                raise AssertionError('it does not say %r' % text)

    def test_datagrams(self):
        app = self.start('--listen', 'udp://127.0.0.1:0')
        port = int(pane.frame(app, 'receiving on')['preview'].rsplit(':', 1)[1])
        for n, p in enumerate((
            self.run_program('ncat', '-u', '127.0.0.1', str(port)),
            self.run_program('socat', '-', 'UDP:127.0.0.1:%d' % port),
        )):
            text = b'datagram of %d\n' % n
            self.says(p, text)
            pane.frame(app, 'datagram of %d' % n, dir='received', length=str(len(text)))
            self.send(app, 'answer to all %d' % n)
            self.gets(p, b'answer to all %d\n' % n)
            p.kill()
            p.wait()

    def test_unix_sockets(self):
        path = os.path.join(self.state, 'socket')
        app = self.start('--listen', 'unix:' + path)
        pane.frame(app, 'listening on ' + path)
        self.talk(app, self.run_program('ncat', '-U', path))
        self.talk(app, self.run_program('socat', '-', 'UNIX-CONNECT:' + path))
        self.assertEqual(app.quit(), 0)
        name = 'ptl-test-%d' % os.getpid()
        app = self.start('--listen', 'unix:@' + name)
        pane.frame(app, 'listening on @' + name)
        self.talk(app, self.run_program('socat', '-', 'ABSTRACT-CONNECT:' + name))

    def test_a_file_is_the_same_at_the_other_end(self):
        data = os.urandom(3 << 20)
        path = os.path.join(self.state, 'file')
        with open(path, 'wb') as f:
            f.write(data)
        app, port = self.listening()
        p = self.run_program('socat', '-U', '-', 'TCP:127.0.0.1:%d' % port)
        pane.says(app, 'Listening · 1 peer')
        take = pane.Background(p.stdout.read)
        pane.press(app, 'File', root=app.find(None, 'How what is typed is read'))
        pane.press(app, 'Choose a file to send')
        pane.choose_file(app, path)
        pane.press(app, 'Send')
        pane.frame(app, 'file sent', timeout=20)
        pane.act(app, 'session.end-input')
        self.assertEqual(take.join(), data)


if __name__ == '__main__':
    pane.main()
