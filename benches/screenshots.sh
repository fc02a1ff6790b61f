#!/usr/bin/env bash
# Pictures of every page of the workbench, from the demo's made-up claims, to docs/pictures/workbench.
set -eu
cd "$(dirname "$0")/.."
if ! command -v pngquant > /dev/null; then
    if [ "$(id -u)" != 0 ]; then
        echo "to install by root: pngquant" >&2
        exit 1
    fi
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends pngquant >&2
fi
cargo test --locked --test browser -- --ignored --nocapture --exact looks::pictures
pngquant --force --ext .png --strip 64 docs/pictures/workbench/*.png
ls -l docs/pictures/workbench
