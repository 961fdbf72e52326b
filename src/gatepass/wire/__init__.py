"""AWS's wire formats: bytes to values and back, for each protocol. Pure: no I/O, no clock, no randomness.

It owns how every protocol spells a member, a number and an error (code, status, text), and what AWS says of input that
breaks a constraint. It does not know what an operation does, nor who is calling.
"""

__all__ = ["constraints", "event", "gate", "json11", "query"]
