#!/bin/sh
# install.sh PACKAGE... - install these Debian packages, as root or by sudo; none: nothing is done.
set -e
[ $# -gt 0 ] || exit 0
root=
[ "$(id -u)" = 0 ] || root='sudo -E'
echo "installing $*"
export DEBIAN_FRONTEND=noninteractive
$root apt-get update -qq
$root apt-get install -y -qq --no-install-recommends "$@" >/dev/null
