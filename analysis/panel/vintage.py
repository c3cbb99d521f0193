"""An older vintage of French's 25 portfolios as a data set of its own."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis.panel.dataset import Dataset
from analysis.panel.recessions import recession_flags
from analysis.panel.sizes import sort_names, sorted_returns
from analysis.panel.valuation import characteristics, derive_valuation, group_returns
from analysis.results import InputError
from analysis.sources import facts
from analysis.sources.catalog import load_catalogue
from analysis.sources.readers import read_source

SIZE_VALUE = "french/25_Portfolios_5x5"


def vintage_dataset(folder: Path | str, bill: pd.Series | None = None) -> Dataset:
    """One vintage of the 25 portfolios, returns and book-to-market, and nothing else.

    SMB of the same vintage is not kept, so small minus large is a leg of portfolios, such as
    ``s1_s5``; series of two vintages are never put together.

    Parameters
    ----------
    folder : path
        Folder in the layout of a mirror, with ``french/25_Portfolios_5x5_CSV.zip``.
    bill : Series or None
        The bill's monthly return, a rate and no portfolio, for estimates of excess returns.

    Returns
    -------
    Dataset
        ``monthly`` with all ``s?v?``, the columns of :mod:`analysis.panel.valuation`,
        ``recession`` and, where given, ``bill``; ``valuation`` on both bases; ``vintages`` names
        the one file; no snapshot.

    Raises
    ------
    InputError
        If the folder does not hold the file or its reader refuses it.
    """
    source = load_catalogue().source(SIZE_VALUE)
    path = Path(folder) / source.path
    if not path.is_file():
        raise InputError(f"{folder} holds no {source.path}; name a folder of one vintage")
    reading = read_source(source, path)
    returns = sorted_returns(reading.tables, sort_names("s", "v"))
    book = characteristics(reading.tables)
    known = facts.load_facts(None)
    flags = recession_flags(returns.index, known["nber_cycles"])
    parts = [returns, group_returns(reading.tables), book.reindex(returns.index), flags]
    if bill is not None:
        parts.append(bill.reindex(returns.index).rename("bill"))
    return Dataset(
        monthly=pd.concat(parts, axis=1),
        facts=known,
        data="latest",
        as_of=returns.index[-1],
        valuation=derive_valuation(book),
        vintages={SIZE_VALUE: reading.vintage},
    )
