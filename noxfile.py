"""Every task of the project; `nox --list` is the menu."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import nox

nox.needs_version = ">=2026.4"
nox.options.sessions = ["demo"]
nox.options.default_venv_backend = "uv|virtualenv"  # uv comes with nox[uv]; without it all is the same, and slower
nox.options.reuse_venv = "yes"
nox.options.error_on_external_run = True

ROOT = Path(__file__).parent
PROVIDERS = sorted(path.stem for path in ROOT.glob("openapi/*.yaml"))
GROUPS = nox.project.load_toml("pyproject.toml")
_VERSION = "import sys, venv; print(f'{sys.version_info.major}.{sys.version_info.minor}')"
CODEGEN = "--editable=openapi/codegen"
CODE = ["facade/src", *(f"generated/{provider}" for provider in PROVIDERS)]
"""Where what the tools ask the facade for lies here."""


def _wanted(*groups: str) -> list[str]:
    """Return dependency groups with the packages as they lie here, as arguments of pip install."""
    wanted = [requirement for group in groups for requirement in nox.project.dependency_groups(GROUPS, group)]
    wanted += [f"--editable=generated/{provider}" for provider in PROVIDERS]
    return [*wanted, "--editable=facade[asgi,cli,demo,redis]", f"{CODEGEN}[all]"]


def _install(session: nox.Session, *groups: str) -> None:
    """Install dependency groups with the packages as they lie here."""
    session.install(*_wanted(*groups))


def _stood_on() -> set[str]:
    """Return what the packages need of others, so that the tools run though a package cannot be installed."""
    wanted: list[str] = []
    for path in [ROOT / "facade" / "pyproject.toml", *ROOT.glob("generated/*/pyproject.toml")]:
        project = nox.project.load_toml(path)["project"]
        extras = project.get("optional-dependencies", {})
        wanted += [*project.get("dependencies", ()), *extras.get("emulator", ()), *extras.get("cli", ())]
    return {requirement for requirement in wanted if not requirement.startswith("ordermux")}


def _tool(session: nox.Session, *command: str) -> None:
    """Run a tool in the environment that all of them share, with the code as it lies here."""
    folder = session.cache_dir.parent / "tools" / "bin"
    path = os.pathsep.join([str(folder), os.environ["PATH"]])
    environment = {"PYTHONPATH": os.pathsep.join(CODE), "PATH": path, "VIRTUAL_ENV": str(folder.parent)}
    session.run(str(folder / command[0]), *command[1:], env=environment, external=True)


def _other_pythons() -> dict[str, str]:
    """Return the interpreter of each other Python from 3.11 on, by its version.

    Each is found by running it: what stands on the path may be a shim of a Python that is not installed.
    """
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    folders = [*map(Path, os.environ["PATH"].split(os.pathsep)), *sorted(pyenv.glob("versions/*/bin"))]
    found: dict[str, str] = {}
    for python in [folder / f"python3.{minor}" for folder in folders for minor in range(11, 20)]:
        if not python.is_file():
            continue
        command = [str(python), "-c", _VERSION]
        told = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - of the user's PATH
        if told.returncode == 0:
            found.setdefault(told.stdout.strip(), str(python))
    return {version: path for version, path in found.items() if version != f"3.{sys.version_info.minor}"}


@nox.session
def tools(session: nox.Session) -> None:
    """Make the environment that the tasks on documents and releases share; they do so themselves."""
    wanted = {*nox.project.dependency_groups(GROUPS, "lint"), *_stood_on()}
    constraints = "openapi/codegen/src/ordermux_codegen/compile/constraints.txt"
    session.install(f"{CODEGEN}[all]", *sorted(wanted), f"--constraint={constraints}")
    session.install("--no-deps", "--editable=facade")  # whose entry points say which providers there are


@nox.session(requires=["tools"], venv_backend="none")
def new(session: nox.Session) -> None:
    """Write the skeleton of a provider's document and texts: `-- shop --page URL`."""
    _tool(session, "ordermux-codegen", "new", *session.posargs)


@nox.session(requires=["tools"], venv_backend="none")
def generate(session: nox.Session) -> None:
    """Compile the documents into packages, types checked: all, or those named after --."""
    _tool(session, "ordermux-codegen", "generate", "--types", *session.posargs)


@nox.session(requires=["tools"], venv_backend="none")
def drift(session: nox.Session) -> None:
    """Fail where generated/ is not what the documents give, new and deleted files included."""
    _tool(session, "ordermux-codegen", "drift", *session.posargs)


