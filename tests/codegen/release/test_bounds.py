"""The facade's lower bounds on the compiled packages are true: it works with the lowest version that it allows."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ordermux_codegen.packages import ReleaseError, packages
from support.git_checkouts import commit, copied, edit, git
from support.repository import FACADE, ROOT, WORKSPACE, package_of

PROVIDERS = [name for name, package in packages(WORKSPACE).items() if package.document]
PYTHON_PATH = [f"generated/{provider}" for provider in PROVIDERS] + ["facade/src"]
USES = [
    "tests/resources/test_order_operations.py",
    "tests/resources/test_order_reads.py",
    "tests/resources/test_order_changes.py",
    "tests/resources/test_refunds_and_keys.py",
    "tests/webhooks/test_events.py",
]
"""The tests of orders and events, which use a package's names as they run."""


def run(*command: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder."""
    return subprocess.run(
        command, cwd=cwd, env={**os.environ, **environ}, capture_output=True, text=True, check=False, timeout=300
    )


def lacking(root: Path, provider: str, scratch: Path) -> str:
    """Return what the facade of a checkout uses that the lowest version it allows does not have; "" where nothing."""
    bound, present = package_of(FACADE, root).bounds[provider], package_of(provider, root).version
    tag, folder = f"{provider}-v{bound}", f"generated/{provider}"
    if run("git", "rev-parse", "--verify", "--quiet", f"refs/tags/{tag}", cwd=root).returncode:
        told = f"ordermux-{provider} {bound} is neither the present version, {present}, nor has it a tag {tag} here"
        return "" if bound == present else told
    if not run("git", "diff", "--quiet", tag, "--", f"{folder}/ordermux_{provider}", cwd=root).returncode:
        return ""
    archive = scratch / f"{tag}.tar"
    run("git", "archive", f"--output={archive}", tag, folder, cwd=root).check_returncode()
    shutil.unpack_archive(archive, scratch / tag, filter="data")
    return _typed(root, scratch / tag / folder, scratch) or _tested(root, scratch / tag / folder, provider)


def _typed(root: Path, package: Path, scratch: Path) -> str:
    """Return what mypy says of the facade with that package."""
    command = [sys.executable, "-m", "mypy", f"--cache-dir={scratch / 'mypy'}", "-p", "ordermux"]
    done = run(*command, cwd=root, MYPYPATH=str(package))
    return done.stdout if done.returncode else ""


def _tested(root: Path, package: Path, provider: str) -> str:
    """Return what the tests of orders and events say with that package: some names are looked up as it runs."""
    path = os.pathsep.join(map(str, [package, *(root / folder for folder in PYTHON_PATH)]))
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", provider]
    done = run(*command, *USES, cwd=root, PYTHONPATH=path)
    return done.stdout if done.returncode else ""


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_facade_works_with_the_lowest_version_that_it_allows(provider: str, tmp_path: Path) -> None:
    """The bound is the present version, or a released one that has all that the facade uses."""
    assert "" == lacking(ROOT, provider, tmp_path)


def test_each_extra_of_a_provider_has_a_bound() -> None:
    """No package comes without one."""
    assert PROVIDERS == sorted(package_of(FACADE).bounds)


# The test itself, tested on a copy in which ordermux-zephyr is at 0.2.0, and 0.1.0 was released without two names.

MODELS = "generated/zephyr/ordermux_zephyr/models.py"
CODEC = "generated/zephyr/ordermux_zephyr/codec.py"
ADAPTER, BASE = "facade/src/ordermux/providers/zephyr/adapter.py", "facade/src/ordermux/providers/adapter.py"
PYPROJECT, BOUND = "facade/pyproject.toml", f"ordermux-zephyr>={package_of(FACADE).bounds['zephyr']}"
NEW_MODEL = (ADAPTER, "class Adapter(", "GIFT: models.Gift\n\n\nclass Adapter(")
NEW_FUNCTION = (BASE, "codec.decode(", "codec.decode_again(")


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder for what the checks share, mypy's memory above all."""
    return tmp_path_factory.mktemp("scratch")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Give a copy of the sources, in a repository where the version before has its tag."""
    root = copied(tmp_path / "checkout")
    edit(root, "generated/zephyr/pyproject.toml", f'version = "{package_of("zephyr").version}"', 'version = "0.1.0"')
    commit(root)
    git(root, "tag", "zephyr-v0.1.0")
    edit(root, "generated/zephyr/pyproject.toml", 'version = "0.1.0"', 'version = "0.2.0"')
    with (root / MODELS).open("a") as models, (root / CODEC).open("a") as codec:
        models.write("\n\nclass Gift:\n    pass\n")
        codec.write("\n\ndecode_again = decode\n")
    return root


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "bound", "told"),
    [
        (None, "0.1.0", ""),
        (NEW_MODEL, "0.1.0", "models.Gift"),
        (NEW_MODEL, "0.2.0", ""),
        (NEW_FUNCTION, "0.1.0", "has no attribute 'decode_again'"),
        (NEW_FUNCTION, "0.2.0", ""),
        (None, "0.3.0", "0.3.0 is neither the present version, 0.2.0, nor has it a tag zephyr-v0.3.0"),
    ],
    ids=["old", "new model", "new model, raised", "new function", "new function, raised", "never released"],
)
def test_a_bound_that_is_not_true_is_found(
    checkout: Path, scratch: Path, change: tuple[str, str, str] | None, bound: str, told: str
) -> None:
    """What the facade uses and the lowest version does not have fails the test, until the bound is raised."""
    if change:
        edit(checkout, *change)
    edit(checkout, PYPROJECT, BOUND, f"ordermux-zephyr>={bound}")
    found = lacking(checkout, "zephyr", scratch)
    assert bool(told) == bool(found)
    assert told in found


@pytest.mark.slow
def test_a_bound_is_a_full_version(checkout: Path) -> None:
    """`>=0.1` would leave it open which version is tried."""
    edit(checkout, PYPROJECT, BOUND, "ordermux-zephyr>=0.1")
    with pytest.raises(ReleaseError, match="a lower bound is one full version"):
        lacking(checkout, "zephyr", checkout)
