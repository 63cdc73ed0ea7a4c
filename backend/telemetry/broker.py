"""The broker of one folder: Mosquitto where it is installed, else one inside Python.

The folder has all it needs: configuration, hashed passwords, access rules, certificates. Machines are users `m7` with
rights to their own topics alone; the platform's own users begin with `heqi`. A client is called as its user, so that
nobody takes over another's session. `python -m backend.telemetry.broker serve | admit | revoke FOLDER …`.
"""

import base64
import fcntl
import hashlib
import hmac
import os
import re
import secrets
import shutil
import signal
import socket
import ssl
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click

from backend.errors import HeqiError
from backend.telemetry import certificates
from backend.telemetry.mqtt import ANSWER_S, LONGEST_PAUSE_S, READ_KINDS, Access, BrokerRefused, Reader

READER, COMMANDER = "heqi", "heqi-commands"
MACHINE = re.compile(r"m[1-9][0-9]{0,9}")
PLATFORM = re.compile(r"heqi(-[a-z0-9]{1,24})?")

LARGEST_PACKET = 4_096  # a record has 2,048 bytes at most; the consumer says of what is a little larger that it is
MOST_WAITING = 2_000_000  # messages kept for a reader that is away
MOST_WAITING_BYTES = 1 << 30
IN_FLIGHT = 1_000
HASH_ROUNDS = 101  # Mosquitto's own figure; our passwords are 256 random bits, which nobody guesses anyway
READERS_BACK_S = LONGEST_PAUSE_S + 5
BESIDE_PATH = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")


class NameUnusable(HeqiError):
    notice_en = "{name} cannot be a user of the broker: it is m and a machine's number, or heqi-name."
    notice_zh = "{name} 不能作为代理用户名：应为 m 加设备编号，或 heqi-名称。"


class BrokerRuns(HeqiError):
    notice_en = "A broker already runs in {folder}."
    notice_zh = "{folder} 中已有代理在运行。"
    status = 409


def find_mosquitto() -> Path | None:
    """Its program; Debian keeps it off the PATH of ordinary users."""
    found = shutil.which("mosquitto", path=os.pathsep.join([os.environ.get("PATH", ""), *BESIDE_PATH]))
    return Path(found) if found else None


@dataclass(frozen=True, slots=True)
class Broker:
    """Where a broker keeps its files and listens. `mosquitto`: its program, or None for the broker inside Python."""

    folder: Path
    port: int
    host: str = "127.0.0.1"
    is_encrypted: bool = True
    mosquitto: Path | None = field(default_factory=find_mosquitto)

    @property
    def url(self) -> str:
        return f"mqtt{'s' if self.is_encrypted else ''}://{self.host}:{self.port}"

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.crt"

    def password_file(self, user: str) -> Path:
        """Of a platform's user; a machine's password is told once and kept by the machine."""
        return self.folder / f"{user}.password"

    def access(self, user: str, password: str) -> Access:
        tls = ssl.create_default_context(cafile=self.ca_file) if self.is_encrypted else None
        return Access(self.host, self.port, user, password, tls)

    def platform_access(self, user: str) -> Access:
        return self.access(user, self.password_file(user).read_text(encoding="utf-8"))

    def is_up(self) -> bool:
        """Whether it answers, if only to refuse: from then on it also hears that it shall reload."""
        with socket.socket() as probe:
            if probe.connect_ex((self.host, self.port)):
                return False
        stranger = Reader(self.access("nobody", ""), [])
        try:
            stranger.receive(ANSWER_S)
        except BrokerRefused:
            return True
        stranger.close()
        return False

    def prepare(self) -> None:
        """Write what the folder lacks: certificates, the platform's users; the configuration every time."""
        (self.folder / "kept").mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.is_encrypted:
            certificates.ensure(self.folder, self.host)
        self.admit(name for name in (READER, COMMANDER) if not self.password_file(name).exists())
        (self.folder / "mosquitto.conf").write_text(self.configuration(), encoding="utf-8")

    def admit(self, names: Iterable[str]) -> dict[str, str]:
        """A new password for each user, known or new; what connects with an old one is cut off. Raises NameUnusable."""
        passwords = {_usable(name): secrets.token_urlsafe(32) for name in names}
        with self._changing() as hashes:
            hashes |= {name: hashed(password) for name, password in passwords.items()}
        for name in filter(PLATFORM.fullmatch, passwords):
            _write_secret(self.password_file(name), passwords[name])
        return passwords

    def revoke(self, names: Iterable[str]) -> None:
        """These users are cut off and stay out. Unknown names are as good as revoked."""
        with self._changing() as hashes:
            for name in names:
                hashes.pop(name, None)

    def hashes(self) -> dict[str, str]:
        """Of the passwords, by user."""
        path = self.folder / "passwords"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return dict(line.split(":", 1) for line in lines)

    @contextmanager
    def _changing(self) -> Iterator[dict[str, str]]:
        with _locked(self.folder / "lock"):
            hashes = self.hashes()
            yield hashes
            _write_secret(self.folder / "passwords", "".join(f"{name}:{hash}\n" for name, hash in hashes.items()))
            _write_secret(self.folder / "rights", rights(filter(PLATFORM.fullmatch, hashes)))
        self._reload()

    def _reload(self) -> None:
        """Have the broker read users and rights again, if it runs."""
        path = self.folder / "pid"
        if not path.exists():
            return
        with path.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                self._await_readers(path.stat().st_mtime)
                os.kill(int(file.read()), signal.SIGHUP)

    def _await_readers(self, started_at: float) -> None:
        """Mosquitto 2.0 keeps nothing more for a session that it has read from disk and whose user is not back, once it
        reloads: so it gets the time that readers take to come back."""
        kept = self.folder / "kept" / "mosquitto.db"
        if kept.exists() and kept.stat().st_mtime < started_at:
            time.sleep(max(0.0, started_at + READERS_BACK_S - time.time()))

    def serve(self) -> None:
        """Be the broker until a signal comes. Raises BrokerRuns."""
        self.prepare()
        # A request to reload must not end what is only about to start.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with (self.folder / "pid").open("a") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BrokerRuns(folder=str(self.folder)) from None
            held.truncate(0)
            held.write(str(os.getpid()))
            held.flush()
            self._become(held.fileno())

    def _become(self, lock: int) -> None:
        """The broker, in this very process; the lock on `lock` ends with it."""
        if self.mosquitto:
            os.set_inheritable(lock, True)
            os.execv(self.mosquitto, ["mosquitto", "-c", str(self.folder / "mosquitto.conf")])  # noqa: S606
        from backend.telemetry import embedded  # noqa: PLC0415 - it knows this module

        embedded.run(self)

    def configuration(self) -> str:
        """Mosquitto's. Nothing waiting for a reader is dropped before the limits, which are far away and watched."""
        folder = self.folder.resolve()
        lines = [
            *(["user root"] if os.geteuid() == 0 else []),  # or it would give up the right to read this folder
            "allow_anonymous false",
            f"password_file {folder / 'passwords'}",
            f"acl_file {folder / 'rights'}",
            "retain_available false",
            f"max_packet_size {LARGEST_PACKET}",
            f"max_queued_messages {MOST_WAITING}",
            f"max_queued_bytes {MOST_WAITING_BYTES}",
            f"max_inflight_messages {IN_FLIGHT}",
            "persistence true",
            f"persistence_location {folder / 'kept'}/",
            "autosave_interval 30",
            "persistent_client_expiration 7d",
            "sys_interval 5",
            "log_dest stderr",
            "log_type error",
            "log_type warning",
            "log_type notice",
            f"listener {self.port} {self.host}",
            "use_username_as_clientid true",
        ]
        if self.is_encrypted:
            lines += [f"certfile {folder / 'server.crt'}", f"keyfile {folder / 'server.key'}"]
        return "\n".join(lines) + "\n"


