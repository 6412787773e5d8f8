"""The commands that make the project of a report again, from the same files."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from saedesk.jobs.load_sae import is_loaded
from saedesk.jobs.report_parts.sae_part import settings_of
from saedesk.jobs.report_parts.safe_values import file_name
from saedesk.project.document_writer import ImportRecord, import_records
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.report.report_content import Command
from saedesk.report.shown_text import plain

_OTHER_FILE = "THE-SAME-FILE"


def repeating_commands(
    project: Project,
    sae: ArtifactRecord | None,
    vectors: ArtifactRecord | None,
    activations: ArtifactRecord | None,
    families: ArtifactRecord | None = None,
) -> list[Command]:
    """From an empty folder to this report; the paths of files are for the reader to fill in."""
    folder = project.folder.name
    commands = [Command(_line("new", folder, "--name", project.name))]
    commands += _imports(project, folder, _made_documents(vectors))
    if vectors is not None:
        commands.append(_vectors(folder, vectors))
    if sae is not None:
        commands.append(_sae(folder, sae))
    if sae is not None and activations is not None:
        commands.append(Command(_line("analyse", folder, *_encoder(activations))))
        commands.append(
            Command(_line("label", folder), "Labels given by a person are not made again.")
        )
    if families is not None:
        commands.append(Command(_line("families", folder, *_family_settings(families))))
    commands.append(Command(_line("report", folder, "report.html")))
    return commands


def _family_settings(families: ArtifactRecord) -> Iterator[str]:
    chosen = {**families.inputs["settings"], **families.inputs.get("filter", {})}
    for name, value in chosen.items():
        yield from (f"--{name.replace('_', '-')}", str(value))


def _line(command: str, *words: object) -> str:
    """A command for a terminal; no word can be taken for anything but itself."""
    quoted = (shlex.quote(str(plain(" ".join(str(word).split())))) for word in words)
    return " ".join(["saedesk", command, *quoted])


def _made_documents(vectors: ArtifactRecord | None) -> str:
    """The file of vectors that brought its documents along; "" where there is none."""
    if vectors is None or vectors.inputs.get("match") != "new documents":
        return ""
    return _vector_file(vectors)


def _imports(project: Project, folder: str, left_out: str) -> Iterator[Command]:
    records = [r for r in import_records(project.database) if file_name(r.source) != left_out]
    for record in records:
        words = list(_import_words(record))
        if len(records) == 1:
            for field in project.documents.fields():
                words += ["--field", f"{field.name}:{field.type.value}"]
        remark = f"Read {record.read:,} rows, kept {record.kept:,}."
        if " and " in record.source and record.source.endswith(" more"):
            remark += " Name the further files too."
        remark += " Say --id, --title and --text where those columns were not the ones recognised."
        yield Command(_line("import", folder, *words), remark)


def _import_words(record: ImportRecord) -> Iterator[str]:
    yield _as_argument(file_name(record.source))
    if record.encoding and record.encoding.lower().replace("-", "") != "utf8":
        yield from ("--encoding", record.encoding)
    if record.delimiter and record.delimiter not in ",\t":
        yield from ("--delimiter", record.delimiter)
    if record.duplicates:
        yield "--keep-first"


def _vectors(folder: str, record: ArtifactRecord) -> Command:
    inputs = record.inputs
    model = file_name(str(inputs.get("model") or ""))
    if "imported" in inputs:
        words = [_as_argument(_vector_file(record)), *_matching(inputs)]
        remark = f"The file has the sha256 {inputs['imported']}."
        return Command(
            _line("import-vectors", folder, *words, *(["--model", model] if model else [])), remark
        )
    remark = f"The model has the fingerprint {inputs.get('model_fingerprint', '')}."
    return Command(_line("embed", folder, "--model", model), remark)


def _vector_file(record: ArtifactRecord) -> str:
    told = record.summary.get("imported")
    name = told.get("file") if isinstance(told, dict) else None
    return file_name(str(name or _OTHER_FILE))


def _matching(inputs: dict[str, Any]) -> Iterator[str]:
    """How rows found their documents and what became of rows that cannot be used."""
    for option, name in (("--table", "table"), ("--key", "key_column")):
        if inputs.get(name):
            yield from (option, str(inputs[name]))
    for option, name, usual in (
        ("--match", "match", "auto"),
        ("--unusable", "unusable", "ask"),
        ("--duplicates", "duplicates", "use"),
    ):
        if inputs.get(name, usual) != usual:
            yield from (option, str(inputs[name]).replace(" ", "-"))


def _sae(folder: str, record: ArtifactRecord) -> Command:
    if is_loaded(record):
        told = record.inputs["loaded"]
        name = _as_argument(file_name(str(record.summary.get("file") or _OTHER_FILE)))
        k = record.summary.get("k")
        words = ["--k", str(k)] if k else []
        return Command(
            _line("load-sae", folder, name, *words, "--use"),
            f"The weights have the sha256 {told.get('sha256')}.",
        )
    remark = "On a CPU the same seed and settings give the same SAE, bit for bit."
    if record.inputs.get("shipped"):
        remark = "This SAE came with the program; the command trains it again."
    stopped = record.inputs.get("stopped_at_step")
    if stopped:
        remark = f"The training was stopped by hand after {stopped:,} steps and kept."
    return Command(_line("train", folder, *_train_words(record)), remark)


def _as_argument(name: str) -> str:
    """The name of a file that no command takes for an option."""
    return f"./{name}" if name.startswith("-") else name


def _train_words(record: ArtifactRecord) -> Iterator[str]:
    yield from ("--architecture", str(record.inputs["architecture"]))
    config: dict[str, Any] = dict(record.inputs.get("config") or {})
    for info in settings_of(record):
        if info.name in config and config[info.name] is not None:
            yield f"--{info.name.replace('_', '-')}"
            yield _number(config[info.name])


def _number(value: Any) -> str:
    return f"{value!r}" if isinstance(value, int | float) else str(value)


def _encoder(activations: ArtifactRecord) -> Iterator[str]:
    told = activations.inputs.get("encoder")
    if told:
        yield from ("--encoder", str(told["name"]))
        for name, value in dict(told["settings"]).items():
            yield from ("--set", f"{name}={_number(value)}")
