"""Leonardo's provider folder."""
