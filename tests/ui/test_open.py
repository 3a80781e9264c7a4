#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way to open a session, and what is said where it does not work."""
import ctypes
import os
import re
import socket
import struct
import subprocess

import pane
import ptlui
from ptlui import slow


class Open(pane.PaneCase):
    def greets(self, app, listener, datagrams=False):
        """The app's newest session is with this server: bytes go both ways."""
        s = self.accept(listener)
        s.sendall(b'220 hello\r\n')
        pane.frame(app, '220 hello', dir='received')
        app.type_into(pane.field(app, 'Message'), 'QUIT')
        pane.press(app, 'Send')
        self.assertEqual(pane.receive(s, 5), b'QUIT\n')
        return s

    @staticmethod
    def n_sessions(app):
        return len([k for k in app.find('list', 'Sessions').kids if k.role == 'list item'])

    def test_connect_by_the_form(self):
        listener = self.server()
        app = self.start()
        pane.press(app, 'Role: Connect')
        pane.fill(app, 'Host', 'localhost')
        pane.says(app, 'Type a port')
        self.assertFalse(pane.is_sensitive(app, 'Connect'))
        pane.fill(app, 'Port', 'http')
        pane.says(app, '80')
        pane.fill(app, 'Port', str(listener.getsockname()[1]))
        pane.press(app, 'Connect')
        s = self.greets(app, listener)
        pane.says(app, re.compile('^Connected'))
        # By name: the look-up and every address are in the log.
        pane.frame(app, 'looking up “localhost', dir='event')
        pane.frame(app, re.compile('connected to 127.0.0.1:'), dir='event')
        s.close()
        pane.frame(app, 'end of input: the peer sends no more')

    def test_errors_of_the_form_name_the_character(self):
        app = self.start()
        pane.press(app, 'Role: Connect')
        pane.fill(app, 'Port', '80')
        for text, at, why in (
            ('12.3.400.5', 6, '400 is more than 255'),
            ('a b', 2, 'does not have this character'),
            ('::1::', 4, 'may stand only once'),
            ('tcp://x', None, None),
        ):
            with self.subTest(host=text):
                pane.fill(app, 'Host', text)
                if at is None:
                    pane.says(app, re.compile('port is missing|Type a port'))
                else:
                    self.assertIn('character %d' % at, pane.says(app, why))
                self.assertFalse(pane.is_sensitive(app, 'Connect'))
        pane.fill(app, 'Host', 'localhost')
        for text, at, why in (
            ('65536', 1, 'a number from 0 to 65535'),
            ('8 0', 2, 'port'),
        ):
            with self.subTest(port=text):
                pane.fill(app, 'Port', text)
                said = pane.says(app, re.compile('character.*' + why))
                self.assertIn('character %d' % at, said)
                self.assertFalse(pane.is_sensitive(app, 'Connect'))
        pane.fill(app, 'Port', '80')
        app.wait_until(lambda: pane.is_sensitive(app, 'Connect'), 5)
        # Of several the character of the field.
        pane.press(app, 'Role: Listen')
        for text, at, why in (
            ('80, 8010-8000', 5, 'a range of ports goes upwards'),
            ('1-100', 1, 'at most 64 ports'),
            ('80,70000-70010', 4, 'a number from 0 to 65535'),
            ('8000-', 6, 'the last port of the range is missing'),
        ):
            with self.subTest(ports=text):
                pane.fill(app, 'Port, or several: 80, 8000-8010', text)
                said = pane.says(app, re.compile('character.*' + why))
                self.assertIn('character %d' % at, said)
                self.assertFalse(pane.is_sensitive(app, 'Listen'))
        pane.fill(app, 'Port, or several: 80, 8000-8010', '0')
        app.wait_until(lambda: pane.is_sensitive(app, 'Listen'), 5)

    def test_a_uri_by_hand_or_pasted(self):
        app = self.start()
        pane.press(app, 'Role: Connect')

        def fields():
            return tuple(app.read_text(pane.field(app, name)) for name in ('Host', 'Port'))

        # What stands there on the way is a URI, too: tcp://1:1, tcp://12:1 ...
        pane.fill(app, 'Port', '1')
        pane.fill(app, 'Host', '')
        pane.focus(app, pane.field(app, 'Host'))
        for c in 'tcp://127.0.0.1:12345':
            app.type_text(c)
        app.wait_until(lambda: fields() == ('tcp://127.0.0.1:12345', '1'), 5)
        pane.says(app, 'tcp://127.0.0.1:12345')
        app.keys('Tab')
        app.wait_until(lambda: fields() == ('127.0.0.1', '12345'), 5)
        pane.fill(app, 'Port', 'tcp://127.0.0.2:80')
        app.wait_until(lambda: fields() == ('127.0.0.2', '80'), 5)

    def test_command_line(self):
        a, b = self.server(), self.server()
        app = self.start('tcp://127.0.0.1:%d' % a.getsockname()[1])
        self.greets(app, a)
        # What is started later hands over to the first and ends.
        env = dict(self.desk.env)
        env.update(self.env())

        def again(*args):
            r = subprocess.run([ptlui.APP, *args], env=env, capture_output=True, text=True,
                               timeout=slow(20))
            self.assertNotRegex(r.stderr, 'WARNING|CRITICAL')
            return r

        self.assertEqual(again('tcp://127.0.0.1:%d' % b.getsockname()[1]).returncode, 0)
        self.greets(app, b)
        self.assertEqual(self.n_sessions(app), 2)

        self.assertEqual(again('--listen', 'tcp://127.0.0.1:0').returncode, 0)
        self.peer(app).sendall(b'called')
        pane.frame(app, 'called', dir='received')

        self.assertEqual(again('--datagrams', 'udp://127.0.0.1:9?from=127.0.0.1:0').returncode, 0)
        row = pane.frame(app, 'receiving on 127.0.0.1:')
        u = self.peer(int(row['preview'].rsplit(':', 1)[1]), kind=socket.SOCK_DGRAM)
        u.send(b'a datagram')
        pane.frame(app, 'a datagram', dir='received')
        self.assertEqual(self.n_sessions(app), 4)

        # A relative path is one of the folder where the command was given.
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(os.path.join(self.state, 'x.sock'))
            s.listen(1)
            s.settimeout(slow(10))
            r = subprocess.run([ptlui.APP, 'unix:x.sock'], env=env, cwd=self.state,
                               timeout=slow(20))
            self.assertEqual(r.returncode, 0)
            self.keep(s.accept()[0])
        # Each of several, and the own one.
        folder = os.path.join(self.state, 'where it was called')
        os.mkdir(folder)
        for args in (('--listen', 'unix:a.sock?also=b.sock&also=c.sock'),
                     ('--datagrams', 'unix+dgram:' + os.path.join(folder, 'none') +
                      '?from=own.sock')):
            r = subprocess.run([ptlui.APP, *args], env=env, cwd=folder, timeout=slow(20))
            self.assertEqual(r.returncode, 0)
        for name in 'a.sock', 'b.sock', 'c.sock', 'own.sock':
            app.wait_until(lambda: os.path.exists(os.path.join(folder, name)), 10)
        deep = os.path.join(self.state, 'x' * 60, 'y' * 60)
        os.makedirs(deep)
        r = subprocess.run([ptlui.APP, '--listen', 'unix:a?also=b'], env=env, cwd=deep,
                           timeout=slow(20), capture_output=True, text=True)
        self.assertEqual(r.returncode, 2)
        self.assertIn('a socket\'s has at most', r.stderr)

        for args, said in (
            (('tcp://127.0.0.1:99999',), 'character 17'),
            (('--listen', 'tcp:/x'), 'character 5'),
            (('xyz://a:1',), 'character 1'),
            (('--datagrams', 'tcp://127.0.0.1:9'), 'tcp'),
        ):
            with self.subTest(args=args):
                r = again(*args)
                self.assertEqual(r.returncode, 2, r.stderr)
                self.assertIn(args[-1], r.stderr)
                self.assertIn(said, r.stderr.lower())
        self.assertEqual(self.n_sessions(app), 7)

    def test_a_bad_uri_ends_with_2_before_there_is_a_window(self):
        env = dict(self.desk.env)
        env.update(self.env())
        r = subprocess.run([ptlui.APP, 'tcp://a:b:c'], env=env, capture_output=True, text=True,
                           timeout=slow(20))
        self.assertEqual(r.returncode, 2)
        self.assertRegex(r.stderr, r'^portlight: tcp://a:b:c: character \d+, ')

    def test_actions(self):
        """What gapplication and scripts call."""
        listener = self.server()
        app = self.start()
        pane.activate(self.desk, 'connect', 'tcp://127.0.0.1:%d' % listener.getsockname()[1])
        self.greets(app, listener)
        pane.activate(self.desk, 'listen', 'tcp://127.0.0.1:0')
        self.peer(app).sendall(b'called')
        pane.frame(app, 'called', dir='received')
        pane.activate(self.desk, 'datagrams', 'udp://127.0.0.1:9?from=127.0.0.1:0')
        pane.frame(app, 'receiving on 127.0.0.1:')
        self.assertEqual(self.n_sessions(app), 3)
        # Megabytes are told in short, and of many the last ones.
        for i in range(100):
            pane.activate(self.desk, 'connect', 'tcp://a:99999?%d' % i)
        pane.activate(self.desk, 'connect', 'tcp://' + 'a.' * 2000000 + ':1')
        pane.activate(self.desk, 'connect', 'tcp://a:99999')
        self.assertLess(len(pane.says(app, re.compile('^tcp://a\\.a\\..*…'), timeout=60)), 600)
        self.assertIn('character 9', pane.says(app, 'tcp://a:99999: ', timeout=20))
        # Each is told for some seconds, one after the other: it is enough that all were taken.
        for action, uri in (('listen', ''), ('datagrams', '%'), ('connect', 'tcp://<b>&amp;</b>:1'),
                            ('listen', 'tcp://\u202e:x y'), ('connect', 'unix:' + 'x' * 5000)):
            pane.activate(self.desk, action, uri)
        self.assertEqual(self.n_sessions(app), 3)


