import os

from bioimageit_flow.model.packaging import ContainerSpec

_NAME, _, _TAG = os.environ.get(
    "BIOIMAGEIT_FLOW_TEST_IMAGE", "bioimageit-flow/base:bookworm"
).rpartition(":")
BASE = ContainerSpec(image=_NAME, tag=_TAG, published=False)
