"""Chromium (through Playwright) and Firefox (through Marionette, which it brings), as readers use.

https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
"""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from pipeline.check.browser import start

ESCAPE, ENTER, TAB = "\ue00c", "\ue007", "\ue004"  # as WebDriver names keys
KEYS = {ESCAPE: "Escape", ENTER: "Enter", TAB: "Tab"}
PREFERENCES = """user_pref("marionette.port", {port});
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("app.update.enabled", false);
user_pref("network.dns.disabled", true);
"""


class Reader(Protocol):
    """What a reader does with a page."""

    def open(self, url: str, width: int, height: int = 800) -> None: ...
    def js(self, expression: str) -> Any: ...
    def click(self, x: float, y: float) -> None: ...
    def press(self, key: str) -> None: ...
    def back(self) -> None: ...


class Chromium:
    """A page in Chromium."""

    def __init__(self, browser: Any) -> None:
        self.page = browser.new_page()

    def open(self, url: str, width: int, height: int = 800) -> None:
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.goto(url)

    def js(self, expression: str) -> Any:
        return self.page.evaluate(expression)

    def click(self, x: float, y: float) -> None:
        self.page.mouse.click(x, y)

    def press(self, key: str) -> None:
        self.page.keyboard.press(KEYS[key])

    def back(self) -> None:
        self.page.go_back()


class Firefox:
    """A page in Firefox."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 60)
        self.number = 0
        self._read()
        self.send("WebDriver:NewSession", {"capabilities": {}})

    def _read(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            if not (digit := self.socket.recv(1)):
                raise OSError("Firefox has closed the connection")
            length += digit
        data, size = b"", int(length[:-1])
        while len(data) < size:
            data += self.socket.recv(size - len(data))
        return json.loads(data)

    def send(self, command: str, parameters: object = None) -> Any:
        """Send a command. Raises RuntimeError with the browser's message."""
        self.number += 1
        message = json.dumps([0, self.number, command, parameters or {}])
        self.socket.sendall(f"{len(message)}:{message}".encode())
        _, _, error, result = self._read()
        if error:
            raise RuntimeError(f"{command}: {error['message']}")
        return result

    def open(self, url: str, width: int, height: int = 800) -> None:
        self.send("WebDriver:Navigate", {"url": url})
        bars = self.js("[outerWidth - innerWidth, outerHeight - innerHeight]")
        size = {"width": width + bars[0], "height": height + bars[1]}
        self.send("WebDriver:SetWindowRect", size)

    def js(self, expression: str) -> Any:
        script = {"script": f"return ({expression})", "args": []}
        return self.send("WebDriver:ExecuteScript", script)["value"]

    def _act(self, source: dict[str, object]) -> None:
        self.send("WebDriver:PerformActions", {"actions": [source]})

    def click(self, x: float, y: float) -> None:
        move = {"type": "pointerMove", "duration": 0, "x": round(x), "y": round(y)}
        press = [{"type": f"pointer{way}", "button": 0} for way in ("Down", "Up")]
        self._act({"type": "pointer", "id": "mouse", "actions": [move, *press]})

    def press(self, key: str) -> None:
        strokes = [{"type": f"key{way}", "value": key} for way in ("Down", "Up")]
        self._act({"type": "key", "id": "keyboard", "actions": strokes})

    def back(self) -> None:
        self.send("WebDriver:Back")


@contextmanager
def chromium() -> Iterator[Reader]:
    """Give a page in Chromium. Raises ProblemsFound where there is none."""
    with start() as browser:
        yield Chromium(browser)


@contextmanager
def firefox(profile: Path) -> Iterator[Reader]:
    """Give a page in Firefox with a new profile. Raises LookupError where there is none."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if not program:
        raise LookupError("no firefox-esr")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (profile / "user.js").write_text(PREFERENCES.format(port=port), "utf-8")
    command = [program, "--headless", "--marionette", "--no-remote", "--profile", str(profile)]
    with ExitStack() as stack:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        stack.callback(process.wait)
        stack.callback(process.terminate)
        for _ in range(300):
            with suppress(OSError):
                page = Firefox(port)
                stack.callback(page.socket.close)
                break
            time.sleep(0.2)
        else:
            raise LookupError("Firefox does not answer")
        yield page
