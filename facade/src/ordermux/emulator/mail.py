"""What the providers of a world deliver: to which URLs, what waits, what became of it.

- Retries. Zephyr after 1 m, 5 m, 15 m, 1 h, 3 h, 6 h and 12 h (public: about, up to 24 h). Crossmint 8 attempts over
  about 28 h (public), with Svix' own steps between. Croissant and Cryptum never again (guessed: nothing is published).
- Each attempt is signed anew, by the machine's own time, so that a receiver takes it however far the world's clock was
  put forward (guessed). The clock tells when the next attempt is due, and the time inside an event.
- Any 2xx within 5 seconds is a success (documented: 10 and 15 seconds), anything else is not; redirects are not
  followed (guessed).
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import itertools
import json
import math
import threading
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Literal, get_args
from urllib.parse import urlsplit

import attrs

if TYPE_CHECKING:
    from .world import World

RETRIES: dict[str, tuple[float, ...]] = {
    "croissant": (),
    "zephyr": (60, 300, 900, 3600, 10_800, 21_600, 43_200),
    "crossmint": (5, 300, 1800, 7200, 18_000, 36_000, 36_000),
    "cryptum": (),
}
"""The seconds between a failed attempt and the next."""
MOST_LETTERS = 10_000
Mishap = Literal["lose", "duplicate", "swap"]
"""What happens to an event on its way: it never comes, it comes twice, or after the next one to the same URL."""


def secret_of(world: str, provider: str) -> str:
    """Return what a provider signs with in a world, always the same; empty for Croissant, which does not sign."""
    if provider == "croissant":
        return ""
    return f"whsec_{base64.b64encode(hashlib.sha256(f'{world}:{provider}'.encode()).digest()[:24]).decode()}"


def is_local(url: str) -> bool:
    """Tell whether a URL is http or https, and on the loopback interface."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        return parts.scheme in {"http", "https"} and (host == "localhost" or ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return False


@attrs.frozen
class Target:
    """Where events go."""

    url: str
    provider: str
    events: tuple[str, ...] | None
    """Only these; all, where None."""
    secret: str = attrs.field(repr=False)


@attrs.define(eq=False)
class Letter:
    """One event on its way to one URL."""

    number: int
    id: str
    """The provider's id of the delivery, the same at each attempt."""
    provider: str
    event: str
    order: str
    url: str
    body: bytes = attrs.field(repr=False)
    secret: str = attrs.field(repr=False)
    state: Literal["waiting", "held", "delivered", "failed", "lost", "blocked"] = "waiting"
    """`held` until the next one has gone; `blocked` where the URL is not local."""
    due: float = -math.inf
    """When the next attempt is, by the world's clock."""
    attempts: list[dict[str, Any]] = attrs.field(factory=list[dict[str, Any]])
    """Each with its time, and the `status` or the `problem`."""

    def shown(self) -> dict[str, Any]:
        """Return it as JSON."""
        names = ("number", "id", "provider", "event", "order", "url", "state", "attempts")
        due = self.due if self.state == "waiting" and math.isfinite(self.due) else None
        return {**{name: getattr(self, name) for name in names}, "due": due, "body": json.loads(self.body)}


