#!/usr/bin/env python3
"""What disks do to a daemon: full, read-only, gone and back, forbidden, failing, lying, and the power cut, on real file systems.

    tests/disks.py CLAIMLOOP [--quick] [--seed N] [--only WORD]

Each case drops files whose claims are known and ends with one question (`Site.end_state`): every claim out once or held once, nothing else,
`reconcile` and `journal verify` at peace. Prints a JSON line a case; exit 1 where one ended otherwise. Needs root, loop devices and strace; a
case that can't run says why, and is a failure when REQUIRE_ALL is set.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "site"))
from disk import CantRun, Disk, tool
from world import Manager, Site, claim_file, until, write_durably

# What failed is tried again each minute.
PATIENCE = 150
NOBODY = 65534
LONE = 'incomplete_after = "1s"\n'


class Case:
    """One site, one fault, one end."""

    def __init__(self, options, seed):
        self.options, self.random = options, random.Random(seed)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="claimloop-disks-"))
        self.folder.chmod(0o755)
        self.disks, self.managers = [], []
        self.planted, self.dropped, self.by_hand = {}, 0, 0

    def disk(self, name, megabytes=24):
        self.disks.append(Disk(self.folder, name, megabytes))
        return self.disks[-1]

    def site(self, folders=None, user=None, settings=LONE, folder=None):
        folder = folder or self.folder / "site"
        folder.mkdir(exist_ok=True)
        self.site_ = Site(self.options.claimloop, folder, folders, settings=settings, user=user)
        if user:
            for path in [folder, *folder.rglob("*")]:
                os.chown(path, user, user)
        return self.site_

    def manage(self):
        self.managers.append(Manager(self.site_, self.folder / "daemon.log"))
        return self.managers[-1]

    def ride(self, begin, end, files=24, hold=(1.0, 3.0)):
        """Drops files all the while; somewhere among them the fault begins, and ends."""
        manager, site = self.manage(), self.site_
        # Its folders are made by then.
        until(lambda: (site.folders["state"] / "control.sock").exists(), 20)
        first = self.random.randrange(2, files // 2)
        last = first + self.random.randrange(6, files // 2)
        waiting = []
        for n in range(files):
            if n == first:
                begin()
            if n == last:
                time.sleep(self.random.uniform(*hold))
                end()
            text, planted = claim_file("mixed", n)
            waiting.append((f"f{n}.edi", text))
            self.planted.update(planted)
            self.send(waiting)
            time.sleep(self.random.uniform(0, 0.06))
        until(lambda: self.send(waiting), 20)
        if self.options.quick and not until(site.settled, 6):
            # What failed is tried again in a minute, or at a start.
            self.by_hand += 1
            manager.signal(signal.SIGTERM)
        settled = until(site.settled, PATIENCE)
        # It may have come to rest between an end and the next start.
        until(lambda: (site.folders["state"] / "control.sock").exists(), 10)
        return self.finish(manager, settled)

    def burst(self, files):
        for n in range(1000, 1000 + files):
            text, planted = claim_file("mixed", n)
            self.planted.update(planted)
            self.site_.drop(f"f{n}.edi", text)
            self.dropped += 1

    def send(self, waiting):
        """A sender keeps what it can't put down."""
        while waiting:
            try:
                self.site_.drop(*waiting[0])
            except OSError:
                return False
            waiting.pop(0)
            self.dropped += 1
        return True

    def finish(self, manager, settled, maybe=None):
        left = [] if settled else [f"{p}: {len(os.listdir(p))}" for p in (self.site_.place("outbound"), self.site_.folders["state"] / "spool")]
        ended = manager.stop()
        end, wrong = self.site_.end_state(self.planted, maybe)
        if not settled:
            wrong["not done"] = left
        if ended != 0:
            wrong["ended"] = ended
        how = "by hand" if self.by_hand else "restarted" if manager.ends else "went on"
        return {"files": self.dropped, **end, "restarts": len(manager.ends), "recovered": "no" if wrong else how, "wrong": wrong}

    def close(self, keep):
        for manager in self.managers:
            manager.signal(signal.SIGCONT)
            manager.stop(10)
        for disk in self.disks:
            disk.unmount()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def full(where):
    def run(case):
        disks = {name: case.disk(f"disk-{name}") for name in ("state", "clean") if name in where}
        case.site({name: disk.at / name for name, disk in disks.items()})
        return case.ride(lambda: [d.fill() for d in disks.values()], lambda: [d.free() for d in disks.values()])
    return run


