"""The rules that knowledge files keep beyond their schemas, one module a subject.

A rule reads trees, not records, so that it also works on files whose schema is broken: what is missing or misshapen is
skipped here, for the schema reports it. Each rule is a generator of issues and never stops at the first.
"""
