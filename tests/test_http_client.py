import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from socket import EAI_AGAIN, EAI_NONAME, gaierror
from ssl import SSLCertVerificationError

import pytest
from urllib3.exceptions import MaxRetryError, NameResolutionError, SSLError

from pipeline.http_client import HttpClient, as_ascii, explained
from tests.loopback import Host, serving

CLIENT = HttpClient(timeout=0.3, backoff=0)


@pytest.fixture
def host() -> Iterator[Host]:
    with serving() as host:
        yield host


def test_request_get_returns_body_headers_and_sends_agent(host: Host) -> None:
    host.set("/a", 200, b"body", X_Name="value")
    response = CLIENT.request(f"{host.url}/a")
    assert (response.status, response.ok, response.data) == (200, True, b"body")
    assert response.headers["x-name"] == "value"
    assert host.agents == {"pelican-pipeline"}


def test_request_form_is_posted(host: Host) -> None:
    host.default = lambda method, path, body: (200, {}, f"{method} {body.decode()}".encode())
    response = CLIENT.request(host.url, "POST", form={"hub.url": "a b"})
    assert response.data == b"POST hub.url=a+b"


@pytest.mark.parametrize("status", [404, 410, 500])
def test_request_error_status_is_a_response_and_not_retried(host: Host, status: int) -> None:
    host.set("/a", status)
    response = CLIENT.request(f"{host.url}/a")
    assert (response.status, response.ok) == (status, False)
    assert response.reason.startswith(str(status))
    assert len(host.requests) == 1


@pytest.mark.slow
def test_request_busy_host_is_retried_after_the_time_it_asks_for(host: Host) -> None:
    answers = iter([(429, {"Retry-After": "30"}, b""), (200, {}, b"")])
    host.answers["/busy"] = lambda *_: next(answers)
    start = time.monotonic()
    assert HttpClient(max_wait=1).request(f"{host.url}/busy").ok
    assert 1 <= time.monotonic() - start < 5
    host.set("/always", 503)
    assert CLIENT.request(f"{host.url}/always").status == 503
    assert host.requests.count("GET /always") == 3


@pytest.mark.parametrize(("status", "permanent"), [(301, True), (302, False), (308, True)])
def test_request_redirect_is_followed_unless_switched_off(
    host: Host, status: int, permanent: bool
) -> None:
    host.set("/old", status, Location="/new?x")
    response = CLIENT.request(f"{host.url}/old")
    assert (response.status, response.url) == (200, f"{host.url}/new?x")
    assert response.moved_permanently is permanent
    stayed = CLIENT.request(f"{host.url}/old", follow=False)
    assert (stayed.status, stayed.location) == (status, "/new?x")


def test_request_chain_with_a_temporary_redirect_is_not_permanent(host: Host) -> None:
    host.set("/a", 301, Location="/b")
    host.set("/b", 302, Location="/c")
    assert not CLIENT.request(f"{host.url}/a").moved_permanently


def test_request_redirect_loop_has_no_response(host: Host) -> None:
    host.set("/loop", 302, Location="/loop")
    response = CLIENT.request(f"{host.url}/loop")
    assert (response.status, response.final) == (0, True)
    assert len(host.requests) == 11


@pytest.mark.parametrize("scheme", ["file", "ftp", "data", "javascript"])
def test_request_redirect_to_another_scheme_opens_nothing(
    host: Host, tmp_path: Path, scheme: str
) -> None:
    (tmp_path / "secret").write_text("secret")
    host.set("/a", 302, Location=f"{scheme}://{tmp_path}/secret")
    response = CLIENT.request(f"{host.url}/a")
    assert (response.status, response.data, response.final) == (0, b"", True)


@pytest.mark.parametrize(
    "url", ["file:///etc/hosts", "example.org", "http://[", "http:///x", "http://a b/", ""]
)
def test_request_what_is_no_http_url_has_no_response(url: str) -> None:
    response = CLIENT.request(url)
    assert (response.status, response.final) == (0, True)


def test_request_host_that_is_down_may_be_up_later() -> None:
    response = CLIENT.request("http://127.0.0.1:1/")
    assert (response.status, response.final, response.reason) == (0, False, "connection refused")


def test_request_silent_host_times_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        response = CLIENT.request(f"http://127.0.0.1:{silent.getsockname()[1]}/")
    assert (response.status, response.final, response.reason) == (0, False, "timed out")


@pytest.mark.parametrize(("retry", "count"), [(False, 1), (True, 3)])
def test_request_broken_connection_is_retried_where_asked(retry: bool, count: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        accepted = []

        def accept() -> None:
            for _ in range(count):
                server.accept()[0].close()
                accepted.append(1)

        thread = threading.Thread(target=accept)
        thread.start()
        client = HttpClient(timeout=2, backoff=0, retry_errors=retry)
        response = client.request(f"http://127.0.0.1:{server.getsockname()[1]}/")
        thread.join()
    assert (response.status, response.final, len(accepted)) == (0, False, count)


def test_request_body_is_cut_at_the_limit(host: Host) -> None:
    host.set("/a", 200, b"x" * 1000)
    assert len(CLIENT.request(f"{host.url}/a", max_bytes=10).data) == 10
    assert CLIENT.request(f"{host.url}/a", max_bytes=0).data == b""


def test_request_goes_through_the_proxy_of_the_environment(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", host.url.replace("//", "//user:word@"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert CLIENT.request("http://nowhere.invalid/a").ok
    assert host.requests == ["GET http://nowhere.invalid/a"]
    assert CLIENT.request(f"{host.url}/b").ok
    assert host.requests[1:] == ["GET /b"]


def test_explained_tells_lasting_from_passing_errors() -> None:
    def failed(error: Exception, cause: Exception) -> Exception:
        error.__cause__ = cause
        return MaxRetryError(None, "http://x/", error)  # type: ignore[arg-type]

    for errno, final in ((EAI_NONAME, True), (EAI_AGAIN, False)):
        cause = gaierror(errno, "x")
        error = NameResolutionError("x", None, cause)  # type: ignore[arg-type]
        assert explained(failed(error, cause))[1] is final
    certificate = SSLCertVerificationError(1, "x")
    certificate.verify_message = "expired"
    reason = explained(failed(SSLError("x"), certificate))
    assert reason == ("bad certificate: expired", True)


def test_as_ascii_encodes_host_and_drops_fragment() -> None:
    assert as_ascii("https://müller.cc/?a=b#x") == "https://xn--mller-kva.cc/?a=b"


def test_request_path_with_other_letters_is_quoted(host: Host) -> None:
    assert CLIENT.request(f"{host.url}/ü a?q=ß&r=%C3%9F").ok
    assert host.requests == ["GET /%C3%BC%20a?q=%C3%9F&r=%C3%9F"]
