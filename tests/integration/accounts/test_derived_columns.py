"""A person's folded name follows their name, whichever way the row is written."""

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Upper
from django.test.utils import isolate_apps

from accounts.derived import DerivedModel, DerivedQuerySet, DerivedText
from accounts.models import CustomUser
from tests.people import new_cedula

pytestmark = pytest.mark.django_db

people = CustomUser.objects


def save_all(person: CustomUser) -> None:
    person.nombre_completo = "Íñigo Peña"
    person.save()


def save_the_name_alone(person: CustomUser) -> None:
    person.nombre_completo = "Íñigo Peña"
    person.save(update_fields=["nombre_completo"])


def save_what_was_loaded(person: CustomUser) -> None:
    save_all(people.only("nombre_completo").get(pk=person.pk))


def save_what_was_not_loaded(person: CustomUser) -> None:
    loaded = people.defer("nombre_completo").get(pk=person.pk)
    loaded.nombre_completo = "Íñigo Peña"
    loaded.save(update_fields={"nombre_completo"})


def bulk_update(person: CustomUser) -> None:
    person.nombre_completo = "Íñigo Peña"
    people.bulk_update([person], ["nombre_completo"])


def update(person: CustomUser) -> None:
    people.filter(pk=person.pk).update(nombre_completo="Íñigo Peña")


def update_through_a_relation(person: CustomUser) -> None:
    leader = people.create_user(new_cedula(), nombre_completo="Zoila")
    people.filter(pk=person.pk).update(referred_by=leader)
    leader.referrals.update(nombre_completo="Íñigo Peña")


def update_or_create(person: CustomUser) -> None:
    people.update_or_create({"nombre_completo": "Íñigo Peña"}, cedula=person.cedula)


def upsert(person: CustomUser) -> None:
    again = CustomUser(cedula=person.cedula, nombre_completo="Íñigo Peña")
    people.bulk_create(
        [again],
        update_conflicts=True,
        update_fields=["nombre_completo"],
        unique_fields=["cedula"],
    )


@pytest.mark.parametrize(
    "rename",
    [
        save_all,
        save_the_name_alone,
        save_what_was_loaded,
        save_what_was_not_loaded,
        bulk_update,
        update,
        update_through_a_relation,
        update_or_create,
        upsert,
    ],
)
def test_a_new_name_is_found_whichever_way_it_is_written(
    rename: Callable[[CustomUser], None],
) -> None:
    person = people.create_user(new_cedula(), nombre_completo="Beatriz Molina")

    rename(person)

    person.refresh_from_db()
    assert (person.nombre_completo, person.search_name) == ("Íñigo Peña", "inigo pena")


def test_rows_made_in_bulk_have_it_and_it_is_cut_to_its_column() -> None:
    made = people.bulk_create(
        CustomUser(cedula=new_cedula(), nombre_completo=name) for name in ("Íñigo  PEÑA", "ß" * 150)
    )

    names = people.filter(pk__in=[person.pk for person in made]).order_by("pk")
    assert list(names.values_list("search_name", flat=True)) == ["inigo pena", "ss" * 75]


@pytest.mark.parametrize(
    "values",
    [
        {"nombre_completo": Upper("nombre_completo")},
        {"nombre_completo": F("phone")},
        {"search_name": "inigo"},
        {"search_name": Value("inigo")},
    ],
)
def test_an_update_that_would_part_them_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="search_name is derived from nombre_completo"):
        people.update(**values)


@isolate_apps("accounts")
def test_a_model_that_could_forget_it_is_refused_by_the_checks() -> None:
    class Forgetful(models.Model):
        name = models.CharField(max_length=10)
        key = DerivedText(max_length=10, source="name", derive=str.lower)

        objects: ClassVar = DerivedQuerySet.as_manager()

        class Meta:
            app_label = "accounts"

        def __str__(self) -> str:
            return self.name

    class Careless(DerivedModel):
        name = models.CharField(max_length=10)
        key = DerivedText(max_length=10, source="name", derive=str.lower)

        class Meta:
            app_label = "accounts"

        def __str__(self) -> str:
            return self.name

    assert [error.id for error in Forgetful.check()] == ["accounts.E002"]
    assert [error.id for error in Careless.check()] == ["accounts.E002"]
    assert CustomUser.check() == []
