"""What each supplementary table answers, in one or two sentences made from its numbers."""

from __future__ import annotations

import pandas as pd

from analysis.audit.supplements.spreads import CENTRAL, SAME_MONTHS, words_of
from analysis.audit.supplements.studies import MEAN
from analysis.results import enumeration, month_words, p_words

#: Cost of the amount traded that the sentence on costs is about.
STATED_COST = 0.002

ABSENT = (
    "The data of this run do not hold what this needs: `smallcap pull` fetches closes, daily"
    " returns and other markets."
)


def points(value: float, digits: int = 1) -> str:
    """Per cent points with a sign: +4.8, −0.3."""
    return f"{100 * value:+.{digits}f}".replace("-", "−")


def exposures(table: pd.DataFrame) -> str:
    """How much of SMB a holder of each fund pair has."""
    rows = table[table["against"] == "smb"]
    if rows.empty:
        return ABSENT
    said = [
        f"{words_of(row.leg)} had a correlation of {row.correlation:.2f} with SMB, a beta of"
        f" {row.beta:.2f} and {abs(100 * row.left):.1f} points a year"
        f" {'more' if row.left >= 0 else 'less'} than that beta explains"
        for row in rows.itertuples()
    ]
    first, last = rows["first"].min(), rows["last"].max()
    return f"From {month_words(first)} to {month_words(last)}, {'; '.join(said)}."


def verdicts(table: pd.DataFrame) -> str:
    """For how many central claims the fund gives another verdict than SMB over its months."""
    if table.empty:
        return ABSENT
    wide = table.pivot(index="claim", columns="leg", values="verdict").replace("", None)
    parts = []
    for leg in table["leg"].unique():
        if leg in (CENTRAL, SAME_MONTHS):
            continue
        both = wide[[SAME_MONTHS, leg]].dropna()
        other = both.index[both[SAME_MONTHS] != both[leg]]
        names = f" ({', '.join(other)})" if len(other) else ""
        parts.append(f"{words_of(leg)} in {len(other)} of {len(both)}{names}")
    both = wide[[CENTRAL, SAME_MONTHS]].dropna()
    moved = int((both[CENTRAL] != both[SAME_MONTHS]).sum())
    none = int(wide[SAME_MONTHS].isna().sum())
    return (
        f"Over the same months the verdict with funds differs from that with SMB:"
        f" {'; '.join(parts)}. The fewer months alone change {moved} of {len(both)} verdicts,"
        f" and {none} of {len(wide)} central claims cannot be tested on them at all."
    )


def policy(table: pd.DataFrame) -> str:
    """What small caps did on the days the target fell and rose."""
    rows = table[table["leg"] == "smb"].set_index("kind")
    said = []
    for kind, what in (("all cuts", "cut"), ("all rises", "raised")):
        if kind in rows.index:
            row = rows.loc[kind]
            said.append(
                f"on the {int(row['days'])} days on which the target was {what} small minus large"
                f" was {points(row['mean'], 2)} points from that of any day"
                f" of the same year (95% interval"
                f" {points(row['low'], 2)} to {points(row['high'], 2)}, p {p_words(row['p'])})"
            )
    if not said:
        return ABSENT
    text = ", and ".join(said)
    return (
        f"{text[0].upper()}{text[1:]}. What a first cut means for a year is not settled by its day."
    )


def compared(table: pd.DataFrame) -> str:
    """How the published means of first cuts compare with these data."""
    means = table[table["metric"].eq(MEAN) & table["published_low"].notna()]
    rows = means[means["kind"].eq("first cut") & means["found"].notna()]
    counted = f"{table['found'].notna().sum()} of {len(table)} published statements"
    if rows.empty:
        return f"{counted} can be repeated here."
    higher = int((rows["published_low"] > rows["found"]).sum())
    inside = int(rows["published_low"].between(rows["low"], rows["high"]).sum())
    year = rows[rows["horizon"] == 12].sort_values("events").tail(1)
    own = ""
    if len(year):
        one = year.iloc[0]
        own = (
            f" In the year after a first cut SMB earned {points(one['found'])} points on average"
            f" ({int(one['events'])} cuts, 95% interval {points(one['low'])} to"
            f" {points(one['high'])})."
        )
    return (
        f"Of {len(rows)} published means after first cuts {higher} are higher than what the same"
        f" definition gives here, and {inside} lie within its 95% interval.{own} {counted} can be"
        " repeated at all."
    )


def absolute(table: pd.DataFrame) -> str:
    """Whether each of the bank's two forecasts lies in the band of its own return."""
    rows = table[table["kind"] == "nominal"]
    if rows.empty:
        return ABSENT
    said = []
    for side, part in rows.groupby("side", sort=False):
        claimed = float(part["forecast"].iloc[0])
        inside = bool(((part["low"] <= claimed) & (claimed <= part["high"])).any())
        low, high = part["low"].min(), part["high"].max()
        chances = part["chance_of_less"]
        said.append(
            f"the {claimed:.0%} for {side} caps lies {'inside' if inside else 'outside'} its band"
            f" ({points(low)} to {points(high)}% a year), with a chance of"
            f" {chances.min():.0%} to {chances.max():.0%} that they earn less"
        )
    text = "; ".join(said)
    return f"{text[0].upper()}{text[1:]}."


