"""Compare config/schemas with the maps of pyx12, a second description of the same guides.

    pip install pyx12==4.0.0
    python compare_pyx12.py ../../config/schemas
    python compare_pyx12.py ../../config/schemas --check ../../docs/schemas.md
    python compare_pyx12.py ../../config/schemas --dental

Prints one line for each difference, sorted:

    GUIDE LOOP SEGMENT[qualifiers] ELEMENT: what: ours X, pyx12 Y

LOOP is 2300(2000C) where a loop differs in one of the places it stands in and not in the other.

With --check FILE it prints only what FILE does not list (a table row whose first cell is the line in backticks) and
what FILE lists but no longer occurs, and exits 1 if there is any. --dental adds, as information only, where our 837D
differs from our 837P in a segment that both have in a loop of the same id; pyx12 has no map of the 837D.

Not reported, because it is only another way to write the same: pyx12's loops HEADER, DETAIL, FOOTER, ISA_LOOP, GS_LOOP
and ST_LOOP, `>1` for our `*`, and codes it keeps in its file of external code lists.
"""

import re
import sys
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

MAPS = {
    "837P": "837.5010.X222.A1.xml",
    "837I": "837Q3.I.5010.X223.A1.xml",
    "835": "835.5010.X221.A1.xml",
    "277CA": "277.5010.X214.xml",
    "999": "999.5010X231.A1.xml",
}
INTERCHANGE = "interchange"
WRAPPERS = {"HEADER", "DETAIL", "FOOTER"}
NAMES = {"ISA_LOOP": "ISA", "GS_LOOP": "GS", "ST_LOOP": "ST"}


# ---- the model both sides are read into ----


class Element:
    """An element or component of an entry: usage R, S or -, its codes, its components."""

    def __init__(self, usage, codes=None, parts=None, number=None):
        self.usage, self.codes, self.parts, self.number = usage, codes, parts, number


class Entry:
    """One entry of a segment in a loop."""

    def __init__(self, id, usage, repeat, elements, notes=None):
        self.id, self.usage, self.repeat, self.elements, self.notes = id, usage, repeat, elements, notes

    def qualifiers(self, place):
        """The codes of the element (1) or component ("1-1") that tells entries of this id apart."""
        if place is None:
            return frozenset()
        first, _, second = str(place).partition("-")
        found = self.elements[int(first) - 1] if int(first) <= len(self.elements) else None
        if found and second:
            found = found.parts[int(second) - 1] if found.parts and int(second) <= len(found.parts) else None
        return frozenset(found.codes or ()) if found else frozenset()


class Loop:
    """One occurrence of a loop: its items are entries and loops, in order."""

    def __init__(self, id, usage, repeat, path):
        self.id, self.usage, self.repeat, self.path, self.items = id, usage, repeat, path, []

    def entries(self):
        return [i for i in self.items if isinstance(i, Entry)]

    def loops(self):
        return [i for i in self.items if isinstance(i, Loop)]


# ---- our files ----


