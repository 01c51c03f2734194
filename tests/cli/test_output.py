"""Where the report goes: standard output and nothing else beside it, files, pipes, other code pages, terminals."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from running import COMMAND, LONG_ENOUGH, environment, evcli, tree_of

JSON = ("check", "--format", "json")
needs_devices = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")


def test_a_report_goes_to_a_file_and_standard_output_stays_empty(graded: Path, tmp_path: Path) -> None:
    target = tmp_path / "报告.json"
    result = evcli(*JSON, "-o", target, cwd=graded)
    assert (result.code, result.out) == (1, "")
    assert result.err == f"报告已写入 {target}\n"
    written, shown = json.loads(target.read_bytes()), evcli(*JSON, cwd=graded).report
    written.pop("generated"), shown.pop("generated")
    assert written == shown
    assert [path.name for path in tmp_path.iterdir() if path != graded] == ["报告.json"]


def test_quiet_says_nothing_but_the_report(graded: Path, tmp_path: Path) -> None:
    result = evcli("check", "-q", "-o", tmp_path / "报告.txt", cwd=graded)
    assert (result.code, result.out, result.err) == (1, "", "")
    assert "E103" in (tmp_path / "报告.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "inside", ["指标/x.json", "报送/x.json", "config/indicators.yaml", ".evcli/x", "指标/../报送/x"]
)
def test_a_report_is_never_written_over_evidence(inside: str, packed: Path) -> None:
    before = tree_of(packed)
    for command in (["check"], ["verify", "报送"]):
        result = evcli(*command, "-o", inside, cwd=packed)
        assert (result.code, result.out) == (2, "")
        assert "报告不能写到" in result.err
    assert tree_of(packed) == before


def test_a_report_that_cannot_be_written_is_three(graded: Path, tmp_path: Path) -> None:
    for target in (tmp_path / "没有这个文件夹" / "x.json", graded / "config/indicators.yaml" / "x"):
        result = evcli("check", "-o", target, cwd=graded)
        assert (result.code, result.out) == (2 if "config" in str(target) else 3, "")
        assert "Traceback" not in result.err


def test_a_report_is_not_written_to_a_folder(graded: Path) -> None:
    result = evcli("check", "-o", ".", cwd=graded)
    assert (result.code, result.err) == (
        2,
        "evcli: --output 的值不对：要写一个文件，这是文件夹。\n查看用法：evcli check -h\n",
    )


@needs_devices
def test_devices_are_written_to_and_never_replaced(graded: Path) -> None:
    assert evcli(*JSON, "-o", "/dev/null", cwd=graded).code == 1
    full = evcli(*JSON, "-o", "/dev/full", cwd=graded)
    assert (full.code, full.out) == (3, "")
    assert full.err.startswith("evcli: 写不了 /dev/full：")
    for device in ("/dev/null", "/dev/full"):
        assert Path(device).is_char_device()


@needs_devices
@pytest.mark.parametrize(
    "arguments", [[], JSON, ["rules"], ["table", "schema"], ["-h"], ["--version"], ["init"], ["demo", "../d"]], ids=str
)
def test_standard_output_that_is_full_is_three(arguments: list[str], workspace: Path) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        result = evcli(*(arguments or ["check"]), cwd=workspace, stdout=full)
    assert result.code == 3
    assert result.err.startswith("evcli: 结果写不出去：")
    assert result.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["rules"], ["table", "schema"], JSON, ["-h"]], ids=str)
@pytest.mark.skipif(sys.platform == "win32", reason="pipes close otherwise there")
def test_a_reader_that_leaves_is_three_and_no_traceback(arguments: list[str], workspace: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as pipe:
        result = evcli(*arguments, cwd=workspace, stdout=pipe)
    assert result.code == 3
    assert result.err.startswith("evcli: 结果写不出去：")
    assert result.err.count("\n") == 1


@pytest.mark.parametrize("encoding", ["gbk", "ascii", "latin-1", "utf-16"])
def test_json_is_the_same_document_in_any_code_page(encoding: str, graded: Path) -> None:
    ours = evcli(*JSON, cwd=graded).report
    other = evcli(*JSON, cwd=graded, env={"PYTHONIOENCODING": encoding})
    theirs = json.loads(other.stdout.decode(encoding))
    ours.pop("generated"), theirs.pop("generated")
    assert (other.code, other.stderr) == (1, b"")
    assert theirs == ours
    if encoding != "utf-16":
        json.loads(other.stdout)


@pytest.mark.parametrize("command", ["check", "pack", "init", "rules", "table show", "-h"])
def test_text_survives_a_console_of_another_code_page(command: str, graded: Path) -> None:
    for encoding in ("gbk", "ascii"):
        result = evcli(*command.split(), cwd=graded, env={"PYTHONIOENCODING": encoding})
        assert result.code in (0, 1)
        assert b"Traceback" not in result.stderr
        text = result.stdout.decode(encoding)
        assert encoding == "ascii" or any(character >= "\u4e00" for character in text)


@pytest.mark.tools
@pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq")
def test_jq_reads_the_report(graded: Path) -> None:
    for arguments in ((*JSON,), ("verify", "--format", "json", "报送"), ("table", "schema")):
        if "报送" in arguments:
            evcli("pack", cwd=graded)
        result = evcli(*arguments, cwd=graded)
        read = subprocess.run(
            ["jq", "-c", "."], input=result.stdout, capture_output=True, timeout=LONG_ENOUGH, check=True
        )
        assert json.loads(read.stdout) == json.loads(result.stdout)


def test_there_are_no_colours_outside_a_terminal(graded: Path) -> None:
    result = evcli("check", cwd=graded, env={"FORCE_COLOR": "1", "TERM": "xterm-256color"})
    assert "\x1b" not in result.out + result.err


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
class TestOnATerminal:
    """Both streams on a pseudo-terminal of their own."""

    @staticmethod
    def run(*arguments: str, cwd: Path, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        import pty
        import threading

        ends = [pty.openpty(), pty.openpty()]
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=cwd,
            env=environment({"TERM": "xterm-256color"} | (env or {})),
            stdin=subprocess.DEVNULL,
            stdout=ends[0][1],
            stderr=ends[1][1],
        )
        seen = [bytearray(), bytearray()]

        def drain(number: int) -> None:
            while True:
                try:
                    data = os.read(ends[number][0], 65536)
                except OSError:
                    return
                if not data:
                    return
                seen[number].extend(data)

        threads = [threading.Thread(target=drain, args=[number]) for number in (0, 1)]
        for thread in threads:
            thread.start()
        code = process.wait(LONG_ENOUGH)
        for _, inner in ends:
            os.close(inner)
        for thread in threads:
            thread.join(LONG_ENOUGH)
        for outer, _ in ends:
            os.close(outer)
        return code, seen[0].decode(), seen[1].decode()

    def test_colours_on_output_and_a_bar_on_errors_only(self, graded: Path) -> None:
        code, out, err = self.run("check", cwd=graded)
        assert code == 1
        assert "\x1b[1;31m错误" in out
        assert "检查材料" not in out
        assert "检查材料" in err
        assert "E103" not in err

    def test_a_bar_in_bytes_for_packing(self, workspace: Path) -> None:
        code, out, err = self.run("pack", cwd=workspace)
        assert code == 0
        assert "已打包" in out
        assert "打包" in err
        assert "kB" in err

    @pytest.mark.parametrize("way", ["option", "variable"])
    def test_no_colour_where_none_is_wanted(self, way: str, graded: Path) -> None:
        arguments = ["check", "--no-color"] if way == "option" else ["check"]
        code, out, err = self.run(*arguments, cwd=graded, env={"NO_COLOR": "1"} if way == "variable" else {})
        assert code == 1
        assert "\x1b" not in out
        assert "\x1b[3" not in err

    def test_quiet_has_no_bar(self, graded: Path) -> None:
        code, _, err = self.run("check", "-q", cwd=graded)
        assert (code, err) == (1, "")


@pytest.mark.skipif(os.name == "nt", reason="no such shell")
@pytest.mark.parametrize("line", ["check", "--version", "pack", "rules", "-h"])
def test_standard_output_that_was_closed_is_three(line: str, workspace: Path) -> None:
    shell = f'exec "$0" -m evidence_cli {line} >&-'
    done = subprocess.run(
        ["/bin/sh", "-c", shell, sys.executable], cwd=workspace, env=environment(), stderr=subprocess.PIPE, check=False
    )
    assert done.returncode == 3
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="no such shell")
def test_a_report_to_a_file_needs_no_standard_output(workspace: Path, tmp_path: Path) -> None:
    shell = f'exec "$0" -m evidence_cli check --format json -o "{tmp_path}/report.json" >&-'
    done = subprocess.run(["/bin/sh", "-c", shell, sys.executable], cwd=workspace, env=environment(), check=False)
    assert done.returncode == 0
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["summary"]["errors"] == 0


def test_a_dash_is_standard_output(workspace: Path) -> None:
    assert evcli("check", "--format", "json", "-o", "-", cwd=workspace).report["summary"]["questions"] == 3
    assert not (workspace / "-").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows knows file names in Unicode only")
def test_a_locale_that_cannot_read_chinese_names_is_an_error_of_the_environment(workspace: Path) -> None:
    result = evcli("check", cwd=workspace, env={"PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"})
    assert (result.code, result.stdout) == (3, b"")
    assert "LC_ALL=C.UTF-8" in result.err
