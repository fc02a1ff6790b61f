#!/usr/bin/env bash
# The detection benchmark from series to table: run.sh DIR REPLICATES [METHODS [ALARMS.csv...]]
# Our own detector is one of them. METHODS as peers.R takes them. ALARMS: further detectors over DIR/series.csv, which is the same for the same replicates.
set -eu
here=$(dirname "$0")
dir=$1 replicates=$2 methods=${3:-all}
shift $(($# < 3 ? $# : 3))
if ! Rscript -e 'library(surveillance)' > /dev/null 2>&1; then
    if [ "$(id -u)" != 0 ]; then
        echo "to install by root: r-base-core r-cran-surveillance" >&2
        exit 1
    fi
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends r-base-core r-cran-surveillance >&2
fi
mkdir -p "$dir"
dir=$(realpath "$dir")
peers=$dir/peers-$replicates-${methods//,/+}.csv
"$here/series.R" "$dir/series.csv" "$replicates" 1
# An hour for ten replicates: what was measured on these series before is kept.
if [ ! -s "$peers" ]; then
    nice "$here/peers.R" "$dir/series.csv" "$dir/peers.part" "$methods" >&2
    mv "$dir/peers.part" "$peers"
fi
cargo bench --manifest-path "$here/../../Cargo.toml" --locked --quiet --bench detection -- published "$dir/series.csv" "$dir/own.csv" >&2
"$here/judge.py" "$dir/series.csv" "$peers" "$dir/own.csv" "$@"
