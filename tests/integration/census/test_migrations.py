"""A database with people in it comes through the migrations with all that is new filled in."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.identity.names import name_key
from census.places import LEVELS, place_key

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = [("accounts", "0001_initial"), ("census", "0001_initial")]


def migrate(targets: list[tuple[str, str]]) -> Any:
    """The models as they are after these migrations, which the database is taken to."""
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


@pytest.fixture
def old_models() -> Iterator[Any]:
    """The models of the first version, in a database that is taken back to it and forward again."""
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield migrate(FIRST)
    migrate(latest)


def new_models() -> Any:
    graph = MigrationExecutor(connection).loader.graph
    return migrate([*graph.leaf_nodes("accounts"), *graph.leaf_nodes("census")])


def people(models: Any) -> Any:
    return models.get_model("accounts", "CustomUser").objects


def lookups(models: Any) -> Any:
    return models.get_model("census", "CedulaInfo").objects


def test_names_referrers_and_places_of_the_first_version_are_filled_in(old_models: Any) -> None:
    leader = people(old_models).create(
        cedula="52000101", nombre_completo="Ámparo  ÑUSTES", referral_code="AAAAAAAA"
    )
    referido = people(old_models).create(
        cedula="52000102",
        nombre_completo="José D'Peña",
        referral_code="BBBBBBBB",
        referred_by=leader,
    )
    lookups(old_models).create(user=leader, status="NOT_FOUND")
    place = {"departamento": "VALLE", "municipio": "Bogotá, D.C", "puesto": "I.E. 7", "mesa": "07"}
    lookups(old_models).create(user=referido, status="ACTIVE", **place)

    models = new_models()

    names = people(models).order_by("id").values_list("search_name", flat=True)
    assert list(names) == ["amparo nustes", "jose dpena"]
    own, brought = lookups(models).order_by("id")
    assert (own.referrer_id, brought.referrer_id) == (None, leader.pk)
    keys = [f"{level}_key" for level in LEVELS]
    assert [getattr(own, key) for key in keys] == [""] * 4
    assert [getattr(brought, key) for key in keys] == ["valledelcauca", "bogotadc", "ie7", "0007"]
    assert brought.bulk_id is None


def test_a_lot_of_rows_is_filled_to_the_last(old_models: Any) -> None:
    """The migrations write in lots of 2,000."""
    number = 2001
    made = people(old_models).bulk_create(
        people(old_models).model(
            cedula=str(1_040_000_000 + n), nombre_completo=f"Peña {n}", referral_code=f"{n:08}"
        )
        for n in range(number)
    )
    lookups(old_models).bulk_create(
        lookups(old_models).model(user=person, status="ACTIVE", municipio="CÚCUTA")
        for person in made
    )

    models = new_models()

    assert people(models).filter(search_name__startswith="pena ").count() == number
    assert lookups(models).filter(municipio_key="cucuta").count() == number


NAMES = {
    "departamento": ["BOGOTA D.C.", "Norte de San", "SAN ANDRES", "Nariño", "\u00bd", "x" * 100],
    "municipio": ["BOGOTA. D.C.", "CARTAGENA DE INDIAS", "VALLE", "-", "Ñ" * 100, "San José"],
    "puesto": ["I.E. LA PIEDAD", "IE LA PIEDAD", "ESC. N° 2", "\ufdfa" * 200, "", "日本"],
    "mesa": ["7", "007", "7-B", "10A", "", "99999"],
}


def test_what_a_migration_makes_is_what_the_models_make(old_models: Any) -> None:
    """Each has a copy of the rule: a later change must bring a migration along."""
    for number in range(len(NAMES["mesa"])):
        person = people(old_models).create(
            cedula=str(52000101 + number),
            nombre_completo=f"{NAMES['puesto'][number]} D\u2019Costa (Ñ-{number})"[:150],
            referral_code=f"{number:08}",
        )
        names = {level: spellings[number] for level, spellings in NAMES.items()}
        lookups(old_models).create(user=person, status="ACTIVE", **names)

    models = new_models()

    for person in people(models).all():
        assert person.search_name == name_key(person.nombre_completo)[:150]
    for info in lookups(models).all():
        for level in LEVELS:
            assert getattr(info, f"{level}_key") == place_key(level, getattr(info, level))


def test_the_first_version_without_anybody_in_it_is_brought_up_too(old_models: Any) -> None:
    assert not people(new_models()).exists()
