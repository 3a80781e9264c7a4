#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns data/registry/ into the one table that the app reads in place.

    make-registry.py --data DIR --table FILE --assembly FILE      (what the build calls)
    make-registry.py --iana IANA.csv --write-iana FILE            (a newer copy of IANA's CSV)

The same input gives the same bytes.  A row that is malformed ends the run with its file and line.
The format is described in src/registry/ptl-registry-private.h.
"""
import argparse
import csv
import os
import re
import struct
import sys

MAGIC = b'PTLREG\x01\n'
TRANSPORTS = ('', 'tcp', 'udp', 'sctp', 'dccp')
FLAG_PORT, FLAG_IANA, FLAG_GUIDE, FLAG_MAIN, FLAG_TLS, FLAG_TLS_FIRST = 1, 2, 4, 8, 16, 32
IANA_COLUMNS = ('name', 'port', 'transport', 'description', 'reference', 'registered', 'modified')
IANA_ORIGINAL = (
    'Service Name',
    'Port Number',
    'Transport Protocol',
    'Description',
    'Reference',
    'Registration Date',
    'Modification Date',
)
PROTOCOL_STRINGS = (
    'id',
    'name',
    'category',
    'common_function',
    'other_ports',
    'transport',
    'tls',
    'uri_scheme',
    'spec',
    'python_module',
    'python2_module',
    'speaks_first',
    'line_end',
    'example',
    'probe_note',
    'healthy_note',
    'end_note',
    'iana_name',
    'note',
    'python_example',
    'intro',
    'greeting',
    'reply',
    'polite_end',
    'checked',
    'legend',
)
# The classic table says in two or three words what these are for.
SHORT_FUNCTIONS = {
    'pop3': 'fetching email',
    'smtp': 'sending email',
    'telnet': 'command lines',
    'imap4': 'fetching email',
    'gopher': 'document transfers',
    'nntp': 'Usenet news',
    'http': 'web pages',
    'ftp': 'file transfers',
}
# Whose conversation explains these.
SAME_DIALOGUE = {
    'imaps': 'imap4',
    'pop3s': 'pop3',
    'nntps': 'nntp',
    'submission': 'smtp',
    'submissions': 'smtp',
    'https': 'http',
    'ftps': 'ftp',
}
# Rows of IANA's that belong to a protocol beside its own.
ALSO = {('ftp-data', 20, 'tcp'): 'ftp', ('ftps-data', 989, 'tcp'): 'ftps'}
# What IANA says of a service inside TLS.  "Secure" is no such word: WAP's is WTLS, others have
# ways of their own.
TLS_WORDS = re.compile(r'\b(d?tls|ssl|https)\b', re.I)
TLS_SUFFIXES = ('s', '-s', '-tls', '-ssl')
# Twins by another name.
TWINS = {'ftp-data': 'ftps-data', 'snmptrap': 'snmptls-trap'}
# On these a habit has put a protocol to know: IANA's name there is another one's.
NOT_THEIRS = ('hpvirtgrp', 'tivoli-npm', 'urd')
# Where TLS comes first though IANA's words do not say so, by what their specification says.
TLS_FIRST = {
    ('iris-xpcs', 'tcp'),     # RFC 4992: XPC over TLS
    ('epp', 'tcp'),           # RFC 5734 section 8, on 700 only
    ('ntske', 'tcp'),         # RFC 8915 section 4
    ('dots-signal', 'tcp'),   # RFC 9132 section 4.3: TLS
    ('dots-signal', 'udp'),   # and DTLS
    ('kmip', 'tcp'),          # OASIS, KMIP profiles: HTTPS and TLS are the base
    ('radsec', 'udp'),        # RFC 7360: DTLS
    ('turns', 'udp'),         # RFC 7350: DTLS
    ('stun-behaviors', 'udp'), # has the port of stuns
    ('https', 'udp'),         # RFC 9114: QUIC
}
# Where IANA's words have TLS, but plain bytes come first or as well.
NOT_TLS_FIRST = {
    ('ipps', 'tcp'),          # one port with ipp: a server tells them apart by the first byte
    ('snif', 'tcp'),          # the control connection of a relay, not the relayed one
    ('csvr-sslproxy', 'tcp'), # a proxy of SSL
}
REFERENCE = re.compile(r'\brfc[ -]?(\d+)', re.I)
DATE = re.compile(r'(\d{4})-(\d{2})(?:-(\d{2}))?')
ESCAPE = re.compile(r'\\(?:[rnt\\]|x[0-9a-fA-F]{2})')


class Malformed(Exception):
    pass


def fail(path, line, text):
    raise Malformed('%s:%d: %s' % (os.path.basename(path), line, text))


def read_csv(path, columns):
    """(line, {column: text}) of each record; the header has to be @columns."""
    with open(path, encoding='utf-8', newline='') as f:
        reader = csv.reader(f, strict=True)
        try:
            header = next(reader, None)
            if header is None or tuple(header) != tuple(columns):
                fail(path, 1, 'the header is not %s' % ','.join(columns))
            for record in reader:
                if len(record) != len(columns):
                    fail(
                        path,
                        reader.line_num,
                        '%d fields, not %d' % (len(record), len(columns)),
                    )
                for text in record:
                    if '\0' in text:
                        fail(path, reader.line_num, 'a NUL')
                yield reader.line_num, dict(zip(columns, record))
        except (csv.Error, UnicodeDecodeError) as e:
            fail(path, reader.line_num, str(e))


def parse_ports(path, line, text):
    """None, or (first, last)."""
    if not text:
        return None
    m = re.fullmatch(r'(\d{1,5})(?:-(\d{1,5}))?', text)
    if not m:
        fail(path, line, 'not a port or a range: %r' % text)
    first = int(m.group(1))
    last = int(m.group(2) or first)
    if last > 65535 or first > last:
        fail(path, line, 'not a port or a range: %r' % text)
    return first, last


def parse_date(path, line, text):
    """As a number yyyymmdd, the day 0 where only the month is known."""
    if not text:
        return 0
    m = DATE.fullmatch(text)
    if not m or not 1 <= int(m.group(2)) <= 12 or int(m.group(3) or 1) not in range(1, 32):
        fail(path, line, 'not a date: %r' % text)
    return int(m.group(1)) * 10000 + int(m.group(2)) * 100 + int(m.group(3) or 0)


def read_iana(path):
    rows = []
    seen = set()
    for line, record in read_csv(path, IANA_COLUMNS):
        ports = parse_ports(path, line, record['port'])
        if record['transport'] not in TRANSPORTS:
            fail(path, line, 'not a transport: %r' % record['transport'])
        if not record['name'] and ports is None:
            fail(path, line, 'neither a name nor a port')
        if re.search(r'\s', record['name']):
            fail(path, line, 'a space in the name %r' % record['name'])
        for column in ('name', 'description', 'reference'):
            if re.search(r'[\x00-\x1f\x7f\u2028\u2029]', record[column]):
                fail(path, line, 'a control character in the %s' % column)
        key = tuple(record.values())
        if key in seen:
            fail(path, line, 'the same record twice')
        seen.add(key)
        rows.append(
            {
                'name': record['name'],
                'ports': ports,
                'transport': record['transport'],
                'description': record['description'],
                'reference': record['reference'],
                'registered': parse_date(path, line, record['registered']),
                'modified': parse_date(path, line, record['modified']),
                'flags': FLAG_IANA | (FLAG_PORT if ports else 0),
                'protocol': None,
                'twin': 0,
            }
        )
    if len(rows) < 1000:
        fail(path, 1, 'only %d records: that is not the whole registry' % len(rows))
    return rows


def read_protocols(path):
    columns = (
        'id,name,category,common_function,port,tls_port,other_ports,transport,tls,uri_scheme,spec,'
        'python_module,python2_module,speaks_first,line_end,probe,probe_note,greeting,reply,'
        'healthy_note,polite_end,end_note,iana_name,note,checked'
    ).split(',')
    protocols = []
    for line, p in read_csv(path, columns):
        for column in ('id', 'name', 'common_function', 'port', 'transport', 'spec'):
            if not p[column]:
                fail(path, line, 'no %s' % column)
        if p['id'] in [q['id'] for q in protocols]:
            fail(path, line, 'the id %r twice' % p['id'])
        for column in ('port', 'tls_port'):
            ports = parse_ports(path, line, p[column])
            if ports and (ports[0] != ports[1] or ports[0] == 0):
                fail(path, line, 'not one port: %r' % p[column])
            p[column] = ports[0] if ports else 0
        p['transports'] = p['transport'].split(', ')
        if any(t not in TRANSPORTS[1:] for t in p['transports']):
            fail(path, line, 'not transports: %r' % p['transport'])
        if p['speaks_first'] not in ('server', 'client', 'both'):
            fail(path, line, 'who speaks first? %r' % p['speaks_first'])
        for column in ('probe', 'polite_end'):
            if '\\' in ESCAPE.sub('', p[column]):
                fail(path, line, 'not an escape in the %s: %r' % (column, p[column]))
            p[column] = re.sub(r'\{(host|name)\}', 'localhost', p[column])
        p['example'] = p['probe']
        p['line'] = line
        protocols.append(p)
    return protocols


def check_python(path, line, text):
    try:
        compile(text, 'example', 'exec')
    except SyntaxError as e:
        fail(path, line, 'not Python: %s' % e)
    if text.count('\n') > 2:
        fail(path, line, 'more than three lines')


def add_examples(protocols, path):
    by_id = {p['id']: p for p in protocols}
    for p in protocols:
        p['python_example'] = ''
    for line, record in read_csv(path, ('id', 'example')):
        if record['id'] not in by_id:
            fail(path, line, 'no protocol %r' % record['id'])
        check_python(path, line, record['example'])
        by_id[record['id']]['python_example'] = record['example']
    for p in protocols:
        if not p['python_example']:
            p['python_example'] = make_example(p)
            check_python(path, 0, p['python_example'])


def make_example(p):
    """Three lines with sockets: connect or send, and read."""
    literal = 'b"%s"' % p['probe'].replace('"', '\\"')
    server = '("server.example", %d)' % p['port']
    ask = 's.sendall(%s); ' % literal if p['probe'] else ''
    if p['transports'][0] == 'udp':
        if len(p['probe']) == 0:
            literal = 'b""'
        return (
            'import socket\n'
            's = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n'
            's.sendto(%s, %s); print(s.recvfrom(4096))' % (literal, server)
        )
    if p['tls_port'] == p['port']:
        return (
            'import socket, ssl\n'
            's = ssl.create_default_context().wrap_socket('
            'socket.create_connection(%s), server_hostname="server.example")\n'
            '%sprint(s.recv(4096))' % (server, ask)
        )
    if p['speaks_first'] == 'server' and ask:
        ask = 'print(s.recv(4096)); ' + ask
    return 'import socket\ns = socket.create_connection(%s)\n%sprint(s.recv(4096))' % (server, ask)


def plain(text):
    """Without the back quotes of Markdown."""
    return text.replace('`', '').strip()


def read_dialogues(path):
    """{id: {'intro': text, 'legend': text, 'tables': [(title, [row])],
    'lines': [(who, text, note)]}}."""
    found = {}
    here = title = None
    legend = []
    with open(path, encoding='utf-8') as f:
        lines = f.read().split('\n')
    for number, line in enumerate(lines, 1):
        if line.startswith('## '):
            here = {'intro': [], 'tables': [], 'lines': []}
            found[line[3:].strip().lower()] = here
            title = None
        elif line.startswith('### '):
            title = line[4:].strip()
        elif here is None:
            # How to read the tables: a list, of which the first item is for programs.
            if line.startswith('- '):
                legend.append(line[2:])
            elif line.startswith('  ') and legend:
                legend[-1] += ' ' + line.strip()
        elif line == '---':
            continue
        elif title is None:
            here['intro'].append(plain(line))
        elif line.startswith('|'):
            if not re.search(r'(?<!\\)\|$', line):
                fail(path, number, 'a row of a table without its end')
            cells = [
                plain(c.replace('\\|', '|')) for c in re.split(r'(?<!\\)\|', line.strip())[1:-1]
            ]
            if not here['tables'] or here['tables'][-1][0] != title:
                here['tables'].append((title, []))
            rows = here['tables'][-1][1]
            if all(re.fullmatch(r':?-{3,}:?', c) for c in cells):
                continue
            if rows and len(rows[0]) != len(cells):
                fail(path, number, '%d cells, not %d' % (len(cells), len(rows[0])))
            rows.append(cells)
        elif line.startswith('    '):
            m = re.fullmatch(r'    ([CS]):(?: ?(\S.*?))?(?:\s{2,}(\S.*))?', line)
            if not m:
                fail(path, number, 'not a line of a conversation: %r' % line)
            here['lines'].append([m.group(1), m.group(2) or '', m.group(3) or ''])
    for name, dialogue in found.items():
        paragraphs = '\n'.join(dialogue['intro']).strip().split('\n\n')
        dialogue['intro'] = '\n\n'.join(p.replace('\n', ' ') for p in paragraphs)
        dialogue['legend'] = '\n'.join(plain(item) for item in legend[1:])
        if not dialogue['tables'] or not dialogue['lines']:
            fail(path, 1, '%s has no table or no example' % name)
        explain(dialogue)
    return found


def explain(dialogue):
    """A line of the example without a remark has that of the tables."""
    commands, replies = {}, {}
    for title, rows in dialogue['tables']:
        where = rows[0].index('Meaning') if 'Meaning' in rows[0] else -1
        if where < 0:
            continue
        for row in rows[1:]:
            for key in row[0].split(', '):
                which = commands if re.search('command|method|request', title) else replies
                which.setdefault(key, row[where])
    for line in dialogue['lines']:
        words = re.split(r'[ -]', line[1]) if line[1][:1].isdigit() else line[1].split(' ')
        if line[0] == 'C' and not line[2]:
            for at in (0, 1):
                if len(words) > at and not line[2]:
                    line[2] = commands.get(words[at], '')
        if line[0] == 'S' and not line[2]:
            for key in (words[0], words[1] if len(words) > 1 else ''):
                if not line[2]:
                    line[2] = replies.get(key, '')


def sample_of(p):
    """A conversation of a protocol that has none written down: what is expected first, the probe,
    the answer, the goodbye."""
    lines = []
    greeting = p['greeting'].split(' | ')[0]
    if p['speaks_first'] != 'client' and greeting:
        lines.append(('S', greeting + ' ...', 'The greeting begins so.'))
    if p['probe']:
        lines.append(('C', p['probe'], p['probe_note']))
        reply = p['reply'].split(' | ')[0]
        lines.append(('S', reply + ' ...' if reply else '...', p['healthy_note']))
    elif p['healthy_note']:
        lines.append(('S', (greeting + ' ...') if greeting else '...', p['healthy_note']))
    if p['polite_end']:
        lines.append(('C', p['polite_end'], p['end_note']))
    return lines


def says_tls(row):
    return TLS_WORDS.search(row['name'] + ' ' + row['description']) is not None


def find_twins(rows):
    """The port on which the same service is spoken inside TLS, by its name at IANA."""
    named = {}
    for row in rows:
        if row['name'] and row['ports']:
            named.setdefault((row['name'], row['transport']), row)
    for row in rows:
        if says_tls(row):
            row['flags'] |= FLAG_TLS
        if not row['name'] or not row['ports']:
            continue
        others = [row['name'] + suffix for suffix in TLS_SUFFIXES]
        if row['name'].endswith('-tcp'):
            others.append(row['name'][:-4] + '-tls')
        others.append(TWINS.get(row['name'], ''))
        for other in others:
            twin = named.get((other, row['transport']))
            if twin and says_tls(twin) and 'future' not in twin['description']:
                row['twin'] = twin['ports'][0]
                row['flags'] |= FLAG_TLS
                break


def is_tls_row(row, p, transport):
    """IANA's row for the form of a protocol inside TLS."""
    return (
        p['tls_port'] != 0
        and row['name'] not in ('',) + NOT_THEIRS
        and row['ports'] == (p['tls_port'], p['tls_port'])
        and row['transport'] == transport
    )


def tls_transports(p):
    """TLS is over TCP, also where the plain form is over UDP: RADIUS, syslog."""
    return ['tcp'] + [t for t in p['transports'] if t != 'tcp']


def mark_tls_first(rows, protocols):
    """Where a connection begins with TLS, and datagrams with DTLS or QUIC."""
    for row in rows:
        key = (row['name'], row['transport'])
        if not row['name'] or not row['ports'] or row['ports'][0] != row['ports'][1]:
            continue
        first = key in TLS_FIRST and (row['name'] != 'epp' or row['ports'][0] == 700)
        if row['transport'] == 'tcp':
            first |= says_tls(row)
            if row['protocol'] is not None:
                first |= row['ports'][0] == protocols[row['protocol']]['tls_port']
        else:
            first |= re.search(r'\b(DTLS|QUIC)\b', row['name'] + ' ' + row['description'], re.I) \
                is not None
        if first and key not in NOT_TLS_FIRST:
            row['flags'] |= FLAG_TLS_FIRST | FLAG_TLS


def link_protocols(rows, protocols):
    """Each protocol has one row of its own (its main row), at IANA's where there is a free one."""
    by_key = {}
    for row in rows:
        if row['name'] and row['ports']:
            for port in range(row['ports'][0], min(row['ports'][1], row['ports'][0] + 64) + 1):
                by_key.setdefault((row['name'], port, row['transport']), row)
    extra = []
    index = {p['id']: i for i, p in enumerate(protocols)}
    for i, p in enumerate(protocols):
        candidates = [by_key.get((p['iana_name'], p['port'], t)) for t in p['transports']]
        if p['iana_name'] and not any(candidates):
            raise Malformed(
                'protocols.csv:%d: IANA has no %s on port %d'
                % (p['line'], p['iana_name'], p['port'])
            )
        main = candidates[0]
        if main is None or main['protocol'] is not None:
            main = {
                'name': p['id'],
                'ports': (p['port'], p['port']),
                'transport': p['transports'][0],
                'description': p['name'],
                'reference': '',
                'registered': 0,
                'modified': 0,
                'flags': FLAG_GUIDE | FLAG_PORT,
                'protocol': None,
                'twin': 0,
            }
            extra.append(main)
        main['protocol'] = i
        main['flags'] |= FLAG_MAIN
        p['main'] = main
        if p['tls_port']:
            main['twin'] = p['tls_port'] if p['tls_port'] != p['port'] else 0
            main['flags'] |= FLAG_TLS
        for row, transport in zip(candidates[1:], p['transports'][1:]):
            if row is not None and row['protocol'] is None:
                row['protocol'] = i
                if not row['twin'] and any(is_tls_row(r, p, transport) for r in rows):
                    row['twin'] = p['tls_port'] if p['tls_port'] != p['port'] else 0
                    row['flags'] |= FLAG_TLS
    for i, p in enumerate(protocols):
        for row in rows:
            if row['protocol'] is None and any(is_tls_row(row, p, t) for t in tls_transports(p)):
                row['protocol'] = i
                row['flags'] |= FLAG_TLS
    for (name, port, transport), owner in ALSO.items():
        row = by_key.get((name, port, transport))
        if row is not None and row['protocol'] is None:
            row['protocol'] = index[owner]
    rows.extend(extra)
    rows.sort(
        key=lambda r: (
            r['ports'] is None,
            r['ports'] or (0, 0),
            r['transport'],
            not (r['flags'] & FLAG_MAIN and r['flags'] & FLAG_IANA),
            r['name'],
        )
    )


class Strings:
    def __init__(self):
        self.bytes = bytearray(b'\0')
        self.places = {'': 0}

    def add(self, text):
        place = self.places.get(text)
        if place is None:
            place = len(self.bytes)
            self.places[text] = place
            self.bytes += text.encode('utf-8') + b'\0'
        return place


def modules(text):
    """The names of modules in "http.client, urllib.request", none in "none in ..."."""
    words = (
        r'\b(none|since|up|to|in|the|standard|library|removed|both|parts|part|only|does|not|'
        r'implicit|form|for|local)\b'
    )
    return re.findall(r'[A-Za-z_][\w.]*', re.sub(words, '', text))


def search_text(row, protocols):
    """What a word is looked for in: all columns but ports and transport, which are numbers."""
    parts = [row['name'], row['description']]
    refs = row['reference']
    if row['protocol'] is not None:
        p = protocols[row['protocol']]
        parts += [p['id'], p['name'], p['category'], p['common_function']]
        parts += [SHORT_FUNCTIONS.get(p['id'], ''), p['uri_scheme'], p['tls']]
        for column in ('python_module', 'python2_module'):
            parts.append(p[column])
            parts += ['python:' + m for m in modules(p[column])]
        refs += ' ' + p['spec']
    parts.append(refs)
    parts += ['rfc' + n for n in REFERENCE.findall(refs)]
    if row['registered']:
        parts.append(date_text(row['registered']))
    seen = []
    for part in parts:
        if part and part not in seen:
            seen.append(part)
    return ' \x1f '.join(seen).casefold().replace('\n', ' ')


def date_text(n):
    text = '%04d-%02d' % (n // 10000, n // 100 % 100)
    return text + '-%02d' % (n % 100) if n % 100 else text


def hash_name(name):
    """FNV-1a over the name in lower case, as ptl-registry.c does it."""
    h = 2166136261
    for byte in name.encode('utf-8'):
        if 0x41 <= byte <= 0x5A:
            byte += 0x20
        h = ((h ^ byte) * 16777619) & 0xFFFFFFFF
    return h


def ascii_lower(text):
    return ''.join(chr(ord(c) + 32) if 'A' <= c <= 'Z' else c for c in text)


def make_table(data):
    rows = read_iana(os.path.join(data, 'iana-services.csv'))
    protocols = read_protocols(os.path.join(data, 'protocols.csv'))
    add_examples(protocols, os.path.join(data, 'examples.csv'))
    dialogues = read_dialogues(os.path.join(data, 'dialogues.md'))
    find_twins(rows)
    link_protocols(rows, protocols)
    mark_tls_first(rows, protocols)
    if len(rows) > 65534:
        raise Malformed('more rows than 16 bits can number')

    strings = Strings()
    texts, text_starts, text_ids = bytearray(b'\n'), [], {}
    packed = bytearray()
    for row in rows:
        text = search_text(row, protocols)
        if text not in text_ids:
            text_ids[text] = len(text_starts)
            text_starts.append(len(texts))
            texts += text.encode('utf-8') + b'\n'
        first, last = row['ports'] or (0, 0)
        packed += struct.pack(
            '<HHBBHIIIIIIHH',
            first,
            last,
            TRANSPORTS.index(row['transport']),
            row['flags'],
            0 if row['protocol'] is None else row['protocol'] + 1,
            strings.add(row['name']),
            strings.add(row['description']),
            strings.add(row['reference']),
            text_ids[text],
            row['registered'],
            row['modified'],
            row['twin'],
            0,
        )
    text_starts.append(len(texts))

    # By name: the rows that have it, those with a port first.
    by_name = {}
    for i, row in enumerate(rows):
        if row['name'] and not row['flags'] & FLAG_GUIDE:
            by_name.setdefault(ascii_lower(row['name']), []).append(i)
    names, name_rows = bytearray(), []
    buckets = [0] * 32768
    while len(buckets) < 2 * len(by_name):
        buckets *= 2
    for n, (name, its_rows) in enumerate(by_name.items()):
        names += struct.pack('<III', strings.add(name), len(name_rows), len(its_rows))
        name_rows += sorted(its_rows, key=lambda i: (rows[i]['ports'] is None, i))
        at = hash_name(name) % len(buckets)
        while buckets[at]:
            at = (at + 1) % len(buckets)
        buckets[at] = n + 1

    # By port: pages of 256 ports, the same page once.
    pages, page_numbers, directory = [], {}, []
    for transport in ('tcp', 'udp'):
        ports = [0] * 65536
        # One port says more than a range that it lies in.
        for single in (True, False):
            for i, row in enumerate(rows):
                if row['transport'] != transport or not row['name'] or not row['ports']:
                    continue
                if row['flags'] & FLAG_GUIDE or single != (row['ports'][0] == row['ports'][1]):
                    continue
                for port in range(row['ports'][0], row['ports'][1] + 1):
                    ports[port] = ports[port] or i + 1
        for start in range(0, 65536, 256):
            page = struct.pack('<256H', *ports[start : start + 256])
            if page not in page_numbers:
                page_numbers[page] = len(pages)
                pages.append(page)
            directory.append(page_numbers[page])

    lines, tables, cells = bytearray(), bytearray(), bytearray()
    n_lines = n_tables = n_cells = 0
    placed = {}
    for p in protocols:
        key = SAME_DIALOGUE.get(p['id'], p['id'])
        dialogue = dialogues.get(key)
        if dialogue is None:
            dialogue = {'intro': '', 'legend': '', 'tables': [], 'lines': sample_of(p)}
        p['intro'] = dialogue['intro']
        p['legend'] = dialogue['legend']
        if key not in placed:
            first_line, first_table = n_lines, n_tables
            for who, text, note in dialogue['lines']:
                lines += struct.pack('<III', ord(who), strings.add(text), strings.add(note))
                n_lines += 1
            for title, its_rows in dialogue['tables']:
                tables += struct.pack(
                    '<IIII', strings.add(title), len(its_rows[0]), len(its_rows), n_cells
                )
                n_tables += 1
                for its_row in its_rows:
                    for cell in its_row:
                        cells += struct.pack('<I', strings.add(cell))
                        n_cells += 1
            placed[key] = (first_line, n_lines - first_line, first_table, n_tables - first_table)
        p['placed'] = placed[key]
    unused = set(dialogues) - {SAME_DIALOGUE.get(p['id'], p['id']) for p in protocols}
    if unused:
        raise Malformed('dialogues.md: no protocol is called %s' % ', '.join(sorted(unused)))

    main_rows = {id(row): i for i, row in enumerate(rows)}
    packed_protocols = bytearray()
    for p in protocols:
        for column in PROTOCOL_STRINGS:
            packed_protocols += struct.pack('<I', strings.add(p[column]))
        packed_protocols += struct.pack('<I', strings.add(SHORT_FUNCTIONS.get(p['id'], '')))
        packed_protocols += struct.pack('<III', p['port'], p['tls_port'], main_rows[id(p['main'])])
        packed_protocols += struct.pack('<IIII', *p['placed'])

    sections = [
        bytes(strings.bytes),
        bytes(packed),
        bytes(texts),
        struct.pack('<%dI' % len(text_starts), *text_starts),
        bytes(names),
        struct.pack('<%dI' % len(name_rows), *name_rows),
        struct.pack('<%dI' % len(buckets), *buckets),
        struct.pack('<512H', *directory),
        b''.join(pages),
        bytes(packed_protocols),
        bytes(lines),
        bytes(tables),
        bytes(cells),
    ]
    head = 16 + 8 * len(sections)
    body = bytearray()
    where = bytearray()
    for section in sections:
        body += b'\0' * (-(head + len(body)) % 8)
        where += struct.pack('<II', head + len(body), len(section))
        body += section
    return MAGIC + struct.pack('<II', head + len(body), len(sections)) + bytes(where) + bytes(body)


ASSEMBLY = """/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of build-aux/make-registry.py, as it is. */
  .section .rodata
  .balign 16
  .global ptl_registry_blob
  .type ptl_registry_blob, %%object
ptl_registry_blob:
  .incbin "%s"
  .size ptl_registry_blob, . - ptl_registry_blob
  .balign 4
  .global ptl_registry_blob_size
  .type ptl_registry_blob_size, %%object
ptl_registry_blob_size:
  .long %d
  .size ptl_registry_blob_size, 4
  .section .note.GNU-stack, "", %%progbits
"""


def convert_iana(path, out):
    """IANA's own twelve columns become the seven of iana-services.csv."""
    with open(path, encoding='utf-8', newline='') as f:
        reader = csv.DictReader(f, strict=True)
        missing = [c for c in IANA_ORIGINAL if c not in (reader.fieldnames or ())]
        if missing:
            fail(path, 1, 'no column %s' % ', '.join(missing))
        records = []
        for record in reader:
            values = [re.sub(r'\s+', ' ', record[c] or '').strip() for c in IANA_ORIGINAL]
            refs = []
            for ref in re.findall(r'\[([^\]]+)\]', values[4]):
                if re.fullmatch(r'(RFC|BCP|STD)[ -]?\d+', ref, re.I) or '-' in ref:
                    if ref not in refs:
                        refs.append(ref)
            values[4] = '; '.join(refs)
            values[2] = values[2].lower()
            ports = parse_ports(path, reader.line_num, values[1])
            records.append(((ports is None, ports or (0, 0), values[2], values[0]), values))
    records.sort()
    with open(out, 'w', encoding='utf-8', newline='') as f:
        writer = csv.writer(f, lineterminator='\n')
        writer.writerow(IANA_COLUMNS)
        writer.writerows(values for _, values in records)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--data')
    parser.add_argument('--table')
    parser.add_argument('--assembly')
    parser.add_argument('--iana')
    parser.add_argument('--write-iana')
    options = parser.parse_args()
    try:
        if options.iana and options.write_iana:
            convert_iana(options.iana, options.write_iana)
            read_iana(options.write_iana)
        if options.data and options.table:
            table = make_table(options.data)
            with open(options.table, 'wb') as f:
                f.write(table)
            if options.assembly:
                with open(options.assembly, 'w', encoding='utf-8') as f:
                    f.write(ASSEMBLY % (options.table, len(table)))
    except (Malformed, OSError) as e:
        sys.exit('make-registry: %s' % e)


if __name__ == '__main__':
    main()
