"""A database with very many lookups, filled by SQL: a minute for millions of rows, not hours.

An operation's work is the same at every size: one leader has REFERIDOS, the queue has DUE rows, and
attempts began one per ATTEMPT_SECONDS, so that each day has as many of them. All other rows are
ballast, and the rows that are looked for lie evenly among them.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.utils import CursorWrapper

from accounts import policy

REFERIDOS = 5_000
"""Referidos of the leader whose pages are measured: one in each `step` rows, `j` from 1."""
DUE = 3 * REFERIDOS // 5
"""Due rows: a third with a person's priority, two thirds with a bulk's. One in each `step` rows,
`j` from 0."""
HELD, LOST = 8, 8
"""Rows in flight, with a lease that lasts and with one that has run out."""
ATTEMPT_SECONDS = 5
"""Between two attempts: the limit of the default interval, so a database cannot hold more."""
OTHERS_REFERIDOS = 200
"""Referidos of every other leader."""
TABLES = ("accounts_customuser", "census_cedulainfo", "census_lookupattempt")

# All numbers and words in this SQL are invented.

PEOPLE = """
INSERT INTO accounts_customuser (
  id, password, is_superuser, cedula, nombre_completo, search_name, phone, role, referral_code,
  referral_goal, consented_at, consent_version, is_active, is_staff, date_joined, referred_by_id)
WITH RECURSIVE {series}, named AS (
  SELECT n AS i,
    trim(substr('Ana   Edgar Ines  Jose  Luz   Marta Nubia OscarSofia Ivan  ',
      CAST(1 + 6 * (n * 7919 % 10) AS integer), 6)) || ' ' ||
    trim(substr('Arias  Cano   Diaz   Gil    Leon   Mina   Nunez  Pena   Rios   Suarez ',
      CAST(1 + 7 * (n * 7919 / 10 % 10) AS integer), 7)) || ' ' ||
    trim(substr('Arias  Cano   Diaz   Gil    Leon   Mina   Nunez  Pena   Rios   Suarez ',
      CAST(1 + 7 * (n * 7919 / 100 % 10) AS integer), 7)) AS name
  FROM series)
SELECT i, 'pbkdf2_sha256$1000000$invented$and-as-long-as-one-that-is-real-in-a-database', FALSE,
  CAST(2000000000 + i AS varchar(10)), name, lower(name), '3001234567',
  CASE WHEN i > {rows} THEN 'LEADER' ELSE 'USER' END, CAST(10000000 + i AS varchar(8)), 10,
  {joined}, '{version}', TRUE, FALSE, {joined}, {referrer}
FROM named
"""

BULK = """
INSERT INTO census_bulkrefresh (id, requested_by_id, requested_at, queued)
SELECT 1, {leader}, {now_moment}, 20
"""

LOOKUPS = """
INSERT INTO census_cedulainfo (
  id, user_id, referrer_id, status, departamento, municipio, puesto, direccion, mesa,
  departamento_key, municipio_key, puesto_key, mesa_key, novedad, resolucion, fecha_novedad,
  fetched_at, error_kind, error_message, raw_response, priority, requested_at, request_id,
  next_attempt_at, attempts, retry_count, claim, lease_expires_at, bulk_id, status_before,
  attempts_before, created_at, updated_at)
WITH RECURSIVE {series}, numbered AS (
  SELECT n AS i, n / {step} AS j, n % {step} AS part,
    (CASE WHEN n % {step} = 0 THEN n / {step} ELSE n END) * 7919 % 100 AS draw
  FROM series),
sorted AS (
  SELECT i, j, draw, part, CASE
    WHEN part = 0 AND j % 250 = 0 THEN 'bulk'
    WHEN part <> 1 THEN 'ended'
    WHEN j % 5 < 3 THEN 'due'
    WHEN j % 10 = 3 THEN 'later'
    WHEN j % 10 = 4 AND j < 10 * {held} THEN 'held'
    WHEN j % 10 = 4 AND j < 10 * ({held} + {lost}) THEN 'lost'
    ELSE 'ended' END AS kind
  FROM numbered),
stated AS (
  SELECT i, j, kind, CASE
    WHEN kind IN ('due', 'later', 'bulk') THEN 'PENDING'
    WHEN kind IN ('held', 'lost') THEN 'PROCESSING'
    WHEN draw < 80 THEN 'ACTIVE'
    WHEN draw < 86 THEN 'NOT_FOUND'
    WHEN draw < 90 THEN 'CANCELLED_OTHER'
    WHEN draw < 96 THEN 'TIMEOUT'
    WHEN draw < 99 THEN 'ERROR'
    ELSE 'BLOCKED' END AS status
  FROM sorted),
