"""The docs check: everything people read in the repository is true of the code and complete in both languages.

Usage: `python scripts/check_docs.py`. Prints one line for each fault, and exits with 1 if there is any.
"""

import contextlib
import io
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import click
import yaml
from rules_page import render

from evidence_cli.cli.main import program
from evidence_cli.messages import LANGUAGES, words
from evidence_cli.reporters import FORMATS
from evidence_cli.table import parse_table
from evidence_cli.table.keys import known_keys
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.errors import TableError

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.zh-CN.md", "README.md")

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>[\w-]*)\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#{1,6}) +(.+?) *$", re.MULTILINE)
_LINK = re.compile(r"!?\[(?:[^\]\\]|\\.)*\]\(([^)\s]+)\)")
_INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_PROMPT = re.compile(r"^\s*(?:\$ |PS> |[A-Z]:\\\S*> )?(?=evcli(?:\s|$))")
_SEPARATOR = re.compile(r"&&|\|\||[;|]")
_CODE = re.compile(r"\bE\d{3}\b")
_PLACEHOLDER = re.compile(r"\b(?:TODO|FIXME|TBD|XXX|lorem ipsum)\b", re.IGNORECASE)
_MACHINE_PATH = re.compile(r"(?:^|[\s`\"'(=])(/(?:home|root|work|tmp|Users|mnt|opt)/[\w.-]+|[A-Za-z]:\\Users\\\w+)")
_FORMATS_LINE = re.compile(r"^.*[（(]`--format`[）)](.*)$", re.MULTILINE)
# A file of the repository that a page names: `tests/test_x.py::test_y`; patterns and what is to be filled in are none.
_NAMED_FILE = re.compile(r"(?:src|tests|scripts|fuzz|benchmarks|config|docs)/[\w./-]+(?:::(\w+))?")
_TABLE_ROW = re.compile(r"^\| `([a-z_.]+)`", re.MULTILINE)

Fault = str


def faults(root: Path = ROOT) -> list[Fault]:
    """Everything that is wrong, as `file:line: what`."""
    pages = sorted(page for page in [*root.glob("*.md"), *root.glob("docs/**/*.md")] if page.is_file())
    texts = {page.relative_to(root).as_posix(): page.read_text(encoding="utf-8") for page in pages}
    found = [*_rules_pages(texts), *_same_in_both(texts), *_table_keys(texts)]
    found.extend(_formats(texts))
    for name, text in texts.items():
        found.extend(_links(name, text, texts, root))
        for check in (_commands, _codes, _yaml_blocks, _plain_faults, _named_files):
            found.extend(check(name, text))
    return found


def _at(name: str, text: str, place: int, what: str) -> Fault:
    return f"{name}:{text.count(chr(10), 0, place) + 1}: {what}"


def _rules_pages(texts: dict[str, str]) -> Iterator[Fault]:
    for language in LANGUAGES:
        name = f"docs/{language}/rules.md"
        if texts.get(name) != render(language):
            yield f"{name}:1: out of date; run: python scripts/rules_page.py"


def _same_in_both(texts: dict[str, str]) -> Iterator[Fault]:
    """Every language has the same pages with the same structure of headings."""
    first, *others = LANGUAGES
    pairs = [READMES]
    for other in others:
        for one, two in ((first, other), (other, first)):
            for name in sorted(name for name in texts if name.startswith(f"docs/{one}/")):
                twin = name.replace(f"docs/{one}/", f"docs/{two}/", 1)
                if twin not in texts:
                    yield f"{name}:1: there is no {twin}"
                elif one == first:
                    pairs.append((name, twin))
    for name, twin in pairs:
        if name not in texts or twin not in texts:
            yield f"{name}:1: {name} or {twin} is missing"
            continue
        levels = [[len(mark) for mark, _ in _headings(texts[page])] for page in (name, twin)]
        if levels[0] != levels[1]:
            place = next((n for n, (a, b) in enumerate(zip(*levels, strict=False)) if a != b), min(map(len, levels)))
            yield f"{name}:1: headings differ from {twin}, from heading {place + 1} on ({levels[0]} and {levels[1]})"


def _without_fences(text: str) -> str:
    """The text with code blanked out, so that places stay the same."""
    return _FENCE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def _headings(text: str) -> list[tuple[str, str]]:
    return _HEADING.findall(_without_fences(text))


def _anchors(text: str) -> set[str]:
    """The anchors that GitHub gives to headings."""
    found: dict[str, int] = {}
    anchors = set()
    for _, heading in _headings(text):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        count = found.get(slug, 0)
        found[slug] = count + 1
        anchors.add(f"{slug}-{count}" if count else slug)
    return anchors


def _links(name: str, text: str, texts: dict[str, str], root: Path) -> Iterator[Fault]:
    prose = _without_fences(text)
    # A link may stand in inline code as an example of one.
    prose = _INLINE.sub(lambda match: " " * len(match[0]), prose)
    for match in _LINK.finditer(prose):
        target = unquote(match[1])
        if re.match(r"[a-z]+:", target):
            yield _at(name, text, match.start(), f"link out of the repository: {target}")
            continue
        path, _, anchor = target.partition("#")
        there = (root / name).parent / path if path else root / name
        if not there.exists():
            yield _at(name, text, match.start(), f"no such file: {target}")
        elif anchor:
            page = there.resolve().relative_to(root.resolve()).as_posix()
            if anchor not in _anchors(texts.get(page, "")):
                yield _at(name, text, match.start(), f"no such heading: {target}")


