#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Reference shows against data/registry/, field by field: each protocol to know, each line
of the conversations, each cell of the tables; the classic eight word by word; and a services
database, row by row."""
import csv
import os
import random
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import tap

TOOL = os.environ['PTL_REFERENCE']
DATA = os.environ['PTL_REGISTRY']
TEXT, REMARK, HEADING, FACT, LIVE, CODE, CLIENT, SERVER, TABLE, ENTRY = range(10)
COLUMNS = (
    'port', 'transport', 'name', 'description', 'function', 'twin', 'python', 'spec', 'registered',
    'here', 'source',
)
# name, common function, port, modules of the classic table, modules of today
EIGHT = {
    'pop3': ('POP3', 'fetching email', 110, 'poplib', 'poplib'),
    'smtp': ('SMTP', 'sending email', 25, 'smtplib', 'smtplib'),
    'telnet': (
        'Telnet', 'command lines', 23, 'telnetlib', 'none since 3.13 (telnetlib up to 3.12)',
    ),
    'imap4': ('IMAP4', 'fetching email', 143, 'imaplib', 'imaplib'),
    'gopher': (
        'Gopher', 'document transfers', 70, 'gopherlib, urllib',
        'none in the standard library (socket)',
    ),
    'nntp': ('NNTP', 'Usenet news', 119, 'nntplib', 'none since 3.13 (nntplib up to 3.12)'),
    'http': (
        'HTTP', 'web pages', 80, 'httplib, urllib, xmlrpclib',
        'http.client, urllib.request, http.server, xmlrpc.client',
    ),
    'ftp': ('FTP', 'file transfers', 20, 'ftplib, urllib', 'ftplib, urllib.request'),
}
DIALOGUE_OF = {
    'imaps': 'imap4', 'pop3s': 'pop3', 'nntps': 'nntp', 'submission': 'smtp',
    'submissions': 'smtp', 'https': 'http', 'ftps': 'ftp',
}
FIRST = {'server': 'The server', 'client': 'The client', 'both': 'Both, without waiting'}


# Where there is none IANA's own may be a draft: said as such.
DRAFT = ' (a draft that is to become an RFC)'


def says_tls(record):
    """IANA's own words; "secure" may be another way."""
    return re.search(r'\b(d?tls|ssl|https)\b', record['name'] + ' ' + record['description'], re.I)


def ask(*args):
    out = subprocess.run((TOOL, *args), check=True, stdout=subprocess.PIPE).stdout.decode()
    return [record.split('\x1f') for record in out.split('\x1e')[:-1]]


def read(name):
    with open(os.path.join(DATA, name), encoding='utf-8', newline='') as f:
        return list(csv.DictReader(f))


def bare(text):
    """As it is shown: without the back quotes of Markdown."""
    return text.replace('`', '').replace('\\|', '|').strip()


def read_dialogues():
    """{protocol: {'intro': text, 'tables': [(title, heads, rows)],
    'lines': [(who, text, note)]}}"""
    with open(os.path.join(DATA, 'dialogues.md'), encoding='utf-8') as f:
        whole = f.read()
    found = {}
    for part in re.split(r'^## ', whole, flags=re.M)[1:]:
        sections = re.split(r'^### ', part, flags=re.M)
        name, _, intro = sections[0].partition('\n')
        here = found[name.lower()] = {'intro': intro.replace('---', ''), 'tables': [], 'lines': []}
        for section in sections[1:]:
            title, _, body = section.partition('\n')
            rows = [
                [bare(cell) for cell in re.split(r'(?<!\\)\|', line)[1:-1]]
                for line in body.split('\n')
                if line.startswith('|')
            ]
            if rows:
                here['tables'].append((title, rows[0], rows[2:]))
            for line in body.split('\n'):
                if line.startswith('    '):
                    m = re.fullmatch(r'    ([CS]): ?(.*?)(?:   *(.*))?', line)
                    who, text, note = m.groups()
                    here['lines'].append((who, text, note or ''))
    return found


