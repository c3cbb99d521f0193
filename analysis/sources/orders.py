"""What a pull fetches and from where: the publishers, a mirror, or folders of the user."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from analysis.results import InputError
from analysis.sources.catalog import Catalogue, Source

Base = str | os.PathLike[str]


@dataclass(frozen=True)
class Order:
    """One file to fetch.

    Attributes
    ----------
    source : Source
    origin : str or Path
        Address or path.
    link : str or None
        The file is the one of this name the page at `origin` links to.
    """

    source: Source
    origin: str | Path
    link: str | None = None


def plan_orders(
    catalogue: Catalogue,
    base: Base | Mapping[str, Base] | None = None,
    ids: Iterable[str] | None = None,
    prices: Base | None = None,
    allow_http: bool = False,
) -> list[Order]:
    """One order for every file a pull fetches.

    Parameters
    ----------
    catalogue : Catalogue
    base : str, path, mapping or None
        None fetches from the publishers. An address or folder is a mirror: ``french/…_CSV.zip``,
        ``fred/….csv``, ``shiller/ie_data.xls``, ``prices/….csv``. A mapping replaces single
        publishers: by an address at which the publisher's own names follow, or a mirror folder.
    ids : iterable of str, optional
        Files to fetch; all by default.
    prices : str or path, optional
        Folder of the user's exports, ``TICKER.csv``; of an address, the tickers the catalogue
        lists are asked for.
    allow_http : bool
        Accept plain http from other machines.
    """
    chosen = (
        list(ids) if ids is not None else [*catalogue.ids, *_price_ids(catalogue, base, prices)]
    )
    if not chosen:
        raise InputError("no file was asked for; leave out the ids to fetch all of them")
    orders = [_place(catalogue, catalogue.source(id), base, prices) for id in dict.fromkeys(chosen)]
    for order in orders:
        if isinstance(order.origin, str):
            check_address(order.origin, allow_http)
    return orders


def is_address(base: object) -> bool:
    """Whether a base is an address rather than a folder."""
    return isinstance(base, str) and "://" in base


def is_loopback(address: str) -> bool:
    """Whether an address is on this machine."""
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_address(address: str, allow_http: bool) -> None:
    """Refuse an address that is neither https nor on this machine."""
    scheme = urlsplit(address).scheme
    if scheme == "https" or (scheme == "http" and (allow_http or is_loopback(address))):
        return
    raise InputError(
        f"{address} is not fetched: {scheme or 'no scheme'} is not safe; use https, or allow plain "
        "http for a mirror you trust"
    )


def _price_ids(
    catalogue: Catalogue, base: Base | Mapping[str, Base] | None, prices: Base | None
) -> list[str]:
    if prices is None and isinstance(base, Mapping):
        prices = base.get("prices")
    if prices is None and base is not None and not isinstance(base, Mapping):
        if is_address(base):
            return list(catalogue.price_ids())
        prices = Path(base) / "prices"
        if not prices.is_dir():
            return []
    if prices is None:
        return []
    if is_address(prices):
        return list(catalogue.price_ids())
    found = sorted(p for p in Path(prices).glob("*") if p.suffix.lower() == ".csv")
    if not found:
        raise InputError(f"{prices} holds no exports; put TICKER.csv files with Date,Close there")
    for path in found:
        if path.stem != path.stem.upper():
            raise InputError(f"{path}: name the file {path.stem.upper()}.csv, after its ticker")
    twice = {path.stem for path in found if sum(p.stem == path.stem for p in found) > 1}
    if twice:
        raise InputError(f"{prices} holds {sorted(twice)[0]} twice; keep one of the two files")
    return [f"prices/{path.stem}" for path in found]


def _own_file(folder: Path, name: str) -> Path:
    """The user's file of that name, its ending written in small letters or not."""
    exact = folder / name
    if exact.exists():
        return exact
    alike = (path for path in folder.glob(f"{exact.stem}.*") if path.suffix.lower() == ".csv")
    return next(alike, exact)


def _place(
    catalogue: Catalogue,
    source: Source,
    base: Base | Mapping[str, Base] | None,
    prices: Base | None,
) -> Order:
    if source.publisher == "prices" and prices is not None:
        file = source.path.partition("/")[2]
        if is_address(prices):
            return Order(source, f"{str(prices).rstrip('/')}/{file}")
        return Order(source, _own_file(Path(prices), file))
    if isinstance(base, Mapping):
        base = base.get(source.publisher)
        if is_address(base) and source.file is not None:
            return Order(source, urljoin(f"{str(base).rstrip('/')}/", source.file), source.link)
    if base is None:
        address = catalogue.address(source)
        if address is None:
            raise InputError(
                f"{source.id} has no publisher to fetch it from; give a folder with --prices"
            )
        return Order(source, address, source.link)
    if is_address(base):
        return Order(source, f"{str(base).rstrip('/')}/{source.path}")
    if not Path(base).is_dir():
        raise InputError(f"{base} is no folder; give a mirror folder or an address")
    if source.publisher == "prices":
        folder, _, name = source.path.partition("/")
        return Order(source, _own_file(Path(base) / folder, name))
    return Order(source, Path(base) / source.path)
