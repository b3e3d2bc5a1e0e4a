"""Django's own server, with threads, in this process and on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from errno import EADDRINUSE
from threading import Thread
from typing import Final

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

from demo_project.wsgi import application

HOST: Final = "127.0.0.1"


@contextmanager
def serve(port: int) -> Iterator[str]:
    """Serve the project while the context lasts; yield its address.

    Where the port is taken, another one that is free.
    """
    server = get_server(port)
    server.set_app(StaticFilesHandler(application))
    thread = Thread(target=server.serve_forever, name="server", daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def get_server(port: int) -> ThreadedWSGIServer:
    """Return a server that is bound, but does not serve yet."""
    try:
        return ThreadedWSGIServer((HOST, port), WSGIRequestHandler)
    except OSError as error:
        if error.errno != EADDRINUSE:
            raise
    return ThreadedWSGIServer((HOST, 0), WSGIRequestHandler)
