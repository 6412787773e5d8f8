"""The small finished project, and copies of it."""

from __future__ import annotations

from tests.tiny_projects import abstracts as abstracts
from tests.tiny_projects import project_copy as project_copy
from tests.tiny_projects import small_project as small_project
