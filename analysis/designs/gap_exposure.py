"""Whether the valuation gap between small and large moves with a rate, year by year."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field

from analysis.designs.arguments import EraName, HacLags
from analysis.designs.grids import rows_that_ran
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.designs.regressions import (
    Case,
    joint_test,
    joint_words,
    points,
    regression_table,
    slope_finding,
)
from analysis.inference.joint_slopes import JointSlopes
from analysis.inference.slopes import Slope, fit_slope
from analysis.panel import Dataset
from analysis.panel.drivers import DRIVERS, driver_level, missing_driver
from analysis.panel.eras import in_era
from analysis.panel.gaps import PRICED_BEFORE
from analysis.results import Finding, Refusal, first_refusal, p_words

#: A regression on yearly changes needs this many years.
FEWEST_YEARS = 15

#: Market values of June or of the December before, as sentences have them.
BASES = {"june": "June market values", "december": "December market values"}

#: Months to which the joint test gives one random sign: changes over a year are alike for longer.
BLOCK_MONTHS = 36

_POINT = 0.01

_RATES = tuple(name for name, driver in DRIVERS.items() if driver.measured == "change")

MEASURES = {
    "slope": "log points of the gap per unit of rate",
    "slope_p": "p-value",
    "slope_high_highest": "log points of the gap per unit of rate",
}


class GapExposureArguments(Arguments):
    """Which gap is set against which rate, over how long a change."""

    basis: Literal["june", "december", "both"] = Field(
        description="market values of June, of the December before, or both: the basis whose slope"
        " lies less far above zero, in its own errors, gives estimate, interval and p-value"
    )
    driver: Annotated[
        Literal[_RATES],  # type: ignore[valid-type]
        Field(description=f"rate, one of {', '.join(_RATES)}"),
    ]
    era: EraName
    hac_lags: HacLags
    months: int = Field(ge=12, le=60, multiple_of=12, description="over which both change")


@dataclass(frozen=True)
class GapExposure(Study):
    """The finding, and the changes behind it.

    Attributes
    ----------
    changes : DataFrame
        By June, columns ``june, december`` (log points) and, as ``RATE_BASIS``, each rate of
        argument and grid that the data hold over the months of each basis' market values (decimal);
        empty where the data set has no gap or not the rate.
    joint : JointSlopes
        Every specification of the grid at once.
    """

    changes: pd.DataFrame = field(repr=False)
    joint: JointSlopes


@design(arguments=GapExposureArguments, measures=MEASURES, axes=("basis", "driver", "era"))
def gap_exposure(
    dataset: Dataset, specification: Specification[GapExposureArguments], sampling: Sampling
) -> GapExposure:
    """Test whether small caps get cheaper against large ones as a rate rises."""
    arguments, axes = specification.arguments, specification.grid
    lags, basis, months = arguments.hac_lags, arguments.basis, arguments.months
    wanted = dict.fromkeys((arguments.driver, *map(str, axes.get("driver", ()))))
    changes = in_era(gap_changes(dataset, tuple(wanted), months), arguments.era)

    def fitted(sample: pd.DataFrame) -> Slope:
        return fit_slope(sample, lags=lags, fewest=FEWEST_YEARS)

    cases = _cases(specification, changes)
    grid = regression_table(list(axes), cases, lambda case: fitted(case.seen))
    joint = joint_test(cases, grid, sampling.seed, block=BLOCK_MONTHS)
    lacking = _missing(dataset, arguments.driver)
    if lacking is not None:
        refused = Finding.refused(lacking)
        return GapExposure(specification, refused, grid, changes, joint)
    bases = tuple(BASES) if basis == "both" else (basis,)
    fits = {name: fitted(_sample(changes, name, arguments.driver)) for name in bases}
    refusal = first_refusal(*fits.values())
    finding = (
        _finding(arguments, fits, grid, joint) if refusal is None else Finding.refused(refusal)
    )
    return GapExposure(specification, finding, grid, changes, joint)


def gap_changes(dataset: Dataset, drivers: tuple[str, ...], months: int) -> pd.DataFrame:
    """Change of the valuation gap and of rates over some years.

    The gap listed under a June is priced in that June or in the December before, by its basis, and
    each rate changes over the months whose prices the gap compares.

    Parameters
    ----------
    dataset : Dataset
    drivers : tuple of str
        Rates; those the data set does not hold are left out, and without the first there is
        nothing.
    months : int
        A multiple of twelve.

    Returns
    -------
    DataFrame by June
        ``june, december`` (log points) and, for each rate, ``RATE_june`` and ``RATE_december``
        (decimal); a June whose earlier June is not held is left out.
    """
    held = [name for name in drivers if missing_driver(dataset, name) is None]
    if dataset.valuation is None or drivers[0] not in held:
        return pd.DataFrame(columns=list(BASES), index=pd.PeriodIndex([], freq="M"), dtype=float)
    gaps = dataset.valuation[[f"gap_{basis}" for basis in BASES]].set_axis(list(BASES), axis=1)
    gaps = gaps[gaps.index.month == 6]
    rates = {
        f"{name}_{basis}": driver_level(dataset.monthly, name)
        .reindex(gaps.index - months_before)
        .set_axis(gaps.index)
        for name in held
        for basis, months_before in PRICED_BEFORE.items()
    }
    levels = gaps.assign(**rates)
    earlier = levels.reindex(levels.index - months).set_axis(levels.index)
    return (levels - earlier)[(levels.index - months).isin(levels.index)]


def _missing(dataset: Dataset, driver: str) -> Refusal | None:
    lacking = missing_driver(dataset, driver)
    if lacking is None and dataset.valuation is None:
        what = "book-to-market by size"
        if dataset.data == "bundled":
            return Refusal(f"needs the latest data: {what}", needs="latest")
        return Refusal(f"the data set does not hold {what}")
    return lacking


def _sample(changes: pd.DataFrame, basis: str, driver: str) -> pd.DataFrame:
    chosen = changes[[basis, f"{driver}_{basis}"]]
    return chosen.set_axis(["spread", "driver"], axis=1).dropna()


def _cases(specification: Specification[GapExposureArguments], changes: pd.DataFrame) -> list[Case]:
    """Every specification of the grid, with its sample or the reason why there is none."""
    cases = []
    for axes in specification.combinations(*specification.grid):
        one = specification.arguments.model_copy(update=axes)
        held = f"{one.driver}_june" in changes
        sample = _sample(changes, one.basis, one.driver) if held else pd.DataFrame()
        reason = "" if held else f"the data set does not hold the {DRIVERS[one.driver].words}"
        cases.append(Case(axes, sample, one.era, False, reason))
    return cases


def _finding(
    arguments: GapExposureArguments,
    fits: dict[str, Slope],
    grid: pd.DataFrame,
    joint: JointSlopes,
) -> Finding:
    """The finding, from one slope or from the one of two that lies less far to the claimed side."""
    driver, months = DRIVERS[arguments.driver], arguments.months
    basis, decides = min(fits.items(), key=lambda item: item[1].slope / item[1].error)
    period = "a year" if months == 12 else f"{months // 12} years"
    moved = ", and ".join(
        f"{100 * _POINT * fit.slope:+.2g}% on {BASES[name]} (p {p_words(fit.p_value)})".replace(
            "-", "−"
        )
        for name, fit in fits.items()
    )
    low, high = points(_POINT * decides.low), points(_POINT * decides.high)
    return slope_finding(
        decides,
        unit="log points of the gap per unit of rate",
        periods=1,
        null=f"the valuation gap does not move with the {driver.words}",
        finding=(
            f"{_answer(fits, driver.subject)}: over {decides.n} years, in {period} in which"
            f" {driver.subject} rose by one point the gap moved by {moved}. The 95% interval"
            f" {'that decides, the one that says less for the claim,' if len(fits) > 1 else ''}"
            f" runs from {low}% to {high}% on {BASES[basis]}."
        ),
        sensitivity=" ".join(filter(None, (_grid_words(grid), joint_words(joint)))),
        measures={
            "slope": decides.slope,
            "slope_p": decides.p_value,
            "slope_high_highest": max(fit.high for fit in fits.values()),
        },
        joint=joint,
    )


def _answer(fits: dict[str, Slope], subject: str) -> str:
    if all(fit.low > 0 for fit in fits.values()):
        return f"Small caps got cheaper against large when {subject} rose"
    if all(fit.high < 0 for fit in fits.values()):
        return f"Small caps got dearer against large when {subject} rose"
    return f"As far as these data can tell, small caps got no cheaper when {subject} rose"


def _grid_words(grid: pd.DataFrame) -> str:
    if grid.empty:
        return ""
    known = rows_that_ran(grid)
    wider = known["slope"] > 0
    return (
        f"Of {len(known)} specifications by basis, rate and era ({len(grid) - len(known)} left out)"
        f" {wider.sum()} have the gap widen as rates rise, {(wider & (known['p'] < 0.05)).sum()}"
        " with p below 5%."
    )
