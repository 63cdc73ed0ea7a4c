"""The consent texts: complete, in both languages, and hashed as anybody can check."""

import hashlib
import subprocess
import unicodedata
from pathlib import Path

import pytest

from backend.records import consents
from backend.records.business import kept
from backend.records.consents import ConsentText, Purpose, current, texts
from backend.scoring.merchants.records import Kind
from tests.backend.market import SCORING, TRAINING

FOLDER = Path(consents.__file__).parent
# A text that was signed is never edited: a change is a new version, and a new line here.
SIGNED = {
    ("SCORING", 1): "0x695ba045a0a544b4a174ca4e0d50d5a61de1e0ffe7f34a25aa84fab435d3fd5c",
    ("TRAINING", 1): "0x24f9ed39a8a94e4ed313d0fb898e7180952f2870a79ec74e9ef3b67f7485091b",
}
TOPICS_ZH = (
    "处理哪些数据",
    "为什么处理",
    "谁会收到什么",
    "保存多久",
    "公共区块链公开什么",
    "您的权利",
    "如何撤回",
    "您签署的内容",
)
TOPICS_EN = (
    "Which data",
    "Why",
    "Who receives",
    "How long",
    "blockchain reveals",
    "Your rights",
    "How to withdraw",
    "What you sign",
)


def test_every_purpose_of_the_contract_has_a_text():
    assert {purpose.name: purpose.value for purpose in Purpose} == {"SCORING": SCORING, "TRAINING": TRAINING}
    assert [current(purpose).purpose for purpose in Purpose] == list(Purpose)


def test_a_signed_text_is_never_edited():
    assert {(text.purpose.name, text.version): text.hash for text in texts()} == SIGNED


@pytest.mark.parametrize("text", texts(), ids=lambda text: f"{text.purpose.name}-{text.version}")
def test_the_hash_can_be_checked_with_standard_tools(text: ConsentText):
    names = [f"{text.purpose.name.lower()}-{text.version}.{language}.md" for language in ("zh", "en")]
    joined = b"".join((FOLDER / name).read_bytes() for name in names)
    summed = subprocess.run(["sha256sum"], input=joined, capture_output=True, check=True).stdout.split()[0].decode()
    assert text.hash == "0x" + summed == "0x" + hashlib.sha256(joined).hexdigest()


@pytest.mark.parametrize("text", texts(), ids=lambda text: f"{text.purpose.name}-{text.version}")
def test_both_languages_are_canonical_and_name_every_topic(text: ConsentText):
    for words, topics in ((text.zh, TOPICS_ZH), (text.en, TOPICS_EN)):
        assert unicodedata.is_normalized("NFC", words)
        assert words.endswith("\n") and "\r" not in words and not words.startswith("\ufeff")
        assert [topic for topic in topics if topic not in words] == []
        assert "GDPR" in words or "《通用数据保护条例》" in words
    assert text.zh.count("\n## ") == text.en.count("\n## ")


def test_the_scoring_text_states_the_days_that_records_are_really_kept():
    text = current(Purpose.SCORING)
    for kind in Kind:
        days = str(kept.retention()[kind].days)
        assert days in text.en and days in text.zh