placed AS (
  SELECT i, j, kind, status,
    CASE WHEN status = 'ACTIVE' THEN 'DEPARTAMENTO ' || (j % 5) ELSE '' END AS departamento,
    CASE WHEN status = 'ACTIVE' THEN 'MUNICIPIO ' || (j % 20) ELSE '' END AS municipio,
    CASE WHEN status = 'ACTIVE' THEN 'IE LA ESPERANZA ' || (j % 100) ELSE '' END AS puesto,
    CASE WHEN status = 'ACTIVE' THEN CAST(1 + j / 100 % 30 AS varchar(3)) ELSE '' END AS mesa
  FROM stated)
SELECT i, i, {referrer}, status, departamento, municipio, puesto,
  CASE WHEN status = 'ACTIVE' THEN 'CARRERA 8 # 12-40' ELSE '' END, mesa,
  lower(departamento), lower(municipio), lower(puesto),
  CASE WHEN mesa <> '' THEN substr('0000', 1 + length(mesa)) || mesa ELSE '' END, '', '', '',
  CASE WHEN status IN ('ACTIVE', 'NOT_FOUND', 'CANCELLED_OTHER') THEN {changed} END,
  CASE WHEN status IN ('TIMEOUT', 'ERROR', 'BLOCKED') THEN 'SiteTimeout' ELSE '' END, '', '',
  CASE WHEN kind = 'due' AND j % 5 > 0 THEN 10 ELSE 0 END, {joined}, '',
  {due_at}, CASE WHEN kind = 'due' THEN 0 WHEN status = 'PENDING' THEN 3 ELSE 1 END,
  CASE WHEN kind IN ('later', 'bulk') THEN 2 ELSE 0 END,
  CASE WHEN status = 'PROCESSING' THEN {claim} END,
  CASE kind WHEN 'held' THEN {tomorrow} WHEN 'lost' THEN {an_hour_ago} END,
  CASE WHEN kind = 'bulk' THEN 1 END, '', 0, {joined}, {changed}
FROM placed
"""

ATTEMPTS = """
INSERT INTO census_lookupattempt (
  id, info_id, claim, number, request_id, worker, started_at, opening_at, solving_at, reading_at,
  ended_at, outcome, page_shape, solves_paid)
WITH RECURSIVE {series}, begun AS (
  SELECT n, {now} - 60 - ({attempts} - n) * {attempt_seconds} AS epoch FROM series)
SELECT n, (n - 1) % {rows} + 1, {claim}, (n - 1) / {rows} + 1, {request_id}, 'worker-1:4711',
  {started}, {opening}, {solving}, {reading}, {ended},
  CASE WHEN n % 5 > 0 THEN 'ACTIVE' WHEN n % 10 = 0 THEN 'SiteTimeout' ELSE 'SiteBlocked' END,
  'A', 1
FROM begun
"""

OPEN_ATTEMPTS = """
INSERT INTO census_lookupattempt (
  id, info_id, claim, number, request_id, worker, started_at, opening_at, outcome, page_shape,
  solves_paid)
SELECT {attempts} + id, id, claim, 1, '', 'worker-1:4711', {now_moment}, {now_moment}, '', '', 0
FROM census_cedulainfo WHERE status = 'PROCESSING'
"""


class Sqlite:
    """SQLite's dialect, and the options that make it fill a file quickly."""

    before = (
        "PRAGMA journal_mode=OFF",
        "PRAGMA synchronous=OFF",
        "PRAGMA cache_size=-500000",
        "PRAGMA foreign_keys=OFF",  # else each row searches for its references without an index
    )
    after = ("PRAGMA journal_mode=WAL",)
    """No ANALYZE: the product never runs one on SQLite."""

    def series(self, last: int) -> str:
        more = f"SELECT n + 1 FROM series WHERE n < {last}"
        return f"series(n) AS (SELECT 1 UNION ALL {more})"

    def moment(self, epoch: str) -> str:
        # Whole seconds: Django stores them without a fraction, and compares texts.
        return f"datetime({epoch}, 'unixepoch')"

    def hexadecimal(self, number: str) -> str:
        return f"printf('%032x', {number})"

    uuid = hexadecimal

    def indexes(self, cursor: CursorWrapper, table: str) -> list[tuple[str, str]]:
        """The statements (drop, create) for each index of the table."""
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s"
            " AND sql IS NOT NULL",
            [table],
        )
        return [(f'DROP INDEX "{name}"', made) for name, made in cursor.fetchall()]


