"""The estimators, imported from the package itself."""

import importlib

import pytest

import analysis.inference as inference


@pytest.mark.parametrize("name", inference.__all__)
def test_every_estimator_can_be_imported_from_the_package(name):
    """The name in the package is the function of its module, with a docstring of its own."""
    function = getattr(inference, name)
    assert function is getattr(importlib.import_module(function.__module__), name)
    assert function.__doc__


def test_an_unknown_estimator_is_an_attribute_error():
    """A misspelt name fails as it does in any module."""
    with pytest.raises(AttributeError, match="ivxx"):
        _ = inference.ivxx
