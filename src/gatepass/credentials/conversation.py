"""Conversations: generators that yield what they want done, so that one text serves blocking and asynchronous callers.

A conversation yields `Send`, `Wait` or `Ask`; what came of it is sent back in, or thrown in if it failed. It returns
its result. `hold` and `hold_async` do what is wanted.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Generator
from typing import Any, NamedTuple, TypeVar

from gatepass.http import Request, Response

T = TypeVar("T")
Login = Callable[[], str | Awaitable[str]]


class Send(NamedTuple):
    """Send a request; the answer is a `Response`, the failure `errors.Unreachable`.

    Attributes:
        origin: `https://host`, with a port if it is not the scheme's own.
    """

    origin: str
    request: Request


class Wait(NamedTuple):
    """Let some seconds pass."""

    seconds: float


class Ask(NamedTuple):
    """Ask the caller's own function for a login token; the answer is what it gives."""

    login: Login


Step = Send | Wait | Ask
Conversation = Generator[Step, Any, T]


def hold(conversation: Conversation[T], send: Callable[[Send], Response], sleep: Callable[[float], None]) -> T:
    """Hold a conversation, blocking."""

    def take(step: Step) -> object:
        if isinstance(step, Send):
            return send(step)
        if isinstance(step, Wait):
            sleep(step.seconds)
            return None
        return step.login()

    try:
        step = next(conversation)
        while True:
            try:
                answer = take(step)
            except Exception as error:  # noqa: BLE001  (the conversation decides what it means)
                step = conversation.throw(error)
            else:
                step = conversation.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result


async def hold_async(
    conversation: Conversation[T],
    send: Callable[[Send], Awaitable[Response]],
    sleep: Callable[[float], Awaitable[None]],
    ask: Callable[[Login], Awaitable[object]],
) -> T:
    """Hold a conversation, awaiting.

    Args:
        ask: calls a login function that is not a coroutine function, without blocking.
    """

    async def take(step: Step) -> object:
        if isinstance(step, Send):
            return await send(step)
        if isinstance(step, Wait):
            await sleep(step.seconds)
            return None
        token = step.login() if inspect.iscoroutinefunction(step.login) else await ask(step.login)
        return await token if inspect.isawaitable(token) else token

    try:
        step = next(conversation)
        while True:
            try:
                answer = await take(step)
            except Exception as error:  # noqa: BLE001  (the conversation decides what it means)
                step = conversation.throw(error)
            else:
                step = conversation.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result
