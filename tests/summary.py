"""Read the summary by place."""

from bs4 import Tag
from django.test import Client

from tests.markup import page, words

ADDRESS = "/referidos/resumen/"
ANTIOQUIA = f"{ADDRESS}?departamento=antioquia"
MEDELLIN = f"{ANTIOQUIA}&municipio=medellin"


def rows(client: Client, address: str) -> list[Tag]:
    return page(client.get(address)).select("table.places tbody tr")


def numbers(client: Client, address: str) -> dict[str, int]:
    """{name: number}, in the table's order."""
    return {
        words(row.select("th")[0]): int(words(row.select(".places__number")[0]).replace(".", ""))
        for row in rows(client, address)
    }
