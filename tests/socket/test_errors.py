# SPDX-License-Identifier: GPL-3.0-or-later
"""What the system refuses is told by its step, its error and its address."""

import os
import shutil
import socket
import subprocess
import time

import ptlhead as p


class Errors(p.Case):
    def failed(self, s, step, errno, ms=10000):
        fault = s.wait('state', 'failed', ms=ms)['fault']
        self.assertEqual((fault['step'], fault['errno']), (step, errno), fault)
        s.wait_event('fault')
        self.assertEqual(s.event('fault')['errno'], errno)
        return fault

    def test_port_in_use(self):
        for scheme, kind in (('tcp', socket.SOCK_STREAM), ('udp', socket.SOCK_DGRAM)):
            with self.subTest(scheme):
                other = self.keep(p.server(kind=kind))
                port = other.getsockname()[1]
                s = self.head.open('listen', '%s://127.0.0.1:%d' % (scheme, port))
                fault = self.failed(s, 'bind', 'EADDRINUSE')
                self.assertEqual(fault['address'], '127.0.0.1:%d' % port)

    def test_port_in_use_for_one_family_only(self):
        """Both families are asked for, one is taken: it listens on the other, and says so."""
        p.need_ipv6()
        other = self.keep(p.server(socket.AF_INET6, host='::'))
        other.close()
        other = self.keep(socket.socket(socket.AF_INET6, socket.SOCK_STREAM))
        other.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        other.bind(('::', 0))
        other.listen()
        port = other.getsockname()[1]
        s = self.head.open('listen', 'tcp://:%d' % port)
        s.wait('state', 'listening')
        s.wait_event('fault')
        fault = s.status()['fault']
        self.assertEqual((fault['step'], fault['errno'], fault['address']),
                         ('bind', 'EADDRINUSE', '[::]:%d' % port))
        self.assertEqual(s.status()['locals'], ['0.0.0.0:%d' % port])

    def test_address_not_ours(self):
        s = self.head.open('listen', 'tcp://192.0.2.1:0')
        self.failed(s, 'bind', 'EADDRNOTAVAIL')

    def test_local_address_refused(self):
        """What is told is the address of the bind, not the one that was to be connected to."""
        taken = self.keep(p.server())
        port = taken.getsockname()[1]
        for local, errno in (('127.0.0.1:%d' % port, 'EADDRINUSE'),
                             ('192.0.2.1:0', 'EADDRNOTAVAIL')):
            s = self.head.open('connect', 'tcp://127.0.0.1:9?from=' + local)
            self.assertEqual(self.failed(s, 'bind', errno)['address'], local)

    def test_connection_refused(self):
        gone = p.server()
        port = gone.getsockname()[1]
        gone.close()
        s = self.head.open('connect', 'tcp://127.0.0.1:%d' % port)
        fault = self.failed(s, 'connect', 'ECONNREFUSED')
        self.assertEqual(fault['address'], '127.0.0.1:%d' % port)
        self.assertEqual(s.event('candidate-failed')['errno'], 'ECONNREFUSED')

    def test_name_not_found(self):
        s = self.head.open('connect', 'tcp://no-such-host.invalid:80')
        fault = s.wait('state', 'failed', ms=20000)['fault']
        self.assertEqual(fault['step'], 'resolve')
        self.assertNotEqual(fault['gai_code'], 0)
        failed = s.event('resolve-failed')
        self.assertEqual(failed['text'].split(':')[0], 'no-such-host.invalid')
        self.assertEqual(failed['n1'], fault['gai_code'])

    def test_service_not_found(self):
        answer = self.head.ask('open', 'connect', 'tcp://127.0.0.1:no-such-service')
        if answer['ok']:
            s = p.Session(self.head, answer)
            fault = s.wait('state', 'failed')['fault']
            self.assertEqual(fault['step'], 'resolve')
            self.assertNotEqual(fault['gai_code'], 0)

    def test_service_by_name(self):
        s = self.head.open('connect', 'tcp://127.0.0.1:discard')
        fault = s.wait('state', 'failed')['fault']
        self.assertEqual((fault['errno'], fault['address']), ('ECONNREFUSED', '127.0.0.1:9'))

    def test_permission_denied_as_an_ordinary_user(self):
        if os.geteuid() != 0:
            with open('/proc/sys/net/ipv4/ip_unprivileged_port_start') as f:
                if int(f.read()) <= 80:
                    self.skipTest('port 80 is free to all here')
            self.failed(self.head.open('listen', 'tcp://127.0.0.1:80'), 'bind', 'EACCES')
            self.head.listen('udp://127.0.0.1:0').stop()
            return
        ns = self.namespace()
        ns.run('sh', '-c', 'echo 1024 > /proc/sys/net/ipv4/ip_unprivileged_port_start')
        p.need('setpriv')
        folder = self.tmp()
        logs = os.path.join(folder, 'logs')
        os.mkdir(logs)
        os.chown(logs, 65534, 65534)
        os.chmod(folder, 0o755)
        program = os.path.join(folder, 'ptl-headless')  # the build folder may be closed to others
        shutil.copy(p.HEADLESS, program)
        prefix = [*ns.prefix, 'setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
        here = p.HEADLESS
        p.HEADLESS = program
        try:
            head = p.Head(prefix=prefix, log_dir=logs)
        finally:
            p.HEADLESS = here
        with head:
            s = head.open('listen', 'tcp://127.0.0.1:80')
            self.failed(s, 'bind', 'EACCES')
            self.failed(head.open('listen', 'udp://127.0.0.1:80'), 'bind', 'EACCES')
            # A folder where nothing may be made, and a socket that may not be written to.
            closed = os.path.join(folder, 'closed')
            for scheme, kind in (('unix', socket.SOCK_STREAM),
                                 ('unix+seqpacket', socket.SOCK_SEQPACKET),
                                 ('unix+dgram', socket.SOCK_DGRAM)):
                s = head.open('listen', '%s:%s' % (scheme, os.path.join(folder, 'new')))
                self.failed(s, 'bind', 'EACCES')
                owner = self.keep(socket.socket(socket.AF_UNIX, kind))
                owner.bind(closed)
                os.chmod(closed, 0o600)
                if kind != socket.SOCK_DGRAM:
                    owner.listen(1)
                s = head.open('connect', '%s:%s' % (scheme, closed))
                fault = self.failed(s, 'connect', 'EACCES')
                self.assertEqual(fault['address'], closed)
                os.unlink(closed)
            s = head.open('connect', 'tcp://127.0.0.1:9', device='lo')
            answer = s.wait('state', 'failed')
            self.assertIn(answer['fault']['errno'], ('EPERM', 'ECONNREFUSED'))
            s = head.listen('tcp://127.0.0.1:1024')
            s.stop()
            # UDP buffer beyond rmem_max: an ordinary user gets what he gets, and a listener.
            s = head.listen('udp://127.0.0.1:0')
            s.stop()

    def test_unknown_device(self):
        s = self.head.open('listen', 'tcp://127.0.0.1:0', device='no-such-if0')
        answer = s.wait('state', 'failed,listening')
        self.assertEqual(answer['state'], 'failed')
        self.assertEqual((answer['fault']['step'], answer['fault']['errno']), ('option', 'ENODEV'))

    def test_unsupported_kinds_say_what_the_kernel_said(self):
        cases = [('tcp://127.0.0.1:0', dict(protocol=132)),        # SCTP
                 ('tcp://127.0.0.1:0', dict(protocol=9999)),
                 ('tcp://127.0.0.1:0', dict(domain=9, type=5, protocol=0)),  # X.25
                 ('tcp://127.0.0.1:0', dict(type=6, protocol=33))]  # DCCP
        for uri, keys in cases:
            with self.subTest(keys):
                s = self.head.open('listen', uri, **keys)
                answer = s.wait('state', 'failed,listening')
                triple = [c for c in s.calls('socket')][-1]
                if answer['state'] == 'failed':
                    self.assertIn(answer['fault']['step'],
                                  ('socket', 'unsupported', 'bind', 'listen'))
                    if answer['fault']['step'] == 'socket':
                        self.assertEqual(triple['errno'], answer['fault']['errno'])
                        self.assertEqual(triple['result'], -1)
                for key, index in (('domain', 0), ('type', 1), ('protocol', 2)):
                    if key in keys:
                        self.assertEqual(triple['args'][index] & 0xf if key == 'type'
                                         else triple['args'][index], keys[key])

    def test_mptcp_works_where_the_kernel_has_it(self):
        try:
            socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262).close()
        except OSError as e:
            self.skipTest(f'no MPTCP here: {e}')
        s = self.head.listen('tcp://127.0.0.1:0', protocol=262, reaction='echo')
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262) as c:
            c.settimeout(10)
            c.connect(s.address)
            c.sendall(b'multipath')
            self.assertEqual(p.recv_exactly(c, 9), b'multipath')

    def test_udplite_works_where_the_kernel_has_it(self):
        try:
            c = self.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 136))
        except OSError as e:
            self.skipTest(f'no UDP-Lite here: {e}')
        s = self.head.listen('udp://127.0.0.1:0', protocol=136, reaction='echo')
        c.settimeout(10)
        c.sendto(b'lite', s.address)
        self.assertEqual(c.recv(10), b'lite')

    def test_vsock(self):
        """vsock://1 (local): works or says what the kernel answered."""
        s = self.head.open('listen', 'vsock://1:5555')
        answer = s.wait('state', 'failed,listening')
        if answer['state'] == 'failed':
            self.assertNotEqual(answer['fault']['errno'], '')

    def test_one_failed_session_leaves_the_others(self):
        good = self.head.listen(reaction='echo')
        bad = self.head.open('listen', good.local and 'tcp://%s' % good.local)
        self.failed(bad, 'bind', 'EADDRINUSE')
        with p.tcp(good.address) as c:
            c.sendall(b'x')
            self.assertEqual(c.recv(1), b'x')

    def test_failed_sessions_leave_no_descriptors(self):
        taken = self.keep(p.server())
        uri = 'tcp://127.0.0.1:%d' % taken.getsockname()[1]
        gone = p.server()
        refused = 'tcp://127.0.0.1:%d' % gone.getsockname()[1]
        gone.close()
        before = None
        for i in range(30):
            for role, u in (('listen', uri), ('connect', refused)):
                s = self.head.open(role, u)
                s.wait('state', 'failed')
                s.cmd('forget')
            if i == 3:
                before = self.head.fds()
        self.assertEqual(self.head.fds(), before)

    def test_parser_says_where(self):
        for uri in ('tcp://127.0.0.1:70000', 'tcp://127.0.0.1:8 0', 'tcp://[::1', 'foo://x:1',
                    'tcp://h:',
                    'tcp://127.0.0.1:80?nodelay=maybe', ''):
            answer = self.head.ask('open', 'connect', uri)
            self.assertFalse(answer['ok'], uri)
            self.assertIn('at', answer)


