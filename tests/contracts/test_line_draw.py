"""Quote and draw: every refusal in the order of the requires, then the payout to the unit."""

import pytest

from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.lines import DRAWN, LIMIT, RATE, PRODUCT
from tests.contracts.market import LENT
from tests.contracts.suite import Party

pytestmark = pytest.mark.usefixtures("lines")

MERCHANT = Party.MERCHANT


def test_a_draw_pays_the_net_amount_out_at_once(lines, line, treasury, cash, merchant):
    lines.open()
    before = cash.balanceOf(merchant)
    receipt = lines.draw()
    per_day = DRAWN * RATE
    assert events(receipt) == [
        event(
            line,
            "LineDrawn",
            party=MERCHANT,
            to=merchant,
            amount=DRAWN,
            fee=0,
            net=DRAWN,
            annualRateBps=RATE,
            drawn=DRAWN,
            perDay=per_day,
            score=720,
        ),
        event(treasury, "AccrualChanged", accrued=0, perDay=per_day, throughDay=clock.today()),
        event(
            treasury,
            "Disbursed",
            product=PRODUCT,
            party=MERCHANT,
            to=merchant,
            net=DRAWN,
            principal=DRAWN,
            partyOutstanding=DRAWN,
            cash=LENT - DRAWN,
        ),
        event(cash, "Transfer", **{"from": treasury, "to": merchant, "value": DRAWN}),
    ]
    assert cash.balanceOf(merchant) == before + DRAWN
    lines.check_books()
