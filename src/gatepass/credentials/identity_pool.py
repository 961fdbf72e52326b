"""`IdentityPool`: credentials from an Amazon Cognito identity pool that refresh themselves."""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol

from gatepass.credentials.cognito import Issued, Terms, issue
from gatepass.credentials.conversation import Login, Send, hold, hold_async
from gatepass.credentials.provider import Credentials
from gatepass.credentials.refresh import Fetch, Flight, Refresh, shared_error
from gatepass.errors import ConfigurationError, CredentialsError
from gatepass.http import Response

_POOL_ID = re.compile(r"([\w-]+):[0-9a-f-]+", re.ASCII)
# Longer than a conversation with all its repeats takes, so that only a login function that never returns meets it.
LONGEST_WAIT = 180.0


class IdentityIdCache(Protocol):
    """Where an identity id outlives the process: without it, every process of a guest is a new guest."""

    def load(self) -> str | None:
        """The identity id kept, if there is one."""

    def store(self, identity_id: str) -> None:
        """Keep this identity id."""


class IdentityPool:
    """Credentials from an identity pool, fetched when first wanted and refreshed before they expire.

    Threads and tasks may share one: at most one refresh is in flight, and while the old credentials are good the
    others go on with them. A guest whose identity was deleted becomes a new guest, once.

    Args:
        identity_pool_id: `REGION:UUID`.
        region: the pool's; else the one in its id.
        endpoint: where cognito-identity answers; else AWS_ENDPOINT_URL_COGNITO_IDENTITY, AWS_ENDPOINT_URL, and AWS.
        logins: provider name -> token, or a function that gives a fresh one; without logins the caller is a guest.
        identity_id: ask for this identity, and for no other.
        custom_role_arn: of the roles the login may choose from.
        account_id: the account of the pool, for pools that want it said.
        cache: where the identity id is kept between processes.
        timeout: seconds for one request.
        clock, sleep, jitter, send: the outside world, for tests.
    """

    def __init__(
        self,
        identity_pool_id: str,
        *,
        region: str | None = None,
        endpoint: str | None = None,
        logins: Mapping[str, str | Login] | None = None,
        identity_id: str | None = None,
        custom_role_arn: str | None = None,
        account_id: str | None = None,
        cache: IdentityIdCache | None = None,
        timeout: float = 10.0,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
        send: Callable[[Send], Response] | None = None,
    ) -> None:
        matched = _POOL_ID.fullmatch(identity_pool_id)
        if matched is None:
            raise ConfigurationError(
                f"`{identity_pool_id}` is no identity pool id",
                hint="it looks like us-east-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
            )
        self.identity_pool_id = identity_pool_id
        self.region = region or matched[1]
        self.endpoint = (endpoint or _endpoint(self.region)).rstrip("/")
        self._terms = Terms(
            identity_pool_id,
            self.endpoint,
            logins=dict(logins or {}),
            custom_role_arn=custom_role_arn,
            account_id=account_id,
            pinned=identity_id is not None,
        )
        self._identity_id = identity_id
        self._cache = cache if identity_id is None else None
        self._timeout = timeout
        self._sleep = sleep
        self._jitter = jitter
        self._send = send or self._over_the_network
        self._refresh = Refresh(clock)

    def __repr__(self) -> str:
        return f"IdentityPool({self.identity_pool_id!r})"

    @property
    def identity_id(self) -> str | None:
        """The identity whose credentials these are; None until some were fetched, or one was given."""
        return self._identity_id

    def credentials(self) -> Credentials:
        """Credentials that are good now.

        Raises: CredentialsError, with the service's own message where it refused.
        """
        while True:
            step = self._refresh.begin()
            if isinstance(step, Credentials):
                return step
            if isinstance(step, Fetch):
                return self._fetch(step.flight)
            _after(step.flight, finished=step.flight.wait(LONGEST_WAIT))

    async def credentials_async(self) -> Credentials:
        """The same, without blocking the event loop; login functions may be coroutine functions."""
        while True:
            step = self._refresh.begin(asynchronous=True)
            if isinstance(step, Credentials):
                return step
            if isinstance(step, Fetch):
                return await self._fetch_async(step.flight)
            _after(step.flight, finished=await _wait_async(step.flight))

    def get_frozen_credentials(self) -> Credentials:
        """`credentials()`, by the name that botocore's users call it: has access_key, secret_key and token."""
        return self.credentials()

    def forget(self) -> None:
        """Fetch new credentials when next asked, for example after the user logged in or out."""
        self._refresh.forget()

    def _fetch(self, flight: Flight) -> Credentials:
        try:
            issued = hold(issue(self._terms, self._known(), self._jitter), self._send, self._sleep)
            return self._keep(flight, issued)
        except CredentialsError as error:
            return self._refresh.fail(flight, error)
        finally:
            self._refresh.abandon(flight)

    async def _fetch_async(self, flight: Flight) -> Credentials:
        import asyncio

        async def send(step: Send) -> Response:
            return await asyncio.to_thread(self._send, step)

        async def ask(login: Login) -> object:
            return await asyncio.to_thread(login)

        try:
            conversation = issue(self._terms, self._known(), self._jitter)
            return self._keep(flight, await hold_async(conversation, send, asyncio.sleep, ask))
        except CredentialsError as error:
            return self._refresh.fail(flight, error)
        finally:
            self._refresh.abandon(flight)

    def _known(self) -> str | None:
        if self._identity_id is None and self._cache is not None:
            self._identity_id = self._cache.load()
        return self._identity_id

    def _keep(self, flight: Flight, issued: Issued) -> Credentials:
        if issued.identity_id != self._identity_id:
            self._identity_id = issued.identity_id
            if self._cache is not None:
                self._cache.store(issued.identity_id)
        return self._refresh.land(flight, issued.credentials, issued.served)

    def _over_the_network(self, step: Send) -> Response:
        from gatepass.credentials import transport

        return transport.send(step.origin, step.request, timeout=self._timeout, limit=transport.SMALL)


async def _wait_async(flight: Flight) -> bool:
    """`flight.wait` for a task: takes no thread, of which the refresh itself needs one."""
    import asyncio

    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def tell() -> None:
        with suppress(RuntimeError):  # the loop was closed: nobody waits there any more
            loop.call_soon_threadsafe(done.set)

    flight.when_done(tell)
    try:
        await asyncio.wait_for(done.wait(), LONGEST_WAIT)
    except TimeoutError:
        return False
    return True


def _after(flight: Flight, *, finished: bool) -> None:
    """What a caller does that waited for another's refresh: begin again, or fail as that one did."""
    if not finished:
        raise CredentialsError(f"another thread has been refreshing the credentials for {LONGEST_WAIT:.0f} seconds")
    if flight.error is not None:
        raise shared_error(flight.error) from flight.error


def _endpoint(region: str) -> str:
    """Where the environment says that cognito-identity answers, else AWS."""
    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() != "true":
        for name in ("AWS_ENDPOINT_URL_COGNITO_IDENTITY", "AWS_ENDPOINT_URL"):
            if found := os.environ.get(name):
                return found
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"https://cognito-identity.{region}.{suffix}"
