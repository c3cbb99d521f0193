"""Whether a premium is gone: its mean since a month against a margin; how far it fell beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field

from analysis.designs.arguments import EraName, HacLags, LegName, Month
from analysis.designs.grids import rows_that_ran
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.breaks import SupWald, sup_wald
from analysis.inference.decades import decade_table
from analysis.inference.mean_grids import mean_grid
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

#: Mean block of the joint test's bootstrap, months.
BLOCK_MONTHS = 12

#: A leg of fewer months cannot be shown at all.
FEWEST_TO_SHOW = 24

MEASURES = {
    "below_margin_p": "p-value",
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
    *("p below", "fall", "fall p", "p equivalence", "reason"),
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
    """Test whether the later premium lies below a margin, and show how far it fell.

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
    joint_p = _joint_p(spreads, rows_that_ran(grid), sampling)
    finding = _finding(spread, premium, grid, joint_p, breaks.get(arguments.leg))
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
    """The premium of every leg around every date, against every margin."""
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
        "p below": at.p_below,
        "fall": at.fall.estimate,
        "fall p": at.fall.p_value,
        "p equivalence": at.p_equivalence,
        "reason": "",
    }


def _joint_p(
    spreads: Mapping[str, pd.Series], ran: pd.DataFrame, sampling: Sampling
) -> float | None:
    """All legs since all known dates against their margins at once; None where too few ran.

    A date the data chose is not tested again. The grid's test of means is two-sided, its null
    symmetric: half of it on the side of the claim.
    """
    known = ran[ran["published"] != UNKNOWN].drop_duplicates(["leg", "published", "margin"])
    below = [
        row.margin / MONTHS - spreads[row.leg].loc[pd.Period(row.published, "M") :]
        for row in known.itertuples()
    ]
    choices = known[["leg", "published", "margin"]].reset_index(drop=True)
    grid = mean_grid(below, choices, block=BLOCK_MONTHS, draws=sampling.draws, seed=sampling.seed)
    if grid.refusal is not None:
        return None
    return grid.p_value / 2 if grid.median > 0 else 1.0 - grid.p_value / 2


def _finding(
    spread: pd.Series,
    premium: PremiumAround,
    grid: pd.DataFrame,
    joint_p: float | None,
    found: SupWald | None,
) -> Finding:
    if premium.refusal is not None:
        return Finding.refused(premium.refusal)
    before, after, fall = premium.before, premium.after, premium.fall
    ran = rows_that_ran(grid)
    direction = "more" if fall.estimate > 0 else "less"
    return Finding(
        **after.headline() | {"p_value": premium.p_below},
        mde=minimum_detectable(premium.error_after),
        more_needed=_more_years(premium),
        null=f"the later premium is at least {premium.margin:.0%} a year (one-sided)",
        sample_start=str(spread.index[0]),
        sample_end=str(spread.index[-1]),
        finding=(
            f"Since {_month_words(premium.split)} small caps have led large caps by"
            f" {after.estimate:+.1%} a year (95% interval {after.ci_low:+.1%} to"
            f" {after.ci_high:+.1%}). That it is at least {premium.margin:.0%} a year has a"
            f" one-sided p {p_words(premium.p_below)}. Before that month it was"
            f" {before.estimate:+.1%}, {abs(fall.estimate):.1%} a year {direction}."
        ),
        sensitivity=" ".join(filter(None, (_grid_words(ran, joint_p), _break_words(found)))),
        joint_p=joint_p,
        measures={
            "below_margin_p": premium.p_below,
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
            f"none: the {have:.0f} years since {_month_words(premium.split)} tell a premium of"
            f" nothing from {premium.margin:.0%} a year with 80% power"
        )
    return (
        f"{needed - have:.0f} more years ({needed:.0f} in all since"
        f" {_month_words(premium.split)}) to tell a premium of nothing from"
        f" {premium.margin:.0%} a year with 80% power"
    )


def _grid_words(ran: pd.DataFrame, joint_p: float | None) -> str:
    if ran.empty:
        return ""
    means = ran.drop_duplicates(["leg", "published"])
    joint = "" if joint_p is None else f" All of them at once have p {p_words(joint_p)}."
    return (
        f"Over {len(means)} legs and dates the later premium runs from {means['since'].min():+.1%}"
        f" to {means['since'].max():+.1%} a year. It is told to be below its margin in"
        f" {(means['p below'] < 0.05).sum()} and above zero in {(means['low'] > 0).sum()}; it is"
        f" lower than the earlier one in {(means['fall'] > 0).sum()}, with p below 5% in"
        f" {(means['fall p'] < 0.05).sum()}.{joint}"
    )


def _break_words(found: SupWald | None) -> str:
    if found is None or first_refusal(found) is not None:
        return ""
    return f"A break at an unknown date: likeliest {found.label}, p = {found.p_value:.2f}."