def read_elements(text, codes):
    """`R=85 R(R=HC S) - S<1-8>`: the elements of an entry."""
    found, at = [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        usage, at = text[at], at + 1
        if usage not in "RS-":
            raise ValueError(f"usage {usage!r} in {text!r}")
        element = Element(usage)
        while at < len(text) and not text[at].isspace():
            if text[at] == "<":
                at = text.index(">", at) + 1
            elif text[at] == "=":
                end = at + 1
                while end < len(text) and not text[end].isspace() and text[end] != ")":
                    end += 1
                value, at = text[at + 1 : end], end
                element.codes = codes[value[1:]].split() if value.startswith("@") else value.split(",")
            elif text[at] == "(":
                depth, end = 0, at
                while True:
                    depth += {"(": 1, ")": -1}.get(text[end], 0)
                    if depth == 0:
                        break
                    end += 1
                element.parts, at = read_elements(text[at + 1 : end], codes), end + 1
            else:
                raise ValueError(f"{text[at]!r} in {text!r}")
        found.append(element)
    return found


def read_entry(text, codes):
    head, _, tail = text.split("#")[0].partition(":")
    id, usage, repeat = head.split()
    return Entry(id, usage, repeat, read_elements(tail, codes))


class Guide:
    """A guide file with what it shares with others."""

    def __init__(self, path):
        own = tomllib.loads(path.read_text())
        shared = tomllib.loads((path.parent / own["shared"]).read_text()) if "shared" in own else {}
        self.data, self.name = own, own["guide"]
        codes = {**shared.get("codes", {}), **own.get("codes", {})}
        share = {**shared.get("share", {}), **own.get("share", {})}
        loops = [l for l in shared.get("loop", []) if self.name in l["guides"]] + own.get("loop", [])
        order = own.get("order") or [l["id"] for l in loops]
        if sorted(order) != sorted(l["id"] for l in loops):
            raise ValueError(f"{path.name}: order does not name the loops exactly once")
        self.loops = {l["id"]: l for l in sorted(loops, key=lambda l: order.index(l["id"]))}
        self.lines = {}
        for loop in loops:
            lines = []
            for line in loop["segments"]:
                lines += share[line[1:]] if line.startswith("$") else [line]
            self.lines[loop["id"]] = [l if l.startswith("@") else read_entry(l, codes) for l in lines]

    def build(self, id, path=()):
        raw = self.loops[id]
        loop = Loop(id, raw["usage"], str(raw["repeat"]), (*path, id))
        named = {l[1:] for l in self.lines[id] if isinstance(l, str)}
        for line in self.lines[id]:
            loop.items.append(self.build(line[1:], loop.path) if isinstance(line, str) else line)
        rest = [c for c, l in self.loops.items() if id in l.get("in", []) and c not in named]
        # A hierarchical level stands after the other loops of its parent.
        rest.sort(key=lambda c: self.lines[c][0].id == "HL")
        loop.items += [self.build(c, loop.path) for c in rest]
        return loop


def fill_numbers(loop, segments, composites):
    """Give our elements their data element numbers."""
    for entry in loop.entries():
        numbers = segments[entry.id]["elements"]
        for i, element in enumerate(entry.elements):
            if i >= len(numbers):
                raise ValueError(f"{entry.id} has only {len(numbers)} elements")
            element.number = numbers[i]
            for part, number in zip(element.parts or [], composites.get(numbers[i], [])):
                part.number = number
    for child in loop.loops():
        fill_numbers(child, segments, composites)


# ---- pyx12's maps ----


def usage_of(node):
    return {"N": "-"}.get(node.findtext("usage"), node.findtext("usage"))


def repeat_of(text):
    return "*" if text == ">1" else text


def map_element(node):
    element = Element(usage_of(node), number=node.findtext("data_ele"))
    if node.tag == "composite":
        element.parts = [map_element(e) for e in node.findall("element")] or None
        return element
    codes = [c.text for c in node.findall("valid_codes/code")]
    element.codes = codes or None
    return element


def map_loop(node, path=()):
    id = NAMES.get(node.get("xid"), node.get("xid"))
    loop = Loop(id, usage_of(node), repeat_of(node.findtext("repeat")), (*path, id))
    add_items(loop, node)
    return loop


def add_items(loop, node):
    for child in node:
        if child.tag == "loop" and child.get("xid") in WRAPPERS:
            add_items(loop, child)
        elif child.tag == "loop":
            loop.items.append(map_loop(child, loop.path))
        elif child.tag == "segment":
            elements = [map_element(e) for e in child if e.tag in ("element", "composite")]
            notes = [s.text for s in child.findall("syntax")]
            entry = Entry(child.get("xid"), usage_of(child), repeat_of(child.findtext("max_use")), elements, notes)
            loop.items.append(entry)


# ---- comparison ----


class Report:
    """Differences found. The same difference in every place a loop stands is one line without the place."""

    def __init__(self):
        self.seen = {}    # (guide, loop id, rest) -> paths
        self.places = {}  # (guide, loop id) -> paths

    def place(self, guide, path):
        self.places.setdefault((guide, path[-1]), set()).add(path)

    def add(self, guide, path, rest):
        self.seen.setdefault((guide, path[-1], rest), set()).add(path)

    def lines(self):
        found = set()
        for (guide, loop, rest), paths in self.seen.items():
            if paths >= self.places.get((guide, loop), paths):
                found.add(f"{guide} {loop}{rest}")
            else:
                found |= {f"{guide} {loop}({self.level(path)}){rest}" for path in paths}
        return sorted(found)

    @staticmethod
    def level(path):
        """The hierarchical level a loop stands in, to tell two places of it apart: 2000B or 2000C for 2300."""
        return next((id for id in reversed(path[:-1]) if id.startswith("2000")), path[0])


def label(entry, place):
    codes = sorted(entry.qualifiers(place))
    if len(codes) > 6:
        codes = [*codes[:6], "..."]
    return entry.id + (f"[{','.join(codes)}]" if codes else "")


def pairs(ours, theirs, place):
    """Pair entries of one segment id: by their qualifiers, then in order."""
    ours, theirs, found = list(ours), list(theirs), []
    ranked = sorted(
        ((len(a.qualifiers(place) & b.qualifiers(place)), i, j) for i, a in enumerate(ours) for j, b in enumerate(theirs)),
        key=lambda r: (-r[0], r[1], r[2]),
    )
    used_a, used_b = set(), set()
    for common, i, j in ranked:
        if common and i not in used_a and j not in used_b:
            used_a.add(i), used_b.add(j)
            found.append((ours[i], theirs[j]))
    rest_a = [a for i, a in enumerate(ours) if i not in used_a]
    rest_b = [b for j, b in enumerate(theirs) if j not in used_b]
    for a in list(rest_a):
        for b in list(rest_b):
            # One that names no qualifiers matches whatever is left; different ones are different entries.
            if not (a.qualifiers(place) and b.qualifiers(place)):
                found.append((a, b))
                rest_a.remove(a), rest_b.remove(b)
                break
    return found, rest_a, rest_b


def code_difference(ours, theirs):
    if set(ours or ()) == set(theirs or ()):
        return None
    if not ours or not theirs:
        show = lambda codes: ",".join(sorted(set(codes))) if codes else "none"
        return f"codes: ours {show(ours)}, pyx12 {show(theirs)}"
    plus = lambda codes: f"also {','.join(sorted(codes))}" if codes else "none more"
    return f"codes: ours {plus(set(ours) - set(theirs))}, pyx12 {plus(set(theirs) - set(ours))}"


def compare_elements(ours, theirs, prefix, add, joiner=""):
    for i in range(max(len(ours), len(theirs))):
        a = ours[i] if i < len(ours) else Element("-")
        b = theirs[i] if i < len(theirs) else Element("-")
        name = f"{prefix}{joiner}{i + 1:02d}" if not joiner else f"{prefix}{joiner}{i + 1}"
        if a.usage != b.usage:
            add(name, f"usage: ours {a.usage}, pyx12 {b.usage}")
        if "-" in (a.usage, b.usage):
            continue
        if a.number and b.number and a.number != b.number:
            add(name, f"number: ours {a.number}, pyx12 {b.number}")
        difference = code_difference(a.codes, b.codes)
        if difference:
            add(name, difference)
        if a.parts or b.parts:
            compare_elements(a.parts or [], b.parts or [], name, add, "-")


def compare_entry(guide, path, ours, theirs, place, report):
    name = label(ours, place)
    if ours.usage != theirs.usage:
        report.add(guide, path, f" {name}: usage: ours {ours.usage}, pyx12 {theirs.usage}")
    if ours.repeat != theirs.repeat:
        report.add(guide, path, f" {name}: repeat: ours {ours.repeat}, pyx12 {theirs.repeat}")
    add = lambda element, what: report.add(guide, path, f" {name} {element}: {what}")
    compare_elements(ours.elements, theirs.elements, ours.id, add)


def compress(items):
    found = []
    for item in items:
        id = "@" + item.id if isinstance(item, Loop) else item.id
        if not found or found[-1] != id:
            found.append(id)
    return found


def compare_loop(guide, ours, theirs, segments, report):
    path = ours.path
    report.place(guide, path)
    if ours.usage != theirs.usage:
        report.add(guide, path, f": usage: ours {ours.usage}, pyx12 {theirs.usage}")
    if ours.repeat != theirs.repeat:
        report.add(guide, path, f": repeat: ours {ours.repeat}, pyx12 {theirs.repeat}")
    a, b = compress(ours.items), compress(theirs.items)
    a, b = [i for i in a if i in b], [i for i in b if i in a]
    if a != b:
        at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
        after = f"after {a[at - 1]} " if at else "first "
        get = lambda items: items[at] if at < len(items) else "nothing"
        report.add(guide, path, f": order: ours {after}{get(a)}, pyx12 {get(b)}")
    ids = dict.fromkeys(e.id for e in ours.entries() + theirs.entries())
    for id in ids:
        place = segments.get(id, {}).get("qualifier")
        of = lambda loop: [e for e in loop.entries() if e.id == id]
        matched, rest_a, rest_b = pairs(of(ours), of(theirs), place)
        for x, y in matched:
            compare_entry(guide, path, x, y, place, report)
        for x in rest_a:
            report.add(guide, path, f" {label(x, place)}: entry: ours yes, pyx12 no")
        for y in rest_b:
            report.add(guide, path, f" {label(y, place)}: entry: ours no, pyx12 yes")
    mine, other = {l.id: l for l in ours.loops()}, {l.id: l for l in theirs.loops()}
    for id in dict.fromkeys([*mine, *other]):
        if id in mine and id in other:
            compare_loop(guide, mine[id], other[id], segments, report)
        elif id in mine:
            report.add(guide, path, f" loop {id}: entry: ours yes, pyx12 no")
        else:
            report.add(guide, path, f" loop {id}: entry: ours no, pyx12 yes")


def all_loops(loop):
    yield loop
    for child in loop.loops():
        yield from all_loops(child)


def compare_dictionary(elements, folder):
    """Our [elements] against dataele.xml."""
    found = set()
    other = {e.get("ele_num"): e for e in ET.parse(folder / "dataele.xml").getroot().iter("data_ele")}
    for number, ours in elements.items():
        if number not in other:
            found.add(f"segments {number}: entry: ours yes, pyx12 no")
            continue
        node = other[number]
        type, low, high = ours.split()
        if type != node.get("data_type"):
            found.add(f"segments {number}: type: ours {type}, pyx12 {node.get('data_type')}")
        theirs = (node.get("min_len"), node.get("max_len"))
        if (low, high) != theirs:
            found.add(f"segments {number}: length: ours {low}-{high}, pyx12 {'-'.join(theirs)}")
    return found


def compare_segments(trees, data):
    """Syntax notes, and the number of elements and components of each segment, wherever pyx12 lists it in full."""
    found = set()
    for loop in (l for tree in trees for l in all_loops(tree)):
        for entry in loop.entries():
            ours = data["segments"].get(entry.id)
            if ours is None:
                found.add(f"segments {entry.id}: entry: ours no, pyx12 yes")
                continue
            a, b = sorted(ours.get("notes", [])), sorted(filter(None, entry.notes))
            if a != b:
                plus = lambda x, y: " ".join(sorted(set(x) - set(y))) or "none more"
                found.add(f"segments {entry.id}: notes: ours {plus(a, b)}, pyx12 {plus(b, a)}")
            numbers = ours["elements"]
            if len(numbers) != len(entry.elements):
                found.add(f"segments {entry.id}: elements: ours {len(numbers)}, pyx12 {len(entry.elements)}")
            for i, (number, element) in enumerate(zip(numbers, entry.elements)):
                name = f"segments {entry.id} {entry.id}{i + 1:02d}"
                if number != element.number:
                    found.add(f"{name}: number: ours {number}, pyx12 {element.number}")
                if not element.parts:
                    continue
                parts = data["composites"].get(number, [])
                if len(parts) != len(element.parts):
                    found.add(f"{name}: components: ours {len(parts)}, pyx12 {len(element.parts)}")
                for j, (x, y) in enumerate(zip(parts, element.parts)):
                    if x != y.number:
                        found.add(f"{name}-{j + 1}: number: ours {x}, pyx12 {y.number}")
    return found


def compare_envelope(ours, theirs, guide, segments, found):
    """The loops ISA and GS of one map against interchange.toml and the names in the guide file."""
    report = Report()
    group = next(l for l in theirs.loops() if l.id == "GS")
    header = next(e for e in group.entries() if e.id == "GS")
    if header.elements[0].codes != [guide.data["group"]]:
        found.add(f"{guide.name} GS GS GS01: group: ours {guide.data['group']}, pyx12 {','.join(header.elements[0].codes)}")
    theirs_version = header.elements[7].codes or []
    if not set(theirs_version) <= set(guide.data["versions"]):
        found.add(f"{guide.name} GS GS GS08: version: ours {','.join(guide.data['versions'])}, pyx12 {','.join(theirs_version)}")
    header.elements[0].codes = header.elements[7].codes = None
    group.items = group.entries()
    compare_loop(INTERCHANGE, ours, theirs, segments, report)
    found.update(f"{line} ({guide.name})" for line in report.lines())


def dental(guides, segments):
    """Where our 837D differs from our 837P, loop and segment being in both."""
    report = Report()
    trees = [guides[name].build("ST") for name in ("837D", "837P")]
    for tree, name in zip(trees, ("837D", "837P")):
        fill_numbers(tree, segments["segments"], segments["composites"])
    other = {l.path: l for l in all_loops(trees[1])}
    for loop in all_loops(trees[0]):
        twin = other.get(loop.path)
        if twin is None:
            continue
        a, b = Loop(*[getattr(loop, k) for k in ("id", "usage", "repeat", "path")]), Loop(*[getattr(twin, k) for k in ("id", "usage", "repeat", "path")])
        for id in dict.fromkeys(e.id for e in loop.entries()):
            place = segments["segments"][id].get("qualifier")
            matched, _, _ = pairs([e for e in loop.entries() if e.id == id], [e for e in twin.entries() if e.id == id], place)
            a.items += [x for x, _ in matched]
            b.items += [y for _, y in matched]
        compare_loop("837D", a, b, segments["segments"], report)
    return [line.replace(", pyx12 ", ", 837P ") for line in report.lines()]


def main(arguments):
    import pyx12

    check = None
    if "--check" in arguments:
        at = arguments.index("--check")
        check = Path(arguments[at + 1])
        del arguments[at : at + 2]
    with_dental = "--dental" in arguments
    arguments = [a for a in arguments if a != "--dental"]
    if len(arguments) != 1:
        sys.exit(__doc__)
    folder = Path(arguments[0])
    maps = Path(pyx12.__file__).parent / "map"

    data = tomllib.loads((folder / "segments.toml").read_text())
    guides = {}
    for path in sorted(folder.glob("*.toml")):
        if "guide" in tomllib.loads(path.read_text()):
            guide = Guide(path)
            guides[guide.name] = guide

    lines = compare_dictionary(data["elements"], maps)
    report, trees, envelope = Report(), [], set()
    for name, file in MAPS.items():
        if name not in guides:
            lines.add(f"{name}: guide: ours no, pyx12 yes")
            continue
        root = ET.parse(maps / file).getroot()
        whole = map_loop(root.find("loop"))
        trees.append(whole)
        theirs = next(l for l in all_loops(whole) if l.id == "ST")
        theirs.path = ("ST",)
        for loop in all_loops(theirs):
            loop.path = loop.path[loop.path.index("ST") :] if "ST" in loop.path else loop.path
        ours = guides[name].build("ST")
        fill_numbers(ours, data["segments"], data["composites"])
        compare_loop(name, ours, theirs, data["segments"], report)
        if INTERCHANGE in guides:
            outer = guides[INTERCHANGE].build("ISA")
            fill_numbers(outer, data["segments"], data["composites"])
            compare_envelope(outer, whole, guides[name], data["segments"], envelope)
    lines |= compare_segments(trees, data) | set(report.lines())
    # What all maps say of the envelope is one line; otherwise the guides stand in brackets.
    by_line = {}
    for line in envelope:
        text, _, name = line.rpartition(" (")
        if line.startswith(INTERCHANGE):
            by_line.setdefault(text, set()).add(name.rstrip(")"))
        else:
            lines.add(line)
    for text, names in by_line.items():
        lines.add(text if len(names) == len(trees) else f"{text} in {','.join(sorted(names))}")

    found = sorted(lines)
    if check is None:
        for line in found:
            print(line)
    else:
        rows = re.findall(r"^\|\s*`([^`]+)`\s*\|", check.read_text(), re.M)
        listed = {r for r in rows if re.match(r"(837[PI]|835|277CA|999|segments|interchange)\b.*: ours ", r)}
        wrong = [f"not listed: {l}" for l in found if l not in listed]
        wrong += [f"no longer found: {l}" for l in sorted(listed - set(found))]
        for line in wrong:
            print(line)
        if not wrong:
            print(f"{len(found)} differences, all listed in {check.name}")
        return 1 if wrong else 0
    if with_dental and {"837D", "837P"} <= set(guides):
        print("\n837D against 837P, for information:")
        for line in dental(guides, data):
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
