"""What an auditor finds in a run log, and in one that somebody touched."""

import json
import shutil
from pathlib import Path

import pytest

from backend.federation import audit, messages, runlog
from backend.federation.coordinator import Coordinator
from backend.federation.errors import LogBroken, LogUnfinished, LogUnreadable
from backend.federation.messages import Closing
from backend.federation.runlog import RunLog
from tests.backend.federation.parts import NAMES, Federation


@pytest.fixture(scope="module")
def finished(spec, rows, tmp_path_factory):
    """A federation and the folder of its run."""
    federation = Federation(spec, rows)
    leading = Coordinator(federation.coordinator, federation.roster, spec, federation.post, lambda _: None)
    log = RunLog(tmp_path_factory.mktemp("runs") / "run")
    leading.run(leading.new_session(), log)
    return federation, log.folder


@pytest.fixture
def folder(finished, tmp_path):
    """A copy to touch."""
    return Path(shutil.copytree(finished[1], tmp_path / "run"))


def lines_of(folder):
    return [json.loads(text) for text in (folder / runlog.FILE).read_text(encoding="utf-8").splitlines()]


def write(folder, lines):
    (folder / runlog.FILE).write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def chained(lines, coordinator=None):
    """The lines with numbers and hashes put right, as a forger would, and closed anew with a key that is at hand."""
    previous, result = runlog.FIRST, []
    for number, line in enumerate(lines, start=1):
        plain = {key: value for key, value in line.items() if key != "hash"} | {"line": number, "previous": previous}
        if coordinator and plain["event"] == "closed":
            closing = Closing(session=plain["closing"]["body"]["session"], head=previous)
            plain["closing"] = coordinator.seal("log", closing).model_dump()
        previous = messages.digest(plain)
        result.append(plain | {"hash": previous})
    return result


def broken(folder, line, rule, roster=None):
    with pytest.raises(LogBroken) as found:
        audit.audit(folder / runlog.FILE, roster)
    assert found.value.values["line"] == line
    assert rule in found.value.values["rule"]


def number_of(lines, event, nth=0):
    return [line["line"] for line in lines if line["event"] == event][nth]


def test_an_untouched_log_holds_and_its_result_follows_from_its_sums(finished):
    federation, folder = finished
    found = audit.audit(folder / runlog.FILE, federation.roster)
    lines = lines_of(folder)
    assert found.outcome == "completed"
    assert found.participants == federation.roster.institutions
    assert found.rounds == found.recomputed == sum(line["event"] == "sum" for line in lines)
    assert found.replayed
    assert found.result == messages.digest(lines[-2]["scorecard"])


def test_every_line_is_bound_by_its_hash(finished, folder):
    lines = lines_of(folder)
    for place, line in enumerate(lines):
        touched = [*lines[:place], line | {"at": "2026-01-01T00:00:00.000+00:00"}, *lines[place + 1 :]]
        write(folder, touched)
        broken(folder, line["line"], "hash")


@pytest.mark.parametrize("place", [0, 1, 20, -2])
def test_a_line_taken_out_breaks_the_log_there(folder, place):
    lines = lines_of(folder)
    gone = lines.pop(place)
    write(folder, lines)
    broken(folder, gone["line"], "the line of that number")


def test_two_lines_in_each_others_place_break_the_log(folder):
    lines = lines_of(folder)
    lines[4], lines[5] = lines[5] | {"line": 5}, lines[4] | {"line": 6}
    write(folder, lines)
    broken(folder, 5, "does not follow the line before")


def test_a_log_cut_short_is_unfinished(folder):
    lines = lines_of(folder)
    for kept in (len(lines) - 1, 1):
        write(folder, lines[:kept])
        with pytest.raises(LogUnfinished, match=str(kept)):
            audit.audit(folder / runlog.FILE, None)


