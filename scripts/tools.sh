#!/usr/bin/env bash
# Installs what the tests need on a bare Debian machine.
set -eu
missing=""
command -v cc >/dev/null || missing="$missing gcc libc6-dev"
command -v systemd-analyze >/dev/null || missing="$missing systemd"
command -v make >/dev/null || missing="$missing make"
command -v python3 >/dev/null || missing="$missing python3-minimal"
[ -x /usr/bin/time ] || missing="$missing time"
if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ]; then
        apt-get update -qq
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
    else
        echo "to install by root:$missing" >&2
    fi
fi
if ! command -v cargo >/dev/null; then
    echo "Rust is missing: install rustup, then run again (rust-toolchain.toml names the version)" >&2
    exit 1
fi
