"""What is personal in the metadata of audit logs, and what is not; each list of `bazaar.redaction.lexicon` is tried."""

import copy
import json
import re
import unicodedata

import pytest
from hypothesis import example, given, strategies as st

from bazaar.redaction import VERSION, clean, is_personal_key
from bazaar.redaction.fast_path import is_clean
from bazaar.redaction.lexicon import data, persons, structures, texts

GOES = """
    email Email EMAIL e-mail eMail E_MAIL emails userEmail user_email USER-EMAIL useremail USEREMAIL user.email
    contact_email_2 new_email emailAddress email_address emailaddress email_hash email_domain email_subject
    é-mail ｅｍａｉｌ fullname FULLNAME displayname screenname newemail phoneno phone_no mobileNumber geo.lat
    phone phoneNumber phone_number PHONE-NUMBER phonenumber billingPhone telephone tel mobile msisdn fax_number
    mail home_mail name names Name NAME userName username user_name firstName first_name lastname fullName full_name
    displayName display_name creatorName ownerNames name_of_owner nameFirst old_name newName surname nickName
    user_full_name account_name contactName device_name middle_name given_names address addresses address_line_1
    billingAddress addr remote_addr macAddress mac_address streetAddress ip IP ips ip_address ipAddress IPAddress
    userIPAddress client_ip clientip IPv4Address ipv6_address lastIPs x-forwarded-for HTTP_X_FORWARDED_FOR userAgent
    user_agent useragent User-Agent birthday date_of_birth birthDate dob ssn passportNumber iban national_id tax_id
    taxNumber zipCode postal_code postcode latitude geo_location place_of_birth bio biography cookie fingerprint
    birth_year user_id userId USER_ID userid userIds userIDs user_ids actorId actor_id ownerUUID member_guid
    invitee_pk author-id user_public_id account_id session_id deviceId adminId subject_id profile_id customerId
    invitedBy invited_by invitedby created_by createdById updated-by approvedBy requested_by_id cancelledBy
"""

STAYS = """
    filename fileName file_name FILENAME hostname hostName rename renamed rename_count username_count namespace
    surnamed projectName project_name eventName className class_name project_display_name repo_full_name tableName
    app_name name_server field_name codename pathname names_count typeName tagNames name_changed emailVerified
    email_verified email_count emailSent email_template is_email_verified has_phone show_email_on_profile
    phone_changed_at phoneVerified mail_server mobile_layout ip_version address_count email_notifications show_name
    memory_address bus_address id ids pk uuid public_id project_id projectId resource_id file_ids idea_id
    invitation_id request_id valid paid sorted_by group_by ordered_by standby nearby tip zip ship chip skip recipe
    equip clipboard VIPs tooltip hotel telemetry faxed title description role status user_count user_role userType
    members_count membership ownership authority version plan amount created_at 123 _ - 名前
"""


@pytest.mark.parametrize("key", GOES.split())
def test_personal_keys_go_whatever_their_style(key):
    assert is_personal_key(key)
    assert clean({key: "x", "kept": 1}) == {"kept": 1}
    assert clean([{"a": {key: {"deep": True}, "kept": None}}]) == [{"a": {"kept": None}}]


@pytest.mark.parametrize("key", [*STAYS.split(), ""])
def test_look_alikes_stay(key):
    document = {key: "x", "list": [{key: 5}]}

    assert not is_personal_key(key)
    assert clean(document) is document


@pytest.mark.parametrize("listed", [data.ALWAYS, data.LAST, data.ADDRESS, persons.NAME])
def test_words_that_are_personal_by_themselves(listed):
    for word in listed:
        for key in (word, word.upper(), f"user_{word}", f"user{word.title()}"):
            assert is_personal_key(key), key


def test_phrases():
    for phrase in data.PHRASES:
        for separator in "_-. ":
            assert is_personal_key(separator.join(phrase)), phrase
        assert is_personal_key("".join(word.title() for word in phrase)), phrase


def test_identifiers_and_names_of_everybody_in_the_lists():
    for person in persons.PERSON | persons.PEOPLE | persons.ROLE_OF_PERSON:
        assert is_personal_key(f"{person}_name")
        assert is_personal_key(f"{person}Name")
        for identifier in persons.IDS:
            assert is_personal_key(f"{person}_{identifier}"), person


