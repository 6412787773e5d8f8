"""Write resources/demo_vectors and resources/demo_sae from a demo made from scratch.

Run it after the demo's texts, the default model or the demo's settings changed:

    python packaging/make_demo_resources.py [PROJECT_FOLDER]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from saedesk.cli.terminal import TerminalControl
from saedesk.jobs import open_demo
from saedesk.project.project_folder import Project

RESOURCES = Path(__file__).parent.parent / "resources"


def main() -> int:
    """Make the demo from scratch in a folder, then keep its vectors and SAE."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(temporary) / "demo.saedesk"
        open_demo.run(open_demo.DemoRequest(folder, from_scratch=True), TerminalControl())
        with Project.open(folder) as project:
            record = project.current("saes")
            assert record is not None
            open_demo.store_as_resources(project, record, RESOURCES)
    return 0


if __name__ == "__main__":
    sys.exit(main())