@nox.session(requires=["tools"], venv_backend="none")
def lint(session: nox.Session) -> None:
    """Check the documents by their rules, the code by ruff, its layers by import-linter, the workflows by zizmor."""
    _tool(session, "ordermux-codegen", "lint")
    _tool(session, "ruff", "check", ".")
    _tool(session, "ruff", "format", "--check", ".")
    _tool(session, "lint-imports", "--no-cache", "--no-logo")
    _tool(session, "zizmor", "--offline", "--pedantic", "--strict-collection", ".github")


@nox.session(requires=["tools"], venv_backend="none")
def basis(session: nox.Session) -> None:
    """Print how well sourced each document is: documented, observed, public or guessed."""
    _tool(session, "ordermux-codegen", "basis", *session.posargs)


@nox.session(requires=["tools"], venv_backend="none")
def sources(session: nox.Session) -> None:
    """Tell which of the providers' pages changed, and what depends on them; `-- --from DIR` reads saved ones."""
    _tool(session, "ordermux-codegen", "sources", *session.posargs)


@nox.session(requires=["tools"], venv_backend="none")
def changes(session: nox.Session) -> None:
    """Tell what changed since the last releases and the least versions; `-- --draft zephyr` drafts the entry."""
    _tool(session, "ordermux-codegen", "changes", *session.posargs)


@nox.session(name="import", requires=["tools"], venv_backend="none")
def import_document(session: nox.Session) -> None:
    """Import a provider's published document: `-- <p> SPEC [--tag T] [--operation ID]`; docs/importing.md."""
    _tool(session, "ordermux-codegen", "import", *session.posargs)


@nox.session(requires=["tools"], venv_backend="none")
def compare(session: nox.Session) -> None:
    """Tell what a newer published document says otherwise than the imported one: `-- <p> SPEC`."""
    _tool(session, "ordermux-codegen", "compare", *session.posargs)


@nox.session(requires=["tools"], venv_backend="none")
def sizes(session: nox.Session) -> None:
    """Print how large the compiled code is, beside what the stock generators give."""
    _tool(session, "python", "tests/bench/sizes.py")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of everything, compiled code included, by mypy and pyright, both strict."""
    _install(session, "types")
    packages = [f"generated/{provider}/ordermux_{provider}" for provider in PROVIDERS]
    session.run(
        "mypy",
        "openapi/codegen/src/ordermux_codegen",
        "facade/src/ordermux",
        *packages,
        "tests",
        "noxfile.py",
    )
    session.run("pyright", "--pythonpath", str(Path(session.bin) / "python"))


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests on all cores; arguments after -- go to pytest."""
    _install(session, "tests")
    session.run("pytest", "--numprocesses=auto", "--dist=worksteal", *session.posargs)


@nox.session
def quick(session: nox.Session) -> None:
    """Run the tests that are not marked slow, on all cores: about a minute; arguments after -- go to pytest."""
    _install(session, "tests")
    session.run("pytest", "--numprocesses=auto", "--dist=worksteal", "-m", "not slow", *session.posargs)


@nox.session(venv_backend="none")
def pythons(session: nox.Session) -> None:
    """Run the tests of the facade, the providers and the contract on each other Python that is installed."""
    found = _other_pythons()
    session.log(f"other Pythons from 3.11 on: {', '.join(found) or 'none'}")
    for version, python in found.items():
        home = ROOT / ".nox" / f"python-{version}"
        session.run(python, "-m", "venv", str(home), external=True)
        session.run(f"{home}/bin/python", "-m", "pip", "install", "--quiet", *_wanted("tests"), external=True)
        suites = [
            *("tests/codegen/compile", "tests/engine", "tests/facade", "tests/providers", "tests/resources"),
            *("tests/typed_clients", "tests/webhooks"),
        ]
        pytest = [f"{home}/bin/python", "-m", "pytest", "--numprocesses=auto", "--dist=worksteal"]
        session.run(*pytest, *(session.posargs or suites), external=True)


@nox.session
def coverage(session: nox.Session) -> None:
    """Run the tests and tell which branches of the facade they leave out."""
    _install(session, "tests")
    session.run("pytest", "--cov=ordermux", "--cov-branch", "--cov-report=term-missing:skip-covered", *session.posargs)


