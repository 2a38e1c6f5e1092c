#!/usr/bin/env bash
# Asks a Connect worker over REST, in an image that has neither curl nor wget.
# usage: rest.sh METHOD HOST:PORT/PATH [FILE]      sends the file's JSON, prints the answer, fails unless it is 2xx
set -euo pipefail
LC_ALL=C # Lengths are in bytes.

method=$1 address=${2%%/*} path=/${2#*/}
body=
[[ $# -lt 3 ]] || body=$(<"$3")

{ exec 3<>"/dev/tcp/${address%:*}/${address#*:}"; } 2>/dev/null || { echo "nobody listens on $address" >&2; exit 1; }
printf '%s %s HTTP/1.0\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' \
  "$method" "$path" "$address" "${#body}" "$body" >&3
read -r _ status _ <&3
while IFS= read -r line <&3 && [[ $line != $'\r' ]]; do :; done
cat <&3
[[ $status == 2* ]]
