"""What evcli calls the folders and packages of a table."""

from evidence_cli.table import Category, Contribution, Leaf, QuestionSpec, Table
from evidence_cli.table.contributions import folder_title
from evidence_cli.vocabulary.names import safe_name

NOTES_NAME = "填报说明.txt"
_ZIP = ".zip"


def indicator_folder(leaf: Leaf) -> str:
    """`1.1-政务服务事项梳理和归集`."""
    return _joined(leaf.code, safe_name(leaf.name, 64 - len(leaf.code)))


def safe_title(question: QuestionSpec) -> str:
    """The title as folder and package carry it, short enough for both."""
    room = question.requirements.names.max_name - len(question.code) - len("-") - len(_ZIP)
    return safe_name(question.title, room)


def question_folder(question: QuestionSpec) -> str:
    """`1.1-01-事项清单`."""
    return _joined(question.code, safe_title(question))


def category_folder(categories: tuple[Category, ...], category: Category) -> str:
    """`01-政策文件`: the number is the category's place in the table."""
    return f"{categories.index(category) + 1:02d}-{category.name}"


def package_name(table: Table, question: QuestionSpec) -> str:
    """The package's file name, from the table's template."""
    values = {
        "code": question.code,
        "title": safe_title(question),
        "indicator": question.indicator,
        "evaluation": safe_name(table.evaluation.id),
    }
    stem = question.requirements.package.name.format_map(values)
    return safe_name(stem, question.requirements.names.max_name - len(_ZIP)) + _ZIP


def question_path(table: Table, question: QuestionSpec) -> str:
    """Where `init` makes the question's folder, relative to the workspace."""
    leaf = table.leaf(question.indicator)
    return f"{table.layout.indicators}/{indicator_folder(leaf)}/{question_folder(question)}"


def contribution_folder(table: Table, contribution: Contribution) -> str:
    """`01-惠企政策`: the number is its place among those of its indicator."""
    beside = [one.id for one in table.contributions if one.indicator == contribution.indicator]
    return f"{beside.index(contribution.id) + 1:02d}-{folder_title(contribution.title)}"


def unit_folder(unit: str) -> str:
    """A unit's name as its folder carries it."""
    return folder_title(unit)


def form_name(contribution: Contribution) -> str:
    """The empty form's file name."""
    return f"{folder_title(contribution.title)}.xlsx"


def summary_name(contribution: Contribution) -> str:
    """The file name of what all units sent, put together."""
    return f"{folder_title(contribution.title)}-汇总.xlsx"


def _joined(code: str, name: str) -> str:
    return f"{code}-{name}" if name else code
