"""When credentials are fetched anew, and by whom: any number of threads and tasks, one refresh in flight.

Until the advisory time, what is held is served without a lock. From then on one caller refreshes while the others are
served the old credentials; from the mandatory time on they wait for it. A refresh that fails does no harm while the
old credentials are good.

It only decides: `begin` says what a caller has to do, `land`, `fail` and `abandon` end what `Fetch` began.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import NamedTuple
from weakref import WeakSet

from gatepass.credentials.provider import Credentials
from gatepass.errors import CredentialsError, CredentialsRefused

ADVISORY = 900.0
MANDATORY = 300.0
# Sessions shorter than an hour: the windows shrink with them, so that new credentials are never due at once.
ADVISORY_SHARE = ADVISORY / 3600
MANDATORY_SHARE = MANDATORY / 3600
RETRY_AFTER = 30.0


class Flight:
    """One refresh under way.

    Attributes:
        thread: the identity of the thread that runs it.
        asynchronous: an event loop runs it, and stands still while its thread waits.
    """

    __slots__ = ("_done", "_lock", "_when_done", "asynchronous", "error", "thread")

    def __init__(self, *, asynchronous: bool) -> None:
        self.error: CredentialsError | None = None
        self.thread = threading.get_ident()
        self.asynchronous = asynchronous
        self._done = threading.Event()
        self._lock = threading.Lock()
        self._when_done: list[Callable[[], None]] = []

    @property
    def done(self) -> bool:
        return self._done.is_set()

    def wait(self, timeout: float) -> bool:
        """Block until it is done; false if that takes longer than `timeout` seconds."""
        return self._done.wait(timeout)

    def when_done(self, call: Callable[[], None]) -> None:
        """Call this when it is done, from whatever thread ends it: waiting tasks must not take a thread each."""
        with self._lock:
            if not self._done.is_set():
                self._when_done.append(call)
                return
        call()

    def end(self, error: CredentialsError | None) -> None:
        """Let everyone go on who waits for it."""
        with self._lock:
            self.error = error
            self._done.set()
        for call in self._when_done:
            call()


class Fetch(NamedTuple):
    """The caller must fetch credentials, and then land, fail or abandon the flight."""

    flight: Flight


class Join(NamedTuple):
    """The caller must wait until the flight is done, and then begin again or raise its error."""

    flight: Flight


class _Held(NamedTuple):
    credentials: Credentials
    advisory_at: float
    mandatory_at: float
    expires_at: float


class Refresh:
    """The credentials held, and the refresh in flight if there is one.

    Args:
        clock: seconds since the epoch, UTC.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._held: _Held | None = None
        self._flight: Flight | None = None
        self._retry_at = 0.0
        _alive.add(self)

    def begin(self, *, asynchronous: bool = False) -> Credentials | Fetch | Join:
        """What there is to do for a caller who wants credentials."""
        held, now = self._held, self._clock()
        if held is not None and now < held.advisory_at:
            return held.credentials
        with self._lock:
            held = self._held
            if held is not None and now < held.expires_at and (now < held.advisory_at or now < self._retry_at):
                return held.credentials
            flight = self._flight
            if flight is None:
                self._flight = Flight(asynchronous=asynchronous)
                return Fetch(self._flight)
            if held is not None and now < held.mandatory_at:
                return held.credentials
            if asynchronous or flight.thread != threading.get_ident():
                return Join(flight)
            if flight.asynchronous:
                # To wait would stop the very loop that is to finish the flight: this caller fetches for itself.
                return Fetch(Flight(asynchronous=False))
            raise CredentialsError("a login function asked for the credentials that its token is needed for")

    def land(self, flight: Flight, credentials: Credentials, served: float | None) -> Credentials:
        """End a flight with new credentials.

        Args:
            served: the server's time when it gave them: their life is reckoned from it, whatever our clock says.

        Raises: CredentialsError, if they have expired already.
        """
        now = self._clock()
        life = float("inf")
        if credentials.expiration is not None:
            life = credentials.expiration - (served if served is not None else now)
        if life <= 0:
            raise CredentialsError("the credentials had expired when they were issued")
        held = _Held(
            credentials,
            advisory_at=now + life - min(ADVISORY, life * ADVISORY_SHARE) if life != float("inf") else life,
            mandatory_at=now + life - min(MANDATORY, life * MANDATORY_SHARE) if life != float("inf") else life,
            expires_at=now + life,
        )
        self._end(flight, held=held)
        return credentials

    def fail(self, flight: Flight, error: CredentialsError) -> Credentials:
        """End a flight that failed; gives the old credentials while they are good.

        Raises: the error, if they are not.
        """
        held, now = self._held, self._clock()
        if held is not None and now < held.expires_at:
            self._end(flight, retry_at=now + RETRY_AFTER)
            return held.credentials
        self._end(flight, error=error)
        raise error

    def abandon(self, flight: Flight) -> None:
        """End a flight that was interrupted; whoever waits for it begins again."""
        if not flight.done:
            self._end(flight)

    def forget(self) -> None:
        """Drop what is held: the next caller fetches."""
        with self._lock:
            self._held = None

    def _end(
        self,
        flight: Flight,
        *,
        held: _Held | None = None,
        retry_at: float | None = None,
        error: CredentialsError | None = None,
    ) -> None:
        with self._lock:
            if held is not None:
                self._held, self._retry_at = held, 0.0
            if retry_at is not None:
                self._retry_at = retry_at
            if self._flight is flight:
                self._flight = None
        flight.end(error)

    def after_fork(self) -> None:
        """In a child process: the thread that held the lock or ran the flight does not exist here."""
        self._lock = threading.Lock()
        self._flight = None


def shared_error(error: CredentialsError) -> CredentialsError:
    """The error for one more caller: an exception that several threads raise would mix their tracebacks."""
    if isinstance(error, CredentialsRefused):
        return CredentialsRefused(str(error), code=error.code, hint=error.hint)
    return CredentialsError(str(error), hint=error.hint)


_alive: WeakSet[Refresh] = WeakSet()


def _after_fork() -> None:
    for refresh in tuple(_alive):
        refresh.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
