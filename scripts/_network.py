"""What Ape is connected to, as the scripts use it."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from ape.api import ProviderAPI

from backend.chain.rpc import Rpc
from backend.errors import HeqiError
from scripts import plan
from scripts._record import Chain

REQUEST_TIMEOUT_S = 60.0


@contextmanager
def named_errors() -> Iterator[None]:
    """Shows an expected error as its name and sentence, without a traceback."""
    try:
        yield
    except HeqiError as error:
        raise click.ClickException(str(error)) from None


def connect(provider: ProviderAPI) -> tuple[Rpc, Chain]:
    """Raises RpcUnavailable, RpcRefused."""
    rpc = Rpc([provider.uri], provider.chain_id, REQUEST_TIMEOUT_S)
    network = f"{provider.network.ecosystem.name}:{provider.network.name}"
    return rpc, Chain.of(rpc, provider.chain_id, network)


def parameters_of(chain: Chain, given: str | None) -> plan.Parameters:
    """Those of the file given, or of the network. Raises ParametersInvalid."""
    name = "local" if chain.is_local else chain.network.rpartition(":")[2]
    return plan.load(plan.Path(given) if given else plan.PARAMETERS / f"{name}.json")
