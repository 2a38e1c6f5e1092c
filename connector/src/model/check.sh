#!/usr/bin/env bash
# Checks the models of the doorbell, doorbell.pml, of the further journal tables, ring.pml (variants ring-...), and of the
# backfill, backfill.pml (variants backfill...), in every order in which their steps can happen.
#
#   check.sh          all variants, one line each: those that must hold, then those that lack one rule of the protocol
#                     and that the checker must therefore refuse, with a trail that leads to the error
#   check.sh --short  the same with one transaction for each writer, in some seconds
#   check.sh NAME     one of those, and the shortest trail to its error in plain words
#
# Needs spin and a C compiler (Debian: apt-get install spin gcc), 700 MB of memory and, for all, less than two minutes.
# Exit code: 0 all as expected, 1 something is not, 2 a tool is missing or the name is unknown.
set -euo pipefail

models=$(cd "$(dirname "$0")" && pwd)
cc=${CC:-cc}

# name | what is expected | property in single states | transactions per writer: there, over time | defines | what it is
variants='
protocol            | holds   | safe             | 2 2 |                      | waits have no timeout, and need none
with-flag           | holds   | safe             | 2 1 | FLAG                 | writers test the lock only if a flag is set
with-timeout        | holds   | safe             | 2 2 | TIMEOUT SILENT_LOSS  | a session may end unnoticed, waits have a timeout
no-timeout          | refused | never_oversleeps | 1 1 | SILENT_LOSS          | a session may end unnoticed, waits have no timeout
no-in-progress-rule | refused | never_oversleeps | 1 1 | BREAK_NO_IN_PROGRESS | waits without regard to transactions in progress
listed-only         | refused | never_oversleeps | 1 1 | BREAK_LISTED_ONLY    | takes those in pg_snapshot_xip() for all in progress
late-check          | refused | never_oversleeps | 1 1 | BREAK_LATE_CHECK     | checks after its last read whether they have ended
one-look            | refused | never_oversleeps | 1 1 | BREAK_ONE_LOOK       | does not read again after arming
test-first          | refused | never_oversleeps | 1 1 | BREAK_TEST_FIRST     | writers test the bell before they take their ID
drain-late          | refused | never_oversleeps | 1 1 | BREAK_DRAIN_LATE     | drains notifications before it waits, not after
stay-blind          | refused | never_oversleeps | 1 1 | BREAK_STAY_BLIND     | after waking, sleeps again without reading
listen-late         | refused | never_oversleeps | 1 1 | BREAK_LISTEN_LATE    | listens only when it starts to wait
sequence            | refused | never_skips      | 1 1 | BREAK_SEQ            | remembers "seq > last" in place of a snapshot
lasting-bell        | refused | never_haunted    | 1 1 | BREAK_LASTING_BELL   | the bell stays armed when its reader dies
ring                | holds   | safe             | 2 - |                      | a further journal table is created, written to, left and dropped
ring-ask-late       | refused | never_misses     | 1 - | BREAK_ASK_LATE       | reads the further table only some time after triggers write to it
ring-before-spare   | refused | never_silent     | 1 - | BREAK_RING_FIRST     | sets the ring before the number of the further table
ring-reset-spare    | refused | never_silent     | 1 - | BREAK_RESET_SPARE    | resets the number once the ring has switched back
ring-drop-at-once   | refused | never_aims       | 1 - | BREAK_DROP_AT_ONCE   | drops the table without waiting for transactions that may write to it
ring-id-late        | refused | never_aims       | 1 - | BREAK_ID_LATE        | writers take their ID after they have read which table to write to
ring-emptying       | holds   | safe             | 1 - | CHECKS               | rows are checked without a lock, and those that may have come since under it
ring-check-early    | refused | never_misses     | 1 - | CHECKS BREAK_CHECK_EARLY | checks a table while transactions are open that may still write to it
ring-no-check       | refused | never_misses     | 1 - | CHECKS BREAK_NO_CHECK | checks nothing under the lock
backfill            | holds   | safe             | 1 - |                      | rows are read in chunks, each in the snapshot that ends its cut
backfill-before     | refused | never_a_ghost    | 1 - | BREAK_BEFORE         | reads the rows in the snapshot of the cut before
backfill-after      | refused | never_a_ghost    | 1 - | BREAK_AFTER          | reads the rows in a later snapshot
backfill-keep-early | refused | never_a_ghost    | 1 - | BREAK_KEEP_EARLY     | commits the last key of a chunk before its records
'

