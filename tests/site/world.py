"""A site for long tests: files whose claims are known, a service manager that starts the daemon again, and one question at the end."""

import collections
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time

SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "samples"
NAMES = re.compile(rb"CLM\*([^*]+)\*")
# What becomes of each claim of a kind of file: sample, ids in it, where each ends.
KINDS = {
    "three": ("837p-three-claims-one-off.edi", {"CLAIM-ONE": "out", "CLAIM-TWO": "out", "CLAIM-THREE": "out"}),
    "mixed": ("837p-three-claims-one-off.edi", {"CLAIM-ONE": "out", "CLAIM-TWO": "held", "CLAIM-THREE": "out"}),
    "clean": ("837p-clean.edi", {"CLAIM-A": "out"}),
    "held": ("837p-npi-check-digit.edi", {"CLAIM-A": "held"}),
    "unusable": ("837p-wrong-iea01.edi", {"CLAIM-A": "rejected"}),
}


def claim_file(kind, n):
    """The bytes of the n-th file, and where each of its claims must end."""
    sample, claims = KINDS[kind]
    text = (SAMPLES / sample).read_bytes()
    # A number of its own (ISA13, IEA02): other claims under a number that was used are held.
    number = re.search(rb"\*00501\*(\d{9})\*", text)[1]
    text = text.replace(number, b"%09d" % (n + 1))
    if kind == "three":
        text = text.replace(b"CLM*CLAIM-TWO*126*", b"CLM*CLAIM-TWO*125*")
    planted = {}
    for name, end in claims.items():
        own = f"F{n}-{name[6:]}"
        text = text.replace(name.encode(), own.encode())
        planted[own] = end
    return text, planted


def write_durably(path, beside, text):
    """As a careful sender does: beside, synced, renamed, the folder synced. What this returned from, no power cut takes back."""
    with open(beside, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.rename(beside, path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


class Site:
    """One folder with a configuration; `folders` names what lies elsewhere (state, outbound, clean)."""

    def __init__(self, claimloop, folder, folders=None, channels=("main",), settings="", user=None, segment=20000):
        self.claimloop, self.folder, self.user = str(claimloop), pathlib.Path(folder), user
        self.folders = {"state": self.folder / "state", **(folders or {})}
        lines = [f'[state]\ndir = "{self.folders["state"]}"\njournal_segment = {segment}\n', '[intake]\nsettle = "0s"\nscan = "100ms"\n', settings]
        for channel in channels:
            lines.append(f'[[channel]]\nname = "{channel}"\n')
            for name in ("outbound", "clean", "acks", "inbound", "delivered", "rejected", "alerts"):
                place = self.place(name, channel)
                place.mkdir(parents=True, exist_ok=True)
                lines.append(f'{name} = "{place}"\n')
        self.channels = channels
        self.config = self.folder / "claimloop.toml"
        self.config.write_text("".join(lines))
        (self.folder / "sending").mkdir(exist_ok=True)

    def place(self, name, channel="main"):
        return self.folders.get(name) or self.folder / channel / name

    def run(self, *args):
        return subprocess.run([self.claimloop, *args], cwd=self.folder, capture_output=True, user=self.user, group=self.user, extra_groups=[] if self.user else None)

    def command(self, *args):
        return [self.claimloop, "serve", "--config", str(self.config), "--log", "json", *args]

    def drop(self, name, text, channel="main"):
        """Renamed into the drop folder, whole."""
        beside = self.place("outbound", channel).parent / f"sending-{name}"
        beside.write_bytes(text)
        beside.chmod(0o644)
        os.rename(beside, self.place("outbound", channel) / name)

    def in_work(self):
        """Files dropped or spooled that are not done, without asking the daemon."""
        folders = [self.place("outbound", c) for c in self.channels] + [self.folders["state"] / "spool"]
        return sum(len(os.listdir(folder)) for folder in folders)

    def settled(self):
        try:
            return self.in_work() == 0
        except OSError:
            return False

    def published(self, name):
        """Claims in the files of a folder of every channel; what has no name yet is not published."""
        found = collections.Counter()
        for channel in self.channels:
            for path in self.place(name, channel).iterdir():
                if path.is_file() and not path.name.endswith(".reason.json"):
                    found.update(c.decode() for c in NAMES.findall(path.read_bytes()))
        return found

    def end_state(self, planted, maybe=None):
        """Each planted claim once, where it must be, and nothing else; of `maybe`, each at most once. What differs is told."""
        state = str(self.folders["state"])
        listed = self.run("held", "list", "--state", state, "--format", "json")
        held = collections.Counter(h["claim"] for h in json.loads(listed.stdout or b"[]"))
        places = {"out": self.published("clean"), "held": held, "rejected": self.published("rejected")}
        total = sum(places.values(), collections.Counter())
        maybe = maybe or {}
        known = {**maybe, **planted}
        reconcile, verify = self.run("reconcile", "--state", state), self.run("journal", "verify", "--state", state)
        end = {
            "claims": len(planted),
            "out": places["out"].total(),
            "held": held.total(),
            "rejected": places["rejected"].total(),
            "lost": sum(1 for c in planted if not total[c]),
            "doubled": sum(1 for times in total.values() if times > 1),
            "misplaced": sum(1 for c, end in known.items() if total[c] == 1 and not places[end][c]),
            "strange": sum(1 for c in total if c not in known),
            "reconcile": reconcile.returncode,
            "verify": verify.returncode,
        }
        wrong = {k: v for k, v in end.items() if k in ("lost", "doubled", "misplaced", "strange", "reconcile", "verify") and v}
        if listed.returncode:
            wrong["held list"] = listed.stderr.decode(errors="replace")
        if reconcile.returncode:
            wrong["reconcile"] = (reconcile.stdout + reconcile.stderr).decode(errors="replace")[-800:]
        return end, wrong


class Manager:
    """Starts the daemon again when it ends, as a service manager would: not after 2, not when it was asked to end."""

    def __init__(self, site, log, pause=0.3, prefix=()):
        self.site, self.pause, self.prefix = site, pause, list(prefix)
        self.log = open(log, "ab")
        self.ends, self.asked, self.child = [], False, None
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self._keep, daemon=True)
        self.thread.start()

    def _keep(self):
        while True:
            with self.lock:
                if self.asked:
                    return
                user = self.site.user
                self.child = subprocess.Popen([*self.prefix, *self.site.command()], cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.log, user=user, group=user, extra_groups=[] if user else None)
            code = self.child.wait()
            if self.asked:
                return
            self.ends.append(code)
            if code == 2:
                return
            time.sleep(self.pause)

    def signal(self, number):
        with self.lock:
            if self.child and self.child.poll() is None:
                self.child.send_signal(number)

    def stop(self, patience=60):
        """Asks it to end, and waits; how it ended."""
        with self.lock:
            self.asked = True
        child = self.child
        if child is None:
            return None
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
        try:
            code = child.wait(patience)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            code = None
        self.thread.join(5)
        self.log.close()
        return code


def until(holds, patience):
    """Waits until it holds; false when it never did."""
    end = time.monotonic() + patience
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True
