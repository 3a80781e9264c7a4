#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes pictures of the app on a virtual display, without any other.

    build-aux/screenshots.py [--build build] [--out build] [--scene NAME ...] [--quick]
                             [--language de] [ARGUMENT OF THE APP ...]

Scenes: try-it (the demonstration: a server and a client on this computer), empty, listening,
traffic (an echo server and what a client sent it), error; of This Computer names, interfaces,
families, self-test; of Diagnose ports (what listens on 127.0.0.1); reference (a row of it with what
is known of it) and lookup (what localhost is here).  Each in light and dark, wide
(1100x720) and narrow (420x720); with --quick the first of these only.  Prints the path of each
picture.
"""
import argparse
import os
import re
import socket
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'ui'))

import drive  # noqa: E402

APP_ID = 'org.portlight.Portlight'
SIZES = {'wide': (1100, 720), 'narrow': (420, 720)}
DISPLAY = (1180, 800)
BORDER = 10  # what GTK draws around a window where there is no compositor, both sides

# What the app is asked to do, and a word that is in its window when that is done.
SCENES = {
    'try-it': ('try-it', None, 'Received'),
    'empty': (None, None, None),
    'listening': ('listen', "'tcp://127.0.0.1:0'", 'Listening'),
    'traffic': ('listen', "'tcp://127.0.0.1:0?reaction=echo'", 'Listening'),
    'error': ('connect', "'tcp://127.0.0.1:1'", 'refused'),
}
# Pages: the pane and its page, and a word that is there when they are filled.
PAGES = {
    'names': ('computer', 'names', 'gethostname'),
    'interfaces': ('computer', 'interfaces', '127.0.0.1'),
    'families': ('computer', 'families', 'domains are in this kernel'),
    'self-test': ('computer', 'self-test', 'Does This Computer'),
    'ports': ('diagnose', 'ports', None),
    'reference': ('reference', None, None),
    'lookup': ('lookup', None, None),
}
GREETINGS = (
    b'SSH-2.0-OpenSSH_9.2p1\r\n',
    b'220 mail.example.org ESMTP ready\r\n',
    b'* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n',
)


def says(app, word):
    return any(word in o.name or word in app_text(app, o) for o in app.walk())


def app_text(app, o):
    return app.read_text(o) if o.role in ('text', 'entry') else ''


def talk(app):
    """A client sends the listener a few messages; one of them is chosen to be looked at."""

    def port():
        for o in app.walk():
            m = re.fullmatch(r'tcp://127\.0\.0\.1:([1-9]\d*)', o.name)
            if m:
                return int(m.group(1))
        return None

    messages = (
        b'Python, client\n',
        b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
        bytes(range(256)),
        'Grüße, Ελλάδα, <b>no markup</b>\n'.encode(),
    )
    s = socket.create_connection(('127.0.0.1', drive.wait_until(port, 10)), timeout=10)
    for message in messages:
        s.sendall(message)
        left = len(message)
        while left > 0:
            left -= len(s.recv(left))
    cell = app.find('label', 'GET / HTTP', contains=True, timeout=10)
    time.sleep(0.5)
    app.mouse(cell)
    time.sleep(0.7)
    return s


def press(app, name):
    app.click(
        drive.wait_until(
            lambda: next(
                (
                    o
                    for o in app.walk()
                    if o.role == 'push button'
                    and o.name.replace('_', '').startswith(name)
                    and app.showing(o)
                    and 'sensitive' in o.states
                ),
                None,
            ),
            10,
            what='the button ' + name,
        )
    )


def greet(line):
    """A server on a port of the kernel's choice that says who it is."""
    server = socket.create_server(('127.0.0.1', 0))

    def serve():
        try:
            while True:
                s, _ = server.accept()
                s.sendall(line)
                s.close()
        except OSError:
            pass  # it was closed

    threading.Thread(target=serve, daemon=True).start()
    return server


