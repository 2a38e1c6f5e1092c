#!/usr/bin/env bash
# Builds the documentation as a static site with search, in target/site/dist, and checks its links. Needs Node.js 20 or newer, and
# npm once, for the packages of package-lock.json. Nothing is written outside of target/.
# usage: .github/site/build.sh            builds
#        .github/site/build.sh --preview  builds, then serves it on http://localhost:4173
# environment: SITE_BASE, the path below which the site is published (default /); SITE_REPOSITORY, the address of the repository
# for links to its files (default: that of the POM).
set -euo pipefail
cd "$(dirname "$0")/../.."
site=.github/site work=target/site

mkdir -p "$work"
rm -rf "$work/pages" "$work/dist" "$work/.vitepress"
cp -R $site/.vitepress $site/.npmrc $site/package.json $site/package-lock.json $site/*.mjs "$work/"
if ! cmp -s "$work/package-lock.json" "$work/node_modules/.built-from"; then
  (cd "$work" && npm ci --no-progress)
  cp "$work/package-lock.json" "$work/node_modules/.built-from"
fi
export SITE_REPOSITORY=${SITE_REPOSITORY:-$(sed -nE 's/.*<project.home>(.*)<.*/\1/p' pom.xml)}
node "$work/pages.mjs" . "$work"
cd "$work"
npx --no-install vitepress build
node check.mjs dist "${SITE_BASE:-/}"
if [[ ${1:-} == --preview ]]; then
  npx --no-install vitepress preview
fi
