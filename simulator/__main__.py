"""`python -m simulator` is the `understudy` command."""

from simulator.cli import main

if __name__ == "__main__":
    main(prog_name="understudy")
