"""A backup that is put back is a product that works: that is what it is for."""

from pathlib import Path

import pytest

from tests.databases import SqliteFile
from tests.stack import Stack, wait_until
from tests.visitor import Visitor

pytestmark = [pytest.mark.e2e]

ANSWERED, REGISTERED_SINCE, WAITING = "1030070011", "1030070021", "1030070031"


def test_a_restored_backup_is_served_and_its_lookups_go_on(tmp_path: Path) -> None:
    database = SqliteFile(tmp_path)
    stack = Stack(tmp_path, database)
    try:
        stack.start_simulator()
        stack.register(ANSWERED)
        worker = stack.start_worker()
        wait_until(lambda: stack.statuses() == {"ACTIVE": 1}, "the first has an answer")
        worker.terminate()
        assert worker.wait(30) == 0
        stack.register(WAITING)
        stack.manage("backup", str(tmp_path / "backup.sqlite3"))
        stack.register(REGISTERED_SINCE)

        for file in tmp_path.glob(f"{database.file.name}*"):  # as docs/operations.md says
            file.unlink()
        (tmp_path / "backup.sqlite3").rename(database.file)
        stack.manage("migrate", "--verbosity", "0")

        stack.start_web()
        stack.start_worker("worker-again")
        wait_until(lambda: stack.statuses() == {"ACTIVE": 2}, "who waited has an answer")
        assert stack.lookups().keys() == {ANSWERED, WAITING}
        visitor = Visitor(stack.web_url)
        visitor.send("/ingresar/", username=ANSWERED, password="una-clave-larga")
        assert "Mesa" in visitor.read("/perfil/").text
    finally:
        stack.stop()
