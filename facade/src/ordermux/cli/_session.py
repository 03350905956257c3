"""One run of a command: its global options, its accounts and its output."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from ._change import Change, Signals
from ._shell import shell_line

if TYPE_CHECKING:
    from .. import AttemptStart, Ordermux
    from ..errors import OrdermuxError
    from ..providers.account import Account
    from ._output import Result


@attrs.define(kw_only=True, eq=False)
class Session:
    """One run of a command."""

    json: bool = False
    emulator: str | None = None
    timeout: float | None = None
    proxy: str | None = None
    arguments: tuple[str, ...] = ()
    """The arguments of the command line."""
    change: Change | None = None
    """The change that the command sends; None for a read."""
    result: Result | None = None
    """The result, once it is known."""
    has_client: bool = False
    """Whether the client was created, so that the settings are valid."""
    has_sent: bool = False
    """Whether a request was sent to a provider."""
    signals: Signals = attrs.field(factory=Signals)

    _accounts: list[Account[Any]] | None = attrs.field(default=None, init=False)

    @property
    def accounts(self) -> list[Account[Any]]:
        """The accounts to work with."""
        if self._accounts is None:
            from ._environment import accounts

            self._accounts = accounts(self.emulator, note_failed=self.note_failed)
        return self._accounts

    def only(self, names: Sequence[str]) -> None:
        """Use only these accounts, if any are named.

        Raises UnknownAccount.
        """
        for name in names:
            self.provider(name)
        self._accounts = [each for each in self.accounts if not names or each.name in names]

    def opened(self, **options: Any) -> Ordermux:
        """Return a client, for a `with` statement."""
        from .. import Ordermux
        from ..engine.logs import misspelt

        if ignored := misspelt():
            self.note(ignored, "ignored", problem=ignored)
        options |= {} if self.timeout is None else {"timeout": self.timeout}
        proxy = self.proxy or os.environ.get("ORDERMUX_PROXY") or None
        client = Ordermux(*self.accounts, before_send=self._started, proxy=proxy, **options)
        self.has_client = True
        return client

    def provider(self, account: str) -> str:
        """Return the provider of an account.

        Raises UnknownAccount.
        """
        from ..errors import UnknownAccount

        for each in self.accounts:
            if each.name == account:
                return each.provider
        raise UnknownAccount(f"no account is named {account!r}; there are: {', '.join(a.name for a in self.accounts)}")

    def again(self) -> str:
        """Return the command as it was typed."""
        return shell_line("ordermux", *self.arguments)

    def command(self, *arguments: str) -> str:
        """Return another command with the same global options."""
        shared = ["--json"] if self.json else []
        shared += [] if self.emulator is None else ["--emulator", self.emulator]
        shared += [] if self.timeout is None else ["--timeout", f"{self.timeout:g}"]
        shared += [] if self.proxy is None else ["--proxy", self.proxy]
        return shell_line("ordermux", *arguments, *shared)

    def begin(self, change: Change) -> Change:
        """Handle signals from now on, so that an interrupted change is reported."""
        self.change = change
        self.signals.take()
        return change

    def _started(self, start: AttemptStart) -> None:
        """Report the key of a change before it is sent, and its amount once that is known."""
        self.has_sent = True
        if (change := self.change) is None:
            return
        before = change.key, change.amount
        change.started(start)
        if change.key != before[0]:
            known = {"idempotency_key": change.key, "key_expires_at": change.key_expires_at}
            self.note(f"idempotency key: {change.key}", "about to be sent", **known)
        if change.amount != before[1]:
            self.note(f"amount: {change.amount}", "about to be sent", amount=change.amount)

    def note(self, text: str, note: str, **fields: Any) -> None:
        """Print a note on standard error: a line of text, or JSON fields."""
        from ._output import say, write

        if self.json:
            write({"note": note, **fields}, err=True)
        else:
            say(text, err=True, style="dim")

    def note_failed(self, errors: Iterable[OrdermuxError]) -> None:
        """Report providers that are left out because their package cannot be used."""
        for error in errors:
            self.note(f"left out: {error}", "left out", problem=str(error))

    def show(self, result: Result) -> None:
        """Print the result of the command."""
        self.result = result
        result.print(json=self.json)
