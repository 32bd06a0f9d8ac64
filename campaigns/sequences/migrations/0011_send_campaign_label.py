"""Whoever may start campaigns may also change them while they run: say so."""

from django.db import migrations

OLD = "May start, pause, resume and stop"
NEW = "May start, pause, resume, change and stop"


def _rename(apps, before, after):
    # Django names a permission when it makes it, and never again.
    permissions = apps.get_model("auth", "Permission").objects
    found = permissions.filter(codename="send_campaign", name=before)
    found.filter(content_type__app_label="sequences").update(name=after)


def rename(apps, _schema_editor):
    _rename(apps, OLD, NEW)


def rename_back(apps, _schema_editor):
    _rename(apps, NEW, OLD)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("sequences", "0010_changed"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="campaign",
            options={
                "ordering": ("-id",),
                "permissions": (("send_campaign", NEW),),
                "verbose_name": "campaign",
                "verbose_name_plural": "campaigns",
            },
        ),
        migrations.RunPython(rename, rename_back),
    ]