@nox.session
def matrix(session: nox.Session) -> None:
    """Print what works where, and what comes of each change at each fault: done once, refused or not known."""
    _install(session, "tests")
    for table in ("test_matrix", "test_effect_grid"):
        session.run("python", f"tests/faults/{table}.py", env={"PYTHONPATH": "tests"})


@nox.session
def contract(session: nox.Session) -> None:
    """Hold the emulator against the documents by schemathesis, and print which statuses were reached."""
    wanted = nox.project.dependency_groups(GROUPS, "contract")
    packages = [f"--editable=generated/{provider}" for provider in PROVIDERS]
    session.install(*wanted, *packages, "--editable=facade[emulator]")
    session.run("python", "-m", "contract_run", *session.posargs, env={"PYTHONPATH": "tests"})


@nox.session
def lead_time(session: nox.Session) -> None:
    """Print how long it takes from a changed document to checked wheels."""
    _install(session)
    session.run("python", "tests/bench/lead_time.py", env={"PYTHONPATH": "tests"})


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the facade against its peers, each ratio in one run; --quick after -- for a short one."""
    wanted = nox.project.dependency_groups(GROUPS, "bench")
    packages = [f"--editable=generated/{provider}" for provider in PROVIDERS]
    session.install(*wanted, *packages, "--editable=facade[all]")  # no more: httpx is slower beside rich and click
    session.run("python", "-m", "bench", *session.posargs, env={"PYTHONPATH": "tests"})


@nox.session(requires=["tools"], venv_backend="none")
def build(session: nox.Session) -> None:
    """Make wheel and sdist of all packages, or of those named after --, in dist/: the same bytes twice, and checked."""
    _tool(session, "ordermux-codegen", "build", *session.posargs)


@nox.session(requires=["tools"], venv_backend="none")
def publish(session: nox.Session) -> None:
    """Upload one package of dist/ to an index: `-- zephyr --index URL`; with --check only tell whether it is ready."""
    _tool(session, "ordermux-codegen", "publish", *session.posargs)


@nox.session(requires=["build"])
def wheels(session: nox.Session) -> None:
    """Install the wheels of dist/ alone, and run each README's examples, the demo and the compiler with them."""
    with tempfile.TemporaryDirectory() as folder:  # outside of the checkout, so that nothing of it can be imported
        session.run("python", "-m", "venv", f"{folder}/empty")
        python = f"{folder}/empty/bin/python"
        compiled = [str(next(ROOT.glob(f"dist/ordermux_{provider}-*.whl"))) for provider in PROVIDERS]
        facade = next(ROOT.glob("dist/ordermux-*.whl"))
        session.run(python, "-m", "pip", "install", "--quiet", *compiled, f"{facade}[demo]", external=True)
        session.chdir(folder)
        for provider in PROVIDERS:
            readme = ROOT / "generated" / provider / "README.md"
            session.run(python, str(ROOT / "tests" / "readme.py"), provider, str(readme), external=True)
        session.run(python, "-m", "ordermux.demo", external=True, silent=True)
        session.run("python", "-m", "venv", f"{folder}/codegen")
        codegen = str(next(ROOT.glob("dist/ordermux_codegen-*.whl")))
        session.run(f"{folder}/codegen/bin/python", "-m", "pip", "install", "--quiet", codegen, external=True)
        session.run(f"{folder}/codegen/bin/ordermux-codegen", "new", "shop", external=True)
        session.run(f"{folder}/codegen/bin/ordermux-codegen", "generate", "shop", external=True)
        session.chdir(ROOT)


@nox.session
def site(session: nox.Session) -> None:
    """Build the site in .site/, strictly, and check its links, and that it loads nothing from a network."""
    session.install(*nox.project.dependency_groups(GROUPS, "site"))
    session.run("zensical", "build", "--clean", "--strict")
    session.run("python", "tests/site_check.py", ".site")


@nox.session
def system(session: nox.Session) -> None:
    """Run the tests that need the programs curl, uuidgen, redis-server and chromedriver, or other libraries."""
    _install(session, "tests", "system")
    session.run("pytest", "--numprocesses=auto", "--dist=loadfile", "tests/system", *session.posargs)


@nox.session
def demo(session: nox.Session) -> None:
    """Walk an order through each provider's life, against the emulator; on a terminal, until Ctrl-C."""
    _install(session)
    session.run("python", "-m", "ordermux.demo", interrupt_timeout=10)
