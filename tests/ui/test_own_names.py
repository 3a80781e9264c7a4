#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""This Computer: Names, with files, a name of the computer and a system bus of the test's own."""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time

import pane
import ptlui
from ptlui import slow

FILES = {
    # No lookup leaves this computer.
    '/etc/nsswitch.conf': 'hosts: files\nservices: files\n',
    '/etc/resolv.conf': 'nameserver 127.0.0.1\nsearch example.org\n',
    '/etc/hosts': '127.0.0.1 localhost\n::1 localhost\n'
    '127.0.1.1 workshop.example.org workshop bench\n',
}

HOSTNAMED = '''
import sys
from gi.repository import Gio, GLib
XML = """<node><interface name="org.freedesktop.hostname1">
<property name="Hostname" type="s" access="read"/>
<property name="StaticHostname" type="s" access="read"/>
<property name="PrettyHostname" type="s" access="read"/></interface></node>"""
values = {'Hostname': 'workshop', 'StaticHostname': 'of-the-bus', 'PrettyHostname': 'First'}
bus = Gio.DBusConnection.new_for_address_sync(
    sys.argv[1],
    Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
    | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
bus.register_object('/org/freedesktop/hostname1',
                    Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0], None,
                    lambda c, s, p, i, name: GLib.Variant('s', values[name]), None)
Gio.bus_own_name_on_connection(bus, 'org.freedesktop.hostname1', 0, None, None)


def change(channel, condition):
    values['PrettyHostname'] = sys.stdin.readline().strip()
    bus.emit_signal(None, '/org/freedesktop/hostname1', 'org.freedesktop.DBus.Properties',
                    'PropertiesChanged', GLib.Variant('(sa{sv}as)', (
                        'org.freedesktop.hostname1', {}, ['PrettyHostname'])))
    return True


GLib.io_add_watch(GLib.IOChannel.unix_new(0), GLib.IO_IN, change)
print('ready', flush=True)
GLib.MainLoop().run()
'''


