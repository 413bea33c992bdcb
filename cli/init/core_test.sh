#!/bin/bash
# HOLDFAST OBJECT [option]...: the test of holdfast_core_test. Runs the object under the whole
# suite. Where the object does not conform, the verdict is the message of the JUnit XML.
set -u
holdfast=$1 object=$2
shift 2
log=$(mktemp -p "${TEST_TMPDIR:-/tmp}") || exit 3
trap 'rm -f "$log"' EXIT
page=()
outputs=${TEST_UNDECLARED_OUTPUTS_DIR:-}
case " $*" in
  *" --html"*) ;;
  *) [ -z "$outputs" ] || page=(--html="$outputs/report.html") ;;
esac
"$holdfast" run --sut="$object" "${page[@]}" "$@" 2>&1 | tee "$log"
status=${PIPESTATUS[0]}
[ "$status" = 0 ] && exit

escaped() { sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g'; }
if [ -n "${XML_OUTPUT_FILE:-}" ]; then
  {
    echo '<?xml version="1.0" encoding="UTF-8"?>'
    echo '<testsuites><testsuite name="holdfast run" tests="1" failures="1"><testcase name="run">'
    echo "<failure message=\"$(tail -n 1 "$log" | escaped)\">"
    sed -n '/^divergence: /,$p' "$log" | escaped
    echo '</failure></testcase></testsuite></testsuites>'
  } >"$XML_OUTPUT_FILE"
fi
exit "$status"
