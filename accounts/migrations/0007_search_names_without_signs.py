import unicodedata

from django.db import migrations

APOSTROPHES = dict.fromkeys(map(ord, "'`\xb4\u02bc\u2018\u2019\u2032"))


def name_key(name):
    """A copy of `name_key` at this release: a migration must not change with later code."""
    apart = unicodedata.normalize("NFKD", name.translate(APOSTROPHES))
    apart = unicodedata.normalize("NFKD", apart.casefold())
    plain = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return " ".join("".join(sign if sign.isalnum() else " " for sign in plain).split())


def fill(apps, schema_editor):
    people = apps.get_model("accounts", "CustomUser").objects
    changed = []
    for person in people.only("id", "nombre_completo", "search_name").iterator(chunk_size=2000):
        key = name_key(person.nombre_completo)[:150]
        if key != person.search_name:
            person.search_name = key
            changed.append(person)
        if len(changed) == 2000:
            people.bulk_update(changed, ["search_name"], batch_size=200)
            changed = []
    people.bulk_update(changed, ["search_name"], batch_size=200)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_may_be_looked_up_index")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