def test_who_did_something():
    for verb in persons.DONE:
        for key in (f"{verb}_by", f"{verb}By", f"{verb}by", f"{verb}_by_id"):
            assert is_personal_key(key), key


def test_names_that_only_people_have():
    for word in persons.NAME_OF_PEOPLE:
        assert is_personal_key(f"{word}_name")
        assert is_personal_key(f"name_{word}")
    for word in persons.BESIDE:
        assert is_personal_key(f"{word}_name")
        assert not is_personal_key(f"project_{word}_name")


def test_words_that_say_something_about_a_datum():
    for word in data.ABOUT_LAST:
        assert not is_personal_key(f"email_{word}")
    for word in data.ABOUT_FIRST:
        assert not is_personal_key(f"{word}Email")
    for word in data.NOT_OF_PEOPLE:
        assert not is_personal_key(f"{word}_address")


def test_words_run_together():
    for word in data.RUN_TOGETHER - {"code", "e", "by", "agent"}:
        assert is_personal_key(f"email{word}"), word
    for key in ("createdby", "zipcode", "useragent"):
        assert is_personal_key(key)


@pytest.mark.parametrize("person", sorted(persons.PERSON))
def test_a_person_goes_but_an_object_about_a_person_stays_without_its_id(person):
    assert clean({person: "ann", "a": 1}) == {"a": 1}
    assert clean({f"new_{person}": 5}) == {}
    assert clean({person: {"id": 5, "uuid": "x", "role": "r", "project": {"id": 6}}}) == {
        person: {"role": "r", "project": {"id": 6}}
    }
    unnamed = {person: True, f"old_{person}": None, f"{person}_role": "x", f"bazaar.{person}": 3}
    assert clean(unnamed) is unnamed


@pytest.mark.parametrize("people", sorted(persons.PEOPLE))
def test_several_persons_go_but_how_many_stays(people):
    assert clean({people: [1, "ann", {"id": 7, "role": "r"}, True]}) == {people: [{"role": "r"}, True]}
    count = {people: 3, f"{people}_count": 4}
    assert clean(count) is count


def test_identifiers_of_an_object_about_a_person():
    for key in persons.OWN_PARTS:
        assert clean({"user": {key: "x", "plan": "pro"}}) == {"user": {"plan": "pro"}}


