#!/usr/bin/env bash
# Kills the daemon right before its n-th call of each kind that changes the disk, starts it again, and looks: every
# claim out once or held once, every denial counted once. One line at the end; exit 1 when any run ended otherwise.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
claimloop=$root/target/release/claimloop
samples=$root/samples
most=${1:-60}
runs=0 killed=0 bad=0
wanted="CLM*CLAIM-ONE CLM*CLAIM-THREE |CLAIM-TWO|2|2|1"

for call in renameat2,rename fsync,fdatasync write openat unlink,unlinkat,rmdir mkdir link,linkat; do
    for n in $(seq 1 "$most"); do
        site=$(mktemp -d)
        cd "$site" || exit 3
        mkdir -p spool/outbound spool/inbound
        printf '[state]\ndir = "state"\n[intake]\nsettle = "0s"\nscan = "20ms"\nincomplete_after = "0s"\n' > c.toml
        printf '[[channel]]\nname = "main"\n' >> c.toml
        cp "$samples/837p-three-claims-one-off.edi" spool/outbound/a.edi
        cp "$samples/837p-truncated-before-iea.edi" spool/outbound/t.edi
        cp "$samples/835-denies-claim-one.edi" spool/inbound/r.835
        { strace -f -qq -o /dev/null -e trace="$call" -e inject="$call:signal=SIGKILL:when=$n" \
            "$claimloop" serve --config c.toml --once; } > /dev/null 2>&1
        first=$?
        "$claimloop" serve --config c.toml --once > /dev/null 2> second.log
        second=$?
        out=$(cat spool/clean/* 2> /dev/null | grep -o 'CLM\*[A-Z-]*' | sort | tr '\n' ' ')
        held=$("$claimloop" held list --format json |
            python3 -c 'import json,sys; print(" ".join(h["claim"] for h in json.load(sys.stdin)))')
        denials=$("$claimloop" history denials --format json |
            python3 -c 'import json,sys; print(json.load(sys.stdin)["total"]["denials"])')
        found="$out|$held|$denials|$(find spool/rejected -maxdepth 1 -type f | wc -l)|$(find spool/delivered -maxdepth 1 -type f | wc -l)"
        runs=$((runs + 1))
        [ "$first" -ge 128 ] && killed=$((killed + 1))
        if [ "$found" != "$wanted" ] || [ "$second" != 0 ]; then
            bad=$((bad + 1))
            echo "$call $n: $first, then $second: $found" >&2
            tail -2 second.log >&2
        fi
        cd / && rm -rf "$site"
        # Past its last call of this kind it ends by itself.
        [ "$first" = 0 ] && break
    done
done 2> >(grep -v 'Killed' >&2)
echo "$killed kills, each before another call that changes the disk (first $most of each kind): $bad ended otherwise than a run without"
[ "$bad" = 0 ]