class Postgresql:
    """PostgreSQL's dialect; at the end it does at once what its autovacuum does in time."""

    before = ("SET synchronous_commit = off", "SET maintenance_work_mem = '512MB'")
    after = (
        *(f"SELECT setval(pg_get_serial_sequence('{t}', 'id'), max(id)) FROM {t}" for t in TABLES),
        *(f"VACUUM ANALYZE {table}" for table in TABLES),
        "CHECKPOINT",
    )

    def series(self, last: int) -> str:
        return f"series AS (SELECT generate_series(1, {last}::bigint) AS n)"

    def moment(self, epoch: str) -> str:
        return f"to_timestamp({epoch})"

    def hexadecimal(self, number: str) -> str:
        return f"lpad(to_hex({number}), 32, '0')"

    def uuid(self, number: str) -> str:
        return f"{self.hexadecimal(number)}::uuid"

    def indexes(self, cursor: CursorWrapper, table: str) -> list[tuple[str, str]]:
        """The same, with foreign keys and unique constraints, which are dropped as constraints."""
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype IN ('f', 'u') ORDER BY contype DESC",
            [table],
        )
        alter = f"ALTER TABLE {table}"
        constraints = [
            (f'{alter} DROP CONSTRAINT "{name}"', f'{alter} ADD CONSTRAINT "{name}" {definition}')
            for name, definition in cursor.fetchall()
        ]
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname"
            " NOT IN (SELECT conname FROM pg_constraint WHERE contype IN ('p', 'u'))",
            [table],
        )
        return [*constraints, *((f'DROP INDEX "{name}"', made) for name, made in cursor.fetchall())]


def fill(rows: int, attempts_per_row: int) -> dict[str, float]:
    """Make `rows` lookups and their attempts; return the `seconds` it took, and the rows' `now`.

    People have the ids 1 to `rows`; the measured leader has the next one.
    """
    began, now = time.monotonic(), int(time.time())
    dialect = Sqlite() if connection.vendor == "sqlite" else Postgresql()
    with connection.cursor() as cursor:
        for statement in dialect.before:
            cursor.execute(statement)
        with _without_indexes(cursor, dialect):
            for statement in _statements(dialect, rows, rows * attempts_per_row, now):
                cursor.execute(statement)
        for statement in dialect.after:
            cursor.execute(statement)
    connection.close()  # the next connection has the product's options again
    return {"seconds": time.monotonic() - began, "now": now}


@contextmanager
def _without_indexes(cursor: CursorWrapper, dialect: Sqlite | Postgresql) -> Iterator[None]:
    """Drop the indexes, and create the same ones at the end, which costs a fraction."""
    found = [pair for table in TABLES for pair in dialect.indexes(cursor, table)]
    for drop, _ in sorted(found, key=lambda pair: "FOREIGN KEY" not in pair[1]):
        cursor.execute(drop)
    yield
    for _, make in sorted(found, key=lambda pair: "FOREIGN KEY" in pair[1]):
        cursor.execute(make)


def _statements(dialect: Sqlite | Postgresql, rows: int, attempts: int, now: int) -> Iterator[str]:
    others = rows // OTHERS_REFERIDOS
    given = _values(dialect, rows, attempts, now)
    yield PEOPLE.format(series=dialect.series(rows + 1 + others), **given)
    yield BULK.format(**given)
    open_claim = dialect.uuid(f"{attempts} + i")
    yield LOOKUPS.format(series=dialect.series(rows), claim=open_claim, **given)
    stages = {"started": 0, "opening": 5, "solving": 7, "reading": 35, "ended": 37}
    yield ATTEMPTS.format(
        series=dialect.series(attempts),
        claim=dialect.uuid("n"),
        request_id=dialect.hexadecimal("n"),
        **{stage: dialect.moment(f"epoch + {seconds}") for stage, seconds in stages.items()},
        **given,
    )
    yield OPEN_ATTEMPTS.format(**given)


def _values(
    dialect: Sqlite | Postgresql, rows: int, attempts: int, now: int
) -> dict[str, str | int]:
    """Values for the braces of all statements."""
    step, leader, others = rows // REFERIDOS, rows + 1, rows // OTHERS_REFERIDOS
    moment = dialect.moment
    return {
        "rows": rows,
        "attempts": attempts,
        "step": step,
        "leader": leader,
        "now": now,
        "held": HELD,
        "lost": LOST,
        "attempt_seconds": ATTEMPT_SECONDS,
        "version": policy.version(),
        "referrer": f"CASE WHEN i > {rows} THEN NULL WHEN i % {step} = 0 THEN {leader}"
        f" ELSE {leader + 1} + i % {others} END",
        "joined": moment(f"{now} - ({leader + others} - i) * {90 * 86400 / rows}"),
        # One of the leader's rows changed each minute, the last one half a minute ago.
        "changed": moment(f"{now} - 60 * ({REFERIDOS} - j) - 30"),
        "due_at": moment(
            f"CASE WHEN kind IN ('later', 'bulk') THEN {now} + 7200 + j"
            f" ELSE {now} - 600 - j * 7919 % {REFERIDOS} END"
        ),
        "tomorrow": moment(f"{now} + 86400"),
        "an_hour_ago": moment(f"{now} - 3600"),
        "now_moment": moment(str(now)),
    }
