"""Evidence for the claim that the size premium has vanished."""

from __future__ import annotations

import pandas as pd

from analysis.checks.size_premium.premium_tests import Premium, years_to_show
from analysis.inference.breaks import SupWald
from analysis.inference.power import minimum_detectable
from analysis.results import Evidence, Refusal


def premium_vanished(
    spread: pd.Series,
    premium: Premium | Refusal,
    found: SupWald | Refusal,
    grid: pd.DataFrame,
) -> Evidence | Refusal:
    """Claim premium-vanished: the extra return of small caps is gone.

    Parameters
    ----------
    spread : Series
        Small minus large of the primary leg.
    premium : Premium or Refusal
        Around the month of publication.
    found : SupWald or Refusal
        The unknown break of the same leg.
    grid : DataFrame
        Of :func:`analysis.checks.size_premium.premium_tests.premium_grid`.
    """
    if isinstance(premium, Refusal):
        return premium
    before, after = premium.before, premium.after
    return Evidence(
        claim="premium-vanished",
        estimate=after.estimate,
        unit=after.unit,
        ci_low=after.ci_low,
        ci_high=after.ci_high,
        p_value=premium.p_equivalence,
        n=after.n,
        effective_n=after.effective_n,
        mde=minimum_detectable(premium.error_after),
        more_needed=_more_years(premium),
        null=f"the later premium is at least {premium.margin:.0%} a year, up or down",
        sample_start=str(spread.index[0]),
        sample_end=str(spread.index[-1]),
        finding=(
            f"Small beat large by {before.estimate:+.1%} a year up to {premium.split - 1}"
            f" (p = {before.p_value:.3f}) and by {after.estimate:+.1%} a year since (95% interval"
            f" {after.ci_low:+.1%} to {after.ci_high:+.1%}). That the later premium lies within"
            f" {premium.margin:.0%} a year of nothing has p = {premium.p_equivalence:.3f}."
        ),
        sensitivity=" ".join(filter(None, (_grid_words(grid), _break_words(found)))),
        measures={
            "pre_premium": before.estimate,
            "pre_p": float(before.p_value),
            "post_premium": after.estimate,
            "post_low": after.ci_low,
            "post_high": after.ci_high,
            "p_equivalence": premium.p_equivalence,
        },
    )


def _more_years(premium: Premium) -> str:
    have, needed = premium.after.n / 12, years_to_show(premium)
    if needed <= have:
        return (
            f"the {have:.0f} years since {premium.split} would show a premium of zero to lie within"
            f" {premium.margin:.0%} with 80% power"
        )
    return (
        f"{needed - have:.0f} more years ({needed:.0f} in all since {premium.split}) to show with"
        f" 80% power that a premium of zero lies within {premium.margin:.0%} a year"
    )


def _grid_words(grid: pd.DataFrame) -> str:
    if grid.empty:
        return ""
    means = grid.drop_duplicates(["leg", "date"])
    p_values = grid["p equivalence"]
    return (
        f"Over {len(means)} legs and dates the later premium runs from {means['since'].min():+.1%}"
        f" to {means['since'].max():+.1%} a year; with every margin, {len(grid)} specifications,"
        f" it is shown to be near zero in {(p_values < 0.05).sum()}, to be above zero in"
        f" {(means['low'] > 0).sum()} of {len(means)}, and the earlier one is told from zero in"
        f" {((means['before p'] < 0.05) & (means['before'] > 0)).sum()}. Equivalence in all"
        f" specifications at once has p = {p_values.max():.2f}."
    )


def _break_words(found: SupWald | Refusal) -> str:
    if isinstance(found, Refusal):
        return ""
    return f"A break at an unknown date: likeliest {found.label}, p = {found.p_value:.2f}."
