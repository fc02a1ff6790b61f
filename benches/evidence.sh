#!/usr/bin/env bash
# Measures and runs long, and writes what came of it into the repository: benches/README.md, docs/detection.md, docs/evidence.md.
set -eu
cd "$(dirname "$0")/.."
out=target/evidence
mkdir -p "$out"

cargo bench --locked --bench throughput 2>&1 | tee "$out/bench.txt"
cargo build --release --locked
for claims in 2450 24500; do
    target/release/claimloop simulate --claims "$claims" --seed 1 --kind 837p --end 2026-11-15 --out "$out/peers" > "$out/peers.txt"
    mv "$out/peers/claims.837" "$out/peers/$claims-claims.837"
done
benches/peers/run.sh "$out"/peers/*.837 > "$out/peers.txt"
rm -rf "$out/peers"
benches/daemon.py target/release/claimloop > "$out/daemon.txt"
benches/workbench.py target/release/claimloop > "$out/workbench.txt"
benches/bench-table.py "$out/bench.txt" "$out/peers.txt" "$out/daemon.txt" "$out/workbench.txt" > benches/README.md

cargo test --locked --no-run
: > "$out/kills.txt"
for _ in $(seq 1 "${KILL_RUNS:-25}"); do
    cargo test --locked --test kill -- --nocapture 2>&1 | grep -E 'KILL_SEED|lost|FAILED' >> "$out/kills.txt"
done
cargo test --locked --test simulation -- --nocapture 2>&1 | grep -E 'seeds in|FAILED' > "$out/simulation.txt"
tests/faults.py target/release/claimloop --most 150 > "$out/faults.txt"
# What ended otherwise stands in its table, and below it.
tests/disks.py target/release/claimloop --seed 1 > "$out/disks.txt" || [ -s "$out/disks.txt" ]
benches/soak.py target/release/claimloop --files "${SOAK_FILES:-20000}" --minutes "${SOAK_MINUTES:-10}" > "$out/soak.txt"
target/release/claimloop demo > "$out/demo.txt"
cargo test --locked --test public_samples -- --nocapture 2>&1 | grep -E 'claims conserved|not run' > "$out/public.txt"
target/release/claimloop simulate --claims 200000 --seed 1 --kind 837p --end 2026-11-15 --out "$out/big" > "$out/big.txt"
for threads in 1 2; do
    /usr/bin/time -f "%e s, %M KiB at most, threads $threads" -a -o "$out/big.txt" \
        target/release/claimloop scrub "$out/big/claims.837" --format json --threads "$threads" --today 2026-11-21 \
        > "$out/big/$threads.json"
done
cmp "$out/big/1.json" "$out/big/2.json" && echo "the same bytes for one and two threads" >> "$out/big.txt"
rm -rf "$out/big"
# One transaction set each: memory must not grow with the file.
: > "$out/memory.txt"
for claims in 245000 2450000; do
    target/release/claimloop simulate --claims "$claims" --seed 1 --kind 837p --per-set "$claims" --end 2026-11-15 --out "$out/set" > "$out/set.txt"
    bytes=$(stat -c %s "$out/set/claims.837")
    for threads in 1 2; do
        /usr/bin/time -f "$claims claims in one transaction set, $((bytes / 1000000)) MB, threads $threads: %e s, %M KiB at most" -a -o "$out/memory.txt" \
            target/release/claimloop scrub "$out/set/claims.837" --format json --threads "$threads" --today 2026-11-21 > /dev/null
    done
    rm -rf "$out/set"
done
# As many procedure pairs as a quarter has, in four files of the published layout.
benches/make-pairs.py "$out/pairs"
/usr/bin/time -f "2,630,000 procedure pairs imported in %e s, %M KiB at most" -a -o "$out/import.time" \
    target/release/claimloop codes --codes "$out/codes" import ncci-practitioner "$out"/pairs/*.txt > "$out/import.txt"
{ tail -1 "$out/import.time"; echo "$(($(stat -c %s "$out"/codes/ncci-practitioner/0001/data) / 1000000)) MB on disk"; } > "$out/import.txt"
rm -rf "$out/pairs" "$out/codes" "$out/import.time"
# How well changes are found.
benches/detection/all.sh target/detection 10
# Looked at, not merely taken.
benches/pictures.sh target/release/claimloop "$out/pictures"
mkdir -p docs/pictures
benches/screenshots.sh
cp "$out"/pictures/*.png docs/pictures/
# What it found stands in its lines; without a line for each target it did not run.
tests/fuzz/run.sh "${FUZZ_SECONDS:-600}" > "$out/fuzz.txt" || [ "$(wc -l < "$out/fuzz.txt")" -eq 6 ]
benches/evidence-page.py "$out" > docs/evidence.md
