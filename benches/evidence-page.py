#!/usr/bin/env python3
"""Turns what benches/evidence.sh collected into docs/evidence.md."""
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
print("## The demo\n")
print(f"{demo}\n")
print("## Files of public projects\n")
print(read("public")[-1] + ".\n")
print("## Fuzzing\n")
print("`tests/fuzz/run.sh` with the address sanitizer, from the samples, the bases of the edits and the mutants:\n")
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