class Protocol:
    def __init__(self, row):
        self.id = row[1]
        self.cells = dict(zip(COLUMNS, row[2:]))
        self.says = row[2 + len(COLUMNS)]
        self.parts = []     # kind, n, title, text, note

    def facts(self):
        return {title: text for kind, _, title, text, _ in self.parts if kind == FACT}

    def of(self, *kinds):
        return [part for part in self.parts if part[0] in kinds]

    def under(self, heading):
        """What stands between this heading and the next one."""
        at = [i for i, p in enumerate(self.parts) if p[0] == HEADING and p[3] == heading]
        if not at:
            return []
        rest = self.parts[at[0] + 1 :]
        end = [i for i, p in enumerate(rest) if p[0] == HEADING]
        return rest[: end[0]] if end else rest


def each(test):
    """Once for each protocol to know: its record, and what is shown of it."""

    def run(self):
        for row in self.rows:
            with self.subTest(row['id']):
                test(self, row, self.shown[row['id']])

    return run


class Data(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.rows = read('protocols.csv')
        cls.examples = {r['id']: r['example'] for r in read('examples.csv')}
        cls.iana = read('iana-services.csv')
        cls.dialogues = read_dialogues()
        cls.shown = {}
        for record in ask():
            if record[0] == 'row':
                last = cls.shown[record[1]] = Protocol(record)
            else:
                last.parts.append((int(record[1]), int(record[2]), *record[3:6]))

    def twin(self, row):
        """As the guide has it; if it has none, IANA may: tftp and tftps."""
        if row['tls_port']:
            return row['tls_port'] if row['tls_port'] != row['port'] else ''
        for r in self.iana:
            if (
                r['name'] == row['iana_name'] + 's'
                and r['transport'] == row['transport'].split(', ')[0]
                and says_tls(r)
            ):
                return r['port']
        return ''

    def reference(self, row, p):
        for r in self.iana:
            first, _, last = r['port'].partition('-')
            if (
                r['name'] == p.cells['name'] == row['iana_name']
                and first
                and int(first) <= int(row['port']) <= int(last or first)
                and r['transport'] == p.cells['transport'].lower()
            ):
                return r['reference'] + DRAFT * ('RFC-ietf-' in r['reference'])
        return ''

    def test_tls_twins(self):
        """The column of every row: only where IANA says TLS of the other port, or the guide does;
        and wherever the other one has the name with -s, -tls or -ssl."""
        with tempfile.NamedTemporaryFile('w') as f:
            shown = [dict(zip(COLUMNS, record[2:])) for record in ask(f.name)]
        self.assertGreater(len(shown), 14000)
        guide = {
            (name, r['port'], r['tls_port'])
            for r in self.rows
            for name in (r['id'], r['iana_name'])
        }
        iana = {}
        for r in self.iana:
            iana.setdefault((r['port'], r['transport']), []).append(r)
            iana.setdefault((r['name'], r['transport'], 'name'), r)
        n = 0
        for row in shown:
            port, _, _ = row['port'].partition('–')
            transport = row['transport'].lower()
            key = (row['name'], port, row['twin'])
            if row['twin']:
                n += 1
                self.assertTrue(
                    key in guide
                    or row['name'] == 'ircu'
                    or any(says_tls(r) for r in iana[row['twin'], transport]),
                    row,
                )
                continue
            for suffix in ('s', '-s', '-tls', '-ssl'):
                other = iana.get((row['name'] + suffix, transport, 'name'))
                if other and port and other['port'] and says_tls(other):
                    self.fail('%s has no twin, but there is %s' % (row, other))
        self.assertGreater(n, 140)

    def test_tls_of_ipp(self):
        """RFC 8010 section 8.2 and RFC 7472: one port for both."""
        p = self.shown['ipp']
        self.assertEqual(p.cells['port'], '631')
        self.assertNotIn('always', p.facts()['TLS twin'])
        self.assertTrue(p.facts()['TLS'].startswith('plain HTTP on 631'))
        self.assertIn('HTTPConnection("printer.example", 631)', p.under('In Python')[0][3])

    def test_all_are_there(self):
        self.assertEqual(len(self.rows), 75)
        self.assertEqual(sorted(self.shown), sorted(r['id'] for r in self.rows))

    @each
    def test_cells(self, row, p):
        first, _, last = p.cells['port'].partition('–')
        self.assertTrue(int(first) <= int(row['port']) <= int(last or first))
        self.assertEqual(p.cells['transport'].lower(), row['transport'].split(', ')[0])
        self.assertIn(p.cells['name'], (row['iana_name'], row['id']))
        self.assertNotEqual(p.cells['description'], '')
        self.assertEqual(p.cells['twin'], self.twin(row))
        # Not IANA's reference, which is a draft for SMTP, and one RFC of several for others.
        self.assertEqual(p.cells['spec'], row['spec'])
        if row['id'] not in EIGHT:
            self.assertEqual(p.cells['function'] + '.', row['common_function'])
            self.assertEqual(p.cells['python'], row['python_module'])

    @each
    def test_facts(self, row, p):
        facts = p.facts()
        wanted = {
            'Common function': p.cells['function'],
            'Usual port': '%s (%s)' % (row['port'], row['transport']),
            'Other ports': row['other_ports'],
            'Who speaks first': FIRST[row['speaks_first']],
            'TLS': row['tls'],
            'TLS twin': row['port'] + ', always inside TLS'
            if row['tls_port'] == row['port']
            else row['port'] + ', the same port: it takes plain bytes as well as TLS'
            if self.twin(row) == row['port']
            else self.twin(row),
            'Specification': row['spec'],
            'Python today': row['python_module'],
            'Python 2 (historic)': row['python2_module'],
            'Lines end with': row['line_end'],
            'URI scheme': row['uri_scheme'],
            'Kind': row['category'],
            'IANA’s name': row['iana_name'],
            'Greeting begins with': row['greeting'].replace(' | ', '\n'),
            'Answer begins with': row['reply'].replace(' | ', '\n'),
            "IANA’s reference": self.reference(row, p),
            'Who says so': p.says,
            'Checked against': row['checked'],
        }
        for title, text in wanted.items():
            self.assertEqual(facts.get(title, ''), text, title)
        self.assertEqual([part[2] for part in p.of(LIVE)], ['This computer'])
        # IANA's own, which the row has from the registry.
        self.assertEqual(facts.get('Registered', ''), p.cells['registered'])

    @each
    def test_words(self, row, p):
        texts = [part[3] for part in p.of(TEXT)]
        if row['id'] in EIGHT:
            # In our own words, so that they can be translated.
            self.assertEqual(texts[0].split()[0], row['common_function'].split()[0])
            self.assertGreater(len(texts[0]), len(row['common_function']))
        else:
            self.assertEqual(texts[0], row['common_function'])
        if row['note']:
            self.assertIn(row['note'], texts)
        self.assertIn(row['healthy_note'], texts)

    @each
    def test_examples(self, row, p):
        python = p.under('In Python')
        self.assertEqual([part[0] for part in python], [CODE])
        self.assertLessEqual(python[0][3].count('\n'), 2)
        compile(python[0][3], row['id'], 'exec')
        if row['id'] in self.examples:
            self.assertEqual(python[0][3], self.examples[row['id']])
        else:
            self.assertIn(row['port'], python[0][3])
        for heading, column, note in (
            ('What One Sends First', 'probe', 'probe_note'),
            ('Goodbye', 'polite_end', 'end_note'),
        ):
            code = re.sub(r'\{(host|name)\}', 'localhost', row[column])
            wanted = [(CODE, code)] * bool(code) + [(REMARK, row[note])] * bool(row[note])
            self.assertEqual([(part[0], part[3]) for part in p.under(heading)], wanted, heading)

    @each
    def test_conversations(self, row, p):
        lines = [('CS'[k - CLIENT], text, note) for k, _, _, text, note in p.of(CLIENT, SERVER)]
        dialogue = self.dialogues.get(DIALOGUE_OF.get(row['id'], row['id']))
        self.assertTrue(lines)
        if dialogue is None:
            # What the server says first, the question, the answer, the goodbye.
            sent = re.sub(r'\{(host|name)\}', 'localhost', row['probe'])
            self.assertEqual(
                [(text, note) for who, text, note in lines if who == 'C'],
                [(sent, row['probe_note'])] * bool(sent)
                + [(row['polite_end'], row['end_note'])] * bool(row['polite_end']),
            )
            said = [text for who, text, _ in lines if who == 'S']
            if sent and row['reply']:
                self.assertEqual(said[-1], row['reply'].split(' | ')[0] + ' ...')
            if row['greeting']:
                self.assertEqual(said[0], row['greeting'].split(' | ')[0] + ' ...')
            self.assertIn(row['healthy_note'], [note for _, _, note in lines])
            return
        self.assertEqual(
            [(who, text) for who, text, _ in lines],
            [(who, text) for who, text, _ in dialogue['lines']],
        )
        for (_, text, note), (_, _, written) in zip(lines, dialogue['lines']):
            self.assertNotEqual(note, '', text)
            if written:
                self.assertEqual(note, written)

    @each
    def test_tables(self, row, p):
        dialogue = self.dialogues.get(DIALOGUE_OF.get(row['id'], row['id']))
        if dialogue is None:
            self.assertEqual(p.of(TABLE, ENTRY), [])
            return
        self.assertEqual(
            [(part[2], part[1]) for part in p.of(TABLE)],
            [(title, len(rows)) for title, _, rows in dialogue['tables']],
        )
        entries = iter(p.of(ENTRY))
        for title, heads, rows in dialogue['tables']:
            for cells in rows:
                _, _, key, meaning, rest = next(entries)
                self.assertTrue(key.startswith(cells[0]), (title, key, cells[0]))
                for head, cell in zip(heads[1:], cells[1:]):
                    if head == 'Meaning':
                        self.assertEqual(meaning, cell)
                    elif cell and not (head == 'Syntax' and key == cell):
                        self.assertIn('%s: %s' % (head, cell), rest, (title, cells[0]))
        self.assertIsNone(next(entries, None))

    def test_tables_are_read(self):
        rows = [r for d in self.dialogues.values() for _, _, rows in d['tables'] for r in rows]
        self.assertGreater(len(rows), 600)
        self.assertEqual(len(self.dialogues), 8)

    @each
    def test_rules(self, row, p):
        dialogue = self.dialogues.get(DIALOGUE_OF.get(row['id'], row['id']))
        rules = ' '.join(part[3] for part in p.under('Rules'))
        intro = bare(dialogue['intro']) if dialogue else ''
        self.assertEqual(rules.split(), intro.split())
        if dialogue:
            legend = p.under('Commands, Replies and Codes')[0]
            self.assertEqual(legend[0], REMARK)
            self.assertIn('<x> is something to fill in', legend[3])
            self.assertIn('dot-stuffing', legend[3])

    def test_classic_eight(self):
        for id_, (name, function, port, classic, today) in EIGHT.items():
            with self.subTest(id_):
                p = self.shown[id_]
                facts = p.facts()
                self.assertIn(name, [r['name'] for r in self.rows if r['id'] == id_])
                self.assertEqual(facts['Common function'], function)
                self.assertEqual(p.cells['function'], function)
                self.assertEqual(
                    facts['Classic table of Python’s modules'], 'Port %d: %s' % (port, classic)
                )
                self.assertEqual(facts['Python today'], today)
                self.assertEqual(
                    p.cells['python'],
                    today if today == classic else '%s; historic: %s' % (today, classic),
                )
                self.assertEqual(p.cells['port'], '21' if id_ == 'ftp' else str(port))
                self.assertGreaterEqual(len(p.of(CLIENT, SERVER)), 5)
                self.assertGreaterEqual(len(p.of(TABLE)), 3)
        self.assertEqual(list(self.shown)[:8], list(EIGHT))
        # Why the classic table says 20.
        why = [part[3] for part in self.shown['ftp'].of(TEXT) if 'with port 20.' in part[3]]
        self.assertEqual(len(why), 1)
        self.assertIn('ftp-data', why[0])
        self.assertIn('A client connects to port 21', why[0])


SERVICE = re.compile(r'([^\s#]+)\s+(\d+)/(\w+)([^#]*)')


class Services(unittest.TestCase):
    """Each row of a services database agrees with IANA, or says in which way it does not."""

    @classmethod
    def setUpClass(cls):
        cls.iana = {}
        for r in read('iana-services.csv'):
            if r['name'] and r['port']:
                first, _, last = r['port'].partition('-')
                for port in range(int(first), int(last or first) + 1):
                    cls.iana.setdefault((port, r['transport']), []).append(r['name'])
        cls.named = {
            (r['name'], r['transport'])
            for r in read('iana-services.csv')
            if r['name'] and r['port']
        }

    def shown(self, services):
        """{(port, transport): [(name, source, who says so)]} of the merged table."""
        with tempfile.NamedTemporaryFile('w') as f:
            f.write(services)
            f.flush()
            found = {}
            for record in ask(f.name):
                cells = dict(zip(COLUMNS, record[2:]))
                found.setdefault((cells['port'], cells['transport'].lower()), []).append(
                    (cells['name'], cells['source'], record[2 + len(COLUMNS)])
                )
        return found

    def check(self, shown, name, port, transport, aliases):
        """Returns whether they agree."""
        names = [n.lower() for n in self.iana.get((port, transport), [])]
        rows = []
        for (ports, its_transport), its_rows in shown.items():
            first, _, last = ports.partition('–')
            if first and its_transport == transport and int(first) <= port <= int(last or first):
                rows += its_rows
        own = [r for r in rows if r[0] == name and r[1].startswith('This computer')]
        if name.lower() in names or any(a.lower() in names for a in aliases):
            agreed = [r for r in rows if r[1] == 'IANA and this computer']
            self.assertTrue(agreed)
            self.assertTrue(all('IANA and this computer agree' in r[2] for r in agreed))
            words = re.split('[ ,.]+', ' '.join(r[0] + ' ' + r[2] for r in agreed).lower())
            for one in (name, *aliases):
                self.assertIn(one.lower(), words)
            self.assertEqual(own, [])
            return True
        self.assertEqual(len(own), 1)
        source, says = own[0][1:]
        if names:
            theirs = self.iana[port, transport]
            self.assertTrue(source.startswith('This computer; IANA: ' + theirs[0]), source)
            self.assertIn('They disagree: IANA calls the port ' + ', '.join(theirs[:1]), says)
            # And IANA's row says so, too, unless another entry agrees with it.
            for row in rows:
                if row[0] in theirs and row[1] != 'IANA and this computer':
                    self.assertTrue(row[1].startswith('IANA; here: '), row)
                    self.assertIn('IANA and this computer disagree', row[2])
        elif (name, transport) in self.named:
            self.assertTrue(source.startswith('This computer; IANA: port '), source)
            self.assertIn('They disagree: IANA has it on port', says)
        elif transport == 'ddp':
            self.assertEqual(source, 'This computer')
            self.assertIn('IANA registers no ports of ddp', says)
        else:
            self.assertEqual(source, 'This computer')
            self.assertIn('Only this computer’s services database knows this service', says)
        return False

    def test_own_database(self):
        try:
            with open('/etc/services', encoding='utf-8', errors='replace') as f:
                text = f.read()
        except OSError:
            self.skipTest('this computer has no /etc/services')
        entries = []
        for line in text.splitlines():
            m = SERVICE.match(line)
            if m and 0 < int(m.group(2)) < 65536:
                entries.append((m.group(1), int(m.group(2)), m.group(3), m.group(4).split()))
        shown = self.shown(text)
        sample = random.Random(7).sample(entries, min(25, len(entries)))
        agree = 0
        for entry in sample:
            with self.subTest(entry[0]):
                agree += self.check(shown, *entry)
        print('# %d of a sample of %d agree, the others say why not' % (agree, len(sample)))
        self.assertGreater(agree, len(sample) // 2)
        for entry in entries:
            with self.subTest(entry[0]):
                self.check(shown, *entry)

    def test_ways_to_disagree(self):
        for line, agrees in (
            ('http 80/tcp www', True),
            ('snmp-trap 162/udp snmptrap', True),
            ('rplay 5555/udp', False),
            ('smtp 4/tcp', False),
            ('mine 4/tcp', False),
            ('nbp 2/ddp', False),
        ):
            with self.subTest(line):
                m = SERVICE.match(line)
                self.assertEqual(
                    self.check(
                        self.shown(line + '\n'), m.group(1), int(m.group(2)), m.group(3),
                        m.group(4).split(),
                    ),
                    agrees,
                )


if __name__ == '__main__':
    tap.main()
