"""Start a worker: the argument is what it is told about its tool, as JSON."""

import json
import sys

from bioimageit_flow.runtimes.worker_program.worker import Worker

# A tool may know the real package of this name.
for name in [name for name in sys.modules if name.startswith("bioimageit_flow")]:
    del sys.modules[name]
Worker(json.loads(sys.argv[1])).serve()
