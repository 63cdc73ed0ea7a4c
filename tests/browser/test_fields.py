"""What people fill in is told back in the page's language, whatever the browser's is."""

import pytest
from playwright.sync_api import FilePayload, Page, expect

LETTER = FilePayload(name="letter.pdf", mimeType="application/pdf", buffer=b"a letter that nobody named on chain")


def in_the_other_language(page: Page, language: str) -> None:
    page.get_by_role("banner").get_by_role("button", name={"zh": "English", "en": "中文"}[language]).click()


@pytest.mark.parametrize(
    ("language", "button", "none", "verdict"),
    [
        ("zh", "File Choose file", "No file chosen yet", "No such hash is on chain"),
        ("en", "文件 选择文件", "尚未选择文件", "链上没有这个哈希"),
    ],
)
def test_a_file_is_chosen_and_named_in_the_language_of_the_page(
    page: Page, language: str, button: str, none: str, verdict: str
):
    page.goto("/audit/verify")
    in_the_other_language(page, language)
    expect(page.get_by_text(none)).to_be_visible()
    with page.expect_file_chooser() as pressed:
        page.get_by_role("main").get_by_role("button", name=button).press("Enter")
    pressed.value.set_files(LETTER)
    expect(page.get_by_text(LETTER["name"])).to_be_visible()
    expect(page.get_by_text(none)).to_have_count(0)
    expect(page.get_by_text(verdict)).to_be_visible()


@pytest.mark.parametrize(("language", "told"), [("zh", "5 Jan 2027"), ("en", "2027年1月5日")])
def test_a_chosen_day_is_told_in_the_language_of_the_page(page: Page, language: str, told: str):
    page.goto("/audit/export")
    in_the_other_language(page, language)
    since = page.get_by_label({"zh": "From", "en": "自"}[language], exact=True)
    since.fill("2027-01-05")
    expect(since).to_have_accessible_description(told)
    expect(page.get_by_text(told, exact=True)).to_be_visible()
