#!/usr/bin/env python3
"""Turns what benches/evidence.sh collected into docs/evidence.md."""
import collections
import json
import re
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
faults = [[cell.strip() for cell in line.strip("|").split("|")] for line in read("faults") if line.startswith("|")][2:]
cases = [json.loads(line) for line in read("disks")]
ran = [c for c in cases if "not run" not in c]
riding, lying = [c for c in ran if c["fault"] != "write that lies"], [c for c in ran if c["fault"] == "write that lies" and c.get("target")]
seeds = [re.match(r"(\d+) seeds in", line) for line in read("simulation")]
tally = collections.Counter()
for line in read("simulation"):
    tally.update({name: int(n) for name, n in re.findall(r"(\w+): (\d+)", line)})
soaked = dict(re.findall(r"([a-z][a-z ]*?) (\d+)", read("soak")[-1]))
print("## All faults in one table\n")
print("| fault | how often | lost | doubled | recovered by itself |")
print("|---|---:|---:|---:|---:|")
if not failed:
    print(f"| kill -9 at a random moment | {passed * 10} | 0 | 0 | {passed * 10} |")
for what in sorted({row[0] for row in faults}):
    of = [row for row in faults if row[0] == what]
    total = lambda n: sum(int(row[n]) for row in of)
    print(f"| {what}, at the n-th system call | {total(3)} | {total(4)} | {total(5)} | {total(6)} |")
for what in sorted({c["fault"] for c in riding}):
    of = [c for c in riding if c["fault"] == what]
    total = lambda key: sum(c.get(key, 0) for c in of)
    how = collections.Counter(c["recovered"] for c in of)
    print(f"| {what}, on a real file system | {len(of)} | {total('lost')} | {total('doubled')} | {how['went on'] + how['restarted']} |")
if all(seeds):
    print(f"| power cut or kill at any call, simulated | {tally['cuts']} | 0 | 0 | {tally['cuts']} |")
    print(f"| calls refused (EIO, ENOSPC, EROFS, EACCES), simulated | {tally['refused']} | 0 | 0 | {tally['refused']} |")
print(f"| kill -9 in the soak | {soaked['kills survived']} | {soaked['lost']} | {soaked['duplicates']} | {soaked['kills survived']} |\n")
print("## Simulated worlds\n")
print("`tests/simulation.rs`: the daemon on a disk that forgets what was not synced, tears what was being written, fills up and fails; each seed is a run.\n")
print("\n".join(read("simulation")) + "\n")
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
