# SPDX-License-Identifier: GPL-3.0-or-later
# Which packages Portlight needs, by each distribution's own names, and how to get those that are
# missing.  Sourced by run.sh and test.sh.
#
#   build    compile and start it
#   display  show it without a display, take pictures, click by program
#   test     the peers and checkers that the tests talk to
#   fuzz     the fuzzers

ptl_say ()
{
  printf '%s\n' "portlight: $*"
}

ptl_die ()
{
  ptl_say "$*" >&2
  exit 1
}

# One word: apt, dnf, pacman or unknown.
ptl_package_system ()
{
  ptl_ids=$(. /etc/os-release 2>/dev/null && printf '%s' "${ID:-} ${ID_LIKE:-}")
  case " $ptl_ids " in
    *' debian '* | *' ubuntu '*) echo apt ;;
    *' fedora '* | *' rhel '*) echo dnf ;;
    *' arch '*) echo pacman ;;
    *) echo unknown ;;
  esac
}

# ptl_packages SYSTEM SET
ptl_packages ()
{
  case $1-$2 in
    apt-build)
      echo gcc libc6-dev meson ninja-build pkg-config gettext libxml2-utils \
        desktop-file-utils gtk-update-icon-cache libgtk-4-dev libadwaita-1-dev libldns-dev \
        libidn2-dev libnl-3-dev libnl-route-3-dev \
        netbase adwaita-icon-theme librsvg2-common fonts-cantarell fonts-dejavu-core
      ;;
    apt-display)
      echo xvfb dbus-daemon dbus-bin libglib2.0-bin at-spi2-core xdotool x11-utils openbox \
        imagemagick python3 python3-gi gir1.2-glib-2.0
      ;;
    apt-test)
      echo appstream ncat nmap openssl socat netcat-openbsd iproute2 nftables util-linux procps \
        locales knot iputils-ping iputils-tracepath traceroute dnsmasq-base
      ;;
    apt-fuzz)
      echo clang llvm
      ;;

    dnf-build)
      echo gcc glibc-devel meson ninja-build pkgconf-pkg-config gettext libxml2 \
        desktop-file-utils gtk-update-icon-cache gtk4-devel libadwaita-devel ldns-devel \
        libidn2-devel libnl3-devel \
        adwaita-icon-theme librsvg2 abattis-cantarell-fonts dejavu-sans-fonts
      ;;
    dnf-display)
      echo xorg-x11-server-Xvfb dbus-daemon glib2 at-spi2-core xdotool xwininfo xprop openbox \
        ImageMagick python3 python3-gobject-base
      ;;
    dnf-test)
      echo appstream nmap nmap-ncat openssl socat netcat iproute nftables util-linux procps-ng \
        hostname glibc-locale-source glibc-common libasan libubsan libtsan knot iputils traceroute \
        dnsmasq
      ;;
    dnf-fuzz)
      echo clang compiler-rt llvm
      ;;

    pacman-build)
      echo gcc meson ninja pkgconf gettext libxml2 desktop-file-utils gtk-update-icon-cache \
        gtk4 glib2-devel libadwaita ldns libidn2 libnl iana-etc adwaita-icon-theme librsvg \
        cantarell-fonts ttf-dejavu
      ;;
    pacman-display)
      echo xorg-server-xvfb dbus glib2 at-spi2-core xdotool xorg-xwininfo xorg-xprop openbox \
        imagemagick python python-gobject
      ;;
    pacman-test)
      echo appstream nmap openssl socat openbsd-netcat iproute2 nftables util-linux procps-ng \
        inetutils knot iputils traceroute dnsmasq
      ;;
    pacman-fuzz)
      echo clang compiler-rt llvm
      ;;
  esac
}

