"""The golden files: what AWS would get for the clusters of the Go tests."""

import json
from pathlib import Path

FOLDER = Path(__file__).parent.parent
CLUSTERS = sorted(p.name for p in (FOLDER / "testdata").iterdir())


def each(what):
    """Yields (cluster, name, content) of all golden files of one sort."""
    for cluster in CLUSTERS:
        for path in sorted((FOLDER / "testdata" / cluster / what).glob("*.json")):
            yield cluster, path.stem, json.loads(path.read_text())


def template(kind):
    return FOLDER / "templates" / f"{kind}.yaml"
