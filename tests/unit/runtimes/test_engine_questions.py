"""Questions over a socket: answers, refusals, and those who are no engine."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from bioimageit_flow.runtimes.engine_questions import (
    Absent,
    Refusal,
    SocketQuestions,
)

Serve = Callable[[str], SocketQuestions]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Serve]:
    """Return a function that serves one answer at a socket."""
    threads: list[Thread] = []
    asked: list[bytes] = []

    def serve(answer: str) -> SocketQuestions:
        place = tmp_path / "s"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(place))
        listener.listen()

        def work() -> None:
            with listener, listener.accept()[0] as line:
                asked.append(line.recv(65536))
                line.sendall(answer.replace("\n", "\r\n", 3).encode())

        threads.append(Thread(target=work))
        threads[-1].start()
        return SocketQuestions(place)

    yield serve
    for thread in threads:
        thread.join()


def answer(status: str, body: str) -> str:
    return f"HTTP/1.1 {status}\nContent-Length: {len(body)}\n\n{body}"


def test_image_is_described(served: Serve) -> None:
    questions = served(answer("200 OK", '{"Id": "sha256:1"}'))

    assert questions.image("docker.io/tools/spots:0.1") == {"Id": "sha256:1"}


def test_what_is_not_there_is_absent(served: Serve) -> None:
    questions = served(answer("404 Not Found", '{"message": "No such image: spots"}'))

    with pytest.raises(Absent, match="No such image: spots"):
        questions.image("spots")


def test_refusal_says_why(served: Serve) -> None:
    questions = served(answer("500 Oops", '{"message": "no space left on device"}'))

    with pytest.raises(Refusal) as caught:
        questions.info()
    assert (caught.value.status, caught.value.said) == (500, "no space left on device")


@pytest.mark.parametrize("body", ["[]", "{", "what?"])
def test_answer_of_another_kind_is_refused(served: Serve, body: str) -> None:
    with pytest.raises(Refusal):
        served(answer("200 OK", body)).info()


@pytest.mark.parametrize("body", ["{}", '{"Id": 7}', "[]"])
def test_image_without_identity_is_refused(served: Serve, body: str) -> None:
    with pytest.raises(Refusal, match="another kind"):
        served(answer("200 OK", body)).image("spots")


@pytest.mark.parametrize("body", ["[7]", '[{"Id": null}]', '[{"Id": "a"}, {}]'])
def test_containers_without_identity_are_refused(served: Serve, body: str) -> None:
    with pytest.raises(Refusal, match="another kind"):
        served(answer("200 OK", body)).containers(["mine"])


def test_answer_that_comes_byte_by_byte_has_one_time_in_all(tmp_path: Path) -> None:
    is_over = Event()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "s"))
    listener.listen()

    def drip() -> None:
        with listener, listener.accept()[0] as line:
            while not is_over.wait(0.02):
                line.sendall(b"x")

    dripping = Thread(target=drip)
    dripping.start()
    try:
        with pytest.raises(TimeoutError):
            SocketQuestions(tmp_path / "s").ping(0.3)
    finally:
        is_over.set()
        dripping.join()


def test_who_speaks_no_http_does_not_answer(served: Serve) -> None:
    with pytest.raises(ConnectionError):
        served("SSH-2.0-OpenSSH\n\n\n").ping(5)


def test_who_says_something_else_is_no_engine(served: Serve) -> None:
    with pytest.raises(Refusal):
        served(answer("200 OK", "<html>")).ping(5)


def test_socket_that_nobody_serves_does_not_answer(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        SocketQuestions(tmp_path / "none").ping(5)
