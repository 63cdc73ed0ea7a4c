"""A consumer that keeps payloads as lines of a file: `python committing.py FOLDER PORT FILE`, until it is killed."""

import os
import sys
from pathlib import Path

from backend.telemetry.broker import READER, Broker
from backend.telemetry.mqtt import Reader, filters


def main(folder: str, port: str, file: str) -> None:
    reader = Reader(Broker(Path(folder), int(port)).platform_access(READER), filters(range(16)))
    with open(file, "ab") as committed:
        while True:
            committed.write(b"".join(message.payload + b"\n" for message in reader.receive(0.05)))
            committed.flush()
            os.fsync(committed.fileno())
            reader.acknowledge()


if __name__ == "__main__":
    main(*sys.argv[1:])
