"""The verdict of pyx12 on each file of a folder: `NAME A|E|R` by its 999, or by what it returns where it writes none.

    pip install pyx12==4.0.0
    python verdicts.py FOLDER
"""

import io
import logging
import sys
from pathlib import Path

import pyx12.params
import pyx12.x12n_document

logging.disable(logging.CRITICAL)


def verdict(path: Path) -> str:
    """It can't write a 999 to a set without ST03, as every 835 is; what it returns then still says valid or not."""
    answer = io.StringIO()
    try:
        valid = pyx12.x12n_document.x12n_document(pyx12.params.params(), str(path), answer, None, None)
    except Exception:  # noqa: BLE001: it gives up on an envelope in many ways
        return "R"
    segments = answer.getvalue().replace("\n", "").split("~")
    codes = [s.split("*")[1] for s in segments if s.startswith("IK5*")]
    return "".join(codes) or ("A" if valid else "R")


for file in sorted(Path(sys.argv[1]).iterdir()):
    print(file.name, verdict(file))
