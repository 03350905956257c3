"""A release, from the sources to an order read by what was installed, against a package index on this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ordermux.emulator import Emulator
from ordermux_codegen.packages import ReleaseError, packages
from ordermux_codegen.release import publishing
from ordermux_codegen.release.building import digest
from ordermux_codegen.release.index import Index
from ordermux_codegen.release.publishing import problems
from support.git_checkouts import DATE, commit, copied, edit, git, released, task
from support.package_indexes import PASSWORD, USER, Broken, Server, failing, serving
from support.ports import kept_port
from support.repository import FACADE, WORKSPACE, package_of

NAMES = [*(name for name in packages(WORKSPACE) if name != FACADE), FACADE]
VERSION = package_of("zephyr").version


def publish(root: Path, name: str, index: str, *more: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Publish a package as `nox -s publish` does, as the user of the index unless told otherwise."""
    who = {"TWINE_USERNAME": USER, "TWINE_PASSWORD": PASSWORD, **environ}
    done = task(root, "publish", name, "--index", index, *more, **who)
    assert PASSWORD not in done.stdout + done.stderr
    return done


def upload(root: Path, name: str, url: str, username: str = USER, password: str = PASSWORD) -> list[str]:
    """Upload a package without looking at the sources; return the files that were missing at the index."""
    package = package_of(name, root)
    index = Index.of(url, None, {"TWINE_USERNAME": username, "TWINE_PASSWORD": password})
    assert PASSWORD not in repr(index)
    paths = publishing.wanting(package, root / "dist", index)
    publishing.publish(package, paths, index)
    return [path.name for path in paths]


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """Return what a command that failed said, and that in one line."""
    assert (1, "") == (done.returncode, done.stdout)
    assert done.stderr.count("\n") == 1
    return done.stderr.strip()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the sources in which every package is released, and built."""
    root = released(copied(tmp_path_factory.mktemp("release") / "checkout"))
    built = task(root, "build")
    assert (0, "") == (built.returncode, built.stderr)
    assert [name for each in NAMES for name in package_of(each).archives] == [
        line.split()[0] for line in built.stdout.splitlines()
    ]
    return root


@pytest.fixture(scope="module")
def index(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give an index to which every package was published."""
    with serving(tmp_path_factory.mktemp("index")) as server:
        with ThreadPoolExecutor(2) as pool:
            first = list(pool.map(publish, *zip(*((checkout, name, server.url) for name in NAMES[:-1]), strict=True)))
        for name, done in zip(NAMES, [*first, publish(checkout, FACADE, server.url)], strict=True):
            uploaded = "".join(f"uploaded {archive}\n" for archive in package_of(name, checkout).archives)
            assert (0, uploaded, "") == (done.returncode, done.stdout, done.stderr)
        yield server


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Server]:
    """Give an index that has nothing yet."""
    with serving(tmp_path / "index") as server:
        yield server


@pytest.fixture
def clone(checkout: Path, tmp_path: Path) -> Path:
    """Give a copy of the released sources with what was built, to change."""
    shutil.copytree(checkout, tmp_path / "clone")
    return tmp_path / "clone"


def test_the_index_has_what_was_built(checkout: Path, index: Server) -> None:
    """Wheel and sdist of each, byte for byte."""
    built = {path.name: digest(path) for path in (checkout / "dist").iterdir()}
    assert 2 * len(NAMES) == len(built)
    assert built == {path.name: digest(path) for path in index.folder.iterdir()}


# What was released is installed, and works.

PROGRAM = """
import json, sys, ordermux
from ordermux import Cryptum, Money, MissingDependency, Ordermux, Zephyr

with Ordermux(Zephyr(**json.loads(sys.argv[1]))) as mux:
    order = mux.orders.get("zephyr:order_01HXY8")
    refund = mux.orders.refund(order.ref, Money("1.00", order.total.currency), reason="duplicate")
    after = mux.orders.get(order.ref)
try:
    with Ordermux(Cryptum(api_key="made up", store="made up")) as mux:
        mux.orders.get("cryptum:1")
except MissingDependency as error:
    missing = str(error)
print(json.dumps([ordermux.__file__, order.status.payment, after.status.payment, str(refund.amount), missing]))
"""


