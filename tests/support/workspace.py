"""A clean workspace with a small table of its own, made by hand: the starting point of tests that need one."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from evidence_cli.samples import office, pictures, plain, portable, recording

# A moment long before the milestones of the table, in its zone.
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=timezone(timedelta(hours=8)))

FIRST = "指标/1.1-事项梳理"
SECOND = "指标/1.2-网上办理"
# The question folders by code.
QUESTIONS = {
    "1.1-01": f"{FIRST}/1.1-01-事项清单",
    "1.1-02": f"{FIRST}/1.1-02-事项归集",
    "1.2-01": f"{SECOND}/1.2-01-在线办理",
}
PACKAGES = {code: f"报送/{path.rpartition('/')[2]}.zip" for code, path in QUESTIONS.items()}

TABLE = """\
version: 1
evaluation:
  id: test-2099
  title: 测试评价
  period: {start: 2025-01-01, end: 2099-12-31}
  timezone: Asia/Shanghai
  language: zh
milestones:
  prepare: 2099-12-12T23:59
  questions: 2099-12-13T08:30
  pack: 2099-12-14T14:00
  review: 2099-12-15T08:30
  recheck: 2099-12-17T12:00
  submit: 2099-12-17T17:00
layout: {indicators: 指标, pool: 素材库, answer: 答案, evidence: 佐证材料, packages: 报送}
categories:
  - {id: policy, name: 政策文件, kinds: [pdf, ofd, word, image]}
  - {id: guide, name: 办事指南, kinds: [pdf, ofd, word, image, web]}
  - {id: flowchart, name: 流程图, kinds: [pdf, image, word, slides, excel]}
  - {id: screenshot, name: 网站截图, kinds: [image, pdf]}
  - {id: recording, name: 操作演示录屏, kinds: [video]}
  - {id: event, name: 活动现场图, kinds: [image, video]}
  - {id: media, name: 媒体宣传截图, kinds: [image, pdf, web, video]}
  - {id: practice, name: 典型经验做法, kinds: [pdf, ofd, word, image, slides, excel]}
  - {id: case, name: 案例, kinds: [pdf, ofd, word, image, slides, excel]}
defaults:
  answer: {kinds: [word, pdf, ofd, text], min_chars: 10, max_size: 20MB}
  evidence:
    required: []
    min_files: 1
    max_files: 200
    max_file_size: 300MB
    picture: {min_side: 200}
    recording: {min_seconds: 2, max_seconds: 3600}
  package: {name: "{code}-{title}", max_size: 1GB, digest: sha256}
  names: {max_path: 180, max_name: 64}
indicators:
  - code: "1"
    name: 政务服务
    filled_by: department
    children:
      - code: "1.1"
        name: 事项梳理
        owner: 三级指标责任人
        unit: 市行政审批服务局
        boundary: 事项的梳理与归集。
        collect: 清单、截图。
        questions:
          - code: 1.1-01
            title: 事项清单
            text: 请说明本市政务服务事项清单的梳理和公布情况。
            evidence: {required: [policy, screenshot]}
          - {code: 1.1-02, title: 事项归集, text: 请说明事项归集的情况。}
      - code: "1.2"
        name: 网上办理
        owner: 三级指标责任人
        unit: 市行政审批服务局
        questions:
          - {code: 1.2-01, title: 在线办理, text: 请说明在线办理的深度。}
  - {code: "2", name: 满意度, filled_by: enterprise}
"""


def table() -> dict[str, Any]:
    """The table as plain data, fresh for every caller."""
    data: dict[str, Any] = yaml.safe_load(TABLE)
    return data


def merged(base: Any, patch: Any) -> Any:
    """The base with a merge patch applied (RFC 7396); a key that is a number picks an item of a list."""
    if isinstance(base, list) and isinstance(patch, Mapping):
        items = list(base)
        for key, value in patch.items():
            items[int(key)] = merged(items[int(key)], value)
        return items
    if not isinstance(patch, Mapping):
        return patch
    result = dict(base) if isinstance(base, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


@cache
def files() -> dict[str, bytes]:
    """All files of the clean workspace but the table, by path. No two have the same content."""
    first, second, third = QUESTIONS.values()
    return {
        f"{first}/答案.docx": office.docx(["本市已编制并公布政务服务事项清单。", "清单逐项明确依据、条件和时限。"]),
        f"{first}/佐证材料/01-政策文件/01-清单管理办法.pdf": portable.pdf(["清单管理办法", "第一条　制定本办法。"]),
        f"{first}/佐证材料/01-政策文件/02-公布通知.ofd": portable.ofd(["关于公布清单的通知"]),
        f"{first}/佐证材料/02-办事指南/01-办事指南.html": plain.html("办事指南", ["申请条件、材料和时限。"]),
        f"{first}/佐证材料/04-网站截图/01-清单页面.png": pictures.picture("png", seed=1, size=(320, 200)),
        f"{first}/佐证材料/04-网站截图/02-查询页面.jpg": pictures.picture("jpeg", seed=2, size=(320, 200)),
        f"{second}/答案.docx": office.docx(["全市事项按统一目录归集。", "归集结果每月核对一次，差异当月处理。"]),
        f"{second}/佐证材料/01-政策文件/01-归集工作方案.docx": office.docx(["归集工作方案", "按月归集、核对。"]),
        f"{second}/佐证材料/03-流程图/01-归集流程.xlsx": office.xlsx([["环节", "天数"], ["归集", 3], ["核对", 1]]),
        f"{second}/佐证材料/08-典型经验做法/01-经验介绍.pptx": office.pptx(["按月归集", "及时核对"]),
        f"{third}/答案.docx": office.docx(["事项可以全程在线办理。", "办理之后由企业在线评价。"]),
        f"{third}/佐证材料/03-流程图/01-办理流程.png": pictures.picture("png", seed=3, size=(300, 220)),
        f"{third}/佐证材料/05-操作演示录屏/01-办理演示.mp4": recording.recording(seed=1, seconds=3),
        f"{third}/佐证材料/09-案例/01-企业开办.docx": office.docx(["企业开办案例", "一次提交、并联办理。"]),
    }


def write_table(root: Path, patch: Mapping[str, Any] | None = None) -> None:
    """Write `config/indicators.yaml`: as it stands above, or with a merge patch applied."""
    text = TABLE if not patch else yaml.safe_dump(merged(table(), patch), allow_unicode=True, sort_keys=False)
    target = root / "config" / "indicators.yaml"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def build(root: Path, patch: Mapping[str, Any] | None = None, *, skip: tuple[str, ...] = ()) -> Path:
    """Make a clean workspace in a folder, new or empty; gives the folder back.

    `patch` changes the table; questions in `skip` get no folder. `evidence_cli.check(root, now=NOW)` finds nothing.
    """
    write_table(root, patch)
    for path, data in files().items():
        if not any(path.startswith(QUESTIONS[code] + "/") for code in skip):
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    return root
