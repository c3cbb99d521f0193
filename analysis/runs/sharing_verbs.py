"""The verbs for sharing: an audit of one's own, a page to mail, a certificate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from analysis.results import InputError
from analysis.runs.options import fail_on
from analysis.runs.terminal import run_progress

Jobs = Annotated[int, typer.Option(min=1, help="How many run at once.")]


def new(folder: Annotated[Path, typer.Argument(help="A new folder.")]) -> None:
    """Make an audit of your own to start from: claims, chapters and pages."""
    from analysis.runs.projects import new_project

    written = new_project(folder)
    for path in written:
        print(path)
    print(f"next: smallcap --project {folder} book")


def page(
    name: Annotated[str, typer.Argument(help="Notebook, e.g. first_cut.")],
    run: Annotated[
        Path | None, typer.Option(help="Folder of a run; by default the stored notebooks.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The file, by default NAME.html.")] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Write the chapter's first chart here, as SVG, and no page.")
    ] = None,
) -> None:
    """Write a chapter as one HTML file to mail, with its charts drawn."""
    import analysis
    from analysis.claims.chapters import load_chapters
    from analysis.files import PROJECT, write_whole
    from analysis.pages.single_page import first_picture, page_footer, single_page
    from analysis.pages.site import load_site
    from analysis.results import nearest
    from analysis.runs.outputs import read_notebook
    from analysis.runs.plan import NOTEBOOKS_FOLDER

    chapters = load_chapters()
    if name not in chapters:
        raise InputError(f"unknown notebook {name!r}{nearest(name, chapters)}")
    source = (run or NOTEBOOKS_FOLDER) / f"{name}.ipynb"
    if not source.is_file():
        remedy = f"smallcap run {name} --out FOLDER, then give --run FOLDER"
        raise InputError(f"{source.parent} holds no {source.name}; {remedy}")
    if picture is not None:
        print(f"written: {write_whole(picture, first_picture(read_notebook(source)))}")
        return
    footer = page_footer(load_site(PROJECT).title, name, analysis.__version__, run)
    text = single_page(read_notebook(source), chapters[name].title, footer)
    print(f"written: {write_whole(out or Path(f'{name}.html'), text)}")


def certificate(
    names: Annotated[
        list[str] | None, typer.Argument(help="Notebooks; all of them by default.")
    ] = None,
    data: Annotated[str | None, typer.Option(help="'bundled' or 'latest'.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Last month seen, YYYY-MM.")] = None,
    out: Annotated[Path, typer.Option(help="The file.")] = Path("certificate.yml"),
    verify: Annotated[
        Path | None, typer.Option(help="Run what this certificate names again, and compare.")
    ] = None,
    run: Annotated[
        Path | None, typer.Option(help="With --verify: compare this folder, run nothing.")
    ] = None,
    jobs: Jobs = 2,
) -> None:
    """Certify a run: commands, environment, checksums, verdicts; or verify a certificate."""
    from analysis.runs import certificates
    from analysis.runs.execute import execute
    from analysis.runs.plan import notebook_names

    if verify is None and run is not None:
        raise InputError("--run is compared with a certificate; give --verify FILE")
    with run_progress() as progress:

        def run_into(some: Sequence[str], given: Mapping[str, Any], folder: Path) -> Sequence[Path]:
            return execute(some, given, folder, jobs=jobs, progress=progress)

        if verify is not None:
            problems = certificates.verify_certificate(verify, run_into, run)
        else:
            options = {"data": data, "as_of": as_of}
            given = {key: value for key, value in options.items() if value is not None}
            made = certificates.make_certificate(names or notebook_names(), given, run_into)
    if verify is None:
        path = certificates.write_certificate(made, out)
        print(f"written: {path}, {len(made['verdicts'])} verdicts, checksum {made['checksum']}")
        return
    fail_on([f"{verify.name}: {problem}" for problem in problems])
    print(f"{verify.name}: everything is as certified")