def run_page(app, scene):
    """What a person does on the page; returns what has to stay until the picture is taken."""
    kept = []
    if scene == 'self-test':
        press(app, 'Start')
        drive.wait_until(lambda: says(app, ' passed, '), 20, what='the result')
    if scene == 'ports':
        kept = [greet(line) for line in GREETINGS]
        numbers = [str(s.getsockname()[1]) for s in kept]
        app.type_into(app.find('text', 'Host', contains=True, showing=True), '127.0.0.1')
        app.type_into(
            app.find('text', 'Ports', contains=True, showing=True),
            'ssh, http, 8000-8008, ' + ', '.join(numbers),
        )
        press(app, 'Check')
        drive.wait_until(lambda: says(app, 'ESMTP'), 30, what='a greeting')
        time.sleep(2)
    if scene == 'reference':
        app.mouse(app.find('entry', 'Search in Ports', contains=True, showing=True))
        app.type_text('imap')
        drive.wait_until(lambda: says(app, 'TCP port 143') or app.keys('Return'), 10, 0.5)
        drive.wait_until(lambda: says(app, 'fetching email'), 10, what='what the row is')
    if scene == 'lookup':
        app.type_into(app.find('text', 'Host, address', contains=True, showing=True), 'localhost')
        app.keys('Return')
        drive.wait_until(lambda: says(app, '127.0.0.1'), 10, what='the answer')
    return kept


def settings(env, size, page):
    """The window opens in this size, on this page: a key file in the place of dconf."""
    folder = os.path.join(env['XDG_CONFIG_HOME'], 'glib-2.0', 'settings')
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, 'keyfile'), 'w', encoding='utf-8') as f:
        f.write(
            '[org/portlight/Portlight]\nwindow-width=%d\nwindow-height=%d\n'
            % (size[0] + BORDER, size[1] + BORDER)
        )
        if page:
            f.write("pane='%s'\n" % page[0])
            if page[1]:
                f.write("%s-page='%s'\n" % (page[0], page[1]))


def picture(desk, app, path):
    """The window alone, cut out of the picture of the display."""
    whole = path + '.whole.png'
    desk.screenshot(whole)
    x, y, w, h = app.extents(app.windows()[0])
    r = desk.run(['convert', whole, '-crop', '%dx%d+%d+%d' % (w, h, x, y), '+repage', path])
    os.unlink(whole)
    if r.returncode:
        raise drive.DriveError('convert: ' + r.stdout)


def shoot(options, scene, style, width):
    path = os.path.join(options.out, 'portlight-%s-%s-%s.png' % (scene, style, width))
    page = PAGES.get(scene)
    action, parameter, word = SCENES.get(scene) or (None, None, page[2])
    with drive.Desk(
        size=DISPLAY,
        dark=style == 'dark',
        env={'GSETTINGS_BACKEND': 'keyfile'},
        language=options.language,
    ) as desk:
        env = {
            'GSETTINGS_SCHEMA_DIR': os.path.join(options.build, 'data'),
            'PTL_LOCALEDIR': os.path.join(options.build, 'po'),
        }
        settings(desk.env, SIZES[width], page)
        app = desk.start(
            [os.path.join(options.build, 'src', 'portlight')] + options.arguments, APP_ID, env
        )
        client, kept = None, []
        try:
            app.wait_window(30)
            if action:
                drive.wait_until(lambda: app.action(action, parameter), 10, what='app.' + action)
            if word and options.language:
                time.sleep(2)  # the word is another one
            elif word:
                drive.wait_until(lambda: says(app, word), 10, what='the word ' + word)
            if scene == 'traffic':
                client = talk(app)
            if page and not options.language:
                kept = run_page(app, scene)
            time.sleep(0.7)  # the last frame is on the display
        except drive.DriveError as e:
            # A picture of what is there says more than none.
            print('portlight: %s: %s' % (os.path.basename(path), e), file=sys.stderr)
            options.problems += 1
        picture(desk, app, path)
        for line in app.warnings():
            print('portlight: ' + line, file=sys.stderr)
        if client:
            client.close()
        for s in kept:
            s.close()
        app.quit()
    print(path, flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', default='build')
    parser.add_argument('--out', default='build')
    parser.add_argument('--scene', action='append', choices=sorted(list(SCENES) + list(PAGES)))
    parser.add_argument('--quick', action='store_true')
    parser.add_argument('--language')
    options, options.arguments = parser.parse_known_args()
    options.build = os.path.abspath(options.build)
    options.out = os.path.abspath(options.out)
    options.problems = 0
    os.makedirs(options.out, exist_ok=True)
    for scene in options.scene or ['try-it']:
        shoot(options, scene, 'light', 'wide')
        if not options.quick:
            shoot(options, scene, 'dark', 'wide')
            shoot(options, scene, 'light', 'narrow')
            shoot(options, scene, 'dark', 'narrow')
    return 1 if options.problems else 0


if __name__ == '__main__':
    sys.exit(main())
