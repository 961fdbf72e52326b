"""Operations on the account as a whole, and on no entity at all: the policy simulator."""

from gatepass import errors
from gatepass.iam import account, resources, simulation
from gatepass.iam.operations.row import BY_ARN, row
from gatepass.iam.shapes import account as shapes
from gatepass.iam.shapes import simulation as simulated
from gatepass.iam.shapes.parts import Page
from gatepass.iam.shapes.roles import ListInstanceProfilesOutput
from gatepass.operation import Operation

ACCOUNT: tuple[Operation, ...] = (
    row(
        "SimulateCustomPolicy",
        simulated.SimulateCustomPolicyInput,
        simulated.SimulatePolicyOutput,
        simulation.simulate_custom_policy,
        *(errors.InvalidInput, errors.ValidationFailure),
    ),
    row(
        "SimulatePrincipalPolicy",
        simulated.SimulatePrincipalPolicyInput,
        simulated.SimulatePolicyOutput,
        simulation.simulate_principal_policy,
        *BY_ARN,
        on=resources.source,
    ),
    row(
        "GetContextKeysForCustomPolicy",
        simulated.ContextKeysOfCustomPolicyInput,
        simulated.ContextKeysOutput,
        simulation.get_context_keys_for_custom_policy,
        errors.InvalidInput,
    ),
    row(
        "GetContextKeysForPrincipalPolicy",
        simulated.ContextKeysOfPrincipalPolicyInput,
        simulated.ContextKeysOutput,
        simulation.get_context_keys_for_principal_policy,
        *BY_ARN,
        on=resources.source,
    ),
    row(
        "GetAccountAuthorizationDetails",
        shapes.GetAccountAuthorizationDetailsInput,
        shapes.GetAccountAuthorizationDetailsOutput,
        account.get_account_authorization_details,
        errors.ValidationFailure,
    ),
    row(
        "GetAccountSummary",
        shapes.GetAccountSummaryInput,
        shapes.GetAccountSummaryOutput,
        account.get_account_summary,
    ),
    row(
        "ListInstanceProfiles",
        shapes.ListInstanceProfilesInput,
        ListInstanceProfilesOutput,
        account.list_instance_profiles,
        on=resources.every_instance_profile,
    ),
    row(
        "ListSAMLProviders",
        shapes.ListSAMLProvidersInput,
        shapes.ListSAMLProvidersOutput,
        account.list_saml_providers,
    ),
    row("ListAccountAliases", Page, shapes.ListAccountAliasesOutput, account.list_account_aliases),
)
