"""Why each table with personal data is kept: its category, purpose, legal basis and recipients, a line per model.

It completes the inventory (`bazaar.personal_data`) to a record of processing activities (article 30 GDPR). How long
rows are kept stands with the policies (`limits`, `because`). `manage.py check` names a personal model without a line.
"""

from dataclasses import dataclass

from bazaar.ledger.choices import RecordCategory

CONTRACT = "contract with the person, Art. 6(1)(b) GDPR"
CONSENT = "consent of the person, Art. 6(1)(a) GDPR"
INTEREST = "legitimate interest, Art. 6(1)(f) GDPR"
DUTY = "legal obligation, Art. 6(1)(c) GDPR"

NOBODY = "nobody outside of the site"
MEMBERS = "other members, and visitors of the site"
PUSH = "the push services of Apple and Google"
ADDRESSEE = "the person who is invited"


@dataclass(frozen=True)
class Processing:
    """What a table is for, as its subject may ask."""

    category: RecordCategory
    purpose: str
    basis: str
    recipients: str = NOBODY


ACCOUNT, ACCESS, CONSENTS = RecordCategory.ACCOUNT, RecordCategory.ACCESS, RecordCategory.CONSENT
MESSAGES, INVITATIONS = RecordCategory.MESSAGES, RecordCategory.INVITATIONS
CONTRIBUTIONS, FILES = RecordCategory.CONTRIBUTIONS, RecordCategory.FILES
ACTIVITY, REQUESTS, OPERATION = RecordCategory.ACTIVITY, RecordCategory.REQUESTS, RecordCategory.OPERATION

KEEPS_ACCOUNT = "to keep the account and to show the profile"
RUNS_SITE = "to operate the site"

PROCESSING: dict[str, Processing] = {
    "bazaar.User": Processing(ACCOUNT, KEEPS_ACCOUNT, CONTRACT, MEMBERS),
    "bazaar.UserFormerEmail": Processing(ACCOUNT, "to find and to delete what a former address left behind", DUTY),
    "bazaar.User_groups": Processing(ACCOUNT, "to know what the account may do", CONTRACT),
    "bazaar.User_user_permissions": Processing(ACCOUNT, "to know what the account may do", CONTRACT),
    "bazaar.Session": Processing(ACCESS, "to keep the person logged in", CONTRACT),
    "bazaar.PushToken": Processing(ACCESS, "to send notifications to the person's devices", CONSENT, PUSH),
    "bazaar.RefreshToken": Processing(ACCESS, "to keep the person's apps logged in", CONTRACT),
    "bazaar.MagicLinkToken": Processing(ACCESS, "to let the person log in by mail", CONTRACT),
    "bazaar.LoginAttempt": Processing(ACCESS, "to notice and to stop attacks on accounts", INTEREST),
    "bazaar.ConsentRecord": Processing(CONSENTS, "to prove what the person has agreed to", DUTY),
    "bazaar.Notification": Processing(MESSAGES, "to tell the person what concerns them", CONTRACT),
    "bazaar.Invitation": Processing(INVITATIONS, "to invite collaborators", INTEREST, ADDRESSEE),
    "bazaar.Idea": Processing(CONTRIBUTIONS, "to publish ideas", CONTRACT, MEMBERS),
    "bazaar.IdeaInterest": Processing(CONTRIBUTIONS, "to bring people to ideas", CONTRACT, MEMBERS),
    "bazaar.IdeaUpvote": Processing(CONTRIBUTIONS, "to show which ideas are liked", CONTRACT, MEMBERS),
    "bazaar.Project": Processing(CONTRIBUTIONS, "to publish projects", CONTRACT, MEMBERS),
    "bazaar.Collaborator": Processing(CONTRIBUTIONS, "to show who works on a project", CONTRACT, MEMBERS),
    "bazaar.Upvote": Processing(
        CONTRIBUTIONS, "to show which projects are liked, and to count karma", CONTRACT, MEMBERS
    ),
    "bazaar.Upload": Processing(FILES, "to show pictures of people and projects", CONTRACT, MEMBERS),
    "bazaar.AuditLog": Processing(ACTIVITY, "to trace changes, errors and abuse", INTEREST),
    "admin.LogEntry": Processing(ACTIVITY, "to trace what staff change", INTEREST),
    "bazaar.DeletionRequest": Processing(REQUESTS, "to carry out deletions, and to prove them", DUTY),
    "bazaar.ClosingMail": Processing(REQUESTS, "to tell the person that the deletion was carried out", DUTY),
    "holds.Hold": Processing(REQUESTS, "to keep what the law demands, and nothing else", DUTY),
    "auth.Group": Processing(OPERATION, "to know what accounts may do", INTEREST),
    "maintenance.JobRun": Processing(OPERATION, "to trace who started or stopped a job", INTEREST),
    "maintenance.JobSetting": Processing(OPERATION, "to trace who changed a job", INTEREST),
    "maintenance.Pause": Processing(OPERATION, "to trace who paused the jobs", INTEREST),
    "django_q.Task": Processing(OPERATION, RUNS_SITE, INTEREST),
    "django_q.OrmQ": Processing(OPERATION, RUNS_SITE, INTEREST),
    "django_q.Schedule": Processing(OPERATION, RUNS_SITE, INTEREST),
}


def category_of(label: str) -> RecordCategory:
    """Return the category of a model by its label; what has no line belongs to the operation of the program."""
    line = PROCESSING.get(label)
    return line.category if line else RecordCategory.OPERATION
