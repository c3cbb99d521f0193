"""A figure held against every day its wording admits: planted figures are found, others are not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, Specification, bind
from analysis.designs.dated_figure import DatedFigureArguments, dated_figure
from analysis.pages.quantities import format_quantity
from analysis.panel import Dataset, load_dataset
from analysis.results import InputError

CLAIMS = {k: c for k, c in load_claims().items() if c.design == "dated_figure"}
DAYS = pd.bdate_range("2000-05-26", "2026-04-30")
RULE = next(iter(CLAIMS.values()))


def one_day(day):
    return {"earliest": day, "latest": day}


def days(earliest, latest):
    return {"earliest": earliest, "latest": latest}


def latest(as_of="2026-04", **funds):
    """A latest data set of closes; a number is a close of every day."""
    months = pd.period_range("1926-07", as_of, freq="M", name="month")
    monthly = pd.DataFrame({"market": 0.0}, index=months)
    closes = pd.DataFrame(funds, index=DAYS, dtype=float)
    return Dataset(monthly=monthly, facts={}, data="latest", as_of=months[-1], funds=closes)


def path(**levels):
    """Closes of 100 that stand at another level from a day on: ``_20250402=150``."""
    made = pd.Series(100.0, index=DAYS)
    for day, level in levels.items():
        made.loc[day.removeprefix("_") :] = level
    return made


def noise(seed, drift=0.0003, deviation=0.012):
    shocks = np.random.default_rng(seed).normal(drift, deviation, len(DAYS))
    return pd.Series(100.0 * np.exp(np.cumsum(shocks)), index=DAYS)


def examine(dataset, **arguments):
    """A study of given arguments, and the verdict of the shared rule."""
    specification = Specification("made", DatedFigureArguments.model_validate(arguments))
    study = dated_figure(dataset, specification, Sampling(1, 1))
    return study, decide(RULE, study.finding, data="latest", as_of="2026-04").verdict


def registered(claim, dataset):
    """A claim's registered study, and the verdict on it."""
    study = dated_figure(dataset, bind(CLAIMS[claim]), Sampling(1, 1))
    return study, decide(CLAIMS[claim], study.finding, data="latest", as_of="2026-04").verdict


PRINTED = {
    "first": one_day("2025-12-31"),
    "last": days("2026-01-12", "2026-01-20"),
    "figures": [{"of": "IWM", "claimed": 0.058, "rounding": 0.0005}],
}


@pytest.mark.parametrize(
    ("gain", "expected"),
    [(0.0575, "supported"), (0.0585, "supported"), (0.0574, "contradicted"),
     (0.0586, "contradicted"), (-0.058, "contradicted")],
)  # fmt: skip
def test_a_printed_figure_admits_half_a_unit_of_its_last_digit(gain, expected):
    """5.8 is printed for 5.75 to 5.85; the opposite of it is no match."""
    closes = path(_20260114=100 * (1 + gain), _20260115=300)
    study, verdict = examine(latest(IWM=closes), **PRINTED)
    assert verdict == expected
    assert study.finding.measures["matches"] == (expected == "supported")
    nearest = max(gain, 0.0)  # the days before the 14th stand still
    assert study.finding.estimate == pytest.approx(nearest)
    assert study.finding.measures["nearest_error"] == pytest.approx(abs(nearest - 0.058), abs=1e-9)


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2026-01-09", "contradicted"), ("2026-01-12", "supported"), ("2026-01-20", "supported"),
     ("2026-01-21", "contradicted")],
)  # fmt: skip
def test_only_admissible_days_count(day, expected):
    """The figure stands for one day; before the first and after the last that is no match."""
    closes = path()
    closes.loc[day] = 105.8
    study, verdict = examine(latest(IWM=closes), **PRINTED)
    assert verdict == expected
    assert study.finding.n == 7
    origin = "which the wording does not admit" in study.finding.sensitivity
    assert origin == (expected == "contradicted")
    words = f"to that of {pd.Timestamp(day).day} January 2026"
    assert words in (study.finding.sensitivity if origin else study.finding.finding)