def errors(table: pd.DataFrame) -> str:
    """Whether recursive forecasts beat the mean that was known then."""
    if table.empty:
        return ABSENT
    last = table.groupby(["horizon", "basis"], sort=False).last()
    said = []
    for horizon, part in last.groupby(level="horizon"):
        ahead = int((part["gain"] > 0).sum())
        said.append(f"at {int(horizon) // 12} years on {ahead} of {len(part)} bases")
    return (
        "Forecasts from the gap ended with smaller errors than the mean of the past"
        f" {enumeration(said)}."
    )


def round_trip(paths: pd.DataFrame, months: int = 12) -> str:
    """What a move into a fund at each first cut, and back, costs against its mean lead.

    Selling all and buying all, twice, trades the portfolio four times.
    """
    after = paths[(paths["offset"] == months) & paths["leg"].ne(CENTRAL)]
    if after.empty:
        return ABSENT
    cost = 4.0 * STATED_COST
    said = [
        f"{points(part['cumulative'].mean())} points by {words_of(str(leg))} ({len(part)} cuts)"
        for leg, part in after.groupby("leg", sort=False)
    ]
    return (
        f"To change sides at a first cut and back {months} months later trades the portfolio four"
        f" times: {100 * cost:.1f} points at {STATED_COST:.1%} of what is traded, against a mean"
        f" lead of {enumeration(said)}."
    )


def fifths(table: pd.DataFrame) -> str:
    """Whether wide gaps brought more upside, and whether small caps themselves fell less."""
    wide = table[table["fifth"] == 5]
    narrow = table[table["fifth"] == 1]
    if wide.empty or narrow.empty:
        return ABSENT
    led, lagged = wide["led_20"].mean(), wide["lagged_20"].mean()
    fell, before = wide["small_fall"].mean(), narrow["small_fall"].mean()
    more = "less" if fell < before else "more"
    return (
        f"After the widest fifth of gaps small caps led by more than 20 points in {led:.0%} of the"
        f" months and lagged by as much in {lagged:.0%}. Within three years they themselves fell by"
        f" {fell:.0%} from a peak on average, {more} than the {before:.0%} after the narrowest."
        " Months overlap, so these are few separate times."
    )


def junk(table: pd.DataFrame) -> str:
    """What size earns with junk held still, by region and by the last era."""
    rows = table[table["controls"] == "the market and profitability"]
    if rows.empty:
        return ABSENT
    told = rows[(rows["low"] > 0) | (rows["high"] < 0)]
    said = [
        f"{points(row.alpha)} points a year in {row.region} ({points(row.low)} to"
        f" {points(row.high)})"
        for row in rows[rows["era"] == "whole sample"].itertuples()
    ]
    return (
        f"Beyond the market and profitability small minus large earned {enumeration(said)}; in"
        f" {len(told)} of {len(rows)} regions and eras that can be told from nothing."
    )


def abroad(table: pd.DataFrame) -> str:
    """What the other markets do to the claim that the premium has vanished."""
    rows = table.set_index("markets")
    home, pooled = "United States, since publication", "all four pooled"
    if pooled not in rows.index:
        return ABSENT
    alone, all_ = rows.loc[home], rows.loc[pooled]
    verb = (
        "settles" if all_["below_margin_p"] < 0.05 <= alone["below_margin_p"] else "does not change"
    )
    return (
        f"Four markets pooled had a premium of {points(all_['premium'])} points a year"
        f" ({points(all_['low'])} to {points(all_['high'])}, errors clustered by month), against"
        f" {points(alone['premium'])} in the United States since publication. That {verb} whether"
        f" it lies below the registered margin: p {p_words(alone['below_margin_p'])} at home,"
        f" {p_words(all_['below_margin_p'])} pooled. The claim is on the United States, so its"
        " verdict stays."
    )


def costs(table: pd.DataFrame) -> str:
    """What is left of a confirmed rotation after a stated cost, over a year's look back."""
    rows = table[(table["past"] == 12) & (table["cost"] == STATED_COST)]
    if rows.empty:
        return ABSENT
    said = [
        f"{points(row.net)} points a year by {words_of(row.leg)} since {row.first[:4]}"
        f" ({points(row.net_low)} to {points(row.net_high)})"
        for row in rows.itertuples()
    ]
    trades = rows["turnover"]
    return (
        f"Holding the side that led over twelve months trades the portfolio {trades.min():.1f} to"
        f" {trades.max():.1f} times a year; at {STATED_COST:.1%} of what is traded that leaves"
        f" {enumeration(said)}, against half of each side."
    )
