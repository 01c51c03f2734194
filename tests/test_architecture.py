"""The house as it was designed: layers that import downwards only, no cycle, small modules and functions."""

import ast
import sys
from collections.abc import Iterator

import pytest

from support.source import Module, edges, modules

# layer → what it may import; every other import between layers is wrong.
BELOW_RULES = ("schema", "workspace", "table", "looks", "vocabulary")
LAYERS: dict[str, tuple[str, ...]] = {
    "__main__": ("cli", "vocabulary"),
    "cli": ("reporters", "jobs", "workspace", "table", "messages", "vocabulary"),
    # Rendering sees reports and, for `table show`, the table and the names made from it; never the jobs.
    "reporters": ("workspace", "table", "messages", "vocabulary"),
    "jobs": ("archiving", "making", "examine", "process", "rules", *BELOW_RULES, "samples", "messages"),
    # An archive holds reports as the reporters write them.
    "archiving": ("reporters", "workspace", "table", "looks", "messages", "vocabulary"),
    "making": ("schema", "workspace", "table", "looks", "vocabulary"),
    "examine": ("process", "rules", *BELOW_RULES),
    # Judgement of what people decided: it sees records and reads nothing.
    "process": ("rules", *BELOW_RULES),
    "rules": BELOW_RULES,
    "schema": ("workspace", "table", "looks", "vocabulary"),
    "workspace": ("table", "looks", "messages", "vocabulary"),
    "table": ("vocabulary",),
    "looks": ("vocabulary",),
    "samples": (),
    "messages": ("vocabulary",),
    "vocabulary": (),
    # The public face: names of the layers below, each fetched when it is asked for.
    "evidence_cli": ("jobs", "workspace", "table", "vocabulary"),
}
# Of what is beside them, these layers see only this.
NARROW = {("reporters", "workspace"): {"workspace", "workspace.naming"}}

MAX_MODULE_LINES = 350
MAX_FUNCTION_LINES = 60
# Judgement sees what was read and reads nothing itself.
PURE_LAYERS = ("process", "rules", "schema", "vocabulary")
INPUT_AND_OUTPUT = {
    *("os", "pathlib", "io", "subprocess", "shutil", "tempfile", "glob", "socket", "mmap", "fcntl"),
    *("zipfile", "tarfile", "sqlite3", "urllib", "http", "logging"),
}

MODULES = list(modules().values())


def by_path(module: Module) -> str:
    return module.path


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (n for n in ast.walk(module.tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_module_has_a_layer() -> None:
    assert {module.layer for module in MODULES} == set(LAYERS)


def test_the_layers_have_an_order() -> None:
    placed: set[str] = set()
    while len(placed) < len(LAYERS):
        ready = {layer for layer, below in LAYERS.items() if layer not in placed and placed.issuperset(below)}
        assert ready, f"a circle among {sorted(set(LAYERS) - placed)}"
        placed |= ready


@pytest.mark.parametrize("module", MODULES, ids=by_path)
def test_imports_point_downwards(module: Module) -> None:
    targets = {target: modules()[target].layer for target in edges()[module.name]}
    wrong = {target for target, layer in targets.items() if layer != module.layer and layer not in LAYERS[module.layer]}
    assert not wrong
    for (layer, below), allowed in NARROW.items():
        if module.layer == layer:
            assert {target for target, its in targets.items() if its == below} <= allowed


def test_no_module_imports_itself_through_others() -> None:
    finished: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " → ".join([*way[way.index(name) :], name])
        if name not in finished:
            for target in edges()[name]:
                visit(target, (*way, name))
            finished.add(name)

    for name in modules():
        visit(name, ())


def test_the_jobs_do_not_import_each_other() -> None:
    def job(name: str) -> str:
        return name.split(".")[1] if name.count(".") else ""

    between = [
        (name, target)
        for name, targets in edges().items()
        for target in targets
        if name.startswith("jobs.") and target.startswith("jobs.") and job(name) != job(target)
    ]
    assert between == []


def test_rich_is_imported_in_one_module() -> None:
    users = [m.path for m in MODULES if any(name.partition(".")[0] == "rich" for name in m.imported())]
    assert users == ["reporters/terminal.py"]


def test_click_is_imported_in_the_command_line_alone() -> None:
    users = {m.layer for m in MODULES if any(name.partition(".")[0] == "click" for name in m.imported())}
    assert users == {"cli"}


@pytest.mark.parametrize("layer", PURE_LAYERS)
def test_judgement_does_no_input_or_output(layer: str) -> None:
    inside = [module for module in MODULES if module.layer == layer]
    assert inside
    for module in inside:
        assert not {name.partition(".")[0] for name in module.imported()} & INPUT_AND_OUTPUT, module.path
        calls = {n.func.id for n in ast.walk(module.tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
        assert not calls & {"open", "print", "input", "exec", "eval"}, module.path


@pytest.mark.parametrize("module", MODULES, ids=by_path)
def test_modules_can_be_read_in_one_sitting(module: Module) -> None:
    assert len(module.text.splitlines()) <= MAX_MODULE_LINES


@pytest.mark.parametrize("module", MODULES, ids=by_path)
def test_functions_can_be_seen_whole(module: Module) -> None:
    lengths = {f.name: (f.end_lineno or f.lineno) - f.lineno + 1 for f in functions(module)}
    assert {name: length for name, length in lengths.items() if length > MAX_FUNCTION_LINES} == {}


@pytest.mark.parametrize("module", MODULES, ids=by_path)
def test_modules_say_what_they_are(module: Module) -> None:
    assert not module.text.strip() or ast.get_docstring(module.tree)


@pytest.mark.parametrize(
    "module", [m for m in MODULES if m.layer not in ("cli", "evidence_cli", "__main__")], ids=by_path
)
def test_foreign_imports_inside_functions_say_why(module: Module) -> None:
    lines = module.text.splitlines()
    late = {
        node.lineno
        for function in functions(module)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    unmarked = [
        lineno
        for lineno in sorted(late)
        # A group of late imports is marked once, in its first line.
        if lineno - 1 not in late and "# late: start-up time" not in lines[lineno - 1]
    ]
    assert unmarked == []


def test_the_declared_dependencies_are_the_imported_ones() -> None:
    foreign = {name.partition(".")[0] for module in MODULES for name in module.imported()}
    foreign -= {*sys.stdlib_module_names, "evidence_cli"}
    assert foreign == {
        *("PIL", "bagit", "click", "magic", "openpyxl", "pikepdf", "pillow_heif", "platformdirs", "pydantic"),
        *("pydantic_core", "pylibmagic", "pypdfium2", "rich", "yaml", "zlib_ng"),
    }
