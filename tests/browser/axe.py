"""What axe-core finds on a page: serious and critical findings of accessibility."""

from playwright.sync_api import BrowserContext, Page

from scripts.plan import ROOT

SCRIPT = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
# Colours that are on their way to others have no contrast to judge.
STILL = """
  const still = new CSSStyleSheet();
  still.replaceSync("*, *::before, *::after { transition: none !important; animation: none !important }");
  document.adoptedStyleSheets = [still];
"""
FIND = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`)}`);
}"""


def bring(context: BrowserContext) -> None:
    """To every page that the context opens from now on."""
    context.add_init_script(path=SCRIPT)
    context.add_init_script(STILL)


def findings(page: Page) -> list[str]:
    """Each with the elements it is about."""
    found: list[str] = page.evaluate(FIND)
    return found