@pytest.fixture(scope="module")
def environment(index: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an environment with nothing but the facade and one provider, as the index has them."""
    folder = tmp_path_factory.mktemp("user")
    subprocess.run([sys.executable, "-m", "venv", folder / "empty"], check=True)
    report = folder / "report.json"
    pip = [python(folder), "-m", "pip", "install", "--quiet", "--no-cache-dir", "--report", report]
    wanted = f"ordermux[zephyr]=={package_of(FACADE).version}"
    done = run(*map(str, pip), "--extra-index-url", f"{index.url}/simple/", wanted, cwd=folder)
    assert 0 == done.returncode, done.stderr
    return folder


def python(folder: Path) -> str:
    """Return the interpreter of the environment."""
    return str(folder / "empty" / "bin" / "python")


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program without a path of this checkout."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=False)


def test_one_extra_brings_the_facade_and_one_provider(checkout: Path, index: Server, environment: Path) -> None:
    """The two come from the index, as they were built, and no other package of ours does."""
    found = {
        item["download_info"]["url"]: item["download_info"]["archive_info"]["hashes"]["sha256"]
        for item in json.loads((environment / "report.json").read_text())["install"]
        if item["metadata"]["name"].startswith("ordermux")
    }
    wheels = [package_of(name, checkout).archives[1] for name in ("zephyr", FACADE)]
    assert {f"{index.url}/packages/{name}": digest(checkout / "dist" / name) for name in wheels} == found


def test_what_was_installed_reads_and_refunds_an_order(environment: Path, emulator: Emulator) -> None:
    """A program of a user's, with the wheels alone, against the emulator in another process."""
    account = json.dumps(emulator.client_kwargs("zephyr"))
    done = run(python(environment), "-c", PROGRAM, account, cwd=environment)
    assert (0, "") == (done.returncode, done.stderr)
    place, before, after, amount, missing = json.loads(done.stdout)
    assert Path(place).is_relative_to(environment / "empty")
    assert ["paid", "partially_refunded", "1.00 USD"] == [before, after, amount]
    assert "cryptum is not installed; run: pip install 'ordermux[cryptum]'" == missing
    assert 1 == emulator.world.effects["zephyr.createRefund"]


# What is at the index stays as it is.

AGAIN = (
    f"ordermux-zephyr {VERSION} is at the index already; "
    "raise info.version in openapi/zephyr.yaml, and tell in openapi/zephyr/CHANGELOG.md what changed"
)


def test_the_same_version_is_refused_before_it_is_sent(checkout: Path, index: Server) -> None:
    """It is said what to raise, and where."""
    assert AGAIN == refusal(publish(checkout, "zephyr", index.url))


def test_the_same_version_is_refused_by_the_index_too(checkout: Path, index: Server, empty: Server) -> None:
    """Whoever looks into a list that is out of date is told the same."""
    told = refusal(publish(checkout, "zephyr", index.url, "--simple", f"{empty.url}/simple/"))
    assert f"{AGAIN}; it answered 400 Bad Request" == told


def test_the_facade_comes_after_what_it_needs(checkout: Path, empty: Server) -> None:
    """Whoever installed it would get nothing."""
    told = refusal(publish(checkout, FACADE, empty.url))
    bound = package_of("croissant").version
    needs = f"ordermux {package_of(FACADE).version} allows ordermux-croissant {bound}, which is not at the index: "
    assert f"{needs}publish it first, by `nox -s publish -- croissant`" == told


def test_an_upload_that_broke_off_is_finished(checkout: Path, empty: Server) -> None:
    """What is there is left alone where it is the same, and refused where it is not."""
    sdist, wheel = package_of("zephyr", checkout).archives
    shutil.copy(checkout / "dist" / sdist, empty.folder)
    assert [wheel] == upload(checkout, "zephyr", empty.url)
    (empty.folder / wheel).unlink()
    (empty.folder / sdist).write_bytes(b"another")
    with pytest.raises(ReleaseError) as refused:
        upload(checkout, "zephyr", empty.url)
    assert AGAIN == str(refused.value)


def test_a_check_uploads_nothing(checkout: Path, empty: Server, tmp_path: Path) -> None:
    """The workflow asks beforehand, and keeps what the changelog says."""
    notes = tmp_path / "notes.md"
    done = publish(checkout, f"zephyr-v{VERSION}", empty.url, "--check", "--notes", str(notes))
    assert (0, f"ordermux-zephyr {VERSION} can be published\n") == (done.returncode, done.stdout)
    assert [] == list(empty.folder.iterdir())
    text = (checkout / "openapi/zephyr/CHANGELOG.md").read_text()
    assert notes.read_text() == text.split(f"## {VERSION} ({DATE})\n\n")[1].split("\n\n## ")[0].strip() + "\n"


# An index that fails.


@pytest.fixture(scope="module")
def broken() -> Iterator[str]:
    """Give the address of an index that fails in as many ways as there are paths."""
    with failing() as address:
        yield address


@pytest.fixture
def silent(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test in which something is printed or logged."""
    yield
    assert ("", "", []) == (*capfd.readouterr(), caplog.get_records("call"))


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("500", "{place} failed (500 said by the index to ***): try again later"),
        ("upload-500", "{place} failed (500 said by the index to ***): try again later"),
        ("403", "{place} wants other credentials (403 said by the index to ***): those of TWINE_USERNAME and "),
        ("upload-400", "{place} refused it (400 said by the index to ***)"),
        ("404", "{place} refused it (404 said by the index to ***)"),
        ("upload-409", f"{AGAIN}; it answered 409 said by the index to ***"),
        ("upload-302", "{place} is no package index, or not at that path: RedirectDetected"),
        ("zip", "{place} is no package index, or not at that path: UnsupportedContentTypeError"),
    ],
)
@pytest.mark.usefixtures("silent")
def test_an_index_that_fails_is_told_from_one_that_refuses(checkout: Path, broken: str, path: str, told: str) -> None:
    """Clearly, and without a credential, even where the index says it."""
    with pytest.raises(ReleaseError) as refused:
        upload(checkout, "zephyr", f"{broken}/{path}")
    assert str(refused.value).startswith(told.format(place=broken.removeprefix("http://")))


def test_a_list_elsewhere_is_not_told_the_credentials(checkout: Path, broken: str) -> None:
    """They are the index's own."""
    environ = {"TWINE_USERNAME": USER, "TWINE_PASSWORD": PASSWORD}
    Broken.authorizations.clear()
    for address in ("https://upload.example.org/", broken):
        index = Index.of(address, f"{broken}/200/", environ)
        assert 2 == len(publishing.wanting(package_of("zephyr", checkout), checkout / "dist", index))
    there, here = Broken.authorizations
    assert there is None
    assert here is not None


@pytest.mark.parametrize(
    ("username", "password", "told"),
    [
        (USER, "another-secret", "(403 Forbidden): those of TWINE_USERNAME and TWINE_PASSWORD are not right"),
        ("", "", "(401 Unauthorized): set TWINE_USERNAME and TWINE_PASSWORD"),
    ],
    ids=["wrong", "none"],
)
def test_wrong_credentials_are_told_from_none(
    checkout: Path, empty: Server, username: str, password: str, told: str
) -> None:
    """It is said which variables hold them, and not what they hold."""
    with pytest.raises(ReleaseError) as refused:
        upload(checkout, "zephyr", empty.url, username, password)
    assert f"{empty.url.removeprefix('http://')} wants other credentials {told}" == str(refused.value)


def test_an_index_that_is_not_there_is_said_to_be_so(checkout: Path) -> None:
    """Nothing listens."""
    with kept_port() as port:
        told = f"nothing answers at 127.0.0.1:{port}: is the index's address right, and does it run?"
        assert told == refusal(publish(checkout, "zephyr", f"http://127.0.0.1:{port}"))


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (f"https://{USER}:{PASSWORD}@example.org/", "credentials go into TWINE_USERNAME and TWINE_PASSWORD, not into "),
        ("http://example.org/", "http://example.org/: an index is reached by https, unless it is on this machine"),
        ("", "no index is given: add --index URL, or set TWINE_REPOSITORY_URL"),
    ],
)
def test_an_address_that_would_show_credentials_is_refused(checkout: Path, address: str, told: str) -> None:
    """Nothing is sent."""
    assert refusal(publish(checkout, "zephyr", address, TWINE_REPOSITORY_URL="")).startswith(told)


