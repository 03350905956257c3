"""The command on any folder of documents: nothing of this repository is needed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from ordermux_codegen.__main__ import COMMANDS, main
from ordermux_codegen.release.building import build_once
from support import warm_python
from support.repository import package_of

DOCUMENT = """\
openapi: 3.1.0
info: {title: Parcels, summary: Parcels on their way., version: 2.0.0}
servers: [{url: "https://api.parcels.test/v2"}]
security: [{key: []}]
paths:
  /parcels/{code}/notes:
    post:
      operationId: addNote
      tags: [parcels]
      summary: Add a note to a parcel.
      parameters: [{name: code, in: path, required: true, schema: {type: string}, example: P-1}]
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/Note"}, example: {text: It's "here"}}}
      responses:
        "201": {description: The note., content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
        "404": {description: No parcel., content: {application/json: {schema: {$ref: "#/components/schemas/Error"}}}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key, x-client-argument: key}}
  schemas:
    Note: {type: object, required: [text], properties: {text: {type: string}}}
    Error: {type: object, properties: {message: {type: string}}}
"""
README = (
    "# ordermux-parcels\n\n```python\n{{ example_client(document) }}\n{{ example_call(document.operations[0]) }}\n```\n"
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the wheel's content, which has to do without the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build_once(package_of("codegen"), folder)
    with zipfile.ZipFile(folder / package_of("codegen").archives[1]) as wheel:
        wheel.extractall(folder / "installed")
    return folder / "installed"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with one document of somebody else's."""
    texts = tmp_path / "apis" / "parcels"
    texts.mkdir(parents=True)
    (tmp_path / "apis" / "parcels.yaml").write_text(DOCUMENT)
    (texts / "README.md.jinja").write_text(README)
    (texts / "CHANGELOG.md").write_text("# Changes\n\n## 2.0.0\n")
    return tmp_path


def run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a folder."""
    environ = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, "-m", "ordermux_codegen", *arguments]
    return warm_python.run(command, cwd=folder, env=environ)


PLACES = ("--documents", "apis", "--out", "clients")


@pytest.mark.slow
def test_a_document_of_somebody_elses_becomes_a_package(installed: Path, folder: Path) -> None:
    """It can be imported, says whose it is, and its README's call is what the document's example says."""
    (folder / "LICENSE").write_text("All yours.\n")
    (folder / "apis" / "package.toml").write_text(
        'license = "0BSD"\nauthors = [{ name = "Ada", email = "a@b.test" }]\n'
        'urls = { Homepage = "https://a.test", "Bug tracker" = "https://a.test/bugs" }\n'
    )
    done = run(installed, folder, "generate", *PLACES)
    assert (0, "clients/parcels: 19 changed files\n", "") == (done.returncode, done.stdout, done.stderr)
    package = folder / "clients" / "parcels"
    project = (package / "pyproject.toml").read_text()
    assert (
        'license = "0BSD"\nlicense-files = ["LICENSE"]\nauthors = [{ name = "Ada", email = "a@b.test" }]\n' in project
    )
    urls = tomllib.loads(project)["project"]["urls"]
    assert {"Homepage": "https://a.test", "Bug tracker": "https://a.test/bugs"} == urls
    assert "All yours.\n" == (package / "LICENSE").read_text()
    code = (
        (package / "README.md").read_text().split("```")[1].removeprefix("python").replace(".sync(", ".build_request(")
    )
    code = code.replace("client=client, ", "")
    shown = warm_python.run([sys.executable, "-c", code], cwd=package)
    assert "" == shown.stderr
    assert "/parcels/P-1/notes" in shown.stdout


@pytest.mark.slow
def test_the_other_commands_work_there_too(installed: Path, folder: Path) -> None:
    """Drift is found, and what breaks a rule is told by the file as it is called from there."""
    assert 0 == run(installed, folder, "generate", *PLACES).returncode
    assert (0, "") == ((done := run(installed, folder, "drift", *PLACES)).returncode, done.stderr)
    (folder / "clients" / "parcels" / "README.md").write_text("mine")
    done = run(installed, folder, "drift", *PLACES)
    cure = "clients/ is not what the documents give: change apis/, then run `ordermux-codegen generate`"
    assert f"clients/parcels/README.md: differs\n{cure}\n" == done.stderr
    done = run(installed, folder, "lint", "--documents", "apis")
    assert (1, "complete: apis/parcels.yaml:1: document: has no tags") == (done.returncode, done.stderr.splitlines()[0])


@pytest.mark.slow
def test_the_nearest_documents_are_found(installed: Path, folder: Path) -> None:
    """From any folder below them, without an option."""
    (folder / "apis").rename(folder / "openapi")
    (folder / "deep" / "down").mkdir(parents=True)
    assert 0 == run(installed, folder / "deep" / "down", "generate").returncode
    assert (folder / "generated" / "parcels" / "pyproject.toml").is_file()


@pytest.mark.slow
def test_without_documents_it_says_where_it_looked(installed: Path, tmp_path: Path) -> None:
    """And by which option they are named."""
    done = run(installed, tmp_path, "generate")
    assert 2 == done.returncode
    assert f"no openapi/*.yaml in {tmp_path} or above; name the folder by --documents DIR" in done.stderr


@pytest.mark.slow
def test_folders_that_were_not_compiled_are_left_alone(installed: Path, folder: Path) -> None:
    """Only a package whose document went is removed from the folder of packages."""
    assert 0 == run(installed, folder, "generate", *PLACES).returncode
    shutil.copytree(folder / "clients" / "parcels", folder / "clients" / "letters")
    (folder / "clients" / "notes").mkdir()
    (folder / "clients" / "notes" / "mine.txt").write_text("mine")
    assert "clients/letters: removed\n" in run(installed, folder, "generate", *PLACES).stdout
    assert ["notes", "parcels"] == sorted(path.name for path in (folder / "clients").iterdir())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('licence = "MIT"', "package.toml: Object contains unknown field `licence`"),
        ("license = 1", "package.toml: Expected `str`, got `int` - at `$.license`"),
        ("license", "package.toml: "),
    ],
)
def test_settings_that_no_package_can_have_are_told(installed: Path, folder: Path, text: str, problem: str) -> None:
    """By the file, without a traceback."""
    (folder / "apis" / "package.toml").write_text(text)
    done = run(installed, folder, "generate", *PLACES)
    assert 1 == done.returncode
    assert problem in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("library", "command", "extra"),
    [("bs4", "sources", "sources"), ("griffe", "changes", "changes"), ("twine", "build", "release")],
)
def test_a_command_whose_libraries_are_missing_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], library: str, command: str, extra: str
) -> None:
    """The compiler alone needs none of them."""
    subpackage, _ = COMMANDS[command]
    for name in [name for name in sys.modules if name.startswith(f"ordermux_codegen.{subpackage}")]:
        monkeypatch.delitem(sys.modules, name)
    for name in [name for name in sys.modules if name.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(SystemExit, match="2"):
        main([command])
    assert f"{command} needs {library}: pip install 'ordermux-codegen[{extra}]'" in capsys.readouterr().err
