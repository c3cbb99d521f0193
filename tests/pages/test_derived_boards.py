"""The tables of data/derived and the catalogue as the page shows them."""

import html
import json
import re
from dataclasses import replace

import pandas as pd
import pytest

from analysis.pages import confirmed_facts, vintage_table
from analysis.pages.catalogue import catalogue_table, column_table
from analysis.pages.confirmed_facts import confirmation_board
from analysis.pages.vintage_table import vintage_board
from analysis.panel.columns import COLUMNS
from analysis.results import InputError
from analysis.runs.book import ROOT
from analysis.sources.catalog import load_catalogue

HISTORIES = (("older", "202408", "2024-08"), ("revised", "202604", "2024-08"),
             ("longer", "202604", "2026-04"))  # fmt: skip


def text(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def condition(measure, value, threshold, unit="", holds=True, verdict="supported"):
    """A judged condition as the table has it."""
    return {"verdict": verdict, "measure": measure, "op": ">=", "threshold": threshold,
            "value": value, "unit": unit, "holds": holds}  # fmt: skip


def vintages(path, cases):
    """A table of vintages: claim, basis, and verdict and conditions on the three histories."""
    rows = [
        {
            "claim": claim,
            "basis": basis,
            "history": history,
            "vintage": vintage,
            "as_of": as_of,
            "verdict": verdict,
            "reason": "too short <i>",
            "estimate": 0.021,
            "unit": "decimal return a year",
            "p_value": 0.0312,
            "conditions": json.dumps(asked),
        }
        for claim, basis, judged in cases
        for (history, vintage, as_of), (verdict, *asked) in zip(HISTORIES, judged, strict=True)
    ]
    path.write_text("# Computed by hand\n" + pd.DataFrame(rows).to_csv(index=False))
    return path


def test_what_moved_is_said_with_its_cause(tmp_path):
    """One verdict moves with the vintage, one with the months, one on a basis alone."""
    s = ("supported", condition("p_<i>", 0.04, 0.01))
    n = ("not distinguishable", condition("p_<i>", 0.003, 0.01, holds=False))
    cases = [
        ("first-cut-12m", "", (s, s, s)),
        ("gap", "june", (s, s, s)),
        ("gap", "december", (s, n, n)),
        ("gap", "both", (n, n, s)),
    ]
    page = vintage_board(vintages(tmp_path / "v.csv", cases), {})
    said = text(page)
    assert (
        "Of 4 cases, 1 changes its verdict when vintage August 2024 is replaced by vintage April"
        " 2026 and nothing else changes: “gap” on the December basis. The months from August 2024"
        " to April 2026 change the verdict of 1: “gap” on both bases."
    ) in said
    assert "the two bases of book-to-market give 1 of 1 claims on valuations a different" in said
    assert "Vintage August 2024, to August 2024 Vintage April 2026, to August 2024 Vintage" in said
    assert "2.1% · p 0.031" in said
    # what decided is shown where a verdict moved, as text
    assert page.count("asked the p &lt;i&gt; at least 0.01, found 0.04") == 2
    assert page.count("at least 0.01, found 0.003") == 4 and "<i>" not in page


def test_only_the_conditions_that_decided_are_shown(tmp_path):
    """Of several conditions those that one history fails stand in every cell of the line."""
    met = ("supported", condition("p", 1, 0), condition("wide", 3.0, 3, "count"))
    failed = ("contradicted", condition("p", 1, 0), condition("wide", 2, 3, "count", holds=False))
    said = text(vintage_board(vintages(tmp_path / "v.csv", [("gap", "", (met, met, failed))]), {}))
    assert said.count("asked the wide at least 3, found 3") == 2 and "least 3, found 2" in said
    assert "p = 1" not in said and "not met" not in said


def test_a_refused_case_says_why(tmp_path):
    """Without a verdict there are no conditions: the reason of the refusal stands there."""
    case = [("gap", "", (("",), ("",), ("supported", condition("p", 1, 0))))]
    page = vintage_board(vintages(tmp_path / "v.csv", case), {})
    assert page.count("too short &lt;i&gt;") == 2 and "no verdict" in text(page)


def test_a_table_of_vintages_without_a_history_is_refused(tmp_path):
    """A lost line does not become a blank cell."""
    path = vintages(tmp_path / "v.csv", [("gap", "june", (("supported",),) * 3)])
    path.write_text("\n".join([*path.read_text().splitlines()[:-1], ""]))
    with pytest.raises(InputError, match=r"v\.csv lacks a history"):
        vintage_board(path, {})
    path.write_text(path.read_text().replace("0.021", "much"))
    with pytest.raises(InputError, match=r"v\.csv: .*much"):
        vintage_board(path, {})


def test_facts_are_counted_and_contradictions_stand_open(tmp_path):
    """Counts in one sentence; the reader meets what is contradicted without a click."""
    path = tmp_path / "f.csv"
    path.write_text(
        "# by hand\ntable,row,column,date,status,series,finding\n"
        "easing_cycles,2001-01,target_date,2001-01-03,confirmed,DFEDTAR,6.5 to 6\n"
        "easing_cycles,2001-01,bank_list_date,2001-02,contradicted,DFEDTAR,<b>none</b>\n"
        "nber_cycles,2001-03,peak,2001-03,confirmed,USREC,0 then 1\n"
    )
    page = confirmation_board(path)
    assert "3 dates and figures: 2 confirmed, 0 not confirmable, 1 contradicted." in text(page)
    [opened] = re.findall(r"<details[^>]* open>.*?</details>", page)
    assert "bank list date" in opened and "Contradicted: 1" in opened
    assert "&lt;b&gt;none" in page and "Recessions, March 2001: peak" in page
    path.write_text(path.read_text().replace("confirmed,DFEDTAR", "sure,DFEDTAR"))
    with pytest.raises(InputError, match="no table of confirmed facts"):
        confirmation_board(path)


def test_every_source_is_listed_with_its_licence():
    """All files of the catalogue, the funds in one line."""
    catalogue = load_catalogue()
    many = ["exposure", "event_study", "gap_exposure", "outcome_slope", "outlook_lead"]
    readers = {"fred/FEDFUNDS": many, "fred/GS10": ["exposure"], "prices/IWM": ["dated_figure"]}
    page = catalogue_table(catalogue, readers)
    said = html.unescape(text(page))
    for source in catalogue.sources:
        if source.publisher != "prices":
            assert source.id in said and source.title in said
    assert f"prices/{', '.join(catalogue.prices.tickers)}" in said
    assert "Kenneth R. French" in said and "Public domain" in said
    # a row says which designs read its file, and whether it ships with the project
    rows = {id: part for part in page.split("<tr>") for id in ("FEDFUNDS", "GS10", "AAA", "IWM")
            if f"/{id}<" in part or f", {id}," in part}  # fmt: skip
    assert "<summary>5 designs</summary>" in rows["FEDFUNDS"] and "data/public" in rows["FEDFUNDS"]
    assert "<code>exposure</code>" in rows["GS10"] and "<code>dated_figure</code>" in rows["IWM"]
    assert "no design" in rows["AAA"] and "data/public" not in rows["AAA"]


def test_every_column_of_the_panel_is_listed_with_its_origin():
    """Families in one line by their first and last; what a data set lacks has no source."""
    said = text(html.unescape(column_table(COLUMNS)))
    for one in COLUMNS:
        assert one.names[0] in said and one.names[-1] in said and one.meaning in said
    assert "s1v1 … s5v5" in said
    assert re.search(r"mom winners minus losers decimal return a month linearmodels\S+ Fama", said)
    assert "<b>" not in column_table([replace(COLUMNS[0], meaning="<b>bold</b>")])


def test_the_tables_kept_can_be_shown():
    """The committed files hold what the page reads."""
    assert "confirmed" in confirmation_board(ROOT / confirmed_facts.FILE)
    assert "Of " in vintage_board(ROOT / vintage_table.FILE, {})
