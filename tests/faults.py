#!/usr/bin/env python3
"""Faults at the calls that change the disk: the n-th call of a kind is where the program dies, or the disk is full, or fails.

    tests/faults.py CLAIMLOOP [--most N] [--sample N]

Three claims, one of them held, a file that is cut off and a remittance go through: taken and judged (`take`), the held claim corrected and released
(`decide`), and sent (`leave`). In one of the three the fault comes; then all is done again without one, as an operator would. After that
each claim must have left once, journal and archive must add up, and all else be as in a run without faults. Prints a table; exit 1 where a run ended otherwise. Needs strace.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile

CALLS = {
    "rename": "renameat2,rename",
    "sync": "fsync,fdatasync",
    "write": "write,pwrite64",
    "open": "openat",
    "unlink": "unlink,unlinkat,rmdir",
    "mkdir": "mkdir",
    "link": "link,linkat",
}
FAULTS = {"killed": "signal=SIGKILL", "disk full (ENOSPC)": "error=ENOSPC", "disk fails (EIO)": "error=EIO"}
PHASES = ["take", "decide", "leave"]
PATIENCE = 8
SAMPLES = pathlib.Path(__file__).resolve().parent.parent / "samples"
CONFIG = """[state]
dir = "state"
journal_segment = 1500
[intake]
settle = "0s"
scan = "20ms"
incomplete_after = "0s"
[web]
listen = ""
[[channel]]
name = "main"
"""


class Site:
    def __init__(self, claimloop, folder, inject=None):
        self.claimloop, self.folder, self.inject = claimloop, pathlib.Path(folder), inject

    def run(self, *args, fault=False):
        command = [self.claimloop, *args]
        if fault:
            calls, what = self.inject
            traced = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:{what}"]
            command = traced + command
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        done = subprocess.Popen(command, cwd=self.folder, start_new_session=True, **streams)
        try:
            out, err = done.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            # A fault may hit a call that is no file's, such as the runtime waking itself: then it waits for ever, and is killed.
            os.killpg(done.pid, signal.SIGKILL)
            out, err = done.communicate()
        return done.returncode, out, err

    def json(self, *args):
        code, out, err = self.run(*args, "--format", "json")
        if code != 0:
            raise RuntimeError(err.decode(errors="replace"))
        return json.loads(out)

    def serve(self, fault=False):
        return self.run("serve", "--config", "c.toml", "--once", fault=fault)[0]

    def decide(self, fault=False):
        """Corrects and releases the held claim; what was done already is refused, which is as good."""
        codes = []
        for claim in self.json("held", "list"):
            codes.append(self.run("held", "fix", claim["id"], "2300/CLM02=125", fault=fault)[0])
            codes.append(self.run("held", "release", claim["id"], "--reason", "corrected", fault=fault)[0])
        return max(codes, key=abs, default=0)

    def found(self):
        clean = [p.read_text() for p in sorted((self.folder / "spool/clean").glob("*")) if p.is_file()]
        left = collections.Counter(re.findall(r"CLM\*([A-Z-]+)\*", "".join(clean)))
        count = lambda name: len([p for p in (self.folder / "spool" / name).glob("*") if p.is_file()])
        return {
            "left": dict(sorted(left.items())),
            "corrected": "CLM*CLAIM-TWO*125*" in "".join(clean),
            "held": [h["claim"] for h in self.json("held", "list")],
            "denials": self.json("history", "denials")["total"]["denials"],
            "reconciled": self.run("reconcile")[0],
            "verified": self.run("journal", "verify")[0],
            "rejected": count("rejected"),
            "delivered": count("delivered"),
            "corrections": len(list((self.folder / "spool/acks").glob("*.corrections.*"))),
        }


def one(claimloop, phase, call, fault, n):
    """What was found after a run with this fault; how the faulty part ended; how the last part did."""
    with tempfile.TemporaryDirectory() as folder:
        site = Site(claimloop, folder, (CALLS[call], f"{FAULTS[fault]}:when={n}") if fault else None)
        for name in ("outbound", "inbound"):
            (site.folder / "spool" / name).mkdir(parents=True)
        (site.folder / "c.toml").write_text(CONFIG)
        for name, target in [
            ("837p-three-claims-one-off.edi", "outbound/a.edi"),
            ("837p-truncated-before-iea.edi", "outbound/t.edi"),
            ("835-denies-claim-one.edi", "inbound/r.835"),
        ]:
            (site.folder / "spool" / target).write_bytes((SAMPLES / name).read_bytes())
        ended = 0
        if phase == "take":
            ended = site.serve(fault=True)
        site.serve()
        if phase == "decide":
            ended = site.decide(fault=True)
        site.decide()
        if phase == "leave":
            ended = site.serve(fault=True)
        last = site.serve()
        return site.found(), ended, last


def main():
    options = argparse.ArgumentParser()
    options.add_argument("claimloop")
    options.add_argument("--most", type=int, default=150)
    options.add_argument("--sample", type=int, default=0)
    # Most of the time a run waits for the disk, or for nothing.
    options.add_argument("--workers", type=int, default=4)
    args = options.parse_args()
    claimloop = str(pathlib.Path(args.claimloop).resolve())
    wanted, _, _ = one(claimloop, None, None, None, 0)
    if wanted["reconciled"] != 0 or wanted["verified"] != 0 or wanted["left"] != {"CLAIM-ONE": 1, "CLAIM-THREE": 1, "CLAIM-TWO": 1} or not wanted["corrected"]:
        print(f"without a fault: {wanted}")
        return 1
    series = [(p, c, f) for f in FAULTS for p in PHASES for c in CALLS]
    rows = collections.defaultdict(collections.Counter)
    wrong = []

    def check(run):
        phase, call, fault, n = run
        found, ended, last = one(claimloop, phase, call, fault, n)
        row = rows[fault, phase]
        # A fault that no call drew is none.
        hit = ended != 0
        row["faults"] += hit
        row["lost"] += sum(1 for claim in wanted["left"] if not found["left"].get(claim))
        row["doubled"] += sum(1 for times in found["left"].values() if times > 1)
        good = found == wanted and last == 0
        row["recovered"] += hit and good
        row["runs"] += 1
        if not good:
            wrong.append(f"{fault}, {phase}, {call} {n}: ended {ended}, then {last}: {found}")
        return hit

    with concurrent.futures.ThreadPoolExecutor(args.workers) as pool:
        if args.sample:
            pick = random.Random(args.sample)
            runs = [(*pick.choice(series), pick.randint(1, 40)) for _ in range(args.sample)]
            list(pool.map(check, runs))
        else:
            def all_of(of):
                # Past its last call of a kind no fault comes; a fault that is let pass ends well, too.
                quiet = 0
                for n in range(1, args.most + 1):
                    quiet = 0 if check((*of, n)) else quiet + 1
                    if quiet == 8:
                        break

            list(pool.map(all_of, series))
    print("| fault | while | runs | faults that ended the run | lost | doubled | recovered by itself |")
    print("|---|---|---:|---:|---:|---:|---:|")
    for (fault, phase), row in sorted(rows.items()):
        cells = [row[k] for k in ("runs", "faults", "lost", "doubled", "recovered")]
        print(f"| {fault} | {phase} | " + " | ".join(map(str, cells)) + " |")
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
