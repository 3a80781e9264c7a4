# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of run.py about the Reference: the registry against the services database through NSS,
and what a key typed into the search costs."""

import os
import re
import subprocess

import run
from run import bench, median, tool
from window import judge

NAMES_GOAL = 40
PORTS_GOAL = 1000
SEARCH_GOAL_MS = 1
KEY_GOAL_MS = 16


def rounds():
    return max(1, min(run.options.rounds, 3))


@bench
def registry():
    """Names, ports and searches a second: the registry against getservbyname_r and _port_r."""
    told = {}
    for _ in range(rounds()):
        out = subprocess.run([tool('bench', 'bench-registry')], stdout=subprocess.PIPE, text=True,
                             check=True).stdout
        for what, figure in re.findall(r'^([\w-]+) (\d+) (?:/s|times)$', out, re.M):
            told.setdefault(what, []).append(float(figure))
        for figure, query in re.findall(r'^search ([\d.]+) ms .*"(.*)"$', out, re.M):
            told.setdefault('search "%s"' % query, []).append(float(figure))
    print('\nThe registry against the services database of the system')
    for what, values in told.items():
        print(f'  {what:<30} {median(values):>14,.3f}')
    if 'names-ratio' not in told:
        print('  this computer has no services database')
        return
    names, ports = median(told['names-ratio']), median(told['ports-ratio'])
    search = max(median(v) for what, v in told.items() if what.startswith('search'))
    judge('registry', f'{names:.0f} times getservbyname_r, goal {NAMES_GOAL}', names >= NAMES_GOAL)
    judge('registry', f'{ports:.0f} times getservbyport_r, goal {PORTS_GOAL}', ports >= PORTS_GOAL)
    judge('registry', f'a search takes at most {search:.3f} ms, goal {SEARCH_GOAL_MS}',
          search < SEARCH_GOAL_MS)


@bench
def window_keys():
    """A key typed into the search of the Reference: processor time of the main thread."""
    import keystroke
    costs = keystroke.measure(os.path.join(run.options.build, 'src', 'portlight'),
                              runs=rounds(), paces=('quick',))
    everything = sorted(v for values in costs.values() for v in values)
    worst = max(costs, key=lambda key: max(costs[key]))
    print('\nA key typed into the search of the Reference (ms of the main thread)')
    print(f'  median {median(everything):.1f}, 95 of 100 below '
          f'{everything[int(len(everything) * 0.95)]:.1f}, {len(everything)} keys')
    judge('a key', f'the worst, the last of "{worst[0]}", takes {everything[-1]:.1f} ms, '
          f'goal {KEY_GOAL_MS}', everything[-1] <= KEY_GOAL_MS)
