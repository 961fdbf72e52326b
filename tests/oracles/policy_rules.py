"""The rules of evaluation, one after the other, each with the smallest case that shows it.

The order is that of AWS's pages: one request, all types together; then what each element matches. A rule that AWS does
not document ends in `(ours)`; why it is so is in decision records 0020 and 0021.
"""

from tests.oracles import policy_rules_of_conditions as of_conditions
from tests.oracles import policy_rules_of_types as of_types
from tests.oracles.policy_rule import RULES, USER

__all__ = ["RULES", "USER"]

for section in (
    of_types.verdicts,
    of_types.principals,
    of_types.trust,
    of_types.elements,
    of_conditions.conditions,
    of_conditions.sets,
    of_conditions.variables,
    of_conditions.unreadable,
):
    section()
