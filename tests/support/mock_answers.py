"""A transport that gives answers without a network, and keeps the requests."""

from __future__ import annotations

import httpx


class MockAnswers(httpx.MockTransport):
    """Gives answers in turn, or raises them, for sync and async clients; the last one for ever, or once."""

    def __init__(
        self,
        *answers: httpx.Response | Exception,
        repeats_last: bool = True,
        requests: list[httpx.Request] | None = None,
    ) -> None:
        """Take the answers; `requests` is where the requests are kept, a list of its own by default."""
        super().__init__(self._answer)
        self.requests: list[httpx.Request] = [] if requests is None else requests
        self.answers, self._repeats_last = list(answers), repeats_last

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        found = self.answers[0] if self._repeats_last and len(self.answers) == 1 else self.answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return found
