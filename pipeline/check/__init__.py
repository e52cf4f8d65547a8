"""What must be so: plain functions that yield problems."""
