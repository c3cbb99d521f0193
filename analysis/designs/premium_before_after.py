"""Whether a premium is gone: how far its mean fell since a month; its distance from zero beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field

from analysis.designs.arguments import EraName, HacLags, LegName, Month
from analysis.designs.registry import (
    Arguments,
    Sampling,
    Specification,
    Study,
    design,
    rows_that_ran,
)
from analysis.inference.breaks import SupWald, sup_wald
from analysis.inference.decades import decade_table
from analysis.inference.joint_slopes import JointSlopes, Pair, joint_slopes
from analysis.inference.power import minimum_detectable
from analysis.inference.premium_around import (
    FEWEST_MONTHS,
    MONTHS,
    PremiumAround,
    premium_around,
    years_to_see,
)
from analysis.inference.regimes import Regimes, switching_regimes
from analysis.panel import Dataset, legs_of, small_minus_large
from analysis.panel.eras import in_era
from analysis.results import Finding, InputError, first_refusal, p_words

#: In the place of a month: the likeliest one of a break, found in the data.
UNKNOWN = "unknown_break"

#: Calendar years are numbered from here for the joint test.
FIRST_YEAR = 1900

#: A leg of fewer months cannot be shown at all.
FEWEST_TO_SHOW = 24

MEASURES = {
    "fall": "decimal return a year",
    "fall_p": "p-value",
    "pre_premium": "decimal return a year",
    "pre_p": "p-value",
    "post_premium": "decimal return a year",
    "post_low": "decimal return a year",
    "post_high": "decimal return a year",
    "p_equivalence": "p-value",
}

GRID_COLUMNS = (
    *("leg", "published", "split", "before", "before p", "since", "low", "high", "margin"),
    *("fall", "fall p", "p equivalence", "reason"),
)


class PremiumBeforeAfterArguments(Arguments):
    """Whose premium, since when it has been known, and how little of it counts as nothing."""

    leg: LegName
    published: Annotated[
        Month | Literal["unknown_break"],
        Field(description=f"first month after the effect was known, YYYY-MM, or {UNKNOWN}"),
    ]
    margin: Annotated[
        float,
        Field(gt=0, le=0.2, description="premium a year, up or down, that counts as nothing"),
    ]
    hac_lags: HacLags
    era: EraName


@dataclass(frozen=True)
class PremiumBeforeAfter(Study):
    """The finding, and the premium behind it.

    Attributes
    ----------
    spread : Series
        Small minus large of the chosen leg, decimal a month.
    premium : PremiumAround
        Before and since publication; may be refused.
    breaks : mapping of str to SupWald
        The unknown break of every leg, where the specification asks for it.
    """

    spread: pd.Series = field(repr=False)
    premium: PremiumAround
    breaks: Mapping[str, SupWald] = field(repr=False)

    @cached_property
    def found(self) -> SupWald:
        """The likeliest month of a break in the mean; may be refused."""
        arguments = self.specification.arguments
        if arguments.leg in self.breaks:
            return self.breaks[arguments.leg]
        return unknown_break(self.spread, arguments.hac_lags)

    @cached_property
    def regimes(self) -> Regimes:
        """Two Markov regimes of the calendar years; may be refused."""
        return switching_regimes(self.spread)

    @property
    def switching(self) -> pd.DataFrame:
        """The two regimes as a table, or why there are none."""
        if self.regimes.refusal is not None:
            return pd.DataFrame({"no regimes": [self.regimes.refusal.reason]})
        shares = ["mean a year", "standard deviation"]
        texts = {name: self.regimes.table[name].map("{:+.1%}".format) for name in shares}
        return self.regimes.table.assign(**texts)

    @cached_property
    def decades(self) -> pd.DataFrame:
        """The premium by decade, and over all months, as :func:`.decade_table` gives it."""
        return decade_table(self.spread, self.specification.arguments.hac_lags)


@design(
    arguments=PremiumBeforeAfterArguments,
    measures=MEASURES,
    axes=("leg", "published", "margin"),
)
def premium_before_after(
    dataset: Dataset, specification: Specification[PremiumBeforeAfterArguments], sampling: Sampling
) -> PremiumBeforeAfter:
    """Test whether the later premium is lower than the earlier one, and show it beside zero.

    Raises
    ------
    InputError
        When the leg has less than two years of returns up to the date.

    References
    ----------
    Banz, R. W. (1981), Journal of Financial Economics 9, for the date of publication.
    """
    arguments = specification.arguments
    spreads = _spreads(dataset.monthly, specification)
    spread = spreads[arguments.leg]
    if len(spread) < FEWEST_TO_SHOW:
        raise InputError(
            f"leg {arguments.leg!r} has {len(spread)} months up to {dataset.as_of};"
            f" {FEWEST_TO_SHOW} are needed: give a later as_of or another leg"
        )
    asked = UNKNOWN in (arguments.published, *specification.grid.get("published", ()))
    breaks = {
        leg: unknown_break(one, arguments.hac_lags)
        for leg, one in spreads.items()
        if asked or (specification.grid and leg == arguments.leg)
    }
    premium = _around(
        spread, arguments.published, arguments.margin, arguments.hac_lags, breaks.get(arguments.leg)
    )
    grid = _grid(spreads, breaks, specification)
    joint = _joint(spreads, rows_that_ran(grid), sampling)
    finding = _finding(spread, premium, grid, joint, breaks.get(arguments.leg))
    return PremiumBeforeAfter(specification, finding, grid, spread, premium, breaks)


def unknown_break(spread: pd.Series, lags: int) -> SupWald:
    """The likeliest month of a break in the mean, and whether there was one at all.

    Parameters
    ----------
    spread : Series
        Decimal return a month.
    lags : int
        Newey–West lags.
    """
    if len(spread) < 2 * FEWEST_MONTHS:
        return SupWald.refused(
            f"{len(spread)} months; {2 * FEWEST_MONTHS} are needed to look for a break"
        )
    return sup_wald(spread, lags=lags)


def _spreads(
    monthly: pd.DataFrame, specification: Specification[PremiumBeforeAfterArguments]
) -> dict[str, pd.Series]:
    """Small minus large of the chosen leg and of those of the grid that the data set holds."""
    arguments, held = specification.arguments, legs_of(monthly)
    legs = [leg for leg in specification.grid.get("leg", ()) if leg in held]
    return {
        leg: in_era(small_minus_large(monthly, leg).dropna(), arguments.era)
        for leg in dict.fromkeys([arguments.leg, *map(str, legs)])
    }


def _around(
    spread: pd.Series, published: str, margin: float, lags: int, found: SupWald | None
) -> PremiumAround:
    """The premium around a month, or around the likeliest one of a break."""
    if published != UNKNOWN:
        return premium_around(spread, pd.Period(published, "M"), margin, lags)
    refusal = first_refusal(found)
    if found is None or refusal is not None:
        return PremiumAround.refused(refusal.reason if refusal is not None else "no break")
    return premium_around(spread, pd.Period(found.label, "M"), margin, lags)


def _grid(
    spreads: Mapping[str, pd.Series],
    breaks: Mapping[str, SupWald],
    specification: Specification[PremiumBeforeAfterArguments],
) -> pd.DataFrame:
    """The premium of every leg around every date and its equivalence at every margin."""
    lags = specification.arguments.hac_lags
    rows = []
    for chosen in specification.combinations("leg", "published", "margin"):
        leg, published, margin = chosen.values()
        if leg in spreads:
            at = _around(spreads[leg], published, float(margin), lags, breaks.get(leg))
        else:
            at = PremiumAround.refused(f"the data set has no columns for {leg}")
        rows.append(chosen | _row(at))
    return pd.DataFrame(rows, columns=list(GRID_COLUMNS))


def _row(at: PremiumAround) -> dict[str, object]:
    if at.refusal is not None:
        return {"reason": at.refusal.reason}
    return {
        "split": str(at.split),
        "before": at.before.estimate,
        "before p": at.before.p_value,
        "since": at.after.estimate,
        "low": at.after.ci_low,
        "high": at.after.ci_high,
        "fall": at.fall.estimate,
        "fall p": at.fall.p_value,
        "p equivalence": at.p_equivalence,
        "reason": "",
    }


def _joint(spreads: Mapping[str, pd.Series], ran: pd.DataFrame, sampling: Sampling) -> JointSlopes:
    """All legs around all known dates at once; a date the data chose is not tested again."""
    known = ran[ran["published"] != UNKNOWN].drop_duplicates(["leg", "published"])
    pairs = [
        Pair(
            outcome=spreads[row.leg].to_numpy(float),
            driver=(spreads[row.leg].index >= pd.Period(row.published, "M")).astype(float),
            blocks=spreads[row.leg].index.year.to_numpy() - FIRST_YEAR,
        )
        for row in known.itertuples()
    ]
    return joint_slopes(pairs, sampling.draws, sampling.seed)


def _joint_p(joint: JointSlopes) -> float | None:
    """One-sided: random signs are symmetric, so half of the two-sided p-value on the side found."""
    if joint.refusal is not None:
        return None
    return joint.p_value / 2 if joint.median < 0 else 1.0 - joint.p_value / 2


def _finding(
    spread: pd.Series,
    premium: PremiumAround,
    grid: pd.DataFrame,
    joint: JointSlopes,
    found: SupWald | None,
) -> Finding:
    if premium.refusal is not None:
        return Finding.refused(premium.refusal)
    before, after, fall = premium.before, premium.after, premium.fall
    ran, joint_p = rows_that_ran(grid), _joint_p(joint)
    direction = "less" if fall.estimate > 0 else "more"
    return Finding(
        estimate=fall.estimate,
        unit=fall.unit,
        ci_low=fall.ci_low,
        ci_high=fall.ci_high,
        p_value=fall.p_value,
        n=fall.n,
        effective_n=fall.effective_n,
        mde=minimum_detectable(premium.error_fall),
        more_needed=_more_years(premium),
        null="the later premium is at least as large as the earlier one (one-sided)",
        sample_start=str(spread.index[0]),
        sample_end=str(spread.index[-1]),
        finding=(
            f"Since {_month_words(premium.split)} small caps have led large caps by"
            f" {after.estimate:+.1%} a year (95% interval {after.ci_low:+.1%} to"
            f" {after.ci_high:+.1%}); before that it was {before.estimate:+.1%}. That is"
            f" {abs(fall.estimate):.1%} a year {direction} (one-sided p"
            f" {p_words(float(fall.p_value or 0.0))}). That the later lead lies within"
            f" {premium.margin:.0%} a year of nothing has p {p_words(premium.p_equivalence)}."
        ),
        sensitivity=" ".join(filter(None, (_grid_words(ran, joint_p), _break_words(found)))),
        specifications=len(ran),
        left_out=len(grid) - len(ran),
        joint_p=joint_p,
        measures={
            "fall": fall.estimate,
            "fall_p": float(fall.p_value or 0.0),
            "pre_premium": before.estimate,
            "pre_p": float("nan" if before.p_value is None else before.p_value),
            "post_premium": after.estimate,
            "post_low": after.ci_low,
            "post_high": after.ci_high,
            "p_equivalence": premium.p_equivalence,
        },
    )


def _month_words(month: pd.Period | None) -> str:
    return "the date" if month is None else month.strftime("%B %Y")


def _more_years(premium: PremiumAround) -> str:
    have, needed = premium.after.n / MONTHS, years_to_see(premium)
    if needed <= have:
        return (
            f"none: the {have:.0f} years since {_month_words(premium.split)} show the loss of the"
            " whole earlier premium with 80% power"
        )
    if needed == float("inf"):
        return (
            "no number of later years shows the loss of the whole earlier premium with 80% power:"
            " the earlier mean is itself too uncertain"
        )
    return (
        f"{needed - have:.0f} more years ({needed:.0f} in all since"
        f" {_month_words(premium.split)}) to show the loss of the whole earlier premium with 80%"
        " power"
    )


def _grid_words(ran: pd.DataFrame, joint_p: float | None) -> str:
    if ran.empty:
        return ""
    means = ran.drop_duplicates(["leg", "published"])
    joint = "" if joint_p is None else f" All of them at once have p {p_words(joint_p)}."
    return (
        f"Over {len(means)} legs and dates the later premium runs from {means['since'].min():+.1%}"
        f" to {means['since'].max():+.1%} a year. It is lower than the earlier one in"
        f" {(means['fall'] > 0).sum()}, with p below 5% in {(means['fall p'] < 0.05).sum()}; it"
        f" is told from zero in {(means['low'] > 0).sum()}.{joint}"
    )


def _break_words(found: SupWald | None) -> str:
    if found is None or first_refusal(found) is not None:
        return ""
    return f"A break at an unknown date: likeliest {found.label}, p = {found.p_value:.2f}."
