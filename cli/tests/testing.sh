# What the shell tests share. A test sources this file first, from the runfiles:
#   . cli/tests/testing.sh
# It then works in an empty folder; $runfiles is the folder that its arguments are relative to.
set -u
runfiles=$PWD
failures=0
unset TEST_UNDECLARED_OUTPUTS_DIR  # where a run would write instead of holdfast-out
cd "$(mktemp -d -p "${TEST_TMPDIR:?}")" || exit 1

# Names a failure, and shows the output of the command that ran last: the files out and err.
fail() {
  echo "FAILED: $1" >&2
  local file
  for file in out err; do [ ! -s $file ] || tail -n 40 $file | sed 's/^/    /' >&2; done
  failures=$((failures + 1))
}

# Ends the test; the sentence is what has been shown if nothing failed.
finish() {
  [ $failures = 0 ] || { echo "$failures failures" >&2; exit 1; }
  echo "$1"
  exit 0
}
