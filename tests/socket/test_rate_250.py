# SPDX-License-Identifier: GPL-3.0-or-later
"""250 datagrams a second for two minutes: nothing is lost."""

import socket
import struct
import time

import ptlhead as p

# With a sanitizer it is the code that is looked at, not the patience.
SECONDS = 120 if p.SLOW == 1 else 4


class Rate(p.Case):
    def test_250_a_second(self):
        self.may_take(SECONDS + 60)
        s = self.head.listen('udp://127.0.0.1:0')
        c = self.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        c.connect(s.address)
        n = 250 * SECONDS
        begun = time.monotonic()
        for i in range(n):
            c.send(struct.pack('<I', i))
            pause = begun + (i + 1) / 250 - time.monotonic()
            if pause > 0:
                time.sleep(pause)
        s.wait('rx_frames', '=%d' % n)
        self.assertEqual(s.data('in'), b''.join(struct.pack('<I', i) for i in range(n)))
        self.assertEqual(s.status()['kernel_drops'], 0)


if __name__ == '__main__':
    p.main()
