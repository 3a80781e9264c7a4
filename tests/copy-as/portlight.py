#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that "Copy as" makes, against Portlight's own engine, in both roles: what one side
sent is what the other's log holds, by SHA-256.  portlight.py EMIT CC, with PTL_HEADLESS."""
import hashlib
import os
import random
import socket
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'socket'))
import ptlhead  # noqa: E402
import run  # noqa: E402
import tap  # noqa: E402

KINDS = ('python', 'c')
# Sent over and over, so that each of the 256 values comes in each place of a read.
MANY = bytes(random.Random(1).randrange(256) for _ in range(12000))
DATAGRAM_END = '?idle-timeout=700ms'  # a caller over datagrams hears of no end of input


def escaped(data):
    return ''.join('\\x%02x' % byte for byte in data)


def sha(data):
    return hashlib.sha256(data).hexdigest()


class Portlight(run.Case):
    def setUp(self):
        super().setUp()
        self.head = ptlhead.Head()
        self.addCleanup(self.head.close)

    def places(self):
        """(the transport's name, a URI to listen on, whether it has datagrams)"""
        return (
            ('tcp', 'tcp://127.0.0.1:0', False),
            ('udp', 'udp://127.0.0.1:0', True),
            ('unix', 'unix:' + self.path(), False),
            ('unix+seqpacket', 'unix+seqpacket:' + self.path(), False),
            ('unix+dgram', 'unix+dgram:' + self.path(), True),
        )

    @staticmethod
    def where(transport, session):
        """The URI of what a Portlight session listens on."""
        return '%s%s%s' % (transport, '://' if transport in ('tcp', 'udp') else ':', session.local)

    def holds(self, session, direction, data):
        """Until the log holds as many bytes; then they are the same, and the log is in order."""
        counter = 'rx_bytes' if direction == 'in' else 'tx_bytes'
        session.wait(counter, len(data))
        self.assertEqual(session.sha256(direction)['sha256'], sha(data))
        session.check()

    def call(self, kind, transport, session, message, data, expected, datagrams):
        """A generated program calls Portlight; returns once it has ended."""
        uri = self.where(transport, session) + (DATAGRAM_END if datagrams else '')
        caller = run.Program(self, kind, 'connect', uri, message)
        if datagrams:
            caller.read_until(rb'Received')
        caller.read_until(None)
        self.assertEqual(caller.received(), expected)
        self.assertEqual(caller.process.wait(run.DEADLINE), 0)
        self.holds(session, 'in', data)
        self.holds(session, 'out', expected)

    def listen(self, reaction, message, data, expected):
        for kind in KINDS:
            for transport, uri, datagrams in self.places():
                with self.subTest(kind=kind, transport=transport):
                    session = self.head.listen(uri, **reaction)
                    self.call(kind, transport, session, message, data, expected, datagrams)
                    session.stop()

    def test_echo(self):
        self.listen({'reaction': 'echo'}, run.MESSAGE, run.BYTES, run.BYTES)

    def test_answer(self):
        self.listen({'reaction': 'answer', 'text': 'me\\0\\xff'}, 'asks', b'asks', b'me\0\xff')

    def test_greeting(self):
        self.listen({'reaction': 'greeting', 'text': 'hello\\r\\n'}, 'a', b'a', b'hello\r\n')

    def test_many_bytes(self):
        for kind in KINDS:
            for transport, uri, datagrams in self.places():
                with self.subTest(kind=kind, transport=transport):
                    session = self.head.listen(uri, reaction='echo')
                    self.call(kind, transport, session, escaped(MANY), MANY, MANY, datagrams)
                    session.stop()

    @staticmethod
    def drain(pipe):
        try:
            while os.read(pipe.fileno(), 1 << 16):
                pass
        except (OSError, ValueError):
            pass

    def started(self, kind, transport, reaction):
        """A generated program that listens; returns it and where."""
        if transport in ('tcp', 'udp'):
            socktype = socket.SOCK_STREAM if transport == 'tcp' else socket.SOCK_DGRAM
            where = '%s://127.0.0.1:%d' % (transport, run.free_port(socktype))
        else:
            where = '%s:%s' % (transport, self.path())
        listener = run.Program(self, kind, 'listen', where + '?' + reaction)
        self.listening(listener)
        # What it prints is not of interest, but it has to be taken from it.
        drain = threading.Thread(target=self.drain, args=(listener.process.stdout,), daemon=True)
        drain.start()
        return listener, where

    def test_connect(self):
        for kind in KINDS:
            for transport, _, datagrams in self.places():
                with self.subTest(kind=kind, transport=transport):
                    listener, where = self.started(kind, transport, 'reaction=echo')
                    session = self.head.connect(where)
                    sent = b''
                    for data in (run.BYTES, MANY, bytes(range(256))):
                        session.send_wait(data)
                        sent += data
                        session.wait('rx_bytes', len(sent))
                    self.holds(session, 'out', sent)
                    self.holds(session, 'in', sent)
                    if not datagrams:
                        session.cmd('end', 0)
                        session.wait_event('peer-ended')
                    session.stop()
                    listener.end()

    def test_connect_to_a_greeting(self):
        for kind in KINDS:
            for transport, _, datagrams in self.places():
                with self.subTest(kind=kind, transport=transport):
                    listener, where = self.started(kind, transport, 'reaction=greeting&text=a%00b')
                    session = self.head.connect(where)
                    if datagrams:  # it greets who has sent something
                        session.send_wait(b'x')
                    self.holds(session, 'in', b'a\0b')
                    session.stop()
                    listener.end()

    def test_a_megabyte(self):
        """More than the buffers of both sides hold at a time."""
        data = ptlhead.pattern(1 << 20)
        for kind in KINDS:
            with self.subTest(kind=kind):
                listener, where = self.started(kind, 'tcp', 'reaction=echo')
                session = self.head.connect(where)
                session.send_wait(data, ms=20000)
                self.holds(session, 'out', data)
                self.holds(session, 'in', data)
                session.stop()
                listener.end()

    def test_datagrams(self):
        for kind in KINDS:
            with self.subTest(kind=kind):
                session = self.head.listen('udp://127.0.0.1:0', reaction='echo')
                uri = self.where('udp', session) + '?from=127.0.0.1'
                caller = run.Program(self, kind, 'datagrams', uri, run.MESSAGE)
                caller.read_until(rb'Received')
                caller.read_until(None)
                self.assertEqual(caller.received(), run.BYTES)
                self.holds(session, 'in', run.BYTES)
                session.stop()

                listener, where = self.started(kind, 'udp', 'reaction=echo')
                session = self.head.datagrams(where)
                session.send(run.BYTES)
                self.holds(session, 'in', run.BYTES)
                session.stop()
                listener.end()


if __name__ == '__main__':
    run.EMIT = os.path.abspath(sys.argv.pop(1))
    run.CC = sys.argv.pop(1).split()
    tap.main()
