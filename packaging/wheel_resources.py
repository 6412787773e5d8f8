"""Puts `resources/` into the wheel as `saedesk/_resources`, without the README's screenshots.

A plain force-include cannot leave a folder out, and it would copy the files into an editable
install too, where they grow stale beside the ones of the source tree.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LEFT_OUT = "screenshots"


class WheelResources(BuildHookInterface):
    """Adds one forced inclusion for each file of `resources/`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before a wheel is built; `version` is standard or editable."""
        if version == "editable":
            return
        resources = Path(self.root) / "resources"
        for file in sorted(resources.rglob("*")):
            inside = file.relative_to(resources)
            if file.is_file() and inside.parts[0] != LEFT_OUT:
                build_data["force_include"][str(file)] = f"saedesk/_resources/{inside.as_posix()}"
