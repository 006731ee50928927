"""Columns computed from another column of the same row, whichever way the row is written.

`save` and `bulk_create` call `DerivedText.pre_save`. A write that names its columns takes
`DerivedModel` and `DerivedQuerySet`; the system checks refuse a model without them.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.core.checks import CheckMessage, Error
from django.db import models

Row = TypeVar("Row", bound=models.Model)


class DerivedText(models.CharField):  # type: ignore[type-arg]  # takes none at run time
    """Text that `derive` computes from the field named `source`, cut to `max_length`.

    Migrations see a CharField: they must not change with later code.
    """

    def __init__(
        self, *args: Any, source: str, derive: Callable[[str], str], **kwargs: Any
    ) -> None:
        self.source, self.derive = source, derive
        super().__init__(*args, **{**kwargs, "editable": False})

    def value_for(self, text: str) -> str:
        """The column's value beside `text` in the source."""
        return self.derive(text)[: self.max_length]

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: ARG002, FBT001  Django's
        value = self.value_for(getattr(model_instance, self.source))
        setattr(model_instance, self.attname, value)
        return value

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", list(args), kwargs

    def clone(self) -> Any:
        """A CharField: the copy for a migration's state, which has no `derive`."""
        _, _, args, kwargs = self.deconstruct()
        return models.CharField(*args, **kwargs)

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """An error where some way of writing the model's rows would leave the column behind."""
        managers = self.model._meta.managers  # noqa: SLF001  documented
        in_step = [isinstance(manager.get_queryset(), DerivedQuerySet) for manager in managers]
        if all(in_step) and issubclass(self.model, DerivedModel):
            return super().check(**kwargs)
        needed = "Its model needs DerivedModel, and DerivedQuerySet in every manager."
        return [*super().check(**kwargs), Error(needed, obj=self, id="accounts.E002")]


class DerivedModel(models.Model):
    """A model whose `save(update_fields=…)` writes the derived columns along with their sources."""

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        for field in _derived(type(self)):
            if field.source in self.__dict__:  # a deferred column is saved only once it is set
                field.pre_save(self, add=False)
        if update_fields is not None:
            update_fields = _with_derived(type(self), update_fields)
        super().save(*args, update_fields=update_fields, **kwargs)


class DerivedQuerySet(models.QuerySet[Row]):
    """Rows whose derived columns follow their sources in `update` and the bulk methods."""

    def update(self, **values: Any) -> int:
        """Raise TypeError where the columns cannot be computed: for expressions, such as F()."""
        for field in _derived(self.model):
            text = values.get(field.source)
            if isinstance(text, str):
                values[field.name] = field.value_for(text)
            elif (field.source in values) != (field.name in values):
                raise TypeError(f"{field.name} is derived from {field.source}: give it as text.")
        return super().update(**values)

    def bulk_update(
        self, objs: Iterable[Row], fields: Iterable[str], *args: Any, **kwargs: Any
    ) -> int:
        rows, names = list(objs), _with_derived(self.model, fields)
        for field in _derived(self.model):
            for row in rows if field.name in names else ():
                field.pre_save(row, add=False)
        return super().bulk_update(rows, names, *args, **kwargs)

    def bulk_create(self, objs: Iterable[Row], *args: Any, **kwargs: Any) -> list[Row]:
        if kwargs.get("update_fields"):
            kwargs["update_fields"] = _with_derived(self.model, kwargs["update_fields"])
        return super().bulk_create(objs, *args, **kwargs)


def _derived(model: type[models.Model]) -> list[DerivedText]:
    columns = model._meta.concrete_fields  # noqa: SLF001  documented
    return [column for column in columns if isinstance(column, DerivedText)]


def _with_derived(model: type[models.Model], names: Iterable[str]) -> set[str]:
    """`names`, and the columns derived from any of them."""
    named = set(names)
    return named | {field.name for field in _derived(model) if field.source in named}
