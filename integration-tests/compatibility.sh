#!/usr/bin/env bash
# Tests the packaged connector with several versions of Kafka Connect and PostgreSQL, on the embedded stack. Prints a table of
# the results. With --write, also writes it to connector/docs/compatibility.md. Takes about two minutes for each pair of
# versions. Fails if a test fails.
set -euo pipefail
cd "$(dirname "$0")/.."

tests=StackIT,EndToEndIT,BadInputIT,LedgerIT
# Kafka and PostgreSQL: each version with the newest version of the other, and the two oldest versions.
versions=(
  "4.4.0 18.6.0"
  "4.3.1 18.6.0"
  "4.0.2 18.6.0"
  "3.9.2 18.6.0"
  "4.3.1 17.11.0"
  "4.3.1 16.15.0"
  "4.3.1 15.19.0"
  "4.3.1 14.22.0"
  "3.9.2 14.22.0"
)
reports=integration-tests/tests/target/failsafe-reports

count() { sed -nE "s/.*<$1>([0-9]+)<.*/\1/p" "$reports/failsafe-summary.xml"; }

failed=0
table=$'| Kafka Connect | PostgreSQL | tests | failed | skipped |\n|---|---|---|---|---|'
for pair in "${versions[@]}"; do
  read -r kafka postgres <<<"$pair"
  rm -rf "$reports"
  log=integration-tests/target/compatibility-$kafka-$postgres.log
  mkdir -p integration-tests/target
  mvn -B -ntp verify -Dstack=embedded -Dstack.kafka.version="$kafka" \
    -Dembedded-postgres.binaries.version="$postgres" -Dit.test=$tests >"$log" 2>&1 || failed=1
  if [[ -f $reports/failsafe-summary.xml ]]; then
    line="| $kafka | ${postgres%.0} | $(count completed) | $(($(count errors) + $(count failures))) | $(count skipped) |"
  else
    line="| $kafka | ${postgres%.0} | none: see $log | | |"
  fi
  echo "$line" >&2
  table+=$'\n'$line
done

echo "$table"
if [[ ${1:-} == --write ]]; then
  page=connector/docs/compatibility.md
  { sed '/^| Kafka Connect/,$d' "$page"; echo "$table"; sed '1,/^| Kafka Connect/d' "$page" | sed '/^|/d'; } >"$page.new"
  mv "$page.new" "$page"
fi
exit $failed
