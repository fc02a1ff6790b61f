#!/usr/bin/env python3
"""Turns criterion's output and the table of peers into benches/README.md."""
import os
import re
import sys

text = open(sys.argv[1]).read()
name, rows, each = None, [], {}
for line in text.splitlines():
    head = re.match(r"^(tokenize|scrub|remit|kinds|codes)/(.+?)(\s+time:.*)?$", line.strip())
    if head:
        name = (head.group(1), head.group(2).strip())
    rate = re.search(r"thrpt:\s+\[\S+ \S+ (\S+) (\S+) ", line)
    counted = re.search(r"thrpt:\s+\[\S+ \S+ (\S+) (K|M|G|)elem/s ", line)
    if counted and name:
        scale = {"": 1, "K": 1e3, "M": 1e6, "G": 1e9}[counted.group(2)]
        each[name] = 1e9 / (float(counted.group(1)) * scale)
        name = None
    if rate and name:
        unit = {"MiB/s": 1.048576, "GiB/s": 1073.741824, "KiB/s": 0.001024}[rate.group(2)]
        rows.append((*name, float(rate.group(1)) * unit))
        name = None

cpu = next((l.split(":", 1)[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "unknown")
memory = next(int(l.split()[1]) // 1024 // 1024 for l in open("/proc/meminfo") if l.startswith("MemTotal"))
print("# Throughput\n")
print("Written by `make evidence` from `cargo bench`; do not edit. Each group reads one simulated file (25,000 claims or claim")
print("payments, seed 1). The plain pass is `memchr3` for `*`, `:` and `~` over the same buffer in the same run: timings are")
print("noisy, the ratio is what counts.\n")
print(f"Machine: {os.cpu_count()} cores, {cpu}, {memory} GiB.\n")
print("| group | what | MB/s | of the plain pass |")
print("|---|---|---:|---:|")
plain = {}
for group, what, rate in rows:
    if what == "plain pass":
        plain[group] = rate
for group, what, rate in rows:
    print(f"| {group} | {what} | {rate:.0f} | {rate / plain[group]:.2f} |")

print("\n## What each check kind costs\n")
print("Nanoseconds a professional claim, over a scrub without edits that run over claims; code sets and payer packs imported.\n")
print("| check kind | edits of it | ns a claim |")
print("|---|---:|---:|")
count = {}
for folder, _, files in os.walk("config/edits"):
    for file in files:
        kind = re.search(r"^\[+check\.(\w+)", open(f"{folder}/{file}").read(), re.M) if file.endswith(".toml") else None
        if kind:
            count[kind.group(1)] = count.get(kind.group(1), 0) + 1
base = each.get(("kinds", "none"), 0)
print(f"| none: reading, walking, SNIP 1 and 2 | {count.get('fault', 0)} | {base:.0f} |")
for (group, kind), cost in each.items():
    if group == "kinds" and kind != "none":
        print(f"| {kind} | {count.get(kind, 0)} | {cost - base:+.0f} |")

print("\n## Looking codes up\n")
for (group, what), cost in each.items():
    if group == "codes":
        print(f"- {what}: {cost:.0f} ns")

print("\n## The whole daemon\n")
print("`benches/daemon.py`, one thread of work, journal and archive on, everything synced:\n")
print("- " + open(sys.argv[3]).read().strip())

print("\n## The workbench\n")
print("`benches/workbench.py`, from a request to its last byte:\n")
for line in open(sys.argv[4]).read().strip().splitlines():
    print("- " + " ".join(line.split()))

print("\n## Beside other readers\n")
print("Written by `benches/peers/run.sh`: whole programs on the same simulated files, one after the other, best of three;")
print("a reader that needs more than a minute is stopped. Most of them check less than claimloop, or nothing.\n")
print(open(sys.argv[2]).read().strip())
