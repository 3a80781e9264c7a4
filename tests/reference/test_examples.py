#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The three lines of Python of each protocol to know, run as they are shown: in a network of the
test's own, where the names of the examples are this computer and servers wait on the true ports."""
import csv
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import tap

TOOL = os.environ['PTL_REFERENCE']
DATA = os.environ['PTL_REGISTRY']
INSIDE = 'PTL_EXAMPLES_INSIDE'
FACT, CODE = 3, 5
SECONDS = 60
HTTP = b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi'
# What answers a line that begins so; {tag} is its first word.
SMTP = (('EHLO', b'250-here\r\n250 STARTTLS\r\n'), ('LHLO', b'250 here\r\n'),
        ('STARTTLS', b'220 go\r\n'), ('QUIT', b'221 bye\r\n'))
POP3 = (('CAPA', b'+OK\r\nUSER\r\n.\r\n'),)
IMAP = (('', b'* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n'),)
FTP = (('USER', b'331 more\r\n'), ('PASS', b'230 in\r\n'), ('TYPE', b'200 ok\r\n'),
       ('AUTH', b'234 go\r\n'), ('PBSZ', b'200 ok\r\n'), ('PROT', b'200 ok\r\n'),
       ('QUIT', b'221 bye\r\n'))
WAYS = {
    'smtp': (b'220 here\r\n', SMTP), 'submission': (b'220 here\r\n', SMTP),
    'submissions': (b'220 here\r\n', SMTP), 'lmtp': (b'220 here\r\n', SMTP),
    'pop3': (b'+OK here\r\n', POP3), 'pop3s': (b'+OK here\r\n', POP3),
    'imap4': (b'* OK here\r\n', IMAP), 'imaps': (b'* OK here\r\n', IMAP),
    'ftp': (b'220 here\r\n', FTP), 'ftps': (b'220 here\r\n', FTP),
}


def unescape(text):
    """The bytes of a column of protocols.csv; of several forms the first one."""
    text = text.split(' | ')[0].encode()
    return re.sub(
        rb'\\(x[0-9a-fA-F]{2}|[rnt\\])',
        lambda m: bytes.fromhex(m.group(1)[1:].decode())
        if m.group(1)[:1] == b'x'
        else {b'r': b'\r', b'n': b'\n', b't': b'\t', b'\\': b'\\'}[m.group(1)],
        text,
    )


def run(*args):
    return subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)


