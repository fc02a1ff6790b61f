#!/usr/bin/env python3
"""The whole daemon over many small files, dropped to published, journal on: claims a second, and what part of it waits for the disk.

    benches/daemon.py CLAIMLOOP [FILES] [--sealed]
"""

import pathlib
import re
import secrets
import subprocess
import sys
import tempfile
import time

CONFIG = '[state]\ndir = "state"\n[intake]\nsettle = "0s"\n[[channel]]\nname = "main"\n'
CLAIMS = 100


def main():
    claimloop = str(pathlib.Path(sys.argv[1]).resolve())
    sealed = "--sealed" in sys.argv
    counts = [arg for arg in sys.argv[2:] if arg != "--sealed"]
    files = int(counts[0]) if counts else 2000
    config = CONFIG.replace("[state]", '[state]\nkeys = "keyring"') if sealed else CONFIG
    took = {}
    for traced in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            site = pathlib.Path(folder)
            run = lambda *args: subprocess.run(args, cwd=site, check=True, capture_output=True)
            run(claimloop, "simulate", "--kind", "837p", "--claims", str(CLAIMS), "--seed", "1", "--out", "sim")
            text = (site / "sim/claims.837").read_text()
            control = re.search(r"\*00501\*(\d{9})\*", text)[1]
            (site / "spool/outbound").mkdir(parents=True)
            for n in range(files):
                own = text.replace(control, f"{n + 1:09}").replace("CLM*CL", f"CLM*F{n:04}")
                (site / f"spool/outbound/f{n:04}.edi").write_text(own)
            (site / "c.toml").write_text(config)
            (site / "keyring").write_text(f"one {secrets.token_hex(32)}\nindex {secrets.token_hex(32)}\n")
            serve = [claimloop, "serve", "--config", "c.toml", "--once", "--log", "json"]
            trace = ["strace", "-f", "--seccomp-bpf", "-qq", "-c", "-w", "-o", "syncs", "-e", "trace=fsync,fdatasync"]
            begun = time.monotonic()
            subprocess.run(trace + serve if traced else serve, cwd=site, check=True, capture_output=True)
            took[traced] = time.monotonic() - begun
            published = sum(p.read_text().count("CLM*") for p in (site / "spool/clean").glob("*.edi"))
            assert published == files * CLAIMS, f"{published} of {files * CLAIMS} claims left"
            if traced:
                rows = (site / "syncs").read_text().splitlines()
                syncs = [row.split() for row in rows if row.rstrip().endswith("sync")]
                waited, calls = sum(float(r[1]) for r in syncs), sum(int(r[3]) for r in syncs)
    share = waited / took[True]
    how = ", sealed," if sealed else ""
    print(f"{files} files of {CLAIMS} claims{how} from drop to published: {took[False]:.1f} s, {files * CLAIMS / took[False]:.0f} claims and "
          f"{files / took[False]:.0f} files a second; {calls / files:.1f} syncs a file, {share:.0%} of the time waits for them.")


main()
