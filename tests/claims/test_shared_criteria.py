"""Criteria that several claims share, written once."""

import copy

import pytest
import yaml

from analysis.claims import CLAIMS_FOLDER, load_claims
from analysis.results import InputError

RULE = {
    "words": "Supported when `gain` is above zero; otherwise contradicted.",
    "supported": [{"measure": "gain", "op": ">", "value": 0}],
    "otherwise": "contradicted",
}


@pytest.fixture
def load(tmp_path):
    """Load a claim with a given criterion, beside a file of shared ones."""
    raw = yaml.safe_load((CLAIMS_FOLDER / "002.yml").read_text(encoding="utf-8"))
    entry = next(one for one in raw["claims"] if one["id"] == "rally-50")
    folder = tmp_path / "claims"
    folder.mkdir()

    def claim(criterion, shared=None):
        document = copy.deepcopy(raw) | {"claims": [entry | {"criterion": criterion}]}
        (folder / "002.yml").write_text(yaml.safe_dump(document), encoding="utf-8")
        path = tmp_path / "criteria.yml"
        path.write_text(yaml.safe_dump(shared or {"gained": RULE}), encoding="utf-8")
        [found] = load_claims(folder).values()
        return found

    return claim


def test_a_claim_that_names_a_criterion_has_it_word_for_word(load):
    """The same hash whether the words stand in the claim or are named."""
    named, written = load("gained"), load(RULE)
    assert named.criterion == written.criterion
    assert named.criterion_hash == written.criterion_hash
    changed = load("gained", {"gained": RULE | {"otherwise": "inconsistent"}})
    assert changed.criterion_hash != named.criterion_hash


def test_an_unknown_or_malformed_criterion_is_refused(load):
    """Naming the claim and the nearest name, or the criterion and its field."""
    with pytest.raises(InputError, match=r"002\.yml: claim 'rally-50'.*did you mean 'gained'"):
        load("gainde")
    with pytest.raises(InputError, match=r"criteria\.yml: criterion 'gained': words"):
        load("gained", {"gained": RULE | {"words": "short"}})
