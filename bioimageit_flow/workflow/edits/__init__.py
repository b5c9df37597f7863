"""Pure edits: each takes a document and returns a changed one.

None of them knows a catalogue, a canvas or a history; what they are allowed to do is
asked of `rules` before.
"""
