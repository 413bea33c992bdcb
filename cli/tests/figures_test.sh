#!/bin/bash
# The figures of docs/port-guide.md are those that `holdfast explore` prints.
. cli/tests/testing.sh
holdfast=$runfiles/$1
guide=$runfiles/$2

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

finish "the guide has the figures of $ports ports"
