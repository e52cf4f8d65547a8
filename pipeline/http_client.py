"""HTTP: the one client for all requests to other hosts."""

import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from http.client import responses
from socket import EAI_NONAME, gaierror
from urllib.parse import unquote, urlencode, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

from urllib3 import BaseHTTPResponse, PoolManager, ProxyManager, Retry, Timeout, make_headers
from urllib3.exceptions import HTTPError

AGENT = "pelican-pipeline"
MAX_REDIRECTS = 10
MAX_BYTES = 100_000_000
HOSTS = 16  # connections that are kept open
# The host is busy; the same request may be answered later.
BUSY = (429, 503)
MOVED_PERMANENTLY = (301, 308)  # RFC 9110, 15.4


@dataclass(frozen=True)
class Response:
    """What came back: status (0: none), body, and the URL after all redirects.

    `headers` have lower-case names, `redirects` are the statuses of the redirects that were
    followed. `error` says why there is no response; `final`: the same request fails again.
    """

    status: int
    url: str
    data: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    redirects: tuple[int, ...] = ()
    error: str = ""
    final: bool = True

    @property
    def ok(self) -> bool:
        """Whether the status says success."""
        return 200 <= self.status < 300

    @property
    def location(self) -> str:
        """Where a redirect leads that was not followed ("": it is none)."""
        return self.headers.get("location", "") if 300 <= self.status < 400 else ""

    @property
    def moved_permanently(self) -> bool:
        """Whether there were redirects, and all were permanent."""
        return bool(self.redirects) and set(self.redirects) <= set(MOVED_PERMANENTLY)

    @property
    def reason(self) -> str:
        """What happened, for a message: "404 Not Found", "connection refused"."""
        return self.error or f"{self.status} {responses.get(self.status, '')}".rstrip()


@dataclass(frozen=True)
class HttpClient:
    """How to ask.

    `timeout` are the seconds to wait for a connection and for each read. Up to `tries` requests are
    made while the status is one of `busy`, and if `retry_errors` is set while there is no response.
    Between them it waits as long as the host asks (Retry-After, RFC 9110, 10.2.3), else `backoff`
    seconds, then twice as long, but at most `max_wait` seconds.
    """

    agent: str = AGENT
    timeout: float = 20
    tries: int = 3
    busy: Collection[int] = BUSY
    retry_errors: bool = False
    backoff: float = 1
    max_wait: int = 60

    def request(
        self,
        url: str,
        method: str = "GET",
        *,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        follow: bool = True,
        max_bytes: int = MAX_BYTES,
    ) -> Response:
        """Return the response to a request; raises nothing.

        `form` is sent as the body. `follow`: redirects to other http and https URLs are followed.
        No more than `max_bytes` of the body are read.
        """
        more = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        retries = self.tries - 1 if self.retry_errors else 0
        retry = Retry(
            total=None,
            connect=retries,
            read=retries,
            other=retries,
            redirect=MAX_REDIRECTS if follow else 0,
            status=self.tries - 1,
            status_forcelist=self.busy,
            allowed_methods=None,
            backoff_factor=self.backoff,
            backoff_max=self.max_wait,
            retry_after_max=self.max_wait,
            raise_on_redirect=False,
            raise_on_status=False,
        )
        try:
            url = as_ascii(url)
            parts = urlsplit(url)
            bypassed = proxy_bypass(parts.netloc.rpartition("@")[2])
            proxy = "" if bypassed else getproxies().get(parts.scheme, "")
            response = connections(proxy).urlopen(
                method,
                url,
                redirect=follow,
                body=urlencode(form) if form else None,
                headers={"User-Agent": self.agent, "Accept": "*/*", **more, **(headers or {})},
                retries=retry,
                timeout=Timeout(self.timeout),
                preload_content=False,
            )
            return received(url, response, follow, max_bytes)
        except (HTTPError, OSError, ValueError) as error:
            reason, final = explained(error)
            return Response(0, url, error=reason, final=final)


@cache
def connections(proxy: str) -> PoolManager:
    """Return the connections through a proxy ("": without one)."""
    if not proxy:
        return PoolManager(HOSTS, maxsize=HOSTS)
    login = unquote(urlsplit(proxy).netloc.rpartition("@")[0])
    headers = make_headers(proxy_basic_auth=login) if login else None
    return ProxyManager(proxy, HOSTS, proxy_headers=headers, maxsize=HOSTS)


def received(url: str, response: BaseHTTPResponse, follow: bool, max_bytes: int) -> Response:
    """Return what came, and read its body. Raises HTTPError and OSError."""
    steps = [step for step in response.retries.history if step.redirect_location]  # type: ignore[union-attr]
    for step in steps:
        url = urljoin(url, step.redirect_location)
    with response:
        if follow and response.get_redirect_location():
            return Response(0, url, error="too many redirects")
        data = response.read(max_bytes, decode_content=True) if max_bytes else b""
        headers = {name.lower(): value for name, value in response.headers.items()}
        statuses = tuple(step.status or 0 for step in steps)
        return Response(response.status, url, data, headers, statuses)


def as_ascii(url: str) -> str:
    """Return a URL with its host in IDNA (RFC 3490) and without the fragment.

    Raises ValueError if it is not an http or https URL with a host.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(url)
    host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    return parts._replace(netloc=host, fragment="").geturl()


def cause_of(error: BaseException) -> BaseException:
    """Return the exception that an exception of urllib3 stands for."""
    for inner in (getattr(error, "reason", None), error.__cause__, *error.args):
        if isinstance(inner, BaseException):
            return cause_of(inner)
    return error


def explained(error: BaseException) -> tuple[str, bool]:
    """Return why there was no response, and whether the same request fails again."""
    match cause := cause_of(error):
        case gaierror():
            return "host not found", cause.errno == EAI_NONAME
        case ssl.SSLCertVerificationError():
            return f"bad certificate: {cause.verify_message}", True
        case TimeoutError():
            return "timed out", False
        case ValueError():
            return "not an HTTP URL", True
    text = str(getattr(cause, "strerror", None) or cause or type(cause).__name__)
    return text[:1].lower() + text[1:], False