def read_only(where):
    def run(case):
        disk = case.disk(f"disk-{where}")
        case.site({where: disk.at / where})

        def begin():
            # So that some lie there and can't be removed.
            case.burst(6)
            disk.remount("ro")
        return case.ride(begin, lambda: disk.remount("rw"))
    return run


def failed_state(case):
    disk = case.disk("disk-state")
    case.site({"state": disk.at / "state"})

    def mend():
        if not disk.mend():
            # It holds on to the disk: an operator has to end it.
            case.by_hand += 1
            case.managers[-1].signal(signal.SIGTERM)
            if not disk.mend():
                raise OSError("the state's disk stays in use")
    return case.ride(disk.fail, mend)


def renamed(where):
    def run(case):
        site = case.site(user=NOBODY)
        there = site.place(where)
        if where == "state":
            # Where the daemon can't make it anew: what it would take into a second one, nobody looks for there.
            there.mkdir()
            os.chown(there, NOBODY, NOBODY)
            os.chown(site.folder, 0, 0)
        away = there.with_name("away")

        def back():
            # Who finds the folder made anew meanwhile puts together what is in both.
            for path in [p for p in there.rglob("*") if p.is_file()] if there.exists() else []:
                os.rename(path, away / path.relative_to(there))
            shutil.rmtree(there, ignore_errors=True)
            os.rename(away, there)
        return case.ride(lambda: os.rename(there, away), back)
    return run


def unmounted(where):
    def run(case):
        disk = case.disk(f"disk-{where}")
        case.site({where: disk.at / where}, user=NOBODY)
        for path in disk.at.rglob("*"):
            os.chown(path, NOBODY, NOBODY)
        return case.ride(disk.unmount, disk.mount)
    return run


def forbidden(where):
    def run(case):
        site = case.site(user=NOBODY)
        place = site.place(where)
        return case.ride(lambda: place.chmod(0), lambda: place.chmod(0o770))
    return run


def power_cut(case):
    disk = case.disk("disk", 48)
    site = case.site(folder=disk.at / "site")
    tool("sync", "-f", str(disk.at))
    manager = case.manage()
    until(lambda: (site.folders["state"] / "control.sock").exists(), 20)
    end = time.monotonic() + case.random.uniform(0.2, 2.5)
    outbound, n, maybe = site.place("outbound"), 0, {}
    while time.monotonic() < end:
        text, planted = claim_file("mixed", n)
        write_durably(outbound / f"f{n}.edi", outbound.parent / f"sending-{n}", text)
        case.planted.update(planted)
        n += 1
        time.sleep(case.random.uniform(0, 0.03))
    # Not synced by its sender: it may be there or not.
    text, maybe = claim_file("mixed", n)
    site.drop(f"f{n}.edi", text)
    time.sleep(case.random.uniform(0, 0.02))
    manager.signal(signal.SIGSTOP)
    cut = case.folder / "cut.img"
    tool("cp", "--sparse=always", str(disk.image), str(cut))
    manager.asked = True
    manager.signal(signal.SIGKILL)
    manager.thread.join(10)
    disk.unmount()
    disk.image = cut
    disk.mount()
    case.dropped = n
    in_work = site.in_work()
    manager = case.manage()
    found = case.finish(manager, until(site.settled, PATIENCE), maybe)
    return {**found, "in work": in_work}


def prepared(case, kinds=("mixed", "held", "unusable"), folder=None):
    """A site with files in its folder that has run once without any; its journal is there."""
    site = case.site(settings='incomplete_after = "0s"\n', folder=folder)
    once = subprocess.run(site.command("--once"), capture_output=True)
    if once.returncode:
        raise OSError(once.stderr.decode())
    for n, kind in enumerate(kinds):
        text, planted = claim_file(kind, n)
        site.drop(f"f{n}.edi", text)
        case.planted.update(planted)
        case.dropped += 1
    return site


