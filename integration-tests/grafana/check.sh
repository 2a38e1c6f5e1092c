#!/usr/bin/env bash
# Checks Grafana's dashboard against the types that Grafana publishes, in the version of the image in compose.yaml. Needs Node.js
# 20 or newer and the npm registry.
set -euo pipefail
cd "$(dirname "$0")"
image=$(sed -nE 's#.*image: grafana/grafana:([0-9.]+).*#\1#p' ../../docker/compose.yaml)
types=$(sed -nE 's#.*"@grafana/schema": "(.*)".*#\1#p' package.json)
if [[ $image != "$types" ]]; then
  echo "compose.yaml has Grafana $image, and package.json has the types of $types: use the same version." >&2
  exit 1
fi
work=../target/grafana
mkdir -p $work
cp package.json dashboard.ts check.mjs $work
cd $work
npm install --no-audit --no-fund --no-package-lock --ignore-scripts --silent
node check.mjs ../../../docker/monitoring/grafana/dashboards/ectowatch.json