def test_labels_of_models_with_counts_stay():
    evidence = {"bazaar.user": 1, "bazaar.userformeremail": 2, "bazaar.pushtoken": 3, "bazaar.loginattempt": 4}
    assert clean(evidence) is evidence


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("ann@example.org", "[removed]"),
        ("ANN.Smith+tag@Example.ORG", "[removed]"),
        ("o'brien@example.org", "[removed]"),
        ("ann@sub.example.org.", "[removed]."),
        ("From Ann <ann@example.org>, to ben@example.org;", "From [removed] <[removed]>, to [removed];"),
        ("'ann@example.org'", "'[removed]'"),
        ('"ann smith"@example.org', "[removed]"),
        ('{"to":"ann@example.org"}', '{"to":"[removed]"}'),
        ("mailto:ann@example.org?subject=x", "mailto:[removed]?subject=x"),
        ("/login?email=ann%40example.org&next=/", "/login?email=[removed]&next=/"),
        ("ann@[192.0.2.1]", "[removed]"),
        ("ann@[IPv6:2001:db8::1]", "[removed]"),
        ("jörg@exämple.org", "[removed]"),
        (unicodedata.normalize("NFD", "jörg@exämple.org"), "[removed]"),
        ("用户@例子.公司", "[removed]"),
        ("अजय@डाटा.भारत", "[removed]"),
        ("ann@xn--exmple-cua.xn--p1ai", "[removed]"),
        ("ａｎｎ＠ｅｘａｍｐｌｅ．ｏｒｇ", "[removed]"),
        ("deleted-5@deleted.local", "[removed]"),
        ("ann@a_b.example.org, _ben@example.org_", "[removed], [removed]_"),
        ("192.0.2.1", "[removed]"),
        ("from 192.0.2.1, 198.51.100.255.", "from [removed], [removed]."),
        ("192.0.2.1:8080", "[removed]:8080"),
        ("192.0.2.0/24", "[removed]"),
        ("http://192.0.2.1/path", "http://[removed]/path"),
        ("host/192.0.2.1", "host/[removed]"),
        ("Client/192.0.2.1", "Client/[removed]"),
        ("/192.0.2.1:80", "/[removed]:80"),
        ("ip=192.0.2.1;x", "ip=[removed];x"),
        ("ip_192.0.2.1_x", "ip_[removed]_x"),
        ("192.000.002.001", "[removed]"),
        ("on 192.0.2.1 beta", "on [removed] beta"),
        ("192.0.2.1-user", "[removed]-user"),
        ("a\\n192.0.2.1\\n", "a\\n[removed]\\n"),
        ("?q=a%20192.0.2.1%2C198.51.100.2", "?q=a%20[removed]%2C[removed]"),
        ("2001:db8::1.53", "[removed].53"),
        ("2001:db8::1", "[removed]"),
        ("2001:DB8:0:0:0:0:0:1", "[removed]"),
        ("::1", "[removed]"),
        ("fe80::1%eth0", "[removed]"),
        ("::ffff:192.0.2.1", "[removed]"),
        ("[2001:db8::1]:443", "[removed]:443"),
        ("http://[2001:db8::1]/", "http://[removed]/"),
        ("[fe80::1%25eth0]", "[removed]"),
        ("2001:db8::/32", "[removed]"),
        ("peer 2001:db8::1: refused", "peer [removed]: refused"),
        ("ip:2001:db8::1.", "ip:[removed]."),
        ("(2001:db8::1)", "([removed])"),
        ("[at 2001:db8::1]", "[at [removed]]"),
    ],
)
def test_addresses_are_removed_from_texts(text, cleaned):
    assert clean(text) == cleaned
    assert clean(cleaned) is cleaned
    assert clean({"note": [text, 1]}) == {"note": [cleaned, 1]}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a plain text. With three. Full. Stops: and: colons",
        "v1.2.3.4",
        "version 1.2.3.4",
        "Version: 1.2.3.4",
        "release=1.2.3.4",
        "Build-1.2.3.4",
        "lib1.2.3.4.so",
        "1.2.3.4+nightly",
        "(X11) Chrome/120.0.0.0 Safari/537.36",
        "10.0.0.1-beta",
        "1.2.3.4-rc.1",
        "1.2.3",
        "1.2.3.4.5",
        "256.1.1.1",
        "1234.1.1.1",
        "12:30:45",
        "2024-01-01T12:30:45.123+00:00",
        "00:1b:44:11:3a:b7",
        "d41d8cd98f00b204e9800998ecf8427e",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "SHA256:ab:cd:ef:01:23:45:67:89:ab:cd:ef:01:23:45:67:89",
        "std::vector",
        "Bad::Face",
        "::",
        "section 1:: two",
        "a:b:c",
        "lodash@4.17.21",
        "@mention",
        "ann @ example.org",
        "root@localhost",
        "[removed]",
        "ratio 3:2:1 and 50%",
    ],
)
def test_other_texts_stay(text):
    document = {"note": text}

    assert clean(text) is text
    assert clean(document) is document


def test_versions_under_a_key_for_a_version_are_no_addresses():
    for word in data.VERSION:
        document = {word: "1.2.3.4", f"app_{word}": ["1.2.3.4", "v10.0.0.1"], f"{word}Map": {"1.2.3.4": "x"}}
        assert clean(document) is document
        assert clean({"note": f"{word} 1.2.3.4"}) == {"note": f"{word} 1.2.3.4"}
    change = {"field": "version", "old": "1.2.3.4", "new": "1.2.3.5"}
    assert clean(change) is change
    assert clean({"version": "deployed from 192.0.2.1"}) == {"version": "deployed from [removed]"}
    assert clean({"version": "ann@example.org"}) == {"version": "[removed]"}
    assert clean({"versions": "2001:db8::1"}) == {"versions": "[removed]"}


def test_words_that_are_no_products():
    for word in texts.NOT_PRODUCTS:
        assert clean(f"{word.title()}/192.0.2.1") == f"{word.title()}/[removed]"


