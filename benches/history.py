#!/usr/bin/env python3
"""The denial history at a size: posting by the daemon, and the questions people ask most.

    benches/history.py CLAIMLOOP CLAIMS

Claims are simulated with their remittances over 52 weeks; each claim draws about three adjustments. Outbound files are imported, the remittances
dropped for the daemon: posting is from the drop folder to archive, journal and index.
"""

import pathlib
import resource
import subprocess
import sys
import tempfile
import time

CONFIG = '[state]\ndir = "state"\n[intake]\nsettle = "0s"\n[[channel]]\nname = "main"\nmost_unfetched = 1000000\n'
QUESTIONS = [
    ("denials by payer and CARC (weekly counts)", ["denials", "--by", "payer,carc"]),
    ("the same of eight weeks", ["denials", "--by", "payer,carc", "--from", "2026-W38", "--to", "2026-W45"]),
    ("denials by payer, CARC and procedure (weekly counts)", ["denials", "--by", "payer,carc,procedure"]),
    ("denials by owner (weekly counts)", ["denials", "--by", "owner"]),
    ("denials by plan and place (every denial)", ["denials", "--by", "plan,place"]),
    ("one claim", ["claim", "CLAIM"]),
    ("gaps (every denied claim)", ["gaps"]),
    ("metrics (every story)", ["metrics", "--today", "2026-11-21"]),
]


def main():
    claimloop, claims = str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2]
    with tempfile.TemporaryDirectory() as folder:
        site = pathlib.Path(folder)

        def run(*args):
            begun = time.monotonic()
            done = subprocess.run([claimloop, *args], cwd=site, check=True, capture_output=True, text=True)
            return time.monotonic() - begun, done.stdout

        def most():
            return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024

        def peak(process):
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024

        run("simulate", "--kind", "linked", "--claims", claims, "--weeks", "52", "--seed", "1", "--end", "2026-11-15", "--out", "made")
        (site / "claimloop.toml").write_text(CONFIG)
        took, _ = run("history", "import", "made/outbound", "--channel", "main", "--config", "claimloop.toml")
        print(f"{claims} claims imported in {took:.1f} s")
        inbound = site / "spool/inbound"
        inbound.mkdir(parents=True)
        payments = 0
        for path in sorted((site / "made/inbound").glob("*.835")):
            payments += path.read_text().count("~CLP*") + path.read_text().count("\nCLP*")
            path.rename(inbound / path.name)
        begun = time.monotonic()
        daemon = subprocess.Popen([claimloop, "serve", "--config", "claimloop.toml", "--log", "json"], cwd=site, stderr=subprocess.DEVNULL)
        try:
            while any(inbound.iterdir()):
                time.sleep(0.1)
            took = time.monotonic() - begun
            print(f"{payments} claim payments from drop folder to archive and journal in {took:.1f} s: {payments / took:.0f} a second")
            while subprocess.run([claimloop, "history", "denials"], cwd=site, capture_output=True).returncode:
                time.sleep(0.5)
            took = time.monotonic() - begun
            print(f"in the index after {took:.1f} s: {payments / took:.0f} a second; {peak(daemon)} MiB at most")
        finally:
            daemon.terminate()
            daemon.wait()
        for path in sorted((site / "made/inbound").iterdir()):
            path.rename(inbound / path.name)
        took, _ = run("serve", "--config", "claimloop.toml", "--once", "--log", "json")
        print(f"999 and 277CA of all claims posted in {took:.1f} s; {most()} MiB at most")
        _, exported = run("history", "export", "out", "--config", "claimloop.toml")
        rows = {line.split(":")[0].split("/")[-1]: line.split(":")[1].split()[0] for line in exported.splitlines()}
        print(f"{rows['adjustments.csv']} adjustments of {rows['payments.csv']} payments and {rows['claims.csv']} claims")
        size = sum(p.stat().st_size for p in (site / "state/index").rglob("*") if p.is_file())
        print(f"index {size / 1e6:.0f} MB on disk")
        claim = (site / "out/claims.csv").open().readlines()[1].split(",")[0]
        daemon = subprocess.Popen([claimloop, "serve", "--config", "claimloop.toml", "--log", "json"], cwd=site, stderr=subprocess.DEVNULL)
        try:
            socket = site / "state/control.sock"
            while not socket.exists():
                time.sleep(0.2)
            run("history", "claim", claim)
            for what, args in QUESTIONS:
                args = [claim if a == "CLAIM" else a for a in args]
                times = sorted(run("history", *args, "--format", "json")[0] for _ in range(3))
                print(f"{what}: {times[1] * 1000:.0f} ms")
            print(f"daemon while asked: {peak(daemon)} MiB at most; index cache 64 MiB")
        finally:
            daemon.terminate()
            daemon.wait()
        begun = time.monotonic()
        run("rebuild", "--config", "claimloop.toml")
        print(f"folded anew in {time.monotonic() - begun:.1f} s")


main()
