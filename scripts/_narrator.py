"""Tells a story in the reader's language, step by step."""

import os
from dataclasses import dataclass

from scripts.market import Person

LANGUAGES = ("en", "zh")


def preferred() -> str:
    """Chinese where the terminal is Chinese."""
    setting = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if setting.startswith("zh") else "en"


@dataclass
class Narrator:
    """`lang` is `en` or `zh`; both texts of a step stand side by side in the story."""

    lang: str
    acts: int = 0

    def act(self, en: str, zh: str) -> None:
        self.acts += 1
        self._say(f"\n{self.acts}. {self._one(en, zh)}")

    def step(self, who: Person | None, en: str, zh: str) -> None:
        """What somebody does, or, without anybody, what happens."""
        name = f"{self.name(who)}: " if who else ""
        self._say(f"   {name}{self._one(en, zh)}")

    def figures(self, rows: list[tuple[str, str, str]]) -> None:
        """A table of (English label, Chinese label, value)."""
        for en, zh, value in rows:
            self._say(f"      {self._one(en, zh):<34}{value:>24}" if self.lang == "en" else f"      {zh}：{value}")

    def name(self, person: Person) -> str:
        return self._one(person.name, person.name_zh)

    def _one(self, en: str, zh: str) -> str:
        return zh if self.lang == "zh" else en

    @staticmethod
    def _say(line: str) -> None:
        print(line, flush=True)
