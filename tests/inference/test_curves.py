"""The specification curve against plain loops, and what it refuses."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.inference.curves import plan_curve, specification_curve
from analysis.inference.resampling import event_randomization
from analysis.results import InputError, first_refusal

CHANCE = settings(derandomize=True, max_examples=5, deadline=None)


def panel(seed=0, length=150, shift=0.0):
    """Outcomes at two horizons for two legs (one starts late), two date rules, two eras."""
    rng = np.random.default_rng(seed)
    months = pd.period_range("1960-01", periods=length, freq="M")
    base = np.sort(rng.choice(length - 20, 7, replace=False)) + 2
    events = pd.DataFrame(
        {
            "target": np.isin(np.arange(length), base),
            "discount": np.isin(np.arange(length), base + rng.integers(0, 3, len(base))),
        },
        index=months,
    )
    outcomes = {}
    for leg in ("smb", "halves"):
        monthly = (
            rng.normal(0, 0.03, length + 6) + shift * np.r_[0, 0, events["target"], np.zeros(4)]
        )
        for horizon in (3, 6):
            series = np.convolve(monthly, np.ones(horizon), "valid")[:length]
            outcomes[f"{leg} {horizon}"] = np.where(
                (np.arange(length) < 40) & (leg == "halves"), np.nan, series
            )
    outcomes = pd.DataFrame(outcomes, index=months)
    eras = pd.DataFrame({"all": True, "late": np.arange(length) >= 60}, index=months)
    rows = [(o, e, r) for o in outcomes for e in events for r in eras]
    specifications = pd.DataFrame(rows, columns=["outcome", "events", "era"])
    return outcomes, events, specifications, eras


def loop(outcomes, events, specifications, eras, placements, fewest):
    """Effects and win excesses one specification, one placement at a time, in plain Python."""
    effects = np.full((len(placements), len(specifications)), np.nan)
    excess = effects.copy()
    for s, row in enumerate(specifications.itertuples()):
        y, era = outcomes[row.outcome].to_numpy(), eras[row.era].to_numpy()
        valid = [t for t in range(len(y)) if era[t] and not np.isnan(y[t])]
        base, rate = np.mean(y[valid]), np.mean(y[valid] > 0)
        for c, move in enumerate(placements):
            hit = [move(t) for t in np.flatnonzero(events[row.events])]
            got = [y[t] for t in hit if t in valid]
            if len(got) >= fewest:
                effects[c, s] = np.mean(got) - base
                excess[c, s] = np.mean([g > 0 for g in got]) - rate
    return effects, excess


def test_curve_is_what_a_loop_finds():
    """Cells, joint p-values and own p-values equal those of plain Python over all shifts."""
    outcomes, events, specifications, eras = panel()
    curve = specification_curve(outcomes, events, specifications, eras=eras)
    placements = [lambda t, d=d: (t + d) % 150 for d in range(150)]
    effects, excess = loop(outcomes, events, specifications, eras, placements, 3)
    assert curve.exact and curve.placements == 150
    assert curve.table["effect"].to_numpy() == pytest.approx(effects[0])
    assert curve.table["win_excess"].to_numpy() == pytest.approx(excess[0])
    medians, wins = np.nanmedian(effects, axis=1), np.nanmedian(excess, axis=1)
    assert curve.null_median_effect == pytest.approx(medians)
    assert curve.p_median_effect == pytest.approx(np.mean(medians >= medians[0] - 1e-12))
    assert curve.p_median_win_rate == pytest.approx(np.mean(wins >= wins[0] - 1e-12))
    own = np.array([[np.nanmean((c >= v - 1e-12)[~np.isnan(c)]) for v in c] for c in effects.T]).T
    assert curve.table["p_value"].to_numpy() == pytest.approx(own[0])


def test_what_a_curve_tells_of_its_cells_and_of_the_whole():
    """Means, rates, medians and both tails of every shift by loops; cells of too few events are
    missing, and shifts that leave none are no placements."""
    outcomes, events, specifications, eras = panel(3)
    eras["late"] = np.arange(150) >= 110
    events.loc[events.index[105:], "discount"] = False
    curve = specification_curve(outcomes, events, specifications, eras=eras, min_events=4)
    shifts = [lambda t, d=d: (t + d) % 150 for d in range(150)]
    effects, excess = loop(outcomes, events, specifications, eras, shifts, 4)
    some = ~np.isnan(effects[0])
    table, rows = curve.table, specifications.itertuples()
    kept = [outcomes[r.outcome][eras[r.era] & outcomes[r.outcome].notna()] for r in rows]
    bases, rates = np.array([(one.mean(), (one > 0).mean()) for one in kept]).T
    assert table["base_mean"].to_numpy() == pytest.approx(bases)
    assert table["base_rate"].to_numpy() == pytest.approx(rates)
    sums = {"event_mean": effects[0] + bases, "win_rate": excess[0] + rates}
    for name, values in (sums | {"effect": effects[0], "win_excess": excess[0]}).items():
        assert table[name].to_numpy() == pytest.approx(values, nan_ok=True)
    assert list(table.columns) == [
        *specifications.columns, "n_events", "n_months", "first", "last", "event_mean",
        "base_mean", "effect", "win_rate", "base_rate", "win_excess", "p_value", "reason",
    ]  # fmt: skip
    assert (table["reason"] == "").tolist() == some.tolist()
    assert (curve.specifications, curve.missing) == (some.sum(), (~some).sum())
    assert 0 < curve.missing < len(table) and curve.scheme == "shift"
    assert curve.share_positive == pytest.approx((effects[0][some] > 0).mean())
    assert curve.median_effect == pytest.approx(np.median(effects[0][some]))
    assert curve.median_win_excess == pytest.approx(np.median(excess[0][some]))
    assert curve.median_win_rate == pytest.approx(np.median((excess[0] + rates)[some]))
    told = ~np.isnan(effects).all(axis=1)
    medians = np.nanmedian(effects[told], axis=1)
    assert curve.placements == told.sum()
    upper, lower = (np.mean(sign * medians >= sign * medians[0] - 1e-12) for sign in (1, -1))
    assert curve.p_median_effect == pytest.approx(upper)
    assert curve.p_median_effect_two_sided == pytest.approx(min(1, 2 * min(upper, lower)))


@pytest.mark.parametrize(("wins", "level"), [(False, 0.95), (True, 0.8)])
def test_the_band_of_every_specification_by_loops(wins, level):
    """Between which values the middle shifts put it; empty where it has no estimate."""
    outcomes, events, specifications, eras = panel(3)
    specifications = specifications.set_index(np.arange(len(specifications)) + 5)
    eras["late"] = np.arange(150) >= 110
    curve = specification_curve(outcomes, events, specifications, eras=eras, min_events=3)
    shifts = [lambda t, d=d: (t + d) % 150 for d in range(150)]
    drawn = loop(outcomes, events, specifications, eras, shifts, 3)[wins]
    missing = np.isnan(drawn[0])
    assert missing.any() and not missing.all()
    band = curve.null_band(wins=wins, level=level)
    ends = np.nanquantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    ends[:, missing] = np.nan
    assert list(band.columns) == ["null_low", "null_high"]
    assert band.index.equals(curve.estimates.index)
    np.testing.assert_allclose(band.to_numpy().T, ends, atol=1e-12)
    whole = curve.null_band() if not wins else curve.null_band(True, 0.95)
    assert ((whole["null_low"] <= band["null_low"]) | missing).all()


def test_shifts_without_any_estimate_are_no_placements():
    """Two events ten months apart, outcomes in twenty of sixty months: ten shifts keep both."""
    values = np.where(np.arange(60) < 20, np.arange(60.0) ** 2, np.nan)
    curve = specification_curve(
        pd.DataFrame({"y": values}),
        pd.DataFrame({"e": np.isin(np.arange(60), [3, 13])}),
        pd.DataFrame({"outcome": ["y"], "events": ["e"]}),
        min_events=2,
    )
    means = [(at**2 + (at + 10) ** 2) / 2 for at in (3, 4, 5, 6, 7, 8, 9, 0, 1, 2)]
    assert curve.placements == 10
    assert curve.null_median_effect == pytest.approx(np.array(means) - np.mean(values[:20] * 1.0))
    assert curve.p_median_effect == pytest.approx(7 / 10)


def test_what_is_not_said_is_twelve_months_ten_thousand_draws_and_three_events():
    """The same curve with and without the words, by a plan as well."""
    outcomes, events, specifications, eras = panel(1)
    events.loc[:, "target"] &= events["target"].cumsum() <= 3
    said = {"min_gap": 12, "draws": 10_000, "seed": 0, "min_events": 3}
    for scheme in ("gap", "shift"):
        options = {"eras": eras, "scheme": scheme}
        curves = [
            specification_curve(outcomes, events, specifications, **options, **said),
            specification_curve(outcomes, events, specifications, **options),
            plan_curve(outcomes, events, specifications, **options).test(outcomes),
        ]
        for curve in curves[1:]:
            assert np.array_equal(curve.null_median_effect, curves[0].null_median_effect)
            assert curve == curves[0]
        assert curves[0].placements == (10_001 if scheme == "gap" else 150)
        assert (curves[0].estimates.query("n_events == 3")["reason"] == "").any()
    bare = specification_curve(outcomes, events, specifications, eras=eras)
    assert bare == curves[0]


@pytest.mark.parametrize("scheme", ["shift", "gap", "stratified"])
def test_one_specification_is_one_event_study(scheme):
    """A curve of one complete cell gives the p-values of the single randomisation test."""
    rng = np.random.default_rng(4)
    values, dates = rng.normal(size=90), [5, 30, 52, 75]
    states = (np.arange(90) % 9 < 3).astype(int) if scheme == "stratified" else None
    curve = specification_curve(
        pd.DataFrame({"y": values}),
        pd.DataFrame({"e": np.isin(np.arange(90), dates)}),
        pd.DataFrame({"outcome": ["y"], "events": ["e"]}),
        scheme=scheme,
        strata=None if states is None else pd.Series(states),
        draws=20_000,
        min_gap=12,
    )
    single = event_randomization(
        values, dates, scheme, strata=states, min_gap=12 if scheme == "gap" else None, draws=20_000
    )
    close = 0 if scheme == "shift" else 0.015
    assert curve.p_median_effect == pytest.approx(single.p_upper, abs=close + 1e-12)
    assert curve.p_median_win_rate == pytest.approx(single.win_p_upper, abs=close + 1e-12)
    assert curve.median_win_rate == pytest.approx(single.win_rate)
    assert curve.episodes == 4


def test_chunks_do_not_matter(monkeypatch):
    """Tiny chunks give the results of large ones, also with random draws."""
    outcomes, events, specifications, eras = panel(1)
    options = {"eras": eras, "scheme": "gap", "draws": 50, "min_gap": 4}
    whole = specification_curve(outcomes, events, specifications, **options)
    monkeypatch.setattr("analysis.inference.curves.CELLS_AT_ONCE", 40)
    parts = specification_curve(outcomes, events, specifications, **options)
    assert parts == whole
    assert parts.null_median_win_excess == pytest.approx(whole.null_median_win_excess)
    assert parts.null_median_effect == pytest.approx(whole.null_median_effect)
    pd.testing.assert_frame_equal(parts.table, whole.table)


def test_a_plan_serves_other_outcomes_of_the_same_months():
    """Laid out once, it says of other outcomes what a curve of their own says."""
    outcomes, events, specifications, eras = panel(1)
    plan = plan_curve(outcomes, events, specifications, eras=eras)
    other = outcomes * -0.5 + 0.01 * panel(2)[0].fillna(0.0)
    once, anew = plan.test(other), specification_curve(other, events, specifications, eras=eras)
    assert once == anew != plan.test(outcomes)
    assert once.p_median_effect == anew.p_median_effect
    assert once.p_median_win_rate == anew.p_median_win_rate
    pd.testing.assert_frame_equal(once.table, anew.table)
    with pytest.raises(InputError, match="months are missing"):
        plan.test(other.iloc[1:])
    other.iloc[77, 0] = np.nan
    with pytest.raises(InputError, match="months are missing"):
        plan.test(other)


@pytest.mark.slow
def test_the_joint_size_is_nominal_and_a_planted_effect_is_found():
    """No effect: about one rejection in twenty; a planted four sigma in one month is found."""
    rejected = found = 0
    for seed in range(80):
        outcomes, events, specifications, eras = panel(seed, length=130)
        curve = specification_curve(outcomes, events, specifications, eras=eras)
        rejected += curve.p_median_effect <= 0.05
    for seed in range(10):
        outcomes, events, specifications, eras = panel(seed, length=130, shift=0.12)
        curve = specification_curve(outcomes, events, specifications, eras=eras)
        found += curve.p_median_effect <= 0.05
    assert rejected <= 11  # binomial(80, .05), 99.9%
    assert found >= 8


@CHANCE
@given(st.integers(0, 1000), st.floats(0.01, 100))
def test_scale_and_order_change_no_p_value(seed, scale):
    """A change of unit and another order of the specifications leave every p-value."""
    outcomes, events, specifications, eras = panel(seed)
    one = specification_curve(outcomes, events, specifications, eras=eras)
    two = specification_curve(outcomes * scale, events, specifications[::-1], eras=eras)
    assert two.p_median_effect == one.p_median_effect
    assert two.p_median_win_rate == one.p_median_win_rate
    assert two.median_effect == pytest.approx(one.median_effect * scale)
    assert two.table["p_value"].tolist()[::-1] == pytest.approx(
        one.table["p_value"].tolist(), nan_ok=True
    )


@CHANCE
@given(st.integers(0, 1000))
def test_outcomes_outside_the_era_change_nothing_observed(seed):
    """Estimates of a late era do not look at outcomes before it."""
    outcomes, events, specifications, eras = panel(seed)
    late = specifications[specifications["era"] == "late"]
    changed = outcomes.where(eras["late"], outcomes + 7)
    one = specification_curve(outcomes, events, late, eras=eras, min_events=1)
    two = specification_curve(changed, events, late, eras=eras, min_events=1)
    columns = ["n_events", "event_mean", "base_mean", "win_rate", "base_rate", "p_value"]
    pd.testing.assert_frame_equal(one.table[columns], two.table[columns])


def test_every_missing_cell_says_why():
    """Each kind of empty cell has its own reason, and no estimate beside it."""
    months = pd.period_range("1960-01", periods=120, freq="M")
    t = np.arange(120)
    rng = np.random.default_rng(0)
    outcomes = pd.DataFrame(
        {
            "full": rng.normal(size=120),
            "late": np.where(t < 60, np.nan, 1.0),
            "none": np.nan,
        },
        index=months,
    )
    events = pd.DataFrame(
        {"rule": np.isin(t, [5, 20, 40, 70]), "nothing": np.zeros(120, dtype=bool)}, index=months
    )
    eras = pd.DataFrame({"early": t < 50, "end": t >= 90}, index=months)
    rows = [
        ("full", "rule", "whole sample", "full leg"),
        ("none", "rule", "early", "a"),
        ("full", "nothing", "early", "b"),
        ("late", "rule", "early", "c"),
        ("full", "rule", "end", "d"),
        ("late", "rule", "whole sample", "e"),
    ]
    specifications = pd.DataFrame(rows, columns=["outcome", "events", "era", "choice"])
    table = specification_curve(outcomes, events, specifications, eras=eras).table
    assert table["reason"].tolist() == [
        "",
        "the data hold no values of none",
        "nothing names no event",
        "late runs from 1965-01 to 1969-12, outside the era early",
        "no events of rule in the era end",
        "only 1 of 4 events have an outcome, 3 are needed (late starts 1965-01)",
    ]
    assert table.loc[1:, ["effect", "win_rate", "p_value"]].isna().all(axis=None)
    assert table["choice"].tolist() == ["full leg", "a", "b", "c", "d", "e"]
    assert (table.loc[0, "first"], table.loc[0, "last"]) == ("1960-01", "1969-12")
    assert table.loc[0, "n_events"] == 4


def test_bad_frames_are_named():
    """Unknown names, other indices, wrong flags and misplaced options raise errors."""
    outcomes, events, specifications, eras = panel()
    wrong = [
        ((outcomes, events, specifications.assign(outcome="x")), {"eras": eras}, "outcome"),
        ((outcomes, events, specifications), {}, "era"),
        ((outcomes, events.astype(int), specifications), {"eras": eras}, "events"),
        ((outcomes, events.iloc[1:], specifications), {"eras": eras}, "index"),
        ((outcomes * np.inf, events, specifications), {"eras": eras}, "infinite"),
        ((outcomes, events, specifications), {"eras": eras, "scheme": "x"}, "scheme"),
        ((outcomes, events, specifications), {"eras": eras, "scheme": "stratified"}, "strata"),
        ((outcomes, events, specifications[["era"]]), {"eras": eras}, "specifications"),
        ((outcomes, events, specifications), {"eras": eras, "draws": 0}, "draws"),
        ((outcomes, events, specifications), {"eras": eras, "min_gap": 0}, "min_gap"),
        ((outcomes, events, specifications), {"eras": eras, "min_events": 0}, "min_events"),
        ((outcomes, events, specifications), {"eras": eras, "strata": eras["late"]}, "strata"),
    ]
    for labels in (np.zeros(149), np.append(np.zeros(149), np.nan)):
        options = {"eras": eras, "scheme": "stratified", "strata": pd.Series(labels)}
        wrong.append(((outcomes, events, specifications), options, "each of the 150 months"))
    for arguments, options, named in wrong:
        with pytest.raises(InputError, match=named):
            specification_curve(*arguments, **options)


def test_a_curve_without_any_estimate_is_refused():
    """No event at all, or one state only, gives a reason instead of a curve."""
    outcomes, events, specifications, eras = panel()
    none = specification_curve(outcomes, events & False, specifications, eras=eras)
    flat = specification_curve(
        outcomes,
        events,
        specifications,
        eras=eras,
        scheme="stratified",
        strata=pd.Series(0, index=outcomes.index),
    )
    assert first_refusal(none) is not None and first_refusal(flat) is not None
    for refused in (none, flat):
        assert np.isnan(refused.p_median_effect_two_sided) and np.isnan(refused.p_median_effect)
        assert np.isnan(refused.p_median_win_rate)
        assert refused.table.empty and refused.null_band().empty
    assert none.refusal.reason == "no specification has enough events with an outcome"


def test_curve_speaks():
    """The printed line has both medians, their joint p-values, n and the null."""
    outcomes, events, specifications, eras = panel()
    line = str(specification_curve(outcomes, events, specifications, eras=eras))
    assert line.count("joint p") == 2 and "specifications" in line and "null:" in line
