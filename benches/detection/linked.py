#!/usr/bin/env python3
"""Planted shifts in linked 837/835 data, found by the whole program: linked.py CLAIMLOOP DIR SEEDS [FIRST_SEED]

For each seed a site is simulated (claims, remittances, truth), posted by `history import`, and looked at by `claimloop trends` as of the end
of each week. DIR/SEED.json keeps what was planted, what came of it and what was found; a seed that is there is not run again. Every fifth site
has no shift. Prints the tables of docs/detection.md."""
import collections
import concurrent.futures
import datetime
import json
import math
import pathlib
import random
import shutil
import subprocess
import sys

WEEKS, A_WEEK, END = 70, 600, datetime.date(2025, 6, 29)
# Weeks in which shifts begin, and from which on the site is looked at.
STARTS, LOOKED = (36, 44), 32
ENOUGH, WITHIN = 30, 3
PAYERS = {"ZZP01": 3, "ZZP02": 3, "ZZP03": 2, "ZZP04": 2, "ZZP05": 1, "ZZP06": 2}
REASONS = {
    "197": ("CO", None), "97": ("CO", "M15"), "16": ("CO", "M76"), "22": ("CO", "MA04"), "27": ("PR", "N30"), "29": ("CO", None),
    "50": ("CO", "N115"), "96": ("PR", "N130"), "204": ("PR", "N130"), "11": ("CO", "N657"), "4": ("CO", "N519"),
    "252": ("CO", "N479"), "109": ("CO", None), "151": ("CO", None), "B7": ("CO", None), "119": ("CO", "N362"),
}
PROCEDURES = ("99212", "99213", "99214", "99215", "92012", "92014", "90834", "90837", "94010", "80053", "D1110", "D0120")
COMMON = ("99213", "99214")
# What is planted in each site: how many times the usual, confined to what, how.
PLANTS = (
    (2, "payer", "sudden"), (2, "payer", "sudden"), (2, "procedure", "sudden"), (2, "all", "sudden"),
    (4, "payer", "sudden"), (4, "payer", "sudden"), (4, "procedure", "sudden"), (4, "all", "sudden"),
    (1.3, "payer", "sudden"), (2, "payer", "drift"), (4, "payer", "drift"), (0, "payer", "new"), (0.25, "payer", "improvement"),
    (4, "modifier", "sudden"),
)
CHANGES = ("as ever", "as ever", "volume", "lag")


def week(n):
    """The nth week's name, from 0."""
    day = END - datetime.timedelta(days=7 * (WEEKS - 1 - n))
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02}"


def rule(carc, share, cause, payer=None, first=None, last=None, only=(), rarc=None):
    group, usual = REASONS[carc]
    lines = [f'carc = "{carc}"', f'group = "{group}"', f"share = {share:.6f}", f'cause = "{cause}"']
    optional = [("payer", payer), ("rarc", rarc or usual), ("from_week", first), ("to_week", last), *only]
    return "[[denial]]\n" + "\n".join(lines + [f'{k} = "{v}"' for k, v in optional if v])


