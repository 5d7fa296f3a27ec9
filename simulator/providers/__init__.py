"""One folder a provider, all alike; see `simulator/provider.py` for what they plug into.

`__init__` assembles; `accounts` says who somebody is (credentials, keys, ids, rates); `records`
what is kept beside runs and what a new tenant starts with; `operations` holds a handler an
operation; `modes` what a request comes to, purely; `wire` core records as JSON; `errors` refusals
as replies; `catalog` what is offered, as data.
"""
