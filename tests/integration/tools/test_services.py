"""PostgreSQL and Redis for CI: what answers is used, what does not is started and ended again."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.paths import ROOT
from tests.stack import free_port, wait_until
from tools.backends import NotHere
from tools.services import SERVICES, Machine, Service, ensure_installed, own_server, serving

here = Machine()


def installed(service: Service) -> bool:
    return here.program(service.program) is not None


@pytest.fixture(params=SERVICES, ids=lambda service: service.package)
def service(request: pytest.FixtureRequest) -> Service:
    """A service that no server offers at its usual address."""
    usual: Service = request.param
    nowhere = usual.address.format(port=free_port())
    return replace(usual, backend=replace(usual.backend, default=nowhere))


@pytest.fixture
def nothing(tmp_path: Path) -> Machine:
    """A machine without any server, whose root can install none."""
    return Machine(environ={"PATH": ""}, postgres_places=tmp_path, is_root=True)


def needs(service: Service) -> None:
    if not installed(service):
        pytest.skip(f"{service.package} is not installed here; `tools.services` installs it")


def test_a_server_is_started_for_as_long_as_it_is_used(service: Service) -> None:
    needs(service)
    alone = replace(here, environ={"PATH": os.environ["PATH"]})

    with serving(service, alone) as address:
        service.backend.require(address)

    with pytest.raises(NotHere):
        service.backend.require(address)


def test_a_server_that_answers_is_used_and_left_running(service: Service) -> None:
    needs(service)
    with own_server(service, here) as running:
        named = replace(here, environ={service.backend.variable: running})
        with serving(service, named) as address:
            assert address == running
        service.backend.require(running)

        usual = replace(service, backend=replace(service.backend, default=running))
        with serving(usual, replace(here, environ={})) as address:
            assert address == running
        service.backend.require(running)


def test_another_server_than_the_one_that_is_named_will_not_do(service: Service) -> None:
    nowhere = service.backend.default
    named = replace(here, environ={service.backend.variable: nowhere})
    with pytest.raises(NotHere, match=service.backend.variable), serving(service, named):
        pytest.fail("nothing answers there")


def test_where_none_can_be_had_a_sentence_says_what_to_do(
    service: Service, nothing: Machine
) -> None:
    with pytest.raises(NotHere) as refused, serving(service, nothing):
        pytest.fail("there is none")
    assert str(refused.value) == (
        f"{service.backend.default} does not answer and {service.package} cannot be installed"
        f" here: install it, or set {service.backend.variable} to a server's address."
    )


@pytest.fixture
def debian(service: Service, tmp_path: Path) -> Machine:
    """A machine whose apt-get brings the service's program."""
    program = tmp_path / "15/bin" / service.program
    script(
        tmp_path / "apt-get",
        f'echo "$*" >> {tmp_path}/journal\n'
        f'if [ "$2" = install ]; then /bin/mkdir -p {program.parent}; > {program}; fi\n',
    )
    return Machine({"PATH": str(tmp_path)}, postgres_places=tmp_path, is_root=True)


def test_root_installs_what_is_missing_once(
    service: Service, debian: Machine, tmp_path: Path
) -> None:
    ensure_installed(service, debian)
    ensure_installed(service, debian)

    calls = (tmp_path / "journal").read_text(encoding="utf-8").splitlines()
    assert [call.split()[1] for call in calls] == ["update", "install"]
    assert calls[1].split()[-1] == service.package


def test_nobody_else_tries_to_install(service: Service, debian: Machine, tmp_path: Path) -> None:
    with pytest.raises(NotHere):
        ensure_installed(service, replace(debian, is_root=False))
    assert not (tmp_path / "journal").exists()


def test_a_server_that_does_not_start_is_told_with_its_last_words(
    service: Service, tmp_path: Path
) -> None:
    broken = tmp_path / "9/bin"
    for program in ("initdb", "postgres", "redis-server"):
        script(broken / program, "echo 'the moon is in the wrong quarter' >&2; exit 1\n")
    machine = Machine({"PATH": ""}, postgres_places=tmp_path, is_root=False)
    with (
        pytest.raises(NotHere, match=r"does not start: the moon is in the wrong quarter"),
        serving(service, machine),
    ):
        pytest.fail("it does not start")


RUN = """
import sys
from dataclasses import replace
from tools.services import SERVICES, main
nowhere = [
    replace(service, backend=replace(service.backend, default=service.address.format(port=1)))
    for service in SERVICES
]
sys.exit(main(sys.argv[1:], nowhere))
"""
SAY = "import os; print(os.environ['TEST_DATABASE_URL'], os.environ['TEST_REDIS_URL'], flush=True)"


def run(*command: str) -> subprocess.Popen[str]:
    """The command line where neither service answers at its usual address."""
    for service in SERVICES:
        needs(service)
    environment = os.environ | {"TEST_DATABASE_URL": "", "TEST_REDIS_URL": ""}
    return subprocess.Popen(
        [sys.executable, "-c", RUN, *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def answering(addresses: str) -> list[str]:
    found = []
    for service, address in zip(SERVICES, addresses.split(), strict=True):
        try:
            service.backend.require(address)
        except NotHere:
            continue
        found.append(address)
    return found


def test_the_command_finds_the_addresses_and_its_exit_code_is_passed_on() -> None:
    with run(sys.executable, "-c", f"{SAY}; raise SystemExit(7)") as process:
        addresses, _ = process.communicate()
    assert process.returncode == 7
    assert answering(addresses) == []


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_ends_the_command_and_the_servers(signum: signal.Signals) -> None:
    wait_for_ever = (
        f"{SAY}; print(os.getpid(), flush=True); import threading; threading.Event().wait()"
    )
    with run(sys.executable, "-c", wait_for_ever) as process:
        assert process.stdout is not None
        addresses, pid = process.stdout.readline(), process.stdout.readline()
        assert len(answering(addresses)) == len(SERVICES)
        process.send_signal(signum)
        assert process.wait(60) != 0
    assert answering(addresses) == []
    wait_until(lambda: not Path(f"/proc/{int(pid)}").exists(), "the command has ended")


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}", encoding="utf-8")
    path.chmod(0o755)
