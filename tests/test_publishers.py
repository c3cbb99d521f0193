"""The complete path on the publishers' own files: pull, panel, notebooks, ledger."""

import os
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.ledger import check_ledger, check_stored, ledger_rows, read_ledger
from analysis.claims.verdicts import VERDICTS
from analysis.panel import load_dataset
from analysis.results import NEWEST
from analysis.runs.execute import execute
from analysis.runs.outlook_tables import outlook_texts
from analysis.runs.outputs import collect_verdicts
from analysis.runs.plan import notebook_names
from analysis.sources.derived import DERIVED_FOLDER
from analysis.sources.outlooks import load_outlooks
from analysis.sources.pull import pull_snapshot
from analysis.sources.snapshots import Snapshot

pytestmark = [pytest.mark.publishers, pytest.mark.slow]

EARLIER = "2007-12"
HOME = b'<html><a href="/downloads/ie_data.xls?ver=1&amp;more=2">U.S. data</a></html>'


class Publishers(BaseHTTPRequestHandler):
    """The files of a folder under the paths their publishers serve them at."""

    def __init__(self, folder: Path, *arguments: Any) -> None:
        self.folder = folder
        super().__init__(*arguments)

    def do_GET(self) -> None:
        """Answer with the file, the page that links to the workbook, or 404."""
        content = self.content()
        if content is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def content(self) -> bytes | None:
        """What the publishers serve at this path."""
        if self.path.rstrip("/") == "/home":
            return HOME
        if self.path.startswith("/pages/faculty/ken.french/ftp/"):
            file = self.folder / "french" / self.path.rpartition("/")[2]
        elif self.path.startswith("/graph/fredgraph.csv?id="):
            file = self.folder / "fred" / f"{self.path.rpartition('=')[2]}.csv"
        else:
            file = self.folder / "shiller" / "ie_data.xls"
        return file.read_bytes() if file.is_file() else None

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    """What a pull from the publishers' own paths keeps, in a cache of its own."""
    folder = Path(os.environ["SMALLCAP_PUBLISHERS"])
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Publishers, folder))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    bases = {
        "french": f"{address}/pages/faculty/ken.french/ftp/",
        "fred": f"{address}/graph",
        "shiller": f"{address}/home",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SMALLCAP_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield pull_snapshot(bases, prices=folder / "prices")
    server.shutdown()
    server.server_close()


def test_the_panel_ends_with_the_newest_month_of_the_factors(snapshot):
    """A pull over the publishers' paths is complete, and the panel is made of it alone."""
    dataset = load_dataset("latest")
    [factors] = [e for e in snapshot.entries if e.id == "french/F-F_Research_Data_Factors"]
    assert str(dataset.as_of) == factors.last
    assert dataset.snapshot == snapshot.name
    assert dataset.daily is not None and dataset.funds is not None
    assert dataset.funds.shape[1] == sum(id.startswith("prices/") for id in snapshot.ids())


def test_all_notebooks_on_the_latest_data_give_the_committed_ledger(snapshot, tmp_path):
    """Every claim on all there is: the ledger's latest rows, to its tolerance."""
    records = collect_verdicts(execute(notebook_names(), {"data": "latest"}, tmp_path))
    check_records(records, NEWEST)
    fresh, stored = ledger_rows(records), read_ledger()
    assert check_ledger(fresh, stored) == []
    assert check_stored(stored) == []
    assert len(stored[stored["data"] == "latest"]) == len(fresh)


def test_every_argument_is_read_and_every_axis_varied_on_the_latest_data(snapshot, unread):
    """What is registered is what runs, also where only the latest data can test it."""
    dataset = load_dataset("latest")
    claims = [claim for claim in load_claims().values() if claim.design is not None]
    found = {claim.id: unread(claim, dataset) for claim in claims}
    assert {name: missed for name, missed in found.items() if missed} == {}


def test_all_notebooks_on_the_latest_data_at_an_earlier_date(snapshot, run_cells):
    """Every cell of every notebook runs and is drawn at 2007-12, and sees nothing later."""
    settings = {"data": "latest", "as_of": EARLIER}
    records = [r for name in notebook_names() for r in run_cells(name, **settings)[0]]
    check_records(records, EARLIER)


@pytest.mark.parametrize("as_of", [EARLIER, "2018-11", "2026-01"])
def test_a_month_cuts_every_table_of_the_latest_data(snapshot, as_of):
    """Returns, prices, the gap and the facts: none of them holds anything later."""
    seen = load_dataset("latest", as_of)
    assert [name for name, last in seen.reaches.items() if last[:7] > as_of] == []
    assert {"monthly", "daily", "funds", "valuation"} < set(seen.reaches)
    assert seen.mixed == {}


def test_the_kept_tables_of_the_outlooks_are_what_the_closes_give(snapshot, tmp_path):
    """Computed again from the users' closes, to the digits kept."""
    for name, text in outlook_texts(snapshot).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    fresh, kept = load_outlooks(tmp_path), load_outlooks(DERIVED_FOLDER)
    assert set(fresh) == set(kept) == {"paths", "calls", "scores"}
    for name, table in fresh.items():
        pd.testing.assert_frame_equal(table, kept[name], rtol=1e-3, atol=1e-4)


def check_records(records: list[dict[str, Any]], as_of: str) -> None:
    """Each claim once, with a verdict or a reason, from nothing later than the date."""
    claims, dataset = load_claims(), load_dataset("latest", as_of)
    assert sorted(record["claim"] for record in records) == sorted(claims)
    for record in records:
        claim = record["claim"]
        assert record["verdict"] in VERDICTS or record["reason"], claim
        assert (record["data"], record["as_of"]) == ("latest", as_of), claim
        assert record["seen_to"] == str(dataset.as_of), claim
        assert record["reaches"].items() <= dataset.reaches.items(), claim
        assert record["sample_end"] <= max(dataset.reaches.values())[:7], claim
        assert as_of == NEWEST or max(record["reaches"].values(), default="")[:7] <= as_of, claim
        assert record["mixed"] == {}, claim
        assert record["criterion_hash"] == claims[claim].criterion_hash, claim
        if claims[claim].kind == "figure" and as_of < claims[claim].made:
            assert record["reason"].startswith("not yet made"), claim
