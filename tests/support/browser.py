"""A headless Chromium, and what the tests of the emulator's pages do with it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Generator
from typing import Any

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait


@contextlib.contextmanager
def started() -> Generator[Chrome]:
    """Start a Chromium without a window, and end it."""
    options = ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1280,800"):
        options.add_argument(argument)
    options.binary_location = shutil.which("chromium") or "chromium"
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = Chrome(options=options, service=ChromeService(shutil.which("chromedriver") or "chromedriver"))
    try:
        yield browser
    finally:
        browser.quit()


@contextlib.contextmanager
def sized(browser: Chrome, width: int, *, scheme: str = "light") -> Generator[None]:
    """Make the window so wide, in pixels, and light or dark; a page that is open already is so then."""
    tell(browser, "Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
    tell(browser, "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    until(browser, lambda: script(browser, "return window.innerWidth") == width)
    try:
        yield
    finally:
        tell(browser, "Emulation.clearDeviceMetricsOverride")
        tell(browser, "Emulation.setEmulatedMedia", features=[])


def until(browser: Chrome, holds: Callable[[], Any]) -> None:
    """Wait until something holds."""
    waiting = WebDriverWait(browser, 20, 0.05, ignored_exceptions=[StaleElementReferenceException])
    waiting.until(lambda _: holds())


def console(browser: Any) -> list[Any]:
    """Return what the browser's console has said since the last time."""
    return list(browser.get_log("browser"))


def script(browser: Any, source: str, *given: Any) -> Any:
    """Return what a script in the page returns."""
    return browser.execute_script(source, *given)


def tell(browser: Any, command: str, **given: Any) -> Any:
    """Give the browser a command of the DevTools protocol."""
    return browser.execute_cdp_cmd(command, given)


def many(browser: Chrome, selector: str) -> list[WebElement]:
    """Return what a CSS selector selects."""
    return browser.find_elements(By.CSS_SELECTOR, selector)


def one(browser: Chrome, selector: str) -> WebElement:
    """Return the only thing that a CSS selector selects."""
    (found,) = many(browser, selector)
    return found


def press(browser: Chrome, within: str, label: str) -> None:
    """Press the button of a label, once it is there; one that a script replaces just then is looked for again."""

    def pressed() -> bool:
        button = next((each for each in many(browser, f"{within} button") if each.text == label), None)
        if button is not None:
            button.click()
        return button is not None

    until(browser, pressed)