# Those of the packages $2... that are not installed.
ptl_missing ()
{
  ptl_system=$1
  shift
  case $ptl_system in
    apt)
      for ptl_p in "$@"
      do
        # "not-installed" is an answer too, and one of several architectures is enough.
        case " $(dpkg-query -W -f '${db:Status-Status} ' "$ptl_p" 2>/dev/null)" in
          *' installed '*) ;;
          *) printf '%s ' "$ptl_p" ;;
        esac
      done
      ;;
    dnf)
      for ptl_p in "$@"
      do
        rpm -q --whatprovides "$ptl_p" >/dev/null 2>&1 || printf '%s ' "$ptl_p"
      done
      ;;
    pacman)
      pacman -T "$@" | tr '\n' ' '
      ;;
  esac
}

# Runs "$@" as root: with sudo where that is needed, which may ask for a password.
ptl_as_root ()
{
  if [ "$(id -u)" -eq 0 ]
  then
    "$@"
  elif ! command -v sudo >/dev/null 2>&1
  then
    ptl_die "this needs root, and there is no sudo; run as root: $*"
  elif [ -t 0 ]
  then
    sudo "$@"
  else
    sudo -n "$@" || ptl_die "this needs root; run it first: sudo $*"
  fi
}

# ptl_need SET...: installs what is missing of these sets, and says what.
ptl_need ()
{
  ptl_sys=$(ptl_package_system)
  if [ "$ptl_sys" = unknown ]
  then
    ptl_say "this distribution is not known here; going on with what is installed"
    ptl_say "what is needed, by Debian's names:" \
      "$(for s; do ptl_packages apt "$s"; done | tr '\n' ' ')"
    return 0
  fi
  # The lists are words without anything for the shell to expand.
  # shellcheck disable=SC2046
  ptl_lack=$(ptl_missing "$ptl_sys" $(for s; do ptl_packages "$ptl_sys" "$s"; done))
  if [ -z "$ptl_lack" ]
  then
    return 0
  fi
  ptl_say "installing: $ptl_lack"
  # shellcheck disable=SC2086
  case $ptl_sys in
    apt)
      ptl_as_root apt-get -q update </dev/null \
        || ptl_say "the package lists could not be renewed; trying with the old ones"
      ptl_as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
        install $ptl_lack </dev/null
      ;;
    dnf)
      ptl_as_root dnf -y --setopt=install_weak_deps=False install $ptl_lack
      ;;
    pacman)
      ptl_as_root pacman -S --noconfirm --needed $ptl_lack
      ;;
  esac || ptl_die "the packages could not be installed; missing: $ptl_lack"
}

# The compiler's own run-time library of the fuzzers is a package of its own in Debian, whose name
# has clang's version in it.
ptl_need_fuzz ()
{
  ptl_need fuzz
  if [ "$(ptl_package_system)" = apt ]
  then
    ptl_v=$(clang -dumpversion | cut -d. -f1)
    ptl_rt=$(ptl_missing apt "libclang-rt-$ptl_v-dev")
    if [ -n "$ptl_rt" ]
    then
      ptl_say "installing: $ptl_rt"
      # shellcheck disable=SC2086
      ptl_as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
        install $ptl_rt </dev/null || ptl_die "$ptl_rt could not be installed"
    fi
  fi
}

# The distribution's Python: the one that has its GObject binding.
ptl_python ()
{
  if [ -x /usr/bin/python3 ]
  then
    echo /usr/bin/python3
  else
    command -v python3
  fi
}

# ptl_configure DIR OPTION...: a build folder with these options.
ptl_configure ()
{
  ptl_dir=$1
  shift
  if [ -f "$ptl_dir/build.ninja" ]
  then
    # An old one may be of another version of the project, or have been made without these.
    meson configure "$ptl_dir" "$@" >/dev/null 2>&1 \
      || meson setup --wipe "$ptl_dir" "$@" || ptl_die "$ptl_dir could not be configured"
  else
    meson setup "$ptl_dir" "$@" || ptl_die "$ptl_dir could not be set up"
  fi
}
