#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a tester does: listens, is called, reads, filters, inspects, answers, stops."""
import re
import socket
import struct
import subprocess
import sys

import pane
from ptlui import slow


class Tester(pane.PaneCase):
    def test_the_form_listens_and_the_frames_come(self):
        """From the empty page to the bytes of a peer, without the command line."""
        app = self.start()
        pane.press(app, 'Role: Listen')
        # What is missing is said where the button is that cannot be pressed yet.
        pane.says(app, 'Type a port')
        self.assertFalse(pane.is_sensitive(app, 'Listen'))
        pane.fill(app, 'Port, or several: 80, 8000-8010', '0')
        pane.says(app, '0: any port that is free')
        pane.press(app, 'Listen')
        port = pane.port(app)
        s = self.peer(port)
        pane.frame(app, 'accepted', dir='event', length='–')
        s.sendall(b'Python, client')
        where = '127.0.0.1:%d' % s.getsockname()[1]
        row = pane.frame(app, 'Python, client', dir='received', length='14', peer=where)
        self.assertEqual(row['preview'], 'Python, client')
        self.assertRegex(row['time'], r'^\d\d:\d\d:\d\d\.\d{6}$')
        self.assertEqual([f['number'] for f in pane.frames(app)], ['1', '2', '3'])
        pane.count(app, '3 frames')
        pane.says(app, 'Listening · 1 peer')

        pane.select(app, 'Python, client')
        pane.says(app, 'Frame 3')
        text = app.find(None, 'Bytes as text', showing=True)
        self.assertEqual(app.read_text(text), 'Python, client')
        # The bytes that are drawn are told one by one, where the cursor is.
        app.mouse(app.find(None, 'Bytes in hexadecimal', contains=True, showing=True))
        app.keys('ctrl+Home')
        told = [self.cursor(app)]
        for _ in range(3):
            app.keys('Right')
            app.wait_until(lambda: self.cursor(app) != told[-1], 5)
            told.append(self.cursor(app))
        self.assertEqual(told, ['offset %d: %02x' % at for at in enumerate(b'Pyth')])

        s.close()
        pane.frame(app, 'closed', dir='event')
        pane.press(app, 'Stop')
        pane.button(app, 'Open Again')
        with self.assertRaises(ConnectionRefusedError):
            pane.peer(port)

    @staticmethod
    def cursor(app):
        return app.find(None, 'Bytes in hexadecimal', contains=True, showing=True).desc

    def test_filters(self):
        app, port = self.listening()
        a, b = self.peer(port), self.peer(port)
        pane.count(app, '3 frames')
        a.sendall(b'hello world')
        pane.frame(app, 'hello world')
        b.sendall(b'bye \x50\x79\xff')
        pane.frame(app, 'bye ')
        pane.fill(app, 'Message', 'an answer')
        pane.press(app, 'Send')
        pane.frame(app, 'an answer', dir='sent')
        pane.count(app, '7 frames')

        def shown():
            return pane.counts(app), [f['preview'] for f in pane.frames(app)]

        for text, previews in (
            ('hello', ['hello world']),
            ('"lo wor"', ['hello world']),
            ('hex:5079ff', ['bye Py\\xff']),
            ('dir:in', ['hello world', 'bye Py\\xff']),
            ('dir:out', ['an answer↵', 'an answer↵']),
            ('len>11', []),
            ('peer:127.0.0.1:%d dir:in' % b.getsockname()[1], ['bye Py\\xff']),
            ('peer:#1 -dir:out is:data', ['hello world']),
            ('no such words', []),
            ('listening', ['listening on 127.0.0.1:%d' % port]),
        ):
            with self.subTest(filter=text):
                pane.filter_by(app, text)
                wanted = (len(previews), 7), previews
                try:  # the count follows the rows
                    app.wait_until(lambda wanted=wanted: shown() == wanted, 5)
                except pane.drive.DriveError:
                    self.assertEqual(shown(), wanted)
        # Of what is filtered out, a new frame changes the second number only.
        pane.filter_by(app, 'hello')
        pane.count(app, '1 of 7 frames')
        b.sendall(b'more')
        pane.count(app, '1 of 8 frames')
        a.sendall(b'hello again')
        pane.count(app, '2 of 9 frames')
        pane.frame(app, 'hello again')

        # What is wrong is named with its character, and the view stays as it was.
        pane.filter_by(app, 'hello dir:up')
        self.assertIn('character 11', pane.says(app, 'a direction is'))
        pane.filter_by(app, '')
        pane.count(app, '9 frames')

    def test_sending(self):
        app, port = self.listening()
        a, b = self.peer(port), self.peer(port)
        pane.count(app, '3 frames')
        entry = pane.field(app, 'Message')
        pane.says(app, 'All peers')

        pane.pick(app, 'Line ending', 3, 'CRLF')
        app.type_into(entry, r'caf\u00e9 \x00\t"\\')
        pane.press(app, 'Send')
        expected = 'caf\u00e9 \0\t"\\\r\n'.encode()
        for s in (a, b):
            self.assertEqual(pane.receive(s, len(expected)), expected)
        pane.says(app, '%d bytes sent to 2 peers' % len(expected))

        # A wrong escape is named by its place and nothing is sent.
        app.type_into(entry, r'ab\q')
        pane.press(app, 'Send')
        self.assertIn('character 4', pane.says(app, 'no escape is called so'))

        # To one peer, by the keyboard.
        pane.press(app, 'Who gets it')
        app.find('label', '#2  127.0.0.1:%d' % b.getsockname()[1], contains=True)
        for role in ('list item', 'push button'):  # into the list, and past it
            app.keys('Tab')
            app.wait_until(lambda r=role: any(
                n.role == r and 'focused' in n.states for n in app.walk()), 10, what=role)
        app.keys('Tab', 'Down', 'Return')
        pane.says(app, '127.0.0.1:%d' % b.getsockname()[1])
        app.type_into(entry, 'only you')
        pane.focus(app, entry)
        app.keys('Return')
        self.assertEqual(pane.receive(b, 10), b'only you\r\n')

        # Hex, with what a pasted dump has around it.
        pane.press(app, 'Hex', root=self.send_bar(app))
        app.type_into(entry, '0x50, 79:74 68-6F 6e')
        pane.focus(app, entry)
        app.keys('Return')
        self.assertEqual(pane.receive(b, 6), b'Python')
        app.type_into(entry, 'de ad be e')
        app.keys('Return')
        self.assertIn('character 10', pane.says(app, 'a byte has two digits'))

        # The history: what was sent, not what was wrong; each with its mode.
        app.type_into(entry, '')
        pane.focus(app, entry)
        app.keys('Up')
        app.wait_until(lambda: app.read_text(entry) == '0x50, 79:74 68-6F 6e', 5)
        app.keys('Up')
        app.wait_until(lambda: app.read_text(entry) == 'only you', 5)
        app.keys('Return')
        self.assertEqual(pane.receive(b, 10), b'only you\r\n')

        # A dump of several rows is unfolded to what will be sent.
        pane.press(app, 'Hex', root=self.send_bar(app))
        data = bytes(range(0x41, 0x41 + 40))
        dump = subprocess.run(['od', '-A', 'x', '-t', 'x1z'], input=data, stdout=subprocess.PIPE,
                              check=True).stdout.decode()
        app.type_into(entry, dump)
        app.wait_until(lambda: app.read_text(entry) == data.hex(' '), 5)
        pane.focus(app, entry)
        app.keys('Return')
        self.assertEqual(pane.receive(b, 40), data)
        app.type_into(entry, '41 42\n43 4\n')
        app.keys('Return')
        self.assertIn('character 10', pane.says(app, 'a byte has two digits'))

        # Nothing of this went to the other one.
        a.setblocking(False)
        with self.assertRaises(BlockingIOError):
            a.recv(1)

        # Another session: it has all of its own, and this one's is there again.
        app.type_into(entry, '41')
        pane.activate(self.desk, 'datagrams', 'udp://127.0.0.1:9?from=127.0.0.1:0')
        pane.says(app, 'Default target')
        pane.press(app, 'Who gets it')
        address = pane.field(app, 'Another address, host and port')
        app.wait_until(  # by the keyboard
            lambda: app.read_text(address) == '127.0.0.1:1'
            or app.keys('Tab', 'ctrl+a') or app.type_text('127.0.0.1:1'), 20, every=0.5)
        app.keys('Escape')
        app.mouse(app.wait_until(lambda: next(
            (k for k in app.find('list', 'Sessions').kids if k.role == 'list item'
             and any('tcp://' in n.name for n in k.below())), None), 5))
        pane.says(app, re.compile('^127.0.0.1:%d$' % b.getsockname()[1]))
        app.wait_until(lambda: app.read_text(pane.field(app, 'Message')) == '41', 5)
        pane.press(app, 'Send')
        self.assertEqual(pane.receive(b, 1), b'A')
        a.setblocking(False)
        with self.assertRaises(BlockingIOError):
            a.recv(1)

    def send_bar(self, app):
        """The panel that has the field for the message in it."""
        n = pane.field(app, 'Message')
        while not any(k.role in pane.BUTTONS and pane._is_called(k, 'Send') for k in n.below()):
            n = n.parent
        return n

    def test_ends(self):
        """End of input, close and reset: the peer sees what each is."""
        app, port = self.listening()
        s = self.peer(port)
        pane.frame(app, 'accepted')
        pane.act(app, 'session.end-input')
        self.assertEqual(s.recv(1), b'')
        s.sendall(b'still here')  # half-closed: the other direction is open
        pane.frame(app, 'still here', dir='received')
        s.close()
        pane.says(app, 'Listening · 0 peers')

        # As "nc -N" does: it has said all, and waits for an answer by hand.
        s = self.peer(port)
        s.sendall(b'what is it?')
        s.shutdown(socket.SHUT_WR)
        pane.frame(app, 'you can still send', dir='event')
        app.type_into(pane.field(app, 'Message'), 'by hand')
        pane.press(app, 'Send')
        self.assertEqual(pane.receive(s, 8), b'by hand\n')
        pane.says(app, 'Listening · 1 peer')
        pane.act(app, 'session.end-input')
        self.assertEqual(s.recv(1), b'')
        pane.says(app, 'Listening · 0 peers')

        s = self.peer(port)
        pane.says(app, 'Listening · 1 peer')
        pane.act(app, 'session.close-peers')
        self.assertEqual(s.recv(1), b'')
        pane.says(app, 'Listening · 0 peers')

        s = self.peer(port)
        pane.says(app, 'Listening · 1 peer')
        pane.act(app, 'session.reset-peers')
        with self.assertRaises(ConnectionResetError):
            s.recv(1)
        pane.says(app, 'Listening · 0 peers')

        s = self.peer(port)
        pane.says(app, 'Listening · 1 peer')
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        s.close()
        pane.frame(app, 'reset', dir='event')

    def test_stop_by_hand(self):
        app, port = self.listening()
        s = self.peer(port)
        s.sendall(b'abc')
        pane.frame(app, 'abc')
        pane.press(app, 'Stop')
        self.assertEqual(s.recv(1), b'')
        # The log stays to be looked at; nothing can be sent, and that is said.
        pane.frame(app, 'abc')
        self.assertFalse(pane.is_sensitive(app, 'Send'))
        pane.press(app, 'Open Again')
        app.wait_until(lambda: len(app.find('list', 'Sessions').kids) == 2, 5)

    def test_copy_as(self):
        """The program that is copied does what the session does."""
        listener = self.server()
        where = listener.getsockname()
        app = self.start('tcp://127.0.0.1:%d' % where[1])
        s = self.accept(listener)
        pane.frame(app, 'connected')
        pane.press(app, 'Session menu')
        pane.menu_item(app, 'Copy as')
        pane.menu_item(app, 'Python Program')
        pane.says(app, 'Copied as a Python program')
        # It is told over the frames, not over what is written.
        _, top, _, height = app.raw_extents(
            app.find('label', 'Copied as a Python program', showing=True))
        self.assertLess(top + height, app.raw_extents(pane.field(app, 'Message'))[1])
        # The keyboard is not left in the menu within the menu.
        app.keys('ctrl+m')
        app.type_text('typed')
        app.wait_until(lambda: app.read_text(pane.field(app, 'Message')) == 'typed', 5)
        program = self.paste(app)
        s.close()
        run = subprocess.Popen([sys.executable, '-c', program], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(run.stdout.close)
        self.addCleanup(run.kill)
        copy = self.accept(listener)
        copy.sendall(b'hello \xff')
        copy.close()
        out, _ = run.communicate(timeout=slow(20))
        self.assertEqual(run.returncode, 0, out)
        self.assertEqual(out, b'hello \xff')

    def test_copy_bytes(self):
        app, port = self.listening()
        self.peer(port).sendall(b'a\0b\xff')
        pane.frame(app, 'a\\0b\\xff')
        pane.select(app, 'a\\0b\\xff')
        pane.says(app, 'Frame 3')
        for item, expected in (('Python Bytes', "b'a\\x00b\\xff'"), ('Hex', '61 00 62 ff'),
                               ('Escaped Text', 'a\\0b\\xff'),
                               ('C Array', None)):
            with self.subTest(item=item):
                pane.press(app, 'Copy bytes')
                pane.menu_item(app, item)
                text = self.paste(app).strip()
                if item == 'C Array':
                    self.assertEqual(re.findall(r'0x(\w\w)', text), ['61', '00', '62', 'ff'])
                    self.assertRegex(text, r'^.*\[4?\] *= *\{')
                else:
                    self.assertEqual(text, expected)


if __name__ == '__main__':
    pane.main()
