"""Every command of the window, once: menus, shortcuts, the palette and the key overview read it."""

from __future__ import annotations

from dataclasses import dataclass

from saedesk.ui.shell.workspace_table import WORKSPACES


@dataclass(frozen=True)
class ActionEntry:
    """One command."""

    name: str
    """Also the name of the method of `WindowCommands` that carries it out."""
    title: str
    """An ellipsis at the end: it asks something first."""
    icon: str
    shortcuts: tuple[str, ...] = ()
    group: str = "Window"
    """Head under which the key overview lists it."""
    needs: str = ""
    """"" always, "project" an open project, "task" a running task, "drawer" a right column that
    does not fit, "undo" and "redo" a step to take, "search" vectors to search in, "asked" a search
    that asks something, "turned" a slider that is turned, "one setting" a search whose settings
    are not compared yet."""
    is_switch: bool = False
    """Whether it is on or off, which menus show."""


_GO_TO = tuple(
    ActionEntry(
        f"show_{entry.name}",
        f"Go to {entry.title}",
        entry.icon,
        (entry.shortcut,),
        "Workspaces",
        "project" if entry.needs_project else "",
    )
    for entry in WORKSPACES
)

ACTIONS = (
    ActionEntry("find", "Find anything", "search", ("Ctrl+K",)),
    *_GO_TO,
    ActionEntry(
        "focus_filter",
        "Filter the list in view",
        "list-filter",
        ("Ctrl+F",),
        "Workspaces",
        "project",
    ),
    ActionEntry(
        "toggle_drawer",
        "Show or hide the right column",
        "panel-right",
        ("F9",),
        "Workspaces",
        "drawer",
    ),
    ActionEntry("undo", "Undo", "undo-2", ("Ctrl+Z",), "Changes", "undo"),
    ActionEntry("redo", "Redo", "redo-2", ("Ctrl+Shift+Z", "Ctrl+Y"), "Changes", "redo"),
    ActionEntry("open_demo", "Open the demo", "play", (), "Projects"),
    ActionEntry("open_project", "Open a project…", "folder-open", ("Ctrl+O",), "Projects"),
    ActionEntry("new_project", "New project…", "folder-plus", ("Ctrl+N",), "Projects"),
    ActionEntry("import_documents", "Import documents…", "upload", ("Ctrl+I",), "Projects"),
    ActionEntry("import_vectors", "Import vectors…", "binary", (), "Projects"),
    ActionEntry("read_text", "Read a text…", "type", (), "Projects", "project"),
    ActionEntry("export", "Export…", "download", ("Ctrl+E",), "Projects", "project"),
    ActionEntry("saved_selections", "Saved selections…", "list-filter", (), "Projects", "project"),
    ActionEntry("search_index", "Search index…", "text-search", (), "Projects", "project"),
    ActionEntry("ask_search", "Search for…", "search", (), "Search", "search"),
    ActionEntry("steer_search", "Steer the search", "sliders-horizontal", (), "Search", "search"),
    ActionEntry("clear_search", "Clear the search", "x", (), "Search", "asked"),
    ActionEntry(
        "reset_sliders", "Put all sliders of the search back", "rotate-ccw", (), "Search", "turned"
    ),
    ActionEntry(
        "compare_settings",
        "Compare two settings of the search",
        "git-compare",
        (),
        "Search",
        "one setting",
    ),
    ActionEntry("save_search", "Save this search…", "bookmark", (), "Search", "asked"),
    ActionEntry("saved_searches", "Saved searches…", "bookmark", (), "Search", "search"),
    ActionEntry(
        "copy_search_command",
        "Copy the search as a script: a command line",
        "copy",
        (),
        "Search",
        "asked",
    ),
    ActionEntry(
        "copy_search_python", "Copy the search as a script: Python", "copy", (), "Search", "asked"
    ),
    ActionEntry("load_sae", "Load an SAE…", "download", (), "Projects", "project"),
    ActionEntry(
        "label_with_model", "Label with a language model…", "tag", (), "Projects", "project"
    ),
    ActionEntry("label_by_keywords", "Label by keywords", "tag", (), "Projects", "project"),
    ActionEntry(
        "label_missing_by_keywords",
        "Label features without a label by keywords",
        "tag",
        (),
        "Projects",
        "project",
    ),
    ActionEntry("measure_families", "Measure the families", "network", (), "Projects", "project"),
    ActionEntry("write_report", "Write a report…", "file-text", (), "Projects", "project"),
    ActionEntry("export_sae", "Export this SAE…", "upload", (), "Projects", "project"),
    ActionEntry(
        "show_in_folder", "Show the project in its folder", "folder", (), "Projects", "project"
    ),
    ActionEntry("close_project", "Close the project", "x", ("Ctrl+W",), "Projects", "project"),
    ActionEntry("pause_task", "Pause or resume the task", "pause", (), "Tasks", "task"),
    ActionEntry("cancel_task", "Cancel the task", "x", (), "Tasks", "task"),
    ActionEntry(
        "private_mode",
        "Private mode: ask only models on this computer",
        "shield-check",
        is_switch=True,
    ),
    ActionEntry("theme_system", "Theme: as the system", "sun-moon"),
    ActionEntry("theme_light", "Theme: light", "sun"),
    ActionEntry("theme_dark", "Theme: dark", "moon"),
    ActionEntry("show_keys", "Show the keys", "keyboard", ("?", "F1")),
    ActionEntry("show_about", "About saedesk", "info"),
    ActionEntry("show_log", "Show the log in its folder", "file-text"),
    ActionEntry("quit", "Quit", "circle-x", ("Ctrl+Q",)),
)
