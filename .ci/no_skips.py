"""Fails if a test was skipped: in continuous integration every tool is there, so none may be."""

import sys
from xml.etree import ElementTree


def skipped(report: str) -> list[str]:
    """Name the tests that a JUnit report says were skipped, with their reasons."""
    return [
        f"{case.get('classname')}::{case.get('name')}: {reason.get('message')}"
        for case in ElementTree.parse(report).iter("testcase")
        for reason in case.iter("skipped")
        if reason.get("type") != "pytest.xfail"
    ]


def main() -> None:
    """Print what was skipped and say by the exit status whether anything was."""
    names = skipped(sys.argv[1])
    for name in names:
        print(f"skipped: {name}", file=sys.stderr)
    sys.exit(1 if names else 0)


if __name__ == "__main__":
    main()