def test_a_forger_without_the_coordinators_key_fails_at_the_end(folder):
    lines = lines_of(folder)
    lines[0]["at"] = "2026-01-01T00:00:00.000+00:00"
    write(folder, chained(lines))
    broken(folder, len(lines), "closing signature is for another log")


def test_even_the_coordinator_cannot_change_an_institutions_answer(finished, folder):
    lines = lines_of(folder)
    number = number_of(lines, "answer", 4)
    lines[number - 1]["answer"]["body"]["masked"] = "00" * 32
    write(folder, chained(lines, finished[0].coordinator))
    broken(folder, number, "SignatureWrong")


def test_even_the_coordinator_cannot_change_a_sum(finished, folder):
    lines = lines_of(folder)
    number = number_of(lines, "sum", 1)
    lines[number - 1]["digest"] = "00" * 32
    write(folder, chained(lines, finished[0].coordinator))
    broken(folder, number, "do not add up")


def test_even_the_coordinator_cannot_change_the_result(finished, folder):
    lines = lines_of(folder)
    result = lines[-2]
    result["scorecard"]["base"] += 1
    write(folder, chained(lines, finished[0].coordinator))
    broken(folder, result["line"], "does not have its digest")
    result["digest"] = messages.digest(result["scorecard"])
    write(folder, chained(lines, finished[0].coordinator))
    broken(folder, result["line"], "does not follow from the sums")


def test_even_the_coordinator_cannot_leave_out_a_participant(finished, folder):
    lines = lines_of(folder)
    sum_ = number_of(lines, "sum")
    write(folder, chained([*lines[: sum_ - 2], *lines[sum_ - 1 :]], finished[0].coordinator))
    broken(folder, sum_ - 1, "AnswersMissing")


def test_a_coordinator_that_asked_what_no_sum_led_to_is_found(finished, folder):
    """It signs another request, as one would to aim at somebody; the replay of the course tells."""
    federation, lines = finished[0], lines_of(folder)
    number = number_of(lines, "request", 3)
    asked = messages.Asked.model_validate(lines[number - 1]["request"]["body"])
    aimed = asked.model_copy(update={"coefficients": [0.0] * len(asked.coefficients)})
    lines[number - 1]["request"] = federation.coordinator.seal("request", aimed).model_dump()
    write(folder, chained(lines, federation.coordinator))
    broken(folder, number, "does not follow from the sums")


def test_kept_vectors_must_be_those_that_were_signed(folder):
    file = runlog.masked_file(folder, 2, NAMES[1])
    data = bytearray(file.read_bytes())
    data[0] ^= 1
    file.write_bytes(data)
    lines = lines_of(folder)
    broken(folder, number_of(lines, "answer", 4), "AnswerForeign")


def test_without_the_kept_vectors_signatures_hold_but_nothing_is_added_up_again(folder):
    shutil.rmtree(folder / runlog.MASKED)
    found = audit.audit(folder / runlog.FILE, None)
    assert (found.outcome, found.recomputed, found.replayed) == ("completed", 0, False)
    assert found.rounds > 3


def test_another_roster_is_another_federation(finished, folder, spec, rows):
    broken(folder, 1, "roster", Federation(spec, rows).roster)


@pytest.mark.parametrize(
    "text", ["not JSON", "[]", '{"line": 2, "event": "session"}', '{"line": 1}', '{"line": 1, "line": 1}', '"\xff"']
)
def test_what_is_no_line_is_told_with_its_number(folder, text):
    (folder / runlog.FILE).write_bytes(text.encode("latin-1"))
    broken(folder, 1, "")


def test_events_out_of_place_are_told(finished, folder):
    lines = lines_of(folder)
    write(folder, chained(lines[1:], finished[0].coordinator))
    broken(folder, 1, "out of place")


def test_a_log_that_is_not_there_is_told(tmp_path):
    with pytest.raises(LogUnreadable, match=r"run\.jsonl"):
        audit.audit(tmp_path / runlog.FILE, None)
