"""Carries the letters of all worlds: one at a time to each URL, within the server's loop."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from typing import TYPE_CHECKING

import attrs

from ..providers.registry import provider_named
from .deliveries import Delivery, is_local
from .world import World

if TYPE_CHECKING:
    import httpx

ANSWER_SECONDS = 5.0
_LONGEST_WAIT = 60.0
MAX_ROUNDS = 100
"""To how many URLs it carries at a time."""


@attrs.define(eq=False)
class Dispatcher:
    """Makes each attempt when it is due. It looks only at worlds in which something may be."""

    worlds: list[World] = attrs.field(factory=list[World])
    _client: httpx.AsyncClient | None = None
    _loop: asyncio.AbstractEventLoop | None = None
    _signal: asyncio.Event = attrs.field(factory=asyncio.Event)
    _woken: set[World] = attrs.field(factory=set[World])
    """In which something may be due now."""
    _later: dict[World, float] = attrs.field(factory=dict[World, float])
    """In which something will be, and when, by the loop's time."""
    _rounds: set[asyncio.Task[None]] = attrs.field(factory=set["asyncio.Task[None]"])
    """What goes to a URL of a world now."""

    def wake(self, world: World) -> None:
        """Have it look at a world again, from any thread."""
        loop = self._loop
        with contextlib.suppress(RuntimeError):  # it is closed
            if loop is not None:
                loop.call_soon_threadsafe(self._look_at, world)

    def _look_at(self, world: World) -> None:
        self._woken.add(world)
        self._signal.set()

    async def run(self) -> None:
        """Carry deliveries until it is cancelled."""
        self._loop = asyncio.get_running_loop()
        self._woken.update(self.worlds)
        try:
            while True:
                self._signal.clear()
                for world in self._due():
                    self._begin(world)
                wait = min(self._later.values(), default=math.inf) - self._loop.time()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(min(max(wait, 0.0), _LONGEST_WAIT)):
                        await self._signal.wait()
        finally:
            self._loop = None
            rounds = list(self._rounds)
            for task in rounds:
                task.cancel()
            await asyncio.gather(*rounds, return_exceptions=True)
            if self._client is not None:
                await self._client.aclose()

    def is_idle(self) -> bool:
        """Return whether nothing is on its way, nor due."""
        return not self._rounds and all(world.outbox.is_idle() for world in tuple(self.worlds))

    def _due(self) -> list[World]:
        """Return the worlds in which something may be due now, as far as there is anybody free to carry it."""
        now = asyncio.get_running_loop().time()
        self._woken.update([world for world, at in self._later.items() if at <= now])
        if len(self._rounds) >= MAX_ROUNDS:
            return []
        woken, self._woken = list(self._woken), set[World]()
        return woken

    def _begin(self, world: World) -> None:
        """Start what is due in a world, and know when something else will be."""
        self._later.pop(world, None)
        while len(self._rounds) < MAX_ROUNDS:
            url = world.outbox.acquire_target()
            if url is None:
                break
            self._rounds.add(asyncio.create_task(self._round(world, url)))
        else:
            self._woken.add(world)  # for when somebody is free
        due = world.outbox.next_due()
        if math.isfinite(due) and world.clock.frozen is None:
            wait = min(max(due - world.clock(), 0.0), _LONGEST_WAIT)  # the machine's time may jump, or stand
            self._later[world] = asyncio.get_running_loop().time() + wait

    async def _round(self, world: World, url: str) -> None:
        try:
            while (delivery := world.outbox.next_delivery(url)) is not None:
                world.outbox.record_attempt(delivery, *await self._attempt(world, delivery))
        finally:
            world.outbox.release_target(url)
            self._rounds.discard(asyncio.current_task())
            self._look_at(world)  # what failed is due again some time

    async def _attempt(self, world: World, delivery: Delivery) -> tuple[int | None, str | None]:
        """Make one attempt; return the status, or what went wrong."""
        if not (world.outbox.anywhere or is_local(delivery.url)):  # it came from a file
            return None, "the URL is not local"
        try:
            return await self._post(world, delivery), None
        except Exception as error:  # whatever a URL may bring about; what is left untried would be tried for ever
            return None, f"{type(error).__name__}: {error}".rstrip(": ")

    async def _post(self, world: World, delivery: Delivery) -> int:
        """Send a delivery; return the status of the answer."""
        if self._client is None:
            import httpx  # a fifth of the start of whatever uses the emulator, and only deliveries need it

            self._client = httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False)
        provider = provider_named(delivery.provider)
        signed = provider.webhooks.signed_headers(
            delivery.secret, delivery.body, delivery.id, str(math.floor(time.time()))
        )
        attempt = len(delivery.attempts) + 1
        own = provider.emulator.delivery_headers(signed, attempt, as_documented=world.as_documented)
        headers = {"content-type": "application/json", **own}
        async with asyncio.timeout(ANSWER_SECONDS):
            async with self._client.stream("POST", delivery.url, content=delivery.body, headers=headers) as answer:
                return answer.status_code
