#!/usr/bin/env bash
# Creates a connector and returns when its task runs. Does not change an existing connector.
# usage: create-connector.sh HOST:PORT FILE        the file holds {"name": ..., "config": {...}}
set -euo pipefail
cd "$(dirname "$0")"
worker=$1 file=$2
name=$(sed -nE 's/^ *"name": *"([^"]+)".*/\1/p;' "$file" | head -1)

until answer=$(./rest.sh POST "$worker/connectors" "$file"); do
  case $answer in
    *'already exists'*) break ;;
    *rebalance*) sleep 1 ;;
    *) echo "Connect refuses $file: $answer" >&2; exit 1 ;;
  esac
done

for _ in {1..60}; do
  status=$(./rest.sh GET "$worker/connectors/$name/status" || true)
  case $status in
    *'"state":"FAILED"'*) echo "the connector $name has failed: $status" >&2; exit 1 ;;
    *'"tasks":[{"id":0,"state":"RUNNING"'*) echo "the connector $name is running"; exit 0 ;;
  esac
  sleep 1
done
echo "the connector $name is not running after a minute: $status" >&2
exit 1
