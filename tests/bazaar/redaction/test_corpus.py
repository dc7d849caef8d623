"""Documents in the shapes that programs write, with a mark on each value: how much of what is personal goes.

Each file of `corpus/` has a document, the paths of its personal values by kind (or a path and the part of a text), and
those that can be argued about. `keys` are the paths of objects whose own key is a person. Every other value is
harmless. The suite prints precision and recall, and holds a floor.
"""

import json
import sys
from collections import Counter
from pathlib import Path

import pytest

from bazaar.redaction import clean, clean_json

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.json"))
RECALL, PRECISION = 0.98, 0.99


def leaves(tree, path=""):
    """Return the values of a document by their paths, keys joined by dots."""
    if isinstance(tree, dict):
        items = tree.items()
    elif isinstance(tree, list):
        items = enumerate(tree)
    else:
        return {path: tree}
    return {key: value for name, item in items for key, value in leaves(item, f"{path}.{name}".lstrip(".")).items()}


def marks(case):
    """Return the personal values as (kind, path, part of the text or None)."""
    for kind, places in case["personal"].items():
        for place in places:
            yield kind, *(place if isinstance(place, list) else (place, None))


def keys_that_stayed(case):
    left = leaves(clean(case["document"]))
    return [key for key in case.get("keys", []) if any(path == key or path.startswith(f"{key}.") for path in left)]


def judge(case):
    """Return which personal marks stayed, and which harmless values did not."""
    before, cleaned = case["document"], clean(case["document"])
    values, left = leaves(before), leaves(cleaned)
    stayed = [
        (kind, path, part)
        for kind, path, part in marks(case)
        if (part in str(left.get(path)) if part else values[path] in left.values() and left.get(path) == values[path])
    ]
    marked = {path for _, path, _ in marks(case)} | set(case["debatable"])
    harmless = [path for path in values if not any(path == mark or path.startswith(f"{mark}.") for mark in marked)]
    # A place in a list moves when one before it goes: the value is looked for then.
    lost = [path for path in harmless if left.get(path) != values[path] and values[path] not in left.values()]
    return stayed, harmless, lost


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.stem)
def test_every_mark_is_of_a_value_that_is_there(file):
    case = json.loads(file.read_text())
    values = leaves(case["document"])

    for _, path, part in marks(case):
        assert path in values
        assert part is None or part in str(values[path])


def test_precision_and_recall(capsys):
    personal, gone, harmless, lost, wrong = Counter(), Counter(), 0, 0, []
    for file in CORPUS:
        case = json.loads(file.read_text())
        stayed, kept, missing = judge(case)
        personal.update(kind for kind, *_ in marks(case))
        gone.update(kind for kind, *_ in marks(case))
        gone.subtract(kind for kind, *_ in stayed)
        left = keys_that_stayed(case)
        personal["key"] += len(case.get("keys", []))
        gone["key"] += len(case.get("keys", [])) - len(left)
        stayed += [("key", key, None) for key in left]
        harmless, lost = harmless + len(kept), lost + len(missing)
        wrong += [(file.stem, *mark) for mark in stayed] + [(file.stem, "lost", path) for path in missing]
    recall = (gone.total() - gone["prose"]) / (personal.total() - personal["prose"])  # prose is told, and not demanded
    precision = gone.total() / (gone.total() + lost)
    kinds = ", ".join(f"{kind} {gone[kind]} of {number}" for kind, number in sorted(personal.items()))
    with capsys.disabled():
        sys.stdout.write(f"\nRecall {recall:.3f} ({kinds}); precision {precision:.3f}, {lost} of {harmless} lost.\n")

    assert recall >= RECALL, wrong
    assert precision >= PRECISION, wrong


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.stem)
def test_cleaning_twice_is_cleaning_once(file):
    document = json.dumps(json.loads(file.read_text())["document"])
    cleaned = clean_json(document)
    assert (cleaned is None) == (clean(json.loads(document)) == json.loads(document))

    assert cleaned is None or clean_json(cleaned) is None
