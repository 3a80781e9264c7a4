# SPDX-License-Identifier: GPL-3.0-or-later
"""Short reads, short writes and EAGAIN on demand (PTL_FAULT_*): the bytes are the same."""

import os
import socket
import threading

import ptlhead as p

SETTINGS = (dict(PTL_FAULT_SHORT='7'), dict(PTL_FAULT_AGAIN='2'),
            dict(PTL_FAULT_AGAIN='3', PTL_FAULT_SHORT='1000'))


class Faults(p.Case):
    size = 200000

    def each(self):
        for setting in SETTINGS:
            with self.subTest(**setting):
                with p.Head(env=setting) as head:
                    yield head

    def test_they_are_there(self):
        """A test of the tests: reads are really cut."""
        with p.Head(env=dict(PTL_FAULT_SHORT='7')) as head:
            s = head.listen()
            with p.tcp(s.address) as c:
                c.sendall(b'x' * 700)
                s.wait('rx_bytes', 700)
            self.assertGreaterEqual(s.check()['in_frames'], 100)

    def test_both_directions(self):
        data = p.pattern(self.size, 51)
        for head in self.each():
            s = head.listen()
            c = self.keep(p.tcp(s.address))
            s.wait('peers_open', '=1')
            sent = s.cmd('send', 1, 'blob', self.size, 52)
            t = threading.Thread(target=c.sendall, args=(data,))
            t.start()
            got = p.recv_exactly(c, self.size)
            t.join()
            s.wait('rx_bytes', '=%d' % self.size)
            s.wait('sent', sent['tag'])
            self.assertEqual(p.sha256(got), sent['sha256'])
            self.assertEqual(s.sha256('in')['sha256'], p.sha256(data))
            self.assertEqual(s.sha256('out')['sha256'], sent['sha256'])
            s.check()

    def test_echo(self):
        data = p.pattern(self.size, 53)
        for head in self.each():
            s = head.listen(reaction='echo')
            c = self.keep(p.tcp(s.address))
            t = threading.Thread(target=c.sendall, args=(data,))
            t.start()
            self.assertEqual(p.recv_exactly(c, self.size), data)
            t.join()

    def test_file(self):
        data = p.pattern(self.size, 54)
        path = os.path.join(self.tmp(), 'file')
        with open(path, 'wb') as f:
            f.write(data)
        for head in self.each():
            s = head.listen()
            c = self.keep(p.tcp(s.address))
            s.wait('peers_open', '=1')
            tag = s.cmd('send-file', 1, path)['tag']
            s.cmd('end', 1)
            self.assertEqual(p.recv_all(c), data)
            self.assertEqual(s.wait('sent', tag)['send']['sent_bytes'], self.size)

    def test_ends(self):
        for head in self.each():
            s = head.listen(half_open_ms='keep')
            c = self.keep(p.tcp(s.address))
            c.sendall(b'question')
            c.shutdown(socket.SHUT_WR)
            s.wait_event('peer-ended')
            s.wait('rx_bytes', '=8')
            s.send(b'answer', 1)
            s.cmd('end', 1)
            self.assertEqual(p.recv_all(c), b'answer')
            s.wait('peer', 1, 'closed')

    def test_datagrams_are_not_cut_into_pieces(self):
        with p.Head(env=dict(PTL_FAULT_AGAIN='2')) as head:
            s = head.listen('udp://127.0.0.1:0', reaction='echo')
            c = self.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            c.settimeout(10)
            c.connect(s.address)
            for n in (0, 1, 1400, 65507):
                c.send(b'd' * n)
                self.assertEqual(c.recv(70000), b'd' * n)

    def test_the_log_has_no_room(self):
        with p.Head(env=dict(PTL_FAULT_LOG_ROOM='100000')) as head:
            s = head.listen(when_full='go-on')
            data = p.pattern(400000, 55)
            with p.tcp(s.address) as c:
                c.sendall(data)
                s.wait('rx_bytes', '=%d' % len(data))
            s.wait('log_full', '=1')
            status = s.status()
            self.assertEqual(s.check()['in_bytes'] + status['lost_bytes'], len(data))
            self.assertLess(s.check()['in_bytes'], 100000)


if __name__ == '__main__':
    p.main()
