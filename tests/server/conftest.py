"""Fixtures with a real browser and a real server. Without Chromium they skip, unless a browser is required."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.server import browser
from tests.server.browser import PHONE, PROJECTOR, Window
from tests.server.serving import Served


@pytest.fixture(scope="session")
def chromium() -> None:
    """Skip, or fail where a browser is required, when there is none."""
    reason = browser.missing()
    if reason and os.environ.get(browser.REQUIRED):
        pytest.fail(f"{browser.REQUIRED} is set: {reason}")
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def server(chromium: None, project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all tests that do not kill it."""
    folder = tmp_path_factory.mktemp("server")
    served = Served(project_root, folder / "state", folder / "log.txt")
    yield served.start()
    served.stop()


@pytest.fixture
def windows(server: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Window]]:
    """Open browser windows that share nothing; afterwards none of them has asked anybody outside this machine."""
    opened: list[Window] = []

    def new(size: tuple[int, int] = PROJECTOR, address: str = server.address) -> Window:
        downloads = tmp_path_factory.mktemp("downloads")
        opened.append(browser.start(address, size, tmp_path_factory.mktemp("profile"), downloads))
        opened[-1].downloads = downloads
        return opened[-1]

    try:
        yield new
        outside = [url for window in opened for url in window.outside()]
        complaints = [one for window in opened for one in window.complaints()]
    finally:
        for window in opened:
            window.driver.quit()
    assert not outside, f"the browser asked other machines: {outside}"
    assert not complaints, f"the page had errors: {complaints}"


@pytest.fixture
def projector(windows: Callable[..., Window]) -> Window:
    """A window of 1280 by 720, as on a projector."""
    return windows(PROJECTOR)


@pytest.fixture
def phone(windows: Callable[..., Window]) -> Window:
    """A window of a phone's size that behaves like one."""
    return windows(PHONE)


@pytest.fixture(scope="session")
def pictures(project_root: Path) -> Path | None:
    """Where pictures of the documentation go; None unless asked for by ``CENTRALISATION_PICTURES=1``."""
    return browser.pictures_folder(project_root)
