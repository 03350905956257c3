"""Events: what is read of them when, and that nobody sees when it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from webhooks.test_events import EVENTS, documented, received

from ordermux.providers.registry import provider_named
from ordermux.webhooks import Event
from support.document_checker import documents
from support.lazy_values import COPIES, checks_against, wrong_reads

FIELDS = [field.name.removeprefix("_") for field in attrs.fields(Event) if field.name != "_source"]
EACH = pytest.mark.parametrize(("provider", "name"), EVENTS)


def lazy(provider: str, name: str) -> Event:
    """Return an event of which nothing was accessed."""
    return received(provider, documented(documents()[provider])[name])


def whole(provider: str, name: str) -> Event:
    """Return the same event, made by the constructor."""
    event = lazy(provider, name)
    return Event(**{field.alias or "": getattr(event, field.name) for field in attrs.fields(Event)})


@EACH
def test_to_receive_an_event_reads_nothing_of_it(provider: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its facts are read once, when the first of them is accessed."""
    scheme = provider_named(provider).webhooks
    read = list[str]()
    facts = type(scheme).facts

    def counted(self: Any, event: Any) -> Any:
        read.append(name)
        return facts(self, event)

    monkeypatch.setattr(type(scheme), "facts", counted)
    event = lazy(provider, name)
    assert (provider, True, []) == (event.account, event.digest.isalnum(), read)
    assert (name, name) == (event.name, event.name)
    assert event.kind
    assert [name] == read


@pytest.mark.slow
@EACH
@given(data=st.data())
def test_whatever_was_accessed_before_an_event_is_the_same(provider: str, name: str, data: st.DataObject) -> None:
    """Equal, with the same hash, text, dictionary and raw body as one that is made by the constructor."""
    event, expected = lazy(provider, name), whole(provider, name)
    for field in data.draw(st.lists(st.sampled_from(FIELDS))):
        assert getattr(expected, field) == getattr(event, field)
    checks = checks_against(expected)
    for check in data.draw(st.permutations(list(checks))):
        assert checks[check](expected) == checks[check](event), check


@EACH
@pytest.mark.parametrize("change", COPIES)
def test_a_copy_of_an_unread_event_is_the_same(provider: str, name: str, change: str) -> None:
    """As the same copy of one that is made by the constructor, with the native event and the raw body."""
    made, expected = COPIES[change](lazy(provider, name)), COPIES[change](whole(provider, name))
    assert (expected, hash(expected), expected.native, expected.raw) == (made, hash(made), made.native, made.raw)


def test_an_unread_event_is_frozen() -> None:
    """Neither what was read nor what was not can be set or deleted."""
    event = lazy("zephyr", "order.refunded")
    assert event.order is not None
    for field in ("order", "claims", "account", "unheard_of"):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(event, field, None)
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            delattr(event, field)
    assert whole("zephyr", "order.refunded") == event


@pytest.mark.parametrize("make", [lazy, whole])
def test_what_is_no_field_of_an_event_is_no_attribute(make: Callable[[str, str], Event]) -> None:
    """Of neither kind, with Python's own message."""
    event = make("zephyr", "order.refunded")
    with pytest.raises(AttributeError, match=r"^'Event' object has no attribute 'unheard_of'$"):
        event.unheard_of  # type: ignore[attr-defined]  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue]
    assert not hasattr(event, "__iter__")


def test_threads_that_access_an_event_at_once_see_whole_values() -> None:
    """Each sees what a single one does, whichever field it begins with."""
    whole_event = whole("zephyr", "order.refunded")
    events = [lazy("zephyr", "order.refunded") for _ in range(200)]
    assert [] == wrong_reads(events, {name: getattr(whole_event, name) for name in FIELDS})
