import signal
from threading import Thread

import pytest

from bioimageit_flow.cli.stopping import StopRequest

SIGNALS = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if hasattr(signal, name)
]
PATIENCE_S = 30


@pytest.mark.parametrize("number", SIGNALS)
def test_signal_before_the_start_stops_at_once(number: signal.Signals) -> None:
    stop = StopRequest()

    with stop.watching(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)

    assert stop.cancel.wait(PATIENCE_S)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_under_way_asks_once(number: signal.Signals) -> None:
    told: list[str] = []
    stop = StopRequest(lambda: told.append("stop"))
    stop.is_under_way = True

    with stop.watching():
        signal.raise_signal(number)
        signal.raise_signal(number)
        assert stop.cancel.wait(PATIENCE_S)

    assert told == ["stop"]


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no terminals to hang up")
def test_run_under_way_outlives_its_terminal() -> None:
    stop = StopRequest()
    stop.is_under_way = True

    with stop.watching():
        signal.raise_signal(signal.SIGHUP)

    assert not stop.is_asked


def test_handlers_are_handed_back() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]

    with StopRequest().watching():
        assert signal.getsignal(signal.SIGINT) != before[0]

    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_ignored_signal_stays_ignored() -> None:
    number = SIGNALS[-1]
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with StopRequest().watching():
            assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)


def test_another_thread_leaves_signals_alone() -> None:
    seen: list[bool] = []
    before = signal.getsignal(signal.SIGINT)

    def watch() -> None:
        with StopRequest().watching():
            seen.append(signal.getsignal(signal.SIGINT) == before)

    thread = Thread(target=watch)
    thread.start()
    thread.join()

    assert seen == [True]
