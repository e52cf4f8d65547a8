"""What things cost on this machine, always as a ratio between two runs."""
