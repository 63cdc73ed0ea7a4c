"""A broker inside Python, so that a demonstration runs on a machine without Mosquitto.

MQTT 3.1.1 only, slow, and what waits in it is lost when it ends. Users and rights are those of the folder.
"""

import asyncio
import re
import signal
from dataclasses import dataclass
from pathlib import Path

from amqtt import broker as engine
from amqtt.contexts import Action, BaseContext, BrokerConfig, ListenerConfig
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import Session

from backend.telemetry.broker import PLATFORM, Broker, is_password
from backend.telemetry.mqtt import READ_KINDS


def run(broker: Broker) -> None:
    """Until a signal comes."""
    asyncio.run(_serve(broker))


async def _serve(broker: Broker) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    running = engine.Broker(_configuration(broker))
    await running.start()
    await stop.wait()
    await running.shutdown()


def _configuration(broker: Broker) -> BrokerConfig:
    folder = broker.folder
    certificate = {"certfile": folder / "server.crt", "keyfile": folder / "server.key"} if broker.is_encrypted else {}
    listener = ListenerConfig(bind=f"{broker.host}:{broker.port}", ssl=broker.is_encrypted, **certificate)
    plugins = {f"{__name__}.{Gate.__name__}": {"folder": str(folder)}}
    return BrokerConfig(listeners={"default": listener}, plugins=plugins)


class Gate(BaseAuthPlugin, BaseTopicPlugin):  # type: ignore[misc]
    """Lets in whom the folder's password file knows, under their own name, with the rights of machine or platform."""

    @dataclass
    class Config:
        folder: str

    def __init__(self, context: BaseContext) -> None:
        super().__init__(context)
        self._broker = Broker(Path(self.config.folder), 0)
        self._entered_with: dict[str, str] = {}

    async def authenticate(self, *, session: Session) -> bool:
        user = session.username or ""
        known = self._broker.hashes().get(user)
        if known is None or session.client_id != user or not is_password(session.password or "", known):
            return False
        self._entered_with[user] = known
        return True

    async def topic_filtering(
        self, *, session: Session | None = None, topic: str | None = None, action: Action | None = None
    ) -> bool:
        """Rights end with the password a user came in with."""
        user = (session and session.username) or ""
        known = self._broker.hashes().get(user)
        return known is not None and known == self._entered_with.get(user) and _may(user, topic or "", action)


def _may(user: str, topic: str, action: Action | None) -> bool:
    if PLATFORM.fullmatch(user):
        return action is not Action.PUBLISH or topic.endswith("/command")
    kinds = "|".join(READ_KINDS) if action is Action.PUBLISH else "command"
    return re.fullmatch(f"heqi/1/[^/]+/[^/]+/{user}/({kinds})", topic) is not None
