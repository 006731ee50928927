import unicodedata

from django.db import migrations


def folded(text):
    """A copy of `folded` at this release: a migration must not change with later code."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join("".join(sign for sign in apart if not unicodedata.combining(sign)).split())


def fill(apps, schema_editor):
    people = apps.get_model("accounts", "CustomUser").objects
    batch = []
    for person in people.only("id", "nombre_completo").iterator(chunk_size=2000):
        person.search_name = folded(person.nombre_completo)[:150]
        batch.append(person)
        if len(batch) == 2000:
            people.bulk_update(batch, ["search_name"], batch_size=200)
            batch = []
    people.bulk_update(batch, ["search_name"], batch_size=200)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_referidos")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