def test_the_origin_is_the_nearest_pair_of_days_and_no_further_than_ten_sessions():
    """From a low four sessions later it would hold; one eleven sessions later is not named."""
    arguments = {
        "first": one_day("2025-04-02"),
        "last": days("2025-04-03", "2026-03-17"),
        "figures": [{"of": "IWM", "claimed": 0.5, "wording": "nearly"}],
    }
    for low, said in ((4, True), (11, False)):
        closes = path(_2000=125)
        closes.iloc[DAYS.get_loc("2025-04-02") + low] = 100.0
        closes.loc["2026-03-16"] = 150.0
        study, verdict = examine(latest(IWM=closes), **arguments)
        assert verdict == "contradicted"
        assert ("from the close of 8 April 2025" in study.finding.sensitivity) == said
        assert ("Nor does any pair of days" in study.finding.sensitivity) == (not said)


@pytest.mark.parametrize(
    ("wording", "gain", "expected"),
    [("nearly", 0.475, True), ("nearly", 0.525, True), ("nearly", 0.474, False),
     ("nearly", 0.526, False), ("more than", 0.5, True), ("more than", 0.525, True),
     ("more than", 0.499, False), ("more than", 0.526, False)],
)  # fmt: skip
def test_words_admit_five_per_cent_of_the_number(wording, gain, expected):
    """Nearly: either way; more than: above it and nothing below."""
    figure = {"of": "IWM", "claimed": 0.5, "wording": wording}
    study, _ = examine(
        latest(IWM=path(_20260114=100 * (1 + gain))), **(PRINTED | {"figures": [figure]})
    )
    assert study.finding.measures["matched"] == expected


def test_ahead_is_any_lead_and_not_none():
    """Level is not ahead."""
    ahead = {"of": "IWM", "against": "SPY", "wording": "ahead"}
    for level, expected in ((100.0, False), (100.01, True), (99.99, False)):
        made = latest(IWM=path(_20260114=level), SPY=path())
        study, _ = examine(made, **(PRINTED | {"figures": [ahead]}))
        assert study.finding.measures["matched"] == expected


def test_two_figures_must_be_met_on_the_same_days():
    """IWM gives its figure on the 13th and SPY on the 14th: neither day gives both."""
    both = PRINTED | {
        "figures": [
            {"of": "IWM", "claimed": 0.058, "rounding": 0.0005},
            {"of": "SPY", "claimed": 0.012, "rounding": 0.0005},
        ]
    }
    small, large = path(_20260113=105.8, _20260114=109), path(_20260114=101.2, _20260115=103)
    study, verdict = examine(latest(IWM=small, SPY=large), **both)
    assert verdict == "contradicted" and study.finding.measures["matches"] == 0
    study, verdict = examine(latest(IWM=small.shift(1).bfill(), SPY=large), **both)
    assert verdict == "supported"
    assert study.by_date.loc[study.by_date["matched"], "day"].unique().tolist() == [
        pd.Timestamp("2026-01-14")
    ]


def test_two_figures_are_read_with_dividends_or_without_and_not_mixed():
    """IWM matches with dividends, SPY only without: no reading gives both."""
    arguments = {
        "first": one_day("2025-01-14"),
        "last": one_day("2026-01-14"),
        "figures": [
            {"of": "IWM", "claimed": 0.10, "rounding": 0.0005},
            {"of": "SPY", "claimed": 0.10, "rounding": 0.0005},
        ],
        "dividends": {"IWM": 0.02, "SPY": 0.02},
    }
    with_, without = path(_20260114=110), path(_20260114=110 * 1.02)
    assert examine(latest(IWM=with_, SPY=without), **arguments)[1] == "contradicted"
    study, verdict = examine(latest(IWM=without, SPY=without), **arguments)
    assert verdict == "supported"
    held = study.grid[study.grid["matched"]]
    assert held["reading"].tolist() == ["without dividends"]
    assert "(without dividends)" in study.finding.finding
    assert examine(latest(IWM=with_, SPY=with_), **arguments)[1] == "supported"


