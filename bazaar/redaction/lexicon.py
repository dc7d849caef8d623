"""The words by which a key of the metadata is told to be personal: data only, `keys` has the rules.

Words are in lower case, without accents, as `words.words` yields them. Whoever changes a list raises
`bazaar.redaction.VERSION`, so that metadata that was examined with the old one is examined again.
"""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


ALWAYS = _set(
    "gender birth whatsapp skype jwt email emails phone phones telephone cellphone cellphones msisdn fax ip ips "
    "surname surnames forename forenames nickname nicknames pseudonym cognomen patronymic birthday birthdate "
    "birthplace dob ssn passport iban latitude longitude geolocation postcode postcodes street fingerprint bio "
    "biography password passwords passwd authorization whodunnit fname lname mname gravatar"
)
"""Personal wherever they stand in a key: `email`, `user_email`, `billingPhone`, `client_ip`."""

LAST = _set("nick mail mails mobile mobiles tel cookie cookies lat lng lon avatar avatars coordinates signature")
"""Personal as the last word only: `mail` and `home_mail`, but not `mail_server` or `mobile_layout`."""

PHRASES = frozenset(
    {
        ("e", "mail"),
        ("e", "mails"),
        ("access", "key"),
        ("auth", "token"),
        ("billing", "city"),
        ("cookie", "header"),
        ("driving", "licence"),
        ("driving", "license"),
        ("facebook", "url"),
        ("geo", "point"),
        ("insurance", "number"),
        ("licence", "plate"),
        ("license", "plate"),
        ("linkedin", "url"),
        ("middle", "initial"),
        ("photo", "url"),
        ("profile", "photo"),
        ("profile", "picture"),
        ("shipping", "city"),
        ("telegram", "handle"),
        ("twitter", "handle"),
        ("user", "photo"),
        ("user", "picture"),
        ("access", "token"),
        ("api", "key"),
        ("avatar", "url"),
        ("csrf", "token"),
        ("device", "token"),
        ("id", "token"),
        ("push", "token"),
        ("refresh", "token"),
        ("session", "token"),
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
    "holder user person human actor author creator owner member collaborator contributor advisor inviter invitee "
    "sender recipient receiver assignee assigner reviewer approver requester requestor reporter commenter voter "
    "uploader editor moderator admin administrator operator employee customer subscriber follower friend guest "
    "visitor participant attendee applicant candidate winner impersonator caller callee payer payee referrer "
    "referee maintainer organizer organiser initiator committer pusher tagger patient student teacher doctor nurse "
    "passenger buyer seller signatory signer beneficiary cardholder policyholder guardian spouse colleague "
    "supervisor volunteer donor trainer trainee tutor mentor mentee speaker performer guarantor claimant resident "
    "citizen traveller traveler consignee addressee mentionee watcher"
)
PEOPLE = frozenset({f"{word}s" for word in PERSON} | {"people", "persons", "staff", "signatories", "beneficiaries"})
"""Who somebody is: a string or an id under such a key goes, an object stays without its `OWN_PARTS`. A number under the
plural is a count and stays."""

PERSON_ALONE = _set("by login handle principal manager whom who")
"""A person where nothing but what changes nothing stands before: `by`, `old_manager`; not `package_manager`."""

NO_PERSON = _set(
    "per each every any all no max min maximum minimum limit num number total avg average is sort order group "
    "sorted grouped ordered db database system service query sql comparison logical boolean binary unary text code "
    "video image rich default"
)
"""Before a word for a person these make it no person: `max_user`, `text_editor`, `db_user`, `comparison_operator`."""

NOT_NAMES = _set(
    "and or not eq ne gt lt gte lte in nin is like ilike equals contains between exists matches starts ends success "
    "successful succeeded failed failure ok error enabled disabled none null true false yes no password sso oauth "
    "saml oidc anonymous system cron scheduler root nobody unknown default"
)
"""Values that name nobody under a key for a person: `{"operator": "and"}`, `{"by": "system"}`."""

ROLE_OF_PERSON = _set("account contact login profile subject device session invited inviting")
"""With a name or an id after them these name a person too (`account_id`, `contactName`); alone they do not. A session
and a device are identifiers of the person who uses them (General Data Protection Regulation, recital 30)."""

IDS = _set("id ids uid uids uuid uuids guid guids pk pks sid sub urn oid")
"""After a word for a person these make the key the identifier of a person: `user_id`, `actorIds`, `owner_uuid`."""

REFERENCES = _set(
    "ref refs reference references key keys slug slugs no nr num number numbers code login logins handle handles "
    "link href url uri identity identifier identifiers hash token arn dn upn"
)
"""After a word for a person these are a reference to the person too: `user_ref`, `customer_no`, `member_slug`."""

DETAILS = _set("info details detail data record object identity snapshot context attributes attrs entity profile card")
"""After a word for a person: an object under `user_info` or `userIdentity` is about the person."""

OWN_PARTS = _set(
    "id ids uid uuid guid pk sid sub urn oid ref reference key slug no number login handle first last given family "
    "middle maiden full initial initials nick display url uri href link html avatar picture photo image gravatar "
    "gender sex age pronouns nationality value text label screen principal arn dn upn node public external "
    "alternate legacy internal about headline signature website blog homepage twitter linkedin facebook instagram "
    "self old new"
)
"""Words of which keys of an identity are made, in an object under a key for a person: `{"user": {"id": 7}}`,
`{"patient": {"first": "Ann"}}`, `{"author": {"html_url": "..."}}`."""

DONE = _set(
    "accepted added approved archived assigned authored banned blocked cancelled canceled changed closed confirmed "
    "created declined deleted edited featured flagged granted invited locked merged moderated modified opened owned "
    "performed posted published referred rejected removed reported requested resolved restored reviewed revoked "
    "sent shared signed submitted suspended updated uploaded verified voted written"
)
"""Before `by` these name a person: `invitedBy`, `created_by_id`. `sorted_by` and `grouped_by` do not."""

NAME = _set("name names")
"""Personal alone, and after what only people have or are; `project_name`, `fileName`, `event_name` are of things."""

NAME_OF_PEOPLE = _set("first last middle given family maiden birth legal real preferred christian nick sur")
"""Before or after `name`, only people have these."""

NAMED = _set(
    "holder billing shipping delivery insured contact emergency next kin husband wife father mother client tenant "
    "partner bearer nominee trustee heir driver agent representative consultant lawyer landlord witness"
)
"""With `name` behind them these name a person, who is nobody in `PERSON`: `account_holder_name`, `billing_name`."""

THING = _set(
    "project file repo repository team org organization organisation product plan event tag label category channel "
    "room page document doc idea model table column database db server host service app application browser os "
    "package module library job queue workflow pipeline build branch release issue ticket board list folder "
    "directory bucket region country state city currency language locale template role permission group scope "
    "policy rule setting feature flag experiment theme collection item article course game topic tracker status "
    "priority type kind resource task command function method class image container cluster node pod namespace disk "
    "volume network zone step stage action check test suite metric report dashboard widget form field section "
    "campaign segment tier level badge skill sport brand sku variant price coupon invoice order payment_method "
    "warehouse store shop space workspace tenant environment env runtime framework engine version tool plugin "
    "extension integration webhook index schema view trigger constraint migration parser reader bot creator_app "
    "license lang"
)
"""Under a key for one of these `name` is the name of a thing: `{"project": {"name": "Zeppelin"}}`."""

BESIDE = _set(
    "old new previous prev current former original other target affected primary secondary alternate alternative "
    "alt backup main my your his her their the a an raw full display screen short long changed"
)
"""Change nothing about whose name it is: `old_name` is like `name`, and `project_display_name` like `project_name`."""

ABOUT_LAST = _set(
    "count counts total verified unverified confirmed enabled disabled valid invalid validated sent delivered "
    "bounced failed required optional changed missing present exists unique length size limit limits quota type "
    "types kind format template templates status state at attempts retries visible visibility notification "
    "notifications preference preferences setting settings frequency version versions queue job jobs backend "
    "service server policy policies rule rules validation validator delivery campaign enable disable model models "
    "brand make vendor platform os per role roles group groups permission permissions level tier plan usage"
)
"""As the last word these say something about the datum and do not hold it: `emailVerified`, `email_count`,
`phone_changed_at`. An `email_hash`, `email_domain` or `email_subject` goes, because it can still tell who it is."""

ABOUT_FIRST = _set("is has had can should must show shows hide hides allow allows require requires")
"""As the first word these ask or set something about the datum: `has_email`, `show_email_on_profile`."""

RUN_TOGETHER = _set(
    "address addr addresses number numbers no name names full display screen old new by e mail agent client remote code"
)
"""Words that, besides the lists above, make up a key without any separator: `phonenumber`, `USEREMAIL`, `clientip`."""

FIELD = _set(
    "field fields attribute attributes attr attrs column columns property properties param parameter header "
    "question prop variable element"
)
"""The last word, or the last before `NAME` and `IDS`, of keys that tell which datum an object is about: `fieldName`."""

FIELD_ALONE = _set("k key id path label name type kind system title prompt channel target")
"""Alone these tell it too, where what they name is personal by itself: `{"key": "email", "v": "..."}`."""

NAMES_ALL = _set("k key id path name")
"""Those of `FIELD_ALONE` beside which everything goes that can hold the datum; beside the others only values do."""

KIND = _set("type kind")
"""Keys that tell what an object is: `{"type": "User"}`."""

ABOUT_PAIR = _set(
    "fieldtype datatype valuetype field attribute attr column property path key k op operation action event kind "
    "type status state reason code method required optional readonly position order index rank level count total "
    "size length version source at on date time timestamp ms duration locale format visible visibility visited "
    "verified valid primary use unit units schema table model template priority category group domain service scope "
    "scopes line row page step message error severity is has flags flag options choices resource parent object tags "
    "created updated deleted modified changed name label title"
)
"""The last word of keys that say something about a datum beside them, and do not hold it: `reason`, `changed_at`."""

CHANGE = _set(
    "is old new value values before after from to previous prev current original updated initial final was now "
    "oldvalue newvalue oldvalues newvalues previousvalue currentvalue originalvalue updatedvalue prevvalue "
    "initialvalue finalvalue valuebefore valueafter fromvalue tovalue v val lhs rhs oldval newval fromstring "
    "tostring added removed changedfrom changedto answer multivalue text content data input response display"
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
    "avif bmp css csv doc docx gif gz heic htm html ico jpeg jpg js json jsx log map md pdf png scss sql svg tar "
    "tgz tif tiff ts tsx txt webm webp xml yaml yml"
)
"""Endings of files that are no top-level domains: `logo@2x.png` is a picture."""

PATHS = _set(
    "account accounts api author authors avatar avatars contact contacts customer customers email emails file files "
    "folder from home images inbox list mail mailbox media member members people person profile profiles to upload "
    "uploads user users"
)
"""Beginnings of paths: what follows them and a slash is an address, where `f/ann@example.org` is one as a whole."""

TABLE_COLUMNS = _set("columns cols header headers fields keys names schema heading headings columnnames fieldnames")
TABLE_ROWS = _set("rows row data values records items cells results")
"""Keys, words run together, of a table: the names of its columns, and its rows."""

FLAT_LISTS = _set(
    "headers header rawheaders trailers pairs params parameters args fields attributes metadata tags kwargs"
)
"""The last word of keys of flat lists in which names and values take turns."""

HEADERS = _set("from to cc bcc sender authorization cookie forwarded via name")
"""The first word of header lines that hold personal data besides those whose words say so."""

PERSON_TYPES = _set("account accounts profile profiles contact contacts subject subjects")
"""Types of resources that are persons, besides the words for a person."""

NO_NAME = _set(
    "from to cc bcc reply-to by sender via with for of is at mail email e-mail address contact sent and or the a an "
    "user invite invited member account message subject new old changed added removed"
)
"""Words before an address in brackets that are no part of a name."""

PARTICLES = _set("van von der den de la le di da del della dos du ter ten zu bin al el y e")
"""Words in lower case inside of names."""

NO_PART = _set(
    "access api auth avatar billing city csrf driving facebook header initial insurance key licence license "
    "linkedin photo picture plate point push refresh shipping telegram token twitter url"
)
"""Words of `PHRASES` that other words are made of by chance: `keyboard`, `curl`."""
