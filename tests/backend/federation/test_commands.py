"""The commands that need no other process."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from backend.federation import roster, runlog
from backend.federation.__main__ import cli
from backend.federation.coordinator import Coordinator
from backend.federation.errors import KeyFileUnusable, LogUnreadable, RosterUnusable
from backend.scoring.modelspec import ROOT


def run(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def test_a_new_key_is_told_as_a_member_of_a_roster(tmp_path):
    done = run("key", tmp_path / "key.pem", "--name", "county_bank")
    assert json.loads(done.stdout) == roster.read_key(tmp_path / "key.pem", "county_bank").member.model_dump()


def test_an_audit_tells_what_a_log_proves(federation, spec, log, tmp_path):
    leading = Coordinator(federation.coordinator, federation.roster, spec, federation.post, lambda _: None)
    leading.run(leading.new_session(), log)
    known = tmp_path / "roster.json"
    known.write_text(json.dumps(federation.roster.model_dump(by_alias=True)))
    found = json.loads(run("audit", log.path, "--roster", known).stdout)
    assert found["outcome"] == "completed"
    assert found["replayed"]
    assert found["participants"] == federation.roster.institutions
    assert (log.folder / runlog.MASKED).is_dir()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("audit", "nowhere.jsonl"), LogUnreadable),
        (("coordinator", "--key", "k", "--roster", "nowhere.json", "--runs", "r"), RosterUnusable),
        (("key", "/nowhere/key.pem", "--name", "bank"), KeyFileUnusable),
    ],
)
def test_what_cannot_be_used_is_an_error_by_name(arguments, error):
    assert isinstance(run(*arguments).exception, error)


def test_a_named_error_is_one_line_and_status_2():
    done = subprocess.run(
        [sys.executable, "-m", "backend.federation", "audit", "nowhere.jsonl"],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("LogUnreadable: nowhere.jsonl")
    assert len(done.stderr.splitlines()) == 1


def test_a_coordinator_must_know_where_everybody_answers(federation, tmp_path):
    known = tmp_path / "roster.json"
    content = federation.roster.model_dump(by_alias=True)
    del content["institutions"][1]["url"]
    known.write_text(json.dumps(content))
    done = run("coordinator", "--key", tmp_path / "key.pem", "--roster", known, "--runs", tmp_path)
    assert isinstance(done.exception, RosterUnusable)
    assert "city_bank" in str(done.exception)


def test_the_demo_takes_no_folder_that_is_there(tmp_path):
    done = run("demo", "--folder", tmp_path)
    assert done.exit_code == 2
    assert "is there already" in done.output


def test_a_port_is_a_number_of_a_port():
    done = run(
        "institution", "--name", "a", "--key", "k", "--roster", "r", "--data", "d", "--consents", "c", "--port", "65536"
    )
    assert done.exit_code == 2