class Server:
    """One example's: on its port, over TCP or UDP, with TLS where the example begins with it."""

    def __init__(self, row, port, udp, context, tls):
        self.row, self.context, self.tls = row, context, tls
        self.heard = b''
        kind = socket.SOCK_DGRAM if udp else socket.SOCK_STREAM
        self.socket = socket.socket(socket.AF_INET, kind)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(('127.0.0.1', port))
        self.socket.settimeout(SECONDS)
        if not udp:
            self.socket.listen()
        self.thread = threading.Thread(target=self.datagram if udp else self.talk, daemon=True)
        self.thread.start()

    def datagram(self):
        self.heard, peer = self.socket.recvfrom(4096)
        self.socket.sendto(unescape(self.row['reply']) or b'?', peer)

    def talk(self):
        try:
            peer = self.socket.accept()[0]
            peer.settimeout(SECONDS)
            if self.tls:
                peer = self.context.wrap_socket(peer, server_side=True)
            with peer:
                self.converse(peer)
        except OSError:
            pass    # the example has what it wants

    def converse(self, peer):
        name = self.row['id']
        greeting, answers = WAYS.get(name, (unescape(self.row['greeting']), None))
        if name == 'time':
            greeting = (3976000000).to_bytes(4, 'big')
        # Inside SSH, where the server has the first word.
        if self.row['speaks_first'] != 'client' or name == 'sftp':
            peer.sendall(greeting or b'?')
        if answers is None:
            self.heard = peer.recv(4096)
            http = self.heard.split(b' ')[0] in (b'GET', b'HEAD')
            peer.sendall(HTTP if http else unescape(self.row['reply']) or b'?')
            return
        with peer.makefile('rb') as lines:
            for line in lines:
                if not self.answer(peer, line, answers):
                    return
                if line.upper().startswith((b'STARTTLS', b'AUTH TLS')):
                    break
            else:
                return
        with self.context.wrap_socket(peer, server_side=True) as inside:
            with inside.makefile('rb') as lines:
                for line in lines:
                    if not self.answer(inside, line, answers):
                        return

    def answer(self, peer, line, answers):
        self.heard += line
        words = line.decode().split()
        tag = words[0].encode()
        words[0] = words[0].upper()
        if words[0] == 'PASV':
            self.data = socket.create_server(('127.0.0.1', 0))
            port = self.data.getsockname()[1]
            peer.sendall(b'227 (127,0,0,1,%d,%d)\r\n' % (port // 256, port % 256))
        elif words[0] == 'NLST':
            data = self.data.accept()[0]
            peer.sendall(b'150 here\r\n')
            data.sendall(b'hello.txt\r\n')
            data.close()
            self.data.close()
            peer.sendall(b'226 done\r\n')
        else:
            reply = next(reply for start, reply in answers if words[0].startswith(start))
            peer.sendall(reply.replace(b'{tag}', tag))
        return words[0] != 'QUIT'


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(os.path.join(DATA, 'protocols.csv'), encoding='utf-8', newline='') as f:
            cls.rows = list(csv.DictReader(f))
        cls.code = {}
        out = subprocess.run((TOOL,), check=True, stdout=subprocess.PIPE).stdout.decode()
        for record in out.split('\x1e')[:-1]:
            fields = record.split('\x1f')
            if fields[0] == 'row':
                last = fields[1]
            elif int(fields[1]) == CODE and fields[3] == 'In Python':
                cls.code[last] = fields[4]
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        names = sorted(set(re.findall(r'[\w-]+\.example\b', ' '.join(cls.code.values()))))
        for name, text in (
            ('hosts', '127.0.0.1 localhost %s\n' % ' '.join(names)),
            ('nsswitch.conf', 'hosts: files\nservices: files\n'),
        ):
            path = os.path.join(cls.folder.name, name)
            with open(path, 'w') as f:
                f.write(text)
            r = run('mount', '--bind', path, '/etc/' + name)
            if r.returncode:
                raise unittest.SkipTest('no names of its own: ' + r.stdout.strip())
        r = run('ip', 'link', 'set', 'lo', 'up')
        if r.returncode:
            raise unittest.SkipTest('no network of its own: ' + r.stdout.strip())
        cls.certificate = os.path.join(cls.folder.name, 'certificate')
        key = os.path.join(cls.folder.name, 'key')
        r = run('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2',
                '-subj', '/CN=example', '-keyout', key, '-out', cls.certificate,
                '-addext', 'subjectAltName=' + ','.join('DNS:' + n for n in names))
        if r.returncode:
            raise AssertionError(r.stdout)
        cls.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        cls.context.load_cert_chain(cls.certificate, key)

    def example(self, row):
        """What it prints, and what its server heard."""
        code = self.code[row['id']]
        udp = row['transport'].split(', ')[0] == 'udp'
        tls = row['tls_port'] == row['port'] and row['id'] != 'ftps'    # AUTH TLS on 21
        port = 21 if row['id'] == 'ftps' else int(row['port'])
        server = None
        if row['id'] != 'dns':      # asks the resolver
            server = Server(row, port, udp, self.context, tls)
        r = subprocess.run(
            [sys.executable, '-c', code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=dict(os.environ, SSL_CERT_FILE=self.certificate), timeout=SECONDS, check=False)
        self.assertEqual((r.returncode, r.stderr if row['id'] != 'syslog' else ''), (0, ''))
        if server is not None:
            server.thread.join(SECONDS)
            self.assertFalse(server.thread.is_alive(), 'the server was not called')
            server.socket.close()
        return r.stdout, server and server.heard

    def test_each_runs(self):
        self.assertEqual(sorted(self.code), sorted(r['id'] for r in self.rows))
        for row in self.rows:
            with self.subTest(row['id']):
                said, heard = self.example(row)
                if row['id'] == 'syslog':
                    self.assertIn(b'hello', heard)
                else:
                    self.assertNotIn(said.strip(), ('', "b''"))

    def test_what_they_show(self):
        for name, shown in (
            ('pop3', 'USER'), ('smtp', 'STARTTLS'), ('imap4', 'IMAP4REV1'), ('ftp', 'hello.txt'),
            ('http', 'Content-Length'), ('dns', '127.0.0.1'), ('telnet', "b'"), ('nntp', "b'200"),
            ('gopher', "b'"), ('submission', '250'), ('https', '200'),
        ):
            with self.subTest(name):
                row = next(r for r in self.rows if r['id'] == name)
                self.assertIn(shown, self.example(row)[0])


if __name__ == '__main__':
    if INSIDE not in os.environ:
        own = ['unshare', '--net', '--mount', '--propagation', 'private']
        if os.geteuid() != 0:
            own += ['--map-root-user']
        if run(*own, 'true').returncode == 0:
            os.environ[INSIDE] = '1'
            os.execvp('unshare', own + [sys.executable] + sys.argv)
        print('1..0 # SKIP no namespaces can be made here')
        sys.exit(0)
    tap.main()
