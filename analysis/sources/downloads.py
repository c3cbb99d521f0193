"""One download: the bytes at an address, within limits of size and time, asked for more than once.

Used by :mod:`analysis.sources.pull` alone.
"""

from __future__ import annotations

import datetime as dt
import html
import logging
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from analysis.results import InputError
from analysis.sources.orders import check_address, is_loopback
from analysis.sources.store import partial_path
from analysis.sources.tables import MAX_FILE, quote

_CHUNK = 16 * 1024

#: Who asks: publishers that refuse a nameless script may let in one that says what it is.
AGENT = "smallcap/0.1 (Small Caps, Audited; reads public data files; requests library)"

_REFUSED = (401, 403)
#: Longest wait that a publisher may ask for, seconds.
_LONGEST_WAIT = 300.0
_PASSING = (408, 425, 429, 500, 502, 503, 504)
_GONE = (404, 410)


class AbsentError(Exception):
    """The publisher does not have the file."""


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how long a file is asked for, and how large it may be.

    Attributes
    ----------
    attempts : int
        Times a file is asked for.
    connect, read : float
        Seconds to wait for a connection and for the next bytes.
    deadline : float
        Seconds one attempt may take in all.
    backoff : float
        Seconds before the second attempt, doubled for each that follows.
    max_bytes : int
        Largest file accepted.
    """

    attempts: int = 4
    connect: float = 10.0
    read: float = 30.0
    deadline: float = 300.0
    backoff: float = 1.0
    max_bytes: int = MAX_FILE


@dataclass(frozen=True)
class Download:
    """What is fetched and how.

    Attributes
    ----------
    name : str
        What errors call the file.
    address : str
    cache : Path
        Cache folder; the bytes arrive in its folder for files under way.
    retry_policy : RetryPolicy
    allow_http : bool
        Accept plain http from other machines.
    tell : callable
        Called with a state, the bytes so far and in all (0 if unknown).
    stop : Event
        Set where the pull is to end; no further byte is read and no wait is sat out.
    """

    name: str
    address: str
    cache: Path
    retry_policy: RetryPolicy
    allow_http: bool
    tell: Callable[[str, int, int], None]
    stop: threading.Event = field(default_factory=threading.Event)

    def fetch(self) -> bytes:
        """The bytes, asked for again after a passing fault.

        Raises
        ------
        AbsentError
            If the publisher does not have the file.
        InputError
            If it cannot be had, is too large or is passed on to an address that is not safe.
        """
        import requests

        waited = 0.0
        for attempt in range(self.retry_policy.attempts):
            try:
                return self._attempt()
            except requests.RequestException as error:
                fault = _describe(error)
                status = getattr(error.response, "status_code", None)
                if status in _REFUSED:
                    raise InputError(
                        f"{self.name} was refused at {self.address} ({fault}); download it in a"
                        " browser into a folder laid out like a mirror and pull with --from FOLDER"
                    ) from error
                if not _is_passing(error) or attempt + 1 == self.retry_policy.attempts:
                    break
                wait = max(self.retry_policy.backoff * 2**attempt, _asked_to_wait(error.response))
                waited += wait
                if waited > _LONGEST_WAIT:
                    fault += f"; it asks to be left alone for {wait:g} seconds"
                    break
                self.tell("retrying", 0, 0)
                if self.stop.wait(wait):
                    raise InputError(f"{self.name}: the pull was stopped") from error
        raise InputError(
            f"{self.name} could not be fetched from {self.address}: {fault}; try again later, or "
            "pull from a mirror with --from"
        )

    def _attempt(self) -> bytes:
        import pooch

        pooch.get_logger().setLevel(logging.WARNING)
        target = partial_path(self.cache)
        try:
            pooch.retrieve(
                self.address,
                known_hash=None,
                fname=target.name,
                path=target.parent,
                downloader=self._stream,
            )
            return target.read_bytes()
        finally:
            target.unlink(missing_ok=True)

    def _stream(self, url: str, output_file: str, _: Any) -> None:
        """One request, its bytes written as they come: what pooch calls a downloader."""
        import requests
        import urllib3

        limits, end = self.retry_policy, time.monotonic() + self.retry_policy.deadline
        options: dict[str, Any] = {"proxies": {"http": None}} if is_loopback(url) else {}
        try:
            with requests.get(
                url,
                stream=True,
                timeout=(limits.connect, min(limits.read, limits.deadline)),
                headers={"User-Agent": AGENT},
                hooks={"response": self._check_redirect},
                **options,
            ) as response:
                if response.status_code in _GONE:
                    raise AbsentError
                response.raise_for_status()
                self._receive(response, Path(output_file), end)
        except urllib3.exceptions.ReadTimeoutError as error:
            raise requests.Timeout("the server fell silent") from error
        except urllib3.exceptions.HTTPError as error:
            raise requests.exceptions.ChunkedEncodingError(str(error)) from error

    def _receive(self, response: Any, target: Path, end: float) -> None:
        """Write what arrives, as it arrives: who trickles is measured against the deadline."""
        import requests

        limits = self.retry_policy
        total, done = _length(response.headers.get("content-length")), 0
        with open(target, "wb") as output:
            while chunk := response.raw.read1(_CHUNK, decode_content=True):
                output.write(chunk)
                done += len(chunk)
                if max(done, total) > limits.max_bytes:
                    raise InputError(
                        f"{self.name} at {response.url} is larger than {limits.max_bytes}"
                        " bytes, which no such file is; check the address"
                    )
                if self.stop.is_set():
                    raise InputError(f"{self.name}: the pull was stopped")
                if time.monotonic() > end:
                    raise requests.Timeout(f"no end after {limits.deadline:g} seconds")
                self.tell("fetching", done, total)
        if response.headers.get("content-encoding") is None and done < total:
            raise requests.exceptions.ChunkedEncodingError(f"{done} of {total} bytes")

    def _check_redirect(self, response: Any, **_: Any) -> None:
        if response.is_redirect:
            target = response.headers["location"]
            try:
                address = urljoin(response.url, target)
            except ValueError as error:
                raise InputError(
                    f"{self.name} is passed on from {response.url} to {quote(target)!r}, which is"
                    " no address; check data/sources.yml or the mirror"
                ) from error
            check_address(address, self.allow_http)


def find_link(page: bytes, link: str, address: str) -> str:
    """Address of the file called `link` that the page at `address` links to.

    Raises
    ------
    InputError
        If the page has no such link.
    """
    pattern = rf"""href\s*=\s*["']([^"']*\b{re.escape(link)}(?:\?[^"']*)?)["']"""
    text = page.decode("utf-8", errors="replace")
    found = re.search(pattern, text, re.I)
    if found is None:
        stem = link.rpartition(".")[0]
        other = re.search(rf"""[/"']({re.escape(stem)}\.\w+)""", text, re.I)
        if other is not None:
            raise InputError(
                f"{address} now links to {other[1]} in place of {link}: download it in a browser,"
                f" save it as {link} in a mirror folder and pull with --from FOLDER"
            )
        raise InputError(
            f"{address} links to no {link} any more; fetch the file by hand into a mirror folder "
            "and pull with --from"
        )
    return urljoin(address, html.unescape(found[1]))


def _length(header: str | None) -> int:
    """Bytes the server announces; 0 where it says nothing that is a number."""
    return int(header) if header is not None and header.isdecimal() else 0


def _asked_to_wait(response: Any) -> float:
    """Seconds a server asks to be left alone, by a number or a date; 0 where it does not."""
    value = None if response is None else response.headers.get("retry-after")
    if value is None:
        return 0.0
    if value.strip().isdecimal():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
        return max(0.0, (when - dt.datetime.now(dt.UTC)).total_seconds())
    except (TypeError, ValueError):
        return 0.0


def _is_passing(error: Exception) -> bool:
    """Whether the same request may succeed in a while."""
    import requests

    if isinstance(error, requests.HTTPError):
        return error.response is not None and error.response.status_code in _PASSING
    broken = (
        requests.Timeout,
        requests.ConnectionError,
        requests.exceptions.ChunkedEncodingError,
    )
    return isinstance(error, broken) and not isinstance(error, requests.exceptions.SSLError)


def _describe(error: Exception) -> str:
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the server answers {error.response.status_code} {error.response.reason}".rstrip()
    if isinstance(error, requests.Timeout) or "timed out" in str(error).lower():
        return "the server does not answer in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the transfer was cut in the middle"
    return f"{type(error).__name__}: {error}"
