#!/usr/bin/env bash
# Runs in the container of compose.tests.yaml. Copies the sources, builds the copy and runs the tests.
set -euo pipefail
mkdir -p /build
tar -C /source --exclude=.git --exclude=target -c . | tar -C /build -x
cd /build
exec mvn -B -ntp verify -pl integration-tests/tests -am -Dstack=compose -Dcompose.inside=true -Dcompose.project="$COMPOSE_PROJECT" "$@"
