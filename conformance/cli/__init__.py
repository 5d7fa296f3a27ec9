"""The commands, which `understudy` finds through the entry-point group `understudy.commands`."""
