import unicodedata

from django.db import migrations
from django.db.models import OuterRef, Subquery

LONGEST_KEY = {"departamento": 100, "municipio": 100, "puesto": 200, "mesa": 20}
LEVELS = tuple(LONGEST_KEY)
KEYS = [f"{level}_key" for level in LEVELS]


def folded(text):
    """As accounts folded names at this release: a migration must not change with later code."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join("".join(sign for sign in apart if not unicodedata.combining(sign)).split())


def place_key(level, name):
    key = folded(name.replace("\0", ""))[: LONGEST_KEY[level]].rstrip()
    if level == "mesa" and key.isascii() and key.isdigit():
        return key.lstrip("0").zfill(4)
    return key


def fill(apps, schema_editor):
    rows = apps.get_model("census", "CedulaInfo").objects
    people = apps.get_model("accounts", "CustomUser").objects
    referrer = people.filter(pk=OuterRef("user_id")).values("referred_by_id")[:1]
    rows.update(referrer_id=Subquery(referrer))
    batch = []
    for row in rows.filter(status="ACTIVE").only("id", *LEVELS).iterator(chunk_size=2000):
        for level in LEVELS:
            setattr(row, f"{level}_key", place_key(level, getattr(row, level)))
        batch.append(row)
        if len(batch) == 2000:
            rows.bulk_update(batch, KEYS, batch_size=100)
            batch = []
    rows.bulk_update(batch, KEYS, batch_size=100)


class Migration(migrations.Migration):
    dependencies = [("census", "0002_referidos"), ("accounts", "0002_referidos")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
