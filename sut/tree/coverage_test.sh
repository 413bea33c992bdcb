#!/bin/bash
# The lines that no sequence reached: the planted one is named, and lines that every sequence comes
# through are not.
set -u
holdfast=$1 sut=$2 coverage=$3 source=$4
cd "$TEST_TMPDIR" 2>/dev/null && cd - >/dev/null || exit 1
bash "$coverage" "$sut" "$source" -- "$holdfast" run --sut="$sut" --depth=3 --cases=2000 >"$TEST_TMPDIR/out" 2>&1
status=$?
failures=0
fail() {
  echo "FAILED: $1" >&2
  tail -30 "$TEST_TMPDIR/out" >&2
  failures=$((failures + 1))
}
line() { grep -nF -m1 -- "$1" "$source" | cut -d: -f1; }
listed() { sed -n '/^liveupdate.c: reached /,$p' "$TEST_TMPDIR/out" | grep -qE "^ *$1  "; }

[ $status = 0 ] || fail "exit status $status"
grep -qE '^liveupdate.c: reached [0-9]+ of [0-9]+ lines that begin a basic block; not reached:$' "$TEST_TMPDIR/out" || fail "no count of lines"
listed "$(line 'nobody_comes_here();')" || fail "the line that nobody reaches is not listed"
for text in 's->top = page;' 'args->data = virt_to_phys(s->top);' 'phys = page->next_array_phys;'; do
  ! listed "$(line "$text")" || fail "listed, and was reached: $text"
done
[ $failures = 0 ] || exit 1
echo "what was not reached is named"
