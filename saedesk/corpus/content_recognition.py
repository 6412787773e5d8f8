"""What a file is by its first bytes, whatever it is called."""

from __future__ import annotations

from pathlib import Path

from saedesk.errors import BadInput

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"version https://git-lfs.github.com/spec/", "a Git LFS pointer; run “git lfs pull”"),
    (b"PK\x03\x04", "a zip archive; unpack it first"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a Linux program"),
    (b"%PDF", "a PDF document; export its text first"),
    (b"SQLite format 3\x00", "an SQLite database; export the table as CSV first"),
    (b"\x93NUMPY", "a NumPy array of numbers, not of texts"),
    (b"\xd0\xcf\x11\xe0", "an old Office document; save it as CSV first"),
    (b"{\\rtf", "a rich-text document; save it as plain text first"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"BZh", "a bzip2 archive; unpack it first"),
    (b"\xfd7zXZ", "an xz archive; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive; unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it first"),
)
_LFS_POINTER = b"version https://git-lfs"
_MARKUP = ((b"<!doctype html", "web page"), (b"<html", "web page"), (b"<head", "web page"),
           (b"<?xml", "XML file"))  # fmt: skip
_REFUSED_ENDINGS = {
    ".pkl": "a pickle", ".pickle": "a pickle", ".joblib": "a joblib file", ".pt": "a PyTorch file",
    ".pth": "a PyTorch file", ".npy": "a NumPy array", ".npz": "a NumPy archive",
}  # fmt: skip
_PLAIN_CONTROLS = frozenset(b"\t\n\r\x00\x0b\x0c\x1b\x1c\x1d\x1e\x1f")


def refuse_what_is_no_table(path: Path, ending: str, sample: bytes) -> None:
    """Raise BadInput when name or first bytes say that `path` holds no table of texts.

    Pickles and their relatives are refused by name too: loading one can run any code.
    """
    if ending in _REFUSED_ENDINGS:
        looks_like = f"{_REFUSED_ENDINGS[ending]}, which may run code when it is opened"
        if ending in (".npy", ".npz"):
            looks_like = f"{_REFUSED_ENDINGS[ending]} of numbers"
    else:
        looks_like = _looks_like(sample) or ""
    if looks_like:
        raise BadInput(f"{path.name} is not a table: it is {looks_like}.")


def what_came_instead(path: Path, start: bytes, wanted: str) -> str:
    """The sentence about a pointer of git-lfs or a web page that was saved as binary file `path`.

    "" for all else. `start` are its first bytes, `wanted` says what it should be: "a file of
    weights".
    """
    if start.startswith(_LFS_POINTER):
        return (
            f"{path.name} is a pointer of git-lfs, not the file itself. Fetch it with “git lfs "
            "pull”, or download it from its page."
        )
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(tuple(markup for markup, _ in _MARKUP)):
        return f"{path.name} is a web page, not {wanted}. Download the file itself."
    return ""


def _looks_like(sample: bytes) -> str | None:
    if sample.startswith(b"PK\x03\x04") and b"xl/" in sample[:4096]:
        return "an Excel workbook; save the sheet as CSV first"
    for magic, words in _MAGIC:
        if sample.startswith(magic) and (magic != b"MZ" or b"\x00" in sample[:256]):
            return words
    start = sample.removeprefix(b"\xef\xbb\xbf").lstrip()[:64].lower()
    for markup, words in _MARKUP:
        if start.startswith(markup):
            return f"the text of a {words} (perhaps a log-in page saved by mistake)"
    if _is_pickle(sample):
        return "a pickle, which may run code when it is opened"
    if _is_binary(sample):
        return "binary data, not text"
    return None


def _is_pickle(sample: bytes) -> bool:
    return len(sample) > 2 and sample[0] == 0x80 and sample[1] in range(2, 6)


def _is_binary(sample: bytes) -> bool:
    """More than a tenth of control characters that no text has; NUL counts as text (UTF-16)."""
    if not sample or sample[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return False
    strange = sum(1 for byte in sample if byte < 32 and byte not in _PLAIN_CONTROLS)
    only_nul = sample.count(0) > 0.9 * len(sample)
    return only_nul or strange > 0.1 * len(sample)
