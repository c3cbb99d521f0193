"""The audit's committed tables are read back strictly, each by the same loader."""

import pytest

from analysis.audit import report, rule_search
from analysis.audit.label_table import load_labels
from analysis.claims.labels import HOLDS, LABELS_FILE, SMALLEST, powers_of
from analysis.results import InputError

LOADERS = [
    (report.load_calibration, report.FILE, "smallcap calibrate --write"),
    (load_labels, LABELS_FILE, "smallcap calibrate --write"),
    (rule_search.load_search, rule_search.FILE, "smallcap calibrate --search CLAIM --write"),
]


@pytest.mark.parametrize(("load", "file", "command"), LOADERS)
def test_a_damaged_table_is_one_clear_error(tmp_path, load, file, command):
    """Missing, cut short, a cell too many, another column: the file and its remedy are named."""
    path, text = tmp_path / file.name, file.read_text(encoding="utf-8")
    with pytest.raises(InputError, match=f"{file.name} is not in data/derived; run {command}"):
        load(path)
    path.write_text(text, encoding="utf-8")
    assert len(load(path)) == len(load())
    for damaged in (text[:-9], text + "a,b\n"):
        path.write_text(damaged, encoding="utf-8")
        with pytest.raises(InputError, match=f"{file.name}.*{command}"):
            load(path)
    path.write_text(text.replace("claim,", "what,", 1).replace("rule,", "what,", 1))
    with pytest.raises(InputError, match=f"{file.name}: expected the columns"):
        load(path)


def test_the_rates_and_the_labels_have_one_power():
    """Kept apart, made from the same panels: each rule's power is its share of support in both."""
    rates = report.load_calibration().dropna(subset=["rate"])
    kinds = {report.POWER: HOLDS, report.POWER_SMALLEST: SMALLEST}
    rates = rates[rates["measure"].isin(kinds)]
    alone = rates[~rates.duplicated(["rule", "measure"], keep=False)]
    shares = [
        powers_of({"claim": row.rule, "as_of": "newest"})[kinds[row.measure]].supported
        for row in alone.itertuples()
    ]
    assert len(shares) > 30
    assert alone["rate"].tolist() == pytest.approx(shares, abs=1e-4)