def traced(site, *options):
    command = ["strace", "-f", "-qq", *options, *site.command("--once")]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        return child.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        return child.wait()


def sync_fails(n):
    def run(case):
        site = prepared(case)
        journal = str(site.folders["state"] / "journal/0001.log")
        code = traced(site, "-o", "/dev/null", "-P", journal, "-e", "trace=fsync,fdatasync", "-e", f"inject=fsync,fdatasync:error=EIO:when={n}")
        manager = case.manage()
        found = case.finish(manager, until(site.settled, PATIENCE))
        if code == 0:
            found["wrong"]["it went on"] = "over a journal that was not synced"
        return {**found, "ended": code, "recovered": "restarted" if not found["wrong"] else "no"}
    return run


TARGETS = {
    "journal": "/state/journal/",
    "archive": "/state/archive/",
    "spool": "/state/spool/",
    "index": "/state/index/",
    "staged clean file": "/clean/.tmp/",
    "other staged output": "/.tmp/",
}


def target(path):
    return next((name for name, mark in TARGETS.items() if mark in path), None)


def bytes_out(site):
    """What left, but for ids, numbers and times, which no two runs have alike."""
    plain = lambda path: re.sub(rb"[0-9A-Z]{9,26}|[0-9]+", b"#", path.read_bytes())
    return sorted((name, plain(p)) for name in ("clean", "rejected", "acks") for p in site.place(name).iterdir() if p.is_file())


WRITES = "write,pwrite64"


def where_it_writes(options):
    """Which write of a thread goes where, and what leaves when none lies."""
    case = Case(options, 0)
    try:
        site = prepared(case)
        log = case.folder / "strace"
        traced(site, "-y", "-o", str(log), "-e", f"trace={WRITES}")
        counted, found = {}, {}
        for line in log.read_text(errors="replace").splitlines():
            match = re.match(r"(\d+) +\w+\(\d+<([^>]*)>", line)
            if match:
                counted[match[1]] = counted.get(match[1], 0) + 1
                if target(match[2]):
                    found.setdefault(target(match[2]), []).append(counted[match[1]])
        return found, bytes_out(site)
    finally:
        case.close(False)


def lie(name, at, wanted):
    """A write says that it wrote a byte, and wrote none: the first byte of what was to be written is missing."""
    def run(case):
        # Threads share the work a little differently each time: the n-th write of one may be another's.
        for turn, n in enumerate(at):
            found = lied(case, case.folder / f"site-{turn}", n, wanted)
            if not name or name in found["target"]:
                return found
        raise CantRun(f"no write to {name} was met in {len(at)} runs")
    return run


def lied(case, folder, n, wanted):
    case.planted, case.dropped = {}, 0
    site = prepared(case, folder=folder)
    log = folder / "strace"
    first = traced(site, "-y", "-o", str(log), "-e", f"trace={WRITES}", "-e", f"inject={WRITES}:retval=1:when={n}")
    hit = {target(p) for p in re.findall(r"\(\d+<([^>]*)>.*INJECTED", log.read_text(errors="replace"))} - {None}
    second = subprocess.run(site.command("--once"), capture_output=True).returncode
    end, wrong = site.end_state(case.planted)
    reasons = "".join(p.read_text(errors="replace") for p in site.place("rejected").glob("*.reason.json"))
    same = bytes_out(site) == wanted
    told = {
        "the next start refuses": second != 0,
        "the run ended": first != 0,
        "journal verify": end["verify"] != 0,
        "the file was set aside": '"outcome": "quarantined"' in reasons,
        "reconcile": end["reconcile"] != 0,
        "made good": same and not wrong,
    }
    seen = next((by for by, holds in told.items() if holds), "nothing")
    # A start that is refused leaves the claims where they are, until a person mends the journal.
    if seen in ("the next start refuses", "journal verify") or seen != "nothing" and not end["lost"] and not end["doubled"]:
        wrong = {}
    else:
        wrong["what left"] = "is right" if same else "differs, and nothing told of it"
    return {"files": case.dropped, **end, "target": sorted(hit), "n": n, "recovered": seen, "wrong": wrong}


