"""Which data a verdict rests on, in words: data set, month, snapshot, vintages, and how far."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from analysis.panel.columns import REVISED
from analysis.panel.dataset import FACTS, OUTLOOKS, TABLES
from analysis.results import NEWEST, month_words

_DATE = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])(-[0-9]{2})?")


def provenance(row: Mapping[str, Any]) -> str:
    """Which data, up to which month; for the latest data the snapshot and the span of vintages.

    Parameters
    ----------
    row : mapping
        A row of the ledger or a verdict's record.
    """
    data = "latest" if row.get("data") == "latest" else "bundled"
    cut = str(row.get("as_of") or "")
    until = f"to {in_words(row.get('seen_to'))}" if cut == NEWEST else f"as of {in_words(cut)}"
    if data == "bundled":
        return f"bundled data {until}"
    name, span = row.get("snapshot"), vintage_span(row.get("vintages") or {})
    parts = [f"latest data {until}", f"snapshot {name}" if name else "", span]
    return ", ".join(part for part in parts if part)


def reach_words(reaches: Mapping[str, str]) -> str:
    """How far some tables reach, the facts as one: ``monthly returns and rates to May 2020, ...``.

    Parameters
    ----------
    reaches : mapping of str to str
        As :attr:`analysis.panel.Dataset.reaches`.
    """
    words = [f"{TABLES[name]} to {in_words(reaches[name])}" for name in TABLES if name in reaches]
    known = [last for name, last in reaches.items() if name.startswith(FACTS)]
    words += [f"published facts to {in_words(max(known))}"] if known else []
    followed = [last for name, last in reaches.items() if name.startswith(OUTLOOKS)]
    words += [f"the paths of the outlooks to {in_words(max(followed))}"] if followed else []
    return ", ".join(words)


def mixture_words(mixed: Mapping[str, str]) -> str:
    """Which tables and files are of another vintage than the returns; empty where none is."""
    tables = [
        f"{TABLES.get(name, name)} comes from files of {in_words(as_month(vintage))}"
        for name, vintage in sorted(mixed.items())
        if name not in REVISED
    ]
    said = " and ".join(tables)
    sentences = [f"{said[:1].upper()}{said[1:]}; the returns beside it are of an earlier vintage."]
    revised = [
        f"{REVISED[name]}, in a copy that ends in {in_words(as_month(last))}"
        for name, last in sorted(mixed.items())
        if name in REVISED
    ]
    told = f"Revised after their month, and not as first published: {'; '.join(revised)}."
    return " ".join([*(sentences if tables else []), *([told] if revised else [])])


#: How a file of a publisher is named in a sentence.
_PUBLISHERS = {"french": "French’s file", "fred": "FRED’s series"}
_FILE = re.compile(rf"\b(?:{'|'.join(_PUBLISHERS)})/[\w-]+")


def caution_words(cautions: Mapping[str, str]) -> str:
    """What is odd about series a test reads, a sentence each; empty where nothing is."""
    told = " ".join(f"{file_words(file)} {words}." for file, words in sorted(cautions.items()))
    return _FILE.sub(lambda found: file_words(found[0]), told)


def file_words(file: str) -> str:
    """A publisher's file in words: "French’s file “6 Portfolios 2x3”"; else as it is called."""
    publisher, _, name = file.partition("/")
    who = _PUBLISHERS.get(publisher)
    return f"{who} “{name.replace('_', ' ')}”" if who and name else file


def in_words(month: Any) -> str:
    """A month or day as prose has it; any other text as it is."""
    text = str(month or "")
    return month_words(text) if _DATE.fullmatch(text) else text


def vintage_span(vintages: Mapping[str, str]) -> str:
    """The first and last month of some files' vintages; empty without any."""
    months = sorted({as_month(vintage) for vintage in vintages.values()})
    if not months:
        return ""
    first, last = in_words(months[0]), in_words(months[-1])
    return f"vintage {first}" if len(months) == 1 else f"vintages {first} to {last}"


def vintage_list(vintages: Mapping[str, str]) -> str:
    """Every vintage with its files: ``December 2024: french/...; April 2026: ...``."""
    months = sorted(set(vintages.values()))
    files = {one: sorted(file for file in vintages if vintages[file] == one) for one in months}
    return "; ".join(
        f"{in_words(as_month(one))}: {', '.join(names)}" for one, names in files.items()
    )


def as_month(vintage: str) -> str:
    """``YYYYMM`` as ``YYYY-MM``."""
    return f"{vintage[:4]}-{vintage[4:6]}"
