"""Help in writing policies: cases that test them, findings about them, and the least policy for an app's routes.

Pure, as `policy` is: texts and values in, values out. Files, accounts and apps are read by the commands
(`gatepass policy`), which hand over what they read, or a `Lookup` for what a case names. Each takes what it needs from
the file that has it: a gate that starts writes the least policy, and needs neither cases nor a reader of YAML.
"""

__all__ = ()
