#!/usr/bin/env bash
# old-plugin.sh COMMIT VERSION DIRECTORY: builds the plugin of an earlier commit of this repository into DIRECTORY/VERSION, as
# that version, so that a worker can load it beside the present one. Does nothing if the directory has it already. If this
# clone does not have the commit, for example because it is shallow, it says so and succeeds: tests that need it are skipped.
set -euo pipefail
commit=$1 version=$2
mkdir -p "$3/$version"
directory=$(cd "$3/$version" && pwd)
cd "$(dirname "$0")/.."

[[ $(cat "$directory/commit" 2>/dev/null) != "$commit" ]] || exit 0
find "$directory" -mindepth 1 -delete
if ! git cat-file -e "$commit^{commit}" 2>/dev/null; then
  echo "this clone does not have the commit $commit" | tee "$directory/missing"
  exit 0
fi

sources=$(mktemp -d)
trap 'rm -rf "$sources"' EXIT
git archive "$commit" | tar -x -C "$sources"
current=$(sed -nE '0,/<version>/s/.*<version>(.*)<\/version>.*/\1/p' "$sources/pom.xml")
find "$sources" -name pom.xml -exec sed -i "s/<version>$current</<version>$version</" {} +
build() { mvn -q -B -ntp "$@" -f "$sources/pom.xml" -pl connector package -Dmaven.test.skip=true -Dspotless.check.skip; }
build -o || build
(cd "$directory" && jar -xf "$sources"/connector/target/*-"$version".zip)
echo "$commit" >"$directory/commit"
