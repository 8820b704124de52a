"""Exploring reforms in a real browser: run, compare, switch language, take away, bring in, on a phone, after a kill."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from sim.experiment.results_folder import open_results
from sim.report.derived import region_effects
from sim.report.labels import primary_outcome
from tests.server import browser
from tests.server.browser import PHONE, PROJECTOR
from tests.server.serving import Served

pytestmark = pytest.mark.slow

#: A whole comparison on a machine that does much else.
LONG = 400.0
FUND, PROCUREMENT = "Öronmärkt statsstöd för särläkemedel", "Samordnad nationell förhandling och inköp"
PACKAGE = "Förslagen om särläkemedel"
ONE_SEED_DONE = "Klart: 1 frö"


def exploring(window):
    """Open a session from the start page, with a short horizon and one seed so that runs are quick."""
    window.open("/").press("Börja utforska").sees("Reformer")
    window.choose("Till och med", "2030")
    window.choose("Slumpfrön", "1")
    return window


def with_ready_made(window, title: str):
    """Add a reform that comes with the program."""
    return window.press("Ny reform").press(title)


def test_a_lever_is_found_pulled_and_seen_in_every_view(projector, pictures):
    window = exploring(projector)
    window.press("Ny reform").press("Tom reform").sees("Lägg till styrmedel")
    window.press("Lägg till styrmedel").write("Sök bland", "inköp nationell")
    window.press(f"Lägg till {PROCUREMENT}").press("Stäng")
    window.sees(ONE_SEED_DONE, LONG)
    for tab in (
        "Svaret",
        "Karta",
        "Ojämlikhet",
        "Nivåer",
        "Vinnare och förlorare",
        "Kostnader",
        "Personal och väntan",
    ):
        window.press(tab)
        window.until(
            lambda tab=tab: window.named(tab, "[role=tab]").get_attribute("aria-selected") == "true",
            f"tab {tab}",
        )
        assert "Något gick fel" not in window.text
        assert not window.is_too_wide()
        if tab == "Karta":
            window.picture(pictures, "explore_map")
    window.press("Karta")
    window.until(
        lambda: len(window.driver.find_elements("css selector", ".tile")) >= 3 * 21,
        "maps of 21 tiles; with one seed nothing is said of uncertainty",
    )
    assert window.unnamed_controls() == []


def test_two_reforms_are_compared_and_the_language_is_switched(projector):
    window = exploring(projector)
    with_ready_made(window, "Öronmärkt statsstöd för särläkemedel").sees(ONE_SEED_DONE, LONG)
    with_ready_made(window, PACKAGE).sees_no_more(ONE_SEED_DONE).sees(ONE_SEED_DONE, LONG)
    window.press("Svaret").choose("Reform", PACKAGE)
    window.until(lambda: PACKAGE in window.text, "the second reform")
    here = window.driver.current_url
    window.press("English").sees("Reforms").sees("The answer", LONG)
    assert window.driver.current_url == here
    assert window.driver.find_element("css selector", "html").get_attribute("lang") == "en"
    assert "Reformer" not in window.text
    window.press("Svenska").sees("Reformer")


def test_what_is_taken_away_gives_identical_numbers_on_the_command_line(projector, project_root, tmp_path):
    window = exploring(projector)
    with_ready_made(window, FUND).sees(ONE_SEED_DONE, LONG).press("Ta med").sees("run_sim.py compare")
    command = next(line for line in window.text.split("\n") if "run_sim.py compare" in line)
    names = command.split("compare", 1)[1].split()
    for name in names:
        window.press(f"Ladda ned {name}")
    window.press("Alla regioners mått").press("Allt: figurer")
    for name in (*names, "regions.csv", "results.zip"):
        window.until(lambda name=name: (window.downloads / name).exists(), name, LONG)
    out = tmp_path / "results"
    subprocess.run(
        [sys.executable, "run_sim.py", "compare", *(str(window.downloads / name) for name in names), "--out", str(out),
         "--workers", "1", "--quiet"],
        cwd=project_root, check=True, capture_output=True, timeout=900,
    )  # fmt: skip
    with zipfile.ZipFile(window.downloads / "results.zip") as taken:
        summary = next(name for name in taken.namelist() if name.endswith("summary.csv"))
        assert taken.read(summary) == (out / "summary.csv").read_bytes()
        tables = [name for name in taken.namelist() if name.endswith(".parquet")]
        assert len(tables) > 5
        for name in tables:
            ours, theirs = (
                pd.read_parquet(io.BytesIO(taken.read(name))),
                pd.read_parquet(out / Path(name).name),
            )
            pd.testing.assert_frame_equal(ours, theirs, check_exact=True)
    expected = region_effects(open_results(out)).set_index(["area", "region"])
    rows = csv.DictReader((window.downloads / "regions.csv").read_text("utf-8").splitlines())
    on_screen = [row for row in rows if row["indicator"] == primary_outcome(row["area"]) and row["base"]]
    assert len(on_screen) >= 3 * 21
    for row in on_screen:
        for side in ("base", "reform", "difference"):
            known = expected.loc[(row["area"], row["region"]), side]
            # What goes to the screen is rounded to six figures; the tables above are not.
            assert float(row[side]) == pytest.approx(known, rel=1e-5, abs=1e-5), row


BAD_FILES = {
    "broken.yaml": (b"levers: [\n", "broken.yaml"),
    "binary.yaml": (bytes(range(256)) * 4, "UTF-8"),
    "list.yaml": (b"- 1\n- 2\n", "mapping"),
    "unknown.yaml": (
        b"schema: 1\nextends: baseline.yaml\nname: x\nlevers:\n  - orphan_earmarked_fnd:\n      from: 2027-01-01\n",
        "orphan_earmarked_fund",
    ),
    "outside.yaml": (b"schema: 1\nextends: ../../../../etc/passwd\nname: x\n", "extends"),
    "python.yaml": (b"!!python/object/apply:os.system ['touch owned']\n", "python.yaml"),
    "huge.yaml": (b"# " + b"x" * 70_000, "större än"),
    "aliases.yaml": (
        b"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n"
        b"d: [*c,*c,*c,*c,*c,*c,*c,*c]\n",
        "aliases.yaml",
    ),
}


def test_bad_files_are_refused_with_a_message_and_nothing_is_kept(projector, tmp_path):
    window = exploring(projector)
    window.press("Ny reform").press("Läs in en scenariofil").sees("Filen kontrolleras")
    for name, (content, words) in BAD_FILES.items():
        file = tmp_path / name
        file.write_bytes(content)
        window.driver.find_element("css selector", "input[type=file]").send_keys(str(file))
        window.until(
            lambda words=words: words in window.says("[role=dialog] .note.wrong"), f"{words!r} about {name}"
        )
    good = tmp_path / "good.yaml"
    good.write_text(
        "schema: 1\nextends: orphan_fund.yaml\nname: brought\ntitle: {sv: Medtagen, en: Brought}\n"
    )
    window.driver.find_element("css selector", "input[type=file]").send_keys(str(good))
    window.sees("Medtagen är inläst")
    assert len(window.driver.find_elements("css selector", ".chip")) == 1  # the good one alone


def test_the_explore_page_fits_a_phone(phone, pictures):
    window = exploring(phone)
    with_ready_made(window, FUND).sees(ONE_SEED_DONE, LONG)
    for tab in ("Svaret", "Karta", "Kostnader"):
        window.press(tab)
        assert not window.is_too_wide(), tab
    assert window.unnamed_controls() == []
    window.picture(pictures, "explore_phone")


def test_a_server_that_is_killed_keeps_scenarios_room_and_votes(chromium, project_root, tmp_path):
    served = Served(
        project_root, tmp_path / "state", tmp_path / "log.txt", options=("--workers", "1")
    ).start()
    window = browser.start(served.address, PROJECTOR, tmp_path / "one", tmp_path)
    phone = browser.start(served.address, PHONE, tmp_path / "two", tmp_path)
    try:
        exploring(window)
        with_ready_made(window, FUND).find("[data-lever=orphan_earmarked_fund]")
        window.press("Workshop").sees("Visa koden")
        code = window.says(".join-code")
        phone.open(f"/join/{code}").press("Gå med").sees("Du är med")
        window.press("Öppna röstning")
        phone.press("Nationell bedömningsfunktion").press("Rösta").sees("Din röst är mottagen")
        window.sees("1 av 1 har röstat")
        served.kill()
        served.start()
        # The pages find their way back by themselves, or by being loaded again.
        window.driver.refresh()
        window.sees("1 av 1 har röstat")
        phone.driver.refresh()
        phone.sees("Ändra rösten")
        window.press("Stäng och räkna röster").sees("Så röstade rummet")
        window.press("Till utforska").find("[data-lever=orphan_earmarked_fund]")
        assert window.outside() == phone.outside() == []
    finally:
        window.driver.quit()
        phone.driver.quit()
        served.stop()


@pytest.mark.parametrize(
    "path",
    ["/workshop/..%2f..%2fetc%2fpasswd", "/static/..%2f..%2fsessions.py", "/explore/none", "/screen/%00"],
)
def test_no_path_from_a_browser_reaches_the_disk(server, path):
    try:
        with urllib.request.urlopen(f"{server.address}{path}", timeout=60) as answer:
            content = answer.read().decode()
    except urllib.error.HTTPError as error:
        content = error.read().decode()
    assert "root:x:" not in content
    assert "class Sessions" not in content


def test_every_answer_forbids_what_is_loaded_from_elsewhere(server):
    with urllib.request.urlopen(f"{server.address}/join", timeout=60) as answer:
        policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy


def test_a_form_of_another_site_is_refused(server):
    request = urllib.request.Request(
        f"{server.address}/workshop", b"", {"Origin": "https://elsewhere.example"}
    )
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request, timeout=60)
