"""The page in a browser, where one is installed: nothing sticks out on a phone, and pictures are not empty."""

from __future__ import annotations

import re
import subprocess

import pytest

from sim.report.page import html, make_page
from sim.report.pdf import find_browser
from sim.report.screenshot import PICTURES, take

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_browser() is None, reason="no browser is installed"),
]

MEASURE = (
    "<script>document.documentElement.dataset.size ="
    " `${document.documentElement.scrollWidth} ${window.innerWidth}`;</script></body>"
)


@pytest.mark.parametrize(("width", "lang"), [(500, "sv"), (1200, "en")])
def test_nothing_sticks_out_to_the_side(compared, tmp_path, width, lang):
    page = tmp_path / "page.html"
    page.write_text(html(make_page(compared, lang)).replace("</body>", MEASURE), encoding="utf-8")
    command = [
        find_browser(), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
        f"--window-size={width},900", "--dump-dom", page.as_uri(),
    ]  # fmt: skip
    dom = subprocess.run(command, capture_output=True, text=True, check=True, timeout=180).stdout
    whole, window = (int(n) for n in re.search(r'data-size="(\d+) (\d+)"', dom).groups())
    assert whole <= window


def test_the_pictures_of_the_documentation_can_be_taken(compared, tmp_path):
    from PIL import Image

    files = take(compared, tmp_path)
    assert [file.stem for file in files] == list(PICTURES)
    for file in files:
        with Image.open(file) as picture:
            assert picture.size == PICTURES[file.stem][1:3]
            darkest, brightest = picture.convert("L").getextrema()
            assert darkest < 60
            assert brightest == 255
