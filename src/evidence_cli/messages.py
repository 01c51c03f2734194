"""Words for people, in the language they chose: looked up in `locale/<language>/*.toml` at the edge.

Every file of the catalogue is read when it is first needed. Values are inserted as they are and never parsed,
and every text among them passes through `printable`.
"""

import re
import string
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from typing import Any, NamedTuple

from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.errors import Problem
from evidence_cli.vocabulary.kinds import Kind
from evidence_cli.vocabulary.printable import printable
from evidence_cli.vocabulary.shipped import shipped
from evidence_cli.vocabulary.sizes import format_size

LANGUAGES = ("zh", "en")

# The variant that stands for every reason that has no variant of its own.
DEFAULT = "default"

# A sentence that lists more than this is not read; the whole list stays in the finding's params.
_LIST_LIMIT = 10
# Whoever mends a form wants every cell that is kept.
_FAULTS = 50

_CHINESE_PRIMARY_LANGUAGE = 0x04


class RuleWords(NamedTuple):
    """The words of one rule. `message` and `fix` are templates by reason; `default` serves the others."""

    title: str
    why: str
    message: Mapping[str, str]
    fix: Mapping[str, str]


class Words:
    """All words of one language. Raises ValueError for a language that is not in `LANGUAGES`."""

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise ValueError(language)
        self.language = language
        self._formatter = _Formatter(self)

    def rule(self, code: Code | str) -> RuleWords:
        """The words of a rule. Raises KeyError for an unknown code."""
        return self._rules[str(code)]

    def message(self, code: Code | str, params: Mapping[str, Any]) -> str:
        """What is wrong, in the variant of `params["reason"]`. Raises KeyError if something is missing."""
        return self._render(self.rule(code).message, params)

    def fix(self, code: Code | str, params: Mapping[str, Any]) -> str:
        """What to do about it, in the variant of `params["reason"]`. Raises KeyError as `message` does."""
        return self._render(self.rule(code).fix, params)

    def text(self, key: str, /, **params: Any) -> str:
        """The words at a dotted key of `ui.toml`. Raises KeyError if there are none or a value is missing."""
        node: Any = self._interface
        for part in key.split("."):
            node = node.get(part) if isinstance(node, Mapping) else None
        if not isinstance(node, str):
            raise KeyError(key)
        return self.fill(node, params)

    def problem(self, problem: Problem) -> tuple[str, str]:
        """What is wrong with the table and what to write instead. `{key}` is the dotted place of the problem.

        Raises KeyError for a cause without words, or if a value is missing.
        """
        entry = self._problems[problem.cause]
        params = {"key": problem.key, **problem.params}
        message, advice = (self._render(_variants(entry[part]), params) for part in ("message", "advice"))
        return message, advice

    def kind(self, kind: Kind | str) -> str:
        """The word for a kind of file. Raises ValueError for one that is not a Kind."""
        return str(self._common["kinds"][Kind(kind).value])

    def term(self, sort: str, name: str) -> str:
        """What people call a `state`, a `milestone`, an `action` or what was `given`.

        Raises KeyError for an unknown one.
        """
        return str(self._common[f"{sort}s"][name])

    def cause(self, detail: str) -> str:
        """What the operating system says, in this language where its usual sentences are known."""
        return str(self._common["causes"].get(detail) or _plain(detail))

    def found(self, find: Mapping[str, Any]) -> str:
        """What was found in a file, with its place: `text`, the `unit` of the place, and where it is `at`."""
        places = self._common["places"]
        place = self.fill(str(places[str(find["unit"])]), {"at": find["at"]})
        return self.fill(str(places["found"]), {"text": find["text"], "place": place})

    def fault(self, fault: Mapping[str, Any]) -> str:
        """What is wrong in a cell of a form: the `reason`, the cell that it is `at`, and the `text` there."""
        return self.fill(str(self._common["faults"][str(fault["reason"])]), {"expected": "", **fault})

    def zone(self, name: str) -> str:
        """What people call a time zone."""
        return str(self._common["zones"].get(name, name))

    def outline(self, template: str) -> str:
        """A template with `…` in the place of its values, for explaining a rule."""
        return re.sub(r"\{[^{}]*\}", "…", template)

    def join(self, values: Iterable[object], limit: int = _LIST_LIMIT, more: str = "more") -> str:
        """A list as people read it; one longer than the limit ends in the words of `more`."""
        items = [_plain(value) for value in values]
        words = self._common["list"]
        shown = str(words["separator"]).join(items[:limit])
        if len(items) <= limit:
            return shown
        counts = {"count": len(items), "rest": len(items) - limit}
        return self.fill(words[more], {"shown": shown, **counts})

    def fill(self, template: str, params: Mapping[str, Any]) -> str:
        """A template of the catalogue with its values. Raises KeyError if a value is missing."""
        return self._formatter.vformat(template, (), params)

    def _render(self, variants: Mapping[str, str], params: Mapping[str, Any]) -> str:
        reason = str(params.get("reason", DEFAULT))
        template = variants.get(reason, variants.get(DEFAULT))
        if template is None:
            raise KeyError(reason)
        return self.fill(template, params)

    @cached_property
    def _rules(self) -> dict[str, RuleWords]:
        return {
            code: RuleWords(
                title=entry["title"],
                why=entry["why"],
                message=_variants(entry["message"]),
                fix=_variants(entry["fix"]),
            )
            for code, entry in _read(self.language, "rules").items()
        }

    @cached_property
    def _problems(self) -> dict[str, Any]:
        return _read(self.language, "table")

    @cached_property
    def _interface(self) -> dict[str, Any]:
        return _read(self.language, "ui")

    @cached_property
    def _common(self) -> dict[str, Any]:
        return _read(self.language, "common")


