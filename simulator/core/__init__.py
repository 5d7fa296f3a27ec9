"""What happens: clocks, runs, accounts, scenarios, journal. No HTTP and no vendor's words."""
