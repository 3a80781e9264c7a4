#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Lookup pane: what was typed is recognised, and answers come with their source."""
import json
import os
import socket
import time
import unittest

import pane
import ptldns
import ptlui

ENTRY = 'Host, address, service or port'
LIST = 'Names, addresses or ports, one on each line'


class Lookup(ptlui.UiCase):
    desk_options = {'size': (1280, 900)}

    def open_pane(self, *args):
        # No question leaves this computer: names come from its hosts file, and its DNS server is
        # a port of its own that nobody listens on.
        prefix = pane.private_etc(self, {
            '/etc/nsswitch.conf': 'hosts: files\nservices: files\n',
            '/etc/resolv.conf': 'nameserver 127.0.0.1\n',
        })
        app = self.start(*prefix[1:], ptlui.APP, *args, program=prefix[0])
        app.mouse(app.find('label', 'Lookup'))
        app.wait_until(
            lambda: any('selected' in app.states(o) for o in app.find_all('page tab', 'Lookup'))
            or not app.find_all('page tab', 'Lookup'),
            what='the pane',
        )
        return app

    def look_up(self, app, text):
        app.type_into(app.find('text', ENTRY), text)
        app.click(app.find('push button', 'Look Up', contains=True))

    def says(self, app, text, timeout=10):
        """A label with this text in it."""
        return app.find('label', text, contains=True, timeout=timeout)

    def use_server(self, app, server, type_name=None):
        app.type_into(app.find('text', 'Server (this computer’s own when empty)'), server)
        app.click(app.find('push button', 'Ask', contains=True))

    def test_recognises(self):
        app = self.open_pane()
        entry = app.find('text', ENTRY)
        for text, told in (
            ('127.0.0.1', 'This is an IPv4 address'),
            ('fe80::1', 'This is an IPv6 address'),
            ('2130706433', 'written as an integer'),
            ('443', 'This is a port number'),
            ('<broadcast>', 'INADDR_BROADCAST'),
            ('""', 'INADDR_ANY'),
            ('lo', 'a network interface'),
            ('http://localhost/', 'This is a URI'),
            ('bücher.example', 'in DNS xn--bcher-kva.example'),
            ('a b', 'Not recognised'),
        ):
            app.type_into(entry, text)
            self.says(app, told)

    def test_anatomy_and_services(self):
        app = self.open_pane()
        self.look_up(app, '192.168.1.77/26')
        self.says(app, '192.168.1.64/26')
        self.says(app, '77.1.168.192.in-addr.arpa')
        self.says(app, 'Private: inside a site only')
        app.type_into(app.find('text', 'Does it contain this address?'), '192.168.1.200')
        self.says(app, 'no, it is outside')
        self.look_up(app, '80')
        self.says(app, 'http 80/tcp')
        self.look_up(app, 'localhost')
        self.says(app, 'nsswitch.conf: ')
        self.says(app, '127.0.0.1')

    @unittest.skipIf(ptldns.skip(), ptldns.skip() or '')
    def test_records(self):
        with ptldns.Knot({'portlight.test': ptldns.ZONE}) as knot:
            app = self.open_pane()
            self.look_up(app, 'portlight.test')
            self.use_server(app, knot.text)
            for text in (
                '192.0.2.1',
                '10 mail.portlight.test.',
                '"v=spf1 -all" "second string"',
                '0 issue "ca.example.net"',
                'TTL 300 s',
                knot.text,
            ):
                self.says(app, text)
            self.look_up(app, 'big.portlight.test')
            self.says(app, 'bytes over TCP')
            self.look_up(app, 'nothing.portlight.test')
            self.says(app, 'NXDOMAIN: there is no such name')
            self.look_up(app, 'example.invalid')
            self.says(app, 'REFUSED')

    def test_silence_and_cancel(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(('127.0.0.1', 0))
            app = self.open_pane()
            self.look_up(app, '192.0.2.1')
            self.use_server(app, '127.0.0.1:%d' % silent.getsockname()[1])
            self.says(app, 'Asking …')
            start = time.monotonic()
            app.click(app.find('push button', 'Cancel', contains=True))
            self.says(app, 'Cancelled')
            # The button itself acts a quarter of a second late over the accessibility bus.
            self.assertLess(time.monotonic() - start, ptlui.slow(2))
            app.type_into(
                app.find('text', 'Server (this computer’s own when empty)'), 'no server'
            )
            app.click(app.find('push button', 'Ask', contains=True))
            self.says(app, 'A DNS server is typed as an address')

    @unittest.skipIf(ptldns.skip(), ptldns.skip() or '')
    def test_many(self):
        with ptldns.Knot({'portlight.test': ptldns.ZONE}) as knot:
            app = self.open_pane()
            app.mouse(app.find('label', 'Many at Once'))
            view = app.find('text', LIST)
            app.type_into(view, 'www.portlight.test\nmail.portlight.test\nnope.portlight.test\n')
            app.type_into(app.find('text', 'DNS server for the list'), knot.text)
            app.click(app.find('push button', 'Look Up All', contains=True))
            self.says(app, '3 answers in')
            self.says(app, '192.0.2.25')
            self.says(app, 'NXDOMAIN')
            results = app.find(('table', 'list', 'tree table'), 'Results of the list')
            app.mouse(app.find('label', 'Name', root=results))
            app.wait_until(
                lambda: [row[0] for row in app.table(results)[1]][:1] == ['mail.portlight.test'],
                what='the list by name',
            )


if __name__ == '__main__':
    ptlui.main()