def _shown_commands(text: str) -> Iterator[tuple[int, str, bool]]:
    """Every command line with evcli: place, line, and whether it is named in prose (then it may lack arguments)."""
    for fence in _FENCE.finditer(text):
        place = fence.start("body")
        for line in fence["body"].splitlines(keepends=True):
            for piece in _SEPARATOR.split(line):
                if _PROMPT.match(piece):
                    yield place, _PROMPT.sub("", piece).strip(), False
            place += len(line)
    for match in _INLINE.finditer(_without_fences(text)):
        for piece in _SEPARATOR.split(match[1]):
            if _PROMPT.match(piece):
                yield match.start(), piece.strip(), True


def _commands(name: str, text: str) -> Iterator[Fault]:
    for place, shown, in_prose in _shown_commands(text):
        # What follows a redirection or a comment is not evcli's; a full-width blank sets off a remark.
        line = re.split(r"\s[>#]|\s2>|\u3000", shown)[0]
        missing = (click.MissingParameter, click.exceptions.NoArgsIsHelpError) if in_prose else ()
        try:
            _parse(shlex.split(line.replace("\\", "/"))[1:])
        except missing:
            continue
        except (click.ClickException, ValueError) as error:
            yield _at(name, text, place, f"not a command line: {line} ({type(error).__name__}: {error})")


def _parse(arguments: list[str]) -> None:
    """Parse as evcli would, without running anything. Raises click.ClickException, ValueError."""
    command: click.Command = program(words("en"))
    name: str | None = "evcli"
    context: click.Context | None = None
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(click.exceptions.Exit):
        while True:
            context = command.make_context(name, arguments, parent=context)
            if not isinstance(command, click.Group):
                return
            rest = [*context._protected_args, *context.args]
            name, found, arguments = command.resolve_command(context, rest)
            if found is None:
                raise ValueError(name)
            command = found


def _codes(name: str, text: str) -> Iterator[Fault]:
    known = {code.value for code in Code}
    for match in _CODE.finditer(text):
        if match[0] not in known:
            yield _at(name, text, match.start(), f"no such rule: {match[0]}")


def _all_keys() -> set[str]:
    """Every key of the table with its place, such as `defaults.answer.kinds`."""
    return {f"{shape}.{key}".strip(".") for shape, keys in known_keys().items() for key in keys}


def _table_keys(texts: dict[str, str]) -> Iterator[Fault]:
    """The page of the table's format explains every key, and no other."""
    # What an indicator or a question may override is explained once, under `defaults`.
    overriding = re.compile(r"^indicators\.(questions\.)?(answer|evidence|package|names)(\.|$)")
    wanted = {key for key in _all_keys() if not overriding.match(key)}
    for language in LANGUAGES:
        name = f"docs/{language}/table.md"
        said = set(_TABLE_ROW.findall(texts.get(name, "")))
        for key in sorted(wanted - said):
            yield f"{name}:1: key not explained: {key}"
        for key in sorted(said - wanted):
            yield _at(name, texts[name], texts[name].index(f"| `{key}`"), f"no such key: {key}")


def _formats(texts: dict[str, str]) -> Iterator[Fault]:
    """The READMEs name the formats of reports in the line that has `--format` in brackets: all, and no other."""
    for name in READMES:
        text = texts.get(name, "")
        line = _FORMATS_LINE.search(text)
        said = set(_INLINE.findall(line[1])) if line else set()
        if said != set(FORMATS):
            what = f"the formats of reports are {', '.join(FORMATS)}"
            yield _at(name, text, line.start() if line else 0, what)


def _yaml_blocks(name: str, text: str) -> Iterator[Fault]:
    """A whole table must load; a part of one must have only keys that exist."""
    names = {key.rpartition(".")[2] for key in _all_keys()}
    for fence in _FENCE.finditer(text):
        if fence["language"] != "yaml":
            continue
        body = fence["body"]
        if body.startswith("version:"):
            try:
                parse_table(body.encode(), name)
            except TableError as error:
                causes = ", ".join(f"{problem.key}: {problem.cause}" for problem in error.problems)
                yield _at(name, text, fence.start(), f"not a table: {causes}")
            continue
        for key in _keys_of(yaml.safe_load(body)):
            if key not in names and not _CODE.fullmatch(key):
                yield _at(name, text, fence.start(), f"no such key of the table: {key}")


def _named_files(name: str, text: str) -> Iterator[Fault]:
    """A file of the repository that is named in code is there, and a test that is named in it too."""
    for match in _INLINE.finditer(_without_fences(text)):
        for word in match[1].split():
            named = _NAMED_FILE.fullmatch(word)
            if named is None:
                continue
            path = ROOT / word.partition("::")[0]
            if not path.exists():
                yield _at(name, text, match.start(), f"no such file: {word}")
            elif named[1] and f"\ndef {named[1]}(" not in path.read_text(encoding="utf-8"):
                yield _at(name, text, match.start(), f"no such test: {word}")


def _keys_of(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield str(key)
            yield from _keys_of(value)
    elif isinstance(node, list):
        for value in node:
            yield from _keys_of(value)


def _plain_faults(name: str, text: str) -> Iterator[Fault]:
    for pattern, what in ((_PLACEHOLDER, "placeholder"), (_MACHINE_PATH, "path of a machine")):
        for match in pattern.finditer(text):
            yield _at(name, text, match.start(), f"{what}: {match[0].strip()}")


def main() -> int:
    """Print the faults; 1 if there are any."""
    found = faults()
    for fault in found:
        sys.stdout.write(fault + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
