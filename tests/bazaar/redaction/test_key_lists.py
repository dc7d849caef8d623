"""Which keys are personal, and which only look like it; each list of words in `bazaar.redaction.lexicon` is tried."""

import pytest

from bazaar.redaction import clean, is_personal_key
from bazaar.redaction.lexicon import data, persons, structures

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
    if not key.lower().endswith("by"):  # an object there is about whoever did it
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
    for word in data.RUN_TOGETHER - {"code", "e", "by", "agent", "type"}:
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