# What is not ready is not published.


def again(root: Path) -> None:
    """Commit what was changed, and give that the tag."""
    commit(root)
    git(root, "tag", "--force", f"zephyr-v{VERSION}")


def test_what_is_ready_has_no_problem(checkout: Path) -> None:
    """Neither a compiled package nor the facade."""
    dist = checkout / "dist"
    assert [] == problems(package_of("zephyr", checkout), dist) + problems(package_of(FACADE, checkout), dist)


def test_a_tag_of_another_commit_is_told(clone: Path) -> None:
    """It cannot be made again, so the advice is another."""
    commit(clone)
    told = f"zephyr-v{VERSION} is another commit: check that out, or raise info.version in openapi/zephyr.yaml"
    assert [told] == problems(package_of("zephyr", clone), clone / "dist")


def test_what_is_not_finished_is_not_published(clone: Path) -> None:
    """Not committed, not tagged, not dated, not built: each is said, with what to do."""
    (clone / "more.txt").write_text("x")
    git(clone, "tag", "--delete", f"zephyr-v{VERSION}")
    edit(clone, "openapi/zephyr/CHANGELOG.md", f"({DATE})", "(unreleased)")
    edit(clone, "generated/zephyr/CHANGELOG.md", f"({DATE})", "(unreleased)")
    shutil.rmtree(clone / "dist")
    sdist, wheel = package_of("zephyr").archives
    dated = f"its heading is `## {VERSION} (DATE)`"
    assert [
        "not committed: generated/zephyr/CHANGELOG.md, openapi/zephyr/CHANGELOG.md, more.txt",
        f"this commit has no tag zephyr-v{VERSION}: run `git tag -a zephyr-v{VERSION} -m zephyr-v{VERSION}`",
        f"openapi/zephyr/CHANGELOG.md does not say when {VERSION} is released: {dated}",
        f"dist/ has no {sdist} and no {wheel}: run `nox -s build -- zephyr`",
    ] == problems(package_of("zephyr", clone), clone / "dist")


