"""Pull: fetch the publishers' files, check them, keep them.

A pull completes a snapshot or leaves the earlier one in force. What it fetched before it failed or
was killed is taken up by the next pull from the same place within :data:`RESUME_HOURS`.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.files import load_text
from analysis.results import InputError
from analysis.sources import public, store
from analysis.sources.catalog import Catalogue, Source, load_catalogue
from analysis.sources.downloads import AbsentError, Download, RetryPolicy, find_link
from analysis.sources.orders import Base, Order, check_address, plan_orders
from analysis.sources.peers import Doubt, doubts
from analysis.sources.readers import Reading, read_source
from analysis.sources.snapshots import (
    CURRENT,
    Entry,
    Snapshot,
    check_objects,
    current_name,
    load_snapshot,
    read_entry,
    save_snapshot,
)
from analysis.sources.tables import AGAIN, OWN_EXPORT, load_bytes, quote

RESUME_HOURS = 6
"""For how long what an unfinished pull fetched counts as fetched."""


@dataclass(frozen=True)
class Progress:
    """How one file is getting on; passed to the callback from several threads.

    Attributes
    ----------
    id : str
    state : {"fetching", "retrying", "kept", "resumed", "absent", "failed"}
        The last four are final.
    done, total : int
        Bytes; `total` is 0 where the publisher does not say.
    files : int
        Number of files of the pull.
    """

    id: str
    state: str
    done: int
    total: int
    files: int


def pull_snapshot(
    base: Base | Mapping[str, Base] | None = None,
    *,
    ids: Iterable[str] | None = None,
    prices: Base | None = None,
    cache: Path | str | None = None,
    offline: bool = False,
    workers: int = 4,
    retry_policy: RetryPolicy | None = None,
    allow_http: bool = False,
    accept: Iterable[str] = (),
    lock_timeout: float = 300.0,
    progress: Callable[[Progress], None] | None = None,
    now: dt.datetime | None = None,
) -> Snapshot:
    """Fetch, check and keep the latest data, and put the new snapshot in force.

    Parameters
    ----------
    base : str, path, mapping or None
        Where from: see :func:`analysis.sources.orders.plan_orders`.
    ids : iterable of str, optional
        Fetch only these; the others are taken over from the snapshot in force.
    prices : str or path, optional
        Folder or address of the user's exports of adjusted closes, ``TICKER.csv``; to be given with
        each pull, for a snapshot holds what its own pull fetched.
    cache : path, optional
        See :func:`analysis.sources.store.cache_folder`.
    offline : bool
        Fetch nothing: check the snapshot in force and return it.
    workers : int
        Files fetched at the same time.
    retry_policy : RetryPolicy, optional
        Attempts, time-outs, back-off and the size limit.
    allow_http : bool
        Accept plain http from other machines.
    accept : iterable of str
        Ids of files to keep although they are odd beside their peers
        (:mod:`analysis.sources.peers`); the snapshot records what was accepted.
    lock_timeout : float
        Seconds to wait for another pull into the same cache.
    progress : callable, optional
        Called with a :class:`Progress` at each step, from several threads.
    now : datetime, optional
        Time written into the snapshot; the clock's by default.

    Returns
    -------
    Snapshot
        Every required file, each read by its reader without a complaint and held against its
        peers; :attr:`Snapshot.notes` has what is odd and was kept.

    Raises
    ------
    InputError
        If a file cannot be had, is refused, or is odd beside its peers without being accepted, or
        the cache cannot be written. The snapshot that was in force stays so.
    """
    folder = store.cache_folder(cache)
    if offline:
        snapshot = load_snapshot(None, folder)
        check_objects(snapshot)
        return snapshot
    catalogue = load_catalogue()
    accepted = _known_ids(catalogue, accept)
    orders = plan_orders(catalogue, base, ids, prices, allow_http)
    with store.writing(folder), _lock(folder, lock_timeout):
        store.clear_partials(folder)
        job = _Job(folder, retry_policy or RetryPolicy(), allow_http, progress, len(orders), now)
        entries, absent = job.run(orders, max(1, workers))
        if ids is not None:
            entries, absent = _take_over(entries, absent, folder)
        _check_complete(catalogue, entries, job.in_force())
        kept = _beside_peers(entries, folder, accepted, job.in_force(), job.clock().date())
        notes = [f"{one}" + (" (accepted)" if one.refused else "") for one in kept]
        notes += [f"{id}: not there; what needs it is refused" for id in sorted(absent)]
        notes += _dropped_funds(entries, folder)
        odd = {one.id: one.caution for one in kept if one.refused}
        snapshot = save_snapshot(entries.values(), absent, job.stamp(), folder, notes, odd)
        job.journal.unlink(missing_ok=True)
    return snapshot


def pull_public(
    base: Base | Mapping[str, Base] | None = None,
    *,
    folder: Path | None = None,
    cache: Path | str | None = None,
    workers: int = 4,
    retry_policy: RetryPolicy | None = None,
    allow_http: bool = False,
    accept: Iterable[str] = (),
    progress: Callable[[Progress], None] | None = None,
    now: dt.datetime | None = None,
) -> list[str]:
    """Fetch the public-domain series that ship with the project, and replace them all together.

    Parameters
    ----------
    folder : Path, optional
        ``data/public`` by default.
    base, cache, workers, retry_policy, allow_http, accept, progress, now
        As :func:`pull_snapshot`.

    Returns
    -------
    list of str
        Series whose content is new.

    Raises
    ------
    InputError
        If a series cannot be had, is refused by its reader, or is shorter than the one it would
        replace without being accepted. The files that were there stay.
    """
    store_folder, target = store.cache_folder(cache), folder or public.PUBLIC_FOLDER
    catalogue = load_catalogue()
    accepted = _known_ids(catalogue, accept)
    chosen = [source for source in catalogue.sources if source.public]
    orders = plan_orders(catalogue, base, [source.id for source in chosen], None, allow_http)
    with store.writing(store_folder), _lock(store_folder, 300.0):
        job = _Job(
            store_folder, retry_policy or RetryPolicy(), allow_http, progress, len(orders), now
        )
        entries, absent = job.run(orders, max(1, workers))
        if absent:
            raise InputError(f"{sorted(absent)[0]} is not there, so no series was replaced")
        contents = {
            id: store.load_object(entry.sha256, store_folder, entry.path)
            for id, entry in entries.items()
        }
        job.journal.unlink(missing_ok=True)
    readings = {source.id: read_source(source, contents[source.id]) for source in chosen}
    found = doubts(readings, _shipped(chosen, target), job.clock().date())
    refused = [doubt for doubt in found if doubt.refused and doubt.id not in accepted]
    if refused:
        raise InputError(f"{refused[0]}, so no series was replaced; --accept {refused[0].id}")
    rows = {
        source.columns[0]: {
            "series": source.columns[0],
            "frequency": source.frequency,
            "address": str(catalogue.address(source)),
            # a mirror's copy was not retrieved from the publisher, whatever day it was copied
            "retrieved": job.stamp()[:10] if _is_publishers(entries[source.id], catalogue) else "",
            "first": readings[source.id].first,
            "last": readings[source.id].last,
            "sha256": entries[source.id].sha256,
        }
        for source in chosen
    }
    return public.write_public(
        rows, {source.columns[0]: contents[source.id] for source in chosen}, target
    )


def _is_publishers(entry: Entry, catalogue: Catalogue) -> bool:
    """Whether a file came from the address at which its publisher serves it."""
    return entry.address == quote(str(catalogue.address(catalogue.source(entry.id))), 1000)


def _shipped(sources: Iterable[Source], folder: Path) -> dict[str, Reading]:
    """The series in place, by id; a damaged one is no reason to refuse a whole one."""
    found = {}
    for source in sources:
        with contextlib.suppress(InputError):
            found[source.id] = read_source(source, folder / f"{source.columns[0]}.csv")
    return found


class _Job:
    """The work of one pull, under the lock."""

    def __init__(
        self,
        cache: Path,
        retry_policy: RetryPolicy,
        allow_http: bool,
        progress: Callable[[Progress], None] | None,
        files: int,
        now: dt.datetime | None,
    ) -> None:
        self.cache, self.retry_policy, self.allow_http = cache, retry_policy, allow_http
        self.progress, self.files, self.now = progress, files, now
        self.stop = threading.Event()
        self.journal = cache / "pulling.jsonl"
        self.done = _load_journal(self.journal, self.clock())

    def clock(self) -> dt.datetime:
        return self.now or dt.datetime.now(dt.UTC)

    def stamp(self) -> str:
        return self.clock().astimezone(dt.UTC).isoformat(timespec="seconds")

    def tell(self, order: Order, state: str, done: int = 0, total: int = 0) -> None:
        if self.progress is not None:
            self.progress(Progress(order.source.id, state, done, total, self.files))

    def run(self, orders: list[Order], workers: int) -> tuple[dict[str, Entry], set[str]]:
        entries: dict[str, Entry] = {}
        absent: set[str] = set()
        failures: dict[str, str] = {}
        pool = ThreadPoolExecutor(workers, thread_name_prefix="pull")
        finished = False
        try:
            waiting = {pool.submit(self.fetch, order): order for order in orders}
            for future in as_completed(waiting):
                order = waiting[future]
                try:
                    # a full or read-only disk fails every file alike, so it ends the pull
                    with store.writing(self.cache, order.source.path, f" ({self.in_force()})"):
                        entries[order.source.id] = self.note(future.result())
                except store.DiskError:
                    self.tell(order, "failed")
                    raise
                except AbsentError:
                    self.tell(order, "failed" if order.source.required else "absent")
                    if order.source.required:
                        failures[order.source.id] = (
                            f"{order.source.path} is not at {order.origin}: the address moved or "
                            "the mirror lacks it; correct data/sources.yml or the mirror"
                        )
                    else:
                        absent.add(order.source.id)
                except InputError as error:
                    self.tell(order, "failed")
                    failures[order.source.id] = str(error)
            finished = True
        finally:
            # stopped from outside, nobody waits for a server that does not answer
            self.stop.set()
            pool.shutdown(wait=finished, cancel_futures=True)
        if failures:
            raise InputError(f"{_join(failures)} ({self.in_force()})")
        return entries, absent

    def note(self, entry: Entry) -> Entry:
        """Write down what is fetched, for a pull that takes this one up."""
        with open(self.journal, "a", encoding="utf-8") as stream:
            stream.write(entry.model_dump_json() + "\n")
        return entry

    def in_force(self) -> str:
        try:
            name = current_name(self.cache)
        except InputError:
            return f"which snapshot is in force cannot be read from {self.cache / CURRENT}"
        return f"snapshot {name} stays in force" if name else "there is no snapshot yet"

    def fetch(self, order: Order) -> Entry:
        """Fetch a file, or take up what an unfinished pull fetched, read it and keep it."""
        source, earlier = order.source, self.done.get((order.source.id, str(order.origin)))
        if earlier is not None and store.has_object(earlier.sha256, self.cache):
            content = store.load_object(earlier.sha256, self.cache, source.path)
            with contextlib.suppress(InputError):
                read_source(source, content, name=source.path)
                self.tell(order, "resumed", len(content), len(content))
                return earlier
        content = self.load(order)
        reading = read_source(source, content, name=f"{source.path} from {order.origin}")
        entry = Entry(
            id=source.id,
            path=source.path,
            address=quote(order.origin, 1000),
            fetched=self.stamp(),
            sha256=store.keep_object(content, self.cache),
            size=len(content),
            vintage=reading.vintage,
            first=reading.first,
            last=reading.last,
        )
        self.tell(order, "kept", len(content), len(content))
        return entry

    def load(self, order: Order) -> bytes:
        if isinstance(order.origin, Path):
            if not order.origin.exists():
                raise AbsentError
            remedy = OWN_EXPORT if order.source.publisher == "prices" else AGAIN
            return load_bytes(order.origin, None, self.retry_policy.max_bytes, remedy)[0]
        address = order.origin
        if order.link is not None:
            address = find_link(self.download(order, address), order.link, address)
            check_address(address, self.allow_http)
        return self.download(order, address)

    def download(self, order: Order, address: str) -> bytes:
        return Download(
            name=order.source.path,
            address=address,
            cache=self.cache,
            retry_policy=self.retry_policy,
            allow_http=self.allow_http,
            tell=lambda state, done, total: self.tell(order, state, done, total),
            stop=self.stop,
        ).fetch()


@contextlib.contextmanager
def _lock(cache: Path, timeout: float) -> Any:
    import filelock

    cache.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(cache / "pull.lock", timeout=timeout)
    try:
        lock.acquire()
    except filelock.Timeout as error:
        raise InputError(
            f"another pull into {cache} has been at work for {timeout:g} seconds; let it finish, "
            "or stop it"
        ) from error
    try:
        yield
    finally:
        lock.release()


def _load_journal(path: Path, now: dt.datetime) -> dict[tuple[str, str], Entry]:
    """What an unfinished pull fetched lately from an address, by id and address."""
    found: dict[tuple[str, str], Entry] = {}
    if not path.exists():
        return found
    try:
        lines = load_text(path, "remove it").splitlines()
    except InputError:
        # without it every file is fetched anew, which loses time and nothing else
        path.unlink()
        return found
    for line in lines:
        # a killed pull may leave half a line
        with contextlib.suppress(ValueError, TypeError):
            entry = Entry.model_validate_json(line)
            age = now - dt.datetime.fromisoformat(entry.fetched)
            if "://" in entry.address and abs(age) < dt.timedelta(hours=RESUME_HOURS):
                found[entry.id, entry.address] = entry
    return found


def _take_over(
    entries: dict[str, Entry], absent: set[str], cache: Path
) -> tuple[dict[str, Entry], set[str]]:
    """Add the files of the snapshot in force that this pull was not asked for."""
    if current_name(cache) is None:
        return entries, absent
    earlier = load_snapshot(None, cache)
    check_objects(earlier)
    kept = {entry.id: entry for entry in earlier.entries if entry.id not in absent}
    return {**kept, **entries}, absent | (set(earlier.absent) - set(entries))


def _known_ids(catalogue: Catalogue, accept: Iterable[str]) -> frozenset[str]:
    """The ids to accept, each of a file there is; a ticker alone stands for its prices."""
    chosen = set()
    for name in accept:
        id = name if "/" in name else f"prices/{name}"
        catalogue.source(id)
        chosen.add(id)
    return frozenset(chosen)


def _beside_peers(
    entries: Mapping[str, Entry],
    cache: Path,
    accepted: frozenset[str],
    note: str,
    today: dt.date,
) -> list[Doubt]:
    """Hold the files against each other and against those in force; what is odd and was kept.

    Raises
    ------
    InputError
        Naming the first files that are refused, the day, and the two ways on.
    """
    readings = {id: read_entry(entry, cache) for id, entry in entries.items()}
    earlier: dict[str, Reading] = {}
    # an earlier snapshot that was damaged, or none, is no reason to refuse a whole one
    with contextlib.suppress(InputError):
        kept = load_snapshot(None, cache)
        earlier = {one.id: read_entry(one, cache) for one in kept.entries}
    found = doubts(readings, earlier, today)
    refused = [doubt for doubt in found if doubt.refused and doubt.id not in accepted]
    if refused:
        names = sorted({doubt.id for doubt in refused})
        shown = "; ".join(str(doubt) for doubt in refused[:3])
        more = f"; and {len(refused) - 3} more" if len(refused) > 3 else ""
        options = " ".join(f"--accept {name}" for name in names)
        raise InputError(
            f"{shown}{more}. Put sound files in their place, or keep them all the same with"
            f" {options} ({note})"
        )
    return found


def _dropped_funds(entries: Mapping[str, Entry], cache: Path) -> list[str]:
    """Funds that the snapshot in force holds and this one does not."""
    try:
        earlier = load_snapshot(None, cache).ids()
    except InputError:
        return []
    gone = [id for id in earlier if id.startswith("prices/") and id not in entries]
    if not gone:
        return []
    named = ", ".join(id.partition("/")[2] for id in gone)
    return [f"prices: {named} of the snapshot in force were not given again; add --prices FOLDER"]


def _check_complete(catalogue: Catalogue, entries: Mapping[str, Entry], note: str) -> None:
    lacking = [s.path for s in catalogue.sources if s.required and s.id not in entries]
    if lacking:
        raise InputError(
            f"the pull lacks {', '.join(lacking)}, so it makes no snapshot; pull all files first "
            f"({note})"
        )


def _join(failures: Mapping[str, str]) -> str:
    if len(failures) == 1:
        return next(iter(failures.values()))
    ids = sorted(failures)
    more = f"; also {', '.join(ids[3:])}" if len(ids) > 3 else ""
    return f"{len(ids)} files failed: " + "; ".join(failures[id] for id in ids[:3]) + more
