"""`new`: a skeleton on which every command works at once, and which says what is still to be written."""

from __future__ import annotations

import os
import re
import sys
import tomllib
from pathlib import Path

import pytest

from ordermux_codegen.__main__ import main
from ordermux_codegen.compile.document import Document
from ordermux_codegen.compile.package import compile_package
from ordermux_codegen.lint.rules import lint
from support import warm_python
from support.type_checks import mypy

PAGE = "# The Shop API\n\nAll of it.\n\n## Orders\n\nAn order has an id.\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder that has nothing but the skeleton of a shop."""
    monkeypatch.chdir(tmp_path)
    assert 0 == main(["new", "shop", "--title", "The Shop", "--server", "https://api.the.shop/v2"])
    return tmp_path


def recorded(folder: Path) -> int:
    """Save the skeleton's page and record it; return the exit code."""
    (folder / "saved").mkdir()
    (folder / "saved" / "shop-docs.md").write_text(PAGE)
    return main(["sources", "shop", "--record", "--from", "saved"])


def written(folder: Path) -> Document:
    """Write all that the skeleton leaves to be written, and return the document."""
    for path in [folder / "openapi" / "shop.yaml", folder / "openapi" / "shop" / "README.md.jinja"]:
        path.write_text(path.read_text().replace("TODO: ", ""))
    return Document.load(folder / "openapi" / "shop.yaml")


def test_the_files_are_the_document_and_its_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are named, with the commands that come next."""
    monkeypatch.chdir(tmp_path)
    assert 0 == main(["new", "shop", "--server", "https://api.the.shop/v2"])
    names = ["openapi/shop/CHANGELOG.md", "openapi/shop/README.md.jinja", "openapi/shop.yaml"]
    printed = capsys.readouterr().out.splitlines()
    assert [f"{name}: written" for name in names] == printed[:-1]
    commands = ("sources shop --record", "lint shop", "generate shop")
    assert f"next: {', '.join(f'`ordermux-codegen {each}`' for each in commands)}" == printed[-1]
    assert ["https://api.the.shop/v2"] == [each.url for each in Document.load(tmp_path / names[2]).servers]


def test_the_commands_that_come_next_name_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """That was given, so that they run as they are printed."""
    monkeypatch.chdir(tmp_path)
    assert 0 == main(["new", "shop", "--documents", "apis"])
    printed = capsys.readouterr().out.splitlines()[-1]
    assert printed.endswith("`ordermux-codegen generate shop --documents apis`")
    assert 3 == printed.count(" --documents apis`")


def test_what_is_there_is_kept(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So that the texts of a document that exists can be written, and nothing is lost."""
    (folder / "openapi" / "shop.yaml").write_text("openapi: 3.1.0\n")
    (folder / "openapi" / "shop" / "CHANGELOG.md").unlink()
    capsys.readouterr()
    assert 0 == main(["new", "shop"])
    assert "openapi/shop.yaml: kept as it is\n" in capsys.readouterr().out
    assert "openapi: 3.1.0\n" == (folder / "openapi" / "shop.yaml").read_text()
    assert (folder / "openapi" / "shop" / "CHANGELOG.md").is_file()


@pytest.mark.parametrize("name", ["The Shop", "shop-one", "class", "2shop", "Shop"])
def test_a_name_that_no_package_can_have_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is written."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="2"):
        main(["new", name])
    assert f"{name}: a provider's name is one lower-case word" in capsys.readouterr().err
    assert [] == list(tmp_path.iterdir())


def test_lint_lists_what_is_to_be_written(folder: Path) -> None:
    """By file and line, the package's own texts too, and that no section is on record; no other rule is broken yet."""
    found = lint(Document.load(folder / "openapi" / "shop.yaml"))
    assert {"complete", "todo"} == {line.partition(":")[0] for line in found}
    assert ["page docs: has no sections; `ordermux-codegen sources --record` writes them"] == [
        line.split(": ", 2)[2] for line in found if line.startswith("complete")
    ]
    marks = sum(path.read_text().count("TODO") for path in folder.glob("openapi/**/*") if path.is_file())
    assert marks - 1 == sum(line.startswith("todo") for line in found)  # a comment of the document explains the word
    assert [] == [line for line in found if not re.match(r"\w+: openapi/shop(\.yaml|/README\.md\.jinja):\d+: ", line)]


