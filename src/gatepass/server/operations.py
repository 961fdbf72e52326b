"""All AWS operations that are served, by service and name."""

from __future__ import annotations

from gatepass.cognito.operations import OPERATIONS as COGNITO
from gatepass.iam.operations import OPERATIONS as IAM
from gatepass.operation import Operation
from gatepass.sts.operations import OPERATIONS as STS

OPERATIONS: dict[tuple[str, str], Operation] = {
    (operation.service, operation.name): operation for operation in (*COGNITO, *STS, *IAM)
}
