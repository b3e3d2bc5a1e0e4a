"""Django's runserver, and gunicorn alone, behind nginx and behind Apache."""

from __future__ import annotations

import functools
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, NoReturn

import pytest

from tests.servers import ROOT, Server, migrate, run_gunicorn

_MODULES: Final = Path("/usr/lib/apache2/modules")
"""Where Debian keeps what Apache loads."""

# The largest body is nginx's own business: by default it takes 1 MB.
_NGINX: Final = """
daemon off;
master_process off;
pid {directory}/pid;
error_log {directory}/log;
events {{}}
http {{
  access_log off;
  client_max_body_size 8m;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://127.0.0.1:{upstream};
      proxy_set_header Host $http_host;
      {directives}
    }}
  }}
}}
"""
UNBUFFERED: Final = "proxy_http_version 1.1; proxy_request_buffering off;"
"""What lets a body through nginx as it comes."""

# As root it would run as nobody in particular, and not start.
_APACHE: Final = """
ServerName localhost
ServerRoot {directory}
DefaultRuntimeDir {directory}
PidFile {directory}/pid
ErrorLog {directory}/log
User www-data
Group www-data
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_http_module {modules}/mod_proxy_http.so
Listen 127.0.0.1:{port}
ProxyPreserveHost On
ProxyPass / http://127.0.0.1:{upstream}/
"""


class Servers:
    """The servers by their names, with one database; each is started once asked for."""

    def __init__(self, directory: Path, stack: ExitStack) -> None:
        self.directory = directory
        self.stack = stack
        self.environment = migrate(directory)
        self.ports: dict[str, int] = {}

    @functools.cached_property
    def gunicorn(self) -> Server:
        """The one that is behind the proxies."""
        directory = self._make_directory("gunicorn")
        running = run_gunicorn(directory, self.environment)
        return self.stack.enter_context(running)

    def get_url(self, name: str, path: str = "/api/tags/bulk/") -> str:
        """Return where a server has a route."""
        if name == "gunicorn":
            return f"http://127.0.0.1:{self.gunicorn.port}{path}"
        if name not in self.ports:
            self.ports[name] = self._run(name)
        return f"http://127.0.0.1:{self.ports[name]}{path}"

    def _run(self, name: str) -> int:
        directory = self._make_directory(name)
        if name == "runserver":
            running = run_runserver(directory, self.environment)
        else:
            running = PROXIES[name](directory, self.gunicorn.port)
        return self.stack.enter_context(running)

    def _make_directory(self, name: str) -> Path:
        directory = self.directory / name
        directory.mkdir(exist_ok=True)
        return directory


@contextmanager
def run_runserver(directory: Path, environment: dict[str, str]) -> Iterator[int]:
    """Run Django's own server, and return the port that it found."""
    log = directory / "log"
    command = [sys.executable, "-m", "django", "runserver", "--noreload", "127.0.0.1:0"]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=output
        ) as process,
        ending(process),
    ):
        told = re.compile(r"http://127\.0\.0\.1:(\d+)/")
        wait_until(lambda: told.search(log.read_text()), process, log)
        found = told.search(log.read_text())
        assert found
        yield int(found[1])
    assert "Traceback" not in log.read_text()


@contextmanager
def run_nginx(directory: Path, upstream: int, directives: str = "") -> Iterator[int]:
    """Run nginx before the server at a port, and return its own port."""
    port, log = get_free_port(), directory / "log"
    config = directory / "nginx.conf"
    config.write_text(
        _NGINX.format(
            directory=directory, port=port, upstream=upstream, directives=directives
        )
    )
    command = ["-p", str(directory), "-c", str(config), "-e", str(log)]
    with run_proxy("nginx", command, port, log):
        yield port


@contextmanager
def run_apache(directory: Path, upstream: int) -> Iterator[int]:
    """Run Apache before the server at a port, and return its own port."""
    port, log = get_free_port(), directory / "log"
    config = directory / "apache.conf"
    config.write_text(
        _APACHE.format(
            directory=directory, port=port, upstream=upstream, modules=_MODULES
        )
    )
    with run_proxy("apache2", ["-f", str(config), "-DFOREGROUND"], port, log):
        yield port


PROXIES: Final = {
    "nginx": run_nginx,
    "nginx-unbuffered": functools.partial(run_nginx, directives=UNBUFFERED),
    "apache": run_apache,
}


@contextmanager
def run_proxy(name: str, command: list[str], port: int, log: Path) -> Iterator[None]:
    """Run a program, from when it listens at its port."""
    with subprocess.Popen([find(name), *command]) as process, ending(process):
        wait_until(lambda: is_open(port), process, log)
        yield


@contextmanager
def ending(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End a process, whatever happens."""
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_until(
    ready: Callable[[], object], process: subprocess.Popen[bytes], log: Path
) -> None:
    """Wait until a process is ready; fail with its log if it never is."""
    deadline = time.monotonic() + 60
    while not ready():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.02)


def get_free_port() -> int:
    """Return a port of the loopback interface that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def is_open(port: int) -> bool:
    """Whether somebody listens at a port of the loopback interface."""
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def find(program: str) -> str:
    """Return where a program is."""
    # Users other than root have no `sbin` in their path.
    path = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin")
    return path or miss(program)


def miss(what: str) -> NoReturn:
    """Skip where something is missing, but not where everything must be there."""
    if "CI" in os.environ:
        pytest.fail(f"CI has no {what}; `.ci/run` installs it.")
    pytest.skip(f"There is no {what}.")
