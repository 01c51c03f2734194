"""The whole table as it is written: frozen models that refuse whatever they do not know."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property
from typing import Annotated

from pydantic import Field

from evidence_cli.table.contributions import Contribution
from evidence_cli.table.fields import (
    Day,
    FolderName,
    Identifier,
    Language,
    LanguageName,
    Line,
    Moment,
    NotEmpty,
    Reason,
    RuleCode,
    SeverityName,
    Version,
    WaiverPath,
    ZoneName,
    find_zone,
)
from evidence_cli.table.gate import GatePart, Switch, gate_of
from evidence_cli.table.parts import Category, Indicator, Overrides, Part
from evidence_cli.table.requirements import Leaf, QuestionSpec, Requirements, override, resolve
from evidence_cli.table.suggest import nearest
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.errors import UsageError
from evidence_cli.vocabulary.gate import Gate


class Period(Part):
    """The days that the evaluation is about, both included."""

    start: Day = Field(description="评价期第一天，如 2021-01-01 / First day of the period")
    end: Day = Field(description="评价期最后一天，如 2021-12-31 / Last day of the period")


class Evaluation(Part):
    """Which evaluation this is."""

    id: Identifier = Field(description="评价代号，如 2021-zwfw / Id of the evaluation, letters and digits")
    title: Line = Field(description="评价名称 / Title of the evaluation")
    period: Period = Field(description="评价期，材料应属于此期间 / Period that the material must belong to")
    timezone: ZoneName = Field(
        default="Asia/Shanghai", description="时区，IANA 名称 / Time zone, a name of the IANA database"
    )
    language: LanguageName = Field(
        default=Language.ZH, description="提示语言 zh 或 en / Language of messages: zh or en"
    )


class Milestones(Part):
    """The stages of the process in their order; local times of the evaluation's zone."""

    prepare: Moment | None = Field(default=None, description="准备截止 / Preparation ends")
    questions: Moment | None = Field(default=None, description="获取试题 / Questions are published")
    pack: Moment | None = Field(default=None, description="组卷截止 / Packages are due")
    review: Moment | None = Field(default=None, description="现场审核 / Review on site")
    recheck: Moment | None = Field(default=None, description="复核截止 / Re-check ends")
    submit: Moment | None = Field(default=None, description="正式提交截止 / Final submission")


class Layout(Part):
    """Names of folders and of the answer in a workspace."""

    indicators: FolderName = Field(default="指标", description="指标总文件夹 / Folder of all indicators")
    pool: FolderName = Field(default="素材库", description="素材库文件夹 / Folder of an indicator's pool")
    answer: FolderName = Field(
        default="答案",
        description="答案在包内的名称，无扩展名 / The answer's name in a package, no extension",
    )
    evidence: FolderName = Field(default="佐证材料", description="佐证材料文件夹 / Folder of the evidence set")
    packages: FolderName = Field(default="报送", description="压缩包文件夹 / Folder of the packages")
    contributions: FolderName = Field(
        default="汇总报送", description="各单位汇总报送的文件夹，在指标下 / Folder of what units send, in an indicator"
    )


class Rules(Part):
    """How rules are graded in this evaluation."""

    severity: Mapping[RuleCode, SeverityName] = Field(
        default={},
        json_schema_extra={"propertyNames": {"enum": [str(code) for code in Code]}},
        description="改变规则的级别：error warning info 或 off / Re-grades rules; off switches one off",
    )


class Process(Part):
    """How packages are reviewed, entered and confirmed."""

    four_eyes: Switch = Field(
        default=True,
        description="复核要由审核以外的人来做：on 或 off / Whether another person than who approved must confirm",
    )


class Waiver(Part):
    """A finding that is accepted for one question, with a reason. It stays listed, as waived."""

    rule: RuleCode = Field(description="规则编号，如 E203 / Code of the rule")
    question: str = Field(description="题目编码，如 1.1-01 / Code of the question")
    path: WaiverPath | None = Field(
        default=None,
        description='题目文件夹内的路径通配，如 "佐证材料/**"，默认整题'
        " / Glob relative to the question folder; none covers the whole question",
    )
    reason: Reason = Field(description="理由 / Why it is accepted")
    by: Line = Field(default="", description="批准人岗位 / Role of who accepted it")
    until: Day | None = Field(
        default=None, description="有效期最后一天，过后失效 / Last day on which it counts; none means always"
    )


