"""Turns what a case is `given` into records, one module a provider.

`async def arrange(tenant: Tenant, given: Any) -> None` puts a freshly furnished tenant into the
state that the case speaks of; `given` is None where it speaks of none. The tenant's two accounts
are named `account 1` (its key fills `{{api_key}}`) and `account 2` (`{{other_api_key}}`).
"""
