"""`gatepass policy`: try, check, write, test and compare IAM policies."""

from __future__ import annotations

import click

from gatepass.cli.groups import Group
from gatepass.cli.policy_check import check
from gatepass.cli.policy_diff import diff
from gatepass.cli.policy_generate import generate
from gatepass.cli.policy_simulate import simulate
from gatepass.cli.policy_test import test


@click.group(cls=Group, epilog="Example: gatepass policy test policies/cases.yaml")
def policy() -> None:
    """Try, check, write, test and compare IAM policies with the engine that the gate decides with.

    Policies are read from files or, by a role's name, from IAM by boto3: with AWS_ENDPOINT_URL, as `gatepass env`
    prints it, a gate's; without it AWS's.
    """


for each in (simulate, check, generate, test, diff):
    policy.add_command(each)