def test_an_address_as_a_key_is_numbered():
    document = {"ann@example.org": 1, "[removed-1]": 2, "x": {"192.0.2.1": {"a": 3}}, "to 2001:db8::1": 4}

    assert clean(document) == {"[removed-2]": 1, "[removed-1]": 2, "x": {"[removed-1]": {"a": 3}}, "[removed-3]": 4}
    assert list(clean(document)) == ["[removed-2]", "[removed-1]", "x", "[removed-3]"]


@pytest.mark.parametrize("field", sorted(structures.FIELD))
def test_what_stands_beside_the_name_of_a_personal_field_goes(field):
    for name in ("email", "displayName", "user.phone_number", "owner", ["title", "bio"]):
        cleaned = clean({field: name, "old": "a", "newValue": ["b"], "reason": "c"})
        assert cleaned == {field: name, "reason": "c"}
    assert clean({field: "title", "old": "a", "new": "b"}).keys() >= {"old", "new"}


def test_every_word_for_a_change():
    for key in structures.CHANGE:
        assert clean({"field": "email", key: "a", "reason": "x"}) == {"field": "email", "reason": "x"}
    change = {"field_name": "title", "old_value": "a", "new_value": "b"}
    assert clean(change) is change
    assert clean({"fieldName": "phone", "old_value": "a", "NEW-VALUE": "b"}) == {"fieldName": "phone"}


def test_known_addresses_go_whatever_they_look_like():
    document = {"note": "asked by ROOT@LocalHost", "Jörg@intranet": 1, "other": "xroot@localhost, root@localhosts"}

    assert clean(document) is document
    assert clean(document, addresses=["root@localhost", unicodedata.normalize("NFD", "jörg@intranet")]) == {
        "note": "asked by [removed]",
        "[removed-1]": 1,
        "other": "xroot@localhost, root@localhosts",
    }
    assert clean(document, addresses=["", "not an address"]) is document


@pytest.mark.parametrize("root", [None, True, 0, 1.5, "x", [], {}, [[]], [1, "a", None], {"a": [{}]}])
def test_any_root_will_do(root):
    assert clean(root) is root


def test_lists_are_cleaned():
    assert clean(["192.0.2.1", {"email": 1}, [["ann@example.org"]]]) == ["[removed]", {}, [["[removed]"]]]


def test_depth_is_no_limit():
    document = innermost = {}
    for _ in range(20_000):
        innermost["a"] = [{}]
        innermost = innermost["a"][0]
    assert clean(document) is document
    innermost["email"] = "x"
    innermost["kept"] = 1

    cleaned = clean(document)
    while "a" in cleaned:
        cleaned = cleaned["a"][0]

    assert cleaned == {"kept": 1}
    assert innermost == {"email": "x", "kept": 1}


def test_long_texts_take_little_time():
    for text in ("a" * 200_000 + "@", "@" * 100_000, "1." * 100_000, "a:" * 100_000, "%40" * 60_000, "a@b." * 50_000):
        clean(text)


def test_the_version_is_stored_as_a_positive_small_number():
    assert 0 < VERSION < 32_768


# Documents of harmless parts with personal parts planted in them: pairs of the dirty one and what must be left of it.

