"""`python -m tests.bench [throughput|prism|startup|memory|media ...]`: all but Prism by default."""

import os
import subprocess
import sys

from tests.bench import media, servers, startup, throughput

PAIRS, REQUESTS = 9, 4000


def main(names: list[str]) -> None:
    """Run the benchmarks that were named."""
    unknown = set(names) - {"throughput", "prism", "startup", "memory", "media"}
    if unknown:
        raise SystemExit(
            f"no benchmark {', '.join(unknown)}; there are: throughput prism startup memory media"
        )
    if "throughput" in names:
        print(f"requests per server-CPU-second, median of {PAIRS} interleaved runs (spread)")
        throughput.measure(PAIRS, REQUESTS)
    if "prism" in names:
        throughput.measure_against_prism(5, REQUESTS)
    if "startup" in names:
        servers.pin(os.getpid(), servers.LOAD_CORE)
        startup.measure(PAIRS)
    if "media" in names:
        media.measure(PAIRS)
    if "memory" in names:
        subprocess.run([sys.executable, "-m", "tests.bench.memory"], check=True)


if __name__ == "__main__":
    main(sys.argv[1:] or ["throughput", "startup", "media", "memory"])
