"""Defects of an adapter that cost money or secrets are found: each is planted into a whole provider."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ordermux.emulator import server
from ordermux.emulator.app import app
from ordermux.testing import ProviderFacts
from ordermux.testing.conformance import CHECKS, problems_of
from ordermux_codegen.__main__ import main as codegen
from support.adapter_defects import DEFECTS, HELPERS, Defect
from support.installed_packages import SitePackages, forget, site_packages

ACME = Path(__file__).parent / "acme"
PACKAGE = "ordermux_provider_acme"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the provider's typed client."""
    made = tmp_path_factory.mktemp("clients")
    assert 0 == codegen(["generate", "--documents", str(ACME / "apis"), "--out", str(made)])
    return made / "acme"


@pytest.fixture
def install(
    client: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Defect | None], ProviderFacts]]:
    """Give a function that installs the provider with a defect, and returns its facts."""
    monkeypatch.setattr(server, "app", app)  # whose answers nothing holds against the document: a defect may break it
    packages: SitePackages = site_packages(tmp_path, monkeypatch)
    monkeypatch.syspath_prepend(client)  # pyright: ignore[reportUnknownMemberType]

    def installed(defect: Defect | None) -> ProviderFacts:
        shutil.copytree(ACME / "package", packages.folder, dirs_exist_ok=True)
        packages.install("ordermux-provider-acme", f"[ordermux.providers]\nacme = {PACKAGE}\n")
        if defect is not None:
            path = packages.folder / PACKAGE / f"{defect.module}.py"
            text = path.read_text("utf-8")
            assert defect.right in text, defect.right
            right, wrong = defect.also
            assert right in text, right
            text = text.replace(defect.right, defect.wrong)
            text = text.replace(right, wrong) if right else text
            path.write_text(text + (HELPERS if defect.module == "adapter" else ""))
        forget()
        facts: ProviderFacts = importlib.import_module("test_acme").TestAcme.facts
        return facts

    yield installed
    forget()
    for name in [each for each in sys.modules if each.partition(".")[0] in {PACKAGE, "ordermux_acme", "test_acme"}]:
        del sys.modules[name]


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_of_an_adapter_is_found(defect: str, install: Callable[[Defect | None], ProviderFacts]) -> None:
    """By the check that is for it."""
    planted = DEFECTS[defect]
    found = problems_of(install(planted), planted.check)
    assert any(planted.message in problem for problem in found), found


@pytest.mark.parametrize("check", list(CHECKS))
def test_the_provider_without_a_defect_conforms(check: str, install: Callable[[Defect | None], ProviderFacts]) -> None:
    """So that what is found is the defect."""
    assert [] == problems_of(install(None), check)
