"""Identifiers: random uuids of version 4."""

from uuid import RFC_4122, UUID

from bioimageit_flow.model.ids import is_uuid, new_item_id, new_job_id, new_run_id


def test_new_ids_are_random_uuids() -> None:
    made = [make() for make in (new_item_id, new_run_id, new_job_id) for _ in range(99)]

    assert len(set(made)) == len(made)
    for text in made:
        uuid = UUID(text)
        assert (uuid.version, uuid.variant, str(uuid)) == (4, RFC_4122, text)
    assert {text[19] for text in made} == set("89ab")
    assert {text[0] for text in made} == set("0123456789abcdef")


def test_other_texts_are_no_uuid() -> None:
    assert is_uuid(new_item_id())
    assert not is_uuid("raw")
