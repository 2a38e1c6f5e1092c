#!/usr/bin/env bash
# Causes many faults on the embedded stack and compares what was published with a ledger: ../connector/docs/reliability-run.md.
#
#   integration-tests/faults.sh [FAULTS [MINUTES]] [more arguments of mvn, such as -Dfaults.seed=1 -Dfaults.kinds=disk,clock]
#
# FAULTS (20) is the number for each mode, at-least-once and exactly-once, which run at the same time. After MINUTES (60) no
# other fault begins. Results: integration-tests/tests/target/faults.jsonl.
# Clock steps need libfaketime, which is unpacked from Debian's or Ubuntu's package, and full disks need root.
set -euo pipefail
cd "$(dirname "$0")/.."

faults=20 minutes=60
if [[ ${1:-} =~ ^[0-9]+$ ]]; then faults=$1 && shift; fi
if [[ ${1:-} =~ ^[0-9]+$ ]]; then minutes=$1 && shift; fi

unpack_libfaketime() {
  local directory=integration-tests/tests/target/libfaketime
  [[ ! -d $directory/usr ]] || return 0
  mkdir -p $directory && cd $directory &&
    { apt-get -qq download libfaketime || { apt-get -qq update && apt-get -qq download libfaketime; }; } &&
    dpkg-deb -x libfaketime_*.deb .
}
(unpack_libfaketime) || echo "faults: no clock steps: this machine cannot get the package libfaketime"

# No unit tests: -Dtest names none.
exec mvn -B -ntp verify -Dtest=NoUnitTest -Dsurefire.failIfNoSpecifiedTests=false \
  -Dit.test=AtLeastOnceFaultsIT,ExactlyOnceFaultsIT -Dfailsafe.failIfNoSpecifiedTests=false \
  -Dfaults="$faults" -Dfaults.minutes="$minutes" -Dfaults.commit="$(git rev-parse --short HEAD)" "$@"
