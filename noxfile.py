"""Every task of the project; `nox --list` is the menu."""

from __future__ import annotations

import tempfile
from pathlib import Path

import nox

nox.needs_version = ">=2026.4"
nox.options.sessions = ["demo"]
nox.options.error_on_external_run = True

ROOT = Path(__file__).parent
PROVIDERS = sorted(path.stem for path in ROOT.glob("openapi/*.yaml"))
GROUPS = nox.project.load_toml("pyproject.toml")
COMPILER = ("python", "-m", "compiler")
COMPILER_ENV = {"PYTHONPATH": "openapi"}
RELEASE = ("python", "-m", "release")


def _install(session: nox.Session, *groups: str, packages: bool = True) -> None:
    """Install dependency groups with the packages as they lie here, or without, pinned as the compiler wants."""
    wanted = [requirement for group in groups for requirement in nox.project.dependency_groups(GROUPS, group)]
    if packages:
        wanted += [f"--editable=generated/{provider}" for provider in PROVIDERS]
        wanted += ["--editable=facade[asgi,cli,demo,redis]"]
    else:
        wanted += ["--constraint=openapi/compiler/constraints.txt"]
    session.install(*wanted)


@nox.session
def generate(session: nox.Session) -> None:
    """Compile the documents into packages: all, or those named after --."""
    _install(session, "compiler", packages=False)
    session.run(*COMPILER, "generate", *session.posargs, env=COMPILER_ENV)


@nox.session
def drift(session: nox.Session) -> None:
    """Fail where generated/ is not what the documents give, new and deleted files included."""
    _install(session, "compiler", packages=False)
    session.run(*COMPILER, "drift", *session.posargs, env=COMPILER_ENV)


@nox.session
def lint(session: nox.Session) -> None:
    """Check the documents by the rules of openapi/README.md, the code by ruff, and the workflows by zizmor."""
    _install(session, "lint", packages=False)
    session.run(*COMPILER, "lint", env=COMPILER_ENV)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("zizmor", "--offline", "--pedantic", "--strict-collection", ".github")


@nox.session
def basis(session: nox.Session) -> None:
    """Print how well sourced each document is: documented, public or guessed."""
    _install(session, "compiler", packages=False)
    session.run(*COMPILER, "basis", *session.posargs, env=COMPILER_ENV)


@nox.session
def sources(session: nox.Session) -> None:
    """Tell which of the providers' pages changed, and what rests on them; `-- --from DIR` reads saved ones."""
    _install(session, "sources")
    session.run("python", "-m", "sources", *session.posargs, env=COMPILER_ENV)


@nox.session
def changes(session: nox.Session) -> None:
    """Tell what changed since the last releases and the least versions; `-- --draft zephyr` drafts the entry."""
    _install(session, "changes", packages=False)
    _install(session)  # the facade, which tells what the words of a status mean
    session.run("python", "-m", "changes", *session.posargs, env=COMPILER_ENV)


@nox.session
def sizes(session: nox.Session) -> None:
    """Print how large the compiled code is, beside what the stock generators give."""
    _install(session, "compiler", packages=False)
    session.run("python", "tests/bench/sizes.py", env=COMPILER_ENV)


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of everything, compiled code included, by mypy and pyright, both strict."""
    _install(session, "types")
    packages = [f"generated/{provider}/ordermux_{provider}" for provider in PROVIDERS]
    session.run(
        "mypy",
        "openapi/changes",
        "openapi/compiler",
        "openapi/release",
        "openapi/sources",
        "facade/src/ordermux",
        *packages,
        "tests",
        "noxfile.py",
    )
    session.run("pyright", "--pythonpath", str(Path(session.bin) / "python"))


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests, a file at a time on each core; arguments after -- go to pytest."""
    _install(session, "tests")
    session.run("pytest", "--numprocesses=auto", "--dist=loadfile", *session.posargs)


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
        session.run("python", f"tests/faults/{table}.py", env={"PYTHONPATH": "openapi:tests"})


@nox.session
def contract(session: nox.Session) -> None:
    """Hold the emulator against the documents by schemathesis, and print which statuses were reached."""
    wanted = nox.project.dependency_groups(GROUPS, "contract")
    packages = [f"--editable=generated/{provider}" for provider in PROVIDERS]
    session.install(*wanted, *packages, "--editable=facade[emulator]")
    session.run("python", "-m", "contract_run", *session.posargs, env={"PYTHONPATH": "tests"})


@nox.session
def lead_time(session: nox.Session) -> None:
    """Print how long it takes from a changed document to five checked wheels."""
    _install(session, "release", "changes")
    session.run("python", "tests/bench/lead_time.py", env={"PYTHONPATH": "openapi:tests"})


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the facade against its peers, each ratio in one run; --quick after -- for a short one."""
    wanted = nox.project.dependency_groups(GROUPS, "bench")
    packages = [f"--editable=generated/{provider}" for provider in PROVIDERS]
    session.install(*wanted, *packages, "--editable=facade[all]")  # no more: httpx is slower beside rich and click
    session.run("python", "-m", "bench", *session.posargs, env={"PYTHONPATH": "tests"})


@nox.session
def build(session: nox.Session) -> None:
    """Make wheel and sdist of all packages, or of those named after --, in dist/: the same bytes twice, and checked."""
    _install(session, "release", packages=False)
    session.run(*RELEASE, "build", *session.posargs, env=COMPILER_ENV)


@nox.session
def publish(session: nox.Session) -> None:
    """Upload one package of dist/ to an index: `-- zephyr --index URL`; with --check only tell whether it is ready."""
    _install(session, "release", packages=False)
    session.run(*RELEASE, "publish", *session.posargs, env=COMPILER_ENV)


@nox.session(requires=["build"])
def wheels(session: nox.Session) -> None:
    """Install the wheels of dist/ alone, and run each README's examples and the demo with them."""
    with tempfile.TemporaryDirectory() as folder:  # outside of the checkout, so that nothing of it can be imported
        session.run("python", "-m", "venv", f"{folder}/empty")
        python = f"{folder}/empty/bin/python"
        compiled = [str(path) for path in ROOT.glob("dist/ordermux_*.whl")]
        facade = next(ROOT.glob("dist/ordermux-*.whl"))
        session.run(python, "-m", "pip", "install", "--quiet", *compiled, f"{facade}[demo]", external=True)
        session.chdir(folder)
        for provider in PROVIDERS:
            readme = ROOT / "generated" / provider / "README.md"
            session.run(python, str(ROOT / "tests" / "readme.py"), provider, str(readme), external=True)
        session.run(python, "-m", "ordermux.demo", external=True, silent=True)
        session.chdir(ROOT)


@nox.session
def system(session: nox.Session) -> None:
    """Run the tests that need the programs curl, uuidgen, redis-server and chromedriver."""
    _install(session, "tests")
    session.run("pytest", "--numprocesses=auto", "--dist=loadfile", "tests/system", *session.posargs)


@nox.session
def demo(session: nox.Session) -> None:
    """Walk an order through each provider's life, against the emulator; on a terminal, until Ctrl-C."""
    _install(session)
    session.run("python", "-m", "ordermux.demo", interrupt_timeout=10)