class Timeouts(p.Case):
    def stuck_listener(self):
        """A listener whose backlog is full: connect(2) to it hangs."""
        listener = self.keep(p.server(backlog=0))
        address = listener.getsockname()
        fillers = []
        for _ in range(10):
            c = socket.socket()
            c.setblocking(False)
            c.connect_ex(address)
            self.keep(c)
            fillers.append(c)
        probe = self.keep(socket.socket())
        probe.settimeout(0.3)
        try:
            probe.connect(address)
            self.skipTest('the backlog is not full here')
        except (TimeoutError, socket.timeout):
            pass
        return address[1]

    def test_connect_timeout(self):
        port = self.stuck_listener()
        begun = time.monotonic()
        s = self.head.open('connect', 'tcp://127.0.0.1:%d' % port, connect_timeout_ms=400)
        fault = s.wait('state', 'failed')['fault']
        took = time.monotonic() - begun
        self.assertEqual(fault['step'], 'connect-timeout')
        self.assertEqual(s.event('connect-timeout')['n1'], 400)
        self.assertTrue(0.39 <= took < 0.9 * p.SLOW, took)

    def test_stop_during_connect(self):
        port = self.stuck_listener()
        s = self.head.open('connect', 'tcp://127.0.0.1:%d' % port)
        s.wait_event('candidate-started')
        self.assertLess(s.stop(), 200 * p.SLOW)
        self.assertEqual(s.status()['state'], 'closed')
        s.wait_event('stopped')

    def test_quit_during_connect(self):
        port = self.stuck_listener()
        s = self.head.open('connect', 'tcp://127.0.0.1:%d' % port)
        s.wait_event('candidate-started')
        begun = time.monotonic()
        self.head.close()
        self.assertLess(time.monotonic() - begun, 0.5 * p.SLOW)


if __name__ == '__main__':
    p.main()
