#!/usr/bin/env python3
"""Many small claim files over many minutes, and kill -9 every few seconds: each claim once, at the end.

    benches/soak.py CLAIMLOOP [--files 20000] [--minutes 10] [--seed N]

Files of several kinds (clean, some claims held, all held, unusable) go to three channels at an even pace. Who kills and who starts again is this
script. The last line counts from the folders and `held list`, not from what the daemon says of itself; exit 1 when a claim is lost or doubled,
or `reconcile` or `journal verify` is not at peace.
"""

import argparse
import pathlib
import random
import signal
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/site"))
from world import Manager, Site, claim_file, until

CHANNELS = ("north", "south", "west")
KINDS = {"three": 12, "clean": 2, "mixed": 4, "held": 1, "unusable": 1}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("claimloop", type=pathlib.Path)
    parser.add_argument("--files", type=int, default=20000)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--between", type=float, nargs=2, default=(1.5, 5), help="seconds between two kills")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100000)
    args = parser.parse_args()
    dice = random.Random(args.seed)
    print(f"seed {args.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="claimloop-soak-") as folder:
        site = Site(args.claimloop.resolve(), folder, channels=CHANNELS, segment=1 << 20)
        manager = Manager(site, pathlib.Path(folder) / "daemon.log", pause=0.1)
        dropped = threading.Event()

        def kill():
            while not dropped.wait(random.Random(dice.random()).uniform(*args.between)):
                manager.signal(signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        planted, begun = {}, time.monotonic()
        try:
            try:
                for n in range(args.files):
                    text, claims = claim_file(dice.choices(list(KINDS), KINDS.values())[0], n)
                    site.drop(f"f{n}.edi", text, CHANNELS[n % len(CHANNELS)])
                    planted.update(claims)
                    time.sleep(max(0, begun + args.minutes * 60 * (n + 1) / args.files - time.monotonic()))
            finally:
                dropped.set()
                killer.join()
            behind = site.in_work()
            # As long as it gets on.
            done, left = False, behind + 1
            while not done and site.in_work() < left:
                left = site.in_work()
                done = until(site.settled, 60)
            took = time.monotonic() - begun
        finally:
            ended = manager.stop()
        end, wrong = site.end_state(planted)
    kills = manager.ends.count(-signal.SIGKILL)
    if not done or ended != 0 or len(manager.ends) != kills:
        wrong["ended"] = {"all done": done, "at the end": ended, "before": sorted(set(manager.ends))}
    print(f"{took:.0f} s in all, {behind} files behind when the last was dropped, reconcile {end['reconcile']}, journal verify {end['verify']}")
    for what, how in wrong.items():
        print(f"{what}: {how}")
    print(
        f"files in {args.files}, claims in {len(planted)}, out {end['out']}, held {end['held']}, rejected {end['rejected']}, "
        f"kills survived {kills}, duplicates {end['doubled']}, lost {end['lost']}"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
