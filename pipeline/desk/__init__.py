"""What the author does at the desk beside writing: import, move, status, share, adopt, doctor."""
