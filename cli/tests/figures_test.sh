#!/bin/bash
# The figures of the documentation are those that the commands print.
. cli/tests/testing.sh
holdfast=$runfiles/$1
guide=$runfiles/$2 readme=$runfiles/$3 certificates=$runfiles/$4 tree=$runfiles/$5

ports=0
while IFS='|' read -r _ port figures _; do
  port=${port//[\` ]/}
  "$holdfast" explore --sut="$port" --world=3,2,2 >out 2>err || fail "$port: exit status"
  states=$(sed -n 's/^states *\([0-9,]*\), over .*/\1/p' out)
  edges=$(sed -n 's/^edges *\([0-9,]*\);.*/\1/p' out)
  [ "$figures" = " $states, $edges " ] || fail "$port: the guide says$figures, explore says $states, $edges"
  ports=$((ports + 1))
done < <(grep '^| `port\.' "$guide")
[ $ports = "$("$holdfast" suts | grep -c '^port\.')" ] || fail "the guide has $ports ports"

# page, text in the block: each line of the block is in the file out
shows() {
  local line lines=0
  while IFS= read -r line; do
    case $line in "" | ... | "profile v3: "*) continue ;; esac
    grep -qxF -- "$line" out || fail "$1: not what is printed: $line"
    lines=$((lines + 1))
  done < <(awk -v want="$2" '
    /^```/ { if (found) { printf "%s", text; exit } text = ""; next }
    { text = text $0 "\n"; if (index($0, want)) found = 1 }' "$1")
  [ $lines -gt 1 ] || [ "$3" = one ] || fail "$1: no block with $2"
}

"$holdfast" run --cases=250000 --time=600 >out 2>err || fail "run: exit status"
shows "$readme" 'verdict: conforms core.v3' one
sed -i 's/core\.v3 \(profile\|against\)/tree \1/' out
shows "$tree" 'verdict: conforms tree' many
"$holdfast" run --sut=mutant.d15 --time=600 >out 2>err
[ $? = 1 ] || fail "run of a mutant: exit status"
shows "$readme" 'shrunk trace (' many
"$holdfast" explore --world=2,1,2 >out 2>err || fail "explore: exit status"
shows "$certificates" 'states     148' many

finish "the guide has the figures of $ports ports"