def planned(seed):
    """A site's plant file, and its shifts."""
    chance = random.Random(seed)
    rules, late, shifts = [], [], []
    carcs = chance.sample(sorted(REASONS), len(REASONS))
    wanted = () if seed % 5 == 0 else PLANTS
    for n, carc in enumerate(carcs):
        times, scope, way = wanted[n] if n < len(wanted) else (1, "payer", "")
        payers = sorted(PAYERS) if scope == "all" else chance.sample(sorted(PAYERS), 4)
        start = chance.randint(*STARTS)
        # A smaller payer answers too few claims a week for 30 to be affected in time.
        payer = None if scope == "all" else max(payers, key=lambda p: (PAYERS[p], chance.random()))
        only = {"procedure": [("procedure", chance.choice(COMMON))], "modifier": [("modifier", "25")]}.get(scope, [])
        cause, first = f"shift {carc}", week(start)
        for p in payers:
            usual = chance.uniform(0.01, 0.02)
            shifted = p == payer or scope == "all"
            if shifted and times in (1.3, 2, 0.25) and scope == "payer":
                usual = chance.uniform(0.025, 0.04)
            if shifted and way == "new":
                late.append(rule(carc, 0.03, cause, p, first))
                continue
            if shifted and way == "improvement":
                rules.append(rule(carc, usual * (1 - times), cause, p, None, week(start - 1)))
                usual *= times
            elif shifted and only:
                # A kind that is denied more often than others, as kinds are.
                narrow = chance.uniform(0.08, 0.12) if times == 2 else chance.uniform(0.03, 0.05)
                rules.append(rule(carc, narrow, f"usual {carc}", p, only=only))
                late.append(rule(carc, (times - 1) * (narrow + usual), cause, p, first, only=only))
            elif shifted and way == "drift":
                for step in range(8):
                    share, until = (times - 1) * usual * (step + 1) / 8, week(start + step) if step < 7 else None
                    late.append(rule(carc, share, cause, p, week(start + step), until))
            elif shifted and times != 1:
                late.append(rule(carc, (times - 1) * usual, cause, p, first))
            for procedure in chance.sample(PROCEDURES, 2):
                if not shifted:
                    rules.append(rule(carc, chance.uniform(0.01, 0.04), f"usual {carc}", p, only=[("procedure", procedure)]))
            rules.append(rule(carc, usual, f"usual {carc}", p))
        if way:
            shifts.append({"carc": carc, "payer": payer, "only": list(only[0]) if only else None, "times": times, "scope": scope,
                           "way": way, "start": start})
    # Shifts come last: what they refuse nothing else would have refused.
    change, text = CHANGES[seed % len(CHANGES)], []
    if change == "volume":
        text = [f'[[volume]]\nfrom_week = "{week(chance.randint(*STARTS))}"\npercent = {chance.choice((60, 160))}']
    elif change == "lag":
        text = [f'[[lag]]\npayer = "{p}"\nfrom_week = "{week(chance.randint(*STARTS))}"\ndays = {chance.choice((7, 14))}' for p in ("ZZP01", "ZZP03")]
    return "\n\n".join(rules + late + text) + "\n", shifts, change


def run(program, folder, seed):
    """Simulates, imports and looks at one site."""
    kept = folder / f"{seed}.json"
    if kept.exists():
        return json.loads(kept.read_text())
    work = folder / f"site-{seed}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    text, shifts, change = planned(seed)
    (work / "plan.toml").write_text(text)

    def said(*arguments):
        return subprocess.run([program, *map(str, arguments)], check=True, capture_output=True, text=True, cwd=work).stdout

    said("simulate", "--kind", "linked", "--plant", "plan.toml", "--claims", WEEKS * A_WEEK, "--weeks", WEEKS, "--seed", seed, "--end", END, "--out", "made")
    for part in ("outbound", "inbound"):
        said("history", "import", f"made/{part}", "--state", "state", "--format", "json")
    lines = said("trends", "--from", week(LOOKED), "--to", week(WEEKS - 1), "--state", "state", "--format", "json").splitlines()
    denials = json.loads((work / "made/truth.json").read_text())["denials"]
    shutil.rmtree(work)
    by_cause = affected(denials)
    for shift in shifts:
        shift["affected"] = by_cause[f"shift {shift['carc']}"]
    found = {"seed": seed, "change": change, "shifts": shifts, "weeks": [json.loads(line) for line in lines]}
    part = folder / f"{seed}.part"
    part.write_text(json.dumps(found))
    part.rename(kept)
    return found


def affected(denials):
    """Claims by cause and week: those that the usual of the same reason would not have denied as well."""
    usual = {(d["claim"], d["carc"]) for d in denials if d["cause"].startswith("usual")}
    weeks, seen = {week(n): n for n in range(WEEKS)}, set()
    found = collections.defaultdict(lambda: [0] * WEEKS)
    for d in denials:
        key = (d["claim"], d["cause"])
        if d["cause"].startswith("shift") and d["week"] in weeks and key not in seen and (d["claim"], d["carc"]) not in usual:
            seen.add(key)
            found[d["cause"]][weeks[d["week"]]] += 1
    return found