class Advanced(pane.PaneCase):
    """Each option is chosen in the form, and read back from the app's very sockets."""

    # All of the form is on the screen.
    desk_options = {'size': (900, 2600)}
    SYS_PIDFD_GETFD = 438

    def sockets(self, app, family, port):
        """Duplicates of those that are bound to that port (pidfd_getfd(2))."""
        libc = ctypes.CDLL(None, use_errno=True)
        found = []
        pidfd = os.pidfd_open(app.pid)
        try:
            for fd in os.listdir('/proc/%d/fd' % app.pid):
                try:
                    if not os.readlink('/proc/%d/fd/%s' % (app.pid, fd)).startswith('socket:'):
                        continue
                except OSError:  # closed meanwhile
                    continue
                n = libc.syscall(self.SYS_PIDFD_GETFD, pidfd, int(fd), 0)
                if n < 0:
                    self.skipTest('pidfd_getfd: %s' % os.strerror(ctypes.get_errno()))
                s = self.keep(socket.socket(fileno=n))
                if s.family == family and s.getsockname()[1] == port:
                    found.append(s)
        finally:
            os.close(pidfd)
        return found

    def form(self):
        app = self.start()
        pane.window_act(app, 'window.toggle-maximized')
        app.mouse(app.find('label', 'Advanced', showing=True, timeout=20))
        app.find('label', 'TTL, hop limit', showing=True)
        return app

    @staticmethod
    def named(app, roles, name):
        """GTK 4.8 tells names twice."""
        return app.wait_until(
            lambda: next((n for n in app.walk() if n.role in roles and app.showing(n)
                          and n.name in (name, name + ' ' + name)), None), 5, what=name)

    def choose(self, app, name, nth, item):
        combo = self.named(app, ('combo box',), name)
        pane.pick(app, combo.name, nth, item)

    def number(self, app, name, text):
        app.type_into(self.named(app, ('text', 'entry'), name), text)

    def test_a_listener_has_every_option(self):
        app = self.form()
        pane.press(app, 'Role: Listen')
        pane.fill(app, 'Port, or several: 80, 8000-8010', '0')
        for name, wrong, right, said in (
            ('TTL, hop limit', '300', '33', '“300” is not a number from 1 to 255'),
            ('Type of service', '256', 'ef', '“256” is not a number from 0 to 255'),
            ('Type of service', 'cs8', 'EF', '255; character 1, “c”: a number goes here, or a '),
            ('Backlog', '-1', '7', '“-1” is not a number from 0 to 2147483647; character 1, “-”: '),
            ('Keepalive after, s', '0', '11', '“0” is not a number from 1 to 32767'),
            ('Keepalive every, s', 'x', '12', '“x” is not a number from 1 to 32767; character 1'),
            ('Keepalive questions', '128', '3', '“128” is not a number from 1 to 127'),
            ('Linger, s', '65536', '0', '“65536” is not a number from 0 to 65535'),
            ('Receive buffer, bytes', '64q', '39 KiB', '“64q” is not a number from 0 to '
             '2147483647; character 3, “q”: behind a size only k, M or G may stand'),
            ('Send buffer, bytes', '1.5', '30000', '“1.5” is not a number from 0 to 2147483647; '
             'character 2, “.”'),
        ):
            with self.subTest(option=name):
                self.number(app, name, wrong)
                self.assertIn(name + ': ', pane.says(app, said))
                self.assertFalse(pane.is_sensitive(app, 'Listen'))
                self.number(app, name, right)
                app.wait_until(lambda: pane.is_sensitive(app, 'Listen'), 5)
        for name, nth, item in (('Reuse the address', 2, 'Off'), ('Share the port', 1, 'On'),
                                ('Send small segments at once', 1, 'On'), ('Keepalive', 1, 'On')):
            self.choose(app, name, nth, item)
        for said in ('\nBecomes 184, 0xB8: DSCP 46, ECN 0', '\nBecomes 39936'):
            self.assertTrue(any(said in n.name for n in app.find_all('label')), said)
        pane.says(app, '13 options set')
        pane.press(app, 'Listen')
        port = pane.port(app)
        peer = self.peer(port)
        pane.frame(app, 'accepted on')
        listener, accepted = sorted(
            self.sockets(app, socket.AF_INET, port),
            key=lambda s: -s.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
        self.assertEqual(listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN), 1)
        # The backlog, where it listens (tcpi_sacked).
        info = listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 32)
        self.assertEqual(struct.unpack_from('=I', info, 28)[0], 7)
        for s in (listener, accepted):
            for level, option, value in (
                (socket.SOL_SOCKET, socket.SO_REUSEADDR, 0),
                (socket.SOL_SOCKET, socket.SO_REUSEPORT, 1),
                (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
                (socket.SOL_SOCKET, socket.SO_RCVBUF, 79872),
                (socket.SOL_SOCKET, socket.SO_SNDBUF, 60000),
                (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
                (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 11),
                (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 12),
                (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
                (socket.IPPROTO_IP, socket.IP_TTL, 33),
                (socket.IPPROTO_IP, socket.IP_TOS, 184),
            ):
                self.assertEqual(s.getsockopt(level, option), value, (level, option))
            linger = s.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
            self.assertEqual(struct.unpack('ii', linger), (1, 0))
            s.close()
        pane.press(app, 'Stop')
        with self.assertRaises(ConnectionResetError):
            peer.recv(1)

    def test_datagrams_and_what_they_say(self):
        app = self.form()
        # The other role's transport is not lost.
        pane.press(app, 'Role: Listen')
        pane.says(app, 'TCP: a stream of bytes')
        pane.press(app, 'Role: Datagrams')
        pane.says(app, 'UDP: datagrams')
        pane.says(app, 'Receives on any port that is free')
        pane.press(app, 'Role: Listen')
        pane.says(app, 'TCP: a stream of bytes')
        pane.press(app, 'Role: Datagrams')
        pane.fill(app, 'Send to port', '9')
        pane.says(app, 'Sending to it reaches this computer')
        pane.fill(app, 'Send to host', '<broadcast>')
        pane.says(app, 'Needs Broadcast, On, in Advanced')
        self.choose(app, 'Broadcast', 1, 'On')
        app.gone('label', '255.255.255.255: every computer in this network. Needs Broadcast, On, '
                 'in Advanced.', showing=True)
        pane.fill(app, 'Send to host', '""')
        pane.says(app, 'Sending to it reaches this computer')
        pane.fill(app, 'Send to host', '')
        pane.fill(app, 'Send to port', '')
        self.number(app, 'Multicast TTL', '5')
        self.choose(app, 'Hear own multicasts', 2, 'Off')
        self.choose(app, 'IPv6 socket for IPv6 only', 2, 'Off')
        self.choose(app, 'Interface', [n for _, n in socket.if_nameindex()].index('lo') + 1, 'lo')
        pane.press(app, 'Open')
        port = int(pane.frame(app, 'receiving on')['preview'].rsplit(':', 1)[1])
        # Named by where it receives; without a target that is what is missing.
        pane.says(app, re.compile(r'^udp://.*:%d$' % port))
        app.type_into(pane.field(app, 'Message'), 'x')
        pane.press(app, 'Send')
        pane.says(app, 'there is no default target')
        sockets = [s for family in (socket.AF_INET6, socket.AF_INET)
                   for s in self.sockets(app, family, port)]
        self.assertEqual(len(sockets), 1)  # for both families, or of a kernel without IPv6
        s = sockets[0]
        options = [(socket.SOL_SOCKET, socket.SO_BROADCAST, 1),
                   (socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 5),
                   (socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)]
        if s.family == socket.AF_INET6:
            options += [(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0),
                        (socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 5),
                        (socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 0)]
        for level, option, value in options:
            self.assertEqual(s.getsockopt(level, option), value, (level, option))
        device = s.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16)
        self.assertEqual(device.rstrip(b'\0'), b'lo')


class Refused(pane.PaneCase):
    def test_port_in_use(self):
        listener = self.server()
        port = listener.getsockname()[1]
        app = self.start('--listen', 'tcp://127.0.0.1:%d' % port)
        said = pane.says(app, 'is in use')
        self.assertIn('127.0.0.1:%d' % port, said)
        self.assertRegex(said, 'EADDRINUSE|Address already in use')
        pane.says(app, re.compile(r'Port %d is in use by python.*\b%d\b' % (port, os.getpid())))

    def test_refused_and_no_such_path(self):
        with socket.socket() as s:
            s.bind(('127.0.0.1', 0))  # bound, not listening
            port = s.getsockname()[1]
            app = self.start('tcp://127.0.0.1:%d' % port)
            said = pane.says(app, 'Nothing listens there')
            for part in ('connect to 127.0.0.1:%d' % port, 'Connection refused', 'ECONNREFUSED'):
                self.assertIn(part, said)
        pane.activate(self.desk, 'connect', 'unix:/no/such/path')
        self.assertIn('ENOENT', pane.says(app, '/no/such/path: '))

    def test_name_not_found(self):
        prefix = pane.private_etc(self, {
            '/etc/hosts': '127.0.0.1 localhost\n::1 two.invalid\n127.0.0.1 two.invalid\n',
            '/etc/nsswitch.conf': 'hosts: files\n'})
        app = self.start(*prefix[1:], ptlui.APP, 'tcp://no.such.name.invalid:80', program=prefix[0])
        said = pane.says(app, 'No source of this computer knows that name')
        self.assertIn('getaddrinfo for “no.such.name.invalid”', said)
        self.assertIn('EAI_NONAME', said)
        # Of one with two addresses each is tried, with its own event, time and error.
        try:
            with socket.socket(socket.AF_INET6) as s:
                s.bind(('::1', 0))
        except OSError:
            return
        listener = self.server()
        port = listener.getsockname()[1]
        pane.activate(self.desk, 'connect', 'tcp://two.invalid:%d' % port)
        self.accept(listener)
        for event in (r'^found 2 addresses of two\.invalid in \d.* .?s$',
                      r'^address 1: \[::1\]:%d$', r'^address 2: 127\.0\.0\.1:%d$',
                      r'^connecting to \[::1\]:%d \(address 1\)$',
                      r'^connect to \[::1\]:%d failed after \d.*: Connection refused '
                      r'\(ECONNREFUSED\)$',
                      r'^connecting to 127\.0\.0\.1:%d \(address 2\)$',
                      r'^connected to 127\.0\.0\.1:%d from 127\.0\.0\.1:\d+ in \d.* .?s$'):
            pattern = event % port if '%d' in event else event
            pane.frame(app, re.compile(pattern), dir='event')

    def test_permission_denied(self):
        with open('/proc/sys/net/ipv4/ip_unprivileged_port_start') as f:
            first = int(f.read())
        if first < 10:
            self.skipTest('every user may have every port here')
        prefix = []
        if os.geteuid() == 0:
            prefix = ['setpriv', '--bounding-set', '-net_bind_service', '--inh-caps',
                      '-net_bind_service']
            if subprocess.run(prefix + ['true'], capture_output=True).returncode:
                self.skipTest('the privilege cannot be given up here')
        args = prefix + [ptlui.APP, '--listen', 'tcp://127.0.0.1:9']
        app = self.start(*args[1:], program=args[0])
        said = pane.says(app, 'CAP_NET_BIND_SERVICE')
        self.assertIn('EACCES', said)
        self.assertIn('Ports below %d' % first, said)


if __name__ == '__main__':
    pane.main()
