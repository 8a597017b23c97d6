"""Writes csv.vectors.json: tables as Python's csv module writes them, and the numbers that it reads from them again.
Run with Python 3.11: python vectors.py"""

import base64
import csv
import io
import json
import pathlib

ROWS = [["A", "B", "note"], [1, 2, "plain"], [0, 255, 'with "quotes"'], [7, 8, "with, and; and\ttab"], [9, 10, "two\nlines"], [11, 12, ""]]
CASES = [
    ("commas", dict(), "utf-8"),
    ("semicolons", dict(delimiter=";"), "utf-8"),
    ("tabs", dict(delimiter="\t"), "utf-8"),
    ("LF alone", dict(lineterminator="\n"), "utf-8"),
    ("everything quoted", dict(quoting=csv.QUOTE_ALL), "utf-8"),
    ("a byte order mark", dict(), "utf-8-sig"),
    ("a byte order mark and quotes", dict(quoting=csv.QUOTE_ALL, delimiter=";"), "utf-8-sig"),
]


def case(what, dialect, encoding):
    text = io.StringIO(newline="")
    csv.writer(text, **dialect).writerows(ROWS)
    data = text.getvalue().encode(encoding)
    back = list(csv.reader(io.StringIO(data.decode(encoding), newline=""), **dialect))
    return {
        "what": what,
        "file": base64.b64encode(data).decode(),
        "rows": [[int(a), int(b)] for a, b, _ in back[1:]],
        "notes": [note for _, _, note in back[1:]],
    }


vectors = [case(*one) for one in CASES]
target = pathlib.Path(__file__).with_name("csv.vectors.json")
target.write_text(json.dumps(vectors, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
