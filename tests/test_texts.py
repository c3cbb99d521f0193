"""Hostile text in the data files: refused with file, row or claim, and field."""

import copy
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from analysis.claims.chapters import CHAPTERS_FILE, load_chapters
from analysis.claims.documents import CLAIMS_FOLDER, load_documents
from analysis.pages.parameters import ChapterParameters, check_parameters
from analysis.panel import load_dataset
from analysis.results import InputError
from analysis.runs.grid import months
from analysis.sources.catalog import CATALOGUE_FILE, load_catalogue
from analysis.sources.facts import FACTS_FOLDER, load_facts
from analysis.texts import in_prose, is_address, unseen

#: What no one-line text may hold, and how it is called.
HOSTILE = {
    "line break": "a\nb",
    "RIGHT-TO-LEFT OVERRIDE": "a\u202eb",
    "RIGHT-TO-LEFT ISOLATE": "a\u2067b",
    "LEFT-TO-RIGHT MARK": "a\u200eb",
    "RIGHT-TO-LEFT MARK": "a\u200fb",
    "LINE SEPARATOR": "a\u2028b",
    "U\\+001B": "a\x1b[31mb",
    "ZERO WIDTH SPACE": "a\u200bb",
}
hostile = pytest.mark.parametrize(("called", "text"), HOSTILE.items(), ids=list(HOSTILE))


def _loaded(path: Path) -> Any:
    return yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)


def saved(path: Path, raw: object) -> Path:
    """A YAML file without aliases, in which every character is written out."""
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = yaml.dump(
        copy.deepcopy(raw), Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=False
    )
    path.write_text(plain, encoding="utf-8")
    return path


@pytest.mark.parametrize("text", ["", "S&P 500: 23% – “wide”, naïve", "日本", "a\u00a0b"])
def test_ordinary_text_is_seen(text):
    """Signs, dashes, quotes, other scripts and a space that does not break pass."""
    assert unseen(text) is None


@hostile
def test_a_claim_is_refused_by_file_claim_and_field(tmp_path, called, text):
    """In a field of the claim, of its figures, of its criterion and among its arguments."""
    raw = _loaded(CLAIMS_FOLDER / "001.yml")
    own = [entry for entry in raw["claims"] if isinstance(entry["criterion"], dict)]
    raw["claims"] = own[:1]
    for field, place in {
        "text": lambda c: c.update(text=f"Small caps lead {text} for now."),
        "figures.0.name": lambda c: c["figures"][0].update(name=text),
        "criterion.words": lambda c: c["criterion"].update(words=f"{text} and more than that."),
        "arguments": lambda c: c["arguments"].update(fund=text),
    }.items():
        spoilt = copy.deepcopy(raw)
        place(spoilt["claims"][0])
        saved(tmp_path / "claims" / "001.yml", spoilt)
        with pytest.raises(InputError, match=called) as caught:
            load_documents(tmp_path / "claims")
        said = str(caught.value)
        assert f"001.yml: claim {own[0]['id']!r} (number 1), field {field}: holds" in said
        assert unseen(said) is None


def test_a_document_is_refused_by_file_and_field(tmp_path):
    """The title of a note is one line too, and its number is in ASCII digits."""
    raw = _loaded(CLAIMS_FOLDER / "001.yml")
    own = [entry for entry in raw["claims"] if isinstance(entry["criterion"], dict)]
    raw["claims"] = own[:1]
    for field, value in {"title": "two\nlines", "id": "\uff10\uff10\uff11"}.items():
        saved(tmp_path / "claims" / "001.yml", raw | {field: value})
        with pytest.raises(InputError, match=rf"001\.yml: field {field}"):
            load_documents(tmp_path / "claims")


@hostile
def test_a_chapter_is_refused_by_file_chapter_and_field(tmp_path, called, text):
    """In its title and in the description of a parameter of its own."""
    raw = _loaded(CHAPTERS_FILE)
    raw["first_cut"]["title"] = f"The first {text}"
    with pytest.raises(InputError, match=rf"'first_cut', field title.*{called}"):
        load_chapters(saved(tmp_path / "chapters.yml", raw))


def test_a_chapter_without_a_plain_name_is_refused(tmp_path):
    """A chapter's name becomes a file's name and an address."""
    raw = _loaded(CHAPTERS_FILE)
    for name in ("../first", "first\u202ecut", "first cut", 3):
        with pytest.raises(InputError, match=r"chapters\.yml: chapter .*small letters"):
            load_chapters(saved(tmp_path / "chapters.yml", {name: raw["first_cut"]}))


@hostile
def test_a_source_is_refused_by_file_id_and_field(tmp_path, called, text):
    """In its title, and in the name of a publisher."""
    raw = _loaded(CATALOGUE_FILE)
    for where, place in {
        "sources.fred/GS10.title": lambda r: next(
            s for s in r["sources"] if s["id"] == "fred/GS10"
        ).update(title=text),
        "publishers.fred.licence": lambda r: r["publishers"]["fred"].update(licence=text),
    }.items():
        spoilt = copy.deepcopy(raw)
        place(spoilt)
        path = saved(tmp_path / f"{len(where)}-{abs(hash(text))}.yml", spoilt)
        with pytest.raises(InputError, match=rf"{where}: holds.*{called}"):
            load_catalogue(path)


