"""Filing a statement: the figures of a real company stand for those of a party."""

from sqlalchemy import Engine

from backend import store
from backend.chain.rpc import Rpc
from backend.oracle import assessment
from backend.records import filings
from backend.scoring import companies, features


def file_statement(engine: Engine, rpc: Rpc, party: int, company: str) -> int:
    """Returns the statement's number. Raises UnknownCompany, CompanyInTraining."""
    figures = companies.figures(company)
    hash_ = features.snapshot_hash(assessment.scorer().spec, figures)
    now = rpc.head().timestamp
    with store.writing(engine) as tx:
        return filings.file(tx, party=party, company=company, figures=figures, features_hash=hash_, filed_at=now)
