"""Families as one file: GraphML for programs that draw graphs, JSON with everything, and the form
that O'Neill et al. 2024 published (see `published_families`)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, BinaryIO
from xml.sax.saxutils import escape

from saedesk.features.families.edited_families import ShownFamily
from saedesk.features.families.family_label import FamilyLabel
from saedesk.features.families.published_families import published_form
from saedesk.jobs.exports.family_rows import measure_cells
from saedesk.jobs.loaded_sae import LoadedSae, open_analysed_sae, shown_label
from saedesk.jobs.shown_families import measured_by_root, shown_families
from saedesk.project.project_folder import Project
from saedesk.task_control import TaskControl

FORMAT = "saedesk families"
FORMAT_VERSION = 1
GRAPHML = "http://graphml.graphdrawing.org/xmlns"
_NODE_KEYS = {"label": "string", "documents": "int", "density": "double", "families": "string"}
_EDGE_KEYS = {"weight": "double", "families": "string"}
_GRAPH_KEYS = {"names": "string"}
# What XML 1.0 cannot hold, not even escaped.
_NO_XML = re.compile("[^\\t\\n\\r\\u0020-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def family_file(
    project: Project, sae_hash: str, ending: str, *, published: bool
) -> Callable[[BinaryIO, TaskControl], int]:
    """What writes the families to an open file and returns how many.

    ending: “graphml” or “json”; `published` is a form of JSON. Raises BadInput where the SAE is
    not analysed.
    """
    sae = open_analysed_sae(project, sae_hash)
    texts = {i: one.text for i, one in project.labels.current(sae.hash).items() if one.text}

    def write(file: BinaryIO, control: TaskControl) -> int:
        stored, families, labels = shown_families(project, sae.hash, control)
        if ending == "graphml":
            shown = [one for one in families if not one.hidden]
            file.writelines(line.encode() for line in _graphml(shown, sae, texts))
            return len(shown)
        if published:
            shown = [one for one in families if not one.hidden]
            content: Any = published_form([(one.name, one) for one in shown], texts)
        else:
            shown = list(families)
            measured = measured_by_root(project, stored, families)
            content = {
                "format": FORMAT,
                "version": FORMAT_VERSION,
                "project": project.name,
                "sae": sae.hash,
                "documents": sae.activations.n_documents,
                "settings": None if stored is None else stored.record.inputs["settings"],
                "families": [
                    _family(one, labels, sae, texts) | measure_cells(measured.get(one.root))
                    for one in shown
                ],
            }
        file.write(json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n")
        return len(shown)

    return write


def _family(
    family: ShownFamily, labels: Mapping[int, FamilyLabel], sae: LoadedSae, texts: Mapping[int, str]
) -> dict[str, Any]:
    above = {edge.child: edge for edge in family.edges}
    label = labels.get(family.root)
    return {
        "root": family.root,
        "name": family.name,
        "label": None if label is None else asdict(label),
        "pinned": family.pinned,
        "hidden": family.hidden,
        "edited": family.edited,
        "merged_from": list(family.merged_from),
        "found_in_pass": family.found_in_pass,
        "members": [
            {
                **_feature(latent, sae, texts),
                "parent": above[latent].parent if latent in above else None,
                "weight": above[latent].weight if latent in above else None,
            }
            for latent in family.members
        ],
    }


def _feature(latent: int, sae: LoadedSae, texts: Mapping[int, str]) -> dict[str, Any]:
    return {
        "feature": latent,
        "label": texts.get(latent, ""),
        "documents": int(sae.statistics.count[latent]),
        "density": float(sae.statistics.density[latent]),
    }


def _graphml(
    families: Sequence[ShownFamily], sae: LoadedSae, texts: Mapping[int, str]
) -> Iterator[str]:
    """One node for each feature and one edge for each pair, whatever number of families has it."""
    having: dict[int, list[int]] = {}
    edges: dict[tuple[int, int], tuple[float, list[int]]] = {}
    for family in families:
        for latent in family.members:
            having.setdefault(latent, []).append(family.root)
        for edge in family.edges:
            pair = edge.parent, edge.child
            edges.setdefault(pair, (edge.weight, []))[1].append(family.root)
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="{GRAPHML}">\n'
    for what, keys in (("graph", _GRAPH_KEYS), ("node", _NODE_KEYS), ("edge", _EDGE_KEYS)):
        for name, kind in keys.items():
            yield (
                f'<key id="{what}_{name}" for="{what}" attr.name="{name}" attr.type="{kind}"/>\n'
            )
    yield '<graph id="families" edgedefault="directed">\n'
    names = "\n".join(f"{one.root} {one.name}" for one in families)
    yield f"{_data('graph', 'names', names)}\n"
    for latent, roots in sorted(having.items()):
        about = _feature(latent, sae, texts)
        about["label"] = shown_label(None, latent) if not about["label"] else about["label"]
        values = {**about, "families": " ".join(map(str, sorted(roots)))}
        data = "".join(_data("node", name, values[name]) for name in _NODE_KEYS)
        yield f'<node id="{latent}">{data}</node>\n'
    for (parent, child), (weight, roots) in sorted(edges.items()):
        data = _data("edge", "weight", weight)
        data += _data("edge", "families", " ".join(map(str, sorted(roots))))
        yield f'<edge source="{parent}" target="{child}">{data}</edge>\n'
    yield "</graph>\n</graphml>\n"


def _data(what: str, name: str, value: object) -> str:
    return f'<data key="{what}_{name}">{escape(_NO_XML.sub("", str(value)))}</data>'
