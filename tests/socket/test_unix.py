# SPDX-License-Identifier: GPL-3.0-or-later
"""Unix sockets: stream, seqpacket, datagram; paths, abstract names, unnamed, stale, too long."""

import os
import socket
import threading
import time

import ptlhead as p

KINDS = {'unix': socket.SOCK_STREAM, 'unix+seqpacket': socket.SOCK_SEQPACKET,
         'unix+dgram': socket.SOCK_DGRAM}
_n = [0]


def abstract():
    _n[0] += 1
    return 'ptl-test-%d-%d' % (os.getpid(), _n[0])


class Unix(p.Case):
    def name(self, kind):
        """(as typed, as Python takes it)"""
        if kind == 'path':
            path = os.path.join(self.tmp(), 's')
            return path, path
        name = abstract()
        return '@' + name, '\0' + name

    def client(self, scheme, name):
        c = self.keep(socket.socket(socket.AF_UNIX, KINDS[scheme]))
        c.settimeout(10 * p.SLOW)
        if name is not None:
            c.connect(name)
        return c

    def test_listen(self):
        for scheme in ('unix', 'unix+seqpacket'):
            for kind in ('path', 'abstract'):
                with self.subTest(scheme=scheme, kind=kind):
                    typed, name = self.name(kind)
                    s = self.head.listen('%s:%s' % (scheme, typed), reaction='echo')
                    self.assertEqual(s.local, typed)
                    a, b = self.client(scheme, name), self.client(scheme, name)
                    s.wait('peers_open', '=2')
                    a.sendall(b'from a')
                    self.assertEqual(a.recv(100), b'from a')
                    b.sendall(b'from b')
                    self.assertEqual(b.recv(100), b'from b')
                    # An unnamed peer is a peer with a number.
                    self.assertEqual({x['address'] for x in s.peers()}, {'unnamed'})
                    a.close()
                    s.wait('peers_open', '=1')
                    s.stop()
                    if kind == 'path':
                        self.assertFalse(os.path.exists(name), 'its own path is removed')

    def test_connect(self):
        for scheme in ('unix', 'unix+seqpacket'):
            for kind in ('path', 'abstract'):
                with self.subTest(scheme=scheme, kind=kind):
                    typed, name = self.name(kind)
                    listener = self.keep(socket.socket(socket.AF_UNIX, KINDS[scheme]))
                    listener.bind(name)
                    listener.listen(5)
                    listener.settimeout(10)
                    s = self.head.connect('%s:%s' % (scheme, typed))
                    c = self.keep(listener.accept()[0])
                    c.settimeout(10)
                    s.send_wait(b'hello')
                    self.assertEqual(c.recv(100), b'hello')
                    c.sendall(b'back')
                    s.wait('rx_bytes', 4)
                    c.close()
                    s.wait('state', 'closed')

    def test_seqpacket_keeps_boundaries(self):
        typed, name = self.name('abstract')
        s = self.head.listen('unix+seqpacket:' + typed)
        c = self.client('unix+seqpacket', name)
        c.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 19)
        sizes = [1, 100, 65536, 150000, 3]
        for n in sizes:
            c.send(p.pattern(n, n))
        s.wait('rx_bytes', sum(sizes))
        frames = [f for f in s.frames() if f['kind'] == 'in']
        self.assertEqual([f['full_len'] for f in frames], sizes)
        self.assertEqual(s.data('in'), b''.join(p.pattern(n, n) for n in sizes))
        for n in (5, 70000):
            s.send_wait(p.pattern(n, n), 1)
            self.assertEqual(c.recv(1 << 18), p.pattern(n, n))

    def test_seqpacket_file_goes_in_messages_that_fit(self):
        typed, name = self.name('abstract')
        path = os.path.join(self.tmp(), 'data')
        # The second send buffer is the least one: 4,608 bytes (socket(7)).
        for options, size in (({}, 1000 * 1000), ({'sndbuf': 1}, 240 * 1000)):
            with self.subTest(options):
                data = p.pattern(size)
                with open(path, 'wb') as f:
                    f.write(data)
                s = self.head.listen('unix+seqpacket:' + typed, **options)
                c = self.client('unix+seqpacket', name)
                s.wait('peers_open', '=1')
                tag = s.cmd('send-file', 1, path)['tag']
                got = bytearray()
                while len(got) < size:
                    part = c.recv(1 << 20)
                    self.assertTrue(part, 'the end too early')
                    got += part
                self.assertEqual(bytes(got), data)
                report = s.wait('sent', tag)['send']
                self.assertEqual((report['sent_bytes'], report['n_failed']), (size, 0))
                self.assertEqual([x['event']['name'] for x in s.events()].count('send-failed'), 0)
                s.wait_event('file-sent')
                s.stop()

    def test_seqpacket_empty_message_just_before_the_end(self):
        """recv gives 0 for both; what came is told from the end all the same."""
        typed, name = self.name('abstract')
        s = self.head.listen('unix+seqpacket:' + typed)
        for i in range(20):
            c = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            c.connect(name)
            if i % 2:
                c.send(b'x')
            c.send(b'')
            c.close()
        s.wait('peers_total', '=20')
        s.wait('peers_open', '=0')
        frames = [f for f in s.frames() if f['kind'] == 'in']
        for n in range(1, 21):
            lengths = [f['length'] for f in frames if f['peer'] == n]
            self.assertEqual(lengths, [0] if n % 2 else [1, 0])
        self.assertEqual(len(s.events('peer-ended')), 20)

        typed, name = self.name('abstract')
        listener = self.keep(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
        listener.settimeout(10 * p.SLOW)
        listener.bind(name)
        listener.listen(1)
        s = self.head.open('connect', 'unix+seqpacket:' + typed)
        c, _ = listener.accept()
        c.send(b'')
        c.close()
        s.wait('state', 'closed')
        self.assertEqual([f['length'] for f in s.frames() if f['kind'] == 'in'], [0])

    def test_send_buffer_is_the_accepted_ones(self):
        """A TCP socket has it from its listener; here it must be set again."""
        taken = []
        for keys in ({}, {'sndbuf': 8192}):
            typed, name = self.name('abstract')
            s = self.head.listen('unix:' + typed, **keys)
            self.client('unix', name)
            s.wait('peers_open', '=1')
            s.send(p.pattern(1 << 20), 1)
            s.wait('queued_bytes', 1)
            p.until('the kernel takes no more', lambda: s.status()['tx_bytes'] > 0)
            before = -1
            while before != s.status()['tx_bytes']:
                before = s.status()['tx_bytes']
                s.try_wait('tx_bytes', before + 1, ms=100)
            taken.append(before)
        self.assertLess(taken[1] * 4, taken[0])

    def test_dgram_listen(self):
        for kind in ('path', 'abstract'):
            with self.subTest(kind):
                typed, name = self.name(kind)
                s = self.head.listen('unix+dgram:' + typed)
                nobody = self.client('unix+dgram', name)
                nobody.send(b'unnamed')
                s.wait('rx_frames', 1)
                named = self.client('unix+dgram', None)
                typed_2, name_2 = self.name(kind)
                named.bind(name_2)
                named.connect(name)
                named.send(b'')
                named.send(b'named')
                s.wait('rx_frames', 3)
                by_name = {x['address']: x['peer'] for x in s.peers()}
                self.assertEqual(set(by_name), {'unnamed', typed_2})
                self.assertEqual(s.data('in', by_name['unnamed']), b'unnamed')
                s.send_wait(b'answer', by_name[typed_2])
                self.assertEqual(named.recv(100), b'answer')
                # There is no way back to one without a name: told, not a crash.
                answer = s.ask('send', by_name['unnamed'], 'text', 'x')
                if answer['ok']:
                    report = s.wait('sent', answer['tag'])['send']
                    self.assertEqual(report['n_failed'], 1)
                    self.assertNotEqual(report['errno'], '')
                self.assertEqual(s.status()['state'], 'listening')
                s.stop()

    def test_dgram_longer_than_what_is_read(self):
        """MSG_TRUNC: what was cut off is told, with the frame and in the counters."""
        typed, name = self.name('abstract')
        s = self.head.listen('unix+dgram:' + typed)
        c = self.client('unix+dgram', name)
        n = 400000
        try:
            c.setsockopt(socket.SOL_SOCKET, 32, 1 << 20)  # SO_SNDBUFFORCE
            c.send(p.pattern(n))
        except OSError as e:
            self.skipTest('a datagram of %d bytes cannot be sent: %s' % (n, e))
        c.send(b'the next')
        s.wait('rx_frames', '=2')
        frames = [f for f in s.frames() if f['kind'] == 'in']
        self.assertEqual([f['truncated'] for f in frames], [True, False])
        self.assertEqual([f['full_len'] for f in frames], [n, 8])
        length = frames[0]['length']
        self.assertGreater(length, 1 << 18)
        self.assertLess(length, n)
        self.assertEqual(s.data('in', 'all', length), p.pattern(n)[:length])
        status = s.status()
        self.assertEqual((status['truncated'], status['rx_bytes']), (1, n + 8))

    def test_dgram_connect(self):
        for kind in ('path', 'abstract'):
            with self.subTest(kind):
                typed, name = self.name(kind)
                server = self.client('unix+dgram', None)
                server.bind(name)
                s = self.head.connect('unix+dgram:' + typed)
                s.send_wait(b'one')
                s.send_wait(b'')
                s.send_wait(b'three')
                self.assertEqual([server.recv(100) for _ in range(3)], [b'one', b'', b'three'])
                s.stop()

    def test_dgram_full_queue_waits(self):
        """A Unix datagram socket whose reader does not read gives EAGAIN: nothing may be lost."""
        typed, name = self.name('abstract')
        server = self.client('unix+dgram', None)
        server.bind(name)
        s = self.head.connect('unix+dgram:' + typed)
        tags = [s.cmd('send', 0, 'text', 'message %d' % i)['tag'] for i in range(200)]
        got = [server.recv(100) for _ in range(200)]
        self.assertEqual(got, [b'message %d' % i for i in range(200)])
        s.wait('sent', tags[-1])
        self.assertEqual(s.status()['tx_frames'], 200)

    def two_peers(self, **keys):
        """A session, and two that have said something to it, the first is peer 1."""
        typed, name = self.name('abstract')
        s = self.head.listen('unix+dgram:' + typed, **keys)
        peers = []
        for n in (1, 2):
            peer = self.client('unix+dgram', None)
            peer.bind('')  # the kernel finds a name
            peer.sendto(b'hello', name)
            s.wait('peers_total', '=%d' % n)
            peers.append(peer)
        return s, peers[0], peers[1]

    def test_dgram_peer_that_never_reads_leaves_room_for_others(self):
        """What it does not read is charged to the socket that all share."""
        for size in (100, 20000):
            with self.subTest(size):
                s, deaf, other = self.two_peers(sndbuf=65536)
                wanted = [p.pattern(size, i) for i in range(400 if size == 100 else 40)]
                for data in wanted:
                    s.send(data, 1)
                s.wait('queued_bytes', 10 * size + 1)
                for i in range(40):
                    s.send_wait(p.pattern(size, 100 + i), 2)
                    self.assertEqual(other.recv(1 << 16), p.pattern(size, 100 + i))
                # A good many at once, and it takes its time.
                tags = [s.send(p.pattern(size, 200 + i), 2)['tag'] for i in range(40)]
                for i in range(40):
                    self.assertEqual(other.recv(1 << 16), p.pattern(size, 200 + i))
                s.wait('sent', tags[-1])
                s.wait_event('peer-not-reading')
                self.assertEqual({e['peer'] for e in s.events('peer-not-reading')}, {1})
                # It reads after all: everything comes, in order.
                self.assertEqual([deaf.recv(1 << 16) for _ in wanted], wanted)
                s.wait('queued_bytes', '=0')
                s.stop()

    def test_dgram_peer_that_never_reads_large_ones(self):
        """So large that two or three fill the buffer that all share."""
        for size, keys in ((60000, {'sndbuf': 106496}), (100000, {'sndbuf': 106496}),
                           (200000, {})):
            with self.subTest(size=size, **keys):
                s, deaf, other = self.two_peers(**keys)
                wanted = [p.pattern(size, i) for i in range(6)]
                for data in wanted:
                    s.send(data, 1)
                # The deaf one is tried a second time after 0.8 s.
                end = time.monotonic() + 1.5 * p.SLOW
                i = 0
                while time.monotonic() < end or i < 10:
                    s.send_wait(p.pattern(size, 100 + i), 2)
                    self.assertEqual(other.recv(1 << 18), p.pattern(size, 100 + i))
                    i += 1
                self.assertEqual([deaf.recv(1 << 18) for _ in wanted], wanted)
                s.wait('queued_bytes', '=0')
                s.stop()

    def test_dgram_several_that_never_read_one_huge_each(self):
        typed, name = self.name('abstract')
        s = self.head.listen('unix+dgram:' + typed, sndbuf=212992)
        peers = []
        for n in range(1, 8):
            peer = self.client('unix+dgram', None)
            peer.bind('')
            peer.sendto(b'hello', name)
            s.wait('peers_total', '=%d' % n)
            peers.append(peer)
        *deaf, fresh, other = peers

        def told():
            return {(e['peer'], e['event']['errno']) for e in s.events('peer-not-reading')
                    if e['peer'] <= len(deaf)}

        wanted = [(n, p.pattern(size, n)) for n, size in (
            (1, 200000), (2, 150000), (3, 200000), (4, 20000), (5, 150000), (1, 20000))]
        tags = [s.send(data, n)['tag'] for n, data in wanted]
        # All those that may be tried are within this time.
        end = time.monotonic() + 1.5 * p.SLOW
        i = 0
        while time.monotonic() < end or i < 10:
            for size in (100, 200000) if i > 0 else (100,):
                s.send_wait(p.pattern(size, i), 7)
                self.assertEqual(other.recv(1 << 18), p.pattern(size, i))
            i += 1
        # Nor one that is late once.
        tags += [s.send(p.pattern(200000, n), 7)['tag'] for n in (8, 9)]
        p.until('it is late', lambda: any(e['peer'] == 7 for e in s.events('peer-not-reading')))
        for n in 8, 9:
            self.assertEqual(other.recv(1 << 18), p.pattern(200000, n))
        s.send_wait(p.pattern(200000, 10), 7)
        self.assertEqual(other.recv(1 << 18), p.pattern(200000, 10))
        # Nor one that nothing is known of yet.
        s.send_wait(b'the first', 6)
        self.assertEqual(fresh.recv(100), b'the first')
        # Those that wait because of others are not said to read nothing.
        p.until('all that wait are told of', lambda: len(told()) == 4)
        self.assertEqual(told(), {(1, ''), (3, 'ENOBUFS'), (4, 'ENOBUFS'), (5, 'ENOBUFS')})
        for n, data in wanted:
            self.assertEqual(deaf[n - 1].recv(1 << 18), data)
        for tag in tags:
            self.assertEqual(s.wait('sent', tag)['send']['n_failed'], 0)
        self.assertEqual(s.status()['queued_bytes'], 0)

    def test_dgram_so_large_that_one_would_take_all_room(self):
        """What the kernel charges for one goes up in steps: up to twice what it holds."""
        for size in (61000, 100000, 102400, 135000, 200000, 200700, 212900, 331457, 425900):
            with self.subTest(size):
                s, deaf, other = self.two_peers(sndbuf=212992)
                report = s.wait('sent', s.send(p.pattern(size), 1)['tag'])['send']
                if size <= 200000:
                    self.assertEqual(report['n_failed'], 0)
                else:
                    self.assertEqual(report['errno'], 'EMSGSIZE')
                    self.assertEqual([(e['peer'], e['event']['errno'], e['event']['n1'])
                                      for e in s.events('send-failed')], [(1, 'EMSGSIZE', size)])
                least = min(size, 200000)
                s.send_wait(p.pattern(least, 2), 2)
                self.assertEqual(other.recv(1 << 18), p.pattern(least, 2))
                s.stop()

    def test_dgram_peer_that_never_reads_does_not_fill_the_queue(self):
        s, deaf, other = self.two_peers()
        reports = []
        for i in range(1100):
            tag = s.send(b'%d' % i)['tag']
            self.assertEqual(other.recv(100), b'%d' % i)
            reports.append(tag)
        # Its own queue was full; the others' was not.
        report = s.wait('sent', reports[-1])['send']
        self.assertEqual((report['n_peers'], report['n_failed'], report['errno']),
                         (2, 1, 'ENOBUFS'))
        p.until('what waits is told with its peer', lambda: any(
            x['peer'] == 1 and x['queued_bytes'] > 400 for x in s.peers()))
        deaf.settimeout(0.5)
        got = []
        while True:
            try:
                got.append(deaf.recv(100))
            except TimeoutError:
                break
        self.assertEqual(got, [b'%d' % i for i in range(len(got))])
        self.assertGreater(len(got), 500)
        self.assertLess(len(got), 600)
        self.assertEqual(s.status()['queued_bytes'], 0)

    def test_dgram_answers_that_find_no_room_are_told(self):
        s, deaf, other = self.two_peers(reaction='echo')
        self.assertEqual(other.recv(100), b'hello')
        name = '\0' + s.local[1:]
        n = 6000
        for i in range(n):
            deaf.sendto(b'%04d' % i, name)
        s.wait('rx_frames', '=%d' % (n + 2))
        other.sendto(b'x', name)
        self.assertEqual(other.recv(100), b'x')
        self.assertEqual(deaf.recv(100), b'hello')
        deaf.settimeout(0.5)
        got = 0
        while True:
            try:
                self.assertEqual(deaf.recv(100), b'%04d' % got)
                got += 1
            except TimeoutError:
                break
        self.assertGreater(got, 4000)
        s.stop()
        told = s.events('send-failed')
        self.assertEqual({(e['peer'], e['event']['errno']) for e in told}, {(1, 'ENOBUFS')})
        self.assertEqual(sum(e['event']['n2'] for e in told), n - got)
        self.assertEqual(sum(e['event']['n1'] for e in told), 4 * (n - got))
        self.assertLess(len(told), 30)

    def test_datagrams_role(self):
        typed, name = self.name('path')
        mine, my_name = self.name('path')
        server = self.client('unix+dgram', None)
        server.bind(name)
        s = self.head.datagrams('unix+dgram:' + typed, local_unix=mine)
        s.send_wait(b'hello')
        data, peer = server.recvfrom(100)
        self.assertEqual((data, peer), (b'hello', my_name))
        server.sendto(b'back', peer)
        s.wait('rx_frames', 1)
        self.assertEqual(s.data('in'), b'back')

    def test_stale_path_is_taken_over(self):
        for scheme, kind in KINDS.items():
            with self.subTest(scheme):
                path = os.path.join(self.tmp(), 's')
                old = socket.socket(socket.AF_UNIX, kind)
                old.bind(path)
                old.close()  # the path stays
                self.assertTrue(os.path.exists(path))
                s = self.head.open('listen', '%s:%s' % (scheme, path))
                answer = s.wait('state', 'listening,failed')
                if answer['state'] == 'failed':
                    self.assertEqual((answer['fault']['step'], answer['fault']['errno']),
                                     ('bind', 'EADDRINUSE'))
                    self.fail('a path that nobody listens on any more is not taken over')
                self.client(scheme, path).sendall(b'x')
                s.wait('rx_bytes', 1)

    def test_live_path_is_not_taken_over(self):
        path = os.path.join(self.tmp(), 's')
        listener = self.keep(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        listener.bind(path)
        listener.listen(5)
        s = self.head.open('listen', 'unix:' + path)
        answer = s.wait('state', 'failed')
        self.assertEqual((answer['fault']['step'], answer['fault']['errno']),
                         ('bind', 'EADDRINUSE'))
        self.assertEqual(answer['fault']['address'], path)
        # Nor was it disturbed: a server of one peer would have ended.
        listener.setblocking(False)
        self.assertRaises(BlockingIOError, listener.accept)
        self.client('unix', path)

    def test_bound_path_that_does_not_listen_yet_is_not_taken_over(self):
        folder = self.tmp()
        path = os.path.join(folder, 'a b')
        owner = self.keep(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        owner.bind(path)
        for other in (path, os.path.join(folder, '.', 'a b')):
            s = self.head.open('listen', 'unix:' + other)
            fault = s.wait('state', 'listening,failed')['fault']
            self.assertEqual((fault['step'], fault['errno']), ('bind', 'EADDRINUSE'))
        owner.listen(1)
        self.client('unix', path)
        owner.close()
        s = self.head.open('listen', 'unix:' + path)
        self.assertEqual(s.wait('state', 'listening,failed')['state'], 'listening')

    def test_a_file_is_never_removed(self):
        path = os.path.join(self.tmp(), 'precious')
        with open(path, 'w') as f:
            f.write('text')
        s = self.head.open('listen', 'unix:' + path)
        answer = s.wait('state', 'failed')
        self.assertEqual(answer['fault']['step'], 'bind')
        with open(path) as f:
            self.assertEqual(f.read(), 'text')

    def test_path_replaced_meanwhile_is_not_removed(self):
        path = os.path.join(self.tmp(), 's')
        s = self.head.listen('unix:' + path)
        os.unlink(path)
        other = self.keep(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        other.bind(path)
        other.listen(1)
        s.stop()
        self.assertTrue(os.path.exists(path), 'it is the socket of another')

    def test_lengths(self):
        for scheme in KINDS:
            with self.subTest(scheme):
                folder = self.tmp()
                longest = os.path.join(folder, 'x' * (107 - len(folder) - 1))
                self.assertEqual(len(longest), 107)
                name = abstract().ljust(107, 'z')
                for typed, bound in ((longest, longest), ('@' + name, '\0' + name)):
                    s = self.head.listen('%s:%s' % (scheme, typed))
                    self.assertEqual(s.local, typed)
                    self.client(scheme, bound).sendall(b'x')
                    s.wait('rx_bytes', 1)
                    for role in 'listen', 'connect':
                        answer = self.head.ask('open', role, '%s:%sy' % (scheme, typed))
                        self.assertFalse(answer['ok'])
                        self.assertIn('at most 107', answer['error'])

    def test_missing_and_refused(self):
        folder = self.tmp()
        s = self.head.open('connect', 'unix:' + os.path.join(folder, 'nothing'))
        fault = s.wait('state', 'failed')['fault']
        self.assertEqual((fault['step'], fault['errno']), ('connect', 'ENOENT'))
        stale = os.path.join(folder, 'stale')
        old = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        old.bind(stale)
        old.close()
        s = self.head.open('connect', 'unix:' + stale)
        fault = s.wait('state', 'failed')['fault']
        self.assertEqual((fault['step'], fault['errno']), ('connect', 'ECONNREFUSED'))
        s = self.head.open('connect', 'unix:@' + abstract())
        self.assertEqual(s.wait('state', 'failed')['fault']['errno'], 'ECONNREFUSED')
        s = self.head.open('listen', 'unix:' + os.path.join(folder, 'no', 'folder'))
        fault = s.wait('state', 'failed')['fault']
        self.assertEqual((fault['step'], fault['errno']), ('bind', 'ENOENT'))

    def test_wrong_type(self):
        path = os.path.join(self.tmp(), 's')
        listener = self.keep(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
        listener.bind(path)
        listener.listen(5)
        s = self.head.open('connect', 'unix:' + path)
        self.assertEqual(s.wait('state', 'failed')['fault']['errno'], 'EPROTOTYPE')

    def test_full_backlog_waits_until_there_is_room(self):
        """connect(2) of a Unix socket gives EAGAIN when the backlog is full, not EINPROGRESS."""
        name = abstract()
        listener = self.keep(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        listener.bind('\0' + name)
        listener.listen(0)
        blockers = []
        while True:
            c = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            c.setblocking(False)
            self.keep(c)
            try:
                c.connect('\0' + name)
            except BlockingIOError:
                break
            blockers.append(c)
        s = self.head.open('connect', 'unix:@' + name)
        s.wait_event('candidate-started')
        for _ in blockers:
            self.keep(listener.accept()[0])
        answer = s.wait('state', 'connected,failed')
        self.assertEqual(answer['state'], 'connected')

    def test_hostile_names(self):
        """Names with bytes that are no text: shown escaped, kept apart."""
        typed = '@a\\x00b\\xff\\n'
        answer = self.head.ask('open', 'listen', 'unix:' + typed)
        if not answer['ok']:
            answer = self.head.ask('open', 'listen', 'unix:@a%00b%ff%0a')
        self.assertTrue(answer['ok'], answer)
        s = p.Session(self.head, answer)
        s.wait('state', 'listening')
        self.client('unix', b'\0a\0b\xff\n').sendall(b'x')
        s.wait('rx_bytes', 1)
        self.assertTrue(s.local.startswith('@a\\x00b\\xff'), s.local)

    def test_flood(self):
        typed, name = self.name('abstract')
        s = self.head.listen('unix:' + typed)
        c = self.client('unix', name)
        data = p.pattern(64 << 20, 7)
        t = threading.Thread(target=c.sendall, args=(data,))
        t.start()
        s.wait('rx_bytes', '=%d' % len(data), ms=30000)
        t.join()
        self.assertEqual(s.sha256('in')['sha256'], p.sha256(data))


if __name__ == '__main__':
    p.main()
