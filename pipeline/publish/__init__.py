"""From a built site that is proven right to one that readers see."""
