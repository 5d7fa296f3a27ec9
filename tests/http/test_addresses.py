"""Only public addresses may be asked, whatever form they are written in, and what was allowed."""

import pytest

from simulator.http.addresses import Guard

PRIVATE = [
    "127.0.0.1",
    "127.255.0.9",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "168.63.129.16",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.251",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2001:db8::1",
]
PUBLIC = ["93.184.215.14", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
NO_ADDRESS = ["", "127.1", "2130706433", "0x7f.1", "017700000001", "localhost", "1.2.3.4.5"]


@pytest.mark.parametrize("address", [*PRIVATE, *NO_ADDRESS])
def test_private_addresses_and_what_is_none_are_refused(address: str) -> None:
    assert not Guard().permits(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_permitted(address: str) -> None:
    assert Guard().permits(address)


def test_a_network_or_an_address_may_be_allowed() -> None:
    guard = Guard(["10.0.0.0/8", "[::1]", "192.168.1.7"])
    assert guard.permits("10.200.0.1")
    assert guard.permits("::ffff:10.0.0.1")
    assert guard.permits("::1")
    assert guard.permits("192.168.1.7")
    assert not guard.permits("192.168.1.8")
    assert not guard.permits("127.0.0.1")


def test_a_host_may_be_allowed_by_its_name_alone() -> None:
    guard = Guard(["Files.Test."])
    assert guard.permits_host("files.test")
    assert guard.permits_host("FILES.test.")
    assert not guard.permits_host("evil.files.test")
    assert not guard.permits_host("files.test.evil")


@pytest.mark.parametrize("entry", ["", "http://files.test", "files.test:80", "a b", "10.0.0.0/99"])
def test_what_is_no_host_address_or_network_cannot_be_allowed(entry: str) -> None:
    with pytest.raises(ValueError, match="is no host, address or network"):
        Guard([entry])
