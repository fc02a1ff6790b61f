#!/usr/bin/env python3
"""Turns what benches/evidence.sh collected into docs/evidence.md."""
import collections
import json
import sys

folder = sys.argv[1]


def read(name):
    return open(f"{folder}/{name}.txt").read().strip().splitlines()


kills = read("kills")
passed = sum("lost 0, doubled 0" in line for line in kills)
failed = sum("FAILED" in line for line in kills)
demo = next(line for line in read("demo") if "accounted for" in line)
print("# Evidence\n")
print("Written by `make evidence`; do not edit. Throughput: `benches/README.md`.\n")
print("## kill -9\n")
print(f"{passed + failed} runs of `tests/kill.rs`, each 200 files of three claims and ten kills at random moments: ", end="")
print(f"{passed} ended with every claim out once or held once, {failed} did not. ", end="")
print(f"That is {passed * 10} kills over {passed * 600} claims: lost 0, doubled 0.\n" if not failed else "\n")
print("## Faults at each call that changes the disk\n")
print("`tests/faults.py`: the n-th call of each kind is where the program dies, or the disk is full, or fails; then it is run again.\n")
print("\n".join(read("faults")) + "\n")
print("## What disks do\n")
print("`tests/disks.py`, on ext4 file systems of its own: files are dropped while it happens, and later it is over. A power cut is the image of the disk as it")
print("was, mounted again. A write that lies says that it wrote, and left out a byte; nothing can make that good but what reads it.\n")
cases = [json.loads(line) for line in read("disks")]
ran = [c for c in cases if "not run" not in c]
riding, lying = [c for c in ran if c["fault"] != "write that lies"], [c for c in ran if c["fault"] == "write that lies" and c.get("target")]
rows = collections.defaultdict(list)
for case in riding:
    rows[case["fault"], case["where"]].append(case)
print("| fault | in | how often | files | lost | doubled | recovered by itself | of these without a restart | not recovered |")
print("|---|---|---:|---:|---:|---:|---:|---:|---:|")
for (fault, where), row in rows.items():
    total = lambda key: sum(c.get(key, 0) for c in row)
    how = collections.Counter(c["recovered"] for c in row)
    cells = [len(row), total("files"), total("lost"), total("doubled"), how["went on"] + how["restarted"], how["went on"], how["no"] + how["by hand"]]
    print(f"| {fault} | {where} | " + " | ".join(map(str, cells)) + " |")
print("\n| a write that lies, to | how often | what tells of it |")
print("|---|---:|---|")
targets = collections.defaultdict(collections.Counter)
for case in lying:
    targets[" and ".join(case["target"])][case["recovered"]] += 1
for name, seen in sorted(targets.items()):
    print(f"| {name} | {seen.total()} | " + ", ".join(f"{by} ({n})" for by, n in seen.most_common()) + " |")
print()
for case in cases:
    if case.get("wrong") or "not run" in case:
        print(f"- {case.get('fault', 'all')}, {case.get('where', '')}: {json.dumps(case.get('wrong', case.get('not run')))[:300]}")
print()
print("## A soak\n")
print("`benches/soak.py`: small files to three channels at an even pace, kill -9 every few seconds, started again each time.\n")
for line in read("soak"):
    print(f"- {line}")
print()
print("## The demo\n")
print(f"{demo}\n")
print("## Files of public projects\n")
print(read("public")[-1] + ".\n")
print("## Fuzzing\n")
print("`tests/fuzz/run.sh` with the address sanitizer, from the samples, the bases of the edits and the mutants; `journal` from journals of both versions:\n")
for line in read("fuzz"):
    print(f"- {line}")
print()
print("## Memory\n")
print("`scrub --format json`, written as it goes:\n")
for line in read("memory"):
    print(f"- {line}")
print()
print("## Importing a code set\n")
for line in read("import"):
    print(f"- {line}")
print()
print("## A large file\n")
for line in read("big"):
    print(f"- {line}".replace(f"{folder}/", ""))
