"""Bindings on the boxes of dataset inputs."""

from collections.abc import Mapping
from dataclasses import replace

from bioimageit_flow.editor.scene import NodeRole, Scene


def with_bound(scene: Scene, bound: Mapping[str, str]) -> Scene:
    """Return a scene whose dataset inputs say what they are bound to.

    Parameters
    ----------
    scene : Scene
        What is seen of the whole workflow.
    bound : mapping of str to str
        In words such as ``raw (40)``, by the name of the input.
    """
    changed = {
        name: replace(view, subtitle=f"{name} = {bound[name]}")
        for name, view in scene.nodes.items()
        if view.role is NodeRole.DATASET and name in bound
    }
    return replace(scene, nodes={**scene.nodes, **changed}) if changed else scene
