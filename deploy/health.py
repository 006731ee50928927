"""The healthchecks of compose: exit code 0 or 1, and a line that says why.

    health.py web                the web server answers and reaches its database
    health.py worker web:8000    a worker lives as well, according to the web server there

`/salud/` itself answers 503 without a living worker. That is right for a monitor, but a web server
without a worker still has pages to show.
"""

import http.client
import json
import os
import sys
from typing import Any

SECONDS = 5.0
HERE = "127.0.0.1:8000"


def main(arguments: list[str]) -> int:
    asked, address = arguments[0], (arguments[1:] or [HERE])[0]
    try:
        state = health(address)
    except (OSError, http.client.HTTPException, ValueError) as problem:
        print(f"{address} does not say how it is: {problem!r}")
        return 1
    is_well = state["database"] == "ok" and (asked == "web" or state["workers"] > 0)
    print(json.dumps(state))
    return 0 if is_well else 1


def health(address: str) -> Any:
    """Return the JSON of `/salud/` there. Raises OSError, HTTPException or ValueError."""
    connection = http.client.HTTPConnection(address, timeout=SECONDS)
    try:
        connection.request("GET", "/salud/", headers={"Host": allowed_host()})
        answer = connection.getresponse().read()
    finally:
        connection.close()
    return json.loads(answer)


def allowed_host() -> str:
    """Return a name of ALLOWED_HOSTS; requests under another name are refused."""
    first = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().removeprefix(".")
    return "localhost" if first in {"", "*"} else first


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