class Names(ptlui.UiCase):
    desk_options = {'size': (1280, 900)}

    def open_page(self, bus='unix:path=/nonexistent'):
        self.prefix = pane.private_etc(self, FILES, name='workshop')
        app = self.start(*self.prefix[1:], ptlui.APP, program=self.prefix[0],
                         env={'DBUS_SYSTEM_BUS_ADDRESS': bus})
        app.mouse(app.find('label', 'This Computer'))
        app.mouse(app.find('label', 'Names'))
        app.find('label', 'workshop.example.org', timeout=10)
        return app

    def rows(self, app, label):
        return app.table(app.find(pane.TABLES, label, timeout=10))[1]

    def fact(self, app, what):
        return next((r[1:] for r in self.rows(app, 'Names of this computer') if r[0] == what),
                    [None, None])

    def wait_fact(self, app, what, value, source=''):
        def there():
            have = self.fact(app, what)
            return have[0] is not None and value in have[0] and source in have[1]

        app.wait_until(there, slow(10), what='%s: %s (%s)' % (what, value, source))

    def run_there(self, *command):
        """A command with the files and the name that the app sees."""
        r = subprocess.run(self.prefix + list(command), capture_output=True, text=True, check=False)
        return r.stdout.strip()

    def follow(self, app, *command):
        """A command in the namespaces of the running app."""
        subprocess.run(['nsenter', '--target', str(app.pid), '--mount', '--uts', *command],
                       check=True)

    def test_what_the_system_says(self):
        app = self.open_page()
        self.wait_fact(app, 'Host name', self.run_there('hostname'), 'gethostname()')
        self.wait_fact(app, 'Full name (FQDN)', self.run_there('hostname', '-f'),
                       'the hosts file, line 3')
        self.wait_fact(app, 'Domain', self.run_there('hostname', '-d'))
        self.wait_fact(app, 'Kernel', self.run_there('uname', '-sr'))
        self.wait_fact(app, 'Architecture', self.run_there('uname', '-m'))
        self.wait_fact(app, 'Static name', '', 'there is no system bus')
        self.wait_fact(app, 'Aliases', 'bench')
        self.wait_fact(app, 'mDNS name', 'workshop.local', 'not known whether')
        with open('/etc/os-release') as f:
            pretty = [line for line in f if line.startswith('PRETTY_NAME=')]
        if pretty:
            self.wait_fact(app, 'System', pretty[0].split('=', 1)[1].strip().strip('"'))
        # Each name has the addresses that getent has.
        app.wait_until(lambda: len(self.rows(app, 'Addresses of the names')) >= 5, slow(10))
        rows = self.rows(app, 'Addresses of the names')
        for name in ('workshop', 'localhost', 'bench', 'workshop.example.org'):
            there = {line.split()[0]
                     for line in self.run_there('getent', 'ahosts', name).splitlines()}
            self.assertEqual({r[2] for r in rows if r[0] == name}, there, name)
            self.assertEqual({r[3] for r in rows if r[0] == name}, {'lo'}, name)
        row = next(r for r in rows if r[0] == 'workshop.local')
        self.assertEqual(row[2], 'no address')
        self.assertIn('EAI_NONAME', row[5])

    def test_follows(self):
        app = self.open_page()
        started = time.monotonic()
        self.follow(app, 'hostname', 'renamed')
        self.wait_fact(app, 'Host name', 'renamed')
        pane.says(app, 'renamed · ')
        self.assertLess(time.monotonic() - started, slow(3))
        # The hosts file is a mount of its own here: the file itself is written.
        self.follow(app, 'sh', '-c', 'echo 127.0.1.9 renamed.example.net renamed nine >/etc/hosts')
        self.wait_fact(app, 'Full name (FQDN)', 'renamed.example.net', 'line 1')
        self.wait_fact(app, 'Aliases', 'nine')
        app.wait_until(lambda: ['127.0.1.9'] == [
            r[2] for r in self.rows(app, 'Addresses of the names') if r[0] == 'nine'], slow(5))

    def test_own_follows_addresses(self):
        """Which addresses are its own: of this moment, and nothing is asked again for it."""
        prefix = pane.private_etc(self, dict(
            FILES, **{'/etc/hosts': '127.0.0.1 localhost\n10.9.0.5 workshop\n'}), name='workshop')
        net = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"']
        if subprocess.run(net + ['true'], capture_output=True, check=False).returncode:
            self.skipTest('no network namespace may be made here')
        self.prefix = net + prefix
        app = self.start(*self.prefix[1:], ptlui.APP, program=self.prefix[0],
                         env={'DBUS_SYSTEM_BUS_ADDRESS': 'unix:path=/nonexistent'})
        app.mouse(app.find('label', 'This Computer'))
        app.mouse(app.find('label', 'Names'))

        def own():
            return [(r[3], r[5]) for r in self.rows(app, 'Addresses of the names')
                    if r[0] == 'workshop' and r[2] == '10.9.0.5']

        app.wait_until(lambda: [o for o, _ in own()] == ['no'], 10, what='another\'s address')
        before = own()[0][1]
        for command, expected in (('add', 'lo'), ('del', 'no'), ('add', 'lo')):
            subprocess.run(['nsenter', '--target', str(app.pid), '--net', 'ip', 'addr', command,
                            '10.9.0.5/32', 'dev', 'lo'], check=True)
            app.wait_until(lambda: [o for o, _ in own()] == [expected], 10,
                           what='%s after %s' % (expected, command))
            # The time that it took is that of the first question.
            self.assertEqual(own()[0][1], before)

    def test_looks_up(self):
        app = self.open_page()
        app.mouse(next(n for n in app.walk() if n.role == 'label' and n.name == 'Full name (FQDN)'))
        pane.says(app, 'Full name (FQDN): workshop.example.org')
        pane.press(app, 'Look Up the Chosen Name')
        pane.says(app, '127.0.1.1', timeout=10)
        pane.says(app, 'This is ')

    def test_report(self):
        listener = socket.create_server(('127.0.0.1', 0))
        self.addCleanup(listener.close)
        port = listener.getsockname()[1]
        app = self.open_page()
        pane.press(app, 'Report …')
        pane.says(app, 'nothing is sent by itself')
        pane.says(app, re.compile(r'^\d+ rows$'))
        app.wait_until(lambda: pane.texts(app).count('nothing yet') <= 1, slow(10))
        # What they resolve to is left out, and it is JSON.
        app.mouse(app.find('label', 'Addresses of the names', showing=True))
        pane.pick(app, 'Written As', 1, 'JSON, for programs')
        pane.press(app, 'Copy')
        pane.says(app, 'Copied: ')
        app.keys('Escape')
        app.gone('label', 'Copied: ', contains=True)
        app.mouse(app.find('label', 'Lookup'))
        app.mouse(app.find('label', 'Many at Once'))
        text = app.find('text', 'Names, addresses or ports, one on each line')
        app.mouse(text)
        app.keys('ctrl+v')
        report = json.loads(app.wait_until(lambda: app.read_text(text), slow(5)))
        self.assertNotIn('name_addresses', report)
        self.assertIn('AF_INET', [row['domain'] for row in report['socket_families']])
        self.assertEqual(report['self_test'], [])
        # Pages that were not shown yet are in it, too.
        links = subprocess.run(['ls', '/sys/class/net'], capture_output=True, text=True, check=True)
        self.assertLessEqual(set(links.stdout.split()),
                             {row['name'] for row in report['interfaces']})
        self.assertIn('127.0.0.1', ' '.join(row['address'] for row in report['addresses']))
        self.assertIn('routes', report)
        self.assertTrue(any(row['local_port'] == port and 'python' in row['program']
                            for row in report['open_sockets']), report['open_sockets'])
        self.assertIn('127.0.0.1', json.dumps(report['name_servers']))
        names = {row['what']: row['value'] for row in report['names']}
        self.assertEqual(names['Host name'], 'workshop')
        self.assertEqual(names['Full name (FQDN)'], 'workshop.example.org')
        self.assertIn('version', report['report'])

    def test_report_to_files(self):
        app = self.open_page()
        pane.press(app, 'Report …')
        pane.says(app, 'nothing is sent by itself')
        app.wait_until(lambda: pane.texts(app).count('nothing yet') <= 1, 20)
        text, objects = (os.path.join(self.state, 'report.' + e) for e in ('txt', 'json'))
        pane.press(app, 'Save …')
        pane.save_file(app, text)
        pane.says(app, re.compile('^Saved$'), timeout=10)
        with open(text, encoding='utf-8') as f:
            saved = f.read()
        for title in ('Names of this computer', 'Interfaces', 'Routes', 'Open sockets',
                      'Families of sockets'):
            self.assertIn('\n%s\n%s\n' % (title, '=' * len(title)), saved)
        self.assertRegex(saved, r'\nFull name \(FQDN\) +workshop\.example\.org +')
        self.assertRegex(saved, r'\b127\.0\.0\.1/8 +')

        pane.pick(app, 'Written As', 1, 'JSON, for programs')
        pane.press(app, 'Save …')
        pane.save_file(app, objects)
        app.wait_until(lambda: os.path.exists(objects), 10, what='the second file')
        with open(objects, encoding='utf-8') as f:
            report = json.load(f)
        self.assertIn('127.0.0.1', {r['address'].split('/')[0] for r in report['addresses']})
        self.assertEqual(report['self_test'], [])

        # Where it cannot be written, that is said, and the dialog stays for another place.
        pane.press(app, 'Save …')
        pane.save_file(app, '/proc/portlight-report')
        said = pane.says(app, 'Not saved: ', timeout=10)
        self.assertIn('/proc/portlight-report', said)
        self.assertFalse(os.path.exists('/proc/portlight-report'))
        pane.says(app, 'nothing is sent by itself')

    def test_hostnamed(self):
        if not shutil.which('dbus-daemon'):
            self.skipTest('there is no dbus-daemon')
        daemon = subprocess.Popen(
            ['dbus-daemon', '--session', '--nofork', '--print-address'],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.stdout.close)
        self.addCleanup(daemon.kill)
        address = daemon.stdout.readline().strip()
        service = subprocess.Popen([sys.executable, '-c', HOSTNAMED, address], text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(service.wait)
        self.addCleanup(service.stdout.close)
        self.addCleanup(service.stdin.close)
        self.addCleanup(service.kill)
        self.assertEqual(service.stdout.readline().strip(), 'ready')
        app = self.open_page(address)
        self.wait_fact(app, 'Static name', 'of-the-bus', 'systemd-hostnamed')
        self.wait_fact(app, 'Pretty name', 'First')
        self.wait_fact(app, 'mDNS name', 'workshop.local', 'neither Avahi nor systemd-resolved')
        service.stdin.write('Second\n')
        service.stdin.flush()
        self.wait_fact(app, 'Pretty name', 'Second')


if __name__ == '__main__':
    ptlui.main()
