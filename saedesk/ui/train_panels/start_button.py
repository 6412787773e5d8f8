"""The button that starts a run; an ordinary one while something else is the next step."""

from __future__ import annotations

from PySide6.QtGui import QPaintEvent

from saedesk.ui.widgets.buttons import DefaultButton, PrimaryButton


class StartButton(PrimaryButton):
    """A primary button that can step back."""

    _is_primary = True

    def set_primary(self, is_primary: bool) -> None:
        """Whether it is the one button that does what the view is for."""
        if is_primary != self._is_primary:
            self._is_primary = is_primary
            self.update()

    @property
    def is_primary(self) -> bool:
        """Whether it is drawn as the primary button."""
        return self._is_primary

    def paintEvent(self, event: QPaintEvent) -> None:
        """As the kind of button that it is now."""
        if self._is_primary:
            super().paintEvent(event)
        else:
            # Both kinds are one and the same but for how they are painted.
            DefaultButton.paintEvent(self, event)  # type: ignore[arg-type]
