#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interfaces, routes and name servers: the window follows what happens in a network namespace."""
import json
import os
import re
import subprocess
import time

import pane
import ptlui
from ptlui import slow

LOOK_MS = 250  # from the change to the screen


class Namespace:
    """A network namespace as long as a program in it runs."""

    def __init__(self, case):
        if os.geteuid() != 0:
            # In a user namespace the user would have another number than the buses know.
            case.skipTest('a network namespace that the window can live in needs root')
        self.keeper = subprocess.Popen(
            ['unshare', '--net', 'sh', '-c', 'echo ready; exec cat'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        case.addCleanup(self.end)
        if self.keeper.stdout.readline() != 'ready\n':
            case.skipTest('no namespace may be made here: ' + self.keeper.stderr.read().strip())
        self.prefix = ['nsenter', '--target', str(self.keeper.pid), '--net']

    def end(self):
        self.keeper.communicate()

    def ip(self, *commands):
        """Lines of "ip -batch", in one program."""
        subprocess.run(self.prefix + ['ip', '-batch', '-'], input='\n'.join(commands) + '\n',
                       text=True, check=True, capture_output=True)

    def ask(self, *what):
        r = subprocess.run(self.prefix + ['ip', '-j'] + list(what), text=True, check=True,
                           capture_output=True)
        return json.loads(r.stdout)


class Network(ptlui.UiCase):
    desk_options = {'size': (1280, 900)}

    def open_page(self, page, etc=None, net=None, name=None, env=None):
        self.tables = {}
        self.net = net or Namespace(self)
        private = pane.private_etc(self, etc, name) if etc else []
        program = self.net.prefix + private + [ptlui.APP]
        app = self.start(*program[1:], program=program[0], env=env)
        app.mouse(app.find('label', 'This Computer'))
        app.mouse(app.find('label', page, timeout=10))
        return app

    def rows(self, app, name):
        """The rows of a table as dicts."""
        # The whole window takes a tenth of a second to be read; a table of it much less.
        table = self.tables.get(name)
        if table is None:
            found = app.find_all(pane.TABLES, name)
            if not found:
                return []
            table = self.tables[name] = found[0]
        head, rows = app.table(table)
        return [dict(zip(head, cells)) for cells in rows if len(cells) == len(head)]

    def row(self, app, table, timeout=5, **cells):
        """Waits for a row with these cells."""
        wanted = {k.replace('_', ' '): v for k, v in cells.items()}

        def there():
            for row in self.rows(app, table):
                if all(row.get(k) == v for k, v in wanted.items()):
                    return row
            return None

        return app.wait_until(there, timeout, every=0.01, what='%s: %r' % (table, wanted))

    def no_row(self, app, table, timeout=5, **cells):
        app.wait_until(
            lambda: all(
                any(row.get(k) != v for k, v in cells.items()) for row in self.rows(app, table)
            ), timeout, every=0.01, what='%s without %r' % (table, cells))

    def click_row(self, app, table, text, button=1):
        """Clicks the row that has a cell with this text."""
        def there():
            for row in pane.rows_of(app, app.find(pane.TABLES, table)):
                if any(k.role == 'label' and k.name == text for k in row.below()):
                    return row
            return None

        app.mouse(app.wait_until(there, 5, what='row of %s' % text), button=button)

    def choose(self, app, name):
        self.click_row(app, 'Interfaces', name)


class Interfaces(Network):
    def timed(self, what, change, look):
        """From when ip(8) is done until the screen has it; reading the screen is in it."""
        change()
        begun = time.monotonic()
        look()
        took = time.monotonic() - begun
        print('# %s: on the screen, and read from it, after %d ms' % (what, took * 1000))
        return took

    def test_follows(self):
        net = Namespace(self)
        net.ip('link set lo up')
        app = self.open_page('Interfaces', net=net)
        self.row(app, 'Interfaces', Name='lo', State='Up', Kind='Loopback')

        times = []
        times.append(self.timed(
            'a new interface', lambda: net.ip('link add v0 type veth peer name v1'),
            lambda: self.row(app, 'Interfaces', Name='v0', State='Off', Kind='veth')))
        times.append(self.timed(
            'another name', lambda: net.ip('link set v0 name wall0'),
            lambda: self.row(app, 'Interfaces', Name='wall0')))
        self.no_row(app, 'Interfaces', Name='v0')
        times.append(self.timed(
            'without a cable', lambda: net.ip('link set wall0 up'),
            lambda: self.row(app, 'Interfaces', Name='wall0', State='No carrier')))
        times.append(self.timed(
            'with one', lambda: net.ip('link set v1 up'),
            lambda: self.row(app, 'Interfaces', Name='wall0', State='Up')))
        self.choose(app, 'wall0')
        self.row(app, 'Addresses of the interface', Scope='Link')
        times.append(self.timed(
            'an address', lambda: net.ip('addr add 10.9.0.1/24 dev wall0'),
            lambda: self.row(app, 'Addresses of the interface', Address='10.9.0.1/24',
                             Scope='Global', State='permanent', Valid='for ever')))
        net.ip('addr add fd09::1/64 dev wall0 nodad valid_lft 5000 preferred_lft 0')
        self.row(app, 'Addresses of the interface', Address='fd09::1/64',
                 State='deprecated, no duplicate check', Valid='1 h 23 min', Preferred='0 s')
        app.wait_until(
            lambda: {r['Address'] for r in self.rows(app, 'Addresses of the interface')} == {
                '%s/%d' % (a['local'], a['prefixlen'])
                for a in net.ask('address', 'show', 'wall0')[0]['addr_info']},
            5, what='the same addresses as ip(8)')
        net.ip('addr del 10.9.0.1/24 dev wall0')
        self.no_row(app, 'Addresses of the interface', Address='10.9.0.1/24')

        pane.choose_tab(app, 'Details')
        link = net.ask('link', 'show', 'wall0')[0]
        self.row(app, 'Details of the interface', Property='MAC address', Value=link['address'])
        self.row(app, 'Details of the interface', Property='Driver', Value='veth')
        self.row(app, 'Details of the interface', Property='Other end', Value='v1')
        net.ip('link add br0 type bridge', 'link set wall0 master br0')
        self.row(app, 'Details of the interface', Property='Part of', Value='br0')

        pane.choose_tab(app, 'Counters')
        before = pane.number(self.row(app, 'Counters of the interface', Counter='Packets')['Sent'])
        # Router solicitations of IPv6 go out by themselves; what is asked for goes out now.
        net.ip('addr add 10.9.0.1/24 dev wall0', 'link set wall0 nomaster',
               'link set wall0 arp on')
        subprocess.run(net.prefix + ['python3', '-c',
                                     'import socket; s = socket.socket(2, 2);\n'
                                     'for i in range(50): s.sendto(b"x", ("10.9.0.99", 9))'],
                       check=True)
        app.wait_until(
            lambda: any(pane.number(r['Sent']) > before for r in self.rows(
                app, 'Counters of the interface') if r['Counter'] == 'Packets'),
            10, what='more packets')

        net.ip('link del wall0', 'link del br0')
        self.no_row(app, 'Interfaces', Name='wall0')
        self.no_row(app, 'Interfaces', Name='v1')
        self.assertEqual({r['Name'] for r in self.rows(app, 'Interfaces')}, {'lo'})
        if ptlui.SLOW == 1 and 'PTL_TIMED' in os.environ:
            self.assertLess(max(times) * 1000, LOOK_MS)

    def test_many(self):
        """200 interfaces with 2,000 addresses come and go; the window answers all the time."""
        net = Namespace(self)
        app = self.open_page('Interfaces', net=net)
        self.row(app, 'Interfaces', Name='lo')
        with pane.Stalls(self.desk) as stalls:
            for first in (0, 50):
                lines = []
                for i in range(first, first + 50):
                    lines += ['link add a%d type veth peer name b%d' % (i, i),
                              'link set a%d up' % i, 'link set b%d up' % i]
                    lines += ['addr add 10.%d.%d.1/24 dev a%d' % (i, k, i) for k in range(20)]
                net.ip(*lines)
            app.wait_until(lambda: any(t.startswith('201 interfaces') for t in pane.texts(app)),
                           10, what='all of them')
            stalls.stop()
        # Each end has one of its own, once IPv6 is sure of it.
        app.wait_until(
            lambda: '201 interfaces, %d addresses' % sum(
                len(i['addr_info']) for i in net.ask('address')) in pane.texts(app),
            10, what='all addresses')
        print('# the longest that the window did not answer: %d ms' % (stalls.worst * 1000))
        self.assertLess(stalls.worst, slow(1))
        net.ip(*['link del a%d' % i for i in range(100)])
        app.wait_until(lambda: any(t.startswith('1 interface,') for t in pane.texts(app)),
                       20, what='only the loopback')
        self.assertEqual({r['Name'] for r in self.rows(app, 'Interfaces')}, {'lo'})

    def test_report(self):
        """What a report has of these pages is what ip(8) says, also of those out of sight."""
        net = Namespace(self)
        net.ip('link set lo up', 'link add v0 type veth peer name v1', 'link set v0 up',
               'link set v1 up', 'addr add 10.9.0.1/24 dev v0', 'route add default via 10.9.0.2')
        app = self.open_page('Routes and Name Servers', net=net)
        # What the page filters out is in the report all the same.
        pane.pick(app, 'Family of the routes', 2, 'IPv6')
        self.no_row(app, 'Routes', Destination='default (IPv4)')
        pane.press(app, 'Report …')
        pane.says(app, 'nothing is sent by itself')
        pane.pick(app, 'Written As', 1, 'JSON, for programs')
        pane.says(app, re.compile(r'^[1-9]\d* rows$'))
        pane.press(app, 'Copy')
        pane.says(app, 'Copied: ')
        app.keys('Escape')
        app.gone('label', 'Copied: ', contains=True)
        app.mouse(app.find('label', 'Lookup'))
        app.mouse(app.find('label', 'Many at Once'))
        text = app.find('text', 'Names, addresses or ports, one on each line')
        app.mouse(text)
        app.keys('ctrl+v')
        found = json.loads(app.wait_until(lambda: app.read_text(text), 5, what='the report'))
        theirs = {i['ifname']: i for i in net.ask('address')}
        self.assertEqual({r['name'] for r in found['interfaces']}, set(theirs))
        for r in found['interfaces']:
            self.assertEqual((r['mtu'], r['mac'], r['index']),
                             (theirs[r['name']]['mtu'], theirs[r['name']]['address'],
                              theirs[r['name']]['ifindex']))
        self.assertIn(('v0', '10.9.0.1/24'),
                      {(r['interface'], r['address']) for r in found['addresses']})
        self.assertIn(('0.0.0.0/0', '10.9.0.2', 'v0'),
                      {(r['destination'], r['gateway'], r['interface'])
                       for r in found['routes']})
        self.assertIn(('10.9.0.1/32', 'local'),
                      {(r['destination'], r['table']) for r in found['routes']})

    def test_address_menu(self):
        net = Namespace(self)
        net.ip('link set lo up', 'link add v0 type veth peer name v1', 'link set v0 up',
               'link set v1 up', 'addr add 10.9.0.1/24 dev v0')
        app = self.open_page('Interfaces', net=net)
        self.choose(app, 'v0')
        self.row(app, 'Addresses of the interface', Address='10.9.0.1/24')
        self.click_row(app, 'Addresses of the interface', '10.9.0.1/24', button=3)
        pane.menu_item(app, 'Which Way to It')
        pane.says(app, 'It stays on this computer')
        self.assertEqual(app.read_text(app.find('text', 'Which way to this address')), '10.9.0.1')

    def test_address_details(self):
        """What there is no column for is told of the chosen address; and it can be pinged."""
        net = Namespace(self)
        net.ip('link set lo up', 'link add v0 type veth peer name v1', 'link set v0 up',
               'link set v1 up', 'addr add 10.9.0.1/24 brd 10.9.0.255 label v0:one dev v0')
        app = self.open_page('Interfaces', net=net)
        self.choose(app, 'v0')
        self.row(app, 'Addresses of the interface', Address='10.9.0.1/24')
        self.click_row(app, 'Addresses of the interface', '10.9.0.1/24')
        pane.says(app, 'Broadcast: 10.9.0.255  ·  Label: v0:one')
        self.row(app, 'Addresses of the interface', Scope='Link')
        zoned = next(r['Address'] for r in self.rows(app, 'Addresses of the interface')
                     if r['Scope'] == 'Link')
        self.click_row(app, 'Addresses of the interface', zoned)
        pane.says(app, 'Zone: v0')
        self.click_row(app, 'Addresses of the interface', zoned, button=3)
        pane.menu_item(app, 'Ping')
        app.wait_until(lambda: zoned.split('/')[0] + '%v0' in {
            app.read_text(n) for n in app.find_all('text', showing=True)}, 5, what='the target')

    def test_named_like_a_number(self):
        """An interface whose name begins with the number of another one."""
        net = Namespace(self)
        net.ip('link set lo up', 'link add v0 type veth peer name 1g', 'link set v0 up',
               'addr add 10.9.0.1/24 dev 1g', 'link set 1g up',
               'route add 10.50.0.0/16 via 10.9.0.3')
        app = self.open_page('Routes and Name Servers', net=net)
        self.row(app, 'Routes', Destination='10.50.0.0/16')
        self.click_row(app, 'Routes', '10.50.0.0/16', button=3)
        pane.menu_item(app, 'Show the Interface')
        self.row(app, 'Addresses of the interface', Address='10.9.0.1/24')


class Routes(Network):
    def start_with_routes(self, etc=None):
        net = Namespace(self)
        net.ip('link set lo up', 'link add v0 type veth peer name v1', 'link set v0 up',
               'link set v1 up', 'addr add 10.9.0.1/24 dev v0', 'addr add fd09::1/64 dev v0 nodad',
               'route add default via 10.9.0.2', 'route add 10.50.0.0/16 via 10.9.0.3 metric 7',
               'route add prohibit 10.70.0.0/16')
        return self.open_page('Routes and Name Servers', etc, net), net

    def way(self, app, to, verdict):
        app.type_into(app.find('text', 'Which way to this address'), to)
        pane.press(app, 'Show Way')
        return pane.says(app, verdict)

    def test_tables_and_way(self):
        app, net = self.start_with_routes()
        self.row(app, 'Routes', Destination='default (IPv4)', Gateway='10.9.0.2', Interface='v0')
        self.row(app, 'Routes', Destination='10.50.0.0/16', Gateway='10.9.0.3', Metric='7')
        self.row(app, 'Routes', Destination='10.70.0.0/16', Kind='Prohibited')
        self.way(app, '10.50.1.2', 'Out on v0, by way of 10.9.0.3')
        theirs = net.ask('route', 'get', '10.50.1.2')[0]
        self.assertEqual((theirs['gateway'], theirs['dev'], theirs['prefsrc']),
                         ('10.9.0.3', 'v0', '10.9.0.1'))
        pane.says(app, 'Source address: 10.9.0.1')
        self.way(app, '10.70.1.2', 'Prohibited')
        pane.says(app, 'route 10.70.0.0/16 in table main')
        self.way(app, 'fd99::1', 'No route')
        self.way(app, 'www.example.org', 'is a name: look it up first')

        self.click_row(app, 'Routes', '10.50.0.0/16', button=3)
        pane.menu_item(app, 'Trace the Route to the Gateway')
        app.wait_until(lambda: '10.9.0.3' in {
            app.read_text(n) for n in app.find_all('text', showing=True)}, 5, what='the target')
        app.mouse(app.find('label', 'This Computer'))

        # The routes go with the interface, the pane with them.
        net.ip('link set v0 down')
        self.no_row(app, 'Routes', Destination='default (IPv4)')
        self.no_row(app, 'Routes', Destination='10.50.0.0/16')
        pane.choose_tab(app, 'Rules')
        net.ip('rule add from 10.99.0.0/16 lookup 77')
        self.row(app, 'Rules', For_Packets='from 10.99.0.0/16', What_Happens='Table 77')

    def test_name_servers(self):
        app, _ = self.start_with_routes(
            {'/etc/resolv.conf': '# by hand\nnameserver 127.0.0.1\nsearch a.example\n'})
        pane.choose_tab(app, 'Name Servers')
        self.row(app, 'Name servers', Value='127.0.0.1', Source='/etc/resolv.conf, line 2')
        self.row(app, 'Name servers', What='Search domain', Value='a.example')
        pane.says(app, 'by hand')
        with open(os.path.join(self.state, '_etc_resolv.conf'), 'w') as f:
            f.write('nameserver 127.0.0.2\n')
        self.row(app, 'Name servers', Value='127.0.0.2', Source='/etc/resolv.conf, line 1')
        self.no_row(app, 'Name servers', Value='127.0.0.1')

    def test_search_of_the_host_name(self):
        """Where no line says what is searched it is the domain of the host name, as it is now."""
        app = self.open_page('Routes and Name Servers',
                             {'/etc/resolv.conf': 'nameserver 127.0.0.1\n'}, name='box.one.test',
                             env={'RES_OPTIONS': 'ndots:3'})
        pane.choose_tab(app, 'Name Servers')
        self.row(app, 'Name servers', What='Search domain', Value='one.test', Source='C library')
        self.row(app, 'Name servers', What='Option', Value='ndots:3',
                 Source='RES_OPTIONS in the environment')
        subprocess.run(['nsenter', '--target', str(app.pid), '--uts', 'hostname', 'box.two.test'],
                       check=True)
        self.row(app, 'Name servers', What='Search domain', Value='two.test')
        self.no_row(app, 'Name servers', Value='one.test')
        # Names has it too.
        app.mouse(app.find('label', 'Names', showing=True))
        self.row(app, 'Names of this computer', What='Host name', Value='box.two.test')
        self.row(app, 'Names of this computer', What='Domain', Value='two.test')


if __name__ == '__main__':
    ptlui.main()
