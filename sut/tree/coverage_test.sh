#!/bin/bash
# The lines that no sequence reached: the planted line is listed, and lines that every sequence
# reaches are not.
. cli/tests/testing.sh
source=$runfiles/$4 sut=$runfiles/$2
bash "$runfiles/$3" "$sut" "$source" -- "$runfiles/$1" run --sut="$sut" --depth=3 --cases=2000 >out 2>&1
status=$?
line() { grep -nF -m1 -- "$1" "$source" | cut -d: -f1; }
listed() { sed -n '/^liveupdate.c: reached /,$p' out | grep -qE "^ *$1  "; }

[ $status = 0 ] || fail "exit status $status"
grep -qE '^liveupdate.c: reached [0-9]+ of [0-9]+ lines that begin a basic block; not reached:$' out || fail "no count of lines"
listed "$(line 'nobody_comes_here();')" || fail "the line that nobody reaches is not listed"
for text in 's->top = page;' 'args->data = virt_to_phys(s->top);' 'phys = page->next_array_phys;'; do
  ! listed "$(line "$text")" || fail "listed, and was reached: $text"
done
finish "what was not reached is named"
