"""What ``make mutate`` makes of mutmut's answers."""

import csv
import importlib.util

import pytest

from analysis.files import CODE

spec = importlib.util.spec_from_file_location("mutate", CODE / "distribution" / "mutate.py")
mutate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(mutate)


def test_a_diff_is_one_line():
    """What is taken out, and what is put in, over several lines."""
    diff = "--- a.py\n+++ a.py\n@@ -1,2 +1,2 @@\n def f(x):\n-    return x + 1\n+    return x - 1\n"
    assert mutate.change_of(diff) == "return x + 1 → return x - 1"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ('fail("too few") → fail("XXtoo fewXX")', True),
        ('fail("too few") → fail("TOO FEW")', True),
        ("raise E(f'{n} few') → raise E(None)", True),
        ("n=n, → n=None,", False),
        ('f("a", 1) → f("a", 2)', False),
        ("x < 1 → x <= 1", False),
        ('f"{100 * x:.1f} points" → f"{100 / x:.1f} points"', False),
        ('f"{100 * x:.1f} points" → f"XX{100 * x:.1f} pointsXX"', True),
        ("f\"{'up' if x else 'down'} so\" → f\"{'UP' if x else 'down'} so\"", True),
        ("f\"{'up' if x else 'down'} so\" → f\"{'up' if y else 'down'} so\"", False),
    ],
)
def test_a_change_of_words_is_told_from_one_of_arithmetic(change, words):
    """Letters, and texts left out; never a number, a name or a sign."""
    assert mutate.only_words(change) is words


def test_reasons_are_kept_and_what_was_not_judged_stays():
    """A survivor that is gone loses its row; a new one has no reason yet."""
    earlier = [
        {"function": "analysis.a.f", "change": "1 → 2", "why": "the same"},
        {"function": "analysis.a.g", "change": "3 → 4", "why": "was killed since"},
        {"function": "analysis.b.h", "change": "5 → 6", "why": "not judged now"},
    ]
    found = {"analysis.a": ["analysis.a.f: 1 → 2", "analysis.a.f: 7 → 8"]}
    assert [(row["change"], row["why"]) for row in mutate.merged(earlier, found)] == [
        ("1 → 2", "the same"), ("7 → 8", ""), ("5 → 6", "not judged now"),
    ]  # fmt: skip


def test_a_module_is_judged_by_its_own_tests():
    """A package of a room too, a room by its room's; what has none is refused."""
    assert mutate.tests_of("analysis/inference/power.py") == ("tests/inference/test_power.py",)
    assert mutate.tests_of("analysis/designs/state_means") == ("tests/designs/test_state_means.py",)
    assert mutate.tests_of("analysis/designs") == ("tests/designs",)
    for source, tests in (mutate.JUDGED | mutate.ELSEWHERE).items():
        assert mutate.tests_of(source) == tests
        assert (CODE / source).exists() and all((CODE / one).exists() for one in tests)
    with pytest.raises(SystemExit, match="has no tests of its own"):
        mutate.tests_of("analysis/nowhere.py")


def test_every_survivor_says_why_and_is_of_a_function_that_is_there():
    """The committed table; a function that is gone takes its rows with it."""
    with mutate.SURVIVORS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows and all(row["why"] for row in rows)
    for row in rows:
        module, _, function = row["function"].rpartition(".")
        inside = module.replace(".", "/")
        method = inside.rpartition("/")[0]
        places = (f"{inside}.py", f"{inside}/__init__.py", f"{method}.py", f"{method}/__init__.py")
        path = next(CODE / place for place in places if (CODE / place).is_file())
        assert f"def {function}(" in path.read_text(encoding="utf-8"), row["function"]
