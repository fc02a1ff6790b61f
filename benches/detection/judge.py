#!/usr/bin/env python3
"""How well detectors did over the current 49 weeks: judge.py SERIES.csv ALARMS.csv... A Markdown table, then one for each group of series.

The measures are those of Bédubourg and Le Strat 2017. Of a week: false positive rate (alarms among weeks without outbreak),
sensitivity, positive predictive value, F1. Of a series: probability of detection (an alarm in its outbreak), detection in the
outbreak's first week, weeks from there to the first alarm where there was one.
"""
import csv
import sys
from collections import defaultdict
from statistics import mean, median

FIRST, LAST = 576, 624
Z = 1.96


def wilson(hits, of):
    p, z2 = hits / of, Z * Z
    middle = (p + z2 / (2 * of)) / (1 + z2 / of)
    half = Z * (p * (1 - p) / of + z2 / (4 * of * of)) ** 0.5 / (1 + z2 / of)
    return p, max(0.0, middle - half), min(1.0, middle + half)


def ratio(pairs):
    """A ratio of sums over series, and its interval. The weeks of a series hang together, so the spread is that between series."""
    top, bottom = sum(a for a, _ in pairs), sum(b for _, b in pairs)
    if not bottom:
        return None
    r = top / bottom
    half = Z * sum((a - r * b) ** 2 for a, b in pairs) ** 0.5 / bottom
    return r, max(0.0, r - half), min(1.0, r + half)


def read_series(path):
    """For each series its group values and its outbreak weeks in the current year."""
    groups, outbreaks = {}, defaultdict(set)
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            if int(row["week"]) < FIRST:
                continue
            key = row["scenario"], row["k"], row["replicate"]
            if key not in groups:
                groups[key] = {name: row[name] for name in ("base", "m", "trend", "k")}
            if row["outbreak"] == "1":
                outbreaks[key].add(int(row["week"]))
    return groups, outbreaks


def read_alarms(paths, groups):
    """For each method and series the weeks it alarmed on."""
    alarms, weeks = defaultdict(lambda: defaultdict(set)), defaultdict(int)
    for path in paths:
        with open(path, newline="") as file:
            for row in csv.DictReader(file):
                key = row["scenario"], row["k"], row["replicate"]
                week = int(row["week"])
                if key not in groups or not FIRST <= week <= LAST:
                    sys.exit(f"{path}: not a current week of the series: {row}")
                weeks[row["method"], key] += 1
                heard = alarms[row["method"]][key]
                if row["alarm"] == "1":
                    heard.add(week)
    for (method, key), n in weeks.items():
        if n != LAST - FIRST + 1:
            sys.exit(f"{method}: {n} weeks for series {key}, not {LAST - FIRST + 1}")
    return alarms


def measure(heard, outbreaks):
    found = first = 0
    delays, false, sensitive, predictive, f1 = [], [], [], [], []
    for key, weeks in heard.items():
        outbreak = outbreaks[key]
        hits = weeks & outbreak
        wrong = len(weeks) - len(hits)
        false.append((wrong, LAST - FIRST + 1 - len(outbreak)))
        sensitive.append((len(hits), len(outbreak)))
        predictive.append((len(hits), len(weeks)))
        f1.append((2 * len(hits), len(weeks) + len(outbreak)))
        if hits:
            found += 1
            first += min(hits) == min(outbreak)
            delays.append(min(hits) - min(outbreak))
    of = len(heard)
    return (of, ratio(false), wilson(found, of), wilson(first, of), delays, ratio(sensitive), ratio(predictive), ratio(f1))


def percent(value):
    if value is None:
        return "-"
    p, low, high = (100 * v for v in value)
    return f"{p:.1f} ({low:.1f}-{high:.1f})"


def row(name, measured):
    of, false, found, first, delays, *rest = measured
    delay = f"{median(delays):g} | {mean(delays):.2f}" if delays else "- | -"
    return f"| {name} | {of} | {percent(false)} | {percent(found)} | {percent(first)} | {delay} | " + " | ".join(map(percent, rest)) + " |"


HEAD = (
    "| {} | series | FPR % | POD % | POD first week % | median delay | mean delay | sensitivity % | PPV % | F1 % |\n"
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    groups, outbreaks = read_series(sys.argv[1])
    alarms = read_alarms(sys.argv[2:], groups)
    print("95 % intervals in brackets; delays in weeks.\n")
    print(HEAD.format("method"))
    for method, heard in alarms.items():
        print(row(method, measure(heard, outbreaks)))
    for name in ("k", "trend", "m", "base"):
        print(f"\n## By {name}\n")
        print(HEAD.format(f"{name}, method"))
        for value in sorted({g[name] for g in groups.values()}, key=int):
            for method, heard in alarms.items():
                part = {key: weeks for key, weeks in heard.items() if groups[key][name] == value}
                if part:
                    print(row(f"{value}, {method}", measure(part, outbreaks)))


main()
