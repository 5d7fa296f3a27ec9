"""Targets that are no proper server: a verdict or one line of reason, never a traceback."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner

from conformance.cli.check import check

REDIRECT = b"HTTP/1.1 302 Found\r\nLocation: /api/content/templates\r\nContent-Length: 0\r\n\r\n"
HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>"
CUT = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"
NESTED = b"[" * 200_000
DEEP = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 200000\r\n\r\n" + NESTED
)
ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"


@contextmanager
def server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serve one connection after another by a function, on a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def run() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    def serve(connection: socket.socket) -> None:
        with connection:
            connection.settimeout(2)
            try:
                if connection.recv(65536):
                    answer(connection)
            except OSError:
                return

    threading.Thread(target=run, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listener.close()


def checked(url: str, *flags: str) -> tuple[int, str]:
    result = CliRunner().invoke(
        check, ["recoup", "--base-url", url, "--key", "k" * 20, "--timeout", "0.3", *flags]
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def sends(content: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(content)


def resets(connection: socket.socket) -> None:
    linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def never_ends(connection: socket.socket) -> None:
    connection.sendall(ENDLESS)
    while True:
        connection.sendall(b" " * 65536)


def is_silent(connection: socket.socket) -> None:
    connection.recv(1)


ONLY = ("--only", "recoup.listTemplates")


def test_unreachable_target_is_one_line_and_exit_2() -> None:
    code, output = checked("http://127.0.0.1:9", *ONLY)
    assert code == 2
    assert output.count("\n") == 1
    assert "no connection" in output


def test_https_to_a_plain_port_is_one_line_and_exit_2() -> None:
    with server(sends(HTML)) as url:
        code, output = checked(url.replace("http:", "https:"), *ONLY)
    assert code == 2
    assert output.count("\n") == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [(resets, "could not judge"), (is_silent, "no reply in time"), (sends(CUT), "could not judge")],
    ids=["reset", "silent", "cut-off"],
)
def test_target_that_breaks_off_could_not_be_judged(
    answer: Callable[[socket.socket], None], words: str
) -> None:
    with server(answer) as url:
        code, output = checked(url, *ONLY)
    assert code == 2
    assert words in output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    "answer", [sends(HTML), sends(REDIRECT), sends(DEEP)], ids=["html", "redirect-loop", "deep"]
)
def test_target_that_answers_something_else_is_violated(
    answer: Callable[[socket.socket], None],
) -> None:
    with server(answer) as url:
        code, output = checked(url, *ONLY)
    assert code == 1
    assert "FAIL recoup.listTemplates" in output.replace("FAIL  ", "FAIL ")
    assert "Traceback" not in output


def test_endless_body_is_cut_and_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.wire.MAX_BODY_BYTES", 200_000)
    with server(never_ends) as url:
        code, output = checked(url, *ONLY)
    assert code in (1, 2)
    assert "Traceback" not in output


@pytest.mark.parametrize("url", ["ftp://x", "http://", "http://a.test/path", "http://u:p@a.test"])
def test_base_url_that_is_no_origin_is_said(url: str) -> None:
    code, output = checked(url)
    assert code == 2
    assert output.count("\n") == 1
    assert "u:p" not in output.replace(url, "")