@pytest.mark.parametrize(
    ("large", "lead", "expected"),
    [(3.3, "difference", True), (4.6, "ratio", True), (3.31, None, False), (4.62, None, False)],
)
def test_a_lead_is_a_difference_of_gains_or_a_ratio_of_wealth(large, lead, expected):
    """Small doubles: 130 points more are 3.3 times, 130% more wealth is 4.6 times."""
    arguments = {
        "first": {"years_before": 10},
        "last": days("2024-12-31", "2025-12-31"),
        "figures": [{"of": "IVV", "against": "IWM", "claimed": 1.30, "rounding": 0.005}],
        "leads": ["difference", "ratio"],
    }
    made = latest(IVV=path(_20180102=100 * large), IWM=path(_20180102=200))
    study, _ = examine(made, **arguments)
    assert study.finding.measures["matched"] == expected
    if expected:
        assert set(study.grid.loc[study.grid["matched"], "reading"]) == {f"as a {lead}"}


def test_ten_years_before_a_day_are_the_same_day_or_the_last_session_before_it():
    """9 September 2015 to 9 September 2025; Sunday 8 March 2015 is Friday the 6th."""
    arguments = {
        "first": {"years_before": 10},
        "last": days("2025-03-07", "2025-09-09"),
        "figures": [{"of": "IWM", "claimed": 1.0, "rounding": 0.01}],
    }
    study, _ = examine(latest(IWM=100.0), **arguments)
    first = study.grid.set_index("to")["from"]
    assert first["2025-09-09"] == pd.Timestamp("2015-09-09")
    assert first["2025-03-10"] == pd.Timestamp("2015-03-10")
    assert first["2025-03-07"] == pd.Timestamp("2015-03-06")


def test_every_pair_of_two_ranges_is_looked_at():
    """Against a loop over all pairs of sessions, one by one."""
    small, large = noise(1), noise(2)
    arguments = {
        "first": days("2022-12-01", "2022-12-31"),
        "last": days("2026-01-01", "2026-01-31"),
        "figures": [
            {"of": "IJR", "claimed": 0.3, "rounding": 0.05},
            {"of": "IVV", "claimed": 0.2, "rounding": 0.4},
        ],
    }
    study, _ = examine(latest(IJR=small, IVV=large), **arguments)
    within = {"2022-12": small.loc["2022-12"].index, "2026-01": small.loc["2026-01"].index}
    matches, pairs = 0, 0
    for first in within["2022-12"]:
        for last in within["2026-01"]:
            gains = small[last] / small[first] - 1, large[last] / large[first] - 1
            matches += abs(gains[0] - 0.3) <= 0.05 and abs(gains[1] - 0.2) <= 0.4
            pairs += 1
    assert (study.finding.n, study.finding.measures["matches"]) == (pairs, matches)
    assert len(study.grid) == pairs == study.finding.specifications


def test_luck_is_the_share_of_moved_days_that_match():
    """Against a loop: the same seven last days after every other session of the history."""
    closes = noise(3)
    study, _ = examine(latest(IWM=closes), **PRINTED)
    values = closes.to_numpy()
    first = DAYS.get_loc("2025-12-31")
    lasts = np.flatnonzero((DAYS >= "2026-01-12") & (DAYS <= "2026-01-20")) - first
    held = [
        bool((np.abs(values[start + lasts] / values[start] - 1 - 0.058) <= 0.0005 + 1e-9).any())
        for start in range(len(DAYS) - lasts[-1])
        if start != first
    ]
    assert study.finding.measures["luck"] == pytest.approx(np.mean(held))
    assert 0 < study.finding.luck < 0.2


