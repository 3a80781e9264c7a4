# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP in both roles against Python's sockets: bytes, ends, resets, many peers, timeouts."""

import contextlib
import itertools
import os
import socket
import threading
import time

import ptlhead as p

PENDING = 6 << 20  # more than the buffers of both kernels hold


@contextlib.contextmanager
def connecting(address):
    """Four threads connect and reset, again and again."""
    done = threading.Event()

    def connect_again_and_again():
        while not done.is_set():
            try:
                p.reset(socket.create_connection(address, 1))
            except OSError:
                pass

    threads = [threading.Thread(target=connect_again_and_again) for _ in range(4)]
    for t in threads:
        t.start()
    try:
        yield
    finally:
        done.set()
        for t in threads:
            t.join()


class Listen(p.Case):
    def test_bytes_both_ways(self):
        s = self.head.listen()
        with p.tcp(s.address) as c:
            s.wait_event('accepted')
            accepted = s.event('accepted')
            self.assertEqual(accepted['peer'], '127.0.0.1:%d' % c.getsockname()[1])
            self.assertEqual(accepted['local'], s.local)
            c.sendall(b'Python, client')
            s.wait('rx_bytes', 14)
            self.assertEqual(s.data('in', 1), b'Python, client')
            s.send_wait(b'Received', 1)
            self.assertEqual(p.recv_exactly(c, 8), b'Received')
        s.wait('peer', 1, 'closed')
        self.assertEqual(s.data('out', 1), b'Received')
        check = s.check()
        self.assertEqual(check['events']['peer-ended'], 1)
        self.assertEqual(check['events']['closed'], 1)
        peer = s.peers()[0]
        self.assertEqual((peer['rx_bytes'], peer['tx_bytes'], peer['errno']), (14, 8, ''))
        closed = s.event('closed')
        self.assertEqual((closed['n1'], closed['n2']), (14, 8))

    def test_events_in_order(self):
        s = self.head.listen()
        p.tcp(s.address).close()
        s.wait('peer', 1, 'closed')
        s.stop()
        names = [e['event']['name'] for e in s.events()]
        order = [n for n in names
                 if n in ('listening', 'accepted', 'peer-ended', 'closed', 'stopped')]
        self.assertEqual(order[:4], ['listening', 'accepted', 'peer-ended', 'closed'])
        self.assertIn('stopped', order)

    def test_many_peers_kept_apart(self):
        s = self.head.listen()
        clients = [self.keep(p.tcp(s.address)) for _ in range(50)]
        s.wait('peers_open', '=50')
        for i, c in enumerate(clients):
            c.sendall(b'client %d' % i)
        s.wait('rx_bytes', sum(len(b'client %d' % i) for i in range(50)))
        by_port = {p.split_address(x['address'])[1]: x['peer'] for x in s.peers()}
        for i, c in enumerate(clients):
            number = by_port[c.getsockname()[1]]
            self.assertEqual(s.data('in', number), b'client %d' % i)
        # One by number, then all.
        number = by_port[clients[7].getsockname()[1]]
        s.send_wait(b'seven', number)
        self.assertEqual(p.recv_exactly(clients[7], 5), b'seven')
        report = s.send_wait(b'all of you')
        self.assertEqual((report['n_peers'], report['n_failed']), (50, 0))
        for c in clients:
            self.assertEqual(p.recv_exactly(c, 10), b'all of you')

    def test_several_ports(self):
        first, second = p.server(), p.server()
        ports = [first.getsockname()[1], second.getsockname()[1]]
        first.close()
        second.close()
        s = self.head.listen('tcp://127.0.0.1:%d,%d' % tuple(ports))
        s.wait('n_locals', '=2')
        self.assertEqual(sorted(p.split_address(a)[1] for a in s.status()['locals']), sorted(ports))
        for port in ports:
            with p.tcp(('127.0.0.1', port)) as c:
                c.sendall(b'to %d' % port)
                p.until('bytes', lambda: b'to %d' % port in s.data('in'))

    def test_both_families_on_one_port(self):
        p.need_ipv6()
        s = self.head.listen('tcp://:0')
        s.wait('n_locals', '=2')
        four, six = sorted(s.status()['locals'], key=lambda a: a.startswith('['))
        self.assertTrue(four.startswith('0.0.0.0:') and six.startswith('[::]:'), (four, six))
        self.assertEqual(p.split_address(four)[1], p.split_address(six)[1])
        port = p.split_address(four)[1]
        for family, host in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')):
            c = self.keep(p.tcp((host, port), family=family))
            c.sendall(host.encode())
        s.wait('rx_bytes', 12)
        hosts = {p.split_address(x['address'])[0] for x in s.peers()}
        self.assertEqual(hosts, {'127.0.0.1', '::1'})

    def test_one_family_only(self):
        p.need_ipv6()
        for family, inside, outside in (
                ('ipv4', (socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')),
                ('ipv6', (socket.AF_INET6, '::1'), (socket.AF_INET, '127.0.0.1'))):
            with self.subTest(family):
                s = self.head.listen('tcp://:0', family=family)
                self.assertEqual(s.status()['n_locals'], 1)
                p.tcp((inside[1], s.port), family=inside[0]).close()
                with self.assertRaises(ConnectionRefusedError):
                    p.tcp((outside[1], s.port), family=outside[0])
                s.stop()

    def test_all_byte_values(self):
        everything = bytes(range(256)) * 3
        s = self.head.listen(reaction='echo')
        with p.tcp(s.address) as c:
            c.sendall(everything)
            self.assertEqual(p.recv_exactly(c, len(everything)), everything)
        # The echo can be here before the batch of frames with both is.
        s.wait('rx_bytes', len(everything))
        self.assertEqual(s.data('in'), everything)
        s.wait('tx_bytes', len(everything))
        self.assertEqual(s.data('out'), everything)

    def test_hostile_text(self):
        hostile = b'<b>&amp;%s%n\x00\xff\xfe\xed\xa0\x80\xe2\x80\xae\xd7\xa9\x1b[2J\r\n\x7f' * 20
        s = self.head.listen()
        with p.tcp(s.address) as c:
            c.sendall(hostile)
        s.wait('peer', 1, 'closed')
        self.assertEqual(s.data('in'), hostile)

    def test_ten_megabytes_in_one_message(self):
        data = p.pattern(10 << 20)
        s = self.head.listen()
        with p.tcp(s.address) as c:
            c.sendall(data)
            s.wait('rx_bytes', len(data))
            sent = s.send(data, 1)
            self.assertEqual(p.recv_exactly(c, len(data)), data)
            self.assertEqual(sent['sha256'], p.sha256(data))
            s.wait('sent', sent['tag'])
        self.assertEqual(s.sha256('in')['sha256'], p.sha256(data))
        self.assertEqual(s.sha256('out')['sha256'], p.sha256(data))
        s.check()

    def test_hundred_megabytes_without_a_line_end(self):
        n = 100 << 20
        block = b'x' * (1 << 20)
        s = self.head.listen()
        before = self.head.rss_anon_kb()
        with p.tcp(s.address) as c:
            for _ in range(n >> 20):
                c.sendall(block)
        s.wait('peer', 1, 'closed', ms=30000)
        self.assertEqual(s.status()['rx_bytes'], n)
        answer = s.sha256('in')
        self.assertEqual(answer['n_bytes'], n)
        self.assertEqual(answer['sha256'], p.sha256(b'x' * n))
        self.assert_flat(before, 8192)

    def test_gigabyte_sha256(self):
        block = p.pattern(1 << 20)
        s = self.head.listen()
        c = p.tcp(s.address)
        for _ in range(1024):
            c.sendall(block)
        c.close()
        s.wait('peer', 1, 'closed', ms=30000)
        self.assertEqual(s.status()['rx_bytes'], 1 << 30)
        import hashlib
        h = hashlib.sha256()
        for _ in range(1024):
            h.update(block)
        self.assertEqual(s.sha256('in')['sha256'], h.hexdigest())
        check = s.check()
        self.assertEqual(check['in_bytes'], 1 << 30)
        status = s.status()
        self.assertEqual((status['lost_frames'], status['lost_bytes']), (0, 0))

    def test_one_byte_every_20_ms(self):
        s = self.head.listen()
        c = self.keep(p.tcp(s.address))
        c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        s.wait('peers_open', 1)
        worst = 0
        for i in range(100):
            begun = time.monotonic_ns()
            c.sendall(bytes([i]))
            answer = s.wait('rx_bytes', i + 1)
            worst = max(worst, answer['now_ns'] - begun)
            time.sleep(0.02)
        self.assertLess(worst / 1e6, 100 * p.SLOW)
        self.assertEqual(s.data('in'), bytes(range(100)))
        self.assertEqual(s.check()['in_frames'], 100)

    def test_reactions(self):
        s = self.head.listen(reaction='greeting', text='220 ready\\r\\n')
        with p.tcp(s.address) as c:
            self.assertEqual(p.recv_exactly(c, 11), b'220 ready\r\n')
        s = self.head.listen(reaction='answer', text='250 OK\\r\\n')
        with p.tcp(s.address) as c:
            for _ in range(3):
                c.sendall(b'NOOP\r\n')
                self.assertEqual(p.recv_exactly(c, 8), b'250 OK\r\n')
        s = self.head.listen(reaction='discard')
        with p.tcp(s.address) as c:
            c.sendall(b'z' * 1000000)
            s.wait('rx_bytes', 1000000)
        self.assertEqual(s.check()['in_bytes'], 0)
        self.assertEqual(s.check()['in_full_bytes'], 1000000)

    def test_reaction_changed_while_it_runs(self):
        s = self.head.listen()
        c = self.keep(p.tcp(s.address))
        c.sendall(b'one')
        s.wait('rx_bytes', 3)
        s.cmd('reaction', 'echo')
        c.sendall(b'two')
        self.assertEqual(p.recv_exactly(c, 3), b'two')
        s.cmd('reaction', 'answer', 'yes')
        c.sendall(b'three')
        self.assertEqual(p.recv_exactly(c, 3), b'yes')
        s.cmd('reaction', 'none')
        c.sendall(b'four')
        s.wait('rx_bytes', 15)
        self.assertEqual(s.status()['tx_bytes'], 6)

    def test_echo_with_a_peer_that_reads_late(self):
        """Echo must stop reading when what it sends is not taken: memory stays flat."""
        s = self.head.listen(reaction='echo')
        c = self.keep(p.tcp(s.address))
        c.setblocking(False)
        before = self.head.rss_anon_kb()
        data = p.pattern(1 << 20)
        sent = 0
        quiet = time.monotonic()
        while time.monotonic() - quiet < 0.5 * p.SLOW and sent < 400 << 20:
            try:
                sent += c.send(data[sent % len(data):])
                quiet = time.monotonic()
            except BlockingIOError:
                time.sleep(0.01)
        self.assertLess(sent, 200 << 20)
        self.assert_flat(before, 72 * 1024)
        c.settimeout(10)
        got = 0
        while got < sent:
            chunk = c.recv(1 << 20)
            at = got % len(data)
            expected = (data + data)[at:at + len(chunk)]
            self.assertEqual(chunk, expected)
            got += len(chunk)

    def test_max_peers(self):
        s = self.head.listen(max_peers=2)
        a, b = self.keep(p.tcp(s.address)), self.keep(p.tcp(s.address))
        s.wait('peers_open', '=2')
        c = self.keep(socket.socket())
        c.settimeout(10 * p.SLOW)
        try:
            c.connect(s.address)
            self.assertEqual(c.recv(1), b'')
        except ConnectionResetError:
            pass        # the reset may be there before connect() has returned
        s.wait('refused', '=1')
        self.assertEqual(s.event('peer-refused')['n1'], 2)
        a.close()
        s.wait('peers_open', '=1')
        d = self.keep(p.tcp(s.address))
        d.sendall(b'in')
        s.wait('rx_bytes', 2)

    def test_own_peers_only_lets_own_in(self):
        s = self.head.listen('tcp://:0', own_peers_only=1, family='ipv4')
        with p.tcp(('127.0.0.1', s.port)) as c:
            c.sendall(b'own')
            s.wait('rx_bytes', 3)
        self.assertEqual(s.status()['refused'], 0)

    def test_close_and_reset_a_peer(self):
        s = self.head.listen()
        a, b = p.tcp(s.address), p.tcp(s.address)
        s.wait('peers_open', '=2')
        by_port = {p.split_address(x['address'])[1]: x['peer'] for x in s.peers()}
        first, second = by_port[a.getsockname()[1]], by_port[b.getsockname()[1]]
        s.cmd('close', first)
        self.assertEqual(a.recv(10), b'')
        s.cmd('close', second, 'reset')
        with self.assertRaises(ConnectionResetError):
            b.recv(10)
        s.wait('peer', second, 'reset,closed')
        s.wait_event('we-reset')
        a.close()
        b.close()
        s.wait('peers_open', '=0')

    def test_pause_and_resume_receiving(self):
        s = self.head.listen()
        c = self.keep(p.tcp(s.address))
        s.wait('peers_open', '=1')
        s.cmd('pause')
        s.wait('receiving_paused', '=1')
        s.wait_event('receiving-paused')
        c.setblocking(False)
        sent = 0
        quiet = time.monotonic()
        while time.monotonic() - quiet < 0.3:
            try:
                sent += c.send(b'y' * 65536)
                quiet = time.monotonic()
            except BlockingIOError:
                time.sleep(0.01)
        self.assertLess(s.status()['rx_bytes'], 1 << 20)
        s.cmd('resume')
        s.wait('rx_bytes', '=%d' % sent)
        s.wait_event('receiving-resumed')
        self.assertEqual(s.data('in', 'all', 1 << 26), b'y' * sent)

    def test_peer_resets(self):
        s = self.head.listen()
        c = p.tcp(s.address)
        c.sendall(b'and away')
        s.wait('rx_bytes', 8)
        p.reset(c)
        s.wait('peer', 1, 'reset')
        self.assertEqual(s.event('reset')['errno'], 'ECONNRESET')
        self.assertEqual(s.peers()[0]['errno'], 'ECONNRESET')
        self.assertEqual(s.status()['state'], 'listening')
        self.assertEqual(s.status()['peers_open'], 0)

    def test_peer_leaves_in_the_middle_of_our_write(self):
        """In both roles, over each transport that has connections."""
        kinds = {'tcp': socket.SOCK_STREAM, 'unix': socket.SOCK_STREAM,
                 'unix+seqpacket': socket.SOCK_SEQPACKET}
        for (scheme, kind), role, how in itertools.product(
                kinds.items(), ('listen', 'connect'), ('close', 'reset')):
            if scheme != 'tcp' and how == 'reset':
                continue  # there is no other way to leave than to close
            with self.subTest(scheme=scheme, role=role, how=how):
                family = socket.AF_INET if scheme == 'tcp' else socket.AF_UNIX
                place = os.path.join(self.tmp(), 's') if scheme != 'tcp' else '//127.0.0.1:0'
                # A seqpacket message goes as a whole.
                n = 100 << 10 if kind == socket.SOCK_SEQPACKET else 32 << 20
                if role == 'listen':
                    s = self.head.listen('%s:%s' % (scheme, place))
                    c = socket.socket(family, kind)
                    c.settimeout(10 * p.SLOW)
                    c.connect(s.address if scheme == 'tcp' else place)
                    s.wait('peers_open', '=1')
                else:
                    listener = self.keep(socket.socket(family, kind))
                    listener.bind(('127.0.0.1', 0) if scheme == 'tcp' else place)
                    listener.listen(1)
                    if scheme == 'tcp':
                        place = '//127.0.0.1:%d' % listener.getsockname()[1]
                    s = self.head.open('connect', '%s:%s' % (scheme, place))
                    c = listener.accept()[0]
                    c.settimeout(10 * p.SLOW)
                    s.wait('state', 'connected')
                tags = [s.cmd('send', 1, 'blob', n)['tag']
                        for _ in range(20 if kind == socket.SOCK_SEQPACKET else 1)]
                self.assertGreater(len(c.recv(100000)), 0)
                if how == 'close':
                    c.close()  # with unread bytes: the kernel answers with a reset
                else:
                    p.reset(c)
                report = s.wait('sent', tags[-1])['send']
                self.assertEqual(report['n_failed'], 1)
                self.assertIn(report['errno'], ('EPIPE', 'ECONNRESET'))
                self.assertLess(report['sent_bytes'], n)
                if role == 'listen':
                    s.wait('peers_open', '=0')
                    self.assertEqual(s.status()['state'], 'listening')
                else:
                    fault = s.wait('state', 'failed')['fault']
                    self.assertIn(fault['errno'], ('EPIPE', 'ECONNRESET'))
                sent = s.check()['out_bytes']
                self.assertEqual(s.event('send-failed')['n1'], n * len(tags) - sent)
                # What the log holds as sent is what the kernel took.
                self.assertEqual(sent, s.status()['tx_bytes'])
                if len(tags) == 1:
                    self.assertEqual(sent, report['sent_bytes'])
                self.assertEqual(s.status()['queued_bytes'], 0)
                if role == 'listen':
                    s.stop()

    def test_peer_that_never_reads(self):
        s = self.head.listen()
        c = self.keep(p.tcp(s.address))
        s.wait('peers_open', '=1')
        before = self.head.rss_anon_kb()
        answers = []
        for _ in range(200):
            answer = s.ask('send', 1, 'blob', 1 << 20)
            answers.append(answer['result'])
            if answer['result'] < 0:
                break
        self.assertEqual(answers[-1], -11, 'EAGAIN once the queue is full')
        self.assertGreaterEqual(len(answers), 32)
        queued = s.wait('queued_bytes', 1 << 20)['queued_bytes']
        self.assertLessEqual(queued, 64 << 20)
        self.assert_flat(before, 100 * 1024)
        # It goes on when the peer reads again, and stopping does not wait for the peer.
        p.recv_exactly(c, 16 << 20)
        s.wait('queued_bytes', '<=%d' % (queued - (8 << 20)))
        self.assertGreaterEqual(s.ask('send', 1, 'blob', 1 << 20)['result'], 0)
        self.assertLess(s.stop(), 200 * p.SLOW)

    def test_what_is_not_sent_any_more_is_told(self):
        size = 20 << 20

        def stop(s, c):
            s.stop()

        def close(s, c):
            s.cmd('close', 1)

        def half_open(s, c):
            c.shutdown(socket.SHUT_WR)

        def cancel(s, c):
            s.cmd('cancel', s.tag)

        def reset(s, c):
            p.reset(c)

        for end, error in ((stop, 'ECANCELED'), (close, 'ECANCELED'),
                           (half_open, 'ECANCELED'), (cancel, 'ECANCELED'),
                           (reset, 'ECONNRESET')):
            with self.subTest(end=end.__name__):
                s = self.head.listen(half_open_ms=1)
                c = self.keep(p.tcp(s.address))
                s.wait('peers_open', '=1')
                s.tag = s.cmd('send', 1, 'blob', size)['tag']
                s.wait('tx_bytes', 1)
                end(s, c)
                s.wait('sent', s.tag)
                s.wait_event('send-failed')
                told = s.event('send-failed')
                self.assertEqual(told['errno'], error)
                self.assertEqual(told['n1'], size - s.status()['tx_bytes'])
                self.assertEqual(len(s.events('send-failed')), 1)

    def test_number_of_sends_is_bounded(self):
        s = self.head.listen()
        self.keep(p.tcp(s.address))
        s.wait('peers_open', '=1')
        s.cmd('send', 1, 'blob', 16 << 20)
        results = [s.ask('send', 1, 'text', 'x')['result'] for _ in range(1100)]
        self.assertEqual(results[0], 0)
        self.assertEqual(results[-1], -11)
        self.assertLessEqual(results.count(0), 1024)
        self.assertGreaterEqual(results.count(0), 1000)

    def test_cancel_a_send(self):
        s = self.head.listen()
        c = self.keep(p.tcp(s.address))
        s.wait('peers_open', '=1')
        big = s.cmd('send', 1, 'blob', 32 << 20)['tag']
        after = s.cmd('send', 1, 'text', 'after')['tag']
        s.cmd('cancel', big)
        self.assertTrue(s.wait('sent', big)['send']['sent_bytes'] < 32 << 20)
        drained = bytearray()
        while not drained.endswith(b'after'):
            drained += c.recv(1 << 20)
        self.assertEqual(s.wait('sent', after)['send']['sent_bytes'], 5)
        self.assertEqual(s.sha256('out', 1)['sha256'], p.sha256(bytes(drained)))

    def test_file_is_streamed(self):
        path = os.path.join(self.tmp(), 'data')
        data = p.pattern(20 << 20)
        with open(path, 'wb') as f:
            f.write(data)
        s = self.head.listen()
        c = self.keep(p.tcp(s.address))
        s.wait('peers_open', '=1')
        before = self.head.rss_anon_kb()
        tag = s.cmd('send-file', 1, path)['tag']
        self.assertEqual(p.sha256(p.recv_exactly(c, len(data))), p.sha256(data))
        report = s.wait('sent', tag)['send']
        self.assertEqual((report['sent_bytes'], report['n_failed']), (len(data), 0))
        s.wait_event('file-sent')
        self.assertEqual(s.event('file-sent')['n1'], len(data))
        self.assert_flat(before, 8192)
        # From an offset, and from a file that is removed meanwhile.
        tag = s.cmd('send-file', 1, path, len(data) - 1000)['tag']
        os.unlink(path)
        self.assertEqual(p.recv_exactly(c, 1000), data[-1000:])
        self.assertEqual(s.wait('sent', tag)['send']['sent_bytes'], 1000)

    def test_file_that_gets_shorter(self):
        """What was promised and is not there any more is told; what comes after it is sent."""
        for left in (0, 5 << 20, 19 << 20):
            with self.subTest(left):
                path = os.path.join(self.tmp(), 'data')
                data = p.pattern(20 << 20)
                with open(path, 'wb') as f:
                    f.write(data)
                s = self.head.listen()
                before = self.head.fds()
                c = self.keep(p.tcp(s.address))
                s.wait('peers_open', '=1')
                tag = s.cmd('send-file', 1, path)['tag']
                s.wait('queued_bytes', 1)
                os.truncate(path, left)
                s.send(b'after it', 1)
                s.cmd('end', 1)
                got = p.recv_all(c)
                report = s.wait('sent', tag)['send']
                self.assertEqual((report['n_failed'], report['errno']), (1, 'ENODATA'))
                self.assertEqual(got[-8:], b'after it')
                self.assertEqual(len(got) - 8, report['sent_bytes'])
                self.assertGreaterEqual(report['sent_bytes'], left)
                self.assertEqual(got[:left], data[:left])
                self.assertEqual(s.event('send-failed')['n1'], len(data) - report['sent_bytes'])
                self.assertEqual(s.check()['out_bytes'], len(got))
                s.wait('queued_bytes', '=0')
                c.close()
                s.wait('peers_open', '=0')
                self.assertEqual(self.head.fds(), before)
                s.stop()

    def test_reset_while_a_file_is_sent(self):
        path = os.path.join(self.tmp(), 'data')
        with open(path, 'wb') as f:
            f.truncate(1 << 40)  # nothing of it takes room
        s = self.head.listen()
        before = self.head.fds()
        c = p.tcp(s.address)
        s.wait('peers_open', '=1')
        tag = s.cmd('send-file', 1, path)['tag']
        p.recv_exactly(c, 1 << 20)
        p.reset(c)
        report = s.wait('sent', tag)['send']
        self.assertIn(report['errno'], ('EPIPE', 'ECONNRESET'))
        s.wait('peers_open', '=0')
        self.assertEqual(s.event('send-failed')['n1'], (1 << 40) - report['sent_bytes'])
        self.assertEqual(s.status()['queued_bytes'], 0)
        self.assertEqual(self.head.fds(), before)

    def test_idle_timeout_only_when_both_directions_are_idle(self):
        s = self.head.listen(idle_timeout_ms=400)
        quiet, talker, listener = (self.keep(p.tcp(s.address)) for _ in range(3))
        s.wait('peers_open', '=3')
        by_port = {p.split_address(x['address'])[1]: x['peer'] for x in s.peers()}
        n_quiet, n_talker, n_listener = (by_port[c.getsockname()[1]]
                                         for c in (quiet, talker, listener))
        for _ in range(10):
            talker.sendall(b'I talk')          # in only
            s.cmd('send', n_listener, 'text', 'for you')  # out only
            time.sleep(0.1)
        peers = {x['peer']: x['state'] for x in s.peers()}
        self.assertNotEqual(peers[n_quiet], 'open')
        self.assertEqual(peers[n_talker], 'open')
        self.assertEqual(peers[n_listener], 'open')
        self.assertEqual(quiet.recv(1), b'')
        timeouts = s.events('idle-timeout')
        self.assertEqual([t['peer'] for t in timeouts], [n_quiet])
        self.assertEqual(timeouts[0]['event']['n1'], 400)
        s.wait('peer', n_talker, 'closed', ms=3000)
        s.wait('peer', n_listener, 'closed', ms=3000)

    def test_stop_during_accepts(self):
        s = self.head.listen()
        address = s.address
        done = threading.Event()

        def connect_again_and_again():
            while not done.is_set():
                try:
                    c = socket.create_connection(address, 1)
                    p.reset(c)
                except OSError:
                    pass

        threads = [threading.Thread(target=connect_again_and_again) for _ in range(4)]
        for t in threads:
            t.start()
        try:
            s.wait('peers_total', 100)
            took = s.stop()
        finally:
            done.set()
            for t in threads:
                t.join()
        self.assertLess(took, 200 * p.SLOW)
        with self.assertRaises(ConnectionRefusedError):
            p.tcp(address)

    def test_close_peers_during_accepts(self):
        s = self.head.listen()
        address = s.address
        kept = [self.keep(p.tcp(address)) for _ in range(20)]
        s.wait('peers_open', '=20')
        numbers = {p.split_address(x['address'])[1]: x['peer'] for x in s.peers()}
        with connecting(address):
            s.wait('peers_total', 200)
            worst = 0
            for c in kept:
                asked = time.monotonic()
                s.cmd('close', numbers[c.getsockname()[1]])
                self.assertEqual(c.recv(1), b'')
                worst = max(worst, time.monotonic() - asked)
            # They went on meanwhile.
            s.wait('peers_total', s.status()['peers_total'] + 100)
        self.assertLess(worst, 0.2 * p.SLOW)
        s.wait('peers_open', '=0')

    def test_quit_during_accepts(self):
        s = self.head.listen()
        address = s.address
        with connecting(address):
            s.wait('peers_total', 100)
            begun = time.monotonic()
            self.head.close()
            self.assertLess(time.monotonic() - begun, 1 * p.SLOW)

    def test_close_a_peer_under_a_flood(self):
        s = self.head.listen()
        floods = [p.tcp(s.address) for _ in range(2)]
        ended = [0, 0]

        def flood(i):
            try:
                while True:
                    floods[i].sendall(b'f' * (1 << 18))
            except OSError:
                ended[i] = time.monotonic()
                floods[i].close()

        threads = [threading.Thread(target=flood, args=(i,)) for i in range(2)]
        for t in threads:
            t.start()
        s.wait('rx_bytes', 64 << 20, ms=20000)
        ports = {p.split_address(x['address'])[1]: x['peer'] for x in s.peers()}
        asked = time.monotonic()
        s.cmd('close', ports[floods[0].getsockname()[1]])
        threads[0].join(10 * p.SLOW)
        self.assertGreater(ended[0], asked)
        self.assertEqual(ended[1], 0)
        self.assertLess(ended[0] - asked, 0.2 * p.SLOW)
        # The other one floods on.
        s.wait('rx_bytes', s.status()['rx_bytes'] + (16 << 20), ms=20000)
        s.stop()
        threads[1].join(10 * p.SLOW)
        self.assertEqual(s.check()['in_bytes'], s.status()['rx_bytes'])

    def test_stop_under_a_flood(self):
        s = self.head.listen()
        c = p.tcp(s.address)
        block = b'f' * (1 << 18)

        def flood():
            try:
                while True:
                    c.sendall(block)
            except OSError:
                c.close()

        t = threading.Thread(target=flood)
        t.start()
        s.wait('rx_bytes', 64 << 20, ms=20000)
        took = s.stop()
        t.join(10)
        self.assertFalse(t.is_alive())
        self.assertLess(took, 200 * p.SLOW)
        self.assertEqual(s.check()['in_bytes'], s.status()['rx_bytes'])

    def test_quit_under_a_flood(self):
        s = self.head.listen()
        c = p.tcp(s.address)
        block = b'f' * (1 << 18)

        def flood():
            try:
                while True:
                    c.sendall(block)
            except OSError:
                c.close()

        t = threading.Thread(target=flood)
        t.start()
        s.wait('rx_bytes', 16 << 20, ms=20000)
        begun = time.monotonic()
        self.head.close()
        self.assertLess(time.monotonic() - begun, 1 * p.SLOW)
        t.join(10)
        self.assertFalse(t.is_alive())

    def test_times_are_from_the_read(self):
        s = self.head.listen()
        c = self.keep(p.tcp(s.address))
        stamps = []
        for i in range(20):
            before = time.monotonic_ns()
            c.sendall(b't')
            s.wait('rx_bytes', i + 1)
            stamps.append((before, time.monotonic_ns()))
        start = s.status()['log_start_ns']
        frames = [f for f in s.frames() if f['kind'] == 'in']
        self.assertEqual(len(frames), 20)
        for frame, (before, after) in zip(frames, stamps):
            self.assertTrue(before <= frame['time_ns'] + start <= after)

    def test_queue_is_sent_before_end(self):
        s = self.head.listen()
        c = self.keep(p.tcp(s.address))
        s.wait('peers_open', '=1')
        sent = s.cmd('send', 1, 'blob', PENDING)
        s.cmd('end', 1)
        data = p.recv_all(c)
        self.assertEqual(p.sha256(data), sent['sha256'])
        s.wait_event('we-ended')


class Connect(p.Case):
    def accepted(self, listener):
        c, _ = listener.accept()
        c.settimeout(10 * p.SLOW)
        return self.keep(c)

    def test_bytes_both_ways(self):
        listener = self.keep(p.server())
        s = self.head.open('connect', 'tcp://127.0.0.1:%d' % listener.getsockname()[1])
        c = self.accepted(listener)
        s.wait('state', 'connected')
        connected = s.event('connected')
        self.assertEqual(p.split_address(connected['local']), c.getpeername())
        self.assertEqual(p.split_address(connected['peer']), c.getsockname())
        s.send_wait(b'Python, client')
        self.assertEqual(p.recv_exactly(c, 14), b'Python, client')
        c.sendall(b'Received')
        s.wait('rx_bytes', 8)
        self.assertEqual(s.data('in'), b'Received')
        c.close()
        s.wait('state', 'closed')
        self.assertEqual(s.status()['fault']['step'], 'none')

    def test_kinds_of_hosts(self):
        listener = self.keep(p.server())
        port = listener.getsockname()[1]
        for host in ('127.0.0.1', '2130706433', '0x7f000001', 'localhost', ''):
            with self.subTest(host):
                s = self.head.connect('tcp://%s:%d' % (host, port))
                self.accepted(listener).close()
                s.wait('state', 'closed')

    def test_ipv6(self):
        p.need_ipv6()
        listener = self.keep(p.server(socket.AF_INET6))
        s = self.head.connect('tcp://[::1]:%d' % listener.getsockname()[1])
        c = self.accepted(listener)
        s.send_wait(b'six')
        self.assertEqual(p.recv_exactly(c, 3), b'six')

    def test_name_gives_events(self):
        listener = self.keep(p.server())
        s = self.head.connect('tcp://localhost:%d' % listener.getsockname()[1], family='ipv4')
        self.assertEqual(s.event('resolving')['text'].split(':')[0], 'localhost')
        self.assertGreaterEqual(s.event('resolved')['n1'], 1)
        self.assertEqual(p.split_address(s.event('candidate-started')['peer']),
                         listener.getsockname())

    def test_local_address_and_port(self):
        listener = self.keep(p.server())
        free = p.server()
        port = free.getsockname()[1]
        free.close()
        s = self.head.connect('tcp://127.0.0.1:%d' % listener.getsockname()[1],
                              local='127.0.0.9:%d' % port)
        c = self.accepted(listener)
        self.assertEqual(c.getpeername(), ('127.0.0.9', port))
        s.stop()

    def test_peer_resets(self):
        listener = self.keep(p.server())
        s = self.head.open('connect', 'tcp://127.0.0.1:%d' % listener.getsockname()[1])
        c = self.accepted(listener)
        s.wait('state', 'connected')
        p.reset(c)
        s.wait('state', 'closed,failed')
        self.assertEqual(s.event('reset')['errno'], 'ECONNRESET')

    def test_large_both_ways_at_once(self):
        listener = self.keep(p.server())
        s = self.head.open('connect', 'tcp://127.0.0.1:%d' % listener.getsockname()[1])
        c = self.accepted(listener)
        s.wait('state', 'connected')
        data = p.pattern(24 << 20, 5)
        sent = s.cmd('send', 0, 'blob', 24 << 20, 9)
        t = threading.Thread(target=c.sendall, args=(data,))
        t.start()
        got = p.recv_exactly(c, 24 << 20)
        t.join()
        s.wait('rx_bytes', len(data))
        self.assertEqual(p.sha256(got), sent['sha256'])
        self.assertEqual(s.sha256('in')['sha256'], p.sha256(data))
        self.assertEqual(s.sha256('out')['sha256'], sent['sha256'])

    def test_idle_timeout(self):
        listener = self.keep(p.server())
        s = self.head.open('connect', 'tcp://127.0.0.1:%d' % listener.getsockname()[1],
                           idle_timeout_ms=300)
        c = self.accepted(listener)
        begun = time.monotonic()
        for _ in range(6):
            c.sendall(b'.')
            time.sleep(0.1)
        s.wait_event('idle-timeout')
        self.assertGreaterEqual(time.monotonic() - begun, 0.8)
        self.assertEqual(c.recv(1), b'')

    def test_stop_keeps_nothing_open(self):
        listener = self.keep(p.server())
        before = None
        for i in range(20):
            s = self.head.open('connect', 'tcp://127.0.0.1:%d' % listener.getsockname()[1])
            c, _ = listener.accept()
            s.wait('state', 'connected')
            s.stop()
            c.close()
            s.cmd('forget')
            if i == 5:
                before = self.head.fds()
        self.assertEqual(self.head.fds(), before)

    def test_keeps_its_half_for_a_time(self):
        listener = self.keep(p.server())
        s = self.head.open('connect', 'tcp://127.0.0.1:%d' % listener.getsockname()[1],
                           half_open_ms=500)
        c = self.accepted(listener)
        s.wait('state', 'connected')
        c.shutdown(socket.SHUT_WR)
        s.wait_event('peer-ended')
        s.send_wait(b'still here')
        self.assertEqual(p.recv_exactly(c, 10), b'still here')
        begun = time.monotonic()
        self.assertEqual(c.recv(1), b'')
        self.assertLess(time.monotonic() - begun, 2 * p.SLOW)
        s.wait('state', 'closed')


class HalfClose(p.Case):
    """Who ends first, whether we have more to send, whether the peer has: in both roles."""

    def run_case(self, half, role, first, ours, theirs):
        if role == 'listen':
            s = self.head.listen(half_open_ms=half)
            c = self.keep(p.tcp(s.address))
            s.wait('peers_open', '=1')
        else:
            listener = self.keep(p.server())
            s = self.head.open('connect', 'tcp://127.0.0.1:%d' % listener.getsockname()[1],
                               half_open_ms=half)
            c = self.keep(listener.accept()[0])
            s.wait('state', 'connected')
        c.settimeout(10 * p.SLOW)
        data = p.pattern(PENDING, 3) if theirs else b''
        sent = s.cmd('send', 1, 'blob', PENDING, 4) if ours else None

        def their_sending():
            c.sendall(data)
            c.shutdown(socket.SHUT_WR)

        if first == 'us':
            s.cmd('end', 1)
            got = p.recv_all(c)
            s.wait_event('we-ended')
            self.assertNotIn('peer-ended', s.check()['events'])
            self.assertNotIn('closed', s.check()['events'])
            their_sending()
            s.wait('rx_bytes', '=%d' % len(data))
        else:
            t = threading.Thread(target=their_sending)
            t.start()
            s.wait_event('peer-ended')
            t.join()
            s.wait('rx_bytes', '=%d' % len(data))
            # Longer than it takes until it is looked whether the peer is there, which it is.
            self.assertFalse(s.try_wait('event', 'closed', 1, ms=100)['holds'])
            self.assertEqual(s.event('peer-ended')['n1'], 1)
            self.assertNotIn('closed', s.check()['events'])
            s.send(b'last', 1)
            s.cmd('end', 1)
            got = p.recv_all(c)
            self.assertEqual(got[-4:], b'last')
            got = got[:-4]
        s.wait_event('closed')
        self.assertEqual(p.sha256(got), sent['sha256'] if ours else p.sha256(b''))
        self.assertEqual(s.sha256('in')['sha256'], p.sha256(data))
        events = s.check()['events']
        self.assertEqual({k: events.get(k, 0)
                          for k in ('peer-ended', 'we-ended', 'closed', 'reset')},
                         {'peer-ended': 1, 'we-ended': 1, 'closed': 1, 'reset': 0})
        if role == 'connect':
            s.wait('state', 'closed')
        else:
            s.wait('peers_open', '=0')
            self.assertEqual(s.status()['state'], 'listening')


class PeersThatHaveClosed(p.Case):
    """By default our half stays open for an answer by hand; not for a peer that has closed."""

    def test_on_this_computer(self):
        for uri in 'tcp://127.0.0.1:0', 'tcp://[::1]:0', 'tcp://:0':
            with self.subTest(uri):
                if '[' in uri:
                    p.need_ipv6()
                s = self.head.listen(uri, half_open_ms='auto')
                family = socket.AF_INET6 if '[' in uri else socket.AF_INET
                host = '::1' if '[' in uri else '127.0.0.1'
                half = self.keep(p.tcp((host, s.port), family=family))
                half.shutdown(socket.SHUT_WR)
                s.wait_event('peer-ended')
                c = p.tcp((host, s.port), family=family)
                c.sendall(b'last words')
                c.close()
                s.wait('peer', 2, 'closed')
                self.assertEqual(s.data('in', 2), b'last words')
                self.assertEqual([e['peer'] for e in s.events('half-open-ended')], [2])
                self.assertEqual(s.event('half-open-ended')['n1'], 1)
                s.send_wait(b'by hand', 1)
                self.assertEqual(p.recv_exactly(half, 7), b'by hand')
                half.close()  # it was half open, and is closed now: no packet tells that
                s.wait('peer', 1, 'closed')
                self.questions(s)
                s.stop()

    def questions(self, s):
        """What the kernel was asked about the peers is in the calls, and its socket was closed."""
        made = [c['result'] for c in s.calls('socket') if c['args'][0] == socket.AF_NETLINK]
        asked, answered = s.calls('send-diag'), s.calls('recv-diag')
        self.assertGreaterEqual(sum(c['count'] for c in asked), 2)
        self.assertEqual(sum(c['count'] for c in answered), sum(c['count'] for c in asked))
        self.assertTrue(all(c['result'] > 0 for c in asked + answered))
        self.assertEqual({c['fd'] for c in asked + answered}, set(made))
        ends = [c['fd'] for c in s.calls('close')]
        self.assertTrue(all(ends.count(fd) >= made.count(fd) for fd in made), ends)

    def test_server_on_this_computer(self):
        listener = self.keep(p.server())
        s = self.head.open('connect', 'tcp://127.0.0.1:%d' % listener.getsockname()[1],
                           half_open_ms='auto')
        c = self.keep(listener.accept()[0])
        c.sendall(b'the time is now')
        c.close()
        self.assertEqual(s.wait('state', 'closed,failed')['state'], 'closed')
        self.assertEqual(s.data('in'), b'the time is now')

    def test_unix(self):
        for scheme, kind in (('unix', socket.SOCK_STREAM), ('unix+seqpacket',
                                                            socket.SOCK_SEQPACKET)):
            with self.subTest(scheme):
                path = os.path.join(self.tmp(), scheme)
                s = self.head.listen('%s:%s' % (scheme, path), half_open_ms='auto')
                half, gone = (self.keep(socket.socket(socket.AF_UNIX, kind)) for _ in range(2))
                for c in half, gone:
                    c.connect(path)
                half.shutdown(socket.SHUT_WR)
                gone.close()
                s.wait('peer', 2, 'closed')
                s.wait_event('peer-ended', 2)
                s.send_wait(b'by hand', 1)
                self.assertEqual(half.recv(10), b'by hand')
                half.close()
                s.wait('peers_open', '=0')

    def test_reactions_close_as_before(self):
        s = self.head.listen(half_open_ms='auto', reaction='echo')
        c = self.keep(p.tcp(s.address))
        c.sendall(b'echo')
        c.shutdown(socket.SHUT_WR)
        self.assertEqual(p.recv_all(c), b'echo')
        s.wait('peers_open', '=0')
        self.assertEqual(s.events('half-open-ended'), [])

    def test_so_many_and_no_more(self):
        s = self.head.listen(half_open_ms='auto')
        clients = [self.keep(p.tcp(s.address)) for _ in range(260)]
        for n, c in enumerate(clients, 1):
            c.shutdown(socket.SHUT_WR)
            s.wait_event('peer-ended', n)
        s.wait('peers_open', '=256')
        self.assertEqual(clients[0].recv(1), b'')
        self.assertEqual([(e['peer'], e['event']['n1']) for e in s.events('half-open-ended')],
                         [(n, 2) for n in range(1, 5)])
        s.send_wait(b'by hand', 5)
        self.assertEqual(p.recv_exactly(clients[4], 7), b'by hand')

    def test_room_where_peers_are_counted(self):
        s = self.head.listen(half_open_ms='auto', max_peers=1)
        first = self.keep(p.tcp(s.address))
        first.shutdown(socket.SHUT_WR)
        s.wait_event('peer-ended')
        second = self.keep(p.tcp(s.address))
        s.wait('peer', 1, 'closed')
        s.send_wait(b'by hand', 2)
        self.assertEqual(p.recv_exactly(second, 7), b'by hand')
        third = self.keep(p.tcp(s.address))
        with self.assertRaises(ConnectionResetError):
            third.recv(1)

    def test_ten_thousand_of_them(self):
        s = self.head.listen(half_open_ms='auto')
        address = s.address
        before = self.head.fds()
        for i in range(10000):
            c = socket.socket()
            c.connect(address)
            if i % 3 == 0:
                c.send(b'x')
            if i % 2 == 0:
                p.reset(c)
            else:
                c.close()
        s.wait('peers_total', '=10000')
        s.wait('peers_open', '=0')
        self.assertEqual(self.head.fds(), before)


def add_half_close_cases():
    for half, role, first, ours, theirs in itertools.product(
            ('keep', 'auto'), ('listen', 'connect'), ('us', 'peer'), (False, True),
            (False, True)):
        def case(self, args=(half, role, first, ours, theirs)):
            self.run_case(*args)
        name = 'test_%s%s_%s_first%s%s' % ('by_default_' if half == 'auto' else '', role, first,
                                           '_ours_pending' if ours else '',
                                           '_theirs_pending' if theirs else '')
        setattr(HalfClose, name, case)


add_half_close_cases()

if __name__ == '__main__':
    p.main()
