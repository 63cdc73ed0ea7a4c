"""The set-up: locks, compiler, commands, test runner, and the message for whatever a machine lacks."""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
import requests

from scripts import _native_solc as native_solc

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.in"))
SHIM = ROOT / "scripts" / "solc.mjs"
COMPILER = ROOT / ".tools" / "solcx" / "solc-v0.8.30"
# What a bare machine has, apart from Python and Node.
BARE_TOOLS = ["bash", "cat", "cksum", "dirname", "grep", "ln", "mkdir", "rm", "tail"]


def run(*command: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, **options)


# ---- locks ----


def requirement_lines(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_every_requirement_states_its_reason(path):
    assert [line for line in requirement_lines(path) if "# " not in line] == []


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_the_locked_packages_can_be_imported_together(path):
    wanted = {canonical(re.match(r"[\w.-]+", line)[0]) for line in requirement_lines(path)}
    owners = {
        module: {canonical(name) for name in names} & wanted
        for module, names in metadata.packages_distributions().items()
        if module.isidentifier() and not module.startswith("_")
    }
    modules = [module for module, names in owners.items() if names]
    assert set().union(*owners.values()) == wanted
    imported = run(sys.executable, "-c", f"import {', '.join(modules)}")
    assert imported.returncode == 0, imported.stderr


def test_the_locks_name_no_download_address():
    for lock in (ROOT / "requirements").glob("*.txt"):
        assert "://" not in lock.read_text(), lock.name
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert [name for name, entry in packages.items() if "resolved" in entry] == []


def test_the_npm_lock_has_anvil_for_every_platform():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    wanted = packages["node_modules/@foundry-rs/anvil"]["optionalDependencies"]
    locked = {name: packages[f"node_modules/{name}"] for name in wanted}
    assert {name: entry["version"] for name, entry in locked.items()} == wanted
    assert all(entry["integrity"].startswith("sha512-") for entry in locked.values())


def test_no_tracked_file_names_a_path_of_one_machine():
    # Written with a class each, so that the pattern does not find itself.
    found = run("git", "grep", "-nIE", r"/(wor[k]|roo[t]|hom[e]/[a-z]+|User[s]/[a-z]+)/")
    assert found.stdout == ""


# ---- compiler ----


def compile_with(compiler: Path, source: str, *options: str) -> dict:
    request = {
        "language": "Solidity",
        "sources": {"Probe.sol": {"content": source}},
        "settings": {"outputSelection": {"*": {"*": ["evm.bytecode.object"]}}},
    }
    answer = run(compiler, "--standard-json", *options, input=json.dumps(request))
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def test_the_compiler_states_its_full_version():
    answer = run(COMPILER, "--version")
    assert re.search(r"^Version: 0\.8\.30\+commit\.73712a01\.", answer.stdout, re.MULTILINE)


def test_the_webassembly_compiler_compiles_with_imports_from_the_base_path(tmp_path):
    (tmp_path / "Base.sol").write_text("pragma solidity 0.8.30; contract Base {}")
    source = 'pragma solidity 0.8.30; import "Base.sol"; contract Probe is Base {}'
    output = compile_with(SHIM, source, "--base-path", str(tmp_path), "--allow-paths", "/a,/b")
    assert output["contracts"]["Probe.sol"]["Probe"]["evm"]["bytecode"]["object"].startswith("60")


def test_the_webassembly_compiler_names_the_import_it_cannot_find(tmp_path):
    output = compile_with(SHIM, 'pragma solidity 0.8.30; import "Absent.sol";', "--base-path", str(tmp_path))
    assert [error["message"] for error in output["errors"] if error["severity"] == "error"] == [
        f'Source "Absent.sol" not found: File not found: Absent.sol (base path {tmp_path})'
    ]


def test_the_webassembly_compiler_reads_nothing_outside_its_paths(tmp_path):
    (tmp_path / "Secret.sol").write_text("contract Secret {}")
    (tmp_path / "base").mkdir()
    request = {"language": "Solidity", "sources": {"Probe.sol": {"urls": ["../Secret.sol"]}}}
    answer = run(SHIM, "--standard-json", "--base-path", tmp_path / "base", input=json.dumps(request))
    assert "lies outside" in json.loads(answer.stdout)["errors"][0]["message"]


def test_the_webassembly_compiler_refuses_an_unknown_option_as_the_native_one_does():
    answer = run(SHIM, "--optimise")
    assert (answer.returncode, answer.stderr) == (1, "unrecognised option '--optimise'\n")


def test_imports_from_npm_are_found_from_a_copy_of_the_contracts(tmp_path):
    source = 'pragma solidity 0.8.30; import "node_modules/@openzeppelin/contracts/utils/Context.sol";'
    assert "errors" not in compile_with(COMPILER, f"// SPDX-License-Identifier: MIT\n{source}", "--base-path", tmp_path)


@pytest.mark.parametrize("beside", [True, False])
def test_the_project_becomes_an_include_path_only_where_node_modules_is_missing(tmp_path, beside):
    tools = tmp_path / "project" / ".tools"
    (tools / "solcx").mkdir(parents=True)
    (tools / "solcx" / "compiler").write_text('#!/bin/sh\necho "$@"\n')
    (tools / "solcx" / "compiler").chmod(0o755)
    (tools / "solcx" / "solc-v0.8.30").symlink_to(ROOT / "scripts" / "solc.sh")
    base = tmp_path / "base"
    (base / "node_modules" if beside else base).mkdir(parents=True)
    answer = run(tools / "solcx" / "solc-v0.8.30", "--standard-json", "--base-path", base)
    expected = f"--standard-json --base-path {base}" + ("" if beside else f" --include-path {tmp_path / 'project'}")
    assert answer.stdout.strip() == expected


class Download:
    """What `requests.get` answers in the tests of the native compiler."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def raise_for_status(self) -> None:
        pass


def test_a_native_compiler_with_another_digest_is_refused(monkeypatch):
    monkeypatch.setattr(requests, "get", lambda url, timeout: Download(b"#!/bin/sh\n"))
    with pytest.raises(
        native_solc.NoNativeCompilerError, match=rf"SHA-256 \w{{64}}, not {native_solc.SHA256['linux']}"
    ):
        native_solc.download("linux")


def test_a_native_compiler_that_does_not_run_is_removed_again(tmp_path):
    with pytest.raises(native_solc.NoNativeCompilerError, match="does not run here"):
        native_solc.install(b"not an executable", tmp_path / "compiler")
    assert not (tmp_path / "compiler").exists()


def test_a_native_compiler_of_another_version_is_removed_again(tmp_path):
    with pytest.raises(
        native_solc.NoNativeCompilerError, match=r"calls itself 0\.8\.29\+commit\.ab55807c, not 0\.8\.30"
    ):
        native_solc.install(b"#!/bin/sh\necho Version: 0.8.29+commit.ab55807c.Linux.g++\n", tmp_path / "compiler")
    assert not (tmp_path / "compiler").exists()


def test_the_native_compiler_replaces_a_link_and_not_what_it_points_to(tmp_path):
    (tmp_path / "shim").write_text("the shim")
    (tmp_path / "compiler").symlink_to("shim")
    native_solc.install(f"#!/bin/sh\necho Version: {native_solc.VERSION}.Linux.g++\n".encode(), tmp_path / "compiler")
    assert (tmp_path / "shim").read_text() == "the shim"


def test_a_machine_without_a_native_build_is_named(monkeypatch):
    monkeypatch.setattr(native_solc.platform, "system", lambda: "Linux")
    monkeypatch.setattr(native_solc.platform, "machine", lambda: "riscv64")
    with pytest.raises(native_solc.NoNativeCompilerError, match="no native build for Linux riscv64"):
        native_solc.build_name()


# ---- what a machine may lack ----


def program(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/bash\n{body}\n")
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path):
    """A clone and a PATH of the bare tools; tests add what else this machine has."""
    clone, path = tmp_path / "clone", tmp_path / "bin"
    shutil.copytree(ROOT / "scripts", clone / "scripts")
    shutil.copytree(ROOT / "requirements", clone / "requirements")
    path.mkdir()
    for tool in BARE_TOOLS:
        (path / tool).symlink_to(shutil.which(tool))
    return clone, path


def set_up(clone: Path, path: Path) -> list[str]:
    """Run the set-up where it must fail; the last line is the message."""
    done = subprocess.run(
        ["bash", clone / "scripts" / "setup.sh"],
        env={"PATH": str(path), "HOME": str(clone)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    return done.stderr.splitlines()


def test_a_machine_without_node_is_told_so(machine):
    assert set_up(*machine) == ["set-up: Node.js 20 or newer is missing (nodejs.org, nvm, or brew install node)"]


def test_a_machine_with_an_old_node_is_told_its_version(machine):
    clone, path = machine
    program(path / "node", "echo v18.19.0")
    assert set_up(clone, path)[-1].startswith("set-up: Node.js 18.19.0 is too old: 20 or newer is needed")


def test_a_machine_without_npm_is_told_so(machine):
    clone, path = machine
    program(path / "node", "echo v20.1.0")
    assert set_up(clone, path)[-1] == "set-up: npm is missing beside Node.js 20.1.0. Debian: apt-get install npm"


@pytest.fixture
def machine_with_node(machine):
    program(machine[1] / "node", "echo v20.1.0")
    program(machine[1] / "npm", "")
    return machine


def test_a_machine_without_python_is_told_what_to_install(machine_with_node):
    message = set_up(*machine_with_node)[-1]
    assert message == (
        "set-up: Python is missing. Debian: apt-get install python3 python3-venv. macOS: brew install python@3.11"
    )


def test_a_python_without_venv_and_pip_names_the_debian_package(machine_with_node):
    clone, path = machine_with_node
    program(path / "python3", '[ "$1" != -m ]')
    message = set_up(clone, path)[-1]
    assert message.endswith("can neither make environments nor install packages. Debian: apt-get install python3-venv")


def test_a_machine_where_python_3_11_cannot_be_had_is_told_why(machine_with_node):
    clone, path = machine_with_node
    program(path / "uv", 'case "$*" in *--help) echo --relocatable;; *) echo "no route to host"; exit 2;; esac')
    assert set_up(clone, path)[-1] == (
        "set-up: Python 3.11 is neither installed nor downloadable here (no route to host). "
        "macOS: brew install python@3.11"
    )


# ---- message broker and browser ----


@pytest.fixture
def machine_without_mosquitto(machine):
    """Its script, looking for Mosquitto on this machine's PATH alone, and that PATH."""
    clone, path = machine
    script = clone / "scripts" / "mosquitto.sh"
    script.write_text(script.read_text().replace("PATH=$PATH:/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin", ":"))
    return script, path


def get_mosquitto(script: Path, path: Path) -> str:
    return get(script, path, "without-mosquitto")


def get(script: Path, path: Path, reason: str) -> str:
    done = subprocess.run(
        [script, script.parent / reason],
        env={"PATH": str(path)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr


def test_root_gets_mosquitto_from_debians_packages_once(machine_without_mosquitto):
    script, path = machine_without_mosquitto
    program(path / "id", "echo 0")
    program(path / "env", '"${@:2}"')
    program(path / "chmod", 'exec /bin/chmod "$@"')
    program(path / "apt-get", f'[ "$2" = update ] || echo "#!/bin/bash" >{path}/mosquitto; chmod +x {path}/mosquitto')
    assert get_mosquitto(script, path) == "set-up: message broker (Debian's package mosquitto) ...\n"
    assert get_mosquitto(script, path) == ""
    assert not (script.parent / "without-mosquitto").exists()


def test_a_machine_that_cannot_get_mosquitto_says_why_once(machine_without_mosquitto):
    script, path = machine_without_mosquitto
    program(path / "id", "echo 0")
    program(path / "env", '"${@:2}"')
    program(path / "apt-get", "echo E: Unable to locate package mosquitto; exit 100")
    assert get_mosquitto(script, path).endswith(
        "Mosquitto is not installed (E: Unable to locate package mosquitto); a broker inside Python takes its place, "
        "good for the demo. Debian: apt-get install mosquitto mosquitto-clients. macOS: brew install mosquitto\n"
    )
    assert get_mosquitto(script, path) == ""


def test_without_the_right_to_install_nothing_is_tried(machine_without_mosquitto):
    script, path = machine_without_mosquitto
    program(path / "id", "echo 1000")
    program(path / "sudo", "exit 1")
    program(path / "apt-get", f"touch {path}/tried")
    assert "Mosquitto is not installed (installing needs root)" in get_mosquitto(script, path)
    assert not (path / "tried").exists()


def test_a_machine_without_debians_packages_is_told_what_to_install(machine_without_mosquitto):
    assert "Mosquitto is not installed (no apt-get here)" in get_mosquitto(*machine_without_mosquitto)


def test_a_machine_without_a_browser_is_told_once_what_to_install(machine):
    clone, path = machine
    script = clone / "scripts" / "chromium.sh"
    assert get(script, path, "without-chromium").endswith(
        "Chromium is not installed (no apt-get here); everything but the tests in a browser works. "
        "Debian: apt-get install chromium fonts-noto-cjk. macOS: brew install --cask google-chrome\n"
    )
    assert get(script, path, "without-chromium") == ""


@pytest.mark.parametrize("name", ["chromium", "google-chrome"])
def test_a_browser_that_is_there_is_enough(machine, name):
    clone, path = machine
    program(path / name, "true")
    assert get(clone / "scripts" / "chromium.sh", path, "without-chromium") == ""


def test_a_second_set_up_does_nothing():
    done = run(ROOT / "scripts" / "setup.sh")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# ---- commands ----

TARGET = re.compile(r"^([a-z-]+):[^=]*?(?:## (.+))?$", re.MULTILINE)


def test_commands_are_few_and_each_comes_with_a_line_of_help():
    commands = dict(TARGET.findall((ROOT / "Makefile").read_text()))
    assert 0 < len(commands) <= 13
    assert [name for name, help_line in commands.items() if not help_line] == []
    listed = run("make").stdout
    assert [name for name, help_line in commands.items() if help_line not in listed] == []


@pytest.mark.parametrize(
    ("command", "missing"),
    [("bench", "NAME"), ("evaluate", "SPEC"), ("evaluate SPEC=x", "DATA"), ("deploy", "NETWORK")],
)
def test_a_command_without_its_argument_says_which_and_shows_an_example(command, missing):
    environment = {name: value for name, value in os.environ.items() if name not in ("NAME", "SPEC", "DATA", "NETWORK")}
    answer = run("make", "-o", "setup", *command.split(), env=environment)
    assert answer.returncode == 2
    name = command.split()[0]
    assert answer.stderr.startswith(f"make {name} needs {missing}, for example: make {name} ")


# ---- test runner ----

GROUPS = {
    "backend": "def test_passes(): pass",
    "contracts": "def test_fails(): assert 'face' == 'outstanding'",
    "properties": "",
    "system": "def test_passes(): pass\ndef test_passes_too(): pass",
    "browser": "def test_passes(): pass",
}


@pytest.fixture
def runner(tmp_path):
    """A project with one file per test group, and a compiler that has nothing to do."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    program(tmp_path / "ape", "true")
    for group, source in GROUPS.items():
        folder = tmp_path / "tests" / group
        folder.mkdir(parents=True)
        (folder / "pytest.ini").write_text("[pytest]\naddopts = -p no:ape_test -p no:cacheprovider\n")
        (folder / f"test_{group}.py").write_text(source)
    environment = os.environ | {"PATH": f"{tmp_path}:{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return lambda *group: run(tmp_path / "scripts" / "test.sh", *group, env=environment)


def test_the_runner_fails_with_each_groups_closing_line_and_the_failed_output(runner):
    done = runner()
    assert done.returncode == 2
    assert "assert 'face' == 'outstanding'" in done.stdout
    assert "test_backend.py" not in done.stdout
    lines = done.stdout.splitlines()
    closing_lines = [line.split(" in ")[0].strip("= ") for line in lines[-11:-1] if line.startswith("=")]
    assert closing_lines == ["1 passed", "1 failed", "no tests ran", "2 passed", "1 passed"]
    assert lines[-1] == "4 passed, 2 failed"


def test_the_runner_runs_one_group_alone(runner):
    done = runner("browser")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "1 passed, 0 failed")


def test_the_runner_fails_at_once_when_the_contracts_do_not_compile(runner, tmp_path):
    program(tmp_path / "ape", "echo 'DeclarationError: Identifier not found'; exit 1")
    done = runner()
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "DeclarationError: Identifier not found")
