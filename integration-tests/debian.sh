#!/usr/bin/env bash
# Unpacks programs from Debian's packages into integration-tests/tests/target/debian: two versions of PostgreSQL with their client programs,
# HAProxy, Patroni and etcd. Installs nothing, and needs no privileges. The tests of `mvn verify -Pdatabase` run these programs.
#
# The packages come with their own C library, so they run on any Linux with apt-get. Needs some 120 MB from the Debian mirror of this
# machine's apt, or from the one that DEBIAN_MIRROR names, which other distributions need.
set -euo pipefail
cd "$(dirname "$0")"

# PostgreSQL 17 is in trixie, 18 in forky. From forky come also the newest HAProxy, Patroni and etcd.
suites=(trixie forky)
packages=(postgresql-17 postgresql-18 haproxy patroni etcd-server python3-etcd patchelf)
# What the programs need only to be installed, or as services of a machine.
unneeded='^(adduser|debconf|gcc-.*|init-.*|libpam.*|locales|libc-l10n|login\.defs|lsb-.*|netbase|passwd|perl.*|libperl.*|postgresql-common.*|postgresql-client-common|procps|libproc2-.*|ssl-cert|systemd.*|libsystemd-shared|sysvinit.*|ucf)$'

root=$PWD/tests/target/debian
apt=$PWD/tests/target/debian-apt
[[ ! -e $root/complete ]] || exit 0
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || { echo "apt-get and dpkg-deb are needed" >&2; exit 1; }

mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' | grep -v security | grep '/debian/*$' | sort -u | head -n 1 || true)}
[[ -n $mirror ]] || { echo "set DEBIAN_MIRROR to the URL of a Debian mirror: apt has none on this machine" >&2; exit 1; }

rm -rf "$root" "$apt"
mkdir -p "$root" "$apt"/{lists,archives}/partial
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
if [[ ! -e $keyring ]]; then
  # Ubuntu has Debian's keys in a package of its own.
  (cd "$apt" && apt-get -qq download debian-archive-keyring && dpkg-deb -x debian-archive-keyring_*.deb keyring)
  keyring=$apt/keyring$keyring
fi
for suite in "${suites[@]}"; do
  echo "deb [signed-by=$keyring] $mirror $suite main"
done >"$apt/sources.list"
touch "$apt/status"

# A configuration of its own: nothing of this machine's apt is read or changed.
cat >"$apt/apt.conf" <<END
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache::archives "$apt/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
APT::Install-Recommends "false";
APT::Sandbox::User "$(id -un)";
Acquire::Languages "none";
END
export APT_CONFIG=$apt/apt.conf
apt-get -qq update
needed=$(apt-get -qq install --simulate "${packages[@]}" | sed -nE 's/^Inst ([^ :]+).*/\1/p' | sort -u | grep -vE "$unneeded")
(cd "$apt/archives" && apt-get -qq download $needed)
for package in "$apt"/archives/*.deb; do
  # With /usr merged: the loader and the C library are below /usr/lib.
  dpkg-deb --fsys-tarfile "$package" | tar -x -C "$root" --no-same-owner --exclude=./usr/share/doc --exclude=./usr/share/man \
    --exclude=./usr/share/locale --exclude='./usr/lib/postgresql/*/lib/bitcode'
done

# Programs find Debian's loader and libraries in the unpacked directory. RPATH, unlike RUNPATH, holds for libraries of libraries.
library=$(dirname "$(find "$root/usr/lib" -name libc.so.6 -print -quit)")
loader=$(find "$library" -maxdepth 1 -name 'ld-linux-*.so.*' -print -quit)
run_patchelf() { "$loader" --library-path "$library" "$root/usr/bin/patchelf" "$@"; }
for program in "$root"/usr/lib/postgresql/*/bin/* "$root"/usr/sbin/haproxy "$root"/usr/bin/{etcd,python3.*}; do
  [[ -f $program && ! -L $program ]] || continue
  head -c 4 "$program" | grep -q ELF || continue
  "$loader" --verify "$program" || (($? == 2)) || continue # a static program
  # In this order: patchelf would damage Python, which is not position-independent, the other way round.
  run_patchelf --force-rpath --set-rpath "$library" "$program"
  run_patchelf --set-interpreter "$loader" "$program"
done
rm -rf "$apt"
touch "$root/complete"
