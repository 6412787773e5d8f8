from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from saedesk.errors import KnownError
from saedesk.ui.screenshots import main, save_screenshots

CHECKOUT = Path(__file__).parent.parent.parent


def test_a_folder_without_a_project_is_refused(
    qapp: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(KnownError, match="no project"):
        save_screenshots(tmp_path / "nothing.saedesk", tmp_path / "out")
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err


@pytest.mark.slow
def test_every_workspace_is_drawn_in_both_themes(built_project: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    home = tmp_path / "home"
    done = subprocess.run(
        [sys.executable, "-m", "saedesk.ui.screenshots", str(built_project), str(out)],
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
        env={**os.environ, "SAEDESK_HOME": str(home)},
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in out.iterdir()) == [
        f"{name}-{theme}.png"
        for name in ("corpus", "families", "features", "search", "train")
        for theme in ("dark", "light")
    ]
    for path in out.iterdir():
        picture = QImage(str(path))
        assert (picture.width(), picture.height()) == (1440, 900)
        shades = {picture.pixel(x, y) for x in range(0, 1440, 7) for y in range(0, 900, 7)}
        assert len(shades) > 40, path.name
    assert not home.exists()
