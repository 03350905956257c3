"""Carries the letters of all worlds: one at a time to each URL, within the server's loop."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time

import attrs
import httpx

from ..webhooks._receive import scheme_of
from .mail import Letter
from .world import World

ANSWER_SECONDS = 5.0
_LONGEST_WAIT = 60.0


@attrs.define(eq=False)
class Courier:
    """Makes each attempt when it is due."""

    worlds: list[World] = attrs.field(factory=list[World])
    _client: httpx.AsyncClient | None = None
    _loop: asyncio.AbstractEventLoop | None = None
    _woken: asyncio.Event = attrs.field(factory=asyncio.Event)
    _rounds: dict[tuple[str, str], asyncio.Task[None]] = attrs.field(
        factory=dict[tuple[str, str], "asyncio.Task[None]"]
    )
    """What goes to each world's URLs now."""

    def wake(self) -> None:
        """Have it look again, from any thread."""
        loop = self._loop
        with contextlib.suppress(RuntimeError):  # it is closed
            if loop is not None:
                loop.call_soon_threadsafe(self._woken.set)

    async def run(self) -> None:
        """Carry letters until it is cancelled."""
        self._loop = asyncio.get_running_loop()
        try:
            while True:
                self._woken.clear()
                wait = min((self._begin(world) for world in tuple(self.worlds)), default=_LONGEST_WAIT)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._woken.wait()
        finally:
            self._loop = None
            rounds = list(self._rounds.values())
            for task in rounds:
                task.cancel()
            await asyncio.gather(*rounds, return_exceptions=True)
            if self._client is not None:
                await self._client.aclose()

    def is_idle(self) -> bool:
        """Tell whether nothing is on its way, nor due."""
        return not self._rounds and all(world.mail.is_idle() for world in tuple(self.worlds))

    def _begin(self, world: World) -> float:
        """Start what is due; return the seconds until something else will be."""
        now, due, wait = world.clock(), dict[str, list[Letter]](), _LONGEST_WAIT
        for letter in world.mail.waiting():
            if letter.due <= now:
                due.setdefault(letter.url, []).append(letter)
            elif world.clock.frozen is None:
                wait = min(wait, letter.due - now)
        for url, letters in due.items():
            key = world.name, url
            if key not in self._rounds:
                self._rounds[key] = asyncio.create_task(self._round(key, world, letters))
        return wait

    async def _round(self, key: tuple[str, str], world: World, letters: list[Letter]) -> None:
        try:
            for letter in letters:
                if letter.state == "waiting":
                    world.mail.tried(letter, *await self._attempt(letter))
        finally:
            del self._rounds[key]
            self._woken.set()

    async def _attempt(self, letter: Letter) -> tuple[int | None, str | None]:
        """Make one attempt; return the status, or what went wrong."""
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False)
        signed = scheme_of(letter.provider).signed_headers(
            letter.secret, letter.body, letter.id, str(math.floor(time.time()))
        )
        headers = {"content-type": "application/json", **signed}
        if "x-zephyrcart-delivery-attempt" in headers:
            headers["x-zephyrcart-delivery-attempt"] = str(len(letter.attempts) + 1)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                async with self._client.stream("POST", letter.url, content=letter.body, headers=headers) as answer:
                    return answer.status_code, None
        except Exception as error:  # whatever a URL may bring about; what is left untried would be tried for ever
            return None, f"{type(error).__name__}: {error}".rstrip(": ")
