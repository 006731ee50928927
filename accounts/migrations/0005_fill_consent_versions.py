from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    people = apps.get_model("accounts", "CustomUser").objects
    consents = apps.get_model("accounts", "Consent").objects
    latest = consents.filter(user=OuterRef("pk")).order_by("-given_at").values("version")[:1]
    consented = people.filter(consented_at__isnull=False, consents__isnull=False).distinct()
    people.filter(pk__in=consented.values("pk")).update(consent_version=Subquery(latest))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_consents_and_sessions")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
