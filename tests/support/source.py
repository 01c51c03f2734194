"""The project's own source as syntax trees, for tests that look at how it is built."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import evidence_cli

PACKAGE = Path(evidence_cli.__path__[0])


@dataclass(frozen=True, slots=True)
class Module:
    """One module: its dotted name without the package's, its path below the package, its text and its tree."""

    name: str
    path: str
    text: str
    tree: ast.Module

    @property
    def layer(self) -> str:
        """The folder, or the module itself, that lies at the top of the package."""
        return self.name.partition(".")[0] or "evidence_cli"

    def imported(self) -> Iterator[str]:
        """The dotted names of all modules that it imports, late imports and those for types included."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                if node.level:
                    raise AssertionError(f"{self.path}:{node.lineno}: a relative import")
                module = node.module or ""
                yield module
                # `from evidence_cli.rules import packages` imports a module too.
                yield from (f"{module}.{alias.name}" for alias in node.names)


@cache
def modules() -> dict[str, Module]:
    """Every module of the package by its dotted name without the package's; the package itself is the empty name."""
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        path = file.relative_to(PACKAGE)
        parts = path.with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        text = file.read_text(encoding="utf-8")
        found[name] = Module(name, path.as_posix(), text, ast.parse(text))
    return found


@cache
def edges() -> dict[str, frozenset[str]]:
    """Which modules of the package each module imports; the package itself is the empty name."""
    return {name: frozenset(_within(module) - {name}) for name, module in modules().items()}


def _within(module: Module) -> set[str]:
    own = evidence_cli.__name__
    targets = [target for target in module.imported() if f"{target}.".startswith(f"{own}.")]
    return {target.removeprefix(own).removeprefix(".") for target in targets} & modules().keys()
