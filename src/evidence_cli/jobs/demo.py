"""The demo's workspace: a table with three questions and real files, made on the spot."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from evidence_cli.samples import office, pictures, plain, portable, recording
from evidence_cli.table import Table, default_table
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.errors import EnvironmentFailure, EvcliError, UsageError
from evidence_cli.vocabulary.shipped import shipped
from evidence_cli.workspace.find import TABLE_PATH, look_upwards
from evidence_cli.workspace.naming import question_path
from evidence_cli.workspace.open import open_workspace
from evidence_cli.workspace.store import create_only

# What the third question is meant to show, and nothing else.
EXPECTED = {"1.1-03": {Code.ANSWERS_TOO_MANY, Code.CATEGORY_EMPTY, Code.EXTENSION_MISMATCH}}
_DAYS = {"PACK": 3, "REVIEW": 4, "SUBMIT": 6}


def begin_demo(folder: Path, *, language: str, now: datetime) -> None:
    """Write the demo's table into a new or empty folder outside of every workspace in use.

    Raises UsageError `demo_inside` or `demo_exists`, EnvironmentFailure.
    """
    try:
        if outer := _workspace_around(folder):
            raise UsageError("demo_inside", path=str(outer))
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError("demo_exists", path=str(folder))
        text = shipped("data/demo.yaml").decode()
        for word, days in _DAYS.items():
            text = text.replace(word, (now + timedelta(days=days)).strftime("%Y-%m-%dT14:00"))
        target = folder / TABLE_PATH
        target.parent.mkdir(parents=True)
        create_only(target, text.replace("LANGUAGE", language).encode())
    except OSError as error:
        raise _failure(folder, error) from error


def fill_demo(folder: Path, table: Table) -> None:
    """Put answers and evidence into the folders that `init` made. Raises EnvironmentFailure."""
    for code, files in _files().items():
        question = table.question(code)
        if question is None:
            raise RuntimeError(f"the demo's table has no {code}")
        place = folder / question_path(table, question)
        for name, data in files.items():
            target = place / name
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                create_only(target, data)
            except OSError as error:
                raise _failure(target, error) from error


def _workspace_around(folder: Path) -> Path | None:
    """The workspace that would hold the demo's, if its folders were made already."""
    outer = look_upwards(Path(os.path.normpath(folder.absolute())).parent)
    if outer is None:
        return None
    try:
        layout = open_workspace(outer).table.layout
    except EvcliError:
        layout = default_table().layout
    # A table alone, as this program's own source has one, is nobody's workspace yet.
    return outer if (outer / layout.indicators).is_dir() else None


def _failure(path: Path, error: OSError) -> EnvironmentFailure:
    return EnvironmentFailure("write", path=str(path), detail=error.strerror or str(error))


def _files() -> dict[str, dict[str, bytes]]:
    evidence = "佐证材料"
    return {
        "1.1-01": {
            "答案.docx": office.docx(
                [
                    "本市已编制并公布政务服务事项清单，逐项明确依据、条件和时限。",
                    "清单在政务服务网公开，并实行动态调整。",
                ]
            ),
            f"{evidence}/01-政策文件/01-事项清单管理办法.pdf": portable.pdf(
                ["事项清单管理办法", "第一条　为规范事项管理，制定本办法。"]
            ),
            f"{evidence}/01-政策文件/02-公布清单的通知.ofd": portable.ofd(["关于公布政务服务事项清单的通知"]),
            f"{evidence}/02-办事指南/01-办事指南.html": plain.html("办事指南", ["申请条件、材料、流程和时限。"]),
            f"{evidence}/03-流程图/01-办理流程.pptx": office.pptx(["申请", "受理", "审核", "办结"]),
            f"{evidence}/04-网站截图/01-清单页面.png": pictures.picture("png", seed=1),
            f"{evidence}/04-网站截图/02-查询页面.jpg": pictures.picture("jpeg", seed=2),
        },
        "1.1-02": {
            "答案.txt": plain.text(["事项全部可以在政务服务网和移动端办理，办理后可以评价。"]),
            f"{evidence}/03-流程图/01-在线办理环节.xlsx": office.xlsx(
                [["环节", "方式", "天数"], ["申请", "网上", 0], ["办结", "网上", 1]]
            ),
            f"{evidence}/05-操作演示录屏/01-在线办理演示.mp4": recording.recording(seed=1, seconds=4),
            f"{evidence}/06-案例/01-企业开办案例.docx": office.docx(
                ["企业开办“一网通办”案例", "一次提交、并联办理、当日办结。"]
            ),
        },
        "1.1-03": {
            "答案.docx": office.docx(["清单按季度调整：收集建议、部门论证、审核公布。"]),
            "答案（修改稿）.docx": office.docx(["清单按季度动态调整，并在五个工作日内公布。"]),
            f"{evidence}/01-政策文件/01-动态调整办法.pdf": pictures.picture("png", seed=3),
            f"{evidence}/02-办事指南/01-调整后的指南.docx": office.docx(["调整后的办事指南", "材料由五份减为三份。"]),
        },
    }
