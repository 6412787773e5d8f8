"""What can be done with all labels: in and out, made anew, scores, near-duplicates."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from saedesk.session.session import Session
from saedesk.ui.features_panels.label_files import export_labels, import_labels
from saedesk.ui.features_panels.write_permission import read_only_reason
from saedesk.ui.label_panels.model_labels_dialog import open_model_labels_dialog

if TYPE_CHECKING:
    from saedesk.ui.features_panels.feature_list import FeatureList


def make_label_menu(session: Session, features: FeatureList, is_possible: bool) -> QMenu:
    """A menu that deletes itself; what writes cannot be chosen in a read-only project."""
    menu = QMenu(features)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    refused = read_only_reason(session)
    tasks = features.label_tasks
    ask_model = partial(open_model_labels_dialog, session, features)
    for title, act, writes in (
        ("Import labels…", partial(import_labels, session, features), True),
        ("Export labels…", partial(export_labels, session, features), False),
        ("", None, False),
        ("Label by keywords", tasks.label_all, True),
        ("Label features without a label by keywords", tasks.label_missing, True),
        ("Label with a language model…", ask_model, True),
        ("Score all labels", tasks.score_all, True),
        ("Score the labels without a score", tasks.score_missing, True),
        ("Find near-duplicates…", tasks.find_duplicates, False),
    ):
        if act is None:
            menu.addSeparator()
            continue
        action = menu.addAction(title, act)
        action.setEnabled(is_possible and not (writes and refused))
    if refused:
        menu.addSeparator()
        menu.addAction("The project is read-only here").setEnabled(False)
    return menu
