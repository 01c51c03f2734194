"""The task-decomposition table: from YAML to frozen models, with every problem of the file in one run."""

from evidence_cli.table.contributions import Contribution, Form
from evidence_cli.table.fields import Digest, FilledBy, Language
from evidence_cli.table.load import default_table, default_table_bytes, load_table, parse_table, read_table
from evidence_cli.table.models import Evaluation, Layout, Milestones, Period, Rules, Table, Waiver
from evidence_cli.table.parts import Category, Indicator
from evidence_cli.table.requirements import Leaf, QuestionSpec, Requirements

__all__ = [
    "Category",
    "Contribution",
    "Digest",
    "Evaluation",
    "FilledBy",
    "Form",
    "Indicator",
    "Language",
    "Layout",
    "Leaf",
    "Milestones",
    "Period",
    "QuestionSpec",
    "Requirements",
    "Rules",
    "Table",
    "Waiver",
    "default_table",
    "default_table_bytes",
    "load_table",
    "parse_table",
    "read_table",
]