class Table(Part):
    """The task-decomposition table (任务分解表): the one source of truth of a workspace."""

    version: Version = Field(description="表格格式版本，固定为 1 / Version of this format: 1")
    evaluation: Evaluation = Field(description="本次评价 / The evaluation")
    milestones: Milestones = Field(
        default=Milestones.model_construct(), description="时间节点 / Milestones, in their order"
    )
    layout: Layout = Field(default=Layout.model_construct(), description="文件夹名称 / Names of folders")
    categories: Annotated[tuple[Category, ...], NotEmpty] = Field(
        json_schema_extra={"minItems": 1}, description="佐证材料类别 / Categories of evidence"
    )
    defaults: Overrides = Field(
        default=Overrides.model_construct(),
        description="默认要求，指标和题目可改 / Requirements unless an indicator or a question differs",
    )
    indicators: Annotated[tuple[Indicator, ...], NotEmpty] = Field(
        json_schema_extra={"minItems": 1}, description="指标树 / The tree of indicators"
    )
    contributions: tuple[Contribution, ...] = Field(
        default=(),
        description="汇总报送：哪些单位向哪个指标报送什么 / Contributions: which units send what, for which indicator",
    )
    rules: Rules = Field(default=Rules.model_construct(), description="规则级别 / Grading of rules")
    waivers: tuple[Waiver, ...] = Field(default=(), description="豁免 / Waivers")
    process: Process = Field(
        default=Process.model_construct(), description="审核、录入和复核 / Review, entry and re-check"
    )
    gate: GatePart = Field(
        default=GatePart.model_construct(), description="出门检查：查找什么 / The gate: what may not leave the house"
    )

    @cached_property
    def _leaves(self) -> tuple[Leaf, ...]:
        return resolve(self.categories, self.defaults, self.indicators)

    @cached_property
    def _leaf_by_code(self) -> dict[str, Leaf]:
        return {leaf.code: leaf for leaf in self._leaves}

    @cached_property
    def _by_code(self) -> dict[str, QuestionSpec]:
        return {spec.code: spec for leaf in self._leaves for spec in leaf.questions}

    @cached_property
    def zone(self) -> tzinfo:
        """The time zone of the evaluation."""
        return find_zone(self.evaluation.timezone) or UTC

    @cached_property
    def effective_gate(self) -> Gate:
        """What is looked for in every file: the shipped searches, as the table changes them."""
        return gate_of(self.gate)

    @cached_property
    def base_requirements(self) -> Requirements:
        """What is asked of a question that overrides nothing."""
        return override(Requirements(categories=self.categories), self.defaults)

    def next_change(self, now: datetime) -> datetime | None:
        """When time alone next changes what a check says: packages or contributions become due, or a
        waiver ends. `now` is aware."""
        # The calendar's last day has none after it.
        ends = [waiver.until for waiver in self.waivers if waiver.until is not None and waiver.until < date.max]
        moments = [datetime.combine(day + timedelta(days=1), time(), self.zone) for day in ends]
        if self.milestones.pack is not None:
            # Due is what is later than the milestone.
            moments.append(self.milestones.pack + timedelta(microseconds=1))
        dues = [self.due_of(contribution) for contribution in self.contributions]
        moments += [due + timedelta(microseconds=1) for due in dues if due is not None]
        return min((moment for moment in moments if moment > now), default=None)

    def leaves(self) -> tuple[Leaf, ...]:
        """Indicators without children that a department fills, in the order of the table."""
        return self._leaves

    def leaf(self, code: str) -> Leaf:
        """The leaf of this code. Raises KeyError; the `indicator` of a question is always known."""
        return self._leaf_by_code[code]

    def questions(self) -> tuple[QuestionSpec, ...]:
        """All questions in the order of the table."""
        return tuple(self._by_code.values())

    def question(self, code: str) -> QuestionSpec | None:
        """The question of this code."""
        return self._by_code.get(code)

    def select(self, codes: Sequence[str]) -> tuple[QuestionSpec, ...]:
        """The questions that the codes of questions or indicators (at any level) mean; no codes mean all.

        Raises UsageError `unknown_code`, or `unknown_code_near` with a `suggestion`.
        """
        wanted = self._known(codes)
        if not wanted:
            return self.questions()
        under = self._leaf_codes(wanted)
        return tuple(spec for spec in self.questions() if spec.code in wanted or spec.indicator in under)

    def due_of(self, contribution: Contribution) -> datetime | None:
        """Until when the units send it, in the evaluation's zone; None where nothing says so."""
        return contribution.due or self.milestones.prepare

    def contributions_of(self, codes: Sequence[str]) -> tuple[Contribution, ...]:
        """The contributions of the indicators that the codes mean; no codes mean all, and questions mean none.

        Raises as `select` does.
        """
        wanted = self._known(codes)
        under = self._leaf_codes(wanted)
        return tuple(one for one in self.contributions if not wanted or one.indicator in under)

    def leaves_of(self, codes: Sequence[str]) -> tuple[Leaf, ...]:
        """The leaf indicators that the codes mean; a question means its leaf. Raises as `select` does."""
        wanted = self._known(codes)
        if not wanted:
            return self._leaves
        under = self._leaf_codes(wanted)
        return tuple(
            leaf
            for leaf in self._leaves
            if leaf.code in under or any(question.code in wanted for question in leaf.questions)
        )

    def _known(self, codes: Sequence[str]) -> frozenset[str]:
        if isinstance(codes, str):
            # A string is a sequence of strings too, but nobody means its letters.
            codes = (codes,)
        every = {*_codes(self.indicators), *self._by_code}
        for code in codes:
            if code not in every:
                close = nearest(code, every)
                raise UsageError("unknown_code_near" if close else "unknown_code", code=code, suggestion=close)
        return frozenset(codes)

    def _leaf_codes(self, wanted: frozenset[str]) -> frozenset[str]:
        # Codes extend their parent's, so a prefix is a level above.
        return frozenset(
            leaf.code
            for leaf in self._leaves
            if any(leaf.code == code or leaf.code.startswith(code + ".") for code in wanted)
        )


def _codes(indicators: Sequence[Indicator]) -> list[str]:
    found = []
    for indicator in indicators:
        found.append(indicator.code)
        found.extend(_codes(indicator.children))
    return found
