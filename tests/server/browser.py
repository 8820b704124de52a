"""A real browser for the tests: windows of the size of a projector or a phone, and a log of what they asked for."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

REQUIRED = "CENTRALISATION_BROWSER_REQUIRED"
#: Set to a folder (or to 1 for docs/pictures/workshop) to write the pictures of the documentation anew.
PICTURES = "CENTRALISATION_PICTURES"
#: Patience for a machine that does much else.
SECONDS = 90.0
PROJECTOR, PHONE = (1280, 720), (390, 844)

#: Elements that can be pressed or filled in.
CONTROLS = (
    "button a summary .q-item [role=menuitem] [role=button] [role=radio] [role=checkbox] [role=tab] [role=option] "
    "label input textarea select"
)

#: Hosts that are this machine, and schemes that ask nobody.
_HERE = {"127.0.0.1", "localhost", "::1"}
_NO_REQUEST = {"data", "blob", "about", "chrome", "devtools", "chrome-extension"}


def missing() -> str:
    """Why there is no browser; empty where there is one."""
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "selenium is not installed"
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        return "chromium and chromedriver are not installed (Debian: chromium, chromium-driver)"
    return ""


def pictures_folder(root: Path) -> Path | None:
    """Where pictures go, or None when nobody asked for them."""
    asked = os.environ.get(PICTURES, "")
    if not asked or asked == "0":
        return None
    return root / "docs" / "pictures" / "workshop" if asked == "1" else Path(asked)


@dataclass
class Window:
    """One browser window with words for what a person does.

    Attributes:
        driver: The browser.
        address: Start of the server's addresses.
        downloads: Where files are saved.
        asked: Every address that the window has asked for.
    """

    driver: Chrome
    address: str
    downloads: Path = Path()
    asked: list[str] = field(default_factory=list)

    def open(self, path: str) -> Window:
        """Go to a path of the server, or to a whole address."""
        self.driver.get(path if "://" in path else f"{self.address}{path}")
        return self

    # -- seeing ----------------------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """All text that can be seen."""
        return str(self.driver.execute_script("return document.body.innerText"))

    def until(self, found: Callable[[], Any], what: str, seconds: float = SECONDS) -> Any:
        """Wait until ``found`` gives something.

        Raises:
            AssertionError: It did not; the text of the page is told.
        """
        from selenium.common.exceptions import StaleElementReferenceException, WebDriverException

        end = time.monotonic() + seconds
        while True:
            try:
                got = found()
            except (StaleElementReferenceException, WebDriverException):
                got = None
            if got:
                return got
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds:.0f} s for {what}; the page says:\n{self.text[:3000]}")
            time.sleep(0.1)

    def sees(self, words: str, seconds: float = SECONDS) -> Window:
        """Wait until some words are on the page."""
        self.until(lambda: words in self.text, repr(words), seconds)
        return self

    def sees_no_more(self, words: str, seconds: float = SECONDS) -> Window:
        """Wait until some words are gone."""
        self.until(lambda: words not in self.text, f"{words!r} to go", seconds)
        return self

    def find(self, css: str) -> WebElement:
        """Wait for the first visible element of a CSS selector."""
        found: WebElement = self.until(lambda: self._visible("css selector", css), css)
        return found

    def named(self, name: str, tags: str = CONTROLS, within: str = "") -> WebElement:
        """Wait for the visible control whose accessible name, as screen readers tell it, is ``name`` or begins so.

        Args:
            name: Its name.
            tags: Kinds of elements, as CSS selectors with spaces between.
            within: Only inside the element whose own text has these words (a ``fieldset`` or ``section``).
        """
        script = """
        const [name, css, within] = arguments, tidy = s => (s || '').replace(/\\s+/g, ' ').trim();
        const label = e => {
          if (e.getAttribute('aria-label')) return tidy(e.getAttribute('aria-label'));
          const by = e.getAttribute('aria-labelledby');
          if (by) return tidy(by.split(' ').map(i => document.getElementById(i)?.innerText).join(' '));
          if (e.labels && e.labels.length) return tidy(e.labels[0].innerText);
          const copy = e.cloneNode(true);
          copy.querySelectorAll('[aria-hidden=true], .q-icon').forEach(icon => icon.remove());
          return tidy(copy.textContent || e.value);
        };
        const boxes = [...document.querySelectorAll('fieldset, section, [role=dialog]')];
        const root = within ? boxes.filter(b => b.innerText.includes(within)).at(-1) : document;
        if (!root) return null;
        const seen = [...root.querySelectorAll(css)].filter(e => e.getClientRects().length
          && getComputedStyle(e).visibility !== 'hidden' && !e.disabled && e.getAttribute('aria-disabled') !== 'true');
        return seen.find(e => label(e) === name) || seen.find(e => label(e).startsWith(name)) || null;
        """
        css = ", ".join(tags.split())
        found: WebElement = self.until(
            lambda: self.driver.execute_script(script, name, css, within), f"control {name!r}"
        )
        return found

    def _visible(self, by: str, what: str) -> WebElement | None:
        return next((one for one in self.driver.find_elements(by, what) if one.is_displayed()), None)

    def says(self, css: str) -> str:
        """The text of an element."""
        return str(self.find(css).text)

    def is_too_wide(self) -> bool:
        """Whether the page must be scrolled sideways."""
        return bool(
            self.driver.execute_script("return document.documentElement.scrollWidth > window.innerWidth + 1")
        )

    def unnamed_controls(self) -> list[str]:
        """Visible controls that a screen reader has no name for."""
        found: list[str] = self.driver.execute_script(
            """
            const tidy = s => (s || '').trim(), bad = [];
            const css = 'button, a[href], input:not([type=hidden]), select, textarea, [role=button], [role=radio],'
              + '[role=checkbox], [role=tab], [role=slider], [role=combobox]';
            for (const e of document.querySelectorAll(css)) {
              if (!e.getClientRects().length || e.closest('[aria-hidden=true]')) continue;
              const by = (e.getAttribute('aria-labelledby') || '').split(' ')
                .map(i => document.getElementById(i)?.innerText).join('');
              const own = [e.getAttribute('aria-label'), by, e.innerText, e.title, e.alt,
                e.labels && e.labels.length ? e.labels[0].innerText : '', e.closest('label')?.innerText];
              if (!own.some(tidy)) bad.push(e.outerHTML.slice(0, 200));
            }
            return bad;
            """
        )
        return found

    # -- doing -----------------------------------------------------------------------------------------------------

    def press(self, name: str, within: str = "") -> Window:
        """Press the control of that name, see ``named``."""

        def pressed() -> bool:
            element = self.named(name, within=within)
            self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
            element.click()
            return True

        self.until(pressed, f"pressing {name!r}")
        return self

    def write(self, name: str, words: str) -> Window:
        """Write into the field of that name, in place of what stands there."""
        from selenium.webdriver.common.keys import Keys

        element = self.named(name, "input textarea")
        element.send_keys(Keys.CONTROL, "a")
        element.send_keys(words, Keys.TAB)
        return self

    def choose(self, field: str, option: str) -> Window:
        """Choose an option of a list that opens."""

        def opened() -> bool:
            self.named(field, "input [role=combobox]").click()
            return True

        self.until(opened, f"opening {field!r}")
        return self.press(option)

    def picture(self, folder: Path | None, name: str) -> None:
        """Save what is on screen, when pictures were asked for."""
        if folder is None:
            return
        folder.mkdir(parents=True, exist_ok=True)
        time.sleep(0.8)  # charts grow into place
        self.driver.save_screenshot(str(folder / f"{name}.png"))

    # -- the network -----------------------------------------------------------------------------------------------

    def requests(self) -> list[str]:
        """Every address that the browser has asked for, sockets included."""
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            match message["method"]:
                case "Network.requestWillBeSent":
                    self.asked.append(message["params"]["request"]["url"])
                case "Network.webSocketCreated":
                    self.asked.append(message["params"]["url"])
        return self.asked

    def outside(self) -> list[str]:
        """Those of them that go to another machine."""
        return [url for url in self.requests() if is_outside(url)]

    def complaints(self) -> list[str]:
        """Errors that the page wrote to the browser's console."""
        return [
            entry["message"]
            for entry in self.driver.get_log("browser")
            if entry["level"] == "SEVERE" and "favicon" not in entry["message"]
        ]


