"""The control plane under `/_understudy/`: JSON, open routes of Starlette. Names no provider."""
