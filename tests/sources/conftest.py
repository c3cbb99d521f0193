"""Small made-up files in each publisher's format, and a server on this machine that serves them."""

from __future__ import annotations

import copy
import io
import json
import struct
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from analysis.sources import catalog

FIRST, LAST = "2020-01", "2021-12"

TITLES = {
    "vw_monthly": "  Average Value Weighted Returns -- Monthly",
    "ew_monthly": "  Average Equal Weighted Returns -- Monthly",
    "vw_annual": "  Average Value Weighted Returns -- Annual",
    "ew_annual": "  Average Equal Weighted Returns -- Annual",
    "firms": "  Number of Firms in Portfolios",
    "size": "  Average Market Cap",
    "beme_december": """  For portfolios formed in June of year t
  Value Weight Average of BE/ME Calculated for June of t to June of t+1 as:
  Sum[ME(Mth) * BE(Fiscal Year t-1) / ME(Dec t-1)] / Sum[ME(Mth)]
  Where Mth is a month from June of t to June of t+1
  and BE(Fiscal Year t-1) is adjusted for net stock issuance to Dec t-1""",
    "beme_june": """  For portfolios formed in June of year t
  Value Weight Average of BE_FYt-1/ME_June t Calculated for June of t to June of t+1 as:
  Sum[ME(Mth) * BE(Fiscal Year t-1) / ME(Jun t)] / Sum[ME(Mth)]
  Where Mth is a month from June of t to June of t+1
  and BE(Fiscal Year t-1) is adjusted for net stock issuance to Jun t""",
    "op": """  For portfolios formed in June of year t
  Value Weight Average of OP Calculated as:
  Sum[ME(Mth) * OP(fiscal year t-1) / BE(fiscal year t-1)] / Sum[ME(Mth)]
  Where Mth is a month from June of t to June of t+1""",
    "inv": """  For portfolios formed in June of year t
  Value Weight Average of investment (rate of growth of assets) Calculated as:
  Sum[ME(Mth) * Log(ASSET(t-1) / ASSET(t-2) / Sum[ME(Mth)]
  Where Mth is a month from June of t to June of t+1""",
}

SIZE_VALUE = ("SMALL LoBM", "ME1 BM2", "SMALL HiBM", "BIG LoBM", "ME2 BM2", "BIG HiBM")
DECILES = ("<= 0", "Lo 10", "2-Dec", "9-Dec", "Hi 10")
OLD_DECILES = ("<= 0", "Lo 10", "Dec 2", "Dec 9", "Hi 10")

SHILLER_HEADS = {
    "Date": 0,
    "Cyclically|Adjusted|Price|Earnings|Ratio|P/E10 or|CAPE": 12,
    "Cyclically|Adjusted|Total Return Price|Earnings|Ratio|TR P/E10 or|TR CAPE": 14,
    "S&P|Comp.|P": 1,
    "Dividend|D": 2,
    "Earnings|E": 3,
    "Consumer|Price|Index|CPI": 4,
    "Date|Fraction": 5,
    "Long|Interest|Rate GS10": 6,
    "Real|Price": 7,
    "Real|Dividend": 8,
    "Real|Total|Return|Price": 9,
    "Real|Earnings": 10,
}


def months(first: str = FIRST, last: str = LAST) -> pd.PeriodIndex:
    return pd.period_range(first, last, freq="M")


