#!/bin/sh
# Write the locked lists anew from pyproject.toml: `make lock`. Needs uv.
# No index and no address is written: whoever installs uses their own.
set -eu
cd "$(dirname "$0")/.."

compile() {
    target=$1
    shift
    uv pip compile --quiet pyproject.toml --universal --python-version 3.11 \
        --generate-hashes --no-emit-index-url --no-emit-find-links \
        --no-header --no-annotate --output-file "requirements/$target.txt" "$@"
}

# The longest list decides; the others take their versions from it.
compile bench --extra bundled --extra bench --group dev
compile dev --extra bundled --group dev --constraint requirements/bench.txt
compile demo --extra bundled --constraint requirements/bench.txt
compile base --constraint requirements/bench.txt