def thirtieth(shift):
    """The week in which the 30th affected claim was adjudicated; none where there are fewer in time."""
    weeks, start = shift["affected"], shift["start"]
    if shift["way"] == "improvement":
        # Fewer than there were: by the mean of the weeks before, the first of which are not full.
        a_week = sum(weeks[8:start]) / (start - 8)
        at = start + math.ceil(ENOUGH / max(a_week, 1e-9)) - 1
    else:
        at = next((n for n in range(start, WEEKS) if sum(weeks[start:n + 1]) >= ENOUGH), WEEKS)
    return at if at + WITHIN < WEEKS else None


def same_way(shift, finding):
    return (finding["kind"] == "improvement") == (shift["way"] == "improvement")


def of_cause(shift, finding):
    """Of the reason, at the payer or at all."""
    return finding["carc"] == shift["carc"] and finding["payer"] in (shift["payer"], None) and same_way(shift, finding)


def is_named(shift, finding):
    """The most specific series itself."""
    only = [finding["dimension"], finding["value"]] if finding["dimension"] else None
    return of_cause(shift, finding) and finding["payer"] == shift["payer"] and only == shift["only"]


def judged(site, shift):
    at = thirtieth(shift)
    if at is None:
        return None
    told = lambda n: [f for f in site["weeks"][n - LOOKED]["findings"] if of_cause(shift, f)]
    weeks = [told(n) for n in range(at, at + WITHIN + 1)]
    first = next((found for found in weeks if found), [])
    named = [next((f for f in found if is_named(shift, f)), None) for found in weeks]
    right = next((f for f in named if f), None)
    payer_too = [f for found in weeks for f in found if f["payer"] == shift["payer"]]
    soonest = next((n for n in range(shift["start"], at + WITHIN + 1) if told(n)), None)
    who = right["changed"]["who"] if right else None
    truth = "all-payers" if shift["scope"] == "all" else "payer"
    return {
        "seed": site["seed"], "shift": shift, "at": at, "told": bool(first), "found": right is not None, "reason": bool(payer_too),
        "named": any(is_named(shift, f) for f in first), "soonest": None if soonest is None else soonest - shift["start"],
        "before": soonest is not None and soonest <= at, "who": who and ("right" if who == truth else "unclear" if who == "unclear" else "wrong"),
        "instead": [(f["payer"], f["dimension"], f["value"]) for f in first],
    }


def news(site, is_told):
    """New findings in each week of those that are meant."""
    counts, before = [], set()
    for n, looked in enumerate(site["weeks"], LOOKED):
        meant = [f for f in looked["findings"] if is_told(n, f)]
        now = {(f["payer"], f["carc"], f["dimension"], f["value"], f["kind"] == "improvement") for f in meant}
        counts.append(len(now - before))
        before = now
    return counts


def false_ones(site):
    """Those that no shift accounts for."""
    begun = lambda n, f: any((of_cause(s, f) or of_all(s, f)) and n >= s["start"] for s in site["shifts"])
    return news(site, lambda n, f: not begun(n, f))


def of_all(shift, finding):
    """A shift at all payers told of one."""
    return shift["scope"] == "all" and finding["payer"] and finding["carc"] == shift["carc"] and same_way(shift, finding)


def share(n, of):
    """A share with Wilson's 95 % interval, in percent."""
    if not of:
        return "-"
    z, p = 1.96, n / of
    middle, half = p + z * z / (2 * of), z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    low, high = (middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of)
    return f"{100 * p:.1f} ({100 * max(low, 0):.1f}-{100 * min(high, 1):.1f})"