@cache
def words(language: str) -> Words:
    """The words of a language, read once. Raises ValueError for a language that is not in `LANGUAGES`."""
    return Words(language)


class _Formatter(string.Formatter):
    """`{a}` inserts text, `{a:list}` a list, `{a:first}` the beginning of one, `{a:size}` bytes, `{a:kind}` and
    `{a:kinds}` kinds of files, `{a:places}` what was found where, `{a:cause}` what the operating system says,
    `{a:upper}` an abbreviation in capitals, `{a:state}`, `{a:milestone}` and `{a:action}` the words of the process,
    `{a:faults}` what is wrong in which cell of a form, `{a:columns}` its headings, `{a:lacking}` why it is not read.

    Nothing else of the format language works (attributes, indices, conversions, widths): ValueError.
    """

    def __init__(self, words: Words) -> None:
        self._words = words

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, str]:
        if not field_name.isidentifier():
            raise ValueError(field_name)
        return kwargs[field_name], field_name

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        if conversion is not None:
            raise ValueError(conversion)
        return value

    def format_field(self, value: Any, format_spec: str) -> str:
        match format_spec:
            case "" | "list":
                return self._words.join(value) if isinstance(value, list | tuple) else _plain(value)
            case "first":
                return self._words.join(value, more="first")
            case "size":
                return format_size(value)
            case "kind":
                return self._words.kind(value)
            case "places":
                # How many there are is said before; of the places, only the first were kept.
                return self._words.join([self._words.found(place) for place in value], more="first")
            case "kinds":
                return self._words.join([self._words.kind(kind) for kind in value])
            case "cause":
                return self._words.cause(str(value))
            case "upper":
                return _plain(value).upper()
            case "state" | "milestone" | "action":
                return self._words.term(format_spec, str(value))
            case "faults":
                return self._words.join([self._words.fault(one) for one in value], limit=_FAULTS, more="first")
            case "columns":
                return self._words.join([self._words.text(f"form.column.{column}") for column in value])
            case "lacking":
                return self._words.text(f"form.lacking.{value}")
        raise ValueError(format_spec)


def choose_language(option: str | None, environ: Mapping[str, str], table_language: str | None) -> str:
    """The language to speak: `--lang`, then EVCLI_LANG, then the table, then the system's.

    A language that evcli does not speak is passed over.
    """
    for wish in (option, environ.get("EVCLI_LANG"), table_language):
        language = _primary(wish or "")
        if language in LANGUAGES:
            return language
    # POSIX: the first of these that is set and not empty decides.
    locale = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    if locale:
        return "zh" if _primary(locale) in ("zh", "c", "posix") else "en"
    return _system_language()


def _system_language() -> str:
    """What Windows shows its own menus in; Chinese elsewhere, since nothing was said."""
    if sys.platform == "win32":
        import ctypes  # late: start-up time

        language = ctypes.windll.kernel32.GetUserDefaultUILanguage()
        return "zh" if language & 0x3FF == _CHINESE_PRIMARY_LANGUAGE else "en"
    return "zh"


def _primary(tag: str) -> str:
    """`zh` of `zh_CN.UTF-8`, `zh-Hans` and ` ZH `."""
    return re.split(r"[-_.@]", tag.strip().lower(), maxsplit=1)[0]


def _plain(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return printable(str(value))


def _variants(entry: str | dict[str, str]) -> dict[str, str]:
    return {DEFAULT: entry} if isinstance(entry, str) else entry


def _read(language: str, name: str) -> dict[str, Any]:
    import tomllib  # late: start-up time

    return tomllib.loads(shipped(f"locale/{language}/{name}.toml").decode("utf-8"))
