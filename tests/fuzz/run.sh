#!/usr/bin/env bash
# Fuzzes each target for so many seconds, from our own samples: tests/fuzz/run.sh [SECONDS] [TARGET...]
# One line a target; 1 when anything crashed. What crashed is in tests/fuzz/artifacts, the logs in tests/fuzz/target.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-600}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- tokenizer walker scrub remit acks journal
command -v cargo-fuzz > /dev/null || cargo install cargo-fuzz --locked >&2
# The address sanitizer is behind a flag that a stable compiler hides.
export RUSTC_BOOTSTRAP=1
fuzz=tests/fuzz
cargo fuzz build --fuzz-dir "$fuzz" >&2
failed=0
targets="$*"
for target in $targets; do
    mkdir -p "$fuzz/corpus/$target"
    log=$fuzz/target/$target.log
    set --
    if [ "$target" != journal ]; then
        seeds=$(printf '%s,' tests/mutants/*.edi)
        set -- samples config/edits/bases -- "-seed_inputs=${seeds%,}" -dict="$fuzz/x12.dict"
    else
        # It damages journals of its own; its inputs say how.
        set -- -- -max_len=8192
    fi
    cargo fuzz run --fuzz-dir "$fuzz" "$target" "$fuzz/corpus/$target" "$@" "-max_total_time=$seconds" -rss_limit_mb=4096 -timeout=20 \
        -print_final_stats=1 > "$log" 2>&1 || true
    ran=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -1)
    edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -1)
    took=$(sed -n 's/^Done [0-9]* runs in \([0-9]*\) second.*/\1/p' "$log")
    crashes=$(grep -c '^SUMMARY: ' "$log" || true)
    # Without the closing line it neither ended nor crashed as it should.
    [ -n "$took" ] || [ "$crashes" -gt 0 ] || crashes=1
    [ "$crashes" -eq 0 ] || failed=1
    echo "$target: ${took:-stopped} s, ${ran:-0} executions, ${edges:-0} coverage edges, $crashes crashes"
done
exit "$failed"
