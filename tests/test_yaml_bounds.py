"""YAML that would grow, recurse or say two things: refused by name, and fast."""

import subprocess
import sys
import time

import pytest

from analysis.files import DEEPEST_YAML, LARGEST_YAML, load_yaml, load_yaml_list
from analysis.results import InputError

BILLION_LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)

REFUSED = {
    "aliases": (BILLION_LAUGHS, "line 2: an alias"),
    "a merge": ("base: &b {x: 1}\nmore:\n  <<: *b\n", "line 3: an alias"),
    "ten deep brackets too many": ("a: " + "[" * 50 + "]" * 50, "nested too deeply"),
    "a hundred thousand brackets": ("a: " + "[" * 100_000, "nested too deeply"),
    "four hundred thousand dashes": ("a:\n" + " - " * 300_000 + "x", "nested too deeply"),
    "nested keys": ("? " * 200_000 + "x", "nested too deeply"),
    "too long a file": ("a: " + "x" * LARGEST_YAML, "larger than 1,000,000 bytes"),
    "a key twice": ("a: 1\nb:\n  c: 1\n  c: 2\n", "line 3: key 'c' stands twice"),
    "a number of ten thousand digits": ("a: " + "9" * 10_000, "a value that is none"),
    "a day that is none": ("a: 2007-02-30", "a value that is none"),
    "a tag that does not fit": ("a: !!int x", "a value that is none"),
    "a Python object": ("a: !!python/object/apply:os.system [ls]", "not valid YAML"),
    "a control character": ("a: \x07", "not valid YAML"),
    "no mapping": ("- a", "expected a mapping"),
}


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=list(REFUSED))
def test_hostile_yaml_is_refused_in_one_line_and_at_once(tmp_path, text, said):
    """In a process of its own: a parser that recurses too far takes everything with it."""
    path = tmp_path / "claims.yml"
    path.write_text(text, encoding="utf-8")
    code = (
        "import sys\nfrom pathlib import Path\nfrom analysis.files import load_yaml\n"
        "from analysis.results import InputError\n"
        "try:\n    load_yaml(Path(sys.argv[1]))\n"
        "except InputError as error:\n    print(error)\n    sys.exit(2)"
    )
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2, done.stderr[-500:]
    [line] = done.stdout.splitlines()
    assert line.startswith("claims.yml: ")
    assert said in line
    assert time.monotonic() - started < 10


def test_many_keys_are_read_fast(tmp_path):
    """Looking for a key that stands twice takes no time squared."""
    path = tmp_path / "many.yml"
    path.write_text("".join(f"k{number}: 1\n" for number in range(60_000)))
    started = time.process_time()
    assert len(load_yaml(path)) == 60_000
    assert time.process_time() - started < 20


def test_what_we_write_is_far_from_the_bounds(tmp_path):
    """Nesting up to the bound is read; a list is read where a list is asked for."""
    path = tmp_path / "deep.yml"
    path.write_text("a: " + "[" * (DEEPEST_YAML - 1) + "]" * (DEEPEST_YAML - 1))
    assert load_yaml(path)
    path.write_text("- {a: 1}\n")
    assert load_yaml_list(path) == [{"a": 1}]
    path.write_text("- {a: 1, a: 2}\n")
    with pytest.raises(InputError, match="stands twice"):
        load_yaml_list(path)
