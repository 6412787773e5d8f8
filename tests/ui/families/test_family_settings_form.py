"""All settings of families are sentences with units; the filter is among them and told."""

from __future__ import annotations

from dataclasses import fields

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from saedesk.features.families.family_settings import FamilySettings
from saedesk.features.families.feature_filter import FeatureFilter
from saedesk.session.family_book import FamilyBook
from saedesk.session.session import Session
from saedesk.ui.family_panels.family_rows import filter_text
from saedesk.ui.family_panels.family_settings_form import OF_FILTER, FamilySettingsForm
from saedesk.ui.widgets.text_label import TextLabel
from saedesk.ui.workspaces.families_workspace import FamiliesWorkspace
from tests.ui.families.conftest import settle

LEFT = Qt.MouseButton.LeftButton


def test_every_setting_has_a_field_or_a_slider(qtbot: QtBot) -> None:
    form = FamilySettingsForm()
    qtbot.addWidget(form)
    sliders = {"threshold", "fewest_documents"}
    assert set(form.fields) | sliders == {one.name for one in fields(FamilySettings)}
    assert set(form.filter_fields) == set(OF_FILTER)
    form.show_settings(FamilySettings(), FeatureFilter())
    assert form.fields["later_threshold"].text() == "7 %"
    assert form.fields["most_density"].text() == "20 %"
    assert form.fields["weight"].currentText() == "special one"
    form.resize(600, 500)
    form.show()
    told = {
        label.text()
        for label in form.findChildren(TextLabel)
        if label.isVisible() and label.parentWidget().rect().contains(label.geometry())
    }
    assert "of the special one’s documents" in told
    assert "standard deviations" in told
    name = form.fields["later_threshold"].accessibleName()
    assert name == "In later passes draw an edge from … of the special one’s documents"


def test_a_share_is_typed_in_percent(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    with qtbot.waitSignal(families.families_changed):
        workspace.page.thresholds.fields["largest_overlap"].setValue(30)
    assert families.settings.largest_overlap == 0.3
    settle(qtbot, families_session)


def test_what_is_wrong_with_a_share_is_said_in_percent(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    shown, kept = workspace.page.thresholds.fields, families.settings
    for name, value, told in (
        (
            "later_threshold",
            3,
            "Threshold of later passes must lie between 5 % and 100 %; it is 3 %.",
        ),
        ("most_density", 120, "Densest feature must lie between 0.1 % and 100 %; it is 120 %."),
        ("largest_overlap", -1, "Overlap must lie between 0 % and 100 %; it is −1 %."),
        ("above_chance", 200, "Above chance must lie between 0 and 100; it is 200."),
    ):
        shown[name].setValue(value)
        assert shown[name].error == told
        with qtbot.waitSignal(families.families_changed):
            shown[name].setValue(50)
        assert shown[name].error is None
    assert families.settings != kept
    settle(qtbot, families_session)


def test_the_filter_is_tried_told_and_taken_back(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    thresholds, before = workspace.page.thresholds, families.families
    qtbot.mouseClick(thresholds.fold, LEFT)
    field = thresholds.form.filter_fields["equal_labels"]
    assert field.isVisible()
    assert "Only features" not in workspace.list.foot.text()
    with qtbot.waitSignal(families.families_changed):
        field.setCurrentText("yes")
    settle(qtbot, families_session)
    assert families.filter == FeatureFilter(equal_labels="best")
    assert thresholds.keep.isVisible()
    assert workspace.list.foot.text().endswith(
        "Only features with the best of equal labels are looked at."
    )
    with qtbot.waitSignal(families.families_changed):
        qtbot.mouseClick(thresholds.back, LEFT)
    settle(qtbot, families_session)
    assert families.filter == FeatureFilter()
    assert field.currentText() == "no"
    assert [one.members for one in families.families] == [one.members for one in before]
    assert not thresholds.keep.isVisible()
    score = thresholds.form.filter_fields["least_score"]
    score.setValue(7)
    assert score.error
    assert families.filter == FeatureFilter()


def test_the_filter_is_a_sentence() -> None:
    assert filter_text(FeatureFilter()) == ""
    assert filter_text(FeatureFilter(labels="clean", equal_labels="best", least_score=0.8)) == (
        "Only features with a label score from 0.80, a readable label and the best of equal "
        "labels are looked at."
    )
