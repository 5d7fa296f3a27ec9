"""`python -m tests.bench [throughput|prism|startup|...]`: all but Prism if none is named."""

import os
import subprocess
import sys

from tests.bench import media, plain, servers, startup, throughput

PAIRS, REQUESTS = 9, 4000
_NAMES = frozenset(
    {
        *("throughput", "prism", "plain", "startup", "memory"),
        *("media", "journal", "tenants", "webhooks"),
    }
)


def main(names: list[str]) -> None:
    """Run the benchmarks that were named."""
    unknown = set(names) - _NAMES
    if unknown:
        raise SystemExit(
            f"no benchmark {', '.join(unknown)}; there are: {', '.join(sorted(_NAMES))}"
        )
    if "throughput" in names:
        print(f"requests per server-CPU-second, median of {PAIRS} interleaved runs (spread)")
        throughput.measure(PAIRS, REQUESTS)
    if "prism" in names:
        throughput.measure_against_prism(5, REQUESTS)
    if "plain" in names:
        print("scenarios, faults, webhooks and the rest while nobody uses them (spread)")
        plain.measure(PAIRS, 2 * REQUESTS)
    if "startup" in names:
        servers.pin(os.getpid(), servers.LOAD_CORE)
        startup.measure(PAIRS)
    if "media" in names:
        media.measure(PAIRS)
    if "journal" in names:
        subprocess.run([sys.executable, "-m", "tests.bench.journal"], check=True)
    if "tenants" in names:
        subprocess.run([sys.executable, "-m", "tests.bench.tenants"], check=True)
    if "webhooks" in names:
        subprocess.run([sys.executable, "-m", "tests.bench.webhooks"], check=True)
    if "memory" in names:
        subprocess.run([sys.executable, "-m", "tests.bench.memory"], check=True)


if __name__ == "__main__":
    main(
        sys.argv[1:]
        or ["throughput", "plain", "startup", "media", "journal", "tenants", "webhooks", "memory"]
    )
