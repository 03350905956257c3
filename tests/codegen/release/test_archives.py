"""Wheel and sdist: what is wrong with one is found, and what is not the same bytes twice is refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ordermux_codegen.packages import CACHES, ReleaseError, named, packages
from ordermux_codegen.release.building import build_once, build_twice, digest
from ordermux_codegen.release.checks import check
from support.git_checkouts import edit
from support.repository import FACADE, ROOT, WORKSPACE, package_of

ZEPHYR, MANIFEST = "generated/zephyr/ordermux_zephyr", "generated/zephyr/pyproject.toml"
MORE = ('"CHANGELOG.md", ', '"CHANGELOG.md", "more.txt", ')
WHEEL, SDIST = "ordermux_zephyr-{}-py3-none-any.whl", "ordermux_zephyr-{}.tar.gz"
VERSION = package_of("zephyr").version
WHEELS = "[tool.hatch.build.targets.wheel]"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Give a copy of what is built."""
    for name in (FACADE, "generated", "openapi"):
        shutil.copytree(ROOT / name, tmp_path / "checkout" / name, ignore=shutil.ignore_patterns(*CACHES))
    shutil.copy(ROOT / "LICENSE", tmp_path / "checkout")
    return tmp_path / "checkout"


@pytest.mark.slow
@pytest.mark.parametrize("name", packages(WORKSPACE))
def test_a_package_has_all_that_it_should(tmp_path: Path, name: str) -> None:
    """Nothing is wrong with the archives as the sources give them."""
    build_once(package_of(name), tmp_path)
    assert [] == check(package_of(name), tmp_path)


@pytest.mark.slow
def test_the_archives_do_not_depend_on_the_time_the_place_and_the_user(checkout: Path, tmp_path: Path) -> None:
    """A copy gives the bytes that the checkout does; each is built twice, under other conditions."""
    here, there = package_of("zephyr"), package_of("zephyr", checkout)
    for package, folder in ((here, tmp_path / "here"), (there, tmp_path / "there")):
        folder.mkdir()
        build_twice([package], folder)
    assert {name: digest(tmp_path / "here" / name) for name in here.archives} == {
        name: digest(tmp_path / "there" / name) for name in there.archives
    }


@pytest.mark.slow
def test_other_bytes_at_the_second_time_are_refused(checkout: Path, tmp_path: Path) -> None:
    """Archives that hold the times of their files are no good; it is said which members differ."""
    setting(MANIFEST, "reproducible = false")(checkout)
    with pytest.raises(ReleaseError, match=r"\.tar\.gz: a second build gave other bytes: .*ordermux_zephyr/client\.py"):
        build_twice([package_of("zephyr", checkout)], tmp_path)


def setting(manifest: str, line: str) -> Callable[[Path], None]:
    """Return what adds a setting of the builder to a pyproject.toml."""
    return editing(manifest, WHEELS, f"[tool.hatch.build]\n{line}\n\n{WHEELS}")


def excluding(pattern: str) -> Callable[[Path], None]:
    """Return what leaves files out of the archives."""
    return setting(MANIFEST, f'exclude = ["{pattern}"]')


def writing(name: str, text: str) -> Callable[[Path], None]:
    """Return what writes a file."""
    return lambda root: void((root / name).write_text(text, encoding="utf-8"))


def editing(name: str, old: str, new: str) -> Callable[[Path], None]:
    """Return what edits a file."""
    return lambda root: edit(root, name, old, new)


def removing(name: str) -> Callable[[Path], None]:
    """Return what removes a file."""
    return lambda root: (root / name).unlink()


def void(_: object) -> None:
    """Return nothing."""


