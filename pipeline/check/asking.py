"""Asking a host whether something is at an address: politely, and never for longer than set."""

import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

MOVED = (301, 302, 303, 307, 308)
FOR_GOOD = (301, 308)  # RFC 9110, 15.4
LATER = (429, 503)
MOST_REDIRECTS = 10


@dataclass(frozen=True)
class Answer:
    """What a host said: a status (0: it said nothing), the address in the end, and why not.

    `moved` is true when every redirect on the way was for good; `sure` is false when the same
    question may have another answer tomorrow.
    """

    status: int
    address: str
    why: str = ""
    moved: bool = False
    sure: bool = True

    @property
    def good(self) -> bool:
        """Whether something is there."""
        return 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """Whether the host is there, and does not talk to programs or strangers."""
        return self.status in (401, 403, 405, 406, 429, 451) or self.status > 599


class _Stay(HTTPRedirectHandler):
    """Follows no redirect: each step is looked at."""

    def redirect_request(self, *_: object) -> None:
        return None


@dataclass(frozen=True)
class Asker:
    """How to ask: under which name, with how many seconds for an answer, how many times.

    `patience` is the longest wait, in seconds, that a busy host may ask for (Retry-After, RFC 9110,
    10.2.3).
    """

    agent: str
    timeout: float = 20
    tries: int = 3
    patience: float = 60
    sleep: Callable[[float], None] = time.sleep

    def ask(self, address: str) -> Answer:
        """Return what is at an address, redirects followed."""
        url, moved = address, True
        for _ in range(MOST_REDIRECTS):
            status, headers, why, sure = self.patiently(url)
            location = headers.get("Location") if headers else None
            if status not in MOVED or not location:
                return Answer(status, url, why, moved and url != address, sure)
            moved = moved and status in FOR_GOOD
            url = urljoin(url, location)
        return Answer(0, url, "redirects without an end")

    def read(self, url: str, most: int = 100_000) -> bytes | None:
        """Return the first bytes of what is at an address; None: there is no answer."""
        try:
            request = Request(as_ascii(url), headers={"User-Agent": self.agent})
            with build_opener().open(request, timeout=self.timeout) as response:
                return bytes(response.read(most))
        except (OSError, HTTPException, ValueError):
            return None

    def patiently(self, url: str) -> tuple[int, Message | None, str, bool]:
        """Return status, headers, why not, and whether that is sure; wait for a busy host."""
        for attempt in range(self.tries):
            status, headers, why, sure = self.once(url, "HEAD")
            if status >= 400 and status not in LATER:  # some hosts know no HEAD
                status, headers, why, sure = self.once(url, "GET")
            if status not in LATER or attempt == self.tries - 1:
                break
            self.sleep(min(wait_of(headers, 2.0**attempt), self.patience))
        return status, headers, why, sure

    def once(self, url: str, method: str) -> tuple[int, Message | None, str, bool]:
        """Return status, headers, why there is none, and whether that is sure."""
        headers = {"User-Agent": self.agent, "Accept": "*/*"}
        try:
            request = Request(as_ascii(url), method=method, headers=headers)
            with build_opener(_Stay).open(request, timeout=self.timeout) as response:
                return response.status, response.headers, "", True
        except HTTPError as error:
            error.close()
            return error.code, error.headers, str(error.code), error.code < 500
        except URLError as error:
            return 0, None, *reason_of(error.reason)
        except (OSError, HTTPException, ValueError) as error:
            return 0, None, *reason_of(error)


def reason_of(error: object) -> tuple[str, bool]:
    """Return why a host gave no answer, for an author, and whether that is sure."""
    if isinstance(error, socket.gaierror):
        return "no host of that name", error.errno == socket.EAI_NONAME
    if isinstance(error, ssl.SSLCertVerificationError):
        return "a certificate that is not good", True
    if isinstance(error, TimeoutError):
        return "no answer in time", False
    if isinstance(error, ValueError):
        return f"no address ({error})", True
    return str(getattr(error, "strerror", None) or error or type(error).__name__), False


def wait_of(headers: Message | None, otherwise: float) -> float:
    """Return the seconds that a host asks to be left alone: a number, or until a date."""
    value = (headers.get("Retry-After") if headers else None) or ""
    if value.strip().isdigit():
        return float(value)
    try:
        return max(parsedate_to_datetime(value).timestamp() - time.time(), 0)
    except ValueError:
        return otherwise


def as_ascii(url: str) -> str:
    """Return an address with its host in IDNA and the rest quoted (RFC 3987, 3.1).

    Raises ValueError when it cannot be one.
    """
    parts = urlsplit(url)
    host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    safe = "/%:@!$&'()*+,;=~?-._[]"
    return parts._replace(
        netloc=host,
        path=quote(parts.path, safe),
        query=quote(parts.query, safe),
        fragment="",
    ).geturl()
