"""SAEs by their names on the Hugging Face hub: from the local cache, or fetched when asked to.

What is fetched is looked at first: repositories with the SAEs of every layer of a model take
hundreds of gigabytes, so one of several has to be named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from saedesk.errors import BadCheckpoint
from saedesk.sae.formats.checkpoint_files import SETTINGS_NAMES, could_be_weights
from saedesk.sae.formats.weight_readers import LARGEST_FILE

_NAME = re.compile(r"([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)((?:/[\w.=@+-][\w .=@+-]*)*)/?")
_MOST_NAMED = 6


def hub_sae(name: str, *, allow_download: bool) -> Path:
    """The folder or file of `owner/name`, `owner/name/folder` or `owner/name/file` in the cache.

    Without `allow_download` nothing touches the network. Raises BadCheckpoint with one sentence
    where it is not there, cannot be fetched, or is one of several.
    """
    from saedesk.embedding.model_catalogue import keep_model_libraries_offline

    keep_model_libraries_offline()
    found = _NAME.fullmatch(name.strip())
    if found is None or ".." in name:
        raise BadCheckpoint(
            f"There is no file or folder {name}, and a name on the hub is like owner/name or "
            "owner/name/folder."
        )
    repository, rest = found[1], found[2].strip("/")
    cached = _cached(repository, rest)
    if cached is not None:
        return cached
    if not allow_download:
        raise BadCheckpoint(
            f"The SAE “{name}” is neither a file or folder here nor in the local cache of the hub. "
            "Allow the download from huggingface.co (“--download” on the command line), or check "
            "its path."
        )
    return _download(repository, rest)


def _cached(repository: str, rest: str) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        snapshot = Path(
            snapshot_download(repository, local_files_only=True, allow_patterns=_patterns(rest))
        )
    except (LocalEntryNotFoundError, HFValidationError):
        return None
    place = snapshot / rest
    if place.is_file():
        return place
    # Looking a repository up elsewhere can leave a snapshot that holds only its card.
    has_weights = any(could_be_weights(path.name) for path in place.rglob("*"))
    return place if has_weights else None


def _patterns(rest: str) -> list[str]:
    """What is fetched of a folder or file, with the settings beside it: no code."""
    place = PurePosixPath(rest)
    if rest and could_be_weights(place.name):
        return [rest, *((place.parent / name).as_posix() for name in SETTINGS_NAMES)]
    kinds = ("*.json", "*.safetensors", "*.pt", "*.pth", "*.npz")
    return [(place / kind).as_posix() for kind in kinds]


def _download(repository: str, rest: str) -> Path:
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError
    from huggingface_hub.utils import disable_progress_bars

    from saedesk.embedding.model_download import can_reach, online

    disable_progress_bars()
    if not can_reach(constants.ENDPOINT):
        raise BadCheckpoint(
            f"The SAE “{repository}” is not on this computer and {constants.ENDPOINT} cannot be "
            "reached: connect to the network, or choose a file or folder."
        )
    try:
        with online():
            place = _the_one_of(repository, rest, _sizes_on_hub(repository))
            folder = snapshot_download(
                repository, allow_patterns=_patterns(place), etag_timeout=5, token=False
            )
    except (HfHubHTTPError, HFValidationError) as problem:
        raise BadCheckpoint(
            f"The Hugging Face hub has no public repository “{repository}”: check the spelling of "
            "its name."
        ) from problem
    except BadCheckpoint:
        raise
    # The hub library has changed its network library, and its exceptions, between versions.
    except Exception as problem:
        raise BadCheckpoint(
            f"The download of the SAE “{repository}” broke off: try again, what has arrived is "
            "kept."
        ) from problem
    return Path(folder) / place


def _sizes_on_hub(repository: str) -> dict[str, int]:
    """Bytes of each file; 0 where the hub does not say."""
    from huggingface_hub import HfApi

    about = HfApi(token=False).model_info(repository, files_metadata=True, timeout=10)
    return {file.rfilename: file.size or 0 for file in about.siblings or ()}


def _the_one_of(repository: str, rest: str, sizes: Mapping[str, int]) -> str:
    """Path of the only SAE at `rest`; raises BadCheckpoint naming them where there are several."""
    places = list(_places(rest, sizes))
    if not places:
        raise BadCheckpoint(
            f"“{repository}” on the hub has no SAE{f' in {rest}' if rest else ''}: no file of "
            "weights (.safetensors, .pt, .pth or .npz)."
        )
    if len(places) > 1:
        named = ", ".join(f"{repository}/{place}".rstrip("/") for place in places[:_MOST_NAMED])
        more = f" and {len(places) - _MOST_NAMED} more" if len(places) > _MOST_NAMED else ""
        raise BadCheckpoint(
            f"“{repository}” on the hub has {len(places)} SAEs: {named}{more}. Name one of them."
        )
    (place,) = places
    size = sum(size for name, size in sizes.items() if _is_at(name, place))
    if size > LARGEST_FILE:
        raise BadCheckpoint(
            f"{repository}/{place} has {size / 1e9:,.1f} GB; SAEs of up to {LARGEST_FILE >> 30} GB "
            "are read."
        )
    return place


def _places(rest: str, sizes: Mapping[str, int]) -> Iterator[str]:
    """Folders with one file of weights, and the files where a folder has several; sorted.

    The root of the repository is "".
    """
    if rest in sizes:
        yield rest
        return
    by_folder: dict[str, list[str]] = {}
    for name in sorted(sizes):
        path = PurePosixPath(name)
        if could_be_weights(path.name) and _is_at(name, rest):
            by_folder.setdefault("/".join(path.parts[:-1]), []).append(name)
    for folder, names in sorted(by_folder.items()):
        yield from [folder] if len(names) == 1 else names


def _is_at(name: str, place: str) -> bool:
    return not place or name == place or name.startswith(place + "/")
