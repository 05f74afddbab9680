"""The advisors: what is unsafe or slow about a database as it stands, found on any target."""