for tool in spin "$cc"; do
    if ! command -v "$tool" >/dev/null; then
        echo "check.sh needs spin and a C compiler; '$tool' is not there (Debian: apt-get install spin gcc)" >&2
        exit 2
    fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# A tool failed, or ran out of something: what it said.
give_up() {
    cat log >&2
    exit 1
}

# build TX DEFINES [C FLAGS]: makes ./pan, the checker of that variant.
build() {
    model=$models/doorbell.pml
    [[ $name != ring* ]] || model=$models/ring.pml
    [[ $name != backfill* ]] || model=$models/backfill.pml
    defines=(-DTX="$1")
    for define in $2; do defines+=("-D$define"); done
    rm -f ./*
    spin -a -P"$cc -E -x c" "${defines[@]}" "$model" >log 2>&1 || give_up
    # shellcheck disable=SC2086  # the flags are several words
    "$cc" "$optimise" -w ${3:-} -DMEMLIM=4000 -o pan pan.c >log 2>&1 || give_up
}

# run PROPERTY [OPTIONS]: checks it; sets `errors`, `states` and `trail`. An incomplete search is an error.
run() {
    rm -f ./*.trail
    ./pan -N "$@" -m20000 >log 2>&1 || true
    errors=$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' log)
    states=$(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' log)
    trail=$(find . -name '*.trail')
    [[ -n $errors && -n $states ]] || give_up
    if grep -q 'max search depth too small' log || { [[ $errors = 0 ]] && grep -q 'Search not completed' log; }; then
        give_up
    fi
}

# Whether the run went as expected; what holds must also have been through every statement, or it shows nothing.
outcome() {
    if [[ $1 = holds ]]; then
        [[ $errors = 0 ]] && ! grep -A1 '^unreached in proctype' log | grep -q '\.pml:'
    else
        [[ $errors = 1 && -n $trail ]] && grep -q 'assertion violated *!(\|acceptance cycle' log
    fi
}

# check NAME EXPECTED PROPERTY TX DEFINES TEXT: the property in single states, then `settles`, which needs a fair order.
check() {
    local verdict='as expected' tx=($4) in_states over_time
    [[ $short = 0 ]] || tx=(1 "${tx[1]/2/1}")
    build "${tx[0]}" "$5"
    run "$3"
    outcome "$2" || verdict='NOT AS EXPECTED'
    if [[ ${tx[1]} = - ]]; then  # nothing to be shown over time
        printf '%s: %-19s  %s %s %s states  (%s)\n' "$verdict" "$1" "$3" \
            "$([[ $errors = 0 ]] && echo holds in || echo fails after)" "$states" "$6"
        [[ $verdict = 'as expected' ]]
        return
    fi
    in_states="$3 $([[ $errors = 0 ]] && echo holds in || echo fails after) $states states"
    [[ ${tx[1]} = "${tx[0]}" ]] || build "${tx[1]}" "$5"
    run settles -a -f
    outcome "$2" || verdict='NOT AS EXPECTED'
    over_time="settles $([[ $errors = 0 ]] && echo holds in || echo fails after) $states"
    printf '%s: %-19s  %s, %s  (%s)\n' "$verdict" "$1" "$in_states" "$over_time" "$6"
    [[ $verdict = 'as expected' ]]
}

# explain NAME PROPERTY DEFINES TEXT: the shortest way to the error, in the model's own words.
explain() {
    build 1 "$3" '-DSAFETY -DBFS'
    run "$2"
    if [[ -z $trail ]]; then
        echo "$1 ($4): $2 holds in $states states"
        return
    fi
    echo "$1 ($4): $2 fails. Transactions have the numbers 1 and 2; a set of them is their sum."
    spin -k "$trail" -T -P"$cc -E -x c" "${defines[@]}" "$model" | sed -e '/^ltl /d' -e '/^spin: trail ends/,$d'
}

short=0
optimise=-O2
if [[ ${1:-} = --short ]]; then
    short=1
    optimise=-O0  # compiling takes longer than so short a search
    shift
fi
failed=0
found=0
while IFS='|' read -r name expected property tx defines text; do
    # Without the blanks that line the table up.
    read -r name expected property <<<"$name $expected $property"
    read -r text <<<"$text"
    if [[ -n $name && $# = 0 ]]; then
        found=1
        check "$name" "$expected" "$property" "$tx" "$defines" "$text" || failed=1
    elif [[ -n $name && $1 = "$name" ]]; then
        found=1
        explain "$name" "$property" "$defines" "$text"
    fi
done <<<"$variants"

if [[ $found = 0 ]]; then
    echo "check.sh knows no variant '$1'; it knows: $(cut -d'|' -f1 <<<"$variants" | xargs)" >&2
    exit 2
fi
exit $failed
