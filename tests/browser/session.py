"""Being connected and signed in before a page opens, where getting there is not what is tested."""

from dataclasses import dataclass, field

import requests
from playwright.sync_api import BrowserContext

from scripts._session import sign_in
from scripts.market import Person
from tests.browser.wallet import Wallet


@dataclass
class Sessions:
    """Cookies of those who have signed in, by address: once each, as the API limits how often."""

    cookies: dict[str, tuple[str, str]] = field(default_factory=dict)

    def enter(self, context: BrowserContext, wallet: Wallet, who: Person | int, site: str) -> None:
        """What the context opens from now on is connected and signed in as `who`."""
        wallet.act_as(who)
        wallet.connected = True
        if wallet.address not in self.cookies:
            http = requests.Session()
            sign_in(http, site, wallet.account)
            [cookie] = http.cookies
            self.cookies[wallet.address] = cookie.name, cookie.value or ""
        name, value = self.cookies[wallet.address]
        context.add_cookies([{"name": name, "value": value, "url": site}])
        context.add_init_script("localStorage.setItem('heqi.signedIn', '1')")