def test_what_is_not_from_the_sources_is_not_published(clone: Path) -> None:
    """Neither a package that its document does not give, nor archives that the package does not give."""
    edit(clone, "generated/zephyr/README.md", "ZephyrCart", "Zephyr")
    again(clone)
    sdist, _ = package_of("zephyr").archives
    members = ", ".join(f"{sdist.removesuffix('.tar.gz')}/{name}" for name in ("PKG-INFO", "README.md"))
    assert [
        "generated/zephyr is not what the document gives: run `nox -s generate -- zephyr`",
        f"dist/{sdist}: it is not what the sources give now: {members}: run `nox -s build -- zephyr`",
    ] == problems(package_of("zephyr", clone), clone / "dist")


def test_a_version_of_which_the_changelog_says_nothing_is_not_published(clone: Path) -> None:
    """What another version changed does not do."""
    for name in ("openapi/zephyr/CHANGELOG.md", "generated/zephyr/CHANGELOG.md"):
        edit(clone, name, f"## {VERSION} (", "## 9.9.9 (")
    again(clone)
    told = "tell below a heading of it what it changes for users"
    found = problems(package_of("zephyr", clone), clone / "dist")
    assert f"openapi/zephyr/CHANGELOG.md says nothing of {VERSION}: {told}" in found
