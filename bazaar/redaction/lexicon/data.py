"""What is personal about a person, and what only says something about it."""

from bazaar.redaction.lexicon import word_set

ALWAYS = word_set(
    "gender birth whatsapp skype jwt email emails phone phones telephone cellphone cellphones msisdn fax ip ips "
    "surname surnames forename forenames nickname nicknames pseudonym cognomen patronymic birthday birthdate "
    "birthplace dob ssn passport iban latitude longitude geolocation postcode postcodes street fingerprint bio "
    "biography marital nationality religion ethnicity citizenship suid duid smac dmac mbox adid idfa idfv gaid aaid "
    "imei imsi iccid meid udid password passwords passwd whodunnit fname lname mname gravatar sex"
)
"""Personal wherever they stand in a key: `email`, `user_email`, `billingPhone`, `client_ip`."""

LAST = word_set(
    "nick mail mails mobile mobiles tel cookie cookies lat lng lon avatar avatars coordinates signature "
    "authorization token accessor mac"
)
"""Personal as the last word only: `mail` and `home_mail`, but not `mail_server` or `mobile_layout`."""

PHRASES = frozenset(
    {
        ("e", "mail"),
        ("e", "mails"),
        ("access", "key"),
        ("accessor", "id"),
        ("ad", "id"),
        ("frequent", "flyer"),
        ("advertising", "id"),
        ("android", "id"),
        ("station", "id"),
        ("auth", "token"),
        ("billing", "city"),
        ("billing", "zip"),
        ("from", "zip"),
        ("to", "zip"),
        ("shipping", "zip"),
        ("home", "zip"),
        ("cookie", "header"),
        ("driving", "licence"),
        ("driving", "license"),
        ("facebook", "url"),
        ("geo", "point"),
        ("jpeg", "photo"),
        ("mention", "text"),
        ("session", "index"),
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

MESSAGES = frozenset({("mail",), ("email",), ("e", "mail"), ("message",)})
"""Keys of an address, or of the message that was sent to it: an object with a subject is one."""

ATTRIBUTES = word_set("uid sn cn upn")
"""Names of attributes of directories, which are personal where they name one."""

CONTACTS = word_set("email emails mail mails phone phones mobile telephone tel")
"""Words of addresses: an object with a name and one of these is about a person."""

ADDRESS = word_set("address addresses addr addrs")
"""Personal unless a word of `NOT_OF_PEOPLE` comes before. So `mac_address` goes: it identifies a person's device."""

NOT_OF_PEOPLE = word_set("memory mem bus register base offset pointer")
"""Before `address` these make it one of a machine's memory."""

BEHIND_ADDRESS = word_set("space book family width bus pool range")
"""Behind `address` these make it something else."""

NOT_OF_PERSON = {
    "token": word_set("page next continuation sync cursor lexer parser"),
}
"""Before a word of `LAST` these make it one of a thing: `next_page_token`."""

ABOUT_LAST = word_set(
    "count counts total verified unverified confirmed enabled disabled valid invalid validated sent delivered "
    "bounced failed required optional changed missing present exists unique length size limit limits quota type "
    "types kind format template templates status state at attempts retries visible visibility notification "
    "notifications preference preferences setting settings frequency version versions queue job jobs backend "
    "service server policy policies rule rules validation validator delivery campaign enable disable model models "
    "brand make vendor platform os per role roles group groups permission permissions level tier plan usage consent "
    "port ports"
)
"""As the last word these say something about the datum and do not hold it: `emailVerified`, `email_count`,
`phone_changed_at`. An `email_hash`, `email_domain` or `email_subject` goes, because it can still tell who it is."""

NEVER_ABOUT = word_set("marital avatar")
"""What has one of these holds a datum, whatever stands behind: `marital_status`, `avatar_template`."""

ABOUT_FIRST = word_set("is has had can should must show shows hide hides allow allows require requires")
"""As the first word these ask or set something about the datum: `has_email`, `show_email_on_profile`."""

RUN_TOGETHER = word_set(
    "address addr addresses number numbers no name names full display screen old new by e mail agent client remote "
    "code object item resource entity target type table"
)
"""Words that, besides the lists above, make up a key without any separator: `phonenumber`, `USEREMAIL`, `clientip`."""

PLACES = word_set("geo geoip geographical")
"""In a key: an object under it says where somebody is; of that what `IN_PLACE` names goes, and the country stays."""

IN_PLACE = word_set("city cityname town postal zip zipcode district suburb neighborhood neighbourhood street")
"""The first word of such keys."""

VERSION = word_set("version versions ver release releases build builds firmware revision semver")
"""In a key: a value under it that is nothing but four numbers is a version, not an address."""

NO_PART = word_set(
    "ad advertising android station accessor frequent flyer index jpeg mention text access api auth avatar billing "
    "city csrf driving facebook header initial insurance key licence license linkedin photo picture plate point push "
    "refresh shipping telegram token twitter url"
)
"""Words of `PHRASES` that other words are made of by chance: `keyboard`, `curl`."""
