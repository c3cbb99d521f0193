"""A built site, served, and a headless Chromium that visits it."""

import functools
import http.server
import os
import shutil
import threading
from pathlib import Path

import pytest

from analysis.runs.book import ROOT

SITE = ROOT / "_build" / "html"

FRONT = "book/intro"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def site():
    """The folder of the built site; the front page must be there."""
    if not (SITE / f"{FRONT}.html").is_file():
        pytest.fail(f"{SITE} holds no built book; run 'make book' first")
    return SITE


@pytest.fixture(scope="session")
def address(site):
    """The site served over the loopback interface."""
    handler = functools.partial(_Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium found on the machine."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("SMALLCAP_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if path is None or not Path(path).exists():
        pytest.skip("no Chromium here: install one or name it in SMALLCAP_CHROMIUM")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as play:
        made = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield made
        made.close()


class Visit:
    """One open page with all that it complained about and asked for."""

    def __init__(self, browser, theme="light", width=1280):
        self.complaints, self.requests = [], []
        self.context = browser.new_context(viewport={"width": width, "height": 900})
        self.context.add_init_script(
            f"localStorage.setItem('mode', '{theme}'); localStorage.setItem('theme', '{theme}')"
        )
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfailed", self._note)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", self._listen)

    def _note(self, request):
        """Keep what failed; what the browser dropped because a new page was opened did not."""
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.url}: {request.failure}")

    def _listen(self, message):
        if message.type == "error":
            self.complaints.append(message.text)

    def open(self, url):
        self.page.goto(url, wait_until="load")
        for figure in self.page.query_selector_all("figure.sc-figure"):
            figure.scroll_into_view_if_needed()
        self.page.wait_for_function(
            "() => [...document.querySelectorAll('figure.sc-figure')].every(f => f.dataset.drawn)",
            timeout=15_000,
        )
        return self.page

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()


@pytest.fixture(scope="session")
def visit():
    """The class of a visit: browser, then theme and width."""
    return Visit
