#!/usr/bin/env bash
# Measures detection and writes docs/detection.md: all.sh DIR REPLICATES [published] [site] [linked]
# Without names all three; what isn't measured now stays as it was measured last.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
mkdir -p "$1"
dir=$(realpath "$1") replicates=$2
shift 2
parts=${*:-published site linked}
measured=$here/measured
for part in $parts; do
    case $part in
    published)
        "$here/run.sh" "$dir" "$replicates" > "$dir/judge.txt"
        "$here/page.py" published "$dir/judge.txt" > "$dir/published.txt"
        ;;
    site)
        cargo bench --manifest-path "$root/Cargo.toml" --locked --quiet --bench detection -- site 100 > "$dir/site.txt"
        ;;
    linked)
        cargo build --manifest-path "$root/Cargo.toml" --release --locked
        program=${CARGO_TARGET_DIR:-$root/target}/release/claimloop
        # What another program found tells nothing of this one.
        linked=$dir/linked-$(sha256sum "$program" "$here/linked.py" | sha256sum | cut -c 1-12)
        "$here/linked.py" "$program" "$linked" "${LINKED_SITES:-30}" > "$dir/linked.txt"
        ;;
    *)
        echo "published, site or linked, not $part" >&2
        exit 2
        ;;
    esac
    cp "$dir/$part.txt" "$measured/$part.txt"
done
"$here/page.py" > "$root/docs/detection.md.new"
mv "$root/docs/detection.md.new" "$root/docs/detection.md"
