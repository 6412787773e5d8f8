"""All fields of forms, by one import."""

from saedesk.ui.widgets.choice_field import ChoiceField
from saedesk.ui.widgets.form_row import FieldRow
from saedesk.ui.widgets.number_field import NumberField
from saedesk.ui.widgets.text_field import SearchField, TextField

__all__ = ["ChoiceField", "FieldRow", "NumberField", "SearchField", "TextField"]
