"""From the built folder to the readers: releases, where they go, and the way back."""