def rights(platform: Iterable[str]) -> str:
    """Mosquitto's access rules: a machine writes and reads its own topics, the platform reads all and commands."""
    own = [f"pattern write heqi/1/+/+/%u/{kind}" for kind in READ_KINDS]
    lines = [*own, "pattern read heqi/1/+/+/%u/command"]
    for name in platform:
        lines += [f"user {name}", "topic read heqi/1/#", "topic read $SYS/#", "topic write heqi/1/+/+/+/command"]
    return "\n".join(lines) + "\n"


def hashed(password: str, salt: bytes | None = None) -> str:
    """In Mosquitto's format 7: PBKDF2 over SHA-512."""
    salt = salt or secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, HASH_ROUNDS)
    return f"$7${HASH_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def is_password(password: str, known: str) -> bool:
    salt = base64.b64decode(known.split("$")[3])
    return hmac.compare_digest(hashed(password, salt), known)


def _usable(name: str) -> str:
    if not (MACHINE.fullmatch(name) or PLATFORM.fullmatch(name)):
        raise NameUnusable(name=name)
    return name


def _write_secret(path: Path, content: str) -> None:
    """In one step, so that the broker never reads half of it."""
    new = path.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_text(content, encoding="utf-8")
    new.replace(path)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@click.group()
def main() -> None:
    """The message broker of one folder."""


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--port", type=int, required=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; the certificate is for it.")
@click.option("--plain", is_flag=True, help="Without encryption.")
@click.option("--embedded", is_flag=True, help="The broker inside Python, even where Mosquitto is installed.")
def serve(folder: Path, port: int, host: str, plain: bool, embedded: bool) -> None:
    """Run the broker until Ctrl-C."""
    Broker(folder, port, host, not plain, None if embedded else find_mosquitto()).serve()


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@click.argument("names", nargs=-1, required=True)
def admit(folder: Path, names: tuple[str, ...]) -> None:
    """Let machines in (m7): prints a new password for each, which is not shown again."""
    for name, password in Broker(folder, 0).admit(names).items():
        click.echo(f"{name} {password}")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@click.argument("names", nargs=-1, required=True)
def revoke(folder: Path, names: tuple[str, ...]) -> None:
    """Cut machines off."""
    Broker(folder, 0).revoke(names)


if __name__ == "__main__":
    try:
        main(standalone_mode=True)
    except HeqiError as error:
        sys.exit(f"broker: {error}")
