"""The page of a leader's referidos: what it shows, filtered, sorted, paged, and to whom."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.consents import save_with_consent
from accounts.models import CustomUser
from census.referidos.listing import Sort
from census.states import Status
from tests.markup import element, page, text, words
from tests.people import HTMX, new_person, set_lookup, take_consent_away
from tests.referidos import CLOCK, PLACE, names_in, referido, referidos, row_of

pytestmark = pytest.mark.django_db

RESTORE = HTMX | {"HX-History-Restore-Request": "true"}
MARKUP = '<b onclick="alert(1)">Ana</b> & "Luz"'
CENSUS_WORDS = ("censo", "puesto", "mesa", "pendiente", "encontrad", "cancelad", "error", "estado")


@pytest.fixture
def many(client: Client, stranger: CustomUser) -> CustomUser:
    """A leader, logged in, with a referido in each group; `Hernando Ortiz Vega` waits already."""
    referido(stranger, "Ángela Núñez Pardo", Status.ACTIVE, **PLACE)
    referido(stranger, "Bruno Díaz Cano", Status.CANCELLED_DECEASED)
    referido(stranger, "Carmen Rey Mina", Status.CANCELLED_OTHER)
    referido(stranger, "Dora Gil Peña", Status.NOT_FOUND)
    referido(stranger, "Efraín Sosa Ruiz", Status.BLOCKED, error_kind="SiteBlocked")
    client.force_login(stranger)
    return stranger


@pytest.mark.usefixtures("many")
class TestTheTable:
    def test_htmx_gets_the_table_alone_everybody_else_the_page(self, client: Client) -> None:
        part, whole = client.get("/referidos/", headers=HTMX), client.get("/referidos/")

        assert part.content.strip().startswith(b'<div id="referidos"')
        assert words(element(whole, "h1")) == "Tus referidos"
        assert element(client.get("/referidos/", headers=RESTORE), "h1")
        assert names_in(part) == names_in(whole)
        assert "HX-Request" in whole["Vary"]

    def test_the_counts_are_a_picture_and_tabs_that_filter(self, client: Client) -> None:
        response = client.get("/referidos/")

        counts = {words(tab): tab["href"] for tab in page(response).select(".tab")}
        assert counts == {
            "Todos 6": "/referidos/",
            "Pendientes 1": "/referidos/?estado=pendientes",
            "Encontrados 1": "/referidos/?estado=encontrados",
            "Cancelados 2": "/referidos/?estado=cancelados",
            "No encontrados 1": "/referidos/?estado=no-encontrados",
            "Errores 1": "/referidos/?estado=errores",
        }
        shares = page(response).select("svg.share-bar a")
        assert [share["href"] for share in shares] == list(counts.values())[1:]
        widths = [int(str(rect["width"])) for rect in page(response).select("svg.share-bar rect")]
        assert sum(widths) == 1000
        assert widths[2] == max(widths)

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("estado=pendientes", ["Hernando Ortiz Vega"]),
            ("estado=encontrados", ["Ángela Núñez Pardo"]),
            ("estado=cancelados&orden=nombre", ["Bruno Díaz Cano", "Carmen Rey Mina"]),
            ("estado=no-encontrados", ["Dora Gil Peña"]),
            ("estado=errores", ["Efraín Sosa Ruiz"]),
            ("q=nunez+ANGELA", ["Ángela Núñez Pardo"]),
            ("q=a&orden=-nombre&estado=cancelados", ["Carmen Rey Mina", "Bruno Díaz Cano"]),
            ("q=nadie", []),
            ("departamento=antioquia&municipio=medellin", ["Ángela Núñez Pardo"]),
        ],
    )
    @pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
    def test_it_is_filtered_and_searched_by_its_address(
        self,
        client: Client,
        headers: dict[str, str],
        query: str,
        names: list[str],
    ) -> None:
        found = names_in(client.get(f"/referidos/?{query}", headers=headers))

        assert found == names

    def test_a_cedula_is_found_as_people_write_it(self, client: Client) -> None:
        person = CustomUser.objects.get(nombre_completo="Dora Gil Peña")

        for typed in (person.cedula, person.cedula_formatted, person.cedula[-5:]):
            assert "Dora Gil Peña" in names_in(client.get("/referidos/", {"q": typed}))
        assert names_in(client.get("/referidos/", {"q": person.cedula_formatted})) == [
            "Dora Gil Peña"
        ]

    def test_each_heading_has_its_cell_below(self, client: Client) -> None:
        person = CustomUser.objects.get(nombre_completo="Ángela Núñez Pardo")
        response = client.get("/referidos/")
        headings = page(response).select("th[role=columnheader]")
        cells = row_of(response, person).find_all(["th", "td"], recursive=False)
        below = {
            words(heading).split(",")[0].strip(): words(cell)
            for heading, cell in zip(headings, cells, strict=True)
        }

        assert [heading["class"] for heading in headings] == [cell["class"] for cell in cells]
        wide = page(response).select("tr.detail td")
        assert {cell["colspan"] for cell in wide} == {str(len(cells))}
        joined = below.pop("Se registró")
        assert joined.endswith(f" {timezone.localdate().year}")
        assert below == {
            "Marcar": "",
            "Nombre": "Ángela Núñez Pardo",
            "Cédula": person.cedula_formatted,
            "Estado": "Encontrado",
            "Municipio": "MEDELLÍN",
            "Puesto": "IE LA ESPERANZA",
            "Mesa": "7",
            "Acciones": "",
        }

    @pytest.mark.parametrize("column", Sort)
    def test_each_heading_sorts_by_its_column_and_then_the_other_way(
        self, client: Client, column: Sort
    ) -> None:
        once = client.get(str(element(client.get("/referidos/"), f"#sort_{column}")["href"]))
        heading = element(once, f"th.col-{column}[role=columnheader]")
        twice = client.get(str(element(once, f"#sort_{column}")["href"]))
        turned = element(twice, f"th.col-{column}[role=columnheader]")

        assert len(page(once).select("[aria-sort]")) == 1
        assert {heading["aria-sort"], turned["aria-sort"]} == {"ascending", "descending"}
        if column in {"nombre", "cedula", "registro", "estado"}:
            assert names_in(once) == names_in(twice)[::-1]
        else:  # who has nothing there comes last either way
            assert names_in(once)[0] == names_in(twice)[0] == "Ángela Núñez Pardo"

    def test_pages_hold_fifty_and_their_links_keep_the_rest(
        self, client: Client, many: CustomUser
    ) -> None:
        referidos(many, 104)
        first = client.get("/referidos/?estado=errores&orden=nombre&q=persona")
        following = str(element(first, "a[rel=next]")["href"])

        assert len(names_in(first)) == 50
        assert parse_qs(urlsplit(following).query) == {
            "q": ["persona"],
            "estado": ["errores"],
            "orden": ["nombre"],
            "pagina": ["2"],
        }
        last = client.get("/referidos/?estado=errores&orden=nombre&q=persona&pagina=99")
        assert len(names_in(last)) == 4
        assert "101 a 104 de 104" in text(last)
        assert not page(last).select("a[rel=next]")

    def test_the_search_keeps_tab_and_order_and_begins_at_the_first_page(
        self, client: Client
    ) -> None:
        response = client.get("/referidos/?estado=errores&orden=-mesa&q=efra&pagina=2")

        kept = page(response).select("input[form=referidos_search]")
        assert {field["name"]: field["value"] for field in kept} == {
            "estado": "errores",
            "orden": "-mesa",
        }
        assert element(response, "#q")["value"] == "efra"

    @pytest.mark.parametrize(
        "query",
        [
            "estado=x",
            "orden=-x",
            "pagina=0",
            "pagina=-1",
            "pagina=" + "9" * 5000,
            "q=%00",
            "municipio=medellin",
        ],
    )
    def test_what_makes_no_sense_counts_as_not_there(self, client: Client, query: str) -> None:
        assert len(names_in(client.get(f"/referidos/?{query}"))) == 6

    def test_an_empty_list_says_why(self, client: Client) -> None:
        filtered = client.get("/referidos/?q=zzz")
        client.force_login(new_person("Nora Vega Lima", role=CustomUser.Role.LEADER))
        alone = client.get("/referidos/")

        assert "No encontramos a nadie con «zzz»" in text(filtered)
        assert element(filtered, "#show_everybody")["href"] == "/referidos/"
        assert "Todavía no tienes referidos" in text(alone)

    @pytest.mark.parametrize("query", ["", "?q=persona&orden=mesa&pagina=2"])
    def test_more_rows_take_no_more_queries(
        self,
        client: Client,
        stranger: CustomUser,
        django_assert_num_queries: DjangoAssertNumQueries,
        query: str,
    ) -> None:
        client.force_login(stranger)
        referidos(stranger, 3)
        with django_assert_num_queries((8 if query else 6) + CLOCK) as few:
            client.get(f"/referidos/{query}")
        referidos(stranger, 130)

        with django_assert_num_queries(len(few.captured_queries)):
            client.get(f"/referidos/{query}")


@pytest.mark.usefixtures("many")
class TestARow:
    def test_what_can_be_asked_again_has_a_box_and_a_button(
        self, client: Client, many: CustomUser
    ) -> None:
        response = client.get("/referidos/")

        for person in many.referrals.all():
            row = row_of(response, person)
            has_failed = person.nombre_completo == "Efraín Sosa Ruiz"
            assert bool(row.select("input[name=ids]")) == has_failed
            assert bool(row.select("button[hx-post]")) == has_failed
            assert row.has_attr("data-in-flight") == (person.cedula_info.status == "PENDING")

    def test_who_gave_no_authorisation_has_none(self, client: Client) -> None:
        person = CustomUser.objects.get(nombre_completo="Efraín Sosa Ruiz")
        take_consent_away([person])

        row = row_of(client.get("/referidos/"), person)

        assert not row.select("input, button[hx-post]")

    def test_a_name_is_text_wherever_it_stands(self, client: Client, many: CustomUser) -> None:
        person = referido(many, MARKUP, Status.ERROR)

        for address in ("/referidos/", f"/referido/{person.pk}/", f"/referidos/{person.pk}/"):
            for headers in ({}, HTMX):
                response = client.get(address, headers=headers)
                assert not page(response).select("b, [onclick]")
                assert MARKUP in words(page(response))

    def test_a_search_is_text_too(self, client: Client) -> None:
        response = client.get("/referidos/", {"q": MARKUP})

        assert not page(response).select("b, [onclick]")
        assert element(response, "#q")["value"] == MARKUP

    def test_ids_are_not_grouped_like_quantities(self, client: Client, many: CustomUser) -> None:
        person = CustomUser(pk=1_234_567, cedula="900100777", nombre_completo="Ana Larga")
        person.referred_by = many
        save_with_consent(person)
        set_lookup(person, status=Status.ERROR)

        row = row_of(client.get("/referidos/"), person)

        assert element(client.get("/referidos/"), "#detalle_1234567")
        assert row.select_one("input[value='1234567']")
        assert row.select_one("a[href='/referidos/1234567/']")

    def test_when_it_is_tried_again_is_said(self, client: Client, many: CustomUser) -> None:
        later = timezone.now() + timedelta(minutes=5)
        person = referido(many, "Flor Rey", Status.PENDING, attempts=1, next_attempt_at=later)

        assert "Se reintenta" in words(row_of(client.get("/referidos/"), person))


@pytest.mark.usefixtures("many")
class TestPolling:
    def test_the_page_asks_only_while_something_on_it_is_in_flight(self, client: Client) -> None:
        flying = element(client.get("/referidos/"), "#referidos_poll")
        settled = element(client.get("/referidos/?estado=encontrados"), "#referidos_poll")

        assert flying["hx-trigger"] == "every 5s"
        assert not settled.has_attr("hx-trigger")
        assert not settled.has_attr("hx-get")


class TestWhoDoesNotLead:
    def test_they_see_names_and_dates_and_no_word_of_the_census(
        self, client: Client, person: CustomUser
    ) -> None:
        brought = referido(person, "Inés Páez Lara", Status.ACTIVE, **PLACE)
        client.force_login(person)

        for headers in ({}, HTMX):
            response = client.get("/referidos/?estado=encontrados", headers=headers)
            main = element(response, "main")
            assert "Inés Páez Lara" in words(main)
            assert main.select_one("time[datetime]")
            assert not main.select("button, input, form, table, [hx-get], [hx-post]")
            for word in (*CENSUS_WORDS, "ESPERANZA", brought.cedula, brought.cedula_formatted):
                assert word.casefold() not in str(main).casefold()

    def test_they_see_all_of_them_page_by_page(self, client: Client, person: CustomUser) -> None:
        referidos(person, 60)
        client.force_login(person)

        first, second = client.get("/referidos/"), client.get("/referidos/?pagina=2")

        assert len(page(first).select(".names li")) == 50
        assert len(page(second).select(".names li")) == 10

    @pytest.mark.parametrize(
        "address", ["/referidos/pending/", "/bulk-refresh/", "/bulk-refresh/cancelar/"]
    )
    def test_the_rest_is_refused(self, client: Client, person: CustomUser, address: str) -> None:
        client.force_login(person)
        ask = client.get if "pending" in address else client.post

        assert ask(address).status_code == 403


@pytest.mark.parametrize(("name", "rows"), [("leader", 1), ("superadmin", 0), ("stranger", 0)])
def test_a_table_holds_ones_own_referidos_alone(
    client: Client, person: CustomUser, request: pytest.FixtureRequest, name: str, rows: int
) -> None:
    client.force_login(request.getfixturevalue(name))

    assert names_in(client.get("/referidos/")).count(person.nombre_completo) == rows