class Formats:
    """Writes the publishers' formats."""

    titles = TITLES
    columns = SIZE_VALUE

    @staticmethod
    def zipped(text: str | bytes, member: str = "6_Portfolios_2x3.csv") -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo(member), text, zipfile.ZIP_DEFLATED)
        return packed.getvalue()

    @staticmethod
    def table(title: str, columns: tuple[str, ...], keys: list[str], shift: float = 0.0) -> str:
        base = 0.5 + np.arange(len(keys) * len(columns)).reshape(len(keys), -1) % 7 / 10 + shift
        if columns[0] == "<= 0":
            base[:, 0] = -99.99
        rows = [
            f"{key}," + ",".join(f"{value:10.4f}" for value in row)
            for key, row in zip(keys, base, strict=True)
        ]
        head = f"{title}\n" if title else ""
        return head + "," + ",".join(columns) + "\n" + "\n".join(rows) + "\n"

    @classmethod
    def french(
        cls,
        columns: tuple[str, ...] = SIZE_VALUE,
        tables: tuple[str, ...] = tuple(TITLES),
        last: str = LAST,
        shift: float = 0.0,
    ) -> str:
        keys = [f"{month:%Y%m}" for month in months(last=last)]
        end = pd.Period(last, "M")
        years = [str(year) for year in range(2020, end.year + (end.month == 12))]
        parts = [
            f"This file was created using the {end:%Y%m} CRSP database.\nMade up, for tests.\n\n"
            "Missing data are indicated by -99.99 or -999.\n\n"
        ]
        for name in tables:
            dates = years if name.endswith("annual") else keys
            parts.append(cls.table(TITLES[name], columns, dates, shift))
            parts.append("\n\n")
        return "".join(parts) + "Copyright nobody\n"

    @classmethod
    def factors(cls, daily: bool = False) -> str:
        head = "This file was created by using the 202112 CRSP database.\n\n"
        columns = ("Mkt-RF", "SMB", "HML", "RF")
        if daily:
            keys = [f"{day:%Y%m%d}" for day in pd.bdate_range("2020-01-01", "2021-12-31")]
            return f"{head}{cls.table('', columns, keys)}\nCopyright nobody\n"
        keys = [f"{month:%Y%m}" for month in months()]
        yearly = cls.table(" Annual Factors: January-December ", columns, ["2020", "2021"])
        return f"{head}{cls.table('', columns, keys)}\n{yearly}\nCopyright nobody\n"

    @staticmethod
    def fred(series: str, date: str = "observation_date", blank: str | None = None) -> str:
        rows = [
            f"{month}-01,{'' if str(month) == blank else 1 + number / 10:.4}"
            if str(month) != blank
            else f"{month}-01,"
            for number, month in enumerate(months())
        ]
        return "\n".join([f"{date},{series}", *rows, ""])

    @staticmethod
    def prices(days: int = 66) -> str:
        index = pd.bdate_range("2021-10-01", periods=days)
        rows = [f"{day:%Y-%m-%d},{100 + number % 5}.25" for number, day in enumerate(index)]
        return "\n".join(["Date,Close", *rows, ""])

    @classmethod
    def shiller(cls, heads: dict[str, int] | None = None, skip: int | None = None) -> bytes:
        heads = heads or SHILLER_HEADS
        cells: list[tuple[int, int, float | str]] = [(1, 0, "Made up, for tests")]
        for head, column in heads.items():
            parts = head.split("|")
            for row, word in enumerate(parts, start=8 - len(parts)):
                cells.append((row, column, word))
        for number, month in enumerate(months()):
            if number == skip:
                continue
            row = 8 + number - (skip is not None and number > skip)
            # as the publisher writes it, October is .1
            cells.append((row, 0, float(f"{month:%Y.%m}")))
            for column in (*range(1, 5), *range(6, 11), 12, 14):
                late = number == len(months()) - 1 and column in (2, 3)
                early = number < 3 and column in (12, 14)
                cells.append((row, column, "NA" if early else "" if late else 4.0 + number / 2))
        cells.append((8 + len(months()), 1, "the last price is a guess"))
        return cls.workbook(cells)

    @staticmethod
    def workbook(cells: list[tuple[int, int, float | str]], sheet: str = "Data") -> bytes:
        """A workbook of one sheet: BIFF 5 records in the one stream of an OLE container."""

        def record(code: int, body: bytes) -> bytes:
            return struct.pack("<HH", code, len(body)) + body

        def opening(kind: int) -> bytes:
            return record(0x0809, struct.pack("<HHHH", 0x0500, kind, 0, 1996))

        end = record(0x000A, b"")
        name = sheet.encode()
        size = len(opening(5)) + 4 + 7 + len(name) + len(end)
        bound = record(0x0085, struct.pack("<IHB", size, 0, len(name)) + name)
        body = b""
        for row, column, value in cells:
            place = struct.pack("<HHH", row, column, 0)
            if isinstance(value, float):
                body += record(0x0203, place + struct.pack("<d", value))
            elif value:
                text = value.encode()
                body += record(0x0204, place + struct.pack("<H", len(text)) + text)
        stream = opening(5) + bound + end + opening(16) + body + end
        sectors = max(8, -(-len(stream) // 512))
        stream = stream.ljust(sectors * 512, b"\0")
        chain = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
        table = struct.pack("<128I", *chain, *[0xFFFFFFFF] * (128 - len(chain)))
        header = struct.pack(
            "<8s16sHHHHH6sIIIIIIIII",
            bytes.fromhex("d0cf11e0a1b11ae1"),
            b"",
            0x3E,
            3,
            0xFFFE,
            9,
            6,
            b"",
            0,
            1,
            1,
            0,
            4096,
            0xFFFFFFFE,
            0,
            0xFFFFFFFE,
            0,
        ) + struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)

        def entry(title: str, kind: int, child: int, start: int, length: int) -> bytes:
            wide = title.encode("utf-16-le") + b"\0\0"
            none = 0xFFFFFFFF
            return (
                wide.ljust(64, b"\0")
                + struct.pack("<HBBIII", len(wide), kind, 1, none, none, child)
                + b"\0" * 36
                + struct.pack("<III", start, length, 0)
            )

        folder = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry(
            "Book", 2, -1 % 2**32, 2, len(stream)
        )
        return header + table + folder.ljust(512, b"\0") + stream


@pytest.fixture(scope="session")
def formats() -> type[Formats]:
    return Formats


@pytest.fixture(scope="session")
def files() -> dict[str, bytes]:
    """A mirror folder with one made-up file of each kind."""
    return {
        "french/6_Portfolios_2x3_CSV.zip": Formats.zipped(Formats.french()),
        "french/Portfolios_Formed_on_ME_CSV.zip": Formats.zipped(
            Formats.french(DECILES, ("vw_monthly", "firms", "size")), "Portfolios_Formed_on_ME.csv"
        ),
        "french/F-F_Research_Data_Factors_daily_CSV.zip": Formats.zipped(
            Formats.factors(daily=True), "F-F_Research_Data_Factors_daily.csv"
        ),
        "fred/FEDFUNDS.csv": Formats.fred("FEDFUNDS").encode(),
        "fred/CPIAUCSL.csv": Formats.fred("CPIAUCSL", blank="2020-10").encode(),
        "shiller/ie_data.xls": Formats.shiller(),
        "prices/SPY.csv": Formats.prices().encode(),
    }


@pytest.fixture(scope="session")
def small_catalogue_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's catalogue cut down to the made-up files and their few years."""
    raw = yaml.safe_load(catalog.CATALOGUE_FILE.read_text(encoding="utf-8"))
    kept = []
    for source in raw["sources"]:
        if source["id"] in (
            "french/6_Portfolios_2x3",
            "french/Portfolios_Formed_on_ME",
            "french/F-F_Research_Data_Factors_daily",
            "fred/FEDFUNDS",
            "fred/CPIAUCSL",
            "shiller/ie_data",
        ):
            source = {**source, "first": FIRST, "required": True}
            if isinstance(source["tables"], str):
                source["tables"] = copy.deepcopy(raw["tables"][source["tables"]])
            if source["id"] == "french/Portfolios_Formed_on_ME":
                source["columns"] = list(OLD_DECILES)
                source["required"] = False
            if source["id"] == "fred/CPIAUCSL":
                source["blanks"] = ["2020-10"]
                source["tables"] = {"CPIAUCSL": {"range": [0.1, 2000]}}
            held = ("vw_monthly", "firms", "size") if "_ME" in source["id"] else source["tables"]
            source["tables"] = {
                name: {
                    key: value for key, value in table.items() if key not in ("first", "reaches")
                }
                for name, table in source["tables"].items()
                if name in held
            }
            kept.append(source)
    raw["sources"] = kept
    raw["prices"]["tickers"] = ["SPY"]
    path = tmp_path_factory.mktemp("catalogue") / "sources.yml"
    # written without aliases, which the catalogue refuses
    plain = json.loads(json.dumps(raw, default=str))
    path.write_text(yaml.safe_dump(plain, sort_keys=False), encoding="utf-8")
    return path


@pytest.fixture
def small_catalogue(small_catalogue_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cut-down catalogue in place of the project's."""
    monkeypatch.setattr(catalog, "CATALOGUE_FILE", small_catalogue_file)


class Publishers:
    """A server on this machine in place of the publishers, with faults to order.

    Serves a mirror folder's layout and each publisher's own addresses. ``faults[path]`` is a list,
    one for each request to come: a status, a status with headers, ``"hang"``, ``"cut"``,
    ``"drip"``, bytes to serve, or ``"ok"``; the last stands for all that follow.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = dict(files)
        self.faults: dict[str, list[int | str | bytes | tuple[int, dict[str, str]]]] = {}
        self.asked: list[str] = []
        self.agents: set[str] = set()
        self.released = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def own_addresses(self) -> dict[str, str]:
        """Base addresses under which the publishers' own names of the files are served."""
        return {
            "french": f"{self.address}/pages/faculty/ken.french/ftp/",
            "fred": f"{self.address}/graph",
            "shiller": f"{self.address}/home",
        }

    def place(self, path: str) -> str:
        """Mirror path of a publisher's own path."""
        if path.startswith("/pages/faculty/ken.french/ftp/"):
            return f"french/{path.rpartition('/')[2]}"
        if path.startswith("/graph/fredgraph.csv?id="):
            return f"fred/{path.rpartition('=')[2]}.csv"
        if path.startswith("/downloads/ie_data.xls?ver="):
            return "shiller/ie_data.xls"
        return path.lstrip("/")

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        place = self.place(handler.path)
        self.asked.append(place)
        faults = self.faults.get(place, ["ok"])
        fault = faults.pop(0) if len(faults) > 1 else faults[0]
        content = self.files.get(place)
        self.agents.add(handler.headers.get("User-Agent", ""))
        if isinstance(fault, tuple):
            status, headers = fault
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(b"" if content is None or status >= 300 else content)
            return
        if place == "home/":
            content = b'<html><a href="/downloads/ie_data.xls?ver=1&amp;a=2">U.S. data</a></html>'
        if isinstance(fault, bytes):
            content = fault
        if isinstance(fault, int) or content is None:
            handler.send_error(fault if isinstance(fault, int) else 404)
            return
        if fault == "hang":
            self.released.wait(20)
            return
        if isinstance(fault, str) and fault.startswith("http"):
            handler.send_response(302)
            handler.send_header("Location", fault)
            handler.end_headers()
            return
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        if fault == "drip":
            for at in range(0, len(content), 50):
                handler.wfile.write(content[at : at + 50])
                time.sleep(0.02)
            return
        handler.wfile.write(content[: len(content) // 2] if fault == "cut" else content)

    def close(self) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def publishers(files: dict[str, bytes]) -> Iterator[Publishers]:
    server = Publishers(files)
    yield server
    server.close()


@pytest.fixture
def real_publishers(publishers_folder: Path) -> Iterator[Publishers]:
    """The server with the publishers' real files."""
    found = {
        str(path.relative_to(publishers_folder)): path.read_bytes()
        for path in publishers_folder.rglob("*.*")
        if path.suffix in (".zip", ".csv", ".xls") and "vintages" not in path.parts
    }
    server = Publishers(found)
    yield server
    server.close()
