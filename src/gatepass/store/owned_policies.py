"""The policies of users and of groups: inline documents, and the managed policies attached; and what holds a policy.

A managed policy cannot be deleted while something uses it, and nothing can begin to use one that is being deleted:
both sides change the policy's row first, which makes the other wait for the end of the transaction.
"""

from collections import defaultdict
from collections.abc import Mapping
from sys import intern
from typing import Literal

from gatepass.store.database import Connection

Policies = tuple[dict[str, str], tuple[str, ...]]
"""Documents by policy name, and the ARNs of managed policies; in the order of names."""

_HOLD = "UPDATE managed_policies SET revision = revision WHERE arn = :arn"


def hold_policy(connection: Connection, arn: str) -> bool:
    """Keep a managed policy as it is until the transaction ends; false if there is none."""
    return connection.execute(_HOLD, {"arn": arn}) == 1


class OwnedPolicies:
    """The two tables of policies of one kind of owner, by the owner's id."""

    def __init__(self, owner: Literal["user", "user_group"]) -> None:
        inline, attached, id_ = f"{owner}_inline_policies", f"{owner}_attached_policies", f"{owner}_id"
        self._inline = f"SELECT {id_}, policy_name, document FROM {inline}"  # noqa: S608 — constant text, as all here
        self._attached = f"SELECT {id_}, policy_arn FROM {attached}"  # noqa: S608
        self._of_owner = f" WHERE {id_} = :id"
        self._add_inline = f"INSERT INTO {inline} ({id_}, policy_name, document) VALUES (:id, :policy, :document)"  # noqa: S608
        self._add_attached = f"INSERT INTO {attached} ({id_}, policy_arn) VALUES (:id, :policy)"  # noqa: S608
        self._delete = (f"DELETE FROM {inline} WHERE {id_} = :id", f"DELETE FROM {attached} WHERE {id_} = :id")  # noqa: S608

    def load(self, connection: Connection, id_: str) -> Policies:
        given = {"id": id_}
        inline = {name: document for _, name, document in connection.rows(self._inline + self._of_owner, given)}
        attached = [arn for _, arn in connection.rows(self._attached + self._of_owner, given)]
        return dict(sorted(inline.items())), tuple(sorted(attached))

    def load_all(self, connection: Connection) -> defaultdict[str, Policies]:
        """By owner; documents that are alike are kept once."""
        inline: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for id_, name, document in connection.rows(self._inline):
            inline[id_][name] = intern(document)
        attached: defaultdict[str, list[str]] = defaultdict(list)
        for id_, arn in connection.rows(self._attached):
            attached[id_].append(intern(arn))
        found: defaultdict[str, Policies] = defaultdict(lambda: ({}, ()))
        for id_ in inline.keys() | attached.keys():
            found[id_] = dict(sorted(inline[id_].items())), tuple(sorted(attached[id_]))
        return found

    def replace(self, connection: Connection, id_: str, inline: Mapping[str, str], attached: tuple[str, ...]) -> None:
        for statement in self._delete:
            connection.execute(statement, {"id": id_})
        connection.execute_many(
            self._add_inline,
            [{"id": id_, "policy": name, "document": document} for name, document in inline.items()],
        )
        connection.execute_many(self._add_attached, [{"id": id_, "policy": arn} for arn in attached])
