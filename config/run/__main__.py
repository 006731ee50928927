"""`make run`: run the site, a worker and the simulator in the foreground until Ctrl-C."""

import errno
import os
import signal
import socket
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

import environ
from django.core.exceptions import ImproperlyConfigured

from census.worker.parent_death import end_with_parent
from config import __version__
from config.environment.declarations import Runner
from config.run import demo
from config.run.demo import BASE_DIR, PreparationFailed, manage
from config.run.supervisor import Service, Supervisor

LOGS = Path("var") / "logs"
HOST = "127.0.0.1"


def main(arguments: list[str]) -> int:
    """Run until stopped and return the exit code. A problem is printed as one sentence."""
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
    environment = demo.environment(os.environ, simulator)
    with demo.database_in_use():
        demo.prepare(environment)
        say(f"Censo al Día {__version__}: starting the simulator, the web server and the worker.")
        say("Their logs are in var/logs.")
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
            command=manage("simulator", "--port", str(simulator_port)),
            log=LOGS / "simulator.log",
            health_url=f"http://{HOST}:{simulator_port}/",
            stops_last=True,  # the worker needs it to finish the lookups in flight
        ),
        Service(
            name="worker",
            command=manage("qcluster"),
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


class PortTaken(Exception):
    """Another program listens on the port; the message is a sentence."""


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
