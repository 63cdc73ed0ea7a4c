"""The stories of all products, played over a real chain and the real backend: `python -m scripts.story`.

Three signers compute every score; everybody signs with their own key. Every act checks what it tells; the exit status
says whether all of it was true.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

from backend.errors import HeqiError
from scripts import lease_story, merchant_story, receivable_story, stack
from scripts._narrator import LANGUAGES, Narrator, preferred
from scripts._stage import COVER, LENT, Listener, Story, share_price
from scripts.market import Market, expect, yuan

PEOPLE = receivable_story.PEOPLE | merchant_story.PEOPLE | lease_story.PEOPLE


def play(market: Market, tell: Narrator) -> Story:
    """All acts, in order. Raises Unexpected where something is not as told."""
    story = Story(market, tell)
    with Listener(market) as listener:
        for act in ACTS:
            act(story)
        listener.expect_everything()
    return story


def balance(story: Story) -> None:
    market, tell = story.market, story.tell
    tell.act("The books close", "账目结清")
    market.catch_up()
    book, value = market.api.get("/v1/treasury"), market.api.get("/v1/treasury/value")
    expect("exposure over all parties", int(book["outstanding"]), 0)
    expect("impairment", int(book["impaired"]), 0)
    expect("cash of the bank", int(book["cash"]), LENT + story.income)
    expect("value of the vault", int(value["netAssets"]), LENT + story.income)
    treasury, receivables = (market.suite.address(name) for name in ("Treasury", "Receivables"))
    expect("cash in the vault", market.cash(treasury), LENT + story.income + COVER)
    expect("cash that waits in Receivables", market.cash(receivables), 0)
    expect("cash that waits with the leases", market.cash(market.suite.address("RentLedger")), 0)
    supply = market.suite.call(market.rpc, "MockCash", "totalSupply")
    everyone = {person.address for person in story.people.values()} | {treasury, market.wallet(0).address}
    expect("cash of everybody together", sum(market.cash(address) for address in everyone), supply)
    tell.figures(
        [
            ("cash in circulation", "流通现金", yuan(supply)),
            ("held by everybody together", "各方持有合计", yuan(supply)),
            ("lent and not repaid", "未偿本金", yuan(book["outstanding"])),
            ("earned by the bank", "银行收益", yuan(story.income)),
            ("first-loss cover", "首损保障金", yuan(book["cover"])),
            ("value of 1,000 shares", "每千份净值", f"{share_price(story) * 1_000:,.4f}"),
        ]
    )
    market.stack.run("verify", sys.executable, "-m", "backend.readmodel", "verify")
    tell.step(
        None, "the read model is equal to one rebuilt from the chain, row by row", "读模型与从链上重建的结果逐行一致"
    )


ACTS: tuple[Callable[[Story], None], ...] = (*receivable_story.ACTS, *merchant_story.ACTS, *lease_story.ACTS, balance)


@click.command()
@click.option("--lang", type=click.Choice(LANGUAGES), default=preferred, help="Default: that of the terminal.")
def main(lang: str) -> None:
    """Play the stories on a fresh stack."""
    stack.end_in_order_on_signals()
    with tempfile.TemporaryDirectory(prefix="heqi-story-") as folder:
        place = stack.Place.temporary(Path(folder))
        with stack.started(place, lambda line: print(f"-- {line}", flush=True)) as running:
            play(Market(running), Narrator(lang))
    print("\n-- every step was as told" if lang == "en" else "\n-- 每一步均与所述相符")


if __name__ == "__main__":
    try:
        main(standalone_mode=True)
    except HeqiError as error:
        sys.exit(f"story: {error}")
