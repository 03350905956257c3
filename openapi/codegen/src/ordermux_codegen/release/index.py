"""A package index: what is there, and how more comes there."""

from __future__ import annotations

import contextlib
import io
import ipaddress
import logging
import os
from collections import defaultdict
from collections.abc import Generator, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import NoReturn, cast
from urllib.parse import urljoin, urlsplit

import attrs
import requests
from pypi_simple import NoSuchProjectError, PyPISimple, UnsupportedContentTypeError
from twine.commands.upload import upload
from twine.exceptions import TwineException
from twine.settings import Settings

from ..packages import ReleaseError

TIMEOUT = 30.0
"""Seconds until an index that does not answer is given up."""
ADDRESS, USER, PASSWORD = "TWINE_REPOSITORY_URL", "TWINE_USERNAME", "TWINE_PASSWORD"


class AlreadyThere(ReleaseError):
    """The index has a file of that name."""


@attrs.frozen
class Index:
    """An index that packages are uploaded to, and the credentials for it, which are never shown."""

    address: str
    """Where files are uploaded to."""
    simple: str
    """Where it lists what it has."""
    username: str = attrs.field(repr=False)
    password: str = attrs.field(repr=False)

    @classmethod
    def of(cls, address: str | None, simple: str | None, environ: Mapping[str, str] = os.environ) -> Index:
        """Return the index that is given, or that the environment names.

        Raises ReleaseError if there is none, or if credentials would be seen by others.
        """
        address = address or environ.get(ADDRESS) or simple
        if not address:
            raise ReleaseError(f"no index is given: add --index URL, or set {ADDRESS}")
        listing = simple or urljoin(address.rstrip("/") + "/", "simple/")
        for url in (address, listing):
            _check(url)
        return cls(address, listing.rstrip("/") + "/", environ.get(USER, ""), environ.get(PASSWORD, ""))

    def files(self, distribution: str) -> dict[str, dict[str, str | None]]:
        """Return what the index has of a distribution: by version, each file's SHA-256 where it is told.

        Raises ReleaseError.
        """
        found: dict[str, dict[str, str | None]] = defaultdict(dict)
        same = urlsplit(self.simple).netloc == urlsplit(self.address).netloc  # no other is told the credentials
        auth = (self.username, self.password) if self.username and same else None
        with self._told(self.simple), PyPISimple(self.simple, auth=auth) as client:
            try:
                page = client.get_project_page(distribution, timeout=TIMEOUT)
            except NoSuchProjectError:  # as it is before the first release, or everywhere where no index is
                client.s.head(self.simple, timeout=TIMEOUT, allow_redirects=True).raise_for_status()
                return {}
            for file in page.packages:
                if file.version:
                    found[file.version][file.filename] = file.digests.get("sha256")
        return dict(found)

    def upload(self, paths: Sequence[Path]) -> None:
        """Upload files, one after another.

        Raises AlreadyThere if the index has one of that name, ReleaseError for all else.
        """
        with self._told(self.address), contextlib.redirect_stdout(io.StringIO()):
            settings = Settings(
                repository_url=self.address,
                username=self.username,
                password=self.password,
                config_file=os.devnull,
                non_interactive=True,
                disable_progress_bar=True,
            )
            logging.getLogger("twine").setLevel(logging.CRITICAL)  # it would repeat what the index says
            upload(settings, [str(path) for path in paths])

    @contextlib.contextmanager
    def _told(self, url: str) -> Generator[None]:
        """Say what went wrong there, in words that hold no credential."""
        place = urlsplit(url).netloc
        try:
            yield
        except requests.HTTPError as error:
            self._refused(cast("requests.Response", error.response))
        except requests.Timeout:
            raise ReleaseError(f"{place} does not answer within {TIMEOUT:.0f} seconds") from None
        except requests.ConnectionError:
            raise ReleaseError(f"nothing answers at {place}: is the index's address right, and does it run?") from None
        except (requests.RequestException, TwineException, UnsupportedContentTypeError) as error:
            raise ReleaseError(f"{place} is no package index, or not at that path: {type(error).__name__}") from None

    def _refused(self, response: requests.Response) -> NoReturn:
        place, status = urlsplit(response.url).netloc, response.status_code
        reason = response.reason.replace(self.password, "***") if self.password else response.reason
        answer, said = f"{status} {reason}"[:120], f"{response.reason} {response.text}"
        if status == HTTPStatus.CONFLICT or (status == HTTPStatus.BAD_REQUEST and "already exist" in said):
            raise AlreadyThere(f"it answered {answer}") from None
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            advice = f"those of {USER} and {PASSWORD} are not right" if self.username else f"set {USER} and {PASSWORD}"
            raise ReleaseError(f"{place} wants other credentials ({answer}): {advice}") from None
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ReleaseError(f"{place} failed ({answer}): try again later") from None
        raise ReleaseError(f"{place} refused it ({answer})") from None


def _check(url: str) -> None:
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise ReleaseError(f"credentials go into {USER} and {PASSWORD}, not into the address of the index")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_here(parts.hostname or "")):
        raise ReleaseError(f"{url}: an index is reached by https, unless it is on this machine")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