@pytest.mark.slow
def test_its_pages_can_be_recorded_at_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing but the document is needed; the next run compares with what was recorded."""
    assert 0 == recorded(folder)
    assert ": 1 recorded for the first time." in capsys.readouterr().out
    assert ["The Shop API", "Orders"] == list(
        Document.load(folder / "openapi" / "shop.yaml").sources["docs"]["sections"]
    )
    assert 0 == main(["sources", "shop", "--from", "saved"])


def test_it_breaks_no_rule_once_it_is_written(folder: Path) -> None:
    """What the skeleton shows is as the rules want it."""
    recorded(folder)
    assert [] == lint(written(folder))


@pytest.mark.slow
def test_it_compiles_at_once(folder: Path) -> None:
    """Into a package that can be imported, with all that the skeleton has."""
    assert (0, 0) == (main(["generate", "shop"]), main(["drift"]))
    code = "from ordermux_shop import Client; from ordermux_shop.api.orders import list_orders; print(Client.__name__)"
    command = [sys.executable, "-c", f"import ordermux_shop.events; {code}"]
    done = warm_python.run(command, cwd=folder / "generated" / "shop")
    assert ("Client\n", "") == (done.stdout, done.stderr)


@pytest.mark.slow
def test_its_readme_has_every_operation_and_what_is_worth_knowing(folder: Path, tmp_path: Path) -> None:
    """The calls are code without an error of types; the blocks of the provider's own stand in their places."""
    document = written(folder)
    compile_package(document, tmp_path / "package")
    text = (tmp_path / "package" / "README.md").read_text()
    assert "list_orders.sync(client=client)" in text
    assert "\n## Install\n" in text.partition("what a user of The Shop should know first.")[2]
    assert text.endswith("- where pages disagree, and what they leave out.\n")
    (tmp_path / "readme.py").write_text(
        "\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))
    )
    done = mypy("../readme.py", cwd=tmp_path / "package")
    assert (0, "") == (done.returncode, done.stderr), done.stdout


@pytest.mark.slow
def test_the_adapter_is_a_package_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an entry point, its modules and a test by the conformance kit; each module is valid for the skeleton."""
    monkeypatch.chdir(tmp_path)
    assert 0 == main(["new", "shop", "--title", "The Shop", "--adapter", "adapter"])
    names = sorted(path.relative_to("adapter").as_posix() for path in Path("adapter").rglob("*") if path.is_file())
    modules = [
        f"ordermux_provider_shop/{name}.py" for name in ("__init__", "account", "adapter", "emulator", "webhooks")
    ]
    assert [*modules, "pyproject.toml", "test_shop.py"] == names
    project = tomllib.loads(Path("adapter/pyproject.toml").read_text())["project"]
    assert {"shop": "ordermux_provider_shop"} == project["entry-points"]["ordermux.providers"]
    assert 0 == main(["generate", "shop", "--out", "clients"])
    code = "import importlib, pkgutil, ordermux_provider_shop as p\n"
    code += "for m in pkgutil.iter_modules(p.__path__): importlib.import_module(f'{p.__name__}.{m.name}')\n"
    code += "from ordermux_provider_shop.account import ACCOUNT\n"
    code += "print(ACCOUNT(api_key='key').adapter().capabilities())"
    path = os.pathsep.join(["adapter", "clients/shop", *sys.path])
    ran = warm_python.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path})
    assert ("", "frozenset({<Operation.LIST: 'list'>})\n") == (ran.stderr, ran.stdout)


def test_the_adapter_conforms_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its document, so that each failure that its author sees is of what was written since."""
    monkeypatch.chdir(tmp_path)
    assert (0, 0) == (main(["new", "shop", "--adapter", "adapter"]), main(["generate", "shop", "--out", "clients"]))
    installed = tmp_path / "adapter" / "ordermux_provider_shop-0.1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: ordermux-provider-shop\nVersion: 0.1.0\n")
    (installed / "entry_points.txt").write_text("[ordermux.providers]\nshop = ordermux_provider_shop\n")
    ran = warm_python.run(
        [sys.executable, "-m", "pytest", "-q", "adapter/test_shop.py"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(["adapter", "clients/shop", *sys.path])},
    )
    assert 0 == ran.returncode, ran.stdout
