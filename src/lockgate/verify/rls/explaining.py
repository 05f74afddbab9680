"""Why a policy lets somebody through, read from its text; and whether it says that it means to."""

from __future__ import annotations

import re
from typing import Final

from lockgate.verify.rls.expressions import Facts
from lockgate.verify.rls.identities import ROLE
from lockgate.verify.rls.model import Policy, Relation

_SAID: Final = re.compile(r"\b(public(ly)?|everyone|everybody|anyone|anybody|world)\b", re.IGNORECASE)
_OPENED: Final = re.compile(r"public|publish|visib|\blisted|approved|shared|active", re.IGNORECASE)
_BESIDE: Final = re.compile(r'\bpublic\.|"public"\.|\b\w*shared\w*\(', re.IGNORECASE)
"""What says nothing: the schema, and functions that look up with whom something is shared."""
_SENSITIVE: Final = re.compile(
    r"e_?mail|phone|password|passwd|secret|token|api_?key|ssn|social_security|salary|iban|card_?number|birth|medical"
    r"|diagnos|tax_id|passport",
    re.IGNORECASE,
)
_PRIVATE: Final = re.compile(r"amount|balance|total|payment|invoice|ip_address|address\b", re.IGNORECASE)

WHY: Final = {
    "rls-disabled": "row-level security is off on this table, and its privileges reach clients",
    "always-true": "the policy's condition is always true",
    "or-ed": "permissive policies are joined by OR: this one opens what another one closes",
    "unbound": "the policy's condition does not ask who is asking",
    "any-user": "the policy only asks whether somebody is logged in, not who",
    "user-metadata": "the policy trusts user_metadata, which every user can write",
    "forged-header": "the policy trusts a header of the request, which every client can write",
    "null-comparison": "the policy's comparison holds when nobody is logged in, or when the row has no owner",
    "inverted": "the policy says who may not, and lets everybody else through",
    "wrong-column": "the policy compares the user's id with a column that holds no user's id",
    "join-leak": "the policy looks into another table without tying what it finds there to this row",
    "second-factor": "a permissive policy asks for the second factor; only a restrictive one can demand it",
    "wrong-condition": "the policy's condition holds for rows of others",
}

REMEDY: Final = {
    "rls-disabled": "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, with a policy for each command that clients need",
    "always-true": "compare the row's owner with (SELECT auth.uid()), or leave it out: service_role needs no policy",
    "or-ed": "make it restrictive (AS RESTRICTIVE), or write its condition into the other policy with AND",
    "unbound": "add the owner to the condition",
    "any-user": "compare (SELECT auth.uid()) with the row's owner",
    "user-metadata": "use app_metadata, which only the server writes, or a table",
    "forged-header": "compare with a claim of the token or with a table of members",
    "null-comparison": "compare with =, which is not true for NULL, and add TO authenticated",
    "inverted": "say who may",
    "wrong-column": "compare with the column that refers to the user",
    "join-leak": "qualify both sides of the comparison that ties the other table to this row",
    "second-factor": "CREATE POLICY … AS RESTRICTIVE",
    "wrong-condition": "read the condition again with one row of somebody else in mind",
}


def cause(policy: Policy, facts: Facts, text: str | None, own: Facts) -> str:
    """The kind of fault of a policy that lets a stranger through; ``own`` are the facts of the text that did."""
    if own.trusts_user_metadata:
        return "user-metadata"
    if any(identity.kind == "header" for identity in own.identities):
        return "forged-header"
    if own.is_true or text is None:
        return "always-true"
    if any(identity.path == ("aal",) for identity in own.identities):
        return "second-factor"
    if not own.identities and not own.calls:
        return "unbound"
    if own.null_safe:
        return "null-comparison"
    if own.inverted:
        return "inverted"
    if own.tables:
        return "join-leak"
    if not own.uses and own.identities and not (own.identities - {ROLE} and own.claims):
        return "any-user"
    return "wrong-condition" if own.uses else "any-user"


def says_public(*texts: str) -> bool:
    """Whether a name or a comment says that everybody is meant."""
    return any(_SAID.search(text.replace("_", " ")) for text in texts)


def opens_by_attribute(text: str | None) -> bool:
    """Whether a condition opens rows by something like ``published`` or ``is_public``."""
    return bool(text and _OPENED.search(_BESIDE.sub("", text)))


def opening_columns(relation: Relation) -> list[str]:
    """Boolean columns that say whether a row is meant for everybody."""
    return [
        column.name for column in relation.columns if column.type == "boolean" and _OPENED.search(column.name)
    ]


def sensitive_columns(relation: Relation) -> list[str]:
    """Columns whose names say that their content is nobody else's business."""
    return [column.name for column in relation.columns if _SENSITIVE.search(column.name)]


def private_columns(relation: Relation) -> list[str]:
    """Sensitive columns, and such as hold money or addresses."""
    return [
        column.name
        for column in relation.columns
        if _SENSITIVE.search(column.name) or _PRIVATE.search(column.name)
    ]
