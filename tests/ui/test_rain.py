#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""250 datagrams a second for two minutes, into a window that follows them: nothing is lost."""
import os
import socket
import sys
import time

import pane
import ptlui

RATE = 250
# With a sanitizer it is the code that is looked at, not the patience.  PTL_TEST_LONG: longer.
SECONDS = 600 if os.environ.get('PTL_TEST_LONG') else 120 if ptlui.SLOW == 1 else 10


class Rain(pane.PaneCase):
    def test_250_datagrams_a_second(self):
        app = self.start('--listen', 'udp://127.0.0.1:0')
        row = pane.frame(app, 'receiving on')
        u = self.peer(int(row['preview'].rsplit(':', 1)[1]), kind=socket.SOCK_DGRAM)
        n = RATE * SECONDS

        def rain():
            begun = time.monotonic()
            for i in range(n):
                left = begun + i / RATE - time.monotonic()
                if left > 0:
                    time.sleep(left)
                u.send(b'datagram %d' % i)

        work = pane.Background(rain)
        # It follows all the time: each look shows later ones than the one before.
        seen = 0
        while seen < n and work.thread.is_alive():
            newest = app.wait_until(lambda: self.newest(app, seen), 20, every=1,
                                    what='later ones than %d' % seen)
            seen = newest
            work.thread.join(10)
        work.join()
        pane.frame(app, 'datagram %d' % (n - 1), dir='received', timeout=20)
        pane.filter_by(app, 'dir:in')
        app.wait_until(lambda: pane.counts(app)[0] == n, 20, what='%d frames' % n)
        pane.filter_by(app, 'datagram')
        app.wait_until(lambda: pane.counts(app)[0] == n, 20, what='%d frames with the word' % n)
        self.assertFalse([t for t in pane.texts(app) if 'lost' in t or 'dropped' in t])
        print('# %d datagrams, none lost' % n)
        sys.stdout.flush()

    @staticmethod
    def newest(app, seen):
        numbers = [int(f['preview'].split()[1]) + 1 for f in pane.frames(app)
                   if f['preview'].startswith('datagram ')]
        return max(numbers) if numbers and max(numbers) > seen else None


if __name__ == '__main__':
    pane.main()
