"""A provider's API, through whichever backend of Anymail speaks it.

The backend and its connections are kept; several calls are under way at a time, each
with one message for one person, so that one fate belongs to one person. The gate and
the database belong to the calling thread; the others only talk to the provider.
"""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage, get_connection

from . import http_calls, keys, marks, stencils
from .answers import (
    TOO_MANY,
    classify_error,
    classify_message,
    proves_credentials_wrong,
    proves_unreachable,
)
from .base import (
    CredentialsRefused,
    Gate,
    Letter,
    Result,
    Transport,
    Unreachable,
    Verdict,
)
from .http_calls import Call
from .http_wire import REST_SECONDS

log = structlog.get_logger(__name__)

#: Nobody waits longer for one letter; what has no answer by then has an unclear one.
LONGEST_CALL = 60.0
#: A thread that was hung up on and still does not come back is left behind.
_LAST_WAIT = 5.0
#: A crash leaves as many unknown as were under way.
MOST_CALLS = 64
#: So many calls at first; one more for each that went well.
_FIRST_CALLS = 4
#: So many unclear answers in a row, and we stop guessing.
MOST_AMBIGUOUS = 3
#: Whoever says "too many" and not how long to wait is left alone for so long.
_USUAL_QUIET = 5.0
#: Where a key makes it safe, an unclear answer is asked for again after so long.
ASK_AGAIN_AFTER: tuple[float, ...] = (0.5, 2.0)


@dataclass(slots=True)
class _Flight:
    """A letter under way."""

    letter: Letter
    call: Call
    late_at: float
    was_hung_up_on: bool = False


