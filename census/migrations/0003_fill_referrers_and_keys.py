from django.db import migrations
from django.db.models import OuterRef, Subquery

from census.places import LEVELS, place_keys

KEYS = [f"{level}_key" for level in LEVELS]


def fill(apps, schema_editor):
    rows = apps.get_model("census", "CedulaInfo").objects
    people = apps.get_model("accounts", "CustomUser").objects
    referrer = people.filter(pk=OuterRef("user_id")).values("referred_by_id")[:1]
    rows.update(referrer_id=Subquery(referrer))
    batch = []
    for row in rows.filter(status="ACTIVE").only("id", *LEVELS).iterator(chunk_size=2000):
        for name, key in place_keys({level: getattr(row, level) for level in LEVELS}).items():
            setattr(row, name, key)
        batch.append(row)
        if len(batch) == 2000:
            rows.bulk_update(batch, KEYS, batch_size=100)
            batch = []
    rows.bulk_update(batch, KEYS, batch_size=100)


class Migration(migrations.Migration):
    dependencies = [("census", "0002_referidos"), ("accounts", "0002_referidos")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
