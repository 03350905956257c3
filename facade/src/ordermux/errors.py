"""What can go wrong in the facade.

OrdermuxError
├── InvalidReference      an order is named in a way that cannot be read
├── UnknownAccount        no account of that name was given
├── ProviderNotInstalled  the provider's package is missing
├── Unsupported           the provider has no such operation
├── PagingError           a list cannot be gone on with: its pages repeat, or do not say how they go on
└── ProviderError         the call failed; `error` is the typed client's own error
"""

from __future__ import annotations


class OrdermuxError(Exception):
    """The base of all errors of the facade."""


class InvalidReference(OrdermuxError):
    """An order is named in a way that cannot be read."""


class UnknownAccount(OrdermuxError):
    """No account of that name was given."""


class ProviderNotInstalled(OrdermuxError):
    """The provider's package is missing; the message says how to install it."""


class Unsupported(OrdermuxError):
    """The provider has no such operation."""

    def __init__(self, provider: str, operation: str) -> None:
        """Keep both."""
        super().__init__(provider, operation)
        self.provider = provider
        self.operation = operation

    def __str__(self) -> str:
        """Return one sentence."""
        return f"{self.provider} has no {self.operation}"


class PagingError(OrdermuxError):
    """A list cannot be gone on with: its pages repeat, or do not say how they go on. What came before is right."""


class ProviderError(OrdermuxError):
    """The call failed; `error` is the typed client's own error."""

    def __init__(self, account: str, error: Exception) -> None:
        """Keep the account's name and the error."""
        super().__init__(account, error)
        self.account = account
        self.error = error

    def __str__(self) -> str:
        """Return the account and what its client said."""
        return f"{self.account}: {self.error}"
