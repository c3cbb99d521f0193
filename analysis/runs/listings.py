"""Long lists that a verb prints: the outlooks."""

from __future__ import annotations

from analysis.runs.terminal import print_json, print_table


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
