"""Rounds of score reports, and the evaluations in them, by set of signers: every set counts from one.

An evaluation goes to the set whose round names it among its sources. Of a round that a later set has overwritten it is
not known any more which set it was of.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MEMBERS = (
    sa.Column("round", sa.BigInteger, nullable=False, autoincrement=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("digest", sa.String(66), nullable=False),
    sa.Column("report", sa.JSON, nullable=False),
    sa.Column("model_hash", sa.String(66), nullable=False),
    sa.Column("sources", sa.JSON, nullable=False),
    sa.Column("signatures", sa.JSON, nullable=False),
    sa.Column("refusals", sa.JSON, nullable=False),
    sa.Column("reason", sa.JSON(none_as_null=True)),
)
before = sa.table("score_rounds", *(sa.column(member.name, member.type) for member in MEMBERS))
evaluations = sa.table("evaluations", *map(sa.column, ("party", "at", "round", "signer_set")))


def upgrade() -> None:
    database = op.get_bind()
    kept = [dict(row._mapping) for row in database.execute(sa.select(before))]
    op.drop_table("score_rounds")
    after = op.create_table(
        "score_rounds",
        sa.Column("signer_set", sa.BigInteger, nullable=False, autoincrement=False),
        *MEMBERS,
        sa.PrimaryKeyConstraint("signer_set", "round", name="pk_score_rounds"),
    )
    for row in kept:
        database.execute(after.insert().values(signer_set=row["report"]["signerSet"], **row))
    op.add_column("evaluations", sa.Column("signer_set", sa.BigInteger))
    column = evaluations.c
    for row in kept:
        for source in row["sources"]:
            same = (column.round == row["round"]) & (column.party == source["party"])
            named = same & (column.at == source.get("evaluated_at"))
            database.execute(sa.update(evaluations).where(named).values(signer_set=row["report"]["signerSet"]))
