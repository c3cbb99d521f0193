"""Yahoo: adjusted closes of funds through the optional package yfinance, written as exports."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from analysis.files import write_whole
from analysis.results import InputError
from analysis.sources.prices import HEADER, read_prices
from analysis.sources.store import writing


def pull_yahoo(tickers: Iterable[str], folder: Path | str) -> list[Path]:
    """Write exports for ``pull_snapshot(prices=folder)``.

    Parameters
    ----------
    tickers : iterable of str
    folder : path
        Where ``TICKER.csv`` are written; made if need be.

    Returns
    -------
    list of Path
        One file a ticker.

    Raises
    ------
    InputError
        If yfinance is not installed, or Yahoo gives no usable closes for a ticker.
    """
    try:
        import yfinance
    except ImportError as error:
        raise InputError(
            "prices from Yahoo need the optional package yfinance; install it with "
            "`pip install -e '.[yahoo]'` in the project's folder, or give your own exports with "
            "--prices"
        ) from error
    exports = {}
    for ticker in tickers:
        try:
            history = yfinance.Ticker(ticker).history(period="max", auto_adjust=True)
            closes = history["Close"].dropna()
            rows = [f"{day:%Y-%m-%d},{float(close)!r}" for day, close in closes.items()]
        except Exception as error:  # yfinance lets whatever Yahoo answers through
            raise InputError(f"Yahoo gives no closes for {ticker} ({error}); try later") from error
        exports[ticker] = "\n".join([HEADER, *rows, ""]).encode()
        read_prices(exports[ticker], name=f"{ticker} from Yahoo")
    folder = Path(folder)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for ticker, content in exports.items():
            write_whole(folder / f"{ticker}.csv", content)
    return [folder / f"{ticker}.csv" for ticker in exports]
