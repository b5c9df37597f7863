"""Ctrl-C and SIGTERM as a request to stop, instead of a blow."""

import _thread
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, current_thread, main_thread
from types import FrameType

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # not every system has each
_HANGUP = getattr(signal, "SIGHUP", None)


class StopRequest:
    """What the user wants of a run that works.

    Before `is_under_way` is set nothing has been written, and the first signal stops
    the command at once. From then on signals ask the run to stop: running jobs are
    ended and recorded, and further signals change nothing. A run that is under way
    outlives its terminal: that it was closed (SIGHUP) is no reason to stop.

    Parameters
    ----------
    announce : callable
        Called once, from the signal handler: it must not take a lock.

    Attributes
    ----------
    cancel : Event
        Set once the user has asked.
    """

    def __init__(self, announce: Callable[[], None] = lambda: None) -> None:
        self.cancel = Event()
        self.is_asked = False
        self.is_under_way = False
        self._announce = announce

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Take the signals over; hand them back at the end."""
        if current_thread() is not main_thread():
            yield  # only the main thread may: whoever owns it deals with signals
            return
        before = {}
        for name in _NAMES:
            number = getattr(signal, name, None)
            # A signal that is ignored (nohup) stays so.
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, self._asked)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _asked(self, number: int, frame: FrameType | None) -> None:
        if self.is_under_way and number == _HANGUP:
            return
        is_first, self.is_asked = not self.is_asked, True
        if is_first:
            # Not here: the interrupted code may hold the lock of the event.
            _thread.start_new_thread(self.cancel.set, ())
        if not self.is_under_way:
            raise KeyboardInterrupt
        if is_first:
            self._announce()
