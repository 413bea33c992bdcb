#!/bin/bash
# docs/findings.md says of each finding which rules its traces break: the command that the document
# names is asked, and says the same. A rule "by inspection" is one that the suite does not ask yet;
# its trace must be there and conform.
. cli/tests/testing.sh
holdfast=$runfiles/$1 findings=$runfiles/$2 corpus=$runfiles/$3
rows=0
while IFS='|' read -r _ id _ rules clauses traces _; do
  id=$(tr -d ' ' <<<"$id")
  [[ $id =~ ^F[0-9]+$ ]] || continue
  rows=$((rows + 1))
  found=
  for trace in $(grep -o '`[a-z0-9_]*`' <<<"$traces" | tr -d '`'); do
    out=$("$holdfast" replay --hazards --sut=core.v3 "$corpus/$trace.trace") || fail "$id: $trace does not replay"
    found+=$out$'\n'
  done
  [ -n "$found" ] || fail "$id: no trace"
  for rule in $(grep -oE '\bR[0-9]+' <<<"$rules"); do
    if [[ $rules == *"$rule, by inspection"* ]]; then
      ! grep -qE "        $rule " <<<"$found" || fail "$id: $rule is asked, and by inspection no more"
    else
      grep -qE "        $rule " <<<"$found" || fail "$id: no $rule in: $found"
    fi
  done
  for clause in $(grep -oE '\bC[1-7]\b' <<<"$clauses"); do
    [[ $rules == *"by inspection"* ]] || grep -qE "\(.*$clause.*\)" <<<"$found" || fail "$id: $clause is not broken in: $found"
  done
done <"$findings"
[ $rows -ge 10 ] || fail "the table of findings was not found"
finish "$rows findings are as the document says"
