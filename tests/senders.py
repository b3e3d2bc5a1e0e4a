"""curl, PHP and requests, as everybody's documentation shows them.

None names a media type that says anything: curl and PHP send a form's, requests none.
"""

from __future__ import annotations

import functools
import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from http.client import parse_headers
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import requests

from tests.proxies import find, miss
from tests.xml import D, get_facts, get_json_facts, parse

PHP: Final = """
[, $url, $method, $file] = $argv;
$ch = curl_init($url);
curl_setopt($ch, CURLOPT_CUSTOMREQUEST, $method);
curl_setopt($ch, CURLOPT_POSTFIELDS, file_get_contents($file));
curl_setopt($ch, CURLOPT_HTTPHEADER, array_slice($argv, 4));
curl_setopt($ch, CURLOPT_HEADER, true);
curl_setopt($ch, CURLOPT_RETURNTRANSFER, true);
echo curl_exec($ch);
fwrite(STDERR, curl_error($ch));
"""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Any
    content: bytes
    interim: tuple[int, ...] = ()
    """The statuses of the answers before it (RFC 9110 15.2)."""

    @property
    def media_type(self) -> str:
        """What it is written in."""
        media_type: str = self.headers["Content-Type"].partition(";")[0]
        return media_type

    @property
    def refusal(self) -> tuple[int, str, str | None]:
        """The status of a refusal, what it is written in, and its sentence."""
        match self.media_type:
            case "application/json":
                detail = json.loads(self.content)["detail"]
            case "application/xml":
                detail = parse(self.content).findtext(f"{D}responsedescription")
            case _:  # a page of the proxy's own
                detail = self.content.decode()
        return self.status, self.media_type, detail

    @property
    def statuses(self) -> list[int]:
        """The statuses of the operations that a MultiStatus tells of."""
        assert self.status == 207, self.content
        if self.media_type == "application/json":
            facts = get_json_facts(json.loads(self.content))
        else:
            facts = get_facts(self.content)
        return [each["status"] for each in facts["results"]]


def send_by_curl(url: str, body: Path, *headers: str, method: str = "POST") -> Answer:
    """As `curl -d @file URL`."""
    command = ["-q", "-sS", "--include", "--data", f"@{body}", url]
    command += [each for header in headers for each in ("--header", header)]
    if method != "POST":
        command += ["--request", method]
    return run("curl", *command)


def send_by_php(url: str, body: Path, *headers: str, method: str = "POST") -> Answer:
    """As `curl_setopt($ch, CURLOPT_POSTFIELDS, $xml)`."""
    if b"curl" not in list_php_modules():
        miss("php-curl")
    return run("php", "-r", PHP, "--", url, method, str(body), *headers)


def send_by_requests(
    url: str, body: Path, *headers: str, method: str = "POST"
) -> Answer:
    """As `requests.post(url, data=open(file, "rb"))`."""
    split = dict(header.split(": ", 1) for header in headers)
    with body.open("rb") as file:
        response = requests.request(method, url, data=file, headers=split, timeout=60)
    return Answer(response.status_code, response.headers, response.content)


SENDERS: Final[dict[str, Callable[..., Answer]]] = {
    "curl": send_by_curl,
    "php": send_by_php,
    "requests": send_by_requests,
}


@functools.cache
def list_php_modules() -> list[bytes]:
    """List what PHP has been built or installed with."""
    return subprocess.check_output([find("php"), "-m"], timeout=60).split()


def run(program: str, *arguments: str) -> Answer:
    """Read the answer that a program prints, with its headers."""
    command = [find(program), *arguments]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    stream = BytesIO(done.stdout)
    interim: list[int] = []
    while (status := _read_status(stream)) < 200:
        interim.append(status)
        parse_headers(stream)
    headers = parse_headers(stream)
    return Answer(status, headers, stream.read(), tuple(interim))


def _read_status(stream: BytesIO) -> int:
    return int(stream.readline().split()[1])
