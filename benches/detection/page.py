#!/usr/bin/env python3
"""docs/detection.md from what was measured last, which lies in `measured/`: page.py. What of judge.py's output is kept there: page.py published JUDGE.txt."""
import pathlib
import sys

SHOWN = (
    "claimloop-strict", "noufaily", "claimloop", "noufaily-0.05", "farrington", "farrington-0.05", "boda-delay",
    "ears-c1", "ears-c2", "ears-c3", "cusum", "cusum-glm-rossi", "periodic-nb", "twice-eight-weeks",
)
PAIRS = ("claimloop-strict", "noufaily", "claimloop", "noufaily-0.05")
COLUMNS = (0, 2, 3, 4, 5, 6, 8)


def cells(line):
    return [c.strip() for c in line.strip().strip("|").split("|")]


def row(values):
    return "| " + " | ".join(values) + " |"


def tables(path):
    """Rows of judge.py's tables by their heading."""
    found, heading = {}, ""
    for line in open(path):
        if line.startswith("## "):
            heading = line[3:].strip()
        elif line.startswith("|") and not line.startswith("|---"):
            found.setdefault(heading, []).append(cells(line))
    return found


def plain(value):
    return value.split(" (")[0]


def published(path):
    judged = tables(path)
    head, *rows = judged[""]
    by_name = {r[0]: r for r in rows}
    print(f"{by_name['claimloop'][1]} series\n")
    print(row([head[c] for c in COLUMNS]) + "\n|---|" + "---:|" * (len(COLUMNS) - 1))
    for name in SHOWN:
        if name in by_name:
            print(row([by_name[name][c] for c in COLUMNS]))
    print("\nFPR and POD by base:\n")
    print(row(["base", *PAIRS]) + "\n|---|" + "---:|" * len(PAIRS))
    bases = {}
    for r in judged["By base"][1:]:
        base, name = r[0].split(", ", 1)
        bases.setdefault(base, {})[name] = f"{plain(r[2])} / {plain(r[3])}"
    for base, of in bases.items():
        print(row([base, *(of.get(name, "-") for name in PAIRS)]))


def page():
    measured = lambda name: (pathlib.Path(__file__).parent / "measured" / f"{name}.txt").read_text().strip()
    series, found = measured("published").split("\n", 1)
    print(HEAD.format(series=series))
    print(found.strip())
    print(LIMITS)
    print(LINKED)
    print(measured("linked"))
    print(LINKED_LIMITS)
    print(SITE)
    print(measured("site"))
    print(END)


def main():
    match sys.argv[1:]:
        case []:
            page()
        case ["published", path]:
            published(path)
        case _:
            sys.exit(__doc__)


HEAD = """# Detection: how well, and how

Written by `benches/detection/page.py` from what was measured last (`benches/detection/measured/`); `make detection` measures all of it anew, as
`benches/detection/README.md` says.

## Weekly counts: a published benchmark

{series} after Noufaily et al. 2013, one outbreak each in the year judged. `claimloop` is `trends::counts`; its two thresholds were set on series of
another seed, so that as many quiet weeks alarm as of `farringtonFlexible` (improved: `noufaily`) at its levels 0.01 and 0.05. 95 % intervals in
brackets; the delay is that of the outbreaks found, so who finds more late ones has a longer one.
"""

LIMITS = """
What to make of it:

- At the same rate of false alarms it finds more, and no fewer in their first week; the median delay is the same. The mean delay of what it finds is longer, for
  the outbreaks it finds besides are found in their second week.
- The rates of false alarms are equal over all series, not base by base: on base 2 and 4 ours are higher, on 3, 6 and 7 lower.
- Base 2 has few cases: `noufaily` never alarms below five cases in four weeks, and loses there by that rule, not by its model. In practice the rule is
  wise; `trends::detect` has one like it.
- On bases 6 and 7, with many cases and little spread, there is nothing to gain: fewer false alarms, and as many or somewhat fewer outbreaks found.
- Sizes of outbreaks (2, 3, 5 and 10 deviations) and their spread over weeks, which the score averages over, are the benchmark's. A rise that
  lasts, as denials do, is what `trends::detect` looks for.
- Not checked, as the papers' full text was out of reach: the table of parameters, the second paper's settings and its figures for single methods.
"""

