"""What the user, or the administrator, has said to telemetry once, and kept."""
