"""The choices of a grid in words: no chart shows the code's own names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from analysis.panel.eras import ERAS, era_words
from analysis.panel.legs import EVERY_LEG
from analysis.results import month_words

#: What each axis of a grid chooses.
AXES: Mapping[str, str] = {
    "alignment": "timing of the rate",
    "basis": "market value used",
    "bound": "share that counts as wide",
    "condition": "which dates count",
    "controls": "controlled for",
    "core": "core holding",
    "cost": "cost of trading",
    "date_rule": "what dates the event",
    "driver": "moves with",
    "era": "years",
    "factors": "factor",
    "fall": "fall that counts",
    "floating_high": "highest floating share",
    "gap_high": "highest rate gap",
    "given": "given that",
    "groups": "groups compared",
    "horizon": "horizon",
    "horizon_sessions": "horizon",
    "industries": "industries",
    "kind": "announcements",
    "large": "large caps",
    "leg": "small minus large",
    "leverage_high": "highest leverage",
    "link": "recession within",
    "market": "market's own move",
    "mega_caps": "mega caps",
    "op_from": "profitable from fifth",
    "peers": "compared with",
    "phase": "part of the slowdown",
    "portfolios": "sorted by",
    "predictor": "predictor",
    "published": "published",
    "region": "region",
    "run": "length of the run",
    "sampling": "months used",
    "second": "second driver",
    "sessions": "days after",
    "size_quintile": "size fifth",
    "sleeve": "small-cap sleeve",
    "sleeve_weight": "weight of the sleeve",
    "small": "small caps",
    "stages": "steps of entry",
    "start": "first month counted",
    "tail": "worst share of windows",
    "tilt": "tilt",
    "tolerance": "tolerance",
    "view": "forecast by",
    "weights": "weights",
}

_MONTHS = frozenset({"horizon", "link"})
_SESSIONS = frozenset({"horizon_sessions", "sessions"})
_SHARES = frozenset(
    {"bound", "fall", "floating_high", "gap_high", "sleeve_weight", "tail", "tilt", "tolerance"}
    | {"cost"}
)
_FIFTHS = frozenset({"op_from", "size_quintile"})
#: Legs in the room a chart has.
_LEGS = {
    "s1_s5": "smallest less largest fifth",
    "s1v3_s5v3": "same, middle value group",
    "s3_s5": "middle less largest fifth",
    "s1_market": "smallest fifth less market",
    "halves": "small half less big half",
    "lo30_hi30": "smallest less largest 30%",
    "lo20_hi20": "smallest less largest 20%",
    "d1_d10": "smallest less largest tenth",
    "d2d5_hi10": "tenths 2 to 5 less largest",
    "lo30_market": "smallest 30% less market",
    "iwm_spy": "IWM less SPY",
    "ijr_spy": "IJR less SPY",
    "s1": "smallest fifth",
    "s1v3": "smallest fifth, middle value",
    "s1v5": "smallest fifth, cheapest group",
    "s3": "middle fifth",
    "lo30": "smallest 30%",
}
_VALUES: Mapping[str, Mapping[Any, str]] = {
    "alignment": {"own_month": "change in the month", "between_means": "between monthly means"},
    "basis": {"june": "of June", "december": "of the December before"},
    "condition": {"none": "all dates", "falling_rates": "falling rates only"},
    "controls": {
        "market": "the market",
        "market_profit": "market and profitability",
        "market_profit_value": "market, profitability and value",
    },
    "core": {"s5": "largest fifth", "market": "the market"},
    "date_rule": {
        "trough": "end of the recession",
        "announcement": "announcement of the end",
        "funds": "funds rate",
        "discount": "discount rate",
        "zigzag": "turn of the rate",
        "broad": "broad list of easings",
        "bank": "the bank's list",
    },
    "driver": {
        "bill_rate": "bill rate",
        "fed_funds": "fed funds rate",
        "target": "Fed's target",
        "gs10": "ten-year yield",
        "high_yield": "high-yield spread",
        "baa_aaa": "Baa less Aaa",
        "industries": "breadth of industries",
        "size_value_portfolios": "breadth of portfolios",
        "rsp_spy": "equal-weight fund",
        "realised_volatility": "realised volatility",
        "vix": "VIX",
        "cpi_inflation": "CPI inflation",
        "core_inflation": "core inflation",
        "past_6": "last 6 months",
        "past_12": "last 12 months",
    },
    "factors": {"hml": "value", "rmw": "profitability"},
    "given": {
        "falling_rates": "rates fall",
        "narrowing_spreads": "spreads narrow",
        "both": "both",
    },
    "groups": {
        "two_fifths": "two fifths each",
        "outer_fifths": "outer fifths",
        "halves": "halves",
    },
    "industries": {
        "money": "finance",
        "manuf": "manufacturing",
        "enrgy": "energy",
        "durbl": "durables",
        "shops": "shops",
        "money_manuf_enrgy": "finance, manufacturing, energy",
        "manuf_money_durbl_shops": "finance, manufacturing, durables, shops",
    },
    "kind": {"all": "all", "rises": "rises", "retreats": "retreats"},
    "large": {
        "big": "large half",
        "big_half": "large half",
        "hi20": "largest 20%",
        "hi30": "largest 30%",
        "s5": "largest fifth",
        "s5v3": "largest fifth, middle value group",
    },
    "link": {"all": "any or none"},
    "market": {True: "controlled for", False: "left in"},
    "phase": {
        "whole": "the whole",
        "first_half": "first half",
        "second_half": "second half",
    },
    "portfolios": {
        "value": "value",
        "momentum": "momentum",
        "value_and_momentum": "value and momentum",
    },
    "predictor": {"gap": "valuation gap", "past_return": "past relative return"},
    "region": {
        "us": "United States",
        "developed": "developed markets",
        "europe": "Europe",
        "japan": "Japan",
        "asia_pacific": "Asia Pacific",
        "pooled": "three regions together",
    },
    "sampling": {"monthly": "every month", "june": "Junes only"},
    "second": {
        "lending_standards": "lending standards",
        "lending_standards_small": "standards for small firms",
        "lending_shift": "change in standards",
    },
    "sleeve": {
        "me1_high_op": "profitable small firms",
        "me1_top_op": "most profitable small firms",
    },
    "small": {
        "small": "small half",
        "small_half": "small half",
        "lo20": "smallest 20%",
        "lo30": "smallest 30%",
        "s1": "smallest fifth",
        "s1v3": "smallest fifth, middle value group",
    },
    "start": {0: "the event's own", 1: "the next"},
    "view": {
        "ols": "least squares",
        "bias_corrected": "bias-corrected",
        "no_predictability": "no predictability",
    },
    "weights": {"capitalisation": "by capitalisation", "equal": "equal"},
}


def axis_words(axis: str) -> str:
    """What an axis of a grid chooses, in words; a new axis by its own name without underscores."""
    return AXES.get(axis, axis.replace("_", " "))


def is_choice(axis: str, value: Any) -> bool:
    """Whether a value is one that code gives an alternative of an axis, and no word of a table."""
    known = _VALUES.get(axis, {})
    if any(key is value or _same(key, value) for key in known):
        return not isinstance(value, int) or isinstance(value, bool)
    tables: dict[str, Collection[str]] = {"leg": EVERY_LEG, "era": ERAS}
    return isinstance(value, str) and value in tables.get(axis, ())


def choice_words(axis: str, value: Any) -> str:
    """One alternative of an axis in words, with its unit."""
    known = _VALUES.get(axis, {})
    # True is 1 for a dictionary
    found = next((word for key, word in known.items() if key is value or _same(key, value)), None)
    if found is not None:
        return found
    if axis == "leg":
        named = EVERY_LEG[value].words if value in EVERY_LEG else _plain(value)
        return _LEGS.get(value, named)
    if axis == "era" and value in ERAS:
        return era_words(value)
    if axis in _MONTHS:
        return f"{value} month{'' if value == 1 else 's'}"
    if axis in _SESSIONS:
        return f"{value} session{'' if value == 1 else 's'}"
    if axis in _SHARES and isinstance(value, int | float):
        return f"{100 * value:g}%"
    if axis in _FIFTHS:
        return f"number {value}"
    return _plain(value)


def leg_words(leg: str) -> str:
    """A leg in the room that a chart has."""
    return choice_words("leg", leg)


def _same(key: Any, value: Any) -> bool:
    return type(key) is type(value) and bool(key == value)


def _plain(value: Any) -> str:
    text = str(value)
    dated = text.replace("-", "")
    if dated.isdigit() and len(dated) in (6, 8) and text[4:5] == "-":
        return month_words(text)
    return text.replace("_", " ")
