#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens N sockets on loopback, in as few processes as may have them: listeners, and connections
with both ends.  Says "ready" and how many processes it took; ends with its input."""
import os
import resource
import socket
import sys

PER_LISTENER = 2000
SPARE = 200


def hold(n, ready):
    kept = []
    while len(kept) < n:
        server = socket.socket()
        server.bind(('127.0.0.1', 0))
        server.listen(4096)
        kept.append(server)
        for _ in range(min(PER_LISTENER, (n - len(kept)) // 2)):
            client = socket.create_connection(server.getsockname())
            kept += [client, server.accept()[0]]
    os.write(ready, b'x')
    sys.stdin.buffer.read()
    os._exit(0)


def main():
    n = int(sys.argv[1])
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    most = min(n, limit - SPARE) if limit != resource.RLIM_INFINITY else n
    told, ready = os.pipe()
    n_processes = 0
    while n > 0:
        n_processes += 1
        if os.fork() == 0:
            hold(min(most, n), ready)
        n -= most
    for _ in range(n_processes):
        os.read(told, 1)
    print('ready', n_processes, flush=True)
    sys.stdin.buffer.read()


main()
