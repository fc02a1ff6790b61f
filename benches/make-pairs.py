#!/usr/bin/env python3
"""Writes 2,630,000 made-up procedure pairs as four files in the layout of the NCCI edits: benches/make-pairs.py FOLDER"""
import os
import sys

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
PAIRS, FILES, FIRSTS = 2_630_000, 4, 10_000
each = PAIRS // FIRSTS
for file in range(FILES):
    with open(f"{folder}/pairs-f{file + 1}.txt", "w", newline="\r\n") as out:
        out.write("A notice\nColumn1/Column2 Edits\n\nColumn 1\tColumn 2\tprior\tEffective\tDeletion\tModifier\tRationale\n")
        for n in range(file * PAIRS // FILES, (file + 1) * PAIRS // FILES):
            first, second = 90_000 + n // each, 10_000 + n * 7 % 89_000
            out.write(f"{first:05}\t{second:05}\t\t20200101\t{'*' if n % 5 else '20251231'}\t{n % 2}\tMade up\n")
