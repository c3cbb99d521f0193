"""Long lists that a verb prints: the kept snapshots, the outlooks."""

from __future__ import annotations

from analysis.results import InputError
from analysis.runs.terminal import print_json, print_table, say


def list_snapshots() -> None:
    """Print the kept snapshots, one a line, and name the damaged ones."""
    from analysis.sources import snapshots as kept

    every, damaged = kept.sound_and_damaged()
    in_force = None
    try:
        in_force = kept.current_name()
    except InputError as error:
        damaged.append(str(error))
    for line in damaged:
        say(f"smallcap: {line}")
    if not every and not damaged:
        say("no snapshot yet; run smallcap pull")
    for one in every:
        mark = "in force" if one.name == in_force else ""
        print(f"{one.name}  {one.created}  {len(one.entries)} files  {mark}".rstrip())


def list_outlooks(data: str, as_of: str, as_json: bool) -> None:
    """Print what became of every outlook and the score by note, as tables or as JSON."""
    from analysis.pages import outlooks as board
    from analysis.panel import load_dataset

    dataset = load_dataset(data, as_of)
    studies = board.follow_outlooks(dataset)
    if as_json:
        print_json(board.outlook_records(dataset, studies))
        return
    scores = board.scoreboard(dataset, studies)
    print_table(board.standing(studies), "What became of the outlooks")
    print_table(board.shown_scores(scores), "Calls won, by note")
    print(board.score_sentence(scores))
