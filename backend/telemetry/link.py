"""What a machine uses, or whoever sends it commands: one user's connection by paho, at QoS 1."""

import contextlib
import queue
import threading
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from backend.errors import HeqiError
from backend.telemetry.mqtt import ANSWER_S, SESSION_S, Access, BrokerRefused
from backend.telemetry.record import Message

IN_FLIGHT = 500
BATCH = 1_000
PATIENCE_S = 3.0  # with refusals of a user that has only just been admitted
NO_ANSWER = "no answer"


class PublishRefused(HeqiError):
    notice_en = "The broker refused {count} messages of {user}, the last because: {reason}."
    notice_zh = "代理拒绝了 {user} 的 {count} 条消息，最近一次原因：{reason}。"
    status = 502


class PublishUnanswered(HeqiError):
    notice_en = "The broker has not answered for {count} messages of {user} within {seconds} s."
    notice_zh = "代理在 {seconds} 秒内未确认 {user} 的 {count} 条消息。"
    status = 504


class Link:
    """`with Link(access) as link:` publishes and, as a `Source`, receives what comes to `topics`.

    A lost connection is opened again, what was published meanwhile is sent then, and what was not acknowledged comes
    again. Paho reads packet by packet: for a few messages a second, not for the consumer's stream.
    """

    def __init__(self, access: Access, topics: Iterable[str] = ()) -> None:
        self._access = access
        self._topics = [(topic, 1) for topic in topics]
        self._received: queue.SimpleQueue[paho.MQTTMessage] = queue.SimpleQueue()
        self._unacknowledged: list[paho.MQTTMessage] = []
        self._changed = threading.Condition()
        self._is_ready = False
        self._refusal = NO_ANSWER
        self._published = self._answered = self._refused = 0
        self._client = self._configured()

    def _configured(self) -> paho.Client:
        access = self._access
        client = paho.Client(
            CallbackAPIVersion.VERSION2, access.user, protocol=MQTTProtocolVersion.MQTTv5, manual_ack=True
        )
        client.username_pw_set(access.user, access.password)
        client.max_inflight_messages_set(IN_FLIGHT)
        client.reconnect_delay_set(1, 15)
        if access.tls:
            client.tls_set_context(access.tls)
        client.on_connect = self._on_connect
        client.on_subscribe = lambda *_: self._ready()
        client.on_publish = self._on_publish
        client.on_message = lambda _client, _data, message: self._received.put(message)
        return client

    def __enter__(self) -> Self:
        """Raises OSError when nothing answers there, BrokerRefused."""
        kept = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        kept.SessionExpiryInterval = SESSION_S
        self._client.connect(self._access.host, self._access.port, clean_start=False, properties=kept)
        self._client.loop_start()
        with self._changed:
            self._changed.wait_for(lambda: self._is_ready or self._refusal is not NO_ANSWER, 2 * ANSWER_S)
            if self._changed.wait_for(lambda: self._is_ready, PATIENCE_S):
                return self
        self._client.loop_stop()
        raise BrokerRefused(broker=str(self._access), user=self._access.user, reason=self._refusal)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: bytes) -> None:
        """Returns at once; `flush` waits for the broker's word."""
        self._published += 1
        self._client.publish(topic, payload, qos=1)

    def flush(self, seconds: float = 60.0) -> None:
        """Until the broker has answered for everything published. Raises PublishRefused, PublishUnanswered."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._answered == self._published, seconds):
                left = self._published - self._answered
                raise PublishUnanswered(user=self._access.user, count=left, seconds=seconds)
            refused, self._refused = self._refused, 0
        if refused:
            raise PublishRefused(user=self._access.user, count=refused, reason=self._refusal)

    def receive(self, timeout: float) -> list[Message]:
        """As `Source`."""
        now, taken = int(time.time()), len(self._unacknowledged)
        with contextlib.suppress(queue.Empty):
            self._unacknowledged.append(self._received.get(timeout=timeout))
            while len(self._unacknowledged) < taken + BATCH:
                self._unacknowledged.append(self._received.get_nowait())
        return [Message(found.topic, bytes(found.payload), now) for found in self._unacknowledged[taken:]]

    def acknowledge(self) -> None:
        """As `Source`."""
        for message in self._unacknowledged:
            self._client.ack(message.mid, message.qos)
        self._unacknowledged = []

    def _on_connect(self, client: paho.Client, _data: Any, _flags: Any, code: ReasonCode, _properties: Any) -> None:
        if code.is_failure:
            self._refused_because(str(code))
        elif self._topics:
            client.subscribe(self._topics)
        else:
            self._ready()

    def _refused_because(self, reason: str) -> None:
        with self._changed:
            self._refusal = reason
            self._changed.notify_all()

    def _ready(self) -> None:
        with self._changed:
            self._is_ready = True
            self._changed.notify_all()

    def _on_publish(self, _client: paho.Client, _data: Any, _mid: int, code: ReasonCode, _properties: Any) -> None:
        with self._changed:
            self._answered += 1
            if code.is_failure:
                self._refused += 1
                self._refusal = str(code)
            self._changed.notify_all()
