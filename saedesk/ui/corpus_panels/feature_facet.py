"""Features among the filters: documents that must have one, or must not."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, QSize, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLayout, QVBoxLayout, QWidget

from saedesk.ui.corpus_panels.corpus_view import CorpusView
from saedesk.ui.corpus_panels.range_facet import BLEED
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.chips import FilterChip
from saedesk.ui.widgets.fields import SearchField
from saedesk.ui.widgets.row_table import RowTable
from saedesk.ui.widgets.row_table_model import Column, RowTableModel
from saedesk.ui.widgets.section_head import SectionHead
from saedesk.ui.widgets.segmented import SegmentedControl
from saedesk.ui.widgets.text_label import TextLabel

REQUIRE, LEAVE_OUT = "Require", "Leave out"


class FeatureChip(FilterChip):
    """A feature in the filter; a click turns it into its opposite, the cross takes it away."""

    def __init__(self, latent: int, label: str, left_out: bool) -> None:
        short = label if len(label) <= 30 else f"{label[:29]}…"
        state = "left out" if left_out else "required"
        super().__init__(
            short,
            removable=True,
            icon="minus" if left_out else "plus",
            tooltip=f"{label}: {state}. Click to change that, Delete to take it away.",
            accessible_name=f"{label}, {state}",
        )
        self.latent, self.left_out = latent, left_out


class FeatureFacet(QWidget):
    """Head with a plus, chips of the features in the filter."""

    def __init__(self, view: CorpusView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self.add = GhostButton("plus", "Require a feature, or leave it out")
        self.add.clicked.connect(self._choose)
        self._hint = TextLabel("Require a feature, or leave it out", "caption", "text3", wrap=True)
        self._chips = QVBoxLayout()
        self._chips.setSpacing(tokens().space[1])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(BLEED, tokens().space[1], BLEED, tokens().space[4])
        layout.setSpacing(tokens().space[1])
        layout.setSizeConstraint(QLayout.SizeConstraint.SetMinimumSize)
        layout.addWidget(SectionHead("Features", "", self.add))
        layout.addWidget(self._hint)
        layout.addLayout(self._chips)
        view.filter_changed.connect(self.refresh)
        view.features_changed.connect(self.refresh)
        view.labels_changed.connect(self.refresh)
        view.columns_changed.connect(self.refresh)
        self.refresh()

    @property
    def chips(self) -> list[FeatureChip]:
        """The chips, from the top."""
        found = [self._chips.itemAt(at).widget() for at in range(self._chips.count())]
        return [chip for chip in found if isinstance(chip, FeatureChip)]

    @Slot()
    def refresh(self, _: object = None) -> None:
        """Shows the features of the filter in force."""
        book, wanted = self._view.session.book, self._view.filter
        self.setVisible(book is not None and self._view.features is not None)
        for chip in self.chips:
            self._chips.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        if book is None:
            return
        for latents, left_out in ((wanted.required, False), (wanted.left_out, True)):
            for latent in latents:
                chip = FeatureChip(latent, book.text(latent), left_out)
                chip.clicked.connect(self._flip)
                chip.removed.connect(self._remove)
                self._chips.addWidget(chip, 0, Qt.AlignmentFlag.AlignLeft)

    @Slot()
    def _flip(self) -> None:
        chip = self.sender()
        assert isinstance(chip, FeatureChip)
        self._view.require_feature(chip.latent, leave_out=not chip.left_out)

    @Slot()
    def _remove(self) -> None:
        chip = self.sender()
        assert isinstance(chip, FeatureChip)
        self._view.drop_feature(chip.latent)

    def _choose(self) -> None:
        chooser = FeatureChooser(self._view, self)
        below = QPoint(0, self.add.height() + tokens().grid)
        chooser.move(self.add.mapToGlobal(below))
        chooser.show()
        chooser.field.setFocus()


class FeatureChooser(QDialog):
    """Finds a feature by its label; Enter takes the chosen one."""

    def __init__(self, view: CorpusView, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("ground", "raised")
        self._view = view
        book, sae = view.session.book, view.session.sae
        assert book is not None
        assert sae is not None
        self._labels = [book.text(latent) for latent in range(sae.n_latents)]
        self._folded = [label.casefold() for label in self._labels]
        self._density = np.asarray(sae.statistics.density)
        self.how = SegmentedControl([REQUIRE, LEAVE_OUT], accessible_name="What to do with it")
        self.field = SearchField("Find a feature by its label", accessible_name="Find a feature")
        self.field.text_changed.connect(self._refresh)
        self.field.submitted.connect(self._take_first)
        columns = [
            Column("label", "Feature", self._label, stretch=True, sortable=False),
            Column("density", "Density", self._share, "right", 72, sortable=False, colour="text2"),
        ]
        dense = tokens().row_height.table_dense
        pad = tokens().padding.hover_card
        self.table = RowTable(RowTableModel(columns), dense, "Features", pad, ground="raised")
        self.table.row_activated.connect(self._take)
        self.table.cell_clicked.connect(self._take)
        space = tokens().space
        head = QVBoxLayout()
        head.setContentsMargins(pad, pad, pad, 0)
        head.setSpacing(space[2])
        head.addWidget(self.how)
        head.addWidget(self.field)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 0, 1, 1)
        layout.addLayout(head)
        layout.addWidget(self.table, 1)
        self._refresh("")

    def sizeHint(self) -> QSize:
        side = tokens().space[8]
        return QSize(side * 11, side * 12)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down and self.field.hasFocus():
            self.table.setFocus(Qt.FocusReason.TabFocusReason)
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return  # The field and the table have answered it.
        super().keyPressEvent(event)

    def _label(self, latent: int) -> str:
        return self._labels[latent]

    def _share(self, latent: int) -> str:
        return f"{self._density[latent]:.2%}".replace("%", " %")

    @Slot(str)
    def _refresh(self, text: str) -> None:
        words = text.casefold().split()
        found = [
            latent
            for latent, label in enumerate(self._folded)
            if self._density[latent] > 0 and all(word in label for word in words)
        ]
        by_density = sorted(found, key=lambda latent: -self._density[latent])
        self.table.row_model.set_order(np.array(by_density, np.int64))
        self.table.set_empty_text("No feature has this in its label.")

    @Slot(str)
    def _take_first(self, _: str) -> None:
        if self.table.row_model.rowCount():
            self._take(self.table.row_model.row_id(0))

    @Slot(object)
    def _take(self, latent: object, _column: str = "") -> None:
        assert isinstance(latent, int)
        self._view.require_feature(latent, leave_out=self.how.current == LEAVE_OUT)
        self.close()
