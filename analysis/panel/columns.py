"""Every column of the panel, declared once: meaning, unit, and where each data set has it from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from analysis.panel.gaps import BASES
from analysis.panel.regions import FACTORS, REGIONS, WORDS
from analysis.panel.sizes import FIFTHS
from analysis.panel.valuation import GROUPS

RETURN = "decimal return a month"
DAILY_RETURN = "decimal return a day"
RATE = "decimal rate a year"
RATIO = "ratio"
LOG_RATIO = "log ratio"
SHARE = "share"
COUNT = "firms"
CAPITAL = "million dollars"
FLAG = "0 or 1"
INDEX = "index level"
DOLLARS = "dollars an hour"
VOLATILITY = "decimal volatility a year"

#: French's twelve industries, as a reader knows them.
INDUSTRIES = {
    "nodur": "non-durables",
    "durbl": "durables",
    "manuf": "manufacturing",
    "enrgy": "energy",
    "chems": "chemicals",
    "buseq": "business equipment",
    "telcm": "telecommunications",
    "utils": "utilities",
    "shops": "retail",
    "hlth": "health care",
    "money": "finance",
    "other": "other industries",
}


@dataclass(frozen=True)
class Column:
    """A column, or several that hold the same kind of number.

    Attributes
    ----------
    names : tuple of str
    meaning : str
    unit : str
        In the panel, after conversion.
    sources : mapping of str to str
        Data set to where it is read from: an id of ``data/sources.yml`` for the latest data, a
        package's data set or a table of this project for the bundled ones. A data set that is not
        named does not hold the column.
    table : {"monthly", "daily", "valuation"}
        Table of :class:`analysis.panel.Dataset`.
    """

    names: tuple[str, ...]
    meaning: str
    unit: str
    sources: Mapping[str, str]
    table: str = "monthly"


_THREE = "french/F-F_Research_Data_Factors"
_FIVE = "french/F-F_Research_Data_5_Factors_2x3"
_BY_DAY = "french/F-F_Research_Data_Factors_daily"
_VALUE = "french/25_Portfolios_5x5"
_PROFIT = "french/25_Portfolios_ME_OP_5x5"
_HALVES = "french/6_Portfolios_2x3"
_SIZES = "french/Portfolios_Formed_on_ME"
_ARCH, _LINEAR = "arch.data.frenchdata", "linearmodels.datasets.french"

_FACTORS = {"bundled": _ARCH, "latest": _THREE}
_BONDS = "arch.data.default"

#: Fifths by size the bundled data have portfolios of.
_ODD = (1, 3, 5)


def _cells(one: str, other: str, fifths: tuple[int, ...] = FIFTHS) -> tuple[str, ...]:
    return tuple(f"{one}{row}{other}{column}" for row in fifths for column in fifths)


def _latest(source: str) -> dict[str, str]:
    return {"latest": source}


def _public(*series: str) -> dict[str, str]:
    """Public-domain series, which both data sets hold."""
    return {
        "bundled": ", ".join(f"data/public/{name}.csv" for name in series),
        "latest": ", ".join(f"fred/{name}" for name in series),
    }


#: Files of the bundled data whose past values are revised after their month, and what is revised.
#: Interest rates, targets of the funds rate and surveys of banks stand as first published.
REVISED: dict[str, str] = {
    "data/public/AHETPI.csv": "hourly earnings (benchmarks and seasonal factors)",
    "data/public/CPIAUCSL.csv": "consumer prices (seasonal factors)",
    "data/public/DTWEXBGS.csv": "the broad dollar since 2006 (weights)",
    "data/public/TWEXBMTH.csv": "the broad dollar before 2006 (weights)",
}


def _monthly() -> Iterator[Column]:
    yield Column(("market",), "US stock market, total return", RETURN, _FACTORS)
    yield Column(("market_excess",), "market less the one-month bill", RETURN, _FACTORS)
    yield Column(("bill",), "one-month Treasury bill", RETURN, _FACTORS)
    yield Column(("bill_rate",), "twelve times the one-month bill", RATE, _FACTORS)
    yield Column(("smb",), "small minus big, three-factor model", RETURN, _FACTORS)
    yield Column(("hml",), "high minus low BE/ME", RETURN, _FACTORS)
    yield Column(("mom",), "winners minus losers", RETURN, {"bundled": _LINEAR})
    yield Column(("rmw",), "robust minus weak profitability", RETURN, _latest(_FIVE))
    yield Column(("cma",), "conservative minus aggressive investment", RETURN, _latest(_FIVE))
    yield from _sorts()
    yield from _by_region()
    yield from _by_size()
    yield from _book_values()
    yield from _rates()
    yield Column(
        ("recession",),
        "NBER recession: 1 from the month after the peak to the trough",
        FLAG,
        dict.fromkeys(("bundled", "latest"), "data/facts/nber_cycles.csv"),
    )


def _sorts() -> Iterator[Column]:
    by_value = "fifth by size (first digit, 1 the smallest) and by BE/ME (second, 5 the highest)"
    odd = _cells("s", "v", _ODD)
    yield Column(odd, by_value, RETURN, {"bundled": _LINEAR, "latest": _VALUE})
    others = tuple(name for name in _cells("s", "v") if name not in odd)
    yield Column(others, by_value, RETURN, _latest(_VALUE))
    yield Column(
        _cells("s", "m", _ODD),
        "fifth by size (first digit, 1 the smallest) and by past return (second, 5 the best)",
        RETURN,
        {"bundled": _LINEAR},
    )
    for code, words in INDUSTRIES.items():
        yield Column((f"ind_{code}",), f"industry: {words}", RETURN, {"bundled": _LINEAR})
    profit = _cells("me", "op")
    by_profit = "fifth by size (first digit) and by operating profitability (second, 5 the highest)"
    yield Column(profit, by_profit, RETURN, _latest(_PROFIT))
    yield Column(
        tuple(f"cap_{name}" for name in profit),
        f"capitalisation at the start of the month: {by_profit}",
        CAPITAL,
        _latest(_PROFIT),
    )


def _by_region() -> Iterator[Column]:
    for region, source in REGIONS.items():
        held = [name for name in FACTORS.values() if name != "rmw" or "_5_" in source]
        yield Column(
            tuple(f"{name}_{region}" for name in held),
            f"factors of {WORDS[region]}, in dollars",
            RETURN,
            _latest(source),
        )


def _by_size() -> Iterator[Column]:
    source = _latest(_SIZES)
    thirds = ("lo30", "mid40", "hi30")
    yield Column(thirds, "smallest 30% by NYSE size, middle 40%, largest 30%", RETURN, source)
    yield Column(("lo20", "hi20"), "smallest and largest fifth by NYSE size", RETURN, source)
    tenths = tuple(f"dec{place}" for place in range(1, 11))
    yield Column(tenths, "tenth by NYSE size, 1 the smallest", RETURN, source)
    yield Column(
        ("d2d5",), "tenths 2 to 5, weighted by capitalisation: nearest the Russell 2000", RETURN,
        source,
    )  # fmt: skip
    yield Column(
        ("top_share",), "share of the largest tenth in the value of all firms", SHARE, source
    )
    counted = tuple(f"firms_{name}" for name in thirds)
    yield Column(counted, "number of firms of that size, start of the month", COUNT, source)
    yield Column(
        ("small_half", "big_half"),
        "smaller and larger half by NYSE's median, weighted by capitalisation",
        RETURN,
        _latest(_HALVES),
    )


def _book_values() -> Iterator[Column]:
    groups = tuple(GROUPS)
    who = "the two smallest and the two largest fifths, the smallest and the largest"
    source = _latest(_VALUE)
    yield Column(tuple(f"vw_{g}" for g in groups), f"{who}, by capitalisation", RETURN, source)
    bases = "market value of that June or of the December before"
    yield Column(
        tuple(f"bm_{group}_{basis}" for group in groups for basis in BASES),
        f"book-to-market of {who}; basis: {bases}; known at the end of the month",
        RATIO,
        source,
    )
    yield Column(
        tuple(f"op_{group}" for group in groups),
        f"operating profits over book equity of {who}",
        RATIO,
        source,
    )
    yield Column(
        tuple(f"firms_{group}" for group in groups), f"number of firms in {who}", COUNT, source
    )
    yield Column(
        tuple(f"bm_{half}_half_{basis}" for half in ("small", "big") for basis in BASES),
        f"book-to-market of the halves by size; basis: {bases}",
        RATIO,
        _latest(_HALVES),
    )


def _rates() -> Iterator[Column]:
    for name, words in (("aaa", "Aaa"), ("baa", "Baa")):
        yield Column(
            (name,),
            f"Moody's seasoned {words} corporate bond yield",
            RATE,
            {"bundled": _BONDS, "latest": f"fred/{name.upper()}"},
        )
    yield Column(("fed_funds",), "federal funds rate, mean of the month", RATE, _public("FEDFUNDS"))
    yield Column(("gs10",), "ten-year Treasury yield", RATE, _public("GS10"))
    yield Column(("tb3ms",), "three-month Treasury bill", RATE, _public("TB3MS"))
    yield Column(
        ("target",),
        "target for the federal funds rate (upper end of the range), announced by the month's end",
        RATE,
        _public("DFEDTAR", "DFEDTARU"),
    )
    yield Column(
        ("high_yield",),
        "option-adjusted spread of US high-yield bonds, last value of the month",
        RATE,
        _latest("fred/BAMLH0A0HYM2"),
    )
    for name, firms, series in (
        ("lending_standards", "large and middle-market firms", "DRTSCILM"),
        ("lending_standards_small", "small firms", "DRTSCIS"),
    ):
        yield Column(
            (name,),
            f"banks tightening less banks easing loans to {firms}, from the month of publication",
            SHARE,
            _public(series),
        )
    yield Column(
        ("broad_dollar",),
        "broad dollar, mean of the month: the newer index (DTWEXBGS) and, before it, the one it"
        " replaced (TWEXBMTH), joined by growth rates in the first month of both",
        INDEX,
        _public("DTWEXBGS", "TWEXBMTH"),
    )
    yield Column(("core_cpi",), "consumer prices less food and energy, 1982-84 = 100", INDEX,
                 {"bundled": "arch.data.core_cpi"})  # fmt: skip
    yield Column(("hourly_earnings",), "average hourly earnings of most employees", DOLLARS,
                 _public("AHETPI"))  # fmt: skip
    yield Column(("vix",), "volatility priced by options on the S&P 500, last close of the month",
                 VOLATILITY, _latest("fred/VIXCLS"))  # fmt: skip
    yield Column(("realised_volatility",), "volatility of the market's daily returns in the month",
                 VOLATILITY, _latest(_BY_DAY))  # fmt: skip
    yield Column(("cpi",), "consumer prices, 1982-84 = 100", INDEX, _public("CPIAUCSL"))
    yield Column(
        ("cape",),
        "price over ten years' mean earnings, of monthly mean prices",
        RATIO,
        _latest("shiller/ie_data"),
    )


def _other_tables() -> Iterator[Column]:
    daily = _latest(_BY_DAY)
    yield Column(("market",), "US stock market, total return", DAILY_RETURN, daily, "daily")
    yield Column(("smb",), "small minus big, three-factor model", DAILY_RETURN, daily, "daily")
    yield Column(("bill",), "one-month Treasury bill", DAILY_RETURN, daily, "daily")
    junes = {"bundled": "data/derived/valuation_gap.csv", "latest": _VALUE}
    yield Column(
        tuple(f"gap_{basis}" for basis in BASES),
        "log BE/ME of the two smallest fifths less that of the two largest, each June, on a basis",
        LOG_RATIO,
        junes,
        "valuation",
    )
    yield Column(
        tuple(f"percentile_{basis}" for basis in BASES),
        "share of the Junes up to that one whose gap is no wider",
        SHARE,
        junes,
        "valuation",
    )


#: All columns, table by table, in the order a reader meets them.
COLUMNS: tuple[Column, ...] = (*_monthly(), *_other_tables())


def column_names(data: str, table: str = "monthly") -> tuple[str, ...]:
    """Names of the columns that a data set holds in a table, in the order of :data:`COLUMNS`."""
    chosen = (one for one in COLUMNS if one.table == table and data in one.sources)
    return tuple(name for one in chosen for name in one.names)
