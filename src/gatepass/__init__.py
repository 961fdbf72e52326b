"""Call, run, test, explain and lock down IAM-protected APIs with short-lived credentials from an identity pool."""

__version__ = "0.1.0"
