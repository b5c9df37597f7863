import pytest

pytest.register_assert_rewrite("bioimageit_flow.testing")
