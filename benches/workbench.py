#!/usr/bin/env python3
"""The workbench over many held claims: how long its pages take, from the request to the last byte, while the daemon scrubs and while it rests.

    benches/workbench.py CLAIMLOOP [HELD]
"""

import http.client
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

FILE = 1000
PASSWORD = "correct horse battery"
CONFIG = """[state]
dir = "state"
[intake]
settle = "0s"
scan = "200ms"
[web]
listen = "127.0.0.1:{port}"
[[channel]]
name = "main"
"""


class Browser:
    def __init__(self, port):
        self.port, self.cookie, self.csrf = port, "", ""

    def ask(self, method, path, form=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"Cookie": self.cookie, "Origin": f"http://127.0.0.1:{self.port}"}
        body = None
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urllib.parse.urlencode({"csrf": self.csrf, **form})
        begun = time.monotonic()
        connection.request(method, path, body, headers)
        reply = connection.getresponse()
        text = reply.read().decode()
        took = time.monotonic() - begun
        connection.close()
        return took, reply, text

    def sign_in(self, link):
        self.ask("POST", link, {"password": PASSWORD, "again": PASSWORD})
        _, reply, _ = self.ask("POST", "/sign-in", {"name": "mia", "password": PASSWORD})
        self.cookie = reply.getheader("Set-Cookie").split(";")[0]
        took, _, text = self.ask("GET", "/")
        self.csrf = re.search(r'name="csrf" value="([^"]+)"', text)[1]
        return took, text


def told(name, times, goal):
    times = sorted(1000 * t for t in times)
    p95 = times[int(0.95 * (len(times) - 1))]
    print(f"{name:58} median {statistics.median(times):6.1f} ms, 95 % under {p95:6.1f} ms, worst {times[-1]:6.1f} ms (asked {goal} ms)")


def main():
    claimloop = str(pathlib.Path(sys.argv[1]).resolve())
    held = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        site = pathlib.Path(folder)
        run = lambda *args: subprocess.run(args, cwd=site, check=True, capture_output=True, text=True).stdout
        run(claimloop, "simulate", "--kind", "837p", "--claims", str(FILE), "--seed", "1", "--out", "sim")
        clean = (site / "sim/claims.837").read_text()
        control = re.search(r"\*00501\*(\d{9})\*", clean)[1]
        # One dollar more than the lines say.
        wrong = re.sub(r"(CLM\*[^*]+\*)(\d+)", lambda m: f"{m[1]}{int(m[2]) + 1}", clean)
        named = lambda text, n: text.replace(control, f"{n + 1:09}").replace("CLM*CL", f"CLM*F{n:04}")
        (site / "c.toml").write_text(CONFIG.format(port=port))
        outbound = site / "spool/outbound"
        outbound.mkdir(parents=True)
        files = held // FILE
        for n in range(files):
            (outbound / f"f{n:04}.edi").write_text(named(wrong, n))
        begun = time.monotonic()
        run(claimloop, "serve", "--config", "c.toml", "--once", "--log", "json")
        print(f"{files * FILE} claims held within {time.monotonic() - begun:.0f} s")
        daemon = subprocess.Popen(
            [claimloop, "serve", "--config", "c.toml", "--log", "json"], cwd=site, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            link = re.search(r"/password/\S+", run(claimloop, "users", "add", "mia", "--role", "biller", "--config", "c.toml"))[0]
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    time.sleep(0.1)
            browser = Browser(port)
            first, text = browser.sign_in(link)
            print(f"The first page after a start, which reads all holds: {first:.1f} s")
            assert f"{files * FILE} claims" in text, text[:3000]
            claims = re.findall(r'href="/claim/(\w{26})"', text)
            measure(browser, claims, files, "at rest")
            for n in range(files, files + 30):
                (outbound / f"f{n:04}.edi").write_text(named(clean, n))
            time.sleep(0.5)
            measure(browser, claims, files, "while it scrubs")
            left = len(list(outbound.glob("*.edi")))
            print(f"{left} of 30 files were still to be scrubbed when the last page was measured")
        finally:
            daemon.terminate()
            daemon.wait()


def measure(browser, claims, files, how):
    told(f"work list, first page, {how}", [browser.ask("GET", "/")[0] for _ in range(30)], 50)
    times = []
    for n in range(30):
        _, reply, _ = browser.ask("POST", "/work", {"text": f"f{n % files:04}00"})
        took, _, text = browser.ask("GET", reply.getheader("Location"))
        assert 'class="claim"' in text, text[:2000]
        times.append(took)
    told(f"search by claim number, {how}", times, 100)
    told(f"claim page, {how}", [browser.ask("GET", f"/claim/{claim}")[0] for claim in claims[:30]], 30)


main()
