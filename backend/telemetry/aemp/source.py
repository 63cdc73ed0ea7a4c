"""The bytes of a snapshot, XML or JSON, as one tree of plain text. Hostile bytes end here.

A block maps a name to all values given under it, each a text or a further block. Names are in small letters: makers
write `datetime`, `Datetime` and `dateTime`, `rel` and `Rel`. An attribute counts like a child element, because makers
give `datetime` as either.
"""

import codecs
from typing import Any
from xml.parsers import expat

from backend import strictjson
from backend.telemetry.aemp.errors import FleetInvalid, FleetTooLarge

Block = dict[str, list["str | Block"]]

NAMESPACES = (
    "http://standards.iso.org/iso/15143/-3",
    "http://www.jcmanet.or.jp/english2017/ISO/15143/-3/20190501",
)
"""Of the standard's first edition (2016) and of its second (20190501)."""

MOST_BYTES = 8 << 20
"""A page of 100 machines has about 100 KB."""
MOST_VALUES = 250_000
"""Elements, attributes and members: a machine has about 40."""
MOST_DEPTH = 8
"""The deepest figure of a snapshot stands at 4 in XML and, in its wrapping, at 7 in JSON."""
MOST_TEXT = 2_048
"""Characters of one value or name."""
ENCODINGS = frozenset({None, "utf-8", "utf8", "us-ascii"})
BESIDE = "text()"
"""Name of the text that stands beside child elements or attributes, where the standard has none."""


def read(data: bytes) -> Block:
    """The block `Fleet` of a snapshot. Raises FleetInvalid, FleetTooLarge and JsonInvalid."""
    if len(data) > MOST_BYTES:
        raise FleetTooLarge(most=MOST_BYTES >> 20, unit="MB")
    content = data.removeprefix(codecs.BOM_UTF8).lstrip()
    return _Xml().read(content) if content.startswith(b"<") else _from_json(content)


class _Counted:
    """Refuses the value too many, before it takes up memory."""

    def __init__(self) -> None:
        self._values = 0

    def count(self, *texts: str) -> None:
        self._values += 1
        if self._values > MOST_VALUES:
            raise FleetTooLarge(most=MOST_VALUES, unit="values")
        if any(len(text) > MOST_TEXT for text in texts):
            raise FleetTooLarge(most=MOST_TEXT, unit="characters in one value")

    def check_depth(self, depth: int) -> None:
        if depth > MOST_DEPTH:
            raise FleetInvalid(rule="it is nested too deeply")


class _Xml(_Counted):
    """Expat without a document type: with none there are no entities, inner or outer, to expand or to fetch."""

    def __init__(self) -> None:
        super().__init__()
        self._namespace = ""
        self._path: list[Block] = [{}]
        self._texts = [""]

    def read(self, content: bytes) -> Block:
        parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        parser.buffer_text = True
        parser.XmlDeclHandler = self._declared
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.StartElementHandler = self._open
        parser.CharacterDataHandler = self._text
        parser.EndElementHandler = self._close
        try:
            parser.Parse(content, True)
        except expat.ExpatError as fault:
            raise FleetInvalid(rule=f"{expat.ErrorString(fault.code)} in line {fault.lineno}") from None
        except UnicodeError:
            raise FleetInvalid(rule="it is not UTF-8") from None
        return _only_block(self._path[0], "fleet")

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if (encoding.lower() if encoding else None) not in ENCODINGS:
            raise FleetInvalid(rule="it is not in UTF-8")

    def _refuse_doctype(self, *_: Any) -> None:
        raise FleetInvalid(rule="it declares a document type")

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        self.check_depth(len(self._path))
        namespace, _, local = name.rpartition(" ")
        if len(self._path) == 1:
            self._begin(namespace, local)
        self._path.append({})
        self._texts.append("")
        for key, value in attributes.items():
            self.count(key, value)
            if " " not in key:
                self._path[-1].setdefault(key.lower(), []).append(value)

    def _begin(self, namespace: str, local: str) -> None:
        if local != "Fleet":
            raise FleetInvalid(rule=f"it begins with {local[:40]!r}, not with 'Fleet'")
        if namespace not in NAMESPACES:
            raise FleetInvalid(rule=f"its namespace is {namespace[:80]!r}")
        self._namespace = namespace

    def _text(self, text: str) -> None:
        if not text.isspace():
            self._texts[-1] += text
            self.count(self._texts[-1].strip())

    def _close(self, name: str) -> None:
        block, text = self._path.pop(), self._texts.pop().strip()
        namespace, _, local = name.rpartition(" ")
        self.count(name)
        # What another vocabulary adds keeps its whole name, so that it is never taken for the standard's own.
        known = local.lower() if namespace == self._namespace else name.lower()
        if block and text:
            block[BESIDE] = [text]
        self._path[-1].setdefault(known, []).append(block or text)


def _from_json(content: bytes) -> Block:
    """Makers send the block itself, the block as member `Fleet`, or a list of one such page."""
    if not content.startswith((b"{", b"[")):
        raise FleetInvalid(rule="it is neither XML nor JSON in UTF-8")
    values = _Json().values(strictjson.parse(content), 0)
    if len(values) != 1 or isinstance(values[0], str):
        raise FleetInvalid(rule="it is not one JSON object")
    block = values[0]
    if "fleet" in block:
        block = _only_block(block, "fleet")
    if "equipment" not in block:
        raise FleetInvalid(rule="it has no member 'Equipment'")
    return block


class _Json(_Counted):
    def values(self, value: Any, depth: int) -> list[str | Block]:
        """None and an empty list are no value; numbers and truth become their text, as they would stand in XML."""
        self.check_depth(depth)
        match value:
            case None:
                return []
            case list():
                return [held for item in value for held in self.values(item, depth + 1)]
            case dict():
                return [self._block(value, depth)]
            case bool():
                return [self._leaf(str(value).lower())]
            case _:
                return [self._leaf(str(value).strip())]

    def _block(self, members: dict[str, Any], depth: int) -> Block:
        block: Block = {}
        for name, value in members.items():
            self.count(name)
            block.setdefault(name.lower(), []).extend(self.values(value, depth + 1))
        return block

    def _leaf(self, text: str) -> str:
        self.count(text)
        return text


def _only_block(block: Block, name: str) -> Block:
    match block.get(name):
        case [dict() as found]:
            return found
        case _:
            raise FleetInvalid(rule=f"it has not exactly one {name!r}")
