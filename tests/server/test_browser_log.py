"""The log that the other tests trust: it sees requests to other machines, and the windows see what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server import browser

pytestmark = pytest.mark.slow


@pytest.fixture
def window(chromium, tmp_path):
    made = browser.start("", browser.PROJECTOR, tmp_path / "profile", tmp_path)
    yield made
    made.driver.quit()


def page(tmp_path: Path, body: str) -> str:
    file = tmp_path / "page.html"
    file.write_text(
        f"<!doctype html><html lang=en><title>t</title><body>{body}</body></html>", encoding="utf-8"
    )
    return file.as_uri()


def test_a_request_to_another_machine_is_seen(window, tmp_path):
    window.open(page(tmp_path, '<img alt="x" src="http://nowhere.invalid/x.png"><p>here</p>')).sees("here")
    assert window.outside() == ["http://nowhere.invalid/x.png"]


def test_a_socket_to_another_machine_is_seen(window, tmp_path):
    script = "<p>here</p><script>new WebSocket('ws://nowhere.invalid/live')</script>"
    window.open(page(tmp_path, script)).sees("here")
    assert window.outside() == ["ws://nowhere.invalid/live"]


def test_controls_without_a_name_and_pages_that_are_too_wide_are_found(window, tmp_path):
    window.open(page(tmp_path, '<button></button><button aria-label="Go">x</button>'))
    assert window.unnamed_controls() == ["<button></button>"]
    assert not window.is_too_wide()
    window.open(page(tmp_path, '<div style="width:2000px">wide</div>'))
    assert window.is_too_wide()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/x", "ws://localhost/live", "data:image/png;base64,x", "blob:x"]
)
def test_this_machine_is_not_outside(url):
    assert not browser.is_outside(url)


@pytest.mark.parametrize("url", ["https://fonts.googleapis.com/css", "http://192.168.1.20/", "wss://x.org/"])
def test_any_other_machine_is_outside(url):
    assert browser.is_outside(url)