LINKED = """## Planted shifts in linked data

Claims are simulated with their remittances (`simulate --kind linked`), posted by `history import`, and looked at by `claimloop trends` as of the end of each
week: the whole program, from X12 to the finding. Every payer denies 1 to 4 % of lines for each of some ten reasons, at rates that stand still; shifts begin
in weeks 36 to 44 of 70 and last. `benches/detection/linked.py` says it all.

- *Affected* are claims that the shift denies and the usual doesn't, by `truth.json`. A shift counts once 30 of its claims were adjudicated; of an improvement, once 30
  fewer were denied by the mean of before.
- *Found in time*: a finding of the very series planted (reason, payer or all payers, and the procedure or modifier where it is confined to one) stands as of the end of the week in which the 30th was
  adjudicated, or of one of the three after.
- *Told at all*: one stands of that reason at that payer, or at all payers. *Right cause named*: the first of these is of the very series.
- *Weeks*: until the first such finding, counted from the week in which the shift began. *Who changed*: of those found; neither right nor wrong is "the figures don't tell".
"""

LINKED_LIMITS = """
A finding is new where it wasn't found the week before. Intervals are 95 % (Wilson; of findings a week by their number).

What it reaches, and what not:

- Of shifts to four and to two times the usual that last, the goals were 95 % and 80 % found in time, and the right cause named in 95 % of those told, within a budget of one false finding a
  week. The first two and the budget are reached. The cause is named in 97 % of x4 and 92 % of x2, 94 to 95 % of both: just short.
- What is missed is twice the usual of one procedure at one payer, two or three claims a week: half are found in time, and some are told of the payer or of the procedure at all payers.
- 1.3 times the usual of five denials a week is not found, and who rises to twice the usual over eight weeks is found in two of three.
- A shift at all payers is told of them all when it is found; weeks later it may be told of single payers again. An open alert takes that for the same cause.
- False findings are far below the budget here, for rates stand still and denials are independent; the seeded sites below are wilder. Nothing was tuned on these sites but what
  their misses showed to be wrong: lags were weighed across weeks, a young site was given a season, and changes fell out of a scan of 13 weeks.
"""

SITE = """## Rates over a site

`trends::detect` is given, for each payer, CARC and value of a further dimension, claims denied a week and the claims they could have come from.

- *One series.* Each of the last 26 weeks may be the first of a change. Given the denials before and since together, the number since is beta-binomial
  if nothing changed, whatever the rate; the smallest chance of all starts, times 4.2 for looking at so many (9 for those of more than a quarter ago), is the series' p. Usual weeks begin after the
  last change older than that, so a change long past is the new normal.
- *Spread.* Variance over mean is the series' own, drawn towards that of all series of its size. With 104 weeks or more a yearly season is taken out
  where BIC asks for it; narrower series take over the season of wider ones.
- *Threshold.* All series share one budget: false findings to be expected in a week of the whole site, one by default. A series that can hardly
  reach five claims spends hardly anything. At least 5 claims, 250 dollars, a ratio of 1.15, and half of the change still there in the last 3 weeks.
- *Who speaks.* The value that explains most of a rise, better than an equal rise of all; else the payer; all payers where the
  others rose too.
- *Who changed.* Rate ratio here over rate ratio of a control: the other payers, the usual rates on today's volumes (our mix), denials that a switched
  edit doesn't prevent. Where the interval holds one, it says that the figures don't tell.

Seeded sites: payers of uneven size, CARCs, procedures and channels, each cell negative binomial with a spread of its own, rates that vary from week to
week beyond that, which the model doesn't know of. A finding is new where its key wasn't found the week before.
"""

END = """
Claims affected are those denied on top of the usual in three weeks; "30 denials in all" counts the usual ones too. "Wrong" is neither right nor "the figures
don't tell". Seconds are those of two cores shared with other work.

What falls short:

- A rise to twice the usual with 30 claims affected within three weeks of its start is found by then in about two of three sites, not in four of five: the usual
  spread of 30 denials hides it from anyone who looks at so many series for one false finding a week. With 60 affected it is.
- On the wildest sites new findings come to about the whole budget.
- p is nominal. Where nothing changed 0.001 is reached up to 1.7 times as often as that by common series, 2.2 times where counts are small and widely
  spread. The budget holds on all sites simulated, all made by one generator; real denials may be stranger (batches, holidays, code sets on 1 January and
  1 October), and none were at hand.
- A changed mix that also shows as a changed rate is sometimes put on the payer. At 1.3 times the usual it mostly says that the figures don't tell.
- Dates of slow drifts are those of the steepest part, often weeks after the beginning.
- Values of two dimensions are not crossed: a rise of one procedure with one modifier is told as one of them.
"""

if __name__ == "__main__":
    main()
