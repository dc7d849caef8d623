"""The words by which a key of the metadata is told to be personal: data only, `keys` has the rules.

Words are in lower case, without accents, as `keys.words` yields them. Whoever changes a list raises
`bazaar.redaction.VERSION`, so that metadata that was examined with the old one is examined again.
"""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


ALWAYS = _set(
    "email emails phone phones telephone cellphone cellphones msisdn fax ip ips "
    "surname surnames forename forenames nickname nicknames pseudonym cognomen patronymic "
    "birthday birthdate birthplace dob ssn passport iban latitude longitude geolocation postcode postcodes "
    "street fingerprint bio biography"
)
"""Personal wherever they stand in a key: `email`, `user_email`, `billingPhone`, `client_ip`."""

LAST = _set("mail mails mobile mobiles tel cookie cookies lat lng lon")
"""Personal as the last word only: `mail` and `home_mail`, but not `mail_server` or `mobile_layout`."""

PHRASES = frozenset(
    {
        ("e", "mail"),
        ("e", "mails"),
        ("date", "of", "birth"),
        ("birth", "date"),
        ("birth", "day"),
        ("birth", "place"),
        ("birth", "year"),
        ("place", "of", "birth"),
        ("account", "number"),
        ("bank", "account"),
        ("card", "number"),
        ("cell", "number"),
        ("credit", "card"),
        ("forwarded", "for"),
        ("geo", "location"),
        ("mobile", "number"),
        ("national", "id"),
        ("postal", "code"),
        ("social", "security"),
        ("tax", "id"),
        ("tax", "number"),
        ("user", "agent"),
        ("user", "agents"),
        ("user", "handle"),
        ("user", "login"),
        ("zip", "code"),
    }
)
"""Personal where these words follow one another."""

ADDRESS = _set("address addresses addr addrs")
"""Personal unless a word of `NOT_OF_PEOPLE` comes before. So `mac_address` goes: it identifies a person's device."""

NOT_OF_PEOPLE = _set("memory mem bus register base offset pointer")
"""Before `address` these make it one of a machine's memory."""

PERSON = _set(
    "user person human actor author creator owner member collaborator contributor advisor inviter invitee sender "
    "recipient receiver assignee assigner reviewer approver requester requestor reporter commenter voter uploader "
    "editor moderator admin administrator operator employee customer subscriber follower friend guest visitor "
    "participant attendee applicant candidate winner impersonator caller callee payer payee referrer referee"
)
PEOPLE = frozenset({f"{word}s" for word in PERSON} | {"people", "persons", "staff"})
"""Who somebody is. Alone, or with `BESIDE`, such a key holds a person: a string or an id under it goes, an object stays
without its `OWN_IDS`. A number under the plural is a count and stays."""

ROLE_OF_PERSON = _set("account contact login profile subject device session invited inviting")
"""With a name or an id after them these name a person too (`account_id`, `contactName`); alone they do not. A session
and a device are identifiers of the person who uses them (General Data Protection Regulation, recital 30)."""

IDS = _set("id ids uid uids uuid uuids guid guids pk pks")
"""After a word for a person these make the key the identifier of a person: `user_id`, `actorIds`, `owner_uuid`."""

OWN_IDS = IDS | {"publicid", "login", "handle"}
"""Identifiers in an object that stands under a key for a person: `{"user": {"id": 7}}`."""

DONE = _set(
    "accepted added approved archived assigned authored banned blocked cancelled canceled changed closed confirmed "
    "created declined deleted edited featured flagged granted invited locked merged moderated modified opened owned "
    "performed posted published referred rejected removed reported requested resolved restored reviewed revoked sent "
    "shared signed submitted suspended updated uploaded verified voted written"
)
"""Before `by` these name a person: `invitedBy`, `created_by_id`. `sorted_by` and `grouped_by` do not."""

NAME = _set("name names")
"""Personal alone, and after what only people have or are; `project_name`, `fileName`, `event_name` are of things."""

NAME_OF_PEOPLE = _set("first last middle given family maiden birth legal real preferred christian nick sur")
"""Before or after `name`, only people have these."""

BESIDE = _set(
    "old new previous prev current former original other target affected primary secondary alternate alternative alt "
    "backup main my your his her their the a an raw full display screen short long changed"
)
"""Change nothing about whose name it is: `old_name` is like `name`, and `project_display_name` like `project_name`."""

ABOUT_LAST = _set(
    "count counts total verified unverified confirmed enabled disabled valid invalid validated sent delivered bounced "
    "failed required optional changed missing present exists unique length size limit limits quota type types kind "
    "format template templates status state at attempts retries visible visibility notification notifications "
    "preference preferences setting settings frequency version versions queue job jobs backend service server policy "
    "policies rule rules validation validator delivery campaign enable disable"
)
"""As the last word these say something about the datum and do not hold it: `emailVerified`, `email_count`,
`phone_changed_at`. An `email_hash`, `email_domain` or `email_subject` goes, because it can still tell who it is."""

ABOUT_FIRST = _set("is has had can should must show shows hide hides allow allows require requires")
"""As the first word these ask or set something about the datum: `has_email`, `show_email_on_profile`."""

RUN_TOGETHER = _set(
    "address addr addresses number numbers no name names full display screen old new by e mail agent client remote code"
)
"""Words that, besides the lists above, make up a key without any separator: `phonenumber`, `USEREMAIL`, `clientip`."""

FIELD = _set("field fieldname attribute attributename attr key column columnname property propertyname path label name")
"""Keys, words run together, that tell which datum the `CHANGE` beside them is of."""

CHANGE = _set(
    "old new value values before after from to previous prev current original updated initial final was now "
    "oldvalue newvalue oldvalues newvalues previousvalue currentvalue originalvalue updatedvalue prevvalue "
    "initialvalue finalvalue valuebefore valueafter fromvalue tovalue"
)
"""Keys, words run together, that hold the datum that `FIELD` names."""

VERSION = _set("version versions ver release releases build builds firmware revision semver")
"""In a key: a value under it that is nothing but four numbers is a version, not an address."""

NOT_PRODUCTS = _set("address client from host ip peer remote server source user")
"""Before a slash and four numbers these announce an address; any other capitalised word is a product with its version,
as in `Chrome/120.0.0.0`."""

RESERVED_DOMAINS = _set(
    "alt arpa corp domain example home host internal intranet invalid lan local localdomain localhost onion private "
    "test"
)
"""Top-level domains that are in no public list: reserved by RFC 2606, 6761 and 8375, or of internal networks."""

FILE_TYPES = _set(
    "avif bmp css csv doc docx gif gz heic htm html ico jpeg jpg js json jsx log map md pdf png scss sql svg tar tgz "
    "tif tiff ts tsx txt webm webp xml yaml yml"
)
"""Endings of files that are no top-level domains: `logo@2x.png` is a picture."""

PATHS = _set(
    "account accounts api author authors avatar avatars contact contacts customer customers email emails file files "
    "folder from home images inbox list mail mailbox media member members people person profile profiles to upload "
    "uploads user users"
)
"""Beginnings of paths: what follows them and a slash is an address, where `f/ann@example.org` is one as a whole."""
