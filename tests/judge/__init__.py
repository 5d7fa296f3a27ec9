"""The second judge: openapi-core reads the contracts with a reader that is not ours."""
