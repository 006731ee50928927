"""`make check` runs everything, shows what failed, and fails with it."""

import sys

import pytest

from tools.checks import CHECKS, Check, main


def python(name: str, code: str, **environment: str) -> Check:
    return Check(name, (sys.executable, "-c", code), environment)


def test_all_checks_run_to_the_end_and_what_failed_is_shown_and_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    checks = [
        python("first", "print('a mistake'); raise SystemExit(2)"),
        python("second", "print('nothing to see')"),
        python("third", "raise SystemExit(1)"),
    ]
    assert main(checks) == 1
    out = capsys.readouterr().out
    assert "a mistake" in out
    assert "nothing to see" not in out
    assert out.endswith("2 of 3 checks failed: first, third.\n")


def test_checks_that_pass_end_with_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    code = "import os; raise SystemExit(os.environ['SOME_SETTING'] != 'on')"
    assert main([python("one", code, SOME_SETTING="on")]) == 0
    assert capsys.readouterr().out.endswith("All 1 checks passed.\n")


def test_the_deployment_is_checked_as_on_a_server() -> None:
    [deployment] = [check for check in CHECKS if "--deploy" in check.command]
    assert deployment.environment["DEBUG"] == "false"
    assert len(deployment.environment["SECRET_KEY"]) >= 50