class ProviderTransport(Transport):
    def __init__(self) -> None:
        # "anymail.backends.brevo.EmailBackend" is "brevo" in the deliveries.
        self.name = settings.EMAIL_BACKEND.rsplit(".", 2)[-2][:40]
        self._most = min(settings.MAIL_IN_FLIGHT, MOST_CALLS)
        self._backend: Any = None
        self._knows_how_far = False
        self._threads: ThreadPoolExecutor | None = None
        self._landed: SimpleQueue[tuple[_Flight, Result]] = SimpleQueue()
        self._calls = min(_FIRST_CALLS, self._most)
        self._ambiguous = 0
        self._quiet_until = self._last_used = 0.0

    # -- Open and close ------------------------------------------------------------

    def open(self) -> None:
        wait = self._quiet_until - time.monotonic()
        if wait > 0:
            raise Unreachable(f"asked to wait for {wait:.0f} s")
        if self._backend is None:
            self._backend = self._make_backend()
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._most, "provider")

    def close(self) -> None:
        self._close_backend()
        if self._threads is not None:
            self._threads.shutdown(wait=False)
            self._threads = None

    def _close_backend(self) -> None:
        if self._backend is not None:
            self._backend.close()
            self._backend = None

    def _make_backend(self) -> Any:
        try:
            backend: Any = get_connection(fail_silently=False)
            self._knows_how_far = _open(backend, self._most)
        except ImproperlyConfigured as error:
            raise CredentialsRefused(type(error).__name__) from error
        keys.attach(self.name, backend)
        marks.attach(self.name, backend)
        if hasattr(backend, "session"):
            stencils.attach(backend)
        self._last_used = time.monotonic()
        return backend

    # -- The letters ---------------------------------------------------------------

    def send(self, letters: Sequence[Letter], gate: Gate) -> None:
        if time.monotonic() - self._last_used > REST_SECONDS:
            self._close_backend()
        self.open()
        waiting, flying = deque(letters), dict[int, _Flight]()
        trouble: Exception | None = None
        try:
            while trouble is None:
                self._take_off(waiting, flying, gate)
                if not flying:
                    break
                trouble = self._land(flying, gate)
        finally:
            # Whatever happened, what is under way is waited for.
            while flying:
                trouble = self._land(flying, gate) or trouble
        if trouble is not None:
            raise trouble

    def _take_off(
        self, waiting: deque[Letter], flying: dict[int, _Flight], gate: Gate
    ) -> None:
        """Send off as many as may be under way together."""
        if (threads := self._threads) is None:
            raise Unreachable("The transport was closed.")
        while waiting and len(flying) < self._calls:
            letter = waiting.popleft()
            if not gate.wants(letter) or not gate.begin(letter):
                continue
            flight = _Flight(letter, Call(), time.monotonic() + LONGEST_CALL)
            flying[letter.delivery_id] = flight
            threads.submit(self._fly, flight, self._backend)

    def _land(self, flying: dict[int, _Flight], gate: Gate) -> Exception | None:
        """Tell the gate of those that have come back; what stops the rest, if any."""
        trouble = None
        for flight, result in self._wait(flying):
            if flying.pop(flight.letter.delivery_id, None) is None:
                # Given up before.
                continue
            gate.end(flight.letter, result)
            trouble = self._judge(result) or trouble
        if self._threads is None:
            # Somebody was left behind, and the others with him.
            trouble = trouble or Unreachable("no answer in time")
        return trouble

    def _wait(self, flying: dict[int, _Flight]) -> Iterator[tuple[_Flight, Result]]:
        first = min(flight.late_at for flight in flying.values())
        try:
            yield self._landed.get(timeout=max(0.0, first - time.monotonic()))
        except Empty:
            yield from self._give_up(flying)
        while not self._landed.empty():
            yield self._landed.get()

    def _give_up(self, flying: dict[int, _Flight]) -> Iterator[tuple[_Flight, Result]]:
        """Hang up on those that are late; leave behind who does not even hear that."""
        now = time.monotonic()
        for flight in [one for one in flying.values() if one.late_at <= now]:
            if not flight.was_hung_up_on:
                flight.call.hang_up()
                flight.was_hung_up_on, flight.late_at = True, now + _LAST_WAIT
                continue
            self.close()
            yield flight, Result(Verdict.AMBIGUOUS, answer="no answer in time")

    def _judge(self, result: Result) -> Exception | None:
        """What an answer means for the letters behind it."""
        self._last_used = time.monotonic()
        if proves_credentials_wrong(result):
            return CredentialsRefused(result.answer)
        if proves_unreachable(result):
            return Unreachable(result.answer)
        if result.code == TOO_MANY:
            return self._keep_quiet(result)
        if result.verdict is Verdict.AMBIGUOUS:
            return self._doubt(result)
        self._ambiguous = 0
        self._calls = min(self._calls + 1, self._most)
        return None

    def _keep_quiet(self, result: Result) -> Unreachable:
        self._calls = 1
        wait = _USUAL_QUIET
        if result.retry_after is not None:
            wait = result.retry_after.total_seconds()
        self._quiet_until = max(self._quiet_until, time.monotonic() + wait)
        log.warning("provider_asks_to_wait", seconds=round(wait))
        return Unreachable(f"asked to wait for {wait:.0f} s")

    def _doubt(self, result: Result) -> Unreachable | None:
        self._calls = 1
        self._ambiguous += 1
        if self._ambiguous < MOST_AMBIGUOUS:
            return None
        self._ambiguous = 0
        return Unreachable(result.answer)

    # -- In a thread of its own ----------------------------------------------------

    def _fly(self, flight: _Flight, backend: Any) -> None:
        http_calls.watch(flight.call)
        try:
            result = self._ask(flight, backend)
        except BaseException as error:  # noqa: BLE001 - somebody waits for a result
            result = Result(Verdict.AMBIGUOUS, answer=type(error).__name__)
        flight.call.is_over = True
        http_calls.watch(None)
        self._landed.put((flight, result))

    def _ask(self, flight: _Flight, backend: Any) -> Result:
        message = flight.letter.message
        if self._knows_how_far:
            flight.call.begin()
        first = self._ask_once(backend, message, flight.call)
        if first.verdict is not Verdict.AMBIGUOUS or not keys.has_keys(self.name):
            return first
        for pause in ASK_AGAIN_AFTER:
            time.sleep(pause)
            again = self._ask_once(backend, message, flight.call)
            if again.verdict is Verdict.ACCEPTED:
                return again
        # Only a yes settles it: a no speaks of this request, not of the first.
        return first

    def _ask_once(self, backend: Any, message: EmailMessage, call: Call) -> Result:
        try:
            taken = backend.send_messages([message])
        except Exception as error:  # noqa: BLE001 - each backend has its own
            return keys.read(self.name, classify_error(error, call))
        return classify_message(message, taken)


def _open(backend: Any, most: int) -> bool:
    """Have *backend* make *most* calls at a time, each once; will they know how far
    they came?"""
    if hasattr(backend, "client_params"):
        # Only who sends by Amazon has its library in memory.
        from . import amazon  # noqa: PLC0415

        amazon.forbid_repeating(backend, most)
        backend.open()
        return amazon.watch(backend)
    backend.open()
    http_calls.take_over(backend.session, backend.api_url, most)
    return True