class Mail:
    """The letters of a world; for any thread."""

    def __init__(self, world: World) -> None:
        """Begin with none."""
        self._world = world
        self.targets: list[Target] = []
        self.letters: list[Letter] = []
        """The last 10,000, oldest first."""
        self.mishaps: list[tuple[str, Mishap]] = []
        """What happens to the next events, by provider."""
        self.callbacks = False
        """Whether Cryptum also delivers to the `callbackUrl` of each order."""
        self.anywhere = False
        """Whether URLs need not be local."""
        self.wake: Callable[[], None] = lambda: None
        """Called when a letter may be due."""
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()

    def deliver_to(
        self, url: str, provider: str = "*", *, events: tuple[str, ...] | None = None, secret: str | None = None
    ) -> None:
        """Have each event from now on delivered to a URL, in which `{provider}` stands for the provider's name.

        Raises ValueError where it is not local, or there is no such provider.
        """
        if not (self.anywhere or is_local(url.replace("{provider}", "any"))):
            raise ValueError(f"{url}: events are delivered to http and https on the loopback interface only")
        wanted = [name for name in RETRIES if fnmatchcase(name, provider)]
        if not wanted:
            raise ValueError(f"there is no provider {provider!r}; there are: {', '.join(RETRIES)}")
        for name in wanted:
            key = secret_of(self._world.name, name) if secret is None else secret
            self.targets.append(Target(url.replace("{provider}", name), name, events, key))
        self._world.note("webhook", url=url, provider=provider)

    def disturb(self, mishap: Mishap, provider: str = "*", times: int = 1) -> None:
        """Let something happen to the next events. Raises ValueError where there is no such mishap or provider."""
        known = mishap in get_args(Mishap) and any(fnmatchcase(name, provider) for name in RETRIES)
        if not known or times < 1:
            raise ValueError(f"one of {', '.join(get_args(Mishap))}, of {', '.join(RETRIES)} or *, not {mishap!r}")
        with self._lock:
            for _ in range(times):
                self.mishaps.append((provider, mishap))

    def send(self, provider: str, event: str, order: str, *, body: Any, callback: str | None = None) -> None:
        """Put an event on its way to each URL that wants it."""
        content = json.dumps(body, separators=(",", ":")).encode()
        own = (Target(callback, provider, None, secret_of(self._world.name, provider)),) if callback else ()
        with self._lock:
            for target in (*self.targets, *(own if self.callbacks else ())):
                if target.provider == provider and (target.events is None or event in target.events):
                    self._post(target, event, order, content)
        self.wake()

    def _post(self, target: Target, event: str, order: str, content: bytes) -> None:
        mishap = self._mishap(target.provider)
        letter = self._letter(target, f"msg_{self._world.ulid()}", event, order, content)
        followed = [each for each in self.letters if each.state == "held" and each.url == letter.url]
        letter.state = {"lose": "lost", "swap": "held"}.get(mishap or "", "waiting")  # type: ignore[assignment]
        if not (self.anywhere or is_local(letter.url)):
            letter.state = "blocked"
        self.letters.append(letter)
        if mishap == "duplicate":
            self.letters.append(self._letter(target, letter.id, event, order, content))
        for each in followed if letter.state == "waiting" else ():
            self.letters.remove(each)
            self.letters.append(each)
            each.state = "waiting"
        del self.letters[:-MOST_LETTERS]

    def _letter(self, target: Target, name: str, event: str, order: str, content: bytes) -> Letter:
        return Letter(next(self._numbers), name, target.provider, event, order, target.url, content, target.secret)

    def _mishap(self, provider: str) -> Mishap | None:
        for place, (pattern, mishap) in enumerate(self.mishaps):
            if fnmatchcase(provider, pattern):
                del self.mishaps[place]
                return mishap
        return None

    def restore(self, letters: list[Letter]) -> None:
        """Go on with what was on its way before a restart."""
        with self._lock:
            self.letters.extend(letters)
            self._numbers = itertools.count(1 + max((letter.number for letter in letters), default=0))

    def redeliver(self, number: int) -> Letter:
        """Have a letter delivered once more at once, whatever became of it; return it.

        Raises LookupError where there is none of this number, ValueError where its URL is not local.
        """
        with self._lock:
            letter = next((each for each in self.letters if each.number == number), None)
            if letter is None:
                raise LookupError(f"there is no delivery {number}")
            if letter.state == "blocked":
                raise ValueError(f"{letter.url} is not local")
            letter.state, letter.due = "waiting", -math.inf
        self.wake()
        return letter

    def waiting(self) -> list[Letter]:
        """Return the letters that wait, in the order in which they are to go."""
        with self._lock:
            found = [letter for letter in self.letters if letter.state == "waiting"]
        return sorted(found, key=lambda letter: letter.due)

    def is_idle(self) -> bool:
        """Tell whether nothing is due that was not tried."""
        now = self._world.clock()
        return not any(letter.due <= now for letter in self.waiting())

    def tried(self, letter: Letter, status: int | None, problem: str | None) -> None:
        """Note what came of an attempt, and when the next is."""
        now = self._world.clock()
        retries = RETRIES[letter.provider]
        with self._lock:
            letter.attempts.append({"at": now, "status": status, "problem": problem})
            if status is not None and 200 <= status < 300:  # noqa: PLR2004
                letter.state = "delivered"
            elif len(letter.attempts) <= len(retries):
                letter.due = now + retries[len(letter.attempts) - 1]
            else:
                letter.state = "failed"
        told = {"event": letter.event, "url": letter.url, "attempt": len(letter.attempts), "state": letter.state}
        self._world.note("delivery", letter.order, number=letter.number, status=status, problem=problem, **told)