def cases(options):
    """Fault, what it is in, what does it."""
    quick = options.quick
    yield from [("disk full", "state", full(["state"]))] * (1 if quick else 6)
    yield from [("power cut", "all", power_cut)] * (3 if quick else 12)
    yield from [("sync fails", "journal", sync_fails(n)) for n in ([2] if quick else range(1, 9))]
    writes, wanted = where_it_writes(options)
    for name in ("journal", "archive", "staged clean file", "other staged output") if quick else TARGETS:
        at = sorted({m for n in writes.get(name, []) for m in (n - 1, n, n + 1) if m > 0})
        if quick:
            yield "write that lies", name, lie(name, random.Random(options.seed).sample(at, len(at)), wanted)
        else:
            yield from [("write that lies", name, lie("", [n], wanted)) for n in sorted(set(writes.get(name, [])))]
    yield "forbidden", "state", forbidden("state")
    if quick:
        return
    yield from [("disk full", "clean", full(["clean"])), ("disk full", "state and clean", full(["state", "clean"]))] * 3
    yield "read-only", "clean", read_only("clean")
    yield "read-only", "outbound", read_only("outbound")
    yield "read-only", "state, after an error of the file system", failed_state
    yield "forbidden", "clean", forbidden("clean")
    yield "forbidden", "outbound", forbidden("outbound")
    for where in ("clean", "outbound", "state"):
        yield "renamed away", where, renamed(where)
        yield "unmounted", where, unmounted(where)


def one(options, number, fault, where, run):
    begun = time.monotonic()
    case = Case(options, options.seed * 1000 + number)
    said = {"fault": fault, "where": where, "seed": options.seed}
    try:
        said.update(run(case))
    except CantRun as error:
        said.update({"not run": str(error)})
    except (OSError, ValueError, KeyError) as error:
        said.update({"recovered": "no", "wrong": {"the case failed": repr(error)}})
    finally:
        case.close(options.keep and said.get("wrong"))
    said["seconds"] = round(time.monotonic() - begun, 1)
    if options.keep and said.get("wrong"):
        said["kept"] = str(case.folder)
    if not said.get("wrong"):
        said.pop("wrong", None)
    print(json.dumps(said), flush=True)
    return said


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("claimloop", type=pathlib.Path)
    parser.add_argument("--quick", action="store_true", help="a few of each, and none that waits for a minute")
    parser.add_argument("--only", default="", help="cases whose fault or place has this word")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100000)
    parser.add_argument("--keep", action="store_true", help="leave the folders of cases that went wrong")
    options = parser.parse_args()
    missing = [name for name in ("strace", "mkfs.ext4", "unshare") if not shutil.which(name)]
    reason = f"{', '.join(missing)} missing" if missing else "" if os.geteuid() == 0 else "only root mounts"
    # Mounts of our own, which are gone with us however we end.
    if not reason and "CLAIMLOOP_DISKS" not in os.environ:
        if tool("unshare", "-m", "true", check=False).returncode == 0:
            os.execvpe("unshare", ["unshare", "-m", sys.executable, *sys.argv], {**os.environ, "CLAIMLOOP_DISKS": "1"})
        reason = "no mounts of its own can be had"
    if not reason and tool("strace", "-f", "-o", "/dev/null", "true", check=False).returncode:
        reason = "no program can be traced here"
    if reason:
        print(json.dumps({"not run": reason}))
        return 1 if "REQUIRE_ALL" in os.environ else 0
    with tempfile.TemporaryDirectory(prefix="claimloop-disks-") as folder:
        # Where another user may run it.
        os.chmod(folder, 0o755)
        options.claimloop = pathlib.Path(shutil.copy(options.claimloop.resolve(), folder))
        wanted = [c for c in cases(options) if options.only in c[0] or options.only in c[1]]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            done = list(pool.map(lambda c: one(options, c[0], *c[1]), enumerate(wanted)))
    wrong = [d for d in done if d.get("wrong")]
    missed = [d for d in done if "not run" in d]
    print(f"{len(done)} cases: {len(done) - len(wrong) - len(missed)} ended well, {len(wrong)} did not, {len(missed)} not run; seed {options.seed}", file=sys.stderr)
    return 1 if wrong or (missed and "REQUIRE_ALL" in os.environ) else 0


if __name__ == "__main__":
    sys.exit(main())
