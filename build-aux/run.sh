#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds Portlight in build/ and starts it from there; what it needs and is missing is installed.
#
#   sh build-aux/run.sh [ARGUMENT OF THE APP ...]        such as  --listen tcp://:12345
#
# Without a display the app is shown on a virtual one, with its demonstration, and pictures of it
# are left in build/.
set -eu

cd "$(dirname "$0")/.."
. build-aux/packages.sh

sets=build
if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]
then
  sets='build display'
fi
# shellcheck disable=SC2086
ptl_need $sets

if [ ! -f build/build.ninja ]
then
  meson setup build -Dtests=false || ptl_die 'it could not be set up'
fi
ninja -C build || ptl_die 'it could not be built'

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]
then
  GSETTINGS_SCHEMA_DIR=$PWD/build/data
  PTL_LOCALEDIR=$PWD/build/po
  export GSETTINGS_SCHEMA_DIR PTL_LOCALEDIR
  exec build/src/portlight "$@"
fi

ptl_say 'there is no display (DISPLAY and WAYLAND_DISPLAY are not set): showing it on a virtual one'
exec "$(ptl_python)" build-aux/screenshots.py --build build --out build "$@"
