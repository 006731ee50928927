"""`make run`: the site, a worker and the simulator, in the foreground until Ctrl-C."""

import errno
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import NoReturn

import environ
from django.core.exceptions import ImproperlyConfigured

from census.parent_death import end_with_parent
from config.environment.declarations import Runner
from config.environment.kinds import BOOLEAN
from config.run.supervisor import Service, Supervisor

BASE_DIR = Path(__file__).resolve().parents[2]
LOGS = Path("var") / "logs"
HOST = "127.0.0.1"


def main(arguments: list[str]) -> int:
    """Run until stopped, and return the exit code. A problem is printed as one sentence."""
    if "--end-with-parent" in arguments:
        end_with_parent(os.getppid(), signal.SIGTERM)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop_before_start)
    os.chdir(BASE_DIR)
    environ.Env.read_env(BASE_DIR / ".env")
    try:
        return _run()
    except (ImproperlyConfigured, PortTaken) as problem:
        print(f"Configuration: {problem}", file=sys.stderr)
        return 1
    except PreparationFailed:
        return 1
    except KeyboardInterrupt:
        return 0


def _run() -> int:
    port, simulator_port = ports()
    address, simulator = f"http://{HOST}:{port}", f"http://{HOST}:{simulator_port}"
    environment = demo_environment(os.environ, simulator)
    prepare(environment)
    say("Starting the simulator, the web server and the worker; their logs are in var/logs.")
    return Supervisor(
        services=services(port, simulator_port),
        environment=environment,
        directory=BASE_DIR,
        last_line=f"Open {address}/",
        say=say,
    ).run()


def services(port: int, simulator_port: int) -> list[Service]:
    """Return the three processes of `make run`."""
    return [
        Service(
            name="simulator",
            command=_manage("simulator", "--port", str(simulator_port)),
            log=LOGS / "simulator.log",
            health_url=f"http://{HOST}:{simulator_port}/",
            stops_last=True,  # the worker needs it to finish the lookups in flight
        ),
        Service(
            name="worker",
            command=_manage("qcluster"),
            log=LOGS / "worker.log",
        ),
        Service(
            name="web",
            # Threads, because browsers open spare connections and send nothing on them: without a
            # proxy in front, a worker process without threads would wait for those.
            # The control socket has the same path for all projects of a user.
            command=(
                *(sys.executable, "-m", "gunicorn", "config.wsgi"),
                *("--bind", f"{HOST}:{port}", "--workers", "2", "--threads", "4"),
                "--no-control-socket",
            ),
            log=LOGS / "web.log",
            health_url=f"http://{HOST}:{port}/salud/",
        ),
    ]


def demo_environment(given: Mapping[str, str], simulator: str) -> dict[str, str]:
    """Return the environment of the processes: what is given, and defaults for a demo.

    The defaults for the captcha are the simulator's. They are left out where REGISTRADURIA_URL is
    another census: no token of the simulator may reach a real page, and no key of ours the
    simulator.
    """
    census = {
        "PYTHONUNBUFFERED": "1",  # a log can be read while it is written
        "DEBUG": "true",
        "REGISTRADURIA_URL": f"{simulator}/censo/consultar/",
    }
    captcha = {
        "CAPTCHA_SOLVER": "2captcha",
        "TWOCAPTCHA_URL": simulator,
        "TWOCAPTCHA_POLLING_SECONDS": "1",
    }
    if not given.get("TWOCAPTCHA_API_KEY_FILE", "").strip():
        captcha["TWOCAPTCHA_API_KEY"] = "demo"
    environment = _with_defaults(given, census)
    if environment["REGISTRADURIA_URL"].strip().startswith(f"{simulator}/"):
        environment = _with_defaults(environment, captcha)
    return environment


def _with_defaults(given: Mapping[str, str], defaults: Mapping[str, str]) -> dict[str, str]:
    """Add the defaults; an empty variable counts as not set, as it does for the settings."""
    missing = {name: value for name, value in defaults.items() if not given.get(name, "").strip()}
    return {**given, **missing}


class PortTaken(Exception):
    """Another program listens on the port; the message is a sentence."""


class PreparationFailed(Exception):
    """A command that must succeed before the start failed, and its output has been printed."""


def ports() -> tuple[int, int]:
    """Return PORT and SIMULATOR_PORT, both free. Raises ImproperlyConfigured or PortTaken."""
    port = Runner.PORT.read()
    simulator_port = Runner.SIMULATOR_PORT.read()
    if port == simulator_port:
        raise ImproperlyConfigured(f"PORT and SIMULATOR_PORT are both {port}: change one of them.")
    _require_free("PORT", port)
    _require_free("SIMULATOR_PORT", simulator_port)
    return port, simulator_port


def _require_free(name: str, port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # The servers do the same, so lingering connections of an earlier run are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as problem:
            taken = problem.errno == errno.EADDRINUSE
            reason = "is taken by another program" if taken else f"is no use: {problem.strerror}"
            raise PortTaken(
                f"{name}: port {port} {reason}. End that, or choose another port:"
                f" `{name}={port + 1} make run`."
            ) from None


def prepare(environment: Mapping[str, str]) -> None:
    """Check the configuration, migrate the database, and make the demo's people."""
    _must_succeed(environment, "check")
    _must_succeed(environment, "migrate", "--no-input")
    if BOOLEAN.parse(environment["DEBUG"].strip()):
        print(_must_succeed(environment, "seed_demo"), end="", flush=True)
    else:
        _must_succeed(environment, "collectstatic", "--no-input")


def _must_succeed(environment: Mapping[str, str], *arguments: str) -> str:
    """Return what `manage.py` printed.

    If it failed, print that to the standard error and raise PreparationFailed.
    """
    done = subprocess.run(
        [sys.executable, "-m", "config.run.child", str(os.getpid()), *_manage(*arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    if done.returncode != 0:
        print(done.stdout + done.stderr, end="", file=sys.stderr)
        raise PreparationFailed
    return done.stdout


def _manage(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "manage.py", *arguments)


def say(line: str) -> None:
    """Print the line. A closed terminal must not keep the processes from being stopped."""
    try:
        print(line, flush=True)
    except OSError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123  lives as long as the process


def _stop_before_start(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
