import signal

import pytest

# The contract tests are part of the package; their assertions explain themselves too.
pytest.register_assert_rewrite("bioimageit_flow.testing")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that runs the tests in the background ignores Ctrl-C for them, and for the
    # processes whose Ctrl-C they test.
    signal.signal(signal.SIGINT, signal.default_int_handler)
