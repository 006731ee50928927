"""The form of the operations page."""

from django import forms

A_WEEK_MINUTES = 7 * 24 * 60


class PauseForm(forms.Form):
    """The length of a pause."""

    FOR_MINUTES, UNTIL_RESUMED = "minutos", "indefinida"

    how = forms.ChoiceField(
        label="¿Hasta cuándo?",
        choices=[(FOR_MINUTES, "Por unos minutos"), (UNTIL_RESUMED, "Hasta que alguien la quite")],
        initial=FOR_MINUTES,
        widget=forms.RadioSelect,
    )
    amount = forms.IntegerField(
        label="Minutos", min_value=1, max_value=A_WEEK_MINUTES, initial=30, required=False
    )

    def clean(self) -> None:
        super().clean()
        wanted = self.cleaned_data.get("how") == self.FOR_MINUTES
        if wanted and self.cleaned_data.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", "Escribe cuántos minutos, por ejemplo 30.")

    @property
    def minutes(self) -> int | None:
        """Minutes, of a valid form; None for a pause without an end."""
        if self.cleaned_data["how"] == self.UNTIL_RESUMED:
            return None
        minutes: int = self.cleaned_data["amount"]
        return minutes
