#!/bin/bash
# branches.sh PORT_CONFORMANCE OBJECT LEVEL SOURCE...: runs the tests of a level on an object that
# notes each basic block which it reaches, and prints the lines of each source that begin one which
# no sequence reached. Exit status: that of the tests.
set -u
tests=$1 object=$2 level=$3
shift 3
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
HOLDFAST_REACHED=$work/reached "$tests" "$object" "$level"
status=$?
[ -s "$work/reached" ] || { echo "branches: nothing was noted of what was reached" >&2; exit 3; }
# The address after each call is what the call notes.
objdump -d --no-show-raw-insn "$object" |
  awk '/__sanitizer_cov_trace_pc(@plt)?>$/ && /call/ { after = 1; next } after && /^ +[0-9a-f]+:/ { sub(":", "", $1); print $1; after = 0 }' |
  sort >"$work/all"
sort "$work/reached" | comm -12 "$work/all" - >"$work/hit"
for file; do
  lines() { addr2line -e "$object" <"$1" | sed -n "s|.*/${file##*/}:\([0-9]*\).*|\1|p" | sort -u; }
  lines "$work/all" >"$work/all_lines"
  lines "$work/hit" >"$work/hit_lines"
  echo "${file##*/}: reached $(wc -l <"$work/hit_lines") of $(wc -l <"$work/all_lines") lines that begin a basic block; not reached:"
  comm -23 "$work/all_lines" "$work/hit_lines" | sort -n |
    while read -r line; do printf '%6d  %s\n' "$line" "$(sed -n "${line}p" "$file")"; done | grep -v '^ *[0-9]*  #'  # no directive branches
done
exit $status
