"""Images: each in the widths and formats that screens want, without what a camera writes."""

from pipeline.images.image_checks import image_problems, is_image
from pipeline.images.variants import image_html, load_image, variant_bytes

__all__ = ["image_html", "image_problems", "is_image", "load_image", "variant_bytes"]
