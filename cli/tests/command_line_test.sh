#!/bin/bash
# The command line says what it cannot take: the word as it was typed, what was expected, and which
# --help to read. No command runs then.
. cli/tests/testing.sh
holdfast=$runfiles/$1

# The first line of standard error, then the arguments.
refuses() {
  local expected="holdfast: $1" status
  shift
  timeout 60 "$holdfast" "$@" >out 2>err </dev/null
  status=$?
  [ $status = 2 ] || fail "$*: exit status $status instead of 2"
  [ "$(head -n 1 err)" = "$expected" ] || fail "$*: standard error is not: $expected"
  [ ! -s out ] || fail "$*: the command ran"
  [ "$(find . -type f | sort | tr -d '\n')" = ./err./out ] || fail "$*: left something behind"
}
helps() { grep -qxF "holdfast: \`holdfast $1--help\` says what is expected" err || fail "no --help of $1"; }

# Commands.
refuses "expected a command: run, explore, replay, rewrite, shrink, differ, graph, mutants, profiles, suts, check-log, tree, init"
helps ""
refuses "rn: expected a command; did you mean run?" rn
helps ""
refuses "Run: expected a command; did you mean run?" Run
refuses "explroe: expected a command; did you mean explore?" explroe --world=1,1,1
refuses "frobnicate: expected a command" frobnicate
refuses "tree: expected the script, which builds the tree's code: ./holdfast tree PATH" tree .
refuses "tree: expected the script, which builds the tree's code: ./holdfast tree PATH" tree
refuses "init: expected the script, which knows where Holdfast is: ./holdfast init core|port FOLDER" init port x

# Options.
refuses "--cses: expected an option; did you mean --cases?" run --cses=1
helps "run "
refuses "--World: expected an option; did you mean --world?" explore --World 1,1,1
helps "explore "
refuses "--frobnicate: expected an option" run --frobnicate
refuses "--in-process: expected an option" rewrite --in-process x.trace
refuses "--verson: expected an option; did you mean --version?" --verson
refuses "--hardened: expected no value" run --hardened=no
refuses "--seed: expected once, it is given twice" run --seed=1 --seed 2
refuses "FILE...: expected traces (docs/trace-format.md)" replay
refuses "FILE: expected a trace" graph --after=1
refuses "x: expected no such argument" run x
refuses "--hostile excludes --contract" run --contract --hostile

# An empty value takes nothing from the next argument.
for option in json out sut profile luo seed cases time depth; do
  type=$("$holdfast" run --help | sed -n "s/^ *--$option \([^ =]*\).*/\1/p")
  refuses "--$option: expected a value, --$option=$type" run --$option= --cases=1
done
refuses "--callers: expected a value, --callers=WHO" explore --callers= --world=1,1,1
refuses "--seed: expected a value, --seed=N" run --seed
refuses "--json: expected a value, --json=FILE" run --json --cases=1
refuses "--json=: expected a value that is not empty" run --json ""

# Whole numbers.
for text in -1 +1 0x10 " 5" "5 " 1e3 1.0 abc nan 99999999999999999999 18446744073709551616; do
  refuses "--cases=$text: expected a whole number from 0 to 18446744073709551615" run "--cases=$text"
  refuses "--seed=$text: expected a whole number from 0 to 18446744073709551615" run --seed "$text"
  refuses "--depth=$text: expected a whole number from 1 to 8" run "--depth=$text"
done
refuses "--depth=9: expected a whole number from 1 to 8" run --depth=9
refuses "--max-states=-1: expected a whole number from 0 to 18446744073709551615" explore --max-states=-1
refuses "--budget=-1: expected a whole number from 0 to 18446744073709551615" shrink x.trace --budget=-1
refuses "--sample=0: expected a whole number from 1 to 18446744073709551615" mutants --sample=0
refuses "--seeds=0: expected a whole number from 1 to 1000" mutants --seeds=0
refuses "--after=-1: expected a whole number from 0 to 32000" graph x.trace --after=-1
refuses "--jobs=257: expected a whole number from 1 to 256" explore --jobs=257

# Seconds.
for text in -1 5s 1e3 0x1 nan inf " 1" 1000001 1.5.; do
  refuses "--time=$text: expected seconds from 0 to 1000000, such as 5 or 0.5" run --time "$text"
done
refuses "--shrink-seconds=0: expected seconds from 0.000001 to 1000000, such as 5 or 0.5" shrink x.trace --shrink-seconds=0

# Where a divergence would go is asked before the run.
refuses "--out=/dev/null/x: expected a directory to write to" run --out=/dev/null/x
refuses "--out=/dev/null/x: expected a directory to write to" shrink x.trace --out=/dev/null/x
refuses "--out=out: expected a directory to write to" explore --out=out

# A long argument is not repeated as a whole.
long=$(printf '%0.s9' {1..5000})
refuses "--cases=${long:0:60}...: expected a whole number from 0 to 18446744073709551615" run --cases="$long"
refuses "${long:0:60}...: expected a command" "$long"

# What is asked for is given.
for command in "" run explore replay rewrite shrink differ graph mutants profiles suts tree init; do
  "$holdfast" help $command >out 2>err && "$holdfast" $command --help | cmp -s - out || fail "help $command"
done
for usage in 'tree PATH' 'init core|port FOLDER'; do
  grep -qF "./holdfast $usage" <("$holdfast" --help | tr -s ' \n' ' ') || fail "$usage is not listed"
done

# A full disk.
for arguments in "suts" "--help" "run --cases=0 --depth=1"; do
  "$holdfast" $arguments >/dev/full 2>err
  [ $? = 2 ] || fail "$arguments on a full disk: not exit status 2"
  grep -q '^holdfast: standard output: No space left on device$' err || fail "$arguments on a full disk"
done

finish "every argument that cannot be taken is named"
