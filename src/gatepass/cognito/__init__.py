"""Cognito Identity: identity pools, identities, and which role's credentials an identity gets.

It owns the operations (`operations.OPERATIONS`, one row each), their shapes, and the decisions behind them, one file
each. It does not know how a request arrives, who verified its signature, or how an answer is spelled.
"""

from gatepass.cognito.operations import OPERATIONS

__all__ = ["OPERATIONS"]