@pytest.mark.slow
def test_luck_has_the_freedom_of_all_readings():
    """Against a loop over both readings, with and without ten per cent of dividends a year."""
    closes = noise(4)
    arguments = {
        "first": one_day("2025-01-14"),
        "last": days("2026-01-12", "2026-01-14"),
        "figures": [{"of": "IWM", "claimed": 0.1, "rounding": 0.02}],
    }
    with_, _ = examine(latest(IWM=closes), **arguments)
    both, _ = examine(latest(IWM=closes), **arguments, dividends={"IWM": 0.1})
    years = (DAYS - DAYS[0]).days / 365.25
    first = DAYS.get_loc("2025-01-14")
    lasts = np.flatnonzero((DAYS >= "2026-01-12") & (DAYS <= "2026-01-14")) - first
    held = []
    for start in range(len(DAYS) - lasts[-1]):
        grown = closes.to_numpy()[start + lasts] / closes.iloc[start]
        paid = 1.1 ** (years[start + lasts] - years[start])
        held.append(any(abs(value - 1.1) <= 0.02 for value in (*grown, *(grown / paid))))
    held.pop(first)
    assert both.finding.luck == pytest.approx(np.mean(held))
    assert both.finding.luck > 1.5 * with_.finding.luck


def test_a_last_day_lies_after_the_first():
    """Of two ranges of the same three days only the three pairs in order are looked at."""
    overlap = {"first": days("2026-01-12", "2026-01-14"), "last": days("2026-01-12", "2026-01-14")}
    study, _ = examine(latest(IWM=100.0), **(PRINTED | overlap))
    assert study.finding.n == 3
    assert (study.grid["to"] > study.grid["from"]).all()


@pytest.mark.parametrize(("rise", "expected"), [(1.0002, "true but uninformative"),
                                                (1.0, "contradicted")])  # fmt: skip
def test_a_match_that_most_other_stretches_give_too_says_nothing(rise, expected):
    """Small gains a little every day, so that it is ahead of any earlier day whichever that is."""
    grown = pd.Series(100.0 * rise ** np.arange(len(DAYS)), index=DAYS)
    ahead = {"of": "IWM", "against": "SPY", "wording": "ahead"}
    made = latest(IWM=grown, SPY=path())
    study, verdict = examine(made, **(PRINTED | {"figures": [ahead]}))
    assert verdict == expected
    assert study.finding.luck == (1.0 if rise > 1 else 0.0)


@pytest.mark.parametrize(
    ("others", "expected"), [(50, "supported"), (51, "true but uninformative")]
)
def test_luck_of_one_half_still_supports(others, expected):
    """The second day's rise is claimed; of a hundred other days fifty rise, or fifty-one."""
    rises = [True, True, *[True] * (others - 1), *[False] * (100 - others)]
    values = np.concatenate([[200.0], 200.0 + np.cumsum(np.where(rises, 1.0, -1.0))])
    held = pd.DataFrame({"IWM": values, "SPY": 100.0}, index=DAYS[-102:])
    study, verdict = examine(
        replace(latest(IWM=100.0), funds=held),
        first=one_day(f"{DAYS[-101]:%Y-%m-%d}"),
        last=one_day(f"{DAYS[-100]:%Y-%m-%d}"),
        figures=[{"of": "IWM", "against": "SPY", "wording": "ahead"}],
    )
    assert study.finding.luck == others / 100
    assert verdict == expected


@pytest.mark.slow
def test_noise_is_matched_as_often_as_its_luck_says():
    """Sixty random walks: the rule supports a made-up figure about as often as by luck."""
    supported, luck = 0, []
    for seed in range(60):
        closes = noise(seed, drift=0.0).iloc[-400:]
        made = replace(latest(IWM=100.0), funds=pd.DataFrame({"IWM": closes}))
        study, verdict = examine(made, **PRINTED)
        supported += verdict == "supported"
        luck.append(study.finding.luck)
    assert supported / 60 == pytest.approx(np.mean(luck), abs=0.07)
    assert np.mean(luck) < 0.1


