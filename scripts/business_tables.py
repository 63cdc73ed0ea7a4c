"""`python -m scripts.business_tables`: renews the tables of docs/business-records.md from the data of the code."""

from collections.abc import Mapping
from pathlib import Path

from backend.records.business import kept, schema
from backend.scoring.merchants import washtrade
from backend.scoring.merchants.records import Kind

DOCUMENT = Path(__file__).parents[1] / "docs" / "business-records.md"


def tables() -> Mapping[str, str]:
    """Markdown of each generated part, by the name of its marks."""
    return {"columns": _columns(), "rules": _rules(), "retention": _retention(), "washtrade": _washtrade()}


def written(text: str) -> str:
    """The document with its generated parts renewed."""
    for name, table in tables().items():
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, rest = text.split(begin)
        text = before + begin + table + end + rest.split(end)[1]
    return text


def _table(*rows: tuple[str, ...]) -> str:
    head, *rest = rows
    lines = [head, ("---",) * len(head), *rest]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _columns() -> str:
    rows = [("column", "needed for", "may be given for", "longest", "example", "meaning", "含义")]
    for name, column in schema.columns().items():
        rows.append(
            (
                f"`{name}`",
                _kinds(column.needed),
                _kinds(column.kinds - column.needed),
                str(column.longest),
                f"`{column.example}`",
                column.en,
                column.zh,
            )
        )
    return _table(*rows)


def _kinds(kinds: frozenset[Kind]) -> str:
    if kinds == frozenset(Kind):
        return "every kind"
    return ", ".join(kind.value for kind in Kind if kind in kinds) or "–"


def _rules() -> str:
    head = ("code", "sentence", "说明")
    return _table(head, *((f"`{code}`", texts["en"], texts["zh"]) for code, texts in schema.rules().items()))


def _retention() -> str:
    rows = [("kind", "purpose", "days", "why so long", "理由")]
    rows += [(kind.value, rule.purpose, str(rule.days), rule.en, rule.zh) for kind, rule in kept.retention().items()]
    return _table(*rows)


def _washtrade() -> str:
    rows = [("code", "suspicious from", "why", "理由")]
    for code, rule in washtrade.rules().items():
        threshold = f"{rule['threshold'] / 100:g} %" if rule["unit"] == "bps" else f"{rule['threshold']} {rule['unit']}"
        rows.append((f"`{code}`", threshold, rule["why_en"], rule["why_zh"]))
    return _table(*rows)


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
