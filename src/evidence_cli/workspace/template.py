"""The answer template that `init --answers` writes, and what tells it from an answer.

The words are the table's own and a fixed Chinese prompt: the answer goes to the evaluation in Chinese, whatever
language the messages have.
"""

from evidence_cli.table import QuestionSpec

ANSWER_PROMPT = "（请在此处填写答案，并删除本行。）"


def template_lines(question: QuestionSpec) -> list[str]:
    """The paragraphs of the template."""
    return [f"{question.code} {question.title}", *question.text.splitlines(), ANSWER_PROMPT]
