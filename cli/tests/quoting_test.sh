#!/bin/bash
# A command that is printed to be pasted into a shell means there what it says: names with blanks,
# quotes and substitutions stay names.
. cli/tests/testing.sh
holdfast=$runfiles/$1
suite=$runfiles

# A shell of its own, where ./holdfast is the binary.
mkdir shell
printf '#!/bin/bash\nexec "%s" "$@"\n' "$holdfast" >shell/holdfast
chmod +x shell/holdfast

pasted() { sed -n 's/^replay: //p' out >command; (cd shell && bash ../command) >out 2>err; }

for folder in "a b/c" "my \"q\" \$(touch injected)" "it's; touch injected #" '`touch injected`' '*'; do
  out=$PWD/$folder
  "$holdfast" run --sut=mutant.d15 --depth=4 --cases=0 --out="$out" >out 2>err
  [ $? = 1 ] || fail "$folder: exit status of the run"
  pasted
  [ $? = 1 ] || fail "$folder: exit status of the pasted command"
  grep -q '^verdict: diverges mutant.d15 profile v3: 1 of 1 trace$' out ||
    fail "$folder: the pasted command"
done

# The implementation's path.
cp "$suite/sut/mutants/d15.so" "m 15's.so"
"$holdfast" run --sut="./m 15's.so" --depth=4 --cases=0 --out="$PWD/plain" >out 2>err
cp "m 15's.so" shell
pasted
[ $? = 1 ] || fail "an object with a blank: the pasted command"
"$holdfast" shrink plain/failing.trace --sut="./m 15's.so" --emit=cc --out=plain >out 2>err
grep -qF "./reproducer './m 15'\\''s.so'" plain/reproducer.cc || fail "the reproducer's command"

# A trace whose name begins as an option does.
cp plain/shrunk.trace shell/-x.trace
(cd shell && ./holdfast replay --sut=mutant.d15 ./-x.trace) >out 2>err
pasted
[ $? = 1 ] || fail "a trace with a name like an option: the pasted command"

[ ! -e shell/injected ] && [ ! -e injected ] || fail "a name was run as a command"
finish "every printed command means what it says"
