# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives tests/tools/ptl-headless, makes peers and network namespaces, and runs tests as TAP."""

import ctypes
import hashlib
import json
import os
import select
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

HEADLESS = os.environ.get('PTL_HEADLESS', 'ptl-headless')
SLOW = float(os.environ.get('PTL_SLOW', '1'))  # sanitizers: 5 to 10
TEST_DEADLINE_S = int(60 * SLOW)
ANSWER_DEADLINE_S = 30 * SLOW


class Failed(AssertionError):
    """The headless driver refused a command, or a condition did not come true."""


class Head:
    """A running ptl-headless; `with Head() as h:`."""

    def __init__(self, *options, prefix=(), env=None, log_dir=None, stderr=None):
        self.tmp = None
        if log_dir is None:
            self.tmp = tempfile.mkdtemp(prefix='ptl-test-')
            log_dir = os.path.join(self.tmp, 'logs')
        self.log_dir = log_dir
        args = [*prefix, HEADLESS, '--log-dir', log_dir, *options]
        environment = dict(os.environ)
        environment.update(env or {})
        self.process = subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=environment, stderr=stderr)
        self.pending = b''

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self, check=True):
        """Ends it by `quit`; it must end well, and soon."""
        if self.process is None:
            return
        process, self.process = self.process, None
        try:
            if process.poll() is None:
                try:
                    process.stdin.write(b'quit\n')
                    process.stdin.flush()
                except BrokenPipeError:
                    pass
            status = process.wait(10 * SLOW)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            status = 'hangs at quit'
        finally:
            process.stdin.close()
            process.stdout.close()
            if self.tmp:
                shutil.rmtree(self.tmp, ignore_errors=True)
        if check and status != 0 and sys.exc_info()[0] is None:
            raise Failed(f'ptl-headless ended with {status}')

    def kill(self):
        """kill -9; the folder of the logs stays until close()."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.process = None

    @property
    def pid(self):
        """Of the driver itself, not of what it was started with."""
        pid = self.process.pid
        while True:
            with open(f'/proc/{pid}/comm') as f:
                if f.read().startswith('ptl-headless'):
                    return pid
            with open(f'/proc/{pid}/task/{pid}/children') as f:
                children = f.read().split()
            if len(children) != 1:
                raise Failed(f'no ptl-headless below {self.process.pid}')
            pid = int(children[0])

    def ask(self, *words, ms=0):
        """Sends a command, returns the answer, whatever it says."""
        line = ' '.join(shlex.quote(str(w)) for w in words) + '\n'
        self.process.stdin.write(line.encode())
        self.process.stdin.flush()
        deadline = time.monotonic() + ms / 1000 + ANSWER_DEADLINE_S
        while b'\n' not in self.pending:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                raise Failed(f'no answer to: {line.strip()}')
            chunk = os.read(self.process.stdout.fileno(), 1 << 20)
            if not chunk:
                raise Failed(f'ptl-headless ended ({self.process.wait()}) at: {line.strip()}')
            self.pending += chunk
        answer, self.pending = self.pending.split(b'\n', 1)
        return json.loads(answer)

    def cmd(self, *words, ms=0):
        answer = self.ask(*words, ms=ms)
        if not answer['ok']:
            raise Failed(f'{" ".join(map(str, words))}: {answer.get("error")}')
        return answer

    def open(self, role, uri, **keys):
        words = [f'{k.replace("_", "-")}={v}' for k, v in keys.items()]
        return Session(self, self.cmd('open', role, uri, *words))

    def listen(self, uri='tcp://127.0.0.1:0', **keys):
        """A listener that is ready."""
        s = self.open('listen', uri, **keys)
        s.wait('state', 'listening')
        return s

    def connect(self, uri, **keys):
        s = self.open('connect', uri, **keys)
        s.wait('state', 'connected')
        return s

    def datagrams(self, uri, **keys):
        s = self.open('datagrams', uri, **keys)
        s.wait('state', 'listening')
        return s

    def reopen(self, path):
        return Session(self, self.cmd('reopen', path))

    def n_fds(self):
        return len(os.listdir(f'/proc/{self.pid}/fd'))

    def fds(self):
        names = []
        for n in os.listdir(f'/proc/{self.pid}/fd'):
            try:
                names.append(os.readlink(f'/proc/{self.pid}/fd/{n}'))
            except OSError:
                pass
        return sorted(names)

    def rss_anon_kb(self):
        return rss_anon_kb(self.pid)


class Session:
    def __init__(self, head, opened):
        self.head = head
        self.opened = opened
        self.id = opened['id']
        self.dir = opened.get('dir')

    def ask(self, command, *words, ms=0):
        return self.head.ask(command, self.id, *words, ms=ms)

    def cmd(self, command, *words, ms=0):
        return self.head.cmd(command, self.id, *words, ms=ms)

    def try_wait(self, *condition, ms=10000):
        ms = int(ms * SLOW)
        return self.head.cmd('wait', self.id, *condition, ms, ms=ms)

    def wait(self, *condition, ms=10000):
        answer = self.try_wait(*condition, ms=ms)
        if not answer['holds']:
            status = {k: v for k, v in answer.items() if k not in ('ok', 'now_ns', 'has_status')}
            events = [e['event'] for e in self.events()[-12:]] if self.dir else []
            raise Failed(f'not within {ms} ms: {condition}; {status}; last events {events}')
        return answer

    def wait_event(self, name, count=1, ms=10000):
        return self.wait('event', name, count, ms=ms)

    def status(self):
        return self.cmd('status')

    @property
    def local(self):
        return self.status()['locals'][0]

    @property
    def address(self):
        """(host, port) of the first local address."""
        return split_address(self.local)

    @property
    def port(self):
        return self.address[1]

    def frames(self, start=0, n=None, bytes_each=0):
        words = [start, (1 << 62) if n is None else n, bytes_each]
        return self.cmd('frames', *words)['frames']

    def events(self, name=None):
        return [f for f in self.frames() if f['kind'] == 'event'
                and name in (None, f['event']['name'])]

    def event(self, name):
        """The last event of that name."""
        found = self.events(name)
        if not found:
            raise Failed(f'no event {name}: {[e["event"]["name"] for e in self.events()]}')
        return found[-1]['event']

    def data(self, direction='in', peer='all', most=1 << 20):
        return bytes.fromhex(self.cmd('bytes', direction, peer, most)['hex'])

    def sha256(self, direction='in', peer='all'):
        return self.cmd('sha256', direction, peer, ms=120000)

    def peers(self):
        return self.cmd('peers')['peers']

    def calls(self, name=None):
        return [c for c in self.cmd('calls')['calls'] if name in (None, c['call'])]

    def check(self):
        """Frames whole, in order, offsets that run on; and the counts."""
        answer = self.cmd('check', ms=120000)
        if not (answer['ordered'] and answer['dense'] and answer['known']):
            raise Failed(f'the log is not in order: {answer}')
        return answer

    def send(self, data, peer=0):
        """Bytes; returns the answer with the tag."""
        if len(data) <= 65536:
            if not data:
                return self.cmd('send', peer, 'blob', 0)
            return self.cmd('send', peer, 'hex', data.hex())
        with tempfile.NamedTemporaryFile(prefix='ptl-test-') as f:
            f.write(data)
            f.flush()
            return self.cmd('send', peer, 'file', f.name)

    def send_wait(self, data, peer=0, ms=10000):
        return self.wait('sent', self.send(data, peer)['tag'], ms=ms)['send']

    def stop(self, ms=10000):
        """Stops; returns how long it took in ms."""
        begun = time.monotonic_ns()
        self.cmd('stop')
        answer = self.wait('state', 'closed,failed', ms=ms)
        return (answer['now_ns'] - begun) / 1e6


def split_address(text):
    host, port = text.rsplit(':', 1)
    return host.strip('[]'), int(port)


def rss_anon_kb(pid):
    with open(f'/proc/{pid}/status') as f:
        for line in f:
            if line.startswith('RssAnon:'):
                return int(line.split()[1])
    raise Failed('no RssAnon')


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def pattern(n, seed=1):
    """Bytes without a short period, quickly."""
    block = b''.join(hashlib.sha256(struct.pack('<QQ', seed, i)).digest() for i in range(2048))
    out = bytearray()
    i = 0
    while len(out) < n:
        out += bytes([(i * 7 + seed) & 0xff]) + block
        i += 1
    return bytes(out[:n])


def until(what, question, seconds=10.0, step=0.002):
    """Asks again and again until the answer is true; returns it."""
    deadline = time.monotonic() + seconds * SLOW
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() >= deadline:
            raise Failed(f'not within {seconds} s: {what}')
        time.sleep(step)


def tcp(address, timeout=10, family=socket.AF_INET):
    """A Python socket that is connected."""
    s = socket.socket(family, socket.SOCK_STREAM)
    s.settimeout(timeout * SLOW)
    s.connect(address)
    return s


def recv_all(s):
    """Until the end of input."""
    parts = []
    while True:
        chunk = s.recv(1 << 16)
        if not chunk:
            return b''.join(parts)
        parts.append(chunk)


def recv_exactly(s, n):
    data = bytearray()
    while len(data) < n:
        chunk = s.recv(min(1 << 20, n - len(data)))
        if not chunk:
            raise Failed(f'end of input after {len(data)} of {n} bytes')
        data += chunk
    return bytes(data)


def reset(s):
    """Closes so that the other side sees a reset."""
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    s.close()


def server(family=socket.AF_INET, kind=socket.SOCK_STREAM, host=None, backlog=16):
    s = socket.socket(family, kind)
    s.settimeout(10 * SLOW)
    s.bind((host or ('127.0.0.1' if family == socket.AF_INET else '::1'), 0))
    if kind != socket.SOCK_DGRAM:
        s.listen(backlog)
    return s


def need(*programs):
    for p in programs:
        if shutil.which(p) is None:
            raise unittest.SkipTest(f'{p} is not installed')


def have_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as s:
            s.bind(('::1', 0))
        return True
    except OSError:
        return False


def need_ipv6():
    if not have_ipv6():
        raise unittest.SkipTest('no IPv6 loopback here')


# ---- Namespaces ----

CLONE_NEWNET = 0x40000000
IP_RECVTTL = 12  # Python has no name for it
libc = ctypes.CDLL(None, use_errno=True)


class Namespace:
    """A network and mount namespace, kept by a process that waits for its standard input to end."""

    def __init__(self):
        if os.geteuid() != 0:
            raise unittest.SkipTest('an ordinary user may not make user namespaces here')
        self.keeper = subprocess.Popen(
            ['unshare', '--net', '--mount', '--propagation', 'private', 'sh', '-c',
             'echo ready; exec cat >/dev/null'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if self.keeper.stdout.readline() != b'ready\n':
            message = self.keeper.stderr.read().decode().strip()
            self.close()
            raise unittest.SkipTest(f'no namespace may be made here: {message}')
        self.pid = self.keeper.pid
        self.run('ip', 'link', 'set', 'lo', 'up')

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self.keeper.stdin.close()
        self.keeper.wait()
        self.keeper.stdout.close()
        self.keeper.stderr.close()

    @property
    def prefix(self):
        return ['nsenter', '-t', str(self.pid), '-n', '-m', '--']

    def run(self, *args, check=True):
        result = subprocess.run([*self.prefix, *args], capture_output=True, text=True, timeout=20)
        if check and result.returncode != 0:
            raise Failed(f'{" ".join(args)}: {result.stderr.strip()}')
        return result.stdout

    def popen(self, *args, **keys):
        return subprocess.Popen([*self.prefix, *args], **keys)

    def socket(self, family=socket.AF_INET, kind=socket.SOCK_STREAM):
        """A Python socket that lives in the namespace."""
        with open('/proc/self/ns/net') as here, open(f'/proc/{self.pid}/ns/net') as there:
            if libc.setns(there.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), 'setns')
            try:
                s = socket.socket(family, kind)
            finally:
                if libc.setns(here.fileno(), CLONE_NEWNET) != 0:
                    os._exit(99)
        s.settimeout(10 * SLOW)
        return s

    def veth(self, name, other, other_name):
        """A cable to another namespace."""
        self.run('ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', other_name,
                 'netns', str(other.pid))
        for ns, n in ((self, name), (other, other_name)):
            # No duplicate address detection: addresses are there at once.
            ns.run('sh', '-c', f'echo 0 > /proc/sys/net/ipv6/conf/{n}/accept_dad', check=False)
            ns.run('ip', 'link', 'set', n, 'up')

    def addr(self, address, device):
        nodad = ['nodad'] if ':' in address else []
        self.run('ip', 'addr', 'add', address, 'dev', device, *nodad)

    def file(self, path, text, folder):
        """Another text in the place of a file, seen only in here."""
        replacement = os.path.join(folder, path.replace('/', '_'))
        with open(replacement, 'w') as f:
            f.write(text)
        os.chmod(replacement, 0o644)
        self.run('mount', '--bind', replacement, path)


def in_user_namespace():
    """For an ordinary user: starts this program again as root of its own user namespace."""
    if os.environ.get('PTL_IN_USERNS'):
        subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=False)
        return
    if os.geteuid() == 0:
        return
    os.environ['PTL_IN_USERNS'] = '1'
    if subprocess.run(['unshare', '-Urn', 'true'], capture_output=True).returncode == 0:
        os.execvp('unshare', ['unshare', '-Urn', sys.executable, *sys.argv])


# ---- TAP ----

class TapResult(unittest.TestResult):
    def __init__(self, *unused, **unused_keys):
        super().__init__()
        self.n = 0
        self.begun = time.monotonic()  # a class may be skipped before its first test

    def startTest(self, test):
        super().startTest(test)
        self.begun = time.monotonic()
        self.subtest_failed = False
        signal.alarm(TEST_DEADLINE_S)

    def stopTest(self, test):
        signal.alarm(0)
        if self.subtest_failed:  # then there is neither success nor failure of the whole
            self.line('not ok', test)
        super().stopTest(test)

    def line(self, word, test, rest=''):
        self.n += 1
        name = test.id().split('.', 1)[-1]
        print(f'{word} {self.n} - {name}{rest}', flush=True)
        print(f'# {time.monotonic() - self.begun:.2f} s', flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.line('ok', test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.line('ok', test, f' # SKIP {reason}')

    def explain(self, test, err):
        for line in self._exc_info_to_string(err, test).splitlines():
            print(f'# {line}', flush=True)

    def wrong(self, test, err):
        self.line('not ok', test)
        self.explain(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.subtest_failed = True
            self.explain(subtest, err)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.wrong(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        if isinstance(test, unittest.TestCase):
            self.wrong(test, err)
        else:
            print(f'Bail out! {test}: {err[1]}', flush=True)


def on_alarm(*unused):
    raise Failed('the deadline of the test has passed')


class Case(unittest.TestCase):
    """A test with a driver of its own, made when it is asked for."""

    def setUp(self):
        self._head = None

    def tearDown(self):
        if self._head is not None:
            self._head.close()

    @property
    def head(self):
        if self._head is None:
            self._head = Head()
        return self._head

    def tmp(self):
        path = tempfile.mkdtemp(prefix='ptl-test-')
        self.addCleanup(shutil.rmtree, path, True)
        return path

    def namespace(self):
        ns = Namespace()
        self.addCleanup(ns.close)
        return ns

    def peer_process(self, *args, **keys):
        """A program that is ended with the test."""
        keys.setdefault('stdin', subprocess.PIPE)
        keys.setdefault('stdout', subprocess.PIPE)
        process = subprocess.Popen(list(args), **keys)
        self.addCleanup(end_process, process)
        return process

    def may_take(self, seconds):
        """Longer than the others."""
        signal.alarm(int(seconds * SLOW))

    def assert_flat(self, before_kb, limit_kb):
        """Memory did not grow by more than that; sanitizers keep what was freed and shadow all."""
        if SLOW == 1:
            self.assertLess(self.head.rss_anon_kb() - before_kb, limit_kb)

    def keep(self, s):
        """A socket that is closed with the test."""
        self.addCleanup(s.close)
        return s


def end_process(process):
    if process.poll() is None:
        process.kill()
    process.wait()
    for f in (process.stdin, process.stdout, process.stderr):
        if f is not None:
            f.close()


def main():
    signal.signal(signal.SIGALRM, on_alarm)
    chosen = sys.argv[1:]
    loader = unittest.defaultTestLoader
    module = sys.modules['__main__']
    suite = (loader.loadTestsFromNames(chosen, module) if chosen
             else loader.loadTestsFromModule(module))
    print(f'1..{suite.countTestCases()}', flush=True)
    result = TapResult()
    suite.run(result)
    sys.exit(0 if result.wasSuccessful() else 1)
