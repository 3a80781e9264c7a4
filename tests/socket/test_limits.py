# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs out: descriptors, disk, file size; what is left after kill -9; clocks set back."""

import os
import shutil
import socket
import struct
import subprocess
import threading
import time

import ptlhead as p


class Descriptors(p.Case):
    def test_accepting_pauses_and_goes_on(self):
        p.need('prlimit')
        self._head = p.Head(prefix=['prlimit', '--nofile=60:60'])
        s = self.head.listen()
        clients = [self.keep(p.tcp(s.address)) for _ in range(100)]
        s.wait('accept_paused', '=1')
        paused = s.status()['peers_open']
        self.assertLess(paused, 60)
        self.assertGreater(paused, 20)
        s.wait_event('accept-paused')
        self.assertEqual(s.event('accept-paused')['errno'], 'EMFILE')
        # Those that are in are served.
        number = s.peers()[0]['peer']
        s.send_wait(b'served', number)
        # It does not burn the processor while it waits: at most 0.25 of a second in one.
        begun = cpu_seconds(self.head.pid)
        s.try_wait('peers_total', 1000, ms=1000)
        self.assertLess(cpu_seconds(self.head.pid) - begun, 0.25 * p.SLOW)
        for c in clients[:70]:
            c.close()
        s.wait('peers_total', '=100')
        s.wait('accept_paused', '=0')
        s.wait_event('accept-resumed')
        s.wait('peers_open', '=30')

    def test_accepting_goes_on_where_nobody_waits(self):
        """The last descriptor went to the last one that came."""
        p.need('prlimit')
        self._head = p.Head(prefix=['prlimit', '--nofile=60:60'])
        s = self.head.listen()
        clients = []
        while not s.status()['accept_paused']:
            clients.append(self.keep(p.tcp(s.address)))
            s.wait('peers_total', len(clients))
            # Whether that was the last one is told with it or just after.
            s.try_wait('accept_paused', '=1', ms=20)
        self.assertLess(len(clients), 60)
        clients.pop().close()
        s.wait('accept_paused', '=0')
        s.wait_event('accept-resumed')
        self.assertEqual(s.status()['fault']['step'], 'none')
        clients.append(self.keep(p.tcp(s.address)))
        s.wait('peers_total', len(clients) + 1)

    def test_what_waits_to_be_sent_is_sent_without_descriptors(self):
        p.need('prlimit')
        self._head = p.Head(prefix=['prlimit', '--nofile=60:60'])
        s = self.head.listen()
        first = self.keep(p.tcp(s.address))
        s.wait('peers_open', '=1')
        tag = s.cmd('send', 1, 'blob', 32 << 20, 7)['tag']
        s.wait('queued_bytes', 1)
        others = [self.keep(p.tcp(s.address)) for _ in range(100)]
        s.wait('accept_paused', '=1')
        self.assertEqual(len(p.recv_exactly(first, 32 << 20)), 32 << 20)
        report = s.wait('sent', tag)['send']
        self.assertEqual((report['n_failed'], report['sent_bytes']), (0, 32 << 20))
        # And what can only be sent with one more is told.
        s.wait('peers_total', 20)
        with open(os.path.join(self.tmp(), 'data'), 'wb') as f:
            f.write(b'x')
        answer = s.ask('send-file', 1, f.name)
        self.assertFalse(answer['ok'])
        for c in others:
            c.close()
        s.wait('peers_total', '=101')
        s.wait('peers_open', '=1')
        s.send_wait(b'again', 1)

    def test_limit_is_raised_to_the_hard_one(self):
        p.need('prlimit')
        self._head = p.Head(prefix=['prlimit', '--nofile=64:1024'])
        s = self.head.listen()
        clients = [self.keep(p.tcp(s.address)) for _ in range(200)]
        s.wait('peers_open', '=200')
        self.assertEqual(s.status()['accept_paused'], False)
        self.assertEqual(len(clients), 200)

    def test_ten_thousand_rounds(self):
        s = self.head.listen()
        address = s.address
        before = self.head.fds()
        for i in range(10000):
            c = socket.socket()
            c.connect(address)
            if i % 3 == 0:
                c.send(b'x')
            if i % 2 == 0:
                p.reset(c)  # no TIME_WAIT
            else:
                c.shutdown(socket.SHUT_WR)
                c.recv(1)   # its end first: the TIME_WAIT is on its side
                c.close()
        s.wait('peers_total', '=10000')
        s.wait('peers_open', '=0')
        self.assertEqual(self.head.fds(), before)
        check = s.check()
        self.assertEqual(check['events']['accepted'], 10000)
        self.assertEqual(check['events'].get('closed', 0) + check['events'].get('reset',
                                                                                0) >= 10000, True)

    def test_a_thousand_sessions(self):
        listener = self.keep(p.server(backlog=64))
        uri = 'tcp://127.0.0.1:%d' % listener.getsockname()[1]
        before = rss = None
        for i in range(1000):
            s = self.head.open('connect', uri)
            c, _ = listener.accept()
            p.reset(c)
            s.wait('state', 'closed,failed')
            s.cmd('forget')
            if i == 200:
                before, rss = self.head.fds(), self.head.rss_anon_kb()
        self.assertEqual(self.head.fds(), before)
        self.assert_flat(rss, 4096)


