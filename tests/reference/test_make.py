#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""build-aux/make-registry.py on a newer copy of IANA's own CSV: it becomes the seven columns and a
table; what is malformed is told with its file and line."""
import csv
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import tap

DATA = os.environ['PTL_REGISTRY']
SCRIPT = os.path.join(DATA, '..', '..', 'build-aux', 'make-registry.py')
COLUMNS = (
    'Service Name', 'Port Number', 'Transport Protocol', 'Description', 'Assignee', 'Contact',
    'Registration Date', 'Modification Date', 'Reference', 'Service Code',
    'Unauthorized Use Reported', 'Assignment Notes',
)


class Make(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        with open(os.path.join(DATA, 'iana-services.csv'), encoding='utf-8', newline='') as f:
            self.ours = list(csv.DictReader(f))

    def path(self, name):
        return os.path.join(self.folder, name)

    def original(self, extra=()):
        """As IANA writes it: other columns too, references in brackets, lines within a field."""
        with open(self.path('iana.csv'), 'w', encoding='utf-8', newline='') as f:
            writer = csv.writer(f)
            writer.writerow(COLUMNS)
            for r in self.ours:
                refs = ''.join('[%s]' % ref for ref in r['reference'].split('; ') if ref)
                writer.writerow((
                    r['name'], r['port'], r['transport'], r['description'].replace(' ', '\n  ', 1),
                    '[Somebody]', '[Somebody]', r['registered'], r['modified'], refs, '', '', '',
                ))
            writer.writerows(extra)

    def run_script(self, *args):
        return subprocess.run([sys.executable, SCRIPT, *args], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)

    def convert(self):
        return self.run_script('--iana', self.path('iana.csv'),
                               '--write-iana', self.path('out.csv'))

    def table(self, name='data'):
        return self.run_script('--data', self.path(name), '--table', self.path(name + '.table'))

    def copy(self, name='data'):
        shutil.copytree(DATA, self.path(name))
        return self.path(name)

    def test_a_newer_copy(self):
        self.original([('a-new-one', '4', 'tcp', 'New  here', '', '', '2026-11-01', '',
                        '[RFC9999][RFC9999]', '', '', '')])
        r = self.convert()
        self.assertEqual(r.returncode, 0, r.stdout)
        with open(self.path('out.csv'), encoding='utf-8', newline='') as f:
            rows = list(csv.DictReader(f))
        new = [r for r in rows if r['name'] == 'a-new-one']
        self.assertEqual([dict(n) for n in new], [{
            'name': 'a-new-one', 'port': '4', 'transport': 'tcp', 'description': 'New here',
            'reference': 'RFC9999', 'registered': '2026-11-01', 'modified': '',
        }])
        self.assertEqual(len(rows), len(self.ours) + 1)
        ports = [int(r['port'].partition('-')[0]) if r['port'] else 65536 for r in rows]
        self.assertEqual(ports, sorted(ports))
        old = {tuple(r.values()) for r in rows} - {tuple(new[0].values())}
        # All but the references that are no RFC and no document.
        mine = {tuple(r.values()) for r in self.ours}
        self.assertEqual({t[:4] + t[5:] for t in old}, {t[:4] + t[5:] for t in mine})
        self.assertGreater(len(old & mine), len(mine) - 30)
        folder = self.copy()
        shutil.copy(self.path('out.csv'), os.path.join(folder, 'iana-services.csv'))
        r = self.table()
        self.assertEqual(r.returncode, 0, r.stdout)
        with open(self.path('data.table'), 'rb') as f:
            self.assertIn(b'a-new-one\0', f.read())

    def test_same_data_same_bytes(self):
        self.copy('a')
        self.copy('b')
        self.assertEqual(self.table('a').returncode, 0)
        self.assertEqual(self.table('b').returncode, 0)
        with open(self.path('a.table'), 'rb') as a, open(self.path('b.table'), 'rb') as b:
            self.assertEqual(a.read(), b.read())

    def test_malformed(self):
        for name, find, bad, told in (
            ('iana-services.csv', 'echo,7,tcp', 'echo,70000,tcp', 'iana-services.csv:'),
            ('iana-services.csv', 'echo,7,tcp', 'echo,7,xyz', 'not a transport'),
            ('iana-services.csv', 'echo,7,tcp', 'ec ho,7,tcp', 'a space in the name'),
            ('iana-services.csv', 'name,port', 'nome,port', 'iana-services.csv:1: the header'),
            ('protocols.csv', '\npop3,POP3,mail,', '\npop3,POP3,', 'protocols.csv:2: 24 fields'),
            ('protocols.csv', ',server,CRLF,CAPA', ',nobody,CRLF,CAPA', 'who speaks first'),
            ('dialogues.md', '    C: CAPA', '    X: CAPA', 'dialogues.md:'),
            ('examples.csv', 'import poplib', 'import poplib (', 'examples.csv:'),
        ):
            with self.subTest(told):
                folder = self.copy()
                path = os.path.join(folder, name)
                with open(path, encoding='utf-8', newline='') as f:
                    text = f.read()
                self.assertIn(find, text)
                with open(path, 'w', encoding='utf-8', newline='') as f:
                    f.write(text.replace(find, bad, 1))
                r = self.table()
                self.assertNotEqual(r.returncode, 0)
                self.assertIn(told, r.stdout)
                self.assertNotIn('Traceback', r.stdout)
                shutil.rmtree(folder)

    def test_another_file(self):
        with open(self.path('iana.csv'), 'w') as f:
            f.write('a,b\n1,2\n')
        r = self.convert()
        self.assertNotEqual(r.returncode, 0)
        self.assertIn('no column Service Name', r.stdout)


if __name__ == '__main__':
    tap.main()