def row(name, of):
    found = [j for j in of if j["found"]]
    told = [j for j in of if j["told"]]
    weeks = sorted(j["soonest"] for j in told)
    who = collections.Counter(j["who"] for j in found)
    percent = lambda n: f"{100 * n / len(found):.0f}" if found else "-"
    cells = [name, len(of), share(len(found), len(of)), share(len(told), len(of)), share(sum(j["named"] for j in told), len(told)),
             weeks[len(weeks) // 2] if weeks else "-", percent(who["right"]), percent(who["wrong"])]
    return "| " + " | ".join(map(str, cells)) + " |"


HEAD = "| planted | shifts | found in time % | told at all % | of these: right cause named % | median weeks | who changed: right % | wrong % |\n|---|" + "---:|" * 7
SCOPES = {"payer": "one payer", "procedure": "one procedure at one payer", "modifier": "one modifier at one payer", "all": "all payers"}
WAYS = {"new": "new reason at one payer", "improvement": "improvement to a quarter at one payer"}


def name(times, scope, way):
    if way in WAYS:
        return WAYS[way]
    return f"x{times}, {SCOPES[scope]}" + (", drift over 8 weeks" if way == "drift" else "")


def main():
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    program, folder, count = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve(), int(sys.argv[3])
    first = int(sys.argv[4]) if len(sys.argv) == 5 else 1
    folder.mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        sites = list(pool.map(lambda seed: run(program, folder, seed), range(first, first + count)))
    pairs = [(site, shift) for site in sites for shift in site["shifts"]]
    all_judged = [(site, shift, judged(site, shift)) for site, shift in pairs]
    known = [(site, shift, j) for site, shift, j in all_judged if j]
    sizes = [w["series"] for site in sites for w in site["weeks"]]
    print(f"{len(sites)} sites of {WEEKS * A_WEEK} claims in {WEEKS} weeks, {min(sizes)} to {max(sizes)} series in the weeks looked at (mean "
          f"{sum(sizes) / len(sizes):.0f}). {len(pairs)} shifts; {len(known)} of them reach {ENOUGH} affected claims in time to be judged.\n")
    print(HEAD)
    for times in (4, 2):
        print(row(f"**all x{times}, for good**", [j for _, s, j in known if s["times"] == times and s["way"] == "sudden"]))
    for times, scope, way in dict.fromkeys(PLANTS):
        print(row(name(times, scope, way), [j for _, s, j in known if (s["times"], s["scope"], s["way"]) == (times, scope, way)]))
    for change, said in (("as ever", "nothing besides"), ("volume", "volume x0.6 or x1.6 for good"), ("lag", "two payers take 7 or 14 days longer for good")):
        print(row(f"x2 and x4, {said}", [j for site, s, j in known if s["way"] == "sudden" and s["times"] in (2, 4) and site["change"] == change]))
    print("\n| false findings | weeks | new a week (95 %) | weeks with one % |\n|---|---:|---:|---:|")
    one_of_all = lambda site: news(site, lambda n, f: any(of_all(s, f) and n >= s["start"] for s in site["shifts"]))
    for said, has, of in (("sites without a shift", False, false_ones), ("sites with shifts, beside them", True, false_ones),
                          ("no false ones, but too many: of shifts at all payers, told of one", True, one_of_all)):
        counts = [n for site in sites if bool(site["shifts"]) == has for n in of(site)]
        if counts:
            mean, half = sum(counts) / len(counts), 1.96 * math.sqrt(max(sum(counts), 1)) / len(counts)
            print(f"| {said} | {len(counts)} | {mean:.2f} ({max(mean - half, 0):.2f}-{mean + half:.2f}) | {100 * sum(map(bool, counts)) / len(counts):.0f} |")
    misses = [(s, j) for _, s, j in known if not (j["found"] and j["named"])]
    for shift, j in misses:
        print(f"seed {j['seed']} {name(shift['times'], shift['scope'], shift['way'])} CARC {shift['carc']} {shift['payer']} {shift['only']} from "
              f"{week(shift['start'])}, 30th in {week(j['at'])}: found {j['found']}, first told {j['instead']}", file=sys.stderr)


if __name__ == "__main__":
    main()
