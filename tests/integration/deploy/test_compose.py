"""Promises of compose.yaml and the image, for whoever changes them."""

import json
import re
from typing import Any

import pytest
import yaml

from census.worker.cluster import STOP_SECONDS
from tests.deployment import CADDYS_OWN, DEPLOY, SECRETS, known_variables
from tests.paths import ROOT

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {"migrate", "web", "worker"}
LASTING = SERVICES.keys() - {"migrate"}
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


def seconds(text: str) -> int:
    assert text.endswith("s")
    return int(text.removesuffix("s"))


def environment(service: dict[str, Any]) -> set[str]:
    return set(service.get("environment", {}))


@pytest.mark.parametrize("name", sorted(LASTING))
def test_every_service_that_lasts_is_watched_bounded_and_started_again(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"][0] == "CMD"
    assert {"mem_limit", "pids_limit", "stop_grace_period"} <= service.keys()


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_service_can_gain_rights_or_fill_the_disk_with_its_log(name: str) -> None:
    service = SERVICES[name]
    assert "no-new-privileges:true" in service["security_opt"]
    assert {"max-size", "max-file"} <= service["logging"]["options"].keys()
    assert "privileged" not in service


@pytest.mark.parametrize("name", sorted(OURS))
def test_what_is_ours_writes_nowhere_and_may_nothing(name: str) -> None:
    service = SERVICES[name]
    assert (service["read_only"], service["cap_drop"], service["init"]) == (True, ["ALL"], True)
    assert [mount.split(":")[0] for mount in service["tmpfs"]] == ["/tmp"]  # noqa: S108  a container's own
    assert "volumes" not in service


def test_caddy_alone_is_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["caddy"]
    assert not [name for name, service in SERVICES.items() if "network_mode" in service]
    ways_out = {
        name for name, net in COMPOSE["networks"].items() if not (net or {}).get("internal")
    }
    assert ways_out == {"outside"}
    reaching = {name for name, service in SERVICES.items() if ways_out & set(service["networks"])}
    assert reaching == {"caddy", "worker"}


def test_nothing_starts_on_a_database_that_was_not_migrated() -> None:
    for name in ("web", "worker"):
        assert SERVICES[name]["depends_on"]["migrate"] == {
            "condition": "service_completed_successfully"
        }
    assert SERVICES["migrate"]["restart"] == "no"
    assert SERVICES["migrate"]["depends_on"]["db"] == {"condition": "service_healthy"}


def test_a_stop_leaves_time_to_finish() -> None:
    assert seconds(SERVICES["worker"]["stop_grace_period"]) > STOP_SECONDS
    [graceful] = re.findall(
        r"^graceful_timeout = (\d+)$",
        (DEPLOY / "gunicorn.conf.py").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert seconds(SERVICES["web"]["stop_grace_period"]) > int(graceful)


def test_every_variable_is_one_that_somebody_reads() -> None:
    for name in OURS:
        assert environment(SERVICES[name]) <= known_variables()
        assert SERVICES[name]["env_file"] == "deploy/censo.env"
    assert environment(SERVICES["caddy"]) <= CADDYS_OWN


def test_secrets_are_files_and_stand_in_no_variable() -> None:
    for name in OURS:
        settings = SERVICES[name]["environment"]
        files = {value for key, value in settings.items() if key.endswith("_FILE")}
        assert files <= {f"/run/secrets/{secret}" for secret in SERVICES[name]["secrets"]}
        assert not (SECRETS - {"REDIS_URL"}) & settings.keys()  # Redis has no password there
    used = {secret for service in SERVICES.values() for secret in service.get("secrets", [])}
    assert used == COMPOSE["secrets"].keys()
    for name, secret in COMPOSE["secrets"].items():
        assert secret == {"file": f"deploy/secrets/{name}"}
    assert "secrets" not in SERVICES["caddy"]


def test_every_image_is_of_a_named_version() -> None:
    foreign = [service["image"] for name, service in SERVICES.items() if name not in OURS]
    bases = [base for base in re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) if base != "web"]
    for image in [*foreign, *bases]:
        assert re.fullmatch(r"[a-z]+:\d+(\.\d+)?(\.\d+)?(-[a-z]+)+", image), image
    assert len(set(bases)) == 1


def test_the_image_runs_as_nobody_in_particular_and_brings_no_compiler() -> None:
    for stage in DOCKERFILE.split("\nFROM ")[2:]:
        assert re.findall(r"^USER (\S+)$", stage, re.MULTILINE)[-1] == "censo"
    installed = re.findall(r"apt-get install --yes --no-install-recommends (.+) \\", DOCKERFILE)
    assert installed == ["chromium libatomic1"]
    assert "--only-binary :all:" in DOCKERFILE


def test_the_workers_own_filter_leaves_chromium_its_sandbox_and_not_more() -> None:
    assert "seccomp:deploy/seccomp-worker.json" in SERVICES["worker"]["security_opt"]
    profile = json.loads((DEPLOY / "seccomp-worker.json").read_text(encoding="utf-8"))
    [rule] = profile["syscalls"]
    assert rule["action"] == "SCMP_ACT_ERRNO"
    forbidden = set(rule["names"])
    assert not forbidden & {"chroot", "clone", "clone3", "setns", "unshare", "pidfd_open"}
    assert forbidden >= {"bpf", "init_module", "kexec_load", "keyctl", "mount", "ptrace", "umount2"}
    assert not [name for name in OURS - {"worker"} if "seccomp" in str(SERVICES[name])]
