"""Make what is missing of a workspace. Nothing that is there is overwritten, moved or deleted."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from evidence_cli.looks.listing import Listing
from evidence_cli.looks.tree import Entry, EntryType
from evidence_cli.messages import LANGUAGES, Words, words
from evidence_cli.samples.office import docx
from evidence_cli.table import Category, Leaf, QuestionSpec, Table
from evidence_cli.vocabulary.errors import EnvironmentFailure
from evidence_cli.vocabulary.names import is_junk, loose_key
from evidence_cli.vocabulary.outcomes import Made, ScaffoldReport, Step
from evidence_cli.workspace.contributed import find_deliveries
from evidence_cli.workspace.forms import COLUMNS
from evidence_cli.workspace.naming import NOTES_NAME, category_folder, form_name
from evidence_cli.workspace.notes import contribution_notes, notes
from evidence_cli.workspace.open import Workspace
from evidence_cli.workspace.store import create_only, is_link, is_temporary, sweep
from evidence_cli.workspace.survey import Place, Survey, list_folder, survey
from evidence_cli.workspace.template import template_lines


def scaffold(
    workspace: Workspace,
    codes: Sequence[str] = (),
    *,
    words: Words,
    answers: bool = False,
    dry_run: bool = False,
) -> ScaffoldReport:
    """Make the missing folders of the chosen indicators and questions; none means all.

    `words` is the language of the notes in each indicator's folder. `answers` also writes an answer template into each
    question folder that has no file yet. Raises UsageError for an unknown code, EnvironmentFailure when a folder cannot
    be listed or something cannot be made.
    """
    plan = _Planner(workspace, words, answers=answers)
    steps = tuple(plan.run(codes))
    if not dry_run:
        for folder in plan.littered:
            sweep(workspace.root / folder)
        for step in steps:
            _make(workspace.root, step)
    questions = len(workspace.table.questions())
    return ScaffoldReport(steps, tuple(plan.skipped), tuple(plan.outdated), questions, dry_run)


def _make(root: Path, step: Step) -> None:
    target = root / step.path
    try:
        if step.made is Made.FOLDER:
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            create_only(target, step.data)
    except OSError as error:
        raise EnvironmentFailure("write", path=step.path, detail=error.strerror or str(error)) from error


class _Planner:
    def __init__(self, space: Workspace, words: Words, *, answers: bool) -> None:
        self.root = space.root
        self.table: Table = space.table
        self.words = words
        self.answers = answers
        self.skipped: list[str] = []
        self.outdated: list[str] = []
        self.listed: dict[str, list[Entry]] = {}
        self.littered: list[str] = []
        self.form = b""

    def run(self, codes: Sequence[str]) -> Iterator[Step]:
        layout = self.table.layout
        seen = survey(self.root, self.table)
        chosen = {question.code for question in self.table.select(codes)}
        for folder in (layout.indicators, layout.packages):
            if is_link(self.root / folder):
                raise EnvironmentFailure("leads_out", path=folder)
            yield from self._folder("", folder)
        for leaf in self.table.leaves_of(codes):
            if leaf.code in seen.indicators_twice:
                self.skipped.extend(seen.indicators_twice[leaf.code])
                continue
            if fault := next((entry for entry, code in seen.faults if code == leaf.code), None):
                self.skipped.append(fault.path)
                continue
            yield from self._leaf(leaf, seen)
            for question in leaf.questions:
                if question.code in chosen:
                    yield from self._question(question, seen.places[question.code])

    def _leaf(self, leaf: Leaf, seen: Survey) -> Iterator[Step]:
        path = seen.leaf_path(leaf)
        yield from self._folder(path.rpartition("/")[0], path.rpartition("/")[2])
        yield from self._notes(path, partial(notes, self.table, leaf))
        yield from self._shelves(path, self.table.layout.pool, self.table.categories)
        yield from self._contributions(leaf, seen)

    def _notes(self, path: str, make: Callable[[Words], bytes]) -> Iterator[Step]:
        if not self._has(path, NOTES_NAME):
            yield Step(Made.FILE, f"{path}/{NOTES_NAME}", make(self.words))
        # A colleague may have made it in another language.
        elif all(self._differs(f"{path}/{NOTES_NAME}", make(words(name))) for name in LANGUAGES):
            self.outdated.append(f"{path}/{NOTES_NAME}")

    def _contributions(self, leaf: Leaf, seen: Survey) -> Iterator[Step]:
        contributions = [one for one in self.table.contributions if one.indicator == leaf.code]
        for delivery in find_deliveries(seen, contributions, Listing()):
            if delivery.faults:
                self.skipped.extend(path for _, path in delivery.faults if path not in self.skipped)
                continue
            contribution = delivery.contribution
            above, _, unit = delivery.path.rpartition("/")
            if delivery.unit == contribution.units[0]:
                yield from self._folder(above.rpartition("/")[0], above.rpartition("/")[2])
                yield from self._notes(above, partial(contribution_notes, self.table, contribution))
            yield from self._folder(above, unit)
            if contribution.form is not None and not delivery.files:
                yield Step(Made.FILE, f"{delivery.path}/{form_name(contribution)}", self._form())

    def _form(self) -> bytes:
        if not self.form:
            from evidence_cli.making.form import FormTexts, empty_form  # late: start-up time

            text = self.words.text
            headings = tuple(text(f"form.column.{column}") for column in COLUMNS)
            counts = (text("form.count_title"), text("form.count_error"))
            share = (text("form.coverage_title"), text("form.coverage_error"))
            self.form = empty_form(FormTexts(text("form.sheet"), text("form.note"), headings, counts, share))
        return self.form

    def _question(self, question: QuestionSpec, place: Place) -> Iterator[Step]:
        if len(place.folders) > 1 or any(entry.type is EntryType.LINK for entry in place.folders):
            self.skipped.extend(entry.path for entry in place.folders)
            return
        path = place.folders[0].raw if place.folders else place.expected
        if not place.folders:
            yield Step(Made.FOLDER, path)
        yield from self._shelves(path, self.table.layout.evidence, self._offered(question))
        if self.answers and not self._has_answer(path):
            yield Step(Made.FILE, f"{path}/{self.table.layout.answer}.docx", docx(template_lines(question)))

    def _offered(self, question: QuestionSpec) -> tuple[Category, ...]:
        required = question.requirements.evidence.required
        return tuple(c for c in self.table.categories if not required or c.id in required)

    def _categories(self, path: str, categories: tuple[Category, ...]) -> Iterator[Step]:
        there = [loose_key(entry.name) for entry in self._list(path) if entry.type is EntryType.FOLDER]
        for category in categories:
            name = category_folder(self.table.categories, category)
            # With or without a number: the words are what counts.
            if not any(key.endswith(loose_key(category.name)) for key in there):
                yield Step(Made.FOLDER, f"{path}/{name}")

    def _folder(self, parent: str, name: str) -> Iterator[Step]:
        path = f"{parent}/{name}" if parent else name
        if not (self.root / path).is_dir():
            yield Step(Made.FOLDER, path)

    def _shelves(self, parent: str, name: str, categories: tuple[Category, ...]) -> Iterator[Step]:
        """The folder of this name with a folder for each category; what leads out of the workspace is left alone."""
        there = [entry for entry in self._list(parent) if loose_key(entry.name) == loose_key(name)]
        if there and there[0].type is not EntryType.FOLDER:
            self.skipped.append(there[0].path)
            return
        path = there[0].raw if there else f"{parent}/{name}"
        if not there:
            yield Step(Made.FOLDER, path)
        yield from self._categories(path, categories)

    def _differs(self, path: str, data: bytes) -> bool:
        try:
            with (self.root / path).open("rb") as stream:
                return stream.read(len(data) + 1) != data
        except OSError:
            # It is only a note: whether it can be read is not worth stopping for.
            return False

    def _has(self, path: str, name: str) -> bool:
        return any(entry.name == name for entry in self._list(path))

    def _has_answer(self, path: str) -> bool:
        return any(e.type is not EntryType.FOLDER and not is_junk(e.name) for e in self._list(path))

    def _list(self, path: str) -> list[Entry]:
        if path not in self.listed:
            try:
                self.listed[path] = list_folder(self.root, path)
            except (FileNotFoundError, NotADirectoryError):
                self.listed[path] = []
            except OSError as error:
                raise EnvironmentFailure("read", path=path, detail=error.strerror or str(error)) from error
            if any(is_temporary(entry.name) for entry in self.listed[path]):
                self.littered.append(path)
        return self.listed[path]
