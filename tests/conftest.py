import pytest

# The contract tests are part of the package; their assertions explain themselves too.
pytest.register_assert_rewrite("bioimageit_flow.testing")