BROKEN: dict[str, tuple[Callable[[Path], None], str]] = {
    "notes": (writing(f"{ZEPHYR}/notes.txt", "x"), "notes.txt is no part of a package"),
    "a test": (writing(f"{ZEPHYR}/test_x.py", "x = 1"), "test_x.py is no part of a package"),
    "a path": (lambda root: writing(f"{ZEPHYR}/x.py", f"# {root}")(root), "ordermux_zephyr/x.py names {root}"),
    "a module left out": (excluding("events.py"), f"{WHEEL}: ordermux_zephyr/events.py is missing"),
    "left out of the sdist": (excluding("CHANGELOG.md"), f"{SDIST}: CHANGELOG.md is missing"),
    "more in the sdist": (editing(MANIFEST, *MORE), f"{SDIST}: more.txt should not be there"),
    "no py.typed": (removing(f"{ZEPHYR}/py.typed"), "py.typed is missing"),
    "another document": (editing(f"{ZEPHYR}/openapi.json", "Cart", ""), "openapi.json is not openapi/zephyr.yaml"),
    "another version": (editing(MANIFEST, VERSION, "9.9.9"), f"its version is 9.9.9, and the document's {VERSION}"),
    "another licence": (editing(MANIFEST, 'license = "MIT"', 'license = "ISC"'), "its licence: 'ISC', not 'MIT'"),
    "no licence file": (editing(MANIFEST, 'license-files = ["LICENSE"]', "license-files = []"), "its licence files: "),
    "another licence's text": (writing("generated/zephyr/LICENSE", "x"), "its licence's text: b'x'"),
    "another readme": (editing(MANIFEST, 'readme = "README.md"', 'readme = "CHANGELOG.md"'), "its readme: "),
    "no readme": (editing(MANIFEST, 'readme = "README.md"\n', ""), "twine: "),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", BROKEN)
def test_what_is_wrong_with_a_package_is_found(checkout: Path, tmp_path: Path, what: str) -> None:
    """Each is said by its name."""
    breaks, told = BROKEN[what]
    (checkout / "generated/zephyr/more.txt").write_text("x", encoding="utf-8")  # which no archive takes up by itself
    breaks(checkout)
    package = package_of("zephyr", checkout)
    build_once(package, tmp_path)
    found = "\n".join(check(package, tmp_path))
    assert told.format(package.version, root=checkout) in found


@pytest.mark.slow
def test_a_page_of_the_facade_that_is_left_out_is_found(checkout: Path, tmp_path: Path) -> None:
    """The emulator's pages are no modules, and would not be missed by an import."""
    setting("facade/pyproject.toml", 'exclude = ["*.html"]')(checkout)
    package = package_of(FACADE, checkout)
    build_once(package, tmp_path)
    missing = f"{package.archives[1]}: ordermux/emulator/page.html is missing"
    assert missing in check(package, tmp_path)


@pytest.mark.slow
def test_a_package_that_cannot_be_built_says_why(checkout: Path, tmp_path: Path) -> None:
    """What the builder wrote is passed on."""
    removing("generated/zephyr/README.md")(checkout)
    with pytest.raises(ReleaseError, match=r"zephyr: the sdist could not be built: [\s\S]*README\.md"):
        build_once(package_of("zephyr", checkout), tmp_path)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("zephir", "no such package: zephir; there are croissant, crossmint, cryptum, zephyr, codegen, facade"),
        ("zephyr-v9.9.9", f"ordermux-zephyr is {VERSION}, whose tag is zephyr-v{VERSION}, not zephyr-v9.9.9"),
        ("ordermux-v9.9.9", f"ordermux is {package_of(FACADE).version}, whose tag is {package_of(FACADE).tag}, not "),
    ],
)
def test_a_name_that_fits_no_package_is_refused(name: str, told: str) -> None:
    """A tag has to be that of the package's version."""
    with pytest.raises(ReleaseError) as refused:
        named([name], WORKSPACE)
    assert str(refused.value).startswith(told)


def test_a_package_is_named_by_its_tag_too() -> None:
    """The workflow has nothing else."""
    assert [package_of("zephyr"), package_of(FACADE)] == named(
        [package_of("zephyr").tag, package_of(FACADE).tag], WORKSPACE
    )


def test_a_package_is_named_as_pip_calls_it_too() -> None:
    """The facade above all, whose tag says `ordermux`."""
    assert [package_of("zephyr"), package_of(FACADE)] == named(["ordermux-zephyr", "ordermux"], WORKSPACE)
