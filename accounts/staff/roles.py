"""What each role may do, in one table; read by the authentication backend."""

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from django.contrib.auth.backends import BaseBackend

from accounts.staff.models import Role, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import Model

#: Patterns over "app_label.codename". Administrators are not listed: they may all.
ROLE_PERMISSIONS: dict[str, tuple[str, ...]] = {
    Role.MARKETING_MANAGER: (
        "customers.*",
        "consent.*",
        "journal.view_*",
        "journal.change_unmatchedevent",
        "journal.change_eventpoison",
        "campaign_messages.*",
        "sequences.*",
        "invitations.*",
        "training.*",
        "feedback.*",
        "adoption.*",
        "staff.view_user",
    ),
    Role.MARKETING_EDITOR: (
        "customers.view_*",
        "customers.add_customerimport",
        "customers.change_customerimport",
        "consent.view_*",
        "journal.view_*",
        "campaign_messages.view_*",
        "campaign_messages.*_message",
        "sequences.view_*",
        "sequences.add_*",
        "sequences.change_*",
        "invitations.view_*",
        "training.view_*",
        "training.add_*",
        "training.change_*",
        "training.teach",
        "feedback.view_*",
        "adoption.view_*",
    ),
    Role.ANALYST: (
        "sequences.view_campaign",
        "training.view_results",
        "adoption.view_*",
    ),
    #: Only the sessions she gives: `training.staff.access` narrows them.
    Role.TRAINER: ("training.teach",),
    Role.SALES_REP: (),
}


def may(user: User, permission: str) -> bool:
    """Whether *user*'s role grants *permission* ("app_label.codename")."""
    if not user.is_active:
        return False
    if user.role == Role.ADMINISTRATOR:
        return True
    patterns = ROLE_PERMISSIONS.get(user.role, ())
    return any(fnmatchcase(permission, pattern) for pattern in patterns)


class RoleBackend(BaseBackend):
    """Grants permissions by role; logging in is another backend's work."""

    def has_perm(
        self,
        user_obj: "User | AnonymousUser",
        perm: str,
        obj: "Model | None" = None,
    ) -> bool:
        return isinstance(user_obj, User) and may(user_obj, perm)

    def has_module_perms(
        self, user_obj: "User | AnonymousUser", app_label: str
    ) -> bool:
        if not isinstance(user_obj, User) or not user_obj.is_active:
            return False
        if user_obj.role == Role.ADMINISTRATOR:
            return True
        patterns = ROLE_PERMISSIONS.get(user_obj.role, ())
        return any(pattern.startswith(f"{app_label}.") for pattern in patterns)
