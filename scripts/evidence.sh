#!/usr/bin/env bash
# Measures, and writes what it measured into the repository: benches/README.md.
set -eu
cd "$(dirname "$0")/.."
cargo bench --locked 2>&1 | tee target/bench.txt
cargo build --release --locked
scripts/bench-table.py target/bench.txt > benches/README.md