@hostile
def test_a_fact_is_refused_by_file_line_and_column(tmp_path, called, text):
    """In a note, which may say anything else."""
    folder = Path(shutil.copytree(FACTS_FOLDER, tmp_path / "facts"))
    path = folder / "nber_cycles.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1] = lines[1].replace("NBER", text)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=rf"nber_cycles\.csv, line 2, column source.*{called}"):
        load_facts(None, folder)


ADDRESSES = {
    "https://fred.stlouisfed.org/graph/?id=GS10&x=1#a": True,
    "http://127.0.0.1:8000/a_b-c~d%20e": True,
    "https://example.org": True,
    "javascript:alert(1)": False,
    "JaVaScRiPt:alert(1)//https://x": False,
    "data:text/html,<script>1</script>": False,
    "//example.org": False,
    "https://": False,
    'https://x"onmouseover="alert(1)': False,
    "https://x/><script>": False,
    "https://x/a b": False,
    "https://x/)[y](javascript:1)": False,
    "https://exa\u202emple.org": False,
    "https://еxample.org": False,
    "https://x\n": False,
    "https://user:secret@example.org/": False,
}


@pytest.mark.parametrize(("address", "good"), ADDRESSES.items(), ids=list(ADDRESSES))
def test_an_address_is_http_and_visible_ascii(tmp_path, address, good):
    """Of a publisher's page and of a fact: nothing else can stand behind a link."""
    assert is_address(address) is good
    raw = _loaded(CATALOGUE_FILE)
    raw["publishers"]["fred"]["home"] = address
    path = saved(tmp_path / "sources.yml", raw)
    folder = Path(shutil.copytree(FACTS_FOLDER, tmp_path / "facts"))
    facts = folder / "interest_burden.csv"
    lines = facts.read_text(encoding="utf-8").splitlines()
    old = next(cell for cell in lines[1].split(",") if cell.startswith("http"))
    quoted = '"' + address.replace('"', '""') + '"'
    facts.write_text("\n".join([lines[0], lines[1].replace(old, quoted), *lines[2:], ""]))
    if good:
        assert load_catalogue(path).publishers["fred"].home == address
        assert address in set(load_facts(None, folder)["interest_burden"]["source_url"])
        return
    with pytest.raises(InputError, match=r"publishers\.fred\.home"):
        load_catalogue(path)
    with pytest.raises(InputError, match=r"interest_burden\.csv, line 2, column source_url"):
        load_facts(None, folder)


FULL_WIDTH = "\uff12\uff10\uff10\uff17-\uff11\uff12"
ARABIC = "\u0662\u0660\u0660\u0667-12"


@pytest.mark.parametrize("month", [FULL_WIDTH, ARABIC, "2007-1\uff12", "2007-12\n"])
def test_digits_of_other_scripts_are_no_month(tmp_path, month):
    """Not as a parameter, a data set's cut, a sweep, a chapter's start or a fact."""
    with pytest.raises(InputError, match="as_of"):
        check_parameters(ChapterParameters, {"as_of": month}, "first_cut", from_text=True)
    with pytest.raises(InputError, match="not a month"):
        load_dataset("bundled", month)
    with pytest.raises(InputError, match="as_of"):
        months(f"{month}:2015-12:12")
    raw = _loaded(CHAPTERS_FILE)
    raw["first_cut"]["earliest"] = month
    with pytest.raises(InputError, match="field earliest"):
        load_chapters(saved(tmp_path / "chapters.yml", raw))
    folder = Path(shutil.copytree(FACTS_FOLDER, tmp_path / "facts"))
    path = folder / "nber_cycles.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("1918-08", f'"{month}"'))
    with pytest.raises(InputError, match=r"nber_cycles\.csv, line 2, column peak"):
        load_facts(None, folder)


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("since 2013-07 (-2.2% to +7.3%)", "since July 2013 (−2.2% to +7.3%)"),
        ("by iShares, 2025-04-04.", "by iShares, 4 April 2025."),
        ("joint p 0.448, p = 0.0049", "joint p 0.45, p = 0.0049"),
        ("june basis: it may march on", "June basis: it may march on"),
        ("a p-value of 0.0004", "a p-value of below 0.001"),
        ("snapshot 2026-10-03-abc, years 1954-2018, 5-7%", None),
        ("ready-made 12-month windows; https://x.org/2025-04/a", None),
    ],
)
def test_a_sentence_is_set_as_it_is_read(raw, read):
    """Months by name, a real minus, p-values to two digits; names, ranges and addresses stay."""
    assert in_prose(raw) == (raw if read is None else read)
    assert in_prose(in_prose(raw)) == in_prose(raw)