def is_outside(url: str) -> bool:
    """Whether an address is on another machine."""
    parts = urlsplit(url)
    if parts.scheme in _NO_REQUEST or (parts.scheme == "file" and not parts.hostname):
        return False
    return parts.hostname not in _HERE


def start(address: str, size: tuple[int, int], profile: Path, downloads: Path, lang: str = "sv") -> Window:
    """A new window that shares nothing with another.

    Args:
        address: Start of the server's addresses.
        size: Width and height; that of ``PHONE`` also behaves like one.
        profile: An empty folder.
        downloads: Where files are saved.
        lang: Language that the browser asks for.
    """
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", f"--user-data-dir={profile}",
        "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-extensions", "--hide-scrollbars", "--force-prefers-reduced-motion", f"--lang={lang}",
        f"--window-size={size[0]},{size[1]}",
    ):  # fmt: skip
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    options.add_experimental_option(
        "prefs",
        {
            "download.default_directory": str(downloads),
            "download.prompt_for_download": False,
            # A person is asked once whether a page may save several files; here the answer is yes.
            "profile.default_content_setting_values.automatic_downloads": 1,
        },
    )
    driver = Chrome(options=options, service=Service(str(shutil.which("chromedriver"))))
    phone = size[0] < 600
    metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": phone}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    driver.execute_cdp_cmd("Network.enable", {})
    return Window(driver, address)


def downloaded(folder: Path, pattern: str) -> Iterator[Path]:
    """Finished downloads."""
    return (file for file in folder.glob(pattern) if file.suffix != ".crdownload")
