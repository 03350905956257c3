"""The tree of errors: drawn as it is, and whole after a pickle."""

from __future__ import annotations

import copy
import functools
import inspect
import math
import pickle
import re
from collections.abc import Callable
from typing import Any

import pytest

import ordermux
from ordermux import errors


def kinds() -> list[type[errors.OrdermuxError]]:
    """Return all errors of the module."""
    found = vars(errors).values()
    return [each for each in found if inspect.isclass(each) and issubclass(each, errors.OrdermuxError)]


def drawn() -> dict[str, str]:
    """Return each error of the tree that the docstring draws, by name, with the one above it."""
    above: list[str] = []
    found: dict[str, str] = {}
    for lead, name in re.findall(r"^ {4}([ │├└─]*)(\w+)", str(errors.__doc__), re.MULTILINE):
        depth = len(lead) // 4
        assert 0 == len(lead) % 4, name
        above[depth:] = [name]
        assert name not in found
        found[name] = above[depth - 1] if depth else "Exception"
    return found


def test_the_tree_is_drawn_as_it_is() -> None:
    """Each error once, below the one that it is a kind of."""
    bases = {kind.__name__: [base.__name__ for base in kind.__bases__] for kind in kinds()}
    assert ["OrdermuxError", "ExceptionGroup"] == bases["AccountsFailed"]
    assert {name: found[0] for name, found in bases.items()} == drawn()
    assert {"AccountsFailed"} == {name for name, found in bases.items() if len(found) > 1}


def test_each_error_is_public_and_says_what_it_is() -> None:
    """It is in `ordermux` too, and has a docstring of its own."""
    assert kinds() == [getattr(ordermux, kind.__name__) for kind in kinds()]
    assert [] == [kind.__name__ for kind in kinds() if not kind.__dict__.get("__doc__")]


def filled(kind: type[errors.OrdermuxError]) -> errors.OrdermuxError:
    """Return an error of a kind with something in each attribute."""
    error: errors.OrdermuxError
    if issubclass(kind, errors.ProviderError):
        error = kind(
            "what happened",
            provider="zephyr",
            account="eu",
            operation="refund",
            status=503,
            request_id="req_1",
            attempts=3,
            key="key-1",
            retryable=True,
            retry_after=math.inf,
            body=b'{"a": 1}',
        )
    elif kind is errors.BrokenProvider:
        error = errors.BrokenProvider("what happened", provider="harbor", package="ordermux-provider-harbor")
    elif kind is errors.Unsupported:
        error = errors.Unsupported("zephyr", "create", "it sells through its shop alone")
    else:
        error = kind("what happened", 2)
    error.cursor = "page-2"
    error.add_note("a note of the caller's")
    return error


def _pickled(error: Exception, protocol: int) -> Any:
    return pickle.loads(pickle.dumps(error, protocol))


COPIES: dict[str, Callable[[Any], Any]] = {
    **{f"pickle {number}": functools.partial(_pickled, protocol=number) for number in range(6)},
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize(
    "kind", [kind for kind in kinds() if kind is not errors.AccountsFailed], ids=lambda kind: str(kind.__name__)
)
def test_an_error_is_whole_after_a_copy(kind: type[errors.OrdermuxError], how: str) -> None:
    """Its type, its message and each attribute."""
    error = filled(kind)
    copied = COPIES[how](error)
    assert copied is not error
    assert (kind, str(error), error.args, vars(error)) == (type(copied), str(copied), copied.args, vars(copied))
    assert "page-2" == copied.cursor


def test_an_error_of_a_subclass_of_the_callers_is_whole_after_a_pickle() -> None:
    """Whatever its constructor takes."""
    error = _Own(5, why="because")
    assert ("no 5", "because") == (str(copied := pickle.loads(pickle.dumps(error))), copied.why)


class _Own(errors.InvalidArgument):
    """An error of a caller's own, with a constructor unlike its base's."""

    def __init__(self, number: int, *, why: str) -> None:
        """Keep why."""
        super().__init__(f"no {number}")
        self.why = why
