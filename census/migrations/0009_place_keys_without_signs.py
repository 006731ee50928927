import re
import unicodedata

from django.db import migrations, models
from django.db.models import Max, OuterRef, Subquery

LONGEST_KEY = {"departamento": 100, "municipio": 100, "puesto": 200, "mesa": 20}
ROWS_AT_A_TIME = 50_000
"""Each batch is one statement for each level."""

MESA = re.compile(r"0*([0-9]+)(.*)")
ALIASES = {
    "departamento": {
        "bogota": "bogotadc",
        "santafedebogotadc": "bogotadc",
        "valle": "valledelcauca",
        "nortedesan": "nortedesantander",
        "guajira": "laguajira",
        "sanandres": "sanandresyprovidencia",
        "archipielagodesanandresprovidenciaysantacatalina": "sanandresyprovidencia",
        "archipielagodesanandres": "sanandresyprovidencia",
    },
    "municipio": {
        "bogota": "bogotadc",
        "santafedebogotadc": "bogotadc",
        "santiagodecali": "cali",
        "cartagenadeindias": "cartagena",
        "sanjosedecucuta": "cucuta",
    },
}


def folded(text):
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join("".join(sign for sign in apart if not unicodedata.combining(sign)).split())


def place_key(level, name):
    """A copy of `place_key` at this release: a migration must not change with later code."""
    key = "".join(sign for sign in folded(name) if sign.isalnum())[: LONGEST_KEY[level]]
    if level == "mesa" and (numbered := MESA.fullmatch(key)):
        return f"{numbered[1].zfill(4)}{numbered[2]}"[: LONGEST_KEY[level]]
    return ALIASES.get(level, {}).get(key, key)


def fill(apps, schema_editor):
    """Make the keys anew, once for each name: millions of rows share some thousand names."""
    rows = apps.get_model("census", "CedulaInfo").objects
    keys = apps.get_model("census", "KeyOfName").objects
    for level in LONGEST_KEY:
        names = rows.exclude(**{level: ""}).order_by().values_list(level, flat=True).distinct()
        keys.bulk_create(
            (keys.model(level=level, name=name, key=place_key(level, name)) for name in names),
            batch_size=1000,
        )
    last = rows.aggregate(last=Max("pk"))["last"] or 0
    for first in range(0, last + 1, ROWS_AT_A_TIME):
        batch = rows.filter(pk__gte=first, pk__lt=first + ROWS_AT_A_TIME)
        for level in LONGEST_KEY:
            key = keys.filter(level=level, name=OuterRef(level)).values("key")[:1]
            batch.exclude(**{level: ""}).update(**{f"{level}_key": Subquery(key)})


class Migration(migrations.Migration):
    dependencies = [("census", "0008_line_with_its_people")]

    operations = [
        migrations.CreateModel(
            "KeyOfName",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("level", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=200)),
                ("key", models.CharField(max_length=200)),
            ],
            options={"constraints": [models.UniqueConstraint("level", "name", name="key_of_name")]},
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.DeleteModel("KeyOfName"),
    ]
