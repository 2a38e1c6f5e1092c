#!/usr/bin/env bash
# Runs `docker compose` for compose.yaml, with Compose v2 or docker-compose 1.29. Checks for the usual problems first: no
# engine, an image that cannot be pulled, a port in use. Prints one line for each.
# usage: compose.sh up -d | compose.sh --profile monitoring up -d | compose.sh -f compose.tests.yaml run --rm tests | compose.sh down -v | ...
set -euo pipefail
cd "$(dirname "$0")"
fail() { echo "docker/compose.sh: $*" >&2; exit 1; }

command -v docker >/dev/null || fail "the PATH has no docker command: install Docker"
trouble=$(docker version --format '{{.Server.Version}}' 2>&1 >/dev/null) ||
  fail "no Docker engine answers (${trouble##*$'\n'}): start it, or set DOCKER_HOST"
if docker compose version >/dev/null 2>&1; then compose=(docker compose)
elif command -v docker-compose >/dev/null; then compose=(docker-compose)
else fail "Compose is missing: install the compose plugin of Docker, or docker-compose 1.29"; fi

# The lines of compose.yaml, without the services of profiles that are not selected.
services() {
  awk -v selected=" ${COMPOSE_PROFILES:-} $* " '
    /^ ? ?[a-z]/ { flush() }
    { block = block $0 "\n" }
    /^    profiles:/ { profile = $2; gsub(/[][]/, "", profile) }
    END { flush() }
    function flush() { if (profile == "" || selected ~ "[ ,=]" profile "[ ,]") printf "%s", block; block = profile = "" }
  ' compose.yaml
}

check_images() {
  local images image trouble
  images=$(sed -nE 's/^ARG KAFKA=//p' Dockerfile; services "$@" | sed -nE 's/^ +image: *//p')
  # Maven builds the worker's image in a container, unless the image uses the jar that `mvn package` has built.
  [[ ${ECTOWATCH_IMAGE:-} == packaged ]] || images+=$'\n'$(sed -nE 's/^FROM (maven:[^ ]+).*/\1/p' Dockerfile)
  for image in $(sort -u <<<"$images"); do
    docker image inspect "$image" >/dev/null 2>&1 && continue
    trouble=$(docker pull -q "$image" 2>&1 >/dev/null) ||
      fail "the image $image is not on this machine and cannot be pulled (${trouble##*$'\n'}): connect to its registry, or \`docker load\` it"
  done
}

check_ports() {
  local project ours variable port
  project=${COMPOSE_PROJECT_NAME:-$(sed -n 's/^COMPOSE_PROJECT_NAME=//p' .env)}
  ours=$(docker ps --filter "label=com.docker.compose.project=$project" --format '{{.Ports}}')
  while IFS=: read -r variable port; do
    port=${!variable:-$port}
    [[ $ours == *"127.0.0.1:$port->"* ]] && continue
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      fail "port $port of 127.0.0.1 is in use: stop the process that listens there, or set $variable=<port>"
    fi
  done < <(services "$@" | sed -nE 's/^ +- 127\.0\.0\.1:\$\{([A-Z0-9_]+):-([0-9]+)\}.*/\1:\2/p')
}

case " $* " in *' up '* | *' run '*) check_images "$@"; check_ports "$@" ;; esac
exec "${compose[@]}" -f compose.yaml "$@"