PLAIN_KEYS = st.sampled_from(["plan", "filename", "project_name", "rename_count", "a", "b", "items", "hostname", "x-y"])
PLAIN_TEXTS = st.sampled_from(["", "pro", "12:30:45", "v1.2.3.4", "std::map", "Chrome/120.0.0.0", "a b", "é"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | PLAIN_TEXTS
PERSONAL_KEYS = st.sampled_from(["email", "userPhone", "LAST-NAME", "ip_address", "actorId", "invitedBy", "IPAddress"])
PERSONAL_TEXTS = st.sampled_from(["ann@example.org", "BEN@EXAMPLE.ORG", "192.0.2.77", "2001:db8::77", "[2001:db8::77]"])
AROUND = st.sampled_from(["", "by ", "(", "a, "]), st.sampled_from(["", " b", ")", ", c"])
TRACE = re.compile(r"@example\.org|192\.0\.2\.|2001:db8|secret", re.IGNORECASE)


@st.composite
def dirty_text(draw):
    before, after, text = draw(AROUND[0]), draw(AROUND[1]), draw(PERSONAL_TEXTS)
    return f"{before}{text}{after}", f"{before}[removed]{after}"


def planted(parts):
    """Extend pairs (dirty, clean) of documents to pairs of containers."""
    return lists_of(parts) | objects_of(parts)


def lists_of(parts):
    return st.lists(parts, max_size=4).map(lambda pairs: ([d for d, _ in pairs], [c for _, c in pairs]))


@st.composite
def objects_of(draw, parts):
    pairs = draw(st.dictionaries(PLAIN_KEYS, parts, max_size=4))
    entries = [(key, dirty, key, cleaned) for key, (dirty, cleaned) in pairs.items()]
    entries += [(key, ["secret", {"a": "secret"}], None, None) for key in draw(st.sets(PERSONAL_KEYS, max_size=2))]
    entries += [(key, 5, "[removed-1]", 5) for key in draw(st.sets(PERSONAL_TEXTS, max_size=1))]
    if draw(st.booleans()):
        entries = [entry for entry in entries if entry[0] not in pairs]
        entries += [("field", "phone", "field", "phone"), ("old", "secret", None, None), ("new", None, "new", None)]
    entries = draw(st.permutations(entries))
    return {e[0]: e[1] for e in entries}, {e[2]: e[3] for e in entries if e[2] is not None}


DOCUMENTS = st.recursive(SCALARS.map(lambda value: (value, value)) | dirty_text(), planted, max_leaves=25)


@given(DOCUMENTS)
def test_what_is_personal_goes_and_everything_else_stays(pair):
    dirty, expected = pair
    before = copy.deepcopy(dirty)

    cleaned = clean(dirty)

    assert cleaned == expected
    assert json.dumps(cleaned) == json.dumps(expected)
    assert not TRACE.search(json.dumps(cleaned))
    assert clean(cleaned) is cleaned
    assert dirty == before
    assert (cleaned is dirty) == (dirty == expected)


WORDS = st.sampled_from(
    sorted(
        structures.FIELD
        | structures.CHANGE
        | persons.PERSON
        | persons.IDS
        | data.VERSION
        | {"email", "by", "created", "count"}
    )
)
KEYS = st.lists(WORDS, min_size=1, max_size=3).map("_".join) | PERSONAL_TEXTS | st.text(max_size=5)
SCRAPS = st.sampled_from(
    [*"ab1f:.@[]%/- v", "::", "1.2.3.4", "ann@example.org", "2001:db8::1", "%40", "version", "email"]
)
TEXTS = st.lists(SCRAPS, max_size=8).map("".join) | KEYS | st.text()
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(KEYS, parts, max_size=5),
    max_leaves=20,
)


@given(ANYTHING, st.lists(st.sampled_from(["root@localhost", "ann@example.org", "a@b"]), max_size=2))
@example({"name": "version", "value": "1.2.3.4"}, [])
@example({"field": "email a@example.count", "value": "x"}, [])
def test_cleaning_twice_is_cleaning_once(document, addresses):
    before = copy.deepcopy(document)

    cleaned = clean(document, addresses=addresses)

    assert clean(cleaned, addresses=addresses) is cleaned
    assert document == before


@given(
    DOCUMENTS.map(lambda pair: pair[0]) | ANYTHING, st.booleans(), st.sampled_from([None, (",", ":"), (" , ", " : ")])
)
@example([{"field": "email"}, {"old": "Ann"}], False, None)
@example({"x": ["x", ": y"], ":email": 1}, False, None)
@example({"path": "user/email", "old": "Ann"}, False, None)
def test_what_is_clean_at_a_glance_is_clean(document, is_ascii, separators):
    text = json.dumps(document, ensure_ascii=is_ascii, separators=separators)

    assert not is_clean(text) or clean(document) is document


@given(
    st.dictionaries(
        st.sampled_from(["plan", "filename", "id", "version", "old"]), st.integers(-999, 10**6) | st.just("a b")
    )
)
def test_plain_documents_are_clean_at_a_glance(document):
    assert is_clean(json.dumps({"project": document, "changes": [{"field": "title", "new": "A garden"}]}))
    assert not is_clean(json.dumps({"project": document, "changes": [{"field": "email", "new": "A garden"}]}))
    assert not is_clean(json.dumps({"author": document}))
