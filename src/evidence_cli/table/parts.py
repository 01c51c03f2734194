"""The parts of the table that indicators, questions and `defaults` share, as they are written.

Every description is Chinese first, then English: it is what an editor shows beside the key.
"""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from evidence_cli.table.fields import (
    Count,
    DigestName,
    FilledByName,
    FolderName,
    Identifier,
    IndicatorCode,
    KindName,
    Least,
    Line,
    NotEmpty,
    Prose,
    QuestionCode,
    Size,
    Template,
)


class Part(BaseModel):
    """Base of everything in the table: nothing unknown, nothing guessed, nothing changed afterwards."""

    # Only the whole table is validated: each part is built inside it, not once more for itself. So the parts that
    # are defaults are constructed, not validated.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _leave_out_empty(cls, data: Any) -> Any:
        # A key with nothing behind it (all its lines commented out) means the same as no key.
        if isinstance(data, dict) and None in data.values():
            known = cls.model_fields
            return {key: value for key, value in data.items() if value is not None or key not in known}
        return data


class Category(Part):
    """One category of evidence (佐证资料维度)."""

    id: Identifier = Field(description="类别代号，required 中引用 / Id of the category, used in `required`")
    name: FolderName = Field(description="类别名称，也是文件夹名 / Name of the category and of its folder")
    kinds: Annotated[tuple[KindName, ...], NotEmpty] = Field(
        json_schema_extra={"minItems": 1},
        description="接受的文件种类，按内容判断 / Kinds of file it accepts, decided by content",
    )


class AnswerPart(Part):
    """What is asked of the one answer."""

    kinds: Annotated[tuple[KindName, ...] | None, NotEmpty] = Field(
        default=None,
        json_schema_extra={"minItems": 1},
        description="答案可用的文件种类 / Kinds of file an answer may be",
    )
    min_chars: Least | None = Field(
        default=None, description="答案最少字符数，空白不计 / Fewest characters, blanks not counted"
    )
    max_size: Size | None = Field(default=None, description="答案文件大小上限，如 20MB / Largest size of the answer")


class PicturePart(Part):
    """What is asked of pictures."""

    min_side: Least | None = Field(default=None, description="图片短边最少像素 / Fewest pixels of the shorter side")


class RecordingPart(Part):
    """What is asked of recordings."""

    min_seconds: Least | None = Field(default=None, description="录屏最短秒数 / Shortest length in seconds")
    max_seconds: Count | None = Field(default=None, description="录屏最长秒数 / Longest length in seconds")


class EvidencePart(Part):
    """What is asked of the one set of evidence."""

    required: tuple[str, ...] | None = Field(
        default=None, description="必须有文件的类别代号 / Ids of categories that must hold a file"
    )
    min_files: Least | None = Field(default=None, description="佐证文件最少个数 / Fewest evidence files")
    max_files: Count | None = Field(default=None, description="佐证文件最多个数 / Most evidence files")
    max_file_size: Size | None = Field(
        default=None, description="单个佐证文件大小上限，如 300MB / Largest size of one evidence file"
    )
    picture: PicturePart | None = Field(default=None, description="对图片的要求 / What is asked of pictures")
    recording: RecordingPart | None = Field(default=None, description="对录屏的要求 / What is asked of recordings")


class PackagePart(Part):
    """What is asked of the one package."""

    name: Template | None = Field(
        default=None,
        description="压缩包名称模板，必须含 {code}，还可用 {title} {indicator} {evaluation}，不写 .zip"
        " / Template of the package's name without .zip; {code} is compulsory",
    )
    max_size: Size | None = Field(default=None, description="压缩包大小上限，如 1GB / Largest size of the package")
    digest: DigestName | None = Field(default=None, description="摘要算法 / Digest algorithm of the manifest")


class NamesPart(Part):
    """What is asked of names."""

    max_path: Count | None = Field(
        default=None, description="路径最多字符数 / Most characters of a path relative to the workspace"
    )
    max_name: Count | None = Field(default=None, description="单个名称最多字符数 / Most characters of one name")


class Overrides(Part):
    """The requirements that a level of the table states itself; whatever it leaves out comes from above."""

    answer: AnswerPart | None = Field(default=None, description="对答案的要求 / What is asked of the answer")
    evidence: EvidencePart | None = Field(default=None, description="对佐证材料的要求 / What is asked of the evidence")
    package: PackagePart | None = Field(default=None, description="对压缩包的要求 / What is asked of the package")
    names: NamesPart | None = Field(default=None, description="对名称长度的要求 / What is asked of names")


class Question(Overrides):
    """One question of the survey."""

    code: QuestionCode = Field(
        description="题目编码：指标编码-序号，如 1.1-01 / Code: the indicator's, a hyphen, 2 or 3 digits"
    )
    title: Line = Field(description="题目简称，用于文件夹名 / Short title, used for the folder")
    text: Prose = Field(default="", description="题目原文 / The question as the survey words it")


class Indicator(Overrides):
    """An indicator at any level. Without children and filled by a department, it is a leaf."""

    code: IndicatorCode = Field(description='指标编码，须加引号，如 "1.10" / Code of the indicator, in quotes')
    name: Line = Field(description="指标名称 / Name of the indicator")
    filled_by: FilledByName | None = Field(
        default=None,
        description="谁来填报：department 部门，enterprise 企业（无需归集），默认同上级"
        " / Who fills it; for an enterprise nothing is filed; default: as the level above",
    )
    owner: Line | None = Field(
        default=None, description="责任人岗位，默认同上级 / Responsible role; default: as the level above"
    )
    unit: Line | None = Field(
        default=None, description="责任单位，默认同上级 / Responsible office; default: as the level above"
    )
    boundary: Prose = Field(default="", description="业务边界 / What belongs to the indicator and what does not")
    collect: Prose = Field(default="", description="佐证材料建议及说明 / What evidence to collect, and advice on it")
    children: tuple[Self, ...] = Field(default=(), description="下级指标 / Indicators of the next level")
    questions: tuple[Question, ...] = Field(
        default=(), description="题目，只写在最末级指标下 / Questions, under a leaf indicator only"
    )
