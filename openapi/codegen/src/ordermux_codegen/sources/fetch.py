"""Pages from the network: what is not plainly the page itself could not be read."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

import httpx

from .html_text import Form
from .pages import BY_HAND, LOG_IN, Copy, Page, Result, UnreadableError, read

AGENT = "ordermux-sources (reads pages of API docs once a week to notice changes)"
MAX_BYTES = 5_000_000
"""How large a page may be, unpacked."""
AT_ONCE = 4
_MAX_HOPS = 5
_FORMS: dict[str, Form] = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/markdown": "markdown",
    "text/x-markdown": "markdown",
    "text/plain": "text",
}
_LOGIN = ("login", "log-in", "signin", "sign-in", "auth", "sso")
_OFFLINE = "look whether this machine is online and the host is right"


async def fetch_all(pages: list[Page], seconds: float) -> list[Result]:
    """Fetch the pages, a few at a time, each within so many seconds whatever the server does."""
    turns = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(headers={"user-agent": AGENT}, timeout=seconds) as client:

        async def fetched(page: Page) -> Result:
            async with turns:
                try:
                    async with asyncio.timeout(seconds):
                        copy = await _fetch(client, page.url)
                    return Result(page=page, sections=read(page, copy))
                except (TimeoutError, httpx.TimeoutException):
                    problem = f"the server did not answer in full within {seconds:g} s"
                    return Result(page=page, problem=problem, advice=f"{_OFFLINE}, and try again later")
                except UnreadableError as error:
                    return Result(page=page, problem=error.problem, advice=error.advice)
                except (httpx.HTTPError, httpx.InvalidURL) as error:
                    problem = f"no answer: {str(error) or type(error).__name__}"
                    return Result(page=page, problem=problem, advice=_OFFLINE)

        return await asyncio.gather(*map(fetched, pages))


async def _fetch(client: httpx.AsyncClient, url: str) -> Copy:
    asked = httpx.URL(url)
    for _ in range(_MAX_HOPS):
        async with client.stream("GET", asked) as answer:
            if not answer.has_redirect_location:
                return await _copy(answer)
            target = asked.join(answer.headers["location"])
        if not _is_same_place(asked, target):
            raise _redirected(target)
        asked = target
    raise UnreadableError("the page redirects in a circle", BY_HAND)


async def _copy(answer: httpx.Response) -> Copy:
    status = answer.status_code
    if status != HTTPStatus.OK:
        told = f"the server answers {status} {answer.reason_phrase}".rstrip()
        if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
            raise UnreadableError(told, "the page has moved or is gone; give its new address in `x-sources`")
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise UnreadableError(told, f"it wants a login, or no programs; {BY_HAND}")
        raise UnreadableError(told, f"try again later, or {BY_HAND}")
    media_type = answer.headers.get("content-type", "text/html").partition(";")[0].strip().lower()
    if media_type not in _FORMS:
        raise UnreadableError(f"the server sends {media_type}, no page of text", BY_HAND)
    content = bytearray()
    async for piece in answer.aiter_bytes():
        content += piece
        if len(content) > MAX_BYTES:
            raise UnreadableError(f"the page has more than {MAX_BYTES} bytes", BY_HAND)
    form = _FORMS[media_type]
    if form == "text" and content.lstrip()[:9].lower().startswith((b"<!doctype", b"<html")):
        form = "html"
    return Copy(bytes(content), form, answer.charset_encoding or "utf-8")


def _is_same_place(asked: httpx.URL, target: httpx.URL) -> bool:
    """Return whether two addresses differ only in http or https, `www.` and a slash at the end."""

    def place(url: httpx.URL) -> tuple[str, int | None, str, bytes]:
        return url.host.removeprefix("www."), url.port, url.path.rstrip("/"), url.query

    return (asked.scheme, target.scheme) != ("https", "http") and place(asked) == place(target)


def _redirected(target: httpx.URL) -> UnreadableError:
    if any(word in f"{target.host}{target.path}".lower() for word in _LOGIN):
        return UnreadableError(f"the page redirects to a login page, {target}", LOG_IN)
    return UnreadableError(
        f"the page redirects to another one, {target}", "if it has moved there, give that address in `x-sources`"
    )
