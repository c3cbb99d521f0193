"""One download: the bytes at an address, within limits of size and time, asked for more than once.

Used by :mod:`analysis.sources.pull` alone.
"""

from __future__ import annotations

import html
import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from analysis.results import InputError
from analysis.sources.orders import check_address, is_loopback
from analysis.sources.store import partial_path
from analysis.sources.tables import MAX_FILE

_CHUNK = 64 * 1024
_PASSING = (408, 425, 429, 500, 502, 503, 504)
_GONE = (404, 410)


class AbsentError(Exception):
    """The publisher does not have the file."""


@dataclass(frozen=True)
class Patience:
    """How long a pull bears with a publisher.

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
    patience : Patience
    allow_http : bool
        Accept plain http from other machines.
    tell : callable
        Called with a state, the bytes so far and in all (0 if unknown).
    """

    name: str
    address: str
    cache: Path
    patience: Patience
    allow_http: bool
    tell: Callable[[str, int, int], None]

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

        for attempt in range(self.patience.attempts):
            if attempt:
                self.tell("retrying", 0, 0)
                time.sleep(self.patience.backoff * 2 ** (attempt - 1))
            try:
                return self._attempt()
            except requests.RequestException as error:
                fault = _describe(error)
                if not _is_passing(error):
                    break
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

        limits, end = self.patience, time.monotonic() + self.patience.deadline
        options: dict[str, Any] = {"proxies": {"http": None}} if is_loopback(url) else {}
        with (
            requests.get(
                url,
                stream=True,
                timeout=(limits.connect, limits.read),
                hooks={"response": self._check_redirect},
                **options,
            ) as response,
            open(output_file, "wb") as output,
        ):
            if response.status_code in _GONE:
                raise AbsentError
            response.raise_for_status()
            total, done = int(response.headers.get("content-length") or 0), 0
            for chunk in response.iter_content(_CHUNK):
                output.write(chunk)
                done += len(chunk)
                if max(done, total) > limits.max_bytes:
                    raise InputError(
                        f"{self.name} at {url} is larger than {limits.max_bytes} bytes, which no "
                        "such file is; check the address"
                    )
                if time.monotonic() > end:
                    raise requests.Timeout(f"no end after {limits.deadline:g} seconds")
                self.tell("fetching", done, total)

    def _check_redirect(self, response: Any, **_: Any) -> None:
        if response.is_redirect:
            check_address(urljoin(response.url, response.headers["location"]), self.allow_http)


def find_link(page: bytes, link: str, address: str) -> str:
    """Address of the file called `link` that the page at `address` links to.

    Raises
    ------
    InputError
        If the page has no such link.
    """
    pattern = rf"""href\s*=\s*["']([^"']*\b{re.escape(link)}(?:\?[^"']*)?)["']"""
    found = re.search(pattern, page.decode("utf-8", errors="replace"), re.I)
    if found is None:
        raise InputError(
            f"{address} links to no {link} any more; fetch the file by hand into a mirror folder "
            "and pull with --from"
        )
    return urljoin(address, html.unescape(found[1]))


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
