"""CASES 33 and 34."""

from tests.system import chaos


def test_case_34_a_hundred_faults_lose_nothing_double_nothing_and_leave_the_read_model_equal_to_a_rebuild():
    report = chaos.run(count=100, seed=417417)
    assert report["injections"] >= 100
    assert report["lost"] == report["doubled"] == 0
    points = set(chaos.SUBMITTER_POINTS) | set(chaos.INDEXER_POINTS)
    crashed = {kind.partition("_crash_")[2] for kind in report["kinds"]}
    assert points <= crashed, f"never crashed at {sorted(points - crashed)}"
    assert {"reorg", "drop_mempool", "foreign_nonce", "fee_spike"} <= report["kinds"].keys()
