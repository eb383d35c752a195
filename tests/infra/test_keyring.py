"""Keys: equal for what is equal, different for all else, and telling nobody what they were made of."""

from hypothesis import given
from hypothesis import strategies as st

from infra.keyring import SECRET_BYTES, Keyring, event_key
from schemas.sequencing import Identifier
from tests.infra.saying import event_of

ANA = Identifier("email", "ana@example.com")
MINE = Keyring(b"s" * SECRET_BYTES)

identifiers = st.builds(
    Identifier, st.sampled_from(["email", "phone", "external_id", "anonymous_id"]), st.text(), st.booleans()
)


def test_a_key_has_sixteen_bytes_and_holds_nothing_of_the_identifier() -> None:
    assert len(MINE.identifier(ANA)) == 16
    assert b"ana" not in MINE.identifier(ANA)


def test_another_store_has_other_keys() -> None:
    assert MINE.identifier(ANA) == Keyring(b"s" * SECRET_BYTES).identifier(ANA)
    assert MINE.identifier(ANA) != Keyring(b"t" * SECRET_BYTES).identifier(ANA)


def test_a_test_never_has_the_key_of_a_real_lead() -> None:
    assert MINE.identifier(Identifier("email", ANA.value, test=True)) != MINE.identifier(ANA)
    assert MINE.identifier(Identifier("email", "test|a@b.es")) != MINE.identifier(
        Identifier("email", "a@b.es", test=True)
    )


@given(identifiers, identifiers)
def test_only_equal_identifiers_have_equal_keys(one: Identifier, other: Identifier) -> None:
    assert (MINE.identifier(one) == MINE.identifier(other)) == (one == other)


names = st.text("ab:1\n", min_size=1, max_size=4)


@given(names, names, names, names)
def test_only_equal_names_of_events_have_equal_keys(source: str, id_: str, source2: str, id2: str) -> None:
    one, other = event_of(source=source, id=id_), event_of(source=source2, id=id2)
    assert (event_key(one) == event_key(other)) == ((source, id_) == (source2, id2))
    assert len(event_key(one)) == 16
