#!/usr/bin/env bash
# Sends a request to a Connect worker, in an image that has neither curl nor wget.
# usage: rest.sh METHOD HOST:PORT/PATH [FILE]      sends the file's JSON, prints the response, fails unless it is 2xx
set -euo pipefail
LC_ALL=C # so that ${#body} counts bytes

method=$1 address=${2%%/*} path=/${2#*/}
body=
[[ $# -lt 3 ]] || body=$(<"$3")

{ exec 3<>"/dev/tcp/${address%:*}/${address#*:}"; } 2>/dev/null || { echo "no process listens on $address" >&2; exit 1; }
printf '%s %s HTTP/1.0\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' \
  "$method" "$path" "$address" "${#body}" "$body" >&3
read -r _ status _ <&3
while IFS= read -r line <&3 && [[ $line != $'\r' ]]; do :; done
cat <&3
[[ $status == 2* ]]
