"""Kinds of places that releases can be deployed to."""
