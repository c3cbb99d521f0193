"""Eras in words."""

from analysis.panel.eras import ERAS, era_words


def test_eras_in_words():
    """Open at the end, open at the beginning, and all months; no two read alike."""
    assert era_words("from_1992") == "since July 1992"
    assert era_words("to_1980") == "up to December 1980"
    assert era_words("full") == "whole sample"
    assert len({era_words(era) for era in ERAS}) == len(ERAS)
