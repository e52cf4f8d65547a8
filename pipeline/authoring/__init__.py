"""The author's tools beside writing: import, move, share, adopt, doctor."""
