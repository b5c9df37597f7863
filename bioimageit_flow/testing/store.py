"""The contract that every store keeps, as tests.

A plug-in author subclasses `StoreContract` in a test module and gives the store::

    pytest.register_assert_rewrite("bioimageit_flow.testing")

    from bioimageit_flow.testing.store import StoreContract

    class TestMyStore(StoreContract):
        @pytest.fixture
        def store(self, tmp_path):
            store = MyStore(tmp_path)
            yield store
            store.close()
"""

from bioimageit_flow.testing.attempt_contract import AttemptContract
from bioimageit_flow.testing.browsing_contract import BrowsingContract
from bioimageit_flow.testing.claim_contract import ClaimContract, ValidityContract
from bioimageit_flow.testing.decision_contract import DecisionContract
from bioimageit_flow.testing.item_contract import ItemContract
from bioimageit_flow.testing.lineage_contract import LineageContract
from bioimageit_flow.testing.run_contract import RunContract


class StoreContract(
    ItemContract,
    DecisionContract,
    BrowsingContract,
    RunContract,
    AttemptContract,
    ClaimContract,
    ValidityContract,
    LineageContract,
):
    """Tests that a store passes; a subclass has a fixture ``store`` that is empty."""
