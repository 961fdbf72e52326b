"""Help in writing policies: cases that test them, findings about them, and the least policy for an app's routes.

Pure, as `policy` is: texts and values in, values out. Files, accounts and apps are read by the commands
(`gatepass policy`), which hand over what they read, or a `Lookup` for what a case names.
"""

from gatepass.advice.cases import Lookup, Named, Result, cases_of, judge
from gatepass.advice.reading import Reading, plain, read

__all__ = ["Lookup", "Named", "Reading", "Result", "cases_of", "judge", "plain", "read"]