def test_a_record_is_one_of_the_price_and_of_the_days_claimed():
    """106 against 105 a year before; with dividends of 2% in between the price was lower."""
    arguments = {
        "first": one_day("2025-07-31"),
        "last": one_day("2025-08-31"),
        "figures": [{"of": "IWM", "claimed": 0.0, "rounding": 0.005}],
        "record": {"of": "IWM", "days": days("2025-09-01", "2025-09-30"), "dividends": 0.0},
    }
    closes = path(_2000=50, _20240102=100)
    closes.loc["2024-09-10"], closes.loc["2025-09-10"], closes.loc["2025-10-01"] = 105, 106, 300
    study, verdict = examine(latest(IWM=closes), **arguments)
    assert verdict == "supported"
    assert study.grid["record"].iloc[0] == pytest.approx(106 / 105 - 1)
    assert study.finding.luck < 0.1
    arguments["record"]["dividends"] = 0.02
    study, verdict = examine(latest(IWM=closes), **arguments)
    assert verdict == "contradicted"
    years = 365 / 365.25
    assert study.grid["record"].iloc[0] == pytest.approx(106 / 105 / 1.02**years - 1)
    assert study.finding.measures["nearest_error"] > 0
    level = path(_2000=50, _20240102=100)
    level.loc["2024-09-10"] = level.loc["2025-09-10"] = 105
    arguments["record"]["dividends"] = 0.0
    assert examine(latest(IWM=level), **arguments)[1] == "contradicted"


def test_a_figure_younger_than_the_run_is_not_yet_made():
    """A month too early; the bundled data ask for the latest; a fund without closes is named."""
    made = latest(IWM=100.0)
    early = replace(made, as_of=pd.Period("2025-12", "M"))
    study = dated_figure(
        early, Specification("made", DatedFigureArguments.model_validate(PRINTED)), Sampling(1, 1)
    )
    assert study.finding.refusal.reason.startswith("not yet made: the figure is of 20 January 2026")
    assert study.grid.empty and study.by_date.empty and len(study.nearest) == 1
    bundled = load_dataset()
    for claim in CLAIMS.values():
        found = dated_figure(bundled, bind(claim), Sampling(1, 1)).finding
        assert found.refusal.needs == "latest"
    lacking = dated_figure(latest(SPY=1.0), bind(CLAIMS["rally-50"]), Sampling(1, 1)).finding
    assert "no closes of IWM" in lacking.refusal.reason


def test_days_without_sessions_are_refused():
    """No session between two days of a weekend; a history that begins too late."""
    weekend = PRINTED | {"last": days("2026-01-17", "2026-01-18")}
    specification = Specification("made", DatedFigureArguments.model_validate(weekend))
    found = dated_figure(latest(IWM=100.0), specification, Sampling(1, 1)).finding
    assert "no two sessions of IWM" in found.refusal.reason
    short = replace(latest(), funds=pd.DataFrame({"IWM": 1.0}, index=DAYS[DAYS >= "2026-01-05"]))
    specification = Specification("made", DatedFigureArguments.model_validate(PRINTED))
    assert (
        "no two sessions"
        in dated_figure(short, specification, Sampling(1, 1)).finding.refusal.reason
    )


