#!/bin/bash
# third_party/install: what it says on which system, and its exit status. dpkg, apt and sudo are
# stand-ins here; nothing is installed.
set -u
install=$(readlink -f third_party/install)
cd "${TEST_TMPDIR:?}" || exit 1
failures=0

# A path with the tools that the script needs, and the stand-ins.
mkdir -p tools apt
for tool in bash cat dirname env id mktemp readlink rm sed sleep tail tr true; do
  ln -s "$(command -v $tool)" tools/
done
stand_in() { printf '#!/bin/sh\n%s\n' "$2" >"apt/$1" && chmod +x "apt/$1"; }
stand_in dpkg-query 'for word; do case $word in -*|*:*|"$ABSENT") ;; *) echo "installed:$word" ;; esac; done'
stand_in apt-get 'echo "stand-in: $*"; exit "$APT"'
stand_in sudo 'case $1 in -n) shift ;; esac; exec "$@"'

# says WHAT ID VERSION_ID NAME PATH ABSENT APT STATUS TEXT: on a system of that identity, without
# the package ABSENT, and with an apt-get that ends with APT. TEXT is all that is printed, but for
# the list of packages and the log of apt-get.
says() {
  printf 'ID=%s\nVERSION_ID="%s"\nPRETTY_NAME="%s"\n' "$2" "$3" "$4" >os-release
  PATH=$5 OS_RELEASE=os-release ABSENT=$6 APT=$7 "$install" >out 2>&1
  local status=$?
  [ $status = "$8" ] || { echo "FAILED: $1: exit status $status instead of $8" >&2; failures=$((failures + 1)); }
  grep -v '^stand-in: ' out | sed 's/ bazel-bootstrap .* git$/ PACKAGES/' >said
  diff <(printf '%s' "${9:+$9$'\n'}") said >&2 || { echo "FAILED: $1: the message" >&2; failures=$((failures + 1)); }
}
untested='this system is untested (Ubuntu 24.04 LTS); Debian 12 and 13 are tested'
says "Debian, all there" debian 12 "Debian 12" apt:tools none 0 0 ""
says "another release, all there" ubuntu 24.04 "Ubuntu 24.04 LTS" apt:tools none 0 0 ""
says "Debian, a package missing" debian 13 "Debian 13" apt:tools clang 0 0 "install: installing clang"
says "another release, a package missing" ubuntu 24.04 "Ubuntu 24.04 LTS" apt:tools clang 0 0 \
  "install: $untested"$'\n'"install: installing clang"
says "another release, whose apt fails" ubuntu 24.04 "Ubuntu 24.04 LTS" apt:tools clang 100 2 \
  "install: $untested"$'\n'"install: installing clang"$'\n'"install: apt-get failed (above); missing packages: clang"
says "another distribution" fedora 42 "Fedora 42" tools none 0 2 \
  "install: this system is untested (Fedora 42); Debian 12 and 13 are tested"$'\n'"install: without apt, provide by hand what these packages of Debian provide: PACKAGES"
[ $failures = 0 ]
