#!/usr/bin/env bash
# Builds the committed sources twice, in two directories, and compares all files of a release byte for byte: the jar, the
# component archive, sources, javadoc and the SBOM. The same JDK gives the same files. Takes some minutes.
# usage: integration-tests/reproducible.sh [options of Maven, such as -o]
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

git clone -q --no-hardlinks . "$work/first"
git clone -q --no-hardlinks "$work/first" "$work/second"
for copy in first second; do
  (cd "$work/$copy" && mvn -q -B -ntp "$@" -Prelease -pl .,connector -Dgpg.skip -Dmaven.test.skip=true package)
  (cd "$work/$copy/connector/target" && sha256sum ectowatch-kafka-connect-*.jar ectowatch-kafka-connect-*.zip bom.json bom.xml) \
    >"$work/$copy.sums"
done

if ! diff "$work/first.sums" "$work/second.sums"; then
  echo "NOT REPRODUCIBLE: the files above differ between two builds" >&2
  exit 1
fi
cat "$work/first.sums"
echo "reproducible: $(wc -l <"$work/first.sums") files are the same in both builds"
