# SPDX-License-Identifier: GPL-3.0-or-later
"""A path through three routers, each a namespace: c - r1 - r2 - r3 - s.

The cable behind the n-th of them is 10.77.n.0/24 and fd77:n::/64; its left end is .2 at c and .1 at
the others, its right end .1 at r1 and .2 at the others.
"""
import ptlhead as p

NAMES = ('c', 'r1', 'r2', 'r3', 's')
V4, V6 = '10.77.3.2', 'fd77:3::2'


def make_path(add_cleanup):
    """{name: Namespace}; @add_cleanup is called with what takes it down again."""
    ns = {}
    for name in NAMES:
        ns[name] = p.Namespace()
        add_cleanup(ns[name].close)
    for i in range(4):
        a, b = ns[NAMES[i]], ns[NAMES[i + 1]]
        a.veth('right', b, 'left')
        low, high = (2, 1) if i == 0 else (1, 2)
        a.addr('10.77.%d.%d/24' % (i, low), 'right')
        b.addr('10.77.%d.%d/24' % (i, high), 'left')
        a.addr('fd77:%x::%d/64' % (i, low), 'right')
        b.addr('fd77:%x::%d/64' % (i, high), 'left')
    for i, name in enumerate(NAMES):
        n = ns[name]
        n.run('sh', '-c', 'cd /proc/sys/net && echo 1 > ipv4/ip_forward && '
              'echo 1 > ipv6/conf/all/forwarding && echo 0 > ipv4/icmp_ratelimit && '
              'echo 0 > ipv6/icmp/ratelimit')
        for j in range(4):
            # Towards s over the cable on the right, towards c over the one on the left.
            if j > i:
                at, end = i, 1 if i == 0 else 2
            elif j < i - 1:
                at, end = i - 1, 2 if i == 1 else 1
            else:
                continue
            n.run('ip', 'route', 'add', '10.77.%d.0/24' % j, 'via', '10.77.%d.%d' % (at, end))
            n.run('ip', 'route', 'add', 'fd77:%x::/64' % j, 'via', 'fd77:%x::%d' % (at, end))
    return ns


def let_ping(ns, text):
    """net.ipv4.ping_group_range of a namespace."""
    ns.run('sh', '-c', 'echo "%s" > /proc/sys/net/ipv4/ping_group_range' % text)
