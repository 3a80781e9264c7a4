# SPDX-License-Identifier: GPL-3.0-or-later
"""Real DNS servers for tests: Knot with a zone of its own on 127.0.0.1, on a port that was free.

    with ptldns.Knot({'example.test': ZONE}) as server:
        server.port

skip() says why a test cannot be run where Knot is not installed."""
import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time

KNOTD = shutil.which('knotd') or shutil.which('knotd', path='/usr/sbin:/sbin')

ZONE = '''\
$TTL 300
@       SOA   ns hostmaster 2024010101 3600 600 86400 60
@       NS    ns
@       A     192.0.2.1
@       MX    10 mail
@       TXT   "v=spf1 -all" "second string"
@       CAA   0 issue "ca.example.net"
ns      A     127.0.0.1
        AAAA  ::1
www     A     192.0.2.10
        A     192.0.2.11
        AAAA  2001:db8::10
alias   CNAME www
mail    A     192.0.2.25
_xmpp._tcp SRV 5 10 5222 www
_443._tcp.www TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
svc     HTTPS 1 . alpn=h2,h3 port=8443
naptr   NAPTR 100 10 "U" "E2U+sip" "!^.*$!sip:info@example.com!" .
xn--bcher-kva A 192.0.2.77
''' + ''.join('big TXT "%0250d"\n' % i for i in range(60))


# A chain of delegations: each server has one zone, on an address and all on one port.
CHAIN = (
    ('.', '127.0.0.1', '''\
$TTL 300
@       SOA   ns.root. hostmaster.root. 1 3600 600 86400 60
@       NS    ns.root.
ns.root. A    127.0.0.1
test.   NS    ns.test.
ns.test. A    127.0.0.2
'''),
    ('test', '127.0.0.2', '''\
$TTL 300
@       SOA   ns hostmaster 1 3600 600 86400 60
@       NS    ns
ns      A     127.0.0.2
; the first of these does not serve the zone
lame    NS    ns.lame
lame    NS    ns2.lame
ns.lame A     127.0.0.2
ns2.lame A    127.0.0.3
portlight NS  ns.portlight
ns.portlight A 127.0.0.3
bare    NS    ns.portlight
'''),
    ('portlight.test', '127.0.0.3', '''\
$TTL 300
@       SOA   ns hostmaster 1 3600 600 86400 60
@       NS    ns
ns      A     127.0.0.3
www     A     192.0.2.10
alias   CNAME www
'''),
)


def skip():
    return None if KNOTD else 'knotd is not installed'


def free_port(address='127.0.0.1'):
    """One that is free over UDP and TCP."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind((address, 0))
            port = udp.getsockname()[1]
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
                try:
                    tcp.bind((address, port))
                except OSError:
                    continue
            return port


@contextlib.contextmanager
def chain():
    """Three servers; where to start: "127.0.0.1:5300"."""
    tries = 5
    while True:
        port = free_port()
        with contextlib.ExitStack() as stack:
            try:
                for zone, address, text in CHAIN:
                    stack.enter_context(Knot({zone: text}, address, port))
            except RuntimeError:
                # On another of the addresses the port may have been taken.
                tries -= 1
                if tries == 0:
                    raise
                continue
            yield '127.0.0.1:%d' % port
            return


class Knot:
    def __init__(self, zones, address='127.0.0.1', port=None):
        self.dir = tempfile.mkdtemp(prefix='portlight-dns.')
        self.address = address
        self.port = port or free_port(address)
        for name in ('run', 'db', 'zones'):
            os.mkdir(os.path.join(self.dir, name))
        conf = 'server:\n  rundir: %s/run\n  listen: %s@%d\n' % (self.dir, address, self.port)
        conf += '  udp-workers: 1\n  tcp-workers: 1\n  background-workers: 1\n'
        conf += 'database:\n  storage: %s/db\n' % self.dir
        conf += 'log:\n  - target: stderr\n    any: info\nzone:\n'
        for name, text in zones.items():
            path = os.path.join(self.dir, 'zones', name.strip('.') or 'root')
            with open(path, 'w') as f:
                f.write('$ORIGIN %s\n' % (name if name.endswith('.') else name + '.') + text)
            conf += '  - domain: "%s"\n    file: %s\n    zonefile-sync: -1\n' % (name, path)
            conf += '    journal-content: none\n'
        self.conf = os.path.join(self.dir, 'knot.conf')
        with open(self.conf, 'w') as f:
            f.write(conf)

    @property
    def text(self):
        return '%s:%d' % (self.address, self.port)

    def __enter__(self):
        self.log = open(os.path.join(self.dir, 'log'), 'wb')
        self.proc = subprocess.Popen(
            [KNOTD, '-c', self.conf],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )
        end = time.monotonic() + 20
        while True:
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
                if s.connect_ex((self.address, self.port)) == 0:
                    return self
            if self.proc.poll() is not None or time.monotonic() > end:
                self.__exit__()
                with open(os.path.join(self.dir, 'log')) as f:
                    raise RuntimeError('knotd did not start:\n' + f.read())
            time.sleep(0.02)

    def __exit__(self, *args):
        if self.proc.poll() is None:
            self.proc.terminate()
            try:
                self.proc.wait(10)
            except subprocess.TimeoutExpired:
                self.proc.kill()
                self.proc.wait()
        self.log.close()
        if args:
            shutil.rmtree(self.dir, ignore_errors=True)