def test_the_chart_shows_the_days_around_and_marks_what_matches():
    """From the first day to ten sessions after the last admissible one; values as in the grid."""
    closes = path(_20260114=105.8, _20260115=110)
    study, _ = examine(latest(IWM=closes), **PRINTED)
    drawn = study.by_date.set_index("day")
    assert drawn.index[0] == pd.Timestamp("2026-01-01")
    assert drawn.index[-1] == DAYS[DAYS.get_loc("2026-01-20") + 10]
    assert drawn["admitted"].sum() == 7 and drawn["matched"].sum() == 1
    assert drawn.loc["2026-01-14", "low"] == drawn.loc["2026-01-14", "high"] == pytest.approx(0.058)
    assert study.bands.iloc[0].tolist() == ["IWM", 0.058, 0.0575, 0.0585]
    assert study.nearest["as claimed"].tolist() == [True] + [False] * 6
    assert study.nearest.columns.tolist() == ["from", "to", "IWM", "as claimed"]
    assert study.gains == ("IWM",)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"figures": [{"of": "IWM", "claimed": 0.1}]}, "rounding belongs"),
        ({"figures": [{"of": "IWM", "claimed": 0.1, "rounding": 0.1, "wording": "nearly"}]},
         "rounding belongs"),
        ({"figures": [{"of": "IWM", "rounding": 0.1}]}, "claimed belongs"),
        ({"figures": [{"of": "IWM", "wording": "ahead"}]}, "needs against"),
        ({"figures": []}, "figures"),
        ({"dividends": {"IWM": 0.01}}, "dividends belong to all"),
        ({"last": days("2026-04-30", "2026-01-01")}, "lies before"),
        ({"first": {"years_before": 0}}, "years_before"),
        ({"figures": [{"of": "lo29", "claimed": 0.1, "rounding": 0.1}]}, "figures"),
    ],
)  # fmt: skip
def test_what_is_claimed_must_be_said_in_full(changes, message):
    """Each slip in the registered arguments is an error that names the claim."""
    with pytest.raises(InputError, match=f"(?s)since-2022-55-98.*{message}"):
        bind(CLAIMS["since-2022-55-98"], changes)


@pytest.mark.parametrize(("pace", "expected"), [(1.0, "contradicted"), (1.004, "supported")])
def test_large_caps_ahead_from_some_month_of_2021(pace, expected):
    """Equal for ninety-five years and then large gains; equal throughout is no lag."""
    months = pd.period_range("1926-07", "2026-02", freq="M", name="month")
    large = np.where(months >= "2021-06", pace - 1.0, 0.0)
    monthly = pd.DataFrame({"d2d5": 0.0, "dec10": large}, index=months)
    made = Dataset(monthly=monthly, facts={}, data="latest", as_of=months[-1])
    study, verdict = registered("lag-since-2021", made)
    assert verdict == expected
    assert study.finding.n == 13
    assert study.finding.measures["matches"] == (13 if pace > 1 else 0)
    assert (study.finding.sample_start, study.finding.sample_end) == ("2020-12", "2025-12")
    assert "from the end of" in study.finding.finding


def test_a_coin_s_lag_says_nothing():
    """Of two alike portfolios one lags from some month of a year in more than half of history."""
    months = pd.period_range("1926-07", "2026-02", freq="M", name="month")
    rng = np.random.default_rng(5)
    monthly = pd.DataFrame(rng.normal(0.008, 0.05, (len(months), 2)), months, ["d2d5", "dec10"])
    monthly.loc["2020-12":, "dec10"] += 0.01
    made = Dataset(monthly=monthly, facts={}, data="latest", as_of=months[-1])
    study, verdict = registered("lag-since-2021", made)
    assert study.finding.luck > 0.5 and verdict == "true but uninformative"


FUNDS = ("IWM", "SPY", "IVV", "IJR")


@pytest.mark.parametrize("claim", [name for name in CLAIMS if name != "lag-since-2021"])
def test_every_registered_figure_is_judged_on_random_closes(claim):
    """On noise no registered claim is supported, and its sentences and tables are whole."""
    made = latest(**{fund: noise(seed + 11) for seed, fund in enumerate(FUNDS)})
    study, verdict = registered(claim, made)
    assert verdict in ("contradicted", "true but uninformative")
    assert set(CLAIMS[claim].criterion.measures()) <= set(study.finding.measures)
    text = f"{study.finding.finding} {study.finding.sensitivity}"
    assert "nan" not in text and not study.nearest.empty and not study.by_date.empty


def test_the_estimate_is_read_in_per_cent():
    """Its unit begins as the pages expect of a return."""
    study, _ = examine(latest(IWM=path(_20260114=105.8)), **PRINTED)
    said = format_quantity(study.finding.estimate, study.finding.unit)
    assert said == "5.8% gain of IWM on the admissible days nearest to the figure"
