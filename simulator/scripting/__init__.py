"""Scenarios as people write them: YAML and JSON to records, judged by the contracts."""
