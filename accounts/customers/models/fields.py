"""A column that the database's own clock fills at every save."""

from django.db import models
from django.db.models.functions import Now


class ChangedAtField(models.DateTimeField[None, None]):
    """When the row was last saved; an instance shows it after it was read again."""

    def __init__(self, *args: object, **options: object) -> None:
        options |= {"db_default": Now(), "editable": False}
        super().__init__(*args, **options)  # type: ignore[arg-type]

    def pre_save(self, model_instance: models.Model, add: bool) -> Now:
        return Now()
