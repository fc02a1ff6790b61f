#!/usr/bin/env bash
# Claimloop beside other readers of X12, on the same files, one after the other: benches/peers/run.sh FILE...
# A Markdown table. A peer that needs more than a minute for a file is stopped, and not tried on a larger one.
set -eu
cd "$(dirname "$0")/../.."
work=target/peers
mkdir -p "$work"
own=target/release/claimloop
[ -x "$own" ] || nice cargo build --release --locked >&2
for crate in plain-pass x12-types edi; do
    (cd "benches/peers/$crate" && nice cargo build --release --locked >&2)
done
if [ ! -x "$work/venv/bin/x12valid" ]; then
    python3 -m venv "$work/venv" >&2
    "$work/venv/bin/pip" install -q --disable-pip-version-check pyx12==4.0.0 >&2
fi

built() { echo "benches/peers/$1/target/release/peer-$1"; }
scrub="$own scrub --format json --today 2026-11-21 --threads"
# Name, what it does, the command up to the file.
peers=(
    "plain pass|reads the file and finds the delimiters|$(built plain-pass)"
    "claimloop, 1 thread|parses, checks, writes a verdict for each claim|$scrub 1"
    "claimloop, 2 threads|the same|$scrub 2"
    "pyx12 4.0.0|parses, checks envelopes, loops, elements and codes|$work/venv/bin/x12valid -q"
    "x12-types 0.12.0|parses into its type for an 837, checks nothing else|$(built x12-types)"
    "edi 0.4.0|parses into segments, checks control numbers and counts|$(built edi)"
)
# Those that gave up on a file are not given a larger one.
declare -A gave_up
echo "| file | MB | reader | what it does | s | MB/s | MiB at most | times claimloop's |"
echo "|---|---:|---|---|---:|---:|---:|---:|"
for file in $(ls -Sr "$@"); do
    size=$(stat -c %s "$file")
    mb=$(awk "BEGIN { printf \"%.1f\", $size / 1e6 }")
    own_time=
    for peer in "${peers[@]}"; do
        IFS='|' read -r name does command <<< "$peer"
        row="| $(basename "$file") | $mb | $name | $does |"
        if [ -n "${gave_up[$name]:-}" ]; then
            echo "$row not run: ${gave_up[$name]} | | | |"
            continue
        fi
        read -ra words <<< "$command"
        # The best of three, unless one alone takes long.
        best= peak= status=0
        for _ in 1 2 3; do
            since=$EPOCHREALTIME
            /usr/bin/time -q -f "%M" -o "$work/memory.txt" timeout 60 "${words[@]}" "$file" \
                > "$work/out.txt" 2> "$work/errors.txt" || status=$?
            took=$(awk "BEGIN { printf \"%.3f\", $EPOCHREALTIME - $since }")
            [ "$status" -le 1 ] || break
            if [ -z "$best" ] || awk "BEGIN { exit !($took < $best) }"; then
                best=$took peak=$(tail -1 "$work/memory.txt")
            fi
            if awk "BEGIN { exit !($took > 10) }"; then break; fi
        done
        case $name,$status in
            *,124) gave_up[$name]="over a minute for $mb MB"; echo "$row over 60 | | | |"; continue ;;
            # x12valid ends with 1 even when it finds nothing.
            claimloop*,[01] | pyx12*,[01] | *,0) ;;
            *) echo "$row failed: $(head -c 120 "$work/errors.txt" | tr '|\n' '  ')| | | |"; continue ;;
        esac
        [ "$name" != "claimloop, 1 thread" ] || own_time=$best
        awk -v row="$row" -v s="$best" -v size="$size" -v kib="$peak" -v own="$own_time" 'BEGIN {
            printf "%s %.3f | %.1f | %.0f | %s |\n", row, s, size / 1e6 / s, kib / 1024,
                own == "" ? "" : sprintf("%.1f", s / own)
        }'
    done
done
cat <<'NOTE'

Licences: pyx12 BSD, x12-types MIT or Apache-2.0, edi GPL-3.0. They are run here, and no part of claimloop.
NOTE