def cpu_seconds(pid):
    with open(f'/proc/{pid}/stat') as f:
        fields = f.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


class Disk(p.Case):
    size = 4 << 20

    def small_disk(self):
        ns = self.namespace()
        folder = self.tmp()
        ns.run('mount', '-t', 'tmpfs', '-o', 'size=%d' % self.size, 'tmpfs', folder)
        self._head = p.Head(prefix=ns.prefix, log_dir=os.path.join(folder, 'logs'))
        s = self._head.open('listen', 'tcp://127.0.0.1:0')
        s.wait('state', 'listening')
        return ns, folder, s

    def client(self, ns, s):
        c = self.keep(ns.socket())
        c.connect(s.address)
        return c

    def test_stops_receiving_and_goes_on_when_there_is_room(self):
        ns, folder, s = self.small_disk()
        ns.run('sh', '-c', 'head -c %d /dev/zero > %s/filler' % (self.size // 2, folder))
        c = self.client(ns, s)
        data = p.pattern(3 << 20, 31)
        t = threading.Thread(target=c.sendall, args=(data,))
        t.start()
        s.wait('log_full', '=1')
        status = s.status()
        self.assertLess(status['rx_bytes'], len(data))
        # What was received until then is recorded or counted, to the byte.
        self.assertEqual(s.check()['in_bytes'] + status['lost_bytes'], status['rx_bytes'])
        s.try_wait('rx_bytes', len(data), ms=500)
        self.assertEqual(s.status()['rx_bytes'], status['rx_bytes'],
                         'it receives although it is full')
        ns.run('rm', folder + '/filler')
        s.wait('rx_bytes', '=%d' % len(data))
        t.join()
        s.wait('log_full', '=0')
        status = s.status()
        check = s.check()
        self.assertEqual(check['in_bytes'] + status['lost_bytes'], len(data))
        self.assertGreater(check['in_bytes'], len(data) // 2)
        resumed = [e['event'] for e in s.events('log-resumed')]
        self.assertTrue(resumed)
        self.assertEqual(sum(e['n2'] for e in resumed), status['lost_bytes'])
        self.assertEqual(sum(e['n1'] for e in resumed), status['lost_frames'])

    def test_goes_on_receiving_and_counts(self):
        ns, folder, s = self.small_disk()
        s.cmd('when-full', 'go-on')
        c = self.client(ns, s)
        data = p.pattern(24 << 20, 32)
        c.sendall(data)
        s.wait('rx_bytes', '=%d' % len(data))
        status = s.wait('log_full', '=1')
        check = s.check()
        self.assertEqual(check['in_bytes'] + status['lost_bytes'], len(data))
        self.assertGreater(status['lost_bytes'], len(data) - self.size)
        self.assertGreater(check['in_bytes'], self.size // 2)
        # The beginning is unharmed; later, a short read may have found room where a long one had
        # not.
        self.assertEqual(s.data('in', 'all', 1 << 20), data[:1 << 20])
        self.assertLess(s.stop(), 200 * p.SLOW)

    def test_choice_changed_while_it_is_full(self):
        ns, folder, s = self.small_disk()
        c = self.client(ns, s)
        data = p.pattern(8 << 20, 33)
        t = threading.Thread(target=c.sendall, args=(data,))
        t.start()
        s.wait('log_full', '=1')
        s.cmd('when-full', 'go-on')
        s.wait('rx_bytes', '=%d' % len(data))
        t.join()
        self.assertEqual(s.check()['in_bytes'] + s.status()['lost_bytes'], len(data))

    def test_stop_while_it_is_full(self):
        ns, folder, s = self.small_disk()
        c = self.client(ns, s)
        c.setblocking(False)
        block = b'x' * 65536
        while not s.try_wait('log_full', '=1', ms=0)['holds']:
            try:
                c.send(block)
            except BlockingIOError:
                time.sleep(0.001)
        self.assertLess(s.stop(), 200 * p.SLOW)

    def test_udp_on_a_full_disk(self):
        ns, folder, s = self.small_disk()
        u = self._head.open('listen', 'udp://127.0.0.1:0', when_full='go-on')
        u.wait('state', 'listening')
        c = self.keep(ns.socket(kind=socket.SOCK_DGRAM))
        n = 6000
        for i in range(n):
            c.sendto(b'%04d' % i + b'.' * 1396, u.address)
            if i % 500 == 499:
                u.wait('rx_and_drops', i + 1)
        status = u.wait('log_full', '=1')
        self.assertEqual(status['rx_bytes'], status['rx_frames'] * 1400)
        self.assertEqual(status['rx_frames'] + status['kernel_drops'], n)
        check = u.check()
        self.assertEqual(check['in_bytes'] + status['lost_bytes'], status['rx_bytes'])
        self.assertEqual(check['in_frames'] + status['lost_frames'], status['rx_frames'])

    def test_events_that_find_no_room_are_no_datagrams(self):
        """What is told of on a full disk may be lost too, and is counted, as what it is."""
        ns, folder, s = self.small_disk()
        u = self._head.open('listen', 'udp://127.0.0.1:0', when_full='go-on')
        u.wait('state', 'listening')
        c = self.keep(ns.socket(kind=socket.SOCK_DGRAM))
        n = 0
        while not u.try_wait('log_full', '=1', ms=0)['holds']:
            for i in range(200):
                c.sendto(b'.' * 1400, u.address)
            n += 200
            u.wait('rx_frames', n)
        words = n_events = 0

        def lose_events():
            nonlocal words, n_events
            u.cmd('pause' if words % 2 == 0 else 'resume')
            u.wait('receiving_paused', '=%d' % (words % 2 == 0))
            words += 1
            n_events = u.status()['lost_events']
            return n_events >= 2

        p.until('events that are lost', lose_events)
        c.sendto(b'.' * 1400, u.address)
        u.cmd('resume')
        u.wait('receiving_paused', '=0')
        status = u.wait('rx_frames', '=%d' % (n + 1))
        check = u.check()
        self.assertEqual(check['in_frames'] + status['lost_frames'], n + 1)
        self.assertEqual(check['in_bytes'] + status['lost_bytes'], (n + 1) * 1400)

    def test_the_log_says_at_its_end_what_it_lacks(self):
        s = self.head.listen(log_limit=1 << 16, when_full='go-on')
        c = self.keep(p.tcp(s.address))
        data = p.pattern(1 << 18, 36)
        c.sendall(data)
        s.wait('rx_bytes', '=%d' % len(data))
        s.stop()
        status = s.status()
        self.assertGreater(status['lost_bytes'], 0)
        self.assertEqual(s.check()['in_bytes'] + status['lost_bytes'], len(data))
        told = s.event('not-recorded')
        self.assertEqual((told['n1'], told['n2']), (status['lost_frames'], status['lost_bytes']))

    def test_file_size_limit(self):
        """RLIMIT_FSIZE: EFBIG, and no death by SIGXFSZ."""
        p.need('prlimit')
        self._head = p.Head(prefix=['prlimit', '--fsize=2000000:2000000'])
        s = self.head.listen(when_full='go-on')
        c = self.keep(p.tcp(s.address))
        data = p.pattern(5 << 20, 34)
        c.sendall(data)
        s.wait('rx_bytes', '=%d' % len(data))
        status = s.wait('log_full', '=1')
        check = s.check()
        self.assertEqual(check['in_bytes'] + status['lost_bytes'], len(data))
        self.assertGreater(check['in_bytes'], 1000000)
        self.assertEqual(s.data('in', 'all', 1000000), data[:1000000])

    def test_limit_of_the_session(self):
        s = self.head.listen(log_limit=1 << 20, when_full='go-on')
        c = self.keep(p.tcp(s.address))
        data = p.pattern(4 << 20, 35)
        c.sendall(data)
        s.wait('rx_bytes', '=%d' % len(data))
        status = s.wait('log_full', '=1')
        self.assertLessEqual(status['log_bytes'], 1 << 20)
        check = s.check()
        self.assertEqual(check['in_bytes'] + status['lost_bytes'], len(data))
        self.assertGreater(check['in_bytes'], 1 << 18)
        used = sum(os.path.getsize(os.path.join(s.dir, f)) for f in os.listdir(s.dir))
        self.assertLessEqual(used, (1 << 20) + 8192)
        self.assertEqual(len(s.events('log-full')), 1)
        self.assertEqual((s.event('log-full')['errno'], s.event('log-full')['n1']), ('EFBIG', 0))


class Crash(p.Case):
    def test_everything_published_survives_kill_9(self):
        folder = self.tmp()
        logs = os.path.join(folder, 'logs')
        head = p.Head(log_dir=logs)
        s = head.listen()
        address = s.address
        c = p.tcp(address)
        data = p.pattern(8 << 20, 41)
        c.sendall(data)
        s.wait('rx_bytes', '=%d' % len(data))
        done = threading.Event()

        def flood():
            at = 0
            try:
                while not done.is_set():
                    at += c.send(data[at % len(data):][:65536])
            except OSError:
                pass

        t = threading.Thread(target=flood)
        t.start()
        s.wait('rx_bytes', 40 << 20, ms=20000)
        seen = s.status()
        published = s.check()
        head.kill()
        done.set()
        t.join()
        c.close()
        with p.Head() as other:
            left = other.cmd('list-left', logs)['left']
            self.assertEqual([os.path.realpath(x) for x in left], [os.path.realpath(s.dir)])
            r = other.reopen(left[0])
            self.assertGreaterEqual(r.opened['n_frames'], seen['log_frames'])
            check = r.check()
            self.assertGreaterEqual(check['in_bytes'], published['in_bytes'])
            n = check['in_bytes']
            expected = data + (data * (n // len(data) + 1))[:n - len(data)]
            self.assertEqual(r.sha256('in')['sha256'], p.sha256(expected[:n]))
            self.assertEqual(r.opened['n_peers'], 1)
            self.assertTrue(r.opened['uri'].startswith('tcp://127.0.0.1'), r.opened['uri'])
            other.cmd('forget', r.id)
            other.cmd('discard', left[0])
            self.assertFalse(os.path.exists(left[0]))
            self.assertEqual(other.cmd('list-left', logs)['left'], [])

    def test_a_log_in_use_is_not_left(self):
        s = self.head.listen()
        with p.Head() as other:
            self.assertEqual(other.cmd('list-left', self.head.log_dir)['left'], [])
            answer = other.ask('discard', s.dir)
            self.assertFalse(answer['ok'], 'a log that is being written was removed')
        self.assertTrue(os.path.exists(s.dir))

    def test_torn_ends(self):
        folder = self.tmp()
        logs = os.path.join(folder, 'logs')
        head = p.Head(log_dir=logs)
        s = head.listen()
        c = p.tcp(s.address)
        messages = [b'message %d' % i for i in range(50)]
        for i, m in enumerate(messages):
            c.sendall(m)
            s.wait('rx_bytes', sum(map(len, messages[:i + 1])))
        n_frames = s.status()['log_frames']
        head.kill()
        c.close()
        with p.Head() as other:
            for name, cut in (('data', 1), ('data', 9), ('index', 1), ('index', 31), ('index', 33)):
                with self.subTest(file=name, cut=cut):
                    copy = os.path.join(folder, 'copy')
                    shutil.rmtree(copy, ignore_errors=True)
                    shutil.copytree(s.dir, copy)
                    path = os.path.join(copy, name)
                    os.truncate(path, os.path.getsize(path) - cut)
                    r = other.reopen(copy)
                    self.assertLess(r.opened['n_frames'], n_frames)
                    self.assertGreaterEqual(r.opened['n_frames'], n_frames - 3)
                    r.check()
                    self.assertTrue(b''.join(messages).startswith(r.data('in')))
                    other.cmd('forget', r.id)

    def test_other_files_are_not_discarded(self):
        folder = self.tmp()
        with open(os.path.join(folder, 'letter'), 'w') as f:
            f.write('x')
        with p.Head() as other:
            answer = other.ask('discard', folder)
            self.assertFalse(answer['ok'])
        self.assertTrue(os.path.exists(os.path.join(folder, 'letter')))


class Clock(p.Case):
    def test_clock_set_back(self):
        library = os.environ.get('PTL_CLOCK_BACK')
        if not library:
            self.skipTest('PTL_CLOCK_BACK is not set')
        preload = [library]
        if os.environ.get('LD_PRELOAD'):
            preload.append(os.environ['LD_PRELOAD'])
        self._head = p.Head(env={'LD_PRELOAD': ':'.join(preload), 'ASAN_OPTIONS':
                                 os.environ.get('ASAN_OPTIONS', '') + ':verify_asan_link_order=0'})
        s = self.head.listen(idle_timeout_ms=60000)
        c = self.keep(p.tcp(s.address))
        for i in range(30):
            c.sendall(b'tick')
            s.wait('rx_bytes', 4 * (i + 1))
        check = s.check()  # times in order
        self.assertEqual(check['in_frames'], 30)
        self.assertLess(check['last_in_ns'], 60e9)


if __name__ == '__main__':
    p.in_user_namespace()
    p.main()
