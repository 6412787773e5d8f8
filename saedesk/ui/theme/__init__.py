"""The look: every colour, size, duration and font of the window, read from one token file."""

from saedesk.ui.theme.design_tokens import DesignTokens, tokens
from saedesk.ui.theme.icons import icon, pixmap, sign_pixmap
from saedesk.ui.theme.theme import Theme

__all__ = ["DesignTokens", "Theme", "icon", "pixmap", "sign_pixmap", "tokens"]
