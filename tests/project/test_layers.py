"""The house: the engine stands alone, and imports go down its floors only."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)

FLOORS = (
    ("conf",),
    ("core",),
    ("alert_models", "total_models", "models", "migrations"),
    ("engine",),
    ("tasks",),
    ("scheduling",),
    ("reporting",),
    ("health",),
    ("alerts",),
    ("cluster",),
    ("jobs",),
    ("pages", "templatetags"),
    ("cli",),
    ("api", "checks"),
    ("management", "admin", "apps", "urls"),
)
"""The parts of the engine from the ground up: a part imports parts below it, and itself."""
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in ("bazaar", "maintenance")
    for path in sorted((ROOT / package).rglob("*.py"))
}
DOTTED = re.compile(r"(?:bazaar|maintenance)(?:\.\w+)+")


def module_of(dotted):
    """Return the module that a dotted name is, or is in; `None` where it is no name of code."""
    while dotted and dotted not in MODULES:
        dotted = dotted.rpartition(".")[0]
    return dotted if "." in dotted else None


def references(path):
    """Yield what a module imports, anywhere in it, and the dotted paths to code in its strings."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and DOTTED.fullmatch(node.value):
            yield node.value


def imported(path):
    """Yield what a module imports, inside functions too; not what only the type checker imports."""
    nodes = [ast.parse(path.read_text())]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            nodes += node.orelse
            continue
        nodes += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def floor_of(module):
    part = module.split(".")[1]
    return next((floor for floor, parts in enumerate(FLOORS) if part in parts), None)


ENGINE = [name for name in MODULES if name.startswith("maintenance.")]


@pytest.mark.parametrize("name", ENGINE)
def test_every_module_of_the_engine_has_a_floor(name):
    assert floor_of(name) is not None


@pytest.mark.parametrize("name", ENGINE)
def test_the_engine_knows_nothing_of_the_site(name):
    assert not [used for used in references(MODULES[name]) if used.split(".")[0] in {"bazaar", "tests", "benchmarks"}]


@pytest.mark.parametrize("name", ENGINE)
def test_the_engine_imports_downwards_only(name):
    used = {module for reference in references(MODULES[name]) if (module := module_of(reference))}
    upwards = {module for module in used if module.startswith("maintenance.") and floor_of(module) > floor_of(name)}
    assert not upwards


def test_the_tests_of_the_floors_see_imports_and_strings(tmp_path):
    source = tmp_path / "module.py"
    source.write_text('def f():\n    from maintenance.pages import views\nPATH = "maintenance.tasks.run_queued"\n')

    assert {module_of(name) for name in references(source)} == {"maintenance.pages.views", "maintenance.tasks"}


def circles():
    """Return the sets of modules that import one another, by Kosaraju's algorithm."""
    edges = {
        name: {module for used in imported(path) if (module := module_of(used)) and module != name}
        for name, path in MODULES.items()
    }
    backwards = {name: {other for other, used in edges.items() if name in used} for name in edges}
    order = _finished(edges, edges)
    found, seen = [], set()
    for name in reversed(order):
        if name not in seen:
            circle = set(_finished([name], backwards, seen))
            seen |= circle
            found += [circle] if len(circle) > 1 else []
    return found


def _finished(starts, edges, seen=()):
    seen, order = set(seen), []
    for start in starts:
        stack = [(start, None)]
        while stack:
            name, rest = stack.pop()
            if rest is None:
                if name in seen:
                    continue
                seen.add(name)
                rest = iter(sorted(edges.get(name, ())))
            following = next(rest, None)
            if following is None:
                order.append(name)
            else:
                stack += [(name, rest), (following, None)]
    return order


def test_no_modules_import_one_another():
    assert circles() == []


def test_the_test_of_circles_sees_imports_inside_functions(tmp_path):
    source = tmp_path / "module.py"
    source.write_text(
        "if TYPE_CHECKING:\n    from bazaar.a import x\n"
        "def f():\n    if x:\n        from bazaar.b import y\n    import bazaar.c\n"
    )

    assert set(imported(source)) == {"bazaar.b.y", "bazaar.c"}
