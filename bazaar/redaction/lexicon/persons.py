"""Who somebody is, and what is no person."""

from bazaar.redaction.lexicon import word_set

PERSON = word_set(
    "holder user usr person human actor author creator owner member collaborator contributor advisor inviter invitee "
    "sender recipient receiver assignee assigner reviewer approver requester requestor reporter commenter voter "
    "uploader editor moderator admin administrator operator employee customer subscriber follower friend guest "
    "visitor participant attendee applicant candidate winner impersonator caller callee payer payee referrer referee "
    "maintainer organizer organiser initiator committer pusher tagger patient student teacher doctor nurse passenger "
    "buyer seller signatory signer beneficiary cardholder policyholder guardian spouse colleague supervisor volunteer "
    "submitter recruiter coordinator instructor facilitator professor lecturer learner pupil teammate coworker "
    "physician clinician practitioner caregiver relative courier rider clerk cashier borrower lessee renter cosigner "
    "coauthor translator photographer respondent registrant interviewer interviewee donor trainer trainee tutor "
    "mentor mentee speaker performer guarantor claimant resident citizen traveller traveler consignee addressee "
    "mentionee watcher shopper"
)

PEOPLE = frozenset({f"{word}s" for word in PERSON} | {"people", "persons", "staff", "signatories", "beneficiaries"})
"""Who somebody is: a string or an id under such a key goes, an object stays without its `OWN_PARTS`. A number under the
plural is a count and stays."""

PERSON_ALONE = word_set("by acct responsible login handle principal manager whom who called")
"""A person where nothing but what changes nothing stands before: `by`, `old_manager`; not `package_manager`."""

NO_PERSON = word_set(
    "per each every any all no max min maximum minimum limit num number total avg average is sort order group sorted "
    "grouped ordered db database system service query sql comparison logical boolean binary unary text code video "
    "image rich default bot merchant storage cloud"
)
"""Before a word for a person these make it no person: `max_user`, `text_editor`, `db_user`, `comparison_operator`."""

NOT_NAMES = word_set(
    "and or not eq ne gt lt gte lte in nin is like ilike equals contains between exists matches starts ends success "
    "successful succeeded failed failure ok error enabled disabled none null true false yes no password sso oauth "
    "saml oidc anonymous system cron scheduler root nobody unknown default"
)
"""Values that name nobody under a key for a person: `{"operator": "and"}`, `{"by": "system"}`."""

ROLE_OF_PERSON = word_set(
    "account contact login logon profile subject device session invited inviting anonymous distinct advertising traits "
    "claims accounts contacts profiles subjects devices sessions"
)
"""With a name or an id after them these name a person too (`account_id`, `contactName`); alone they do not. A session
and a device are identifiers of the person who uses them (General Data Protection Regulation, recital 30)."""

IDS = word_set("id ids uid uids uuid uuids guid guids gid gids pk pks sid sub urn oid")
"""After a word for a person these make the key the identifier of a person: `user_id`, `actorIds`, `owner_uuid`."""

REFERENCES = word_set(
    "ref refs reference references key keys slug slugs no nr num number numbers code login logins handle handles link "
    "href url uri identity identifier identifiers hash token arn dn upn"
)
"""After a word for a person these are a reference to the person too: `user_ref`, `customer_no`, `member_slug`."""

DETAILS = word_set(
    "info infos details detail data record object identity snapshot context attributes attrs entity profile "
    "card metadata meta traits claims properties"
)
"""After a word for a person: an object under `user_info` or `userIdentity` is about the person."""

OWN_PARTS = word_set(
    "id ids uid uuid guid gid pk sid sub urn oid ref reference key slug no number login handle first last given "
    "family middle maiden full initial initials nick display url uri href link html avatar picture photo image "
    "gravatar gender sex age pronouns nationality value text label screen principal arn dn upn node public external "
    "alternate legacy internal about headline signature website blog homepage twitter linkedin facebook instagram "
    "self web objectidentifier old new token hash summary descriptor cn sn"
)
"""Words of which keys of an identity are made, in an object under a key for a person: `{"user": {"id": 7}}`,
`{"patient": {"first": "Ann"}}`, `{"author": {"html_url": "..."}}`."""

DONE = word_set(
    "accepted added approved archived assigned authored banned blocked cancelled canceled changed closed confirmed "
    "created declined deleted edited featured flagged granted invited locked merged moderated modified opened owned "
    "performed posted published referred rejected removed reported requested resolved restored reviewed revoked sent "
    "shared signed submitted suspended updated uploaded verified voted written"
)
"""Before `by` these name a person: `invitedBy`, `created_by_id`. `sorted_by` and `grouped_by` do not."""

GIVEN_TO = word_set("assigned delegated granted reassigned escalated addressed reports issued")
"""Before `to` these name a person: `assigned_to`. `moved_to` and `compared_to` do not."""

OF_PERSON_ALONE = word_set("first last given family middle maiden")
"""Before `name`, in a key of an object, these say that the object is about a person, whose ids stand beside it."""

NAME = word_set("name names")
"""Personal alone, and after what only people have or are; `project_name`, `fileName`, `event_name` are of things."""

NAME_OF_PEOPLE = word_set("first last middle given family maiden birth legal real preferred christian nick sur")
"""Before or after `name`, only people have these."""

NAMED = word_set(
    "holder billing shipping delivery insured contact emergency next kin husband wife father mother client "
    "tenant partner consumer debtor creditor bearer nominee trustee heir driver agent representative "
    "consultant lawyer landlord witness"
)
"""With `name` behind them these name a person, who is nobody in `PERSON`: `account_holder_name`, `billing_name`."""

THING = word_set(
    "project file repo repository team org organization organisation product plan event tag label category channel "
    "room page document doc idea model table column database db server host service app application browser os "
    "package module library job queue workflow pipeline build branch release issue ticket board list folder directory "
    "bucket region country state city currency language locale template role permission group scope policy rule "
    "setting feature flag experiment theme collection item article course game topic tracker status priority type "
    "kind resource task command function method class image container cluster node pod namespace disk volume network "
    "zone step stage action check test suite metric report dashboard widget form field section campaign segment tier "
    "level badge skill sport brand sku variant price coupon invoice order payment_method warehouse store shop space "
    "mailbox inbox workspace tenant environment env runtime framework engine version tool plugin extension "
    "integration webhook index schema view trigger constraint migration parser reader bot creator_app license lang "
    "enterprise company business location connection library sdk ref alert component monitor incident binding "
    "deployment endpoint api route schedule survey quiz lesson chapter book album movie asset machine printer "
    "certificate secret vault report exporter line department factor authenticator credential artifact variation "
    "agreement contract"
)
"""Under a key for one of these `name` is the name of a thing: `{"project": {"name": "Zeppelin"}}`."""

BESIDE = word_set(
    "old new previous prev current former original other target affected primary secondary alternate alternative alt "
    "backup main my your his her their the a an raw full display screen short long changed changes change "
    "global friendly"
)
"""Change nothing about whose name it is: `old_name` is like `name`, and `project_display_name` like `project_name`."""

ASKED = word_set("what is are please enter")
"""Words of a question before the name that is asked for: `What is your full name?`"""

PERSON_TYPES = word_set("account accounts profile profiles contact contacts subject subjects")
"""Types of resources that are persons, besides the words for a person."""
