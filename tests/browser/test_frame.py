"""Getting about without a mouse, and on paper."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import connect_button

FOCUSED = "document.activeElement"


def test_the_first_stop_of_the_keyboard_skips_the_navigation(page: Page):
    page.goto("/")
    expect(page.locator("main h1")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(f"document.getElementById('main').contains({FOCUSED})")


def test_a_dialog_keeps_the_keyboard_inside_and_gives_it_back(page: Page):
    page.goto("/")
    connect_button(page).focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Test wallet")).to_be_visible()
    page.wait_for_function(f"document.querySelector('[role=dialog]').contains({FOCUSED})")
    for _ in range(4):
        page.keyboard.press("Tab")
        assert not page.evaluate(f"document.getElementById('root').contains({FOCUSED})")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(connect_button(page)).to_be_focused()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_language_is_the_browsers_until_somebody_chooses(page: Page, language: str):
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", {"zh": "zh-CN", "en": "en"}[language])
    page.get_by_role("button", name={"zh": "English", "en": "中文"}[language]).click()
    expect(page.locator("html")).to_have_attribute("lang", {"zh": "en", "en": "zh-CN"}[language])
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", {"zh": "en", "en": "zh-CN"}[language])


def test_paper_shows_the_page_and_nothing_around_it(page: Page):
    page.goto("/")
    expect(page.locator("main h1")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("banner")).to_be_hidden()
    expect(page.locator("main h1")).to_be_visible()


def test_a_page_that_does_not_exist_says_so_and_leads_back(page: Page):
    page.goto("/nowhere")
    expect(page.get_by_text("没有这个页面")).to_be_visible()
    page.get_by_role("link", name="回到首页").click()
    expect(page.locator("main h1")).to_be_visible()
