from hypothesis import given, strategies as st

from maintenance.core.addresses import split

ADDRESSES = st.lists(st.from_regex(r"[a-z]{2,9}://[a-z0-9@:.?=&%-]{1,20}", fullmatch=True), max_size=4)


@given(ADDRESSES, st.sampled_from([",", " ", ", ", " , "]))
def test_what_was_joined_is_split(addresses, separator):
    assert split(separator.join(addresses)) == addresses
    assert split(addresses) == addresses
