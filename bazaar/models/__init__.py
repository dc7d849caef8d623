"""The domain's models, by subject."""

from bazaar.models.audit import AuditLog
from bazaar.models.closing_mails import ClosingMail
from bazaar.models.consent import ConsentRecord
from bazaar.models.credentials import LoginAttempt, MagicLinkToken, PushToken, RefreshToken
from bazaar.models.deletions import DeletionRequest
from bazaar.models.ideas import Idea, IdeaInterest, IdeaUpvote
from bazaar.models.invitations import Invitation
from bazaar.models.notifications import Notification
from bazaar.models.projects import Collaborator, Project, Role, Upvote
from bazaar.models.sessions import Session
from bazaar.models.uploads import Upload
from bazaar.models.users import User, UserFormerEmail

__all__ = [
    "AuditLog",
    "ClosingMail",
    "Collaborator",
    "ConsentRecord",
    "DeletionRequest",
    "Idea",
    "IdeaInterest",
    "IdeaUpvote",
    "Invitation",
    "LoginAttempt",
    "MagicLinkToken",
    "Notification",
    "Project",
    "PushToken",
    "RefreshToken",
    "Role",
    "Session",
    "Upload",
    "Upvote",
    "User",
    "UserFormerEmail",
]
